//! The judge of the test suite: what a case of `suite/` or a page of `crates/diag/codes` must fulfil.
//!
//! [`judge::case`] and [`judge::page`] hold a [`Compiler`] to what [`spec`] read. Nothing here runs a test or
//! writes a file; `suite.rs` beside this folder does.

pub mod chance;
mod compiler;
mod difference;
mod front;
pub mod interference;
pub mod judge;
#[cfg(test)]
mod matching;
mod postgres;
mod rows;
mod warehouse;
mod witness;
mod words;

pub use compiler::{Checked, Compiler, Made};
pub use front::Front;
pub use words::SmallVocabulary;
