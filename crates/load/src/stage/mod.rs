//! Records on their way into the warehouse: first into tables of their own, then checked together,
//! then moved, all inside the transaction of their source.
//!
//! A source is read once and in pieces, so a row cannot be checked against rows that come later. Each
//! loader therefore puts the rows of a record (a packet, an individual, a line) into a [`Stage`]; when
//! the source ends, [`Stage::settle`] asks the engine which records name subjects that do not exist,
//! repeat a key, contradict what the warehouse knows, or use codes that the loaded ontology lacks, and
//! refuses those by file and line. A record is refused whole, with everything in it; and what depended
//! on it is looked at again.

mod checks;
mod spec;

pub(crate) use spec::{ColumnSpec, Reference, TableSpec};

use crate::cell::{Cell, Column, fit};
use crate::schema::{literal, name};
use crate::source::{LoadError, Rejects};
use arrow::array::{Array, ArrayRef, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema};
use engine::Store;
use model::ColumnType;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Rows kept in memory before they are handed to the engine.
const PIECE: usize = 8192;
/// The column that says which record a staged row belongs to.
pub(crate) const RECORD: &str = "_record";
/// The table of records: number, file, line, text.
const RECORDS: &str = "_incoming_record";
/// The table of refusals: record, reason.
pub(crate) const REFUSED: &str = "_incoming_refused";

/// What becomes of a staged row whose key the warehouse has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Arrival {
    /// It is a repetition, and refused.
    New,
    /// It adds what was not known; a contradiction is refused.
    Merge,
    /// It adds what was not known; a contradiction is counted, and what was known stays.
    Fill,
}

/// Values by column name; columns that are not named are null.
pub(crate) type Cells<'n> = Vec<(&'n str, Cell)>;

/// Where a record stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place<'a> {
    pub(crate) file: &'a Path,
    pub(crate) line: u64,
}

/// Rows of one source before they are checked.
pub(crate) struct Stage<'a> {
    store: &'a mut dyn Store,
    source: PathBuf,
    tables: Vec<Staged>,
    records: Buffer,
    next: i64,
    keeps: bool,
    dropped: BTreeSet<String>,
}

/// The staged rows of one table.
pub(crate) struct Staged {
    pub(crate) spec: TableSpec,
    pub(crate) arrival: Arrival,
    /// The name of the table of staged rows.
    pub(crate) incoming: String,
    columns: BTreeMap<String, usize>,
    buffer: Buffer,
}

/// What a settled stage came to.
#[derive(Debug, Default)]
pub(crate) struct Settled {
    /// Rows of each table, in the order of the stage.
    pub(crate) rows: Vec<u64>,
    /// What was decided, for the report.
    pub(crate) notes: Vec<String>,
}

impl Settled {
    pub(crate) fn total(&self) -> u64 {
        self.rows.iter().sum()
    }
}

