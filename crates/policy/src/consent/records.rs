//! The consent records of 3.1 as values that are right by construction.
//!
//! A grant carries its window and its scope, a withdrawal its level, a void what it names; no other event has
//! a place for any of these, so the columns that "count on grant, renew and amend only" cannot be read from
//! the wrong kind. Events hang on the person or on the sample they are about, in the order of 3.2.2, sorted
//! once. Reading rows of a table or a file into these values is the work of `rows`.

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;

use super::terms::Term;

/// A person: the unit of consent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// `subject_id`.
    pub id: String,
    /// What is known of the birth.
    pub birth: Birth,
    /// `death_date`.
    pub death: Option<Date>,
    /// The events about the whole person (`sample_id` null).
    pub events: Events,
    /// The samples of the person, by `sample_id`.
    pub samples: BTreeMap<String, Sample>,
}

/// A sample, with the events that are about it alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// `sample_id`.
    pub id: String,
    /// Day of collection; null in many collections, and then before no cut-off.
    pub collected_on: Option<Date>,
    /// The events that name this sample.
    pub events: Events,
}

/// What is known of a birth: `birth_date` wins over `birth_year`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Birth {
    /// The day.
    Day(Date),
    /// The year alone; counts as its first of January.
    Year(i16),
    /// Neither. Such a person is not a minor.
    Unknown,
}

/// Events of one person or of one sample, in the order of 3.2.2: `effective_from`, `recorded_at`, kind,
/// `event_id`.
///
/// The order does not depend on the dates of a question, so it is made once. It is total as long as
/// `event_id` is the key that 3.1 says it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Events(Vec<Event>);

impl Events {
    /// Puts the events into their order.
    pub fn new(mut events: Vec<Event>) -> Self {
        events.sort_by(|one, other| one.place().cmp(&other.place()));
        Self(events)
    }

    /// The events in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Event> {
        self.0.iter()
    }

    /// Is there no event, whenever recorded?
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<'a> IntoIterator for &'a Events {
    type Item = &'a Event;
    type IntoIter = std::slice::Iter<'a, Event>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// One row of `consent_event`, with the scope rows that belong to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// `event_id`, unique in the table.
    pub id: String,
    /// Who said it.
    pub actor: Actor,
    /// First day on which it counts.
    pub effective_from: Date,
    /// The instant from which it is known.
    pub recorded_at: Timestamp,
    /// What happened.
    pub what: What,
}

impl Event {
    /// The sort key of 3.2.2. Strings compare by their bytes.
    pub(super) fn place(&self) -> (Date, Timestamp, u8, &str) {
        (self.effective_from, self.recorded_at, self.what.rank(), &self.id)
    }
}

/// What an event does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// Consent is given anew; it replaces whatever was there.
    Give(Given),
    /// A live consent rests.
    Suspend,
    /// A resting consent is live again.
    Resume,
    /// Consent is taken back.
    Withdraw(Level),
    /// Another event is struck out. None: the column was null, and the consent is not valid.
    Void {
        /// `supersedes`.
        supersedes: Option<String>,
    },
}

impl What {
    /// The place of the kind among events of the same day and instant. A void takes no part in the order.
    fn rank(&self) -> u8 {
        match self {
            What::Give(given) => match given.kind {
                GiveKind::Grant => 0,
                GiveKind::Renew => 1,
                GiveKind::Amend => 2,
            },
            What::Resume => 3,
            What::Suspend => 4,
            What::Withdraw(_) => 5,
            What::Void { .. } => 6,
        }
    }
}

/// The content of a grant, a renewal or an amendment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// Which of the three; they differ in their order on one day only.
    pub kind: GiveKind,
    /// First day on which it no longer holds; None is open.
    pub until: Option<Date>,
    /// What is consented to. Empty: nothing.
    pub scope: Vec<ScopeRow>,
}

/// The kinds of event that give consent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GiveKind {
    /// grant
    Grant,
    /// renew
    Renew,
    /// amend
    Amend,
}

/// How much a withdrawal takes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// No more contact; the use goes on.
    Contact,
    /// Nothing dated from that day on may be read.
    Access,
    /// Nothing may be read. A null level means this one.
    Use,
}

/// Who spoke.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Actor {
    /// The person.
    Myself,
    /// A parent or guardian.
    Guardian,
    /// Somebody with a power of attorney.
    Proxy,
    /// A court.
    Court,
    /// A system, for example a migration of records.
    System,
}

/// One row of `consent_scope`, its event aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScopeRow {
    /// Rows of one branch belong together.
    pub branch: String,
    /// Permit or deny.
    pub polarity: Polarity,
    /// The DUO term.
    pub term: Term,
    /// For DS.
    pub disease: Option<String>,
    /// For GS.
    pub region: Option<String>,
    /// For TS and MOR.
    pub until_date: Option<Date>,
    /// For US and COL, and the institution of IS.
    pub party: Option<String>,
    /// For PS.
    pub project: Option<String>,
}

/// Whether a scope row gives or takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Polarity {
    /// Part of a branch that may permit.
    Permit,
    /// Excludes what it covers, whatever the branches say.
    Deny,
}

impl fmt::Display for GiveKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            GiveKind::Grant => "grant",
            GiveKind::Renew => "renew",
            GiveKind::Amend => "amend",
        })
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Actor::Myself => "self",
            Actor::Guardian => "guardian",
            Actor::Proxy => "proxy",
            Actor::Court => "court",
            Actor::System => "system",
        })
    }
}
