//! What every loader shares: the transaction of one source, its hash, the log that makes loading
//! idempotent, refused records, progress, and the error that names file, line and reason.
//!
//! A source is loaded whole or not at all. Its hash is taken from the bytes of its files before a
//! row is written, so that a load that was interrupted is repeated and one that was not is skipped.
//! What the rows are is the business of the loader that calls [`transact`].

mod error;
mod rejects;

pub use error::{LoadError, Problem, TOLD};
pub use rejects::Rejects;

use crate::schema;
use engine::Store;
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

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

/// What one source came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The kind of source: `vcf`, `pedigree`.
    pub kind: String,
    /// Its name, usually that of its file.
    pub name: String,
    /// SHA-256 of its bytes in hexadecimal.
    pub hash: String,
    /// Rows written to all tables.
    pub rows: u64,
    /// Records refused and kept in the rejects file.
    pub rejected: u64,
    /// Whether the same bytes had been loaded before, so that nothing was done.
    pub already: bool,
    /// Sentences for the person who loads: what was decided where the source left a choice.
    pub notes: Vec<String>,
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
        hash: source.hash.clone(),
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
