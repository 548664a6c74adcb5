//! Values that are known as intervals: partial dates, onsets as ages in days, an age at a partial date.
//!
//! No such value leaves this crate: a comparison becomes one of the ends that decides it, and is unknown
//! where they do not; `earliest` and `latest` read one end (language.md, section 4, "Dates" and
//! "Phenotypes"). An end that is null decides nothing by itself: an onset that is open at the top is still
//! after every day before its least one.

use super::expr::truth;
use super::literal::public;
use super::table::Building;
use super::{Checked, Checker};
use crate::query::{Arithmetic, Comparison, Expr, Kind, Row, TableBody, Value};
use crate::ty::Type;
use diag::{Code, Diagnostic};
use model::ColumnLabel;
use syntax::tree::{self, Argument, ExprKind, LiteralKind, Unit};
use text::Range;

/// The least and the greatest that a value can be, both of one type.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Ends {
    /// The least.
    pub(crate) earliest: Expr,
    /// The greatest.
    pub(crate) latest: Expr,
}

impl Ends {
    /// A value that is known.
    pub(crate) fn exact(value: Expr) -> Ends {
        Ends { earliest: value.clone(), latest: value }
    }

    /// Whether both ends are one expression.
    pub(crate) fn is_exact(&self) -> bool {
        self.earliest.kind == self.latest.kind
    }

    /// The same of both ends.
    pub(crate) fn map(self, change: impl Fn(Expr) -> Expr) -> Ends {
        Ends { earliest: change(self.earliest), latest: change(self.latest) }
    }

    pub(crate) fn label(&self) -> ColumnLabel {
        self.earliest.label.max(self.latest.label)
    }

    /// Its ends; once, if they are one.
    pub(crate) fn distinct(self) -> Vec<Expr> {
        if self.is_exact() { vec![self.earliest] } else { vec![self.earliest, self.latest] }
    }
}

/// The ends of what is an interval per current row; anything else is given back.
#[expect(clippy::result_large_err, reason = "what is given back is no error, and is looked at next")]
pub(crate) fn ends_of(checked: Checked) -> Result<Ends, Checked> {
    match checked {
        Checked::Between(ends, _) => Ok(*ends),
        Checked::Picked(rows, order, tail, at) => match *tail {
            Checked::Between(ends, _) => Ok(ends.map(|value| Expr {
                ty: value.ty.clone(),
                label: value.label,
                range: at,
                kind: Kind::Pick { rows: rows.clone(), order: order.clone(), value: Box::new(value) },
            })),
            tail => Err(Checked::Picked(rows, order, Box::new(tail), at)),
        },
        other => Err(other),
    }
}

/// A comparison of two values that lie between ends: true or false where every value of the one compares so
/// with every value of the other, else unknown.
pub(crate) fn decided(comparison: Comparison, left: &Ends, right: &Ends, range: Range) -> Kind {
    use Comparison::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual, NotEqual};
    if left.is_exact() && right.is_exact() {
        return Kind::Compare(comparison, Box::new(left.earliest.clone()), Box::new(right.earliest.clone()));
    }
    let test = |comparison, left: &Expr, right: &Expr| {
        let kind = Kind::Compare(comparison, Box::new(left.clone()), Box::new(right.clone()));
        truth(left.label.max(right.label), kind, range)
    };
    let (a, b) = (left, right);
    let arms = match comparison {
        Less => vec![
            (test(Less, &a.latest, &b.earliest), true),
            (test(GreaterOrEqual, &a.earliest, &b.latest), false),
        ],
        LessOrEqual => {
            vec![
                (test(LessOrEqual, &a.latest, &b.earliest), true),
                (test(Greater, &a.earliest, &b.latest), false),
            ]
        }
        Greater => vec![
            (test(Greater, &a.earliest, &b.latest), true),
            (test(LessOrEqual, &a.latest, &b.earliest), false),
        ],
        GreaterOrEqual => {
            vec![
                (test(GreaterOrEqual, &a.earliest, &b.latest), true),
                (test(Less, &a.latest, &b.earliest), false),
            ]
        }
        Equal | NotEqual => {
            // Each end of the one is where the opposite end of the other is: all four are one day.
            let both =
                vec![test(GreaterOrEqual, &a.earliest, &b.latest), test(LessOrEqual, &a.latest, &b.earliest)];
            let label = left.label().max(right.label());
            vec![
                (truth(label, Kind::And(both), range), comparison == Equal),
                (test(Less, &a.latest, &b.earliest), comparison == NotEqual),
                (test(Greater, &a.earliest, &b.latest), comparison == NotEqual),
            ]
        }
    };
    let value = |value| public(Kind::Literal(Value::Bool(value)), Type::Bool, range);
    let arms = arms.into_iter().map(|(when, then)| (when, value(then))).collect();
    Kind::Case(arms, Box::new(public(Kind::Null, Type::Bool, range)))
}

