//! `baseq demo`: from nothing to rows, and to a refusal, in one command.
//!
//! It does what a person would do, with the same commands, and says which: source files (made by the crate
//! `demo`), `baseq load`, `baseq policy install`, `baseq schema pull`, `baseq sql`, `baseq run`. A second
//! time it finds the warehouse there and only asks.

use super::{check, load, policy, schema};
use crate::args::{self, Common, Load};
use crate::exit::{Exit, Failure, Result, usage};
use crate::out::Out;
use crate::warehouse;
use demo::{Kind, Source};
use report::Format;
use session::{Destination, LOCK_FILE, Project, SETTINGS_FILE, Session, Settings};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;

/// The folder of the source files, below the project's.
const SOURCES: &str = "sources";
/// The queries that are run.
const SHOWN: [&str; 3] = ["queries/05_hba1c.bq", "queries/08_founders.bq", "queries/06_attrition.bq"];
/// The one that is refused.
const REFUSED: &str = "queries/24_refused.bq";
/// Lines of a statement that are printed, and the step with which they begin: what is before it looks at
/// consents and is the same for every question.
const LINES: usize = 30;
const FIRST: &str = "-- people who are permitted";
/// Characters of a line that are printed.
const WIDTH: usize = 110;

pub(super) fn run(folder: &Path, common: &Common, out: Out) -> Result<Exit> {
    let inside = Common {
        color: common.color,
        // It stands in the settings that are made.
        warehouse: None,
        project: Some(folder.to_owned()),
        format: common.format,
    };
    let url = common.warehouse.as_deref();
    if folder.join(LOCK_FILE).is_file() && is_ours(folder, url) {
        out.say(&format!("the demo is in {} already", folder.display()));
    } else {
        make(folder, url, &inside, out)?;
    }
    let session = warehouse::session(&inside, None)?;
    for query in SHOWN {
        ask(&session, folder, query, &inside, out)?;
    }
    refuse(&session, folder, out)?;
    next(folder, out)
}

/// Whether the project in a folder is one that this command made, for that warehouse.
fn is_ours(folder: &Path, url: Option<&str>) -> bool {
    let settings = std::fs::read_to_string(folder.join(SETTINGS_FILE)).ok();
    demo::PROJECT.iter().any(|(path, text)| {
        *path == SETTINGS_FILE && settings.as_deref() == Some(settings_for(text, url).as_str())
    })
}

/// The settings of the demo with the address of another warehouse, where one is given.
fn settings_for(text: &str, url: Option<&str>) -> String {
    let line = |line: &str| match url {
        Some(url) if line.starts_with("url = ") => format!("url = {url:?}\n"),
        Some(_) | None => format!("{line}\n"),
    };
    text.lines().map(line).collect()
}

/// Makes project, sources and warehouse.
fn make(folder: &Path, url: Option<&str>, common: &Common, out: Out) -> Result<()> {
    if folder.join(SETTINGS_FILE).exists() && !is_ours(folder, url) {
        return Err(usage(format!(
            "{} holds a project; give the demo a folder of its own",
            folder.display()
        )));
    }
    // An address that is none, or that holds a password, is not written down.
    if let Some(url) = url {
        Project { root: folder.to_owned(), settings: Settings::default(), declared: false }
            .warehouse(Some(url))?;
    }
    let begun = Instant::now();
    for (path, text) in demo::PROJECT {
        let text = if path == SETTINGS_FILE { settings_for(text, url) } else { (*text).to_owned() };
        write(&folder.join(path), &text)?;
    }
    let sources = demo::write(&folder.join(SOURCES), demo::SEED, demo::PEOPLE)
        .map_err(|error| usage(format!("{}: {error}", folder.display())))?;
    out.say(&format!(
        "made {} people, {} samples, {} sites in {}: nobody in them exists",
        sources.people,
        sources.samples,
        sources.sites,
        folder.join(SOURCES).display()
    ));
    for source in &sources.all {
        load::run(&kind(source), None, common, out)?;
    }
    policy::run(&args::Policy::Install { key: None, new_audit_log: false }, common, out)?;
    schema::run(&args::Schema::Pull, common, out)?;
    out.say(&format!("loaded in {} seconds", begun.elapsed().as_secs()));
    Ok(())
}

fn write(path: &Path, text: &str) -> Result<()> {
    let fail = |error: std::io::Error| usage(format!("{}: {error}", path.display()));
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(fail)?;
    }
    std::fs::write(path, text).map_err(fail)
}

