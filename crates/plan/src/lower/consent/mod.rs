//! Who is permitted: section 3 of consent-and-policy.md as steps.
//!
//! The fold of 3.2 is computed in its closed form (see `policy::consent`): of the events in force, the
//! last grant, renewal or amendment is the holder; what came after it decides whether the state is
//! withdrawn, suspended, cut off or marked. The same steps answer for any list of questions
//! (subject, own sample, day), so the guard and `consent valid at E` are one thing.
//!
//! Answers are numbers: 0 no, 1 refer, 2 yes; the least of several is "no outweighs refer".

mod events;
mod scope;

use super::{Lowering, block_of, from, named};
use crate::expr::{Aggregate, AggregateFunction, Comparison, Expr, Function, Type};
use crate::step::{Body, Join, JoinKind, Select, Source, StepId};
use policy::consent::Purpose;

pub(super) const NO: i64 = 0;
pub(super) const REFER: i64 = 1;
pub(super) const YES: i64 = 2;

pub(super) fn text(alias: &str, column: &str) -> Expr {
    Expr::column(alias, column, Type::Text)
}

pub(super) fn date(alias: &str, column: &str) -> Expr {
    Expr::column(alias, column, Type::Date)
}

pub(super) fn number(alias: &str, column: &str) -> Expr {
    Expr::column(alias, column, Type::Int)
}

pub(super) fn inner(source: Source, on: impl IntoIterator<Item = Expr>) -> Join {
    Join { kind: JoinKind::Inner, source, on: Expr::and(on) }
}

pub(super) fn left(source: Source, on: impl IntoIterator<Item = Expr>) -> Join {
    Join { kind: JoinKind::Left, source, on: Expr::and(on) }
}

pub(super) fn case(arms: Vec<(Expr, Expr)>, otherwise: Expr) -> Expr {
    Expr::Case { arms, otherwise: Box::new(otherwise) }
}

/// The aggregate of rows for which a condition is true.
pub(super) fn filtered(function: AggregateFunction, argument: Expr, filter: Expr) -> Expr {
    Expr::Aggregate(Box::new(Aggregate {
        function,
        argument: Some(argument),
        distinct: false,
        filter: Some(filter),
    }))
}

pub(super) fn some(filter: Expr) -> Expr {
    Expr::compare(Comparison::Greater, Expr::count(Some(filter)), Expr::int(0))
}

/// A value that is false where it is not known.
pub(super) fn surely(condition: Expr) -> Expr {
    Expr::IsTrue(Box::new(condition))
}

pub(super) fn same_question(a: &str, b: &str) -> [Expr; 3] {
    [
        Expr::equal(text(a, "subject_id"), text(b, "subject_id")),
        Expr::equal(text(a, "own"), text(b, "own")),
        Expr::equal(date(a, "at"), date(b, "at")),
    ]
}

pub(super) fn linked(table: &str, alias: &str) -> Source {
    Source::Linked { table: table.to_owned(), alias: alias.to_owned() }
}

