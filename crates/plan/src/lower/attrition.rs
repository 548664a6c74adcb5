//! `attrition of`: every permitted person with the answers to all steps, and how many leave where.
//!
//! All steps are asked of everybody, also of who left before: that a step would gain people if it were
//! dropped is known only so. Index date and exit become steps of their own, because what is asked after them is
//! asked of a row that has them. A match or a draw chooses among those who pass all before, so it is asked
//! only who is taken.

use super::block::Block;
use super::choose::CASE;
use super::{Lowering, block_of, from, named};
use crate::expr::{Aggregate, AggregateFunction, Expr, Function, Order, Type};
use crate::lower::cohort::INDEX;
use crate::lower::groups::raw_of;
use crate::shape::{Attrition, AttritionStep, AttritionStepKind, Shape};
use crate::step::{Body, Join, JoinKind, Plan, Select, StepId};
use types::{AttritionTest, CohortId, Exit, Row};

/// The answers so far: the column of each step and what is in it.
type Answers = Vec<(String, Expr)>;

impl Lowering<'_> {
    pub(crate) fn attrition(&mut self, name: &str, attrition: &types::Attrition) -> Plan {
        let of_events = attrition.of_events();
        let mut block = self.people(&attrition.row, None);
        let mut answers: Answers = Vec::new();
        let mut cases = Vec::new();
        let mut idle = Vec::new();
        let mut events = false;
        for (step, number) in attrition.steps.iter().zip(1..) {
            let answer = match &step.test {
                AttritionTest::Rule(rule) => self.expr(&mut block, rule),
                AttritionTest::Index(date) => {
                    let date = self.expr(&mut block, date);
                    let dated = vec![(INDEX.to_owned(), date.clone())];
                    answers.push((column(number), date.is_known()));
                    let what = ("index", "each permitted person with the index date, if there is one");
                    block = self.with_answers(name, what, &attrition.row, block, dated, &mut answers);
                    continue;
                }
                AttritionTest::Each { rows, date } => {
                    let days = self.each_day(&mut block, rows, date);
                    block = self.each_event(name, number, &attrition.row, block, days, &mut answers);
                    events = true;
                    continue;
                }
                AttritionTest::Exit(exit) => {
                    let last = self.query.cohorts.get(attrition.cohort.0 as usize).cloned();
                    let later = last.is_none_or(|last| self.index_may_be_later(&last));
                    idle.push((number, !later));
                    let begun =
                        Expr::at_most(self.index_of(&mut block, attrition.row.id), Expr::date(self.as_of()));
                    answers.push((column(number), if later { begun } else { Expr::bool(true) }));
                    block = self.with_exit(name, &attrition.row, block, exit, events, &mut answers);
                    continue;
                }
                AttritionTest::Choice { of, keys } => {
                    let taken = self.cohort(*of);
                    let person = block.key.first().cloned().unwrap_or_else(|| Expr::null(Type::Text));
                    let subject = self.subject_key();
                    let taken = Expr::InStep { values: vec![person], step: taken, columns: vec![subject] };
                    let mut arms = vec![(taken, Expr::bool(true))];
                    let unknown: Vec<Expr> =
                        keys.iter().map(|key| self.expr(&mut block, key).is_null()).collect();
                    if !unknown.is_empty() {
                        arms.push((Expr::Or(unknown), Expr::null(Type::Bool)));
                    }
                    cases.extend(self.cases(name, number, *of));
                    Expr::Case { arms, otherwise: Box::new(Expr::bool(false)) }
                }
            };
            answers.push((column(number), answer));
        }
        let person = self.subject_key();
        let mut columns = self.member_columns(&block, &attrition.row);
        columns.retain(|(name, _)| *name == person || (of_events && name == INDEX));
        let kept: Vec<(String, Type)> =
            columns.iter().map(|(name, value)| (name.clone(), value.ty())).collect();
        columns.extend(answers.iter().cloned());
        let select = block.select(columns, Vec::new());
        let asked = self.select(
            &format!("{name}_steps"),
            "each permitted person with the answers to all steps",
            select,
        );
        let left = self.left(name, asked, &kept, &answers);
        let steps: Vec<AttritionStep> = attrition
            .steps
            .iter()
            .zip(1..)
            .map(|(step, number)| AttritionStep {
                cohort: step.cohort.clone(),
                words: step.words.clone(),
                kind: match step.test {
                    AttritionTest::Index(_) | AttritionTest::Each { .. } => AttritionStepKind::Index,
                    AttritionTest::Rule(_) => AttritionStepKind::Rule,
                    AttritionTest::Exit(_) => {
                        AttritionStepKind::Exit { idle: idle.contains(&(number, true)) }
                    }
                    AttritionTest::Choice { of, .. } => {
                        let cohort = self.query.cohorts.get(of.0 as usize);
                        let matched = cohort.is_some_and(|cohort| cohort.matched.is_some());
                        if matched { AttritionStepKind::Match } else { AttritionStepKind::Draw }
                    }
                },
                droppable: matches!(step.test, AttritionTest::Rule(_) | AttritionTest::Choice { .. })
                    && !attrition
                        .steps
                        .iter()
                        .skip(number)
                        .any(|later| matches!(later.test, AttritionTest::Choice { .. })),
            })
            .collect();
        if of_events {
            self.events_result(name, attrition, left, steps, cases)
        } else {
            self.people_result(name, attrition, left, steps, cases)
        }
    }

    /// The block over a step that has the answers so far.
    fn answered(&mut self, row: &Row, step: StepId, events: bool, answers: &mut Answers) -> Block {
        let block = self.members_of(row, step, events);
        let alias = block.joins.last().map_or_else(String::new, |join| join.source.alias().to_owned());
        for (column, answer) in answers {
            *answer = Expr::column(&alias, column, Type::Bool);
        }
        block
    }

    /// A step of all people with what is known of them and their answers so far, and the block over it.
    fn with_answers(
        &mut self,
        name: &str,
        (what, comment): (&str, &str),
        row: &Row,
        block: Block,
        more: Vec<(String, Expr)>,
        answers: &mut Answers,
    ) -> Block {
        let mut columns = self.member_columns(&block, row);
        columns.extend(more);
        columns.extend(answers.iter().cloned());
        let select = block.select(columns, Vec::new());
        let step = self.select(&format!("{name}_{what}"), comment, select);
        self.answered(row, step, false, answers)
    }

    /// Each of them with the exit and the answers so far, and the block over that.
    fn with_exit(
        &mut self,
        name: &str,
        row: &Row,
        mut block: Block,
        exit: &Exit,
        events: bool,
        answers: &mut Answers,
    ) -> Block {
        let dates = self.exit_dates(&mut block, row.id, exit);
        let mut columns = self.member_columns(&block, row);
        columns.extend(answers.iter().cloned());
        let kept: Vec<(String, Type)> =
            columns.iter().map(|(name, value)| (name.clone(), value.ty())).collect();
        columns.extend(dates);
        let select = block.select(columns, Vec::new());
        let dates = self.select(&format!("{name}_exits"), "dates of exit on or after the index date", select);
        let mut columns: Vec<(String, Expr)> =
            kept.iter().map(|(name, ty)| (name.clone(), Expr::column("member", name, *ty))).collect();
        columns.extend(self.earliest_exit("member", exit));
        let step = self.select(
            &format!("{name}_exit"),
            "each of them with the earliest exit",
            block_of(from(dates, "member"), columns),
        );
        self.answered(row, step, events, answers)
    }

    /// Each permitted person with each index date, and those without any.
    fn each_event(
        &mut self,
        name: &str,
        number: usize,
        row: &Row,
        block: Block,
        days: Select,
        answers: &mut Answers,
    ) -> Block {
        let days = self.select(&format!("{name}_days"), "index dates of all permitted people", days);
        let mut columns = self.member_columns(&block, row);
        columns.extend(answers.iter().cloned());
        let select = block.select(columns, Vec::new());
        let people = self.select(&format!("{name}_people"), "each permitted person", select);
        let person = self.subject_key();
        let day = Expr::column("event", INDEX, Type::Date);
        let of_event = Expr::column("event", &person, Type::Text);
        let mut columns: Vec<(String, Expr)> = self
            .columns(people)
            .iter()
            .map(|(name, ty)| (name.clone(), Expr::column("person", name, *ty)))
            .collect();
        columns.push((INDEX.to_owned(), day.clone()));
        columns.push((column(number), day.is_known()));
        let select = Select {
            joins: vec![Join {
                kind: JoinKind::Left,
                source: from(days, "event"),
                on: Expr::equal(of_event, Expr::column("person", &person, Type::Text)),
            }],
            ..block_of(from(people, "person"), columns)
        };
        let step =
            self.select(&format!("{name}_index"), "each of them on each index date, or without one", select);
        answers.push((column(number), Expr::bool(true)));
        self.answered(row, step, true, answers)
    }

    /// Everybody, or every event, with the first and the last step that is not passed.
    fn left(&mut self, name: &str, asked: StepId, kept: &[(String, Type)], answers: &Answers) -> StepId {
        let steps: Vec<&String> = answers.iter().map(|(name, _)| name).collect();
        let answer = |column: &String| Expr::column("person", column, Type::Bool);
        let fails = |column: &String| Expr::IsTrue(Box::new(answer(column))).not();
        let places: Vec<(i64, &String)> = (1..).zip(steps.iter().copied()).collect();
        let members = i64::try_from(steps.len()).unwrap_or(i64::MAX).saturating_add(1);
        let arms = |places: &mut dyn Iterator<Item = &(i64, &String)>| {
            places.map(|(place, column)| (fails(column), Expr::int(*place))).collect()
        };
        let unknown = steps.iter().map(|column| (fails(column), answer(column).is_null())).collect();
        let mut columns: Vec<(String, Expr)> =
            kept.iter().map(|(name, ty)| (name.clone(), Expr::column("person", name, *ty))).collect();
        columns.extend(named([
            ("first_failed", case(arms(&mut places.iter()), Expr::int(members))),
            ("last_failed", case(arms(&mut places.iter().rev()), Expr::int(0))),
            ("unknown", case(unknown, Expr::bool(false))),
        ]));
        self.select(
            &format!("{name}_left"),
            "the first and the last step that each of them does not pass",
            block_of(from(asked, "person"), columns),
        )
    }

    /// People by where they leave.
    fn people_result(
        &mut self,
        name: &str,
        attrition: &types::Attrition,
        left: StepId,
        steps: Vec<AttritionStep>,
        cases: Vec<(i64, StepId)>,
    ) -> Plan {
        let keys = [("first_failed", Type::Int), ("last_failed", Type::Int), ("unknown", Type::Bool)];
        let by: Vec<(String, Expr)> =
            keys.iter().map(|(key, ty)| ((*key).to_owned(), Expr::column("person", key, *ty))).collect();
        let person = self.column(left, "person", &self.subject_key());
        let mut columns = by.clone();
        columns.push(("people".to_owned(), distinct(person, None)));
        let people = Select {
            group: Some(by.into_iter().map(|(_, key)| key).collect()),
            ..block_of(from(left, "person"), columns)
        };
        let result = self.with_cases(name, "how many people leave where", people, &cases);
        let columns = self.columns(result).to_vec();
        let shape = Shape {
            attrition: Some(Attrition {
                first: raw_of(&columns, "first_failed"),
                last: raw_of(&columns, "last_failed"),
                unknown: raw_of(&columns, "unknown"),
                people: raw_of(&columns, "people"),
                events: None,
                cases: (!cases.is_empty()).then(|| raw_of(&columns, "cases_of")),
                source: self.model.entity(attrition.row.entity).plural.clone(),
                steps,
            }),
            raw: columns,
            ..Shape::default()
        };
        let mut keys: Vec<&str> = keys.iter().map(|(key, _)| *key).collect();
        if !cases.is_empty() {
            keys.insert(0, "cases_of");
        }
        self.ordered(result, name, &keys, shape)
    }

    /// The last step in the order of some of its columns.
    pub(super) fn ordered(&mut self, result: StepId, name: &str, keys: &[&str], shape: Shape) -> Plan {
        let alias = format!("{name}_result");
        let order = keys
            .iter()
            .map(|key| Order { key: self.column(result, &alias, key), descending: false, nulls_first: false })
            .collect();
        self.finished(result, order, shape)
    }

    /// Cases of a match by what they got: `first_failed` 0, 1 or 2 as [`Attrition::cases`] says.
    fn cases(&mut self, name: &str, number: usize, of: CohortId) -> Option<(i64, StepId)> {
        let matched = self.query.cohorts.get(of.0 as usize)?.matched.clone()?;
        let taken = self.cohort(of);
        let mut block = self.people(&matched.case, Some(matched.cases));
        let key = block.key.first().cloned().unwrap_or_else(|| Expr::null(Type::Text));
        let known: Vec<Expr> =
            matched.keys.iter().map(|key| self.expr(&mut block, &key.case).is_known()).collect();
        let select = block.select(named([(CASE, key), ("known", Expr::and(known))]), Vec::new());
        let cases = self.select(
            &format!("{name}_cases_{number}"),
            "the cases of the match, and whether all their keys are known",
            select,
        );
        let case = Expr::column("control", CASE, Type::Text);
        let counted = self.select(
            &format!("{name}_taken_{number}"),
            "how many controls each of them got",
            Select {
                group: Some(vec![case.clone()]),
                ..block_of(from(taken, "control"), named([(CASE, case), ("controls", Expr::count(None))]))
            },
        );
        let case = Expr::column("case", CASE, Type::Text);
        let controls = Expr::column("taken", "controls", Type::Int);
        let controls = Expr::Call(Function::Coalesce, vec![controls, Expr::int(0)]);
        let got = case_of([
            (Expr::column("case", "known", Type::Bool).not(), Expr::int(2)),
            (Expr::less(controls, Expr::int(matched.count)), Expr::int(1)),
        ]);
        let select = Select {
            joins: vec![Join {
                kind: JoinKind::Left,
                source: from(counted, "taken"),
                on: Expr::equal(Expr::column("taken", CASE, Type::Text), case.clone()),
            }],
            ..block_of(from(cases, "case"), named([(CASE, case), ("got", got)]))
        };
        let served = self.select(
            &format!("{name}_served_{number}"),
            "what each case got: 0 all, 1 fewer, 2 none, for want of a key",
            select,
        );
        Some((i64::try_from(number).unwrap_or(i64::MAX), served))
    }

    /// The result, with rows of cases where there are any.
    pub(super) fn with_cases(
        &mut self,
        name: &str,
        comment: &str,
        mut people: Select,
        cases: &[(i64, StepId)],
    ) -> StepId {
        let name = format!("{name}_result");
        if cases.is_empty() {
            return self.select(&name, comment, people);
        }
        let shape: Vec<(String, Type)> =
            people.columns.iter().map(|(name, value)| (name.clone(), value.ty())).collect();
        people.columns.insert(0, ("cases_of".to_owned(), Expr::int(0)));
        let mut all = vec![people];
        for (number, served) in cases {
            let got = Expr::column("case", "got", Type::Int);
            let mut columns = vec![("cases_of".to_owned(), Expr::int(*number))];
            columns.extend(shape.iter().zip(0..).map(|((name, ty), at)| {
                let value = match (at, name.as_str()) {
                    (0, _) => got.clone(),
                    (_, "people") => distinct(Expr::column("case", CASE, Type::Text), None),
                    (..) => zero(*ty),
                };
                (name.clone(), value)
            }));
            let select = Select { group: Some(vec![got]), ..block_of(from(*served, "case"), columns) };
            all.push(select);
        }
        self.step(&name, format!("{comment}, and what cases got"), Body::UnionAll(all))
    }
}

fn column(number: usize) -> String {
    format!("step_{number}")
}

fn zero(ty: Type) -> Expr {
    if ty == Type::Bool { Expr::bool(false) } else { Expr::int(0) }
}

/// The number of different values where a condition is true.
pub(super) fn distinct(of: Expr, filter: Option<Expr>) -> Expr {
    let function = AggregateFunction::Count;
    Expr::Aggregate(Box::new(Aggregate { function, argument: Some(of), distinct: true, filter }))
}

/// The first of the arms, or 0.
fn case_of<const N: usize>(arms: [(Expr, Expr); N]) -> Expr {
    case(arms.into_iter().collect(), Expr::int(0))
}

/// The first of the arms, or what is left where there are none.
fn case(arms: Vec<(Expr, Expr)>, otherwise: Expr) -> Expr {
    if arms.is_empty() { otherwise } else { Expr::Case { arms, otherwise: Box::new(otherwise) } }
}