impl<'a> Stage<'a> {
    /// A stage for these tables; `source` is named in errors of the engine. `keeps` says whether refused
    /// records are kept, so that their text is worth holding.
    pub(crate) fn open(
        store: &'a mut dyn Store,
        source: &Path,
        keeps: bool,
        tables: Vec<(TableSpec, Arrival)>,
    ) -> Result<Stage<'a>, LoadError> {
        let mut stage = Stage {
            store,
            source: source.to_owned(),
            tables: Vec::with_capacity(tables.len()),
            records: Buffer::of(
                RECORDS,
                &[
                    (RECORD, ColumnType::Int),
                    ("file", ColumnType::Text),
                    ("line", ColumnType::Int),
                    ("text", ColumnType::Text),
                ],
            ),
            next: 0,
            keeps,
            dropped: BTreeSet::new(),
        };
        stage.execute(&format!(
            "create table {RECORDS} ({RECORD} BIGINT, file VARCHAR, line BIGINT, text VARCHAR)"
        ))?;
        stage.execute(&format!("create table {REFUSED} ({RECORD} BIGINT, reason VARCHAR)"))?;
        for (spec, arrival) in tables {
            let incoming = format!("_incoming_{}", spec.table);
            let mut layout: Vec<(&str, ColumnType)> = vec![(RECORD, ColumnType::Int)];
            layout.extend(spec.columns.iter().map(|column| (column.name.as_str(), column.ty.clone())));
            let written: Vec<String> = layout
                .iter()
                .map(|(column, ty)| format!("{} {}", name(column), stage.store.type_of(ty.physical())))
                .collect();
            let buffer = Buffer::of(&incoming, &layout);
            stage.execute(&format!("create table {} ({})", name(&incoming), written.join(", ")))?;
            let columns =
                spec.columns.iter().enumerate().map(|(at, column)| (column.name.clone(), at)).collect();
            stage.tables.push(Staged { spec, arrival, incoming, columns, buffer });
        }
        Ok(stage)
    }

    /// Stages the rows of one record: the number of the table in this stage, and the cells. The reason
    /// is given back if a cell does not fit its column; then nothing of the record is staged.
    pub(crate) fn put(
        &mut self,
        place: Place<'_>,
        text: &str,
        rows: Vec<(usize, Cells<'_>)>,
    ) -> Result<Result<(), String>, LoadError> {
        let mut fitted = Vec::with_capacity(rows.len());
        for (table, cells) in rows {
            match self.tables[table].fit(cells, &mut self.dropped) {
                Ok(row) => fitted.push((table, row)),
                Err(reason) => return Ok(Err(reason)),
            }
        }
        let record = self.next;
        self.next += 1;
        let kept = if self.keeps { Cell::text(text) } else { Cell::Null };
        let file = Cell::text(place.file.display().to_string());
        let line = i64::try_from(place.line).unwrap_or(i64::MAX);
        self.records.push(vec![Cell::Int(record), file, Cell::Int(line), kept]);
        for (table, mut row) in fitted {
            row.insert(0, Cell::Int(record));
            self.tables[table].buffer.push(row);
        }
        self.flush(PIECE)?;
        Ok(Ok(()))
    }

    /// The same, and a record that does not fit is refused.
    pub(crate) fn put_or_refuse(
        &mut self,
        rejects: &mut Rejects,
        place: Place<'_>,
        text: &str,
        rows: Vec<(usize, Cells<'_>)>,
    ) -> Result<(), LoadError> {
        match self.put(place, text, rows)? {
            Ok(()) => Ok(()),
            Err(reason) => rejects.refuse(place.file, place.line, &reason, text.as_bytes()),
        }
    }

    /// Hands all rows over, so that statements of the loader's own can work on the staged tables.
    pub(crate) fn flush_all(&mut self) -> Result<(), LoadError> {
        self.flush(1)
    }

    /// Runs a statement of the loader's own.
    pub(crate) fn execute(&mut self, sql: &str) -> Result<(), LoadError> {
        self.store.execute(sql).map_err(|error| LoadError::engine(&self.source, error))
    }

    /// Runs a query of the loader's own.
    pub(crate) fn query(&mut self, sql: &str) -> Result<Vec<RecordBatch>, LoadError> {
        self.store.query(sql).map_err(|error| LoadError::engine(&self.source, error))
    }

    /// The first number of the first row of a query; 0 without rows.
    pub(crate) fn count(&mut self, sql: &str) -> Result<u64, LoadError> {
        let batches = self.query(&format!("select cast(({sql}) as BIGINT)"))?;
        let first = batches.iter().find(|batch| batch.num_rows() > 0);
        let number = first.and_then(|batch| batch.column(0).as_any().downcast_ref::<Int64Array>().cloned());
        Ok(number
            .filter(|column| column.is_valid(0))
            .map_or(0, |column| u64::try_from(column.value(0)).unwrap_or(0)))
    }

    /// The name of the table of staged rows of table number `table`, quoted.
    pub(crate) fn incoming(&self, table: usize) -> String {
        name(&self.tables[table].incoming)
    }

    /// Checks all staged rows, refuses bad records, moves the others, and ends the stage. With records
    /// refused that nobody keeps, nothing is moved: the transaction is about to be rolled back.
    pub(crate) fn settle(mut self, rejects: &mut Rejects) -> Result<Settled, LoadError> {
        self.flush_all()?;
        let mut notes = Vec::new();
        loop {
            for at in 0..self.tables.len() {
                let checks = checks::of(&self.tables, at);
                for check in checks {
                    self.execute(&check)?;
                }
                let codes = checks::codes(&mut *self.store, &self.source, &self.tables[at])?;
                notes.extend(codes.notes);
                for statement in codes.statements {
                    self.execute(&statement)?;
                }
            }
            if self.refuse_found(rejects)? == 0 || !self.keeps {
                break;
            }
        }
        let mut settled = Settled { rows: Vec::new(), notes };
        if rejects.count() > 0 && !self.keeps {
            return Ok(settled);
        }
        for at in 0..self.tables.len() {
            for (column, sql) in checks::differing(&self.tables[at]) {
                let count = self.count(&sql)?;
                if count > 0 {
                    let note = format!(
                        "{count} values of {column} differ from those in the warehouse, which were kept"
                    );
                    settled.notes.push(note);
                }
            }
        }
        for at in 0..self.tables.len() {
            let incoming = self.incoming(at);
            settled.rows.push(self.count(&format!("select count(*) from {incoming}"))?);
            for statement in checks::moves(&self.tables[at], self.store.row_word()) {
                self.execute(&statement)?;
            }
        }
        let names: Vec<String> = self.tables.iter().map(|table| name(&table.incoming)).collect();
        for table in names.iter().map(String::as_str).chain([RECORDS, REFUSED]) {
            self.execute(&format!("drop table {table}"))?;
        }
        settled.notes.extend(
            self.dropped
                .iter()
                .map(|column| format!("the model has no {column}; its values were not loaded")),
        );
        settled.notes.dedup();
        Ok(settled)
    }

    fn flush(&mut self, least: usize) -> Result<(), LoadError> {
        let tables = self.tables.iter_mut().map(|table| &mut table.buffer);
        for buffer in tables.chain([&mut self.records]) {
            if buffer.rows >= least {
                let rows = buffer.take(&self.source)?;
                self.store
                    .append(&buffer.table, rows)
                    .map_err(|error| LoadError::engine(&self.source, error))?;
            }
        }
        Ok(())
    }

    /// Tells of the records in the table of refusals, in their order, and forgets their rows.
    fn refuse_found(&mut self, rejects: &mut Rejects) -> Result<usize, LoadError> {
        let found = self.query(&format!(
            "select r.file, r.line, f.reason, r.text from \
             (select {RECORD}, min(reason) as reason from {REFUSED} group by {RECORD}) f \
             join {RECORDS} r on r.{RECORD} = f.{RECORD} order by r.{RECORD}"
        ))?;
        let mut count = 0;
        for batch in &found {
            let text = |at: usize| batch.column(at).as_any().downcast_ref::<StringArray>();
            let lines = batch.column(1).as_any().downcast_ref::<Int64Array>();
            let (Some(files), Some(lines), Some(reasons), Some(texts)) = (text(0), lines, text(2), text(3))
            else {
                return Err(LoadError::file(&self.source, "the engine answers with other types than asked"));
            };
            for row in 0..batch.num_rows() {
                count += 1;
                let line = u64::try_from(lines.value(row)).unwrap_or(0);
                let record = if texts.is_valid(row) { texts.value(row) } else { "" };
                rejects.refuse(Path::new(files.value(row)), line, reasons.value(row), record.as_bytes())?;
            }
        }
        if count > 0 {
            for at in 0..self.tables.len() {
                let incoming = self.incoming(at);
                self.execute(&format!(
                    "delete from {incoming} where {RECORD} in (select {RECORD} from {REFUSED})"
                ))?;
            }
            self.execute(&format!("delete from {REFUSED}"))?;
        }
        Ok(count)
    }
}

impl std::fmt::Debug for Stage<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Stage")
            .field("source", &self.source)
            .field("next", &self.next)
            .finish_non_exhaustive()
    }
}

