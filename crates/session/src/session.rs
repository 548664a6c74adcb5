//! A session: one project opened, any stage of its files on request.
//!
//! All front ends stand on this and on nothing below it. What a session gives out of a warehouse is
//! [`release::Released`] and nothing else.

use crate::codes::SETTINGS;
use crate::editor::Open;
use crate::lock::Lock;
use crate::params::{self, Params};
use crate::project::Location;
use crate::project::Project;
use crate::trouble::{Kind, Result, Trouble};
use crate::vocabulary::Pinned;
use crate::warehouse::pull::pinned_policy;
use crate::{sources, stdlib};
use diag::Diagnostic;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use model::Model;
use policy::{Context, Permitted, PolicySet};
use sql::Dialect;
use std::path::Path;
use syntax::Parsed;
use text::{FileId, Files};
use types::{Notes, Query};

/// When a question is asked: U and T of the consent rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clock {
    /// U, the day of use, in UTC.
    pub used_on: Date,
    /// T: consent recorded later does not count.
    pub known_at: Timestamp,
}

impl Clock {
    /// Now.
    pub fn now() -> Clock {
        let now = Timestamp::now();
        Clock { used_on: now.to_zoned(TimeZone::UTC).date(), known_at: now }
    }
}

/// Where the policy of a session comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PolicySource {
    /// From the lock file: the policy that is installed in the warehouse.
    Installed,
    /// From the project's policy files, because the lock file has none. Nothing runs under it.
    Draft,
}

/// An open project.
#[derive(Debug)]
pub struct Session {
    pub(crate) project: Project,
    pub(crate) lock: Option<Lock>,
    pub(crate) vocabulary: Pinned,
    pub(crate) model: Model,
    /// Its text, which is installed with a policy.
    pub(crate) model_text: String,
    pub(crate) library: Vec<Parsed>,
    pub(crate) policy: PolicySet,
    policy_source: PolicySource,
    /// The texts of model, library and policy.
    pub(crate) files: Files,
    /// What is wrong with the policy's files; told with every check.
    policy_diagnostics: Vec<Diagnostic>,
    pub(crate) clock: Clock,
    /// The engine whose SQL is printed.
    pub(crate) dialect: Dialect,
}

/// A program that was checked.
#[derive(Debug)]
pub struct Checked {
    /// All texts that diagnostics point into.
    pub files: Files,
    /// The program itself.
    pub main: FileId,
    /// All diagnostics, sorted.
    pub diagnostics: Vec<Diagnostic>,
    /// What the lints say of a program without errors, sorted.
    pub warnings: Vec<Diagnostic>,
    /// Names of all tables and reports of the program that could be checked, in order, permitted or not.
    pub tables: Vec<String>,
    /// Parameters with the values in force.
    pub params: Vec<(String, String)>,
    /// The permitted part; `None` where there is nothing.
    pub permitted: Option<Permitted>,
    /// Whether the program itself has errors.
    pub(crate) wrong: bool,
    /// Whether the policy refuses something.
    pub(crate) refused: bool,
}

impl Checked {
    /// Whether anything is an error.
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(Diagnostic::is_error)
    }

    /// Whether the program is right and only the policy is against it.
    pub fn only_refused(&self) -> bool {
        self.refused && !self.wrong
    }
}

/// A decision of the policy, for people.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Explained {
    /// What was decided on.
    pub what: String,
    /// The rule.
    pub rule: String,
    /// Where it stands in the program: `file:line`.
    pub place: Option<String>,
    /// The line of the policy that asked for it; none where the language itself decides.
    pub policy: Option<String>,
}

impl Session {
    /// Opens a project: its model, its lock file and its policy.
    ///
    /// # Errors
    /// The model has errors, or is not there; the lock file or a pinned policy file is damaged.
    pub fn open(project: Project) -> Result<Session> {
        let lock = Lock::read(&project)?;
        Session::with_lock(project, lock)
    }

    /// Opens a project as if it had no lock file yet, to write it anew.
    ///
    /// # Errors
    /// The model has errors, or is not there.
    pub fn open_without_lock(project: Project) -> Result<Session> {
        Session::with_lock(project, None)
    }

