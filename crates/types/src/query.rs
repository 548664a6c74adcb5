//! The checked form of a file.
//!
//! Every [`Expr`] is one value per current row. Rows in scope have a [`RowId`]; a to-one relation is
//! walked by [`Row::hop`]. Names that the author gave with `let` and `define` are already replaced by
//! what they stand for.

use crate::fraction::Fraction;
use crate::made_up::Test;
use crate::number::Number;
use crate::report::Report;
use crate::ty::Type;
use jiff::civil::Date;
use model::{ColumnId, ColumnLabel, EntityId, RelationId};
use std::collections::BTreeSet;
use text::Range;

pub use crate::cohort::{AS_OF, Cohort, CohortSource, Draw, Exit, ExitPart, Index, Match, MatchKey};
pub use crate::rows::{Bound, EachOther, PickOrder, Rows, RowsSource, RowsStep};

/// A checked file.
#[derive(Clone, Debug, Default)]
pub struct Query {
    /// `use agreement …`
    pub uses: Option<Uses>,
    /// `as of …`
    pub as_of: Option<(Date, Range)>,
    /// Cohorts, each after those it stands on.
    pub cohorts: Vec<Cohort>,
    /// Tables in order.
    pub tables: Vec<Table>,
    /// Reports in order.
    pub reports: Vec<Report>,
    /// Tables whose released values other items read.
    pub tables_read: BTreeSet<TableId>,
    /// Parameters with the values in force, as text, in order: for the audit.
    pub params: Vec<(String, String)>,
    /// `test` blocks in order.
    pub tests: Vec<Test>,
    /// The sets of codes that the file itself gives a name, in order: for the lock file.
    pub code_sets: Vec<CodeSet>,
}

/// Codes with a name: a `codes` item, or a definition with codes in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeSet {
    /// The name; of a definition on the rows of an entity `entity.name`.
    pub name: String,
    /// What is in it; of a definition one test per set in it.
    pub tests: Vec<CodeTest>,
    /// The whole item.
    pub range: Range,
}

impl Query {
    /// The names of all results, tables and reports, in the order of the file.
    pub fn results(&self) -> Vec<String> {
        let tables = self.tables.iter().map(|table| (table.range, &table.name));
        let reports = self.reports.iter().map(|report| (report.range, &report.name));
        let mut all: Vec<(Range, &String)> = tables.chain(reports).collect();
        all.sort();
        all.into_iter().map(|(_, name)| name.clone()).collect()
    }
}

/// `use agreement "A", "B" for purpose`
#[derive(Clone, Debug)]
pub struct Uses {
    /// The agreements' names and where they stand.
    pub agreements: Vec<(String, Range)>,
    /// The named purpose that narrows theirs.
    pub purpose: Option<(String, Range)>,
    /// The whole line.
    pub range: Range,
}

/// A cohort, by its place in [`Query::cohorts`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CohortId(pub u32);

/// A table, by its place in [`Query::tables`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TableId(pub u32);

/// A row in scope. Unique in a query.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RowId(pub u32);

/// A row that an expression reads: a row in scope, then to-one relations from it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Row {
    /// The row in scope.
    pub id: RowId,
    /// To-one relations walked from it, in order.
    pub hops: Vec<RelationId>,
    /// The entity of the row at the end.
    pub entity: EntityId,
}

impl Row {
    /// The row that a to-one relation leads to.
    #[must_use]
    pub fn hop(&self, relation: RelationId, entity: EntityId) -> Row {
        let mut hops = self.hops.clone();
        hops.push(relation);
        Row { id: self.id, hops, entity }
    }
}

/// A rule: keeps a row when it is true.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Its name, where it has one.
    pub name: Option<String>,
    /// The condition.
    pub condition: Expr,
    /// The whole clause.
    pub range: Range,
}

