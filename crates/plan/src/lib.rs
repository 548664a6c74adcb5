//! The relational form of a permitted query, and the way into it.
//!
//! A [`Plan`] is a list of named [`Step`]s, each one select block over earlier steps; the last one is
//! the raw result. Linked tables of the warehouse are read in guard steps and nowhere else: only
//! the guard module makes a [`Source::Linked`]. Three readers give a plan its meaning
//! independently: `sql` prints it, `eval` computes it over rows in memory, and `validate` checks the
//! printed text against what the policy demanded.
//!
//! All expressions are total: no function of [`Function`] can fail on any row.

mod expr;
pub mod lower;
mod members;
mod shape;
mod step;

pub use expr::{Aggregate, AggregateFunction, Comparison, Expr, Function, Order, Type, Value, Window};
pub use lower::{
    ColumnsRead, Origins, ReleasedColumn, ReleasedColumns, decisions, decisions_when_collected, items, lower,
    lower_item, lower_with_origins,
};
pub use shape::{
    Attrition, AttritionEvents, AttritionStep, AttritionStepKind, Cell, Characteristic, Characteristics,
    Copies, Facet, Fact, Frequency, FrequencyField, Nested, NestedColumn, NumberRaws, Overlap, Raw, Regroup,
    RegroupFunction, ReleasedExpr, ReleasedOperator, Shape, Shown, Weight, Weights,
};
pub use step::{Body, Join, JoinKind, Plan, Select, Source, Step, StepId};
pub use types::Fraction;
