//! Codes, genes and alleles, answered from the lock file: [`types::Vocabulary`].
//!
//! A pin is read when something of it is asked for the first time. What cannot be read then answers as
//! if it were not pinned, and is remembered, so that the check that asked fails as a whole.

use crate::lock::pin::{Found, Pin};
use crate::lock::{self, Lock, OntologyLock};
use crate::project::Project;
use crate::trouble::{Result, Trouble};
use crate::warehouse::names;
use diag::near_names;
use model::ontology::classification::System;
use std::collections::BTreeMap;
use std::sync::{Mutex, OnceLock, PoisonError};
use types::{CodeStatus, NamedAlleles, Vocabulary};

/// How many near codes are offered.
const OFFERED: usize = 3;

/// The vocabularies of a project's lock file.
#[derive(Debug)]
pub(crate) struct Pinned {
    project: Project,
    lock: Option<Lock>,
    ontologies: BTreeMap<String, OnceLock<Option<Pin>>>,
    genes: OnceLock<Option<String>>,
    alleles: OnceLock<BTreeMap<String, NamedAlleles>>,
    damage: Mutex<Vec<Trouble>>,
}

impl Pinned {
    pub(crate) fn new(project: Project, lock: Option<Lock>) -> Pinned {
        let systems = lock.iter().flat_map(|lock| &lock.ontology);
        Pinned {
            ontologies: systems.map(|ontology| (ontology.system.clone(), OnceLock::new())).collect(),
            project,
            lock,
            genes: OnceLock::new(),
            alleles: OnceLock::new(),
            damage: Mutex::new(Vec::new()),
        }
    }

    /// The first pin that could not be read, if any was asked for in vain.
    pub(crate) fn damage(&self) -> Result<()> {
        match self.damage.lock().unwrap_or_else(PoisonError::into_inner).first() {
            Some(trouble) => Err(trouble.clone()),
            None => Ok(()),
        }
    }

    /// The ancestors of a term in use and itself, as CURIEs; `None` where the pinned release does not
    /// have the term, or has it under another id by now.
    pub(crate) fn above(&self, curie: &str) -> Option<Vec<String>> {
        let pin = self.pin(system_of(curie))?;
        match pin.find(curie)? {
            Found::InUse(term) => Some(ids(pin, &pin.ancestors_or_self(term))),
            Found::Old(_) | Found::Obsolete(_) => None,
        }
    }

    fn head(&self, system: &str) -> Option<&OntologyLock> {
        self.lock.as_ref()?.ontology.iter().find(|ontology| ontology.system == system)
    }

    /// The pin of a system.
    pub(crate) fn pin(&self, system: &str) -> Option<&Pin> {
        let head = self.head(system)?;
        self.ontologies.get(system)?.get_or_init(|| self.open(head)).as_ref()
    }

    fn open(&self, head: &OntologyLock) -> Option<Pin> {
        let bytes = self.sound(lock::read_pin(&self.project, &head.pin, &head.sha256))?;
        let damaged = || lock::damaged(&self.project.root.join(&head.pin), "this is no pin");
        self.sound(Pin::open(bytes).ok_or_else(damaged))
    }

    fn sound<T>(&self, result: Result<T>) -> Option<T> {
        result
            .map_err(|trouble| self.damage.lock().unwrap_or_else(PoisonError::into_inner).push(trouble))
            .ok()
    }

    fn text(&self, pinned: &lock::Pinned) -> Option<String> {
        let bytes = self.sound(lock::read_pin(&self.project, &pinned.pin, &pinned.sha256))?;
        let damaged = |_| lock::damaged(&self.project.root.join(&pinned.pin), "this is no text");
        self.sound(String::from_utf8(bytes).map_err(damaged))
    }

    /// Gene symbols, sorted by bytes, one per line.
    fn genes(&self) -> Option<&str> {
        let pinned = self.lock.as_ref()?.genes.as_ref()?;
        self.genes.get_or_init(|| self.text(pinned)).as_deref()
    }

    pub(crate) fn named_alleles(&self) -> Option<&BTreeMap<String, NamedAlleles>> {
        let pinned = self.lock.as_ref()?.alleles.as_ref()?;
        Some(self.alleles.get_or_init(|| names::read(&self.text(pinned).unwrap_or_default())))
    }
}

