//! The demo's source files, read plainly, and who of its people may be asked.
//!
//! Consent is decided by the policy crate's evaluator, one person at a time, as stewards' reports do it; the SQL that
//! decides it in a query is never seen here.

use super::made::Demo;
use jiff::Timestamp;
use jiff::civil::Date;
use policy::consent::{
    About, Basis, Dates, Diseases, Policy, Purpose, Register, Verdict, decide, register, valid_at,
};
use serde::de::DeserializeOwned;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// A row of a file: column to cell.
pub(crate) type Row = BTreeMap<String, String>;

/// The day that all examples ask about.
pub(crate) const AS_OF: Date = Date::constant(2025, 1, 1);

/// The purposes of the demo's policy.
pub(crate) const HEALTH: &str =
    r#"{"primary": "HMB", "genetic": true, "irb": true, "publish": true, "region": "BE"}"#;
pub(crate) const COMMERCE: &str = r#"{"primary": "HMB", "genetic": true, "irb": true, "publish": true, "commercial": true, "region": "BE"}"#;
pub(crate) const RECONTACT: &str =
    r#"{"primary": "HMB", "genetic": true, "irb": true, "publish": true, "contact": true, "region": "BE"}"#;

/// A feature of a person.
#[derive(Clone, Debug)]
pub(crate) struct Feature {
    pub(crate) term: String,
    pub(crate) excluded: bool,
}

/// All that is read of the files, beside the genotypes.
#[derive(Debug)]
pub(crate) struct Files {
    folder: PathBuf,
    pub(crate) people: BTreeMap<String, Row>,
    pub(crate) samples: Vec<Row>,
    register: Register,
    diseases: Diseases,
    terms: BTreeMap<String, Vec<String>>,
    families: BTreeMap<String, String>,
    /// Child, father and mother, `0` for a parent who is not there.
    pub(crate) pedigree: Vec<[String; 3]>,
    /// Terms that a gene is known for.
    known_for: Vec<[String; 2]>,
    known_at: Timestamp,
    /// Who may be asked for health research, and the day from which on nothing of them is read.
    pub(crate) permitted: BTreeMap<String, Option<Date>>,
}

fn table(path: &Path) -> Vec<Row> {
    csv::Reader::from_path(path).unwrap().deserialize().map(|row| row.unwrap()).collect()
}

fn records<T: DeserializeOwned>(path: &Path) -> Vec<T> {
    csv::Reader::from_path(path).unwrap().deserialize().map(|row| row.unwrap()).collect()
}

/// A cell that is a day, if it holds one.
pub(crate) fn day(row: &Row, column: &str) -> Option<Date> {
    Some(&row[column]).filter(|cell| !cell.is_empty()).map(|cell| cell.parse().unwrap())
}

/// A term with the terms right above it, of an OBO file.
fn parents(path: &Path) -> BTreeMap<String, Vec<String>> {
    let text = fs::read_to_string(path).unwrap();
    let mut all = BTreeMap::new();
    for stanza in text.split("\n\n").filter(|stanza| stanza.trim_start().starts_with("[Term]")) {
        let values = |key: &str| -> Vec<String> {
            let lines = stanza.lines().filter_map(|line| line.strip_prefix(key));
            lines.map(|value| value.split(" ! ").next().unwrap().trim().to_owned()).collect()
        };
        all.insert(values("id: ").remove(0), values("is_a: "));
    }
    all
}

pub(crate) fn purpose(json: &str) -> Purpose {
    serde_json::from_str(json).unwrap()
}

