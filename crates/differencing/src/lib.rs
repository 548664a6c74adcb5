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
//! singles out a person is as hard as an integer program, and this does not claim it. How much is done is bounded
//! ([`MOST_WORK`]): a result of so many sets that they cannot be compared is not told. Nothing here knows who the people are:
//! they are numbers.

mod cut;
mod set;
mod sums;

pub use set::{Error, Set, SetError, differ_by_few};

use set::{Buckets, Pool, Shared};
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

/// How much may be done to compare one result: a step looks at one person of a set, or at one of the cube of the nodes that
/// hang together where sets are put together. It is some seconds, and is counted rather than timed so that
/// the same question gets the same answer.
pub const MOST_WORK: u64 = 4_000_000_000;

/// Looks for sets of a new result that differ by some, but by fewer than `difference` people from others.
///
/// `sets` are all sets that `earlier` and `new` name. The places in `earlier` are those of [`Conflict::Earlier`].
///
/// # Errors
/// A set cannot be read, or is not there; or there are so many that it would take more than [`MOST_WORK`].
pub fn first_conflict(
    sets: &[Set],
    earlier: &[Families],
    new: &Families,
    difference: u32,
) -> Result<Option<Conflict>, Error> {
    first_conflict_within(sets, earlier, new, difference, MOST_WORK)
}

fn first_conflict_within(
    sets: &[Set],
    earlier: &[Families],
    new: &Families,
    difference: u32,
    work: u64,
) -> Result<Option<Conflict>, Error> {
    if difference <= 1 {
        return Ok(None);
    }
    let mut pool = Pool::new(sets, work);
    let kinds: BTreeSet<u8> = new.iter().map(|family| family.told).collect();
    for kind in kinds {
        let of = |families: &Families| -> Families {
            families.iter().filter(|family| family.told == kind).cloned().collect()
        };
        let earlier: Vec<Families> = earlier.iter().map(of).collect();
        if let Some(conflict) = first_of_kind(&mut pool, &earlier, &of(new), difference)? {
            return Ok(Some(conflict));
        }
    }
    Ok(None)
}

/// The same where the same is told of all sets.
fn first_of_kind(
    pool: &mut Pool<'_>,
    earlier: &[Families],
    new: &Families,
    difference: u32,
) -> Result<Option<Conflict>, Error> {
    let known: BTreeMap<SetId, usize> = earlier
        .iter()
        .enumerate()
        .flat_map(|(at, families)| {
            families.iter().flat_map(move |family| family.sets.iter().map(move |set| (*set, at)))
        })
        .collect();
    if within(pool, new, difference)? {
        return Ok(Some(Conflict::Within));
    }
    // What was told before was compared then: a question asked again tells nothing new.
    let fresh: BTreeSet<SetId> =
        new.iter().flat_map(|family| &family.sets).copied().filter(|set| !known.contains_key(set)).collect();
    if let Some((_, other)) = near_pair(pool, &fresh, known.keys(), difference, &|_, _| true)? {
        return Ok(Some(Conflict::Earlier(known.get(&other).copied().unwrap_or(0))));
    }
    if let Some(at) = unions(pool, earlier, new, difference)? {
        return Ok(Some(Conflict::Earlier(at)));
    }
    if let Some(at) = sums::complements(pool, earlier, new, &known, difference)? {
        return Ok(Some(Conflict::Earlier(at)));
    }
    Ok(None)
}

/// Two sets of one result of different margins.
fn within(pool: &mut Pool<'_>, new: &Families, difference: u32) -> Result<bool, Error> {
    let mut margins: BTreeMap<SetId, BTreeSet<u32>> = BTreeMap::new();
    for family in new {
        for set in &family.sets {
            margins.entry(*set).or_default().insert(family.margin);
        }
    }
    let all: BTreeSet<SetId> = margins.keys().copied().collect();
    let apart = |one: SetId, other: SetId| match (margins.get(&one), margins.get(&other)) {
        (Some(one), Some(other)) => one.is_disjoint(other),
        _ => true,
    };
    Ok(near_pair(pool, &all, all.iter(), difference, &apart)?.is_some())
}

/// A set of some and one of others that differ by few, of those that `compared` names.
///
/// Two sets that differ by fewer than d people have all but d − 1 of either in common. So of any d people of one set the other
/// has one; and only sets that have one of the d are compared. Of sets of fewer than d people that share nobody it
/// is enough that they are that small.
fn near_pair<'a>(
    pool: &mut Pool<'_>,
    some: &BTreeSet<SetId>,
    others: impl Iterator<Item = &'a SetId>,
    difference: u32,
    compared: &dyn Fn(SetId, SetId) -> bool,
) -> Result<Option<(SetId, SetId)>, Error> {
    let mut sizes = BTreeSet::new();
    let mut having: Vec<Vec<SetId>> = Vec::new();
    let mut small = Vec::new();
    for one in some {
        let people = pool.people(*one)?;
        let size = pool.size(*one)?;
        sizes.insert(size);
        if size < difference {
            small.push(*one);
        }
        // From all over the set: sets that hold one another mostly begin with the same people.
        let number = people.len().min(difference as usize);
        for at in 0..number {
            let Some(person) = people.get(at * people.len() / number.max(1)) else { continue };
            let person = *person as usize;
            if having.len() <= person {
                having.resize(person + 1, Vec::new());
            }
            if let Some(sets) = having.get_mut(person) {
                sets.push(*one);
            }
        }
    }
    for other in others {
        let size = pool.size(*other)?;
        let window = size.saturating_sub(difference - 1)..=size.saturating_add(difference - 1);
        if sizes.range(window.clone()).next().is_none() {
            continue;
        }
        let mut candidates: BTreeSet<SetId> = BTreeSet::new();
        if size < difference {
            candidates.extend(&small);
        }
        for person in pool.people(*other)? {
            let sets = having.get(person as usize).map_or(&[][..], Vec::as_slice);
            pool.spend(sets.len() as u64)?;
            candidates.extend(sets);
        }
        for one in candidates {
            if one != *other
                && window.contains(&pool.size(one)?)
                && compared(one, *other)
                && pool.near(one, *other, difference)?
            {
                return Ok(Some((one, *other)));
            }
        }
    }
    Ok(None)
}

/// The disjoint families of a result.
fn disjoint(pool: &mut Pool<'_>, families: &Families) -> Result<Vec<Vec<SetId>>, Error> {
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
) -> Result<Option<usize>, Error> {
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
    let mut labels: Vec<Buckets> = Vec::with_capacity(fresh.len());
    for family in &fresh {
        labels.push(pool.labels(family)?);
    }
    // How many people of an earlier set each set of each new family holds: once for a set, however often it was told.
    let mut shared: BTreeMap<SetId, Vec<Shared>> = BTreeMap::new();
    let none = Shared::new();
    for (family, at) in &old {
        for set in family {
            if !shared.contains_key(set) {
                let counts = pool.shared(*set, &labels)?;
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
                let counts = shared.get(set).and_then(|all| all.get(which)).unwrap_or(&none);
                graph.shared(place, pool.size(*set)?, counts);
            }
            // One set and nobody are no two sets that were told.
            if graph.has_cut_below(difference.min(smallest), pool)? {
                return Ok(Some(*at));
            }
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests;
