//! Types of expressions.

use std::fmt;
use std::sync::Arc;

/// The type of an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Type {
    /// true, false, unknown.
    Bool,
    /// A whole number.
    Int,
    /// An exact number.
    Decimal,
    /// A share of a whole, a fraction; literals are written with `%`.
    Percent,
    /// A number with a fixed unit (UCUM or `%`).
    Quantity(String),
    /// A number whose unit stands in another column of its row.
    QuantityOf(model::ColumnId),
    /// Completed years.
    Age,
    /// An age in days; day 0 is the day of birth, days before it are negative.
    AgeInDays,
    /// So many days.
    Days,
    /// So many calendar months.
    Months,
    /// A calendar day.
    Date,
    /// A calendar month, known by its first day.
    Month,
    /// Text.
    Text,
    /// One of a closed list.
    Enum(Arc<EnumType>),
    /// A code of a system.
    Code(String),
    /// A gene symbol.
    Gene,
    /// A key of rows of an entity.
    Id,
    /// An allele.
    Allele,
    /// A band of a number, known by its lower bound: width, and the greatest lower bound.
    Band {
        /// The width.
        width: i64,
        /// The number of bands.
        bands: i64,
    },
    /// The two ends of an interval of a share: shown of a group, and never a value of a row.
    Interval,
    /// What stands where an error was already reported.
    Unknown,
}

/// A closed list of names.
#[derive(Debug, PartialEq, Eq)]
pub struct EnumType {
    /// The members in order.
    pub members: Vec<String>,
    /// Whether `<` orders them.
    pub ordered: bool,
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Type::Bool => f.write_str("a truth value"),
            Type::Int => f.write_str("a whole number"),
            Type::Decimal => f.write_str("a number"),
            Type::Percent => f.write_str("a percentage"),
            Type::Quantity(unit) => write!(f, "a quantity in `{unit}`"),
            Type::QuantityOf(_) => f.write_str("a quantity with a unit of its own in each row"),
            Type::Age => f.write_str("an age in years"),
            Type::AgeInDays => f.write_str("an age in days"),
            Type::Days => f.write_str("a number of days"),
            Type::Months => f.write_str("a number of months"),
            Type::Date => f.write_str("a date"),
            Type::Month => f.write_str("a month"),
            Type::Text => f.write_str("text"),
            Type::Enum(list) => write!(f, "one of {}", list.members.join(", ")),
            Type::Code(system) => write!(f, "a code of {system}"),
            Type::Gene => f.write_str("a gene"),
            Type::Id => f.write_str("an identifier"),
            Type::Allele => f.write_str("an allele"),
            Type::Band { width, .. } => write!(f, "a band of width {width}"),
            Type::Interval => f.write_str("an interval"),
            Type::Unknown => f.write_str("something that has an error"),
        }
    }
}
