//! Released tables as Arrow columns, and those as Parquet and Arrow IPC files.
//!
//! | shown column | columns of the file |
//! |---|---|
//! | a text key | `name`: Utf8; `not recorded`, `other` and `total` are texts |
//! | another key | `name`: its type, null where it reads a word; `name_word`: Utf8, that word |
//! | a value | `name`: its type, null where withheld or null; `name_withheld`: Boolean, never null |
//! | nested rows | `name`: a list of structs, with a field per nested column, null where there is no value |
//! | an interval | `name_low`, `name_high`: Decimal128(38, 12); `name_withheld`: Boolean |
//!
//! Whole numbers are Int64, decimals Decimal128(38, 12), dates Date32. A unit is in the field's metadata
//! under `unit`, the release notes in the schema's under `release` (the object of the JSON format). A
//! companion whose name is taken gets an underscore at its end.

use crate::cell;
use crate::error::Error;
use crate::json;
use arrow::array::{
    Array, ArrayRef, BooleanArray, Date32Array, Decimal128Array, Int64Array, ListArray, RecordBatch,
    StringArray, StructArray,
};
use arrow::buffer::OffsetBuffer;
use arrow::datatypes::{DataType, Field, Schema};
use arrow::ipc::writer::FileWriter;
use parquet::arrow::ArrowWriter;
use parquet::file::properties::WriterProperties;
use plan::{Type, Value};
use release::{Column, ColumnKind, Released, ReleasedValue};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// A Parquet file, uncompressed, with the Arrow schema in it.
pub(crate) fn parquet(released: &Released) -> Result<Vec<u8>, Error> {
    let batch = batch(released)?;
    let properties = WriterProperties::builder().set_created_by("baseq".to_owned()).build();
    let mut file = Vec::new();
    let mut writer =
        ArrowWriter::try_new(&mut file, batch.schema(), Some(properties)).map_err(Error::from_display)?;
    writer.write(&batch).map_err(Error::from_display)?;
    writer.close().map_err(Error::from_display)?;
    Ok(file)
}

/// An Arrow IPC file.
pub(crate) fn arrow(released: &Released) -> Result<Vec<u8>, Error> {
    let batch = batch(released)?;
    let mut writer = FileWriter::try_new(Vec::new(), &batch.schema()).map_err(Error::from_display)?;
    writer.write(&batch).map_err(Error::from_display)?;
    writer.into_inner().map_err(Error::from_display)
}

/// The table as one batch.
fn batch(released: &Released) -> Result<RecordBatch, Error> {
    let mut file = Columns {
        taken: released.columns().iter().map(|column| column.name.clone()).collect(),
        ..Columns::default()
    };
    for (place, column) in released.columns().iter().enumerate() {
        let values: Vec<&ReleasedValue> = released.rows().iter().filter_map(|row| row.get(place)).collect();
        match (column.kind, column.ty) {
            (ColumnKind::Key, Type::Text) => {
                let texts = values.iter().map(|value| match value {
                    ReleasedValue::Null | ReleasedValue::Withheld(_) => None,
                    value => Some(cell::text(value)),
                });
                file.push(column, column.name.clone(), Arc::new(texts.collect::<StringArray>()), true);
            }
            (ColumnKind::Key, _) => {
                file.push(column, column.name.clone(), typed(column.ty, &values)?, true);
                let words: StringArray = values.iter().map(|value| word(value)).collect();
                file.companion(column, "word", Arc::new(words));
            }
            (ColumnKind::Value, _) => {
                file.push(column, column.name.clone(), typed(column.ty, &values)?, true);
                file.companion(column, "withheld", withheld(&values));
            }
            (ColumnKind::Rows, _) => {
                file.push(column, column.name.clone(), lists(column, &values)?, true);
            }
            (ColumnKind::Interval, _) => {
                for (end, high) in [("low", false), ("high", true)] {
                    let ends = values.iter().map(|value| match value {
                        ReleasedValue::Interval { low, high: top } => Some(if high { *top } else { *low }),
                        ReleasedValue::Value(_)
                        | ReleasedValue::Withheld(_)
                        | ReleasedValue::Rows(_)
                        | ReleasedValue::Null
                        | ReleasedValue::NotRecorded
                        | ReleasedValue::Other
                        | ReleasedValue::Total => None,
                    });
                    file.companion(column, end, decimals(ends.collect())?);
                }
                file.companion(column, "withheld", withheld(&values));
            }
        }
    }
    let metadata = HashMap::from([("release".to_owned(), json::notes_line(released.notes())?)]);
    let schema = Schema::new(file.fields).with_metadata(metadata);
    let options = arrow::array::RecordBatchOptions::new().with_row_count(Some(released.rows().len()));
    RecordBatch::try_new_with_options(Arc::new(schema), file.arrays, &options).map_err(Error::from_display)
}

/// The columns of a file as they are made.
#[derive(Default)]
struct Columns {
    fields: Vec<Field>,
    arrays: Vec<ArrayRef>,
    taken: BTreeSet<String>,
}

