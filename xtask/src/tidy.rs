//! The rules of the house that no compiler checks, one module each.

mod arrows;
pub(crate) mod codes;
mod libraries;
mod readme;
mod sources;

use crate::codegen;
use crate::repository::{Finding, Repository};

/// All findings of all rules.
pub(crate) fn check(repository: &Repository) -> Result<Vec<Finding>, String> {
    let mut findings = sources::check(repository);
    findings.extend(arrows::check(repository)?);
    findings.extend(libraries::check(repository)?);
    findings.extend(codes::check(repository));
    findings.extend(readme::check(repository)?);
    findings.extend(codegen::check(repository)?);
    findings.extend(crate::mutants::fits(repository)?);
    findings.extend(crate::sentences::fits(repository)?);
    Ok(findings)
}
