//! `group by`: rows with their keys and inputs, groups, the domain of the keys, and the result.
//!
//! A key with a closed domain is a number in the steps, its place in the domain, so that every
//! combination can be listed; its text comes back with the domain. One place after the last stands
//! for `not recorded`.

use super::block::Block;
use super::domain::{label, place, places};
pub(crate) use super::released::shown_into;
use super::weights::{self, Added};
use super::{Lowering, block_of, from};
use crate::expr::{Aggregate, AggregateFunction, Comparison, Expr, Function, Order, Type, Value};
use crate::shape::{Cell, Raw, Shape};
use crate::step::{Body, JoinKind, Plan, Select, Source, StepId};
use types::Fraction;
use types::{GroupCell, GroupKey, KeyDomain, Kind, ShownExpr, Table};

/// A key on its way: how it lies in the steps.
pub(crate) struct KeyPlan {
    /// Its column in the steps: `key_1`.
    pub(crate) column: String,
    /// The places of a closed domain with their labels; the one without a label is `not recorded`.
    pub(crate) closed: Option<Vec<(i64, Option<String>)>>,
    /// Its type in the steps.
    pub(crate) ty: Type,
}

/// The cell of raw columns.
type ToCell = Box<dyn Fn(&[Raw]) -> Cell>;

/// What an aggregate needs of the rows, and the raw columns it becomes.
struct Measure {
    columns: Vec<(String, Expr)>,
    cell: ToCell,
}

impl Measure {
    /// Its numbers that add up over people.
    fn added(&self, rows_are_people: bool) -> Vec<Added> {
        let places: Vec<Raw> = (0..).map(Raw).take(self.columns.len()).collect();
        weights::added(&self.columns, &(self.cell)(&places), rows_are_people)
    }
}

