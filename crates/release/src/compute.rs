//! The released value of a cell: rounding after suppression, ratios only from rounded parts, totals
//! from released cells (release rule 5), and the fields of frequency records (rule 7).

use crate::cells::{self, Measure, Rule};
use crate::decimal;
use crate::error::Error;
use crate::estimate;
use crate::exact;
use crate::nested;
use crate::pool::{Mark, Rows};
use crate::raw::day;
use crate::rules::Terms;
use crate::suppress::{Decisions, Status};
use crate::value::{ReleasedValue, Withheld};
use hmac::{Hmac, Mac};
use jiff::Unit;
use jiff::civil::date;
use plan::{Cell, Frequency, FrequencyField, Raw, Shape, Value};
use sha2::Sha256;
use std::collections::BTreeMap;
use std::fmt::Write;

/// The most copies of an allele that a person has been seen with: five X chromosomes.
const MOST_COPIES: u64 = 5;

/// Computes cells of one result.
#[derive(Debug)]
pub(crate) struct Computer<'a> {
    pub(crate) shape: &'a Shape,
    pub(crate) rows: &'a Rows,
    pub(crate) decisions: &'a Decisions,
    pub(crate) terms: &'a Terms,
    /// Of each nested column the rows of each row.
    pub(crate) nested: Vec<nested::RowsOfRows>,
    /// Means of `faf95` by allele count: a frequency table asks for the same few again and again.
    pub(crate) means: BTreeMap<u64, f64>,
    /// The rows of each allele, where a group of them is asked for.
    pub(crate) alleles: BTreeMap<Vec<Value>, Vec<usize>>,
}

