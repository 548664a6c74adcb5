//! What the rows of an expression are: which row of a draft each row in scope is, and whose index date is whose.

use crate::draft::At;
use jiff::civil::Date;
use model::{EntityId, Model};
use std::collections::BTreeMap;
use types::{CohortId, CohortSource, Exit, Expr, Query, RowId, Vocabulary};

/// All that a value depends on beside a draft.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'a> {
    pub(crate) query: &'a Query,
    pub(crate) model: &'a Model,
    pub(crate) vocabulary: &'a dyn Vocabulary,
    /// D.
    pub(crate) as_of: Date,
}

/// A row in scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// A row of the draft.
    Row(At),
    /// Rows put together.
    Episode {
        /// A row of it, for the entity and the code.
        row: At,
        /// Its first day.
        started: Date,
        /// Its last day; null where it goes on.
        ended: Option<Date>,
    },
}

/// The rows in scope.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scope<'a> {
    rows: BTreeMap<RowId, Place>,
    /// The index date of a cohort's row.
    index: BTreeMap<RowId, &'a Expr>,
    exits: BTreeMap<RowId, &'a Exit>,
}

impl<'a> Scope<'a> {
    /// The same with one more row.
    #[must_use]
    pub(crate) fn with(&self, id: RowId, place: Place) -> Scope<'a> {
        let mut scope = self.clone();
        scope.rows.insert(id, place);
        scope
    }

    /// The rows of both.
    #[must_use]
    pub(crate) fn merged(&self, other: &Scope<'a>) -> Scope<'a> {
        let mut scope = self.clone();
        scope.rows.extend(other.rows.iter().map(|(id, place)| (*id, *place)));
        scope.index.extend(other.index.iter().map(|(id, index)| (*id, *index)));
        scope.exits.extend(other.exits.iter().map(|(id, exit)| (*id, *exit)));
        scope
    }

    pub(crate) fn place(&self, id: RowId) -> Option<Place> {
        self.rows.get(&id).copied()
    }

    pub(crate) fn index(&self, id: RowId) -> Option<&'a Expr> {
        self.index.get(&id).copied()
    }

    pub(crate) fn exit(&self, id: RowId) -> Option<&'a Exit> {
        self.exits.get(&id).copied()
    }

    /// The same where a row is a member of a cohort: its index and exit are those of the cohort, which may be
    /// those of the cohort that it is taken from.
    #[must_use]
    pub(crate) fn member(
        &self,
        asked: &Asked<'a>,
        id: RowId,
        person: Place,
        cohort: Option<CohortId>,
    ) -> Scope<'a> {
        let mut scope = self.with(id, person);
        let Some(cohort) = cohort else { return scope };
        let (mut index, mut exit) = (None, None);
        for cohort in chain(asked.query, cohort) {
            let Some(of) = asked.query.cohorts.get(cohort.0 as usize) else { continue };
            scope.rows.insert(of.row.id, person);
            if let Some(own) = &of.index {
                index = Some(&own.date);
                exit = None;
            }
            if let Some(own) = &of.exit {
                exit = Some(own);
            }
            for row in [of.row.id, id] {
                if let Some(index) = index {
                    scope.index.insert(row, index);
                }
                if let Some(exit) = exit {
                    scope.exits.insert(row, exit);
                }
            }
        }
        scope
    }
}

/// A cohort and those it is taken from, the first one first.
pub(crate) fn chain(query: &Query, cohort: CohortId) -> Vec<CohortId> {
    let mut chain = Vec::new();
    let mut at = Some(cohort);
    while let Some(id) = at {
        let Some(of) = query.cohorts.get(id.0 as usize) else { break };
        chain.push(id);
        at = match of.source {
            CohortSource::Subjects => None,
            CohortSource::Cohort(source) => (source < id).then_some(source),
        };
    }
    chain.reverse();
    chain
}

impl Asked<'_> {
    /// The entity of that name, which the compiler knows by its name.
    pub(crate) fn entity(&self, name: &str) -> Option<EntityId> {
        self.model.find(name)
    }
}
