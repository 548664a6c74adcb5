//! The state of one person, or of one sample, on a day (3.2): the fold, then majority, death and the end of
//! the window.

use std::fmt;

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};

use super::fold::{Folded, Held, NoConsent, fold};
use super::records::{Actor, Birth, Event, Events};
use super::rule::Rule;

/// The parameters that a steward sets. The default is the one of the design.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// The age, in years, from which a person speaks for themselves.
    pub majority_age: u8,
    /// What becomes of a consent that others gave, from that day on.
    pub majority_otherwise: Otherwise,
    /// Whether consent outlives the person.
    pub death: Death,
}

impl Default for Policy {
    fn default() -> Self {
        Self { majority_age: 18, majority_otherwise: Otherwise::Suspend, death: Death::Continue }
    }
}

/// What becomes of a consent that others gave for a child who is of age now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Otherwise {
    /// It counts as suspended.
    Suspend,
    /// It holds on.
    Continue,
}

/// What death does to a consent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Death {
    /// Nothing.
    Continue,
    /// It is not valid from the day of death on.
    End,
}

/// Whose events are looked at: of a person, or of a sample of that person. Both have the person's birth and
/// death.
#[derive(Debug, Clone, Copy)]
pub struct Life<'a> {
    /// The events.
    pub events: &'a Events,
    /// The person's birth.
    pub birth: Birth,
    /// The person's day of death.
    pub death: Option<Date>,
}

/// The state on a day. `Ok` is a valid consent (live, and its window not over), `Err` says why there is none.
pub type State<'a> = Result<Held<'a>, NotValid<'a>>;

/// Why there is no valid consent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotValid<'a> {
    /// The events leave nothing.
    None(NoConsent<'a>),
    /// Suspended by the event named.
    Suspended(&'a Event),
    /// The holder spoke for a child who is of age since this day.
    OfAge(&'a Event, Date),
    /// The person died on this day.
    Died(&'a Event, Date),
    /// The window of the holder ended on this day.
    Ended(&'a Event, Date),
}

/// The state on `day`, as known at `known_at`.
pub fn state(life: Life<'_>, day: Date, known_at: Timestamp, policy: Policy) -> State<'_> {
    let held = match fold(life.events, day, known_at) {
        Folded::None(reason) => return Err(NotValid::None(reason)),
        Folded::Held(held) => held,
    };
    if let Some(event) = held.suspended {
        return Err(NotValid::Suspended(event));
    }
    match policy.majority_otherwise {
        Otherwise::Continue => {}
        Otherwise::Suspend => {
            if let Some(of_age) = majority(life.birth, policy.majority_age)
                && day >= of_age
                && held.event.actor != Actor::Myself
                && held.event.effective_from < of_age
            {
                return Err(NotValid::OfAge(held.event, of_age));
            }
        }
    }
    match (policy.death, life.death) {
        (Death::End, Some(died)) if day >= died => return Err(NotValid::Died(held.event, died)),
        (Death::End | Death::Continue, _) => {}
    }
    match held.given.until {
        Some(until) if day >= until => Err(NotValid::Ended(held.event, until)),
        Some(_) | None => Ok(held),
    }
}

/// The first day on which a person is `age` years old; None if nothing is known of the birth, or if the
/// calendar ends before.
///
/// A year alone counts as its first of January. Somebody born on 29 February comes of age on 1 March in other
/// years.
pub fn majority(birth: Birth, age: u8) -> Option<Date> {
    let born = match birth {
        Birth::Day(day) => day,
        Birth::Year(year) => Date::new(year, 1, 1).ok()?,
        Birth::Unknown => return None,
    };
    // jiff keeps within the month: 29 February becomes 28 February in other years.
    let day = born.checked_add(i32::from(age).years()).ok()?;
    if day.day() == born.day() { Some(day) } else { day.tomorrow().ok() }
}

impl NotValid<'_> {
    /// The rule that ends the consent.
    pub fn rule(&self) -> Rule {
        match self {
            NotValid::None(reason) => match reason {
                NoConsent::NoEvent | NoConsent::UnnamedVoid(_) => Rule::Nothing,
                NoConsent::NotRecorded | NoConsent::AllVoid => Rule::Known,
                NoConsent::NotEffective => Rule::Effective,
                NoConsent::NeverGiven | NoConsent::Withdrawn(_) => Rule::Fold,
            },
            NotValid::Suspended(_) => Rule::Fold,
            NotValid::OfAge(..) => Rule::Majority,
            NotValid::Died(..) => Rule::Death,
            NotValid::Ended(..) => Rule::Window,
        }
    }
}

impl fmt::Display for NotValid<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NotValid::None(reason) => match reason {
                NoConsent::NoEvent => f.write_str("no event"),
                NoConsent::NotRecorded => f.write_str("no event was recorded by then"),
                NoConsent::UnnamedVoid(event) => write!(f, "void {} names no event", event.id),
                NoConsent::AllVoid => f.write_str("every event is void"),
                NoConsent::NotEffective => f.write_str("no event is effective yet"),
                NoConsent::NeverGiven => f.write_str("nobody has consented"),
                NoConsent::Withdrawn(event) => since(f, "withdrawn for use", event),
            },
            NotValid::Suspended(event) => since(f, "suspended", event),
            NotValid::OfAge(holder, day) => write!(f, "{}; of age from {day}", Holder(holder)),
            NotValid::Died(holder, day) => write!(f, "{}; died {day}", Holder(holder)),
            NotValid::Ended(holder, day) => write!(f, "{} ended {day}", Holder(holder)),
        }
    }
}

fn since(f: &mut fmt::Formatter<'_>, what: &str, event: &Event) -> fmt::Result {
    write!(f, "{what} from {} ({})", event.effective_from, event.id)
}

/// Names the event that holds, for people: `grant E1 by self from 2020-01-01`.
pub(super) struct Holder<'a>(pub(super) &'a Event);

impl fmt::Display for Holder<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let event = self.0;
        if let super::records::What::Give(given) = &event.what {
            write!(f, "{} ", given.kind)?;
        }
        write!(f, "{} by {} from {}", event.id, event.actor, event.effective_from)
    }
}
