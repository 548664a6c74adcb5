//! The people of a call set: the order of their ordinals, and their rows in the warehouse.
//!
//! Samples written with one copy on X come first, so that a packed record says "one copy" in one run
//! (genotypes.md, section 1). That is known where one of the files begins on X, as files per
//! chromosome do; its first genotypes outside the pseudo-autosomal regions tell. Otherwise, and for
//! files over all chromosomes, the order is that of the file.

use super::batch::{Columns, texts};
use super::build::{Build, contig_name};
use super::calls::{MoreCopies, Reader};
use super::header::{self, Header};
use super::read::Lines;
use super::tables::Writer;
use crate::source::{LoadError, Silent};
use std::collections::BTreeSet;
use std::path::Path;

/// How many unknown samples an error names.
const NAMED: usize = 5;
/// How many records on X are looked at for genotypes outside the pseudo-autosomal regions.
const LOOKED_AT: usize = 200_000;

/// Which sample has which ordinal.
#[derive(Debug)]
pub(crate) struct Order {
    /// Columns (from 0) by ordinal, where they differ.
    columns: Option<Vec<usize>>,
    /// Ordinals by column.
    ordinals: Option<Vec<u32>>,
}

impl Order {
    /// Sample names by ordinal.
    pub(crate) fn samples<'a>(&self, names: &'a [String]) -> Vec<&'a str> {
        match &self.columns {
            None => names.iter().map(String::as_str).collect(),
            Some(columns) => columns.iter().filter_map(|at| names.get(*at)).map(String::as_str).collect(),
        }
    }

    /// The ordinal of each column, where they differ.
    pub(crate) fn ordinals(&self) -> Option<&[u32]> {
        self.ordinals.as_deref()
    }
}

/// The order of the samples of a call set, looking into its files for one that begins on X.
pub(crate) fn order<'a>(
    files: impl Iterator<Item = &'a Path>,
    header: &Header,
    build: Build,
) -> Result<Order, LoadError> {
    let mut single: BTreeSet<usize> = BTreeSet::new();
    for file in files {
        single = of_file(file, header, build)?;
        if !single.is_empty() {
            break;
        }
    }
    if single.is_empty() {
        return Ok(Order { columns: None, ordinals: None });
    }
    let others = (0..header.samples.len()).filter(|at| !single.contains(at));
    let columns: Vec<usize> = single.iter().copied().chain(others).collect();
    let mut ordinals = vec![0; columns.len()];
    for (column, ordinal) in columns.iter().zip(0..) {
        ordinals[*column] = ordinal;
    }
    Ok(Order { columns: Some(columns), ordinals: Some(ordinals) })
}

/// Columns with one copy in the first record of X outside its pseudo-autosomal regions; none where
/// the file begins elsewhere. Bad records are passed over here and refused later.
fn of_file(path: &Path, header: &Header, build: Build) -> Result<BTreeSet<usize>, LoadError> {
    let mut lines = Lines::open(path, &Silent)?;
    header::read(&mut lines)?;
    let mut reader = Reader::new(header, MoreCopies::Missing);
    for _ in 0..LOOKED_AT {
        if !lines.next()? {
            break;
        }
        let mut columns = lines.line().splitn(10, |c| *c == b'\t');
        let contig = columns.next().and_then(|text| std::str::from_utf8(text).ok()).unwrap_or("");
        if contig_name(contig) != "X" {
            break;
        }
        let position =
            columns.next().and_then(|text| std::str::from_utf8(text).ok()).and_then(|text| text.parse().ok());
        let alternates = columns.nth(2).map_or(0, |alt| alt.split(|c| *c == b',').count());
        let (format, samples) = (columns.nth(3), columns.next());
        let (Some(position), Some(format), Some(samples)) = (position, format, samples) else { continue };
        let has_genotypes = format == b"GT" || format.starts_with(b"GT:");
        if build.in_par_of_x(position) || !has_genotypes {
            continue;
        }
        if reader.read(header, format, samples, alternates).is_ok() {
            return Ok(reader
                .calls
                .iter()
                .filter(|call| call.is_single())
                .map(|call| call.column as usize)
                .collect());
        }
    }
    Ok(BTreeSet::new())
}

/// Sees that every sample has a row: makes the missing ones with `create`, refuses them otherwise.
pub(crate) fn settle(
    writer: &mut Writer<'_>,
    path: &Path,
    samples: &[String],
    create: bool,
    notes: &mut Vec<String>,
) -> Result<(), LoadError> {
    let known: BTreeSet<String> = writer.texts("select sample_id from sample")?.into_iter().collect();
    let missing: Vec<&str> =
        samples.iter().map(String::as_str).filter(|name| !known.contains(*name)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    if !create {
        let more = if missing.len() > NAMED {
            format!(" and {} more", missing.len() - NAMED)
        } else {
            String::new()
        };
        let names = missing.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
        let reason = format!("the warehouse does not know the samples {names}{more}");
        let help = "load the pedigree or the biosamples first, or pass `--create-samples`, which makes a sample and a \
                    subject of the same id for each";
        return Err(LoadError::file(path, reason).with_help(help));
    }
    let subjects: BTreeSet<String> = writer.texts("select subject_id from subject")?.into_iter().collect();
    let new: Vec<&str> = missing.iter().copied().filter(|name| !subjects.contains(*name)).collect();
    let mut rows = Columns::new(new.len());
    rows.put("subject_id", texts(new.iter().copied().map(Some)));
    rows.put("sex", texts(new.iter().map(|_| Some("unknown"))));
    writer.append("subject", &rows)?;
    let mut rows = Columns::new(missing.len());
    rows.put("sample_id", texts(missing.iter().copied().map(Some)));
    rows.put("subject_id", texts(missing.iter().copied().map(Some)));
    writer.append("sample", &rows)?;
    notes.push(format!("{} samples and {} subjects were made, of unknown sex", missing.len(), new.len()));
    Ok(())
}
