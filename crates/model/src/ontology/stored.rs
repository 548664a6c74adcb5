//! How an ontology lies in the lock file: prefix and version once, numbers instead of ids for parents
//! and alternatives, nothing where there is nothing, and no closure, which is computed again.

use super::closure::Closure;
use super::{Ontology, Scope, Synonym, Term, TermId, index};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
pub(crate) struct Stored {
    prefix: String,
    version: String,
    terms: Vec<StoredTerm>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    alternatives: Vec<(String, u32)>,
}

#[derive(Serialize, Deserialize)]
struct StoredTerm {
    id: String,
    label: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    parents: Vec<u32>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    obsolete: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    replaced_by: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    consider: Vec<String>,
    /// Text and scope word.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    synonyms: Vec<(String, String)>,
}

impl From<Ontology> for Stored {
    fn from(ontology: Ontology) -> Stored {
        let terms = ontology.terms.into_iter().map(|term| StoredTerm {
            id: term.id,
            label: term.label,
            parents: term.parents.iter().map(|parent| parent.0).collect(),
            obsolete: term.obsolete,
            replaced_by: term.replaced_by,
            consider: term.consider,
            synonyms: term.synonyms.into_iter().map(|s| (s.text, s.scope.word().to_owned())).collect(),
        });
        Stored {
            terms: terms.collect(),
            alternatives: ontology.alternatives.into_iter().map(|(id, term)| (id, term.0)).collect(),
            prefix: ontology.prefix,
            version: ontology.version,
        }
    }
}

impl TryFrom<Stored> for Ontology {
    type Error = String;

    fn try_from(stored: Stored) -> Result<Ontology, String> {
        let count = index(stored.terms.len());
        let known = |number: u32| {
            if number < count {
                Ok(TermId(number))
            } else {
                Err(format!("{} has no term number {number}", stored.prefix))
            }
        };
        let mut terms: Vec<Term> = Vec::with_capacity(stored.terms.len());
        for term in stored.terms {
            if terms.last().is_some_and(|before| before.id >= term.id) {
                return Err(format!("the terms of {} are not sorted at {}", stored.prefix, term.id));
            }
            let synonym = |(text, word): (String, String)| {
                let scope =
                    Scope::of(&word).ok_or_else(|| format!("`{word}` is not a scope of a synonym"))?;
                Ok::<_, String>(Synonym { text, scope })
            };
            terms.push(Term {
                id: term.id,
                label: term.label,
                obsolete: term.obsolete,
                replaced_by: term.replaced_by,
                consider: term.consider,
                synonyms: term.synonyms.into_iter().map(synonym).collect::<Result<_, _>>()?,
                parents: term.parents.into_iter().map(known).collect::<Result<_, _>>()?,
            });
        }
        let alternatives = stored
            .alternatives
            .into_iter()
            .map(|(id, number)| Ok((id, known(number)?)))
            .collect::<Result<Vec<_>, String>>()?;
        if !alternatives.is_sorted() {
            return Err(format!("the alternative ids of {} are not sorted", stored.prefix));
        }
        let rows: Vec<&[TermId]> = terms.iter().map(|term| term.parents.as_slice()).collect();
        let closure =
            Closure::over(&rows).map_err(|term| format!("{} is on a circle", terms[term.0 as usize].id))?;
        Ok(Ontology { prefix: stored.prefix, version: stored.version, terms, alternatives, closure })
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Ontology, obo};

    #[test]
    fn what_is_stored_comes_back_the_same() {
        let text = "data-version: 1\n[Term]\nid: A:1\nname: a\nalt_id: A:7\n\n[Term]\nid: A:2\nname: b\nis_a: A:1\n\
                    synonym: \"c\" EXACT []\n\n[Term]\nid: A:3\nis_obsolete: true\nconsider: A:1\n";
        let before = obo::read(text, None).unwrap();
        let json = serde_json::to_string(&before).unwrap();
        assert!(!json.contains("obsolete\":false"), "{json}");
        assert_eq!(serde_json::from_str::<Ontology>(&json).unwrap(), before);
    }

    #[test]
    fn numbers_out_of_range_are_refused() {
        let json = r#"{"prefix":"A","version":"1","terms":[{"id":"A:1","label":"a","parents":[4]}]}"#;
        assert!(serde_json::from_str::<Ontology>(json).is_err());
    }
}
