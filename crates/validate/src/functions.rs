//! The functions that a text may call, each with the reason why it fails on no row.
//!
//! The list is this crate's own: a function that the printer learns is refused until somebody has thought
//! about it here. Nothing on it reads a clock, a file, a setting or chance, and no aggregate depends on
//! the order of rows.

use crate::tree::{Call, Expr, Statement};
use crate::violation::{Rule, Violations};

/// What a function is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Of the values of one row.
    Scalar,
    /// Of the values of several rows; also over a window.
    Aggregate,
    /// Over a window only.
    Window,
}

/// A function of the list.
struct Function {
    name: &'static str,
    kind: Kind,
    /// The least and the greatest number of arguments.
    arguments: (usize, usize),
}

const fn scalar(name: &'static str, least: usize, most: usize) -> Function {
    Function { name, kind: Kind::Scalar, arguments: (least, most) }
}

const fn aggregate(name: &'static str, least: usize, most: usize) -> Function {
    Function { name, kind: Kind::Aggregate, arguments: (least, most) }
}

const MANY: usize = usize::MAX;

const FUNCTIONS: &[Function] = &[
    // Only of numbers of at most 38 digits, whose least value has a positive counterpart.
    scalar("abs", 1, 1),
    // Only of a literal below 128 (`literal`).
    scalar("chr", 1, 1),
    // Choose one of their arguments.
    scalar("coalesce", 1, MANY),
    scalar("greatest", 1, MANY),
    scalar("least", 1, MANY),
    scalar("nullif", 2, 2),
    // Days between two dates of 32 bits fit 64 bits; null for an infinite one. Only with the literal 'day'.
    scalar("date_diff", 3, 3),
    // Parts of a date; null for an infinite one.
    scalar("day", 1, 1),
    scalar("month", 1, 1),
    scalar("year", 1, 1),
    // Fails for parts that are no date, so only of the year and month of a date and the day 1.
    scalar("make_date", 3, 3),
    // Takes any count of 32 bits.
    scalar("to_months", 1, 1),
    // Lists: no index is ever out of reach, a missing one is null.
    scalar("list_append", 2, 2),
    scalar("list_contains", 2, 2),
    scalar("list_extract", 2, 2),
    scalar("list_transform", 2, 2),
    // Of any text; the same digits everywhere.
    scalar("sha256", 1, 1),
    // -1, 0 and 1; the digits before the point.
    scalar("sign", 1, 1),
    scalar("trunc", 1, 2),
    // To so many places, of numbers with any digits.
    scalar("round", 2, 2),
    // Compares bytes; no pattern is compiled.
    scalar("starts_with", 2, 2),
    // Numbers of rows, and one of the values.
    aggregate("count", 0, 1),
    aggregate("max", 1, 1),
    aggregate("min", 1, 1),
    // The people behind a number, which release compares and never shows: only where it is demanded.
    aggregate("list", 1, 1),
    // Orders by value, not by row. The fraction is a literal.
    aggregate("quantile_disc", 2, 2),
    // In 128 bits, which 2⁶⁴ rows of 64 bits do not fill; of decimals only of parts that are small.
    aggregate("sum", 1, 1),
    Function { name: "row_number", kind: Kind::Window, arguments: (0, 0) },
];

fn find(name: &str) -> Option<&'static Function> {
    FUNCTIONS.iter().find(|function| function.name == name)
}

/// Whether a word may stand for a function.
pub(crate) fn allowed(name: &str) -> bool {
    find(name).is_some()
}

/// Checks every call of a statement. `members`: whether its result may list people.
pub(crate) fn check(statement: &Statement, members: bool, violations: &mut Violations) {
    for table in &statement.tables {
        for block in table.body.blocks() {
            for root in block.expressions() {
                root.each(&mut |expr| {
                    if let Expr::Call(called) = expr
                        && let Err(sentence) = call(called)
                    {
                        violations.add(Rule::Function, &table.name, sentence);
                    }
                    if !members && matches!(expr, Expr::Call(called) if called.name == "list") {
                        let sentence = "People are listed, and no list of people was asked for.";
                        violations.add(Rule::Function, &table.name, sentence);
                    }
                });
            }
        }
    }
}

