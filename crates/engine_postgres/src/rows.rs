//! Rows of the server as Arrow, in the types that DuckDB gives for the same columns.

use crate::numeric;
use arrow::array::{
    ArrayRef, BinaryBuilder, BooleanBuilder, Date32Builder, Decimal128Builder, Float64Builder, Int64Builder,
    ListBuilder, RecordBatch, RecordBatchOptions, StringBuilder, TimestampMicrosecondBuilder,
};
use arrow::datatypes::{DataType, Field, Schema};
use postgres::Row;
use postgres::types::{FromSql, Kind, Type};
use std::error::Error;
use std::sync::Arc;

/// Days from 1970-01-01, Arrow's first, to 2000-01-01, the server's.
pub(crate) const DAYS: i32 = 10_957;
/// The same in microseconds.
pub(crate) const MICROSECONDS: i64 = 10_957 * 86_400_000_000;

/// The bytes of a value as they came; any type.
struct Raw<'r>(&'r [u8]);

impl<'r> FromSql<'r> for Raw<'r> {
    fn from_sql(_: &Type, raw: &'r [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Raw(raw))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

/// A column under construction.
enum Column {
    Bool(BooleanBuilder),
    Int(Int64Builder),
    Float(Float64Builder),
    Decimal(Decimal128Builder),
    Text(StringBuilder),
    Date(Date32Builder),
    Instant(TimestampMicrosecondBuilder),
    Bytes(BinaryBuilder),
    Texts(ListBuilder<StringBuilder>),
}

impl Column {
    /// A column of a type of the server; none for a type that no warehouse of ours has.
    fn of(ty: &Type) -> Option<Column> {
        if let Kind::Domain(inner) = ty.kind() {
            return Column::of(inner);
        }
        Some(match *ty {
            Type::BOOL => Column::Bool(BooleanBuilder::new()),
            Type::INT2 | Type::INT4 | Type::INT8 | Type::OID => Column::Int(Int64Builder::new()),
            Type::FLOAT4 | Type::FLOAT8 => Column::Float(Float64Builder::new()),
            Type::NUMERIC => {
                Column::Decimal(Decimal128Builder::new().with_data_type(DataType::Decimal128(38, 12)))
            }
            Type::TEXT | Type::VARCHAR | Type::BPCHAR | Type::NAME | Type::UNKNOWN => {
                Column::Text(StringBuilder::new())
            }
            Type::DATE => Column::Date(Date32Builder::new()),
            Type::TIMESTAMP => Column::Instant(TimestampMicrosecondBuilder::new()),
            Type::BYTEA => Column::Bytes(BinaryBuilder::new()),
            Type::TEXT_ARRAY | Type::VARCHAR_ARRAY => Column::Texts(ListBuilder::new(StringBuilder::new())),
            _ => return None,
        })
    }

    /// One more value; the reason where it has no counterpart.
    fn push(&mut self, raw: Option<&[u8]>) -> Result<(), &'static str> {
        let broken = "a value of another length than its type";
        match self {
            Column::Bool(column) => column.append_option(raw.map(|raw| raw.first() == Some(&1))),
            Column::Int(column) => column.append_option(match raw {
                None => None,
                Some([a, b]) => Some(i64::from(i16::from_be_bytes([*a, *b]))),
                Some(raw) => Some(match <[u8; 4]>::try_from(raw) {
                    Ok(four) => i64::from(i32::from_be_bytes(four)),
                    Err(_) => i64::from_be_bytes(<[u8; 8]>::try_from(raw).map_err(|_| broken)?),
                }),
            }),
            Column::Float(column) => column.append_option(match raw {
                None => None,
                Some(raw) => Some(match <[u8; 4]>::try_from(raw) {
                    Ok(four) => f64::from(f32::from_be_bytes(four)),
                    Err(_) => f64::from_be_bytes(<[u8; 8]>::try_from(raw).map_err(|_| broken)?),
                }),
            }),
            Column::Decimal(column) => column.append_option(match raw {
                None => None,
                Some(raw) => Some(
                    numeric::units(raw)
                        .filter(|units| units.unsigned_abs() < 10_u128.pow(38))
                        .ok_or("a number that is no decimal of 26 digits and 12 places")?,
                ),
            }),
            Column::Text(column) => column.append_option(match raw {
                None => None,
                Some(raw) => Some(std::str::from_utf8(raw).map_err(|_| "a text that is not UTF-8")?),
            }),
            Column::Date(column) => column.append_option(match raw {
                None => None,
                Some(raw) => {
                    let days = i32::from_be_bytes(<[u8; 4]>::try_from(raw).map_err(|_| broken)?);
                    Some(days.checked_add(DAYS).filter(|_| days > i32::MIN).ok_or("an infinite day")?)
                }
            }),
            Column::Instant(column) => column.append_option(match raw {
                None => None,
                Some(raw) => {
                    let at = i64::from_be_bytes(<[u8; 8]>::try_from(raw).map_err(|_| broken)?);
                    Some(
                        at.checked_add(MICROSECONDS)
                            .filter(|_| at > i64::MIN)
                            .ok_or("an infinite instant")?,
                    )
                }
            }),
            Column::Bytes(column) => column.append_option(raw),
            Column::Texts(column) => {
                if let Some(raw) = raw {
                    let texts = Vec::<Option<&str>>::from_sql(&Type::TEXT_ARRAY, raw);
                    for text in texts.map_err(|_| "a list that is not one of texts")? {
                        column.values().append_option(text);
                    }
                }
                column.append(raw.is_some());
            }
        }
        Ok(())
    }

    fn finish(&mut self) -> ArrayRef {
        match self {
            Column::Bool(column) => Arc::new(column.finish()),
            Column::Int(column) => Arc::new(column.finish()),
            Column::Float(column) => Arc::new(column.finish()),
            Column::Decimal(column) => Arc::new(column.finish()),
            Column::Text(column) => Arc::new(column.finish()),
            Column::Date(column) => Arc::new(column.finish()),
            Column::Instant(column) => Arc::new(column.finish()),
            Column::Bytes(column) => Arc::new(column.finish()),
            Column::Texts(column) => Arc::new(column.finish()),
        }
    }
}