impl Vocabulary for Pinned {
    fn code(&self, curie: &str) -> CodeStatus {
        let system = system_of(curie);
        let Some(pin) = self.pin(system) else { return CodeStatus::Unlisted };
        match pin.find(curie) {
            Some(Found::InUse(term)) => CodeStatus::Current(pin.label(term).to_owned()),
            Some(Found::Old(term)) => {
                CodeStatus::ReplacedBy { id: pin.id(term).to_owned(), label: pin.label(term).to_owned() }
            }
            Some(Found::Obsolete(term)) => CodeStatus::Obsolete(pin.label(term).to_owned()),
            None => CodeStatus::Unknown,
        }
    }

    fn has_closure(&self, system: &str) -> bool {
        // Classifications keep their hierarchy in the spelling of their codes.
        self.head(system).is_some() && System::of(system).is_none()
    }

    fn descendants_or_self(&self, curie: &str) -> Vec<String> {
        self.closure(curie, Pin::descendants_or_self)
    }

    fn ancestors_or_self(&self, curie: &str) -> Vec<String> {
        self.closure(curie, Pin::ancestors_or_self)
    }

    fn near_codes(&self, curie: &str, label: Option<&str>) -> Vec<(String, String)> {
        let Some(pin) = self.pin(system_of(curie)) else { return Vec::new() };
        let terms: Vec<u32> = pin.in_use().collect();
        let offer = |term: u32| (pin.id(term).to_owned(), pin.label(term).to_owned());
        if let Some(label) = label {
            let lower = label.to_lowercase();
            let mut found: Vec<u32> = terms
                .iter()
                .copied()
                .filter(|term| pin.label(*term).to_lowercase().contains(&lower))
                .collect();
            // The shortest label that holds the words is the most general term.
            found.sort_by_key(|term| (pin.label(*term).len(), *term));
            if found.is_empty() {
                let near = near_names(label, terms.iter().map(|term| pin.label(*term)));
                found = terms.iter().copied().filter(|term| near.contains(&pin.label(*term))).collect();
            }
            if !found.is_empty() {
                return found.into_iter().take(OFFERED).map(offer).collect();
            }
        }
        // A mistyped number differs in one digit or in two neighbours: more would be half the ontology.
        let digits = |id: &str| id.bytes().zip(curie.bytes()).filter(|(a, b)| a != b).count();
        let mut near: Vec<(usize, u32)> = terms
            .into_iter()
            .filter(|term| pin.id(*term).len() == curie.len())
            .map(|term| (digits(pin.id(term)), term))
            .filter(|(distance, _)| *distance <= 1)
            .collect();
        near.sort_unstable();
        near.into_iter().take(OFFERED).map(|(_, term)| offer(term)).collect()
    }

    fn is_gene(&self, symbol: &str) -> bool {
        let Some(genes) = self.genes() else { return true };
        // Lines are sorted, but of different length; a scan of 40,000 of them takes less than a millisecond.
        genes.lines().any(|line| line == symbol)
    }

    fn builds(&self) -> Vec<String> {
        self.lock.as_ref().map(|lock| lock.warehouse.builds.clone()).unwrap_or_default()
    }

    fn alleles(&self, name: &str) -> NamedAlleles {
        let named = self.named_alleles().and_then(|named| named.get(name));
        named.cloned().unwrap_or(NamedAlleles::NotPinned)
    }
}

impl Pinned {
    /// The codes of a system that are in use, sorted; empty where no list of them is pinned.
    pub(crate) fn listed(&self, system: &str) -> Vec<String> {
        let Some(pin) = self.pin(system) else { return Vec::new() };
        pin.in_use().map(|term| pin.id(term).to_owned()).collect()
    }

    /// Terms in use, of one system or of all, whose label has all the words or whose id begins with them.
    pub(crate) fn like(&self, system: Option<&str>, words: &str, most: usize) -> Vec<(String, String)> {
        let lower = words.to_lowercase();
        let words: Vec<&str> = lower.split_whitespace().collect();
        let mut found: Vec<(usize, String, String)> = Vec::new();
        for name in self.ontologies.keys().filter(|name| system.is_none_or(|system| system == name.as_str()))
        {
            let Some(pin) = self.pin(name) else { continue };
            for term in pin.in_use() {
                let (id, label) = (pin.id(term), pin.label(term));
                let local = id.split_once(':').map_or("", |(_, local)| local);
                let lower_label = label.to_lowercase();
                if local.to_lowercase().starts_with(&lower)
                    || words.iter().all(|word| lower_label.contains(word))
                {
                    found.push((label.len(), id.to_owned(), label.to_owned()));
                }
            }
        }
        found.sort();
        found.into_iter().take(most).map(|(_, id, label)| (id, label)).collect()
    }

