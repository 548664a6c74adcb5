//! A set of people, kept small, and what is computed of many of them.
//!
//! People are whole numbers. The bytes of a set are, whichever is shorter, `0` and the differences of the sorted numbers, seven
//! bits a byte, low bits first, or `1` and a bitmap, low bits first.

use crate::SetId;
use std::collections::BTreeMap;
use std::fmt;

/// The counts by bucket of a set: two sets differ by at least the sum of the differences of their counts.
const BUCKETS: usize = 64;

/// The family set that a person is in, by person; 0 is none, else one more than its place.
pub(crate) type Buckets = Vec<u32>;

/// How many people a set shares with each set of a family, by its place; those that share none are left out.
pub(crate) type Shared = BTreeMap<usize, u32>;

/// A set of people.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Set(Vec<u8>);

/// Bytes that are no set, or a set that is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SetError;

impl fmt::Display for SetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a set of people cannot be read")
    }
}

impl std::error::Error for SetError {}

/// Why sets could not be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// A set cannot be read, or is not there.
    Unreadable(SetError),
    /// Comparing them would take too long ([`MOST_WORK`](crate::MOST_WORK)).
    TooMuch,
}

impl From<SetError> for Error {
    fn from(error: SetError) -> Error {
        Error::Unreadable(error)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Unreadable(error) => error.fmt(f),
            Error::TooMuch => f.write_str("the sets of people are too many to be compared"),
        }
    }
}

impl std::error::Error for Error {}

impl Set {
    /// The set of these people; their order and repetitions do not matter.
    pub fn of(people: &[u32]) -> Set {
        let mut people = people.to_vec();
        people.sort_unstable();
        people.dedup();
        let mut steps = vec![0];
        let mut before = 0;
        for person in &people {
            let mut step = person - before;
            before = *person;
            while step >= 0x80 {
                steps.push(low_bits(step) | 0x80);
                step >>= 7;
            }
            steps.push(low_bits(step));
        }
        let length = people.last().map_or(0, |last| *last as usize / 8 + 1);
        if length >= steps.len() {
            return Set(steps);
        }
        let mut bits = vec![0; length + 1];
        if let Some(kind) = bits.first_mut() {
            *kind = 1;
        }
        for person in people {
            if let Some(byte) = bits.get_mut(person as usize / 8 + 1) {
                *byte |= 1 << (person % 8);
            }
        }
        Set(bits)
    }

    /// A set from its bytes.
    ///
    /// # Errors
    /// They are not what [`Set::bytes`] gave.
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Set, SetError> {
        let set = Set(bytes);
        let people = set.people()?;
        if Set::of(&people) == set { Ok(set) } else { Err(SetError) }
    }

    /// Its bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// The people in order.
    ///
    /// # Errors
    /// The bytes are no set.
    pub fn people(&self) -> Result<Vec<u32>, SetError> {
        match self.0.split_first() {
            Some((0, steps)) => {
                let (mut people, mut before, mut step, mut shift) = (Vec::new(), 0_u32, 0_u32, 0);
                for byte in steps {
                    if shift > 28 {
                        return Err(SetError);
                    }
                    step |= u32::from(byte & 0x7f) << shift;
                    shift += 7;
                    if byte & 0x80 == 0 {
                        before = before.checked_add(step).ok_or(SetError)?;
                        people.push(before);
                        (step, shift) = (0, 0);
                    }
                }
                if shift == 0 { Ok(people) } else { Err(SetError) }
            }
            Some((1, bits)) => {
                let mut people = Vec::new();
                for (place, byte) in bits.iter().enumerate() {
                    for bit in (0..8).filter(|bit| byte >> bit & 1 == 1) {
                        people.push(u32::try_from(place * 8 + bit).map_err(|_| SetError)?);
                    }
                }
                Ok(people)
            }
            Some(_) | None => Err(SetError),
        }
    }
}

fn low_bits(number: u32) -> u8 {
    number.to_le_bytes()[0] & 0x7f
}

/// What is known of a set without reading it again.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    pub(crate) size: u32,
    pub(crate) buckets: [u32; BUCKETS],
}

/// Sets by their places, read once, and how much may still be done with them.
pub(crate) struct Pool<'a> {
    sets: &'a [Set],
    known: BTreeMap<SetId, Known>,
    work: u64,
}

