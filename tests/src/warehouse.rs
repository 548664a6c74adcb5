//! The warehouses of `warehouses`, each loaded once per process, and what programs say of them.
//!
//! Loading, checking, compiling and validating are those of the command: `load` and [`Session`]. Only
//! the last step differs. `Session::run` keeps the floor of five people and writes an audit; a case
//! wants to see how many of 24 people there are, so it may ask for [`Openness::Open`].

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use arrow::array::RecordBatch;
use engine::{Reader, Store};
use engine_duckdb::{DuckReader, DuckStore, ReaderOptions};
use engine_postgres::PgReader;
use jiff::civil::Date;
use load::release::Release;
use load::source::{Rejects, Silent};
use policy::Level;
use release::{Released, Rules, Terms, Zeros};
use session::{Checked, Clock, Compiled, Mapped, Project, Session, Settings, Trouble};
use spec::Case;
use tempfile::TempDir;

/// U and T of all cases; their agreements begin earlier.
const USED_ON: Date = Date::constant(2025, 6, 1);

/// The file of a warehouse in its folder.
const DATABASE: &str = "cases.duckdb";

/// The tables of the model that are files of the same name; whoever is named comes before who names.
const TABLES: [&str; 10] = [
    "gene",
    "subject",
    "observation",
    "enrolment",
    "phenotype",
    "diagnosis",
    "treatment",
    "measurement",
    "sample",
    "trio",
];

/// The model of a warehouse that is not of genomics.
const MODEL: &str = "model.bq";

/// What of a result is withheld.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Openness {
    /// Nothing: the people are made up, as those of a `test` block are.
    Open,
    /// What the agreement says.
    Agreed,
}

/// The loaded warehouse.
#[derive(Debug)]
pub(crate) struct Warehouse {
    /// Goes away last, so it is declared after what lies in it.
    reader: Mutex<DuckReader>,
    /// The same tables on Postgres, where there is one.
    postgres: Option<Mutex<PgReader>>,
    /// The same tables in memory, for the second witness.
    tables: eval::Tables,
    /// A project without policy, from which each case takes its lock file.
    folder: TempDir,
    /// Its policy, where it has a model of its own.
    policy: Option<String>,
}

/// A case in a project of its own, checked.
pub(crate) struct Asked {
    session: Session,
    pub(crate) checked: Checked,
    _folder: TempDir,
}

impl Warehouse {
    /// Loads `warehouses/small`, or another that stands on it: its files take the place of those of
    /// `small`.
    pub(crate) fn load(name: &str) -> Result<Warehouse, String> {
        Warehouse::load_from(&Path::new(env!("CARGO_MANIFEST_DIR")).join("warehouses").join(name))
    }

    /// Loads the files of any folder; those that are not there are empty tables.
    pub(crate) fn load_from(folder: &Path) -> Result<Warehouse, String> {
        let files = Files(folder.to_owned());
        let folder = TempDir::new().map_err(|error| error.to_string())?;
        let path = folder.path().join(DATABASE);
        let mut project = project(folder.path());
        if files.has_model() {
            fs::copy(files.join(MODEL), folder.path().join(MODEL)).map_err(|error| error.to_string())?;
            MODEL.clone_into(&mut project.settings.model);
        }
        let session = Session::open_without_lock(project).map_err(|trouble| said(&trouble))?;
        // Names of alleles are pinned that a file of the project uses.
        let names = files.join("names.bq");
        if names.exists() {
            fs::copy(names, folder.path().join("names.bq")).map_err(|error| error.to_string())?;
        }
        let mut store = engine_duckdb::open_store(&path).map_err(|error| error.detail)?;
        fill(&mut store, session.model(), &files)?;
        let mut ontologies = Vec::new();
        for (system, _) in load::ontology::systems(&mut store).map_err(|error| error.detail)? {
            ontologies.extend(load::ontology::fetch(&mut store, &system).map_err(|error| error.detail)?);
        }
        drop(store);
        let mut reader = engine_duckdb::open_reader(&path, ReaderOptions { threads: Some(1) })
            .map_err(|error| error.detail)?;
        session.pull(&mut reader, ontologies).map_err(|trouble| said(&trouble))?;
        let tables = crate::witness::read(&mut reader)?;
        let policy = files.has_model().then(|| fs::read_to_string(files.join("policy.bq"))).transpose();
        let policy = policy.map_err(|error| error.to_string())?;
        let postgres = crate::postgres::copy_of(&mut reader)?.map(Mutex::new);
        Ok(Warehouse { reader: Mutex::new(reader), postgres, tables, folder, policy })
    }

