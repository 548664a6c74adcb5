//! Imports: every file has names of its own, and takes others by name.

use super::scope::Global;
use super::{Checked, Checker, with_near};
use crate::query::{Expr, Kind, Value};
use diag::{Code, Diagnostic, near_names};
use model::EntityId;
use std::collections::{BTreeMap, BTreeSet};
use syntax::Parsed;
use syntax::tree::{self, ExprKind, Item};
use text::{FileId, Range};

/// What a path of an `import` leads to.
#[derive(Clone, Debug)]
pub enum Imported {
    /// The file that is checked.
    Main,
    /// Another file.
    File(std::sync::Arc<Parsed>),
}

/// The names of a file that is not the one whose expressions are being checked.
#[derive(Debug, Default)]
pub(crate) struct Space<'a> {
    globals: BTreeMap<String, Global<'a>>,
    of_entity: BTreeMap<(EntityId, String), (&'a Parsed, &'a tree::Define)>,
    broken_of_entity: BTreeSet<(EntityId, String)>,
}

impl<'a> Checker<'a> {
    /// Checks something of another file, with the names of that file.
    pub(crate) fn in_file<T>(&mut self, parsed: &'a Parsed, check: impl FnOnce(&mut Self) -> T) -> T {
        let outer = std::mem::replace(&mut self.parsed, parsed);
        let (from, to) = (outer.tape.file(), parsed.tape.file());
        self.switch(from, to);
        let value = check(self);
        self.switch(to, from);
        self.parsed = outer;
        value
    }

    /// Puts the names of one file away and takes those of another, if it has any of its own.
    fn switch(&mut self, from: FileId, to: FileId) {
        if from == to {
            return;
        }
        let Some(space) = self.spaces.remove(&to) else { return };
        let left = Space {
            globals: std::mem::replace(&mut self.globals, space.globals),
            of_entity: std::mem::replace(&mut self.of_entity, space.of_entity),
            broken_of_entity: std::mem::replace(&mut self.broken_of_entity, space.broken_of_entity),
        };
        self.spaces.insert(from, left);
    }

    /// The imports of the current file, in order.
    pub(crate) fn imports(&mut self, parsed: &'a Parsed) {
        for item in &parsed.file.items {
            if let Item::Import(import) = item {
                self.import(import);
            }
        }
    }

    /// Registers what the current file defines.
    pub(crate) fn collect(&mut self, parsed: &'a Parsed) {
        for item in &parsed.file.items {
            match item {
                Item::Codes(codes) => {
                    self.register(parsed, &codes.name, Global::Codes(parsed, codes));
                }
                Item::Define(define) => match &define.entity {
                    None => self.register(parsed, &define.name, Global::Define(parsed, define)),
                    Some(entity) => match self.entity_of_definitions(&entity.text) {
                        Some(id) => self.register_of_entity(parsed, id, define),
                        // The library speaks of rows that the compiler makes for some models only.
                        None if model::derived::NAMES.contains(&entity.text.as_str()) => {}
                        None => {
                            let near = near_names(&entity.text, self.model().names());
                            let diagnostic = Diagnostic::error(
                                Code("E0105"),
                                format!("there is no entity `{}`", entity.text),
                                parsed.range(entity.span),
                                "unknown entity",
                            );
                            self.report(with_near(diagnostic, &near));
                        }
                    },
                },
                _ => {}
            }
        }
    }

    /// The entity on whose rows a definition is read: also one whose rows the compiler makes.
    pub(crate) fn entity_of_definitions(&self, name: &str) -> Option<EntityId> {
        self.model().find(name).or_else(|| self.model().find_derived(name))
    }

    pub(crate) fn register(&mut self, parsed: &'a Parsed, name: &tree::Name, global: Global<'a>) {
        if self.globals.contains_key(&name.text) {
            return self.twice(name, parsed.range(name.span));
        }
        self.globals.insert(name.text.clone(), global);
    }

    fn register_of_entity(&mut self, parsed: &'a Parsed, entity: EntityId, define: &'a tree::Define) {
        let key = (entity, define.name.text.clone());
        if let Some((other, first)) = self.of_entity.get(&key).copied() {
            let name = format!("{}.{}", self.model().entity(entity).name, define.name.text);
            self.report(
                Diagnostic::error(
                    Code("E0107"),
                    format!("`{name}` is defined twice"),
                    parsed.range(define.name.span),
                    "defined here again",
                )
                .label(other.range(first.name.span), "defined here first"),
            );
            return;
        }
        let of = self.model().entity(entity);
        if of.find_column(&define.name.text).is_some() && !has_history(define) {
            let name = format!("{}.{}", of.name, define.name.text);
            self.report(
                Diagnostic::error(
                    Code("E0107"),
                    format!("`{name}` is a column already"),
                    parsed.range(define.name.span),
                    "defined here again",
                )
                .note("only the history of a column takes its place: `relation.column at as_of`")
                .help("give the definition another name"),
            );
            return;
        }
        self.of_entity.insert(key, (parsed, define));
    }

