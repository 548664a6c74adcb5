//! The tape: every token of a text in order, with its comments.
//!
//! Tokens own the text. A comment on the line of a token hangs on that token, a comment on a line of
//! its own on the token after it; what is left between tokens is white space. So nothing of a text is
//! lost, and [`Tape::pieces`] gives it back byte for byte. The tape knows nothing of grammar: it is
//! whole for a text that does not parse.

use text::{FileId, Range};

use crate::tokens::Kind;
use crate::tree::Span;

/// A comment, from its dashes to the end of the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Comment {
    /// First byte.
    pub start: u32,
    /// One past the last byte; the line end is not part of it.
    pub end: u32,
    /// Whether an empty line stands before it.
    pub blank_before: bool,
}

/// A significant token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: Kind,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
    /// Comments on lines of their own before it.
    pub leading: Vec<Comment>,
    /// A comment after it on its line.
    pub trailing: Option<Comment>,
    /// Whether an empty line stands before it, after its leading comments.
    pub blank_before: bool,
}

/// A stretch of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'t> {
    /// White space.
    Space(&'t str),
    /// A comment.
    Comment(&'t str),
    /// The token of that number.
    Token(u32, &'t str),
}

/// All tokens of a text, and the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tape {
    pub(crate) file: FileId,
    pub(crate) source: String,
    pub(crate) tokens: Vec<Token>,
    pub(crate) kinds: Vec<Kind>,
    pub(crate) end_comments: Vec<Comment>,
}

impl Tape {
    /// The tokens in order.
    pub fn tokens(&self) -> &[Token] {
        &self.tokens
    }

    /// The kinds of the tokens, in the same order.
    pub fn kinds(&self) -> &[Kind] {
        &self.kinds
    }

    /// The comments after the last token, other than the one on its line.
    pub fn end_comments(&self) -> &[Comment] {
        &self.end_comments
    }

    /// The file the text came from.
    pub fn file(&self) -> FileId {
        self.file
    }

    /// The whole text.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The text of a token; empty past the last token.
    pub fn text(&self, token: u32) -> &str {
        self.tokens.get(token as usize).map_or("", |token| self.slice(token.start, token.end))
    }

    /// The text of a comment, dashes included.
    pub fn comment(&self, comment: Comment) -> &str {
        self.slice(comment.start, comment.end)
    }

    /// The bytes of a stretch of tokens. An empty stretch is the place before its first token, or the
    /// end of the last token of the text.
    pub fn range(&self, span: Span) -> Range {
        let end_of =
            |at: u32| at.checked_sub(1).and_then(|at| self.tokens.get(at as usize)).map(|token| token.end);
        let last = self.tokens.last().map_or(0, |token| token.end);
        let start = self.tokens.get(span.start as usize).map_or(last, |token| token.start);
        let end = if span.start < span.end { end_of(span.end).unwrap_or(last) } else { start };
        Range::new(self.file, start, end.max(start))
    }

    /// The text of a stretch of tokens, with what lies between them.
    pub fn slice_of(&self, span: Span) -> &str {
        let range = self.range(span);
        self.slice(range.start, range.end)
    }

    /// Whether nothing lies between a token and the one before it.
    pub(crate) fn touches(&self, token: u32) -> bool {
        let before = token.checked_sub(1).and_then(|at| self.tokens.get(at as usize));
        let this = self.tokens.get(token as usize);
        before.zip(this).is_some_and(|(before, this)| before.end == this.start)
    }

    /// The token that holds a byte, or ends just before it.
    pub fn token_at(&self, offset: u32) -> Option<u32> {
        let after = self.tokens.partition_point(|token| token.start <= offset);
        let at = after.checked_sub(1)?;
        (offset <= self.tokens.get(at)?.end).then(|| index(at))
    }

    /// The lines of the doc comment above a token, without `--|` and the space after it.
    pub fn doc(&self, token: u32) -> Vec<String> {
        let comments = self.tokens.get(token as usize).map_or(&[][..], |token| &token.leading);
        comments
            .iter()
            .filter_map(|comment| self.comment(*comment).strip_prefix("--|"))
            .map(|line| line.trim().to_owned())
            .collect()
    }

    /// Everything in order: one after the other they are the text.
    pub fn pieces(&self) -> Vec<Piece<'_>> {
        let mut pieces = Vec::new();
        let mut at = 0;
        let mut push = |start: u32, end: u32, piece: Piece<'_>| {
            let space = self.slice(at, start);
            if !space.is_empty() {
                pieces.push(Piece::Space(space));
            }
            pieces.push(match piece {
                Piece::Space(_) => Piece::Space(self.slice(start, end)),
                Piece::Comment(_) => Piece::Comment(self.slice(start, end)),
                Piece::Token(token, _) => Piece::Token(token, self.slice(start, end)),
            });
            at = end;
        };
        for (number, token) in self.tokens.iter().enumerate() {
            for comment in &token.leading {
                push(comment.start, comment.end, Piece::Comment(""));
            }
            push(token.start, token.end, Piece::Token(index(number), ""));
            if let Some(comment) = token.trailing {
                push(comment.start, comment.end, Piece::Comment(""));
            }
        }
        for comment in &self.end_comments {
            push(comment.start, comment.end, Piece::Comment(""));
        }
        let rest = self.slice(at, index(self.source.len()));
        if !rest.is_empty() {
            pieces.push(Piece::Space(rest));
        }
        pieces
    }

    pub(crate) fn slice(&self, start: u32, end: u32) -> &str {
        self.source.get(start as usize..end as usize).unwrap_or("")
    }
}

/// A position as it is stored.
pub(crate) fn index(at: usize) -> u32 {
    u32::try_from(at).expect("texts are shorter than 4 GiB, so they have fewer tokens")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lexer::lex;

    // A comment belongs to the token on its line, or to the next one.
    #[test]
    fn comments_hang_on_tokens() {
        let (tape, problems) = lex(FileId(0), "-- head\nshow a, -- first\n\n  -- own\n  b\n-- end\n");
        assert!(problems.is_empty());
        let own: Vec<(&str, usize, bool)> = (0..)
            .zip(tape.tokens())
            .map(|(at, token)| (tape.text(at), token.leading.len(), token.trailing.is_some()))
            .collect();
        assert_eq!(own, [("show", 1, false), ("a", 0, false), (",", 0, true), ("b", 1, false)]);
        assert!(tape.tokens()[3].leading[0].blank_before && !tape.tokens()[3].blank_before);
        assert_eq!(tape.end_comments().len(), 1);
    }

    #[test]
    fn the_pieces_are_the_text() {
        let source = "\r\n-- a\r\ncohort c = 'x -- b\n\n\n`y` \"z";
        let (tape, _) = lex(FileId(0), source);
        let again: String = tape
            .pieces()
            .iter()
            .map(|piece| match piece {
                Piece::Space(text) | Piece::Comment(text) | Piece::Token(_, text) => *text,
            })
            .collect();
        assert_eq!(again, source);
    }
}
