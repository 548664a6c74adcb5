//! What names mean: rows in scope, items of the file, definitions.

use super::modules::has_history;
use super::{Checked, Checker};
use crate::notes::Meaning;
use crate::query::{CohortId, Expr, Kind, Row, Rows, RowsSource, RowsStep, TableId};
use crate::ty::Type;
use diag::{Code, Diagnostic};
use model::{ColumnLabel, EntityId, RelationId};
use syntax::Parsed;
use syntax::tree;
use text::Range;

/// A row in scope with the names that its clauses gave.
#[derive(Clone, Debug)]
pub(crate) struct Frame {
    /// The row.
    pub(crate) row: Row,
    /// `let` and rule names, newest last.
    pub(crate) names: Vec<(String, Checked)>,
    /// The index date, where the row is one of a cohort with an index.
    pub(crate) index: Option<Expr>,
    /// The call row beside a carried variant's row.
    pub(crate) call: Option<Row>,
}

/// An item of the file or of what it imports.
#[derive(Clone, Debug)]
pub(crate) enum Global<'a> {
    /// A parameter with its value.
    Param(Checked),
    /// A set of codes.
    Codes(&'a Parsed, &'a tree::Codes),
    /// A definition.
    Define(&'a Parsed, &'a tree::Define),
    /// A cohort that was checked.
    Cohort(CohortId),
    /// An item that had an error: its uses say nothing more.
    Broken,
    /// A table that was checked.
    Table(TableId),
}

impl<'a> Checker<'a> {
    /// Reads a bare name in the scope, innermost row outwards, then items. `expected` gives meaning
    /// to members of an enum and to genes.
    pub(crate) fn name(&mut self, name: &tree::Name, expected: Option<&Type>) -> Checked {
        let range = self.range(name.span);
        let word = name.text.as_str();
        if word == "as_of" {
            self.note(range, || Meaning::BuiltIn(word.to_owned()));
            return match self.as_of_date("as_of", range) {
                Some(date) => Checked::One(literal_date(date, range)),
                None => Checked::Error,
            };
        }
        let member = self.expected_member(word, expected, range);
        let found = self.lookup(name, expected);
        match (found, member) {
            (Some((found, _)), None) => {
                self.note_shape(range, &found);
                found
            }
            (None, Some(member)) => {
                self.note(range, || Meaning::Value(word.to_owned()));
                self.note_shape(range, &member);
                member
            }
            (Some((_, what)), Some(_)) => {
                self.report(
                    Diagnostic::error(
                        Code("E0102"),
                        format!(
                            "`{word}` could be {what} or {}",
                            expected.map_or_else(String::new, member_words)
                        ),
                        range,
                        "two meanings",
                    )
                    .note("nothing shadows: a name that could be two things is an error where it is used"),
                );
                Checked::Error
            }
            (None, None) => {
                self.unknown_name(name, expected);
                Checked::Error
            }
        }
    }

    /// The date of `as of`; its lack is reported where `what` needs it, unless the line itself was wrong.
    pub(crate) fn as_of_date(&mut self, what: &str, range: Range) -> Option<jiff::civil::Date> {
        if self.query.as_of.is_none() && !self.as_of_written {
            self.report(
                Diagnostic::error(
                    Code("E0110"),
                    format!("`{what}` has no date"),
                    range,
                    "this file has no `as of` line",
                )
                .note("a question is asked as of one day, so that it gives the same answer next year")
                .help("write the day above the first item, such as `as of 2026-06-01`"),
            );
        }
        if self.query.as_of.is_none() {
            self.unsaid += 1;
        }
        self.query.as_of.map(|(date, _)| date)
    }

    /// A member of the expected enum, or a gene.
    pub(crate) fn expected_member(
        &mut self,
        word: &str,
        expected: Option<&Type>,
        range: Range,
    ) -> Option<Checked> {
        let value = |ty: &Type| {
            Checked::One(Expr {
                kind: Kind::Literal(crate::query::Value::Text(word.to_owned())),
                ty: ty.clone(),
                label: ColumnLabel::Public,
                range,
            })
        };
        match expected {
            Some(ty @ Type::Enum(list)) => {
                list.members.iter().any(|member| member == word).then(|| value(ty))
            }
            Some(ty @ Type::Gene) => {
                // A bare word in a gene's place is a gene unless the scope knows the word.
                if !self.input.vocabulary.is_gene(word) || !looks_like_gene(word) {
                    return None;
                }
                Some(value(ty))
            }
            Some(
                Type::Bool
                | Type::Int
                | Type::Decimal
                | Type::Percent
                | Type::Quantity(_)
                | Type::QuantityOf(_)
                | Type::Age
                | Type::AgeInDays
                | Type::Days
                | Type::Months
                | Type::Date
                | Type::Month
                | Type::Text
                | Type::Code(_)
                | Type::Id
                | Type::Allele
                | Type::Band { .. }
                | Type::Interval
                | Type::Unknown,
            )
            | None => None,
        }
    }

