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
mod pooled;
mod result;
mod speaks;

use super::block::Block;
use super::groups::{KeyPlan, label_column};
use super::{Lowering, block_of, from, named};
use crate::expr::{Expr, Function, Type, Value};
use crate::shape::FrequencyField;
use crate::step::{Body, Join, JoinKind, Plan, Select, StepId};
use counts::Groups;
pub(crate) use members::{class_of, copies};
pub(crate) use named::named_by_rules;
use result::Part;
use types::{Allele, Table};

pub(crate) const TWO: i64 = 0;
pub(crate) const ON_X: i64 = 1;
pub(crate) const ON_Y: i64 = 2;
pub(crate) const ONE: i64 = 3;

pub(crate) fn word(alias: &str, column: &str) -> Expr {
    Expr::column(alias, column, Type::Text)
}

pub(crate) fn int(alias: &str, column: &str) -> Expr {
    Expr::column(alias, column, Type::Int)
}

pub(crate) fn case(arms: Vec<(Expr, Expr)>, otherwise: Expr) -> Expr {
    Expr::Case { arms, otherwise: Box::new(otherwise) }
}

pub(crate) fn inner(source: crate::Source, on: impl IntoIterator<Item = Expr>) -> Join {
    Join { kind: JoinKind::Inner, source, on: Expr::and(on) }
}

pub(crate) fn left(source: crate::Source, on: impl IntoIterator<Item = Expr>) -> Join {
    Join { kind: JoinKind::Left, source, on: Expr::and(on) }
}

