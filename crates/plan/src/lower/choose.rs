//! `match` and `draw`: who of those that pass the rules is taken.
//!
//! Lots. Everybody has a lot: the SHA-256 of the UTF-8 bytes of the seed in decimal digits, a colon, and
//! the subject's key, compared as hexadecimal digits in lower case. It is the same on every engine.
//!
//! A draw takes the n least lots, ties by key.
//!
//! A match lets the cases choose in the order of their lots. A case takes the n nearest free controls: equal
//! in every key without `within`, each other key no further apart than its width, nearest by the sum of
//! absolute differences, ties by lot and then by key. Who is a case is nobody's control. A case that
//! chooses n controls is n turns in a row that choose one each, so that this is a serial dictatorship; all
//! controls prefer the earlier turn, and then rounds of deferred acceptance (Gale and Shapley, 1962) give the
//! same people without a round for each case: in a round every turn asks the first control of its list that
//! did not refuse it, and every control holds the earliest turn and refuses the others.
//!
//! Cases of the same keys (a kind) have the same list, and each takes controls that come after those of the
//! kind's earlier cases. So lists are made for kinds, not for cases, and the i-th turn of a kind begins at
//! place i of its list: the places before go to earlier turns of the kind, or to others before them.
//! Lists reach no further than equal keys and widths do, and kinds of different equal keys (strata) do
//! not meet: a stratum is done when a round refused nobody in it.

use super::block::Block;
use super::{Lowering, block_of, from, named};
use crate::expr::{Aggregate, AggregateFunction, Comparison, Expr, Function, Order, Type, Value, Window};
use crate::step::{Body, Join, JoinKind, Select, Source, StepId};
use jiff::civil::Date;
use types::{Cohort, Draw, Match};

/// The column of a matched cohort's step that holds the key of the case.
pub(crate) const CASE: &str = "case_id";
/// The day from which dates are counted where their differences are summed.
const EPOCH: Date = Date::constant(1970, 1, 1);

/// A key as it lies in the steps.
struct Key {
    column: String,
    ty: Type,
    /// The width, for keys that need not be equal.
    within: Option<Expr>,
}

