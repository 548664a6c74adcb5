//! Every row of the shared consent oracle, decided by the policy crate alone.
//!
//! The oracle holds invented histories for 2,504 people and what section 3 gives for them; two programs of
//! other construction agreed on it. `expected.csv` asks for everybody at once, `cases.csv` one question at a
//! time. Decisions, counts, digests, cut-offs and both columns about samples must be equal; rule and date
//! explain, and how many agree is printed and held. Without the shared folder the tests say so and pass.

#![expect(clippy::print_stderr, reason = "a test that is not run has to say so")]

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::PathBuf;

use jiff::Timestamp;
use jiff::civil::Date;
use policy::consent::{
    About, Basis, Dates, Death, Diseases, Otherwise, Policy, Purpose, Register, Verdict, decide, register,
    valid_at,
};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

/// The columns that both files use to say under what a question is asked.
#[derive(Debug, Deserialize)]
struct Setting {
    purpose: String,
    #[serde(rename = "D")]
    reference: String,
    #[serde(rename = "U")]
    used_on: String,
    #[serde(rename = "T")]
    known_at: String,
    majority_age: u8,
    majority_otherwise: String,
    death: String,
}

/// The other columns of `expected.csv`: what is counted over everybody.
#[derive(Debug, Deserialize, PartialEq, Eq)]
struct Counts {
    subjects_permit: usize,
    subjects_deny: usize,
    subjects_refer: usize,
    subjects_permit_sha256: String,
    subjects_refer_sha256: String,
    subjects_with_cut_off: usize,
    samples_permit: usize,
    samples_deny: usize,
    samples_refer: usize,
    samples_permit_sha256: String,
    samples_readable: usize,
    samples_readable_sha256: String,
    samples_valid_when_collected: usize,
    samples_valid_when_collected_sha256: String,
}

/// The other columns of `cases.csv`.
#[derive(Debug, Deserialize)]
struct Case {
    #[serde(rename = "case")]
    number: String,
    subject_id: String,
    sample_id: Option<String>,
    expected: String,
    rule: String,
    at: String,
    cut_off: String,
    readable: String,
    valid_when_collected: String,
    reason: String,
}

/// Records, purposes and ontology.
struct World {
    register: Register,
    purposes: BTreeMap<String, Purpose>,
    diseases: Diseases,
}

impl World {
    fn read() -> Self {
        Self {
            register: register(
                csv_rows("subject.csv"),
                csv_rows("sample.csv"),
                csv_rows("consent_event.csv"),
                csv_rows("consent_scope.csv"),
            )
            .expect("the oracle's records"),
            purposes: purposes(),
            diseases: diseases(),
        }
    }

    fn purpose(&self, id: &str) -> &Purpose {
        self.purposes.get(id).expect("a purpose of the oracle")
    }
}

impl Setting {
    fn basis<'a>(&self, world: &'a World) -> Basis<'a> {
        Basis {
            known_at: self.known_at.parse::<Timestamp>().expect("an instant"),
            policy: Policy {
                majority_age: self.majority_age,
                majority_otherwise: match self.majority_otherwise.as_str() {
                    "suspend" => Otherwise::Suspend,
                    other => {
                        assert_eq!(other, "continue");
                        Otherwise::Continue
                    }
                },
                death: match self.death.as_str() {
                    "continue" => Death::Continue,
                    other => {
                        assert_eq!(other, "end");
                        Death::End
                    }
                },
            },
            diseases: &world.diseases,
        }
    }

    /// None if D is later than U.
    fn dates(&self) -> Option<Dates> {
        let day = |text: &str| text.parse::<Date>().expect("a date");
        Dates::new(day(&self.reference), day(&self.used_on)).ok()
    }
}

#[test]
fn expected_csv_row_by_row() {
    if missing() {
        return;
    }
    let world = World::read();
    let settings: Vec<Setting> = csv_rows("expected.csv");
    let counts: Vec<Counts> = csv_rows("expected.csv");
    let rows: Vec<_> = settings.iter().zip(counts).collect();
    assert_eq!(rows.len(), 288);
    // Two halves at a time: the test is meant for two cores.
    let (one, other) = rows.split_at(rows.len() / 2);
    let check = |rows: &[(&Setting, Counts)]| {
        for (setting, counts) in rows {
            assert_eq!(everybody(&world, setting), *counts, "{setting:?}");
        }
    };
    std::thread::scope(|scope| {
        scope.spawn(|| check(one));
        check(other);
    });
}