impl Files {
    pub(crate) fn read(demo: &Demo) -> Files {
        let folder = demo.path("sources");
        let at = |name: &str| folder.join(name);
        let register = register(
            records(&at("subject.csv")),
            records(&at("sample.csv")),
            records(&at("consent_event.csv")),
            records(&at("consent_scope.csv")),
        )
        .unwrap();
        let families = fs::read_to_string(at("family.ped")).unwrap();
        let families: Vec<Vec<String>> =
            families.lines().map(|line| line.split('\t').map(str::to_owned).collect()).collect();
        let known_for = fs::read_to_string(at("genes_to_phenotype.txt")).unwrap();
        let mut files = Files {
            people: table(&at("subject.csv"))
                .into_iter()
                .map(|row| (row["subject_id"].clone(), row))
                .collect(),
            samples: table(&at("sample.csv")),
            diseases: Diseases::from_parents(&parents(&at("doid.obo"))),
            terms: parents(&at("hp.obo")),
            pedigree: families.iter().map(|row| [1, 2, 3].map(|at| row[at].clone())).collect(),
            families: families.into_iter().map(|row| (row[1].clone(), row[0].clone())).collect(),
            known_for: known_for
                .lines()
                .map(|line| line.split('\t').collect::<Vec<_>>())
                .map(|cells| [cells[1].to_owned(), cells[2].to_owned()])
                .collect(),
            known_at: Timestamp::now(),
            permitted: BTreeMap::new(),
            register,
            folder,
        };
        let health = purpose(HEALTH);
        files.permitted = files
            .register
            .iter()
            .filter_map(|(id, subject)| match files.decided(About::subject(subject), &health) {
                Verdict::Permit { cut_off } => Some((id.clone(), cut_off)),
                Verdict::Deny | Verdict::Refer => None,
            })
            .collect();
        assert!((1_000..2_300).contains(&files.permitted.len()), "{} permitted", files.permitted.len());
        files
    }

