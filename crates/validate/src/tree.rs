//! The statement as this crate understands it: a small closed tree.
//!
//! What the parser reads and this tree cannot hold is a violation where it is read (`read`), so no check
//! below has to think of forms that it does not know. Parentheses are gone, chains of `AND` and `OR` are
//! lists, and names are as they stand between their quotes, undoubled. What is written in two ways that
//! mean the same is one value only after `normal`.

/// The whole text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Statement {
    /// The common table expressions in order.
    pub(crate) tables: Vec<Table>,
    /// The query that reads the last one.
    pub(crate) result: Outcome,
}

/// A common table expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Table {
    /// Its name.
    pub(crate) name: String,
    /// Whether it is `MATERIALIZED`.
    pub(crate) fenced: bool,
    /// What it is.
    pub(crate) body: Body,
}

/// What a common table expression is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Body {
    /// One block.
    Select(Block),
    /// All rows of several blocks; recursive where a block reads the table itself.
    UnionAll(Vec<Block>),
    /// Literal rows under the names of its columns.
    Values {
        /// The names.
        columns: Vec<String>,
        /// The rows.
        rows: Vec<Vec<Expr>>,
    },
}

impl Body {
    /// Its blocks.
    pub(crate) fn blocks(&self) -> &[Block] {
        match self {
            Body::Select(block) => std::slice::from_ref(block),
            Body::UnionAll(blocks) => blocks,
            Body::Values { .. } => &[],
        }
    }

    /// The names of its columns in order: those of the first block.
    pub(crate) fn columns(&self) -> Vec<&str> {
        match self {
            Body::Select(_) | Body::UnionAll(_) => self
                .blocks()
                .first()
                .into_iter()
                .flat_map(|block| &block.items)
                .map(|(name, _)| name.as_str())
                .collect(),
            Body::Values { columns, .. } => columns.iter().map(String::as_str).collect(),
        }
    }
}

/// `SELECT items FROM sources WHERE filter GROUP BY group`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Block {
    pub(crate) distinct: bool,
    /// Name and value of each column.
    pub(crate) items: Vec<(String, Expr)>,
    /// The first relation; none only in a block without rows.
    pub(crate) from: Option<Source>,
    pub(crate) joins: Vec<Join>,
    pub(crate) filter: Option<Expr>,
    pub(crate) group: Option<Vec<Expr>>,
}

impl Block {
    /// Its relations in order.
    pub(crate) fn sources(&self) -> impl Iterator<Item = &Source> {
        self.from.iter().chain(self.joins.iter().map(|join| &join.source))
    }

    /// All its expressions, each from its root.
    pub(crate) fn expressions(&self) -> impl Iterator<Item = &Expr> {
        let items = self.items.iter().map(|(_, value)| value);
        let joins = self.joins.iter().filter_map(|join| join.on.as_ref());
        items.chain(joins).chain(&self.filter).chain(self.group.iter().flatten())
    }
}

/// A relation under an alias.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Source {
    pub(crate) name: String,
    pub(crate) alias: String,
}

/// A further relation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Join {
    pub(crate) kind: JoinKind,
    pub(crate) source: Source,
    /// None only for a cross join.
    pub(crate) on: Option<Expr>,
}

/// Right and full joins do not exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum JoinKind {
    Inner,
    Left,
    Cross,
}

/// The query at the end: columns of one table in an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub(crate) table: String,
    pub(crate) columns: Vec<String>,
    pub(crate) order: Vec<Order>,
}

/// One key of an order; both its direction and the place of nulls are written out.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Order {
    pub(crate) key: Expr,
    pub(crate) descending: bool,
    pub(crate) nulls_first: bool,
}

/// An expression.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Expr {
    /// `"alias"."column"`; inside a lambda also a field of its row.
    Column(String, String),
    Null,
    Bool(bool),
    /// Digits, perhaps with a point.
    Number(String),
    Text(String),
    /// `DATE '…'`
    Date(String),
    /// `TIMESTAMP '…'`
    Instant(String),
    And(Vec<Expr>),
    Or(Vec<Expr>),
    Not(Box<Expr>),
    Compare(Comparison, Box<Expr>, Box<Expr>),
    IsNull(Box<Expr>),
    IsNotNull(Box<Expr>),
    IsTrue(Box<Expr>),
    Between(Box<[Expr; 3]>),
    In(Box<Expr>, Vec<Expr>),
    /// `(values) IN (SELECT columns FROM table)`
    InTable {
        values: Vec<Expr>,
        table: String,
        columns: Vec<String>,
    },
    Arithmetic(Arithmetic, Box<Expr>, Box<Expr>),
    Minus(Box<Expr>),
    Case {
        arms: Vec<(Expr, Expr)>,
        otherwise: Option<Box<Expr>>,
    },
    Cast {
        or_null: bool,
        value: Box<Expr>,
        ty: String,
    },
    Call(Box<Call>),
    /// `[]` or `[{'a': …, …}]`
    List(Vec<Expr>),
    Row(Vec<(String, Expr)>),
    Lambda(String, Box<Expr>),
}

/// `= <> < <= > >=`
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// `+ - * // % ||`; `/` does not exist: it gives inexact numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Quotient,
    Remainder,
    Join,
}

/// A call of a function, of an aggregate, or of either over a window.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Call {
    pub(crate) name: String,
    pub(crate) distinct: bool,
    /// `count(*)`
    pub(crate) all_rows: bool,
    pub(crate) arguments: Vec<Expr>,
    pub(crate) filter: Option<Expr>,
    pub(crate) over: Option<Over>,
}

/// A window over its whole partition, or over the rows before the current one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Over {
    pub(crate) partition: Vec<Expr>,
    pub(crate) order: Vec<Order>,
    /// `ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING`
    pub(crate) before: bool,
}

impl Expr {
    /// The expressions directly inside.
    pub(crate) fn parts(&self) -> Vec<&Expr> {
        match self {
            Expr::Column(..)
            | Expr::Null
            | Expr::Bool(_)
            | Expr::Number(_)
            | Expr::Text(_)
            | Expr::Date(_)
            | Expr::Instant(_) => Vec::new(),
            Expr::And(all) | Expr::Or(all) | Expr::List(all) | Expr::InTable { values: all, .. } => {
                all.iter().collect()
            }
            Expr::Not(one)
            | Expr::IsNull(one)
            | Expr::IsNotNull(one)
            | Expr::IsTrue(one)
            | Expr::Minus(one)
            | Expr::Cast { value: one, .. }
            | Expr::Lambda(_, one) => vec![one],
            Expr::Compare(_, left, right) | Expr::Arithmetic(_, left, right) => vec![left, right],
            Expr::Between(three) => three.iter().collect(),
            Expr::In(value, list) => std::iter::once(value.as_ref()).chain(list).collect(),
            Expr::Case { arms, otherwise } => {
                arms.iter().flat_map(|(when, then)| [when, then]).chain(otherwise.as_deref()).collect()
            }
            Expr::Call(call) => {
                let over = call
                    .over
                    .iter()
                    .flat_map(|over| over.partition.iter().chain(over.order.iter().map(|order| &order.key)));
                call.arguments.iter().chain(&call.filter).chain(over).collect()
            }
            Expr::Row(fields) => fields.iter().map(|(_, value)| value).collect(),
        }
    }

    /// Calls `visit` for this expression and all inside it.
    pub(crate) fn each<'e>(&'e self, visit: &mut dyn FnMut(&'e Expr)) {
        visit(self);
        for part in self.parts() {
            part.each(visit);
        }
    }
}
