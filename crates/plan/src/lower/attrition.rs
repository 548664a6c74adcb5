//! `attrition of`: every permitted person with the answers to all steps, and how many leave where.
//!
//! All steps are asked of everybody, also of who left before: that a step would gain people if it were
//! dropped is known only so. The index date becomes a step of its own, because what is asked after it is
//! asked of a row that has one.

use super::{Lowering, block_of, from};
use crate::expr::{Aggregate, AggregateFunction, Expr, Order, Type};
use crate::lower::cohort::INDEX;
use crate::lower::groups::raw_of;
use crate::shape::{Attrition, AttritionStep, Shape};
use crate::step::{Plan, Select};
use types::AttritionTest;

impl Lowering<'_> {
    pub(crate) fn attrition(&mut self, name: &str, attrition: &types::Attrition) -> Plan {
        let mut block = self.people(&attrition.row, None);
        let person = self.subject_key();
        let mut answers: Vec<(String, Expr)> = Vec::new();
        for (step, number) in attrition.steps.iter().zip(1..) {
            let column = format!("step_{number}");
            let value = self.expr(&mut block, step.test.expr());
            let AttritionTest::Index(_) = step.test else {
                answers.push((column, value));
                continue;
            };
            answers.push((column, value.clone().is_known()));
            let key = block.key.first().cloned().unwrap_or_else(|| Expr::null(Type::Text));
            let mut columns = vec![(person.clone(), key), (INDEX.to_owned(), value)];
            columns.extend(answers.iter().cloned());
            let select = block.select(columns, Vec::new());
            let dated = self.select(
                &format!("{name}_index"),
                "each permitted person with the index date, if there is one",
                select,
            );
            block = self.members_of(&attrition.row, dated, false);
            let alias = block.joins.last().map_or_else(String::new, |join| join.source.alias().to_owned());
            for (column, answer) in &mut answers {
                *answer = Expr::column(&alias, column, Type::Bool);
            }
        }
        let key = block.key.first().cloned().unwrap_or_else(|| Expr::null(Type::Text));
        let person_type = key.ty();
        let mut columns = vec![(person.clone(), key)];
        columns.extend(answers);
        let steps: Vec<String> = columns.iter().skip(1).map(|(name, _)| name.clone()).collect();
        let select = block.select(columns, Vec::new());
        let asked = self.select(
            &format!("{name}_steps"),
            "each permitted person with the answers to all steps",
            select,
        );

        let answer = |column: &String| Expr::column("person", column, Type::Bool);
        let fails = |column: &String| Expr::IsTrue(Box::new(answer(column))).not();
        let places: Vec<(i64, &String)> = (1..).zip(&steps).collect();
        let members = i64::try_from(steps.len()).unwrap_or(i64::MAX).saturating_add(1);
        let arms = |places: &mut dyn Iterator<Item = &(i64, &String)>| {
            places.map(|(place, column)| (fails(column), Expr::int(*place))).collect()
        };
        let unknown = steps.iter().map(|column| (fails(column), answer(column).is_null())).collect();
        let columns = vec![
            (person.clone(), Expr::column("person", &person, person_type)),
            ("first_failed".to_owned(), case(arms(&mut places.iter()), Expr::int(members))),
            ("last_failed".to_owned(), case(arms(&mut places.iter().rev()), Expr::int(0))),
            ("unknown".to_owned(), case(unknown, Expr::bool(false))),
        ];
        let left = self.select(
            &format!("{name}_left"),
            "the first and the last step that each of them does not pass",
            block_of(from(asked, "person"), columns),
        );

        let keys = [("first_failed", Type::Int), ("last_failed", Type::Int), ("unknown", Type::Bool)];
        let by: Vec<(String, Expr)> =
            keys.iter().map(|(key, ty)| ((*key).to_owned(), Expr::column("person", key, *ty))).collect();
        let people = Expr::Aggregate(Box::new(Aggregate {
            function: AggregateFunction::Count,
            argument: Some(Expr::column("person", &person, person_type)),
            distinct: true,
            filter: None,
        }));
        let mut columns = by.clone();
        columns.push(("people".to_owned(), people));
        let result = self.select(
            &format!("{name}_result"),
            "how many people leave where",
            Select {
                group: Some(by.into_iter().map(|(_, key)| key).collect()),
                ..block_of(from(left, "person"), columns)
            },
        );
        let columns = self.columns(result).to_vec();
        let source = &self.model.entity(attrition.row.entity).plural;
        let shape = Shape {
            attrition: Some(Attrition {
                first: raw_of(&columns, "first_failed"),
                last: raw_of(&columns, "last_failed"),
                unknown: raw_of(&columns, "unknown"),
                people: raw_of(&columns, "people"),
                source: source.clone(),
                steps: attrition
                    .steps
                    .iter()
                    .map(|step| AttritionStep {
                        cohort: step.cohort.clone(),
                        words: step.words.clone(),
                        index: matches!(step.test, AttritionTest::Index(_)),
                    })
                    .collect(),
            }),
            raw: columns,
            ..Shape::default()
        };
        let order = keys
            .iter()
            .map(|(key, _)| Order {
                key: self.column(result, &format!("{name}_result"), key),
                descending: false,
                nulls_first: false,
            })
            .collect();
        self.finished(result, order, shape)
    }
}

/// The first of the arms, or what is left where there are none.
fn case(arms: Vec<(Expr, Expr)>, otherwise: Expr) -> Expr {
    if arms.is_empty() { otherwise } else { Expr::Case { arms, otherwise: Box::new(otherwise) } }
}
