//! The functions of the language: picks, aggregates of rows, bands, parts of dates.

use super::scope::Frame;
use super::{Checked, Checker};
use crate::fraction::Fraction;
use crate::query::{AggregateFunction, Expr, Kind, PickOrder, Rows, RowsSource, Value};
use crate::ty::Type;
use diag::{Code, Diagnostic};
use syntax::tree::{self, Argument};
use text::Range;

impl Checker<'_> {
    /// The value of a call, if its name is a function's.
    pub(crate) fn function(&mut self, call: &tree::Call, arguments: &[Argument]) -> Option<Checked> {
        let range = self.range(call.span);
        let name = call.name.text.as_str();
        if call.name.quoted {
            return None;
        }
        Some(match name {
            "first" | "last" | "nth" => self.pick(name, arguments, range),
            "count" => self.aggregate(AggregateFunction::Count, arguments, range),
            "sum" => self.aggregate(AggregateFunction::Sum, arguments, range),
            "mean" => self.aggregate(AggregateFunction::Mean, arguments, range),
            "median" => self.aggregate(AggregateFunction::Median, arguments, range),
            "quantile" => match self.quantile(arguments, range) {
                Some((function, argument)) => self.aggregate(function, argument, range),
                None => Checked::Error,
            },
            "min" => self.aggregate(AggregateFunction::Min, arguments, range),
            "max" => self.aggregate(AggregateFunction::Max, arguments, range),
            "share" | "wilson" => {
                self.report(
                    Diagnostic::error(
                        Code("E0305"),
                        format!("`{name}` is taken over the rows of a group"),
                        range,
                        "there is no group here",
                    )
                    .help("use it in `show` after `group by`"),
                );
                Checked::Error
            }
            "previous" => self.no_series(range),
            "fisher" => {
                self.test_of_rows(range);
                Checked::Error
            }
            "episodes" | "eras" => self.episodes(name, arguments, range),
            "band" => self.band(arguments, range),
            "inherited" => self.inherited(arguments, call.span),
            "month" => self.part(arguments, range, Type::Month),
            "year" => self.part(arguments, range, Type::Int),
            "hgvs" if matches!(arguments, [one] if matches!(one.value.kind, tree::ExprKind::Literal(_))) => {
                match &arguments[0].value.kind {
                    tree::ExprKind::Literal(tree::Literal {
                        kind: tree::LiteralKind::Text(text), ..
                    }) => self.named_alleles(text, range),
                    _ => {
                        self.error("E0113", "`hgvs` takes the expression in quotes", range, "not text");
                        Checked::Error
                    }
                }
            }
            "earliest" | "latest" => self.an_end(name, arguments, range),
            _ => return None,
        })
    }

    /// `first(R)`, `last(R by E)`, `nth(R, n)`
    fn pick(&mut self, name: &str, arguments: &[Argument], range: Range) -> Checked {
        let (rows_argument, nth) = match (name, arguments) {
            ("nth", [rows, nth]) => {
                let value = self.value(&nth.value, Some(&Type::Int));
                match value.as_ref().and_then(super::member::literal_of) {
                    Some(Value::Int(nth)) if *nth >= 1 => (rows, *nth),
                    _ => {
                        self.error("E0113", "`nth` takes rows and a number from 1", range, "`nth(R, 2)`");
                        return Checked::Error;
                    }
                }
            }
            ("first" | "last", [rows]) => (rows, 1),
            _ => {
                self.error(
                    "E0113",
                    format!("`{name}` takes rows"),
                    range,
                    format!("{} arguments", arguments.len()),
                );
                return Checked::Error;
            }
        };
        let checked = self.expr(&rows_argument.value, None);
        let (rows, tail) = match checked {
            Checked::Many(rows, tail) => (rows, tail),
            Checked::Error => return Checked::Error,
            _ => {
                let at = self.range(rows_argument.value.span);
                self.error(
                    "E0301",
                    format!("`{name}` takes one of many rows, and this is not many"),
                    at,
                    "not rows",
                );
                return Checked::Error;
            }
        };
        if !matches!(*tail, Checked::Row(..)) {
            let at = self.range(rows_argument.value.span);
            self.report(
                Diagnostic::error(
                    Code("E0301"),
                    format!("`{name}` picks a row, and this is a column"),
                    at,
                    "a column",
                )
                .help(format!("read the column of the picked row: `{name}(R).column`")),
            );
            return Checked::Error;
        }
        let (by, descending) = match &rows_argument.by {
            Some((by, descending)) => {
                let Some(by) = self.inside_rows(&rows, |checker| checker.value(by, None)) else {
                    return Checked::Error;
                };
                (Some(Box::new(by)), *descending)
            }
            None => {
                let entity = rows.steps.last().map(|step| self.model().entity(step.row.entity));
                if entity.is_some_and(|entity| entity.dated_by.is_none()) {
                    let plural = entity.map_or("", |entity| entity.plural.as_str());
                    self.report(
                        Diagnostic::error(
                            Code("E0306"),
                            format!("{plural} have no date, so there is no {name} of them"),
                            range,
                            "which order?",
                        )
                        .help("give the order: `first(R by column)`"),
                    );
                    return Checked::Error;
                }
                (None, false)
            }
        };
        let descending = if name == "last" { !descending } else { descending };
        Checked::Picked(rows, PickOrder { by, descending, nth }, tail, range)
    }

    /// Checks something in the scope of one of the rows.
    pub(crate) fn inside_rows<T>(&mut self, rows: &Rows, check: impl FnOnce(&mut Self) -> T) -> T {
        let step = rows.steps.last();
        let call = step.and_then(|step| match &step.source {
            RowsSource::Carried { call } => self.call_row(*call),
            RowsSource::Relation(..) | RowsSource::Episodes { .. } | RowsSource::Inherited(_) => None,
        });
        let pushed = step.map(|step| Frame { row: step.row.clone(), names: Vec::new(), index: None, call });
        let has = pushed.is_some();
        self.frames.extend(pushed);
        let checked = check(self);
        if has {
            self.frames.pop();
        }
        checked
    }

    /// `quantile(E, 25%)`: the function, and what it is taken of.
    pub(crate) fn quantile<'e>(
        &mut self,
        arguments: &'e [Argument],
        range: Range,
    ) -> Option<(AggregateFunction, &'e [Argument])> {
        let [_, share] = arguments else {
            self.report(
                Diagnostic::error(
                    Code("E0113"),
                    "`quantile` takes a value and a share",
                    range,
                    "at which share?",
                )
                .help("write `quantile(value, 25%)`"),
            );
            return None;
        };
        let share = self.value(&share.value, Some(&Type::Percent))?;
        // A fraction of one, in units of 10⁻¹²: a ten-thousandth has 10⁸ of them.
        let parts = match &share.kind {
            Kind::Literal(Value::Number(number))
                if share.ty == Type::Percent && number.0 % 100_000_000 == 0 =>
            {
                u16::try_from(number.0 / 100_000_000).ok().and_then(Fraction::new)
            }
            _ => None,
        };
        if parts.is_none() {
            self.report(
                Diagnostic::error(
                    Code("E0165"),
                    "a quantile is at a share above 0% and below 100% that is written",
                    share.range,
                    "at which share?",
                )
                .note("in whole hundredths of a percent; `median(…)` is the quantile at 50%")
                .help("write `quantile(value, 25%)`"),
            );
        }
        Some((AggregateFunction::Quantile(parts?), &arguments[..1]))
    }

    /// An aggregate over rows of the current row: `count(R)`, `mean(R.value if …)`.
    fn aggregate(&mut self, function: AggregateFunction, arguments: &[Argument], range: Range) -> Checked {
        let [argument] = arguments else {
            self.error(
                "E0113",
                "an aggregate takes one argument",
                range,
                format!("{} arguments", arguments.len()),
            );
            return Checked::Error;
        };
        let at = self.range(argument.value.span);
        let (rows, tail) = match self.expr(&argument.value, None) {
            Checked::Many(rows, tail) => (rows, tail),
            Checked::Error => return Checked::Error,
            _ => {
                self.report(
                    Diagnostic::error(
                        Code("E0305"),
                        "an aggregate takes many values, and this is one",
                        at,
                        "one per row",
                    )
                    .note("over the rows of a table, aggregates stand in `show` after `group by`"),
                );
                return Checked::Error;
            }
        };
        let filter = match &argument.condition {
            Some(condition) => match self.inside_rows(&rows, |checker| checker.condition(condition)) {
                Some(filter) => Some(Box::new(filter)),
                None => return Checked::Error,
            },
            None => None,
        };
        let label = super::rows::rows_label(&rows);
        match (function, *tail) {
            (_, Checked::Between(ends, _)) => {
                self.two_ends(&ends, at);
                Checked::Error
            }
            (AggregateFunction::Count, Checked::Row(..)) => Checked::One(Expr {
                kind: Kind::Aggregate { function, rows, argument: None, filter },
                ty: Type::Int,
                label,
                range,
            }),
            (AggregateFunction::Count, Checked::One(value)) => Checked::One(Expr {
                kind: Kind::Aggregate { function, rows, argument: Some(Box::new(value)), filter },
                ty: Type::Int,
                label,
                range,
            }),
            (_, Checked::Row(row, _)) => {
                let name = self.model().entity(row.entity).name.clone();
                self.report(
                    Diagnostic::error(
                        Code("E0305"),
                        format!("this is {}, and a number was expected", super::scope::article(&name)),
                        at,
                        "rows",
                    )
                    .help("name a column: `mean(measurements.value)`"),
                );
                Checked::Error
            }
            (_, Checked::One(value)) => {
                let Some(ty) = self.aggregate_type(function, &value) else { return Checked::Error };
                Checked::One(Expr {
                    kind: Kind::Aggregate { function, rows, argument: Some(Box::new(value)), filter },
                    ty,
                    label,
                    range,
                })
            }
            (_, _) => Checked::Error,
        }
    }

    /// The type of an aggregate of a value, or a diagnostic.
    pub(crate) fn aggregate_type(&mut self, function: AggregateFunction, value: &Expr) -> Option<Type> {
        let number = matches!(
            value.ty,
            Type::Int
                | Type::Decimal
                | Type::Percent
                | Type::Age
                | Type::AgeInDays
                | Type::Days
                | Type::Quantity(_)
        );
        let fits = match function {
            AggregateFunction::Count => true,
            AggregateFunction::Min | AggregateFunction::Max => {
                number || matches!(value.ty, Type::Date | Type::Month)
            }
            AggregateFunction::Sum
            | AggregateFunction::Mean
            | AggregateFunction::Median
            | AggregateFunction::Quantile(_) => number,
            AggregateFunction::Share | AggregateFunction::Wilson => value.ty == Type::Bool,
        };
        if let Type::QuantityOf(_) = value.ty {
            self.report(
                Diagnostic::error(
                    Code("E0209"),
                    "values with a unit of their own in each row are not taken together",
                    value.range,
                    "several units",
                )
                .note("only values of one unit have a sum or a mean")
                .help("a number of one unit has them: `define measurement.number = value / 1 'mg/dL'`, then `mean(measurements.number)`")
                .help("or test them with a unit, such as `count(measurements (value >= 6.5 %))`"),
            );
            return None;
        }
        if !fits {
            let wanted = match function {
                AggregateFunction::Min | AggregateFunction::Max => {
                    "numbers and dates have a least and a greatest"
                }
                AggregateFunction::Share | AggregateFunction::Wilson => "a share is taken of truth values",
                AggregateFunction::Count
                | AggregateFunction::Sum
                | AggregateFunction::Mean
                | AggregateFunction::Median
                | AggregateFunction::Quantile(_) => "sums, means and medians are taken of numbers",
            };
            self.error(
                "E0305",
                format!("{wanted}, and this is {}", value.ty),
                value.range,
                value.ty.to_string(),
            );
            return None;
        }
        Some(match function {
            AggregateFunction::Count => Type::Int,
            AggregateFunction::Min | AggregateFunction::Max => value.ty.clone(),
            AggregateFunction::Sum => value.ty.clone(),
            AggregateFunction::Mean | AggregateFunction::Median | AggregateFunction::Quantile(_) => {
                match &value.ty {
                    Type::Quantity(unit) => Type::Quantity(unit.clone()),
                    Type::Percent => Type::Percent,
                    _ => Type::Decimal,
                }
            }
            AggregateFunction::Share => Type::Percent,
            AggregateFunction::Wilson => Type::Interval,
        })
    }

    /// `band(age, 10 years)`
    fn band(&mut self, arguments: &[Argument], range: Range) -> Checked {
        let [number, width] = arguments else {
            self.error("E0113", "`band` takes a number and a width", range, "`band(age, 10 years)`");
            return Checked::Error;
        };
        let (number, width) = (self.value(&number.value, None), self.value(&width.value, None));
        let (Some(number), Some(width)) = (number, width) else { return Checked::Error };
        let size = match (&number.ty, &width.ty, super::member::literal_of(&width)) {
            (Type::Age, Type::Months, Some(Value::Int(months))) if *months > 0 && months % 12 == 0 => {
                months / 12
            }
            (Type::Int, Type::Int, Some(Value::Int(width))) if *width > 0 => *width,
            _ => {
                let message = format!("{} has no bands of this width", number.ty);
                self.report(
                    Diagnostic::error(
                        Code("E0218"),
                        message,
                        width.range,
                        "a width that is written, in the same unit",
                    )
                    .help("`band(age, 10 years)`"),
                );
                return Checked::Error;
            }
        };
        // Ages end at 129 completed years; the last band holds what is above.
        let bands = if number.ty == Type::Age { 130 / size } else { 0 };
        let label = model::ColumnLabel::General.max(number.label.min(model::ColumnLabel::General));
        Checked::One(Expr {
            kind: Kind::Band(Box::new(number), size),
            ty: Type::Band { width: size, bands },
            label,
            range,
        })
    }

    /// `month(date)`, `year(date)`
    fn part(&mut self, arguments: &[Argument], range: Range, ty: Type) -> Checked {
        let [argument] = arguments else {
            self.error("E0113", "this takes one date", range, format!("{} arguments", arguments.len()));
            return Checked::Error;
        };
        let Some(date) = self.value(&argument.value, None) else { return Checked::Error };
        if date.ty != Type::Date {
            self.error(
                "E0213",
                format!("a date was expected, and this is {}", date.ty),
                date.range,
                "not a date",
            );
            return Checked::Error;
        }
        let label = date.label;
        let kind =
            if ty == Type::Month { Kind::MonthOf(Box::new(date)) } else { Kind::YearOf(Box::new(date)) };
        Checked::One(Expr { kind, ty, label, range })
    }
}
