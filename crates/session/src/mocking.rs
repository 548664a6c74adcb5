//! `baseq mock`: people made for a program, and the project around them, so that it can be asked where no data is.

use crate::lock::pin::{Found, Pin};
use crate::params::Params;
use crate::project::SETTINGS_FILE;
use crate::session::{MODEL, Session, draft_policy};
use crate::trouble::{Result, Trouble};
use crate::warehouse::pull::pinned_policy;
use crate::{codes, sources};
use diag::Diagnostic;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use text::{FileId, Files};
use types::NamedAlleles;

/// The people made for a program.
#[derive(Debug)]
pub struct Mocked {
    /// All texts that diagnostics point into.
    pub files: Files,
    /// What is wrong with the program, and the rules for which nobody could be made, sorted.
    pub diagnostics: Vec<Diagnostic>,
    /// The people; none where the program has errors.
    pub made: Option<mock::Made>,
    /// A project for them: paths below its folder, and texts.
    pub project: Vec<(PathBuf, String)>,
    /// The program in that project.
    pub program: PathBuf,
    /// The ontologies and tables of codes that the lock file pins, as OBO: file names and texts.
    pub ontologies: Vec<(String, String)>,
}

impl Session {
    /// Makes people for a program: who passes and who just misses each of its rules.
    ///
    /// # Errors
    /// The file cannot be read, a pin that it needs is damaged, or the compiler made a plan that means nothing.
    pub fn mock(&self, path: &Path, params: &Params, options: mock::Options) -> Result<Mocked> {
        let text = self.text_of(path)?;
        let mut files = self.files.clone();
        let library: Vec<FileId> = files.ids().collect();
        let absolute = crate::session::absolute(path);
        let main = files.add(path.display().to_string(), text.as_str());
        let (parsed, mut diagnostics) = syntax::parse(main, &text);
        let open = crate::editor::Open::new();
        let sources = sources::read(&self.project, &absolute, &parsed, &open, &mut files, &mut diagnostics);
        let in_force = crate::params::with_settings(&self.project, params)?;
        let input = types::Input {
            model: &self.model,
            vocabulary: &self.vocabulary,
            main: &parsed,
            library: &self.library,
            imports: &sources.imports,
            code_files: &sources.code_files,
            params: &in_force,
        };
        let (query, more) = types::check(&input);
        diagnostics.extend(more);
        self.vocabulary.damage()?;
        let mut mocked = Mocked {
            files,
            diagnostics,
            made: None,
            project: Vec::new(),
            program: inside(&PathBuf::from(self.project.shown(&absolute))),
            ontologies: Vec::new(),
        };
        if !mocked.diagnostics.iter().any(Diagnostic::is_error) {
            let above = |disease: &str| self.vocabulary.above(disease);
            let words = |range| words(&mocked.files, range);
            let named = self.named()?;
            let input = mock::Input {
                query: &query,
                model: &self.model,
                vocabulary: &self.vocabulary,
                policy: &self.policy,
                above: &above,
                as_of: query.as_of.map_or(self.clock.used_on, |(day, _)| day),
                words: &words,
                named: &named,
            };
            let made = mock::make(&input, options)
                .map_err(|reason| Trouble::internal("the people who were made cannot be asked", &reason))?;
            self.vocabulary.damage()?;
            mocked.diagnostics.extend(made.unsolved.iter().map(unsolved));
            mocked.made = Some(made);
            let files = &mocked.files;
            let own = files.ids().filter(|id| !library.contains(id) && *id != main);
            let own: Vec<(PathBuf, String)> = own
                .map(|id| files.get(id))
                .filter(|file| !file.name.starts_with("stdlib/"))
                .map(|file| (PathBuf::from(file.name.as_ref()), file.text.to_string()))
                .collect();
            mocked.project = self.project_of(&mocked.program, text, own, &sources)?;
            mocked.ontologies = self.ontology_texts()?;
        }
        diag::sort(&mut mocked.diagnostics);
        Ok(mocked)
    }

    /// The names of alleles that the lock file pins, with their alleles.
    fn named(&self) -> Result<Vec<(String, Vec<types::Allele>)>> {
        let mut named = Vec::new();
        for (name, what) in self.vocabulary.named_alleles().into_iter().flatten() {
            if let NamedAlleles::Found(alleles) = what {
                named.push((name.clone(), alleles.clone()));
            }
        }
        self.vocabulary.damage()?;
        Ok(named)
    }

    /// The files of a project in which the program is asked of the people who were made.
    fn project_of(
        &self,
        program: &Path,
        text: String,
        imports: Vec<(PathBuf, String)>,
        sources: &sources::Sources,
    ) -> Result<Vec<(PathBuf, String)>> {
        let settings = &self.project.settings;
        let own_model = Path::new(&settings.model).extension().is_some();
        let model = if own_model { "model.bq" } else { settings.model.as_str() };
        let mut toml = format!(
            "# Made by `baseq mock`: nobody in this project exists. Paths are relative to this file.\n\
             model = {model:?}\npolicy = [\"policy/*.bq\"]\naudit = \"audit.jsonl\"\n"
        );
        if !settings.params.is_empty() {
            toml.push_str("\n[params]\n");
            for (name, value) in &settings.params {
                let _ = writeln!(toml, "{name:?} = {}", toml_value(value));
            }
        }
        let _ = write!(toml, "\n[warehouse.main]\nurl = \"duckdb:mock.duckdb\"\n");
        let mut project = vec![
            (PathBuf::from(SETTINGS_FILE), toml),
            (
                PathBuf::from(".gitignore"),
                "*.duckdb\n*.duckdb.wal\naudit.jsonl\n.baseq/*\n!.baseq/pins/\n".to_owned(),
            ),
            (program.to_owned(), text),
        ];
        if own_model {
            project.push((PathBuf::from("model.bq"), self.model_text.clone()));
        }
        let policy = match &self.lock {
            Some(lock) if lock.policy.is_some() => pinned_policy(&self.project, lock)?,
            Some(_) | None => draft_policy(&self.project)?,
        };
        for (name, text) in policy.into_iter().filter(|(name, _)| name != MODEL) {
            project.push((Path::new("policy").join(name), text));
        }
        project.extend(imports);
        for path in &sources.code_paths {
            let text = std::fs::read_to_string(path).map_err(|error| {
                let message = format!("{}: {error}", self.project.shown(path));
                Trouble::new(crate::trouble::Kind::Usage, codes::UNREADABLE, message)
            })?;
            project.push((PathBuf::from(self.project.shown(path)), text));
        }
        Ok(project.into_iter().map(|(path, text)| (inside(&path), text)).collect())
    }

