//! Single comparisons that read otherwise than they work: a value with itself, equality of decimals, ages and
//! days that nothing has, percentages that look like fractions, `no` where `excludes` is meant.

use crate::Input;
use diag::{Code, Diagnostic};
use model::{ColumnType, Linkage, Model};
use std::collections::BTreeSet;
use types::{
    Comparison, Expr, GroupCell, Kind, Query, Row, RowId, ShownExpr, TableBody, Type, Value, each_expr,
};

/// Nobody's age on record is greater.
const OLDEST: i64 = 122;

pub(crate) fn lint(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    each_of_query(input.query, &mut |expr| {
        each_expr(expr, &mut |inner| {
            let range = inner.range;
            match &inner.kind {
                Kind::Compare(comparison, left, right) => {
                    compared(input, *comparison, left, right, inner, found);
                }
                Kind::CompareQuantity { comparison: Comparison::Equal | Comparison::NotEqual, .. } => {
                    found.push(exactly(range));
                }
                Kind::IsKnown(value) if always_known(input.model, value) => {
                    found.push(
                        Diagnostic::warning(
                            Code("W0126"),
                            "this value is always known",
                            value.range,
                            "never missing",
                        )
                        .note("the model declares the column without `?`, so every row has it"),
                    );
                }
                _ => {}
            }
        });
    });
    for rules in input
        .query
        .cohorts
        .iter()
        .map(|cohort| &cohort.rules)
        .chain(input.query.tables.iter().map(|table| &table.rules))
    {
        for rule in rules {
            conjuncts(&rule.condition, &mut |condition| no_where_excluded(input.model, condition, found));
        }
    }
}

fn compared(
    input: &Input<'_>,
    comparison: Comparison,
    left: &Expr,
    right: &Expr,
    whole: &Expr,
    found: &mut Vec<Diagnostic>,
) {
    use Comparison::{Equal, Greater, GreaterOrEqual, NotEqual};
    let nowhere = Row { id: types::RowId(u32::MAX), hops: Vec::new(), entity: model::EntityId(0) };
    let is_literal = |expr: &Expr| matches!(expr.kind, Kind::Literal(_));
    if !is_literal(left)
        && types::canonical(left, &nowhere) == types::canonical(right, &nowhere)
        && rows_around(left) == rows_around(right)
    {
        found.push(
            Diagnostic::warning(
                Code("W0125"),
                "a value is compared with itself",
                whole.range,
                "the same on both sides",
            )
            .note("wherever the value is known the answer is the same")
            .help("a row around is reached by the name of its entity, such as `subject.sex`"),
        );
        return;
    }
    let zero = matches!(&right.kind, Kind::Literal(Value::Number(number)) if number.0 == 0);
    if matches!(comparison, Equal | NotEqual)
        && matches!(left.ty, Type::Decimal | Type::Percent | Type::Quantity(_))
        && !matches!(left.kind, Kind::ToDecimal(_))
        && !zero
    {
        found.push(exactly(whole.range));
    }
    if let (Kind::AgeAt(..), Kind::Literal(Value::Int(years))) = (&left.kind, &right.kind)
        && (*years < 0 || *years > OLDEST)
    {
        found.push(
            Diagnostic::warning(
                Code("W0130"),
                format!("nobody is {years} years old"),
                right.range,
                "an age that nobody has",
            )
            .note(format!("ages are completed years; the greatest on record is {OLDEST}")),
        );
    }
    if let (Type::Percent, Kind::Literal(Value::Number(share)), Greater | GreaterOrEqual) =
        (&left.ty, &right.kind, comparison)
        && (8_000_000_000..10_000_000_000).contains(&share.0)
        && let Some(meant) = share.scale(10_000, 1)
        && let Some(written) = share.scale(100, 1)
    {
        found.push(
            Diagnostic::warning(
                Code("W0131"),
                format!("{written} % is less than one in a hundred"),
                right.range,
                "a percentage that reads as a fraction",
            )
            .note(format!("with `%` a number is divided by 100: {written} % is {share}"))
            .likely(format!("write `{meant}%`"), vec![(right.range, format!("{meant}%"))]),
        );
    }
    if let (Some((as_of, line)), Kind::Literal(Value::Date(bound)), Equal | Greater | GreaterOrEqual) =
        (&input.query.as_of, &right.kind, comparison)
        && bound > as_of
        && is_event(input.model, left)
    {
        found.push(
            Diagnostic::warning(
                Code("W0136"),
                format!("nothing is known of {bound}, which is after the day of the question"),
                whole.range,
                "after `as of`",
            )
            .label(*line, "the day of the question")
            .note("a row dated after `as of` does not exist for the query"),
        );
    }
}

fn exactly(range: text::Range) -> Diagnostic {
    Diagnostic::warning(
        Code("W0129"),
        "a measured number is compared for equality",
        range,
        "equal to the last decimal place",
    )
    .note("decimals are exact, so 6.5 is not 6.50001; a measured value is seldom equal to a round one")
    .help("ask for a range: `value >= …` and `value < …`")
}

