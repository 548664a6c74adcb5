//! The terms under which a result is released, and the one check that they are lawful.
//!
//! [`Terms`] is what an agreement says; [`Rules`] are terms that keep the floor. Only `Rules` open
//! a raw result.

use std::fmt;

/// No agreement may set `min subjects` below this (consent-and-policy.md section 6).
pub const FLOOR: u32 = 5;

/// How much of the data may be seen; each holds the ones before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Numbers of people and events, and their ratios.
    Count,
    /// Sums, means and medians.
    Aggregate,
    /// Rows of people.
    Record,
}

/// What becomes of a count of nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Zeros {
    /// Withheld like a small count, so that `<10` may mean nobody.
    Withheld,
    /// Shown as 0.
    Shown,
}

/// What an agreement says about release. Plain data; [`Rules::new`] checks it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// The highest level of a result.
    pub level: Level,
    /// A cell of fewer distinct people is withheld.
    pub min_subjects: u32,
    /// Counts are rounded half up to the nearest multiple of this; `None` leaves them exact.
    pub round_to: Option<u32>,
    /// What becomes of counts of nobody. Rows of a combination of declared domains in which there
    /// is nobody are shown with 0 in any case.
    pub zeros: Zeros,
    /// When single people would show in a sum.
    pub dominance: Dominance,
    /// Where of the people of a group more than this share have one value of something sensitive, its values are
    /// withheld; in units of 10⁻¹², and [`WHOLE`] withholds nothing.
    pub margin: i128,
    /// Two sets of people of one result differ by nobody or by at least so many.
    pub difference: u32,
    /// A frequency record of a group with fewer eligible people is withheld whole.
    pub frequency_min_subjects: u32,
    /// The fields of a frequency record that tell of carriers are withheld when there are carriers,
    /// but fewer than this; 1 shows all.
    pub allele_min_carriers: u32,
    /// The key of the agreement for pseudonyms; needed where a result has any.
    pub pseudonym_key: Option<Vec<u8>>,
}

/// 1 as a share: a million millionths.
pub const WHOLE: i128 = 1_000_000_000_000;

/// When single people would show in a sum; shares in units of 10⁻¹².
///
/// The p % rule and the (n, k) rule, as in Hundepool et al., Statistical Disclosure Control (2012), section 4.2.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dominance {
    /// The person who adds second most, who knows their own part, may not estimate the greatest to within this share.
    pub p: i128,
    /// Of so many people,
    pub n: u32,
    /// who add most, the part may not be greater than this share of all.
    pub k: i128,
}

impl Dominance {
    /// Withholds no sum: for people who are made up. `n` is that of the plan.
    pub fn none(n: u32) -> Dominance {
        Dominance { p: 0, n, k: WHOLE }
    }
}

impl Default for Dominance {
    /// 10 % (2, 90 %)
    fn default() -> Dominance {
        Dominance { p: WHOLE / 10, n: 2, k: WHOLE / 10 * 9 }
    }
}

/// Terms that keep the floor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules(Terms);

/// Why terms are refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TermsError {
    /// `min subjects` is below [`FLOOR`].
    BelowFloor {
        /// What the terms say.
        min_subjects: u32,
    },
    /// A threshold or the rounding base is 0, which says nothing.
    Zero {
        /// Which: the word of the agreement.
        field: &'static str,
    },
    /// The rounding base is more than twice `min subjects`, so that people would be shown as 0.
    BaseTooWide {
        /// The rounding base.
        round_to: u32,
        /// What the terms say.
        min_subjects: u32,
    },
}

impl fmt::Display for TermsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TermsError::BelowFloor { min_subjects } => {
                write!(f, "`min subjects {min_subjects}` is below the floor of {FLOOR}")
            }
            TermsError::Zero { field } => write!(f, "`{field} 0` says nothing; the least is 1"),
            TermsError::BaseTooWide { round_to, min_subjects } => write!(
                f,
                "`round to {round_to}` would show {min_subjects} people as 0; the base is at most twice `min subjects`"
            ),
        }
    }
}

impl std::error::Error for TermsError {}

impl Rules {
    /// The rules of an agreement.
    ///
    /// # Errors
    /// When `min subjects` is below the floor, a number is 0, or rounding would turn people into 0.
    pub fn new(terms: Terms) -> Result<Rules, TermsError> {
        if terms.min_subjects < FLOOR {
            return Err(TermsError::BelowFloor { min_subjects: terms.min_subjects });
        }
        Rules::for_tests(terms)
    }

    /// The rules of a `test` block, whose people are made up: the floor does not hold.
    ///
    /// # Errors
    /// As [`Rules::new`], but for the floor.
    pub fn for_tests(terms: Terms) -> Result<Rules, TermsError> {
        let least = [
            ("min subjects", terms.min_subjects),
            ("frequency min subjects", terms.frequency_min_subjects),
            ("allele min carriers", terms.allele_min_carriers),
            ("round to", terms.round_to.unwrap_or(1)),
        ];
        for (field, value) in least {
            if value == 0 {
                return Err(TermsError::Zero { field });
            }
        }
        match terms.round_to {
            Some(round_to) if u64::from(round_to) > 2 * u64::from(terms.min_subjects) => {
                Err(TermsError::BaseTooWide { round_to, min_subjects: terms.min_subjects })
            }
            Some(_) | None => Ok(Rules(terms)),
        }
    }

    /// What they say.
    pub fn terms(&self) -> &Terms {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(min_subjects: u32, round_to: Option<u32>) -> Terms {
        Terms {
            level: Level::Count,
            min_subjects,
            round_to,
            zeros: Zeros::Shown,
            dominance: Dominance::default(),
            margin: WHOLE,
            difference: min_subjects,
            frequency_min_subjects: 100,
            allele_min_carriers: 10,
            pseudonym_key: None,
        }
    }

    #[test]
    fn the_floor_is_five_and_only_tests_go_below_it() {
        assert_eq!(Rules::new(terms(4, None)), Err(TermsError::BelowFloor { min_subjects: 4 }));
        assert!(Rules::new(terms(5, None)).is_ok());
        assert!(Rules::for_tests(terms(1, None)).is_ok());
        assert_eq!(Rules::for_tests(terms(0, None)), Err(TermsError::Zero { field: "min subjects" }));
    }

    #[test]
    fn rounding_never_turns_a_shown_count_into_zero() {
        assert!(Rules::new(terms(10, Some(20))).is_ok());
        assert_eq!(
            Rules::new(terms(10, Some(21))),
            Err(TermsError::BaseTooWide { round_to: 21, min_subjects: 10 })
        );
    }
}
