//! Saved queries: names for a result of a program with the values of its parameters.
//!
//! They stand as text in `saved.toml` beside `baseq.toml` and belong in git, so that a group reads in a
//! review what its names mean. With each stand the hashes of what it was saved from: the program, what it
//! imports, the lock file without its policy, the policy. Where one of them is another now, the query is
//! stale: its name no longer means what was reviewed. The last run comes from the audit log.

use crate::auditor::Log;
use crate::codes::{NO_SAVED, SAVED};
use crate::params::Params;
use crate::session::{Checked, Session};
use crate::trouble::{Kind, Result, Trouble};
use crate::{Project, Sought};
use audit::{Decision, Run};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;
use syntax::tree::{Codes, CodesValue, Item};

/// The file of the saved queries of a project, beside its settings.
pub const SAVED_FILE: &str = "saved.toml";

/// What it begins with.
const HEAD: &str = "\
# Named queries: `baseq save NAME FILE TABLE` writes one, `baseq run @NAME` runs it, `baseq list` tells what
# became of it. The hashes say what it was saved from; a query that is stale is saved again to agree to it.
";

/// A saved query.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Saved {
    /// The program, relative to the project.
    pub file: String,
    /// Its table or report.
    pub table: String,
    /// SHA-256 of the program as the formatter prints it: what the audit log calls it.
    pub query: String,
    /// SHA-256 of the files that it reads: imports as the formatter prints them, code files byte by byte.
    pub imports: String,
    /// SHA-256 of the lock file without its policy: schema, ontologies, genes, alleles.
    pub inputs: String,
    /// SHA-256 of the policy.
    pub policy: String,
    /// Values of parameters as they were given.
    #[serde(default)]
    pub params: BTreeMap<String, String>,
}

/// All saved queries by name.
pub type AllSaved = BTreeMap<String, Saved>;

/// What became of a saved query.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SavedState {
    /// Its name.
    pub name: String,
    /// What was saved.
    #[serde(flatten)]
    pub saved: Saved,
    /// What is another since it was saved: `text`, `imports`, `inputs`, `policy`; or why it does not compile.
    pub stale: Vec<String>,
    /// Its last run.
    pub last: Option<LastRun>,
}

/// A run of a saved query.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LastRun {
    /// Its place in the audit log.
    pub sequence: u64,
    /// When it was asked.
    pub asked: Timestamp,
    /// Who asked.
    pub actor: String,
    /// What became of it: `released`, `refused`, `failed`, `cancelled`, `no outcome`.
    pub ended: String,
    /// Whether the warehouse was changed after it.
    pub changed_since: bool,
}

impl Project {
    /// The saved queries; none where there is no file.
    ///
    /// # Errors
    /// The file cannot be read, or is not one of saved queries.
    pub fn saved(&self) -> Result<AllSaved> {
        let path = self.root.join(SAVED_FILE);
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(AllSaved::new()),
            Err(error) => return Err(bad(error.to_string())),
        };
        toml::from_str(&text).map_err(|error: toml::de::Error| {
            let line = error.span().and_then(|span| text.get(..span.start));
            let line =
                line.map_or(String::new(), |before| format!("line {}: ", before.matches('\n').count() + 1));
            bad(format!("{line}{}", error.message()))
        })
    }

    /// The saved query of a name, which may stand with its `@`.
    ///
    /// # Errors
    /// There is none of that name, or the file is damaged.
    pub fn saved_query(&self, name: &str) -> Result<Saved> {
        let name = name.trim_start_matches('@');
        let mut all = self.saved()?;
        if let Some(saved) = all.remove(name) {
            return Ok(saved);
        }
        let made = Trouble::new(Kind::Usage, NO_SAVED, format!("no query is saved as `{name}`"));
        Err(match diag::near_names(name, all.keys().map(String::as_str)).first() {
            Some(near) => made.help(format!("`{near}` is near")),
            None if all.is_empty() => made.help("`baseq save NAME FILE TABLE` saves one"),
            None => made.help("`baseq list` lists them"),
        })
    }

    /// Saves a query under a name; gives whether one was there before.
    ///
    /// # Errors
    /// The name cannot be one, or the file cannot be read or written.
    pub fn save(&self, name: &str, saved: Saved) -> Result<bool> {
        let fits = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        if name.is_empty() || !name.chars().all(fits) {
            let message = format!("`{}` cannot be the name of a saved query", name.escape_debug());
            return Err(Trouble::new(Kind::Usage, SAVED, message)
                .help("a name has letters from a to z, digits, `_` and `-`: by_sex_2026"));
        }
        let mut all = self.saved()?;
        let replaced = all.insert(name.to_owned(), saved).is_some();
        let path = self.root.join(SAVED_FILE);
        // In one step: who reads it meanwhile finds the old file or the new one.
        let beside = self.root.join(format!("{SAVED_FILE}.{}.new", std::process::id()));
        std::fs::write(&beside, text(&all))
            .and_then(|()| std::fs::rename(&beside, &path))
            .map_err(|error| bad(error.to_string()))?;
        Ok(replaced)
    }
}

