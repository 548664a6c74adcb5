//! The tour on the demo's warehouse: the rows that its README shows, and counts of the same questions by plain loops
//! over the source files (`recount`), which go through no compiler and no database.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so")]

mod asked;
mod recount;

use recount::made::Demo;
use std::fs;
use std::path::{Path, PathBuf};

fn tour() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples")
}

/// Lines of an answer that the README shows.
const SHOWN: usize = 16;
/// What stands for pseudonyms, which differ from warehouse to warehouse.
const PSEUDONYM: &str = "one-pseudonym-for-every-question";

/// The beginning of an answer, with pseudonyms that are the same everywhere.
fn beginning(answer: &str) -> String {
    let all: Vec<&str> = answer.lines().collect();
    let mut shown: Vec<String> = all.iter().take(SHOWN).map(|line| masked(line)).collect();
    if all.len() > SHOWN {
        shown.push("…".into());
    }
    shown.join("\n") + "\n"
}

fn masked(line: &str) -> String {
    let words = line.split(' ').map(|word| {
        let pseudonym = word.len() == PSEUDONYM.len() && word.chars().all(|one| one.is_ascii_hexdigit());
        if pseudonym { PSEUDONYM } else { word }
    });
    words.collect::<Vec<_>>().join(" ").trim_end().to_owned()
}

/// The README with the block under each heading filled in by the answer of its file.
fn filled(readme: &str, answer: impl Fn(&str) -> String) -> String {
    let (mut text, mut heading, mut inside) = (String::new(), String::new(), false);
    for line in readme.lines() {
        if let Some(name) = line.strip_prefix("## ") {
            name.clone_into(&mut heading);
        }
        if inside && line != "```" {
            continue;
        }
        text += line;
        text.push('\n');
        inside = line == "```text";
        if inside {
            text += &answer(&heading);
        }
    }
    text
}

#[test]
fn the_readme_shows_each_question_and_the_first_rows() {
    let path = tour().join("README.md");
    let readme = fs::read_to_string(&path).unwrap();
    let demo = Demo::made();
    let now = filled(&readme, |name| {
        let gave = demo.baseq(&["run", &format!("queries/{name}")]);
        assert_eq!(gave.success, !name.ends_with("_refused.bq"), "{name}: {}", gave.stderr);
        beginning(if gave.success { &gave.stdout } else { &gave.stderr })
    });
    for entry in fs::read_dir(tour()).unwrap() {
        let file = entry.unwrap().path();
        if file.extension().is_none_or(|ending| ending != "bq") {
            continue;
        }
        let (name, program) =
            (file.file_name().unwrap().to_str().unwrap(), fs::read_to_string(&file).unwrap());
        let question = program.lines().next().and_then(|line| line.strip_prefix("--| ")).unwrap();
        assert!(readme.contains(&format!("## {name}\n{question}\n")), "the README asks not what {name} asks");
        assert!(program.lines().count() <= 25, "{name} is long");
    }
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, &now).unwrap();
    }
    assert!(readme == now, "examples/README.md shows other rows; BLESS=1 writes those that came");
    let gave = demo.baseq(&["fmt", "--check", "queries"]);
    assert!(gave.success, "{}", gave.stdout);
}

#[test]
fn the_first_page_shows_what_comes() {
    let readme = fs::read_to_string(tour().join("../README.md")).unwrap();
    let demo = Demo::made();
    let program = fs::read_to_string(demo.path("queries/05_hba1c.bq")).unwrap();
    assert!(readme.contains(&format!("```bq\n{program}```")), "the program");
    let gave = demo.baseq(&["run", "queries/05_hba1c.bq"]);
    assert!(readme.contains(&format!("```text\n{}```", gave.stdout)), "{}", gave.stdout);
    let refused = demo.baseq(&["run", "queries/24_refused.bq"]).stderr;
    let first = refused.split("\n\n").next().unwrap();
    assert!(readme.contains(&format!("```text\n{first}\n```")), "{first}");
}

/// Definitions of the standard library are tried on people made up; what they need of ontologies the demo has.
#[test]
fn the_examples_of_the_library_hold() {
    let gave = Demo::made().baseq(&["test", "queries", "--library"]);
    assert!(gave.success, "{}{}", gave.stdout, gave.stderr);
    let names = ["loss_of_function", "missense", "synonymous", "hba1c", "diabetic"];
    assert!(names.iter().all(|name| gave.stdout.contains(&format!(": {name}\n"))), "{}", gave.stdout);
}

#[test]
fn every_question_has_its_words() {
    let path = tour().join("methods.md");
    let demo = Demo::made();
    let mut files: Vec<String> = fs::read_dir(tour())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "bq"))
        .map(|path| path.file_name().unwrap().to_str().unwrap().to_owned())
        .filter(|name| !name.ends_with("_refused.bq"))
        .collect();
    files.sort();
    let mut now =
        "# The questions in English\n\nWhat `baseq describe` says of each program of this folder.\n"
            .to_owned();
    for name in files {
        let gave = demo.baseq(&["describe", &format!("queries/{name}")]);
        assert!(gave.success, "{name}: {}", gave.stderr);
        now.extend(["\n# ", &name, "\n\n", &gave.stdout]);
    }
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, &now).unwrap();
    }
    let before = fs::read_to_string(&path).unwrap_or_default();
    assert!(before == now, "examples/methods.md says other words; BLESS=1 writes those that came");
}
