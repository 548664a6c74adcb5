//! What may be done with released values: arithmetic on numbers of one unit, comparisons of values of one
//! kind, logic of conditions. An interval is shown, and known or not; it is no number.

use super::Checker;
use crate::number::Number;
use crate::query::{Arithmetic, Comparison, ShownExpr, Value};
use crate::ty::Type;
use crate::unit::{Conversion, convert};
use diag::{Code, Diagnostic};
use syntax::tree;
use text::Range;

/// A value with its type and its place.
pub(crate) type Operand = (ShownExpr, Type, Range);

/// Whether a single number stands in a cell of the type.
pub(crate) fn is_released_number(ty: &Type) -> bool {
    matches!(ty, Type::Int | Type::Decimal | Type::Percent | Type::Quantity(_))
}

impl Checker<'_> {
    /// `consented / sequenced`
    pub(crate) fn shown_arithmetic(
        &mut self,
        operator: tree::Arithmetic,
        left: Operand,
        right: Operand,
    ) -> Option<(ShownExpr, Type)> {
        if !self.single(&left, "arithmetic takes one number")
            || !self.single(&right, "arithmetic takes one number")
        {
            return None;
        }
        let operator = match operator {
            tree::Arithmetic::Add => Arithmetic::Add,
            tree::Arithmetic::Subtract => Arithmetic::Subtract,
            tree::Arithmetic::Multiply => Arithmetic::Multiply,
            tree::Arithmetic::Divide => Arithmetic::Divide,
        };
        let sum = matches!(operator, Arithmetic::Add | Arithmetic::Subtract);
        let (left, right) = if sum { one_unit(left, right) } else { (left, right) };
        let ((left, left_ty, left_range), (right, right_ty, right_range)) = (left, right);
        let ty = match (operator, &left_ty, &right_ty) {
            (_, a, b) if !is_released_number(a) || !is_released_number(b) => None,
            (Arithmetic::Divide, Type::Quantity(a), Type::Quantity(b)) => (a == b).then_some(Type::Decimal),
            (Arithmetic::Add | Arithmetic::Subtract, Type::Quantity(a), Type::Quantity(b)) => {
                (a == b).then(|| left_ty.clone())
            }
            (Arithmetic::Multiply | Arithmetic::Divide, Type::Quantity(_), b) if !is_quantity(b) => {
                Some(left_ty.clone())
            }
            (Arithmetic::Multiply, a, Type::Quantity(_)) if !is_quantity(a) => Some(right_ty.clone()),
            (_, a, b) if is_quantity(a) || is_quantity(b) => None,
            (Arithmetic::Divide, _, _) => Some(Type::Decimal),
            (_, Type::Int, Type::Int) => Some(Type::Int),
            (Arithmetic::Add | Arithmetic::Subtract, a, b) if a == b => Some(left_ty.clone()),
            (_, _, _) => Some(Type::Decimal),
        };
        let Some(ty) = ty else {
            let done = match operator {
                Arithmetic::Add => "added",
                Arithmetic::Subtract => "subtracted",
                Arithmetic::Multiply => "multiplied",
                Arithmetic::Divide => "divided",
            };
            let (a, b) = (left_ty.to_string(), right_ty.to_string());
            let message = format!("{a} and {b} cannot be {done}");
            let diagnostic = Diagnostic::error(Code("E0201"), message, left_range, a).label(right_range, b);
            self.report(if is_quantity(&left_ty) && is_quantity(&right_ty) {
                diagnostic.note("released quantities are added and divided in one unit")
            } else if is_quantity(&left_ty) || is_quantity(&right_ty) {
                diagnostic.note(
                    "a quantity is added to a quantity in its unit, and multiplied or divided by a number",
                )
            } else {
                diagnostic.note("arithmetic is on numbers: counts, means, shares, quantities in one unit")
            });
            return None;
        };
        Some((ShownExpr::Arithmetic(operator, Box::new(left), Box::new(right)), ty))
    }

    /// Released numbers compare with each other, but a bound has the unit of what it bounds.
    pub(crate) fn shown_comparison(
        &mut self,
        comparison: Comparison,
        left: Operand,
        right: Operand,
        range: Range,
    ) -> Option<(ShownExpr, Type)> {
        if !self.single(&left, "a comparison takes one value")
            || !self.single(&right, "a comparison takes one value")
        {
            return None;
        }
        let (left, right) = one_unit(left, right);
        let ((left, left_ty, left_range), (right, right_ty, right_range)) = (left, right);
        let literal = |value: &ShownExpr| matches!(value, ShownExpr::Literal(_));
        let bound = literal(&left) || literal(&right);
        match (&left_ty, &right_ty) {
            (Type::Percent, Type::Int | Type::Decimal) | (Type::Int | Type::Decimal, Type::Percent)
                if bound && left_ty != Type::Decimal =>
            {
                let message = match &left_ty {
                    Type::Percent => "a percentage is compared with a number that has no `%`",
                    _ => "a whole number is compared with a percentage",
                };
                self.report(
                    Diagnostic::error(Code("E0208"), message, right_range, "of what?")
                        .help("a share has a bound with `%`, such as `5%`; a count has one without"),
                );
                None
            }
            (Type::Quantity(a), Type::Quantity(b)) if a != b => {
                let message = match convert(a, b) {
                    Conversion::Factor(..) => {
                        format!("`{a}` and `{b}` are two units, and released values compare in one")
                    }
                    Conversion::Different | Conversion::UnknownFirst | Conversion::UnknownSecond => {
                        format!("`{b}` and `{a}` do not measure the same kind of thing")
                    }
                };
                self.report(
                    Diagnostic::error(Code("E0209"), message, right_range, format!("in `{b}`"))
                        .label(left_range, format!("in `{a}`")),
                );
                None
            }
            (Type::Quantity(unit), Type::Int | Type::Decimal | Type::Percent)
            | (Type::Int | Type::Decimal | Type::Percent, Type::Quantity(unit)) => {
                let (at, other) =
                    if is_quantity(&left_ty) { (right_range, &right_ty) } else { (left_range, &left_ty) };
                let (message, label) = match other {
                    Type::Percent => {
                        (format!("a quantity in `{unit}` is compared with a percentage"), "in `%`")
                    }
                    _ => {
                        ("a quantity is compared with a number that has no unit".to_owned(), "of what unit?")
                    }
                };
                self.report(
                    Diagnostic::error(Code("E0208"), message, at, label)
                        .help(format!("write the bound with its unit, such as `'{unit}'`")),
                );
                None
            }
            (a, b) if a != b && !(is_released_number(a) && is_released_number(b)) => {
                self.error("E0201", format!("{left_ty} and {right_ty} do not compare"), range, "two types");
                None
            }
            (a, _) if !has_order(a) && !matches!(comparison, Comparison::Equal | Comparison::NotEqual) => {
                self.report(
                    Diagnostic::error(
                        Code("E0211"),
                        format!("an order was asked for, and this is {a}"),
                        range,
                        "only `=` and `!=` compare these",
                    )
                    .note("of lists of names only those that the model declares with `<` have an order"),
                );
                None
            }
            (_, _) => Some((ShownExpr::Compare(comparison, Box::new(left), Box::new(right)), Type::Bool)),
        }
    }

    /// A part of `and`, `or` and `not` is true or false.
    pub(crate) fn shown_truth(&mut self, value: (ShownExpr, Type), range: Range) -> Option<ShownExpr> {
        let (value, ty) = value;
        if ty == Type::Bool {
            return Some(value);
        }
        self.error(
            "E0202",
            format!("this is {ty}, and a condition was expected"),
            range,
            "not true or false",
        );
        None
    }

    /// Whether a value is no interval; one that is was reported.
    pub(crate) fn single(&mut self, (_, ty, range): &Operand, wanted: &str) -> bool {
        if *ty != Type::Interval {
            return true;
        }
        self.report(
            Diagnostic::error(
                Code("E0191"),
                format!("an interval is two numbers, and {wanted}"),
                *range,
                "an interval",
            )
            .note("an interval is shown, and asked whether it `is known`")
            .help("take the share itself, `share(…)`, and show the interval beside it"),
        );
        false
    }
}

