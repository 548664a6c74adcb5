//! Cohorts as steps: the key of each member, and its index date.

use super::block::{Block, Place};
use super::{Lowering, from};
use crate::expr::{Expr, Type};
use crate::step::{JoinKind, StepId};
use types::{CohortId, CohortSource, Row};

/// The column of a cohort step that holds the index date.
pub(crate) const INDEX: &str = "index_date";

impl Lowering<'_> {
    /// The step of a cohort: the subject's key, and the index date where there is one.
    pub(crate) fn cohort(&mut self, id: CohortId) -> StepId {
        if let Some(step) = self.cohorts.get(&id) {
            return *step;
        }
        let Some(cohort) = self.query.cohorts.get(id.0 as usize).cloned() else {
            // Ids come from the same query; an empty relation keeps this total.
            return self.step("nobody", "no such cohort", crate::Body::Values(Vec::new()));
        };
        let of = match cohort.source {
            CohortSource::Subjects => None,
            CohortSource::Cohort(of) => Some(of),
        };
        let mut block = self.people(&cohort.row, of);
        let key_name = self.subject_key();
        if let Some(index) = &cohort.index {
            let date = self.expr(&mut block, index);
            let key = block.key.first().cloned().unwrap_or_else(|| Expr::null(Type::Text));
            let select = block.select(
                vec![(key_name.clone(), key), (INDEX.to_owned(), date.clone())],
                // A subject without an index date is no member.
                vec![date.is_known()],
            );
            let step = self.select(
                &format!("{}_index", cohort.name),
                format!("cohort {}: index dates", cohort.name),
                select,
            );
            block = self.members_of(&cohort.row, step);
        }
        let mut filter = Vec::new();
        for rule in &cohort.rules {
            filter.push(self.expr(&mut block, &rule.condition));
        }
        let key = block.key.first().cloned().unwrap_or_else(|| Expr::null(Type::Text));
        let mut columns = vec![(key_name, key)];
        if let Some(index) = block.index.get(&cohort.row.id).cloned() {
            columns.push((INDEX.to_owned(), index));
        }
        let select = block.select(columns, filter);
        let step = self.select(&cohort.name, format!("cohort {}", cohort.name), select);
        self.cohorts.insert(id, step);
        step
    }

    /// The column that identifies a subject.
    pub(crate) fn subject_key(&self) -> String {
        let Some(subject) = self.model.subject() else { return "subject_id".to_owned() };
        let entity = self.model.entity(subject);
        entity.key.first().map_or_else(|| "subject_id".to_owned(), |key| entity.column(*key).name.clone())
    }

    /// A block over all permitted subjects, or over the members of a cohort.
    pub(crate) fn people(&mut self, row: &Row, of: Option<CohortId>) -> Block {
        self.entities.insert(row.id, row.entity);
        match of {
            None => Block::over(self, row),
            Some(of) => {
                let step = self.cohort(of);
                self.members_of(row, step)
            }
        }
    }

    /// A block over the subjects that a step lists by key, with their index dates.
    pub(crate) fn members_of(&mut self, row: &Row, step: StepId) -> Block {
        let mut block = Block::over(self, row);
        let name =
            self.steps.get(step.0 as usize).map_or_else(|| "member".to_owned(), |step| step.name.clone());
        let alias = block.alias(&name);
        let key = self.subject_key();
        let own = block.key.first().cloned().unwrap_or_else(|| Expr::null(Type::Text));
        block.join(
            JoinKind::Inner,
            from(step, &alias),
            Expr::equal(Expr::column(&alias, &key, Type::Text), own),
        );
        if self.columns(step).iter().any(|(name, _)| name == INDEX) {
            block.index.insert(row.id, Expr::column(&alias, INDEX, Type::Date));
        }
        debug_assert!(
            matches!(block.rows.get(&row.id), Some(Place::Here(_))),
            "people are read, not only known by key"
        );
        block
    }
}
