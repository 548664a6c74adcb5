//! A vocabulary small enough to read: a few terms, genes and alleles that the cases name.
//!
//! Ids, labels and parents are those of HPO, the Disease Ontology, the Sequence Ontology and ICD-10, so
//! that a case reads like a program of a real project. Nothing of a release is loaded; what is missing here
//! is unknown to the cases.

use std::collections::BTreeSet;

use types::{Allele, CodeStatus, NamedAlleles, Vocabulary};

/// A term in use: CURIE, label, parents.
type Term = (&'static str, &'static str, &'static [&'static str]);

const TERMS: &[Term] = &[
    ("DOID:14330", "Parkinson's disease", &[]),
    ("DOID:9351", "diabetes mellitus", &[]),
    ("DOID:9352", "type 2 diabetes mellitus", &["DOID:9351"]),
    ("HP:0000118", "Phenotypic abnormality", &[]),
    ("HP:0000707", "Abnormality of the nervous system", &["HP:0000118"]),
    ("HP:0001249", "Intellectual disability", &["HP:0012638"]),
    ("HP:0001250", "Seizure", &["HP:0012638"]),
    ("HP:0001626", "Abnormality of the cardiovascular system", &["HP:0000118"]),
    ("HP:0001638", "Cardiomyopathy", &["HP:0001626"]),
    ("HP:0001639", "Hypertrophic cardiomyopathy", &["HP:0001638"]),
    ("HP:0001644", "Dilated cardiomyopathy", &["HP:0001638"]),
    ("HP:0002069", "Bilateral tonic-clonic seizure", &["HP:0001250"]),
    ("HP:0002197", "Generalized-onset seizure", &["HP:0001250"]),
    ("HP:0012638", "Abnormal nervous system physiology", &["HP:0000707"]),
    ("ICD10:E10", "Type 1 diabetes mellitus", &[]),
    ("ICD10:E11", "Type 2 diabetes mellitus", &[]),
    ("ICD10:E11.9", "Type 2 diabetes mellitus, without complications", &[]),
    ("ICD10:G20", "Parkinson disease", &[]),
    ("ICD10:G40", "Epilepsy", &[]),
    ("ICD10:I21", "Acute myocardial infarction", &[]),
    ("ICD10:I22", "Subsequent myocardial infarction", &[]),
    ("SO:0001583", "missense_variant", &["SO:0001818"]),
    ("SO:0001587", "stop_gained", &["SO:0001818"]),
    ("SO:0001589", "frameshift_variant", &["SO:0001818"]),
    ("SO:0001818", "protein_altering_variant", &[]),
    ("SO:0001819", "synonymous_variant", &[]),
];

/// Former ids and the terms that have taken them over.
const REPLACED: &[(&str, &str)] = &[("HP:0002279", "HP:0001250")];

/// Obsolete terms without a successor, with their last label.
const OBSOLETE: &[(&str, &str)] = &[("HP:0001145", "Chorioretinopathy")];

const GENES: &[&str] =
    &["BRCA1", "BRCA2", "G6PD", "LDLR", "MYBPC3", "MYH7", "NKX2-5", "PCSK9", "SCN1A", "TNNT2"];

/// Names of alleles, each with contig, position, reference and alternate in GRCh38.
const ALLELES: &[(&str, &str, i64, &str, &str)] = &[
    ("NC_000002.12:g.3000G>A", "2", 3000, "G", "A"),
    ("NM_000059.4:c.5946del", "13", 32_340_300, "GT", "G"),
    ("NM_000257.4:c.10A>G", "1", 1000, "A", "G"),
    ("NM_000257.4:c.30C>T", "1", 2000, "C", "T"),
    ("NM_001276345.2:c.20A>G", "1", 1000, "A", "G"),
    ("NM_001360016.2:c.202G>A", "X", 154_536_002, "C", "T"),
    ("NM_007294.4:c.68_69del", "17", 43_124_027, "ACT", "A"),
    ("NP_000050.3:p.(Ser1982fs)", "13", 32_340_300, "GT", "G"),
    ("NP_000050.3:p.Pro2Thr", "13", 32_316_463, "G", "A"),
    ("NP_000050.3:p.Pro2Thr", "13", 32_316_464, "T", "C"),
    ("NP_000248.2:p.(Arg10*)", "1", 2000, "C", "T"),
    ("rs100", "1", 1000, "A", "G"),
    ("rs1050828", "X", 154_536_002, "C", "T"),
    ("rs200", "1", 2000, "C", "G"),
    ("rs200", "1", 2000, "C", "T"),
    ("rs80357906", "17", 43_057_062, "T", "TG"),
    ("rs80357906", "17", 43_057_062, "T", "TGG"),
];

/// Names that were written after the lock file.
const UNPINNED: &[&str] = &["NM_000257.4:c.99C>T", "rs99999999"];

/// The terms, genes and alleles of the cases; one build, GRCh38.
#[derive(Clone, Copy, Debug, Default)]
pub struct SmallVocabulary;