impl Lowering<'_> {
    /// The n members with the least lots.
    pub(super) fn drawn(&mut self, cohort: &Cohort, block: Block, filter: Vec<Expr>, draw: &Draw) -> StepId {
        let mut columns = self.member_columns(&block, &cohort.row);
        let members = typed(&columns);
        let key = block.key.first().cloned().unwrap_or_else(|| Expr::null(Type::Text));
        columns.push(("nth".to_owned(), number(Vec::new(), vec![lot(draw.seed, key.clone()), key])));
        let select = block.select(columns, filter);
        let lots = self.select(
            &format!("{}_lots", cohort.name),
            format!("cohort {}: all who pass, in the order of their lots", cohort.name),
            select,
        );
        let select = Select {
            filter: Some(Expr::at_most(Expr::column("member", "nth", Type::Int), Expr::int(draw.count))),
            ..block_of(from(lots, "member"), of_columns(&members, "member"))
        };
        self.select(&cohort.name, format!("cohort {}: the first {}", cohort.name, draw.count), select)
    }

    /// Of those who pass, the controls that the cases take.
    pub(super) fn matched(
        &mut self,
        cohort: &Cohort,
        mut block: Block,
        filter: Vec<Expr>,
        matched: &Match,
    ) -> StepId {
        let name = |what: &str| format!("{}_{what}", cohort.name);
        let say = |what: &str| format!("cohort {}: {what}", cohort.name);
        let key = self.subject_key();

        let mut cases = self.people(&matched.case, Some(matched.cases));
        let case_step = self.cohort(matched.cases);
        let keys = self.match_keys(matched, &mut cases, &mut block);
        let (keys, of_case, of_control) = keys;
        let person = |block: &Block| block.key.first().cloned().unwrap_or_else(|| Expr::null(Type::Text));

        let mut columns =
            vec![(CASE.to_owned(), person(&cases)), ("lot".to_owned(), lot(matched.seed, person(&cases)))];
        columns.extend(of_case.iter().cloned());
        let known = of_case.iter().map(|(_, value)| value.clone().is_known()).collect();
        let select = cases.select(columns, known);
        let cases = self.select(&name("cases"), say("cases whose keys are all known"), select);

        let mut columns = self.member_columns(&block, &cohort.row);
        let members = typed(&columns);
        let own = person(&block);
        columns.push(("lot".to_owned(), lot(matched.seed, own.clone())));
        let mut filter = filter;
        filter.extend(of_control.iter().map(|(_, value)| value.clone().is_known()));
        filter.push(Expr::InStep { values: vec![own], step: case_step, columns: vec![key.clone()] }.not());
        columns.extend(of_control);
        let select = block.select(columns, filter);
        let pool = self.select(&name("pool"), say("all who pass and are no case, with their keys"), select);

        let kinds = self.kinds(cohort, &keys, cases);
        let near = self.near(cohort, &keys, kinds, pool);
        let turns = self.turns(cohort, &keys, cases, kinds, matched.count);
        let rounds = self.rounds(cohort, turns, near);

        let mut columns = of_columns(&members, "control");
        columns.push((CASE.to_owned(), Expr::column("round", CASE, Type::Text)));
        let select = Select {
            joins: vec![inner(
                from(pool, "control"),
                Expr::equal(
                    Expr::column("control", &key, Type::Text),
                    Expr::column("round", "control", Type::Text),
                ),
            )],
            filter: Some(Expr::equal(Expr::column("round", "worst_before", Type::Int), Expr::int(1))),
            ..block_of(from(rounds, "round"), columns)
        };
        self.select(&cohort.name, say("the controls that are taken"), select)
    }

    /// The keys in a block of cases and in one of controls. Those with a width become numbers.
    #[expect(clippy::type_complexity, reason = "the columns of two blocks beside the keys")]
    fn match_keys(
        &mut self,
        matched: &Match,
        cases: &mut Block,
        controls: &mut Block,
    ) -> (Vec<Key>, Vec<(String, Expr)>, Vec<(String, Expr)>) {
        let whole = matched.keys.iter().all(|key| match key.within {
            None => true,
            Some(width) => {
                let ints = matches!(
                    key.control.ty,
                    types::Type::Int
                        | types::Type::Age
                        | types::Type::AgeInDays
                        | types::Type::Days
                        | types::Type::Date
                );
                ints && width.0 % types::Number::int(1).0 == 0
            }
        });
        let mut keys = Vec::new();
        let (mut of_case, mut of_control) = (Vec::new(), Vec::new());
        for (key, at) in matched.keys.iter().zip(1..) {
            let column = format!("key_{at}");
            let mut case = self.expr(cases, &key.case);
            let mut control = self.expr(controls, &key.control);
            let within = key.within.map(|width| {
                case = numeric(case.clone(), whole);
                control = numeric(control.clone(), whole);
                if whole {
                    let width = width.0 / types::Number::int(1).0;
                    Expr::int(i64::try_from(width).unwrap_or(i64::MAX))
                } else {
                    Expr::Literal(Value::Decimal(width.0), Type::Decimal)
                }
            });
            keys.push(Key { column: column.clone(), ty: case.ty(), within });
            of_case.push((column.clone(), case));
            of_control.push((column, control));
        }
        (keys, of_case, of_control)
    }

    /// The distinct keys of the cases, numbered, with the least number of their stratum.
    fn kinds(&mut self, cohort: &Cohort, keys: &[Key], cases: StepId) -> StepId {
        let all: Vec<(String, Type)> = keys.iter().map(|key| (key.column.clone(), key.ty)).collect();
        let found = Select { distinct: true, ..block_of(from(cases, "case"), of_columns(&all, "case")) };
        let found = self.select(
            &format!("{}_kinds_found", cohort.name),
            format!("cohort {}: kinds of cases, which have the same keys", cohort.name),
            found,
        );
        let exprs = |only_equal: bool, alias: &str| -> Vec<Expr> {
            keys.iter()
                .filter(|key| !only_equal || key.within.is_none())
                .map(|key| Expr::column(alias, &key.column, key.ty))
                .collect()
        };
        let mut columns = of_columns(&all, "kind");
        columns.push(("kind".to_owned(), number(Vec::new(), exprs(false, "kind"))));
        let numbered = self.select(
            &format!("{}_kinds_numbered", cohort.name),
            format!("cohort {}: kinds in order", cohort.name),
            block_of(from(found, "kind"), columns),
        );
        let of_kind = Expr::column("kind", "kind", Type::Int);
        let mut columns = of_columns(&all, "kind");
        columns.push(("kind".to_owned(), of_kind.clone()));
        let stratum = over(AggregateFunction::Min, of_kind, exprs(true, "kind"));
        columns.push(("stratum".to_owned(), stratum));
        self.select(
            &format!("{}_kinds", cohort.name),
            format!("cohort {}: kinds with their strata, of which each has controls of its own", cohort.name),
            block_of(from(numbered, "kind"), columns),
        )
    }

    /// The list of each kind: the controls that it may take, the nearest first.
    fn near(&mut self, cohort: &Cohort, keys: &[Key], kinds: StepId, pool: StepId) -> StepId {
        let subject = self.subject_key();
        let mut on = Vec::new();
        let mut distance: Option<Expr> = None;
        for key in keys {
            let kind = Expr::column("kind", &key.column, key.ty);
            let control = Expr::column("control", &key.column, key.ty);
            let Some(width) = &key.within else {
                on.push(Expr::equal(control, kind));
                continue;
            };
            let (subtract, add) = if key.ty == Type::Int {
                (Function::SubtractInt, Function::AddInt)
            } else {
                (Function::SubtractDecimal, Function::AddDecimal)
            };
            let apart = Expr::Case {
                arms: vec![(
                    Expr::less(control.clone(), kind.clone()),
                    Expr::Call(subtract, vec![kind.clone(), control.clone()]),
                )],
                otherwise: Box::new(Expr::Call(subtract, vec![control, kind])),
            };
            on.push(Expr::at_most(apart.clone(), width.clone()));
            distance = Some(match distance {
                None => apart,
                Some(sum) => Expr::Call(add, vec![sum, apart]),
            });
        }
        let control = Expr::column("control", &subject, Type::Text);
        let order: Vec<Expr> = distance
            .into_iter()
            .chain([Expr::column("control", "lot", Type::Text), control.clone()])
            .collect();
        let kind = Expr::column("kind", "kind", Type::Int);
        let select = Select {
            joins: vec![inner(from(pool, "control"), Expr::and(on))],
            ..block_of(
                from(kinds, "kind"),
                named([("kind", kind.clone()), ("control", control), ("place", number(vec![kind], order))]),
            )
        };
        self.select(
            &format!("{}_near", cohort.name),
            format!("cohort {}: the controls that a kind of cases may take, the nearest first", cohort.name),
            select,
        )
    }

    /// The turns in which cases choose one control each, with the place at which each begins in its list.
    fn turns(&mut self, cohort: &Cohort, keys: &[Key], cases: StepId, kinds: StepId, count: i64) -> StepId {
        let case = Expr::column("case", CASE, Type::Text);
        let kind = Expr::column("kind", "kind", Type::Int);
        let by_lot = || vec![Expr::column("case", "lot", Type::Text), case.clone()];
        let same = keys.iter().map(|key| {
            Expr::equal(Expr::column("case", &key.column, key.ty), Expr::column("kind", &key.column, key.ty))
        });
        let select = Select {
            joins: vec![inner(from(kinds, "kind"), Expr::and(same))],
            ..block_of(
                from(cases, "case"),
                named([
                    (CASE, case.clone()),
                    ("kind", kind.clone()),
                    ("stratum", Expr::column("kind", "stratum", Type::Int)),
                    ("nth", number(Vec::new(), by_lot())),
                    ("nth_of_kind", number(vec![kind], by_lot())),
                ]),
            )
        };
        let order = self.select(
            &format!("{}_order", cohort.name),
            format!("cohort {}: cases in the order of their lots", cohort.name),
            select,
        );
        let rows = (1..=count).map(|slot| vec![Value::Int(slot)]).collect();
        let slots = self.step(
            &format!("{}_choices", cohort.name),
            format!("cohort {}: the choices of one case", cohort.name),
            Body::Values(rows),
        );
        if let Some(step) = self.steps.get_mut(slots.0 as usize) {
            step.columns = vec![("choice".to_owned(), Type::Int)];
        }
        let int = |column: &str| Expr::column("case", column, Type::Int);
        let choice = |nth: &str| {
            let before = Expr::Call(Function::SubtractInt, vec![int(nth), Expr::int(1)]);
            let before = Expr::Call(Function::MultiplyInt, vec![before, Expr::int(count)]);
            Expr::Call(Function::AddInt, vec![before, Expr::column("choice", "choice", Type::Int)])
        };
        let select = Select {
            joins: vec![inner(from(slots, "choice"), Expr::bool(true))],
            ..block_of(
                from(order, "case"),
                named([
                    (CASE, Expr::column("case", CASE, Type::Text)),
                    ("kind", int("kind")),
                    ("stratum", int("stratum")),
                    ("turn", choice("nth")),
                    ("place", choice("nth_of_kind")),
                ]),
            )
        };
        self.select(
            &format!("{}_turns", cohort.name),
            format!("cohort {}: turns, and where each begins in its list", cohort.name),
            select,
        )
    }

    /// Rounds of deferred acceptance. `rank` is 1 for the turn that a control holds; `worst_before` is the
    /// greatest rank in the stratum in the round before, so that 1 means that nobody moved in this one.
    fn rounds(&mut self, cohort: &Cohort, turns: StepId, near: StepId) -> StepId {
        let int = |alias: &str, column: &str| Expr::column(alias, column, Type::Int);
        let control = Expr::column("near", "control", Type::Text);
        let asked = |alias: &str, place: Expr| {
            inner(
                from(near, "near"),
                Expr::and([
                    Expr::equal(int("near", "kind"), int(alias, "kind")),
                    Expr::equal(int("near", "place"), place),
                ]),
            )
        };
        let columns = |alias: &str, worst: Expr| {
            named([
                (CASE, Expr::column(alias, CASE, Type::Text)),
                ("kind", int(alias, "kind")),
                ("stratum", int(alias, "stratum")),
                ("turn", int(alias, "turn")),
                ("place", int("near", "place")),
                ("control", control.clone()),
                ("rank", number(vec![control.clone()], vec![int(alias, "turn")])),
                ("worst_before", worst),
            ])
        };
        let first = Select {
            joins: vec![asked("turn", int("turn", "place"))],
            // Nobody was asked before the first round: it is not the last one.
            ..block_of(from(turns, "turn"), columns("turn", Expr::int(2)))
        };
        let refused = Expr::compare(Comparison::Greater, int("turn", "rank"), Expr::int(1));
        let place = Expr::Case {
            arms: vec![(refused, Expr::Call(Function::AddInt, vec![int("turn", "place"), Expr::int(1)]))],
            otherwise: Box::new(int("turn", "place")),
        };
        let worst = over(AggregateFunction::Max, int("turn", "rank"), vec![int("turn", "stratum")]);
        let next = Select {
            joins: vec![asked("turn", place)],
            filter: Some(Expr::compare(Comparison::Greater, int("turn", "worst_before"), Expr::int(1))),
            ..block_of(Source::Round { alias: "turn".to_owned() }, columns("turn", worst))
        };
        self.step(
            &format!("{}_rounds", cohort.name),
            format!(
                "cohort {}: each turn asks, each control holds the earliest, until none is refused",
                cohort.name
            ),
            Body::Recursive { first, next },
        )
    }
}