impl Computer<'_> {
    /// The released value of a cell in a row.
    pub(crate) fn cell(&mut self, cell: &Cell, row: usize) -> Result<ReleasedValue, Error> {
        if let Some(withheld) = self.withheld(cell, row)? {
            return Ok(ReleasedValue::Withheld(withheld));
        }
        match cell {
            Cell::Key(raw) => self.key(*raw, row),
            Cell::Value(raw) => Ok(released(self.rows.table.value(*raw, row)?)),
            Cell::Pseudonym(raw) => self.pseudonym(*raw, row),
            Cell::Nested(at) => {
                let of_row = self.nested.get(*at as usize).and_then(|rows| rows.get(row));
                let none = || Error::malformed(format!("nested column {at} is not there"));
                Ok(ReleasedValue::Rows(of_row.ok_or_else(none)?.clone()))
            }
            Cell::People(people) => self.number(*people, people_rule(*people), row),
            Cell::Count { value, people } => self.number(*value, people_rule(*people), row),
            Cell::Sum { value, .. } => Ok(released(self.rows.table.value(*value, row)?)),
            Cell::Mean { sum, number, .. } => {
                let number = units(&self.rows.table.value(*number, row)?);
                let sum = units(&self.rows.table.value(*sum, row)?);
                Ok(decimal_or_null(sum.zip(number).and_then(|(sum, number)| decimal::divide(sum, number))))
            }
            Cell::Quantile { lower, upper, .. } => {
                middle(&self.rows.table.value(*lower, row)?, &self.rows.table.value(*upper, row)?)
            }
            Cell::Share { yes, known, yes_people, known_people } => {
                let yes = self.rounded(*yes, people_rule(*yes_people), row)?;
                let known = self.rounded(*known, people_rule(*known_people), row)?;
                Ok(decimal_or_null(ratio(yes, known)))
            }
            Cell::Wilson { yes, known, yes_people, known_people } => {
                let yes = self.rounded(*yes, people_rule(*yes_people), row)?;
                let known = self.rounded(*known, people_rule(*known_people), row)?;
                // Parts that are rounded apart may cross where totals are sums.
                Ok(match estimate::wilson(yes.min(known), known) {
                    Some((low, high)) => ReleasedValue::Interval { low, high },
                    None => ReleasedValue::Null,
                })
            }
            Cell::Frequency { record, field } => {
                self.frequency(cells::record(self.shape, *record)?, *field, row)
            }
        }
    }

    /// Whether a record tells in this row that enough people carry its allele.
    pub(crate) fn carried(&self, record: &Frequency, row: usize) -> Result<bool, Error> {
        let group = Measure { people: record.people, rule: Rule::Group };
        let carriers = Measure { people: record.carriers, rule: Rule::Carriers };
        // Withheld to protect another group: enough people carry it, which the total tells already.
        let told = |status| matches!(status, Status::Shown | Status::Secondary);
        Ok(self.decisions.status(group, row) == Status::Shown
            && told(self.decisions.status(carriers, row))
            && self.rows.table.count(record.carriers, row)? > 0)
    }

    /// How a cell is withheld, if it is.
    fn withheld(&self, cell: &Cell, row: usize) -> Result<Option<Withheld>, Error> {
        let mark = self.mark(row);
        if let Cell::Quantile { .. } = cell
            && let Mark::Other { .. } = mark
        {
            // Quantiles of parts do not give that of the whole.
            return Ok(Some(Withheld::PLAIN));
        }
        for measure in cells::measures(self.shape, cell)? {
            match self.decisions.status(measure, row) {
                Status::Shown => {}
                Status::Secondary => return Ok(Some(Withheld { secondary: true, ..Withheld::PLAIN })),
                Status::Small { low, high } => return Ok(Some(self.small(cell, measure, low, high, row)?)),
            }
        }
        Ok(None)
    }

    /// What may be told of a cell whose people are between `low` and `high`.
    fn small(
        &self,
        cell: &Cell,
        measure: Measure,
        low: u64,
        high: Option<u64>,
        row: usize,
    ) -> Result<Withheld, Error> {
        let Some(high) = high else { return Ok(Withheld::PLAIN) };
        let people = |low: u64| Withheld {
            below: u32::try_from(high + 1).ok(),
            secondary: false,
            low: Some(whole(low)),
            high: Some(whole(high)),
        };
        Ok(match cell {
            Cell::People(_) => people(low),
            Cell::Frequency { record, field } => match (measure.rule, field) {
                (Rule::Group, FrequencyField::People) | (Rule::Carriers, FrequencyField::Carriers) => {
                    people(low)
                }
                (Rule::Carriers, FrequencyField::Het | FrequencyField::Hom | FrequencyField::Hemi) => {
                    people(0)
                }
                (Rule::Carriers, FrequencyField::Ac) => Withheld {
                    low: Some(whole(low)),
                    high: Some(whole(high * MOST_COPIES)),
                    ..Withheld::PLAIN
                },
                (Rule::Carriers, FrequencyField::Af) => {
                    let record = cells::record(self.shape, *record)?;
                    let an = cells::copies(record)?.an;
                    let an = self.rounded(an, Measure { people: record.people, rule: Rule::Group }, row)?;
                    let end = |copies: u64| ratio(self.nearest(copies), an);
                    Withheld { low: end(low), high: end(high * MOST_COPIES), ..Withheld::PLAIN }
                }
                (
                    Rule::Cell | Rule::Quantile(_) | Rule::Group | Rule::Carriers,
                    FrequencyField::Ac
                    | FrequencyField::An
                    | FrequencyField::Af
                    | FrequencyField::Het
                    | FrequencyField::Hom
                    | FrequencyField::Hemi
                    | FrequencyField::Carriers
                    | FrequencyField::Missing
                    | FrequencyField::CallRate
                    | FrequencyField::People
                    | FrequencyField::Faf95
                    | FrequencyField::CarrierFrequency
                    | FrequencyField::HardyWeinberg
                    | FrequencyField::ExcessHet,
                ) => Withheld::PLAIN,
            },
            Cell::Key(_)
            | Cell::Value(_)
            | Cell::Pseudonym(_)
            | Cell::Nested(_)
            | Cell::Count { .. }
            | Cell::Sum { .. }
            | Cell::Mean { .. }
            | Cell::Quantile { .. }
            | Cell::Share { .. }
            | Cell::Wilson { .. } => Withheld::PLAIN,
        })
    }

    fn frequency(
        &mut self,
        record: &Frequency,
        field: FrequencyField,
        row: usize,
    ) -> Result<ReleasedValue, Error> {
        let group = Measure { people: record.people, rule: Rule::Group };
        let carriers = Measure { people: record.carriers, rule: Rule::Carriers };
        match field {
            FrequencyField::Carriers => return self.number(record.carriers, carriers, row),
            FrequencyField::People => return self.number(record.people, group, row),
            _ => {}
        }
        let copies = *cells::copies(record)?;
        let told = |raw: Raw| self.rounded(raw, carriers, row);
        let of_group = |raw: Raw| self.rounded(raw, group, row);
        match field {
            FrequencyField::Ac => self.number(copies.ac, carriers, row),
            FrequencyField::Het => self.number(copies.het, carriers, row),
            FrequencyField::Hom => self.number(copies.hom, carriers, row),
            FrequencyField::Hemi => self.number(copies.hemi, carriers, row),
            FrequencyField::Carriers => self.number(record.carriers, carriers, row),
            FrequencyField::An => self.number(copies.an, group, row),
            FrequencyField::Missing => self.number(copies.missing, group, row),
            FrequencyField::People => self.number(record.people, group, row),
            FrequencyField::Af => Ok(decimal_or_null(ratio(told(copies.ac)?, of_group(copies.an)?))),
            FrequencyField::CallRate => {
                let people = of_group(record.people)?;
                let missing = of_group(copies.missing)?;
                Ok(decimal_or_null(ratio(people.saturating_sub(missing), people)))
            }
            // Known of are those who are fully called, and those of whom one copy is known to be this allele.
            FrequencyField::CarrierFrequency => {
                let carried = told(record.carriers)?;
                let full = of_group(record.people)?.saturating_sub(of_group(copies.missing)?);
                let twice = told(copies.het)?.saturating_add(told(copies.hom)?);
                let half = carried.saturating_sub(twice.saturating_add(told(copies.hemi)?));
                Ok(decimal_or_null(ratio(carried, full.saturating_add(half).max(carried))))
            }
            FrequencyField::HardyWeinberg | FrequencyField::ExcessHet => {
                let (het, hom) = (told(copies.pair_het)?, told(copies.pair_hom)?);
                // Parts that are rounded apart may be more than their whole.
                let pairs = told(copies.pairs)?.max(het.saturating_add(hom));
                let test = exact::hardy_weinberg(pairs, het, hom);
                Ok(decimal_or_null(
                    test.map(
                        |test| {
                            if field == FrequencyField::ExcessHet { test.excess_het } else { test.p }
                        },
                    ),
                ))
            }
            FrequencyField::Faf95 => {
                let ac = told(copies.ac)?;
                let an = of_group(copies.an)?;
                let mean = *self.means.entry(ac).or_insert_with(|| estimate::poisson_mean(ac));
                Ok(ReleasedValue::Value(Value::Decimal(estimate::faf95(ac, an, mean))))
            }
        }
    }

    /// A cell of the group with the greatest released frequency of the row's allele
    /// ([`plan::ReleasedExpr::Grpmax`]).
    pub(crate) fn grpmax(&mut self, place: u32, cell: &Cell, row: usize) -> Result<ReleasedValue, Error> {
        let own = self.allele(row)?;
        let rows = self.alleles.get(&own).cloned().unwrap_or_default();
        let record = cells::record(self.shape, place)?;
        let group = Measure { people: record.people, rule: Rule::Group };
        let field = |field| Cell::Frequency { record: place, field };
        let (mut best, mut at, mut greater) = (None, None, Vec::new());
        for other in rows {
            if self.mark(other) != Mark::Plain || self.decisions.status(group, other) != Status::Shown {
                continue;
            }
            let mut recorded = true;
            for key in &self.shape.people_keys {
                recorded = recorded && self.rows.table.value(*key, other)? != Value::Null;
            }
            if !recorded
                || self.cell(&field(FrequencyField::Ac), other)? == ReleasedValue::Value(Value::Int(0))
            {
                continue;
            }
            match self.cell(&field(FrequencyField::Af), other)? {
                ReleasedValue::Value(Value::Decimal(af)) if best.is_none_or(|best| af > best) => {
                    (best, at) = (Some(af), Some(other));
                }
                ReleasedValue::Withheld(withheld) => greater.push(withheld.high),
                _ => {}
            }
        }
        // Would a withheld frequency be the greatest?
        if greater.iter().any(|high| best.is_none() || high.is_none() || *high > best) {
            return Ok(ReleasedValue::Withheld(Withheld::PLAIN));
        }
        match at {
            Some(at) => self.cell(cell, at),
            None => Ok(ReleasedValue::Null),
        }
    }

    /// What tells the allele of a row from others.
    pub(crate) fn allele(&self, row: usize) -> Result<Vec<Value>, Error> {
        self.shape.same_allele.iter().map(|raw| self.rows.table.value(*raw, row)).collect()
    }

    /// A count, rounded.
    fn number(&self, raw: Raw, measure: Measure, row: usize) -> Result<ReleasedValue, Error> {
        let number = self.rounded(raw, measure, row)?;
        let number = i64::try_from(number)
            .map_err(|_| Error::malformed("a count has more than 63 bits".to_owned()))?;
        Ok(ReleasedValue::Value(Value::Int(number)))
    }

    /// A count, rounded; a total of disjoint rows that are all shown is the sum of what they show, so
    /// that the total tells nothing more about them.
    fn rounded(&self, raw: Raw, measure: Measure, row: usize) -> Result<u64, Error> {
        if let Some(parts) = self.decisions.margins.get(&row)
            && self.shape.disjoint
            && parts.iter().all(|part| self.decisions.status(measure, *part) == Status::Shown)
        {
            let mut sum = 0_u64;
            for part in parts {
                sum = sum.saturating_add(self.nearest(self.rows.table.count(raw, *part)?));
            }
            return Ok(sum);
        }
        Ok(self.nearest(self.rows.table.count(raw, row)?))
    }

    /// Half up to the nearest multiple of the base.
    fn nearest(&self, count: u64) -> u64 {
        let base = u64::from(self.terms.round_to.unwrap_or(1));
        count.saturating_mul(2).saturating_add(base) / (2 * base) * base
    }

    fn mark(&self, row: usize) -> Mark {
        self.rows.marks.get(row).copied().unwrap_or(Mark::Plain)
    }

    fn key(&self, raw: Raw, row: usize) -> Result<ReleasedValue, Error> {
        match self.mark(row) {
            Mark::Other { .. } if self.shape.open_keys.contains(&raw) => return Ok(ReleasedValue::Other),
            Mark::Total if self.decisions.group_keys.contains(&raw) => return Ok(ReleasedValue::Total),
            Mark::Plain | Mark::Total | Mark::Other { .. } => {}
        }
        Ok(match self.rows.table.value(raw, row)? {
            Value::Null => ReleasedValue::NotRecorded,
            value => ReleasedValue::Value(value),
        })
    }

    /// The first 16 bytes of HMAC-SHA-256 of the identifier's text, in hexadecimal.
    fn pseudonym(&self, raw: Raw, row: usize) -> Result<ReleasedValue, Error> {
        let Some(key) = self.terms.pseudonym_key.as_deref() else { return Err(Error::NoPseudonymKey) };
        let text = match self.rows.table.value(raw, row)? {
            Value::Null => return Ok(ReleasedValue::Null),
            Value::Text(text) => text,
            Value::Int(number) => number.to_string(),
            Value::Bool(_) | Value::Decimal(_) | Value::Date(_) | Value::Instant(_) => {
                return Err(Error::malformed("an identifier is neither text nor a whole number".to_owned()));
            }
        };
        let mut mac = Hmac::<Sha256>::new_from_slice(key).map_err(|_| Error::NoPseudonymKey)?;
        mac.update(text.as_bytes());
        let mut pseudonym = String::with_capacity(32);
        for byte in mac.finalize().into_bytes().iter().take(16) {
            // Writing to a string does not fail.
            let _ = write!(pseudonym, "{byte:02x}");
        }
        Ok(ReleasedValue::Value(Value::Text(pseudonym)))
    }
}

