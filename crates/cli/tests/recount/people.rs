//! Questions about people: diagnoses, measurements, treatments, features.

use super::files::{AS_OF, Feature, Files, Row, day};
use super::released::{people, ratio, rounded, share};
use super::{files, genotypes, rows};
use jiff::ToSpan;
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};

const SEXES: [&str; 3] = ["female", "male", "unknown"];

/// The band of an age as it is shown.
fn band(age: Option<i16>, years: i16) -> String {
    match age {
        None => "not recorded".into(),
        Some(age) if age >= 120 => "120+".into(),
        Some(age) => {
            let from = age.max(0) / years * years;
            format!("{from}-{}", from + years - 1)
        }
    }
}

/// How many of some people each key has, and the cell that it is released as; asks for each row that came.
fn compare(name: &str, came: &[Row], keys: &[&str], column: &str, raw: &BTreeMap<Vec<String>, u64>) {
    let mut seen = BTreeSet::new();
    for row in came {
        let key: Vec<String> = keys.iter().map(|key| row[*key].clone()).collect();
        let count = raw.get(&key).copied().unwrap_or(0);
        assert_eq!(row[column], people(count), "{name}: {column} of {key:?}, of whom there are {count}");
        seen.insert(key);
    }
    assert!(raw.iter().all(|(key, count)| *count == 0 || seen.contains(key)), "{name}: rows are missing");
    assert!(raw.values().any(|count| *count >= 10), "{name}: nothing to compare");
}

/// People by a key.
fn tally(of: impl Iterator<Item = Vec<String>>) -> BTreeMap<Vec<String>, u64> {
    let mut all = BTreeMap::new();
    for key in of {
        *all.entry(key).or_insert(0) += 1;
    }
    all
}

fn or_not_recorded(cell: &str) -> String {
    if cell.is_empty() { "not recorded".into() } else { cell.into() }
}

#[test]
fn people_by_ancestry() {
    let files = files();
    let raw = tally(
        files
            .permitted
            .keys()
            .map(|id| vec![or_not_recorded(&files.people[id]["ancestry"]), files.sex(id).to_owned()]),
    );
    compare("01", &rows("01_people.bq", "people_by_ancestry"), &["ancestry", "sex"], "people", &raw);
}

fn diabetes() -> BTreeMap<String, Vec<Date>> {
    files().days("diagnosis", ["code", "date"], &["ICD10:E11"])
}

#[test]
fn diabetics_by_sex_and_age() {
    let files = files();
    let diabetes = diabetes();
    let raw = tally(diabetes.keys().filter_map(|id| {
        let age = files.age(id, AS_OF).filter(|age| *age >= 18)?;
        Some(vec![files.sex(id).to_owned(), band(Some(age), 10)])
    }));
    compare("02", &rows("02_diabetics.bq", "diabetics"), &["sex", "age_band"], "people", &raw);
}

/// The middle of some numbers, or the mean of the middle two.
pub(super) fn median(mut of: Vec<i64>) -> String {
    of.sort_unstable();
    let half = of.len() / 2;
    if of.len() % 2 == 1 { of[half].to_string() } else { ratio((of[half - 1] + of[half]).into(), 2) }
}

#[test]
fn first_diagnoses() {
    let files = files();
    let (diabetes, metformin) = (diabetes(), files.days("treatment", ["drug", "started"], &["ATC:A10BA02"]));
    let came = rows("03_first_diagnosis.bq", "first_diagnosis");
    let mut compared = 0;
    for (row, sex) in came.iter().zip(SEXES) {
        let (mut ages, mut waits, mut number) = (Vec::new(), Vec::new(), 0);
        for (id, days) in diabetes.iter().filter(|(id, _)| files.sex(id) == sex) {
            number += 1;
            ages.extend(files.age(id, days[0]).map(i64::from));
            let first = metformin.get(id).and_then(|starts| starts.iter().find(|start| **start >= days[0]));
            waits.extend(first.map(|first| i64::from((*first - days[0]).get_days())));
        }
        assert_eq!(row["people"], people(number), "{sex}");
        assert_eq!(row["took_metformin"], people(waits.len() as u64), "{sex}");
        if number >= 20 {
            assert_eq!(row["age_at_diagnosis"], median(ages), "{sex}");
            assert_eq!(row["days_until"], median(waits), "{sex}");
            compared += 1;
        }
    }
    assert_eq!(compared, 2);
}

