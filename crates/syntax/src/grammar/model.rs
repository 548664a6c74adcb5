//! Model files: `Model`, `Entity`, `Linkage`, `Trait`, `Field`.
//!
//! A label or a linkage that was left out is no syntax error: the model says so by name.

use chumsky::prelude::*;

use super::{Extra, Rule, name, names, number, path, span, string, text_here};
use crate::failure::{Failure, Kinds, Label};
use crate::tape::index;
use crate::tokens::Kind;
use crate::tree::{
    ColumnLabel, Converts, Entity, Expr, Field, FieldKind, FieldUnit, Item, Linkage, LinkageKind, Model,
    Name, Number, Trait, TraitKind,
};

/// `Model = "model" Name "version" INT`
pub(super) fn model<'s>() -> Rule<'s, Item> {
    just(Kind::Model)
        .ignore_then(name())
        .then_ignore(just(Kind::Version))
        .then(number())
        .map_with(|(name, version), here| Item::Model(Model { name, version, span: span(here) }))
        .boxed()
}

/// `Entity = "entity" Name [ "(" Name ")" ] "from" "table" Path "key" Name { "," Name }
/// [ "linkage" Linkage ] { Trait } "{" { Field } "}"`
pub(super) fn entity<'s>(expr: &Rule<'s, Expr>) -> Rule<'s, Item> {
    let plural = name().delimited_by(just(Kind::OpenParen), just(Kind::CloseParen));
    let head = just(Kind::Entity)
        .ignore_then(name())
        .then(plural.or_not())
        .then_ignore(just(Kind::From).then(just(Kind::Table)))
        .then(path())
        .then_ignore(just(Kind::Key))
        .then(names())
        .boxed();
    let fields = field()
        .labelled(Label::Field)
        .map(Some)
        .recover_with(via_parser(skip_field().to(None)))
        .repeated()
        .collect::<Vec<_>>()
        .delimited_by(just(Kind::OpenBrace), just(Kind::CloseBrace))
        .map(|fields| fields.into_iter().flatten().collect());
    head.then(just(Kind::Linkage).ignore_then(linkage()).or_not())
        .then(entity_trait(expr).repeated().collect::<Vec<_>>())
        .then(fields)
        .map_with(|((((((name, plural), table), key), linkage), traits), fields), here| {
            let span = span(here);
            let doc = here.state().tape.doc(span.start);
            Item::Entity(Entity { name, plural, table, key, linkage, traits, fields, doc, span })
        })
        .boxed()
}

/// `Linkage = "public" | "subject" | "of" ( "subject" | "subjects" ) "via" Path { "," Path } | "aggregate" "of" "subjects"`
fn linkage<'s>() -> Rule<'s, Linkage> {
    let via = path().separated_by(just(Kind::Comma)).at_least(1).collect::<Vec<_>>();
    let of = just(Kind::Of)
        .then(one_of([Kind::Subject, Kind::Subjects]))
        .then(just(Kind::Via))
        .ignore_then(via)
        .map(|via| LinkageKind::Of { via });
    let aggregate =
        just(Kind::Aggregate).then(just(Kind::Of)).then(just(Kind::Subjects)).to(LinkageKind::Aggregate);
    choice((
        just(Kind::Public).to(LinkageKind::Public),
        just(Kind::Subject).to(LinkageKind::Subject),
        of,
        aggregate,
    ))
    .map_with(|kind, here| Linkage { kind, span: span(here) })
    .labelled(Label::Linkage)
    .boxed()
}