/// A comparison with something that is as wide as `first .. last` and is meant as a whole: an age of 3 years
/// lasts until the fourth birthday.
fn in_class(comparison: Comparison, value: &Ends, first: Expr, last: Expr, range: Range) -> Kind {
    use Comparison::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual, NotEqual};
    let with = |comparison, bound: &Expr| decided(comparison, value, &Ends::exact(bound.clone()), range);
    let both = || {
        let tests = [(GreaterOrEqual, &first), (LessOrEqual, &last)];
        Kind::And(
            tests.map(|(comparison, bound)| truth(value.label(), with(comparison, bound), range)).to_vec(),
        )
    };
    match comparison {
        Less | GreaterOrEqual => with(comparison, &first),
        LessOrEqual | Greater => with(comparison, &last),
        Equal => both(),
        NotEqual => Kind::Not(Box::new(truth(value.label(), both(), range))),
    }
}

/// The first day of an age in months of 365.25 / 12 = 487 / 16 days, as ages are loaded: there is no birth
/// date to count from.
fn day_of_month(months: i64) -> Option<i64> {
    months.checked_mul(487).map(|sixteenths| sixteenths / 16)
}

impl Checker<'_> {
    /// The value of an interval of a row.
    pub(crate) fn interval(&self, row: &Row, interval: &model::Interval, range: Range) -> Ends {
        let end = |column| {
            let value = self.column(row, column, range);
            if value.ty == Type::Int { Expr { ty: Type::AgeInDays, ..value } } else { value }
        };
        Ends { earliest: end(interval.earliest), latest: end(interval.latest) }
    }

    /// Whether an expression beside `show` is an interval of a table's row: what is asked of it is asked of
    /// the row, not of a released value.
    pub(crate) fn is_interval(&mut self, expr: &tree::Expr, building: &Building) -> bool {
        ends_of(self.read_from_row(expr, building)).is_ok()
    }

    /// What an expression beside `show` is of a table's row; an error, which is not said, where it is nothing of it.
    pub(crate) fn read_from_row(&mut self, expr: &tree::Expr, building: &Building) -> Checked {
        let of_rows =
            building.regroup.is_none() && matches!(building.body, Some(TableBody::Rows { .. }) | None);
        // Only what is read from a row can be one.
        let read = matches!(expr.kind, ExprKind::Call(_) | ExprKind::Member { .. } | ExprKind::At { .. });
        if !of_rows || !read {
            return Checked::Error;
        }
        self.frames.push(building.frame.clone());
        let checked = self.peek(expr);
        self.frames.pop();
        checked
    }

    /// The day that windows test, as far as it is known.
    pub(crate) fn day_of(&self, row: &Row, range: Range) -> Option<Ends> {
        let (start, _) = self.days_of(row, range)?;
        let latest = self.model().entity(row.entity).dated_by.and_then(|dated| dated.latest);
        Some(match latest {
            Some(latest) if !self.is_episode(row) => {
                Ends { earliest: start, latest: self.column(row, latest, range) }
            }
            Some(_) | None => Ends::exact(start),
        })
    }

    /// Whether rows have days that may be known by the month or year only: such rows have no order of days.
    pub(crate) fn partly_dated(&mut self, row: &Row, what: &str, range: Range) -> bool {
        let entity = self.model().entity(row.entity);
        if self.is_episode(row) || entity.dated_by.is_none_or(|dated| dated.latest.is_none()) {
            return false;
        }
        let message =
            format!("the day of {} may be known by its month or year only, so {what}", entity.plural);
        self.report(
            Diagnostic::error(Code("E0162"), message, range, "which day?")
                .note("`dated by` of the model names an interval of dates")
                .help("a window compares each row with a date, and is unknown where its interval does not decide"),
        );
        true
    }

    /// An interval where one value was expected.
    pub(crate) fn two_ends(&mut self, ends: &Ends, range: Range) {
        let what = match ends.earliest.ty {
            Type::Date => "a date of which only the month or the year may be known",
            Type::Age => "an age at such a date",
            _ => "an age of which only a range may be known",
        };
        let words = self.words_at(range).to_owned();
        let diagnostic = Diagnostic::error(
            Code("E0160"),
            format!("this is {what}, and one value was expected"),
            range,
            "an interval",
        )
        .note("an interval is compared as it is, and where it does not decide the comparison is unknown");
        // An age is decided by deciding the date.
        let fits = ends.earliest.ty != Type::Age && !words.is_empty() && !words.contains('\n');
        self.report(if fits {
            ["earliest", "latest"].into_iter().fold(diagnostic, |diagnostic, end| {
                let written = format!("{end}({words})");
                diagnostic.likely(format!("write `{written}`"), vec![(range, written)])
            })
        } else {
            diagnostic.help("`earliest(…)` and `latest(…)` are its ends")
        });
    }

    /// `earliest(d)`, `latest(d)`
    pub(crate) fn an_end(&mut self, name: &str, arguments: &[Argument], range: Range) -> Checked {
        let [argument] = arguments else {
            self.error(
                "E0113",
                format!("`{name}` takes one interval"),
                range,
                format!("{} arguments", arguments.len()),
            );
            return Checked::Error;
        };
        let at = self.range(argument.value.span);
        let checked = self.expr(&argument.value, None);
        self.end_of(name, checked, at)
    }

    fn end_of(&mut self, name: &str, checked: Checked, range: Range) -> Checked {
        match checked {
            Checked::Between(ends, _) => {
                Checked::One(if name == "earliest" { ends.earliest } else { ends.latest })
            }
            Checked::Picked(rows, order, tail, at) => match self.end_of(name, *tail, range) {
                Checked::Error => Checked::Error,
                tail => Checked::Picked(rows, order, Box::new(tail), at),
            },
            Checked::Many(rows, tail) => match self.end_of(name, *tail, range) {
                Checked::Error => Checked::Error,
                tail => Checked::Many(rows, Box::new(tail)),
            },
            // A day that is known is both.
            Checked::One(value) if matches!(value.ty, Type::Date | Type::AgeInDays) => Checked::One(value),
            Checked::One(Expr { kind: Kind::Literal(Value::Date(day)), ty: Type::Month, label, range }) => {
                let day = if name == "earliest" { day } else { day.last_of_month() };
                Checked::One(Expr { kind: Kind::Literal(Value::Date(day)), ty: Type::Date, label, range })
            }
            Checked::Error => Checked::Error,
            other => {
                let what = match &other {
                    Checked::One(value) => value.ty.to_string(),
                    _ => "no value".to_owned(),
                };
                self.report(
                    Diagnostic::error(
                        Code("E0163"),
                        format!("`{name}` takes a date or an age that may be known as an interval, and this is {what}"),
                        range,
                        "not an interval",
                    )
                    .help("for the first or last of many rows write `first(R).column`, `last(R).column`"),
                );
                Checked::Error
            }
        }
    }

    /// An interval on the left.
    pub(crate) fn compare_interval(
        &mut self,
        comparison: Comparison,
        left: Ends,
        right: &tree::Expr,
        right_range: Range,
        range: Range,
    ) -> Checked {
        let ty = left.earliest.ty.clone();
        let kind = match ends_of(self.expr(right, Some(&ty))) {
            Ok(ends) if ends.earliest.ty == ty => {
                let label = left.label().max(ends.label());
                return Checked::One(truth(label, decided(comparison, &left, &ends, range), range));
            }
            Ok(ends) => self
                .compared(comparison, left.earliest, ends.earliest, range)
                .map(|kind| (left.latest.label, kind)),
            Err(checked) => {
                let Some(bound) = self.one(checked, right_range) else { return Checked::Error };
                let label = left.label().max(bound.label);
                self.against(comparison, left, bound, right, range).map(|kind| (label, kind))
            }
        };
        kind.map_or(Checked::Error, |(label, kind)| Checked::One(truth(label, kind, range)))
    }

    /// An interval against something else; `written` is how that was written.
    pub(crate) fn against(
        &mut self,
        comparison: Comparison,
        value: Ends,
        bound: Expr,
        written: &tree::Expr,
        range: Range,
    ) -> Option<Kind> {
        let exact = |bound: Expr| Some(decided(comparison, &value, &Ends::exact(bound), range));
        match (&value.earliest.ty, &bound.ty) {
            (Type::Date, Type::Date)
            | (Type::AgeInDays, Type::AgeInDays | Type::Days)
            | (Type::Age, Type::Age) => exact(bound),
            (Type::Date, Type::Month) => Some(decided(comparison, &value, &month(bound), range)),
            (Type::Age, Type::Months) => {
                // Says what is wrong with a part of a year.
                self.years(comparison, value.earliest.clone(), bound.clone())?;
                let Kind::Literal(Value::Int(months)) = bound.kind else { return exact(bound) };
                exact(public(Kind::Literal(Value::Int(months / 12)), Type::Age, bound.range))
            }
            (Type::AgeInDays, Type::Months) => {
                let Kind::Literal(Value::Int(months)) = bound.kind else {
                    self.error(
                        "E0208",
                        "an age in days is compared with an age that is written, or with days",
                        bound.range,
                        "computed months",
                    );
                    return None;
                };
                let width = if in_years(written, months) { 12 } else { 1 };
                let first = day_of_month(months);
                let last = months.checked_add(width).and_then(day_of_month).map(|next| next - 1);
                let (Some(first), Some(last)) = (first, last) else {
                    self.error(
                        "E0205",
                        "this age is too great",
                        bound.range,
                        "so many days cannot be counted",
                    );
                    return None;
                };
                let day = |day| public(Kind::Literal(Value::Int(day)), Type::AgeInDays, bound.range);
                Some(in_class(comparison, &value, day(first), day(last), range))
            }
            // Neither is one of the above, so that this says why they do not compare.
            (_, _) => self.compared(comparison, value.earliest, bound, range),
        }
    }
}

