//! The result of a frequency table: the rows of its alleles beside the counts of every record, and how
//! the people of several records overlap.

use super::counts::same_key;
use super::{AlleleRows, Counted, field_of, inner, int, keyed, left, word, zero};
use crate::expr::{Aggregate, AggregateFunction, Expr, Function, Order, Type};
use crate::lower::groups::{KeyPlan, label_column, raw_of, shown_into};
use crate::lower::{Lowering, block_of, from, named};
use crate::shape::{Cell, Copies, Frequency, Overlap, Raw, Shape};
use crate::step::{Body, Plan, Select, StepId};
use types::{GroupCell, Table};

/// The counts of the groups, or of all people together: a step per record, with the same rows.
pub(super) struct Part {
    pub(super) records: Vec<StepId>,
    pub(super) overlaps: Vec<OverlapSteps>,
}

/// How many people of one record are not of another, in each group: both ways.
pub(super) struct OverlapSteps {
    pub(super) first: u32,
    pub(super) second: u32,
    pub(super) only_first: StepId,
    pub(super) only_second: StepId,
}

const FIELDS: [&str; 11] =
    ["people", "ac", "an", "het", "hom", "hemi", "carriers", "missing", "pairs", "pair_het", "pair_hom"];

impl Lowering<'_> {
    /// For each pair of records the people whom only one of them counts.
    pub(super) fn overlaps(
        &mut self,
        table: &str,
        counted: &[Counted],
        keys: &[KeyPlan],
    ) -> Vec<OverlapSteps> {
        let mut overlaps = Vec::new();
        for (first, one) in (0..).zip(counted) {
            for (second, other) in (0..).zip(counted).skip(first as usize + 1) {
                overlaps.push(OverlapSteps {
                    first,
                    second,
                    only_first: self.only(table, one, other, keys),
                    only_second: self.only(table, other, one, keys),
                });
            }
        }
        overlaps
    }

    /// People of one record's group whom the other does not count in it.
    fn only(&mut self, table: &str, one: &Counted, other: &Counted, keys: &[KeyPlan]) -> StepId {
        let of_keys = |alias: &str| -> Vec<(String, Expr)> {
            keys.iter().map(|key| (key.column.clone(), Expr::column(alias, &key.column, key.ty))).collect()
        };
        let mut columns = vec![("subject_id".to_owned(), word("person", "subject_id"))];
        columns.extend(of_keys("person"));
        let whole = if keys.is_empty() { "_all" } else { "" };
        let select = Select { distinct: true, ..block_of(from(other.people, "person"), columns) };
        let others =
            self.select(&format!("{}{whole}_persons", other.stem), "these people, each once", select);
        let by = of_keys("person");
        let mut on = vec![Expr::equal(word("other", "subject_id"), word("person", "subject_id"))];
        on.extend(
            of_keys("other")
                .into_iter()
                .zip(&by)
                .map(|((_, theirs), (_, own))| same_key(theirs, own.clone())),
        );
        let mut columns = by.clone();
        columns.push((
            "people".to_owned(),
            Expr::Aggregate(Box::new(Aggregate {
                function: AggregateFunction::Count,
                argument: Some(word("person", "subject_id")),
                distinct: true,
                filter: None,
            })),
        ));
        let select = Select {
            joins: vec![left(from(others, "other"), on)],
            filter: Some(word("other", "subject_id").is_null()),
            group: Some(by.into_iter().map(|(_, key)| key).collect()),
            ..block_of(from(one.people, "person"), columns)
        };
        let name = format!("{}{whole}_only", one.stem);
        self.select(&name, format!("table {table}: whom only this frequency counts"), select)
    }

    /// Values of the row, labels of keys, counts.
    pub(super) fn frequency_result(
        &mut self,
        table: &Table,
        frequencies: &[types::Frequency],
        alleles: &AlleleRows,
        (keys, domains): (&[KeyPlan], &[(usize, StepId)]),
        parts: &[Part],
    ) -> Plan {
        let row_columns: Vec<(String, Type)> = self
            .columns(alleles.rows)
            .iter()
            .filter(|(name, _)| name.starts_with("value_") || alleles.more.contains(name))
            .cloned()
            .collect();
        let mut selects = Vec::new();
        for (part, total) in parts.iter().zip([false, true]) {
            let of_part = if total { &[][..] } else { keys };
            let mut joins = vec![inner(
                from(alleles.rows, "allele"),
                [Expr::equal(int("allele", "variant_id"), int("counts", "variant_id"))],
            )];
            let mut columns: Vec<(String, Expr)> = row_columns
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
            keyed((keys, domains), total, "counts", &mut joins, &mut columns);
            let same = |alias: &str| -> Vec<Expr> {
                let on = of_part.iter().map(|key| {
                    let column = |alias: &str| Expr::column(alias, &key.column, key.ty);
                    same_key(column(alias), column("counts"))
                });
                on.collect()
            };
            for (at, record) in part.records.iter().enumerate() {
                let alias = if at == 0 { "counts".to_owned() } else { format!("counts_{}", at + 1) };
                if at > 0 {
                    let mut on = vec![Expr::equal(int(&alias, "variant_id"), int("counts", "variant_id"))];
                    on.extend(same(&alias));
                    joins.push(inner(from(*record, &alias), on));
                }
                columns.extend(FIELDS.iter().map(|field| (numbered(field, at), int(&alias, field))));
            }
            for (at, overlap) in part.overlaps.iter().enumerate() {
                for (step, side) in [(overlap.only_first, "only_first"), (overlap.only_second, "only_second")]
                {
                    let alias = numbered(side, at);
                    let on = same(&alias);
                    let on = if on.is_empty() { vec![Expr::bool(true)] } else { on };
                    joins.push(left(from(step, &alias), on));
                    columns.push((alias.clone(), zero(int(&alias, "people"))));
                }
            }
            if part.records.len() > 1 {
                let people = (0..part.records.len()).map(|at| {
                    int(&if at == 0 { "counts".to_owned() } else { format!("counts_{}", at + 1) }, "people")
                });
                // A group is there when it is large enough in one of them; each record is released by itself.
                columns.push(("most".to_owned(), Expr::Call(Function::Greatest, people.collect())));
            }
            columns.push((
                "listed".to_owned(),
                Expr::Or(vec![
                    Expr::column("allele", "named", Type::Bool),
                    Expr::column("allele", "in_release", Type::Bool),
                ]),
            ));
            columns.push(("total".to_owned(), Expr::bool(total)));
            let Some(first) = part.records.first() else { continue };
            selects.push(Select { joins, ..block_of(from(*first, "counts"), columns) });
        }
        let has_totals = selects.len() > 1;
        let body = if selects.len() == 1 { Body::Select(selects.remove(0)) } else { Body::UnionAll(selects) };
        let name = format!("{}_result", table.name);
        let result = self.step(&name, format!("table {}", table.name), body);
        let columns = self.columns(result).to_vec();
        let raw = |column: &str| raw_of(&columns, column);
        let several = frequencies.len() > 1;
        let mut shape = Shape {
            people: Some(raw(if several { "most" } else { "people" })),
            totals: has_totals.then(|| raw("total")),
            open_keys: keys
                .iter()
                .filter(|key| key.closed.is_none())
                .map(|key| raw(&label_column(key)))
                .collect(),
            people_keys: keys.iter().map(|key| raw(&label_column(key))).collect(),
            same_allele: std::iter::once("variant_id")
                .chain(alleles.more.iter().map(String::as_str))
                .map(raw)
                .collect(),
            raw: columns.clone(),
            disjoint: true,
            ..Shape::default()
        };
        for (at, frequency) in frequencies.iter().enumerate() {
            let of = |field: &str| raw(&numbered(field, at));
            shape.frequencies.push(Frequency {
                name: frequency.name.clone(),
                people: of("people"),
                carriers: of("carriers"),
                copies: Some(Copies {
                    ac: of("ac"),
                    an: of("an"),
                    het: of("het"),
                    hom: of("hom"),
                    hemi: of("hemi"),
                    missing: of("missing"),
                    pairs: of("pairs"),
                    pair_het: of("pair_het"),
                    pair_hom: of("pair_hom"),
                }),
                listed: raw("listed"),
            });
        }
        for (at, overlap) in
            parts.iter().flat_map(|part| &part.overlaps).take(pairs(frequencies.len())).enumerate()
        {
            shape.overlaps.push(Overlap {
                first: overlap.first,
                second: overlap.second,
                only_first: raw(&numbered("only_first", at)),
                only_second: raw(&numbered("only_second", at)),
            });
        }
        let cell = |cell: &GroupCell| cell_of(cell, keys, &columns);
        shown_into(&mut shape, table, &cell);
        let ascending = |key: Expr| Order { key, descending: false, nulls_first: false };
        let mut order: Vec<Order> = ["build", "contig", "position", "ref", "alt", "variant_id"]
            .into_iter()
            .chain(alleles.more.iter().map(String::as_str))
            .chain(["total"])
            .map(|column| ascending(self.column(result, &name, column)))
            .collect();
        for key in keys {
            let column = if key.closed.is_some() { key.column.clone() } else { label_column(key) };
            order.push(ascending(self.column(result, &name, &column)));
        }
        self.finished(result, order, shape)
    }
}

/// A shown cell as a raw column.
pub(super) fn cell_of(cell: &GroupCell, keys: &[KeyPlan], columns: &[(String, Type)]) -> Cell {
    match cell {
        GroupCell::Key(at) => {
            Cell::Key(keys.get(*at as usize).map_or(Raw(0), |key| raw_of(columns, &label_column(key))))
        }
        // Nested rows are of tables of rows.
        GroupCell::Nested(_) => Cell::Key(Raw(0)),
        GroupCell::Value(at) => Cell::Key(raw_of(columns, &format!("value_{}", at + 1))),
        GroupCell::Frequency { record, field } => {
            Cell::Frequency { record: *record, field: field_of(*field) }
        }
        GroupCell::Aggregate { .. } => Cell::Key(Raw(0)),
    }
}

/// A column of a record: the first has the plain names.
pub(super) fn numbered(field: &str, at: usize) -> String {
    if at == 0 { field.to_owned() } else { format!("{field}_{}", at + 1) }
}

/// The number of pairs of so many.
pub(super) fn pairs(number: usize) -> usize {
    number * number.saturating_sub(1) / 2
}
