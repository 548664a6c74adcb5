//! Bases of a reference genome, read from an indexed FASTA file a window at a time.
//!
//! Without a `.fai` beside the file the index is made in memory; nothing is written. Contigs are
//! found under their normalised name, so `chr1` of the file is `1` of the warehouse.

use super::build::contig_name;
use crate::source::LoadError;
use noodles_fasta as fasta;
use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};

/// Bases read at once: a few disk pages, and more than nearly every left shift.
const WINDOW: u64 = 4_096;

/// A FASTA file opened for reading windows.
pub(crate) struct Reference {
    path: PathBuf,
    reader: fasta::io::IndexedReader<fasta::io::BufReader<File>>,
    /// Normalised name, name in the file, length.
    contigs: BTreeMap<String, (String, u64)>,
    /// The window held: contig, first position, bases.
    held: (String, u64, Vec<u8>),
}

impl Reference {
    /// Opens a plain FASTA file, or a BGZF one that has a `.gzi`.
    pub(crate) fn open(path: &Path) -> Result<Self, LoadError> {
        let fail = |error: std::io::Error| LoadError::io(path, &error);
        let index = match fasta::fs::read_associated_index(path) {
            Ok(index) => index,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => fasta::fs::index(path).map_err(fail)?,
            Err(error) => return Err(LoadError::file(path, format!("its index cannot be read: {error}"))),
        };
        let contigs = index.as_ref().iter().map(|record| {
            let name = record.name().to_string();
            (contig_name(&name).to_owned(), (name, record.length()))
        });
        let contigs = contigs.collect();
        let reader = fasta::io::indexed_reader::Builder::default().set_index(index).build_from_path(path).map_err(fail)?;
        Ok(Self { path: path.to_owned(), reader, contigs, held: (String::new(), 1, Vec::new()) })
    }

    /// Whether it has this contig.
    pub(crate) fn has(&self, contig: &str) -> bool {
        self.contigs.contains_key(contig)
    }

    /// The base at a 1-based position, in upper case; an error where there is none.
    pub(crate) fn base(&mut self, contig: &str, position: u64) -> Result<u8, String> {
        if let Some(base) = self.find(contig, position) {
            return Ok(base);
        }
        self.fetch(contig, position)?;
        self.find(contig, position).ok_or_else(|| format!("the reference has no base at {contig}:{position}"))
    }

    fn find(&self, contig: &str, position: u64) -> Option<u8> {
        let (held, start, bases) = &self.held;
        let at = position.checked_sub(*start).and_then(|at| usize::try_from(at).ok())?;
        bases.get(at).filter(|_| held == contig).map(u8::to_ascii_uppercase)
    }

    /// Reads a window that ends a little behind the position: records come in ascending order, and
    /// alignment goes to the left.
    fn fetch(&mut self, contig: &str, position: u64) -> Result<(), String> {
        let missing = || format!("the reference has no base at {contig}:{position}");
        let (name, length) = self.contigs.get(contig).ok_or_else(missing)?;
        if position == 0 || position > *length {
            return Err(missing());
        }
        let start = position.saturating_sub(WINDOW / 2).max(1);
        let end = position.saturating_add(WINDOW / 2).min(*length);
        let whole = |at: u64| usize::try_from(at).ok().and_then(noodles_core::Position::new).ok_or_else(missing);
        let region = noodles_core::Region::new(name.as_str(), whole(start)?..=whole(end)?);
        let record = self.reader.query(&region).map_err(|error| format!("{}: {error}", self.path.display()))?;
        self.held = (contig.to_owned(), start, record.sequence().as_ref().to_vec());
        Ok(())
    }
}