    /// What the scope and the items know under a name, and what that is in words.
    fn lookup(&mut self, name: &tree::Name, expected: Option<&Type>) -> Option<(Checked, String)> {
        let range = self.range(name.span);
        // An entity's name is its row, the innermost one.
        let row = self.frames.iter().rev().find(|frame| self.row_name(&frame.row) == name.text);
        if let Some(frame) = row {
            let row = frame.row.clone();
            self.note(range, || Meaning::Entity(row.entity));
            return Some((Checked::Row(row, range), format!("this {}", name.text)));
        }
        let mut found: Vec<(Checked, String)> = Vec::new();
        if let Some((_, value)) = self.arguments.iter().find(|(known, _)| *known == name.text) {
            found.push((value.clone(), "a parameter of this definition".to_owned()));
            self.note(range, || Meaning::Local(name.text.clone()));
        }
        for at in (0..self.frames.len()).rev() {
            if self.read_from_inner_effect(at, &name.text) {
                continue;
            }
            if let Some(hit) = self.in_frame(at, name) {
                found.push(hit);
            }
        }
        if found.len() > 1 {
            let words: Vec<&str> = found.iter().map(|(_, what)| what.as_str()).collect();
            let mut diagnostic = Diagnostic::error(
                Code("E0102"),
                format!("`{}` could be {}", name.text, words.join(" or ")),
                range,
                format!("found in {} rows", found.len()),
            )
            .note("nothing shadows: a name that several rows have is an error where it is used");
            // Innermost first, as in the message. A name from `let` has no row to write before it.
            for frame in self.frames.iter().rev() {
                let row = self.row_name(&frame.row);
                if words.contains(&format!("`{}` of {row}", name.text).as_str()) {
                    let path = format!("{row}.{}", name.text);
                    diagnostic = diagnostic.likely(format!("write `{path}`"), vec![(range, path)]);
                }
            }
            self.report(diagnostic);
            return Some((Checked::Error, String::new()));
        }
        if let Some(hit) = found.pop() {
            return Some(hit);
        }
        self.global(name, expected, range)
    }

    /// Whether a name on a variant is that of its effect, whose own row is further in: `effects (impact
    /// = high)` means the impact of that effect, which is no second meaning.
    fn read_from_inner_effect(&self, at: usize, word: &str) -> bool {
        let entity = |frame: &Frame| self.model().entity(frame.row.entity).name.as_str();
        entity(&self.frames[at]) == "variant"
            && super::effects::NAMES.iter().any(|(name, _)| *name == word)
            && self.frames[at + 1..].iter().any(|inner| entity(inner) == "effect")
    }

    fn in_frame(&mut self, at: usize, name: &tree::Name) -> Option<(Checked, String)> {
        let word = name.text.as_str();
        let frame = self.frames.get(at)?.clone();
        if let Some((_, checked)) = frame.names.iter().rev().find(|(known, _)| known == word) {
            let entity = self.model().entity(frame.row.entity);
            if entity.find_column(word).is_some() || entity.find_relation(word).is_some() {
                let (row, range) = (entity.name.clone(), self.range(name.span));
                self.report(
                    Diagnostic::error(
                        Code("E0102"),
                        format!("`{word}` could be a name of this table or `{word}` of {row}"),
                        range,
                        "two meanings",
                    )
                    .note("nothing shadows: a name that is a column too is an error where it is used")
                    .help(format!(
                        "give the `let` or the rule another name, or write `{row}.{word}` for the column"
                    )),
                );
                return Some((Checked::Error, "a name of this table".to_owned()));
            }
            let checked = if matches!(checked, Checked::Error) { self.broken() } else { checked.clone() };
            self.note(self.range(name.span), || Meaning::Local(word.to_owned()));
            return Some((checked, "a name of this table".to_owned()));
        }
        let checked = self.member_of_row(&frame.row, name, frame.call.as_ref())?;
        Some((checked, format!("`{word}` of {}", self.row_name(&frame.row))))
    }

