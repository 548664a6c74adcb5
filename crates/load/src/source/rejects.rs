//! Refused records: kept in a file, or collected into the error that ends the load.

use super::error::{LoadError, Problem, TOLD};
use std::fs::File;
use std::io::{BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// Where refused records go: into a file, or, without one, into the error that ends the load.
///
/// The file has a line per record: `file<TAB>line<TAB>reason<TAB>record`; it serves all sources of
/// one command, and holds nothing of a source that was rolled back.
#[derive(Debug, Default)]
pub struct Rejects {
    kept: Option<Kept>,
    problems: Vec<Problem>,
    count: u64,
}

#[derive(Debug)]
struct Kept {
    path: PathBuf,
    writer: BufWriter<File>,
    /// Length at the start of the source.
    start: u64,
}

impl Rejects {
    /// One bad record ends the load of its source.
    pub fn strict() -> Self {
        Self::default()
    }

    /// Bad records are written to `path`, which is made anew, and the others load.
    pub fn to_file(path: &Path) -> Result<Self, LoadError> {
        let file = File::create(path).map_err(|error| LoadError::io(path, &error))?;
        let kept = Kept { path: path.to_owned(), writer: BufWriter::new(file), start: 0 };
        Ok(Self { kept: Some(kept), problems: Vec::new(), count: 0 })
    }

    /// Refuses a record of a line of `file`. An error is the end of this source: the rejects file
    /// cannot be written, or there is none and [`TOLD`] problems have been found.
    pub fn refuse(&mut self, file: &Path, line: u64, reason: &str, record: &[u8]) -> Result<(), LoadError> {
        self.count += 1;
        if let Some(kept) = &mut self.kept {
            let mut text = format!("{}\t{line}\t{reason}\t", file.display()).into_bytes();
            text.extend_from_slice(record);
            text.push(b'\n');
            return kept.writer.write_all(&text).map_err(|error| LoadError::io(&kept.path, &error));
        }
        self.problems.push(Problem { file: file.to_owned(), line: Some(line), reason: reason.to_owned() });
        if self.problems.len() < TOLD { Ok(()) } else { Err(self.take_problems(true)) }
    }

    /// Whether refused records are kept in a file, so that the others load.
    pub fn keeps(&self) -> bool {
        self.kept.is_some()
    }

    /// Records refused since the source began.
    pub fn count(&self) -> u64 {
        self.count
    }

    pub(super) fn begin(&mut self) -> Result<(), LoadError> {
        self.problems.clear();
        self.count = 0;
        if let Some(kept) = &mut self.kept {
            kept.start = kept.writer.stream_position().map_err(|error| LoadError::io(&kept.path, &error))?;
        }
        Ok(())
    }

    /// An error if records were refused that nobody keeps.
    pub(super) fn settle(&mut self) -> Result<(), LoadError> {
        if !self.problems.is_empty() {
            return Err(self.take_problems(false));
        }
        match &mut self.kept {
            Some(kept) => kept.writer.flush().map_err(|error| LoadError::io(&kept.path, &error)),
            None => Ok(()),
        }
    }

    /// Takes back what the source wrote.
    pub(super) fn forget(&mut self) -> std::io::Result<()> {
        self.problems.clear();
        self.count = 0;
        let Some(kept) = &mut self.kept else { return Ok(()) };
        kept.writer.flush()?;
        kept.writer.get_mut().set_len(kept.start)?;
        kept.writer.seek(SeekFrom::Start(kept.start)).map(|_| ())
    }

    fn take_problems(&mut self, stopped: bool) -> LoadError {
        let problems = std::mem::take(&mut self.problems);
        let help = "nothing of this source was loaded; `--rejects FILE` keeps bad records in FILE and loads the others";
        LoadError { problems, stopped, help: Some(help.into()), detail: None }
    }
}
