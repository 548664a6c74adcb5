//! Membership in what was released of another table: its values are literal rows of a step.

use super::Lowering;
use super::block::Block;
use super::expression::of_type;
use crate::expr::{Expr, Type, Value};
use crate::step::{Body, StepId};
use types::TableId;

impl Lowering<'_> {
    /// True when a released row has the value; null when the value is null, and when none has it and one
    /// may have it; else false.
    pub(crate) fn in_table(
        &mut self,
        block: &mut Block,
        value: &types::Expr,
        table: TableId,
        column: u32,
    ) -> Expr {
        let ty = of_type(&value.ty);
        let value = self.expr(block, value);
        let (step, name) = self.released_step(table, column, ty);
        let found = Expr::InStep { values: vec![value.clone()], step, columns: vec![name] };
        let withheld = self.released.get(&(table, column)).is_some_and(|column| column.withheld);
        let unknown = Expr::null(Type::Bool);
        let mut arms = vec![(value.is_null(), unknown.clone())];
        if !withheld {
            return Expr::Case { arms, otherwise: Box::new(found) };
        }
        arms.push((found, Expr::bool(true)));
        Expr::Case { arms, otherwise: Box::new(unknown) }
    }

    /// The step that holds the released values, and its column.
    fn released_step(&mut self, table: TableId, column: u32, ty: Type) -> (StepId, String) {
        let of = self.query.tables.get(table.0 as usize);
        let shown = of.and_then(|of| of.shown.get(column as usize));
        let name = shown.map_or_else(|| "value".to_owned(), |shown| shown.name.clone());
        if let Some(step) = self.columns_read.get(&(table, column)) {
            return (*step, name);
        }
        let table_name = of.map_or("", |of| of.name.as_str());
        let known = self.released.get(&(table, column));
        let mut values: Vec<Value> = known.map(|known| known.values.clone()).unwrap_or_default();
        values.sort();
        values.dedup();
        let comment = match known {
            Some(known) if known.withheld => {
                format!("what was released of {table_name}.{name}; something of it is withheld")
            }
            Some(_) => format!("what was released of {table_name}.{name}"),
            None => format!("what is released of {table_name}.{name}, which runs before this"),
        };
        let rows = values.into_iter().map(|value| vec![value]).collect();
        let step = self.step(table_name, comment, Body::Values(rows));
        self.set_columns(step, vec![(name.clone(), ty)]);
        self.columns_read.insert((table, column), step);
        (step, name)
    }
}
