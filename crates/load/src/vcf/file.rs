//! The records of one file, one after the other, into the rows of its call set.
//!
//! A record is read whole before anything of it is kept, so a refused one leaves nothing behind.
//! A repeated allele is refused, after trimming and alignment: the first record of it counts. A
//! position may repeat with different alleles (chr22 of the 1000 Genomes Project has seven). Where
//! REF, ALT and END do not say all (`<INS>`, `*`, breakends), repeats are alleles of their own.

use super::allele::{self, Allele, Alternate, Kind};
use super::build::Build;
use super::calls::Reader;
use super::coverage::{Blocks, Covered, Interval};
use super::effects::{Annotations, Effect};
use super::header::{self, Header};
use super::meta::Version;
use super::read::Lines;
use super::record::{Checks, Record};
use super::reference::Reference;
use super::tables::{Site, Writer};
use super::values::integer;
use super::{Declared, VcfOptions};
use crate::source::{LoadError, Progress, Rejects};
use std::path::Path;

/// What is needed to load one file of a call set.
pub(crate) struct FileLoad<'a, 'w> {
    pub path: &'a Path,
    pub header: &'a Header,
    pub build: Build,
    pub options: &'a VcfOptions<'a>,
    pub reference: Option<&'a mut Reference>,
    /// Ordinals by column, where they differ.
    pub ordinals: Option<&'a [u32]>,
    pub writer: &'a mut Writer<'w>,
    pub rejects: &'a mut Rejects,
}

/// Why a record makes no rows.
enum Stop {
    /// It is bad.
    Record(String),
    /// Nothing more can be loaded.
    Load(LoadError),
}

impl From<String> for Stop {
    fn from(reason: String) -> Self {
        Stop::Record(reason)
    }
}

impl From<LoadError> for Stop {
    fn from(error: LoadError) -> Self {
        Stop::Load(error)
    }
}

impl FileLoad<'_, '_> {
    /// Loads the file; gives how many calls of more than two copies were kept as missing.
    pub(crate) fn run(&mut self, progress: &dyn Progress) -> Result<u64, LoadError> {
        let mut lines = Lines::open(self.path, progress)?;
        header::read(&mut lines)?;
        let no_terms = |_: &str| None;
        let terms = self.options.terms.unwrap_or(&no_terms);
        let annotations =
            Annotations::new(self.header, terms).map_err(|reason| LoadError::file(self.path, reason))?;
        let mut checks = Checks::new(self.header, self.build);
        let mut reader = Reader::new(self.header, self.options.more_copies);
        let mut blocks = Blocks::new(self.header.samples.len());
        let mut contig = String::new();
        while lines.next()? {
            let line = lines.line();
            let done = match checks.read(line) {
                Ok(record) => {
                    if record.contig != contig {
                        self.leave(&contig, &mut blocks)?;
                        record.contig.clone_into(&mut contig);
                        self.declare(&contig, checks.length(&contig))?;
                    }
                    self.record(&record, &annotations, &mut reader, &mut blocks)
                }
                Err(reason) => Err(Stop::Record(reason)),
            };
            match done {
                Ok(()) => {}
                Err(Stop::Record(reason)) => self.rejects.refuse(self.path, lines.number(), &reason, line)?,
                Err(Stop::Load(error)) => return Err(error),
            }
        }
        self.leave(&contig, &mut blocks)?;
        // Asked for by the conformance files of 4.3, not kept by those of 4.5.
        if self.header.version == Version::V43 && !lines.ended() {
            let reason = "the last line does not end in a line feed; the file may be cut off";
            return Err(LoadError::line(self.path, lines.number(), reason));
        }
        Ok(reader.many)
    }

    fn record(
        &mut self,
        record: &Record<'_>,
        annotations: &Annotations<'_>,
        reader: &mut Reader,
        blocks: &mut Blocks,
    ) -> Result<(), Stop> {
        self.check_reference(record)?;
        match record.samples {
            Some((format, samples)) => reader.read(self.header, format, samples, record.alternates.len())?,
            None => reader.calls.clear(),
        }
        let effects =
            annotations.read(record.info.ann, record.info.csq, record.reference, &record.alternates)?;
        let alleles = self.alleles(record)?;
        self.check_repeats(record.contig, &alleles)?;
        // From here on the record is good.
        let site = Site { filter: record.filter, quality: record.quality, name: record.name };
        for (number, allele) in alleles {
            let at =
                self.writer.allele(record.contig, allele, &site, number, &reader.calls, self.ordinals)?;
            let of_it = |effect: &&Effect| effect.alternate + 1 == usize::from(number);
            for effect in effects.iter().filter(of_it) {
                self.writer.effect(at, effect.clone());
            }
        }
        self.cover(record, reader, blocks);
        if blocks.done.len() > 1_024 {
            let done = std::mem::take(&mut blocks.done);
            self.writer.coverage(record.contig, done)?;
        }
        Ok(())
    }

