//! Rows from CSV and TSV.

use crate::input;
use crate::source::{LoadError, Progress, Rejects};
use crate::stage::{Place, Stage};
use model::Entity;
use std::path::Path;

/// Stages all rows of a text.
pub(super) fn read(
    stage: &mut Stage<'_>,
    entity: &Entity,
    path: &Path,
    delimiter: u8,
    rejects: &mut Rejects,
    progress: &dyn Progress,
) -> Result<(), LoadError> {
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .quoting(delimiter == b',')
        .flexible(true)
        .from_reader(input::open(path, progress)?);
    let header: Vec<String> = header(reader.headers().map_err(|error| csv_error(path, &error))?);
    let columns = super::columns(entity, path, &header)?;
    let mut record = csv::StringRecord::new();
    loop {
        match reader.read_record(&mut record) {
            Ok(true) => {}
            Ok(false) => return Ok(()),
            Err(error) => return Err(csv_error(path, &error)),
        }
        let line = record.position().map_or(0, csv::Position::line);
        let written = record.iter().collect::<Vec<_>>().join(if delimiter == b',' { "," } else { "\t" });
        if record.len() != header.len() {
            let reason = format!("{} columns, the header has {}", record.len(), header.len());
            rejects.refuse(path, line, &reason, written.as_bytes())?;
            continue;
        }
        let mut cells = Vec::with_capacity(columns.len());
        let mut bad = Vec::new();
        for (at, fills) in &columns {
            match fills.parsed(&record[*at]) {
                Ok(found) => cells.extend(found),
                Err(reason) => bad.push((*at, reason)),
            }
        }
        match told(&header, &bad) {
            Some(reason) => rejects.refuse(path, line, &reason, written.as_bytes())?,
            None => stage.put_or_refuse(rejects, Place { file: path, line }, &written, vec![(0, cells)])?,
        }
    }
}

/// The first bad cell with its column, and how many more there are in the row.
fn told(header: &[String], bad: &[(usize, String)]) -> Option<String> {
    let (at, reason) = bad.first()?;
    let more = bad.len() - 1;
    let more = if more > 0 { format!(", and {more} more columns of this row") } else { String::new() };
    Some(format!("column {}, {}: {reason}{more}", at + 1, header[*at]))
}

/// The names of a header, without blanks around them and without a byte order mark.
pub(crate) fn header(record: &csv::StringRecord) -> Vec<String> {
    record.iter().map(|name| name.trim_start_matches('\u{feff}').trim().to_owned()).collect()
}

/// What the CSV library says, as an error of ours at its line.
pub(crate) fn csv_error(path: &Path, error: &csv::Error) -> LoadError {
    let reason = match error.kind() {
        csv::ErrorKind::Io(error) => format!("the file cannot be read further: {error}"),
        csv::ErrorKind::Utf8 { .. } => "the text is not UTF-8".to_owned(),
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("{len} columns, the header has {expected_len}")
        }
        _ => "this is not CSV".to_owned(),
    };
    match error.position() {
        Some(position) => LoadError::line(path, position.line(), reason),
        None => LoadError::file(path, reason),
    }
}
