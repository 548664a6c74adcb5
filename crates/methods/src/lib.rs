//! A methods paragraph: what a permitted cohort, table or report is, in English, complete enough to do it again.
//!
//! [`describe`] reads the checked form and nothing of the text, so what it says is what runs. Every form has its
//! words: the matches name each one, so a form without words does not compile. What words mean exactly (unknown,
//! months, the chosen sample) is said once at the end, and only of words that were used. The same query gives the
//! same text on every day. It does not say how many people there are.

#![expect(clippy::format_push_string, reason = "prose is put together sentence by sentence")]

mod codes;
mod cohort;
mod condition;
mod literal;
mod notes;
mod report;
mod rows;
mod setting;
mod shown;
mod table;
mod value;

use model::{EntityId, Model};
use notes::Note;
use policy::Permitted;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use types::{CohortId, Query, RowId, TableId, Vocabulary};

/// How the paragraph is marked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Headings, numbered lists, names in backquotes.
    Markdown,
    /// Words alone.
    Plain,
}

/// What a description stands on.
#[derive(Clone, Copy)]
pub struct Input<'a> {
    /// The query with its grounds.
    pub permitted: &'a Permitted,
    /// The model it was checked with.
    pub model: &'a Model,
    /// Labels of codes.
    pub vocabulary: &'a dyn Vocabulary,
    /// Code systems and the releases that are pinned.
    pub releases: &'a [(String, String)],
}

impl std::fmt::Debug for Input<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Input").field("model", &self.model.name).finish_non_exhaustive()
    }
}

/// The cohort, table or report of that name; `None` where there is none.
pub fn describe(input: &Input<'_>, name: &str, style: Style) -> Option<String> {
    let words = Words {
        input: *input,
        query: input.permitted.query(),
        here: Cell::new(None),
        rows: RefCell::default(),
        notes: RefCell::default(),
        parts: RefCell::default(),
        described: RefCell::default(),
        systems: RefCell::default(),
    };
    let body = words.of(name)?;
    Some(match style {
        Style::Markdown => body,
        Style::Plain => plain(&body),
    })
}

/// The names that [`describe`] knows: cohorts, then tables and reports.
pub fn names(query: &Query) -> Vec<String> {
    let cohorts = query.cohorts.iter().map(|cohort| cohort.name.clone());
    cohorts.chain(query.results()).collect()
}

/// What a row in scope is called.
#[derive(Clone, Copy, Debug)]
pub(crate) enum RowName {
    /// A row of an entity.
    Of(EntityId),
    /// The call beside the row of a carried allele.
    CallOf(RowId),
}

/// A cohort or table that stands in the text already.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Described {
    Cohort(CohortId),
    Table(TableId),
}

/// The text as it grows.
pub(crate) struct Words<'a> {
    pub(crate) input: Input<'a>,
    pub(crate) query: &'a Query,
    /// The row that "it" and "its" mean.
    pub(crate) here: Cell<Option<RowId>>,
    pub(crate) rows: RefCell<BTreeMap<RowId, RowName>>,
    /// What is to be said exactly at the end.
    pub(crate) notes: RefCell<BTreeSet<Note>>,
    /// Paragraphs.
    pub(crate) parts: RefCell<Vec<String>>,
    pub(crate) described: RefCell<BTreeSet<Described>>,
    /// Code systems that were named.
    pub(crate) systems: RefCell<BTreeSet<String>>,
}

impl Words<'_> {
    fn of(&self, name: &str) -> Option<String> {
        if let Some(at) = self.query.tables.iter().position(|table| table.name == name) {
            self.say(format!("## Table `{name}`"));
            self.say(self.setting());
            self.table(TableId(u32::try_from(at).ok()?));
        } else if let Some(report) = self.query.reports.iter().find(|report| report.name == name) {
            self.report(report);
        } else {
            let at = self.query.cohorts.iter().position(|cohort| cohort.name == name)?;
            self.say(format!("## Cohort `{name}`"));
            self.say(self.setting());
            self.cohort(CohortId(u32::try_from(at).ok()?));
        }
        self.exactly();
        Some(self.parts.borrow().join("\n\n") + "\n")
    }

    /// Adds a paragraph.
    pub(crate) fn say(&self, part: String) {
        self.parts.borrow_mut().push(part);
    }

    /// Asks for a note.
    pub(crate) fn note(&self, note: Note) {
        self.notes.borrow_mut().insert(note);
    }

    /// Whether something is to be described now: true once.
    pub(crate) fn first_time(&self, what: Described) -> bool {
        self.described.borrow_mut().insert(what)
    }

    /// With "it" meaning a row.
    pub(crate) fn within<T>(&self, row: Option<RowId>, words: impl FnOnce() -> T) -> T {
        let outer = self.here.replace(row);
        let made = words();
        self.here.set(outer);
        made
    }
}

/// The words without their marks.
fn plain(text: &str) -> String {
    text.lines().map(|line| line.trim_start_matches("## ").replace(['`', '*'], "") + "\n").collect()
}

/// `a`, `b` and `c`
pub(crate) fn listed(words: &[String], last: &str) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., end] => format!("{} {last} {end}", first.join(", ")),
    }
}
