//! Reading the log and finding what was done to it.

use crate::canonical;
use crate::error::Error;
use crate::log::{NO_HASH, unsealed};
use crate::record::{Entry, Record};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;

/// The end of a log at some time, to be kept elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Checkpoint {
    /// The last record's sequence; 0 for an empty log.
    pub sequence: u64,
    /// The hash of the last record's line; 64 zeros for an empty log.
    pub hash: String,
}

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
    let bytes = read(path.as_ref())?;
    check(&bytes, checkpoint).map(|(verified, _)| verified).map_err(VerifyError::Damaged)
}

/// All records of a log that verifies.
///
/// # Errors
/// As [`verify`].
pub fn records(path: impl AsRef<Path>) -> Result<Vec<Record>, VerifyError> {
    let bytes = read(path.as_ref())?;
    check(&bytes, None).map(|(_, records)| records).map_err(VerifyError::Damaged)
}

fn read(path: &Path) -> Result<Vec<u8>, VerifyError> {
    // A shared lock, so that no record is seen half written.
    let locked = std::fs::File::open(path).and_then(|mut file| {
        file.lock_shared()?;
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut file, &mut bytes)?;
        Ok(bytes)
    });
    locked.map_err(|error| VerifyError::File(Error::file(path, "read")(error)))
}

pub(crate) fn check(
    bytes: &[u8],
    checkpoint: Option<&Checkpoint>,
) -> Result<(Verified, Vec<Record>), DamagedLine> {
    let mut end = Checkpoint { sequence: 0, hash: NO_HASH.to_owned() };
    let mut open = BTreeSet::new();
    let mut records = Vec::new();
    let reached = |end: &Checkpoint| match checkpoint {
        Some(kept) if kept.sequence == end.sequence && kept.hash != end.hash => Some(Damage::Rewritten),
        Some(_) | None => None,
    };
    let mut lines = bytes.split(|byte| *byte == b'\n').peekable();
    let mut number = 0;
    while let Some(line) = lines.next() {
        let last = lines.peek().is_none();
        if last && line.is_empty() {
            break;
        }
        number += 1;
        let damaged = |damage| DamagedLine { line: number, damage };
        if last {
            return Err(damaged(Damage::CutLine));
        }
        let record = unsealed(line).ok_or(damaged(Damage::NotARecord))?;
        if record.sequence != end.sequence + 1 {
            return Err(damaged(Damage::Sequence));
        }
        if record.previous != end.hash {
            return Err(damaged(Damage::Chain));
        }
        match &record.entry {
            Entry::Intent(_) => {
                open.insert(record.sequence);
            }
            Entry::Outcome { intent, .. } => {
                if !open.remove(intent) {
                    return Err(damaged(Damage::Outcome));
                }
            }
        }
        end = Checkpoint { sequence: record.sequence, hash: canonical::hash(line) };
        if let Some(damage) = reached(&end) {
            return Err(damaged(damage));
        }
        records.push(record);
    }
    match checkpoint {
        Some(kept) if kept.sequence > end.sequence => {
            Err(DamagedLine { line: end.sequence + 1, damage: Damage::Truncated })
        }
        Some(_) | None => Ok((Verified { end, open: open.into_iter().collect() }, records)),
    }
}
