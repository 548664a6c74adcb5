//! Released values and tables: the only form in which results leave.
//!
//! Everybody may read a [`Released`] table, but only this crate makes one, and what shows tables
//! takes nothing else, so a front end cannot print what was not released.

use plan::{Type, Value};

/// The text of a null key.
pub const NOT_RECORDED: &str = "not recorded";
/// The text of the key of pooled groups.
pub const OTHER: &str = "other";
/// The text of the keys of a row `with totals`.
pub const TOTAL: &str = "total";

/// A released value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReleasedValue {
    /// A value; never null.
    Value(Value),
    /// There is a value, and it is not told.
    Withheld(Withheld),
    /// A 95 % interval of a share, both ends in units of 10⁻¹².
    Interval {
        /// The lower end.
        low: i128,
        /// The upper end.
        high: i128,
    },
    /// Rows of the row, each with a value per nested column.
    Rows(Vec<Vec<ReleasedValue>>),
    /// There is no value: a ratio over nothing, an unknown comparison.
    Null,
    /// A null key.
    NotRecorded,
    /// The key of pooled groups.
    Other,
    /// A key of a row of totals.
    Total,
}

/// Why and how a value is withheld; all of it is public.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Withheld {
    /// For a number of people: it is below this. Shown as `<10`.
    pub(crate) below: Option<u32>,
    /// Whether it is large enough by itself and withheld only to protect another cell.
    pub(crate) secondary: bool,
    /// The least value it can have, in units of 10⁻¹².
    pub(crate) low: Option<i128>,
    /// The greatest value it can have, in units of 10⁻¹².
    pub(crate) high: Option<i128>,
}

impl Withheld {
    /// A withheld value of which nothing is known.
    pub(crate) const PLAIN: Withheld = Withheld { below: None, secondary: false, low: None, high: None };

    /// For a number of people that is too small: the threshold it is below.
    pub fn below(self) -> Option<u32> {
        self.below
    }

    /// Whether it is withheld only to protect another cell.
    pub fn secondary(self) -> bool {
        self.secondary
    }
}

/// What a column is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnKind {
    /// Keys and public columns: may read `not recorded`, `other`, `total`.
    Key,
    /// Single values.
    Value,
    /// Intervals.
    Interval,
    /// Rows of their own.
    Rows,
}

/// A column of a released table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its heading.
    pub name: String,
    /// The type of its values; of both ends for intervals.
    pub ty: Type,
    /// Its unit.
    pub unit: Option<String>,
    /// What it is.
    pub kind: ColumnKind,
    /// The columns of its rows, where it holds rows.
    pub nested: Vec<Column>,
}

/// What a reader has to be told about a released table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Notes {
    /// Cells of the table, keys among them.
    pub cells: u64,
    /// Cells withheld because of their own people.
    pub withheld: u64,
    /// Cells withheld to protect others.
    pub secondary: u64,
    /// `min subjects`.
    pub min_subjects: u32,
    /// The base counts are rounded to.
    pub round_to: Option<u32>,
    /// For frequency tables: `allele min carriers`, below which alleles are not listed unless named.
    pub allele_min_carriers: Option<u32>,
    /// For frequency tables: `frequency min subjects`.
    pub frequency_min_subjects: Option<u32>,
}

/// What a released table is, for who draws it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// Rows of the columns that a table shows.
    Rows,
    /// A row for all permitted people and one per released step of a cohort, in order: `cohort`, `rule`,
    /// `in`, `out`, `unknown`, `gained_if_dropped`.
    Attrition,
    /// Rows of a Table 1, a row per characteristic, level and group, in this order: `characteristic`,
    /// `level`, the keys of the groups, `people`, `percent`, `median`, `q1`, `q3`, `mean`, `sd`, and `smd`
    /// where there are two groups.
    Characteristics {
        /// How many keys the groups have.
        keys: usize,
    },
}

/// A released table. Made by [`crate::release`] and by nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Released {
    pub(crate) layout: Layout,
    pub(crate) columns: Vec<Column>,
    pub(crate) rows: Vec<Vec<ReleasedValue>>,
    pub(crate) notes: Notes,
}

impl Released {
    /// What it is.
    pub fn layout(&self) -> Layout {
        self.layout
    }

    /// Its columns.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// Its rows, each with a value per column.
    pub fn rows(&self) -> &[Vec<ReleasedValue>] {
        &self.rows
    }

    /// What is to be told beside it.
    pub fn notes(&self) -> Notes {
        self.notes
    }
}
