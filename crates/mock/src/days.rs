//! Days of the calendar, forwards and back: a window is solved for the day on either side of its bound.

use jiff::civil::Date;
use jiff::{Span, Unit};

/// The day so many days later.
pub(crate) fn add_days(day: Date, days: i64) -> Option<Date> {
    day.checked_add(Span::new().try_days(days).ok()?).ok()
}

/// The same day so many months later, or the last one of that month if it is shorter.
pub(crate) fn add_months(day: Date, months: i64) -> Option<Date> {
    let since_year_0 = (i64::from(day.year()) * 12 + i64::from(day.month()) - 1).checked_add(months)?;
    let year = i16::try_from(since_year_0.div_euclid(12)).ok()?;
    let month = i8::try_from(since_year_0.rem_euclid(12) + 1).ok()?;
    let first = Date::new(year, month, 1).ok()?;
    Date::new(year, month, day.day().min(first.days_in_month())).ok()
}

/// The days that are `wanted` when so many months are added to them, the latest first.
pub(crate) fn before_months(wanted: Date, months: i64) -> Vec<Date> {
    let Some(near) = add_months(wanted, -months) else { return Vec::new() };
    let around = (-3..=3).rev().filter_map(|days| add_days(near, days));
    around.filter(|day| add_months(*day, months) == Some(wanted)).collect()
}

/// Days from the earlier day to the later one, negative when they are reversed.
pub(crate) fn days_between(later: Date, earlier: Date) -> Option<i64> {
    earlier.until((Unit::Day, later)).ok().map(|span| i64::from(span.get_days()))
}

/// The birthday in a year: of somebody born on 29 February it is 1 March in a year without that day.
fn birthday(birth: Date, year: i16) -> Option<Date> {
    Date::new(year, birth.month(), birth.day()).or(Date::new(year, 3, 1)).ok()
}

/// Completed years on a day; no value before birth.
pub(crate) fn age(birth: Date, day: Date) -> Option<i64> {
    if day < birth {
        return None;
    }
    let years = i64::from(day.year()) - i64::from(birth.year());
    Some(if day < birthday(birth, day.year())? { years - 1 } else { years })
}

/// The first and the last day on which somebody can be born who has completed so many years on a day.
pub(crate) fn born(years: i64, day: Date) -> Option<(Date, Date)> {
    let of = |years: i64| {
        let near = add_months(day, -12 * years)?;
        (-2..=2).rev().filter_map(|days| add_days(near, days)).find(|birth| age(*birth, day) == Some(years))
    };
    let last = of(years)?;
    let first = (-2..=3)
        .filter_map(|days| add_days(add_months(day, -12 * (years + 1))?, days))
        .find(|birth| age(*birth, day) == Some(years))?;
    Some((first, last))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn births_of_an_age() {
        let (first, last) = born(18, date(2025, 1, 1)).unwrap();
        assert_eq!((first, last), (date(2006, 1, 2), date(2007, 1, 1)));
        for day in [date(2024, 2, 29), date(2025, 2, 28), date(2025, 3, 1)] {
            for years in [0, 1, 18, 96] {
                let (first, last) = born(years, day).unwrap();
                assert_eq!((age(first, day), age(last, day)), (Some(years), Some(years)));
                let outside = [add_days(first, -1).unwrap(), add_days(last, 1).unwrap()];
                assert!(outside.iter().all(|birth| age(*birth, day) != Some(years)), "{day} {years}");
            }
        }
    }

    #[test]
    fn months_back() {
        assert_eq!(before_months(date(2024, 2, 29), 1).first(), Some(&date(2024, 1, 31)));
        assert_eq!(before_months(date(2024, 3, 31), 1), []);
    }
}
