//! What the raw result is and what is shown of it: the contract between a plan and `release`.
//!
//! The last step of a plan gives raw columns: exact counts of distinct people, sums and numbers of
//! known values, frequency counts. `release` withholds, rounds and only then computes ratios, so
//! what is shown is a small expression over raw columns.

use crate::expr::{Type, Value};
use types::Fraction;

/// A raw column of the last step, by its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Raw(pub u32);

/// What a raw result is and what is shown of it.
#[derive(Clone, Debug, Default)]
pub struct Shape {
    /// Whether rows are people's rows (level record); else they are groups or public rows.
    pub records: bool,
    /// The number of distinct people of each row, where rows are groups.
    pub people: Option<Raw>,
    /// A bool raw column that is true in the rows of `with totals`, whose keys read `total`.
    pub totals: Option<Raw>,
    /// Whether nobody is in two rows of the same public columns (the keys are one per person), so
    /// that the rows add up to their total and pooled rows have a number. False is the safe side.
    pub disjoint: bool,
    /// Raw columns that are keys without a closed domain, of which one decides (release rule 8):
    /// rows with fewer people than the threshold are pooled as `other`.
    pub open_keys: Vec<Raw>,
    /// For frequency tables: the raw columns of each named record, and whether an allele that is
    /// withheld may be listed (it was named by the query or a public release holds it).
    pub frequencies: Vec<Frequency>,
    /// All raw columns that `show` needs no expression for: name and type, in order.
    pub raw: Vec<(String, Type)>,
    /// The shown columns in order.
    pub shown: Vec<Shown>,
    /// `where` after `show`: kept when true of the released row.
    pub kept: Vec<ReleasedExpr>,
    /// `order by` after `show`: keys over the released row; ties keep the order of the raw result.
    pub order: Vec<(ReleasedExpr, bool)>,
    /// `limit`.
    pub limit: Option<u64>,
    /// For frequency tables: the raw columns that are the same in all rows of one allele. Rows of
    /// different alleles are never pooled, and the groups of one allele are those of [`Grpmax`](ReleasedExpr::Grpmax).
    pub same_allele: Vec<Raw>,
    /// The keys of the groups of people of a frequency table.
    pub people_keys: Vec<Raw>,
    /// For tables of several frequencies: how their people overlap, a pair each.
    pub overlaps: Vec<Overlap>,
    /// Groups of released rows: `shown`, `kept`, `order` and `limit` are then over these groups.
    pub regroup: Option<Regroup>,
    /// For nested columns: what each holds. A row of the table is then several rows of the raw result, one
    /// after the other, with the same values of `same_row`.
    pub nested: Vec<Nested>,
    /// What tells one row of the table from another.
    pub same_row: Vec<Raw>,
    /// For `attrition of`: what the raw columns count, instead of all of the above.
    pub attrition: Option<Attrition>,
    /// How much single people add to raw numbers that add up over people: at most one for each number of people.
    pub weights: Vec<Weights>,
    /// Of how many people [`Weight::most`] is the sum.
    pub contributors: u32,
    /// Keys that tell something sensitive of the people of a group.
    pub facts: Vec<(Raw, Fact)>,
    /// Numbers of people for whom something sensitive holds, each with the number of those of whom it is asked.
    pub parts: Vec<(Raw, Raw)>,
    /// In a plan with members: for numbers of distinct people the raw columns that list them, one for each path
    /// to a subject. Nothing of them is ever shown.
    pub members: Vec<(Raw, Vec<Raw>)>,
    /// For `describe` and `compare`: what the raw columns count. Of all of the above only `people`, `totals`,
    /// `disjoint`, `open_keys` and `raw` hold.
    pub characteristics: Option<Characteristics>,
}

/// What tells something of everybody in a group when nearly everybody in it has the same (release rule 4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fact {
    /// Any of its values does.
    Value,
    /// A truth: that it holds does, that it does not hold does not.
    Truth,
}

