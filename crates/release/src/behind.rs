//! Who stands behind what was told: the sets of people that release rule 6 compares with those of earlier results.
//!
//! Only numbers that are told have their people here; those of a withheld cell are nobody's business. The sets
//! come in *families*: the cells of one number over the rows of a table, the levels of a characteristic, the parts
//! of an attrition. The sets of a family are usually parts of a whole, so that what several of
//! them add up to is told as well. A set of nobody tells of nobody and is left out.
//!
//! Nothing of this is part of a released table; who calls release keeps it where only a steward can read it.

use crate::error::Error;
use crate::raw::RawTable;
use hmac::{Hmac, Mac};
use plan::{Raw, Shape};
use sha2::Sha256;
use std::collections::BTreeSet;

/// The people behind a released table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Behind {
    /// The keys of people; sets hold places in this list.
    pub people: Vec<String>,
    /// Families of sets.
    pub families: Vec<Group>,
    /// Whether every number of people that was told has its set here. Numbers of frequency records and of the events
    /// and the cases of an attrition have none.
    pub complete: bool,
    /// Whether a number was withheld because its people and those of another of this result differ by few: that it was
    /// tells that there is somebody, as a refusal does.
    pub near: bool,
}

/// What a number tells of its people: only numbers that tell the same can be taken from each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Told {
    /// How many they are, or their events, or the part of a share.
    Number,
    /// The whole that a share is of, which is not told by itself.
    Whole,
    /// A sum, a mean, a median.
    Value,
}

/// A family of sets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// What is told of the sets.
    pub told: Told,
    /// Families of one number are protected against each other by release rule 3 or 10: the cells of a measure and its
    /// totals, a group and its levels, the chain of an attrition.
    pub margin: u32,
    /// Whether no cell of the family was withheld.
    pub whole: bool,
    /// The sets, each sorted and without repetitions.
    pub sets: Vec<Vec<u32>>,
}

/// A person as the history of releases knows them: the first 128 bits of HMAC-SHA-256 of the person's key, under a key
/// of the warehouse.
pub fn person(key: &[u8], person: &str) -> [u8; 16] {
    // A key of any length is one.
    let digest =
        Hmac::<Sha256>::new_from_slice(key).map(|hmac| hmac.chain_update(person.as_bytes()).finalize());
    let bytes = digest.map(hmac::digest::CtOutput::into_bytes).unwrap_or_default();
    let mut short = [0; 16];
    short.copy_from_slice(&bytes[..16]);
    short
}

/// Collects the sets of one result.
#[derive(Debug)]
pub(crate) struct Sets<'a> {
    shape: &'a Shape,
    pub(crate) behind: Behind,
    /// The margin of what is added next.
    margin: u32,
    /// What is told of what is added next.
    pub(crate) told: Told,
}

impl<'a> Sets<'a> {
    pub(crate) fn new(shape: &'a Shape) -> Sets<'a> {
        Sets { shape, behind: Behind { complete: true, ..Behind::default() }, margin: 0, told: Told::Number }
    }

    /// What is added from here on is protected by another margin.
    pub(crate) fn next_margin(&mut self) {
        self.margin += 1;
    }

    /// Adds a family: the people of a number in some rows, the rows of a group together being one set. A number of
    /// people of several paths gives a family per path. `whole`: whether no cell of it is withheld.
    pub(crate) fn family(
        &mut self,
        table: &RawTable,
        number: Raw,
        groups: &[Vec<usize>],
        whole: bool,
    ) -> Result<(), Error> {
        let parts: Vec<_> = groups.iter().map(|rows| (number, rows.clone())).collect();
        self.parts(table, &parts, whole)
    }

    /// Adds a family of which each set is a number of people in some rows.
    pub(crate) fn parts(
        &mut self,
        table: &RawTable,
        parts: &[(Raw, Vec<usize>)],
        whole: bool,
    ) -> Result<(), Error> {
        let mut families: Vec<Group> = Vec::new();
        for (number, rows) in parts {
            let Some((_, lists)) = self.shape.members.iter().find(|(people, _)| people == number) else {
                self.behind.complete = false;
                continue;
            };
            for (path, list) in lists.iter().enumerate() {
                let mut set = BTreeSet::new();
                for row in rows {
                    let people = table.people(*list, *row)?;
                    let counted = table.count(*number, *row)?;
                    // Of several paths the count is the smallest.
                    let listed = u64::try_from(people.len()).unwrap_or(u64::MAX);
                    if listed < counted || (lists.len() == 1 && listed != counted) {
                        return Err(Error::malformed(format!(
                            "raw column {} counts other people than are listed",
                            number.0
                        )));
                    }
                    set.extend(people.iter().copied());
                }
                if families.len() <= path {
                    families.push(Group { margin: self.margin, whole, told: self.told, sets: Vec::new() });
                }
                if let Some(family) = families.get_mut(path).filter(|_| !set.is_empty()) {
                    family.sets.push(set.into_iter().collect());
                }
            }
        }
        self.behind.families.extend(families.into_iter().filter(|family| !family.sets.is_empty()));
        Ok(())
    }

    /// A number that is told and whose people are not listed.
    pub(crate) fn incomplete(&mut self) {
        self.behind.complete = false;
    }

    pub(crate) fn done(mut self, table: &RawTable) -> Behind {
        if !self.behind.families.is_empty() {
            self.behind.people = table.names();
        }
        self.behind
    }
}