/// `Trait = "coded" "by" Name | "dated" "by" Name [ ".." Name ] | "undated" "outside" | "assessed" "when" Expr
/// | "born" Name [ "or" Name ] | "died" Name | "observed" "by" Name | Converts`
fn entity_trait<'s>(expr: &Rule<'s, Expr>) -> Rule<'s, Trait> {
    let coded = just(Kind::Coded).then(just(Kind::By)).ignore_then(name()).map(TraitKind::CodedBy);
    let dated = just(Kind::Dated)
        .then(just(Kind::By))
        .ignore_then(name())
        .then(just(Kind::DotDot).ignore_then(name()).or_not())
        .map(|(first, last)| TraitKind::DatedBy(first, last));
    let assessed =
        just(Kind::Assessed).then(just(Kind::When)).ignore_then(expr.clone()).map(TraitKind::AssessedWhen);
    let undated = just(Kind::Undated).then(just(Kind::Outside)).to(TraitKind::UndatedOutside);
    let born = just(Kind::Born)
        .ignore_then(name())
        .then(just(Kind::Or).ignore_then(name()).or_not())
        .map(|(day, year)| TraitKind::Born(day, year));
    let died = just(Kind::Died).ignore_then(name()).map(TraitKind::Died);
    let observed = just(Kind::Observed).then(just(Kind::By)).ignore_then(name()).map(TraitKind::ObservedBy);
    choice((
        coded.boxed(),
        dated.boxed(),
        undated.boxed(),
        assessed.boxed(),
        born.boxed(),
        died.boxed(),
        observed.boxed(),
        converts().boxed(),
    ))
    .map_with(|kind, here| Trait { kind, span: span(here) })
    .boxed()
}

/// `Converts = "converts" CODE [ STRING ] { "," CODE [ STRING ] } "from" Measure "to" Measure "times" Figure
/// [ "+" Figure ] "source" STRING "example" Figure "is" Figure`
fn converts<'s>() -> Rule<'s, TraitKind> {
    let codes = super::literal::code().separated_by(just(Kind::Comma)).at_least(1).collect::<Vec<_>>();
    just(Kind::Converts)
        .ignore_then(codes)
        .then_ignore(just(Kind::From))
        .then(measure())
        .then_ignore(just(Kind::To))
        .then(measure())
        .then_ignore(just(Kind::Times))
        .then(figure())
        .then(just(Kind::Plus).ignore_then(figure()).or_not())
        .then_ignore(just(Kind::Source))
        .then(string())
        .then_ignore(just(Kind::Example))
        .then(figure())
        .then_ignore(just(Kind::Is))
        .then(figure())
        .map(|(((((((codes, from), to), times), plus), source), given), result)| {
            TraitKind::Converts(Box::new(Converts { codes, from, to, times, plus, source, given, result }))
        })
        .boxed()
}

/// `Measure = UCUM | "%"`
fn measure<'s>() -> Rule<'s, (String, crate::tree::Span)> {
    one_of([Kind::Ucum, Kind::Percent])
        .map_with(|_, here| {
            let (text, span) = text_here(here);
            (text.trim_matches('\'').to_owned(), span)
        })
        .boxed()
}

/// `Figure = [ "-" ] ( INT | DECIMAL )`
fn figure<'s>() -> Rule<'s, Number> {
    just(Kind::Minus)
        .or_not()
        .then(one_of([Kind::Int, Kind::Decimal]).map_with(|_, here| text_here(here)))
        .map(|(minus, (text, span))| {
            let sign = if minus.is_some() { "-" } else { "" };
            Number { digits: format!("{sign}{}", text.replace('_', "")), span }
        })
        .boxed()
}

/// `Field`: a relation begins with `one` or `many` and a name, a column with its own name and a colon.
fn field<'s>() -> Rule<'s, Field> {
    relation()
        .or(interval())
        .or(column())
        .map_with(|(name, kind), here| {
            let span = span(here);
            let doc = here.state().tape.doc(span.start);
            Field { name, kind, doc, span }
        })
        .boxed()
}

