//! The people behind the numbers of a plan: the same plan, with their lists beside its counts.
//!
//! Release rule 6 compares sets of people, and a count is not a set. [`Plan::with_members`] gives a plan whose raw
//! result lists, beside each number of distinct people that may be told, the people whom that number
//! counts. The lists come from the very rows that are counted, under the same filter and so under the same guards; no
//! table is read that the plan does not read already.
//!
//! Such a plan is run and never shown: what leaves of it is what leaves of the plan without lists. Numbers that no
//! aggregate of distinct people gives (those of frequency records) get no list.

use crate::expr::{Aggregate, AggregateFunction, Expr, Function, Type, Value};
use crate::shape::{Cell, Raw, Regroup, ReleasedExpr, Shape};
use crate::step::{Body, Plan, Select, Source, Step};
use std::collections::{BTreeMap, BTreeSet};

impl Plan {
    /// The same plan with the people of its counts ([`Shape::members`]). Rows of people, and plans that count
    /// nobody, stay as they are.
    #[must_use]
    pub fn with_members(&self) -> Plan {
        let mut plan = self.clone();
        let wanted = numbers_of_people(&self.shape);
        let Some(last) = plan.steps.len().checked_sub(1) else { return plan };
        let mut adder = Adder { steps: &mut plan.steps, done: BTreeMap::new() };
        let mut members = Vec::new();
        for raw in wanted {
            let Some((name, Type::Int)) = self.shape.raw.get(raw.0 as usize) else { continue };
            if let Some(lists) = adder.of_column(last, name) {
                members.push((raw, lists));
            }
        }
        let columns = plan.steps.last().map(|step| step.columns.clone()).unwrap_or_default();
        let place = |name: &String| {
            let at = columns.iter().position(|(known, _)| known == name);
            at.and_then(|at| u32::try_from(at).ok()).map(Raw)
        };
        plan.shape.members =
            members.into_iter().map(|(raw, lists)| (raw, lists.iter().filter_map(place).collect())).collect();
        plan.shape.raw = columns;
        plan
    }
}

/// The numbers of distinct people that may be told.
fn numbers_of_people(shape: &Shape) -> BTreeSet<Raw> {
    let mut found = BTreeSet::new();
    if shape.records {
        return found;
    }
    found.extend(shape.people);
    let shown = shape.shown.iter().map(|shown| &shown.value);
    let of_rows = shape.regroup.iter().flat_map(|Regroup { values, .. }| values).map(|shown| &shown.value);
    for expr in shown.chain(of_rows).chain(&shape.kept).chain(shape.order.iter().map(|(key, _)| key)) {
        of_released(expr, &mut found);
    }
    if let Some(attrition) = &shape.attrition {
        found.insert(attrition.people);
    }
    for item in shape.characteristics.iter().flat_map(|of| &of.items) {
        found.extend(item.levels().into_iter().map(|(_, facet)| facet.people));
    }
    found
}

fn of_released(expr: &ReleasedExpr, found: &mut BTreeSet<Raw>) {
    match expr {
        ReleasedExpr::Cell(cell) | ReleasedExpr::Grpmax { record: _, cell } => match cell {
            Cell::People(people)
            | Cell::Count { people, .. }
            | Cell::Sum { people, .. }
            | Cell::Mean { people, .. }
            | Cell::Quantile { people, .. } => {
                found.insert(*people);
            }
            Cell::Share { yes_people, known_people, .. } | Cell::Wilson { yes_people, known_people, .. } => {
                found.extend([*yes_people, *known_people]);
            }
            Cell::Key(_) | Cell::Value(_) | Cell::Pseudonym(_) | Cell::Nested(_) | Cell::Frequency { .. } => {
            }
        },
        ReleasedExpr::Apply(_, operands) => operands.iter().for_each(|operand| of_released(operand, found)),
        ReleasedExpr::Previous { along: _, within: _, value } => of_released(value, found),
        ReleasedExpr::Literal(..)
        | ReleasedExpr::Shown(_)
        | ReleasedExpr::RegroupKey(_)
        | ReleasedExpr::Regrouped { .. } => {}
    }
}

