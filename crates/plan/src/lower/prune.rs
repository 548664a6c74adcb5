//! Drops what nobody reads: columns of steps, and steps.

use crate::expr::Expr;
use crate::step::{Body, Select, Source, Step, StepId};
use std::collections::BTreeSet;

/// Removes columns that no later step reads, then steps that no later step reads. The last step is
/// the result and keeps all its columns; so do distinct blocks, whose rows depend on every column.
///
/// Gives the new place of every step; that of one that is gone is the place after it.
pub(crate) fn prune(steps: &mut Vec<Step>) -> Vec<StepId> {
    let mut read: Vec<BTreeSet<String>> = vec![BTreeSet::new(); steps.len()];
    let mut used = vec![false; steps.len()];
    let last = steps.len().saturating_sub(1);
    for at in (0..steps.len()).rev() {
        if at == last {
            used[at] = true;
        } else if used[at] {
            keep(&mut steps[at], &read[at]);
        } else {
            continue;
        }
        for select in selects(&steps[at].body) {
            reads(select, &mut |step, column| {
                if let Some(flag) = used.get_mut(step.0 as usize) {
                    *flag = true;
                }
                if let (Some(columns), Some(column)) = (read.get_mut(step.0 as usize), column) {
                    columns.insert(column.to_owned());
                }
            });
        }
    }
    renumber(steps, &used)
}

fn keep(step: &mut Step, read: &BTreeSet<String>) {
    let pruned = match &mut step.body {
        Body::Select(select) if !select.distinct => {
            retain(select, read);
            true
        }
        Body::UnionAll(all) if all.iter().all(|select| !select.distinct) => {
            for select in all.iter_mut() {
                retain(select, read);
            }
            true
        }
        Body::Select(_) | Body::UnionAll(_) | Body::Recursive { .. } | Body::Values(_) => false,
    };
    if pruned {
        let first = step.columns.first().cloned();
        step.columns.retain(|(name, _)| read.contains(name));
        if step.columns.is_empty() {
            step.columns.extend(first);
        }
    }
}

/// Keeps the columns that are read, and at least one.
fn retain(select: &mut Select, read: &BTreeSet<String>) {
    let first = select.columns.first().cloned();
    select.columns.retain(|(name, _)| read.contains(name));
    if select.columns.is_empty() {
        select.columns.extend(first);
    }
}

fn selects(body: &Body) -> Vec<&Select> {
    match body {
        Body::Select(select) => vec![select],
        Body::UnionAll(all) => all.iter().collect(),
        Body::Recursive { first, next } => vec![first, next],
        Body::Values(_) => Vec::new(),
    }
}

/// Every step and column that a block reads; a step without a column is read as a whole.
fn reads(select: &Select, visit: &mut dyn FnMut(StepId, Option<&str>)) {
    let mut aliases: Vec<(&str, StepId)> = Vec::new();
    for source in std::iter::once(&select.from).chain(select.joins.iter().map(|join| &join.source)) {
        if let Source::Step { step, alias } = source {
            aliases.push((alias, *step));
            visit(*step, None);
        }
    }
    let mut expr = |expr: &Expr| {
        each_column(expr, &mut |source, column| {
            if let Some((_, step)) = aliases.iter().find(|(alias, _)| *alias == source) {
                visit(*step, Some(column));
            }
        });
        each_in_step(expr, &mut |step, columns| {
            visit(step, None);
            for column in columns {
                visit(step, Some(column));
            }
        });
    };
    for (_, value) in &select.columns {
        expr(value);
    }
    for join in &select.joins {
        expr(&join.on);
    }
    select.filter.iter().chain(select.group.iter().flatten()).for_each(expr);
}

/// Calls `visit` for every column (source, name) in an expression.
pub(crate) fn each_column<'e>(expr: &'e Expr, visit: &mut dyn FnMut(&'e str, &'e str)) {
    if let Expr::Column { source, column, .. } = expr {
        visit(source, column);
    }
    for inner in parts(expr) {
        each_column(inner, visit);
    }
}

fn each_in_step(expr: &Expr, visit: &mut dyn FnMut(StepId, &[String])) {
    if let Expr::InStep { step, columns, .. } = expr {
        visit(*step, columns);
    }
    for inner in parts(expr) {
        each_in_step(inner, visit);
    }
}

