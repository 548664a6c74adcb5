//! Every Rust file says what it is, and none is so long that it must be two.

use crate::repository::{Finding, Repository};

/// More than twice what one thought takes.
const LONGEST: usize = 700;

pub(crate) fn check(repository: &Repository) -> Vec<Finding> {
    let mut findings = Vec::new();
    for source in &repository.sources {
        if !source.text.starts_with("//!") {
            let reason = "does not open with `//!`: what it is, why, and what it does not do";
            findings.push(Finding::new(&source.path, 1, reason));
        }
        let lines = source.lines().count();
        if lines > LONGEST {
            let reason = format!("{lines} lines; a file of more than {LONGEST} holds more than one thought");
            findings.push(Finding::new(&source.path, LONGEST + 1, reason));
        }
    }
    findings
}