    /// A copy of the warehouse in which some statements were run, under the same lock file: nobody who asks has pulled
    /// since.
    pub(crate) fn changed(
        &self,
        change: &dyn Fn(&model::Model, &mut dyn Store) -> Result<(), String>,
    ) -> Result<Warehouse, String> {
        let folder = TempDir::new().map_err(|error| error.to_string())?;
        let file = |error: std::io::Error| error.to_string();
        copy(self.folder.path(), folder.path()).map_err(file)?;
        let path = folder.path().join(DATABASE);
        fs::copy(self.folder.path().join(DATABASE), &path).map_err(file)?;
        let mut project = project(folder.path());
        if self.folder.path().join(MODEL).exists() {
            fs::copy(self.folder.path().join(MODEL), folder.path().join(MODEL)).map_err(file)?;
            MODEL.clone_into(&mut project.settings.model);
        }
        let session = Session::open(project).map_err(|trouble| said(&trouble))?;
        let mut store = engine_duckdb::open_store(&path).map_err(|error| error.detail)?;
        change(session.model(), &mut store)?;
        drop(store);
        let mut reader = engine_duckdb::open_reader(&path, ReaderOptions { threads: Some(1) })
            .map_err(|error| error.detail)?;
        let tables = crate::witness::read(&mut reader)?;
        let postgres = crate::postgres::copy_of(&mut reader)?.map(Mutex::new);
        let (reader, policy) = (Mutex::new(reader), self.policy.clone());
        Ok(Warehouse { reader, postgres, tables, folder, policy })
    }

    /// The rows of a table and of those that it reads, before release, of every statement in its order. The tables
    /// below are released openly, so that all of what they read shows.
    pub(crate) fn seen(&self, asked: &Asked, table: &Compiled) -> Result<Vec<Vec<RecordBatch>>, String> {
        let rules = rules(asked, Openness::Open)?;
        let seen = std::cell::RefCell::new(Vec::new());
        let above = |disease: &str| asked.session.above(disease);
        let mut run = |table: &Compiled, _| {
            let internal = |error| Trouble::internal("a witness", error);
            let (batches, computed) = self.rows(asked, table).map_err(internal)?;
            seen.borrow_mut().push(batches);
            release::release(&table.plan.shape, &computed, &rules)
                .map_err(|error| internal(error.to_string()))
        };
        let names = std::slice::from_ref(&table.name);
        asked.session.in_order(&asked.checked, names, &above, &mut run).map_err(|trouble| said(&trouble))?;
        Ok(seen.into_inner())
    }

    /// Checks a case against the policy of the warehouse, or its own.
    pub(crate) fn ask(&self, case: &Case) -> Result<Asked, String> {
        let folder = TempDir::new().map_err(|error| error.to_string())?;
        let root = folder.path();
        let file = |error: std::io::Error| error.to_string();
        copy(self.folder.path(), root).map_err(file)?;
        let own = case.file("policy.bq").map(|policy| policy.text.as_str());
        fs::create_dir_all(root.join("policy")).map_err(file)?;
        let common = self.policy.as_deref().unwrap_or(include_str!("../warehouses/small/policy.bq"));
        let mut project = project(root);
        if self.policy.is_some() {
            fs::copy(self.folder.path().join(MODEL), root.join(MODEL)).map_err(file)?;
            MODEL.clone_into(&mut project.settings.model);
        }
        fs::write(root.join("policy/policy.bq"), own.unwrap_or(common)).map_err(file)?;
        for source in case.files.iter().filter(|source| source.name != "policy.bq") {
            let path = root.join(&source.name);
            fs::create_dir_all(path.parent().unwrap_or(root)).map_err(file)?;
            fs::write(path, &source.text).map_err(file)?;
        }
        let known_at =
            USED_ON.to_zoned(jiff::tz::TimeZone::UTC).map_err(|error| error.to_string())?.timestamp();
        let session = Session::open(project)
            .map_err(|trouble| said(&trouble))?
            .at(Clock { used_on: USED_ON, known_at });
        let checked = session
            .check(&root.join(spec::MAIN), &crate::front::params(case))
            .map_err(|trouble| said(&trouble))?;
        Ok(Asked { session, checked, _folder: folder })
    }

    /// How the warehouse differs from its model, a line each.
    pub(crate) fn conform(&self, asked: &Asked) -> Result<String, String> {
        let mut reader = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
        let differences = asked.session.conform(&mut *reader).map_err(|trouble| said(&trouble))?;
        let lines: Vec<String> =
            differences.iter().map(|one| format!("{}: {}", one.table, one.what)).collect();
        Ok(lines.join("\n") + "\n")
    }

