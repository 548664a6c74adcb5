//! Who is permitted (3.4), and on which days a consent was valid (3.5).

use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;

use super::diseases::Diseases;
use super::fold::Held;
use super::purpose::{Flag, Purpose};
use super::records::{Event, Events, Sample, Subject};
use super::rule::{At, Rule};
use super::scope::{Answer, Asked, Words, scope};
use super::state::{Holder, Life, NotValid, Policy, State, state};

/// What a decision rests on besides the records and the purpose.
#[derive(Debug, Clone, Copy)]
pub struct Basis<'a> {
    /// T: events recorded later do not count.
    pub known_at: Timestamp,
    /// The steward's parameters.
    pub policy: Policy,
    /// The pinned ontology.
    pub diseases: &'a Diseases,
}

/// D and U of a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dates {
    reference: Date,
    used_on: Date,
}

/// D is later than U.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LaterThanUse;

impl fmt::Display for LaterThanUse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the reference date is later than the date of use")
    }
}

impl std::error::Error for LaterThanUse {}

impl Dates {
    /// D and U. Error: D is later than U.
    pub fn new(reference: Date, used_on: Date) -> Result<Self, LaterThanUse> {
        if reference > used_on {
            return Err(LaterThanUse);
        }
        Ok(Self { reference, used_on })
    }

    /// D.
    pub fn reference(self) -> Date {
        self.reference
    }

    /// U.
    pub fn used_on(self) -> Date {
        self.used_on
    }
}

/// Whom a question is about: a person, or a sample of that person.
#[derive(Debug, Clone, Copy)]
pub struct About<'a> {
    subject: &'a Subject,
    sample: Option<&'a Sample>,
}

impl<'a> About<'a> {
    /// The person.
    pub fn subject(subject: &'a Subject) -> Self {
        Self { subject, sample: None }
    }

    /// A sample of the person; None if the person has no such sample.
    pub fn sample(subject: &'a Subject, sample_id: &str) -> Option<Self> {
        Some(Self { subject, sample: Some(subject.samples.get(sample_id)?) })
    }

    /// What the person says.
    fn person(self) -> Life<'a> {
        self.life(&self.subject.events)
    }

    /// What is said of the sample alone, if at least one event of its own is recorded by T, even one that is
    /// void or not yet effective.
    fn own(self, known_at: Timestamp) -> Option<Life<'a>> {
        let events = &self.sample?.events;
        let known = events.iter().any(|event| event.recorded_at <= known_at);
        known.then(|| self.life(events))
    }

    fn life(self, events: &'a Events) -> Life<'a> {
        Life { events, birth: self.subject.birth, death: self.subject.death }
    }
}

/// The decision on one question.
#[derive(Debug, Clone, Copy)]
pub struct Decision<'a> {
    /// What it is.
    pub verdict: Verdict,
    /// The rule that decides: of several that deny, the person's before the sample's, D before U, state
    /// before scope.
    pub rule: Rule,
    /// The first date that decides; None for permit.
    pub at: Option<At>,
    grounds: Grounds<'a>,
}

/// Permitted, denied, or for a human to decide. The last blocks as a denial does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Rows may be read.
    Permit {
        /// Only rows dated before this day exist.
        cut_off: Option<Date>,
    },
    /// Rows do not exist.
    Deny,
    /// Rows do not exist until a human has decided.
    Refer,
}

impl Verdict {
    /// Does a row dated `day` exist? A row without a date is before no cut-off.
    pub fn reads(self, day: Option<Date>) -> bool {
        match self {
            Verdict::Permit { cut_off: None } => true,
            Verdict::Permit { cut_off: Some(cut_off) } => day.is_some_and(|day| day < cut_off),
            Verdict::Deny | Verdict::Refer => false,
        }
    }
}

impl Decision<'_> {
    /// The reason in words, for stewards: it names events and dates of a person.
    pub fn reason(&self) -> String {
        match self.at {
            Some(at) => format!("at {at}: {}", self.grounds),
            None => self.grounds.to_string(),
        }
    }
}

/// What a person's or sample's consent says on one date.
#[derive(Debug, Clone, Copy)]
struct Finding<'a> {
    answer: Answer,
    rule: Rule,
    grounds: Grounds<'a>,
    cut_off: Option<Date>,
}

#[derive(Debug, Clone, Copy)]
enum Grounds<'a> {
    NotValid(NotValid<'a>),
    NoContact(Held<'a>, &'a Event),
    Scope(Held<'a>, Asked<'a>),
}

