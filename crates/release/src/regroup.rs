//! `group by` after `frequency`: groups of released rows ([`plan::Regroup`]).
//!
//! Everything here is computed from values that are released already, so nothing is withheld anew; what a
//! withheld value would change stays withheld.

use crate::compute::{Computer, units};
use crate::error::Error;
use crate::pool::Mark;
use crate::value::{ReleasedValue, Withheld};
use crate::{decimal, estimate, eval, in_order, listed, typed, value_of};
use plan::{Regroup, RegroupFunction, ReleasedExpr, ReleasedOperator, Value};
use std::collections::{BTreeMap, BTreeSet};

/// A group: its keys, and the values of its rows.
struct Group {
    keys: Vec<ReleasedValue>,
    rows: Vec<Vec<ReleasedValue>>,
}

/// The rows of the table: one per group.
pub(crate) fn groups(
    computer: &mut Computer<'_>,
    regroup: &Regroup,
) -> Result<Vec<Vec<ReleasedValue>>, Error> {
    let shape = computer.shape;
    let keys = usize::try_from(regroup.keys).unwrap_or(usize::MAX);
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    let mut groups: Vec<Group> = Vec::new();
    for row in 0..computer.rows.marks.len() {
        if computer.rows.marks.get(row) == Some(&Mark::Total) {
            continue;
        }
        let mut values = Vec::with_capacity(regroup.values.len());
        for column in &regroup.values {
            values.push(typed(value_of(computer, &column.value, &[], row)?, column.ty)?);
        }
        let of_keys = values.get(..keys).unwrap_or_default().to_vec();
        // The same keys are written the same way.
        let place = *places.entry(format!("{of_keys:?}")).or_insert(groups.len());
        if place == groups.len() {
            groups.push(Group { keys: of_keys, rows: Vec::new() });
        }
        // A row that is not listed is none; its group keeps its place.
        if listed(computer, row)?
            && let Some(group) = groups.get_mut(place)
        {
            group.rows.push(values);
        }
    }
    let mut kept = Vec::new();
    for group in groups.iter().filter(|group| !group.rows.is_empty()) {
        let mut shown = Vec::with_capacity(shape.shown.len());
        for column in &shape.shown {
            let value = value(group, &column.value, &shown)?;
            shown.push(typed(value, column.ty)?);
        }
        let mut keep = true;
        for condition in &shape.kept {
            keep = keep && eval::is_true(&value(group, condition, &shown)?) == Some(true);
        }
        if keep {
            let order = shape
                .order
                .iter()
                .map(|(key, _)| value(group, key, &shown))
                .collect::<Result<Vec<_>, _>>()?;
            kept.push((order, shown));
        }
    }
    Ok(in_order(kept, shape))
}

fn value(group: &Group, expr: &ReleasedExpr, shown: &[ReleasedValue]) -> Result<ReleasedValue, Error> {
    let missing = || Error::malformed("a group of released rows has no such value".to_owned());
    match expr {
        ReleasedExpr::Literal(Value::Null, _) => Ok(ReleasedValue::Null),
        ReleasedExpr::Literal(value, _) => Ok(ReleasedValue::Value(value.clone())),
        ReleasedExpr::Shown(place) => shown.get(*place as usize).cloned().ok_or_else(missing),
        ReleasedExpr::RegroupKey(place) => group.keys.get(*place as usize).cloned().ok_or_else(missing),
        ReleasedExpr::Regrouped { function, argument, filter } => {
            let mut values = Vec::new();
            for row in &group.rows {
                let kept = match filter {
                    Some(filter) => {
                        let test = row.get(*filter as usize).ok_or_else(missing)?;
                        eval::is_true(test) == Some(true)
                    }
                    None => true,
                };
                if kept {
                    values.push(match argument {
                        Some(place) => row.get(*place as usize).ok_or_else(missing)?,
                        None => &ReleasedValue::Null,
                    });
                }
            }
            if argument.is_none() {
                return Ok(number(values.len()));
            }
            aggregate(*function, &values)
        }
        ReleasedExpr::Apply(operator, operands) => {
            let operands =
                operands.iter().map(|operand| value(group, operand, shown)).collect::<Result<Vec<_>, _>>()?;
            eval::apply(*operator, &operands)
        }
        ReleasedExpr::Cell(_) | ReleasedExpr::Grpmax { .. } | ReleasedExpr::Previous { .. } => Err(missing()),
    }
}

