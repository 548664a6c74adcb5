//! Plain readers of the input files, and a project in a temporary folder that the binary works on.

pub(crate) mod onsets;

use flate2::read::MultiGzDecoder;
use policy::consent::{Diseases, Purpose, Register, register};
use serde::de::DeserializeOwned;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The super-populations that INFO gives frequencies for.
pub(crate) const POPULATIONS: [&str; 5] = ["AFR", "AMR", "EAS", "EUR", "SAS"];

/// The folder of shared data, if `needed` is in it; says so if not.
pub(crate) fn shared(needed: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("BASEQ_SHARED")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared"), PathBuf::from);
    if folder.join(needed).exists() {
        return Some(folder);
    }
    eprintln!("not run: {needed} is missing from the shared data");
    None
}

/// A project with a warehouse of its own.
pub(crate) struct Project {
    folder: tempfile::TempDir,
}

impl Project {
    /// A new project with a policy.
    pub(crate) fn new(policy: &str) -> Project {
        let project = Project { folder: tempfile::tempdir().expect("a folder") };
        project.baseq(&["init", "."]);
        for entry in fs::read_dir(project.path().join("policy")).expect("policies") {
            fs::remove_file(entry.expect("a file").path()).expect("removed");
        }
        fs::write(project.path().join("policy/test.bq"), policy).expect("written");
        project
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Runs the binary; its output if it succeeds.
    fn baseq(&self, arguments: &[&str]) -> String {
        let output = Command::new(env!("CARGO_BIN_EXE_baseq"))
            .args(arguments)
            .current_dir(self.path())
            .output()
            .expect("baseq");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "baseq {}: {stderr}", arguments.join(" "));
        String::from_utf8(output.stdout).expect("UTF-8")
    }

    /// The pedigree, with a sample for each person, and the genotypes.
    pub(crate) fn genotypes(&self, shared: &Path) {
        let pedigree = shared.join("data/1000g-samples/20130606_g1k.ped");
        self.baseq(&["load", "pedigree", pedigree.to_str().expect("UTF-8"), "--samples"]);
        let vcf = Genotypes::path(shared);
        self.baseq(&["load", "vcf", vcf.to_str().expect("UTF-8")]);
    }

    /// An ontology.
    pub(crate) fn ontology(&self, path: &Path) {
        self.baseq(&["load", "ontology", path.to_str().expect("UTF-8")]);
    }

    /// A Beacon collection; records that contradict what is known, or are wrong, are left out.
    pub(crate) fn beacon(&self, collection: &str, path: &Path) {
        let path = path.to_str().expect("UTF-8");
        self.baseq(&["load", "beacon", collection, path, "--keep-known", "--rejects", "rejects.tsv"]);
    }

    /// Phenopackets under their own ids; gives the names of the files with a refused record.
    pub(crate) fn phenopackets(&self, path: &Path) -> BTreeSet<String> {
        let path = path.to_str().expect("UTF-8");
        self.baseq(&["load", "phenopackets", path, "--packet-ids", "--rejects", "rejects.tsv"]);
        let rejects = fs::read_to_string(self.path().join("rejects.tsv")).expect("the rejects");
        rejects
            .lines()
            .filter_map(|line| line.split('\t').next())
            .filter_map(|file| file.rsplit('/').next())
            .map(str::to_owned)
            .collect()
    }

    /// The oracle's subjects, samples, events and scopes.
    pub(crate) fn consent_of(&self, folder: &Path) {
        let path = |name: &str| folder.join(name).to_str().expect("UTF-8").to_owned();
        self.baseq(&[
            "load",
            "consent",
            "--subjects",
            &path("subject.csv"),
            "--samples",
            &path("sample.csv"),
            "--events",
            &path("consent_event.csv"),
            "--scopes",
            &path("consent_scope.csv"),
        ]);
    }

