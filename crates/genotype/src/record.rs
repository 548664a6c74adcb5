//! A record as its sets, read without a copy.

use crate::set::{Kind, Set, Visit, leb};
use crate::{ALT, Fault, HET, MISSING, ONE_ALT, ONE_REF, REF};
use std::ops::ControlFlow;

/// Everybody in no set carries the allele.
pub(crate) const MAJOR: u8 = 1;
/// The set of those with one copy among two known.
pub(crate) const HAS_HET: u8 = 2;
/// The set of those who are otherwise than everybody.
pub(crate) const HAS_FLIP: u8 = 4;
/// The set of those of whom nothing is known.
pub(crate) const HAS_MISS: u8 = 8;
/// The set of those with exactly one known allele.
pub(crate) const HAS_SINGLE: u8 = 16;

/// The sets of a record.
#[derive(Clone, Copy, Debug)]
pub struct Record<'a> {
    pub(crate) major: bool,
    pub(crate) het: Option<Set<'a>>,
    pub(crate) flip: Option<Set<'a>>,
    pub(crate) miss: Option<Set<'a>>,
    pub(crate) single: Option<Set<'a>>,
}

impl<'a> Record<'a> {
    /// Finds the sets; what is in them is not looked at (see [`crate::check`]).
    ///
    /// # Errors
    /// [`Fault::Head`], [`Fault::Length`].
    #[inline]
    pub fn read(bytes: &'a [u8]) -> Result<Self, Fault> {
        let (head, mut rest) = bytes.split_first().ok_or(Fault::Head)?;
        if *head >= 32 {
            return Err(Fault::Head);
        }
        let mut set = |bit: u8| -> Result<Option<Set<'a>>, Fault> {
            if head & bit == 0 {
                return Ok(None);
            }
            let number = leb(&mut rest).ok_or(Fault::Length)?;
            let length = usize::try_from(number >> 2).map_err(|_| Fault::Length)?;
            let (payload, after) = rest.split_at_checked(length).ok_or(Fault::Length)?;
            rest = after;
            Ok(Some(Set { kind: Kind::of(number), payload }))
        };
        let (het, flip, miss, single) = (set(HAS_HET)?, set(HAS_FLIP)?, set(HAS_MISS)?, set(HAS_SINGLE)?);
        if !rest.is_empty() {
            return Err(Fault::Length);
        }
        Ok(Self { major: head & MAJOR != 0, het, flip, miss, single })
    }

    /// Whether people outside all sets carry the allele.
    pub fn is_major(&self) -> bool {
        self.major
    }

    /// The sets that are stored: het, flip, miss, single.
    pub fn sets(&self) -> [Option<Set<'a>>; 4] {
        [self.het, self.flip, self.miss, self.single]
    }

    /// The call of one person, by its code. The person must be one of the call set: the record does
    /// not know how many there are.
    pub fn call(&self, ordinal: u32) -> u8 {
        if has(self.miss, ordinal) {
            return MISSING;
        }
        if has(self.het, ordinal) {
            return HET;
        }
        let alt = self.major != has(self.flip, ordinal);
        match (alt, has(self.single, ordinal)) {
            (false, false) => REF,
            (true, false) => ALT,
            (false, true) => ONE_REF,
            (true, true) => ONE_ALT,
        }
    }
}

fn has(set: Option<Set<'_>>, ordinal: u32) -> bool {
    let mut search = Search { ordinal, found: false };
    if let Some(set) = set {
        if set.kind == Kind::Plane {
            let byte = usize::try_from(ordinal / 8).ok().and_then(|at| set.payload.get(at));
            return byte.is_some_and(|byte| byte >> (ordinal % 8) & 1 == 1);
        }
        set.walk(&mut search);
    }
    search.found
}

struct Search {
    ordinal: u32,
    found: bool,
}

impl Search {
    fn past(&mut self, found: bool, past: bool) -> ControlFlow<()> {
        self.found |= found;
        if found || past { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

impl Visit for Search {
    fn one(&mut self, ordinal: u32) -> ControlFlow<()> {
        self.past(ordinal == self.ordinal, ordinal > self.ordinal)
    }

    fn run(&mut self, first: u32, end: u64) -> ControlFlow<()> {
        let before_end = u64::from(self.ordinal) < end;
        self.past(first <= self.ordinal && before_end, before_end)
    }

    fn word(&mut self, at: usize, bits: u64) -> ControlFlow<()> {
        let own = usize::try_from(self.ordinal / 64).unwrap_or(usize::MAX);
        self.past(at == own && bits >> (self.ordinal % 64) & 1 == 1, at >= own)
    }
}
