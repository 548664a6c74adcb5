//! When something began, as an interval of ages in days, both ends included.
//!
//! Sources write this in six forms: an ISO 8601 age, a range of ages, an HPO onset class, an instant, an
//! interval of instants, a gestational age. Day 0 is the day of birth; days before birth are negative.
//! An end that is not known is none. What is decided here:
//! * An age is as wide as the last unit written: `P3Y` lasts until the day before the fourth birthday,
//!   `P3Y0M0D` is one day. A month has 365.25 / 12 days, as there is no birth date to count from.
//! * Classes have the ranges of HPO 2025-01-16. `Adult` and `Late onset` have no upper end; classes that
//!   HPO defines by events, such as the menopause, have no range.
//! * Birth is 40 weeks (280 days) after the first day of gestation. A gestational age without days lasts
//!   the week. Whatever has a gestational age is before birth, so no end is later than day -1.
//! * Instants count from the birth date; without one there is no interval.

use crate::cell;
use jiff::civil::Date;

/// An interval of ages, as far as it is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ages {
    pub(crate) earliest: Option<i64>,
    pub(crate) latest: Option<i64>,
}

const BIRTH: i64 = 280;

/// HPO's onset classes; `None` is no upper end.
const CLASSES: [(&str, i64, Option<i64>); 19] = [
    // Antenatal, embryonal (before 10 weeks of gestation), fetal; trimesters.
    ("HP:0030674", -BIRTH, Some(-1)),
    ("HP:0011460", -BIRTH, Some(70 - BIRTH - 1)),
    ("HP:0011461", 70 - BIRTH, Some(-1)),
    ("HP:0034199", 77 - BIRTH, Some(97 - BIRTH)),
    ("HP:0034198", 98 - BIRTH, Some(195 - BIRTH)),
    ("HP:0034197", 196 - BIRTH, Some(-1)),
    // Congenital, neonatal (the first 28 days), infantile, childhood, juvenile (from 5 through 15 years).
    ("HP:0003577", 0, Some(0)),
    ("HP:0003623", 0, Some(27)),
    ("HP:0003593", 28, Some(years(1) - 1)),
    ("HP:0011463", years(1), Some(years(5) - 1)),
    ("HP:0003621", years(5), Some(years(16) - 1)),
    ("HP:0410280", 28, Some(years(16) - 1)),
    // Adult; young adult, of it early, intermediate and late; middle age; late.
    ("HP:0003581", years(16), None),
    ("HP:0011462", years(16), Some(years(40) - 1)),
    ("HP:0025708", years(16), Some(years(19) - 1)),
    ("HP:0025709", years(19), Some(years(25) - 1)),
    ("HP:0025710", years(25), Some(years(40) - 1)),
    ("HP:0003596", years(40), Some(years(60) - 1)),
    ("HP:0003584", years(60), None),
];

const fn years(years: i64) -> i64 {
    months(12 * years)
}

/// The first day of an age in months of 365.25 / 12 = 487 / 16 days.
const fn months(months: i64) -> i64 {
    months * 487 / 16
}

/// The range of an HPO onset class; none for classes without one.
pub(crate) fn class(id: &str) -> Option<Ages> {
    let (_, earliest, latest) = CLASSES.iter().find(|(other, _, _)| *other == id)?;
    Some(Ages { earliest: Some(*earliest), latest: *latest })
}

/// The interval of an ISO 8601 age such as `P3Y`, `P1Y2M3D`, `P2W`; hours and less are part of a day.
pub(crate) fn age(text: &str) -> Result<Ages, String> {
    let bad = || format!("`{text}` is not an age of the form P1Y2M3D");
    let rest = text.strip_prefix('P').filter(|rest| !rest.is_empty()).ok_or_else(bad)?;
    let (rest, time) = rest.split_once('T').map_or((rest, None), |(rest, time)| (rest, Some(time)));
    if time.is_some_and(|time| {
        time.is_empty() || !time.bytes().all(|b| b.is_ascii_digit() || b"HMS.".contains(&b))
    }) {
        return Err(bad());
    }
    let (mut whole_months, mut days, mut wide) = (0_i64, 0_i64, Width::Day);
    let mut number = String::new();
    let mut order = 0;
    for c in rest.chars() {
        if c.is_ascii_digit() {
            number.push(c);
            continue;
        }
        // Nobody is older than 999 years, and sums stay small.
        let value: i64 = number.parse().ok().filter(|value| *value < 400_000).ok_or_else(bad)?;
        number.clear();
        let (place, add_months, add_days, width) = match c {
            'Y' => (1, value.checked_mul(12).filter(|_| value < 1000).ok_or_else(bad)?, 0, Width::Months(12)),
            'M' => (2, value, 0, Width::Months(1)),
            'W' => (3, 0, value * 7, Width::Week),
            'D' => (4, 0, value, Width::Day),
            _ => return Err(bad()),
        };
        if place <= order {
            return Err(bad());
        }
        (order, wide) = (place, width);
        whole_months += add_months;
        days += add_days;
    }
    if !number.is_empty() {
        return Err(bad());
    }
    if time.is_some() {
        wide = Width::Day;
    }
    let earliest = months(whole_months) + days;
    let latest = match wide {
        Width::Months(width) => months(whole_months + width) + days - 1,
        Width::Week => earliest + 6,
        Width::Day => earliest,
    };
    Ok(Ages { earliest: Some(earliest), latest: Some(latest) })
}

