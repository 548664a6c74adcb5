//! One row of many, and one number of many.

use super::leg::{key_columns, key_exprs, step_name};
use crate::expr::{AggregateFunction, Expr, Function, Order, Type, Value, Window};
use crate::lower::block::Block;
use crate::lower::{Lowering, block_of, from};
use crate::step::Select;
use types::{Fraction, PickOrder, Rows};

impl Lowering<'_> {
    /// A value of the nth row of an order.
    pub(crate) fn pick(
        &mut self,
        block: &mut Block,
        rows: &Rows,
        order: &PickOrder,
        value: &types::Expr,
    ) -> Expr {
        let Some(row) = rows.steps.last().map(|step| step.row.clone()) else { return Expr::null(Type::Text) };
        let ty = crate::lower::expression::of_type(&value.ty);
        let mut orders: Vec<(String, bool)> = Vec::new();
        let reads: Vec<&types::Expr> = order.by.as_deref().into_iter().chain([value]).collect();
        let leg = self.leg_rows(block, rows, &reads, |lowering, inner| {
            let mut columns = vec![("value".to_owned(), lowering.expr(inner, value))];
            let mut keys = Vec::new();
            match &order.by {
                Some(by) => {
                    let key = lowering.expr(inner, by);
                    let key = match &by.ty {
                        types::Type::Enum(list) if list.ordered => {
                            crate::lower::expression::ordinal(&list.members, key)
                        }
                        _ => key,
                    };
                    keys.push(key);
                }
                None => {
                    keys.push(lowering.date_of(inner, &row));
                    // Of a partial date the lower bound, then the upper one.
                    let latest = lowering.model.entity(row.entity).dated_by.and_then(|dated| dated.latest);
                    if let Some(latest) = latest.filter(|_| !lowering.episodes.contains(&row.id)) {
                        keys.push(lowering.column_of(inner, &row, latest));
                    }
                    keys.extend(lowering.end_of(inner, &row));
                }
            }
            let entity = lowering.model.entity(row.entity).clone();
            // Two episodes of one row around never begin on the same day.
            let ties = if lowering.episodes.contains(&row.id) { &[] } else { entity.columns.as_slice() };
            for (at, column) in ties.iter().enumerate() {
                if column.ty != model::ColumnType::Bytes {
                    let id = model::ColumnId(u32::try_from(at).unwrap_or(0));
                    keys.push(lowering.column_of(inner, &row, id));
                }
            }
            for (at, key) in keys.into_iter().enumerate() {
                let name = format!("by_{}", at + 1);
                orders.push((name.clone(), order.descending));
                columns.push((name, key));
            }
            columns
        });
        let types_of: Vec<(String, Type)> = self.columns(leg.step).to_vec();
        let ty_of =
            |name: &str| types_of.iter().find(|(known, _)| known == name).map_or(Type::Text, |(_, ty)| *ty);
        let order_keys = orders
            .iter()
            .map(|(name, descending)| Order {
                key: Expr::column("row", name, ty_of(name)),
                descending: *descending,
                nulls_first: false,
            })
            .collect();
        let mut columns = key_columns(&leg, "row");
        columns.push(("value".to_owned(), Expr::column("row", "value", ty)));
        columns.push((
            "nth".to_owned(),
            Expr::Window(Box::new(Window {
                aggregate: None,
                before: false,
                partition: key_exprs(&leg, "row"),
                order: order_keys,
            })),
        ));
        let ranked = Select {
            filter: Some(Expr::column("row", "test", Type::Bool)),
            ..block_of(from(leg.step, "row"), columns)
        };
        let ranked =
            self.select(&step_name(&rows.words, "ranked"), format!("{} in order", rows.words), ranked);
        let mut columns = key_columns(&leg, "row");
        columns.push(("value".to_owned(), Expr::column("row", "value", ty)));
        let picked = Select {
            filter: Some(Expr::equal(Expr::column("row", "nth", Type::Int), Expr::int(order.nth))),
            ..block_of(from(ranked, "row"), columns)
        };
        let picked = self.select(&step_name(&rows.words, "picked"), "the one that is meant", picked);
        let alias = self.join_leg(block, &leg, picked);
        Expr::column(&alias, "value", ty)
    }

    /// An aggregate over rows, for the row around.
    pub(crate) fn aggregate_of(
        &mut self,
        block: &mut Block,
        function: types::AggregateFunction,
        rows: &Rows,
        argument: Option<&types::Expr>,
        filter: Option<&types::Expr>,
    ) -> Expr {
        let reads: Vec<&types::Expr> = argument.into_iter().chain(filter).collect();
        let leg = self.leg_rows(block, rows, &reads, |lowering, inner| {
            let mut columns = Vec::new();
            if let Some(argument) = argument {
                columns.push(("value".to_owned(), lowering.expr(inner, argument)));
            }
            if let Some(filter) = filter {
                columns.push(("kept".to_owned(), lowering.expr(inner, filter)));
            }
            columns
        });
        let mut tests = vec![Expr::column("row", "test", Type::Bool)];
        if filter.is_some() {
            tests.push(Expr::column("row", "kept", Type::Bool));
        }
        let ty = argument.map_or(Type::Int, |argument| crate::lower::expression::of_type(&argument.ty));
        let value = Expr::column("row", "value", ty);
        let over = |function| Expr::aggregate(function, value.clone());
        let decimal =
            |expr: Expr| if ty == Type::Int { Expr::Call(Function::IntToDecimal, vec![expr]) } else { expr };
        // The mean of the lower and the upper value at a share.
        let half_way = |share| {
            let ends = [AggregateFunction::Lower(share), AggregateFunction::Upper(share)];
            let sum = Expr::Call(Function::AddDecimal, ends.map(|end| decimal(over(end))).to_vec());
            let half = Expr::Literal(Value::Decimal(500_000_000_000), Type::Decimal);
            Expr::Call(Function::MultiplyDecimal, vec![sum, half])
        };
        let result = match function {
            types::AggregateFunction::Count => match argument {
                None => Expr::count(None),
                Some(_) => over(AggregateFunction::Count),
            },
            types::AggregateFunction::Sum => over(AggregateFunction::Sum),
            types::AggregateFunction::Min => over(AggregateFunction::Min),
            types::AggregateFunction::Max => over(AggregateFunction::Max),
            types::AggregateFunction::Mean
            | types::AggregateFunction::Share
            | types::AggregateFunction::Wilson => Expr::Call(
                Function::DivideDecimal,
                vec![
                    decimal(over(AggregateFunction::Sum)),
                    Expr::Call(Function::IntToDecimal, vec![over(AggregateFunction::Count)]),
                ],
            ),
            types::AggregateFunction::Median => half_way(Fraction::HALF),
            types::AggregateFunction::Quantile(share) => half_way(share),
        };
        let result_ty = result.ty();
        let mut columns = key_columns(&leg, "row");
        columns.push(("value".to_owned(), result));
        let select = Select {
            filter: Some(Expr::and(tests)),
            group: Some(key_exprs(&leg, "row")),
            ..block_of(from(leg.step, "row"), columns)
        };
        let step = self.select(
            &step_name(&rows.words, "total"),
            format!("{}: one value per row around", rows.words),
            select,
        );
        let alias = self.join_leg(block, &leg, step);
        let found = Expr::column(&alias, "value", result_ty);
        if function == types::AggregateFunction::Count {
            return Expr::Call(Function::Coalesce, vec![found, Expr::int(0)]);
        }
        found
    }
}
