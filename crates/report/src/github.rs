//! Diagnostics as workflow commands of GitHub, which shows them beside the lines of a change:
//! `::error file=a.bq,line=1,col=2,endLine=1,endColumn=5,title=E0101::no such name`.
//!
//! Columns count characters from 1; the last one is included, as GitHub has it. The message ends with what could
//! be written instead.

use crate::picture::plain;
use diag::{Diagnostic, Severity};
use text::Files;

/// All diagnostics, a line each.
pub fn github(diagnostics: &[Diagnostic], files: &Files) -> String {
    diagnostics.iter().map(|diagnostic| line(diagnostic, files)).collect()
}

fn line(diagnostic: &Diagnostic, files: &Files) -> String {
    let word = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let place = diagnostic.range().map_or(String::new(), |range| {
        let file = files.get(range.file);
        let (start, end) = (file.line_column(range.start), file.line_column(range.end));
        // GitHub marks columns only within one line.
        let columns = if start.line == end.line {
            format!(",col={},endColumn={}", start.column, end.column.saturating_sub(1).max(start.column))
        } else {
            String::new()
        };
        format!("file={},line={},endLine={}{columns},", property(&file.name), start.line, end.line)
    });
    let fixes = diagnostic.fixes.iter().map(|fix| &fix.title);
    let text = diagnostic
        .helps
        .iter()
        .chain(fixes)
        .fold(diagnostic.message.clone(), |text, help| text + "\n" + help);
    format!("::{word} {place}title={}::{}\n", diagnostic.code.0, message(&plain(&text)))
}

fn message(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    message(text).replace(':', "%3A").replace(',', "%2C")
}
