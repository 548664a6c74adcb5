//! Counts of a record over a cohort (genotypes.md section 3).
//!
//! A cohort is two disjoint sets: people with two and with one expected copy at the place of the allele.
//! Nearly all records say nothing of half and haploid calls; those take three intersections for each of
//! the two sets. The others are laid out as words and counted together.

use crate::mask::{Mask, fill};
use crate::record::Record;

/// Who is counted.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cohort<'a> {
    /// People with two expected copies.
    pub two: Mask<'a>,
    /// People with one.
    pub one: Mask<'a>,
}

/// Counts of one allele in one cohort; what they mean stands in language.md section 4.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Counts {
    /// Copies of the allele.
    pub ac: u32,
    /// Known alleles.
    pub an: u32,
    /// People with one copy of two known.
    pub het: u32,
    /// People with two copies.
    pub hom: u32,
    /// People with the one copy that is expected of them.
    pub hemi: u32,
    /// People without a full call.
    pub missing: u32,
}

/// Words that records are laid out in, kept from one to the next.
#[derive(Clone, Debug, Default)]
pub struct Scratch {
    pub(crate) het: Vec<u64>,
    pub(crate) flip: Vec<u64>,
    pub(crate) miss: Vec<u64>,
    pub(crate) single: Vec<u64>,
}

impl Scratch {
    /// Lays out the sets of a record.
    pub(crate) fn lay_out(&mut self, record: &Record<'_>, words: usize) {
        let sets = [
            (&mut self.het, record.het),
            (&mut self.flip, record.flip),
            (&mut self.miss, record.miss),
            (&mut self.single, record.single),
        ];
        for (words_of, set) in sets {
            words_of.resize(words, 0);
            fill(set, words_of);
        }
    }
}

/// How many of a part of a cohort are in each class.
#[derive(Clone, Copy, Default)]
pub(crate) struct Classes {
    pub(crate) people: u64,
    pub(crate) het: u64,
    pub(crate) alt: u64,
    pub(crate) miss: u64,
    /// With one known allele, and those of them who have this one; only of people with two copies.
    pub(crate) single: u64,
    pub(crate) single_alt: u64,
}

impl Classes {
    /// Of a record without half or haploid calls.
    pub(crate) fn plain(major: bool, people: u64, het: u64, flip: u64, miss: u64) -> Self {
        let alt =
            if major { people.saturating_sub(het).saturating_sub(miss).saturating_sub(flip) } else { flip };
        Self { people, het, alt, miss, single: 0, single_alt: 0 }
    }
}

/// The formulas of section 3; bytes that are no record may contradict themselves, so nothing goes below 0.
pub(crate) fn formulas(two: Classes, one: Classes) -> Counts {
    let hom = two.alt.saturating_sub(two.single_alt);
    let ac = (two.het + 2 * two.alt + one.alt).saturating_sub(two.single_alt);
    let an = (2 * two.people + one.people).saturating_sub(2 * two.miss + two.single + one.miss + one.het);
    let missing = two.miss + two.single + one.miss + one.het;
    let short = |count: u64| u32::try_from(count).unwrap_or(u32::MAX);
    Counts {
        ac: short(ac),
        an: short(an),
        het: short(two.het),
        hom: short(hom),
        hemi: short(one.alt),
        missing: short(missing),
    }
}

/// Counts a record in a cohort.
#[inline]
pub fn count(record: &Record<'_>, cohort: &Cohort<'_>, scratch: &mut Scratch) -> Counts {
    if record.single.is_some() {
        let words = cohort.two.words().max(cohort.one.words());
        scratch.lay_out(record, words);
        return count_laid_out(record.major, cohort, scratch);
    }
    let of = |mask: &Mask<'_>| {
        if mask.is_empty() {
            return Classes::default();
        }
        let (het, flip, miss) = (mask.common(record.het), mask.common(record.flip), mask.common(record.miss));
        Classes::plain(record.major, mask.count, het, flip, miss)
    };
    formulas(of(&cohort.two), of(&cohort.one))
}

/// Counts what lies in the scratch.
pub(crate) fn count_laid_out(major: bool, cohort: &Cohort<'_>, scratch: &Scratch) -> Counts {
    let mut two = Classes { people: cohort.two.count, ..Classes::default() };
    let mut one = Classes { people: cohort.one.count, ..Classes::default() };
    let ones = |bits: u64| u64::from(bits.count_ones());
    let sets = scratch.het.iter().zip(&scratch.flip).zip(&scratch.miss).zip(&scratch.single);
    for (at, (((het, flip), miss), single)) in sets.enumerate() {
        let alt = if major { !(het | flip | miss) } else { *flip };
        let (in_two, in_one) = (cohort.two.word(at), cohort.one.word(at));
        let half = single & in_two & !miss;
        two.het += ones(het & in_two);
        two.alt += ones(alt & in_two);
        two.miss += ones(miss & in_two);
        two.single += ones(half);
        two.single_alt += ones(half & alt);
        one.het += ones(het & in_one);
        one.alt += ones(alt & in_one);
        one.miss += ones(miss & in_one);
    }
    formulas(two, one)
}