/// What single people add to a number that is a sum over people: a sum, a number of events (release rules 4 and 9).
///
/// What a person adds is taken without its sign, and so is the total, which the number itself need not be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Weights {
    /// The people with whom the number is withheld.
    pub people: Raw,
    /// One for each path to a subject and each number; none where rows have no subject.
    pub paths: Vec<Weight>,
}

/// Raw columns of one path to a subject. All are null where nobody adds anything, or where a sum is too large.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weight {
    /// What all people add.
    pub total: Raw,
    /// What the person who adds most adds.
    pub greatest: Raw,
    /// What the two who add most add together.
    pub two: Raw,
    /// What the [`Shape::contributors`] who add most add together.
    pub most: Raw,
}

/// A nested column.
#[derive(Clone, Debug)]
pub struct Nested {
    /// A raw column that is not null in the rows that are its.
    pub present: Raw,
    /// Heading, type, unit and raw column of each of its columns.
    pub columns: Vec<NestedColumn>,
}

/// A column of nested rows.
#[derive(Clone, Debug)]
pub struct NestedColumn {
    /// Its heading.
    pub name: String,
    /// Its type.
    pub ty: Type,
    /// Its unit.
    pub unit: Option<String>,
    /// Where it stands.
    pub value: Raw,
}

/// How the people of two frequency records of a row overlap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overlap {
    /// One record.
    pub first: u32,
    /// The other, named after it.
    pub second: u32,
    /// The number of distinct people of the first who are not of the second.
    pub only_first: Raw,
    /// The number of distinct people of the second who are not of the first.
    pub only_second: Raw,
}

/// Groups of released rows: the rows that are listed and no totals, each group with the rows of equal
/// keys, in the order in which the keys first stand in the raw result.
#[derive(Clone, Debug, PartialEq)]
pub struct Regroup {
    /// The values of each row: first the keys, then what aggregates read.
    pub values: Vec<Shown>,
    /// How many of them are keys.
    pub keys: u32,
}

/// Aggregates over released values. With a condition only the rows where it is true count. Values that
/// are null (an unknown comparison among them) are passed over; what a withheld value would change is
/// withheld.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RegroupFunction {
    /// Different values.
    Count,
    /// The sum; 0 of nothing.
    Sum,
    /// The mean, half-even to 12 places; null of nothing.
    Mean,
    /// The value at a share of the known ones in order, or the mean of the two around it; null of nothing.
    Quantile(Fraction),
    /// The least; null of nothing.
    Min,
    /// The greatest; null of nothing.
    Max,
    /// The share of true ones among those that are true or false; null of nothing.
    Share,
    /// Its Wilson interval at 95 %.
    Wilson,
}

impl Shape {
    /// The headings of the shown columns that are keys, or public columns of the row.
    pub fn key_names(&self) -> Vec<&str> {
        let keys = self.shown.iter().filter(|shown| matches!(shown.value, ReleasedExpr::Cell(Cell::Key(_))));
        keys.map(|shown| shown.name.as_str()).collect()
    }
}

/// The raw result of `attrition of`: people by where they leave.
///
/// Steps are numbered from 1. A person who does not pass step k (its test is false or unknown) *fails*
/// it. Rows are people by the first and by the last step that they fail, and by whether the test of the
/// first one is unknown for them; so everything that is asked of one step, or of several steps
/// together, is a sum of rows: who comes to step k has a first failure at k or later, and who would be
/// gained if the steps i to j were dropped has the first and the last failure there.
///
/// Of an event cohort the rows are steps i to j together ([`AttritionEvents`]), for all i and j.
#[derive(Clone, Debug)]
pub struct Attrition {
    /// The first step that is failed; the number of steps and one for members.
    pub first: Raw,
    /// The last step that is failed; 0 for members.
    pub last: Raw,
    /// A bool: whether the test of the first one is unknown.
    pub unknown: Raw,
    /// Distinct people.
    pub people: Raw,
    /// For an event cohort: what the raw columns mean then.
    pub events: Option<AttritionEvents>,
    /// Where a step is a match: 0 in the rows above, else the number of that step. Such a row has cases:
    /// `first` is 0 for those who got as many controls as each case was to have, 1 for those who got fewer, and
    /// 2 for those who got none because one of their keys is not known.
    pub cases: Option<Raw>,
    /// What everybody is called before the first step: `subjects`.
    pub source: String,
    /// The steps in order.
    pub steps: Vec<AttritionStep>,
}

