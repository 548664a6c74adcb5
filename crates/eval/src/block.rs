//! Select blocks.

use crate::aggregate;
use crate::cell::{Cell, Row};
use crate::expression::{Context, Scope};
use crate::table::{Relation, Tables};
use crate::window;
use plan::{Comparison, Expr, JoinKind, Select, Source};
use std::collections::{BTreeMap, BTreeSet};

/// What a block may read.
#[derive(Clone, Copy)]
pub(crate) struct Surroundings<'a> {
    /// The tables of the warehouse.
    pub(crate) tables: &'a Tables,
    /// The steps before.
    pub(crate) steps: &'a [Relation],
    /// The round before, in a recursion.
    pub(crate) round: Option<&'a Relation>,
}

impl<'a> Surroundings<'a> {
    fn relation(self, source: &Source) -> Result<&'a Relation, String> {
        match source {
            Source::Step { step, .. } => {
                let found = usize::try_from(step.0).ok().and_then(|place| self.steps.get(place));
                found.ok_or_else(|| format!("there is no step {} before this one", step.0))
            }
            Source::Round { .. } => {
                self.round.ok_or_else(|| "a round is read outside of a recursion".to_owned())
            }
            Source::Public { table, .. } | Source::Linked { table, .. } => self.tables.get(table),
        }
    }
}

/// The rows of a block.
///
/// # Errors
/// The reason, for a block that is not well formed.
pub(crate) fn rows(select: &Select, surroundings: Surroundings<'_>) -> Result<Vec<Row>, String> {
    let mut context = Context::new(surroundings.steps);
    let first = surroundings.relation(&select.from)?;
    context.push(select.from.alias(), first)?;
    let mut scopes: Vec<Scope<'_>> = first.rows.iter().map(|row| vec![Some(row)]).collect();
    for join in &select.joins {
        let relation = surroundings.relation(&join.source)?;
        context.push(join.source.alias(), relation)?;
        let candidates = Candidates::new(&join.on, &context, relation)?;
        let mut joined = Vec::new();
        for scope in scopes {
            let mut any = false;
            for row in candidates.of(&scope, &context)? {
                let mut both = scope.clone();
                both.push(Some(row));
                if context.value(&join.on, &both)?.is_true() {
                    joined.push(both);
                    any = true;
                }
            }
            if !any && join.kind == JoinKind::Left {
                let mut alone = scope;
                alone.push(None);
                joined.push(alone);
            }
        }
        scopes = joined;
    }
    if let Some(filter) = &select.filter {
        let mut kept = Vec::with_capacity(scopes.len());
        for scope in scopes {
            if context.value(filter, &scope)?.is_true() {
                kept.push(scope);
            }
        }
        scopes = kept;
    }
    let mut rows = match &select.group {
        Some(keys) => groups(select, keys, &scopes, &context)?,
        None => each(select, &scopes, &context)?,
    };
    if select.distinct {
        rows = rows.into_iter().collect::<BTreeSet<_>>().into_iter().collect();
    }
    Ok(rows)
}

/// One row per row.
fn each(select: &Select, scopes: &[Scope<'_>], context: &Context<'_>) -> Result<Vec<Row>, String> {
    let mut windows = Vec::new();
    for (_, expr) in &select.columns {
        find_windows(expr, &mut windows);
    }
    let mut values = Vec::new();
    for found in windows {
        let Expr::Window(window) = found else { continue };
        values.push((found, window::over(window, scopes, context)?));
    }
    let mut rows = Vec::with_capacity(scopes.len());
    for (at, scope) in scopes.iter().enumerate() {
        let row = select.columns.iter().map(|(_, expr)| with_windows(expr, at, scope, &values, context));
        rows.push(row.collect::<Result<Row, String>>()?);
    }
    Ok(rows)
}

fn with_windows<'a>(
    expr: &Expr,
    at: usize,
    scope: &Scope<'a>,
    windows: &[(&Expr, Vec<Cell>)],
    context: &Context<'a>,
) -> Result<Cell, String> {
    match expr {
        Expr::Window(_) => {
            let found = windows.iter().find(|(window, _)| *window == expr);
            let value = found.and_then(|(_, values)| values.get(at)).cloned();
            value.ok_or_else(|| "a window stands where none may".to_owned())
        }
        Expr::Column { .. } | Expr::Aggregate(_) => context.value(expr, scope),
        other => context.combine(other, &|inner| with_windows(inner, at, scope, windows, context)),
    }
}

