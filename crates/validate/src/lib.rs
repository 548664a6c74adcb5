//! The second reader of every text that runs: does it hold the guards that the policy demands?
//!
//! [`validate`] takes the text of a statement and nothing else that the compiler made of the query. It
//! parses the text, reads it into a small closed tree, and checks it against a [`Demand`] made from the
//! model and the grounds (consent-and-policy.md section 5, "Translation validation"). It shares no code with
//! the lowering and the printer: the consent section, the guards and the list of functions are stated here
//! once more, in other words. A text that fails is a mistake of the compiler and is never run.
//!
//! What it does not check: whether the conditions of a query were translated as they were meant. That is
//! the work of the tests that compare engines and the evaluator.

mod consent;
mod demand;
mod functions;
mod guard;
mod literal;
mod names;
mod normal;
mod outcome;
mod read;
mod total;
mod tree;
mod violation;

#[cfg(test)]
mod tests;

pub use demand::{Above, ConsentDemand, Demand, Dialect, Hop, ResultDemand, TableDemand, TableLinkage};
pub use violation::{GuardFound, Receipt, Rule, Violation};

use tree::Statement;
use violation::Violations;

/// Checks a text against what is demanded of it.
///
/// # Errors
/// Every rule that it breaks, in order and without repetitions.
pub fn validate(text: &str, demand: &Demand) -> Result<Receipt, Vec<Violation>> {
    let statement = read::read(text, demand.dialect)?;
    let sections = consent::sections(demand).map_err(|one| vec![one])?;
    check(&statement, demand, &sections)
}

fn check(
    statement: &Statement,
    demand: &Demand,
    sections: &consent::Sections,
) -> Result<Receipt, Vec<Violation>> {
    let mut violations = Violations::default();
    let names = names::Names::new(statement, demand);
    names.check(&mut violations);
    let members = demand.result.as_ref().is_some_and(|result| result.members);
    functions::check(statement, members, &mut violations);
    total::check(statement, &mut violations);
    literal::check(statement, &mut violations);
    outcome::check(statement, demand, &mut violations);
    let consent = consent::find(statement, &names, sections);
    let guards = guard::find(statement, &names, demand, &consent, &mut violations);
    consent::check(statement, &names, demand, &consent, &|place| guards.is(place), &mut violations);
    if violations.0.is_empty() {
        let public = names.public();
        return Ok(Receipt { guards: guards.found, consent: consent.found(statement), public });
    }
    let mut all = violations.0;
    all.sort();
    all.dedup();
    Err(all)
}
