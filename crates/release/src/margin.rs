//! Release rule 3 for one margin: no withheld part may be computed from the total and the parts that
//! are shown to an interval narrower than the threshold.
//!
//! Checked by the feasible interval of each small part: what the total leaves for it when all other
//! withheld parts take their public extremes. While one is too narrow, the smallest shown part is
//! withheld too; when none is left, the total is. Counts are taken as exact, which is on the safe
//! side where they are rounded. Margins in two directions, and columns of one row that are parts of
//! each other, are not looked at here.

use crate::suppress::Status;

/// A part of a total.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Part {
    pub(crate) count: u64,
    pub(crate) status: Status,
}

/// Withholds parts until all small ones are safe; false when the total must be withheld as well.
///
/// `adds_up`: the parts sum to the total. If they may overlap, the total bounds a part from below
/// only. A part withheld to protect others is known to have at least `threshold`.
pub(crate) fn protect(
    total: u64,
    parts: &mut [Part],
    adds_up: bool,
    threshold: u64,
    min_subjects: u64,
) -> bool {
    loop {
        if safe(total, parts, adds_up, threshold, min_subjects) {
            return true;
        }
        let shown = parts.iter_mut().filter(|part| part.status == Status::Shown && part.count > 0);
        match shown.min_by_key(|part| part.count) {
            Some(part) => part.status = Status::Secondary,
            None => return false,
        }
    }
}

/// What the public knows of a part: from, to (no end: unbounded).
fn known(part: &Part, threshold: u64) -> (u64, Option<u64>) {
    match part.status {
        Status::Shown => (part.count, Some(part.count)),
        Status::Small { low, high } => (low, high),
        Status::Secondary => (threshold, None),
    }
}

fn safe(total: u64, parts: &[Part], adds_up: bool, threshold: u64, min_subjects: u64) -> bool {
    let bounds: Vec<_> = parts.iter().map(|part| known(part, threshold)).collect();
    parts.iter().enumerate().all(|(place, part)| match part.status {
        Status::Shown | Status::Secondary | Status::Small { high: None, .. } => true,
        Status::Small { low, high: Some(high) } => {
            let others = bounds.iter().enumerate().filter(|(other, _)| *other != place);
            let (mut least, mut most) = (0_u64, Some(0_u64));
            for (_, (other_low, other_high)) in others {
                least = least.saturating_add(*other_low);
                most = most.zip(*other_high).and_then(|(sum, next)| sum.checked_add(next));
            }
            let from = low.max(most.map_or(0, |most| total.saturating_sub(most)));
            let to = if adds_up { high.min(total.saturating_sub(least)) } else { high };
            let width = (to + 1).saturating_sub(from);
            width >= (high + 1 - low).min(min_subjects)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(counts: &[u64]) -> Vec<Part> {
        let status = |count: u64| {
            if (1..10).contains(&count) { Status::Small { low: 1, high: Some(9) } } else { Status::Shown }
        };
        counts.iter().map(|count| Part { count: *count, status: status(*count) }).collect()
    }

    fn withheld(counts: &[u64], adds_up: bool) -> (Vec<u64>, bool) {
        let mut parts = parts(counts);
        let stays = protect(counts.iter().sum(), &mut parts, adds_up, 10, 10);
        (parts.iter().filter(|part| part.status != Status::Shown).map(|part| part.count).collect(), stays)
    }

    #[test]
    fn a_lone_small_part_takes_the_next_smallest_with_it() {
        assert_eq!(withheld(&[100, 7, 40], true), (vec![7, 40], true));
        assert_eq!(withheld(&[100, 0, 40], true), (vec![], true));
    }

    #[test]
    fn two_small_parts_whose_sum_gives_them_away_are_not_enough() {
        // 1 + 1 = 2 leaves no choice; 9 + 9 = 18 neither; 5 + 5 leaves 1 to 9.
        assert_eq!(withheld(&[1, 1, 50], true), (vec![1, 1, 50], true));
        assert_eq!(withheld(&[9, 9, 50], true), (vec![9, 9, 50], true));
        assert_eq!(withheld(&[5, 5, 50], true), (vec![5, 5], true));
    }

    #[test]
    fn a_partner_just_above_the_threshold_is_not_enough() {
        // 1 + 10 = 11, and a partner is known to have at least 10.
        assert_eq!(withheld(&[1, 10, 60, 80], true), (vec![1, 10, 60], true));
    }

    #[test]
    fn when_no_part_is_left_the_total_goes() {
        assert_eq!(withheld(&[1, 1], true), (vec![1, 1], false));
        assert_eq!(withheld(&[3], true), (vec![3], false));
    }

    #[test]
    fn overlapping_parts_are_bounded_from_below_only() {
        // The total leaves at least 7 for the small part.
        assert_eq!(withheld(&[100, 7], false), (vec![100, 7], true));
        let mut overlapping = parts(&[100, 7]);
        assert!(protect(100, &mut overlapping, false, 10, 10));
        assert_eq!(overlapping[0].status, Status::Shown);
    }

    /// For all small margins: nothing an attacker can enumerate is narrower than promised.
    #[test]
    fn every_solution_set_is_as_wide_as_the_interval_says() {
        for a in 1..=9_u64 {
            for b in 0..=14 {
                for c in 0..=24 {
                    let mut found = parts(&[a, b, c]);
                    let total = a + b + c;
                    if !protect(total, &mut found, true, 10, 10) {
                        continue;
                    }
                    let ranges: Vec<Vec<u64>> = found
                        .iter()
                        .map(|part| match part.status {
                            Status::Shown => vec![part.count],
                            Status::Small { .. } => (1..=9).collect(),
                            Status::Secondary => (10..=total).collect(),
                        })
                        .collect();
                    let mut possible = std::collections::BTreeSet::new();
                    for x in &ranges[0] {
                        for y in &ranges[1] {
                            if ranges[2].iter().any(|z| x + y + z == total) {
                                possible.insert(*x);
                            }
                        }
                    }
                    assert_eq!(possible.len(), 9, "{a} {b} {c}: {possible:?}");
                }
            }
        }
    }
}
