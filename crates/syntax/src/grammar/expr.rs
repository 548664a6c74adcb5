//! Expressions: `Expr`, `Case`, `Not`, `Claim`, `Sum` down to `Atom`, with `Call`, `Arg` and `List`.
//!
//! What may follow a sum in a test (comparison, `in`, windows, `is known`) is in `suffix`.

use chumsky::prelude::*;

use super::{Rule, error, guarded, join, literal, name, number, path, skip_brackets, span, suffix, word};
use crate::failure::{Failure, Label};
use crate::problems::Problem;
use crate::tokens::Kind;
use crate::tree::{
    Argument, Arithmetic, Call, Count, CountBound, Entry, Expr, ExprKind, List, ObservedHow, Path,
    Quantifier, Span,
};

/// The rules for expressions that other rules use.
#[derive(Clone)]
pub(super) struct Exprs<'s> {
    pub(super) expr: Rule<'s, Expr>,
    pub(super) test: Rule<'s, Expr>,
    pub(super) sum: Rule<'s, Expr>,
}

/// `Expr`, `Test` and `Sum`.
pub(super) fn expr<'s>() -> Exprs<'s> {
    let mut expr = Recursive::declare();
    let whole = expr.clone().boxed();
    let list = guarded(list(&whole));
    let sum = guarded(sum(&whole, &list));
    let test = guarded(suffix::test(&whole, &sum, &list));
    let claim = guarded(claim(&test, &sum, &list));
    expr.define(choice((case(&whole), connected(&claim))).labelled(Label::Value).boxed());
    Exprs { expr: whole, test, sum }
}

/// `Case = "case" "when" Expr "then" Expr { "when" Expr "then" Expr } "otherwise" Expr`
fn case<'s>(expr: &Rule<'s, Expr>) -> Rule<'s, Expr> {
    let arm =
        just(Kind::When).ignore_then(expr.clone()).then_ignore(just(Kind::Then)).then(expr.clone()).boxed();
    just(Kind::Case)
        .ignore_then(arm.repeated().at_least(1).collect::<Vec<_>>())
        .then_ignore(just(Kind::Otherwise))
        .then(expr.clone())
        .map_with(|(arms, otherwise), here| Expr {
            kind: ExprKind::Case { arms, otherwise: Box::new(otherwise) },
            span: span(here),
        })
        .boxed()
}

/// `Not [ "and" Not { "and" Not } | "or" Not { "or" Not } ]`; both in one is a problem, and is then
/// read with `and` binding tighter.
fn connected<'s>(claim: &Rule<'s, Expr>) -> Rule<'s, Expr> {
    let not = negated(claim);
    let connective =
        one_of([Kind::And, Kind::Or]).map_with(|kind, here| (kind, span(here))).labelled(Label::Operator);
    not.clone()
        .then(connective.then(not).repeated().collect::<Vec<_>>())
        .validate(|(first, rest), _, emitter| {
            let mut kinds = rest.iter().map(|((kind, _), _)| *kind);
            let Some(kind) = kinds.next() else { return first };
            if kinds.all(|other| other == kind) {
                let operands =
                    std::iter::once(first).chain(rest.into_iter().map(|(_, operand)| operand)).collect();
                return connect(kind, operands);
            }
            emitter.emit(Failure::problem(Problem::Mixed {
                operators: rest.iter().map(|((kind, place), _)| (*kind, *place)).collect(),
                operands: std::iter::once(first.span)
                    .chain(rest.iter().map(|(_, operand)| operand.span))
                    .collect(),
            }));
            let mut sides = vec![vec![first]];
            for ((kind, _), operand) in rest {
                match sides.last_mut() {
                    Some(side) if kind == Kind::And => side.push(operand),
                    _ => sides.push(vec![operand]),
                }
            }
            connect(Kind::Or, sides.into_iter().map(|side| connect(Kind::And, side)).collect())
        })
        .boxed()
}

/// `a and b`, or just `a`.
fn connect(kind: Kind, mut operands: Vec<Expr>) -> Expr {
    let ends = operands.first().zip(operands.last()).map(|(first, last)| join(first.span, last.span));
    match (operands.len(), ends) {
        (1, _) | (_, None) => operands.pop().unwrap_or(error(Span { start: 0, end: 0 })),
        (_, Some(span)) => {
            let kind = if kind == Kind::And { ExprKind::And(operands) } else { ExprKind::Or(operands) };
            Expr { kind, span }
        }
    }
}

/// `Not = "not" Not | Claim`
fn negated<'s>(claim: &Rule<'s, Expr>) -> Rule<'s, Expr> {
    word(Kind::Not)
        .repeated()
        .foldr(claim.clone(), |not, inner| Expr {
            span: join(not, inner.span),
            kind: ExprKind::Not(Box::new(inner)),
        })
        .labelled(Label::Value)
        .boxed()
}

