//! What is wrong with a plan or with the tables that it is run over.

use std::fmt;

/// A plan that breaks a promise of its documentation, or tables that do not fit it. It is a mistake of
/// the compiler or of the caller, never of a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// The step, or `None` for the plan as a whole.
    pub step: Option<String>,
    /// What is wrong.
    pub reason: String,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.step {
            Some(step) => write!(f, "step {step:?}: {}", self.reason),
            None => f.write_str(&self.reason),
        }
    }
}

impl std::error::Error for Malformed {}
