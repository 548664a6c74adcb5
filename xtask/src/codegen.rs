//! Generated files: each has a module below that makes its text from a source of truth. They are committed, say
//! in line one that they are generated, and `check` finds those that are not current.

mod pages;
mod textmate;
mod words;

use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};

use crate::repository::{Finding, Repository};

/// A generated file: its path from the root, and what makes its text.
type Generator = (&'static str, fn(&Repository) -> Result<String, String>);

/// A new generator is a new module and a line here.
const GENERATORS: [Generator; 3] = [
    ("crates/diag/src/pages.rs", pages::generate),
    ("grammar/tree-sitter-baseq/words.js", words::generate),
    ("editors/vscode/syntaxes/baseq.tmLanguage.json", textmate::generate),
];

/// Writes the files that are not current.
pub(crate) fn write(repository: &Repository) -> Result<Vec<Finding>, String> {
    for (path, generate) in GENERATORS {
        let text = generate(repository)?;
        let file = repository.root.join(path);
        if fs::read_to_string(&file).ok().as_ref() != Some(&text) {
            fs::write(&file, text).map_err(|error| format!("{path}:1: {error}"))?;
        }
    }
    Ok(Vec::new())
}

/// The files that are not current.
pub(crate) fn check(repository: &Repository) -> Result<Vec<Finding>, String> {
    let mut findings = Vec::new();
    for (path, generate) in GENERATORS {
        let text = generate(repository)?;
        let found = fs::read_to_string(repository.root.join(path)).unwrap_or_default();
        if found != text {
            let line = 1 + found.lines().zip(text.lines()).take_while(|(found, made)| found == made).count();
            findings.push(Finding::new(path, line, "not current; `cargo xtask codegen` writes it"));
        }
    }
    Ok(findings)
}

/// Rust text as `cargo fmt` would have it, so that both checks can hold.
fn formatted(repository: &Repository, text: &str) -> Result<String, String> {
    let failed = |error| format!("rustfmt: {error}");
    let mut rustfmt = Command::new("rustfmt")
        .args(["--edition", "2024", "--emit", "stdout"])
        .current_dir(&repository.root)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(failed)?;
    if let Some(mut stdin) = rustfmt.stdin.take() {
        stdin.write_all(text.as_bytes()).map_err(failed)?;
    }
    let output = rustfmt.wait_with_output().map_err(failed)?;
    if !output.status.success() {
        return Err("rustfmt refuses a generated text; its message stands above".to_owned());
    }
    String::from_utf8(output.stdout).map_err(|error| format!("rustfmt: {error}"))
}
