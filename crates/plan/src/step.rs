//! Steps and the select blocks they are made of.

use crate::expr::{Expr, Order, Type, Value};
use crate::shape::Shape;
use std::collections::BTreeSet;

/// A step of a [`Plan`], by its place in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StepId(pub u32);

/// A whole query in relational form.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The steps in order; a step reads only earlier ones. The last one is the raw result.
    pub steps: Vec<Step>,
    /// The total order of the raw result, over columns of the last step.
    pub order: Vec<Order>,
    /// What the columns of the raw result are, and what is shown of them after release.
    pub shape: Shape,
}

impl Plan {
    /// The tables of the warehouse that its steps read, in the order of their names.
    pub fn tables(&self) -> BTreeSet<&str> {
        let selects = self.steps.iter().flat_map(|step| match &step.body {
            Body::Select(select) => std::slice::from_ref(select).iter().chain(&[]),
            Body::UnionAll(selects) => selects.iter().chain(&[]),
            Body::Recursive { first, next } => {
                std::slice::from_ref(first).iter().chain(std::slice::from_ref(next))
            }
            Body::Values(_) => [].iter().chain(&[]),
        });
        let sources = selects.flat_map(|select| {
            std::iter::once(&select.from).chain(select.joins.iter().map(|join| &join.source))
        });
        sources
            .filter_map(|source| match source {
                Source::Public { table, .. } | Source::Linked { table, .. } => Some(table.as_str()),
                Source::Step { .. } | Source::Round { .. } => None,
            })
            .collect()
    }
}

/// A named relation: a common table expression in SQL.
#[derive(Clone, Debug)]
pub struct Step {
    /// Unique in the plan, taken from the words of the query where there are any.
    pub name: String,
    /// Why it is there, one line; printed as a comment in readable SQL.
    pub comment: String,
    /// Whether the engine must compute it before anything that reads it (a fence).
    pub fence: bool,
    /// What it computes.
    pub body: Body,
    /// Its columns: name and type, in order. Names are unique within the step.
    pub columns: Vec<(String, Type)>,
}

/// What a step computes. Rows are bags: duplicates count, order does not exist.
#[derive(Clone, Debug)]
pub enum Body {
    /// One select block.
    Select(Select),
    /// All rows of several blocks with the same columns.
    UnionAll(Vec<Select>),
    /// `first`, then `next` applied to the rows of the round before (read as [`Source::Round`])
    /// until a round has no rows; all rows of all rounds.
    Recursive {
        /// The first round.
        first: Select,
        /// Each further round.
        next: Select,
    },
    /// Literal rows.
    Values(Vec<Vec<Value>>),
}

/// `SELECT columns FROM from JOIN joins WHERE filter GROUP BY keys`.
///
/// Meaning: the product of `from` and the joins in order, rows kept where `filter` is true; with
/// `group` one row per distinct tuple of keys (nulls are one group; without any row there is no
/// group), else one row per row. An empty `group` list with `Some` is one row always.
#[derive(Clone, Debug)]
pub struct Select {
    /// Drops duplicate rows.
    pub distinct: bool,
    /// The output columns: name and value.
    pub columns: Vec<(String, Expr)>,
    /// The first relation.
    pub from: Source,
    /// Further relations.
    pub joins: Vec<Join>,
    /// The condition.
    pub filter: Option<Expr>,
    /// The grouping keys; aggregates may stand in `columns` only when this is `Some`.
    pub group: Option<Vec<Expr>>,
}

/// A relation under an alias that is unique in its block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// An earlier step.
    Step {
        /// Which.
        step: StepId,
        /// Its name in this block.
        alias: String,
    },
    /// The round before, in [`Body::Recursive`].
    Round {
        /// Its name in this block.
        alias: String,
    },
    /// A table without people in it.
    Public {
        /// The table.
        table: String,
        /// Its name in this block.
        alias: String,
    },
    /// A table with people in it: in guard steps and in consent steps only.
    Linked {
        /// The table.
        table: String,
        /// Its name in this block.
        alias: String,
    },
}

impl Source {
    /// The name in the block.
    pub fn alias(&self) -> &str {
        match self {
            Source::Step { alias, .. }
            | Source::Round { alias }
            | Source::Public { alias, .. }
            | Source::Linked { alias, .. } => alias,
        }
    }
}

/// A further relation of a block.
#[derive(Clone, Debug)]
pub struct Join {
    /// How.
    pub kind: JoinKind,
    /// What.
    pub source: Source,
    /// When rows belong together; may use all aliases so far. A cross join has `true`.
    pub on: Expr,
}

/// There are no right and no full joins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JoinKind {
    /// Rows that belong together.
    Inner,
    /// And rows of the left side to which none belongs, with nulls.
    Left,
}
