//! Ontologies: terms with labels, synonyms and obsolescence, and who is an ancestor of whom.
//!
//! A code in the language means itself and its descendants in the pinned version, obsolete codes follow
//! `replaced_by`, and codes that an ontology lacks are errors; all three are answered here, without a
//! database. [`obo::read`], [`owl::read`] and [`rows::read`] turn texts into an [`Ontology`]; nothing
//! here opens a file. Code systems whose hierarchy lies in the spelling of the code (ICD-10, ATC) are
//! in [`classification`].
//!
//! Terms are numbered by the byte order of their ids, and parents and closure are arrays of these
//! numbers, so that an ontology of twenty thousand terms is small in memory and in the lock file.

pub mod classification;
mod closure;
pub mod obo;
mod open;
pub mod owl;
pub mod rows;
mod stored;

use closure::Closure;
use std::fmt;

/// A term of an [`Ontology`], by its place in the byte order of ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TermId(pub u32);

/// One release of an ontology. Equal texts give equal values.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "stored::Stored", into = "stored::Stored")]
pub struct Ontology {
    /// What stands before the colon of its ids: `HP`.
    pub prefix: String,
    /// The release, such as `2025-01-16`.
    pub version: String,
    /// Sorted by id.
    terms: Vec<Term>,
    /// Alternative ids that are not ids of terms, sorted, each with the term it stands for.
    alternatives: Vec<(String, TermId)>,
    closure: Closure,
}

/// A term.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// The CURIE: `HP:0001250`.
    pub id: String,
    /// The name.
    pub label: String,
    /// Whether the release says not to use it. Obsolete terms have no parents.
    pub obsolete: bool,
    /// The ids that take its place, as written; not always of this ontology.
    pub replaced_by: Vec<String>,
    /// Ids that might take its place, for a person to choose from.
    pub consider: Vec<String>,
    /// Other names, in the order of the text.
    pub synonyms: Vec<Synonym>,
    /// Direct `is_a` parents, ascending.
    pub parents: Vec<TermId>,
}

/// Another name of a term.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Synonym {
    /// The name.
    pub text: String,
    /// How near it is in meaning.
    pub scope: Scope,
}

/// How near a synonym is to its term.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// Means the same.
    Exact,
    /// Means more.
    Broad,
    /// Means less.
    Narrow,
    /// Means something near.
    Related,
}

/// What a written id is to an ontology.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resolution<'a> {
    /// A term in use.
    Current(TermId),
    /// An obsolete term whose one replacement, followed to its end, is in use.
    ReplacedBy(TermId),
    /// An alternative id of a term in use.
    Alternative(TermId),
    /// An obsolete term without a single replacement; the ids that the release offers instead.
    Obsolete(&'a [String]),
    /// Not in this release.
    Unknown,
}

/// Why a text is not an ontology.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OntologyError {
    /// The line, from 1; 0 where no line is at fault.
    pub line: u64,
    /// What is wrong, in lower case without a full stop.
    pub reason: String,
}

impl Ontology {
    /// All terms in the byte order of their ids; the place of a term is its [`TermId`].
    pub fn terms(&self) -> &[Term] {
        &self.terms
    }

    /// All term ids, ascending.
    pub fn ids(&self) -> impl Iterator<Item = TermId> + use<> {
        (0..index(self.terms.len())).map(TermId)
    }

    /// Alternative ids, sorted, each with the term it stands for.
    pub fn alternatives(&self) -> &[(String, TermId)] {
        &self.alternatives
    }

    /// The term with this very id, obsolete or not. Alternative ids are not found.
    pub fn find(&self, id: &str) -> Option<TermId> {
        self.terms.binary_search_by(|term| term.id.as_str().cmp(id)).ok().map(|at| TermId(index(at)))
    }

    /// The term of an id that this ontology gave out.
    pub fn term(&self, id: TermId) -> &Term {
        &self.terms[id.0 as usize]
    }

    /// The label of the term with this very id.
    pub fn label(&self, id: &str) -> Option<&str> {
        self.find(id).map(|found| self.term(found).label.as_str())
    }

