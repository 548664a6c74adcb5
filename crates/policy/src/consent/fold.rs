//! Steps 1 to 3 of 3.2, as the text has them: which events are known and not void, which are effective, and
//! what they come to when they are taken one after the other.
//!
//! This is the normative form. SQL cannot easily walk a list; the form it uses is in `holder`, with a proof
//! by test.

use jiff::Timestamp;
use jiff::civil::Date;

use super::records::{Event, Events, Given, Level, What};

/// What the events come to on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Folded<'a> {
    /// Nothing that could be valid.
    None(NoConsent<'a>),
    /// A grant, renewal or amendment counts, live or suspended.
    Held(Held<'a>),
}

/// Why there is nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoConsent<'a> {
    /// There is no event, whenever recorded.
    NoEvent,
    /// None was recorded by T.
    NotRecorded,
    /// This void names no event.
    UnnamedVoid(&'a Event),
    /// Every event is void.
    AllVoid,
    /// None is effective by the day.
    NotEffective,
    /// Nobody has consented so far.
    NeverGiven,
    /// This event withdrew the use.
    Withdrawn(&'a Event),
}

/// A consent that counts on the day, before majority, death and the end of its window are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held<'a> {
    /// The grant, renewal or amendment: the holder.
    pub event: &'a Event,
    /// Its content.
    pub given: &'a Given,
    /// The event that suspended it, if it is suspended.
    pub suspended: Option<&'a Event>,
    /// Only rows dated before this day exist.
    pub cut_off: Option<Date>,
    /// The event that withdrew contact.
    pub no_contact: Option<&'a Event>,
}

/// Steps 1 to 3 for the events of one person, or of one sample, on `day` as known at `known_at`.
pub fn fold(events: &Events, day: Date, known_at: Timestamp) -> Folded<'_> {
    let counted = match counted(events, day, known_at) {
        Ok(counted) => counted,
        Err(reason) => return Folded::None(reason),
    };
    let mut state = Folded::None(NoConsent::NeverGiven);
    for event in counted {
        state = step(state, event);
    }
    state
}

/// Steps 1 and 2: the events that count, in their order; at least one.
pub(super) fn counted(events: &Events, day: Date, known_at: Timestamp) -> Result<Vec<&Event>, NoConsent<'_>> {
    if events.is_empty() {
        return Err(NoConsent::NoEvent);
    }
    let known: Vec<&Event> = events.iter().filter(|event| event.recorded_at <= known_at).collect();
    if known.is_empty() {
        return Err(NoConsent::NotRecorded);
    }
    let struck = struck_out(&known)?;
    let standing: Vec<&Event> =
        known.into_iter().filter(|event| !is_void(event) && !struck.contains(&event.id.as_str())).collect();
    if standing.is_empty() {
        return Err(NoConsent::AllVoid);
    }
    let effective: Vec<&Event> = standing.into_iter().filter(|event| event.effective_from <= day).collect();
    if effective.is_empty() {
        return Err(NoConsent::NotEffective);
    }
    Ok(effective)
}

fn is_void(event: &Event) -> bool {
    matches!(event.what, What::Void { .. })
}

/// The ids that acting voids name, whatever the dates. An id of somebody else is in the list too and strikes
/// nothing, for only own events are looked up in it.
fn struck_out<'a>(known: &[&'a Event]) -> Result<Vec<&'a str>, NoConsent<'a>> {
    let mut voids = Vec::new();
    for event in known {
        match &event.what {
            // Even if another void strikes this one: it was kept, and the text stops there.
            What::Void { supersedes: None } => return Err(NoConsent::UnnamedVoid(event)),
            What::Void { supersedes: Some(named) } => {
                voids.push((event.recorded_at, event.id.as_str(), named.as_str()));
            }
            What::Give(_) | What::Suspend | What::Resume | What::Withdraw(_) => {}
        }
    }
    // From the latest to the earliest: when a void's turn comes, all that could strike it have had theirs. So
    // a void that names a later one, or itself, changes nothing.
    voids.sort_unstable_by(|one, other| other.cmp(one));
    let mut struck = Vec::new();
    for (_, id, named) in voids {
        if !struck.contains(&id) {
            struck.push(named);
        }
    }
    Ok(struck)
}

/// One step of the fold.
fn step<'a>(state: Folded<'a>, event: &'a Event) -> Folded<'a> {
    match (&event.what, state) {
        (What::Give(given), _) => {
            Folded::Held(Held { event, given, suspended: None, cut_off: None, no_contact: None })
        }
        (What::Withdraw(Level::Use), _) => Folded::None(NoConsent::Withdrawn(event)),
        (What::Suspend, Folded::Held(held)) => {
            Folded::Held(Held { suspended: held.suspended.or(Some(event)), ..held })
        }
        (What::Resume, Folded::Held(held)) => Folded::Held(Held { suspended: None, ..held }),
        (What::Withdraw(Level::Access), Folded::Held(held)) => {
            let day = event.effective_from;
            Folded::Held(Held { cut_off: Some(held.cut_off.map_or(day, |earlier| earlier.min(day))), ..held })
        }
        (What::Withdraw(Level::Contact), Folded::Held(held)) => {
            Folded::Held(Held { no_contact: held.no_contact.or(Some(event)), ..held })
        }
        (What::Suspend | What::Resume | What::Withdraw(_), none @ Folded::None(_)) => none,
        // Step 1 dropped the voids.
        (What::Void { .. }, state) => state,
    }
}
