//! Why a stretch of tokens did not parse, cheaply.
//!
//! The parser makes and drops failures at every choice, so a failure is a few words: where, what was
//! found, and a set of bits of what was expected. Words for people are made of it in `problems`.

use chumsky::DefaultExpected;
use chumsky::error::{Error, LabelError};
use chumsky::span::SimpleSpan;
use chumsky::util::MaybeRef;

use crate::problems::Problem;
use crate::tokens::{KINDS, Kind};

/// What the parser reads: the kinds of the tokens of an item or a clause.
pub(crate) type Kinds<'s> = &'s [Kind];

/// What a group of tokens is, in the words of the grammar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Label {
    Value,
    Name,
    Rows,
    Literal,
    Operator,
    Window,
    Unit,
    Condition,
    Item,
    Clause,
    Line,
    Field,
    Linkage,
    End,
}

impl Label {
    const ALL: [Label; 14] = [
        Label::Value,
        Label::Name,
        Label::Rows,
        Label::Literal,
        Label::Operator,
        Label::Window,
        Label::Unit,
        Label::Condition,
        Label::Item,
        Label::Clause,
        Label::Line,
        Label::Field,
        Label::Linkage,
        Label::End,
    ];

    fn words(self) -> &'static str {
        match self {
            Label::Value => "a value",
            Label::Name => "a name",
            Label::Rows => "rows",
            Label::Literal => "a number, date, code or text",
            Label::Operator => "an operator",
            Label::Window => "a window such as `before index`",
            Label::Unit => "a unit",
            Label::Condition => "a condition",
            Label::Item => "an item",
            Label::Clause => "a clause",
            Label::Line => "a line of the agreement",
            Label::Field => "a column or relation",
            Label::Linkage => "how the table is linked to people",
            Label::End => "a new item or clause",
        }
    }
}

/// A set of kinds and labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) struct Expected([u64; 4]);

const _: () = assert!(KINDS + Label::ALL.len() <= 256, "every kind and label has its bit");

impl Expected {
    fn insert(&mut self, bit: usize) {
        if let Some(word) = self.0.get_mut(bit / 64) {
            *word |= 1 << (bit % 64);
        }
    }

    fn holds(self, bit: usize) -> bool {
        self.0.get(bit / 64).is_some_and(|word| word & (1 << (bit % 64)) != 0)
    }

    fn kind(kind: Kind) -> Expected {
        let mut set = Expected::default();
        set.insert(kind as usize);
        set
    }

    fn label(label: Label) -> Expected {
        let mut set = Expected::default();
        set.insert(KINDS + label as usize);
        set
    }

    fn or(self, other: Expected) -> Expected {
        let mut set = self;
        for (word, more) in set.0.iter_mut().zip(other.0) {
            *word |= more;
        }
        set
    }

    /// Whether a kind is in it by itself.
    pub(crate) fn has_kind(self, kind: Kind) -> bool {
        self.holds(kind as usize)
    }

    /// Whether a label is in it.
    pub(crate) fn has_label(self, label: Label) -> bool {
        self.holds(KINDS + label as usize)
    }

    /// Its members in words, in a fixed order. A word that another one covers is left out: a value can
    /// be a name, and after a value there is always room for an operator or a window.
    pub(crate) fn words(self) -> Vec<String> {
        let covered = |label: Label| match label {
            Label::Name | Label::Literal => self.has_label(Label::Value) || self.has_label(Label::Rows),
            Label::Value => self.has_label(Label::Rows) || self.has_label(Label::Condition),
            Label::Window => self.has_label(Label::Operator),
            Label::End => self != Expected::label(Label::End),
            Label::Rows
            | Label::Operator
            | Label::Unit
            | Label::Condition
            | Label::Item
            | Label::Clause
            | Label::Line
            | Label::Field
            | Label::Linkage => false,
        };
        let (late, early): (Vec<Label>, Vec<Label>) = Label::ALL
            .into_iter()
            .filter(|label| self.has_label(*label) && !covered(*label))
            .partition(|label| matches!(label, Label::Operator | Label::Window));
        let value = [Label::Value, Label::Rows, Label::Condition].iter().any(|label| self.has_label(*label));
        let keywords = crate::tokens::KEYWORDS.iter().map(|keyword| keyword.kind);
        let kinds = keywords
            .chain(crate::tokens::LITERALS.iter().copied())
            .filter(|kind| self.has_kind(*kind) && !(value && *kind == Kind::Minus))
            .map(|kind| kind.to_string());
        let words = |labels: Vec<Label>| labels.into_iter().map(|label| label.words().to_owned());
        words(early).chain(kinds).chain(words(late)).collect()
    }
}

/// Why a stretch did not parse.
#[derive(Clone, Debug, PartialEq, Default)]
pub(crate) struct Failure {
    /// The place, counted in tokens from the start of the stretch.
    pub(crate) at: usize,
    /// What could have stood there.
    pub(crate) expected: Expected,
    /// Something more particular to say.
    pub(crate) problem: Option<Box<Problem>>,
}

impl Failure {
    pub(crate) fn problem(problem: Problem) -> Failure {
        Failure { at: 0, expected: Expected::default(), problem: Some(Box::new(problem)) }
    }
}

impl<'s> Error<'s, Kinds<'s>> for Failure {
    fn merge(mut self, other: Failure) -> Failure {
        self.expected = self.expected.or(other.expected);
        self.problem = self.problem.or(other.problem);
        self
    }
}

impl<'s> LabelError<'s, Kinds<'s>, DefaultExpected<'s, Kind>> for Failure {
    fn expected_found<E: IntoIterator<Item = DefaultExpected<'s, Kind>>>(
        expected: E,
        _found: Option<MaybeRef<'s, Kind>>,
        span: SimpleSpan,
    ) -> Failure {
        let mut set = Expected::default();
        for expected in expected {
            match expected {
                DefaultExpected::Token(kind) => set = set.or(Expected::kind(*kind)),
                DefaultExpected::EndOfInput => set = set.or(Expected::label(Label::End)),
                // Nothing in particular; a label around it says what.
                _ => {}
            }
        }
        Failure { at: span.start, expected: set, problem: None }
    }

    fn label_with(&mut self, label: DefaultExpected<'s, Kind>) {
        if let DefaultExpected::Token(kind) = label {
            self.expected = Expected::kind(*kind);
        }
    }
}

impl<'s> LabelError<'s, Kinds<'s>, Label> for Failure {
    fn expected_found<E: IntoIterator<Item = Label>>(
        expected: E,
        _found: Option<MaybeRef<'s, Kind>>,
        span: SimpleSpan,
    ) -> Failure {
        let set = expected.into_iter().fold(Expected::default(), |set, label| set.or(Expected::label(label)));
        Failure { at: span.start, expected: set, problem: None }
    }

    fn label_with(&mut self, label: Label) {
        self.expected = Expected::label(label);
    }
}
