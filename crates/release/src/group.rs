//! Release rule 4 for groups: what nearly everybody of a group has is not told of the group.
//!
//! Who is known to be of a group in which more than the agreement's `margin` have something sensitive is known to have it, however
//! many they are. Of keys that are facts ([`plan::Fact`]) the rows that agree in all other keys are such a group: when one value has
//! more than the margin, all of them are withheld in the same way, whether none, few or many have them, since what is
//! left would tell which value it is. Of a condition the number of people for whom it holds is withheld, and with it
//! all that could be the number of those for whom it does not.
//!
//! A cell that is withheld as small anyway does not count as one that is above. That something does *not* hold, or is not recorded,
//! tells nothing: a truth is above the margin when it is true of so many. Who asks for the opposite of a condition is told that few
//! have it; the rule looks at one result, and not at what is asked elsewhere.

use crate::cells::{Measure, Rule};
use crate::dominance::is_more_than_share;
use crate::error::Error;
use crate::pool::{Mark, Rows};
use crate::rules::{Terms, WHOLE};
use crate::suppress::{Decisions, Status};
use plan::{Fact, Raw, Shape, Value};
use std::collections::{BTreeMap, BTreeSet};

/// Withheld without a word on how many they are.
const HIDDEN: Status = Status::Small { low: 0, high: None };

/// Whether so many of a group are more than the margin.
pub(crate) fn is_above(people: u64, of: u64, margin: i128) -> bool {
    margin < WHOLE && is_more_than_share(i128::from(people), margin, i128::from(of))
}

/// Whether a value of a fact tells something of those who have it.
pub(crate) fn tells(fact: Fact, label: &Value) -> bool {
    match (fact, label) {
        (_, Value::Null) | (Fact::Truth, Value::Bool(false)) => false,
        (Fact::Truth, Value::Text(label)) => label != "false",
        (Fact::Value | Fact::Truth, _) => true,
    }
}

impl Decisions {
    /// Withholds what nearly everybody of a group has.
    pub(crate) fn hide_groups(
        &mut self,
        shape: &Shape,
        keys: &[Raw],
        rows: &Rows,
        terms: &Terms,
    ) -> Result<(), Error> {
        let measures: Vec<Measure> = self.measures().filter(|measure| is_of_cells(measure.rule)).collect();
        for (key, fact) in shape.facts.iter().filter(|(key, _)| keys.contains(key)) {
            let groups = groups(keys, *key, rows)?;
            for measure in &measures {
                for group in &groups {
                    self.hide_group(shape, (*key, *fact), rows, *measure, group, terms)?;
                }
            }
        }
        for (part, whole) in &shape.parts {
            for row in 0..rows.marks.len() {
                let (people, of) = (rows.table.count(*part, row)?, rows.table.count(*whole, row)?);
                let part_of = |measure: &&Measure| measure.people == *part;
                let shown = measures
                    .iter()
                    .filter(part_of)
                    .any(|measure| self.status(*measure, row) == Status::Shown);
                if !shown || !is_above(people, of, terms.margin) {
                    continue;
                }
                let others = shape.parts.iter().filter(|(_, of)| of == whole).map(|(other, _)| *other);
                for other in others {
                    let opposite = rows.table.count(other, row)? <= of.saturating_sub(people);
                    if other == *part || opposite {
                        for measure in measures.iter().filter(|measure| measure.people == other) {
                            self.hide(*measure, &[row]);
                            self.withhold(*measure, vec![row]);
                        }
                    }
                }
            }
        }
        Ok(())
    }

    fn hide_group(
        &mut self,
        shape: &Shape,
        (key, fact): (Raw, Fact),
        rows: &Rows,
        measure: Measure,
        group: &[usize],
        terms: &Terms,
    ) -> Result<(), Error> {
        let of = together(shape, rows, measure.people, group)?;
        let mut above = false;
        for row in group {
            above |= self.status(measure, *row) == Status::Shown
                && is_above(rows.table.count(measure.people, *row)?, of, terms.margin)
                && tells(fact, &rows.table.value(key, *row)?);
        }
        if above {
            self.hide(measure, group);
            // One row alone is what its total leaves.
            if group.len() == 1 {
                self.withhold(measure, group.to_vec());
            }
        }
        Ok(())
    }

    fn hide(&mut self, measure: Measure, rows: &[usize]) {
        for row in rows {
            self.set(measure, *row, HIDDEN);
        }
    }
}

fn is_of_cells(rule: Rule) -> bool {
    match rule {
        Rule::Cell | Rule::Quantile(_) => true,
        Rule::Group | Rule::Carriers => false,
    }
}

/// Rows that agree in all keys but one; no totals.
fn groups(keys: &[Raw], key: Raw, rows: &Rows) -> Result<Vec<Vec<usize>>, Error> {
    let mut groups: BTreeMap<Vec<Value>, Vec<usize>> = BTreeMap::new();
    for (row, mark) in rows.marks.iter().enumerate().filter(|(_, mark)| **mark != Mark::Total) {
        // Pooled rows have no value of their open keys, and are no row of `not recorded`.
        let mut others = vec![Value::Bool(matches!(mark, Mark::Other { .. }) && keys.len() > 1)];
        for other in keys.iter().filter(|other| **other != key) {
            others.push(rows.table.value(*other, row)?);
        }
        groups.entry(others).or_default().push(row);
    }
    Ok(groups.into_values().collect())
}

/// The people of rows together. Where people may be in several rows and are not listed, they are counted for each, which
/// makes the group no smaller than it is.
fn together(shape: &Shape, rows: &Rows, people: Raw, group: &[usize]) -> Result<u64, Error> {
    let lists = shape.members.iter().find(|(of, _)| *of == people);
    if let (false, Some((_, lists))) = (shape.disjoint, lists) {
        let mut fewest = u64::MAX;
        for list in lists {
            let mut all: BTreeSet<u32> = BTreeSet::new();
            for row in group {
                all.extend(rows.table.people(*list, *row)?);
            }
            fewest = fewest.min(u64::try_from(all.len()).unwrap_or(u64::MAX));
        }
        return Ok(fewest);
    }
    let mut sum = 0_u64;
    for row in group {
        sum = sum.saturating_add(rows.table.count(people, *row)?);
    }
    Ok(sum)
}
