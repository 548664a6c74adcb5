//! The products of a cohort in checked form: `attrition of`, `describe`, `compare`.
//!
//! A report stands on cohorts and adds nothing to them. What it tests and counts is typed here once more
//! on a row of its own, so that a policy and a lowering need not look into the cohorts it is made of.

use crate::cohort::Exit;
use crate::query::{CohortId, Expr, GroupKey, Row, Rows};
use text::Range;

/// A report.
#[derive(Clone, Debug)]
pub struct Report {
    /// The name of its result, made of its words: `attrition_of_new_users`. Unique among the results of
    /// a file.
    pub name: String,
    /// What it tells.
    pub kind: ReportKind,
    /// The whole item.
    pub range: Range,
}

/// What a report tells.
#[derive(Clone, Debug)]
pub enum ReportKind {
    /// `attrition of c`
    Attrition(Attrition),
    /// `describe c by keys show characteristics`
    Describe(Describe),
    /// `compare a with b show characteristics`
    Compare(Box<[Members; 2]>),
}

/// `attrition of c`: how many of all permitted people each step of a cohort leaves.
#[derive(Clone, Debug)]
pub struct Attrition {
    /// The cohort.
    pub cohort: CohortId,
    /// The row of a permitted subject, on which the steps are typed.
    pub row: Row,
    /// The steps in the order in which they act: those of the cohort that it is taken from first, of each
    /// cohort the index, the rules before the exit, the exit, the rules after it, and who is chosen.
    pub steps: Vec<AttritionStep>,
}

impl Attrition {
    /// Whether its cohort is one of events. Only the last of a chain of cohorts is, so that the index of
    /// every other step is one date per person.
    pub fn of_events(&self) -> bool {
        self.steps.iter().any(|step| matches!(step.test, AttritionTest::Each { .. }))
    }
}

/// A step that people pass or do not pass.
#[derive(Clone, Debug)]
pub struct AttritionStep {
    /// The name of the cohort it belongs to.
    pub cohort: String,
    /// The name of the rule, or its words as they are written.
    pub words: String,
    /// What is asked.
    pub test: AttritionTest,
}

/// What a step asks of a person, or of an event.
#[derive(Clone, Debug)]
pub enum AttritionTest {
    /// The index date: a person without one is no member. The steps after it read it.
    Index(Expr),
    /// The index dates of an event cohort: a person without any is no member. The steps after it are asked of
    /// each date.
    Each {
        /// The rows of which each distinct date is an event.
        rows: Box<Rows>,
        /// The date, typed on the last row of `rows`.
        date: Expr,
    },
    /// A rule: passed when it is true.
    Rule(Expr),
    /// The exit: follow-up that would begin after D has not begun. The steps after it read it.
    Exit(Exit),
    /// A match or a draw: passed by whom it takes. It chooses among those who pass all steps before.
    Choice {
        /// The cohort whose last clause it is.
        of: CohortId,
        /// The keys of a match, typed on the attrition's row: who has one that is not known is not taken for
        /// that reason. Empty for a draw.
        keys: Vec<Expr>,
    },
}

impl AttritionTest {
    /// All expressions in it but those within the rows of an event cohort.
    pub fn exprs(&self) -> Vec<&Expr> {
        match self {
            AttritionTest::Index(expr) | AttritionTest::Rule(expr) => vec![expr],
            AttritionTest::Each { rows: _, date } => vec![date],
            AttritionTest::Exit(exit) => exit.dates.iter().map(|(_, date)| date).collect(),
            AttritionTest::Choice { of: _, keys } => keys.iter().collect(),
        }
    }

    /// The same, to change them.
    pub fn exprs_mut(&mut self) -> Vec<&mut Expr> {
        match self {
            AttritionTest::Index(expr) | AttritionTest::Rule(expr) => vec![expr],
            AttritionTest::Each { rows: _, date } => vec![date],
            AttritionTest::Exit(exit) => exit.dates.iter_mut().map(|(_, date)| date).collect(),
            AttritionTest::Choice { of: _, keys } => keys.iter_mut().collect(),
        }
    }

    /// The rows of an event cohort.
    pub fn rows(&self) -> Option<&Rows> {
        match self {
            AttritionTest::Each { rows, date: _ } => Some(rows),
            _ => None,
        }
    }

    /// The same, to change them.
    pub fn rows_mut(&mut self) -> Option<&mut Rows> {
        match self {
            AttritionTest::Each { rows, date: _ } => Some(rows),
            _ => None,
        }
    }
}

/// `describe c [by keys] [show characteristics]`: Table 1 of a cohort, in groups and in total.
#[derive(Clone, Debug)]
pub struct Describe {
    /// Who is described.
    pub members: Members,
    /// The groups, typed on the members' row.
    pub keys: Vec<GroupKey>,
}

/// The members of a cohort with what is told of them.
#[derive(Clone, Debug)]
pub struct Members {
    /// The cohort.
    pub cohort: CohortId,
    /// Its name.
    pub name: String,
    /// A member's row.
    pub row: Row,
    /// What is told, typed on the row. Of two cohorts that are compared these are the same in order.
    pub characteristics: Vec<Characteristic>,
}

/// Something that is told of the members of a cohort.
#[derive(Clone, Debug)]
pub enum Characteristic {
    /// Something with a closed list of levels: how many have each, and of whom nothing is known.
    Levels(GroupKey),
    /// A number: how many have one, median and quartiles, mean and standard deviation.
    Number {
        /// Its heading, with its unit.
        name: String,
        /// Its value.
        value: Expr,
    },
}
