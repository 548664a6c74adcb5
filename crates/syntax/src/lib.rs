//! From text to tree.
//!
//! - [`KEYWORDS`], [`Kind`]: the words and signs, one table
//! - [`lex`], [`Tape`]: the tokens of a text with its comments; nothing is lost
//! - [`parse`], [`Parsed`]: the tree of a text; never fails; [`wants_more`]: whether it is only unfinished
//! - [`tree`]: what a text says, before any name is looked up
//! - [`children`], [`walk`], [`Parsed::node_at`]: going through a tree
//! - [`codes`]: the diagnostics of this crate
//!
//! Names are not resolved here, and nothing is typed. This crate does no I/O.

pub mod codes;
pub mod tree;

mod brackets;
mod failure;
mod foreign;
mod grammar;
mod lexer;
mod parse;
mod problems;
mod split;
mod tape;
mod tokens;
mod visit;

pub use brackets::DEEPEST;
pub use lexer::lex;
pub use parse::{Parsed, parse, wants_more};
pub use tape::{Comment, Piece, Tape, Token};
pub use tokens::{Class, KEYWORDS, Keyword, Kind};
pub use visit::{Node, children, walk, walk_node};
