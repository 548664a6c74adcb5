//! Beacon v2 collections (GA4GH): individuals, biosamples, runs, analyses, and of datasets the terms of
//! use; JSON arrays or one object per line, plain or packed.
//!
//! An object is a record. It is read by itself, so memory does not grow with the file. Runs and
//! analyses name biosamples, biosamples name individuals: load them in that order. What becomes of each
//! is written in `rows`.

mod object;
mod rows;

use crate::input;
use crate::json;
use crate::source::{LoadError, Progress, Rejects, Report, Source, Written, hash_all, transact};
use crate::stage::{Arrival, ColumnSpec, Place, Stage, TableSpec};
use engine::Store;
use model::{ColumnType, Model};
use std::path::Path;

/// The table of the terms under which a dataset may be used: `dataset_id, term`, a DUO id each.
pub const DATASET_USE: &str = "dataset_use";

/// What the objects of a file are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Collection {
    /// People with diseases, features, measures, procedures.
    Individuals,
    /// Samples of individuals.
    Biosamples,
    /// Sequencing runs of biosamples.
    Runs,
    /// Runs of a pipeline.
    Analyses,
    /// Only the terms of use are loaded.
    Datasets,
}

/// What to make of a collection.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Whether a value that contradicts the warehouse is left out and counted, rather than refused with
    /// its record. For sources that are known to be the poorer one.
    pub keep_known: bool,
}

impl Collection {
    /// The collection by the name that Beacon files have: `individuals`, `runs` ...
    pub fn of(name: &str) -> Option<Collection> {
        [
            Collection::Individuals,
            Collection::Biosamples,
            Collection::Runs,
            Collection::Analyses,
            Collection::Datasets,
        ]
        .into_iter()
        .find(|collection| collection.name() == name)
    }

    /// The name that Beacon files have.
    pub fn name(self) -> &'static str {
        match self {
            Collection::Individuals => "individuals",
            Collection::Biosamples => "biosamples",
            Collection::Runs => "runs",
            Collection::Analyses => "analyses",
            Collection::Datasets => "datasets",
        }
    }
}

/// Loads one file.
///
/// # Errors
/// Text that is not JSON; refused records: fields of another shape, codes of other systems than the
/// model's, samples and people that do not exist, malformed DUO ids.
pub fn load(
    store: &mut dyn Store,
    model: &Model,
    collection: Collection,
    path: &Path,
    options: Options,
    rejects: &mut Rejects,
    progress: &dyn Progress,
) -> Result<Report, LoadError> {
    let mut source = Source::file("beacon", path)?;
    source.hash = hash_all([source.hash.as_str(), collection.name()]);
    store
        .execute(&format!(
            "create table if not exists {DATASET_USE} (dataset_id VARCHAR not null, term VARCHAR not null)"
        ))
        .map_err(|error| LoadError::engine(path, error))?;
    transact(store, &source, rejects, |store, rejects| {
        let running = input::start(progress, &source.name, input::size(path));
        let merge = if options.keep_known { Arrival::Fill } else { Arrival::Merge };
        let tables = match collection {
            Collection::Individuals => rows::individual_tables(model, merge)?,
            Collection::Biosamples => vec![(TableSpec::of(model, "sample")?, merge)],
            Collection::Runs => vec![(TableSpec::of(model, "run")?, Arrival::New)],
            Collection::Analyses => vec![(TableSpec::of(model, "analysis")?, Arrival::New)],
            Collection::Datasets => vec![(dataset_spec(), Arrival::New)],
        };
        let keeps = rejects.keeps();
        let mut stage = Stage::open(store, path, keeps, tables)?;
        let mut told = rows::Told::default();
        let writer = rows::Writer::new(model);
        json::objects(path, input::open(path, progress)?, &mut |line, text| {
            let made = match collection {
                Collection::Individuals => read(line, text)
                    .and_then(|(_, object)| writer.individual(&object, &mut told).map_err(|why| (line, why))),
                Collection::Biosamples => read(line, text)
                    .and_then(|(_, object)| rows::biosample(&object).map_err(|why| (line, why))),
                Collection::Runs => {
                    read(line, text).and_then(|(_, object)| rows::run(&object).map_err(|why| (line, why)))
                }
                Collection::Analyses => read(line, text)
                    .and_then(|(_, object)| rows::analysis(&object).map_err(|why| (line, why))),
                Collection::Datasets => read(line, text).map(|(_, object)| rows::dataset(&object)),
            };
            let one_line = || String::from_utf8_lossy(text).split_whitespace().collect::<Vec<_>>().join(" ");
            let shown = if keeps { one_line() } else { String::new() };
            match made {
                Ok(rows) => stage.put_or_refuse(rejects, Place { file: path, line }, &shown, rows),
                Err((line, reason)) => rejects.refuse(path, line, &reason, shown.as_bytes()),
            }
        })?;
        drop(running);
        let settled = stage.settle(rejects)?;
        let mut notes = settled.notes.clone();
        notes.extend(told.notes());
        Ok(Written { rows: settled.total(), notes })
    })
}

/// An object of a shape, or the line and reason of its first fault.
fn read<'t, T: serde::Deserialize<'t>>(line: u64, text: &'t [u8]) -> Result<(u64, T), (u64, String)> {
    match serde_json::from_slice(text) {
        Ok(object) => Ok((line, object)),
        Err(error) => Err((line + (error.line() as u64).saturating_sub(1), error.to_string())),
    }
}

fn dataset_spec() -> TableSpec {
    TableSpec {
        table: DATASET_USE.into(),
        key: vec!["dataset_id".into(), "term".into()],
        columns: vec![
            ColumnSpec::of("dataset_id", ColumnType::Id, false),
            ColumnSpec::of("term", ColumnType::Code("DUO".into()), false),
        ],
        references: Vec::new(),
    }
}
