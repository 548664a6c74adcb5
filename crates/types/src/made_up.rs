//! The checked form of a `test` block: made-up people, and what must hold of them.

use crate::query::{
    Allele, CohortId, Expr, GroupCell, Kind, Query, Row, RowId, Shown, ShownExpr, Table, TableBody, Value,
};
use crate::ty::Type;
use jiff::civil::Date;
use model::{ColumnId, ColumnLabel, EntityId, Model};
use std::collections::BTreeMap;
use text::Range;

/// A `test` block.
#[derive(Clone, Debug)]
pub struct Test {
    /// Its name.
    pub name: String,
    /// Its own `as of`, which takes the place of the file's.
    pub as_of: Option<(Date, Range)>,
    /// The people in order.
    pub people: Vec<MadeUp>,
    /// What must hold, in order.
    pub expects: Vec<Expect>,
    /// Its name's place.
    pub range: Range,
}

/// A made-up person.
#[derive(Clone, Debug)]
pub struct MadeUp {
    /// The name, which is its key.
    pub name: String,
    /// What is known of the person itself.
    pub values: BTreeMap<ColumnId, Value>,
    /// Related rows in order.
    pub rows: Vec<MadeUpRow>,
    /// What was said of alleles, in order.
    pub variants: Vec<MadeUpVariant>,
    /// Consent events in order; a person without any permits everything.
    pub consents: Vec<MadeUpConsent>,
    /// Its name's place.
    pub range: Range,
}

/// A related row of a made-up person.
#[derive(Clone, Debug)]
pub struct MadeUpRow {
    /// Of which entity.
    pub entity: EntityId,
    /// What is known of it.
    pub values: BTreeMap<ColumnId, Value>,
}

/// An allele that a made-up person carries, or was found not to carry.
#[derive(Clone, Debug)]
pub struct MadeUpVariant {
    /// Its identity, where it was said; else it is one of its own.
    pub alleles: Vec<Allele>,
    /// Known copies: 0, 1 or 2.
    pub copies: i64,
    /// Columns of the variant, its reported effect, its call and its gnomAD record, by entity.
    pub values: BTreeMap<(EntityId, ColumnId), Value>,
}

/// A consent event of a made-up person, with its only scope row.
#[derive(Clone, Debug)]
pub struct MadeUpConsent {
    /// The columns of `consent_event` and `consent_scope` that were said.
    pub values: BTreeMap<String, Value>,
}

/// What must hold.
#[derive(Clone, Debug)]
pub enum Expect {
    /// All of them.
    And(Vec<Expect>),
    /// One of them.
    Or(Vec<Expect>),
    /// Not.
    Not(Box<Expect>),
    /// `true`, `false`.
    Literal(bool),
    /// `person in cohort`
    Member {
        /// The person.
        person: String,
        /// The cohort's name.
        cohort: String,
        /// The whole test.
        range: Range,
    },
    /// `cohort = [s1, s2]`
    Members {
        /// The cohort's name.
        cohort: String,
        /// The people, in the order of their names.
        people: Vec<String>,
        /// The whole test.
        range: Range,
    },
    /// `table(a, b) = [(1, 2), …]`
    Rows {
        /// The table's name.
        table: String,
        /// The places of the named columns among the shown ones.
        columns: Vec<usize>,
        /// The rows in order; `None` is no value.
        rows: Vec<Vec<ExpectedCell>>,
        /// The whole test.
        range: Range,
    },
}

/// A cell that a test expects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExpectedCell {
    /// A value.
    Value(Value),
    /// Both ends of an interval.
    Interval(Value, Value),
}

/// The prefix of the tables that list the members of cohorts for tests; no name of a program has it.
pub const MEMBERS: &str = "members of ";

/// A table with a row per member of a cohort of this query, whose first raw column is the member's key.
/// It is for made-up people only: the policy would not let it leave a warehouse.
pub fn members(query: &Query, cohort: CohortId, model: &Model) -> Option<Table> {
    let found = query.cohorts.get(usize::try_from(cohort.0).ok()?)?;
    let entity = model.subject()?;
    let row = Row { id: RowId(u32::MAX - cohort.0), hops: Vec::new(), entity };
    let key = Expr {
        kind: Kind::Key(row.clone()),
        ty: Type::Id,
        label: ColumnLabel::Identifier,
        range: found.range,
    };
    Some(Table {
        name: format!("{MEMBERS}{}", found.name),
        row,
        cohort: Some(cohort),
        rules: Vec::new(),
        each: Vec::new(),
        body: TableBody::Rows { values: vec![key] },
        nested: Vec::new(),
        shown: vec![Shown {
            name: "subject".to_owned(),
            value: ShownExpr::Cell(GroupCell::Value(0)),
            ty: Type::Id,
            range: found.range,
        }],
        kept: Vec::new(),
        order: Vec::new(),
        limit: None,
        regroup: None,
        range: found.range,
    })
}
