//! The diagnostics of this crate. Each has a page in `diag/codes/`.

use diag::Code;

// Of policy files.

/// A grant names an entity or a column that the model does not have.
pub const UNKNOWN_GRANT: Code = Code("E0501");
/// A level, flag, release rule or other word that policy does not know.
pub const UNKNOWN_WORD: Code = Code("E0502");
/// A date that is none, or an end that is not after the beginning.
pub const BAD_DATES: Code = Code("E0503");
/// A number of a release rule that is out of its bounds.
pub const BAD_RELEASE: Code = Code("E0504");
/// A purpose that does not say what it has to.
pub const BAD_PURPOSE: Code = Code("E0505");
/// A line that an agreement lacks, or that stands twice.
pub const BAD_LINES: Code = Code("E0506");
/// Something that no agreement can grant.
pub const NOT_GRANTABLE: Code = Code("E0507");
/// An item that does not belong into a policy file.
pub const NOT_POLICY: Code = Code("E0508");
/// Versions of an agreement that do not ascend.
pub const VERSIONS: Code = Code("E0509");

// Of queries. E0510 to E0513 are given by `types`.

/// People's data is read without an agreement.
pub const NO_AGREEMENT: Code = Code("E0514");
/// People's data is read without a reference date.
pub const NO_AS_OF: Code = Code("E0515");
/// The policy has no such agreement.
pub const UNKNOWN_AGREEMENT: Code = Code("E0516");
/// The agreement is not valid on the day of use.
pub const NOT_VALID: Code = Code("E0517");
/// The reference date is later than the day of use.
pub const LATER_THAN_USE: Code = Code("E0518");
/// The policy has no such purpose.
pub const UNKNOWN_PURPOSE: Code = Code("E0519");
/// The purpose is not within that of the agreement, or agreements have different ones.
pub const PURPOSE_TOO_WIDE: Code = Code("E0520");
/// A table or a column is not granted.
pub const NOT_GRANTED: Code = Code("E0521");
/// Consent may not be tested.
pub const CONSENT_NOT_GRANTED: Code = Code("E0522");
/// An identifier is used other than as a key.
pub const IDENTIFIER: Code = Code("E0523");
/// The result is of a higher level than the agreement allows.
pub const LEVEL: Code = Code("E0524");
/// A group key that nobody declared.
pub const GROUP_KEY: Code = Code("E0525");
/// A key or a column that may not be shown.
pub const NOT_SHOWN: Code = Code("E0526");
/// Rows of no person, chosen or grouped by what is known of people.
pub const NOT_PEOPLE: Code = Code("E0527");
/// An aggregate that would say several things in one number.
pub const PACKED: Code = Code("E0528");
/// A public source whose rows tell which alleles the warehouse has.
pub const ALLELES_OF_EVERYBODY: Code = Code("E0531");
