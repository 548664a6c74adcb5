//! Literals: `Literal`, `Unit`.

use chumsky::prelude::*;

use super::{Extra, Rule, span, string, text_here};
use crate::failure::{Failure, Kinds, Label};
use crate::problems::Problem;
use crate::tokens::Kind;
use crate::tree::{Literal, LiteralKind, Span, Unit};

/// `Literal = ( INT | DECIMAL ) [ "%" | UCUM | Unit ] | DATE | STRING | CODE [ STRING ] | …`
pub(super) fn literal<'s>() -> Rule<'s, Literal> {
    choice((quantity(), code(), plain())).labelled(Label::Literal).boxed()
}

/// A code with its label.
pub(super) fn code<'s>() -> Rule<'s, Literal> {
    just(Kind::Code)
        .map_with(|_, here| {
            let (text, _) = text_here(here);
            let (system, code) = text.split_once(':').unwrap_or((text, ""));
            (system.to_owned(), code.to_owned())
        })
        .then(string().or_not())
        .map_with(|((system, code), label), here| Literal {
            kind: LiteralKind::Code { system, code, label },
            span: span(here),
        })
        .boxed()
}

fn plain<'s>() -> Rule<'s, Literal> {
    one_of([Kind::Date, Kind::Str, Kind::Hgvs, Kind::Rs, Kind::Locus, Kind::True, Kind::False])
        .map_with(|kind, here| {
            let (text, span) = text_here(here);
            let kind = match kind {
                Kind::Date => LiteralKind::Date(text.to_owned()),
                Kind::Str => LiteralKind::Text(unescape(text)),
                Kind::Hgvs => LiteralKind::Hgvs(text.to_owned()),
                Kind::Rs => LiteralKind::Rs(text.to_owned()),
                Kind::Locus => LiteralKind::Locus(text.to_owned()),
                other => LiteralKind::Bool(other == Kind::True),
            };
            Literal { kind, span }
        })
        .boxed()
}

/// A number with or without its unit.
fn quantity<'s>() -> Rule<'s, Literal> {
    one_of([Kind::Int, Kind::Decimal])
        .map_with(|_, here| {
            let (text, span) = text_here(here);
            (text.replace('_', ""), span)
        })
        .then(choice((unit().map(Some), bare_unit().map(Some))).or(empty().to(None)))
        .validate(|((number, place), unit), here, emitter| {
            let unit = match unit {
                None => return Literal { kind: LiteralKind::Number(number), span: span(here) },
                Some(Ok(unit)) => unit,
                Some(Err(unit)) => {
                    let text = here.state().tape.slice_of(unit).to_owned();
                    emitter.emit(Failure::problem(Problem::Unit { number: place, unit }));
                    Unit::Ucum(text)
                }
            };
            Literal { kind: LiteralKind::Quantity { number, unit }, span: span(here) }
        })
        .boxed()
}

fn unit<'s>() -> Rule<'s, Result<Unit, Span>> {
    let plain = select! {
        Kind::Percent => Unit::Percent,
        Kind::Day | Kind::Days => Unit::Day,
        Kind::Week | Kind::Weeks => Unit::Week,
        Kind::Month | Kind::Months => Unit::Month,
        Kind::Year | Kind::Years => Unit::Year,
    };
    choice((
        plain,
        just(Kind::Ucum).map_with(|_, here| Unit::Ucum(text_here(here).0.trim_matches('\'').to_owned())),
    ))
    .map(Ok)
    .labelled(Label::Unit)
    .boxed()
}

/// A unit without its quotes: a word that no phrase of the language has after a literal, with what is
/// joined to it by `/` or `.` without spaces.
fn bare_unit<'s>() -> Rule<'s, Result<Unit, Span>> {
    let part = |kind: &Kind| {
        matches!(
            kind,
            Kind::Word | Kind::Month | Kind::Year | Kind::Day | Kind::Int | Kind::Slash | Kind::Dot
        )
    };
    custom::<_, Kinds<'s>, _, Extra<'s>>(move |inp| {
        let at = *inp.cursor().inner();
        let source = inp.state().0;
        if inp.peek() != Some(Kind::Word) {
            return Err(Failure { at, ..Failure::default() });
        }
        let start = source.offset + crate::tape::index(at);
        let mut end = start + 1;
        inp.skip();
        while inp.peek().is_some_and(|kind| part(&kind)) && source.tape.touches(end) {
            inp.skip();
            end += 1;
        }
        Ok(Err(Span { start, end }))
    })
    .boxed()
}

/// The value of a string token.
pub(super) fn unescape(token: &str) -> String {
    let inner = token.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(token);
    let mut value = String::with_capacity(inner.len());
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        match (c, if c == '\\' { chars.next() } else { None }) {
            ('\\', Some('n')) => value.push('\n'),
            ('\\', Some('t')) => value.push('\t'),
            ('\\', Some(escaped)) => value.push(escaped),
            (plain, _) => value.push(plain),
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use super::unescape;

    #[test]
    fn escapes_are_resolved() {
        assert_eq!(unescape(r#""Gh\"ent \\ a\nb""#), "Gh\"ent \\ a\nb");
    }
}
