//! The checker: one struct that walks the items of a file in order.
//!
//! Names of items are collected first, so that the order of definitions does not matter for
//! `define` and `codes`; cohorts and tables are checked in order and may use those before them.
//! [`Checked`] is what an expression can turn out to be; only [`Checked::One`] is a value.

mod assessed;
mod choose;
mod code_file;
mod codes;
mod cohort;
mod compare;
mod declared;
mod define;
mod effects;
mod empty;
mod episodes;
mod expect;
mod expr;
mod frequency;
mod function;
mod functions;
mod grain;
mod group;
mod in_unit;
mod inherited;
mod interval;
mod items;
mod literal;
mod member;
mod modules;
mod nested;
mod noted;
mod of_released;
mod record;
mod released;
mod report;
mod rewrite;
mod rows;
mod scope;
mod series;
mod shown;
mod table;
mod test;
mod unknown;
mod window;

pub use codes::is_by_prefix;
pub use functions::FUNCTIONS;
pub use rewrite::canonical;

use crate::notes::Notes;
use crate::query::{CodeTest, Expr, GeneCodes, PickOrder, Query, Row, RowId, Rows};
use crate::vocabulary::Vocabulary;
use diag::{Code, Diagnostic};
use jiff::civil::Date;
use model::{EntityId, Model};
use scope::{Frame, Global};
use std::collections::{BTreeMap, BTreeSet};
use syntax::Parsed;
use syntax::tree;
use text::{FileId, Range};

pub use modules::Imported;

/// All that a file stands on.
#[derive(Clone, Copy)]
pub struct Input<'a> {
    /// The model of the warehouse.
    pub model: &'a Model,
    /// Codes, genes and alleles.
    pub vocabulary: &'a dyn Vocabulary,
    /// The file to check.
    pub main: &'a Parsed,
    /// Files whose definitions are visible everywhere.
    pub library: &'a [Parsed],
    /// What the paths of imports lead to, by the file that imports and the path as written.
    pub imports: &'a BTreeMap<(FileId, String), Imported>,
    /// Codes of CSV files by the file that names them and the path as written, or the reason why they
    /// cannot be read.
    pub code_files: &'a BTreeMap<(FileId, String), Result<Vec<FileCode>, String>>,
    /// Values given to parameters.
    pub params: &'a BTreeMap<String, Given>,
}

/// A value that was given to a parameter from outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    /// As it was written.
    pub text: String,
    /// Where, for messages: `on the command line`, `in params.toml, line 3`.
    pub from: String,
}

/// A code of a CSV file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileCode {
    /// The CURIE.
    pub curie: String,
    /// Its label, where the file has a column of labels and this one is not empty.
    pub label: Option<String>,
    /// The line it stands on, from 1.
    pub line: u64,
}

impl std::fmt::Debug for Input<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Input").field("model", &self.model.name).finish_non_exhaustive()
    }
}

/// Checks a file. Items with errors are missing from the query.
pub fn check(input: &Input<'_>) -> (Query, Vec<Diagnostic>) {
    check_with(input, None)
}

/// Checks a file as of another day than its own: the one that a `test` block names at `range`.
pub fn check_at(input: &Input<'_>, as_of: Date, range: Range) -> (Query, Vec<Diagnostic>) {
    check_with(input, Some((as_of, range)))
}

fn check_with(input: &Input<'_>, as_of: Option<(Date, Range)>) -> (Query, Vec<Diagnostic>) {
    let (query, diagnostics, _) = whole(input, as_of, None);
    (query, diagnostics)
}

/// Checks a file and writes down what its names mean. Where `cursor` stands as a name, the names that
/// could stand there are written down instead of an error.
pub fn check_noting(input: &Input<'_>, cursor: Option<&str>) -> (Query, Vec<Diagnostic>, Notes) {
    whole(input, None, Some(cursor.unwrap_or_default()))
}

fn whole(
    input: &Input<'_>,
    as_of: Option<(Date, Range)>,
    noting: Option<&str>,
) -> (Query, Vec<Diagnostic>, Notes) {
    let mut checker = Checker {
        input,
        parsed: input.main,
        globals: BTreeMap::new(),
        of_entity: BTreeMap::new(),
        broken_of_entity: BTreeSet::new(),
        frames: Vec::new(),
        spaces: BTreeMap::new(),
        loading: vec![(input.main.tape.file(), String::new())],
        other_days: BTreeSet::new(),
        defining: Vec::new(),
        arguments: Vec::new(),
        pending: None,
        next_row: 0,
        query: Query::default(),
        diagnostics: Vec::new(),
        as_of_written: false,
        as_of_instead: as_of,
        unsaid: 0,
        effects: Vec::new(),
        episodes: BTreeMap::new(),
        noting: noting.map(noted::Noting::new),
    };
    checker.file();
    let Checker { query, mut diagnostics, noting, .. } = checker;
    diag::sort(&mut diagnostics);
    (query, diagnostics, noting.map(noted::Noting::notes).unwrap_or_default())
}