/// The raw columns of the attrition of an event cohort.
///
/// A row has the steps from `first` to `last` together; both are the number of steps and one for members. An
/// *event* is a row of the cohort's source on an index date. A subject comes as far as the furthest of its
/// events. Who has no event fails the index step.
///
/// Then `people` are subjects whose furthest event fails first there, and `unknown` is the number of those for
/// whom the test is unknown for such an event.
#[derive(Clone, Copy, Debug)]
pub struct AttritionEvents {
    /// The number of the step that is the index: before it there are no events.
    pub index: usize,
    /// Subjects who are no members and have an event that fails steps there only.
    pub gained: Raw,
    /// Those of `gained` who are of `people`.
    pub gained_here: Raw,
    /// Events that fail first there.
    pub events: Raw,
    /// Their subjects.
    pub events_people: Raw,
    /// Events whose test is unknown where they fail first.
    pub unknown_events: Raw,
    /// Their subjects.
    pub unknown_people: Raw,
    /// The subjects of the events whose test is false there.
    pub out_people: Raw,
    /// Events that fail steps there only.
    pub gained_events: Raw,
    /// Their subjects.
    pub gained_people: Raw,
    /// The subjects of the events that fail first there, and a later step too.
    pub beside_people: Raw,
}

/// A step of an attrition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttritionStep {
    /// The cohort that it belongs to.
    pub cohort: String,
    /// What it asks, in the words of the query.
    pub words: String,
    /// What it is.
    pub kind: AttritionStepKind,
    /// Whether it can be told who would be gained without it. Not of the index date, without which nothing
    /// after it can be asked, nor of a step before a match or a draw, which would choose others.
    pub droppable: bool,
}

/// What a step of an attrition is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttritionStepKind {
    /// The index date.
    Index,
    /// A rule.
    Rule,
    /// The exit.
    Exit {
        /// Whether it removes nobody, whoever they are: follow-up that began by D has an exit.
        idle: bool,
    },
    /// A match.
    Match,
    /// A draw.
    Draw,
}

/// Raw columns of one frequency record (language.md section 4, "Identity and frequency").
#[derive(Clone, Debug)]
pub struct Frequency {
    /// Its name; empty where the table has one.
    pub name: String,
    /// Eligible people of the group.
    pub people: Raw,
    /// People with at least one copy; of a group of alleles, with a copy of any.
    pub carriers: Raw,
    /// The copies of the allele; none where the record is of a group of alleles.
    pub copies: Option<Copies>,
    /// A bool: whether a withheld allele may be listed.
    pub listed: Raw,
}

/// Raw columns of the copies of one allele in a group of people.
#[derive(Clone, Copy, Debug)]
pub struct Copies {
    /// Copies of this allele.
    pub ac: Raw,
    /// Known alleles of any kind.
    pub an: Raw,
    /// People with one of two known copies.
    pub het: Raw,
    /// People with both of two known copies.
    pub hom: Raw,
    /// People with the copy where one is expected.
    pub hemi: Raw,
    /// Eligible people without a full call.
    pub missing: Raw,
    /// Full diploid calls; on X outside PAR those of people with two X and no Y, none on Y and MT.
    pub pairs: Raw,
    /// Of these, calls with one copy of this allele.
    pub pair_het: Raw,
    /// Of these, calls with two.
    pub pair_hom: Raw,
}

