//! The judge of the test suite: what a case of `suite/` or a page of `crates/diag/codes` must fulfil.
//!
//! [`judge::case`] and [`judge::page`] hold a [`Compiler`] to what [`spec`] read. Nothing here runs a test or
//! writes a file; `suite.rs` beside this folder does.

mod compiler;
mod difference;
pub mod judge;
mod parser;

pub use compiler::{Checked, Compiler, Made};
pub use parser::Parser;
