//! From text to the closed tree of this crate, or to what is wrong with the text.
//!
//! Both engines are read into the one tree: what Postgres spells in another way (`postgres`) is first a call
//! of a name that is on no list, and becomes what it means only where it has the whole form that fails on no
//! row.
//!
//! The library reads `AS MATERIALIZED` in the grammar of Postgres only, while `//`, lambdas and
//! `{'a': …}` need the one of DuckDB: the word is taken out of the tokens where it stands between `AS`
//! and an opening parenthesis after a name, and the names are kept.
//!
//! Every structure of the library is taken apart field by field without a rest pattern, so a form that a
//! later version adds does not pass unread.

mod block;
mod expr;
mod postgres;
mod words;

#[cfg(test)]
pub(crate) use words::called;

use crate::demand::Dialect;
use crate::tree::{Body, Order, Outcome, Statement, Table};
use crate::violation::{Rule, Violation};
use sqlparser::ast::{self, OrderByKind, OrderBySort, SetExpr, SetOperator, SetQuantifier};
use sqlparser::dialect::{DuckDbDialect, PostgreSqlDialect};
use sqlparser::parser::{Parser, ParserOptions};

/// How deep expressions may be.
const DEPTH: usize = 10_000;

/// What a part of a text is not.
type Reading<T> = Result<T, Violation>;

fn wrong<T>(sentence: impl Into<String>) -> Reading<T> {
    Err(Violation { rule: Rule::Form, table: String::new(), sentence: sentence.into() })
}

/// Reads a text that was printed for an engine.
pub(crate) fn read(text: &str, dialect: Dialect) -> Result<Statement, Vec<Violation>> {
    let statement = as_written(text, dialect)?;
    meant(statement, dialect).map_err(|one| vec![one])
}

/// The text as it is written, forms of Postgres by names of their own.
pub(crate) fn as_written(text: &str, dialect: Dialect) -> Result<Statement, Vec<Violation>> {
    let tokens = words::tokens(text, dialect).map_err(|one| vec![one])?;
    let violations = words::check(&tokens, dialect);
    if !violations.is_empty() {
        return Err(violations);
    }
    parse(tokens, dialect).map_err(|one| vec![one])
}

/// The same as it is meant.
pub(crate) fn meant(statement: Statement, dialect: Dialect) -> Result<Statement, Violation> {
    match dialect {
        Dialect::DuckDb => Ok(statement),
        Dialect::Postgres => postgres::meant(statement),
    }
}

/// Reads our own expectation, in which names need no quotes.
pub(crate) fn read_own(text: &str) -> Result<Statement, Violation> {
    parse(words::tokens(text, Dialect::DuckDb)?, Dialect::DuckDb)
}

/// The grammar of an engine.
fn grammar(dialect: Dialect) -> &'static dyn sqlparser::dialect::Dialect {
    match dialect {
        Dialect::DuckDb => &DuckDbDialect {},
        Dialect::Postgres => &PostgreSqlDialect {},
    }
}

fn parse(tokens: Vec<sqlparser::tokenizer::Token>, dialect: Dialect) -> Reading<Statement> {
    let (tokens, fences) = words::fences(tokens)?;
    let parsed = Parser::new(grammar(dialect))
        .with_options(ParserOptions::new().with_unescape(false))
        .with_recursion_limit(DEPTH)
        .with_tokens(tokens)
        .parse_statements();
    let parsed = match parsed {
        Ok(parsed) => parsed,
        Err(error) => return wrong(format!("The text cannot be read: {error}.")),
    };
    let [ast::Statement::Query(query)] = parsed.as_slice() else {
        return wrong("The text is not one query.");
    };
    statement(query, &fences)
}

fn statement(query: &ast::Query, fences: &[String]) -> Reading<Statement> {
    let ast::Query { with, body, order_by, .. } = query;
    bare(query)?;
    let mut tables = Vec::new();
    if let Some(ast::With { with_token: _, recursive: _, cte_tables }) = with {
        for cte in cte_tables {
            let name = name(&cte.alias.name);
            let table = table(cte, fences).map_err(|one| Violation {
                table: if one.table.is_empty() { name } else { one.table },
                ..one
            })?;
            tables.push(table);
        }
    }
    let (table, columns) = block::plain_columns(body)?;
    let order = match order_by {
        None => Vec::new(),
        Some(ast::OrderBy { kind: OrderByKind::Expressions(keys), interpolate: None }) => {
            keys.iter().map(order).collect::<Reading<_>>()?
        }
        Some(_) => return wrong("The final order is not a list of keys."),
    };
    Ok(Statement { tables, result: Outcome { table, columns, order } })
}