    /// The term and everything below it by `is_a`, ascending.
    pub fn descendants_or_self(&self, id: TermId) -> Vec<TermId> {
        with_self(id, self.closure.descendants(id))
    }

    /// The term and everything above it by `is_a`, ascending.
    pub fn ancestors_or_self(&self, id: TermId) -> Vec<TermId> {
        with_self(id, self.closure.ancestors(id))
    }

    /// Whether `id` is `ancestor` or lies below it.
    pub fn is_under(&self, id: TermId, ancestor: TermId) -> bool {
        id == ancestor || self.closure.ancestors(id).binary_search(&ancestor).is_ok()
    }

    /// The number of (ancestor, descendant) pairs of two different terms.
    pub fn strict_pairs(&self) -> usize {
        self.closure.pairs()
    }

    /// What a written id is: in use, replaced, alternative, obsolete, or unknown.
    pub fn resolve(&self, id: &str) -> Resolution<'_> {
        let Some(found) = self.find(id) else {
            let at = self.alternatives.binary_search_by(|(other, _)| other.as_str().cmp(id));
            return match at {
                Ok(at) => Resolution::Alternative(self.alternatives[at].1),
                Err(_) => Resolution::Unknown,
            };
        };
        let start = self.term(found);
        if !start.obsolete {
            return Resolution::Current(found);
        }
        // A chain of replacements cannot be longer than the ontology, unless it is a circle.
        let mut term = start;
        for _ in 0..self.terms.len() {
            let [next] = term.replaced_by.as_slice() else { break };
            let Some(next) = self.find(next) else { break };
            term = self.term(next);
            if !term.obsolete {
                return Resolution::ReplacedBy(next);
            }
        }
        let offered = if start.consider.is_empty() { &start.replaced_by } else { &start.consider };
        Resolution::Obsolete(offered)
    }

    /// Every id that a term in use has taken the place of, by replacement or as alternative id: the old
    /// id and the term, sorted by the old id.
    pub fn successors(&self) -> Vec<(&str, TermId)> {
        let alternatives = self.alternatives.iter().map(|(id, term)| (id.as_str(), *term));
        let replaced =
            self.terms.iter().filter(|term| term.obsolete).filter_map(|term| match self.resolve(&term.id) {
                Resolution::ReplacedBy(new) => Some((term.id.as_str(), new)),
                Resolution::Current(_)
                | Resolution::Alternative(_)
                | Resolution::Obsolete(_)
                | Resolution::Unknown => None,
            });
        // An alternative id of an obsolete term's successor never names a term, so ids are unique.
        let mut all: Vec<_> =
            alternatives.filter(|(_, term)| !self.term(*term).obsolete).chain(replaced).collect();
        all.sort_unstable();
        all
    }

    /// Drops synonyms, for places that only need meaning and not search.
    #[must_use]
    pub fn without_synonyms(mut self) -> Ontology {
        for term in &mut self.terms {
            term.synonyms.clear();
        }
        self
    }
}

impl Scope {
    /// The scope as OBO and the warehouse spell it.
    pub fn word(self) -> &'static str {
        match self {
            Scope::Exact => "EXACT",
            Scope::Broad => "BROAD",
            Scope::Narrow => "NARROW",
            Scope::Related => "RELATED",
        }
    }

    /// The scope of a word.
    pub fn of(word: &str) -> Option<Scope> {
        [Scope::Exact, Scope::Broad, Scope::Narrow, Scope::Related]
            .into_iter()
            .find(|scope| scope.word() == word)
    }
}

impl fmt::Display for OntologyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line > 0 {
            write!(f, "line {}: ", self.line)?;
        }
        f.write_str(&self.reason)
    }
}

impl std::error::Error for OntologyError {}

fn with_self(id: TermId, strict: &[TermId]) -> Vec<TermId> {
    let mut all = Vec::with_capacity(strict.len() + 1);
    let split = strict.partition_point(|other| *other < id);
    all.extend_from_slice(&strict[..split]);
    all.push(id);
    all.extend_from_slice(&strict[split..]);
    all
}

/// Ontologies are far smaller than 2³² terms; [`open::Builder`] refuses larger ones.
fn index(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