/// Decides for every subject and every sample.
fn everybody(world: &World, setting: &Setting) -> Counts {
    let basis = setting.basis(world);
    let dates = setting.dates().expect("D is not later than U");
    let purpose = world.purpose(&setting.purpose);

    let mut subjects = Tally::default();
    let mut samples = Tally::default();
    let mut with_cut_off = 0;
    let mut readable = Vec::new();
    let mut valid = Vec::new();
    for subject in world.register.values() {
        let about = About::subject(subject);
        let verdict = decide(about, purpose, dates, &basis).verdict;
        subjects.add(&subject.id, verdict);
        with_cut_off += usize::from(matches!(verdict, Verdict::Permit { cut_off: Some(_) }));
        for sample in subject.samples.values() {
            let about = About::sample(subject, &sample.id).expect("own sample");
            let verdict = decide(about, purpose, dates, &basis).verdict;
            samples.add(&sample.id, verdict);
            if verdict.reads(sample.collected_on) {
                readable.push(sample.id.as_str());
                if valid_at(about, sample.collected_on, purpose, &basis) {
                    valid.push(sample.id.as_str());
                }
            }
        }
    }
    Counts {
        subjects_permit: subjects.permit.len(),
        subjects_deny: subjects.deny,
        subjects_refer: subjects.refer.len(),
        subjects_permit_sha256: digest(subjects.permit),
        subjects_refer_sha256: digest(subjects.refer),
        subjects_with_cut_off: with_cut_off,
        samples_permit: samples.permit.len(),
        samples_deny: samples.deny,
        samples_refer: samples.refer.len(),
        samples_permit_sha256: digest(samples.permit),
        samples_readable: readable.len(),
        samples_readable_sha256: digest(readable),
        samples_valid_when_collected: valid.len(),
        samples_valid_when_collected_sha256: digest(valid),
    }
}

#[derive(Default)]
struct Tally<'a> {
    permit: Vec<&'a str>,
    deny: usize,
    refer: Vec<&'a str>,
}

impl<'a> Tally<'a> {
    fn add(&mut self, id: &'a str, verdict: Verdict) {
        match verdict {
            Verdict::Permit { .. } => self.permit.push(id),
            Verdict::Deny => self.deny += 1,
            Verdict::Refer => self.refer.push(id),
        }
    }
}

#[test]
fn cases_csv_one_by_one() {
    if missing() {
        return;
    }
    let world = World::read();
    let cases: Vec<Case> = csv_rows("cases.csv");
    assert_eq!(cases.len(), 1714);
    let mut same_reason = 0;
    let settings: Vec<Setting> = csv_rows("cases.csv");
    for (case, setting) in cases.iter().zip(&settings) {
        let found = answer(&world, case, setting);
        let expected = [&case.expected, &case.cut_off, &case.readable, &case.valid_when_collected];
        let of = |id: &str| format!("{id} of {} ({})", case.number, case.reason);
        assert_eq!(found.decides.each_ref(), expected, "{}", of(&found.reason));
        if found.explains == [case.rule.as_str(), case.at.as_str()] {
            same_reason += 1;
        } else {
            eprintln!("{:?}: {}", found.explains, of(&found.reason));
        }
    }
    eprintln!("rule and date agree in {same_reason} of {} cases", cases.len());
    assert_eq!(same_reason, cases.len());
}

