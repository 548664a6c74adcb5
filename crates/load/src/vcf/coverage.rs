//! Where people were looked at although there is no record: reference blocks of gVCF, a BED file,
//! or the word of the person who loads. Without any of these nothing is covered, and a site without
//! a record is missing.
//!
//! Intervals are 1-based and closed and, per contig, disjoint and ascending.

use super::build::MOST_BASES;
use crate::source::LoadError;
use std::collections::BTreeMap;
use std::path::Path;

/// Who is covered in an interval: everyone, or the ordinals whose bit is set (least significant bit
/// first, no zero bytes at the end).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Covered {
    Everyone,
    Some(Vec<u8>),
}

/// An interval in which the same people are covered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Interval {
    pub start: u64,
    pub end: u64,
    pub covered: Covered,
}

impl Covered {
    /// Everyone of so many people but those whose ordinals are given, each once; nothing where nobody
    /// is left.
    pub(crate) fn without(ordinals: impl Iterator<Item = u32>, people: usize) -> Option<Self> {
        let mut bits = vec![0xff_u8; people / 8];
        if !people.is_multiple_of(8) {
            bits.push((1 << (people % 8)) - 1);
        }
        let mut count = people;
        for ordinal in ordinals {
            if let Some(byte) = bits.get_mut(ordinal as usize / 8) {
                *byte &= !(1 << (ordinal % 8));
                count -= 1;
            }
        }
        trimmed(bits, count, people)
    }

    /// Everyone in either.
    fn union(&self, other: &Self, people: usize) -> Self {
        let (Covered::Some(one), Covered::Some(two)) = (self, other) else { return Covered::Everyone };
        let (mut long, short) = if one.len() >= two.len() { (one.clone(), two) } else { (two.clone(), one) };
        for (byte, more) in long.iter_mut().zip(short) {
            *byte |= more;
        }
        let count = long.iter().map(|byte| byte.count_ones() as usize).sum();
        trimmed(long, count, people).unwrap_or(Covered::Everyone)
    }

    /// The ordinals of those who are covered where not everyone is, ascending.
    pub(crate) fn ordinals(&self) -> Vec<i64> {
        let Covered::Some(bits) = self else { return Vec::new() };
        let of_byte = |(byte, bits): (i64, &u8)| {
            let bits = *bits;
            (0..8).filter(move |bit| bits & (1 << bit) != 0).map(move |bit| 8 * byte + bit)
        };
        (0..).zip(bits).flat_map(of_byte).collect()
    }

    /// The bytes of the packed record's set (genotypes.md, section 2): `leb(len*4 + 2)` and the plane.
    pub(crate) fn bytes(&self) -> Option<Vec<u8>> {
        const PLANE: usize = 2;
        let Covered::Some(bits) = self else { return None };
        let mut head = bits.len() * 4 + PLANE;
        let mut bytes = Vec::with_capacity(bits.len() + 4);
        while head >= 0x80 {
            bytes.push(head.to_le_bytes()[0] | 0x80);
            head >>= 7;
        }
        bytes.push(head.to_le_bytes()[0]);
        bytes.extend_from_slice(bits);
        Some(bytes)
    }
}

fn trimmed(mut bits: Vec<u8>, count: usize, people: usize) -> Option<Covered> {
    if count == 0 {
        return None;
    }
    if count == people {
        return Some(Covered::Everyone);
    }
    while bits.last() == Some(&0) {
        bits.pop();
    }
    Some(Covered::Some(bits))
}

/// Joins the blocks of one contig as they come, in ascending order of their starts.
#[derive(Debug, Default)]
pub(crate) struct Blocks {
    people: usize,
    /// Disjoint and ascending; the next block may still touch them.
    open: Vec<Interval>,
    /// Done.
    pub done: Vec<Interval>,
}

impl Blocks {
    pub(crate) fn new(people: usize) -> Self {
        Self { people, open: Vec::new(), done: Vec::new() }
    }

    /// Adds a block; where it lies over others, the people of both are covered.
    pub(crate) fn add(&mut self, block: Interval) {
        self.close_before(block.start);
        let mut next = Vec::with_capacity(self.open.len() + 2);
        let Interval { mut start, end, covered } = block;
        for old in std::mem::take(&mut self.open) {
            if start > end || old.end < start || old.start > end {
                // A gap of the new block may lie before an old one.
                if start <= end && old.start > end {
                    next.push(Interval { start, end, covered: covered.clone() });
                    start = end + 1;
                }
                next.push(old);
                continue;
            }
            if old.start < start {
                next.push(Interval { start: old.start, end: start - 1, covered: old.covered.clone() });
            } else if start < old.start {
                next.push(Interval { start, end: old.start - 1, covered: covered.clone() });
            }
            let from = start.max(old.start);
            let to = end.min(old.end);
            next.push(Interval { start: from, end: to, covered: old.covered.union(&covered, self.people) });
            if to < old.end {
                next.push(Interval { start: to + 1, end: old.end, covered: old.covered });
            }
            start = to + 1;
        }
        if start <= end {
            next.push(Interval { start, end, covered });
        }
        for interval in next {
            join(&mut self.open, interval);
        }
    }

