//! A pinned vocabulary in one file, read as it lies: ids, labels, what became of old ids, ancestors.
//!
//! Nothing is built when a file is opened, so that a check of one file costs one read of a megabyte,
//! not twenty thousand allocations. All numbers are 32 bits, little end first:
//!
//! | section | numbers |
//! |---|---|
//! | magic `bqpin\0\0\x01` | |
//! | terms, alternatives, ancestors, bytes of text | 4 |
//! | where each id begins in the text, and the end | terms + 1 |
//! | where each label begins in the text, and the end | terms + 1 |
//! | what each term is: in use, obsolete, or the term that took its place | terms |
//! | where each alternative id begins in the text, and the end | alternatives + 1 |
//! | the term of each alternative id | alternatives |
//! | where the ancestors of each term begin, and the end | terms + 1 |
//! | ancestors of all terms one after the other, each ascending, without the term itself | ancestors |
//! | text, UTF-8 | bytes |
//!
//! Terms are numbered in the byte order of their ids. Descendants are found by looking through the
//! ancestors of all, which takes less than reading them would.

use model::ontology::{Ontology, Resolution};

const MAGIC: &[u8; 8] = b"bqpin\0\0\x01";
/// The state of a term in use.
const IN_USE: u32 = u32::MAX;
/// The state of an obsolete term without a single successor.
const OBSOLETE: u32 = u32::MAX - 1;

/// A pinned vocabulary.
#[derive(Debug)]
pub(crate) struct Pin {
    bytes: Vec<u8>,
    terms: usize,
    alternatives: usize,
    /// Byte offsets of the sections.
    ids: usize,
    labels: usize,
    states: usize,
    alternative_ids: usize,
    alternative_terms: usize,
    ancestor_starts: usize,
    ancestors: usize,
    text: usize,
}

/// What a written id is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// A term in use.
    InUse(u32),
    /// An old id of this term, which is in use.
    Old(u32),
    /// Obsolete, without a single successor.
    Obsolete(u32),
}

/// The pin of an ontology; equal ontologies give equal bytes.
///
/// # Errors
/// Text or ancestors of more than 4 GiB.
pub(crate) fn write(ontology: &Ontology) -> Result<Vec<u8>, String> {
    let mut text = String::new();
    let mut starts = |parts: &mut dyn Iterator<Item = &str>| -> Result<Vec<u32>, String> {
        let mut starts = vec![number(text.len())?];
        for part in parts {
            text.push_str(part);
            starts.push(number(text.len())?);
        }
        Ok(starts)
    };
    let ids = starts(&mut ontology.terms().iter().map(|term| term.id.as_str()))?;
    let labels = starts(&mut ontology.terms().iter().map(|term| term.label.as_str()))?;
    let alternative_ids = starts(&mut ontology.alternatives().iter().map(|(id, _)| id.as_str()))?;
    let states = ontology.terms().iter().map(|term| match ontology.resolve(&term.id) {
        Resolution::Current(_) => IN_USE,
        Resolution::ReplacedBy(new) | Resolution::Alternative(new) => new.0,
        Resolution::Obsolete(_) | Resolution::Unknown => OBSOLETE,
    });
    let mut ancestor_starts = vec![0];
    let mut ancestors = Vec::new();
    for id in ontology.ids() {
        ancestors.extend(
            ontology.ancestors_or_self(id).into_iter().filter(|other| *other != id).map(|other| other.0),
        );
        ancestor_starts.push(number(ancestors.len())?);
    }
    let mut bytes = MAGIC.to_vec();
    let head = [ontology.terms().len(), ontology.alternatives().len(), ancestors.len(), text.len()];
    let head = head.into_iter().map(number).collect::<Result<Vec<_>, _>>()?;
    let states = states.collect();
    let alternative_terms = ontology.alternatives().iter().map(|(_, term)| term.0).collect();
    for section in [head, ids, labels, states, alternative_ids, alternative_terms, ancestor_starts, ancestors]
    {
        bytes.extend(section.into_iter().flat_map(u32::to_le_bytes));
    }
    bytes.extend_from_slice(text.as_bytes());
    Ok(bytes)
}

