//! `baseq check`: all diagnostics of files and folders.

use crate::args::{CheckFormat, Common};
use crate::exit::{Exit, Result, usage};
use crate::out::{Look, Out};
use crate::warehouse;
use session::Checked;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub(super) fn run(
    paths: &[PathBuf],
    explain: bool,
    format: CheckFormat,
    params: &BTreeMap<String, String>,
    common: &Common,
    out: Out,
) -> Result<Exit> {
    let look = match format {
        CheckFormat::Full => look(out),
        CheckFormat::Concise => Look::Concise,
        CheckFormat::Json => Look::Json,
    };
    let session = warehouse::session(common, paths.first().map(PathBuf::as_path))?;
    let root = [session.project().root.clone()];
    let mut files = Vec::new();
    for path in if paths.is_empty() { &root[..] } else { paths } {
        if path.is_dir() {
            programs(path, &mut files)?;
        } else {
            files.push(path.clone());
        }
    }
    let mut exit = Exit::Done;
    let mut json = Vec::new();
    let mut show = |diagnostics: &[diag::Diagnostic], texts: &text::Files| {
        if look == Look::Json {
            let text = report::diagnostics_json(diagnostics, texts);
            if let Ok(serde_json::Value::Array(more)) = serde_json::from_str(&text) {
                json.extend(more);
            }
            return;
        }
        out.diagnostics(diagnostics, texts, look);
    };
    // A policy file is checked with the model alone, and once.
    if paths.iter().all(|path| path.is_dir()) || files.iter().any(|file| session.is_policy(file)) {
        let (texts, diagnostics) = session.check_policy()?;
        show(&diagnostics, &texts);
        if diagnostics.iter().any(diag::Diagnostic::is_error) {
            exit = Exit::Diagnostics;
        }
    }
    let mut receipts = Vec::new();
    files.retain(|file| !session.is_policy(file) && !session.is_model(file));
    for file in &files {
        let checked = session.check(file, params)?;
        show(&checked.diagnostics, &checked.files);
        if checked.has_errors() {
            // What is wrong with the program comes before what the policy says of it.
            exit = match (exit, errors_of(&checked)) {
                (Exit::Done, new) => new,
                (old, new) if old == new => old,
                (_, _) => Exit::Diagnostics,
            };
        }
        if explain {
            receipts.push((file, session.receipts(&checked)));
        }
    }
    if look == Look::Json {
        out.json(&json.into())?;
    }
    for (file, receipts) in receipts {
        explained(file, &receipts, out)?;
    }
    if exit == Exit::Done && look == Look::Full {
        let count = files.len();
        out.say(&format!("{count} program{} checked, nothing wrong", if count == 1 { "" } else { "s" }));
    }
    Ok(exit)
}

/// Prints every decision of the policy on a program.
fn explained(file: &Path, receipts: &[session::Explained], out: Out) -> Result<()> {
    if out.json {
        return out.json(&serde_json::json!({ "file": file.display().to_string(), "receipts": receipts }));
    }
    out.line(&format!("{}:", file.display()))?;
    for receipt in receipts {
        let at = receipt.place.as_ref().map(|place| format!(" ({place})")).unwrap_or_default();
        let by = receipt.policy.as_ref().map_or_else(|| "the language".to_owned(), Clone::clone);
        out.line(&format!("  {}{at}: {}\n    by {by}", receipt.what, receipt.rule))?;
    }
    Ok(())
}

/// How diagnostics look where a command has no say of its own.
pub(super) fn look(out: Out) -> Look {
    if out.json { Look::Json } else { Look::Full }
}

/// How a command ends for a program with errors.
pub(super) fn errors_of(checked: &Checked) -> Exit {
    if checked.only_refused() { Exit::Refused } else { Exit::Diagnostics }
}

/// The `.bq` files below a folder, sorted; hidden folders are left out.
fn programs(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    let fail = |error: std::io::Error| usage(format!("{}: {error}", folder.display()));
    let mut entries = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(fail)? {
        entries.push(entry.map_err(fail)?.path());
    }
    entries.sort();
    for path in entries {
        let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if hidden {
            continue;
        }
        if path.is_dir() {
            programs(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "bq") {
            files.push(path);
        }
    }
    Ok(())
}
