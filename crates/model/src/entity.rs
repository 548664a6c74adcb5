//! Entities, their columns and relations.

use crate::ty::ColumnType;
use std::collections::BTreeMap;
use std::sync::Arc;
use syntax::Parsed;
use syntax::tree::ColumnLabel;
use text::Range;

/// An entity of a [`Model`], by its place in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntityId(pub u32);

/// A column of an [`Entity`], by its place in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ColumnId(pub u32);

/// A relation of an [`Entity`], by its place in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RelationId(pub u32);

/// What a warehouse holds.
#[derive(Clone, Debug, Default)]
pub struct Model {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: u32,
    /// [`hash`](crate::hash) of its files.
    pub hash: String,
    /// The entities in declaration order.
    pub entities: Vec<Entity>,
    /// Entities whose rows the compiler computes; their ids follow those of `entities`.
    pub(crate) derived: Vec<Entity>,
    /// Entities by singular and plural.
    pub(crate) by_name: BTreeMap<String, EntityId>,
}

/// One kind of row.
#[derive(Clone, Debug)]
pub struct Entity {
    /// Singular: `treatment`.
    pub name: String,
    /// Plural: `treatments`; the singular where none was declared.
    pub plural: String,
    /// The table in the warehouse.
    pub table: String,
    /// Its key, one or more columns.
    pub key: Vec<ColumnId>,
    /// How its rows belong to people.
    pub linkage: Linkage,
    /// The column that `R in CODE` tests.
    pub coded_by: Option<ColumnId>,
    /// The date that windows test.
    pub dated_by: Option<Dated>,
    /// Whether a row without a date is outside every window, instead of undecided.
    pub undated_outside: bool,
    /// When the absence of a row says something, as it was written; read on the row around.
    pub assessed: Option<Arc<Assessed>>,
    /// Conversions between units of two kinds, each for some codes.
    pub conversions: Vec<Conversion>,
    /// Of the subject: when a person is born and dies.
    pub life: Life,
    /// Of the subject: the relation to the periods in which events would have been recorded.
    pub observed_by: Option<RelationId>,
    /// Columns in declaration order.
    pub columns: Vec<Column>,
    /// Values that are known as intervals only, each by two of the columns.
    pub intervals: Vec<Interval>,
    /// Relations in declaration order.
    pub relations: Vec<Relation>,
    /// Its doc comment, one line per line.
    pub doc: Vec<String>,
    /// Its declaration.
    pub range: Range,
}

/// How the rows of an entity belong to people (consent-and-policy.md, section 2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Linkage {
    /// No person in it.
    Public,
    /// The subject table itself.
    Subject,
    /// Every path leads to a subject who must be permitted. Each path is a chain of to-one
    /// relations: the first is a relation of this entity.
    Of(Vec<Vec<RelationId>>),
    /// Pre-computed counts of people.
    Aggregate,
}

/// `assessed when CONDITION`, with the file that it stands in.
#[derive(Clone, Debug)]
pub struct Assessed {
    /// The condition.
    pub condition: syntax::tree::Expr,
    /// Its file.
    pub file: Arc<Parsed>,
}

/// How a unit becomes one of another kind, for the rows with one of some codes: a value in `to` is `times`
/// the value in `from`, plus `plus`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conversion {
    /// The CURIEs it holds for; each means itself.
    pub codes: Vec<String>,
    /// UCUM or `%`.
    pub from: String,
    /// UCUM or `%`.
    pub to: String,
    /// The factor, above zero, in units of 10⁻¹².
    pub times: i128,
    /// What is added, in units of 10⁻¹² of `to`.
    pub plus: i128,
    /// Where the formula is from.
    pub source: String,
}

/// The columns of a person's birth and death. A model that names none has no ages, and no majority that
/// a birthday would bring.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Life {
    /// The birthday, a date.
    pub birth_date: Option<ColumnId>,
    /// The year of birth where the day is not known, a whole number.
    pub birth_year: Option<ColumnId>,
    /// The day of death, a date.
    pub death_date: Option<ColumnId>,
}

/// The date of an event, or the first and last day of an interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dated {
    /// The day, or the first day; of a partial date the first day that it can be.
    pub start: ColumnId,
    /// Of a partial date the last day that it can be. Rows with a partial date have no last day.
    pub latest: Option<ColumnId>,
    /// The last day.
    pub end: Option<ColumnId>,
}