    /// A grant without restriction for each person.
    pub(crate) fn everybody_consents(&self, people: &[String], from: &str) {
        let mut events =
            "event_id,subject_id,sample_id,kind,actor,effective_from,effective_until,recorded_at,withdrawal_level,supersedes\n"
                .to_owned();
        let mut scopes = "event_id,branch,polarity,term,disease,region,until_date,party,project\n".to_owned();
        for (number, person) in people.iter().enumerate() {
            writeln!(events, "E{number},{person},,grant,self,{from},,{from}T00:00:00Z,,").expect("a string");
            writeln!(scopes, "E{number},1,permit,DUO:0000004,,,,,").expect("a string");
        }
        fs::write(self.path().join("events.csv"), events).expect("written");
        fs::write(self.path().join("scopes.csv"), scopes).expect("written");
        self.baseq(&["load", "consent", "--events", "events.csv", "--scopes", "scopes.csv"]);
    }

    /// Installs the policy and pulls the lock file.
    pub(crate) fn ready(&self) {
        self.baseq(&["policy", "install"]);
        self.baseq(&["schema", "pull"]);
    }

    /// The rows of a table of a program.
    pub(crate) fn run(&self, program: &str, table: &str) -> Vec<BTreeMap<String, String>> {
        let file = self.path().join("queries/question.bq");
        fs::write(&file, program).expect("written");
        crate::asked::forget(self.path());
        let csv = self.baseq(&["run", "queries/question.bq", table, "--as", "csv"]);
        csv::Reader::from_reader(csv.as_bytes()).deserialize().map(|row| row.expect("a row")).collect()
    }
}

/// What is counted of an allele, and what INFO says of it.
#[derive(Debug, Default)]
pub(crate) struct Allele {
    pub(crate) ac: u64,
    pub(crate) an: u64,
    pub(crate) hom: u64,
    pub(crate) info: BTreeMap<&'static str, f64>,
}

/// Counts by allele, written `GRCh37:22:16050075:A:G`.
pub(crate) struct Genotypes {
    pub(crate) alleles: BTreeMap<String, Allele>,
}

impl Genotypes {
    fn path(shared: &Path) -> PathBuf {
        shared.join("data/1000g-chr22-grch37/10k.chr22.phase3.20130502.genotypes.vcf.gz")
    }

    fn lines(shared: &Path) -> impl Iterator<Item = String> {
        let file = File::open(Self::path(shared)).expect("the genotypes");
        BufReader::new(MultiGzDecoder::new(file)).lines().map(|line| line.expect("text"))
    }

    /// The samples of the header.
    pub(crate) fn samples(shared: &Path) -> Vec<String> {
        let header = Self::lines(shared).find(|line| line.starts_with("#CHROM")).expect("a header");
        header.split('\t').skip(9).map(str::to_owned).collect()
    }

    /// Counts over `among`, or everybody.
    pub(crate) fn read(shared: &Path, among: Option<&BTreeSet<String>>) -> Genotypes {
        let counted: Vec<bool> = Self::samples(shared)
            .iter()
            .map(|sample| among.is_none_or(|among| among.contains(sample)))
            .collect();
        let mut alleles = BTreeMap::new();
        for line in Self::lines(shared).filter(|line| !line.starts_with('#')) {
            let mut fields = line.splitn(10, '\t');
            let mut field = || fields.next().expect("a field");
            let (contig, position, _, reference, alternates) = (field(), field(), field(), field(), field());
            let (_, _, info, _, calls) = (field(), field(), field(), field(), field());
            let position: usize = position.parse().expect("a position");
            let mut copies = [[0_u64; 2]; 16];
            let mut known = 0;
            for (call, _) in calls.split('\t').zip(&counted).filter(|(_, counted)| **counted) {
                let mut pair =
                    call.split(['|', '/']).map(|number| number.parse::<usize>().expect("a full call"));
                let (one, other) = (pair.next().expect("two copies"), pair.next().expect("two copies"));
                known += 2;
                copies[one][0] += 1;
                copies[other][0] += 1;
                copies[one][1] += u64::from(one == other);
            }
            for (at, alternate) in alternates.split(',').enumerate() {
                let mut of_info = BTreeMap::new();
                for population in POPULATIONS {
                    let key = format!("{population}_AF=");
                    let values = info.split(';').find_map(|entry| entry.strip_prefix(&key)).expect("INFO");
                    let value = values.split(',').nth(at).expect("a value per allele");
                    of_info.insert(population, value.parse().expect("a frequency"));
                }
                let (start, r, a) = trimmed(position, reference, alternate);
                let [ac, hom] = copies[at + 1];
                let name = format!("GRCh37:{contig}:{start}:{r}:{a}");
                let before = alleles.insert(name.clone(), Allele { ac, an: known, hom, info: of_info });
                assert!(before.is_none(), "{name} stands twice in the file");
            }
        }
        Genotypes { alleles }
    }
}

