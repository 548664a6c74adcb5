//! From rows of the four tables to records: the only way in from outside.
//!
//! The row types have the column names of 3.1 and are read by any serde source (CSV, JSON). A null or a word
//! where 3.1 leaves no choice is an error that names table, row and column, and then there is no register at
//! all: a consent table that is half understood must not decide. Columns that do not count for a kind are
//! ignored, as 3.2 says. Opening files and naming their lines is the caller's work.

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Deserialize;

use super::records::{
    Actor, Birth, Event, Events, GiveKind, Given, Level, Polarity, Sample, ScopeRow, Subject, What,
};
use super::terms::Term;

/// A row of `subject`.
#[derive(Debug, Clone, Default, Deserialize)]
#[expect(missing_docs, reason = "the columns of 3.1 by their own names")]
pub struct SubjectColumns {
    pub subject_id: String,
    pub birth_date: Option<String>,
    pub birth_year: Option<String>,
    pub death_date: Option<String>,
}

/// A row of the sample table.
#[derive(Debug, Clone, Default, Deserialize)]
#[expect(missing_docs, reason = "the columns of 3.1 by their own names")]
pub struct SampleColumns {
    pub sample_id: String,
    pub subject_id: String,
    pub collected_on: Option<String>,
}

/// A row of `consent_event`.
#[derive(Debug, Clone, Default, Deserialize)]
#[expect(missing_docs, reason = "the columns of 3.1 by their own names")]
pub struct EventColumns {
    pub event_id: String,
    pub subject_id: String,
    pub sample_id: Option<String>,
    pub kind: String,
    pub actor: String,
    pub effective_from: String,
    pub effective_until: Option<String>,
    pub recorded_at: String,
    pub withdrawal_level: Option<String>,
    pub supersedes: Option<String>,
}

/// A row of `consent_scope`.
#[derive(Debug, Clone, Default, Deserialize)]
#[expect(missing_docs, reason = "the columns of 3.1 by their own names")]
pub struct ScopeColumns {
    pub event_id: String,
    pub branch: String,
    pub polarity: String,
    pub term: String,
    pub disease: Option<String>,
    pub region: Option<String>,
    pub until_date: Option<String>,
    pub party: Option<String>,
    pub project: Option<String>,
}

/// A row that cannot be a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowError {
    /// The table.
    pub table: &'static str,
    /// The key of the row.
    pub row: String,
    /// The column.
    pub column: &'static str,
    /// What is wrong with it.
    pub reason: String,
}

impl fmt::Display for RowError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { table, row, column, reason } = self;
        write!(f, "{table} {row}: {column} {reason}")
    }
}

impl std::error::Error for RowError {}

/// Everybody, by `subject_id`.
pub type Register = BTreeMap<String, Subject>;

