//! Disclosure control: raw results in, released tables out, and no other way.
//!
//! A raw result holds exact counts. [`release`] pools small groups, withholds small counts and what
//! would give them away, rounds, computes ratios from what is left, and only then filters, orders and
//! cuts. The rules are those of the agreement ([`Rules`]); their numbers are those of
//! consent-and-policy.md section 6. Of these, rules 1, 2, 5, 7, 8 and 9 hold in full; of rule 3 the
//! margins of `with totals`; rule 10 in full. Dominance is not done here. Of rule 6 what lies within a result is done here;
//! the people behind what is told ([`Behind`]) go to who compares them with earlier results.
//!
//! Nothing here talks to an engine, prints or logs; no error carries a value.

mod attrition;
mod behind;
mod cells;
mod characteristics;
mod compute;
mod decimal;
mod dominance;
mod error;
mod estimate;
mod eval;
mod exact;
mod group;
mod margin;
mod nested;
mod pivot;
mod pool;
mod raw;
mod regroup;
mod rules;
mod suppress;
mod value;

pub use behind::{Behind, Group, Told, person};
pub use error::Error;
pub use pivot::NotPivoted;
pub use rules::{Dominance, FLOOR, Level, Rules, Terms, TermsError, WHOLE, Zeros};
pub use value::{
    Column, ColumnKind, Layout, NOT_RECORDED, Notes, OTHER, Released, ReleasedValue, TOTAL, Withheld,
};

use arrow::array::RecordBatch;
use behind::Sets;
use compute::Computer;
use plan::{Cell, Raw, ReleasedExpr, Shape, Type, Value};
use std::collections::BTreeMap;

/// Releases a complete raw result.
///
/// `batches` hold the columns of [`Shape::raw`] in order, and the rows in the order of the plan, which
/// must not depend on a count. Keys that follow from an open key must be open keys too.
///
/// # Errors
/// When the result does not fit its shape, or needs a level or a key that the agreement lacks. Then
/// nothing is released.
pub fn release(shape: &Shape, batches: &[RecordBatch], rules: &Rules) -> Result<Released, Error> {
    Ok(release_with_members(shape, batches, rules)?.0)
}

/// The same of a plan with members ([`plan::Plan::with_members`]), with the people behind what is told.
///
/// # Errors
/// As [`release`]; and when a list does not hold as many people as its number counts.
pub fn release_with_members(
    shape: &Shape,
    batches: &[RecordBatch],
    rules: &Rules,
) -> Result<(Released, Behind), Error> {
    let mut sets = Sets::new(shape);
    let terms = rules.terms();
    let cells = cells::of_shape(shape);
    cells::check_level(shape, &cells, terms.level)?;
    let table = raw::RawTable::read(shape, batches)?;
    if let Some(attrition) = &shape.attrition {
        let (columns, rows) = attrition::release(attrition, &table, terms, &mut sets)?;
        let notes = notes(shape, terms, &rows);
        let released = Released { layout: Layout::Attrition, columns, rows, notes };
        return Ok((released, sets.done(&table)));
    }
    if let Some(of) = &shape.characteristics {
        let level = if of.items.iter().any(|item| matches!(item, plan::Characteristic::Number { .. })) {
            Level::Aggregate
        } else {
            Level::Count
        };
        if level > terms.level {
            return Err(Error::LevelExceeded { what: "a mean", needed: level });
        }
        let (table, (columns, rows)) = characteristics::release(shape, of, table, terms, &mut sets)?;
        let notes = notes(shape, terms, &rows);
        let layout = Layout::Characteristics { keys: of.keys.len() };
        return Ok((Released { layout, columns, rows, notes }, sets.done(&table)));
    }
    dominance::check(shape, &cells, terms.dominance)?;
    let (table, nested) = nested::gathered(shape, table)?;
    let rows = pool::pool(shape, &cells, table, u64::from(terms.min_subjects), terms.zeros)?;
    let decisions = suppress::Decisions::new(shape, &cells, &rows, terms)?;
    if !shape.records {
        decisions.told(&rows, &mut sets)?;
    }
    let behind = sets.done(&rows.table);
    let mut computer = Computer {
        shape,
        rows: &rows,
        decisions: &decisions,
        terms,
        nested,
        means: BTreeMap::new(),
        alleles: BTreeMap::new(),
    };
    if !shape.people_keys.is_empty() {
        for row in 0..rows.marks.len() {
            let allele = computer.allele(row)?;
            computer.alleles.entry(allele).or_default().push(row);
        }
    }
    if let Some(regroup) = &shape.regroup {
        let rows = regroup::groups(&mut computer, regroup)?;
        let notes = notes(shape, terms, &rows);
        let released = Released { layout: Layout::Rows, columns: columns(shape), rows, notes };
        return Ok((released, behind));
    }

    // All rows, so that what is shown of the row before is there.
    let mut all: Vec<Vec<ReleasedValue>> = Vec::with_capacity(rows.marks.len());
    let mut kept = Vec::new();
    for row in 0..rows.marks.len() {
        all.push(Vec::with_capacity(shape.shown.len()));
        if !listed(&computer, row)? {
            continue;
        }
        for column in &shape.shown {
            let value = typed(value_of(&mut computer, &column.value, &all, row)?, column.ty)?;
            all[row].push(value);
        }
        let mut keep = true;
        for condition in &shape.kept {
            keep = keep && eval::is_true(&value_of(&mut computer, condition, &all, row)?) == Some(true);
        }
        if keep {
            let keys = shape
                .order
                .iter()
                .map(|(key, _)| value_of(&mut computer, key, &all, row))
                .collect::<Result<Vec<_>, _>>()?;
            kept.push((keys, row));
        }
    }
    let rows: Vec<Vec<ReleasedValue>> =
        in_order(kept, shape).into_iter().map(|row| std::mem::take(&mut all[row])).collect();
    let notes = notes(shape, terms, &rows);
    Ok((Released { layout: Layout::Rows, columns: columns(shape), rows, notes }, behind))
}

