//! The attrition of an event cohort: subjects and events, counted apart.
//!
//! A subject comes as far as the furthest of its events, and a number of events has the subjects that it is
//! made of beside it. Neither adds up over steps, so both are counted for all steps from i to j together, for
//! every i and j: which of them are told is decided later, by who they are.

use super::attrition::distinct;
use super::{Lowering, block_of, from, named};
use crate::expr::{Aggregate, AggregateFunction, Comparison, Expr, Type, Value, Window};
use crate::lower::cohort::INDEX;
use crate::lower::groups::raw_of;
use crate::shape::{Attrition, AttritionEvents, AttritionStep, Shape};
use crate::step::{Body, Join, JoinKind, Plan, Select, StepId};
use types::AttritionTest;

impl Lowering<'_> {
    /// Subjects and events of all steps from one to another together.
    pub(super) fn events_result(
        &mut self,
        name: &str,
        attrition: &types::Attrition,
        left: StepId,
        steps: Vec<AttritionStep>,
        cases: Vec<(i64, StepId)>,
    ) -> Plan {
        let int = |alias: &str, column: &str| Expr::column(alias, column, Type::Int);
        let subject = self.subject_key();
        let person = Expr::column("event", &subject, Type::Text);
        let furthest = Expr::Window(Box::new(Window {
            aggregate: Some(Aggregate {
                function: AggregateFunction::Max,
                argument: Some(int("event", "first_failed")),
                distinct: false,
                filter: None,
            }),
            partition: vec![person.clone()],
            order: Vec::new(),
            before: false,
        }));
        let mut columns: Vec<(String, Expr)> = self
            .columns(left)
            .iter()
            .map(|(name, ty)| (name.clone(), Expr::column("event", name, *ty)))
            .collect();
        columns.push(("furthest".to_owned(), furthest));
        let left = self.select(
            &format!("{name}_furthest"),
            "each event with the step that the furthest event of its subject comes to",
            block_of(from(left, "event"), columns),
        );

        let members = i64::try_from(steps.len()).unwrap_or(i64::MAX).saturating_add(1);
        let blocks = (1..members)
            .flat_map(|first| (first..members).map(move |last| (first, last)))
            .chain([(members, members)])
            .map(|(first, last)| vec![Value::Int(first), Value::Int(last)])
            .collect();
        let blocks = self.step(&format!("{name}_blocks"), "steps in a row", Body::Values(blocks));
        if let Some(step) = self.steps.get_mut(blocks.0 as usize) {
            step.columns = vec![("first".to_owned(), Type::Int), ("last".to_owned(), Type::Int)];
        }

        let (first, last) = (int("steps", "first"), int("steps", "last"));
        let failed = int("event", "first_failed");
        let here = Expr::at_most(int("event", "furthest"), last.clone());
        let unknown = Expr::column("event", "unknown", Type::Bool);
        let only = Expr::at_most(int("event", "last_failed"), last.clone());
        let no_member = Expr::less(int("event", "furthest"), Expr::int(members));
        let event = Expr::column("event", INDEX, Type::Date).is_known();
        let furthest = Expr::equal(failed.clone(), int("event", "furthest"));
        let people = |all: Vec<Expr>| distinct(person.clone(), Some(Expr::and(all)));
        let events = |all: Vec<Expr>| Expr::count(Some(Expr::and(all)));
        let gained = vec![event.clone(), only.clone(), no_member];
        let columns = named([
            ("first", first.clone()),
            ("last", last.clone()),
            ("people", people(vec![here.clone()])),
            ("unknown", people(vec![here.clone(), furthest, unknown.clone()])),
            ("gained", people(gained.clone())),
            ("gained_here", people(gained.into_iter().chain([here]).collect())),
            ("events", events(vec![event.clone()])),
            ("events_people", people(vec![event.clone()])),
            ("unknown_events", events(vec![event.clone(), unknown.clone()])),
            ("unknown_people", people(vec![event.clone(), unknown.clone()])),
            ("out_people", people(vec![event.clone(), unknown.not()])),
            ("gained_events", events(vec![event.clone(), only.clone()])),
            ("gained_people", people(vec![event.clone(), only.clone()])),
            ("beside_people", people(vec![event, only.not()])),
        ]);
        let select = Select {
            joins: vec![Join {
                kind: JoinKind::Inner,
                source: from(blocks, "steps"),
                on: Expr::and([
                    Expr::compare(Comparison::GreaterOrEqual, failed.clone(), first.clone()),
                    Expr::at_most(failed, last.clone()),
                ]),
            }],
            group: Some(vec![first, last]),
            ..block_of(from(left, "event"), columns)
        };
        let result = self.with_cases(name, "how many subjects and events leave where", select, &cases);
        let columns = self.columns(result).to_vec();
        let raw = |name: &str| raw_of(&columns, name);
        let index = attrition
            .steps
            .iter()
            .position(|step| matches!(step.test, AttritionTest::Each { .. }))
            .map_or(0, |place| place + 1);
        let attrition = Attrition {
            first: raw("first"),
            last: raw("last"),
            unknown: raw("unknown"),
            people: raw("people"),
            events: Some(AttritionEvents {
                index,
                gained: raw("gained"),
                gained_here: raw("gained_here"),
                events: raw("events"),
                events_people: raw("events_people"),
                unknown_events: raw("unknown_events"),
                unknown_people: raw("unknown_people"),
                out_people: raw("out_people"),
                gained_events: raw("gained_events"),
                gained_people: raw("gained_people"),
                beside_people: raw("beside_people"),
            }),
            cases: (!cases.is_empty()).then(|| raw("cases_of")),
            source: self.model.entity(attrition.row.entity).plural.clone(),
            steps,
        };
        let shape = Shape { attrition: Some(attrition), raw: columns, ..Shape::default() };
        let keys: &[&str] =
            if cases.is_empty() { &["first", "last"] } else { &["cases_of", "first", "last"] };
        self.ordered(result, name, keys, shape)
    }
}
