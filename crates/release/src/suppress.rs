//! Which numbers of people are shown: release rules 1, 2, 3 and 7, measure by measure.
//!
//! This decides only; rounding and the values themselves are `compute`'s.

use crate::behind::{Sets, Told};
use crate::cells::{self, Measure, Rule};
use crate::dominance::Weighed;
use crate::error::Error;
use crate::margin::{self, Part};
use crate::pool::{self, Mark, Rows};
use crate::rules::{Terms, Zeros};
use plan::Fraction;
use plan::{Cell, Raw, Shape, Value};
use std::collections::{BTreeMap, BTreeSet};

/// The numbers of release rule 3 for one measure.
#[derive(Clone, Copy)]
struct Limits {
    threshold: u64,
    min_subjects: u64,
}

/// What is decided about a number of people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    /// It is shown.
    Shown,
    /// It is too small; the public knows that it lies between these (no end: nothing is known).
    Small {
        /// The least.
        low: u64,
        /// The greatest.
        high: Option<u64>,
    },
    /// It is withheld to protect another.
    Secondary,
}

/// Rows of totals, each with the rows it is the total of.
pub(crate) type Margins = BTreeMap<usize, Vec<usize>>;

/// A set of people of which something is told: its measure, and what.
type Kept<'a> = (Measure, Told, &'a [u32]);

/// All decisions about a result.
#[derive(Debug)]
pub(crate) struct Decisions {
    statuses: BTreeMap<Measure, Vec<Status>>,
    /// What is told of the people of each measure.
    told: BTreeMap<Measure, BTreeSet<Told>>,
    /// The parts and the wholes of shares.
    shares: Vec<(Raw, Raw)>,
    /// Keys of the groups: null in every row of totals.
    pub(crate) group_keys: Vec<Raw>,
    pub(crate) margins: Margins,
    /// Whether a number was withheld because its people differ from those of another by few.
    near: bool,
}

impl Decisions {
    /// Decides about all measures of the cells.
    pub(crate) fn new(
        shape: &Shape,
        cells: &[&Cell],
        rows: &Rows,
        terms: &Terms,
    ) -> Result<Decisions, Error> {
        let (group_keys, margins) = margins(shape, cells, rows)?;
        let mut decisions = Decisions {
            statuses: BTreeMap::new(),
            told: cells::told(shape, cells)?,
            shares: shares(cells),
            group_keys,
            margins,
            near: false,
        };
        let domain = rows_of_domains(shape, cells, rows);
        let mut measures = Vec::new();
        for cell in cells {
            measures.extend(cells::measures(shape, cell)?);
        }
        // Whether an allele is listed depends on these, whatever is shown of it.
        measures.extend(shape.frequencies.iter().flat_map(cells::of_record));
        for measure in measures {
            if decisions.statuses.contains_key(&measure) {
                continue;
            }
            let statuses = decisions.decide(shape, rows, measure, terms, &domain)?;
            decisions.statuses.insert(measure, statuses);
        }
        decisions.hide_groups(shape, &pool::keys(shape, cells), rows, terms)?;
        decisions.protect_differences(shape, rows, terms)?;
        decisions.keep_apart(shape, rows, terms)?;
        Ok(decisions)
    }

