//! Prints a [`plan::Plan`] as SQL of one engine.
//!
//! Every step becomes one common table expression, the last step is read in the order of the plan,
//! and every function is spelled so that it fails on no row ([`plan::Function`] says what it gives
//! instead). The text is built as a tree of `sqlparser` and printed from it; names go through one
//! printer (`names`), literals through another (`literal`), so no word of a query can become syntax.
//!
//! What differs between engines is in one folder each (`duckdb`, `postgres`) behind the trait
//! `spelling::Spelling`.
//!
//! This crate does not decide what may be read: it prints what the plan says. Whether the text holds
//! the guards that the policy demands is checked by a reader that shares nothing with it.

mod block;
mod build;
mod duckdb;
mod expression;
mod literal;
mod names;
mod operand;
mod places;
mod postgres;
mod pretty;
mod scope;
mod spelling;
mod tree;

pub use build::{Dialect, Statement, Unprintable, build, build_with_places};
pub use places::Places;
pub use spelling::FUNCTIONS;
