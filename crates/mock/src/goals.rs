//! What people are made for: of each cohort and table of a file, somebody who passes all rules and, of each rule,
//! people who pass all others and just miss it.

use crate::draft::{At, Draft};
use crate::scope::{Place, Scope};
use crate::solve::{Solver, Step, What, in_turn};
use model::{EntityId, Linkage, RelationId};
use std::collections::{BTreeMap, BTreeSet};
use text::Range;
use types::{
    Characteristic, CohortId, Expr, GroupCell, GroupKey, KeyDomain, ReportKind, ShownExpr, Table, TableBody,
    Type, Value,
};

/// How many near misses of different kinds are made of a rule.
const KINDS: usize = 7;
/// How many of them, beside those, are of people of whom it is not known whether they pass it.
const UNKNOWN: usize = 3;
/// How many ways of passing a rule are begun with.
const BEGUN: usize = 8;

/// A cohort or a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Item {
    Cohort(CohortId),
    Table(usize),
}

/// What somebody is made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Goal {
    /// To pass all rules.
    Pass,
    /// To pass all rules before this one, and to miss it.
    Miss(usize),
    /// To pass all rules and have a value that is told apart in the result, by its place.
    Value(usize),
}

/// A person who was made for an item.
#[derive(Clone, Debug)]
pub(crate) struct Reached {
    pub(crate) draft: Draft,
    /// The row that the item's rules are of: the person's, or one that belongs to the person.
    pub(crate) row: At,
    /// What is special, in words.
    pub(crate) note: String,
}

/// A rule as it is told.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    pub(crate) words: String,
    pub(crate) range: Range,
}

/// Something that is told apart in a result: `None` is that a condition is not true.
type Aim<'a> = (&'a Expr, Option<Value>, String);

impl<'a> Solver<'a> {
    /// All cohorts and tables of the file.
    pub(crate) fn items(&self) -> Vec<Item> {
        let query = self.asked.query;
        let cohorts = (0..query.cohorts.len()).filter_map(|at| u32::try_from(at).ok());
        let cohorts = cohorts.map(|at| Item::Cohort(CohortId(at)));
        cohorts.chain((0..query.tables.len()).map(Item::Table)).collect()
    }

