//! `inherited(…)`: candidates of a child by mode of inheritance (language.md section 4, "Inheritance").
//!
//! The way: the child's alleles that the question keeps, each with the genes of its effects; the people of
//! the family; what each of them has of each allele (`genotypes`); the alleles beside the parents'
//! genotypes, on which the library's conditions are read; one candidate per allele and mode that is not
//! excluded, and one per pair of alleles of a gene that are not known to lie in cis (`candidates`); last,
//! where it is said who is affected, whether anybody of the family speaks against a candidate.
//!
//! What is not known stays unknown: a parent who is not permitted has no row here, as one who was never
//! recorded, and neither can make a candidate certain.

mod candidates;
mod genotypes;

use super::block::{Block, Place};
use super::frequency::{class_of, int, word};
use super::{Lowering, block_of, from, named};
use crate::expr::{Expr, Type};
use crate::step::{Body, Join, JoinKind, Select, StepId};
use types::{Inherited, Row, RowsSource};

/// The columns of the row around in the steps of a family: `around_1`, with their values in its block.
pub(super) type Around = Vec<(String, Expr)>;

/// An allele of a step of alleles, and what it needs to be placed.
pub(super) const OF_ALLELE: [&str; 2] = ["build", "contig"];

impl Lowering<'_> {
    /// Joins the candidates of a child to a block.
    pub(crate) fn join_candidates(&mut self, block: &mut Block, inherited: &Inherited, row: &Row) {
        self.entities.insert(row.id, row.entity);
        let around: Around = block
            .key
            .iter()
            .zip(1..)
            .map(|(key, number)| (format!("around_{number}"), key.clone()))
            .collect();
        let step = self.candidates(block, inherited, &around);
        let alias = block.alias("candidate");
        let on =
            around.iter().map(|(name, key)| Expr::equal(Expr::column(&alias, name, key.ty()), key.clone()));
        let on = Expr::and(on.collect::<Vec<_>>());
        block.join(JoinKind::Inner, from(step, &alias), on);
        block.rows.insert(row.id, Place::Here(alias));
    }

    /// Whether a candidate is certain: null where it is not, so that a quantifier does not count it.
    pub(crate) fn is_certain(&mut self, block: &mut Block, row: &Row) -> Expr {
        let alias = self.row_alias(block, row);
        let certain = Expr::column(&alias, "certain", Type::Bool);
        Expr::Case { arms: vec![(certain, Expr::bool(true))], otherwise: Box::new(Expr::null(Type::Bool)) }
    }

    /// The alleles of the child that the question keeps, each with its genes: around, child, parents,
    /// family, allele, the child's call.
    fn kept_alleles(&mut self, block: &Block, inherited: &Inherited, around: &Around) -> StepId {
        let mut inner = block.clone();
        let legs = std::mem::take(&mut inner.legs);
        inner.joins.retain(|join| !legs.iter().any(|leg| leg == join.source.alias()));
        let mut carried = String::new();
        for step in &inherited.alleles.steps {
            self.entities.insert(step.row.id, step.row.entity);
            self.join_rows(&mut inner, &inherited.alleles.around, &step.source, &step.row);
            if let RowsSource::Carried { call } = &step.source
                && let Some(Place::Here(alias)) = inner.rows.get(call)
            {
                carried.clone_from(alias);
            }
            let own = self.key_of(&mut inner, &step.row);
            inner.key.extend(own);
        }
        let mut filter = Vec::new();
        for step in &inherited.alleles.steps {
            for condition in &step.conditions {
                filter.push(self.expr(&mut inner, condition));
            }
        }
        let Some(allele) = inherited.alleles.steps.last().map(|step| step.row.clone()) else {
            return self.step("alleles", "no alleles", Body::Values(Vec::new()));
        };
        let variant = self.row_alias(&mut inner, &allele);
        let mut who = |lowering: &mut Self, row: &Row| {
            lowering.key_of(&mut inner, row).into_iter().next().unwrap_or_else(|| Expr::null(Type::Text))
        };
        let child = who(self, &inherited.child);
        let mother = who(self, &inherited.mother);
        let father = who(self, &inherited.father);
        let family = self.model.entity(inherited.child.entity).find_column("family");
        let family = match family {
            Some(family) if inherited.affected.is_some() => {
                self.column_of(&mut inner, &inherited.child, family)
            }
            Some(_) | None => Expr::null(Type::Text),
        };
        let genes = self.genes(&inner, inherited, &filter, around, &variant);
        let mut columns = around.clone();
        columns.extend(named([
            ("child_id", child),
            ("mother_id", mother),
            ("father_id", father),
            ("family", family),
            ("variant_id", int(&variant, "variant_id")),
            ("build", word(&variant, "build")),
            ("contig", word(&variant, "contig")),
            ("position", int(&variant, "position")),
            ("class", class_of(&variant)),
            ("in_child", word(&carried, "zygosity")),
            ("child_depth", int(&carried, "depth")),
            ("phased", Expr::column(&carried, "phased", Type::Bool)),
            ("phase_set", int(&carried, "phase_set")),
            ("haplotype", int(&carried, "haplotype")),
        ]));
        let select = inner.select(columns, filter);
        let alleles = self.select("child_alleles", "alleles of the children that are looked at", select);
        let columns: Vec<(String, Type)> = self.columns(alleles).to_vec();
        let mut columns: Vec<(String, Expr)> =
            columns.into_iter().map(|(name, ty)| (name.clone(), Expr::column("allele", &name, ty))).collect();
        columns.push(("gene".to_owned(), word("gene", "gene")));
        let mut on = vec![Expr::equal(int("gene", "variant_id"), int("allele", "variant_id"))];
        on.extend(around.iter().map(|(name, key)| {
            Expr::equal(Expr::column("gene", name, key.ty()), Expr::column("allele", name, key.ty()))
        }));
        let join = Join { kind: JoinKind::Left, source: from(genes, "gene"), on: Expr::and(on) };
        let select = Select { joins: vec![join], ..block_of(from(alleles, "allele"), columns) };
        self.select("child_alleles_by_gene", "each beside the genes that it is looked at for", select)
    }

    /// The genes of the effects for which the alleles are kept: around, allele, gene.
    fn genes(
        &mut self,
        alleles: &Block,
        inherited: &Inherited,
        filter: &[Expr],
        around: &Around,
        variant: &str,
    ) -> StepId {
        let mut block = alleles.clone();
        let mut filter = filter.to_vec();
        let alias = block.alias("effect");
        if let Some(effect) = self.model.find("effect") {
            let step = self.guarded(effect);
            let on = Expr::and([
                Expr::equal(int(&alias, "variant_id"), int(variant, "variant_id")),
                Expr::column(&alias, "reported", Type::Bool),
            ]);
            block.join(JoinKind::Inner, from(step, &alias), on);
            for (row, _) in &inherited.genes {
                self.entities.insert(row.id, row.entity);
                block.rows.insert(row.id, Place::Here(alias.clone()));
            }
            for (_, condition) in &inherited.genes {
                filter.push(self.expr(&mut block, condition));
            }
            filter.push(word(&alias, "gene").is_known());
        } else {
            filter.push(Expr::bool(false));
        }
        let mut columns = around.clone();
        columns.push(("variant_id".to_owned(), int(variant, "variant_id")));
        let gene =
            if self.model.find("effect").is_some() { word(&alias, "gene") } else { Expr::null(Type::Text) };
        columns.push(("gene".to_owned(), gene));
        let select = Select { distinct: true, ..block.select(columns, filter) };
        self.select("child_genes", "the genes that these alleles are looked at for", select)
    }

    /// Who belongs to the family of a child: the child, its parents, and whoever has the same family, each
    /// once, with whether the person is affected where that is said.
    fn family(&mut self, alleles: StepId, inherited: &Inherited) -> StepId {
        let child = || word("allele", "child_id");
        let columns = |subject: Expr| named([("child_id", child()), ("subject_id", subject)]);
        let mut parts: Vec<Select> = ["child_id", "mother_id", "father_id"]
            .into_iter()
            .map(|who| Select {
                filter: Some(word("allele", who).is_known()),
                ..block_of(from(alleles, "allele"), columns(word("allele", who)))
            })
            .collect();
        let subject = inherited.child.entity;
        let entity = self.model.entity(subject);
        let key = entity.key.first().map(|key| entity.column(*key).name.clone());
        if let (Some(_), Some(key)) = (inherited.affected, &key) {
            let people = self.guarded(subject);
            parts.push(Select {
                joins: vec![Join {
                    kind: JoinKind::Inner,
                    source: from(people, "person"),
                    on: Expr::equal(word("person", "family"), word("allele", "family")),
                }],
                ..block_of(from(alleles, "allele"), columns(word("person", key)))
            });
        }
        let all = self.step("family_rows", "the child, its parents and its family", Body::UnionAll(parts));
        let affected = match (inherited.affected, key) {
            (Some(cohort), Some(key)) => Expr::InStep {
                values: vec![word("person", "subject_id")],
                step: self.cohort(cohort),
                columns: vec![key],
            },
            _ => Expr::null(Type::Bool),
        };
        let select = Select {
            distinct: true,
            ..block_of(
                from(all, "person"),
                named([
                    ("child_id", word("person", "child_id")),
                    ("subject_id", word("person", "subject_id")),
                    ("affected", affected),
                ]),
            )
        };
        self.select("family", "who belongs to the family of each child", select)
    }

    /// A column of a person of the family, null where the person is not there.
    fn of_person(value: Expr, person: Expr) -> Expr {
        Expr::Case {
            arms: vec![(person.is_known(), value.clone())],
            otherwise: Box::new(Expr::null(value.ty())),
        }
    }

    /// The value where enough reads cover the genotype; without a bound, the value.
    fn deep_enough(value: Expr, depth: Expr, bound: Option<i64>) -> Expr {
        match bound {
            None => value,
            Some(bound) => Expr::Case {
                arms: vec![(Expr::at_most(Expr::int(bound), depth), value.clone())],
                otherwise: Box::new(Expr::null(value.ty())),
            },
        }
    }
}
