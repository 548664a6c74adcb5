//! Ontologies and classifications in the warehouse: terms, synonyms, parents, and who descends from whom.
//!
//! The tables are public and the same for every model; no query can name them. A release is loaded
//! whole; another release of the same system takes its place only when that is asked for, because it
//! changes what codes mean. [`fetch`] gives a release back as it was read, for the lock file and for
//! matching consent.

mod fetch;

pub use fetch::{fetch, systems};

use crate::input;
use crate::schema::literal;
use crate::source::{LoadError, Progress, Rejects, Report, Source, Written, transact};
use arrow::array::{ArrayRef, BooleanArray, RecordBatch, StringArray};
use engine::Store;
use model::ontology::classification::{Classification, System};
use model::ontology::rows::OpenTerm;
use model::ontology::{Ontology, OntologyError, Scope, Synonym, obo, owl, rows};
use std::path::Path;
use std::sync::Arc;

/// The table of releases: `system, version, source_hash`. The system is the prefix of the ids.
pub const ONTOLOGY: &str = "ontology";
/// The table of terms: `system, id, label, obsolete, replaced_by, consider`; ids are CURIEs, lists are
/// joined by `;`.
pub const TERM: &str = "ontology_term";
/// The table of other names: `system, id, synonym, scope`.
pub const SYNONYM: &str = "ontology_synonym";
/// The table of direct parents: `system, id, parent`.
pub const PARENT: &str = "ontology_parent";
/// The table of the closure, every term with itself: `system, ancestor, descendant`. Classifications
/// have no rows in it: their hierarchy is the spelling of their codes.
pub const CLOSURE: &str = "ontology_closure";
/// The table of old ids, alternative or obsolete with one replacement: `system, id, term, alternative`.
pub const SUCCESSOR: &str = "ontology_successor";

/// The statements that create the tables.
pub(crate) const TABLES: [&str; 6] = [
    "create table if not exists ontology (system VARCHAR not null, version VARCHAR not null, source_hash VARCHAR not null)",
    "create table if not exists ontology_term (system VARCHAR not null, id VARCHAR not null, label VARCHAR not null, \
     obsolete BOOLEAN not null, replaced_by VARCHAR, consider VARCHAR)",
    "create table if not exists ontology_synonym (system VARCHAR not null, id VARCHAR not null, synonym VARCHAR not null, \
     scope VARCHAR not null)",
    "create table if not exists ontology_parent (system VARCHAR not null, id VARCHAR not null, parent VARCHAR not null)",
    "create table if not exists ontology_closure (system VARCHAR not null, ancestor VARCHAR not null, descendant VARCHAR not null)",
    "create table if not exists ontology_successor (system VARCHAR not null, id VARCHAR not null, term VARCHAR not null, \
     alternative BOOLEAN not null)",
];

/// Rows handed to the engine at once.
const PIECE: usize = 65_536;

/// How an ontology is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// OBO 1.2 or 1.4.
    Obo,
    /// OWL in RDF/XML.
    Owl,
    /// CSV with the columns `id` and `label`, perhaps `shorthand`, in any order; no hierarchy.
    Csv,
    /// The table of ICD-10-CM codes without header: category, rest, code, short label, label, label of
    /// the category.
    Icd10cm,
}

/// What the text of an ontology leaves open.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// By default told from the name: `.obo`, `.owl`, `.csv`, with or without `.gz`.
    pub format: Option<Format>,
    /// The prefix of the ids. By default OBO's most frequent one; for OWL and CSV the file name up to
    /// its first `-` or `.`, in capitals.
    pub system: Option<String>,
    /// The release, where the text does not state it.
    pub version: Option<String>,
    /// Whether another release of the same system may be replaced.
    pub replace: bool,
}

/// Creates the tables that are missing.
pub fn create_tables(store: &mut dyn Store) -> engine::Result<()> {
    TABLES.iter().try_for_each(|table| store.execute(table))
}

