//! `test` blocks: made-up people and what must hold of them.

use super::{AsOf, Expr, Literal, Name, Span, Text};

/// `test "name" { … }`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Test {
    /// Its name.
    pub name: Text,
    /// The date.
    pub as_of: Option<AsOf>,
    /// The people.
    pub people: Vec<Person>,
    /// What must hold.
    pub expects: Vec<Expr>,
    /// All of it.
    pub span: Span,
}

/// `subject s1 { … }`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The entity.
    pub entity: Name,
    /// The row's name.
    pub name: Name,
    /// What is known.
    pub facts: Vec<Fact>,
    /// All of it.
    pub span: Span,
}

/// One fact of a made-up person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// What it says.
    pub kind: FactKind,
    /// All of it.
    pub span: Span,
}

/// The forms of a fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FactKind {
    /// `sex = female`
    Value(Name, FactValue),
    /// `[excludes] phenotype in HP:1 (onset = 3 years)`
    Row {
        /// Whether `excludes` stands before it.
        excludes: bool,
        /// The relation.
        relation: Name,
        /// The code.
        code: Option<Literal>,
        /// Further columns.
        fields: Vec<(Name, FactValue)>,
    },
}

/// A literal or a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FactValue {
    /// A literal.
    Literal(Literal),
    /// A name.
    Name(Name),
}
