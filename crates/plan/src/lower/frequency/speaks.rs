//! A sample in several call sets: at each allele one of them speaks for it.
//!
//! The sample rule (language.md section 4, "Carried alleles") picks one sample per subject, and a sample
//! counts once at an allele whatever the number of its call sets. Call sets of different chromosomes do
//! not meet. Where several looked at an allele, the one with a record of the allele speaks before one
//! with a record of another allele at the place, and that before one that only covered the sample there;
//! among equals the one loaded last, whose identifier is the greatest. The others are silent.
//! `baseq schema check` names such call sets.

use super::counts::of_build;
use super::{case, inner, int, word};
use crate::expr::{Aggregate, AggregateFunction, Expr, Order, Type, Window};
use crate::lower::{Lowering, block_of, from, named};
use crate::step::{Body, Select, StepId};

/// How much a call set knows of an allele: less is more.
const OWN_RECORD: i64 = 0;
const RECORD_AT_THE_PLACE: i64 = 1;
const COVERED: i64 = 2;

fn window(aggregate: Option<Aggregate>, partition: Vec<Expr>, order: Vec<Order>) -> Expr {
    Expr::Window(Box::new(Window { aggregate, partition, order, before: false }))
}

fn count_all() -> Aggregate {
    Aggregate { function: AggregateFunction::Count, argument: None, distinct: false, filter: None }
}

fn ascending(key: Expr) -> Order {
    Order { key, descending: false, nulls_first: false }
}

fn descending(key: Expr) -> Order {
    Order { key, descending: true, nulls_first: false }
}

