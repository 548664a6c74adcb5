//! Policy files: agreements, purposes, and the steward's parameters of consent.

use super::{Expr, FactValue, Literal, Name, Number, Span, Text};

/// `agreement "NAME" version N { … }`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agreement {
    /// Its name.
    pub name: Text,
    /// Its version.
    pub version: Number,
    /// Its clauses in order.
    pub clauses: Vec<AgreementClause>,
    /// All of it.
    pub span: Span,
}

/// One line of an agreement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgreementClause {
    /// Which.
    pub kind: AgreementClauseKind,
    /// All of it.
    pub span: Span,
}

/// The lines of an agreement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AgreementClauseKind {
    /// `recipient "University Hospital Ghent"`
    Recipient(Text),
    /// `purpose DS [DOID:114] with genetic, irb in region "BE"`, or `purpose NAME`
    Purpose(PurposeText),
    /// `valid 2026-01-01 until 2027-01-01`
    Valid {
        /// First day, as written.
        from: (String, Span),
        /// First day no longer valid.
        until: Option<(String, Span)>,
    },
    /// `may test subject (sex, birth_date), phenotype, consent`
    MayTest(Vec<Grant>),
    /// `may show sex, band(age, 10 years)`
    MayShow(Vec<Expr>),
    /// `level aggregate`
    Level(Name),
    /// `release { min subjects 10, round to 5 }`
    Release(Vec<ReleaseRule>),
    /// `formats csv, parquet`
    Formats(Vec<Name>),
    /// A line that did not parse; a diagnostic says why.
    Error,
}

/// An entity with the columns that may be tested; no list means all but identifiers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// The entity, or `consent`.
    pub entity: Name,
    /// Its columns.
    pub columns: Option<Vec<Name>>,
    /// All of it.
    pub span: Span,
}

/// One release rule: its words, and its numbers and words after them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReleaseRule {
    /// `min subjects`, `round to`, `zeros`, `dominance`, `margin`, `difference`, `frequency min subjects`, `allele min carriers`
    pub words: Vec<Name>,
    /// Values: literals, or a name as in `zeros withheld` (the last word is then here).
    pub values: Vec<FactValue>,
    /// All of it.
    pub span: Span,
}

/// A purpose in full.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PurposeText {
    /// `GENERAL`, `HMB`, `DS`, `POA`, `METHODS`, `CC`, or the name of a purpose item.
    pub primary: Name,
    /// Diseases.
    pub diseases: Vec<Literal>,
    /// Flags after `with`.
    pub flags: Vec<Name>,
    /// `party "X"`, `institution "X"`, `project "X"`, `region "X"` after `in`.
    pub places: Vec<(Name, Text)>,
    /// All of it.
    pub span: Span,
}

/// `purpose NAME = DS [DOID:114] with …`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PurposeItem {
    /// Its name.
    pub name: Name,
    /// What it is.
    pub purpose: PurposeText,
    /// All of it.
    pub span: Span,
}

/// `majority age 18 otherwise suspend`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Majority {
    /// The age in completed years.
    pub age: Number,
    /// `suspend` or `continue`.
    pub otherwise: Name,
    /// All of it.
    pub span: Span,
}

/// `death continue`, `death end`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Death {
    /// `continue` or `end`.
    pub effect: Name,
    /// All of it.
    pub span: Span,
}
