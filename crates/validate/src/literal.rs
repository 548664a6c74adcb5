//! Literals have the forms of the one printer of literals, and no others.
//!
//! Text holds no control character (those are `chr` of a number), numbers are digits, days and instants
//! are of the years 1 to 9999 and exist in the calendar.

use crate::tree::{Expr, Statement};
use crate::violation::{Rule, Violations};
use jiff::civil::{Date, DateTime};

/// Digits, perhaps with digits after a point.
pub(crate) fn number(text: &str) -> bool {
    let digits =
        |part: &str| !part.is_empty() && part.len() <= 38 && part.bytes().all(|byte| byte.is_ascii_digit());
    match text.split_once('.') {
        Some((whole, part)) => digits(whole) && digits(part),
        None => digits(text),
    }
}

/// Checks every literal of a statement.
pub(crate) fn check(statement: &Statement, violations: &mut Violations) {
    for table in &statement.tables {
        let mut one = |expr: &Expr| {
            if let Some(sentence) = wrong(expr) {
                violations.add(Rule::Literal, &table.name, sentence);
            }
        };
        for block in table.body.blocks() {
            for root in block.expressions() {
                root.each(&mut one);
            }
        }
        if let crate::tree::Body::Values { rows, .. } = &table.body {
            for cell in rows.iter().flatten() {
                cell.each(&mut one);
            }
            if !rows.iter().flatten().all(constant) {
                violations.add(
                    Rule::Literal,
                    &table.name,
                    "A row of values holds something other than literals.",
                );
            }
        }
    }
}

fn wrong(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Text(text) if text.chars().any(|c| c.is_ascii_control()) => {
            Some("A text literal holds a control character.".to_owned())
        }
        Expr::Number(digits) if !number(digits) => Some(format!("`{digits}` is no number of ours.")),
        Expr::Date(text) => (!day(text)).then(|| format!("`{text}` is no day.")),
        Expr::Instant(text) => (!instant(text)).then(|| format!("`{text}` is no instant.")),
        _ => None,
    }
}

fn day(text: &str) -> bool {
    text.parse::<Date>().is_ok_and(|day| day.year() >= 1 && day.to_string() == text)
}

fn instant(text: &str) -> bool {
    text.parse::<DateTime>()
        .is_ok_and(|time| time.year() >= 1 && time.strftime("%Y-%m-%d %H:%M:%S").to_string() == text)
}

/// Whether a cell of literal rows is made of literals: casts, signs and joined pieces of text.
fn constant(value: &Expr) -> bool {
    match value {
        Expr::Null | Expr::Bool(_) | Expr::Number(_) | Expr::Text(_) | Expr::Date(_) | Expr::Instant(_) => {
            true
        }
        Expr::Minus(inner) | Expr::Cast { value: inner, .. } => constant(inner),
        Expr::Arithmetic(crate::tree::Arithmetic::Join, left, right) => constant(left) && constant(right),
        Expr::Call(called) => called.name == "chr" && called.arguments.iter().all(constant),
        _ => false,
    }
}
