//! Expressions over rows: three-valued, total, without side effects.

use crate::step::StepId;
use jiff::civil::Date;
use types::Fraction;

/// The type of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Type {
    /// true, false.
    Bool,
    /// 64 bits.
    Int,
    /// 30 digits, 12 of them after the point.
    Decimal,
    /// UTF-8.
    Text,
    /// A calendar day.
    Date,
    /// A UTC instant to the second: `recorded_at` of consent events, nothing else.
    Instant,
    /// A list of texts: the state of the void recursion, and the people behind a number
    /// ([`AggregateFunction::Members`]), nothing else.
    TextList,
}

/// A literal.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Value {
    /// Null of any type.
    Null,
    /// true, false.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// An exact number in units of 10⁻¹².
    Decimal(i128),
    /// Text.
    Text(String),
    /// A day.
    Date(Date),
    /// A UTC instant in seconds since 1970-01-01T00:00:00Z.
    Instant(i64),
}

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub enum Expr {
    /// A column of a source of the block.
    Column {
        /// The alias of the source.
        source: String,
        /// The column.
        column: String,
        /// Its type.
        ty: Type,
    },
    /// A literal of a type.
    Literal(Value, Type),
    /// Kleene and; empty is true.
    And(Vec<Expr>),
    /// Kleene or; empty is false.
    Or(Vec<Expr>),
    /// Kleene not.
    Not(Box<Expr>),
    /// Unknown when a side is null. Text by bytes; true after false.
    Compare(Comparison, Box<Expr>, Box<Expr>),
    /// Two-valued.
    IsNull(Box<Expr>),
    /// Two-valued: whether a bool is true (null is not).
    IsTrue(Box<Expr>),
    /// The first value whose condition is true, else `otherwise`.
    Case {
        /// Conditions and values.
        arms: Vec<(Expr, Expr)>,
        /// The rest.
        otherwise: Box<Expr>,
    },
    /// Two-valued membership in literals: null is in nothing.
    InValues(Box<Expr>, Vec<Value>, Type),
    /// Two-valued membership of a tuple in an earlier step's columns: a tuple with a null is in nothing.
    InStep {
        /// The tuple.
        values: Vec<Expr>,
        /// The step.
        step: StepId,
        /// Its columns, one per value.
        columns: Vec<String>,
    },
    /// A function of the closed list.
    Call(Function, Vec<Expr>),
    /// An aggregate, only in `columns` of a grouped block.
    Aggregate(Box<Aggregate>),
    /// A window function, only in `columns` of a block without groups.
    Window(Box<Window>),
}

/// `= <> < <= > >=`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// The closed list of functions. Each gives null when an argument is null, unless it says otherwise,
/// and null where its value does not exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Function {
    /// (a, b, …) the first that is not null.
    Coalesce,
    /// (a, b, …) the least of those that are not null; null when all are.
    Least,
    /// (a, b, …) the greatest of those that are not null; null when all are.
    Greatest,
    /// (int, int) sum; null on overflow of 64 bits.
    AddInt,
    /// (int, int) difference; null on overflow.
    SubtractInt,
    /// (int, int) product; null on overflow.
    MultiplyInt,
    /// (decimal, decimal) sum; null where it has more than 18 digits before the point.
    AddDecimal,
    /// (decimal, decimal) difference; null likewise.
    SubtractDecimal,
    /// (decimal, decimal) product, half-even to 12 places; null where it has more than 18 digits before the point.
    MultiplyDecimal,
    /// (decimal, decimal) quotient, half-even to 12 places; null for a divisor 0 or a result too large.
    DivideDecimal,
    /// (int) the same number as a decimal; null where it has more than 18 digits.
    IntToDecimal,
    /// (date, int) the day so many days later; null outside the years 1 to 9999.
    AddDays,
    /// (date, int) the same day so many months later, clamped to the month's last day; null outside the years 1 to 9999.
    AddMonths,
    /// (later date, earlier date) days between, negative when reversed.
    DaysBetween,
    /// (birth date, date) completed years; born 29 February has birthdays on 1 March in other years;
    /// null before birth.
    AgeYears,
    /// (date) its first day of the month.
    MonthStart,
    /// (date) its year as an int.
    Year,
    /// (int, width literal) the greatest multiple of width that is at most the number; null for a width below 1.
    FloorTo,
    /// (text, literal prefix) whether the text starts with the prefix, by bytes.
    StartsWith,
    /// (prefix literal, text) the SHA-256 of the UTF-8 bytes of the prefix and then of the text, as 64
    /// hexadecimal digits in lower case.
    Sha256,
    /// (build, contig, position, ref, alt) an allele as it is written: `GRCh38:chr13:32340300:GT:G`.
    AlleleName,
    /// (list, text) whether the list holds the text.
    ListContains,
    /// (list, text) the list with the text at its end; a null text leaves the list as it is.
    ListAppend,
    /// () the empty list.
    EmptyList,
}