    /// Release rule 6 within a result: of two numbers whose people differ by some, but by fewer than
    /// `difference`, the later one is withheld: that of the later measure, else of the later row. Cells of one
    /// measure are parts and totals, which margins protect. Needs the people of a plan with members.
    fn keep_apart(&mut self, shape: &Shape, rows: &Rows, terms: &Terms) -> Result<(), Error> {
        let mut told: BTreeMap<usize, Vec<Kept<'_>>> = BTreeMap::new();
        let few = terms.difference as usize;
        let mut differs = false;
        for measure in self.statuses.keys().copied().collect::<Vec<_>>() {
            let lists = shape.members.iter().find(|(people, _)| *people == measure.people);
            let kinds = self.told.get(&measure).cloned().unwrap_or_default();
            // Who is of the whole and not of the part is a part too.
            let wholes: Vec<Raw> = self
                .shares
                .iter()
                .filter(|(part, _)| *part == measure.people)
                .map(|(_, whole)| *whole)
                .collect();
            let mut near = Vec::new();
            let mut kept = Vec::new();
            for row in (0..rows.marks.len()).filter(|row| self.status(measure, *row) == Status::Shown) {
                let mut sets = Vec::new();
                for list in lists.iter().flat_map(|(_, lists)| lists) {
                    sets.push(rows.table.people(*list, row)?);
                }
                let mut small_rest = false;
                for whole in &wholes {
                    let rest =
                        rows.table.count(*whole, row)?.abs_diff(rows.table.count(measure.people, row)?);
                    small_rest |= rest > 0 && rest < u64::from(terms.min_subjects);
                }
                let is_near = |set: &&[u32]| {
                    let sizes = set.len().saturating_sub(few)..=set.len().saturating_add(few);
                    let others = told.range(sizes).flat_map(|(_, others)| others);
                    // The same people under another threshold are one number.
                    let mut others = others
                        .filter(|(other, told, _)| other.people != measure.people && kinds.contains(told));
                    others.any(|(.., other)| differencing::differ_by_few(set, other, terms.difference))
                };
                let is_near = lists.is_some() && sets.iter().any(is_near);
                differs |= is_near;
                if is_near || (lists.is_some() && small_rest) {
                    near.push(row);
                } else {
                    kept.extend(sets);
                }
            }
            for set in kept.into_iter().filter(|set| !set.is_empty()) {
                let of = kinds.iter().map(|kind| (measure, *kind, set));
                told.entry(set.len()).or_default().extend(of);
            }
            self.withhold(measure, near);
        }
        self.near |= differs;
        Ok(())
    }

