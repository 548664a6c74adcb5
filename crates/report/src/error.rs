//! Why a released table could not be written.

use std::fmt;

/// Why a released table could not be written in a format. Nothing was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    reason: String,
}

impl Error {
    pub(crate) fn from_display(error: impl fmt::Display) -> Error {
        Error { reason: error.to_string() }
    }

    pub(crate) fn not_drawn() -> Error {
        Error { reason: "only an attrition is drawn".to_owned() }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the table could not be written: {}", self.reason)
    }
}

impl std::error::Error for Error {}
