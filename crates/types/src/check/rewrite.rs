//! Rewriting the rows that an expression reads.

use crate::inherited::Inherited;
use crate::query::{EachOther, Expr, Kind, PickOrder, Row, RowId, Rows, RowsSource, RowsStep};
use std::cell::RefCell;
use text::Range;

/// An expression without the places and the numbers of rows of its own text, so that two that say the same
/// of a row are equal. The row becomes number 0, others are numbered as they come.
#[must_use]
pub fn canonical(expr: &Expr, row: &Row) -> Expr {
    let numbers = RefCell::new(vec![row.id]);
    let to = |old: &Row| {
        let mut numbers = numbers.borrow_mut();
        let at = numbers.iter().position(|id| *id == old.id).unwrap_or_else(|| {
            numbers.push(old.id);
            numbers.len() - 1
        });
        Row { id: RowId(u32::try_from(at).unwrap_or(u32::MAX)), ..old.clone() }
    };
    rewritten(expr, &to, &|_| Range::new(text::FileId(0), 0, 0))
}

/// The expression with every row replaced.
pub(crate) fn rows(expr: &Expr, to: &dyn Fn(&Row) -> Row) -> Expr {
    rewritten(expr, to, &|range| range)
}

/// Rows with every row replaced.
pub(crate) fn many(many: &Rows, to: &dyn Fn(&Row) -> Row) -> Rows {
    inside(many, to, &|range| range)
}

fn rewritten(expr: &Expr, to: &dyn Fn(&Row) -> Row, at: &dyn Fn(Range) -> Range) -> Expr {
    let rows = |expr: &Expr, to: &dyn Fn(&Row) -> Row| rewritten(expr, to, at);
    let inside = |many: &Rows, to: &dyn Fn(&Row) -> Row| inside(many, to, at);
    let one = |expr: &Expr| Box::new(rows(expr, to));
    let all = |exprs: &[Expr]| exprs.iter().map(|expr| rows(expr, to)).collect::<Vec<Expr>>();
    let kind = match &expr.kind {
        Kind::Literal(_) | Kind::Null => expr.kind.clone(),
        Kind::Index(id) => Kind::Index(moved(*id, to)),
        Kind::Exit(id, part) => Kind::Exit(moved(*id, to), *part),
        Kind::Episode(row, bound) => Kind::Episode(to(row), *bound),
        Kind::Column(row, column) => Kind::Column(to(row), *column),
        Kind::Key(row) => Kind::Key(to(row)),
        Kind::And(parts) => Kind::And(all(parts)),
        Kind::Or(parts) => Kind::Or(all(parts)),
        Kind::Not(inner) => Kind::Not(one(inner)),
        Kind::Compare(comparison, left, right) => Kind::Compare(*comparison, one(left), one(right)),
        Kind::CompareQuantity { comparison, value, unit, in_units } => Kind::CompareQuantity {
            comparison: *comparison,
            value: one(value),
            unit: one(unit),
            in_units: in_units.clone(),
        },
        Kind::InCodes(code, test) => Kind::InCodes(one(code), test.clone()),
        Kind::InGeneCodes { code, gene, annotation } => {
            Kind::InGeneCodes { code: one(code), gene: one(gene), annotation: annotation.clone() }
        }
        Kind::InValues(value, values) => Kind::InValues(one(value), values.clone()),
        Kind::InTable { value, table, column } => {
            Kind::InTable { value: one(value), table: *table, column: *column }
        }
        Kind::IsAllele(row, alleles) => Kind::IsAllele(to(row), alleles.clone()),
        Kind::InRegion(row, region) => Kind::InRegion(to(row), region.clone()),
        Kind::InCohort(row, cohort) => Kind::InCohort(to(row), *cohort),
        Kind::IsKnown(inner) => Kind::IsKnown(one(inner)),
        Kind::OrElse(inner, value) => Kind::OrElse(one(inner), value.clone()),
        Kind::Case(arms, otherwise) => Kind::Case(
            arms.iter().map(|(when, then)| (rows(when, to), rows(then, to))).collect(),
            one(otherwise),
        ),
        Kind::Arithmetic(operator, left, right) => Kind::Arithmetic(*operator, one(left), one(right)),
        Kind::ToDecimal(inner) => Kind::ToDecimal(one(inner)),
        Kind::InUnit(inner, unit) => Kind::InUnit(one(inner), unit.clone()),
        Kind::AddDays(date, days) => Kind::AddDays(one(date), one(days)),
        Kind::AddMonths(date, months) => Kind::AddMonths(one(date), one(months)),
        Kind::DaysBetween(later, earlier) => Kind::DaysBetween(one(later), one(earlier)),
        Kind::AgeAt(row, date) => Kind::AgeAt(to(row), one(date)),
        Kind::Zygosity(row) => Kind::Zygosity(to(row)),
        Kind::MonthOf(date) => Kind::MonthOf(one(date)),
        Kind::YearOf(date) => Kind::YearOf(one(date)),
        Kind::Band(number, width) => Kind::Band(one(number), *width),
        Kind::Has(inner) => Kind::Has(Box::new(inside(inner, to))),
        Kind::Counted(count, bound, inner) => Kind::Counted(*count, *bound, Box::new(inside(inner, to))),
        Kind::CountedOf(count, bound, parts) => Kind::CountedOf(*count, *bound, all(parts)),
        Kind::Pick { rows: inner, order, value } => Kind::Pick {
            rows: Box::new(inside(inner, to)),
            order: PickOrder { by: order.by.as_ref().map(|by| one(by)), ..order.clone() },
            value: one(value),
        },
        Kind::Aggregate { function, rows: inner, argument, filter } => Kind::Aggregate {
            function: *function,
            rows: Box::new(inside(inner, to)),
            argument: argument.as_ref().map(|argument| one(argument)),
            filter: filter.as_ref().map(|filter| one(filter)),
        },
        Kind::Observed { subject, from, to: until } => {
            Kind::Observed { subject: to(subject), from: one(from), to: one(until) }
        }
        Kind::ConsentValid { row, at, purpose } => {
            Kind::ConsentValid { row: to(row), at: at.as_ref().map(|at| one(at)), purpose: purpose.clone() }
        }
    };
    Expr { kind, ty: expr.ty.clone(), label: expr.label, range: at(expr.range) }
}

