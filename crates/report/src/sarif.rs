//! Diagnostics as SARIF 2.1.0, which code hosts and dashboards read.
//!
//! One run with every result; lines and columns count from 1, columns in Unicode code points. A diagnostic
//! without a place has no location. Only certain fixes are fixes here, since readers of SARIF may apply them
//! unasked; the others are named in the message.

use diag::{Applicability, Diagnostic, Severity};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use text::{Files, Range};

/// The diagnostics of several programs, each with the texts they point into, and a line end.
pub fn sarif(programs: &[(Vec<Diagnostic>, Files)]) -> String {
    let mut codes = BTreeSet::new();
    let mut results = Vec::new();
    for (diagnostics, files) in programs {
        for diagnostic in diagnostics {
            codes.insert(diagnostic.code.0);
            results.push(result(diagnostic, files));
        }
    }
    let title = |code: &str| {
        diag::pages().iter().find(|page| page.code == code).map_or("", |page| page.title).to_owned()
    };
    let rules: Vec<Value> = codes
        .into_iter()
        .map(|code| json!({ "id": code, "shortDescription": { "text": title(code) } }))
        .collect();
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": { "name": "baseq", "version": env!("CARGO_PKG_VERSION"), "rules": rules } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    format!("{log:#}\n")
}

fn result(diagnostic: &Diagnostic, files: &Files) -> Value {
    let level = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let likely = diagnostic.fixes.iter().filter(|fix| fix.applicability == Applicability::Likely);
    let more = diagnostic.notes.iter().chain(&diagnostic.helps).chain(likely.map(|fix| &fix.title));
    let text = more.fold(diagnostic.message.clone(), |text, line| text + "\n" + line);
    let mut made = json!({ "ruleId": diagnostic.code.0, "level": level, "message": { "text": text } });
    let mut labels = diagnostic.labels.iter();
    if let Some(first) = labels.next() {
        made["locations"] =
            json!([{ "physicalLocation": place(first.range, files), "message": { "text": first.text } }]);
        let related: Vec<Value> = labels
            .map(|label| json!({ "physicalLocation": place(label.range, files), "message": { "text": label.text } }))
            .collect();
        if !related.is_empty() {
            made["relatedLocations"] = related.into();
        }
    }
    let fixes: Vec<Value> = diagnostic
        .fixes
        .iter()
        .filter(|fix| fix.applicability == Applicability::Certain)
        .map(|fix| {
            let changes: Vec<Value> = fix
                .edits
                .iter()
                .map(|(range, text)| {
                    json!({
                        "artifactLocation": artifact(*range, files),
                        "replacements": [{ "deletedRegion": region(*range, files), "insertedContent": { "text": text } }],
                    })
                })
                .collect();
            json!({ "description": { "text": fix.title }, "artifactChanges": changes })
        })
        .collect();
    if !fixes.is_empty() {
        made["fixes"] = fixes.into();
    }
    made
}

fn place(range: Range, files: &Files) -> Value {
    json!({ "artifactLocation": artifact(range, files), "region": region(range, files) })
}

fn artifact(range: Range, files: &Files) -> Value {
    // A URI has forward slashes, and `%` for what it may not hold.
    let uri: String = files
        .get(range.file)
        .name
        .replace('\\', "/")
        .bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                char::from(byte).to_string()
            }
            other => format!("%{other:02X}"),
        })
        .collect();
    json!({ "uri": uri })
}

fn region(range: Range, files: &Files) -> Value {
    let file = files.get(range.file);
    let (start, end) = (file.line_column(range.start), file.line_column(range.end));
    json!({ "startLine": start.line, "startColumn": start.column, "endLine": end.line, "endColumn": end.column })
}
