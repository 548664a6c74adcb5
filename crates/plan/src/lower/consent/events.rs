//! 3.2: which events stand, and what state they leave a subject or sample in on a day.

use super::{case, date, filtered, inner, linked, number, same_question, some, surely, text};
use crate::expr::{AggregateFunction, Comparison, Expr, Function, Order, Type, Value, Window};
use crate::lower::{Lowering, block_of, from, named};
use crate::step::{Body, Select, Source, StepId};
use policy::consent::{Death, Otherwise};

impl Lowering<'_> {
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
        let step =
            self.select("consent_kept", "3.2.1: consent events recorded by the instant of knowledge", select);
        self.once.insert("kept", step);
        step
    }

    /// 3.2.1: events that no acting void supersedes, and no voids.
    pub(crate) fn live_events(&mut self) -> StepId {
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
                            before: false,
                            partition: vec![text("event", "subject_id"), text("event", "own")],
                            order: vec![
                                Order {
                                    key: Expr::column("event", "recorded_at", Type::Instant),
                                    descending: true,
                                    nulls_first: false,
                                },
                                Order {
                                    key: text("event", "event_id"),
                                    descending: true,
                                    nulls_first: false,
                                },
                            ],
                        })),
                    )]))
                    .collect(),
            )
        };
        let voids =
            self.select("consent_void", "voids, the latest first: only a later void can stop one", voids);
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
                                    Expr::Call(
                                        Function::ListContains,
                                        vec![dropped.clone(), text("void", "event_id")],
                                    ),
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
        let bad =
            self.select("consent_unclear", "a void that names nothing makes its subject not valid", bad);
        let live = Select {
            filter: Some(Expr::and([
                Expr::compare(Comparison::NotEqual, text("event", "kind"), Expr::text("void")),
                Expr::InStep {
                    values: vec![text("event", "event_id")],
                    step: struck,
                    columns: vec!["event_id".to_owned()],
                }
                .not(),
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

    /// 3.2.2 to 3.2.6: the questions whose state is valid, with its holder, cut-off and mark.
    pub(crate) fn states(&mut self, asked: StepId, prefix: &str) -> StepId {
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
                            before: false,
                            partition: vec![
                                text("asked", "subject_id"),
                                text("asked", "own"),
                                date("asked", "at"),
                            ],
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
        let in_force = self.select(
            &format!("{prefix}_in_force"),
            "3.2.2: events effective by the day, in order",
            in_force,
        );
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
        let last_give = self.select(
            &format!("{prefix}_last_give"),
            "3.2.3: the newest grant, renewal or amendment",
            last_give,
        );
        let is = |kind: &str| Expr::equal(text("event", "kind"), Expr::text(kind));
        let after = Expr::compare(Comparison::Greater, number("event", "nth"), number("give", "nth"));
        let holder = Expr::equal(number("event", "nth"), number("give", "nth"));
        let withdrawn = |level: &str| {
            Expr::and([
                after.clone(),
                is("withdraw"),
                Expr::equal(
                    Expr::Call(
                        Function::Coalesce,
                        vec![text("event", "withdrawal_level"), Expr::text("use")],
                    ),
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
                    (
                        "suspended_at",
                        filtered(
                            AggregateFunction::Max,
                            number("event", "nth"),
                            Expr::and([after.clone(), is("suspend")]),
                        ),
                    ),
                    (
                        "resumed_at",
                        filtered(
                            AggregateFunction::Max,
                            number("event", "nth"),
                            Expr::and([after.clone(), is("resume")]),
                        ),
                    ),
                    (
                        "cut_off",
                        filtered(
                            AggregateFunction::Min,
                            date("event", "effective_from"),
                            withdrawn("access"),
                        ),
                    ),
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
            let reached = |day: Expr| self.reached_majority(i64::from(policy.majority_age), day);
            if let (Some(at), Some(given)) =
                (reached(date("folded", "at")), reached(date("folded", "given_from")))
            {
                valid.push(
                    Expr::and([
                        at,
                        Expr::compare(Comparison::NotEqual, text("folded", "actor"), Expr::text("self")),
                        given.not(),
                    ])
                    .not(),
                );
            }
        }
        if policy.death == Death::End {
            valid.push(match self.life(|life| life.death_date) {
                Some(died) => Expr::Or(vec![
                    date("subject", &died).is_null(),
                    Expr::less(date("folded", "at"), date("subject", &died)),
                ]),
                // The policy was refused where it was read; nobody is valid under it.
                None => Expr::bool(false),
            });
        }
        let (people, key) = self.person_table();
        let state = Select {
            joins: vec![inner(people, [Expr::equal(text("subject", &key), text("folded", "subject_id"))])],
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
        self.select(
            &format!("{prefix}_state"),
            "3.2.4 to 3.2.6: valid on the day, minding majority, death and the end",
            state,
        )
    }

    /// The name of a column of a person's life, where the model declares it.
    fn life(&self, of: impl Fn(&model::Life) -> Option<model::ColumnId>) -> Option<String> {
        let subject = self.model.entity(self.model.subject()?);
        Some(subject.column(of(&subject.life)?).name.clone())
    }

    /// Whether the subject has reached the age on a day; false where nothing is known of the birth, and
    /// `None` where the model knows nothing of anybody's.
    fn reached_majority(&self, age: i64, day: Expr) -> Option<Expr> {
        let by_date = self.life(|life| life.birth_date).map(|born| {
            let born = date("subject", &born);
            let age_then = Expr::Call(Function::AgeYears, vec![born.clone(), day.clone()]);
            (born, surely(Expr::compare(Comparison::GreaterOrEqual, age_then, Expr::int(age))))
        });
        let by_year = self.life(|life| life.birth_year).map(|year| {
            let years = Expr::Call(
                Function::SubtractInt,
                vec![Expr::Call(Function::Year, vec![day]), number("subject", &year)],
            );
            surely(Expr::compare(Comparison::GreaterOrEqual, years, Expr::int(age)))
        });
        match (by_date, by_year) {
            (Some((born, by_date)), Some(by_year)) => Some(case(vec![(born.is_known(), by_date)], by_year)),
            (Some((_, reached)), None) | (None, Some(reached)) => Some(reached),
            (None, None) => None,
        }
    }
}