/// The days of a month.
pub(crate) fn month(month: Expr) -> Ends {
    let range = month.range;
    let first = Expr { ty: Type::Date, ..month };
    let last = match first.kind {
        Kind::Literal(Value::Date(day)) => {
            Expr { kind: Kind::Literal(Value::Date(day.last_of_month())), ..first.clone() }
        }
        _ => {
            let one = |ty| public(Kind::Literal(Value::Int(1)), ty, range);
            let zero = public(Kind::Literal(Value::Int(0)), Type::Int, range);
            let next = Kind::AddMonths(Box::new(first.clone()), Box::new(one(Type::Months)));
            let back = Kind::Arithmetic(Arithmetic::Subtract, Box::new(zero), Box::new(one(Type::Days)));
            let next = Expr { kind: next, ..first.clone() };
            let back = public(back, Type::Days, range);
            Expr { kind: Kind::AddDays(Box::new(next), Box::new(back)), ..first.clone() }
        }
    };
    Ends { earliest: first, latest: last }
}

/// Whether a number of months was written as years.
fn in_years(written: &tree::Expr, months: i64) -> bool {
    match &written.kind {
        ExprKind::Literal(tree::Literal { kind: LiteralKind::Quantity { unit, .. }, .. }) => {
            *unit == Unit::Year
        }
        ExprKind::Group(inner) if inner.len() == 1 => in_years(&inner[0], months),
        _ => months % 12 == 0,
    }
}
