//! `frequency`: allele counts over the long table of calls (language.md section 4, genotypes.md
//! sections 1, 3 and 5).
//!
//! The way: the alleles (filtered, and carried by somebody permitted or named), the people with the
//! copies each is expected to have, the records that say which call set looked at an allele, the
//! calls of those people, and last the counts of each allele in each group. Groups without an
//! eligible person and alleles without a call are rows too. The packed path will replace the step of
//! calls and nothing else.

use super::block::{Block, Place};
use super::groups::{KeyPlan, label_column, raw_of, shown_into};
use super::{Lowering, block_of, from, named};
use crate::expr::{Aggregate, AggregateFunction, Comparison, Expr, Function, Order, Type, Value, Window};
use crate::shape::{Cell, Frequency, FrequencyField, Raw, Shape};
use crate::step::{Body, Join, JoinKind, Plan, Select, StepId};
use types::{Allele, GroupCell, Table};

/// Pseudo-autosomal regions, 1-based, both ends included: build, contig, first, last. The Genome
/// Reference Consortium's coordinates for GRCh37 and GRCh38.
const PAR: [(&str, &str, i64, i64); 8] = [
    ("GRCh37", "X", 60_001, 2_699_520),
    ("GRCh37", "X", 154_931_044, 155_260_560),
    ("GRCh37", "Y", 10_001, 2_649_520),
    ("GRCh37", "Y", 59_034_050, 59_363_566),
    ("GRCh38", "X", 10_001, 2_781_479),
    ("GRCh38", "X", 155_701_383, 156_030_895),
    ("GRCh38", "Y", 10_001, 2_781_479),
    ("GRCh38", "Y", 56_887_903, 57_217_415),
];

const TWO: i64 = 0;
const ON_X: i64 = 1;
const ON_Y: i64 = 2;
const ONE: i64 = 3;

fn word(alias: &str, column: &str) -> Expr {
    Expr::column(alias, column, Type::Text)
}

fn int(alias: &str, column: &str) -> Expr {
    Expr::column(alias, column, Type::Int)
}

fn case(arms: Vec<(Expr, Expr)>, otherwise: Expr) -> Expr {
    Expr::Case { arms, otherwise: Box::new(otherwise) }
}

fn inner(source: crate::Source, on: impl IntoIterator<Item = Expr>) -> Join {
    Join { kind: JoinKind::Inner, source, on: Expr::and(on) }
}

fn left(source: crate::Source, on: impl IntoIterator<Item = Expr>) -> Join {
    Join { kind: JoinKind::Left, source, on: Expr::and(on) }
}

fn add(a: Expr, b: Expr) -> Expr {
    Expr::Call(Function::AddInt, vec![a, b])
}

fn subtract(a: Expr, b: Expr) -> Expr {
    Expr::Call(Function::SubtractInt, vec![a, b])
}

fn zero(value: Expr) -> Expr {
    Expr::Call(Function::Coalesce, vec![value, Expr::int(0)])
}

fn is_one_of(value: Expr, values: &[i64]) -> Expr {
    Expr::InValues(Box::new(value), values.iter().copied().map(Value::Int).collect(), Type::Int)
}

/// Copies expected of a person at an allele: by the class of the place.
fn copies(class: Expr, person: &str) -> Expr {
    case(
        vec![
            (Expr::equal(class.clone(), Expr::int(TWO)), Expr::int(2)),
            (Expr::equal(class.clone(), Expr::int(ON_X)), int(person, "copies_x")),
            (Expr::equal(class, Expr::int(ON_Y)), int(person, "copies_y")),
        ],
        Expr::int(1),
    )
}

/// The class of a place: autosome or PAR, X, Y, MT.
fn class_of(alias: &str) -> Expr {
    let contig = word(alias, "contig");
    let par = PAR.iter().map(|(build, name, first, last)| {
        Expr::and([
            Expr::equal(word(alias, "build"), Expr::text(*build)),
            Expr::equal(contig.clone(), Expr::text(*name)),
            Expr::compare(Comparison::GreaterOrEqual, int(alias, "position"), Expr::int(*first)),
            Expr::at_most(int(alias, "position"), Expr::int(*last)),
        ])
    });
    case(
        vec![
            (Expr::equal(contig.clone(), Expr::text("MT")), Expr::int(ONE)),
            (Expr::Or(par.collect()), Expr::int(TWO)),
            (Expr::equal(contig.clone(), Expr::text("X")), Expr::int(ON_X)),
            (Expr::equal(contig, Expr::text("Y")), Expr::int(ON_Y)),
        ],
        Expr::int(TWO),
    )
}

