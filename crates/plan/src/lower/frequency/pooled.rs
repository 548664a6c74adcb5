//! `frequency` after `group by`: how many people carry some allele of a group of alleles.
//!
//! `carriers` of a group are people of the frequency with at least one known copy, as `ac` counts copies,
//! of at least one allele of the group; a person counts once. `people` are those of the frequency who are
//! eligible for at least one allele of the group: everybody, but for groups whose alleles all lie on X or
//! Y outside PAR. A group of a closed domain that has no allele is one of no carriers among everybody.

use super::result::{cell_of, numbered, pairs};
use super::{
    AlleleRows, Counted, ON_X, ON_Y, ONE, TWO, add, case, inner, int, is_one_of, keyed, left, word, zero,
};
use crate::expr::{Aggregate, AggregateFunction, Expr, Function, Order, Type};
use crate::lower::groups::{KeyPlan, label_column, raw_of, shown_into};
use crate::lower::{Lowering, block_of, from, named};
use crate::shape::{Frequency, Overlap, Shape};
use crate::step::{Body, Plan, Select, StepId};
use types::{Pooled, Table};

fn key_columns(keys: &[KeyPlan], alias: &str) -> Vec<(String, Expr)> {
    keys.iter().map(|key| (key.column.clone(), Expr::column(alias, &key.column, key.ty))).collect()
}

fn exprs(columns: &[(String, Expr)]) -> Vec<Expr> {
    columns.iter().map(|(_, expr)| expr.clone()).collect()
}

fn same(keys: &[KeyPlan], a: &str, b: &str) -> Vec<Expr> {
    let pairs = key_columns(keys, a).into_iter().zip(key_columns(keys, b));
    let on: Vec<Expr> = pairs.map(|((_, a), (_, b))| super::counts::same_key(a, b)).collect();
    if on.is_empty() { vec![Expr::bool(true)] } else { on }
}

