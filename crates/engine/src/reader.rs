//! A warehouse opened for questions: statements in, Arrow rows out, and a way to stop.
//!
//! A reader runs only text that the validator has passed; that text comes from one place. It is also
//! the second line behind it: whoever opens one locks the engine, so that a statement that should
//! never have come this far still cannot write, read a file or load code.

use crate::TableColumn;
use arrow::array::RecordBatch;
use std::fmt;

/// Why a question has no answer, in our words.
///
/// These are all kinds that people are told apart; whatever else the engine says stays in the
/// steward's log, because engine messages can carry values of people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Failure {
    /// The warehouse cannot be opened: not there, no warehouse, or opened by a writer.
    Unavailable,
    /// The address of the warehouse is none, or leads to a database that is no warehouse.
    BadAddress,
    /// No server answers where the warehouse should be.
    NoServer,
    /// The server does not let in who asks.
    NotLetIn,
    /// The server has no such database.
    NoDatabase,
    /// The statement ran longer than the warehouse allows.
    TooLong,
    /// Somebody stopped the statement.
    Cancelled,
    /// Memory or disk did not suffice.
    Exhausted,
    /// The engine refused or failed. Statements are total, so this is an error of ours or a damaged file.
    Refused,
}

impl Failure {
    /// The sentence that people see.
    pub fn words(self) -> &'static str {
        match self {
            Failure::Unavailable => "the warehouse cannot be opened",
            Failure::BadAddress => "the address of the warehouse is not one that can be used",
            Failure::NoServer => "no server answers at the address of the warehouse",
            Failure::NotLetIn => "the server of the warehouse does not let you in",
            Failure::NoDatabase => "the server has no database of that name",
            Failure::TooLong => "the question took longer than the warehouse allows",
            Failure::Cancelled => "the question was cancelled",
            Failure::Exhausted => "the engine ran out of memory or disk",
            Failure::Refused => "the engine refused the statement",
        }
    }
}

/// A failure with the engine's own words.
#[derive(Clone, Debug)]
pub struct ReadError {
    /// What people are told.
    pub failure: Failure,
    /// The engine's own words, which may carry data; for a steward-only log.
    pub detail: String,
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.failure.words())
    }
}

impl std::error::Error for ReadError {}

/// Stops the statement that a reader is running; from any thread, any number of times. Without a
/// running statement it does nothing.
pub trait Cancel: Send + Sync {
    /// Asks the engine to stop as soon as it can.
    fn cancel(&self);
}

/// A warehouse opened for questions.
pub trait Reader {
    /// Runs one statement and gives all its rows, in its order.
    ///
    /// # Errors
    /// [`ReadError`]; nothing of the rows is in what it displays.
    fn run(&mut self, sql: &str) -> Result<Vec<RecordBatch>, ReadError>;

    /// Every column of every table of the warehouse, in the order of tables and columns.
    ///
    /// # Errors
    /// [`ReadError`].
    fn columns(&mut self) -> Result<Vec<TableColumn>, ReadError>;

    /// The engine's word for the place of a row in its table, as [`crate::Store::row_word`].
    fn row_word(&self) -> &'static str;

    /// A handle that stops what this reader runs.
    fn canceller(&self) -> std::sync::Arc<dyn Cancel>;

    /// The engine's name and version, for the audit: `duckdb 1.5.6`.
    fn engine(&self) -> String;

    /// Settings under which it runs statements, by name, for the audit: threads, memory, what is locked.
    fn settings(&self) -> Vec<(String, String)>;
}

impl<T: Reader + ?Sized> Reader for Box<T> {
    fn run(&mut self, sql: &str) -> Result<Vec<RecordBatch>, ReadError> {
        (**self).run(sql)
    }
    fn columns(&mut self) -> Result<Vec<TableColumn>, ReadError> {
        (**self).columns()
    }
    fn row_word(&self) -> &'static str {
        (**self).row_word()
    }
    fn canceller(&self) -> std::sync::Arc<dyn Cancel> {
        (**self).canceller()
    }
    fn engine(&self) -> String {
        (**self).engine()
    }
    fn settings(&self) -> Vec<(String, String)> {
        (**self).settings()
    }
}
