//! Consent histories of chance, decided by the policy crate and by an evaluator of this file that shares nothing with it.
//!
//! The evaluator is written from sections 3.2 to 3.5 of the consent design, in the shape of their sentences: sets and
//! quantifiers over all events where the product folds one after the other, days as whole numbers, terms as
//! their CURIEs. It is slow and has no reasons to give. Histories lie on edges: few days, so that events share them; few
//! instants of recording; voids of voids; ends on the day of the question; birthdays on leap days.
//!
//! 60,000 histories in `make test`; with `BASEQ_DEEP=1` (`make test-deep`) a million.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use policy::consent::{
    About, Actor, Aim, Basis, Birth, Dates, Death, DiseaseIds, Diseases, Event, Events, Flag, GiveKind,
    Given, Level, Otherwise, Polarity, Policy, Purpose, Sample, ScopeRow, Subject, Term, Verdict, What,
    decide, valid_at,
};

/// Days from 2020-01-01.
type Day = i32;

// ---------------------------------------------------------------- what was recorded

#[derive(Clone, Debug)]
struct Fact {
    id: String,
    kind: &'static str,
    actor: &'static str,
    from: Day,
    until: Option<Day>,
    recorded: i64,
    level: &'static str,
    supersedes: Option<String>,
    scope: Vec<Line>,
}

#[derive(Clone, Debug)]
struct Line {
    branch: &'static str,
    deny: bool,
    term: &'static str,
    disease: Option<&'static str>,
    region: Option<&'static str>,
    until: Option<Day>,
    party: Option<&'static str>,
    project: Option<&'static str>,
}

#[derive(Clone, Debug)]
struct Person {
    born: Option<(i16, i8, i8)>,
    born_in: Option<i16>,
    died: Option<Day>,
    own: Vec<Fact>,
    sample: Vec<Fact>,
}

#[derive(Clone, Debug)]
struct Question {
    primary: &'static str,
    diseases: Vec<&'static str>,
    flags: BTreeSet<&'static str>,
    party: Option<&'static str>,
    institution: Option<&'static str>,
    project: Option<&'static str>,
    region: Option<&'static str>,
    majority: Option<i16>,
    death_ends: bool,
    d: Day,
    u: Day,
    t: i64,
}

// ---------------------------------------------------------------- the evaluator

/// No, refer, yes.
const NO: u8 = 0;
const REFER: u8 = 1;
const YES: u8 = 2;

/// What somebody's facts come to on a day: whether valid, with the holder's scope, cut-off and mark of no contact.
struct Held<'a> {
    scope: &'a [Line],
    cut_off: Option<Day>,
    no_contact: bool,
}

fn held<'a>(facts: &'a [Fact], person: &Person, question: &Question, day: Day) -> Option<Held<'a>> {
    let kept: Vec<&Fact> = facts.iter().filter(|fact| fact.recorded <= question.t).collect();
    if kept.iter().any(|fact| fact.kind == "void" && fact.supersedes.is_none()) {
        return None;
    }
    let standing: Vec<&Fact> =
        kept.iter().copied().filter(|fact| fact.kind != "void" && !is_struck(&kept, fact)).collect();
    let rank = |fact: &Fact| {
        ["grant", "renew", "amend", "resume", "suspend", "withdraw"]
            .iter()
            .position(|kind| *kind == fact.kind)
    };
    let after = |one: &Fact, other: &Fact| {
        (one.from, one.recorded, rank(one), one.id.as_bytes())
            > (other.from, other.recorded, rank(other), other.id.as_bytes())
    };
    let effective: Vec<&Fact> = standing.into_iter().filter(|fact| fact.from <= day).collect();
    let gives = |fact: &Fact| matches!(fact.kind, "grant" | "renew" | "amend");
    let holder = effective
        .iter()
        .copied()
        .find(|fact| gives(fact) && !effective.iter().any(|other| gives(other) && after(other, fact)))?;
    let later: Vec<&Fact> = effective.iter().copied().filter(|fact| after(fact, holder)).collect();
    let withdrawn = |level: &str| {
        later
            .iter()
            .filter(move |fact| fact.kind == "withdraw" && fact.level == level)
            .copied()
            .collect::<Vec<_>>()
    };
    if !withdrawn("use").is_empty() {
        return None;
    }
    let suspended = later.iter().any(|suspend| {
        suspend.kind == "suspend"
            && !later.iter().any(|resume| resume.kind == "resume" && after(resume, suspend))
    });
    let of_age = question.majority.and_then(|age| comes_of_age(person, age));
    let outgrown =
        of_age.is_some_and(|of_age| day >= of_age && holder.actor != "self" && holder.from < of_age);
    let died = question.death_ends && person.died.is_some_and(|died| day >= died);
    let ended = holder.until.is_some_and(|until| day >= until);
    if suspended || outgrown || died || ended {
        return None;
    }
    Some(Held {
        scope: &holder.scope,
        cut_off: withdrawn("access").iter().map(|fact| fact.from).min(),
        no_contact: !withdrawn("contact").is_empty(),
    })
}

