//! What may follow a value in a test: `Test`, `Set`, `Member`, `End`, `Window`, `Relop`.
//!
//! Three common slips are read here as what they mean, with a diagnostic: `age at least 18`,
//! `a < b < c`, and a window without its date.

use chumsky::prelude::*;

use super::{Rule, error, guarded, join, literal, path, span, word};
use crate::failure::{Failure, Label};
use crate::problems::Problem;
use crate::tokens::Kind;
use crate::tree::{Absent, End, Expr, ExprKind, List, Member, Relop, Set, Side, Span, Window, WindowKind};

/// What follows the value, before both are put together.
enum Suffix {
    Compare { comparisons: Vec<((Relop, Span), Expr)>, absent: Option<Absent> },
    In { negated: bool, set: Box<Set>, condition: Option<Box<Expr>>, windows: Vec<Window> },
    Windowed(Vec<Window>),
    Known { negated: bool },
}

/// `Test = Sum [ Relop Sum [ "counting" … ] | [ "not" ] "in" Set [ "(" Expr ")" ] { Window } | Window { Window }
/// | "is" [ "not" ] "known" ]`
pub(super) fn test<'s>(expr: &Rule<'s, Expr>, sum: &Rule<'s, Expr>, list: &Rule<'s, List>) -> Rule<'s, Expr> {
    let window = window(sum);
    let suffix = choice((
        comparison(sum).labelled(Label::Operator).boxed(),
        membership(expr, list, &window).labelled(Label::Operator).boxed(),
        window.labelled(Label::Window).repeated().at_least(1).collect().map(Suffix::Windowed).boxed(),
        just(Kind::Is)
            .ignore_then(negation())
            .then_ignore(just(Kind::Known))
            .map(|negated| Suffix::Known { negated })
            .labelled(Label::Operator)
            .boxed(),
        instead_of_sign(sum),
    ))
    .boxed();
    sum.clone()
        .then(guarded(suffix).or_not())
        .validate(|(value, suffix), here, emitter| {
            let Some(suffix) = suffix else { return value };
            let whole = span(here);
            let value = Box::new(value);
            let kind = match suffix {
                Suffix::Compare { comparisons, absent } => {
                    return compare(value, comparisons, absent, whole, emitter);
                }
                Suffix::In { negated, set, condition, windows } => {
                    ExprKind::In { value, negated, set: *set, condition, windows }
                }
                Suffix::Windowed(windows) => ExprKind::Windowed { value, windows },
                Suffix::Known { negated } => ExprKind::IsKnown { value, negated },
            };
            Expr { kind, span: whole }
        })
        .boxed()
}

/// A comparison; of a chain, only the first is kept.
fn compare(
    left: Box<Expr>,
    comparisons: Vec<((Relop, Span), Expr)>,
    absent: Option<Absent>,
    whole: Span,
    emitter: &mut chumsky::input::Emitter<Failure>,
) -> Expr {
    if comparisons.len() > 1 {
        emitter.emit(Failure::problem(Problem::Chained {
            operators: comparisons.iter().map(|((_, place), _)| *place).collect(),
            operands: std::iter::once(left.span)
                .chain(comparisons.iter().map(|(_, operand)| operand.span))
                .collect(),
        }));
    }
    match comparisons.into_iter().next() {
        None => *left,
        Some(((operator, operator_span), right)) => Expr {
            kind: ExprKind::Compare { operator, operator_span, left, right: Box::new(right), absent },
            span: whole,
        },
    }
}

fn comparison<'s>(sum: &Rule<'s, Expr>) -> Rule<'s, Suffix> {
    let sign = select! {
        Kind::Equal => Relop::Equal,
        Kind::NotEqual => Relop::NotEqual,
        Kind::Less => Relop::Less,
        Kind::LessOrEqual => Relop::LessOrEqual,
        Kind::Greater => Relop::Greater,
        Kind::GreaterOrEqual => Relop::GreaterOrEqual,
    };
    let absent = just(Kind::Counting)
        .then(just(Kind::Absent))
        .then(just(Kind::As))
        .ignore_then(select! { Kind::Zero => Absent::Zero, Kind::Unknown => Absent::Unknown })
        .labelled(Label::Operator);
    sign.map_with(|sign, here| (sign, span(here)))
        .then(sum.clone())
        .repeated()
        .at_least(1)
        .collect::<Vec<_>>()
        .then(absent.or_not())
        .map(|(comparisons, absent)| Suffix::Compare { comparisons, absent })
        .boxed()
}

/// `at least`, `at most` before something that can be compared with. A name after `least` cannot go
/// on an expression, so a column called `least` is still read by `x at least`.
pub(super) fn at_least<'s>() -> Rule<'s, (Relop, Span)> {
    let operand = any().filter(|kind: &Kind| {
        matches!(kind, Kind::Int | Kind::Decimal | Kind::Date | Kind::Code | Kind::Word | Kind::Quoted)
    });
    just(Kind::At)
        .ignore_then(select! { Kind::Least => Relop::GreaterOrEqual, Kind::Most => Relop::LessOrEqual })
        .map_with(|sign, here| (sign, span(here)))
        .then_ignore(operand.rewind())
        .boxed()
}