impl Lowering<'_> {
    pub(crate) fn groups(&mut self, table: &Table, keys: &[GroupKey], totals: bool) -> Plan {
        let (mut block, filter) = self.rows_of(table);
        let (plans, key_columns) = self.keys(&mut block, keys);
        let mut columns = key_columns;
        let subjects = self.people_of(&mut block, table);
        let subject_columns: Vec<String> = (1..=subjects.len()).map(|at| format!("person_{at}")).collect();
        columns.extend(subject_columns.iter().cloned().zip(subjects));
        let mut cells: Vec<(GroupCell, u32)> = Vec::new();
        let mut measures = Vec::new();
        for shown in &table.shown {
            let before = measures.len();
            self.collect(&shown.value, &mut block, &subject_columns, &mut columns, &mut cells, &mut measures);
            for (_, made) in measures[before..].iter().flat_map(|measure| &measure.columns) {
                self.comes_from(made, shown.range);
            }
        }
        for kept in &table.kept {
            self.collect(kept, &mut block, &subject_columns, &mut columns, &mut cells, &mut measures);
        }
        let rows = block.select(columns, filter);
        let rows =
            self.select(&format!("{}_rows", table.name), format!("table {}: its rows", table.name), rows);

        let people = people(&subject_columns, None);
        let mut aggregates: Vec<(String, Expr)> = vec![("people".to_owned(), people)];
        for measure in &measures {
            aggregates.extend(measure.columns.iter().cloned());
        }
        let by: Vec<(String, Expr)> =
            plans.iter().map(|key| (key.column.clone(), Expr::column("row", &key.column, key.ty))).collect();
        let grouped = |by: &[(String, Expr)]| Select {
            group: Some(by.iter().map(|(_, expr)| expr.clone()).collect()),
            ..block_of(from(rows, "row"), by.iter().cloned().chain(aggregates.iter().cloned()).collect())
        };
        let groups = self.select(
            &format!("{}_groups", table.name),
            format!("table {}: its groups", table.name),
            grouped(&by),
        );
        let total = (totals && !by.is_empty())
            .then(|| self.select(&format!("{}_total", table.name), "all groups together", grouped(&[])));
        let added: Vec<Added> =
            measures.iter().flat_map(|measure| measure.added(self.rows_are_people(table))).collect();
        let groups = self.weighed(&table.name, groups, rows, &by, &subject_columns, &added);
        let name = format!("{}_total", table.name);
        let total = total.map(|total| self.weighed(&name, total, rows, &[], &subject_columns, &added));
        let names = aggregates.iter().map(|(name, expr)| (name.clone(), expr.ty()));
        let names: Vec<(String, Type)> =
            names.chain(weights::columns(subject_columns.len(), &added)).collect();
        let paths = subject_columns.len();
        self.result(table, (keys, &plans), (groups, total), &names, (paths, &added), &cells, &measures)
    }

    /// Whether every person is one row.
    fn rows_are_people(&self, table: &Table) -> bool {
        let cohort = table.cohort.and_then(|id| self.query.cohorts.get(id.0 as usize));
        self.model.subject() == Some(table.row.entity)
            && !cohort.is_some_and(super::cohort::is_events)
            && table.each.is_empty()
    }

    /// The block of a table's source.
    pub(crate) fn source(&mut self, table: &Table) -> Block {
        self.entities.insert(table.row.id, table.row.entity);
        if self.model.subject() == Some(table.row.entity) {
            self.people(&table.row, table.cohort)
        } else {
            Block::over(self, &table.row)
        }
    }

    /// The block of a table's rows, the rows of `for each` among them, and the tests that keep a row.
    pub(crate) fn rows_of(&mut self, table: &Table) -> (Block, Vec<Expr>) {
        let block = self.source(table);
        self.kept_rows(table, block)
    }

    /// Joins the rows of `for each`, in order, and takes the rules where they stand.
    pub(crate) fn kept_rows(&mut self, table: &Table, mut block: Block) -> (Block, Vec<Expr>) {
        let mut filter = Vec::new();
        let mut done = 0;
        for each in &table.each {
            let before = each.after.clamp(done, table.rules.len());
            for rule in &table.rules[done..before] {
                filter.push(self.expr(&mut block, &rule.condition));
            }
            done = before;
            let mut around = each.rows.around.clone();
            for step in &each.rows.steps {
                self.entities.insert(step.row.id, step.row.entity);
                self.join_rows(&mut block, &around, &step.source, &step.row);
                let own = self.key_of(&mut block, &step.row);
                block.key.extend(own);
                around = step.row.clone();
            }
            for condition in each.rows.steps.iter().flat_map(|step| &step.conditions) {
                filter.push(self.expr(&mut block, condition));
            }
        }
        for rule in &table.rules[done..] {
            filter.push(self.expr(&mut block, &rule.condition));
        }
        (block, filter)
    }

    /// The subjects that a table's row belongs to: those of the source's row, else of the last row that
    /// `for each` added.
    pub(crate) fn people_of(&mut self, block: &mut Block, table: &Table) -> Vec<Expr> {
        let mut subjects = self.subjects_of(block, &table.row);
        for step in table.each.iter().flat_map(|each| &each.rows.steps) {
            if subjects.is_empty() {
                subjects = self.subjects_of(block, &step.row);
            }
        }
        // What is said of a child by its parents' genotypes is said of them too; where one is missing, the
        // child stands in, so that a child without parents counts as itself.
        for step in table.each.iter().flat_map(|each| &each.rows.steps) {
            let (types::RowsSource::Inherited(inherited), [child]) = (&step.source, subjects.as_slice())
            else {
                continue;
            };
            let child = child.clone();
            for parent in [&inherited.mother, &inherited.father] {
                let key = self.key_of(block, parent);
                subjects
                    .push(Expr::Call(Function::Coalesce, key.into_iter().chain([child.clone()]).collect()));
            }
        }
        subjects
    }

    /// Keys as columns of the rows.
    pub(crate) fn keys(
        &mut self,
        block: &mut Block,
        keys: &[GroupKey],
    ) -> (Vec<KeyPlan>, Vec<(String, Expr)>) {
        let mut plans = Vec::new();
        let mut columns = Vec::new();
        for (key, number) in keys.iter().zip(1..) {
            let column = format!("key_{number}");
            let value = self.expr(block, &key.value);
            let (closed, value) = match &key.domain {
                KeyDomain::Open => (None, value),
                KeyDomain::Closed(values) => {
                    let mut places: Vec<(i64, Option<String>)> = places(values, &key.value.ty)
                        .into_iter()
                        .zip(values)
                        .map(|(place, value)| (place, Some(label(value, &key.value.ty))))
                        .collect();
                    // `not recorded` stands after the others.
                    let after = places.last().map_or(0, |(place, _)| place + 1);
                    let place = place(values, &key.value.ty, value);
                    // Months have a closed domain only where a rule requires the date to lie in them.
                    if key.value.ty != types::Type::Month && self.nullable(&key.value) {
                        places.push((after, None));
                    }
                    (Some(places), Expr::Call(Function::Coalesce, vec![place, Expr::int(after)]))
                }
            };
            plans.push(KeyPlan { column: column.clone(), closed, ty: value.ty() });
            columns.push((column, value));
        }
        (plans, columns)
    }

    /// Whether a key can be null.
    fn nullable(&self, expr: &types::Expr) -> bool {
        match &expr.kind {
            Kind::Column(row, column) => {
                !row.hops.is_empty() || self.model.entity(row.entity).column(*column).optional
            }
            Kind::Case(arms, otherwise) => {
                self.nullable(otherwise) || arms.iter().any(|(_, then)| self.nullable(then))
            }
            Kind::Literal(_)
            | Kind::IsKnown(_)
            | Kind::InCohort(..)
            | Kind::InCodes(..)
            | Kind::Exit(..)
            | Kind::InGeneCodes { .. }
            | Kind::ConsentValid { .. } => false,
            Kind::MonthOf(inner) | Kind::YearOf(inner) => {
                !matches!(inner.kind, Kind::Index(_)) && self.nullable(inner)
            }
            _ => true,
        }
    }

    /// Finds the aggregates of a shown value and plans each once.
    fn collect(
        &mut self,
        shown: &ShownExpr,
        block: &mut Block,
        subjects: &[String],
        columns: &mut Vec<(String, Expr)>,
        cells: &mut Vec<(GroupCell, u32)>,
        measures: &mut Vec<Measure>,
    ) {
        match shown {
            ShownExpr::Cell(cell @ GroupCell::Aggregate { function, argument, filter }) => {
                if cells.iter().any(|(known, _)| same_cell(known, cell)) {
                    return;
                }
                let number = measures.len() + 1;
                let measure = self.measure(
                    *function,
                    argument.as_ref(),
                    filter.as_ref(),
                    block,
                    subjects,
                    columns,
                    number,
                );
                cells.push((cell.clone(), u32::try_from(measures.len()).unwrap_or(u32::MAX)));
                measures.push(measure);
            }
            ShownExpr::Cell(
                GroupCell::Key(_) | GroupCell::Value(_) | GroupCell::Nested(_) | GroupCell::Frequency { .. },
            )
            | ShownExpr::Grpmax { .. }
            | ShownExpr::RegroupKey(_)
            | ShownExpr::Regrouped { .. }
            | ShownExpr::Shown(_)
            | ShownExpr::Literal(_) => {}
            ShownExpr::Fisher(_, counts) => {
                for count in counts.iter() {
                    self.collect(count, block, subjects, columns, cells, measures);
                }
            }
            ShownExpr::Arithmetic(_, left, right) | ShownExpr::Compare(_, left, right) => {
                self.collect(left, block, subjects, columns, cells, measures);
                self.collect(right, block, subjects, columns, cells, measures);
            }
            ShownExpr::And(parts) | ShownExpr::Or(parts) => {
                for part in parts {
                    self.collect(part, block, subjects, columns, cells, measures);
                }
            }
            ShownExpr::Not(inner)
            | ShownExpr::IsKnown(inner)
            | ShownExpr::Previous { along: _, within: _, value: inner } => {
                self.collect(inner, block, subjects, columns, cells, measures);
            }
        }
    }

    /// Whether an expression is the row of the table itself, which several columns identify.
    fn is_own_row_of_long_key(&self, expr: &types::Expr) -> bool {
        matches!(&expr.kind, Kind::Key(row) if row.hops.is_empty() && self.model.entity(row.entity).key.len() > 1)
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "one aggregate needs the block, the rows' columns and its place"
    )]
    fn measure(
        &mut self,
        function: types::AggregateFunction,
        argument: Option<&types::Expr>,
        filter: Option<&types::Expr>,
        block: &mut Block,
        subjects: &[String],
        columns: &mut Vec<(String, Expr)>,
        number: usize,
    ) -> Measure {
        let value_name = format!("value_{number}");
        let kept_name = format!("kept_{number}");
        let kept = filter.map(|filter| {
            let test = self.expr(block, filter);
            columns.push((kept_name.clone(), Expr::IsTrue(Box::new(test))));
            Expr::column("row", &kept_name, Type::Bool)
        });
        let keyed = argument.is_some_and(|argument| matches!(argument.kind, Kind::Key(_)));
        let value = argument.map(|argument| {
            let value = self.expr(block, argument);
            let ty = value.ty();
            columns.push((value_name.clone(), value));
            Expr::column("row", &value_name, ty)
        });
        let raw = |name: &str| format!("{name}_{number}");
        let aggregate = |function, argument: Option<Expr>, distinct, filter: Option<Expr>| {
            Expr::Aggregate(Box::new(Aggregate { function, argument, distinct, filter }))
        };
        let and = |more: Expr| match &kept {
            Some(kept) => Some(Expr::and([kept.clone(), more])),
            None => Some(more),
        };
        let Some(value) = value else {
            return Measure {
                columns: vec![
                    (raw("rows"), Expr::count(kept.clone())),
                    (raw("people"), people(subjects, kept)),
                ],
                cell: Box::new(|raw| Cell::Count { value: raw[0], people: raw[1] }),
            };
        };
        let known = value.clone().is_known();
        match function {
            types::AggregateFunction::Count if keyed => {
                let of_subject = argument.is_some_and(|argument| self.is_subject(argument));
                // The first column of a longer key is not the row: rows of the table's own are counted as they are.
                let distinct = !argument.is_some_and(|argument| self.is_own_row_of_long_key(argument));
                let counted = aggregate(AggregateFunction::Count, Some(value), distinct, kept.clone());
                if of_subject && subjects.len() == 1 {
                    return Measure {
                        columns: vec![(raw("people"), counted)],
                        cell: Box::new(|raw| Cell::People(raw[0])),
                    };
                }
                Measure {
                    columns: vec![(raw("rows"), counted), (raw("people"), people(subjects, kept))],
                    cell: Box::new(|raw| Cell::Count { value: raw[0], people: raw[1] }),
                }
            }
            types::AggregateFunction::Count => Measure {
                columns: vec![
                    (raw("rows"), aggregate(AggregateFunction::Count, Some(value), false, kept.clone())),
                    (raw("people"), people(subjects, and(known))),
                ],
                cell: Box::new(|raw| Cell::Count { value: raw[0], people: raw[1] }),
            },
            // What counts something of each person is made of those for whom it is not nothing: a sum of such counts
            // over three people is about three, however many add a zero.
            types::AggregateFunction::Sum | types::AggregateFunction::Mean
                if argument.is_some_and(|argument| {
                    adds_counts(argument)
                        && (function == types::AggregateFunction::Mean || !counts_each(argument))
                }) =>
            {
                let zero = match value.ty() {
                    Type::Decimal => Expr::Literal(Value::Decimal(0), Type::Decimal),
                    _ => Expr::int(0),
                };
                let some = Expr::compare(Comparison::NotEqual, value.clone(), zero);
                let sum = aggregate(AggregateFunction::Sum, Some(value.clone()), false, kept.clone());
                let people = (raw("people"), people(subjects, and(some)));
                if function == types::AggregateFunction::Sum {
                    return Measure {
                        columns: vec![(raw("sum"), sum), people],
                        cell: Box::new(|raw| Cell::Sum { value: raw[0], people: raw[1] }),
                    };
                }
                let known = aggregate(AggregateFunction::Count, Some(value), false, kept.clone());
                Measure {
                    columns: vec![(raw("sum"), sum), (raw("known"), known), people],
                    cell: Box::new(|raw| Cell::Mean { sum: raw[0], number: raw[1], people: raw[2] }),
                }
            }
            types::AggregateFunction::Sum => {
                // People who add nothing are not people it is made of.
                if argument.is_some_and(counts_each) {
                    let more = Expr::compare(Comparison::Greater, value.clone(), Expr::int(0));
                    let sum = aggregate(AggregateFunction::Sum, Some(value), false, kept.clone());
                    return Measure {
                        columns: vec![
                            (raw("rows"), Expr::Call(Function::Coalesce, vec![sum, Expr::int(0)])),
                            (raw("people"), people(subjects, and(more))),
                        ],
                        cell: Box::new(|raw| Cell::Count { value: raw[0], people: raw[1] }),
                    };
                }
                Measure {
                    columns: vec![
                        (raw("sum"), aggregate(AggregateFunction::Sum, Some(value), false, kept.clone())),
                        (raw("people"), people(subjects, and(known))),
                    ],
                    cell: Box::new(|raw| Cell::Sum { value: raw[0], people: raw[1] }),
                }
            }
            types::AggregateFunction::Mean => Measure {
                columns: vec![
                    (raw("sum"), aggregate(AggregateFunction::Sum, Some(value.clone()), false, kept.clone())),
                    (raw("known"), aggregate(AggregateFunction::Count, Some(value), false, kept.clone())),
                    (raw("people"), people(subjects, and(known))),
                ],
                cell: Box::new(|raw| Cell::Mean { sum: raw[0], number: raw[1], people: raw[2] }),
            },
            types::AggregateFunction::Median
            | types::AggregateFunction::Quantile(_)
            | types::AggregateFunction::Min
            | types::AggregateFunction::Max => {
                let share = match function {
                    types::AggregateFunction::Quantile(share) => share,
                    _ => Fraction::HALF,
                };
                let (lower, upper) = (AggregateFunction::Lower(share), AggregateFunction::Upper(share));
                Measure {
                    columns: vec![
                        (raw("lower"), aggregate(lower, Some(value.clone()), false, kept.clone())),
                        (raw("upper"), aggregate(upper, Some(value), false, kept.clone())),
                        (raw("people"), people(subjects, and(known))),
                    ],
                    cell: Box::new(move |raw| Cell::Quantile {
                        share,
                        lower: raw[0],
                        upper: raw[1],
                        people: raw[2],
                    }),
                }
            }
            types::AggregateFunction::Share | types::AggregateFunction::Wilson => {
                let columns = vec![
                    (raw("yes"), Expr::count(and(value.clone()))),
                    (raw("known"), Expr::count(and(known.clone()))),
                    (raw("yes_people"), people(subjects, and(value))),
                    (raw("known_people"), people(subjects, and(known))),
                ];
                if function == types::AggregateFunction::Share {
                    return Measure {
                        columns,
                        cell: Box::new(|raw| Cell::Share {
                            yes: raw[0],
                            known: raw[1],
                            yes_people: raw[2],
                            known_people: raw[3],
                        }),
                    };
                }
                Measure {
                    columns,
                    cell: Box::new(|raw| Cell::Wilson {
                        yes: raw[0],
                        known: raw[1],
                        yes_people: raw[2],
                        known_people: raw[3],
                    }),
                }
            }
        }
    }

    fn is_subject(&self, argument: &types::Expr) -> bool {
        matches!(&argument.kind, Kind::Key(row) if self.model.subject() == Some(row.entity))
    }

    /// The domain joined with the groups, and what is shown of it.
    #[expect(clippy::too_many_arguments, reason = "the parts of one table")]
    fn result(
        &mut self,
        table: &Table,
        (asked, keys): (&[GroupKey], &[KeyPlan]),
        (groups, total): (StepId, Option<StepId>),
        names: &[(String, Type)],
        (paths, added): (usize, &[Added]),
        cells: &[(GroupCell, u32)],
        measures: &[Measure],
    ) -> Plan {
        let (result, order) = self.with_domain(&table.name, keys, groups, total, names);
        let columns = self.columns(result).to_vec();
        let raw_of = |name: &str| raw_of(&columns, name);
        let mut shape = Shape {
            people: Some(raw_of("people")),
            totals: total.map(|_| raw_of("total")),
            open_keys: keys
                .iter()
                .filter(|key| key.closed.is_none())
                .map(|key| raw_of(&label_column(key)))
                .collect(),
            raw: columns.clone(),
            limit: table.limit,
            disjoint: self.rows_are_people(table),
            weights: weights::weights(&columns, paths, added),
            contributors: self.grounds.release.dominance.n,
            ..Shape::default()
        };
        let cell = |cell: &GroupCell| -> Cell {
            match cell {
                GroupCell::Key(at) => {
                    Cell::Key(keys.get(*at as usize).map_or(Raw(0), |key| raw_of(&label_column(key))))
                }
                GroupCell::Aggregate { .. } => cells
                    .iter()
                    .find(|(known, _)| same_cell(known, cell))
                    .and_then(|(_, at)| measures.get(*at as usize))
                    .map_or(Cell::Key(Raw(0)), |measure| {
                        let raws: Vec<Raw> = measure.columns.iter().map(|(name, _)| raw_of(name)).collect();
                        (measure.cell)(&raws)
                    }),
                GroupCell::Value(_) | GroupCell::Nested(_) | GroupCell::Frequency { .. } => Cell::Key(Raw(0)),
            }
        };
        shape.facts = self.facts(asked, keys, &columns);
        shape.parts = self.parts(cells.iter().map(|(cell, _)| cell), &cell, raw_of("people"));
        shown_into(&mut shape, table, &cell);
        self.finished(result, order, shape)
    }

    /// The last step of a grouped result: every combination of the domains, the values of open keys
    /// that were found, and the total.
    pub(crate) fn with_domain(
        &mut self,
        name: &str,
        keys: &[KeyPlan],
        groups: StepId,
        total: Option<StepId>,
        measures: &[(String, Type)],
    ) -> (StepId, Vec<Order>) {
        let counts = |alias: &str| -> Vec<(String, Expr)> {
            measures
                .iter()
                .map(|(name, ty)| {
                    let value = Expr::column(alias, name, *ty);
                    (
                        name.clone(),
                        if is_count(name) {
                            Expr::Call(Function::Coalesce, vec![value, Expr::int(0)])
                        } else {
                            value
                        },
                    )
                })
                .collect()
        };
        if keys.is_empty() {
            let mut columns = counts("group");
            columns.push(("total".to_owned(), Expr::bool(false)));
            let select = block_of(from(groups, "group"), columns);
            return (self.select(&format!("{name}_result"), format!("table {name}"), select), Vec::new());
        }
        let mut joins: Vec<(Source, Expr)> = Vec::new();
        let mut domain_columns: Vec<(String, Expr)> = Vec::new();
        for key in keys {
            let Some(places) = &key.closed else { continue };
            let rows = places
                .iter()
                .map(|(place, label)| {
                    vec![Value::Int(*place), label.clone().map_or(Value::Null, Value::Text)]
                })
                .collect();
            let step = self.step(
                &format!("{name}_{}", key.column),
                "the values that this key can have",
                Body::Values(rows),
            );
            self.set_columns(step, vec![("place".to_owned(), Type::Int), ("label".to_owned(), Type::Text)]);
            joins.push((from(step, &key.column), Expr::bool(true)));
            domain_columns.push((key.column.clone(), Expr::column(&key.column, "place", Type::Int)));
            domain_columns.push((label_column(key), Expr::column(&key.column, "label", Type::Text)));
        }
        let open: Vec<&KeyPlan> = keys.iter().filter(|key| key.closed.is_none()).collect();
        if !open.is_empty() {
            let columns: Vec<(String, Expr)> = open
                .iter()
                .map(|key| (key.column.clone(), Expr::column("group", &key.column, key.ty)))
                .collect();
            let select = Select { distinct: true, ..block_of(from(groups, "group"), columns) };
            let found = self.select(&format!("{name}_found"), "the values of keys that were found", select);
            joins.push((from(found, "found"), Expr::bool(true)));
            for key in &open {
                domain_columns.push((label_column(key), Expr::column("found", &key.column, key.ty)));
            }
        }
        let mut sources = joins.into_iter();
        let Some((first, _)) = sources.next() else { return (groups, Vec::new()) };
        let mut select = block_of(first, Vec::new());
        for (source, on) in sources {
            select.joins.push(crate::step::Join { kind: JoinKind::Inner, source, on });
        }
        let on = Expr::and(keys.iter().map(|key| {
            let group = Expr::column("group", &key.column, key.ty);
            if key.closed.is_some() {
                return Expr::equal(group, Expr::column(&key.column, "place", Type::Int));
            }
            let found = Expr::column("found", &key.column, key.ty);
            Expr::Or(vec![
                Expr::equal(group.clone(), found.clone()),
                Expr::And(vec![group.is_null(), found.is_null()]),
            ])
        }));
        select.joins.push(crate::step::Join { kind: JoinKind::Left, source: from(groups, "group"), on });
        select.columns.clone_from(&domain_columns);
        select.columns.extend(counts("group"));
        select.columns.push(("total".to_owned(), Expr::bool(false)));
        let mut all = vec![select];
        if let Some(total) = total {
            let mut columns: Vec<(String, Expr)> =
                domain_columns.iter().map(|(name, expr)| (name.clone(), Expr::null(expr.ty()))).collect();
            columns.extend(counts("all_rows"));
            columns.push(("total".to_owned(), Expr::bool(true)));
            all.push(block_of(from(total, "all_rows"), columns));
        }
        let body = if all.len() == 1 { Body::Select(all.remove(0)) } else { Body::UnionAll(all) };
        let result = self.step(&format!("{name}_result"), format!("table {name}"), body);
        let ascending = |key: Expr| Order { key, descending: false, nulls_first: false };
        let mut order = vec![ascending(self.column(result, &format!("{name}_result"), "total"))];
        for key in keys {
            let column = if key.closed.is_some() { key.column.clone() } else { label_column(key) };
            order.push(ascending(self.column(result, &format!("{name}_result"), &column)));
        }
        (result, order)
    }

    pub(crate) fn set_columns(&mut self, id: StepId, columns: Vec<(String, Type)>) {
        if let Some(step) = self.steps.get_mut(id.0 as usize) {
            step.columns = columns;
        }
    }
}

