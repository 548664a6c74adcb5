//! The model of a warehouse: entities, columns with labels, linkage to people, relations, code
//! systems, ontologies and genome builds, and the lock file that pins them.
//!
//! A model is declared in the language (`stdlib/models/*.bq`); [`read`] turns its syntax into
//! [`Model`], and refuses one that leaves out a linkage or a label: there is no default. Nothing here
//! talks to a warehouse.

mod conversion;
pub mod derived;
mod entity;
mod interval;
pub mod layout;
pub mod ontology;
mod read;
mod ty;

pub use entity::{
    Assessed, Column, ColumnId, Conversion, Dated, Entity, EntityId, Interval, Life, Linkage, Model,
    Relation, RelationId, Unit,
};
pub use read::{hash, read};
pub use syntax::tree::ColumnLabel;
pub use ty::{CODE_SYSTEMS, ColumnType, is_code_system};