/// Whether an acting void names this event; a void acts unless an acting one later than it names it.
fn is_struck(kept: &[&Fact], fact: &Fact) -> bool {
    kept.iter().any(|void| {
        void.kind == "void"
            && void.supersedes.as_deref() == Some(fact.id.as_str())
            && (fact.kind != "void"
                || (void.recorded, void.id.as_bytes()) > (fact.recorded, fact.id.as_bytes()))
            && !is_struck(kept, void)
    })
}

fn comes_of_age(person: &Person, age: i16) -> Option<Day> {
    let (year, month, day) = person.born.or(person.born_in.map(|year| (year, 1, 1)))?;
    let year = year + age;
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let (month, day) = if (month, day) == (2, 29) && !leap { (3, 1) } else { (month, day) };
    Some(number(Date::new(year, month, day).ok()?))
}

/// Section 3.3.
fn covers(scope: &[Line], question: &Question, used_on: Day) -> u8 {
    let denied = scope.iter().filter(|line| line.deny).map(|line| match base(line, question) {
        Some(answer) => answer,
        None => REFER,
    });
    let denied = denied.max().unwrap_or(NO);
    if denied == YES {
        return NO;
    }
    let branches: BTreeSet<&str> = scope.iter().filter(|line| !line.deny).map(|line| line.branch).collect();
    let mut best = NO;
    for branch in branches {
        let lines: Vec<&Line> = scope.iter().filter(|line| !line.deny && line.branch == branch).collect();
        let opened = lines.iter().filter_map(|line| base(line, question)).max();
        let mut answer = opened.unwrap_or(NO);
        for line in lines.iter().filter(|line| base(line, question).is_none()) {
            let same: Vec<&Line> = lines.iter().copied().filter(|other| other.term == line.term).collect();
            answer = answer.min(limits(line.term, &same, question, used_on));
        }
        best = best.max(answer);
    }
    if best == YES && denied == REFER { REFER } else { best }
}

/// The answer of a base term; `None` where the line has none.
fn base(line: &Line, question: &Question) -> Option<u8> {
    let is = |primaries: &[&str]| primaries.contains(&question.primary);
    let yes = |yes: bool| Some(if yes { YES } else { NO });
    match line.term {
        "DUO:0000004" => yes(true),
        "DUO:0000042" => yes(is(&["GENERAL", "HMB", "DS", "POA", "METHODS"])),
        "DUO:0000006" if question.primary == "CC" => Some(REFER),
        "DUO:0000006" => yes(is(&["HMB", "DS", "METHODS"]) && !question.flags.contains("ancestry")),
        "DUO:0000011" => yes(question.primary == "POA"),
        "DUO:0000043" => yes(question.primary == "CC"),
        "DUO:0000007" => {
            let Some(of) = line.disease.filter(|id| ["A", "B", "C", "E"].contains(id)) else {
                return Some(REFER);
            };
            let under = |id: &&str| is_or_below(id, of);
            match (question.primary, question.diseases.is_empty(), line.deny) {
                ("METHODS", true, _) => yes(true),
                ("DS" | "METHODS", _, false) => yes(question.diseases.iter().all(under)),
                ("DS" | "METHODS", _, true) => yes(question.diseases.iter().any(under)),
                _ => yes(false),
            }
        }
        _ => None,
    }
}

