//! Release rule 4 for what is added up over people: nobody's part shows in a sum.
//!
//! A sum is *dominated* when the person who adds second most could estimate the greatest part to within the share p of
//! it (all but the two greatest parts are less than p of the greatest), or when the n greatest parts are more than the share k of
//! all. Parts are taken without their sign. A mean is a sum over a number of rows, and a number of rows is a sum over people
//! (rule 9), so each of them is looked at.
//!
//! Sums add up exactly, whatever people share: what the shown parts of a total leave is the sum of the withheld ones. So the
//! withheld parts of a total together must be the sum of enough people, and not be dominated; else a further part is withheld, and
//! when none is left, the total. Of several parts together the greatest of each are added up, which is on the safe side where
//! one person is in several.

use crate::compute::units;
use crate::error::Error;
use crate::raw::RawTable;
use crate::rules::{Dominance, WHOLE};
use crate::suppress::Status;
use plan::{Cell, Raw, Shape, Value, Weight};

/// What people add to a number, in units of 10⁻¹².
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sizes {
    pub(crate) total: i128,
    pub(crate) greatest: i128,
    pub(crate) two: i128,
    pub(crate) most: i128,
}

impl Sizes {
    /// Those of a row; `None` where a sum is too large, or nobody adds anything.
    pub(crate) fn read(table: &RawTable, weight: &Weight, row: usize) -> Result<Option<Sizes>, Error> {
        let size = |raw: Raw| -> Result<Option<i128>, Error> {
            match table.value(raw, row)? {
                Value::Null => Ok(None),
                value => units(&value)
                    .map(Some)
                    .ok_or_else(|| Error::malformed(format!("raw column {} is no number", raw.0))),
            }
        };
        let Weight { total, greatest, two, most } = *weight;
        let all = [size(total)?, size(greatest)?, size(two)?, size(most)?];
        let [Some(total), Some(greatest), Some(two), Some(most)] = all else { return Ok(None) };
        Ok(Some(Sizes { total, greatest, two, most }))
    }

    /// Those of several rows together.
    fn and(self, other: Sizes) -> Option<Sizes> {
        Some(Sizes {
            total: self.total.checked_add(other.total)?,
            greatest: self.greatest.checked_add(other.greatest)?,
            two: self.two.checked_add(other.two)?,
            most: self.most.checked_add(other.most)?,
        })
    }

    /// Whether single people show.
    pub(crate) fn dominated(self, rules: Dominance) -> bool {
        let rest = self.total.saturating_sub(self.two);
        is_less_than_share(rest, rules.p, self.greatest) || is_more_than_share(self.most, rules.k, self.total)
    }
}

/// Of rows together; where one is not known, neither are they.
pub(crate) fn together(all: impl IntoIterator<Item = Option<Sizes>>) -> Option<Sizes> {
    all.into_iter().try_fold(Sizes::default(), |sum, next| sum.and(next?))
}

/// Whether a number is less than a share of another; true where the numbers are too large to say.
fn is_less_than_share(number: i128, share: i128, of: i128) -> bool {
    let (share, whole) = reduced(share);
    number.checked_mul(whole).zip(of.checked_mul(share)).is_none_or(|(left, right)| left < right)
}

/// Whether a number is more than a share of another; true where the numbers are too large to say.
pub(crate) fn is_more_than_share(number: i128, share: i128, of: i128) -> bool {
    let (share, whole) = reduced(share);
    number.checked_mul(whole).zip(of.checked_mul(share)).is_none_or(|(left, right)| left > right)
}

/// A share as a fraction in its lowest terms.
fn reduced(share: i128) -> (i128, i128) {
    let (mut a, mut b) = (share, WHOLE);
    while b != 0 {
        (a, b) = (b, a % b);
    }
    let common = a.max(1);
    (share / common, WHOLE / common)
}

/// What the numbers of one measure tell of single people, row by row.
pub(crate) struct Weighed<'a> {
    table: &'a RawTable,
    paths: &'a [Weight],
    rules: Dominance,
    threshold: u64,
}

