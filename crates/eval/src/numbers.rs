//! Exact numbers: 64-bit whole numbers, and decimals in units of 10⁻¹².
//!
//! Every operation is computed in full, in whole numbers of any length, and then rounded once
//! (half-even) and held against the limits of its result; beyond them there is no value.

use num_bigint::{BigInt, Sign};

/// 1 in units.
const ONE: i64 = 1_000_000_000_000;

/// Digits before the point of a decimal.
const DIGITS: u32 = 18;

/// Digits before the point of a sum of decimals.
const SUM_DIGITS: u32 = 26;

/// A whole number, if 64 bits hold it.
pub(crate) fn int(value: &BigInt) -> Option<i64> {
    i64::try_from(value).ok()
}

/// Units of a decimal, if it has at most so many digits before the point.
fn decimal(units: &BigInt, digits: u32) -> Option<i128> {
    let limit = BigInt::from(10).pow(digits) * ONE;
    if units.magnitude() < limit.magnitude() { i128::try_from(units).ok() } else { None }
}

/// The whole number that is nearest to `dividend / divisor`; of two equally near ones the even one.
fn nearest(dividend: &BigInt, divisor: &BigInt) -> Option<BigInt> {
    if divisor.sign() == Sign::NoSign {
        return None;
    }
    // With a positive divisor, floor and rest are what school says for both signs of the dividend.
    let (dividend, divisor) = if divisor.sign() == Sign::Minus {
        (-dividend, -divisor)
    } else {
        (dividend.clone(), divisor.clone())
    };
    let towards_zero = &dividend / &divisor;
    let floor = if &towards_zero * &divisor > dividend { towards_zero - 1 } else { towards_zero };
    let twice_the_rest = (dividend - &floor * &divisor) * 2;
    let even = &floor % 2 == BigInt::ZERO;
    let up = twice_the_rest > divisor || (twice_the_rest == divisor && !even);
    Some(if up { floor + 1 } else { floor })
}

pub(crate) fn add_decimals(left: i128, right: i128) -> Option<i128> {
    decimal(&(BigInt::from(left) + right), DIGITS)
}

pub(crate) fn subtract_decimals(left: i128, right: i128) -> Option<i128> {
    decimal(&(BigInt::from(left) - right), DIGITS)
}

pub(crate) fn multiply_decimals(left: i128, right: i128) -> Option<i128> {
    decimal(&nearest(&(BigInt::from(left) * right), &BigInt::from(ONE))?, DIGITS)
}

pub(crate) fn divide_decimals(left: i128, right: i128) -> Option<i128> {
    decimal(&nearest(&(BigInt::from(left) * ONE), &BigInt::from(right))?, DIGITS)
}

pub(crate) fn int_to_decimal(value: i64) -> Option<i128> {
    decimal(&(BigInt::from(value) * ONE), DIGITS)
}

pub(crate) fn sum_of_ints(values: impl Iterator<Item = i64>) -> Option<i64> {
    int(&values.map(BigInt::from).sum())
}

pub(crate) fn sum_of_decimals(values: impl Iterator<Item = i128>) -> Option<i128> {
    decimal(&values.map(BigInt::from).sum(), SUM_DIGITS)
}

/// The greatest multiple of `width` that is at most the number.
pub(crate) fn floor_to(number: i64, width: i64) -> Option<i64> {
    if width < 1 {
        return None;
    }
    number.div_euclid(width).checked_mul(width)
}
