//! Interval estimates of proportions, the same on every machine.
//!
//! Only `+ - * /` and square roots of 64-bit floats are used, which IEEE 754 fixes to the last bit,
//! in a fixed order; no exponential, no logarithm. Results are rounded to 12 places.

use crate::decimal::ONE;

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
}
