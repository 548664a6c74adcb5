//! What a `test` block may expect.
//!
//! Expectations name tables, cohorts and people; the words of a rule do not stand here, because a test
//! that repeats the program tests nothing.

use super::scope::Global;
use super::{Checked, Checker, with_near};
use crate::made_up::{Expect, ExpectedCell};
use crate::query::{Kind, Value};
use crate::ty::Type;
use diag::{Code, Diagnostic, near_names};
use std::collections::BTreeSet;
use syntax::tree::{self, Entry, ExprKind, LiteralKind, Relop};
use text::Range;

impl<'a> Checker<'a> {
    pub(crate) fn expect(&mut self, expr: &'a tree::Expr, people: &BTreeSet<String>) -> Option<Expect> {
        let range = self.range(expr.span);
        match &expr.kind {
            ExprKind::Group(all) if all.len() == 1 => self.expect(all.first()?, people),
            ExprKind::And(all) => Some(Expect::And(self.expect_all(all, people)?)),
            ExprKind::Or(all) => Some(Expect::Or(self.expect_all(all, people)?)),
            ExprKind::Not(inner) => Some(Expect::Not(Box::new(self.expect(inner, people)?))),
            ExprKind::Literal(tree::Literal { kind: LiteralKind::Bool(value), .. }) => {
                Some(Expect::Literal(*value))
            }
            ExprKind::In { value, negated, set, condition: None, windows } if windows.is_empty() => {
                let (
                    ExprKind::Call(person),
                    tree::Set { member: tree::Member::End(tree::End::Path(path)), excluding: None, .. },
                ) = (&value.kind, set)
                else {
                    return self.cannot_expect(range);
                };
                let [cohort] = path.names.as_slice() else { return self.cannot_expect(range) };
                if !people.contains(&person.name.text) {
                    self.nobody(&person.name, people);
                    return None;
                }
                self.cohort_named(cohort)?;
                let member =
                    Expect::Member { person: person.name.text.clone(), cohort: cohort.text.clone(), range };
                Some(if *negated { Expect::Not(Box::new(member)) } else { member })
            }
            ExprKind::Compare { operator: Relop::Equal, left, right, absent: None, .. } => {
                let (ExprKind::Call(of), ExprKind::List(list)) = (&left.kind, &right.kind) else {
                    return self.cannot_expect(range);
                };
                match &of.arguments {
                    None => self.expect_members(&of.name, list, people, range),
                    Some(columns) => self.expect_rows(&of.name, columns, list, range),
                }
            }
            ExprKind::Error => None,
            _ => self.cannot_expect(range),
        }
    }

    fn expect_all(&mut self, all: &'a [tree::Expr], people: &BTreeSet<String>) -> Option<Vec<Expect>> {
        let found: Vec<Option<Expect>> = all.iter().map(|expr| self.expect(expr, people)).collect();
        found.into_iter().collect()
    }

    fn cannot_expect<T>(&mut self, range: Range) -> Option<T> {
        self.report(
            Diagnostic::error(Code("E0185"), "a test cannot expect this", range, "not something that a test looks at")
                .note("a test looks at the rows of a table, at the members of a cohort, and at whether somebody is one")
                .help("`expect by_sex(sex, people) = [(\"female\", 1)]`, `expect adults = [s1, s2]`, `expect s1 in adults`"),
        );
        None
    }

    fn cohort_named(&mut self, name: &tree::Name) -> Option<()> {
        self.note_item(self.range(name.span), &name.text);
        match self.globals.get(&name.text) {
            Some(Global::Cohort(_)) => Some(()),
            Some(Global::Broken) => {
                self.unsaid += 1;
                None
            }
            Some(_) | None => {
                let known: Vec<String> =
                    self.query.cohorts.iter().map(|cohort| cohort.name.clone()).collect();
                let near = near_names(&name.text, known.iter().map(String::as_str));
                let diagnostic = Diagnostic::error(
                    Code("E0101"),
                    format!("`{}` is not a cohort of this file", name.text),
                    self.range(name.span),
                    "unknown cohort",
                );
                self.report(with_near(diagnostic, &near));
                None
            }
        }
    }

    fn expect_members(
        &mut self,
        cohort: &'a tree::Name,
        list: &'a tree::List,
        people: &BTreeSet<String>,
        range: Range,
    ) -> Option<Expect> {
        self.cohort_named(cohort)?;
        let mut members = Vec::new();
        for entry in &list.entries {
            match entry {
                Entry::Expr(tree::Expr { kind: ExprKind::Call(call), .. }) if call.arguments.is_none() => {
                    if !people.contains(&call.name.text) {
                        self.nobody(&call.name, people);
                        return None;
                    }
                    members.push(call.name.text.clone());
                }
                Entry::Expr(_) | Entry::Only(..) | Entry::Range(..) => return self.cannot_expect(range),
            }
        }
        members.sort();
        Some(Expect::Members { cohort: cohort.text.clone(), people: members, range })
    }