    /// All measures of the result.
    pub(crate) fn measures(&self) -> impl Iterator<Item = Measure> + '_ {
        self.statuses.keys().copied()
    }

    /// Decides anew about a cell.
    pub(crate) fn set(&mut self, measure: Measure, row: usize, status: Status) {
        if let Some(slot) = self.statuses.get_mut(&measure).and_then(|statuses| statuses.get_mut(row)) {
            *slot = status;
        }
    }

    /// Withholds cells, and with them what a total and the other parts would give away.
    pub(crate) fn withhold(&mut self, measure: Measure, mut rows: Vec<usize>) {
        for (total, parts) in &self.margins {
            if rows.contains(total) {
                rows.extend(parts);
            } else if parts.iter().any(|part| rows.contains(part)) {
                rows.push(*total);
            }
        }
        let Some(statuses) = self.statuses.get_mut(&measure) else { return };
        for row in rows {
            if let Some(status) = statuses.get_mut(row)
                && *status == Status::Shown
            {
                *status = Status::Secondary;
            }
        }
    }

    /// Several frequencies of one row differ by the people whom only one of them counts. Where these are
    /// fewer than `min subjects`, the later record is withheld whole; where one record's people are all of
    /// the other's and fewer than `allele min carriers` of the difference carry, what the later one tells of
    /// carriers is withheld. Records that overlap in part are not compared further: their difference is
    /// that of two groups.
    fn protect_differences(&mut self, shape: &Shape, rows: &Rows, terms: &Terms) -> Result<(), Error> {
        let few = |count: u64, least: u32| count > 0 && count < u64::from(least);
        for overlap in &shape.overlaps {
            let (first, second) =
                (cells::record(shape, overlap.first)?, cells::record(shape, overlap.second)?);
            let [group, carriers] = cells::of_record(second);
            let mut hidden: BTreeMap<Measure, Vec<usize>> = BTreeMap::new();
            for row in 0..rows.marks.len() {
                let only_first = rows.table.count(overlap.only_first, row)?;
                let only_second = rows.table.count(overlap.only_second, row)?;
                if few(only_first, terms.min_subjects) || few(only_second, terms.min_subjects) {
                    hidden.entry(group).or_default().push(row);
                    hidden.entry(carriers).or_default().push(row);
                    continue;
                }
                let nested = (only_first == 0) != (only_second == 0);
                let (one, other) =
                    (rows.table.count(first.carriers, row)?, rows.table.count(second.carriers, row)?);
                if nested && few(one.abs_diff(other), terms.allele_min_carriers) {
                    hidden.entry(carriers).or_default().push(row);
                }
            }
            for (measure, withheld) in hidden {
                self.withhold(measure, withheld);
            }
        }
        Ok(())
    }

    /// The people behind all numbers that are shown.
    pub(crate) fn told(&self, rows: &Rows, sets: &mut Sets<'_>) -> Result<(), Error> {
        sets.behind.near |= self.near;
        for (measure, statuses) in &self.statuses {
            let shown = |mark: &dyn Fn(Mark) -> bool| -> Vec<Vec<usize>> {
                let all = rows.marks.iter().zip(statuses).enumerate();
                all.filter(|(_, (of, status))| **status == Status::Shown && mark(**of))
                    .map(|(row, _)| vec![row])
                    .collect()
            };
            let parts = shown(&|mark| mark != Mark::Total);
            let totals = shown(&|mark| mark == Mark::Total);
            let whole = parts.len() == rows.marks.iter().filter(|mark| **mark != Mark::Total).count();
            for told in self.told.get(measure).into_iter().flatten() {
                sets.told = *told;
                sets.family(&rows.table, measure.people, &parts, whole)?;
                // Totals of different rows need not be apart.
                for total in &totals {
                    sets.family(&rows.table, measure.people, std::slice::from_ref(total), true)?;
                }
            }
            sets.told = Told::Number;
            sets.next_margin();
        }
        Ok(())
    }

    /// What was decided; a measure of nothing that the shape has is not shown.
    pub(crate) fn status(&self, measure: Measure, row: usize) -> Status {
        let found = self.statuses.get(&measure).and_then(|statuses| statuses.get(row));
        found.copied().unwrap_or(Status::Small { low: 0, high: None })
    }

    fn decide(
        &self,
        shape: &Shape,
        rows: &Rows,
        measure: Measure,
        terms: &Terms,
        domain: &[bool],
    ) -> Result<Vec<Status>, Error> {
        let threshold = threshold(measure.rule, terms);
        let mut counts = Vec::with_capacity(rows.marks.len());
        let mut statuses = Vec::with_capacity(rows.marks.len());
        for (row, mark) in rows.marks.iter().enumerate() {
            let count = rows.table.count(measure.people, row)?;
            counts.push(count);
            // A row of nobody that is there because every combination of declared domains is a row; of several
            // frequencies each by itself.
            let nobody = match (measure.rule, shape.people) {
                (Rule::Group, _) => count == 0,
                (_, Some(people)) => rows.table.count(people, row)? == 0,
                (_, None) => false,
            };
            let structural = nobody && domain.get(row).copied().unwrap_or(false);
            let hide_zero = match measure.rule {
                // A group of nobody is not large enough for frequencies; only an agreement that shows
                // zeros lets a group of its declared domain say that it is one of nobody.
                Rule::Group => terms.zeros == Zeros::Withheld || !structural,
                Rule::Cell | Rule::Quantile(_) => terms.zeros == Zeros::Withheld && !structural,
                Rule::Carriers => terms.zeros == Zeros::Withheld && threshold > 1,
            };
            // Where nobody would be shown as nobody, a small number is of somebody.
            let zero_is_shown = !hide_zero
                || (terms.zeros == Zeros::Withheld
                    && measure.rule == Rule::Cell
                    && shape.people == Some(measure.people)
                    && domain.get(row).copied().unwrap_or(false));
            statuses.push(match mark {
                Mark::Other { counted: false } => Status::Small { low: 0, high: None },
                Mark::Plain | Mark::Total | Mark::Other { counted: true } => {
                    if count >= threshold || (count == 0 && !hide_zero) {
                        Status::Shown
                    } else {
                        Status::Small { low: u64::from(zero_is_shown), high: Some(threshold - 1) }
                    }
                }
            });
        }
        let weighed = Weighed::of(shape, &rows.table, measure.people, terms.dominance, threshold);
        if let Some(weighed) = &weighed {
            weighed.withhold(&mut statuses, &counts)?;
        }
        for (total, parts) in &self.margins {
            let limits = Limits { threshold, min_subjects: u64::from(terms.min_subjects) };
            protect(&mut statuses, &counts, *total, parts, shape.disjoint, limits);
            if let Some(weighed) = &weighed {
                weighed.protect(&mut statuses, &counts, *total, parts, shape.disjoint)?;
            }
        }
        Ok(statuses)
    }
}

