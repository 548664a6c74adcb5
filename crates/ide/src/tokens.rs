//! What each token is, for colours that know the meaning: a column looks other than a cohort.

use crate::View;
use crate::names::{locals, own_name};
use std::collections::BTreeMap;
use syntax::Kind;
use types::Meaning;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "each is the kind of its name")]
pub enum TokenKind {
    Keyword,
    Comment,
    Text,
    Number,
    /// A code, a locus, an allele's name: what stands for something outside.
    Code,
    Operator,
    Entity,
    Column,
    Relation,
    /// A cohort, a table, a set of codes, a definition.
    Item,
    Param,
    Local,
    Function,
    Value,
}

/// A token with its kind; declared where it gives a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SemanticToken {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
    /// What it is.
    pub kind: TokenKind,
    /// Whether the name is given here.
    pub declared: bool,
}

impl View<'_> {
    /// Every token and comment of the text in order; signs other than operators are left out.
    pub fn tokens(&self) -> Vec<SemanticToken> {
        let parsed = &self.analysis.parsed;
        let main = self.analysis.checked.main;
        let meanings: BTreeMap<u32, &Meaning> = self
            .analysis
            .notes
            .uses
            .iter()
            .filter(|noted| noted.range.file == main)
            .map(|noted| (noted.range.start, &noted.means))
            .collect();
        let mut given: BTreeMap<u32, TokenKind> = BTreeMap::new();
        for item in &parsed.file.items {
            let kind =
                if matches!(item, syntax::tree::Item::Param(_)) { TokenKind::Param } else { TokenKind::Item };
            given.extend(own_name(item).map(|name| (parsed.range(name.span).start, kind)));
            given.extend(
                locals(item).into_iter().map(|name| (parsed.range(name.span).start, TokenKind::Local)),
            );
        }
        let calls = self.calls();
        let mut tokens = Vec::new();
        let mut push = |start: u32, end: u32, kind: TokenKind, declared: bool| {
            if start < end {
                tokens.push(SemanticToken { start, end, kind, declared });
            }
        };
        for token in parsed.tape.tokens() {
            for comment in &token.leading {
                push(comment.start, comment.end, TokenKind::Comment, false);
            }
            let declared = given.get(&token.start);
            let meaning = meanings.get(&token.start).map(|means| of_meaning(means));
            let kind = declared
                .copied()
                .or(meaning)
                .or_else(|| calls.contains(&token.start).then_some(TokenKind::Function));
            if let Some(kind) = kind.or_else(|| of_kind(token.kind)) {
                push(token.start, token.end, kind, declared.is_some());
            }
            if let Some(comment) = token.trailing {
                push(comment.start, comment.end, TokenKind::Comment, false);
            }
        }
        for comment in parsed.tape.end_comments() {
            push(comment.start, comment.end, TokenKind::Comment, false);
        }
        tokens
    }

    /// Where the names of called functions stand.
    fn calls(&self) -> Vec<u32> {
        let parsed = &self.analysis.parsed;
        let mut starts = Vec::new();
        syntax::walk(&parsed.file, &mut |node| {
            if let syntax::Node::Call(call) = node
                && call.arguments.is_some()
            {
                starts.push(parsed.range(call.name.span).start);
            }
            true
        });
        starts
    }
}

fn of_meaning(means: &Meaning) -> TokenKind {
    match means {
        Meaning::Entity(_) => TokenKind::Entity,
        Meaning::Column(..) => TokenKind::Column,
        Meaning::Relation(..) => TokenKind::Relation,
        Meaning::Item(_) => TokenKind::Item,
        Meaning::Param(_) => TokenKind::Param,
        Meaning::Local(_) => TokenKind::Local,
        Meaning::BuiltIn(_) => TokenKind::Function,
        Meaning::Value(_) => TokenKind::Value,
    }
}

/// What a token is by its form alone.
fn of_kind(kind: Kind) -> Option<TokenKind> {
    if kind.is_reserved() {
        return Some(TokenKind::Keyword);
    }
    Some(match kind {
        Kind::Int | Kind::Decimal | Kind::Date | Kind::Percent => TokenKind::Number,
        Kind::Str | Kind::Ucum => TokenKind::Text,
        Kind::Code | Kind::Locus | Kind::Hgvs | Kind::Rs => TokenKind::Code,
        Kind::Equal
        | Kind::NotEqual
        | Kind::Less
        | Kind::LessOrEqual
        | Kind::Greater
        | Kind::GreaterOrEqual
        | Kind::Plus
        | Kind::Minus
        | Kind::Star
        | Kind::Slash => TokenKind::Operator,
        _ => match kind.keyword() {
            Some(keyword) if keyword.class == syntax::Class::Contextual => TokenKind::Keyword,
            _ => return None,
        },
    })
}