    fn with_lock(project: Project, lock: Option<Lock>) -> Result<Session> {
        let mut files = Files::new();
        let (model, model_text) = read_model(&project, &mut files)?;
        let mut library = Vec::new();
        for (path, text) in stdlib::definitions() {
            let id = files.add(format!("stdlib/{path}"), text);
            library.push(syntax::parse(id, text).0);
        }
        let (policy_source, texts) = match &lock {
            Some(lock) if lock.policy.is_some() => (PolicySource::Installed, pinned_policy(&project, lock)?),
            Some(_) | None => (PolicySource::Draft, draft_policy(&project)?),
        };
        let (policy, policy_diagnostics) = read_policy(&model, &texts, &mut files);
        Ok(Session {
            vocabulary: Pinned::new(project.clone(), lock.clone()),
            project,
            lock,
            model,
            model_text,
            library,
            policy,
            policy_source,
            files,
            policy_diagnostics,
            clock: Clock::now(),
            dialect: Dialect::DuckDb,
        })
    }

    /// The same session at another time, for tests and replays.
    #[must_use]
    pub fn at(mut self, clock: Clock) -> Session {
        self.clock = clock;
        self
    }

    /// The same session for the engine of a warehouse; without it, for DuckDB.
    #[must_use]
    pub fn on(self, location: &Location) -> Session {
        self.printing(location.dialect())
    }

    /// The same session with the SQL of that engine.
    #[must_use]
    pub fn printing(mut self, dialect: Dialect) -> Session {
        self.dialect = dialect;
        self
    }

    /// The engine whose SQL is printed.
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// The model of the project.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// The ancestors of a term and itself, from the lock file; `None` where it is not in use there.
    pub fn above(&self, curie: &str) -> Option<Vec<String>> {
        self.vocabulary.above(curie)
    }

    /// The project.
    pub fn project(&self) -> &Project {
        &self.project
    }

    /// The lock file, if there is one.
    pub fn lock(&self) -> Option<&Lock> {
        self.lock.as_ref()
    }

    /// The policy that checks go by, and where it comes from.
    pub fn policy(&self) -> (&PolicySet, PolicySource) {
        (&self.policy, self.policy_source)
    }

    /// Checks the program in a file. What is wrong with it is in the diagnostics.
    ///
    /// # Errors
    /// The file cannot be read, or a pin that it needs is damaged.
    pub fn check(&self, path: &Path, params: &Params) -> Result<Checked> {
        let text = self.text_of(path)?;
        self.check_text(path, &text, params)
    }

    /// The text of a program.
    pub(crate) fn text_of(&self, path: &Path) -> Result<String> {
        sources::read_text(path).map_err(|unread| {
            let reason = match unread {
                sources::Unread::Missing => "there is no such file".to_owned(),
                sources::Unread::Reason(reason) => reason,
            };
            Trouble::new(Kind::Usage, crate::codes::UNREADABLE, format!("{}: {reason}", path.display()))
        })
    }

    /// Checks the program in a file with `attrition of` one of its cohorts as a further last item, which
    /// is what the audit will say was asked. Gives the name of its result, `None` where it has errors.
    ///
    /// # Errors
    /// The file cannot be read, a pin that it needs is damaged, or the name is none.
    pub fn check_attrition(
        &self,
        path: &Path,
        cohort: &str,
        params: &Params,
    ) -> Result<(Checked, Option<String>)> {
        if cohort.is_empty() || cohort.contains(|c: char| c == '`' || c.is_control()) {
            let message = format!("`{}` is not the name of a cohort", cohort.escape_debug());
            return Err(Trouble::new(Kind::Usage, crate::codes::NO_TABLE, message));
        }
        let text = format!("{}\nattrition of `{cohort}`\n", self.text_of(path)?);
        let checked = self.check_text(path, &text, params)?;
        let name = checked.tables.last().cloned().filter(|_| !checked.has_errors());
        Ok((checked, name))
    }

    /// Checks a program that lies, or would lie, at `path`.
    ///
    /// # Errors
    /// A pin that it needs is damaged.
    pub fn check_text(&self, path: &Path, text: &str, params: &Params) -> Result<Checked> {
        let (checked, _, _) = self.whole(path, text, params, &Open::new(), None)?;
        Ok(checked)
    }