/// An aggregate over the rows of a group.
#[derive(Clone, Debug, PartialEq)]
pub struct Aggregate {
    /// Which.
    pub function: AggregateFunction,
    /// What of; `None` for `count(*)`.
    pub argument: Option<Expr>,
    /// Distinct values only (`Count` and `Members` only).
    pub distinct: bool,
    /// Only rows for which this is true.
    pub filter: Option<Expr>,
}

/// Aggregates; nulls are skipped, and an empty set gives null, but 0 for counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AggregateFunction {
    /// How many: an int.
    Count,
    /// Sum of ints (null on overflow of 64 bits) or decimals (null beyond 26 digits before the point).
    Sum,
    /// The least value.
    Min,
    /// The greatest value.
    Max,
    /// The lower value at a share p of the sorted bag: element ⌈np⌉ of n, counted from 1.
    Lower(Fraction),
    /// The upper value at a share p: element ⌊np⌋ + 1.
    Upper(Fraction),
    /// The distinct texts themselves, in any order; null of none. Only in a plan with members
    /// ([`Plan::with_members`](crate::Plan::with_members)), never in a result.
    Members,
}

/// A window function.
#[derive(Clone, Debug, PartialEq)]
pub struct Window {
    /// `row_number` without an aggregate, from 1; else the aggregate over rows of the partition.
    pub aggregate: Option<Aggregate>,
    /// The partition; without an expression all rows are one.
    pub partition: Vec<Expr>,
    /// The order; total within the partition for `row_number`. For `before` rows that it does not tell apart
    /// may stand in any order, and the plan must not depend on which.
    pub order: Vec<Order>,
    /// Of an aggregate: not the whole partition, but the rows that come before this one in the order, this
    /// one left out. Of the first row it is the aggregate of no rows. (`ROWS BETWEEN UNBOUNDED PRECEDING AND
    /// 1 PRECEDING`)
    pub before: bool,
}

/// One key of an order.
#[derive(Clone, Debug, PartialEq)]
pub struct Order {
    /// What.
    pub key: Expr,
    /// Greatest first.
    pub descending: bool,
    /// Where nulls go, whatever the direction.
    pub nulls_first: bool,
}

impl Expr {
    /// `source.column`
    pub fn column(source: &str, column: &str, ty: Type) -> Expr {
        Expr::Column { source: source.to_owned(), column: column.to_owned(), ty }
    }

    /// A text literal.
    pub fn text(value: impl Into<String>) -> Expr {
        Expr::Literal(Value::Text(value.into()), Type::Text)
    }

    /// A whole number.
    pub fn int(value: i64) -> Expr {
        Expr::Literal(Value::Int(value), Type::Int)
    }

    /// A day.
    pub fn date(value: Date) -> Expr {
        Expr::Literal(Value::Date(value), Type::Date)
    }

    /// true or false.
    pub fn bool(value: bool) -> Expr {
        Expr::Literal(Value::Bool(value), Type::Bool)
    }

    /// Null of a type.
    pub fn null(ty: Type) -> Expr {
        Expr::Literal(Value::Null, ty)
    }

    /// A comparison.
    pub fn compare(comparison: Comparison, left: Expr, right: Expr) -> Expr {
        Expr::Compare(comparison, Box::new(left), Box::new(right))
    }

    /// `left = right`
    pub fn equal(left: Expr, right: Expr) -> Expr {
        Expr::compare(Comparison::Equal, left, right)
    }

