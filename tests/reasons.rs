//! How many different mistakes the suite shows: a diagnostic is told apart by its code, its message and what it
//! says of its place, without the names, numbers and texts of the program at hand.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use tests::{Compiler as _, Front};

/// The suite shows at least so many.
const WANTED: usize = 300;

#[test]
fn the_suite_shows_three_hundred_different_mistakes() {
    let front = Front::new().expect("the model of the library");
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut pages = Vec::new();
    for folder in ["suite", "../crates/diag/codes"] {
        walk(&here.join(folder), &mut pages);
    }
    let mut reasons = BTreeSet::new();
    for page in pages {
        let name = page.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let shown =
            if page.starts_with(here.join("suite")) { name } else { format!("crates/diag/codes/{name}") };
        let text = std::fs::read_to_string(&page).expect("a page");
        for case in spec::read(&shown, &text).expect("a page of cases") {
            for diagnostic in front.check(&case).diagnostics {
                let label = diagnostic.labels.first().map_or("", |label| label.text.as_str());
                reasons.insert((diagnostic.code.0, shape(&diagnostic.message), shape(label)));
            }
        }
    }
    // Parts that are not built are no mistakes.
    reasons.retain(|(code, ..)| *code != "E0901");
    assert!(reasons.len() >= WANTED, "{} different mistakes, and {WANTED} are wanted", reasons.len());
}

/// A text without what stands in quotes of any kind, and without numbers.
fn shape(text: &str) -> String {
    let mut shape = String::new();
    let mut until = None;
    for letter in text.chars() {
        match until {
            Some(end) if letter == end => until = None,
            Some(_) => {}
            None if letter == '`' || letter == '"' => {
                shape.push('…');
                until = Some(letter);
            }
            None if letter.is_ascii_digit() => {
                if !shape.ends_with('0') {
                    shape.push('0');
                }
            }
            None => shape.push(letter),
        }
    }
    shape
}

fn walk(folder: &Path, pages: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder of cases") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            walk(&path, pages);
        } else if path.extension().is_some_and(|kind| kind == "md")
            && path.file_name().is_some_and(|name| name != "README.md")
        {
            pages.push(path);
        }
    }
}

#[test]
fn names_and_numbers_do_not_tell_mistakes_apart() {
    assert_eq!(shape("`a` is \"x y\", not 12.5"), "… is …, not 0.0");
    assert_ne!(shape("`a` is a row"), shape("`a` is a set"));
}
