//! Test cases written as Markdown.
//!
//! A page is prose with headings and fenced blocks. A heading names a case; the blocks under it, up to the
//! next heading, are its files and its expectations:
//!
//! - a ` ```bq ` block is part of the program; several without a name are joined into `main.bq`;
//! - a line `` `panel.csv`: `` above a block makes it the file `panel.csv`, whatever its language;
//! - a ` ```toml ` block is the case's context. It holds for the cases below that heading too, and each of them
//!   can override a key;
//! - any other language is an expectation (`diagnostics`, `sql`, `rows`, …) that a harness compares, except the
//!   languages of [`ILLUSTRATION`], which are there for the reader.
//!
//! Comments in programs assert: `-- error: E0101`, `-- error: E0101 "part of the message"`, likewise
//! `-- warning:`. They stand on the line where the primary label starts, or alone on a line above it.
//!
//! This crate compiles nothing and does no I/O: it reads text and gives text back ([`bless`]). All line numbers
//! count from 1.

mod assertion;
mod bless;
mod read;

use std::fmt;
use std::ops::Range;

pub use bless::bless;
pub use read::read;

/// Languages of blocks that assert nothing.
pub const ILLUSTRATION: [&str; 4] = ["", "text", "console", "ebnf"];

/// The file that unnamed `bq` blocks are joined into.
pub const MAIN: &str = "main.bq";

/// One case: what stands under one heading.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// The page it stands on, as it was named to [`read`].
    pub page: String,
    /// The line of its heading.
    pub line: usize,
    /// Its heading, after those it stands under, outermost first. The title of the page, its one heading of the
    /// first level, is the first.
    pub path: Vec<String>,
    /// Its files in the order in which they first appear.
    pub files: Vec<SourceFile>,
    /// Settings, its own over those of the headings above it.
    pub context: toml::Table,
    /// Its expectation blocks, in order.
    pub blocks: Vec<Block>,
    /// What its comments assert, by file and line.
    pub assertions: Vec<Assertion>,
}

/// A file of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceFile {
    /// `main.bq`, or the name above its block.
    pub name: String,
    /// Its whole text, every line ended.
    pub text: String,
    /// For each line of the text, the line of the page it comes from.
    pub lines: Vec<usize>,
}

/// An expectation block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// The first word after the fence: `rows`.
    pub lang: String,
    /// What follows it: the `postgres` of `sql postgres`; often empty.
    pub info: String,
    /// Its content, every line ended.
    pub text: String,
    /// The lines of its content on the page, without the fences.
    pub lines: Range<usize>,
}

/// How grave the asserted diagnostic is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// `-- error:`
    Error,
    /// `-- warning:`
    Warning,
}

/// A diagnostic that must come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assertion {
    /// The file it speaks of.
    pub file: String,
    /// The line in that file where the primary label starts.
    pub line: usize,
    /// Its gravity.
    pub severity: Severity,
    /// Its code, `E0101`.
    pub code: String,
    /// A part of its message, if the comment gives one.
    pub message: Option<String>,
    /// The line of the page on which the assertion itself stands.
    pub page_line: usize,
}

/// Something on a page that cannot be read as a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// The page.
    pub page: String,
    /// The line on the page.
    pub line: usize,
    /// What is wrong, one line.
    pub reason: String,
}

impl Case {
    /// The name a person filters by: the headings below the title in lower case, joined by `/`. Empty for a case
    /// directly under the title.
    pub fn name(&self) -> String {
        self.path.get(1..).unwrap_or_default().join("/").to_lowercase()
    }

    /// The file of that name.
    pub fn file(&self, name: &str) -> Option<&SourceFile> {
        self.files.iter().find(|file| file.name == name)
    }
}

impl SourceFile {
    /// The line of the page for a line of the file; a place past the end gives the last line.
    pub fn page_line(&self, line: usize) -> usize {
        let last = self.lines.last().copied().unwrap_or(1);
        self.lines.get(line.saturating_sub(1)).copied().unwrap_or(last)
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
        })
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.page, self.line, self.reason)
    }
}

impl std::error::Error for Error {}