/// The arguments of `baseq load` for a source.
fn kind(source: &Source) -> Load {
    let paths = source.paths.clone();
    match source.kind {
        Kind::Ontology => Load::Ontology { paths, system: None, version: None, form: None, replace: false },
        Kind::Genes => Load::Genes { paths, build: Some(demo::BUILD.to_owned()), phenotypes: false },
        Kind::GenePhenotypes => Load::Genes { paths, build: None, phenotypes: true },
        Kind::Gnomad => annotation(paths, Some(demo::GNOMAD), None),
        Kind::Clinvar(day) => annotation(paths, None, Some(day)),
        Kind::Table(entity) => Load::Table { entity: entity.to_owned(), paths },
        Kind::Pedigree => Load::Pedigree { paths, samples: false },
        Kind::Phenopackets => Load::Phenopackets { paths, packet_ids: false },
        Kind::Vcf => Load::Vcf {
            paths,
            build: None,
            reference: None,
            covered: None,
            covered_everywhere: false,
            create_samples: false,
            name: Some("demo".to_owned()),
            more_copies_missing: false,
        },
        Kind::Consent => {
            let mut paths = paths.into_iter();
            Load::Consent { events: paths.next(), scopes: paths.next(), subjects: None, samples: None }
        }
    }
}

fn annotation(paths: Vec<std::path::PathBuf>, gnomad: Option<&str>, clinvar: Option<&str>) -> Load {
    let [gnomad, clinvar] = [gnomad, clinvar].map(|release| release.map(str::to_owned));
    Load::Annotation { paths, gnomad, clinvar, build: None, reference: None }
}

/// A question: its words, the beginning of its statement, its rows.
fn ask(session: &Session, folder: &Path, query: &str, common: &Common, out: Out) -> Result<()> {
    let path = folder.join(query);
    let checked = session.check(&path, &BTreeMap::new())?;
    out.line(&format!("\n{}", question(query)))?;
    out.diagnostics(&checked.diagnostics, &checked.files, check::look(out));
    if checked.has_errors() {
        return Err(Failure::Said(check::errors_of(&checked), format!("{} has errors", path.display())));
    }
    for table in session.compile(&checked, &[])? {
        let lines: Vec<&str> = table.statement.text().lines().collect();
        let first = lines.iter().position(|line| *line == FIRST).unwrap_or(0);
        out.line("")?;
        if first > 0 {
            out.line(&format!("    … {first} lines that ask every consent whether it covers this question"))?;
        }
        for line in lines.iter().skip(first).take(LINES) {
            out.line(&format!("    {}", clipped(line)))?;
        }
        let left = lines.len().saturating_sub(first + LINES);
        if left > 0 {
            out.line(&format!("    … {left} more lines: baseq sql {}", path.display()))?;
        }
    }
    let mut reader = warehouse::reader(session.project(), common)?;
    let render = |name: &str, released: &session::Released| {
        report::render(released, Format::Table).map_err(|error| {
            session::Trouble::internal(&format!("`{name}` cannot be written as a table"), error.to_string())
        })
    };
    let to = Destination { format: Format::Table.word(), path: "-", render: &render };
    for answer in session.run(&checked, &[], &mut reader, to)? {
        out.line("")?;
        out.result(&answer.bytes)?;
    }
    Ok(())
}

/// A line no longer than a terminal is wide.
fn clipped(line: &str) -> String {
    if line.chars().count() <= WIDTH {
        return line.to_owned();
    }
    line.chars().take(WIDTH).chain(['…']).collect()
}

/// The question that the policy refuses, and why.
fn refuse(session: &Session, folder: &Path, out: Out) -> Result<()> {
    let checked = session.check(&folder.join(REFUSED), &BTreeMap::new())?;
    out.line(&format!("\n{}\n", question(REFUSED)))?;
    out.diagnostics(&checked.diagnostics, &checked.files, check::look(out));
    if checked.only_refused() {
        return Ok(());
    }
    let message = format!("{REFUSED} should have been refused by the policy, and by nothing else");
    Err(Failure::Said(Exit::Internal, message))
}

/// What a query asks: the doc comment that it opens with.
fn question(query: &str) -> String {
    let text = demo::PROJECT.iter().find(|(path, _)| *path == query).map_or("", |(_, text)| *text);
    let lines = text.lines().map_while(|line| line.strip_prefix("--| "));
    lines.collect::<Vec<_>>().join("\n")
}

/// What to type next.
fn next(folder: &Path, out: Out) -> Result<Exit> {
    let folder = folder.display();
    out.line(&format!(
        "\nNext:\n  cd {folder}\n  baseq run queries/04_three_states.bq      what is known, what is excluded, what nobody asked\n  \
         baseq check --explain-policy queries      who may be read, and which line of the policy says so\n  \
         baseq audit show                          what was asked just now\n  \
         baseq schema show                         what else can be asked about"
    ))?;
    Ok(Exit::Done)
}