/// The numbers of people of the parts and the wholes of shares.
fn shares(cells: &[&Cell]) -> Vec<(Raw, Raw)> {
    let shares = cells.iter().filter_map(|cell| match cell {
        Cell::Share { yes_people, known_people, .. } | Cell::Wilson { yes_people, known_people, .. } => {
            Some((*yes_people, *known_people))
        }
        _ => None,
    });
    shares.collect()
}

/// The number of people from which a measure is shown.
pub(crate) fn threshold(rule: Rule, terms: &Terms) -> u64 {
    u64::from(match rule {
        Rule::Cell => terms.min_subjects,
        // At least so many of them lie on either side: the share of the shorter side, rounded down.
        Rule::Quantile(side) => {
            return (u64::from(terms.min_subjects) * u64::from(Fraction::WHOLE))
                .div_ceil(u64::from(side).max(1));
        }
        Rule::Group => terms.frequency_min_subjects,
        Rule::Carriers => terms.allele_min_carriers,
    })
}

fn protect(
    statuses: &mut [Status],
    counts: &[u64],
    total_row: usize,
    part_rows: &[usize],
    disjoint: bool,
    limits: Limits,
) {
    let count = |row: usize| counts.get(row).copied().unwrap_or(0);
    let status = |row: usize| statuses.get(row).copied().unwrap_or(Status::Secondary);
    if status(total_row) != Status::Shown {
        // Of several parts with somebody in each, none is as large as a total that is small.
        let with_somebody =
            part_rows.iter().filter(|row| matches!(status(**row), Status::Small { low: 1.., high: Some(_) }));
        if with_somebody.count() > 1
            && let Some(total) = statuses.get_mut(total_row)
            && let Status::Small { high: Some(_), .. } = total
        {
            *total = Status::Small { low: 0, high: None };
        }
        return;
    }
    let mut parts: Vec<Part> =
        part_rows.iter().map(|row| Part { count: count(*row), status: status(*row) }).collect();
    let total = count(total_row);
    let adds_up = disjoint || parts.iter().map(|part| part.count).sum::<u64>() == total;
    let total_stays = margin::protect(total, &mut parts, adds_up, limits.threshold, limits.min_subjects);
    for (row, part) in part_rows.iter().zip(parts) {
        if let Some(status) = statuses.get_mut(*row) {
            *status = part.status;
        }
    }
    if !total_stays && let Some(status) = statuses.get_mut(total_row) {
        *status = Status::Secondary;
    }
}

/// Rows that are there because every combination of declared domains is a row.
fn rows_of_domains(shape: &Shape, cells: &[&Cell], rows: &Rows) -> Vec<bool> {
    let keys = cells.iter().any(|cell| matches!(cell, Cell::Key(_)));
    let domains = shape.open_keys.is_empty() && keys && shape.people.is_some();
    rows.marks.iter().map(|mark| domains && *mark == Mark::Plain).collect()
}

/// The rows of totals with their parts: rows that agree in all keys that rows of totals have.
fn margins(shape: &Shape, cells: &[&Cell], rows: &Rows) -> Result<(Vec<Raw>, Margins), Error> {
    let totals: Vec<usize> =
        (0..rows.marks.len()).filter(|row| rows.marks.get(*row) == Some(&Mark::Total)).collect();
    if totals.is_empty() {
        return Ok((Vec::new(), BTreeMap::new()));
    }
    let (mut group, mut public) = (Vec::new(), Vec::new());
    for key in pool::keys(shape, cells) {
        let mut null = true;
        for row in &totals {
            null = null && rows.table.value(key, *row)? == Value::Null;
        }
        if null { group.push(key) } else { public.push(key) }
    }
    let mut parts: BTreeMap<Vec<Value>, Vec<usize>> = BTreeMap::new();
    let public_values =
        |row: usize| public.iter().map(|key| rows.table.value(*key, row)).collect::<Result<Vec<_>, _>>();
    for (row, mark) in rows.marks.iter().enumerate() {
        if *mark != Mark::Total {
            parts.entry(public_values(row)?).or_default().push(row);
        }
    }
    let mut margins = BTreeMap::new();
    for total in totals {
        let parts = parts.get(&public_values(total)?).cloned().unwrap_or_default();
        margins.insert(total, parts);
    }
    Ok((group, margins))
}
