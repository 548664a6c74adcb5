//! The shared consent oracle through compiled SQL on DuckDB: its files are loaded as a steward would
//! load them, the consent steps of the plan are printed and run, and every count, digest and case must
//! come out. `crates/policy/tests/consent_oracle.rs` does the same through the policy crate alone.

#![expect(clippy::print_stderr, reason = "a test that is not run has to say so")]

use arrow::array::{Array, Date32Array, Int64Array, RecordBatch, StringArray};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use engine::Store;
use jiff::civil::Date;
use policy::consent::{Death, Otherwise, Policy, Purpose};
use policy::{Grounds, Level, ReleaseRules};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::PathBuf;

type Row = BTreeMap<String, String>;

#[test]
fn every_row_of_expected_csv_comes_out_of_duckdb() {
    let Some(mut world) = World::load() else { return };
    let rows = world.rows("expected.csv");
    assert_eq!(rows.len(), 288);
    for row in &rows {
        let found = world.everybody(row);
        for (column, value) in &found {
            assert_eq!(value, &row[*column], "{column} of {}", row["row"]);
        }
    }
    eprintln!("{} rows of expected.csv reproduced by DuckDB", rows.len());
}

#[test]
fn every_case_comes_out_of_duckdb() {
    let Some(mut world) = World::load() else { return };
    let cases = world.rows("cases.csv");
    assert_eq!(cases.len(), 1714);
    // Cases of one setting are answered together.
    let mut by_setting: BTreeMap<Vec<String>, Vec<&Row>> = BTreeMap::new();
    for case in &cases {
        let setting = ["purpose", "D", "U", "T", "majority_age", "majority_otherwise", "death"];
        by_setting.entry(setting.map(|name| case[name].clone()).to_vec()).or_default().push(case);
    }
    let settings = by_setting.len();
    for cases in by_setting.values() {
        let Some(first) = cases.first() else { continue };
        if first["D"] > first["U"] {
            // 3.4.2 is refused before any SQL is made: `policy` tests it.
            assert!(cases.iter().all(|case| case["expected"] == "error"));
            continue;
        }
        let answers = world.answers(first);
        for case in cases {
            let found = answers.case(&case["subject_id"], &case["sample_id"]);
            let expected =
                ["expected", "cut_off", "readable", "valid_when_collected"].map(|name| case[name].clone());
            assert_eq!(found, expected, "{}: {}", case["case"], case["reason"]);
        }
    }
    eprintln!("{} cases of {settings} settings reproduced by DuckDB", cases.len());
}

/// A warehouse with the oracle's records.
struct World {
    store: engine_duckdb::DuckStore,
    model: model::Model,
    folder: PathBuf,
    purposes: BTreeMap<String, Purpose>,
    diseases: model::ontology::Ontology,
    samples: Vec<Sample>,
    subjects: Vec<String>,
}

#[derive(Clone)]
struct Sample {
    id: String,
    subject: String,
    collected_on: Option<Date>,
}

/// What the SQL says for one setting.
struct Answers {
    /// By (subject, own sample or empty).
    decided: BTreeMap<(String, String), (i64, Option<Date>)>,
    /// The same on the day of collection.
    collected: BTreeMap<(String, String, Date), i64>,
    samples: BTreeMap<String, Sample>,
    /// Samples with events of their own, recorded by T.
    own: std::collections::BTreeSet<String>,
}

impl Answers {
    fn subject(&self, id: &str) -> (i64, Option<Date>) {
        self.decided.get(&(id.to_owned(), String::new())).copied().unwrap_or((0, None))
    }

    /// The decision on a sample: its subject's and, with events of its own, its own.
    fn sample(&self, sample: &Sample) -> (i64, Option<Date>) {
        let subject = self.subject(&sample.subject);
        match self.decided.get(&(sample.subject.clone(), sample.id.clone())) {
            None => subject,
            Some(own) => {
                let cut_off = [subject.1, own.1].into_iter().flatten().min();
                (subject.0.min(own.0), cut_off)
            }
        }
    }

    fn readable(&self, sample: &Sample) -> bool {
        let (answer, cut_off) = self.sample(sample);
        answer == 2 && cut_off.is_none_or(|cut_off| sample.collected_on.is_some_and(|day| day < cut_off))
    }

    fn valid_when_collected(&self, sample: &Sample) -> bool {
        let Some(day) = sample.collected_on else { return false };
        let yes = |own: &str| self.collected.get(&(sample.subject.clone(), own.to_owned(), day)) == Some(&2);
        yes("") && (!self.own.contains(&sample.id) || yes(&sample.id))
    }

    fn case(&self, subject: &str, sample: &str) -> [String; 4] {
        let sample = (!sample.is_empty()).then(|| &self.samples[sample]);
        let (answer, cut_off) = sample.map_or_else(|| self.subject(subject), |sample| self.sample(sample));
        let yes_no = |yes: bool| if yes { "yes" } else { "no" }.to_owned();
        let cut_off =
            if answer == 2 { cut_off.map(|day| day.to_string()).unwrap_or_default() } else { String::new() };
        let readable = sample.map(|sample| self.readable(sample));
        let valid =
            sample.filter(|sample| self.readable(sample)).map(|sample| self.valid_when_collected(sample));
        [
            ["deny", "refer", "permit"][usize::try_from(answer).expect("0, 1 or 2")].to_owned(),
            cut_off,
            readable.map(yes_no).unwrap_or_default(),
            valid.map(yes_no).unwrap_or_default(),
        ]
    }
}

