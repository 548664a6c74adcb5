//! What every loader shares: the transaction of one source, its hash, the log that makes loading
//! idempotent, refused records, progress, and the error that names file, line and reason.
//!
//! A source is loaded whole or not at all. Its hash is taken from the bytes of its files before a
//! row is written, so that a load that was interrupted is repeated and one that was not is skipped.
//! What the rows are is the business of the loader that calls [`transact`].

use crate::schema;
use engine::Store;
use sha2::{Digest, Sha256};
use std::fmt::{self, Write as _};
use std::fs::File;
use std::io::{BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// How many problems of one source are told; the rest are counted.
pub const TOLD: usize = 20;

/// Told how far a load has come; a progress bar is one of these.
pub trait Progress {
    /// A source of `bytes` bytes begins.
    fn start(&self, source: &str, bytes: u64);
    /// `bytes` more bytes of it have been read.
    fn advance(&self, bytes: u64);
    /// It is done, well or not.
    fn finish(&self);
}

/// Tells nobody.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Progress for Silent {
    fn start(&self, _: &str, _: u64) {}
    fn advance(&self, _: u64) {}
    fn finish(&self) {}
}

/// One thing that is wrong with a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file, as the caller named it.
    pub file: PathBuf,
    /// Its line, from 1, where the problem belongs to one.
    pub line: Option<u64>,
    /// A sentence without a full stop.
    pub reason: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        write!(f, ": {}", self.reason)
    }
}

/// Why nothing of a source was loaded: at least one problem, at most [`TOLD`].
#[derive(Clone, Debug)]
pub struct LoadError {
    /// The problems in the order found.
    pub problems: Vec<Problem>,
    /// Whether reading stopped at the last of them, so that there may be more.
    pub stopped: bool,
    /// What to do about it, where that can be said.
    pub help: Option<String>,
    /// The engine's own words, which may carry data; for a steward-only log.
    pub detail: Option<String>,
}

impl LoadError {
    /// An error that belongs to a whole file.
    pub fn file(file: &Path, reason: impl Into<String>) -> Self {
        Self::problem(file, None, reason)
    }

    /// An error at a line, from 1.
    pub fn line(file: &Path, line: u64, reason: impl Into<String>) -> Self {
        Self::problem(file, Some(line), reason)
    }

    /// A file that cannot be opened, read or written.
    pub fn io(file: &Path, error: &std::io::Error) -> Self {
        Self::file(file, error.to_string())
    }

    /// The engine refused.
    pub fn engine(file: &Path, error: engine::Error) -> Self {
        let mut made = Self::file(file, error.message);
        made.detail = Some(error.detail);
        made
    }

    /// The same error with advice.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    fn problem(file: &Path, line: Option<u64>, reason: impl Into<String>) -> Self {
        let problem = Problem { file: file.to_owned(), line, reason: reason.into() };
        Self { problems: vec![problem], stopped: false, help: None, detail: None }
    }
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, problem) in self.problems.iter().enumerate() {
            if at > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{problem}")?;
        }
        if self.stopped {
            f.write_str("\nthere may be more: reading stopped here")?;
        }
        if let Some(help) = &self.help {
            write!(f, "\nhelp: {help}")?;
        }
        Ok(())
    }
}

impl std::error::Error for LoadError {}

/// What one source came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The kind of source: `vcf`, `pedigree`.
    pub kind: String,
    /// Its name, usually that of its file.
    pub name: String,
    /// Rows written to all tables.
    pub rows: u64,
    /// Records refused and kept in the rejects file.
    pub rejected: u64,
    /// Whether the same bytes had been loaded before, so that nothing was done.
    pub already: bool,
    /// Sentences for the person who loads: what was decided where the source left a choice.
    pub notes: Vec<String>,
}

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

    fn begin(&mut self) -> Result<(), LoadError> {
        self.problems.clear();
        self.count = 0;
        if let Some(kept) = &mut self.kept {
            kept.start = kept.writer.stream_position().map_err(|error| LoadError::io(&kept.path, &error))?;
        }
        Ok(())
    }

    /// An error if records were refused that nobody keeps.
    fn settle(&mut self) -> Result<(), LoadError> {
        if !self.problems.is_empty() {
            return Err(self.take_problems(false));
        }
        match &mut self.kept {
            Some(kept) => kept.writer.flush().map_err(|error| LoadError::io(&kept.path, &error)),
            None => Ok(()),
        }
    }

    /// Takes back what the source wrote.
    fn forget(&mut self) -> std::io::Result<()> {
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

/// Bytes that are loaded together: one file, or several that make one thing.
#[derive(Clone, Debug)]
pub struct Source {
    /// `vcf`, `pedigree`, ...
    pub kind: &'static str,
    /// What people call it.
    pub name: String,
    /// Its first file, for errors that belong to none in particular.
    pub path: PathBuf,
    /// SHA-256 of its bytes in hexadecimal; see [`hash_file`] and [`hash_all`].
    pub hash: String,
}

impl Source {
    /// The source that is one file; reads it once for its hash.
    pub fn file(kind: &'static str, path: &Path) -> Result<Self, LoadError> {
        let name = path
            .file_name()
            .map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned());
        Ok(Self { kind, name, path: path.to_owned(), hash: hash_file(path)? })
    }
}