/// Permitted people with an observed feature of a term or below it.
pub(super) fn observed(term: &str) -> BTreeSet<String> {
    let files = files();
    let has = |feature: &Feature| !feature.excluded && files.above(&feature.term).contains(term);
    let all = files.features().into_iter();
    all.filter(|(_, features)| features.iter().any(has)).map(|(id, _)| id).collect()
}

#[test]
fn three_states_and_carriers_of_scn1a() {
    let (files, genotypes) = (files(), genotypes());
    let lost = ["stop_gained", "frameshift_variant", "splice_acceptor_variant", "splice_donor_variant"];
    let alleles: Vec<_> = genotypes
        .alleles
        .iter()
        .filter(|allele| allele.gene == "SCN1A" && lost.contains(&allele.consequence.as_str()))
        .collect();
    let (seizures, disability) = (observed("HP:0001250"), observed("HP:0001249"));
    let (features, chosen) = (files.features(), files.chosen());
    let above = files.above("HP:0001249");
    let came = rows("04_three_states.bq", "scn1a");
    let mut all: BTreeMap<&str, [u64; 3]> = BTreeMap::new();
    for id in &seizures {
        let excluded = features[id].iter().any(|one| one.excluded && above.contains(&one.term));
        let state = match (disability.contains(id), excluded) {
            (true, _) => "present",
            (false, true) => "assessed and absent",
            (false, false) => "not assessed",
        };
        let counts = all.entry(state).or_default();
        counts[0] += 1;
        if let Some(sample) = chosen.get(id) {
            counts[1] += 1;
            counts[2] += u64::from(alleles.iter().any(|allele| genotypes.carries(allele, sample)));
        }
    }
    assert_eq!(came.len(), 3);
    for row in &came {
        let [number, known, carriers] = all[row["disability"].as_str()];
        assert_eq!(row["people"], people(number), "{row:?}");
        assert_eq!(row["carrier_share"], share(carriers, known), "{carriers} of {known}: {row:?}");
    }
    assert!(all["present"][2] >= 10);
}

/// A measured value in thousandths.
fn thousandths(text: &str) -> i64 {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    format!("{whole}{part:0<3}").parse().unwrap()
}

/// Days of high HbA1c by person, each once.
pub(super) fn high_days() -> BTreeMap<String, BTreeSet<Date>> {
    let high = |row: &&Row| {
        let (code, unit, value) = (row["code"].as_str(), row["unit"].as_str(), row["value"].as_str());
        match (code, unit) {
            ("LOINC:4548-4", "%") => thousandths(value) >= 6_500,
            ("LOINC:59261-8", "mmol/mol") => thousandths(value) >= 48_000,
            _ => false,
        }
    };
    let days = |rows: Vec<Row>| rows.iter().filter(high).filter_map(|row| day(row, "date")).collect();
    files().rows("measurement", "date").into_iter().map(|(id, rows)| (id, days(rows))).collect()
}

#[test]
fn high_hba1c_before_metformin() {
    let files = files();
    let metformin = files.days("treatment", ["drug", "started"], &["ATC:A10BA02"]);
    let twice = |id: &String, days: &BTreeSet<Date>| {
        let untreated = |day: &&Date| metformin.get(id).is_none_or(|starts| starts[0] > **day);
        let days: Vec<Date> = days.iter().filter(untreated).copied().collect();
        days.windows(2).any(|pair| pair[1] <= pair[0] + 12.months())
    };
    let all = high_days();
    let raw =
        tally(all.iter().filter(|(id, days)| twice(id, days)).map(|(id, _)| vec![files.sex(id).to_owned()]));
    compare("05", &rows("05_hba1c.bq", "high_by_sex"), &["sex"], "people", &raw);
}

/// Whether some periods hold every day of a stretch.
fn holds(periods: &[Row], first: Date, last: Date) -> bool {
    let ended = |row: &Row| day(row, "ended").filter(|ended| *ended <= AS_OF);
    let mut at = first;
    while at <= last {
        let inside =
            |row: &&Row| day(row, "started").unwrap() <= at && ended(row).is_none_or(|ended| at <= ended);
        if !periods.iter().any(|row| inside(&row)) {
            return false;
        }
        at = at.tomorrow().unwrap();
    }
    true
}