/// `Claim`: quantifiers, counts, `observed`, `consent valid`, or a test.
fn claim<'s>(test: &Rule<'s, Expr>, sum: &Rule<'s, Expr>, list: &Rule<'s, List>) -> Rule<'s, Expr> {
    choice((quantified(test), counted(test, list), observed(sum), consent(sum), test.clone())).boxed()
}

fn quantified<'s>(test: &Rule<'s, Expr>) -> Rule<'s, Expr> {
    select! { Kind::Has => Quantifier::Has, Kind::No => Quantifier::No, Kind::Excludes => Quantifier::Excludes }
        .then(test.clone().labelled(Label::Rows))
        .map_with(|(quantifier, rows), here| Expr {
            kind: ExprKind::Quantified { quantifier, rows: Box::new(rows) },
            span: span(here),
        })
        .boxed()
}

/// `Count ( Test | "of" List )`
fn counted<'s>(test: &Rule<'s, Expr>, list: &Rule<'s, List>) -> Rule<'s, Expr> {
    enum Of {
        Rows(Box<Expr>),
        Truths(List),
    }
    let at =
        just(Kind::At).ignore_then(select! { Kind::Least => Count::AtLeast, Kind::Most => Count::AtMost });
    let count = at.or(just(Kind::Exactly).to(Count::Exactly)).boxed();
    let bound = number().map(CountBound::Number).or(name().map(CountBound::Name)).boxed();
    let of = just(Kind::Of)
        .ignore_then(list.clone())
        .map(Of::Truths)
        .or(test.clone().labelled(Label::Rows).map(|rows| Of::Rows(Box::new(rows))))
        .boxed();
    count
        .then(bound)
        .then(of)
        .map_with(|((count, bound), of), here| {
            let kind = match of {
                Of::Rows(rows) => ExprKind::Counted { count, bound, rows },
                Of::Truths(truths) => ExprKind::CountedOf { count, bound, truths },
            };
            Expr { kind, span: span(here) }
        })
        .boxed()
}

/// `"observed" Sum ( ".." | "before" | "after" ) Sum`
fn observed<'s>(sum: &Rule<'s, Expr>) -> Rule<'s, Expr> {
    let how = select! {
        Kind::DotDot => ObservedHow::Range,
        Kind::Before => ObservedHow::Before,
        Kind::After => ObservedHow::After,
    };
    just(Kind::Observed)
        .ignore_then(sum.clone())
        .then(how)
        .then(sum.clone())
        .map_with(|((first, how), second), here| Expr {
            kind: ExprKind::Observed { first: Box::new(first), how, second: Box::new(second) },
            span: span(here),
        })
        .boxed()
}

/// `"consent" "valid" [ "at" Sum ] [ "for" Path ]`
fn consent<'s>(sum: &Rule<'s, Expr>) -> Rule<'s, Expr> {
    just(Kind::Consent)
        .then(just(Kind::Valid))
        .ignore_then(just(Kind::At).ignore_then(sum.clone()).or_not())
        .then(just(Kind::For).ignore_then(path()).or_not())
        .map_with(|(at, purpose): (Option<Expr>, Option<Path>), here| Expr {
            kind: ExprKind::ConsentValid { at: at.map(Box::new), purpose },
            span: span(here),
        })
        .boxed()
}

/// `Sum = Product { ( "+" | "-" ) Product }`, `Product = Factor { ( "*" | "/" ) Factor }`,
/// `Factor = "-" Factor | Dated`
fn sum<'s>(expr: &Rule<'s, Expr>, list: &Rule<'s, List>) -> Rule<'s, Expr> {
    let factor =
        word(Kind::Minus).repeated().foldr(guarded(dated(&guarded(postfix(expr, list)))), |minus, inner| {
            Expr { span: join(minus, inner.span), kind: ExprKind::Negative(Box::new(inner)) }
        });
    let product = chain(
        guarded(factor.boxed()),
        select! { Kind::Star => Arithmetic::Multiply, Kind::Slash => Arithmetic::Divide }
            .labelled(Label::Operator)
            .boxed(),
    );
    chain(
        product,
        select! { Kind::Plus => Arithmetic::Add, Kind::Minus => Arithmetic::Subtract }
            .labelled(Label::Operator)
            .boxed(),
    )
}

fn chain<'s>(operand: Rule<'s, Expr>, operator: Rule<'s, Arithmetic>) -> Rule<'s, Expr> {
    operand
        .clone()
        .foldl(operator.then(operand).repeated(), |left, (operator, right)| Expr {
            span: join(left.span, right.span),
            kind: ExprKind::Arithmetic { operator, left: Box::new(left), right: Box::new(right) },
        })
        .boxed()
}

