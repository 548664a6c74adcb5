//! The tree: what a `.bq` text says, before any name is looked up.
//!
//! Nodes hold meaning; the [`Tape`](crate::Tape) holds the text. Every node knows the stretch of
//! significant tokens it covers ([`Span`]); the tokens between its children are its own, so a printer
//! that walks children in order and prints the gaps prints every token exactly once. Nothing is
//! desugared here: `6.5 %` is still a number and a unit, a code still has its label.

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

/// `test "name" { … }`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Test {
    /// Its name.
    pub name: Text,
    /// The date.
    pub as_of: Option<AsOf>,
    /// The people.
    pub people: Vec<Person>,
    /// What must hold.
    pub expects: Vec<Expr>,
    /// All of it.
    pub span: Span,
}

/// `subject s1 { … }`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The entity.
    pub entity: Name,
    /// The row's name.
    pub name: Name,
    /// What is known.
    pub facts: Vec<Fact>,
    /// All of it.
    pub span: Span,
}

/// One fact of a made-up person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// What it says.
    pub kind: FactKind,
    /// All of it.
    pub span: Span,
}

/// The forms of a fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FactKind {
    /// `sex = female`
    Value(Name, FactValue),
    /// `[excludes] phenotype in HP:1 (onset = 3 years)`
    Row {
        /// Whether `excludes` stands before it.
        excludes: bool,
        /// The relation.
        relation: Name,
        /// The code.
        code: Option<Literal>,
        /// Further columns.
        fields: Vec<(Name, FactValue)>,
    },
}

/// A literal or a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FactValue {
    /// A literal.
    Literal(Literal),
    /// A name.
    Name(Name),
}

/// `model NAME version N`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Model {
    /// Its name.
    pub name: Name,
    /// Its version.
    pub version: Number,
    /// All of it.
    pub span: Span,
}

/// `entity NAME (PLURAL) from table PATH key … linkage … { … }`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entity {
    /// Singular.
    pub name: Name,
    /// Plural.
    pub plural: Option<Name>,
    /// The table.
    pub table: Path,
    /// Key columns.
    pub key: Vec<Name>,
    /// How it is linked to people; `None` where it was left out, which is an error of the model.
    pub linkage: Option<Linkage>,
    /// Traits in order.
    pub traits: Vec<Trait>,
    /// Columns and relations in order.
    pub fields: Vec<Field>,
    /// Doc comment lines above it, without `--|`.
    pub doc: Vec<String>,
    /// All of it.
    pub span: Span,
}

/// How a table is linked to people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Linkage {
    /// Which.
    pub kind: LinkageKind,
    /// All of it.
    pub span: Span,
}

/// The forms of a linkage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkageKind {
    /// No person in it.
    Public,
    /// The subject table itself.
    Subject,
    /// `of subject via a.b`, `of subjects via a, b`
    Of {
        /// One path per subject.
        via: Vec<Path>,
    },
    /// Pre-computed counts.
    Aggregate,
}

/// A trait of an entity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trait {
    /// Which.
    pub kind: TraitKind,
    /// All of it.
    pub span: Span,
}

/// The forms of a trait.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "the large form is the usual one")]
pub enum TraitKind {
    /// `coded by NAME`
    CodedBy(Name),
    /// `dated by NAME [.. NAME]`
    DatedBy(Name, Option<Name>),
    /// `assessed when EXPR`
    AssessedWhen(Expr),
}

/// A column or a relation of an entity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub name: Name,
    /// Which.
    pub kind: FieldKind,
    /// Doc comment lines above it.
    pub doc: Vec<String>,
    /// All of it.
    pub span: Span,
}

