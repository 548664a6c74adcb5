//! Definitions: their parameters, their use, and what is wrong with one wherever it is used.
//!
//! A definition stands for its value in the scope of its use; its parameters stand for the values that
//! the use gives, typed in the scope around it. One that has parameters or belongs to an entity says
//! enough of where it is used to be checked where it stands.

use super::cohort::index_of;
use super::declared::Declared;
use super::effects::EffectScope;
use super::scope::{Frame, Global};
use super::{Checked, Checker};
use crate::query::Row;
use crate::ty::Type;
use diag::{Code, Diagnostic};
use model::EntityId;
use syntax::Parsed;
use syntax::tree::{self, Item};
use text::Range;

/// Parameters of the definition that is being read, with what they stand for.
pub(crate) type Bound = Vec<(String, Checked)>;

/// What depends on where a definition is used: the date of the file, and whether there is an index.
const DEPENDS: [&str; 4] = ["E0110", "E0111", "E0112", "E0114"];

impl<'a> Checker<'a> {
    /// The values of a definition's parameters for one use, or a diagnostic.
    pub(crate) fn bind(
        &mut self,
        parsed: &'a Parsed,
        define: &'a tree::Define,
        range: Range,
    ) -> Option<Bound> {
        if define.params.is_empty() {
            return Some(Vec::new());
        }
        let arguments = self.pending.take().unwrap_or_default();
        let name = define.name.text.as_str();
        let defined = parsed.range(define.name.span);
        let mut given: Vec<Option<&tree::Argument>> = vec![None; define.params.len()];
        for (place, argument) in arguments.iter().enumerate() {
            let at = match &argument.name {
                Some(word) => define.params.iter().position(|formal| formal.name.text == word.text),
                None => (place < define.params.len()).then_some(place),
            };
            let slot = at.and_then(|at| given.get_mut(at));
            let free = slot.filter(|slot| slot.is_none());
            let plain = argument.condition.is_none() && argument.by.is_none();
            match free {
                Some(slot) if plain => *slot = Some(argument),
                _ => {
                    let at = self.range(argument.span);
                    self.report(
                        Diagnostic::error(
                            Code("E0172"),
                            format!("`{name}` has no place for this value"),
                            at,
                            "one too many, or of another name",
                        )
                        .label(defined, "defined here")
                        .help(usage(define)),
                    );
                    return None;
                }
            }
        }
        let mut bound = Vec::new();
        for (formal, argument) in define.params.iter().zip(given) {
            let declared = self.in_file(parsed, |checker| checker.declared(&formal.ty))?;
            let what = format!("`{}` of `{name}`", formal.name.text);
            let value = match (argument, &formal.default) {
                (Some(argument), _) => {
                    let at = self.range(argument.span);
                    let value = self.expr(&argument.value, declared.expected());
                    self.fitted(value, &declared, at, &what)?
                }
                (None, Some(default)) => self.in_file(parsed, |checker| {
                    let at = checker.range(default.span);
                    let value = checker.expr(default, declared.expected());
                    checker.fitted(value, &declared, at, &what)
                })?,
                (None, None) => {
                    self.report(
                        Diagnostic::error(
                            Code("E0172"),
                            format!("`{name}` needs a value for `{}`", formal.name.text),
                            range,
                            format!("without `{}`", formal.name.text),
                        )
                        .label(defined, "defined here")
                        .help(usage(define)),
                    );
                    return None;
                }
            };
            bound.push((formal.name.text.clone(), value));
        }
        Some(bound)
    }

    /// Reads something in which only these parameters are known.
    pub(crate) fn with_bound<T>(&mut self, bound: Bound, read: impl FnOnce(&mut Self) -> T) -> T {
        let outer = std::mem::replace(&mut self.arguments, bound);
        let pending = self.pending.take();
        let value = read(self);
        self.arguments = outer;
        self.pending = pending;
        value
    }

    /// Replaces a definition by its value in the scope at its use. Without a type of its own, its names
    /// take the type that is expected there.
    pub(crate) fn defined(
        &mut self,
        parsed: &'a Parsed,
        define: &'a tree::Define,
        expected: Option<&Type>,
        range: Range,
    ) -> Checked {
        let declared = match &define.ty {
            Some(ty) => match self.in_file(parsed, |checker| checker.declared(ty)) {
                Some(declared) => Some(declared),
                None => return Checked::Error,
            },
            None => None,
        };
        let expected = declared.as_ref().map_or(expected, Declared::expected);
        let name = match &define.entity {
            Some(entity) => format!("{}.{}", entity.text, define.name.text),
            None => define.name.text.clone(),
        };
        self.inside(parsed, &name, range, |checker| {
            let value = checker.expr(&define.value, expected);
            match (&declared, value) {
                // Rows have no type to declare.
                (None, value) => value,
                (Some(declared), value) => {
                    let at = checker.range(define.value.span);
                    let what = format!("`{name}`");
                    checker.fitted(value, declared, at, &what).unwrap_or(Checked::Error)
                }
            }
        })
    }

