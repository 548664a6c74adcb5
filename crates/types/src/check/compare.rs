//! Comparisons: both sides become one type, units are converted, and what cannot be compared is an
//! error that says why.

use super::expr::{is_number, to_decimal, truth};
use super::interval::{Ends, decided, ends_of, month};
use super::literal::public;
use super::{Checked, Checker};
use crate::number::Number;
use crate::query::{Comparison, Expr, Kind, Value};
use crate::ty::Type;
use crate::unit::{self, Conversion, convert};
use diag::{Code, Diagnostic};
use syntax::tree::{self, Absent, Relop};
use text::Range;

impl<'a> Checker<'a> {
    pub(crate) fn compare(
        &mut self,
        (operator, sign): (Relop, Range),
        left: &tree::Expr,
        right: &tree::Expr,
        absent: Option<Absent>,
        range: Range,
    ) -> Checked {
        let left_written = left;
        let left_range = self.range(left.span);
        let right_range = self.range(right.span);
        let left = self.expr(left, None);
        if let Checked::Many(rows, tail) = &left {
            let other = self.peek(right);
            if let Checked::Many(other, _) = &other {
                self.two_many(rows, left_range, other, right_range);
                return Checked::Error;
            }
            if let (Checked::Row(..), Checked::Codes(..)) = (&**tail, &other) {
                self.tested_with_in("rows are narrowed by codes with `in`", sign, range);
                return Checked::Error;
            }
        }
        let comparison = comparison(operator);
        if let Checked::Row(row, _) = &left
            && self.model().entity(row.entity).name == "variant"
        {
            return self.is_allele(row.clone(), (comparison, sign), right, range);
        }
        let left = match ends_of(left) {
            Ok(ends) => return self.compare_interval(comparison, ends, right, right_range, range),
            Err(left) => left,
        };
        let written = right;
        let Some(left_value) = self.one(left, left_range) else {
            // Names on the right have diagnostics of their own, unless the left would have explained them.
            let _ = self.expr(right, Some(&Type::Unknown));
            return Checked::Error;
        };
        let left = left_value;
        let expected = left.ty.clone();
        let right = match ends_of(self.expr(right, Some(&expected))) {
            Ok(ends) => {
                let label = left.label.max(ends.label());
                let kind = self.against(mirrored(comparison), ends, left, left_written, range);
                return kind.map_or(Checked::Error, |kind| Checked::One(truth(label, kind, range)));
            }
            Err(right) => right,
        };
        if let (Type::Code(system), Checked::Codes(..)) = (&left.ty, &right) {
            let message = format!(
                "a code of {system} stands for itself and its descendants, so it is tested with `in`"
            );
            self.tested_with_in(&message, sign, range);
            return Checked::Error;
        }
        let Some(right) = self.one(right, right_range) else { return Checked::Error };
        let label = left.label.max(right.label);
        let (left, right) = match absent {
            Some(Absent::Zero) => (self.or_zero(left), self.or_zero(right)),
            Some(Absent::Unknown) => (left, right),
            None => {
                if !self.says_absent(&left, range) || !self.says_absent(&right, range) {
                    return Checked::Error;
                }
                (left, right)
            }
        };
        // A literal on the left reads from the right: `18 years <= age`.
        let (comparison, left, right) = if is_literal(&left) && !is_literal(&right) {
            (mirrored(comparison), right, left)
        } else {
            (comparison, left, right)
        };
        let kind = match (&left.ty, &right.ty) {
            (Type::AgeInDays, _) => self.against(comparison, Ends::exact(left), right, written, range),
            (_, Type::AgeInDays) => {
                self.against(mirrored(comparison), Ends::exact(right), left, left_written, range)
            }
            (_, _) => self.compared(comparison, left, right, range),
        };
        kind.map_or(Checked::Error, |kind| Checked::One(truth(label, kind, range)))
    }

    /// `=` where `in` was meant.
    fn tested_with_in(&mut self, message: &str, sign: Range, range: Range) {
        self.report(
            Diagnostic::error(Code("E0212"), message, range, "a comparison with a code")
                .help("`in only CODE` tests for the code alone, without its descendants")
                .likely("write `in`", vec![(sign, "in".to_owned())]),
        );
    }

