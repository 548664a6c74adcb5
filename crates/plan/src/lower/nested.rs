//! Nested columns: the rows that are shown of a row.
//!
//! Engines give flat rows. So a row of the table is as many raw rows as it has nested ones, at least one for
//! each nested column, and `release` puts them together again: they have the same key and stand one after
//! the other. Of several nested columns each has raw rows of its own, so that they do not multiply.

use super::block::Block;
use super::expression::of_type;
use super::rows::LegRows;
use super::{Lowering, block_of, from};
use crate::expr::{Expr, Type};
use crate::step::{Body, Join, JoinKind, Select, StepId};
use types::{Nested, Table};

/// A nested column on its way: its rows, and the names and types of its columns and keys in them.
pub(crate) struct Leg {
    rows: LegRows,
    columns: Vec<(String, Type)>,
}

/// The first key of the rows of a nested column, which tells that a row is there.
pub(crate) fn present(number: usize) -> String {
    format!("nested_{number}_key_1")
}

/// A value of a nested column.
pub(crate) fn value(number: usize, column: usize) -> String {
    format!("nested_{number}_value_{column}")
}

impl Lowering<'_> {
    /// The rows of each nested column of a table, around the rows of its block.
    pub(crate) fn nested_legs(&mut self, block: &mut Block, table: &Table) -> Vec<Leg> {
        table.nested.iter().zip(1..).map(|(nested, number)| self.nested_leg(block, nested, number)).collect()
    }

    fn nested_leg(&mut self, block: &mut Block, nested: &Nested, number: usize) -> Leg {
        let last = nested.rows.steps.last().map(|step| step.row.clone());
        let mut names = Vec::new();
        let reads: Vec<&types::Expr> = nested.columns.iter().map(|(_, value)| value).collect();
        let rows = self.leg_rows(block, &nested.rows, &reads, |lowering, inner| {
            let mut columns = Vec::new();
            for ((_, of), column) in nested.columns.iter().zip(1..) {
                columns.push((value(number, column), lowering.expr(inner, of)));
            }
            // Every step on the way tells one row from another.
            let mut keys = Vec::new();
            for step in nested.rows.steps.iter().rev() {
                keys.extend(lowering.key_of(inner, &step.row));
            }
            for (key, at) in keys.into_iter().zip(1..) {
                columns.push((format!("nested_{number}_key_{at}"), key));
            }
            names = columns.iter().map(|(name, expr)| (name.clone(), expr.ty())).collect();
            columns
        });
        debug_assert!(last.is_some(), "rows have a step");
        Leg { rows, columns: names }
    }

    /// The rows of a table beside those of its nested columns.
    pub(crate) fn with_nested(&mut self, table: &Table, rows: StepId, legs: &[Leg]) -> StepId {
        let outer: Vec<(String, Type)> = self.columns(rows).to_vec();
        let mut parts = Vec::new();
        for (at, leg) in legs.iter().enumerate() {
            let mut columns: Vec<(String, Expr)> =
                outer.iter().map(|(name, ty)| (name.clone(), Expr::column("row", name, *ty))).collect();
            columns.push(("part".to_owned(), Expr::int(i64::try_from(at).unwrap_or(i64::MAX))));
            for (other, of) in legs.iter().enumerate() {
                columns.extend(of.columns.iter().map(|(name, ty)| {
                    let value = if other == at { Expr::column("nested", name, *ty) } else { Expr::null(*ty) };
                    (name.clone(), value)
                }));
            }
            let keys = leg.rows.key.iter().zip(1..).map(|((name, ty), number)| {
                Expr::equal(
                    Expr::column("nested", name, *ty),
                    Expr::column("row", &format!("key_{number}"), *ty),
                )
            });
            let on = Expr::and(keys.chain([Expr::column("nested", "test", Type::Bool)]).collect::<Vec<_>>());
            let join = Join { kind: JoinKind::Left, source: from(leg.rows.step, "nested"), on };
            parts.push(Select { joins: vec![join], ..block_of(from(rows, "row"), columns) });
        }
        let body = if parts.len() == 1 { Body::Select(parts.remove(0)) } else { Body::UnionAll(parts) };
        self.step(
            &format!("{}_result", table.name),
            format!("table {}: its rows with theirs", table.name),
            body,
        )
    }

    /// What the nested columns are, for release.
    pub(crate) fn nested_shape(
        table: &Table,
        raw: impl Fn(&str) -> crate::shape::Raw,
    ) -> Vec<crate::shape::Nested> {
        let of = |(nested, number): (&Nested, usize)| crate::shape::Nested {
            present: raw(&present(number)),
            columns: nested
                .columns
                .iter()
                .zip(1..)
                .map(|((name, of), column)| crate::shape::NestedColumn {
                    name: name.clone(),
                    ty: of_type(&of.ty),
                    unit: match &of.ty {
                        types::Type::Quantity(unit) => Some(unit.clone()),
                        _ => None,
                    },
                    value: raw(&value(number, column)),
                })
                .collect(),
        };
        table.nested.iter().zip(1..).map(of).collect()
    }
}
