//! Onsets of the phenopacket store, read from their JSON: the days of life on which each can have been. Written
//! from HPO's definitions and ISO 8601 alone, in years and days as they are said there.

use serde_json::Value;

/// The days of life from `first` to `last`; no last day is no upper end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Days {
    pub(crate) first: i64,
    pub(crate) last: Option<i64>,
}

/// A year of 365.25 days; a birthday falls on the whole days that have passed.
pub(crate) fn birthday(years: f64) -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "whole days of a life")]
    let day = (years * 365.25).floor() as i64;
    day
}

/// What a packet says of an onset; none where it says nothing that has a range.
pub(crate) fn days(onset: &Value) -> Option<Days> {
    if let Some(class) = onset["ontologyClass"]["id"].as_str() {
        return class_days(class);
    }
    if let Some(age) = onset["age"]["iso8601duration"].as_str() {
        return Some(iso(age));
    }
    let weeks = onset["gestationalAge"]["weeks"].as_i64()?;
    // Born at 40 weeks; before that, days count down.
    let from = |day: i64| (day - 280).min(-1);
    Some(match onset["gestationalAge"]["days"].as_i64() {
        Some(day) => Days { first: from(7 * weeks + day), last: Some(from(7 * weeks + day)) },
        None => Days { first: from(7 * weeks), last: Some(from(7 * weeks + 6)) },
    })
}

/// The classes that the store uses, as HPO defines them.
fn class_days(id: &str) -> Option<Days> {
    let years = |from: f64, to: f64| Days { first: birthday(from), last: Some(birthday(to) - 1) };
    let weeks = |from: i64, to: i64| Days { first: 7 * from - 280, last: Some(to - 280) };
    Some(match id {
        // "prior to birth"; "less than 11 weeks of gestation" in the embryo; after it the fetus.
        "HP:0030674" => Days { first: -280, last: Some(-1) },
        "HP:0011460" => Days { first: -280, last: Some(69 - 280) },
        "HP:0011461" => Days { first: 70 - 280, last: Some(-1) },
        // Weeks 11+0 to 13+6, 14+0 to 27+6, 28+0 to birth.
        "HP:0034199" => weeks(11, 7 * 13 + 6),
        "HP:0034198" => weeks(14, 7 * 27 + 6),
        "HP:0034197" => Days { first: 7 * 28 - 280, last: Some(-1) },
        // "at birth"; "within the first 28 days"; "between 28 days to one year".
        "HP:0003577" => Days { first: 0, last: Some(0) },
        "HP:0003623" => Days { first: 0, last: Some(27) },
        "HP:0003593" => Days { first: 28, last: Some(birthday(1.0) - 1) },
        "HP:0011463" => years(1.0, 5.0),
        "HP:0003621" => years(5.0, 16.0),
        "HP:0003581" => Days { first: birthday(16.0), last: None },
        "HP:0011462" => years(16.0, 40.0),
        "HP:0025708" => years(16.0, 19.0),
        "HP:0025709" => years(19.0, 25.0),
        "HP:0025710" => years(25.0, 40.0),
        "HP:0003596" => years(40.0, 60.0),
        "HP:0003584" => Days { first: birthday(60.0), last: None },
        _ => return None,
    })
}

/// `P3Y` is the whole fourth year of life, `P3Y2M` a month, `P3Y2M1D` a day.
fn iso(text: &str) -> Days {
    let (mut years, mut days, mut width) = (0.0, 0, None);
    let mut rest = text.strip_prefix('P').expect("a duration");
    while let Some(at) = rest.find(|c: char| c.is_ascii_alphabetic()) {
        let number: i64 = rest[..at].parse().expect("a number");
        #[expect(clippy::cast_precision_loss, reason = "ages are small")]
        let part = number as f64;
        match &rest[at..=at] {
            "Y" => (years, width) = (years + part, Some(1.0)),
            "M" => (years, width) = (years + part / 12.0, Some(1.0 / 12.0)),
            "D" => (days, width) = (days + number, None),
            other => unreachable!("{other} in {text}"),
        }
        rest = &rest[at + 1..];
    }
    // A twelfth is not exact in binary: a thousandth of a day is.
    let birthday = |years: f64| birthday(years + 0.000_001);
    let first = birthday(years) + days;
    let last = width.map_or(first, |width| birthday(years + width) + days - 1);
    Days { first, last: Some(last) }
}
