//! Counts of a record in several groups at once.
//!
//! One byte per person says the group: 0 is outside, 2g+1 group g with two expected copies, 2g+2 with one.
//! Lists add one per member to the counter of its byte; planes are met with one mask per byte.

use crate::count::{Classes, Cohort, Counts, Scratch, count_laid_out, formulas};
use crate::mask::Mask;
use crate::record::Record;
use crate::set::{Kind, Set, Visit};
use std::ops::ControlFlow;

/// Groups that a byte can tell apart; more take another pass.
pub const MOST_GROUPS: u8 = 127;

/// The group bytes of some people; of a person told twice the last holds.
pub fn slots(pairs: impl IntoIterator<Item = (u32, u8)>) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (ordinal, slot) in pairs {
        let Ok(at) = usize::try_from(ordinal) else { continue };
        if at >= bytes.len() {
            bytes.resize(at + 1, 0);
        }
        if let Some(byte) = bytes.get_mut(at) {
            *byte = slot;
        }
    }
    bytes
}

/// Group bytes made ready for counting.
#[derive(Clone, Debug)]
pub struct Groups {
    slots: Vec<u8>,
    people: [u64; 256],
    /// The plane of each byte that stands there, by the byte less one.
    planes: Vec<Vec<u8>>,
}

impl Groups {
    /// Reads group bytes.
    pub fn new(slots: &[u8]) -> Self {
        let mut people = [0; 256];
        let mut planes: Vec<Vec<u8>> = Vec::new();
        for (at, slot) in slots.iter().enumerate() {
            people[usize::from(*slot)] += 1;
            let Some(plane) = slot.checked_sub(1).map(usize::from) else { continue };
            if planes.len() <= plane {
                planes.resize(plane + 1, Vec::new());
            }
            let Some(plane) = planes.get_mut(plane) else { continue };
            if plane.is_empty() {
                plane.resize(slots.len().div_ceil(64) * 8, 0);
            }
            if let Some(byte) = plane.get_mut(at / 8) {
                *byte |= 1 << (at % 8);
            }
        }
        Self { slots: slots.to_vec(), people, planes }
    }

    fn mask(&self, slot: usize) -> Mask<'_> {
        let bytes = slot.checked_sub(1).and_then(|at| self.planes.get(at)).map_or(&[][..], Vec::as_slice);
        Mask { bytes, count: self.people.get(slot).copied().unwrap_or(0) }
    }

    /// The groups that have anybody, ascending, with the bytes of two and of one copy.
    fn groups(&self) -> impl Iterator<Item = (u8, usize, usize)> {
        (0..MOST_GROUPS).filter_map(|group| {
            let two = 2 * usize::from(group) + 1;
            (self.people[two] + self.people[two + 1] > 0).then_some((group, two, two + 1))
        })
    }

    /// How many of a set are in each byte.
    fn common(&self, set: Option<Set<'_>>) -> [u64; 256] {
        let mut counter = Counter { slots: &self.slots, found: [0; 256] };
        let Some(set) = set else { return counter.found };
        if set.kind == Kind::Plane {
            for (at, found) in counter.found.iter_mut().enumerate().take(self.planes.len() + 1).skip(1) {
                *found = self.mask(at).common(Some(set));
            }
        } else {
            set.walk(&mut counter);
        }
        counter.found
    }
}

struct Counter<'a> {
    slots: &'a [u8],
    found: [u64; 256],
}

impl Visit for Counter<'_> {
    #[inline]
    fn one(&mut self, ordinal: u32) -> ControlFlow<()> {
        let Some(slot) = usize::try_from(ordinal).ok().and_then(|at| self.slots.get(at)) else {
            return ControlFlow::Break(());
        };
        self.found[usize::from(*slot)] += 1;
        ControlFlow::Continue(())
    }

    fn run(&mut self, first: u32, end: u64) -> ControlFlow<()> {
        let from = usize::try_from(first).unwrap_or(usize::MAX);
        let to = usize::try_from(end).unwrap_or(usize::MAX).min(self.slots.len());
        let Some(slots) = self.slots.get(from..to.max(from)) else { return ControlFlow::Break(()) };
        for slot in slots {
            self.found[usize::from(*slot)] += 1;
        }
        ControlFlow::Continue(())
    }

    fn word(&mut self, _at: usize, _bits: u64) -> ControlFlow<()> {
        // Planes are met with masks.
        ControlFlow::Break(())
    }
}

/// Counts a record in every group that has anybody, in ascending order of groups.
pub fn count_groups(
    record: &Record<'_>,
    groups: &Groups,
    scratch: &mut Scratch,
    mut counted: impl FnMut(u8, Counts),
) {
    if record.single.is_some() {
        scratch.lay_out(record, groups.slots.len().div_ceil(64));
        for (group, two, one) in groups.groups() {
            let cohort = Cohort { two: groups.mask(two), one: groups.mask(one) };
            counted(group, count_laid_out(record.major, &cohort, scratch));
        }
        return;
    }
    let (het, flip, miss) =
        (groups.common(record.het), groups.common(record.flip), groups.common(record.miss));
    let of =
        |slot: usize| Classes::plain(record.major, groups.people[slot], het[slot], flip[slot], miss[slot]);
    for (group, two, one) in groups.groups() {
        counted(group, formulas(of(two), of(one)));
    }
}
