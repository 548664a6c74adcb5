//! The tree: what a `.bq` text says, before any name is looked up.
//!
//! Nodes hold meaning; the [`Tape`](crate::Tape) holds the text. Every node knows the stretch of
//! significant tokens it covers ([`Span`]); the tokens between its children are its own, so a printer
//! that walks children in order and prints the gaps prints every token exactly once. Nothing is
//! desugared here: `6.5 %` is still a number and a unit, a code still has its label.

mod expr;
mod model;
mod policy;
mod test;

pub use expr::*;
pub use model::*;
pub use policy::*;
pub use test::*;

/// A stretch of significant tokens: indices into [`Tape::tokens`](crate::Tape::tokens), `start`
/// included, `end` excluded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// First token.
    pub start: u32,
    /// One past the last token.
    pub end: u32,
}

/// A name as written, without backquotes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// The name's text; backquotes removed.
    pub text: String,
    /// Whether it was written in backquotes.
    pub quoted: bool,
    /// Its token.
    pub span: Span,
}

/// `a.b.c`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    /// At least one name.
    pub names: Vec<Name>,
    /// All of it.
    pub span: Span,
}

/// A string literal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// The value, escapes resolved.
    pub value: String,
    /// Its token.
    pub span: Span,
}

/// A whole file. Stretches that did not parse are [`Item::Error`].
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct File {
    /// The items in order.
    pub items: Vec<Item>,
}

/// One item of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// `use agreement "A", "B" for purpose`
    Use(Use),
    /// `as of 2026-06-01`
    AsOf(AsOf),
    /// `import "file.bq" (a, b)`
    Import(Import),
    /// `param cutoff: percent = 0.1%`
    Param(Param),
    /// `codes x = HP:0001638`
    Codes(Codes),
    /// `define subject.rare(x: int): bool = …`
    Define(Define),
    /// `cohort c = from subjects …`
    Cohort(Cohort),
    /// `table t = from subjects …`
    Table(Table),
    /// `attrition of`, `describe`, `compare`
    Report(Report),
    /// `test "…" { … }`
    Test(Test),
    /// `model genomics version 1`
    Model(Model),
    /// `entity subject (subjects) from table subject …`
    Entity(Entity),
    /// `agreement "A" version 1 { … }` of a policy file
    Agreement(Agreement),
    /// `purpose name = …` of a policy file
    Purpose(PurposeItem),
    /// `majority age 18 otherwise suspend` of a policy file
    Majority(Majority),
    /// `death continue` of a policy file
    Death(Death),
    /// A stretch that is none of these; a diagnostic says why.
    Error(Span),
}

/// `use agreement …`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Use {
    /// Agreement names, at least one.
    pub agreements: Vec<Text>,
    /// A named purpose that narrows the agreement's.
    pub purpose: Option<Path>,
    /// All of it.
    pub span: Span,
}

/// `as of DATE` or `as of parameter`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AsOf {
    /// The date.
    pub date: AsOfDate,
    /// All of it.
    pub span: Span,
}

/// What `as of` names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AsOfDate {
    /// A date literal as written, `2026-06-01`.
    Date(String, Span),
    /// A parameter.
    Name(Name),
}

/// `import "file.bq" (a, b)`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    /// The path, relative to the importing file.
    pub file: Text,
    /// What is taken; empty takes nothing but makes the file's names known under nothing (an error later).
    pub names: Vec<Name>,
    /// All of it.
    pub span: Span,
}

/// `param NAME: TYPE = DEFAULT`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Param {
    /// Name, type, default.
    pub formal: Formal,
    /// All of it.
    pub span: Span,
}

/// A formal parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Formal {
    /// Its name.
    pub name: Name,
    /// Its type.
    pub ty: TypeName,
    /// Its default.
    pub default: Option<Expr>,
    /// All of it.
    pub span: Span,
}

/// `list of gene?`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TypeName {
    /// `list`, `int`, `percent`, …
    pub name: Name,
    /// After `of`.
    pub of: Option<Name>,
    /// Whether `?` follows.
    pub optional: bool,
    /// All of it.
    pub span: Span,
}

/// `codes NAME = SET` or `codes NAME = from "file.csv"`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Codes {
    /// Its name.
    pub name: Name,
    /// What it holds.
    pub value: CodesValue,
    /// All of it.
    pub span: Span,
}

/// The right side of `codes`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "the large form is the usual one")]
pub enum CodesValue {
    /// A set written here.
    Set(Set),
    /// A CSV file.
    File(Text),
}

/// `define [ENTITY.]NAME(params): TYPE = EXPR`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Define {
    /// The entity whose rows it belongs to.
    pub entity: Option<Name>,
    /// Its name.
    pub name: Name,
    /// Its parameters.
    pub params: Vec<Formal>,
    /// Its declared type.
    pub ty: Option<TypeName>,
    /// Its value.
    pub value: Expr,
    /// All of it.
    pub span: Span,
}