    fn import(&mut self, import: &'a tree::Import) {
        let range = self.range(import.file.span);
        let file = self.parsed.tape.file();
        let written = &import.file.value;
        let module = match self.input.imports.get(&(file, written.clone())) {
            Some(Imported::File(parsed)) => &**parsed,
            Some(Imported::Main) => self.input.main,
            None => {
                let shown = if written.starts_with("std/") {
                    "the standard library has no such module"
                } else {
                    "no such file beside this one"
                };
                self.error("E0108", format!("`{written}` was not found"), range, shown);
                return self.broken_names(import);
            }
        };
        let id = module.tape.file();
        if let Some(at) = self.loading.iter().position(|(open, _)| *open == id) {
            let mut circle: Vec<String> = vec![format!("`{written}`")];
            circle.extend(self.loading[at + 1..].iter().map(|(_, name)| format!("`{name}`")));
            circle.push(format!("`{written}`"));
            self.report(
                Diagnostic::error(
                    Code("E0170"),
                    format!("these files import each other: {}", circle.join(" imports ")),
                    range,
                    "closes the circle",
                )
                .note("a file is read after those that it imports, so none can come first")
                .help("put what both need into a third file"),
            );
            return self.broken_names(import);
        }
        self.load(module, written);
        if import.names.is_empty() {
            for name in public_names(module) {
                self.take(module, import, &name.text, range);
            }
            return;
        }
        for name in &import.names {
            let at = self.range(name.span);
            if self.may_be_taken(module, import, name, at) {
                self.take(module, import, &name.text, at);
            } else {
                self.globals.insert(name.text.clone(), Global::Broken);
            }
        }
    }

    /// What an import that failed would have brought says nothing more.
    fn broken_names(&mut self, import: &'a tree::Import) {
        for name in &import.names {
            self.globals.insert(name.text.clone(), Global::Broken);
        }
        self.unsaid += usize::from(import.names.is_empty());
    }

    /// Reads the names of a file, once.
    fn load(&mut self, module: &'a Parsed, written: &str) {
        let id = module.tape.file();
        if self.spaces.contains_key(&id) {
            return;
        }
        self.spaces.insert(id, Space::default());
        self.loading.push((id, written.to_owned()));
        let library = self.input.library;
        self.in_file(module, |checker| {
            for parsed in library {
                checker.collect(parsed);
            }
            for item in &module.file.items {
                if let Item::Param(param) = item {
                    checker.param(param);
                }
            }
            checker.imports(module);
            checker.collect(module);
            checker.definitions(module);
        });
        self.loading.pop();
    }

    /// Whether a name may be imported, or a diagnostic.
    fn may_be_taken(&mut self, module: &Parsed, import: &tree::Import, name: &tree::Name, at: Range) -> bool {
        let all: Vec<&tree::Name> = module.file.items.iter().filter_map(name_of).collect();
        if all.iter().any(|known| known.text == name.text) {
            if !is_private(&name.text) {
                return true;
            }
            self.report(
                Diagnostic::error(
                    Code("E0171"),
                    format!("`{}` is private to `{}`", name.text, import.file.value),
                    at,
                    "begins with `_`",
                )
                .note("a name that begins with `_` is of its own file")
                .help(format!(
                    "if others shall use it, call it `{}` there",
                    name.text.trim_start_matches('_')
                )),
            );
            return false;
        }
        let defined: Vec<String> = public_names(module).map(|name| name.text.clone()).collect();
        let diagnostic = Diagnostic::error(
            Code("E0109"),
            format!("`{}` does not define `{}`", import.file.value, name.text),
            at,
            "not found there",
        );
        let diagnostic = diagnostic.note("an import takes `codes`, `define` and `cohort` items by name");
        self.report(with_near(diagnostic, &super::unknown::nearest(&name.text, &defined)));
        false
    }

    /// Takes a name of a file into the current one.
    fn take(&mut self, module: &'a Parsed, import: &tree::Import, name: &str, at: Range) {
        for item in &module.file.items {
            let global = match item {
                Item::Codes(codes) if codes.name.text == name => Global::Codes(module, codes),
                Item::Define(define) if define.name.text == name => {
                    let Some(entity) = &define.entity else {
                        self.put(name, Global::Define(module, define), at);
                        continue;
                    };
                    let Some(id) = self.model().find(&entity.text) else { continue };
                    let key = (id, name.to_owned());
                    match self.of_entity.get(&key) {
                        Some((_, known)) if !std::ptr::eq(*known, define) => {
                            let (other, first) = self.of_entity[&key];
                            let first = other.range(first.name.span);
                            self.two_imports(&format!("{}.{name}", entity.text), at, Some(first));
                        }
                        Some(_) => {}
                        None => {
                            self.of_entity.insert(key.clone(), (module, define));
                            let broken = self
                                .spaces
                                .get(&module.tape.file())
                                .is_some_and(|space| space.broken_of_entity.contains(&key));
                            if broken {
                                self.broken_of_entity.insert(key);
                            }
                        }
                    }
                    continue;
                }
                Item::Cohort(cohort) if cohort.name.text == name => {
                    self.same_day(module, import);
                    self.in_file(module, |checker| checker.cohort_of_module(module, cohort));
                    let space = self.spaces.get(&module.tape.file());
                    space.and_then(|space| space.globals.get(name)).cloned().unwrap_or(Global::Broken)
                }
                _ => continue,
            };
            self.put(name, global, at);
        }
    }

