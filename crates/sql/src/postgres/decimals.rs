//! Exact decimal arithmetic on Postgres that fails for no operands.
//!
//! `NUMERIC` adds and multiplies exactly, so only rounding and the bounds of the plan's decimals are left
//! to do. `round` takes a half away from zero; the half-even result differs from it at a half alone, where
//! it is the truncated number if that is even. Quotients are whole ones of units of 10⁻¹²: `div` and `%`
//! are exact, `/` is not.

use super::{Let, bind, bound, null_beyond, numeric};
use crate::operand::Operand;
use crate::tree::{self, call, multiply as times, number, remainder};
use sqlparser::ast::{BinaryOperator, Expr, Value as Token};

/// Units of a decimal in one.
const UNITS: &str = "1000000000000";
/// One unit.
const UNIT: &str = "0.000000000001";
/// Two units.
const TWO_UNITS: &str = "0.000000000002";
/// Half a unit.
const HALF_UNIT: &str = "0.0000000000005";
/// 10¹⁸: the first whole number that is no decimal any more.
const BOUND: &str = "1000000000000000000";
/// 10²⁶: the first whole number that is no sum of decimals any more.
const SUM_BOUND: &str = "100000000000000000000000000";

/// The number, or null where it has more than 18 digits before the point.
pub(super) fn in_18_digits(value: Expr) -> Expr {
    within(value, BOUND)
}

/// The number, or null where it has more than 26 digits before the point.
pub(super) fn in_26_digits(value: Expr) -> Expr {
    within(value, SUM_BOUND)
}

fn within(value: Expr, bound: &str) -> Expr {
    null_beyond(tree::negative(number(bound)), value, number(bound))
}

/// `a + b` or `a - b`.
pub(super) fn add(a: &Operand, b: &Operand, operator: BinaryOperator) -> Expr {
    in_18_digits(tree::binary(numeric(a.again()), operator, b.again()))
}

/// `a * b`, half-even to 12 places.
pub(super) fn multiply(a: &Operand, b: &Operand) -> Expr {
    let product = Operand { rows: a.rows || b.rows, ..Operand::plain(times(numeric(a.again()), b.again())) };
    let values = Let { name: "_1", bind: vec![("product", &product)] };
    in_18_digits(values.within(|values| {
        let [product] = values else { return Expr::value(Token::Null) };
        let places = || vec![product.clone(), number("12")];
        let cut = || call("trunc", places());
        let rest = call("abs", vec![tree::subtract(product.clone(), cut())]);
        let half = tree::binary(rest, BinaryOperator::Eq, number(HALF_UNIT));
        let even = tree::binary(remainder(cut(), number(TWO_UNITS)), BinaryOperator::Eq, number("0"));
        tree::case(vec![(tree::and(half, even), cut())], Some(call("round", places())))
    }))
}

/// `a / b`, half-even to 12 places.
pub(super) fn divide(a: &Operand, b: &Operand) -> Expr {
    let shifted = Operand { rows: a.rows, ..Operand::plain(times(numeric(a.again()), number(UNITS))) };
    let divisor = Operand { tree: numeric(b.again()), ..b.clone() };
    let of_rows = a.rows || b.rows;
    let values = Let { name: "_1", bind: vec![("units", &shifted), ("divisor", &divisor)] };
    in_18_digits(values.within(|values| {
        let [units, divisor] = values else { return Expr::value(Token::Null) };
        let not_0 = || call("nullif", vec![divisor.clone(), number("0")]);
        let quotient = call("div", vec![units.clone(), not_0()]);
        let rest = remainder(units.clone(), not_0());
        let formula = |quotient: Expr, rest: Expr| {
            let twice = || times(call("abs", vec![rest.clone()]), number("2"));
            let size = || call("abs", vec![divisor.clone()]);
            let odd =
                tree::binary(remainder(quotient.clone(), number("2")), BinaryOperator::NotEq, number("0"));
            let half = tree::binary(twice(), BinaryOperator::Eq, size());
            let up = tree::or(tree::binary(twice(), BinaryOperator::Gt, size()), tree::and(half, odd));
            let sign = times(call("sign", vec![rest.clone()]), call("sign", vec![divisor.clone()]));
            let step = tree::case(vec![(up, sign)], Some(number("0")));
            times(tree::add(quotient, step), number(UNIT))
        };
        if of_rows {
            return formula(quotient, rest);
        }
        let whole = bound("_2", "quotient");
        bind("_2", vec![("quotient", quotient), ("rest", rest)], formula(whole, bound("_2", "rest")))
    }))
}
