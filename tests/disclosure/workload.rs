//! Honest work: 300 questions of one group of researchers, as a project of some months asks them.

use crate::people::{MONTHS, Person, REGIONS, made};
use crate::recipient::{Answer, Question, Recipient, terms};
use release::Layout;
use std::collections::BTreeMap;

/// What somebody asks about.
#[derive(Clone, Debug, PartialEq)]
enum Condition {
    Has(usize),
    Not(usize),
    FromAge(u32),
    Woman(bool),
    Region(u32),
}

impl Condition {
    fn holds(&self, person: &Person) -> bool {
        match self {
            Condition::Has(diagnosis) => person.has[*diagnosis],
            Condition::Not(diagnosis) => !person.has[*diagnosis],
            Condition::FromAge(age) => person.age >= *age,
            Condition::Woman(woman) => person.woman == *woman,
            Condition::Region(region) => person.region == *region,
        }
    }

    fn made(random: &mut fastrand::Rng) -> Condition {
        match random.u32(0..10) {
            0..4 => Condition::Has(random.usize(0..5)),
            4..6 => Condition::Not(random.usize(0..6)),
            6..8 => Condition::FromAge(30 + 5 * random.u32(0..8)),
            8 => Condition::Woman(random.bool()),
            _ => Condition::Region(random.u32(0..REGIONS)),
        }
    }
}

/// A question in words, so to speak: it can be asked again of other data.
#[derive(Clone, Debug)]
enum Asked {
    Table1(Vec<Condition>),
    BySex(Vec<Condition>),
    Attrition(Vec<Condition>),
    Monthly(usize, u32),
}

impl Asked {
    fn of(&self, people: &[Option<Person>]) -> Question {
        let who = |conditions: &[Condition]| -> Vec<u32> {
            let all = (0_u32..).zip(people).filter_map(|(at, person)| Some((at, (*person)?)));
            let passed = all.filter(|(_, person)| conditions.iter().all(|condition| condition.holds(person)));
            passed.map(|(at, _)| at).collect()
        };
        let of = |at: &u32| people[*at as usize].expect("somebody who is there");
        let split = |people: &[u32], levels: u32, level: &dyn Fn(&Person) -> u32| -> Vec<Vec<u32>> {
            let of_level = |at| people.iter().copied().filter(|who| level(&of(who)) == at).collect();
            (0..levels).map(of_level).collect()
        };
        match self {
            Asked::Table1(conditions) => {
                let people = who(conditions);
                let mut items = vec![
                    split(&people, 2, &|person| u32::from(person.woman)),
                    split(&people, 8, &|person| (person.age - 18) / 10),
                    split(&people, REGIONS, &|person| person.region),
                ];
                for diagnosis in 0..6 {
                    items.push(split(&people, 2, &|person| u32::from(person.has[diagnosis])));
                }
                Question::Table1 { people, items }
            }
            Asked::BySex(conditions) => {
                let mut by_sex = split(&who(conditions), 2, &|person| u32::from(person.woman)).into_iter();
                let rows = ["man", "woman"].map(|sex| (sex.to_owned(), by_sex.next().unwrap_or_default()));
                Question::Groups { rows: rows.into(), total: true }
            }
            Asked::Attrition(steps) => {
                let fails = |at: u32| {
                    let failed = |step: &usize| !steps[*step].holds(&of(&at));
                    let first = (0..steps.len()).find(failed)?;
                    Some((first + 1, (0..steps.len()).rfind(failed)? + 1))
                };
                let people = who(&[]).into_iter().map(|at| (at, fails(at))).collect();
                Question::Attrition { steps: steps.len(), people }
            }
            Asked::Monthly(diagnosis, region) => {
                let people = who(&[Condition::Has(*diagnosis), Condition::Region(*region)]);
                let months = split(&people, MONTHS, &|person| person.joined);
                let rows =
                    months.into_iter().enumerate().map(|(month, people)| (format!("{month:02}"), people));
                Question::Groups { rows: rows.collect(), total: false }
            }
        }
    }
}