    fn global(
        &mut self,
        name: &tree::Name,
        expected: Option<&Type>,
        range: Range,
    ) -> Option<(Checked, String)> {
        let global = self.globals.get(&name.text)?.clone();
        self.note_item(range, &name.text);
        Some(match global {
            Global::Param(value) => (value, "a parameter".to_owned()),
            Global::Codes(parsed, codes) => {
                let checked = self.inside(parsed, &name.text, range, |checker| checker.codes_item(codes));
                if matches!(checked, Checked::Error) {
                    self.globals.insert(name.text.clone(), Global::Broken);
                }
                (checked, "a code set".to_owned())
            }
            Global::Define(parsed, define) => {
                let Some(bound) = self.bind(parsed, define, range) else {
                    return Some((Checked::Error, "a definition".to_owned()));
                };
                let checked = self.with_bound(bound, |checker| {
                    checker.used(range, |checker| checker.defined(parsed, define, expected, range))
                });
                if matches!(checked, Checked::Error) && define.params.is_empty() {
                    // One mistake is said once, at the first use.
                    self.globals.insert(name.text.clone(), Global::Broken);
                }
                (checked, "a definition".to_owned())
            }
            Global::Cohort(id) => (Checked::Cohort(id, range), "a cohort".to_owned()),
            Global::Broken => (self.broken(), "an item with an error".to_owned()),
            Global::Table(id) => (Checked::Table(id, None, range), "a table".to_owned()),
        })
    }

    /// Says of each mistake that is found in a definition where the definition is used: whether it is
    /// one depends on the row there.
    fn used(&mut self, range: Range, check: impl FnOnce(&mut Self) -> Checked) -> Checked {
        let before = self.diagnostics.len();
        let checked = check(self);
        for diagnostic in self.diagnostics[before..]
            .iter_mut()
            // A circle names its places itself.
            .filter(|diagnostic| diagnostic.is_error() && diagnostic.code != Code("E0104"))
        {
            diagnostic.labels.push(diag::Label { range, text: "used here".to_owned() });
        }
        checked
    }

    /// Checks something of another file; refuses circles.
    pub(crate) fn inside(
        &mut self,
        parsed: &'a Parsed,
        name: &str,
        range: Range,
        check: impl FnOnce(&mut Self) -> Checked,
    ) -> Checked {
        let key = (parsed.tape.file(), name.to_owned());
        if self.defining.contains(&key) {
            self.error(
                "E0104",
                format!("`{name}` is defined by itself"),
                range,
                "this leads back to its own definition",
            );
            return Checked::Error;
        }
        self.defining.push(key);
        let checked = self.in_file(parsed, check);
        self.defining.pop();
        checked
    }

    /// A column, relation or definition of a row, by name.
    pub(crate) fn member_of_row(
        &mut self,
        row: &Row,
        name: &tree::Name,
        call: Option<&Row>,
    ) -> Option<Checked> {
        let range = self.range(name.span);
        let word = name.text.as_str();
        if self.is_episode(row) {
            return self.of_episode(row, word, range).map(Checked::One);
        }
        let entity = self.model().entity(row.entity);
        // A file that gives a column a history means that, and not what the column holds.
        let history = self.of_entity.get(&(row.entity, word.to_owned()));
        let history = history.is_some_and(|(_, define)| has_history(define));
        if let Some(column) = entity.find_column(word).filter(|_| !history) {
            self.note(range, || Meaning::Column(row.entity, column));
            return Some(Checked::One(self.column(row, column, range)));
        }
        if let Some(interval) = entity.find_interval(word).filter(|_| !history) {
            self.note(range, || Meaning::Column(row.entity, interval.earliest));
            return Some(Checked::Between(Box::new(self.interval(row, interval, range)), range));
        }
        if self.broken_of_entity.contains(&(row.entity, word.to_owned())) {
            return Some(self.broken());
        }
        if let Some((parsed, define)) = self.of_entity.get(&(row.entity, word.to_owned())).copied() {
            self.note(range, || Meaning::Item(parsed.range(define.name.span)));
            let Some(bound) = self.bind(parsed, define, range) else { return Some(Checked::Error) };
            // A definition of an entity is read in the scope of its row alone.
            let frame = Frame { row: row.clone(), names: Vec::new(), index: None, call: call.cloned() };
            let outer = std::mem::replace(&mut self.frames, vec![frame]);
            let checked = self.with_bound(bound, |checker| {
                checker.used(range, |checker| checker.defined(parsed, define, None, range))
            });
            self.frames = outer;
            if matches!(checked, Checked::Error) && define.params.is_empty() {
                self.broken_of_entity.insert((row.entity, word.to_owned()));
            }
            return Some(checked);
        }
        if let Some(checked) = self.built_in(row, name, call) {
            self.note(range, || Meaning::BuiltIn(word.to_owned()));
            return Some(checked);
        }
        let relation = entity.find_relation(word).or_else(|| self.relation_to(row.entity, word))?;
        self.note(range, || Meaning::Relation(row.entity, relation));
        Some(self.relation(row, relation, range))
    }

