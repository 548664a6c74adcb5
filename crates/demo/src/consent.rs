//! Consent histories: for every kind of event, actor and level of withdrawal there are people to whom it
//! happened, and most people are permitted for health research all the same.
//!
//! The first people of the list live through the stories one after the other, and the next choose the scopes, so
//! that even a small demo has them all; everybody else's are drawn.

use crate::day::{Day, END};
use crate::file::{Table, or_empty};
use crate::laboratory::Sample;
use crate::people::Person;
use crate::random::Random;
use crate::terms::{DIABETES, GENERAL, HEALTH, Row, SCOPES, WITHOUT_COMMERCE};
use std::io;
use std::path::Path;

/// What happened to a consent after, or instead of, its grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Story {
    /// A grant, and nothing more.
    Plain,
    RecordedLate,
    EndsFarAway,
    NeverAsked,
    NotYet,
    Withdrawn,
    WithdrawnUse,
    WithdrawnAccess,
    WithdrawnContact,
    WithdrawnAndGrantedAgain,
    Suspended,
    Resumed,
    AmendedNarrower,
    AmendedWider,
    /// What was open to companies no longer is.
    AmendedWithoutCommerce,
    Renewed,
    Expired,
    VoidedWithdrawal,
    VoidedGrant,
    VoidedVoid,
    VoidOfNobody,
    SampleWithdrawn,
    SampleForDiabetes,
    ByProxy,
    ByCourt,
    /// A system's entry that carries no scope permits nothing.
    WithoutScope,
}

const STORIES: [(u32, Story); 26] = [
    (620, Story::Plain),
    (20, Story::RecordedLate),
    (30, Story::EndsFarAway),
    (30, Story::NeverAsked),
    (8, Story::NotYet),
    (15, Story::Withdrawn),
    (25, Story::WithdrawnUse),
    (40, Story::WithdrawnAccess),
    (40, Story::WithdrawnContact),
    (15, Story::WithdrawnAndGrantedAgain),
    (20, Story::Suspended),
    (20, Story::Resumed),
    (12, Story::AmendedNarrower),
    (20, Story::AmendedWider),
    (100, Story::AmendedWithoutCommerce),
    (20, Story::Renewed),
    (20, Story::Expired),
    (10, Story::VoidedWithdrawal),
    (8, Story::VoidedGrant),
    (6, Story::VoidedVoid),
    (4, Story::VoidOfNobody),
    (15, Story::SampleWithdrawn),
    (12, Story::SampleForDiabetes),
    (15, Story::ByProxy),
    (8, Story::ByCourt),
    (5, Story::WithoutScope),
];

/// Writes events and scopes.
pub(crate) fn write(
    events: &Path,
    scopes: &Path,
    seed: u64,
    people: &[Person],
    samples: &[Sample],
) -> io::Result<()> {
    let mut random = Random::of(seed, "consent");
    let mut register = Register {
        events: Table::new(
            events,
            &[
                "event_id",
                "subject_id",
                "sample_id",
                "kind",
                "actor",
                "effective_from",
                "effective_until",
                "recorded_at",
                "withdrawal_level",
                "supersedes",
            ],
        )?,
        scopes: Table::new(
            scopes,
            &[
                "event_id",
                "branch",
                "polarity",
                "term",
                "disease",
                "region",
                "until_date",
                "party",
                "project",
            ],
        )?,
        count: 0,
    };
    let mut adults = 0_usize;
    for (at, person) in people.iter().enumerate() {
        let own = || samples.iter().rfind(|sample| sample.person == at);
        if person.enrolled.since(person.birth) < 18 * 365 {
            guarded(&mut register, &mut random, person)?;
            continue;
        }
        let chosen = adults.checked_sub(STORIES.len()).and_then(|nth| SCOPES.get(nth));
        let story = match (STORIES.get(adults), chosen) {
            (Some((_, story)), _) => *story,
            (None, Some(_)) => Story::Plain,
            (None, None) => *random.weighted(&STORIES),
        };
        let scope = chosen.map_or_else(|| drawn(&mut random, person), |(_, scope)| *scope);
        adults += 1;
        live(&mut register, &mut random, person, own().map(|sample| sample.id.as_str()), story, scope)?;
    }
    register.events.close()?;
    register.scopes.close()
}

