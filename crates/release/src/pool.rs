//! Release rule 8: groups of a key without a closed domain that have too few people become one row
//! `other`.
//!
//! Rows are pooled within the same values of all keys that are not open. The pooled numbers are sums;
//! where a person may be in two rows the number of distinct people is not known from the rows, and
//! everything about people in `other` is withheld. The row of `other` stands after the last row of
//! its keys, whichever rows were pooled, so its place tells nothing.
//!
//! A value of open keys that has a row elsewhere has one for every combination of the closed keys: where there is
//! nobody it is a zero, if zeros are shown. If they are not, it is missing like a small group, from which
//! it could be told apart otherwise.

use crate::cells;
use crate::error::Error;
use crate::raw::{RawColumn, RawTable};
use crate::rules::Zeros;
use plan::{Cell, Raw, Shape, Value};
use std::collections::{BTreeMap, BTreeSet};

/// What a row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    /// A group, a public row or a person's row.
    Plain,
    /// A row of `with totals`.
    Total,
    /// Pooled groups; `counted` when the sums are numbers of distinct people.
    Other {
        /// Whether they are.
        counted: bool,
    },
}

/// A raw table after pooling.
#[derive(Clone, Debug)]
pub(crate) struct Rows {
    pub(crate) table: RawTable,
    pub(crate) marks: Vec<Mark>,
}

