//! How things look: diagnostics as pictures, lines and JSON; released tables in all file formats.
//!
//! Only [`release::Released`] can be shown as a table, so nothing that was not released is ever
//! printed. All output is the same bytes for the same input. Nothing here writes files: a whole
//! output is made in memory, so that a caller never leaves half a file.

mod attrition;
mod cell;
mod characteristics;
mod columnar;
mod concise;
mod delimited;
mod diagnostic_json;
mod error;
mod github;
mod json;
mod picture;
mod sarif;
mod svg;
mod table;

pub use cell::{decimal, text as cell_text};
pub use concise::concise;
pub use diagnostic_json::diagnostics_json;
pub use error::Error;
pub use github::github;
pub use picture::pictures;
pub use sarif::sarif;

use release::{Layout, Released};

/// A format of released tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// Boxes on a terminal, with notes.
    Table,
    /// CSV by RFC 4180.
    Csv,
    /// Tab-separated.
    Tsv,
    /// One JSON object with columns, rows and notes.
    Json,
    /// A JSON object per row.
    Jsonl,
    /// A Markdown table, with notes.
    Md,
    /// A Parquet file.
    Parquet,
    /// An Arrow IPC file.
    Arrow,
    /// A drawing: the flow chart of an attrition.
    Svg,
}

impl Format {
    /// All formats, in the order in which help texts list them.
    pub const ALL: [Format; 9] = [
        Format::Table,
        Format::Csv,
        Format::Tsv,
        Format::Json,
        Format::Jsonl,
        Format::Md,
        Format::Parquet,
        Format::Arrow,
        Format::Svg,
    ];

    /// Its word on the command line and in agreements; also the ending of its files.
    pub fn word(self) -> &'static str {
        match self {
            Format::Table => "table",
            Format::Csv => "csv",
            Format::Tsv => "tsv",
            Format::Json => "json",
            Format::Jsonl => "jsonl",
            Format::Md => "md",
            Format::Parquet => "parquet",
            Format::Arrow => "arrow",
            Format::Svg => "svg",
        }
    }

    /// The format of a word.
    pub fn of_word(word: &str) -> Option<Format> {
        Format::ALL.into_iter().find(|format| format.word() == word)
    }

    /// Whether it is not text, and does not belong on a terminal.
    pub fn is_binary(self) -> bool {
        match self {
            Format::Parquet | Format::Arrow => true,
            Format::Table
            | Format::Csv
            | Format::Tsv
            | Format::Json
            | Format::Jsonl
            | Format::Md
            | Format::Svg => false,
        }
    }
}

/// A released table in a format, whole.
///
/// # Errors
/// When a value does not fit the format, such as a decimal of more than 38 digits, or the table is none
/// that is drawn. Nothing is made.
pub fn render(released: &Released, format: Format) -> Result<Vec<u8>, Error> {
    match format {
        Format::Table => Ok(table::terminal(released).into_bytes()),
        Format::Csv => delimited::csv(released),
        Format::Tsv => delimited::tsv(released),
        Format::Json => json::json(released),
        Format::Jsonl => json::jsonl(released),
        Format::Md => Ok(table::markdown(released).into_bytes()),
        Format::Parquet => columnar::parquet(released),
        Format::Arrow => columnar::arrow(released),
        Format::Svg => match released.layout() {
            Layout::Attrition => Ok(attrition::svg(released).into_bytes()),
            Layout::Rows | Layout::Characteristics { .. } => Err(Error::not_drawn()),
        },
    }
}

#[cfg(test)]
mod tests;
