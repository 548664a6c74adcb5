//! Windows: they narrow rows by their declared date, and test values that are dates. Either way they
//! become comparisons.

use super::expr::truth;
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
                let Some(value) = self.one(other, range) else { return Checked::Error };
                if value.ty != Type::Date {
                    self.error(
                        "E0213",
                        format!("a window tests a date, and this is {}", value.ty),
                        value.range,
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
                let label = super::expr::join(&tests).max(value.label);
                Checked::One(truth(label, Kind::And(tests), range))
            }
        }
    }

    fn window_on_rows(&mut self, rows: &mut Rows, window: &tree::Window) -> Option<()> {
        let at = self.range(window.span);
        match &window.kind {
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
        let Some((date, _)) = self.days_of(&row, at) else {
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
            tests.insert(0, truth(date.label, Kind::IsKnown(Box::new(date.clone())), at));
        }
        let step = rows.steps.last_mut()?;
        step.conditions.extend(tests);
        step.bounds.extend(bounds);
        Some(())
    }

    /// The tests that a window makes of a date, and its bounds.
    fn window(&mut self, date: &Expr, window: &tree::Window, at: Range) -> Option<(Vec<Expr>, Vec<Expr>)> {
        use Comparison::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual};
        let test = |comparison, bound: &Expr| {
            truth(
                date.label.max(bound.label),
                Kind::Compare(comparison, Box::new(date.clone()), Box::new(bound.clone())),
                at,
            )
        };
        Some(match &window.kind {
            WindowKind::Side { inclusive, side, date: bound } => {
                let (first, last) = self.days(bound)?;
                let (comparison, bound) = match (side, inclusive) {
                    (Side::Before, false) => (Less, first),
                    (Side::Before, true) => (LessOrEqual, last),
                    (Side::After, false) => (Greater, last),
                    (Side::After, true) => (GreaterOrEqual, first),
                };
                (vec![test(comparison, &bound)], vec![bound])
            }
            WindowKind::On(bound) => {
                let (first, last) = self.days(bound)?;
                if first == last {
                    (vec![test(Equal, &first)], vec![first])
                } else {
                    (vec![test(GreaterOrEqual, &first), test(LessOrEqual, &last)], vec![first, last])
                }
            }
            WindowKind::During(from, to) => {
                let (first, last_of_first) = self.days(from)?;
                let last = match to {
                    Some(to) => self.days(to)?.1,
                    None => last_of_first,
                };
                if let (Kind::Literal(Value::Date(a)), Kind::Literal(Value::Date(b))) =
                    (&first.kind, &last.kind)
                    && a > b
                {
                    self.error("E0215", "this window ends before it starts", at, "no day is in it");
                    return None;
                }
                (vec![test(GreaterOrEqual, &first), test(LessOrEqual, &last)], vec![first, last])
            }
            WindowKind::Within { length, inclusive, side, date: bound } => {
                let length = self.length(length)?;
                let (first, last) = self.days(bound)?;
                match side {
                    Side::Before => {
                        let from = self.shifted(&first, &length, true);
                        let to = if *inclusive { LessOrEqual } else { Less };
                        let end = if *inclusive { last } else { first };
                        (vec![test(GreaterOrEqual, &from), test(to, &end)], vec![from, end])
                    }
                    Side::After => {
                        let until = self.shifted(&last, &length, false);
                        let from = if *inclusive { GreaterOrEqual } else { Greater };
                        let start = if *inclusive { first } else { last };
                        (vec![test(from, &start), test(LessOrEqual, &until)], vec![start, until])
                    }
                }
            }
            WindowKind::Around { length, date: bound } => {
                let length = self.length(length)?;
                let (first, last) = self.days(bound)?;
                let from = self.shifted(&first, &length, true);
                let until = self.shifted(&last, &length, false);
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
        })
    }

    /// First and last day of a bound: the same for a day, apart for a month.
    pub(crate) fn days(&mut self, expr: &tree::Expr) -> Option<(Expr, Expr)> {
        let bound = self.value(expr, Some(&Type::Date))?;
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
