//! Sets of people behind results, and which of them may not both be told (release rule 6).
//!
//! Two numbers tell of few people when their sets differ by few. [`first_conflict`] compares the sets of a new
//! result with all that its recipient was told before, exactly: sets are kept whole, and sizes and
//! counts by bucket only spare comparisons whose answer they already give. Compared are, with `difference` = d,
//!
//! 1. *pairs*: a set of the new result and an earlier one, or two of the new result that no margin rule protects;
//! 2. *unions*: any sets of a new family together and any sets of an earlier family together, where no cell of
//!    either is withheld: bands of five years and of seven. The sets of a family are disjoint, so a choice of sets on both sides is a cut of the graph whose edges are the people that two sets
//!    share, and the people that only one choice holds are its weight: a cut of weight 1 to d − 1 is a conflict;
//! 3. *complements*: two sets of different results and a whole, the largest set of some result, where the two together count nearly
//!    everybody in it once: the trackers of Denning and Denning (1979).
//!
//! Not compared are unions in families with a withheld cell, and combinations of sets of three or more results beyond 3. Finding whether any sum of any sets
//! singles out a person is as hard as an integer program, and this does not claim it. Nothing here knows who the people are:
//! they are numbers.

mod cut;
mod set;
mod sums;

pub use set::{Set, SetError, differ_by_few};

use set::{Buckets, Pool};
use std::collections::{BTreeMap, BTreeSet};

/// The place of a set in a list of sets.
pub type SetId = u32;

/// Sets of one result that belong together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Family {
    /// What is told of the sets. Only sets of which the same is told are compared.
    pub told: u8,
    /// Families of one result with the same number are protected against each other by a rule of their own: the
    /// margins of a table (release rule 3), the chain of an attrition (rule 10).
    pub margin: u32,
    /// Whether no cell of the family was withheld. What shown cells leave of a total is then nobody; else it is those of
    /// the withheld cells, which the suppression of the family has to answer for.
    pub whole: bool,
    /// The sets.
    pub sets: Vec<SetId>,
}

/// A result: the families of what was told.
pub type Families = Vec<Family>;

/// What may not be told, and beside what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conflict {
    /// Two sets of the new result itself.
    Within,
    /// Sets of the new result and of an earlier one, by its place. Of several, one.
    Earlier(usize),
}

/// Looks for sets of a new result that differ by some, but by fewer than `difference` people from others.
///
/// `sets` are all sets that `earlier` and `new` name. The places in `earlier` are those of [`Conflict::Earlier`].
///
/// # Errors
/// A set cannot be read, or is not there.
pub fn first_conflict(
    sets: &[Set],
    earlier: &[Families],
    new: &Families,
    difference: u32,
) -> Result<Option<Conflict>, SetError> {
    if difference <= 1 {
        return Ok(None);
    }
    let kinds: BTreeSet<u8> = new.iter().map(|family| family.told).collect();
    for kind in kinds {
        let of = |families: &Families| -> Families {
            families.iter().filter(|family| family.told == kind).cloned().collect()
        };
        let earlier: Vec<Families> = earlier.iter().map(of).collect();
        if let Some(conflict) = first_of_kind(sets, &earlier, &of(new), difference)? {
            return Ok(Some(conflict));
        }
    }
    Ok(None)
}

/// The same where the same is told of all sets.
fn first_of_kind(
    sets: &[Set],
    earlier: &[Families],
    new: &Families,
    difference: u32,
) -> Result<Option<Conflict>, SetError> {
    let known: BTreeMap<SetId, usize> = earlier
        .iter()
        .enumerate()
        .flat_map(|(at, families)| {
            families.iter().flat_map(move |family| family.sets.iter().map(move |set| (*set, at)))
        })
        .collect();
    let mut pool = Pool::new(sets);
    if within(&mut pool, new, difference)? {
        return Ok(Some(Conflict::Within));
    }
    // What was told before was compared then: a question asked again tells nothing new.
    let fresh: BTreeSet<SetId> =
        new.iter().flat_map(|family| &family.sets).copied().filter(|set| !known.contains_key(set)).collect();
    if let Some(at) = pairs(&mut pool, &known, &fresh, difference)? {
        return Ok(Some(Conflict::Earlier(at)));
    }
    if let Some(at) = unions(&mut pool, earlier, new, difference)? {
        return Ok(Some(Conflict::Earlier(at)));
    }
    if let Some(at) = sums::complements(&mut pool, earlier, new, &known, difference)? {
        return Ok(Some(Conflict::Earlier(at)));
    }
    Ok(None)
}

