//! Aggregates over the rows of a group, and the row that a count counts.

use super::effects::EffectScope;
use super::table::Building;
use super::{Checked, Checker};
use crate::query::{AggregateFunction, Expr, GroupCell, Kind, Row, ShownExpr};
use crate::ty::Type;
use diag::{Code, Diagnostic};
use syntax::tree::{self, ExprKind};
use text::Range;

impl Checker<'_> {
    /// An aggregate over the rows of a group.
    pub(crate) fn group_aggregate(
        &mut self,
        function: AggregateFunction,
        arguments: &[tree::Argument],
        building: &Building,
        range: Range,
    ) -> Option<(ShownExpr, Type)> {
        let [argument] = arguments else {
            self.error(
                "E0113",
                "an aggregate takes one argument",
                range,
                format!("{} arguments", arguments.len()),
            );
            return None;
        };
        if matches!(function, AggregateFunction::Min | AggregateFunction::Max) {
            self.report(
                Diagnostic::error(
                    Code("E0513"),
                    "the least and the greatest value of a group belong to one person",
                    range,
                    "not releasable",
                )
                .note("`min`, `max`, `first` and lists of values are never released from a group")
                .help("`median(…)` is released where enough people lie on either side"),
            );
            return None;
        }
        let filter = match &argument.condition {
            Some(condition) => Some(self.rule_on(building.frame.clone(), condition)?),
            None => None,
        };
        let at = self.range(argument.value.span);
        if function == AggregateFunction::Count && counts_events(&argument.value, building) {
            let cell = GroupCell::Aggregate { function, argument: None, filter };
            return Some((ShownExpr::Cell(cell), Type::Int));
        }
        if function == AggregateFunction::Count
            && let Some(row) = self.counted_around(&argument.value, building)
        {
            let key =
                Expr { kind: Kind::Key(row), ty: Type::Id, label: model::ColumnLabel::Sensitive, range: at };
            let cell = GroupCell::Aggregate { function, argument: Some(key), filter };
            return Some((ShownExpr::Cell(cell), Type::Int));
        }
        self.frames.push(building.frame.clone());
        self.effects.push(EffectScope::new(building.frame.row.clone()));
        let checked =
            self.expr(&argument.value, (function == AggregateFunction::Share).then_some(&Type::Bool));
        self.effects.pop();
        self.frames.pop();
        match checked {
            Checked::Many(rows, _) if building.events.is_some() => {
                let words = rows.words.clone();
                self.report(
                    Diagnostic::error(
                        Code("E0305"),
                        format!(
                            "events of one person may share {words}, which would be counted once for each"
                        ),
                        at,
                        "many per event",
                    )
                    .help(format!("`mean(count({words}))` is the mean number per event"))
                    .help("`from subjects` counts each row once"),
                );
                None
            }
            Checked::Many(_, tail) if matches!(*tail, Checked::Between(..)) => {
                if let Checked::Between(ends, _) = *tail {
                    self.two_ends(&ends, at);
                }
                None
            }
            Checked::Many(rows, tail) if function == AggregateFunction::Count => {
                // All its rows in all rows of the group, each once: the sum of the numbers per row.
                let argument = match *tail {
                    Checked::One(value) => Some(Box::new(value)),
                    _ => None,
                };
                let label = super::rows::rows_label(&rows);
                let per_row = Expr {
                    kind: Kind::Aggregate { function, rows, argument, filter: None },
                    ty: Type::Int,
                    label,
                    range: at,
                };
                let cell = GroupCell::Aggregate {
                    function: AggregateFunction::Sum,
                    argument: Some(per_row),
                    filter,
                };
                Some((ShownExpr::Cell(cell), Type::Int))
            }
            Checked::Many(rows, _) => {
                let words = rows.words.clone();
                self.report(
                    Diagnostic::error(Code("E0305"), format!("one person may have many {words}, and this does not say how one person counts"), at, "many per row")
                        .help("`mean(mean(…))` is the mean of people's means; `mean(first(…).value)` takes one of each"),
                );
                None
            }
            Checked::Error => None,
            checked => {
                let value = self.one(checked, at)?;
                if function == AggregateFunction::Count {
                    self.report(
                        Diagnostic::error(
                            Code("E0305"),
                            "`count` counts rows, and this is a value",
                            at,
                            value.ty.to_string(),
                        )
                        .help("`count(subjects if … )` counts people for whom something is true"),
                    );
                    return None;
                }
                let ty = self.aggregate_type(function, &value)?;
                let cell = GroupCell::Aggregate { function, argument: Some(value), filter };
                Some((ShownExpr::Cell(cell), ty))
            }
        }
    }

    /// The row that `count(subjects)` counts: of the current row, or of a row around it.
    pub(crate) fn counted_around(&self, expr: &tree::Expr, building: &Building) -> Option<Row> {
        let around = self.frames.iter().rev().map(|frame| &frame.row);
        std::iter::once(&building.frame.row).chain(around).find_map(|row| self.counted_row(expr, row))
    }

    /// The row that `count(subjects)` counts: the source's, or one reached from it by to-one steps.
    pub(crate) fn counted_row(&self, expr: &tree::Expr, row: &Row) -> Option<Row> {
        let ExprKind::Call(tree::Call { name, arguments: None, .. }) = &expr.kind else { return None };
        let own = self.model().entity(row.entity);
        if own.name == name.text || own.plural == name.text {
            return Some(row.clone());
        }
        let entity = self.model().find(&name.text)?;
        if entity == row.entity {
            return Some(row.clone());
        }
        let from = self.model().entity(row.entity);
        let step = (0..u32::try_from(from.relations.len()).ok()?)
            .map(model::RelationId)
            .find(|relation| !from.relation(*relation).many && from.relation(*relation).target == entity);
        if let Some(step) = step {
            return Some(row.hop(step, entity));
        }
        // Further away, along the path that links the row to its subject.
        if self.model().subject() == Some(entity)
            && let model::Linkage::Of(paths) = &from.linkage
            && let [path] = paths.as_slice()
        {
            let mut row = row.clone();
            for step in path {
                let target = self.model().entity(row.entity).relation(*step).target;
                row = row.hop(*step, target);
            }
            return Some(row);
        }
        None
    }
}

/// Whether a name is that of the event cohort whose rows are counted: `count(falls)`.
pub(super) fn counts_events(expr: &tree::Expr, building: &Building) -> bool {
    matches!(&expr.kind, ExprKind::Call(tree::Call { name, arguments: None, .. })
        if building.each.is_empty() && building.events.as_ref() == Some(&name.text))
}
