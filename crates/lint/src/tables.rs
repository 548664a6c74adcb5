//! Results: columns that repeat, orders that change nothing, thresholds that the agreement has already set,
//! counts of rows under the name of people, days of the question long ago.

use crate::Input;
use diag::{Code, Diagnostic};
use jiff::ToSpan as _;
use model::Linkage;
use types::{
    AggregateFunction, Comparison, FrequencyField, GroupCell, Kind, ShownExpr, Table, TableBody, Value,
};

/// Words that promise people.
const PEOPLE: [&str; 8] =
    ["people", "persons", "patients", "subjects", "individuals", "participants", "women", "men"];

pub(crate) fn lint(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    long_ago(input, found);
    for table in &input.query.tables {
        repeated(table, found);
        rows_as_people(input, table, found);
        in_order_already(table, found);
        below_threshold(input, table, found);
    }
}

fn long_ago(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    let Some((as_of, line)) = input.query.as_of else { return };
    let Ok(limit) = input.used_on.checked_sub(10.years()) else { return };
    if as_of < limit {
        let years = i32::from(input.used_on.year()) - i32::from(as_of.year());
        found.push(
            Diagnostic::warning(
                Code("W0141"),
                format!("this question is asked as of a day about {years} years ago"),
                line,
                "long ago",
            )
            .note("rows dated later do not exist for the query, and ages are those of that day")
            .help("look at the year; to ask about an early period as of today, use `during`"),
        );
    }
}

/// Two columns with the same value.
fn repeated(table: &Table, found: &mut Vec<Diagnostic>) {
    for (at, shown) in table.shown.iter().enumerate() {
        let same = table.shown.iter().take(at).find(|other| same(&other.value, &shown.value, table));
        if let Some(other) = same {
            found.push(
                Diagnostic::warning(
                    Code("W0117"),
                    format!("`{}` shows the same as `{}`", shown.name, other.name),
                    shown.range,
                    "the same value",
                )
                .label(other.range, "shown here"),
            );
        }
    }
}

fn same(a: &ShownExpr, b: &ShownExpr, table: &Table) -> bool {
    let same_expr =
        |a: &types::Expr, b: &types::Expr| types::canonical(a, &table.row) == types::canonical(b, &table.row);
    let both = |a: &Option<types::Expr>, b: &Option<types::Expr>| match (a, b) {
        (None, None) => true,
        (Some(a), Some(b)) => same_expr(a, b),
        (Some(_), None) | (None, Some(_)) => false,
    };
    match (a, b) {
        (ShownExpr::Cell(GroupCell::Key(a)), ShownExpr::Cell(GroupCell::Key(b))) => a == b,
        (
            ShownExpr::Cell(GroupCell::Frequency { record: one, field: a }),
            ShownExpr::Cell(GroupCell::Frequency { record: other, field: b }),
        ) => one == other && a == b,
        (ShownExpr::Cell(GroupCell::Value(a)), ShownExpr::Cell(GroupCell::Value(b))) => {
            let values = match &table.body {
                TableBody::Rows { values } | TableBody::Frequency { values, .. } => values,
                TableBody::Groups { .. } => return false,
            };
            match (values.get(*a as usize), values.get(*b as usize)) {
                (Some(a), Some(b)) => same_expr(a, b),
                _ => false,
            }
        }
        (
            ShownExpr::Cell(GroupCell::Aggregate { function: one, argument: a, filter: if_a }),
            ShownExpr::Cell(GroupCell::Aggregate { function: other, argument: b, filter: if_b }),
        ) => one == other && both(a, b) && both(if_a, if_b),
        _ => false,
    }
}

