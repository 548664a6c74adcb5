//! `describe` and `compare`: the people of each level, and sums and quantiles of numbers, per group.
//!
//! Every member is one row, with a place for each characteristic that has levels: its place in the
//! domain, as for a group key. A level is then a count of rows with that place. Of a number there are the
//! sum, the sum of squares, and the pairs of values around its quartiles.

use super::groups::{KeyPlan, label_column, raw_of};
use super::weights::{self, Added};
use super::{Lowering, block_of, from};
use crate::expr::{Aggregate, AggregateFunction, Expr, Function, Order, Type};
use crate::shape::{Characteristic, Characteristics, Facet, Fact, NumberRaws, Raw, Shape, Weight};
use crate::step::{Body, Plan, Select, StepId};
use types::Fraction;
use types::{CohortId, Describe, GroupKey, KeyDomain, Members};

/// The rows of a cohort and what is counted of them.
struct Counted {
    rows: StepId,
    keys: Vec<KeyPlan>,
    /// The aggregates, by name.
    aggregates: Vec<(String, Expr)>,
    /// What they are.
    items: Vec<Item>,
}

/// A characteristic by the names of its aggregates.
enum Item {
    Levels { name: String, levels: Vec<(Option<String>, String)>, fact: Option<Fact> },
    Number { name: String, number: usize },
}

/// Quantiles by the beginnings of their columns.
const QUANTILES: [(&str, AggregateFunction); 6] = [
    ("median_lower", AggregateFunction::Lower(Fraction::HALF)),
    ("median_upper", AggregateFunction::Upper(Fraction::HALF)),
    ("q1_lower", AggregateFunction::Lower(Fraction::QUARTER)),
    ("q1_upper", AggregateFunction::Upper(Fraction::QUARTER)),
    ("q3_lower", AggregateFunction::Lower(Fraction::THREE_QUARTERS)),
    ("q3_upper", AggregateFunction::Upper(Fraction::THREE_QUARTERS)),
];