/// Checks that a query has nothing but a body, and perhaps tables before it and an order after it.
fn bare(query: &ast::Query) -> Reading<()> {
    let ast::Query {
        with: _,
        body: _,
        order_by: _,
        limit_clause,
        fetch,
        locks,
        for_clause,
        settings,
        format_clause,
        pipe_operators,
    } = query;
    let more = limit_clause.is_some()
        || fetch.is_some()
        || !locks.is_empty()
        || for_clause.is_some()
        || settings.is_some()
        || format_clause.is_some()
        || !pipe_operators.is_empty();
    if more { wrong("A query has a clause that no query of ours has, such as LIMIT.") } else { Ok(()) }
}

/// The body of a query that has nothing else.
fn only_body(query: &ast::Query) -> Reading<&SetExpr> {
    bare(query)?;
    if query.with.is_some() || query.order_by.is_some() {
        return wrong("A query inside another has tables or an order of its own.");
    }
    Ok(&query.body)
}

fn table(cte: &ast::Cte, fences: &[String]) -> Reading<Table> {
    let ast::Cte { alias, query, from, materialized, closing_paren_token: _ } = cte;
    if from.is_some() || materialized.is_some() {
        return wrong("A common table expression has an unknown form.");
    }
    let ast::TableAlias { explicit: _, name: alias_name, columns, at } = alias;
    if at.is_some() || columns.iter().any(|column| column.data_type.is_some()) {
        return wrong("A common table expression has an unknown form.");
    }
    let labels: Vec<String> = columns.iter().map(|column| name(&column.name)).collect();
    let name = name(alias_name);
    let body = match only_body(query)? {
        SetExpr::Values(values) => Body::Values { columns: labels.clone(), rows: block::values(values)? },
        SetExpr::Select(select) => Body::Select(block::block(select)?),
        union @ SetExpr::SetOperation { .. } => {
            let mut blocks = Vec::new();
            union_all(union, &mut blocks)?;
            Body::UnionAll(blocks)
        }
        _ => return wrong("A common table expression is neither blocks nor rows."),
    };
    if matches!(body, Body::Values { .. }) == labels.is_empty() {
        return wrong("Names of columns stand beside the name of rows of values, and only there.");
    }
    Ok(Table { fenced: fences.contains(&name), name, body })
}

fn union_all(body: &SetExpr, blocks: &mut Vec<crate::tree::Block>) -> Reading<()> {
    match body {
        SetExpr::SetOperation { op: SetOperator::Union, set_quantifier: SetQuantifier::All, left, right } => {
            union_all(left, blocks)?;
            union_all(right, blocks)
        }
        SetExpr::Select(select) => {
            blocks.push(block::block(select)?);
            Ok(())
        }
        _ => wrong("Blocks are put together by something other than UNION ALL."),
    }
}

fn order(order: &ast::OrderByExpr) -> Reading<Order> {
    let ast::OrderByExpr { expr, options: ast::OrderByOptions { sort, nulls_first }, with_fill: None } =
        order
    else {
        return wrong("A key of an order is filled.");
    };
    let descending = match sort {
        Some(OrderBySort::Asc) => false,
        Some(OrderBySort::Desc) => true,
        Some(OrderBySort::Using(_)) | None => return wrong("A key of an order has no direction."),
    };
    let Some(nulls_first) = *nulls_first else {
        return wrong("A key of an order leaves the place of nulls to the engine.");
    };
    Ok(Order { key: expr::expr(expr)?, descending, nulls_first })
}

/// A name as it stands between its quotes, undoubled.
fn name(ident: &ast::Ident) -> String {
    match ident.quote_style {
        Some(_) => ident.value.replace("\"\"", "\""),
        None => ident.value.clone(),
    }
}

/// A name of one part.
fn one_name(object: &ast::ObjectName) -> Reading<&ast::Ident> {
    match object.0.as_slice() {
        [ast::ObjectNamePart::Identifier(ident)] => Ok(ident),
        _ => wrong(format!("`{object}` is not a name of one part.")),
    }
}