/// Rows that are taken in one by one.
pub(crate) struct Rows {
    names: Vec<String>,
    columns: Vec<Column>,
    count: usize,
}

impl Rows {
    /// No rows of these columns.
    ///
    /// # Errors
    /// The name of a column whose type no warehouse of ours has.
    pub(crate) fn of(columns: &[postgres::Column]) -> Result<Rows, String> {
        let column = |column: &postgres::Column| {
            Column::of(column.type_())
                .ok_or_else(|| format!("the column {} is of type {}", column.name(), column.type_()))
        };
        Ok(Rows {
            names: columns.iter().map(|column| column.name().to_owned()).collect(),
            columns: columns.iter().map(column).collect::<Result<_, _>>()?,
            count: 0,
        })
    }

    /// One more row.
    pub(crate) fn push(&mut self, row: &Row) -> Result<(), String> {
        for (at, column) in self.columns.iter_mut().enumerate() {
            let raw: Option<Raw<'_>> = row.try_get(at).map_err(|error| error.to_string())?;
            column
                .push(raw.map(|raw| raw.0))
                .map_err(|reason| format!("the column {}: {reason}", self.names[at]))?;
        }
        self.count += 1;
        Ok(())
    }

    /// All of them.
    pub(crate) fn finish(mut self) -> Result<RecordBatch, String> {
        let arrays: Vec<ArrayRef> = self.columns.iter_mut().map(Column::finish).collect();
        let fields: Vec<Field> = self
            .names
            .iter()
            .zip(&arrays)
            .map(|(name, array)| Field::new(name, array.data_type().clone(), true))
            .collect();
        let options = RecordBatchOptions::new().with_row_count(Some(self.count));
        RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), arrays, &options)
            .map_err(|error| error.to_string())
    }
}
