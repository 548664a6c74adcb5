//! Tables that a plan reads and rows that it gives.

use crate::cell::{Cell, Row};
use crate::error::Malformed;
use plan::{Type, Value};
use std::collections::BTreeMap;

/// The tables of a warehouse in memory, by name.
#[derive(Clone, Debug, Default)]
pub struct Tables {
    tables: BTreeMap<String, Relation>,
}

/// A table: named columns, and rows with a value for each. Bytes, of which a plan reads only whether
/// they are there, stand as text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// The columns in order.
    pub columns: Vec<String>,
    /// The rows; their order means nothing.
    pub rows: Vec<Vec<Value>>,
}

/// The result of a plan: its rows in its order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rows {
    /// Name and type of the columns.
    pub columns: Vec<(String, Type)>,
    /// The rows; each value is null or of the type of its column.
    pub rows: Vec<Vec<Value>>,
}

/// Rows with named columns: a table, or a step that was computed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Relation {
    pub(crate) columns: Vec<String>,
    pub(crate) rows: Vec<Row>,
}

impl Tables {
    /// Adds a table, or replaces the one of that name.
    ///
    /// # Errors
    /// Two columns have one name, or a row has more or fewer values than there are columns.
    pub fn insert(&mut self, name: &str, table: &Table) -> Result<(), Malformed> {
        let wrong = |reason: String| Malformed { step: None, reason: format!("table {name:?}: {reason}") };
        for (at, column) in table.columns.iter().enumerate() {
            if table.columns[..at].contains(column) {
                return Err(wrong(format!("two columns are called {column:?}")));
            }
        }
        let mut rows = Vec::with_capacity(table.rows.len());
        for row in &table.rows {
            if row.len() != table.columns.len() {
                return Err(wrong(format!("{} values for {} columns", row.len(), table.columns.len())));
            }
            rows.push(row.iter().map(Cell::of).collect());
        }
        self.tables.insert(name.to_owned(), Relation { columns: table.columns.clone(), rows });
        Ok(())
    }

    pub(crate) fn get(&self, name: &str) -> Result<&Relation, String> {
        self.tables.get(name).ok_or_else(|| format!("there is no table {name:?}"))
    }
}

impl Relation {
    /// The place of a column.
    pub(crate) fn place(&self, column: &str) -> Result<usize, String> {
        let found = self.columns.iter().position(|name| name == column);
        found.ok_or_else(|| format!("there is no column {column:?} among {}", self.columns.join(", ")))
    }
}