    fn expect_rows(
        &mut self,
        name: &'a tree::Name,
        arguments: &'a [tree::Argument],
        list: &'a tree::List,
        range: Range,
    ) -> Option<Expect> {
        self.note_item(self.range(name.span), &name.text);
        let Some(shown) =
            self.query.tables.iter().find(|table| table.name == name.text).map(|table| table.shown.clone())
        else {
            if matches!(self.globals.get(&name.text), Some(Global::Broken)) {
                self.unsaid += 1;
                return None;
            }
            let known: Vec<String> = self.query.tables.iter().map(|table| table.name.clone()).collect();
            let near = near_names(&name.text, known.iter().map(String::as_str));
            let diagnostic = Diagnostic::error(
                Code("E0101"),
                format!("`{}` is not a table of this file", name.text),
                self.range(name.span),
                "unknown table",
            );
            self.report(with_near(diagnostic, &near));
            return None;
        };
        let mut columns = Vec::new();
        for argument in arguments {
            let ExprKind::Call(tree::Call { name: column, arguments: None, .. }) = &argument.value.kind
            else {
                return self.cannot_expect(range);
            };
            let Some(at) = shown.iter().position(|one| one.name == column.text) else {
                let near = near_names(&column.text, shown.iter().map(|one| one.name.as_str()));
                let diagnostic = Diagnostic::error(
                    Code("E0103"),
                    format!("`{}` shows no column `{}`", name.text, column.text),
                    self.range(column.span),
                    "unknown column",
                );
                self.report(with_near(diagnostic, &near));
                return None;
            };
            columns.push(at);
        }
        let mut rows = Vec::new();
        for entry in &list.entries {
            let Entry::Expr(row) = entry else { return self.cannot_expect(range) };
            let cells: Vec<&tree::Expr> = match &row.kind {
                ExprKind::Group(cells) => cells.iter().collect(),
                _ => vec![row],
            };
            if cells.len() != columns.len() {
                let at = self.range(row.span);
                self.error(
                    "E0186",
                    format!(
                        "{} are named and {} are given",
                        count(columns.len(), "column"),
                        count(cells.len(), "value")
                    ),
                    at,
                    "a row has a value for each column",
                );
                return None;
            }
            let types: Vec<Type> =
                columns.iter().filter_map(|at| shown.get(*at)).map(|one| one.ty.clone()).collect();
            let found: Option<Vec<ExpectedCell>> =
                cells.into_iter().zip(&types).map(|(cell, ty)| self.expected_cell(cell, ty)).collect();
            rows.push(found?);
        }
        Some(Expect::Rows { table: name.text.clone(), columns, rows, range })
    }

    fn expected_cell(&mut self, cell: &'a tree::Expr, ty: &Type) -> Option<ExpectedCell> {
        let range = self.range(cell.span);
        match &cell.kind {
            ExprKind::Group(ends) if ends.len() == 2 => {
                match (self.expected_cell(ends.first()?, ty)?, self.expected_cell(ends.get(1)?, ty)?) {
                    (ExpectedCell::Value(low), ExpectedCell::Value(high)) => {
                        Some(ExpectedCell::Interval(low, high))
                    }
                    _ => self.cannot_expect(range),
                }
            }
            ExprKind::Group(one) if one.len() == 1 => self.expected_cell(one.first()?, ty),
            ExprKind::Negative(inner) => match self.expected_cell(inner, ty)? {
                ExpectedCell::Value(Value::Int(number)) => {
                    Some(ExpectedCell::Value(Value::Int(number.checked_neg()?)))
                }
                ExpectedCell::Value(Value::Number(number)) => {
                    Some(ExpectedCell::Value(Value::Number(crate::number::Number(number.0.checked_neg()?))))
                }
                _ => self.cannot_expect(range),
            },
            ExprKind::Call(call) if call.arguments.is_none() => {
                // A word is a member of the column's enum, a gene, or a person.
                if let Type::Enum(list) = ty
                    && !list.members.contains(&call.name.text)
                {
                    let near = near_names(&call.name.text, list.members.iter().map(String::as_str));
                    let diagnostic = Diagnostic::error(
                        Code("E0201"),
                        format!("this column is {ty}, and `{}` is none", call.name.text),
                        range,
                        "not one of them",
                    );
                    self.report(with_near(diagnostic, &near));
                    return None;
                }
                Some(ExpectedCell::Value(Value::Text(call.name.text.clone())))
            }
            ExprKind::Literal(literal) => match (&literal.kind, self.literal(literal)) {
                (LiteralKind::Code { system, code, .. }, Checked::Codes(..)) => {
                    Some(ExpectedCell::Value(Value::Text(format!("{system}:{code}"))))
                }
                (_, Checked::One(crate::query::Expr { kind: Kind::Literal(value), .. })) => {
                    Some(ExpectedCell::Value(value))
                }
                (_, Checked::Alleles(alleles, _)) => {
                    let one = alleles.first()?;
                    Some(ExpectedCell::Value(Value::Text(format!(
                        "{}:chr{}:{}:{}:{}",
                        one.build, one.contig, one.position, one.reference, one.alternate
                    ))))
                }
                (_, Checked::Error) => None,
                _ => self.cannot_expect(range),
            },
            _ => self.cannot_expect(range),
        }
    }
}

/// `1 column`, `2 columns`
fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}
