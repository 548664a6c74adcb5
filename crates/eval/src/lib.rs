//! The meaning of a plan over rows in memory.
//!
//! [`run`] computes a [`plan::Plan`] word by word as `plan` defines it: products of rows, filters,
//! groups, windows, expressions in three-valued logic. It is the second witness of every answer. The
//! first is an engine that runs printed SQL, and this crate shares nothing with the way there: no
//! SQL, no floating point, no engine, only the documentation of the plan. What is obvious goes before
//! what is fast; the one exception is that a join looks at its candidates by their equal keys, and
//! then still tests the whole condition of each.
//!
//! It is stricter than an engine where a plan promises something that an engine does not check: a
//! value that is not of the type of its column, a column of a group that the keys do not fix, and an
//! order that leaves two different rows in doubt are [`Malformed`].

mod aggregate;
mod block;
mod cell;
mod days;
mod error;
mod expression;
mod function;
mod numbers;
mod order;
mod run;
mod table;
mod window;

pub use error::Malformed;
pub use run::run;
pub use table::{Rows, Table, Tables};

#[cfg(test)]
mod tests;
