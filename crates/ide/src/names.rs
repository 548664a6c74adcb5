//! Along the names: where one is given its meaning, where it is used, and how it is changed everywhere.
//!
//! Uses are those that the check noted, so a column and a cohort of the same spelling are never mixed up.

use crate::View;
use crate::phrase::name_at;
use std::path::PathBuf;
use syntax::tree::{Clause, Item, Name};
use text::Range;
use types::Meaning;

/// A place in a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The file, or the name of a text of the library.
    pub file: PathBuf,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

/// Why a name is not changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameError {
    /// There is no name here.
    NoName,
    /// The name belongs to the model or to the language, or to its library.
    NotOurs,
    /// The new name is a word of the language or cannot be written.
    NotAName,
    /// The file uses the new name already.
    Taken,
}

impl NameError {
    /// A sentence for people.
    pub fn words(self) -> &'static str {
        match self {
            NameError::NoName => "there is no name here",
            NameError::NotOurs => {
                "this name belongs to the model or the language, so it cannot be changed here"
            }
            NameError::NotAName => {
                "this cannot be a name: it is a word of the language, or has a character that names cannot have"
            }
            NameError::Taken => "this name is already used in a file where it would stand",
        }
    }
}

impl View<'_> {
    /// The item around a byte.
    pub(crate) fn enclosing_item(&self, offset: u32) -> Option<&Item> {
        let parsed = &self.analysis.parsed;
        parsed.file.items.iter().find(|item| {
            let range = parsed.range(item.span());
            range.start <= offset && offset <= range.end
        })
    }

    /// Where the name at a byte is given its meaning. At that place itself it is the place.
    pub fn declaration(&self, offset: u32) -> Option<Place> {
        self.declared(offset).map(|range| self.place(range))
    }

    fn declared(&self, offset: u32) -> Option<Range> {
        let parsed = &self.analysis.parsed;
        let name = name_at(&parsed.node_at(offset))?;
        let range = parsed.range(name.span);
        match self.analysis.notes.at(range) {
            Some(noted) => self.declaration_of(&noted.means, range.start),
            None => self.declarations().contains(&range).then_some(range),
        }
    }

    /// Where something is given its name; `at` is a use of it.
    pub(crate) fn declaration_of(&self, means: &Meaning, at: u32) -> Option<Range> {
        let model = self.session.model();
        let parsed = &self.analysis.parsed;
        match means {
            Meaning::Entity(id) => Some(model.entity(*id).range),
            Meaning::Column(entity, column) => Some(model.entity(*entity).column(*column).range),
            Meaning::Relation(entity, relation) => Some(model.entity(*entity).relation(*relation).range),
            Meaning::Item(range) => Some(*range),
            Meaning::Param(name) => parsed.file.items.iter().find_map(|item| match item {
                Item::Param(param) if param.formal.name.text == *name => {
                    Some(parsed.range(param.formal.name.span))
                }
                _ => None,
            }),
            Meaning::Local(name) => {
                let item = self.enclosing_item(at)?;
                locals(item)
                    .into_iter()
                    .find(|local| local.text == *name)
                    .map(|local| parsed.range(local.span))
            }
            Meaning::BuiltIn(_) | Meaning::Value(_) => None,
        }
    }

    /// Every place of this text where a name is given.
    pub(crate) fn declarations(&self) -> Vec<Range> {
        let parsed = &self.analysis.parsed;
        let items = parsed.file.items.iter();
        items
            .flat_map(|item| own_name(item).into_iter().chain(locals(item)))
            .map(|name| parsed.range(name.span))
            .collect()
    }

    /// All places of this text where the name at a byte is used, that where it is given among them.
    pub fn uses(&self, offset: u32) -> Vec<Place> {
        let Some(declared) = self.declared(offset) else { return Vec::new() };
        self.uses_of(&self.place(declared))
    }

    /// All places of this text that mean what is declared at a place of this or another file.
    pub fn uses_of(&self, declared: &Place) -> Vec<Place> {
        let main = self.analysis.checked.main;
        let uses = self.analysis.notes.uses.iter().filter(|noted| noted.range.file == main);
        let mut places: Vec<Place> = uses
            .filter(|noted| {
                let range = self.declaration_of(&noted.means, noted.range.start);
                range.is_some_and(|range| self.place(range) == *declared)
            })
            .map(|noted| self.place(noted.range))
            .collect();
        places.extend(
            self.declarations().into_iter().map(|range| self.place(range)).filter(|place| place == declared),
        );
        places.sort();
        places.dedup();
        places
    }

    /// The name at a byte as it can be changed: its place and its text.
    ///
    /// # Errors
    /// There is none, or it is not this project's to change.
    pub fn may_rename(&self, offset: u32) -> Result<(Range, Place), NameError> {
        let parsed = &self.analysis.parsed;
        let name = name_at(&parsed.node_at(offset)).ok_or(NameError::NoName)?;
        let range = parsed.range(name.span);
        let declared = match self.analysis.notes.at(range) {
            Some(noted) => match noted.means {
                Meaning::Entity(_)
                | Meaning::Column(..)
                | Meaning::Relation(..)
                | Meaning::BuiltIn(_)
                | Meaning::Value(_) => {
                    return Err(NameError::NotOurs);
                }
                Meaning::Item(_) | Meaning::Param(_) | Meaning::Local(_) => {
                    self.declaration_of(&noted.means, range.start)
                }
            },
            None => self.declarations().contains(&range).then_some(range),
        };
        let declared = declared.ok_or(NameError::NoName)?;
        if self.is_built_in(declared) {
            return Err(NameError::NotOurs);
        }
        Ok((range, self.place(declared)))
    }

    /// The places of this text where another name has to be written, and how it is written.
    ///
    /// # Errors
    /// The new name is none, or is taken in this text.
    pub fn rename(&self, declared: &Place, new: &str) -> Result<Vec<(Place, String)>, NameError> {
        let written = written(new).ok_or(NameError::NotAName)?;
        let places = self.uses_of(declared);
        if places.is_empty() {
            return Ok(Vec::new());
        }
        let taken = self
            .analysis
            .parsed
            .file
            .items
            .iter()
            .flat_map(|item| own_name(item).into_iter().chain(locals(item)));
        let mut taken = taken.filter(|name| name.text == new).peekable();
        if taken.peek().is_some()
            || self.analysis.notes.uses.iter().any(|noted| self.spelled(noted.range, new))
        {
            return Err(NameError::Taken);
        }
        Ok(places.into_iter().map(|place| (place, written.clone())).collect())
    }

    fn spelled(&self, range: Range, word: &str) -> bool {
        range.file == self.analysis.checked.main
            && self.analysis.checked.files.slice(range).trim_matches('`') == word
    }

    pub(crate) fn place(&self, range: Range) -> Place {
        Place { file: self.file_of(range), start: range.start, end: range.end }
    }
}

