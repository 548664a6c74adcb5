//! `frequency`: allele counts over the long table of calls (language.md section 4, genotypes.md
//! sections 1, 3 and 5).
//!
//! The way: the alleles (filtered, and carried by somebody permitted or named), the people with the
//! copies each is expected to have, the records that say which call set looked at an allele, the
//! calls of those people, and last the counts of each allele in each group. Groups without an
//! eligible person and alleles without a call are rows too. The packed path will replace the step of
//! calls and nothing else.

mod counts;
mod members;
mod named;
mod speaks;

use super::block::Block;
use super::groups::{KeyPlan, label_column, raw_of, shown_into};
use super::{Lowering, block_of, from, named};
use crate::expr::{Expr, Function, Order, Type, Value};
use crate::shape::{Cell, Frequency, FrequencyField, Raw, Shape};
use crate::step::{Body, Join, JoinKind, Plan, Select, StepId};
use members::class_of;
pub(crate) use named::named_by_rules;
use types::{Allele, GroupCell, Table};

pub(super) const TWO: i64 = 0;
pub(super) const ON_X: i64 = 1;
pub(super) const ON_Y: i64 = 2;
pub(super) const ONE: i64 = 3;

pub(super) fn word(alias: &str, column: &str) -> Expr {
    Expr::column(alias, column, Type::Text)
}

pub(super) fn int(alias: &str, column: &str) -> Expr {
    Expr::column(alias, column, Type::Int)
}

pub(super) fn case(arms: Vec<(Expr, Expr)>, otherwise: Expr) -> Expr {
    Expr::Case { arms, otherwise: Box::new(otherwise) }
}

pub(super) fn inner(source: crate::Source, on: impl IntoIterator<Item = Expr>) -> Join {
    Join { kind: JoinKind::Inner, source, on: Expr::and(on) }
}

pub(super) fn left(source: crate::Source, on: impl IntoIterator<Item = Expr>) -> Join {
    Join { kind: JoinKind::Left, source, on: Expr::and(on) }
}

pub(super) fn add(a: Expr, b: Expr) -> Expr {
    Expr::Call(Function::AddInt, vec![a, b])
}

pub(super) fn subtract(a: Expr, b: Expr) -> Expr {
    Expr::Call(Function::SubtractInt, vec![a, b])
}

pub(super) fn zero(value: Expr) -> Expr {
    Expr::Call(Function::Coalesce, vec![value, Expr::int(0)])
}

pub(super) fn is_one_of(value: Expr, values: &[i64]) -> Expr {
    Expr::InValues(Box::new(value), values.iter().copied().map(Value::Int).collect(), Type::Int)
}

