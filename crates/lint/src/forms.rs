//! Forms with a plainer spelling, or that are easily read as another: `at least 1`, `not has`, `within 0 days`,
//! `limit` without an order.

use crate::Input;
use diag::{Code, Diagnostic};
use syntax::tree::{
    Clause, Count, CountBound, Expr, ExprKind, Item, LiteralKind, Quantifier, Unit, Window, WindowKind,
};
use syntax::{Node, Parsed, walk};
use text::Range;

pub(crate) fn lint(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    let parsed = input.main;
    walk(&parsed.file, &mut |node| {
        match node {
            Node::Expr(expr) => of_expr(parsed, expr, found),
            Node::Window(window) => of_window(parsed, window, found),
            Node::Item(Item::Table(table)) => limit(parsed, &table.clauses, found),
            _ => {}
        }
        true
    });
}

/// From the start of a whole to the start of a part of it: the words that stand before the part.
fn before(whole: Range, part: Range) -> Range {
    Range::new(whole.file, whole.start, part.start)
}

fn of_expr(parsed: &Parsed, expr: &Expr, found: &mut Vec<Diagnostic>) {
    let whole = parsed.range(expr.span);
    match &expr.kind {
        ExprKind::Counted { count, bound: CountBound::Number(bound), rows } => {
            let word = match (count, bound.digits.as_str()) {
                (Count::AtLeast, "1") => "has",
                (Count::AtMost | Count::Exactly, "0") => "no",
                _ => return,
            };
            let words = before(whole, parsed.range(rows.span));
            let written = parsed.tape.source().get(words.start as usize..words.end as usize).unwrap_or("");
            found.push(
                Diagnostic::warning(
                    Code("W0115"),
                    format!("`{}` is `{word}`", written.trim_end()),
                    words,
                    "a count of one or none",
                )
                .fix(format!("write `{word}`"), vec![(words, format!("{word} "))]),
            );
        }
        ExprKind::Not(inner) => {
            let at = parsed.range(inner.span);
            let (message, replaced, word) = match &inner.kind {
                ExprKind::Quantified { quantifier: Quantifier::Has, rows } => {
                    ("`not has` is `no`", before(whole, parsed.range(rows.span)), "no ")
                }
                ExprKind::Quantified { quantifier: Quantifier::No, rows } => {
                    ("`not no` is `has`", before(whole, parsed.range(rows.span)), "has ")
                }
                ExprKind::Not(twice) => {
                    ("`not not` says nothing", before(whole, parsed.range(twice.span)), "")
                }
                _ => return,
            };
            let title = if word.is_empty() {
                "leave both out".to_owned()
            } else {
                format!("write `{}`", word.trim_end())
            };
            found.push(
                Diagnostic::warning(
                    Code("W0116"),
                    message,
                    before(whole, at).to(at),
                    "a negation of a negation or of `has`",
                )
                .fix(title, vec![(replaced, word.to_owned())]),
            );
        }
        _ => {}
    }
}

fn is_zero(expr: &Expr) -> bool {
    let ExprKind::Literal(literal) = &expr.kind else { return false };
    let LiteralKind::Quantity { number, unit } = &literal.kind else { return false };
    !matches!(unit, Unit::Percent | Unit::Ucum(_))
        && !number.bytes().any(|digit| (b'1'..=b'9').contains(&digit))
}

fn of_window(parsed: &Parsed, window: &Window, found: &mut Vec<Diagnostic>) {
    let (length, date) = match &window.kind {
        WindowKind::Around { length, date } => (length, date),
        // Without `on or` nothing lies in it, which the rules about rows say.
        WindowKind::Within { length, inclusive: true, date, side: _ } => (length, date),
        _ => return,
    };
    if is_zero(length) {
        let range = parsed.range(window.span);
        let words = before(range, parsed.range(date.span));
        found.push(
            Diagnostic::warning(Code("W0134"), "a window of no length is one day", range, "the day itself")
                .fix("write `on`", vec![(words, "on ".to_owned())]),
        );
    }
}

fn limit(parsed: &Parsed, clauses: &[Clause], found: &mut Vec<Diagnostic>) {
    if clauses.iter().any(|clause| matches!(clause, Clause::Order(_))) {
        return;
    }
    for clause in clauses {
        let Clause::Limit(limit) = clause else { continue };
        found.push(
            Diagnostic::warning(
                Code("W0113"),
                format!("the first {} rows of no order that was asked for", limit.count.digits),
                parsed.range(limit.span),
                "first by what?",
            )
            .note("without `order by` rows come in the order of their keys, so these are not the greatest or the newest")
            .help("write `order by … descending` before it"),
        );
    }
}