fn number(size: usize) -> Result<u32, String> {
    u32::try_from(size).map_err(|_| "the vocabulary is larger than 4 GiB".to_owned())
}

impl Pin {
    /// The pin in these bytes; `None` if they are none. Whether they are the right ones is told by
    /// their hash; here it is only made sure that nothing lies outside.
    pub(crate) fn open(bytes: Vec<u8>) -> Option<Pin> {
        if bytes.get(..8)? != MAGIC {
            return None;
        }
        let head = |at: usize| -> Option<usize> {
            let four = bytes.get(8 + 4 * at..12 + 4 * at)?;
            usize::try_from(u32::from_le_bytes(four.try_into().ok()?)).ok()
        };
        let (terms, alternatives, ancestor_count, text_length) = (head(0)?, head(1)?, head(2)?, head(3)?);
        let ids = 8 + 4 * 4;
        let labels = ids + 4 * (terms + 1);
        let states = labels + 4 * (terms + 1);
        let alternative_ids = states + 4 * terms;
        let alternative_terms = alternative_ids + 4 * (alternatives + 1);
        let ancestor_starts = alternative_terms + 4 * alternatives;
        let ancestors = ancestor_starts + 4 * (terms + 1);
        let text = ancestors + 4 * ancestor_count;
        (bytes.len() == text + text_length).then_some(Pin {
            bytes,
            terms,
            alternatives,
            ids,
            labels,
            states,
            alternative_ids,
            alternative_terms,
            ancestor_starts,
            ancestors,
            text,
        })
    }

    /// What a written id is; `None` if this release does not have it.
    pub(crate) fn find(&self, id: &str) -> Option<Found> {
        if let Some(term) = self.search(self.ids, self.terms, id) {
            return Some(match self.number(self.states, term as usize) {
                IN_USE => Found::InUse(term),
                OBSOLETE => Found::Obsolete(term),
                successor => Found::Old(successor),
            });
        }
        let at = self.search(self.alternative_ids, self.alternatives, id)?;
        Some(Found::Old(self.number(self.alternative_terms, at as usize)))
    }

    /// The id of a term; empty for a number that is no term.
    pub(crate) fn id(&self, term: u32) -> &str {
        self.piece(self.ids, term as usize)
    }

    /// The label of a term.
    pub(crate) fn label(&self, term: u32) -> &str {
        self.piece(self.labels, term as usize)
    }

    /// The number of terms, obsolete ones among them.
    pub(crate) fn len(&self) -> u32 {
        u32::try_from(self.terms).unwrap_or(u32::MAX)
    }

