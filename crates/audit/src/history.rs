//! Who stood behind what was told: the sets of people of every release, beside the log.
//!
//! Release rule 6 compares the sets of a result with all that its recipient was told before, so they are kept, whole and
//! exact. A person stands in the file as a keyed hash (HMAC, under a key of the warehouse that is not in the file),
//! once; a set is places in the list of persons. The file is as much the steward's as the log is: only its owner
//! can read it, and nothing of it is ever shown.
//!
//! Entries are lines of canonical JSON, each with the hash of the line before. The outcome record of a run holds
//! the place and the hash of the last line ([`Pin`]), and so the log vouches for the whole file: a history that is
//! missing, shorter than the log says, or not as it was written is not compared with, and then nothing is released. An entry is on
//! the disk before its outcome is; one without an outcome (of a run that was killed) counts as told.

use crate::canonical;
use crate::log::NO_HASH;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use differencing::{Families, Family, Set, SetId};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// A person: the first 128 bits of a keyed hash.
pub type Person = [u8; 16];

/// A line of the history, for the log to vouch for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pin {
    /// Its place, from 1.
    pub sequence: u64,
    /// SHA-256 of the line.
    pub hash: String,
}

/// Why there is no history to compare with, and so no result.
#[derive(Debug)]
pub enum HistoryError {
    /// The file cannot be read or written.
    File {
        /// The history.
        path: PathBuf,
        /// What was tried.
        doing: &'static str,
        /// What the system said.
        source: std::io::Error,
    },
    /// The log says that there is a history, and there is none, or a shorter one.
    Missing {
        /// The history.
        path: PathBuf,
    },
    /// A line is not as it was written.
    Damaged {
        /// The history.
        path: PathBuf,
        /// The line, from 1.
        line: u64,
    },
}

impl fmt::Display for HistoryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            HistoryError::File { path, doing, source } => {
                write!(f, "cannot {doing} the history of releases {}: {source}", path.display())
            }
            HistoryError::Missing { path } => write!(
                f,
                "the history of releases {} is missing, or shorter than the audit log says",
                path.display()
            ),
            HistoryError::Damaged { path, line } => {
                write!(
                    f,
                    "line {line} of the history of releases {} is not as it was written",
                    path.display()
                )
            }
        }
    }
}

impl std::error::Error for HistoryError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            HistoryError::File { source, .. } => Some(source),
            HistoryError::Missing { .. } | HistoryError::Damaged { .. } => None,
        }
    }
}

