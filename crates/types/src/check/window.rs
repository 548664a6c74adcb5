//! Windows: they narrow rows by their declared date, and test values that are dates. Either way they
//! become comparisons.

use super::expr::truth;
use super::interval::{Ends, decided, ends_of};
use super::literal::public;
use super::{Checked, Checker};
use crate::query::{Comparison, Expr, Kind, Rows, Value};
use crate::ty::Type;
use diag::{Code, Diagnostic};
use syntax::tree::{self, Side, WindowKind};
use text::Range;

impl Checker<'_> {
    /// Applies windows to rows (narrowing them) or to a date (testing it).
    pub(crate) fn windows(&mut self, checked: Checked, windows: &[tree::Window], range: Range) -> Checked {
        match checked {
            Checked::Many(mut rows, tail) => {
                for window in windows {
                    if self.window_on_rows(&mut rows, window).is_none() {
                        return Checked::Error;
                    }
                }
                Checked::Many(rows, tail)
            }
            Checked::Error => Checked::Error,
            other => {
                let value = match ends_of(other) {
                    Ok(ends) => ends,
                    Err(other) => match self.one(other, range) {
                        Some(value) => Ends::exact(value),
                        None => return Checked::Error,
                    },
                };
                if value.earliest.ty != Type::Date {
                    self.error(
                        "E0213",
                        format!("a window tests a date, and this is {}", value.earliest.ty),
                        value.earliest.range,
                        "not a date",
                    );
                    return Checked::Error;
                }
                let mut tests = Vec::new();
                for window in windows {
                    let at = self.range(window.span);
                    match self.window(&value, window, at) {
                        Some((test, _)) => tests.extend(test),
                        None => return Checked::Error,
                    }
                }
                let label = super::expr::join(&tests).max(value.label());
                Checked::One(truth(label, Kind::And(tests), range))
            }
        }
    }

    fn window_on_rows(&mut self, rows: &mut Rows, window: &tree::Window) -> Option<()> {
        let at = self.range(window.span);
        match &window.kind {
            WindowKind::DifferentDays | WindowKind::EachOther(_)
                if rows
                    .steps
                    .last()
                    .map(|step| step.row.clone())
                    .is_some_and(|row| self.partly_dated(&row, "rows are not told apart by it", at)) =>
            {
                return None;
            }
            WindowKind::DifferentDays => {
                rows.each_other.different_days = true;
                return Some(());
            }
            WindowKind::EachOther(length) => {
                let length = self.length(length)?;
                rows.each_other.within = Some(Box::new(length));
                return Some(());
            }
            WindowKind::Side { .. }
            | WindowKind::On(_)
            | WindowKind::During(..)
            | WindowKind::Within { .. }
            | WindowKind::Around { .. } => {}
        }
        let row = rows.steps.last()?.row.clone();
        let entity = self.model().entity(row.entity);
        let Some(date) = self.day_of(&row, at) else {
            let name = entity.plural.clone();
            self.report(
                Diagnostic::error(
                    Code("E0213"),
                    format!("{name} have no date, so a window cannot choose among them"),
                    at,
                    "a window",
                )
                .note("the model declares with `dated by` which column windows test"),
            );
            return None;
        };
        // An episode always has a first day.
        let outside = entity.undated_outside
            && !self.is_episode(&row)
            && entity.dated_by.is_some_and(|dated| entity.column(dated.start).optional);
        let (mut tests, bounds) = self.window(&date, window, at)?;
        if outside {
            // Known to be false instead of unknown.
            let known = |end| truth(date.label(), Kind::IsKnown(Box::new(end)), at);
            for (place, end) in date.clone().distinct().into_iter().enumerate() {
                tests.insert(place, known(end));
            }
        }
        let step = rows.steps.last_mut()?;
        step.conditions.extend(tests);
        step.bounds.extend(bounds);
        Some(())
    }

    /// The tests that a window makes of a date, and its bounds.
    fn window(&mut self, date: &Ends, window: &tree::Window, at: Range) -> Option<(Vec<Expr>, Vec<Expr>)> {
        use Comparison::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual};
        let test = |comparison, bound: &Ends| {
            truth(date.label().max(bound.label()), decided(comparison, date, bound, at), at)
        };
        let (tests, bounds) = match &window.kind {
            WindowKind::Side { inclusive, side, date: bound } => {
                let (first, last) = self.day_bound(bound)?;
                let (comparison, bound) = match (side, inclusive) {
                    (Side::Before, false) => (Less, first),
                    (Side::Before, true) => (LessOrEqual, last),
                    (Side::After, false) => (Greater, last),
                    (Side::After, true) => (GreaterOrEqual, first),
                };
                (vec![test(comparison, &bound)], vec![bound])
            }
            WindowKind::On(bound) => {
                let (first, last) = self.day_bound(bound)?;
                if first == last {
                    (vec![test(Equal, &first)], vec![first])
                } else {
                    (vec![test(GreaterOrEqual, &first), test(LessOrEqual, &last)], vec![first, last])
                }
            }
            WindowKind::During(from, to) => {
                let (first, last_of_first) = self.day_bound(from)?;
                let last = match to {
                    Some(to) => self.day_bound(to)?.1,
                    None => last_of_first,
                };
                if let (Kind::Literal(Value::Date(a)), Kind::Literal(Value::Date(b))) =
                    (&first.earliest.kind, &last.latest.kind)
                    && a > b
                {
                    self.error("E0215", "this window ends before it starts", at, "no day is in it");
                    return None;
                }
                (vec![test(GreaterOrEqual, &first), test(LessOrEqual, &last)], vec![first, last])
            }
            WindowKind::Within { length, inclusive, side, date: bound } => {
                let length = self.length(length)?;
                let (first, last) = self.day_bound(bound)?;
                match side {
                    Side::Before => {
                        let from = first.clone().map(|day| self.shifted(&day, &length, true));
                        let to = if *inclusive { LessOrEqual } else { Less };
                        let end = if *inclusive { last } else { first };
                        (vec![test(GreaterOrEqual, &from), test(to, &end)], vec![from, end])
                    }
                    Side::After => {
                        let until = last.clone().map(|day| self.shifted(&day, &length, false));
                        let from = if *inclusive { GreaterOrEqual } else { Greater };
                        let start = if *inclusive { first } else { last };
                        (vec![test(from, &start), test(LessOrEqual, &until)], vec![start, until])
                    }
                }
            }
            WindowKind::Around { length, date: bound } => {
                let length = self.length(length)?;
                let (first, last) = self.day_bound(bound)?;
                let from = first.clone().map(|day| self.shifted(&day, &length, true));
                let until = last.clone().map(|day| self.shifted(&day, &length, false));
                (vec![test(GreaterOrEqual, &from), test(LessOrEqual, &until)], vec![from, until])
            }
            WindowKind::DifferentDays | WindowKind::EachOther(_) => {
                self.report(
                    Diagnostic::error(
                        Code("E0216"),
                        "this relates rows to each other, and there is one value here",
                        at,
                        "of a count only",
                    )
                    .help("it belongs to a count: `at least 2 visits on different days`"),
                );
                return None;
            }
        };
        Some((tests, bounds.into_iter().flat_map(Ends::distinct).collect()))
    }

    /// First and last day of a bound, each as far as it is known: the same for a day, apart for a month.
    fn day_bound(&mut self, expr: &tree::Expr) -> Option<(Ends, Ends)> {
        let range = self.range(expr.span);
        match ends_of(self.expr(expr, Some(&Type::Date))) {
            Ok(ends) if ends.earliest.ty == Type::Date => Some((ends.clone(), ends)),
            Ok(ends) => {
                self.error(
                    "E0213",
                    format!("a window is bounded by a date, and this is {}", ends.earliest.ty),
                    range,
                    "not a date",
                );
                None
            }
            Err(checked) => {
                let bound = self.one(checked, range)?;
                let (first, last) = self.days_in(bound)?;
                Some((Ends::exact(first), Ends::exact(last)))
            }
        }
    }

    /// First and last day of a bound: the same for a day, apart for a month.
    pub(crate) fn days(&mut self, expr: &tree::Expr) -> Option<(Expr, Expr)> {
        let bound = self.value(expr, Some(&Type::Date))?;
        self.days_in(bound)
    }

    pub(crate) fn days_in(&mut self, bound: Expr) -> Option<(Expr, Expr)> {
        match bound.ty {
            Type::Date => Some((bound.clone(), bound)),
            Type::Month => {
                let first = Expr { ty: Type::Date, ..bound.clone() };
                let Kind::Literal(Value::Date(date)) = bound.kind else {
                    self.error(
                        "E0213",
                        "a month that is computed cannot bound a window",
                        bound.range,
                        "a month",
                    );
                    return None;
                };
                let last = Expr {
                    kind: Kind::Literal(Value::Date(date.last_of_month())),
                    ty: Type::Date,
                    ..first.clone()
                };
                Some((first, last))
            }
            ty => {
                self.error(
                    "E0213",
                    format!("a window is bounded by a date, and this is {ty}"),
                    bound.range,
                    "not a date",
                );
                None
            }
        }
    }

    /// A length of time: days or calendar months.
    pub(crate) fn length(&mut self, expr: &tree::Expr) -> Option<Expr> {
        let length = self.value(expr, None)?;
        if matches!(length.ty, Type::Days | Type::Months) {
            return Some(length);
        }
        self.report(
            Diagnostic::error(
                Code("E0214"),
                format!("a length of time was expected, and this is {}", length.ty),
                length.range,
                "how long?",
            )
            .help("write a number with `days`, `weeks`, `months` or `years`"),
        );
        None
    }

    /// A date moved by a length.
    #[expect(clippy::unused_self, reason = "reads as one of the steps above")]
    pub(crate) fn shifted(&self, date: &Expr, length: &Expr, back: bool) -> Expr {
        let range = date.range;
        let length = if back {
            match length.kind {
                Kind::Literal(Value::Int(int)) => {
                    Expr { kind: Kind::Literal(Value::Int(-int)), ..length.clone() }
                }
                _ => Expr {
                    kind: Kind::Arithmetic(
                        crate::query::Arithmetic::Subtract,
                        Box::new(public(Kind::Literal(Value::Int(0)), Type::Int, range)),
                        Box::new(length.clone()),
                    ),
                    ..length.clone()
                },
            }
        } else {
            length.clone()
        };
        let label = date.label.max(length.label);
        let kind = if length.ty == Type::Days {
            Kind::AddDays(Box::new(date.clone()), Box::new(length))
        } else {
            Kind::AddMonths(Box::new(date.clone()), Box::new(length))
        };
        Expr { kind, ty: Type::Date, label, range }
    }
}
