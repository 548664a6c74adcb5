//! Calendar days as numbers, for adding days to them and writing them down.
//!
//! The conversion is Howard Hinnant's `civil_from_days` and `days_from_civil`
//! (<https://howardhinnant.github.io/date_algorithms.html>), exact for the Gregorian calendar.

use std::fmt;

/// Days since 1970-01-01.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Day(i32);

/// The last day on which anything was recorded: the data ends the day before the examples' `as of`.
pub(crate) const END: Day = Day::of(2024, 12, 31);

impl Day {
    /// The day of a year, month and day of the month, which must exist.
    pub(crate) const fn of(year: i32, month: i32, day: i32) -> Day {
        let year = if month <= 2 { year - 1 } else { year };
        let era = year.div_euclid(400);
        let of_era = year.rem_euclid(400);
        let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
        Day(era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468)
    }

    /// So many days later, or earlier.
    pub(crate) const fn plus(self, days: i32) -> Day {
        Day(self.0 + days)
    }

    /// Days from another day to this.
    pub(crate) const fn since(self, other: Day) -> i32 {
        self.0 - other.0
    }

    /// Year, month, day of the month.
    pub(crate) const fn civil(self) -> (i32, i32, i32) {
        let shifted = self.0 + 719_468;
        let era = shifted.div_euclid(146_097);
        let of_era = shifted.rem_euclid(146_097);
        let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year + year / 4 - year / 100);
        let month = (5 * of_year + 2) / 153;
        let day = of_year - (153 * month + 2) / 5 + 1;
        let month = if month < 10 { month + 3 } else { month - 9 };
        (year + era * 400 + if month <= 2 { 1 } else { 0 }, month, day)
    }

    /// The year.
    pub(crate) const fn year(self) -> i32 {
        self.civil().0
    }

    /// Completed years at another day, near enough for making data.
    pub(crate) const fn years_until(self, other: Day) -> i32 {
        other.since(self) * 100 / 36_525
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.civil();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_dates_agree() {
        assert_eq!(Day::of(1970, 1, 1), Day(0));
        assert_eq!(Day::of(2000, 3, 1).since(Day::of(2000, 2, 28)), 2);
        assert_eq!(Day::of(1900, 3, 1).since(Day::of(1900, 2, 28)), 1);
        for day in (-40_000..40_000).map(Day) {
            let (year, month, of_month) = day.civil();
            assert_eq!(Day::of(year, month, of_month), day);
        }
        assert_eq!(Day::of(2024, 2, 29).to_string(), "2024-02-29");
    }
}
