//! The table that rows are staged for: columns, key, and the rows of other tables that its rows name.
//!
//! Mostly it is an entity of the model; the consent tables and the ontology tables, which no query can
//! name, are written down by their loaders.

use crate::source::LoadError;
use model::{ColumnType, Entity, Model};
use std::path::Path;

/// A table.
#[derive(Clone, Debug)]
pub(crate) struct TableSpec {
    pub(crate) table: String,
    /// Empty for a table whose rows may repeat.
    pub(crate) key: Vec<String>,
    pub(crate) columns: Vec<ColumnSpec>,
    pub(crate) references: Vec<Reference>,
}

/// A column of it.
#[derive(Clone, Debug)]
pub(crate) struct ColumnSpec {
    pub(crate) name: String,
    pub(crate) ty: ColumnType,
    pub(crate) optional: bool,
    /// The engine's type in the warehouse where it is another than that of the staged column: instants,
    /// which are staged as texts.
    pub(crate) stored: Option<&'static str>,
}

/// Columns that, where none is null, name a row of another table.
#[derive(Clone, Debug)]
pub(crate) struct Reference {
    /// What the other row is, for people: `subject`.
    pub(crate) what: String,
    pub(crate) columns: Vec<String>,
    pub(crate) table: String,
    pub(crate) keys: Vec<String>,
}

impl TableSpec {
    /// The table of an entity, by the entity's name.
    pub(crate) fn of(model: &Model, entity: &str) -> Result<TableSpec, LoadError> {
        let missing =
            || LoadError::file(Path::new("model"), format!("model {} has no entity {entity}", model.name));
        let found = model.entities.iter().find(|found| found.name == entity).ok_or_else(missing)?;
        Ok(TableSpec::of_entity(model, found))
    }

    /// The table of an entity. A relation is a reference if its rows must exist: it is to one, and it
    /// is not optional, or optional only because its own columns may be null.
    pub(crate) fn of_entity(model: &Model, entity: &Entity) -> TableSpec {
        let columns = entity.columns.iter().map(|column| ColumnSpec {
            name: column.name.clone(),
            ty: column.ty.clone(),
            optional: column.optional,
            stored: None,
        });
        let mut references = Vec::new();
        for relation in &entity.relations {
            let nullable = relation.on.iter().all(|(own, _)| entity.column(*own).optional);
            if relation.many || (relation.optional && !nullable) {
                continue;
            }
            let target = model.entity(relation.target);
            references.push(Reference {
                what: target.name.clone(),
                columns: relation.on.iter().map(|(own, _)| entity.column(*own).name.clone()).collect(),
                table: target.table.clone(),
                keys: relation.on.iter().map(|(_, other)| target.column(*other).name.clone()).collect(),
            });
        }
        TableSpec {
            table: entity.table.clone(),
            key: entity.key.iter().map(|key| entity.column(*key).name.clone()).collect(),
            columns: columns.collect(),
            references,
        }
    }
}

impl ColumnSpec {
    pub(crate) fn of(name: &str, ty: ColumnType, optional: bool) -> ColumnSpec {
        ColumnSpec { name: name.to_owned(), ty, optional, stored: None }
    }

    /// The member that stands for "not known" in a column that may not be null.
    pub(crate) fn unknown(&self) -> Option<&'static str> {
        match &self.ty {
            ColumnType::Enum { members, .. } if !self.optional && members.iter().any(|m| m == "unknown") => {
                Some("unknown")
            }
            ColumnType::Enum { .. }
            | ColumnType::Id
            | ColumnType::Int
            | ColumnType::Decimal
            | ColumnType::Percent
            | ColumnType::Bool
            | ColumnType::Text
            | ColumnType::Date
            | ColumnType::Code(_)
            | ColumnType::Gene
            | ColumnType::Bytes => None,
        }
    }
}
