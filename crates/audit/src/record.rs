//! The fields of records (consent-and-policy.md section 7).
//!
//! Hashes are SHA-256 in lower-case hexadecimal. Days are calendar days, instants are UTC.

use crate::history::Pin;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A line of the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// From 1, without gaps.
    pub sequence: u64,
    /// The hash of the line before, without its line end; 64 zeros in the first line.
    pub previous: String,
    /// When it was written, to the second.
    pub time: Timestamp,
    /// What it records.
    pub entry: Entry,
    /// The hash of this record's canonical JSON with this field empty.
    pub digest: String,
}

/// What a record records.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Entry {
    /// A statement is about to run.
    Intent(Box<Intent>),
    /// What became of it.
    Outcome {
        /// The sequence of its intent.
        intent: u64,
        /// What became of it.
        outcome: Box<Outcome>,
    },
    /// The warehouse was changed: something was loaded, or a policy installed.
    Event(Box<Event>),
}

/// A change of the warehouse that is not a question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// Who did it.
    pub actor: Actor,
    /// What was done.
    pub what: Change,
}

/// What was done to a warehouse.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Change {
    /// A source was loaded.
    Load {
        /// The kind of source: `vcf`.
        kind: String,
        /// Its name, usually that of its file.
        source: String,
        /// The hash of its bytes.
        hash: String,
        /// Rows written to all tables.
        rows: u64,
        /// Records that were refused and kept apart.
        rejected: u64,
    },
    /// A policy was installed.
    Policy {
        /// The hash of its files.
        hash: String,
        /// Agreements with their versions.
        agreements: BTreeMap<String, u64>,
        /// The steward's key that signed it.
        signed_by: Option<String>,
    },
    /// The warehouse was made to trust a steward.
    Steward {
        /// The steward's public key.
        key: String,
    },
}

/// What is known before a statement runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Intent {
    /// Who asks.
    pub actor: Actor,
    /// Under which agreements, in the order of the program; none where only public tables are read.
    pub agreements: Vec<Agreement>,
    /// The purpose, as the policy prints it.
    pub purpose: String,
    /// D, the reference date of the question.
    pub as_of: Date,
    /// U, the date of use.
    pub used_on: Date,
    /// T, the instant up to which recorded consent events count.
    pub known_at: Timestamp,
    /// The source of the query, whole.
    pub query: String,
    /// The hash of the query as the formatter prints it.
    pub query_hash: String,
    /// Which table or report of it; older logs do not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<String>,
    /// Values of parameters by name, as the language writes them.
    pub parameters: BTreeMap<String, String>,
    /// The version of the compiler.
    pub compiler: String,
    /// What the query was compiled against.
    pub hashes: Hashes,
    /// The hash of the SQL by dialect.
    pub sql_hashes: BTreeMap<String, String>,
    /// What runs it.
    pub engine: Engine,
    /// The state of the data: its snapshot or load identity.
    pub snapshot: String,
    /// The guards of the query.
    pub guards: Vec<Guard>,
    /// The columns it reads.
    pub columns: Vec<ColumnUse>,
    /// The level of its result: count, aggregate or record.
    pub level: String,
}

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Actor {
    /// Who.
    pub name: String,
    /// How that is known: `operating system`, `database role`.
    pub known_by: String,
}

/// An agreement as it was when the query ran.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Agreement {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: u64,
    /// The hash of the policy that it is a part of.
    pub hash: String,
}

/// What a query was compiled against.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hashes {
    /// The policy.
    pub policy: String,
    /// The schema.
    pub schema: String,
    /// Each ontology by its name.
    pub ontologies: BTreeMap<String, String>,
}

/// What runs a statement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Engine {
    /// Its name and version.
    pub name: String,
    /// Its settings by name.
    pub settings: BTreeMap<String, String>,
}

/// A guard of a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Guard {
    /// The table.
    pub table: String,
    /// Its path to the subject.
    pub path: String,
}

/// A column that a query reads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ColumnUse {
    /// `table.column`.
    pub column: String,
    /// Its label.
    pub label: String,
}

/// What became of a statement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outcome {
    /// What was decided.
    pub decision: Decision,
    /// The cells of the result; `None` where there is none.
    pub cells: Option<Cells>,
    /// Whether the result can be subtracted from earlier ones.
    pub differencing: Differencing,
    /// The hash of the released bytes; `None` where there are none.
    pub result_hash: Option<String>,
    /// The format of the result.
    pub format: Option<String>,
    /// Where it went: a path, or `-` for the terminal.
    pub path: Option<String>,
    /// How long it took, coarsely: exact times tell about rows.
    pub duration: Duration,
    /// The end of the history of releases after this run; `None` where it wrote nothing there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub history: Option<Pin>,
}

/// What was decided about a result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Decision {
    /// Rows were released.
    Released,
    /// A rule refused it.
    Refused {
        /// The rule: a diagnostic code or the number of a release rule.
        rule: String,
    },
    /// The engine did not finish.
    Failed,
    /// A person stopped it.
    Cancelled,
}

/// The cells of a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cells {
    /// All.
    pub total: u64,
    /// Withheld because of their own people.
    pub withheld: u64,
    /// Withheld to protect others.
    pub secondary: u64,
}

/// The verdict of the differencing check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Differencing {
    /// No check was made; the reason is said.
    NotChecked {
        /// Why.
        reason: String,
    },
    /// The sets of people behind it were compared with those of earlier results, and none was too near.
    Compared {
        /// With how many results of the same recipients.
        earlier: u64,
        /// Whether all numbers of people that were told were compared; if not, those of frequencies, events and
        /// cases were not.
        complete: bool,
    },
    /// Two of its own sets were too near to each other.
    TooNearWithin,
    /// It was too near to an earlier result.
    TooNear {
        /// The sequence of the earlier intent.
        earlier: u64,
    },
    /// So many results were refused under its agreements that nothing more is told.
    TooManyRefused,
}

/// How long a run took, in steps that do not tell numbers of rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Duration {
    /// Below a second.
    UnderOneSecond,
    /// Below ten seconds.
    UnderTenSeconds,
    /// Below a minute.
    UnderOneMinute,
    /// Below ten minutes.
    UnderTenMinutes,
    /// Ten minutes or more.
    TenMinutesOrMore,
}

impl From<std::time::Duration> for Duration {
    fn from(time: std::time::Duration) -> Duration {
        match time.as_secs() {
            0 => Duration::UnderOneSecond,
            1..10 => Duration::UnderTenSeconds,
            10..60 => Duration::UnderOneMinute,
            60..600 => Duration::UnderTenMinutes,
            600.. => Duration::TenMinutesOrMore,
        }
    }
}