impl<'a> Weighed<'a> {
    /// `None` where the measure's people are no sum's.
    pub(crate) fn of(
        shape: &'a Shape,
        table: &'a RawTable,
        people: Raw,
        rules: Dominance,
        threshold: u64,
    ) -> Option<Weighed<'a>> {
        let weights = shape.weights.iter().find(|weights| weights.people == people)?;
        Some(Weighed { table, paths: &weights.paths, rules, threshold })
    }

    /// Whether single people show in what some rows add together.
    fn shows(&self, rows: &[usize]) -> Result<bool, Error> {
        for weight in self.paths {
            let mut sizes = Vec::with_capacity(rows.len());
            for row in rows {
                sizes.push(Sizes::read(self.table, weight, *row)?);
            }
            if together(sizes).is_none_or(|sizes| sizes.dominated(self.rules)) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Withholds rows in whose number single people show.
    pub(crate) fn withhold(&self, statuses: &mut [Status], counts: &[u64]) -> Result<(), Error> {
        for (row, status) in statuses.iter_mut().enumerate() {
            let somebody = counts.get(row).is_some_and(|count| *count > 0);
            if *status == Status::Shown && somebody && self.shows(&[row])? {
                *status = Status::Small { low: 0, high: None };
            }
        }
        Ok(())
    }

    /// Withholds further parts of a total, or the total, until what is withheld may be known as one number.
    pub(crate) fn protect(
        &self,
        statuses: &mut [Status],
        counts: &[u64],
        total: usize,
        parts: &[usize],
        disjoint: bool,
    ) -> Result<(), Error> {
        let count = |row: &usize| counts.get(*row).copied().unwrap_or(0);
        let is_shown = |statuses: &[Status], row: usize| statuses.get(row) == Some(&Status::Shown);
        while is_shown(statuses, total) {
            let (shown, withheld): (Vec<usize>, Vec<usize>) =
                parts.iter().copied().filter(|row| count(row) > 0).partition(|row| is_shown(statuses, *row));
            if withheld.is_empty() {
                return Ok(());
            }
            let people = withheld.iter().map(count);
            let certain = if disjoint { people.sum() } else { people.max().unwrap_or(0) };
            if certain >= self.threshold && !self.shows(&withheld)? {
                return Ok(());
            }
            let next = shown.into_iter().min_by_key(count).unwrap_or(total);
            if let Some(status) = statuses.get_mut(next) {
                *status = Status::Secondary;
            }
        }
        Ok(())
    }
}

/// Refuses a result whose sums nobody weighed, and one that was weighed for other people than the rules name.
pub(crate) fn check(shape: &Shape, cells: &[&Cell], rules: Dominance) -> Result<(), Error> {
    if !shape.weights.is_empty() && shape.contributors != rules.n {
        return Err(Error::malformed("sums are weighed for another number of people".to_owned()));
    }
    let weighed = |people: &Raw| shape.weights.iter().any(|weights| weights.people == *people);
    let unweighed = |cell: &&&Cell| match cell {
        Cell::Sum { people, .. } | Cell::Mean { people, .. } => !weighed(people),
        _ => false,
    };
    match cells.iter().find(unweighed) {
        Some(_) => Err(Error::malformed("a sum without what single people add to it".to_owned())),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sizes(parts: &[i128]) -> Sizes {
        let mut parts = parts.to_vec();
        parts.sort_unstable_by(|a, b| b.cmp(a));
        let first = |n: usize| parts.iter().take(n).sum();
        Sizes { total: parts.iter().sum(), greatest: first(1), two: first(2), most: first(2) }
    }

    /// The examples of the p % rule and of the (n, k) rule.
    #[test]
    fn one_person_or_two_make_most_of_a_sum() {
        let rules = Dominance::default();
        assert!(!sizes(&[10; 10]).dominated(rules));
        // The second knows 50, so that 1000 is at most 1000 + 99: within 9.9 %.
        assert!(sizes(&[1000, 50, 33, 33, 33]).dominated(rules));
        // With 100 left, the estimate is 10 % above; the two have 1050 of 1150, which is more than 90 %.
        assert!(sizes(&[1000, 50, 34, 33, 33]).dominated(rules));
        assert!(!sizes(&[1000, 50, 39, 39, 39]).dominated(rules));
        let share_alone = Dominance { p: 0, ..rules };
        assert!(sizes(&[500, 401, 99]).dominated(share_alone));
        assert!(!sizes(&[500, 400, 100]).dominated(share_alone));
        let estimate_alone = Dominance { k: WHOLE, ..rules };
        assert!(sizes(&[1000, 50, 33, 33, 33]).dominated(estimate_alone));
        assert!(!sizes(&[1000, 50, 34, 33, 33]).dominated(estimate_alone));
        assert!(!sizes(&[0; 10]).dominated(rules));
    }

    #[test]
    fn what_is_too_large_to_say_shows() {
        let rules = Dominance { p: 123_456_789_011, ..Dominance::default() };
        assert!(sizes(&[i128::MAX / 4, i128::MAX / 8, i128::MAX / 8]).dominated(rules));
        assert_eq!(together([Some(Sizes::default()), None]), None);
        assert!(!sizes(&[1; 12]).dominated(rules));
    }
}
