//! What is known of a row after some conditions were true of it.
//!
//! A condition that keeps a row is true, so it fixes the values of its terms: `age >= 18 years` leaves ages from
//! 18. [`Facts`] collects that and answers two questions of a further condition: can it still be true, and can it
//! be anything else. Both answers are proofs; where nothing is proved the answer is no. Logic is Kleene's, in
//! which `not`, `and` and `or` obey De Morgan, so conditions are read with `not` at the leaves.

use crate::values::Values;
use jiff::civil::Date;
use text::Range;
use types::{AggregateFunction, Comparison, Count, Expr, Kind, Row, Type, Value};

/// Conditions that were true.
#[derive(Clone, Debug, Default)]
pub(crate) struct Facts {
    known: Vec<Fact>,
    /// Texts by number: a value of an open list is known by its place here.
    texts: Vec<String>,
}

#[derive(Clone, Debug)]
struct Fact {
    term: Expr,
    values: Values,
    /// The condition it is known from.
    from: Range,
}

/// A condition in the form that facts are made of: `not` at the leaves, terms without places.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Claim {
    All(Vec<Claim>),
    Any(Vec<Claim>),
    /// True of the row, or not.
    Is(Expr, bool),
}

/// A condition on a row as a claim.
pub(crate) fn claim(condition: &Expr, row: &Row) -> Claim {
    read(&types::canonical(condition, row), true)
}

fn read(condition: &Expr, truth: bool) -> Claim {
    match (&condition.kind, truth) {
        (Kind::Not(inner), _) => read(inner, !truth),
        (Kind::And(parts), true) | (Kind::Or(parts), false) => {
            Claim::All(parts.iter().map(|part| read(part, truth)).collect())
        }
        (Kind::Or(parts), true) | (Kind::And(parts), false) => {
            Claim::Any(parts.iter().map(|part| read(part, truth)).collect())
        }
        _ => Claim::Is(condition.clone(), truth),
    }
}

impl Facts {
    /// Takes a condition as true.
    pub(crate) fn assume(&mut self, claim: &Claim, from: Range) {
        match claim {
            Claim::All(parts) => parts.iter().for_each(|part| self.assume(part, from)),
            Claim::Any(parts) => {
                if let Some((term, values)) = self.united(parts) {
                    self.add(term, values, from);
                }
            }
            Claim::Is(condition, truth) => {
                let (term, values) = self.leaf(condition, *truth);
                let known = (term.ty != Type::Bool).then(|| Expr {
                    kind: Kind::IsKnown(Box::new(term.clone())),
                    ty: Type::Bool,
                    ..term.clone()
                });
                self.add(term, values, from);
                if let Some(known) = known {
                    self.add(known, Values::these([1]), from);
                }
            }
        }
    }

    fn add(&mut self, term: Expr, values: Values, from: Range) {
        self.known.push(Fact { term, values, from });
    }

    /// The conditions because of which a further one cannot be true; empty where it cannot be true by itself.
    pub(crate) fn refutes(&mut self, claim: &Claim) -> Option<Vec<Range>> {
        match claim {
            Claim::All(parts) => {
                let mut facts = self.clone();
                for part in parts {
                    if let Some(from) = facts.refutes(part) {
                        return Some(from);
                    }
                    // What a part says by itself has no place, so that only other conditions are named.
                    facts.assume(part, NOWHERE);
                }
                None
            }
            Claim::Any(parts) => {
                let mut all = Vec::new();
                for part in parts {
                    all.extend(self.refutes(part)?);
                }
                all.sort_unstable();
                all.dedup();
                Some(all)
            }
            Claim::Is(condition, truth) => {
                let (term, values) = self.leaf(condition, *truth);
                let mut left = universe(&term).meet(&values);
                if left.is_empty() {
                    return Some(Vec::new());
                }
                let mut from = Vec::new();
                for fact in self.known.iter().filter(|fact| fact.term == term) {
                    if fact.values.meet(&values).is_empty() {
                        return Some(somewhere([fact.from]));
                    }
                    left = left.meet(&fact.values);
                    from.push(fact.from);
                }
                left.is_empty().then(|| somewhere(from))
            }
        }
    }

