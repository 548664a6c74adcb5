//! The second witness: the same plans over the same tables, computed by `eval` in memory.
//!
//! The tables of a warehouse are read once, through the engine; from there on nothing is shared with it.
//! Both answers are held against each other before release, where nothing is withheld yet, and what
//! `eval` computed goes through release as Arrow, as the engine's rows do.

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Date32Type, Decimal128Type, Int64Type, TimeUnit, TimestampMicrosecondType};
use engine::Reader;
use jiff::civil::{Date, date};
use plan::{Plan, Value};

/// The day that Arrow counts from.
const EPOCH: Date = date(1970, 1, 1);

/// Every table of a warehouse in memory.
pub(crate) fn read(reader: &mut dyn Reader) -> Result<eval::Tables, String> {
    let mut tables = eval::Tables::default();
    for batch in ask(reader, "SELECT table_name FROM information_schema.tables")? {
        for name in column(&batch, 0)? {
            let Value::Text(name) = name else { return Err("a table without a name".to_owned()) };
            tables.insert(&name, &table(reader, &name)?).map_err(|error| error.to_string())?;
        }
    }
    Ok(tables)
}

fn table(reader: &mut dyn Reader, name: &str) -> Result<eval::Table, String> {
    let batches = ask(reader, &format!("SELECT * FROM \"{}\"", name.replace('"', "\"\"")))?;
    let mut table = eval::Table::default();
    let described = ask(
        reader,
        &format!(
            "SELECT column_name FROM information_schema.columns WHERE table_name = '{name}' ORDER BY ordinal_position"
        ),
    )?;
    for batch in described {
        for column in column(&batch, 0)? {
            let Value::Text(column) = column else { return Err("a column without a name".to_owned()) };
            table.columns.push(column);
        }
    }
    table.rows = rows(&batches).map_err(|reason| format!("table {name}: {reason}"))?;
    Ok(table)
}

fn ask(reader: &mut dyn Reader, sql: &str) -> Result<Vec<RecordBatch>, String> {
    reader.run(sql).map_err(|error| error.detail)
}

/// What `eval` says of a plan.
pub(crate) fn computed(plan: &Plan, tables: &eval::Tables) -> Result<eval::Rows, String> {
    eval::run(plan, tables).map_err(|error| format!("eval: {error}"))
}

/// An error where the engine, whose rows are `seen`, says something else than `eval`.
pub(crate) fn agree(computed: &eval::Rows, seen: &[RecordBatch], engine: &str) -> Result<(), String> {
    let seen = rows(seen)?;
    if computed.rows == seen { Ok(()) } else { Err(difference(computed, &seen, engine)) }
}

/// The rows that one witness has and the other has not, or the first place where their orders part.
fn difference(computed: &eval::Rows, seen: &[Vec<Value>], engine: &str) -> String {
    let names: Vec<&str> = computed.columns.iter().map(|(name, _)| name.as_str()).collect();
    let mut said = format!("the two witnesses disagree before release, on {}\n", names.join(" | "));
    let mut left = computed.rows.clone();
    let mut right = Vec::new();
    for row in seen {
        match left.iter().position(|other| other == row) {
            Some(at) => drop(left.remove(at)),
            None => right.push(row.clone()),
        }
    }
    let mut line = |who: &str, row: &[Value]| {
        let cells: Vec<String> = row.iter().map(|cell| format!("{cell:?}")).collect();
        for part in ["  ", who, ": ", &cells.join(" | "), "\n"] {
            said.push_str(part);
        }
    };
    for row in &left {
        line("eval only  ", row);
    }
    for row in &right {
        line(&format!("{engine} only"), row);
    }
    if left.is_empty() && right.is_empty() {
        let place = computed.rows.iter().zip(seen).position(|(one, other)| one != other).unwrap_or(0);
        line("the orders part: eval  ", &computed.rows[place]);
        line(&format!("the orders part: {engine}"), &seen[place]);
    }
    said
}

/// The rows of Arrow batches.
pub(crate) fn rows(batches: &[RecordBatch]) -> Result<Vec<Vec<Value>>, String> {
    let mut rows = Vec::new();
    for batch in batches {
        let columns = (0..batch.num_columns()).map(|at| column(batch, at)).collect::<Result<Vec<_>, _>>()?;
        let mut columns: Vec<_> = columns.into_iter().map(Vec::into_iter).collect();
        for _ in 0..batch.num_rows() {
            rows.push(columns.iter_mut().filter_map(Iterator::next).collect());
        }
    }
    Ok(rows)
}

fn column(batch: &RecordBatch, at: usize) -> Result<Vec<Value>, String> {
    let array = batch.column(at);
    let to = |ty: &DataType| cast(array, ty).map_err(|error| error.to_string());
    let values: Vec<Option<Value>> = match array.data_type() {
        DataType::Boolean => array.as_boolean().iter().map(|value| value.map(Value::Bool)).collect(),
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => {
            let array = to(&DataType::Utf8)?;
            array
                .as_string::<i32>()
                .iter()
                .map(|value| value.map(|text| Value::Text(text.to_owned())))
                .collect()
        }
        // Of bytes a plan reads only whether they are there.
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView => {
            (0..array.len()).map(|row| array.is_valid(row).then(|| Value::Text("bytes".to_owned()))).collect()
        }
        DataType::Date32 => {
            let array = array.as_primitive::<Date32Type>();
            array.iter().map(|days| days.and_then(day).map(Value::Date)).collect()
        }
        DataType::Timestamp(..) => {
            let array = to(&DataType::Timestamp(TimeUnit::Microsecond, None))?;
            let array = array.as_primitive::<TimestampMicrosecondType>();
            array.iter().map(|at| at.map(|at| Value::Instant(at.div_euclid(1_000_000)))).collect()
        }
        DataType::Decimal128(..) => {
            let array = to(&DataType::Decimal128(38, 12))?;
            array.as_primitive::<Decimal128Type>().iter().map(|units| units.map(Value::Decimal)).collect()
        }
        ty if ty.is_integer() => {
            let array = to(&DataType::Int64)?;
            array.as_primitive::<Int64Type>().iter().map(|value| value.map(Value::Int)).collect()
        }
        other => return Err(format!("a column of type {other}")),
    };
    Ok(values.into_iter().map(|value| value.unwrap_or(Value::Null)).collect())
}

fn day(days: i32) -> Option<Date> {
    EPOCH.checked_add(jiff::Span::new().try_days(days).ok()?).ok()
}