    /// Checks a program; `noting` says that an editor wants to know what names mean, and which name is
    /// its cursor.
    pub(crate) fn whole(
        &self,
        path: &Path,
        text: &str,
        params: &Params,
        open: &Open,
        noting: Option<&str>,
    ) -> Result<(Checked, Parsed, Notes)> {
        let mut files = self.files.clone();
        let absolute = absolute(path);
        let main = files.add(path.display().to_string(), text);
        let (parsed, mut diagnostics) = syntax::parse(main, text);
        let sources = sources::read(&self.project, &absolute, &parsed, open, &mut files, &mut diagnostics);
        let in_force = params::with_settings(&self.project, params)?;
        let input = types::Input {
            model: &self.model,
            vocabulary: &self.vocabulary,
            main: &parsed,
            library: &self.library,
            imports: &sources.imports,
            code_files: &sources.code_files,
            params: &in_force,
        };
        let (query, more, notes) = match noting {
            Some(cursor) => types::check_noting(&input, Some(cursor)),
            None => {
                let (query, more) = types::check(&input);
                (query, more, Notes::default())
            }
        };
        diagnostics.extend(more);
        self.vocabulary.damage()?;
        diagnostics.extend(unknown_params(&query, &parsed, params));
        diagnostics.extend(self.moved_sets(&absolute, &query, &files)?);
        let tables = query.results();
        let params = query.params.clone();
        let wrong = diagnostics.iter().any(Diagnostic::is_error);
        let warnings = if wrong { Vec::new() } else { self.lint(&parsed, &query) };
        self.vocabulary.damage()?;
        let (permitted, refusals) = self.permit(query);
        let refused = refusals.iter().any(Diagnostic::is_error);
        if refused {
            // A policy file with errors may be why.
            diagnostics.extend(self.policy_diagnostics.iter().cloned());
        }
        diagnostics.extend(refusals);
        diag::sort(&mut diagnostics);
        let checked =
            Checked { files, main, diagnostics, warnings, tables, params, permitted, wrong, refused };
        Ok((checked, parsed, notes))
    }

    fn lint(&self, main: &Parsed, query: &Query) -> Vec<Diagnostic> {
        lint::lint(&lint::Input {
            model: &self.model,
            vocabulary: &self.vocabulary,
            main,
            query,
            policy: Some(&self.policy),
            used_on: self.clock.used_on,
            allow: &self.project.settings.lint.allow,
        })
    }

    /// The drafts of the project's policy, checked.
    ///
    /// # Errors
    /// A policy file cannot be read.
    pub fn check_policy(&self) -> Result<(Files, Vec<Diagnostic>)> {
        let mut files = self.files.clone();
        let (_, diagnostics) = read_policy(&self.model, &draft_policy(&self.project)?, &mut files);
        Ok((files, diagnostics))
    }

    /// Whether a file is one of the project's policy files.
    pub fn is_policy(&self, path: &Path) -> bool {
        let files = self.project.policy_files().unwrap_or_default();
        files.iter().any(|file| crate::project::plain(file) == absolute(path))
    }

    /// Whether a file is the project's model.
    pub fn is_model(&self, path: &Path) -> bool {
        crate::project::plain(&self.project.root.join(&self.project.settings.model)) == absolute(path)
    }

    /// Every decision of the policy on a program, for people.
    pub fn receipts(&self, checked: &Checked) -> Vec<Explained> {
        let Some(permitted) = &checked.permitted else { return Vec::new() };
        let place = |range: text::Range| {
            let at = checked.files.line_column(range);
            format!("{}:{}", checked.files.get(range.file).name, at.line)
        };
        let receipts = permitted.grounds().receipts.iter();
        receipts
            .map(|receipt| Explained {
                what: receipt.what.clone(),
                rule: receipt.rule.clone(),
                place: receipt.range.map(place),
                policy: receipt.policy.map(place),
            })
            .collect()
    }

    fn permit(&self, query: Query) -> (Option<Permitted>, Vec<Diagnostic>) {
        let context = Context {
            model: &self.model,
            used_on: self.clock.used_on,
            known_at: self.clock.known_at,
            test: false,
        };
        policy::check(query, &self.policy, &context)
    }
}

/// A path from the root, by its words alone.
pub(crate) fn absolute(path: &Path) -> std::path::PathBuf {
    crate::project::plain(&std::path::absolute(path).unwrap_or_else(|_| path.to_owned()))
}

/// Among the files of an installed policy, the model that it was written for: who may choose what is linked to
/// people and what labels their columns have decides what is guarded, so that is the steward's.
pub(crate) const MODEL: &str = ".model";

