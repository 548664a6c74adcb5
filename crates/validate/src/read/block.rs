//! Select blocks, one field at a time.

use super::expr::expr;
use super::{Reading, name, one_name, wrong};
use crate::tree::{Block, Expr, Join, JoinKind, Source};
use crate::violation::{Rule, Violation};
use sqlparser::ast::{
    self, Distinct, GroupByExpr, JoinConstraint, JoinOperator, Select, SelectFlavor, SelectItem, SetExpr,
    TableFactor,
};

/// A block whose columns all have names.
pub(super) fn block(select: &Select) -> Reading<Block> {
    let (from, joins) = frame(select)?;
    let mut items = Vec::new();
    for item in &select.projection {
        let SelectItem::ExprWithAlias { expr: value, alias } = item else {
            return wrong(format!("The column `{item}` has no name."));
        };
        items.push((name(alias), expr(value)?));
    }
    let filter = select.selection.as_ref().map(expr).transpose()?;
    let group = match &select.group_by {
        GroupByExpr::Expressions(keys, more) if more.is_empty() => match keys.as_slice() {
            [] => None,
            [ast::Expr::Tuple(none)] if none.is_empty() => Some(Vec::new()),
            keys => Some(keys.iter().map(expr).collect::<Reading<Vec<Expr>>>()?),
        },
        GroupByExpr::Expressions(..) | GroupByExpr::All(_) => {
            return wrong("Rows are grouped by something other than keys.");
        }
    };
    let distinct = match &select.distinct {
        None => false,
        Some(Distinct::Distinct) => true,
        Some(Distinct::All | Distinct::On(_)) => return wrong("Rows are distinct in an unknown way."),
    };
    Ok(Block { distinct, items, from, joins, filter, group })
}

/// `SELECT "t"."a", "t"."b" FROM "t"` and nothing more: the table and its columns.
pub(super) fn plain_columns(body: &SetExpr) -> Reading<(String, Vec<String>)> {
    let SetExpr::Select(select) = body else {
        return wrong("A query that reads columns of a table has another form.");
    };
    let (from, joins) = frame(select)?;
    let grouped = !matches!(&select.group_by, GroupByExpr::Expressions(keys, more) if keys.is_empty() && more.is_empty());
    let (Some(from), true) =
        (from, joins.is_empty() && select.selection.is_none() && select.distinct.is_none() && !grouped)
    else {
        return wrong("A query that reads columns of a table does more than that.");
    };
    if from.alias != from.name {
        return wrong("A query that reads columns of a table gives it another name.");
    }
    let mut columns = Vec::new();
    for item in &select.projection {
        match item {
            SelectItem::UnnamedExpr(ast::Expr::CompoundIdentifier(parts)) => match parts.as_slice() {
                [table, column] if name(table) == from.name => columns.push(name(column)),
                _ => return wrong(format!("`{item}` is no column of the table that is read.")),
            },
            _ => return wrong(format!("`{item}` is no column of the table that is read.")),
        }
    }
    Ok((from.name, columns))
}

/// The name of a row, its fields, and a formula over them.
pub(super) type Bound = (String, Vec<(String, Expr)>, Expr);

/// `SELECT formula FROM (VALUES (a, …)) AS "row" ("field", …)`: a formula over values that it names several
/// times.
pub(super) fn values_and_formula(query: &ast::Query) -> Reading<Bound> {
    let other =
        || wrong("A query inside an expression has another form than a formula over one row of values.");
    let SetExpr::Select(select) = super::only_body(query)? else { return other() };
    let [ast::TableWithJoins { relation, joins }] = select.from.as_slice() else { return other() };
    // The frame without its source, which is none that a block may have.
    let rest = Select { from: Vec::new(), ..select.as_ref().clone() };
    frame(&rest)?;
    let bare = matches!(&rest.group_by, GroupByExpr::Expressions(keys, more) if keys.is_empty() && more.is_empty())
        && rest.selection.is_none()
        && rest.distinct.is_none();
    let TableFactor::Derived { lateral: false, subquery, alias: Some(alias), sample: None } = relation else {
        return other();
    };
    let ast::TableAlias { explicit: _, name: row, columns, at: None } = alias else { return other() };
    let SetExpr::Values(rows) = super::only_body(subquery)? else { return other() };
    let (mut rows, [SelectItem::UnnamedExpr(formula)], true, true) =
        (values(rows)?, select.projection.as_slice(), joins.is_empty(), bare)
    else {
        return other();
    };
    let (Some(cells), true) = (rows.pop(), rows.is_empty()) else { return other() };
    if cells.len() != columns.len() || columns.iter().any(|column| column.data_type.is_some()) {
        return other();
    }
    let fields = columns.iter().map(|column| name(&column.name)).zip(cells).collect();
    Ok((name(row), fields, expr(formula)?))
}

