//! Expressions over released values: exact, three-valued, total.
//!
//! Arithmetic on withheld is withheld. A comparison with a withheld count is decided where all
//! values that the count may have, as far as the public knows, decide it alike. Keys that read
//! `not recorded`, `other` or `total` compare as unknown.

use crate::compute::units;
use crate::decimal;
use crate::error::Error;
use crate::exact;
use crate::value::{ReleasedValue, Withheld};
use plan::{ReleasedOperator, Value};
use std::cmp::Ordering;

/// Applies an operator.
pub(crate) fn apply(operator: ReleasedOperator, operands: &[ReleasedValue]) -> Result<ReleasedValue, Error> {
    use ReleasedOperator as Op;
    if operands
        .iter()
        .any(|operand| matches!(operand, ReleasedValue::Interval { .. } | ReleasedValue::Rows(_)))
    {
        return Err(Error::malformed("an operator on an interval, or on rows".to_owned()));
    }
    match (operator, operands) {
        (Op::Add, [left, right]) => Ok(arithmetic(left, right, i64::checked_add, decimal::add)),
        (Op::Subtract, [left, right]) => Ok(arithmetic(left, right, i64::checked_sub, decimal::subtract)),
        (Op::Multiply, [left, right]) => Ok(arithmetic(left, right, i64::checked_mul, decimal::multiply)),
        (Op::Divide, [left, right]) => {
            if is_withheld(left) || is_withheld(right) {
                return Ok(withheld());
            }
            let quotient =
                number(left).zip(number(right)).and_then(|(left, right)| decimal::divide(left, right));
            Ok(value(quotient.map(Value::Decimal)))
        }
        (Op::Negate, [operand]) => {
            let zero = ReleasedValue::Value(Value::Int(0));
            Ok(arithmetic(&zero, operand, i64::checked_sub, decimal::subtract))
        }
        (Op::And, operands) => Ok(truth(operands.iter().map(is_true).fold(Some(true), and))),
        (Op::Or, operands) => {
            let not = |known: Option<bool>| known.map(|known| !known);
            Ok(truth(not(operands.iter().map(is_true).map(not).fold(Some(true), and))))
        }
        (Op::Not, [operand]) => Ok(truth(is_true(operand).map(|known| !known))),
        (Op::Equal, [left, right]) => Ok(truth(equal(left, right))),
        (Op::NotEqual, [left, right]) => Ok(truth(equal(left, right).map(|known| !known))),
        (Op::Less, [left, right]) => Ok(truth(less(left, right))),
        (Op::Greater, [left, right]) => Ok(truth(less(right, left))),
        (Op::LessOrEqual, [left, right]) => Ok(truth(less(right, left).map(|known| !known))),
        (Op::GreaterOrEqual, [left, right]) => Ok(truth(less(left, right).map(|known| !known))),
        (Op::IsKnown, [operand]) => Ok(truth(is_known(operand))),
        (Op::FisherOddsRatio | Op::FisherP, [a, n1, b, n0]) => fisher(operator, [a, n1, b, n0]),
        (
            Op::Add
            | Op::Subtract
            | Op::Multiply
            | Op::Divide
            | Op::Negate
            | Op::Not
            | Op::Equal
            | Op::NotEqual
            | Op::Less
            | Op::LessOrEqual
            | Op::Greater
            | Op::GreaterOrEqual
            | Op::IsKnown
            | Op::FisherOddsRatio
            | Op::FisherP,
            operands,
        ) => Err(Error::malformed(format!("{operator:?} with {} operands", operands.len()))),
    }
}

/// Fisher's exact test of released counts: withheld where one of them is, null where one has no value or
/// a part is more than its whole.
fn fisher(operator: ReleasedOperator, counts: [&ReleasedValue; 4]) -> Result<ReleasedValue, Error> {
    if counts.iter().any(|count| is_withheld(count)) {
        return Ok(withheld());
    }
    let mut numbers = [0; 4];
    for (number, count) in numbers.iter_mut().zip(counts) {
        match plain(count) {
            Some(Value::Int(count)) => match u64::try_from(*count) {
                Ok(count) => *number = count,
                Err(_) => return Ok(ReleasedValue::Null),
            },
            None => return Ok(ReleasedValue::Null),
            Some(_) => return Err(Error::malformed("Fisher's test of what is no count".to_owned())),
        }
    }
    let [a, n1, b, n0] = numbers;
    let result = match operator {
        ReleasedOperator::FisherP => exact::fisher_p(a, n1, b, n0),
        _ => exact::odds_ratio(a, n1, b, n0),
    };
    Ok(value(result.map(Value::Decimal)))
}