    /// No block of this contig will come any more.
    pub(crate) fn finish(&mut self) -> Vec<Interval> {
        self.done.append(&mut self.open);
        std::mem::take(&mut self.done)
    }

    /// Moves what ends before a start, but for what it could join, to `done`.
    fn close_before(&mut self, start: u64) {
        let keep = self.open.iter().position(|interval| interval.end + 1 >= start).unwrap_or(self.open.len());
        self.done.extend(self.open.drain(..keep));
    }
}

/// Appends an interval, or makes the last one longer where the same people go on.
fn join(all: &mut Vec<Interval>, interval: Interval) {
    match all.last_mut() {
        Some(last) if last.end + 1 == interval.start && last.covered == interval.covered => {
            last.end = interval.end;
        }
        _ => all.push(interval),
    }
}

/// Reads a BED file: intervals by normalised contig, joined where they touch or overlap.
pub(crate) fn bed(path: &Path) -> Result<BTreeMap<String, Vec<Interval>>, LoadError> {
    let text = std::fs::read_to_string(path).map_err(|error| LoadError::io(path, &error))?;
    let mut found: BTreeMap<String, Vec<(u64, u64)>> = BTreeMap::new();
    for (line, number) in text.lines().zip(1..) {
        if line.trim().is_empty() || ["#", "track", "browser"].iter().any(|start| line.starts_with(start)) {
            continue;
        }
        let bad = || {
            LoadError::line(
                path,
                number,
                "a line of BED is contig, start and end, divided by tabs, with start before end",
            )
        };
        let mut columns = line.split('\t');
        let (Some(contig), Some(start), Some(end)) = (columns.next(), columns.next(), columns.next()) else {
            return Err(bad());
        };
        let (Ok(start), Ok(end)) = (start.parse::<u64>(), end.trim_end().parse::<u64>()) else {
            return Err(bad());
        };
        if start >= end || end > MOST_BASES {
            return Err(bad());
        }
        // BED counts from 0 and leaves the end out.
        found.entry(super::build::contig_name(contig).to_owned()).or_default().push((start + 1, end));
    }
    let joined = found.into_iter().map(|(contig, mut intervals)| {
        intervals.sort_unstable();
        let mut blocks: Vec<Interval> = Vec::new();
        for (start, end) in intervals {
            match blocks.last_mut() {
                Some(last) if start <= last.end + 1 => last.end = last.end.max(end),
                _ => blocks.push(Interval { start, end, covered: Covered::Everyone }),
            }
        }
        (contig, blocks)
    });
    Ok(joined.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(ordinals: &[u32], people: u32) -> Option<Covered> {
        Covered::without((0..people).filter(|ordinal| !ordinals.contains(ordinal)), people as usize)
    }

    fn some(ordinals: &[u32]) -> Covered {
        of(ordinals, 10).expect("somebody")
    }

    fn block(start: u64, end: u64, covered: &Covered) -> Interval {
        Interval { start, end, covered: covered.clone() }
    }

    #[test]
    fn a_plane_has_its_length_and_kind_in_front() {
        assert_eq!(some(&[5]).bytes(), Some(vec![0x06, 0x20]));
        assert_eq!(some(&[0, 9]).bytes(), Some(vec![0x0a, 0x01, 0x02]));
        assert_eq!(Covered::without(std::iter::empty(), 10), Some(Covered::Everyone));
        assert_eq!(Covered::Everyone.bytes(), None);
        assert_eq!(of(&[], 10), None);
        let wide = of(&[511], 4_000).expect("one");
        let head = wide.bytes().map(|bytes| bytes[..2].to_vec());
        assert_eq!(head, Some(vec![0x82, 0x02]), "64 * 4 + 2 in LEB128");
    }

    #[test]
    fn blocks_join_and_split() {
        let (a, b) = (some(&[1]), some(&[2]));
        let mut blocks = Blocks::new(10);
        blocks.add(block(1, 10, &a));
        blocks.add(block(11, 20, &a));
        blocks.add(block(15, 30, &b));
        blocks.add(block(40, 50, &b));
        let expected =
            vec![block(1, 14, &a), block(15, 20, &some(&[1, 2])), block(21, 30, &b), block(40, 50, &b)];
        assert_eq!(blocks.finish(), expected);
    }

    #[test]
    fn a_block_inside_another_splits_it() {
        let (a, b) = (some(&[1]), some(&[2]));
        let mut blocks = Blocks::new(10);
        blocks.add(block(1, 30, &a));
        blocks.add(block(10, 12, &b));
        blocks.add(block(20, 25, &b));
        let both = some(&[1, 2]);
        let expected = vec![
            block(1, 9, &a),
            block(10, 12, &both),
            block(13, 19, &a),
            block(20, 25, &both),
            block(26, 30, &a),
        ];
        assert_eq!(blocks.finish(), expected);
    }
}
