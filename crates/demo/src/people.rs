//! The people: families of parents and children, and many without relatives.
//!
//! Everyone is made up. Ages are such that consent given by guardians is seen in all its states, and that
//! nobody comes of age in the years in which the demo is likely to be run: there is nobody between 9 and 17,
//! so its numbers stay the same for a while.

use crate::day::{Day, END};
use crate::random::Random;

/// Sex as recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Sex {
    Female,
    Male,
    Unknown,
}

/// Sex chromosomes, as they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Karyotype {
    Xx,
    Xy,
    Xo,
    Xxy,
    Xyy,
}

impl Karyotype {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Karyotype::Xx => "XX",
            Karyotype::Xy => "XY",
            Karyotype::Xo => "XO",
            Karyotype::Xxy => "XXY",
            Karyotype::Xyy => "XYY",
        }
    }

    /// Copies of X outside its pseudo-autosomal regions.
    pub(crate) fn copies_of_x(self) -> usize {
        match self {
            Karyotype::Xx | Karyotype::Xxy => 2,
            Karyotype::Xy | Karyotype::Xo | Karyotype::Xyy => 1,
        }
    }

    /// Copies of Y outside its pseudo-autosomal regions.
    pub(crate) fn copies_of_y(self) -> usize {
        match self {
            Karyotype::Xx | Karyotype::Xo => 0,
            Karyotype::Xy | Karyotype::Xxy => 1,
            Karyotype::Xyy => 2,
        }
    }
}

/// What is recorded of the day of birth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BirthKnown {
    Day,
    Year,
    Not,
}

/// A person.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub id: String,
    pub sex: Sex,
    pub karyotype: Karyotype,
    pub karyotype_recorded: bool,
    /// The place of the ancestry in [`ANCESTRIES`]; it also decides the alleles.
    pub ancestry: usize,
    pub ancestry_recorded: bool,
    pub population: &'static str,
    pub birth: Day,
    pub birth_known: BirthKnown,
    pub death: Option<Day>,
    pub site: &'static str,
    pub jurisdiction: &'static str,
    pub family: String,
    pub father: Option<usize>,
    pub mother: Option<usize>,
    /// The day on which the person, or a guardian, joined.
    pub enrolled: Day,
}

impl Person {
    /// Completed years at the end of the data.
    pub(crate) fn age(&self) -> i32 {
        self.birth.years_until(END)
    }

    /// The last day of which anything can be recorded.
    pub(crate) fn last_day(&self) -> Day {
        self.death.unwrap_or(END)
    }
}

/// Super-populations with their populations and share.
pub(crate) const ANCESTRIES: [(u32, &str, &[&str]); 5] = [
    (17, "AFR", &["YRI", "LWK", "ACB"]),
    (13, "AMR", &["MXL", "PUR", "CLM"]),
    (14, "EAS", &["CHB", "JPT", "KHV"]),
    (40, "EUR", &["CEU", "GBR", "FIN", "IBS", "TSI"]),
    (16, "SAS", &["GIH", "PJL", "ITU"]),
];

/// Recruiting sites, all invented, and where they are.
const SITES: [(u32, (&str, &str)); 5] = [
    (32, ("Aldermoor", "BE")),
    (26, ("Brinkhaven", "BE")),
    (18, ("Castlewick", "NL")),
    (16, ("Dunfold", "NL")),
    (8, ("Eastmere", "DE")),
];

