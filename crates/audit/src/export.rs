//! The log in the forms that others read: a table as CSV, and FHIR R4 AuditEvent resources.
//!
//! A question and what became of it are one row, one resource. Both forms leave out nothing that says
//! who got what, why and when; the log itself stays the evidence, since only it has the chain.

use crate::error::Error;
use crate::record::{Change, Decision, Differencing, Duration, Entry, Event, Intent, Outcome, Record};
use base64::Engine as _;
use jiff::Timestamp;
use serde_json::{Value, json};

/// A question with what became of it.
#[derive(Clone, Copy, Debug)]
pub struct Run<'a> {
    /// The sequence of its intent.
    pub sequence: u64,
    /// When it was asked.
    pub asked: Timestamp,
    /// What was known before it ran.
    pub intent: &'a Intent,
    /// When it ended and how; `None` where it still runs, or was killed.
    pub ended: Option<(Timestamp, &'a Outcome)>,
}

/// The questions of a log in the order in which they were asked.
pub fn runs(records: &[Record]) -> Vec<Run<'_>> {
    let mut runs: Vec<Run<'_>> = Vec::new();
    for record in records {
        match &record.entry {
            Entry::Intent(intent) => {
                runs.push(Run { sequence: record.sequence, asked: record.time, intent, ended: None });
            }
            Entry::Outcome { intent, outcome } => {
                // Sequences ascend, and a log that verifies has the intent of every outcome.
                if let Ok(at) = runs.binary_search_by_key(intent, |run| run.sequence)
                    && let Some(run) = runs.get_mut(at)
                {
                    run.ended = Some((record.time, outcome));
                }
            }
            Entry::Event(_) => {}
        }
    }
    runs
}

/// The headings of [`csv`].
const HEADINGS: [&str; 27] = [
    "sequence",
    "kind",
    "asked_at",
    "ended_at",
    "actor",
    "actor_known_by",
    "agreements",
    "purpose",
    "as_of",
    "used_on",
    "known_at",
    "level",
    "guards",
    "columns",
    "decision",
    "rule",
    "cells",
    "withheld",
    "secondary",
    "differencing",
    "format",
    "path",
    "duration",
    "engine",
    "snapshot",
    "query_hash",
    "result_hash",
];

/// The log as CSV, a row per question, load and installation, in order of sequence. Lists are joined by `; `.
///
/// # Errors
/// [`Error::NotJson`] does not occur; the table is made in memory.
pub fn csv(records: &[Record]) -> Result<String, Error> {
    let mut rows: Vec<(u64, [String; 27])> = Vec::new();
    for run in runs(records) {
        rows.push((run.sequence, of_run(&run)));
    }
    for record in records {
        if let Entry::Event(event) = &record.entry {
            rows.push((record.sequence, of_event(record, event)));
        }
    }
    rows.sort_by_key(|(sequence, _)| *sequence);
    let mut writer = csv::Writer::from_writer(Vec::new());
    let written = writer
        .write_record(HEADINGS)
        .and_then(|()| rows.iter().try_for_each(|(_, row)| writer.write_record(row)));
    written.map_err(|_| Error::NotJson)?;
    let bytes = writer.into_inner().map_err(|_| Error::NotJson)?;
    String::from_utf8(bytes).map_err(|_| Error::NotJson)
}

