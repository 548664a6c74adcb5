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
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                fasta::fs::index(path).map_err(fail)?
            }
            Err(error) => return Err(LoadError::file(path, format!("its index cannot be read: {error}"))),
        };
        let contigs = index.as_ref().iter().map(|record| {
            let name = record.name().to_string();
            (contig_name(&name).to_owned(), (name, record.length()))
        });
        let contigs = contigs.collect();
        let reader = fasta::io::indexed_reader::Builder::default()
            .set_index(index)
            .build_from_path(path)
            .map_err(fail)?;
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
        let whole =
            |at: u64| usize::try_from(at).ok().and_then(noodles_core::Position::new).ok_or_else(missing);
        let region = noodles_core::Region::new(name.as_str(), whole(start)?..=whole(end)?);
        let record =
            self.reader.query(&region).map_err(|error| format!("{}: {error}", self.path.display()))?;
        self.held = (contig.to_owned(), start, record.sequence().as_ref().to_vec());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vcf::allele;
    use std::io::Write as _;

    fn shared(file: &str) -> Option<PathBuf> {
        let root = std::env::var("BASEQ_SHARED")
            .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared").into());
        let path = Path::new(&root).join("data/bcftools-test").join(file);
        if path.exists() {
            return Some(path);
        }
        eprintln!("not run: {} is missing", path.display());
        None
    }

    /// Contig, position, reference and alternates of the records of a file.
    fn records(path: &Path) -> Vec<(String, u64, String, Vec<String>)> {
        let text = std::fs::read_to_string(path).expect("readable");
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        let records = lines.map(|line| {
            let columns: Vec<&str> = line.split('\t').collect();
            let alternates = columns[4].split(',').map(str::to_owned).collect();
            (
                columns[0].to_owned(),
                columns[1].parse().expect("a position"),
                columns[3].to_owned(),
                alternates,
            )
        });
        records.collect()
    }

    #[test]
    fn alleles_are_those_that_bcftools_norm_writes() {
        let (Some(fasta), Some(given), Some(expected)) =
            (shared("norm.fa"), shared("norm.split.vcf"), shared("norm.split.and.norm.out"))
        else {
            return;
        };
        // A copy: an index would be made beside the file by some tools, never by this.
        let dir = tempfile::tempdir().expect("a directory");
        let copy = dir.path().join("norm.fa");
        std::fs::copy(fasta, &copy).expect("copied");
        let mut reference = Reference::open(&copy).expect("a reference");
        let mut found = Vec::new();
        for (contig, position, bases, alternates) in records(&given) {
            for alternate in alternates.iter().filter(|alternate| *alternate != ".") {
                let mut base = |at: u64| reference.base(&contig, at);
                let allele =
                    allele::normalise(position, bases.as_bytes(), alternate.as_bytes(), Some(&mut base))
                        .expect("inside");
                found.push(format!("{contig}:{allele}"));
            }
        }
        let mut wanted: Vec<String> = records(&expected)
            .into_iter()
            .filter(|(.., alternates)| alternates[0] != ".")
            .map(|(contig, position, bases, alternates)| {
                format!("{contig}:{position} {bases}>{}", alternates[0])
            })
            .collect();
        found.sort();
        wanted.sort();
        assert!(found.len() > 20);
        assert_eq!(found, wanted);
    }

    #[test]
    fn windows_follow_the_position_and_know_the_end() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("one.fa");
        let mut file = std::fs::File::create(&path).expect("a file");
        writeln!(file, ">chr7 a contig").expect("written");
        for _ in 0..200 {
            writeln!(file, "{}", "acgtACGTNN".repeat(6)).expect("written");
        }
        let mut reference = Reference::open(&path).expect("a reference");
        assert!(reference.has("7") && !reference.has("chr7"));
        for position in [1_u64, 12_000, 5_003, 9, 11_999] {
            let wanted = b"ACGTACGTNN"[usize::try_from((position - 1) % 10).expect("small")];
            assert_eq!(reference.base("7", position), Ok(wanted), "{position}");
        }
        assert!(reference.base("7", 12_001).is_err());
        assert!(reference.base("7", 0).is_err());
        assert!(reference.base("8", 1).is_err());
    }
}