impl Session {
    /// What is saved of a result of a program that was checked.
    ///
    /// # Errors
    /// The program lies outside the project, or has no such result.
    pub fn to_save(&self, checked: &Checked, table: &str, params: &Params) -> Result<Saved> {
        let path = crate::session::absolute(&PathBuf::from(&*checked.files.get(checked.main).name));
        let Ok(file) = path.strip_prefix(&self.project().root) else {
            let message = format!("{} lies outside the project", path.display());
            return Err(
                Trouble::new(Kind::Usage, SAVED, message).help("a name is for everybody who has the project")
            );
        };
        // A name that is none is told here.
        self.compile(checked, &[table.to_owned()])?;
        let hash = |text: &str| crate::lock::hash(text.as_bytes());
        let inputs = self.lock().map(|lock| crate::Lock { policy: None, ..lock.clone() }.text());
        Ok(Saved {
            file: file.to_string_lossy().replace('\\', "/"),
            table: table.to_owned(),
            query: hash(&format::format(&checked.files.get(checked.main).text)),
            imports: hash(&self.read_by(checked)),
            inputs: hash(&inputs.unwrap_or_default()),
            policy: self.policy().0.hash.clone(),
            params: params.iter().map(|(name, given)| (name.clone(), given.text.clone())).collect(),
        })
    }

    /// The texts that a program reads beside itself, one after the other.
    pub(crate) fn read_by(&self, checked: &Checked) -> String {
        let mut all = String::new();
        // The texts of model, library and policy come first; what follows is the program and its imports.
        for id in checked.files.ids().skip(self.texts().ids().count()) {
            let file = checked.files.get(id);
            if id != checked.main {
                let _ = write!(all, "{}\n{}\n", file.name, format::format(&file.text));
            }
            let folder = self.project().root.join(&*file.name);
            let folder = if id == checked.main {
                crate::session::absolute(file.name.as_ref().as_ref())
            } else {
                folder
            };
            for item in &syntax::parse(id, &file.text).0.file.items {
                if let Item::Codes(Codes { value: CodesValue::File(path), .. }) = item {
                    // One that cannot be read is an error of the program, and nothing is saved.
                    let bytes = std::fs::read(folder.with_file_name(&path.value)).unwrap_or_default();
                    let _ = write!(all, "{}\n{}\n", path.value, crate::lock::hash(&bytes));
                }
            }
        }
        all
    }

    /// All saved queries with what became of them.
    ///
    /// # Errors
    /// The file of saved queries or the audit log is damaged.
    pub fn saved_states(&self) -> Result<Vec<SavedState>> {
        let project = self.project();
        let path = project.root.join(&project.settings.audit);
        let log = if path.exists() { Some(Log::read(&path)?) } else { None };
        let mut states = Vec::new();
        for (name, saved) in project.saved()? {
            let now = self.saved_now(&saved);
            let stale = match &now {
                Ok((now, _)) => saved.stale(now),
                Err(why) => vec![why.clone()],
            };
            let last = log.as_ref().and_then(|log| last_run(log, &saved, now.ok()));
            states.push(SavedState { name, saved, stale, last });
        }
        Ok(states)
    }

    /// What a saved query would be saved as now, and its parameters; in words why it cannot be.
    fn saved_now(&self, saved: &Saved) -> std::result::Result<(Saved, Vec<(String, String)>), String> {
        let params = crate::params::given(&saved.params.clone().into_iter().collect::<Vec<_>>(), SAVED_FILE);
        let path = self.project().root.join(&saved.file);
        let words = |trouble: &Trouble| {
            trouble.diagnostics.first().map_or_else(String::new, |diagnostic| diagnostic.message.clone())
        };
        let checked = self.check(&path, &params).map_err(|trouble| words(&trouble))?;
        if checked.has_errors() {
            let first = checked.diagnostics.iter().find(|diagnostic| diagnostic.is_error());
            return Err(first.map_or_else(String::new, |diagnostic| diagnostic.message.clone()));
        }
        let now = self.to_save(&checked, &saved.table, &params).map_err(|trouble| words(&trouble))?;
        Ok((now, checked.params))
    }
}

impl Saved {
    /// What is another now than when it was saved: `text`, `imports`, `inputs`, `policy`.
    pub fn stale(&self, now: &Saved) -> Vec<String> {
        let parts = [
            ("text", self.query == now.query),
            ("imports", self.imports == now.imports),
            ("inputs", self.inputs == now.inputs),
            ("policy", self.policy == now.policy),
        ];
        parts.iter().filter(|(_, same)| !same).map(|(what, _)| (*what).to_owned()).collect()
    }
}

