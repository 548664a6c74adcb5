//! What every engine can do, in our words: run a statement that was validated, give rows as Arrow,
//! be stopped; and, for loading, take rows in a transaction.
//!
//! Engine messages can carry data of people, so [`Error`] keeps the engine's own text apart from the
//! sentence that people see; only a steward-only log may print [`Error::detail`].

mod reader;

pub use reader::{Cancel, Failure, ReadError, Reader};

use arrow::array::{AsArray, RecordBatch};
use std::fmt;

/// Why an engine did not do what was asked.
#[derive(Debug)]
pub struct Error {
    /// A sentence that carries no data.
    pub message: String,
    /// The engine's own words, which may; for a steward-only log.
    pub detail: String,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

/// The result of talking to an engine.
pub type Result<T> = std::result::Result<T, Error>;

/// A column of a table as an engine has it, in the words of the models.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableColumn {
    /// The table.
    pub table: String,
    /// The column.
    pub column: String,
    /// Its type, as a model would spell it: `BIGINT`, `DECIMAL(30,12)`; else the engine's own word.
    pub ty: String,
    /// Whether it may be null.
    pub nullable: bool,
}

impl TableColumn {
    /// The columns that a query of a catalogue gave: table, column, type, and `YES` where it may be null, all texts.
    ///
    /// # Errors
    /// It gave something else; a warehouse that cannot be read is not an empty one.
    pub fn of(batches: &[RecordBatch]) -> Result<Vec<TableColumn>> {
        let mut all = Vec::new();
        for batch in batches {
            let text = |at: usize| batch.columns().get(at).and_then(|column| column.as_string_opt::<i32>());
            let (Some(tables), Some(columns), Some(types), Some(nullable)) =
                (text(0), text(1), text(2), text(3))
            else {
                let message = "the engine does not say which tables it has".to_owned();
                return Err(Error { message, detail: format!("{:?}", batch.schema()) });
            };
            for row in 0..batch.num_rows() {
                all.push(TableColumn {
                    table: tables.value(row).to_owned(),
                    column: columns.value(row).to_owned(),
                    ty: types.value(row).to_owned(),
                    nullable: nullable.value(row) == "YES",
                });
            }
        }
        Ok(all)
    }
}

/// A warehouse opened for loading: tables are created, rows appended, all or nothing per source.
///
/// The statements are ours, never a user's; a loader builds them from the model.
pub trait Store {
    /// Starts the transaction of one source.
    fn begin(&mut self) -> Result<()>;
    /// Makes everything since `begin` durable.
    fn commit(&mut self) -> Result<()>;
    /// Forgets everything since `begin`.
    fn rollback(&mut self) -> Result<()>;
    /// Runs a statement that gives no rows.
    fn execute(&mut self, sql: &str) -> Result<()>;
    /// Runs a query of the loader's own.
    fn query(&mut self, sql: &str) -> Result<Vec<RecordBatch>>;
    /// Appends rows to a table; columns are matched by position and count.
    fn append(&mut self, table: &str, rows: RecordBatch) -> Result<()>;
    /// Every column of every table of the warehouse, in the order of tables and columns.
    fn columns(&mut self) -> Result<Vec<TableColumn>>;
    /// The engine's word for the place of a row in its table, which grows with the rows that are appended.
    fn row_word(&self) -> &'static str;
    /// The engine's own word for a type of the models.
    fn type_of<'t>(&self, physical: &'t str) -> &'t str {
        physical
    }
}

impl<T: Store + ?Sized> Store for Box<T> {
    fn begin(&mut self) -> Result<()> {
        (**self).begin()
    }
    fn commit(&mut self) -> Result<()> {
        (**self).commit()
    }
    fn rollback(&mut self) -> Result<()> {
        (**self).rollback()
    }
    fn execute(&mut self, sql: &str) -> Result<()> {
        (**self).execute(sql)
    }
    fn query(&mut self, sql: &str) -> Result<Vec<RecordBatch>> {
        (**self).query(sql)
    }
    fn append(&mut self, table: &str, rows: RecordBatch) -> Result<()> {
        (**self).append(table, rows)
    }
    fn columns(&mut self) -> Result<Vec<TableColumn>> {
        (**self).columns()
    }
    fn row_word(&self) -> &'static str {
        (**self).row_word()
    }
    fn type_of<'t>(&self, physical: &'t str) -> &'t str {
        (**self).type_of(physical)
    }
}
