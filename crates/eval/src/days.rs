//! Days of the calendar: the proleptic Gregorian one, years 1 to 9999.

use jiff::civil::Date;
use jiff::{Span, Unit};

/// The day, if it is within the years of the language.
fn within(day: Date) -> Option<Date> {
    (1..=9999).contains(&day.year()).then_some(day)
}

/// The day so many days later.
pub(crate) fn add_days(day: Date, days: i64) -> Option<Date> {
    day.checked_add(Span::new().try_days(days).ok()?).ok().and_then(within)
}

/// The same day so many months later, or the last one of that month if it is shorter.
pub(crate) fn add_months(day: Date, months: i64) -> Option<Date> {
    let since_year_0 = (i64::from(day.year()) * 12 + i64::from(day.month()) - 1).checked_add(months)?;
    let year = i16::try_from(since_year_0.div_euclid(12)).ok()?;
    let month = i8::try_from(since_year_0.rem_euclid(12) + 1).ok()?;
    let first = within(Date::new(year, month, 1).ok()?)?;
    Date::new(year, month, day.day().min(first.days_in_month())).ok()
}

/// Days from the earlier day to the later one, negative when they are reversed.
pub(crate) fn days_between(later: Date, earlier: Date) -> Option<i64> {
    earlier.until((Unit::Day, later)).ok().map(|span| i64::from(span.get_days()))
}

/// Completed years on a day; no value before birth.
pub(crate) fn age_years(birth: Date, day: Date) -> Option<i64> {
    if day < birth {
        return None;
    }
    // Someone born on 29 February has a birthday on 1 March of a year without that day.
    let birthday = Date::new(day.year(), birth.month(), birth.day()).or(Date::new(day.year(), 3, 1)).ok()?;
    let years = i64::from(day.year()) - i64::from(birth.year());
    Some(if day < birthday { years - 1 } else { years })
}