/// The relations of a block, after checking that it has no clause beyond those of [`Block`].
fn frame(select: &Select) -> Reading<(Option<Source>, Vec<Join>)> {
    let Select {
        select_token: _,
        optimizer_hints,
        distinct: _,
        select_modifiers,
        top,
        top_before_distinct,
        projection: _,
        exclude,
        into,
        from,
        lateral_views,
        prewhere,
        selection: _,
        connect_by,
        group_by: _,
        cluster_by,
        distribute_by,
        sort_by,
        having,
        named_window,
        qualify,
        window_before_qualify,
        value_table_mode,
        flavor,
    } = select;
    let more = !optimizer_hints.is_empty()
        || select_modifiers.is_some()
        || top.is_some()
        || *top_before_distinct
        || exclude.is_some()
        || into.is_some()
        || !lateral_views.is_empty()
        || prewhere.is_some()
        || !connect_by.is_empty()
        || !cluster_by.is_empty()
        || !distribute_by.is_empty()
        || !sort_by.is_empty()
        || having.is_some()
        || !named_window.is_empty()
        || qualify.is_some()
        || *window_before_qualify
        || value_table_mode.is_some()
        || *flavor != SelectFlavor::Standard;
    if more {
        return wrong("A block has a clause that no block of ours has.");
    }
    match from.as_slice() {
        [] => Ok((None, Vec::new())),
        [ast::TableWithJoins { relation, joins }] => {
            Ok((Some(source(relation)?), joins.iter().map(join).collect::<Reading<_>>()?))
        }
        _ => wrong("Relations are listed with a comma."),
    }
}

fn source(factor: &TableFactor) -> Reading<Source> {
    let TableFactor::Table {
        name: table,
        alias,
        args,
        with_hints,
        version,
        with_ordinality,
        partitions,
        json_path,
        sample,
        index_hints,
    } = factor
    else {
        return Err(Violation {
            rule: Rule::Source,
            table: String::new(),
            sentence: format!("`{factor}` is read from, and is no table."),
        });
    };
    let more = args.is_some()
        || !with_hints.is_empty()
        || version.is_some()
        || *with_ordinality
        || !partitions.is_empty()
        || json_path.is_some()
        || sample.is_some()
        || !index_hints.is_empty();
    if more {
        return wrong(format!("`{factor}` is read in an unknown way."));
    }
    let table = name(one_name(table)?);
    let alias = match alias {
        None => table.clone(),
        Some(ast::TableAlias { explicit: _, name: alias, columns, at: None }) if columns.is_empty() => {
            name(alias)
        }
        Some(alias) => return wrong(format!("`{alias}` is more than another name of a table.")),
    };
    Ok(Source { name: table, alias })
}

fn join(join: &ast::Join) -> Reading<Join> {
    let ast::Join { relation, global, join_operator } = join;
    let (kind, on) = match join_operator {
        JoinOperator::Join(JoinConstraint::On(on)) => (JoinKind::Inner, Some(expr(on)?)),
        JoinOperator::Left(JoinConstraint::On(on)) => (JoinKind::Left, Some(expr(on)?)),
        JoinOperator::CrossJoin(JoinConstraint::None) => (JoinKind::Cross, None),
        _ => {
            return Err(Violation {
                rule: Rule::Join,
                table: String::new(),
                sentence: format!("`{join}` is no inner, left or cross join."),
            });
        }
    };
    if *global {
        return wrong(format!("`{join}` has an unknown form."));
    }
    Ok(Join { kind, source: source(relation)?, on })
}

/// Rows of literals.
pub(super) fn values(values: &ast::Values) -> Reading<Vec<Vec<Expr>>> {
    let ast::Values { explicit_row: false, value_keyword: false, rows } = values else {
        return wrong("Rows of values have an unknown form.");
    };
    rows.iter().map(|row| row.content.iter().map(expr).collect()).collect()
}
