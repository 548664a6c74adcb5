//! Expressions: the part of their printing that all engines share.
//!
//! A value is printed three-valued. A condition stands where null reads as false (filters, joins,
//! `CASE WHEN`), and there memberships are printed bare, because engines turn a bare `IN` into a
//! join and a guarded one into a scan.

use crate::literal;
use crate::names;
use crate::operand::Operand;
use crate::places::Trace;
use crate::scope::{Relation, Scope};
use crate::spelling::{Rows, Spelling};
use crate::tree;
use plan::{Aggregate, AggregateFunction, Comparison, Function, Order, StepId, Type, Value, Window};
use sqlparser::ast::{
    BinaryOperator, Expr, OrderByExpr, OrderByOptions, OrderBySort, SelectItem, SetExpr, UnaryOperator,
    Value as Token, WindowFrame, WindowFrameBound, WindowFrameUnits, WindowSpec,
};

/// Prints the expressions of one block.
pub(crate) struct Printer<'a> {
    /// The engine.
    pub(crate) spelling: &'a dyn Spelling,
    /// The sources of the block.
    pub(crate) scope: &'a Scope<'a>,
    /// The steps so far, for memberships.
    pub(crate) steps: &'a [Relation],
    /// The grouping keys of the block: an engine knows them again by their text only.
    pub(crate) keys: &'a [plan::Expr],
    /// What is kept of where expressions stand.
    pub(crate) trace: &'a Trace<'a>,
}