impl Lowering<'_> {
    pub(crate) fn describe(&mut self, name: &str, describe: &Describe) -> Plan {
        let counted = self.described(name, &describe.members, &describe.keys, None);
        let by: Vec<(String, Expr)> = counted
            .keys
            .iter()
            .map(|key| (key.column.clone(), Expr::column("row", &key.column, key.ty)))
            .collect();
        let groups = self.select(&format!("{name}_groups"), "its groups", counted.grouped(&by));
        let total = (!by.is_empty())
            .then(|| self.select(&format!("{name}_total"), "all groups together", counted.grouped(&[])));
        let groups = self.with_weights(name, groups, &counted, &by);
        let total = total.map(|total| self.with_weights(&format!("{name}_total"), total, &counted, &[]));
        let names = counted.names();
        let (result, order) = self.with_domain(name, &counted.keys, groups, total, &names);
        let columns = self.columns(result).to_vec();
        let keys: Vec<(String, Raw)> = describe
            .keys
            .iter()
            .zip(&counted.keys)
            .map(|(key, plan)| (key.name.clone(), raw_of(&columns, &label_column(plan))))
            .collect();
        let two = matches!(describe.keys.as_slice(), [GroupKey { domain: KeyDomain::Closed(values), .. }] if values.len() == 2);
        let shape = Shape {
            people: Some(raw_of(&columns, "people")),
            totals: total.map(|_| raw_of(&columns, "total")),
            disjoint: true,
            open_keys: counted
                .keys
                .iter()
                .filter(|key| key.closed.is_none())
                .map(|key| raw_of(&columns, &label_column(key)))
                .collect(),
            characteristics: Some(Characteristics {
                keys,
                differences: two,
                apart: None,
                items: counted.items(&columns, false),
            }),
            raw: columns,
            contributors: self.grounds.release.dominance.n,
            ..Shape::default()
        };
        self.finished(result, order, shape)
    }

    pub(crate) fn compare(&mut self, name: &str, both: &[Members; 2]) -> Plan {
        let [one, other] = both;
        let sides = [(one, other.cohort), (other, one.cohort)];
        let mut selects = Vec::new();
        let mut items = Vec::new();
        for ((members, against), place) in sides.into_iter().zip(1..) {
            let counted = self.described(&format!("{name}_{}", members.name), members, &[], Some(against));
            let groups = self.select(
                &format!("{name}_{}_counts", members.name),
                format!("what cohort {} is made of", members.name),
                counted.grouped(&[]),
            );
            let groups = self.with_weights(&format!("{name}_{}", members.name), groups, &counted, &[]);
            let mut columns = vec![
                ("side".to_owned(), Expr::int(place)),
                ("cohort".to_owned(), Expr::text(members.name.clone())),
            ];
            let names = counted.names().into_iter();
            columns.extend(names.map(|(name, ty)| (name.clone(), Expr::column("side", &name, ty))));
            selects.push(block_of(from(groups, "side"), columns));
            items.push(counted);
        }
        let result = self.step(&format!("{name}_result"), "both cohorts", Body::UnionAll(selects));
        let columns = self.columns(result).to_vec();
        let order = vec![Order {
            key: self.column(result, &format!("{name}_result"), "side"),
            descending: false,
            nulls_first: false,
        }];
        let shape = Shape {
            people: Some(raw_of(&columns, "people")),
            characteristics: Some(Characteristics {
                keys: vec![("cohort".to_owned(), raw_of(&columns, "cohort"))],
                differences: true,
                apart: Some(raw_of(&columns, "apart_people")),
                items: items.first().map_or_else(Vec::new, |counted| counted.items(&columns, true)),
            }),
            raw: columns,
            contributors: self.grounds.release.dominance.n,
            ..Shape::default()
        };
        self.finished(result, order, shape)
    }

    /// The step of groups with what single people add to the sums of numbers.
    fn with_weights(
        &mut self,
        name: &str,
        groups: StepId,
        counted: &Counted,
        by: &[(String, Expr)],
    ) -> StepId {
        self.weighed(name, groups, counted.rows, by, &["person".to_owned()], &counted.added())
    }

    /// The members as rows, and the aggregates over them. `against`: a cohort whose members are also
    /// counted apart.
    fn described(
        &mut self,
        name: &str,
        members: &Members,
        keys: &[GroupKey],
        against: Option<CohortId>,
    ) -> Counted {
        let mut block = self.people(&members.row, Some(members.cohort));
        // Levels are keys after the keys of the groups: each is known by its place in its domain.
        let mut all: Vec<GroupKey> = keys.to_vec();
        for characteristic in &members.characteristics {
            if let types::Characteristic::Levels(key) = characteristic {
                all.push(key.clone());
            }
        }
        let (mut plans, mut columns) = self.keys(&mut block, &all);
        let mut level_plans = plans.split_off(keys.len()).into_iter();
        let key = block.key.first().cloned().unwrap_or_else(|| Expr::null(Type::Text));
        let person = Expr::column("row", "person", key.ty());
        columns.push(("person".to_owned(), key));
        let only = against.map(|against| {
            let step = self.cohort(against);
            let values = self.key_of(&mut block, &members.row);
            let in_other = Expr::InStep { values, step, columns: vec![self.subject_key()] };
            columns.push(("apart".to_owned(), in_other.not()));
            Expr::column("row", "apart", Type::Bool)
        });
        let count = |filter: Option<Expr>| {
            Expr::Aggregate(Box::new(Aggregate {
                function: AggregateFunction::Count,
                argument: Some(person.clone()),
                distinct: true,
                filter,
            }))
        };
        let mut aggregates: Vec<(String, Expr)> = Vec::new();
        let people = |aggregates: &mut Vec<(String, Expr)>, name: &str, filter: Option<Expr>| {
            if let Some(only) = &only {
                let apart = Expr::and(filter.iter().cloned().chain([only.clone()]));
                aggregates.push((format!("apart_{name}"), count(Some(apart))));
            }
            aggregates.push((name.to_owned(), count(filter)));
        };
        people(&mut aggregates, "people", None);
        let mut items = Vec::new();
        for (characteristic, number) in members.characteristics.iter().zip(1_usize..) {
            match characteristic {
                types::Characteristic::Levels(key) => {
                    let Some(plan) = level_plans.next() else { continue };
                    let mut levels = Vec::new();
                    for (place, label) in plan.closed.iter().flatten() {
                        let column = format!("people_{number}_{}", levels.len() + 1);
                        let at = Expr::column("row", &plan.column, plan.ty);
                        people(&mut aggregates, &column, Some(Expr::equal(at, Expr::int(*place))));
                        levels.push((label.clone(), column));
                    }
                    let fact = self.fact(&key.value);
                    items.push(Item::Levels { name: key.name.clone(), levels, fact });
                }
                types::Characteristic::Number { name, value } => {
                    let value = decimal(self.expr(&mut block, value));
                    let (column, square) = (format!("value_{number}"), format!("square_{number}"));
                    let squared = Expr::Call(Function::MultiplyDecimal, vec![value.clone(), value.clone()]);
                    columns.push((column.clone(), value));
                    columns.push((square.clone(), squared));
                    let value = Expr::column("row", &column, Type::Decimal);
                    people(
                        &mut aggregates,
                        &format!("people_{number}_known"),
                        Some(value.clone().is_known()),
                    );
                    people(
                        &mut aggregates,
                        &format!("people_{number}_missing"),
                        Some(value.clone().is_null()),
                    );
                    let squares = Expr::column("row", &square, Type::Decimal);
                    for (of, name) in [(&value, "sum"), (&squares, "squares")] {
                        let sum = Expr::aggregate(AggregateFunction::Sum, of.clone());
                        aggregates.push((format!("{name}_{number}"), sum));
                    }
                    for (name, function) in QUANTILES {
                        let quantile = Expr::aggregate(function, value.clone());
                        aggregates.push((format!("{name}_{number}"), quantile));
                    }
                    items.push(Item::Number { name: name.clone(), number });
                }
            }
        }
        let select = block.select(columns, Vec::new());
        let rows = self.select(
            &format!("{name}_rows"),
            format!("the members of cohort {} and what is told of each", members.name),
            select,
        );
        Counted { rows, keys: plans, aggregates, items }
    }
}