/// Skips a field that did not parse, up to where the next one begins: a bad column is left out of its
/// entity, and the others stay.
fn skip_field<'s>() -> Rule<'s, ()> {
    custom::<_, Kinds<'s>, _, Extra<'s>>(|inp| {
        let at = *inp.cursor().inner();
        let source = inp.state().0;
        let kind = |at: u32| source.tape.kinds().get(at as usize).copied();
        let named = |at: u32| kind(at).is_some_and(Kind::is_name) && kind(at + 1) == Some(Kind::Colon);
        let relation = |at: u32| matches!(kind(at), Some(Kind::One | Kind::Many)) && named(at + 1);
        let mut here = source.offset + index(at);
        if matches!(inp.peek(), None | Some(Kind::CloseBrace)) {
            return Err(Failure { at, ..Failure::default() });
        }
        loop {
            // The name of a relation is no column of its own.
            let in_relation = relation(here);
            inp.skip();
            here += 1;
            let next = relation(here) || named(here) && !in_relation;
            if next || matches!(inp.peek(), None | Some(Kind::CloseBrace)) {
                return Ok(());
            }
        }
    })
    .boxed()
}

/// `( "one" | "many" ) Name ":" Name [ "?" ] "by" Name { "," Name }`
fn relation<'s>() -> Rule<'s, (Name, FieldKind)> {
    select! { Kind::One => false, Kind::Many => true }
        .then(name())
        .then_ignore(just(Kind::Colon))
        .then(name())
        .then(just(Kind::Question).or_not())
        .then_ignore(just(Kind::By))
        .then(names())
        .map(|((((many, name), entity), question), by)| {
            (name, FieldKind::Relation { many, entity, optional: question.is_some(), by })
        })
        .boxed()
}

/// `Name ":" Name ".." Name`
fn interval<'s>() -> Rule<'s, (Name, FieldKind)> {
    name()
        .then_ignore(just(Kind::Colon))
        .then(name())
        .then_ignore(just(Kind::DotDot))
        .then(name())
        .map(|((name, earliest), latest)| (name, FieldKind::Interval { earliest, latest }))
        .boxed()
}

/// `Name ":" Name [ "?" ] { ( "|" | "<" ) Name } [ "unit" ( UCUM | "from" Name ) ] [ Label ]`
fn column<'s>() -> Rule<'s, (Name, FieldKind)> {
    let member = select! { Kind::Bar => false, Kind::Less => true }.then(name());
    name()
        .then_ignore(just(Kind::Colon))
        .then(name())
        .then(just(Kind::Question).or_not())
        .then(member.repeated().collect::<Vec<_>>())
        .then(unit().or_not())
        .then(label().or_not())
        .map(|(((((name, ty), question), members), unit), label)| {
            let ordered = members.first().is_some_and(|(ordered, _)| *ordered);
            let members = members.into_iter().map(|(_, member)| member).collect();
            (name, FieldKind::Column { ty, optional: question.is_some(), members, ordered, unit, label })
        })
        .boxed()
}

/// `"unit" ( UCUM | "from" Name )`
fn unit<'s>() -> Rule<'s, FieldUnit> {
    let fixed = just(Kind::Ucum).map_with(|_, here| {
        let (text, span) = text_here(here);
        FieldUnit::Fixed(text.trim_matches('\'').to_owned(), span)
    });
    let from = just(Kind::From).ignore_then(name()).map(FieldUnit::From);
    just(Kind::Unit).ignore_then(fixed.or(from)).boxed()
}

/// `Label`; before a colon these words are the name of the next column.
fn label<'s>() -> Rule<'s, (ColumnLabel, crate::tree::Span)> {
    let label = select! {
        Kind::Identifier => ColumnLabel::Identifier,
        Kind::Quasi => ColumnLabel::Quasi,
        Kind::Sensitive => ColumnLabel::Sensitive,
        Kind::General => ColumnLabel::General,
        Kind::Public => ColumnLabel::Public,
    };
    label.and_is(any().then(just(Kind::Colon)).not()).map_with(|label, here| (label, span(here))).boxed()
}