/// Without what both ends share; symbolic alleles as they are.
fn trimmed<'a>(mut position: usize, mut r: &'a str, mut a: &'a str) -> (usize, &'a str, &'a str) {
    if a.starts_with('<') {
        return (position, r, a);
    }
    while r.len() > 1 && a.len() > 1 && r.as_bytes()[r.len() - 1] == a.as_bytes()[a.len() - 1] {
        (r, a) = (&r[..r.len() - 1], &a[..a.len() - 1]);
    }
    while r.len() > 1 && a.len() > 1 && r.as_bytes()[0] == a.as_bytes()[0] {
        (r, a) = (&r[1..], &a[1..]);
        position += 1;
    }
    (position, r, a)
}

/// The consent oracle's records, for the policy crate alone.
pub(crate) struct Oracle {
    pub(crate) register: Register,
    pub(crate) diseases: Diseases,
}

impl Oracle {
    pub(crate) fn read(shared: &Path) -> Oracle {
        let folder = shared.join("oracles/consent");
        let register = register(
            rows(&folder.join("subject.csv")),
            rows(&folder.join("sample.csv")),
            rows(&folder.join("consent_event.csv")),
            rows(&folder.join("consent_scope.csv")),
        )
        .expect("the oracle's records");
        let parents = Hierarchy::read(&shared.join("data/doid-2015/doid.2015-11-25.obo.gz")).parents;
        Oracle { register, diseases: Diseases::from_parents(&parents) }
    }
}

/// A purpose from the fields of consent-and-policy.md 3.3.
pub(crate) fn purpose(json: &str) -> Purpose {
    serde_json::from_str(json).expect("a purpose")
}

fn rows<T: DeserializeOwned>(path: &Path) -> Vec<T> {
    csv::Reader::from_path(path).expect("a file").deserialize().map(|row| row.expect("a row")).collect()
}

/// The is_a lines of an OBO file.
pub(crate) struct Hierarchy {
    parents: BTreeMap<String, Vec<String>>,
}

impl Hierarchy {
    pub(crate) fn read(path: &Path) -> Hierarchy {
        let mut text = String::new();
        MultiGzDecoder::new(File::open(path).expect("the ontology")).read_to_string(&mut text).expect("text");
        let mut parents = BTreeMap::new();
        for stanza in text.split("\n\n").filter(|stanza| stanza.trim_start().starts_with("[Term]")) {
            let values = |key: &str| -> Vec<String> {
                let values = stanza.lines().filter_map(|line| line.strip_prefix(key));
                values.map(|value| value.split(" ! ").next().unwrap_or(value).trim().to_owned()).collect()
            };
            if stanza.contains("\nis_obsolete: true") {
                continue;
            }
            let id = values("id: ").pop().expect("an id");
            parents.insert(id, values("is_a: "));
        }
        Hierarchy { parents }
    }