impl Counted {
    fn grouped(&self, by: &[(String, Expr)]) -> Select {
        Select {
            group: Some(by.iter().map(|(_, expr)| expr.clone()).collect()),
            ..block_of(
                from(self.rows, "row"),
                by.iter().cloned().chain(self.aggregates.iter().cloned()).collect(),
            )
        }
    }

    /// The sums of its numbers.
    fn added(&self) -> Vec<Added> {
        let numbers = self.items.iter().filter_map(|item| match item {
            Item::Number { number, .. } => Some(*number),
            Item::Levels { .. } => None,
        });
        let sums = numbers.filter_map(|number| {
            let name = format!("sum_{number}");
            let (_, sum) = self.aggregates.iter().find(|(known, _)| *known == name)?;
            Some(Added { people: format!("people_{number}_known"), name, sum: sum.clone() })
        });
        sums.collect()
    }

    /// The columns of the groups beside their keys.
    fn names(&self) -> Vec<(String, Type)> {
        let counts = self.aggregates.iter().map(|(name, expr)| (name.clone(), expr.ty()));
        counts.chain(weights::columns(1, &self.added())).collect()
    }

    /// The characteristics over the columns of the result.
    fn items(&self, columns: &[(String, Type)], apart: bool) -> Vec<Characteristic> {
        let raw = |name: String| raw_of(columns, &name);
        let facet = |name: &str| Facet {
            people: raw_of(columns, name),
            apart: apart.then(|| raw(format!("apart_{name}"))),
        };
        let added = self.added();
        let none = Weight { total: Raw(0), greatest: Raw(0), two: Raw(0), most: Raw(0) };
        self.items
            .iter()
            .map(|item| match item {
                Item::Levels { name, levels, fact } => Characteristic::Levels {
                    fact: *fact,
                    name: name.clone(),
                    levels: levels.iter().map(|(label, column)| (label.clone(), facet(column))).collect(),
                },
                Item::Number { name, number } => {
                    let pair = |name: &str| {
                        (raw(format!("{name}_lower_{number}")), raw(format!("{name}_upper_{number}")))
                    };
                    Characteristic::Number {
                        name: name.clone(),
                        known: facet(&format!("people_{number}_known")),
                        missing: facet(&format!("people_{number}_missing")),
                        numbers: NumberRaws {
                            median: pair("median"),
                            q1: pair("q1"),
                            q3: pair("q3"),
                            sum: raw(format!("sum_{number}")),
                            squares: raw(format!("squares_{number}")),
                            weight: added
                                .iter()
                                .find(|added| added.name == format!("sum_{number}"))
                                .map_or(none, |added| weights::weight(columns, 1, added)),
                        },
                    }
                }
            })
            .collect()
    }
}

fn decimal(value: Expr) -> Expr {
    match value.ty() {
        Type::Int => Expr::Call(Function::IntToDecimal, vec![value]),
        _ => value,
    }
}
