//! Expressions: one arm per form of the tree.

use super::interval::ends_of;
use super::literal::public;
use super::{Checked, Checker};
use crate::query::{Arithmetic, Expr, Kind, Value};
use crate::ty::Type;
use diag::{Code, Diagnostic};
use model::ColumnLabel;
use syntax::tree::{self, ExprKind};
use text::Range;

impl Checker<'_> {
    /// Checks an expression. `expected` gives meaning to names of enum members and genes.
    pub(crate) fn expr(&mut self, expr: &tree::Expr, expected: Option<&Type>) -> Checked {
        let range = self.range(expr.span);
        match &expr.kind {
            ExprKind::Case { arms, otherwise } => self.case(arms, otherwise, expected, range),
            ExprKind::And(parts) => self.logic(parts, Kind::And, range),
            ExprKind::Or(parts) => self.logic(parts, Kind::Or, range),
            ExprKind::Not(inner) => match self.condition(inner) {
                Some(inner) => Checked::One(truth(inner.label, Kind::Not(Box::new(inner)), range)),
                None => Checked::Error,
            },
            ExprKind::Quantified { quantifier, rows } => self.quantified(*quantifier, rows, range),
            ExprKind::Counted { count, bound, rows } => self.counted(*count, bound, rows, range),
            ExprKind::CountedOf { count, bound, truths } => self.counted_of(*count, bound, truths, range),
            ExprKind::Observed { first, how, second } => self.observed(first, *how, second, range),
            ExprKind::ConsentValid { at, purpose } => {
                self.consent_valid(at.as_deref(), purpose.as_ref(), range)
            }
            ExprKind::Compare { operator, operator_span, left, right, absent } => {
                let sign = self.range(*operator_span);
                self.compare((*operator, sign), left, right, *absent, range)
            }
            ExprKind::In { value, negated, set, condition, windows } => {
                self.is_in(value, *negated, set, condition.as_deref(), windows, range)
            }
            ExprKind::Windowed { value, windows } => {
                let checked = self.expr(value, None);
                self.windows(checked, windows, range)
            }
            ExprKind::IsKnown { value, negated } => {
                let at = self.range(value.span);
                let known = match ends_of(self.expr(value, None)) {
                    // Something is known of it.
                    Ok(ends) => {
                        let label = ends.label();
                        let known = |end| truth(label, Kind::IsKnown(Box::new(end)), range);
                        truth(label, Kind::Or(vec![known(ends.earliest), known(ends.latest)]), range)
                    }
                    Err(checked) => {
                        let Some(value) = self.one(checked, at) else { return Checked::Error };
                        truth(value.label, Kind::IsKnown(Box::new(value)), range)
                    }
                };
                let label = known.label;
                Checked::One(if *negated { truth(label, Kind::Not(Box::new(known)), range) } else { known })
            }
            ExprKind::Arithmetic { operator, left, right } => self.arithmetic(*operator, left, right, range),
            ExprKind::Negative(inner) => {
                let Some(inner) = self.value(inner, expected) else { return Checked::Error };
                let zero = match inner.ty {
                    Type::Int => public(Kind::Literal(Value::Int(0)), Type::Int, range),
                    Type::Decimal => {
                        public(Kind::Literal(Value::Number(crate::Number::int(0))), Type::Decimal, range)
                    }
                    _ => {
                        self.error(
                            "E0201",
                            format!("{} has no sign", inner.ty),
                            range,
                            "a number was expected",
                        );
                        return Checked::Error;
                    }
                };
                let (ty, label) = (inner.ty.clone(), inner.label);
                Checked::One(Expr {
                    kind: Kind::Arithmetic(Arithmetic::Subtract, Box::new(zero), Box::new(inner)),
                    ty,
                    label,
                    range,
                })
            }
            ExprKind::At { value, date } => self.at(value, date, range),
            ExprKind::Member { of, call } => {
                let of = self.expr(of, None);
                match self.member_call(of, call) {
                    Checked::One(value) => Checked::One(Expr { range, ..value }),
                    other => other,
                }
            }
            ExprKind::Call(call) => self.call(call, expected),
            ExprKind::Literal(literal) => self.literal(literal),
            ExprKind::List(list) => self.list(list, expected),
            ExprKind::Index => self.index(range),
            ExprKind::Group(inner) => match inner.as_slice() {
                [one] => self.expr(one, expected),
                _ => {
                    self.not_yet("a tuple", range);
                    Checked::Error
                }
            },
            // The parser said why.
            ExprKind::Error => self.broken(),
        }
    }

    /// An expression that must be one value per current row.
    pub(crate) fn value(&mut self, expr: &tree::Expr, expected: Option<&Type>) -> Option<Expr> {
        let checked = self.expr(expr, expected);
        let range = self.range(expr.span);
        self.one(checked, range)
    }

    /// One value, or a diagnostic that says why it is not.
    pub(crate) fn one(&mut self, checked: Checked, range: Range) -> Option<Expr> {
        match checked {
            Checked::One(expr) => Some(expr),
            Checked::Between(ends, at) => {
                self.two_ends(&ends, at);
                None
            }
            Checked::Picked(rows, order, tail, at) => match *tail {
                Checked::Between(ends, _) => {
                    self.two_ends(&ends, range);
                    None
                }
                Checked::One(value) => {
                    let (ty, label) = (value.ty.clone(), value.label);
                    Some(Expr {
                        kind: Kind::Pick { rows, order, value: Box::new(value) },
                        ty,
                        label,
                        range: at,
                    })
                }
                Checked::Row(row, _) => {
                    self.row_as_value(&row, at);
                    None
                }
                _ => None,
            },
            Checked::Many(rows, tail) => {
                self.grain(&rows, &tail, range);
                None
            }
            Checked::Row(row, at) => {
                self.row_as_value(&row, at);
                None
            }
            Checked::Codes(_, at) | Checked::GeneCodes(_, _, at) => {
                self.error("E0204", "a set of codes is not a value", at, "tested with `in`");
                None
            }
            Checked::Cohort(id, at) => {
                let name = self
                    .query
                    .cohorts
                    .get(id.0 as usize)
                    .map_or_else(String::new, |cohort| cohort.name.clone());
                self.report(
                    Diagnostic::error(
                        Code("E0204"),
                        format!("`{name}` is a cohort, not a value"),
                        at,
                        "a cohort",
                    )
                    .help(format!("`subject in {name}` tests membership")),
                );
                None
            }
            Checked::List(_, at) | Checked::Alleles(_, at) | Checked::Region(_, at) => {
                self.error("E0204", "a list is not a value", at, "tested with `in`");
                None
            }
            Checked::Table(_, _, at) => {
                self.error("E0204", "what a table shows is not a value", at, "tested with `in`");
                None
            }
            Checked::Error => None,
        }
    }

    /// A condition: a truth value.
    pub(crate) fn condition(&mut self, expr: &tree::Expr) -> Option<Expr> {
        let checked = self.expr(expr, Some(&Type::Bool));
        let range = self.range(expr.span);
        if let Checked::Many(rows, tail) = &checked
            && matches!(**tail, Checked::Row(..))
        {
            self.rows_as_condition(rows, range);
            return None;
        }
        if let Checked::Codes(_, at) | Checked::GeneCodes(_, _, at) = checked {
            self.report(
                Diagnostic::error(Code("E0204"), "a set of codes is not a condition", at, "tested with `in`")
                    .help("name the rows before it: `has phenotype in …`")
                    .help("several codes stand in one list: `in [A, B]`"),
            );
            return None;
        }
        let value = self.one(checked, range)?;
        if value.ty == Type::Bool {
            return Some(value);
        }
        self.report(
            Diagnostic::error(
                Code("E0202"),
                format!("this is {}, and a condition was expected", value.ty),
                value.range,
                "not true or false",
            )
            .help("compare it with something"),
        );
        None
    }

    fn logic(&mut self, parts: &[tree::Expr], make: fn(Vec<Expr>) -> Kind, range: Range) -> Checked {
        let checked: Vec<Option<Expr>> = parts.iter().map(|part| self.condition(part)).collect();
        let Some(parts) = checked.into_iter().collect::<Option<Vec<Expr>>>() else { return Checked::Error };
        let label = join(&parts);
        Checked::One(truth(label, make(parts), range))
    }

    fn case(
        &mut self,
        arms: &[(tree::Expr, tree::Expr)],
        otherwise: &tree::Expr,
        expected: Option<&Type>,
        range: Range,
    ) -> Checked {
        let mut checked = Vec::new();
        let mut ty: Option<Type> = expected.cloned().filter(|ty| *ty != Type::Bool);
        let mut whole = true;
        for (when, then) in arms {
            let when = self.condition(when);
            let then = self.value(then, ty.as_ref());
            match (when, then) {
                (Some(when), Some(then)) => {
                    ty.get_or_insert_with(|| then.ty.clone());
                    checked.push((when, then));
                }
                (Some(_) | None, Some(_) | None) => whole = false,
            }
        }
        let Some(otherwise) = self.value(otherwise, ty.as_ref()) else { return Checked::Error };
        if !whole {
            return Checked::Error;
        }
        let ty = otherwise.ty.clone();
        for (_, then) in &checked {
            if then.ty != ty {
                let (a, b) = (then.ty.to_string(), ty.to_string());
                self.report(
                    Diagnostic::error(
                        Code("E0201"),
                        format!("this case gives {a} in one arm and {b} in another"),
                        then.range,
                        a,
                    )
                    .label(otherwise.range, b),
                );
                return Checked::Error;
            }
        }
        let label =
            checked.iter().fold(otherwise.label, |label, (when, then)| label.max(when.label).max(then.label));
        Checked::One(Expr { kind: Kind::Case(checked, Box::new(otherwise)), ty, label, range })
    }

    fn index(&mut self, range: Range) -> Checked {
        let found = self.frames.iter().rev().find_map(|frame| frame.index.clone());
        if let Some(index) = found {
            return Checked::One(Expr { range, ..index });
        }
        self.report(
            Diagnostic::error(Code("E0111"), "`index` has no date here", range, "no `index at` before it")
                .help("write `index at …` as the first clause of the cohort, or use `as_of`"),
        );
        Checked::Error
    }

    fn arithmetic(
        &mut self,
        operator: tree::Arithmetic,
        left: &tree::Expr,
        right: &tree::Expr,
        range: Range,
    ) -> Checked {
        let (left, right) = (self.value(left, None), self.value(right, None));
        let (Some(left), Some(right)) = (left, right) else { return Checked::Error };
        let label = left.label.max(right.label);
        let make = |kind, ty| Checked::One(Expr { kind, ty, label, range });
        let operator_here = match operator {
            tree::Arithmetic::Add => Arithmetic::Add,
            tree::Arithmetic::Subtract => Arithmetic::Subtract,
            tree::Arithmetic::Multiply => Arithmetic::Multiply,
            tree::Arithmetic::Divide => Arithmetic::Divide,
        };
        let minus = |expr: Expr| {
            let range = expr.range;
            let ty = expr.ty.clone();
            Expr {
                label: expr.label,
                kind: Kind::Arithmetic(
                    Arithmetic::Subtract,
                    Box::new(public(Kind::Literal(Value::Int(0)), Type::Int, range)),
                    Box::new(expr),
                ),
                ty,
                range,
            }
        };
        match (operator_here, &left.ty, &right.ty) {
            (Arithmetic::Add, Type::Date, Type::Days) => {
                make(Kind::AddDays(Box::new(left), Box::new(right)), Type::Date)
            }
            (Arithmetic::Add, Type::Date, Type::Months) => {
                make(Kind::AddMonths(Box::new(left), Box::new(right)), Type::Date)
            }
            (Arithmetic::Subtract, Type::Date, Type::Days) => {
                make(Kind::AddDays(Box::new(left), Box::new(minus(right))), Type::Date)
            }
            (Arithmetic::Subtract, Type::Date, Type::Months) => {
                make(Kind::AddMonths(Box::new(left), Box::new(minus(right))), Type::Date)
            }
            (Arithmetic::Subtract, Type::Date, Type::Date) => {
                make(Kind::DaysBetween(Box::new(left), Box::new(right)), Type::Days)
            }
            (Arithmetic::Add | Arithmetic::Subtract | Arithmetic::Multiply, Type::Int, Type::Int) => {
                make(Kind::Arithmetic(operator_here, Box::new(left), Box::new(right)), Type::Int)
            }
            (_, a, b) if is_number(a) && is_number(b) => {
                let (left, right) = (to_decimal(left), to_decimal(right));
                make(Kind::Arithmetic(operator_here, Box::new(left), Box::new(right)), Type::Decimal)
            }
            (Arithmetic::Add | Arithmetic::Subtract, Type::Quantity(a), Type::Quantity(b)) if a == b => {
                let ty = left.ty.clone();
                make(Kind::Arithmetic(operator_here, Box::new(left), Box::new(right)), ty)
            }
            (_, Type::Unknown, _) | (_, _, Type::Unknown) => Checked::Error,
            (
                Arithmetic::Divide,
                Type::QuantityOf(_) | Type::Quantity(_),
                Type::Quantity(_) | Type::Percent,
            ) if super::compare::literal_number(&right).is_some() => {
                self.in_unit(left, &right, range).map_or(Checked::Error, Checked::One)
            }
            (_, a, b) => {
                let message = format!(
                    "{a} and {b} cannot be {}",
                    match operator_here {
                        Arithmetic::Add => "added",
                        Arithmetic::Subtract => "subtracted",
                        Arithmetic::Multiply => "multiplied",
                        Arithmetic::Divide => "divided",
                    }
                );
                let days = matches!((a, b), (Type::Date, Type::Int));
                let (a, b) = (a.to_string(), b.to_string());
                let diagnostic =
                    Diagnostic::error(Code("E0201"), message, left.range, a).label(right.range, b);
                self.report(if days {
                    diagnostic.help("a length of time has its unit, such as `30 days`")
                } else {
                    diagnostic
                });
                Checked::Error
            }
        }
    }
}

/// Whether values of the type are plain numbers.
pub(crate) fn is_number(ty: &Type) -> bool {
    matches!(ty, Type::Int | Type::Decimal | Type::Percent)
}

/// A number as a decimal; literals are converted here.
pub(crate) fn to_decimal(expr: Expr) -> Expr {
    let (label, range) = (expr.label, expr.range);
    match (&expr.ty, &expr.kind) {
        (Type::Int, Kind::Literal(Value::Int(int))) => Expr {
            kind: Kind::Literal(Value::Number(crate::Number::int(*int))),
            ty: Type::Decimal,
            label,
            range,
        },
        (Type::Int, _) => Expr { kind: Kind::ToDecimal(Box::new(expr)), ty: Type::Decimal, label, range },
        _ => Expr { ty: Type::Decimal, ..expr },
    }
}

pub(crate) fn truth(label: ColumnLabel, kind: Kind, range: Range) -> Expr {
    Expr { kind, ty: Type::Bool, label, range }
}

pub(crate) fn join(parts: &[Expr]) -> ColumnLabel {
    parts.iter().map(|part| part.label).max().unwrap_or(ColumnLabel::Public)
}