fn number(count: usize) -> ReleasedValue {
    ReleasedValue::Value(Value::Int(i64::try_from(count).unwrap_or(i64::MAX)))
}

fn aggregate(function: RegroupFunction, values: &[&ReleasedValue]) -> Result<ReleasedValue, Error> {
    if let RegroupFunction::Share | RegroupFunction::Wilson = function {
        let known = values.iter().filter_map(|value| eval::is_true(value));
        let (mut yes, mut all) = (0_u64, 0_u64);
        for truth in known {
            all += 1;
            yes += u64::from(truth);
        }
        if function == RegroupFunction::Wilson {
            return Ok(match estimate::wilson(yes, all) {
                Some((low, high)) => ReleasedValue::Interval { low, high },
                None => ReleasedValue::Null,
            });
        }
        let whole = |count: u64| i128::from(count) * decimal::ONE;
        return Ok(decimal(decimal::divide(whole(yes), whole(all))));
    }
    if values.iter().any(|value| matches!(value, ReleasedValue::Withheld(_))) {
        return Ok(ReleasedValue::Withheld(Withheld::PLAIN));
    }
    if function == RegroupFunction::Count {
        let different: BTreeSet<String> = values
            .iter()
            .filter(|value| !matches!(value, ReleasedValue::Null | ReleasedValue::NotRecorded))
            .map(|value| format!("{value:?}"))
            .collect();
        return Ok(number(different.len()));
    }
    let known: Vec<&ReleasedValue> =
        values.iter().filter(|value| matches!(value, ReleasedValue::Value(_))).copied().collect();
    let mut sum = ReleasedValue::Value(Value::Int(0));
    for value in &known {
        sum = eval::apply(ReleasedOperator::Add, &[sum, (*value).clone()])?;
    }
    let mut ordered = known.clone();
    ordered.sort_by(|left, right| eval::order(left, right, false));
    let at = |place: usize| ordered.get(place).map_or(ReleasedValue::Null, |value| (*value).clone());
    let count = known.len();
    Ok(match function {
        RegroupFunction::Sum => sum,
        RegroupFunction::Mean => eval::apply(ReleasedOperator::Divide, &[sum, number(count)])?,
        RegroupFunction::Quantile(share) if count > 0 => {
            let (part, whole) = (count * usize::from(share.parts()), usize::from(plan::Fraction::WHOLE));
            // Elements ⌈np⌉ and ⌊np⌋ + 1, counted from 1.
            let both = [at(part.div_ceil(whole).saturating_sub(1)), at(part / whole)];
            let sum = units_of(&both[0]).zip(units_of(&both[1])).and_then(|(a, b)| decimal::add(a, b));
            decimal(sum.and_then(|sum| decimal::divide(sum, 2 * decimal::ONE)))
        }
        RegroupFunction::Min if count > 0 => at(0),
        RegroupFunction::Max if count > 0 => at(count - 1),
        RegroupFunction::Quantile(_)
        | RegroupFunction::Min
        | RegroupFunction::Max
        | RegroupFunction::Count
        | RegroupFunction::Share
        | RegroupFunction::Wilson => ReleasedValue::Null,
    })
}

fn units_of(value: &ReleasedValue) -> Option<i128> {
    match value {
        ReleasedValue::Value(value) => units(value),
        _ => None,
    }
}

fn decimal(value: Option<i128>) -> ReleasedValue {
    value.map_or(ReleasedValue::Null, |value| ReleasedValue::Value(Value::Decimal(value)))
}
