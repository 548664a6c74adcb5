//! Interval estimates of proportions, and deviations and differences, the same on every machine.
//!
//! Deviations and standardised differences are computed in whole numbers. Of the intervals only `+ - * /` and square roots of 64-bit floats are used, which IEEE 754 fixes to the last bit,
//! in a fixed order; no exponential, no logarithm. Results are rounded to 12 places.

use crate::decimal::{self, ONE};
use arrow::datatypes::i256;

/// The 97.5 % point of the standard normal distribution.
const Z: f64 = 1.959_963_984_540_054;

/// The probability of `faf95`.
const LEVEL: f64 = 0.95;

/// The Wilson score interval at 95 % of `yes` in `known` (Wilson 1927; Newcombe 1998, method 3), in
/// units of 10⁻¹². `None` when `known` is 0. `yes` is at most `known`.
pub(crate) fn wilson(yes: u64, known: u64) -> Option<(i128, i128)> {
    if known == 0 {
        return None;
    }
    let (x, n) = (float(yes), float(known));
    let middle = x + Z * Z / 2.0;
    let half = Z * (x * (n - x) / n + Z * Z / 4.0).sqrt();
    let whole = n + Z * Z;
    // The ends are exact where nobody or everybody is counted; the formula misses them by a rounding.
    let low = if yes == 0 { 0 } else { units((middle - half) / whole) };
    let high = if yes == known { ONE } else { units((middle + half) / whole) };
    Some((low, high))
}

/// The filtering allele frequency at 95 % (Whiffin et al. 2017): λ / `an`, where λ is the mean of the
/// Poisson distribution that gives fewer than `ac` with probability 0.95; 0 when `ac` ≤ 1.
/// In units of 10⁻¹². `lambda` is [`poisson_mean`] of `ac`.
pub(crate) fn faf95(ac: u64, an: u64, lambda: f64) -> i128 {
    if ac <= 1 || an == 0 { 0 } else { units(lambda / float(an)) }
}

/// λ with P(X < `ac`; X ~ Poisson(λ)) = 0.95, by bisection to the last bit.
pub(crate) fn poisson_mean(ac: u64) -> f64 {
    if ac <= 1 {
        return 0.0;
    }
    // λ is above 0 and below ac: the median of Poisson(ac) is near ac, and 0.95 lies below it.
    let (mut low, mut high) = (0.0, float(ac));
    loop {
        let middle = low + (high - low) / 2.0;
        if middle <= low || middle >= high {
            return low;
        }
        if below(ac, middle) > LEVEL {
            low = middle;
        } else {
            high = middle;
        }
    }
}

/// P(X < `ac`) for X ~ Poisson(`mean`), for 0 < `mean` < `ac`.
///
/// Both sides of `ac` are summed relative to the probability of `ac` − 1, so that e^−λ cancels:
/// downwards each term is the one above times k/λ, upwards the one below times λ/k.
fn below(ac: u64, mean: f64) -> f64 {
    let (mut down, mut term, mut k) = (1.0, 1.0, float(ac) - 1.0);
    while k > 0.0 {
        term *= k / mean;
        down += term;
        // Small means make these terms huge; then nearly all probability is below `ac`.
        if down > 1e300 {
            return 1.0;
        }
        // Below the mean the terms fall; once they are lost in the sum, so is their rest.
        if k < mean && term < down * 1e-18 {
            break;
        }
        k -= 1.0;
    }
    let (mut up, mut term, mut k) = (0.0, 1.0, float(ac));
    loop {
        term *= mean / k;
        up += term;
        if term < up * 1e-18 {
            return down / (down + up);
        }
        k += 1.0;
    }
}

/// The standard deviation of `number` values with this sum and this sum of squares, with `number` − 1
/// below, to the nearest 10⁻¹²: √((Σx² − (Σx)²/n) / (n − 1)). All in units of 10⁻¹², in whole numbers of
/// 256 bits, so it is the same on every machine. `None` for fewer than two values.
pub(crate) fn deviation(sum: i128, squares: i128, number: u64) -> Option<i128> {
    let n = i256::from_i128(i128::from(number));
    let (sum, squares) = (i256::from_i128(sum), i256::from_i128(squares));
    // In units of 10⁻²⁴, whose root has units of 10⁻¹².
    let spread =
        n.checked_mul(squares)?.checked_mul(i256::from_i128(ONE))?.checked_sub(sum.checked_mul(sum)?)?;
    let below = n.checked_mul(n.checked_sub(i256::ONE)?)?;
    if below <= i256::ZERO {
        return None;
    }
    // Squares are rounded to twelve places, so that of equal values the difference may miss zero.
    root(spread.checked_div(below)?.max(i256::ZERO))
}

/// The standardised difference of two shares: (p − q) / √((p(1 − p) + q(1 − q)) / 2) (Austin 2009,
/// Statistics in Medicine 28:3083, section 3). `None` where both are 0 or 1.
pub(crate) fn standardised_of_shares(p: i128, q: i128) -> Option<i128> {
    let spread = |share: i128| i256::from_i128(share).checked_mul(i256::from_i128(ONE - share));
    standardised(p - q, spread(p)?.checked_add(spread(q)?)?)
}

/// The standardised difference of two means, each with its standard deviation:
/// (m₁ − m₂) / √((s₁² + s₂²) / 2) (Austin 2009, as above). `None` where both deviations are 0.
pub(crate) fn standardised_of_means(one: (i128, i128), other: (i128, i128)) -> Option<i128> {
    let square = |sd: i128| i256::from_i128(sd).checked_mul(i256::from_i128(sd));
    standardised(one.0.checked_sub(other.0)?, square(one.1)?.checked_add(square(other.1)?)?)
}

