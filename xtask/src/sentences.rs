//! `cargo xtask sentences [WORDS]`: violates one sentence of what the language means at a time and sees whether a case
//! of the suite fails.
//!
//! `sentences.toml` goes through the design page of the language, sections "Meaning" and "Cohorts", sentence by
//! sentence. Each entry says where a sentence is made true, and an expression of the same type that violates it. All
//! violations are put into one copy of the last commit at once, each asleep until the environment names its sentence,
//! so that a hundred of them cost one build; then the suite runs once with nothing violated and once for each.
//! What is printed is the sentence and the first case that fails; a sentence for which none fails is a finding.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

use crate::copied::{self, cargo_test, first_failed};
use crate::listed;
use crate::repository::{Finding, Repository};

/// Where the list lies.
const LIST: &str = "xtask/sentences.toml";
/// The variable that wakes the violation of this sentence.
const AWAKE: &str = "BASEQ_MUTANT";
/// What that variable says where no sentence is violated, and what sleeps while one is sleeps all the same.
const NOTHING: &str = "nothing";
/// A violation may make a program run for ever; so long is enough for any of the cases.
const LONGEST: Duration = Duration::from_mins(10);

/// A sentence, and how it is violated; or something that sleeps while any of them is.
struct Sentence {
    entry: listed::Entry,
    file: String,
    find: String,
    /// An expression within `find`.
    part: String,
    put: String,
    /// What the names of the cases hold of which one must fail.
    cases: Vec<String>,
    /// Whether it is no sentence, but what sleeps while any is violated.
    sleeps_always: bool,
}

/// A violation at its place in a file.
struct Edit {
    at: Range<usize>,
    /// When it is awake, as an expression.
    awake: String,
    put: String,
}

/// Files of the copy as they were, and when they were written.
type Before = BTreeMap<String, (String, SystemTime)>;

/// That the list fits the sources: each text to find stands once in its file, and its part once in the text.
pub(crate) fn fits(repository: &Repository) -> Result<Vec<Finding>, String> {
    let mut findings = Vec::new();
    let mut names = BTreeSet::new();
    for sentence in list(&repository.root)? {
        let text = fs::read_to_string(repository.root.join(&sentence.file)).unwrap_or_default();
        let name = &sentence.entry.name;
        let mut found = |reason: String| findings.push(sentence.entry.finding(reason));
        let times = text.matches(&sentence.find).count();
        if times != 1 {
            found(format!("`{name}`: its text stands {times} times in {}", sentence.file));
        }
        let times = sentence.find.matches(&sentence.part).count();
        if times != 1 {
            found(format!("`{name}`: its part stands {times} times in its text"));
        }
        if !sentence.sleeps_always && sentence.cases.is_empty() {
            found(format!("`{name}` names no cases"));
        }
        if !names.insert(name.clone()) {
            found(format!("`{name}` is listed twice"));
        }
    }
    Ok(findings)
}

/// Tries the sentences that hold these words.
pub(crate) fn run(repository: &Repository, words: &str) -> Result<Vec<Finding>, String> {
    let mut findings = fits(repository)?;
    if !findings.is_empty() {
        return Ok(findings);
    }
    let all = list(&repository.root)?;
    let chosen: Vec<&Sentence> = all
        .iter()
        .filter(|sentence| !sentence.sleeps_always && sentence.entry.name.contains(words))
        .collect();
    if chosen.is_empty() {
        return Err(format!("{LIST}: no sentence holds `{words}`"));
    }
    let before = as_it_was(&copied::place(&repository.root), &all);
    let tree = copied::tree(&repository.root)?;
    weave(&tree, &all, &before)?;
    let suite = build(&tree)?;
    // Cases that fail by themselves would notice everything. Nothing is violated, and what sleeps does sleep.
    let filters: BTreeSet<&str> = if words.is_empty() {
        BTreeSet::from([""])
    } else {
        chosen.iter().flat_map(|sentence| &sentence.cases).map(String::as_str).collect()
    };
    for filter in filters {
        if let Some(case) = failing(&tree, &suite, NOTHING, filter)? {
            return Err(format!("`{case}` fails with nothing violated"));
        }
    }
    let mut noticed = 0;
    for sentence in &chosen {
        let name = &sentence.entry.name;
        let mut failed = None;
        for filter in &sentence.cases {
            failed = failing(&tree, &suite, name, filter)?;
            if failed.is_some() {
                break;
            }
        }
        match failed {
            Some(case) => {
                noticed += 1;
                crate::say(&format!("noticed  {name}  by {case}"));
            }
            None => findings.push(sentence.entry.finding(format!(
                "`{name}` can be violated: no case of `{}` fails",
                sentence.cases.join("`, `")
            ))),
        }
    }
    crate::say(&format!("{noticed} of {} noticed", chosen.len()));
    Ok(findings)
}

fn list(root: &Path) -> Result<Vec<Sentence>, String> {
    let sleeping = listed::read(root, LIST, "asleep", "name")?.into_iter().map(|entry| (entry, true));
    let sentences = listed::read(root, LIST, "sentence", "sentence")?.into_iter().map(|entry| (entry, false));
    let mut all = Vec::new();
    for (entry, sleeps_always) in sleeping.chain(sentences) {
        let (file, find) = (entry.word("file")?, entry.word("find")?);
        let (part, put) = (entry.word("part")?, entry.word("put")?);
        all.push(Sentence { file, find, part, put, cases: entry.words("cases"), sleeps_always, entry });
    }
    Ok(all)
}