enum Width {
    Months(i64),
    Week,
    Day,
}

/// The interval of a gestational age.
pub(crate) fn gestational(weeks: i64, days: Option<i64>) -> Result<Ages, String> {
    let fine = (0..=45).contains(&weeks) && days.is_none_or(|days| (0..7).contains(&days));
    if !fine {
        return Err(format!("{weeks} weeks and {} days are no gestational age", days.unwrap_or(0)));
    }
    let first = weeks * 7 + days.unwrap_or(0) - BIRTH;
    let last = if days.is_some() { first } else { first + 6 };
    Ok(Ages { earliest: Some(first.min(-1)), latest: Some(last.min(-1)) })
}

/// The interval between two days of the calendar, counted from birth.
pub(crate) fn between(start: Option<Date>, end: Option<Date>, birth: Option<Date>) -> Ages {
    let count = |date: Option<Date>| Some(i64::from(cell::days(date?)) - i64::from(cell::days(birth?)));
    Ages { earliest: count(start), latest: count(end) }
}

/// The calendar day of an instant such as `2021-02-06T10:05:34Z`, as it is written: there are no time
/// zones in a warehouse.
pub(crate) fn day_of(instant: &str) -> Result<Date, String> {
    let day = instant.get(..10).filter(|_| instant.len() == 10 || instant.as_bytes().get(10) == Some(&b'T'));
    cell::date(day.unwrap_or(instant))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ages(earliest: i64, latest: i64) -> Ages {
        Ages { earliest: Some(earliest), latest: Some(latest) }
    }

    #[test]
    fn ages_are_as_wide_as_they_are_written() {
        assert_eq!(age("P3Y"), Ok(ages(1095, 1460)));
        assert_eq!(age("P3Y0M"), Ok(ages(1095, 1125)));
        assert_eq!(age("P3Y0M0D"), Ok(ages(1095, 1095)));
        assert_eq!(age("P2W"), Ok(ages(14, 20)));
        assert_eq!(age("PT5H"), Ok(ages(0, 0)));
        assert_eq!(age("P0D"), Ok(ages(0, 0)));
        for bad in ["", "P", "3Y", "P3", "PY", "P1M1Y", "P0.5Y", "P3Y ", "P99999999999999999999Y", "PxY"] {
            assert!(age(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn classes_meet_ages_without_a_gap() {
        assert_eq!(class("HP:0003593"), Some(ages(28, 364)));
        assert_eq!(class("HP:0011463"), Some(ages(365, 1825)));
        assert_eq!(age("P5Y").map(|age| age.earliest), Ok(Some(1826)));
        assert_eq!(class("HP:0003584"), Some(Ages { earliest: Some(21_915), latest: None }));
        assert_eq!(class("HP:6000315"), None);
    }

    #[test]
    fn before_birth_days_are_negative() {
        assert_eq!(gestational(20, Some(3)), Ok(ages(-137, -137)));
        assert_eq!(gestational(20, None), Ok(ages(-140, -134)));
        assert_eq!(gestational(41, Some(0)), Ok(ages(-1, -1)));
        assert!(gestational(20, Some(9)).is_err());
    }

    #[test]
    fn instants_need_a_birth_date() {
        let born = Date::constant(2000, 1, 1);
        let day = day_of("2000-01-31T23:59:59Z").ok();
        assert_eq!(between(day, day, Some(born)), ages(30, 30));
        assert_eq!(between(day, day, None), Ages::default());
    }
}