/// A table.
#[derive(Clone, Debug)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// The row of its source.
    pub row: Row,
    /// The cohort whose members its rows are, where the source is a cohort.
    pub cohort: Option<CohortId>,
    /// Its rules before any grouping.
    pub rules: Vec<Rule>,
    /// `for each`, in order: the table's rows are then (row, r), for every r of the row.
    pub each: Vec<Each>,
    /// What it shows.
    pub body: TableBody,
    /// Columns that hold rows of their own, read by [`GroupCell::Nested`]: of a table of rows only.
    pub nested: Vec<Nested>,
    /// Shown columns.
    pub shown: Vec<Shown>,
    /// `where` after `show`.
    pub kept: Vec<ShownExpr>,
    /// `order by`; true is descending.
    pub order: Vec<(ShownExpr, bool)>,
    /// `limit`.
    pub limit: Option<u64>,
    /// `group by` after `frequency`: what is shown, kept and ordered is then over groups of released rows.
    pub regroup: Option<Regroup>,
    /// Its name's place.
    pub range: Range,
}

/// `R { columns }`: of each row of a table its rows R, each with these columns.
#[derive(Clone, Debug)]
pub struct Nested {
    /// The rows; those for which all their conditions are true are shown.
    pub rows: Rows,
    /// Headings and values, typed on the last row.
    pub columns: Vec<(String, Expr)>,
}

/// `for each NAME in R`: a row for each pair of a row before and one of its rows R.
#[derive(Clone, Debug)]
pub struct Each {
    /// The rows; a pair is there when all their conditions are true.
    pub rows: Rows,
    /// How many of the table's rules stand before it. The others may read its row.
    pub after: usize,
}

impl Each {
    /// All conditions on its rows.
    pub fn conditions(&self) -> impl Iterator<Item = &Expr> {
        self.rows.steps.iter().flat_map(|step| &step.conditions)
    }
}

/// Groups of released rows. Every value is computed from released cells, row by row and without the rows
/// of totals; rows with equal keys are one group, also those that read `not recorded` or `other`.
#[derive(Clone, Debug)]
pub struct Regroup {
    /// The values of each released row: first the keys, then what aggregates read.
    pub values: Vec<Shown>,
    /// How many of the values are keys.
    pub keys: u32,
}

/// The grain of a table's rows.
#[derive(Clone, Debug)]
pub enum TableBody {
    /// A row per row of the source: level record, unless the source is public.
    Rows {
        /// The values that `shown` reads by [`GroupCell::Value`].
        values: Vec<Expr>,
    },
    /// A row per group.
    Groups {
        /// The keys.
        keys: Vec<GroupKey>,
        /// `with totals`
        totals: bool,
    },
    /// A row per allele (per row of `for each`), or per group of alleles, and per group of the people.
    Frequency {
        /// The records, at least one; each has a name where there are several, and all have the same keys.
        frequencies: Vec<Frequency>,
        /// `group by` before `frequency`.
        pooled: Option<Pooled>,
        /// Values of the allele's row that `shown` reads by [`GroupCell::Value`].
        values: Vec<Expr>,
        /// Alleles that the rules name by a literal: listed even when nobody carries them.
        named: Vec<Allele>,
    },
}

/// Groups of alleles, whose frequency is that of people: `carriers` have at least one known copy of at
/// least one allele of the group and count once, `people` are eligible for at least one of its alleles.
#[derive(Clone, Debug)]
pub struct Pooled {
    /// The keys, typed on the table's rows. In [`GroupCell::Key`] they stand before those of the people.
    pub keys: Vec<GroupKey>,
    /// `with totals`: the alleles of all groups together.
    pub totals: bool,
}

/// `frequency among … by … with totals`
#[derive(Clone, Debug)]
pub struct Frequency {
    /// Its name, empty where it has none.
    pub name: String,
    /// The row of the people or samples that are counted.
    pub row: Row,
    /// The cohort they are taken from.
    pub cohort: Option<CohortId>,
    /// Whether `row` is a sample (else a subject).
    pub samples: bool,
    /// Conditions on the row.
    pub conditions: Vec<Expr>,
    /// Group keys, typed on the row.
    pub keys: Vec<GroupKey>,
    /// `with totals`
    pub totals: bool,
    /// The whole clause.
    pub range: Range,
}

