//! Values to try: on either side of a bound, the nearest first; of a type, where nothing bounds them.

use super::Solver;
use crate::days::add_days;
use crate::draft::Draft;
use crate::logic::{ONE, number};
use jiff::civil::Date;
use types::{Comparison, Expr, Number, Type, Value};

/// Gene symbols for rows that must have another gene than the one that is asked about; those that a project
/// has not pinned are left out.
const GENES: [&str; 8] = ["BRCA1", "TTN", "CFTR", "PCSK9", "MYH7", "SCN1A", "LDLR", "OBSCN"];

/// How far from a bound, in steps.
const AWAY: [i64; 6] = [0, 1, 2, 5, 10, 30];
/// How far from a bound, in days.
const DAYS_AWAY: [i64; 7] = [0, 1, 10, 40, 120, 400, 2000];

impl<'a> Solver<'a> {
    /// Values for which the comparison with a bound holds, the nearest first.
    pub(super) fn beside(&self, ty: &Type, comparison: Comparison, bound: &Value) -> Vec<Value> {
        use Comparison::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual, NotEqual};
        let (up, from) = match comparison {
            Equal => return vec![bound.clone()],
            NotEqual => {
                let mut all = self.beside(ty, Greater, bound);
                all.extend(self.beside(ty, Less, bound));
                if all.is_empty() {
                    all = self.others(ty, std::slice::from_ref(bound));
                }
                return all;
            }
            GreaterOrEqual => (true, 0),
            Greater => (true, 1),
            LessOrEqual => (false, 0),
            Less => (false, 1),
        };
        let signed = |steps: i64| if up { steps } else { -steps };
        match (ty, bound) {
            (_, Value::Date(day)) => DAYS_AWAY
                .iter()
                .filter(|away| **away >= from)
                .filter_map(|away| add_days(*day, signed(*away)).map(Value::Date))
                .collect(),
            (Type::Enum(list), Value::Text(member)) => {
                let Some(place) = list.members.iter().position(|other| other == member) else {
                    return Vec::new();
                };
                let from = usize::from(from == 1);
                let of =
                    |members: &mut dyn Iterator<Item = &String>| members.cloned().map(Value::Text).collect();
                if up {
                    of(&mut list.members.iter().skip(place + from))
                } else {
                    of(&mut list.members.iter().take(place + 1 - from).rev())
                }
            }
            (_, Value::Int(bound)) => AWAY
                .iter()
                .filter(|away| **away >= from)
                .map(|away| bound.saturating_add(signed(*away)))
                .filter(|value| *value >= 0 || *bound < 0)
                .map(Value::Int)
                .collect(),
            (_, Value::Number(bound)) => {
                let step = step(ty, *bound);
                let most = if *ty == Type::Percent { ONE } else { i128::MAX };
                AWAY.iter()
                    .filter(|away| **away >= from)
                    .filter_map(|away| bound.0.checked_add(step.checked_mul(i128::from(signed(*away)))?))
                    .filter(|value| (*value >= 0 || bound.0 < 0) && *value <= most)
                    .map(|value| Value::Number(Number(value)))
                    .collect()
            }
            (_, Value::Text(_) | Value::Bool(_)) => Vec::new(),
        }
    }

    /// Values of a type that are none of these.
    pub(super) fn others(&self, ty: &Type, values: &[Value]) -> Vec<Value> {
        let mut all: Vec<Value> = match ty {
            Type::Enum(list) => {
                let place = |value: &Value| {
                    list.members
                        .iter()
                        .position(|member| matches!(value, Value::Text(text) if text == member))
                };
                let places: Vec<usize> = values.iter().filter_map(place).collect();
                let far = |at: usize| places.iter().map(|place| place.abs_diff(at)).min().unwrap_or(0);
                let mut order: Vec<usize> = (0..list.members.len()).collect();
                order.sort_by_key(|at| (far(*at), *at));
                order.into_iter().map(|at| Value::Text(list.members[at].clone())).collect()
            }
            Type::Gene => GENES
                .iter()
                .filter(|gene| self.asked.vocabulary.is_gene(gene))
                .map(|gene| Value::Text((*gene).to_owned()))
                .collect(),
            Type::Bool => vec![Value::Bool(true), Value::Bool(false)],
            _ => values
                .iter()
                .flat_map(|value| match value {
                    Value::Text(text) => vec![Value::Text(format!("not {text}"))],
                    Value::Date(_) | Value::Int(_) | Value::Number(_) => {
                        let mut all = self.beside(ty, Comparison::Greater, value);
                        all.extend(self.beside(ty, Comparison::Less, value));
                        all
                    }
                    Value::Bool(value) => vec![Value::Bool(!value)],
                })
                .collect(),
        };
        all.retain(|value| !values.contains(value));
        all
    }

    /// Values that something of a type may have where nothing says more.
    pub(super) fn plain(&self, draft: &Draft, expr: &'a Expr) -> Vec<Value> {
        let ints = |all: &[i64]| all.iter().map(|value| Value::Int(*value)).collect::<Vec<_>>();
        // Rows of one person are told apart by their days.
        let shift = i64::try_from(draft.rows().len() % 40 + draft.turn % 170 * 3).unwrap_or(0);
        let days = |back: &[i64]| {
            let back = back.iter().filter_map(|days| add_days(self.asked.as_of, -(*days) - shift));
            back.map(Value::Date).collect::<Vec<_>>()
        };
        match &expr.ty {
            Type::Bool => vec![Value::Bool(true), Value::Bool(false)],
            Type::Date | Type::Month => days(&[400, 900, 120, 1600, 3000]),
            Type::Age => ints(&[45, 30, 60, 8]),
            Type::AgeInDays => ints(&[400, 4000, 10_000, 0]),
            Type::Days | Type::Int | Type::Months => ints(&[1, 2, 5, 30]),
            Type::Band { width, .. } => ints(&[width * 2, 0, width * 4]),
            Type::Percent => {
                [ONE / 100, ONE / 2, ONE / 1000].map(|value| Value::Number(Number(value))).to_vec()
            }
            Type::Decimal | Type::Quantity(_) | Type::QuantityOf(_) => {
                [10, 1, 100].map(|value| Value::Number(Number::int(value))).to_vec()
            }
            Type::Enum(list) => list.members.iter().cloned().map(Value::Text).collect(),
            Type::Gene => self.others(&Type::Gene, &[]),
            Type::Text => ["A", "B", "C"].map(|text| Value::Text(text.to_owned())).to_vec(),
            Type::Code(system) => {
                crate::fill::code_of(self.asked.query, system).into_iter().map(Value::Text).collect()
            }
            Type::Id | Type::Allele | Type::Interval | Type::Unknown => Vec::new(),
        }
    }
}