fn of_run(run: &Run<'_>) -> [String; 27] {
    let intent = run.intent;
    let outcome = run.ended.map(|(_, outcome)| outcome);
    let cells = outcome.and_then(|outcome| outcome.cells);
    let of = |number: Option<u64>| number.map_or_else(String::new, |number| number.to_string());
    [
        run.sequence.to_string(),
        "question".to_owned(),
        run.asked.to_string(),
        run.ended.map_or_else(String::new, |(time, _)| time.to_string()),
        intent.actor.name.clone(),
        intent.actor.known_by.clone(),
        agreements(intent),
        intent.purpose.clone(),
        intent.as_of.to_string(),
        intent.used_on.to_string(),
        intent.known_at.to_string(),
        intent.level.clone(),
        joined(intent.guards.iter().map(|guard| format!("{} via {}", guard.table, guard.path))),
        joined(intent.columns.iter().map(|column| format!("{} ({})", column.column, column.label))),
        outcome.map_or("no outcome", |outcome| outcome.decision.word()).to_owned(),
        outcome.and_then(|outcome| outcome.decision.rule()).unwrap_or_default().to_owned(),
        of(cells.map(|cells| cells.total)),
        of(cells.map(|cells| cells.withheld)),
        of(cells.map(|cells| cells.secondary)),
        outcome.map_or_else(String::new, |outcome| outcome.differencing.words()),
        outcome.and_then(|outcome| outcome.format.clone()).unwrap_or_default(),
        outcome.and_then(|outcome| outcome.path.clone()).unwrap_or_default(),
        outcome.map_or("", |outcome| outcome.duration.words()).to_owned(),
        intent.engine.name.clone(),
        intent.snapshot.clone(),
        intent.query_hash.clone(),
        outcome.and_then(|outcome| outcome.result_hash.clone()).unwrap_or_default(),
    ]
}

fn of_event(record: &Record, event: &Event) -> [String; 27] {
    let mut row: [String; 27] = std::array::from_fn(|_| String::new());
    let (kind, decision, path, hash) = match &event.what {
        Change::Load { kind, source, hash, rows, rejected } => {
            ("load", format!("{kind}: {rows} rows, {rejected} rejected"), source.clone(), hash.clone())
        }
        Change::Policy { hash, agreements, signed_by } => {
            let versions =
                joined(agreements.iter().map(|(name, version)| format!("{name} version {version}")));
            let signed = signed_by.as_ref().map_or_else(String::new, |key| format!(", signed by {key}"));
            ("policy", format!("{versions}{signed}"), String::new(), hash.clone())
        }
        Change::Steward { key } => ("steward", format!("trusts {key}"), String::new(), String::new()),
    };
    let filled = [
        (0, record.sequence.to_string()),
        (1, kind.to_owned()),
        (2, record.time.to_string()),
        (3, record.time.to_string()),
        (4, event.actor.name.clone()),
        (5, event.actor.known_by.clone()),
        (14, decision),
        (21, path),
        (26, hash),
    ];
    for (at, text) in filled {
        if let Some(cell) = row.get_mut(at) {
            *cell = text;
        }
    }
    row
}

/// The questions of a log as FHIR R4 AuditEvent resources, a line of JSON each.
///
/// Codes are those of the value sets that the resource names (hl7.org/fhir/R4/auditevent.html): DICOM
/// 110112 *Query*, action E *execute*, outcome 0 *success*, 4 *minor failure* for what a rule refused or a
/// person stopped, 8 *serious failure* for what did not finish.
pub fn fhir(records: &[Record]) -> String {
    let mut lines = String::new();
    for run in runs(records) {
        lines += &resource(&run).to_string();
        lines.push('\n');
    }
    lines
}