/// The expressions directly inside one.
fn parts(expr: &Expr) -> Vec<&Expr> {
    match expr {
        Expr::Column { .. } | Expr::Literal(..) => Vec::new(),
        Expr::And(all) | Expr::Or(all) | Expr::Call(_, all) => all.iter().collect(),
        Expr::Not(inner) | Expr::IsNull(inner) | Expr::IsTrue(inner) | Expr::InValues(inner, ..) => {
            vec![inner]
        }
        Expr::Compare(_, left, right) => vec![left, right],
        Expr::Case { arms, otherwise } => {
            let mut all: Vec<&Expr> = arms.iter().flat_map(|(when, then)| [when, then]).collect();
            all.push(otherwise);
            all
        }
        Expr::InStep { values, .. } => values.iter().collect(),
        Expr::Aggregate(aggregate) => aggregate.argument.iter().chain(&aggregate.filter).collect(),
        Expr::Window(window) => {
            let mut all: Vec<&Expr> = window.partition.iter().collect();
            all.extend(window.order.iter().map(|order| &order.key));
            if let Some(aggregate) = &window.aggregate {
                all.extend(aggregate.argument.iter().chain(&aggregate.filter));
            }
            all
        }
    }
}

/// Removes unused steps and points the rest at their new places.
fn renumber(steps: &mut Vec<Step>, used: &[bool]) -> Vec<StepId> {
    let mut place = Vec::new();
    let mut next = 0;
    for flag in used {
        place.push(StepId(next));
        next += u32::from(*flag);
    }
    let mut at = 0;
    steps.retain(|_| {
        at += 1;
        used[at - 1]
    });
    for step in steps.iter_mut() {
        let selects: Vec<&mut Select> = match &mut step.body {
            Body::Select(select) => vec![select],
            Body::UnionAll(all) => all.iter_mut().collect(),
            Body::Recursive { first, next } => vec![first, next],
            Body::Values(_) => Vec::new(),
        };
        for select in selects {
            for source in
                std::iter::once(&mut select.from).chain(select.joins.iter_mut().map(|join| &mut join.source))
            {
                if let Source::Step { step, .. } = source {
                    *step = place[step.0 as usize];
                }
            }
            let exprs = select
                .columns
                .iter_mut()
                .map(|(_, expr)| expr)
                .chain(select.joins.iter_mut().map(|join| &mut join.on))
                .chain(&mut select.filter)
                .chain(select.group.iter_mut().flatten());
            for expr in exprs {
                move_steps(expr, &place);
            }
        }
    }
    place
}

/// Points an expression at the new places of steps.
pub(crate) fn move_steps(expr: &mut Expr, place: &[StepId]) {
    match expr {
        Expr::Column { .. } | Expr::Literal(..) => {}
        Expr::And(all) | Expr::Or(all) | Expr::Call(_, all) => {
            for inner in all {
                move_steps(inner, place);
            }
        }
        Expr::Not(inner) | Expr::IsNull(inner) | Expr::IsTrue(inner) | Expr::InValues(inner, ..) => {
            move_steps(inner, place);
        }
        Expr::Compare(_, left, right) => {
            move_steps(left, place);
            move_steps(right, place);
        }
        Expr::Case { arms, otherwise } => {
            for (when, then) in arms {
                move_steps(when, place);
                move_steps(then, place);
            }
            move_steps(otherwise, place);
        }
        Expr::InStep { values, step, .. } => {
            *step = place[step.0 as usize];
            for inner in values {
                move_steps(inner, place);
            }
        }
        Expr::Aggregate(aggregate) => {
            aggregate
                .argument
                .iter_mut()
                .chain(&mut aggregate.filter)
                .for_each(|inner| move_steps(inner, place));
        }
        Expr::Window(window) => {
            window.partition.iter_mut().for_each(|inner| move_steps(inner, place));
            window.order.iter_mut().for_each(|order| move_steps(&mut order.key, place));
            if let Some(aggregate) = &mut window.aggregate {
                aggregate
                    .argument
                    .iter_mut()
                    .chain(&mut aggregate.filter)
                    .for_each(|inner| move_steps(inner, place));
            }
        }
    }
}
