//! Expressions, sets, windows and literals.

use super::{Name, Number, Path, Span, Text};

/// An expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// All of it.
    pub span: Span,
}

/// The forms of an expression, loosest first.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "the large form is the usual one")]
pub enum ExprKind {
    /// `case when … then … otherwise …`
    Case {
        /// Conditions and values, in order.
        arms: Vec<(Expr, Expr)>,
        /// The value where no condition is true.
        otherwise: Box<Expr>,
    },
    /// `a and b and c`: two or more.
    And(Vec<Expr>),
    /// `a or b or c`: two or more.
    Or(Vec<Expr>),
    /// `not a`
    Not(Box<Expr>),
    /// `has R`, `no R`, `excludes R`
    Quantified {
        /// Which.
        quantifier: Quantifier,
        /// The rows.
        rows: Box<Expr>,
    },
    /// `at least 2 R`, `exactly n R`
    Counted {
        /// Which.
        count: Count,
        /// The bound.
        bound: CountBound,
        /// The rows.
        rows: Box<Expr>,
    },
    /// `at least 2 of [a, b, c]`
    CountedOf {
        /// Which.
        count: Count,
        /// The bound.
        bound: CountBound,
        /// The truths.
        truths: List,
    },
    /// `observed 365 days before index`, `observed a .. b`
    Observed {
        /// The first operand.
        first: Box<Expr>,
        /// What stands between.
        how: ObservedHow,
        /// The second operand.
        second: Box<Expr>,
    },
    /// `consent valid at E for P`
    ConsentValid {
        /// The date.
        at: Option<Box<Expr>>,
        /// The named purpose.
        purpose: Option<Path>,
    },
    /// `a < b counting absent as zero`
    Compare {
        /// The sign.
        operator: Relop,
        /// Where the sign stands.
        operator_span: Span,
        /// Left side.
        left: Box<Expr>,
        /// Right side.
        right: Box<Expr>,
        /// `counting absent as …`
        absent: Option<Absent>,
    },
    /// `a in SET (cond) windows`
    In {
        /// Left side.
        value: Box<Expr>,
        /// Whether `not` stands before `in`.
        negated: bool,
        /// The set.
        set: Set,
        /// A condition in parentheses, only after rows.
        condition: Option<Box<Expr>>,
        /// Windows.
        windows: Vec<Window>,
    },
    /// `a before b`, `rows within 30 days after index`
    Windowed {
        /// Left side.
        value: Box<Expr>,
        /// At least one.
        windows: Vec<Window>,
    },
    /// `a is known`, `a is not known`
    IsKnown {
        /// The value.
        value: Box<Expr>,
        /// Whether `not` stands there.
        negated: bool,
    },
    /// `a + b`, `a - b`, `a * b`, `a / b`
    Arithmetic {
        /// Which.
        operator: Arithmetic,
        /// Left side.
        left: Box<Expr>,
        /// Right side.
        right: Box<Expr>,
    },
    /// `- a`
    Negative(Box<Expr>),
    /// `a at b`
    At {
        /// What is read.
        value: Box<Expr>,
        /// When.
        date: Box<Expr>,
    },
    /// `a.b` or `a.f(x)`
    Member {
        /// Left side.
        of: Box<Expr>,
        /// What follows the dot; never has an empty `arguments` list unless `()` was written.
        call: Call,
    },
    /// `name` or `name(arguments)`; for rows, the arguments are their condition.
    Call(Call),
    /// A literal.
    Literal(Literal),
    /// `[a, b]`
    List(List),
    /// `index`
    Index,
    /// `(a)` or `(a, b)`
    Group(Vec<Expr>),
    /// A stretch that did not parse; a diagnostic says why.
    Error,
}

/// `has`, `no`, `excludes`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantifier {
    /// Some row.
    Has,
    /// No row.
    No,
    /// A row that excludes.
    Excludes,
}

/// `at least`, `at most`, `exactly`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    /// `at least`
    AtLeast,
    /// `at most`
    AtMost,
    /// `exactly`
    Exactly,
}

/// The number after `at least`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CountBound {
    /// A literal.
    Number(Number),
    /// A parameter.
    Name(Name),
}

/// What stands between the operands of `observed`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ObservedHow {
    /// `a .. b`
    Range,
    /// `n before D`
    Before,
    /// `n after D`
    After,
}