/// Joins the rows of the four tables.
///
/// Row order has no influence. Errors: a second row with the same key, an event of somebody or of a sample
/// that is not there, a sample of another person, a scope row without its event, a word or date that cannot
/// be read.
pub fn register(
    subjects: Vec<SubjectColumns>,
    samples: Vec<SampleColumns>,
    events: Vec<EventColumns>,
    scopes: Vec<ScopeColumns>,
) -> Result<Register, RowError> {
    let mut scope_of: BTreeMap<String, Vec<ScopeRow>> = BTreeMap::new();
    for columns in scopes {
        let row = columns.record()?;
        scope_of.entry(columns.event_id).or_default().push(row);
    }

    // (subject, sample) -> events; the subject's own under None.
    let mut events_of: BTreeMap<(String, Option<String>), Vec<Event>> = BTreeMap::new();
    let mut seen = std::collections::BTreeSet::new();
    for columns in events {
        let bad = |column, reason: &str| fault("consent_event", &columns.event_id, column, reason);
        if !seen.insert(columns.event_id.clone()) {
            return Err(bad("event_id", "occurs twice"));
        }
        let scope = scope_of.remove(&columns.event_id).unwrap_or_default();
        let event = columns.record(scope)?;
        events_of.entry((columns.subject_id, columns.sample_id)).or_default().push(event);
    }
    if let Some(event) = scope_of.keys().next() {
        return Err(fault("consent_scope", event, "event_id", "is no event"));
    }

    let mut register = Register::new();
    for columns in subjects {
        let events = events_of.remove(&(columns.subject_id.clone(), None)).unwrap_or_default();
        let subject = columns.record(Events::new(events))?;
        if register.insert(columns.subject_id.clone(), subject).is_some() {
            return Err(fault("subject", &columns.subject_id, "subject_id", "occurs twice"));
        }
    }
    for columns in samples {
        let bad = |column, reason: &str| fault("sample", &columns.sample_id, column, reason);
        let Some(subject) = register.get_mut(&columns.subject_id) else {
            return Err(bad("subject_id", "is no subject"));
        };
        let events = events_of
            .remove(&(columns.subject_id.clone(), Some(columns.sample_id.clone())))
            .unwrap_or_default();
        let sample = Sample {
            id: columns.sample_id.clone(),
            collected_on: optional_day(columns.collected_on.as_deref())
                .map_err(|reason| bad("collected_on", &reason))?,
            events: Events::new(events),
        };
        if subject.samples.insert(columns.sample_id.clone(), sample).is_some() {
            return Err(bad("sample_id", "occurs twice"));
        }
    }
    // What is left is about nobody we know, or about a sample that is not this person's.
    if let Some(((_, sample), events)) = events_of.first_key_value() {
        let id = events.first().map_or("", |event| &event.id);
        return Err(match sample {
            None => fault("consent_event", id, "subject_id", "is no subject"),
            Some(_) => fault("consent_event", id, "sample_id", "is no sample of the subject"),
        });
    }
    Ok(register)
}

impl SubjectColumns {
    fn record(&self, events: Events) -> Result<Subject, RowError> {
        let bad = |column, reason: &str| fault("subject", &self.subject_id, column, reason);
        let day = optional_day(self.birth_date.as_deref()).map_err(|reason| bad("birth_date", &reason))?;
        let year = match &self.birth_year {
            None => None,
            Some(text) => {
                Some(text.parse::<i16>().map_err(|_| bad("birth_year", &format!("is no year: {text}")))?)
            }
        };
        Ok(Subject {
            id: self.subject_id.clone(),
            birth: match (day, year) {
                (Some(day), _) => Birth::Day(day),
                (None, Some(year)) => Birth::Year(year),
                (None, None) => Birth::Unknown,
            },
            death: optional_day(self.death_date.as_deref()).map_err(|reason| bad("death_date", &reason))?,
            events,
            samples: BTreeMap::new(),
        })
    }
}

impl EventColumns {
    fn record(&self, scope: Vec<ScopeRow>) -> Result<Event, RowError> {
        let bad = |column, reason: &str| fault("consent_event", &self.event_id, column, reason);
        let give = |kind, scope| {
            let until = optional_day(self.effective_until.as_deref())
                .map_err(|reason| bad("effective_until", &reason))?;
            Ok(What::Give(Given { kind, until, scope }))
        };
        let what = match self.kind.as_str() {
            "grant" => give(GiveKind::Grant, scope)?,
            "renew" => give(GiveKind::Renew, scope)?,
            "amend" => give(GiveKind::Amend, scope)?,
            "suspend" => What::Suspend,
            "resume" => What::Resume,
            "withdraw" => What::Withdraw(match self.withdrawal_level.as_deref() {
                Some("contact") => Level::Contact,
                Some("access") => Level::Access,
                None | Some("use") => Level::Use,
                Some(other) => return Err(bad("withdrawal_level", &unknown(other))),
            }),
            "void" => What::Void { supersedes: self.supersedes.clone() },
            other => return Err(bad("kind", &unknown(other))),
        };
        let actor = match self.actor.as_str() {
            "self" => Actor::Myself,
            "guardian" => Actor::Guardian,
            "proxy" => Actor::Proxy,
            "court" => Actor::Court,
            "system" => Actor::System,
            other => return Err(bad("actor", &unknown(other))),
        };
        Ok(Event {
            id: self.event_id.clone(),
            actor,
            effective_from: day(&self.effective_from).map_err(|reason| bad("effective_from", &reason))?,
            recorded_at: self.recorded_at.parse::<Timestamp>().map_err(|_| {
                let reason = format!("is no UTC instant: `{}`", self.recorded_at);
                bad("recorded_at", &reason)
            })?,
            what,
        })
    }
}

