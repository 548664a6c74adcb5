//! Legs: many rows, reduced to one row per row around them, then joined one to one.
//!
//! A leg is a step of the rows with the value of their condition, and a step that groups it by the
//! key of the row around. `has` is three-valued: it needs the number of rows for which the condition
//! is true and of those for which it is unknown.

mod episodes;
mod leg;
mod observed;
mod pick;
mod valid;

use super::block::Block;
use super::{Lowering, block_of, from, named};
use crate::expr::{Aggregate, AggregateFunction, Comparison, Expr, Function, Type};
use crate::step::{JoinKind, Select, StepId};
pub(crate) use leg::LegRows;
use leg::{key_columns, key_exprs, step_name};
use std::collections::BTreeSet;
use types::{Count, Kind, Row, Rows, RowsSource};

impl Lowering<'_> {
    /// `has R`
    pub(crate) fn has(&mut self, block: &mut Block, rows: &Rows) -> Expr {
        let (yes, unknown) = self.counts(block, rows);
        let missing = self.unsettled(block, rows);
        decide(Count::AtLeast, 1, yes, unknown, missing)
    }

    /// `at least n R` and its like
    pub(crate) fn counted(&mut self, block: &mut Block, count: Count, bound: i64, rows: &Rows) -> Expr {
        let (yes, unknown) = self.counts(block, rows);
        let missing = self.unsettled(block, rows);
        decide(count, bound, yes, unknown, missing)
    }

    /// Numbers of rows for which the condition is true, and unknown.
    pub(crate) fn counts(&mut self, block: &mut Block, rows: &Rows) -> (Expr, Expr) {
        let last = rows.steps.last().map(|step| step.row.clone());
        let dated = rows.each_other.different_days || rows.each_other.within.is_some();
        let mut extra = Vec::new();
        let leg = self.leg_rows(block, rows, &[], |lowering, inner| {
            if let Some(row) = last.as_ref().filter(|_| dated) {
                let date = lowering.date_of(inner, row);
                extra.push(("day".to_owned(), date));
            }
            extra.clone()
        });
        let counted = if dated { self.days_counted(&leg, rows) } else { self.rows_counted(&leg, rows) };
        let alias = self.join_leg(block, &leg, counted);
        let count = |column: &str| {
            Expr::Call(Function::Coalesce, vec![Expr::column(&alias, column, Type::Int), Expr::int(0)])
        };
        // Conditions that are never unknown leave rows that are all true.
        let unknown = if leg.certain && !dated { Expr::int(0) } else { count("unknown") };
        (count("yes"), unknown)
    }

    fn rows_counted(&mut self, leg: &LegRows, rows: &Rows) -> StepId {
        let test = Expr::column("row", "test", Type::Bool);
        let mut columns = key_columns(leg, "row");
        columns.extend(named([
            ("yes", Expr::count(Some(test.clone()))),
            ("unknown", Expr::count(Some(test.is_null()))),
        ]));
        let select =
            Select { group: Some(key_exprs(leg, "row")), ..block_of(from(leg.step, "row"), columns) };
        self.select(
            &step_name(&rows.words, "counted"),
            format!("{}: how many, one row per row around", rows.words),
            select,
        )
    }

    /// `on different days`, `within n of each other`: the most that lie together.
    fn days_counted(&mut self, leg: &LegRows, rows: &Rows) -> StepId {
        let anchor_day = Expr::column("anchor", "day", Type::Date);
        let day = Expr::column("row", "day", Type::Date);
        let mut on: Vec<Expr> = leg
            .key
            .iter()
            .map(|(name, ty)| Expr::equal(Expr::column("row", name, *ty), Expr::column("anchor", name, *ty)))
            .collect();
        if let Some(within) = &rows.each_other.within {
            on.push(Expr::at_most(anchor_day.clone(), day.clone()));
            let amount = match &within.kind {
                Kind::Literal(types::Value::Int(int)) => Expr::int(*int),
                _ => Expr::int(0),
            };
            let function =
                if within.ty == types::Type::Days { Function::AddDays } else { Function::AddMonths };
            on.push(Expr::at_most(day.clone(), Expr::Call(function, vec![anchor_day.clone(), amount])));
        }
        let test = Expr::column("row", "test", Type::Bool);
        let count = |filter: Expr| {
            Expr::Aggregate(Box::new(Aggregate {
                function: AggregateFunction::Count,
                argument: rows.each_other.different_days.then(|| day.clone()),
                distinct: rows.each_other.different_days,
                filter: Some(filter),
            }))
        };
        let mut columns = key_columns(leg, "anchor");
        columns.push(("anchor_day".to_owned(), anchor_day.clone()));
        let surely = Expr::IsTrue(Box::new(test.clone()));
        let maybe = Expr::Or(vec![test.clone(), test.is_null()]);
        columns.push(("yes".to_owned(), count(surely)));
        columns.push(("maybe".to_owned(), count(maybe)));
        let mut group = key_exprs(leg, "anchor");
        group.push(anchor_day);
        // One anchor per day: rows of the same day would see the same rows.
        let mut anchors = key_columns(leg, "row");
        anchors.push(("day".to_owned(), Expr::column("row", "day", Type::Date)));
        let anchor = Select {
            distinct: true,
            filter: Some(Expr::column("row", "day", Type::Date).is_known()),
            ..block_of(from(leg.step, "row"), anchors)
        };
        let anchor =
            self.select(&step_name(&rows.words, "day"), "days from which the others are measured", anchor);
        let together = Select {
            joins: vec![crate::step::Join {
                kind: JoinKind::Inner,
                source: from(leg.step, "row"),
                on: Expr::and(on),
            }],
            group: Some(group),
            ..block_of(from(anchor, "anchor"), columns)
        };
        let together = self.select(
            &step_name(&rows.words, "together"),
            format!("{}: how many lie together from each day", rows.words),
            together,
        );
        let mut columns = key_columns(leg, "together");
        let most =
            |column| Expr::aggregate(AggregateFunction::Max, Expr::column("together", column, Type::Int));
        columns.push(("yes".to_owned(), most("yes")));
        columns.push((
            "unknown".to_owned(),
            Expr::Call(Function::SubtractInt, vec![most("maybe"), most("yes")]),
        ));
        let select = Select {
            group: Some(key_exprs(leg, "together")),
            ..block_of(from(together, "together"), columns)
        };
        self.select(
            &step_name(&rows.words, "counted"),
            format!("{}: the most that lie together", rows.words),
            select,
        )
    }

    /// Conditions under which a quantifier is unknown although no row is: a null bound of a window, and
    /// for carried alleles a subject that was not assessed.
    pub(crate) fn unsettled(&mut self, block: &mut Block, rows: &Rows) -> Vec<Expr> {
        let mut missing = Vec::new();
        for step in &rows.steps {
            for bound in &step.bounds {
                if !matches!(bound.kind, Kind::Literal(_)) && self.is_outer(block, bound) {
                    missing.push(self.expr(block, bound).is_null());
                }
            }
            match &step.source {
                RowsSource::Relation(..) | RowsSource::Episodes { .. } => {}
                RowsSource::Carried { .. } => missing.push(self.not_assessed(block, &rows.around, step)),
                // Without a sample of the child nobody looked.
                RowsSource::Inherited(inherited) => {
                    let alleles = &inherited.alleles;
                    for step in &alleles.steps {
                        missing.push(self.not_assessed(block, &alleles.around, step));
                    }
                }
            }
        }
        missing
    }

    /// Whether all rows that an expression reads are in the block, or are the expression's own: those that
    /// a pick or quantifier in it walks.
    pub(crate) fn is_outer(&self, block: &Block, expr: &types::Expr) -> bool {
        let mut own = BTreeSet::new();
        types::each_expr(expr, &mut |inner| {
            if let Kind::Has(rows)
            | Kind::Counted(_, _, rows)
            | Kind::Pick { rows, .. }
            | Kind::Aggregate { rows, .. } = &inner.kind
            {
                own_rows(rows, &mut own);
            }
        });
        let mut outer = true;
        types::each_row(expr, &mut |row| outer &= own.contains(&row.id) || block.rows.contains_key(&row.id));
        outer
    }

    /// The declared day of a row, or the first day of an episode.
    pub(crate) fn date_of(&mut self, block: &mut Block, row: &Row) -> Expr {
        if self.episodes.contains(&row.id) && row.hops.is_empty() {
            let alias = self.row_alias(block, row);
            return Expr::column(&alias, "started", Type::Date);
        }
        match self.model.entity(row.entity).dated_by {
            Some(dated) => self.column_of(block, row, dated.start),
            None => Expr::null(Type::Date),
        }
    }

    pub(crate) fn end_of(&mut self, block: &mut Block, row: &Row) -> Option<Expr> {
        if self.episodes.contains(&row.id) && row.hops.is_empty() {
            let alias = self.row_alias(block, row);
            return Some(Expr::column(&alias, "ended", Type::Date));
        }
        let end = self.model.entity(row.entity).dated_by?.end?;
        Some(self.column_of(block, row, end))
    }

    /// The index date of a cohort's row.
    pub(crate) fn index_of(&mut self, block: &mut Block, row: types::RowId) -> Expr {
        block.index.get(&row).cloned().unwrap_or_else(|| Expr::null(Type::Date))
    }
}