impl Lowering<'_> {
    pub(super) fn pooled(
        &mut self,
        table: &Table,
        frequencies: &[types::Frequency],
        pooled: &Pooled,
        alleles: &AlleleRows,
        counted: &[Counted],
    ) -> Plan {
        let keys = &alleles.pools;
        let looked = self.looked_at(table, alleles.alleles);
        let silent = self.silent_at(table, alleles.alleles, looked);
        let mut carried = Vec::new();
        for one in counted {
            let name = format!("{}_calls", one.stem);
            let calls = self.calls_of(&name, (looked, silent), one.people, &[]);
            let two = Expr::and([
                Expr::equal(int("call", "copies"), Expr::int(2)),
                is_one_of(int("call", "code"), &[1, 2, 5]),
            ]);
            let one_copy = Expr::and([
                Expr::equal(int("call", "copies"), Expr::int(1)),
                is_one_of(int("call", "code"), &[2, 5]),
            ]);
            let select = Select {
                distinct: true,
                filter: Some(Expr::Or(vec![two, one_copy])),
                ..block_of(
                    from(calls, "call"),
                    named([
                        ("variant_id", int("call", "variant_id")),
                        ("subject_id", word("call", "subject_id")),
                    ]),
                )
            };
            carried.push(self.select(&format!("{}_carriers", one.stem), "who carries which allele", select));
        }
        let overlaps = self.overlaps(&table.name, counted, &[]);
        let domains = self.domains(&table.name, keys);
        let mut parts = Vec::new();
        for total in [false, true] {
            if total && (!pooled.totals || keys.is_empty()) {
                continue;
            }
            let of_part = if total { &[][..] } else { keys.as_slice() };
            let groups = self.groups_of_alleles(table, alleles, of_part, if total { &[] } else { &domains });
            let mut records = Vec::new();
            for (one, carriers) in counted.iter().zip(&carried) {
                records.push(self.pooled_counts(one, alleles, groups, *carriers, of_part));
            }
            parts.push((groups, records, total));
        }
        let mut selects = Vec::new();
        for (groups, records, total) in &parts {
            let mut joins = Vec::new();
            let mut columns: Vec<(String, Expr)> = Vec::new();
            keyed((keys, &domains), *total, "pool", &mut joins, &mut columns);
            let of_part = if *total { &[][..] } else { keys.as_slice() };
            for (at, record) in records.iter().enumerate() {
                let alias = numbered("counts", at);
                joins.push(inner(from(*record, &alias), same(of_part, &alias, "pool")));
                for field in ["people", "carriers"] {
                    columns.push((numbered(field, at), int(&alias, field)));
                }
            }
            for (at, overlap) in overlaps.iter().enumerate() {
                for (step, side) in [(overlap.only_first, "only_first"), (overlap.only_second, "only_second")]
                {
                    let alias = numbered(side, at);
                    joins.push(left(from(step, &alias), [Expr::bool(true)]));
                    columns.push((alias.clone(), zero(int(&alias, "people"))));
                }
            }
            let people = (0..records.len()).map(|at| int(&numbered("counts", at), "people"));
            columns.push(("most".to_owned(), Expr::Call(Function::Greatest, people.collect())));
            columns.push(("listed".to_owned(), Expr::column("pool", "listed", Type::Bool)));
            columns.push(("total".to_owned(), Expr::bool(*total)));
            selects.push(Select { joins, ..block_of(from(*groups, "pool"), columns) });
        }
        let has_totals = selects.len() > 1;
        let body = if selects.len() == 1 { Body::Select(selects.remove(0)) } else { Body::UnionAll(selects) };
        let name = format!("{}_result", table.name);
        let result = self.step(&name, format!("table {}", table.name), body);
        let columns = self.columns(result).to_vec();
        let raw = |column: &str| raw_of(&columns, column);
        // Keys are of alleles: a person may be in several groups, and in all of them the same people are
        // eligible, so that no group is too small by its key.
        let mut shape = Shape {
            people: Some(raw("most")),
            totals: has_totals.then(|| raw("total")),
            raw: columns.clone(),
            ..Shape::default()
        };
        for (at, frequency) in frequencies.iter().enumerate() {
            shape.frequencies.push(Frequency {
                name: frequency.name.clone(),
                people: raw(&numbered("people", at)),
                carriers: raw(&numbered("carriers", at)),
                copies: None,
                listed: raw("listed"),
            });
        }
        for (at, overlap) in overlaps.iter().enumerate().take(pairs(frequencies.len())) {
            shape.overlaps.push(Overlap {
                first: overlap.first,
                second: overlap.second,
                only_first: raw(&numbered("only_first", at)),
                only_second: raw(&numbered("only_second", at)),
            });
        }
        let cell = |cell: &types::GroupCell| cell_of(cell, keys, &columns);
        shown_into(&mut shape, table, &cell);
        let ascending = |key: Expr| Order { key, descending: false, nulls_first: false };
        let mut order = vec![ascending(self.column(result, &name, "total"))];
        for key in keys {
            let column = if key.closed.is_some() { key.column.clone() } else { label_column(key) };
            order.push(ascending(self.column(result, &name, &column)));
        }
        self.finished(result, order, shape)
    }

    /// The groups with the classes of their alleles' places, and whether each may be listed whatever its
    /// carriers: because its key has a declared domain, or because an allele of it may be.
    fn groups_of_alleles(
        &mut self,
        table: &Table,
        alleles: &AlleleRows,
        keys: &[KeyPlan],
        domains: &[(usize, StepId)],
    ) -> StepId {
        let by = key_columns(keys, "row");
        let class = |classes: &[i64]| Expr::count(Some(is_one_of(int("row", "class"), classes)));
        let public = Expr::Or(vec![
            Expr::column("row", "named", Type::Bool),
            Expr::column("row", "in_release", Type::Bool),
        ]);
        let counts = named([
            ("everyone", class(&[TWO, ONE])),
            ("on_x", class(&[ON_X])),
            ("on_y", class(&[ON_Y])),
            ("public", Expr::count(Some(public))),
        ]);
        let stem = format!("{}_{}groups", table.name, if keys.is_empty() { "all_" } else { "" });
        let select = Select {
            group: Some(exprs(&by)),
            ..block_of(from(alleles.rows, "row"), by.iter().cloned().chain(counts).collect())
        };
        let found = self.select(&format!("{stem}_found"), "groups of alleles", select);
        let declared = keys.iter().all(|key| key.closed.is_some());
        let listed =
            if declared { Expr::bool(true) } else { Expr::less(Expr::int(0), zero(int("found", "public"))) };
        let sizes = ["everyone", "on_x", "on_y"].map(|name| (name, zero(int("found", name))));
        let mut columns = Vec::new();
        let mut sources = Vec::new();
        for (at, step) in domains {
            let Some(key) = keys.get(*at) else { continue };
            columns.push((key.column.clone(), int(&key.column, "place")));
            sources.push(from(*step, &key.column));
        }
        let open: Vec<&KeyPlan> = keys.iter().filter(|key| key.closed.is_none()).collect();
        if sources.is_empty() {
            // Open keys alone: the groups that were found.
            columns.extend(key_columns(keys, "found"));
            columns.extend(named(sizes));
            columns.push(("listed".to_owned(), listed));
            return self.select(&stem, "groups of alleles", block_of(from(found, "found"), columns));
        }
        if !open.is_empty() {
            let values = self.found(&format!("{stem}_values"), &[found], keys);
            sources.push(from(values, "value"));
            columns.extend(
                open.iter().map(|key| (key.column.clone(), Expr::column("value", &key.column, key.ty))),
            );
        }
        let on: Vec<Expr> = columns
            .iter()
            .map(|(name, value)| {
                super::counts::same_key(Expr::column("found", name, value.ty()), value.clone())
            })
            .collect();
        columns.extend(named(sizes));
        columns.push(("listed".to_owned(), listed));
        let mut sources = sources.into_iter();
        let Some(first) = sources.next() else { return found };
        let mut select = block_of(first, columns);
        select.joins.extend(sources.map(|source| inner(source, [Expr::bool(true)])));
        select.joins.push(left(from(found, "found"), on));
        self.select(&stem, "every group of alleles, also without any", select)
    }

    /// The eligible people and the carriers of each group.
    fn pooled_counts(
        &mut self,
        one: &Counted,
        alleles: &AlleleRows,
        groups: StepId,
        carriers: StepId,
        keys: &[KeyPlan],
    ) -> StepId {
        let whole = if keys.is_empty() { "all_" } else { "" };
        let by = key_columns(keys, "row");
        let people = Expr::Aggregate(Box::new(Aggregate {
            function: AggregateFunction::Count,
            argument: Some(word("carrier", "subject_id")),
            distinct: true,
            filter: None,
        }));
        let select = Select {
            joins: vec![inner(
                from(carriers, "carrier"),
                [Expr::equal(int("carrier", "variant_id"), int("row", "variant_id"))],
            )],
            group: Some(exprs(&by)),
            ..block_of(
                from(alleles.rows, "row"),
                by.iter().cloned().chain(named([("carriers", people)])).collect(),
            )
        };
        let carrying = self.select(
            &format!("{}_{whole}carrying", one.stem),
            "who carries an allele of each group",
            select,
        );
        let eligible = self.eligible(&format!("{}_{whole}eligible", one.stem), one.people, &[]);
        let some = |column: &str| Expr::less(Expr::int(0), int("pool", column));
        let people = case(
            vec![
                (some("everyone"), int("eligible", "everyone")),
                (Expr::and([some("on_x"), some("on_y")]), int("eligible", "x_or_y")),
                (some("on_x"), add(int("eligible", "x_two"), int("eligible", "x_one"))),
                (some("on_y"), add(int("eligible", "y_two"), int("eligible", "y_one"))),
            ],
            int("eligible", "everyone"),
        );
        let mut columns = key_columns(keys, "pool");
        columns.extend(named([("people", people), ("carriers", zero(int("carrying", "carriers")))]));
        let select = Select {
            joins: vec![
                inner(from(eligible, "eligible"), [Expr::bool(true)]),
                left(from(carrying, "carrying"), same(keys, "carrying", "pool")),
            ],
            ..block_of(from(groups, "pool"), columns)
        };
        self.select(&format!("{}_{whole}pooled", one.stem), "people and carriers of each group", select)
    }
}
