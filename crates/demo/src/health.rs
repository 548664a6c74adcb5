//! What people have: conditions drawn from age and genotype, before anything of it is written down.
//!
//! Some alleles do what they are known to do, only more often than in life, so that a demo of a few thousand
//! people shows it: two CFTR alleles make cystic fibrosis and two of GAA Pompe's disease, DMD makes boys weak, APOL1
//! hurts kidneys, PNPLA3 fattens livers, GCK brings diabetes, MYBPC3 a weak heart, GBA1 Parkinson's disease; SHANK3,
//! SCN1A and MECP2 change development; CYP2C19 keeps clopidogrel from working. One of the sites is a clinic for
//! Parkinson's disease. The numbers are invented.

use crate::day::{Day, END};
use crate::genome::Genome;
use crate::people::{Person, Sex};
use crate::random::Random;
use crate::sites::{Site, impact};

/// The conditions of one person.
#[expect(clippy::struct_excessive_bools, reason = "each condition is there or not, whatever the others are")]
#[derive(Clone, Debug, Default)]
pub(crate) struct Health {
    /// The day on which diabetes was diagnosed.
    pub diabetes: Option<Day>,
    pub obese: bool,
    pub steatosis: bool,
    pub kidney: bool,
    pub cystic_fibrosis: bool,
    pub dystrophy: bool,
    pub hemolysis: bool,
    pub optic: bool,
    pub breast_cancer: Option<Day>,
    pub seizures: bool,
    pub autism: bool,
    /// Intellectual disability: severe, or mild.
    pub disability: Option<bool>,
    pub hypertension: bool,
    pub cardiomyopathy: bool,
    pub pompe: bool,
    /// The day on which Parkinson's disease was diagnosed.
    pub parkinson: Option<Day>,
    /// Whether clopidogrel is turned into what works slowly or not at all.
    pub slow_clopidogrel: bool,
    /// Body mass index in tenths of kg/m².
    pub bmi: i32,
}

/// The site that has a clinic for Parkinson's disease.
const PARKINSON_CLINIC: &str = "Castlewick";

/// The places of sites that health depends on.
struct Places {
    cystic: Vec<usize>,
    dystrophin: Vec<usize>,
    kidney: Vec<usize>,
    breast: Vec<usize>,
    shank: Vec<usize>,
    mecp: Vec<usize>,
    sodium: Vec<usize>,
    heart: Vec<usize>,
    gaucher: Vec<usize>,
    pompe: Vec<usize>,
    clopidogrel: Vec<usize>,
    liver: usize,
    glucokinase: usize,
    g6pd: usize,
    optic: usize,
}

impl Places {
    fn of(sites: &[Site]) -> Places {
        let at = |position: u32| sites.iter().position(|site| site.position == position).unwrap_or(0);
        let severe = |symbol: &str| -> Vec<usize> {
            let gene = crate::genes::gene_of(symbol);
            let hits = |site: &Site| site.gene == gene && impact(site.alternates[0].consequence) == "HIGH";
            (0..sites.len()).filter(|at| hits(&sites[*at])).collect()
        };
        Places {
            cystic: [117_559_590, 117_587_778, 117_587_806].map(at).to_vec(),
            dystrophin: severe("DMD"),
            kidney: [36_265_860, 36_265_995].map(at).to_vec(),
            breast: severe("BRCA1"),
            shank: severe("SHANK3"),
            mecp: severe("MECP2"),
            sodium: severe("SCN1A"),
            heart: severe("MYBPC3"),
            gaucher: severe("GBA1"),
            pompe: [80_105_100, 80_112_030].map(at).to_vec(),
            clopidogrel: [94_780_653, 94_781_859].map(at).to_vec(),
            liver: at(43_928_847),
            glucokinase: at(44_189_469),
            g6pd: at(154_536_002),
            optic: at(11_778),
        }
    }
}

