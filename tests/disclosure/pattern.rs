//! Which cells are withheld tells something too: what an attacker who knows the rules exactly makes of it.
//!
//! All small worlds of a key with three values and a total are released. Worlds that look the same are what the attacker
//! cannot tell apart, so a withheld number of people is one of those that it is in these worlds: not what the margins
//! leave, but what margins and the rules leave together.

use crate::recipient::{Question, Recipient, terms};
use release::{ReleasedValue, Zeros};
use std::collections::{BTreeMap, BTreeSet};

/// What is known of withheld numbers.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Left {
    /// Withheld cells that are small, in all worlds.
    pub(crate) small: u32,
    /// Of these, cells that have one possible value.
    pub(crate) known: u32,
    /// A world with such a cell.
    pub(crate) example: Option<[u32; 3]>,
    /// Cells that have fewer than five.
    pub(crate) narrow: u32,
    /// Pairs of worlds of which one has a person more in a cell of nine.
    pub(crate) pairs: u32,
    /// Of these, pairs of which another cell than that one and the total looks otherwise.
    pub(crate) others: u32,
}

fn shown(round_to: Option<u32>, zeros: Zeros, counts: [u32; 3]) -> Vec<String> {
    let mut recipient = Recipient::new(release::Terms { zeros, ..terms(round_to, 10) }, usize::MAX);
    let rows = (0_u32..)
        .zip(counts)
        .map(|(at, count)| (at.to_string(), (at * 100..at * 100 + count).collect::<Vec<u32>>()));
    let answer = recipient.ask("all", &Question::Groups { rows: rows.collect(), total: true });
    let crate::recipient::Answer::Told(released) = answer else { return vec!["refused".to_owned()] };
    let word = |row: &Vec<ReleasedValue>| match row.last() {
        Some(ReleasedValue::Value(value)) => format!("{value:?}"),
        Some(ReleasedValue::Withheld(how)) => format!("{:?} {}", how.below(), how.secondary()),
        other => format!("{other:?}"),
    };
    released.rows().iter().map(word).collect()
}

/// All worlds of up to `most` people in each cell.
pub(crate) fn left(round_to: Option<u32>, zeros: Zeros, most: u32) -> Left {
    let mut worlds: BTreeMap<Vec<String>, Vec<[u32; 3]>> = BTreeMap::new();
    let mut looks: BTreeMap<[u32; 3], Vec<String>> = BTreeMap::new();
    for a in 0..=most {
        for b in 0..=most {
            for c in 0..=most {
                let look = shown(round_to, zeros, [a, b, c]);
                worlds.entry(look.clone()).or_default().push([a, b, c]);
                looks.insert([a, b, c], look);
            }
        }
    }
    let mut left = Left::default();
    for (look, worlds) in &worlds {
        for cell in 0..3 {
            if !look.get(cell).is_some_and(|look| look.starts_with("Some") || look.starts_with("None")) {
                continue;
            }
            let values: BTreeSet<u32> = worlds.iter().map(|world| world[cell]).collect();
            for world in worlds.iter().filter(|world| (1..10).contains(&world[cell])) {
                // What could lie beyond the worlds that were made is not counted as known.
                let is_cut = worlds.iter().any(|other| other.contains(&most)) || world.contains(&most);
                left.small += 1;
                left.known += u32::from(values.len() == 1 && !is_cut);
                if values.len() == 1 && !is_cut {
                    left.example = left.example.or(Some(*world));
                }
                left.narrow += u32::from(values.len() < 5 && !is_cut);
            }
        }
    }
    for (world, look) in &looks {
        for cell in 0..3 {
            let mut more = *world;
            more[cell] += 1;
            if world[cell] != 9 || more[cell] > most {
                continue;
            }
            let Some(other) = looks.get(&more) else { continue };
            left.pairs += 1;
            let differs = (0..3).any(|at| at != cell && look.get(at) != other.get(at));
            left.others += u32::from(differs);
        }
    }
    left
}
