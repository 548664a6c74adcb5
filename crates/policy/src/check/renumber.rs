//! A query without what was refused: the cohorts and tables that stay get new numbers, wherever they are named.

use std::collections::{BTreeMap, BTreeSet};
use types::{
    AttritionTest, Characteristic, CohortId, CohortSource, Expr, GroupCell, GroupKey, Kind, Members,
    PickOrder, Query, ReportKind, Rows, RowsSource, ShownExpr, TableBody, TableId,
};

/// Keeps the cohorts and the tables that have a new number, and the reports at these places.
///
/// What stays must stand only on what stays.
pub(super) fn only(
    mut query: Query,
    cohorts: &BTreeMap<CohortId, CohortId>,
    tables: &BTreeMap<TableId, TableId>,
    reports: &BTreeSet<usize>,
) -> Query {
    let mut at = 0;
    query.cohorts.retain(|_| {
        let kept = cohorts.contains_key(&CohortId(at));
        at += 1;
        kept
    });
    let mut at = 0;
    query.tables.retain(|_| {
        let kept = tables.contains_key(&TableId(at));
        at += 1;
        kept
    });
    let mut at = 0;
    query.reports.retain(|_| {
        let kept = reports.contains(&at);
        at += 1;
        kept
    });
    if cohorts.iter().all(|(old, new)| old == new) && tables.iter().all(|(old, new)| old == new) {
        return query;
    }
    let renumber = Renumber(cohorts, tables);
    for cohort in &mut query.cohorts {
        match &mut cohort.source {
            CohortSource::Subjects => {}
            CohortSource::Cohort(id) => renumber.id(id),
        }
        if let Some(index) = &mut cohort.index {
            renumber.expr(&mut index.date);
            index.rows.iter_mut().for_each(|rows| renumber.rows(rows));
        }
        renumber.exprs(cohort.rules.iter_mut().map(|rule| &mut rule.condition));
        renumber.exprs(cohort.exit.iter_mut().flat_map(|exit| &mut exit.dates).map(|(_, date)| date));
        if let Some(matched) = &mut cohort.matched {
            renumber.id(&mut matched.cases);
            renumber.exprs(matched.keys.iter_mut().flat_map(|key| [&mut key.control, &mut key.case]));
        }
    }
    for report in &mut query.reports {
        match &mut report.kind {
            ReportKind::Attrition(attrition) => {
                renumber.id(&mut attrition.cohort);
                for step in &mut attrition.steps {
                    if let AttritionTest::Choice { of, keys: _ } = &mut step.test {
                        renumber.id(of);
                    }
                    step.test.rows_mut().into_iter().for_each(|rows| renumber.rows(rows));
                    renumber.exprs(step.test.exprs_mut());
                }
            }
            ReportKind::Describe(describe) => {
                renumber.members(&mut describe.members);
                renumber.keys(&mut describe.keys);
            }
            ReportKind::Compare(both) => both.iter_mut().for_each(|one| renumber.members(one)),
        }
    }
    for table in &mut query.tables {
        table.cohort.iter_mut().for_each(|id| renumber.id(id));
        renumber.exprs(table.rules.iter_mut().map(|rule| &mut rule.condition));
        for each in &mut table.each {
            renumber.rows(&mut each.rows);
        }
        for nested in &mut table.nested {
            renumber.rows(&mut nested.rows);
            renumber.exprs(nested.columns.iter_mut().map(|(_, value)| value));
        }
        match &mut table.body {
            TableBody::Rows { values } => renumber.exprs(values),
            TableBody::Groups { keys, totals: _ } => renumber.keys(keys),
            TableBody::Frequency { frequencies, pooled, values, named: _ } => {
                for frequency in frequencies {
                    frequency.cohort.iter_mut().for_each(|id| renumber.id(id));
                    renumber.exprs(&mut frequency.conditions);
                    renumber.keys(&mut frequency.keys);
                }
                if let Some(pooled) = pooled {
                    renumber.keys(&mut pooled.keys);
                }
                renumber.exprs(values);
            }
        }
        if let Some(regroup) = &mut table.regroup {
            regroup.values.iter_mut().for_each(|value| renumber.shown(&mut value.value));
        }
        table.shown.iter_mut().for_each(|shown| renumber.shown(&mut shown.value));
        table.kept.iter_mut().for_each(|kept| renumber.shown(kept));
        table.order.iter_mut().for_each(|(key, _)| renumber.shown(key));
    }
    query
}

struct Renumber<'a>(&'a BTreeMap<CohortId, CohortId>, &'a BTreeMap<TableId, TableId>);