/// A value of which a warehouse knows the least and the greatest that it can be, `NAME : COLUMN .. COLUMN`: a
/// date of which it may know only the month or the year, or an age in days. Both ends are included; a day
/// that is known has the same day twice; an end that is null is not known.
#[derive(Clone, Debug)]
pub struct Interval {
    /// Its name in the language. The warehouse has its two columns.
    pub name: String,
    /// The first day, or the least age in days.
    pub earliest: ColumnId,
    /// The last day, or the greatest age in days.
    pub latest: ColumnId,
    /// Its doc comment.
    pub doc: Vec<String>,
    /// Its declaration.
    pub range: Range,
}

/// A column.
#[derive(Clone, Debug)]
pub struct Column {
    /// Its name, in the language and in the warehouse.
    pub name: String,
    /// Its type.
    pub ty: ColumnType,
    /// Whether it may be null.
    pub optional: bool,
    /// Its unit, for quantities.
    pub unit: Option<Unit>,
    /// What it is, for the policy.
    pub label: ColumnLabel,
    /// Its doc comment.
    pub doc: Vec<String>,
    /// Its declaration.
    pub range: Range,
}

/// The unit of a quantity column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unit {
    /// The same for all rows, UCUM or `%`.
    Fixed(String),
    /// Each row names its own.
    From(ColumnId),
}

/// A relation to rows of another entity.
#[derive(Clone, Debug)]
pub struct Relation {
    /// Its name.
    pub name: String,
    /// The other entity.
    pub target: EntityId,
    /// Whether there may be many rows.
    pub many: bool,
    /// For a to-one relation: whether the other row may be absent.
    pub optional: bool,
    /// Column pairs that are equal: of this entity, of the other.
    pub on: Vec<(ColumnId, ColumnId)>,
    /// Its doc comment.
    pub doc: Vec<String>,
    /// Its declaration.
    pub range: Range,
}

impl Model {
    /// The entity of an id that this model gave out.
    pub fn entity(&self, id: EntityId) -> &Entity {
        let at = id.0 as usize;
        self.entities.get(at).unwrap_or_else(|| &self.derived[at - self.entities.len()])
    }

    /// The entity named `name`, in the singular or the plural.
    pub fn find(&self, name: &str) -> Option<EntityId> {
        self.by_name.get(name).copied()
    }

    /// The subject entity. Every model that [`read`](crate::read) accepts has exactly one.
    pub fn subject(&self) -> Option<EntityId> {
        self.ids().find(|id| self.entity(*id).linkage == Linkage::Subject)
    }

    /// The periods in which a person is observed: their entity, and the columns that hold its rows to the
    /// person, in the order of the person's key.
    pub fn observation(&self) -> Option<(EntityId, Vec<ColumnId>)> {
        let subject = self.entity(self.subject()?);
        let relation = subject.relation(subject.observed_by?);
        Some((relation.target, relation.on.iter().map(|(_, theirs)| *theirs).collect()))
    }

    /// The ids of all declared entities in order.
    pub fn ids(&self) -> impl Iterator<Item = EntityId> + use<> {
        (0..u32::try_from(self.entities.len()).unwrap_or(u32::MAX)).map(EntityId)
    }

    /// The names by which entities are known, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.by_name.keys().map(String::as_str)
    }
}

impl Entity {
    /// The column of an id that this entity gave out.
    pub fn column(&self, id: ColumnId) -> &Column {
        &self.columns[id.0 as usize]
    }

    /// The relation of an id that this entity gave out.
    pub fn relation(&self, id: RelationId) -> &Relation {
        &self.relations[id.0 as usize]
    }

    /// The column named `name`.
    pub fn find_column(&self, name: &str) -> Option<ColumnId> {
        position(&self.columns, |column| column.name == name).map(ColumnId)
    }

    /// The name of the date that windows test: of a column, or of an interval.
    pub fn date_name(&self) -> Option<&str> {
        let dated = self.dated_by?;
        let of =
            |interval: &&Interval| Some(interval.latest) == dated.latest && interval.earliest == dated.start;
        Some(match self.intervals.iter().find(of) {
            Some(interval) => &interval.name,
            None => &self.column(dated.start).name,
        })
    }

    /// The interval named `name`.
    pub fn find_interval(&self, name: &str) -> Option<&Interval> {
        self.intervals.iter().find(|interval| interval.name == name)
    }

    /// The relation named `name`.
    pub fn find_relation(&self, name: &str) -> Option<RelationId> {
        position(&self.relations, |relation| relation.name == name).map(RelationId)
    }
}

fn position<T>(all: &[T], is: impl Fn(&T) -> bool) -> Option<u32> {
    all.iter().position(is).and_then(|at| u32::try_from(at).ok())
}
