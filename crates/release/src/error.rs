//! Why nothing was released.

use std::fmt;

/// Why nothing was released. No message carries a value of the data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Error {
    /// The raw result or the shape is not what a plan gives: an internal error.
    Malformed {
        /// What does not fit.
        reason: String,
    },
    /// The result needs a higher level than the agreement has. The checks before have refused this
    /// already; release refuses it again.
    LevelExceeded {
        /// What needs it.
        what: &'static str,
        /// The level it needs.
        needed: crate::Level,
    },
    /// The result has pseudonyms and the rules have no key.
    NoPseudonymKey,
    /// Two sets of people of one result differ by some people, but by too few (release rule 6).
    TooClose,
}

impl Error {
    pub(crate) fn malformed(reason: String) -> Error {
        Error::Malformed { reason }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Malformed { reason } => write!(f, "the raw result does not fit its plan: {reason}"),
            Error::LevelExceeded { what, needed } => {
                let needed = match needed {
                    crate::Level::Count => "count",
                    crate::Level::Aggregate => "aggregate",
                    crate::Level::Record => "record",
                };
                write!(f, "{what} needs level {needed}, which the agreement does not give")
            }
            Error::TooClose => f.write_str(
                "the two cohorts differ by so few people that their difference would tell of them",
            ),
            Error::NoPseudonymKey => {
                f.write_str("the result has pseudonyms and the agreement has no key for them")
            }
        }
    }
}

impl std::error::Error for Error {}