    /// What the right side is, without keeping its diagnostics: to name both lineages in one message.
    pub(crate) fn peek(&mut self, expr: &tree::Expr) -> Checked {
        let (kept, unsaid) = (self.diagnostics.len(), self.unsaid);
        let (globals, broken) = (self.globals.clone(), self.broken_of_entity.clone());
        let checked = self.expr(expr, None);
        self.diagnostics.truncate(kept);
        (self.unsaid, self.globals, self.broken_of_entity) = (unsaid, globals, broken);
        checked
    }

    /// A value of an optional public record says what an absent record means.
    pub(crate) fn says_absent(&mut self, expr: &Expr, comparison: Range) -> bool {
        let Some(entity) = self.absent_record(expr) else { return true };
        let end = Range::new(comparison.file, comparison.end, comparison.end);
        let after = |words: &str| vec![(end, format!(" {words}"))];
        self.report(
            Diagnostic::error(
                Code("E0210"),
                format!("{entity} does not list every variant, and this does not say what an absent one is"),
                expr.range,
                "may be absent",
            )
            .fix("write `counting absent as zero`", after("counting absent as zero"))
            .fix("write `counting absent as unknown`", after("counting absent as unknown")),
        );
        false
    }

    /// The public entity whose row may be absent, if the value is read from one.
    fn absent_record(&self, expr: &Expr) -> Option<String> {
        match &expr.kind {
            Kind::Column(row, _) => {
                let target = self.model().entity(row.entity);
                let numeric = matches!(expr.ty, Type::Percent | Type::Decimal | Type::Int);
                (numeric
                    && !row.hops.is_empty()
                    && target.linkage == model::Linkage::Public
                    && self.may_be_absent(row))
                .then(|| target.name.clone())
            }
            Kind::Arithmetic(_, left, right) => {
                self.absent_record(left).or_else(|| self.absent_record(right))
            }
            Kind::ToDecimal(inner) => self.absent_record(inner),
            _ => None,
        }
    }

    fn may_be_absent(&self, row: &crate::query::Row) -> bool {
        // The last hop is what may be absent; its declaring entity is any that has it as optional.
        row.hops.last().is_some_and(|last| {
            self.model().ids().any(|id| {
                let entity = self.model().entity(id);
                entity
                    .relations
                    .get(last.0 as usize)
                    .is_some_and(|relation| relation.target == row.entity && relation.optional)
            })
        })
    }

    pub(crate) fn or_zero(&self, expr: Expr) -> Expr {
        if self.absent_record(&expr).is_none() {
            return expr;
        }
        match expr.kind {
            Kind::Arithmetic(operator, left, right) => Expr {
                kind: Kind::Arithmetic(
                    operator,
                    Box::new(self.or_zero(*left)),
                    Box::new(self.or_zero(*right)),
                ),
                ..expr
            },
            Kind::ToDecimal(inner) => Expr {
                kind: Kind::ToDecimal(Box::new(self.or_zero(*inner))),
                ty: expr.ty,
                label: expr.label,
                range: expr.range,
            },
            _ => {
                let zero = if expr.ty == Type::Int { Value::Int(0) } else { Value::Number(Number(0)) };
                let (ty, label, range) = (expr.ty.clone(), expr.label, expr.range);
                Expr { kind: Kind::OrElse(Box::new(expr), zero), ty, label, range }
            }
        }
    }

