//! From a plan to a statement: one common table expression per step, and the last one read in order.

use crate::block::{self, Surroundings, block, select_of, table};
use crate::duckdb::DuckDb;
use crate::expression::Printer;
use crate::literal;
use crate::names::{self, Namer};
use crate::places::{Places, Trace};
use crate::postgres::Postgres;
use crate::pretty;
use crate::scope::{Column, Relation, Scope};
use crate::spelling::Spelling;
use crate::tree;
use plan::{Body, Plan, Source, Step, Type, Value};
use sqlparser::ast::{
    Cte, CteAsMaterialized, Expr, OrderBy, OrderByKind, Parens, Query, SelectItem, SetExpr, SetOperator,
    SetQuantifier, TableAlias, TableAliasColumnDef, Value as Token, Values, With,
    helpers::attached_token::AttachedToken,
};
use std::fmt;

/// An engine whose SQL is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// DuckDB 1.5.
    DuckDb,
    /// Postgres 15 and later.
    Postgres,
}

impl Dialect {
    fn spelling(self) -> &'static dyn Spelling {
        match self {
            Dialect::DuckDb => &DuckDb,
            Dialect::Postgres => &Postgres,
        }
    }
}

/// SQL text that was printed from a plan. There is no other way to make one, so an engine that takes
/// only this type runs no text that was put together by hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    text: String,
    columns: Vec<(String, Type)>,
    dialect: Dialect,
}

impl Statement {
    /// The text, one clause per line, each step under its comment. What is read is what is run.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The columns of its rows in order: name in the plan and type. The name in the text may
    /// differ where an engine could not keep two names apart.
    pub fn columns(&self) -> &[(String, Type)] {
        &self.columns
    }

    /// The engine it was printed for.
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }
}

/// A plan that is not well formed; a mistake of the compiler, not of a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unprintable {
    /// The step, or `None` for the order of the result and for the plan as a whole.
    pub step: Option<String>,
    /// What is wrong.
    pub reason: String,
}

impl fmt::Display for Unprintable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.step {
            Some(step) => write!(f, "step {step:?}: {}", self.reason),
            None => f.write_str(&self.reason),
        }
    }
}

impl std::error::Error for Unprintable {}

/// Prints a plan as one statement of an engine.
///
/// # Errors
/// For a plan that is not well formed: a column, alias or step that does not exist, a literal that
/// is not of its type, a function with the wrong number of arguments.
pub fn build(plan: &Plan, dialect: Dialect) -> Result<Statement, Unprintable> {
    build_with_places(plan, dialect, &[]).map(|(statement, _)| statement)
}

/// The same statement, and where its steps and the `wanted` expressions stand in it.
///
/// # Errors
/// Those of [`build`].
pub fn build_with_places(
    plan: &Plan,
    dialect: Dialect,
    wanted: &[plan::Expr],
) -> Result<(Statement, Places), Unprintable> {
    let trace = Trace::new(wanted);
    let spelling = dialect.spelling();
    let mut namer = Namer::default();
    // A common table expression hides a table of the same name, so steps give way.
    for table in plan.steps.iter().flat_map(|step| tables(&step.body)) {
        namer.reserve(table);
    }
    let mut relations: Vec<Relation> = Vec::new();
    let mut printed: Vec<(&str, Cte)> = Vec::new();
    for step in &plan.steps {
        let at = |reason| Unprintable { step: Some(step.name.clone()), reason };
        let (relation, cte) =
            common_table(step, namer.unique(&step.name), &relations, spelling, &trace).map_err(at)?;
        trace.next();
        relations.push(relation);
        printed.push((&step.comment, cte));
    }

    let whole = |reason| Unprintable { step: None, reason };
    let Some(last) = relations.last() else {
        return Err(whole("a plan without steps".to_owned()));
    };
    let query = result(plan, last, &relations, spelling, &trace).map_err(whole)?;
    let recursive = plan.steps.iter().any(|step| matches!(step.body, Body::Recursive { .. }));
    let (text, steps) = pretty::text(recursive, &printed, &query);
    let names = relations.iter().map(|relation| relation.name.clone());
    let places = trace.places(&text, names.zip(steps).collect());
    if cfg!(debug_assertions) {
        let cte_tables = printed.into_iter().map(|(_, cte)| cte).collect();
        let with = With { with_token: AttachedToken::empty(), recursive, cte_tables };
        pretty::check(&text, &Query { with: Some(with), ..query }, spelling.grammar()).map_err(whole)?;
    }
    let columns = last.columns.iter().map(|column| (column.name.clone(), column.ty)).collect();
    Ok((Statement { text, columns, dialect }, places))
}

/// `SELECT columns FROM last ORDER BY order`
fn result(
    plan: &Plan,
    last: &Relation,
    steps: &[Relation],
    spelling: &dyn Spelling,
    trace: &Trace<'_>,
) -> Result<Query, String> {
    let scope = Scope::only(last);
    let printer = Printer { spelling, scope: &scope, steps, keys: &[], trace };
    let mut items = Vec::new();
    for column in &last.columns {
        let name = vec![names::quoted(&last.name), names::quoted(&column.printed)];
        items.push(SelectItem::UnnamedExpr(Expr::CompoundIdentifier(name)));
    }
    let order = plan.order.iter().map(|key| printer.order(key)).collect::<Result<Vec<_>, _>>()?;
    let select = select_of(items, table(names::quoted(&last.name), None), Vec::new());
    let mut query = tree::query(SetExpr::Select(Box::new(select)));
    if !order.is_empty() {
        query.order_by = Some(OrderBy { kind: OrderByKind::Expressions(order), interpolate: None });
    }
    Ok(query)
}

