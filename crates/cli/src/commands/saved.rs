//! `baseq save` and `baseq list`: named queries of a project.

use super::check::{errors_of, look};
use crate::args::Common;
use crate::exit::{Exit, Result};
use crate::out::Out;
use crate::warehouse;
use session::SavedState;
use session::params::Params;
use std::path::Path;

pub(super) fn save(
    name: &str,
    file: &Path,
    table: &str,
    params: &Params,
    common: &Common,
    out: Out,
) -> Result<Exit> {
    let session = warehouse::session(common, Some(file))?;
    let checked = session.check(file, params)?;
    out.diagnostics(&checked.diagnostics, &checked.files, look(out));
    if checked.has_errors() {
        return Ok(errors_of(&checked));
    }
    let saved = session.to_save(&checked, table, params)?;
    let replaced = session.project().save(name, saved)?;
    let word = if replaced { "saved anew" } else { "saved" };
    out.say(&format!("{word}: `baseq run @{name}` runs it; {} belongs in git", session::SAVED_FILE));
    Ok(Exit::Done)
}

pub(super) fn list(common: &Common, out: Out) -> Result<Exit> {
    let session = warehouse::session(common, None)?;
    let states = session.saved_states()?;
    if out.json {
        out.json(&serde_json::json!(states))?;
        return Ok(Exit::Done);
    }
    if states.is_empty() {
        out.say("no query is saved; `baseq save NAME FILE TABLE` saves one");
        return Ok(Exit::Done);
    }
    let rows: Vec<[String; 4]> = states.iter().map(row).collect();
    let width = |at: usize| rows.iter().map(|row| row[at].chars().count()).max().unwrap_or(0);
    let (name, query, state) = (width(0), width(1), width(2));
    for row in &rows {
        let line = format!("{:name$}  {:query$}  {:state$}  {}", row[0], row[1], row[2], row[3]);
        out.line(line.trim_end())?;
    }
    Ok(Exit::Done)
}

/// Name, query, state and last run.
fn row(state: &SavedState) -> [String; 4] {
    let saved = &state.saved;
    let params: Vec<String> = saved.params.iter().map(|(name, value)| format!(" {name}={value}")).collect();
    let stale = match state.stale.as_slice() {
        [] => "current".to_owned(),
        changed => format!("stale: {}", changed.join(", ")),
    };
    let last = match &state.last {
        None => "never run".to_owned(),
        Some(last) => {
            let since = if last.changed_since { ", the warehouse was changed since" } else { "" };
            format!("{} on {} by {} (record {}){since}", last.ended, last.asked, last.actor, last.sequence)
        }
    };
    [state.name.clone(), format!("{} {}{}", saved.file, saved.table, params.concat()), stale, last]
}