impl Lowering<'_> {
    /// The table of people as `subject`, and the column that tells them apart.
    pub(super) fn person_table(&self) -> (Source, String) {
        let subject = self.model.subject().map(|id| self.model.entity(id));
        let table = subject.map_or("subject", |subject| subject.table.as_str());
        let key = subject.and_then(|subject| Some(subject.column(*subject.key.first()?).name.as_str()));
        (linked(table, "subject"), key.unwrap_or("subject_id").to_owned())
    }

    /// The step `permitted`: `subject_id`, `cut_off`.
    pub(crate) fn permitted(&mut self) -> StepId {
        if let Some(step) = self.once.get("permitted") {
            return *step;
        }
        let decisions = self.decisions();
        let select = Select {
            filter: Some(Expr::and([
                Expr::equal(text("decision", "own"), Expr::text("")),
                Expr::equal(number("decision", "answer"), Expr::int(YES)),
            ])),
            ..block_of(
                from(decisions, "decision"),
                named([
                    ("subject_id", text("decision", "subject_id")),
                    ("cut_off", date("decision", "cut_off")),
                ]),
            )
        };
        let step = self.select("permitted", "people whose consent covers the purpose on both dates", select);
        self.fence(step);
        self.once.insert("permitted", step);
        step
    }

    /// The step `permitted_sample`: `sample_id`, `cut_off`: of permitted subjects, and where the sample
    /// has events of its own, permitted by them too.
    pub(crate) fn permitted_sample(&mut self) -> StepId {
        if let Some(step) = self.once.get("permitted_sample") {
            return *step;
        }
        let permitted = self.permitted();
        let decisions = self.decisions();
        let select = Select {
            joins: vec![
                inner(
                    from(permitted, "permitted"),
                    [Expr::equal(text("sample", "subject_id"), text("permitted", "subject_id"))],
                ),
                left(
                    from(decisions, "decision"),
                    [
                        Expr::equal(text("decision", "subject_id"), text("sample", "subject_id")),
                        Expr::equal(text("decision", "own"), text("sample", "sample_id")),
                    ],
                ),
            ],
            filter: Some(Expr::Or(vec![
                text("decision", "own").is_null(),
                Expr::equal(number("decision", "answer"), Expr::int(YES)),
            ])),
            ..block_of(
                linked("sample", "sample"),
                named([
                    ("sample_id", text("sample", "sample_id")),
                    (
                        "cut_off",
                        Expr::Call(
                            Function::Least,
                            vec![date("permitted", "cut_off"), date("decision", "cut_off")],
                        ),
                    ),
                ]),
            )
        };
        let step = self.select(
            "permitted_sample",
            "samples of permitted people, and permitted by their own events",
            select,
        );
        self.fence(step);
        self.once.insert("permitted_sample", step);
        step
    }

    /// The step `consent_decision`: every subject and every sample with events of its own, at D and U.
    pub(crate) fn decisions(&mut self) -> StepId {
        if let Some(step) = self.once.get("decisions") {
            return *step;
        }
        let asked = self.asked();
        let mut answered = Vec::new();
        // Where the query narrows the agreement's purpose, the guard asks for both.
        let purposes: Vec<Purpose> =
            self.grounds.purpose.iter().chain(&self.grounds.agreed).cloned().collect();
        for (purpose, prefix) in purposes.iter().zip(["consent", "agreed"]) {
            answered.push(self.answers(asked, prefix, purpose, Some(self.grounds.used_on)));
        }
        let answered = match answered.as_slice() {
            // Without a purpose nobody is permitted.
            [] => {
                let columns = self.unanswered("asked");
                self.select(
                    "consent_answer",
                    "no purpose, so nobody",
                    block_of(from(asked, "asked"), columns),
                )
            }
            [one] => *one,
            several => {
                let blocks = several
                    .iter()
                    .map(|step| block_of(from(*step, "answer"), answer_columns("answer")))
                    .collect();
                self.step(
                    "consent_both",
                    "answers for the narrower purpose and for the agreement's",
                    Body::UnionAll(blocks),
                )
            }
        };
        let select = Select {
            group: Some(vec![text("answer", "subject_id"), text("answer", "own")]),
            ..block_of(
                from(answered, "answer"),
                named([
                    ("subject_id", text("answer", "subject_id")),
                    ("own", text("answer", "own")),
                    ("answer", Expr::aggregate(AggregateFunction::Min, number("answer", "answer"))),
                    ("cut_off", Expr::aggregate(AggregateFunction::Min, date("answer", "cut_off"))),
                ]),
            )
        };
        let step = self.select(
            "consent_decision",
            "no outweighs refer, over both dates; the earlier cut-off holds",
            select,
        );
        self.fence(step);
        self.once.insert("decisions", step);
        step
    }

    /// Every sample on the day of its collection, for `consent valid at`.
    pub(crate) fn decisions_when_collected(&mut self) -> StepId {
        let collected = || date("sample", "collected_on");
        let asked = |own: Expr| Select {
            distinct: true,
            filter: Some(collected().is_known()),
            ..block_of(
                linked("sample", "sample"),
                named([("subject_id", text("sample", "subject_id")), ("own", own), ("at", collected())]),
            )
        };
        let blocks = vec![asked(Expr::text("")), asked(text("sample", "sample_id"))];
        let asked =
            self.step("consent_asked_row", "samples on the day of collection", Body::UnionAll(blocks));
        match self.grounds.purpose.clone() {
            Some(purpose) => self.answers(asked, "consent", &purpose, None),
            None => {
                let columns = self.unanswered("asked");
                self.select(
                    "consent_answer",
                    "no purpose, so nobody",
                    block_of(from(asked, "asked"), columns),
                )
            }
        }
    }

    pub(crate) fn unanswered(&self, alias: &str) -> Vec<(String, Expr)> {
        named([
            ("subject_id", text(alias, "subject_id")),
            ("own", text(alias, "own")),
            ("at", date(alias, "at")),
            ("answer", Expr::int(NO)),
            ("cut_off", Expr::null(Type::Date)),
        ])
    }

    /// The questions of the guard: everybody at D and at U, and samples with events of their own.
    pub(crate) fn asked(&mut self) -> StepId {
        let kept = self.kept_events();
        let mut days = vec![self.as_of()];
        if self.grounds.used_on != self.as_of() {
            days.push(self.grounds.used_on);
        }
        let mut blocks = Vec::new();
        for day in days {
            let (people, key) = self.person_table();
            blocks.push(block_of(
                people,
                named([
                    ("subject_id", text("subject", &key)),
                    ("own", Expr::text("")),
                    ("at", Expr::date(day)),
                ]),
            ));
            blocks.push(Select {
                distinct: true,
                filter: Some(Expr::compare(Comparison::NotEqual, text("event", "own"), Expr::text(""))),
                ..block_of(
                    from(kept, "event"),
                    named([
                        ("subject_id", text("event", "subject_id")),
                        ("own", text("event", "own")),
                        ("at", Expr::date(day)),
                    ]),
                )
            });
        }
        self.step(
            "consent_asked",
            "everybody, and samples with events of their own, at the date of the question and of use",
            Body::UnionAll(blocks),
        )
    }

    /// Answers questions (`subject_id`, `own`, `at`): the same columns with `answer` and `cut_off`.
    /// `used_on` is U for TS and MOR; without it the day asked about stands for it.
    pub(crate) fn answers(
        &mut self,
        asked: StepId,
        prefix: &str,
        purpose: &Purpose,
        used_on: Option<jiff::civil::Date>,
    ) -> StepId {
        let state = self.states(asked, prefix);
        let scope = self.scopes(state, prefix, purpose, used_on);
        let contact = purpose.has(policy::consent::Flag::Contact);
        let marked =
            if contact { Expr::column("state", "no_contact", Type::Bool) } else { Expr::bool(false) };
        let select = Select {
            joins: vec![
                left(from(state, "state"), same_question("state", "asked")),
                left(
                    from(scope, "scope"),
                    [
                        Expr::equal(text("scope", "event_id"), text("state", "event_id")),
                        Expr::equal(date("scope", "at"), date("state", "at")),
                    ],
                ),
            ],
            ..block_of(
                from(asked, "asked"),
                named([
                    ("subject_id", text("asked", "subject_id")),
                    ("own", text("asked", "own")),
                    ("at", date("asked", "at")),
                    (
                        "answer",
                        case(
                            vec![
                                (text("state", "event_id").is_null(), Expr::int(NO)),
                                (surely(marked), Expr::int(NO)),
                            ],
                            Expr::Call(Function::Coalesce, vec![number("scope", "answer"), Expr::int(NO)]),
                        ),
                    ),
                    ("cut_off", date("state", "cut_off")),
                ]),
            )
        };
        self.select(
            &format!("{prefix}_answer"),
            "the state's scope against the purpose: 0 no, 1 refer, 2 yes",
            select,
        )
    }
}

fn answer_columns(alias: &str) -> Vec<(String, Expr)> {
    named([
        ("subject_id", text(alias, "subject_id")),
        ("own", text(alias, "own")),
        ("at", date(alias, "at")),
        ("answer", number(alias, "answer")),
        ("cut_off", date(alias, "cut_off")),
    ])
}