    fn closure(&self, curie: &str, of: impl Fn(&Pin, u32) -> Vec<u32>) -> Vec<String> {
        let pin = self.pin(system_of(curie));
        match pin.and_then(|pin| pin.find(curie).map(|found| (pin, found))) {
            Some((pin, Found::InUse(term) | Found::Old(term) | Found::Obsolete(term))) => {
                ids(pin, &of(pin, term))
            }
            None => vec![curie.to_owned()],
        }
    }
}

fn ids(pin: &Pin, terms: &[u32]) -> Vec<String> {
    terms.iter().map(|term| pin.id(*term).to_owned()).collect()
}

fn system_of(curie: &str) -> &str {
    curie.split(':').next().unwrap_or("")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lock::{PinFile, Warehouse, lock_of, pin};
    use crate::project::Settings;

    fn pinned() -> (tempfile::TempDir, Pinned) {
        let folder = tempfile::tempdir().unwrap();
        let project =
            Project { root: folder.path().to_owned(), settings: Settings::default(), declared: true };
        let ontology = model::ontology::obo::read(pin::tests::SMALL, None).unwrap();
        let file = PinFile::new("HP", "pin", pin::write(&ontology).unwrap());
        let genes = PinFile::new("genes", "txt", b"BRCA1\nNKX2-5\n".to_vec());
        let alleles = PinFile::new(
            "alleles",
            "tsv",
            b"rs1\tGRCh38\t13\t100\tA\tG\nrs1\tGRCh38\t13\t100\tA\tT\n".to_vec(),
        );
        let list = |file: &PinFile| lock::Pinned {
            count: 1,
            pin: file.name.clone(),
            sha256: file.sha256.clone(),
            loaded: None,
        };
        let lock = Lock {
            genes: Some(list(&genes)),
            alleles: Some(list(&alleles)),
            ontology: vec![OntologyLock {
                system: "HP".into(),
                version: "1".into(),
                terms: 6,
                source: String::new(),
                pin: file.name.clone(),
                sha256: file.sha256.clone(),
            }],
            ..lock_of(Warehouse::default())
        };
        lock.write(&project, &[file, genes, alleles]).unwrap();
        (folder, Pinned::new(project, Some(lock)))
    }

    #[test]
    fn codes() {
        let (_folder, pinned) = pinned();
        assert_eq!(pinned.code("HP:0001250"), CodeStatus::Current("Seizure".into()));
        assert_eq!(
            pinned.code("HP:0001303"),
            CodeStatus::ReplacedBy { id: "HP:0001250".into(), label: "Seizure".into() }
        );
        assert_eq!(pinned.code("HP:0000010"), CodeStatus::Obsolete("gone".into()));
        assert_eq!(pinned.code("HP:7777777"), CodeStatus::Unknown);
        assert_eq!(pinned.code("MONDO:1"), CodeStatus::Unlisted);
        assert_eq!(pinned.descendants_or_self("HP:0001250"), ["HP:0001250", "HP:0002069"]);
        assert_eq!(pinned.above("HP:0001250").unwrap(), ["HP:0000001", "HP:0000118", "HP:0001250"]);
        assert_eq!(pinned.above("HP:0001303"), None, "an alternative id is unknown to consent");
        assert!(pinned.has_closure("HP") && !pinned.has_closure("ICD10"));
    }

    #[test]
    fn near_codes_by_label_and_by_number() {
        let (_folder, pinned) = pinned();
        let by = |curie: &str, label| {
            pinned.near_codes(curie, label).into_iter().map(|(id, _)| id).collect::<Vec<_>>()
        };
        assert_eq!(by("HP:9999999", Some("seizure")), ["HP:0001250", "HP:0002069"]);
        assert_eq!(by("HP:9999999", Some("siezure")), ["HP:0001250"]);
        assert_eq!(by("HP:0001251", None), ["HP:0001250"]);
    }

    #[test]
    fn genes_and_alleles() {
        let (_folder, pinned) = pinned();
        assert!(pinned.is_gene("NKX2-5") && !pinned.is_gene("NKX2"));
        assert!(matches!(pinned.alleles("rs1"), NamedAlleles::Found(two) if two.len() == 2));
        assert_eq!(pinned.alleles("rs2"), NamedAlleles::NotPinned);
        assert!(pinned.damage().is_ok());
    }

    #[test]
    fn a_damaged_pin_is_remembered() {
        let (_folder, pinned) = pinned();
        let head = pinned.head("HP").unwrap();
        std::fs::write(pinned.project.root.join(crate::project::PINS).join(&head.pin), "").unwrap();
        assert_eq!(pinned.code("HP:0001250"), CodeStatus::Unlisted);
        assert!(pinned.damage().is_err());
    }
}
