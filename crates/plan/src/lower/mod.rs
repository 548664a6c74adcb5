//! From a permitted query to plans: one per table and report.
//!
//! The pieces, in the order in which they come into a plan: `consent` decides who is permitted,
//! `guard` reads each linked table under that decision, `block` puts rows in scope together,
//! `expression` and `rows` turn typed expressions into columns and legs, `cohort`, `groups`,
//! `records` and `frequency` build the named things of the file, and `prune` drops columns that
//! nobody reads. No user error is possible here.

mod attrition;
mod block;
mod characteristics;
mod choose;
mod cohort;
mod consent;
mod expression;
mod frequency;
mod groups;
mod guard;
mod prune;
mod records;
mod released;
mod rows;

use crate::expr::{Expr, Type};
use crate::step::{Body, Plan, Select, Source, Step, StepId};
use model::{EntityId, Model};
use policy::consent::Purpose;
use policy::{Grounds, Permitted};
use std::collections::{BTreeMap, BTreeSet};
use types::{CohortId, RowId, Table};

/// The ancestors of a disease and itself; `None` where the pinned ontology does not know it.
pub type Above<'a> = &'a dyn Fn(&str) -> Option<Vec<String>>;

/// A plan for every table and report of a permitted query, by name, in the order of the file.
pub fn lower(permitted: &Permitted, model: &Model, above: Above<'_>) -> Vec<(String, Plan)> {
    let query = permitted.query();
    let lowering = || Lowering::new(model, permitted.grounds(), query, above);
    let mut plans = Vec::new();
    for table in &query.tables {
        plans.push((table.range, table.name.clone(), lowering().table(table)));
    }
    for report in &query.reports {
        let plan = match &report.kind {
            types::ReportKind::Attrition(attrition) => lowering().attrition(&report.name, attrition),
            types::ReportKind::Describe(describe) => lowering().describe(&report.name, describe),
            types::ReportKind::Compare(both) => lowering().compare(&report.name, both),
        };
        plans.push((report.range, report.name.clone(), plan));
    }
    plans.sort_by_key(|(range, ..)| *range);
    plans.into_iter().map(|(_, name, plan)| (name, plan)).collect()
}

/// The consent decision alone, for everybody: the columns are `subject_id`, `own` (the sample, or the
/// empty text for the subject itself), `answer` (0 no, 1 refer, 2 yes) and `cut_off`.
pub fn decisions(model: &Model, grounds: &Grounds, above: Above<'_>) -> Plan {
    let query = types::Query::default();
    let mut lowering = Lowering::new(model, grounds, &query, above);
    let step = lowering.decisions();
    lowering.finished(step, Vec::new(), crate::Shape::default())
}

/// What `consent valid at collected_on` asks of every sample: `subject_id`, `own`, `at`, `answer`, for
/// the subject (`own` empty) and for each sample.
pub fn decisions_when_collected(model: &Model, grounds: &Grounds, above: Above<'_>) -> Plan {
    let query = types::Query::default();
    let mut lowering = Lowering::new(model, grounds, &query, above);
    let step = lowering.decisions_when_collected();
    lowering.finished(step, Vec::new(), crate::Shape::default())
}

pub(crate) struct Lowering<'a> {
    pub(crate) model: &'a Model,
    pub(crate) grounds: &'a Grounds,
    pub(crate) query: &'a types::Query,
    pub(crate) above: Above<'a>,
    pub(crate) steps: Vec<Step>,
    /// Guard steps by entity.
    pub(crate) guards: BTreeMap<EntityId, StepId>,
    /// Cohort steps.
    pub(crate) cohorts: BTreeMap<CohortId, StepId>,
    /// Steps that exist once in a plan, by name.
    pub(crate) once: BTreeMap<&'static str, StepId>,
    /// Entities of rows in scope.
    pub(crate) entities: BTreeMap<RowId, EntityId>,
    /// Rows in scope that are episodes.
    pub(crate) episodes: BTreeSet<RowId>,
}