/// `Dated = Postfix [ "at" Postfix ]`; `at least 2` is no date.
fn dated<'s>(postfix: &Rule<'s, Expr>) -> Rule<'s, Expr> {
    let at = just(Kind::At).and_is(suffix::at_least().not()).labelled(Label::Operator);
    postfix
        .clone()
        .then(at.ignore_then(postfix.clone()).or_not())
        .map(|(value, date)| match date {
            None => value,
            Some(date) => Expr {
                span: join(value.span, date.span),
                kind: ExprKind::At { value: Box::new(value), date: Box::new(date) },
            },
        })
        .boxed()
}

/// `Postfix = ( Atom | Call ) { "." Call }`
fn postfix<'s>(expr: &Rule<'s, Expr>, list: &Rule<'s, List>) -> Rule<'s, Expr> {
    let call = guarded(call(expr));
    guarded(atom(expr, &call, list))
        .foldl(just(Kind::Dot).labelled(Label::Operator).ignore_then(call).repeated(), |of, call| Expr {
            span: join(of.span, call.span),
            kind: ExprKind::Member { of: Box::new(of), call },
        })
        .boxed()
}

/// `Atom = Literal | List | "index" | "(" Expr { "," Expr } ")"`, or a call.
fn atom<'s>(expr: &Rule<'s, Expr>, call: &Rule<'s, Call>, list: &Rule<'s, List>) -> Rule<'s, Expr> {
    // `index at` opens a clause wherever it stands.
    let index = just(Kind::Index)
        .and_is(just(Kind::Index).then(just(Kind::At)).not())
        .map_with(|_, here| Expr { kind: ExprKind::Index, span: span(here) });
    let group = expr
        .clone()
        .separated_by(just(Kind::Comma))
        .at_least(1)
        .collect::<Vec<_>>()
        .delimited_by(just(Kind::OpenParen), just(Kind::CloseParen))
        .map_with(|inner, here| Expr { kind: ExprKind::Group(inner), span: span(here) })
        .recover_with(via_parser(skip_brackets(Kind::OpenParen).map(error)));
    choice((
        literal::literal().map(|literal| Expr { span: literal.span, kind: ExprKind::Literal(literal) }),
        list.clone().map(|list| Expr { span: list.span, kind: ExprKind::List(list) }),
        index,
        group,
        call.clone().map(|call| Expr { span: call.span, kind: ExprKind::Call(call) }),
    ))
    .labelled(Label::Value)
    .boxed()
}

/// `Call = Name [ "(" [ Arg { "," Arg } ] ")" ]`
fn call<'s>(expr: &Rule<'s, Expr>) -> Rule<'s, Call> {
    let arguments = guarded(argument(expr))
        .separated_by(just(Kind::Comma))
        .collect::<Vec<_>>()
        .delimited_by(just(Kind::OpenParen), just(Kind::CloseParen))
        .recover_with(via_parser(skip_brackets(Kind::OpenParen).map(|brackets| {
            let inside = Span { start: brackets.start + 1, end: brackets.end - 1 };
            vec![Argument { name: None, value: error(inside), condition: None, by: None, span: inside }]
        })))
        .labelled(Label::Operator);
    name()
        .then(arguments.or_not())
        .map_with(|(name, arguments), here| Call { name, arguments, span: span(here) })
        .boxed()
}

/// `Arg = [ Name ":" ] Expr [ "if" Expr ] [ "by" Expr [ "descending" ] ]`
fn argument<'s>(expr: &Rule<'s, Expr>) -> Rule<'s, Argument> {
    let by = just(Kind::By)
        .ignore_then(expr.clone())
        .then(just(Kind::Descending).or_not().map(|word| word.is_some()));
    name()
        .then_ignore(just(Kind::Colon))
        .or_not()
        .then(expr.clone())
        .then(just(Kind::If).ignore_then(expr.clone()).or_not())
        .then(by.or_not())
        .map_with(|(((name, value), condition), by), here| Argument {
            name,
            value,
            condition,
            by,
            span: span(here),
        })
        .boxed()
}

/// `List = "[" [ Entry { "," Entry } ] "]"`, `Entry = Expr | "only" Literal | Literal ".." Literal`
pub(super) fn list<'s>(expr: &Rule<'s, Expr>) -> Rule<'s, List> {
    let literal = literal::literal();
    let only = just(Kind::Only)
        .ignore_then(literal.clone())
        .map_with(|literal, here| Entry::Only(literal, span(here)));
    let range = literal
        .clone()
        .then_ignore(just(Kind::DotDot))
        .then(literal)
        .map_with(|(first, last), here| Entry::Range(first, last, span(here)));
    choice((only, range, expr.clone().map(Entry::Expr)))
        .separated_by(just(Kind::Comma))
        .collect::<Vec<_>>()
        .delimited_by(just(Kind::OpenBracket), just(Kind::CloseBracket))
        .map_with(|entries, here| List { entries, span: span(here) })
        .recover_with(via_parser(skip_brackets(Kind::OpenBracket).map(|brackets| {
            let inside = Span { start: brackets.start + 1, end: brackets.end - 1 };
            List { entries: vec![Entry::Expr(error(inside))], span: brackets }
        })))
        .boxed()
}
