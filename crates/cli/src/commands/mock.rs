//! `baseq mock`: people who pass and people who just miss each rule of a program, on the terminal, as files, or
//! in a warehouse of their own.
//!
//! Nothing that exists is written over. With `--to` they get a project of their own, with its own lock file and
//! its own audit log, so that nothing that is asked of them is taken for something that was asked of people.

use super::check::look;
use super::{in_force, policy, schema as schema_command};
use crate::args::{self, Common, ParamArguments};
use crate::exit::{Exit, Failure, Result, usage};
use crate::out::Out;
use crate::warehouse;
use clap::Args;
use load::source::{Rejects, Silent};
use load::{consent, ontology, schema, table};
use session::{Made, MockOptions, Mocked, Session};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The folder of the files, below the project's.
const SOURCES: &str = "sources";
/// How many near misses of a rule are told.
const TOLD: usize = 5;

#[derive(Debug, Args)]
pub(crate) struct Mock {
    /// The program.
    file: PathBuf,
    /// How many people at least; those at the bounds of every rule come first.
    #[arg(long, value_name = "N", default_value_t = 500)]
    people: usize,
    /// Another number gives other people beside those at the bounds; the same gives the same.
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Make a project in FOLDER, which must not be there: the files, a warehouse loaded from them, the program.
    #[arg(long, value_name = "FOLDER")]
    to: Option<PathBuf>,
    /// Make only a warehouse: a new DuckDB file.
    #[arg(long, value_name = "FILE.duckdb", conflicts_with = "to")]
    into: Option<PathBuf>,
    #[command(flatten)]
    params: ParamArguments,
}

pub(super) fn run(mock: &Mock, common: &Common, out: Out) -> Result<Exit> {
    for path in mock.to.iter().chain(&mock.into) {
        let empty = path.is_dir() && path.read_dir().is_ok_and(|mut entries| entries.next().is_none());
        if path.exists() && !empty {
            return Err(usage(format!("{} is there already, and nothing was written", path.display())));
        }
    }
    let session = warehouse::session(common, Some(&mock.file))?;
    let options = MockOptions { people: mock.people, seed: mock.seed };
    let mocked = session.mock(&mock.file, &in_force(&mock.params)?, options)?;
    out.diagnostics(&mocked.diagnostics, &mocked.files, look(out));
    let Some(made) = &mocked.made else { return Ok(Exit::Diagnostics) };
    tell(made, out)?;
    match (&mock.to, &mock.into) {
        (Some(folder), _) => project(&mocked, made, folder, common, out)?,
        (None, Some(file)) => {
            let sources = tempfile(file)?;
            let written = write(&mocked, made, &sources)
                .and_then(|()| load_into(&session, file, &mocked, made, &sources));
            // What is left of a failure is as useless as the files of a success.
            let _ = std::fs::remove_dir_all(&sources);
            written?;
            out.say(&format!(
                "made {}; next:\n  baseq policy install --warehouse duckdb:{0}\n  baseq schema pull --warehouse duckdb:{0}",
                file.display()
            ));
        }
        (None, None) => {
            out.say(&format!(
                "nothing was written; `baseq mock {} --to mock` makes a project in which the program can be run",
                mock.file.display()
            ));
        }
    }
    Ok(Exit::Done)
}

/// Who was made, rule by rule.
fn tell(made: &Made, out: Out) -> Result<()> {
    if out.json {
        let people: Vec<_> = made
            .people
            .iter()
            .map(|person| {
                let missed = person.missed.as_ref();
                serde_json::json!({
                    "key": person.key, "of": person.item, "note": person.note,
                    "misses": missed.map(|(_, rule)| rule), "rule": missed.map(|(number, _)| number),
                })
            })
            .collect();
        return out.json(&people.into());
    }
    let mut items: Vec<&str> = Vec::new();
    for person in &made.people {
        if !items.contains(&person.item.as_str()) {
            items.push(&person.item);
        }
    }
    for item in items {
        let of_item = || made.people.iter().filter(|person| person.item == item);
        let pass = of_item().filter(|person| person.missed.is_none()).count();
        out.line(&format!("{item}: {pass} pass every rule"))?;
        let mut missed: BTreeMap<(usize, &str), Vec<&session::Person>> = BTreeMap::new();
        for person in of_item() {
            if let Some((number, rule)) = &person.missed {
                missed.entry((*number, rule)).or_default().push(person);
            }
        }
        for ((_, rule), people) in missed {
            out.line(&format!("  {rule}: {} just miss it", people.len()))?;
            let mut notes: Vec<&str> = Vec::new();
            for person in people {
                if !person.note.is_empty() && !notes.contains(&person.note.as_str()) && notes.len() < TOLD {
                    notes.push(&person.note);
                    out.line(&format!("    {}: {}", person.key, person.note))?;
                }
            }
        }
    }
    out.say(&format!("{} people were made; nobody of them exists", made.people.len()));
    Ok(())
}