fn find_windows<'e>(expr: &'e Expr, found: &mut Vec<&'e Expr>) {
    match expr {
        Expr::Window(_) => {
            if !found.contains(&expr) {
                found.push(expr);
            }
        }
        Expr::Column { .. } | Expr::Literal(..) | Expr::Aggregate(_) => {}
        Expr::And(all) | Expr::Or(all) | Expr::Call(_, all) => {
            for inner in all {
                find_windows(inner, found);
            }
        }
        Expr::InStep { values, .. } => {
            for inner in values {
                find_windows(inner, found);
            }
        }
        Expr::Not(inner) | Expr::IsNull(inner) | Expr::IsTrue(inner) | Expr::InValues(inner, ..) => {
            find_windows(inner, found);
        }
        Expr::Compare(_, left, right) => {
            find_windows(left, found);
            find_windows(right, found);
        }
        Expr::Case { arms, otherwise } => {
            for (condition, value) in arms {
                find_windows(condition, found);
                find_windows(value, found);
            }
            find_windows(otherwise, found);
        }
    }
}

/// One row per distinct tuple of keys; without keys one row.
fn groups(
    select: &Select,
    keys: &[Expr],
    scopes: &[Scope<'_>],
    context: &Context<'_>,
) -> Result<Vec<Row>, String> {
    let mut groups: BTreeMap<Vec<Cell>, Vec<Scope<'_>>> = BTreeMap::new();
    if keys.is_empty() {
        groups.insert(Vec::new(), Vec::new());
    }
    for scope in scopes {
        let tuple = keys.iter().map(|key| context.value(key, scope)).collect::<Result<_, _>>()?;
        groups.entry(tuple).or_default().push(scope.clone());
    }
    let mut rows = Vec::with_capacity(groups.len());
    for (tuple, members) in &groups {
        let row = select.columns.iter().map(|(_, expr)| of_group(expr, keys, tuple, members, context));
        rows.push(row.collect::<Result<Row, String>>()?);
    }
    Ok(rows)
}

/// The value of an expression for a group: keys, aggregates and what is made of them.
fn of_group<'a>(
    expr: &Expr,
    keys: &[Expr],
    tuple: &[Cell],
    members: &[Scope<'a>],
    context: &Context<'a>,
) -> Result<Cell, String> {
    if let Some(at) = keys.iter().position(|key| key == expr) {
        return Ok(tuple[at].clone());
    }
    match expr {
        Expr::Aggregate(aggregate) => aggregate::over(aggregate, members, context),
        Expr::Column { source, column, .. } => {
            Err(format!("{source}.{column} is read of a group whose keys do not hold it"))
        }
        Expr::Window(_) => Err("a window stands in a grouped block".to_owned()),
        other => context.combine(other, &|inner| of_group(inner, keys, tuple, members, context)),
    }
}

/// The rows of the right side of a join that may belong to a row of the left side: those whose columns
/// are equal to what the condition says they must equal. The condition is tested for each all the same.
struct Candidates<'e, 'a> {
    /// Expressions over the left side.
    keys: Vec<&'e Expr>,
    /// The rows by the values of the columns that must equal them; none has a null there.
    by_key: BTreeMap<Vec<Cell>, Vec<&'a Row>>,
}

impl<'e, 'a> Candidates<'e, 'a> {
    fn new(
        on: &'e Expr,
        context: &Context<'a>,
        relation: &'a Relation,
    ) -> Result<Candidates<'e, 'a>, String> {
        let parts: &[Expr] = match on {
            Expr::And(all) => all,
            one => std::slice::from_ref(one),
        };
        let right = context.sources.len() - 1;
        let mut keys = Vec::new();
        let mut places = Vec::new();
        for part in parts {
            let Expr::Compare(Comparison::Equal, one, other) = part else { continue };
            for (here, there) in [(one, other), (other, one)] {
                let (Expr::Column { source, column, .. }, Expr::Column { source: left, .. }) =
                    (here.as_ref(), there.as_ref())
                else {
                    continue;
                };
                if *source == context.sources[right].0 && *left != context.sources[right].0 {
                    places.push(context.place(source, column)?.1);
                    keys.push(there.as_ref());
                }
            }
        }
        let mut by_key: BTreeMap<Vec<Cell>, Vec<&'a Row>> = BTreeMap::new();
        for row in &relation.rows {
            let key: Vec<Cell> = places.iter().map(|at| row[*at].clone()).collect();
            if !key.iter().any(Cell::is_null) {
                by_key.entry(key).or_default().push(row);
            }
        }
        Ok(Candidates { keys, by_key })
    }

    fn of(&self, left: &Scope<'a>, context: &Context<'a>) -> Result<&[&'a Row], String> {
        let key = self.keys.iter().map(|key| context.value(key, left)).collect::<Result<Vec<_>, _>>()?;
        Ok(self.by_key.get(&key).map_or(&[], Vec::as_slice))
    }
}
