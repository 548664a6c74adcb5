//! Reading the log and finding what was done to it.
//!
//! The log is read line by line, so that its length does not matter. Of a record only its frame is
//! looked at here (sequence, hashes, what kind of entry it is); [`records`] reads the rest.

use crate::canonical;
use crate::checkpoint::Checkpoint;
use crate::error::Error;
use crate::log::{NO_HASH, bare_hash};
use crate::record::Record;
use serde::Deserialize;
use serde::de::IgnoredAny;
use std::collections::BTreeSet;
use std::fmt;
use std::io::{BufRead, BufReader, Read as _};
use std::path::Path;

/// A log in which nothing was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// Its end, which can be kept as a checkpoint.
    pub end: Checkpoint,
    /// Sequences of intents without an outcome: runs that go on, or were killed.
    pub open: Vec<u64>,
}

/// What is wrong with a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Damage {
    /// The line is not a record, or not written as records are: a byte was changed.
    NotARecord,
    /// The last line has no end: the file was cut within a record.
    CutLine,
    /// The sequence does not follow the one before: records were dropped, added or swapped.
    Sequence,
    /// The line does not hold the hash of the line before, which was changed or exchanged.
    Chain,
    /// An outcome without its intent, or a second one.
    Outcome,
    /// The record of the checkpoint is not there: the log was cut.
    Truncated,
    /// The record of the checkpoint is another one: the log was written anew.
    Rewritten,
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Damage::NotARecord => "is not a record as it was written; a byte was changed",
            Damage::CutLine => "has no end; the file was cut within it",
            Damage::Sequence => "does not follow the line before; records were dropped, added or swapped",
            Damage::Chain => "does not hold the hash of the line before, which was changed or exchanged",
            Damage::Outcome => "is an outcome without its intent, or a second one",
            Damage::Truncated => "and later lines are missing; the log ends before the checkpoint",
            Damage::Rewritten => "is not the record of the checkpoint; the log was written anew",
        })
    }
}

/// Why a log is not as it was written.
#[derive(Debug)]
pub enum VerifyError {
    /// It cannot be read.
    File(Error),
    /// It was changed; the first place where that shows.
    Damaged(DamagedLine),
}

/// The first line at which a log is not as it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DamagedLine {
    /// The line, from 1.
    pub line: u64,
    /// What is wrong.
    pub damage: Damage,
}

impl fmt::Display for VerifyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            VerifyError::File(error) => error.fmt(f),
            VerifyError::Damaged(DamagedLine { line, damage }) => {
                write!(f, "line {line} of the audit log {damage}")
            }
        }
    }
}

impl std::error::Error for VerifyError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            VerifyError::File(error) => Some(error),
            VerifyError::Damaged(_) => None,
        }
    }
}

/// Checks a log from its first record to its last, and against a checkpoint if there is one.
///
/// # Errors
/// When the file cannot be read, or at the first line that is not as it was written.
pub fn verify(path: impl AsRef<Path>, checkpoint: Option<&Checkpoint>) -> Result<Verified, VerifyError> {
    let path = path.as_ref();
    walk(&mut open(path)?, checkpoint, |_| Some(())).map_err(|fault| fault.at(path))
}

/// All records of a log that verifies, in order.
///
/// # Errors
/// As [`verify`].
pub fn records(path: impl AsRef<Path>) -> Result<Vec<Record>, VerifyError> {
    let path = path.as_ref();
    let mut records = Vec::new();
    let keep = |line: &[u8]| {
        records.push(serde_json::from_slice(line).ok()?);
        Some(())
    };
    walk(&mut open(path)?, None, keep).map_err(|fault| fault.at(path))?;
    Ok(records)
}

/// The log as far as it is written now. It only grows, so that the lock is needed for the length alone
/// and a long reading stops nobody.
fn open(path: &Path) -> Result<impl BufRead, VerifyError> {
    let opened = std::fs::File::open(path).and_then(|file| {
        file.lock_shared()?;
        let length = file.metadata()?.len();
        file.unlock()?;
        Ok(BufReader::with_capacity(1 << 18, file.take(length)))
    });
    opened.map_err(|error| VerifyError::File(Error::file(path, "read")(error)))
}

