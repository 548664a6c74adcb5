//! Holds the page of attacks, `threats.md`, to the repository: every number is there once, what is said to be shown
//! is there to be run, and no case of `suite/threats` is forgotten on the page. The cases themselves run with the suite.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a workspace").to_owned()
}

/// A line of the page.
struct Attack {
    number: u32,
    state: String,
    shown: String,
}

fn attacks() -> Vec<Attack> {
    let page = fs::read_to_string(root().join("tests/threats.md")).expect("the page");
    page.lines()
        .filter_map(|line| {
            let cells: Vec<&str> =
                line.strip_prefix('|')?.strip_suffix('|')?.split('|').map(str::trim).collect();
            let [number, _, state, shown] = cells.as_slice() else { return None };
            Some(Attack {
                number: number.parse().ok()?,
                state: (*state).to_owned(),
                shown: (*shown).to_owned(),
            })
        })
        .collect()
}

/// The numbers of the cases in `suite/threats`.
fn cases() -> BTreeSet<u32> {
    let mut all = BTreeSet::new();
    for entry in fs::read_dir(root().join("tests/suite/threats")).expect("the cases") {
        let text = fs::read_to_string(entry.expect("a page").path()).expect("a page");
        for heading in text.lines().filter_map(|line| line.strip_prefix("## ")) {
            let digits: String = heading.chars().take_while(char::is_ascii_digit).collect();
            all.insert(digits.parse().expect("a heading begins with its number"));
        }
    }
    all
}

#[test]
fn every_attack_has_its_line() {
    let numbers: Vec<u32> = attacks().iter().map(|attack| attack.number).collect();
    assert_eq!(numbers, (1..=74).collect::<Vec<_>>());
}

#[test]
fn what_is_said_to_be_shown_is_there() {
    let cases = cases();
    for attack in attacks() {
        let Attack { number, state, shown } = &attack;
        let has_case = shown.split(';').any(|part| part.trim() == "case");
        assert_eq!(
            has_case,
            cases.contains(number),
            "{number}: the page and `suite/threats` disagree on a case"
        );
        let mut tests = 0;
        for reference in shown.split('`').skip(1).step_by(2).filter(|part| part.contains(".rs: ")) {
            let (file, function) = reference.split_once(": ").expect("a file and a function");
            let text = fs::read_to_string(root().join(file))
                .unwrap_or_else(|error| panic!("{number}: {file}: {error}"));
            assert!(text.contains(&format!("fn {function}(")), "{number}: {file} has no {function}");
            tests += 1;
        }
        match state.as_str() {
            "met" => assert!(has_case || tests > 0, "{number} is met by nothing"),
            "none" | "open" => assert!(shown.len() > 10, "{number} has no reason"),
            other => panic!("{number}: `{other}` is neither met, none nor open"),
        }
    }
}