/// A list that begins elsewhere, so that people of other turns get other values.
pub(crate) fn turned<T>(mut all: Vec<T>, turn: usize) -> Vec<T> {
    let length = all.len();
    if length > 0 {
        all.rotate_left(turn % length);
    }
    all
}

/// The least difference that a reader of a bound would call near: one in its last digit; of a share, a tenth of
/// that.
pub(super) fn step(ty: &Type, bound: Number) -> i128 {
    let mut step = 1;
    while step < ONE && bound.0 % (step * 10) == 0 {
        step *= 10;
    }
    if *ty == Type::Percent { (step / 10).clamp(1, ONE / 100) } else { step }
}

/// A value as people read it.
pub(crate) fn shown(ty: &Type, value: &Value) -> String {
    match value {
        Value::Bool(value) => value.to_string(),
        Value::Int(value) if *ty == Type::Age => format!("{value} years"),
        Value::Int(value) => value.to_string(),
        Value::Number(number) if *ty == Type::Percent => match number.0.checked_mul(100) {
            Some(hundred) => format!("{}%", Number(hundred)),
            None => number.to_string(),
        },
        Value::Number(number) => number.to_string(),
        Value::Text(text) => text.clone(),
        Value::Date(day) => day.to_string(),
    }
}

/// The day of a value.
pub(super) fn day(value: &Value) -> Option<Date> {
    match value {
        Value::Date(day) => Some(*day),
        _ => None,
    }
}

/// A value as a number of the type of an expression.
pub(super) fn as_type(ty: &Type, value: Number) -> Option<Value> {
    match ty {
        Type::Int | Type::Age | Type::AgeInDays | Type::Days | Type::Months => value.as_int().map(Value::Int),
        _ => Some(Value::Number(value)),
    }
}

/// The number in a value.
pub(super) fn of(value: &Value) -> Option<i128> {
    number(value).map(|number| number.0)
}
