//! Writing the log: one record at a time, locked, flushed to the disk before the call returns.
//!
//! The lock is held for one record only, so long queries of several processes do not wait for each
//! other; each writer reads the end of the file anew. A write that fails is taken back. Reading and
//! verifying are `verify`'s.

use crate::canonical;
use crate::error::Error;
use crate::history::Pin;
use crate::record::{Entry, Event, Intent, Outcome, Record};
use jiff::Timestamp;
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// The hash before the first record.
pub(crate) const NO_HASH: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// Seconds by which the clocks of two machines with one log may differ, and by which one is set right.
const CLOCKS_DIFFER: i64 = 300;

/// A log that records can be added to.
#[derive(Clone, Debug)]
pub struct Log {
    path: PathBuf,
}

/// The right, and the duty, to record what became of an intent.
#[derive(Debug)]
#[must_use = "a run is not released before its outcome is recorded"]
pub struct Ticket {
    log: Log,
    intent: u64,
}

impl Log {
    /// Opens the log, or makes an empty one that only its owner can read.
    ///
    /// # Errors
    /// When the file cannot be made or read, or does not end with a record.
    pub fn open(path: impl AsRef<Path>) -> Result<Log, Error> {
        let path = path.as_ref();
        let mut options = OpenOptions::new();
        options.read(true).append(true);
        let mut new = options.clone();
        new.create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut new, 0o600);
        match new.open(path) {
            Ok(file) => {
                file.sync_all().map_err(Error::file(path, "make"))?;
                // The name of a new file is durable only with its folder.
                let folder =
                    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
                File::open(folder).and_then(|folder| folder.sync_all()).map_err(Error::file(path, "make"))?;
            }
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(Error::file(path, "make")(error)),
        }
        let log = Log { path: path.to_owned() };
        let mut file = log.locked()?;
        log.last(&mut file)?;
        Ok(log)
    }

    /// Which log this is: the SHA-256 of its first record, in lower-case hex; `None` of an empty one.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn first(&self) -> Result<Option<String>, Error> {
        let file = File::open(&self.path).map_err(Error::file(&self.path, "read"))?;
        let mut line = String::new();
        BufReader::new(file).read_line(&mut line).map_err(Error::file(&self.path, "read"))?;
        Ok(line.strip_suffix('\n').map(|line| canonical::hash(line.as_bytes())))
    }

    /// Records what is about to run; when this returns, the record is on the disk.
    ///
    /// # Errors
    /// When it is not. Then nothing may run.
    pub fn intent(&self, intent: Intent) -> Result<Ticket, Error> {
        let intent = self.append(Entry::Intent(Box::new(intent)))?;
        Ok(Ticket { log: self.clone(), intent })
    }

    /// Records a change of the warehouse, after it was made.
    ///
    /// # Errors
    /// When the record is not on the disk.
    pub fn event(&self, event: Event) -> Result<u64, Error> {
        self.append(Entry::Event(Box::new(event)))
    }

    /// The furthest that outcomes say of the history of releases; `None` where none speaks of it. Two runs may end in
    /// another order than they compared, so the last outcome need not be the one.
    ///
    /// # Errors
    /// The log cannot be read, or a line that is looked at is no record.
    pub fn pin(&self) -> Result<Option<Pin>, Error> {
        let mut file = self.locked()?;
        let reading = || Error::file(&self.path, "read");
        let length = file.seek(SeekFrom::End(0)).map_err(reading())?;
        // From the end, in windows that grow: the last outcome is near it.
        let mut window = 256 * 1024;
        loop {
            let start = length.saturating_sub(window);
            file.seek(SeekFrom::Start(start)).map_err(reading())?;
            let mut end = Vec::new();
            Read::by_ref(&mut file).take(length - start).read_to_end(&mut end).map_err(reading())?;
            let mut lines: Vec<&[u8]> = end.split(|byte| *byte == b'\n').collect();
            if start > 0 {
                lines.remove(0);
            }
            let mut furthest: Option<Pin> = None;
            for line in lines.into_iter().rev().filter(|line| !line.is_empty()) {
                let record = unsealed(line).ok_or_else(|| Error::BrokenEnd { path: self.path.clone() })?;
                if let Entry::Outcome { outcome, .. } = record.entry
                    && let Some(pin) = outcome.history
                    && furthest.as_ref().is_none_or(|furthest| furthest.sequence < pin.sequence)
                {
                    furthest = Some(pin);
                }
            }
            if furthest.is_some() {
                return Ok(furthest);
            }
            if start == 0 {
                return Ok(None);
            }
            window *= 4;
        }
    }

    /// Adds a record and gives its sequence.
    fn append(&self, entry: Entry) -> Result<u64, Error> {
        let mut file = self.locked()?;
        let (length, last) = self.last(&mut file)?;
        let now = Timestamp::now();
        // A question asked under an earlier date than the one before it would meet consents that have ended since.
        if let Some((record, _)) = &last
            && now.as_second() + CLOCKS_DIFFER < record.time.as_second()
        {
            return Err(Error::ClockSetBack { path: self.path.clone(), now, last: record.time });
        }
        let (sequence, previous) =
            last.map_or((1, NO_HASH.to_owned()), |(record, hash)| (record.sequence + 1, hash));
        let time = Timestamp::from_second(now.as_second()).unwrap_or(now);
        let mut line = sealed(Record { sequence, previous, time, entry, digest: String::new() })?;
        line.push('\n');
        let written = file.write_all(line.as_bytes()).and_then(|()| file.sync_all());
        if let Err(error) = written {
            // Half a record would stop every later run; if this fails too, that is what happens.
            let _ = file.set_len(length).and_then(|()| file.sync_all());
            return Err(Error::file(&self.path, "write")(error));
        }
        Ok(sequence)
    }

    /// The file, locked until it is dropped. A log that was removed is not made anew.
    fn locked(&self) -> Result<File, Error> {
        let file = OpenOptions::new()
            .read(true)
            .append(true)
            .open(&self.path)
            .map_err(Error::file(&self.path, "open"))?;
        file.lock().map_err(Error::file(&self.path, "lock"))?;
        Ok(file)
    }

    /// The length of the file, and its last record with the hash of its line.
    fn last(&self, file: &mut File) -> Result<(u64, Option<(Record, String)>), Error> {
        let reading = || Error::file(&self.path, "read");
        let length = file.seek(SeekFrom::End(0)).map_err(reading())?;
        if length == 0 {
            return Ok((0, None));
        }
        // Lines are of any length: the window grows until it holds the last one.
        let mut window = 64 * 1024;
        loop {
            let start = length.saturating_sub(window);
            file.seek(SeekFrom::Start(start)).map_err(reading())?;
            let mut end = Vec::new();
            Read::by_ref(file).take(length - start).read_to_end(&mut end).map_err(reading())?;
            let broken = || Error::BrokenEnd { path: self.path.clone() };
            let Some((b'\n', line)) = end.split_last() else { return Err(broken()) };
            let begin = line.iter().rposition(|byte| *byte == b'\n').map(|at| at + 1);
            let begin = match begin {
                Some(begin) => begin,
                None if start == 0 => 0,
                None => {
                    window *= 2;
                    continue;
                }
            };
            let line = line.get(begin..).unwrap_or_default();
            let record = unsealed(line).ok_or_else(broken)?;
            return Ok((length, Some((record, canonical::hash(line)))));
        }
    }
}