/// What stands beside a count.
enum Beside {
    /// Lists, one for each path to a subject.
    Lists(Vec<Expr>),
    /// The count is the literal 0.
    Nobody,
}

struct Adder<'a> {
    steps: &'a mut Vec<Step>,
    /// The lists of each column of each step that was looked at.
    done: BTreeMap<(usize, String), Option<Vec<String>>>,
}

impl Adder<'_> {
    /// The columns that list the people of a count, made where they are not there yet; `None` where the count is
    /// not one of distinct people.
    fn of_column(&mut self, at: usize, column: &str) -> Option<Vec<String>> {
        let key = (at, column.to_owned());
        if let Some(known) = self.done.get(&key) {
            return known.clone();
        }
        let made = self.made(at, column);
        self.done.insert(key, made.clone());
        made
    }

    fn made(&mut self, at: usize, column: &str) -> Option<Vec<String>> {
        let selects: Vec<Select> = match &self.steps.get(at)?.body {
            Body::Select(select) => vec![select.clone()],
            Body::UnionAll(selects) => selects.clone(),
            Body::Recursive { .. } | Body::Values(_) => return None,
        };
        let mut beside = Vec::new();
        for select in &selects {
            let (_, value) = select.columns.iter().find(|(name, _)| name == column)?;
            beside.push(if select.distinct { None } else { self.of_expr(select, value) }?);
        }
        let paths = beside.iter().find_map(|beside| match beside {
            Beside::Lists(lists) => Some(lists.len()),
            Beside::Nobody => None,
        })?;
        let step = self.steps.get_mut(at)?;
        let names: Vec<String> = (1..=paths).map(|path| format!("members_{path}_{column}")).collect();
        let selects: Vec<&mut Select> = match &mut step.body {
            Body::Select(select) => vec![select],
            Body::UnionAll(selects) => selects.iter_mut().collect(),
            Body::Recursive { .. } | Body::Values(_) => return None,
        };
        for (select, beside) in selects.into_iter().zip(beside) {
            let lists = match beside {
                Beside::Lists(lists) if lists.len() == paths => lists,
                Beside::Lists(_) => return None,
                Beside::Nobody => vec![Expr::null(Type::TextList); paths],
            };
            select.columns.extend(names.iter().cloned().zip(lists));
        }
        step.columns.extend(names.iter().map(|name| (name.clone(), Type::TextList)));
        Some(names)
    }

    fn of_expr(&mut self, select: &Select, value: &Expr) -> Option<Beside> {
        match value {
            Expr::Literal(Value::Int(0), _) => Some(Beside::Nobody),
            Expr::Call(Function::Coalesce, operands) => match operands.as_slice() {
                [count, Expr::Literal(Value::Int(0), _)] => self.of_expr(select, count),
                _ => None,
            },
            Expr::Call(Function::Least, paths) => {
                let mut lists = Vec::new();
                for path in paths {
                    match self.of_expr(select, path)? {
                        Beside::Lists(more) => lists.extend(more),
                        Beside::Nobody => return None,
                    }
                }
                Some(Beside::Lists(lists))
            }
            Expr::Aggregate(count) => {
                let Aggregate {
                    function: AggregateFunction::Count,
                    argument: Some(person),
                    distinct: true,
                    filter,
                } = count.as_ref()
                else {
                    return None;
                };
                let list = Aggregate {
                    function: AggregateFunction::Members,
                    argument: Some(person.clone()),
                    distinct: true,
                    filter: filter.clone(),
                };
                (person.ty() == Type::Text).then(|| Beside::Lists(vec![Expr::Aggregate(Box::new(list))]))
            }
            Expr::Column { source, column, .. } if select.group.is_none() => {
                let sources =
                    std::iter::once(&select.from).chain(select.joins.iter().map(|join| &join.source));
                let step = sources.filter(|found| found.alias() == source).find_map(|found| match found {
                    Source::Step { step, .. } => Some(step.0 as usize),
                    Source::Round { .. } | Source::Public { .. } | Source::Linked { .. } => None,
                })?;
                let names = self.of_column(step, column)?;
                let lists = names.iter().map(|name| Expr::column(source, name, Type::TextList));
                Some(Beside::Lists(lists.collect()))
            }
            _ => None,
        }
    }
}
