//! `baseq check` and `baseq lint`: all diagnostics of files and folders, or the warnings alone.

use crate::args::{CheckArguments, CheckFormat, Common};
use crate::exit::{Exit, Result, usage};
use crate::out::{Look, Out};
use crate::warehouse;
use diag::Diagnostic;
use session::params::Params;
use session::{Checked, Session};
use std::path::{Path, PathBuf};
use text::Files;

/// Diagnostics with the texts that they point into.
type Told = Vec<(Vec<Diagnostic>, Files)>;

pub(super) fn run(check: &CheckArguments, explain: bool, common: &Common, out: Out) -> Result<Exit> {
    let session = warehouse::session(common, check.paths.first().map(PathBuf::as_path))?;
    let params: Params = super::in_force(&check.params)?;
    let mut files = files(&session, &check.paths)?;
    let mut exit = Exit::Done;
    let mut told = Told::new();
    // A policy file is checked with the model alone, and once.
    if check.paths.iter().all(|path| path.is_dir()) || files.iter().any(|file| session.is_policy(file)) {
        let (texts, diagnostics) = session.check_policy()?;
        if diagnostics.iter().any(Diagnostic::is_error) {
            exit = Exit::Diagnostics;
        }
        told.push((diagnostics, texts));
    }
    let mut receipts = Vec::new();
    files.retain(|file| !session.is_policy(file) && !session.is_model(file));
    for file in &files {
        let checked = session.check(file, &params)?;
        let warnings = warnings(&checked, check);
        let denied = warnings.iter().any(|warning| is_denied(warning, &session, check));
        if checked.has_errors() || denied {
            // What is wrong with the program comes before what the policy says of it.
            let this = if checked.has_errors() { errors_of(&checked) } else { Exit::Diagnostics };
            exit = match (exit, this) {
                (Exit::Done, new) => new,
                (old, new) if old == new => old,
                (_, _) => Exit::Diagnostics,
            };
        }
        let mut all = checked.diagnostics.clone();
        all.extend(warnings);
        diag::sort(&mut all);
        if explain {
            receipts.push((file, session.receipts(&checked)));
        }
        told.push((all, checked.files));
    }
    let silent = told.iter().all(|(diagnostics, _)| diagnostics.is_empty());
    show(&told, check.output_format, out)?;
    for (file, receipts) in receipts {
        explained(file, &receipts, out)?;
    }
    if exit == Exit::Done && is_full(check.output_format, out) {
        let count = files.len();
        let said = if silent { "nothing wrong" } else { "no errors" };
        out.say(&format!("{count} program{} checked, {said}", if count == 1 { "" } else { "s" }));
    }
    Ok(exit)
}

/// The warnings alone; of programs with errors, that there are errors.
pub(super) fn lint(check: &CheckArguments, common: &Common, out: Out) -> Result<Exit> {
    let session = warehouse::session(common, check.paths.first().map(PathBuf::as_path))?;
    let params: Params = super::in_force(&check.params)?;
    let mut files = files(&session, &check.paths)?;
    files.retain(|file| !session.is_policy(file) && !session.is_model(file));
    let mut told = Told::new();
    let mut exit = Exit::Done;
    for file in &files {
        let checked = session.check(file, &params)?;
        if checked.has_errors() && !checked.only_refused() {
            // Nothing can be said of what a program means before it means something.
            out.say(&format!("{}: has errors, see `baseq check`", file.display()));
            exit = Exit::Diagnostics;
            continue;
        }
        let warnings = warnings(&checked, check);
        if !warnings.is_empty() {
            exit = Exit::Diagnostics;
        }
        told.push((warnings, checked.files));
    }
    show(&told, check.output_format, out)?;
    if exit == Exit::Done && is_full(check.output_format, out) {
        let count = files.len();
        out.say(&format!("{count} program{} looked at, no warnings", if count == 1 { "" } else { "s" }));
    }
    Ok(exit)
}

/// The warnings of a program that the command line does not allow.
fn warnings(checked: &Checked, check: &CheckArguments) -> Vec<Diagnostic> {
    let allowed = |code: &str| check.allow.iter().any(|allow| allow == code || allow == "warnings");
    checked.warnings.iter().filter(|warning| !allowed(warning.code.0)).cloned().collect()
}

fn is_denied(warning: &Diagnostic, session: &Session, check: &CheckArguments) -> bool {
    let settings = &session.project().settings.lint.deny;
    check.deny.iter().chain(settings).any(|deny| deny == "warnings" || deny == warning.code.0)
}

/// The programs that some paths stand for; without a path those of the project.
pub(super) fn files(session: &Session, paths: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let root = [session.project().root.clone()];
    let mut files = Vec::new();
    for path in if paths.is_empty() { &root[..] } else { paths } {
        if path.is_dir() {
            programs(path, &mut files)?;
        } else {
            files.push(path.clone());
        }
    }
    Ok(files)
}

fn is_full(format: CheckFormat, out: Out) -> bool {
    format == CheckFormat::Full && !out.json
}

/// Pictures and lines go to stderr, as everywhere; what a program reads is the result of these commands.
fn show(told: &Told, format: CheckFormat, out: Out) -> Result<()> {
    match format {
        CheckFormat::Full if !out.json => {
            for (diagnostics, texts) in told {
                out.diagnostics(diagnostics, texts, Look::Full);
            }
        }
        CheckFormat::Concise => {
            for (diagnostics, texts) in told {
                out.diagnostics(diagnostics, texts, Look::Concise);
            }
        }
        CheckFormat::Full | CheckFormat::Json => {
            let mut all = Vec::new();
            for (diagnostics, texts) in told {
                let text = report::diagnostics_json(diagnostics, texts);
                if let Ok(serde_json::Value::Array(more)) = serde_json::from_str(&text) {
                    all.extend(more);
                }
            }
            out.json(&all.into())?;
        }
        CheckFormat::Sarif => out.result(report::sarif(told).as_bytes())?,
        CheckFormat::Github => {
            for (diagnostics, texts) in told {
                out.result(report::github(diagnostics, texts).as_bytes())?;
            }
        }
    }
    Ok(())
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
pub(super) fn programs(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
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
