//! Raw results as columns: what an engine gave, checked against the shape that the plan promised.
//!
//! A raw result that does not fit is an internal error and nothing of it is released; engine types
//! that hold the same values (wider decimals, other widths of integers) are taken.

use crate::decimal;
use crate::error::Error;
use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type, UInt16Type,
    UInt32Type, UInt64Type,
};
use jiff::ToSpan;
use jiff::civil::{Date, date};
use plan::{Raw, Shape, Type, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A raw column.
#[derive(Clone, Debug)]
pub(crate) enum RawColumn {
    /// Whole numbers.
    Int(Vec<Option<i64>>),
    /// Units of 10⁻¹².
    Decimal(Vec<Option<i128>>),
    /// Texts.
    Text(Vec<Option<String>>),
    /// Days since 1970-01-01.
    Date(Vec<Option<i32>>),
    /// true, false.
    Bool(Vec<Option<bool>>),
    /// Lists of people, by their places in [`RawTable::people`]; null is nobody.
    People(Vec<Vec<u32>>),
}

/// The keys of people who are listed, each once, with their places.
pub(crate) type Names = BTreeMap<String, u32>;

/// A raw result: columns in the order of [`Shape::raw`].
#[derive(Clone, Debug)]
pub(crate) struct RawTable {
    pub(crate) columns: Vec<RawColumn>,
    pub(crate) rows: usize,
    /// The people that lists name.
    pub(crate) names: Arc<Names>,
}

impl RawTable {
    /// Reads the batches of one result.
    pub(crate) fn read(shape: &Shape, batches: &[RecordBatch]) -> Result<RawTable, Error> {
        let mut columns = Vec::with_capacity(shape.raw.len());
        for (_, ty) in &shape.raw {
            columns.push(RawColumn::empty(*ty)?);
        }
        let mut rows = 0;
        let mut names = Names::new();
        for batch in batches {
            if batch.num_columns() != shape.raw.len() {
                return Err(Error::malformed(format!(
                    "the raw result has {} columns, the plan promised {}",
                    batch.num_columns(),
                    shape.raw.len()
                )));
            }
            for ((column, array), (name, _)) in columns.iter_mut().zip(batch.columns()).zip(&shape.raw) {
                column
                    .append(array, &mut names)
                    .map_err(|reason| Error::malformed(format!("raw column `{name}`: {reason}")))?;
            }
            rows += batch.num_rows();
        }
        Ok(RawTable { columns, rows, names: Arc::new(names) })
    }

    /// These rows alone, in this order.
    pub(crate) fn only(&self, rows: &[usize]) -> RawTable {
        let columns = self.columns.iter().map(|column| column.only(rows)).collect();
        RawTable { columns, rows: rows.len(), names: Arc::clone(&self.names) }
    }

    /// The people of a list.
    pub(crate) fn people(&self, raw: Raw, row: usize) -> Result<&[u32], Error> {
        match self.column(raw)? {
            RawColumn::People(lists) => lists
                .get(row)
                .map(Vec::as_slice)
                .ok_or_else(|| Error::malformed(format!("row {row} is not there"))),
            _ => Err(Error::malformed(format!("raw column {} lists nobody", raw.0))),
        }
    }

    /// The keys of the people of all lists, by their places.
    pub(crate) fn names(&self) -> Vec<String> {
        let mut names = vec![String::new(); self.names.len()];
        for (name, place) in self.names.iter() {
            if let Some(slot) = names.get_mut(*place as usize) {
                slot.clone_from(name);
            }
        }
        names
    }

    pub(crate) fn column(&self, raw: Raw) -> Result<&RawColumn, Error> {
        let place = usize::try_from(raw.0).ok();
        place.and_then(|place| self.columns.get(place)).ok_or_else(|| {
            Error::malformed(format!("the shape names raw column {}, which is not there", raw.0))
        })
    }

    /// The value of a cell.
    pub(crate) fn value(&self, raw: Raw, row: usize) -> Result<Value, Error> {
        self.column(raw)?.value(row)
    }

    /// A count: never null, never negative.
    pub(crate) fn count(&self, raw: Raw, row: usize) -> Result<u64, Error> {
        match self.column(raw)?.value(row)? {
            Value::Int(number) => u64::try_from(number)
                .map_err(|_| Error::malformed(format!("raw column {}: a count is negative", raw.0))),
            Value::Null
            | Value::Bool(_)
            | Value::Decimal(_)
            | Value::Text(_)
            | Value::Date(_)
            | Value::Instant(_) => {
                Err(Error::malformed(format!("raw column {}: a count is not a whole number", raw.0)))
            }
        }
    }

    /// Whether a bool is true; null is not.
    pub(crate) fn is_true(&self, raw: Raw, row: usize) -> Result<bool, Error> {
        Ok(self.value(raw, row)? == Value::Bool(true))
    }
}

impl RawColumn {
    fn empty(ty: Type) -> Result<RawColumn, Error> {
        match ty {
            Type::Int => Ok(RawColumn::Int(Vec::new())),
            Type::Decimal => Ok(RawColumn::Decimal(Vec::new())),
            Type::Text => Ok(RawColumn::Text(Vec::new())),
            Type::Date => Ok(RawColumn::Date(Vec::new())),
            Type::Bool => Ok(RawColumn::Bool(Vec::new())),
            Type::TextList => Ok(RawColumn::People(Vec::new())),
            Type::Instant => Err(Error::malformed("instants are never released".to_owned())),
        }
    }

    fn only(&self, rows: &[usize]) -> RawColumn {
        fn of<T: Clone>(values: &[Option<T>], rows: &[usize]) -> Vec<Option<T>> {
            rows.iter().map(|row| values.get(*row).cloned().flatten()).collect()
        }
        match self {
            RawColumn::Int(values) => RawColumn::Int(of(values, rows)),
            RawColumn::Decimal(values) => RawColumn::Decimal(of(values, rows)),
            RawColumn::Text(values) => RawColumn::Text(of(values, rows)),
            RawColumn::Date(values) => RawColumn::Date(of(values, rows)),
            RawColumn::Bool(values) => RawColumn::Bool(of(values, rows)),
            RawColumn::People(lists) => RawColumn::People(
                rows.iter().map(|row| lists.get(*row).cloned().unwrap_or_default()).collect(),
            ),
        }
    }

    fn append(&mut self, array: &ArrayRef, names: &mut Names) -> Result<(), String> {
        match self {
            RawColumn::Int(values) => values.extend(whole_numbers(array)?),
            RawColumn::Decimal(values) => match array.data_type() {
                DataType::Decimal128(_, scale) => {
                    for value in array.as_primitive::<Decimal128Type>() {
                        let exact = value
                            .map(|value| decimal::rescale(value, *scale).ok_or("a decimal is too large"));
                        values.push(exact.transpose()?);
                    }
                }
                _ => values.extend(whole_numbers(array)?.into_iter().map(|value| value.map(decimal::of_int))),
            },
            RawColumn::Text(values) => {
                let owned = |value: Option<&str>| value.map(str::to_owned);
                match array.data_type() {
                    DataType::Utf8 => values.extend(array.as_string::<i32>().iter().map(owned)),
                    DataType::LargeUtf8 => values.extend(array.as_string::<i64>().iter().map(owned)),
                    DataType::Utf8View => values.extend(array.as_string_view().iter().map(owned)),
                    other => return Err(format!("{other} where text was promised")),
                }
            }
            RawColumn::Date(values) => match array.data_type() {
                DataType::Date32 => values.extend(array.as_primitive::<Date32Type>().iter()),
                other => return Err(format!("{other} where a date was promised")),
            },
            RawColumn::Bool(values) => match array.data_type() {
                DataType::Boolean => values.extend(array.as_boolean().iter()),
                other => return Err(format!("{other} where a bool was promised")),
            },
            RawColumn::People(lists) => match array.data_type() {
                DataType::List(_) => {
                    for list in array.as_list::<i32>().iter() {
                        lists.push(list.map_or_else(|| Ok(Vec::new()), |list| people(&list, names))?);
                    }
                }
                other => return Err(format!("{other} where people were promised")),
            },
        }
        Ok(())
    }

    fn value(&self, row: usize) -> Result<Value, Error> {
        let none = || Error::malformed(format!("row {row} is not there"));
        let value =
            match self {
                RawColumn::Int(values) => values.get(row).ok_or_else(none)?.map(Value::Int),
                RawColumn::Decimal(values) => values.get(row).ok_or_else(none)?.map(Value::Decimal),
                RawColumn::Text(values) => values.get(row).ok_or_else(none)?.clone().map(Value::Text),
                RawColumn::Date(values) => match values.get(row).ok_or_else(none)? {
                    None => None,
                    Some(days) => Some(Value::Date(day(*days).ok_or_else(|| {
                        Error::malformed("a date is outside the years 1 to 9999".to_owned())
                    })?)),
                },
                RawColumn::Bool(values) => values.get(row).ok_or_else(none)?.map(Value::Bool),
                RawColumn::People(_) => {
                    return Err(Error::malformed("a list of people is read as a value".to_owned()));
                }
            };
        Ok(value.unwrap_or(Value::Null))
    }
}

/// The places of the people of a list, sorted, each once.
fn people(list: &ArrayRef, names: &mut Names) -> Result<Vec<u32>, String> {
    let mut places = Vec::with_capacity(list.len());
    let mut add = |name: Option<&str>| {
        let name = name.ok_or("a list of people holds a null")?;
        let place = match names.get(name) {
            Some(place) => *place,
            None => {
                let place = u32::try_from(names.len()).map_err(|_| "more people than 32 bits count")?;
                names.insert(name.to_owned(), place);
                place
            }
        };
        places.push(place);
        Ok::<(), String>(())
    };
    match list.data_type() {
        DataType::Utf8 => list.as_string::<i32>().iter().try_for_each(&mut add)?,
        DataType::LargeUtf8 => list.as_string::<i64>().iter().try_for_each(&mut add)?,
        DataType::Utf8View => list.as_string_view().iter().try_for_each(&mut add)?,
        other => return Err(format!("people of type {other}")),
    }
    places.sort_unstable();
    places.dedup();
    Ok(places)
}

/// The day so many days after 1970-01-01.
pub(crate) fn day(days: i32) -> Option<Date> {
    date(1970, 1, 1).checked_add(days.days()).ok()
}

/// Integers of any width, and decimals without places, which is what sums of integers are in DuckDB.
fn whole_numbers(array: &ArrayRef) -> Result<Vec<Option<i64>>, String> {
    macro_rules! widened {
        ($ty:ty) => {
            Ok(array.as_primitive::<$ty>().iter().map(|value| value.map(i64::from)).collect())
        };
    }
    let narrowed = |value: Option<i128>| {
        value
            .map(|value| i64::try_from(value).map_err(|_| "a whole number has more than 64 bits".to_owned()))
            .transpose()
    };
    match array.data_type() {
        DataType::Int64 => Ok(array.as_primitive::<Int64Type>().iter().collect()),
        DataType::Int32 => widened!(Int32Type),
        DataType::Int16 => widened!(Int16Type),
        DataType::Int8 => widened!(Int8Type),
        DataType::UInt32 => widened!(UInt32Type),
        DataType::UInt16 => widened!(UInt16Type),
        DataType::UInt8 => widened!(UInt8Type),
        DataType::UInt64 => {
            array.as_primitive::<UInt64Type>().iter().map(|value| narrowed(value.map(i128::from))).collect()
        }
        DataType::Decimal128(_, 0) => array.as_primitive::<Decimal128Type>().iter().map(narrowed).collect(),
        other => Err(format!("{other} where a number was promised")),
    }
}
