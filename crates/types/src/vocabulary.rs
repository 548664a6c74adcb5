//! What a check must know of codes, genes and alleles. `session` answers from the lock file; nothing
//! here reads a warehouse.

use crate::query::Allele;

/// What an ontology says of a code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CodeStatus {
    /// A current term with its label.
    Current(String),
    /// An obsolete or alternative id whose meaning another term has taken over.
    ReplacedBy {
        /// The CURIE to use.
        id: String,
        /// Its label.
        label: String,
    },
    /// Obsolete, without a successor.
    Obsolete(String),
    /// The pinned version has no such code; near ones with labels.
    Unknown,
    /// Nothing is pinned for the system, or it has no list of codes (`ATC`, `LOINC` without a table).
    Unlisted,
}

/// What an HGVS expression or rs number stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NamedAlleles {
    /// These alleles, sorted; at least one.
    Found(Vec<Allele>),
    /// The annotation has the same change for other versions of the accession: how it is named there.
    OtherVersions(Vec<String>),
    /// The annotation does not have it; near names that it has.
    Absent(Vec<String>),
    /// It was not looked up yet.
    NotPinned,
}

/// Answers about codes, genes and alleles.
pub trait Vocabulary {
    /// What is known of `HP:0001250`.
    fn code(&self, curie: &str) -> CodeStatus;
    /// Whether codes of the system have descendants by a closure that is pinned. Otherwise a code's
    /// descendants are the codes that begin with it (`ICD10`, `ATC`) or none.
    fn has_closure(&self, system: &str) -> bool;
    /// The descendants of a term and itself, CURIEs in byte order.
    fn descendants_or_self(&self, curie: &str) -> Vec<String>;
    /// The ancestors of a term and itself, CURIEs in byte order.
    fn ancestors_or_self(&self, curie: &str) -> Vec<String>;
    /// Labels of terms near to a label or number, for help.
    fn near_codes(&self, curie: &str, label: Option<&str>) -> Vec<(String, String)>;
    /// Whether a gene symbol is known; true where no genes are pinned.
    fn is_gene(&self, symbol: &str) -> bool;
    /// The genome builds of the call sets that are pinned; empty where none is.
    fn builds(&self) -> Vec<String>;
    /// What an HGVS expression or rs number stands for.
    fn alleles(&self, name: &str) -> NamedAlleles;
}

/// Knows no codes: every code is unlisted, every gene known.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoVocabulary;

impl Vocabulary for NoVocabulary {
    fn code(&self, _curie: &str) -> CodeStatus {
        CodeStatus::Unlisted
    }
    fn has_closure(&self, _system: &str) -> bool {
        false
    }
    fn descendants_or_self(&self, curie: &str) -> Vec<String> {
        vec![curie.to_owned()]
    }
    fn ancestors_or_self(&self, curie: &str) -> Vec<String> {
        vec![curie.to_owned()]
    }
    fn near_codes(&self, _curie: &str, _label: Option<&str>) -> Vec<(String, String)> {
        Vec::new()
    }
    fn is_gene(&self, _symbol: &str) -> bool {
        true
    }
    fn builds(&self) -> Vec<String> {
        Vec::new()
    }
    fn alleles(&self, _name: &str) -> NamedAlleles {
        NamedAlleles::NotPinned
    }
}