fn resource(run: &Run<'_>) -> Value {
    let intent = run.intent;
    let outcome = run.ended.map(|(_, outcome)| outcome);
    let (code, described) = match outcome.map(|outcome| &outcome.decision) {
        Some(Decision::Released) => ("0", "released".to_owned()),
        Some(Decision::Refused { rule }) => ("4", format!("refused by {rule}")),
        Some(Decision::Cancelled) => ("4", "cancelled".to_owned()),
        Some(Decision::Failed) => ("8", "the engine did not finish".to_owned()),
        None => ("8", "no outcome was recorded".to_owned()),
    };
    let detail = |name: &str, value: String| json!({ "type": name, "valueString": value });
    let mut details = vec![
        detail("as of", intent.as_of.to_string()),
        detail("used on", intent.used_on.to_string()),
        detail("known at", intent.known_at.to_string()),
        detail("level", intent.level.clone()),
        detail("snapshot", intent.snapshot.clone()),
        detail("query hash", intent.query_hash.clone()),
    ];
    details.extend(
        intent.parameters.iter().map(|(name, value)| detail(&format!("parameter {name}"), value.clone())),
    );
    if let Some(outcome) = outcome {
        if let Some(cells) = outcome.cells {
            let words = format!(
                "{}, {} withheld, {} to protect others",
                cells.total, cells.withheld, cells.secondary
            );
            details.push(detail("cells", words));
        }
        let more =
            [("result hash", &outcome.result_hash), ("format", &outcome.format), ("path", &outcome.path)];
        for (name, value) in more {
            details.extend(value.iter().map(|value| detail(name, value.clone())));
        }
        details.push(detail("differencing", outcome.differencing.words()));
    }
    let query = base64::engine::general_purpose::STANDARD.encode(&intent.query);
    let mut entities = vec![json!({
        "type": coding("http://terminology.hl7.org/CodeSystem/audit-entity-type", "2", "System Object"),
        "role": coding("http://terminology.hl7.org/CodeSystem/object-role", "24", "Query"),
        "query": query,
        "detail": details,
    })];
    entities.extend(intent.guards.iter().map(|guard| {
        json!({
            "what": { "display": guard.table },
            "type": coding("http://terminology.hl7.org/CodeSystem/audit-entity-type", "1", "Person"),
            "description": format!("rows of permitted people only, through {}", guard.path),
        })
    }));
    let policies: Vec<String> = intent
        .agreements
        .iter()
        .map(|agreement| {
            format!("urn:baseq:agreement:{}:{}:{}", agreement.name, agreement.version, agreement.hash)
        })
        .collect();
    let mut agent = json!({
        "who": { "display": intent.actor.name },
        "requestor": true,
    });
    if !policies.is_empty() {
        agent["policy"] = json!(policies);
    }
    json!({
        "resourceType": "AuditEvent",
        "id": run.sequence.to_string(),
        "type": coding("http://dicom.nema.org/resources/ontology/DCM", "110112", "Query"),
        "action": "E",
        "period": { "start": run.asked.to_string(), "end": run.ended.map(|(time, _)| time.to_string()) },
        "recorded": run.ended.map_or(run.asked, |(time, _)| time).to_string(),
        "outcome": code,
        "outcomeDesc": described,
        "purposeOfEvent": [{ "text": intent.purpose }],
        "agent": [agent],
        "source": { "observer": { "display": format!("baseq {}", intent.compiler) } },
        "entity": entities,
    })
}

fn coding(system: &str, code: &str, display: &str) -> Value {
    json!({ "system": system, "code": code, "display": display })
}

fn agreements(intent: &Intent) -> String {
    joined(
        intent.agreements.iter().map(|agreement| format!("{} version {}", agreement.name, agreement.version)),
    )
}

fn joined(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join("; ")
}

impl Decision {
    /// The decision in a word.
    pub fn word(&self) -> &'static str {
        match self {
            Decision::Released => "released",
            Decision::Refused { .. } => "refused",
            Decision::Failed => "failed",
            Decision::Cancelled => "cancelled",
        }
    }

    /// The rule that refused.
    pub fn rule(&self) -> Option<&str> {
        match self {
            Decision::Refused { rule } => Some(rule),
            Decision::Released | Decision::Failed | Decision::Cancelled => None,
        }
    }
}

impl Differencing {
    /// The verdict as people read it.
    pub fn words(&self) -> String {
        match self {
            Differencing::NotChecked { reason } => format!("not checked: {reason}"),
            Differencing::Compared { earlier, complete: true } => {
                format!("compared with {earlier} earlier results")
            }
            Differencing::Compared { earlier, complete: false } => {
                format!("compared in part with {earlier} earlier results")
            }
            Differencing::TooNearWithin => "too near to itself".to_owned(),
            Differencing::TooManyRefused => "too many refused before".to_owned(),
            Differencing::TooNear { earlier } => format!("too near to {earlier}"),
        }
    }
}

impl Duration {
    /// The step as people read it.
    pub fn words(self) -> &'static str {
        match self {
            Duration::UnderOneSecond => "under 1 s",
            Duration::UnderTenSeconds => "under 10 s",
            Duration::UnderOneMinute => "under 1 min",
            Duration::UnderTenMinutes => "under 10 min",
            Duration::TenMinutesOrMore => "10 min or more",
        }
    }
}
