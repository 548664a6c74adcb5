//! Cohorts as steps: the key of each member, its index date and its exit.
//!
//! A cohort of people has a row per subject, one of events a row per subject and index date. In the order
//! of its clauses: those with an index date, of these whom the rules keep, their exits, whom the rules after
//! the exit keep, and whom a match or a draw takes (`choose`).

use super::block::{Block, Place};
use super::{Lowering, block_of, from};
use crate::expr::{Comparison, Expr, Function, Type};
use crate::step::{JoinKind, Select, StepId};
use types::{Cohort, CohortId, CohortSource, Exit, Index, Kind, Row, RowId, Rows};

/// The column of a cohort step that holds the index date.
pub(crate) const INDEX: &str = "index_date";
/// The columns of a cohort step that hold the exit.
pub(crate) const EXIT_DATE: &str = "exit_date";
pub(crate) const EXIT_REASON: &str = "exit_reason";

impl Lowering<'_> {
    /// The step of a cohort: the subject's key, and the index date and the exit where there are any.
    pub(crate) fn cohort(&mut self, id: CohortId) -> StepId {
        let place = self.query.cohorts.get(id.0 as usize).map(|cohort| cohort.range);
        self.at(place, |lowering| lowering.cohort_step(id))
    }

    fn cohort_step(&mut self, id: CohortId) -> StepId {
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
        if let Some(index) = &cohort.index {
            let step = self.index_dates(&cohort, block, index);
            block = self.members_of(&cohort.row, step, index.rows.is_some());
        }
        let after = cohort.exit.as_ref().map_or(cohort.rules.len(), |exit| exit.after);
        let (before, after) = cohort.rules.split_at(after.min(cohort.rules.len()));
        let mut filter = Vec::new();
        for rule in before {
            filter.push(self.expr(&mut block, &rule.condition));
        }
        let chosen = cohort.matched.is_some() || cohort.draw.is_some();
        let whole = format!("cohort {}", cohort.name);
        if let Some(exit) = &cohort.exit {
            let last = after.is_empty() && !chosen;
            let step = self.exits(&cohort, block, filter, exit, last);
            if last {
                self.cohorts.insert(id, step);
                return step;
            }
            block = self.members_of(&cohort.row, step, is_events(&cohort));
            filter = Vec::new();
            for rule in after {
                filter.push(self.expr(&mut block, &rule.condition));
            }
        }
        let columns = self.member_columns(&block, &cohort.row);
        let step = if let Some(matched) = &cohort.matched {
            self.matched(&cohort, block, filter, matched)
        } else if let Some(draw) = &cohort.draw {
            self.drawn(&cohort, block, filter, draw)
        } else {
            let select = block.select(columns, filter);
            self.select(&cohort.name, whole, select)
        };
        self.cohorts.insert(id, step);
        step
    }

    /// Those with an index date, or each date of each.
    fn index_dates(&mut self, cohort: &Cohort, mut block: Block, index: &Index) -> StepId {
        let key_name = self.subject_key();
        let select = match &index.rows {
            None => {
                let date = self.expr(&mut block, &index.date);
                let key = block.key.first().cloned().unwrap_or_else(|| Expr::null(Type::Text));
                // A subject without an index date is no member.
                block.select(vec![(key_name, key), (INDEX.to_owned(), date.clone())], vec![date.is_known()])
            }
            Some(rows) => self.each_day(&mut block, rows, &index.date),
        };
        self.select(&format!("{}_index", cohort.name), format!("cohort {}: index dates", cohort.name), select)
    }

    /// Each key of the block with each index date of an event cohort.
    pub(super) fn each_day(&mut self, block: &mut Block, rows: &Rows, date: &types::Expr) -> Select {
        let key_name = self.subject_key();
        let leg = self.leg_rows(block, rows, &[date], |lowering, inner| {
            vec![("day".to_owned(), lowering.expr(inner, date))]
        });
        let day = Expr::column("row", "day", Type::Date);
        let key = leg
            .key
            .first()
            .map_or_else(|| Expr::null(Type::Text), |(name, ty)| Expr::column("row", name, *ty));
        Select {
            distinct: true,
            filter: Some(Expr::and([Expr::column("row", "test", Type::Bool), day.clone().is_known()])),
            ..block_of(from(leg.step, "row"), vec![(key_name, key), (INDEX.to_owned(), day)])
        }
    }

    /// The dates of exit of a row, `exit_1` and so on: null where they are before the index date.
    pub(super) fn exit_dates(&mut self, block: &mut Block, row: RowId, exit: &Exit) -> Vec<(String, Expr)> {
        let index = self.index_of(block, row);
        let mut columns = Vec::new();
        for ((_, date), number) in exit.dates.iter().zip(1..) {
            let date = self.expr(block, date);
            let value = Expr::Case {
                arms: vec![(Expr::compare(Comparison::GreaterOrEqual, date.clone(), index.clone()), date)],
                otherwise: Box::new(Expr::null(Type::Date)),
            };
            columns.push((format!("exit_{number}"), value));
        }
        columns
    }

    /// The exit of those dates, and its reason.
    pub(super) fn earliest_exit(&self, alias: &str, exit: &Exit) -> Vec<(String, Expr)> {
        let of = |number: usize| Expr::column(alias, &format!("exit_{number}"), Type::Date);
        let as_of = Expr::date(self.as_of());
        let all = (1..=exit.dates.len()).map(of).chain([as_of]).collect();
        let earliest = Expr::Call(Function::Least, all);
        let reason = Expr::Case {
            arms: exit
                .dates
                .iter()
                .zip(1..)
                .map(|((name, _), number)| (Expr::equal(of(number), earliest.clone()), Expr::text(name)))
                .collect(),
            otherwise: Box::new(Expr::text(types::AS_OF)),
        };
        vec![(EXIT_DATE.to_owned(), earliest), (EXIT_REASON.to_owned(), reason)]
    }

    /// The earliest exit on or after the index date; D where there is none.
    fn exits(
        &mut self,
        cohort: &Cohort,
        mut block: Block,
        mut filter: Vec<Expr>,
        exit: &Exit,
        last: bool,
    ) -> StepId {
        let as_of = Expr::date(self.as_of());
        let index = self.index_of(&mut block, cohort.row.id);
        let mut columns = self.member_columns(&block, &cohort.row);
        let members: Vec<(String, Type)> =
            columns.iter().map(|(name, value)| (name.clone(), value.ty())).collect();
        columns.extend(self.exit_dates(&mut block, cohort.row.id, exit));
        // Follow-up that would begin after D has not begun; a date of a row is never after it.
        if self.index_may_be_later(cohort) {
            filter.push(Expr::at_most(index, as_of.clone()));
        }
        let select = block.select(columns, filter);
        let dates = self.select(
            &format!("{}_exits", cohort.name),
            format!("cohort {}: dates of exit on or after the index date", cohort.name),
            select,
        );
        let mut columns: Vec<(String, Expr)> =
            members.iter().map(|(name, ty)| (name.clone(), Expr::column("member", name, *ty))).collect();
        columns.extend(self.earliest_exit("member", exit));
        let (name, comment) = if last {
            (cohort.name.clone(), format!("cohort {}", cohort.name))
        } else {
            (format!("{}_exit", cohort.name), format!("cohort {}: the earliest exit", cohort.name))
        };
        self.select(&name, comment, block_of(from(dates, "member"), columns))
    }

    /// Whether an index date is computed, so that it can be a day after D.
    pub(super) fn index_may_be_later(&self, cohort: &Cohort) -> bool {
        let mut at = cohort;
        for _ in 0..=self.query.cohorts.len() {
            if let Some(index) = &at.index {
                let date = match &index.date.kind {
                    Kind::Pick { value, .. } => &value.kind,
                    other => other,
                };
                return !matches!(date, Kind::Column(..) | Kind::Episode(..));
            }
            match at.source {
                CohortSource::Subjects => return false,
                CohortSource::Cohort(of) => match self.query.cohorts.get(of.0 as usize) {
                    Some(of) => at = of,
                    None => return false,
                },
            }
        }
        true
    }

    /// The column that identifies a subject.
    pub(crate) fn subject_key(&self) -> String {
        let Some(subject) = self.model.subject() else { return "subject_id".to_owned() };
        let entity = self.model.entity(subject);
        entity.key.first().map_or_else(|| "subject_id".to_owned(), |key| entity.column(*key).name.clone())
    }

    /// What a step of a cohort holds of a member in a block.
    pub(super) fn member_columns(&self, block: &Block, row: &Row) -> Vec<(String, Expr)> {
        let key = block.key.first().cloned().unwrap_or_else(|| Expr::null(Type::Text));
        let mut columns = vec![(self.subject_key(), key)];
        if let Some(index) = block.index.get(&row.id) {
            columns.push((INDEX.to_owned(), index.clone()));
        }
        if let Some((date, reason)) = block.exits.get(&row.id) {
            columns.push((EXIT_DATE.to_owned(), date.clone()));
            columns.push((EXIT_REASON.to_owned(), reason.clone()));
        }
        columns
    }

    /// A block over all permitted subjects, or over the members of a cohort.
    pub(crate) fn people(&mut self, row: &Row, of: Option<CohortId>) -> Block {
        self.entities.insert(row.id, row.entity);
        match of {
            None => Block::over(self, row),
            Some(of) => {
                let step = self.cohort(of);
                let events = self.query.cohorts.get(of.0 as usize).is_some_and(is_events);
                self.members_of(row, step, events)
            }
        }
    }

    /// A block over the subjects that a step lists by key, with their index dates and exits. A row of events
    /// is identified by the index date too.
    pub(crate) fn members_of(&mut self, row: &Row, step: StepId, events: bool) -> Block {
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
        let has = |column: &str| self.columns(step).iter().any(|(name, _)| name == column);
        if has(INDEX) {
            let index = Expr::column(&alias, INDEX, Type::Date);
            if events {
                block.key.push(index.clone());
            }
            block.index.insert(row.id, index);
        }
        if has(EXIT_DATE) {
            let date = Expr::column(&alias, EXIT_DATE, Type::Date);
            block.exits.insert(row.id, (date, Expr::column(&alias, EXIT_REASON, Type::Text)));
        }
        debug_assert!(
            matches!(block.rows.get(&row.id), Some(Place::Here(_))),
            "people are read, not only known by key"
        );
        block
    }
}

/// Whether a cohort has a row per event.
pub(crate) fn is_events(cohort: &Cohort) -> bool {
    cohort.index.as_ref().is_some_and(|index| index.rows.is_some())
}
