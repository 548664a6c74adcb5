//! Flat ontologies from rows of a table, such as the CSV that accompanies DUO.
//!
//! Whoever reads the table splits it; this is the meaning of its rows. There is no hierarchy in them.

use super::open::{Builder, OpenTerm};
use super::{Ontology, OntologyError, Scope, Synonym};

/// One row: a term.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// The line of the table, from 1, for errors.
    pub line: u64,
    /// The CURIE.
    pub id: String,
    /// The name.
    pub label: String,
    /// A short name, kept as an exact synonym; DUO's `GRU`.
    pub shorthand: Option<String>,
}

/// The ontology `prefix` of these rows. Tables state no version, so the caller does.
///
/// # Errors
/// An id that is not a CURIE of `prefix`, or twice; with the line.
pub fn read(
    prefix: &str,
    version: &str,
    rows: impl IntoIterator<Item = Row>,
) -> Result<Ontology, OntologyError> {
    let mut builder = Builder::default();
    for row in rows {
        if super::open::prefix_of(&row.id) != Some(prefix) {
            let reason = format!("`{}` is not an id of {prefix}", row.id);
            return Err(OntologyError { line: row.line, reason });
        }
        let synonyms = row.shorthand.into_iter().map(|text| Synonym { text, scope: Scope::Exact });
        builder.add(OpenTerm {
            line: row.line,
            id: row.id,
            label: row.label,
            synonyms: synonyms.collect(),
            ..OpenTerm::default()
        })?;
    }
    builder.finish(Some(prefix), Some(version.to_owned()))
}
