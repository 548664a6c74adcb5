//! The text of released values, one way for all text formats.
//!
//! Decimals are the shortest exact text: `0.25`, never `0.250000000000`. Values of a column with the
//! unit `%` are printed as they are; whoever makes the column gives percents.

use plan::Value;
use release::{Column, ColumnKind, NOT_RECORDED, OTHER, ReleasedValue, TOTAL, Withheld};

/// The word for what is withheld without a public bound.
pub(crate) const WITHHELD: &str = "withheld";

/// An exact decimal from units of 10⁻¹².
pub fn decimal(units: i128) -> String {
    let (sign, size) = if units < 0 { ("-", units.unsigned_abs()) } else { ("", units.unsigned_abs()) };
    let one = 1_000_000_000_000;
    let (whole, rest) = (size / one, size % one);
    if rest == 0 {
        return format!("{sign}{whole}");
    }
    let places = format!("{rest:012}");
    format!("{sign}{whole}.{}", places.trim_end_matches('0'))
}

/// `<10` or `withheld`.
pub(crate) fn withheld(how: Withheld) -> String {
    how.below().map_or_else(|| WITHHELD.to_owned(), |below| format!("<{below}"))
}

/// The text of a value; null is empty, an interval is `low to high`.
pub fn text(value: &ReleasedValue) -> String {
    match value {
        ReleasedValue::Value(value) => plain_value(value),
        ReleasedValue::Withheld(how) => withheld(*how),
        ReleasedValue::Interval { low, high } => format!("{} to {}", decimal(*low), decimal(*high)),
        ReleasedValue::Rows(rows) => {
            let of = |row: &Vec<ReleasedValue>| row.iter().map(text).collect::<Vec<_>>().join(", ");
            rows.iter().map(of).collect::<Vec<_>>().join("; ")
        }
        ReleasedValue::Null => String::new(),
        ReleasedValue::NotRecorded => NOT_RECORDED.to_owned(),
        ReleasedValue::Other => OTHER.to_owned(),
        ReleasedValue::Total => TOTAL.to_owned(),
    }
}

fn plain_value(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(known) => known.to_string(),
        Value::Int(number) | Value::Instant(number) => number.to_string(),
        Value::Decimal(units) => decimal(*units),
        Value::Text(text) => text.clone(),
        Value::Date(day) => day.to_string(),
    }
}

/// Whether the value is a text of the data, which is not trusted.
pub(crate) fn is_text(value: &ReleasedValue) -> bool {
    matches!(value, ReleasedValue::Value(Value::Text(_)) | ReleasedValue::Rows(_))
}

/// `name` or `name (unit)`.
pub(crate) fn heading(column: &Column) -> String {
    match &column.unit {
        Some(unit) => format!("{} ({unit})", column.name),
        None => column.name.clone(),
    }
}

/// Whether a column is set flush right.
pub(crate) fn is_number(column: &Column) -> bool {
    match (column.kind, column.ty) {
        (ColumnKind::Rows, _) => false,
        (ColumnKind::Interval, _)
        | (ColumnKind::Key | ColumnKind::Value, plan::Type::Int | plan::Type::Decimal) => true,
        (
            ColumnKind::Key | ColumnKind::Value,
            plan::Type::Bool
            | plan::Type::Text
            | plan::Type::Date
            | plan::Type::Instant
            | plan::Type::TextList,
        ) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::decimal;

    #[test]
    fn decimals_are_exact_and_short() {
        let one = 1_000_000_000_000;
        for (units, expected) in [
            (one / 4, "0.25"),
            (0, "0"),
            (-one, "-1"),
            (-1, "-0.000000000001"),
            (100 * one, "100"),
            (one / 100 * 105, "1.05"),
            (i128::MIN, "-170141183460469231731687303.715884105728"),
        ] {
            assert_eq!(decimal(units), expected);
        }
    }
}
