//! One number of a group says one thing.
//!
//! A sum of `1000000 * a + b` is two sums in one number, and the rounding and thresholds of each are gone: whoever
//! can weigh quantities by numbers of free choice, or give each answer of a `case` its own weight, reads as many
//! exact counts from one cell as it has digits (research on disclosure control calls it packing). So in what is
//! added up, averaged or ordered over the people of a group there is no `case`; where quantities are added no
//! number and no unit weighs one of them; and no number is added to what is counted or multiplied. Changes, ratios and
//! products of quantities as they were measured remain.
//! Where rows of people may leave anyway, nothing is gained by it, and nothing is refused.

use super::Checker;
use crate::agreement::Level;
use crate::codes;
use diag::Diagnostic;
use std::collections::BTreeSet;
use text::Range;
use types::{AggregateFunction, Arithmetic, Characteristic, Expr, GroupCell, Kind, Table, Value};

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
    if let Some(range) = found.case {
        return Some((range, "gives each answer a weight"));
    }
    if let Some(range) = found.adds
        && (found.weight || found.units.len() > 1)
    {
        return Some((range, "quantities that a number weighs meet here"));
    }
    if let Some(range) = found.offset
        && (found.multiplies || found.counts)
    {
        return Some((range, "a number for everybody, beside what is counted or multiplied"));
    }
    None
}

/// What was found where a value comes from; what only decides which rows are read is not looked at.
#[derive(Default)]
struct Found {
    /// A `case`.
    case: Option<Range>,
    /// Where one quantity is added to another, taken from it, or moved by it.
    adds: Option<Range>,
    /// Whether two quantities are multiplied or divided.
    multiplies: bool,
    /// Whether something is counted of each person.
    counts: bool,
    /// Whether a quantity is multiplied or divided by a number other than 0 and 1.
    weight: bool,
    /// Where a number other than 0 is added to a quantity: of a count it hides for whom it is none, and of a factor it
    /// is the weight of the other.
    offset: Option<Range>,
    /// The units in which quantities are numbers: two that are added weigh as their units do.
    units: BTreeSet<String>,
}

impl Found {
    fn look(&mut self, expr: &Expr) {
        match &expr.kind {
            Kind::Case(..) => self.case = self.case.or(Some(expr.range)),
            Kind::Arithmetic(Arithmetic::Add | Arithmetic::Subtract, left, right)
            | Kind::AddDays(left, right)
            | Kind::AddMonths(left, right)
            | Kind::DaysBetween(left, right) => {
                match (is_number(left), is_number(right)) {
                    (false, false) => self.adds = self.adds.or(Some(expr.range)),
                    (true, false) | (false, true) => self.offset = self.offset.or(Some(expr.range)),
                    (true, true) => {}
                }
                self.look(left);
                self.look(right);
            }
            Kind::Arithmetic(Arithmetic::Multiply | Arithmetic::Divide, left, right) => {
                match (is_number(left), is_number(right)) {
                    (false, false) => self.multiplies = true,
                    (true, false) => self.weight |= weighs(left),
                    (false, true) => self.weight |= weighs(right),
                    (true, true) => {}
                }
                self.look(left);
                self.look(right);
            }
            // Between a birthday and a day.
            Kind::AgeAt(_, date) => {
                if !is_number(date) {
                    self.adds = self.adds.or(Some(expr.range));
                }
                self.look(date);
            }
            // How a value with a unit of its own becomes a number is the model's, not the program's.
            Kind::InUnit(_, unit) => drop(self.units.insert(unit.clone())),
            Kind::ToDecimal(inner)
            | Kind::OrElse(inner, _)
            | Kind::Band(inner, _)
            | Kind::MonthOf(inner)
            | Kind::YearOf(inner) => self.look(inner),
            Kind::Pick { value, .. } => self.look(value),
            Kind::Aggregate { function, argument, .. } => {
                self.counts |= *function == AggregateFunction::Count;
                if let Some(argument) = argument {
                    self.look(argument);
                }
            }
            // What stands in the warehouse, and truths, which have no weight.
            Kind::Literal(_)
            | Kind::Null
            | Kind::Column(..)
            | Kind::Key(_)
            | Kind::Index(_)
            | Kind::Exit(..)
            | Kind::Episode(..)
            | Kind::Zygosity(_)
            | Kind::And(_)
            | Kind::Or(_)
            | Kind::Not(_)
            | Kind::Compare(..)
            | Kind::CompareQuantity { .. }
            | Kind::InCodes(..)
            | Kind::InGeneCodes { .. }
            | Kind::InValues(..)
            | Kind::IsAllele(..)
            | Kind::InRegion(..)
            | Kind::InCohort(..)
            | Kind::InTable { .. }
            | Kind::IsKnown(_)
            | Kind::Has(_)
            | Kind::Counted(..)
            | Kind::CountedOf(..)
            | Kind::Observed { .. }
            | Kind::ConsentValid { .. } => {}
        }
    }
}

/// Whether a part of an expression reads nothing.
fn is_number(expr: &Expr) -> bool {
    match &expr.kind {
        Kind::Literal(_) | Kind::Null => true,
        Kind::ToDecimal(inner) | Kind::MonthOf(inner) | Kind::YearOf(inner) | Kind::Band(inner, _) => {
            is_number(inner)
        }
        Kind::Arithmetic(_, left, right)
        | Kind::AddDays(left, right)
        | Kind::AddMonths(left, right)
        | Kind::DaysBetween(left, right) => is_number(left) && is_number(right),
        _ => false,
    }
}

/// Whether a number gives a quantity another weight.
fn weighs(number: &Expr) -> bool {
    match &number.kind {
        Kind::Literal(Value::Int(number)) => !matches!(number, 0 | 1),
        Kind::Literal(Value::Number(number)) => !matches!(number.to_string().as_str(), "0" | "1"),
        _ => true,
    }
}