    fn check_reference(&mut self, record: &Record<'_>) -> Result<(), String> {
        let Some(reference) = &mut self.reference else { return Ok(()) };
        if !reference.has(record.contig) {
            return Err(format!("the reference has no contig {}", record.contig));
        }
        // Position 0 is a telomere: it has no base.
        for (base, at) in record.reference.iter().zip(record.position..).filter(|(_, at)| *at > 0) {
            let wanted = reference.base(record.contig, at)?;
            // Where the reference has an ambiguity code, VCF has one of its bases, or N.
            if !base.eq_ignore_ascii_case(&wanted) && b"ACGT".contains(&wanted) {
                let (base, wanted) = (char::from(*base), char::from(wanted));
                return Err(format!("REF has {base} at {}:{at}, the reference {wanted}", record.contig));
            }
        }
        Ok(())
    }

    /// The alleles of a record with their numbers in ALT, from 1.
    fn alleles(&mut self, record: &Record<'_>) -> Result<Vec<(u16, Allele)>, String> {
        let mut alleles = Vec::with_capacity(record.alternates.len());
        for (at, alternate) in record.alternates.iter().enumerate() {
            let number = u16::try_from(at + 1).map_err(|_| "ALT has too many alleles".to_owned())?;
            let last = record.position + record.reference.len() as u64 - 1;
            let allele = match *alternate {
                Alternate::Unspecified => continue,
                Alternate::Star => allele::as_written(
                    record.position,
                    record.reference,
                    b"*",
                    last,
                    Kind::OverlappingDeletion,
                ),
                Alternate::Symbolic(text) => {
                    let length = length(record.info.lengths, at);
                    let end = allele::symbolic_end(
                        record.position,
                        record.reference,
                        text,
                        record.info.end,
                        length,
                    );
                    if end < record.position {
                        return Err(format!("END {end} lies before POS {}", record.position));
                    }
                    allele::as_written(record.position, record.reference, text, end, Kind::Symbolic)
                }
                Alternate::Bases(bases) => self.aligned(record, bases)?,
            };
            alleles.push((number, allele));
        }
        Ok(alleles)
    }

    fn aligned(&mut self, record: &Record<'_>, bases: &[u8]) -> Result<Allele, String> {
        match &mut self.reference {
            Some(reference) if record.position > 0 => {
                let mut base = |at: u64| reference.base(record.contig, at);
                allele::normalise(record.position, record.reference, bases, Some(&mut base))
            }
            Some(_) | None => allele::normalise(record.position, record.reference, bases, None),
        }
    }

    fn check_repeats(&mut self, contig: &str, alleles: &[(u16, Allele)]) -> Result<(), Stop> {
        for (at, (_, allele)) in alleles.iter().enumerate() {
            let before = self.writer.repeats(contig, allele)? > 0
                || alleles[..at].iter().any(|(_, other)| other == allele);
            if before && allele.kind.is_exact() {
                return Err(Stop::Record(format!("the allele {contig}:{allele} stands in the file before")));
            }
        }
        Ok(())
    }

    /// Takes what a reference block, or a record of a gVCF, says of who is covered.
    fn cover(&self, record: &Record<'_>, reader: &Reader, blocks: &mut Blocks) {
        let declared = self.options.covered != Declared::Nowhere;
        let open = record.alternates.contains(&Alternate::Unspecified);
        if declared || record.samples.is_none() || !(open || record.alternates.is_empty()) {
            return;
        }
        let block = record.alternates.iter().all(|one| *one == Alternate::Unspecified);
        let last = record.position + record.reference.len() as u64 - 1;
        let end = record.info.end.filter(|end| block && *end >= record.position).unwrap_or(last);
        let ordinal =
            |column: u32| self.ordinals.and_then(|all| all.get(column as usize)).copied().unwrap_or(column);
        // In a block people are covered where they are called reference; beside a variant, where
        // they are called at all: their copies of any further allele are then known to be none.
        let left_out =
            reader.calls.iter().filter(|call| if block { !call.is_reference() } else { !call.is_full() });
        let people = self.header.samples.len();
        if let Some(covered) = Covered::without(left_out.map(|call| ordinal(call.column)), people) {
            blocks.add(Interval { start: record.position.max(1), end, covered });
        }
    }

    /// No record of a contig comes any more.
    fn leave(&mut self, contig: &str, blocks: &mut Blocks) -> Result<(), LoadError> {
        let done = blocks.finish();
        self.writer.coverage(contig, done)
    }

    /// Covers a contig for everyone where the person who loads said so.
    fn declare(&mut self, contig: &str, length: Option<u64>) -> Result<(), LoadError> {
        if self.options.covered != Declared::Everywhere {
            return Ok(());
        }
        let Some(end) = length else {
            let reason = format!(
                "the length of contig {contig} is not known; give the covered intervals in a BED file"
            );
            return Err(LoadError::file(self.path, reason));
        };
        self.writer.coverage(contig, vec![Interval { start: 1, end, covered: Covered::Everyone }])
    }
}

/// The length of an alternate, of one for all or one for each.
fn length(lengths: Option<&[u8]>, at: usize) -> Option<i64> {
    let all: Vec<&[u8]> = lengths?.split(|c| *c == b',').collect();
    let one = if let [one] = all.as_slice() { one } else { all.get(at)? };
    integer(one)
}