/// A key of a group.
#[derive(Clone, Debug)]
pub struct GroupKey {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: Expr,
    /// The values it can have.
    pub domain: KeyDomain,
    /// Its place.
    pub range: Range,
}

/// The values that a key can have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyDomain {
    /// These, in order; the value's type says how they are written.
    Closed(Vec<Value>),
    /// Those that are found.
    Open,
}

/// A shown column.
#[derive(Clone, Debug)]
pub struct Shown {
    /// Its heading.
    pub name: String,
    /// Its value.
    pub value: ShownExpr,
    /// Its type.
    pub ty: Type,
    /// Its place.
    pub range: Range,
}

/// A value computed from released cells.
#[derive(Clone, Debug)]
pub enum ShownExpr {
    /// A cell.
    Cell(GroupCell),
    /// A shown column before this one.
    Shown(u32),
    /// A literal.
    Literal(Value),
    /// Arithmetic.
    Arithmetic(Arithmetic, Box<ShownExpr>, Box<ShownExpr>),
    /// A comparison.
    Compare(Comparison, Box<ShownExpr>, Box<ShownExpr>),
    /// All of them.
    And(Vec<ShownExpr>),
    /// One of them.
    Or(Vec<ShownExpr>),
    /// Not.
    Not(Box<ShownExpr>),
    /// Whether there is a released value.
    IsKnown(Box<ShownExpr>),
    /// The value in the row before, of the series that the last key makes of the rows with the same
    /// other keys; null in the first, and in a row whose last key is not recorded.
    Previous {
        /// The place of the last key, whose values have an order.
        along: u32,
        /// The places of the other keys.
        within: Vec<u32>,
        /// The value.
        value: Box<ShownExpr>,
    },
    /// Fisher's exact test of two released counts, each with the number that it is out of.
    Fisher(FisherPart, Box<[ShownExpr; 4]>),
    /// A cell of the record's group with the greatest released `af` among the rows of the same allele.
    Grpmax {
        /// Which record.
        record: u32,
        /// What of that group.
        cell: GroupCell,
    },
    /// A key of a group of released rows, by its place.
    RegroupKey(u32),
    /// An aggregate over the released rows of a group.
    Regrouped {
        /// Which.
        function: AggregateFunction,
        /// Its argument, a place in [`Regroup::values`]; `None` counts rows.
        argument: Option<u32>,
        /// Only rows for which this value is true.
        filter: Option<u32>,
    },
}

/// A cell of a group, a record or a row.
#[derive(Clone, Debug)]
pub enum GroupCell {
    /// A key, by its place.
    Key(u32),
    /// A value of the row, by its place.
    Value(u32),
    /// Rows of the row, by their place in [`Table::nested`].
    Nested(u32),
    /// An aggregate over the rows of the group.
    Aggregate {
        /// Which.
        function: AggregateFunction,
        /// Its argument, typed on a row of the group; `None` for a count of rows.
        argument: Option<Expr>,
        /// Only rows for which this is true.
        filter: Option<Expr>,
    },
    /// A field of a frequency record.
    Frequency {
        /// Which record of the table.
        record: u32,
        /// Which field.
        field: FrequencyField,
    },
}

/// What Fisher's exact test gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FisherPart {
    /// The sample odds ratio.
    OddsRatio,
    /// The two-sided probability.
    P,
}

/// The frequency record's fields.
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

/// An expression: one value per current row.
#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    /// What it is.
    pub kind: Kind,
    /// Its type.
    pub ty: Type,
    /// The join of its inputs' labels.
    pub label: ColumnLabel,
    /// Where it stands.
    pub range: Range,
}

