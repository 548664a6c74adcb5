//! Two sets that together are nearly a whole: what is left over, or counted twice, is few people.
//!
//! With the whole known, a set and the complement of another are as good as two sets that differ by few. Wholes are the
//! largest sets of each result, such as all permitted people. X and Y conflict with Z when the sum of X and Y
//! counts some people once too often or once too seldom, but fewer than `difference` of them.

use crate::set::{Error, Pool};
use crate::{Families, SetId};
use std::collections::{BTreeMap, BTreeSet};

/// Looks for two sets and a whole, at least one of the three new. Gives the place of an earlier result among them.
pub(crate) fn complements(
    pool: &mut Pool<'_>,
    earlier: &[Families],
    new: &Families,
    known: &BTreeMap<SetId, usize>,
    difference: u32,
) -> Result<Option<usize>, Error> {
    let mut wholes: BTreeMap<SetId, bool> = BTreeMap::new();
    for families in earlier {
        if let Some(whole) = largest(pool, families)? {
            wholes.insert(whole, false);
        }
    }
    if let Some(whole) = largest(pool, new)? {
        wholes.entry(whole).or_insert(true);
    }
    let fresh: BTreeSet<SetId> =
        new.iter().flat_map(|family| &family.sets).copied().filter(|set| !known.contains_key(set)).collect();
    if fresh.is_empty() {
        return Ok(None);
    }
    let mut all: Vec<(u32, SetId)> = Vec::new();
    for set in known.keys().chain(&fresh) {
        all.push((pool.size(*set)?, *set));
    }
    all.sort_unstable();
    // The families of several sets that a set is in.
    let mut families: BTreeMap<SetId, BTreeSet<usize>> = BTreeMap::new();
    for (at, family) in earlier.iter().flatten().chain(new).enumerate().filter(|(_, of)| of.sets.len() > 1) {
        for set in &family.sets {
            families.entry(*set).or_default().insert(at);
        }
    }
    let beside = |one: SetId, other: SetId| {
        let (one, other) = (families.get(&one), families.get(&other));
        one.zip(other).is_some_and(|(one, other)| !one.is_disjoint(other))
    };
    for (whole, is_new) in wholes {
        let size = pool.size(whole)?;
        // With an old whole one of the two parts is new; either may be called the first.
        let firsts: Vec<SetId> = if is_new && !known.contains_key(&whole) {
            all.iter().filter(|(of, _)| *of <= size).map(|(_, set)| *set).collect()
        } else {
            fresh.iter().copied().collect()
        };
        for first in firsts {
            let Some(rest) = size.checked_sub(pool.size(first)?) else { continue };
            let (low, high) = (rest.saturating_sub(difference - 1), rest.saturating_add(difference - 1));
            let from = all.partition_point(|(size, _)| *size < low);
            let mut seconds = all.iter().skip(from).take_while(|(size, _)| *size <= high).peekable();
            // A part has nearly nobody who is not of the whole.
            if seconds.peek().is_none() || !is_nearly_within(pool, first, whole, difference)? {
                continue;
            }
            for (_, second) in seconds {
                // What two cells of one table leave is withheld in it.
                if beside(first, *second) || !sums_up(pool, [first, *second, whole], difference)? {
                    continue;
                }
                let places = [first, *second, whole];
                return Ok(Some(places.iter().find_map(|set| known.get(set).copied()).unwrap_or(0)));
            }
        }
    }
    Ok(None)
}

fn largest(pool: &mut Pool<'_>, families: &Families) -> Result<Option<SetId>, Error> {
    let mut found: Option<(u32, SetId)> = None;
    for set in families.iter().flat_map(|family| &family.sets) {
        found = found.max(Some((pool.size(*set)?, *set)));
    }
    Ok(found.map(|(_, set)| set))
}

/// Whether fewer than `difference` people of a set are not of another.
fn is_nearly_within(pool: &mut Pool<'_>, set: SetId, whole: SetId, difference: u32) -> Result<bool, Error> {
    let of_whole = pool.people(whole)?;
    let outside = pool.people(set)?.into_iter().filter(|person| of_whole.binary_search(person).is_err());
    Ok(outside.take(difference as usize).count() < difference as usize)
}

/// Whether two sets count all of a third once, but for 1 to `difference` − 1.
fn sums_up(pool: &mut Pool<'_>, [first, second, whole]: [SetId; 3], difference: u32) -> Result<bool, Error> {
    pool.spend(64)?;
    let of_whole = pool.known(whole)?.buckets;
    let of_first = pool.known(first)?.buckets;
    let of_second = &pool.known(second)?.buckets;
    let mut least = 0;
    for ((a, b), c) in of_first.iter().zip(of_second).zip(&of_whole) {
        least += (a + b).abs_diff(*c);
        if least >= difference {
            return Ok(false);
        }
    }
    let mut counts: BTreeMap<u32, i32> = BTreeMap::new();
    for (set, by) in [(first, 1), (second, 1), (whole, -1)] {
        for person in pool.people(set)? {
            *counts.entry(person).or_insert(0) += by;
        }
    }
    let off: u32 = counts.values().map(|count| count.unsigned_abs()).sum();
    Ok(off > 0 && off < difference)
}