/// Copies of X or Y outside PAR by karyotype, else by sex; 0 where none or not known, or more than two.
fn sex_copies(alias: &str, by_karyotype: &[(&str, i64)], by_sex: &[(&str, i64)]) -> Expr {
    let arms = |column: &str, pairs: &[(&str, i64)]| -> Vec<(Expr, Expr)> {
        pairs.iter().map(|(name, copies)| (Expr::equal(word(alias, column), Expr::text(*name)), Expr::int(*copies))).collect()
    };
    let of_sex = case(arms("sex", by_sex), Expr::int(0));
    let mut all = vec![(word(alias, "karyotype").is_null(), of_sex)];
    all.extend(arms("karyotype", by_karyotype));
    case(all, Expr::int(0))
}

impl Lowering<'_> {
    /// `member`: the memberships of permitted samples in call sets, with expected copies, and whether
    /// the sample is the one that speaks for its subject (the newest that did not fail QC).
    fn members(&mut self) -> StepId {
        if let Some(step) = self.once.get("members") {
            return *step;
        }
        let (Some(membership), Some(sample), Some(subject)) =
            (self.model.find("call_set_sample"), self.model.find("sample"), self.model.subject())
        else {
            return self.step("member", "no call sets in this model", Body::Values(Vec::new()));
        };
        let (membership, sample, subject) = (self.guarded(membership), self.guarded(sample), self.guarded(subject));
        let in_call_set = Expr::InStep {
            values: vec![word("sample", "sample_id")],
            step: membership,
            columns: vec!["sample_id".to_owned()],
        };
        let order = |key: Expr, descending| Order { key, descending, nulls_first: false };
        let ranked = Select {
            filter: Some(Expr::and([
                in_call_set,
                Expr::Call(Function::Coalesce, vec![Expr::column("sample", "qc_passed", Type::Bool), Expr::bool(true)]),
            ])),
            ..block_of(
                from(sample, "sample"),
                named([
                    ("sample_id", word("sample", "sample_id")),
                    ("subject_id", word("sample", "subject_id")),
                    (
                        "nth",
                        Expr::Window(Box::new(Window {
                            aggregate: None,
                            partition: vec![word("sample", "subject_id")],
                            order: vec![
                                order(Expr::column("sample", "collected_on", Type::Date), true),
                                order(word("sample", "sample_id"), false),
                            ],
                        })),
                    ),
                ]),
            )
        };
        let ranked = self.select("called_sample", "samples with genotypes, the newest of each person first", ranked);
        let select = Select {
            joins: vec![
                inner(from(membership, "membership"), [Expr::equal(word("membership", "sample_id"), word("sample", "sample_id"))]),
                inner(from(subject, "subject"), [Expr::equal(word("subject", "subject_id"), word("sample", "subject_id"))]),
            ],
            ..block_of(
                from(ranked, "sample"),
                named([
                    ("call_set_id", int("membership", "call_set_id")),
                    ("ordinal", int("membership", "ordinal")),
                    ("sample_id", word("sample", "sample_id")),
                    ("subject_id", word("sample", "subject_id")),
                    ("chosen", Expr::equal(int("sample", "nth"), Expr::int(1))),
                    (
                        "copies_x",
                        sex_copies(
                            "subject",
                            &[("XX", 2), ("XY", 1), ("XO", 1), ("XXY", 2), ("XYY", 1), ("XXYY", 2)],
                            &[("female", 2), ("male", 1)],
                        ),
                    ),
                    (
                        "copies_y",
                        sex_copies(
                            "subject",
                            &[("XY", 1), ("XXY", 1), ("XXXY", 1), ("XYY", 2), ("XXYY", 2)],
                            &[("male", 1)],
                        ),
                    ),
                ]),
            )
        };
        let step = self.select("member", "who is which ordinal of a call set, with the copies expected of X and Y", select);
        self.once.insert("members", step);
        step
    }

    /// `carried`: calls with at least one known copy, beside who carries them.
    pub(crate) fn carried(&mut self) -> StepId {
        if let Some(step) = self.once.get("carried") {
            return *step;
        }
        let (Some(call), Some(variant)) = (self.model.find("call"), self.model.find("variant")) else {
            return self.step("carried", "no calls in this model", Body::Values(Vec::new()));
        };
        let members = self.members();
        let (call, variant) = (self.guarded(call), self.guarded(variant));
        let placed = Select {
            joins: vec![
                inner(
                    from(members, "member"),
                    [
                        Expr::equal(int("member", "call_set_id"), int("call", "call_set_id")),
                        Expr::equal(int("member", "ordinal"), int("call", "ordinal")),
                    ],
                ),
                inner(from(variant, "variant"), [Expr::equal(int("variant", "variant_id"), int("call", "variant_id"))]),
            ],
            filter: Some(is_one_of(int("call", "call"), &[1, 2, 5])),
            ..block_of(
                from(call, "call"),
                named([
                    ("subject_id", word("member", "subject_id")),
                    ("sample_id", word("member", "sample_id")),
                    ("chosen", Expr::column("member", "chosen", Type::Bool)),
                    ("call_set_id", int("call", "call_set_id")),
                    ("ordinal", int("call", "ordinal")),
                    ("variant_id", int("call", "variant_id")),
                    ("call", int("call", "call")),
                    ("copies", copies(class_of("variant"), "member")),
                    ("phased", Expr::column("call", "phased", Type::Bool)),
                    ("phase_set", int("call", "phase_set")),
                    ("depth", int("call", "depth")),
                    ("quality", int("call", "quality")),
                ]),
            )
        };
        let placed = self.select("called", "calls with a copy, and the copies expected there", placed);
        let one = || Expr::equal(int("called", "copies"), Expr::int(1));
        let zygosity = case(
            vec![
                (one(), Expr::text("hemizygous")),
                (Expr::equal(int("called", "call"), Expr::int(1)), Expr::text("heterozygous")),
                (Expr::equal(int("called", "call"), Expr::int(2)), Expr::text("homozygous")),
            ],
            Expr::null(Type::Text),
        );
        let known = Expr::Or(vec![
            Expr::equal(int("called", "copies"), Expr::int(2)),
            // Two different alleles where one copy is expected are no call.
            Expr::and([one(), is_one_of(int("called", "call"), &[2, 5])]),
        ]);
        let keep = ["subject_id", "sample_id"];
        let mut columns: Vec<(String, Expr)> = keep.iter().map(|name| ((*name).to_owned(), word("called", name))).collect();
        columns.push(("chosen".to_owned(), Expr::column("called", "chosen", Type::Bool)));
        columns.push(("phased".to_owned(), Expr::column("called", "phased", Type::Bool)));
        for name in ["call_set_id", "ordinal", "variant_id", "call", "phase_set", "depth", "quality"] {
            columns.push((name.to_owned(), int("called", name)));
        }
        columns.push(("zygosity".to_owned(), zygosity));
        let select = Select { filter: Some(known), ..block_of(from(placed, "called"), columns) };
        let step = self.select("carried", "alleles with at least one known copy", select);
        self.once.insert("carried", step);
        step
    }

    /// Whether a subject's carried alleles were not assessed: no chosen sample, or one of the alleles
    /// that the condition names has no full call there.
    pub(crate) fn not_assessed(&mut self, block: &mut Block, around: &types::Row, step: &types::RowsStep) -> Expr {
        let subject = self.model.subject() == Some(around.entity);
        let members = self.members();
        let column = if subject { "subject_id" } else { "sample_id" };
        let named: Vec<Allele> = step
            .conditions
            .iter()
            .filter_map(|condition| match &condition.kind {
                types::Kind::IsAllele(_, alleles) => Some(alleles.clone()),
                _ => None,
            })
            .flatten()
            .collect();
        let chosen = || Expr::column("member", "chosen", Type::Bool);
        let assessed = if named.is_empty() {
            let select = Select {
                distinct: true,
                filter: subject.then(chosen),
                ..block_of(from(members, "member"), vec![("who".to_owned(), word("member", column))])
            };
            self.select("assessed", "who has genotypes", select)
        } else {
            self.fully_called(members, column, subject, step, &named)
        };
        let key = self.key_of(block, around).into_iter().next().unwrap_or_else(|| Expr::null(Type::Text));
        Expr::InStep { values: vec![key], step: assessed, columns: vec!["who".to_owned()] }.not()
    }

    /// Who has a full call at every named allele.
    fn fully_called(&mut self, members: StepId, column: &str, subject: bool, step: &types::RowsStep, named: &[Allele]) -> StepId {
        let (Some(site), Some(call), Some(variant)) = (self.model.find("site"), self.model.find("call"), self.model.find("variant"))
        else {
            return members;
        };
        let (site, call, variant) = (self.guarded(site), self.guarded(call), self.guarded(variant));
        let mut inner_block = Block {
            from: from(members, "member"),
            joins: Vec::new(),
            rows: std::collections::BTreeMap::new(),
            index: std::collections::BTreeMap::new(),
            hops: Vec::new(),
            key: Vec::new(),
            legs: Vec::new(),
        };
        inner_block.joins.push(inner(from(site, "site"), [Expr::equal(int("site", "call_set_id"), int("member", "call_set_id"))]));
        inner_block.joins.push(inner(from(variant, "variant"), [Expr::equal(int("variant", "variant_id"), int("site", "variant_id"))]));
        inner_block.joins.push(left(
            from(call, "call"),
            [
                Expr::equal(int("call", "call_set_id"), int("member", "call_set_id")),
                Expr::equal(int("call", "ordinal"), int("member", "ordinal")),
                Expr::equal(int("call", "variant_id"), int("site", "variant_id")),
            ],
        ));
        inner_block.rows.insert(step.row.id, Place::Here("variant".to_owned()));
        let one_of = types::Expr {
            kind: types::Kind::IsAllele(step.row.clone(), named.to_vec()),
            ty: types::Type::Bool,
            label: model::ColumnLabel::Public,
            range: text_range(),
        };
        let is_named = self.expr(&mut inner_block, &one_of);
        let expected = copies(class_of("variant"), "member");
        let full = Expr::Or(vec![
            int("call", "call").is_null(),
            Expr::and([Expr::equal(expected.clone(), Expr::int(2)), is_one_of(int("call", "call"), &[1, 2])]),
            Expr::and([Expr::equal(expected, Expr::int(1)), is_one_of(int("call", "call"), &[2, 4, 5])]),
        ]);
        let mut filter = vec![is_named, full];
        if subject {
            filter.push(Expr::column("member", "chosen", Type::Bool));
        }
        let mut select = inner_block.select(
            vec![
                ("who".to_owned(), word("member", column)),
                (
                    "called".to_owned(),
                    Expr::Aggregate(Box::new(Aggregate {
                        function: AggregateFunction::Count,
                        argument: Some(int("site", "variant_id")),
                        distinct: true,
                        filter: None,
                    })),
                ),
            ],
            filter,
        );
        select.group = Some(vec![word("member", column)]);
        let counted = self.select("fully_called", "at how many of the named alleles each has a full call", select);
        let all = i64::try_from(named.len()).unwrap_or(i64::MAX);
        let select = Select {
            filter: Some(Expr::equal(int("called", "called"), Expr::int(all))),
            ..block_of(from(counted, "called"), vec![("who".to_owned(), word("called", "who"))])
        };
        self.select("assessed", "who has a full call at every named allele", select)
    }

    pub(crate) fn frequency(
        &mut self,
        table: &Table,
        frequency: &types::Frequency,
        values: &[types::Expr],
        named_alleles: &[Allele],
    ) -> Plan {
        let alleles = self.alleles(table, values, named_alleles);
        let (people, keys) = self.counted_people(table, frequency);
        let grouped = self.group_counts(table, alleles, people, &keys, true);
        let mut parts = vec![grouped];
        if frequency.totals && !keys.is_empty() {
            parts.push(self.group_counts(table, alleles, people, &keys, false));
        }
        self.frequency_result(table, frequency, values, alleles, &keys, &parts)
    }

    /// Alleles that the rules keep, carried by somebody permitted or named by a literal.
    fn alleles(&mut self, table: &Table, values: &[types::Expr], named_alleles: &[Allele]) -> StepId {
        self.entities.insert(table.row.id, table.row.entity);
        let mut block = Block::over(self, &table.row);
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
        let candidates = self.select(&format!("{}_candidates", table.name), "alleles that the rules keep", select);
        let carried = self.carried();
        let carriers = Select {
            distinct: true,
            joins: vec![inner(from(candidates, "candidate"), [Expr::equal(int("candidate", "variant_id"), int("carried", "variant_id"))])],
            ..block_of(from(carried, "carried"), vec![("variant_id".to_owned(), int("carried", "variant_id"))])
        };
        let carriers = self.select(&format!("{}_carried", table.name), "those that somebody permitted carries", carriers);
        let columns: Vec<(String, Expr)> = self
            .columns(candidates)
            .iter()
            .map(|(name, ty)| (name.clone(), Expr::column("candidate", name, *ty)))
            .collect();
        let kept = Expr::Or(vec![
            Expr::column("candidate", "named", Type::Bool),
            Expr::InStep { values: vec![int("candidate", "variant_id")], step: carriers, columns: vec!["variant_id".to_owned()] },
        ]);
        let select = Select { filter: Some(kept), ..block_of(from(candidates, "candidate"), columns) };
        self.select(&format!("{}_alleles", table.name), "the alleles of the table", select)
    }

    /// Whether a public release holds the allele, so that listing it says nothing new.
    fn in_public_release(&mut self, block: &mut Block, row: &types::Row) -> Expr {
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
    fn counted_people(&mut self, table: &Table, frequency: &types::Frequency) -> (StepId, Vec<KeyPlan>) {
        self.entities.insert(frequency.row.id, frequency.row.entity);
        let mut block = if frequency.samples { Block::over(self, &frequency.row) } else { self.people(&frequency.row, frequency.cohort) };
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
        (self.select(&format!("{}_people", table.name), "the people who are counted, by call set", select), keys)
    }

    /// Counts of each allele in each group (or in all people): the step `…_counts`.
    fn group_counts(&mut self, table: &Table, alleles: StepId, people: StepId, keys: &[KeyPlan], grouped: bool) -> StepId {
        let name = |what: &str| format!("{}_{}{what}", table.name, if grouped { "" } else { "all_" });
        let keys: &[KeyPlan] = if grouped { keys } else { &[] };
        let key_of = |alias: &str| -> Vec<(String, Expr)> {
            keys.iter().map(|key| (key.column.clone(), Expr::column(alias, &key.column, key.ty))).collect()
        };
        let exprs = |columns: &[(String, Expr)]| columns.iter().map(|(_, expr)| expr.clone()).collect::<Vec<Expr>>();
        let same = |a: &str, b: &str| -> Vec<Expr> {
            keys.iter()
                .map(|key| {
                    let (a, b) = (Expr::column(a, &key.column, key.ty), Expr::column(b, &key.column, key.ty));
                    if key.closed.is_some() {
                        return Expr::equal(a, b);
                    }
                    Expr::Or(vec![Expr::equal(a.clone(), b.clone()), Expr::And(vec![a.is_null(), b.is_null()])])
                })
                .collect()
        };
        let number = |column: &str, copies: i64| Expr::equal(int("person", column), Expr::int(copies));
        let sizes = |counted: &dyn Fn(Option<Expr>) -> Expr| -> Vec<(String, Expr)> {
            named([
                ("everyone", counted(None)),
                ("x_two", counted(Some(number("copies_x", 2)))),
                ("x_one", counted(Some(number("copies_x", 1)))),
                ("y_two", counted(Some(number("copies_y", 2)))),
                ("y_one", counted(Some(number("copies_y", 1)))),
            ])
        };
        // Eligible people of each group: each once, whatever the number of call sets.
        let distinct = |filter: Option<Expr>| {
            Expr::Aggregate(Box::new(Aggregate {
                function: AggregateFunction::Count,
                argument: Some(word("person", "subject_id")),
                distinct: true,
                filter,
            }))
        };
        let by = key_of("person");
        let select = Select {
            group: Some(exprs(&by)),
            ..block_of(from(people, "person"), by.iter().cloned().chain(sizes(&distinct)).collect())
        };
        let eligible = self.select(&name("eligible"), "people of each group, by copies expected on X and Y", select);
        // The same by call set, for the call sets that looked at an allele.
        let mut by = vec![("call_set_id".to_owned(), int("person", "call_set_id"))];
        by.extend(key_of("person"));
        let select = Select {
            group: Some(exprs(&by)),
            ..block_of(from(people, "person"), by.iter().cloned().chain(sizes(&|filter| Expr::count(filter))).collect())
        };
        let sets = self.select(&name("sets"), "people of each call set and group", select);
        let looked = self.looked_at(table, alleles);
        let two_of = |alias: &str| {
            let class = || int("looked", "class");
            (
                case(
                    vec![
                        (Expr::equal(class(), Expr::int(TWO)), int(alias, "everyone")),
                        (Expr::equal(class(), Expr::int(ON_X)), int(alias, "x_two")),
                        (Expr::equal(class(), Expr::int(ON_Y)), int(alias, "y_two")),
                    ],
                    Expr::int(0),
                ),
                case(
                    vec![
                        (Expr::equal(class(), Expr::int(ONE)), int(alias, "everyone")),
                        (Expr::equal(class(), Expr::int(ON_X)), int(alias, "x_one")),
                        (Expr::equal(class(), Expr::int(ON_Y)), int(alias, "y_one")),
                    ],
                    Expr::int(0),
                ),
            )
        };
        let (two, one) = two_of("set_size");
        let mut by = vec![("variant_id".to_owned(), int("looked", "variant_id"))];
        by.extend(key_of("set_size"));
        let select = Select {
            joins: vec![inner(from(sets, "set_size"), [Expr::equal(int("set_size", "call_set_id"), int("looked", "call_set_id"))])],
            group: Some(exprs(&by)),
            ..block_of(
                from(looked, "looked"),
                by.iter()
                    .cloned()
                    .chain(named([
                        ("two", Expr::aggregate(AggregateFunction::Sum, two)),
                        ("one", Expr::aggregate(AggregateFunction::Sum, one)),
                    ]))
                    .collect(),
            )
        };
        let called_sets = self.select(&name("looked"), "people whose call sets looked at each allele", select);
        let calls = self.call_counts(&name("calls"), looked, people, keys);
        // Every allele in every group.
        let class = || int("allele", "class");
        let eligible_people = case(
            vec![
                (Expr::equal(class(), Expr::int(ON_X)), add(int("eligible", "x_two"), int("eligible", "x_one"))),
                (Expr::equal(class(), Expr::int(ON_Y)), add(int("eligible", "y_two"), int("eligible", "y_one"))),
            ],
            int("eligible", "everyone"),
        );
        let looked_two = zero(int("looked", "two"));
        let looked_one = zero(int("looked", "one"));
        let of_calls = |column: &str| zero(int("calls", column));
        let two_known = subtract(looked_two, of_calls("missing_two"));
        let one_known = subtract(looked_one, of_calls("missing_one"));
        let an = add(
            subtract(add(two_known.clone(), two_known.clone()), of_calls("single")),
            one_known.clone(),
        );
        let ac = add(
            add(of_calls("het"), add(of_calls("hom"), of_calls("hom"))),
            add(of_calls("single_alt"), of_calls("hemi")),
        );
        let carriers = add(add(of_calls("het"), of_calls("hom")), add(of_calls("single_alt"), of_calls("hemi")));
        let full = add(subtract(two_known, of_calls("single")), one_known);
        let mut on_looked = vec![Expr::equal(int("looked", "variant_id"), int("allele", "variant_id"))];
        on_looked.extend(same("looked", "eligible"));
        let mut on_calls = vec![Expr::equal(int("calls", "variant_id"), int("allele", "variant_id"))];
        on_calls.extend(same("calls", "eligible"));
        let mut columns = vec![("variant_id".to_owned(), int("allele", "variant_id"))];
        columns.extend(key_of("eligible"));
        columns.extend(named([
            ("people", eligible_people.clone()),
            ("ac", ac),
            ("an", an),
            ("het", of_calls("het")),
            ("hom", of_calls("hom")),
            ("hemi", of_calls("hemi")),
            ("carriers", carriers),
            ("missing", subtract(eligible_people, full)),
        ]));
        let select = Select {
            joins: vec![
                inner(from(eligible, "eligible"), [Expr::bool(true)]),
                left(from(called_sets, "looked"), on_looked),
                left(from(calls, "calls"), on_calls),
            ],
            ..block_of(from(alleles, "allele"), columns)
        };
        self.select(&name("counts"), "each allele in each group", select)
    }

    /// Which call sets looked at each allele, and whose record says so: the allele's own, or that of
    /// another allele at the same place, whose carriers do not carry this one but whose missing calls
    /// are missing here too.
    fn looked_at(&mut self, table: &Table, alleles: StepId) -> StepId {
        let key: &'static str = "looked_at";
        if let Some(step) = self.once.get(key) {
            return *step;
        }
        let (Some(site), Some(variant)) = (self.model.find("site"), self.model.find("variant")) else { return alleles };
        let (site, variant) = (self.guarded(site), self.guarded(variant));
        let same_place = [
            Expr::equal(word("other", "build"), word("allele", "build")),
            Expr::equal(word("other", "contig"), word("allele", "contig")),
            Expr::equal(int("other", "position"), int("allele", "position")),
        ];
        let own = Expr::equal(int("other", "variant_id"), int("allele", "variant_id"));
        let by = vec![int("allele", "variant_id"), int("allele", "class"), int("site", "call_set_id")];
        let select = Select {
            joins: vec![
                inner(from(variant, "other"), same_place),
                inner(from(site, "site"), [Expr::equal(int("site", "variant_id"), int("other", "variant_id"))]),
            ],
            group: Some(by),
            ..block_of(
                from(alleles, "allele"),
                named([
                    ("variant_id", int("allele", "variant_id")),
                    ("class", int("allele", "class")),
                    ("call_set_id", int("site", "call_set_id")),
                    (
                        "own_record",
                        Expr::Aggregate(Box::new(Aggregate {
                            function: AggregateFunction::Max,
                            argument: Some(int("other", "variant_id")),
                            distinct: false,
                            filter: Some(own),
                        })),
                    ),
                    ("any_record", Expr::aggregate(AggregateFunction::Min, int("other", "variant_id"))),
                ]),
            )
        };
        let records = self.select(&format!("{}_records", table.name), "records of call sets at the place of each allele", select);
        let select = block_of(
            from(records, "record"),
            named([
                ("variant_id", int("record", "variant_id")),
                ("class", int("record", "class")),
                ("call_set_id", int("record", "call_set_id")),
                ("record_id", Expr::Call(Function::Coalesce, vec![int("record", "own_record"), int("record", "any_record")])),
                ("own", int("record", "own_record").is_known()),
            ]),
        );
        let step = self.select(&format!("{}_looked_at", table.name), "which call sets looked at each allele, by which record", select);
        // Where nothing is recorded, a call set speaks only for people whom it covered there.
        let step = self.with_coverage(table, alleles, step);
        self.once.insert(key, step);
        step
    }

    /// Adds call sets without a record at the place that covered everybody there: all are reference.
    fn with_coverage(&mut self, table: &Table, alleles: StepId, records: StepId) -> StepId {
        let Some(coverage) = self.model.find("coverage") else { return records };
        let coverage = self.guarded(coverage);
        let select = Select {
            distinct: true,
            joins: vec![inner(
                from(coverage, "coverage"),
                [
                    Expr::equal(word("coverage", "contig"), word("allele", "contig")),
                    Expr::at_most(int("coverage", "start_position"), int("allele", "position")),
                    Expr::at_most(int("allele", "position"), int("coverage", "end_position")),
                ],
            )],
            filter: Some(Expr::and([
                Expr::column("coverage", "covered_by_all", Type::Bool),
                Expr::InStep {
                    values: vec![int("allele", "variant_id"), int("coverage", "call_set_id")],
                    step: records,
                    columns: vec!["variant_id".to_owned(), "call_set_id".to_owned()],
                }
                .not(),
            ])),
            ..block_of(
                from(alleles, "allele"),
                named([
                    ("variant_id", int("allele", "variant_id")),
                    ("class", int("allele", "class")),
                    ("call_set_id", int("coverage", "call_set_id")),
                    ("record_id", Expr::null(Type::Int)),
                    ("own", Expr::bool(false)),
                ]),
            )
        };
        let recorded = block_of(
            from(records, "record"),
            named([
                ("variant_id", int("record", "variant_id")),
                ("class", int("record", "class")),
                ("call_set_id", int("record", "call_set_id")),
                ("record_id", int("record", "record_id")),
                ("own", Expr::column("record", "own", Type::Bool)),
            ]),
        );
        self.step(&format!("{}_covered", table.name), "and call sets that covered everybody there", Body::UnionAll(vec![recorded, select]))
    }

    /// Counts of calls by class, for each allele and group.
    fn call_counts(&mut self, name: &str, looked: StepId, people: StepId, keys: &[KeyPlan]) -> StepId {
        let Some(call) = self.model.find("call") else { return looked };
        let call = self.guarded(call);
        let own = || Expr::column("looked", "own", Type::Bool);
        // A carrier of another allele at the place does not carry this one.
        let code = case(
            vec![
                (own(), int("call", "call")),
                (Expr::equal(int("call", "call"), Expr::int(3)), Expr::int(3)),
                (is_one_of(int("call", "call"), &[4, 5]), Expr::int(4)),
            ],
            Expr::int(0),
        );
        let mut columns = named([
            ("variant_id", int("looked", "variant_id")),
            ("code", code),
            ("copies", copies(int("looked", "class"), "person")),
        ]);
        columns.extend(keys.iter().map(|key| (key.column.clone(), Expr::column("person", &key.column, key.ty))));
        let select = Select {
            joins: vec![
                inner(
                    from(call, "call"),
                    [
                        Expr::equal(int("call", "call_set_id"), int("looked", "call_set_id")),
                        Expr::equal(int("call", "variant_id"), int("looked", "record_id")),
                    ],
                ),
                inner(
                    from(people, "person"),
                    [
                        Expr::equal(int("person", "call_set_id"), int("call", "call_set_id")),
                        Expr::equal(int("person", "ordinal"), int("call", "ordinal")),
                    ],
                ),
            ],
            ..block_of(from(looked, "looked"), columns)
        };
        let rows = self.select(&format!("{name}_rows"), "calls of the people who are counted", select);
        let two = || Expr::equal(int("call", "copies"), Expr::int(2));
        let one = || Expr::equal(int("call", "copies"), Expr::int(1));
        let code = |codes: &[i64]| is_one_of(int("call", "code"), codes);
        let count = |tests: [Expr; 2]| Expr::count(Some(Expr::and(tests)));
        let mut by = vec![("variant_id".to_owned(), int("call", "variant_id"))];
        by.extend(keys.iter().map(|key| (key.column.clone(), Expr::column("call", &key.column, key.ty))));
        let select = Select {
            group: Some(by.iter().map(|(_, expr)| expr.clone()).collect()),
            ..block_of(
                from(rows, "call"),
                by.iter()
                    .cloned()
                    .chain(named([
                        ("het", count([two(), code(&[1])])),
                        ("hom", count([two(), code(&[2])])),
                        ("single_alt", count([two(), code(&[5])])),
                        ("single", count([two(), code(&[4, 5])])),
                        ("missing_two", count([two(), code(&[3])])),
                        ("hemi", count([one(), code(&[2, 5])])),
                        ("missing_one", count([one(), code(&[1, 3])])),
                    ]))
                    .collect(),
            )
        };
        self.select(name, "calls by class: het, hom, one known allele, missing, and where one copy is expected", select)
    }

    /// The result: values of the allele, labels of keys, counts.
    fn frequency_result(
        &mut self,
        table: &Table,
        frequency: &types::Frequency,
        values: &[types::Expr],
        alleles: StepId,
        keys: &[KeyPlan],
        parts: &[StepId],
    ) -> Plan {
        let fields = ["people", "ac", "an", "het", "hom", "hemi", "carriers", "missing"];
        let allele_columns: Vec<(String, Type)> =
            self.columns(alleles).iter().filter(|(name, _)| name.starts_with("value_")).cloned().collect();
        let mut selects = Vec::new();
        let mut domains: Vec<(usize, StepId)> = Vec::new();
        for (at, key) in keys.iter().enumerate() {
            let Some((labels, _)) = &key.closed else { continue };
            let rows = labels
                .iter()
                .zip(0..)
                .map(|(label, place)| vec![Value::Int(place), label.clone().map_or(Value::Null, Value::Text)])
                .collect();
            let step = self.step(&format!("{}_{}", table.name, key.column), "the values that this key can have", Body::Values(rows));
            if let Some(step) = self.steps.get_mut(step.0 as usize) {
                step.columns = vec![("place".to_owned(), Type::Int), ("label".to_owned(), Type::Text)];
            }
            domains.push((at, step));
        }
        for (part, total) in parts.iter().zip([false, true]) {
            let mut joins = vec![inner(from(alleles, "allele"), [Expr::equal(int("allele", "variant_id"), int("counts", "variant_id"))])];
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
                        joins.push(inner(from(step, &key.column), [Expr::equal(int(&key.column, "place"), int("counts", &key.column))]));
                        columns.push((key.column.clone(), int(&key.column, "place")));
                        columns.push((label_column(key), word(&key.column, "label")));
                    }
                    (Some(_), true) => {
                        columns.push((key.column.clone(), Expr::null(Type::Int)));
                        columns.push((label_column(key), Expr::null(Type::Text)));
                    }
                    (None, false) => columns.push((label_column(key), Expr::column("counts", &key.column, key.ty))),
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
            open_keys: keys.iter().filter(|key| key.closed.is_none()).map(|key| raw(&label_column(key))).collect(),
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
                GroupCell::Key(at) => Cell::Key(keys.get(*at as usize).map_or(Raw(0), |key| raw(&label_column(key)))),
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
fn text_range() -> text::Range {
    text::Range::new(text::FileId(0), 0, 0)
}
