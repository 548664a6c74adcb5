//! Values as they stand in rows.

use jiff::civil::Date;
use plan::{Type, Value};
use std::sync::Arc;

/// A value; the order between two of one kind is the order of the language: false before true, numbers
/// by size, text by bytes, days by time.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Cell {
    Null,
    Bool(bool),
    Int(i64),
    /// Units of 10⁻¹².
    Decimal(i128),
    Text(Arc<str>),
    Date(Date),
    /// Seconds since 1970-01-01T00:00:00Z.
    Instant(i64),
    /// The state of a recursion.
    List(Vec<Arc<str>>),
}

/// One row.
pub(crate) type Row = Vec<Cell>;

impl Cell {
    pub(crate) fn of(value: &Value) -> Cell {
        match value {
            Value::Null => Cell::Null,
            Value::Bool(value) => Cell::Bool(*value),
            Value::Int(value) => Cell::Int(*value),
            Value::Decimal(value) => Cell::Decimal(*value),
            Value::Text(value) => Cell::Text(value.as_str().into()),
            Value::Date(value) => Cell::Date(*value),
            Value::Instant(value) => Cell::Instant(*value),
        }
    }

    /// The value, unless it is a list, which no result holds.
    pub(crate) fn value(&self) -> Option<Value> {
        Some(match self {
            Cell::Null => Value::Null,
            Cell::Bool(value) => Value::Bool(*value),
            Cell::Int(value) => Value::Int(*value),
            Cell::Decimal(value) => Value::Decimal(*value),
            Cell::Text(value) => Value::Text(value.to_string()),
            Cell::Date(value) => Value::Date(*value),
            Cell::Instant(value) => Value::Instant(*value),
            Cell::List(_) => return None,
        })
    }

    /// The type of a value that is known.
    pub(crate) fn ty(&self) -> Option<Type> {
        match self {
            Cell::Null => None,
            Cell::Bool(_) => Some(Type::Bool),
            Cell::Int(_) => Some(Type::Int),
            Cell::Decimal(_) => Some(Type::Decimal),
            Cell::Text(_) => Some(Type::Text),
            Cell::Date(_) => Some(Type::Date),
            Cell::Instant(_) => Some(Type::Instant),
            Cell::List(_) => Some(Type::TextList),
        }
    }

    /// The value, if it is null or of this type.
    pub(crate) fn of_type(self, ty: Type) -> Result<Cell, String> {
        match self.ty() {
            Some(found) if found != ty => Err(format!("a value of type {found:?} stands for one of {ty:?}")),
            Some(_) | None => Ok(self),
        }
    }

    pub(crate) fn is_null(&self) -> bool {
        *self == Cell::Null
    }

    pub(crate) fn is_true(&self) -> bool {
        *self == Cell::Bool(true)
    }

    /// A truth value: `None` is unknown.
    pub(crate) fn truth(&self) -> Result<Option<bool>, String> {
        match self {
            Cell::Null => Ok(None),
            Cell::Bool(value) => Ok(Some(*value)),
            other => Err(format!("{:?} is no truth value", other.ty())),
        }
    }

    pub(crate) fn of_truth(truth: Option<bool>) -> Cell {
        truth.map_or(Cell::Null, Cell::Bool)
    }
}
