//! Where items, clauses and lines of an agreement begin.
//!
//! A reserved word starts each item and each clause and nothing ends them, so a file can be cut before
//! it is parsed: what is wrong in one piece then stays there. The words of models and policies are
//! names elsewhere; they start an item only in its exact shape.

use crate::tokens::Kind;

/// What starts at a token.
pub(crate) struct Cuts<'k> {
    pub(crate) kinds: &'k [Kind],
}

impl Cuts<'_> {
    fn at(&self, at: usize) -> Option<Kind> {
        self.kinds.get(at).copied()
    }

    fn before(&self, at: usize) -> Option<Kind> {
        at.checked_sub(1).and_then(|at| self.at(at))
    }

    fn is_name(&self, at: usize) -> bool {
        self.at(at).is_some_and(Kind::is_name)
    }

    /// Whether a reserved word starts an item here, whatever is open.
    pub(crate) fn reserved_item(&self, at: usize) -> bool {
        let next = self.at(at + 1);
        match self.at(at) {
            Some(
                Kind::Import
                | Kind::Use
                | Kind::Param
                | Kind::Codes
                | Kind::Define
                | Kind::Cohort
                | Kind::Attrition
                | Kind::Describe
                | Kind::Compare,
            ) => true,
            // In a test, `as of` comes right after the brace.
            Some(Kind::As) => next == Some(Kind::Of) && self.before(at) != Some(Kind::OpenBrace),
            // `entity subject from table subject`
            Some(Kind::Table) => self.before(at) != Some(Kind::From) || self.at(at + 2) == Some(Kind::Equal),
            // `may test subject`
            Some(Kind::Test) => self.before(at) != Some(Kind::May) || next == Some(Kind::Str),
            _ => false,
        }
    }

    /// Whether a word of models and policies starts an item here; asked outside brackets only.
    pub(crate) fn contextual_item(&self, at: usize) -> bool {
        let after_operand = self.before(at).is_none_or(ends_operand);
        let (next, third) = (self.at(at + 1), self.at(at + 2));
        match self.at(at) {
            Some(Kind::Model) => {
                self.is_name(at + 1) && third == Some(Kind::Version) && self.at(at + 3) == Some(Kind::Int)
            }
            Some(Kind::Entity) => {
                let plural = third == Some(Kind::OpenParen);
                let from = if plural { at + 5 } else { at + 2 };
                let whole = self.at(from) == Some(Kind::From) && self.at(from + 1) == Some(Kind::Table);
                self.is_name(at + 1) && (whole || after_operand && (plural || third == Some(Kind::From)))
            }
            Some(Kind::Agreement) => next == Some(Kind::Str) && third == Some(Kind::Version),
            Some(Kind::Purpose) => after_operand && self.is_name(at + 1) && third == Some(Kind::Equal),
            Some(Kind::Majority) => after_operand && next == Some(Kind::Age) && third == Some(Kind::Int),
            Some(Kind::Death) => after_operand && self.is_name(at + 1) && next != Some(Kind::Descending),
            _ => false,
        }
    }

    /// Whether a clause starts here; asked outside brackets only.
    pub(crate) fn clause(&self, at: usize) -> bool {
        match self.at(at) {
            Some(Kind::Index) => self.at(at + 1) == Some(Kind::At),
            Some(Kind::For) => self.at(at + 1) == Some(Kind::Each),
            Some(
                Kind::Where
                | Kind::Let
                | Kind::Exit
                | Kind::Match
                | Kind::Draw
                | Kind::Group
                | Kind::Frequency
                | Kind::Show
                | Kind::Order
                | Kind::Limit,
            ) => true,
            _ => false,
        }
    }

    /// Whether a line of an agreement starts here; asked directly inside its braces only.
    pub(crate) fn line(&self, at: usize) -> bool {
        let next = self.at(at + 1);
        let shape = match self.at(at) {
            Some(Kind::Recipient) => next == Some(Kind::Str),
            Some(Kind::Purpose | Kind::Level | Kind::Formats) => self.is_name(at + 1),
            Some(Kind::Valid) => next == Some(Kind::Date),
            Some(Kind::May) => matches!(next, Some(Kind::Test | Kind::Show)),
            Some(Kind::Release) => next == Some(Kind::OpenBrace),
            _ => false,
        };
        shape
            && self.before(at).is_none_or(|before| {
                matches!(before, Kind::OpenBrace | Kind::Bad | Kind::Consent) || ends_operand(before)
            })
    }
}

/// Whether an expression, or a list of names, can end with this token.
fn ends_operand(kind: Kind) -> bool {
    match kind {
        Kind::Least | Kind::Most => false,
        Kind::CloseParen
        | Kind::CloseBracket
        | Kind::CloseBrace
        | Kind::Percent
        | Kind::Index
        | Kind::True
        | Kind::False => true,
        other => other.is_name() || other.keyword().is_none(),
    }
}
