//! A whole plan, step by step.

use crate::block::{Surroundings, rows};
use crate::cell::{Cell, Row};
use crate::error::Malformed;
use crate::expression::Context;
use crate::order;
use crate::table::{Relation, Rows, Tables};
use plan::{Body, Order, Plan, Select, Step};

/// Rows that a recursion may make before it counts as one without end.
const MOST_RECURSIVE_ROWS: usize = 10_000_000;

/// Computes a plan over tables: the rows of its last step, in its order. A plan without an order gives
/// them in an order that means nothing.
///
/// # Errors
/// The plan is not well formed, or a table that it reads is not there or holds other types.
pub fn run(plan: &Plan, tables: &Tables) -> Result<Rows, Malformed> {
    let mut steps: Vec<Relation> = Vec::with_capacity(plan.steps.len());
    for step in &plan.steps {
        let computed = compute(step, tables, &steps)
            .map_err(|reason| Malformed { step: Some(step.name.clone()), reason })?;
        steps.push(computed);
    }
    let whole = |reason: String| Malformed { step: None, reason };
    let (Some(last), Some(step)) = (steps.pop(), plan.steps.last()) else {
        return Err(whole("a plan without steps".to_owned()));
    };
    let ordered = in_order(&plan.order, &last, &steps).map_err(whole)?;
    let mut result = Rows { columns: step.columns.clone(), rows: Vec::with_capacity(ordered.len()) };
    for row in ordered {
        let values = row.iter().map(Cell::value).collect::<Option<Vec<_>>>();
        result.rows.push(values.ok_or_else(|| whole("a list is no value of a result".to_owned()))?);
    }
    Ok(result)
}

fn compute(step: &Step, tables: &Tables, steps: &[Relation]) -> Result<Relation, String> {
    let columns: Vec<String> = step.columns.iter().map(|(name, _)| name.clone()).collect();
    let outside = Surroundings { tables, steps, round: None };
    let rows = match &step.body {
        Body::Select(select) => checked(select, step, outside)?,
        Body::UnionAll(all) => {
            let mut rows = Vec::new();
            for select in all {
                rows.extend(checked(select, step, outside)?);
            }
            rows
        }
        Body::Recursive { first, next } => {
            let mut round = Relation { columns: columns.clone(), rows: checked(first, step, outside)? };
            let mut rows = Vec::new();
            while !round.rows.is_empty() {
                rows.extend(round.rows.iter().cloned());
                if rows.len() > MOST_RECURSIVE_ROWS {
                    return Err("a recursion without end".to_owned());
                }
                round.rows = checked(next, step, Surroundings { round: Some(&round), ..outside })?;
            }
            rows
        }
        Body::Values(values) => {
            let rows = values.iter().map(|row| row.iter().map(Cell::of).collect()).collect();
            typed(rows, step)?
        }
    };
    Ok(Relation { columns, rows })
}

/// The rows of a block, held against the columns of its step.
fn checked(select: &Select, step: &Step, surroundings: Surroundings<'_>) -> Result<Vec<Row>, String> {
    let named = select.columns.iter().map(|(name, _)| name);
    if !named.eq(step.columns.iter().map(|(name, _)| name)) {
        return Err("a block has other columns than its step".to_owned());
    }
    typed(rows(select, surroundings)?, step)
}

fn typed(rows: Vec<Row>, step: &Step) -> Result<Vec<Row>, String> {
    for row in &rows {
        if row.len() != step.columns.len() {
            return Err(format!("{} values for {} columns", row.len(), step.columns.len()));
        }
        for (value, (name, ty)) in row.iter().zip(&step.columns) {
            if let Some(found) = value.ty()
                && found != *ty
            {
                return Err(format!("column {name:?} is of type {ty:?} and holds {found:?}"));
            }
        }
    }
    Ok(rows)
}

/// The rows of a relation in order; an order that leaves two different rows in doubt is none.
fn in_order<'a>(orders: &[Order], last: &'a Relation, steps: &[Relation]) -> Result<Vec<&'a Row>, String> {
    let mut keyed: Vec<(Vec<Cell>, &Row)> = Vec::with_capacity(last.rows.len());
    for row in &last.rows {
        let mut keys = Vec::with_capacity(orders.len());
        for order in orders {
            // The keys name the columns of the last step, by whatever alias.
            let plan::Expr::Column { source, .. } = &order.key else {
                return Err("an order by something else than a column".to_owned());
            };
            let mut context = Context::new(steps);
            context.push(source, last)?;
            keys.push(context.value(&order.key, &vec![Some(row)])?);
        }
        keyed.push((keys, row));
    }
    keyed.sort_by(|(left, _), (right, _)| order::compare(orders, left, right));
    if !orders.is_empty() {
        for pair in keyed.windows(2) {
            let ((left, one), (right, other)) = (&pair[0], &pair[1]);
            if order::compare(orders, left, right).is_eq() && one != other {
                return Err(format!("the order does not tell two rows apart: {left:?}"));
            }
        }
    }
    Ok(keyed.into_iter().map(|(_, row)| row).collect())
}