    /// Runs a table after those that it reads, and releases its rows.
    pub(crate) fn run(
        &self,
        asked: &Asked,
        table: &Compiled,
        openness: Openness,
    ) -> Result<Released, String> {
        let rules = rules(asked, openness)?;
        let mut last = None;
        let above = |disease: &str| asked.session.above(disease);
        let mut run = |table: &Compiled, wanted: bool| {
            let released =
                self.one(asked, table, &rules).map_err(|error| Trouble::internal("a witness", error))?;
            if wanted {
                last = Some(released.clone());
            }
            Ok(released)
        };
        let names = std::slice::from_ref(&table.name);
        asked.session.in_order(&asked.checked, names, &above, &mut run).map_err(|trouble| said(&trouble))?;
        last.ok_or_else(|| format!("`{}` did not run", table.name))
    }

    /// Runs one statement and releases its rows. The engines and `eval` must agree on every row before
    /// release and on every cell after it.
    fn one(&self, asked: &Asked, table: &Compiled, rules: &Rules) -> Result<Released, String> {
        let (batches, computed) = self.rows(asked, table)?;
        let release = |batches: &[RecordBatch]| {
            release::release(&table.plan.shape, batches, rules).map_err(|error| error.to_string())
        };
        let (seen, computed) = (release(&batches)?, release(&computed)?);
        if (seen.columns(), seen.rows(), seen.notes())
            != (computed.columns(), computed.rows(), computed.notes())
        {
            return Err(
                "the two witnesses agree on the rows and disagree on what is released of them".to_owned()
            );
        }
        Ok(seen)
    }

    /// The rows of a statement as DuckDB gives them and as `eval` does, which must be the same; and the same as those
    /// that Postgres gives, where it is there.
    fn rows(&self, asked: &Asked, table: &Compiled) -> Result<(Vec<RecordBatch>, Vec<RecordBatch>), String> {
        let batches = {
            let mut reader = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
            reader.run(table.statement.text()).map_err(|error| format!("{error}: {}", error.detail))?
        };
        let computed = crate::witness::computed(&table.plan, &self.tables)?;
        crate::witness::agree(&computed, &batches, "DuckDB")?;
        if let Some(postgres) = &self.postgres {
            let statement = asked
                .session
                .statement_for(&asked.checked, table, session::Dialect::Postgres)
                .map_err(|trouble| said(&trouble))?;
            let mut reader = postgres.lock().unwrap_or_else(PoisonError::into_inner);
            let batches = reader
                .run(statement.text())
                .map_err(|error| format!("Postgres: {error}: {}\n{}", error.detail, statement.text()))?;
            crate::witness::agree(&computed, &batches, "Postgres")?;
        }
        // As the engine would hand them to release.
        Ok((batches, vec![session::arrow_of(&computed)?]))
    }
}

impl Asked {
    /// What was asked through.
    pub(crate) fn session(&self) -> &Session {
        &self.session
    }

    /// What becomes of the tests of the case.
    pub(crate) fn test(&self, case: &Case) -> Result<session::Tested, String> {
        let text = case.file(spec::MAIN).map_or("", |main| main.text.as_str());
        let tested = self
            .session
            .test_text(Path::new(spec::MAIN), text, &crate::front::params(case))
            .map_err(|trouble| said(&trouble))?;
        if tested.diagnostics.iter().any(diag::Diagnostic::is_error) {
            return Err(report::pictures(&tested.diagnostics, &tested.files, false));
        }
        Ok(tested)
    }

    /// The statements of the named tables or of all; each has passed the validator.
    pub(crate) fn compile(&self, names: &[String]) -> Result<Vec<Compiled>, String> {
        if self.checked.has_errors() {
            return Err(report::pictures(&self.checked.diagnostics, &self.checked.files, false));
        }
        self.session.compile(&self.checked, names).map_err(|trouble| said(&trouble))
    }

    /// Which words of the program each part of a statement comes from.
    pub(crate) fn source_map(&self, compiled: &Compiled) -> Result<Vec<Mapped>, String> {
        self.session.source_map(&self.checked, compiled).map_err(|trouble| said(&trouble))
    }
}

fn rules(asked: &Asked, openness: Openness) -> Result<Rules, String> {
    let Some(permitted) = &asked.checked.permitted else { return Err("nothing is permitted".to_owned()) };
    let grounds = permitted.grounds();
    let level = match grounds.level {
        Level::Count => release::Level::Count,
        Level::Aggregate => release::Level::Aggregate,
        Level::Record => release::Level::Record,
    };
    let agreed = Terms {
        level,
        min_subjects: grounds.release.min_subjects,
        round_to: (grounds.release.round_to > 1).then_some(grounds.release.round_to),
        zeros: if grounds.release.zeros_shown { Zeros::Shown } else { Zeros::Withheld },
        dominance: release::Dominance {
            p: grounds.release.dominance.p.0,
            n: grounds.release.dominance.n,
            k: grounds.release.dominance.k.0,
        },
        margin: grounds.release.margin.0,
        difference: grounds.release.difference,
        frequency_min_subjects: grounds.release.frequency_min_subjects,
        allele_min_carriers: grounds.release.allele_min_carriers,
        pseudonym_key: Some(b"a key for tests".to_vec()),
    };
    let rules = match openness {
        Openness::Agreed => Rules::new(agreed),
        Openness::Open => Rules::for_tests(Terms {
            min_subjects: 1,
            round_to: None,
            zeros: Zeros::Shown,
            dominance: release::Dominance::none(grounds.release.dominance.n),
            margin: release::WHOLE,
            difference: 1,
            frequency_min_subjects: 1,
            allele_min_carriers: 1,
            ..agreed
        }),
    };
    rules.map_err(|error| error.to_string())
}