/// What was kept, each with its keys, in the order of the shape and up to its limit.
fn in_order<T>(mut kept: Vec<(Vec<ReleasedValue>, T)>, shape: &Shape) -> Vec<T> {
    // The sort is stable: ties keep the order of the raw result.
    kept.sort_by(|(left, _), (right, _)| {
        let keys = left.iter().zip(right).zip(&shape.order);
        keys.map(|((left, right), (_, descending))| eval::order(left, right, *descending))
            .find(|order| order.is_ne())
            .unwrap_or(std::cmp::Ordering::Equal)
    });
    if let Some(limit) = shape.limit {
        kept.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    }
    kept.into_iter().map(|(_, shown)| shown).collect()
}

/// Release rule 7: an allele that no record of the row tells enough carriers of is listed only when
/// its name is public: the query names it, or a public release holds it.
///
/// This leaves out groups without carriers too: that a row of an allele is there would tell that
/// somebody in another group carries it.
fn listed(computer: &Computer<'_>, row: usize) -> Result<bool, Error> {
    let records = &computer.shape.frequencies;
    if records.is_empty() {
        return Ok(true);
    }
    // One carrier is enough for all, and the group is large enough: then all is shown.
    let open = computer.terms.allele_min_carriers <= 1;
    for record in records {
        let group = cells::Measure { people: record.people, rule: cells::Rule::Group };
        let large = computer.decisions.status(group, row) == suppress::Status::Shown;
        if computer.rows.table.is_true(record.listed, row)?
            || (open && large)
            || computer.carried(record, row)?
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A value of a row; `shown` holds what is shown of the rows so far, and of this one.
fn value_of(
    computer: &mut Computer<'_>,
    expr: &ReleasedExpr,
    shown: &[Vec<ReleasedValue>],
    row: usize,
) -> Result<ReleasedValue, Error> {
    match expr {
        ReleasedExpr::Cell(cell) => computer.cell(cell, row),
        ReleasedExpr::Literal(Value::Null, _) => Ok(ReleasedValue::Null),
        ReleasedExpr::Literal(value, _) => Ok(ReleasedValue::Value(value.clone())),
        ReleasedExpr::Shown(place) => {
            let of_row = shown.get(row);
            let found = usize::try_from(*place).ok().and_then(|place| of_row?.get(place));
            found
                .cloned()
                .ok_or_else(|| Error::malformed(format!("shown column {place} is read before it is there")))
        }
        ReleasedExpr::Apply(operator, operands) => {
            let operands = operands
                .iter()
                .map(|operand| value_of(computer, operand, shown, row))
                .collect::<Result<Vec<_>, _>>()?;
            eval::apply(*operator, &operands)
        }
        ReleasedExpr::Grpmax { record, cell } => computer.grpmax(*record, cell, row),
        ReleasedExpr::RegroupKey(_) | ReleasedExpr::Regrouped { .. } => {
            Err(Error::malformed("a group of released rows in a table without them".to_owned()))
        }
        ReleasedExpr::Previous { along, within, value } => match row_before(computer, *along, within, row)? {
            Some(before) => value_of(computer, value, shown, before),
            None => Ok(ReleasedValue::Null),
        },
    }
}

/// The row before one of a series ([`ReleasedExpr::Previous`]).
fn row_before(
    computer: &Computer<'_>,
    along: Raw,
    within: &[Raw],
    row: usize,
) -> Result<Option<usize>, Error> {
    let (table, marks) = (&computer.rows.table, &computer.rows.marks);
    let in_series = |row: usize| -> Result<bool, Error> {
        Ok(marks.get(row) == Some(&pool::Mark::Plain) && table.value(along, row)? != Value::Null)
    };
    if !in_series(row)? {
        return Ok(None);
    }
    let keys = |row: usize| within.iter().map(|key| table.value(*key, row)).collect::<Result<Vec<_>, _>>();
    let own = keys(row)?;
    for before in (0..row).rev() {
        if in_series(before)? && keys(before)? == own {
            return Ok(Some(before));
        }
    }
    Ok(None)
}

/// Whole numbers in a column of decimals become decimals; any other difference is an error.
fn typed(value: ReleasedValue, ty: Type) -> Result<ReleasedValue, Error> {
    let ReleasedValue::Value(inner) = &value else { return Ok(value) };
    let fits = match (inner, ty) {
        (Value::Int(number), Type::Decimal) => {
            return Ok(ReleasedValue::Value(Value::Decimal(decimal::of_int(*number))));
        }
        (Value::Bool(_), Type::Bool)
        | (Value::Int(_), Type::Int)
        | (Value::Decimal(_), Type::Decimal)
        | (Value::Text(_), Type::Text)
        | (Value::Date(_), Type::Date) => true,
        (
            Value::Null
            | Value::Bool(_)
            | Value::Int(_)
            | Value::Decimal(_)
            | Value::Text(_)
            | Value::Date(_)
            | Value::Instant(_),
            Type::Bool | Type::Int | Type::Decimal | Type::Text | Type::Date | Type::Instant | Type::TextList,
        ) => false,
    };
    if fits {
        Ok(value)
    } else {
        Err(Error::malformed(format!("a shown column of type {ty:?} holds another")))
    }
}

fn columns(shape: &Shape) -> Vec<Column> {
    let kind = |expr: &ReleasedExpr| match expr {
        ReleasedExpr::Cell(Cell::Key(_))
        | ReleasedExpr::RegroupKey(_)
        | ReleasedExpr::Grpmax { cell: Cell::Key(_), .. } => ColumnKind::Key,
        ReleasedExpr::Cell(Cell::Wilson { .. })
        | ReleasedExpr::Regrouped { function: plan::RegroupFunction::Wilson, .. } => ColumnKind::Interval,
        ReleasedExpr::Cell(Cell::Nested(_)) => ColumnKind::Rows,
        ReleasedExpr::Cell(_)
        | ReleasedExpr::Literal(..)
        | ReleasedExpr::Shown(_)
        | ReleasedExpr::Apply(..)
        | ReleasedExpr::Grpmax { .. }
        | ReleasedExpr::Regrouped { .. }
        | ReleasedExpr::Previous { .. } => ColumnKind::Value,
    };
    let column = |shown: &plan::Shown| Column {
        name: shown.name.clone(),
        ty: shown.ty,
        unit: shown.unit.clone(),
        kind: kind(&shown.value),
        nested: match &shown.value {
            ReleasedExpr::Cell(Cell::Nested(at)) => {
                shape.nested.get(*at as usize).map(nested::columns).unwrap_or_default()
            }
            _ => Vec::new(),
        },
    };
    shape.shown.iter().map(column).collect()
}

fn notes(shape: &Shape, terms: &Terms, rows: &[Vec<ReleasedValue>]) -> Notes {
    let (mut cells, mut withheld, mut secondary) = (0, 0, 0);
    for value in rows.iter().flatten() {
        cells += 1;
        if let ReleasedValue::Withheld(how) = value {
            if how.secondary { secondary += 1 } else { withheld += 1 }
        }
    }
    let frequencies = !shape.frequencies.is_empty();
    Notes {
        cells,
        withheld,
        secondary,
        min_subjects: terms.min_subjects,
        round_to: terms.round_to,
        allele_min_carriers: frequencies.then_some(terms.allele_min_carriers),
        frequency_min_subjects: frequencies.then_some(terms.frequency_min_subjects),
    }
}

#[cfg(test)]
mod tests;
