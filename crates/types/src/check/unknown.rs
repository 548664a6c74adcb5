//! Names that nothing knows: what was meant, most likely.

use super::functions::{ELSEWHERE, FUNCTIONS};
use super::scope::article;
use super::{Checker, with_near};
use crate::ty::Type;
use crate::vocabulary::CodeStatus;
use diag::{Code, Diagnostic, near_names};
use model::EntityId;
use syntax::tree;
use text::Range;

impl Checker<'_> {
    /// Reports a name that neither the scope nor the items know.
    pub(crate) fn unknown_name(&mut self, name: &tree::Name, expected: Option<&Type>) {
        let range = self.range(name.span);
        let word = name.text.as_str();
        if self.offers_at(word) {
            return self.offer_scope(expected);
        }
        // What stands in parentheses behind it has not been taken by anything.
        if self.pending.is_some() {
            return self.unknown_function(word, range);
        }
        match expected {
            // What it is compared with has an error, and would have given it meaning.
            Some(Type::Unknown) => return,
            Some(Type::Gene) => {
                let diagnostic = self.unknown_gene(word, range);
                return self.report(diagnostic);
            }
            Some(Type::Code(system)) => {
                let mut diagnostic = Diagnostic::error(
                    Code("E0101"),
                    format!("`{word}` is not known here, and a code of {system} was expected"),
                    range,
                    "unknown name",
                )
                .note("a code is written with its system; its label may follow in quotes");
                if word.bytes().any(|byte| byte.is_ascii_digit()) {
                    let curie = format!("{system}:{word}");
                    match self.input.vocabulary.code(&curie) {
                        CodeStatus::Current(label) => {
                            diagnostic = diagnostic.likely(
                                format!("write `{curie}`"),
                                vec![(range, format!("{curie} \"{label}\""))],
                            );
                        }
                        CodeStatus::Unlisted => diagnostic = diagnostic.help(format!("`{curie}`")),
                        CodeStatus::ReplacedBy { .. } | CodeStatus::Obsolete(_) | CodeStatus::Unknown => {}
                    }
                }
                for (id, label) in self.input.vocabulary.near_codes(&format!("{system}:"), Some(word)) {
                    diagnostic = diagnostic.help(format!("`{id} \"{label}\"` is near"));
                }
                let items: Vec<String> = self.globals.keys().cloned().collect();
                return self.report(with_near(diagnostic, &nearest(word, &items)));
            }
            Some(_) | None => {}
        }
        let mut known: Vec<String> = self.globals.keys().cloned().collect();
        if let Some(Type::Enum(list)) = expected {
            known.extend(list.members.iter().cloned());
        }
        let rows: Vec<EntityId> = self.frames.iter().map(|frame| frame.row.entity).collect();
        for (at, row) in rows.iter().enumerate() {
            known.extend(self.frames[at].names.iter().map(|(name, _)| name.clone()));
            known.extend(self.names_of(*row));
        }
        let near = nearest(word, &known);
        let what = match (expected, self.frames.last()) {
            (Some(Type::Enum(list)), _) => format!("`{word}` is not one of {}", list.members.join(", ")),
            (_, Some(frame)) => {
                let entity = &self.model().entity(frame.row.entity).name;
                format!("{} has no `{word}`, and nothing of this name is defined", article(entity))
            }
            (_, None) => format!("`{word}` is not defined"),
        };
        let mut diagnostic = Diagnostic::error(Code("E0101"), what, range, "unknown name");
        if ["null", "none", "na", "missing", "unknown"].contains(&word.to_lowercase().as_str()) {
            diagnostic = diagnostic.help("`is known` and `is not known` ask whether there is a value");
        }
        if expected == Some(&Type::Text) {
            diagnostic = diagnostic.help(format!("text stands in quotes: `\"{word}\"`"));
        }
        if word == "hgvs" {
            diagnostic = diagnostic.help("after `in` a call stands in a list: `in [hgvs(\"…\")]`");
        }
        let beside = self.frames.last().and_then(|frame| self.beside(frame.row.entity, word));
        self.report(match beside {
            Some(path) => with_near(diagnostic, &[&path]),
            None => with_near(diagnostic, &near),
        });
    }

    /// Reports a name with parentheses behind it that is neither a function, rows nor a definition.
    pub(crate) fn unknown_function(&mut self, word: &str, range: Range) {
        let diagnostic = Diagnostic::error(
            Code("E0101"),
            format!("there is no function `{word}`"),
            range,
            "neither a function, nor rows, nor a definition",
        );
        let elsewhere = ELSEWHERE.iter().find(|(other, _)| word.eq_ignore_ascii_case(other));
        let mut known: Vec<String> = FUNCTIONS.iter().map(|(name, ..)| (*name).to_owned()).collect();
        known.extend(self.globals.keys().cloned());
        for frame in &self.frames {
            known.extend(self.names_of(frame.row.entity));
        }
        let mut near = elsewhere.map_or_else(|| nearest(word, &known), |(_, here)| vec![*here]);
        // Names of functions are short: `rank` and `band` are two letters apart and have nothing in common.
        near.retain(|name| elsewhere.is_some() || name.chars().next() == word.chars().next());
        self.report(with_near(diagnostic, &near));
    }

    /// `subject.age`, where a sample has no `age` and its subject has.
    pub(crate) fn beside(&self, id: EntityId, word: &str) -> Option<String> {
        let entity = self.model().entity(id);
        let has = |target| self.names_of(target).iter().any(|name| name == word);
        let to_one = entity.relations.iter().filter(|relation| !relation.many && has(relation.target));
        let mut paths = to_one.map(|relation| format!("{}.{word}", relation.name));
        let path = paths.next()?;
        paths.next().is_none().then_some(path)
    }

    /// `brca1` or `MYHC7` where a gene was expected.
    fn unknown_gene(&self, word: &str, range: Range) -> Diagnostic {
        let diagnostic = Diagnostic::error(
            Code("E0404"),
            format!("`{word}` is not a gene"),
            range,
            "a gene symbol was expected",
        );
        let capitals = word.to_uppercase();
        if capitals != word && self.input.vocabulary.is_gene(&capitals) {
            return with_near(diagnostic, &[&capitals]);
        }
        diagnostic
            .note("a gene is known by the symbol that the pinned list of genes has")
            .help("a symbol with a `-` in it is written in backquotes")
    }

    /// The names that may follow a row of an entity, or stand alone in its scope.
    pub(crate) fn names_of(&self, id: EntityId) -> Vec<String> {
        let entity = self.model().entity(id);
        let mut names = vec![entity.name.clone()];
        names.extend(entity.columns.iter().map(|column| column.name.clone()));
        names.extend(entity.intervals.iter().map(|interval| interval.name.clone()));
        for relation in &entity.relations {
            names.push(relation.name.clone());
            if self.relation_to(id, &self.model().entity(relation.target).name).is_some() {
                names.push(self.model().entity(relation.target).name.clone());
            }
        }
        names.extend(self.of_entity.keys().filter(|(of, _)| *of == id).map(|(_, name)| name.clone()));
        let is_subject = self.model().subject() == Some(id);
        if is_subject && entity.life.birth_date.is_some() {
            names.push("age".to_owned());
        }
        if is_subject || entity.name == "sample" {
            names.extend(["variant".to_owned(), "variants".to_owned()]);
        }
        if entity.name == "variant" {
            names.extend(super::effects::NAMES.iter().map(|(name, _)| (*name).to_owned()));
        }
        names
    }
}

/// The known names near to a word; where none is, those of which it is the first part.
pub(crate) fn nearest<'n>(word: &str, known: &'n [String]) -> Vec<&'n str> {
    let mut near = near_names(word, known.iter().map(String::as_str));
    // The singular and the plural are one suggestion.
    if let [first, second, ..] = near.as_slice()
        && (second.strip_suffix('s') == Some(first) || first.strip_suffix('s') == Some(second))
    {
        near.truncate(1);
    }
    if near.is_empty() {
        let begins = |name: &&String| name.strip_prefix(word).is_some_and(|rest| rest.starts_with('_'));
        near = known.iter().filter(begins).map(String::as_str).collect();
        near.sort_unstable();
        near.dedup();
    }
    near
}
