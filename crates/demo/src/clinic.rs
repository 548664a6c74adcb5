//! What clinics wrote down: diagnoses, treatments, measurements, procedures, observation periods.
//!
//! ICD-10, ATC and LOINC codes are real. HbA1c comes in both of its units, of which one is computed from the
//! other (IFCC: mmol/mol = 10.929 · (% − 2.15)), and some rows lack a unit or have one that does not fit, as
//! in every collection.

use crate::courses;
use crate::day::{Day, END};
use crate::file::{Table, decimal, or_empty};
use crate::health::Health;
use crate::people::Person;
use crate::random::Random;
use std::io;
use std::path::Path;

/// Writes the five tables into a folder.
pub(crate) fn write(folder: &Path, seed: u64, people: &[Person], health: &[Health]) -> io::Result<()> {
    let mut random = Random::of(seed, "clinic");
    let mut diagnoses = Diagnoses {
        table: Table::new(
            &folder.join("diagnosis.csv"),
            &["diagnosis_id", "subject_id", "code", "date", "age_of_onset_days"],
        )?,
        count: 0,
    };
    let mut treatments = Treatments {
        table: Table::new(
            &folder.join("treatment.csv"),
            &["treatment_id", "subject_id", "drug", "started", "ended", "dose", "dose_unit"],
        )?,
        count: 0,
    };
    let mut measurements = Measurements {
        table: Table::new(
            &folder.join("measurement.csv"),
            &["measurement_id", "subject_id", "code", "value", "unit", "date"],
        )?,
        count: 0,
    };
    for (person, health) in people.iter().zip(health) {
        visit(&mut random, person, health, &mut diagnoses, &mut treatments)?;
        measurements.of(&mut random, person, health)?;
        diabetes(&mut random, person, health, &mut diagnoses, &mut treatments, &mut measurements)?;
    }
    let mut random = Random::of(seed, "courses");
    for (person, health) in people.iter().zip(health) {
        courses::parkinson(&mut random, person, health, &mut diagnoses, &mut treatments)?;
        courses::pcsk9_inhibitors(&mut random, person, &mut diagnoses, &mut treatments)?;
        courses::clopidogrel(&mut random, person, health, &mut diagnoses, &mut treatments)?;
    }
    diagnoses.table.close()?;
    treatments.table.close()?;
    measurements.table.close()?;
    observations(&folder.join("observation.csv"), &mut random, people)?;
    procedures(&folder.join("procedure.csv"), &mut random, people, health)
}

pub(crate) struct Diagnoses {
    table: Table,
    count: u32,
}

impl Diagnoses {
    pub(crate) fn add(&mut self, person: &Person, code: &str, day: Day) -> io::Result<()> {
        self.count += 1;
        let (id, age) = (format!("D{:06}", self.count), day.since(person.birth).to_string());
        self.table.row([&id, &person.id, code, &day.to_string(), &age])
    }
}

pub(crate) struct Treatments {
    table: Table,
    count: u32,
}

impl Treatments {
    pub(crate) fn add(
        &mut self,
        person: &Person,
        drug: &str,
        from: Day,
        to: Option<Day>,
        milligrams: i32,
    ) -> io::Result<()> {
        self.count += 1;
        let id = format!("T{:06}", self.count);
        let dose = if milligrams > 0 { milligrams.to_string() } else { String::new() };
        let unit = if milligrams > 0 { "mg" } else { "" };
        let to = to.filter(|to| *to < END).or(person.death);
        self.table.row([&id, &person.id, drug, &from.to_string(), &or_empty(to), &dose, unit])
    }
}

struct Measurements {
    table: Table,
    count: u32,
}

impl Measurements {
    fn add(&mut self, person: &Person, code: &str, value: &str, unit: &str, day: Day) -> io::Result<()> {
        self.count += 1;
        let id = format!("M{:06}", self.count);
        self.table.row([&id, &person.id, code, value, unit, &day.to_string()])
    }

