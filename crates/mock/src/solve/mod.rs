//! Making a condition true, false or unknown of a person, by choosing values that decide it.
//!
//! Each form is turned round: a comparison with a bound is solved for the value on the wanted side of it, the
//! nearest first; a date that is so many days before another is that other and so many days back; `has R` is
//! made true by a row of R whose conditions are made true. What has several ways is given as several drafts.
//! Nothing is drawn and thrown away, so a narrow window costs no more than a wide one. A way that would change
//! a value that was chosen before is none.

mod candidates;
mod codes;
mod compare;
mod rows;
mod set;

pub(crate) use candidates::{shown, turned as turned_list};

use crate::draft::{At, Draft};
use crate::logic::not;
use crate::scope::{Asked, Place, Scope};
use std::cell::{Cell, RefCell};
use text::Range;
use types::{CohortId, Expr, Kind, Value};

/// How many ways are followed at a time.
const WAYS: usize = 24;
/// How many ways of each part are followed where several parts are made.
const FEW: usize = 6;

/// The search.
pub(crate) struct Solver<'a> {
    pub(crate) asked: Asked<'a>,
    /// The words of a place in the program.
    pub(crate) words: &'a dyn Fn(Range) -> String,
    /// Whether what is made false is to be just false: rows that nearly are come before no rows.
    pub(crate) near: Cell<bool>,
    /// Forms that no way was known for.
    pub(crate) unsolved: RefCell<Vec<String>>,
}