/// Two sets of one result of different margins.
fn within(pool: &mut Pool<'_>, new: &Families, difference: u32) -> Result<bool, SetError> {
    let mut margins: BTreeMap<SetId, BTreeSet<u32>> = BTreeMap::new();
    for family in new {
        for set in &family.sets {
            margins.entry(*set).or_default().insert(family.margin);
        }
    }
    let all: Vec<SetId> = margins.keys().copied().collect();
    for (at, one) in all.iter().enumerate() {
        for other in all.iter().skip(at + 1) {
            let (of_one, of_other) = (&margins[one], &margins[other]);
            if !of_one.is_disjoint(of_other) {
                continue;
            }
            if pool.near(*one, *other, difference)? {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// A fresh set and a known one.
fn pairs(
    pool: &mut Pool<'_>,
    known: &BTreeMap<SetId, usize>,
    fresh: &BTreeSet<SetId>,
    difference: u32,
) -> Result<Option<usize>, SetError> {
    let mut by_size: Vec<(u32, SetId)> = Vec::with_capacity(known.len());
    for set in known.keys() {
        by_size.push((pool.size(*set)?, *set));
    }
    by_size.sort_unstable();
    for one in fresh {
        let size = pool.size(*one)?;
        let (low, high) = (size.saturating_sub(difference - 1), size.saturating_add(difference - 1));
        let from = by_size.partition_point(|(size, _)| *size < low);
        for (_, other) in by_size.iter().skip(from).take_while(|(size, _)| *size <= high) {
            if pool.near(*one, *other, difference)? {
                return Ok(known.get(other).copied());
            }
        }
    }
    Ok(None)
}

/// The disjoint families of a result.
fn disjoint(pool: &mut Pool<'_>, families: &Families) -> Result<Vec<Vec<SetId>>, SetError> {
    let mut all = Vec::new();
    for family in families.iter().filter(|family| family.whole) {
        let mut sets = family.sets.clone();
        sets.sort_unstable();
        sets.dedup();
        if pool.are_disjoint(&sets)? {
            all.push(sets);
        }
    }
    all.sort();
    all.dedup();
    Ok(all)
}

/// Sets of a new family together, and sets of an earlier one together.
fn unions(
    pool: &mut Pool<'_>,
    earlier: &[Families],
    new: &Families,
    difference: u32,
) -> Result<Option<usize>, SetError> {
    let mut old: BTreeMap<Vec<SetId>, usize> = BTreeMap::new();
    for (at, families) in earlier.iter().enumerate() {
        for family in disjoint(pool, families)? {
            old.insert(family, at);
        }
    }
    let mut fresh = disjoint(pool, new)?;
    fresh.retain(|family| !old.contains_key(family));
    if fresh.is_empty() || old.is_empty() {
        return Ok(None);
    }
    let labels: Vec<Buckets> = fresh.iter().map(|family| pool.labels(family)).collect::<Result<_, _>>()?;
    // How many people of an earlier set each set of each new family holds: once for a set, however often it was told.
    let mut shared: BTreeMap<SetId, Vec<Vec<u32>>> = BTreeMap::new();
    for (family, at) in &old {
        for set in family {
            if !shared.contains_key(set) {
                let counts = pool.shared(*set, &labels, &fresh)?;
                shared.insert(*set, counts);
            }
        }
        for (which, of_new) in fresh.iter().enumerate() {
            // Two single sets are a pair.
            if of_new.len() == 1 && family.len() == 1 {
                continue;
            }
            let mut graph = cut::Graph::new(of_new.len(), family.len());
            let mut smallest = u32::MAX;
            for (place, set) in of_new.iter().enumerate() {
                smallest = smallest.min(pool.size(*set)?);
                graph.size_of_new(place, pool.size(*set)?);
            }
            for (place, set) in family.iter().enumerate() {
                smallest = smallest.min(pool.size(*set)?);
                let counts = shared.get(set).and_then(|all| all.get(which)).map_or(&[][..], Vec::as_slice);
                graph.shared(place, pool.size(*set)?, counts);
            }
            // One set and nobody are no two sets that were told.
            if graph.has_cut_below(difference.min(smallest)) {
                return Ok(Some(*at));
            }
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests;
