//! `test` blocks: facts against the model.
//!
//! Facts are checked as columns are: a name that the row lacks, a code of another system, a value of
//! another type are the errors they are elsewhere. What is said of a variant may be of its reported
//! effect, its call or its gnomAD record too. What a test expects is checked in `expect`.

use super::scope::column_type;
use super::{Checked, Checker, with_near};
use crate::made_up::{Expect, MadeUp, MadeUpConsent, MadeUpRow, MadeUpVariant, Test};
use crate::query::{Kind, Value};
use crate::ty::Type;
use diag::{Code, Diagnostic, near_names};
use model::{ColumnId, ColumnType, EntityId};
use std::collections::{BTreeMap, BTreeSet};
use syntax::tree::{self, AsOfDate, FactKind, FactValue, LiteralKind};
use text::Range;

/// What may be said of a consent event and of its scope.
const CONSENT: [(&str, bool); 9] = [
    ("kind", false),
    ("actor", false),
    ("effective_from", true),
    ("effective_until", true),
    ("withdrawal_level", false),
    ("term", false),
    ("disease", false),
    ("region", false),
    ("until_date", true),
];

impl<'a> Checker<'a> {
    /// Checks a `test` block; one with an error is no part of the query.
    pub(crate) fn test(&mut self, test: &'a tree::Test) {
        let before = self.errors();
        let range = self.range(test.name.span);
        let as_of = test.as_of.as_ref().and_then(|line| self.as_of_of_test(line));
        let names: BTreeSet<String> = test.people.iter().map(|person| person.name.text.clone()).collect();
        let mut people: Vec<MadeUp> = Vec::new();
        for person in &test.people {
            if let Some(first) = people.iter().find(|other| other.name == person.name.text) {
                let first = first.range;
                let twice = self.range(person.name.span);
                self.report(
                    Diagnostic::error(
                        Code("E0181"),
                        format!("two people are called `{}`", person.name.text),
                        twice,
                        "the second one",
                    )
                    .label(first, "the first one")
                    .note("the name of a made-up person is its key"),
                );
                continue;
            }
            let made = self.made_up(person, &names);
            people.push(made);
        }
        let expects: Vec<Expect> =
            test.expects.iter().filter_map(|expect| self.expect(expect, &names)).collect();
        if test.expects.is_empty() {
            self.report(
                Diagnostic::error(Code("E0184"), "this test expects nothing", range, "nothing can fail here")
                    .help("write what must hold, such as `expect by_sex(sex, people) = [(\"female\", 1)]`"),
            );
        }
        if self.errors() == before {
            self.query.tests.push(Test { name: test.name.value.clone(), as_of, people, expects, range });
        }
    }

    fn as_of_of_test(&mut self, line: &'a tree::AsOf) -> Option<(jiff::civil::Date, Range)> {
        let range = self.range(line.span);
        let found = match &line.date {
            AsOfDate::Date(written, span) => {
                let at = self.range(*span);
                self.date_literal(written, at)
            }
            AsOfDate::Name(name) => self.name(name, Some(&Type::Date)),
        };
        match found {
            Checked::One(expr) if expr.ty == Type::Date => match expr.kind {
                Kind::Literal(Value::Date(date)) => Some((date, range)),
                _ => None,
            },
            Checked::Error => None,
            _ => {
                self.error("E0206", "`as of` needs a day", range, "not one day");
                None
            }
        }
    }

    fn made_up(&mut self, person: &'a tree::Person, people: &BTreeSet<String>) -> MadeUp {
        let mut made = MadeUp {
            name: person.name.text.clone(),
            values: BTreeMap::new(),
            rows: Vec::new(),
            variants: Vec::new(),
            consents: Vec::new(),
            range: self.range(person.name.span),
        };
        let Some(subject) = self.model().subject() else { return made };
        if self.model().find(&person.entity.text) != Some(subject) {
            let range = self.range(person.entity.span);
            let word = self.model().entity(subject).name.clone();
            self.report(
                Diagnostic::error(
                    Code("E0182"),
                    format!("a test is about people, and `{}` is none", person.entity.text),
                    range,
                    format!("`{word}` was expected"),
                )
                .help(format!(
                    "write `{word} {} {{ … }}`, with its other rows between the braces",
                    person.name.text
                )),
            );
            return made;
        }
        for fact in &person.facts {
            match &fact.kind {
                FactKind::Value(name, value) => {
                    if let Some((column, value)) = self.given(subject, name, value, people) {
                        made.values.extend([(column, value)]);
                    }
                }
                FactKind::Row { excludes, relation, code, fields } => {
                    self.fact_row(&mut made, *excludes, relation, code.as_ref(), fields, people);
                }
            }
        }
        made
    }

