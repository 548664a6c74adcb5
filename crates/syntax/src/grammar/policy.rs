//! Policy files: `Agreement` with its lines, `PurposeItem`, `Majority`, `Death`.

use chumsky::prelude::*;

use super::expr::Exprs;
use super::{Rule, date, literal, name, names, number, span, string, word_name};
use crate::failure::Label;
use crate::tokens::Kind;
use crate::tree::{
    AgreementClause, AgreementClauseKind, Death, FactValue, Grant, Item, Majority, Name, Number, PurposeItem,
    PurposeText, ReleaseRule, Text,
};

/// `"agreement" STRING "version" INT "{"`
pub(super) fn head<'s>() -> Rule<'s, (Text, Number)> {
    just(Kind::Agreement)
        .ignore_then(string())
        .then_ignore(just(Kind::Version))
        .then(number())
        .then_ignore(just(Kind::OpenBrace))
        .boxed()
}

/// The policy items that are no agreement.
pub(super) fn item<'s>() -> Rule<'s, Item> {
    let named = just(Kind::Purpose)
        .ignore_then(name())
        .then_ignore(just(Kind::Equal))
        .then(purpose())
        .map_with(|(name, purpose), here| Item::Purpose(PurposeItem { name, purpose, span: span(here) }));
    let majority = just(Kind::Majority)
        .then(just(Kind::Age))
        .ignore_then(number())
        .then_ignore(just(Kind::Otherwise))
        .then(name())
        .map_with(|(age, otherwise), here| Item::Majority(Majority { age, otherwise, span: span(here) }));
    let death = just(Kind::Death)
        .ignore_then(name())
        .map_with(|effect, here| Item::Death(Death { effect, span: span(here) }));
    choice((named.boxed(), majority.boxed(), death.boxed())).boxed()
}

/// A line of an agreement.
pub(super) fn line<'s>(exprs: &Exprs<'s>) -> Rule<'s, AgreementClause> {
    let may = just(Kind::May);
    let grants = grant().separated_by(just(Kind::Comma)).at_least(1).collect();
    let shown = exprs.expr.clone().separated_by(just(Kind::Comma)).at_least(1).collect();
    let rules = release_rule()
        .separated_by(just(Kind::Comma))
        .at_least(1)
        .collect()
        .delimited_by(just(Kind::OpenBrace), just(Kind::CloseBrace));
    choice((
        just(Kind::Recipient).ignore_then(string()).map(AgreementClauseKind::Recipient).boxed(),
        just(Kind::Purpose).ignore_then(purpose()).map(AgreementClauseKind::Purpose).boxed(),
        just(Kind::Valid)
            .ignore_then(date())
            .then(just(Kind::Until).ignore_then(date()).or_not())
            .map(|(from, until)| AgreementClauseKind::Valid { from, until })
            .boxed(),
        may.then(just(Kind::Test)).ignore_then(grants).map(AgreementClauseKind::MayTest).boxed(),
        may.then(just(Kind::Show)).ignore_then(shown).map(AgreementClauseKind::MayShow).boxed(),
        just(Kind::Level).ignore_then(name()).map(AgreementClauseKind::Level).boxed(),
        just(Kind::Release).ignore_then(rules).map(AgreementClauseKind::Release).boxed(),
        just(Kind::Formats).ignore_then(names()).map(AgreementClauseKind::Formats).boxed(),
    ))
    .labelled(Label::Line)
    .map_with(|kind, here| AgreementClause { kind, span: span(here) })
    .boxed()
}

/// `Grant = ( Name | "consent" ) [ "(" Name { "," Name } ")" ]`
fn grant<'s>() -> Rule<'s, Grant> {
    name()
        .or(word_name(Kind::Consent))
        .then(names().delimited_by(just(Kind::OpenParen), just(Kind::CloseParen)).or_not())
        .map_with(|(entity, columns), here| Grant { entity, columns, span: span(here) })
        .boxed()
}

/// `Purpose = Name [ "[" CODE { "," CODE } "]" ] [ "with" Name { "," Name } ] { [ "in" ] Place STRING }`
fn purpose<'s>() -> Rule<'s, PurposeText> {
    let codes = literal::code()
        .separated_by(just(Kind::Comma))
        .at_least(1)
        .collect::<Vec<_>>()
        .delimited_by(just(Kind::OpenBracket), just(Kind::CloseBracket))
        .boxed();
    let kinds = [Kind::Party, Kind::Institution, Kind::Project, Kind::Region];
    let place = choice(kinds.map(word_name)).then(string()).boxed();
    let places = just(Kind::In).or_not().ignore_then(place).repeated().collect::<Vec<_>>().boxed();
    name()
        .then(codes.or_not())
        .then(just(Kind::With).ignore_then(names()).or_not())
        .then(places)
        .map_with(|(((primary, diseases), flags), places), here| PurposeText {
            primary,
            diseases: diseases.unwrap_or_default(),
            flags: flags.unwrap_or_default(),
            places,
            span: span(here),
        })
        .boxed()
}

/// `ReleaseRule = [ "frequency" ] Name { Name } [ Literal [ "(" Literal { "," Literal } ")" ] ]`; which
/// rules there are, the policy knows.
fn release_rule<'s>() -> Rule<'s, ReleaseRule> {
    let words =
        word_name(Kind::Frequency).or_not().then(name().repeated().at_least(1).collect::<Vec<_>>()).boxed();
    let literal = literal::literal().map(FactValue::Literal).boxed();
    let more = literal
        .clone()
        .separated_by(just(Kind::Comma))
        .at_least(1)
        .collect::<Vec<_>>()
        .delimited_by(just(Kind::OpenParen), just(Kind::CloseParen))
        .boxed();
    words
        .then(literal.then(more.or_not()).or_not())
        .map_with(|((frequency, rest), values), here| {
            let mut words: Vec<Name> = frequency.into_iter().chain(rest).collect();
            let values = match values {
                Some((first, more)) => std::iter::once(first).chain(more.unwrap_or_default()).collect(),
                // `zeros withheld`: the last word is the value.
                None if words.len() > 1 => words.pop().map(FactValue::Name).into_iter().collect(),
                None => Vec::new(),
            };
            ReleaseRule { words, values, span: span(here) }
        })
        .boxed()
}