/// C is below B, B and E are below A.
fn is_or_below(id: &str, of: &str) -> bool {
    id == of || matches!((id, of), ("B" | "C" | "E", "A") | ("C", "B"))
}

/// A modifier over all its lines in a branch.
fn limits(term: &str, lines: &[&Line], question: &Question, used_on: Day) -> u8 {
    let yes = |yes: bool| if yes { YES } else { NO };
    let has = |flag: &str| question.flags.contains(flag);
    let one_of = |said: Option<&str>, of: &dyn Fn(&Line) -> Option<&'static str>| {
        yes(said.is_some() && lines.iter().any(|line| of(line) == said))
    };
    match term {
        "DUO:0000045" => yes(!has("for_profit")),
        "DUO:0000046" => yes(!has("commercial")),
        "DUO:0000018" => yes(!has("for_profit") && !has("commercial")),
        "DUO:0000016" => yes(has("genetic")),
        "DUO:0000015" => yes(question.primary != "METHODS"),
        "DUO:0000044" => yes(!has("ancestry") && question.primary != "POA"),
        "DUO:0000021" => yes(has("irb")),
        "DUO:0000019" => yes(has("publish")),
        "DUO:0000029" => yes(has("return_results")),
        "DUO:0000022" if question.region.is_none() => REFER,
        "DUO:0000022" => one_of(question.region, &|line| line.region),
        "DUO:0000026" => one_of(question.party, &|line| line.party),
        "DUO:0000027" => one_of(question.project, &|line| line.project),
        "DUO:0000028" => one_of(question.institution, &|line| line.party),
        "DUO:0000020" if lines.iter().any(|line| line.party.is_none()) => REFER,
        "DUO:0000020" => one_of(question.party, &|line| line.party),
        "DUO:0000025" => lines
            .iter()
            .map(|line| line.until.map_or(REFER, |until| yes(used_on < until)))
            .min()
            .unwrap_or(REFER),
        "DUO:0000024" => lines
            .iter()
            .map(|line| line.until.map_or(REFER, |until| yes(!has("publish") || used_on >= until)))
            .min()
            .unwrap_or(REFER),
        _ => REFER,
    }
}

/// Section 3.4: the answer, and the day from on which rows are hidden.
fn permitted(person: &Person, of_sample: bool, question: &Question) -> (u8, Option<Day>) {
    let mut lists = vec![&person.own];
    if of_sample && person.sample.iter().any(|fact| fact.recorded <= question.t) {
        lists.push(&person.sample);
    }
    let (mut answers, mut cut_offs) = (Vec::new(), Vec::new());
    for facts in lists {
        for day in [question.d, question.u] {
            answers.push(answer(facts, person, question, day, question.u));
            cut_offs.extend(held(facts, person, question, day).and_then(|held| held.cut_off));
        }
    }
    (answers.into_iter().min().unwrap_or(NO), cut_offs.into_iter().min())
}

fn answer(facts: &[Fact], person: &Person, question: &Question, day: Day, used_on: Day) -> u8 {
    match held(facts, person, question, day) {
        Some(held) if held.no_contact && question.flags.contains("contact") => NO,
        Some(held) => covers(held.scope, question, used_on),
        None => NO,
    }
}

// ---------------------------------------------------------------- chance