/// Distinct people of the rows; of rows with several subjects each path counts by itself and the
/// smallest decides.
fn people(subjects: &[String], filter: Option<Expr>) -> Expr {
    let count = |column: &String| {
        Expr::Aggregate(Box::new(Aggregate {
            function: AggregateFunction::Count,
            argument: Some(Expr::column("row", column, Type::Text)),
            distinct: true,
            filter: filter.clone(),
        }))
    };
    match subjects {
        [] => Expr::count(filter),
        [one] => count(one),
        many => Expr::Call(Function::Least, many.iter().map(count).collect()),
    }
}

/// Raw columns that are 0, not null, where a group has no rows.
fn is_count(name: &str) -> bool {
    name == "people" || ["people_", "rows_", "known_", "yes_"].iter().any(|prefix| name.starts_with(prefix))
}

pub(crate) fn raw_of(columns: &[(String, Type)], name: &str) -> Raw {
    let at = columns.iter().position(|(known, _)| known == name).unwrap_or(0);
    Raw(u32::try_from(at).unwrap_or(0))
}

/// The column that holds what is shown of a key.
pub(crate) fn label_column(key: &KeyPlan) -> String {
    format!("{}_label", key.column)
}

fn same_cell(one: &GroupCell, other: &GroupCell) -> bool {
    let GroupCell::Aggregate { function, argument, filter } = one else { return false };
    let GroupCell::Aggregate { function: of_other, argument: by_other, filter: if_other } = other else {
        return false;
    };
    function == of_other && argument == by_other && filter == if_other
}

/// Whether an argument counts something of each person.
fn adds_counts(argument: &types::Expr) -> bool {
    let mut counts = false;
    types::each_expr(argument, &mut |inner| counts |= counts_each(inner));
    counts
}

fn counts_each(argument: &types::Expr) -> bool {
    matches!(argument.kind, Kind::Aggregate { function: types::AggregateFunction::Count, .. })
}
