//! Items: headers, definitions, heads of cohorts and tables, reports, tests.

use chumsky::prelude::*;

use super::expr::Exprs;
use super::{Rule, clause, date, literal, model, name, names, path, policy, span, string, suffix, word};
use crate::failure::Label;
use crate::tokens::Kind;
use crate::tree::{
    AsOf, AsOfDate, Codes, CodesValue, Cohort, Columns, Define, Expr, Fact, FactKind, FactValue, Formal,
    Import, Item, Name, Param, Path, Person, Report, ReportKind, Span, Table, Test, TypeName, Use,
};

/// Any item but an agreement; of a cohort or table, the head without its clauses.
pub(super) fn item<'s>(exprs: &Exprs<'s>) -> Rule<'s, Item> {
    let expr = &exprs.expr;
    let formal = formal(expr);
    let columns = clause::columns(expr);
    let headers = choice((
        usage(),
        as_of().map(Item::AsOf).boxed(),
        import(),
        just(Kind::Param)
            .ignore_then(formal.clone())
            .map_with(|formal, here| Item::Param(Param { formal, span: span(here) }))
            .boxed(),
        codes(expr),
        define(expr, &formal),
    ))
    .boxed();
    let questions = choice((
        source(Kind::Cohort)
            .map(|(name, from, span)| Item::Cohort(Cohort { name, from, clauses: Vec::new(), span })),
        source(Kind::Table)
            .map(|(name, from, span)| Item::Table(Table { name, from, clauses: Vec::new(), span })),
        attrition(),
        describe(&columns),
        compare(&columns),
        test(expr),
    ))
    .boxed();
    choice((headers, questions, model::model(), model::entity(expr), policy::item()))
        .labelled(Label::Item)
        .boxed()
}

/// `Use = "use" "agreement" STRING { "," STRING } [ "for" Path ]`
fn usage<'s>() -> Rule<'s, Item> {
    let agreements = string().separated_by(just(Kind::Comma)).at_least(1).collect::<Vec<_>>();
    just(Kind::Use)
        .then(just(Kind::Agreement))
        .ignore_then(agreements)
        .then(just(Kind::For).ignore_then(path()).or_not())
        .map_with(|(agreements, purpose), here| Item::Use(Use { agreements, purpose, span: span(here) }))
        .boxed()
}

/// `AsOf = "as" "of" ( DATE | Name )`
fn as_of<'s>() -> Rule<'s, AsOf> {
    just(Kind::As)
        .then(just(Kind::Of))
        .ignore_then(date().map(|(date, span)| AsOfDate::Date(date, span)).or(name().map(AsOfDate::Name)))
        .map_with(|date, here| AsOf { date, span: span(here) })
        .boxed()
}

/// `Import = "import" STRING [ "(" Name { "," Name } ")" ]`
fn import<'s>() -> Rule<'s, Item> {
    just(Kind::Import)
        .ignore_then(string())
        .then(names().delimited_by(just(Kind::OpenParen), just(Kind::CloseParen)).or_not())
        .map_with(|(file, names), here| {
            Item::Import(Import { file, names: names.unwrap_or_default(), span: span(here) })
        })
        .boxed()
}

/// `Formal = Name ":" Type [ "=" Expr ]`
fn formal<'s>(expr: &Rule<'s, Expr>) -> Rule<'s, Formal> {
    name()
        .then_ignore(just(Kind::Colon))
        .then(type_name())
        .then(just(Kind::Equal).ignore_then(expr.clone()).or_not())
        .map_with(|((name, ty), default), here| Formal { name, ty, default, span: span(here) })
        .boxed()
}

/// `Type = Name [ "of" Name ] [ "?" ]`
fn type_name<'s>() -> Rule<'s, TypeName> {
    name()
        .then(just(Kind::Of).ignore_then(name()).or_not())
        .then(just(Kind::Question).or_not())
        .map_with(|((name, of), question), here| TypeName {
            name,
            of,
            optional: question.is_some(),
            span: span(here),
        })
        .boxed()
}

/// `Codes = "codes" Name "=" ( Set | "from" STRING )`
fn codes<'s>(expr: &Rule<'s, Expr>) -> Rule<'s, Item> {
    let file = just(Kind::From).ignore_then(string()).map(CodesValue::File);
    just(Kind::Codes)
        .ignore_then(name())
        .then_ignore(just(Kind::Equal))
        .then(file.or(suffix::set(&super::expr::list(expr)).map(CodesValue::Set)))
        .map_with(|(name, value), here| Item::Codes(Codes { name, value, span: span(here) }))
        .boxed()
}