    /// HbA1c, in tenths of a percent.
    fn hba1c(&mut self, random: &mut Random, person: &Person, tenths: i32, day: Day) -> io::Result<()> {
        if random.percent(40) {
            // 10.929 · (x − 2.15), x in tenths: rounded to whole mmol/mol.
            let millimoles = (10_929 * (tenths * 10 - 215) + 50_000) / 100_000;
            return self.add(person, "LOINC:59261-8", &millimoles.to_string(), "mmol/mol", day);
        }
        let unit = match random.below(200) {
            0 | 1 => "",
            2 => "mg/dL",
            _ => "%",
        };
        self.add(person, "LOINC:4548-4", &decimal(tenths, 1), unit, day)
    }

    /// What everybody may have had measured.
    fn of(&mut self, random: &mut Random, person: &Person, health: &Health) -> io::Result<()> {
        for _ in 0..random.below(4) {
            let day = day_of_visit(random, person);
            let value =
                if random.percent(2) { String::new() } else { decimal(random.around(health.bmi, 12), 1) };
            self.add(person, "LOINC:39156-5", &value, "kg/m2", day)?;
        }
        if person.age() >= 18 && random.percent(45) {
            let day = day_of_visit(random, person);
            let value = random.around(53, 8);
            self.hba1c(random, person, value, day)?;
        }
        if health.kidney || random.percent(20) {
            let rate = if health.kidney { random.around(44, 24) } else { random.around(88, 30) };
            let day = day_of_visit(random, person);
            self.add(person, "LOINC:33914-3", &rate.to_string(), "mL/min/{1.73_m2}", day)?;
        }
        Ok(())
    }
}

/// A day between joining and the end.
pub(crate) fn day_of_visit(random: &mut Random, person: &Person) -> Day {
    let span = person.last_day().since(person.enrolled).max(1);
    person.enrolled.plus(random.between(0, span - 1))
}

/// Diagnoses and drugs other than those of diabetes.
fn visit(
    random: &mut Random,
    person: &Person,
    health: &Health,
    diagnoses: &mut Diagnoses,
    treatments: &mut Treatments,
) -> io::Result<()> {
    let plain: [(bool, u32, &str, &str, i32); 10] = [
        (health.hypertension, 85, "ICD10:I10", "ATC:C09AA05", 5),
        (health.steatosis, 60, "ICD10:K76.0", "", 0),
        (health.kidney, 80, "ICD10:N18.3", "", 0),
        (health.cystic_fibrosis, 100, "ICD10:E84.0", "ATC:R07AX32", 100),
        (health.dystrophy, 95, "ICD10:G71.0", "ATC:H02AB07", 20),
        (health.hemolysis, 70, "ICD10:D55.0", "", 0),
        (health.optic, 90, "ICD10:H47.2", "", 0),
        (health.pompe, 100, "ICD10:E74.0", "", 0),
        (health.seizures, 85, "ICD10:G40.9", "ATC:N03AX14", 500),
        (health.cardiomyopathy, 90, "ICD10:I42.0", "ATC:C09AA05", 10),
    ];
    for (has, percent, code, drug, milligrams) in plain {
        if !has || !random.percent(percent) {
            continue;
        }
        let day = day_of_visit(random, person);
        diagnoses.add(person, code, day)?;
        if !drug.is_empty() && random.percent(70) {
            let from = day.plus(random.between(0, 60));
            if from < person.last_day() {
                let to = random.percent(35).then(|| from.plus(random.between(30, 900)));
                treatments.add(person, drug, from, to, milligrams)?;
            }
        }
    }
    if let Some(day) = health.breast_cancer {
        diagnoses.add(person, "ICD10:C50.9", day)?;
    }
    if person.age() >= 40 && random.percent(18) {
        let from = day_of_visit(random, person);
        let to = random.percent(25).then(|| from.plus(random.between(60, 1500)));
        treatments.add(person, "ATC:C10AA05", from, to, 20)?;
    }
    Ok(())
}

