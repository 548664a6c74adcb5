//! What the compiler emits is accepted, and what is left of it after damage is not.

mod bench;
mod forms;
mod mutants;
mod texts;

use crate::{Dialect, GuardFound, Receipt, Violation, consent, read};
use mutants::Mutant;

fn words(violations: &[Violation]) -> Vec<String> {
    violations.iter().map(ToString::to_string).collect()
}

fn accepted(case: &bench::Case) -> Receipt {
    match crate::validate(&case.text, &case.demand) {
        Ok(receipt) => receipt,
        Err(violations) => panic!("{}: {:#?}", case.name, words(&violations)),
    }
}

#[test]
fn what_the_compiler_emits_is_accepted() {
    for (one, other) in bench::emitted().iter().zip(&bench::emitted_for(Dialect::Postgres)) {
        let receipt = accepted(one);
        assert_eq!(receipt.guards.is_empty(), one.name.starts_with("public"), "{}", one.name);
        let other = accepted(other);
        assert_eq!((&receipt.guards, &receipt.consent), (&other.guards, &other.consent), "{}", one.name);
    }
}

#[test]
fn a_receipt_names_guards_with_what_they_stand_on() {
    let all = bench::emitted();
    let case = all.iter().find(|case| case.name == "frequency of samples.f").expect("a case");
    let receipt = accepted(case);
    let call = receipt.guards.iter().find(|guard| guard.table == "genotype").expect("a guard of calls");
    assert_eq!(
        *call,
        GuardFound { name: "calls".into(), table: "genotype".into(), under: vec!["call_set_samples".into()] }
    );
    assert!(receipt.consent.contains(&("permitted".to_owned(), "permitted")));
    assert!(receipt.public.contains(&"variant".to_owned()));
}

/// The mutants of a case that are accepted, and the number of all.
fn survivors(case: &bench::Case, around: Option<&str>) -> (Vec<String>, usize) {
    let receipt = accepted(case);
    let dialect = case.demand.dialect;
    let original = read::as_written(&case.text, dialect).expect("a text");
    let whole = read::meant(original.clone(), dialect).expect("a text");
    let sections = consent::sections(&case.demand).expect("our own text");
    let (mut kept, mut count) = (Vec::new(), 0);
    let mut visit = |mutant: Mutant| {
        let statement = read::meant(mutant.statement, dialect);
        if statement.as_ref().ok() != Some(&whole) {
            count += 1;
            if statement.is_ok_and(|statement| crate::check(&statement, &case.demand, &sections).is_ok()) {
                kept.push(format!("{}: {}", case.name, mutant.words));
            }
        }
    };
    let guarded: Vec<&str> = receipt.guards.iter().map(|guard| guard.name.as_str()).collect();
    let consent: Vec<&str> = receipt.consent.iter().map(|(name, _)| name.as_str()).collect();
    let wanted = |name: &str| match around {
        None => guarded.contains(&name) || consent.contains(&name),
        Some(part) => guarded.contains(&name) || name.starts_with(part),
    };
    mutants::of_tables(&original, &wanted, &mut visit);
    let guards: Vec<(String, String)> =
        receipt.guards.iter().map(|guard| (guard.name.clone(), guard.table.clone())).collect();
    let fenced: Vec<&str> =
        original.tables.iter().filter(|table| table.fenced).map(|table| table.name.as_str()).collect();
    mutants::of_whole(&original, &guards, &fenced, &mut visit);
    (kept, count)
}

#[test]
fn no_damage_to_guards_and_consent_is_accepted() {
    no_damage_is_accepted(Dialect::DuckDb);
}

#[test]
fn no_damage_to_a_text_of_postgres_is_accepted() {
    no_damage_is_accepted(Dialect::Postgres);
}

fn no_damage_is_accepted(dialect: Dialect) {
    let (mut kept, mut count) = (Vec::new(), 0);
    for case in bench::emitted_for(dialect) {
        // The consent section is the same under all queries of one agreement: whole once, then what differs.
        let around = match case.name.as_str() {
            "cohort.t" => None,
            "narrowed.t" => Some("agreed_answer"),
            "consent at a date.t" => Some("consent_1"),
            "frequency of samples.f" | "trios.t" | "diseases.t" => Some("permitted"),
            _ => continue,
        };
        let (more, all) = survivors(&case, around);
        kept.extend(more);
        count += all;
    }
    eprintln!("{count} mutants, {} accepted", kept.len());
    assert_eq!(kept, [""; 0]);
    assert!(count > 4_000, "only {count} mutants were made");
}