impl Printer<'_> {
    /// A three-valued value.
    ///
    /// # Errors
    /// The reason, for an expression that is not well formed.
    pub(crate) fn value(&self, expr: &plan::Expr) -> Result<Operand, String> {
        let operand = self.value_of(expr)?;
        self.trace.printed(expr, &operand.tree);
        Ok(operand)
    }

    fn value_of(&self, expr: &plan::Expr) -> Result<Operand, String> {
        match expr {
            plan::Expr::Column { source, column, ty: _ } => {
                let (tree, wide) = self.scope.column(source, column, self.spelling.longest_name())?;
                Ok(Operand { wide, ..Operand::plain(tree) })
            }
            plan::Expr::Literal(value, ty) => Ok(Operand {
                tree: literal::literal(value, *ty, self.spelling)?,
                wide: literal::is_wide(value),
                loose: matches!(value, Value::Int(_)),
                literal: Some(value.clone()),
                rows: false,
            }),
            plan::Expr::And(all) => self.junction(&BinaryOperator::And, all, false),
            plan::Expr::Or(all) => self.junction(&BinaryOperator::Or, all, false),
            plan::Expr::Not(inner) => match inner.as_ref() {
                plan::Expr::IsNull(inner) => {
                    let tree = tree::operand(self.value(inner)?.tree);
                    Ok(Operand::plain(Expr::IsNotNull(Box::new(tree))))
                }
                inner => {
                    let inner = Box::new(tree::operand(self.value(inner)?.tree));
                    Ok(Operand::plain(Expr::UnaryOp { op: UnaryOperator::Not, expr: inner }))
                }
            },
            plan::Expr::Compare(comparison, left, right) => self.compare(*comparison, left, right),
            plan::Expr::IsNull(inner) => {
                Ok(Operand::plain(Expr::IsNull(Box::new(tree::operand(self.value(inner)?.tree)))))
            }
            plan::Expr::IsTrue(inner) => {
                Ok(Operand::plain(Expr::IsTrue(Box::new(tree::operand(self.condition(inner)?)))))
            }
            plan::Expr::Case { arms, otherwise } => self.case(arms, otherwise),
            plan::Expr::InValues(value, list, ty) => self.in_values(value, list, *ty, false),
            plan::Expr::InStep { values, step, columns } => {
                let bare = self.in_step(values, *step, columns)?;
                Ok(Operand::plain(false_when_null(bare)))
            }
            plan::Expr::Call(function, arguments) => self.call(*function, arguments),
            plan::Expr::Aggregate(aggregate) => self.aggregate(aggregate, None),
            plan::Expr::Window(window) => self.window(window),
        }
    }

    /// A condition, where null reads as false.
    pub(crate) fn condition(&self, expr: &plan::Expr) -> Result<Expr, String> {
        let tree = self.condition_of(expr)?;
        self.trace.printed(expr, &tree);
        Ok(tree)
    }

    fn condition_of(&self, expr: &plan::Expr) -> Result<Expr, String> {
        if self.keys.contains(expr) {
            return Ok(self.value(expr)?.tree);
        }
        match expr {
            plan::Expr::And(all) => Ok(self.junction(&BinaryOperator::And, all, true)?.tree),
            plan::Expr::Or(all) => Ok(self.junction(&BinaryOperator::Or, all, true)?.tree),
            plan::Expr::IsTrue(inner) => self.condition(inner),
            plan::Expr::InValues(value, list, ty) => Ok(self.in_values(value, list, *ty, true)?.tree),
            plan::Expr::InStep { values, step, columns } => self.in_step(values, *step, columns),
            plan::Expr::Column { .. }
            | plan::Expr::Literal(..)
            | plan::Expr::Not(_)
            | plan::Expr::Compare(..)
            | plan::Expr::IsNull(_)
            | plan::Expr::Case { .. }
            | plan::Expr::Call(..)
            | plan::Expr::Aggregate(_)
            | plan::Expr::Window(_) => Ok(self.value(expr)?.tree),
        }
    }

    /// A value whose type in the engine is the one of the plan. Engines give a bare `5` a shorter
    /// type than 64 bits, and read it as the fifth column in `GROUP BY` and `ORDER BY`.
    pub(crate) fn pinned(&self, expr: &plan::Expr) -> Result<Operand, String> {
        let value = self.value(expr)?;
        Ok(if value.loose {
            Operand::plain(tree::cast(value.tree, self.spelling.type_of(Type::Int, false)))
        } else if value.literal.is_some() {
            Operand { tree: self.spelling.key(value.tree, expr.ty()), ..value }
        } else {
            value
        })
    }

    /// One key of an order.
    pub(crate) fn order(&self, order: &Order) -> Result<OrderByExpr, String> {
        let key = self.by_bytes(&order.key, self.pinned(&order.key)?.tree);
        let sort = if order.descending { OrderBySort::Desc } else { OrderBySort::Asc };
        let options = OrderByOptions { sort: Some(sort), nulls_first: Some(order.nulls_first) };
        Ok(OrderByExpr { expr: key, options, with_fill: None })
    }

    fn by_bytes(&self, expr: &plan::Expr, tree: Expr) -> Expr {
        if expr.ty() == Type::Text { self.spelling.by_bytes(tree) } else { tree }
    }

    fn junction(&self, op: &BinaryOperator, all: &[plan::Expr], condition: bool) -> Result<Operand, String> {
        let terms = all
            .iter()
            .map(|term| if condition { self.condition(term) } else { Ok(self.value(term)?.tree) })
            .collect::<Result<Vec<_>, _>>()?;
        let empty = || Expr::value(Token::Boolean(matches!(op, BinaryOperator::And)));
        Ok(Operand::plain(tree::junction(op, terms).unwrap_or_else(empty)))
    }

    fn compare(
        &self,
        comparison: Comparison,
        left: &plan::Expr,
        right: &plan::Expr,
    ) -> Result<Operand, String> {
        let operator = match comparison {
            Comparison::Equal => BinaryOperator::Eq,
            Comparison::NotEqual => BinaryOperator::NotEq,
            Comparison::Less => BinaryOperator::Lt,
            Comparison::LessOrEqual => BinaryOperator::LtEq,
            Comparison::Greater => BinaryOperator::Gt,
            Comparison::GreaterOrEqual => BinaryOperator::GtEq,
        };
        // Equal texts have equal bytes under every order.
        let ordered = !matches!(comparison, Comparison::Equal | Comparison::NotEqual);
        let first = self.value(left)?.tree;
        let first = if ordered { self.by_bytes(left, first) } else { first };
        Ok(Operand::plain(tree::binary(first, operator, self.value(right)?.tree)))
    }

    fn case(&self, arms: &[(plan::Expr, plan::Expr)], otherwise: &plan::Expr) -> Result<Operand, String> {
        let rest = self.value(otherwise)?;
        if arms.is_empty() {
            return Ok(rest);
        }
        let (mut wide, mut loose) = (rest.wide, rest.loose);
        let mut printed = Vec::with_capacity(arms.len());
        for (condition, value) in arms {
            let value = self.value(value)?;
            wide |= value.wide;
            loose &= value.loose;
            printed.push((self.condition(condition)?, value.tree));
        }
        Ok(Operand { wide, loose, ..Operand::plain(tree::case(printed, Some(rest.tree))) })
    }

    fn in_values(
        &self,
        value: &plan::Expr,
        list: &[Value],
        ty: Type,
        condition: bool,
    ) -> Result<Operand, String> {
        let value = self.value(value)?;
        let list = list
            .iter()
            .filter(|item| **item != Value::Null)
            .map(|item| literal::literal(item, ty, self.spelling))
            .collect::<Result<Vec<_>, _>>()?;
        if list.is_empty() {
            return Ok(Operand::plain(Expr::value(Token::Boolean(false))));
        }
        let known = value.is_simple().then(|| Expr::IsNotNull(Box::new(value.again())));
        let bare = Expr::InList { expr: Box::new(tree::operand(value.tree)), list, negated: false };
        Ok(Operand::plain(match (condition, known) {
            (true, _) => bare,
            (false, Some(known)) => tree::and(known, bare),
            (false, None) => false_when_null(bare),
        }))
    }

    /// `(a, b) IN (SELECT c, d FROM step)`: null where it is false or unknown.
    fn in_step(&self, values: &[plan::Expr], step: StepId, columns: &[String]) -> Result<Expr, String> {
        let missing = || format!("there is no step {} before this one", step.0);
        let place = usize::try_from(step.0).map_err(|_| missing())?;
        let relation = self.steps.get(place).ok_or_else(missing)?;
        if values.is_empty() || values.len() != columns.len() {
            return Err(format!(
                "a membership in step {:?} has {} values for {} columns",
                relation.name,
                values.len(),
                columns.len()
            ));
        }
        let mut items = Vec::new();
        for column in columns {
            let name = names::quoted(&relation.column(column)?.printed);
            items.push(SelectItem::UnnamedExpr(Expr::CompoundIdentifier(vec![
                names::quoted(&relation.name),
                name,
            ])));
        }
        let mut trees = Vec::new();
        for value in values {
            trees.push(self.value(value)?.tree);
        }
        let tuple = match <[Expr; 1]>::try_from(trees) {
            Ok([one]) => tree::operand(one),
            Err(several) => Expr::Tuple(several),
        };
        let select = crate::block::select_of(
            items,
            crate::block::table(names::quoted(&relation.name), None),
            Vec::new(),
        );
        let subquery = Box::new(tree::query(SetExpr::Select(Box::new(select))));
        Ok(Expr::InSubquery { expr: Box::new(tuple), subquery, negated: false })
    }

    fn call(&self, function: Function, arguments: &[plan::Expr]) -> Result<Operand, String> {
        let right = match function {
            Function::Coalesce | Function::Least | Function::Greatest => !arguments.is_empty(),
            Function::AddInt
            | Function::SubtractInt
            | Function::MultiplyInt
            | Function::AddDecimal
            | Function::SubtractDecimal
            | Function::MultiplyDecimal
            | Function::DivideDecimal
            | Function::AddDays
            | Function::AddMonths
            | Function::DaysBetween
            | Function::AgeYears
            | Function::FloorTo
            | Function::StartsWith
            | Function::Sha256
            | Function::ListContains
            | Function::ListAppend => arguments.len() == 2,
            Function::IntToDecimal | Function::MonthStart | Function::Year => arguments.len() == 1,
            Function::AlleleName => arguments.len() == 5,
            Function::EmptyList => arguments.is_empty(),
        };
        if !right {
            return Err(format!("{function:?} does not take {} arguments", arguments.len()));
        }
        let mut printed = arguments
            .iter()
            .map(|argument| Ok(Operand { rows: of_rows(argument), ..self.value(argument)? }))
            .collect::<Result<Vec<_>, String>>()?;
        let picks = matches!(function, Function::Coalesce | Function::Least | Function::Greatest);
        let null = |argument: &Operand| argument.literal == Some(Value::Null);
        if !picks && function != Function::ListAppend && printed.iter().any(null) {
            // Engines forget the type of some calls with a literal null.
            let ty = function.ty(arguments);
            return self.value(&plan::Expr::null(ty));
        }
        if matches!(function, Function::Least | Function::Greatest) {
            for (argument, printed) in arguments.iter().zip(&mut printed) {
                printed.tree = self.by_bytes(argument, printed.tree.clone());
            }
        }
        Ok(Operand {
            wide: picks && printed.iter().any(|argument| argument.wide),
            loose: picks && printed.iter().all(|argument| argument.loose),
            ..Operand::plain(self.spelling.call(function, &printed)?)
        })
    }

    fn aggregate(&self, aggregate: &Aggregate, over: Option<WindowSpec>) -> Result<Operand, String> {
        let members = aggregate.function == AggregateFunction::Members;
        if aggregate.distinct != members && aggregate.function != AggregateFunction::Count {
            return Err(format!("{:?} of distinct values, or of all", aggregate.function));
        }
        let filter = aggregate.filter.as_ref().map(|filter| self.condition(filter)).transpose()?;
        let rows = Rows { distinct: aggregate.distinct, filter, over };
        match (&aggregate.argument, aggregate.function) {
            (None, AggregateFunction::Count) => Ok(Operand::plain(rows.count())),
            (None, function) => Err(format!("{function:?} of nothing")),
            (Some(argument), function) => {
                let ty = argument.ty();
                let value = self.pinned(argument)?;
                let wide = match function {
                    AggregateFunction::Count | AggregateFunction::Members => false,
                    AggregateFunction::Sum => ty == Type::Decimal,
                    AggregateFunction::Min
                    | AggregateFunction::Max
                    | AggregateFunction::Lower(_)
                    | AggregateFunction::Upper(_) => value.wide,
                };
                let ordered = !matches!(function, AggregateFunction::Count | AggregateFunction::Sum);
                let value = if ordered { self.by_bytes(argument, value.tree) } else { value.tree };
                Ok(Operand { wide, ..Operand::plain(self.spelling.aggregate(function, value, ty, &rows)?) })
            }
        }
    }

    fn window(&self, window: &Window) -> Result<Operand, String> {
        let partition_by = window
            .partition
            .iter()
            .map(|key| Ok(self.pinned(key)?.tree))
            .collect::<Result<Vec<_>, String>>()?;
        if window.before && (window.aggregate.is_none() || window.order.is_empty()) {
            return Err("a window of the rows before has no aggregate or no order".to_owned());
        }
        // An order would cut the frame of an aggregate that takes in its whole partition.
        let whole = window.aggregate.is_some() && !window.before;
        let order: &[Order] = if whole { &[] } else { &window.order };
        let order_by = order.iter().map(|key| self.order(key)).collect::<Result<Vec<_>, _>>()?;
        let window_frame = window.before.then(|| WindowFrame {
            units: WindowFrameUnits::Rows,
            start_bound: WindowFrameBound::Preceding(None),
            end_bound: Some(WindowFrameBound::Preceding(Some(Box::new(tree::number("1"))))),
        });
        let spec = WindowSpec { window_name: None, partition_by, order_by, window_frame };
        if let Some(aggregate) = &window.aggregate {
            return self.aggregate(aggregate, Some(spec));
        }
        let rows = Rows { over: Some(spec), ..Rows::default() };
        Ok(Operand::plain(rows.of("row_number", Vec::new())))
    }
}

/// Whether an aggregate or a window function is in an expression.
fn of_rows(expr: &plan::Expr) -> bool {
    match expr {
        plan::Expr::Column { .. } | plan::Expr::Literal(..) => false,
        plan::Expr::And(all) | plan::Expr::Or(all) | plan::Expr::Call(_, all) => all.iter().any(of_rows),
        plan::Expr::InStep { values, .. } => values.iter().any(of_rows),
        plan::Expr::Not(one)
        | plan::Expr::IsNull(one)
        | plan::Expr::IsTrue(one)
        | plan::Expr::InValues(one, ..) => of_rows(one),
        plan::Expr::Compare(_, left, right) => of_rows(left) || of_rows(right),
        plan::Expr::Case { arms, otherwise } => {
            arms.iter().any(|(when, then)| of_rows(when) || of_rows(then)) || of_rows(otherwise)
        }
        plan::Expr::Aggregate(_) | plan::Expr::Window(_) => true,
    }
}

fn false_when_null(condition: Expr) -> Expr {
    tree::call("coalesce", vec![condition, Expr::value(Token::Boolean(false))])
}
