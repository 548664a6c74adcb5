//! Many rows around one row: how they are found, what narrows them, and which of them is picked.

use crate::inherited::Inherited;
use crate::query::{Expr, Row, RowId};
use model::RelationId;

/// Many rows around one row, with what narrows them.
#[derive(Clone, Debug, PartialEq)]
pub struct Rows {
    /// The row they are around.
    pub around: Row,
    /// To-many relations walked from it, outermost first; at least one.
    pub steps: Vec<RowsStep>,
    /// `on different days`, `within n of each other`: of a count only.
    pub each_other: EachOther,
    /// How it reads, for messages.
    pub words: String,
}

/// One to-many relation, and what narrows its rows.
#[derive(Clone, Debug, PartialEq)]
pub struct RowsStep {
    /// How its rows are found from the step before, or from the row around.
    pub source: RowsSource,
    /// Its row.
    pub row: Row,
    /// Conditions on the row; windows are among them as comparisons.
    pub conditions: Vec<Expr>,
    /// Bounds of its windows: while one is null, a quantifier over the rows is unknown.
    pub bounds: Vec<Expr>,
}

/// An end of an episode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// `started`
    Started,
    /// `ended`
    Ended,
}

/// How rows are found from the row before them.
#[derive(Clone, Debug, PartialEq)]
pub enum RowsSource {
    /// To-one relations, then a to-many relation, from the row before.
    Relation(Vec<RelationId>, RelationId),
    /// Alleles carried in the chosen sample of the subject or sample before: rows of the variant
    /// entity, with columns of the call entity reached through `call`.
    Carried {
        /// The row of the call entity beside the variant's row.
        call: RowId,
    },
    /// `episodes(R, gap: n)`: rows put together that overlap or have at most n uncovered days between
    /// them. The step's row has the entity of the last row of `of`, and only the two days of
    /// [`Kind::Episode`](crate::Kind::Episode); of an era (`each_code`) also the column of its code.
    ///
    /// Only the first step of [`Rows`] has this source, and `of` is around the same row.
    Episodes {
        /// The rows that are put together; those count for which their conditions are true and whose first
        /// day is known.
        of: Box<Rows>,
        /// The longest gap that an episode bridges: days or months, a literal.
        gap: Box<Expr>,
        /// `eras`: only rows of one code go together.
        each_code: bool,
    },
    /// `inherited(…)`: candidates of the child of the row before.
    Inherited(Box<Inherited>),
}

/// Conditions on how counted rows lie to each other.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct EachOther {
    /// Rows of one day count once.
    pub different_days: bool,
    /// All counted rows lie within so long of the earliest of them.
    pub within: Option<Box<Expr>>,
}

/// The order of a pick.
#[derive(Clone, Debug, PartialEq)]
pub struct PickOrder {
    /// The key, typed on the last row; `None` is the declared date.
    pub by: Option<Box<Expr>>,
    /// Greatest first.
    pub descending: bool,
    /// Which, from 1.
    pub nth: i64,
}