    /// The comparison of two values, both of one type.
    pub(crate) fn compared(
        &mut self,
        comparison: Comparison,
        left: Expr,
        right: Expr,
        range: Range,
    ) -> Option<Kind> {
        let plain =
            |left: Expr, right: Expr| Some(Kind::Compare(comparison, Box::new(left), Box::new(right)));
        match (left.ty.clone(), right.ty.clone()) {
            (Type::Unknown, _) | (_, Type::Unknown) => None,
            (Type::Percent, Type::Percent) | (Type::Decimal, Type::Decimal) | (Type::Int, Type::Int) => {
                plain(left, right)
            }
            (Type::Int, Type::Decimal) | (Type::Decimal, Type::Int) => {
                plain(to_decimal(left), to_decimal(right))
            }
            (Type::Decimal, Type::Percent) if !is_literal(&right) => plain(left, to_decimal(right)),
            (Type::Percent, Type::Decimal) if !is_literal(&right) => plain(to_decimal(left), right),
            (Type::Percent, Type::Int | Type::Decimal) => {
                let mut diagnostic = Diagnostic::error(
                    Code("E0208"),
                    "a percentage is compared with a number that has no `%`",
                    right.range,
                    "of what?",
                )
                .label(left.range, "a percentage");
                // Below 1 a share was meant, above it a number of hundredths; 1 could be either.
                let one = Number::int(1);
                let percent = literal_number(&right).filter(|number| *number != one);
                let percent =
                    percent.and_then(|number| if number < one { number.scale(100, 1) } else { Some(number) });
                diagnostic = match percent {
                    Some(percent) => diagnostic
                        .likely(format!("write `{percent}%`"), vec![(right.range, format!("{percent}%"))]),
                    None => diagnostic.help("write the bound with `%`, such as `5%`"),
                };
                self.report(diagnostic);
                None
            }
            (Type::Age, Type::Months) => self.years(comparison, left, right),
            (Type::Age, Type::Int | Type::Decimal | Type::Days) => {
                let diagnostic = Diagnostic::error(
                    Code("E0208"),
                    "an age is compared with a number that has no unit of years",
                    right.range,
                    "years?",
                )
                .label(left.range, "an age in completed years");
                self.report(match (&right.ty, &right.kind) {
                    (Type::Int, Kind::Literal(Value::Int(years))) => {
                        let written =
                            if *years == 1 { "1 year".to_owned() } else { format!("{years} years") };
                        diagnostic.fix(format!("write `{written}`"), vec![(right.range, written)])
                    }
                    _ => diagnostic.help("write the bound with its unit, such as `18 years`"),
                });
                None
            }
            (Type::Age, Type::Age) => plain(left, right),
            (Type::Days, Type::Days) | (Type::Months, Type::Months) => plain(left, right),
            (Type::Date, Type::Date) => plain(left, right),
            (Type::Date, Type::Month) => Some(decided(comparison, &Ends::exact(left), &month(right), range)),
            (Type::Month, Type::Month) => plain(left, right),
            (Type::Text, Type::Text) | (Type::Bool, Type::Bool) | (Type::Gene, Type::Gene) => {
                self.equality_only(comparison, &left, range).then(|| plain(left, right)).flatten()
            }
            (Type::Enum(a), Type::Enum(b)) if a == b => {
                if !a.ordered && !self.equality_only(comparison, &left, range) {
                    return None;
                }
                plain(left, right)
            }
            (Type::Gene | Type::Enum(_), Type::Text) => {
                let diagnostic = self.quoted(&left.ty, &right);
                self.report(diagnostic);
                None
            }
            (Type::Bool, Type::Int) => {
                self.report(
                    Diagnostic::error(
                        Code("E0201"),
                        "a truth value is compared with a number",
                        right.range,
                        "a whole number",
                    )
                    .label(left.range, "a truth value")
                    .help("a truth value stands alone, or after `not`"),
                );
                None
            }
            (Type::Quantity(unit), Type::Quantity(other)) => {
                self.fixed_unit(comparison, left, &unit, right, &other)
            }
            (Type::Quantity(unit), Type::Percent) => self.percent(comparison, left, &unit, right),
            (Type::QuantityOf(column), Type::Quantity(other)) => {
                self.own_unit(comparison, left, column, &right, &other)
            }
            (Type::QuantityOf(column), Type::Percent) => {
                let scaled = literal_number(&right).and_then(|number| number.scale(100, 1))?;
                let literal =
                    public(Kind::Literal(Value::Number(scaled)), Type::Quantity("%".into()), right.range);
                self.own_unit(comparison, left, column, &literal, "%")
            }
            (Type::Quantity(_) | Type::QuantityOf(_), Type::Int | Type::Decimal) => {
                let help = match &left.ty {
                    Type::Quantity(unit) => format!("write the bound with its unit, such as `'{unit}'`"),
                    _ => "write the bound with its unit in single quotes, such as `48 'mmol/mol'`".to_owned(),
                };
                self.report(
                    Diagnostic::error(
                        Code("E0208"),
                        "a quantity is compared with a number that has no unit",
                        right.range,
                        "of what unit?",
                    )
                    .label(left.range, left.ty.to_string())
                    .help(help),
                );
                None
            }
            (Type::Id, _) | (_, Type::Id) => {
                self.report(
                    Diagnostic::error(Code("E0510"), "an identifier is compared with a value", range, "an identifier")
                        .note("identifiers join rows and do nothing else; people are chosen by what is known of them"),
                );
                None
            }
            (a, b) => {
                let help = match (&a, &b) {
                    (Type::Date, Type::Int) => Some("`year(…)` is the year of a date, as a number"),
                    (Type::Days, Type::Months) => {
                        Some("months differ in length: compare days with days, such as `3650 days`")
                    }
                    (Type::AgeInDays, Type::Int) => {
                        Some("an age has its unit, such as `2 years` or `30 days`")
                    }
                    (Type::Days | Type::Months, Type::Int) => {
                        Some("a length of time has its unit, such as `30 days`")
                    }
                    (_, _) => None,
                };
                let (a, b) = (a.to_string(), b.to_string());
                let same =
                    if is_number(&left.ty) && is_number(&right.ty) { "these numbers" } else { "these" };
                let diagnostic = Diagnostic::error(
                    Code("E0201"),
                    format!("{same} do not compare: {a} and {b}"),
                    left.range,
                    a,
                )
                .label(right.range, b);
                self.report(match help {
                    Some(help) => diagnostic.help(help),
                    None => diagnostic,
                });
                None
            }
        }
    }