/// The lot of a person.
fn lot(seed: i64, key: Expr) -> Expr {
    Expr::Call(Function::Sha256, vec![Expr::text(format!("{seed}:")), key])
}

/// A number whose differences can be summed.
fn numeric(value: Expr, whole: bool) -> Expr {
    let value = match value.ty() {
        Type::Date => Expr::Call(Function::DaysBetween, vec![value, Expr::date(EPOCH)]),
        Type::Bool | Type::Int | Type::Decimal | Type::Text | Type::Instant | Type::TextList => value,
    };
    if value.ty() == Type::Int && !whole { Expr::Call(Function::IntToDecimal, vec![value]) } else { value }
}

/// `row_number` in ascending order.
fn number(partition: Vec<Expr>, order: Vec<Expr>) -> Expr {
    let order = order.into_iter().map(|key| Order { key, descending: false, nulls_first: false }).collect();
    Expr::Window(Box::new(Window { aggregate: None, partition, order, before: false }))
}

/// An aggregate over a whole partition.
fn over(function: AggregateFunction, argument: Expr, partition: Vec<Expr>) -> Expr {
    let aggregate = Aggregate { function, argument: Some(argument), distinct: false, filter: None };
    Expr::Window(Box::new(Window { aggregate: Some(aggregate), partition, order: Vec::new(), before: false }))
}

fn typed(columns: &[(String, Expr)]) -> Vec<(String, Type)> {
    columns.iter().map(|(name, value)| (name.clone(), value.ty())).collect()
}

fn of_columns(columns: &[(String, Type)], alias: &str) -> Vec<(String, Expr)> {
    columns.iter().map(|(name, ty)| (name.clone(), Expr::column(alias, name, *ty))).collect()
}

fn inner(source: Source, on: Expr) -> Join {
    Join { kind: JoinKind::Inner, source, on }
}
