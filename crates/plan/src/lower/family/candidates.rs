//! Candidates: alleles beside the parents' genotypes, the modes that hold or may hold, pairs with how they
//! are known to lie in trans, and who of the family speaks against a candidate.

use super::Around;
use crate::expr::{Aggregate, AggregateFunction, Comparison, Expr, Function, Order, Type, Window};
use crate::lower::block::{Block, Place};
use crate::lower::frequency::{ON_X, ON_Y, ONE, case, inner, int, left, word};
use crate::lower::{Lowering, block_of, from, named};
use crate::step::{Body, Join, JoinKind, Select, StepId};
use std::collections::BTreeMap;
use types::{Inherited, Row};

impl Lowering<'_> {
    /// The candidates of a block's rows: around, and the columns of the derived entity.
    pub(super) fn candidates(&mut self, block: &Block, inherited: &Inherited, around: &Around) -> StepId {
        let alleles = self.kept_alleles(block, inherited, around);
        let family = self.family(alleles, inherited);
        let asked = self.family_pairs(alleles, family);
        let genotypes = self.genotypes(asked);
        let transmissions = self.transmissions(alleles, family, genotypes, inherited, around);
        let mut parts: Vec<Select> =
            inherited.modes.iter().map(|mode| self.single(transmissions, inherited, mode, around)).collect();
        let pairs = self.pairs(transmissions, inherited, around);
        parts.push(pairs);
        let all = self.step("candidate_rows", "what each mode makes of them", Body::UnionAll(parts));
        let numbered = self.numbered(all, around);
        self.judged_by_family(numbered, family, genotypes, inherited, around)
    }

    /// Pairs of an allele and a person of the child's family.
    fn family_pairs(&mut self, alleles: StepId, family: StepId) -> StepId {
        let mut columns = named(["variant_id", "position", "class"].map(|name| (name, int("allele", name))));
        columns.extend(super::OF_ALLELE.map(|name| (name.to_owned(), word("allele", name))));
        columns.push(("subject_id".to_owned(), word("person", "subject_id")));
        let select = Select {
            distinct: true,
            joins: vec![inner(
                from(family, "person"),
                [Expr::equal(word("person", "child_id"), word("allele", "child_id"))],
            )],
            ..block_of(from(alleles, "allele"), columns)
        };
        self.select("family_asked", "the alleles and people that are asked about", select)
    }

    /// `transmission`: each allele of the child beside the parents' genotypes.
    fn transmissions(
        &mut self,
        alleles: StepId,
        family: StepId,
        genotypes: StepId,
        inherited: &Inherited,
        around: &Around,
    ) -> StepId {
        let mut joins = Vec::new();
        for (person, genotype, member) in
            [("mother_id", "of_mother", "mother"), ("father_id", "of_father", "father")]
        {
            joins.push(left(
                from(genotypes, genotype),
                [
                    Expr::equal(int(genotype, "variant_id"), int("allele", "variant_id")),
                    Expr::equal(word(genotype, "subject_id"), word("allele", person)),
                ],
            ));
            joins.push(left(
                from(family, member),
                [
                    Expr::equal(word(member, "child_id"), word("allele", "child_id")),
                    Expr::equal(word(member, "subject_id"), word("allele", person)),
                ],
            ));
        }
        let depth = inherited.depth;
        let genotype = |alias: &str| Self::deep_enough(word(alias, "genotype"), int(alias, "depth"), depth);
        let affected = |alias: &str, person: &str| {
            Self::of_person(Expr::column(alias, "affected", Type::Bool), word("allele", person))
        };
        let mut columns: Vec<(String, Expr)> =
            around.iter().map(|(name, key)| (name.clone(), Expr::column("allele", name, key.ty()))).collect();
        columns.extend(named([
            ("child_id", word("allele", "child_id")),
            ("variant_id", int("allele", "variant_id")),
            ("gene", word("allele", "gene")),
            ("place", place_of(int("allele", "class"))),
            ("in_child", Self::deep_enough(word("allele", "in_child"), int("allele", "child_depth"), depth)),
            ("in_mother", genotype("of_mother")),
            ("in_father", genotype("of_father")),
            ("mother_affected", affected("mother", "mother_id")),
            ("father_affected", affected("father", "father_id")),
            ("contig", word("allele", "contig")),
            ("phased", Expr::column("allele", "phased", Type::Bool)),
            ("phase_set", int("allele", "phase_set")),
            ("haplotype", int("allele", "haplotype")),
        ]));
        let select = Select { joins, ..block_of(from(alleles, "allele"), columns) };
        self.select("transmission", "alleles of the children beside their parents' genotypes", select)
    }

    /// A condition of the library on rows of a step.
    fn on_derived(&mut self, step: StepId, alias: &str, row: &Row, rule: &types::Expr) -> Expr {
        self.entities.insert(row.id, row.entity);
        let mut block = Block {
            from: from(step, alias),
            joins: Vec::new(),
            rows: BTreeMap::from([(row.id, Place::Here(alias.to_owned()))]),
            index: BTreeMap::new(),
            exits: BTreeMap::new(),
            hops: Vec::new(),
            key: Vec::new(),
            legs: Vec::new(),
        };
        // These rows are read as they lie: their conditions join nothing.
        self.expr(&mut block, rule)
    }

    /// Candidates of one allele by one mode.
    fn single(
        &mut self,
        transmissions: StepId,
        inherited: &Inherited,
        mode: &types::Mode,
        around: &Around,
    ) -> Select {
        let holds = self.on_derived(transmissions, "one", &inherited.transmission, &mode.holds);
        let mut columns = of_around(around, "one");
        columns.extend(named([
            ("child_id", word("one", "child_id")),
            ("mode", Expr::text(&mode.name)),
            ("phase", Expr::null(Type::Text)),
            ("gene", word("one", "gene")),
            ("place", word("one", "place")),
            ("certain", is_true(holds.clone())),
            ("first_variant_id", int("one", "variant_id")),
            ("second_variant_id", Expr::null(Type::Int)),
        ]));
        Select { filter: Some(not_false(holds)), ..block_of(from(transmissions, "one"), columns) }
    }

    /// Pairs of alleles of a gene that are not known to lie on the same copy.
    fn pairs(&mut self, transmissions: StepId, inherited: &Inherited, around: &Around) -> Select {
        let pair = &inherited.pair;
        let row = &inherited.transmission;
        let on = |alias: &str, lowering: &mut Self, rule: &types::Expr| {
            lowering.on_derived(transmissions, alias, row, rule)
        };
        let mut both = |rule: &types::Expr| (on("one", self, rule), on("other", self, rule));
        let (may_one, may_other) = both(&pair.may);
        let (mother_one, mother_other) = both(&pair.from_mother);
        let (father_one, father_other) = both(&pair.from_father);
        let or = |parts: Vec<Expr>| Expr::Or(parts);
        // By the parents: one from each, or both from the same.
        let apart = or(vec![
            Expr::and([mother_one.clone(), father_other.clone()]),
            Expr::and([father_one.clone(), mother_other.clone()]),
        ]);
        let together = or(vec![Expr::and([mother_one, mother_other]), Expr::and([father_one, father_other])]);
        // By the calls: both phased in one set, or along the contig where the source names no set.
        let bool = |alias: &str, column: &str| Expr::column(alias, column, Type::Bool);
        let sets = |test: fn(Expr) -> Expr| {
            Expr::and([test(int("one", "phase_set")), test(int("other", "phase_set"))])
        };
        let read = Expr::and([
            sets(Expr::is_known),
            Expr::equal(int("one", "phase_set"), int("other", "phase_set")),
        ]);
        let along = sets(Expr::is_null);
        let phased = Expr::and([
            bool("one", "phased"),
            bool("other", "phased"),
            Expr::equal(word("one", "contig"), word("other", "contig")),
        ]);
        let differ = Expr::compare(Comparison::NotEqual, int("one", "haplotype"), int("other", "haplotype"));
        let same = Expr::equal(int("one", "haplotype"), int("other", "haplotype"));
        let by_call = |set: &Expr, where_: &Expr| Expr::and([phased.clone(), set.clone(), where_.clone()]);
        let phase = case(
            vec![
                (apart.clone(), Expr::text("trio")),
                (together.clone(), Expr::null(Type::Text)),
                (by_call(&read, &differ), Expr::text("read")),
                (by_call(&along, &differ), Expr::text("statistics")),
                (by_call(&or(vec![read, along]), &same), Expr::null(Type::Text)),
            ],
            Expr::text("possible"),
        );
        let may = Expr::and([may_one, may_other]);
        let certain = Expr::and([
            is_true(may.clone()),
            phase.clone().is_known(),
            Expr::equal(phase.clone(), Expr::text("possible")).not(),
        ]);
        let mut columns = of_around(around, "one");
        columns.extend(named([
            ("child_id", word("one", "child_id")),
            ("mode", Expr::text(&pair.name)),
            ("phase", phase.clone()),
            ("gene", word("one", "gene")),
            ("place", word("one", "place")),
            ("certain", is_true(certain)),
            ("first_variant_id", int("one", "variant_id")),
            ("second_variant_id", int("other", "variant_id")),
        ]));
        let mut on: Vec<Expr> = around
            .iter()
            .map(|(name, key)| {
                Expr::equal(Expr::column("other", name, key.ty()), Expr::column("one", name, key.ty()))
            })
            .collect();
        on.push(Expr::equal(word("other", "child_id"), word("one", "child_id")));
        on.push(Expr::equal(word("other", "gene"), word("one", "gene")));
        on.push(Expr::less(int("one", "variant_id"), int("other", "variant_id")));
        Select {
            joins: vec![inner(from(transmissions, "other"), on)],
            filter: Some(Expr::and([not_false(may), phase.is_known()])),
            ..block_of(from(transmissions, "one"), columns)
        }
    }

    /// Candidates with their number, which is their key.
    fn numbered(&mut self, all: StepId, around: &Around) -> StepId {
        let order = |key: Expr| Order { key, descending: false, nulls_first: true };
        let by: Vec<Order> = of_around(around, "row")
            .into_iter()
            .map(|(_, key)| key)
            .chain([
                word("row", "child_id"),
                word("row", "gene"),
                word("row", "mode"),
                int("row", "first_variant_id"),
                int("row", "second_variant_id"),
            ])
            .map(order)
            .collect();
        let number = Expr::Window(Box::new(Window {
            aggregate: None,
            partition: Vec::new(),
            order: by,
            before: false,
        }));
        let columns: Vec<(String, Type)> = self.columns(all).to_vec();
        let mut columns: Vec<(String, Expr)> =
            columns.into_iter().map(|(name, ty)| (name.clone(), Expr::column("row", &name, ty))).collect();
        columns.push(("candidate_id".to_owned(), number));
        self.select(
            "candidate_numbers",
            "candidates, each with a number",
            block_of(from(all, "row"), columns),
        )
    }

    /// Candidates with what the family says of each.
    fn judged_by_family(
        &mut self,
        candidates: StepId,
        family: StepId,
        genotypes: StepId,
        inherited: &Inherited,
        around: &Around,
    ) -> StepId {
        let verdicts =
            inherited.affected.is_some().then(|| self.verdicts(candidates, family, genotypes, inherited));
        let certain = || Expr::column("row", "certain", Type::Bool);
        let zero = |value: Expr| Expr::Call(Function::Coalesce, vec![value, Expr::int(0)]);
        let count = |column: &str| match verdicts {
            Some(_) => zero(int("verdict", column)),
            None => Expr::int(0),
        };
        let segregates = case(
            vec![
                (Expr::less(Expr::int(0), count("against")), Expr::bool(false)),
                (certain(), Expr::bool(true)),
            ],
            Expr::null(Type::Bool),
        );
        let joins: Vec<Join> = verdicts
            .map(|verdicts| Join {
                kind: JoinKind::Left,
                source: from(verdicts, "verdict"),
                on: Expr::equal(int("verdict", "candidate_id"), int("row", "candidate_id")),
            })
            .into_iter()
            .collect();
        let mut columns = of_around(around, "row");
        columns.extend(named([
            ("candidate_id", int("row", "candidate_id")),
            ("child_id", word("row", "child_id")),
            ("mode", word("row", "mode")),
            ("phase", word("row", "phase")),
            ("gene", word("row", "gene")),
            ("certain", certain()),
            ("segregates", segregates),
            ("not_genotyped", count("silent")),
            ("first_variant_id", int("row", "first_variant_id")),
            ("second_variant_id", int("row", "second_variant_id")),
        ]));
        let select = Select { joins, ..block_of(from(candidates, "row"), columns) };
        self.select("candidates", "candidates by mode of inheritance, and whether the family agrees", select)
    }

    /// Of each candidate: how many people of the family speak against it, and how many say nothing for want
    /// of a genotype.
    fn verdicts(
        &mut self,
        candidates: StepId,
        family: StepId,
        genotypes: StepId,
        inherited: &Inherited,
    ) -> StepId {
        let of = |alias: &str, column: &str| {
            left(
                from(genotypes, alias),
                [
                    Expr::equal(int(alias, "variant_id"), int("row", column)),
                    Expr::equal(word(alias, "subject_id"), word("person", "subject_id")),
                ],
            )
        };
        let genotype =
            |alias: &str| Self::deep_enough(word(alias, "genotype"), int(alias, "depth"), inherited.depth);
        let select = Select {
            joins: vec![
                inner(
                    from(family, "person"),
                    [Expr::equal(word("person", "child_id"), word("row", "child_id"))],
                ),
                of("first", "first_variant_id"),
                of("second", "second_variant_id"),
            ],
            ..block_of(
                from(candidates, "row"),
                named([
                    ("candidate_id", int("row", "candidate_id")),
                    ("mode", word("row", "mode")),
                    ("place", word("row", "place")),
                    ("affected", Expr::column("person", "affected", Type::Bool)),
                    ("genotype", genotype("first")),
                    ("second_genotype", genotype("second")),
                ]),
            )
        };
        let relatives = self.select("relative", "the family beside each candidate", select);
        let row = &inherited.relative;
        let modes = inherited.modes.iter().map(|mode| (&mode.name, &mode.affects));
        let rules: Vec<_> = modes.chain([(&inherited.pair.name, &inherited.pair.affects)]).collect();
        let mut arms = Vec::new();
        for (name, rule) in rules {
            let rule = self.on_derived(relatives, "relative", row, rule);
            arms.push((Expr::equal(word("relative", "mode"), Expr::text(name)), rule));
        }
        let select = block_of(
            from(relatives, "relative"),
            named([
                ("candidate_id", int("relative", "candidate_id")),
                ("affected", Expr::column("relative", "affected", Type::Bool)),
                ("expected", case(arms, Expr::null(Type::Bool))),
            ]),
        );
        let expected = self.select("relative_expected", "who would be affected by it", select);
        let bool = |column: &str| Expr::column("relative", column, Type::Bool);
        let differs = Expr::compare(Comparison::NotEqual, bool("affected"), bool("expected"));
        let count = |filter: Expr| {
            Expr::Aggregate(Box::new(Aggregate {
                function: AggregateFunction::Count,
                argument: None,
                distinct: false,
                filter: Some(filter),
            }))
        };
        let select = Select {
            group: Some(vec![int("relative", "candidate_id")]),
            ..block_of(
                from(expected, "relative"),
                named([
                    ("candidate_id", int("relative", "candidate_id")),
                    ("against", count(differs)),
                    ("silent", count(bool("expected").is_null())),
                ]),
            )
        };
        self.select("candidate_verdicts", "how many of the family speak against each candidate", select)
    }
}

fn of_around(around: &Around, alias: &str) -> Vec<(String, Expr)> {
    around.iter().map(|(name, key)| (name.clone(), Expr::column(alias, name, key.ty()))).collect()
}

fn is_true(test: Expr) -> Expr {
    Expr::IsTrue(Box::new(test))
}

fn not_false(test: Expr) -> Expr {
    Expr::IsTrue(Box::new(test.not())).not()
}

/// The word for a class of places.
fn place_of(class: Expr) -> Expr {
    case(
        vec![
            (Expr::equal(class.clone(), Expr::int(ON_X)), Expr::text("x")),
            (Expr::equal(class.clone(), Expr::int(ON_Y)), Expr::text("y")),
            (Expr::equal(class, Expr::int(ONE)), Expr::text("mitochondrial")),
        ],
        Expr::text("autosomal"),
    )
}