impl Lowering<'_> {
    /// Memberships of samples that several call sets hold.
    fn several_times(&mut self) -> StepId {
        if let Some(step) = self.once.get("several_times") {
            return *step;
        }
        let members = self.members();
        let columns = || {
            named([
                ("call_set_id", int("member", "call_set_id")),
                ("ordinal", int("member", "ordinal")),
                ("sample_id", word("member", "sample_id")),
            ])
        };
        let mut counted = columns();
        counted.push((
            "sets".to_owned(),
            window(Some(count_all()), vec![word("member", "sample_id")], Vec::new()),
        ));
        let counted = self.select(
            "member_sets",
            "in how many call sets each sample is",
            block_of(from(members, "member"), counted),
        );
        let select = Select {
            filter: Some(Expr::less(Expr::int(1), int("member", "sets"))),
            ..block_of(from(counted, "member"), columns())
        };
        let step = self.select("several_times", "samples that several call sets hold", select);
        self.once.insert("several_times", step);
        step
    }

    /// Who is silent at which of these alleles: `variant_id`, `call_set_id`, `ordinal`, and whether the
    /// whole call set looked there (`by_set`) or the person alone was covered.
    pub(crate) fn silent(&mut self, name: &str, alleles: StepId, looked: StepId) -> StepId {
        let again = self.several_times();
        let rank = case(
            vec![
                (Expr::column("looked", "own", Type::Bool), Expr::int(OWN_RECORD)),
                (int("looked", "record_id").is_known(), Expr::int(RECORD_AT_THE_PLACE)),
            ],
            Expr::int(COVERED),
        );
        let columns = |allele: &str, rank: Expr, by_set: bool| {
            named([
                ("variant_id", int(allele, "variant_id")),
                ("sample_id", word("again", "sample_id")),
                ("call_set_id", int("again", "call_set_id")),
                ("ordinal", int("again", "ordinal")),
                ("rank", rank),
                ("by_set", Expr::bool(by_set)),
            ])
        };
        let mut parts = vec![Select {
            joins: vec![inner(
                from(again, "again"),
                [Expr::equal(int("again", "call_set_id"), int("looked", "call_set_id"))],
            )],
            ..block_of(from(looked, "looked"), columns("looked", rank, true))
        }];
        if let Some(covered) = self.covered_alone(alleles, looked, again, "again") {
            parts.push(Select { columns: columns("allele", Expr::int(COVERED), false), ..covered });
        }
        let body = if parts.len() == 1 { Body::Select(parts.remove(0)) } else { Body::UnionAll(parts) };
        let told = self.step(
            &format!("{name}_told"),
            "what several call sets tell of one sample at an allele",
            body,
        );
        let nth = window(
            None,
            vec![int("told", "variant_id"), word("told", "sample_id")],
            vec![ascending(int("told", "rank")), descending(int("told", "call_set_id"))],
        );
        let kept = |alias: &str| {
            named([
                ("variant_id", int(alias, "variant_id")),
                ("call_set_id", int(alias, "call_set_id")),
                ("ordinal", int(alias, "ordinal")),
                ("by_set", Expr::column(alias, "by_set", Type::Bool)),
            ])
        };
        let mut ranked = kept("told");
        ranked.push(("nth".to_owned(), nth));
        let ranked = self.select(
            &format!("{name}_told_in_order"),
            "the one that speaks comes first",
            block_of(from(told, "told"), ranked),
        );
        let select = Select {
            filter: Some(Expr::less(Expr::int(1), int("told", "nth"))),
            ..block_of(from(ranked, "told"), kept("told"))
        };
        self.select(&format!("{name}_silent"), "whose other call set speaks at the allele", select)
    }

    /// People of `members` who were covered at an allele that their call set has no record for; the
    /// block has the aliases `allele`, `covered` and that of the members, and no columns yet.
    pub(crate) fn covered_alone(
        &mut self,
        alleles: StepId,
        looked: StepId,
        members: StepId,
        alias: &str,
    ) -> Option<Select> {
        let (covered, call_set) = (self.model.find("covered_person")?, self.model.find("call_set")?);
        let (covered, call_set) = (self.guarded(covered), self.guarded(call_set));
        Some(Select {
            joins: vec![
                inner(
                    from(covered, "covered"),
                    [
                        Expr::equal(word("covered", "contig"), word("allele", "contig")),
                        Expr::at_most(int("covered", "start_position"), int("allele", "position")),
                        Expr::at_most(int("allele", "position"), int("covered", "end_position")),
                    ],
                ),
                of_build(call_set, "covered"),
                inner(
                    from(members, alias),
                    [
                        Expr::equal(int(alias, "call_set_id"), int("covered", "call_set_id")),
                        Expr::equal(int(alias, "ordinal"), int("covered", "ordinal")),
                    ],
                ),
            ],
            filter: Some(
                Expr::InStep {
                    values: vec![int("allele", "variant_id"), int("covered", "call_set_id")],
                    step: looked,
                    columns: vec!["variant_id".to_owned(), "call_set_id".to_owned()],
                }
                .not(),
            ),
            ..block_of(from(alleles, "allele"), Vec::new())
        })
    }

    /// Whether the person of an alias is heard at an allele: `variant_id` of one alias, membership of
    /// another.
    pub(crate) fn heard(silent: StepId, allele: &str, member: &str) -> Expr {
        Expr::InStep {
            values: vec![int(allele, "variant_id"), int(member, "call_set_id"), int(member, "ordinal")],
            step: silent,
            columns: vec!["variant_id".to_owned(), "call_set_id".to_owned(), "ordinal".to_owned()],
        }
        .not()
    }

    /// Of a sample whose call sets have several records of one allele, those that are silent.
    pub(crate) fn silent_records(&mut self) -> Option<StepId> {
        if let Some(step) = self.once.get("silent_records") {
            return Some(*step);
        }
        let site = self.model.find("site")?;
        let site = self.guarded(site);
        let again = self.several_times();
        let in_their_sets = Expr::InStep {
            values: vec![int("site", "call_set_id")],
            step: again,
            columns: vec!["call_set_id".to_owned()],
        };
        let select = Select {
            filter: Some(in_their_sets),
            group: Some(vec![int("site", "variant_id")]),
            ..block_of(
                from(site, "site"),
                named([("variant_id", int("site", "variant_id")), ("sets", Expr::count(None))]),
            )
        };
        let counted = self.select("records_by_set", "how many of those call sets have each allele", select);
        let select = Select {
            joins: vec![
                inner(
                    from(counted, "counted"),
                    [
                        Expr::equal(int("counted", "variant_id"), int("site", "variant_id")),
                        Expr::less(Expr::int(1), int("counted", "sets")),
                    ],
                ),
                inner(
                    from(again, "again"),
                    [Expr::equal(int("again", "call_set_id"), int("site", "call_set_id"))],
                ),
            ],
            ..block_of(
                from(site, "site"),
                named([
                    ("variant_id", int("site", "variant_id")),
                    ("call_set_id", int("again", "call_set_id")),
                    ("ordinal", int("again", "ordinal")),
                    (
                        "nth",
                        window(
                            None,
                            vec![int("site", "variant_id"), word("again", "sample_id")],
                            vec![descending(int("site", "call_set_id"))],
                        ),
                    ),
                ]),
            )
        };
        let ranked =
            self.select("several_records", "records of one allele for one sample, the last first", select);
        let select = Select {
            filter: Some(Expr::less(Expr::int(1), int("record", "nth"))),
            ..block_of(
                from(ranked, "record"),
                named([
                    ("variant_id", int("record", "variant_id")),
                    ("call_set_id", int("record", "call_set_id")),
                    ("ordinal", int("record", "ordinal")),
                ]),
            )
        };
        let step = self.select("silent_records", "records for which another one speaks", select);
        self.once.insert("silent_records", step);
        Some(step)
    }
}
