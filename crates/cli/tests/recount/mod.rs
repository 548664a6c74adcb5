//! The examples counted again, by plain loops over the demo's source files.
//!
//! What is asked of whom is decided by the policy crate's own evaluator; everything else is read and counted here, by
//! code that shares nothing with loaders, compiler, plans and engine. The numbers are then released by the rules as
//! the agreement words them (`released`) and compared with what `baseq run` prints.

mod alleles;
mod cohorts;
mod consents;
mod files;
mod genotypes;
pub(crate) mod made;
mod people;
mod released;
mod trios;

use files::{Files, Row};
use genotypes::Genotypes;
use made::Demo;
use std::sync::OnceLock;

fn demo() -> &'static Demo {
    Demo::made()
}

fn files() -> &'static Files {
    static READ: OnceLock<Files> = OnceLock::new();
    READ.get_or_init(|| Files::read(demo()))
}

fn genotypes() -> &'static Genotypes {
    static READ: OnceLock<Genotypes> = OnceLock::new();
    READ.get_or_init(|| Genotypes::read(demo()))
}

/// The released rows of a table or report of an example.
fn rows(example: &str, name: &str) -> Vec<Row> {
    let gave = demo().baseq(&["run", &format!("queries/{example}"), name, "--as", "csv"]);
    assert!(gave.success, "{example}: {}", gave.stderr);
    csv::Reader::from_reader(gave.stdout.as_bytes()).deserialize().map(|row| row.unwrap()).collect()
}