const TERMS: [&str; 25] = [
    "DUO:0000004",
    "DUO:0000042",
    "DUO:0000042",
    "DUO:0000006",
    "DUO:0000007",
    "DUO:0000007",
    "DUO:0000011",
    "DUO:0000043",
    "DUO:0000045",
    "DUO:0000046",
    "DUO:0000018",
    "DUO:0000016",
    "DUO:0000015",
    "DUO:0000044",
    "DUO:0000021",
    "DUO:0000019",
    "DUO:0000029",
    "DUO:0000022",
    "DUO:0000026",
    "DUO:0000027",
    "DUO:0000028",
    "DUO:0000020",
    "DUO:0000025",
    "DUO:0000024",
    "DUO:0000012",
];
const FLAGS: [(&str, Flag); 8] = [
    ("for_profit", Flag::ForProfit),
    ("commercial", Flag::Commercial),
    ("genetic", Flag::Genetic),
    ("ancestry", Flag::Ancestry),
    ("publish", Flag::Publish),
    ("return_results", Flag::ReturnResults),
    ("irb", Flag::Irb),
    ("contact", Flag::Contact),
];

fn pick<T: Copy>(chance: &mut fastrand::Rng, of: &[T]) -> T {
    of[chance.usize(..of.len())]
}

fn name(chance: &mut fastrand::Rng) -> Option<&'static str> {
    pick(chance, &[None, Some("x"), Some("y"), Some("X")])
}

fn facts(chance: &mut fastrand::Rng, prefix: &str) -> Vec<Fact> {
    let number = pick(chance, &[0, 1, 1, 2, 2, 3, 4, 5, 6]);
    let mut all: Vec<Fact> = Vec::new();
    for at in 0..number {
        // Most begin with a consent; what follows may undo it, or not.
        let kind = if at == 0 && chance.u8(..8) > 0 {
            "grant"
        } else {
            pick(chance, &["grant", "renew", "amend", "suspend", "resume", "resume", "withdraw", "void"])
        };
        let supersedes = match (kind, all.is_empty()) {
            ("void", _) if chance.u8(..12) == 0 => None,
            ("void", false) => Some(all[chance.usize(..all.len())].id.clone()),
            // What it names may come later in the list, belong to nobody, or to the other list.
            ("void", true) => Some(format!("{}{}", pick(chance, &["s", "n", "q"]), chance.u8(..5))),
            _ => None,
        };
        let mut scope = Vec::new();
        if matches!(kind, "grant" | "renew" | "amend") {
            for line in 0..pick(chance, &[0, 1, 1, 1, 2, 3]) {
                scope.push(Line {
                    branch: if line == 0 { "1" } else { pick(chance, &["1", "1", "2"]) },
                    deny: line > 0 && chance.u8(..6) == 0,
                    term: if line == 0 || chance.u8(..3) == 0 {
                        TERMS[chance.usize(..8)]
                    } else {
                        pick(chance, &TERMS)
                    },
                    disease: pick(
                        chance,
                        &[None, Some("A"), Some("B"), Some("C"), Some("E"), Some("unknown")],
                    ),
                    region: name(chance),
                    until: chance.bool().then(|| chance.i32(0..12)),
                    party: name(chance),
                    project: name(chance),
                });
            }
        }
        all.push(Fact {
            id: format!("{prefix}{}", (at * 3) % 7),
            kind,
            actor: pick(chance, &["self", "self", "self", "guardian", "court"]),
            from: if at == 0 { chance.i32(0..4) } else { chance.i32(0..10) },
            until: (matches!(kind, "grant" | "renew" | "amend") && chance.u8(..3) == 0)
                .then(|| chance.i32(0..14)),
            recorded: if at == 0 { 0 } else { chance.i64(0..5) },
            level: if kind == "withdraw" {
                pick(chance, &["use", "access", "access", "access", "contact", "contact"])
            } else {
                ""
            },
            supersedes,
            scope,
        });
    }
    all
}

