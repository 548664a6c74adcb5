//! A released table turned: the values of one key become columns.
//!
//! It is made of released cells alone and tells nothing that they do not; where the table has no row for
//! a pair of keys, the cell has no value.

use crate::value::{Column, ColumnKind, Layout, NOT_RECORDED, Notes, OTHER, Released, ReleasedValue, TOTAL};
use plan::Value;
use std::fmt;

/// Why a table cannot be turned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotPivoted {
    /// It has no key of that name; these it has.
    NoKey {
        /// The keys that it has.
        keys: Vec<String>,
    },
    /// It has no other key, or no values, or is no table of a query.
    Nothing,
    /// Two rows, or two columns, would be one.
    Twice {
        /// The column.
        name: String,
    },
}

impl fmt::Display for NotPivoted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NotPivoted::NoKey { keys } => write!(f, "its keys are {}", keys.join(", ")),
            NotPivoted::Nothing => f.write_str("only a table with another key and with values can be turned"),
            NotPivoted::Twice { name } => write!(f, "there would be two of `{name}`"),
        }
    }
}

impl std::error::Error for NotPivoted {}

impl Released {
    /// The table with a column per value of `key`, in the order in which they first stand, and a row for
    /// each of the other keys. Of several value columns each heading begins with the column's name.
    ///
    /// # Errors
    /// When it has no such key or nothing else, or two rows agree in all keys.
    pub fn pivoted(&self, key: &str) -> Result<Released, NotPivoted> {
        let places = |wanted: &dyn Fn(&Column) -> bool| -> Vec<usize> {
            (0..).zip(&self.columns).filter(|(_, column)| wanted(column)).map(|(place, _)| place).collect()
        };
        let keys = places(&|column| column.kind == ColumnKind::Key);
        let values = places(&|column| column.kind != ColumnKind::Key);
        let name = |place: &usize| self.columns.get(*place).map_or("", |column| column.name.as_str());
        let Some(turned) = keys.iter().copied().find(|place| name(place) == key) else {
            return Err(NotPivoted::NoKey {
                keys: keys.iter().map(|place| name(place).to_owned()).collect(),
            });
        };
        let others: Vec<usize> = keys.into_iter().filter(|place| *place != turned).collect();
        if self.layout != Layout::Rows || others.is_empty() || values.is_empty() {
            return Err(NotPivoted::Nothing);
        }
        let cell =
            |row: &[ReleasedValue], place: usize| row.get(place).cloned().unwrap_or(ReleasedValue::Null);
        let mut across: Vec<ReleasedValue> = Vec::new();
        let mut down: Vec<Vec<ReleasedValue>> = Vec::new();
        for row in &self.rows {
            let value = cell(row, turned);
            if !across.contains(&value) {
                across.push(value);
            }
            let keys: Vec<ReleasedValue> = others.iter().map(|place| cell(row, *place)).collect();
            if !down.contains(&keys) {
                down.push(keys);
            }
        }
        let mut columns: Vec<Column> =
            others.iter().filter_map(|place| self.columns.get(*place)).cloned().collect();
        for place in &values {
            for value in &across {
                let Some(column) = self.columns.get(*place) else { continue };
                let heading = match values.as_slice() {
                    [_] => heading(value),
                    _ => format!("{} {}", column.name, heading(value)),
                };
                if columns.iter().any(|other| other.name == heading) {
                    return Err(NotPivoted::Twice { name: heading });
                }
                columns.push(Column { name: heading, ..column.clone() });
            }
        }
        let mut rows: Vec<Vec<Option<ReleasedValue>>> = down
            .iter()
            .map(|keys| {
                let mut row: Vec<Option<ReleasedValue>> = keys.iter().cloned().map(Some).collect();
                row.resize(columns.len(), None);
                row
            })
            .collect();
        for row in &self.rows {
            let value = cell(row, turned);
            let keys: Vec<ReleasedValue> = others.iter().map(|place| cell(row, *place)).collect();
            let at = down.iter().position(|other| *other == keys);
            let column = across.iter().position(|other| *other == value);
            let (Some(at), Some(column)) = (at, column) else { continue };
            for (place, number) in values.iter().zip(0..) {
                let to = others.len() + number * across.len() + column;
                let Some(slot) = rows.get_mut(at).and_then(|row| row.get_mut(to)) else { continue };
                if slot.replace(cell(row, *place)).is_some() {
                    return Err(NotPivoted::Twice { name: heading(&value) });
                }
            }
        }
        let rows: Vec<Vec<ReleasedValue>> = rows
            .into_iter()
            .map(|row| row.into_iter().map(|cell| cell.unwrap_or(ReleasedValue::Null)).collect())
            .collect();
        let cells = rows.iter().map(Vec::len).sum::<usize>();
        let notes = Notes { cells: u64::try_from(cells).unwrap_or(u64::MAX), ..self.notes };
        Ok(Released { layout: Layout::Rows, columns, rows, notes })
    }
}

