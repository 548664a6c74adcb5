//! Aggregates over the values of a group.

use crate::cell::Cell;
use crate::expression::{Context, Scope};
use crate::numbers;
use plan::{Aggregate, AggregateFunction, Fraction};

/// The value of an aggregate over rows.
///
/// # Errors
/// The reason, for an aggregate that is not well formed.
pub(crate) fn over(aggregate: &Aggregate, rows: &[Scope<'_>], context: &Context<'_>) -> Result<Cell, String> {
    let members = aggregate.function == AggregateFunction::Members;
    if aggregate.distinct != members && aggregate.function != AggregateFunction::Count {
        return Err(format!("{:?} of distinct values, or of all", aggregate.function));
    }
    let mut values = Vec::new();
    let mut kept = 0_usize;
    for row in rows {
        if let Some(filter) = &aggregate.filter
            && !context.value(filter, row)?.is_true()
        {
            continue;
        }
        kept += 1;
        if let Some(argument) = &aggregate.argument {
            let value = context.value(argument, row)?;
            if !value.is_null() {
                values.push(value);
            }
        }
    }
    if aggregate.argument.is_none() {
        return match (aggregate.function, aggregate.distinct) {
            (AggregateFunction::Count, false) => count(kept),
            (function, _) => Err(format!("{function:?} of nothing")),
        };
    }
    values.sort();
    if let (Some(first), Some(last)) = (values.first(), values.last())
        && first.ty() != last.ty()
    {
        return Err(format!("an aggregate over values of types {:?} and {:?}", first.ty(), last.ty()));
    }
    let at = |place: usize| values.get(place).cloned().unwrap_or(Cell::Null);
    let number = values.len();
    match aggregate.function {
        AggregateFunction::Count => {
            if aggregate.distinct {
                values.dedup();
            }
            count(values.len())
        }
        AggregateFunction::Members => {
            values.dedup();
            let texts: Result<Vec<_>, String> = values
                .into_iter()
                .map(|value| match value {
                    Cell::Text(text) => Ok(text),
                    other => Err(format!("members of type {:?}", other.ty())),
                })
                .collect();
            Ok(texts.map(|texts| if texts.is_empty() { Cell::Null } else { Cell::List(texts) })?)
        }
        AggregateFunction::Sum => sum(&values),
        AggregateFunction::Min => Ok(at(0)),
        AggregateFunction::Max => Ok(values.last().cloned().unwrap_or(Cell::Null)),
        // Elements are counted from 1 in the definitions and from 0 here; of none there is none.
        AggregateFunction::Lower(share) => {
            Ok(at_share(number, share).div_ceil(WHOLE).checked_sub(1).map_or(Cell::Null, at))
        }
        AggregateFunction::Upper(share) => Ok(at(at_share(number, share) / WHOLE)),
    }
}

/// The whole, in the units of a fraction.
const WHOLE: usize = Fraction::WHOLE as usize;

/// A share of a number, in the units of a fraction.
fn at_share(number: usize, share: Fraction) -> usize {
    number.saturating_mul(usize::from(share.parts()))
}

fn count(number: usize) -> Result<Cell, String> {
    i64::try_from(number).map(Cell::Int).map_err(|_| "more rows than can be counted".to_owned())
}

/// The sum of known values of one type.
fn sum(values: &[Cell]) -> Result<Cell, String> {
    let ints = || values.iter().map(|value| if let Cell::Int(value) = value { Some(*value) } else { None });
    let decimals =
        || values.iter().map(|value| if let Cell::Decimal(value) = value { Some(*value) } else { None });
    match values.first() {
        None => Ok(Cell::Null),
        Some(Cell::Int(_)) => Ok(numbers::sum_of_ints(ints().flatten()).map_or(Cell::Null, Cell::Int)),
        Some(Cell::Decimal(_)) => {
            Ok(numbers::sum_of_decimals(decimals().flatten()).map_or(Cell::Null, Cell::Decimal))
        }
        Some(other) => Err(format!("a sum of values of type {:?}", other.ty())),
    }
}
