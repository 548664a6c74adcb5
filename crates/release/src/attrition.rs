//! Release rule 10: the steps of a cohort, and how many people each of them leaves.
//!
//! What leaves is a chain of sets, each within the one before: all permitted people, then those who pass
//! the first released step, and so on. A released step is one step or several in a row. Between two sets
//! lie the people *removed*: those for whom it is false (*out*) and those for whom it is unknown.
//!
//! 1. A step whose removed, out, unknown or gained people are from 1 to `min subjects` − 1 is released
//!    together with the step after it, and so on until they are not. Removed people are the difference
//!    of two sets, so they must be as many as `difference` says, and as many as the rounding base, below
//!    which a step that removes people would look like one that removes nobody.
//! 2. After the last step there is none. If too few are removed there, it is released together with the
//!    step before it; a cohort that all its steps together cut by too few says only that it is withheld.
//!    If only its parts are too few, the parts are withheld, and what it removes is told.
//! 3. Once a set is smaller than `min subjects`, all that follows is one step, and of it nothing is told
//!    but that. The set before it must leave the small one its whole interval; if it does not, steps
//!    before are taken in until one does.
//! 4. The people that a step removes beside those whom it alone keeps out are people as well: where they
//!    are too few, the number gained is withheld.
//!
//! Where the agreement withholds zeros, a step that removes nobody counts as too small. Its parts are
//! then withheld instead of joining the step to another: a step that is not joined would tell that none
//! of its parts is small, and a withheld one next to it that it is zero.
//!
//! What is told are the sizes of disjoint sets, each rounded by itself: the members, and the out and the
//! unknown of each step. All else are their sums, so that the chain adds up and tells nothing more.
//!
//! A step that removes nobody whoever they are (an exit of follow-up that began) says nothing of anybody: it
//! is told beside the set before it, or is part of the step that it stands in.
//!
//! Of an event cohort subjects and events are told, each from sets of its own. A number of events is told
//! where its subjects are as many as people must be; the events that a step removes may have subjects of whom
//! other events are left, so they count beside the removed subjects in 1 and 2.
//!
//! What the cases of a match got is a number of cases each, and they are told all or not at all.

use crate::behind::Sets;
use crate::error::Error;
use crate::raw::RawTable;
use crate::rules::{Terms, Zeros};
use crate::value::{Column, ColumnKind, ReleasedValue, Withheld};
use counts::{Counts, EventSets, Numbers};
use plan::{Attrition, AttritionStepKind, Type, Value};

/// The columns of an attrition and its rows.
pub(crate) type Made = (Vec<Column>, Vec<Vec<ReleasedValue>>);

/// Releases an attrition.
pub(crate) fn release(
    attrition: &Attrition,
    table: &RawTable,
    terms: &Terms,
    sets: &mut Sets<'_>,
) -> Result<Made, Error> {
    let chain = Chain { counts: Counts::read(attrition, table)?, attrition, terms };
    let cases = cases::read(attrition, table)?;
    let of_events = chain.counts.of_events();
    let mut first = vec![text(&attrition.source), text("permitted")];
    first.resize(columns(of_events, cases.is_some()).len(), ReleasedValue::Null);
    let mut rows = vec![first];
    let blocks = chain.blocks();
    // From the members up, because each set is the one after it and what lies between.
    let mut size = None;
    let mut events_size = None;
    let mut last_rows = Vec::new();
    if of_events || cases.is_some() {
        sets.incomplete();
    }
    let people = Leavers::read(attrition, table)?;
    // Who leaves by a step of which nothing is told, and who is left after the last one of which something is.
    let mut parts = Vec::new();
    for block in blocks.iter().rev() {
        let found = chain.numbers(*block);
        let told = chain.told(*block, &found);
        match told {
            Told::Nothing { .. } => {}
            Told::Removed => parts.push(people.of(|first, _| block.holds(first))),
            Told::Parts => {
                parts.push(people.of(|first, unknown| block.holds(first) && !unknown));
                parts.push(people.of(|first, unknown| block.holds(first) && unknown));
            }
        }
        if !matches!(told, Told::Nothing { .. }) {
            sets.family(table, attrition.people, &[people.of(|first, _| first > block.last)], true)?;
            if !of_events && found.gained.as_ref().is_some_and(|gained| !chain.is_small(gained.people)) {
                sets.family(table, attrition.people, &[people.gained(*block)], true)?;
            }
        }
        let mut row = vec![text(&chain.cohorts(*block)), text(&chain.words(*block))];
        row.extend(chain.row(*block, told, &found, &mut size)?);
        if of_events {
            row.extend(chain.events_row(told, &found, &mut events_size)?);
        }
        if let Some(cases) = &cases {
            row.extend(cases.row(*block, &chain)?);
        }
        last_rows.push(row);
    }
    sets.family(table, attrition.people, &parts, false)?;
    let everybody = chain.counts.entering(1);
    if !chain.is_small(everybody) {
        sets.family(table, attrition.people, &[people.of(|_, _| true)], true)?;
    }
    let all = match size {
        _ if chain.is_small(everybody) => chain.below(terms.min_subjects).into(),
        Some(size) => number(size)?,
        None => number(chain.rounded(everybody))?,
    };
    if let Some(cell) = rows.first_mut().and_then(|row| row.get_mut(2)) {
        *cell = all;
    }
    rows.extend(last_rows.into_iter().rev());
    Ok((columns(of_events, cases.is_some()), rows))
}