    fn fact_row(
        &mut self,
        made: &mut MadeUp,
        excludes: bool,
        relation: &'a tree::Name,
        code: Option<&'a tree::Literal>,
        fields: &'a [(tree::Name, FactValue)],
        people: &BTreeSet<String>,
    ) {
        let at = self.range(relation.span);
        if relation.text == "consent_event" {
            self.fact_consent(made, code, fields);
            return;
        }
        let Some(entity) = self.model().find(&relation.text) else {
            let near = near_names(&relation.text, self.model().names());
            let diagnostic = Diagnostic::error(
                Code("E0105"),
                format!("there is no entity `{}`", relation.text),
                at,
                "unknown entity",
            );
            self.report(with_near(diagnostic, &near));
            return;
        };
        if self.model().entity(entity).name == "variant" {
            self.fact_variant(made, excludes, code, fields, people);
            return;
        }
        let declared = self.model().entity(entity);
        let of_person = self.model().subject().is_some_and(|subject| {
            self.model()
                .entity(subject)
                .relations
                .iter()
                .any(|relation| relation.many && relation.target == entity)
        });
        if !of_person {
            let (name, plural) = (declared.name.clone(), declared.plural.clone());
            self.report(
                Diagnostic::error(
                    Code("E0183"),
                    format!("{plural} are not rows of a person"),
                    at,
                    "nothing of a person leads here",
                )
                .note(format!("between the braces stand the person's columns and the rows that the model relates to a person; `{name}` is not one of them")),
            );
            return;
        }
        let mut row = MadeUpRow { entity, values: BTreeMap::new() };
        match (code, declared.coded_by) {
            (Some(literal), Some(column)) => {
                if let Some(value) = self.code_of(literal, entity, column) {
                    row.values.insert(column, value);
                }
            }
            (Some(literal), None) => {
                let range = self.range(literal.span);
                let plural = declared.plural.clone();
                self.error("E0412", format!("{plural} have no code"), range, "a code of what?");
            }
            (None, _) => {}
        }
        let excluded =
            declared.find_column("excluded").filter(|column| declared.column(*column).ty == ColumnType::Bool);
        match excluded {
            Some(column) => {
                row.values.insert(column, Value::Bool(excludes));
            }
            None if excludes => {
                let plural = declared.plural.clone();
                self.report(
                    Diagnostic::error(
                        Code("E0180"),
                        format!("{plural} are recorded or not, never excluded"),
                        at,
                        "has no column that says so",
                    )
                    .help("leave the row out: a person has only the rows that are written"),
                );
            }
            None => {}
        }
        for (name, value) in fields {
            if let Some((column, value)) = self.given(entity, name, value, people) {
                row.values.insert(column, value);
                if let Some((unit_column, unit)) = self.unit_given(entity, column, fields, name) {
                    row.values.entry(unit_column).or_insert(unit);
                }
            }
        }
        made.rows.push(row);
    }

    /// The unit that a quantity was written with, where its row has a column for it.
    fn unit_given(
        &self,
        entity: EntityId,
        column: ColumnId,
        fields: &[(tree::Name, FactValue)],
        of: &tree::Name,
    ) -> Option<(ColumnId, Value)> {
        let Some(model::Unit::From(unit)) = &self.model().entity(entity).column(column).unit else {
            return None;
        };
        let (_, value) = fields.iter().find(|(name, _)| name.text == of.text)?;
        let FactValue::Literal(literal) = value else { return None };
        let LiteralKind::Quantity { unit: written, .. } = &literal.kind else { return None };
        let word = match written {
            tree::Unit::Percent => "%".to_owned(),
            tree::Unit::Ucum(word) => word.clone(),
            tree::Unit::Day | tree::Unit::Week | tree::Unit::Month | tree::Unit::Year => return None,
        };
        Some((*unit, Value::Text(word)))
    }

