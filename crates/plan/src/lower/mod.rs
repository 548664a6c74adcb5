//! From a permitted query to plans: one per table and report.
//!
//! The pieces, in the order in which they come into a plan: `consent` decides who is permitted,
//! `guard` reads each linked table under that decision, `block` puts rows in scope together,
//! `expression` and `rows` turn typed expressions into columns and legs, `cohort`, `groups`,
//! `records` and `frequency` build the named things of the file, and `prune` drops columns that
//! nobody reads. No user error is possible here.

mod attrition;
mod attrition_events;
mod block;
mod characteristics;
mod choose;
mod cohort;
mod consent;
mod domain;
mod expression;
mod facts;
mod family;
mod frequency;
mod groups;
mod guard;
mod in_table;
mod nested;
mod origins;
mod prune;
mod records;
mod released;
mod rows;
mod weights;

use crate::expr::{Expr, Type, Value};
use crate::step::{Body, Plan, Select, Source, Step, StepId};
use model::{EntityId, Model};
use policy::consent::Purpose;
use policy::{Grounds, Permitted};
use std::collections::{BTreeMap, BTreeSet};
use types::{CohortId, RowId, Table, TableId};

/// The ancestors of a disease and itself; `None` where the pinned ontology does not know it.
pub type Above<'a> = &'a dyn Fn(&str) -> Option<Vec<String>>;

/// What was released of a column of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReleasedColumn {
    /// Its values, in any order.
    pub values: Vec<Value>,
    /// Whether a row withholds its value, or stands for pooled groups: then a value that is not among
    /// them may be there all the same.
    pub withheld: bool,
}

/// What was released of the tables before an item, by table and place of the shown column.
pub type ReleasedColumns = BTreeMap<(TableId, u32), ReleasedColumn>;

/// A plan for every table and report of a permitted query, by name, in the order of the file. Of tables
/// that others read nothing is released yet, so the steps that hold their released values are empty.
pub fn lower(permitted: &Permitted, model: &Model, above: Above<'_>) -> Vec<(String, Plan)> {
    let none = ReleasedColumns::new();
    items(permitted.query())
        .into_iter()
        .filter_map(|name| Some((name.to_owned(), lower_item(permitted, model, above, name, &none)?.0)))
        .collect()
}

/// The names of tables and reports, in the order of the file.
pub fn items(query: &types::Query) -> Vec<&str> {
    let tables = query.tables.iter().map(|table| (table.range, table.name.as_str()));
    let reports = query.reports.iter().map(|report| (report.range, report.name.as_str()));
    let mut items: Vec<_> = tables.chain(reports).collect();
    items.sort_by_key(|(range, _)| *range);
    items.into_iter().map(|(_, name)| name).collect()
}

/// The plan of one table or report, by name, and the columns of tables that it reads; `None` where there
/// is no such item.
pub fn lower_item(
    permitted: &Permitted,
    model: &Model,
    above: Above<'_>,
    name: &str,
    released: &ReleasedColumns,
) -> Option<(Plan, Vec<(TableId, u32)>)> {
    let (plan, reads, _) = lower_with_origins(permitted, model, above, name, released)?;
    Some((plan, reads))
}

/// Columns of tables, by table and place.
pub type ColumnsRead = Vec<(TableId, u32)>;

/// The same, and which words of the query its parts come from.
pub fn lower_with_origins(
    permitted: &Permitted,
    model: &Model,
    above: Above<'_>,
    name: &str,
    released: &ReleasedColumns,
) -> Option<(Plan, ColumnsRead, Origins)> {
    let query = permitted.query();
    let mut lowering = Lowering::new(model, permitted.grounds(), query, above, released);
    let table = query.tables.iter().find(|table| table.name == name);
    let report = query.reports.iter().find(|report| report.name == name);
    let plan = match (table, report) {
        (Some(table), _) => lowering.at(Some(table.range), |lowering| lowering.table(table)),
        (None, Some(report)) => lowering.at(Some(report.range), |lowering| match &report.kind {
            types::ReportKind::Attrition(attrition) => lowering.attrition(&report.name, attrition),
            types::ReportKind::Describe(describe) => lowering.describe(&report.name, describe),
            types::ReportKind::Compare(both) => lowering.compare(&report.name, both),
        }),
        (None, None) => return None,
    };
    Some((plan, lowering.columns_read.into_keys().collect(), lowering.origins))
}

/// The consent decision alone, for everybody: the columns are `subject_id`, `own` (the sample, or the
/// empty text for the subject itself), `answer` (0 no, 1 refer, 2 yes) and `cut_off`.
pub fn decisions(model: &Model, grounds: &Grounds, above: Above<'_>) -> Plan {
    let query = types::Query::default();
    let none = ReleasedColumns::new();
    let mut lowering = Lowering::new(model, grounds, &query, above, &none);
    let step = lowering.decisions();
    lowering.finished(step, Vec::new(), crate::Shape::default())
}

/// What `consent valid at collected_on` asks of every sample: `subject_id`, `own`, `at`, `answer`, for
/// the subject (`own` empty) and for each sample.
pub fn decisions_when_collected(model: &Model, grounds: &Grounds, above: Above<'_>) -> Plan {
    let query = types::Query::default();
    let none = ReleasedColumns::new();
    let mut lowering = Lowering::new(model, grounds, &query, above, &none);
    let step = lowering.decisions_when_collected();
    lowering.finished(step, Vec::new(), crate::Shape::default())
}

pub use origins::Origins;

pub(crate) struct Lowering<'a> {
    pub(crate) model: &'a Model,
    pub(crate) grounds: &'a Grounds,
    pub(crate) query: &'a types::Query,
    pub(crate) above: Above<'a>,
    /// What was released of other tables.
    pub(crate) released: &'a ReleasedColumns,
    /// The steps that hold columns of other tables.
    pub(crate) columns_read: BTreeMap<(TableId, u32), StepId>,
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
    /// The places of what is being lowered, outermost first.
    pub(crate) places: Vec<Option<text::Range>>,
    /// Which words the parts come from.
    pub(crate) origins: Origins,
}

impl<'a> Lowering<'a> {
    fn new(
        model: &'a Model,
        grounds: &'a Grounds,
        query: &'a types::Query,
        above: Above<'a>,
        released: &'a ReleasedColumns,
    ) -> Lowering<'a> {
        Lowering {
            released,
            columns_read: BTreeMap::new(),
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
            places: Vec::new(),
            origins: Origins::default(),
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
        self.step_comes_from(&unique);
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
        let places = prune::prune(&mut steps);
        self.origins(&places);
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