/// How a name is written: in backquotes where it would be read as something else.
fn written(name: &str) -> Option<String> {
    if name.is_empty() || name.contains(['`', '\n', '\r']) {
        return None;
    }
    let (tape, diagnostics) = syntax::lex(text::FileId(0), name);
    match tape.kinds() {
        [kind] if diagnostics.is_empty() && kind.is_name() => Some(name.to_owned()),
        [kind] if kind.is_reserved() => None,
        _ => Some(format!("`{name}`")),
    }
}

/// The name that an item gives to the file.
pub(crate) fn own_name(item: &Item) -> Option<&Name> {
    match item {
        Item::Param(param) => Some(&param.formal.name),
        Item::Codes(codes) => Some(&codes.name),
        Item::Define(define) => Some(&define.name),
        Item::Cohort(cohort) => Some(&cohort.name),
        Item::Table(table) => Some(&table.name),
        Item::Purpose(purpose) => Some(&purpose.name),
        Item::Use(_)
        | Item::AsOf(_)
        | Item::Import(_)
        | Item::Report(_)
        | Item::Test(_)
        | Item::Model(_)
        | Item::Entity(_)
        | Item::Agreement(_)
        | Item::Majority(_)
        | Item::Death(_)
        | Item::Error(_) => None,
    }
}

/// The names that the clauses of an item give.
pub(crate) fn locals(item: &Item) -> Vec<&Name> {
    let clauses = match item {
        Item::Cohort(cohort) => &cohort.clauses,
        Item::Table(table) => &table.clauses,
        Item::Define(define) => return define.params.iter().map(|formal| &formal.name).collect(),
        _ => return Vec::new(),
    };
    let mut names = Vec::new();
    for clause in clauses {
        match clause {
            Clause::Where(rule) => names.extend(&rule.name),
            Clause::Let(clause) => names.push(&clause.name),
            Clause::Each(each) => names.push(&each.name),
            Clause::Frequency(frequency) => names.extend(&frequency.name),
            Clause::Exit(columns) | Clause::Show(columns) => {
                names.extend(columns.columns.iter().filter_map(|column| column.name.as_ref()));
            }
            Clause::Group(group) => {
                names.extend(group.by.columns.iter().filter_map(|column| column.name.as_ref()));
            }
            Clause::Index(_)
            | Clause::Match(_)
            | Clause::Draw(_)
            | Clause::Order(_)
            | Clause::Limit(_)
            | Clause::Error(_) => {}
        }
    }
    names
}