fn columns(of_events: bool, with_cases: bool) -> Vec<Column> {
    let column =
        |name: &str, ty, kind| Column { name: name.to_owned(), ty, unit: None, kind, nested: Vec::new() };
    let mut columns =
        vec![column("cohort", Type::Text, ColumnKind::Key), column("rule", Type::Text, ColumnKind::Key)];
    let mut names = vec!["in", "out", "unknown", "gained_if_dropped"];
    if of_events {
        names.extend(["events_in", "events_out", "events_unknown", "events_gained_if_dropped"]);
    }
    if with_cases {
        names.extend(["cases_complete", "cases_with_fewer", "cases_unknown"]);
    }
    columns.extend(names.into_iter().map(|name| column(name, Type::Int, ColumnKind::Value)));
    columns
}

/// A released step: the steps from `first` to `last`, both counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Block {
    first: usize,
    last: usize,
}

impl Block {
    fn holds(self, step: usize) -> bool {
        (self.first..=self.last).contains(&step)
    }
}

/// The raw rows of people by where they leave, each person in one of them.
struct Leavers {
    /// Row, the first and the last step that is failed, and whether the first is unknown.
    rows: Vec<(usize, usize, usize, bool)>,
}

impl Leavers {
    fn read(attrition: &Attrition, table: &RawTable) -> Result<Leavers, Error> {
        let mut rows = Vec::new();
        for row in 0..table.rows {
            if let Some(raw) = attrition.cases
                && table.count(raw, row)? != 0
            {
                continue;
            }
            let place = |raw| Ok(usize::try_from(table.count(raw, row)?).unwrap_or(usize::MAX));
            let (first, last) = (place(attrition.first)?, place(attrition.last)?);
            // Of events a row has steps in a row together; those of one step each are the parts. Which of them are
            // unknown is a number there.
            if attrition.events.is_some() {
                if first == last {
                    rows.push((row, first, last, false));
                }
            } else {
                rows.push((row, first, last, table.is_true(attrition.unknown, row)?));
            }
        }
        Ok(Leavers { rows })
    }

    /// Those who fail first at a step, by whether it is unknown.
    fn of(&self, chosen: impl Fn(usize, bool) -> bool) -> Vec<usize> {
        let rows = self.rows.iter().filter(|(_, first, _, unknown)| chosen(*first, *unknown));
        rows.map(|(row, ..)| *row).collect()
    }

    /// Those whom only steps of a block keep out.
    fn gained(&self, block: Block) -> Vec<usize> {
        let rows = self.rows.iter().filter(|(_, first, last, _)| block.holds(*first) && block.holds(*last));
        rows.map(|(row, ..)| *row).collect()
    }
}

/// What may be told of a released step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Told {
    /// Nothing but, maybe, that fewer than so many are left.
    Nothing { below: Option<u32> },
    /// How many it removes, but not for what reason.
    Removed,
    /// How many are out and how many unknown.
    Parts,
}

struct Chain<'a> {
    counts: Counts,
    attrition: &'a Attrition,
    terms: &'a Terms,
}