/// Words of counting where a sign is due.
fn instead_of_sign<'s>(sum: &Rule<'s, Expr>) -> Rule<'s, Suffix> {
    let exactly = word(Kind::Exactly).map(|place| (Relop::Equal, place));
    // Nobody is told to write this, so it is never among what was expected.
    let words =
        at_least().or(exactly).map_err(|failure: Failure| Failure { at: failure.at, ..Failure::default() });
    words
        .then(sum.clone())
        .validate(|((sign, words), right), _, emitter| {
            emitter.emit(Failure::problem(Problem::AtLeast { words, sign }));
            Suffix::Compare { comparisons: vec![((sign, words), right)], absent: None }
        })
        .boxed()
}

fn membership<'s>(
    expr: &Rule<'s, Expr>,
    list: &Rule<'s, List>,
    window: &Rule<'s, Window>,
) -> Rule<'s, Suffix> {
    let condition = expr
        .clone()
        .delimited_by(just(Kind::OpenParen), just(Kind::CloseParen))
        .recover_with(via_parser(super::skip_brackets(Kind::OpenParen).map(error)));
    negation()
        .then_ignore(just(Kind::In))
        .then(guarded(set(list)))
        .then(condition.or_not())
        .then(window.clone().labelled(Label::Window).repeated().collect::<Vec<_>>())
        .map(|(((negated, set), condition), windows)| Suffix::In {
            negated,
            set: Box::new(set),
            condition: condition.map(Box::new),
            windows,
        })
        .boxed()
}

fn negation<'s>() -> Rule<'s, bool> {
    just(Kind::Not).or_not().map(|not| not.is_some()).boxed()
}

/// `Set = Member [ "excluding" Member ]`, `Member = End [ ".." End ] | List`, `End = [ "only" ] Literal | Path`
pub(super) fn set<'s>(list: &Rule<'s, List>) -> Rule<'s, Set> {
    let only =
        just(Kind::Only).ignore_then(literal::literal()).map(|literal| End::Literal { only: true, literal });
    let plain = literal::literal().map(|literal| End::Literal { only: false, literal });
    let end = choice((only, plain, path().map(End::Path))).boxed();
    let range =
        end.clone().then(just(Kind::DotDot).ignore_then(end).or_not()).map(|(first, second)| match second {
            None => Member::End(first),
            Some(second) => Member::Range(first, second),
        });
    let member = list.clone().map(Member::List).or(range).boxed();
    member
        .clone()
        .then(just(Kind::Excluding).ignore_then(member).or_not())
        .map_with(|(member, excluding), here| Set { member, excluding, span: span(here) })
        .boxed()
}

/// `[ "on" "or" ] ( "before" | "after" )`
fn side<'s>() -> Rule<'s, (bool, Side)> {
    let inclusive = just(Kind::On).then(just(Kind::Or)).or_not().map(|words| words.is_some());
    inclusive.then(select! { Kind::Before => Side::Before, Kind::After => Side::After }).boxed()
}

/// `Window`
fn window<'s>(sum: &Rule<'s, Expr>) -> Rule<'s, Window> {
    let sided =
        side().then(sum.clone()).map(|((inclusive, side), date)| WindowKind::Side { inclusive, side, date });
    let different = just(Kind::Different).then(just(Kind::Days)).map(|_| WindowKind::DifferentDays);
    let on = just(Kind::On).ignore_then(different.or(sum.clone().map(WindowKind::On)));
    let during = just(Kind::During)
        .ignore_then(sum.clone())
        .then(just(Kind::DotDot).ignore_then(sum.clone()).or_not())
        .map(|(first, last)| WindowKind::During(first, last));
    choice((sided.boxed(), on.boxed(), during.boxed(), within(sum)))
        .map_with(|kind, here| Window { kind, span: span(here) })
        .boxed()
}

/// `"within" Sum ( [ "on" "or" ] ( "before" | "after" ) Sum | "of" ( Sum | "each" "other" ) )`
fn within<'s>(sum: &Rule<'s, Expr>) -> Rule<'s, WindowKind> {
    enum Bound {
        Side(bool, Side, Expr),
        Around(Expr),
        EachOther,
    }
    let sided = side().then(sum.clone()).map(|((inclusive, side), date)| Bound::Side(inclusive, side, date));
    let each_other = just(Kind::Each).then(just(Kind::Other)).map(|_| Bound::EachOther);
    let around = just(Kind::Of).ignore_then(each_other.or(sum.clone().map(Bound::Around)));
    word(Kind::Within)
        .then(sum.clone())
        .then(sided.or(around).or_not())
        .validate(|((within, length), bound), _, emitter| match bound {
            Some(Bound::Side(inclusive, side, date)) => WindowKind::Within { length, inclusive, side, date },
            Some(Bound::Around(date)) => WindowKind::Around { length, date },
            Some(Bound::EachOther) => WindowKind::EachOther(length),
            None => {
                emitter.emit(Failure::problem(Problem::Window {
                    window: join(within, length.span),
                    length: length.span,
                }));
                let end = Span { start: length.span.end, end: length.span.end };
                WindowKind::Around { length, date: error(end) }
            }
        })
        .boxed()
}
