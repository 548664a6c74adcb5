//! `cargo xtask mutants [WORDS]`: breaks one thing at a time and sees whether the tests notice.
//!
//! `mutants.toml` lists guards, side conditions and thresholds, each with what it becomes and the tests that ought to fail.
//! A mutant is put in place in a copy of the last commit under `target/mutants`, never in the sources at hand; one
//! that does not compile is an error of the list. What is printed is the mutant and the first test that
//! killed it; a mutant that lives is a finding.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::copied::{self, cargo_test, first_failed};
use crate::listed;
use crate::repository::{Finding, Repository};

/// Where the list lies.
const LIST: &str = "xtask/mutants.toml";

/// One thing to break.
struct Mutant {
    /// What is true when it is in place, and where the list says so.
    entry: listed::Entry,
    file: String,
    find: String,
    put: String,
    /// Arguments of `cargo test`.
    tests: Vec<String>,
}

/// That the list fits the sources: each text to find stands once in its file.
pub(crate) fn fits(repository: &Repository) -> Result<Vec<Finding>, String> {
    let mut findings = Vec::new();
    for mutant in list(&repository.root)? {
        let text = fs::read_to_string(repository.root.join(&mutant.file)).unwrap_or_default();
        let times = text.matches(&mutant.find).count();
        if times != 1 {
            let reason = format!("`{}`: its text stands {times} times in {}", mutant.entry.name, mutant.file);
            findings.push(mutant.entry.finding(reason));
        }
    }
    Ok(findings)
}

/// Tries the mutants whose name holds these words.
pub(crate) fn run(repository: &Repository, words: &str) -> Result<Vec<Finding>, String> {
    let mut findings = fits(repository)?;
    if !findings.is_empty() {
        return Ok(findings);
    }
    let tree = copied::tree(&repository.root)?;
    let (mut tried, mut killed) = (0, 0);
    // Tests that fail by themselves would kill everything.
    let mut sound = BTreeSet::new();
    for mutant in list(&repository.root)?.iter().filter(|mutant| mutant.entry.name.contains(words)) {
        tried += 1;
        if sound.insert(mutant.tests.clone())
            && let Some(test) = failing(&tree, &mutant.tests)?
        {
            return Err(format!("`cargo test {}` fails with nothing broken: {test}", mutant.tests.join(" ")));
        }
        let name = &mutant.entry.name;
        match attempt(&tree, mutant)? {
            Some(test) => {
                killed += 1;
                crate::say(&format!("killed  {name}  by {test}"));
            }
            None => {
                let reason = format!("`{name}` lives: `cargo test {}` passes", mutant.tests.join(" "));
                findings.push(mutant.entry.finding(reason));
            }
        }
    }
    if tried == 0 {
        return Err(format!("{LIST}: the name of no mutant holds `{words}`"));
    }
    crate::say(&format!("{killed} of {tried} killed"));
    Ok(findings)
}

fn list(root: &Path) -> Result<Vec<Mutant>, String> {
    let mut all = Vec::new();
    for entry in listed::read(root, LIST, "mutant", "name")? {
        let (file, find, put) = (entry.word("file")?, entry.word("find")?, entry.word("put")?);
        all.push(Mutant { file, find, put, tests: entry.words("tests"), entry });
    }
    Ok(all)
}

/// The first test that fails with a mutant in place, or none.
fn attempt(tree: &Path, mutant: &Mutant) -> Result<Option<String>, String> {
    let name = &mutant.entry.name;
    let path = tree.join(&mutant.file);
    let sound = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", mutant.file))?;
    if !sound.contains(&mutant.find) {
        return Err(format!("`{name}`: its text is not in the last commit; commit first"));
    }
    fs::write(&path, sound.replacen(&mutant.find, &mutant.put, 1)).map_err(|error| error.to_string())?;
    let failed = failing(tree, &mutant.tests);
    fs::write(&path, sound).map_err(|error| error.to_string())?;
    failed.map_err(|reason| format!("`{name}`: {reason}"))
}

/// The first of some tests that fails, or none.
fn failing(tree: &Path, tests: &[String]) -> Result<Option<String>, String> {
    let output = cargo_test(tree, tests)?;
    if output.status.success() {
        return Ok(None);
    }
    match first_failed(&String::from_utf8_lossy(&output.stdout)) {
        Some(test) => Ok(Some(test)),
        None => Err(format!(
            "it does not compile, or its tests do not begin:\n{}",
            copied::last_lines(&output.stderr)
        )),
    }
}