/// A project of their own.
fn project(mocked: &Mocked, made: &Made, folder: &Path, common: &Common, out: Out) -> Result<()> {
    for (path, text) in &mocked.project {
        text_file(&folder.join(path), text.as_bytes())?;
    }
    let sources = folder.join(SOURCES);
    write(mocked, made, &sources)?;
    let inside = Common {
        color: common.color,
        warehouse: None,
        project: Some(folder.to_owned()),
        format: common.format,
    };
    let session = warehouse::session(&inside, None)?;
    load_into(&session, &folder.join("mock.duckdb"), mocked, made, &sources)?;
    let program = mocked.program.display();
    if !mocked.project.iter().any(|(path, _)| path.starts_with("policy")) {
        out.say(&format!(
            "made {0}, without a policy; write one in {0}/policy, then:\n  cd {0}\n  baseq policy install && baseq schema pull\n  baseq run {program}",
            folder.display()
        ));
        return Ok(());
    }
    let quiet = Out { quiet: true, ..out };
    policy::run(&args::Policy::Install { key: None, new_audit_log: false }, &inside, quiet)?;
    schema_command::pulled(&inside)?;
    out.say(&format!("made {0}; next:\n  cd {0}\n  baseq run {program}", folder.display()));
    Ok(())
}

/// The files that a loader takes.
fn write(mocked: &Mocked, made: &Made, sources: &Path) -> Result<()> {
    for (name, text) in &mocked.ontologies {
        text_file(&sources.join(name), text.as_bytes())?;
    }
    for table in made.tables.iter().filter(|table| !table.rows.is_empty()) {
        text_file(&sources.join(file_of(table)), &session::csv_of(table)?)?;
    }
    Ok(())
}

/// The file of a table: that of an entity has its name.
fn file_of(table: &session::Table) -> String {
    format!("{}.csv", table.entity.as_ref().unwrap_or(&table.name))
}

fn text_file(path: &Path, bytes: &[u8]) -> Result<()> {
    let fail = |error: std::io::Error| usage(format!("{}: {error}", path.display()));
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(fail)?;
    }
    std::fs::write(path, bytes).map_err(fail)
}

/// A folder beside a file, for as long as it is made.
fn tempfile(file: &Path) -> Result<PathBuf> {
    let mut name = file.file_name().map(std::ffi::OsStr::to_owned).unwrap_or_default();
    name.push(format!(".{}.sources", std::process::id()));
    let folder = file.with_file_name(name);
    std::fs::create_dir_all(&folder).map_err(|error| usage(format!("{}: {error}", folder.display())))?;
    Ok(folder)
}

/// A new warehouse from the files, by the loaders of `baseq load`.
fn load_into(session: &Session, file: &Path, mocked: &Mocked, made: &Made, sources: &Path) -> Result<()> {
    let failed = |error: engine::Error| Failure::Said(Exit::Unavailable, error.message);
    let mut store = engine_duckdb::open_store(file).map_err(failed)?;
    let model = session.model();
    schema::create_tables(&mut store, model)?;
    let mut rejects = Rejects::strict();
    let silent = &Silent;
    for (name, _) in &mocked.ontologies {
        ontology::load(&mut store, &sources.join(name), &ontology::Options::default(), &mut rejects, silent)?;
    }
    for table in made.tables.iter().filter(|table| !table.rows.is_empty()) {
        let Some(entity) = &table.entity else { continue };
        let path = sources.join(file_of(table));
        table::load(&mut store, model, entity, &path, &table::Options::default(), &mut rejects, silent)?;
    }
    let paths = consent::Paths {
        events: Some(sources.join("consent_event.csv")),
        scopes: Some(sources.join("consent_scope.csv")),
        ..consent::Paths::default()
    };
    if made.tables.iter().any(|table| table.name == "consent_event" && !table.rows.is_empty()) {
        consent::load(&mut store, model, &paths, &mut rejects, silent)?;
    }
    Ok(())
}
