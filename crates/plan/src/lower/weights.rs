//! What single people add to a number of a group (release rules 4 and 9).
//!
//! A sum over people is told only where no single person makes most of it. Three steps say so for every group: what
//! each person adds to each number, without its sign; the people of a group in the order of what they add;
//! and what all, the first, the first two and the first n of them add together. They are computed exactly and stand beside
//! the numbers of the group, hidden, as its people do.

use super::groups::raw_of;
use super::{Lowering, block_of, from};
use crate::expr::{Aggregate, AggregateFunction, Expr, Function, Order, Type, Value, Window};
use crate::shape::{Cell, Raw, Weight, Weights};
use crate::step::{Join, JoinKind, Select, StepId};

/// A number that adds up over people.
pub(crate) struct Added {
    /// The raw column of the people with whom it is withheld.
    pub(crate) people: String,
    /// Its name; the columns of its weights are named after it.
    pub(crate) name: String,
    /// The aggregate over rows of the source `row`.
    pub(crate) sum: Expr,
}

/// The numbers of a cell that add up over people; `columns` are its raw columns and `cell` is over their places.
/// `rows_are_people`: everybody has one row, and a number of rows is one of people.
pub(crate) fn added(columns: &[(String, Expr)], cell: &Cell, rows_are_people: bool) -> Vec<Added> {
    let column = |raw: &Raw| columns.get(raw.0 as usize);
    let of = |number: &Raw, people: &Raw| {
        let ((name, sum), (people, _)) = (column(number)?, column(people)?);
        Some(Added { people: people.clone(), name: name.clone(), sum: sum.clone() })
    };
    let found = match cell {
        Cell::Count { value, people } | Cell::Sum { value, people } => vec![of(value, people)],
        Cell::Mean { sum, number, people } => vec![of(sum, people), of(number, people)],
        Cell::Share { yes, known, yes_people, known_people }
        | Cell::Wilson { yes, known, yes_people, known_people } => {
            vec![of(yes, yes_people), of(known, known_people)]
        }
        // A value in the middle of the rows is that of whoever has most of them.
        Cell::Quantile { lower, people, .. } => {
            let number = of(lower, people).and_then(|of| {
                let Expr::Aggregate(quantile) = &of.sum else { return None };
                let count = Aggregate { function: AggregateFunction::Count, ..(**quantile).clone() };
                Some(Added {
                    name: format!("number_of_{}", of.name),
                    sum: Expr::Aggregate(Box::new(count)),
                    ..of
                })
            });
            vec![number]
        }
        Cell::Key(_)
        | Cell::Value(_)
        | Cell::Pseudonym(_)
        | Cell::Nested(_)
        | Cell::People(_)
        | Cell::Frequency { .. } => Vec::new(),
    };
    found.into_iter().flatten().filter(|added| !(rows_are_people && is_count(&added.sum))).collect()
}

/// Numbers of rows, which are never negative.
fn is_count(sum: &Expr) -> bool {
    matches!(sum, Expr::Aggregate(aggregate) if aggregate.function == AggregateFunction::Count)
}

const PARTS: [&str; 4] = ["total", "greatest", "two", "most"];

fn column(part: &str, path: usize, added: &Added) -> String {
    format!("{part}_{path}_{}", added.name)
}

/// The columns of the weights of numbers, with their types.
pub(crate) fn columns(paths: usize, all: &[Added]) -> Vec<(String, Type)> {
    let mut names = Vec::new();
    for path in 1..=paths {
        for added in all {
            names.extend(PARTS.iter().map(|part| (column(part, path, added), added.sum.ty())));
        }
    }
    names
}

/// The weight of a number on one path, among the columns of a result.
pub(crate) fn weight(columns: &[(String, Type)], path: usize, added: &Added) -> Weight {
    let [total, greatest, two, most] = PARTS.map(|part| raw_of(columns, &column(part, path, added)));
    Weight { total, greatest, two, most }
}

/// The weights of numbers among the columns of a result.
pub(crate) fn weights(columns: &[(String, Type)], paths: usize, all: &[Added]) -> Vec<Weights> {
    let mut found: Vec<Weights> = Vec::new();
    for added in all {
        let people = raw_of(columns, &added.people);
        let of_added = (1..=paths).map(|path| weight(columns, path, added));
        match found.iter_mut().find(|weights| weights.people == people) {
            Some(weights) => weights.paths.extend(of_added),
            None => found.push(Weights { people, paths: of_added.collect() }),
        }
    }
    found
}

