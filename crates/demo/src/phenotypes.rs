//! Phenotypic features: observed, looked for and excluded, or not recorded at all.
//!
//! Terms are written as clinicians write them: the narrow term where it is known, and exclusions that stand
//! for everything below them. A few people have a term both observed and excluded.

use crate::file::{Table, or_empty};
use crate::health::Health;
use crate::people::Person;
use crate::random::Random;
use std::io;
use std::path::Path;

/// A feature of a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Feature {
    /// The HPO id.
    pub term: &'static str,
    pub label: &'static str,
    pub excluded: bool,
    /// Age at onset in whole years, for what began in life.
    pub onset_years: Option<i32>,
    pub severity: Option<(&'static str, &'static str)>,
}

const SEVERITIES: [(&str, &str); 3] =
    [("HP:0012825", "Mild"), ("HP:0012826", "Moderate"), ("HP:0012828", "Severe")];

/// What is looked for: term and label when observed, term and label when excluded, and in how many people
/// in a hundred without it somebody looked and said no.
type Question = ((&'static str, &'static str), (&'static str, &'static str), u32);

#[rustfmt::skip]
const QUESTIONS: [Question; 14] = [
    (("HP:0005978", "Type II diabetes mellitus"), ("HP:0000819", "Diabetes mellitus"), 40),
    (("HP:0001513", "Obesity"), ("HP:0001513", "Obesity"), 55),
    (("HP:0001397", "Hepatic steatosis"), ("HP:0001397", "Hepatic steatosis"), 35),
    (("HP:0012622", "Chronic kidney disease"), ("HP:0012622", "Chronic kidney disease"), 35),
    (("HP:0002110", "Bronchiectasis"), ("HP:0002110", "Bronchiectasis"), 15),
    (("HP:0001738", "Exocrine pancreatic insufficiency"), ("HP:0001738", "Exocrine pancreatic insufficiency"), 8),
    (("HP:0003701", "Proximal muscle weakness"), ("HP:0001324", "Muscle weakness"), 20),
    (("HP:0003236", "Elevated circulating creatine kinase concentration"), ("HP:0003236", "Elevated circulating creatine kinase concentration"), 12),
    (("HP:0001878", "Hemolytic anemia"), ("HP:0001878", "Hemolytic anemia"), 12),
    (("HP:0000648", "Optic atrophy"), ("HP:0000648", "Optic atrophy"), 10),
    (("HP:0001250", "Seizure"), ("HP:0001250", "Seizure"), 45),
    (("HP:0000717", "Autism"), ("HP:0000729", "Autistic behavior"), 25),
    (("HP:0001249", "Intellectual disability"), ("HP:0001249", "Intellectual disability"), 30),
    (("HP:0001644", "Dilated cardiomyopathy"), ("HP:0001638", "Cardiomyopathy"), 20),
];

/// The features of everybody.
pub(crate) fn features(seed: u64, people: &[Person], health: &[Health]) -> Vec<Vec<Feature>> {
    let mut random = Random::of(seed, "phenotypes");
    let mut all: Vec<Vec<Feature>> =
        people.iter().zip(health).map(|(person, health)| of(&mut random, person, health)).collect();
    // Somebody looked twice and came to another result.
    for _ in 0..(people.len() / 400).max(1) {
        let at = random.below(u32::try_from(all.len()).unwrap_or(u32::MAX)) as usize;
        let said = |excluded| Feature {
            term: "HP:0001513",
            label: "Obesity",
            excluded,
            onset_years: None,
            severity: None,
        };
        all[at].retain(|feature| feature.term != "HP:0001513");
        all[at].extend([said(false), said(true)]);
    }
    all
}

fn of(random: &mut Random, person: &Person, health: &Health) -> Vec<Feature> {
    let has = [
        health.diabetes.is_some(),
        health.obese,
        health.steatosis,
        health.kidney,
        health.cystic_fibrosis,
        health.cystic_fibrosis,
        health.dystrophy || health.pompe,
        health.dystrophy || health.pompe,
        health.hemolysis,
        health.optic,
        health.seizures,
        health.autism,
        health.disability.is_some(),
        health.cardiomyopathy,
    ];
    let mut features = Vec::new();
    for ((observed, excluded, looked), has) in QUESTIONS.iter().zip(has) {
        if has {
            if random.percent(88) {
                let (term, label) = narrowed(random, *observed, health);
                features.push(Feature {
                    term,
                    label,
                    excluded: false,
                    onset_years: onset(random, person, term),
                    severity: random.percent(40).then(|| *random.pick(&SEVERITIES)),
                });
            }
        } else if random.percent(*looked) {
            let (term, label) = if excluded.0 == "HP:0001249" && random.percent(15) {
                // Excluding the broad term excludes all that is below it.
                ("HP:0012759", "Neurodevelopmental abnormality")
            } else {
                *excluded
            };
            features.push(Feature { term, label, excluded: true, onset_years: None, severity: None });
        }
    }
    features
}

fn narrowed(
    random: &mut Random,
    term: (&'static str, &'static str),
    health: &Health,
) -> (&'static str, &'static str) {
    match (term.0, health.disability) {
        ("HP:0001249", Some(true)) if random.percent(70) => ("HP:0010864", "Intellectual disability, severe"),
        ("HP:0001249", Some(false)) if random.percent(60) => ("HP:0001256", "Intellectual disability, mild"),
        ("HP:0001250", _) if random.percent(30) => ("HP:0007359", "Focal-onset seizure"),
        ("HP:0001250", _) if random.percent(30) => ("HP:0002197", "Generalized-onset seizure"),
        _ => term,
    }
}

fn onset(random: &mut Random, person: &Person, term: &str) -> Option<i32> {
    let age = person.birth.years_until(person.last_day());
    let latest = match term {
        "HP:0005978" | "HP:0001397" | "HP:0012622" | "HP:0001513" | "HP:0001644" => age,
        _ => age.min(9),
    };
    let earliest = if latest > 30 { 25 } else { 0 };
    random.percent(60).then(|| random.between(earliest, latest.max(earliest)))
}

/// Writes the features of those who have no packet.
pub(crate) fn write(
    path: &Path,
    seed: u64,
    people: &[Person],
    features: &[Vec<Feature>],
    in_packets: &[usize],
) -> io::Result<()> {
    let mut random = Random::of(seed, "phenotype table");
    let mut table = Table::new(
        path,
        &[
            "phenotype_id",
            "subject_id",
            "term",
            "excluded",
            "onset_earliest_days",
            "onset_latest_days",
            "onset_text",
            "severity",
            "recorded_on",
        ],
    )?;
    let mut count = 0;
    for (at, (person, features)) in people.iter().zip(features).enumerate() {
        if in_packets.binary_search(&at).is_ok() {
            continue;
        }
        let span = person.last_day().since(person.enrolled).max(1);
        for feature in features {
            count += 1;
            // A completed year of age is the days from one birthday to the day before the next.
            let days =
                feature.onset_years.map(|years| (years * 36_525 / 100, (years + 1) * 36_525 / 100 - 1));
            table.row([
                &format!("H{count:06}"),
                &person.id,
                feature.term,
                if feature.excluded { "true" } else { "false" },
                &or_empty(days.map(|(from, _)| from)),
                &or_empty(days.map(|(_, to)| to)),
                &feature.onset_years.map_or_else(String::new, |years| format!("P{years}Y")),
                &or_empty(feature.severity.map(|(term, _)| term)),
                &person.enrolled.plus(random.between(0, span - 1)).to_string(),
            ])?;
        }
    }
    table.close()
}
