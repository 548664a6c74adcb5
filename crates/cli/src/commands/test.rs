//! `baseq test`: the `test` blocks of files and folders.

use super::check::{files, look};
use crate::args::Common;
use crate::exit::{Exit, Result};
use crate::out::Out;
use crate::warehouse;
use session::Tested;
use session::params::Params;
use std::path::PathBuf;

pub(super) fn run(
    paths: &[PathBuf],
    library: bool,
    params: &Params,
    common: &Common,
    out: Out,
) -> Result<Exit> {
    let session = warehouse::session(common, paths.first().map(PathBuf::as_path))?;
    let mut files = files(&session, paths)?;
    files.retain(|file| !session.is_policy(file) && !session.is_model(file));
    let mut all = Vec::new();
    for file in &files {
        all.push(session.test(file, params)?);
    }
    if library {
        all.extend(session.test_library()?);
    }
    if out.json {
        out.json(&serde_json::json!({ "tests": all.iter().flat_map(lines).collect::<Vec<_>>() }))?;
    }
    for tested in &all {
        out.diagnostics(&tested.diagnostics, &tested.files, look(out));
        for test in &tested.tests {
            if !out.json {
                let word = if test.failures.is_empty() { "ok    " } else { "FAILED" };
                out.line(&format!("{word} {}: {}", place(tested, test.range), test.name))?;
            }
            out.diagnostics(&test.failures, &tested.files, look(out));
        }
    }
    let tests = all.iter().flat_map(|tested| &tested.tests);
    let failed = tests.clone().filter(|test| !test.failures.is_empty()).count();
    out.say(&format!("{} run, {failed} failed", counted(tests.count())));
    Ok(if all.iter().all(Tested::passed) { Exit::Done } else { Exit::Diagnostics })
}

fn counted(number: usize) -> String {
    format!("{number} test{}", if number == 1 { "" } else { "s" })
}

fn place(tested: &Tested, range: text::Range) -> String {
    let at = tested.files.line_column(range);
    format!("{}:{}", tested.files.get(range.file).name, at.line)
}

/// What a program reads of each test.
fn lines(tested: &Tested) -> Vec<serde_json::Value> {
    let one = |test: &session::TestResult| {
        let text = report::diagnostics_json(&test.failures, &tested.files);
        let failures: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
        serde_json::json!({
            "name": test.name,
            "place": place(tested, test.range),
            "passed": test.failures.is_empty(),
            "failures": failures,
        })
    };
    tested.tests.iter().map(one).collect()
}