impl Lowering<'_> {
    pub(crate) fn frequency(
        &mut self,
        table: &Table,
        frequency: &types::Frequency,
        values: &[types::Expr],
        named_alleles: &[Allele],
    ) -> Plan {
        let alleles = self.alleles(table, values, named_alleles);
        let (people, keys) = self.counted_people(table, frequency);
        let domains = self.domains(table, &keys);
        let grouped = self.group_counts(table, alleles, people, &keys, &domains);
        let mut parts = vec![grouped];
        if frequency.totals && !keys.is_empty() {
            parts.push(self.group_counts(table, alleles, people, &[], &[]));
        }
        self.frequency_result(table, frequency, values, alleles, (&keys, &domains), &parts)
    }

    /// The values of keys with a closed domain: the place of each key, and its step.
    fn domains(&mut self, table: &Table, keys: &[KeyPlan]) -> Vec<(usize, StepId)> {
        let mut domains = Vec::new();
        for (at, key) in keys.iter().enumerate() {
            let Some(places) = &key.closed else { continue };
            let rows = places
                .iter()
                .map(|(place, label)| {
                    vec![Value::Int(*place), label.clone().map_or(Value::Null, Value::Text)]
                })
                .collect();
            let step = self.step(
                &format!("{}_{}", table.name, key.column),
                "the values that this key can have",
                Body::Values(rows),
            );
            if let Some(step) = self.steps.get_mut(step.0 as usize) {
                step.columns = vec![("place".to_owned(), Type::Int), ("label".to_owned(), Type::Text)];
            }
            domains.push((at, step));
        }
        domains
    }

    /// Alleles that the rules keep, carried by somebody permitted or named by a literal.
    pub(crate) fn alleles(
        &mut self,
        table: &Table,
        values: &[types::Expr],
        named_alleles: &[Allele],
    ) -> StepId {
        self.entities.insert(table.row.id, table.row.entity);
        let mut block = Block::over(self, &table.row);
        let variants = self.guarded(table.row.entity);
        block.from = from(self.with_named(variants, named_alleles), block.from.alias());
        let mut filter = Vec::new();
        for rule in &table.rules {
            filter.push(self.expr(&mut block, &rule.condition));
        }
        let is_named = if named_alleles.is_empty() {
            Expr::bool(false)
        } else {
            let one_of = types::Expr {
                kind: types::Kind::IsAllele(table.row.clone(), named_alleles.to_vec()),
                ty: types::Type::Bool,
                label: model::ColumnLabel::Public,
                range: text_range(),
            };
            self.expr(&mut block, &one_of)
        };
        let in_release = self.in_public_release(&mut block, &table.row);
        let mut columns = named([
            ("variant_id", int("variant", "variant_id")),
            ("build", word("variant", "build")),
            ("contig", word("variant", "contig")),
            ("position", int("variant", "position")),
            ("ref", word("variant", "ref")),
            ("alt", word("variant", "alt")),
            ("class", class_of("variant")),
            ("named", is_named),
            ("in_release", in_release),
        ]);
        for (value, number) in values.iter().zip(1..) {
            let expr = self.expr(&mut block, value);
            columns.push((format!("value_{number}"), expr));
        }
        let select = block.select(columns, filter);
        let candidates =
            self.select(&format!("{}_candidates", table.name), "alleles that the rules keep", select);
        let carried = self.carried();
        let carriers = Select {
            distinct: true,
            joins: vec![inner(
                from(candidates, "candidate"),
                [Expr::equal(int("candidate", "variant_id"), int("carried", "variant_id"))],
            )],
            ..block_of(
                from(carried, "carried"),
                vec![("variant_id".to_owned(), int("carried", "variant_id"))],
            )
        };
        let carriers = self.select(
            &format!("{}_carried", table.name),
            "those that somebody permitted carries",
            carriers,
        );
        let columns: Vec<(String, Expr)> = self
            .columns(candidates)
            .iter()
            .map(|(name, ty)| (name.clone(), Expr::column("candidate", name, *ty)))
            .collect();
        let kept = Expr::Or(vec![
            Expr::column("candidate", "named", Type::Bool),
            Expr::InStep {
                values: vec![int("candidate", "variant_id")],
                step: carriers,
                columns: vec!["variant_id".to_owned()],
            },
        ]);
        let select = Select { filter: Some(kept), ..block_of(from(candidates, "candidate"), columns) };
        self.select(&format!("{}_alleles", table.name), "the alleles of the table", select)
    }

    /// Whether a public release holds the allele, so that listing it says nothing new.
    pub(crate) fn in_public_release(&mut self, block: &mut Block, row: &types::Row) -> Expr {
        let entity = self.model.entity(row.entity).clone();
        let Some(relation) = entity.find_relation("gnomad") else { return Expr::bool(false) };
        let target = entity.relation(relation).target;
        let hop = row.hop(relation, target);
        let key = self.model.entity(target).key.first().copied();
        match key {
            Some(key) => {
                let alias = self.row_alias(block, &hop);
                let declared = self.model.entity(target).column(key);
                Expr::column(&alias, &declared.name, super::guard::of_column(&declared.ty)).is_known()
            }
            None => Expr::bool(false),
        }
    }

    /// The people who are counted: their memberships with keys.
    pub(crate) fn counted_people(
        &mut self,
        table: &Table,
        frequency: &types::Frequency,
    ) -> (StepId, Vec<KeyPlan>) {
        self.entities.insert(frequency.row.id, frequency.row.entity);
        let mut block = if frequency.samples {
            Block::over(self, &frequency.row)
        } else {
            self.people(&frequency.row, frequency.cohort)
        };
        let mut filter = Vec::new();
        for condition in &frequency.conditions {
            filter.push(self.expr(&mut block, condition));
        }
        let (keys, key_columns) = self.keys(&mut block, &frequency.keys);
        let members = self.members();
        let own = block.key.first().cloned().unwrap_or_else(|| Expr::null(Type::Text));
        let column = if frequency.samples { "sample_id" } else { "subject_id" };
        // One sample speaks for a subject, also where samples are counted.
        let on = vec![Expr::equal(word("member", column), own), Expr::column("member", "chosen", Type::Bool)];
        block.join(JoinKind::Inner, from(members, "member"), Expr::and(on));
        let mut columns = named([
            ("call_set_id", int("member", "call_set_id")),
            ("ordinal", int("member", "ordinal")),
            ("subject_id", word("member", "subject_id")),
            ("copies_x", int("member", "copies_x")),
            ("copies_y", int("member", "copies_y")),
        ]);
        columns.extend(key_columns);
        let select = block.select(columns, filter);
        (
            self.select(&format!("{}_people", table.name), "the people who are counted, by call set", select),
            keys,
        )
    }

    /// The result: values of the allele, labels of keys, counts.
    pub(crate) fn frequency_result(
        &mut self,
        table: &Table,
        frequency: &types::Frequency,
        values: &[types::Expr],
        alleles: StepId,
        (keys, domains): (&[KeyPlan], &[(usize, StepId)]),
        parts: &[StepId],
    ) -> Plan {
        let fields = ["people", "ac", "an", "het", "hom", "hemi", "carriers", "missing"];
        let allele_columns: Vec<(String, Type)> =
            self.columns(alleles).iter().filter(|(name, _)| name.starts_with("value_")).cloned().collect();
        let mut selects = Vec::new();
        for (part, total) in parts.iter().zip([false, true]) {
            let mut joins = vec![inner(
                from(alleles, "allele"),
                [Expr::equal(int("allele", "variant_id"), int("counts", "variant_id"))],
            )];
            let mut columns: Vec<(String, Expr)> = allele_columns
                .iter()
                .map(|(name, ty)| (name.clone(), Expr::column("allele", name, *ty)))
                .collect();
            columns.extend(named([
                ("build", word("allele", "build")),
                ("contig", word("allele", "contig")),
                ("position", int("allele", "position")),
                ("ref", word("allele", "ref")),
                ("alt", word("allele", "alt")),
                ("variant_id", int("allele", "variant_id")),
            ]));
            for (at, key) in keys.iter().enumerate() {
                let domain = domains.iter().find(|(of, _)| *of == at).map(|(_, step)| *step);
                match (domain, total) {
                    (Some(step), false) => {
                        joins.push(inner(
                            from(step, &key.column),
                            [Expr::equal(int(&key.column, "place"), int("counts", &key.column))],
                        ));
                        columns.push((key.column.clone(), int(&key.column, "place")));
                        columns.push((label_column(key), word(&key.column, "label")));
                    }
                    (Some(_), true) => {
                        columns.push((key.column.clone(), Expr::null(Type::Int)));
                        columns.push((label_column(key), Expr::null(Type::Text)));
                    }
                    (None, false) => {
                        columns.push((label_column(key), Expr::column("counts", &key.column, key.ty)));
                    }
                    (None, true) => columns.push((label_column(key), Expr::null(key.ty))),
                }
            }
            columns.extend(fields.iter().map(|field| ((*field).to_owned(), int("counts", field))));
            columns.push((
                "listed".to_owned(),
                Expr::Or(vec![
                    Expr::column("allele", "named", Type::Bool),
                    Expr::column("allele", "in_release", Type::Bool),
                ]),
            ));
            columns.push(("total".to_owned(), Expr::bool(total)));
            selects.push(Select { joins, ..block_of(from(*part, "counts"), columns) });
        }
        let has_totals = selects.len() > 1;
        let body = if selects.len() == 1 { Body::Select(selects.remove(0)) } else { Body::UnionAll(selects) };
        let name = format!("{}_result", table.name);
        let result = self.step(&name, format!("table {}", table.name), body);
        let columns = self.columns(result).to_vec();
        let raw = |column: &str| raw_of(&columns, column);
        let mut shape = Shape {
            people: Some(raw("people")),
            totals: has_totals.then(|| raw("total")),
            open_keys: keys
                .iter()
                .filter(|key| key.closed.is_none())
                .map(|key| raw(&label_column(key)))
                .collect(),
            raw: columns.clone(),
            ..Shape::default()
        };
        shape.disjoint = true;
        shape.frequencies.push(Frequency {
            name: frequency.name.clone(),
            people: raw("people"),
            ac: raw("ac"),
            an: raw("an"),
            het: raw("het"),
            hom: raw("hom"),
            hemi: raw("hemi"),
            carriers: raw("carriers"),
            missing: raw("missing"),
            listed: raw("listed"),
        });
        let cell = |cell: &GroupCell| -> Cell {
            match cell {
                GroupCell::Key(at) => {
                    Cell::Key(keys.get(*at as usize).map_or(Raw(0), |key| raw(&label_column(key))))
                }
                GroupCell::Value(at) => Cell::Key(raw(&format!("value_{}", at + 1))),
                GroupCell::Frequency(field) => Cell::Frequency { record: 0, field: field_of(*field) },
                GroupCell::Aggregate { .. } => Cell::Key(Raw(0)),
            }
        };
        shown_into(&mut shape, table, &cell);
        let _ = values;
        let ascending = |key: Expr| Order { key, descending: false, nulls_first: false };
        let mut order: Vec<Order> = ["build", "contig", "position", "ref", "alt", "variant_id", "total"]
            .iter()
            .map(|column| ascending(self.column(result, &name, column)))
            .collect();
        for key in keys {
            let column = if key.closed.is_some() { key.column.clone() } else { label_column(key) };
            order.push(ascending(self.column(result, &name, &column)));
        }
        self.finished(result, order, shape)
    }
}

fn field_of(field: types::FrequencyField) -> FrequencyField {
    match field {
        types::FrequencyField::Ac => FrequencyField::Ac,
        types::FrequencyField::An => FrequencyField::An,
        types::FrequencyField::Af => FrequencyField::Af,
        types::FrequencyField::Het => FrequencyField::Het,
        types::FrequencyField::Hom => FrequencyField::Hom,
        types::FrequencyField::Hemi => FrequencyField::Hemi,
        types::FrequencyField::Carriers => FrequencyField::Carriers,
        types::FrequencyField::Missing => FrequencyField::Missing,
        types::FrequencyField::CallRate => FrequencyField::CallRate,
        types::FrequencyField::People => FrequencyField::People,
        types::FrequencyField::Faf95 => FrequencyField::Faf95,
    }
}

/// A place for expressions that the lowering itself makes.
pub(super) fn text_range() -> text::Range {
    text::Range::new(text::FileId(0), 0, 0)
}
