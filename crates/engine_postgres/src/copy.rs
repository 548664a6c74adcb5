//! Arrow rows in the binary form of `COPY` (PostgreSQL 15 documentation, COPY, "Binary Format").

use crate::numeric;
use crate::rows::{DAYS, MICROSECONDS};
use arrow::array::{Array, AsArray, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, Float64Type, Int64Type, TimeUnit, TimestampMicrosecondType,
};
use std::io::{self, Write};

const HEADER: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";

/// The bytes of a cell, or none where it is null.
type Cell<'a> = Box<dyn Fn(usize, &mut Vec<u8>) -> Option<()> + 'a>;

/// Writes all rows.
///
/// # Errors
/// A column of a type that no warehouse has, a value that the server cannot hold, or a broken connection.
pub(crate) fn write(rows: &RecordBatch, to: &mut dyn Write) -> io::Result<()> {
    let wrong = |reason: String| io::Error::new(io::ErrorKind::InvalidData, reason);
    let arrays = rows
        .columns()
        .iter()
        .map(|array| match wire(array.data_type()) {
            Some(ty) => cast(array, &ty).map_err(|error| wrong(error.to_string())),
            None => Err(wrong(format!("a column of type {}", array.data_type()))),
        })
        .collect::<io::Result<Vec<_>>>()?;
    let cells: Vec<Cell<'_>> = arrays.iter().map(|array| cell(array.as_ref())).collect();
    let width = i16::try_from(cells.len()).map_err(|_| wrong("too many columns".to_owned()))?;
    to.write_all(HEADER)?;
    let (mut line, mut value) = (Vec::new(), Vec::new());
    for row in 0..rows.num_rows() {
        line.clear();
        line.extend_from_slice(&width.to_be_bytes());
        for (cell, array) in cells.iter().zip(&arrays) {
            value.clear();
            if array.is_null(row) {
                line.extend_from_slice(&(-1_i32).to_be_bytes());
                continue;
            }
            cell(row, &mut value).ok_or_else(|| wrong("a value that Postgres cannot hold".to_owned()))?;
            let length = i32::try_from(value.len()).map_err(|_| wrong("a value beyond 2 GB".to_owned()))?;
            line.extend_from_slice(&length.to_be_bytes());
            line.extend_from_slice(&value);
        }
        to.write_all(&line)?;
    }
    to.write_all(&(-1_i16).to_be_bytes())
}

/// The type in which a column is written.
fn wire(ty: &DataType) -> Option<DataType> {
    Some(match ty {
        DataType::Boolean => DataType::Boolean,
        DataType::Float32 | DataType::Float64 => DataType::Float64,
        DataType::Decimal128(precision, scale) => DataType::Decimal128(*precision, *scale),
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => DataType::Utf8,
        DataType::Date32 => DataType::Date32,
        DataType::Timestamp(..) => DataType::Timestamp(TimeUnit::Microsecond, None),
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView => DataType::Binary,
        ty if ty.is_integer() => DataType::Int64,
        _ => return None,
    })
}

/// Adds bytes.
#[expect(clippy::unnecessary_wraps, reason = "the answer of a cell that could be written")]
fn put(to: &mut Vec<u8>, bytes: impl IntoIterator<Item = u8>) -> Option<()> {
    to.extend(bytes);
    Some(())
}

fn cell(array: &dyn Array) -> Cell<'_> {
    match array.data_type() {
        DataType::Boolean => {
            let array = array.as_boolean();
            Box::new(move |row, to| put(to, [u8::from(array.value(row))]))
        }
        DataType::Float64 => {
            let array = array.as_primitive::<Float64Type>();
            Box::new(move |row, to| put(to, array.value(row).to_be_bytes()))
        }
        DataType::Decimal128(_, scale) => {
            let array = array.as_primitive::<Decimal128Type>();
            let scale = u8::try_from(*scale).ok();
            Box::new(move |row, to| put(to, numeric::bytes(array.value(row), scale?)))
        }
        DataType::Utf8 => {
            let array = array.as_string::<i32>();
            Box::new(move |row, to| {
                let text = array.value(row).as_bytes();
                // Postgres holds every character but this one.
                if text.contains(&0) { None } else { put(to, text.iter().copied()) }
            })
        }
        DataType::Date32 => {
            let array = array.as_primitive::<Date32Type>();
            Box::new(move |row, to| put(to, array.value(row).checked_sub(DAYS)?.to_be_bytes()))
        }
        DataType::Timestamp(..) => {
            let array = array.as_primitive::<TimestampMicrosecondType>();
            Box::new(move |row, to| put(to, array.value(row).checked_sub(MICROSECONDS)?.to_be_bytes()))
        }
        DataType::Binary => {
            let array = array.as_binary::<i32>();
            Box::new(move |row, to| put(to, array.value(row).iter().copied()))
        }
        _ => {
            let array = array.as_primitive_opt::<Int64Type>();
            Box::new(move |row, to| put(to, array?.value(row).to_be_bytes()))
        }
    }
}
