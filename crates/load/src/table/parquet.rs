//! Rows from Parquet, one at a time.
//!
//! The types of the file must be those of the model: there is no conversion to or from text, but that a
//! whole number may be an id or a decimal. Rows are counted from 1 and named where text files name lines.

use crate::cell::{Cell, decimal};
use crate::source::{LoadError, Progress, Rejects};
use crate::stage::{Place, Stage};
use jiff::ToSpan;
use jiff::civil::Date;
use model::{ColumnType, Entity};
use parquet::data_type::Decimal;
use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;
use std::fs::File;
use std::path::Path;

/// Stages all rows of a Parquet file.
pub(super) fn read(
    stage: &mut Stage<'_>,
    entity: &Entity,
    path: &Path,
    rejects: &mut Rejects,
    progress: &dyn Progress,
) -> Result<(), LoadError> {
    let bad =
        |error: &ParquetError| LoadError::file(path, format!("the file cannot be read as Parquet: {error}"));
    let file = File::open(path).map_err(|error| LoadError::io(path, &error))?;
    let reader = SerializedFileReader::new(file).map_err(|error| bad(&error))?;
    let about = reader.metadata().file_metadata();
    let total = u64::try_from(about.num_rows()).unwrap_or(0).max(1);
    let header: Vec<String> =
        about.schema_descr().root_schema().get_fields().iter().map(|field| field.name().to_owned()).collect();
    let columns = super::columns(entity, path, &header)?;
    let bytes = crate::input::size(path);
    let mut told = 0;
    for (row, read) in (1..).zip(reader.get_row_iter(None).map_err(|error| bad(&error))?) {
        let read = read.map_err(|error| bad(&error))?;
        let fields: Vec<&Field> = read.get_column_iter().map(|(_, field)| field).collect();
        let mut cells = Vec::with_capacity(columns.len());
        let mut reason = None;
        for (at, fills) in &columns {
            let field = fields.get(*at).copied().unwrap_or(&Field::Null);
            let text = if let Field::Str(text) = field { Some(text.as_str()) } else { None };
            match fills.typed(text, |ty| cell(ty, field)) {
                Ok(found) => cells.extend(found),
                Err(why) => reason = reason.or(Some(format!("column {}, {}: {why}", at + 1, header[*at]))),
            }
        }
        if let Some(reason) = reason {
            rejects.refuse(path, row, &reason, read.to_string().as_bytes())?;
        } else {
            let text = if rejects.keeps() { read.to_string() } else { String::new() };
            stage.put_or_refuse(rejects, Place { file: path, line: row }, &text, vec![(0, cells)])?;
        }
        let now = u64::try_from(u128::from(bytes) * u128::from(row) / u128::from(total)).unwrap_or(bytes);
        progress.advance(now - told);
        told = now;
    }
    Ok(())
}

/// The value of a field in a column of type `ty`.
fn cell(ty: &ColumnType, field: &Field) -> Result<Cell, String> {
    let whole = match field {
        Field::Byte(number) => Some(i64::from(*number)),
        Field::Short(number) => Some(i64::from(*number)),
        Field::Int(number) => Some(i64::from(*number)),
        Field::Long(number) => Some(*number),
        Field::UByte(number) => Some(i64::from(*number)),
        Field::UShort(number) => Some(i64::from(*number)),
        Field::UInt(number) => Some(i64::from(*number)),
        Field::ULong(number) => {
            Some(i64::try_from(*number).map_err(|_| format!("{number} is larger than 64 bits hold"))?)
        }
        _ => None,
    };
    Ok(match (ty, field) {
        (_, Field::Null) => Cell::Null,
        (ColumnType::Bool, Field::Bool(truth)) => Cell::Bool(*truth),
        (ColumnType::Bytes, Field::Bytes(bytes)) => Cell::Bytes(bytes.data().to_vec()),
        (ColumnType::Date, Field::Date(days)) => Cell::Date(
            Date::constant(1970, 1, 1)
                .checked_add(i64::from(*days).days())
                .map_err(|_| format!("{days} days after 1970-01-01 is not a day of the calendar"))?,
        ),
        (ColumnType::Decimal | ColumnType::Percent, Field::Double(number)) => {
            Cell::Decimal(decimal(&number.to_string())?)
        }
        (ColumnType::Decimal | ColumnType::Percent, Field::Float(number)) => {
            Cell::Decimal(decimal(&number.to_string())?)
        }
        (ColumnType::Decimal | ColumnType::Percent, Field::Decimal(number)) => {
            Cell::Decimal(decimal(&digits(number)?)?)
        }
        (
            ColumnType::Id
            | ColumnType::Text
            | ColumnType::Gene
            | ColumnType::Enum { .. }
            | ColumnType::Code(_),
            Field::Str(text),
        ) => Cell::text(text.as_str()),
        (ty, field) => match (ty, whole) {
            (ColumnType::Int, Some(number)) => Cell::Int(number),
            (ColumnType::Decimal | ColumnType::Percent, Some(number)) => {
                Cell::Decimal(decimal(&number.to_string())?)
            }
            (ColumnType::Id, Some(number)) => Cell::text(number.to_string()),
            _ => return Err(format!("`{field}` is not of type {}", ty.words())),
        },
    })
}

/// A decimal of Parquet, big-endian two's complement, with its exponent.
fn digits(number: &Decimal) -> Result<String, String> {
    let data = number.data();
    if data.len() > 16 {
        return Err("the decimal has more than 38 digits".into());
    }
    let fill = if data.first().is_some_and(|byte| *byte >= 0x80) { 0xff } else { 0 };
    let mut bytes = [fill; 16];
    bytes[16 - data.len()..].copy_from_slice(data);
    Ok(format!("{}e-{}", i128::from_be_bytes(bytes), number.scale()))
}