impl Staged {
    /// The cells in the order of the columns, each fitted to its type.
    fn fit(&self, cells: Cells<'_>, dropped: &mut BTreeSet<String>) -> Result<Vec<Cell>, String> {
        let mut row = vec![Cell::Null; self.spec.columns.len()];
        for (column, cell) in cells {
            let Some(at) = self.columns.get(column).copied() else {
                if cell != Cell::Null {
                    dropped.insert(format!("column {column} in {}", self.spec.table));
                }
                continue;
            };
            let spec = &self.spec.columns[at];
            row[at] = fit(&spec.ty, cell).map_err(|reason| format!("{column}: {reason}"))?;
        }
        for (spec, cell) in self.spec.columns.iter().zip(&row) {
            let demanded = self.arrival == Arrival::New || self.spec.key.contains(&spec.name);
            if demanded && !spec.optional && *cell == Cell::Null {
                return Err(format!("{} is missing", spec.name));
            }
        }
        Ok(row)
    }
}

/// Rows of a table in memory.
struct Buffer {
    table: String,
    schema: Arc<Schema>,
    columns: Vec<Column>,
    rows: usize,
}

impl Buffer {
    fn of(table: &str, layout: &[(&str, ColumnType)]) -> Buffer {
        let field = |(column, ty): &(&str, ColumnType)| -> Field {
            let ty: DataType = crate::schema::arrow_type(ty);
            Field::new(*column, ty, true)
        };
        Buffer {
            table: table.to_owned(),
            schema: Arc::new(Schema::new(layout.iter().map(field).collect::<Vec<_>>())),
            columns: layout.iter().map(|(_, ty)| Column::of(ty)).collect(),
            rows: 0,
        }
    }

    fn push(&mut self, row: Vec<Cell>) {
        for (column, cell) in self.columns.iter_mut().zip(row) {
            column.push(cell);
        }
        self.rows += 1;
    }

    fn take(&mut self, source: &Path) -> Result<RecordBatch, LoadError> {
        self.rows = 0;
        let columns: Vec<ArrayRef> = self.columns.iter_mut().map(Column::take).collect();
        RecordBatch::try_new(Arc::clone(&self.schema), columns)
            .map_err(|error| LoadError::file(source, format!("rows for {} do not fit: {error}", self.table)))
    }
}

/// A list of names, quoted, separated by commas, each behind `before`.
pub(crate) fn list<'a>(before: &str, names: impl IntoIterator<Item = &'a String>) -> String {
    names.into_iter().map(|column| format!("{before}{}", name(column))).collect::<Vec<_>>().join(", ")
}

/// A text as SQL literal, for the sentences of refusals.
pub(crate) fn say(text: &str) -> String {
    literal(text)
}
