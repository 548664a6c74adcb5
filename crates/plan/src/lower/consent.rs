//! Who is permitted: section 3 of consent-and-policy.md as steps.
//!
//! The fold of 3.2 is computed in its closed form (see `policy::consent`): of the events in force, the
//! last grant, renewal or amendment is the holder; what came after it decides whether the state is
//! withdrawn, suspended, cut off or marked. The same steps answer for any list of questions
//! (subject, own sample, day), so the guard and `consent valid at E` are one thing.
//!
//! Answers are numbers: 0 no, 1 refer, 2 yes; the least of several is "no outweighs refer".

use super::{Lowering, block_of, from, named};
use crate::expr::{Aggregate, AggregateFunction, Comparison, Expr, Function, Order, Type, Value, Window};
use crate::step::{Body, Join, JoinKind, Select, Source, StepId};
use policy::consent::{
    Aim, BASE_TERMS, BaseTerm, Column, Cover, Death, MODIFIERS, ModifierTerm, Null, Otherwise, Purpose, Test, UnnamedRow,
};

const NO: i64 = 0;
const REFER: i64 = 1;
const YES: i64 = 2;

fn text(alias: &str, column: &str) -> Expr {
    Expr::column(alias, column, Type::Text)
}

fn date(alias: &str, column: &str) -> Expr {
    Expr::column(alias, column, Type::Date)
}

fn number(alias: &str, column: &str) -> Expr {
    Expr::column(alias, column, Type::Int)
}

fn inner(source: Source, on: impl IntoIterator<Item = Expr>) -> Join {
    Join { kind: JoinKind::Inner, source, on: Expr::and(on) }
}

fn left(source: Source, on: impl IntoIterator<Item = Expr>) -> Join {
    Join { kind: JoinKind::Left, source, on: Expr::and(on) }
}

fn case(arms: Vec<(Expr, Expr)>, otherwise: Expr) -> Expr {
    Expr::Case { arms, otherwise: Box::new(otherwise) }
}

/// The aggregate of rows for which a condition is true.
fn filtered(function: AggregateFunction, argument: Expr, filter: Expr) -> Expr {
    Expr::Aggregate(Box::new(Aggregate { function, argument: Some(argument), distinct: false, filter: Some(filter) }))
}

fn some(filter: Expr) -> Expr {
    Expr::compare(Comparison::Greater, Expr::count(Some(filter)), Expr::int(0))
}

/// A value that is false where it is not known.
fn surely(condition: Expr) -> Expr {
    Expr::IsTrue(Box::new(condition))
}

fn same_question(a: &str, b: &str) -> [Expr; 3] {
    [
        Expr::equal(text(a, "subject_id"), text(b, "subject_id")),
        Expr::equal(text(a, "own"), text(b, "own")),
        Expr::equal(date(a, "at"), date(b, "at")),
    ]
}

fn linked(table: &str, alias: &str) -> Source {
    Source::Linked { table: table.to_owned(), alias: alias.to_owned() }
}