/// First days of a PCSK9 inhibitor of people with a year of history and no infarct before it, and how many were
/// left after each rule.
pub(super) fn new_users(files: &Files) -> ([u64; 3], BTreeMap<String, Date>) {
    let starts = files.days("treatment", ["drug", "started"], &["ATC:C10AX13", "ATC:C10AX14"]);
    let infarcts = files.days("diagnosis", ["code", "date"], &["ICD10:I21", "ICD10:I22"]);
    let periods = files.rows("observation", "started");
    let observed = |id: &String, index: Date| {
        periods.get(id).is_some_and(|periods| holds(periods, index - 365.days(), index))
    };
    let all: BTreeMap<String, Date> = starts.iter().map(|(id, days)| (id.clone(), days[0])).collect();
    let (indexed, mut left) = (all.len() as u64, all);
    left.retain(|id, index| observed(id, *index));
    let with_history = left.len() as u64;
    left.retain(|id, index| infarcts.get(id).is_none_or(|days| days[0] >= *index));
    ([indexed, with_history, left.len() as u64], left)
}

#[test]
fn attrition_of_new_users() {
    let files = files();
    let ([indexed, with_history, left], members) = new_users(files);
    let came = rows("06_attrition.bq", "attrition_of_new_users");
    let everybody = files.permitted.len() as u64;
    let told: Vec<[&str; 2]> = came.iter().map(|row| [row["in"].as_str(), row["out"].as_str()]).collect();
    let number = |of: u64| rounded(of).to_string();
    assert_eq!(
        told.iter().map(|[stay, _]| (*stay).to_owned()).collect::<Vec<_>>(),
        [everybody, indexed, with_history, left].map(number)
    );
    let raw = tally(members.iter().map(|(id, index)| vec![band_of_20(files.age(id, *index))]));
    compare("06", &rows("06_attrition.bq", "starts_by_age"), &["age_band"], "people", &raw);
}

fn band_of_20(age: Option<i16>) -> String {
    if age.is_some_and(|age| age >= 100) { "100+".into() } else { band(age, 20) }
}

#[test]
fn infarcts_after_clopidogrel() {
    let (files, genotypes) = (files(), genotypes());
    let starts = files.days("treatment", ["drug", "started"], &["ATC:B01AC04"]);
    let infarcts = files.days("diagnosis", ["code", "date"], &["ICD10:I21"]);
    let alleles = ["NM_000769.4:c.681G>A", "NM_000769.4:c.636G>A"].map(|name| genotypes.named(name));
    let chosen = files.chosen();
    let mut all: BTreeMap<&str, [u64; 2]> = BTreeMap::new();
    for (id, days) in &starts {
        let index = days[0];
        if files.age(id, index).is_none_or(|age| age < 18) {
            continue;
        }
        let group = match chosen.get(id) {
            Some(sample) if alleles.iter().any(|allele| genotypes.carries(allele, sample)) => {
                "no function on one copy or two"
            }
            Some(sample) if alleles.iter().all(|allele| genotypes.full(allele, sample)) => "neither allele",
            Some(_) | None => "not fully called",
        };
        let hit = |day: &Date| index < *day && *day <= index + 365.days();
        let counts = all.entry(group).or_default();
        counts[0] += 1;
        counts[1] += u64::from(infarcts.get(id).is_some_and(|days| days.iter().any(hit)));
    }
    let came = rows("13_pharmacogenetics.bq", "infarct_by_genotype");
    for row in &came {
        let [number, hits] = all[row["cyp2c19"].as_str()];
        assert_eq!(row["people"], people(number), "{row:?}");
        assert_eq!(row["infarcts"], people(hits), "{row:?}");
        assert_eq!(row["share"], share(hits, number), "{row:?}");
    }
    let [slow, others] = ["no function on one copy or two", "neither allele"].map(|group| all[group]);
    assert!(slow[1] * others[0] > 2 * others[1] * slow[0], "the effect that the demo was given");
}