impl ScopeColumns {
    fn record(&self) -> Result<ScopeRow, RowError> {
        let bad = |column, reason: &str| fault("consent_scope", &self.event_id, column, reason);
        Ok(ScopeRow {
            branch: self.branch.clone(),
            polarity: match self.polarity.as_str() {
                "permit" => Polarity::Permit,
                "deny" => Polarity::Deny,
                other => return Err(bad("polarity", &unknown(other))),
            },
            term: Term::of(&self.term),
            disease: self.disease.clone(),
            region: self.region.clone(),
            until_date: optional_day(self.until_date.as_deref())
                .map_err(|reason| bad("until_date", &reason))?,
            party: self.party.clone(),
            project: self.project.clone(),
        })
    }
}

fn fault(table: &'static str, row: &str, column: &'static str, reason: &str) -> RowError {
    RowError { table, row: row.to_owned(), column, reason: reason.to_owned() }
}

fn unknown(word: &str) -> String {
    format!("has an unknown word: `{word}`")
}

fn day(text: &str) -> Result<Date, String> {
    text.parse::<Date>().map_err(|_| format!("is no date: `{text}`"))
}

fn optional_day(text: Option<&str>) -> Result<Option<Date>, String> {
    text.map(day).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one_event(change: impl FnOnce(&mut EventColumns)) -> Result<Register, RowError> {
        let mut event = EventColumns {
            event_id: "E1".to_owned(),
            subject_id: "S1".to_owned(),
            kind: "withdraw".to_owned(),
            actor: "self".to_owned(),
            effective_from: "2020-01-01".to_owned(),
            recorded_at: "2020-01-01T00:00:00Z".to_owned(),
            ..EventColumns::default()
        };
        change(&mut event);
        let subject = SubjectColumns {
            subject_id: "S1".to_owned(),
            birth_date: Some("2001-02-03".to_owned()),
            birth_year: Some("1999".to_owned()),
            ..SubjectColumns::default()
        };
        register(vec![subject], vec![], vec![event], vec![])
    }

    #[test]
    fn a_null_level_on_a_withdrawal_means_use_and_a_birth_date_wins_over_a_year() {
        let register = one_event(|_| {}).expect("a good row");
        let subject = register.get("S1").expect("the subject");
        assert_eq!(subject.birth, Birth::Day(Date::constant(2001, 2, 3)));
        let event = subject.events.iter().next().expect("the event");
        assert_eq!(event.what, What::Withdraw(Level::Use));
    }

    #[test]
    fn a_row_that_cannot_be_understood_leaves_no_register() {
        let cases = [
            ("kind", "Grant", "has an unknown word: `Grant`"),
            ("actor", "", "has an unknown word: ``"),
            ("effective_from", "2020-02-30", "is no date: `2020-02-30`"),
            ("effective_until", "soon", "is no date: `soon`"),
            ("recorded_at", "2020-01-01", "is no UTC instant: `2020-01-01`"),
            ("withdrawal_level", "all", "has an unknown word: `all`"),
            ("subject_id", "S2", "is no subject"),
            ("sample_id", "A", "is no sample of the subject"),
        ];
        for (column, value, reason) in cases {
            let value = value.to_owned();
            let error = one_event(|event| match column {
                "kind" => event.kind = value,
                "actor" => event.actor = value,
                "effective_from" => event.effective_from = value,
                "effective_until" => {
                    event.kind = "grant".to_owned();
                    event.effective_until = Some(value);
                }
                "recorded_at" => event.recorded_at = value,
                "withdrawal_level" => event.withdrawal_level = Some(value),
                "subject_id" => event.subject_id = value,
                _ => event.sample_id = Some(value),
            });
            let error = error.map(|_| ()).map_err(|error| error.to_string());
            assert_eq!(error, Err(format!("consent_event E1: {column} {reason}")));
        }
    }
}
