//! Tables made from a model, and our own table beside them.
//!
//! A model says which tables and columns a warehouse has; this page creates them, checks those that
//! are there, and gives the Arrow schema in which a loader appends rows. No keys or indexes are
//! declared: loaders keep keys unique themselves, and scans are pruned by the order of the rows.

use crate::source::LoadError;
use arrow::datatypes::{DataType, Field, Schema};
use engine::Store;
use model::{ColumnType, Entity, Model};
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

/// The log of what was loaded: `source_hash, kind, name, loaded_at (UTC), rows, rejected`.
pub const LOAD_LOG: &str = "load_log";

/// Creates the tables of a model that are missing, those of consent and ontologies, which every
/// question reads, and the log.
///
/// A table that is there must have the columns of the model, in its order and types; otherwise the
/// error names the first that differs.
pub fn create_tables<S: Store + ?Sized>(store: &mut S, model: &Model) -> Result<(), LoadError> {
    let nowhere = Path::new("warehouse");
    let fail = |error| LoadError::engine(nowhere, error);
    store
        .execute(&format!(
            "create table if not exists {LOAD_LOG} (source_hash VARCHAR not null, kind VARCHAR not null, \
             name VARCHAR not null, loaded_at TIMESTAMP not null, rows BIGINT not null, rejected BIGINT not null)"
        ))
        .map_err(fail)?;
    for table in crate::consent::TABLES.iter().chain(&crate::ontology::TABLES) {
        store.execute(table).map_err(fail)?;
    }
    for id in model.ids() {
        let entity = model.entity(id);
        let there = store.columns().map_err(fail)?.into_iter();
        let present: Vec<(String, String)> = there
            .filter(|column| column.table == entity.table)
            .map(|column| (column.column, column.ty))
            .collect();
        if present.is_empty() {
            let sql = create_table(entity, &|ty| store.type_of(ty));
            store.execute(&sql).map_err(fail)?;
            continue;
        }
        if let Some(difference) = difference(entity, &present) {
            let reason =
                format!("table {} does not fit the model {}: {difference}", entity.table, model.name);
            return Err(LoadError::file(nowhere, reason));
        }
    }
    Ok(())
}

/// The statement that creates the table of an entity; `type_of` gives an engine's word for a type.
pub fn create_table(entity: &Entity, type_of: &dyn for<'t> Fn(&'t str) -> &'t str) -> String {
    let mut sql = format!("create table {} (", name(&entity.table));
    for (at, column) in entity.columns.iter().enumerate() {
        let comma = if at > 0 { ", " } else { "" };
        let null = if column.optional { "" } else { " not null" };
        let _ = write!(sql, "{comma}{} {}{null}", name(&column.name), type_of(column.ty.physical()));
    }
    sql.push(')');
    sql
}

/// The schema in which rows of an entity are appended: its columns in order.
pub fn arrow_schema(entity: &Entity) -> Schema {
    let field = |column: &model::Column| Field::new(&column.name, arrow_type(&column.ty), column.optional);
    Schema::new(entity.columns.iter().map(field).collect::<Vec<_>>())
}

/// [`arrow_schema`] of the entity that a model has under this name.
pub fn schema_of(model: &Model, entity: &str) -> Result<Arc<Schema>, LoadError> {
    let missing =
        || LoadError::file(Path::new("model"), format!("model {} has no entity {entity}", model.name));
    let id = model.find(entity).ok_or_else(missing)?;
    Ok(Arc::new(arrow_schema(model.entity(id))))
}

/// The Arrow type of a column; the same values as [`ColumnType::physical`].
pub fn arrow_type(ty: &ColumnType) -> DataType {
    match ty {
        ColumnType::Int => DataType::Int64,
        ColumnType::Decimal | ColumnType::Percent => DataType::Decimal128(30, 12),
        ColumnType::Bool => DataType::Boolean,
        ColumnType::Date => DataType::Date32,
        ColumnType::Bytes => DataType::Binary,
        ColumnType::Id
        | ColumnType::Text
        | ColumnType::Enum { .. }
        | ColumnType::Code(_)
        | ColumnType::Gene => DataType::Utf8,
    }
}

/// A text as SQL literal.
pub fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// A name as SQL identifier, quoted, so that no keyword is in its way.
pub fn name(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

fn difference(entity: &Entity, present: &[(String, String)]) -> Option<String> {
    for (at, column) in entity.columns.iter().enumerate() {
        match present.get(at) {
            None => return Some(format!("column {} is missing", column.name)),
            Some((name, ty)) if *name != column.name || ty != column.ty.physical() => {
                let wanted = format!("{} {}", column.name, column.ty.physical());
                return Some(format!("column {} is {name} {ty}, expected {wanted}", at + 1));
            }
            Some(_) => {}
        }
    }
    let extra = present.get(entity.columns.len())?;
    Some(format!("column {} is not in it", extra.0))
}
