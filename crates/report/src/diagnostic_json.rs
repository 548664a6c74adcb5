//! Diagnostics as JSON, for programs.
//!
//! An array with one object per diagnostic:
//!
//! ```json
//! { "code": "E0412", "severity": "error", "message": "…",
//!   "labels": [ { "place": PLACE, "text": "…" } ],
//!   "notes": ["…"], "helps": ["…"],
//!   "fixes": [ { "title": "…", "applicability": "certain", "edits": [ { "place": PLACE, "text": "…" } ] } ] }
//! ```
//!
//! `PLACE` is `{ "file": "…", "start": POINT, "end": POINT }` and `POINT` is `{ "line": 1, "column": 1,
//! "offset": 0 }`: lines and columns from 1, columns in characters, offsets in bytes from 0, the end
//! excluded. `applicability` is `certain` where a program may make the edits unasked, `likely` where a
//! person chooses; a certain fix is the only one of its diagnostic. The first label is the primary place; a diagnostic without source text has none.

use diag::{Diagnostic, Severity};
use serde::Serialize;
use text::{Files, Range};

#[derive(Serialize)]
struct Shown<'a> {
    code: &'static str,
    severity: &'static str,
    message: &'a str,
    labels: Vec<Words<'a>>,
    notes: &'a [String],
    helps: &'a [String],
    fixes: Vec<Fix<'a>>,
}

#[derive(Serialize)]
struct Words<'a> {
    place: Place<'a>,
    text: &'a str,
}

#[derive(Serialize)]
struct Fix<'a> {
    title: &'a str,
    applicability: &'static str,
    edits: Vec<Words<'a>>,
}

#[derive(Serialize)]
struct Place<'a> {
    file: &'a str,
    start: Point,
    end: Point,
}

#[derive(Serialize)]
struct Point {
    line: u32,
    column: u32,
    offset: u32,
}

/// All diagnostics as one JSON array and a line end.
pub fn diagnostics_json(diagnostics: &[Diagnostic], files: &Files) -> String {
    let shown: Vec<Shown<'_>> = diagnostics.iter().map(|diagnostic| show(diagnostic, files)).collect();
    // Texts and numbers always serialise.
    serde_json::to_string_pretty(&shown).unwrap_or_else(|_| "[]".to_owned()) + "\n"
}

fn show<'a>(diagnostic: &'a Diagnostic, files: &'a Files) -> Shown<'a> {
    let words = |range: Range, text: &'a str| Words { place: place(range, files), text };
    Shown {
        code: diagnostic.code.0,
        severity: match diagnostic.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        },
        message: &diagnostic.message,
        labels: diagnostic.labels.iter().map(|label| words(label.range, &label.text)).collect(),
        notes: &diagnostic.notes,
        helps: &diagnostic.helps,
        fixes: diagnostic
            .fixes
            .iter()
            .map(|fix| Fix {
                title: &fix.title,
                applicability: fix.applicability.name(),
                edits: fix.edits.iter().map(|(range, text)| words(*range, text)).collect(),
            })
            .collect(),
    }
}

fn place(range: Range, files: &Files) -> Place<'_> {
    let file = files.get(range.file);
    let point = |offset| {
        let at = file.line_column(offset);
        Point { line: at.line, column: at.column, offset }
    };
    Place { file: &file.name, start: point(range.start), end: point(range.end) }
}
