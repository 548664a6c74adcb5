//! Exact decimals: whole numbers of 10⁻¹² in an `i128`, half-even, total.
//!
//! Products and quotients pass through Arrow's 256-bit integers, so nothing is lost before the one
//! rounding at the end. An operation whose result has more than 18 digits before the point has no
//! value (`None`), as everywhere in the language. Parsing and printing are done elsewhere.

use arrow::datatypes::i256;

/// 1 in units of 10⁻¹².
pub(crate) const ONE: i128 = 1_000_000_000_000;

/// 18 digits before the point and 12 behind it.
const LIMIT: i128 = 10_i128.pow(30);

fn within(value: i128) -> Option<i128> {
    (-LIMIT < value && value < LIMIT).then_some(value)
}

/// A whole number as a decimal.
pub(crate) fn of_int(value: i64) -> i128 {
    // 19 digits and 12 more are below the 38 of an i128.
    i128::from(value) * ONE
}

pub(crate) fn add(left: i128, right: i128) -> Option<i128> {
    left.checked_add(right).and_then(within)
}

pub(crate) fn subtract(left: i128, right: i128) -> Option<i128> {
    left.checked_sub(right).and_then(within)
}

/// The product, half-even at the twelfth place.
pub(crate) fn multiply(left: i128, right: i128) -> Option<i128> {
    let product = i256::from_i128(left).checked_mul(i256::from_i128(right))?;
    quotient(product, i256::from_i128(ONE)).and_then(within)
}

/// The quotient, half-even at the twelfth place; `None` for a divisor 0.
pub(crate) fn divide(left: i128, right: i128) -> Option<i128> {
    let dividend = i256::from_i128(left).checked_mul(i256::from_i128(ONE))?;
    quotient(dividend, i256::from_i128(right)).and_then(within)
}

/// The same number with 12 places, from one with `scale` places; half-even where places are lost.
pub(crate) fn rescale(value: i128, scale: i8) -> Option<i128> {
    let shift = 12 - i32::from(scale);
    let power = 10_i128.checked_pow(shift.unsigned_abs())?;
    if shift >= 0 {
        value.checked_mul(power)
    } else {
        quotient(i256::from_i128(value), i256::from_i128(power))
    }
}

/// A whole quotient, half-even.
fn quotient(dividend: i256, divisor: i256) -> Option<i128> {
    let whole = dividend.checked_div(divisor)?;
    let rest = dividend.checked_rem(divisor)?;
    let twice = rest.checked_abs()?.checked_mul(i256::from_i128(2))?;
    let size = divisor.checked_abs()?;
    let odd = whole.checked_rem(i256::from_i128(2))? != i256::ZERO;
    let away = twice > size || (twice == size && odd);
    let step = match (away, (dividend < i256::ZERO) == (divisor < i256::ZERO)) {
        (false, _) => i256::ZERO,
        (true, true) => i256::ONE,
        (true, false) => i256::MINUS_ONE,
    };
    whole.checked_add(step)?.to_i128()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ties_go_to_the_even_neighbour_on_both_sides_of_zero() {
        for (units, by, expected) in [
            (1, 2, 0),
            (3, 2, 2),
            (5, 2, 2),
            (-1, 2, 0),
            (-3, 2, -2),
            (-5, 2, -2),
            (7, 3, 2),
            (-7, 3, -2),
            (8, 3, 3),
        ] {
            assert_eq!(divide(units, of_int(by)), Some(expected), "{units} units by {by}");
        }
    }

    #[test]
    fn a_third_has_twelve_places() {
        assert_eq!(divide(ONE, of_int(3)), Some(333_333_333_333));
        assert_eq!(divide(of_int(2), of_int(3)), Some(666_666_666_667));
    }

    #[test]
    fn products_keep_thirty_digits() {
        let wide = 123_456_789_012_345_678 * ONE + 123_456_789_012;
        assert_eq!(multiply(wide, ONE), Some(wide));
        assert_eq!(multiply(ONE / 1_000_000, ONE / 1_000_000), Some(1));
        assert_eq!(
            multiply(of_int(1_000_000_000), of_int(1_000_000_000)),
            None,
            "19 digits before the point"
        );
    }

    #[test]
    fn what_has_no_value_is_none() {
        assert_eq!(divide(ONE, 0), None);
        assert_eq!(add(LIMIT - 1, 1), None);
        assert_eq!(subtract(-LIMIT + 1, 1), None);
        assert_eq!(rescale(i128::MAX, 0), None);
        assert_eq!(rescale(25, 1), Some(25 * ONE / 10));
        assert_eq!(rescale(25, 13), Some(2));
    }
}
