//! `match` and `draw` against a loop that does what language.md says, word by word, on random people with
//! many ties. The loop and the lots are written here once more, and share no code with the compiler.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;

use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

use crate::rows;
use crate::warehouse::{Openness, Warehouse};

/// A person of the test.
#[derive(Clone, Debug)]
struct Person {
    key: String,
    sex: &'static str,
    born: Option<i64>,
    ancestry: Option<&'static str>,
    case: bool,
}

/// Xorshift: the people are the same on every run.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }

    fn one_of<T: Copy>(&mut self, of: &[T]) -> T {
        of[usize::try_from(self.below(of.len() as u64)).unwrap_or(0)]
    }
}

/// People of whom so many of a thousand are cases, born in so many years.
fn people(seed: u64, number: usize, cases: u64, years: u64) -> Vec<Person> {
    let mut random = Random(seed);
    (0..number)
        .map(|at| Person {
            key: format!("p{at}"),
            sex: random.one_of(&["female", "male"]),
            born: (random.below(20) > 0).then(|| 1950 + i64::try_from(random.below(years)).unwrap_or(0)),
            ancestry: random.one_of(&[Some("AFR"), Some("EUR"), Some("EUR"), None]),
            case: random.below(1000) < cases,
        })
        .collect()
}

/// The lot of a person.
fn lot(seed: u32, key: &str) -> String {
    let mut text = String::new();
    for byte in Sha256::digest(format!("{seed}:{key}")) {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// The loop: cases in the order of their lots, each takes the n nearest free controls.
fn naive(
    people: &[Person],
    n: usize,
    seed: u32,
    distance: impl Fn(&Person, &Person) -> Option<i64>,
) -> BTreeSet<String> {
    let mut cases: Vec<&Person> = people.iter().filter(|person| person.case).collect();
    cases.sort_by_key(|person| (lot(seed, &person.key), person.key.clone()));
    let mut free: BTreeMap<&str, &Person> =
        people.iter().filter(|person| !person.case).map(|person| (person.key.as_str(), person)).collect();
    let mut taken = BTreeSet::new();
    for case in cases {
        let mut near: Vec<(i64, String, &str)> = free
            .iter()
            .filter_map(|(key, control)| Some((distance(case, control)?, lot(seed, key), *key)))
            .collect();
        near.sort();
        for (_, _, key) in near.into_iter().take(n) {
            free.remove(key);
            taken.insert(key.to_owned());
        }
    }
    taken
}

/// A warehouse of these people: cases have a diagnosis, everybody consents, and `family` is the key.
fn warehouse(people: &[Person]) -> (TempDir, Warehouse) {
    let folder = TempDir::new().expect("a folder");
    let mut subjects = "subject_id,family,sex,birth_year,ancestry\n".to_owned();
    let mut events = "event_id,subject_id,sample_id,kind,actor,effective_from,effective_until,recorded_at,withdrawal_level,supersedes\n".to_owned();
    let mut scopes = "event_id,branch,polarity,term,disease,region,until_date,party,project\n".to_owned();
    let mut diagnoses = "diagnosis_id,subject_id,code,date\n".to_owned();
    for person in people {
        let key = &person.key;
        let born = person.born.map(|born| born.to_string()).unwrap_or_default();
        let _ =
            writeln!(subjects, "{key},{key},{},{born},{}", person.sex, person.ancestry.unwrap_or_default());
        let _ = writeln!(events, "g-{key},{key},,grant,self,2015-01-01,,2015-01-01T00:00:00Z,,");
        let _ = writeln!(scopes, "g-{key},a,permit,DUO:0000042,,,,,");
        if person.case {
            let _ = writeln!(diagnoses, "d-{key},{key},ICD10:G20,2020-01-01");
        }
    }
    let files = [
        ("subject", subjects),
        ("consent_event", events),
        ("consent_scope", scopes),
        ("diagnosis", diagnoses),
    ];
    for (name, text) in files {
        fs::write(folder.path().join(format!("{name}.csv")), text).expect("a file");
    }
    let warehouse = Warehouse::load_from(folder.path()).expect("the people load");
    (folder, warehouse)
}

/// Whom a cohort holds.
fn members(warehouse: &Warehouse, clauses: &str) -> BTreeSet<String> {
    let program = format!(
        "use agreement \"OPEN\"\nas of 2024-07-01\n\
         cohort cases = from subjects where has diagnosis in ICD10:G20\n\
         cohort chosen = from subjects\n  where sex in [female, male]\n  {clauses}\n\
         table who = from chosen show family"
    );
    let page = format!("# Page\n\n## Case\n```bq\n{program}\n```\n");
    let cases = spec::read("page.md", &page).expect("a case");
    let asked = warehouse.ask(&cases[0]).expect("a project");
    let compiled = asked.compile(&[]).expect("a plan");
    let released = warehouse.run(&asked, &compiled[0], Openness::Open).expect("rows");
    rows::shown(&released).lines().skip(1).map(str::to_owned).collect()
}

fn holds(people: &[Person]) {
    let (_folder, warehouse) = warehouse(people);
    let same = |a: &Person, b: &Person| a.sex == b.sex;
    let apart = |a: &Person, b: &Person, width: i64| {
        let apart = (a.born? - b.born?).abs();
        (apart <= width).then_some(apart)
    };
    let equal = |a: &Person, b: &Person| a.ancestry.is_some() && a.ancestry == b.ancestry;
    for (n, seed) in [(1, 7), (4, 7), (3, 11)] {
        assert_eq!(
            members(&warehouse, &format!("match {n} to each of cases on sex seed {seed}")),
            naive(people, n, seed, |a, b| same(a, b).then_some(0)),
            "{n} by sex, seed {seed}"
        );
        assert_eq!(
            members(
                &warehouse,
                &format!("match {n} to each of cases on sex, birth_year within 2 seed {seed}")
            ),
            naive(people, n, seed, |a, b| same(a, b).then(|| apart(a, b, 2))?),
            "{n} by sex and year, seed {seed}"
        );
        assert_eq!(
            members(
                &warehouse,
                &format!("match {n} to each of cases on birth_year within 5, ancestry seed {seed}")
            ),
            naive(people, n, seed, |a, b| equal(a, b).then(|| apart(a, b, 5))?),
            "{n} by year and ancestry, seed {seed}"
        );
    }
}

#[test]
fn controls_that_suffice() {
    holds(&people(1, 400, 60, 30));
}

#[test]
fn controls_that_are_scarce() {
    holds(&people(2, 300, 350, 12));
}

#[test]
fn controls_that_are_few_and_alike() {
    holds(&people(3, 120, 600, 4));
}

#[test]
fn draws() {
    let people = people(4, 200, 100, 30);
    let (_folder, warehouse) = warehouse(&people);
    for (n, seed) in [(1_usize, 1), (37, 2), (500, 3)] {
        let mut all: Vec<(String, String)> =
            people.iter().map(|person| (lot(seed, &person.key), person.key.clone())).collect();
        all.sort();
        let drawn: BTreeSet<String> = all.into_iter().take(n).map(|(_, key)| key).collect();
        assert_eq!(members(&warehouse, &format!("draw {n} seed {seed}")), drawn, "{n} of seed {seed}");
    }
}
