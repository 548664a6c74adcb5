//! Released tables as CSV (RFC 4180, lines end with CRLF) and TSV (lines end with LF; fields with tabs,
//! quotes or line ends are quoted as in CSV).
//!
//! Withheld cells read `<10` or `withheld`, null is empty, intervals are two columns `_low` and
//! `_high`. Nested rows are one cell of JSON, a list of objects. A spreadsheet takes a cell that begins with `=`, `+`, `-` or `@` for a formula, so a *text*
//! of the data that does (or begins with a tab or a line end before one) gets an apostrophe in front;
//! numbers do not. Whoever reads the file by program takes the other formats, where text is exact.

use crate::cell;
use crate::error::Error;
use crate::json;
use csv::{QuoteStyle, Terminator, WriterBuilder};
use release::{ColumnKind, Released, ReleasedValue};

pub(crate) fn csv(released: &Released) -> Result<Vec<u8>, Error> {
    write(released, b',', Terminator::CRLF)
}

pub(crate) fn tsv(released: &Released) -> Result<Vec<u8>, Error> {
    write(released, b'\t', Terminator::Any(b'\n'))
}

fn write(released: &Released, delimiter: u8, terminator: Terminator) -> Result<Vec<u8>, Error> {
    let mut writer = WriterBuilder::new()
        .delimiter(delimiter)
        .terminator(terminator)
        .quote_style(QuoteStyle::Necessary)
        .from_writer(Vec::new());
    let mut headings = Vec::new();
    for column in released.columns() {
        match column.kind {
            ColumnKind::Interval => {
                for end in ["low", "high"] {
                    let name = format!("{}_{end}", column.name);
                    headings.push(guarded(&cell::heading(&release::Column { name, ..column.clone() })));
                }
            }
            ColumnKind::Key | ColumnKind::Value | ColumnKind::Rows => {
                headings.push(guarded(&cell::heading(column)));
            }
        }
    }
    writer.write_record(&headings).map_err(Error::from_display)?;
    for row in released.rows() {
        let mut fields = Vec::with_capacity(headings.len());
        for (value, column) in row.iter().zip(released.columns()) {
            match (column.kind, value) {
                (ColumnKind::Interval, ReleasedValue::Interval { low, high }) => {
                    fields.push(cell::decimal(*low));
                    fields.push(cell::decimal(*high));
                }
                (ColumnKind::Interval, other) => fields.extend([cell::text(other), cell::text(other)]),
                (ColumnKind::Rows, value) => fields.push(json::rows_line(value, &column.nested)?),
                (ColumnKind::Key | ColumnKind::Value, value) => {
                    let text = cell::text(value);
                    fields.push(if cell::is_text(value) { guarded(&text) } else { text });
                }
            }
        }
        writer.write_record(&fields).map_err(Error::from_display)?;
    }
    writer.into_inner().map_err(Error::from_display)
}

/// The text, with an apostrophe in front where a spreadsheet would compute it.
fn guarded(text: &str) -> String {
    let first = text.trim_start_matches(['\t', '\r', '\n', ' ']).chars().next();
    match first {
        Some('=' | '+' | '-' | '@') => format!("'{text}"),
        Some(_) | None => text.to_owned(),
    }
}
