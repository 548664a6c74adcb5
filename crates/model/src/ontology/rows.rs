//! Ontologies from rows of tables: the CSV that accompanies DUO, or the tables of a warehouse.
//!
//! Whoever reads the table splits it into [`OpenTerm`]s; they are checked and numbered here as those of
//! any other form. A flat table leaves the parents empty.

use super::open::{Builder, prefix_of};
use super::{Ontology, OntologyError};

pub use super::open::OpenTerm;

/// The release `version` of the ontology `prefix` that these rows are. Tables state no version, so the
/// caller does.
///
/// # Errors
/// An id that is not a CURIE of `prefix`, or twice; a parent that is not among the rows; with the line.
pub fn read(
    prefix: &str,
    version: &str,
    rows: impl IntoIterator<Item = OpenTerm>,
) -> Result<Ontology, OntologyError> {
    let mut builder = Builder::default();
    for row in rows {
        if prefix_of(&row.id) != Some(prefix) {
            let reason = format!("`{}` is not an id of {prefix}", row.id);
            return Err(OntologyError { line: row.line, reason });
        }
        builder.add(row)?;
    }
    builder.finish(Some(prefix), Some(version.to_owned()))
}
