//! Alleles that the query names by a literal and that no file has: `variants` holds them too
//! (language.md section 4, "`variants` as a source").
//!
//! Such an allele is a row with an identifier below 0, so that it meets no call and no annotation; the
//! records and the coverage at its place say who is reference there.

use super::{int, left};
use crate::expr::{Expr, Type, Value};
use crate::lower::{Lowering, block_of, from};
use crate::step::{Body, Select, StepId};
use types::{Allele, Kind, Rule};

/// What identifies an allele.
const IDENTITY: [(&str, Type); 5] = [
    ("build", Type::Text),
    ("contig", Type::Text),
    ("position", Type::Int),
    ("ref", Type::Text),
    ("alt", Type::Text),
];

impl Lowering<'_> {
    /// The rows of `variants`, and a row for each named allele that is not among them.
    pub(crate) fn with_named(&mut self, variants: StepId, alleles: &[Allele]) -> StepId {
        if alleles.is_empty() {
            return variants;
        }
        let rows = alleles
            .iter()
            .zip(1..)
            .map(|(allele, number)| {
                vec![
                    Value::Int(-number),
                    Value::Text(allele.build.clone()),
                    Value::Text(allele.contig.clone()),
                    Value::Int(allele.position),
                    Value::Text(allele.reference.clone()),
                    Value::Text(allele.alternate.clone()),
                ]
            })
            .collect();
        let step = self.step("named_allele", "alleles that the query names", Body::Values(rows));
        if let Some(step) = self.steps.get_mut(step.0 as usize) {
            step.columns = std::iter::once(("variant_id", Type::Int))
                .chain(IDENTITY)
                .map(|(name, ty)| (name.to_owned(), ty))
                .collect();
        }
        let columns = self.columns(variants).to_vec();
        let recorded =
            columns.iter().map(|(name, ty)| (name.clone(), Expr::column("variant", name, *ty))).collect();
        let own = |name: &str| name == "variant_id" || IDENTITY.iter().any(|(known, _)| *known == name);
        let unrecorded = columns
            .iter()
            .map(|(name, ty)| {
                let value = match name.as_str() {
                    // A literal has a reference allele, so its last base is known.
                    "end_position" => {
                        let ends = alleles.iter().zip(1..).map(|(allele, number)| {
                            let bases = i64::try_from(allele.reference.chars().count()).unwrap_or(1);
                            let last = allele.position.saturating_add(bases - 1);
                            (Expr::equal(int("named", "variant_id"), Expr::int(-number)), Expr::int(last))
                        });
                        Expr::Case { arms: ends.collect(), otherwise: Box::new(Expr::null(Type::Int)) }
                    }
                    name if own(name) => Expr::column("named", name, *ty),
                    _ => Expr::null(*ty),
                };
                (name.clone(), value)
            })
            .collect();
        let same = IDENTITY.map(|(name, ty)| {
            Expr::equal(Expr::column("variant", name, ty), Expr::column("named", name, ty))
        });
        let absent = Select {
            joins: vec![left(from(variants, "variant"), same)],
            filter: Some(int("variant", "variant_id").is_null()),
            ..block_of(from(step, "named"), unrecorded)
        };
        let recorded: Select = block_of(from(variants, "variant"), recorded);
        self.step(
            "variants_and_named",
            "alleles of the files, and named ones that no file has",
            Body::UnionAll(vec![recorded, absent]),
        )
    }
}

/// Alleles that rules name by a literal, wherever they stand without a `not` around them.
pub(crate) fn named_by_rules(rules: &[Rule]) -> Vec<Allele> {
    let mut alleles = Vec::new();
    let mut open: Vec<&types::Expr> = rules.iter().map(|rule| &rule.condition).collect();
    while let Some(test) = open.pop() {
        match &test.kind {
            Kind::And(parts) | Kind::Or(parts) => open.extend(parts),
            Kind::IsAllele(_, named) => alleles.extend(named.iter().cloned()),
            _ => {}
        }
    }
    alleles.sort();
    alleles.dedup();
    alleles
}
