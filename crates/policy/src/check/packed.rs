//! One number of a group says one thing.
//!
//! A sum of `1000000 * a + b` is two sums in one number, and the rounding and thresholds of each are gone: whoever
//! can weigh quantities by numbers of free choice, or give each answer of a `case` its own weight, reads as many
//! exact counts from one cell as it has digits (research on disclosure control calls it packing). So in what is
//! added up, averaged or ordered over the people of a group there is no `case`, and where two quantities meet no
//! number weighs either of them. Changes, ratios and products of quantities as they were measured remain.
//! Where rows of people may leave anyway, nothing is gained by it, and nothing is refused.

use super::Checker;
use crate::agreement::Level;
use crate::codes;
use diag::Diagnostic;
use std::collections::BTreeSet;
use text::Range;
use types::{AggregateFunction, Characteristic, Expr, GroupCell, Kind, Table, Type, Value};

impl Checker<'_> {
    /// Refuses aggregates of a table's groups that would say more than one thing.
    pub(super) fn packed(&mut self, table: &Table) {
        if self.agreements().iter().all(|agreement| agreement.level == Level::Record) {
            return;
        }
        let regrouped = table.regroup.iter().flat_map(|regroup| &regroup.values).map(|value| &value.value);
        let shown = table.shown.iter().map(|shown| &shown.value).chain(regrouped).chain(&table.kept);
        let mut found = Vec::new();
        for value in shown.chain(table.order.iter().map(|(key, _)| key)) {
            super::item::cells_of(value, &mut |cell| {
                if let GroupCell::Aggregate { function, argument: Some(argument), .. } = cell
                    && matches!(
                        function,
                        AggregateFunction::Sum
                            | AggregateFunction::Mean
                            | AggregateFunction::Median
                            | AggregateFunction::Quantile(_)
                    )
                {
                    found.extend(packs(argument));
                }
            });
        }
        self.refuse_packed(found);
    }

    /// The same of the numbers of a Table 1.
    pub(super) fn packed_characteristics(&mut self, characteristics: &[Characteristic]) {
        if self.agreements().iter().all(|agreement| agreement.level == Level::Record) {
            return;
        }
        let numbers = characteristics.iter().filter_map(|characteristic| match characteristic {
            Characteristic::Number { value, .. } => packs(value),
            Characteristic::Levels(_) => None,
        });
        self.refuse_packed(numbers.collect());
    }

    fn refuse_packed(&mut self, mut found: Vec<(Range, &'static str)>) {
        found.sort_unstable();
        found.dedup();
        for (range, how) in found {
            self.diagnostics.push(
                Diagnostic::error(codes::PACKED, "this would put several facts about people into one number", range, how)
                    .note("what is added or averaged over a group is one quantity: of a weighted sum, every part can be read again")
                    .help("show each part by itself: `count(subjects if …)`, `sum(…)`, `mean(…)`"),
            );
        }
    }
}

/// Where an argument says more than one thing, and how.
fn packs(argument: &Expr) -> Option<(Range, &'static str)> {
    let mut found = Found::default();
    found.look(argument);
    match (found.case, found.meets, found.weight) {
        (Some(range), ..) => Some((range, "gives each answer a weight")),
        (None, Some(range), true) => Some((range, "quantities that a number weighs meet here")),
        (None, Some(_), false) | (None, None, _) => None,
    }
}

/// What was found where a value comes from; what only decides which rows are read is not looked at.
#[derive(Default)]
struct Found {
    /// A `case`.
    case: Option<Range>,
    /// Where two quantities meet.
    meets: Option<Range>,
    /// Whether there is a number other than 0 and 1.
    weight: bool,
}

impl Found {
    fn look(&mut self, expr: &Expr) {
        match &expr.kind {
            // A value with a unit of its own, as a number of one unit: each unit has its factor, and there is one value.
            Kind::Case(arms, _) if of_one_value(arms) => {}
            Kind::Case(..) => self.case = self.case.or(Some(expr.range)),
            Kind::Literal(value) => {
                self.weight |= match value {
                    Value::Int(number) => !matches!(number, 0 | 1),
                    Value::Number(number) => !matches!(number.to_string().as_str(), "0" | "1"),
                    Value::Bool(_) | Value::Text(_) | Value::Date(_) => false,
                };
            }
            Kind::Arithmetic(_, left, right) => {
                if !is_number(left) && !is_number(right) {
                    self.meets = self.meets.or(Some(expr.range));
                }
                self.look(left);
                self.look(right);
            }
            Kind::AddDays(left, right) | Kind::AddMonths(left, right) | Kind::DaysBetween(left, right) => {
                self.look(left);
                self.look(right);
            }
            Kind::ToDecimal(inner) | Kind::OrElse(inner, _) | Kind::Band(inner, _) => self.look(inner),
            Kind::Pick { value, .. } => self.look(value),
            Kind::Aggregate { argument: Some(argument), .. } => self.look(argument),
            _ => {}
        }
    }
}

/// Whether a part of an expression reads nothing.
fn is_number(expr: &Expr) -> bool {
    match &expr.kind {
        Kind::Literal(_) => true,
        Kind::ToDecimal(inner) => is_number(inner),
        Kind::Arithmetic(_, left, right) => is_number(left) && is_number(right),
        _ => false,
    }
}

/// Whether each answer of a `case` is of the same column, and every condition asks texts or codes of the row of that
/// column: its unit, and what was measured.
fn of_one_value(arms: &[(Expr, Expr)]) -> bool {
    let columns = |expr: &Expr| {
        let (mut all, mut other) = (BTreeSet::new(), false);
        types::each_expr(expr, &mut |inner| match &inner.kind {
            Kind::Column(row, column) => {
                all.insert((format!("{:?} {:?}", row.id, row.hops), *column));
            }
            Kind::Literal(_) | Kind::Null | Kind::ToDecimal(_) | Kind::Arithmetic(..) | Kind::OrElse(..) => {}
            Kind::InValues(..)
            | Kind::InCodes(..)
            | Kind::And(_)
            | Kind::Or(_)
            | Kind::Not(_)
            | Kind::Compare(..) => {}
            _ => other = true,
        });
        (!other).then_some(all)
    };
    let Some(((_, first), rest)) = arms.split_first() else { return false };
    let Some(value) = columns(first).filter(|value| value.len() == 1) else { return false };
    let same_value = rest.iter().all(|(_, then)| columns(then).is_some_and(|other| other == value));
    let row = value.first().map(|(row, _)| row.clone());
    let of_texts = arms.iter().all(|(when, _)| {
        columns(when).is_some_and(|all| {
            all.iter().all(|(of, column)| Some(of) == row.as_ref() && !value.contains(&(of.clone(), *column)))
        }) && texts_only(when)
    });
    same_value && of_texts
}

/// Whether a condition tests texts and codes and nothing else.
fn texts_only(when: &Expr) -> bool {
    let mut only = true;
    types::each_expr(when, &mut |inner| {
        if matches!(inner.kind, Kind::Column(..)) {
            only &= matches!(inner.ty, Type::Text | Type::Code(_));
        }
    });
    only
}