    fn fact_variant(
        &mut self,
        made: &mut MadeUp,
        excludes: bool,
        literal: Option<&'a tree::Literal>,
        fields: &'a [(tree::Name, FactValue)],
        people: &BTreeSet<String>,
    ) {
        let mut alleles = Vec::new();
        if let Some(literal) = literal {
            let range = self.range(literal.span);
            match self.literal(literal) {
                Checked::Alleles(found, _) => alleles = found,
                Checked::Error => return,
                _ => {
                    self.error(
                        "E0406",
                        "this names no allele",
                        range,
                        "an allele, an HGVS name or an rs number was expected",
                    );
                    return;
                }
            }
        }
        let mut variant = MadeUpVariant { alleles, copies: i64::from(!excludes), values: BTreeMap::new() };
        let homes: Vec<EntityId> = ["variant", "effect", "call", "gnomad"]
            .iter()
            .filter_map(|name| self.model().find(name))
            .collect();
        for (name, value) in fields {
            let range = self.range(name.span);
            if name.text == "zygosity" {
                match value {
                    FactValue::Name(word) if word.text == "homozygous" => variant.copies = 2,
                    FactValue::Name(word) if word.text == "heterozygous" => variant.copies = 1,
                    FactValue::Name(_) | FactValue::Literal(_) => self.error(
                        "E0201",
                        "`zygosity` is heterozygous or homozygous here",
                        range,
                        "a hemizygous call is a heterozygous one where one copy is expected",
                    ),
                }
                continue;
            }
            let home = homes
                .iter()
                .copied()
                .find(|home| self.model().entity(*home).find_column(&name.text).is_some());
            match home {
                Some(home) => {
                    if let Some((column, value)) = self.given(home, name, value, people) {
                        variant.values.insert((home, column), value);
                    }
                }
                None => {
                    if let Some(first) = homes.first() {
                        self.no_column(*first, name);
                    }
                }
            }
        }
        made.variants.push(variant);
    }

    fn fact_consent(
        &mut self,
        made: &mut MadeUp,
        code: Option<&'a tree::Literal>,
        fields: &'a [(tree::Name, FactValue)],
    ) {
        if let Some(literal) = code {
            let range = self.range(literal.span);
            self.error("E0412", "consent events have no code", range, "a code of what?");
        }
        let mut values = BTreeMap::new();
        for (name, value) in fields {
            let at = self.range(name.span);
            let Some((_, dated)) = CONSENT.iter().find(|(known, _)| *known == name.text) else {
                let near = near_names(&name.text, CONSENT.iter().map(|(known, _)| *known));
                let diagnostic = Diagnostic::error(
                    Code("E0103"),
                    format!("a consent event has no `{}`", name.text),
                    at,
                    "unknown",
                )
                .note(format!("it has {}", CONSENT.map(|(known, _)| known).join(", ")));
                self.report(with_near(diagnostic, &near));
                continue;
            };
            let value = match value {
                FactValue::Name(word) if !dated => Value::Text(word.text.clone()),
                FactValue::Literal(tree::Literal { kind: LiteralKind::Text(text), .. }) if !dated => {
                    Value::Text(text.clone())
                }
                FactValue::Literal(tree::Literal {
                    kind: LiteralKind::Code { system, code, .. }, ..
                }) if !dated => Value::Text(format!("{system}:{code}")),
                FactValue::Literal(literal) if *dated => match self.literal(literal) {
                    Checked::One(crate::query::Expr {
                        kind: Kind::Literal(value), ty: Type::Date, ..
                    }) => value,
                    Checked::Error => continue,
                    _ => {
                        self.error("E0201", format!("`{}` is a day", name.text), at, "not a day");
                        continue;
                    }
                },
                FactValue::Name(_) | FactValue::Literal(_) => {
                    let wanted = if *dated { "a day" } else { "a word" };
                    self.error("E0201", format!("`{}` is {wanted}", name.text), at, "something else");
                    continue;
                }
            };
            values.insert(name.text.clone(), value);
        }
        made.consents.push(MadeUpConsent { values });
    }

    fn no_column(&mut self, entity: EntityId, name: &tree::Name) {
        let declared = self.model().entity(entity);
        let near = near_names(&name.text, declared.columns.iter().map(|column| column.name.as_str()));
        let diagnostic = Diagnostic::error(
            Code("E0103"),
            format!("`{}` has no column `{}`", declared.name, name.text),
            self.range(name.span),
            "unknown column",
        );
        self.report(with_near(diagnostic, &near));
    }

