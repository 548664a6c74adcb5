//! Packed genotypes: the calls of all people of a call set at one allele, in a few bytes.
//!
//! A record says who is heterozygous, who carries the allele on every known copy, of whom nothing is known and
//! of whom one copy only ([`encode`], [`Record`]). It is counted against a cohort, which is a pair of
//! bit planes ([`Mask`], [`count`]), in groups ([`count_groups`]), searched for carriers ([`carriers`]) and for
//! one person's call ([`Record::call`]). `/design/genotypes.md` sections 2 and 3 give the bytes and the formulas.
//!
//! Nothing here reads a file or knows an engine, and nothing panics, loops or reads outside on any bytes:
//! what cannot be a record is a [`Fault`]. Ordinals count the people of a call set from 0.

mod check;
mod count;
mod encode;
mod groups;
mod mask;
mod people;
mod record;
mod set;

pub use check::{check, decode};
pub use count::{Cohort, Counts, Scratch, count};
pub use encode::encode;
pub use groups::{Groups, MOST_GROUPS, count_groups, slots};
pub use mask::{Mask, plane};
pub use people::{Carriers, carriers};
pub use record::Record;
pub use set::{Kind, Set};

use std::fmt;

/// Two known alleles, none is this one.
pub const REF: u8 = 0;
/// Two known alleles, one is this one.
pub const HET: u8 = 1;
/// Two known alleles, both are this one.
pub const ALT: u8 = 2;
/// No allele is known.
pub const MISSING: u8 = 3;
/// One known allele, and it is not this one.
pub const ONE_REF: u8 = 4;
/// One known allele, and it is this one.
pub const ONE_ALT: u8 = 5;

/// Why bytes are no record, or calls make none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// There are no bytes, or the first has a bit that means nothing.
    Head,
    /// A length is cut off, is longer than what follows, or leaves bytes over.
    Length,
    /// A set that is stored has no member, or ends in bytes that name none.
    Empty,
    /// A person beyond the people of the call set.
    Beyond,
    /// A person in two sets of which one may be in one only.
    Overlap,
    /// Calls do not come in ascending order of people, each once.
    Order,
    /// A call that is none of the six.
    Code,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Fault::Head => "the first byte is not that of a genotype record",
            Fault::Length => "a length does not fit the bytes of the genotype record",
            Fault::Empty => "a set of the genotype record has no members",
            Fault::Beyond => "the genotype record speaks of more people than its call set has",
            Fault::Overlap => "a person has two calls in the genotype record",
            Fault::Order => "calls are not in the order of people",
            Fault::Code => "a call is none of the six that there are",
        })
    }
}

impl std::error::Error for Fault {}