    fn basis(&self) -> Basis<'_> {
        Basis { known_at: self.known_at, policy: Policy::default(), diseases: &self.diseases }
    }

    fn decided(&self, about: About<'_>, purpose: &Purpose) -> Verdict {
        let today = self.known_at.to_zoned(jiff::tz::TimeZone::UTC).date();
        decide(about, purpose, Dates::new(AS_OF, today).unwrap(), &self.basis()).verdict
    }

    /// Whether a person's consent covered a purpose on a day.
    pub(crate) fn valid_at(&self, person: &str, day: Date, purpose: &Purpose) -> bool {
        valid_at(About::subject(&self.register[person]), Some(day), purpose, &self.basis())
    }

    /// Rows of permitted people that exist for a question, by person: not after its day, and before the cut-off.
    pub(crate) fn rows(&self, name: &str, dated: &str) -> BTreeMap<String, Vec<Row>> {
        let mut all: BTreeMap<String, Vec<Row>> = BTreeMap::new();
        for row in table(&self.folder.join(format!("{name}.csv"))) {
            let on = day(&row, dated);
            let Some(cut_off) = self.permitted.get(&row["subject_id"]) else { continue };
            if on.is_none_or(|on| on <= AS_OF)
                && cut_off.is_none_or(|cut_off| on.is_some_and(|on| on < cut_off))
            {
                all.entry(row["subject_id"].clone()).or_default().push(row);
            }
        }
        all
    }

    /// First days of rows of a code or below it, by person, sorted.
    pub(crate) fn days(&self, name: &str, columns: [&str; 2], codes: &[&str]) -> BTreeMap<String, Vec<Date>> {
        let [code, dated] = columns;
        let mut all = BTreeMap::new();
        for (person, rows) in self.rows(name, dated) {
            let of = rows.iter().filter(|row| codes.iter().any(|wanted| row[code].starts_with(wanted)));
            let mut days: Vec<Date> = of.filter_map(|row| day(row, dated)).collect();
            days.sort();
            if !days.is_empty() {
                all.insert(person, days);
            }
        }
        all
    }

    /// Features of permitted people, from the table and the packets; those of packets have no day.
    pub(crate) fn features(&self) -> BTreeMap<String, Vec<Feature>> {
        let mut all: BTreeMap<String, Vec<Feature>> = BTreeMap::new();
        for (person, rows) in self.rows("phenotype", "recorded_on") {
            let feature =
                |row: &Row| Feature { term: row["term"].clone(), excluded: row["excluded"] == "true" };
            all.entry(person).or_default().extend(rows.iter().map(feature));
        }
        for packet in self.packets() {
            let id = packet["subject"]["id"].as_str().unwrap();
            if self.permitted.get(id) != Some(&None) {
                continue;
            }
            for feature in packet["phenotypicFeatures"].as_array().unwrap() {
                let term = feature["type"]["id"].as_str().unwrap().to_owned();
                let excluded = feature["excluded"].as_bool().unwrap_or(false);
                all.entry(id.to_owned()).or_default().push(Feature { term, excluded });
            }
        }
        all
    }

    /// The phenopackets.
    pub(crate) fn packets(&self) -> Vec<serde_json::Value> {
        let packets = fs::read_dir(self.folder.join("phenopackets")).unwrap();
        packets
            .map(|entry| serde_json::from_str(&fs::read_to_string(entry.unwrap().path()).unwrap()).unwrap())
            .collect()
    }

    /// A term of HPO and all above it.
    pub(crate) fn above(&self, term: &str) -> BTreeSet<String> {
        let (mut all, mut open) = (BTreeSet::new(), vec![term.to_owned()]);
        while let Some(term) = open.pop() {
            if all.insert(term.clone()) {
                open.extend(self.terms.get(&term).into_iter().flatten().cloned());
            }
        }
        all
    }

    /// Whether a feature is one that a gene is known for, or below it.
    pub(crate) fn fits_gene(&self, feature: &Feature, gene: &str) -> bool {
        let above = self.above(&feature.term);
        let known = self.known_for.iter().any(|[symbol, term]| symbol == gene && above.contains(term));
        !feature.excluded && known
    }

    /// Completed years on a day; those of the day of death after it; nothing where no day of birth is recorded.
    pub(crate) fn age(&self, person: &str, on: Date) -> Option<i16> {
        let row = &self.people[person];
        let birth = day(row, "birth_date")?;
        let died = day(row, "death_date").filter(|died| *died <= AS_OF);
        let on = died.map_or(on, |died| died.min(on));
        let had = (on.month(), on.day()) >= (birth.month(), birth.day());
        (birth <= on).then(|| on.year() - birth.year() - i16::from(!had))
    }

    pub(crate) fn sex(&self, person: &str) -> &str {
        &self.people[person]["sex"]
    }

    /// Whether the pedigree has nobody else in the person's family.
    pub(crate) fn unrelated(&self, person: &str) -> bool {
        let family = &self.families[person];
        self.families.values().filter(|other| *other == family).count() == 1
    }

    /// Samples of permitted people that exist for a question, by sample.
    pub(crate) fn readable_samples(&self) -> BTreeMap<&str, &Row> {
        let health = purpose(HEALTH);
        let mut all = BTreeMap::new();
        for row in &self.samples {
            let (person, id) = (&row["subject_id"], &row["sample_id"]);
            let Some(cut_off) = self.permitted.get(person) else { continue };
            let collected = day(row, "collected_on");
            let own = match About::sample(&self.register[person], id) {
                Some(about) => self.decided(about, &health),
                None => Verdict::Permit { cut_off: *cut_off },
            };
            let before = cut_off.is_none_or(|cut_off| collected.is_some_and(|collected| collected < cut_off));
            if before && own.reads(collected) && collected.is_none_or(|collected| collected <= AS_OF) {
                all.insert(id.as_str(), row);
            }
        }
        all
    }

    /// The newest sample of each person that passed: person to sample.
    pub(crate) fn chosen(&self) -> BTreeMap<String, String> {
        let mut all: BTreeMap<String, (Option<Date>, String)> = BTreeMap::new();
        for (id, row) in self.readable_samples() {
            if row["qc_passed"] != "true" {
                continue;
            }
            let this = (day(row, "collected_on"), id.to_owned());
            let best = all.entry(row["subject_id"].clone()).or_insert_with(|| this.clone());
            if this.0 > best.0 {
                *best = this;
            }
        }
        all.into_iter().map(|(person, (_, sample))| (person, sample)).collect()
    }
}
