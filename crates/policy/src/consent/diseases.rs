//! What the scope test needs to know of a disease ontology: which ids it has, and what is under what.
//!
//! Reading an ontology and closing `is_a` over it belongs to the loader; either the parents or the finished
//! closure may be handed in. Alternative and obsolete ids must not be: they are unknown here, so that a row
//! that names one is referred to a human.

use std::collections::{BTreeMap, BTreeSet};

/// The ids of the pinned ontology, each with itself and everything above it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Diseases(BTreeMap<String, BTreeSet<String>>);

impl Diseases {
    /// From ids with their direct parents. A parent that is not an id of the ontology is left out, as is all
    /// above it.
    pub fn from_parents(parents: &BTreeMap<String, Vec<String>>) -> Self {
        let above = |id: &String| {
            let mut reached = BTreeSet::from([id.clone()]);
            let mut open = vec![id];
            while let Some(next) = open.pop() {
                for parent in parents.get(next).into_iter().flatten() {
                    if parents.contains_key(parent) && reached.insert(parent.clone()) {
                        open.push(parent);
                    }
                }
            }
            reached
        };
        Self(parents.keys().map(|id| (id.clone(), above(id))).collect())
    }

    /// From pairs of an id and itself or something above it, as a closure table holds them.
    pub fn from_closure(pairs: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut ids: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (id, ancestor) in pairs {
            ids.entry(id).or_default().insert(ancestor);
        }
        Self(ids)
    }

    /// Is it a term of the ontology?
    pub fn knows(&self, id: &str) -> bool {
        self.0.contains_key(id)
    }

    /// Is `id` the disease `ancestor` or under it? An unknown id is under nothing.
    pub fn is_or_below(&self, id: &str, ancestor: &str) -> bool {
        id == ancestor || self.0.get(id).is_some_and(|above| above.contains(ancestor))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_parents_a_ring_and_an_unknown_id() {
        let pairs = [("d", "b c"), ("b", "a"), ("c", "a"), ("a", ""), ("r", "s"), ("s", "r gone")];
        let parents = pairs
            .into_iter()
            .map(|(id, up)| (id.to_owned(), up.split_whitespace().map(str::to_owned).collect()))
            .collect();
        let diseases = Diseases::from_parents(&parents);
        for (id, ancestor, answer) in [
            ("d", "a", true),
            ("d", "c", true),
            ("d", "d", true),
            ("a", "d", false),
            ("r", "s", true),
            ("s", "gone", false),
            ("gone", "a", false),
        ] {
            assert_eq!(diseases.is_or_below(id, ancestor), answer, "{id} under {ancestor}");
        }
        assert!(diseases.knows("d") && !diseases.knows("gone"));
    }
}
