//! What the named sets of codes of a project hold, pinned: how many codes and their hash in the lock file, the
//! codes themselves in one file beside it.
//!
//! A set is written as a few codes and means what descends from them in the pinned release, or what a CSV file
//! lists. Its words can stay while its meaning moves: another release, another file, an import that changed. The
//! pin tells what moved, code by code. Where the words themselves changed, somebody meant it, and nothing is said.
//!
//! The file has a line per code, sorted: file, name, code, with tabs between them.

use super::{PinFile, hash};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use types::{CodeTest, Vocabulary};

/// A named set in the lock file.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CodesLock {
    /// The file that names it, relative to the project.
    pub file: String,
    /// Its name.
    pub name: String,
    /// SHA-256 of its words.
    pub written: String,
    /// The number of its codes.
    pub count: u64,
    /// SHA-256 of its codes, a line each.
    pub sha256: String,
}

/// A named set with its codes, sorted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Expansion {
    pub(crate) file: String,
    pub(crate) name: String,
    /// SHA-256 of its words.
    pub(crate) written: String,
    pub(crate) codes: BTreeSet<String>,
}

/// What a set lost and got.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Moved {
    pub(crate) added: Vec<String>,
    pub(crate) removed: Vec<String>,
}

/// How many codes are named of those that came, and of those that went.
const NAMED: usize = 3;

impl Expansion {
    pub(crate) fn lock(&self) -> CodesLock {
        CodesLock {
            file: self.file.clone(),
            name: self.name.clone(),
            written: self.written.clone(),
            count: self.codes.len() as u64,
            sha256: hash(self.lines().as_bytes()),
        }
    }

    fn lines(&self) -> String {
        self.codes.iter().fold(String::new(), |mut text, code| {
            let _ = writeln!(text, "{code}");
            text
        })
    }

    /// What it got and lost since it held these codes.
    pub(crate) fn moved(&self, before: &BTreeSet<String>) -> Moved {
        Moved {
            added: self.codes.difference(before).cloned().collect(),
            removed: before.difference(&self.codes).cloned().collect(),
        }
    }
}

impl Moved {
    /// `2 codes added: HP:1 "Seizure", HP:2 "Absence seizure"; 1 removed: HP:3`
    pub(crate) fn words(&self, vocabulary: &dyn Vocabulary) -> String {
        let told = |codes: &[String], what: &str| {
            let named: Vec<String> =
                codes.iter().take(NAMED).map(|code| labelled(code, vocabulary)).collect();
            let more = codes.len().saturating_sub(NAMED);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            let noun = if codes.len() == 1 { "code" } else { "codes" };
            format!("{} {noun} {what}: {}{more}", codes.len(), named.join(", "))
        };
        let both = [(&self.added, "added"), (&self.removed, "removed")];
        let told: Vec<String> = both
            .iter()
            .filter(|(codes, _)| !codes.is_empty())
            .map(|(codes, what)| told(codes, what))
            .collect();
        told.join("; ")
    }
}

fn labelled(code: &str, vocabulary: &dyn Vocabulary) -> String {
    match vocabulary.code(code) {
        types::CodeStatus::Current(label) | types::CodeStatus::Obsolete(label) if !label.is_empty() => {
            format!("{code} \"{label}\"")
        }
        _ => code.to_owned(),
    }
}

/// The codes of a set: those of the pinned list that are in it, and what is written where no list is pinned. What
/// stands for codes that nobody listed is `ICD10:E11*`, or `ICD10:I21..ICD10:I22`.
pub(crate) fn expanded(tests: &[CodeTest], listed: &dyn Fn(&str) -> Vec<String>) -> BTreeSet<String> {
    let mut codes = BTreeSet::new();
    for test in tests {
        let known = listed(&test.system);
        let is_open = !test.prefixes.is_empty() || !test.ranges.is_empty();
        if is_open && !known.is_empty() {
            codes.extend(known.into_iter().filter(|code| holds(test, code)));
            continue;
        }
        let out = test.excluding.as_deref();
        codes.extend(test.exact.iter().filter(|code| out.is_none_or(|out| !holds(out, code))).cloned());
        codes.extend(test.prefixes.iter().map(|prefix| format!("{prefix}*")));
        codes.extend(test.ranges.iter().map(|(from, to)| format!("{from}..{to}")));
        if let Some(out) = out.filter(|_| is_open) {
            let less = expanded(std::slice::from_ref(out), &|_| Vec::new());
            codes.extend(less.into_iter().map(|code| format!("not {code}")));
        }
    }
    codes
}

