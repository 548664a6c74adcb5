//! Table 1: what a cohort is made of, in groups or beside another, released (rules 1, 2, 3, 5 and 6).
//!
//! Raw rows are the groups, and a row of totals. Of each group every characteristic is a partition: the
//! people with each level and those of whom nothing is recorded; of a number, those of whom it is known
//! and those of whom it is not. All of it goes by four rules, each on the safe side of rule 3.
//!
//! 1. The people of the groups are released like those of a count table, with their total. A group whose
//!    people are withheld tells nothing else.
//! 2. Within a group no level may be computed from the group's people and the levels that are shown:
//!    while one can, the smallest shown level is withheld too, the group's people being the total. When
//!    that does not suffice, all levels are withheld.
//!    The same where a level of something sensitive has more of the group than the agreement's `margin` (rule 4).
//! 3. The totals of a characteristic are shown where no group withholds any of it. If what is withheld is
//!    in at least two groups whose people are withheld themselves, and those people of each level
//!    together are none or enough, they are shown as well; else none of them is.
//! 4. Two cohorts that are compared may share people. If all their people, or the people of any level,
//!    differ by some, but by fewer than `difference`, the second cohort tells nothing of that; about all
//!    their people, nothing is released.
//!
//! A mean and a deviation are withheld where single people show in the sum or in the sum of squares (rule 4); pooled
//! groups have the greatest parts of all added up. They are exact, and exact numbers tell how many there are; they are withheld wherever
//! the number of known or of unknown people is. A median needs `min subjects` on either side, a quartile
//! that many beyond it, which is four times as many. Percents and standardised differences are computed
//! from what is released and from nothing else.

use crate::behind::{self, Sets};
use crate::cells::{Measure, Rule};
use crate::compute::{middle, units};
use crate::decimal;
use crate::dominance::{self, Sizes};
use crate::error::Error;
use crate::estimate::{deviation, standardised_of_means, standardised_of_shares};
use crate::group;
use crate::margin::{self, Part};
use crate::pool::{self, Mark, Rows};
use crate::raw::RawTable;
use crate::rules::{Dominance, Terms, WHOLE, Zeros};
use crate::suppress::{Decisions, Status};
use crate::value::{Column, ColumnKind, ReleasedValue, Withheld};
use plan::{Cell, Characteristic, Characteristics, NumberRaws, Raw, Shape, Type, Value};

/// The columns of a Table 1 and its rows.
pub(crate) type Made = (Vec<Column>, Vec<Vec<ReleasedValue>>);

/// Releases a Table 1.
pub(crate) fn release(
    shape: &Shape,
    of: &Characteristics,
    table: RawTable,
    terms: &Terms,
    sets: &mut Sets<'_>,
) -> Result<(RawTable, Made), Error> {
    let people = shape.people.ok_or_else(|| Error::malformed("no number of people of a row".to_owned()))?;
    let has_numbers = of.items.iter().any(|item| matches!(item, Characteristic::Number { .. }));
    if has_numbers && shape.contributors != terms.dominance.n {
        return Err(Error::malformed("sums are weighed for another number of people".to_owned()));
    }
    let cells = cells(of, people);
    let cells: Vec<&Cell> = cells.iter().collect();
    let rows = pool::pool(shape, &cells, table, u64::from(terms.min_subjects), Zeros::Withheld)?;
    let header: Vec<&Cell> = cells
        .iter()
        .copied()
        .filter(|cell| matches!(cell, Cell::Key(_)) || **cell == Cell::People(people))
        .collect();
    let decisions = Decisions::new(shape, &header, &rows, terms)?;
    let maker = Maker { shape, of, rows: &rows, people, decisions: &decisions, terms };
    if maker.apart(of.apart, (0, 1))? {
        return Err(Error::TooClose);
    }
    let mut made = Vec::new();
    maker.header(&mut made)?;
    for characteristic in &of.items {
        maker.characteristic(characteristic, &mut made, sets)?;
    }
    Ok((rows.table, (columns(of, shape)?, made)))
}