fn people_rule(people: Raw) -> Measure {
    Measure { people, rule: Rule::Cell }
}

fn released(value: Value) -> ReleasedValue {
    match value {
        Value::Null => ReleasedValue::Null,
        value => ReleasedValue::Value(value),
    }
}

fn decimal_or_null(value: Option<i128>) -> ReleasedValue {
    value.map_or(ReleasedValue::Null, |value| ReleasedValue::Value(Value::Decimal(value)))
}

/// A number as a decimal.
pub(crate) fn units(value: &Value) -> Option<i128> {
    match value {
        Value::Int(number) => Some(decimal::of_int(*number)),
        Value::Decimal(units) => Some(*units),
        Value::Null | Value::Bool(_) | Value::Text(_) | Value::Date(_) | Value::Instant(_) => None,
    }
}

fn whole(count: u64) -> i128 {
    i128::from(count) * decimal::ONE
}

fn ratio(part: u64, of: u64) -> Option<i128> {
    decimal::divide(whole(part), whole(of))
}

/// The mean of the two middle values; of days the earlier one where the middle is between two days.
pub(crate) fn middle(lower: &Value, upper: &Value) -> Result<ReleasedValue, Error> {
    let mean = |a, b| decimal::add(a, b).and_then(|sum| decimal::divide(sum, 2 * decimal::ONE));
    match (lower, upper) {
        (Value::Null, Value::Null) => Ok(ReleasedValue::Null),
        (Value::Date(lower), Value::Date(upper)) => {
            let since =
                |day: jiff::civil::Date| day.since((Unit::Day, date(1970, 1, 1))).map(|span| span.get_days());
            let (Ok(lower), Ok(upper)) = (since(*lower), since(*upper)) else {
                return Err(Error::malformed("a date is outside the years 1 to 9999".to_owned()));
            };
            Ok(day((lower + upper).div_euclid(2))
                .map_or(ReleasedValue::Null, |day| ReleasedValue::Value(Value::Date(day))))
        }
        (lower, upper) => match (units(lower), units(upper)) {
            (Some(lower), Some(upper)) => Ok(decimal_or_null(mean(lower, upper))),
            (None, _) | (_, None) => Err(Error::malformed("a median of what has no middle".to_owned())),
        },
    }
}