/// A value of a key as a heading.
fn heading(value: &ReleasedValue) -> String {
    match value {
        ReleasedValue::Value(Value::Text(text)) => text.clone(),
        ReleasedValue::Value(Value::Int(number) | Value::Instant(number)) => number.to_string(),
        ReleasedValue::Value(Value::Bool(known)) => known.to_string(),
        ReleasedValue::Value(Value::Date(day)) => day.to_string(),
        ReleasedValue::NotRecorded => NOT_RECORDED.to_owned(),
        ReleasedValue::Other => OTHER.to_owned(),
        ReleasedValue::Total => TOTAL.to_owned(),
        // Keys are of the kinds above.
        ReleasedValue::Value(Value::Decimal(_) | Value::Null)
        | ReleasedValue::Withheld(_)
        | ReleasedValue::Interval { .. }
        | ReleasedValue::Rows(_)
        | ReleasedValue::Null => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use plan::Type;

    fn text(text: &str) -> ReleasedValue {
        ReleasedValue::Value(Value::Text(text.to_owned()))
    }

    fn table(rows: &[(&str, &str, i64)], values: usize) -> Released {
        let column = |name: &str, kind| {
            let ty = if kind == ColumnKind::Key { Type::Text } else { Type::Int };
            Column { name: name.to_owned(), ty, unit: None, kind, nested: Vec::new() }
        };
        let mut columns = vec![column("site", ColumnKind::Key), column("month", ColumnKind::Key)];
        columns.extend((0..values).map(|at| column(["people", "events"][at], ColumnKind::Value)));
        let rows = rows.iter().map(|(site, month, number)| {
            let mut row = vec![text(site), text(month)];
            row.extend((0..values).map(|_| ReleasedValue::Value(Value::Int(*number))));
            row
        });
        Released {
            layout: Layout::Rows,
            columns,
            rows: rows.collect(),
            notes: Notes {
                cells: 0,
                withheld: 0,
                secondary: 0,
                min_subjects: 10,
                round_to: None,
                allele_min_carriers: None,
                frequency_min_subjects: None,
            },
        }
    }

    #[test]
    fn one_key_goes_across_and_the_other_stays_down() {
        let turned =
            table(&[("n", "01", 5), ("n", "02", 6), ("s", "02", 7)], 1).pivoted("month").expect("turned");
        let names: Vec<&str> = turned.columns().iter().map(|column| column.name.as_str()).collect();
        assert_eq!(names, ["site", "01", "02"]);
        let number = |number| ReleasedValue::Value(Value::Int(number));
        assert_eq!(turned.rows()[0], [text("n"), number(5), number(6)]);
        assert_eq!(turned.rows()[1], [text("s"), ReleasedValue::Null, number(7)]);
        assert_eq!(turned.notes().cells, 6);
    }

    #[test]
    fn several_values_keep_their_names() {
        let turned = table(&[("n", "01", 5), ("s", "02", 7)], 2).pivoted("site").expect("turned");
        let names: Vec<&str> = turned.columns().iter().map(|column| column.name.as_str()).collect();
        assert_eq!(names, ["month", "people n", "people s", "events n", "events s"]);
    }

    #[test]
    fn what_cannot_be_turned_says_why() {
        let whole = table(&[("n", "01", 5)], 1);
        let keys = vec!["site".to_owned(), "month".to_owned()];
        assert_eq!(whole.pivoted("people"), Err(NotPivoted::NoKey { keys }));
        assert_eq!(table(&[("n", "01", 5)], 0).pivoted("site"), Err(NotPivoted::Nothing));
        let twice = table(&[("n", "01", 5), ("n", "01", 6)], 1).pivoted("month");
        assert_eq!(twice, Err(NotPivoted::Twice { name: "01".to_owned() }));
    }
}
