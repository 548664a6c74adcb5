//! People made for a program: who just misses each rule, in which ways; the interpreter has agreed to each.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so")]

use session::{MockOptions, Mocked, Project, Session};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

fn mocked_with(program: &str, options: MockOptions) -> Mocked {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("baseq.toml"), "model = \"genomics\"\n").unwrap();
    let path = folder.path().join("asked.bq");
    std::fs::write(&path, format!("as of 2025-01-01\n{program}")).unwrap();
    let session = Session::open(Project::open(folder.path()).unwrap()).unwrap();
    let mocked = session.mock(&path, &BTreeMap::new(), options).unwrap();
    assert!(!mocked.diagnostics.iter().any(diag::Diagnostic::is_error), "{:#?}", mocked.diagnostics);
    mocked
}

fn mocked(program: &str) -> Mocked {
    mocked_with(program, MockOptions { people: 1, seed: 1 })
}

/// What was said of those who just miss a rule of an item.
fn misses(mocked: &Mocked, item: &str, rule: &str) -> BTreeSet<String> {
    let people = &mocked.made.as_ref().unwrap().people;
    let of = people.iter().filter(|person| person.item == item);
    of.filter(|person| person.missed.as_ref().is_some_and(|(_, missed)| missed == rule))
        .map(|person| person.note.clone())
        .collect()
}

fn passing(mocked: &Mocked, item: &str) -> usize {
    let people = &mocked.made.as_ref().unwrap().people;
    people.iter().filter(|person| person.item == item && person.missed.is_none()).count()
}

#[track_caller]
fn misses_in(program: &str, item: &str, rule: &str, ways: &[&str]) {
    let mocked = mocked(program);
    assert!(mocked.diagnostics.is_empty(), "{:#?}", mocked.diagnostics);
    assert!(passing(&mocked, item) > 0, "nobody passes");
    let found = misses(&mocked, item, rule);
    for way in ways {
        assert!(found.iter().any(|note| note.contains(way)), "{way} is not among {found:#?}");
    }
}

#[test]
fn an_age_is_missed_by_a_day_and_by_not_being_known() {
    let program = "cohort a = from subjects where adult: age >= 18 years where young: age < 40 years";
    misses_in(program, "a", "adult", &["age 17 years", "age not known"]);
    misses_in(program, "a", "young", &["age 40 years"]);
    // The day on either side of the 18th birthday.
    let mocked = mocked(program);
    let subject = &mocked.made.as_ref().unwrap().tables.iter().find(|table| table.name == "subject").unwrap();
    let birth = subject.columns.iter().position(|name| name == "birth_date").unwrap();
    let births: Vec<String> = subject
        .rows
        .iter()
        .map(|row| format!("{:?}", row[birth]))
        .filter(|day| day.contains("2007-01"))
        .collect();
    assert!(births.iter().any(|day| day.contains("2007-01-01")), "born 18 years before: {births:?}");
    assert!(births.iter().any(|day| day.contains("2007-01-02")), "a day too late: {births:?}");
}

#[test]
fn a_window_is_missed_by_a_day_on_either_side() {
    misses_in(
        "cohort a = from subjects where seen: has diagnosis in ICD10:E11 during 2024-03-01 .. 2024-03-31",
        "a",
        "seen",
        &[
            "diagnosis.date 2024-02-29",
            "diagnosis.date 2024-04-01",
            "diagnosis.date not known",
            "ICD10:E12 instead",
        ],
    );
}

#[test]
fn a_narrow_window_after_an_index_date_is_solved() {
    misses_in(
        "cohort a = from subjects
           index at first(treatment in ATC:A10BA02).started
           where soon: has diagnosis in ICD10:I21 within 3 days after index
           where history: observed 365 days before index",
        "a",
        "soon",
        &["diagnosis.date", "ICD10:I22 instead", "not known"],
    );
}