/// The id of a row in scope, replaced.
fn moved(id: RowId, to: &dyn Fn(&Row) -> Row) -> RowId {
    to(&Row { id, hops: Vec::new(), entity: model::EntityId(0) }).id
}

fn inside(many: &Rows, to: &dyn Fn(&Row) -> Row, at: &dyn Fn(Range) -> Range) -> Rows {
    let rows = |expr: &Expr, to: &dyn Fn(&Row) -> Row| rewritten(expr, to, at);
    Rows {
        around: to(&many.around),
        steps: many
            .steps
            .iter()
            .map(|step| RowsStep {
                source: match &step.source {
                    RowsSource::Carried { call } => {
                        let call = Row { id: *call, hops: Vec::new(), entity: model::EntityId(0) };
                        RowsSource::Carried { call: to(&call).id }
                    }
                    RowsSource::Inherited(of) => RowsSource::Inherited(Box::new(inherited(of, to, at))),
                    source @ RowsSource::Relation(..) => source.clone(),
                    RowsSource::Episodes { of, gap, each_code } => RowsSource::Episodes {
                        of: Box::new(inside(of, to, at)),
                        gap: Box::new(rows(gap, to)),
                        each_code: *each_code,
                    },
                },
                row: to(&step.row),
                conditions: step.conditions.iter().map(|condition| rows(condition, to)).collect(),
                bounds: step.bounds.iter().map(|bound| rows(bound, to)).collect(),
            })
            .collect(),
        each_other: EachOther {
            different_days: many.each_other.different_days,
            within: many.each_other.within.as_ref().map(|within| Box::new(rows(within, to))),
        },
        words: many.words.clone(),
    }
}

fn inherited(of: &Inherited, to: &dyn Fn(&Row) -> Row, at: &dyn Fn(Range) -> Range) -> Inherited {
    let mut moved = of.clone();
    moved.range = at(of.range);
    for row in
        [&mut moved.child, &mut moved.mother, &mut moved.father, &mut moved.transmission, &mut moved.relative]
    {
        *row = to(row);
    }
    for (row, _) in &mut moved.genes {
        *row = to(row);
    }
    for expr in moved.exprs_mut() {
        *expr = rewritten(expr, to, at);
    }
    // Its steps were rewritten with the other expressions; the rows are left.
    moved.alleles.around = to(&moved.alleles.around);
    for step in &mut moved.alleles.steps {
        step.row = to(&step.row);
        if let RowsSource::Carried { call } = &mut step.source {
            *call = to(&Row { id: *call, hops: Vec::new(), entity: model::EntityId(0) }).id;
        }
    }
    moved
}
