//! What the raw result of an attrition counts, for steps in a row.
//!
//! Of people the rows are those who leave in one way, and numbers of steps are sums of them. Of events each
//! row is already a number for steps in a row.

use crate::error::Error;
use crate::raw::RawTable;
use plan::{Attrition, AttritionEvents};
use std::collections::BTreeMap;

/// The exact numbers of a released step.
#[derive(Clone, Debug)]
pub(super) struct Numbers {
    /// Who is left after it.
    pub(super) after: u64,
    /// Who is not, of those who came to it.
    pub(super) removed: u64,
    /// Of these, for whom the step where they leave is unknown.
    pub(super) unknown: u64,
    /// Who would be a member without it; none where that is not asked.
    pub(super) gained: Option<Gained>,
    /// The events, from the index of an event cohort on.
    pub(super) events: Option<EventNumbers>,
}

/// Who would be gained.
#[derive(Clone, Debug)]
pub(super) struct Gained {
    pub(super) people: u64,
    /// Those who are removed and not gained, and those who are gained and not removed: of events somebody can
    /// be gained by an event and come further by another.
    pub(super) beside: [u64; 2],
}

/// The exact numbers of events.
#[derive(Clone, Debug)]
pub(super) struct EventNumbers {
    /// Events left after the step.
    pub(super) after: u64,
    /// What it removes; none where the index is part of it.
    pub(super) sets: Option<EventSets>,
}

/// Events that a step removes, with their subjects.
#[derive(Clone, Debug)]
pub(super) struct EventSets {
    pub(super) events: u64,
    pub(super) people: u64,
    pub(super) unknown: u64,
    pub(super) unknown_people: u64,
    pub(super) out_people: u64,
    /// Events that it alone keeps out.
    pub(super) gained: u64,
    pub(super) gained_people: u64,
    /// Subjects of the others.
    pub(super) beside_people: u64,
}

impl Numbers {
    pub(super) fn out(&self) -> u64 {
        self.removed.saturating_sub(self.unknown)
    }
}

/// People who leave in one way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Leaving {
    first: usize,
    last: usize,
    unknown: bool,
    people: u64,
}

/// What a raw row of events says of steps in a row.
#[derive(Clone, Debug)]
pub(super) struct Together {
    people: u64,
    unknown: u64,
    gained: u64,
    gained_here: u64,
    sets: EventSets,
}

/// The raw numbers.
#[derive(Clone, Debug)]
pub(super) enum Counts {
    People(Vec<Leaving>),
    Events {
        /// The number of the index step.
        index: usize,
        /// The number of steps.
        steps: usize,
        /// By first and last step.
        together: BTreeMap<(usize, usize), Together>,
    },
}

impl Counts {
    pub(super) fn read(attrition: &Attrition, table: &RawTable) -> Result<Counts, Error> {
        let steps = attrition.steps.len();
        let of_people = |row| match attrition.cases {
            Some(raw) => Ok(table.count(raw, row)? == 0),
            None => Ok(true),
        };
        let place = |raw, row| -> Result<usize, Error> {
            let place = usize::try_from(table.count(raw, row)?).ok().filter(|place| *place <= steps + 1);
            place.ok_or_else(|| Error::malformed("a person leaves at a step that is not there".to_owned()))
        };
        let Some(events) = &attrition.events else {
            let mut leaving = Vec::with_capacity(table.rows);
            for row in 0..table.rows {
                if !of_people(row)? {
                    continue;
                }
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
            return Ok(Counts::People(leaving));
        };
        let mut together = BTreeMap::new();
        for row in 0..table.rows {
            if of_people(row)? {
                let steps = (place(attrition.first, row)?, place(attrition.last, row)?);
                together.insert(steps, Together::read(attrition, events, table, row)?);
            }
        }
        Ok(Counts::Events { index: events.index, steps, together })
    }

    pub(super) fn of_events(&self) -> bool {
        matches!(self, Counts::Events { .. })
    }

    /// Who comes to a step.
    pub(super) fn entering(&self, step: usize) -> u64 {
        match self {
            Counts::People(leaving) => {
                leaving.iter().filter(|leaving| leaving.first >= step).map(|leaving| leaving.people).sum()
            }
            Counts::Events { steps, .. } => {
                (step..=steps + 1).filter_map(|step| self.together(step, step)).map(|one| one.people).sum()
            }
        }
    }

    /// The events that come to a step after the index.
    fn events_entering(&self, step: usize) -> u64 {
        let Counts::Events { steps, .. } = self else { return 0 };
        (step..=steps + 1).filter_map(|step| self.together(step, step)).map(|one| one.sets.events).sum()
    }

    fn together(&self, first: usize, last: usize) -> Option<&Together> {
        match self {
            Counts::People(_) => None,
            Counts::Events { together, .. } => together.get(&(first, last)),
        }
    }

    /// The numbers of the steps from one to another.
    pub(super) fn numbers(&self, first: usize, last: usize, droppable: bool) -> Numbers {
        let after = self.entering(last + 1);
        match self {
            Counts::People(leaving) => {
                let within = |one: &&Leaving| (first..=last).contains(&one.first);
                let sum = |counts: &dyn Fn(&Leaving) -> bool| -> u64 {
                    leaving.iter().filter(within).filter(|one| counts(one)).map(|one| one.people).sum()
                };
                let removed = sum(&|_| true);
                let gained = sum(&|one| one.last <= last);
                Numbers {
                    after,
                    removed,
                    unknown: sum(&|one| one.unknown),
                    gained: droppable.then_some(Gained { people: gained, beside: [removed - gained, 0] }),
                    events: None,
                }
            }
            Counts::Events { index, .. } => {
                let none = Together::default();
                let one = self.together(first, last).unwrap_or(&none);
                Numbers {
                    after,
                    removed: one.people,
                    unknown: one.unknown,
                    gained: droppable.then(|| Gained {
                        people: one.gained,
                        beside: [
                            one.people.saturating_sub(one.gained_here),
                            one.gained.saturating_sub(one.gained_here),
                        ],
                    }),
                    events: (last >= *index).then(|| EventNumbers {
                        after: self.events_entering(last + 1),
                        sets: (first > *index).then(|| one.sets.clone()),
                    }),
                }
            }
        }
    }
}

impl Together {
    fn read(
        attrition: &Attrition,
        events: &AttritionEvents,
        table: &RawTable,
        row: usize,
    ) -> Result<Together, Error> {
        let count = |raw| table.count(raw, row);
        Ok(Together {
            people: count(attrition.people)?,
            unknown: count(attrition.unknown)?,
            gained: count(events.gained)?,
            gained_here: count(events.gained_here)?,
            sets: EventSets {
                events: count(events.events)?,
                people: count(events.events_people)?,
                unknown: count(events.unknown_events)?,
                unknown_people: count(events.unknown_people)?,
                out_people: count(events.out_people)?,
                gained: count(events.gained_events)?,
                gained_people: count(events.gained_people)?,
                beside_people: count(events.beside_people)?,
            },
        })
    }

    /// Where nobody leaves.
    const fn default() -> Together {
        let sets = EventSets {
            events: 0,
            people: 0,
            unknown: 0,
            unknown_people: 0,
            out_people: 0,
            gained: 0,
            gained_people: 0,
            beside_people: 0,
        };
        Together { people: 0, unknown: 0, gained: 0, gained_here: 0, sets }
    }
}