    /// A name in quotes: the help gives it without, where it is one.
    pub(crate) fn quoted(&self, ty: &Type, text: &Expr) -> Diagnostic {
        let diagnostic = Diagnostic::error(
            Code("E0201"),
            format!("text in quotes is compared with {ty}"),
            text.range,
            "text",
        );
        let Kind::Literal(Value::Text(word)) = &text.kind else { return diagnostic };
        let known = match ty {
            Type::Enum(list) => list.members.contains(word),
            Type::Gene => self.input.vocabulary.is_gene(word),
            _ => false,
        };
        if !known {
            return diagnostic.help("write the name without quotes");
        }
        let bare = word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        let written = if bare { word.clone() } else { format!("`{word}`") };
        let title = if bare { "write it without quotes" } else { "write it in backquotes" };
        diagnostic.fix(title, vec![(text.range, written)])
    }

    fn equality_only(&mut self, comparison: Comparison, left: &Expr, range: Range) -> bool {
        if matches!(comparison, Comparison::Equal | Comparison::NotEqual) {
            return true;
        }
        self.report(
            Diagnostic::error(
                Code("E0211"),
                format!("an order was asked for, and this is {}", left.ty),
                range,
                "only `=` and `!=` compare these",
            )
            .note("of lists of names only those that the model declares with `<` have an order"),
        );
        false
    }

    pub(crate) fn years(&mut self, comparison: Comparison, left: Expr, right: Expr) -> Option<Kind> {
        let Kind::Literal(Value::Int(months)) = right.kind else {
            return Some(Kind::Compare(comparison, Box::new(left), Box::new(right)));
        };
        if months % 12 != 0 {
            self.report(
                Diagnostic::error(
                    Code("E0208"),
                    "an age is in completed years",
                    right.range,
                    "not whole years",
                )
                .help("for a part of a year, compare dates: `birth_date + 18 months <= as_of`"),
            );
            return None;
        }
        let years = public(Kind::Literal(Value::Int(months / 12)), Type::Age, right.range);
        Some(Kind::Compare(comparison, Box::new(left), Box::new(years)))
    }

    fn fixed_unit(
        &mut self,
        comparison: Comparison,
        left: Expr,
        unit: &str,
        right: Expr,
        other: &str,
    ) -> Option<Kind> {
        if unit == other {
            return Some(Kind::Compare(comparison, Box::new(left), Box::new(right)));
        }
        match (convert(other, unit), literal_number(&right)) {
            (Conversion::Factor(numerator, denominator), Some(number)) => {
                let Some(converted) = number.scale(numerator, denominator) else {
                    self.error(
                        "E0205",
                        format!("this bound cannot be held exactly in `{unit}`"),
                        right.range,
                        "finer than 12 places",
                    );
                    return None;
                };
                let literal = public(
                    Kind::Literal(Value::Number(converted)),
                    Type::Quantity(unit.to_owned()),
                    right.range,
                );
                Some(Kind::Compare(comparison, Box::new(left), Box::new(literal)))
            }
            (Conversion::Factor(..), None) => {
                self.not_yet("a conversion between two columns", right.range);
                None
            }
            (conversion, _) => {
                self.units_differ(&left, unit, &right, other, conversion);
                None
            }
        }
    }