/// To whom and on what terms something was told, or was not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Terms {
    /// Who was told: the recipients of the agreements.
    pub recipients: BTreeSet<String>,
    /// The agreements with their versions.
    pub agreements: BTreeMap<String, u64>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    sequence: u64,
    previous: String,
    /// The sequence of the intent in the log.
    intent: u64,
    terms: Terms,
    /// What was told; none where rule 6 refused it.
    told: Option<Told>,
    /// Where it was refused, the hash of the question, so that asking it again is no further refusal.
    refused: Option<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Told {
    /// Persons who are new to the file, one after the other, in base64.
    persons: String,
    /// Sets that are new to the file, in base64.
    sets: Vec<String>,
    /// The families, with the places of sets in the file.
    families: Vec<TellingFamily>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct TellingFamily {
    told: u8,
    margin: u32,
    whole: bool,
    sets: Vec<SetId>,
}

/// A history that nobody else writes until this is dropped.
#[derive(Debug)]
pub struct History {
    path: PathBuf,
    file: File,
    length: u64,
    end: Pin,
    persons: BTreeMap<Person, u32>,
    sets: Vec<Set>,
    places: BTreeMap<Set, SetId>,
    told: Vec<(u64, Terms, Families)>,
    refused: Vec<(String, Terms)>,
    written: usize,
    written_persons: Vec<Person>,
}

impl History {
    /// Opens the history at `path`, waits until nobody else writes it, and reads it. `pin` is what the log says
    /// of it ([`Log::pin`](crate::Log::pin)), asked for after the lock is held.
    ///
    /// # Errors
    /// It cannot be read, is not as it was written, or is shorter than the log says.
    pub fn open<E: From<HistoryError>>(
        path: impl AsRef<Path>,
        pin: impl FnOnce() -> Result<Option<Pin>, E>,
    ) -> Result<History, E> {
        let path = path.as_ref();
        let failed = |doing| {
            let path = path.to_owned();
            move |source| HistoryError::File { path, doing, source }
        };
        let mut options = OpenOptions::new();
        options.read(true).append(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(path).map_err(failed("open"))?;
        file.lock().map_err(failed("lock"))?;
        let mut history = History {
            path: path.to_owned(),
            length: 0,
            end: Pin { sequence: 0, hash: NO_HASH.to_owned() },
            persons: BTreeMap::new(),
            sets: Vec::new(),
            places: BTreeMap::new(),
            told: Vec::new(),
            refused: Vec::new(),
            written: 0,
            written_persons: Vec::new(),
            file,
        };
        let pin = pin()?;
        let mut seen = pin.is_none();
        let mut reader = BufReader::new(history.file.try_clone().map_err(failed("read"))?);
        reader.seek(SeekFrom::Start(0)).map_err(failed("read"))?;
        let mut bytes = Vec::new();
        loop {
            bytes.clear();
            if reader.read_until(b'\n', &mut bytes).map_err(failed("read"))? == 0 {
                break;
            }
            let line = history.end.sequence + 1;
            if !bytes.ends_with(b"\n") && seen {
                // Whoever wrote it was killed within it: nothing of it has an outcome, so nothing of it was told.
                history.file.set_len(history.length).map_err(failed("write"))?;
                break;
            }
            let read = bytes.strip_suffix(b"\n").and_then(|bytes| history.read(bytes));
            read.ok_or_else(|| HistoryError::Damaged { path: path.to_owned(), line })?;
            history.length += u64::try_from(bytes.len()).unwrap_or(u64::MAX);
            if let Some(pin) = pin.as_ref().filter(|pin| pin.sequence == history.end.sequence) {
                if *pin != history.end {
                    return Err(HistoryError::Damaged { path: path.to_owned(), line }.into());
                }
                seen = true;
            }
        }
        if !seen {
            return Err(HistoryError::Missing { path: path.to_owned() }.into());
        }
        history.written = history.sets.len();
        Ok(history)
    }

    /// Takes in a line; `None` where it is none.
    fn read(&mut self, bytes: &[u8]) -> Option<()> {
        let line: Line = serde_json::from_slice(bytes).ok()?;
        if line.sequence != self.end.sequence + 1 || line.previous != self.end.hash {
            return None;
        }
        match line.told {
            None => self.refused.push((line.refused?, line.terms)),
            Some(told) => {
                let persons = BASE64_STANDARD.decode(told.persons).ok()?;
                let (persons, rest) = persons.as_chunks::<16>();
                if !rest.is_empty() {
                    return None;
                }
                for person in persons {
                    let place = u32::try_from(self.persons.len()).ok()?;
                    if self.persons.insert(*person, place).is_some() {
                        return None;
                    }
                }
                for set in told.sets {
                    let set = Set::from_bytes(BASE64_STANDARD.decode(set).ok()?).ok()?;
                    self.places.insert(set.clone(), SetId::try_from(self.sets.len()).ok()?);
                    self.sets.push(set);
                }
                let mut families = Vec::new();
                for family in told.families {
                    if family.sets.iter().any(|set| *set as usize >= self.sets.len()) {
                        return None;
                    }
                    families.push(Family {
                        told: family.told,
                        margin: family.margin,
                        whole: family.whole,
                        sets: family.sets,
                    });
                }
                self.told.push((line.intent, line.terms, families));
            }
        }
        self.end = Pin { sequence: line.sequence, hash: canonical::hash(bytes) };
        Some(())
    }

    /// The place of a person, who is added where they are new.
    ///
    /// # Errors
    /// There are more persons than 32 bits count.
    pub fn person(&mut self, person: Person) -> Result<u32, HistoryError> {
        if let Some(place) = self.persons.get(&person) {
            return Ok(*place);
        }
        let place = self.place(self.persons.len())?;
        self.persons.insert(person, place);
        self.written_persons.push(person);
        Ok(place)
    }

    /// The place of a set, which is added where it is new.
    ///
    /// # Errors
    /// There are more sets than 32 bits count.
    pub fn set(&mut self, people: &[u32]) -> Result<SetId, HistoryError> {
        let set = Set::of(people);
        if let Some(place) = self.places.get(&set) {
            return Ok(*place);
        }
        let place = self.place(self.sets.len())?;
        self.places.insert(set.clone(), place);
        self.sets.push(set);
        Ok(place)
    }

    fn place(&self, number: usize) -> Result<u32, HistoryError> {
        let damaged = |_| HistoryError::Damaged { path: self.path.clone(), line: self.end.sequence };
        u32::try_from(number).map_err(damaged)
    }

    /// All sets, by their places.
    pub fn sets(&self) -> &[Set] {
        &self.sets
    }

    /// What any of these recipients was told, each with the sequence of its intent.
    pub fn told(&self, recipients: &BTreeSet<String>) -> Vec<(u64, Families)> {
        let of_them = self.told.iter().filter(|(_, terms, _)| !terms.recipients.is_disjoint(recipients));
        of_them.map(|(intent, _, families)| (*intent, families.clone())).collect()
    }

    /// How many different questions other than this one rule 6 has refused under these agreements in these versions.
    pub fn refusals(&self, agreements: &BTreeMap<String, u64>, question: &str) -> usize {
        let same = |terms: &Terms| {
            agreements.iter().any(|(name, version)| terms.agreements.get(name) == Some(version))
        };
        let refused = self.refused.iter().filter(|(of, terms)| of != question && same(terms));
        refused.map(|(question, _)| question).collect::<BTreeSet<_>>().len()
    }

    /// Writes that something is told; when this returns, it is on the disk.
    ///
    /// # Errors
    /// It is not. Then nothing may be told.
    pub fn tell(&mut self, intent: u64, terms: Terms, families: &Families) -> Result<Pin, HistoryError> {
        let encoded = |set: &Set| BASE64_STANDARD.encode(set.bytes());
        let told = Told {
            persons: BASE64_STANDARD.encode(self.written_persons.concat()),
            sets: self.sets.iter().skip(self.written).map(encoded).collect(),
            families: families
                .iter()
                .map(|family| TellingFamily {
                    told: family.told,
                    margin: family.margin,
                    whole: family.whole,
                    sets: family.sets.clone(),
                })
                .collect(),
        };
        let pin = self.append(intent, terms.clone(), Some(told), None)?;
        self.written = self.sets.len();
        self.written_persons.clear();
        self.told.push((intent, terms, families.clone()));
        Ok(pin)
    }

    /// Writes that rule 6 refused a question, by its hash.
    ///
    /// # Errors
    /// It is not on the disk.
    pub fn refuse(&mut self, intent: u64, terms: Terms, question: &str) -> Result<Pin, HistoryError> {
        let pin = self.append(intent, terms.clone(), None, Some(question.to_owned()))?;
        self.refused.push((question.to_owned(), terms));
        Ok(pin)
    }

    fn append(
        &mut self,
        intent: u64,
        terms: Terms,
        told: Option<Told>,
        refused: Option<String>,
    ) -> Result<Pin, HistoryError> {
        let failed = |source| HistoryError::File { path: self.path.clone(), doing: "write", source };
        let sequence = self.end.sequence + 1;
        let line = Line { sequence, previous: self.end.hash.clone(), intent, terms, told, refused };
        let text = canonical::text(&line);
        let mut text = text.ok_or_else(|| failed(std::io::Error::other("it is no JSON")))?;
        let hash = canonical::hash(text.as_bytes());
        text.push('\n');
        let written = self.file.write_all(text.as_bytes()).and_then(|()| self.file.sync_all());
        if let Err(source) = written {
            // Half a line would stop every later run; if this fails too, that is what happens.
            let _ = self.file.set_len(self.length).and_then(|()| self.file.sync_all());
            return Err(failed(source));
        }
        self.length += u64::try_from(text.len()).unwrap_or(u64::MAX);
        self.end = Pin { sequence, hash };
        Ok(self.end.clone())
    }
}

#[cfg(test)]
#[path = "history_tests.rs"]
mod tests;
