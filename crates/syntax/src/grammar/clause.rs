//! Clauses of cohorts and tables, and lists of columns.

use chumsky::prelude::*;

use super::expr::Exprs;
use super::{Rule, name, number, path, span, word};
use crate::failure::Label;
use crate::tokens::Kind;
use crate::tree::{
    Clause, Column, Columns, Draw, Each, Expr, Frequency, Group, Index, Let, Limit, Match, Order, Span, Where,
};

/// Any clause; which may stand in which item is not asked here.
pub(super) fn clause<'s>(exprs: &Exprs<'s>) -> Rule<'s, Clause> {
    let columns = columns(&exprs.expr);
    choice((
        rule(&exprs.expr),
        binding(&exprs.expr),
        index(&exprs.expr),
        exit(&columns),
        matching(&exprs.sum),
        draw(),
        each(&exprs.expr),
        group(&columns),
        frequency(&exprs.test, &columns),
        show(&columns).map(Clause::Show).boxed(),
        order(&exprs.expr),
        limit(),
    ))
    .labelled(Label::Clause)
    .boxed()
}

/// `Columns = Column { "," Column }`, `Column = [ Name "=" ] Expr [ "{" Columns "}" ]`
pub(super) fn columns<'s>(expr: &Rule<'s, Expr>) -> Rule<'s, Columns> {
    let expr = expr.clone();
    recursive(move |columns| {
        let nested = columns.delimited_by(just(Kind::OpenBrace), just(Kind::CloseBrace));
        name()
            .then_ignore(just(Kind::Equal))
            .or_not()
            .then(expr)
            .then(nested.or_not())
            .map_with(|((name, value), nested), here| Column { name, value, nested, span: span(here) })
            .separated_by(just(Kind::Comma))
            .at_least(1)
            .collect::<Vec<_>>()
            .map_with(|columns, here| Columns { columns, span: span(here) })
            .boxed()
    })
    .boxed()
}

/// `Show = "show" Columns`
pub(super) fn show<'s>(columns: &Rule<'s, Columns>) -> Rule<'s, Columns> {
    word(Kind::Show).then(columns.clone()).map(from_word).boxed()
}

/// Columns whose clause word belongs to them.
fn from_word((word, columns): (Span, Columns)) -> Columns {
    Columns { span: Span { start: word.start, end: columns.span.end }, ..columns }
}

fn rule<'s>(expr: &Rule<'s, Expr>) -> Rule<'s, Clause> {
    just(Kind::Where)
        .ignore_then(name().then_ignore(just(Kind::Colon)).or_not())
        .then(expr.clone().labelled(Label::Condition))
        .map_with(|(name, condition), here| Clause::Where(Where { name, condition, span: span(here) }))
        .boxed()
}

fn binding<'s>(expr: &Rule<'s, Expr>) -> Rule<'s, Clause> {
    just(Kind::Let)
        .ignore_then(name())
        .then_ignore(just(Kind::Equal))
        .then(expr.clone())
        .map_with(|(name, value), here| Clause::Let(Let { name, value, span: span(here) }))
        .boxed()
}

fn index<'s>(expr: &Rule<'s, Expr>) -> Rule<'s, Clause> {
    just(Kind::Index)
        .then(just(Kind::At))
        .ignore_then(just(Kind::Each).or_not())
        .then(expr.clone())
        .map_with(|(each, date), here| Clause::Index(Index { each: each.is_some(), date, span: span(here) }))
        .boxed()
}

fn exit<'s>(columns: &Rule<'s, Columns>) -> Rule<'s, Clause> {
    word(Kind::Exit)
        .then_ignore(just(Kind::At))
        .then(columns.clone())
        .map(|exit| Clause::Exit(from_word(exit)))
        .boxed()
}

/// `Match = "match" INT "to" "each" "of" Path "on" Key { "," Key } "seed" INT`, `Key = Sum [ "within" Sum ]`
fn matching<'s>(sum: &Rule<'s, Expr>) -> Rule<'s, Clause> {
    let key = sum.clone().then(just(Kind::Within).ignore_then(sum.clone()).or_not()).boxed();
    let keys = key.separated_by(just(Kind::Comma)).at_least(1).collect::<Vec<_>>().boxed();
    let head =
        just(Kind::Match).ignore_then(number()).then_ignore(just(Kind::To)).then_ignore(just(Kind::Each));
    head.then_ignore(just(Kind::Of))
        .then(path())
        .then_ignore(just(Kind::On))
        .then(keys)
        .then_ignore(just(Kind::Seed))
        .then(number())
        .map_with(|(((count, cases), keys), seed), here| {
            Clause::Match(Match { count, cases, keys, seed, span: span(here) })
        })
        .boxed()
}

fn draw<'s>() -> Rule<'s, Clause> {
    just(Kind::Draw)
        .ignore_then(number())
        .then_ignore(just(Kind::Seed))
        .then(number())
        .map_with(|(count, seed), here| Clause::Draw(Draw { count, seed, span: span(here) }))
        .boxed()
}

fn each<'s>(expr: &Rule<'s, Expr>) -> Rule<'s, Clause> {
    just(Kind::For)
        .then(just(Kind::Each))
        .ignore_then(name())
        .then_ignore(just(Kind::In))
        .then(expr.clone())
        .map_with(|(name, rows), here| Clause::Each(Each { name, rows, span: span(here) }))
        .boxed()
}

/// `[ "with" "totals" ]`
fn totals<'s>() -> Rule<'s, bool> {
    just(Kind::With).then(just(Kind::Totals)).or_not().map(|words| words.is_some()).boxed()
}

fn group<'s>(columns: &Rule<'s, Columns>) -> Rule<'s, Clause> {
    just(Kind::Group)
        .then(just(Kind::By))
        .ignore_then(columns.clone())
        .then(totals())
        .map_with(|(by, totals), here| Clause::Group(Group { by, totals, span: span(here) }))
        .boxed()
}

/// `Freq = "frequency" [ Name "=" ] "among" Test [ "by" Columns [ "with" "totals" ] ]`
fn frequency<'s>(test: &Rule<'s, Expr>, columns: &Rule<'s, Columns>) -> Rule<'s, Clause> {
    let by = just(Kind::By).ignore_then(columns.clone()).then(totals()).boxed();
    just(Kind::Frequency)
        .ignore_then(name().then_ignore(just(Kind::Equal)).or_not())
        .then_ignore(just(Kind::Among))
        .then(test.clone().labelled(Label::Rows))
        .then(by.or_not())
        .map_with(|((name, among), by), here| {
            let (by, totals) = by.map_or((None, false), |(by, totals)| (Some(by), totals));
            Clause::Frequency(Frequency { name, among, by, totals, span: span(here) })
        })
        .boxed()
}

fn order<'s>(expr: &Rule<'s, Expr>) -> Rule<'s, Clause> {
    let key = expr.clone().then(just(Kind::Descending).or_not().map(|word| word.is_some())).boxed();
    just(Kind::Order)
        .then(just(Kind::By))
        .ignore_then(key.separated_by(just(Kind::Comma)).at_least(1).collect::<Vec<_>>())
        .map_with(|keys, here| Clause::Order(Order { keys, span: span(here) }))
        .boxed()
}

fn limit<'s>() -> Rule<'s, Clause> {
    just(Kind::Limit)
        .ignore_then(number())
        .map_with(|count, here| Clause::Limit(Limit { count, span: span(here) }))
        .boxed()
}
