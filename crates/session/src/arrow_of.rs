//! Rows that `eval` computed as an engine would hand them to release.

use arrow::array::{
    Array, ArrayRef, BooleanArray, Date32Array, Decimal128Array, Int64Array, RecordBatch, RecordBatchOptions,
    StringArray,
};
use arrow::datatypes::{Field, Schema};
use jiff::Unit;
use jiff::civil::{Date, date};
use plan::{Type, Value};
use std::sync::Arc;

/// The day that Arrow counts from.
const EPOCH: Date = date(1970, 1, 1);

/// Computed rows as Arrow, in the types of the plan.
///
/// # Errors
/// A column is of a type that no result has.
pub fn arrow_of(rows: &eval::Rows) -> Result<RecordBatch, String> {
    let mut fields = Vec::new();
    let mut columns: Vec<ArrayRef> = Vec::new();
    for (at, (name, ty)) in rows.columns.iter().enumerate() {
        let values = rows.rows.iter().map(|row| &row[at]);
        let array: ArrayRef = match ty {
            Type::Bool => Arc::new(
                values
                    .map(|value| if let Value::Bool(value) = value { Some(*value) } else { None })
                    .collect::<BooleanArray>(),
            ),
            Type::Int => Arc::new(
                values
                    .map(|value| if let Value::Int(value) = value { Some(*value) } else { None })
                    .collect::<Int64Array>(),
            ),
            Type::Decimal => {
                let units =
                    values.map(|value| if let Value::Decimal(units) = value { Some(*units) } else { None });
                let array = units.collect::<Decimal128Array>().with_precision_and_scale(38, 12);
                Arc::new(array.map_err(|error| error.to_string())?)
            }
            Type::Text => Arc::new(
                values
                    .map(|value| if let Value::Text(text) = value { Some(text.as_str()) } else { None })
                    .collect::<StringArray>(),
            ),
            Type::Date => Arc::new(
                values
                    .map(|value| if let Value::Date(day) = value { days(*day) } else { None })
                    .collect::<Date32Array>(),
            ),
            Type::Instant | Type::TextList => {
                return Err(format!("{name}: instants and lists are no results"));
            }
        };
        fields.push(Field::new(name, array.data_type().clone(), true));
        columns.push(array);
    }
    let options = RecordBatchOptions::new().with_row_count(Some(rows.rows.len()));
    RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), columns, &options)
        .map_err(|error| error.to_string())
}

fn days(day: Date) -> Option<i32> {
    EPOCH.until((Unit::Day, day)).ok().map(|span| span.get_days())
}
