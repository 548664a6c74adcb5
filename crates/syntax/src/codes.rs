//! The codes of this crate's diagnostics. Each has its page in `crates/diag/codes/`.

use diag::Code;

/// Something else was expected here.
pub const UNEXPECTED: Code = Code("E0001");
/// A text, name or unit without its closing quote.
pub const UNTERMINATED: Code = Code("E0002");
/// A character or sign that is not part of the language.
pub const STRANGE_CHARACTER: Code = Code("E0003");
/// An invisible character that could make a text read as another.
pub const FORBIDDEN_CHARACTER: Code = Code("E0004");
/// A name or text that is not in NFC.
pub const NOT_NFC: Code = Code("E0005");
/// A reserved word in capitals.
pub const CAPITALS: Code = Code("E0006");
/// A number that runs into a word.
pub const NUMBER: Code = Code("E0007");
/// A date that is none.
pub const DATE: Code = Code("E0008");
/// An escape that strings do not have.
pub const ESCAPE: Code = Code("E0009");
/// A comment without a space after its dashes.
pub const COMMENT: Code = Code("E0010");
/// An HGVS name without the version of its accession.
pub const HGVS_VERSION: Code = Code("E0011");
/// A symbol with a minus, without backquotes.
pub const DASHED_SYMBOL: Code = Code("E0012");
/// Nesting deeper than 200.
pub const TOO_DEEP: Code = Code("E0013");
/// `and` beside `or`.
pub const MIXED: Code = Code("E0014");
/// `at least` where a comparison sign is due.
pub const AT_LEAST: Code = Code("E0015");
/// A window without a date.
pub const WINDOW_WITHOUT_DATE: Code = Code("E0016");
/// A unit without quotes.
pub const UNIT_NOT_QUOTED: Code = Code("E0017");
/// A word after a number that is no unit of time.
pub const UNKNOWN_UNIT_WORD: Code = Code("E0018");
/// `a < b < c`.
pub const CHAINED_COMPARISON: Code = Code("E0019");
/// A clause of tables in a cohort, or the other way round.
pub const MISPLACED_CLAUSE: Code = Code("E0020");
/// Quotes with nothing between them where something is due.
pub const EMPTY_QUOTES: Code = Code("E0021");
/// A word or sign of another language.
pub const FOREIGN: Code = Code("E0190");
/// A reserved word where a name is due.
pub const RESERVED_NAME: Code = Code("E0022");
