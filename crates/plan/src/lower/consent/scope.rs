//! 3.3: the scope of a holder against a purpose.

use super::{NO, REFER, YES, case, date, filtered, inner, left, linked, number, some, surely, text};
use crate::expr::{AggregateFunction, Comparison, Expr, Function, Type, Value};
use crate::lower::{Lowering, block_of, from, named};
use crate::step::{Select, Source, StepId};
use policy::consent::{
    Aim, BASE_TERMS, BaseTerm, Column, Cover, MODIFIERS, ModifierTerm, Null, Purpose, Test, UnnamedRow,
};

impl Lowering<'_> {
    /// 3.3: the scope of each holder against the purpose: `event_id`, `at`, `answer`.
    pub(crate) fn scopes(
        &mut self,
        state: StepId,
        prefix: &str,
        purpose: &Purpose,
        used_on: Option<jiff::civil::Date>,
    ) -> StepId {
        let asked = Select {
            distinct: true,
            joins: vec![inner(
                linked("consent_scope", "scope"),
                [Expr::equal(text("scope", "event_id"), text("state", "event_id"))],
            )],
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
            vec![(
                some(Expr::InValues(Box::new(text("scope", "term")), known, Type::Text).not()),
                Expr::int(REFER),
            )],
            Expr::int(YES),
        );
        let base = Expr::Call(
            Function::Coalesce,
            vec![filtered(AggregateFunction::Max, base_permit, is_base.clone()), Expr::int(NO)],
        );
        let least =
            Expr::Call(Function::Least, std::iter::once(base).chain(modifiers).chain([other]).collect());
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
        let branch = self.select(
            &format!("{prefix}_branch"),
            "3.3: each branch, base terms and modifiers together",
            branch,
        );
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
                        Expr::aggregate(
                            AggregateFunction::Max,
                            case(vec![(is_base, base_deny)], Expr::int(REFER)),
                        ),
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
        let best = self.select(
            &format!("{prefix}_best"),
            "3.3: yes if any branch is yes, else refer, else no",
            best,
        );
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
                named([
                    ("event_id", text("best", "event_id")),
                    ("at", date("best", "at")),
                    ("answer", answer),
                ]),
            )
        };
        self.select(&format!("{prefix}_scope"), "3.3: the whole scope", select)
    }

    /// Diseases that the ontology of the warehouse knows.
    pub(crate) fn known_diseases(&mut self) -> StepId {
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
    pub(crate) fn base_answer(&self, purpose: &Purpose, known: StepId, deny: bool) -> Expr {
        case(
            BASE_TERMS
                .iter()
                .map(|term| {
                    (
                        Expr::equal(text("scope", "term"), Expr::text(term.curie)),
                        self.base_term(term, purpose, known, deny),
                    )
                })
                .collect(),
            Expr::int(NO),
        )
    }

    pub(crate) fn base_term(&self, term: &BaseTerm, purpose: &Purpose, known: StepId, deny: bool) -> Expr {
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
                        vec![(
                            Expr::InValues(Box::new(text("scope", "disease")), diseases, Type::Text),
                            Expr::int(YES),
                        )],
                        Expr::int(NO),
                    ),
                }
            }
        };
        if !term.names_disease {
            return answer;
        }
        let is_known = Expr::InStep {
            values: vec![text("scope", "disease")],
            step: known,
            columns: vec!["id".to_owned()],
        };
        case(vec![(is_known, answer)], Expr::int(REFER))
    }

    /// Diseases that cover every disease of the purpose (of a deny row: any); `None` where it names none.
    pub(crate) fn covering(&self, aim: &Aim, deny: bool) -> Option<Vec<Value>> {
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
            let yes =
                !flags.iter().any(|flag| purpose.has(*flag)) && !primaries.contains(&purpose.aim.primary());
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
                    vec![(
                        some(Expr::and([here(), Expr::equal(value.clone(), Expr::text(said))])),
                        Expr::int(YES),
                    )],
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