/// The scope that somebody chose. At one site a leaflet says much of companies.
fn drawn(random: &mut Random, person: &Person) -> &'static [Row] {
    let scope = *random.weighted(&SCOPES);
    if person.site == "Dunfold" && random.percent(55) { WITHOUT_COMMERCE } else { scope }
}

/// The files as they grow.
struct Register {
    events: Table,
    scopes: Table,
    count: u32,
}

/// An event before it is written.
#[derive(Clone, Copy, Default)]
struct Event<'a> {
    kind: &'a str,
    actor: &'a str,
    sample: &'a str,
    until: Option<Day>,
    /// Days between the effect and the record.
    recorded_after: i32,
    level: &'a str,
    supersedes: &'a str,
}

impl Register {
    fn add(&mut self, person: &Person, from: Day, event: Event<'_>, scope: &[Row]) -> io::Result<String> {
        self.count += 1;
        let id = format!("E{:06}", self.count);
        // Recorded at office hours that differ, so that instants are told apart.
        let (hour, minute) = (8 + self.count % 9, self.count * 7 % 60);
        let recorded = format!("{}T{hour:02}:{minute:02}:00Z", from.plus(event.recorded_after));
        self.events.row([
            &id,
            &person.id,
            event.sample,
            event.kind,
            if event.actor.is_empty() { "self" } else { event.actor },
            &from.to_string(),
            &or_empty(event.until),
            &recorded,
            event.level,
            event.supersedes,
        ])?;
        for row in scope {
            let polarity = if row.deny { "deny" } else { "permit" };
            let Row { branch, term, disease, region, until, party, project, .. } = *row;
            self.scopes.row([&id, branch, polarity, term, disease, region, until, party, project])?;
        }
        Ok(id)
    }
}

fn grant<'a>() -> Event<'a> {
    Event { kind: "grant", ..Event::default() }
}

fn of_kind(kind: &str) -> Event<'_> {
    Event { kind, ..Event::default() }
}

fn withdrawal(level: &str) -> Event<'_> {
    Event { kind: "withdraw", level, ..Event::default() }
}

