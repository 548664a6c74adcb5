//! Entities whose rows the compiler computes, instead of reading a table: what `inherited(…)` gives, and
//! the rows on which the definitions of `stdlib/inheritance.bq` are read.
//!
//! They stand behind the declared entities, so that nobody creates, loads, grants or checks a table for
//! them, and answer to no name as a source: only `define NAME.…` knows them, and `inherited`.

use crate::entity::{Column, ColumnId, Entity, EntityId, Life, Linkage, Model, Relation, RelationId};
use crate::ty::ColumnType;
use syntax::tree::ColumnLabel;
use text::Range;

/// What can be known of a person's copies of an allele.
pub const GENOTYPES: [&str; 4] = ["absent", "heterozygous", "homozygous", "hemizygous"];
/// Where an allele lies, as far as inheritance goes; pseudo-autosomal regions are autosomal.
pub const PLACES: [&str; 4] = ["autosomal", "x", "y", "mitochondrial"];
/// Modes of inheritance, in the order in which candidates of one allele are listed.
pub const MODES: [&str; 5] = ["de_novo", "compound_het", "recessive", "dominant", "x_linked"];
/// How it is known that two alleles of a gene lie on different copies of it.
pub const PHASES: [&str; 4] = ["trio", "read", "statistics", "possible"];

/// An allele of a child beside its parents' genotypes.
pub const TRANSMISSION: &str = "transmission";
/// A person of the child's family beside an allele or two.
pub const RELATIVE: &str = "relative";
/// A row of `inherited(…)`.
pub const CANDIDATE: &str = "candidate";

/// All of them.
pub const NAMES: [&str; 3] = [TRANSMISSION, RELATIVE, CANDIDATE];

impl Model {
    /// A derived entity by name.
    pub fn find_derived(&self, name: &str) -> Option<EntityId> {
        let at = self.derived.iter().position(|entity| entity.name == name)?;
        u32::try_from(self.entities.len() + at).ok().map(EntityId)
    }

    /// Whether the compiler computes the rows of an entity.
    pub fn is_derived(&self, id: EntityId) -> bool {
        id.0 as usize >= self.entities.len()
    }

    /// Adds the derived entities where the model has genotypes of people whose parents it knows.
    pub(crate) fn derive(&mut self) {
        let Some(subject) = self.subject() else { return };
        let entity = self.entity(subject);
        let parent = |name: &str| {
            entity.find_relation(name).is_some_and(|id| {
                let relation = entity.relation(id);
                !relation.many && relation.target == subject
            })
        };
        let genotypes = ["variant", "call", "call_set_sample", "sample"];
        let Some(key) = entity.key.first().copied() else { return };
        if !parent("mother") || !parent("father") || genotypes.iter().any(|name| self.find(name).is_none()) {
            return;
        }
        let range = entity.range;
        let made = |name: &str, columns: Vec<Column>| derived(name, columns, (subject, key), range);
        self.derived = vec![
            made(
                TRANSMISSION,
                vec![
                    one_of("place", &PLACES, false, "Where the allele lies.", range),
                    one_of("in_child", &GENOTYPES, true, "The child's genotype of the allele.", range),
                    one_of("in_mother", &GENOTYPES, true, "The mother's; null where it is not known.", range),
                    one_of("in_father", &GENOTYPES, true, "The father's; null where it is not known.", range),
                    plain("mother_affected", ColumnType::Bool, true, "Null where nobody said who is.", range),
                    plain("father_affected", ColumnType::Bool, true, "Null where nobody said who is.", range),
                ],
            ),
            made(
                RELATIVE,
                vec![
                    one_of("place", &PLACES, false, "Where the allele lies.", range),
                    one_of("genotype", &GENOTYPES, true, "The person's genotype of the allele.", range),
                    one_of(
                        "second_genotype",
                        &GENOTYPES,
                        true,
                        "That of the second allele of a pair.",
                        range,
                    ),
                    plain("affected", ColumnType::Bool, true, "Null where nobody said who is.", range),
                ],
            ),
            made(
                CANDIDATE,
                vec![
                    one_of("mode", &MODES, false, "How the child has it.", range),
                    one_of("phase", &PHASES, true, "Of a pair: how it is known to be in trans.", range),
                    plain("gene", ColumnType::Gene, true, "The gene.", range),
                    plain(
                        "certain",
                        ColumnType::Bool,
                        false,
                        "Whether every genotype that the mode needs is known.",
                        range,
                    ),
                    plain(
                        "segregates",
                        ColumnType::Bool,
                        true,
                        "Whether nobody of the family speaks against it; null where it is not certain.",
                        range,
                    ),
                    plain(
                        "not_genotyped",
                        ColumnType::Int,
                        false,
                        "People of the family who say nothing for want of a genotype.",
                        range,
                    ),
                    plain("first_variant_id", ColumnType::Int, false, "The allele.", range),
                    plain("second_variant_id", ColumnType::Int, true, "The second allele of a pair.", range),
                ],
            ),
        ];
    }
}

fn derived(name: &str, columns: Vec<Column>, subject: (EntityId, ColumnId), range: Range) -> Entity {
    let own = Column {
        label: ColumnLabel::Identifier,
        ..plain(&format!("{name}_id"), ColumnType::Int, false, "Its number.", range)
    };
    let child = Column {
        label: ColumnLabel::Identifier,
        ..plain("child_id", ColumnType::Id, false, "The child.", range)
    };
    Entity {
        name: name.to_owned(),
        plural: format!("{name}s"),
        table: String::new(),
        key: vec![ColumnId(0)],
        linkage: Linkage::Of(vec![vec![RelationId(0)]]),
        coded_by: None,
        dated_by: None,
        undated_outside: false,
        assessed: None,
        conversions: Vec::new(),
        life: Life::default(),
        observed_by: None,
        columns: [own, child].into_iter().chain(columns).collect(),
        intervals: Vec::new(),
        relations: vec![Relation {
            name: "child".to_owned(),
            target: subject.0,
            many: false,
            optional: false,
            on: vec![(ColumnId(1), subject.1)],
            doc: vec!["The child.".to_owned()],
            range,
        }],
        doc: Vec::new(),
        range,
    }
}

fn plain(name: &str, ty: ColumnType, optional: bool, doc: &str, range: Range) -> Column {
    Column {
        name: name.to_owned(),
        ty,
        optional,
        unit: None,
        label: ColumnLabel::Sensitive,
        doc: vec![doc.to_owned()],
        range,
    }
}

fn one_of(name: &str, members: &[&str], optional: bool, doc: &str, range: Range) -> Column {
    let members = members.iter().map(|member| (*member).to_owned()).collect();
    plain(name, ColumnType::Enum { members, ordered: false }, optional, doc, range)
}