fn call(call: &Call) -> Result<(), String> {
    let name = &call.name;
    let Some(function) = find(name) else {
        return Err(format!("The function `{name}` is not on the list."));
    };
    let (least, most) = function.arguments;
    if call.arguments.len() < least
        || most < call.arguments.len()
        || (call.all_rows && (name != "count" || !call.arguments.is_empty()))
    {
        return Err(format!("`{name}` does not take {} arguments.", call.arguments.len()));
    }
    if name == "count" && !call.all_rows && call.arguments.is_empty() {
        return Err("`count` counts nothing.".to_owned());
    }
    let right = match function.kind {
        Kind::Scalar => !call.distinct && call.filter.is_none() && call.over.is_none(),
        Kind::Aggregate => {
            // An order alone would cut the rows that are taken in, by a rule that is not written out.
            // A list is in no order, which matters to nobody who reads it as a set.
            call.distinct == (name == "list" || (call.distinct && name == "count"))
                && (name != "list" || call.over.is_none())
                && call.over.as_ref().is_none_or(|over| over.order.is_empty() != over.before)
        }
        Kind::Window => {
            !call.distinct
                && call.filter.is_none()
                && call.over.as_ref().is_some_and(|over| !over.order.is_empty() && !over.before)
        }
    };
    if !right {
        return Err(format!(
            "`{name}` is called in a way in which it has no meaning here, or depends on the order of rows."
        ));
    }
    arguments(call)
}

/// The shares at which values are read: above none and below all, in ten-thousandths.
fn share_of_values(share: &str) -> bool {
    let digits = share.strip_prefix("0.").unwrap_or_default();
    (1..=4).contains(&digits.len())
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && digits.bytes().any(|byte| byte != b'0')
}

/// The functions that are total for certain arguments only.
fn arguments(call: &Call) -> Result<(), String> {
    let right = match (call.name.as_str(), call.arguments.as_slice()) {
        ("chr", [Expr::Number(code)]) => code.parse::<u8>().is_ok_and(|code| (1..128).contains(&code)),
        ("date_diff", [Expr::Text(part), _, _]) => part == "day",
        ("make_date", [year, month, Expr::Number(day)]) => {
            matches!((dated("year", year), dated("month", month)), (Some(of), Some(also)) if of == also)
                && day == "1"
        }
        ("quantile_disc", [_, Expr::Number(share)]) => share_of_values(share),
        ("quantile_disc", [_, Expr::Minus(share)]) => {
            matches!(share.as_ref(), Expr::Number(share) if share_of_values(share))
        }
        ("list_transform", [Expr::List(rows), Expr::Lambda(..)]) => matches!(rows.as_slice(), [Expr::Row(_)]),
        ("list_extract", [_, Expr::Number(place)]) => place == "1",
        ("round", [_, Expr::Number(places)]) => places.parse::<u8>().is_ok(),
        ("starts_with", [_, prefix]) => constant(prefix),
        (
            "chr" | "date_diff" | "make_date" | "quantile_disc" | "list_transform" | "list_extract" | "round",
            _,
        ) => false,
        _ => true,
    };
    if right {
        Ok(())
    } else {
        Err(format!("`{}` is not called with the arguments for which it fails on no row.", call.name))
    }
}

/// The date whose part this is.
fn dated<'e>(part: &str, expr: &'e Expr) -> Option<&'e Expr> {
    match expr {
        Expr::Call(call) if call.name == part => call.arguments.first(),
        _ => None,
    }
}

/// Whether a value is made of literals only.
fn constant(expr: &Expr) -> bool {
    let mut constant = true;
    expr.each(&mut |part| constant &= !matches!(part, Expr::Column(..) | Expr::InTable { .. }));
    constant
}
