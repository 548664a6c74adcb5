//! The checked form of a cohort: universe, index date, rules, exit, and who is chosen (language.md, section 5).

use crate::number::Number;
use crate::query::{CohortId, Expr, Row, Rows, Rule};
use text::Range;

/// A group of people.
#[derive(Clone, Debug)]
pub struct Cohort {
    /// Its name.
    pub name: String,
    /// What it is taken from.
    pub source: CohortSource,
    /// The row of its source.
    pub row: Row,
    /// `index at`: one date per subject, or each date of rows.
    pub index: Option<Index>,
    /// Its rules in order.
    pub rules: Vec<Rule>,
    /// `exit at`
    pub exit: Option<Exit>,
    /// `match … to each of …`: of those who pass the rules, the nearest to each case.
    pub matched: Option<Match>,
    /// `draw n seed s`: of those who pass the rules, n.
    pub draw: Option<Draw>,
    /// Its name's place.
    pub range: Range,
}

/// `index at E`, `index at each R.d`
#[derive(Clone, Debug)]
pub struct Index {
    /// Of an event cohort, the rows of which each distinct date is a row of the cohort.
    pub rows: Option<Box<Rows>>,
    /// The date, typed on the cohort's row; of an event cohort on the last row of `rows`.
    pub date: Expr,
    /// The whole clause.
    pub range: Range,
}

/// `exit at a = …, b = …`
///
/// The exit is the earliest of these dates on or after the index date and not after D; where there is
/// none, it is D, with the reason [`AS_OF`]. Of dates of one day the one that is written first is the reason.
#[derive(Clone, Debug)]
pub struct Exit {
    /// Reasons and their dates in the order written; names are unique.
    pub dates: Vec<(String, Expr)>,
    /// How many of the cohort's rules stand before it: the later ones may read it.
    pub after: usize,
    /// The whole clause.
    pub range: Range,
}

/// The reason of an exit that is D: nothing ended the follow-up before.
pub const AS_OF: &str = "as of";

/// `match n to each of C on keys seed s`
#[derive(Clone, Debug)]
pub struct Match {
    /// Controls per case, at least 1.
    pub count: i64,
    /// The cases.
    pub cases: CohortId,
    /// The row of a case, on which keys are typed a second time.
    pub case: Row,
    /// The keys.
    pub keys: Vec<MatchKey>,
    /// The seed.
    pub seed: i64,
    /// The whole clause.
    pub range: Range,
}

/// A key of a match. A null key is equal to nothing and near to nothing.
#[derive(Clone, Debug)]
pub struct MatchKey {
    /// Its value for a member of the cohort.
    pub control: Expr,
    /// Its value for a case; of the same type.
    pub case: Expr,
    /// The greatest difference, in days for dates, else in the unit of the key; `None` is equality.
    pub within: Option<Number>,
}

/// `draw n seed s`
#[derive(Clone, Debug)]
pub struct Draw {
    /// How many.
    pub count: i64,
    /// The seed.
    pub seed: i64,
    /// The whole clause.
    pub range: Range,
}

/// What a cohort is taken from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CohortSource {
    /// All permitted subjects.
    Subjects,
    /// The members of another cohort.
    Cohort(CohortId),
}

/// What of an exit is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExitPart {
    /// `exit_date`
    Date,
    /// `exit_reason`
    Reason,
}
