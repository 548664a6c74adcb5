//! One value on its way into a column: parsed from text by the column's type, or refused in words.
//!
//! Types are those of the model. There is no guessing: a date is `YYYY-MM-DD` and a day of the
//! calendar, an enum has its members and nothing else, a code carries the prefix of its system. What
//! spreadsheets leave behind (`#REF!`, `#N/A` ...) is named as such.

use arrow::array::{
    ArrayRef, BinaryBuilder, BooleanBuilder, Date32Builder, Decimal128Builder, Int64Builder, StringBuilder,
};
use jiff::civil::Date;
use model::ColumnType;
use model::ontology::classification::System;
use std::sync::Arc;

/// Digits after the point of a decimal in a warehouse.
const SCALE: u32 = 12;
/// Ontologies whose ids have seven digits.
const SEVEN: [&str; 5] = ["DUO", "HP", "MONDO", "SO", "UBERON"];
/// Digits of a decimal in a warehouse.
const DIGITS: u32 = 30;

/// A value of a column, or none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Cell {
    Null,
    /// Also ids, members of enums, codes and genes.
    Text(String),
    Int(i64),
    /// Times 10¹².
    Decimal(i128),
    Bool(bool),
    Date(Date),
    Bytes(Vec<u8>),
}

impl Cell {
    pub(crate) fn text(text: impl Into<String>) -> Cell {
        Cell::Text(text.into())
    }
}