    /// The name of an item.
    pub(crate) fn name(&self, item: Item) -> &'a str {
        let query = self.asked.query;
        match item {
            Item::Cohort(id) => query.cohorts.get(id.0 as usize).map_or("", |cohort| &cohort.name),
            Item::Table(at) => query.tables.get(at).map_or("", |table| &table.name),
        }
    }

    /// Where an item stands.
    pub(crate) fn range(&self, item: Item) -> Option<Range> {
        let query = self.asked.query;
        match item {
            Item::Cohort(id) => query.cohorts.get(id.0 as usize).map(|cohort| cohort.range),
            Item::Table(at) => query.tables.get(at).map(|table| table.range),
        }
    }

    /// The rules of an item that are its own, in order.
    pub(crate) fn told(&self, item: Item) -> Vec<Told> {
        let of_rule = |rule: &types::Rule| {
            let words = rule.name.clone().unwrap_or_else(|| {
                let words = (self.words)(rule.range);
                words.strip_prefix("where ").map_or(words.clone(), str::to_owned)
            });
            Told { words, range: rule.range }
        };
        match item {
            Item::Cohort(id) => self
                .own_steps(id)
                .into_iter()
                .map(|step| match step.what {
                    What::Index(index) => Told { words: (self.words)(index.range), range: index.range },
                    What::Rule(rule) => of_rule(rule),
                })
                .collect(),
            Item::Table(at) => {
                let table = self.asked.query.tables.get(at);
                table.map_or_else(Vec::new, |table| table.rules.iter().map(of_rule).collect())
            }
        }
    }

    /// Whether a person who was filled in still is what it was made for.
    pub(crate) fn is_still(&self, before: &Draft, filled: &Draft, item: Item, row: At) -> bool {
        let rules = |draft: &Draft| -> Option<Vec<bool>> {
            Some(match item {
                Item::Cohort(cohort) => {
                    self.steps(cohort).into_iter().map(|step| self.passes(draft, row, step)).collect()
                }
                Item::Table(at) => {
                    let table = self.asked.query.tables.get(at)?;
                    let scope =
                        Scope::default().member(&self.asked, table.row.id, Place::Row(row), table.cohort);
                    let member = table.cohort.is_none_or(|cohort| self.asked.is_member(draft, row, cohort));
                    let of = |rule: &'a types::Rule| {
                        self.asked.truth(draft, &rule.condition, &scope) == Some(true)
                    };
                    // Rules after `for each` are of another row; the interpreter is asked about them.
                    let own = table.each.iter().map(|each| each.after).min().unwrap_or(table.rules.len());
                    std::iter::once(member).chain(table.rules.iter().take(own).map(of)).collect()
                }
            })
        };
        let (was, is) = (rules(before), rules(filled));
        was == is
    }

    fn own_steps(&self, cohort: CohortId) -> Vec<Step<'a>> {
        self.steps(cohort).into_iter().filter(|step| step.cohort == cohort).collect()
    }

    /// The goals of an item.
    pub(crate) fn goals(&self, item: Item) -> Vec<Goal> {
        let rules = (0..self.told(item).len()).map(Goal::Miss);
        let values = (0..self.aims(item).len()).map(Goal::Value);
        std::iter::once(Goal::Pass).chain(rules).chain(values).collect()
    }

    /// People who reach a goal, the plainest first; those of a miss each miss in their own way.
    pub(crate) fn reach(&self, empty: &Draft, item: Item, goal: Goal) -> Vec<Reached> {
        match item {
            Item::Cohort(cohort) => self.reach_cohort(empty, cohort, goal),
            Item::Table(at) => match self.asked.query.tables.get(at) {
                Some(table) => self.reach_table(empty, table, at, goal),
                None => Vec::new(),
            },
        }
    }

    fn reach_cohort(&self, empty: &Draft, cohort: CohortId, goal: Goal) -> Vec<Reached> {
        let Some(person) = empty.subject(self.asked.model) else { return Vec::new() };
        let all = self.steps(cohort);
        let before = all.iter().take_while(|step| step.cohort != cohort).count();
        let mut found = Vec::new();
        match goal {
            Goal::Pass => {
                for draft in self.pass(empty, person, &all) {
                    found.push(Reached { draft, row: person, note: "passes every rule".to_owned() });
                }
            }
            Goal::Miss(at) => {
                let Some(missed) = all.get(before + at) else { return found };
                let (earlier, later) = (&all[..before + at], &all[before + at + 1..]);
                // What is missed is chosen as soon as the dates that it counts from are there: what rules before
                // it ask of the same value leaves room around their own bounds, and not around this one.
                let last = earlier.iter().rposition(|step| matches!(step.what, What::Index(_)));
                let (first, between) = earlier.split_at(last.map_or(0, |last| last + 1));
                let mut ways = Vec::new();
                for (begun, between) in [(first, between), (earlier, &[][..])] {
                    let begun = self.pass(empty, person, begun);
                    for want in [Some(false), None] {
                        let each = begun.iter().take(BEGUN * 3).map(|draft| {
                            let missed = self.missed(draft, |draft| self.step(draft, person, *missed, want));
                            let whole = missed
                                .iter()
                                .filter_map(|draft| self.pass(draft, person, between).into_iter().next());
                            whole.collect()
                        });
                        ways.extend(in_turn(each.collect()));
                    }
                }
                ways.retain(|draft| {
                    !self.passes(draft, person, *missed)
                        && earlier.iter().all(|step| self.passes(draft, person, *step))
                });
                for draft in kinds(ways, |draft| self.step_is_unknown(draft, person, *missed)) {
                    let whole = self.pass(&draft, person, later).into_iter().find(|draft| {
                        !self.passes(draft, person, *missed)
                            && earlier.iter().all(|step| self.passes(draft, person, *step))
                    });
                    let note = draft.note.clone().unwrap_or_default();
                    let mut draft = whole.unwrap_or(draft);
                    draft.note = Some(note.clone());
                    found.push(Reached { draft, row: person, note });
                }
            }
            Goal::Value(at) => {
                let aims = self.aims(Item::Cohort(cohort));
                let Some((expr, value, told)) = aims.into_iter().nth(at) else { return found };
                for draft in self.pass(empty, person, &all).into_iter().take(BEGUN) {
                    // The row of what is shown is that of the report, which is a member.
                    let Some(row) = self.row_of(expr) else { continue };
                    let scope = Scope::default().member(&self.asked, row, Place::Row(person), Some(cohort));
                    let made = self.aimed(&draft, expr, value.as_ref(), &scope);
                    let kept = made
                        .into_iter()
                        .filter(|draft| all.iter().all(|step| self.passes(draft, person, *step)));
                    found.extend(kept.map(|draft| Reached { draft, row: person, note: told.clone() }));
                }
            }
        }
        found
    }

    /// Whether nobody knows whether a person passes a step.
    fn step_is_unknown(&self, draft: &Draft, person: At, step: Step<'a>) -> bool {
        let What::Rule(rule) = step.what else { return false };
        let scopes = self.asked.members(draft, person, step.cohort);
        scopes.iter().any(|scope| self.asked.truth(draft, &rule.condition, scope).is_none())
    }

    /// Ways that just miss.
    fn missed(&self, draft: &Draft, make: impl Fn(&Draft) -> Vec<Draft>) -> Vec<Draft> {
        let mut draft = draft.clone();
        draft.note = None;
        self.near.set(true);
        let ways = make(&draft);
        self.near.set(false);
        ways
    }

    fn aimed(&self, draft: &Draft, expr: &'a Expr, value: Option<&Value>, scope: &Scope<'a>) -> Vec<Draft> {
        match value {
            Some(value) => self.set(draft, expr, Some(value.clone()), false, scope),
            None => self.make(draft, expr, Some(false), scope),
        }
    }

    /// The row in scope that an expression is typed on.
    fn row_of(&self, expr: &'a Expr) -> Option<types::RowId> {
        let mut inner: Vec<types::RowId> = Vec::new();
        let mut found: Vec<types::RowId> = Vec::new();
        types::each_expr(expr, &mut |expr| {
            if let types::Kind::Has(rows)
            | types::Kind::Counted(_, _, rows)
            | types::Kind::Pick { rows, .. }
            | types::Kind::Aggregate { rows, .. } = &expr.kind
            {
                inner.extend(rows.steps.iter().map(|step| step.row.id));
            }
        });
        types::each_row(expr, &mut |row| found.push(row.id));
        types::each_expr(expr, &mut |expr| {
            if let types::Kind::Index(row) | types::Kind::Exit(row, _) = &expr.kind {
                found.push(*row);
            }
        });
        found.into_iter().find(|row| !inner.contains(row))
    }

    /// The values that the result of an item tells apart.
    fn aims(&self, item: Item) -> Vec<Aim<'a>> {
        let query = self.asked.query;
        let mut aims = Vec::new();
        match item {
            Item::Table(at) => {
                let Some(table) = query.tables.get(at) else { return aims };
                match &table.body {
                    TableBody::Groups { keys, .. } => {
                        for key in keys {
                            of_key(key, &mut aims);
                        }
                    }
                    TableBody::Frequency { frequencies, .. } => {
                        for key in frequencies.iter().flat_map(|one| &one.keys) {
                            of_key(key, &mut aims);
                        }
                    }
                    TableBody::Rows { .. } => {}
                }
                for shown in &table.shown {
                    of_shown(&shown.value, &mut aims);
                }
            }
            Item::Cohort(id) => {
                let members = query.reports.iter().flat_map(|report| match &report.kind {
                    ReportKind::Attrition(_) => Vec::new(),
                    ReportKind::Describe(describe) => vec![(&describe.members, describe.keys.as_slice())],
                    ReportKind::Compare(two) => two.iter().map(|members| (members, [].as_slice())).collect(),
                });
                for (members, keys) in members.filter(|(members, _)| members.cohort == id) {
                    for key in keys {
                        of_key(key, &mut aims);
                    }
                    for characteristic in &members.characteristics {
                        if let Characteristic::Levels(key) = characteristic {
                            of_key(key, &mut aims);
                        }
                    }
                }
            }
        }
        aims
    }

    fn reach_table(&self, empty: &Draft, table: &'a Table, at: usize, goal: Goal) -> Vec<Reached> {
        let begun = self.begun(empty, table);
        let mut found = Vec::new();
        for (draft, scope, row) in begun {
            if let Goal::Miss(rule) = goal {
                found.extend(self.missed_of_table(&draft, table, rule, &scope, row));
                continue;
            }
            let before = self.pass_table(&draft, table, &scope, 0, table.rules.len());
            for (draft, scope) in before.into_iter().take(BEGUN) {
                match goal {
                    Goal::Pass => {
                        for draft in self.carried_by(&draft, table, &scope) {
                            found.push(Reached { draft, row, note: "passes every rule".to_owned() });
                        }
                    }
                    Goal::Miss(_) => {}
                    Goal::Value(aim) => {
                        let aims = self.aims(Item::Table(at));
                        let Some((expr, value, told)) = aims.into_iter().nth(aim) else { continue };
                        for draft in self.carried_by(&draft, table, &scope).into_iter().take(BEGUN) {
                            let scope = self.people_of(table, &draft, &scope);
                            for draft in self.aimed(&draft, expr, value.as_ref(), &scope) {
                                let kept = table.rules.iter().all(|rule| {
                                    self.asked.truth(&draft, &rule.condition, &scope) == Some(true)
                                });
                                if kept {
                                    found.push(Reached { draft, row, note: told.clone() });
                                }
                            }
                        }
                    }
                }
            }
        }
        if let Goal::Miss(_) = goal {
            let mut seen = Seen::default();
            found.retain(|one| seen.is_new(&one.note));
            found.truncate(KINDS + UNKNOWN);
        }
        found
    }

    /// Rows that miss a rule of a table and pass the others, as far as they can.
    fn missed_of_table(
        &self,
        draft: &Draft,
        table: &'a Table,
        rule: usize,
        scope: &Scope<'a>,
        row: At,
    ) -> Vec<Reached> {
        let Some(missed) = table.rules.get(rule) else { return Vec::new() };
        let mut found = Vec::new();
        // A rule of the row itself is missed first, and one of what `for each` walks to after the walk.
        let own = table.each.iter().all(|each| each.after > rule);
        for first in [own, false] {
            let begun = if first {
                vec![(draft.clone(), scope.clone())]
            } else {
                self.pass_table(draft, table, scope, 0, rule)
            };
            for (draft, scope) in begun.into_iter().take(BEGUN * 3) {
                for want in [Some(false), None] {
                    let ways = self.missed(&draft, |draft| self.make(draft, &missed.condition, want, &scope));
                    for way in ways {
                        let note = way.note.clone().unwrap_or_default();
                        let earlier = if first {
                            self.pass_table(&way, table, &scope, 0, rule).into_iter().next()
                        } else {
                            Some((way, scope.clone()))
                        };
                        let Some((way, scope)) = earlier else { continue };
                        let later = self.pass_table(&way, table, &scope, rule + 1, table.rules.len());
                        let misses =
                            |draft: &Draft| self.asked.truth(draft, &missed.condition, &scope) != Some(true);
                        let whole = later.into_iter().map(|(draft, _)| draft).find(misses).unwrap_or(way);
                        if !misses(&whole) {
                            continue;
                        }
                        let carried = self.carried_by(&whole, table, &scope).into_iter().take(1);
                        found.extend(carried.map(|draft| Reached { draft, row, note: note.clone() }));
                    }
                }
            }
        }
        found
    }

    /// The row of a table that no rule was asked of yet.
    fn begun(&self, empty: &Draft, table: &'a Table) -> Vec<(Draft, Scope<'a>, At)> {
        let model = self.asked.model;
        let Some(person) = empty.subject(model) else { return Vec::new() };
        if let Some(cohort) = table.cohort {
            return self
                .pass(empty, person, &self.steps(cohort))
                .into_iter()
                .take(BEGUN)
                .map(|draft| {
                    let scope =
                        self.asked.members(&draft, person, cohort).into_iter().next().unwrap_or_default();
                    let scope = self.as_member(scope, table, person, cohort);
                    (draft, scope, person)
                })
                .collect();
        }
        let entity = model.entity(table.row.entity);
        let mut draft = empty.clone();
        let at = match entity.linkage {
            Linkage::Subject => Some(person),
            Linkage::Of(_) => self.belonging(&mut draft, person, table.row.entity),
            Linkage::Public | Linkage::Aggregate => Some(draft.create(model, table.row.entity, &[])),
        };
        let Some(at) = at else { return Vec::new() };
        let mut all = vec![(draft, Scope::default().with(table.row.id, Place::Row(at)), at)];
        // An allele that is there already, as others have it, is as good as a new one.
        if entity.linkage == Linkage::Public {
            let known: Vec<At> = empty.of(table.row.entity).collect();
            let known = crate::solve::turned_list(known, empty.turn);
            for at in known.into_iter().take(40) {
                let scope = Scope::default().with(table.row.id, Place::Row(at));
                all.insert(0, (empty.clone(), scope, at));
            }
        }
        all
    }

    fn as_member(&self, scope: Scope<'a>, table: &Table, person: At, cohort: CohortId) -> Scope<'a> {
        let member = Scope::default().member(&self.asked, table.row.id, Place::Row(person), Some(cohort));
        scope.merged(&member)
    }

    /// A new row of an entity that belongs to a person.
    fn belonging(&self, draft: &mut Draft, person: At, entity: EntityId) -> Option<At> {
        let model = self.asked.model;
        let mut paths: Vec<(EntityId, Vec<RelationId>)> = vec![(draft.row(person).entity, Vec::new())];
        for _ in 0..3 {
            let mut longer = Vec::new();
            for (at, path) in &paths {
                for (number, relation) in (0..).zip(&model.entity(*at).relations) {
                    if !relation.many {
                        continue;
                    }
                    let path: Vec<RelationId> = path.iter().copied().chain([RelationId(number)]).collect();
                    if relation.target == entity {
                        let mut at = person;
                        for step in path {
                            at = draft.relate(model, at, step)?;
                        }
                        return Some(at);
                    }
                    longer.push((relation.target, path));
                }
            }
            paths = longer;
        }
        None
    }

    /// The rules of a table from one to another, and what is walked by `for each` between them.
    fn pass_table(
        &self,
        draft: &Draft,
        table: &'a Table,
        scope: &Scope<'a>,
        from: usize,
        to: usize,
    ) -> Vec<(Draft, Scope<'a>)> {
        let mut ways = vec![(draft.clone(), scope.clone())];
        for at in from..=to {
            for each in table.each.iter().filter(|each| each.after == at) {
                let mut next = Vec::new();
                for (draft, scope) in &ways {
                    let there = self.asked.found(draft, &each.rows, scope).into_iter();
                    let there: Vec<_> = there.filter(|row| row.holds == Some(true)).collect();
                    if there.is_empty() {
                        next.extend(self.add_row(draft, &each.rows, None, None, scope));
                    } else {
                        next.extend(there.into_iter().map(|row| (draft.clone(), row.scope)));
                    }
                }
                ways = next;
            }
            let Some(rule) = table.rules.get(at).filter(|_| at < to) else { continue };
            let each = ways.into_iter().map(|(draft, scope)| {
                let made = self.make(&draft, &rule.condition, Some(true), &scope);
                made.into_iter().take(BEGUN).map(|draft| (draft, scope.clone())).collect()
            });
            ways = in_turn(each.collect());
            ways.retain(|(draft, scope)| {
                table.rules[from..at]
                    .iter()
                    .all(|rule| self.asked.truth(draft, &rule.condition, scope) == Some(true))
            });
            ways.truncate(BEGUN * 3);
        }
        ways
    }

    /// Of a table of alleles: somebody who carries the allele, among those who are counted. Everybody else is as
    /// they are.
    fn carried_by(&self, draft: &Draft, table: &'a Table, scope: &Scope<'a>) -> Vec<Draft> {
        let TableBody::Frequency { frequencies, .. } = &table.body else {
            return match self.asked.model.entity(table.row.entity).linkage {
                Linkage::Public => self.carrier(draft, table, scope).into_iter().collect(),
                _ => vec![draft.clone()],
            };
        };
        let Some(person) = draft.subject(self.asked.model) else { return Vec::new() };
        let mut all = Vec::new();
        // One person is seldom in all groups that are compared, so each has its own.
        for frequency in frequencies {
            let mut ways = vec![draft.clone()];
            if let Some(cohort) = frequency.cohort {
                ways = self.pass(draft, person, &self.steps(cohort));
            }
            for way in ways.into_iter().take(BEGUN) {
                let Some(way) = self.carrier(&way, table, scope) else { continue };
                let inner = self.people_of(table, &way, scope);
                let whole = self.make_every(&way, frequency.conditions.iter(), &inner);
                all.push(whole.into_iter().take(2).collect());
            }
        }
        in_turn(all)
    }

    /// The scope with the rows of those who are counted.
    fn people_of(&self, table: &'a Table, draft: &Draft, scope: &Scope<'a>) -> Scope<'a> {
        let mut inner = scope.clone();
        let TableBody::Frequency { frequencies, .. } = &table.body else { return inner };
        let Some(person) = draft.subject(self.asked.model) else { return inner };
        for frequency in frequencies {
            let place = if frequency.samples {
                self.asked.entity("sample").and_then(|entity| draft.of(entity).next())
            } else {
                Some(person)
            };
            let Some(at) = place else { continue };
            let member =
                Scope::default().member(&self.asked, frequency.row.id, Place::Row(at), frequency.cohort);
            inner = inner.merged(&member);
        }
        inner
    }

    /// The person with a copy of the table's allele.
    fn carrier(&self, draft: &Draft, table: &Table, scope: &Scope<'a>) -> Option<Draft> {
        let model = self.asked.model;
        if self.asked.entity("variant") != Some(table.row.entity) {
            return Some(draft.clone());
        }
        let Place::Row(at) = scope.place(table.row.id)? else { return None };
        let mut draft = self.with_sample(draft)?;
        let calls = self.asked.entity("call")?;
        let variant = model.entity(table.row.entity).find_column("variant_id")?;
        let id = draft.cell(at, variant)?;
        if self.asked.carried(&draft).iter().any(|(carried, _)| *carried == at) {
            return Some(draft);
        }
        let column = |name: &str| model.entity(calls).find_column(name);
        let cells = [
            (column("call_set_id")?, Some(Value::Int(1))),
            (column("variant_id")?, Some(id)),
            (column("ordinal")?, Some(Value::Int(draft.number - 1))),
        ];
        draft.create(model, calls, &cells);
        Some(draft)
    }
}