/// Why a walk ended before the end.
#[derive(Debug)]
pub(crate) enum Fault {
    Read(std::io::Error),
    Damaged(DamagedLine),
}

impl Fault {
    fn at(self, path: &Path) -> VerifyError {
        match self {
            Fault::Read(error) => VerifyError::File(Error::file(path, "read")(error)),
            Fault::Damaged(line) => VerifyError::Damaged(line),
        }
    }
}

/// What a line must have in common with its neighbours.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Frame<'a> {
    sequence: u64,
    #[serde(borrow)]
    previous: &'a str,
    #[serde(rename = "time")]
    _time: IgnoredAny,
    entry: EntryFrame,
    #[serde(borrow)]
    digest: &'a str,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum EntryFrame {
    Intent(IgnoredAny),
    Outcome {
        intent: u64,
        #[serde(rename = "outcome")]
        _outcome: IgnoredAny,
    },
    Event(IgnoredAny),
}

/// Goes through a log line by line. `visit` is given each line that fits, and says with `None` that it
/// is no record after all.
pub(crate) fn walk(
    log: &mut impl BufRead,
    checkpoint: Option<&Checkpoint>,
    visit: impl FnMut(&[u8]) -> Option<()>,
) -> Result<Verified, Fault> {
    let mut seen = Seen::default();
    seen.go_on(log, checkpoint, visit)?;
    match checkpoint {
        Some(kept) if kept.sequence > seen.end.sequence => {
            Err(Fault::Damaged(DamagedLine { line: seen.end.sequence + 1, damage: Damage::Truncated }))
        }
        Some(_) | None => Ok(Verified { end: seen.end, open: seen.open.into_iter().collect() }),
    }
}

/// What was read of a log so far.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    end: Checkpoint,
    /// Intents whose outcome has not come.
    open: BTreeSet<u64>,
    lines: u64,
}

impl Default for Seen {
    fn default() -> Seen {
        let end = Checkpoint { sequence: 0, hash: NO_HASH.to_owned() };
        Seen { end, open: BTreeSet::new(), lines: 0 }
    }
}

impl Seen {
    /// Reads on, to the end or to the first line that does not fit.
    pub(crate) fn go_on(
        &mut self,
        log: &mut impl BufRead,
        checkpoint: Option<&Checkpoint>,
        mut visit: impl FnMut(&[u8]) -> Option<()>,
    ) -> Result<(), Fault> {
        let mut bytes = Vec::new();
        loop {
            bytes.clear();
            if log.read_until(b'\n', &mut bytes).map_err(Fault::Read)? == 0 {
                return Ok(());
            }
            self.lines += 1;
            let line = self.lines;
            let damaged = |damage| Fault::Damaged(DamagedLine { line, damage });
            let Some((b'\n', record)) = bytes.split_last() else { return Err(damaged(Damage::CutLine)) };
            self.record(record).map_err(damaged)?;
            if checkpoint.is_some_and(|kept| kept.sequence == self.end.sequence && kept.hash != self.end.hash)
            {
                return Err(damaged(Damage::Rewritten));
            }
            visit(record).ok_or_else(|| damaged(Damage::NotARecord))?;
        }
    }

    /// Takes in the next record.
    fn record(&mut self, line: &[u8]) -> Result<(), Damage> {
        let frame: Frame<'_> = serde_json::from_slice(line).map_err(|_| Damage::NotARecord)?;
        if bare_hash(line).as_deref() != Some(frame.digest) {
            return Err(Damage::NotARecord);
        }
        if frame.sequence != self.end.sequence + 1 {
            return Err(Damage::Sequence);
        }
        if frame.previous != self.end.hash {
            return Err(Damage::Chain);
        }
        match frame.entry {
            EntryFrame::Intent(_) => {
                self.open.insert(frame.sequence);
            }
            EntryFrame::Outcome { intent, .. } => {
                if !self.open.remove(&intent) {
                    return Err(Damage::Outcome);
                }
            }
            EntryFrame::Event(_) => {}
        }
        self.end = Checkpoint { sequence: frame.sequence, hash: canonical::hash(line) };
        Ok(())
    }
}
