//! Lints: what a program says that its author probably did not mean, as warnings.
//!
//! [`lint`] looks at a program that checks, and says where a rule cannot be true, has no effect or reads as
//! something else was meant. It proves before it speaks: a warning about rules follows from the rules alone and
//! holds for every warehouse. It changes nothing; whether a warning stops a build is the caller's decision.
//!
//! A comment `-- allow W0106: why` before an item or clause, or at the end of a line, keeps a warning quiet
//! there; see `allow`.

mod allow;
mod codes;
mod comparisons;
mod facts;
mod forms;
mod names;
mod rules;
mod tables;
mod values;

use diag::Diagnostic;
use jiff::civil::Date;
use model::Model;
use policy::{PolicySet, ReleaseRules};
use syntax::Parsed;
use types::{Query, Vocabulary};

/// A program that was checked, and what it stands on.
#[derive(Clone, Copy)]
pub struct Input<'a> {
    /// The model.
    pub model: &'a Model,
    /// Codes and their ancestors.
    pub vocabulary: &'a dyn Vocabulary,
    /// The program.
    pub main: &'a Parsed,
    /// What the check made of it.
    pub query: &'a Query,
    /// The policy, if there is one.
    pub policy: Option<&'a PolicySet>,
    /// U, the day of use.
    pub used_on: Date,
    /// Codes that the project allows everywhere.
    pub allow: &'a [String],
}

impl std::fmt::Debug for Input<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Input").field("model", &self.model.name).finish_non_exhaustive()
    }
}

impl Input<'_> {
    /// The release rules of the agreements that the program names, the greatest threshold of each.
    fn release(&self) -> Option<ReleaseRules> {
        let named = &self.query.uses.as_ref()?.agreements;
        let mut rules = named
            .iter()
            .filter_map(|(name, _)| self.policy?.agreements.get(name))
            .map(|agreement| agreement.release.clone());
        let first = rules.next()?;
        Some(rules.fold(first, |mut all, one| {
            all.min_subjects = all.min_subjects.max(one.min_subjects);
            all.frequency_min_subjects = all.frequency_min_subjects.max(one.frequency_min_subjects);
            all
        }))
    }
}

/// All warnings about a program, sorted. Of a program with errors nothing is asked.
pub fn lint(input: &Input<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    names::lint(input, &mut found);
    codes::lint(input, &mut found);
    forms::lint(input, &mut found);
    rules::lint(input, &mut found);
    comparisons::lint(input, &mut found);
    tables::lint(input, &mut found);
    // What an imported file says is its own matter.
    let here = input.main.tape.file();
    found.retain(|diagnostic| diagnostic.range().is_some_and(|range| range.file == here));
    let mut found = allow::apply(input, found);
    diag::sort(&mut found);
    found
}