impl<'a> Lowering<'a> {
    fn new(
        model: &'a Model,
        grounds: &'a Grounds,
        query: &'a types::Query,
        above: Above<'a>,
    ) -> Lowering<'a> {
        Lowering {
            model,
            grounds,
            query,
            above,
            steps: Vec::new(),
            guards: BTreeMap::new(),
            cohorts: BTreeMap::new(),
            once: BTreeMap::new(),
            entities: BTreeMap::new(),
            episodes: BTreeSet::new(),
        }
    }

    fn table(&mut self, table: &Table) -> Plan {
        match &table.body {
            types::TableBody::Groups { keys, totals } => self.groups(table, keys, *totals),
            types::TableBody::Rows { values } => self.records(table, values),
            types::TableBody::Frequency { frequencies, pooled, values, named } => {
                self.frequency(table, frequencies, pooled.as_ref(), values, named)
            }
        }
    }

    /// Adds a step; its name is made unique.
    pub(crate) fn step(&mut self, name: &str, comment: impl Into<String>, body: Body) -> StepId {
        let columns = columns_of(&self.steps, &body);
        let mut unique = name.to_owned();
        let mut number = 2;
        while self.steps.iter().any(|step| step.name.eq_ignore_ascii_case(&unique)) {
            unique = format!("{name}_{number}");
            number += 1;
        }
        let id = StepId(u32::try_from(self.steps.len()).unwrap_or(u32::MAX));
        self.steps.push(Step { name: unique, comment: comment.into(), fence: false, body, columns });
        id
    }

    /// Adds a step of one block.
    pub(crate) fn select(&mut self, name: &str, comment: impl Into<String>, select: Select) -> StepId {
        self.step(name, comment, Body::Select(select))
    }

    /// The engine computes this step before what reads it.
    pub(crate) fn fence(&mut self, id: StepId) {
        if let Some(step) = self.steps.get_mut(id.0 as usize) {
            step.fence = true;
        }
    }

    pub(crate) fn columns(&self, id: StepId) -> &[(String, Type)] {
        self.steps.get(id.0 as usize).map_or(&[], |step| &step.columns)
    }

    /// A column of a step under an alias.
    pub(crate) fn column(&self, id: StepId, alias: &str, column: &str) -> Expr {
        let ty = self.columns(id).iter().find(|(name, _)| name == column).map_or(Type::Text, |(_, ty)| *ty);
        Expr::column(alias, column, ty)
    }

    pub(crate) fn finished(&mut self, last: StepId, order: Vec<crate::Order>, shape: crate::Shape) -> Plan {
        debug_assert_eq!(last.0 as usize + 1, self.steps.len(), "the last step is the raw result");
        let mut steps = std::mem::take(&mut self.steps);
        prune::prune(&mut steps);
        Plan { steps, order, shape }
    }

    /// D; a file without `as of` reads nothing linked, and the day of use stands in for it.
    pub(crate) fn as_of(&self) -> jiff::civil::Date {
        self.grounds.as_of.unwrap_or(self.grounds.used_on)
    }

    /// A purpose by the name that `consent valid … for NAME` gives, or the agreement's.
    pub(crate) fn purpose(&self, name: Option<&str>) -> Option<&'a Purpose> {
        match name {
            None => self.grounds.purpose.as_ref(),
            Some(name) => self.grounds.purposes.get(name),
        }
    }
}

/// A source of an earlier step.
pub(crate) fn from(step: StepId, alias: &str) -> Source {
    Source::Step { step, alias: alias.to_owned() }
}

/// A block that only reads one source.
pub(crate) fn block_of(source: Source, columns: Vec<(String, Expr)>) -> Select {
    Select { distinct: false, columns, from: source, joins: Vec::new(), filter: None, group: None }
}

/// Owned names with expressions.
pub(crate) fn named<const N: usize>(columns: [(&str, Expr); N]) -> Vec<(String, Expr)> {
    columns.into_iter().map(|(name, expr)| (name.to_owned(), expr)).collect()
}

fn columns_of(steps: &[Step], body: &Body) -> Vec<(String, Type)> {
    let of_select = |select: &Select| -> Vec<(String, Type)> {
        select.columns.iter().map(|(name, expr)| (name.clone(), expr.ty())).collect()
    };
    let _ = steps;
    match body {
        Body::Select(select) => of_select(select),
        Body::UnionAll(selects) => selects.first().map(of_select).unwrap_or_default(),
        Body::Recursive { first, .. } => of_select(first),
        Body::Values(_) => Vec::new(),
    }
}
