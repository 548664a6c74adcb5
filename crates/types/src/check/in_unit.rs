//! A quantity divided by one of a unit: the number of that unit, `value / 1 'mg/dL'`.
//!
//! A column whose rows each have a unit of their own has no sum and no mean; the numbers of one unit have. The
//! number is exact to 12 places, half-even. It is null where the row's unit is null or does not compare with
//! the named one; across kinds only what the model declares for the row's code is used (language.md,
//! section 2, "Units").

use super::compare::literal_number;
use super::expr::{join, truth};
use super::literal::public;
use super::table::Building;
use super::{Checked, Checker};
use crate::number::Number;
use crate::query::{Arithmetic, CodeTest, Comparison, Expr, Kind, Value};
use crate::ty::Type;
use crate::unit::{Conversion, convert, gcd, names};
use syntax::tree::{self, ExprKind, LiteralKind, Unit};
use text::Range;

/// Whether an expression is so many of a unit.
pub(crate) fn is_unit(expr: &tree::Expr) -> bool {
    matches!(
        &expr.kind,
        ExprKind::Literal(tree::Literal {
            kind: LiteralKind::Quantity { unit: Unit::Ucum(_) | Unit::Percent, .. },
            ..
        })
    )
}

impl Checker<'_> {
    /// Whether an expression beside `show` is a quantity of a table's row.
    pub(crate) fn is_quantity(&mut self, expr: &tree::Expr, building: &Building) -> bool {
        let quantity = |ty: &Type| matches!(ty, Type::QuantityOf(_) | Type::Quantity(_));
        match self.read_from_row(expr, building) {
            Checked::One(value) => quantity(&value.ty),
            Checked::Picked(_, _, tail, _) => matches!(*tail, Checked::One(value) if quantity(&value.ty)),
            _ => false,
        }
    }

    /// `quantity / 1 'unit'`
    pub(crate) fn in_unit(&mut self, quantity: Expr, one: &Expr, range: Range) -> Option<Expr> {
        let written = literal_number(one)?;
        let (unit, written) = match &one.ty {
            // A percent is held as a fraction.
            Type::Percent => ("%".to_owned(), written.scale(100, 1)?),
            Type::Quantity(unit) => (unit.clone(), written),
            _ => return None,
        };
        if written.0 == 0 {
            self.error("E0205", "a division by zero of a unit", one.range, "nothing");
            return None;
        }
        let number = match quantity.ty.clone() {
            Type::Quantity(own) => match convert(&own, &unit) {
                Conversion::Factor(times, by) => scaled(number_of(quantity), times, by, range),
                conversion => {
                    self.units_differ(&quantity, &own, one, &unit, conversion);
                    return None;
                }
            },
            Type::QuantityOf(column) => self.of_own_unit(quantity, column, &unit, range)?,
            _ => return None,
        };
        Some(if written == Number::int(1) {
            Expr { range, ..number }
        } else {
            arithmetic(Arithmetic::Divide, number, written, range)
        })
    }

    fn of_own_unit(
        &mut self,
        quantity: Expr,
        column: model::ColumnId,
        unit: &str,
        range: Range,
    ) -> Option<Expr> {
        // Of a picked row: the number of that row.
        if let Kind::Pick { rows, order, value } = quantity.kind {
            let number = self.of_own_unit(*value, column, unit, range)?;
            let (ty, label) = (number.ty.clone(), number.label);
            return Some(Expr {
                kind: Kind::Pick { rows, order, value: Box::new(number) },
                ty,
                label,
                range,
            });
        }
        let Some(own) = self.unit_beside(&quantity, column) else {
            self.computed_quantity(quantity.range);
            return None;
        };
        let is = |name: &str| {
            let name = public(Kind::Literal(Value::Text(name.to_owned())), Type::Text, range);
            let kind = Kind::Compare(Comparison::Equal, Box::new(own.clone()), Box::new(name));
            truth(own.label, kind, range)
        };
        let number = number_of(quantity.clone());
        let mut arms: Vec<(Expr, Expr)> = comparable(unit)
            .into_iter()
            .map(|(name, times, by)| (is(name), scaled(number.clone(), times, by, range)))
            .collect();
        for (code, conversion) in self.conversions(&quantity) {
            let Type::Code(system) = &code.ty else { continue };
            let test =
                CodeTest { system: system.clone(), exact: conversion.codes.clone(), ..CodeTest::default() };
            let of_code = truth(code.label, Kind::InCodes(Box::new(code), test), range);
            let (times, plus) = (Number(conversion.times), Number(conversion.plus));
            let there = |end: &str| match convert(end, unit) {
                Conversion::Factor(times, by) => Some((times, by)),
                _ => None,
            };
            // From the first unit of the formula to the second, or back.
            let (other, factor, forwards) = match (there(&conversion.to), there(&conversion.from)) {
                (Some(factor), _) => (&conversion.from, factor, true),
                (None, Some(factor)) => (&conversion.to, factor, false),
                (None, None) => continue,
            };
            for (name, up, down) in comparable(other) {
                let given = scaled(number.clone(), up, down, range);
                let made = if forwards {
                    arithmetic(
                        Arithmetic::Add,
                        arithmetic(Arithmetic::Multiply, given, times, range),
                        plus,
                        range,
                    )
                } else {
                    arithmetic(
                        Arithmetic::Divide,
                        arithmetic(Arithmetic::Subtract, given, plus, range),
                        times,
                        range,
                    )
                };
                let when = vec![of_code.clone(), is(name)];
                let when = truth(join(&when), Kind::And(when), range);
                arms.push((when, scaled(made, factor.0, factor.1, range)));
            }
        }
        let label =
            arms.iter().fold(quantity.label, |label, (when, then)| label.max(when.label).max(then.label));
        let otherwise = Box::new(public(Kind::Null, Type::Decimal, range));
        let case = Expr { kind: Kind::Case(arms, otherwise), ty: Type::Decimal, label, range };
        let kind = Kind::InUnit(Box::new(case), unit.to_owned());
        Some(Expr { kind, ty: Type::Decimal, label, range })
    }
}

/// The units that compare with one, the unit itself first, with how many of it each is: numerator and denominator.
fn comparable(unit: &str) -> Vec<(&str, i128, i128)> {
    let others = names().filter(|name| *name != unit).filter_map(|name| match convert(name, unit) {
        Conversion::Factor(times, by) => Some((name, times, by)),
        _ => None,
    });
    std::iter::once((unit, 1, 1)).chain(others).collect()
}

/// A quantity as a plain number of its unit.
fn number_of(quantity: Expr) -> Expr {
    Expr { ty: Type::Decimal, ..quantity }
}

fn scaled(number: Expr, times: i128, by: i128, range: Range) -> Expr {
    let common = i128::try_from(gcd(times.unsigned_abs(), by.unsigned_abs())).unwrap_or(1).max(1);
    let (times, by) = (times / common, by / common);
    let whole = |value: i128| i64::try_from(value).map(Number::int).ok();
    let mut number = number;
    for (operator, factor) in [(Arithmetic::Multiply, times), (Arithmetic::Divide, by)] {
        if factor != 1
            && let Some(factor) = whole(factor)
        {
            number = arithmetic(operator, number, factor, range);
        }
    }
    number
}

fn arithmetic(operator: Arithmetic, left: Expr, right: Number, range: Range) -> Expr {
    let label = left.label;
    let right = public(Kind::Literal(Value::Number(right)), Type::Decimal, range);
    Expr {
        kind: Kind::Arithmetic(operator, Box::new(left), Box::new(right)),
        ty: Type::Decimal,
        label,
        range,
    }
}
