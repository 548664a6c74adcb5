//! Episodes: rows put together that overlap or follow each other within a gap.
//!
//! In the order of their first days, a row begins an episode when every row before it ends so early that
//! more than the gap lies between, or when no row is before it. A gap is counted in uncovered days: from the
//! day after the latest end before it to the day before the row's first one. A last day that is not known
//! means that the row goes on, so that everything after its first day is in its episode.

use super::leg::{LegRows, key_columns, key_exprs, step_name};
use crate::expr::{Aggregate, AggregateFunction, Comparison, Expr, Function, Order, Type, Window};
use crate::lower::block::Block;
use crate::lower::{Lowering, block_of, from, named};
use crate::step::Select;
use jiff::civil::Date;
use types::{Kind, Row, Rows};

/// The last day of what goes on, inside the steps only.
const NEVER: Date = Date::constant(9999, 12, 31);

impl Lowering<'_> {
    /// The episodes of rows: for each the key of the row around, `started` and `ended`, and the code of an era.
    pub(super) fn put_together(
        &mut self,
        block: &mut Block,
        of: &Rows,
        gap: &types::Expr,
        each_code: bool,
    ) -> LegRows {
        let words = if each_code { "eras" } else { "episodes" };
        let name = |what: &str| step_name(&format!("{words}_of_{}", of.words), what);
        let last = of.steps.last().map(|step| step.row.clone());
        let code = last.as_ref().filter(|_| each_code).and_then(|row| {
            let entity = self.model.entity(row.entity);
            entity.coded_by.map(|code| (entity.column(code).name.clone(), code))
        });
        let leg = self.leg_rows(block, of, &[], |lowering, inner| {
            let Some(row) = &last else { return Vec::new() };
            let started = lowering.date_of(inner, row);
            let ended = match lowering.end_of(inner, row) {
                // What ends before it begins holds its first day.
                Some(ended) => Expr::Call(
                    Function::Coalesce,
                    vec![
                        Expr::Case {
                            arms: vec![(Expr::less(ended.clone(), started.clone()), started.clone())],
                            otherwise: Box::new(ended),
                        },
                        Expr::date(NEVER),
                    ],
                ),
                None => started.clone(),
            };
            let mut columns = named([("started", started), ("ended", ended)]);
            if let Some((name, code)) = &code {
                columns.push((name.clone(), lowering.column_of(inner, row, *code)));
            }
            columns
        });
        let code = code.map(|(name, _)| name);
        let mut kept = key_columns(&leg, "row");
        let mut group = key_exprs(&leg, "row");
        if let Some(code) = &code {
            kept.push((code.clone(), Expr::column("row", code, Type::Text)));
            group.push(Expr::column("row", code, Type::Text));
        }
        let day = |column: &str| Expr::column("row", column, Type::Date);
        let ascending = |key: Expr| Order { key, descending: false, nulls_first: false };
        let before = |function, argument, order: Vec<Order>| {
            Expr::Window(Box::new(Window {
                aggregate: Some(Aggregate {
                    function,
                    argument: Some(argument),
                    distinct: false,
                    filter: None,
                }),
                partition: group.clone(),
                order,
                before: true,
            }))
        };
        let by_day = vec![ascending(day("started")), ascending(day("ended"))];

        let mut columns = kept.clone();
        columns.extend(named([
            ("started", day("started")),
            ("ended", day("ended")),
            ("covered_until", before(AggregateFunction::Max, day("ended"), by_day.clone())),
        ]));
        let select = Select {
            filter: Some(Expr::and([Expr::column("row", "test", Type::Bool), day("started").is_known()])),
            ..block_of(from(leg.step, "row"), columns)
        };
        let ordered =
            self.select(&name("ordered"), format!("{}: how far those before reach", of.words), select);

        let reach = reach(day("covered_until"), gap);
        let begins = Expr::Case {
            arms: vec![
                (day("covered_until").is_null(), Expr::int(1)),
                (Expr::compare(Comparison::Greater, day("started"), reach), Expr::int(1)),
            ],
            otherwise: Box::new(Expr::int(0)),
        };
        let mut columns = kept.clone();
        columns.extend(named([("started", day("started")), ("ended", day("ended")), ("begins", begins)]));
        let begun = self.select(
            &name("begun"),
            format!("{}: which of them begin one", of.words),
            block_of(from(ordered, "row"), columns),
        );

        let begins = Expr::column("row", "begins", Type::Int);
        // Of rows of the same days the one that begins stands first, else the other would be left behind.
        let mut by_day = by_day;
        by_day.push(Order { key: begins.clone(), descending: true, nulls_first: false });
        let so_far = before(AggregateFunction::Sum, begins.clone(), by_day);
        let number = Expr::Call(
            Function::AddInt,
            vec![Expr::Call(Function::Coalesce, vec![so_far, Expr::int(0)]), begins],
        );
        let mut columns = kept.clone();
        columns.extend(named([("started", day("started")), ("ended", day("ended")), ("number", number)]));
        let numbered = self.select(
            &name("numbered"),
            format!("{}: the number of each one's", of.words),
            block_of(from(begun, "row"), columns),
        );

        let end = || Expr::aggregate(AggregateFunction::Max, day("ended"));
        let ended = Expr::Case {
            arms: vec![(Expr::less(end(), Expr::date(NEVER)), end())],
            otherwise: Box::new(Expr::null(Type::Date)),
        };
        let mut columns = kept;
        columns.extend(named([
            ("started", Expr::aggregate(AggregateFunction::Min, day("started"))),
            ("ended", ended),
        ]));
        group.push(Expr::column("row", "number", Type::Int));
        let select = Select { group: Some(group), ..block_of(from(numbered, "row"), columns) };
        let step = self.select(
            &step_name(words, format!("of_{}", step_name(&of.words, "")).trim_end_matches('_')),
            format!("{words} of {}", of.words),
            select,
        );
        LegRows { step, ..leg }
    }

    /// What tells the episodes of one row around apart.
    pub(super) fn episode_key(&mut self, block: &mut Block, row: &Row, each_code: bool) -> Vec<Expr> {
        let alias = self.row_alias(block, row);
        let mut key = vec![Expr::column(&alias, "started", Type::Date)];
        let code = self.model.entity(row.entity).coded_by.filter(|_| each_code);
        key.extend(code.map(|code| self.column_of(block, row, code)));
        key
    }
}

/// The last first day that still belongs to an episode which covers until a day.
fn reach(until: Expr, gap: &types::Expr) -> Expr {
    let length = match &gap.kind {
        Kind::Literal(types::Value::Int(length)) => *length,
        _ => 0,
    };
    let next = |days: i64| Expr::Call(Function::AddDays, vec![until.clone(), Expr::int(days)]);
    let reach = if gap.ty == types::Type::Months {
        Expr::Call(Function::AddMonths, vec![next(1), Expr::int(length)])
    } else {
        next(length.saturating_add(1))
    };
    // Null beyond the year 9999: it reaches everything.
    Expr::Call(Function::Coalesce, vec![reach, Expr::date(NEVER)])
}
