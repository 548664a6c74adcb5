//! A value of an interval of the model from one text: both of its columns are filled.
//!
//! A date is a year, a month or a day (`1980`, `1980-03`, `1980-03-05`), or two of them with a stroke between
//! (`1980/1982-03`, ISO 8601). An age is one of ISO 8601 (`P3Y`), two with a stroke between, or an HPO onset
//! class (`HP:0003577`); what each lasts is said in [`onset`].

use crate::cell::{self, Cell};
use crate::onset::{self, Ages};
use jiff::civil::Date;
use model::ColumnType;

/// The two ends of what `text` says; the empty text is null twice.
pub(crate) fn parse(ty: &ColumnType, text: &str) -> Result<[Cell; 2], String> {
    if text.is_empty() {
        return Ok([Cell::Null, Cell::Null]);
    }
    if let Some(error) = cell::spreadsheet_error(text) {
        return Err(format!("`{error}` is an error that a spreadsheet left behind, not a value"));
    }
    let (first, last) = text.split_once('/').unwrap_or((text, text));
    if *ty == ColumnType::Date {
        let (earliest, latest) = (days(first)?.0, days(last)?.1);
        if earliest > latest {
            return Err(format!("`{text}` ends before it starts"));
        }
        return Ok([earliest.into(), latest.into()]);
    }
    let (earliest, latest) = (ages(first)?.earliest, ages(last)?.latest);
    if earliest.zip(latest).is_some_and(|(earliest, latest)| earliest > latest) {
        return Err(format!("`{text}` ends before it starts"));
    }
    Ok([earliest.into(), latest.into()])
}

/// The first and last day of a year, a month or a day.
fn days(text: &str) -> Result<(Date, Date), String> {
    let bad = || format!("`{text}` is not a date of the form YYYY, YYYY-MM or YYYY-MM-DD");
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    match text.len() {
        4 if digits(text) => {
            let year = text.parse().map_err(|_| bad())?;
            let day = |month, day| Date::new(year, month, day).map_err(|_| bad());
            Ok((day(1, 1)?, day(12, 31)?))
        }
        7 => {
            let first = cell::date(&format!("{text}-01")).map_err(|_| bad())?;
            Ok((first, first.last_of_month()))
        }
        10 => cell::date(text).map(|day| (day, day)),
        _ => Err(bad()),
    }
}

fn ages(text: &str) -> Result<Ages, String> {
    if text.starts_with("HP:") {
        return onset::class(text)
            .ok_or_else(|| format!("`{text}` is not a class of onset with a range of ages"));
    }
    onset::age(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> Result<[Cell; 2], String> {
        parse(&ColumnType::Date, text)
    }

    fn both(first: Date, last: Date) -> [Cell; 2] {
        [Cell::Date(first), Cell::Date(last)]
    }

    #[test]
    fn a_date_is_as_wide_as_it_is_written() {
        let day = Date::constant;
        assert_eq!(date("1980"), Ok(both(day(1980, 1, 1), day(1980, 12, 31))));
        assert_eq!(date("2024-02"), Ok(both(day(2024, 2, 1), day(2024, 2, 29))));
        assert_eq!(date("2024-02-29"), Ok(both(day(2024, 2, 29), day(2024, 2, 29))));
        assert_eq!(date("1980/1982-03"), Ok(both(day(1980, 1, 1), day(1982, 3, 31))));
        assert_eq!(date(""), Ok([Cell::Null, Cell::Null]));
        for bad in
            ["80", "198", "1980-13", "1980-3", "1980-02-30", "1981/1980", "1980/", "-980", "1980-03-05T10"]
        {
            assert!(date(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_age_is_one_of_iso_8601_or_a_class() {
        let age = |text| parse(&ColumnType::Int, text);
        assert_eq!(age("P3Y"), Ok([Cell::Int(1095), Cell::Int(1460)]));
        assert_eq!(age("P3Y/P5Y"), Ok([Cell::Int(1095), Cell::Int(2190)]));
        assert_eq!(age("HP:0003577"), Ok([Cell::Int(0), Cell::Int(0)]));
        assert_eq!(age("HP:0003581"), Ok([Cell::Int(5844), Cell::Null]), "no upper end");
        for bad in ["3", "P5Y/P3Y", "HP:0001250", "#N/A"] {
            assert!(age(bad).is_err(), "{bad}");
        }
    }
}
