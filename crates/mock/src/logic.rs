//! Kleene logic, comparisons, membership of codes, and exact arithmetic, of values that are known.

use crate::draft::Cell;
use std::cmp::Ordering;
use types::{Arithmetic, CodeTest, Comparison, Count, Number, Type, Value};

/// Units of a [`Number`] in one.
pub(crate) const ONE: i128 = 1_000_000_000_000;

pub(crate) fn not(truth: Option<bool>) -> Option<bool> {
    truth.map(|truth| !truth)
}

/// Kleene and.
pub(crate) fn and(truths: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut all = Some(true);
    for truth in truths {
        match truth {
            Some(false) => return Some(false),
            None => all = None,
            Some(true) => {}
        }
    }
    all
}

/// What a count of rows says when so many more are unknown.
pub(crate) fn decided(count: Count, bound: i64, known: i64, unknown: i64) -> Option<bool> {
    let most = known.saturating_add(unknown);
    match count {
        Count::AtLeast if known >= bound => Some(true),
        Count::AtLeast if most < bound => Some(false),
        Count::AtMost if known > bound => Some(false),
        Count::AtMost if most <= bound => Some(true),
        Count::Exactly if known > bound || most < bound => Some(false),
        Count::Exactly if unknown == 0 => Some(known == bound),
        Count::AtLeast | Count::AtMost | Count::Exactly => None,
    }
}

pub(crate) fn holds(comparison: Comparison, order: Ordering) -> bool {
    match comparison {
        Comparison::Equal => order.is_eq(),
        Comparison::NotEqual => order.is_ne(),
        Comparison::Less => order.is_lt(),
        Comparison::LessOrEqual => order.is_le(),
        Comparison::Greater => order.is_gt(),
        Comparison::GreaterOrEqual => order.is_ge(),
    }
}

/// A value as a number.
pub(crate) fn number(value: &Value) -> Option<Number> {
    match value {
        Value::Int(value) => Some(Number::int(*value)),
        Value::Number(value) => Some(*value),
        Value::Bool(_) | Value::Text(_) | Value::Date(_) => None,
    }
}

/// The order of two values of a type.
pub(crate) fn order(ty: &Type, one: &Value, other: &Value) -> Option<Ordering> {
    if let (Type::Enum(list), Value::Text(one), Value::Text(other)) = (ty, one, other) {
        let place = |text: &str| list.members.iter().position(|member| member == text);
        return Some(place(one)?.cmp(&place(other)?));
    }
    match (number(one), number(other)) {
        (Some(one), Some(other)) => Some(one.cmp(&other)),
        _ => Some(one.cmp(other)),
    }
}

/// Whether a code is in a set.
pub(crate) fn in_codes(test: &CodeTest, code: &str) -> bool {
    let first = |length: usize| code.get(..length.min(code.len())).unwrap_or(code);
    let within = test.exact.iter().any(|exact| exact == code)
        || test.prefixes.iter().any(|prefix| code.starts_with(prefix.as_str()))
        || test
            .ranges
            .iter()
            .any(|(from, to)| first(from.len()) >= from.as_str() && first(to.len()) <= to.as_str());
    within && !test.excluding.as_ref().is_some_and(|out| in_codes(out, code))
}

pub(crate) fn arithmetic(operator: Arithmetic, left: &Value, right: &Value, whole: bool) -> Cell {
    if let (Value::Int(left), Value::Int(right), true) = (left, right, whole) {
        return match operator {
            Arithmetic::Add => left.checked_add(*right),
            Arithmetic::Subtract => left.checked_sub(*right),
            Arithmetic::Multiply => left.checked_mul(*right),
            Arithmetic::Divide => None,
        }
        .map(Value::Int);
    }
    let (left, right) = (number(left)?.0, number(right)?.0);
    let result = match operator {
        Arithmetic::Add => left.checked_add(right)?,
        Arithmetic::Subtract => left.checked_sub(right)?,
        Arithmetic::Multiply => left.checked_mul(right)? / ONE,
        Arithmetic::Divide => left.checked_mul(ONE)?.checked_div(right)?,
    };
    Some(Value::Number(Number(result)))
}
