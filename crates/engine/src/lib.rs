//! What every engine can do, in our words: run a statement that was validated, give rows as Arrow,
//! be stopped; and, for loading, take rows in a transaction.
//!
//! Engine messages can carry data of people, so [`Error`] keeps the engine's own text apart from the
//! sentence that people see; only a steward-only log may print [`Error::detail`].

mod reader;

pub use reader::{Cancel, Failure, ReadError, Reader};

use arrow::array::RecordBatch;
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
}
