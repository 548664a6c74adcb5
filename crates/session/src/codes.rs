//! The codes of this crate's diagnostics: what keeps a question from being asked or answered. Each has
//! its page in `crates/diag/codes/`.

use diag::Code;

/// `baseq.toml` is missing, cannot be read, or says what it cannot say.
pub const SETTINGS: Code = Code("E0801");
/// No warehouse, or none of that name, is in the settings.
pub const WAREHOUSE: Code = Code("E0802");
/// The lock file or a pin beside it is damaged.
pub const LOCK: Code = Code("E0803");
/// The lock file does not say what the warehouse says.
pub const STALE: Code = Code("E0804");
/// The warehouse cannot be opened.
pub const UNAVAILABLE: Code = Code("E0805");
/// The engine refused or failed.
pub const ENGINE: Code = Code("E0806");
/// Memory or disk did not suffice.
pub const EXHAUSTED: Code = Code("E0807");
/// Somebody stopped the question.
pub const CANCELLED: Code = Code("E0808");
/// The file has no table of that name.
pub const NO_TABLE: Code = Code("E0809");
/// An import that leaves the project.
pub const ESCAPE: Code = Code("E0810");
/// A file that cannot be read.
pub const UNREADABLE: Code = Code("E0811");
/// No policy is installed in the warehouse.
pub const NO_POLICY: Code = Code("E0812");
/// The audit log cannot be written.
pub const AUDIT: Code = Code("E0813");
/// An agreement does not have the format that was asked for.
pub const FORMAT: Code = Code("E0814");
/// A value is given for a parameter that the program does not have.
pub const NO_PARAM: Code = Code("E0815");
/// A result that needs a level or a key that the agreement does not have.
pub const NOT_RELEASED: Code = Code("E0816");
/// A policy that widens, or a steward, for whom no trusted steward vouches.
pub const UNSIGNED: Code = Code("E0817");
/// Two sets of people of one result that differ by too few.
pub const TOO_CLOSE: Code = Code("E0820");
/// Two results for one recipient that differ by too few people.
pub const EARLIER: Code = Code("E0831");
/// The history of releases is missing, damaged, or cannot be written.
pub const HISTORY: Code = Code("E0832");
/// Too many questions of an agreement were refused for being too near to others.
pub const TOO_MANY_REFUSED: Code = Code("E0833");
/// The warehouse has no key for the history of releases.
pub const NO_HISTORY_KEY: Code = Code("E0834");
/// A result of more sets of people than can be compared with those of others.
pub const TOO_MANY_SETS: Code = Code("E0835");
/// A file of parameters that cannot be read.
pub const PARAMS: Code = Code("E0826");
/// No query is saved under that name.
pub const NO_SAVED: Code = Code("E0855");
/// A query that cannot be saved, or a file of saved queries that is none.
pub const SAVED: Code = Code("E0856");
/// The statement ran longer than the warehouse allows.
pub const TOO_LONG: Code = Code("E0870");
/// The settings hold a password.
pub const SECRET: Code = Code("E0871");
/// The compiler made something that its own checks refuse.
pub const INTERNAL: Code = Code("E0899");
/// What a `test` block expects is not so.
pub const TEST_FAILED: Code = Code("E0830");
/// A rule for which `baseq mock` could make nobody.
pub const NOT_MADE: Code = Code("W0250");
/// A named set of codes that moved without its words.
pub const CODES_MOVED: Code = Code("W0251");