/// The model that the settings name, and its text.
fn read_model(project: &Project, files: &mut Files) -> Result<(Model, String)> {
    let named = &project.settings.model;
    let (name, text) = if let Some(text) = stdlib::model(named) {
        (format!("stdlib/models/{named}.bq"), text.to_owned())
    } else {
        let path = project.root.join(named);
        let text = std::fs::read_to_string(&path).map_err(|error| {
            let known: Vec<&str> = stdlib::models().collect();
            Trouble::new(Kind::Usage, SETTINGS, format!("the model `{named}` cannot be read: {error}"))
                .help(format!("`model` in baseq.toml is a file or one of {}", known.join(", ")))
        })?;
        (project.shown(&path), text)
    };
    let id = files.add(name, text.as_str());
    let (parsed, mut diagnostics) = syntax::parse(id, &text);
    let (model, more) = model::read(&[&parsed]);
    diagnostics.extend(more);
    diag::sort(&mut diagnostics);
    match model {
        Some(model) if !diagnostics.iter().any(Diagnostic::is_error) => Ok((model, text)),
        Some(_) | None => {
            if diagnostics.is_empty() {
                diagnostics
                    .push(Diagnostic::placeless(SETTINGS, format!("the model `{named}` declares no entity")));
            }
            Err(Trouble { kind: Kind::Program, diagnostics, files: files.clone(), detail: None })
        }
    }
}

/// Name and text of the project's policy files, sorted by name.
pub(crate) fn draft_policy(project: &Project) -> Result<Vec<(String, String)>> {
    let mut texts = Vec::new();
    for path in project.policy_files()? {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let text = std::fs::read_to_string(&path).map_err(|error| {
            Trouble::new(Kind::Usage, crate::codes::UNREADABLE, format!("{}: {error}", project.shown(&path)))
        })?;
        texts.push((name, text));
    }
    // Their order is part of the policy's hash, and a warehouse keeps names and no folders.
    texts.sort();
    match texts.windows(2).find(|pair| pair[0].0 == pair[1].0) {
        Some(pair) => Err(Trouble::new(
            Kind::Usage,
            SETTINGS,
            format!("two policy files are called `{}`; a warehouse tells them by name", pair[0].0),
        )),
        None => Ok(texts),
    }
}

/// The installed model among the files of a policy; one that no longer reads is none.
pub(crate) fn installed_model(texts: &[(String, String)]) -> Option<Model> {
    let (_, text) = texts.iter().find(|(name, _)| name == MODEL)?;
    let (parsed, _) = syntax::parse(text::FileId(0), text);
    model::read(&[&parsed]).0
}

/// Reads policy files; their order is part of their hash, and so is the model that lies among them.
pub(crate) fn read_policy(
    model: &Model,
    texts: &[(String, String)],
    files: &mut Files,
) -> (PolicySet, Vec<Diagnostic>) {
    let mut parsed = Vec::new();
    let mut diagnostics = Vec::new();
    for (name, text) in texts.iter().filter(|(name, _)| name != MODEL) {
        let id = files.add(format!("policy/{name}"), text.as_str());
        let (file, more) = syntax::parse(id, text);
        diagnostics.extend(more);
        parsed.push(file);
    }
    let (mut set, more) = policy::read(model, &parsed.iter().collect::<Vec<_>>());
    if let Some((_, text)) = texts.iter().find(|(name, _)| name == MODEL) {
        let of = model::hash(&[&syntax::parse(text::FileId(0), text).0]);
        set.hash = crate::lock::hash(format!("{} with model {of}", set.hash).as_bytes());
    }
    diagnostics.extend(more);
    diag::sort(&mut diagnostics);
    (set, diagnostics)
}

/// Values for parameters that the program does not have: a typing mistake must not pass as the default.
fn unknown_params(query: &Query, parsed: &Parsed, params: &Params) -> Vec<Diagnostic> {
    let declared: Vec<&str> = parsed
        .file
        .items
        .iter()
        .filter_map(|item| match item {
            syntax::tree::Item::Param(param) => Some(param.formal.name.text.as_str()),
            _ => None,
        })
        .chain(query.params.iter().map(|(name, _)| name.as_str()))
        .collect();
    let unknown = params.iter().filter(|(name, _)| !declared.contains(&name.as_str()));
    unknown
        .map(|(name, given)| {
            let made = Diagnostic::placeless(
                crate::codes::NO_PARAM,
                format!("the program has no parameter `{name}`"),
            )
            .note(format!("a value for it was given {}", given.from));
            match diag::near_names(name, declared.iter().copied()).first() {
                Some(near) => made.help(format!("`{near}` is near")),
                None => made,
            }
        })
        .collect()
}