    /// The one relation of an entity whose target answers to `word`, in the singular or the plural.
    pub(crate) fn relation_to(&self, entity: EntityId, word: &str) -> Option<RelationId> {
        let target = self.model().find(word)?;
        let of = self.model().entity(entity);
        let mut hits = (0..u32::try_from(of.relations.len()).unwrap_or(0))
            .map(RelationId)
            .filter(|relation| of.relation(*relation).target == target);
        let first = hits.next()?;
        hits.next().is_none().then_some(first)
    }

    /// The row or rows that a relation leads to.
    pub(crate) fn relation(&mut self, row: &Row, relation: RelationId, range: Range) -> Checked {
        let declared = self.model().entity(row.entity).relation(relation);
        if !declared.many {
            return Checked::Row(row.hop(relation, declared.target), range);
        }
        let target = Row { id: self.fresh_row(), hops: Vec::new(), entity: declared.target };
        let step = RowsStep {
            source: RowsSource::Relation(row.hops.clone(), relation),
            conditions: self.only_observed(&target, range),
            row: target.clone(),
            bounds: Vec::new(),
        };
        let around =
            Row { id: row.id, hops: Vec::new(), entity: self.entity_of(row.id).unwrap_or(row.entity) };
        Checked::Many(
            Box::new(Rows {
                around,
                steps: vec![step],
                each_other: crate::query::EachOther::default(),
                words: self.model().entity(declared.target).plural.clone(),
            }),
            Box::new(Checked::Row(target, range)),
        )
    }

    /// Rows of an entity with an `excluded` column are the observed ones, unless `excludes` asks.
    fn only_observed(&mut self, row: &Row, range: Range) -> Vec<Expr> {
        let entity = self.model().entity(row.entity);
        let Some(excluded) = entity.find_column("excluded") else { return Vec::new() };
        let column = self.column(row, excluded, range);
        let label = column.label;
        vec![Expr { kind: Kind::Not(Box::new(column)), ty: Type::Bool, label, range }]
    }

    fn entity_of(&self, id: crate::query::RowId) -> Option<EntityId> {
        self.frames.iter().find(|frame| frame.row.id == id).map(|frame| frame.row.entity)
    }

    /// A column's value.
    pub(crate) fn column(&self, row: &Row, column: model::ColumnId, range: Range) -> Expr {
        let declared = self.model().entity(row.entity).column(column);
        Expr {
            kind: Kind::Column(row.clone(), column),
            ty: column_type(declared),
            label: declared.label,
            range,
        }
    }
}

pub(crate) fn article(noun: &str) -> String {
    let an = noun.starts_with(['a', 'e', 'i', 'o', 'u']);
    format!("{} {noun}", if an { "an" } else { "a" })
}

fn member_words(ty: &Type) -> String {
    match ty {
        Type::Gene => "a gene".to_owned(),
        other => other.to_string(),
    }
}

/// Gene symbols begin with a letter and have a capital or a digit: `MYBPC3`, `C1orf112`.
fn looks_like_gene(word: &str) -> bool {
    word.starts_with(|first: char| first.is_ascii_alphabetic())
        && word.chars().any(|letter| letter.is_ascii_uppercase() || letter.is_ascii_digit())
}

/// The type of a column's values in the language.
pub(crate) fn column_type(column: &model::Column) -> Type {
    use model::ColumnType;
    match (&column.ty, &column.unit) {
        (ColumnType::Decimal | ColumnType::Int, Some(model::Unit::Fixed(unit))) => {
            Type::Quantity(unit.clone())
        }
        (ColumnType::Decimal | ColumnType::Int, Some(model::Unit::From(unit))) => Type::QuantityOf(*unit),
        (ColumnType::Id, _) => Type::Id,
        (ColumnType::Int, None) => Type::Int,
        (ColumnType::Decimal, None) => Type::Decimal,
        (ColumnType::Percent, _) => Type::Percent,
        (ColumnType::Bool, _) => Type::Bool,
        (ColumnType::Text | ColumnType::Bytes, _) => Type::Text,
        (ColumnType::Date, _) => Type::Date,
        (ColumnType::Enum { members, ordered }, _) => Type::Enum(std::sync::Arc::new(crate::ty::EnumType {
            members: members.clone(),
            ordered: *ordered,
        })),
        (ColumnType::Code(system), _) => Type::Code(system.clone()),
        (ColumnType::Gene, _) => Type::Gene,
    }
}

pub(crate) fn literal_date(date: jiff::civil::Date, range: Range) -> Expr {
    Expr {
        kind: Kind::Literal(crate::query::Value::Date(date)),
        ty: Type::Date,
        label: ColumnLabel::Public,
        range,
    }
}
