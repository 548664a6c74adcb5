//! The codes of this crate's diagnostics. Each has its page in `crates/diag/codes/`.

use diag::Code;

/// What was entered is neither kept nor a question.
pub const NO_QUESTION: Code = Code("E0850");
/// A command that there is not.
pub const NO_COMMAND: Code = Code("E0851");
/// A command with the wrong words after it.
pub const COMMAND: Code = Code("E0852");
/// A file that is not written over, or not written.
pub const NOT_SAVED: Code = Code("E0853");
/// Nothing to run, show or save yet.
pub const NOTHING_YET: Code = Code("E0854");