/// The first two of each kind of way, by what distinguishes it.
fn kinds(ways: Vec<Draft>, is_unknown: impl Fn(&Draft) -> bool) -> Vec<Draft> {
    let mut seen = Seen::default();
    let new = ways.into_iter().filter(|way| seen.is_new(way.note.as_deref().unwrap_or_default()));
    // What is not known comes last, and has its place.
    let (unknown, mut known): (Vec<Draft>, Vec<Draft>) = new.partition(is_unknown);
    known.truncate(KINDS);
    known.extend(unknown.into_iter().take(UNKNOWN));
    known
}

/// What has been said: nothing twice, and two of what differs in its numbers only.
#[derive(Default)]
struct Seen {
    notes: BTreeSet<String>,
    kinds: BTreeMap<String, usize>,
}

impl Seen {
    fn is_new(&mut self, note: &str) -> bool {
        let kind: String = note.chars().filter(|letter| !letter.is_ascii_digit() && *letter != '.').collect();
        let known = self.kinds.entry(kind).or_default();
        *known += 1;
        *known <= 2 && self.notes.insert(note.to_owned())
    }
}

fn of_key<'a>(key: &'a GroupKey, aims: &mut Vec<Aim<'a>>) {
    let KeyDomain::Closed(values) = &key.domain else { return };
    for value in values.iter().take(12) {
        let told = format!("{} {}", key.name, crate::solve::shown(&key.value.ty, value));
        aims.push((&key.value, Some(value.clone()), told));
    }
}

