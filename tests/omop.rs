//! The language on another schema: the OMOP CDM.
//!
//! A folder of tables is loaded, four cohorts are counted through the language, and counted again here from
//! the files themselves, by plain loops that know nothing of the compiler. The folder is one made for
//! this, with a hierarchy of codes, and, where the shared data are there, the public one of Synthea.

#![expect(clippy::panic, reason = "a test says what it found")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use engine::Store;
use engine_duckdb::ReaderOptions;
use jiff::ToSpan;
use jiff::civil::Date;
use load::source::{Rejects, Silent};
use release::{ReleasedValue, Rules, Terms, Zeros};
use session::{Clock, Project, Session, Settings};
use tempfile::TempDir;

const USED_ON: Date = Date::constant(2025, 6, 1);

/// A row of a file: lower-case column to cell.
type Row = BTreeMap<String, String>;

fn table(folder: &Path, name: &str) -> Vec<Row> {
    let path = folder.join(format!("{name}.csv"));
    let mut reader =
        csv::Reader::from_path(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let header: Vec<String> = reader.headers().expect("a header").iter().map(str::to_lowercase).collect();
    reader
        .records()
        .map(|record| header.iter().cloned().zip(record.expect("a row").iter().map(str::to_owned)).collect())
        .collect()
}

fn day(row: &Row, column: &str) -> Date {
    row[column][..10].parse().expect("a day")
}

/// The folder, read by hand.
struct ByHand {
    people: Vec<Row>,
    periods: Vec<Row>,
    conditions: Vec<Row>,
    drugs: Vec<Row>,
    deaths: Vec<Row>,
    concepts: BTreeMap<String, (String, String)>,
    above: BTreeSet<(String, String)>,
    as_of: Date,
}

impl ByHand {
    fn read(folder: &Path, as_of: Date) -> ByHand {
        let concepts = table(folder, "CONCEPT");
        ByHand {
            people: table(folder, "PERSON"),
            periods: table(folder, "OBSERVATION_PERIOD"),
            conditions: table(folder, "CONDITION_OCCURRENCE"),
            drugs: table(folder, "DRUG_EXPOSURE"),
            deaths: table(folder, "DEATH"),
            concepts: concepts
                .into_iter()
                .map(|row| {
                    (row["concept_id"].clone(), (row["vocabulary_id"].clone(), row["concept_code"].clone()))
                })
                .collect(),
            above: table(folder, "CONCEPT_ANCESTOR")
                .into_iter()
                .map(|row| (row["ancestor_concept_id"].clone(), row["descendant_concept_id"].clone()))
                .collect(),
            as_of,
        }
    }

    /// Whether a concept is the code or below it.
    fn is(&self, concept: &str, system: &str, code: &str) -> bool {
        let found = self.concepts.iter().find(|(_, known)| **known == (system.to_owned(), code.to_owned()));
        let Some((wanted, _)) = found else { panic!("no concept {system}:{code}") };
        concept == wanted || self.above.contains(&(wanted.clone(), concept.to_owned()))
    }

    /// Days of a person's rows with the code, sorted, up to the day of the question.
    fn days(&self, rows: &[Row], columns: [&str; 2], person: &str, system: &str, code: &str) -> Vec<Date> {
        let mut days: Vec<Date> = rows
            .iter()
            .filter(|row| row["person_id"] == person && self.is(&row[columns[0]], system, code))
            .map(|row| day(row, columns[1]))
            .filter(|day| *day <= self.as_of)
            .collect();
        days.sort();
        days
    }

    fn drug_days(&self, person: &str, code: &str) -> Vec<Date> {
        self.days(&self.drugs, ["drug_concept_id", "drug_exposure_start_date"], person, "RxNorm", code)
    }

    fn condition_days(&self, person: &str, code: &str) -> Vec<Date> {
        self.days(&self.conditions, ["condition_concept_id", "condition_start_date"], person, "SNOMED", code)
    }

    /// Whether each single day of a stretch lies in some period.
    fn observed(&self, person: &str, first: Date, last: Date) -> bool {
        let periods: Vec<(Date, Option<Date>)> = self
            .periods
            .iter()
            .filter(|row| row["person_id"] == person)
            .map(|row| {
                let ended = &row["observation_period_end_date"];
                (
                    day(row, "observation_period_start_date"),
                    (!ended.is_empty()).then(|| day(row, "observation_period_end_date")),
                )
            })
            // What ended after the day of the question is ongoing on it.
            .filter(|(started, _)| *started <= self.as_of)
            .map(|(started, ended)| (started, ended.filter(|ended| *ended <= self.as_of)))
            .collect();
        let mut at = first;
        while at <= last {
            if !periods.iter().any(|(from, to)| *from <= at && to.is_none_or(|to| at <= to)) {
                return false;
            }
            at = at.tomorrow().expect("a day");
        }
        true
    }

    /// Members by sex.
    fn by_sex(&self, member: impl Fn(&str, &Row) -> bool) -> BTreeMap<String, i64> {
        let mut counts: BTreeMap<String, i64> =
            ["female", "male", "unknown"].map(|sex| (sex.to_owned(), 0)).into();
        for person in &self.people {
            if member(&person["person_id"], person) {
                let sex = match person["gender_concept_id"].as_str() {
                    "8507" => "male",
                    "8532" => "female",
                    _ => "unknown",
                };
                *counts.get_mut(sex).expect("a sex") += 1;
            }
        }
        counts
    }

    fn new_users(&self, drug: &str) -> BTreeMap<String, i64> {
        self.by_sex(|id, person| {
            let Some(index) = self.drug_days(id, drug).first().copied() else { return false };
            let part = |column: &str| person[column].parse::<i16>().ok();
            let (Some(year), Some(month), Some(birthday)) =
                (part("year_of_birth"), part("month_of_birth"), part("day_of_birth"))
            else {
                return false;
            };
            let had = (i16::from(index.month()), i16::from(index.day())) >= (month, birthday);
            let age = index.year() - year - i16::from(!had);
            age >= 18 && self.observed(id, index - 365.days(), index)
        })
    }

    fn twice(&self, condition: &str) -> BTreeMap<String, i64> {
        self.by_sex(|id, _| self.condition_days(id, condition).iter().collect::<BTreeSet<_>>().len() >= 2)
    }

    fn untreated(&self, condition: &str, drug: &str) -> BTreeMap<String, i64> {
        self.by_sex(|id, _| {
            let Some(first) = self.condition_days(id, condition).first().copied() else { return false };
            !self.drug_days(id, drug).iter().any(|day| first < *day && *day <= first + 365.days())
        })
    }
}

// How the follow-up of those who begin a drug ends: with its first episode, with death, or out of sight.
impl ByHand {
    fn past(&self, row: &Row, column: &str) -> Option<Date> {
        let known = row.get(column).is_some_and(|cell| !cell.is_empty());
        known.then(|| day(row, column)).filter(|day| *day <= self.as_of)
    }

    /// The last day of the first episode of a drug, of which at most 30 uncovered days divide the rows.
    fn stopped(&self, person: &str, code: &str) -> Option<Date> {
        let of = |row: &&Row| {
            row["person_id"] == person
                && self.is(&row["drug_concept_id"], "RxNorm", code)
                && day(row, "drug_exposure_start_date") <= self.as_of
        };
        let mut rows: Vec<&Row> = self.drugs.iter().filter(of).collect();
        rows.sort_by_key(|row| day(row, "drug_exposure_start_date"));
        let mut end = self.past(rows.first()?, "drug_exposure_end_date")?;
        for row in &rows[1..] {
            let uncovered = (day(row, "drug_exposure_start_date") - end).get_days() - 1;
            if uncovered > 30 {
                break;
            }
            end = end.max(self.past(row, "drug_exposure_end_date")?);
        }
        Some(end)
    }

    fn ends(&self, drug: &str) -> BTreeMap<String, i64> {
        let mut counts: BTreeMap<String, i64> = ["stopped soon", "stopped later", "died", "lost", "not yet"]
            .map(|end| (end.to_owned(), 0))
            .into();
        for person in &self.people {
            let id = &person["person_id"];
            let Some(index) = self.drug_days(id, drug).first().copied() else { continue };
            let lost = self.periods.iter().find(|row| {
                let ended = self.past(row, "observation_period_end_date");
                row["person_id"] == *id
                    && day(row, "observation_period_start_date") <= index
                    && ended.is_none_or(|ended| index <= ended)
            });
            let lost = lost.and_then(|row| self.past(row, "observation_period_end_date"));
            let died = self.deaths.iter().find(|row| row["person_id"] == *id);
            let died = died.and_then(|row| self.past(row, "death_date"));
            let dates = [("stopped", self.stopped(id, drug)), ("died", died), ("lost", lost)];
            let exits = dates.into_iter().filter_map(|(reason, on)| Some((on?, reason)));
            let first = exits.filter(|(on, _)| *on >= index).min_by_key(|(on, _)| *on);
            let end = match first {
                Some((on, "stopped")) if on <= index + 60.days() => "stopped soon",
                Some((_, "stopped")) => "stopped later",
                Some((_, reason)) => reason,
                None => "not yet",
            };
            *counts.get_mut(end).expect("an end") += 1;
        }
        counts
    }
}

/// A loaded folder.
struct Loaded {
    folder: TempDir,
    session: Session,
    notes: Vec<String>,
}

impl Loaded {
    fn load(cdm: &Path) -> Loaded {
        Loaded::under(cdm, include_str!("../stdlib/models/omop.bq"))
    }

    /// The folder under a model that differs from the library's.
    fn under(cdm: &Path, model: &str) -> Loaded {
        let folder = TempDir::new().expect("a folder");
        let root = folder.path();
        fs::create_dir_all(root.join("policy")).expect("a folder");
        fs::write(root.join("policy/policy.bq"), include_str!("warehouses/omop/policy.bq")).expect("a file");
        let library = model == include_str!("../stdlib/models/omop.bq");
        fs::write(root.join("model.bq"), model).expect("a file");
        let model = if library { "omop" } else { "model.bq" };
        let settings = Settings { model: model.into(), ..Settings::default() };
        let project = || Project { root: root.to_owned(), settings: settings.clone(), declared: true };
        let session = Session::open_without_lock(project()).expect("a session");
        let path = root.join("omop.duckdb");
        let mut store = engine_duckdb::open_store(&path).expect("a store");
        let dynamic: &mut dyn Store = &mut store;
        load::schema::create_tables(dynamic, session.model()).expect("tables");
        let mut rejects = Rejects::strict();
        let report = load::omop::load(
            dynamic,
            session.model(),
            cdm,
            load::omop::Options::default(),
            &mut rejects,
            &Silent,
        )
        .unwrap_or_else(|error| panic!("{error}"));
        // Everybody consents to everything.
        let people = table(cdm, "PERSON");
        let mut events = "event_id,subject_id,sample_id,kind,actor,effective_from,effective_until,recorded_at,withdrawal_level,supersedes\n".to_owned();
        let mut scopes = "event_id,branch,polarity,term,disease,region,until_date,party,project\n".to_owned();
        for person in &people {
            let id = &person["person_id"];
            let _ = writeln!(events, "e{id},{id},,grant,self,1900-01-01,,2000-01-01T00:00:00Z,,");
            let _ = writeln!(scopes, "e{id},1,permit,DUO:0000042,,,,,");
        }
        fs::write(root.join("events.csv"), events).expect("a file");
        fs::write(root.join("scopes.csv"), scopes).expect("a file");
        let paths = load::consent::Paths {
            events: Some(root.join("events.csv")),
            scopes: Some(root.join("scopes.csv")),
            ..load::consent::Paths::default()
        };
        load::consent::load(dynamic, session.model(), &paths, &mut rejects, &Silent)
            .unwrap_or_else(|error| panic!("{error}"));
        let mut ontologies = Vec::new();
        for (system, _) in load::ontology::systems(dynamic).expect("systems") {
            ontologies.extend(load::ontology::fetch(dynamic, &system).expect("an ontology"));
        }
        drop(store);
        let mut reader =
            engine_duckdb::open_reader(&path, ReaderOptions { threads: Some(1) }).expect("a reader");
        session.pull(&mut reader, ontologies).unwrap_or_else(|trouble| panic!("{:?}", trouble.diagnostics));
        assert_eq!(
            session.conform(&mut reader).expect("an answer"),
            [],
            "the loaded warehouse is what the model declares"
        );
        drop(reader);
        let known_at = USED_ON.to_zoned(jiff::tz::TimeZone::UTC).expect("an instant").timestamp();
        let session = Session::open(project()).expect("a session").at(Clock { used_on: USED_ON, known_at });
        Loaded { session, notes: report.notes, folder }
    }

    /// What each table of a program counts by sex.
    fn counts(&self, program: &str) -> BTreeMap<String, BTreeMap<String, i64>> {
        let file = self.folder.path().join("query.bq");
        fs::write(&file, program).expect("a file");
        let checked = self.session.check(&file, &BTreeMap::new()).expect("a program");
        assert!(!checked.has_errors(), "{}", report::pictures(&checked.diagnostics, &checked.files, false));
        let rules = Rules::for_tests(Terms {
            level: release::Level::Aggregate,
            min_subjects: 1,
            round_to: None,
            zeros: Zeros::Shown,
            dominance: release::Dominance::none(2),
            margin: release::WHOLE,
            difference: 1,
            frequency_min_subjects: 1,
            allele_min_carriers: 1,
            pseudonym_key: None,
        })
        .expect("rules");
        let path = self.folder.path().join("omop.duckdb");
        let mut reader =
            engine_duckdb::open_reader(&path, ReaderOptions { threads: Some(1) }).expect("a reader");
        let mut all = BTreeMap::new();
        for table in
            self.session.compile(&checked, &[]).unwrap_or_else(|trouble| panic!("{:?}", trouble.diagnostics))
        {
            let batches = engine::Reader::run(&mut reader, table.statement.text())
                .unwrap_or_else(|error| panic!("{error}: {}", error.detail));
            let released = release::release(&table.plan.shape, &batches, &rules).expect("released");
            let mut counts = BTreeMap::new();
            for row in released.rows() {
                let [
                    ReleasedValue::Value(plan::Value::Text(sex)),
                    ReleasedValue::Value(plan::Value::Int(count)),
                ] = row.as_slice()
                else {
                    panic!("a row of {}: {row:?}", table.name)
                };
                counts.insert(sex.clone(), *count);
            }
            all.insert(table.name.clone(), counts);
        }
        all
    }
}

/// The four cohorts, for a drug and two conditions.
fn program(as_of: Date, drug: &str, condition: &str, other: &str) -> String {
    format!(
        r"use agreement {quote}OMOP{quote}
as of {as_of}
codes drug_codes = RxNorm:{drug}
codes condition_codes = SNOMED:{condition}
codes other_codes = SNOMED:{other}
cohort new_users =
  from persons
  index at first(drugs in drug_codes).drug_exposure_start_date
  where history: observed 365 days before index
  where adult: age at index >= 18 years
cohort diagnosed_twice =
  from persons
  where at least 2 conditions in condition_codes on different days
cohort untreated =
  from persons
  let first_day = first(conditions in other_codes).condition_start_date
  where affected: first_day is known
  where absent: no drugs in drug_codes within 365 days after first_day
table a = from new_users group by sex show people = count(persons)
table b = from diagnosed_twice group by sex show people = count(persons)
table c = from untreated group by sex show people = count(persons)
cohort followed =
  from persons
  index at first(drugs in drug_codes).drug_exposure_start_date
  exit at stopped = episodes(drugs in drug_codes, gap: 30 days).ended at index,
    died = death_date,
    lost = observation_period.observation_period_end_date at index
table d =
  from followed
  group by ended = case
    when exit_reason = stopped and exit_date <= index + 60 days then {quote}stopped soon{quote}
    when exit_reason = stopped then {quote}stopped later{quote}
    when exit_reason = died then {quote}died{quote}
    when exit_reason = lost then {quote}lost{quote}
    otherwise {quote}not yet{quote}
  show people = count(persons)
",
        quote = '"'
    )
}

fn agree(cdm: &Path, as_of: Date, drug: &str, condition: &str, other: &str) -> [BTreeMap<String, i64>; 4] {
    let loaded = Loaded::load(cdm);
    let by_hand = ByHand::read(cdm, as_of);
    let counts = loaded.counts(&program(as_of, drug, condition, other));
    let expected = [
        by_hand.new_users(drug),
        by_hand.twice(condition),
        by_hand.untreated(other, drug),
        by_hand.ends(drug),
    ];
    for (name, expected) in ["a", "b", "c", "d"].into_iter().zip(&expected) {
        assert_eq!(&counts[name], expected, "cohort {name} of {}", cdm.display());
    }
    expected
}

fn counts(female: i64, male: i64, unknown: i64) -> BTreeMap<String, i64> {
    [("female", female), ("male", male), ("unknown", unknown)].map(|(sex, n)| (sex.to_owned(), n)).into()
}

#[test]
fn four_cohorts_of_the_small_folder() {
    let cdm = Path::new(env!("CARGO_MANIFEST_DIR")).join("warehouses/omop");
    // Metformin and what contains it; diabetes of any type; hypertension of any kind.
    let found = agree(&cdm, Date::constant(2024, 1, 1), "6809", "73211009", "38341003");
    // Counted a third time by reading the tables: new users are 1, 3 and 12 (2 is observed a day short of
    // a year before, 4 has a gap, 5 is a child, 6 has no birthday). 1, 3, 5 and 12 have two days of diagnoses
    // (2 has one day twice, 10 one before the question). Of 6, 7, 8, 9, 10 and 11 with hypertension none
    // began metformin within a year but nobody: 6 began it later than a year.
    assert_eq!(found[..3], [counts(3, 0, 0), counts(4, 0, 0), counts(2, 3, 1)]);
}

#[test]
fn codes_without_a_system_are_told_and_the_hierarchy_is_that_of_the_folder() {
    let cdm = Path::new(env!("CARGO_MANIFEST_DIR")).join("warehouses/omop");
    let loaded = Loaded::load(&cdm);
    let told = |words: &str| loaded.notes.iter().any(|note| note.contains(words));
    assert!(told("1 of 22 rows of condition_occurrence"), "{:?}", loaded.notes);
    assert!(told("concept_ancestor has no rows for LOINC"), "{:?}", loaded.notes);
    assert!(!told("concept_ancestor has no rows for SNOMED"), "{:?}", loaded.notes);
}

#[test]
fn four_cohorts_of_the_public_folder() {
    let zip =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/omop-synthea27nj/Synthea27Nj_5.4.zip");
    let folder = TempDir::new().expect("a folder");
    let unpacked = Command::new("unzip").arg("-qo").arg(&zip).arg("-d").arg(folder.path()).status();
    if !unpacked.is_ok_and(|status| status.success()) {
        eprintln!("skipped: {} is not there, or cannot be unpacked", zip.display());
        return;
    }
    let cdm: PathBuf = folder.path().to_owned();
    let most = |name: &str, column: &str, system: &str| -> Vec<String> {
        let concepts: BTreeMap<String, Row> =
            table(&cdm, "CONCEPT").into_iter().map(|row| (row["concept_id"].clone(), row)).collect();
        let mut people: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for row in table(&cdm, name) {
            if let Some(concept) =
                concepts.get(&row[column]).filter(|concept| concept["vocabulary_id"] == system)
            {
                people.entry(concept["concept_code"].clone()).or_default().insert(row["person_id"].clone());
            }
        }
        let mut codes: Vec<(usize, String)> =
            people.into_iter().map(|(code, who)| (who.len(), code)).collect();
        codes.sort_by(|a, b| b.cmp(a));
        codes.into_iter().map(|(_, code)| code).collect()
    };
    // Of drugs and conditions those that most people have.
    let drugs = most("DRUG_EXPOSURE", "drug_concept_id", "RxNorm");
    let conditions = most("CONDITION_OCCURRENCE", "condition_concept_id", "SNOMED");
    let found = agree(&cdm, Date::constant(2022, 12, 31), &drugs[0], &conditions[0], &conditions[1]);
    let total = |counts: &BTreeMap<String, i64>| counts.values().sum::<i64>();
    assert!(found.iter().all(|counts| total(counts) > 0), "{found:?}");
    eprintln!("{found:?}");
}

/// The model of the library with one passage replaced.
fn model_with(passage: &str, other: &str) -> String {
    let library = include_str!("../stdlib/models/omop.bq");
    assert!(library.contains(passage), "{passage}");
    library.replacen(passage, other, 1)
}

const DATED: &str = "coded by condition dated by condition_start_date .. condition_end_date {";

/// A table of the people of whom a claim is true, false and unknown.
fn three_ways(claim: &str) -> String {
    format!(
        "use agreement \"OMOP\"\nas of 2024-01-01\n\
         table yes = from persons where {claim} group by sex show people = count(persons)\n\
         table not_so = from persons where not ({claim}) group by sex show people = count(persons)\n"
    )
}

#[test]
fn absence_says_something_where_somebody_looked() {
    let cdm = Path::new(env!("CARGO_MANIFEST_DIR")).join("warehouses/omop");
    let program = three_ways("has conditions in SNOMED:73211009");
    // Diabetes of 1, 2, 3, 4, 5, 6, 10 and 12; not of 7 (a woman), 8, 11 (men) and 9.
    let plain = Loaded::load(&cdm).counts(&program);
    assert_eq!(plain["yes"], counts(5, 3, 0));
    assert_eq!(plain["not_so"], counts(1, 2, 1));
    // Had only women been asked, nothing would be known of 8, 9 and 11; what was found stays found.
    let asked = DATED.replace('{', "assessed when sex = female {");
    let assessed = Loaded::under(&cdm, &model_with(DATED, &asked)).counts(&program);
    assert_eq!(assessed["yes"], counts(5, 3, 0));
    assert_eq!(assessed["not_so"], counts(1, 0, 0));
    // The condition may itself ask for rows.
    let asked = DATED.replace('{', "assessed when has drugs in RxNorm:83367 {");
    let assessed = Loaded::under(&cdm, &model_with(DATED, &asked)).counts(&program);
    assert_eq!(assessed["not_so"], counts(1, 2, 1), "7, 8, 9 and 11 have had atorvastatin");
}

#[test]
fn undated_rows_are_undecided_or_outside_as_the_model_says() {
    let made = Path::new(env!("CARGO_MANIFEST_DIR")).join("warehouses/omop");
    let folder = TempDir::new().expect("a folder");
    for entry in fs::read_dir(&made).expect("the folder") {
        let path = entry.expect("a file").path();
        fs::copy(&path, folder.path().join(path.file_name().expect("a name"))).expect("a copy");
    }
    // 9 has a diabetes of which nobody knows since when.
    let conditions = folder.path().join("CONDITION_OCCURRENCE.csv");
    let text = fs::read_to_string(&conditions).expect("a file");
    fs::write(&conditions, format!("{text}99,9,201826,,,,38000175,,\n")).expect("a file");
    let date = "condition_start_date    : date quasi";
    let optional = model_with(date, "condition_start_date    : date? quasi");
    let program = three_ways("has conditions in SNOMED:73211009 before 2019-06-01");
    // Before June 2019: 1, 2, 3, 4 and 5; of 9 it is not decided.
    let undecided = Loaded::under(folder.path(), &optional).counts(&program);
    assert_eq!(undecided["yes"], counts(3, 2, 0));
    assert_eq!(undecided["not_so"], counts(3, 3, 0));
    let outside = optional.replacen(DATED, &DATED.replace('{', "undated outside {"), 1);
    let outside = Loaded::under(folder.path(), &outside).counts(&program);
    assert_eq!(outside["yes"], counts(3, 2, 0));
    assert_eq!(outside["not_so"], counts(3, 3, 1));
}