    fn percent(&mut self, comparison: Comparison, left: Expr, unit: &str, right: Expr) -> Option<Kind> {
        if unit != "%" {
            self.units_differ(&left, unit, &right, "%", convert("%", unit));
            return None;
        }
        let number = literal_number(&right)?.scale(100, 1)?;
        let literal = public(Kind::Literal(Value::Number(number)), left.ty.clone(), right.range);
        Some(Kind::Compare(comparison, Box::new(left), Box::new(literal)))
    }

    /// A quantity whose unit stands beside it: the bound is given in every unit it relates to; rows in
    /// another unit make the test unknown.
    fn own_unit(
        &mut self,
        comparison: Comparison,
        left: Expr,
        column: model::ColumnId,
        right: &Expr,
        unit: &str,
    ) -> Option<Kind> {
        let Some(number) = literal_number(right) else {
            self.not_yet("a comparison of two quantities with units of their own", right.range);
            return None;
        };
        let Some(unit_column) = self.unit_beside(&left, column) else {
            return self.computed_quantity(left.range);
        };
        let plain = unit::in_all_units(number, unit, comparison);
        // Rows of some codes have more units: those of another kind that a conversion relates for them.
        let mut arms = Vec::new();
        for (code, conversion) in self.conversions(&left) {
            let more = unit::across(number, unit, comparison, conversion);
            if more.is_empty() {
                continue;
            }
            let test = crate::query::CodeTest {
                system: match &code.ty {
                    Type::Code(system) => system.clone(),
                    _ => continue,
                },
                exact: conversion.codes.clone(),
                ..crate::query::CodeTest::default()
            };
            let when = truth(code.label, Kind::InCodes(Box::new(code), test), left.range);
            let then = Kind::CompareQuantity {
                comparison,
                value: Box::new(left.clone()),
                unit: Box::new(unit_column.clone()),
                in_units: plain.iter().cloned().chain(more).collect(),
            };
            arms.push((when, truth(left.label.max(unit_column.label), then, left.range)));
        }
        let otherwise = Kind::CompareQuantity {
            comparison,
            value: Box::new(left.clone()),
            unit: Box::new(unit_column.clone()),
            in_units: plain,
        };
        if arms.is_empty() {
            return Some(otherwise);
        }
        let otherwise = truth(left.label.max(unit_column.label), otherwise, left.range);
        Some(Kind::Case(arms, Box::new(otherwise)))
    }

    /// The unit that stands beside a quantity, or beside the picked one.
    pub(crate) fn unit_beside(&self, value: &Expr, column: model::ColumnId) -> Option<Expr> {
        match &value.kind {
            Kind::Column(row, _) => Some(self.column(row, column, value.range)),
            Kind::Pick { rows, order, value: inner } => match &inner.kind {
                Kind::Column(row, _) => {
                    let of_row = self.column(row, column, value.range);
                    let (ty, label, range) = (of_row.ty.clone(), of_row.label, value.range);
                    let kind =
                        Kind::Pick { rows: rows.clone(), order: order.clone(), value: Box::new(of_row) };
                    Some(Expr { kind, ty, label, range })
                }
                _ => None,
            },
            _ => None,
        }
    }

    /// The conversions of the entity whose column a value is, each with the code of the value's row.
    pub(crate) fn conversions(&self, value: &Expr) -> Vec<(Expr, &'a model::Conversion)> {
        let (row, picked) = match &value.kind {
            Kind::Column(row, _) => (row, None),
            Kind::Pick { rows, order, value } => match &value.kind {
                Kind::Column(row, _) => (row, Some((rows, order))),
                _ => return Vec::new(),
            },
            _ => return Vec::new(),
        };
        let entity = self.model().entity(row.entity);
        let Some(coded_by) = entity.coded_by else { return Vec::new() };
        let code = self.column(row, coded_by, value.range);
        let code = match picked {
            None => code,
            Some((rows, order)) => Expr {
                ty: code.ty.clone(),
                label: code.label,
                range: code.range,
                kind: Kind::Pick { rows: rows.clone(), order: order.clone(), value: Box::new(code) },
            },
        };
        entity.conversions.iter().map(|conversion| (code.clone(), conversion)).collect()
    }