/// A written number in the unit of the other side, where it can be held there.
fn one_unit(left: Operand, right: Operand) -> (Operand, Operand) {
    match (&left.0, &right.0) {
        (_, ShownExpr::Literal(_)) => {
            let right = in_unit_of(&left.1, right);
            (left, right)
        }
        (ShownExpr::Literal(_), _) => (in_unit_of(&right.1, left), right),
        (_, _) => (left, right),
    }
}

fn is_quantity(ty: &Type) -> bool {
    matches!(ty, Type::Quantity(_))
}

fn in_unit_of(ty: &Type, (value, own, range): Operand) -> Operand {
    let (Type::Quantity(unit), ShownExpr::Literal(literal)) = (ty, &value) else {
        return (value, own, range);
    };
    let number = match literal {
        Value::Number(number) => *number,
        Value::Int(int) => Number::int(*int),
        Value::Bool(_) | Value::Text(_) | Value::Date(_) => return (value, own, range),
    };
    let converted = match &own {
        Type::Percent if unit == "%" => number.scale(100, 1),
        Type::Quantity(other) => match convert(other, unit) {
            Conversion::Factor(numerator, denominator) => number.scale(numerator, denominator),
            Conversion::Different | Conversion::UnknownFirst | Conversion::UnknownSecond => None,
        },
        _ => None,
    };
    match converted {
        Some(number) => (ShownExpr::Literal(Value::Number(number)), ty.clone(), range),
        None => (value, own, range),
    }
}

/// Whether `<` compares values of the type.
fn has_order(ty: &Type) -> bool {
    match ty {
        Type::Enum(list) => list.ordered,
        Type::Bool | Type::Text | Type::Code(_) | Type::Gene | Type::Id | Type::Allele | Type::Interval => {
            false
        }
        Type::Int
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
        | Type::Band { .. }
        | Type::Unknown => true,
    }
}
