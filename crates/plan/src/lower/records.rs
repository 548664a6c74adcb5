//! Tables without groups: a row per row of the source, at level record, or of public rows.

use super::block::Block;
use super::frequency::named_by_rules;
use super::groups::{raw_of, shown_into};
use super::{Lowering, block_of, from};
use crate::expr::{Expr, Order, Type};
use crate::shape::{Cell, Raw, Shape};
use crate::step::{Plan, Select};
use types::{GroupCell, Kind, Table};

impl Lowering<'_> {
    pub(crate) fn records(&mut self, table: &Table, values: &[types::Expr]) -> Plan {
        let mut block = self.source(table);
        if self.model.entity(table.row.entity).name == "variant" {
            let variants = self.guarded(table.row.entity);
            let named = self.with_named(variants, &named_by_rules(&table.rules));
            block.from = from(named, block.from.alias());
        }
        let (mut block, mut filter) = self.kept_rows(table, block);
        if self.model.entity(table.row.entity).name == "variant" {
            filter.push(self.carried_or_named(&mut block, table));
        }
        let mut columns: Vec<(String, Expr)> = Vec::new();
        for (value, number) in values.iter().zip(1..) {
            let expr = self.expr(&mut block, value);
            columns.push((format!("value_{number}"), expr));
        }
        // The key makes the order total; it is not shown.
        let keys: Vec<(String, Expr)> =
            block.key.iter().zip(1..).map(|(key, number)| (format!("key_{number}"), key.clone())).collect();
        let subjects = self.people_of(&mut block, table);
        let people = subjects.first().cloned();
        columns.extend(keys.iter().cloned());
        if let Some(person) = people {
            columns.push(("person".to_owned(), person));
        }
        let legs = self.nested_legs(&mut block, table);
        let select = block.select(columns, filter);
        let what = if legs.is_empty() { "result" } else { "rows" };
        let name = format!("{}_{what}", table.name);
        let mut result = self.select(&name, format!("table {}", table.name), select);
        if !legs.is_empty() {
            result = self.with_nested(table, result, &legs);
        }
        let columns: Vec<(String, Type)> = self.columns(result).to_vec();
        let public = self.subjects_of_entity_is_empty(table);
        let nested = Self::nested_shape(table, |name| raw_of(&columns, name));
        let same_row = if nested.is_empty() { &[] } else { keys.as_slice() };
        let same_row = same_row.iter().map(|(name, _)| raw_of(&columns, name)).collect();
        let mut shape =
            Shape { records: !public, raw: columns.clone(), nested, same_row, ..Shape::default() };
        let cell = |cell: &GroupCell| -> Cell {
            if let GroupCell::Nested(at) = cell {
                return Cell::Nested(*at);
            }
            let GroupCell::Value(at) = cell else { return Cell::Key(Raw(0)) };
            let raw = raw_of(&columns, &format!("value_{}", at + 1));
            let Some(value) = values.get(*at as usize) else { return Cell::Key(raw) };
            if value.label == model::ColumnLabel::Identifier || is_person_key(value) {
                Cell::Pseudonym(raw)
            } else if public {
                Cell::Key(raw)
            } else {
                Cell::Value(raw)
            }
        };
        shown_into(&mut shape, table, &cell);
        let mut order: Vec<Order> = Vec::new();
        let names: Vec<String> = columns
            .iter()
            .map(|(name, _)| name.clone())
            .filter(|name| {
                ["value_", "key_", "nested_"].iter().any(|start| name.starts_with(start)) || name == "part"
            })
            .collect();
        for column in names {
            order.push(Order {
                key: self.column(result, &name, &column),
                descending: false,
                nulls_first: false,
            });
        }
        self.finished(result, order, shape)
    }

    /// `variants` as a source holds the alleles that somebody permitted carries, and those that the rules
    /// name by a literal (language.md, section 4).
    fn carried_or_named(&mut self, block: &mut Block, table: &Table) -> Expr {
        let carried = self.carried();
        let id = |alias: &str| Expr::column(alias, "variant_id", Type::Int);
        let select = Select {
            distinct: true,
            ..block_of(from(carried, "carried"), vec![("variant_id".to_owned(), id("carried"))])
        };
        let known = self.select(
            &format!("{}_carried", table.name),
            "alleles that somebody permitted carries",
            select,
        );
        let of_row = self.key_of(block, &table.row);
        let mut tests =
            vec![Expr::InStep { values: of_row, step: known, columns: vec!["variant_id".to_owned()] }];
        let named = named_by_rules(&table.rules);
        if !named.is_empty() {
            tests.push(self.is_allele(block, &table.row, &named));
        }
        Expr::Or(tests)
    }

    fn subjects_of_entity_is_empty(&self, table: &Table) -> bool {
        matches!(self.model.entity(table.row.entity).linkage, model::Linkage::Public)
    }
}

/// Whether a shown value is the key of a person's row, which leaves as a pseudonym.
fn is_person_key(value: &types::Expr) -> bool {
    matches!(value.kind, Kind::Key(_)) && value.ty == types::Type::Id
}