impl Chain<'_> {
    fn numbers(&self, block: Block) -> Numbers {
        let mut steps = self.attrition.steps.iter().take(block.last).skip(block.first - 1);
        let droppable = steps.all(|step| step.droppable || self.is_idle(step.kind));
        self.counts.numbers(block.first, block.last, droppable && !self.only_idle(block))
    }

    fn is_idle(&self, kind: AttritionStepKind) -> bool {
        kind == AttritionStepKind::Exit { idle: true }
    }

    /// Whether the steps remove nobody, whoever they are.
    fn only_idle(&self, block: Block) -> bool {
        let mut steps = self.attrition.steps.iter().take(block.last).skip(block.first - 1);
        steps.all(|step| self.is_idle(step.kind))
    }

    /// The numbers of people of a row. `size` is the set after it, and becomes the one before it.
    fn row(
        &self,
        block: Block,
        told: Told,
        found: &Numbers,
        size: &mut Option<u64>,
    ) -> Result<[ReleasedValue; 4], Error> {
        let after = match (told, *size) {
            (Told::Nothing { .. }, _) => None,
            (_, Some(size)) => Some(size),
            (_, None) => Some(self.rounded(found.after)),
        };
        let (out, unknown, removed) = match told {
            Told::Nothing { .. } => (Withheld::PLAIN.into(), Withheld::PLAIN.into(), None),
            Told::Removed => {
                (Withheld::PLAIN.into(), Withheld::PLAIN.into(), Some(self.rounded(found.removed)))
            }
            Told::Parts => {
                let (out, unknown) = (self.rounded(found.out()), self.rounded(found.unknown));
                (number(out)?, number(unknown)?, Some(out.saturating_add(unknown)))
            }
        };
        let into = match (told, after) {
            (Told::Nothing { below }, _) => below.map_or(Withheld::PLAIN, |below| self.below(below)).into(),
            (_, Some(after)) => number(after)?,
            (_, None) => Withheld::PLAIN.into(),
        };
        let gained = match (told, &found.gained) {
            (_, None) => ReleasedValue::Null,
            (Told::Nothing { .. }, Some(_)) => Withheld::PLAIN.into(),
            (_, Some(gained)) if self.is_small(gained.people) => self.below(self.terms.min_subjects).into(),
            (_, Some(gained))
                if gained.beside.into_iter().any(|people| people > 0 && self.is_small(people)) =>
            {
                Withheld::PLAIN.into()
            }
            (_, Some(gained)) => number(self.rounded(gained.people))?,
        };
        *size = match (after, removed) {
            (Some(after), Some(removed)) => Some(after.saturating_add(removed)),
            (_, _) => Some(self.rounded(self.counts.entering(block.first))),
        };
        Ok([into, out, unknown, gained])
    }

    /// The numbers of events of a row, likewise. Before the index there are none to be told of.
    fn events_row(
        &self,
        told: Told,
        found: &Numbers,
        size: &mut Option<u64>,
    ) -> Result<[ReleasedValue; 4], Error> {
        let null = || ReleasedValue::Null;
        let plain = || ReleasedValue::from(Withheld::PLAIN);
        let Some(events) = &found.events else { return Ok([null(), null(), null(), null()]) };
        if let Told::Nothing { .. } = told {
            // What comes before has a size of its own.
            *size = None;
            let parts = || events.sets.as_ref().map_or_else(null, |_| plain());
            return Ok([plain(), parts(), parts(), parts()]);
        }
        let after = size.unwrap_or_else(|| self.rounded(events.after));
        let Some(sets) = &events.sets else { return Ok([number(after)?, null(), null(), null()]) };
        let parts = told == Told::Parts
            && !(sets.events > 0 && (self.is_small(sets.out_people) || self.is_small(sets.unknown_people)));
        let (out, unknown, removed) = if parts {
            let (out, unknown) =
                (self.rounded(sets.events.saturating_sub(sets.unknown)), self.rounded(sets.unknown));
            (number(out)?, number(unknown)?, out.saturating_add(unknown))
        } else {
            (plain(), plain(), self.rounded(sets.events))
        };
        *size = Some(after.saturating_add(removed));
        let gained = match found.gained {
            None => null(),
            Some(_) if self.is_small(sets.gained_people) => self.below(self.terms.min_subjects).into(),
            Some(_) if sets.beside_people > 0 && self.is_small(sets.beside_people) => plain(),
            Some(_) => number(self.rounded(sets.gained))?,
        };
        Ok([number(after)?, out, unknown, gained])
    }

    /// A number of people that is not told by itself.
    fn is_small(&self, people: u64) -> bool {
        people < u64::from(self.terms.min_subjects) && (people > 0 || self.terms.zeros == Zeros::Withheld)
    }

    /// The fewest people by which two released sets may differ.
    fn apart(&self) -> u64 {
        let Terms { min_subjects, difference, round_to, .. } = self.terms;
        u64::from((*min_subjects).max(*difference).max(round_to.unwrap_or(1)))
    }

    /// Whether two sets that differ by so many people may not both be told.
    fn is_too_close(&self, removed: u64) -> bool {
        removed < self.apart() && (removed > 0 || self.terms.zeros == Zeros::Withheld)
    }

    /// Whether a step is released together with the one after it.
    fn joins(&self, block: Block) -> bool {
        let found = self.numbers(block);
        let gained = found.gained.as_ref().map(|gained| gained.people);
        let sets = found.events.as_ref().and_then(|events| events.sets.as_ref());
        let of_events = sets.map(|sets| {
            let gained = found.gained.as_ref().map(|_| sets.gained_people);
            [sets.out_people, sets.unknown_people].into_iter().chain(gained)
        });
        let mut parts =
            [found.out(), found.unknown].into_iter().chain(gained).chain(of_events.into_iter().flatten());
        self.removes_too_few(block, &found)
            || (self.terms.zeros == Zeros::Shown && parts.any(|part| self.is_small(part)))
    }

    /// Whether the sets before and after a step may not both be told: of people, or of events.
    fn removes_too_few(&self, block: Block, found: &Numbers) -> bool {
        let sets: Option<&EventSets> = found.events.as_ref().and_then(|events| events.sets.as_ref());
        !self.only_idle(block)
            && (self.is_too_close(found.removed) || sets.is_some_and(|sets| self.is_too_close(sets.people)))
    }

    /// The steps as they are released.
    fn blocks(&self) -> Vec<Block> {
        let mut blocks: Vec<Block> = Vec::new();
        let mut open: Option<Block> = None;
        for step in 1..=self.attrition.steps.len() {
            let block = Block { first: open.map_or(step, |open| open.first), last: step };
            open = if self.joins(block) { Some(block) } else { None };
            if open.is_none() {
                blocks.push(block);
            }
        }
        blocks.extend(open);
        // The last step has none after it.
        while let [.., before, last] = blocks.as_slice()
            && self.removes_too_few(*last, &self.numbers(*last))
        {
            let joined = Block { first: before.first, last: last.last };
            blocks.truncate(blocks.len() - 2);
            blocks.push(joined);
        }
        // All from the first small set on is one step, and the set before it is large enough.
        let small = blocks.iter().position(|block| self.is_small(self.numbers(*block).after));
        if let (Some(mut at), Some(end)) = (small, blocks.last().map(|block| block.last)) {
            while at > 0
                && blocks.get(at).is_some_and(|block| self.counts.entering(block.first) < self.least_before())
            {
                at -= 1;
            }
            if let Some(block) = blocks.get_mut(at) {
                block.last = end;
            }
            blocks.truncate(at + 1);
        }
        blocks
    }

    /// The fewest people before a small set: a step removes at least so many, and from 1 (or 0) to
    /// `min subjects` − 1 may be left.
    fn least_before(&self) -> u64 {
        self.apart() + u64::from(self.terms.min_subjects) - 1
    }

    fn told(&self, block: Block, found: &Numbers) -> Told {
        if self.is_small(found.after) {
            let wide = self.counts.entering(block.first) >= self.least_before()
                && !self.removes_too_few(block, found);
            return Told::Nothing { below: wide.then_some(self.terms.min_subjects) };
        }
        if self.removes_too_few(block, found) {
            return Told::Nothing { below: None };
        }
        if found.removed > 0 && (self.is_small(found.out()) || self.is_small(found.unknown)) {
            return Told::Removed;
        }
        Told::Parts
    }

    /// Half up to the nearest multiple of the base.
    fn rounded(&self, people: u64) -> u64 {
        let base = u64::from(self.terms.round_to.unwrap_or(1));
        people.saturating_mul(2).saturating_add(base) / (2 * base) * base
    }

    fn below(&self, threshold: u32) -> Withheld {
        Withheld { below: Some(threshold), ..Withheld::PLAIN }
    }

    /// The cohorts of a released step, each once.
    fn cohorts(&self, block: Block) -> String {
        let mut names: Vec<&str> = Vec::new();
        for step in self.attrition.steps.iter().take(block.last).skip(block.first - 1) {
            if names.last() != Some(&step.cohort.as_str()) {
                names.push(&step.cohort);
            }
        }
        names.join(", ")
    }

    /// `adult`, or `2 rules: adult; affected`.
    fn words(&self, block: Block) -> String {
        let steps: Vec<_> = self.attrition.steps.iter().take(block.last).skip(block.first - 1).collect();
        let words: Vec<&str> = steps.iter().map(|step| step.words.as_str()).collect();
        match words.as_slice() {
            [one] => (*one).to_owned(),
            several => {
                let rules = steps.iter().all(|step| step.kind == AttritionStepKind::Rule);
                let what = if rules { "rules" } else { "steps" };
                format!("{} {what}: {}", several.len(), several.join("; "))
            }
        }
    }
}

fn text(text: &str) -> ReleasedValue {
    ReleasedValue::Value(Value::Text(text.to_owned()))
}

fn number(people: u64) -> Result<ReleasedValue, Error> {
    let people =
        i64::try_from(people).map_err(|_| Error::malformed("a count has more than 63 bits".to_owned()))?;
    Ok(ReleasedValue::Value(Value::Int(people)))
}

impl From<Withheld> for ReleasedValue {
    fn from(how: Withheld) -> ReleasedValue {
        ReleasedValue::Withheld(how)
    }
}

#[path = "attrition_cases.rs"]
mod cases;
#[path = "attrition_counts.rs"]
mod counts;
#[cfg(test)]
#[path = "attrition_tests.rs"]
mod tests;
