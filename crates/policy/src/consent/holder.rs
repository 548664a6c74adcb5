//! The fold without walking: the closed form of step 3 that a lowering to SQL uses, kept next to a test that
//! it equals the form of the text on any list of events. The module documentation of `consent` explains it.

use super::fold::{Folded, Held, NoConsent};
use super::records::{Event, Level, What};

/// Step 3 for events that count, in their order, by looking only at what comes after the last holder.
pub(super) fn last_holder<'a>(counted: &[&'a Event]) -> Folded<'a> {
    let withdrew = |level: Level| move |event: &&&'a Event| event.what == What::Withdraw(level);
    let holder = counted.iter().enumerate().rev().find_map(|(place, event)| {
        if let What::Give(given) = &event.what { Some((place, *event, given)) } else { None }
    });
    let after = holder.map_or(counted, |(place, _, _)| &counted[place + 1..]);
    // The last of several withdrawals of use: with no holder in between, which one is named decides nothing.
    if let Some(event) = after.iter().rev().find(withdrew(Level::Use)) {
        return Folded::None(NoConsent::Withdrawn(event));
    }
    let Some((_, event, given)) = holder else {
        return Folded::None(NoConsent::NeverGiven);
    };
    let last_rest = after.iter().rposition(|event| matches!(event.what, What::Resume));
    let resting = last_rest.map_or(after, |place| &after[place + 1..]);
    Folded::Held(Held {
        event,
        given,
        suspended: resting.iter().find(|event| matches!(event.what, What::Suspend)).copied(),
        cut_off: after.iter().filter(withdrew(Level::Access)).map(|event| event.effective_from).min(),
        no_contact: after.iter().find(withdrew(Level::Contact)).copied(),
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use jiff::Timestamp;
    use jiff::civil::Date;

    use super::super::fold::{counted, fold};
    use super::super::records::{Actor, Events, GiveKind, Given};
    use super::*;

    /// A small generator of numbers (xorshift), so that the lists are the same on every machine.
    struct Numbers(u64);

    impl Numbers {
        fn below(&mut self, end: u64) -> u64 {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            (self.0 >> 11) % end
        }
    }

    /// Up to nine events on four days and three instants: ties of every kind are frequent.
    fn events(numbers: &mut Numbers) -> Events {
        let many = numbers.below(10);
        let event = |place: u64, numbers: &mut Numbers| {
            let day = i8::try_from(1 + numbers.below(4)).expect("small");
            let give = |kind| What::Give(Given { kind, until: None, scope: vec![] });
            Event {
                // Not in the order of making, so that ids decide ties either way.
                id: format!("E{}", (place * 7) % 10),
                actor: Actor::Myself,
                effective_from: Date::constant(2020, 1, day),
                recorded_at: Timestamp::constant(i64::try_from(numbers.below(3)).expect("small"), 0),
                what: match numbers.below(13) {
                    0 => give(GiveKind::Grant),
                    1 => give(GiveKind::Renew),
                    2 => give(GiveKind::Amend),
                    3 | 4 => What::Suspend,
                    5 | 6 => What::Resume,
                    7 => What::Withdraw(Level::Use),
                    8 | 9 => What::Withdraw(Level::Access),
                    10 => What::Withdraw(Level::Contact),
                    _ => What::Void { supersedes: Some(format!("E{}", numbers.below(12))) },
                },
            }
        };
        Events::new((0..many).map(|place| event(place, numbers)).collect())
    }

    #[test]
    fn equals_the_fold_of_the_text_on_any_list() {
        let mut numbers = Numbers(0x5eed_0001);
        let mut met = BTreeSet::new();
        for _ in 0..60_000 {
            let events = events(&mut numbers);
            let day = Date::constant(2020, 1, i8::try_from(1 + numbers.below(4)).expect("small"));
            let known_at = Timestamp::constant(i64::try_from(numbers.below(3)).expect("small"), 0);
            let walked = fold(&events, day, known_at);
            let closed = match counted(&events, day, known_at) {
                Ok(counted) => last_holder(&counted),
                Err(reason) => Folded::None(reason),
            };
            assert_eq!(walked, closed, "{events:#?} on {day} at {known_at}");
            met.insert(match walked {
                Folded::None(NoConsent::NoEvent) => "no event".to_owned(),
                Folded::None(NoConsent::NotRecorded) => "not recorded".to_owned(),
                Folded::None(NoConsent::UnnamedVoid(_)) => "unnamed void".to_owned(),
                Folded::None(NoConsent::AllVoid) => "all void".to_owned(),
                Folded::None(NoConsent::NotEffective) => "not effective".to_owned(),
                Folded::None(NoConsent::NeverGiven) => "never given".to_owned(),
                Folded::None(NoConsent::Withdrawn(_)) => "withdrawn".to_owned(),
                Folded::Held(held) => format!(
                    "held, suspended {}, cut-off {}, no contact {}",
                    held.suspended.is_some(),
                    held.cut_off.is_some(),
                    held.no_contact.is_some()
                ),
            });
        }
        // Six ways to nothing (a void without a name is an error of its own) and eight of holding: all were
        // met.
        assert_eq!(met.len(), 14, "{met:?}");
    }
}