    /// `left < right`
    pub fn less(left: Expr, right: Expr) -> Expr {
        Expr::compare(Comparison::Less, left, right)
    }

    /// `left <= right`
    pub fn at_most(left: Expr, right: Expr) -> Expr {
        Expr::compare(Comparison::LessOrEqual, left, right)
    }

    /// Whether it is null.
    #[must_use]
    pub fn is_null(self) -> Expr {
        Expr::IsNull(Box::new(self))
    }

    /// Whether it is not null.
    #[must_use]
    pub fn is_known(self) -> Expr {
        Expr::Not(Box::new(self.is_null()))
    }

    /// Kleene not.
    #[must_use]
    #[expect(clippy::should_implement_trait, reason = "three-valued not is not the operator of bools")]
    pub fn not(self) -> Expr {
        Expr::Not(Box::new(self))
    }

    /// Kleene and, flattened, without parts that are plainly true.
    pub fn and(all: impl IntoIterator<Item = Expr>) -> Expr {
        let mut parts = Vec::new();
        for part in all {
            match part {
                Expr::And(inner) => parts.extend(inner),
                Expr::Literal(Value::Bool(true), _) => {}
                part => parts.push(part),
            }
        }
        if parts.len() == 1 { parts.remove(0) } else { Expr::And(parts) }
    }

    /// `count(*)`, rows for which `filter` is true.
    pub fn count(filter: Option<Expr>) -> Expr {
        Expr::Aggregate(Box::new(Aggregate {
            function: AggregateFunction::Count,
            argument: None,
            distinct: false,
            filter,
        }))
    }

    /// An aggregate of a value.
    pub fn aggregate(function: AggregateFunction, argument: Expr) -> Expr {
        Expr::Aggregate(Box::new(Aggregate {
            function,
            argument: Some(argument),
            distinct: false,
            filter: None,
        }))
    }

    /// The type of the value.
    pub fn ty(&self) -> Type {
        match self {
            Expr::Column { ty, .. } | Expr::Literal(_, ty) => *ty,
            Expr::And(_)
            | Expr::Or(_)
            | Expr::Not(_)
            | Expr::Compare(..)
            | Expr::IsNull(_)
            | Expr::IsTrue(_)
            | Expr::InValues(..)
            | Expr::InStep { .. } => Type::Bool,
            Expr::Case { otherwise, arms } => arms
                .iter()
                .map(|(_, value)| value)
                .find(|value| !matches!(value, Expr::Literal(Value::Null, _)))
                .unwrap_or(otherwise)
                .ty(),
            Expr::Call(function, arguments) => function.ty(arguments),
            Expr::Aggregate(aggregate) => aggregate.ty(),
            Expr::Window(window) => window.aggregate.as_ref().map_or(Type::Int, Aggregate::ty),
        }
    }
}

impl Aggregate {
    fn ty(&self) -> Type {
        match (self.function, &self.argument) {
            (AggregateFunction::Count, _) | (_, None) => Type::Int,
            (AggregateFunction::Members, Some(_)) => Type::TextList,
            (
                AggregateFunction::Sum
                | AggregateFunction::Min
                | AggregateFunction::Max
                | AggregateFunction::Lower(_)
                | AggregateFunction::Upper(_),
                Some(argument),
            ) => argument.ty(),
        }
    }
}

impl Function {
    /// The type of its value for these arguments.
    pub fn ty(self, arguments: &[Expr]) -> Type {
        match self {
            Function::Coalesce | Function::Least | Function::Greatest => {
                arguments.first().map_or(Type::Int, Expr::ty)
            }
            Function::AddInt
            | Function::SubtractInt
            | Function::MultiplyInt
            | Function::DaysBetween
            | Function::AgeYears
            | Function::Year
            | Function::FloorTo => Type::Int,
            Function::AddDecimal
            | Function::SubtractDecimal
            | Function::MultiplyDecimal
            | Function::DivideDecimal
            | Function::IntToDecimal => Type::Decimal,
            Function::AddDays | Function::AddMonths | Function::MonthStart => Type::Date,
            Function::StartsWith | Function::ListContains => Type::Bool,
            Function::AlleleName | Function::Sha256 => Type::Text,
            Function::ListAppend | Function::EmptyList => Type::TextList,
        }
    }
}