    /// Ids that stand for a term beside its own, with the terms.
    pub(crate) fn alternatives(&self) -> impl Iterator<Item = (&str, u32)> + '_ {
        (0..self.alternatives)
            .map(|at| (self.piece(self.alternative_ids, at), self.number(self.alternative_terms, at)))
    }

    /// All terms in use.
    pub(crate) fn in_use(&self) -> impl Iterator<Item = u32> + '_ {
        (0..self.len()).filter(|term| self.number(self.states, *term as usize) == IN_USE)
    }

    /// A term and all above it, ascending.
    pub(crate) fn ancestors_or_self(&self, term: u32) -> Vec<u32> {
        let mut all: Vec<u32> = self.ancestors(term).chain([term]).collect();
        all.sort_unstable();
        all
    }

    /// A term and all below it, ascending.
    pub(crate) fn descendants_or_self(&self, term: u32) -> Vec<u32> {
        (0..self.len())
            .filter(|other| *other == term || self.ancestors(*other).any(|above| above == term))
            .collect()
    }

    fn ancestors(&self, term: u32) -> impl Iterator<Item = u32> + '_ {
        let from = self.number(self.ancestor_starts, term as usize) as usize;
        let to = self.number(self.ancestor_starts, term as usize + 1) as usize;
        // Only damaged bytes reach past the section.
        let end = (self.text - self.ancestors) / 4;
        (from..to.min(end)).map(|at| self.number(self.ancestors, at))
    }

    /// The place of `id` among sorted ids.
    fn search(&self, section: usize, count: usize, id: &str) -> Option<u32> {
        let (mut low, mut high) = (0, count);
        while low < high {
            let middle = usize::midpoint(low, high);
            match self.piece(section, middle).cmp(id) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
                std::cmp::Ordering::Equal => return u32::try_from(middle).ok(),
            }
        }
        None
    }

    fn piece(&self, section: usize, at: usize) -> &str {
        let from = self.text + self.number(section, at) as usize;
        let to = self.text + self.number(section, at + 1) as usize;
        self.bytes.get(from..to).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or("")
    }

    fn number(&self, section: usize, at: usize) -> u32 {
        let from = section + 4 * at;
        let four = self.bytes.get(from..from + 4).and_then(|four| four.try_into().ok());
        four.map_or(OBSOLETE, u32::from_le_bytes)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) const SMALL: &str = "data-version: 2026-01-01\n\
        [Term]\nid: HP:0000001\nname: All\n\n\
        [Term]\nid: HP:0000118\nname: Phenotypic abnormality\nis_a: HP:0000001\n\n\
        [Term]\nid: HP:0001250\nname: Seizure\nis_a: HP:0000118\nalt_id: HP:0001303\n\n\
        [Term]\nid: HP:0002069\nname: Bilateral tonic-clonic seizure\nis_a: HP:0001250\n\n\
        [Term]\nid: HP:0000009\nname: old\nis_obsolete: true\nreplaced_by: HP:0001250\n\n\
        [Term]\nid: HP:0000010\nname: gone\nis_obsolete: true\n";

    #[test]
    fn what_is_written_is_read() {
        let ontology = model::ontology::obo::read(SMALL, None).unwrap();
        let pin = Pin::open(write(&ontology).unwrap()).unwrap();
        let found = |id: &str| {
            pin.find(id).map(|found| match found {
                Found::InUse(term) => format!("in use {}", pin.label(term)),
                Found::Old(term) => format!("now {}", pin.label(term)),
                Found::Obsolete(term) => format!("obsolete {}", pin.label(term)),
            })
        };
        assert_eq!(found("HP:0001250").as_deref(), Some("in use Seizure"));
        assert_eq!(found("HP:0001303").as_deref(), Some("now Seizure"));
        assert_eq!(found("HP:0000009").as_deref(), Some("now Seizure"));
        assert_eq!(found("HP:0000010").as_deref(), Some("obsolete gone"));
        assert_eq!(found("HP:0009999"), None);
        for id in ontology.ids() {
            let numbers =
                |ids: Vec<model::ontology::TermId>| ids.into_iter().map(|id| id.0).collect::<Vec<_>>();
            assert_eq!(pin.ancestors_or_self(id.0), numbers(ontology.ancestors_or_self(id)));
            assert_eq!(pin.descendants_or_self(id.0), numbers(ontology.descendants_or_self(id)));
        }
    }

    #[test]
    fn damaged_bytes_never_panic() {
        let good = write(&model::ontology::obo::read(SMALL, None).unwrap()).unwrap();
        for length in 0..good.len() {
            assert!(Pin::open(good[..length].to_vec()).is_none(), "{length} bytes passed");
        }
        for at in 8..good.len() {
            let mut bad = good.clone();
            bad[at] ^= 0xff;
            if let Some(pin) = Pin::open(bad) {
                for term in pin.in_use().collect::<Vec<_>>() {
                    let _ = (pin.id(term), pin.label(term), pin.descendants_or_self(term));
                }
                let _ = pin.find("HP:0001250");
            }
        }
    }
}
