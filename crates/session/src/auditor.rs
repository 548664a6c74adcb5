//! The audit log for those who read it: the auditor, and whoever wants to see what went on.
//!
//! Runs write to the log where they happen (`run`), changes of the warehouse through [`Session::record`].

use crate::codes::AUDIT;
use crate::session::Session;
use crate::trouble::{Kind, Result, Trouble};
use audit::{Change, Entry, Event, Record, Run, SignedCheckpoint, VerifyError};
use engine::Reader;
use jiff::Timestamp;
use jiff::civil::Date;
use signing::{PublicKey, SecretKey};
use std::path::{Path, PathBuf};

/// A log that was found whole.
#[derive(Clone, Debug)]
pub struct Log {
    path: PathBuf,
    records: Vec<Record>,
    open: Vec<u64>,
    end: audit::Checkpoint,
}

/// Which questions an auditor wants to see. What is `None` or empty does not narrow.
#[derive(Clone, Debug, Default)]
pub struct Sought {
    /// Who asked.
    pub actor: Option<String>,
    /// Under which agreement.
    pub agreement: Option<String>,
    /// What was read: a table, or `table.column`.
    pub reads: Option<String>,
    /// Asked on this day (UTC) or later.
    pub since: Option<Date>,
    /// Asked on this day (UTC) or earlier.
    pub until: Option<Date>,
    /// Only what was released.
    pub released: bool,
}

impl Sought {
    fn holds(&self, run: &Run<'_>) -> bool {
        let intent = run.intent;
        let day = run.asked.to_zoned(jiff::tz::TimeZone::UTC).date();
        let reads = |wanted: &String| {
            intent.guards.iter().any(|guard| guard.table == *wanted)
                || intent.columns.iter().any(|column| {
                    column.column == *wanted || column.column.split('.').next() == Some(wanted.as_str())
                })
        };
        self.actor.as_ref().is_none_or(|actor| intent.actor.name == *actor)
            && self
                .agreement
                .as_ref()
                .is_none_or(|wanted| intent.agreements.iter().any(|agreement| agreement.name == *wanted))
            && self.reads.as_ref().is_none_or(reads)
            && self.since.is_none_or(|since| day >= since)
            && self.until.is_none_or(|until| day <= until)
            && (!self.released
                || run.ended.is_some_and(|(_, outcome)| outcome.decision == audit::Decision::Released))
    }
}

impl Log {
    /// Reads a log, which must be whole.
    ///
    /// # Errors
    /// It cannot be read, or a record was changed, dropped or swapped.
    pub fn read(path: &Path) -> Result<Log> {
        let verified = audit::verify(path, None).map_err(|error| bad(&error))?;
        let records = audit::records(path).map_err(|error| bad(&error))?;
        Ok(Log { path: path.to_owned(), records, open: verified.open, end: verified.end })
    }

    /// Checks a log without keeping it, against a kept checkpoint where there is one. Gives the number
    /// of records and the sequences of questions without an outcome.
    ///
    /// # Errors
    /// As [`Log::read`]; the checkpoint is not one, was signed by another key, or the log is not the one
    /// it was taken from.
    pub fn verify(path: &Path, kept: Option<(&Path, &PublicKey)>) -> Result<(u64, Vec<u64>)> {
        let checkpoint = match kept {
            None => None,
            Some((file, key)) => {
                let text = std::fs::read_to_string(file)
                    .map_err(|error| wrong(format!("{}: {error}", file.display())))?;
                let signed = SignedCheckpoint::parse(&text)
                    .ok_or_else(|| wrong(format!("{} is no checkpoint", file.display())))?;
                if !signed.is_signed_by(key) {
                    return Err(wrong(format!(
                        "the checkpoint {} was not signed by this key, or was changed since",
                        file.display()
                    )));
                }
                Some(signed.end)
            }
        };
        let verified = audit::verify(path, checkpoint.as_ref()).map_err(|error| bad(&error))?;
        Ok((verified.end.sequence, verified.open))
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its end, signed, as the line that is kept elsewhere.
    ///
    /// # Errors
    /// None that a person can do something about.
    pub fn checkpoint(&self, key: &SecretKey) -> Result<String> {
        SignedCheckpoint::new(self.end.clone(), Timestamp::now(), key)
            .and_then(|signed| signed.text())
            .map_err(|error| Trouble::internal("the checkpoint cannot be written", error.to_string()))
    }

    /// The questions that are sought, in the order in which they were asked.
    pub fn runs(&self, sought: &Sought) -> Vec<Run<'_>> {
        audit::runs(&self.records).into_iter().filter(|run| sought.holds(run)).collect()
    }