/// A shown column.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    /// Its heading.
    pub name: String,
    /// Its type.
    pub ty: Type,
    /// Its unit, for the heading: `%`, `mmol/mol`.
    pub unit: Option<String>,
    /// Its value.
    pub value: ReleasedExpr,
}

/// A value computed from released cells. Arithmetic on withheld is withheld.
#[derive(Clone, Debug, PartialEq)]
pub enum ReleasedExpr {
    /// A cell of the raw result after suppression and rounding.
    Cell(Cell),
    /// A literal.
    Literal(Value, Type),
    /// A shown column of the same table, by its place.
    Shown(u32),
    /// An operator; operands are released.
    Apply(ReleasedOperator, Vec<ReleasedExpr>),
    /// A cell of the group with the greatest released `af` of a record among the rows of the same allele:
    /// rows that are neither a total nor `other`, whose keys of people are all recorded, whose record is not
    /// withheld whole, and whose released `ac` is not 0. The first of equals. Null where there is none;
    /// withheld where a withheld `af` could be greater than the greatest that is shown.
    Grpmax {
        /// Which record.
        record: u32,
        /// What of that row.
        cell: Cell,
    },
    /// A key of a group of released rows.
    RegroupKey(u32),
    /// An aggregate over the released rows of a group.
    Regrouped {
        /// Which.
        function: RegroupFunction,
        /// A place in [`Regroup::values`]; `None` counts rows.
        argument: Option<u32>,
        /// Only rows for which this value is true.
        filter: Option<u32>,
    },
    /// The value in the row before of a series: of the rows above this one in the raw result, the last
    /// that has the same `within` and a known `along`, and is neither a total nor `other`. Null where
    /// there is none, and where this row is itself a total, `other`, or of an unknown `along`. The raw
    /// result stands in the order of its keys, so the row before has the next smaller key of those shown.
    Previous {
        /// The key along which the series runs.
        along: Raw,
        /// The keys that are the same in all its rows.
        within: Vec<Raw>,
        /// The value.
        value: Box<ReleasedExpr>,
    },
}

/// Operators on released values: exact, decimals half-even to 12 places, Kleene logic; a comparison
/// with a withheld count is decided where its public interval decides it, else unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the names say it")]
pub enum ReleasedOperator {
    Add,
    Subtract,
    Multiply,
    Divide,
    Negate,
    And,
    Or,
    Not,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    IsKnown,
    FisherOddsRatio,
    FisherP,
}

/// A cell of the raw result and the rule under which it is released.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// A key of the group, or a public column of the row; null keys read `not recorded`.
    Key(Raw),
    /// A column of a person's row; level record only.
    Value(Raw),
    /// An identifier of a person's row, which leaves as a keyed pseudonym; level record only.
    Pseudonym(Raw),
    /// Rows of the row; level record only.
    Nested(u32),
    /// A number of distinct people: withheld when between 1 and the threshold, then rounded.
    People(Raw),
    /// A number of events: withheld when its people are too few, then rounded.
    Count {
        /// The number.
        value: Raw,
        /// The distinct people it is made of.
        people: Raw,
    },
    /// A sum: withheld when its people are too few.
    Sum {
        /// The sum.
        value: Raw,
        /// The distinct people it is made of.
        people: Raw,
    },
    /// A mean: sum over number, half-even to 12 places; withheld when its people are too few.
    Mean {
        /// The sum.
        sum: Raw,
        /// The number of known values.
        number: Raw,
        /// The distinct people it is made of.
        people: Raw,
    },
    /// A quantile, such as the median: the mean of the lower and the upper value at a share; withheld when
    /// fewer people than the threshold lie on either side.
    Quantile {
        /// The share.
        share: Fraction,
        /// The lower middle value.
        lower: Raw,
        /// The upper middle value.
        upper: Raw,
        /// The distinct people it is made of.
        people: Raw,
    },
    /// A share: rows where it is true over rows where it is known, from rounded parts.
    Share {
        /// Rows where it is true.
        yes: Raw,
        /// Rows where it is known.
        known: Raw,
        /// Distinct people of the rows where it is true.
        yes_people: Raw,
        /// Distinct people of the rows where it is known.
        known_people: Raw,
    },
    /// A Wilson score interval at 95 % of the same share, from rounded parts; shown as two values.
    Wilson {
        /// Rows where it is true.
        yes: Raw,
        /// Rows where it is known.
        known: Raw,
        /// Distinct people of the rows where it is true.
        yes_people: Raw,
        /// Distinct people of the rows where it is known.
        known_people: Raw,
    },
    /// A field of a frequency record.
    Frequency {
        /// Which record: a place in [`Shape::frequencies`].
        record: u32,
        /// Which field.
        field: FrequencyField,
    },
}

