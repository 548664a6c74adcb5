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
use text::Range;
use types::{AggregateFunction, Arithmetic, Expr, GroupCell, Kind, Table};

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
    let mut case = None;
    let mut meets = None;
    let mut weighs = None;
    types::each_expr(argument, &mut |inner| match &inner.kind {
        Kind::Case(..) => case = case.or(Some(inner.range)),
        Kind::Arithmetic(sign, left, right) => {
            let (of_left, of_right) = (is_number(left), is_number(right));
            if !of_left && !of_right {
                meets = meets.or(Some(inner.range));
            } else if of_left != of_right && matches!(sign, Arithmetic::Multiply | Arithmetic::Divide) {
                weighs = weighs.or(Some(inner.range));
            }
        }
        _ => {}
    });
    match (case, meets, weighs) {
        (Some(range), ..) => Some((range, "gives each answer a weight")),
        (None, Some(range), Some(_)) => Some((range, "quantities that a number weighs meet here")),
        (None, Some(_), None) | (None, None, _) => None,
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
