//! `cargo xtask mutants [WORDS]`: breaks one thing at a time and sees whether the tests notice.
//!
//! `mutants.toml` lists guards, side conditions and thresholds, each with what it becomes and the tests that ought to fail.
//! A mutant is put in place in a copy of the last commit under `target/mutants`, never in the sources at hand; one
//! that does not compile is an error of the list. What is printed is the mutant and the first test that
//! killed it; a mutant that lives is a finding.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::repository::{Finding, Repository};

/// Where the list lies.
const LIST: &str = "xtask/mutants.toml";

/// One thing to break.
struct Mutant {
    /// What is true when it is in place.
    name: String,
    file: String,
    find: String,
    put: String,
    /// Arguments of `cargo test`.
    tests: Vec<String>,
    /// The line of its name in the list, from 1.
    line: usize,
}

/// That the list fits the sources: each text to find stands once in its file.
pub(crate) fn fits(repository: &Repository) -> Result<Vec<Finding>, String> {
    let mut findings = Vec::new();
    for mutant in list(&repository.root)? {
        let text = fs::read_to_string(repository.root.join(&mutant.file)).unwrap_or_default();
        let times = text.matches(&mutant.find).count();
        if times != 1 {
            let reason = format!("`{}`: its text stands {times} times in {}", mutant.name, mutant.file);
            findings.push(Finding::new(LIST, mutant.line, reason));
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
    let tree = tree(&repository.root)?;
    let (mut tried, mut killed) = (0, 0);
    // Tests that fail by themselves would kill everything.
    let mut sound = BTreeSet::new();
    for mutant in list(&repository.root)?.iter().filter(|mutant| mutant.name.contains(words)) {
        tried += 1;
        if sound.insert(mutant.tests.clone())
            && let Some(test) = failing(&tree, &mutant.tests)?
        {
            return Err(format!("`cargo test {}` fails with nothing broken: {test}", mutant.tests.join(" ")));
        }
        match attempt(&tree, mutant)? {
            Some(test) => {
                killed += 1;
                crate::say(&format!("killed  {}  by {test}", mutant.name));
            }
            None => {
                let reason =
                    format!("`{}` lives: `cargo test {}` passes", mutant.name, mutant.tests.join(" "));
                findings.push(Finding::new(LIST, mutant.line, reason));
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
    let text = fs::read_to_string(root.join(LIST)).map_err(|error| format!("{LIST}: {error}"))?;
    let table: toml::Table = text.parse().map_err(|error| format!("{LIST}: {error}"))?;
    let entries =
        table.get("mutant").and_then(toml::Value::as_array).ok_or(format!("{LIST} lists no mutant"))?;
    let mut all = Vec::new();
    for entry in entries {
        let word = |key: &str| {
            let value = entry.get(key).and_then(toml::Value::as_str).map(str::to_owned);
            value.ok_or_else(|| format!("{LIST}: a mutant has no `{key}`"))
        };
        let name = word("name")?;
        let line =
            text.lines().position(|line| line.contains(&format!("\"{name}\""))).map_or(1, |line| line + 1);
        let tests = entry.get("tests").and_then(toml::Value::as_array).into_iter().flatten();
        let tests = tests.filter_map(toml::Value::as_str).map(str::to_owned).collect();
        all.push(Mutant { file: word("file")?, find: word("find")?, put: word("put")?, tests, name, line });
    }
    Ok(all)
}

/// A checkout of the last commit with what the tests need beside it.
fn tree(root: &Path) -> Result<PathBuf, String> {
    let home = root.join("target/mutants");
    let tree = home.join("tree");
    fs::create_dir_all(&home).map_err(|error| error.to_string())?;
    let git = |folder: &Path, arguments: &[&str]| -> Result<String, String> {
        let output = Command::new("git")
            .current_dir(folder)
            .args(arguments)
            .output()
            .map_err(|error| error.to_string())?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned());
        }
        Err(format!("git {}: {}", arguments.join(" "), String::from_utf8_lossy(&output.stderr)))
    };
    let head = git(root, &["rev-parse", "HEAD"])?;
    if tree.join(".git").exists() {
        git(&tree, &["checkout", "--quiet", "--force", "--detach", &head])?;
    } else {
        git(root, &["worktree", "prune"])?;
        let path = tree.to_str().ok_or("the path of the repository is no text")?;
        git(root, &["worktree", "add", "--quiet", "--detach", path, &head])?;
    }
    // The prebuilt engine, and the shared data where they are there; tests without them say so.
    for (from, to) in
        [(root.join(".duckdb"), tree.join(".duckdb")), (root.join("../shared"), home.join("shared"))]
    {
        if let (Ok(from), false) = (from.canonicalize(), to.exists()) {
            std::os::unix::fs::symlink(from, to).map_err(|error| error.to_string())?;
        }
    }
    Ok(tree)
}

/// The first test that fails with a mutant in place, or none.
fn attempt(tree: &Path, mutant: &Mutant) -> Result<Option<String>, String> {
    let path = tree.join(&mutant.file);
    let sound = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", mutant.file))?;
    if !sound.contains(&mutant.find) {
        return Err(format!("`{}`: its text is not in the last commit; commit first", mutant.name));
    }
    fs::write(&path, sound.replacen(&mutant.find, &mutant.put, 1)).map_err(|error| error.to_string())?;
    let failed = failing(tree, &mutant.tests);
    fs::write(&path, sound).map_err(|error| error.to_string())?;
    failed.map_err(|reason| format!("`{}`: {reason}", mutant.name))
}

/// The first of some tests that fails, or none.
fn failing(tree: &Path, tests: &[String]) -> Result<Option<String>, String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .current_dir(tree)
        .args(["test", "--locked"])
        .args(tests)
        .env_remove("CARGO_TARGET_DIR")
        .output()
        .map_err(|error| error.to_string())?;
    if output.status.success() {
        return Ok(None);
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let failed = text.lines().find_map(|line| line.strip_prefix("test ")?.strip_suffix("... FAILED"));
    if let Some(test) = failed {
        return Ok(Some(test.trim().to_owned()));
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let lines: Vec<&str> = said.lines().collect();
    let last = lines[lines.len().saturating_sub(40)..].join("\n");
    Err(format!("it does not compile, or its tests do not begin:\n{last}"))
}
