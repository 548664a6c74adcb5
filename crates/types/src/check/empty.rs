//! The empty person: a key and nothing else. A cohort that is true for it would count people of whom
//! nothing was ever recorded (language.md, section 5), so it is refused.
//!
//! Rules are computed for that person: columns are null, there are no rows, and every sample is missing.
//! What cannot be computed here counts as not true.

use super::Checker;
use crate::number::Number;
use crate::query::{
    AggregateFunction, Arithmetic, Cohort, CohortSource, Comparison, Count, Expr, Kind, Rows, RowsSource,
    Value,
};
use diag::{Code, Diagnostic};
use jiff::civil::Date;
use std::cmp::Ordering;

/// A value of the empty person.
#[derive(Clone, Debug, PartialEq)]
enum Found {
    Null,
    Bool(bool),
    Number(Number),
    Date(Date),
    /// Not computed here.
    Other,
}

impl Checker<'_> {
    /// Refuses a cohort that the empty person is a member of.
    pub(crate) fn nobody_of_nothing(&mut self, cohort: &Cohort) {
        // Nobody is in a cohort that was accepted, and a key of a match that is null is near to nobody.
        if cohort.source != CohortSource::Subjects || cohort.matched.is_some() {
            return;
        }
        let index = match &cohort.index {
            None => Found::Null,
            Some(index) if index.rows.is_some() => return,
            Some(index) => match value(&index.date, &Found::Null) {
                Found::Null => return,
                date => date,
            },
        };
        if !cohort.rules.iter().all(|rule| value(&rule.condition, &index) == Found::Bool(true)) {
            return;
        }
        let diagnostic = Diagnostic::error(
            Code("E0221"),
            format!("`{}` would hold people of whom nothing is recorded", cohort.name),
            cohort.range,
            "true for somebody without any data",
        )
        .note("that nothing was found of somebody who was never looked at says nothing");
        let diagnostic = match cohort.rules.last() {
            Some(rule) => diagnostic.label(rule.range, "true also where there are no rows at all"),
            None => diagnostic,
        };
        self.report(
            diagnostic
                .help("say that the person was seen: `where observed 365 days before …`, `where has sample`, or a column that `is known`"),
        );
    }
}

fn literal(value: &Value) -> Found {
    match value {
        Value::Bool(value) => Found::Bool(*value),
        Value::Int(value) => Found::Number(Number::int(*value)),
        Value::Number(value) => Found::Number(*value),
        Value::Date(value) => Found::Date(*value),
        Value::Text(_) => Found::Other,
    }
}