/// The rows that a value is read from, without those that it walks itself: another row of the same entity is
/// another value.
fn rows_around(value: &Expr) -> BTreeSet<RowId> {
    let mut own = BTreeSet::new();
    types::each_expr(value, &mut |inner| {
        if let Kind::Has(rows)
        | Kind::Counted(_, _, rows)
        | Kind::Pick { rows, .. }
        | Kind::Aggregate { rows, .. } = &inner.kind
        {
            own.extend(rows.steps.iter().map(|step| step.row.id));
        }
    });
    let mut around = BTreeSet::new();
    types::each_row(value, &mut |row| {
        if !own.contains(&row.id) {
            around.insert(row.id);
        }
    });
    around
}

/// Whether the value is the date of an event of a person, which `as of` bounds.
fn is_event(model: &Model, value: &Expr) -> bool {
    let Kind::Column(row, column) = &value.kind else { return false };
    let entity = model.entity(row.entity);
    match entity.linkage {
        Linkage::Subject => entity.column(*column).name == "death_date",
        Linkage::Of(_) => entity.dated_by.is_some_and(|dated| dated.start == *column),
        Linkage::Public | Linkage::Aggregate => false,
    }
}

/// Whether a value is read from a column without `?`, of a row that is always there.
fn always_known(model: &Model, value: &Expr) -> bool {
    let Kind::Column(row, column) = &value.kind else { return false };
    let declared = model.entity(row.entity).column(*column);
    // A relation that may be absent leaves null where it leads.
    row.hops.is_empty() && !declared.optional && !matches!(declared.ty, ColumnType::Id)
}

/// `no phenotype in …` as a rule: nothing recorded, which is not the same as excluded.
fn no_where_excluded(model: &Model, condition: &Expr, found: &mut Vec<Diagnostic>) {
    let Kind::Not(inner) = &condition.kind else { return };
    let Kind::Has(rows) = &inner.kind else { return };
    let [step] = rows.steps.as_slice() else { return };
    let entity = model.entity(step.row.entity);
    let by_code = step.conditions.iter().any(|condition| matches!(condition.kind, Kind::InCodes(..)));
    // A window asks for a time, and findings are excluded for good.
    if entity.find_column("excluded").is_none() || !by_code || !step.bounds.is_empty() {
        return;
    }
    let name = &entity.name;
    found.push(
        Diagnostic::warning(
            Code("W0138"),
            format!("`no {name}` is also true of people who were never examined for it"),
            condition.range,
            "not recorded as present",
        )
        .note(format!("a {name} is observed, excluded or not recorded; `no` holds for the last two"))
        .help(format!("`excludes {name} in …` asks for those in whom it was looked for and not found")),
    );
}

fn conjuncts<'a>(condition: &'a Expr, visit: &mut dyn FnMut(&'a Expr)) {
    match &condition.kind {
        Kind::And(parts) => parts.iter().for_each(|part| conjuncts(part, visit)),
        _ => visit(condition),
    }
}

/// Every whole expression of a query: rules, keys, values, arguments of aggregates.
pub(crate) fn each_of_query<'a>(query: &'a Query, visit: &mut dyn FnMut(&'a Expr)) {
    for cohort in &query.cohorts {
        crate::rules::all_of_cohort(cohort).for_each(&mut *visit);
    }
    for table in &query.tables {
        table.rules.iter().for_each(|rule| visit(&rule.condition));
        match &table.body {
            TableBody::Rows { values } => values.iter().for_each(&mut *visit),
            TableBody::Groups { keys, totals: _ } => keys.iter().for_each(|key| visit(&key.value)),
            TableBody::Frequency { frequencies, pooled, values, named: _ } => {
                for frequency in frequencies {
                    frequency.conditions.iter().for_each(&mut *visit);
                    frequency.keys.iter().for_each(|key| visit(&key.value));
                }
                pooled.iter().flat_map(|pooled| &pooled.keys).for_each(|key| visit(&key.value));
                values.iter().for_each(&mut *visit);
            }
        }
        table.each.iter().flat_map(types::Each::conditions).for_each(&mut *visit);
        for shown in &table.shown {
            each_cell(&shown.value, &mut |cell| {
                if let GroupCell::Aggregate { argument, filter, function: _ } = cell {
                    argument.iter().chain(filter).for_each(&mut *visit);
                }
            });
        }
    }
}

/// Every cell that a shown value reads.
pub(crate) fn each_cell<'a>(shown: &'a ShownExpr, visit: &mut dyn FnMut(&'a GroupCell)) {
    match shown {
        ShownExpr::Cell(cell) | ShownExpr::Grpmax { record: _, cell } => visit(cell),
        ShownExpr::Shown(_)
        | ShownExpr::Literal(_)
        | ShownExpr::RegroupKey(_)
        | ShownExpr::Regrouped { .. } => {}
        ShownExpr::Fisher(_, counts) => counts.iter().for_each(|count| each_cell(count, visit)),
        ShownExpr::Arithmetic(_, left, right) | ShownExpr::Compare(_, left, right) => {
            each_cell(left, visit);
            each_cell(right, visit);
        }
        ShownExpr::And(parts) | ShownExpr::Or(parts) => parts.iter().for_each(|part| each_cell(part, visit)),
        ShownExpr::Not(inner) | ShownExpr::IsKnown(inner) => each_cell(inner, visit),
        ShownExpr::Previous { value, along: _, within: _ } => each_cell(value, visit),
    }
}