/// The columns of a case as found: those that must be equal, those that explain, and the words.
struct Found {
    decides: [String; 4],
    explains: [&'static str; 2],
    reason: String,
}

fn answer(world: &World, case: &Case, setting: &Setting) -> Found {
    let Some(dates) = setting.dates() else {
        return Found {
            decides: ["error".to_owned(), String::new(), String::new(), String::new()],
            explains: ["3.4.2", ""],
            reason: "D is later than U".to_owned(),
        };
    };
    let subject = world.register.get(&case.subject_id).expect("a subject");
    let sample = case.sample_id.as_ref().map(|id| {
        let about = About::sample(subject, id).expect("a sample of the subject");
        (about, subject.samples.get(id).expect("the same").collected_on)
    });
    let about = sample.map_or(About::subject(subject), |(about, _)| about);
    let basis = setting.basis(world);
    let purpose = world.purpose(&setting.purpose);
    let decision = decide(about, purpose, dates, &basis);
    let (verdict, cut_off) = match decision.verdict {
        Verdict::Permit { cut_off } => ("permit", cut_off),
        Verdict::Deny => ("deny", None),
        Verdict::Refer => ("refer", None),
    };
    let yes_no = |yes: bool| if yes { "yes" } else { "no" }.to_owned();
    let readable = sample.map(|(_, collected)| decision.verdict.reads(collected));
    let valid = sample
        .filter(|_| readable == Some(true))
        .map(|(about, collected)| valid_at(about, collected, purpose, &basis));
    Found {
        decides: [
            verdict.to_owned(),
            cut_off.map(|day| day.to_string()).unwrap_or_default(),
            readable.map(yes_no).unwrap_or_default(),
            valid.map(yes_no).unwrap_or_default(),
        ],
        explains: [decision.rule.number(), decision.at.map_or("", |at| at.letter())],
        reason: decision.reason(),
    }
}

/// SHA-256 over the ids in the order of their bytes, each followed by a line feed.
fn digest(mut ids: Vec<&str>) -> String {
    ids.sort_unstable();
    let mut sha = Sha256::new();
    for id in ids {
        sha.update(id);
        sha.update("\n");
    }
    format!("{:x}", sha.finalize())
}

fn shared() -> PathBuf {
    let beside = || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared"));
    std::env::var_os("BASEQ_SHARED").map_or_else(beside, PathBuf::from)
}

fn ontology() -> PathBuf {
    shared().join("data/doid-2015/doid.2015-11-25.obo.gz")
}

fn missing() -> bool {
    let needed = [shared().join("oracles/consent/expected.csv"), ontology()];
    let absent = needed.iter().find(|path| !path.exists());
    if let Some(path) = absent {
        eprintln!("not run: {} missing", path.display());
    }
    absent.is_some()
}

fn open(file: &str) -> File {
    File::open(shared().join("oracles/consent").join(file)).expect("a file of the oracle")
}

fn csv_rows<Row: DeserializeOwned>(file: &str) -> Vec<Row> {
    csv::Reader::from_reader(open(file)).deserialize().collect::<Result<_, _>>().expect("rows of the oracle")
}

fn purposes() -> BTreeMap<String, Purpose> {
    let list: Vec<serde_json::Map<String, serde_json::Value>> =
        serde_json::from_reader(open("purposes.json")).expect("a list of purposes");
    list.into_iter()
        .map(|mut fields| {
            let id = fields.remove("id").expect("an id");
            fields.remove("title");
            let purpose = serde_json::from_value(fields.into()).expect("a purpose");
            (id.as_str().expect("a text").to_owned(), purpose)
        })
        .collect()
}

/// The terms that are not obsolete, with their `is_a` parents.
fn diseases() -> Diseases {
    let mut text = String::new();
    flate2::read::MultiGzDecoder::new(File::open(ontology()).expect("the ontology"))
        .read_to_string(&mut text)
        .expect("text");
    let mut parents = BTreeMap::new();
    for stanza in text.split("\n[").filter(|part| part.starts_with("Term]")) {
        let values = |key: &'static str| {
            let value = move |line: &str| line.strip_prefix(key).map(str::to_owned);
            stanza.lines().filter_map(value)
        };
        if values("is_obsolete: ").any(|value| value.starts_with("true")) {
            continue;
        }
        let id = values("id: ").next().expect("an id");
        let first_word = |value: String| value.split(' ').next().map(str::to_owned);
        parents.insert(id, values("is_a: ").filter_map(first_word).collect());
    }
    Diseases::from_parents(&parents)
}