    /// Checks the definitions of the current file that say where they are used.
    pub(crate) fn definitions(&mut self, parsed: &'a Parsed) {
        for item in &parsed.file.items {
            let Item::Define(define) = item else { continue };
            let own = match &define.entity {
                Some(entity) => self.entity_of_definitions(&entity.text).is_some_and(|entity| {
                    let known = self.of_entity.get(&(entity, define.name.text.clone()));
                    known.is_some_and(|(_, known)| std::ptr::eq(*known, define))
                }),
                None => matches!(
                    self.globals.get(&define.name.text),
                    Some(Global::Define(_, known)) if std::ptr::eq(*known, define)
                ),
            };
            if own && (define.entity.is_some() || !define.params.is_empty()) {
                self.definition(parsed, define);
            }
        }
    }

    fn definition(&mut self, parsed: &'a Parsed, define: &'a tree::Define) {
        let entity = define.entity.as_ref().and_then(|entity| self.entity_of_definitions(&entity.text));
        let mut bound = Vec::new();
        let mut whole = true;
        for formal in &define.params {
            let at = self.range(formal.name.span);
            let declared = self.declared(&formal.ty);
            let name = formal.name.text.clone();
            if bound.iter().any(|(known, _)| *known == name) {
                let message = format!("two parameters are named `{name}`");
                self.error("E0172", message, at, "the second one");
                whole = false;
            }
            match declared {
                Some(declared) => {
                    if let Some(default) = &formal.default {
                        let at = self.range(default.span);
                        let value = self.expr(default, declared.expected());
                        let what = format!("the default of `{name}`");
                        whole &= self.fitted(value, &declared, at, &what).is_some();
                    }
                    bound.push((name, Self::some_value(&declared, at)));
                }
                None => whole = false,
            }
        }
        if whole && self.makes_sense(parsed, define, entity, &bound) {
            return;
        }
        let name = define.name.text.clone();
        match entity {
            Some(entity) => drop(self.broken_of_entity.insert((entity, name))),
            None => drop(self.globals.insert(name, Global::Broken)),
        }
    }

    /// Whether the value can be read on a row of its entity, or of some entity; reports why not.
    fn makes_sense(
        &mut self,
        parsed: &'a Parsed,
        define: &'a tree::Define,
        entity: Option<EntityId>,
        bound: &Bound,
    ) -> bool {
        let rows: Vec<EntityId> = match entity {
            Some(entity) => vec![entity],
            None => self.model().subject().into_iter().chain(self.model().ids()).collect(),
        };
        let range = self.range(define.name.span);
        let mut first: Option<Vec<Diagnostic>> = None;
        for entity in rows {
            let row = Row { id: self.fresh_row(), hops: Vec::new(), entity };
            let subject = self.model().subject() == Some(entity);
            let call_id = self.fresh_row();
            let variant = self.model().entity(entity).name == "variant";
            let call = if variant { self.call_row(call_id) } else { None };
            let index = subject.then(|| index_of(&row));
            let frame = Frame { row: row.clone(), names: Vec::new(), index, call };
            let kept = (self.diagnostics.len(), self.unsaid);
            let (globals, broken) = (self.globals.clone(), self.broken_of_entity.clone());
            let frames = std::mem::replace(&mut self.frames, vec![frame]);
            self.effects.push(EffectScope::new(row));
            let _ = self.with_bound(bound.clone(), |checker| checker.defined(parsed, define, None, range));
            self.effects.pop();
            self.frames = frames;
            let said = self.diagnostics.split_off(kept.0);
            self.unsaid = kept.1;
            (self.globals, self.broken_of_entity) = (globals, broken);
            let wrong: Vec<Diagnostic> =
                said.into_iter().filter(|one| one.is_error() && !DEPENDS.contains(&one.code.0)).collect();
            if wrong.is_empty() {
                return true;
            }
            first.get_or_insert(wrong);
        }
        self.diagnostics.extend(first.into_iter().flatten());
        false
    }
}

/// How a definition is used: `` `older(years)` ``.
fn usage(define: &tree::Define) -> String {
    let formals: Vec<&str> = define.params.iter().map(|formal| formal.name.text.as_str()).collect();
    format!("it is written `{}({})`", define.name.text, formals.join(", "))
}
