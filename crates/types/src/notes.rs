//! What a check found out about the names of a file, for editors.
//!
//! A check replaces names by what they stand for; an editor asks what a name at a place stands for and
//! which names could stand there. Both are written down on the way, by the same code that gives names
//! their meaning, so that an editor can never know another language than the compiler.

use model::{ColumnId, EntityId, RelationId};
use text::Range;

/// What was written down.
#[derive(Clone, Debug, Default)]
pub struct Notes {
    /// Names that have a meaning, sorted by place; also those in imported files and definitions.
    pub uses: Vec<Noted>,
    /// The names that could stand at the cursor, in the order of the scope: the innermost row first.
    pub offers: Vec<Offer>,
}

impl Notes {
    /// What the name at this place means. A name in a definition can mean several things, by the rows
    /// it is used for; this is the first.
    pub fn at(&self, range: Range) -> Option<&Noted> {
        self.uses.iter().find(|noted| noted.range == range)
    }
}

/// A name with its meaning.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Noted {
    /// Where it stands.
    pub range: Range,
    /// What it stands for.
    pub means: Meaning,
    /// Type and grain in words: `date`, `one subject`, `many measurements`. Empty where there is none.
    pub is: String,
}

/// What a name stands for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Meaning {
    /// The row of an entity that is in scope.
    Entity(EntityId),
    /// A column.
    Column(EntityId, ColumnId),
    /// A relation.
    Relation(EntityId, RelationId),
    /// Something that a file gives the name to at this place: a set of codes, a definition, a cohort,
    /// a table.
    Item(Range),
    /// A parameter of the file.
    Param(String),
    /// A name that a clause of the same item gives: `let`, a rule.
    Local(String),
    /// Something that the language itself has: `age`, `as_of`.
    BuiltIn(String),
    /// A member of a list of values, or a gene.
    Value(String),
}

/// A name that could stand at the cursor.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Offer {
    /// The name.
    pub name: String,
    /// What it would stand for.
    pub means: Meaning,
}