/// All that is added up where small groups are pooled, and the keys.
fn cells(of: &Characteristics, people: Raw) -> Vec<Cell> {
    let mut cells: Vec<Cell> = of.keys.iter().map(|(_, key)| Cell::Key(*key)).collect();
    cells.push(Cell::People(people));
    for item in &of.items {
        let counts = item.levels().into_iter().map(|(_, facet)| facet.people);
        cells.extend(counts.map(Cell::People));
        if let Characteristic::Number { numbers, known, .. } = item {
            for value in [numbers.sum, numbers.squares] {
                cells.push(Cell::Sum { value, people: known.people });
            }
        }
    }
    cells
}

fn columns(of: &Characteristics, shape: &Shape) -> Result<Vec<Column>, Error> {
    let column =
        |name: &str, ty, kind| Column { name: name.to_owned(), ty, unit: None, kind, nested: Vec::new() };
    let mut columns = vec![
        column("characteristic", Type::Text, ColumnKind::Key),
        column("level", Type::Text, ColumnKind::Key),
    ];
    for (name, key) in &of.keys {
        let ty = usize::try_from(key.0).ok().and_then(|place| shape.raw.get(place)).map(|(_, ty)| *ty);
        let ty = ty.ok_or_else(|| Error::malformed("a key that is not there".to_owned()))?;
        columns.push(column(name, ty, ColumnKind::Key));
    }
    columns.push(column("people", Type::Int, ColumnKind::Value));
    columns
        .push(Column { unit: Some("%".to_owned()), ..column("percent", Type::Decimal, ColumnKind::Value) });
    for name in ["median", "q1", "q3", "mean", "sd"] {
        columns.push(column(name, Type::Decimal, ColumnKind::Value));
    }
    if of.differences {
        columns.push(column("smd", Type::Decimal, ColumnKind::Value));
    }
    Ok(columns)
}

struct Maker<'a> {
    shape: &'a Shape,
    of: &'a Characteristics,
    rows: &'a Rows,
    people: Raw,
    decisions: &'a Decisions,
    terms: &'a Terms,
}

/// What is told of one characteristic in one group.
#[derive(Clone, Debug, Default)]
struct Told {
    /// The people of each level, rounded; `Err` is how it is withheld.
    counts: Vec<Result<u64, Withheld>>,
    /// Known people by what is told, where it is.
    known: Option<u64>,
    /// Mean and deviation, in units of 10⁻¹².
    spread: Option<(Option<i128>, Option<i128>)>,
    /// Median and quartiles.
    quartiles: [Option<ReleasedValue>; 3],
}