fn withheld() -> ReleasedValue {
    ReleasedValue::Withheld(Withheld::PLAIN)
}

fn is_withheld(operand: &ReleasedValue) -> bool {
    matches!(operand, ReleasedValue::Withheld(_))
}

fn value(value: Option<Value>) -> ReleasedValue {
    value.map_or(ReleasedValue::Null, ReleasedValue::Value)
}

fn truth(known: Option<bool>) -> ReleasedValue {
    value(known.map(Value::Bool))
}

/// The value, if it is one.
fn plain(operand: &ReleasedValue) -> Option<&Value> {
    match operand {
        ReleasedValue::Value(value) => Some(value),
        ReleasedValue::Withheld(_)
        | ReleasedValue::Interval { .. }
        | ReleasedValue::Rows(_)
        | ReleasedValue::Null
        | ReleasedValue::NotRecorded
        | ReleasedValue::Other
        | ReleasedValue::Total => None,
    }
}

fn number(operand: &ReleasedValue) -> Option<i128> {
    plain(operand).and_then(units)
}

/// Whole numbers stay whole; with a decimal the result is one.
fn arithmetic(
    left: &ReleasedValue,
    right: &ReleasedValue,
    whole: impl Fn(i64, i64) -> Option<i64>,
    exact: impl Fn(i128, i128) -> Option<i128>,
) -> ReleasedValue {
    if is_withheld(left) || is_withheld(right) {
        return withheld();
    }
    if let (Some(Value::Int(left)), Some(Value::Int(right))) = (plain(left), plain(right)) {
        return value(whole(*left, *right).map(Value::Int));
    }
    value(number(left).zip(number(right)).and_then(|(left, right)| exact(left, right)).map(Value::Decimal))
}

/// Kleene truth of a released bool.
pub(crate) fn is_true(operand: &ReleasedValue) -> Option<bool> {
    match plain(operand) {
        Some(Value::Bool(known)) => Some(*known),
        Some(
            Value::Null
            | Value::Int(_)
            | Value::Decimal(_)
            | Value::Text(_)
            | Value::Date(_)
            | Value::Instant(_),
        )
        | None => None,
    }
}

fn and(left: Option<bool>, right: Option<bool>) -> Option<bool> {
    match (left, right) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        (None, _) | (_, None) => None,
    }
}

/// A count exists even where it is withheld; whether another withheld value does is not told.
fn is_known(operand: &ReleasedValue) -> Option<bool> {
    match operand {
        ReleasedValue::Value(_) | ReleasedValue::Interval { .. } | ReleasedValue::Rows(_) => Some(true),
        ReleasedValue::Null | ReleasedValue::NotRecorded => Some(false),
        ReleasedValue::Withheld(withheld) => withheld.below.map(|_| true),
        ReleasedValue::Other | ReleasedValue::Total => None,
    }
}

/// The least and the greatest number that it may be, where the public knows them.
fn range(operand: &ReleasedValue) -> Option<(Option<i128>, Option<i128>)> {
    match operand {
        ReleasedValue::Withheld(withheld) => Some((withheld.low, withheld.high)),
        ReleasedValue::Value(value) => units(value).map(|units| (Some(units), Some(units))),
        ReleasedValue::Interval { .. }
        | ReleasedValue::Rows(_)
        | ReleasedValue::Null
        | ReleasedValue::NotRecorded
        | ReleasedValue::Other
        | ReleasedValue::Total => None,
    }
}

fn less(left: &ReleasedValue, right: &ReleasedValue) -> Option<bool> {
    if let (Some(left), Some(right)) = (range(left), range(right)) {
        return match (left, right) {
            ((_, Some(most)), (Some(least), _)) if most < least => Some(true),
            ((Some(least), _), (_, Some(most))) if least >= most => Some(false),
            _ => None,
        };
    }
    compare(left, right).map(Ordering::is_lt)
}

fn equal(left: &ReleasedValue, right: &ReleasedValue) -> Option<bool> {
    if range(left).is_some() && range(right).is_some() {
        return match (less(left, right), less(right, left)) {
            (Some(true), _) | (_, Some(true)) => Some(false),
            (Some(false), Some(false)) => Some(true),
            (None, _) | (_, None) => None,
        };
    }
    compare(left, right).map(Ordering::is_eq)
}

/// Values that are not numbers: text by bytes, days, true after false.
fn compare(left: &ReleasedValue, right: &ReleasedValue) -> Option<Ordering> {
    match (plain(left)?, plain(right)?) {
        (Value::Text(left), Value::Text(right)) => Some(left.as_bytes().cmp(right.as_bytes())),
        (Value::Date(left), Value::Date(right)) => Some(left.cmp(right)),
        (Value::Bool(left), Value::Bool(right)) => Some(left.cmp(right)),
        _ => None,
    }
}

