//! Who is which ordinal of a call set, the copies expected of each, who carries what, and who was
//! assessed at all.

use super::{ON_X, ON_Y, ONE, TWO, case, inner, int, is_one_of, left, text_range, word};
use crate::expr::{Aggregate, AggregateFunction, Comparison, Expr, Function, Order, Type, Window};
use crate::lower::block::{Block, Place};
use crate::lower::{Lowering, block_of, from, named as names};
use crate::step::{Body, Select, StepId};
use types::Allele;

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

/// Copies expected of a person at an allele: by the class of the place.
pub(crate) fn copies(class: Expr, person: &str) -> Expr {
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
pub(crate) fn class_of(alias: &str) -> Expr {
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
        pairs
            .iter()
            .map(|(name, copies)| (Expr::equal(word(alias, column), Expr::text(*name)), Expr::int(*copies)))
            .collect()
    };
    let of_sex = case(arms("sex", by_sex), Expr::int(0));
    let mut all = vec![(word(alias, "karyotype").is_null(), of_sex)];
    all.extend(arms("karyotype", by_karyotype));
    case(all, Expr::int(0))
}

impl Lowering<'_> {
    /// `member`: the memberships of permitted samples in call sets, with expected copies, and whether
    /// the sample is the one that speaks for its subject: the newest that did not fail QC. A tie is an
    /// error of the data, which `baseq schema check` tells; as no query can stop at one person's data,
    /// that person has no sample that speaks, is no part of a frequency and is assessed for nothing.
    pub(crate) fn members(&mut self) -> StepId {
        if let Some(step) = self.once.get("members") {
            return *step;
        }
        let (Some(membership), Some(sample), Some(subject)) =
            (self.model.find("call_set_sample"), self.model.find("sample"), self.model.subject())
        else {
            return self.step("member", "no call sets in this model", Body::Values(Vec::new()));
        };
        let (membership, sample, subject) =
            (self.guarded(membership), self.guarded(sample), self.guarded(subject));
        let in_call_set = Expr::InStep {
            values: vec![word("sample", "sample_id")],
            step: membership,
            columns: vec!["sample_id".to_owned()],
        };
        let order = |key: Expr, descending| Order { key, descending, nulls_first: false };
        let ranked = Select {
            filter: Some(Expr::and([
                in_call_set,
                Expr::Call(
                    Function::Coalesce,
                    vec![Expr::column("sample", "qc_passed", Type::Bool), Expr::bool(true)],
                ),
            ])),
            ..block_of(
                from(sample, "sample"),
                names([
                    ("sample_id", word("sample", "sample_id")),
                    ("subject_id", word("sample", "subject_id")),
                    (
                        "nth",
                        Expr::Window(Box::new(Window {
                            aggregate: None,
                            before: false,
                            partition: vec![word("sample", "subject_id")],
                            order: vec![
                                order(Expr::column("sample", "collected_on", Type::Date), true),
                                order(word("sample", "sample_id"), false),
                            ],
                        })),
                    ),
                    (
                        "equals",
                        Expr::Window(Box::new(Window {
                            before: false,
                            aggregate: Some(Aggregate {
                                function: AggregateFunction::Count,
                                argument: None,
                                distinct: false,
                                filter: None,
                            }),
                            partition: vec![
                                word("sample", "subject_id"),
                                Expr::column("sample", "collected_on", Type::Date),
                            ],
                            order: Vec::new(),
                        })),
                    ),
                ]),
            )
        };
        let ranked =
            self.select("called_sample", "samples with genotypes, the newest of each person first", ranked);
        let select = Select {
            joins: vec![
                inner(
                    from(membership, "membership"),
                    [Expr::equal(word("membership", "sample_id"), word("sample", "sample_id"))],
                ),
                inner(
                    from(subject, "subject"),
                    [Expr::equal(word("subject", "subject_id"), word("sample", "subject_id"))],
                ),
            ],
            ..block_of(
                from(ranked, "sample"),
                names([
                    ("call_set_id", int("membership", "call_set_id")),
                    ("ordinal", int("membership", "ordinal")),
                    ("sample_id", word("sample", "sample_id")),
                    ("subject_id", word("sample", "subject_id")),
                    (
                        "chosen",
                        Expr::and([
                            Expr::equal(int("sample", "nth"), Expr::int(1)),
                            // Of two that are equally new neither speaks: their person is not assessed.
                            Expr::equal(int("sample", "equals"), Expr::int(1)),
                        ]),
                    ),
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
        let step = self.select(
            "member",
            "who is which ordinal of a call set, with the copies expected of X and Y",
            select,
        );
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
        let silent = self.silent_records();
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
                inner(
                    from(variant, "variant"),
                    [Expr::equal(int("variant", "variant_id"), int("call", "variant_id"))],
                ),
            ],
            filter: Some(Expr::and(
                std::iter::once(is_one_of(int("call", "call"), &[1, 2, 5]))
                    .chain(silent.map(|silent| Self::heard(silent, "call", "call"))),
            )),
            ..block_of(
                from(call, "call"),
                names([
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
                    ("haplotype", int("call", "haplotype")),
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
        let mut columns: Vec<(String, Expr)> =
            keep.iter().map(|name| ((*name).to_owned(), word("called", name))).collect();
        columns.push(("chosen".to_owned(), Expr::column("called", "chosen", Type::Bool)));
        columns.push(("phased".to_owned(), Expr::column("called", "phased", Type::Bool)));
        for name in
            ["call_set_id", "ordinal", "variant_id", "call", "phase_set", "haplotype", "depth", "quality"]
        {
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
    pub(crate) fn not_assessed(
        &mut self,
        block: &mut Block,
        around: &types::Row,
        step: &types::RowsStep,
    ) -> Expr {
        let subject = self.model.subject() == Some(around.entity);
        let members = self.members();
        let column = if subject { "subject_id" } else { "sample_id" };
        // Wherever in the parentheses an allele is named: `a or b` names both.
        let mut named: Vec<Allele> = Vec::new();
        for condition in &step.conditions {
            types::each_expr(condition, &mut |inner| {
                if let types::Kind::IsAllele(row, alleles) = &inner.kind
                    && row.id == step.row.id
                {
                    for allele in alleles {
                        if !named.contains(allele) {
                            named.push(allele.clone());
                        }
                    }
                }
            });
        }
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
    pub(crate) fn fully_called(
        &mut self,
        members: StepId,
        column: &str,
        subject: bool,
        step: &types::RowsStep,
        named: &[Allele],
    ) -> StepId {
        let (Some(call), Some(variant)) = (self.model.find("call"), self.model.find("variant")) else {
            return members;
        };
        let (call, variant) = (self.guarded(call), self.guarded(variant));
        let variant = self.with_named(variant, named);
        let block = |from| Block {
            from,
            joins: Vec::new(),
            rows: std::collections::BTreeMap::new(),
            exits: std::collections::BTreeMap::new(),
            index: std::collections::BTreeMap::new(),
            hops: Vec::new(),
            key: Vec::new(),
            legs: Vec::new(),
        };
        let mut alleles = block(from(variant, "variant"));
        alleles.rows.insert(step.row.id, Place::Here("variant".to_owned()));
        let one_of = types::Expr {
            kind: types::Kind::IsAllele(step.row.clone(), named.to_vec()),
            ty: types::Type::Bool,
            label: model::ColumnLabel::Public,
            range: text_range(),
        };
        let is_named = self.expr(&mut alleles, &one_of);
        let columns = names([
            ("variant_id", int("variant", "variant_id")),
            ("build", word("variant", "build")),
            ("contig", word("variant", "contig")),
            ("position", int("variant", "position")),
            ("class", class_of("variant")),
        ]);
        let select = alleles.select(columns, vec![is_named]);
        let alleles = self.select("named", "the alleles that are named", select);
        // As for frequencies: a call set without a record speaks where it covered everybody.
        let looked = self.records_of("named", alleles);
        let silent = self.silent("named", alleles, looked);
        let joins = vec![
            inner(
                from(looked, "looked"),
                [Expr::equal(int("looked", "call_set_id"), int("member", "call_set_id"))],
            ),
            left(
                from(call, "call"),
                [
                    Expr::equal(int("call", "call_set_id"), int("member", "call_set_id")),
                    Expr::equal(int("call", "ordinal"), int("member", "ordinal")),
                    Expr::equal(int("call", "variant_id"), int("looked", "record_id")),
                ],
            ),
        ];
        let expected = copies(int("looked", "class"), "member");
        let full = Expr::Or(vec![
            int("call", "call").is_null(),
            Expr::and([Expr::equal(expected.clone(), Expr::int(2)), is_one_of(int("call", "call"), &[1, 2])]),
            Expr::and([Expr::equal(expected, Expr::int(1)), is_one_of(int("call", "call"), &[2, 4, 5])]),
        ]);
        let columns = |allele: &str| {
            names([("who", word("member", column)), ("variant_id", int(allele, "variant_id"))])
        };
        let chosen = || subject.then(|| Expr::column("member", "chosen", Type::Bool));
        let recorded = Select {
            joins,
            filter: Some(Expr::and(
                [full, Self::heard(silent, "looked", "member")].into_iter().chain(chosen()),
            )),
            ..block_of(from(members, "member"), columns("looked"))
        };
        let mut parts = vec![recorded];
        // A person covered one by one, where the call set has no record, is reference.
        if let Some(covered) = self.covered_alone(alleles, looked, members, "member") {
            let tests = [Self::heard(silent, "allele", "member")].into_iter().chain(chosen());
            parts.push(Select {
                filter: Some(Expr::and(covered.filter.into_iter().chain(tests))),
                columns: columns("allele"),
                ..covered
            });
        }
        let called = self.step("full_calls", "full calls of the named alleles", Body::UnionAll(parts));
        let select = Select {
            group: Some(vec![word("call", "who")]),
            ..block_of(
                from(called, "call"),
                names([
                    ("who", word("call", "who")),
                    (
                        "called",
                        Expr::Aggregate(Box::new(Aggregate {
                            function: AggregateFunction::Count,
                            argument: Some(int("call", "variant_id")),
                            distinct: true,
                            filter: None,
                        })),
                    ),
                ]),
            )
        };
        let counted =
            self.select("fully_called", "at how many of the named alleles each has a full call", select);
        let all = i64::try_from(named.len()).unwrap_or(i64::MAX);
        let select = Select {
            filter: Some(Expr::equal(int("called", "called"), Expr::int(all))),
            ..block_of(from(counted, "called"), vec![("who".to_owned(), word("called", "who"))])
        };
        self.select("assessed", "who has a full call at every named allele", select)
    }
}