impl World {
    fn load() -> Option<World> {
        let shared = std::env::var_os("BASEQ_SHARED").map_or_else(|| root().join("../shared"), PathBuf::from);
        let folder = shared.join("oracles/consent");
        let obo = shared.join("data/doid-2015/doid.2015-11-25.obo.gz");
        if !folder.join("expected.csv").exists() || !obo.exists() {
            eprintln!("not run: the shared consent oracle is missing ({})", folder.display());
            return None;
        }
        let model = genomics();
        let mut store = engine_duckdb::DuckStore::in_memory().expect("a store");
        // Hundreds of questions of few rows each: handing them to another thread takes longer than answering them.
        store.execute("set threads = 1").expect("a setting");
        load::schema::create_tables(&mut store, &model).expect("tables");
        let mut rejects = load::source::Rejects::strict();
        let paths = load::consent::Paths {
            subjects: Some(folder.join("subject.csv")),
            samples: Some(folder.join("sample.csv")),
            events: Some(folder.join("consent_event.csv")),
            scopes: Some(folder.join("consent_scope.csv")),
        };
        load::consent::load(&mut store, &model, &paths, &mut rejects, &load::source::Silent)
            .expect("the oracle loads whole");
        load::ontology::load(
            &mut store,
            &obo,
            &load::ontology::Options::default(),
            &mut rejects,
            &load::source::Silent,
        )
        .expect("the ontology loads");
        let mut read = Vec::new();
        std::io::Read::read_to_end(
            &mut flate2::read::GzDecoder::new(std::fs::File::open(&obo).expect("open")),
            &mut read,
        )
        .expect("gzip");
        let text = String::from_utf8(read).expect("UTF-8");
        let diseases = model::ontology::obo::read(&text, None).expect("an ontology");
        let json = std::fs::read_to_string(folder.join("purposes.json")).expect("purposes");
        let values: Vec<serde_json::Value> = serde_json::from_str(&json).expect("JSON");
        let purposes = values
            .into_iter()
            .map(|mut value| {
                let id = value["id"].as_str().expect("an id").to_owned();
                if let Some(fields) = value.as_object_mut() {
                    fields.remove("id");
                    fields.remove("title");
                }
                (id, serde_json::from_value(value).expect("a purpose"))
            })
            .collect();
        let mut world =
            World { store, model, folder, purposes, diseases, samples: Vec::new(), subjects: Vec::new() };
        world.samples = world
            .rows("sample.csv")
            .into_iter()
            .map(|row| Sample {
                id: row["sample_id"].clone(),
                subject: row["subject_id"].clone(),
                collected_on: row["collected_on"].parse().ok(),
            })
            .collect();
        world.subjects = world.rows("subject.csv").into_iter().map(|row| row["subject_id"].clone()).collect();
        Some(world)
    }

    fn rows(&self, file: &str) -> Vec<Row> {
        let mut reader = csv::Reader::from_path(self.folder.join(file)).expect("a file of the oracle");
        reader.deserialize().map(|row| row.expect("a row")).collect()
    }

    fn grounds(&self, row: &Row) -> Grounds {
        let day = |name: &str| row[name].parse::<Date>().expect("a date");
        Grounds {
            agreements: vec![("ORACLE".to_owned(), 1)],
            policy_hash: String::new(),
            purpose: Some(self.purposes[&row["purpose"]].clone()),
            agreed: None,
            purposes: BTreeMap::new(),
            as_of: Some(day("D")),
            used_on: day("U"),
            known_at: row["T"].parse().expect("an instant"),
            consent: Policy {
                majority_age: row["majority_age"].parse().expect("an age"),
                majority_otherwise: if row["majority_otherwise"] == "suspend" {
                    Otherwise::Suspend
                } else {
                    Otherwise::Continue
                },
                death: if row["death"] == "end" { Death::End } else { Death::Continue },
            },
            level: Level::Record,
            release: ReleaseRules::default(),
            formats: std::collections::BTreeSet::new(),
            reads: Vec::new(),
            receipts: Vec::new(),
            made_up: false,
        }
    }

    fn run(&mut self, plan: &plan::Plan) -> Vec<RecordBatch> {
        let statement = sql::build(plan, sql::Dialect::DuckDb).expect("printable");
        self.store.query(statement.text()).map_err(|error| error.detail).expect("DuckDB takes the statement")
    }