    /// The conditions because of which a further one is true anyway; empty where it is true by itself, at least
    /// wherever it is known.
    pub(crate) fn implies(&mut self, claim: &Claim) -> Option<Vec<Range>> {
        match claim {
            Claim::All(parts) => {
                let mut all = Vec::new();
                for part in parts {
                    all.extend(self.implies(part)?);
                }
                all.sort_unstable();
                all.dedup();
                Some(all)
            }
            Claim::Any(parts) => {
                if let Some(from) = parts.iter().find_map(|part| self.implies(part)) {
                    return Some(from);
                }
                let (term, values) = self.united(parts)?;
                self.holds(&term, &values)
            }
            Claim::Is(condition, truth) => {
                let (term, values) = self.leaf(condition, *truth);
                self.holds(&term, &values)
            }
        }
    }

    fn holds(&self, term: &Expr, values: &Values) -> Option<Vec<Range>> {
        let mut left = universe(term);
        if left.within(values) {
            return Some(Vec::new());
        }
        let mut from = Vec::new();
        for fact in self.known.iter().filter(|fact| fact.term == *term) {
            if universe(term).meet(&fact.values).within(values) {
                return Some(somewhere([fact.from]));
            }
            left = left.meet(&fact.values);
            from.push(fact.from);
        }
        (!from.is_empty() && left.within(values)).then(|| somewhere(from))
    }

    /// The only value that a term can have, with the conditions that say so.
    pub(crate) fn fixed(&self, term: &Expr) -> Option<Vec<Range>> {
        let mut left = universe(term);
        left.only().is_none().then_some(())?;
        let mut from = Vec::new();
        for fact in self.known.iter().filter(|fact| fact.term == *term) {
            left = left.meet(&fact.values);
            from.push(fact.from);
        }
        left.only().map(|_| somewhere(from))
    }

    /// The values in any of several claims about one term.
    fn united(&mut self, parts: &[Claim]) -> Option<(Expr, Values)> {
        let mut all: Option<(Expr, Values)> = None;
        for part in parts {
            let Claim::Is(condition, truth) = part else { return None };
            let (term, values) = self.leaf(condition, *truth);
            all = Some(match all {
                None => (term, values),
                Some((known, before)) if known == term => (known, before.join(&values)?),
                Some(_) => return None,
            });
        }
        all
    }

    /// What a condition says of which term. Where nothing finer is known the term is the condition itself.
    fn leaf(&mut self, condition: &Expr, truth: bool) -> (Expr, Values) {
        let found = self.positive(condition).and_then(|(term, values)| {
            let values = if truth { Some(values) } else { values.others() };
            values.map(|values| (term, values))
        });
        found.unwrap_or_else(|| (condition.clone(), Values::these([i128::from(truth)])))
    }

    fn positive(&mut self, condition: &Expr) -> Option<(Expr, Values)> {
        match &condition.kind {
            Kind::Compare(comparison, left, right) => self.comparison(*comparison, left, right),
            Kind::CompareQuantity { comparison, value, unit, in_units } => {
                // The same literal stands there in every unit; the first one tells two literals apart.
                let (name, number) = in_units.first()?;
                let kind = Kind::CompareQuantity {
                    comparison: Comparison::Equal,
                    value: value.clone(),
                    unit: unit.clone(),
                    in_units: vec![(name.clone(), types::Number(0))],
                };
                let term = Expr { kind, ty: Type::Decimal, ..condition.clone() };
                Some((term, Values::compared(*comparison, number.0)))
            }
            Kind::InValues(value, values) => {
                let numbers: Option<Vec<i128>> =
                    values.iter().map(|literal| self.number(literal, &value.ty)).collect();
                Some(((**value).clone(), Values::these(numbers?)))
            }
            Kind::InCodes(code, test)
                if test.prefixes.is_empty() && test.ranges.is_empty() && test.excluding.is_none() =>
            {
                let numbers: Vec<i128> = test.exact.iter().map(|curie| self.text(curie)).collect();
                Some(((**code).clone(), Values::these(numbers)))
            }
            Kind::Has(rows) => Some((number_of(condition, rows), Values::between(1, i128::MAX))),
            Kind::Counted(count, bound, rows) => {
                let bound = i128::from(*bound);
                let values = match count {
                    Count::AtLeast => Values::between(bound, i128::MAX),
                    Count::AtMost => Values::between(i128::MIN, bound),
                    Count::Exactly => Values::these([bound]),
                };
                Some((number_of(condition, rows), values))
            }
            Kind::Literal(Value::Bool(value)) => {
                // True is true of every value, false of none.
                let values = if *value { Values::these([0, 1]) } else { Values::these([]) };
                Some((condition.clone(), values))
            }
            _ => None,
        }
    }