/// The keys that the cells read, and what tells one allele from another.
pub(crate) fn keys(shape: &Shape, cells: &[&Cell]) -> Vec<Raw> {
    let mut keys: Vec<Raw> =
        cells.iter().filter_map(|cell| if let Cell::Key(raw) = cell { Some(*raw) } else { None }).collect();
    keys.extend(&shape.same_allele);
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// Pools small groups of open keys.
pub(crate) fn pool(
    shape: &Shape,
    cells: &[&Cell],
    table: RawTable,
    min_subjects: u64,
    zeros: Zeros,
) -> Result<Rows, Error> {
    let mut marks = Vec::with_capacity(table.rows);
    for row in 0..table.rows {
        let total = shape.totals.map_or(Ok(false), |raw| table.is_true(raw, row))?;
        marks.push(if total { Mark::Total } else { Mark::Plain });
    }
    if shape.open_keys.is_empty() {
        return Ok(Rows { table, marks });
    }
    let Some(people) = shape.people else {
        return Err(Error::malformed("an open key, but no number of people of a row".to_owned()));
    };
    let closed: Vec<Raw> =
        keys(shape, cells).into_iter().filter(|key| !shape.open_keys.contains(key)).collect();
    let open = |row: usize| -> Result<Vec<Value>, Error> {
        shape.open_keys.iter().map(|key| table.value(*key, row)).collect()
    };
    let fills = zeros == Zeros::Shown && shape.frequencies.is_empty();
    let mut shown: BTreeSet<Vec<Value>> = BTreeSet::new();
    for (row, mark) in marks.iter().enumerate() {
        if fills && *mark == Mark::Plain && table.count(people, row)? >= min_subjects.max(1) {
            shown.insert(open(row)?);
        }
    }

    let mut pools: BTreeMap<Vec<Value>, Pool> = BTreeMap::new();
    for (row, mark) in marks.iter().enumerate() {
        if *mark == Mark::Total {
            continue;
        }
        let values = closed.iter().map(|key| table.value(*key, row)).collect::<Result<Vec<_>, _>>()?;
        let pool = pools.entry(values).or_default();
        pool.last = row;
        let number = table.count(people, row)?;
        let filled = number == 0 && fills && shown.contains(&open(row)?);
        if number < min_subjects.max(1) && !filled {
            pool.rows.push(row);
            pool.people += number;
        }
    }
    let pooled: BTreeSet<usize> = pools.values().flat_map(|pool| pool.rows.iter().copied()).collect();
    // Groups of nobody have nothing to show for a key without a domain.
    let after: BTreeMap<usize, Vec<usize>> =
        pools.into_values().filter(|pool| pool.people > 0).map(|pool| (pool.last, pool.rows)).collect();

    let mut order = Vec::new();
    let mut new_marks = Vec::new();
    for (row, mark) in marks.iter().enumerate() {
        if !pooled.contains(&row) {
            order.push(vec![row]);
            new_marks.push(*mark);
        }
        if let Some(rows) = after.get(&row) {
            order.push(rows.clone());
            // One group alone is counted, whatever the keys are.
            new_marks.push(Mark::Other { counted: shape.disjoint || rows.len() == 1 });
        }
    }
    let table = merge(shape, cells, &table, &order)?;
    Ok(Rows { table, marks: new_marks })
}

#[derive(Default)]
struct Pool {
    rows: Vec<usize>,
    people: u64,
    last: usize,
}

/// One row per list of rows: a list of one is that row, a longer one its sums.
fn merge(shape: &Shape, cells: &[&Cell], table: &RawTable, order: &[Vec<usize>]) -> Result<RawTable, Error> {
    let mut sums: BTreeSet<Raw> = shape.people.into_iter().collect();
    for cell in cells {
        sums.extend(cells::additive(shape, cell)?);
    }
    // Of pooled people the greatest parts are added up, which is on the safe side.
    for weight in shape.weights.iter().flat_map(|weights| &weights.paths) {
        sums.extend([weight.total, weight.greatest, weight.two, weight.most]);
    }
    let numbers = shape.characteristics.iter().flat_map(|of| &of.items).filter_map(|item| match item {
        plan::Characteristic::Number { numbers, .. } => Some(numbers.weight),
        plan::Characteristic::Levels { .. } => None,
    });
    for weight in numbers {
        sums.extend([weight.total, weight.greatest, weight.two, weight.most]);
    }
    let listed: BTreeSet<Raw> = shape.frequencies.iter().map(|record| record.listed).collect();
    let mut columns = Vec::with_capacity(table.columns.len());
    for (place, column) in (0..).zip(&table.columns) {
        let how = if sums.contains(&Raw(place)) {
            How::Sum
        } else if listed.contains(&Raw(place)) {
            How::All
        } else {
            How::Same
        };
        let merged = column.merge(order, how);
        columns.push(
            merged
                .ok_or_else(|| Error::malformed(format!("raw column {place}: a pooled sum is too large")))?,
        );
    }
    Ok(RawTable { columns, rows: order.len(), names: std::sync::Arc::clone(&table.names) })
}

/// What becomes of a raw column in a pooled row.
#[derive(Clone, Copy)]
enum How {
    /// The sum of what is not null; null when all is.
    Sum,
    /// Whether all are true.
    All,
    /// The value where all rows have the same, else null.
    Same,
}

impl RawColumn {
    fn merge(&self, order: &[Vec<usize>], how: How) -> Option<RawColumn> {
        Some(match self {
            RawColumn::Int(values) => RawColumn::Int(each(values, order, how, |a, b| a.checked_add(*b))?),
            RawColumn::Decimal(values) => {
                RawColumn::Decimal(each(values, order, how, |a, b| a.checked_add(*b))?)
            }
            RawColumn::Text(values) => RawColumn::Text(each(values, order, how, |_, _| None)?),
            RawColumn::Date(values) => RawColumn::Date(each(values, order, how, |_, _| None)?),
            RawColumn::Bool(values) => RawColumn::Bool(each(values, order, how, |a, b| Some(*a && *b))?),
            RawColumn::People(lists) => {
                let union = |rows: &Vec<usize>| {
                    let all: BTreeSet<u32> =
                        rows.iter().filter_map(|row| lists.get(*row)).flatten().copied().collect();
                    all.into_iter().collect()
                };
                RawColumn::People(order.iter().map(union).collect())
            }
        })
    }
}

fn each<T: Clone + PartialEq>(
    values: &[Option<T>],
    order: &[Vec<usize>],
    how: How,
    join: impl Fn(&T, &T) -> Option<T>,
) -> Option<Vec<Option<T>>> {
    let mut merged = Vec::with_capacity(order.len());
    for rows in order {
        let mut cells = rows.iter().map(|row| values.get(*row).cloned().flatten());
        let mut value = cells.next().flatten();
        for next in cells {
            value = match (how, value, next) {
                (How::Sum | How::All, Some(a), Some(b)) => Some(join(&a, &b)?),
                (How::Sum, a, None) => a,
                (How::Sum, None, b) => b,
                (How::Same, Some(a), Some(b)) if a == b => Some(a),
                (How::Same | How::All, _, _) => None,
            };
        }
        merged.push(value);
    }
    Some(merged)
}