/// The forms of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldKind {
    /// `sex : female | male | unknown quasi`
    Column {
        /// A type, or the first member of an enum.
        ty: Name,
        /// Whether `?` follows.
        optional: bool,
        /// Further members of an enum.
        members: Vec<Name>,
        /// Whether the members are ordered (`<`).
        ordered: bool,
        /// `unit 'mg'` or `unit from dose_unit`
        unit: Option<FieldUnit>,
        /// The label; `None` where it was left out, which is an error of the model.
        label: Option<(ColumnLabel, Span)>,
    },
    /// `many phenotypes : phenotype by subject_id`, `one gnomad : gnomad? by variant_id`
    Relation {
        /// Whether `many`.
        many: bool,
        /// The other entity.
        entity: Name,
        /// Whether `?` follows: the other row may be absent.
        optional: bool,
        /// Columns: of this entity for `one`, of the other for `many`.
        by: Vec<Name>,
    },
}

/// The unit of a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldUnit {
    /// `unit 'mg'`
    Fixed(String, Span),
    /// `unit from COLUMN`
    From(Name),
}

/// What a column is, for the policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "consent-and-policy.md section 2 explains each")]
pub enum ColumnLabel {
    Public,
    General,
    Quasi,
    Sensitive,
    Identifier,
}

/// `agreement "NAME" version N { … }`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agreement {
    /// Its name.
    pub name: Text,
    /// Its version.
    pub version: Number,
    /// Its clauses in order.
    pub clauses: Vec<AgreementClause>,
    /// All of it.
    pub span: Span,
}

/// One line of an agreement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgreementClause {
    /// Which.
    pub kind: AgreementClauseKind,
    /// All of it.
    pub span: Span,
}

/// The lines of an agreement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AgreementClauseKind {
    /// `recipient "University Hospital Ghent"`
    Recipient(Text),
    /// `purpose DS [DOID:114] with genetic, irb in region "BE"`, or `purpose NAME`
    Purpose(PurposeText),
    /// `valid 2026-01-01 until 2027-01-01`
    Valid {
        /// First day, as written.
        from: (String, Span),
        /// First day no longer valid.
        until: Option<(String, Span)>,
    },
    /// `may test subject (sex, birth_date), phenotype, consent`
    MayTest(Vec<Grant>),
    /// `may show sex, band(age, 10 years)`
    MayShow(Vec<Expr>),
    /// `level aggregate`
    Level(Name),
    /// `release { min subjects 10, round to 5 }`
    Release(Vec<ReleaseRule>),
    /// `formats csv, parquet`
    Formats(Vec<Name>),
    /// A line that did not parse; a diagnostic says why.
    Error,
}

/// An entity with the columns that may be tested; no list means all but identifiers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// The entity, or `consent`.
    pub entity: Name,
    /// Its columns.
    pub columns: Option<Vec<Name>>,
    /// All of it.
    pub span: Span,
}

/// One release rule: its words, and its numbers and words after them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReleaseRule {
    /// `min subjects`, `round to`, `zeros`, `dominance`, `difference`, `frequency min subjects`, `allele min carriers`
    pub words: Vec<Name>,
    /// Values: literals, or a name as in `zeros withheld` (the last word is then here).
    pub values: Vec<FactValue>,
    /// All of it.
    pub span: Span,
}

/// A purpose in full.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PurposeText {
    /// `GENERAL`, `HMB`, `DS`, `POA`, `METHODS`, `CC`, or the name of a purpose item.
    pub primary: Name,
    /// Diseases.
    pub diseases: Vec<Literal>,
    /// Flags after `with`.
    pub flags: Vec<Name>,
    /// `party "X"`, `institution "X"`, `project "X"`, `region "X"` after `in`.
    pub places: Vec<(Name, Text)>,
    /// All of it.
    pub span: Span,
}

/// `purpose NAME = DS [DOID:114] with …`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PurposeItem {
    /// Its name.
    pub name: Name,
    /// What it is.
    pub purpose: PurposeText,
    /// All of it.
    pub span: Span,
}

/// `majority age 18 otherwise suspend`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Majority {
    /// The age in completed years.
    pub age: Number,
    /// `suspend` or `continue`.
    pub otherwise: Name,
    /// All of it.
    pub span: Span,
}

/// `death continue`, `death end`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Death {
    /// `continue` or `end`.
    pub effect: Name,
    /// All of it.
    pub span: Span,
}
