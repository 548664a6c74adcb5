//! The products of a cohort in checked form: `attrition of`, `describe`, `compare`.
//!
//! A report stands on cohorts and adds nothing to them. What it tests and counts is typed here once more
//! on a row of its own, so that a policy and a lowering need not look into the cohorts it is made of.

use crate::query::{CohortId, Expr, GroupKey, Row};
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
    /// cohort the index before the rules.
    pub steps: Vec<AttritionStep>,
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

/// What a step asks of a person.
#[derive(Clone, Debug)]
pub enum AttritionTest {
    /// The index date: a person without one is no member. The steps after it read it.
    Index(Expr),
    /// A rule: passed when it is true.
    Rule(Expr),
}

impl AttritionTest {
    /// The date or the condition.
    pub fn expr(&self) -> &Expr {
        match self {
            AttritionTest::Index(expr) | AttritionTest::Rule(expr) => expr,
        }
    }

    /// The same, to change it.
    pub fn expr_mut(&mut self) -> &mut Expr {
        match self {
            AttritionTest::Index(expr) | AttritionTest::Rule(expr) => expr,
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