/// The tables of the warehouse that a body reads.
fn tables(body: &Body) -> Vec<&str> {
    let blocks: Vec<&plan::Select> = match body {
        Body::Select(select) => vec![select],
        Body::UnionAll(all) => all.iter().collect(),
        Body::Recursive { first, next } => vec![first, next],
        Body::Values(_) => Vec::new(),
    };
    let sources = blocks
        .into_iter()
        .flat_map(|block| std::iter::once(&block.from).chain(block.joins.iter().map(|join| &join.source)));
    sources
        .filter_map(|source| match source {
            Source::Public { table, .. } | Source::Linked { table, .. } => Some(table.as_str()),
            Source::Step { .. } | Source::Round { .. } => None,
        })
        .collect()
}

/// The common table expression of a step.
fn common_table(
    step: &Step,
    name: String,
    steps: &[Relation],
    spelling: &dyn Spelling,
    trace: &Trace<'_>,
) -> Result<(Relation, Cte), String> {
    if step.columns.is_empty() {
        return Err("a step without columns".to_owned());
    }
    let mut namer = Namer::default();
    let columns = step
        .columns
        .iter()
        .map(|(name, ty)| Column { name: name.clone(), printed: namer.unique(name), ty: *ty, wide: false })
        .collect();
    let mut relation = Relation { name, columns };
    let mut labels = Vec::new();
    let surroundings = Surroundings { spelling, steps, round: None, trace };
    let (body, wide) = match &step.body {
        Body::Select(select) => {
            let block = block(select, &relation.columns, false, surroundings)?;
            (SetExpr::Select(Box::new(block.select)), block.wide)
        }
        Body::UnionAll(blocks) => {
            let mut printed = Vec::new();
            for select in blocks {
                printed.push(block(select, &relation.columns, false, surroundings)?);
            }
            union(printed).ok_or("a union of nothing")?
        }
        Body::Recursive { first, next } => {
            let first = block(first, &relation.columns, true, surroundings)?;
            for column in &mut relation.columns {
                column.wide = column.ty == Type::Decimal;
            }
            let inside = Surroundings { round: Some(&relation), ..surroundings };
            let next = block(next, &relation.columns, true, inside)?;
            union(vec![first, next]).ok_or("a recursion of nothing")?
        }
        Body::Values(rows) if rows.is_empty() => (no_rows(&relation, spelling), Vec::new()),
        Body::Values(rows) => {
            labels = relation
                .columns
                .iter()
                .map(|column| TableAliasColumnDef::from_name(&column.printed))
                .collect();
            values(rows, &relation, spelling)?
        }
    };
    for (column, wide) in relation.columns.iter_mut().zip(wide) {
        column.wide = wide;
    }
    for column in &mut labels {
        column.name = names::quoted(&column.name.value);
    }
    let alias =
        TableAlias { explicit: false, name: names::quoted(&relation.name), columns: labels, at: None };
    let cte = Cte {
        alias,
        query: Box::new(tree::query(body)),
        from: None,
        materialized: step.fence.then_some(CteAsMaterialized::Materialized),
        closing_paren_token: AttachedToken::empty(),
    };
    Ok((relation, cte))
}

/// All rows of all blocks.
fn union(blocks: Vec<block::Block>) -> Option<(SetExpr, Vec<bool>)> {
    let parts = blocks.into_iter().map(|block| (SetExpr::Select(Box::new(block.select)), block.wide));
    parts.reduce(|(left, wide), (right, also)| {
        let both = SetExpr::SetOperation {
            left: Box::new(left),
            op: SetOperator::Union,
            set_quantifier: SetQuantifier::All,
            right: Box::new(right),
        };
        (both, wide.into_iter().zip(also).map(|(one, other)| one || other).collect())
    })
}

/// Literal rows; the first one carries the types.
fn values(
    rows: &[Vec<Value>],
    relation: &Relation,
    spelling: &dyn Spelling,
) -> Result<(SetExpr, Vec<bool>), String> {
    let mut wide = vec![false; relation.columns.len()];
    let mut printed = Vec::new();
    for (number, row) in rows.iter().enumerate() {
        if row.len() != relation.columns.len() {
            return Err(format!(
                "row {} has {} values for {} columns",
                number + 1,
                row.len(),
                relation.columns.len()
            ));
        }
        let mut cells = Vec::new();
        for ((value, column), wide) in row.iter().zip(&relation.columns).zip(&mut wide) {
            *wide |= literal::is_wide(value);
            let cell = literal::literal(value, column.ty, spelling)?;
            let loose = number == 0 && !matches!(cell, Expr::Cast { .. });
            cells.push(if loose { tree::cast(cell, spelling.type_of(column.ty, false)) } else { cell });
        }
        printed.push(Parens::with_empty_span(cells));
    }
    Ok((SetExpr::Values(Values { explicit_row: false, value_keyword: false, rows: printed }), wide))
}

/// No rows with the types of a step.
fn no_rows(relation: &Relation, spelling: &dyn Spelling) -> SetExpr {
    let mut items = Vec::new();
    for column in &relation.columns {
        let null = tree::cast(Expr::value(Token::Null), spelling.type_of(column.ty, false));
        items.push(SelectItem::ExprWithAlias { expr: null, alias: names::quoted(&column.printed) });
    }
    let mut select = select_of(items, table(names::quoted(""), None), Vec::new());
    select.from.clear();
    select.selection = Some(Expr::value(Token::Boolean(false)));
    SetExpr::Select(Box::new(select))
}