impl<T: Into<Cell>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Cell {
        value.map_or(Cell::Null, Into::into)
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Cell {
        Cell::Text(text)
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Cell {
        Cell::Text(text.to_owned())
    }
}

impl From<i64> for Cell {
    fn from(number: i64) -> Cell {
        Cell::Int(number)
    }
}

impl From<bool> for Cell {
    fn from(truth: bool) -> Cell {
        Cell::Bool(truth)
    }
}

impl From<Date> for Cell {
    fn from(date: Date) -> Cell {
        Cell::Date(date)
    }
}

/// The value that `text` is in a column of type `ty`; the empty text is null.
pub(crate) fn parse(ty: &ColumnType, text: &str) -> Result<Cell, String> {
    if text.is_empty() {
        return Ok(Cell::Null);
    }
    if let Some(error) = spreadsheet_error(text) {
        return Err(format!("`{error}` is an error that a spreadsheet left behind, not a value"));
    }
    Ok(match ty {
        ColumnType::Id
        | ColumnType::Text
        | ColumnType::Gene
        | ColumnType::Enum { .. }
        | ColumnType::Code(_) => Cell::text(text),
        ColumnType::Int => {
            Cell::Int(text.parse().map_err(|_| format!("`{text}` is not a whole number of 64 bits"))?)
        }
        ColumnType::Decimal => Cell::Decimal(decimal(text)?),
        // `5%` and `0.05` are the same share.
        ColumnType::Percent => Cell::Decimal(match text.strip_suffix('%') {
            Some(number) => decimal(&format!("{}e-2", number.trim_end()))?,
            None => decimal(text)?,
        }),
        ColumnType::Bool => match text {
            "true" => Cell::Bool(true),
            "false" => Cell::Bool(false),
            _ => return Err(format!("`{text}` is neither `true` nor `false`")),
        },
        ColumnType::Date => Cell::Date(date(text)?),
        ColumnType::Bytes => return Err("bytes cannot be read from text".into()),
    })
}

/// The value as the column stores it: members of enums are checked, codes are checked and brought to
/// their one spelling.
pub(crate) fn fit(ty: &ColumnType, cell: Cell) -> Result<Cell, String> {
    if let Cell::Text(text) = &cell
        && let Some(error) = spreadsheet_error(text)
    {
        return Err(format!("`{error}` is an error that a spreadsheet left behind, not a value"));
    }
    match (ty, cell) {
        (_, Cell::Null) => Ok(Cell::Null),
        (ColumnType::Enum { members, .. }, Cell::Text(text)) => {
            if members.contains(&text) {
                Ok(Cell::Text(text))
            } else {
                Err(format!("`{text}` is not one of {}", members.join(", ")))
            }
        }
        (ColumnType::Code(system), Cell::Text(text)) => code(system, &text).map(Cell::Text),
        (ColumnType::Id | ColumnType::Text | ColumnType::Gene, Cell::Text(text)) if text.is_empty() => {
            Err("an empty text is no value".into())
        }
        (ColumnType::Id | ColumnType::Text | ColumnType::Gene, cell @ Cell::Text(_))
        | (ColumnType::Int, cell @ Cell::Int(_))
        | (ColumnType::Decimal | ColumnType::Percent, cell @ Cell::Decimal(_))
        | (ColumnType::Bool, cell @ Cell::Bool(_))
        | (ColumnType::Date, cell @ Cell::Date(_))
        | (ColumnType::Bytes, cell @ Cell::Bytes(_)) => Ok(cell),
        (ty, cell) => Err(format!("{cell:?} is not of type {}", ty.words())),
    }
}

/// A code as a CURIE of `system`, in its one spelling.
pub(crate) fn code(system: &str, text: &str) -> Result<String, String> {
    if let Some(known) = System::of(system) {
        return known.canonical(text).ok_or_else(|| format!("`{text}` is not a code of {system}"));
    }
    let local = text.strip_prefix(system).and_then(|rest| rest.strip_prefix(':'));
    match local {
        None => Err(format!("`{text}` is not a code of {system}: codes of {system} begin with `{system}:`")),
        Some(local)
            if local.is_empty()
                || !local.chars().all(|c| c.is_ascii_graphic() && !matches!(c, ',' | ';' | ':')) =>
        {
            Err(format!("`{text}` is not one code of {system}"))
        }
        Some(local)
            if SEVEN.contains(&system)
                && (local.len() != 7 || !local.bytes().all(|b| b.is_ascii_digit())) =>
        {
            Err(format!("`{text}` is not a code of {system}: they have seven digits"))
        }
        Some(_) => Ok(text.to_owned()),
    }
}

/// A calendar day written `YYYY-MM-DD`.
pub(crate) fn date(text: &str) -> Result<Date, String> {
    let shaped = text.len() == 10
        && text
            .bytes()
            .enumerate()
            .all(|(at, b)| if at == 4 || at == 7 { b == b'-' } else { b.is_ascii_digit() });
    if !shaped {
        return Err(format!("`{text}` is not a date of the form YYYY-MM-DD"));
    }
    text.parse().map_err(|_| format!("`{text}` is not a day of the calendar"))
}

/// A decimal times 10¹², from digits with an optional point and exponent. More than 12 places are
/// rounded half to even; more than 18 places before the point are refused.
pub(crate) fn decimal(text: &str) -> Result<i128, String> {
    let bad = || format!("`{text}` is not a number");
    let large = || format!("`{text}` is too large: decimals have 18 digits before the point");
    let (mantissa, exponent) = match text.find(['e', 'E']) {
        Some(at) => (&text[..at], text[at + 1..].parse::<i32>().map_err(|_| bad())?),
        None => (text, 0),
    };
    let (negative, digits) = match mantissa.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, mantissa),
    };
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    if (whole.is_empty() && part.is_empty()) || !whole.bytes().chain(part.bytes()).all(|b| b.is_ascii_digit())
    {
        return Err(bad());
    }
    let all: String = format!("{whole}{part}").trim_start_matches('0').to_owned();
    if all.is_empty() {
        return Ok(0);
    }
    // Digits to keep so that the last one stands at the twelfth place.
    let kept = i64::try_from(all.len()).unwrap_or(i64::MAX) - i64::try_from(part.len()).unwrap_or(0)
        + i64::from(exponent)
        + i64::from(SCALE);
    if kept > i64::from(DIGITS) {
        return Err(large());
    }
    let value = match usize::try_from(kept) {
        Err(_) => 0,
        Ok(kept) if kept >= all.len() => {
            let zeros = "0".repeat(kept - all.len());
            format!("{all}{zeros}").parse::<i128>().map_err(|_| large())?
        }
        Ok(kept) => {
            let head = all[..kept].parse::<i128>().unwrap_or(0);
            let tail = &all.as_bytes()[kept..];
            let half = tail[0].cmp(&b'5').then(if tail[1..].iter().any(|b| *b != b'0') {
                std::cmp::Ordering::Greater
            } else {
                std::cmp::Ordering::Equal
            });
            let up = half.is_gt() || (half.is_eq() && head % 2 == 1);
            head + i128::from(up)
        }
    };
    Ok(if negative { -value } else { value })
}

