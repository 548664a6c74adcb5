//! Legs: many rows, reduced to one row per row around them, then joined one to one.
//!
//! A leg is a step of the rows with the value of their condition, and a step that groups it by the
//! key of the row around. `has` is three-valued: it needs the number of rows for which the condition
//! is true and of those for which it is unknown.

use super::block::{Block, Place, key_column};
use super::{Lowering, block_of, from, named};
use crate::expr::{Aggregate, AggregateFunction, Comparison, Expr, Function, Order, Type, Value, Window};
use crate::step::{JoinKind, Select, StepId};
use types::{Count, Kind, PickOrder, Row, Rows, RowsSource};

/// A leg's rows: the step, and the names of the columns that identify the row around.
struct LegRows {
    step: StepId,
    key: Vec<(String, Type)>,
    /// The key of the row around, in the outer block.
    outer: Vec<Expr>,
}

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
    fn counts(&mut self, block: &mut Block, rows: &Rows) -> (Expr, Expr) {
        let last = rows.steps.last().map(|step| step.row.clone());
        let dated = rows.each_other.different_days || rows.each_other.within.is_some();
        let mut extra = Vec::new();
        let leg = self.leg_rows(block, rows, |lowering, inner| {
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
        (count("yes"), count("unknown"))
    }

    fn rows_counted(&mut self, leg: &LegRows, rows: &Rows) -> StepId {
        let test = Expr::column("row", "test", Type::Bool);
        let mut columns = key_columns(leg, "row");
        columns.extend(named([
            ("yes", Expr::count(Some(test.clone()))),
            ("unknown", Expr::count(Some(test.is_null()))),
        ]));
        let select = Select { group: Some(key_exprs(leg, "row")), ..block_of(from(leg.step, "row"), columns) };
        self.select(&step_name(&rows.words, "counted"), format!("{}: how many, one row per row around", rows.words), select)
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
            let function = if within.ty == types::Type::Days { Function::AddDays } else { Function::AddMonths };
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
        let anchor = self.select(&step_name(&rows.words, "day"), "days from which the others are measured", anchor);
        let together = Select {
            joins: vec![crate::step::Join { kind: JoinKind::Inner, source: from(leg.step, "row"), on: Expr::and(on) }],
            group: Some(group),
            ..block_of(from(anchor, "anchor"), columns)
        };
        let together = self.select(&step_name(&rows.words, "together"), format!("{}: how many lie together from each day", rows.words), together);
        let mut columns = key_columns(leg, "together");
        let most = |column| Expr::aggregate(AggregateFunction::Max, Expr::column("together", column, Type::Int));
        columns.push(("yes".to_owned(), most("yes")));
        columns.push(("unknown".to_owned(), Expr::Call(Function::SubtractInt, vec![most("maybe"), most("yes")])));
        let select = Select { group: Some(key_exprs(leg, "together")), ..block_of(from(together, "together"), columns) };
        self.select(&step_name(&rows.words, "counted"), format!("{}: the most that lie together", rows.words), select)
    }

    /// A value of the nth row of an order.
    pub(crate) fn pick(&mut self, block: &mut Block, rows: &Rows, order: &PickOrder, value: &types::Expr) -> Expr {
        let Some(row) = rows.steps.last().map(|step| step.row.clone()) else { return Expr::null(Type::Text) };
        let ty = super::expression::of_type(&value.ty);
        let mut orders: Vec<(String, bool)> = Vec::new();
        let leg = self.leg_rows(block, rows, |lowering, inner| {
            let mut columns = vec![("value".to_owned(), lowering.expr(inner, value))];
            let mut keys = Vec::new();
            match &order.by {
                Some(by) => {
                    let key = lowering.expr(inner, by);
                    let key = match &by.ty {
                        types::Type::Enum(list) if list.ordered => super::expression::ordinal(&list.members, key),
                        _ => key,
                    };
                    keys.push(key);
                }
                None => {
                    keys.push(lowering.date_of(inner, &row));
                    keys.extend(lowering.end_of(inner, &row));
                }
            }
            let entity = lowering.model.entity(row.entity).clone();
            for (at, column) in entity.columns.iter().enumerate() {
                if column.ty != model::ColumnType::Bytes {
                    let id = model::ColumnId(u32::try_from(at).unwrap_or(0));
                    keys.push(lowering.column_of(inner, &row, id));
                }
            }
            for (at, key) in keys.into_iter().enumerate() {
                let name = format!("by_{}", at + 1);
                orders.push((name.clone(), order.descending));
                columns.push((name, key));
            }
            columns
        });
        let types_of: Vec<(String, Type)> = self.columns(leg.step).to_vec();
        let ty_of = |name: &str| types_of.iter().find(|(known, _)| known == name).map_or(Type::Text, |(_, ty)| *ty);
        let order_keys = orders
            .iter()
            .map(|(name, descending)| Order { key: Expr::column("row", name, ty_of(name)), descending: *descending, nulls_first: false })
            .collect();
        let mut columns = key_columns(&leg, "row");
        columns.push(("value".to_owned(), Expr::column("row", "value", ty)));
        columns.push((
            "nth".to_owned(),
            Expr::Window(Box::new(Window { aggregate: None, partition: key_exprs(&leg, "row"), order: order_keys })),
        ));
        let ranked = Select {
            filter: Some(Expr::column("row", "test", Type::Bool)),
            ..block_of(from(leg.step, "row"), columns)
        };
        let ranked = self.select(&step_name(&rows.words, "ranked"), format!("{} in order", rows.words), ranked);
        let mut columns = key_columns(&leg, "row");
        columns.push(("value".to_owned(), Expr::column("row", "value", ty)));
        let picked = Select {
            filter: Some(Expr::equal(Expr::column("row", "nth", Type::Int), Expr::int(order.nth))),
            ..block_of(from(ranked, "row"), columns)
        };
        let picked = self.select(&step_name(&rows.words, "picked"), "the one that is meant", picked);
        let alias = self.join_leg(block, &leg, picked);
        Expr::column(&alias, "value", ty)
    }

    /// An aggregate over rows, for the row around.
    pub(crate) fn aggregate_of(
        &mut self,
        block: &mut Block,
        function: types::AggregateFunction,
        rows: &Rows,
        argument: Option<&types::Expr>,
        filter: Option<&types::Expr>,
    ) -> Expr {
        let leg = self.leg_rows(block, rows, |lowering, inner| {
            let mut columns = Vec::new();
            if let Some(argument) = argument {
                columns.push(("value".to_owned(), lowering.expr(inner, argument)));
            }
            if let Some(filter) = filter {
                columns.push(("kept".to_owned(), lowering.expr(inner, filter)));
            }
            columns
        });
        let mut tests = vec![Expr::column("row", "test", Type::Bool)];
        if filter.is_some() {
            tests.push(Expr::column("row", "kept", Type::Bool));
        }
        let ty = argument.map_or(Type::Int, |argument| super::expression::of_type(&argument.ty));
        let value = Expr::column("row", "value", ty);
        let over = |function| Expr::aggregate(function, value.clone());
        let decimal = |expr: Expr| if ty == Type::Int { Expr::Call(Function::IntToDecimal, vec![expr]) } else { expr };
        let result = match function {
            types::AggregateFunction::Count => match argument {
                None => Expr::count(None),
                Some(_) => over(AggregateFunction::Count),
            },
            types::AggregateFunction::Sum => over(AggregateFunction::Sum),
            types::AggregateFunction::Min => over(AggregateFunction::Min),
            types::AggregateFunction::Max => over(AggregateFunction::Max),
            types::AggregateFunction::Mean | types::AggregateFunction::Share | types::AggregateFunction::Wilson => Expr::Call(
                Function::DivideDecimal,
                vec![
                    decimal(over(AggregateFunction::Sum)),
                    Expr::Call(Function::IntToDecimal, vec![over(AggregateFunction::Count)]),
                ],
            ),
            types::AggregateFunction::Median => Expr::Call(
                Function::MultiplyDecimal,
                vec![
                    Expr::Call(
                        Function::AddDecimal,
                        vec![decimal(over(AggregateFunction::LowerMedian)), decimal(over(AggregateFunction::UpperMedian))],
                    ),
                    Expr::Literal(Value::Decimal(500_000_000_000), Type::Decimal),
                ],
            ),
        };
        let result_ty = result.ty();
        let mut columns = key_columns(&leg, "row");
        columns.push(("value".to_owned(), result));
        let select = Select {
            filter: Some(Expr::and(tests)),
            group: Some(key_exprs(&leg, "row")),
            ..block_of(from(leg.step, "row"), columns)
        };
        let step = self.select(&step_name(&rows.words, "total"), format!("{}: one value per row around", rows.words), select);
        let alias = self.join_leg(block, &leg, step);
        let found = Expr::column(&alias, "value", result_ty);
        if function == types::AggregateFunction::Count {
            return Expr::Call(Function::Coalesce, vec![found, Expr::int(0)]);
        }
        found
    }

    /// The rows of a leg with the value of their conditions (`test`) and further columns.
    fn leg_rows(
        &mut self,
        block: &mut Block,
        rows: &Rows,
        extra: impl FnOnce(&mut Self, &mut Block) -> Vec<(String, Expr)>,
    ) -> LegRows {
        for step in &rows.steps {
            self.entities.insert(step.row.id, step.row.entity);
        }
        let mut inner = self.leg_block(block, rows);
        let mut tests = Vec::new();
        let mut filter = Vec::new();
        for step in &rows.steps {
            for condition in &step.conditions {
                let test = self.expr(&mut inner, condition);
                if two_valued(self.model, condition) {
                    filter.push(test);
                } else {
                    // A row for which a condition is false is neither true nor unknown.
                    filter.push(Expr::IsTrue(Box::new(test.clone().not())).not());
                    tests.push(test);
                }
            }
        }
        let test = if tests.is_empty() { Expr::bool(true) } else { Expr::and(tests) };
        let more = extra(self, &mut inner);
        let mut key: Vec<(String, Type)> = Vec::new();
        let mut columns = Vec::new();
        for expr in inner.key.clone() {
            let base = match &expr {
                Expr::Column { column, .. } => column.clone(),
                _ => "key".to_owned(),
            };
            let taken = |name: &String| key.iter().any(|(known, _)| known == name);
            let mut name = base.clone();
            let mut number = 2;
            while taken(&name) || matches!(name.as_str(), "test" | "value" | "day" | "kept" | "yes" | "unknown") {
                name = format!("{base}_{number}");
                number += 1;
            }
            key.push((name.clone(), expr.ty()));
            columns.push((name, expr));
        }
        columns.push(("test".to_owned(), test));
        columns.extend(more);
        let select = inner.select(columns, filter);
        let step = self.select(&step_name(&rows.words, "rows"), format!("{}, with what is asked of them", rows.words), select);
        LegRows { step, key, outer: block.key.clone() }
    }

    /// The block of a leg's rows: the rows around joined with them, or them alone where the rows around
    /// are needed only by key.
    fn leg_block(&mut self, block: &Block, rows: &Rows) -> Block {
        let mut steps = rows.steps.iter();
        let Some(first) = steps.next() else { return block.clone() };
        let mut inner = match self.lazy_leg(block, rows) {
            Some(inner) => inner,
            None => {
                let mut inner = block.clone();
                let legs = std::mem::take(&mut inner.legs);
                inner.joins.retain(|join| !legs.iter().any(|leg| leg == join.source.alias()));
                self.join_rows(&mut inner, &rows.around, &first.source, &first.row);
                inner
            }
        };
        let mut around = first.row.clone();
        for step in steps {
            self.join_rows(&mut inner, &around, &step.source, &step.row);
            around = step.row.clone();
        }
        inner
    }

    /// The rows alone, with the row around known by its key.
    fn lazy_leg(&mut self, block: &Block, rows: &Rows) -> Option<Block> {
        let first = rows.steps.first()?;
        let only = block.rows.len() == 1 && block.rows.contains_key(&rows.around.id) && rows.around.hops.is_empty();
        if !only || block.index.contains_key(&rows.around.id) && uses_index(rows) {
            return None;
        }
        let entity = self.model.entity(rows.around.entity).clone();
        match &first.source {
            RowsSource::Relation(hops, relation) if hops.is_empty() => {
                let relation = entity.relation(*relation).clone();
                let target = self.model.entity(relation.target).clone();
                let step = self.guarded(relation.target);
                let alias = target.name.clone();
                let keys: Vec<(model::ColumnId, Expr)> =
                    relation.on.iter().map(|(here, there)| (*here, key_column(&target, *there, &alias))).collect();
                let key = entity
                    .key
                    .iter()
                    .map(|key| keys.iter().find(|(column, _)| column == key).map(|(_, value)| value.clone()))
                    .collect::<Option<Vec<Expr>>>()?;
                Some(self.lazy_block(from(step, &alias), first.row.id, alias, &rows.around, keys, key))
            }
            RowsSource::Relation(..) => None,
            RowsSource::Carried { call } => {
                let subject = self.model.subject() == Some(rows.around.entity);
                let carried = self.carried();
                let column = if subject { "subject_id" } else { "sample_id" };
                let key = Expr::column("carried", column, Type::Text);
                let keys = vec![(*entity.key.first()?, key.clone())];
                let mut inner =
                    self.lazy_block(from(carried, "carried"), *call, "carried".to_owned(), &rows.around, keys, vec![key]);
                self.join_variant(&mut inner, &first.row, subject);
                Some(inner)
            }
        }
    }

    fn lazy_block(
        &mut self,
        source: crate::step::Source,
        row: types::RowId,
        alias: String,
        around: &Row,
        keys: Vec<(model::ColumnId, Expr)>,
        key: Vec<Expr>,
    ) -> Block {
        let mut inner = Block {
            from: source,
            joins: Vec::new(),
            rows: std::collections::BTreeMap::new(),
            index: std::collections::BTreeMap::new(),
            hops: Vec::new(),
            key,
            legs: Vec::new(),
        };
        inner.rows.insert(row, Place::Here(alias));
        inner.rows.insert(around.id, Place::Lazy { keys, entity: around.entity });
        inner
    }

    /// Joins many rows to a block.
    fn join_rows(&mut self, inner: &mut Block, around: &Row, source: &RowsSource, row: &Row) {
        match source {
            RowsSource::Relation(hops, relation) => {
                let mut at = around.clone();
                for hop in hops {
                    let target = self.model.entity(at.entity).relation(*hop).target;
                    at = at.hop(*hop, target);
                }
                let relation = self.model.entity(at.entity).relation(*relation).clone();
                let target = self.model.entity(relation.target).clone();
                let here: Vec<Expr> = relation.on.iter().map(|(here, _)| self.column_of(inner, &at, *here)).collect();
                let step = self.guarded(relation.target);
                let alias = inner.alias(&target.name);
                let on = here.into_iter().zip(&relation.on).map(|(here, (_, there))| Expr::equal(here, key_column(&target, *there, &alias)));
                let on = Expr::and(on);
                inner.join(JoinKind::Inner, from(step, &alias), on);
                inner.rows.insert(row.id, Place::Here(alias));
            }
            RowsSource::Carried { call } => {
                let subject = self.model.subject() == Some(around.entity);
                let key = self.key_of(inner, around).into_iter().next().unwrap_or_else(|| Expr::null(Type::Text));
                let carried = self.carried();
                let alias = inner.alias("carried");
                let column = if subject { "subject_id" } else { "sample_id" };
                inner.join(JoinKind::Inner, from(carried, &alias), Expr::equal(key, Expr::column(&alias, column, Type::Text)));
                inner.rows.insert(*call, Place::Here(alias));
                self.join_variant(inner, row, subject);
            }
        }
    }

    /// The variant beside a carried call; of a subject, in the chosen sample only.
    fn join_variant(&mut self, inner: &mut Block, row: &Row, chosen: bool) {
        let carried = inner.rows.values().find_map(|place| match place {
            Place::Here(alias) if alias.starts_with("carried") => Some(alias.clone()),
            Place::Here(_) | Place::Lazy { .. } => None,
        });
        let carried = carried.unwrap_or_else(|| "carried".to_owned());
        let step = self.guarded(row.entity);
        let alias = inner.alias("variant");
        let mut on = vec![Expr::equal(Expr::column(&alias, "variant_id", Type::Int), Expr::column(&carried, "variant_id", Type::Int))];
        if chosen {
            on.push(Expr::column(&carried, "chosen", Type::Bool));
        }
        inner.join(JoinKind::Inner, from(step, &alias), Expr::and(on));
        inner.rows.insert(row.id, Place::Here(alias));
    }

    /// Joins a leg to the outer block by the key of its row.
    fn join_leg(&mut self, block: &mut Block, leg: &LegRows, step: StepId) -> String {
        let name = self.steps.get(step.0 as usize).map_or_else(|| "leg".to_owned(), |step| step.name.clone());
        let alias = block.alias(&name);
        let on = leg.key.iter().zip(&leg.outer).map(|((name, ty), outer)| Expr::equal(Expr::column(&alias, name, *ty), outer.clone()));
        let on = Expr::and(on);
        block.join(JoinKind::Left, from(step, &alias), on);
        block.legs.push(alias.clone());
        alias
    }

    /// Conditions under which a quantifier is unknown although no row is: a null bound of a window, and
    /// for carried alleles a subject that was not assessed.
    fn unsettled(&mut self, block: &mut Block, rows: &Rows) -> Vec<Expr> {
        let mut missing = Vec::new();
        for step in &rows.steps {
            for bound in &step.bounds {
                if !matches!(bound.kind, Kind::Literal(_)) && self.is_outer(block, bound) {
                    missing.push(self.expr(block, bound).is_null());
                }
            }
            if let RowsSource::Carried { .. } = &step.source {
                missing.push(self.not_assessed(block, &rows.around, step));
            }
        }
        missing
    }

    /// Whether all rows that an expression reads are in the block.
    fn is_outer(&self, block: &Block, expr: &types::Expr) -> bool {
        let mut outer = true;
        types::each_row(expr, &mut |row| outer &= block.rows.contains_key(&row.id));
        outer
    }

    pub(crate) fn date_of(&mut self, block: &mut Block, row: &Row) -> Expr {
        match self.model.entity(row.entity).dated_by {
            Some(dated) => self.column_of(block, row, dated.start),
            None => Expr::null(Type::Date),
        }
    }

    fn end_of(&mut self, block: &mut Block, row: &Row) -> Option<Expr> {
        let end = self.model.entity(row.entity).dated_by?.end?;
        Some(self.column_of(block, row, end))
    }

    /// `observed from .. to`: a period holds the first day, and none that ends before the last day
    /// lacks a successor.
    pub(crate) fn observed(&mut self, block: &mut Block, subject: &Row, first: Expr, last: Expr) -> Expr {
        let Some(entity) = self.model.find("observation") else { return Expr::null(Type::Bool) };
        let periods = self.guarded(entity);
        let ends = self.periods(periods);
        let key = self.key_of(block, subject).into_iter().next().unwrap_or_else(|| Expr::null(Type::Text));
        // The leg stands on the rows around with both days computed.
        let mut core = block.clone();
        let legs = std::mem::take(&mut core.legs);
        let _ = legs;
        let key_exprs_outer = block.key.clone();
        let mut columns: Vec<(String, Expr)> =
            key_exprs_outer.iter().enumerate().map(|(at, key)| (format!("key_{}", at + 1), key.clone())).collect();
        let key_names: Vec<(String, Type)> = columns.iter().map(|(name, expr)| (name.clone(), expr.ty())).collect();
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
                on: Expr::equal(Expr::column("period", "subject_id", Type::Text), Expr::column("asked", "subject_id", Type::Text)),
            }],
            group: Some(key_names.iter().map(|(name, ty)| Expr::column("asked", name, *ty)).collect()),
            ..block_of(from(asked, "asked"), columns)
        };
        let step = self.select("observed", "whether periods hold every day", select);
        let leg = LegRows { step, key: key_names, outer: key_exprs_outer };
        let alias = self.join_leg(block, &leg, step);
        let count = |column: &str| Expr::Call(Function::Coalesce, vec![Expr::column(&alias, column, Type::Int), Expr::int(0)]);
        Expr::Case {
            arms: vec![(Expr::Or(vec![first.is_null(), last.is_null()]), Expr::null(Type::Bool))],
            otherwise: Box::new(Expr::and([
                Expr::compare(Comparison::Greater, count("holding"), Expr::int(0)),
                Expr::equal(count("gaps"), Expr::int(0)),
            ])),
        }
    }

    /// Observation periods with whether another one goes on without a gap.
    fn periods(&mut self, periods: StepId) -> StepId {
        if let Some(step) = self.once.get("periods") {
            return *step;
        }
        let day = |alias: &str, column: &str| Expr::column(alias, column, Type::Date);
        let text = |alias: &str, column: &str| Expr::column(alias, column, Type::Text);
        let next_day = Expr::Call(Function::AddDays, vec![day("period", "ended"), Expr::int(1)]);
        let on = Expr::and([
            Expr::equal(text("other", "subject_id"), text("period", "subject_id")),
            Expr::at_most(day("other", "started"), next_day),
            Expr::Or(vec![day("other", "ended").is_null(), Expr::less(day("period", "ended"), day("other", "ended"))]),
        ]);
        let group = vec![
            text("period", "observation_id"),
            text("period", "subject_id"),
            day("period", "started"),
            day("period", "ended"),
        ];
        let counted = Expr::Aggregate(Box::new(Aggregate {
            function: AggregateFunction::Count,
            argument: Some(text("other", "observation_id")),
            distinct: false,
            filter: None,
        }));
        let select = Select {
            joins: vec![crate::step::Join { kind: JoinKind::Left, source: from(periods, "other"), on }],
            group: Some(group),
            ..block_of(
                from(periods, "period"),
                named([
                    ("observation_id", text("period", "observation_id")),
                    ("subject_id", text("period", "subject_id")),
                    ("started", day("period", "started")),
                    ("ended", day("period", "ended")),
                    ("continues", Expr::compare(Comparison::Greater, counted, Expr::int(0))),
                ]),
            )
        };
        let step = self.select("observation_period", "observation periods, and whether another goes on without a gap", select);
        self.once.insert("periods", step);
        step
    }

    /// `consent valid at E for P`, by 3.5.
    pub(crate) fn consent_valid(&mut self, block: &mut Block, row: &Row, at: Option<Expr>, purpose: Option<&str>) -> Expr {
        if at.is_none() && purpose.is_none() {
            // The guard asks exactly this, so it holds for every row that exists.
            return Expr::bool(true);
        }
        let Some(wanted) = self.purpose(purpose).cloned() else { return Expr::bool(false) };
        let days: Vec<(Expr, Option<jiff::civil::Date>)> = match at {
            Some(at) => vec![(at, None)],
            None => {
                let used_on = self.grounds.used_on;
                let mut days = vec![(Expr::date(self.as_of()), Some(used_on))];
                if self.as_of() != used_on {
                    days.push((Expr::date(used_on), Some(used_on)));
                }
                days
            }
        };
        let sample = self.model.entity(row.entity).name == "sample";
        let own = if sample { self.key_of(block, row).into_iter().next() } else { None };
        let subject = self.subjects_of(block, row).into_iter().next().unwrap_or_else(|| Expr::null(Type::Text));
        let mut tests = Vec::new();
        for (day, used_on) in days {
            let known = day.clone().is_known();
            tests.push(known);
            tests.push(self.valid(block, &subject, &Expr::text(""), &day, &wanted, used_on));
            if let Some(own) = &own {
                let of_sample = self.valid(block, &subject, own, &day, &wanted, used_on);
                let kept = self.kept_events();
                let none = Expr::InStep {
                    values: vec![subject.clone(), own.clone()],
                    step: kept,
                    columns: vec!["subject_id".to_owned(), "own".to_owned()],
                }
                .not();
                tests.push(Expr::Or(vec![none, of_sample]));
            }
        }
        Expr::and(tests)
    }

    fn valid(
        &mut self,
        block: &mut Block,
        subject: &Expr,
        own: &Expr,
        day: &Expr,
        purpose: &policy::consent::Purpose,
        used_on: Option<jiff::civil::Date>,
    ) -> Expr {
        let mut core = block.clone();
        let legs = std::mem::take(&mut core.legs);
        let needed = |alias: &str| expr_uses(day, alias);
        core.joins.retain(|join| !legs.iter().any(|leg| leg == join.source.alias()) || needed(join.source.alias()));
        let asked = Select {
            distinct: true,
            ..core.select(
                named([("subject_id", subject.clone()), ("own", own.clone()), ("at", day.clone())]),
                vec![day.clone().is_known(), subject.clone().is_known()],
            )
        };
        let number = self.steps.len();
        let asked = self.select("consent_asked_row", "subjects and days that the query asks about", asked);
        let answers = self.answers(asked, &format!("consent_{number}"), purpose, used_on);
        let alias = block.alias(&format!("consent_{number}"));
        let on = Expr::and([
            Expr::equal(Expr::column(&alias, "subject_id", Type::Text), subject.clone()),
            Expr::equal(Expr::column(&alias, "own", Type::Text), own.clone()),
            Expr::equal(Expr::column(&alias, "at", Type::Date), day.clone()),
        ]);
        block.join(JoinKind::Left, from(answers, &alias), on);
        block.legs.push(alias.clone());
        Expr::IsTrue(Box::new(Expr::equal(Expr::column(&alias, "answer", Type::Int), Expr::int(2))))
    }

    /// The index date of a cohort's row.
    pub(crate) fn index_of(&mut self, block: &mut Block, row: types::RowId) -> Expr {
        block.index.get(&row).cloned().unwrap_or_else(|| Expr::null(Type::Date))
    }
}

