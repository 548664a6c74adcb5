//! An ontology while it is being read: terms with the lines they stand on, in any order, checked and
//! numbered at the end.
//!
//! What is checked: ids are CURIEs and unique, parents exist (published subsets often break the `is_a`
//! chain, and a broken chain silently loses descendants), nobody is their own ancestor. Terms of other
//! prefixes, which releases import for their upper level, are dropped with the edges to them.

use super::closure::Closure;
use super::{Ontology, OntologyError, Synonym, Term, TermId, index};
use std::collections::BTreeMap;

/// A term as it is written, before its neighbours are known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OpenTerm {
    /// Where it begins, from 1; 0 where it has no line.
    pub line: u64,
    /// The CURIE.
    pub id: String,
    /// The name.
    pub label: String,
    /// Whether it is not to be used.
    pub obsolete: bool,
    /// Ids that take its place.
    pub replaced_by: Vec<String>,
    /// Ids that might.
    pub consider: Vec<String>,
    /// Other names.
    pub synonyms: Vec<Synonym>,
    /// Alternative ids.
    pub alternatives: Vec<String>,
    /// Line and id of each direct parent.
    pub parents: Vec<(u64, String)>,
}

/// Terms on their way to an [`Ontology`].
#[derive(Debug, Default)]
pub(crate) struct Builder {
    terms: Vec<OpenTerm>,
}

impl Builder {
    pub(crate) fn add(&mut self, term: OpenTerm) -> Result<(), OntologyError> {
        if prefix_of(&term.id).is_none() {
            return Err(at(term.line, format!("`{}` is not an id of the form PREFIX:NUMBER", term.id)));
        }
        self.terms.push(term);
        Ok(())
    }

    /// The ontology of the terms that carry `prefix`; without one, of the most frequent prefix.
    pub(crate) fn finish(
        self,
        prefix: Option<&str>,
        version: Option<String>,
    ) -> Result<Ontology, OntologyError> {
        let Some(prefix) = prefix.map(str::to_owned).or_else(|| self.commonest_prefix()) else {
            return Err(at(0, "the text holds no term".into()));
        };
        let Some(version) = version.filter(|text| !text.is_empty()) else {
            return Err(at(0, "the text states no version of its release, and none was given".into()));
        };
        let mut terms: Vec<OpenTerm> =
            self.terms.into_iter().filter(|term| prefix_of(&term.id) == Some(prefix.as_str())).collect();
        if terms.is_empty() {
            return Err(at(0, format!("the text holds no term with the prefix {prefix}")));
        }
        if u32::try_from(terms.len()).is_err() {
            return Err(at(0, "more than 4 billion terms".into()));
        }
        terms.sort_by(|a, b| a.id.cmp(&b.id).then(a.line.cmp(&b.line)));
        for pair in terms.windows(2) {
            if pair[0].id == pair[1].id {
                let reason = format!("{} is already a term on line {}", pair[1].id, pair[0].line);
                return Err(at(pair[1].line, reason));
            }
        }
        let place: BTreeMap<&str, TermId> =
            terms.iter().enumerate().map(|(at, term)| (term.id.as_str(), TermId(index(at)))).collect();
        let mut alternatives = Vec::new();
        let mut parents = Vec::with_capacity(terms.len());
        for (term_at, term) in terms.iter().enumerate() {
            parents.push(parents_of(term, &prefix, &place, &terms)?);
            if !term.obsolete {
                let own = term.alternatives.iter().filter(|id| !place.contains_key(id.as_str()));
                alternatives.extend(own.map(|id| (id.clone(), TermId(index(term_at)))));
            }
        }
        alternatives.sort();
        alternatives.dedup();
        if let Some(pair) = alternatives.windows(2).find(|pair| pair[0].0 == pair[1].0) {
            let second = &terms[pair[1].1.0 as usize];
            let first = &terms[pair[0].1.0 as usize];
            let reason = format!("{} is an alternative id of both {} and {}", pair[0].0, first.id, second.id);
            return Err(at(second.line, reason));
        }
        let rows: Vec<&[TermId]> = parents.iter().map(Vec::as_slice).collect();
        let closure = Closure::over(&rows).map_err(|term| {
            let term = &terms[term.0 as usize];
            at(term.line, format!("{} is on or below a circle of is_a", term.id))
        })?;
        let terms = terms.into_iter().zip(parents).map(|(term, parents)| Term {
            id: term.id,
            label: term.label,
            obsolete: term.obsolete,
            replaced_by: term.replaced_by,
            consider: term.consider,
            synonyms: term.synonyms,
            parents,
        });
        Ok(Ontology { prefix, version, terms: terms.collect(), alternatives, closure })
    }

    fn commonest_prefix(&self) -> Option<String> {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for term in &self.terms {
            *counts.entry(prefix_of(&term.id)?).or_default() += 1;
        }
        // The first of equals: `max_by_key` would take the last.
        counts.into_iter().rev().max_by_key(|(_, count)| *count).map(|(prefix, _)| prefix.to_owned())
    }
}

fn parents_of(
    term: &OpenTerm,
    prefix: &str,
    place: &BTreeMap<&str, TermId>,
    terms: &[OpenTerm],
) -> Result<Vec<TermId>, OntologyError> {
    let mut parents = Vec::with_capacity(term.parents.len());
    if term.obsolete {
        return Ok(parents);
    }
    for (line, id) in &term.parents {
        match place.get(id.as_str()) {
            Some(parent) if terms[parent.0 as usize].obsolete => {
                return Err(at(*line, format!("{} is a child of {id}, which is obsolete", term.id)));
            }
            Some(parent) => parents.push(*parent),
            None if prefix_of(id) == Some(prefix) => {
                let reason = format!(
                    "{} is a child of {id}, which is not in the text: load a full release, not a subset",
                    term.id
                );
                return Err(at(*line, reason));
            }
            None => {}
        }
    }
    parents.sort_unstable();
    parents.dedup();
    Ok(parents)
}

/// The part of a CURIE before the colon, if both parts are there and no space is in it.
pub(crate) fn prefix_of(id: &str) -> Option<&str> {
    let (prefix, local) = id.split_once(':')?;
    let fine = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_graphic() && c != ',');
    (fine(prefix) && fine(local)).then_some(prefix)
}

/// The release part of a version text: `hp/releases/2025-01-16` and
/// `http://…/duo/releases/2021-02-23/duo.owl` give the date, anything else itself.
pub(crate) fn release(version: &str) -> String {
    let version = version.trim();
    let after = version.rsplit_once("releases/").map_or(version, |(_, after)| after);
    after.split('/').next().unwrap_or(after).to_owned()
}

pub(crate) fn at(line: u64, reason: String) -> OntologyError {
    OntologyError { line, reason }
}
