//! What an agreement allows: [`Agreement`], its level, its grants and its release rules.
//!
//! Plain data, as a steward signed it; `read` makes it from text, `meet` takes several together, `check`
//! compares a query with it. Names are already those of the model: a grant of something that the model does
//! not have is an error of the policy file.

use crate::consent::Purpose;
use jiff::civil::Date;
use model::{ColumnId, ColumnLabel, EntityId, Model};
use std::collections::BTreeSet;
use std::fmt;
use text::Range;
use types::Number;

/// What a recipient may do (consent-and-policy.md, section 4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agreement {
    /// Its name, as a query writes it in quotes.
    pub name: String,
    /// Its version; later ones are greater.
    pub version: u32,
    /// Who may do it.
    pub recipient: String,
    /// What for.
    pub purpose: Purpose,
    /// First day of use.
    pub valid_from: Date,
    /// First day on which it is no longer valid; `None` is open.
    pub valid_until: Option<Date>,
    /// What conditions and aggregates may read.
    pub may_test: Vec<Grant>,
    /// Whether `consent valid at E for P` may be asked: the line that says so.
    pub tests_consent: Option<Range>,
    /// What group keys and shown columns may be.
    pub may_show: Vec<ShowGrant>,
    /// The highest level of a result.
    pub level: Level,
    /// How results are released.
    pub release: ReleaseRules,
    /// File formats in which a released result may be written, such as `csv`; in order.
    pub formats: BTreeSet<String>,
    /// Where its lines stand.
    pub lines: Lines,
}

/// How much of the data a result may tell; each holds the ones before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Numbers of people and of events.
    Count,
    /// Sums, means, medians, shares, frequencies.
    Aggregate,
    /// Rows of people, with pseudonyms.
    Record,
}

impl Level {
    /// All of them, least first.
    pub const ALL: [Level; 3] = [Level::Count, Level::Aggregate, Level::Record];

    /// As an agreement spells it.
    pub fn name(self) -> &'static str {
        match self {
            Level::Count => "count",
            Level::Aggregate => "aggregate",
            Level::Record => "record",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// An entity that may be read, and which of its columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// The entity.
    pub entity: EntityId,
    /// Its columns.
    pub columns: GrantedColumns,
    /// Where it is granted.
    pub range: Range,
}

/// Columns of a grant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GrantedColumns {
    /// All but identifiers.
    AllButIdentifiers,
    /// These.
    These(BTreeSet<ColumnId>),
}

/// Something that may be a group key or a shown column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShowGrant {
    /// What.
    pub what: Showable,
    /// Where it is granted.
    pub range: Range,
}

/// What a `may show` line can name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Showable {
    /// A row by its key: an allele, or a pseudonym at level record. Written as the entity: `variant`.
    Row(EntityId),
    /// A value as it is: `sex`, `sample.kit_lot`, `age`.
    Value(Base),
    /// Bands of a value of this width (years for ages): `band(age, 10 years)`.
    Band(Base, i64),
    /// The month of a date: `month(sample.sequenced_on)`.
    Month(Base),
    /// The year of a date: `year(diagnosis.date)`.
    Year(Base),
}

impl Showable {
    /// As an agreement writes it.
    pub(crate) fn words(self, model: &Model) -> String {
        let base = |base: Base| match base {
            Base::Age => "age".to_owned(),
            Base::Column(entity, column) => {
                let name = &model.entity(entity).column(column).name;
                if Some(entity) == model.subject() {
                    name.clone()
                } else {
                    format!("{}.{name}", model.entity(entity).name)
                }
            }
        };
        match self {
            Showable::Row(entity) => model.entity(entity).name.clone(),
            Showable::Value(value) => base(value),
            Showable::Band(Base::Age, years) => format!("band(age, {years} years)"),
            Showable::Band(value, width) => format!("band({}, {width})", base(value)),
            Showable::Month(value) => format!("month({})", base(value)),
            Showable::Year(value) => format!("year({})", base(value)),
        }
    }
}