#[test]
fn a_quantity_is_missed_by_the_last_digit_in_its_own_unit() {
    misses_in(
        "cohort a = from subjects where high: has measurement in LOINC:4548-4 (value >= 6.5%)",
        "a",
        "high",
        &["measurement.value 6.4 %", "not known"],
    );
}

#[test]
fn a_count_is_missed_by_one_row_by_one_day_and_by_distance() {
    misses_in(
        "cohort a = from subjects where twice: at least 2 measurements in LOINC:4548-4 on different days within 12 months of each other",
        "a",
        "twice",
        &["1 measurement", "all 2 on one day", "a day too late"],
    );
}

#[test]
fn three_states_of_a_phenotype_and_an_allele() {
    misses_in(
        "cohort a = from subjects where affected: has phenotype in HP:0001250",
        "a",
        "affected",
        &["phenotype.excluded true", "nothing of the kind"],
    );
    misses_in(
        "cohort a = from subjects where without: excludes variant in [GRCh38:chr7:117559590:ATCT:A]",
        "a",
        "without",
        &["has variant"],
    );
    misses_in(
        "cohort a = from subjects where carrier: has variant in [GRCh38:chr7:117559590:ATCT:A]",
        "a",
        "carrier",
        &["GRCh38:chr7:117559594:A:G"],
    );
}

#[test]
fn a_permission_on_a_day_is_missed_by_one_that_began_later() {
    misses_in(
        "cohort a = from subjects where earlier: consent valid at 2020-05-05",
        "a",
        "earlier",
        &["permits from 2020-05-06 on"],
    );
}

#[test]
fn rows_of_people_and_alleles_are_made_too() {
    let mocked = mocked(
        "table t = from measurements where value >= 48 'mmol/mol' where code in LOINC:59261-8
           group by subject.sex show n = count(subject)
         table f = from variants where gene = BRCA1 and impact >= high frequency among subjects (sex = female) show variant, carriers",
    );
    assert!(mocked.diagnostics.is_empty(), "{:#?}", mocked.diagnostics);
    assert!(misses(&mocked, "t", "value >= 48 'mmol/mol'").contains("measurement.value 47 mmol/mol"));
    let gene = misses(&mocked, "f", "gene = BRCA1 and impact >= high");
    assert!(gene.contains("effect.impact moderate"), "{gene:?}");
}

#[test]
fn the_same_seed_gives_the_same_and_another_one_others() {
    let program = "cohort a = from subjects where seen: has diagnosis in ICD10:E11";
    let of = |seed| mocked_with(program, MockOptions { people: 60, seed }).made.unwrap();
    let (one, same, other) = (of(1), of(1), of(2));
    assert!(one.people.len() >= 60);
    assert_eq!(one.tables, same.tables);
    assert_ne!(one.tables, other.tables);
}

#[test]
fn a_rule_that_is_not_solved_is_named_and_not_passed_over() {
    let mocked = mocked(
        "table t = from trios for each c in inherited(trio, proband.variants) where c.certain show proband",
    );
    let told: Vec<&str> = mocked.diagnostics.iter().map(|diagnostic| diagnostic.message.as_str()).collect();
    assert!(told.contains(&"nobody was made who passes all rules of `t`"), "{told:?}");
    assert!(mocked.diagnostics.iter().all(|diagnostic| !diagnostic.is_error()));
}

#[test]
fn tables_are_written_as_a_loader_takes_them() {
    let mocked =
        mocked("cohort a = from subjects where seen: has measurement in LOINC:4548-4 (value >= 6.5%)");
    let made = mocked.made.unwrap();
    let table = made.tables.iter().find(|table| table.name == "measurement").unwrap();
    let text = String::from_utf8(session::csv_of(table).unwrap()).unwrap();
    assert!(text.starts_with("measurement_id,subject_id,code,value,unit,date\n"), "{text}");
    assert!(text.contains(",LOINC:4548-4,6.5,%,"), "{text}");
    assert_eq!(mocked.program, Path::new("asked.bq"));
}