/// Conditions that a shown value counts by.
fn of_shown<'a>(shown: &'a ShownExpr, aims: &mut Vec<Aim<'a>>) {
    let mut both = |expr: &'a Expr, what: &str| {
        if expr.ty == Type::Bool {
            aims.push((expr, Some(Value::Bool(true)), format!("{what} true")));
            aims.push((expr, None, format!("{what} false")));
        }
    };
    match shown {
        ShownExpr::Cell(GroupCell::Aggregate { argument, filter, .. }) => {
            for inner in argument.iter().chain(filter) {
                both(inner, "a shown condition is");
            }
        }
        ShownExpr::Arithmetic(_, left, right) | ShownExpr::Compare(_, left, right) => {
            of_shown(left, aims);
            of_shown(right, aims);
        }
        ShownExpr::And(all) | ShownExpr::Or(all) => all.iter().for_each(|one| of_shown(one, aims)),
        ShownExpr::Not(inner) | ShownExpr::IsKnown(inner) | ShownExpr::Previous { value: inner, .. } => {
            of_shown(inner, aims);
        }
        ShownExpr::Cell(_)
        | ShownExpr::Shown(_)
        | ShownExpr::Literal(_)
        | ShownExpr::Fisher(..)
        | ShownExpr::Grpmax { .. }
        | ShownExpr::RegroupKey(_)
        | ShownExpr::Regrouped { .. } => {}
    }
}