/// The last run of that result of the program, as it was saved or as it is now, with those parameters.
fn last_run(log: &Log, saved: &Saved, now: Option<(Saved, Vec<(String, String)>)>) -> Option<LastRun> {
    let (now, params) = now.map_or((None, None), |(now, params)| (Some(now.query), Some(params)));
    let is_it = |run: &Run<'_>| {
        let intent = run.intent;
        let same = intent.query_hash == saved.query || now.as_ref() == Some(&intent.query_hash);
        // Where the program cannot be read, nothing says which values its parameters had.
        let given = params.as_ref().is_none_or(|params| {
            params.iter().all(|(name, value)| intent.parameters.get(name) == Some(value))
        });
        same && given && intent.result.as_ref() == Some(&saved.table)
    };
    let runs = log.runs(&Sought::default());
    let run = runs.iter().rev().find(|run| is_it(run))?;
    let ended = match run.ended.map(|(_, outcome)| &outcome.decision) {
        Some(Decision::Released) => "released",
        Some(Decision::Refused { .. }) => "refused",
        Some(Decision::Failed) => "failed",
        Some(Decision::Cancelled) => "cancelled",
        None => "no outcome",
    };
    Some(LastRun {
        sequence: run.sequence,
        asked: run.asked,
        actor: run.intent.actor.name.clone(),
        ended: ended.to_owned(),
        changed_since: log.events().any(|(_, sequence, _)| sequence > run.sequence),
    })
}

/// The file, of the same queries the same bytes.
fn text(all: &AllSaved) -> String {
    let quoted = |text: &str| serde_json::Value::from(text).to_string().replace('\u{7f}', "\\u007f");
    let mut text = HEAD.to_owned();
    for (name, saved) in all {
        let _ = writeln!(text, "\n[{name}]");
        let Saved { file, table, query, imports, inputs, policy, params } = saved;
        let lines = [("file", file), ("table", table), ("query", query), ("imports", imports)];
        for (key, value) in lines.into_iter().chain([("inputs", inputs), ("policy", policy)]) {
            let _ = writeln!(text, "{key} = {}", quoted(value));
        }
        if !params.is_empty() {
            let _ = writeln!(text, "\n[{name}.params]");
            for (key, value) in params {
                let _ = writeln!(text, "{} = {}", quoted(key), quoted(value));
            }
        }
    }
    text
}

fn bad(reason: String) -> Trouble {
    Trouble::new(Kind::Usage, SAVED, format!("{SAVED_FILE}: {reason}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn saved() -> Saved {
        let hash = "a".repeat(64);
        Saved {
            file: "queries/a \"b\".bq".into(),
            table: "t".into(),
            query: hash.clone(),
            imports: hash.clone(),
            inputs: hash.clone(),
            policy: hash,
            params: BTreeMap::from([("my cut\u{7f}off".to_owned(), "0.5 %\n".to_owned())]),
        }
    }

    #[test]
    fn what_is_saved_comes_back() {
        let folder = tempfile::tempdir().unwrap();
        let project =
            Project { root: folder.path().to_owned(), settings: crate::Settings::default(), declared: true };
        assert!(project.saved().unwrap().is_empty());
        assert!(!project.save("one", saved()).unwrap());
        assert!(project.save("one", saved()).unwrap(), "in its place");
        project.save("two-2", Saved { params: BTreeMap::new(), ..saved() }).unwrap();
        assert_eq!(project.saved_query("@one").unwrap(), saved());
        assert!(project.saved_query("two-2").unwrap().params.is_empty());
        let message = |name: &str| project.saved_query(name).unwrap_err().diagnostics[0].helps.join("");
        assert!(message("on").contains("`one` is near"), "{}", message("on"));
        assert!(project.save("a b", saved()).is_err() && project.save("", saved()).is_err());
        std::fs::write(folder.path().join(SAVED_FILE), "\n[one]\nfile = 3\n").unwrap();
        assert!(project.saved().unwrap_err().diagnostics[0].message.contains("line 3"));
    }

    #[test]
    fn what_changed_is_named() {
        assert_eq!(saved().stale(&saved()), Vec::<String>::new());
        let other = || "b".repeat(64);
        assert_eq!(saved().stale(&Saved { query: other(), inputs: other(), ..saved() }), ["text", "inputs"]);
        assert_eq!(saved().stale(&Saved { policy: other(), ..saved() }), ["policy"]);
        assert_eq!(saved().stale(&Saved { imports: other(), ..saved() }), ["imports"]);
    }
}