impl<'a> Pool<'a> {
    pub(crate) fn new(sets: &'a [Set], work: u64) -> Pool<'a> {
        Pool { sets, known: BTreeMap::new(), work }
    }

    /// Takes so many steps of what may be done, before they are done.
    pub(crate) fn spend(&mut self, steps: u64) -> Result<(), Error> {
        self.work = self.work.checked_sub(steps).ok_or(Error::TooMuch)?;
        Ok(())
    }

    pub(crate) fn people(&mut self, set: SetId) -> Result<Vec<u32>, Error> {
        let people = self.sets.get(set as usize).ok_or(SetError)?.people()?;
        self.spend(people.len() as u64)?;
        Ok(people)
    }

    pub(crate) fn known(&mut self, set: SetId) -> Result<&Known, Error> {
        if !self.known.contains_key(&set) {
            let people = self.people(set)?;
            let mut buckets = [0; BUCKETS];
            for person in &people {
                // Multiplied so that people who came one after the other are in different buckets.
                let at = (person.wrapping_mul(0x9e37_79b1) >> 26) as usize;
                if let Some(count) = buckets.get_mut(at) {
                    *count += 1;
                }
            }
            let size = u32::try_from(people.len()).map_err(|_| SetError)?;
            self.known.insert(set, Known { size, buckets });
        }
        self.known.get(&set).ok_or(SetError.into())
    }

    pub(crate) fn size(&mut self, set: SetId) -> Result<u32, Error> {
        Ok(self.known(set)?.size)
    }

    /// Whether two sets differ by 1 to `difference` − 1 people.
    pub(crate) fn near(&mut self, one: SetId, other: SetId, difference: u32) -> Result<bool, Error> {
        if one == other || self.size(one)?.abs_diff(self.size(other)?) >= difference {
            return Ok(false);
        }
        self.known(other)?;
        let (Some(a), Some(b)) = (self.known.get(&one), self.known.get(&other)) else {
            return Err(SetError.into());
        };
        let (a, b) = (a.clone(), b.clone());
        self.spend(BUCKETS as u64)?;
        let mut least = 0;
        for (a, b) in a.buckets.iter().zip(&b.buckets) {
            least += a.abs_diff(*b);
            if least >= difference {
                return Ok(false);
            }
        }
        Ok(differ_by_few(&self.people(one)?, &self.people(other)?, difference))
    }

    pub(crate) fn are_disjoint(&mut self, sets: &[SetId]) -> Result<bool, Error> {
        let mut all = Vec::new();
        for set in sets {
            all.extend(self.people(*set)?);
        }
        let before = all.len();
        all.sort_unstable();
        all.dedup();
        Ok(all.len() == before)
    }

    /// The set of a disjoint family that each person is in.
    pub(crate) fn labels(&mut self, family: &[SetId]) -> Result<Buckets, Error> {
        let mut labels = Vec::new();
        for (set, label) in family.iter().zip(1_u32..) {
            for person in self.people(*set)? {
                let place = person as usize;
                if labels.len() <= place {
                    labels.resize(place + 1, 0);
                }
                if let Some(slot) = labels.get_mut(place) {
                    *slot = label;
                }
            }
        }
        Ok(labels)
    }

    /// Of each family the sets that share people with a set, each with how many.
    pub(crate) fn shared(&mut self, set: SetId, labels: &[Buckets]) -> Result<Vec<Shared>, Error> {
        let people = self.people(set)?;
        let mut all = Vec::with_capacity(labels.len());
        for labels in labels {
            self.spend(people.len() as u64)?;
            let mut counts = Shared::new();
            for person in &people {
                let label = labels.get(*person as usize).copied().unwrap_or(0);
                if let Some(place) = (label as usize).checked_sub(1) {
                    *counts.entry(place).or_insert(0) += 1;
                }
            }
            all.push(counts);
        }
        Ok(all)
    }
}

/// Whether two sorted lists differ by some people, but by fewer than `difference`.
pub fn differ_by_few(one: &[u32], other: &[u32], difference: u32) -> bool {
    let (mut a, mut b) = (one.iter().peekable(), other.iter().peekable());
    let mut apart = 0;
    while apart < difference {
        match (a.peek(), b.peek()) {
            (Some(x), Some(y)) if x == y => {
                a.next();
                b.next();
                continue;
            }
            (Some(x), Some(y)) if x < y => a.next(),
            (_, Some(_)) => b.next(),
            (Some(_), None) => a.next(),
            (None, None) => return apart > 0,
        };
        apart += 1;
    }
    false
}
