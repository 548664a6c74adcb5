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

use crate::error::Error;
use crate::raw::RawTable;
use crate::rules::{Terms, Zeros};
use crate::value::{Column, ColumnKind, ReleasedValue, Withheld};
use plan::{Attrition, Type, Value};

/// The columns of an attrition and its rows.
pub(crate) type Made = (Vec<Column>, Vec<Vec<ReleasedValue>>);

/// Releases an attrition.
pub(crate) fn release(attrition: &Attrition, table: &RawTable, terms: &Terms) -> Result<Made, Error> {
    let chain = Chain { leaving: read(attrition, table)?, attrition, terms };
    let mut rows = vec![vec![
        text(&attrition.source),
        text("permitted"),
        ReleasedValue::Null,
        ReleasedValue::Null,
        ReleasedValue::Null,
        ReleasedValue::Null,
    ]];
    let blocks = chain.blocks();
    // From the members up, because each set is the one after it and what lies between.
    let mut size = None;
    let mut last_rows = Vec::new();
    for block in blocks.iter().rev() {
        let found = chain.numbers(*block);
        let told = chain.told(*block, &found);
        let after = match (told, size) {
            (Told::Nothing { .. }, _) => None,
            (_, Some(size)) => Some(size),
            (_, None) => Some(chain.rounded(found.after)),
        };
        let (out, unknown, removed) = match told {
            Told::Nothing { .. } => (Withheld::PLAIN.into(), Withheld::PLAIN.into(), None),
            Told::Removed => {
                (Withheld::PLAIN.into(), Withheld::PLAIN.into(), Some(chain.rounded(found.removed)))
            }
            Told::Parts => {
                let (out, unknown) = (chain.rounded(found.out()), chain.rounded(found.unknown));
                (number(out)?, number(unknown)?, Some(out.saturating_add(unknown)))
            }
        };
        let into = match (told, after) {
            (Told::Nothing { below }, _) => below.map_or(Withheld::PLAIN, |below| chain.below(below)).into(),
            (_, Some(after)) => number(after)?,
            (_, None) => Withheld::PLAIN.into(),
        };
        let gained = match (told, found.gained) {
            (_, None) => ReleasedValue::Null,
            (Told::Nothing { .. }, Some(_)) => Withheld::PLAIN.into(),
            (_, Some(gained)) if chain.is_small(gained) => chain.below(terms.min_subjects).into(),
            (_, Some(gained)) if chain.is_small(found.removed - gained) && found.removed != gained => {
                Withheld::PLAIN.into()
            }
            (_, Some(gained)) => number(chain.rounded(gained))?,
        };
        size = match (after, removed) {
            (Some(after), Some(removed)) => Some(after.saturating_add(removed)),
            (_, _) => Some(chain.rounded(chain.entering(block.first))),
        };
        last_rows.push(vec![
            text(&chain.cohorts(*block)),
            text(&chain.words(*block)),
            into,
            out,
            unknown,
            gained,
        ]);
    }
    let everybody = chain.entering(1);
    let all = match size {
        _ if chain.is_small(everybody) => chain.below(terms.min_subjects).into(),
        Some(size) => number(size)?,
        None => number(chain.rounded(everybody))?,
    };
    if let Some(cell) = rows.first_mut().and_then(|row| row.get_mut(2)) {
        *cell = all;
    }
    rows.extend(last_rows.into_iter().rev());
    Ok((columns(), rows))
}

fn columns() -> Vec<Column> {
    let column = |name: &str, ty, kind| Column { name: name.to_owned(), ty, unit: None, kind };
    let mut columns =
        vec![column("cohort", Type::Text, ColumnKind::Key), column("rule", Type::Text, ColumnKind::Key)];
    for name in ["in", "out", "unknown", "gained_if_dropped"] {
        columns.push(column(name, Type::Int, ColumnKind::Value));
    }
    columns
}

/// People who leave in one way.
#[derive(Clone, Copy, Debug)]
struct Leaving {
    first: usize,
    last: usize,
    unknown: bool,
    people: u64,
}

