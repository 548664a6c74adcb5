//! A block under construction: which rows of the language are in scope, under which aliases, and what
//! had to be joined to read them.
//!
//! The rows around a leg are often needed only by their key, which the leg's own rows hold as a
//! foreign key; such a row is [`Place::Lazy`] until somebody asks for another column of it.

use super::{Lowering, from};
use crate::expr::{Expr, Type};
use crate::lower::guard::of_column;
use crate::step::{Join, JoinKind, Select, Source};
use model::{ColumnId, EntityId};
use std::collections::BTreeMap;
use types::{Row, RowId};

/// Where a row of the language is in the block.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    /// A source of the block holds it.
    Here(String),
    /// Only its key is known, from other columns.
    Lazy {
        /// Key columns and their values.
        keys: Vec<(ColumnId, Expr)>,
        /// Its entity.
        entity: EntityId,
    },
}

/// A block under construction.
#[derive(Clone, Debug)]
pub(crate) struct Block {
    pub(crate) from: Source,
    pub(crate) joins: Vec<Join>,
    pub(crate) rows: BTreeMap<RowId, Place>,
    /// Index dates of rows.
    pub(crate) index: BTreeMap<RowId, Expr>,
    /// Exits of rows: date and reason.
    pub(crate) exits: BTreeMap<RowId, (Expr, Expr)>,
    /// To-one rows that were joined, with their aliases.
    pub(crate) hops: Vec<(Row, String)>,
    /// What identifies the current row.
    pub(crate) key: Vec<Expr>,
    /// Aliases of legs: joined to the rows, not part of them.
    pub(crate) legs: Vec<String>,
}

impl Block {
    /// A block over one step whose rows are `row`.
    pub(crate) fn over(lowering: &mut Lowering<'_>, row: &Row) -> Block {
        let step = lowering.guarded(row.entity);
        let entity = lowering.model.entity(row.entity);
        let alias = entity.name.clone();
        let key = entity.key.iter().map(|key| key_column(entity, *key, &alias)).collect();
        Block {
            from: from(step, &alias),
            joins: Vec::new(),
            rows: BTreeMap::from([(row.id, Place::Here(alias))]),
            index: BTreeMap::new(),
            exits: BTreeMap::new(),
            hops: Vec::new(),
            key,
            legs: Vec::new(),
        }
    }

    pub(crate) fn alias(&self, wanted: &str) -> String {
        let taken = |alias: &str| {
            self.from.alias().eq_ignore_ascii_case(alias)
                || self.joins.iter().any(|join| join.source.alias().eq_ignore_ascii_case(alias))
        };
        if !taken(wanted) {
            return wanted.to_owned();
        }
        let mut number = 2;
        loop {
            let alias = format!("{wanted}_{number}");
            if !taken(&alias) {
                return alias;
            }
            number += 1;
        }
    }

    pub(crate) fn join(&mut self, kind: JoinKind, source: Source, on: Expr) {
        self.joins.push(Join { kind, source, on });
    }

    /// The finished block.
    pub(crate) fn select(self, columns: Vec<(String, Expr)>, filter: Vec<Expr>) -> Select {
        Select {
            distinct: false,
            columns,
            from: self.from,
            joins: self.joins,
            filter: (!filter.is_empty()).then(|| Expr::and(filter)),
            group: None,
        }
    }
}