fn holds(test: &CodeTest, code: &str) -> bool {
    let first = |length: usize| code.get(..length.min(code.len())).unwrap_or(code);
    let within = test.exact.iter().any(|exact| exact == code)
        || test.prefixes.iter().any(|prefix| code.starts_with(prefix.as_str()))
        || test
            .ranges
            .iter()
            .any(|(from, to)| first(from.len()) >= from.as_str() && first(to.len()) <= to.as_str());
    within && !test.excluding.as_ref().is_some_and(|out| holds(out, code))
}

/// The file of all sets; none where there is no set.
pub(crate) fn pin(sets: &[Expansion]) -> Option<PinFile> {
    let mut text = String::new();
    for set in sets {
        for code in &set.codes {
            let _ = writeln!(text, "{}\t{}\t{code}", set.file, set.name);
        }
    }
    (!text.is_empty()).then(|| PinFile::new("codes", "tsv", text.into_bytes()))
}

/// The codes of each set in such a file, by file and name.
pub(crate) fn read(text: &str) -> BTreeMap<(String, String), BTreeSet<String>> {
    let mut sets: BTreeMap<(String, String), BTreeSet<String>> = BTreeMap::new();
    for line in text.lines() {
        let mut parts = line.split('\t');
        if let (Some(file), Some(name), Some(code)) = (parts.next(), parts.next(), parts.next()) {
            sets.entry((file.to_owned(), name.to_owned())).or_default().insert(code.to_owned());
        }
    }
    sets
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(codes: &[&str]) -> Expansion {
        Expansion {
            file: "queries/a.bq".into(),
            name: "seizures".into(),
            written: "w".into(),
            codes: codes.iter().map(|code| (*code).to_owned()).collect(),
        }
    }

    #[test]
    fn a_pin_reads_as_it_was_written_and_tells_what_moved() {
        let then = set(&["HP:1", "HP:2"]);
        let file = pin(std::slice::from_ref(&then)).unwrap();
        let read = read(std::str::from_utf8(&file.bytes).unwrap());
        let before = &read[&("queries/a.bq".to_owned(), "seizures".to_owned())];
        assert_eq!(*before, then.codes);
        let now = set(&["HP:2", "HP:3", "HP:4", "HP:5", "HP:6"]);
        assert_ne!(now.lock().sha256, then.lock().sha256);
        assert_eq!(
            now.moved(before).words(&types::NoVocabulary),
            "4 codes added: HP:3, HP:4, HP:5 and 1 more; 1 code removed: HP:1"
        );
        assert!(pin(&[]).is_none());
    }

    #[test]
    fn what_is_written_stands_for_codes_that_nobody_listed() {
        let test = CodeTest {
            system: "ICD10".into(),
            prefixes: vec!["ICD10:E11".into()],
            ranges: vec![("ICD10:I21".into(), "ICD10:I22".into())],
            excluding: Some(Box::new(CodeTest {
                system: "ICD10".into(),
                exact: vec!["ICD10:E11.9".into()],
                ..CodeTest::default()
            })),
            ..CodeTest::default()
        };
        let of = |listed: &[&str]| {
            let listed: Vec<String> = listed.iter().map(|code| (*code).to_owned()).collect();
            expanded(std::slice::from_ref(&test), &|_| listed.clone()).into_iter().collect::<Vec<_>>()
        };
        assert_eq!(of(&[]), ["ICD10:E11*", "ICD10:I21..ICD10:I22", "not ICD10:E11.9"]);
        assert_eq!(
            of(&["ICD10:E11.0", "ICD10:E11.9", "ICD10:I22.1", "ICD10:Z00"]),
            ["ICD10:E11.0", "ICD10:I22.1"]
        );
    }
}
