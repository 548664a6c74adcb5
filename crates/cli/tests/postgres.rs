//! The demo on Postgres: the same commands, and the same bytes as on DuckDB.

#![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]

use std::path::Path;
use std::process::{Command, Output};

fn baseq(folder: &Path, words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_baseq"))
        .args(words)
        .current_dir(folder)
        .env_remove("PGPASSWORD")
        .output()
        .unwrap()
}

fn well(folder: &Path, words: &[&str]) -> String {
    let output = baseq(folder, words);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "baseq {}: {said}", words.join(" "));
    String::from_utf8(output.stdout).unwrap()
}

/// What was answered. Pseudonyms are made with a key that every installation of a policy draws, and rows stand
/// in their order: they are left out, and the rows sorted.
fn told(output: &Output) -> Vec<String> {
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let named = |word: &str| word.len() == 32 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !text.lines().any(|line| line.split(',').any(named)) {
        return vec![text];
    }
    let masked = |line: &str| {
        let cells = line.split(',').map(|cell| if named(cell) { "somebody" } else { cell });
        cells.collect::<Vec<_>>().join(",")
    };
    let mut lines: Vec<String> = text.lines().map(masked).collect();
    lines.sort();
    lines
}

#[test]
fn the_whole_demo_gives_the_same_bytes_on_both_engines() {
    let Some(cluster) = cluster::for_test() else { return };
    let url = cluster.database_of_place("demo", "en-US").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (one, other) = (folder.path().join("duckdb"), folder.path().join("postgres"));
    well(folder.path(), &["demo", one.to_str().unwrap()]);
    well(folder.path(), &["demo", other.to_str().unwrap(), "--warehouse", &url]);
    let settings = std::fs::read_to_string(other.join("baseq.toml")).unwrap();
    assert!(settings.contains(&url), "{settings}");

    // The same tables, vocabularies, policy and names.
    let read = |folder: &Path| std::fs::read_to_string(folder.join("baseq.lock")).unwrap();
    assert_eq!(read(&one), read(&other));
    assert_eq!(well(&one, &["schema", "check"]), well(&other, &["schema", "check"]));

    let mut asked = 0;
    for (query, _) in demo::PROJECT.iter().filter(|(path, _)| path.starts_with("queries/")) {
        let words = ["run", query, "--as", "csv"];
        let (left, right) = (baseq(&one, &words), baseq(&other, &words));
        let said = |output: &Output| String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(left.status.code(), right.status.code(), "{query}: {}\n{}", said(&left), said(&right));
        assert_eq!(told(&left), told(&right), "{query}");
        asked += usize::from(left.status.success());
    }
    assert!(asked > 15, "only {asked} answers were compared");

    // What was loaded is not loaded again, and what was asked was recorded.
    let again = |folder: &Path| well(folder, &["load", "pedigree", "sources/family.ped"]);
    let said = again(&other);
    assert!(said.contains("was loaded before; nothing was done"), "{said}");
    assert_eq!(said, again(&one));
    well(&other, &["audit", "verify"]);
    let log = well(&other, &["audit", "show", "--format", "json"]);
    assert!(log.contains("postgres 1"), "{log}");
}

#[test]
fn a_server_that_is_not_there_is_said_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    well(folder.path(), &["init", "."]);
    let refused = |url: &str| {
        let output = baseq(folder.path(), &["schema", "pull", "--warehouse", url]);
        assert!(!output.status.success());
        String::from_utf8(output.stderr).unwrap()
    };
    let said = refused("postgres://me@127.0.0.1:1/db");
    assert!(said.contains("E0805") && said.contains("check host and port"), "{said}");
    let said = refused("postgres://me:secret@127.0.0.1:1/db");
    assert!(said.contains("E0871") && !said.contains("secret"), "{said}");
    let Some(cluster) = cluster::for_test() else { return };
    let said = refused(&cluster.url("no_such_database"));
    assert!(said.contains("E0805") && said.contains("createdb"), "{said}");
}
