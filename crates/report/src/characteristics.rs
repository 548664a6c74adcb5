//! Table 1 for reading: a row per level, a column per group, `12 (34.3 %)` and `54 [42, 61]`.
//!
//! Files have a row per characteristic, level and group, one number in a cell; this is the same table
//! turned for the eye. Percents and means have one place more than fits a page of numbers, differences
//! have three; the files have all places.

use crate::cell;
use plan::Value;
use release::{Released, ReleasedValue};

/// Headings and rows of texts; numbers are set flush right from the third column on.
pub(crate) struct Wide {
    pub(crate) headings: Vec<String>,
    pub(crate) rows: Vec<Vec<String>>,
}

/// The columns after the keys, as [`release::Layout::Characteristics`] lists them.
struct Numbers<'a>(&'a [ReleasedValue]);

impl<'a> Numbers<'a> {
    fn at(&self, place: usize) -> &'a ReleasedValue {
        self.0.get(place).unwrap_or(&ReleasedValue::Null)
    }
}

/// Turns a Table 1.
pub(crate) fn wide(released: &Released, keys: usize) -> Wide {
    let group_of =
        |row: &[ReleasedValue]| -> Vec<String> { row.iter().skip(2).take(keys).map(cell::text).collect() };
    let mut groups: Vec<Vec<String>> = Vec::new();
    for row in released.rows() {
        let group = group_of(row);
        if !groups.contains(&group) {
            groups.push(group);
        }
    }
    let differences = released.columns().iter().any(|column| column.name == "smd");
    let mut headings = vec!["characteristic".to_owned(), "level".to_owned()];
    headings.extend(
        groups.iter().map(|group| if group.is_empty() { "all".to_owned() } else { group.join(", ") }),
    );
    if differences {
        headings.push("smd".to_owned());
    }
    let mut rows = Vec::new();
    // The groups of a level stand in one run, in the order of the groups.
    for run in released.rows().chunk_by(|one, other| one.get(..2) == other.get(..2)) {
        let Some(first) = run.first() else { continue };
        let (name, level) = (first.first().map(cell::text), first.get(1).map(cell::text));
        let (name, level) = (name.unwrap_or_default(), level.unwrap_or_default());
        let numbers: Vec<Numbers<'_>> =
            run.iter().map(|row| Numbers(row.get(2 + keys..).unwrap_or(&[]))).collect();
        let of_number = numbers.iter().any(|numbers| *numbers.at(2) != ReleasedValue::Null)
            || numbers.iter().any(|numbers| *numbers.at(5) != ReleasedValue::Null);
        let smd = numbers.first().map_or_else(String::new, |numbers| places(numbers.at(7), 3));
        let mut push = |level: &str, cells: Vec<String>, smd: &str| {
            let mut row = vec![name.clone(), level.to_owned()];
            row.extend(cells);
            if differences {
                row.push(smd.to_owned());
            }
            rows.push(row);
        };
        if of_number {
            push("known", numbers.iter().map(|numbers| cell::text(numbers.at(0))).collect(), "");
            push("median [q1, q3]", numbers.iter().map(quartiles).collect(), "");
            push("mean (sd)", numbers.iter().map(spread).collect(), &smd);
        } else {
            push(&level, numbers.iter().map(part).collect(), &smd);
        }
    }
    Wide { headings, rows }
}

/// `12 (34.3 %)`, or the number alone.
fn part(numbers: &Numbers<'_>) -> String {
    let count = cell::text(numbers.at(0));
    match (numbers.at(0), numbers.at(1)) {
        (ReleasedValue::Value(_), percent @ ReleasedValue::Value(_)) => {
            format!("{count} ({} %)", places(percent, 1))
        }
        (_, _) => count,
    }
}

fn quartiles(numbers: &Numbers<'_>) -> String {
    let [median, low, high] = [2, 3, 4].map(|place| places(numbers.at(place), 1));
    if median.is_empty() && low.is_empty() && high.is_empty() {
        return String::new();
    }
    format!("{median} [{low}, {high}]")
}

fn spread(numbers: &Numbers<'_>) -> String {
    let [mean, sd] = [5, 6].map(|place| places(numbers.at(place), 1));
    match (mean.is_empty(), sd.is_empty()) {
        (true, _) => String::new(),
        (false, true) => mean,
        (false, false) => format!("{mean} ({sd})"),
    }
}

/// A decimal with so many places at most, half away from zero; any other value as it is.
fn places(value: &ReleasedValue, places: u32) -> String {
    let ReleasedValue::Value(Value::Decimal(units)) = value else { return cell::text(value) };
    let step = 10_i128.pow(12_u32.saturating_sub(places));
    let half = if *units < 0 { -step / 2 } else { step / 2 };
    cell::decimal(units.saturating_add(half) / step * step)
}

/// Whether a column of a turned table is flush right.
pub(crate) fn is_number(place: usize) -> bool {
    place > 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_rounded_on_both_sides_of_zero() {
        let one = 1_000_000_000_000;
        let text = |units, at| places(&ReleasedValue::Value(Value::Decimal(units)), at);
        assert_eq!(text(one / 3, 1), "0.3");
        assert_eq!(text(-one / 8, 2), "-0.13");
        assert_eq!(text(one / 8, 2), "0.13");
        assert_eq!(text(34 * one, 1), "34");
    }
}