/// What a spreadsheet writes in place of a value, if the text is that.
pub(crate) fn spreadsheet_error(text: &str) -> Option<&str> {
    const ERRORS: [&str; 7] = ["#REF!", "#N/A", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!"];
    ERRORS.contains(&text.trim()).then(|| text.trim())
}

/// Days since 1970-01-01.
pub(crate) fn days(date: Date) -> i32 {
    let since = date.duration_since(Date::constant(1970, 1, 1)).as_hours() / 24;
    // The calendar of the library ends in the year 9999.
    i32::try_from(since).unwrap_or(i32::MAX)
}

/// An Arrow column that grows by cells.
#[derive(Debug)]
pub(crate) enum Column {
    Text(StringBuilder),
    Int(Int64Builder),
    Decimal(Decimal128Builder),
    Bool(BooleanBuilder),
    Date(Date32Builder),
    Bytes(BinaryBuilder),
}

impl Column {
    pub(crate) fn of(ty: &ColumnType) -> Column {
        match ty {
            ColumnType::Int => Column::Int(Int64Builder::new()),
            ColumnType::Decimal | ColumnType::Percent => Column::Decimal(
                Decimal128Builder::new().with_data_type(crate::schema::arrow_type(&ColumnType::Decimal)),
            ),
            ColumnType::Bool => Column::Bool(BooleanBuilder::new()),
            ColumnType::Date => Column::Date(Date32Builder::new()),
            ColumnType::Bytes => Column::Bytes(BinaryBuilder::new()),
            ColumnType::Id
            | ColumnType::Text
            | ColumnType::Enum { .. }
            | ColumnType::Code(_)
            | ColumnType::Gene => Column::Text(StringBuilder::new()),
        }
    }

    /// Adds a cell that [`fit`] gave for the same type; any other is null.
    pub(crate) fn push(&mut self, cell: Cell) {
        match (self, cell) {
            (Column::Text(to), Cell::Text(text)) => to.append_value(text),
            (Column::Int(to), Cell::Int(number)) => to.append_value(number),
            (Column::Decimal(to), Cell::Decimal(number)) => to.append_value(number),
            (Column::Bool(to), Cell::Bool(truth)) => to.append_value(truth),
            (Column::Date(to), Cell::Date(date)) => to.append_value(days(date)),
            (Column::Bytes(to), Cell::Bytes(bytes)) => to.append_value(bytes),
            (Column::Text(to), _) => to.append_null(),
            (Column::Int(to), _) => to.append_null(),
            (Column::Decimal(to), _) => to.append_null(),
            (Column::Bool(to), _) => to.append_null(),
            (Column::Date(to), _) => to.append_null(),
            (Column::Bytes(to), _) => to.append_null(),
        }
    }

    /// The cells so far; the column is empty afterwards.
    pub(crate) fn take(&mut self) -> ArrayRef {
        match self {
            Column::Text(from) => Arc::new(from.finish()),
            Column::Int(from) => Arc::new(from.finish()),
            Column::Decimal(from) => Arc::new(from.finish()),
            Column::Bool(from) => Arc::new(from.finish()),
            Column::Date(from) => Arc::new(from.finish()),
            Column::Bytes(from) => Arc::new(from.finish()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_exact_and_round_half_to_even() {
        let one = 1_000_000_000_000;
        assert_eq!(decimal("1"), Ok(one));
        assert_eq!(decimal("-26.5"), Ok(-26 * one - one / 2));
        assert_eq!(decimal("2.5e-12"), Ok(2));
        assert_eq!(decimal("3.5e-12"), Ok(4));
        assert_eq!(decimal("0.0000000000025000001"), Ok(3));
        assert_eq!(decimal("1e-40"), Ok(0));
        assert_eq!(decimal("5e-13"), Ok(0));
        assert_eq!(decimal("6e-13"), Ok(1));
        assert_eq!(decimal("1E3"), Ok(1000 * one));
        for bad in ["", ".", "-", "1,5", "NaN", "1e", "1e400", "1234567890123456789"] {
            assert!(decimal(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn dates_are_days_of_the_calendar() {
        assert_eq!(date("2024-02-29").map(days), Ok(19_782));
        for bad in ["2023-02-29", "2023-2-9", "20230209", "2023-02-09T00:00:00Z", "09/02/2023"] {
            assert!(date(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn what_spreadsheets_leave_is_named() {
        let error = parse(&ColumnType::Int, "#REF!").expect_err("no number");
        assert!(error.contains("spreadsheet"), "{error}");
    }

    #[test]
    fn two_codes_in_one_text_are_not_a_code() {
        assert!(code("DUO", "DUO:0000019,DUO:00000020").is_err());
        assert!(code("DUO", "DUO:00000020").is_err());
        assert!(code("HP", "MP:1").is_err());
        assert_eq!(code("ICD10", "ICD10:e119").as_deref(), Ok("ICD10:E11.9"));
    }
}