/// A comparison sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Relop {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// `counting absent as zero`, `… as unknown`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Absent {
    /// An absent record counts as 0.
    Zero,
    /// An absent record makes the comparison unknown.
    Unknown,
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

/// `name` or `name(arguments)`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// The name.
    pub name: Name,
    /// The arguments; `None` without parentheses.
    pub arguments: Option<Vec<Argument>>,
    /// All of it.
    pub span: Span,
}

/// `[NAME:] EXPR [if EXPR] [by EXPR [descending]]`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Argument {
    /// A named argument.
    pub name: Option<Name>,
    /// Its value.
    pub value: Expr,
    /// Which rows an aggregate takes.
    pub condition: Option<Expr>,
    /// The order of a pick; true means descending.
    pub by: Option<(Expr, bool)>,
    /// All of it.
    pub span: Span,
}

/// `[a, only HP:1, ICD10:I21 .. ICD10:I22]`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct List {
    /// Entries in order.
    pub entries: Vec<Entry>,
    /// All of it.
    pub span: Span,
}

/// One entry of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "the large form is the usual one")]
pub enum Entry {
    /// An expression.
    Expr(Expr),
    /// `only CODE`
    Only(Literal, Span),
    /// `A .. B`
    Range(Literal, Literal, Span),
}

/// `MEMBER [excluding MEMBER]`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Set {
    /// What is in it.
    pub member: Member,
    /// What is taken out.
    pub excluding: Option<Member>,
    /// All of it.
    pub span: Span,
}

/// `END [.. END]` or a list
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Member {
    /// One end.
    End(End),
    /// Two ends.
    Range(End, End),
    /// A list.
    List(List),
}

/// `[only] LITERAL` or a path
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// A literal.
    Literal {
        /// Whether `only` stands before it.
        only: bool,
        /// The literal.
        literal: Literal,
    },
    /// A name.
    Path(Path),
}

/// A window on dates, without what it is applied to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    /// Which.
    pub kind: WindowKind,
    /// All of it.
    pub span: Span,
}

/// The forms of a window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WindowKind {
    /// `[on or] before D`, `[on or] after D`
    Side {
        /// Whether the day itself counts.
        inclusive: bool,
        /// Before or after.
        side: Side,
        /// The bound.
        date: Expr,
    },
    /// `on D`
    On(Expr),
    /// `on different days`
    DifferentDays,
    /// `during a .. b`, `during 2024-03`
    During(Expr, Option<Expr>),
    /// `within n [on or] before D`, `… after D`
    Within {
        /// How long.
        length: Expr,
        /// Whether the day itself counts.
        inclusive: bool,
        /// Before or after.
        side: Side,
        /// The bound.
        date: Expr,
    },
    /// `within n of D`
    Around {
        /// How long.
        length: Expr,
        /// The middle.
        date: Expr,
    },
    /// `within n of each other`
    EachOther(Expr),
}

/// Which side of a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Side {
    Before,
    After,
}

/// A literal as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Literal {
    /// What it is.
    pub kind: LiteralKind,
    /// All of it: with its unit or label.
    pub span: Span,
}

/// The forms of a literal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LiteralKind {
    /// `1_000`, `0.05`, `5e-8`; digits without separators, exact.
    Number(String),
    /// `0.1%`, `48 'mmol/mol'`, `18 years`
    Quantity {
        /// Digits without separators.
        number: String,
        /// The unit.
        unit: Unit,
    },
    /// `2026-06-01`, `2024-03`
    Date(String),
    /// `"text"`
    Text(String),
    /// `HP:0001638 "Cardiomyopathy"`
    Code {
        /// `HP`
        system: String,
        /// `0001638`
        code: String,
        /// The label.
        label: Option<Text>,
    },
    /// `NM_000059.4:c.5946del`
    Hgvs(String),
    /// `rs80357906`
    Rs(String),
    /// `GRCh38:chr17:43044295-43125364`, `GRCh38:chr13:32340300:GT:G`, `GRCh38:chrX`; the whole token.
    Locus(String),
    /// `true`, `false`
    Bool(bool),
}

/// A unit as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unit {
    /// `%`
    Percent,
    /// `'mmol/mol'`, without the quotes
    Ucum(String),
    /// `day`, `days`
    Day,
    /// `week`, `weeks`
    Week,
    /// `month`, `months`
    Month,
    /// `year`, `years`
    Year,
}