/// Loads one release from one file.
///
/// # Errors
/// The text is no ontology (with its line), states no version and none was given, or the system is
/// there in another release and `replace` was not asked for.
pub fn load(
    store: &mut dyn Store,
    path: &Path,
    options: &Options,
    rejects: &mut Rejects,
    progress: &dyn Progress,
) -> Result<Report, LoadError> {
    let fail = |error| LoadError::engine(path, error);
    create_tables(store).map_err(fail)?;
    let source = Source::file("ontology", path)?;
    transact(store, &source, rejects, |store, _| {
        let running = input::start(progress, &source.name, input::size(path));
        let release = read(path, options, progress)?;
        drop(running);
        let mut notes = Vec::new();
        let rows = match &release {
            Release::Ontology(ontology) => {
                put(store, path, ontology, &source.hash, options.replace, &mut notes)?
            }
            Release::Classification(codes) => {
                let system = codes.system.prefix();
                announce(store, path, [system, &codes.version, &source.hash], options.replace, &mut notes)?;
                write_codes(store, path, codes)?
            }
        };
        Ok(Written { rows, notes })
    })
}

/// Writes a release, inside the transaction of its source.
pub(crate) fn put(
    store: &mut dyn Store,
    path: &Path,
    ontology: &Ontology,
    hash: &str,
    replace: bool,
    notes: &mut Vec<String>,
) -> Result<u64, LoadError> {
    announce(store, path, [&ontology.prefix, &ontology.version, hash], replace, notes)?;
    write(store, path, ontology)
}

/// Enters system, version and hash of a release, and clears away the one before, where that is allowed.
fn announce(
    store: &mut dyn Store,
    path: &Path,
    [system, version, hash]: [&str; 3],
    replace: bool,
    notes: &mut Vec<String>,
) -> Result<(), LoadError> {
    let fail = |error| LoadError::engine(path, error);
    let there = systems(store).map_err(fail)?;
    notes.push(format!("{system} {version}"));
    if let Some((_, old)) = there.iter().find(|(other, _)| other == system) {
        if !replace {
            let reason =
                format!("{system} {old} is already in the warehouse, and this is {system} {version}");
            let help =
                "another release changes what codes mean; replace it only on purpose, with `--replace`";
            return Err(LoadError::file(path, reason).with_help(help));
        }
        notes.push(format!("{system} {old} was replaced"));
        for table in [ONTOLOGY, TERM, SYNONYM, PARENT, CLOSURE, SUCCESSOR] {
            store
                .execute(&format!("delete from {table} where system = {}", literal(system)))
                .map_err(fail)?;
        }
    }
    let values = [system, version, hash].map(literal).join(", ");
    store.execute(&format!("insert into {ONTOLOGY} values ({values})")).map_err(fail)
}

enum Release {
    Ontology(Ontology),
    Classification(Classification),
}

fn read(path: &Path, options: &Options, progress: &dyn Progress) -> Result<Release, LoadError> {
    let text = input::text(path, progress)?;
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let bare = name.strip_suffix(".gz").unwrap_or(&name);
    let format = match options.format {
        Some(format) => format,
        None => match bare.rsplit_once('.').map(|(_, extension)| extension) {
            Some("obo") => Format::Obo,
            Some("owl") => Format::Owl,
            Some("csv") => Format::Csv,
            _ => {
                return Err(LoadError::file(
                    path,
                    "the name ends in none of .obo, .owl, .csv, so its format must be given",
                ));
            }
        },
    };
    let guessed = || bare.split(['-', '.']).next().unwrap_or_default().to_ascii_uppercase();
    let system = options.system.clone();
    let version = options.version.as_deref();
    let fail = |error: OntologyError| match error.line {
        0 => LoadError::file(path, error.reason),
        line => LoadError::line(path, line, error.reason),
    };
    match format {
        Format::Obo => obo::read(&text, version).map(Release::Ontology).map_err(fail),
        Format::Owl => {
            owl::read(&text, &system.unwrap_or_else(guessed), version).map(Release::Ontology).map_err(fail)
        }
        Format::Csv => {
            let terms = csv_terms(path, &text)?;
            let Some(version) = version else { return Err(no_version(path)) };
            let system = system.unwrap_or_else(guessed);
            rows::read(&system, version, terms).map(Release::Ontology).map_err(fail)
        }
        Format::Icd10cm => {
            let Some(version) = version else { return Err(no_version(path)) };
            let codes = icd10cm_codes(path, &text)?;
            Classification::read(System::Icd10cm, version, codes).map(Release::Classification).map_err(fail)
        }
    }
}

