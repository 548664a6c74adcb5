//! Select blocks.

use crate::expression::Printer;
use crate::names::{self, LETS, Namer};
use crate::places::Trace;
use crate::scope::{Column, Relation, Scope};
use crate::spelling::Spelling;
use plan::{JoinKind, Source, StepId, Type};
use sqlparser::ast::{
    Distinct, Expr, GroupByExpr, Ident, Join, JoinConstraint, JoinOperator, ObjectName, Select, SelectFlavor,
    SelectItem, TableAlias, TableFactor, TableWithJoins, helpers::attached_token::AttachedToken,
};

/// What a block may read: the engine and the steps before it.
#[derive(Clone, Copy)]
pub(crate) struct Surroundings<'a> {
    /// The engine.
    pub(crate) spelling: &'a dyn Spelling,
    /// The steps before.
    pub(crate) steps: &'a [Relation],
    /// The step itself, inside the second half of a recursive one.
    pub(crate) round: Option<&'a Relation>,
    /// What is kept of where expressions stand.
    pub(crate) trace: &'a Trace<'a>,
}

/// A printed block.
pub(crate) struct Block {
    /// The tree.
    pub(crate) select: Select,
    /// For each column, whether it is a decimal that may have 26 digits before the point.
    pub(crate) wide: Vec<bool>,
}

/// Prints a block whose columns get the names of `columns`; with `widen` values get what the two
/// halves of a recursion must share: all decimals the wide type.
///
/// # Errors
/// The reason, for a block that is not well formed.
pub(crate) fn block(
    block: &plan::Select,
    columns: &[Column],
    widen: bool,
    surroundings: Surroundings<'_>,
) -> Result<Block, String> {
    let mut aliases = Namer::default();
    for name in LETS {
        aliases.reserve(name);
    }
    let mut scope = Scope::default();
    let first = source(&block.from, &mut aliases, &mut scope, surroundings)?;
    let mut joins = Vec::new();
    for join in &block.joins {
        let relation = source(&join.source, &mut aliases, &mut scope, surroundings)?;
        let printer = Printer {
            spelling: surroundings.spelling,
            scope: &scope,
            steps: surroundings.steps,
            keys: &[],
            trace: surroundings.trace,
        };
        let on = JoinConstraint::On(printer.condition(&join.on)?);
        let always = matches!(join.on, plan::Expr::Literal(plan::Value::Bool(true), _));
        let join_operator = match join.kind {
            JoinKind::Inner if always => JoinOperator::CrossJoin(JoinConstraint::None),
            JoinKind::Inner => JoinOperator::Join(on),
            JoinKind::Left => JoinOperator::Left(on),
        };
        joins.push(Join { relation, global: false, join_operator });
    }

    let keys = block.group.as_deref().unwrap_or_default();
    let printer = Printer {
        spelling: surroundings.spelling,
        scope: &scope,
        steps: surroundings.steps,
        keys,
        trace: surroundings.trace,
    };
    if block.columns.len() != columns.len() {
        return Err(format!("a block has {} columns, its step {}", block.columns.len(), columns.len()));
    }
    let mut items = Vec::new();
    let mut wide = Vec::new();
    for ((name, value), column) in block.columns.iter().zip(columns) {
        if *name != column.name {
            return Err(format!("a block calls {name:?} what its step calls {:?}", column.name));
        }
        let value = printer.pinned(value)?;
        let wide_already = column.ty == Type::Decimal && value.wide;
        let both = (widen && !wide_already)
            .then(|| surroundings.spelling.of_both_halves(value.tree.clone(), column.ty))
            .flatten();
        let is_wide = value.wide || (widen && column.ty == Type::Decimal);
        let expr = both.unwrap_or(value.tree);
        items.push(SelectItem::ExprWithAlias { expr, alias: names::quoted(&column.printed) });
        wide.push(is_wide);
    }
    let selection = block.filter.as_ref().map(|filter| printer.condition(filter)).transpose()?;
    let mut group = Vec::new();
    for key in keys {
        group.push(printer.pinned(key)?.tree);
    }
    // Without keys and without aggregates there must still be one row.
    if block.group.is_some() && group.is_empty() {
        group.push(Expr::Tuple(Vec::new()));
    }

    let mut select = select_of(items, first, joins);
    select.distinct = block.distinct.then_some(Distinct::Distinct);
    select.selection = selection;
    select.group_by = GroupByExpr::Expressions(group, Vec::new());
    Ok(Block { select, wide })
}

/// A source with its alias, entered in the scope.
fn source<'a>(
    source: &Source,
    aliases: &mut Namer,
    scope: &mut Scope<'a>,
    surroundings: Surroundings<'a>,
) -> Result<TableFactor, String> {
    let printed = aliases.unique(source.alias());
    let (name, relation) = match source {
        Source::Step { step, .. } => {
            let relation = step_of(*step, surroundings.steps)?;
            (names::quoted(&relation.name), Some(relation))
        }
        Source::Round { .. } => {
            let relation = surroundings.round.ok_or("a round is read outside a recursion")?;
            (names::quoted(&relation.name), Some(relation))
        }
        Source::Public { table, .. } | Source::Linked { table, .. } => {
            (names::given(table, surroundings.spelling.longest_name())?, None)
        }
    };
    let factor = table(name, Some(names::quoted(&printed)));
    scope.push(source.alias(), printed, relation)?;
    Ok(factor)
}

fn step_of(step: StepId, steps: &[Relation]) -> Result<&Relation, String> {
    usize::try_from(step.0)
        .ok()
        .and_then(|place| steps.get(place))
        .ok_or_else(|| format!("there is no step {} before this one", step.0))
}

/// A table or step by its printed name.
pub(crate) fn table(name: Ident, alias: Option<Ident>) -> TableFactor {
    TableFactor::Table {
        name: ObjectName::from(vec![name]),
        alias: alias.map(|name| TableAlias { explicit: true, name, columns: Vec::new(), at: None }),
        args: None,
        with_hints: Vec::new(),
        version: None,
        with_ordinality: false,
        partitions: Vec::new(),
        json_path: None,
        sample: None,
        index_hints: Vec::new(),
    }
}

/// `SELECT items FROM relation joins`, ready to get more clauses.
pub(crate) fn select_of(projection: Vec<SelectItem>, relation: TableFactor, joins: Vec<Join>) -> Select {
    Select {
        select_token: AttachedToken::empty(),
        optimizer_hints: Vec::new(),
        distinct: None,
        select_modifiers: None,
        top: None,
        top_before_distinct: false,
        projection,
        exclude: None,
        into: None,
        from: vec![TableWithJoins { relation, joins }],
        lateral_views: Vec::new(),
        prewhere: None,
        selection: None,
        connect_by: Vec::new(),
        group_by: GroupByExpr::Expressions(Vec::new(), Vec::new()),
        cluster_by: Vec::new(),
        distribute_by: Vec::new(),
        sort_by: Vec::new(),
        having: None,
        named_window: Vec::new(),
        qualify: None,
        window_before_qualify: false,
        value_table_mode: None,
        flavor: SelectFlavor::Standard,
    }
}