    pub(crate) fn computed_quantity(&mut self, range: Range) -> Option<Kind> {
        self.not_yet("arithmetic on quantities with units of their own", range);
        None
    }

    pub(crate) fn units_differ(
        &mut self,
        left: &Expr,
        unit: &str,
        right: &Expr,
        other: &str,
        conversion: Conversion,
    ) {
        let kind = |unit: &str| {
            unit::kind(unit).map_or_else(|| "of an unknown kind".to_owned(), |kind| format!("a {kind}"))
        };
        let mut diagnostic = Diagnostic::error(
            Code("E0209"),
            format!("`{other}` and `{unit}` do not measure the same kind of thing"),
            right.range,
            format!("in `{other}`, {}", kind(other)),
        )
        .label(left.range, format!("in `{unit}`, {}", kind(unit)));
        if matches!(conversion, Conversion::UnknownFirst | Conversion::UnknownSecond) {
            diagnostic = diagnostic.note("a unit that is not in the table compares with itself only; UCUM spells units case-sensitively");
        } else {
            diagnostic =
                diagnostic.note("across kinds only a conversion that is declared for the code may be used");
        }
        self.report(diagnostic.help(format!("give the bound in `{unit}`")));
    }

    /// `variant = NM_…`, `variant != …`.
    fn is_allele(
        &mut self,
        row: crate::query::Row,
        (comparison, sign): (Comparison, Range),
        right: &tree::Expr,
        range: Range,
    ) -> Checked {
        let at = self.range(right.span);
        match self.expr(right, Some(&Type::Allele)) {
            Checked::Alleles(alleles, _) if alleles.len() == 1 => {
                let test = truth(model::ColumnLabel::Public, Kind::IsAllele(row, alleles), range);
                match comparison {
                    Comparison::Equal => Checked::One(test),
                    Comparison::NotEqual => Checked::One(truth(test.label, Kind::Not(Box::new(test)), range)),
                    Comparison::Less
                    | Comparison::LessOrEqual
                    | Comparison::Greater
                    | Comparison::GreaterOrEqual => {
                        self.error("E0211", "an allele has no order", range, "only `=` and `!=` compare it");
                        Checked::Error
                    }
                }
            }
            Checked::Alleles(..) => {
                self.report(
                    Diagnostic::error(
                        Code("E0204"),
                        "this stands for several alleles",
                        at,
                        "a set, tested with `in`",
                    )
                    .fix("write `in`", vec![(sign, "in".to_owned())]),
                );
                Checked::Error
            }
            Checked::Error => Checked::Error,
            Checked::One(_)
            | Checked::Between(..)
            | Checked::Row(..)
            | Checked::Many(..)
            | Checked::Picked(..)
            | Checked::Codes(..)
            | Checked::List(..)
            | Checked::Region(..)
            | Checked::GeneCodes(..)
            | Checked::Cohort(..)
            | Checked::Table(..) => {
                self.error(
                    "E0201",
                    "a variant is compared with something that is not an allele",
                    at,
                    "not an allele",
                );
                Checked::Error
            }
        }
    }
}

pub(crate) fn comparison(operator: Relop) -> Comparison {
    match operator {
        Relop::Equal => Comparison::Equal,
        Relop::NotEqual => Comparison::NotEqual,
        Relop::Less => Comparison::Less,
        Relop::LessOrEqual => Comparison::LessOrEqual,
        Relop::Greater => Comparison::Greater,
        Relop::GreaterOrEqual => Comparison::GreaterOrEqual,
    }
}

/// The comparison with its sides exchanged.
fn mirrored(comparison: Comparison) -> Comparison {
    match comparison {
        Comparison::Equal => Comparison::Equal,
        Comparison::NotEqual => Comparison::NotEqual,
        Comparison::Less => Comparison::Greater,
        Comparison::LessOrEqual => Comparison::GreaterOrEqual,
        Comparison::Greater => Comparison::Less,
        Comparison::GreaterOrEqual => Comparison::LessOrEqual,
    }
}

fn is_literal(expr: &Expr) -> bool {
    matches!(expr.kind, Kind::Literal(_))
}

pub(crate) fn literal_number(expr: &Expr) -> Option<Number> {
    match &expr.kind {
        Kind::Literal(Value::Number(number)) => Some(*number),
        Kind::Literal(Value::Int(int)) => Some(Number::int(*int)),
        _ => None,
    }
}