impl Lowering<'_> {
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
                named([("subject_id", text("decision", "subject_id")), ("cut_off", date("decision", "cut_off"))]),
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
                inner(from(permitted, "permitted"), [Expr::equal(text("sample", "subject_id"), text("permitted", "subject_id"))]),
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
                        Expr::Call(Function::Least, vec![date("permitted", "cut_off"), date("decision", "cut_off")]),
                    ),
                ]),
            )
        };
        let step = self.select("permitted_sample", "samples of permitted people, and permitted by their own events", select);
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
        let purposes: Vec<Purpose> = self.grounds.purpose.iter().chain(&self.grounds.agreed).cloned().collect();
        for (purpose, prefix) in purposes.iter().zip(["consent", "agreed"]) {
            answered.push(self.answers(asked, prefix, purpose, Some(self.grounds.used_on)));
        }
        let answered = match answered.as_slice() {
            // Without a purpose nobody is permitted.
            [] => {
                let columns = self.unanswered("asked");
                self.select("consent_answer", "no purpose, so nobody", block_of(from(asked, "asked"), columns))
            }
            [one] => *one,
            several => {
                let blocks = several.iter().map(|step| block_of(from(*step, "answer"), answer_columns("answer"))).collect();
                self.step("consent_both", "answers for the narrower purpose and for the agreement's", Body::UnionAll(blocks))
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
        let step = self.select("consent_decision", "no outweighs refer, over both dates; the earlier cut-off holds", select);
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
        let asked = self.step("consent_asked_row", "samples on the day of collection", Body::UnionAll(blocks));
        match self.grounds.purpose.clone() {
            Some(purpose) => self.answers(asked, "consent", &purpose, None),
            None => {
                let columns = self.unanswered("asked");
                self.select("consent_answer", "no purpose, so nobody", block_of(from(asked, "asked"), columns))
            }
        }
    }

    fn unanswered(&self, alias: &str) -> Vec<(String, Expr)> {
        named([
            ("subject_id", text(alias, "subject_id")),
            ("own", text(alias, "own")),
            ("at", date(alias, "at")),
            ("answer", Expr::int(NO)),
            ("cut_off", Expr::null(Type::Date)),
        ])
    }

    /// The questions of the guard: everybody at D and at U, and samples with events of their own.
    fn asked(&mut self) -> StepId {
        let kept = self.kept_events();
        let mut days = vec![self.as_of()];
        if self.grounds.used_on != self.as_of() {
            days.push(self.grounds.used_on);
        }
        let mut blocks = Vec::new();
        for day in days {
            blocks.push(block_of(
                linked("subject", "subject"),
                named([("subject_id", text("subject", "subject_id")), ("own", Expr::text("")), ("at", Expr::date(day))]),
            ));
            blocks.push(Select {
                distinct: true,
                filter: Some(Expr::compare(Comparison::NotEqual, text("event", "own"), Expr::text(""))),
                ..block_of(
                    from(kept, "event"),
                    named([("subject_id", text("event", "subject_id")), ("own", text("event", "own")), ("at", Expr::date(day))]),
                )
            });
        }
        self.step("consent_asked", "everybody, and samples with events of their own, at the date of the question and of use", Body::UnionAll(blocks))
    }

    /// 3.2.1: events recorded by T. `own` is the sample, or the empty text.
    pub(crate) fn kept_events(&mut self) -> StepId {
        if let Some(step) = self.once.get("kept") {
            return *step;
        }
        let known_at = Expr::Literal(Value::Instant(self.grounds.known_at.as_second()), Type::Instant);
        let select = Select {
            filter: Some(Expr::at_most(Expr::column("event", "recorded_at", Type::Instant), known_at)),
            ..block_of(
                linked("consent_event", "event"),
                named([
                    ("event_id", text("event", "event_id")),
                    ("subject_id", text("event", "subject_id")),
                    ("own", Expr::Call(Function::Coalesce, vec![text("event", "sample_id"), Expr::text("")])),
                    ("kind", text("event", "kind")),
                    ("actor", text("event", "actor")),
                    ("effective_from", date("event", "effective_from")),
                    ("effective_until", date("event", "effective_until")),
                    ("recorded_at", Expr::column("event", "recorded_at", Type::Instant)),
                    ("withdrawal_level", text("event", "withdrawal_level")),
                    ("supersedes", text("event", "supersedes")),
                ]),
            )
        };
        let step = self.select("consent_kept", "3.2.1: consent events recorded by the instant of knowledge", select);
        self.once.insert("kept", step);
        step
    }

    /// 3.2.1: events that no acting void supersedes, and no voids.
    fn live_events(&mut self) -> StepId {
        if let Some(step) = self.once.get("live") {
            return *step;
        }
        let kept = self.kept_events();
        let columns = ["event_id", "subject_id", "own", "supersedes"];
        let voids = Select {
            filter: Some(Expr::equal(text("event", "kind"), Expr::text("void"))),
            ..block_of(
                from(kept, "event"),
                columns
                    .iter()
                    .map(|column| ((*column).to_owned(), text("event", column)))
                    .chain(named([(
                        "nth",
                        Expr::Window(Box::new(Window {
                            aggregate: None,
                            partition: vec![text("event", "subject_id"), text("event", "own")],
                            order: vec![
                                Order { key: Expr::column("event", "recorded_at", Type::Instant), descending: true, nulls_first: false },
                                Order { key: text("event", "event_id"), descending: true, nulls_first: false },
                            ],
                        })),
                    )]))
                    .collect(),
            )
        };
        let voids = self.select("consent_void", "voids, the latest first: only a later void can stop one", voids);
        let append = |list: Expr| Expr::Call(Function::ListAppend, vec![list, text("void", "supersedes")]);
        let dropped = Expr::column("later", "dropped", Type::TextList);
        let walk = Body::Recursive {
            first: Select {
                filter: Some(Expr::equal(number("void", "nth"), Expr::int(1))),
                ..block_of(
                    from(voids, "void"),
                    named([
                        ("subject_id", text("void", "subject_id")),
                        ("own", text("void", "own")),
                        ("nth", number("void", "nth")),
                        ("dropped", append(Expr::Call(Function::EmptyList, Vec::new()))),
                    ]),
                )
            },
            next: Select {
                joins: vec![inner(
                    from(voids, "void"),
                    [
                        Expr::equal(text("void", "subject_id"), text("later", "subject_id")),
                        Expr::equal(text("void", "own"), text("later", "own")),
                        Expr::equal(
                            number("void", "nth"),
                            Expr::Call(Function::AddInt, vec![number("later", "nth"), Expr::int(1)]),
                        ),
                    ],
                )],
                ..block_of(
                    Source::Round { alias: "later".to_owned() },
                    named([
                        ("subject_id", text("void", "subject_id")),
                        ("own", text("void", "own")),
                        ("nth", number("void", "nth")),
                        (
                            "dropped",
                            case(
                                vec![(
                                    Expr::Call(Function::ListContains, vec![dropped.clone(), text("void", "event_id")]),
                                    dropped.clone(),
                                )],
                                append(dropped),
                            ),
                        ),
                    ]),
                )
            },
        };
        let walk = self.step("consent_voided", "what acting voids supersede, void by void", walk);
        let struck = Select {
            distinct: true,
            joins: vec![inner(
                from(walk, "voided"),
                [
                    Expr::equal(text("voided", "subject_id"), text("event", "subject_id")),
                    Expr::equal(text("voided", "own"), text("event", "own")),
                    Expr::Call(
                        Function::ListContains,
                        vec![Expr::column("voided", "dropped", Type::TextList), text("event", "event_id")],
                    ),
                ],
            )],
            ..block_of(from(kept, "event"), named([("event_id", text("event", "event_id"))]))
        };
        let struck = self.select("consent_struck", "events that an acting void supersedes", struck);
        let bad = Select {
            distinct: true,
            filter: Some(Expr::and([
                Expr::equal(text("event", "kind"), Expr::text("void")),
                text("event", "supersedes").is_null(),
            ])),
            ..block_of(
                from(kept, "event"),
                named([("subject_id", text("event", "subject_id")), ("own", text("event", "own"))]),
            )
        };
        let bad = self.select("consent_unclear", "a void that names nothing makes its subject not valid", bad);
        let live = Select {
            filter: Some(Expr::and([
                Expr::compare(Comparison::NotEqual, text("event", "kind"), Expr::text("void")),
                Expr::InStep { values: vec![text("event", "event_id")], step: struck, columns: vec!["event_id".to_owned()] }.not(),
                Expr::InStep {
                    values: vec![text("event", "subject_id"), text("event", "own")],
                    step: bad,
                    columns: vec!["subject_id".to_owned(), "own".to_owned()],
                }
                .not(),
            ])),
            ..block_of(
                from(kept, "event"),
                ["event_id", "subject_id", "own", "kind", "actor", "withdrawal_level"]
                    .iter()
                    .map(|column| ((*column).to_owned(), text("event", column)))
                    .chain(named([
                        ("effective_from", date("event", "effective_from")),
                        ("effective_until", date("event", "effective_until")),
                        ("recorded_at", Expr::column("event", "recorded_at", Type::Instant)),
                    ]))
                    .collect(),
            )
        };
        let live = self.select("consent_live", "events that stand", live);
        self.once.insert("live", live);
        live
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
        let marked = if contact { Expr::column("state", "no_contact", Type::Bool) } else { Expr::bool(false) };
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
                            vec![(text("state", "event_id").is_null(), Expr::int(NO)), (surely(marked), Expr::int(NO))],
                            Expr::Call(Function::Coalesce, vec![number("scope", "answer"), Expr::int(NO)]),
                        ),
                    ),
                    ("cut_off", date("state", "cut_off")),
                ]),
            )
        };
        self.select(&format!("{prefix}_answer"), "the state's scope against the purpose: 0 no, 1 refer, 2 yes", select)
    }

    /// 3.2.2 to 3.2.6: the questions whose state is valid, with its holder, cut-off and mark.
    fn states(&mut self, asked: StepId, prefix: &str) -> StepId {
        let live = self.live_events();
        let kinds = ["grant", "renew", "amend", "resume", "suspend", "withdraw"];
        let rank_of_kind = case(
            kinds
                .iter()
                .zip(0..)
                .map(|(kind, rank)| (Expr::equal(text("event", "kind"), Expr::text(*kind)), Expr::int(rank)))
                .collect(),
            Expr::int(9),
        );
        let ascending = |key| Order { key, descending: false, nulls_first: false };
        let in_force = Select {
            joins: vec![inner(
                from(live, "event"),
                [
                    Expr::equal(text("event", "subject_id"), text("asked", "subject_id")),
                    Expr::equal(text("event", "own"), text("asked", "own")),
                    Expr::at_most(date("event", "effective_from"), date("asked", "at")),
                ],
            )],
            ..block_of(
                from(asked, "asked"),
                named([
                    ("subject_id", text("asked", "subject_id")),
                    ("own", text("asked", "own")),
                    ("at", date("asked", "at")),
                    ("event_id", text("event", "event_id")),
                    ("kind", text("event", "kind")),
                    ("actor", text("event", "actor")),
                    ("withdrawal_level", text("event", "withdrawal_level")),
                    ("effective_from", date("event", "effective_from")),
                    ("effective_until", date("event", "effective_until")),
                    (
                        "nth",
                        Expr::Window(Box::new(Window {
                            aggregate: None,
                            partition: vec![text("asked", "subject_id"), text("asked", "own"), date("asked", "at")],
                            order: vec![
                                ascending(date("event", "effective_from")),
                                ascending(Expr::column("event", "recorded_at", Type::Instant)),
                                ascending(rank_of_kind),
                                ascending(text("event", "event_id")),
                            ],
                        })),
                    ),
                ]),
            )
        };
        let in_force = self.select(&format!("{prefix}_in_force"), "3.2.2: events effective by the day, in order", in_force);
        let question = |alias: &str| vec![text(alias, "subject_id"), text(alias, "own"), date(alias, "at")];
        let gives = Expr::InValues(
            Box::new(text("event", "kind")),
            ["grant", "renew", "amend"].iter().map(|kind| Value::Text((*kind).to_owned())).collect(),
            Type::Text,
        );
        let last_give = Select {
            filter: Some(gives),
            group: Some(question("event")),
            ..block_of(
                from(in_force, "event"),
                named([
                    ("subject_id", text("event", "subject_id")),
                    ("own", text("event", "own")),
                    ("at", date("event", "at")),
                    ("nth", Expr::aggregate(AggregateFunction::Max, number("event", "nth"))),
                ]),
            )
        };
        let last_give = self.select(&format!("{prefix}_last_give"), "3.2.3: the newest grant, renewal or amendment", last_give);
        let is = |kind: &str| Expr::equal(text("event", "kind"), Expr::text(kind));
        let after = Expr::compare(Comparison::Greater, number("event", "nth"), number("give", "nth"));
        let holder = Expr::equal(number("event", "nth"), number("give", "nth"));
        let withdrawn = |level: &str| {
            Expr::and([
                after.clone(),
                is("withdraw"),
                Expr::equal(
                    Expr::Call(Function::Coalesce, vec![text("event", "withdrawal_level"), Expr::text("use")]),
                    Expr::text(level),
                ),
            ])
        };
        let of_holder = |expr: Expr| filtered(AggregateFunction::Min, expr, holder.clone());
        let folded = Select {
            joins: vec![inner(from(last_give, "give"), same_question("give", "event"))],
            group: Some(question("event")),
            ..block_of(
                from(in_force, "event"),
                named([
                    ("subject_id", text("event", "subject_id")),
                    ("own", text("event", "own")),
                    ("at", date("event", "at")),
                    ("event_id", of_holder(text("event", "event_id"))),
                    ("actor", of_holder(text("event", "actor"))),
                    ("given_from", of_holder(date("event", "effective_from"))),
                    ("given_until", of_holder(date("event", "effective_until"))),
                    ("withdrawn", some(withdrawn("use"))),
                    ("suspended_at", filtered(AggregateFunction::Max, number("event", "nth"), Expr::and([after.clone(), is("suspend")]))),
                    ("resumed_at", filtered(AggregateFunction::Max, number("event", "nth"), Expr::and([after.clone(), is("resume")]))),
                    ("cut_off", filtered(AggregateFunction::Min, date("event", "effective_from"), withdrawn("access"))),
                    ("no_contact", some(withdrawn("contact"))),
                ]),
            )
        };
        let folded = self.select(&format!("{prefix}_folded"), "3.2.3: what came after it", folded);
        let suspended = Expr::and([
            number("folded", "suspended_at").is_known(),
            Expr::Or(vec![
                number("folded", "resumed_at").is_null(),
                Expr::less(number("folded", "resumed_at"), number("folded", "suspended_at")),
            ]),
        ]);
        let mut valid = vec![
            Expr::column("folded", "withdrawn", Type::Bool).not(),
            surely(suspended).not(),
            Expr::Or(vec![
                date("folded", "given_until").is_null(),
                Expr::less(date("folded", "at"), date("folded", "given_until")),
            ]),
        ];
        let policy = self.grounds.consent;
        if policy.majority_otherwise == Otherwise::Suspend {
            let reached = |day: Expr| reached_majority(i64::from(policy.majority_age), day);
            valid.push(
                Expr::and([
                    reached(date("folded", "at")),
                    Expr::compare(Comparison::NotEqual, text("folded", "actor"), Expr::text("self")),
                    reached(date("folded", "given_from")).not(),
                ])
                .not(),
            );
        }
        if policy.death == Death::End {
            valid.push(Expr::Or(vec![
                date("subject", "death_date").is_null(),
                Expr::less(date("folded", "at"), date("subject", "death_date")),
            ]));
        }
        let state = Select {
            joins: vec![inner(linked("subject", "subject"), [Expr::equal(text("subject", "subject_id"), text("folded", "subject_id"))])],
            filter: Some(Expr::and(valid)),
            ..block_of(
                from(folded, "folded"),
                named([
                    ("subject_id", text("folded", "subject_id")),
                    ("own", text("folded", "own")),
                    ("at", date("folded", "at")),
                    ("event_id", text("folded", "event_id")),
                    ("cut_off", date("folded", "cut_off")),
                    ("no_contact", Expr::column("folded", "no_contact", Type::Bool)),
                ]),
            )
        };
        self.select(&format!("{prefix}_state"), "3.2.4 to 3.2.6: valid on the day, minding majority, death and the end", state)
    }

    /// 3.3: the scope of each holder against the purpose: `event_id`, `at`, `answer`.
    fn scopes(&mut self, state: StepId, prefix: &str, purpose: &Purpose, used_on: Option<jiff::civil::Date>) -> StepId {
        let asked = Select {
            distinct: true,
            joins: vec![inner(linked("consent_scope", "scope"), [Expr::equal(text("scope", "event_id"), text("state", "event_id"))])],
            ..block_of(
                from(state, "state"),
                ["branch", "polarity", "term", "disease", "region", "party", "project"]
                    .iter()
                    .map(|column| ((*column).to_owned(), text("scope", column)))
                    .chain(named([
                        ("event_id", text("state", "event_id")),
                        ("at", date("state", "at")),
                        ("until_date", date("scope", "until_date")),
                    ]))
                    .collect(),
            )
        };
        let rows = self.select(&format!("{prefix}_scope_row"), "the scope rows of the holders", asked);
        let used = used_on.map_or_else(|| date("scope", "at"), Expr::date);
        let known_disease = self.known_diseases();
        let base_permit = self.base_answer(purpose, known_disease, false);
        let base_deny = self.base_answer(purpose, known_disease, true);
        let permit = || Expr::equal(text("scope", "polarity"), Expr::text("permit"));
        let is_base = Expr::InValues(
            Box::new(text("scope", "term")),
            BASE_TERMS.iter().map(|term| Value::Text(term.curie.to_owned())).collect(),
            Type::Text,
        );
        let modifiers = MODIFIERS.iter().map(|term| modifier(term, purpose, &used)).collect::<Vec<Expr>>();
        let known: Vec<Value> = BASE_TERMS
            .iter()
            .map(|term| term.curie)
            .chain(MODIFIERS.iter().map(|term| term.curie))
            .map(|curie| Value::Text(curie.to_owned()))
            .collect();
        let other = case(
            vec![(some(Expr::InValues(Box::new(text("scope", "term")), known, Type::Text).not()), Expr::int(REFER))],
            Expr::int(YES),
        );
        let base = Expr::Call(
            Function::Coalesce,
            vec![filtered(AggregateFunction::Max, base_permit, is_base.clone()), Expr::int(NO)],
        );
        let least = Expr::Call(Function::Least, std::iter::once(base).chain(modifiers).chain([other]).collect());
        let branch = Select {
            filter: Some(permit()),
            group: Some(vec![text("scope", "event_id"), date("scope", "at"), text("scope", "branch")]),
            ..block_of(
                from(rows, "scope"),
                named([
                    ("event_id", text("scope", "event_id")),
                    ("at", date("scope", "at")),
                    ("branch", text("scope", "branch")),
                    ("answer", least),
                ]),
            )
        };
        let branch = self.select(&format!("{prefix}_branch"), "3.3: each branch, base terms and modifiers together", branch);
        let denied = Select {
            filter: Some(Expr::equal(text("scope", "polarity"), Expr::text("deny"))),
            group: Some(vec![text("scope", "event_id"), date("scope", "at")]),
            ..block_of(
                from(rows, "scope"),
                named([
                    ("event_id", text("scope", "event_id")),
                    ("at", date("scope", "at")),
                    (
                        "excluded",
                        Expr::aggregate(AggregateFunction::Max, case(vec![(is_base, base_deny)], Expr::int(REFER))),
                    ),
                ]),
            )
        };
        let denied = self.select(&format!("{prefix}_denied"), "3.3: what deny rows exclude", denied);
        let best = Select {
            group: Some(vec![text("branch", "event_id"), date("branch", "at")]),
            ..block_of(
                from(branch, "branch"),
                named([
                    ("event_id", text("branch", "event_id")),
                    ("at", date("branch", "at")),
                    ("answer", Expr::aggregate(AggregateFunction::Max, number("branch", "answer"))),
                ]),
            )
        };
        let best = self.select(&format!("{prefix}_best"), "3.3: yes if any branch is yes, else refer, else no", best);
        let excluded = || number("denied", "excluded");
        let answer = case(
            vec![
                (surely(Expr::equal(excluded(), Expr::int(YES))), Expr::int(NO)),
                (
                    surely(Expr::and([
                        Expr::equal(number("best", "answer"), Expr::int(YES)),
                        Expr::equal(excluded(), Expr::int(REFER)),
                    ])),
                    Expr::int(REFER),
                ),
            ],
            number("best", "answer"),
        );
        let select = Select {
            joins: vec![left(
                from(denied, "denied"),
                [
                    Expr::equal(text("denied", "event_id"), text("best", "event_id")),
                    Expr::equal(date("denied", "at"), date("best", "at")),
                ],
            )],
            ..block_of(
                from(best, "best"),
                named([("event_id", text("best", "event_id")), ("at", date("best", "at")), ("answer", answer)]),
            )
        };
        self.select(&format!("{prefix}_scope"), "3.3: the whole scope", select)
    }

    /// Diseases that the ontology of the warehouse knows.
    fn known_diseases(&mut self) -> StepId {
        if let Some(step) = self.once.get("diseases") {
            return *step;
        }
        let select = Select {
            filter: Some(Expr::and([
                Expr::equal(text("term", "system"), Expr::text("DOID")),
                Expr::column("term", "obsolete", Type::Bool).not(),
            ])),
            ..block_of(
                Source::Public { table: "ontology_term".to_owned(), alias: "term".to_owned() },
                named([("id", text("term", "id"))]),
            )
        };
        let step = self.select("known_disease", "diseases of the loaded ontology", select);
        self.once.insert("diseases", step);
        step
    }

    /// The answer of a row's base term.
    fn base_answer(&self, purpose: &Purpose, known: StepId, deny: bool) -> Expr {
        case(
            BASE_TERMS
                .iter()
                .map(|term| (Expr::equal(text("scope", "term"), Expr::text(term.curie)), self.base_term(term, purpose, known, deny)))
                .collect(),
            Expr::int(NO),
        )
    }

    fn base_term(&self, term: &BaseTerm, purpose: &Purpose, known: StepId, deny: bool) -> Expr {
        let cover = term.covers.iter().find(|(of, _)| *of == purpose.aim.primary()).map(|(_, cover)| *cover);
        let answer = match cover {
            None => Expr::int(NO),
            Some(Cover::Always) => Expr::int(YES),
            Some(Cover::Refer) => Expr::int(REFER),
            Some(Cover::Unless(flag)) => Expr::int(if purpose.has(flag) { NO } else { YES }),
            Some(Cover::Diseases) => {
                let covering = self.covering(&purpose.aim, deny);
                match covering {
                    None => Expr::int(YES),
                    Some(diseases) => case(
                        vec![(Expr::InValues(Box::new(text("scope", "disease")), diseases, Type::Text), Expr::int(YES))],
                        Expr::int(NO),
                    ),
                }
            }
        };
        if !term.names_disease {
            return answer;
        }
        let is_known =
            Expr::InStep { values: vec![text("scope", "disease")], step: known, columns: vec!["id".to_owned()] };
        case(vec![(is_known, answer)], Expr::int(REFER))
    }

    /// Diseases that cover every disease of the purpose (of a deny row: any); `None` where it names none.
    fn covering(&self, aim: &Aim, deny: bool) -> Option<Vec<Value>> {
        let mut covering: Option<Vec<String>> = None;
        for disease in aim.diseases() {
            // A disease that the ontology does not know is under no term.
            let above = (self.above)(disease).unwrap_or_default();
            covering = Some(match covering {
                None => above,
                Some(before) if deny => before.into_iter().chain(above).collect(),
                Some(before) => before.into_iter().filter(|id| above.contains(id)).collect(),
            });
        }
        let mut covering = covering?;
        covering.sort();
        covering.dedup();
        Some(covering.into_iter().map(Value::Text).collect())
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

/// Whether the subject has reached the age on a day; false where nothing is known of the birth.
fn reached_majority(age: i64, day: Expr) -> Expr {
    let born = date("subject", "birth_date");
    let by_date = surely(Expr::compare(
        Comparison::GreaterOrEqual,
        Expr::Call(Function::AgeYears, vec![born.clone(), day.clone()]),
        Expr::int(age),
    ));
    let by_year = surely(Expr::compare(
        Comparison::GreaterOrEqual,
        Expr::Call(
            Function::SubtractInt,
            vec![Expr::Call(Function::Year, vec![day]), number("subject", "birth_year")],
        ),
        Expr::int(age),
    ));
    case(vec![(born.is_known(), by_date)], by_year)
}

/// The answer of a modifier to its rows of a branch, an aggregate; yes where the branch has none.
fn modifier(term: &ModifierTerm, purpose: &Purpose, used: &Expr) -> Expr {
    let here = || Expr::equal(text("scope", "term"), Expr::text(term.curie));
    let there_is = |answer: Expr| case(vec![(some(here()), answer)], Expr::int(YES));
    let yes_if = |yes: bool| Expr::int(if yes { YES } else { NO });
    let every_date = |holds: Expr| {
        let of_row = case(
            vec![(date("scope", "until_date").is_null(), Expr::int(REFER)), (holds, Expr::int(YES))],
            Expr::int(NO),
        );
        Expr::Call(Function::Coalesce, vec![filtered(AggregateFunction::Min, of_row, here()), Expr::int(YES)])
    };
    match term.test {
        Test::Refer => there_is(Expr::int(REFER)),
        Test::Neither(flags, primaries) => {
            let yes = !flags.iter().any(|flag| purpose.has(*flag)) && !primaries.contains(&purpose.aim.primary());
            there_is(yes_if(yes))
        }
        Test::Has(flag) => there_is(yes_if(purpose.has(flag))),
        Test::UsedBefore => every_date(Expr::less(used.clone(), date("scope", "until_date"))),
        Test::PublishedFrom => {
            let publish = purpose.has(policy::consent::Flag::Publish);
            every_date(if publish {
                Expr::compare(Comparison::GreaterOrEqual, used.clone(), date("scope", "until_date"))
            } else {
                Expr::bool(true)
            })
        }
        Test::OneOf { column, place, unsaid, unnamed } => {
            let value = text("scope", column_name(column));
            let matched = match purpose.place(place) {
                Some(said) => case(
                    vec![(some(Expr::and([here(), Expr::equal(value.clone(), Expr::text(said))])), Expr::int(YES))],
                    Expr::int(NO),
                ),
                None => Expr::int(match unsaid {
                    Null::No => NO,
                    Null::Refer => REFER,
                }),
            };
            let matched = match unnamed {
                UnnamedRow::MatchesNothing => matched,
                UnnamedRow::Refers => {
                    case(vec![(some(Expr::and([here(), value.is_null()])), Expr::int(REFER))], matched)
                }
            };
            there_is(matched)
        }
    }
}

fn column_name(column: Column) -> &'static str {
    column.name()
}