/// What the rows of a source came to; `run` of [`transact`] gives it back.
#[derive(Clone, Debug, Default)]
pub struct Written {
    /// Rows written to all tables.
    pub rows: u64,
    /// See [`Report::notes`].
    pub notes: Vec<String>,
}

/// Loads one source whole or not at all, once.
///
/// Where the log has its hash under its kind, nothing is done. Otherwise `run` writes its rows
/// inside a transaction, which is committed with a line in the log; any error, and any refused
/// record that no rejects file keeps, rolls everything back. The tables must exist
/// ([`schema::create_tables`]).
pub fn transact<S: Store + ?Sized>(
    store: &mut S,
    source: &Source,
    rejects: &mut Rejects,
    run: impl FnOnce(&mut S, &mut Rejects) -> Result<Written, LoadError>,
) -> Result<Report, LoadError> {
    let fail = |error| LoadError::engine(&source.path, error);
    let mut report = Report {
        kind: source.kind.into(),
        name: source.name.clone(),
        rows: 0,
        rejected: 0,
        already: true,
        notes: Vec::new(),
    };
    if is_loaded(store, source.kind, &source.hash).map_err(fail)? {
        return Ok(report);
    }
    rejects.begin()?;
    store.begin().map_err(fail)?;
    let done = run(store, rejects).and_then(|written| {
        rejects.settle()?;
        log(store, source, source.kind, &written, rejects.count()).map_err(fail)?;
        store.commit().map_err(fail)?;
        Ok(written)
    });
    match done {
        Ok(written) => {
            report.rows = written.rows;
            report.notes = written.notes;
            report.rejected = rejects.count();
            report.already = false;
            Ok(report)
        }
        Err(mut error) => {
            // The first error is the one to tell; a failed rollback is added to it.
            if let Err(second) = store.rollback() {
                error.problems.push(Problem {
                    file: source.path.clone(),
                    line: None,
                    reason: second.message,
                });
            }
            if let Err(second) = rejects.forget() {
                error.problems.push(Problem {
                    file: source.path.clone(),
                    line: None,
                    reason: second.to_string(),
                });
            }
            Err(error)
        }
    }
}

/// Whether the log has bytes of this hash under this kind.
pub fn is_loaded<S: Store + ?Sized>(store: &mut S, kind: &str, hash: &str) -> engine::Result<bool> {
    let sql = format!(
        "select 1 from {} where kind = {} and source_hash = {}",
        schema::LOAD_LOG,
        schema::literal(kind),
        schema::literal(hash)
    );
    Ok(store.query(&sql)?.iter().any(|batch| batch.num_rows() > 0))
}

/// Writes the files of a source of several files into the log, so that none of them is loaded again
/// alone or with others; inside the transaction of the source. A file that was is an error.
pub fn claim_parts<'a, S: Store + ?Sized>(
    store: &mut S,
    source: &Source,
    files: impl Iterator<Item = (&'a Path, &'a str)>,
) -> Result<(), LoadError> {
    let part = format!("{} part", source.kind);
    for (path, hash) in files {
        let fail = |error| LoadError::engine(path, error);
        if hash != source.hash && is_loaded(store, source.kind, hash).map_err(fail)?
            || is_loaded(store, &part, hash).map_err(fail)?
        {
            return Err(LoadError::file(
                path,
                "this file was loaded before, alone or together with other files",
            ));
        }
        if hash != source.hash {
            let written = Written::default();
            let name = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
            let file = Source { kind: source.kind, name, path: path.to_owned(), hash: hash.to_owned() };
            log(store, &file, &part, &written, 0).map_err(fail)?;
        }
    }
    Ok(())
}

fn log<S: Store + ?Sized>(
    store: &mut S,
    source: &Source,
    kind: &str,
    written: &Written,
    rejected: u64,
) -> engine::Result<()> {
    let now = jiff::Timestamp::now().strftime("%Y-%m-%d %H:%M:%S");
    store.execute(&format!(
        "insert into {} values ({}, {}, {}, timestamp '{now}', {}, {rejected})",
        schema::LOAD_LOG,
        schema::literal(&source.hash),
        schema::literal(kind),
        schema::literal(&source.name),
        written.rows
    ))
}

/// SHA-256 of the bytes of a file, in hexadecimal. Reads it in pieces.
pub fn hash_file(path: &Path) -> Result<String, LoadError> {
    let mut file = File::open(path).map_err(|error| LoadError::io(path, &error))?;
    let mut hash = Sha256::new();
    let mut piece = vec![0; 1 << 18];
    loop {
        match file.read(&mut piece) {
            Ok(0) => return Ok(hexadecimal(&hash.finalize())),
            Ok(length) => hash.update(&piece[..length]),
            Err(error) => return Err(LoadError::io(path, &error)),
        }
    }
}

/// The hash of several hashes in their order, for a source of several files.
pub fn hash_all<'a>(hashes: impl IntoIterator<Item = &'a str>) -> String {
    let mut all = Sha256::new();
    for hash in hashes {
        all.update(hash.as_bytes());
        all.update(b"\n");
    }
    hexadecimal(&all.finalize())
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(64), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
