//! Ontologies back from the warehouse.

use super::{ONTOLOGY, PARENT, SUCCESSOR, SYNONYM, TERM};
use crate::schema::literal;
use arrow::array::{Array, BooleanArray, RecordBatch, StringArray};
use engine::{Error, Result, Store};
use model::ontology::rows::{self, OpenTerm};
use model::ontology::{Ontology, Scope, Synonym};
use std::collections::BTreeMap;

/// System and version of every loaded release, sorted; none where no ontology was ever loaded.
pub fn systems(store: &mut dyn Store) -> Result<Vec<(String, String)>> {
    if store.columns()?.iter().all(|column| column.table != ONTOLOGY) {
        return Ok(Vec::new());
    }
    let mut all = Vec::new();
    for batch in
        store.query(&format!("select system, version from {ONTOLOGY} order by system collate \"C\""))?
    {
        for row in 0..batch.num_rows() {
            all.push((text(&batch, 0, row).unwrap_or_default(), text(&batch, 1, row).unwrap_or_default()));
        }
    }
    Ok(all)
}

/// The loaded release of `system`, equal to what was read from its file; `None` where none is loaded,
/// and for classifications, which have no hierarchy to fetch, an ontology without parents.
pub fn fetch(store: &mut dyn Store, system: &str) -> Result<Option<Ontology>> {
    let Some((_, version)) = systems(store)?.into_iter().find(|(other, _)| other == system) else {
        return Ok(None);
    };
    let system_text = literal(system);
    let mut terms: BTreeMap<String, OpenTerm> = BTreeMap::new();
    let split = |joined: Option<String>| -> Vec<String> {
        joined.map(|joined| joined.split(';').map(str::to_owned).collect()).unwrap_or_default()
    };
    let sql = format!(
        "select id, label, obsolete, replaced_by, consider from {TERM} where system = {system_text} order by id"
    );
    for batch in store.query(&sql)? {
        for row in 0..batch.num_rows() {
            let id = text(&batch, 0, row).unwrap_or_default();
            let term = OpenTerm {
                id: id.clone(),
                label: text(&batch, 1, row).unwrap_or_default(),
                obsolete: truth(&batch, 2, row),
                replaced_by: split(text(&batch, 3, row)),
                consider: split(text(&batch, 4, row)),
                ..OpenTerm::default()
            };
            terms.insert(id, term);
        }
    }
    let place = store.row_word();
    let mut each = |sql: &str, add: &mut dyn FnMut(&mut OpenTerm, &RecordBatch, usize)| -> Result<()> {
        for batch in store.query(sql)? {
            for row in 0..batch.num_rows() {
                if let Some(term) = text(&batch, 0, row).and_then(|id| terms.get_mut(&id)) {
                    add(term, &batch, row);
                }
            }
        }
        Ok(())
    };
    // Synonyms keep the order of the file, which is the order of the rows.
    each(
        &format!("select id, synonym, scope from {SYNONYM} where system = {system_text} order by {place}"),
        &mut |term, batch, row| {
            let scope = text(batch, 2, row).and_then(|word| Scope::of(&word)).unwrap_or(Scope::Related);
            term.synonyms.push(Synonym { text: text(batch, 1, row).unwrap_or_default(), scope });
        },
    )?;
    each(
        &format!("select id, parent from {PARENT} where system = {system_text} order by id, parent"),
        &mut |term, batch, row| {
            term.parents.push((0, text(batch, 1, row).unwrap_or_default()));
        },
    )?;
    each(
        &format!("select term, id from {SUCCESSOR} where system = {system_text} and alternative order by id"),
        &mut |term, batch, row| term.alternatives.push(text(batch, 1, row).unwrap_or_default()),
    )?;
    rows::read(system, &version, terms.into_values()).map(Some).map_err(|error| Error {
        message: format!("the ontology {system} of the warehouse is damaged: {error}"),
        detail: String::new(),
    })
}

fn text(batch: &RecordBatch, column: usize, row: usize) -> Option<String> {
    let column = batch.column(column).as_any().downcast_ref::<StringArray>()?;
    column.is_valid(row).then(|| column.value(row).to_owned())
}

fn truth(batch: &RecordBatch, column: usize, row: usize) -> bool {
    batch.column(column).as_any().downcast_ref::<BooleanArray>().is_some_and(|column| column.value(row))
}