/// The key columns of a part of a result, read from `alias`: of a closed domain its place and its label,
/// of an open key its value; null in the part of all groups together.
pub(super) fn keyed(
    (keys, domains): (&[KeyPlan], &[(usize, StepId)]),
    total: bool,
    alias: &str,
    joins: &mut Vec<Join>,
    columns: &mut Vec<(String, Expr)>,
) {
    for (at, key) in keys.iter().enumerate() {
        let domain = domains.iter().find(|(of, _)| *of == at).map(|(_, step)| *step);
        match (domain, total) {
            (Some(step), false) => {
                joins.push(inner(
                    from(step, &key.column),
                    [Expr::equal(int(&key.column, "place"), int(alias, &key.column))],
                ));
                columns.push((key.column.clone(), int(&key.column, "place")));
                columns.push((label_column(key), word(&key.column, "label")));
            }
            (Some(_), true) => {
                columns.push((key.column.clone(), Expr::null(Type::Int)));
                columns.push((label_column(key), Expr::null(Type::Text)));
            }
            (None, false) => columns.push((label_column(key), Expr::column(alias, &key.column, key.ty))),
            (None, true) => columns.push((label_column(key), Expr::null(key.ty))),
        }
    }
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

pub(crate) fn is_one_of(value: Expr, values: &[i64]) -> Expr {
    Expr::InValues(Box::new(value), values.iter().copied().map(Value::Int).collect(), Type::Int)
}

/// A frequency on its way.
pub(crate) struct Counted {
    /// What its steps are named after.
    pub(crate) stem: String,
    /// The people, by call set, with keys.
    pub(crate) people: StepId,
}

/// The alleles of a table.
pub(crate) struct AlleleRows {
    /// The rows: one per allele, or per row of `for each`.
    pub(crate) rows: StepId,
    /// The alleles of these rows, each once.
    pub(crate) alleles: StepId,
    /// The columns that identify a row beside the allele.
    pub(crate) more: Vec<String>,
    /// How the keys of groups of alleles lie in the rows: `pool_1`.
    pub(crate) pools: Vec<KeyPlan>,
}

impl Lowering<'_> {
    pub(crate) fn frequency(
        &mut self,
        table: &Table,
        frequencies: &[types::Frequency],
        pooled: Option<&types::Pooled>,
        values: &[types::Expr],
        named_alleles: &[Allele],
    ) -> Plan {
        let alleles = self.alleles(table, pooled, values, named_alleles);
        let mut counted = Vec::new();
        let mut keys = Vec::new();
        for frequency in frequencies {
            let stem = match frequencies {
                [_] => table.name.clone(),
                _ => format!("{}_{}", table.name, frequency.name),
            };
            let (people, of_people) =
                self.at(Some(frequency.range), |lowering| lowering.counted_people(&stem, frequency));
            if keys.is_empty() {
                keys = of_people;
            }
            counted.push(Counted { stem, people });
        }
        if let Some(pooled) = pooled {
            return self.pooled(table, frequencies, pooled, &alleles, &counted);
        }
        let domains = self.domains(&table.name, &keys);
        let open = keys.iter().any(|key| key.closed.is_none());
        let found = (counted.len() > 1 && open).then(|| {
            let people: Vec<StepId> = counted.iter().map(|one| one.people).collect();
            self.found(&format!("{}_found", table.name), &people, &keys)
        });
        let groups = Groups { domains: &domains, found };
        let mut parts = vec![self.counts_of(table, &alleles, &counted, &keys, groups)];
        if frequencies.iter().any(|one| one.totals) && !keys.is_empty() {
            parts.push(self.counts_of(table, &alleles, &counted, &[], Groups::default()));
        }
        self.frequency_result(table, frequencies, &alleles, (&keys, &domains), &parts)
    }

    /// The counts of every frequency, and how their people overlap.
    fn counts_of(
        &mut self,
        table: &Table,
        alleles: &AlleleRows,
        counted: &[Counted],
        keys: &[KeyPlan],
        groups: Groups<'_>,
    ) -> Part {
        let mut records = Vec::new();
        for one in counted {
            records.push(self.group_counts((table, &one.stem), alleles.alleles, one.people, keys, groups));
        }
        let overlaps = self.overlaps(&table.name, counted, keys);
        Part { records, overlaps }
    }

    /// The values of keys with a closed domain: the place of each key, and its step.
    pub(super) fn domains(&mut self, name: &str, keys: &[KeyPlan]) -> Vec<(usize, StepId)> {
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
                &format!("{name}_{}", key.column),
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
        pooled: Option<&types::Pooled>,
        values: &[types::Expr],
        named_alleles: &[Allele],
    ) -> AlleleRows {
        self.entities.insert(table.row.id, table.row.entity);
        let mut block = Block::over(self, &table.row);
        let variants = self.guarded(table.row.entity);
        block.from = from(self.with_named(variants, named_alleles), block.from.alias());
        let own = block.key.len();
        let (mut block, filter) = self.kept_rows(table, block);
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
        let mut more = Vec::new();
        for (key, number) in block.key.iter().skip(own).zip(1..) {
            let column = format!("row_{number}");
            columns.push((column.clone(), key.clone()));
            more.push(column);
        }
        let mut pools = Vec::new();
        if let Some(pooled) = pooled {
            let (plans, key_columns) = self.keys(&mut block, &pooled.keys);
            for (plan, (_, value)) in plans.into_iter().zip(key_columns) {
                let column = plan.column.replace("key_", "pool_");
                columns.push((column.clone(), value));
                pools.push(KeyPlan { column, ..plan });
            }
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
        let plain = more.is_empty() && pools.is_empty();
        let name = format!("{}_{}", table.name, if plain { "alleles" } else { "rows" });
        let rows = self.select(&name, "the alleles of the table", select);
        if plain {
            return AlleleRows { rows, alleles: rows, more, pools };
        }
        let of_allele = ["build", "contig", "ref", "alt"];
        let mut columns: Vec<(String, Expr)> =
            of_allele.iter().map(|name| ((*name).to_owned(), word("row", name))).collect();
        columns.extend(named(["variant_id", "position", "class"].map(|name| (name, int("row", name)))));
        let select = Select { distinct: true, ..block_of(from(rows, "row"), columns) };
        let alleles =
            self.select(&format!("{}_alleles", table.name), "the alleles of these rows, each once", select);
        AlleleRows { rows, alleles, more, pools }
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
        stem: &str,
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
        (self.select(&format!("{stem}_people"), "the people who are counted, by call set", select), keys)
    }
}

pub(super) fn field_of(field: types::FrequencyField) -> FrequencyField {
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
        types::FrequencyField::CarrierFrequency => FrequencyField::CarrierFrequency,
        types::FrequencyField::HardyWeinberg => FrequencyField::HardyWeinberg,
        types::FrequencyField::ExcessHet => FrequencyField::ExcessHet,
    }
}

/// A place for expressions that the lowering itself makes.
pub(super) fn text_range() -> text::Range {
    text::Range::new(text::FileId(0), 0, 0)
}