impl Vocabulary for SmallVocabulary {
    fn code(&self, curie: &str) -> CodeStatus {
        if let Some((_, label, _)) = term(curie) {
            return CodeStatus::Current((*label).to_owned());
        }
        if let Some((_, new)) = REPLACED.iter().find(|(old, _)| *old == curie) {
            let label = term(new).map_or("", |(_, label, _)| label);
            return CodeStatus::ReplacedBy { id: (*new).to_owned(), label: label.to_owned() };
        }
        if let Some((_, label)) = OBSOLETE.iter().find(|(old, _)| *old == curie) {
            return CodeStatus::Obsolete((*label).to_owned());
        }
        if listed(system(curie)) { CodeStatus::Unknown } else { CodeStatus::Unlisted }
    }

    fn has_closure(&self, name: &str) -> bool {
        listed(name) && name != "ICD10"
    }

    fn descendants_or_self(&self, curie: &str) -> Vec<String> {
        let below = |(id, _, _): &&Term| above(id).contains(curie);
        TERMS.iter().filter(below).map(|(id, _, _)| (*id).to_owned()).collect()
    }

    fn ancestors_or_self(&self, curie: &str) -> Vec<String> {
        above(curie).into_iter().map(str::to_owned).collect()
    }

    fn near_codes(&self, curie: &str, label: Option<&str>) -> Vec<(String, String)> {
        let mine = || TERMS.iter().filter(|(id, _, _)| system(id) == system(curie));
        let offer = |(id, label, _): &Term| ((*id).to_owned(), (*label).to_owned());
        let named: Vec<_> = match label {
            Some(label) => {
                mine().filter(|(_, name, _)| name.eq_ignore_ascii_case(label)).map(offer).collect()
            }
            None => Vec::new(),
        };
        if !named.is_empty() {
            return named;
        }
        let apart = |id: &str| id.bytes().zip(curie.bytes()).filter(|(a, b)| a != b).count();
        mine().filter(|(id, _, _)| id.len() == curie.len() && apart(id) == 1).map(offer).collect()
    }

    fn is_gene(&self, symbol: &str) -> bool {
        GENES.contains(&symbol)
    }

    fn builds(&self) -> Vec<String> {
        vec!["GRCh38".to_owned()]
    }

    fn alleles(&self, name: &str) -> NamedAlleles {
        let mut found: Vec<Allele> = ALLELES
            .iter()
            .filter(|(known, ..)| *known == name)
            .map(|(_, contig, position, reference, alternate)| Allele {
                build: "GRCh38".to_owned(),
                contig: (*contig).to_owned(),
                position: *position,
                reference: (*reference).to_owned(),
                alternate: (*alternate).to_owned(),
            })
            .collect();
        found.sort();
        if !found.is_empty() {
            return NamedAlleles::Found(found);
        }
        if UNPINNED.contains(&name) {
            return NamedAlleles::NotPinned;
        }
        let Some((accession, change)) = name.split_once(':') else { return NamedAlleles::Absent(Vec::new()) };
        let stem = |accession: &str| accession.split('.').next().unwrap_or("").to_owned();
        let mut others = Vec::new();
        let mut near = Vec::new();
        for (known, ..) in ALLELES {
            let Some((of, other)) = known.split_once(':') else { continue };
            if of != accession && stem(of) == stem(accession) && other == change {
                others.push((*known).to_owned());
            } else if of == accession && !near.contains(&(*known).to_owned()) {
                near.push((*known).to_owned());
            }
        }
        if others.is_empty() { NamedAlleles::Absent(near) } else { NamedAlleles::OtherVersions(others) }
    }
}

fn term(curie: &str) -> Option<&'static Term> {
    TERMS.iter().find(|(id, _, _)| *id == curie)
}

fn system(curie: &str) -> &str {
    curie.split(':').next().unwrap_or(curie)
}

/// Whether codes of the system are listed here; ATC and LOINC are not, as in most projects.
fn listed(name: &str) -> bool {
    TERMS.iter().any(|(id, _, _)| system(id) == name)
}

/// A term and all above it.
fn above(curie: &str) -> BTreeSet<&str> {
    let mut found = BTreeSet::from([curie]);
    let mut open = vec![curie];
    while let Some((_, _, parents)) = open.pop().and_then(term) {
        open.extend(parents.iter().copied().filter(|parent| found.insert(parent)));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_term_holds_what_is_below_it() {
        let all = SmallVocabulary.descendants_or_self("HP:0001638");
        assert_eq!(all, ["HP:0001638", "HP:0001639", "HP:0001644"]);
        let above = SmallVocabulary.ancestors_or_self("HP:0001639");
        assert_eq!(above, ["HP:0000118", "HP:0001626", "HP:0001638", "HP:0001639"]);
    }

    #[test]
    fn every_parent_and_successor_is_a_term() {
        let parents = TERMS.iter().flat_map(|(_, _, parents)| parents.iter());
        let successors = REPLACED.iter().map(|(_, new)| new);
        for id in parents.chain(successors) {
            assert!(term(id).is_some(), "{id}");
        }
    }
}
