//! Model files: entities, how they are linked to people, columns and relations.

use super::{Expr, Literal, Name, Number, Path, Span, Text};

/// `model NAME version N`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Model {
    /// Its name.
    pub name: Name,
    /// Its version.
    pub version: Number,
    /// All of it.
    pub span: Span,
}

/// `entity NAME (PLURAL) from table PATH key … linkage … { … }`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entity {
    /// Singular.
    pub name: Name,
    /// Plural.
    pub plural: Option<Name>,
    /// The table.
    pub table: Path,
    /// Key columns.
    pub key: Vec<Name>,
    /// How it is linked to people; `None` where it was left out, which is an error of the model.
    pub linkage: Option<Linkage>,
    /// Traits in order.
    pub traits: Vec<Trait>,
    /// Columns and relations in order.
    pub fields: Vec<Field>,
    /// Doc comment lines above it, without `--|`.
    pub doc: Vec<String>,
    /// All of it.
    pub span: Span,
}

/// How a table is linked to people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Linkage {
    /// Which.
    pub kind: LinkageKind,
    /// All of it.
    pub span: Span,
}

/// The forms of a linkage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkageKind {
    /// No person in it.
    Public,
    /// The subject table itself.
    Subject,
    /// `of subject via a.b`, `of subjects via a, b`
    Of {
        /// One path per subject.
        via: Vec<Path>,
    },
    /// Pre-computed counts.
    Aggregate,
}

/// A trait of an entity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trait {
    /// Which.
    pub kind: TraitKind,
    /// All of it.
    pub span: Span,
}

/// The forms of a trait.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "the large form is the usual one")]
pub enum TraitKind {
    /// `coded by NAME`
    CodedBy(Name),
    /// `dated by NAME [.. NAME]`
    DatedBy(Name, Option<Name>),
    /// `undated outside`
    UndatedOutside,
    /// `assessed when EXPR`
    AssessedWhen(Expr),
    /// `born DAY [or YEAR]`
    Born(Name, Option<Name>),
    /// `died NAME`
    Died(Name),
    /// `observed by NAME`
    ObservedBy(Name),
    /// `converts CODES from UNIT to UNIT times N plus N source "…" example N is N`
    Converts(Box<Converts>),
}

/// A conversion between units of two kinds, which holds for some codes only: a value in the second unit is
/// `times` the value in the first, plus `plus`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Converts {
    /// The codes.
    pub codes: Vec<Literal>,
    /// The unit that is converted: UCUM or `%`.
    pub from: (String, Span),
    /// The unit that comes.
    pub to: (String, Span),
    /// The factor.
    pub times: Number,
    /// What is added; nothing where it is left out.
    pub plus: Option<Number>,
    /// Where the formula is from.
    pub source: Text,
    /// A value in the first unit.
    pub given: Number,
    /// The same in the second, rounded to its places.
    pub result: Number,
}

/// A column or a relation of an entity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub name: Name,
    /// Which.
    pub kind: FieldKind,
    /// Doc comment lines above it.
    pub doc: Vec<String>,
    /// All of it.
    pub span: Span,
}

/// The forms of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldKind {
    /// `sex : female | male | unknown quasi`
    Column {
        /// A type, or the first member of an enum.
        ty: Name,
        /// Whether `?` follows.
        optional: bool,
        /// Further members of an enum.
        members: Vec<Name>,
        /// Whether the members are ordered (`<`).
        ordered: bool,
        /// `unit 'mg'` or `unit from dose_unit`
        unit: Option<FieldUnit>,
        /// The label; `None` where it was left out, which is an error of the model.
        label: Option<(ColumnLabel, Span)>,
    },
    /// `onset : onset_earliest_days .. onset_latest_days`
    Interval {
        /// The column with the least that it can be.
        earliest: Name,
        /// The column with the greatest.
        latest: Name,
    },
    /// `many phenotypes : phenotype by subject_id`, `one gnomad : gnomad? by variant_id`
    Relation {
        /// Whether `many`.
        many: bool,
        /// The other entity.
        entity: Name,
        /// Whether `?` follows: the other row may be absent.
        optional: bool,
        /// Columns: of this entity for `one`, of the other for `many`.
        by: Vec<Name>,
    },
}

/// The unit of a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldUnit {
    /// `unit 'mg'`
    Fixed(String, Span),
    /// `unit from COLUMN`
    From(Name),
}

/// What a column is, for the policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "consent-and-policy.md section 2 explains each")]
pub enum ColumnLabel {
    Public,
    General,
    Quasi,
    Sensitive,
    Identifier,
}