impl Maker<'_> {
    fn count(&self, raw: Raw, row: usize) -> Result<u64, Error> {
        self.rows.table.count(raw, row)
    }

    fn mark(&self, row: usize) -> Mark {
        self.rows.marks.get(row).copied().unwrap_or(Mark::Plain)
    }

    /// Half up to the nearest multiple of the base.
    fn rounded(&self, people: u64) -> u64 {
        let base = u64::from(self.terms.round_to.unwrap_or(1));
        people.saturating_mul(2).saturating_add(base) / (2 * base) * base
    }

    fn is_small(&self, people: u64) -> bool {
        people < u64::from(self.terms.min_subjects) && (people > 0 || self.terms.zeros == Zeros::Withheld)
    }

    /// Whether two rows have sets of people that differ by some, but by too few.
    fn apart(&self, raw: Option<Raw>, (one, other): (usize, usize)) -> Result<bool, Error> {
        let Some(raw) = raw.filter(|_| self.rows.marks.len() > other) else { return Ok(false) };
        let apart = self.count(raw, one)?.saturating_add(self.count(raw, other)?);
        let least = u64::from(self.terms.difference.max(self.terms.min_subjects));
        Ok(apart > 0 && apart < least)
    }

    fn header_status(&self, row: usize) -> Status {
        self.decisions.status(Measure { people: self.people, rule: Rule::Cell }, row)
    }

    /// The people of a group.
    fn header_of(&self, row: usize) -> Result<Result<u64, Withheld>, Error> {
        Ok(match self.header_status(row) {
            Status::Shown => Ok(match self.decisions.margins.get(&row) {
                // A total of parts that are all shown is their sum.
                Some(parts) if parts.iter().all(|part| self.header_status(*part) == Status::Shown) => {
                    let mut sum = 0_u64;
                    for part in parts {
                        sum = sum.saturating_add(self.rounded(self.count(self.people, *part)?));
                    }
                    sum
                }
                Some(_) | None => self.rounded(self.count(self.people, row)?),
            }),
            Status::Small { high: Some(high), .. } => {
                Err(Withheld { below: u32::try_from(high + 1).ok(), ..Withheld::PLAIN })
            }
            Status::Small { high: None, .. } => Err(Withheld::PLAIN),
            Status::Secondary => Err(Withheld { secondary: true, ..Withheld::PLAIN }),
        })
    }

    fn keys(&self, row: usize) -> Result<Vec<ReleasedValue>, Error> {
        let mut keys = Vec::new();
        for (_, key) in &self.of.keys {
            keys.push(match (self.mark(row), self.rows.table.value(*key, row)?) {
                (Mark::Total, _) => ReleasedValue::Total,
                (Mark::Other { .. }, _) if self.shape.open_keys.contains(key) => ReleasedValue::Other,
                (_, Value::Null) => ReleasedValue::NotRecorded,
                (_, value) => ReleasedValue::Value(value),
            });
        }
        Ok(keys)
    }

    fn header(&self, made: &mut Vec<Vec<ReleasedValue>>) -> Result<(), Error> {
        for row in 0..self.rows.marks.len() {
            let mut cells = vec![text("people"), ReleasedValue::Null];
            cells.extend(self.keys(row)?);
            cells.push(told(self.header_of(row)?)?);
            cells.resize(cells.len() + 6 + usize::from(self.of.differences), ReleasedValue::Null);
            made.push(cells);
        }
        Ok(())
    }

    fn characteristic(
        &self,
        item: &Characteristic,
        made: &mut Vec<Vec<ReleasedValue>>,
        sets: &mut Sets<'_>,
    ) -> Result<(), Error> {
        let levels = item.levels();
        let mut all = Vec::new();
        for row in 0..self.rows.marks.len() {
            // Totals come after their groups.
            let told = if self.mark(row) == Mark::Total {
                self.total(item, row, &all)?
            } else {
                self.group(item, row)?
            };
            all.push(told);
        }
        for (_, facet) in &levels {
            sets.behind.near |= self.of.apart.is_some() && self.apart(facet.apart, (0, 1))?;
        }
        for (row, told) in all.iter().enumerate() {
            let told = levels.iter().zip(&told.counts).filter(|(_, count)| count.is_ok());
            let parts: Vec<_> = told.map(|((_, facet), _)| (facet.people, vec![row])).collect();
            sets.parts(&self.rows.table, &parts, parts.len() == levels.len())?;
        }
        for (row, told) in all.iter().enumerate() {
            if let Characteristic::Number { known, .. } = item
                && (told.spread.is_some() || told.quartiles.iter().any(Option::is_some))
            {
                sets.told = behind::Told::Value;
                sets.family(&self.rows.table, known.people, &[vec![row]], true)?;
                sets.told = behind::Told::Number;
            }
        }
        // The groups are wholes of their levels, so they stand in the same margin.
        self.decisions.told(self.rows, sets)?;
        for (place, (label, _)) in levels.iter().enumerate() {
            let recorded = label.is_some();
            let difference = self.difference(item, place, recorded, &all);
            for (row, told_of) in all.iter().enumerate() {
                let level = match (item, label) {
                    (_, None) => ReleasedValue::NotRecorded,
                    (Characteristic::Levels { .. }, Some(label)) => text(label),
                    (Characteristic::Number { .. }, Some(_)) => ReleasedValue::Null,
                };
                let mut cells = vec![text(item.name()), level];
                cells.extend(self.keys(row)?);
                let count = told_of.counts.get(place).copied().unwrap_or(Err(Withheld::PLAIN));
                cells.push(told(count)?);
                cells.push(match (item, recorded) {
                    (Characteristic::Levels { .. }, true) => self.percent(count, told_of),
                    (_, _) => ReleasedValue::Null,
                });
                match (item, recorded) {
                    (Characteristic::Number { .. }, true) => {
                        for quartile in &told_of.quartiles {
                            cells.push(quartile.clone().unwrap_or(Withheld::PLAIN.into()));
                        }
                        let (mean, sd) = match told_of.spread {
                            None => (Withheld::PLAIN.into(), Withheld::PLAIN.into()),
                            Some((mean, sd)) => (decimal_or_null(mean), decimal_or_null(sd)),
                        };
                        cells.extend([mean, sd]);
                    }
                    (_, _) => cells.resize(cells.len() + 5, ReleasedValue::Null),
                }
                if self.of.differences {
                    // Between the first two groups; the total is of both.
                    cells.push(if row < 2 { difference.clone() } else { ReleasedValue::Null });
                }
                made.push(cells);
            }
        }
        Ok(())
    }

    /// The counts of a characteristic in a group, with what is told of each.
    fn group(&self, item: &Characteristic, row: usize) -> Result<Told, Error> {
        let levels = item.levels();
        let hidden = || vec![Err(Withheld::PLAIN); levels.len()];
        if self.header_status(row) != Status::Shown || !self.is_counted(row) {
            return Ok(Told { counts: hidden(), ..Told::default() });
        }
        if self.of.apart.is_some() && row == 1 {
            for (_, facet) in &levels {
                if self.apart(facet.apart, (0, 1))? {
                    return Ok(Told { counts: hidden(), ..Told::default() });
                }
            }
        }
        let people = self.count(self.people, row)?;
        let threshold = u64::from(self.terms.min_subjects);
        let mut parts = Vec::new();
        for (_, facet) in &levels {
            let count = self.count(facet.people, row)?;
            // In a group of nobody, all is none.
            let status = if self.is_small(count) && people > 0 {
                let low = u64::from(self.terms.zeros == Zeros::Shown);
                Status::Small { low, high: Some(threshold - 1) }
            } else {
                Status::Shown
            };
            parts.push(Part { count, status });
        }
        if parts.iter().map(|part| part.count).sum::<u64>() != people {
            return Err(Error::malformed("the levels of a characteristic are no partition".to_owned()));
        }
        if let Characteristic::Levels { fact: Some(fact), .. } = item {
            let above = levels.iter().zip(&parts).any(|((label, _), part)| {
                let label = label.clone().map_or(Value::Null, Value::Text);
                part.status == Status::Shown
                    && group::tells(*fact, &label)
                    && group::is_above(part.count, people, self.terms.margin)
            });
            if above {
                return Ok(Told { counts: hidden(), ..Told::default() });
            }
        }
        if !margin::protect(people, &mut parts, true, threshold, threshold) {
            let counts = hidden();
            return self.with_numbers(item, row, counts);
        }
        let counts = parts
            .iter()
            .map(|part| match part.status {
                Status::Shown => Ok(self.rounded(part.count)),
                Status::Secondary => Err(Withheld { secondary: true, ..Withheld::PLAIN }),
                Status::Small { high, .. } => Err(Withheld {
                    below: high.and_then(|high| u32::try_from(high + 1).ok()),
                    ..Withheld::PLAIN
                }),
            })
            .collect();
        self.with_numbers(item, row, counts)
    }

    /// Pooled groups whose people are the sum of theirs, and all others.
    fn is_counted(&self, row: usize) -> bool {
        self.mark(row) != (Mark::Other { counted: false })
    }

    /// The totals of a characteristic, after its groups.
    fn total(&self, item: &Characteristic, row: usize, groups: &[Told]) -> Result<Told, Error> {
        let levels = item.levels();
        let hidden = Told { counts: vec![Err(Withheld::PLAIN); levels.len()], ..Told::default() };
        if self.header_status(row) != Status::Shown {
            return Ok(hidden);
        }
        let withheld = |group: &Told| group.counts.iter().any(Result::is_err);
        let closed: Vec<usize> =
            (0..groups.len()).filter(|group| groups.get(*group).is_some_and(withheld)).collect();
        if closed.is_empty() {
            let mut counts = Vec::new();
            for place in 0..levels.len() {
                let parts = groups.iter().filter_map(|group| group.counts.get(place).copied()?.ok());
                counts.push(Ok(parts.fold(0_u64, u64::saturating_add)));
            }
            let told = self.with_numbers(item, row, counts)?;
            return self.beside_groups(item, told, groups);
        }
        if closed.len() < 2 || closed.iter().any(|group| self.header_status(*group) == Status::Shown) {
            return Ok(hidden);
        }
        let mut counts = Vec::new();
        for (_, facet) in &levels {
            let mut together = 0_u64;
            for group in &closed {
                together = together.saturating_add(self.count(facet.people, *group)?);
            }
            let count = self.count(facet.people, row)?;
            if self.is_small(together) || self.is_small(count) {
                return Ok(hidden);
            }
            counts.push(Ok(self.rounded(count)));
        }
        let told = self.with_numbers(item, row, counts)?;
        self.beside_groups(item, told, groups)
    }

    /// The total of a number beside its groups: what the groups that tell a mean leave of it is the sum of the others,
    /// in which nobody may show either.
    fn beside_groups(&self, item: &Characteristic, mut told: Told, groups: &[Told]) -> Result<Told, Error> {
        let Characteristic::Number { numbers, known, .. } = item else { return Ok(told) };
        let mut others = Vec::new();
        for (row, group) in groups.iter().enumerate() {
            if group.spread.is_none() && self.count(known.people, row)? > 0 {
                others.push(Sizes::read(&self.rows.table, &numbers.weight, row)?);
            }
        }
        let rules = self.terms.dominance;
        if !others.is_empty() && dominance::together(others).is_none_or(|sizes| sizes.dominated(rules)) {
            told.spread = None;
        }
        Ok(told)
    }

    /// Whether single people show in a sum, or in a sum of squares, of which a mean and a deviation are made. Of squares
    /// the two greatest are known; that is enough for p %.
    fn shows(&self, raws: NumberRaws, row: usize) -> Result<bool, Error> {
        let rules = self.terms.dominance;
        let Some(sizes) = Sizes::read(&self.rows.table, &raws.weight, row)? else { return Ok(true) };
        let squares = units(&self.rows.table.value(raws.squares, row)?);
        let square = |size: i128| decimal::multiply(size, size);
        let second = sizes.two.saturating_sub(sizes.greatest);
        let of_squares = squares.zip(square(sizes.greatest)).zip(square(second));
        let squares_show = of_squares.is_none_or(|((total, greatest), second)| {
            let two = greatest.saturating_add(second);
            Sizes { total, greatest, two, most: 0 }.dominated(Dominance { k: WHOLE, ..rules })
        });
        Ok(sizes.dominated(rules) || squares_show)
    }

    /// The numbers of a group beside its counts.
    fn with_numbers(
        &self,
        item: &Characteristic,
        row: usize,
        counts: Vec<Result<u64, Withheld>>,
    ) -> Result<Told, Error> {
        let levels = item.levels();
        let all_shown = counts.iter().all(Result::is_ok);
        let missing = levels.iter().position(|(label, _)| label.is_none());
        let known = if all_shown {
            let recorded = counts.iter().enumerate().filter(|(place, _)| Some(*place) != missing);
            Some(recorded.filter_map(|(_, count)| count.ok()).fold(0_u64, u64::saturating_add))
        } else {
            let header = self.header_of(row)?.ok();
            let absent = missing.map_or(Some(0), |place| counts.get(place).copied()?.ok());
            header.zip(absent).map(|(header, absent)| header.saturating_sub(absent))
        };
        let mut told = Told { counts, known, ..Told::default() };
        let Characteristic::Number { numbers, known: facet, .. } = item else { return Ok(told) };
        let people = self.count(facet.people, row)?;
        if people == 0 {
            // Nothing is known of nobody, and that is told already where zeros are.
            if all_shown {
                told.spread = Some((None, None));
                told.quartiles = [const { Some(ReleasedValue::Null) }; 3];
            }
            return Ok(told);
        }
        let threshold = u64::from(self.terms.min_subjects);
        if all_shown && people >= threshold && !self.shows(*numbers, row)? {
            told.spread = Some(self.spread(*numbers, people, row)?);
        }
        if !matches!(self.mark(row), Mark::Other { .. }) {
            let pairs = [(numbers.median, 2), (numbers.q1, 4), (numbers.q3, 4)];
            for (slot, ((lower, upper), times)) in told.quartiles.iter_mut().zip(pairs) {
                if people >= threshold.saturating_mul(times) {
                    let (lower, upper) =
                        (self.rows.table.value(lower, row)?, self.rows.table.value(upper, row)?);
                    *slot = Some(middle(&lower, &upper)?);
                }
            }
        }
        Ok(told)
    }

    /// Mean and deviation of all known values; none where a sum is too large.
    fn spread(
        &self,
        raws: NumberRaws,
        people: u64,
        row: usize,
    ) -> Result<(Option<i128>, Option<i128>), Error> {
        let (Value::Decimal(sum), squares) =
            (self.rows.table.value(raws.sum, row)?, self.rows.table.value(raws.squares, row)?)
        else {
            return Ok((None, None));
        };
        let number = i64::try_from(people).map(decimal::of_int);
        let mean = number.ok().and_then(|number| decimal::divide(sum, number));
        let sd = match squares {
            Value::Decimal(squares) => deviation(sum, squares, people),
            _ => None,
        };
        Ok((mean, sd))
    }

    fn percent(&self, count: Result<u64, Withheld>, told: &Told) -> ReleasedValue {
        let (Ok(count), Some(known)) = (count, told.known) else { return Withheld::PLAIN.into() };
        // Rounded apart, a part may be more than the whole.
        let part = i128::from(count.min(known)) * decimal::ONE * 100;
        decimal_or_null(decimal::divide(part, i128::from(known) * decimal::ONE))
    }

    /// The standardised difference of a level, or of a number, between the first two groups.
    fn difference(&self, item: &Characteristic, place: usize, recorded: bool, all: &[Told]) -> ReleasedValue {
        let (true, [one, other, ..]) = (recorded, all) else { return ReleasedValue::Null };
        match item {
            Characteristic::Levels { .. } => {
                let share = |told: &Told| {
                    let count = told.counts.get(place).copied()?.ok()?;
                    let known = told.known?;
                    Some(decimal::divide(
                        i128::from(count.min(known)) * decimal::ONE,
                        i128::from(known) * decimal::ONE,
                    ))
                };
                match (share(one), share(other)) {
                    (Some(one), Some(other)) => decimal_or_null(
                        one.zip(other).and_then(|(one, other)| standardised_of_shares(one, other)),
                    ),
                    (_, _) => Withheld::PLAIN.into(),
                }
            }
            Characteristic::Number { .. } => match (one.spread, other.spread) {
                (Some((mean, sd)), Some((other_mean, other_sd))) => {
                    let one = mean.zip(sd);
                    let other = other_mean.zip(other_sd);
                    decimal_or_null(one.zip(other).and_then(|(one, other)| standardised_of_means(one, other)))
                }
                (_, _) => Withheld::PLAIN.into(),
            },
        }
    }
}

fn text(text: &str) -> ReleasedValue {
    ReleasedValue::Value(Value::Text(text.to_owned()))
}

fn told(count: Result<u64, Withheld>) -> Result<ReleasedValue, Error> {
    match count {
        Err(how) => Ok(how.into()),
        Ok(count) => match i64::try_from(count) {
            Ok(count) => Ok(ReleasedValue::Value(Value::Int(count))),
            Err(_) => Err(Error::malformed("a count has more than 63 bits".to_owned())),
        },
    }
}

fn decimal_or_null(value: Option<i128>) -> ReleasedValue {
    value.map_or(ReleasedValue::Null, |value| ReleasedValue::Value(Value::Decimal(value)))
}

#[cfg(test)]
#[path = "characteristics_tests.rs"]
mod tests;
