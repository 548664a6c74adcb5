//! A set of people as a bit plane: what a query permits.
//!
//! Bit i of byte i/8, least significant first. A plane that we make has whole words of eight bytes; one
//! of another length is read as if zeros followed.

use crate::set::{Set, Visit, last_word};
use std::ops::ControlFlow;

/// The bit plane of some people; order and repeats do not matter. At most as long as the largest
/// ordinal needs.
pub fn plane(ordinals: impl IntoIterator<Item = u32>) -> Vec<u8> {
    let mut bytes = Vec::new();
    for ordinal in ordinals {
        let Ok(at) = usize::try_from(ordinal / 8) else { continue };
        if at >= bytes.len() {
            bytes.resize((at / 8 + 1) * 8, 0);
        }
        if let Some(byte) = bytes.get_mut(at) {
            *byte |= 1 << (ordinal % 8);
        }
    }
    bytes
}

/// A plane and how many are in it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Mask<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) count: u64,
}

impl<'a> Mask<'a> {
    /// Counts the plane.
    pub fn new(bytes: &'a [u8]) -> Self {
        let (words, rest) = bytes.as_chunks::<8>();
        let whole: u64 = words.iter().map(|word| u64::from(u64::from_le_bytes(*word).count_ones())).sum();
        Self { bytes, count: whole + u64::from(last_word(rest).count_ones()) }
    }

    /// How many people are in it.
    pub fn people(&self) -> u64 {
        self.count
    }

    /// Whether nobody is.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Words that cover it.
    pub(crate) fn words(&self) -> usize {
        self.bytes.len().div_ceil(8)
    }

    /// A word of it; zero beyond its end.
    #[inline]
    pub(crate) fn word(&self, at: usize) -> u64 {
        let from = at.saturating_mul(8);
        match self.bytes.get(from..from.saturating_add(8)).and_then(|word| word.as_array()) {
            Some(word) => u64::from_le_bytes(*word),
            None => last_word(self.bytes.get(from..).unwrap_or_default()),
        }
    }

    /// How many of a set are in it.
    #[inline]
    pub(crate) fn common(&self, set: Option<Set<'_>>) -> u64 {
        let Some(set) = set else { return 0 };
        let mut counter = Common { mask: *self, found: 0 };
        set.walk(&mut counter);
        counter.found
    }
}

struct Common<'a> {
    mask: Mask<'a>,
    found: u64,
}

impl Visit for Common<'_> {
    #[inline]
    fn one(&mut self, ordinal: u32) -> ControlFlow<()> {
        let Some(byte) = usize::try_from(ordinal / 8).ok().and_then(|at| self.mask.bytes.get(at)) else {
            return ControlFlow::Break(());
        };
        self.found += u64::from(byte >> (ordinal % 8) & 1);
        ControlFlow::Continue(())
    }

    fn run(&mut self, first: u32, end: u64) -> ControlFlow<()> {
        let words = self.mask.words();
        each_word(first, end, words, |at, bits| {
            self.found += u64::from((self.mask.word(at) & bits).count_ones());
        });
        if end / 64 >= u64::try_from(words).unwrap_or(u64::MAX) {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    }

    #[inline]
    fn word(&mut self, at: usize, bits: u64) -> ControlFlow<()> {
        if at >= self.mask.words() {
            return ControlFlow::Break(());
        }
        self.found += u64::from((self.mask.word(at) & bits).count_ones());
        ControlFlow::Continue(())
    }
}

/// The words of a run, of the first `words` only.
pub(crate) fn each_word(first: u32, end: u64, words: usize, mut word: impl FnMut(usize, u64)) {
    let last = u64::try_from(words).unwrap_or(u64::MAX).saturating_mul(64);
    let (first, end) = (u64::from(first), end.min(last));
    if first >= end {
        return;
    }
    let from = usize::try_from(first / 64).unwrap_or(usize::MAX);
    let to = usize::try_from((end - 1) / 64).unwrap_or(usize::MAX);
    for at in from..=to {
        let mut bits = u64::MAX;
        if at == from {
            bits &= u64::MAX << (first % 64);
        }
        if at == to {
            bits &= u64::MAX >> (63 - (end - 1) % 64);
        }
        word(at, bits);
    }
}

/// Writes a set into words; members beyond them are left out.
pub(crate) fn fill(set: Option<Set<'_>>, words: &mut [u64]) {
    words.fill(0);
    if let Some(set) = set {
        set.walk(&mut Fill { words });
    }
}

pub(crate) struct Fill<'a> {
    pub(crate) words: &'a mut [u64],
}

impl Visit for Fill<'_> {
    fn one(&mut self, ordinal: u32) -> ControlFlow<()> {
        match usize::try_from(ordinal / 64).ok().and_then(|at| self.words.get_mut(at)) {
            Some(word) => *word |= 1 << (ordinal % 64),
            None => return ControlFlow::Break(()),
        }
        ControlFlow::Continue(())
    }

    fn run(&mut self, first: u32, end: u64) -> ControlFlow<()> {
        each_word(first, end, self.words.len(), |at, bits| {
            if let Some(word) = self.words.get_mut(at) {
                *word |= bits;
            }
        });
        ControlFlow::Continue(())
    }

    fn word(&mut self, at: usize, bits: u64) -> ControlFlow<()> {
        match self.words.get_mut(at) {
            Some(word) => *word |= bits,
            None => return ControlFlow::Break(()),
        }
        ControlFlow::Continue(())
    }
}