/// A project of that folder with the settings that a new one has.
fn project(root: &Path) -> Project {
    Project { root: root.to_owned(), settings: Settings::default(), declared: true }
}

/// The files of a warehouse.
struct Files(PathBuf);

impl Files {
    /// Whether the warehouse has a model of its own, and so nothing of another one.
    fn has_model(&self) -> bool {
        self.0.join(MODEL).exists()
    }

    /// A file of the folder, else of `small` beside it.
    fn join(&self, name: impl AsRef<Path>) -> PathBuf {
        let own = self.0.join(&name);
        if own.exists() || self.has_model() { own } else { self.0.with_file_name("small").join(name) }
    }
}

/// Loads every file of the folder, as a steward would.
fn fill(store: &mut DuckStore, model: &model::Model, files: &Files) -> Result<(), String> {
    let store: &mut dyn Store = store;
    load::schema::create_tables(store, model).map_err(|error| error.to_string())?;
    let mut rejects = Rejects::strict();
    for table in TABLES {
        let path = files.join(format!("{table}.csv"));
        if !path.exists() {
            continue;
        }
        let options = load::table::Options::default();
        load::table::load(store, model, table, &path, &options, &mut rejects, &Silent)
            .map_err(|error| error.to_string())?;
    }
    let consent = load::consent::Paths {
        events: Some(files.join("consent_event.csv")),
        scopes: Some(files.join("consent_scope.csv")),
        ..load::consent::Paths::default()
    };
    load::consent::load(store, model, &consent, &mut rejects, &Silent).map_err(|error| error.to_string())?;
    let terms = files.join("hp.obo");
    if terms.exists() {
        let options = load::ontology::Options::default();
        load::ontology::load(store, &terms, &options, &mut rejects, &Silent)
            .map_err(|error| error.to_string())?;
    }
    let annotation = files.join("gene_phenotype.tsv");
    if annotation.exists() {
        load::annotation::load_gene_phenotypes(store, &annotation, &mut rejects, &Silent)
            .map_err(|error| error.to_string())?;
    }
    let bed: PathBuf = files.join("second.bed");
    let first = load::vcf::VcfOptions::default();
    let second =
        load::vcf::VcfOptions { covered: load::vcf::Declared::Bed(&bed), ..load::vcf::VcfOptions::default() };
    let more = ["third.vcf", "fourth.vcf"].map(|file| (file, &first));
    for (file, options) in [("first.vcf", &first), ("second.vcf", &second)].into_iter().chain(more) {
        if !files.join(file).exists() {
            continue;
        }
        load::vcf::load(store, model, &[files.join(file)], options, &mut rejects, &Silent)
            .map_err(|error| error.to_string())?;
    }
    // Findings and releases name alleles that the call sets brought.
    let options = load::table::Options::default();
    let findings = files.join("finding.csv");
    if findings.exists() {
        load::table::load(store, model, "finding", &findings, &options, &mut rejects, &Silent)
            .map_err(|error| error.to_string())?;
    }
    for (file, release) in [
        ("gnomad.vcf", Release::Gnomad("4.1")),
        ("clinvar-2025.vcf", Release::Clinvar("2025-01-01")),
        ("clinvar-2024.vcf", Release::Clinvar("2024-01-01")),
    ] {
        if !files.join(file).exists() {
            continue;
        }
        let options = load::release::Options { release, build: None, reference: None };
        load::release::load(store, &files.join(file), options, &mut rejects, &Silent)
            .map_err(|error| error.to_string())?;
    }
    Ok(())
}

/// The lock file and its pins.
fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::copy(from.join(session::LOCK_FILE), to.join(session::LOCK_FILE))?;
    fs::create_dir_all(to.join(session::PINS))?;
    for entry in fs::read_dir(from.join(session::PINS))? {
        let entry = entry?;
        fs::copy(entry.path(), to.join(session::PINS).join(entry.file_name()))?;
    }
    Ok(())
}

/// All that a trouble says, on lines.
fn said(trouble: &Trouble) -> String {
    let mut lines: Vec<&str> =
        trouble.diagnostics.iter().map(|diagnostic| diagnostic.message.as_str()).collect();
    lines.extend(trouble.detail.as_deref());
    lines.join("\n")
}
