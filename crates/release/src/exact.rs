//! Exact tests of counts, the same on every machine.
//!
//! Only `+ - * /` of 64-bit floats are used, which IEEE 754 fixes to the last bit, in a fixed order, and each
//! result is rounded to 12 places. The terms of a distribution are built outwards from its mode, each from
//! the one before by one product and one quotient, so an error grows with the number of steps that matter:
//! some ten standard deviations, which is 10⁻¹² relative for a million people. Terms below 10⁻³⁰ of the
//! mode's are left out.

use crate::decimal::{self, ONE};

/// Terms that are equal but for the rounding of floats are equally likely, as in R's `fisher.test`.
const EQUAL: f64 = 1.0 + 1e-7;
/// What is left out of a distribution whose greatest term is 1.
const NOTHING: f64 = 1e-30;

/// Terms of a distribution of a count in steps, relative to that of its mode.
struct Terms {
    /// The count of each term, ascending.
    terms: Vec<(u64, f64)>,
}

impl Terms {
    /// From the mode outwards: `up` is the ratio of the next term to that of a count, `down` that of the
    /// one before.
    fn new(
        mode: u64,
        step: u64,
        (least, most): (u64, u64),
        up: impl Fn(u64) -> f64,
        down: impl Fn(u64) -> f64,
    ) -> Terms {
        let mut terms = vec![(mode, 1.0)];
        let (mut at, mut term) = (mode, 1.0);
        while at >= least.saturating_add(step) {
            term *= down(at);
            at -= step;
            if term < NOTHING {
                break;
            }
            terms.push((at, term));
        }
        terms.reverse();
        let (mut at, mut term) = (mode, 1.0);
        while at.saturating_add(step) <= most {
            term *= up(at);
            at += step;
            if term < NOTHING {
                break;
            }
            terms.push((at, term));
        }
        Terms { terms }
    }

    /// The share of the terms that are taken.
    fn share(&self, taken: impl Fn(u64, f64) -> bool) -> i128 {
        let (mut part, mut whole) = (0.0, 0.0);
        for (count, term) in &self.terms {
            whole += term;
            if taken(*count, *term) {
                part += term;
            }
        }
        units(part / whole)
    }

    /// The probability of all that is no likelier than what was seen.
    fn two_sided(&self, seen: u64) -> i128 {
        // What is left out is too unlikely to tell.
        let Some((_, term)) = self.terms.iter().find(|(count, _)| *count == seen) else { return 0 };
        let limit = term * EQUAL;
        self.share(|_, term| term <= limit)
    }
}

/// The two-sided probability of Fisher's exact test (Fisher 1935): of `a` in `n1` against `b` in `n0`, the
/// tables with these margins that are no likelier than the one that was seen. In units of 10⁻¹². `None`
/// when a part is more than its whole, or a whole is empty.
pub(crate) fn fisher_p(a: u64, n1: u64, b: u64, n0: u64) -> Option<i128> {
    if a > n1 || b > n0 || n1 == 0 || n0 == 0 {
        return None;
    }
    let taken = a.checked_add(b)?;
    let (least, most) = (taken.saturating_sub(n0), taken.min(n1));
    let mode = u128::from(taken + 1) * u128::from(n1 + 1) / (u128::from(n1) + u128::from(n0) + 2);
    let mode = u64::try_from(mode).ok()?.clamp(least, most);
    // Of k in n1: n1 − k others there, taken − k in n0, and n0 − taken + k others there.
    let up = |k: u64| (float(n1 - k) * float(taken - k)) / (float(k + 1) * float(n0 + k + 1 - taken));
    let down = |k: u64| (float(k) * float(n0 + k - taken)) / (float(n1 - k + 1) * float(taken - k + 1));
    Some(Terms::new(mode, 1, (least, most), up, down).two_sided(a))
}

/// The sample odds ratio `a·(n0 − b) / (b·(n1 − a))` of the same table, half-even to 12 places. `None` when
/// it is infinite or undefined, because `b` or `n1 − a` is 0, and when a part is more than its whole.
///
/// This is the unconditional maximum likelihood estimate (Cornfield 1951), as `scipy.stats.fisher_exact`
/// gives it; R's `fisher.test` gives the conditional one, which is nearer to 1.
pub(crate) fn odds_ratio(a: u64, n1: u64, b: u64, n0: u64) -> Option<i128> {
    let product = |one: u64, other: u64| {
        let (one, other) = (i64::try_from(one).ok()?, i64::try_from(other).ok()?);
        decimal::multiply(decimal::of_int(one), decimal::of_int(other))
    };
    let (over, under) = (product(a, n0.checked_sub(b)?)?, product(b, n1.checked_sub(a)?)?);
    if under == 0 { None } else { decimal::divide(over, under) }
}

/// What a test of Hardy-Weinberg equilibrium gives, in units of 10⁻¹².
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct HardyWeinberg {
    /// The probability of numbers of heterozygotes that are no likelier than the one that was seen.
    pub(crate) p: i128,
    /// The probability of at least as many heterozygotes.
    pub(crate) excess_het: i128,
}

