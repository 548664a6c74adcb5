//! Diagnostics a line each, for editors' quickfix lists and logs: `file:line:column: error[E0101]: …`.
//!
//! Columns count characters from 1. A diagnostic without a place has no `file:line:column:`.

use crate::picture::plain;
use diag::{Diagnostic, Severity};
use text::Files;

/// All diagnostics, a line each.
pub fn concise(diagnostics: &[Diagnostic], files: &Files) -> String {
    diagnostics.iter().map(|diagnostic| line(diagnostic, files)).collect()
}

fn line(diagnostic: &Diagnostic, files: &Files) -> String {
    let place = diagnostic.range().map_or(String::new(), |range| {
        let at = files.line_column(range);
        format!("{}:{}:{}: ", plain(&files.get(range.file).name), at.line, at.column)
    });
    let word = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let message = plain(&diagnostic.message).replace('\n', " ");
    format!("{place}{word}[{}]: {message}\n", diagnostic.code.0)
}