fn no_version(path: &Path) -> LoadError {
    LoadError::file(path, "a table states no version of its release, and none was given")
}

/// The terms of a table with a header.
fn csv_terms(path: &Path, text: &str) -> Result<Vec<OpenTerm>, LoadError> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let bad = |error: &csv::Error| crate::table::csv_error(path, error);
    let header = reader.headers().map_err(|error| bad(&error))?.clone();
    let column = |name: &str| header.iter().position(|other| other.trim() == name);
    let (Some(id), Some(label)) = (column("id"), column("label")) else {
        return Err(LoadError::line(path, 1, "the header has not both columns `id` and `label`"));
    };
    let shorthand = column("shorthand");
    let mut terms = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| bad(&error))?;
        let cell = |at: usize| record.get(at).unwrap_or_default().to_owned();
        let short = shorthand.map(cell).filter(|text| !text.is_empty());
        terms.push(OpenTerm {
            line: record.position().map_or(0, csv::Position::line),
            id: cell(id),
            label: cell(label),
            synonyms: short.map(|text| Synonym { text, scope: Scope::Exact }).into_iter().collect(),
            ..OpenTerm::default()
        });
    }
    Ok(terms)
}

/// Line, code and label of each code, and of each category that is not itself a code.
fn icd10cm_codes(path: &Path, text: &str) -> Result<Vec<(u64, String, String)>, LoadError> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    let mut codes = std::collections::BTreeMap::new();
    let mut categories = std::collections::BTreeMap::new();
    for record in reader.records() {
        let record = record.map_err(|error| crate::table::csv_error(path, &error))?;
        let line = record.position().map_or(0, csv::Position::line);
        let cell = |at: usize| record.get(at).unwrap_or_default().trim().to_owned();
        if record.len() != 6 {
            return Err(LoadError::line(path, line, format!("{} columns, expected 6", record.len())));
        }
        if codes.insert(cell(2), (line, cell(4))).is_some() {
            return Err(LoadError::line(path, line, format!("the code {} is there twice", cell(2))));
        }
        categories.entry(cell(0)).or_insert((line, cell(5)));
    }
    for (category, label) in categories {
        codes.entry(category).or_insert(label);
    }
    Ok(codes.into_iter().map(|(code, (line, label))| (line, code, label)).collect())
}