    /// A term and all above it.
    fn above(&self, id: &str) -> BTreeSet<String> {
        let mut all = BTreeSet::new();
        let mut open = vec![id.to_owned()];
        while let Some(id) = open.pop() {
            if all.insert(id.clone()) {
                open.extend(self.parents.get(&id).into_iter().flatten().cloned());
            }
        }
        all
    }
}

/// What each packet says: term, whether it is excluded, and since when.
pub(crate) struct Packets {
    people: BTreeMap<String, Vec<(String, bool, Option<onsets::Days>)>>,
}

impl Packets {
    pub(crate) fn read(shared: &Path, rejected: &BTreeSet<String>) -> Packets {
        let file =
            File::open(shared.join("data/phenopacket-store/phenopackets.dev.tar.xz")).expect("the packets");
        let mut archive = tar::Archive::new(liblzma::read::XzDecoder::new(file));
        let mut people = BTreeMap::new();
        for entry in archive.entries().expect("entries") {
            let mut entry = entry.expect("an entry");
            let path = entry.path().expect("a path").into_owned();
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            if path.extension().is_none_or(|ending| ending != "json") || rejected.contains(&name) {
                continue;
            }
            let mut text = String::new();
            entry.read_to_string(&mut text).expect("JSON");
            let packet: serde_json::Value = serde_json::from_str(&text).expect("JSON");
            let features = packet["phenotypicFeatures"].as_array().cloned().unwrap_or_default();
            let said = features
                .iter()
                .map(|feature| {
                    let id = feature["type"]["id"].as_str().expect("an id").to_owned();
                    let excluded = feature["excluded"].as_bool().unwrap_or(false);
                    (id, excluded, onsets::days(&feature["onset"]))
                })
                .collect();
            people.insert(packet["id"].as_str().expect("an id").to_owned(), said);
        }
        Packets { people }
    }

    pub(crate) fn ids(&self) -> Vec<String> {
        self.people.keys().cloned().collect()
    }

    /// How many people have a term observed, else excluded, else neither.
    pub(crate) fn states(&self, id: &str, hierarchy: &Hierarchy) -> BTreeMap<String, u64> {
        let above = hierarchy.above(id);
        let mut states =
            BTreeMap::from(["observed", "excluded", "neither"].map(|state| (state.to_owned(), 0)));
        for said in self.people.values() {
            let observed =
                said.iter().any(|(term, excluded, _)| !excluded && hierarchy.above(term).contains(id));
            let excluded = said.iter().any(|(term, excluded, _)| *excluded && above.contains(term));
            let state = if observed {
                "observed"
            } else if excluded {
                "excluded"
            } else {
                "neither"
            };
            *states.get_mut(state).expect("one of three") += 1;
        }
        states
    }

    /// How many people surely had a term before a day of life, how many surely not, and of how many it is not
    /// known, because an onset is not or may be on either side of the day.
    pub(crate) fn before(&self, id: &str, day: i64, hierarchy: &Hierarchy) -> BTreeMap<String, u64> {
        let mut counts = BTreeMap::from(["before", "not before", "unknown"].map(|word| (word.to_owned(), 0)));
        for said in self.people.values() {
            let observed =
                said.iter().filter(|(term, excluded, _)| !excluded && hierarchy.above(term).contains(id));
            let onsets: Vec<Option<onsets::Days>> = observed.map(|(_, _, onset)| *onset).collect();
            let surely = |onset: &Option<onsets::Days>| {
                onset.is_some_and(|onset| onset.last.is_some_and(|last| last < day))
            };
            let never = |onset: &Option<onsets::Days>| onset.is_some_and(|onset| onset.first >= day);
            let word = if onsets.iter().any(surely) {
                "before"
            } else if onsets.iter().all(never) {
                "not before"
            } else {
                "unknown"
            };
            *counts.get_mut(word).expect("one of three") += 1;
        }
        counts
    }
}