/// Fields of a frequency record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "language.md section 4 defines each")]
pub enum FrequencyField {
    Ac,
    An,
    Af,
    Het,
    Hom,
    Hemi,
    Carriers,
    Missing,
    CallRate,
    People,
    Faf95,
    CarrierFrequency,
    HardyWeinberg,
    ExcessHet,
}

/// The raw result of `describe` and `compare`: a row per group, and one of totals; a column per level.
#[derive(Clone, Debug)]
pub struct Characteristics {
    /// The keys of the groups: heading and the raw column of the label.
    pub keys: Vec<(String, Raw)>,
    /// Whether the first two rows are two groups between which standardised differences are told.
    pub differences: bool,
    /// For `compare`: of each of the two rows, its people who are not in the other cohort.
    pub apart: Option<Raw>,
    /// The characteristics in order.
    pub items: Vec<Characteristic>,
}

/// What is told of the people of a group. The people of its levels are a partition of the group.
#[derive(Clone, Debug)]
pub enum Characteristic {
    /// Something with levels.
    Levels {
        /// Its heading.
        name: String,
        /// The levels in order with their people; one without a label is `not recorded`.
        levels: Vec<(Option<String>, Facet)>,
        /// Whether it tells something sensitive.
        fact: Option<Fact>,
    },
    /// A number.
    Number {
        /// Its heading, with its unit.
        name: String,
        /// People of whom it is known.
        known: Facet,
        /// People of whom it is not.
        missing: Facet,
        /// What is told of the known ones.
        numbers: NumberRaws,
    },
}

/// Distinct people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facet {
    /// How many.
    pub people: Raw,
    /// For `compare`: those of them who are not also counted here in the other row.
    pub apart: Option<Raw>,
}

/// Raw columns of a number; quantiles are pairs of middle values, as those of a median: of n values in
/// order the elements ⌈np⌉ and ⌊np⌋ + 1, counted from 1 (Hyndman and Fan 1996, definition 2).
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "the names say it")]
pub struct NumberRaws {
    pub median: (Raw, Raw),
    pub q1: (Raw, Raw),
    pub q3: (Raw, Raw),
    /// The sum of the values.
    pub sum: Raw,
    /// The sum of their squares.
    pub squares: Raw,
    /// What single people add to the sum.
    pub weight: Weight,
}

impl Characteristic {
    /// Its heading.
    pub fn name(&self) -> &str {
        match self {
            Characteristic::Levels { name, .. } | Characteristic::Number { name, .. } => name,
        }
    }

    /// Its partition: labels, none for `not recorded`, with their people. What is known of a number is
    /// one level.
    pub fn levels(&self) -> Vec<(Option<String>, Facet)> {
        match self {
            Characteristic::Levels { levels, .. } => levels.clone(),
            Characteristic::Number { known, missing, .. } => {
                vec![(Some("known".to_owned()), *known), (None, *missing)]
            }
        }
    }
}
