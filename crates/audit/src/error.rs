//! Why nothing was recorded, and so why there is no result.

use jiff::Timestamp;
use std::fmt;
use std::path::{Path, PathBuf};

/// Why a record was not written. The caller gives no result.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The log cannot be read or written.
    File {
        /// The log.
        path: PathBuf,
        /// What was tried.
        doing: &'static str,
        /// What the system said.
        source: std::io::Error,
    },
    /// The end of the log is not a record: a write was cut off, or the log was changed.
    BrokenEnd {
        /// The log.
        path: PathBuf,
    },
    /// The clock stands before the last record: it was set back, or had run ahead.
    ClockSetBack {
        /// The log.
        path: PathBuf,
        /// What the clock says.
        now: Timestamp,
        /// When the last record was written.
        last: Timestamp,
    },
    /// The record holds what JSON cannot.
    NotJson,
}

impl Error {
    pub(crate) fn file(path: &Path, doing: &'static str) -> impl FnOnce(std::io::Error) -> Error {
        let path = path.to_owned();
        move |source| Error::File { path, doing, source }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::File { path, doing, source } => {
                write!(f, "cannot {doing} the audit log {}: {source}", path.display())
            }
            Error::BrokenEnd { path } => write!(
                f,
                "the audit log {} does not end with a record; nothing runs until its steward has verified it",
                path.display()
            ),
            Error::ClockSetBack { path, now, last } => write!(
                f,
                "the clock says {now}, but the last record of the audit log {} is of {last}; nothing runs until the clock is \
                 right, or the steward has begun a new log where it had run ahead",
                path.display()
            ),
            Error::NotJson => f.write_str("the audit record cannot be written as JSON"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Error::File { source, .. } => Some(source),
            Error::BrokenEnd { .. } | Error::ClockSetBack { .. } | Error::NotJson => None,
        }
    }
}