/// `cohort NAME = from PATH …`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cohort {
    /// Its name.
    pub name: Name,
    /// What it is taken from.
    pub from: Path,
    /// Its clauses in order.
    pub clauses: Vec<Clause>,
    /// All of it.
    pub span: Span,
}

/// `table NAME = from PATH …`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// Its name.
    pub name: Name,
    /// What it is taken from.
    pub from: Path,
    /// Its clauses in order.
    pub clauses: Vec<Clause>,
    /// All of it.
    pub span: Span,
}

/// A clause of a cohort or a table. Which may stand where is checked in `types`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Clause {
    /// `where name: EXPR`
    Where(Where),
    /// `let name = EXPR`
    Let(Let),
    /// `index at [each] EXPR`
    Index(Index),
    /// `exit at COLUMNS`
    Exit(Columns),
    /// `match 4 to each of cases on … seed 7`
    Match(Match),
    /// `draw 100 seed 7`
    Draw(Draw),
    /// `for each x in EXPR`
    Each(Each),
    /// `group by COLUMNS with totals`
    Group(Group),
    /// `frequency [name =] among TEST by COLUMNS with totals`
    Frequency(Frequency),
    /// `show COLUMNS`
    Show(Columns),
    /// `order by …`
    Order(Order),
    /// `limit 10`
    Limit(Limit),
    /// A clause that did not parse; a diagnostic says why.
    Error(Span),
}

/// `where name: EXPR`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Where {
    /// The rule's name.
    pub name: Option<Name>,
    /// The condition.
    pub condition: Expr,
    /// All of it.
    pub span: Span,
}

/// `let name = EXPR`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Let {
    /// Its name.
    pub name: Name,
    /// Its value.
    pub value: Expr,
    /// All of it.
    pub span: Span,
}

/// `index at [each] EXPR`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Index {
    /// Whether every date is a row of its own.
    pub each: bool,
    /// The date.
    pub date: Expr,
    /// All of it.
    pub span: Span,
}

/// `match N to each of COHORT on KEYS seed N`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match {
    /// Controls per case.
    pub count: Number,
    /// The cases.
    pub cases: Path,
    /// Keys, each perhaps `within` a distance.
    pub keys: Vec<(Expr, Option<Expr>)>,
    /// The seed.
    pub seed: Number,
    /// All of it.
    pub span: Span,
}

/// `draw N seed N`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draw {
    /// How many.
    pub count: Number,
    /// The seed.
    pub seed: Number,
    /// All of it.
    pub span: Span,
}

/// An integer literal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Number {
    /// Digits without separators.
    pub digits: String,
    /// Its token.
    pub span: Span,
}

/// `for each NAME in EXPR`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Each {
    /// The row's name.
    pub name: Name,
    /// The rows.
    pub rows: Expr,
    /// All of it.
    pub span: Span,
}

/// `group by COLUMNS [with totals]`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// The keys.
    pub by: Columns,
    /// Whether totals are asked for.
    pub totals: bool,
    /// All of it.
    pub span: Span,
}

/// `frequency [NAME =] among TEST [by COLUMNS [with totals]]`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frequency {
    /// Its name, where a table has several.
    pub name: Option<Name>,
    /// The people or samples.
    pub among: Expr,
    /// The groups.
    pub by: Option<Columns>,
    /// Whether totals are asked for.
    pub totals: bool,
    /// All of it.
    pub span: Span,
}

/// `order by EXPR [descending], …`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// Keys; true means descending.
    pub keys: Vec<(Expr, bool)>,
    /// All of it.
    pub span: Span,
}

/// `limit N`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limit {
    /// How many rows.
    pub count: Number,
    /// All of it.
    pub span: Span,
}

/// A list of columns with the clause word before them, if the clause has one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Columns {
    /// At least one.
    pub columns: Vec<Column>,
    /// All of it, with the clause word for `show` and `exit at`.
    pub span: Span,
}

/// `[NAME =] EXPR [{ COLUMNS }]`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// A name of its own.
    pub name: Option<Name>,
    /// Its value.
    pub value: Expr,
    /// Columns of nested rows.
    pub nested: Option<Columns>,
    /// All of it.
    pub span: Span,
}

/// `attrition of …`, `describe …`, `compare …`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Which.
    pub kind: ReportKind,
    /// The cohort.
    pub of: Path,
    /// All of it.
    pub span: Span,
}

/// The three reports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReportKind {
    /// `attrition of PATH`
    Attrition,
    /// `describe PATH [by COLUMNS] [show COLUMNS]`
    Describe {
        /// Strata.
        by: Option<Columns>,
        /// Rows of Table 1.
        show: Option<Columns>,
    },
    /// `compare PATH with PATH [show COLUMNS]`
    Compare {
        /// The other cohort.
        with: Path,
        /// Rows of the comparison.
        show: Option<Columns>,
    },
}