impl Lowering<'_> {
    /// The step of groups with the weights of its numbers. `rows` are what is grouped, `by` its keys over the source
    /// `row`, none for the total; `subjects` are the columns of its people, one for each path.
    pub(crate) fn weighed(
        &mut self,
        name: &str,
        groups: StepId,
        rows: StepId,
        by: &[(String, Expr)],
        subjects: &[String],
        all: &[Added],
    ) -> StepId {
        if all.is_empty() || subjects.is_empty() {
            return groups;
        }
        let of_groups = self.columns(groups).to_vec();
        let mut select = block_of(from(groups, "group"), of_columns(&of_groups, "group"));
        for (person, path) in subjects.iter().zip(1..) {
            let alias = format!("weight_{path}");
            let weights = self.weights_of_path(name, rows, by, person, path, all);
            let on = Expr::and(by.iter().map(|(key, expr)| {
                let (group, weight) =
                    (Expr::column("group", key, expr.ty()), Expr::column(&alias, key, expr.ty()));
                Expr::Or(vec![
                    Expr::equal(group.clone(), weight.clone()),
                    Expr::And(vec![group.is_null(), weight.is_null()]),
                ])
            }));
            let on = if by.is_empty() { Expr::bool(true) } else { on };
            for added in all {
                let columns = PARTS.map(|part| column(part, path, added));
                let values = columns.map(|column| {
                    let value = Expr::column(&alias, &column, added.sum.ty());
                    (column, value)
                });
                select.columns.extend(values);
            }
            select.joins.push(Join { kind: JoinKind::Left, source: from(weights, &alias), on });
        }
        self.select(&format!("{name}_weighed"), "and what single people add to their numbers", select)
    }

    fn weights_of_path(
        &mut self,
        name: &str,
        rows: StepId,
        by: &[(String, Expr)],
        person: &str,
        path: usize,
        all: &[Added],
    ) -> StepId {
        let suffix = if path == 1 { String::new() } else { format!("_{path}") };
        let keys: Vec<(String, Type)> = by.iter().map(|(name, expr)| (name.clone(), expr.ty())).collect();
        let person = self.column(rows, "row", person);
        let of_person = person.ty();
        let mut columns = by.to_vec();
        columns.push(("person".to_owned(), person.clone()));
        columns.extend(all.iter().map(|added| (added.name.clone(), added.sum.clone())));
        let group = by.iter().map(|(_, key)| key.clone()).chain([person]).collect();
        let of_people = self.select(
            &format!("{name}_by_person{suffix}"),
            "what each person adds",
            Select { group: Some(group), ..block_of(from(rows, "row"), columns) },
        );

        let partition: Vec<Expr> = keys.iter().map(|(key, ty)| Expr::column("one", key, *ty)).collect();
        let mut columns = of_columns(&keys, "one");
        for added in all {
            let amount = Expr::column("one", &added.name, added.sum.ty());
            let size = if is_count(&added.sum) { amount } else { without_sign(amount) };
            let order = vec![
                Order { key: size.clone(), descending: true, nulls_first: false },
                Order {
                    key: Expr::column("one", "person", of_person),
                    descending: false,
                    nulls_first: false,
                },
            ];
            let nth = Window { aggregate: None, partition: partition.clone(), order, before: false };
            columns.push((added.name.clone(), size));
            columns.push((format!("nth_{}", added.name), Expr::Window(Box::new(nth))));
        }
        let in_order = self.select(
            &format!("{name}_in_order{suffix}"),
            "who adds most, without the sign",
            block_of(from(of_people, "one"), columns),
        );

        let mut columns = of_columns(&keys, "one");
        for added in all {
            let nth = Expr::column("one", &format!("nth_{}", added.name), Type::Int);
            let first = |most: u32| Some(Expr::at_most(nth.clone(), Expr::int(i64::from(most))));
            let filters = [None, first(1), first(2), first(self.grounds.release.dominance.n)];
            for (part, filter) in PARTS.iter().zip(filters) {
                let argument = Some(Expr::column("one", &added.name, added.sum.ty()));
                let sum = Aggregate { function: AggregateFunction::Sum, argument, distinct: false, filter };
                columns.push((column(part, path, added), Expr::Aggregate(Box::new(sum))));
            }
        }
        let group = Some(partition);
        self.select(
            &format!("{name}_weights{suffix}"),
            "what all and the first of them add",
            Select { group, ..block_of(from(in_order, "one"), columns) },
        )
    }
}

fn of_columns(columns: &[(String, Type)], alias: &str) -> Vec<(String, Expr)> {
    columns.iter().map(|(name, ty)| (name.clone(), Expr::column(alias, name, *ty))).collect()
}

/// The number itself, or what is missing to 0.
fn without_sign(amount: Expr) -> Expr {
    let (zero, minus) = match amount.ty() {
        Type::Decimal => (Expr::Literal(Value::Decimal(0), Type::Decimal), Function::SubtractDecimal),
        _ => (Expr::int(0), Function::SubtractInt),
    };
    let negative = Expr::less(amount.clone(), zero.clone());
    let turned = Expr::Call(minus, vec![zero, amount.clone()]);
    Expr::Case { arms: vec![(negative, turned)], otherwise: Box::new(amount) }
}