    /// A column with the value that it is given.
    fn given(
        &mut self,
        entity: EntityId,
        name: &'a tree::Name,
        value: &'a FactValue,
        people: &BTreeSet<String>,
    ) -> Option<(ColumnId, Value)> {
        let declared = self.model().entity(entity);
        let Some(column) = declared.find_column(&name.text) else {
            self.no_column(entity, name);
            return None;
        };
        let ty = column_type(declared.column(column));
        let value = match value {
            FactValue::Name(word) => {
                let range = self.range(word.span);
                if ty == Type::Id {
                    if !people.contains(&word.text) {
                        self.nobody(word, people);
                        return None;
                    }
                    return Some((column, Value::Text(word.text.clone())));
                }
                match self.expected_member(&word.text, Some(&ty), range) {
                    Some(Checked::One(expr)) => expr,
                    Some(_) => return None,
                    None => {
                        let mut diagnostic = Diagnostic::error(
                            Code("E0201"),
                            format!("`{}` is {ty}, and `{}` is none", name.text, word.text),
                            range,
                            "not one of them",
                        );
                        if let Type::Enum(list) = &ty {
                            let near = near_names(&word.text, list.members.iter().map(String::as_str));
                            diagnostic = with_near(diagnostic, &near);
                        }
                        self.report(diagnostic);
                        return None;
                    }
                }
            }
            FactValue::Literal(literal) => {
                let range = self.range(literal.span);
                if let (LiteralKind::Code { .. }, Type::Code(_)) = (&literal.kind, &ty) {
                    return self.code_of(literal, entity, column).map(|value| (column, value));
                }
                match self.literal(literal) {
                    Checked::One(expr) => expr,
                    Checked::Error => return None,
                    _ => {
                        self.error(
                            "E0201",
                            format!("`{}` is {ty}", name.text),
                            range,
                            "another kind of thing",
                        );
                        return None;
                    }
                }
            }
        };
        let Kind::Literal(given) = value.kind else { return None };
        let fits = match (&ty, &value.ty) {
            (Type::Decimal | Type::Percent | Type::QuantityOf(_), Type::Int)
            | (Type::Decimal | Type::QuantityOf(_), Type::Decimal)
            | (Type::QuantityOf(_), Type::Quantity(_) | Type::Percent)
            | (Type::Id, Type::Text) => true,
            (wanted, found) => wanted == found,
        };
        if !fits {
            self.error(
                "E0201",
                format!("`{}` is {ty}, and this is {}", name.text, value.ty),
                value.range,
                "of another type",
            );
            return None;
        }
        let number = matches!(ty, Type::Decimal | Type::Percent | Type::QuantityOf(_) | Type::Quantity(_));
        Some((
            column,
            match given {
                Value::Int(whole) if number => Value::Number(crate::number::Number::int(whole)),
                // A percentage in a row that names its units is written with its number of percent.
                Value::Number(share) if value.ty == Type::Percent && matches!(ty, Type::QuantityOf(_)) => {
                    Value::Number(share.scale(100, 1)?)
                }
                other => other,
            },
        ))
    }

    /// The code that a fact gives to a column; itself, without its descendants.
    fn code_of(&mut self, literal: &'a tree::Literal, entity: EntityId, column: ColumnId) -> Option<Value> {
        let range = self.range(literal.span);
        let declared = self.model().entity(entity);
        let ColumnType::Code(wanted) = &declared.column(column).ty else { return None };
        let LiteralKind::Code { system, code, label } = &literal.kind else {
            let name = declared.name.clone();
            self.error("E0204", format!("what a {name} is coded by is a code of {wanted}"), range, "no code");
            return None;
        };
        if system != wanted {
            let plural = declared.plural.clone();
            self.error(
                "E0413",
                format!("{plural} are coded in {wanted}; {system} is another system"),
                range,
                format!("a code of {system}"),
            );
            return None;
        }
        let test = self.code(system, code, label.as_ref(), true, range)?;
        test.exact.first().cloned().map(Value::Text)
    }

    pub(crate) fn nobody(&mut self, name: &tree::Name, people: &BTreeSet<String>) {
        let near = near_names(&name.text, people.iter().map(String::as_str));
        let diagnostic = Diagnostic::error(
            Code("E0101"),
            format!("this test has nobody called `{}`", name.text),
            self.range(name.span),
            "unknown name",
        );
        self.report(with_near(diagnostic, &near));
    }
}