/// So many people, families first: father, mother, children.
pub(crate) fn people(seed: u64, count: u32) -> Vec<Person> {
    let mut random = Random::of(seed, "people");
    let mut people: Vec<Person> = Vec::with_capacity(count as usize);
    let families = count * 7 / 100;
    for family in 1..=families {
        let name = format!("F{family:04}");
        let ancestry = ancestry(&mut random);
        let site = *random.weighted(&SITES);
        let adult_child = random.percent(35);
        let child_birth = if adult_child {
            Day::of(1997, 1, 1).plus(random.between(0, 9 * 365))
        } else {
            Day::of(2016, 6, 1).plus(random.between(0, 7 * 365))
        };
        let father = people.len();
        for (sex, karyotype) in [(Sex::Male, Karyotype::Xy), (Sex::Female, Karyotype::Xx)] {
            let birth = child_birth.plus(-random.between(21 * 365, 41 * 365));
            let mut parent = person(&mut random, people.len(), birth, ancestry, site);
            (parent.sex, parent.karyotype) = (sex, karyotype);
            parent.family.clone_from(&name);
            parent.enrolled = child_birth.plus(random.between(200, 400)).min(END.plus(-400));
            people.push(parent);
        }
        let children = if random.percent(22) { 2 } else { 1 };
        for nth in 0..children {
            let birth = child_birth.plus(nth * random.between(400, 900)).min(END.plus(-300));
            let mut child = person(&mut random, people.len(), birth, ancestry, site);
            if random.percent(50) {
                (child.sex, child.karyotype) = (Sex::Male, Karyotype::Xy);
            }
            child.family.clone_from(&name);
            (child.father, child.mother) = (Some(father), Some(father + 1));
            child.population = people[father].population;
            child.enrolled = birth.plus(random.between(60, 300)).min(END.plus(-200));
            child.death = None;
            people.push(child);
        }
    }
    while people.len() < count as usize {
        let age = random.between(19, 62) + random.between(0, 28);
        let birth = END.plus(-(age * 36_525 / 100) - random.between(0, 364));
        let (ancestry, site) = (ancestry(&mut random), *random.weighted(&SITES));
        let mut single = person(&mut random, people.len(), birth, ancestry, site);
        if random.percent(48) {
            (single.sex, single.karyotype) = (Sex::Male, Karyotype::Xy);
        }
        single.population = *random.pick(ANCESTRIES[ancestry].2);
        people.push(single);
    }
    people.truncate(count as usize);
    unusual(&mut random, &mut people, count);
    people
}

fn ancestry(random: &mut Random) -> usize {
    let places: Vec<(u32, usize)> =
        ANCESTRIES.iter().enumerate().map(|(at, (share, ..))| (*share, at)).collect();
    *random.weighted(&places)
}

/// Somebody, female until told otherwise.
fn person(
    random: &mut Random,
    at: usize,
    birth: Day,
    ancestry: usize,
    site: (&'static str, &'static str),
) -> Person {
    let id = format!("P{:05}", at + 1);
    let earliest = birth.plus(18 * 366).max(Day::of(2008, 1, 1));
    let enrolled = earliest.plus(random.between(0, 3_600)).min(END.plus(-200));
    let old = birth.years_until(END);
    let dies = old > 40 && random.percent(if old > 70 { 16 } else { 3 });
    let death = dies.then(|| enrolled.plus(random.between(150, 5_000))).filter(|day| *day < END.plus(-30));
    Person {
        family: id.clone(),
        id,
        sex: Sex::Female,
        karyotype: Karyotype::Xx,
        karyotype_recorded: random.percent(12),
        ancestry,
        ancestry_recorded: !random.percent(2),
        population: ANCESTRIES[ancestry].2[0],
        birth,
        birth_known: BirthKnown::Day,
        death,
        site: site.0,
        jurisdiction: site.1,
        father: None,
        mother: None,
        enrolled,
    }
}

/// What few people have: other karyotypes, sex not recorded, a birth of which only the year is known.
fn unusual(random: &mut Random, people: &mut [Person], count: u32) {
    let first_single = people.iter().position(|person| person.family == person.id).unwrap_or(0);
    let singles = u32::try_from(people.len() - first_single).unwrap_or(0);
    if singles < 60 {
        return;
    }
    let few = (count / 400).max(2);
    let take = |random: &mut Random| first_single + random.below(singles) as usize;
    for nth in 0..few {
        for (sex, karyotype) in
            [(Sex::Male, Karyotype::Xxy), (Sex::Female, Karyotype::Xo), (Sex::Male, Karyotype::Xyy)]
        {
            let person = &mut people[take(random)];
            (person.sex, person.karyotype, person.karyotype_recorded) = (sex, karyotype, true);
        }
        let person = &mut people[take(random)];
        (person.sex, person.karyotype_recorded) = (Sex::Unknown, nth == 0);
    }
    for _ in 0..count / 60 {
        people[take(random)].birth_known = BirthKnown::Year;
        people[take(random)].birth_known = BirthKnown::Not;
    }
}
