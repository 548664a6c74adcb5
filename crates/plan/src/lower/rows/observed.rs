//! `observed`: whether periods without a gap hold every day.

use super::leg::LegRows;
use crate::expr::{Aggregate, AggregateFunction, Comparison, Expr, Function, Type};
use crate::lower::block::Block;
use crate::lower::{Lowering, block_of, from, named};
use crate::step::{JoinKind, Select, StepId};
use types::Row;

impl Lowering<'_> {
    /// `observed from .. to`: a period holds the first day, and none that ends before the last day
    /// lacks a successor.
    pub(crate) fn observed(&mut self, block: &mut Block, subject: &Row, first: Expr, last: Expr) -> Expr {
        let Some(ends) = self.periods() else { return Expr::null(Type::Bool) };
        let key = self.key_of(block, subject).into_iter().next().unwrap_or_else(|| Expr::null(Type::Text));
        // The leg stands on the rows around with both days computed.
        let mut core = block.clone();
        let legs = std::mem::take(&mut core.legs);
        let _ = legs;
        let key_exprs_outer = block.key.clone();
        let mut columns: Vec<(String, Expr)> = key_exprs_outer
            .iter()
            .enumerate()
            .map(|(at, key)| (format!("key_{}", at + 1), key.clone()))
            .collect();
        let key_names: Vec<(String, Type)> =
            columns.iter().map(|(name, expr)| (name.clone(), expr.ty())).collect();
        columns.push(("subject_id".to_owned(), key));
        columns.push(("first_day".to_owned(), first.clone()));
        columns.push(("last_day".to_owned(), last.clone()));
        let asked = core.select(columns, Vec::new());
        let asked = self.select("observed_asked", "days that must be observed", asked);
        let day = |alias: &str, column: &str| Expr::column(alias, column, Type::Date);
        let contains = Expr::and([
            Expr::at_most(day("period", "started"), day("asked", "first_day")),
            Expr::Or(vec![
                day("period", "ended").is_null(),
                Expr::at_most(day("asked", "first_day"), day("period", "ended")),
            ]),
        ]);
        let gap = Expr::and([
            Expr::at_most(day("asked", "first_day"), day("period", "ended")),
            Expr::less(day("period", "ended"), day("asked", "last_day")),
            Expr::column("period", "continues", Type::Bool).not(),
        ]);
        let mut columns: Vec<(String, Expr)> =
            key_names.iter().map(|(name, ty)| (name.clone(), Expr::column("asked", name, *ty))).collect();
        columns.push(("holding".to_owned(), Expr::count(Some(contains))));
        columns.push(("gaps".to_owned(), Expr::count(Some(gap))));
        let select = Select {
            joins: vec![crate::step::Join {
                kind: JoinKind::Inner,
                source: from(ends, "period"),
                on: Expr::equal(
                    Expr::column("period", "subject_id", Type::Text),
                    Expr::column("asked", "subject_id", Type::Text),
                ),
            }],
            group: Some(key_names.iter().map(|(name, ty)| Expr::column("asked", name, *ty)).collect()),
            ..block_of(from(asked, "asked"), columns)
        };
        let step = self.select("observed", "whether periods hold every day", select);
        let leg = LegRows { step, key: key_names, outer: key_exprs_outer, certain: false };
        let alias = self.join_leg(block, &leg, step);
        let count = |column: &str| {
            Expr::Call(Function::Coalesce, vec![Expr::column(&alias, column, Type::Int), Expr::int(0)])
        };
        Expr::Case {
            arms: vec![(Expr::Or(vec![first.is_null(), last.is_null()]), Expr::null(Type::Bool))],
            otherwise: Box::new(Expr::and([
                Expr::compare(Comparison::Greater, count("holding"), Expr::int(0)),
                Expr::equal(count("gaps"), Expr::int(0)),
            ])),
        }
    }

    /// Observation periods with whether another one goes on without a gap.
    /// Whatever the model calls its columns, they are `subject_id`, `started` and `ended` here.
    fn periods(&mut self) -> Option<StepId> {
        if let Some(step) = self.once.get("periods") {
            return Some(*step);
        }
        let (id, holders) = self.model.observation()?;
        let periods = self.guarded(id);
        let entity = self.model.entity(id);
        let dated = entity.dated_by?;
        let name = |column: model::ColumnId| entity.column(column).name.as_str();
        let (person, started, ended) = (name(*holders.first()?), name(dated.start), name(dated.end?));
        let day = |alias: &str, column: &str| Expr::column(alias, column, Type::Date);
        let text = |alias: &str, column: &str| Expr::column(alias, column, Type::Text);
        let next_day = Expr::Call(Function::AddDays, vec![day("period", ended), Expr::int(1)]);
        let on = Expr::and([
            Expr::equal(text("other", person), text("period", person)),
            Expr::at_most(day("other", started), next_day),
            Expr::Or(vec![
                day("other", ended).is_null(),
                Expr::less(day("period", ended), day("other", ended)),
            ]),
        ]);
        let key_column = |alias: &str, id: model::ColumnId| {
            Expr::column(alias, name(id), crate::lower::guard::of_column(&entity.column(id).ty))
        };
        let mut group: Vec<Expr> = entity.key.iter().map(|id| key_column("period", *id)).collect();
        let mut columns: Vec<(String, Expr)> =
            entity.key.iter().map(|id| (name(*id).to_owned(), key_column("period", *id))).collect();
        for (column, value) in named([
            ("subject_id", text("period", person)),
            ("started", day("period", started)),
            ("ended", day("period", ended)),
        ]) {
            // A period may be known by one of these itself.
            group.push(value.clone());
            columns.retain(|(known, _)| *known != column);
            columns.push((column, value));
        }
        let counted = Expr::Aggregate(Box::new(Aggregate {
            function: AggregateFunction::Count,
            argument: entity.key.first().map(|id| key_column("other", *id)),
            distinct: false,
            filter: None,
        }));
        columns.push(("continues".to_owned(), Expr::compare(Comparison::Greater, counted, Expr::int(0))));
        let select = Select {
            joins: vec![crate::step::Join { kind: JoinKind::Left, source: from(periods, "other"), on }],
            group: Some(group),
            ..block_of(from(periods, "period"), columns)
        };
        let step = self.select(
            "observation_period",
            "observation periods, and whether another goes on without a gap",
            select,
        );
        self.once.insert("periods", step);
        Some(step)
    }
}
