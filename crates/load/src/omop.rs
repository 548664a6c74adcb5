//! A folder of OMOP CDM tables: the events of people, and the vocabularies that say what they are.
//!
//! The tables of the model are read from files of their names (`PERSON.csv`, `person.csv.gz`; commas or
//! tabs, as the vocabularies are distributed). Columns of the specification that the model leaves out are
//! passed over; columns of the model that the specification lacks are made from those that it has: a code
//! from the number of a concept, a unit from the concept of a unit, a birthday from year, month and day.
//!
//! Concepts of SNOMED, LOINC, RxNorm and CVX become code systems of the warehouse, with the descendants
//! that `CONCEPT_ANCESTOR` states within each of them. What stands above a code of another vocabulary, as
//! classes of drugs do, is not carried over.
//!
//! The folder is one source: it is loaded whole or not at all.

mod rows;
mod vocabulary;

use crate::input;
use crate::source::{LoadError, Progress, Rejects, Report, Source, Written, hash_all, hash_file, transact};
use crate::stage::{Arrival, Stage, TableSpec};
use engine::Store;
use model::Model;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use vocabulary::Concepts;

/// The tables of people's events that are read, whoever is named before who names.
const TABLES: [&str; 9] = [
    "person",
    "observation_period",
    "visit_occurrence",
    "condition_occurrence",
    "drug_exposure",
    "procedure_occurrence",
    "measurement",
    "observation",
    "death",
];

/// What a folder leaves open.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Whether releases of the code systems that are in the warehouse may be replaced.
    pub replace: bool,
}

/// Loads the tables of a folder.
///
/// # Errors
/// The model is not that of OMOP; the folder has no `PERSON` or no `CONCEPT`; a table lacks a column that
/// may not be null; refused records.
pub fn load(
    store: &mut dyn Store,
    model: &Model,
    folder: &Path,
    options: Options,
    rejects: &mut Rejects,
    progress: &dyn Progress,
) -> Result<Report, LoadError> {
    for table in TABLES.iter().chain(&["concept", "concept_ancestor"]) {
        if model.entities.iter().all(|entity| entity.name != *table) {
            return Err(LoadError::file(
                folder,
                format!("the model {} has no entity {table}, so this folder has no place in it", model.name),
            )
            .with_help("write `model = \"omop\"` in baseq.toml"));
        }
    }
    let files = files(folder)?;
    for needed in ["person", "concept"] {
        if !files.contains_key(needed) {
            return Err(LoadError::file(folder, format!("there is no table {needed} in this folder")));
        }
    }
    let hashes = files
        .iter()
        .map(|(table, path)| Ok(format!("{table}:{}", hash_file(path)?)))
        .collect::<Result<Vec<_>, LoadError>>()?;
    let source = Source {
        kind: "omop",
        name: folder
            .file_name()
            .map_or_else(|| folder.display().to_string(), |name| name.to_string_lossy().into_owned()),
        path: folder.to_owned(),
        hash: hash_all(hashes.iter().map(String::as_str)),
    };
    transact(store, &source, rejects, |store, rejects| {
        let running =
            input::start(progress, &source.name, files.values().map(|path| input::size(path)).sum());
        let mut concepts = Concepts::read(&files, progress)?;
        let mut notes = Vec::new();
        let mut rows = concepts.write(store, folder, &source.hash, options.replace, &mut notes)?;
        let mut specs = Vec::new();
        for table in TABLES {
            specs.push((TableSpec::of(model, table)?, Arrival::New));
        }
        for table in ["concept", "concept_ancestor"] {
            specs.push((TableSpec::of(model, table)?, Arrival::New));
        }
        let keeps = rejects.keeps();
        let mut stage = Stage::open(store, folder, keeps, specs)?;
        let deaths = rows::deaths(&files, progress)?;
        for (number, table) in TABLES.iter().enumerate() {
            let Some(path) = files.get(*table) else {
                notes.push(format!("the folder has no {table}"));
                continue;
            };
            let reading = rows::Reading { table, number, path, concepts: &concepts, deaths: &deaths };
            notes.extend(reading.run(&mut stage, rejects, progress)?);
        }
        let numbers = (TABLES.len(), TABLES.len() + 1);
        concepts.stage(&mut stage, numbers, &files, rejects)?;
        drop(running);
        let settled = stage.settle(rejects)?;
        rows += settled.total();
        notes.extend(settled.notes);
        Ok(Written { rows, notes })
    })
}

/// The files of a folder by the table that they hold, in lower case.
fn files(folder: &Path) -> Result<BTreeMap<String, PathBuf>, LoadError> {
    let mut found: BTreeMap<String, PathBuf> = BTreeMap::new();
    let entries = std::fs::read_dir(folder).map_err(|error| LoadError::io(folder, &error))?;
    for entry in entries {
        let path = entry.map_err(|error| LoadError::io(folder, &error))?.path();
        let Some(name) = path.file_name().map(|name| name.to_string_lossy().to_lowercase()) else { continue };
        let bare = name.strip_suffix(".gz").or_else(|| name.strip_suffix(".xz")).unwrap_or(&name);
        let Some(table) = bare.strip_suffix(".csv").or_else(|| bare.strip_suffix(".tsv")) else { continue };
        let ours = TABLES.contains(&table) || vocabulary::TABLES.contains(&table);
        if !ours {
            continue;
        }
        if let Some(other) = found.insert(table.to_owned(), path.clone()) {
            let reason = format!("{} holds the table {table} too", other.display());
            return Err(LoadError::file(&path, reason));
        }
    }
    Ok(found)
}
