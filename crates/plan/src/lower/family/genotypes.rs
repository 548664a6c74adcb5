//! What people have of alleles, asked by pairs of an allele and a person: `absent`, `heterozygous`,
//! `homozygous`, `hemizygous`, or nothing known.
//!
//! The rules are those of frequencies (language.md section 4, "Identity and frequency"): the sample that
//! speaks for the person, the call set that speaks for the sample at the allele, copies expected by
//! karyotype. A call set without a record there speaks only for people whom it covered. Whoever has no full
//! call is known to have nothing and to lack nothing.

use crate::expr::{Expr, Function, Type};
use crate::lower::frequency::{case, copies, inner, int, is_one_of, left, word};
use crate::lower::{Lowering, block_of, from, named};
use crate::step::{Body, Select, StepId};

impl Lowering<'_> {
    /// `variant_id`, `subject_id`, `genotype`, `depth`, of the alleles and persons of `asked`, each pair at
    /// most once. `asked` has the place of the allele beside the pair.
    pub(super) fn genotypes(&mut self, asked: StepId) -> StepId {
        let (Some(call), Some(_)) = (self.model.find("call"), self.model.find("variant")) else {
            return self.step("genotypes", "no calls in this model", Body::Values(Vec::new()));
        };
        let call = self.guarded(call);
        let members = self.members();
        let columns = ["variant_id", "position", "class"].map(|name| (name, int("asked", name)));
        let mut columns = named(columns);
        columns.extend(super::OF_ALLELE.map(|name| (name.to_owned(), word("asked", name))));
        let select = Select { distinct: true, ..block_of(from(asked, "asked"), columns) };
        let alleles = self.select("family_alleles", "the alleles of these pairs", select);
        let looked = self.records_of("family", alleles);
        let silent = self.silent("family", alleles, looked);
        let depths = self.model.find("reference_call").map(|entity| self.guarded(entity));

        let expected = || copies(int("looked", "class"), "member");
        let code = || Expr::Call(Function::Coalesce, vec![int("call", "call"), Expr::int(0)]);
        let two = |arms: Vec<(Expr, Expr)>| {
            (Expr::equal(expected(), Expr::int(2)), case(arms, Expr::null(Type::Text)))
        };
        let one = |arms: Vec<(Expr, Expr)>| {
            (Expr::equal(expected(), Expr::int(1)), case(arms, Expr::null(Type::Text)))
        };
        let is = |codes: &[i64], name: &str| (is_one_of(code(), codes), Expr::text(name));
        // The record of this allele tells its copies; one of another allele, or coverage alone, tells only
        // whether all copies are known, and then none is this one.
        let own = case(
            vec![
                two(vec![is(&[0], "absent"), is(&[1], "heterozygous"), is(&[2], "homozygous")]),
                one(vec![is(&[0, 4], "absent"), is(&[2, 5], "hemizygous")]),
            ],
            Expr::null(Type::Text),
        );
        let other = case(
            vec![two(vec![is(&[0, 1, 2], "absent")]), one(vec![is(&[0, 2, 4, 5], "absent")])],
            Expr::null(Type::Text),
        );
        let genotype = case(vec![(Expr::column("looked", "own", Type::Bool), own)], other);
        let mut joins = vec![
            inner(
                from(members, "member"),
                [
                    Expr::equal(word("member", "subject_id"), word("asked", "subject_id")),
                    Expr::column("member", "chosen", Type::Bool),
                ],
            ),
            inner(
                from(looked, "looked"),
                [
                    Expr::equal(int("looked", "variant_id"), int("asked", "variant_id")),
                    Expr::equal(int("looked", "call_set_id"), int("member", "call_set_id")),
                ],
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
        let mut depth = vec![int("call", "depth")];
        if let Some(depths) = depths {
            joins.push(left(
                from(depths, "reference"),
                [
                    Expr::equal(int("reference", "call_set_id"), int("member", "call_set_id")),
                    Expr::equal(int("reference", "ordinal"), int("member", "ordinal")),
                    Expr::equal(int("reference", "variant_id"), int("looked", "record_id")),
                ],
            ));
            depth.push(int("reference", "depth"));
        }
        let depth = if depth.len() == 1 { depth.remove(0) } else { Expr::Call(Function::Coalesce, depth) };
        let pair =
            || [("variant_id", int("asked", "variant_id")), ("subject_id", word("asked", "subject_id"))];
        let told = |genotype: Expr, depth: Expr| {
            let mut columns = named(pair());
            columns.extend(named([("genotype", genotype), ("depth", depth)]));
            columns
        };
        let recorded = Select {
            joins,
            filter: Some(Self::heard(silent, "looked", "member")),
            ..block_of(from(asked, "asked"), told(genotype, depth))
        };
        let mut parts = vec![recorded];
        // A person covered one by one, where the call set has no record, is reference.
        if let Some(covered) = self.covered_alone(alleles, looked, members, "member") {
            let full = Expr::compare(
                crate::expr::Comparison::Greater,
                copies(int("allele", "class"), "member"),
                Expr::int(0),
            );
            let genotype = case(vec![(full, Expr::text("absent"))], Expr::null(Type::Text));
            let mut joins = covered.joins;
            joins.push(inner(
                from(asked, "asked"),
                [
                    Expr::equal(int("asked", "variant_id"), int("allele", "variant_id")),
                    Expr::equal(word("asked", "subject_id"), word("member", "subject_id")),
                    Expr::column("member", "chosen", Type::Bool),
                ],
            ));
            let tests = covered.filter.into_iter().chain([Self::heard(silent, "allele", "member")]);
            parts.push(Select {
                joins,
                filter: Some(Expr::and(tests)),
                columns: told(genotype, Expr::null(Type::Int)),
                ..block_of(covered.from, Vec::new())
            });
        }
        self.step("genotypes", "what these people have of these alleles", Body::UnionAll(parts))
    }
}