/// Diabetes: a diagnosis, high HbA1c before it and lower afterwards, metformin for most, insulin for some.
fn diabetes(
    random: &mut Random,
    person: &Person,
    health: &Health,
    diagnoses: &mut Diagnoses,
    treatments: &mut Treatments,
    measurements: &mut Measurements,
) -> io::Result<()> {
    let Some(day) = health.diabetes else { return Ok(()) };
    let last = person.last_day();
    diagnoses.add(person, if random.percent(80) { "ICD10:E11.9" } else { "ICD10:E11.2" }, day)?;
    let high = if random.percent(65) { 2 } else { 1 };
    for nth in 0..high {
        let before = random.between(0, 20) + nth * random.between(30, 300);
        let value = random.around(76, 18).max(66);
        measurements.hba1c(random, person, value, day.plus(-before))?;
    }
    if random.percent(76) {
        let from = day.plus(random.between(1, 500));
        if from < last {
            let to = random.percent(30).then(|| from.plus(random.between(90, 2000)));
            let milligrams = *random.pick(&[500, 850, 1000]);
            treatments.add(person, "ATC:A10BA02", from, to, milligrams)?;
            // A second time, after a break.
            if let Some(to) = to.filter(|to| to.plus(200) < last)
                && random.percent(40)
            {
                treatments.add(person, "ATC:A10BA02", to.plus(random.between(40, 180)), None, 1000)?;
            }
        }
    }
    if random.percent(18) {
        let from = day.plus(random.between(300, 2500));
        if from < last {
            treatments.add(person, "ATC:A10AE04", from, None, 0)?;
        }
    }
    for _ in 0..random.below(5) {
        let after = day.plus(random.between(60, 2200));
        if after < last {
            let value = random.around(68, 16);
            measurements.hba1c(random, person, value, after)?;
        }
    }
    Ok(())
}

/// When events of a person would have been recorded: mostly from joining on, for some with a gap, for some
/// in two periods that follow each other.
fn observations(path: &Path, random: &mut Random, people: &[Person]) -> io::Result<()> {
    let mut table = Table::new(path, &["observation_id", "subject_id", "started", "ended"])?;
    let mut count = 0;
    for person in people {
        let begin = person.enrolled.plus(-random.between(0, 700)).max(person.birth);
        let last = person.last_day();
        let mut spans = Vec::with_capacity(2);
        let middle = begin.plus(random.between(200, 2_000));
        match random.below(100) {
            0..12 if middle.plus(500) < last => {
                spans.push((begin, Some(middle)));
                spans.push((middle.plus(random.between(60, 400)), person.death));
            }
            12..24 if middle.plus(10) < last => {
                spans.push((begin, Some(middle)));
                spans.push((middle.plus(1), person.death));
            }
            24..30 if middle < last => spans.push((begin, Some(middle))),
            _ => spans.push((begin, person.death)),
        }
        for (from, to) in spans {
            count += 1;
            table.row([&format!("O{count:06}"), &person.id, &from.to_string(), &or_empty(to)])?;
        }
    }
    table.close()
}

/// Operations, in OPCS-4: of the breast, and cataracts.
fn procedures(path: &Path, random: &mut Random, people: &[Person], health: &[Health]) -> io::Result<()> {
    let mut table = Table::new(path, &["procedure_id", "subject_id", "code", "date"])?;
    let mut count = 0;
    for (person, health) in people.iter().zip(health) {
        let breast = health.breast_cancer.map(|day| ("OPCS4:B27", day.plus(random.between(10, 90))));
        let eye =
            (person.age() > 60 && random.percent(12)).then(|| ("OPCS4:C71", day_of_visit(random, person)));
        for (code, day) in breast.into_iter().chain(eye).filter(|(_, day)| *day < person.last_day()) {
            count += 1;
            table.row([&format!("X{count:06}"), &person.id, code, &day.to_string()])?;
        }
    }
    table.close()
}