/// `Define = "define" Name [ "." Name ] [ "(" Formal { "," Formal } ")" ] [ ":" Type ] "=" Expr`
fn define<'s>(expr: &Rule<'s, Expr>, formal: &Rule<'s, Formal>) -> Rule<'s, Item> {
    let params = formal
        .clone()
        .separated_by(just(Kind::Comma))
        .at_least(1)
        .collect::<Vec<_>>()
        .delimited_by(just(Kind::OpenParen), just(Kind::CloseParen))
        .boxed();
    just(Kind::Define)
        .ignore_then(name())
        .then(just(Kind::Dot).ignore_then(name()).or_not())
        .then(params.or_not())
        .then(just(Kind::Colon).ignore_then(type_name()).or_not())
        .then_ignore(just(Kind::Equal))
        .then(expr.clone())
        .map_with(|((((first, second), params), ty), value), here| {
            let (entity, name) = match second {
                Some(name) => (Some(first), name),
                None => (None, first),
            };
            Item::Define(Define {
                entity,
                name,
                params: params.unwrap_or_default(),
                ty,
                value,
                span: span(here),
            })
        })
        .boxed()
}

/// `"cohort" Name "=" "from" Path`, the same for tables.
fn source<'s>(kind: Kind) -> Rule<'s, (Name, Path, Span)> {
    just(kind)
        .ignore_then(name())
        .then_ignore(just(Kind::Equal))
        .then_ignore(just(Kind::From))
        .then(path())
        .map_with(|(name, from), here| (name, from, span(here)))
        .boxed()
}

fn attrition<'s>() -> Rule<'s, Item> {
    just(Kind::Attrition)
        .then(just(Kind::Of))
        .ignore_then(path())
        .map_with(|of, here| Item::Report(Report { kind: ReportKind::Attrition, of, span: span(here) }))
        .boxed()
}

/// `"describe" Path [ "by" Columns ] [ Show ]`
fn describe<'s>(columns: &Rule<'s, Columns>) -> Rule<'s, Item> {
    just(Kind::Describe)
        .ignore_then(path())
        .then(just(Kind::By).ignore_then(columns.clone()).or_not())
        .then(clause::show(columns).or_not())
        .map_with(|((of, by), show), here| {
            Item::Report(Report { kind: ReportKind::Describe { by, show }, of, span: span(here) })
        })
        .boxed()
}

/// `"compare" Path "with" Path [ Show ]`
fn compare<'s>(columns: &Rule<'s, Columns>) -> Rule<'s, Item> {
    just(Kind::Compare)
        .ignore_then(path())
        .then_ignore(just(Kind::With))
        .then(path())
        .then(clause::show(columns).or_not())
        .map_with(|((of, with), show), here| {
            Item::Report(Report { kind: ReportKind::Compare { with, show }, of, span: span(here) })
        })
        .boxed()
}

/// `Spec = "test" STRING "{" [ AsOf ] { Person } { "expect" Expr } "}"`
fn test<'s>(expr: &Rule<'s, Expr>) -> Rule<'s, Item> {
    let expects = just(Kind::Expect).ignore_then(expr.clone()).repeated().collect::<Vec<_>>().boxed();
    let body = as_of().or_not().then(person().repeated().collect::<Vec<_>>()).then(expects);
    just(Kind::Test)
        .ignore_then(string())
        .then(body.delimited_by(just(Kind::OpenBrace), just(Kind::CloseBrace)))
        .map_with(|(name, ((as_of, people), expects)), here| {
            Item::Test(Test { name, as_of, people, expects, span: span(here) })
        })
        .boxed()
}

/// `Person = Name Name "{" [ Fact { "," Fact } ] "}"`
fn person<'s>() -> Rule<'s, Person> {
    let facts = fact().separated_by(just(Kind::Comma)).collect::<Vec<_>>();
    name()
        .then(name())
        .then(facts.delimited_by(just(Kind::OpenBrace), just(Kind::CloseBrace)))
        .map_with(|((entity, name), facts), here| Person { entity, name, facts, span: span(here) })
        .boxed()
}

/// `Fact = Name "=" Value | [ "excludes" ] Name ( "in" Literal [ Fields ] | Fields )`
fn fact<'s>() -> Rule<'s, Fact> {
    let pair = name().then_ignore(just(Kind::Equal)).then(value()).boxed();
    let fields = pair
        .clone()
        .separated_by(just(Kind::Comma))
        .at_least(1)
        .collect::<Vec<_>>()
        .delimited_by(just(Kind::OpenParen), just(Kind::CloseParen))
        .boxed();
    let coded = just(Kind::In).ignore_then(literal::literal()).map(Some).then(fields.clone().or_not());
    let row = word(Kind::Excludes)
        .or_not()
        .then(name())
        .then(coded.or(fields.map(|fields| (None, Some(fields)))))
        .map(|((excludes, relation), (code, fields))| FactKind::Row {
            excludes: excludes.is_some(),
            relation,
            code,
            fields: fields.unwrap_or_default(),
        });
    pair.map(|(name, value)| FactKind::Value(name, value))
        .or(row)
        .map_with(|kind, here| Fact { kind, span: span(here) })
        .boxed()
}

/// `Value = Literal | Name`
fn value<'s>() -> Rule<'s, FactValue> {
    literal::literal().map(FactValue::Literal).or(name().map(FactValue::Name)).boxed()
}
