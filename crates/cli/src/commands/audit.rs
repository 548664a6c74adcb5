//! `baseq audit`: whether the log is whole, and what it says.

use crate::args::{Audit, Common};
use crate::exit::{Exit, Result};
use crate::out::Out;
use crate::warehouse;
use std::path::{Path, PathBuf};

pub(super) fn run(command: &Audit, common: &Common, out: Out) -> Result<Exit> {
    match command {
        Audit::Verify { log } => verify(&path(log.as_deref(), common)?, out),
        Audit::Show { log } => show(&path(log.as_deref(), common)?, out),
    }
}

fn path(log: Option<&Path>, common: &Common) -> Result<PathBuf> {
    if let Some(path) = log {
        return Ok(path.to_owned());
    }
    let project = warehouse::project(common, None)?;
    Ok(project.root.join(&project.settings.audit))
}

fn verify(log: &Path, out: Out) -> Result<Exit> {
    let records = session::audit_records(log)?;
    if out.json {
        out.json(&serde_json::json!({ "records": records.len() }))?;
    } else {
        out.line(&format!(
            "{}: {} records, nothing changed, dropped or swapped",
            log.display(),
            records.len()
        ))?;
    }
    Ok(Exit::Done)
}

fn show(log: &Path, out: Out) -> Result<Exit> {
    let records = session::audit_records(log)?;
    if out.json {
        out.json(&serde_json::Value::Array(records))?;
        return Ok(Exit::Done);
    }
    for record in &records {
        let text =
            |value: &serde_json::Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let head = format!("{} {}", record["sequence"], text(&record["time"]));
        let intent = &record["entry"]["intent"];
        let outcome = &record["entry"]["outcome"];
        if intent.is_object() {
            out.line(&format!(
                "{head} {} asks under {} version {} as of {}",
                text(&intent["actor"]["name"]),
                text(&intent["agreement"]["name"]),
                intent["agreement"]["version"],
                text(&intent["as_of"])
            ))?;
        } else {
            out.line(&format!(
                "{head} outcome of {}: {}",
                outcome["intent"],
                text(&outcome["outcome"]["decision"])
            ))?;
        }
    }
    Ok(Exit::Done)
}
