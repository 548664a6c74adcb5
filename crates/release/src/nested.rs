//! Nested columns: the flat rows of a raw result put together again, a row of the table each.

use crate::error::Error;
use crate::raw::RawTable;
use crate::value::{Column, ColumnKind, ReleasedValue};
use plan::{Nested, Shape, Value};

/// Of each row of a table its nested rows.
pub(crate) type RowsOfRows = Vec<Vec<Vec<ReleasedValue>>>;

/// The table with one raw row for each of its rows, and of each nested column the rows of each.
pub(crate) fn gathered(shape: &Shape, table: RawTable) -> Result<(RawTable, Vec<RowsOfRows>), Error> {
    if shape.nested.is_empty() {
        return Ok((table, Vec::new()));
    }
    if !shape.records && shape.people.is_some() {
        return Err(Error::malformed("nested rows of a group".to_owned()));
    }
    let mut firsts: Vec<usize> = Vec::new();
    let mut keys: Option<Vec<Value>> = None;
    let mut rows: Vec<RowsOfRows> = vec![Vec::new(); shape.nested.len()];
    for row in 0..table.rows {
        let own = shape.same_row.iter().map(|key| table.value(*key, row)).collect::<Result<Vec<_>, _>>()?;
        if keys.as_ref() != Some(&own) {
            firsts.push(row);
            for nested in &mut rows {
                nested.push(Vec::new());
            }
            keys = Some(own);
        }
        for (nested, rows) in shape.nested.iter().zip(&mut rows) {
            if table.value(nested.present, row)? == Value::Null {
                continue;
            }
            let values = nested.columns.iter().map(|column| {
                Ok(match table.value(column.value, row)? {
                    Value::Null => ReleasedValue::Null,
                    value => ReleasedValue::Value(value),
                })
            });
            let values = values.collect::<Result<Vec<_>, Error>>()?;
            if let Some(last) = rows.last_mut() {
                last.push(values);
            }
        }
    }
    Ok((table.only(&firsts), rows))
}

/// The columns of a nested one.
pub(crate) fn columns(nested: &Nested) -> Vec<Column> {
    let column = |of: &plan::NestedColumn| Column {
        name: of.name.clone(),
        ty: of.ty,
        unit: of.unit.clone(),
        kind: ColumnKind::Value,
        nested: Vec::new(),
    };
    nested.columns.iter().map(column).collect()
}