/// The files of the list in the copy, if there is one already.
fn as_it_was(tree: &Path, all: &[Sentence]) -> Before {
    let mut before = Before::new();
    for sentence in all {
        let path = tree.join(&sentence.file);
        let written = fs::metadata(&path).and_then(|about| about.modified());
        if let (Ok(text), Ok(written)) = (fs::read_to_string(&path), written) {
            before.insert(sentence.file.clone(), (text, written));
        }
    }
    before
}

/// Puts all violations into the copy, each asleep.
fn weave(tree: &Path, all: &[Sentence], before: &Before) -> Result<(), String> {
    let mut files: BTreeMap<&str, (String, Vec<Edit>)> = BTreeMap::new();
    for sentence in all {
        let file = sentence.file.as_str();
        if !files.contains_key(file) {
            let text = fs::read_to_string(tree.join(file)).map_err(|error| format!("{file}: {error}"))?;
            files.insert(file, (text, Vec::new()));
        }
        let Some((text, edits)) = files.get_mut(file) else { continue };
        let (from, within) = (text.find(&sentence.find), sentence.find.find(&sentence.part));
        let Some(start) = from.zip(within).map(|(from, within)| from + within) else {
            let name = &sentence.entry.name;
            return Err(format!("`{name}`: its text is not in the last commit; commit first"));
        };
        let awake = if sentence.sleeps_always {
            format!("std::env::var_os(\"{AWAKE}\").is_some()")
        } else {
            format!("std::env::var(\"{AWAKE}\").as_deref() == Ok({:?})", sentence.entry.name)
        };
        edits.push(Edit { at: start..start + sentence.part.len(), awake, put: sentence.put.clone() });
    }
    for (file, (text, mut edits)) in files {
        // Of two parts of which one holds the other, that one stands first.
        edits.sort_by_key(|edit| (edit.at.start, std::cmp::Reverse(edit.at.end)));
        let woven = woven(&text, 0..text.len(), &edits).map_err(|reason| format!("{file}: {reason}"))?;
        let trouble = |error: std::io::Error| format!("{file}: {error}");
        let path = tree.join(file);
        fs::write(&path, &woven).map_err(trouble)?;
        // What is as it was is as old as it was, so that it is not built again.
        if let Some((_, written)) = before.get(file).filter(|(text, _)| *text == woven) {
            let open = File::options().write(true).open(&path);
            open.and_then(|open| open.set_modified(*written)).map_err(trouble)?;
        }
    }
    Ok(())
}

/// A stretch of a text with its violations.
fn woven(text: &str, stretch: Range<usize>, edits: &[Edit]) -> Result<String, String> {
    let mut out = String::new();
    let mut done = stretch.start;
    let mut rest = edits;
    while let Some((edit, more)) = rest.split_first() {
        let (within, after) = more.split_at(more.partition_point(|other| other.at.start < edit.at.end));
        if within.iter().any(|other| other.at.end > edit.at.end) {
            return Err(format!("the part `{}` crosses another", &text[edit.at.clone()]));
        }
        out.push_str(&text[done..edit.at.start]);
        let part = woven(text, edit.at.clone(), within)?;
        for piece in ["(if ", &edit.awake, " { ", &edit.put, " } else { ", &part, " })"] {
            out.push_str(piece);
        }
        done = edit.at.end;
        rest = after;
    }
    out.push_str(&text[done..stretch.end]);
    Ok(out)
}

/// Builds the suite in the copy: its program.
fn build(tree: &Path) -> Result<PathBuf, String> {
    let arguments = ["-p", "tests", "--test", "suite", "--no-run"].map(str::to_owned);
    let output = cargo_test(tree, &arguments)?;
    if !output.status.success() {
        return Err(format!("the copy does not compile:\n{}", copied::last_lines(&output.stderr)));
    }
    // `Executable suite.rs (target/debug/deps/suite-0123456789abcdef)`
    let said = String::from_utf8_lossy(&output.stderr);
    let program = said.lines().filter_map(|line| line.trim().strip_prefix("Executable")).find_map(|line| {
        let (_, path) = line.split_once('(')?;
        path.split_once(')').map(|(path, _)| tree.join(path))
    });
    program.ok_or_else(|| "cargo does not say which program the suite is".to_owned())
}

/// The first case that fails while this sentence is violated, or none.
fn failing(tree: &Path, suite: &Path, violated: &str, cases: &str) -> Result<Option<String>, String> {
    let told = tree.join("target/suite.txt");
    let out = File::create(&told).map_err(|error| error.to_string())?;
    let mut command = Command::new(suite);
    command.current_dir(tree.join("tests")).stdout(out).stderr(Stdio::null()).env(AWAKE, violated);
    if !cases.is_empty() {
        command.arg(cases);
    }
    let mut child = command.spawn().map_err(|error| format!("{}: {error}", suite.display()))?;
    let begun = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().map_err(|error| error.to_string())? {
            break status;
        }
        if violated != NOTHING && begun.elapsed() > LONGEST {
            child.kill().and_then(|()| child.wait()).map_err(|error| error.to_string())?;
            return Ok(Some(format!("no end of `{cases}`")));
        }
        std::thread::sleep(Duration::from_millis(100));
    };
    let told = fs::read_to_string(&told).map_err(|error| error.to_string())?;
    if told.lines().any(|line| line.trim() == "running 0 tests") {
        return Err(format!("the name of no case holds `{cases}`"));
    }
    match first_failed(&told) {
        Some(case) => Ok(Some(case)),
        None if status.success() => Ok(None),
        None => Ok(Some(format!("the end of the program at `{cases}`"))),
    }
}