    /// What the lock file pins of ontologies, as OBO from which the same pins come.
    fn ontology_texts(&self) -> Result<Vec<(String, String)>> {
        let mut texts = Vec::new();
        for head in self.lock.iter().flat_map(|lock| &lock.ontology) {
            if let Some(pin) = self.vocabulary.pin(&head.system) {
                texts.push((format!("{}.obo", head.system.to_lowercase()), obo(&head.version, pin)));
            }
        }
        self.vocabulary.damage()?;
        Ok(texts)
    }
}

/// A path below a folder: of one that leads elsewhere, the name of its file.
fn inside(path: &Path) -> PathBuf {
    if path.is_relative() { path.to_owned() } else { path.file_name().map(PathBuf::from).unwrap_or_default() }
}

/// A pin as OBO. All ancestors of a term stand as its parents, from which the same ancestors come.
fn obo(version: &str, pin: &Pin) -> String {
    let mut text = format!("format-version: 1.4\ndata-version: {version}\n");
    let mut others: BTreeMap<u32, Vec<&str>> = BTreeMap::new();
    for (id, term) in pin.alternatives() {
        others.entry(term).or_default().push(id);
    }
    for term in 0..pin.len() {
        let id = pin.id(term);
        let label = pin.label(term).replace('\\', "\\\\");
        let _ = write!(text, "\n[Term]\nid: {id}\nname: {label}\n");
        for other in others.get(&term).into_iter().flatten() {
            let _ = writeln!(text, "alt_id: {other}");
        }
        match pin.find(id) {
            Some(Found::InUse(_)) | None => {
                for above in pin.ancestors_or_self(term).into_iter().filter(|above| *above != term) {
                    let _ = writeln!(text, "is_a: {}", pin.id(above));
                }
            }
            Some(Found::Old(successor)) => {
                let _ = write!(text, "is_obsolete: true\nreplaced_by: {}\n", pin.id(successor));
            }
            Some(Found::Obsolete(_)) => text.push_str("is_obsolete: true\n"),
        }
    }
    text
}

/// The words of a place, with one space where there was any.
fn words(files: &Files, range: text::Range) -> String {
    let lines = files.slice(range).lines().map(|line| line.split("-- ").next().unwrap_or_default());
    lines.flat_map(str::split_whitespace).collect::<Vec<_>>().join(" ")
}

/// Says that nobody was made for a rule.
fn unsolved(one: &mock::Unsolved) -> Diagnostic {
    let (message, label) = match &one.rule {
        Some(rule) => (format!("nobody was made who just misses `{rule}` of `{}`", one.item), "this rule"),
        None => (format!("nobody was made who passes all rules of `{}`", one.item), "its rules"),
    };
    Diagnostic::warning(codes::NOT_MADE, message, one.range, label).note(one.reason.clone())
}

/// A value of a parameter as TOML.
fn toml_value(value: &toml::Value) -> String {
    match value {
        toml::Value::String(text) => serde_json::Value::from(text.as_str()).to_string(),
        toml::Value::Integer(number) => number.to_string(),
        toml::Value::Float(number) => format!("{number:?}"),
        toml::Value::Boolean(value) => value.to_string(),
        toml::Value::Datetime(day) => day.to_string(),
        toml::Value::Array(all) => {
            format!("[{}]", all.iter().map(toml_value).collect::<Vec<_>>().join(", "))
        }
        toml::Value::Table(all) => {
            let one = |(name, value): (&String, &toml::Value)| format!("{name:?} = {}", toml_value(value));
            format!("{{ {} }}", all.iter().map(one).collect::<Vec<_>>().join(", "))
        }
    }
}

/// A table as CSV with a header; null is the empty cell.
///
/// # Errors
/// None that a person could cause: memory takes what is written.
pub fn csv_of(table: &mock::Table) -> Result<Vec<u8>> {
    let failed = |error: &dyn std::fmt::Display| {
        Trouble::internal(&format!("the table `{}` cannot be written", table.name), error.to_string())
    };
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(&table.columns).map_err(|error| failed(&error))?;
    for row in &table.rows {
        let cells = row.iter().map(|value| match value {
            plan::Value::Null => String::new(),
            plan::Value::Bool(value) => value.to_string(),
            plan::Value::Int(value) => value.to_string(),
            plan::Value::Decimal(units) => types::Number(*units).to_string(),
            plan::Value::Text(text) => text.clone(),
            plan::Value::Date(day) => day.to_string(),
            plan::Value::Instant(seconds) => jiff::Timestamp::from_second(*seconds)
                .map_or_else(|_| String::new(), |at| at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()),
        });
        writer.write_record(cells).map_err(|error| failed(&error))?;
    }
    writer.into_inner().map_err(|error| failed(&error))
}