impl fmt::Display for Grounds<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Grounds::NotValid(reason) => reason.fmt(f),
            Grounds::NoContact(held, event) => {
                let since = event.effective_from;
                write!(f, "{}; no contact from {since} ({})", Holder(held.event), event.id)
            }
            Grounds::Scope(held, asked) => {
                let words = Words(&held.given.scope, *asked);
                match held.given.until {
                    Some(until) => write!(f, "{}, until {until}; {words}", Holder(held.event)),
                    None => write!(f, "{}, open; {words}", Holder(held.event)),
                }
            }
        }
    }
}

impl Finding<'_> {
    /// What a sample's own events say goes by one rule, whatever it is in particular.
    fn of_sample(self) -> Self {
        Self { rule: Rule::Sample, ..self }
    }
}

/// State, contact mark and scope on one date. The mark denies whatever the scope says, so it comes first.
fn find<'a>(state: State<'a>, asked: Asked<'a>) -> Finding<'a> {
    let held = match state {
        Ok(held) => held,
        Err(reason) => {
            return Finding {
                answer: Answer::No,
                rule: reason.rule(),
                grounds: Grounds::NotValid(reason),
                cut_off: None,
            };
        }
    };
    let cut_off = held.cut_off;
    match held.no_contact {
        Some(event) if asked.purpose.has(Flag::Contact) => Finding {
            answer: Answer::No,
            rule: Rule::Contact,
            grounds: Grounds::NoContact(held, event),
            cut_off,
        },
        Some(_) | None => {
            let (answer, rule) = scope(&held.given.scope, asked);
            Finding { answer, rule, grounds: Grounds::Scope(held, asked), cut_off }
        }
    }
}

/// Is the person, or the sample, in the data for this purpose on these dates?
///
/// Both dates must permit, and for a sample with events of its own both folds; a no outweighs a refer, and of
/// several cut-offs the earliest holds.
pub fn decide<'a>(about: About<'a>, purpose: &'a Purpose, dates: Dates, basis: &Basis<'a>) -> Decision<'a> {
    let asked = Asked { purpose, used_on: dates.used_on, diseases: basis.diseases };
    let on = |life, day| find(state(life, day, basis.known_at, basis.policy), asked);
    let (d, u) = (dates.reference, dates.used_on);
    let person = about.person();
    let decision = Decision::first(on(person, d), At::Reference(d)).and(on(person, u), At::Use(u));
    match about.own(basis.known_at) {
        None => decision,
        Some(own) => {
            decision.and(on(own, d).of_sample(), At::Reference(d)).and(on(own, u).of_sample(), At::Use(u))
        }
    }
}

impl<'a> Decision<'a> {
    /// The decision of one finding.
    fn first(finding: Finding<'a>, at: At) -> Self {
        let verdict = match finding.answer {
            Answer::No => Verdict::Deny,
            Answer::Refer => Verdict::Refer,
            Answer::Yes => {
                let cut_off = finding.cut_off;
                return Self {
                    verdict: Verdict::Permit { cut_off },
                    rule: match cut_off {
                        Some(_) => Rule::CutOff,
                        None if finding.rule == Rule::Sample => Rule::Sample,
                        None => Rule::BothDates,
                    },
                    at: None,
                    grounds: finding.grounds,
                };
            }
        };
        Self { verdict, rule: finding.rule, at: Some(at), grounds: finding.grounds }
    }

    /// This decision and a later finding.
    fn and(self, finding: Finding<'a>, at: At) -> Self {
        match (self.verdict, finding.answer) {
            (Verdict::Deny, _) | (Verdict::Refer, Answer::Yes | Answer::Refer) => self,
            (Verdict::Refer | Verdict::Permit { .. }, Answer::No)
            | (Verdict::Permit { .. }, Answer::Refer) => Self::first(finding, at),
            (Verdict::Permit { cut_off }, Answer::Yes) => {
                let cut_off = [cut_off, finding.cut_off].into_iter().flatten().min();
                Self::first(Finding { cut_off, ..finding }, at)
            }
        }
    }
}

/// `consent valid at E for P`: was there a valid consent with scope for the purpose on day E, as known at T?
///
/// Two-valued: refer is false, and so is a null day. E stands for the date of use too. A mark against contact
/// on that day counts, a cut-off does not. For a sample with events of its own both folds must say so. Only
/// meaningful for somebody who is permitted; it never widens.
pub fn valid_at(about: About<'_>, day: Option<Date>, purpose: &Purpose, basis: &Basis<'_>) -> bool {
    let Some(day) = day else { return false };
    let asked = Asked { purpose, used_on: day, diseases: basis.diseases };
    let valid = |life| find(state(life, day, basis.known_at, basis.policy), asked).answer == Answer::Yes;
    valid(about.person()) && about.own(basis.known_at).is_none_or(valid)
}