/// Everybody's conditions.
pub(crate) fn health(seed: u64, people: &[Person], sites: &[Site], genome: &Genome) -> Vec<Health> {
    let mut random = Random::of(seed, "health");
    let places = Places::of(sites);
    (0..people.len()).map(|at| one(&mut random, people, sites, genome, &places, at)).collect()
}

fn one(
    random: &mut Random,
    people: &[Person],
    sites: &[Site],
    genome: &Genome,
    places: &Places,
    at: usize,
) -> Health {
    let person = &people[at];
    let age = person.birth.years_until(person.last_day());
    let count = |site: usize| i32::try_from(genome.count(people, sites, at, site, 1)).unwrap_or(0);
    let all = |of: &[usize]| of.iter().map(|site| count(*site)).sum::<i32>();
    let one_copy = person.karyotype.copies_of_x() == 1;
    let likely = |random: &mut Random, percent: i32| random.percent(u32::try_from(percent).unwrap_or(0));

    let bmi = if age < 12 { random.around(165, 25) } else { random.around(255 + age / 3, 75) }.max(130);
    let mut health = Health { bmi, obese: age >= 12 && bmi >= 300, ..Health::default() };
    if age >= 25 {
        let risk = (age - 25) / 4 + 8 * count(places.glucokinase) + if health.obese { 12 } else { 0 };
        if likely(random, risk) {
            let earliest = person.birth.plus(25 * 366);
            let span = person.last_day().since(earliest).max(1);
            let day = earliest.plus(random.between(span / 3, span)).min(END.plus(-40));
            health.diabetes = Some(day).filter(|day| *day < person.last_day());
        }
        health.hypertension = likely(random, (age - 25) / 2 + if health.obese { 10 } else { 0 });
        health.steatosis = likely(random, 5 + 11 * count(places.liver) + if health.obese { 8 } else { 0 });
        health.cardiomyopathy = likely(random, if all(&places.heart) >= 1 { 75 } else { 10 });
    }
    if age >= 40 {
        let clinic = if person.site == PARKINSON_CLINIC { 62 } else { 3 };
        if likely(random, if all(&places.gaucher) >= 1 { 55.max(clinic) } else { clinic }) {
            let at = if random.percent(85) { random.between(36, 49) } else { random.between(50, 70) };
            let day = person.birth.plus(at * 36_525 / 100 + random.between(0, 360));
            health.parkinson = Some(day).filter(|day| *day < person.last_day());
        }
    }
    health.pompe = all(&places.pompe) >= 2;
    health.slow_clopidogrel = all(&places.clopidogrel) >= 1;
    health.kidney = age >= 20 && likely(random, if all(&places.kidney) >= 2 { 34 } else { 3 });
    health.cystic_fibrosis = all(&places.cystic) >= 2;
    health.dystrophy = one_copy && person.sex == Sex::Male && all(&places.dystrophin) >= 1;
    let full = person.karyotype.copies_of_x();
    health.hemolysis =
        usize::try_from(count(places.g6pd)).unwrap_or(0) == full && likely(random, 45) || likely(random, 1);
    health.optic = count(places.optic) == 1 && likely(random, if person.sex == Sex::Male { 60 } else { 15 });
    if person.sex == Sex::Female && age >= 35 && likely(random, if all(&places.breast) >= 1 { 55 } else { 4 })
    {
        let day = person.birth.plus(35 * 366 + random.between(0, (age - 35) * 360));
        health.breast_cancer = Some(day).filter(|day| *day < person.last_day());
    }
    let shank = all(&places.shank) >= 1;
    let sodium = all(&places.sodium) >= 1;
    let mecp = person.sex == Sex::Female && all(&places.mecp) >= 1;
    let developmental = (shank || sodium) && likely(random, 90) || mecp;
    health.disability = (developmental || likely(random, 2)).then(|| mecp || likely(random, 40));
    health.seizures = likely(random, if developmental { 75 } else { 5 });
    health.autism = likely(random, if shank { 75 } else { 2 });
    health
}