fn value(expr: &Expr, index: &Found) -> Found {
    let of = |expr: &Expr| value(expr, index);
    match &expr.kind {
        Kind::Literal(known) => literal(known),
        Kind::Null
        | Kind::Column(..)
        | Kind::Episode(..)
        | Kind::AgeAt(..)
        | Kind::Zygosity(_)
        | Kind::Pick { .. }
        | Kind::CompareQuantity { .. } => Found::Null,
        Kind::Key(_) | Kind::IsAllele(..) | Kind::InRegion(..) => Found::Other,
        Kind::Index(_) => index.clone(),
        Kind::Exit(..) => {
            if *index == Found::Null {
                Found::Null
            } else {
                Found::Other
            }
        }
        Kind::And(parts) => junction(parts.iter().map(of), false),
        Kind::Or(parts) => junction(parts.iter().map(of), true),
        Kind::Not(inner) => match of(inner) {
            Found::Bool(value) => Found::Bool(!value),
            other => other,
        },
        Kind::Compare(comparison, left, right) => compare(*comparison, &of(left), &of(right)),
        // Two-valued: a null code is in no set, and nobody is in a cohort that was accepted.
        Kind::InCodes(..) | Kind::InGeneCodes { .. } | Kind::InCohort(..) => Found::Bool(false),
        Kind::InValues(inner, _) | Kind::InTable { value: inner, .. } => null_or_other(&[of(inner)]),
        Kind::IsKnown(inner) => match of(inner) {
            Found::Other => Found::Other,
            known => Found::Bool(known != Found::Null),
        },
        Kind::OrElse(inner, otherwise) => match of(inner) {
            Found::Null => literal(otherwise),
            known => known,
        },
        Kind::Case(arms, otherwise) => {
            for (when, then) in arms {
                match of(when) {
                    Found::Bool(true) => return of(then),
                    Found::Bool(false) | Found::Null => {}
                    Found::Number(_) | Found::Date(_) | Found::Other => return Found::Other,
                }
            }
            of(otherwise)
        }
        Kind::Arithmetic(operator, left, right) => match (of(left), of(right)) {
            (Found::Null, _) | (_, Found::Null) => Found::Null,
            (Found::Number(left), Found::Number(right)) => {
                let sum = match operator {
                    Arithmetic::Add => left.0.checked_add(right.0),
                    Arithmetic::Subtract => left.0.checked_sub(right.0),
                    Arithmetic::Multiply | Arithmetic::Divide => None,
                };
                sum.map_or(Found::Other, |sum| Found::Number(Number(sum)))
            }
            (_, _) => Found::Other,
        },
        Kind::ToDecimal(inner) | Kind::InUnit(inner, _) => of(inner),
        Kind::AddDays(left, right) | Kind::AddMonths(left, right) | Kind::DaysBetween(left, right) => {
            null_or_other(&[of(left), of(right)])
        }
        Kind::MonthOf(inner) | Kind::YearOf(inner) | Kind::Band(inner, _) => null_or_other(&[of(inner)]),
        Kind::Has(rows) => counted(Count::AtLeast, 1, rows, index),
        Kind::Counted(count, bound, rows) => counted(*count, *bound, rows, index),
        Kind::CountedOf(count, bound, parts) => {
            let parts: Vec<Found> = parts.iter().map(of).collect();
            if parts.iter().any(|part| !matches!(part, Found::Bool(_))) {
                return Found::Other;
            }
            let yes = parts.iter().filter(|part| **part == Found::Bool(true)).count();
            Found::Bool(reached(*count, i64::try_from(yes).unwrap_or(i64::MAX), *bound))
        }
        Kind::Aggregate { function: AggregateFunction::Count, .. } => Found::Number(Number::int(0)),
        Kind::Aggregate { .. } => Found::Null,
        Kind::Observed { from, to, .. } => {
            if of(from) == Found::Null || of(to) == Found::Null {
                Found::Null
            } else {
                Found::Bool(false)
            }
        }
        // Whoever is there has consented; what else somebody consented to is not known of the empty person.
        Kind::ConsentValid { at, purpose, .. } => Found::Bool(at.is_none() && purpose.is_none()),
    }
}

fn junction(parts: impl Iterator<Item = Found>, decides: bool) -> Found {
    let mut found = Found::Bool(!decides);
    for part in parts {
        match part {
            Found::Bool(value) if value == decides => return Found::Bool(decides),
            Found::Bool(_) => {}
            Found::Other => found = Found::Other,
            Found::Null | Found::Number(_) | Found::Date(_) => {
                if found != Found::Other {
                    found = Found::Null;
                }
            }
        }
    }
    found
}

fn null_or_other(parts: &[Found]) -> Found {
    if parts.contains(&Found::Null) { Found::Null } else { Found::Other }
}

fn compare(comparison: Comparison, left: &Found, right: &Found) -> Found {
    let order = match (left, right) {
        (Found::Null, _) | (_, Found::Null) => return Found::Null,
        (Found::Bool(left), Found::Bool(right)) => left.cmp(right),
        (Found::Number(left), Found::Number(right)) => left.cmp(right),
        (Found::Date(left), Found::Date(right)) => left.cmp(right),
        (_, _) => return Found::Other,
    };
    Found::Bool(match comparison {
        Comparison::Equal => order == Ordering::Equal,
        Comparison::NotEqual => order != Ordering::Equal,
        Comparison::Less => order == Ordering::Less,
        Comparison::LessOrEqual => order != Ordering::Greater,
        Comparison::Greater => order == Ordering::Greater,
        Comparison::GreaterOrEqual => order != Ordering::Less,
    })
}

/// A count of no rows; unknown while a bound of a window is null, and of carried alleles, which nobody
/// looked for.
fn counted(count: Count, bound: i64, rows: &Rows, index: &Found) -> Found {
    let unsettled = rows.steps.iter().any(|step| {
        matches!(step.source, RowsSource::Carried { .. } | RowsSource::Inherited(_))
            || step.bounds.iter().any(|bound| value(bound, index) == Found::Null)
    });
    match (count, unsettled) {
        (Count::AtLeast, true) if bound <= 0 => Found::Bool(true),
        (_, true) => Found::Null,
        (_, false) => Found::Bool(reached(count, 0, bound)),
    }
}

fn reached(count: Count, yes: i64, bound: i64) -> bool {
    match count {
        Count::AtLeast => yes >= bound,
        Count::AtMost => yes <= bound,
        Count::Exactly => yes == bound,
    }
}