/// What became of questions of a kind.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Fate {
    pub(crate) asked: u32,
    pub(crate) refused: u32,
    /// After too many were refused.
    pub(crate) stopped: u32,
    /// Numbers of what was told.
    pub(crate) cells: u64,
    pub(crate) withheld: u64,
    pub(crate) secondary: u64,
}

/// The kinds in the order in which they are asked, mixed as they would be: re-runs after what they run again, and data that changes last.
pub(crate) fn run(
    people: usize,
    difference: u32,
    most_refusals: usize,
    seed: u64,
) -> BTreeMap<&'static str, Fate> {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut all: Vec<Option<Person>> = made(people, &mut random).into_iter().map(Some).collect();
    let mut questions: Vec<(&'static str, Asked)> = Vec::new();
    let conditions = |random: &mut fastrand::Rng, number: usize| -> Vec<Condition> {
        (0..number).map(|_| Condition::made(random)).collect()
    };
    for at in 0..40 {
        questions.push(("Table 1", Asked::Table1(conditions(&mut random, 1 + at % 3))));
    }
    for _ in 0..12 {
        let chain = conditions(&mut random, 5);
        let nested = (1..=5).map(|steps| ("nested cohorts", Asked::BySex(chain[..steps].to_vec())));
        questions.extend(nested);
    }
    for _ in 0..20 {
        let steps = conditions(&mut random, 4);
        let mut moved = steps.clone();
        moved.rotate_left(1);
        questions.push(("attrition", Asked::Attrition(steps)));
        questions.push(("attrition", Asked::Attrition(moved)));
    }
    for _ in 0..12 {
        let (who, from) = (conditions(&mut random, 1), 35 + random.u32(0..30));
        let years = (0..5).map(|more| {
            let age = Condition::FromAge(from + more);
            ("cut-offs moved by a year", Asked::BySex(who.iter().cloned().chain([age]).collect()))
        });
        questions.extend(years);
    }
    for at in 0..30 {
        questions.push(("monthly series", Asked::Monthly(at % 3, random.u32(0..REGIONS))));
    }
    random.shuffle(&mut questions);
    let again = |random: &mut fastrand::Rng| questions[random.usize(0..questions.len())].1.clone();
    let mut later: Vec<(&'static str, Asked)> = Vec::new();
    later.extend((0..30).map(|_| ("re-runs", again(&mut random))));
    later.extend((0..20).map(|_| ("after a refresh of 0.5 %", again(&mut random))));
    later.extend((0..20).map(|_| ("after three withdrawals", again(&mut random))));
    questions.extend(later);

    let mut recipient = Recipient::new(terms(Some(5), difference), most_refusals);
    let mut fates: BTreeMap<&'static str, Fate> = BTreeMap::new();
    let (mut refreshed, mut withdrawn) = (false, false);
    for (kind, asked) in questions {
        if kind == "after a refresh of 0.5 %" && !refreshed {
            refreshed = true;
            all.extend(made(people / 200, &mut random).into_iter().map(Some));
        }
        if kind == "after three withdrawals" && !withdrawn {
            withdrawn = true;
            (0..3).for_each(|_| all[random.usize(0..people)] = None);
        }
        let fate = fates.entry(kind).or_default();
        fate.asked += 1;
        match recipient.ask(&format!("{asked:?}"), &asked.of(&all)) {
            Answer::Refused => fate.refused += 1,
            Answer::Stopped => fate.stopped += 1,
            Answer::Told(released) => {
                let notes = released.notes();
                let keys = match released.layout() {
                    Layout::Rows => released.rows().len(),
                    Layout::Attrition => 2 * released.rows().len(),
                    Layout::Characteristics { keys } => (2 + keys) * released.rows().len(),
                };
                fate.cells += notes.cells - u64::try_from(keys).expect("few cells");
                fate.withheld += notes.withheld;
                fate.secondary += notes.secondary;
            }
        }
    }
    fates
}
