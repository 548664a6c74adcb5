//! `baseq audit`: whether the log is whole, what it says, and in which forms others take it.
//! `baseq activity`: the same log, for whoever wants to see what goes on.

use crate::args::{Audit, AuditFormat, Common, LogFile, Sought};
use crate::exit::{Exit, Failure, Result, usage};
use crate::out::{Out, write_file};
use crate::warehouse;
use session::{Change, Log, Run};
use signing::{PublicKey, SecretKey};
use std::path::{Path, PathBuf};

pub(super) fn run(command: &Audit, common: &Common, out: Out) -> Result<Exit> {
    match command {
        Audit::Show { sequence: Some(sequence), log, .. } => record(*sequence, &path(log, common)?, out),
        Audit::Show { sequence: None, sought, log } => show(sought, &path(log, common)?, out),
        Audit::Verify { checkpoint, key, log } => {
            verify(checkpoint.as_deref().zip(key.as_deref()), &path(log, common)?, out)
        }
        Audit::Checkpoint { key, output, log } => {
            let key = SecretKey::read(key).map_err(|error| usage(error.to_string()))?;
            let line = Log::read(&path(log, common)?)?.checkpoint(&key)?;
            give(&format!("{line}\n"), output.as_deref(), out)
        }
        Audit::Export { form, output, log } => {
            let log = Log::read(&path(log, common)?)?;
            let text = match form {
                AuditFormat::Csv => log.csv()?,
                AuditFormat::Fhir => log.fhir(),
            };
            give(&text, output.as_deref(), out)
        }
    }
}

/// Makes a pair of keys.
pub(super) fn key(file: &Path, out: Out) -> Result<Exit> {
    let failed = |error: signing::Error| Failure::Said(Exit::Usage, error.to_string());
    let public = SecretKey::generate().and_then(|key| key.write(file)).map_err(failed)?;
    out.line(&format!("{} signs: keep it to yourself", file.display()))?;
    out.line(&format!("{} checks: give it to whoever must trust what you sign", public.display()))?;
    Ok(Exit::Done)
}

fn path(log: &LogFile, common: &Common) -> Result<PathBuf> {
    if let Some(path) = &log.path {
        return Ok(path.clone());
    }
    let project = warehouse::project(common, None)?;
    Ok(project.root.join(&project.settings.audit))
}

/// Text to a file or to the terminal.
fn give(text: &str, output: Option<&Path>, out: Out) -> Result<Exit> {
    match output {
        None => out.result(text.as_bytes())?,
        Some(path) => {
            write_file(path, text.as_bytes())?;
            out.say(&format!("wrote {}", path.display()));
        }
    }
    Ok(Exit::Done)
}

fn verify(kept: Option<(&Path, &Path)>, log: &Path, out: Out) -> Result<Exit> {
    let kept = match kept {
        None => None,
        Some((checkpoint, key)) => {
            Some((checkpoint, PublicKey::read(key).map_err(|error| usage(error.to_string()))?))
        }
    };
    let kept = kept.as_ref().map(|(checkpoint, key)| (*checkpoint, key));
    let (records, open) = Log::verify(log, kept)?;
    if out.json {
        out.json(&serde_json::json!({
            "records": records, "without_outcome": open, "checkpoint": kept.is_some(),
        }))?;
        return Ok(Exit::Done);
    }
    out.line(&format!("{}: {records} records, nothing changed, dropped or swapped", log.display()))?;
    match kept {
        Some((checkpoint, _)) => out.line(&format!(
            "it holds the record of {}, so that nothing before it was cut off or written anew",
            checkpoint.display()
        ))?,
        None => out.say(
            "that its end was cut off, or all of it written anew, only a checkpoint shows: `baseq audit checkpoint`",
        ),
    }
    for sequence in open {
        out.line(&format!(
            "question {sequence} has no outcome: it still runs, or was killed, and gave nothing"
        ))?;
    }
    Ok(Exit::Done)
}

fn record(sequence: u64, log: &Path, out: Out) -> Result<Exit> {
    let log = Log::read(log)?;
    let found = log.record(sequence);
    let record = found.ok_or_else(|| usage(format!("{} has no record {sequence}", log.path().display())))?;
    out.json(&record)?;
    Ok(Exit::Done)
}

fn show(sought: &Sought, log: &Path, out: Out) -> Result<Exit> {
    let log = Log::read(log)?;
    let sought = session::Sought {
        actor: sought.actor.clone(),
        agreement: sought.agreement.clone(),
        reads: sought.reads.clone(),
        since: sought.since,
        until: sought.until,
        released: sought.released,
    };
    let runs = log.runs(&sought);
    if out.json {
        let wanted: std::collections::BTreeSet<u64> = runs.iter().map(|run| run.sequence).collect();
        let keep = |record: &serde_json::Value| {
            let intent =
                record["entry"]["outcome"]["intent"].as_u64().or_else(|| record["sequence"].as_u64());
            intent.is_some_and(|sequence| wanted.contains(&sequence))
        };
        out.json(&serde_json::Value::Array(log.json().into_iter().filter(keep).collect()))?;
        return Ok(Exit::Done);
    }
    for run in &runs {
        for line in account(run) {
            out.line(&line)?;
        }
    }
    out.say(&format!("{} questions", runs.len()));
    Ok(Exit::Done)
}