/// A difference in units of 10⁻¹² over the root of half a variance in units of 10⁻²⁴.
fn standardised(difference: i128, twice: i256) -> Option<i128> {
    decimal::divide(difference, root(twice.checked_div(i256::from_i128(2))?)?)
}

/// The whole number nearest to a root.
fn root(square: i256) -> Option<i128> {
    if square <= i256::ZERO {
        return (square == i256::ZERO).then_some(0);
    }
    // Newton's steps from above fall until they have the whole part of the root.
    let two = i256::from_i128(2);
    let mut guess = i256::ONE;
    while guess.checked_mul(guess).is_some_and(|found| found < square) {
        guess = guess.checked_mul(two)?;
    }
    loop {
        let next = guess.checked_add(square.checked_div(guess)?)?.checked_div(two)?;
        if next >= guess {
            break;
        }
        guess = next;
    }
    // (r + ½)² is r² + r + ¼, and the square is whole.
    if square.checked_sub(guess.checked_mul(guess)?)? > guess {
        guess = guess.checked_add(i256::ONE)?;
    }
    guess.to_i128()
}

#[expect(clippy::cast_precision_loss, reason = "counts of people and alleles are far below 2⁵³")]
fn float(count: u64) -> f64 {
    count as f64
}

#[expect(clippy::cast_possible_truncation, reason = "proportions are between 0 and 1")]
fn units(proportion: f64) -> i128 {
    (proportion * 1e12 + 0.5).floor() as i128
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(units: i128, expected: f64, within: f64) {
        #[expect(clippy::cast_precision_loss, reason = "a test")]
        let value = units as f64 / 1e12;
        assert!((value - expected).abs() <= within, "{value} is not {expected}");
    }

    /// Newcombe 1998, Statistics in Medicine 17:857, table I, method 3.
    #[test]
    fn wilson_as_published() {
        for (yes, known, low, high) in [
            (81, 263, 0.2553, 0.3662),
            (15, 148, 0.0624, 0.1605),
            (0, 20, 0.0, 0.1611),
            (1, 29, 0.0061, 0.1718),
        ] {
            let (found_low, found_high) = wilson(yes, known).expect("known is not 0");
            near(found_low, low, 0.00005);
            near(found_high, high, 0.00005);
        }
        assert_eq!(wilson(0, 0), None);
        assert_eq!(wilson(0, 9).map(|ends| ends.0), Some(0));
        assert_eq!(wilson(9, 9).map(|ends| ends.1), Some(ONE));
    }

    /// λ is half the lower 5 % point of χ² with 2·ac degrees of freedom (Garwood 1936); the points are
    /// those of printed tables.
    #[test]
    fn poisson_means_are_half_the_lower_points_of_chi_squared() {
        for (ac, point) in [
            (2, 0.710_723),
            (3, 1.635_383),
            (5, 3.940_299),
            (10, 10.850_811),
            (15, 18.492_661),
            (50, 77.929_465),
        ] {
            assert!((poisson_mean(ac) - point / 2.0).abs() < 1e-6, "{ac}: {}", poisson_mean(ac));
        }
    }

    #[test]
    fn one_copy_gives_zero_and_many_copies_finish() {
        assert_eq!(faf95(1, 1000, poisson_mean(1)), 0);
        assert_eq!(faf95(0, 0, poisson_mean(0)), 0);
        // For large counts λ nears ac − 1.645·√ac + (1.645² − 1)/3 … (Wilson and Hilferty).
        let lambda = poisson_mean(1_000_000);
        assert!((lambda - (1e6 - 1644.85)).abs() < 2.0, "{lambda}");
        near(faf95(10, 1000, poisson_mean(10)), 0.005_425_405, 1e-8);
    }

    /// Twelve places, computed apart with sixty digits; every machine prints the same.
    #[test]
    fn twelve_places_are_right() {
        assert_eq!(wilson(81, 263), Some((255_288_519_878, 366_209_576_983)));
        assert_eq!(faf95(10, 5008, poisson_mean(10)), 1_083_347_783);
        assert_eq!(faf95(2, 1000, poisson_mean(2)), 355_361_511);
        assert_eq!(faf95(800, 5008, poisson_mean(800)), 150_569_474_150);
    }

    /// 1, 2, 3, 4: the mean is 2.5 and the variance 5/3; of equal values nothing deviates.
    #[test]
    fn deviations_by_hand() {
        assert_eq!(deviation(10 * ONE, 30 * ONE, 4), Some(1_290_994_448_736));
        assert_eq!(deviation(21 * ONE, 147 * ONE, 3), Some(0));
        assert_eq!(deviation(7 * ONE, 49 * ONE, 1), None);
        // Ages of a great cohort fit.
        let people = 1_000_000_000;
        let (sum, squares) = (50 * i128::from(people), 2_600 * i128::from(people));
        assert_eq!(deviation(sum * ONE, squares * ONE, people), Some(10_000_000_005_000));
    }

    /// 0.5 and 0.3: 0.2 / √((0.25 + 0.21) / 2); means 10 and 12 with deviations 3 and 5: −2 / √17.
    #[test]
    fn differences_by_hand() {
        assert_eq!(standardised_of_shares(ONE / 2, 3 * ONE / 10), Some(417_028_828_114));
        assert_eq!(standardised_of_means((10 * ONE, 3 * ONE), (12 * ONE, 5 * ONE)), Some(-485_071_250_073));
        assert_eq!(standardised_of_shares(0, ONE), None);
        assert_eq!(standardised_of_means((ONE, 0), (2 * ONE, 0)), None);
    }
}