fn drawn(chance: &mut fastrand::Rng) -> (Person, Question) {
    let own = facts(chance, "s");
    let sample = if chance.bool() { facts(chance, "n") } else { Vec::new() };
    let person = Person {
        // Somebody comes of age within these days, on a leap day or in a year without one.
        born: pick(
            chance,
            &[
                None,
                None,
                Some((2002, 1, 4)),
                Some((2002, 1, 6)),
                Some((2001, 2, 28)),
                Some((1980, 2, 29)),
                Some((2000, 2, 29)),
            ],
        ),
        born_in: pick(chance, &[None, Some(2002), Some(1970)]),
        died: (chance.u8(..4) == 0).then(|| chance.i32(0..12)),
        own,
        sample,
    };
    let primary = pick(chance, &["GENERAL", "GENERAL", "HMB", "DS", "DS", "POA", "METHODS", "CC"]);
    let mut diseases = Vec::new();
    if primary == "DS" || (primary == "METHODS" && chance.bool()) {
        diseases.push(pick(chance, &["A", "B", "C", "E", "unknown"]));
        if chance.bool() {
            diseases.push(pick(chance, &["A", "B", "C", "E"]));
        }
        diseases.sort_unstable();
        diseases.dedup();
    }
    let u = chance.i32(1..12);
    let question = Question {
        primary,
        diseases,
        flags: FLAGS.iter().filter(|_| chance.u8(..3) == 0).map(|(name, _)| *name).collect(),
        party: name(chance),
        institution: name(chance),
        project: name(chance),
        region: name(chance),
        majority: pick(chance, &[Some(18), Some(18), Some(19), None]),
        death_ends: chance.bool(),
        d: chance.i32(0..=u),
        u,
        t: if chance.bool() { 5 } else { chance.i64(0..5) },
    };
    (person, question)
}

// ---------------------------------------------------------------- the same for the product

fn date(day: Day) -> Date {
    Date::constant(2020, 1, 1).checked_add(day.days()).expect("a day near 2020")
}

fn number(date: Date) -> Day {
    date.since(Date::constant(2020, 1, 1)).expect("a day near 2020").get_days()
}

fn instant(recorded: i64) -> Timestamp {
    Timestamp::from_second(1_600_000_000 + recorded).expect("an instant")
}

fn events(facts: &[Fact]) -> Events {
    let owned = |text: Option<&str>| text.map(str::to_owned);
    let event = |fact: &Fact| Event {
        id: fact.id.clone(),
        actor: match fact.actor {
            "self" => Actor::Myself,
            "guardian" => Actor::Guardian,
            _ => Actor::Court,
        },
        effective_from: date(fact.from),
        recorded_at: instant(fact.recorded),
        what: match fact.kind {
            "suspend" => What::Suspend,
            "resume" => What::Resume,
            "withdraw" => What::Withdraw(match fact.level {
                "use" => Level::Use,
                "access" => Level::Access,
                _ => Level::Contact,
            }),
            "void" => What::Void { supersedes: fact.supersedes.clone() },
            kind => What::Give(Given {
                kind: match kind {
                    "grant" => GiveKind::Grant,
                    "renew" => GiveKind::Renew,
                    _ => GiveKind::Amend,
                },
                until: fact.until.map(date),
                scope: fact
                    .scope
                    .iter()
                    .map(|line| ScopeRow {
                        branch: line.branch.to_owned(),
                        polarity: if line.deny { Polarity::Deny } else { Polarity::Permit },
                        term: Term::of(line.term),
                        disease: owned(line.disease),
                        region: owned(line.region),
                        until_date: line.until.map(date),
                        party: owned(line.party),
                        project: owned(line.project),
                    })
                    .collect(),
            }),
        },
    };
    Events::new(facts.iter().map(event).collect())
}

fn subject(person: &Person) -> Subject {
    let sample = Sample { id: "n".to_owned(), collected_on: None, events: events(&person.sample) };
    Subject {
        id: "s".to_owned(),
        birth: match (person.born, person.born_in) {
            (Some((year, month, day)), _) => Birth::Day(Date::new(year, month, day).expect("a birthday")),
            (None, Some(year)) => Birth::Year(year),
            (None, None) => Birth::Unknown,
        },
        death: person.died.map(date),
        events: events(&person.own),
        samples: BTreeMap::from([("n".to_owned(), sample)]),
    }
}