/// A released step: the steps from `first` to `last`, both counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Block {
    first: usize,
    last: usize,
}

/// The exact numbers of a released step.
#[derive(Clone, Copy, Debug)]
struct Numbers {
    /// Who is left after it.
    after: u64,
    /// Who is not, of those who came to it.
    removed: u64,
    /// Of these, for whom the step where they leave is unknown.
    unknown: u64,
    /// Who would be a member without it; none where an index date is in it.
    gained: Option<u64>,
}

impl Numbers {
    fn out(&self) -> u64 {
        self.removed - self.unknown
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
    leaving: Vec<Leaving>,
    attrition: &'a Attrition,
    terms: &'a Terms,
}

impl Chain<'_> {
    fn sum(&self, counts: impl Fn(&Leaving) -> bool) -> u64 {
        self.leaving.iter().filter(|leaving| counts(leaving)).map(|leaving| leaving.people).sum()
    }

    /// Who comes to a step.
    fn entering(&self, step: usize) -> u64 {
        self.sum(|leaving| leaving.first >= step)
    }

    fn numbers(&self, block: Block) -> Numbers {
        let within = |leaving: &Leaving| (block.first..=block.last).contains(&leaving.first);
        let steps = self.attrition.steps.iter().take(block.last).skip(block.first - 1);
        let index = steps.clone().any(|step| step.index);
        Numbers {
            after: self.entering(block.last + 1),
            removed: self.sum(within),
            unknown: self.sum(|leaving| within(leaving) && leaving.unknown),
            gained: (!index).then(|| self.sum(|leaving| within(leaving) && leaving.last <= block.last)),
        }
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
        let parts = [found.out(), found.unknown].into_iter().chain(found.gained);
        self.is_too_close(found.removed)
            || (self.terms.zeros == Zeros::Shown && parts.into_iter().any(|part| self.is_small(part)))
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
            && self.is_too_close(self.numbers(*last).removed)
        {
            let joined = Block { first: before.first, last: last.last };
            blocks.truncate(blocks.len() - 2);
            blocks.push(joined);
        }
        // All from the first small set on is one step, and the set before it is large enough.
        let small = blocks.iter().position(|block| self.is_small(self.numbers(*block).after));
        if let (Some(mut at), Some(end)) = (small, blocks.last().map(|block| block.last)) {
            while at > 0
                && blocks.get(at).is_some_and(|block| self.entering(block.first) < self.least_before())
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
            let wide = self.entering(block.first) >= self.least_before() && !self.is_too_close(found.removed);
            return Told::Nothing { below: wide.then_some(self.terms.min_subjects) };
        }
        if self.is_too_close(found.removed) {
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
                let what = if steps.iter().any(|step| step.index) { "steps" } else { "rules" };
                format!("{} {what}: {}", several.len(), several.join("; "))
            }
        }
    }
}

fn read(attrition: &Attrition, table: &RawTable) -> Result<Vec<Leaving>, Error> {
    let steps = attrition.steps.len();
    let place = |raw, row| -> Result<usize, Error> {
        let place = usize::try_from(table.count(raw, row)?).ok().filter(|place| *place <= steps + 1);
        place.ok_or_else(|| Error::malformed("a person leaves at a step that is not there".to_owned()))
    };
    let mut leaving = Vec::with_capacity(table.rows);
    for row in 0..table.rows {
        let (first, last) = (place(attrition.first, row)?, place(attrition.last, row)?);
        let member = first == steps + 1;
        if first == 0 || member != (last == 0) || (!member && last < first) || last > steps {
            return Err(Error::malformed("the steps that a person fails have no order".to_owned()));
        }
        leaving.push(Leaving {
            first,
            last,
            unknown: table.is_true(attrition.unknown, row)?,
            people: table.count(attrition.people, row)?,
        });
    }
    Ok(leaving)
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

#[cfg(test)]
#[path = "attrition_tests.rs"]
mod tests;
