//! Window functions: one value per row of a block.

use crate::aggregate;
use crate::cell::Cell;
use crate::expression::{Context, Scope};
use crate::order;
use plan::Window;
use std::collections::BTreeMap;

/// The value of a window for each row, in the order of the rows.
///
/// # Errors
/// The reason, for a window that is not well formed: its order must tell any two rows of a partition
/// apart unless they are the same in every column.
pub(crate) fn over(window: &Window, rows: &[Scope<'_>], context: &Context<'_>) -> Result<Vec<Cell>, String> {
    let mut partitions: BTreeMap<Vec<Cell>, Vec<usize>> = BTreeMap::new();
    for (at, row) in rows.iter().enumerate() {
        let key = window.partition.iter().map(|key| context.value(key, row)).collect::<Result<_, _>>()?;
        partitions.entry(key).or_default().push(at);
    }
    let mut values = vec![Cell::Null; rows.len()];
    for places in partitions.into_values() {
        if let Some(aggregate) = &window.aggregate
            && !window.before
        {
            let members: Vec<Scope<'_>> = places.iter().map(|at| rows[*at].clone()).collect();
            let value = aggregate::over(aggregate, &members, context)?;
            for at in places {
                values[at] = value.clone();
            }
            continue;
        }
        let mut ordered = Vec::with_capacity(places.len());
        for at in places {
            let keys: Vec<Cell> = window
                .order
                .iter()
                .map(|order| context.value(&order.key, &rows[at]))
                .collect::<Result<_, _>>()?;
            ordered.push((keys, at));
        }
        ordered.sort_by(|(left, _), (right, _)| order::compare(&window.order, left, right));
        if let Some(aggregate) = &window.aggregate {
            // Of rows that the order does not tell apart any may come first: the plan does not depend on it.
            let members: Vec<Scope<'_>> = ordered.iter().map(|(_, at)| rows[*at].clone()).collect();
            for (place, (_, at)) in ordered.iter().enumerate() {
                values[*at] = aggregate::over(aggregate, &members[..place], context)?;
            }
            continue;
        }
        for pair in ordered.windows(2) {
            let ((left, one), (right, other)) = (&pair[0], &pair[1]);
            if order::compare(&window.order, left, right).is_eq() && rows[*one] != rows[*other] {
                return Err(format!(
                    "a row number is given by an order that does not tell two rows apart: {left:?}"
                ));
            }
        }
        for ((_, at), number) in ordered.into_iter().zip(1..) {
            values[at] = Cell::Int(number);
        }
    }
    Ok(values)
}