/// A value that may be shown or generalised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Base {
    /// Completed years of a person, at whatever date.
    Age,
    /// A column.
    Column(EntityId, ColumnId),
}

/// How results are released (consent-and-policy.md, section 6).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReleaseRules {
    /// `min subjects`: a cell of fewer distinct people is withheld; at least [`FLOOR`].
    pub min_subjects: u32,
    /// `round to`: counts are rounded to multiples of it; 1 leaves them exact.
    pub round_to: u32,
    /// `zeros shown`: whether a count of nobody is shown rather than withheld.
    pub zeros_shown: bool,
    /// `dominance`: when single people would show in a sum.
    pub dominance: Dominance,
    /// `margin`: where of the people of a group a greater share than this has one value of something sensitive, none of
    /// its values is told of that group; 1 tells all.
    pub margin: Number,
    /// `difference`: sets of people of two results differ by nobody or by at least so many.
    pub difference: u32,
    /// `frequency min subjects`: a frequency record of a group with fewer eligible people is withheld.
    pub frequency_min_subjects: u32,
    /// `allele min carriers`: the counts of an allele with some, but fewer carriers are withheld; 1 shows all.
    pub allele_min_carriers: u32,
}

/// No agreement may set a threshold of people below this (consent-and-policy.md, section 6).
pub const FLOOR: u32 = 5;

/// `dominance p (n, k)`: a sum is withheld when the second greatest contributor could estimate the greatest to
/// within the share `p` of it, or when the `n` greatest hold more than the share `k` of the sum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dominance {
    /// p, a fraction: 0.1 for 10 %.
    pub p: Number,
    /// n, people.
    pub n: u32,
    /// k, a fraction: 0.9 for 90 %.
    pub k: Number,
}

impl Default for ReleaseRules {
    /// What holds where an agreement is silent: ten people, rounded to five, zeros withheld.
    fn default() -> Self {
        Self {
            min_subjects: 10,
            round_to: 5,
            zeros_shown: false,
            dominance: Dominance { p: Number(100_000_000_000), n: 2, k: Number(900_000_000_000) },
            margin: Number(900_000_000_000),
            difference: 10,
            frequency_min_subjects: 100,
            allele_min_carriers: 10,
        }
    }
}

/// Where the lines of an agreement stand, for receipts and for diagnostics that name the line that decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lines {
    /// Its name.
    pub name: Range,
    /// `purpose`
    pub purpose: Range,
    /// `valid`
    pub valid: Range,
    /// The first `may test`; the name where there is none.
    pub may_test: Range,
    /// The first `may show`; the name where there is none.
    pub may_show: Range,
    /// `level`
    pub level: Range,
    /// `release`; the name where there is none and the defaults hold.
    pub release: Range,
    /// `formats`; the name where there is none, and no file may be written.
    pub formats: Range,
}

impl Agreement {
    /// Whether it is valid on a day.
    pub fn is_valid_on(&self, day: Date) -> bool {
        self.valid_from <= day && self.valid_until.is_none_or(|until| day < until)
    }

    /// The grant under which rows of an entity may be read, if there is one.
    pub fn test_of(&self, entity: EntityId) -> Option<&Grant> {
        self.may_test.iter().find(|grant| grant.entity == entity)
    }

    /// The grant under which a column may be read, if there is one.
    pub fn test_of_column(&self, model: &Model, entity: EntityId, column: ColumnId) -> Option<&Grant> {
        let is_identifier = model.entity(entity).column(column).label == ColumnLabel::Identifier;
        self.may_test.iter().filter(|grant| grant.entity == entity).find(|grant| match &grant.columns {
            GrantedColumns::AllButIdentifiers => !is_identifier,
            GrantedColumns::These(these) => these.contains(&column),
        })
    }

    /// The grant under which this may be shown, if there is one.
    pub fn show_of(&self, what: Showable) -> Option<&ShowGrant> {
        self.may_show.iter().find(|grant| grant.what == what)
    }
}
