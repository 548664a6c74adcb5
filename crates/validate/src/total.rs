//! Operators and casts that fail on no row.
//!
//! A cast that may fail must be `TRY_CAST`. `CAST` is left for values that always have a counterpart in the
//! type: null, literals, the empty list, anything as text, whole numbers in 128 bits, fractions below one.
//! Two columns are never added or multiplied as they are, because 64 bits may not hold the result.
//!
//! Types are not inferred here: that a value cast to 128 bits is a whole number, and that a number added to
//! a column is added to a day, is left to the tests of the printer. A mistake there is an error of the
//! engine on some row, and the text of such an error never reaches a user.

use crate::tree::{Arithmetic, Expr, Statement};
use crate::violation::{Rule, Violations};

/// Types that a cast may name.
const TYPES: &[&str] = &["BIGINT", "BOOLEAN", "DATE", "HUGEINT", "INTEGER", "VARCHAR", "VARCHAR[]"];

/// Checks every operator and cast of a statement.
pub(crate) fn check(statement: &Statement, violations: &mut Violations) {
    for table in &statement.tables {
        for block in table.body.blocks() {
            for root in block.expressions() {
                walk(root, false, &mut |sentence| violations.add(Rule::Total, &table.name, sentence));
            }
        }
    }
}

/// `decimal`: whether the value is cast to a decimal or null, as the sum of two decimals is, which has one
/// digit more than they have.
fn walk(expr: &Expr, decimal: bool, refuse: &mut dyn FnMut(String)) {
    if let Err(sentence) = one(expr, decimal) {
        refuse(sentence);
    }
    let decimal = matches!(expr, Expr::Cast { or_null: true, ty, .. } if is_decimal(ty));
    for part in expr.parts() {
        walk(part, decimal, refuse);
    }
}

fn one(expr: &Expr, decimal: bool) -> Result<(), String> {
    match expr {
        Expr::Cast { or_null, value, ty } => {
            if !TYPES.contains(&ty.as_str()) && !is_decimal(ty) {
                return Err(format!("A cast names the type {ty}."));
            }
            if *or_null || safe(value, ty) {
                Ok(())
            } else {
                Err(format!("A cast to {ty} may fail on a row."))
            }
        }
        Expr::Minus(value) if !matches!(value.as_ref(), Expr::Number(_)) => {
            Err("Something other than a number is negated.".to_owned())
        }
        Expr::Arithmetic(Arithmetic::Multiply, left, right) if plain(left) && plain(right) => {
            Err("Two columns are multiplied as they are.".to_owned())
        }
        Expr::Arithmetic(Arithmetic::Add | Arithmetic::Subtract, left, right)
            if plain(left) && plain(right) && !decimal =>
        {
            Err("Two columns are added as they are.".to_owned())
        }
        _ => Ok(()),
    }
}

fn is_decimal(ty: &str) -> bool {
    let inside = ty.strip_prefix("DECIMAL(").and_then(|rest| rest.strip_suffix(')'));
    inside.and_then(|inside| inside.split_once(',')).is_some_and(|(width, scale)| {
        let number = |text: &str| text.parse::<u8>().ok();
        matches!((number(width), number(scale)), (Some(width), Some(scale)) if width <= 38 && scale <= width)
    })
}

/// Whether a value is a column as it stands.
fn plain(expr: &Expr) -> bool {
    matches!(expr, Expr::Column(source, _) if !source.starts_with('_'))
}

/// Whether every value of this form has a counterpart in the type.
fn safe(value: &Expr, ty: &str) -> bool {
    match (value, ty) {
        (Expr::List(none), "VARCHAR[]") => none.is_empty(),
        (Expr::List(_), _) => false,
        (Expr::Null, _)
        | (_, "VARCHAR")
        | (Expr::Number(_) | Expr::Minus(_), "BIGINT" | "HUGEINT" | "INTEGER") => true,
        (Expr::Text(digits), _) if is_decimal(ty) => {
            crate::literal::number(digits.strip_prefix('-').unwrap_or(digits))
        }
        (Expr::Text(_) | Expr::Bool(_) | Expr::Date(_) | Expr::Instant(_), _) => false,
        // Whole numbers and whole parts of decimals of at most 38 digits.
        (_, "HUGEINT") => true,
        // A choice among small literals: keys, ranks, answers.
        (Expr::Case { .. }, "BIGINT") => small(value),
        // A day with months added, which DuckDB gives as a timestamp.
        (Expr::Arithmetic(Arithmetic::Add, _, months), "DATE") => {
            matches!(months.as_ref(), Expr::Call(call) if call.name == "to_months")
        }
        // Digits that are all before or all after the point of a value with as many.
        _ => is_decimal(ty),
    }
}

/// Whether all values of a choice are whole literals, or choices of those.
fn small(value: &Expr) -> bool {
    match value {
        Expr::Number(digits) => digits.len() < 19 && !digits.contains('.'),
        Expr::Minus(inner) | Expr::Cast { value: inner, .. } => small(inner),
        Expr::Null => true,
        Expr::Case { arms, otherwise } => {
            arms.iter().all(|(_, value)| small(value)) && otherwise.as_deref().is_none_or(small)
        }
        Expr::Call(call) if matches!(call.name.as_str(), "coalesce" | "least" | "greatest") => {
            call.arguments.iter().all(small)
        }
        _ => false,
    }
}