impl Renumber<'_> {
    fn id(&self, id: &mut CohortId) {
        if let Some(new) = self.0.get(id) {
            *id = *new;
        }
    }

    fn exprs<'e>(&self, exprs: impl IntoIterator<Item = &'e mut Expr>) {
        for expr in exprs {
            self.expr(expr);
        }
    }

    fn keys(&self, keys: &mut [GroupKey]) {
        self.exprs(keys.iter_mut().map(|key| &mut key.value));
    }

    fn members(&self, members: &mut Members) {
        self.id(&mut members.cohort);
        for characteristic in &mut members.characteristics {
            match characteristic {
                Characteristic::Levels(key) => self.expr(&mut key.value),
                Characteristic::Number { name: _, value } => self.expr(value),
            }
        }
    }

    fn shown(&self, shown: &mut ShownExpr) {
        match shown {
            ShownExpr::Shown(_)
            | ShownExpr::Literal(_)
            | ShownExpr::Grpmax { .. }
            | ShownExpr::RegroupKey(_)
            | ShownExpr::Regrouped { .. }
            | ShownExpr::Cell(
                GroupCell::Key(_) | GroupCell::Value(_) | GroupCell::Nested(_) | GroupCell::Frequency { .. },
            ) => {}
            ShownExpr::Cell(GroupCell::Aggregate { function: _, argument, filter }) => {
                self.exprs(argument);
                self.exprs(filter);
            }
            ShownExpr::Arithmetic(_, left, right) | ShownExpr::Compare(_, left, right) => {
                self.shown(left);
                self.shown(right);
            }
            ShownExpr::And(parts) | ShownExpr::Or(parts) => {
                for part in parts {
                    self.shown(part);
                }
            }
            ShownExpr::Fisher(_, counts) => counts.iter_mut().for_each(|count| self.shown(count)),
            ShownExpr::Not(inner)
            | ShownExpr::IsKnown(inner)
            | ShownExpr::Previous { along: _, within: _, value: inner } => self.shown(inner),
        }
    }

    fn rows(&self, rows: &mut Rows) {
        for step in &mut rows.steps {
            if let RowsSource::Episodes { of, gap, each_code: _ } = &mut step.source {
                self.rows(of);
                self.expr(gap);
            }
            if let RowsSource::Inherited(inherited) = &mut step.source {
                inherited.affected.iter_mut().for_each(|id| self.id(id));
                self.exprs(inherited.exprs_mut());
            }
            self.exprs(&mut step.conditions);
            self.exprs(&mut step.bounds);
        }
        self.exprs(rows.each_other.within.as_deref_mut());
    }

    fn order(&self, order: &mut PickOrder) {
        self.exprs(order.by.as_deref_mut());
    }

    fn expr(&self, expr: &mut Expr) {
        match &mut expr.kind {
            Kind::Literal(_)
            | Kind::Null
            | Kind::Column(..)
            | Kind::Key(_)
            | Kind::Index(_)
            | Kind::Exit(..)
            | Kind::Episode(..)
            | Kind::IsAllele(..)
            | Kind::InRegion(..)
            | Kind::Zygosity(_) => {}
            Kind::InCohort(_, id) => self.id(id),
            Kind::InTable { value, table, column: _ } => {
                if let Some(new) = self.1.get(table) {
                    *table = *new;
                }
                self.expr(value);
            }
            Kind::And(parts) | Kind::Or(parts) | Kind::CountedOf(_, _, parts) => self.exprs(parts),
            Kind::Not(inner)
            | Kind::InCodes(inner, _)
            | Kind::InValues(inner, _)
            | Kind::IsKnown(inner)
            | Kind::OrElse(inner, _)
            | Kind::ToDecimal(inner)
            | Kind::InUnit(inner, _)
            | Kind::AgeAt(_, inner)
            | Kind::MonthOf(inner)
            | Kind::YearOf(inner)
            | Kind::Band(inner, _) => self.expr(inner),
            Kind::Compare(_, left, right)
            | Kind::Arithmetic(_, left, right)
            | Kind::AddDays(left, right)
            | Kind::AddMonths(left, right)
            | Kind::DaysBetween(left, right)
            | Kind::InGeneCodes { code: left, gene: right, annotation: _ }
            | Kind::CompareQuantity { comparison: _, value: left, unit: right, in_units: _ }
            | Kind::Observed { subject: _, from: left, to: right } => {
                self.expr(left);
                self.expr(right);
            }
            Kind::Case(arms, otherwise) => {
                for (when, then) in arms {
                    self.expr(when);
                    self.expr(then);
                }
                self.expr(otherwise);
            }
            Kind::Has(rows) | Kind::Counted(_, _, rows) => self.rows(rows),
            Kind::Pick { rows, order, value } => {
                self.rows(rows);
                self.order(order);
                self.expr(value);
            }
            Kind::Aggregate { function: _, rows, argument, filter } => {
                self.rows(rows);
                self.exprs(argument.as_deref_mut());
                self.exprs(filter.as_deref_mut());
            }
            Kind::ConsentValid { row: _, at, purpose: _ } => self.exprs(at.as_deref_mut()),
        }
    }
}
