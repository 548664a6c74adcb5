//! The checked form of `inherited(…)`: which alleles of which child, and when each mode of inheritance
//! holds (language.md section 4, "Inheritance").

use crate::query::{CohortId, Expr, Row, Rows};
use text::Range;

/// Candidates of a child: alleles, or pairs of alleles of a gene, that the child may have by some mode of
/// inheritance.
///
/// A mode holds of an allele or a pair when its condition is true; where the condition is unknown, the
/// candidate is there and is not certain. A quantifier over candidates counts those as unknown.
#[derive(Clone, Debug, PartialEq)]
pub struct Inherited {
    /// The child, from the row around.
    pub child: Row,
    /// The mother; no row where she is not recorded or not permitted.
    pub mother: Row,
    /// The father, likewise.
    pub father: Row,
    /// The carried alleles that are looked at: one step, around the child.
    pub alleles: Rows,
    /// Conditions on the effects that give an allele its gene, each with the row of its effect.
    pub genes: Vec<(Row, Expr)>,
    /// A genotype with a depth that is lower, or not known, is not known.
    pub depth: Option<i64>,
    /// The people who have the condition; without it only the child is known to have it, and nothing is
    /// known of relatives.
    pub affected: Option<CohortId>,
    /// The row of an allele of the child beside its parents' genotypes.
    pub transmission: Row,
    /// The row of a person of the family beside an allele or a pair.
    pub relative: Row,
    /// The modes of one allele.
    pub modes: Vec<Mode>,
    /// The mode of two alleles of a gene.
    pub pair: Pair,
    /// Where it is written.
    pub range: Range,
}

/// A mode of one allele.
#[derive(Clone, Debug, PartialEq)]
pub struct Mode {
    /// Its name.
    pub name: String,
    /// When it holds, on the transmission's row.
    pub holds: Expr,
    /// Who would be affected by it, on the relative's row.
    pub affects: Expr,
}

/// The mode of two alleles of a gene, one on each copy.
#[derive(Clone, Debug, PartialEq)]
pub struct Pair {
    /// Its name.
    pub name: String,
    /// Whether an allele can be one of the two, on the transmission's row.
    pub may: Expr,
    /// Whether an allele is the mother's, on the transmission's row.
    pub from_mother: Expr,
    /// Whether it is the father's.
    pub from_father: Expr,
    /// Who would be affected, on the relative's row.
    pub affects: Expr,
}

impl Inherited {
    /// Every expression in it.
    pub fn exprs(&self) -> impl Iterator<Item = &Expr> {
        let alleles = self.alleles.steps.iter().flat_map(|step| step.conditions.iter().chain(&step.bounds));
        alleles.chain(self.genes.iter().map(|(_, condition)| condition)).chain(self.rules())
    }

    /// The conditions of its modes.
    pub fn rules(&self) -> impl Iterator<Item = &Expr> {
        let Pair { name: _, may, from_mother, from_father, affects } = &self.pair;
        let modes = self.modes.iter().flat_map(|mode| [&mode.holds, &mode.affects]);
        modes.chain([may, from_mother, from_father, affects])
    }

    /// Every expression in it, to be changed.
    pub fn exprs_mut(&mut self) -> impl Iterator<Item = &mut Expr> {
        let Pair { name: _, may, from_mother, from_father, affects } = &mut self.pair;
        let steps = self.alleles.steps.iter_mut();
        let alleles = steps.flat_map(|step| step.conditions.iter_mut().chain(&mut step.bounds));
        let modes = self.modes.iter_mut().flat_map(|mode| [&mut mode.holds, &mut mode.affects]);
        let genes = self.genes.iter_mut().map(|(_, condition)| condition);
        alleles.chain(genes).chain(modes).chain([may, from_mother, from_father, affects])
    }
}