    fn answers(&mut self, row: &Row) -> Answers {
        let grounds = self.grounds(row);
        let diseases = self.diseases.clone();
        let above = move |id: &str| -> Option<Vec<String>> {
            let term = diseases.find(id).filter(|term| !diseases.term(*term).obsolete)?;
            Some(
                diseases
                    .ancestors_or_self(term)
                    .into_iter()
                    .map(|term| diseases.term(term).id.clone())
                    .collect(),
            )
        };
        let decided = self.run(&plan::decisions(&self.model, &grounds, &above));
        let collected = self.run(&plan::decisions_when_collected(&self.model, &grounds, &above));
        let mut answers = Answers {
            decided: BTreeMap::new(),
            collected: BTreeMap::new(),
            samples: self.samples.iter().map(|sample| (sample.id.clone(), sample.clone())).collect(),
            own: std::collections::BTreeSet::new(),
        };
        for batch in &decided {
            let (subject, own) = (texts(batch, 0), texts(batch, 1));
            let (answer, cut_off) = (ints(batch, 2), dates(batch, 3));
            for at in 0..batch.num_rows() {
                if !own[at].is_empty() {
                    answers.own.insert(own[at].clone());
                }
                answers.decided.insert((subject[at].clone(), own[at].clone()), (answer[at], cut_off[at]));
            }
        }
        for batch in &collected {
            let (subject, own) = (texts(batch, 0), texts(batch, 1));
            let (day, answer) = (dates(batch, 2), ints(batch, 3));
            for at in 0..batch.num_rows() {
                answers
                    .collected
                    .insert((subject[at].clone(), own[at].clone(), day[at].expect("a day")), answer[at]);
            }
        }
        answers
    }

    fn everybody(&mut self, row: &Row) -> Vec<(&'static str, String)> {
        let answers = self.answers(row);
        let subjects: Vec<(&str, i64)> =
            self.subjects.iter().map(|id| (id.as_str(), answers.subject(id).0)).collect();
        let samples: Vec<(&str, i64)> =
            self.samples.iter().map(|sample| (sample.id.as_str(), answers.sample(sample).0)).collect();
        let of = |all: &[(&str, i64)], wanted: i64| -> Vec<String> {
            all.iter().filter(|(_, answer)| *answer == wanted).map(|(id, _)| (*id).to_owned()).collect()
        };
        let cut_off = self.subjects.iter().filter(|id| matches!(answers.subject(id), (2, Some(_)))).count();
        let readable: Vec<&Sample> = self.samples.iter().filter(|sample| answers.readable(sample)).collect();
        let valid: Vec<String> = readable
            .iter()
            .filter(|sample| answers.valid_when_collected(sample))
            .map(|sample| sample.id.clone())
            .collect();
        let readable: Vec<String> = readable.iter().map(|sample| sample.id.clone()).collect();
        vec![
            ("subjects_permit", of(&subjects, 2).len().to_string()),
            ("subjects_deny", of(&subjects, 0).len().to_string()),
            ("subjects_refer", of(&subjects, 1).len().to_string()),
            ("subjects_permit_sha256", digest(of(&subjects, 2))),
            ("subjects_refer_sha256", digest(of(&subjects, 1))),
            ("subjects_with_cut_off", cut_off.to_string()),
            ("samples_permit", of(&samples, 2).len().to_string()),
            ("samples_deny", of(&samples, 0).len().to_string()),
            ("samples_refer", of(&samples, 1).len().to_string()),
            ("samples_permit_sha256", digest(of(&samples, 2))),
            ("samples_readable", readable.len().to_string()),
            ("samples_readable_sha256", digest(readable)),
            ("samples_valid_when_collected", valid.len().to_string()),
            ("samples_valid_when_collected_sha256", digest(valid)),
        ]
    }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn genomics() -> model::Model {
    let path = root().join("stdlib/models/genomics.bq");
    let text = std::fs::read_to_string(path).expect("the genomics model");
    let mut files = text::Files::new();
    let (parsed, diagnostics) = syntax::parse(files.add("genomics.bq", text.as_str()), &text);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    model::read(&[&parsed]).0.expect("a model")
}

/// SHA-256 over the ids sorted by their bytes, each followed by a line feed.
fn digest(mut ids: Vec<String>) -> String {
    ids.sort();
    let mut hash = Sha256::new();
    for id in ids {
        hash.update(id.as_bytes());
        hash.update(b"\n");
    }
    hash.finalize().iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
}

fn texts(batch: &RecordBatch, at: usize) -> Vec<String> {
    let column = cast(batch.column(at), &DataType::Utf8).expect("text");
    let column = column.as_any().downcast_ref::<StringArray>().expect("text").clone();
    column.iter().map(|value| value.unwrap_or_default().to_owned()).collect()
}

fn ints(batch: &RecordBatch, at: usize) -> Vec<i64> {
    let column = cast(batch.column(at), &DataType::Int64).expect("ints");
    let column = column.as_any().downcast_ref::<Int64Array>().expect("ints").clone();
    column.iter().map(Option::unwrap_or_default).collect()
}

fn dates(batch: &RecordBatch, at: usize) -> Vec<Option<Date>> {
    let column = cast(batch.column(at), &DataType::Date32).expect("dates");
    let column = column.as_any().downcast_ref::<Date32Array>().expect("dates");
    let epoch = Date::constant(1970, 1, 1);
    column.iter().map(|days| days.map(|days| epoch.saturating_add(jiff::Span::new().days(days)))).collect()
}
