//! The grammar as parsers over token kinds, one function per rule of `grammar/bq.ebnf`.
//!
//! A parser here reads one item or one clause; `parse` cuts the file into these. Rules are boxed, which
//! keeps both compile time and stack frames small. Nothing is looked up and nothing is desugared.

mod clause;
mod expr;
mod item;
mod literal;
mod model;
mod policy;
mod suffix;

use chumsky::extra::Full;
use chumsky::input::MapExtra;
use chumsky::inspector::SimpleState;
use chumsky::prelude::*;

use crate::failure::{Failure, Kinds, Label};
use crate::tape::{Tape, index};
use crate::tokens::Kind;
use crate::tree::{Clause, Expr, Item, Name, Number, Path, Span, Text};

/// What a rule may ask while it builds its node.
#[derive(Clone, Copy)]
pub(crate) struct Source<'s> {
    pub(crate) tape: &'s Tape,
    /// For every opening bracket of the file that is closed, the token that closes it.
    pub(crate) closing: &'s [Option<u32>],
    /// The number of the first token of the stretch.
    pub(crate) offset: u32,
}

pub(crate) type Extra<'s> = Full<Failure, SimpleState<Source<'s>>, ()>;
pub(crate) type Rule<'s, T> = Boxed<'s, 's, Kinds<'s>, T, Extra<'s>>;
pub(crate) type Here<'s, 'b> = MapExtra<'s, 'b, Kinds<'s>, Extra<'s>>;

/// All entry rules.
pub(crate) struct Grammar<'s> {
    /// An item without clauses, or the head of a cohort or table.
    pub(crate) item: Rule<'s, Item>,
    /// A clause of a cohort or table.
    pub(crate) clause: Rule<'s, Clause>,
    /// `agreement "A" version 1 {`
    pub(crate) agreement: Rule<'s, (Text, Number)>,
    /// A line of an agreement.
    pub(crate) line: Rule<'s, crate::tree::AgreementClause>,
}

impl<'s> Grammar<'s> {
    pub(crate) fn new() -> Grammar<'s> {
        let expr = expr::expr();
        Grammar {
            item: guarded(item::item(&expr)),
            clause: guarded(clause::clause(&expr)),
            agreement: policy::head(),
            line: guarded(policy::line(&expr)),
        }
    }
}

/// The span of what a rule has read, counted in the whole file.
fn span(here: &mut Here<'_, '_>) -> Span {
    let local = here.span();
    let offset = here.state().offset;
    Span { start: offset + index(local.start), end: offset + index(local.end) }
}

/// The first token of what a rule has read, as text.
fn text_here<'s>(here: &mut Here<'s, '_>) -> (&'s str, Span) {
    let span = span(here);
    (here.state().tape.text(span.start), span)
}

/// A word or sign; gives its span.
fn word<'s>(kind: Kind) -> impl Parser<'s, Kinds<'s>, Span, Extra<'s>> + Clone {
    just(kind).map_with(|_, here| span(here))
}

/// `Name = WORD | QUOTED`
fn name<'s>() -> Rule<'s, Name> {
    any()
        .filter(|kind: &Kind| kind.is_name())
        .map_with(|_, here| {
            let (text, span) = text_here(here);
            let bare = text.strip_prefix('`').and_then(|text| text.strip_suffix('`'));
            Name { text: bare.unwrap_or(text).to_owned(), quoted: bare.is_some(), span }
        })
        .labelled(Label::Name)
        .boxed()
}

/// A word as a name, for the words that stand where names stand (`consent`, `frequency`).
fn word_name<'s>(kind: Kind) -> Rule<'s, Name> {
    just(kind)
        .map_with(|_, here| {
            let (text, span) = text_here(here);
            Name { text: text.to_owned(), quoted: false, span }
        })
        .boxed()
}

/// `Path = Name { "." Name }`
fn path<'s>() -> Rule<'s, Path> {
    name()
        .separated_by(just(Kind::Dot))
        .at_least(1)
        .collect::<Vec<_>>()
        .map_with(|names, here| Path { names, span: span(here) })
        .boxed()
}

/// `Name { "," Name }`
fn names<'s>() -> Rule<'s, Vec<Name>> {
    name().separated_by(just(Kind::Comma)).at_least(1).collect().boxed()
}

/// `STRING`
fn string<'s>() -> Rule<'s, Text> {
    just(Kind::Str)
        .map_with(|_, here| {
            let (text, span) = text_here(here);
            Text { value: literal::unescape(text), span }
        })
        .boxed()
}

/// `INT`
fn number<'s>() -> Rule<'s, Number> {
    just(Kind::Int)
        .map_with(|_, here| {
            let (text, span) = text_here(here);
            Number { digits: text.replace('_', ""), span }
        })
        .boxed()
}

/// A date as written.
fn date<'s>() -> Rule<'s, (String, Span)> {
    just(Kind::Date)
        .map_with(|_, here| {
            let (text, span) = text_here(here);
            (text.to_owned(), span)
        })
        .boxed()
}

/// The same rule, which looks at the stack before it begins and takes a new one where little is left.
/// Without it only a whole expression would look, and the rules of one fill a small stack.
fn guarded<'s, T: 's>(rule: Rule<'s, T>) -> Rule<'s, T> {
    recursive(move |_| rule).boxed()
}

/// Skips a bracket pair whose inside did not parse; fails where no closed bracket opens.
fn skip_brackets<'s>(open: Kind) -> Rule<'s, Span> {
    custom::<_, Kinds<'s>, _, Extra<'s>>(move |inp| {
        let before = inp.cursor();
        let at = *before.inner();
        let source = inp.state().0;
        let start = source.offset + index(at);
        let end = source.closing.get(start as usize).copied().flatten();
        match (inp.next(), end) {
            (Some(found), Some(end)) if found == open => {
                for _ in start..end {
                    inp.skip();
                }
                Ok(Span { start, end: end + 1 })
            }
            _ => Err(Failure { at, ..Failure::default() }),
        }
    })
    .boxed()
}

/// An expression that stands for what did not parse.
fn error(span: Span) -> Expr {
    Expr { kind: crate::tree::ExprKind::Error, span }
}

/// The span from one to another.
fn join(first: Span, last: Span) -> Span {
    Span { start: first.start, end: last.end }
}