impl<'a> Solver<'a> {
    pub(crate) fn new(asked: Asked<'a>, words: &'a dyn Fn(Range) -> String) -> Solver<'a> {
        Solver { asked, words, near: Cell::new(false), unsolved: RefCell::new(Vec::new()) }
    }

    /// Says that there is no way to make a form.
    fn cannot(&self, reason: &str) {
        let mut unsolved = self.unsolved.borrow_mut();
        if !unsolved.iter().any(|known| known == reason) {
            unsolved.push(reason.to_owned());
        }
    }

    /// Drafts in which a condition is what is wanted; `None` is unknown.
    pub(crate) fn make(
        &self,
        draft: &Draft,
        expr: &'a Expr,
        want: Option<bool>,
        scope: &Scope<'a>,
    ) -> Vec<Draft> {
        let mut ways = self.ways(draft, expr, want, scope);
        ways.retain(|way| self.asked.truth(way, expr, scope) == want);
        ways.truncate(WAYS);
        ways
    }

    /// The same, for what is not the thing that is missed.
    fn far<T>(&self, make: impl FnOnce() -> T) -> T {
        let near = self.near.replace(false);
        let made = make();
        self.near.set(near);
        made
    }

    /// All of these conditions what is wanted, one after the other.
    fn make_all(
        &self,
        draft: &Draft,
        parts: impl Iterator<Item = (&'a Expr, Option<bool>)>,
        scope: &Scope<'a>,
    ) -> Vec<Draft> {
        let mut ways = vec![draft.clone()];
        for (part, want) in parts {
            ways = spread(&ways, |way| self.make(way, part, want, scope));
        }
        ways
    }

    /// All of these conditions true.
    pub(crate) fn make_every(
        &self,
        draft: &Draft,
        parts: impl Iterator<Item = &'a Expr> + Clone,
        scope: &Scope<'a>,
    ) -> Vec<Draft> {
        let mut ways = self.make_all(draft, parts.clone().map(|part| (part, Some(true))), scope);
        ways.retain(|way| parts.clone().all(|part| self.asked.truth(way, part, scope) == Some(true)));
        ways
    }

    fn ways(&self, draft: &Draft, expr: &'a Expr, want: Option<bool>, scope: &Scope<'a>) -> Vec<Draft> {
        let is_so = self.asked.truth(draft, expr, scope) == want;
        match &expr.kind {
            Kind::Has(rows) => return self.has(draft, rows, want, is_so, scope),
            Kind::Counted(count, bound, rows) => {
                return self.counted(draft, (*count, *bound), rows, want, is_so, scope);
            }
            Kind::Not(inner) => return self.make(draft, inner, not(want), scope),
            Kind::And(parts) => return self.junction(draft, parts, true, want, scope),
            Kind::Or(parts) => return self.junction(draft, parts, false, want, scope),
            // What is false for want of a value is not near: there may be a value that nearly passes.
            _ if is_so && (want == Some(true) || !self.near.get()) => return vec![draft.clone()],
            _ => {}
        }
        let value = want.map(Value::Bool);
        let mut ways = match &expr.kind {
            Kind::Compare(comparison, left, right) => {
                self.compare(draft, (*comparison, left, right), want, scope)
            }
            Kind::CompareQuantity { comparison, value, unit, in_units } => {
                self.quantity(draft, (*comparison, value, unit, in_units), want, scope)
            }
            Kind::InCodes(code, test) => self.in_codes(draft, code, test, want, scope),
            Kind::InGeneCodes { code, gene, annotation } => {
                self.in_gene_codes(draft, code, gene, annotation, want, scope)
            }
            Kind::InValues(inner, values) => self.in_values(draft, inner, values, want, scope),
            Kind::IsAllele(row, alleles) => self.is_allele(draft, row, alleles, want, scope),
            Kind::InRegion(row, region) => self.in_region(draft, row, region, want, scope),
            Kind::InCohort(row, cohort) => self.in_cohort(draft, row, *cohort, want, scope),
            Kind::IsKnown(inner) => match want {
                Some(true) => self.ground(draft, inner, scope),
                Some(false) => self.set(draft, inner, None, false, scope),
                None => Vec::new(),
            },
            Kind::CountedOf(count, bound, parts) => {
                self.counted_of(draft, (*count, *bound), parts, want, scope)
            }
            Kind::Observed { subject, from, to } => self.observed(draft, subject, (from, to), want, scope),
            Kind::ConsentValid { at, purpose, .. } => {
                self.consent(draft, at.as_deref(), purpose.is_some(), want, scope)
            }
            Kind::InTable { .. } => {
                self.cannot("membership in released values of another table is not solved");
                Vec::new()
            }
            Kind::Literal(_) | Kind::Null => Vec::new(),
            _ => {
                let told = || match want {
                    Some(want) => format!("{} {want}", compare::named(self, expr)),
                    None => format!("{} not known", compare::named(self, expr)),
                };
                let made = match &value {
                    // What is so already is made so in another way.
                    Some(value) if is_so => self.given(draft, expr, value, false, scope),
                    value => self.set(draft, expr, value.clone(), false, scope),
                };
                made.into_iter().map(|way| self.noted(way, told)).collect()
            }
        };
        if is_so {
            ways.push(draft.clone());
        }
        ways
    }

    /// `and`, and `or`, which is the same with all truths turned round.
    fn junction(
        &self,
        draft: &Draft,
        parts: &'a [Expr],
        is_and: bool,
        want: Option<bool>,
        scope: &Scope<'a>,
    ) -> Vec<Draft> {
        let all = parts.iter().map(|part| (part, Some(is_and)));
        if want == Some(is_and) {
            return if is_and {
                self.far(|| self.make_all(draft, all, scope))
            } else {
                self.make_all(draft, all, scope)
            };
        }
        // One part decides; the others are as if it alone were missed.
        let mut each: Vec<Vec<Draft>> = Vec::new();
        for (at, decides) in parts.iter().enumerate() {
            let others = parts.iter().enumerate().filter(|(other, _)| *other != at);
            let others = others.map(|(_, part)| (part, Some(is_and)));
            let ways = self.make(draft, decides, want, scope);
            let whole = self.far(|| spread(&ways, |way| self.make_all(way, others.clone(), scope)));
            each.push(if whole.is_empty() && want.is_some() { ways } else { whole });
        }
        in_turn(each)
    }

    /// A person who is, or is not, in a cohort.
    fn in_cohort(
        &self,
        draft: &Draft,
        row: &types::Row,
        cohort: CohortId,
        want: Option<bool>,
        scope: &Scope<'a>,
    ) -> Vec<Draft> {
        let Some(person) = self.asked.at(draft, row, scope) else { return Vec::new() };
        let steps = self.steps(cohort);
        match want {
            Some(true) => self.pass(draft, person, &steps),
            Some(false) => {
                let each = (0..steps.len()).map(|at| {
                    let before = self.pass(draft, person, &steps[..at]);
                    spread(&before, |way| self.step(way, person, steps[at], Some(false)))
                });
                in_turn(each.collect())
            }
            None => Vec::new(),
        }
    }

    /// The steps from all people to the members of a cohort.
    pub(crate) fn steps(&self, cohort: CohortId) -> Vec<Step<'a>> {
        let mut steps = Vec::new();
        for id in crate::scope::chain(self.asked.query, cohort) {
            let Some(of) = self.asked.query.cohorts.get(id.0 as usize) else { continue };
            if let Some(index) = &of.index {
                steps.push(Step { cohort: id, what: What::Index(index) });
            }
            for rule in &of.rules {
                steps.push(Step { cohort: id, what: What::Rule(rule) });
            }
        }
        steps
    }

    /// A person who passes all these steps.
    pub(crate) fn pass(&self, draft: &Draft, person: At, steps: &[Step<'a>]) -> Vec<Draft> {
        let mut ways = vec![draft.clone()];
        for (at, step) in steps.iter().enumerate() {
            ways = spread(&ways, |way| self.step(way, person, *step, Some(true)));
            // What was chosen for a later rule may have undone an earlier one.
            ways.retain(|way| steps[..at].iter().all(|before| self.passes(way, person, *before)));
        }
        ways
    }

    /// Whether a person passes a step.
    pub(crate) fn passes(&self, draft: &Draft, person: At, step: Step<'a>) -> bool {
        let scopes = self.asked.members(draft, person, step.cohort);
        match step.what {
            What::Index(_) => !scopes.is_empty(),
            What::Rule(rule) => {
                scopes.iter().any(|scope| self.asked.truth(draft, &rule.condition, scope) == Some(true))
            }
        }
    }

    /// A person of whom a step is what is wanted.
    pub(crate) fn step(&self, draft: &Draft, person: At, step: Step<'a>, want: Option<bool>) -> Vec<Draft> {
        let Some(of) = self.asked.query.cohorts.get(step.cohort.0 as usize) else { return Vec::new() };
        match step.what {
            What::Rule(rule) => {
                let scopes = self.asked.members(draft, person, step.cohort);
                let ways = scopes.iter().map(|scope| self.make(draft, &rule.condition, want, scope));
                in_turn(ways.collect())
            }
            What::Index(index) => {
                let scope =
                    Scope::default().member(&self.asked, of.row.id, Place::Row(person), Some(step.cohort));
                match (&index.rows, want) {
                    (None, Some(true)) => self.ground(draft, &index.date, &scope),
                    (None, _) => self.missed_index(draft, &index.date, &scope),
                    (Some(rows), Some(true)) => self
                        .add_row(draft, rows, None, None, &scope)
                        .into_iter()
                        .flat_map(|(way, scope)| self.ground(&way, &index.date, &scope))
                        .take(WAYS)
                        .collect(),
                    (Some(rows), _) => self.has(draft, rows, Some(false), true, &scope),
                }
            }
        }
    }

    /// Somebody without an index date, who nearly has one.
    fn missed_index(&self, draft: &Draft, date: &'a Expr, scope: &Scope<'a>) -> Vec<Draft> {
        let mut ways = match &date.kind {
            Kind::Pick { rows, .. } => self.has(draft, rows, Some(false), true, scope),
            _ => self.set(draft, date, None, false, scope),
        };
        if ways.is_empty() {
            ways.push(draft.clone());
        }
        ways.retain(|way| self.asked.value(way, date, scope).is_none());
        ways
    }

    /// The note of a draft, where what is made false is to be just false and nothing was said yet.
    pub(crate) fn noted(&self, mut draft: Draft, note: impl FnOnce() -> String) -> Draft {
        if self.near.get() && draft.note.is_none() {
            draft.note = Some(note());
        }
        draft
    }
}

/// What a step asks.
#[derive(Clone, Copy)]
pub(crate) enum What<'a> {
    Index(&'a types::Index),
    Rule(&'a types::Rule),
}

/// A step of a cohort.
#[derive(Clone, Copy)]
pub(crate) struct Step<'a> {
    pub(crate) cohort: CohortId,
    pub(crate) what: What<'a>,
}

/// The ways that go on from each of some ways, in turn, so that the first of each come first.
fn spread(ways: &[Draft], on: impl Fn(&Draft) -> Vec<Draft>) -> Vec<Draft> {
    let mut all = in_turn(
        ways.iter()
            .map(|way| {
                let mut next = on(way);
                next.truncate(FEW.max(WAYS / ways.len().max(1)));
                next
            })
            .collect(),
    );
    all.truncate(WAYS);
    all
}

/// The first of each list, then the second of each, and so on.
pub(crate) fn in_turn<T>(lists: Vec<Vec<T>>) -> Vec<T> {
    let mut all = Vec::new();
    let mut lists: Vec<_> = lists.into_iter().map(Vec::into_iter).collect();
    loop {
        let before = all.len();
        all.extend(lists.iter_mut().filter_map(Iterator::next));
        if all.len() == before {
            return all;
        }
    }
}