impl Lowering<'_> {
    /// The alias under which a row can be read; joins it where it is not there yet.
    pub(crate) fn row_alias(&mut self, block: &mut Block, row: &Row) -> String {
        if let Some((_, alias)) = block.hops.iter().find(|(known, _)| known == row) {
            return alias.clone();
        }
        let Some((last, before)) = row.hops.split_last() else {
            return self.scope_alias(block, row.id);
        };
        let outer = Row { id: row.id, hops: before.to_vec(), entity: self.entity_before(block, row) };
        let outer_entity = self.model.entity(outer.entity).clone();
        let relation = outer_entity.relation(*last).clone();
        let target = self.model.entity(relation.target).clone();
        let on: Vec<Expr> =
            relation.on.iter().map(|(here, _)| self.column_of(block, &outer, *here)).collect();
        let step = self.guarded(relation.target);
        let alias = block.alias(&relation.name);
        let on = on
            .into_iter()
            .zip(&relation.on)
            .map(|(here, (_, there))| Expr::equal(here, key_column(&target, *there, &alias)));
        let on = Expr::and(on);
        block.join(JoinKind::Left, from(step, &alias), on);
        block.hops.push((row.clone(), alias.clone()));
        alias
    }

    /// The entity of a row one hop before its end.
    fn entity_before(&self, block: &Block, row: &Row) -> EntityId {
        let mut at = self.scope_entity(block, row.id);
        for step in &row.hops[..row.hops.len().saturating_sub(1)] {
            at = self.model.entity(at).relation(*step).target;
        }
        at
    }

    fn scope_entity(&self, block: &Block, id: RowId) -> EntityId {
        match block.rows.get(&id) {
            Some(Place::Lazy { entity, .. }) => *entity,
            Some(Place::Here(_)) | None => self.entities.get(&id).copied().unwrap_or(EntityId(0)),
        }
    }

    fn scope_alias(&mut self, block: &mut Block, id: RowId) -> String {
        match block.rows.get(&id).cloned() {
            Some(Place::Here(alias)) => alias,
            Some(Place::Lazy { keys, entity }) => {
                let step = self.guarded(entity);
                let declared = self.model.entity(entity).clone();
                let alias = block.alias(&declared.name);
                let on = keys.iter().map(|(column, value)| {
                    Expr::equal(key_column(&declared, *column, &alias), value.clone())
                });
                let on = Expr::and(on);
                block.join(JoinKind::Inner, from(step, &alias), on);
                block.rows.insert(id, Place::Here(alias.clone()));
                alias
            }
            // Rows in scope are placed when their block is made.
            None => String::new(),
        }
    }

    /// A column of a row; a key column of a lazy row needs no join.
    pub(crate) fn column_of(&mut self, block: &mut Block, row: &Row, column: ColumnId) -> Expr {
        if row.hops.is_empty()
            && let Some(Place::Lazy { keys, .. }) = block.rows.get(&row.id)
            && let Some((_, value)) = keys.iter().find(|(key, _)| *key == column)
        {
            return value.clone();
        }
        // A to-one row's key is the foreign key before it, where that row must exist.
        if let Some((last, before)) = row.hops.split_last() {
            let outer = Row { id: row.id, hops: before.to_vec(), entity: self.entity_before(block, row) };
            let relation = self.model.entity(outer.entity).relation(*last).clone();
            if !relation.optional
                && let Some((here, _)) = relation.on.iter().find(|(_, there)| *there == column)
            {
                return self.column_of(block, &outer, *here);
            }
        }
        let alias = self.row_alias(block, row);
        let entity = self.model.entity(row.entity);
        let declared = entity.column(column);
        Expr::column(&alias, &declared.name, of_column(&declared.ty))
    }

    /// The key of a row.
    pub(crate) fn key_of(&mut self, block: &mut Block, row: &Row) -> Vec<Expr> {
        let keys = self.model.entity(row.entity).key.clone();
        keys.iter().map(|key| self.column_of(block, row, *key)).collect()
    }

    /// The subjects that a row belongs to: one key per path; none for public rows.
    pub(crate) fn subjects_of(&mut self, block: &mut Block, row: &Row) -> Vec<Expr> {
        match self.model.entity(row.entity).linkage.clone() {
            model::Linkage::Subject => self.key_of(block, row),
            model::Linkage::Of(paths) => paths
                .iter()
                .map(|path| {
                    let mut at = row.clone();
                    for step in path {
                        let target = self.model.entity(at.entity).relation(*step).target;
                        at = at.hop(*step, target);
                    }
                    self.key_of(block, &at).into_iter().next().unwrap_or_else(|| Expr::null(Type::Text))
                })
                .collect(),
            model::Linkage::Public | model::Linkage::Aggregate => Vec::new(),
        }
    }
}

/// A key column under an alias.
pub(crate) fn key_column(entity: &model::Entity, column: ColumnId, alias: &str) -> Expr {
    let declared = entity.column(column);
    Expr::column(alias, &declared.name, of_column(&declared.ty))
}