/// The order of `order by`: values, then what has none to compare, in a fixed order whatever the
/// direction, so that the place of a withheld value tells nothing.
pub(crate) fn order(left: &ReleasedValue, right: &ReleasedValue, descending: bool) -> Ordering {
    let rank = |operand: &ReleasedValue| match operand {
        ReleasedValue::Value(_) | ReleasedValue::Interval { .. } | ReleasedValue::Rows(_) => 0,
        ReleasedValue::Withheld(_) => 1,
        ReleasedValue::Null => 2,
        ReleasedValue::NotRecorded => 3,
        ReleasedValue::Other => 4,
        ReleasedValue::Total => 5,
    };
    rank(left).cmp(&rank(right)).then_with(|| {
        let forward = match (left, right) {
            (ReleasedValue::Interval { low: a, high: b }, ReleasedValue::Interval { low: c, high: d }) => {
                (a, b).cmp(&(c, d))
            }
            _ => match (number(left), number(right)) {
                (Some(left), Some(right)) => left.cmp(&right),
                (None, _) | (_, None) => compare(left, right).unwrap_or(Ordering::Equal),
            },
        };
        if descending { forward.reverse() } else { forward }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use plan::ReleasedOperator as Op;

    fn int(number: i64) -> ReleasedValue {
        ReleasedValue::Value(Value::Int(number))
    }

    fn small() -> ReleasedValue {
        let one = decimal::ONE;
        ReleasedValue::Withheld(Withheld {
            below: Some(10),
            secondary: false,
            low: Some(one),
            high: Some(9 * one),
        })
    }

    fn bool(known: Option<bool>) -> ReleasedValue {
        truth(known)
    }

    #[test]
    fn the_public_interval_decides_what_it_can() {
        for (operator, number, expected) in [
            (Op::Less, 10, Some(true)),
            (Op::Less, 9, None),
            (Op::Less, 1, Some(false)),
            (Op::LessOrEqual, 9, Some(true)),
            (Op::Greater, 0, Some(true)),
            (Op::Greater, 1, None),
            (Op::GreaterOrEqual, 1, Some(true)),
            (Op::GreaterOrEqual, 10, Some(false)),
            (Op::Equal, 0, Some(false)),
            (Op::Equal, 5, None),
            (Op::NotEqual, 10, Some(true)),
        ] {
            assert_eq!(apply(operator, &[small(), int(number)]), Ok(bool(expected)), "{operator:?} {number}");
        }
        assert_eq!(
            apply(Op::Equal, &[small(), small()]),
            Ok(bool(None)),
            "two withheld counts need not be equal"
        );
    }

    #[test]
    fn arithmetic_on_withheld_is_withheld_whatever_the_other_side_is() {
        for operator in [Op::Add, Op::Subtract, Op::Multiply, Op::Divide] {
            for other in [int(0), ReleasedValue::Null, small()] {
                assert_eq!(
                    apply(operator, &[small(), other.clone()]),
                    Ok(withheld()),
                    "{operator:?} {other:?}"
                );
                assert_eq!(apply(operator, &[other, small()]), Ok(withheld()));
            }
        }
        assert_eq!(apply(Op::Divide, &[int(1), int(0)]), Ok(ReleasedValue::Null));
        assert_eq!(apply(Op::Add, &[int(i64::MAX), int(1)]), Ok(ReleasedValue::Null));
    }

    #[test]
    fn kleene() {
        let all = [Some(true), Some(false), None];
        for a in all {
            for b in all {
                let both = if a == Some(false) || b == Some(false) { Some(false) } else { a.and(b) };
                let either = if a == Some(true) || b == Some(true) { Some(true) } else { a.and(b) };
                assert_eq!(apply(Op::And, &[bool(a), bool(b)]), Ok(bool(both)));
                assert_eq!(apply(Op::Or, &[bool(a), bool(b)]), Ok(bool(either)));
            }
        }
        assert_eq!(apply(Op::And, &[]), Ok(bool(Some(true))));
        assert_eq!(apply(Op::Or, &[]), Ok(bool(Some(false))));
    }

    #[test]
    fn withheld_stands_after_values_in_both_directions() {
        assert_eq!(order(&int(3), &small(), false), Ordering::Less);
        assert_eq!(order(&int(3), &small(), true), Ordering::Less);
        assert_eq!(order(&int(3), &int(4), true), Ordering::Greater);
        assert_eq!(order(&ReleasedValue::NotRecorded, &ReleasedValue::Other, true), Ordering::Less);
    }
}
