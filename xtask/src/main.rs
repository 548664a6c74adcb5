//! The chores of the repository: `cargo xtask codegen [--check]` writes the generated files, `cargo xtask tidy`
//! holds the sources to the rules that no compiler knows; `cargo xtask mutants [WORDS]` breaks one thing at a time and
//! sees whether the tests notice, and `cargo xtask sentences [WORDS]` does so with every sentence of what the language
//! means. What it prints is one `file:line: reason` per finding.

mod codegen;
mod copied;
mod listed;
mod mutants;
mod repository;
mod sentences;
mod tidy;

use std::process::ExitCode;

use repository::{Finding, Repository};

const USAGE: &str = "usage: cargo xtask codegen [--check]
       cargo xtask tidy
       cargo xtask mutants [WORDS]
       cargo xtask sentences [WORDS]";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let chore: fn(&Repository) -> Result<Vec<Finding>, String> = match words[..] {
        ["codegen"] => codegen::write,
        ["codegen", "--check"] => codegen::check,
        ["tidy"] => tidy::check,
        ["mutants"] | ["mutants", _] => |repository| mutants::run(repository, &words_of_name()),
        ["sentences"] | ["sentences", _] => |repository| sentences::run(repository, &words_of_name()),
        _ => {
            say(USAGE);
            return ExitCode::from(2);
        }
    };
    match Repository::read().and_then(|repository| chore(&repository)) {
        Ok(findings) if findings.is_empty() => ExitCode::SUCCESS,
        Ok(mut findings) => {
            findings.sort();
            for finding in &findings {
                say(&finding.to_string());
            }
            ExitCode::FAILURE
        }
        Err(reason) => {
            say(&reason);
            ExitCode::from(2)
        }
    }
}

/// What the names of the things to break must hold; all do where nothing is written.
fn words_of_name() -> String {
    std::env::args().nth(2).unwrap_or_default()
}

#[expect(clippy::print_stderr, reason = "a chore speaks to the person who called it")]
pub(crate) fn say(line: &str) {
    eprintln!("{line}");
}