/// What an expression turned out to be.
#[derive(Clone, Debug)]
pub(crate) enum Checked {
    /// One value per current row.
    One(Expr),
    /// One value per current row of which the least and the greatest that it can be are known.
    Between(Box<interval::Ends>, Range),
    /// One row per current row.
    Row(Row, Range),
    /// Many rows per current row; `tail` is a value or a to-one row of each.
    Many(Box<Rows>, Box<Checked>),
    /// One row picked of many, or none; `tail` is a value or a to-one row of it.
    Picked(Box<Rows>, PickOrder, Box<Checked>, Range),
    /// A set of codes.
    Codes(CodeTest, Range),
    /// The codes that a gene is annotated with.
    GeneCodes(Box<Expr>, GeneCodes, Range),
    /// A list of values.
    List(Vec<Checked>, Range),
    /// Alleles named by a literal.
    Alleles(Vec<crate::query::Allele>, Range),
    /// A stretch of a genome.
    Region(crate::query::Region, Range),
    /// A cohort by name.
    Cohort(crate::query::CohortId, Range),
    /// A table by name, or one of its shown columns: what was released of it.
    Table(crate::query::TableId, Option<u32>, Range),
    /// Something that has an error, already reported.
    Error,
}

pub(crate) struct Checker<'a> {
    pub(crate) input: &'a Input<'a>,
    /// The file whose expressions are being checked.
    pub(crate) parsed: &'a Parsed,
    pub(crate) globals: BTreeMap<String, Global<'a>>,
    /// `define ENTITY.NAME`.
    pub(crate) of_entity: BTreeMap<(EntityId, String), (&'a Parsed, &'a tree::Define)>,
    /// Those of them that had an error where they were used first.
    pub(crate) broken_of_entity: BTreeSet<(EntityId, String)>,
    /// Rows in scope, outermost first.
    pub(crate) frames: Vec<Frame>,
    /// The names of files other than the current one.
    pub(crate) spaces: BTreeMap<FileId, modules::Space<'a>>,
    /// The files being read, each imported by the one before it, with their paths as written.
    pub(crate) loading: Vec<(FileId, String)>,
    /// Days of imported files that were said to differ.
    pub(crate) other_days: BTreeSet<Range>,
    /// Definitions being replaced by their values, by file and name, to find circles.
    pub(crate) defining: Vec<(FileId, String)>,
    /// The parameters of the definition that is being read.
    pub(crate) arguments: define::Bound,
    /// What stands in parentheses after the name that is being looked up.
    pub(crate) pending: Option<Vec<tree::Argument>>,
    next_row: u32,
    pub(crate) query: Query,
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// Whether the file has an `as of` line, which may be broken: then its date is not missed again.
    pub(crate) as_of_written: bool,
    /// The day that takes the place of the file's `as of`.
    pub(crate) as_of_instead: Option<(Date, Range)>,
    /// Uses of what has an error already reported.
    pub(crate) unsaid: usize,
    /// Open places where a name of the reported effect may be read (language.md, "Effects").
    pub(crate) effects: Vec<effects::EffectScope>,
    /// Rows that are episodes; true of eras, which have a code.
    pub(crate) episodes: BTreeMap<RowId, bool>,
    /// What is written down of names, where an editor asked for it.
    pub(crate) noting: Option<noted::Noting>,
}

impl<'a> Checker<'a> {
    pub(crate) fn model(&self) -> &'a Model {
        self.input.model
    }

    pub(crate) fn range(&self, span: tree::Span) -> Range {
        self.parsed.range(span)
    }

    pub(crate) fn fresh_row(&mut self) -> RowId {
        self.next_row += 1;
        RowId(self.next_row)
    }

    pub(crate) fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    pub(crate) fn error(
        &mut self,
        code: &'static str,
        message: impl Into<String>,
        range: Range,
        label: impl Into<String>,
    ) {
        self.report(Diagnostic::error(Code(code), message, range, label));
    }

    /// A construct of the grammar that is not lowered yet: said, never passed over.
    pub(crate) fn not_yet(&mut self, what: &str, range: Range) {
        self.report(
            Diagnostic::error(Code("E0901"), format!("{what} cannot be run yet"), range, "not built yet").note(
                "the grammar has it and the parser reads it; this version of the compiler stops here instead of guessing",
            ),
        );
    }

    /// Errors so far, also those that are not said again: an item is whole if it adds none.
    pub(crate) fn errors(&self) -> usize {
        self.diagnostics.iter().filter(|diagnostic| diagnostic.is_error()).count() + self.unsaid
    }

    /// What has an error that was already reported where it was made.
    pub(crate) fn broken(&mut self) -> Checked {
        self.unsaid += 1;
        Checked::Error
    }
}

/// The help for near names.
pub(crate) fn with_near(diagnostic: Diagnostic, near: &[&str]) -> Diagnostic {
    diagnostic.near(near)
}