fn purpose(question: &Question) -> Purpose {
    let ids = || DiseaseIds::new(question.diseases.iter().map(|id| (*id).to_owned()));
    let aim = match question.primary {
        "GENERAL" => Aim::General,
        "HMB" => Aim::Hmb,
        "DS" => Aim::Ds(ids().expect("diseases")),
        "POA" => Aim::Poa,
        "METHODS" => Aim::Methods(ids()),
        _ => Aim::Cc,
    };
    let owned = |text: Option<&str>| text.map(str::to_owned);
    Purpose {
        flags: FLAGS
            .iter()
            .filter(|(name, _)| question.flags.contains(name))
            .map(|(_, flag)| *flag)
            .collect(),
        party: owned(question.party),
        institution: owned(question.institution),
        project: owned(question.project),
        region: owned(question.region),
        ..Purpose::new(aim)
    }
}

fn diseases() -> Diseases {
    let parents = [("A", ""), ("B", "A"), ("C", "B"), ("E", "A")];
    let list = |up: &str| if up.is_empty() { Vec::new() } else { vec![up.to_owned()] };
    Diseases::from_parents(&parents.iter().map(|(id, up)| ((*id).to_owned(), list(up))).collect())
}

#[test]
fn histories_of_chance_are_decided_alike() {
    let deep = std::env::var_os("BASEQ_DEEP").is_some_and(|value| value == "1");
    let all = if deep { 1_000_000_u64 } else { 60_000 };
    let diseases = diseases();
    let mut verdicts = BTreeMap::<String, u64>::new();
    for seed in 0..all {
        let chance = &mut fastrand::Rng::with_seed(seed);
        let (person, question) = drawn(chance);
        let subject = subject(&person);
        let purpose = purpose(&question);
        let policy = Policy {
            majority_age: question.majority.and_then(|age| u8::try_from(age).ok()).unwrap_or(18),
            majority_otherwise: if question.majority.is_some() {
                Otherwise::Suspend
            } else {
                Otherwise::Continue
            },
            death: if question.death_ends { Death::End } else { Death::Continue },
        };
        let basis = Basis { known_at: instant(question.t), policy, diseases: &diseases };
        let dates = Dates::new(date(question.d), date(question.u)).expect("D is not after U");
        for of_sample in [false, true] {
            let about = if of_sample {
                About::sample(&subject, "n").expect("a sample")
            } else {
                About::subject(&subject)
            };
            let verdict = decide(about, &purpose, dates, &basis).verdict;
            let (expected, cut_off) = permitted(&person, of_sample, &question);
            let same = match verdict {
                Verdict::Permit { cut_off: found } => expected == YES && found == cut_off.map(date),
                Verdict::Deny => expected == NO,
                Verdict::Refer => expected == REFER,
            };
            assert!(
                same,
                "history {seed}: {verdict:?} and {expected} {cut_off:?}\n{person:#?}\n{question:#?}"
            );
            for day in [None, Some(question.d), Some(question.u), cut_off, cut_off.map(|day| day - 1)] {
                let readable =
                    expected == YES && cut_off.is_none_or(|cut_off| day.is_some_and(|day| day < cut_off));
                assert_eq!(verdict.reads(day.map(date)), readable, "history {seed}, a row of {day:?}");
            }
            let word = ["deny", "refer", "permit"][usize::from(expected)];
            let hides = if expected == YES && cut_off.is_some() { " with a cut-off" } else { "" };
            *verdicts.entry(format!("{word}{hides}")).or_default() += 1;
            // Section 3.5: valid at a day, which also stands for the day of use.
            let day = question.d;
            let mut lists = vec![&person.own];
            if of_sample && person.sample.iter().any(|fact| fact.recorded <= question.t) {
                lists.push(&person.sample);
            }
            let valid = lists.iter().all(|facts| answer(facts, &person, &question, day, day) == YES);
            assert_eq!(
                valid_at(about, Some(date(day)), &purpose, &basis),
                valid,
                "history {seed}, valid at {day}"
            );
            assert!(!valid_at(about, None, &purpose, &basis));
        }
    }
    eprintln!("{all} histories: {verdicts:?}");
    assert!(
        verdicts.len() == 4 && verdicts.values().all(|count| *count > all / 150),
        "histories are too alike: {verdicts:?}"
    );
}