/// The forms of an expression.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// A literal or a parameter's value.
    Literal(Value),
    /// Null of the expression's type.
    Null,
    /// A column of a row.
    Column(Row, ColumnId),
    /// The row itself, known by its key.
    Key(Row),
    /// The index date of a cohort's row.
    Index(RowId),
    /// The exit of a cohort's row: its date, or its reason.
    Exit(RowId, ExitPart),
    /// The first or last day of an episode's row; the last day of one that goes on is null.
    Episode(Row, Bound),
    /// Kleene and.
    And(Vec<Expr>),
    /// Kleene or.
    Or(Vec<Expr>),
    /// Kleene not.
    Not(Box<Expr>),
    /// A comparison of two values of one type (numbers are both `Decimal` or both `Int`).
    Compare(Comparison, Box<Expr>, Box<Expr>),
    /// A quantity with a unit of its own against a literal: the literal in every comparable unit.
    CompareQuantity {
        /// Which.
        comparison: Comparison,
        /// The quantity.
        value: Box<Expr>,
        /// Its unit, text.
        unit: Box<Expr>,
        /// The literal in each comparable unit.
        in_units: Vec<(String, Number)>,
    },
    /// Membership of a code in a set; two-valued.
    InCodes(Box<Expr>, CodeTest),
    /// Membership of a code in the codes that a gene is annotated with, and what descends from them;
    /// two-valued.
    InGeneCodes {
        /// The code.
        code: Box<Expr>,
        /// The gene.
        gene: Box<Expr>,
        /// The rows of annotation: a public entity with a column of genes and one of codes.
        annotation: GeneCodes,
    },
    /// Membership in literal values.
    InValues(Box<Expr>, Vec<Value>),
    /// Whether a variant's row is one of these alleles; two-valued.
    IsAllele(Row, Vec<Allele>),
    /// Whether a variant's row overlaps a region; two-valued.
    InRegion(Row, Region),
    /// Whether a subject is a member of a cohort; two-valued.
    InCohort(Row, CohortId),
    /// Membership in the released values of a column of a table before this item: true when a released
    /// row has the value; unknown when the value is null, and when none has it while a row withholds its
    /// value or stands for pooled groups; else false.
    InTable {
        /// The value.
        value: Box<Expr>,
        /// The table.
        table: TableId,
        /// The place of the column in [`Table::shown`].
        column: u32,
    },
    /// Whether a value is not null; two-valued.
    IsKnown(Box<Expr>),
    /// The value, or a literal where the row it is read from is absent.
    OrElse(Box<Expr>, Value),
    /// The first value whose condition is true.
    Case(Vec<(Expr, Expr)>, Box<Expr>),
    /// Exact arithmetic on numbers of one type.
    Arithmetic(Arithmetic, Box<Expr>, Box<Expr>),
    /// A whole number as a decimal.
    ToDecimal(Box<Expr>),
    /// A column with a unit of its own in each row, as a number of this unit. Inside stands how it is computed, made by
    /// the compiler: a `case` with a factor for each unit that compares and for each conversion that the model declares.
    InUnit(Box<Expr>, String),
    /// A date so many days later.
    AddDays(Box<Expr>, Box<Expr>),
    /// A date so many calendar months later.
    AddMonths(Box<Expr>, Box<Expr>),
    /// Days from the second date to the first.
    DaysBetween(Box<Expr>, Box<Expr>),
    /// Completed years of a subject at a date, null before birth and fixed at death.
    AgeAt(Row, Box<Expr>),
    /// `heterozygous`, `homozygous`, `hemizygous` of a carried variant's call row.
    Zygosity(Row),
    /// The month of a date.
    MonthOf(Box<Expr>),
    /// The year of a date.
    YearOf(Box<Expr>),
    /// The band of a number: its lower bound.
    Band(Box<Expr>, i64),
    /// `has R`: three-valued.
    Has(Box<Rows>),
    /// `at least n R` and its like: three-valued.
    Counted(Count, i64, Box<Rows>),
    /// `at least n of […]`
    CountedOf(Count, i64, Vec<Expr>),
    /// A value of a picked row; null where there is none.
    Pick {
        /// The rows.
        rows: Box<Rows>,
        /// Their order.
        order: PickOrder,
        /// The value, typed on the last row of `rows`.
        value: Box<Expr>,
    },
    /// An aggregate over rows of the current row.
    Aggregate {
        /// Which.
        function: AggregateFunction,
        /// The rows.
        rows: Box<Rows>,
        /// The argument, typed on the last row of `rows`; `None` for a count.
        argument: Option<Box<Expr>>,
        /// Only rows for which this is true.
        filter: Option<Box<Expr>>,
    },
    /// `observed`: one period, or several without a gap, hold every day from the first to the last.
    Observed {
        /// Whose.
        subject: Row,
        /// First day.
        from: Box<Expr>,
        /// Last day.
        to: Box<Expr>,
    },
    /// `consent valid [at E] [for P]`; two-valued.
    ConsentValid {
        /// Whose: a subject's or a sample's row.
        row: Row,
        /// The date; `None` is what the guard itself asks.
        at: Option<Box<Expr>>,
        /// A named purpose; `None` is the agreement's.
        purpose: Option<String>,
    },
}