    /// A record by its sequence, as JSON.
    pub fn record(&self, sequence: u64) -> Option<serde_json::Value> {
        let record = self.records.iter().find(|record| record.sequence == sequence)?;
        serde_json::to_value(record).ok()
    }

    /// All records as JSON.
    pub fn json(&self) -> Vec<serde_json::Value> {
        self.records.iter().filter_map(|record| serde_json::to_value(record).ok()).collect()
    }

    /// Changes of the warehouse, in order: when, who, what.
    pub fn events(&self) -> impl Iterator<Item = (Timestamp, u64, &Event)> {
        self.records.iter().filter_map(|record| match &record.entry {
            Entry::Event(event) => Some((record.time, record.sequence, &**event)),
            Entry::Intent(_) | Entry::Outcome { .. } => None,
        })
    }

    /// Sequences of questions without an outcome: they still run, or were killed.
    pub fn open(&self) -> &[u64] {
        &self.open
    }

    /// The log as a table.
    ///
    /// # Errors
    /// None that a person can do something about.
    pub fn csv(&self) -> Result<String> {
        audit::csv(&self.records)
            .map_err(|error| Trouble::internal("the log cannot be written as CSV", error.to_string()))
    }

    /// The questions as FHIR R4 AuditEvent resources, a line each.
    pub fn fhir(&self) -> String {
        audit::fhir(&self.records)
    }
}

impl Session {
    /// Records a change of the warehouse that was just made.
    ///
    /// # Errors
    /// The log cannot be written.
    pub fn record(&self, what: Change) -> Result<()> {
        let event = Event { actor: crate::actor::actor(), what };
        self.log()?.event(event).map_err(|error| {
            Trouble::new(
                Kind::Warehouse,
                AUDIT,
                format!("it is done, and the audit does not know it: {error}"),
            )
        })?;
        Ok(())
    }

    /// Which log the project records in: the hash of its first record, and where it lies, without links.
    ///
    /// # Errors
    /// The log cannot be read, or is empty.
    pub fn audit_log(&self) -> Result<[String; 2]> {
        let unreadable = |error: String| Trouble::new(Kind::Warehouse, AUDIT, error);
        let first = self.log()?.first().map_err(|error| unreadable(error.to_string()))?;
        let first = first.ok_or_else(|| unreadable("the audit log is empty".to_owned()))?;
        let path = self.project().root.join(&self.project().settings.audit);
        let path = path.canonicalize().map_err(|error| unreadable(format!("{}: {error}", path.display())))?;
        Ok([first, path.to_string_lossy().into_owned()])
    }

    /// The log that the warehouse goes by, if it knows of one, as [`Session::audit_log`] says it.
    ///
    /// # Errors
    /// The warehouse cannot be read.
    pub fn audit_log_of_warehouse(&self, reader: &mut dyn Reader) -> Result<Option<[String; 2]>> {
        crate::warehouse::audit_log(reader)
    }

    /// The log of the project is the one that the warehouse goes by.
    pub(crate) fn records_there(&self, reader: &mut dyn Reader) -> Result<()> {
        let Some(known) = crate::warehouse::audit_log(reader)? else {
            return Err(Trouble::new(
                Kind::Warehouse,
                AUDIT,
                "the warehouse knows of no audit log, so nobody would look for the record of this question",
            )
            .help("the steward installs the policy again with `baseq policy install`"));
        };
        // A log that cannot be opened is told as that.
        self.log()?;
        if self.audit_log().is_ok_and(|log| log == known) {
            return Ok(());
        }
        let [_, path] = known;
        Err(Trouble::new(
            Kind::Refused,
            AUDIT,
            format!("the audit log of this project is not the one that the warehouse goes by, {path}"),
        )
        .help(
            "`audit` in baseq.toml names it; where it was moved, or a new one is to take its place, the steward says so with \
             `baseq policy install --new-audit-log`",
        ))
    }

    /// The log of the project, to add to.
    pub(crate) fn log(&self) -> Result<audit::Log> {
        audit::Log::open(self.project().root.join(&self.project().settings.audit))
            .map_err(|error| Trouble::new(Kind::Warehouse, AUDIT, format!("nothing was done: {error}")))
    }
}

fn bad(error: &VerifyError) -> Trouble {
    wrong(error.to_string())
}

fn wrong(reason: String) -> Trouble {
    Trouble::new(Kind::Program, AUDIT, reason)
}