impl Ticket {
    /// The sequence of the intent.
    pub fn sequence(&self) -> u64 {
        self.intent
    }

    /// Records what became of the intent; when this returns, the record is on the disk.
    ///
    /// # Errors
    /// When it is not. Then no row may be handed out.
    pub fn outcome(self, outcome: Outcome) -> Result<u64, Error> {
        self.log.append(Entry::Outcome { intent: self.intent, outcome: Box::new(outcome) })
    }
}

/// The line of a record, with its own hash in it.
pub(crate) fn sealed(record: Record) -> Result<String, Error> {
    let bare = canonical::text(&Record { digest: String::new(), ..record.clone() }).ok_or(Error::NotJson)?;
    canonical::text(&Record { digest: canonical::hash(bare.as_bytes()), ..record }).ok_or(Error::NotJson)
}

/// The record of a line, if the line is exactly what [`sealed`] makes of it.
pub(crate) fn unsealed(line: &[u8]) -> Option<Record> {
    let record: Record = serde_json::from_slice(line).ok()?;
    let again = sealed(record.clone()).ok()?;
    (again.as_bytes() == line).then_some(record)
}

/// The hash that the line of a record must hold as its digest: that of the line with an empty digest,
/// which stands first because keys are sorted. `None` where it does not.
pub(crate) fn bare_hash(line: &[u8]) -> Option<String> {
    const FIRST: &[u8] = b"{\"digest\":\"";
    let rest = line.strip_prefix(FIRST)?.get(64..)?;
    Some(canonical::hash_of_two(FIRST, rest))
}