    fn put(&mut self, name: &str, global: Global<'a>, at: Range) {
        let broken = match &global {
            Global::Codes(parsed, _) | Global::Define(parsed, _) => {
                let space = self.spaces.get(&parsed.tape.file());
                space.is_some_and(|space| matches!(space.globals.get(name), Some(Global::Broken)))
            }
            _ => false,
        };
        let same = match (self.globals.get(name), &global) {
            (Some(Global::Codes(_, a)), Global::Codes(_, b)) => std::ptr::eq(*a, *b),
            (Some(Global::Define(_, a)), Global::Define(_, b)) => std::ptr::eq(*a, *b),
            (Some(Global::Cohort(a)), Global::Cohort(b)) => a == b,
            (Some(Global::Broken), _) => true,
            _ => false,
        };
        if same {
            return;
        }
        if self.globals.contains_key(name) {
            let first = self.first_of(name);
            return self.two_imports(name, at, first);
        }
        self.globals.insert(name.to_owned(), if broken { Global::Broken } else { global });
        self.note_item(at, name);
    }

    fn two_imports(&mut self, name: &str, at: Range, first: Option<Range>) {
        let diagnostic =
            Diagnostic::error(Code("E0171"), format!("`{name}` comes from two files"), at, "the second one")
                .note("nothing shadows: a name has one meaning in a file")
                .help("name what is taken from each file, and leave one of the two out");
        self.report(match first {
            Some(first) => diagnostic.label(first, "the first one"),
            None => diagnostic,
        });
    }

    /// A cohort of another file, after those of that file that it stands on.
    fn cohort_of_module(&mut self, module: &'a Parsed, cohort: &'a tree::Cohort) {
        if self.globals.contains_key(&cohort.name.text) {
            return;
        }
        let text = module.tape.slice_of(cohort.span).to_owned();
        for item in &module.file.items {
            match item {
                Item::Cohort(other) if std::ptr::eq(other, cohort) => break,
                Item::Cohort(other) if has_word(&text, &other.name.text) => {
                    self.cohort_of_module(module, other);
                }
                _ => {}
            }
        }
        let before = self.errors();
        self.cohort(cohort);
        if self.errors() > before {
            self.globals.insert(cohort.name.text.clone(), Global::Broken);
        }
    }

    /// A file whose cohorts are taken speaks of the same day, if it names one.
    fn same_day(&mut self, module: &'a Parsed, import: &tree::Import) {
        for item in &module.file.items {
            let Item::AsOf(line) = item else { continue };
            let tree::AsOfDate::Date(written, span) = &line.date else { continue };
            let there = module.range(*span);
            let Checked::One(Expr { kind: Kind::Literal(Value::Date(day)), .. }) =
                self.date_literal(written, there)
            else {
                continue;
            };
            if let Some((own, here)) = self.query.as_of
                && own != day
                && self.other_days.insert(there)
            {
                let range = self.range(import.file.span);
                self.report(
                    Diagnostic::error(
                        Code("E0173"),
                        format!("`{}` asks as of {day}, and this file as of {own}", import.file.value),
                        range,
                        "its cohorts are of another day",
                    )
                    .label(there, "the other day")
                    .label(here, "the day of this file")
                    .help("leave `as of` out of the file that is imported; that of the asking file holds"),
                );
            }
        }
    }
}

/// A name that begins with `_` is of its own file.
fn is_private(name: &str) -> bool {
    name.starts_with('_')
}

/// The name of an item that can be imported.
fn name_of(item: &Item) -> Option<&tree::Name> {
    match item {
        Item::Codes(codes) => Some(&codes.name),
        Item::Define(define) => Some(&define.name),
        Item::Cohort(cohort) => Some(&cohort.name),
        _ => None,
    }
}

fn public_names(module: &Parsed) -> impl Iterator<Item = &tree::Name> {
    module.file.items.iter().filter_map(name_of).filter(|name| !is_private(&name.text))
}

fn has_word(text: &str, word: &str) -> bool {
    text.split(|letter: char| !letter.is_alphanumeric() && letter != '_').any(|part| part == word)
}

/// Whether a definition is an attribute with a history, such as `enrolment.site at as_of`: it is read at D, and
/// `at` reads it on another day.
pub(crate) fn has_history(define: &tree::Define) -> bool {
    let ExprKind::At { value: _, date } = &define.value.kind else { return false };
    define.params.is_empty()
        && matches!(&date.kind, ExprKind::Call(call) if call.name.text == "as_of" && call.arguments.is_none())
}
