//! `baseq test`: exit codes, both formats, and that neither warehouse nor agreement is needed.

use crate::project::Project;

const RIGHT: &str = "as of 2024-07-01
cohort women = from subjects where sex = female
test \"women\" {
  subject s1 { sex = female }
  subject s2 { sex = male }
  expect women = [s1]
}
";

#[test]
fn tests_run_without_a_warehouse_and_without_an_agreement() {
    let project = Project::new();
    project.write("queries/right.bq", RIGHT);
    let gave = project.baseq(&["test", "queries/right.bq"]).is(0);
    assert_eq!(gave.stdout, "ok     queries/right.bq:3: women\n");
    assert_eq!(gave.stderr, "1 test run, 0 failed\n");
}

#[test]
fn a_test_that_fails_shows_what_came_and_ends_with_1() {
    let project = Project::new();
    project.write("queries/wrong.bq", &RIGHT.replace("[s1]", "[s1, s2]"));
    let gave = project.baseq(&["test", "queries/wrong.bq"]).is(1);
    assert!(gave.stdout.starts_with("FAILED queries/wrong.bq:3: women"), "{}", gave.stdout);
    for words in ["[E0830]", "expected   got", "! s2"] {
        assert!(gave.stderr.contains(words), "{}", gave.stderr);
    }
    let gave = project.baseq(&["test", "queries/wrong.bq", "--format", "json"]).is(1);
    let read: serde_json::Value = serde_json::from_str(&gave.stdout).unwrap();
    assert_eq!(read["tests"][0]["passed"], false);
    assert_eq!(read["tests"][0]["failures"][0]["code"], "E0830");
}