/// The rows that rows walk, with the calls beside them.
fn own_rows(rows: &Rows, own: &mut BTreeSet<types::RowId>) {
    for step in &rows.steps {
        own.insert(step.row.id);
        match &step.source {
            RowsSource::Relation(..) => {}
            RowsSource::Inherited(inherited) => {
                own.extend([inherited.transmission.id, inherited.relative.id]);
                own_rows(&inherited.alleles, own);
            }
            RowsSource::Carried { call } => {
                own.insert(*call);
            }
            RowsSource::Episodes { of, .. } => own_rows(of, own),
        }
    }
}

/// A count against its bound, in three values.
pub(crate) fn decide(count: Count, bound: i64, yes: Expr, unknown: Expr, missing: Vec<Expr>) -> Expr {
    let n = || Expr::int(bound);
    if unknown == Expr::int(0) && missing.is_empty() {
        let comparison = match count {
            Count::AtLeast => Comparison::GreaterOrEqual,
            Count::AtMost => Comparison::LessOrEqual,
            Count::Exactly => Comparison::Equal,
        };
        return Expr::compare(comparison, yes, n());
    }
    let at_most = Expr::Call(Function::AddInt, vec![yes.clone(), unknown.clone()]);
    let value = Expr::bool;
    let unsettled =
        || missing.iter().map(|missing| (missing.clone(), Expr::null(Type::Bool))).collect::<Vec<_>>();
    let reached = (Expr::compare(Comparison::GreaterOrEqual, yes.clone(), n()), value(true));
    let passed = (Expr::compare(Comparison::Greater, yes.clone(), n()), value(false));
    let cannot = (Expr::less(at_most.clone(), n()), value(false));
    if count == Count::AtLeast && bound == 1 {
        // One row decides it: a true one, else an unknown one.
        let mut arms = vec![reached];
        arms.extend(unsettled());
        arms.push((Expr::compare(Comparison::GreaterOrEqual, unknown, n()), Expr::null(Type::Bool)));
        return Expr::Case { arms, otherwise: Box::new(value(false)) };
    }
    let arms = match count {
        Count::AtLeast => {
            let mut arms = vec![reached];
            arms.extend(unsettled());
            arms.push(cannot);
            arms
        }
        Count::AtMost => {
            let mut arms = vec![passed];
            arms.extend(unsettled());
            arms.push((Expr::at_most(at_most, n()), value(true)));
            arms
        }
        Count::Exactly => {
            let mut arms = vec![passed];
            arms.extend(unsettled());
            arms.push(cannot);
            arms.push((Expr::equal(unknown, Expr::int(0)), value(true)));
            arms
        }
    };
    Expr::Case { arms, otherwise: Box::new(Expr::null(Type::Bool)) }
}