/// Who got what about whom, why and when.
fn account(run: &Run<'_>) -> Vec<String> {
    let intent = run.intent;
    let agreements: Vec<String> = intent
        .agreements
        .iter()
        .map(|agreement| format!("\"{}\" version {}", agreement.name, agreement.version))
        .collect();
    let why = if agreements.is_empty() {
        "under no agreement: only public tables are read".to_owned()
    } else {
        format!("under {} for {}", agreements.join(", "), intent.purpose)
    };
    let whom: Vec<String> =
        intent.guards.iter().map(|guard| format!("{} (through {})", guard.table, guard.path)).collect();
    let columns: Vec<&str> = intent.columns.iter().map(|column| column.column.as_str()).collect();
    let mut lines = vec![
        format!("{}  {}  {} ({})", run.sequence, run.asked, intent.actor.name, intent.actor.known_by),
        format!("    why    {why}"),
        format!(
            "    when   as of {}, consent also on {}, known at {}",
            intent.as_of, intent.used_on, intent.known_at
        ),
    ];
    if !whom.is_empty() {
        lines.push(format!("    whom   permitted people only, in {}", whom.join(", ")));
    }
    if !columns.is_empty() {
        lines.push(format!("    read   {}", columns.join(", ")));
    }
    lines.push(format!("    got    {}", got(run)));
    lines
}

fn got(run: &Run<'_>) -> String {
    let Some((_, outcome)) = run.ended else { return "nothing: it still runs, or was killed".to_owned() };
    let Some(cells) = outcome.cells else {
        let rule = outcome.decision.rule().map_or_else(String::new, |rule| format!(" by {rule}"));
        return format!("nothing: {}{rule}", outcome.decision.word());
    };
    let hidden = match (cells.withheld, cells.secondary) {
        (0, 0) => String::new(),
        (withheld, 0) => format!(", {withheld} of them withheld"),
        (withheld, secondary) => format!(", {withheld} of them withheld, {secondary} more to protect others"),
    };
    let format = outcome.format.as_deref().unwrap_or("nothing");
    let to = match outcome.path.as_deref() {
        None | Some("-") => "on the terminal".to_owned(),
        Some(path) => format!("in {path}"),
    };
    format!("{} cells at level {}{hidden}, as {format} {to}", cells.total, run.intent.level)
}

/// What ran, runs and was loaded, newest last.
pub(super) fn activity(last: usize, log: &LogFile, common: &Common, out: Out) -> Result<Exit> {
    let path = path(log, common)?;
    if !path.exists() {
        out.say("nothing was run or loaded yet");
        return Ok(Exit::Done);
    }
    let log = Log::read(&path)?;
    let mut lines: Vec<(u64, serde_json::Value, String)> = Vec::new();
    for run in log.runs(&session::Sought::default()) {
        let state = run.ended.map_or("running or killed", |(_, outcome)| outcome.decision.word());
        let took = run.ended.map_or("", |(_, outcome)| outcome.duration.words());
        let what = first_line(&run.intent.query);
        let value = serde_json::json!({
            "sequence": run.sequence, "kind": "question", "time": run.asked.to_string(),
            "actor": run.intent.actor.name, "what": what, "state": state, "took": took,
        });
        let line =
            format!("{}  {}  question  {state:<17}  {took:<13}  {what}", run.asked, run.intent.actor.name);
        lines.push((run.sequence, value, line));
    }
    for (time, sequence, event) in log.events() {
        let (kind, what) = change(&event.what);
        let value = serde_json::json!({
            "sequence": sequence, "kind": kind, "time": time.to_string(),
            "actor": event.actor.name, "what": what, "state": "done", "took": "",
        });
        let line = format!("{time}  {}  {kind:<8}  {:<17}  {:<13}  {what}", event.actor.name, "done", "");
        lines.push((sequence, value, line));
    }
    lines.sort_by_key(|(sequence, _, _)| *sequence);
    let from = lines.len().saturating_sub(last);
    let lines = lines.split_off(from);
    if out.json {
        out.json(&serde_json::Value::Array(lines.into_iter().map(|(_, value, _)| value).collect()))?;
        return Ok(Exit::Done);
    }
    for (_, _, line) in lines {
        out.line(&line)?;
    }
    Ok(Exit::Done)
}

fn change(what: &Change) -> (&'static str, String) {
    match what {
        Change::Load { kind, source, rows, rejected: 0, .. } => {
            ("load", format!("{kind} {source}: {rows} rows"))
        }
        Change::Load { kind, source, rows, rejected, .. } => {
            ("load", format!("{kind} {source}: {rows} rows, {rejected} records kept as rejects"))
        }
        Change::Policy { agreements, .. } => {
            let versions: Vec<String> =
                agreements.iter().map(|(name, version)| format!("\"{name}\" version {version}")).collect();
            ("policy", versions.join(", "))
        }
        Change::Steward { key } => ("steward", format!("trusts {key}")),
    }
}

/// What a program says of itself: its first doc comment, else its first line.
fn first_line(query: &str) -> String {
    let lines = || query.lines().map(str::trim).filter(|line| !line.is_empty());
    let doc = lines().find_map(|line| line.strip_prefix("--| "));
    let line = doc.or_else(|| lines().next()).unwrap_or("");
    if line.chars().count() > 80 { line.chars().take(79).chain(['…']).collect() } else { line.to_owned() }
}
