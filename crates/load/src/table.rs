//! Any table of the model from a file: CSV, TSV or Parquet, columns by name.
//!
//! Every cell is read by the type that the model declares, and one that is not of it is refused by
//! file, line and column. Columns that the model lacks are an error, so that nothing is swallowed;
//! optional columns that the file lacks are null. A column with the name of an interval of the model, such as
//! a partial date, fills both columns of it. Rows are checked like those of every other loader:
//! keys are unique, and what a row names exists.

mod parquet;
mod text;

pub(crate) use text::{csv_error, header};

use crate::cell::Cell;
use crate::input;
use crate::source::{LoadError, Progress, Rejects, Report, Source, Written, transact};
use crate::stage::{Arrival, Stage, TableSpec};
use engine::Store;
use model::{Column, ColumnType, Entity, Model};
use std::path::Path;

/// How a table is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated, quotes where needed, a header line.
    Csv,
    /// Tab-separated, no quotes, a header line.
    Tsv,
    /// Apache Parquet.
    Parquet,
}

/// What the file leaves open.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// By default told from the name: `.csv`, `.tsv`, `.txt`, `.parquet`; text may be packed (`.gz`, `.xz`).
    pub format: Option<Format>,
}

/// Loads a file into the table of the entity of that name, singular or plural.
///
/// # Errors
/// No such entity; a column that the model lacks, or lacks in the file and may not be null; refused
/// records.
pub fn load(
    store: &mut dyn Store,
    model: &Model,
    entity: &str,
    path: &Path,
    options: &Options,
    rejects: &mut Rejects,
    progress: &dyn Progress,
) -> Result<Report, LoadError> {
    let Some(found) = model.entities.iter().find(|found| found.name == entity || found.plural == entity)
    else {
        let known: Vec<&str> = model.entities.iter().map(|entity| entity.name.as_str()).collect();
        let near = diag::near_names(entity, known.iter().copied());
        let error = LoadError::file(path, format!("model {} has no entity {entity}", model.name));
        return Err(match near.first() {
            Some(near) => error.with_help(format!("there is {near}")),
            None => error.with_help(format!("there are {}", known.join(", "))),
        });
    };
    let format = match options.format {
        Some(format) => format,
        None => format_of(path)?,
    };
    let mut source = Source::file("table", path)?;
    // The same bytes may be loaded into two tables.
    source.hash = crate::source::hash_all([source.hash.as_str(), found.table.as_str()]);
    transact(store, &source, rejects, |store, rejects| {
        let running = input::start(progress, &source.name, input::size(path));
        let keeps = rejects.keeps();
        let mut stage =
            Stage::open(store, path, keeps, vec![(TableSpec::of_entity(model, found), Arrival::New)])?;
        match format {
            Format::Csv => text::read(&mut stage, found, path, b',', rejects, progress)?,
            Format::Tsv => text::read(&mut stage, found, path, b'\t', rejects, progress)?,
            Format::Parquet => parquet::read(&mut stage, found, path, rejects, progress)?,
        }
        drop(running);
        let settled = stage.settle(rejects)?;
        Ok(Written { rows: settled.total(), notes: settled.notes })
    })
}

fn format_of(path: &Path) -> Result<Format, LoadError> {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let bare = name.strip_suffix(".gz").or_else(|| name.strip_suffix(".xz")).unwrap_or(&name);
    match bare.rsplit_once('.').map(|(_, extension)| extension) {
        Some("csv") => Ok(Format::Csv),
        Some("tsv" | "txt") => Ok(Format::Tsv),
        Some("parquet") => Ok(Format::Parquet),
        _ => Err(LoadError::file(
            path,
            "the name ends in none of .csv, .tsv, .txt, .parquet, so its format must be given",
        )),
    }
}

/// What a column of the file fills: one column of the entity, or both of an interval.
#[derive(Clone, Copy, Debug)]
struct Filled<'a> {
    /// The column, or the first of the interval.
    first: &'a Column,
    /// The second of the interval.
    second: Option<&'a Column>,
}

impl<'a> Filled<'a> {
    /// The cells of a text.
    fn parsed(self, text: &str) -> Result<Vec<(&'a str, Cell)>, String> {
        match self.second {
            None => Ok(vec![(&self.first.name, crate::cell::parse(&self.first.ty, text)?)]),
            Some(second) => {
                let [first, last] = crate::interval::parse(&self.first.ty, text)?;
                Ok(vec![(&self.first.name, first), (&second.name, last)])
            }
        }
    }

    /// The cells of a value that has a type already; an interval is given as text, or is one value.
    fn typed(
        self,
        text: Option<&str>,
        value: impl FnOnce(&ColumnType) -> Result<Cell, String>,
    ) -> Result<Vec<(&'a str, Cell)>, String> {
        match (self.second, text) {
            (Some(_), Some(text)) => self.parsed(text),
            (second, _) => {
                let cell = value(&self.first.ty)?;
                let second = second.map(|second| (second.name.as_str(), cell.clone()));
                Ok([(self.first.name.as_str(), cell)].into_iter().chain(second).collect())
            }
        }
    }
}

/// For each column of the file what it fills of the entity. Every name must be known, every column filled
/// once, and every column that may not be null must be there.
fn columns<'a>(
    entity: &'a Entity,
    path: &Path,
    header: &[String],
) -> Result<Vec<(usize, Filled<'a>)>, LoadError> {
    let mut found: Vec<(usize, Filled<'a>)> = Vec::with_capacity(header.len());
    let mut filled: Vec<&str> = Vec::with_capacity(header.len());
    for (at, written) in header.iter().enumerate() {
        let column = entity.columns.iter().find(|column| column.name == *written);
        let interval = entity.find_interval(written);
        let fills = match (column, interval) {
            (Some(first), _) => Filled { first, second: None },
            (None, Some(interval)) => Filled {
                first: entity.column(interval.earliest),
                second: Some(entity.column(interval.latest)),
            },
            (None, None) => {
                let names = entity.columns.iter().map(|column| column.name.as_str());
                let names = names.chain(entity.intervals.iter().map(|interval| interval.name.as_str()));
                let near = diag::near_names(written, names);
                let error = LoadError::line(
                    path,
                    1,
                    format!("column {}, `{written}`, is not in {}", at + 1, entity.name),
                );
                return Err(match near.first() {
                    Some(near) => error.with_help(format!("there is {near}")),
                    None => error,
                });
            }
        };
        for column in std::iter::once(fills.first).chain(fills.second) {
            if filled.contains(&column.name.as_str()) {
                return Err(LoadError::line(path, 1, format!("the column {} is there twice", column.name)));
            }
            filled.push(&column.name);
        }
        found.push((at, fills));
    }
    let missing =
        entity.columns.iter().find(|column| !column.optional && !filled.contains(&column.name.as_str()));
    match missing {
        Some(column) => Err(LoadError::line(
            path,
            1,
            format!("the column {} is missing, and may not be null", column.name),
        )),
        None => Ok(found),
    }
}