/// A set of codes as a test of a stored CURIE.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct CodeTest {
    /// The system.
    pub system: String,
    /// CURIEs that are in the set.
    pub exact: Vec<String>,
    /// Prefixes of CURIEs that are in the set.
    pub prefixes: Vec<String>,
    /// Inclusive ranges of codes of an ordered system; a code is compared by its first characters.
    pub ranges: Vec<(String, String)>,
    /// What is taken out again.
    pub excluding: Option<Box<CodeTest>>,
}

/// Where the codes of genes stand: a public entity with a gene and a code in each row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GeneCodes {
    /// The entity.
    pub entity: EntityId,
    /// Its column of genes.
    pub gene: ColumnId,
    /// Its column of codes.
    pub code: ColumnId,
    /// The system of the codes.
    pub system: String,
}

/// An allele by its identity.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Allele {
    /// `GRCh37`, `GRCh38`.
    pub build: String,
    /// Without `chr`.
    pub contig: String,
    /// 1-based.
    pub position: i64,
    /// The reference allele, trimmed.
    pub reference: String,
    /// The alternate allele, trimmed.
    pub alternate: String,
}

impl Allele {
    /// As it is written in a query: `GRCh38:chr13:32340300:GT:G`.
    #[must_use]
    pub fn written(&self) -> String {
        let Allele { build, contig, position, reference, alternate } = self;
        format!("{build}:chr{contig}:{position}:{reference}:{alternate}")
    }
}

/// A contig, or a stretch of one, both ends included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Region {
    /// `GRCh37`, `GRCh38`.
    pub build: String,
    /// Without `chr`.
    pub contig: String,
    /// First and last position, 1-based.
    pub positions: Option<(i64, i64)>,
}

/// A literal value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Value {
    /// true, false.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// An exact number.
    Number(Number),
    /// Text, an enum member, a gene, a code.
    Text(String),
    /// A day.
    Date(Date),
}

/// `= != < <= > >=`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// `+ - * /`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
}

/// `at least`, `at most`, `exactly`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Count {
    AtLeast,
    AtMost,
    Exactly,
}

/// Aggregate functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AggregateFunction {
    /// Rows, or distinct rows of an entity.
    Count,
    /// Sum of known values.
    Sum,
    /// Mean of known values.
    Mean,
    /// Median of known values.
    Median,
    /// The value at this share of the known values in order.
    Quantile(Fraction),
    /// The least known value; not releasable from a group.
    Min,
    /// The greatest known value; not releasable from a group.
    Max,
    /// Rows where it is true over rows where it is known.
    Share,
    /// Wilson interval of the share.
    Wilson,
}
