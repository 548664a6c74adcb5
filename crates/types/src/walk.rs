//! Walking an expression: every expression in it, and every row it reads.

use crate::query::{Expr, Kind, Row, Rows, RowsSource};

/// Calls `visit` for an expression and everything inside it, outermost first.
pub fn each_expr<'a>(expr: &'a Expr, visit: &mut dyn FnMut(&'a Expr)) {
    visit(expr);
    match &expr.kind {
        Kind::Literal(_)
        | Kind::Null
        | Kind::Column(..)
        | Kind::Key(_)
        | Kind::Index(_)
        | Kind::Exit(..)
        | Kind::Episode(..)
        | Kind::IsAllele(..)
        | Kind::InRegion(..)
        | Kind::InCohort(..)
        | Kind::Zygosity(_) => {}
        Kind::And(parts) | Kind::Or(parts) | Kind::CountedOf(_, _, parts) => {
            for part in parts {
                each_expr(part, visit);
            }
        }
        Kind::Not(inner)
        | Kind::InCodes(inner, _)
        | Kind::InValues(inner, _)
        | Kind::InTable { value: inner, .. }
        | Kind::IsKnown(inner)
        | Kind::OrElse(inner, _)
        | Kind::ToDecimal(inner)
        | Kind::InUnit(inner, _)
        | Kind::AgeAt(_, inner)
        | Kind::MonthOf(inner)
        | Kind::YearOf(inner)
        | Kind::Band(inner, _) => each_expr(inner, visit),
        Kind::Compare(_, left, right)
        | Kind::Arithmetic(_, left, right)
        | Kind::AddDays(left, right)
        | Kind::AddMonths(left, right)
        | Kind::DaysBetween(left, right)
        | Kind::CompareQuantity { value: left, unit: right, .. }
        | Kind::InGeneCodes { code: left, gene: right, annotation: _ }
        | Kind::Observed { from: left, to: right, .. } => {
            each_expr(left, visit);
            each_expr(right, visit);
        }
        Kind::Case(arms, otherwise) => {
            for (when, then) in arms {
                each_expr(when, visit);
                each_expr(then, visit);
            }
            each_expr(otherwise, visit);
        }
        Kind::Has(rows) | Kind::Counted(_, _, rows) => each_expr_of_rows(rows, visit),
        Kind::Pick { rows, order, value } => {
            each_expr_of_rows(rows, visit);
            if let Some(by) = &order.by {
                each_expr(by, visit);
            }
            each_expr(value, visit);
        }
        Kind::Aggregate { rows, argument, filter, .. } => {
            each_expr_of_rows(rows, visit);
            for inner in argument.iter().chain(filter) {
                each_expr(inner, visit);
            }
        }
        Kind::ConsentValid { at, .. } => {
            if let Some(at) = at {
                each_expr(at, visit);
            }
        }
    }
}

/// Calls `visit` for everything that narrows rows, and for what is inside it.
pub fn each_expr_of_rows<'a>(rows: &'a Rows, visit: &mut dyn FnMut(&'a Expr)) {
    for step in &rows.steps {
        if let RowsSource::Episodes { of, gap, .. } = &step.source {
            each_expr_of_rows(of, visit);
            each_expr(gap, visit);
        }
        if let RowsSource::Inherited(inherited) = &step.source {
            for inner in inherited.exprs() {
                each_expr(inner, visit);
            }
        }
        for inner in step.conditions.iter().chain(&step.bounds) {
            each_expr(inner, visit);
        }
    }
    if let Some(within) = &rows.each_other.within {
        each_expr(within, visit);
    }
}

/// Calls `visit` for every row that an expression reads.
pub fn each_row(expr: &Expr, visit: &mut dyn FnMut(&Row)) {
    each_expr(expr, &mut |inner| match &inner.kind {
        Kind::Column(row, _)
        | Kind::Episode(row, _)
        | Kind::Key(row)
        | Kind::IsAllele(row, _)
        | Kind::InRegion(row, _)
        | Kind::InCohort(row, _)
        | Kind::AgeAt(row, _)
        | Kind::Zygosity(row)
        | Kind::ConsentValid { row, .. }
        | Kind::Observed { subject: row, .. } => visit(row),
        Kind::Has(rows)
        | Kind::Counted(_, _, rows)
        | Kind::Pick { rows, .. }
        | Kind::Aggregate { rows, .. } => {
            visit(&rows.around);
        }
        Kind::Literal(_)
        | Kind::Null
        | Kind::Index(_)
        | Kind::Exit(..)
        | Kind::And(_)
        | Kind::Or(_)
        | Kind::Not(_)
        | Kind::Compare(..)
        | Kind::CompareQuantity { .. }
        | Kind::InCodes(..)
        | Kind::InGeneCodes { .. }
        | Kind::InValues(..)
        | Kind::InTable { .. }
        | Kind::IsKnown(_)
        | Kind::OrElse(..)
        | Kind::Case(..)
        | Kind::Arithmetic(..)
        | Kind::ToDecimal(_)
        | Kind::InUnit(..)
        | Kind::AddDays(..)
        | Kind::AddMonths(..)
        | Kind::DaysBetween(..)
        | Kind::MonthOf(_)
        | Kind::YearOf(_)
        | Kind::Band(..)
        | Kind::CountedOf(..) => {}
    });
}