/// `people = count(diagnoses)`: events under the name of people.
fn rows_as_people(input: &Input<'_>, table: &Table, found: &mut Vec<Diagnostic>) {
    for shown in &table.shown {
        let ShownExpr::Cell(GroupCell::Aggregate { function: AggregateFunction::Count, argument, .. }) =
            &shown.value
        else {
            continue;
        };
        let counted = match argument.as_ref().map(|argument| &argument.kind) {
            None => table.row.entity,
            Some(Kind::Key(row)) => row.entity,
            Some(Kind::Aggregate { rows, argument: None, .. }) => {
                let Some(step) = rows.steps.last() else { continue };
                step.row.entity
            }
            Some(_) => continue,
        };
        let entity = input.model.entity(counted);
        let name = shown.name.to_lowercase();
        let promises = name.split('_').any(|word| PEOPLE.contains(&word));
        if !promises || !matches!(entity.linkage, Linkage::Of(_)) {
            continue;
        }
        found.push(
            Diagnostic::warning(
                Code("W0139"),
                format!("`{}` counts {}, not people", shown.name, entity.plural),
                shown.range,
                format!("a person with two {} counts twice", entity.plural),
            )
            .help("`count(subject)` counts each person once; `count(subjects)` in a table of people"),
        );
    }
}

/// An order that the result has anyway.
fn in_order_already(table: &Table, found: &mut Vec<Diagnostic>) {
    let TableBody::Groups { keys, .. } = &table.body else { return };
    if table.order.is_empty() || table.limit.is_some() || table.order.len() > keys.len() {
        return;
    }
    let key_of = |value: &ShownExpr| match value {
        ShownExpr::Cell(GroupCell::Key(at)) => Some(*at),
        ShownExpr::Shown(at) => match table.shown.get(*at as usize).map(|shown| &shown.value) {
            Some(ShownExpr::Cell(GroupCell::Key(at))) => Some(*at),
            Some(_) | None => None,
        },
        _ => None,
    };
    let already =
        (0u32..).zip(&table.order).all(|(at, (value, descending))| !descending && key_of(value) == Some(at));
    if let (true, Some(key)) = (already, keys.first()) {
        found.push(
            Diagnostic::warning(
                Code("W0114"),
                format!("the rows of `{}` are in this order anyway", table.name),
                table.range,
                "`order by` changes nothing",
            )
            .label(key.range, "the order of the rows")
            .note("a table of groups is in the order of its keys, each in the order of its values"),
        );
    }
}

/// `where people >= 5` where fewer are withheld anyway.
fn below_threshold(input: &Input<'_>, table: &Table, found: &mut Vec<Diagnostic>) {
    let Some(release) = input.release() else { return };
    for kept in &table.kept {
        let ShownExpr::Compare(comparison, value, bound) = kept else { continue };
        let least = match (&**bound, comparison) {
            (ShownExpr::Literal(Value::Int(bound)), Comparison::GreaterOrEqual) => *bound,
            (ShownExpr::Literal(Value::Int(bound)), Comparison::Greater) => bound.saturating_add(1),
            _ => continue,
        };
        let (column, value) = match &**value {
            ShownExpr::Shown(at) => match table.shown.get(*at as usize) {
                Some(shown) => (Some(shown), &shown.value),
                None => continue,
            },
            value => (None, value),
        };
        let (threshold, rule) = match value {
            ShownExpr::Cell(GroupCell::Aggregate {
                function: AggregateFunction::Count, argument, ..
            }) if argument.as_ref().is_none_or(|argument| matches!(argument.kind, Kind::Key(_)))
                && input.model.entity(table.row.entity).linkage == Linkage::Subject =>
            {
                (release.min_subjects, "min subjects")
            }
            ShownExpr::Cell(GroupCell::Frequency { field: FrequencyField::People, .. }) => {
                (release.frequency_min_subjects, "frequency min subjects")
            }
            _ => continue,
        };
        if least > 1 && least <= i64::from(threshold) {
            let range = column.map_or(table.range, |column| column.range);
            found.push(
                Diagnostic::warning(
                    Code("W0137"),
                    format!("fewer than {threshold} people are withheld anyway, so a bound of {least} keeps every number that is shown"),
                    range,
                    "compared with a bound after `show`",
                )
                .note(format!("`{rule} {threshold}` of the agreement decides which numbers are shown"))
                .help(format!("leave the bound out, or ask for more than {threshold}")),
            );
        }
    }
}