/// The exact test of Wigginton, Cutler and Abecasis (2005, American Journal of Human Genetics 76:887) on
/// `pairs` diploid calls, of which `het` have one copy of the allele and `hom` two; an alternate against all
/// other alleles. `None` without calls, or when the parts are more than the whole.
pub(crate) fn hardy_weinberg(pairs: u64, het: u64, hom: u64) -> Option<HardyWeinberg> {
    if pairs == 0 || het.checked_add(hom)? > pairs {
        return None;
    }
    let all = pairs.checked_mul(2)?;
    let copies = hom.checked_mul(2)?.checked_add(het)?;
    let rare = copies.min(all - copies);
    let mode = u128::from(rare) * u128::from(all - rare) / u128::from(all);
    // Heterozygotes are as even or odd as the copies.
    let mut mode = u64::try_from(mode).ok()?;
    if mode % 2 != rare % 2 {
        mode += 1;
    }
    let mode = mode.min(rare);
    let homs = |het: u64| {
        let of_rare = (rare - het) / 2;
        (of_rare, pairs - het - of_rare)
    };
    let up = |het: u64| {
        let (rare, common) = homs(het);
        (4.0 * float(rare) * float(common)) / (float(het + 2) * float(het + 1))
    };
    let down = |het: u64| {
        let (rare, common) = homs(het);
        (float(het) * float(het - 1)) / (4.0 * float(rare + 1) * float(common + 1))
    };
    let terms = Terms::new(mode, 2, (rare % 2, rare), up, down);
    Some(HardyWeinberg { p: terms.two_sided(het), excess_het: terms.share(|count, _| count >= het) })
}

#[expect(clippy::cast_precision_loss, reason = "counts of people are far below 2⁵³")]
fn float(count: u64) -> f64 {
    count as f64
}

#[expect(clippy::cast_possible_truncation, reason = "probabilities are between 0 and 1")]
fn units(probability: f64) -> i128 {
    ((probability * 1e12 + 0.5).floor() as i128).min(ONE)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All tables with their margins counted in whole numbers (Python: `math.comb` and `Fraction`, rounded half
    /// up to 12 places); the first, fifth and eighth also by `scipy.stats.fisher_exact` 1.16.
    #[test]
    fn fisher_as_counted_in_whole_numbers() {
        for (a, n1, b, n0, p) in [
            (8, 10, 1, 6, 34_965_034_965),
            (3, 10, 7, 12, 230_531_078_828),
            (0, 5, 0, 9, ONE),
            (5, 5, 9, 9, ONE),
            (12, 200, 3, 800, 796_966),
            (1, 9, 11, 14, 2_759_456_185),
            (20, 1000, 5, 20_000, 0),
            (150, 5000, 90, 5000, 107_483_794),
            (2, 2, 0, 3, 100_000_000_000),
            (10, 20, 10, 20, ONE),
            (300, 1000, 250, 1000, 14_093_391_894),
        ] {
            assert_eq!(fisher_p(a, n1, b, n0), Some(p), "{a} of {n1}, {b} of {n0}");
            assert_eq!(fisher_p(b, n0, a, n1), Some(p), "the other way round");
        }
        assert_eq!(fisher_p(6, 5, 0, 5), None);
        assert_eq!(fisher_p(0, 0, 1, 5), None);
        // Large counts end, and have a place near that of the normal approximation: |z| = 2.0043.
        let p = fisher_p(501_000, 1_000_000, 499_584, 1_000_000).expect("counts that fit");
        assert!((44_000_000_000..46_500_000_000).contains(&p), "{p}");
    }

    /// `scipy.stats.fisher_exact` 1.16: 20.0, 16.95744680851064, 1.6872852233676976.
    #[test]
    fn odds_ratios_are_those_of_the_sample() {
        assert_eq!(odds_ratio(8, 10, 1, 6), Some(20 * ONE));
        assert_eq!(odds_ratio(12, 200, 3, 800), Some(16_957_446_808_511));
        assert_eq!(odds_ratio(150, 5000, 90, 5000), Some(1_687_285_223_368));
        assert_eq!(odds_ratio(3, 10, 0, 10), None);
        assert_eq!(odds_ratio(10, 10, 3, 10), None);
        assert_eq!(odds_ratio(0, 10, 3, 10), Some(0));
    }

    /// Every number of heterozygotes counted in whole numbers (Python: factorials and `Fraction`). The third
    /// and fourth are the MN blood groups of Hedrick 2005, whose exact p is published as 0.6557 (Graffelman
    /// 2015, the R package HardyWeinberg).
    #[test]
    fn hardy_weinberg_as_counted_in_whole_numbers() {
        for (pairs, het, hom, p, excess_het) in [
            (100, 21, 0, 593_645_175_927, 309_603_675_484),
            (100, 5, 8, 21_307, 999_999_999_866),
            (1000, 489, 213, 655_663_488_562, 708_966_101_357),
            (1000, 489, 298, 655_663_488_562, 708_966_101_357),
            (10, 0, 5, 1_363_961_116, ONE),
            (10, 10, 0, 6_906_406_287, 5_542_445_171),
            (50, 0, 0, ONE, ONE),
            (50, 0, 50, ONE, ONE),
            (7, 3, 1, ONE, 895_104_895_105),
            (57, 14, 0, 582_998_808_408, 403_253_899_562),
            (2000, 180, 40, 0, ONE),
        ] {
            let found = hardy_weinberg(pairs, het, hom);
            assert_eq!(found, Some(HardyWeinberg { p, excess_het }), "{het} and {hom} of {pairs}");
        }
        assert_eq!(hardy_weinberg(0, 0, 0), None);
        assert_eq!(hardy_weinberg(5, 4, 2), None);
        assert!(hardy_weinberg(1_000_000, 499_500, 250_250).is_some());
    }
}
