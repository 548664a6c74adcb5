//! One set of people in one of four forms, and a walk over its members.
//!
//! Whoever walks gets single members, runs of them or words of 64, whichever the form holds, in ascending
//! order, and may stop. The walk ends at the end of the payload whatever is in it.

use std::ops::ControlFlow;

/// The forms of a set, by their numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A byte per gap: middling lists.
    Bytes,
    /// A LEB128 number per gap: rare alleles among many people.
    Gaps,
    /// A bit per person: common alleles.
    Plane,
    /// LEB128 pairs of how many are skipped and taken: batches missing together, men on X.
    Runs,
}

impl Kind {
    /// By the number that a record has.
    pub(crate) fn of(number: u64) -> Kind {
        match number & 3 {
            0 => Kind::Bytes,
            1 => Kind::Gaps,
            2 => Kind::Plane,
            _ => Kind::Runs,
        }
    }

    /// The number that a record has.
    pub(crate) fn number(self) -> u64 {
        match self {
            Kind::Bytes => 0,
            Kind::Gaps => 1,
            Kind::Plane => 2,
            Kind::Runs => 3,
        }
    }
}

/// A set as it lies in a record.
#[derive(Clone, Copy, Debug)]
pub struct Set<'a> {
    pub(crate) kind: Kind,
    pub(crate) payload: &'a [u8],
}

/// What walks over a set.
pub(crate) trait Visit {
    /// One member.
    fn one(&mut self, ordinal: u32) -> ControlFlow<()>;
    /// The members `first` to before `end`; `end` may lie beyond every person.
    fn run(&mut self, first: u32, end: u64) -> ControlFlow<()>;
    /// Members 64·`at` and on, by bits.
    fn word(&mut self, at: usize, bits: u64) -> ControlFlow<()>;
}

impl Set<'_> {
    /// The form in which it is stored.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Bytes of its payload.
    pub fn length(&self) -> usize {
        self.payload.len()
    }

    /// Shows the members to `visitor` until they or its patience end.
    #[inline]
    pub(crate) fn walk(&self, visitor: &mut impl Visit) {
        // A break is only an early end.
        let _stopped = match self.kind {
            Kind::Bytes => self.bytes(visitor),
            Kind::Gaps => self.gaps(visitor),
            Kind::Plane => self.plane(visitor),
            Kind::Runs => self.runs(visitor),
        };
    }

    #[inline]
    fn bytes(&self, visitor: &mut impl Visit) -> ControlFlow<()> {
        let mut next = 0_u64;
        for byte in self.payload {
            next += u64::from(*byte);
            if *byte < 255 {
                visitor.one(ordinal(next)?)?;
                next += 1;
            }
        }
        ControlFlow::Continue(())
    }

    #[inline]
    fn gaps(&self, visitor: &mut impl Visit) -> ControlFlow<()> {
        let mut rest = self.payload;
        let mut next = 0_u64;
        while let Some(gap) = leb(&mut rest) {
            next = next.saturating_add(gap);
            visitor.one(ordinal(next)?)?;
            next += 1;
        }
        ControlFlow::Continue(())
    }

    #[inline]
    fn plane(&self, visitor: &mut impl Visit) -> ControlFlow<()> {
        let (words, rest) = self.payload.as_chunks::<8>();
        for (at, word) in words.iter().enumerate() {
            visitor.word(at, u64::from_le_bytes(*word))?;
        }
        if rest.is_empty() {
            return ControlFlow::Continue(());
        }
        visitor.word(words.len(), last_word(rest))
    }

    #[inline]
    fn runs(&self, visitor: &mut impl Visit) -> ControlFlow<()> {
        let mut rest = self.payload;
        let mut next = 0_u64;
        while let (Some(skip), Some(take)) = (leb(&mut rest), leb(&mut rest)) {
            next = next.saturating_add(skip);
            let end = next.saturating_add(take);
            if take > 0 {
                visitor.run(ordinal(next)?, end)?;
            }
            next = end;
        }
        ControlFlow::Continue(())
    }
}

/// An ordinal, unless the number lies beyond all of them.
#[inline]
fn ordinal(number: u64) -> ControlFlow<(), u32> {
    match u32::try_from(number) {
        Ok(ordinal) => ControlFlow::Continue(ordinal),
        Err(_) => ControlFlow::Break(()),
    }
}

/// The word that begins with these bytes, of which there are fewer than eight; the others are 0.
pub(crate) fn last_word(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte))
}

/// Takes an unsigned LEB128 number of at most 63 bits from the front; nothing where none stands there.
#[inline]
pub(crate) fn leb(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0_u64;
    for (at, byte) in bytes.iter().take(9).enumerate() {
        value |= u64::from(byte & 0x7f) << (7 * at);
        if byte & 0x80 == 0 {
            *bytes = bytes.get(at + 1..)?;
            return Some(value);
        }
    }
    None
}

/// Appends a number as unsigned LEB128.
pub(crate) fn put_leb(mut value: u64, into: &mut Vec<u8>) {
    loop {
        let [low, ..] = value.to_le_bytes();
        value >>= 7;
        if value == 0 {
            into.push(low & 0x7f);
            return;
        }
        into.push(low | 0x80);
    }
}