    fn comparison(&mut self, comparison: Comparison, left: &Expr, right: &Expr) -> Option<(Expr, Values)> {
        if left.ty == Type::Date && right.ty == Type::Date {
            let ((left, plus), (right, minus)) = (moved(left), moved(right));
            if let Kind::Literal(Value::Date(date)) = &right.kind {
                return Some((left, Values::compared(comparison, day(*date) + minus - plus)));
            }
            let kind = Kind::DaysBetween(Box::new(left.clone()), Box::new(right.clone()));
            let term = Expr { kind, ty: Type::Days, ..left };
            return Some((term, Values::compared(comparison, minus - plus)));
        }
        let Kind::Literal(literal) = &right.kind else { return None };
        let number = self.number(literal, &left.ty)?;
        Some((left.clone(), Values::compared(comparison, number)))
    }

    fn number(&mut self, value: &Value, ty: &Type) -> Option<i128> {
        Some(match value {
            Value::Bool(value) => i128::from(*value),
            Value::Int(value) => i128::from(*value),
            Value::Number(value) => value.0,
            Value::Date(value) => day(*value),
            Value::Text(text) => match ty {
                Type::Enum(list) => {
                    let at = list.members.iter().position(|member| member == text)?;
                    i128::try_from(at).ok()?
                }
                _ => self.text(text),
            },
        })
    }

    fn text(&mut self, text: &str) -> i128 {
        let at = self.texts.iter().position(|known| known == text).unwrap_or_else(|| {
            self.texts.push(text.to_owned());
            self.texts.len() - 1
        });
        i128::try_from(at).unwrap_or(i128::MAX)
    }
}

const NOWHERE: Range = Range { file: text::FileId(u32::MAX), start: 0, end: 0 };

fn somewhere(ranges: impl IntoIterator<Item = Range>) -> Vec<Range> {
    let mut ranges: Vec<Range> = ranges.into_iter().filter(|range| *range != NOWHERE).collect();
    ranges.sort_unstable();
    ranges.dedup();
    ranges
}

/// The number of rows, as a term.
fn number_of(condition: &Expr, rows: &types::Rows) -> Expr {
    let kind = Kind::Counted(Count::AtLeast, 0, Box::new(rows.clone()));
    Expr { kind, ty: Type::Int, ..condition.clone() }
}

/// A date as another one and so many days; months are counted from literal days only.
fn moved(date: &Expr) -> (Expr, i128) {
    match &date.kind {
        Kind::AddDays(from, days) => match &days.kind {
            Kind::Literal(Value::Int(days)) => {
                let (from, before) = moved(from);
                (from, before + i128::from(*days))
            }
            _ => (date.clone(), 0),
        },
        Kind::AddMonths(from, months) => match (&from.kind, &months.kind) {
            (Kind::Literal(Value::Date(day)), Kind::Literal(Value::Int(months))) => {
                match jiff::Span::new().try_months(*months).and_then(|span| day.checked_add(span)) {
                    Ok(day) => (Expr { kind: Kind::Literal(Value::Date(day)), ..date.clone() }, 0),
                    Err(_) => (date.clone(), 0),
                }
            }
            _ => (date.clone(), 0),
        },
        _ => (date.clone(), 0),
    }
}

fn day(date: Date) -> i128 {
    let since = date.duration_since(Date::constant(1970, 1, 1));
    i128::from(since.as_hours() / 24)
}

/// The values that a term can have at all.
fn universe(term: &Expr) -> Values {
    match (&term.kind, &term.ty) {
        (Kind::Counted(..), Type::Int) | (Kind::Aggregate { function: AggregateFunction::Count, .. }, _) => {
            Values::between(0, i128::MAX)
        }
        (_, Type::Bool) => Values::these([0, 1]),
        (_, Type::Enum(list)) => {
            Values::between(0, i128::try_from(list.members.len()).unwrap_or(i128::MAX) - 1)
        }
        // A percentage is a share of a whole, kept as a fraction.
        (Kind::Column(..), Type::Percent) => Values::between(0, types::Number::int(1).0),
        (_, Type::Age) => Values::between(0, i128::MAX),
        _ => Values::any(),
    }
}