fn write(store: &mut dyn Store, path: &Path, ontology: &Ontology) -> Result<u64, LoadError> {
    let system = ontology.prefix.as_str();
    let id = |term| ontology.term(term).id.as_str();
    let joined = |ids: &[String]| (!ids.is_empty()).then(|| ids.join(";"));
    let mut rows = 0;
    for terms in ontology.terms().chunks(PIECE) {
        let columns: Vec<ArrayRef> = vec![
            texts(terms.iter().map(|_| Some(system))),
            texts(terms.iter().map(|term| Some(term.id.as_str()))),
            texts(terms.iter().map(|term| Some(term.label.as_str()))),
            truths(terms.iter().map(|term| term.obsolete)),
            texts(terms.iter().map(|term| joined(&term.replaced_by))),
            texts(terms.iter().map(|term| joined(&term.consider))),
        ];
        rows += append(
            store,
            path,
            TERM,
            &["system", "id", "label", "obsolete", "replaced_by", "consider"],
            columns,
        )?;
    }
    let synonyms: Vec<(&str, &Synonym)> = ontology
        .terms()
        .iter()
        .flat_map(|term| term.synonyms.iter().map(|s| (term.id.as_str(), s)))
        .collect();
    for piece in synonyms.chunks(PIECE) {
        let columns = vec![
            texts(piece.iter().map(|_| Some(system))),
            texts(piece.iter().map(|(id, _)| Some(*id))),
            texts(piece.iter().map(|(_, synonym)| Some(synonym.text.as_str()))),
            texts(piece.iter().map(|(_, synonym)| Some(synonym.scope.word()))),
        ];
        rows += append(store, path, SYNONYM, &["system", "id", "synonym", "scope"], columns)?;
    }
    let parents: Vec<(&str, &str)> = ontology
        .terms()
        .iter()
        .flat_map(|term| term.parents.iter().map(|parent| (term.id.as_str(), id(*parent))))
        .collect();
    rows += pairs(store, path, PARENT, ["system", "id", "parent"], system, &parents)?;
    let closure: Vec<(&str, &str)> = ontology
        .ids()
        .flat_map(|term| {
            ontology.descendants_or_self(term).into_iter().map(move |below| (id(term), id(below)))
        })
        .collect();
    rows += pairs(store, path, CLOSURE, ["system", "ancestor", "descendant"], system, &closure)?;
    let successors = ontology.successors();
    let columns: Vec<ArrayRef> = vec![
        texts(successors.iter().map(|_| Some(system))),
        texts(successors.iter().map(|(old, _)| Some(*old))),
        texts(successors.iter().map(|(_, term)| Some(id(*term)))),
        truths(successors.iter().map(|(old, _)| ontology.find(old).is_none())),
    ];
    rows += append(store, path, SUCCESSOR, &["system", "id", "term", "alternative"], columns)?;
    Ok(rows)
}

fn write_codes(store: &mut dyn Store, path: &Path, codes: &Classification) -> Result<u64, LoadError> {
    let mut rows = 0;
    for piece in codes.codes().chunks(PIECE) {
        let none = || texts(piece.iter().map(|_| None::<&str>));
        let columns: Vec<ArrayRef> = vec![
            texts(piece.iter().map(|_| Some(codes.system.prefix()))),
            texts(piece.iter().map(|(code, _)| Some(code.as_str()))),
            texts(piece.iter().map(|(_, label)| Some(label.as_str()))),
            truths(piece.iter().map(|_| false)),
            none(),
            none(),
        ];
        rows += append(
            store,
            path,
            TERM,
            &["system", "id", "label", "obsolete", "replaced_by", "consider"],
            columns,
        )?;
    }
    Ok(rows)
}

fn pairs(
    store: &mut dyn Store,
    path: &Path,
    table: &str,
    names: [&str; 3],
    system: &str,
    all: &[(&str, &str)],
) -> Result<u64, LoadError> {
    let mut rows = 0;
    for piece in all.chunks(PIECE) {
        let columns = vec![
            texts(piece.iter().map(|_| Some(system))),
            texts(piece.iter().map(|(first, _)| Some(*first))),
            texts(piece.iter().map(|(_, second)| Some(*second))),
        ];
        rows += append(store, path, table, &names, columns)?;
    }
    Ok(rows)
}

fn append(
    store: &mut dyn Store,
    path: &Path,
    table: &str,
    names: &[&str],
    columns: Vec<ArrayRef>,
) -> Result<u64, LoadError> {
    let cells = names.iter().zip(columns).map(|(name, column)| (*name, column, true));
    let batch = RecordBatch::try_from_iter_with_nullable(cells)
        .map_err(|error| LoadError::file(path, format!("rows for {table} do not fit: {error}")))?;
    let rows = batch.num_rows() as u64;
    store.append(table, batch).map_err(|error| LoadError::engine(path, error))?;
    Ok(rows)
}

fn texts<T: AsRef<str>>(values: impl Iterator<Item = Option<T>>) -> ArrayRef {
    Arc::new(values.collect::<StringArray>())
}

fn truths(values: impl Iterator<Item = bool>) -> ArrayRef {
    Arc::new(values.map(Some).collect::<BooleanArray>())
}