impl Columns {
    fn push(&mut self, column: &Column, name: String, array: ArrayRef, with_unit: bool) {
        let mut field =
            Field::new(name, array.data_type().clone(), array.data_type() != &DataType::Boolean || with_unit);
        if let (true, Some(unit)) = (with_unit, &column.unit) {
            field = field.with_metadata(HashMap::from([("unit".to_owned(), unit.clone())]));
        }
        self.fields.push(field);
        self.arrays.push(array);
    }

    fn companion(&mut self, column: &Column, ending: &str, array: ArrayRef) {
        let mut name = format!("{}_{ending}", column.name);
        while !self.taken.insert(name.clone()) {
            name.push('_');
        }
        let has_unit = matches!(array.data_type(), DataType::Decimal128(..));
        self.push(column, name, array, has_unit);
    }
}

/// Nested rows: a list of structs per row.
fn lists(column: &Column, values: &[&ReleasedValue]) -> Result<ArrayRef, Error> {
    let empty = Vec::new();
    let of_row = |value: &&'_ ReleasedValue| match value {
        ReleasedValue::Rows(rows) => rows.len(),
        _ => 0,
    };
    let offsets = OffsetBuffer::from_lengths(values.iter().map(of_row));
    let rows: Vec<&Vec<ReleasedValue>> = values
        .iter()
        .flat_map(|value| match value {
            ReleasedValue::Rows(rows) => rows.iter(),
            _ => empty.iter(),
        })
        .collect();
    let mut fields = Vec::new();
    let mut arrays = Vec::new();
    for (place, nested) in column.nested.iter().enumerate() {
        let values: Vec<&ReleasedValue> = rows.iter().filter_map(|row| row.get(place)).collect();
        let array = typed(nested.ty, &values)?;
        let mut field = Field::new(&nested.name, array.data_type().clone(), true);
        if let Some(unit) = &nested.unit {
            field = field.with_metadata(HashMap::from([("unit".to_owned(), unit.clone())]));
        }
        fields.push(field);
        arrays.push(array);
    }
    let structs = StructArray::try_new(fields.into(), arrays, None).map_err(Error::from_display)?;
    let item = Arc::new(Field::new("item", structs.data_type().clone(), false));
    let list = ListArray::try_new(item, offsets, Arc::new(structs), None).map_err(Error::from_display)?;
    Ok(Arc::new(list))
}

fn typed(ty: Type, values: &[&ReleasedValue]) -> Result<ArrayRef, Error> {
    let plain = values.iter().map(|value| match value {
        ReleasedValue::Value(value) => Some(value),
        ReleasedValue::Withheld(_)
        | ReleasedValue::Interval { .. }
        | ReleasedValue::Rows(_)
        | ReleasedValue::Null
        | ReleasedValue::NotRecorded
        | ReleasedValue::Other
        | ReleasedValue::Total => None,
    });
    Ok(match ty {
        Type::Bool => Arc::new(
            plain
                .map(|value| if let Some(Value::Bool(known)) = value { Some(*known) } else { None })
                .collect::<BooleanArray>(),
        ),
        Type::Int | Type::Instant => Arc::new(
            plain
                .map(|value| if let Some(Value::Int(number)) = value { Some(*number) } else { None })
                .collect::<Int64Array>(),
        ),
        Type::Decimal => decimals(
            plain
                .map(|value| if let Some(Value::Decimal(units)) = value { Some(*units) } else { None })
                .collect(),
        )?,
        Type::Text | Type::TextList => Arc::new(
            plain
                .map(|value| if let Some(Value::Text(text)) = value { Some(text.as_str()) } else { None })
                .collect::<StringArray>(),
        ),
        Type::Date => {
            let mut days = Vec::with_capacity(values.len());
            for value in plain {
                days.push(if let Some(Value::Date(day)) = value { Some(since_1970(*day)?) } else { None });
            }
            Arc::new(Date32Array::from(days))
        }
    })
}

fn decimals(units: Vec<Option<i128>>) -> Result<ArrayRef, Error> {
    let array = Decimal128Array::from(units).with_precision_and_scale(38, 12).map_err(Error::from_display)?;
    Ok(Arc::new(array))
}

fn withheld(values: &[&ReleasedValue]) -> ArrayRef {
    Arc::new(BooleanArray::from(
        values.iter().map(|value| matches!(value, ReleasedValue::Withheld(_))).collect::<Vec<_>>(),
    ))
}

fn word(value: &ReleasedValue) -> Option<String> {
    match value {
        ReleasedValue::NotRecorded | ReleasedValue::Other | ReleasedValue::Total => Some(cell::text(value)),
        ReleasedValue::Value(_)
        | ReleasedValue::Withheld(_)
        | ReleasedValue::Interval { .. }
        | ReleasedValue::Rows(_)
        | ReleasedValue::Null => None,
    }
}

fn since_1970(day: jiff::civil::Date) -> Result<i32, Error> {
    let span = jiff::civil::date(1970, 1, 1).until((jiff::Unit::Day, day)).map_err(Error::from_display)?;
    Ok(span.get_days())
}