/// An adult's story.
fn live(
    register: &mut Register,
    random: &mut Random,
    person: &Person,
    sample: Option<&str>,
    story: Story,
    scope: &[Row],
) -> io::Result<()> {
    let start = person.enrolled;
    // A day on which something changed, always before the end of the data.
    let span = END.since(start).max(4);
    let later = start.plus(random.between(span / 4, span / 2));
    let latest = later.plus(random.between(1, span / 3));
    let mut add = |from: Day, event: Event<'_>, scope: &[Row]| register.add(person, from, event, scope);
    match story {
        Story::Plain => drop(add(start, grant(), scope)?),
        Story::RecordedLate => {
            drop(add(start, Event { recorded_after: random.between(1, 90), ..grant() }, scope)?);
        }
        Story::EndsFarAway => drop(add(start, Event { until: Some(Day::of(2090, 1, 1)), ..grant() }, scope)?),
        Story::NeverAsked => {}
        Story::NotYet => {
            let event = Event { recorded_after: -25_000, ..grant() };
            drop(add(Day::of(2092, 1, 1), event, scope)?);
        }
        Story::Withdrawn => {
            add(start, grant(), scope)?;
            add(later, withdrawal(""), &[])?;
        }
        Story::WithdrawnUse => {
            add(start, grant(), scope)?;
            add(later, withdrawal("use"), &[])?;
        }
        Story::WithdrawnAccess => {
            add(start, grant(), scope)?;
            add(later, withdrawal("access"), &[])?;
        }
        Story::WithdrawnContact => {
            add(start, grant(), scope)?;
            add(later, withdrawal("contact"), &[])?;
        }
        Story::WithdrawnAndGrantedAgain => {
            add(start, grant(), scope)?;
            add(later, withdrawal("use"), &[])?;
            add(latest, grant(), GENERAL)?;
        }
        Story::Suspended => {
            add(start, grant(), scope)?;
            add(later, of_kind("suspend"), &[])?;
        }
        Story::Resumed => {
            add(start, grant(), scope)?;
            add(later, of_kind("suspend"), &[])?;
            add(latest, of_kind("resume"), &[])?;
        }
        Story::AmendedNarrower => {
            add(start, grant(), GENERAL)?;
            add(later, of_kind("amend"), DIABETES)?;
        }
        Story::AmendedWider => {
            add(start, grant(), DIABETES)?;
            add(later, of_kind("amend"), HEALTH)?;
        }
        Story::AmendedWithoutCommerce => {
            add(start, grant(), GENERAL)?;
            add(later, of_kind("amend"), WITHOUT_COMMERCE)?;
        }
        Story::Renewed => {
            add(start, Event { until: Some(later), ..grant() }, scope)?;
            add(later.plus(random.between(-30, 60)), of_kind("renew"), scope)?;
        }
        Story::Expired => drop(add(start, Event { until: Some(later), ..grant() }, scope)?),
        Story::VoidedWithdrawal => {
            add(start, grant(), scope)?;
            let wrong = add(later, withdrawal("use"), &[])?;
            add(
                latest,
                Event { kind: "void", actor: "system", supersedes: &wrong, ..Event::default() },
                &[],
            )?;
        }
        Story::VoidedGrant => {
            let wrong = add(start, grant(), scope)?;
            add(later, Event { kind: "void", actor: "system", supersedes: &wrong, ..Event::default() }, &[])?;
        }
        Story::VoidedVoid => {
            let right = add(start, grant(), scope)?;
            let wrong = add(
                later,
                Event { kind: "void", actor: "system", supersedes: &right, ..Event::default() },
                &[],
            )?;
            add(
                latest,
                Event { kind: "void", actor: "system", supersedes: &wrong, ..Event::default() },
                &[],
            )?;
        }
        Story::VoidOfNobody => {
            add(start, grant(), scope)?;
            add(later, Event { kind: "void", actor: "system", ..Event::default() }, &[])?;
        }
        Story::SampleWithdrawn => {
            add(start, grant(), scope)?;
            let sample = sample.unwrap_or_default();
            add(start, Event { sample, ..grant() }, scope)?;
            add(later, Event { sample, ..withdrawal("use") }, &[])?;
        }
        Story::SampleForDiabetes => {
            add(start, grant(), scope)?;
            add(start, Event { sample: sample.unwrap_or_default(), ..grant() }, DIABETES)?;
        }
        Story::ByProxy => drop(add(start, Event { actor: "proxy", ..grant() }, scope)?),
        Story::ByCourt => drop(add(start, Event { actor: "court", ..grant() }, scope)?),
        Story::WithoutScope => {
            add(start, grant(), scope)?;
            add(later, Event { kind: "amend", actor: "system", ..Event::default() }, &[])?;
        }
    }
    Ok(())
}

/// Who joined as a child: guardians grant, and who is grown up by now may have said so, or not.
fn guarded(register: &mut Register, random: &mut Random, person: &Person) -> io::Result<()> {
    let scope = if random.percent(50) { GENERAL } else { HEALTH };
    let guardian = Event { actor: "guardian", ..grant() };
    register.add(person, person.enrolled, guardian, scope)?;
    let grown = person.birth.plus(18 * 366);
    if grown >= END.plus(-60) {
        return Ok(());
    }
    let answered = grown.plus(random.between(1, 50));
    match random.below(10) {
        0..5 => drop(register.add(person, answered, of_kind("renew"), scope)?),
        5..7 => drop(register.add(person, answered, grant(), HEALTH)?),
        7 => {
            register.add(person, answered, withdrawal("use"), &[])?;
        }
        // Nobody asked: what the guardians said has come to rest.
        _ => {}
    }
    Ok(())
}
