//! Every third-party library has one home crate, and its reason as a comment beside it.
//!
//! The reason stands in the home's `Cargo.toml`. A library that several rooms speak is declared once, with its
//! reason, under `[workspace.dependencies]`, and taken from there. A test may look through the library of another
//! room: the homes below bind what is shipped.

use std::collections::BTreeMap;

use super::arrows::opens_with;
use crate::repository::{Finding, Repository, Text};

/// Homes that are decided: the whole point of the room is to be the only one that knows the library.
const HOMES: [(&str, &[&str]); 6] = [
    ("ariadne", &["report"]),
    ("chumsky", &["syntax"]),
    ("clap", &["cli"]),
    ("duckdb", &["engine_duckdb"]),
    ("logos", &["syntax"]),
    // The validator reads the emitted text with the same parser and shares nothing else with its writer.
    ("sqlparser", &["sql", "validate"]),
];

pub(crate) fn check(repository: &Repository) -> Result<Vec<Finding>, String> {
    let mut findings = Vec::new();
    let workspace = repository.text("Cargo.toml")?;
    let shared = declared(&workspace, &["workspace", "dependencies"])?;
    for (name, _) in shared.iter().filter(|(_, own)| !own) {
        reason(&workspace, name, &mut findings);
    }
    let mut homes: BTreeMap<String, &str> = BTreeMap::new();
    for package in &repository.packages {
        let manifest = &package.manifest;
        for section in ["dependencies", "dev-dependencies", "build-dependencies"] {
            for (name, own) in declared(manifest, &[section])? {
                if own {
                    continue;
                }
                let line = manifest.line_where(|line| opens_with(line, &name));
                let decided = HOMES.iter().find(|(library, _)| *library == name).map(|(_, rooms)| *rooms);
                if let Some(rooms) = decided {
                    if section != "dev-dependencies" && !rooms.contains(&&*package.name) {
                        let reason = format!("`{name}` lives in `{}` only", rooms.join("`, `"));
                        findings.push(Finding::new(&manifest.path, line, reason));
                    }
                } else if let Some(home) = homes.insert(name.clone(), &package.name)
                    && home != package.name
                {
                    let reason = format!(
                        "`{name}` already lives in `{home}`; a library that several rooms speak stands in the \
                         workspace's Cargo.toml with its reason"
                    );
                    findings.push(Finding::new(&manifest.path, line, reason));
                }
                reason(manifest, &name, &mut findings);
            }
        }
    }
    Ok(findings)
}

/// The dependencies of a section, and whether each is our own or taken from the workspace.
fn declared(manifest: &Text, section: &[&str]) -> Result<Vec<(String, bool)>, String> {
    let table: toml::Table = manifest.text.parse().map_err(|error| format!("{}: {error}", manifest.path))?;
    let mut found = Some(&table);
    for key in section {
        found = found.and_then(|table| table.get(*key)).and_then(toml::Value::as_table);
    }
    Ok(found
        .into_iter()
        .flatten()
        .map(|(name, value)| (name.clone(), value.get("path").is_some() || value.get("workspace").is_some()))
        .collect())
}

/// A declaration without a comment directly above it, or above the declarations it stands among, is a finding.
fn reason(manifest: &Text, name: &str, findings: &mut Vec<Finding>) {
    let line = manifest.line_where(|line| opens_with(line, name));
    let above = manifest.text.lines().take(line - 1).collect::<Vec<_>>();
    let commented = above
        .iter()
        .rev()
        .take_while(|line| !line.trim().is_empty() && !line.starts_with('['))
        .any(|line| line.starts_with('#'));
    if !commented {
        findings.push(Finding::new(&manifest.path, line, format!("`{name}` has no reason beside it")));
    }
}