fn expr_uses(expr: &Expr, alias: &str) -> bool {
    let mut uses = false;
    super::prune::each_column(expr, &mut |source, _| uses |= source == alias);
    uses
}

/// Whether conditions of the rows read an index date.
fn uses_index(rows: &Rows) -> bool {
    let mut uses = false;
    for step in &rows.steps {
        for condition in step.conditions.iter().chain(&step.bounds) {
            types::each_expr(condition, &mut |expr| uses |= matches!(expr.kind, Kind::Index(_)));
        }
    }
    uses
}

/// Conditions that are never unknown: they filter, and need no place among the tests.
fn two_valued(model: &model::Model, expr: &types::Expr) -> bool {
    match &expr.kind {
        Kind::InCodes(..) | Kind::IsAllele(..) | Kind::InRegion(..) | Kind::InCohort(..) | Kind::IsKnown(_) => true,
        Kind::Not(inner) => two_valued(model, inner),
        Kind::Column(row, column) => row.hops.is_empty() && !model.entity(row.entity).column(*column).optional,
        Kind::And(parts) | Kind::Or(parts) => parts.iter().all(|part| two_valued(model, part)),
        _ => false,
    }
}

/// A count against its bound, in three values.
pub(crate) fn decide(count: Count, bound: i64, yes: Expr, unknown: Expr, missing: Vec<Expr>) -> Expr {
    let at_most = Expr::Call(Function::AddInt, vec![yes.clone(), unknown.clone()]);
    let n = || Expr::int(bound);
    let value = Expr::bool;
    let unsettled = || missing.iter().map(|missing| (missing.clone(), Expr::null(Type::Bool))).collect::<Vec<_>>();
    let reached = (Expr::compare(Comparison::GreaterOrEqual, yes.clone(), n()), value(true));
    let passed = (Expr::compare(Comparison::Greater, yes.clone(), n()), value(false));
    let cannot = (Expr::less(at_most.clone(), n()), value(false));
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

fn key_columns(leg: &LegRows, alias: &str) -> Vec<(String, Expr)> {
    leg.key.iter().map(|(name, ty)| (name.clone(), Expr::column(alias, name, *ty))).collect()
}

fn key_exprs(leg: &LegRows, alias: &str) -> Vec<Expr> {
    leg.key.iter().map(|(name, ty)| Expr::column(alias, name, *ty)).collect()
}

/// A step's name from the words of the query: `treatments_counted`.
fn step_name(words: &str, what: &str) -> String {
    let word: String = words.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '_' }).collect();
    format!("{word}_{what}")
}
