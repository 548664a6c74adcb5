//! `baseq save`, `baseq list` and `baseq run @NAME`.

use crate::BY_SEX;
use crate::project::Project;
use serde_json::Value;

/// The state of a saved query, as `baseq list` says it.
fn state(project: &Project, name: &str) -> Value {
    let all: Value =
        serde_json::from_str(&project.baseq(&["list", "--format", "json"]).is(0).stdout).unwrap();
    all.as_array().unwrap().iter().find(|state| state["name"] == name).unwrap().clone()
}

#[test]
fn a_saved_query_is_run_by_its_name() {
    let project = Project::loaded();
    project.baseq(&["list"]).is(0).says("no query is saved");
    let older = "param youngest: duration = 18 years\n\
        cohort older = from subjects where age >= youngest\n\
        table how_many = from older show people = count(subjects)\n";
    project.write("queries/by_sex.bq", &format!("{BY_SEX}{older}"));
    let save = |name: &str, table: &str, more: &[&str]| {
        let mut arguments = vec!["save", name, "queries/by_sex.bq", table];
        arguments.extend(more);
        project.baseq(&arguments)
    };
    save("by_sex", "by_sex", &[]).is(0);
    save("old", "how_many", &["--param", "youngest=200 years"]).is(0);
    assert_eq!(state(&project, "by_sex")["last"], Value::Null);

    let by_sex = project.baseq(&["run", "@by_sex", "--as", "csv"]).is(0);
    assert_eq!(by_sex.stdout, "sex,people\r\nfemale,25\r\nmale,25\r\nunknown,0\r\n");
    assert_eq!(by_sex.stderr, "");
    // Saved values hold, and what is given here holds over them.
    assert_eq!(project.baseq(&["run", "@old", "--as", "csv"]).is(0).stdout, "people\r\n<10\r\n");
    let given = ["run", "@old", "--as", "csv", "--param", "youngest=30 years"];
    assert_eq!(project.baseq(&given).is(0).stdout, "people\r\n50\r\n");
    // The run with other values is not the last one of the saved query, nor is that of another table.
    let last = |name: &str| state(&project, name)["last"]["sequence"].as_u64().unwrap();
    assert!(last("by_sex") < last("old"));
    assert_eq!(state(&project, "old")["last"]["ended"], "released");
    let records = project.read("audit.jsonl").lines().count() as u64;
    assert_eq!(last("old"), records - 3, "two records for each run, and one more run after it");

    // Nor is that of another table with the same values.
    let before = last("by_sex");
    save("all", "how_many", &[]).is(0);
    project.baseq(&["run", "@all"]).is(0);
    assert_eq!(last("by_sex"), before);
    assert!(last("all") > last("old"));

    project.baseq(&["run", "@by_sx"]).is(2).says("`by_sex` is near");
    project.baseq(&["run", "@by_sex", "by_sex"]).is(2);
    save("by sex", "by_sex", &[]).is(2).says("E0856");
    save("none", "by_sx", &[]).is(2).says("E0809");
    save("wrong", "how_many", &["--param", "youngest=red"]).is(1);
    save("by_sex", "by_sex", &[]).is(0).says("saved anew");
}

#[test]
fn a_saved_query_goes_stale() {
    let project = Project::loaded();
    project.write("queries/women.bq", "cohort women = from subjects where sex = female\n");
    let program = "use agreement \"EXAMPLE\"\nas of 2026-01-01\nimport \"women.bq\" (women)\n\
        table n = from women show n = count(subjects)\n";
    project.write("queries/n.bq", program);
    project.baseq(&["save", "n", "queries/n.bq", "n"]).is(0);
    project.baseq(&["run", "@n"]).is(0);
    let stale = || state(&project, "n")["stale"].to_string();
    assert_eq!(stale(), "[]");
    assert_eq!(state(&project, "n")["last"]["changed_since"], false);

    project.write("queries/n.bq", &program.replace("show n =", "show  n = -- laid out anew\n"));
    assert_eq!(stale(), "[\"text\"]");
    project.baseq(&["run", "@n"]).is(0).says("`n` is stale: since it was saved, other text");
    project.write("queries/n.bq", &program.replace("show n", "show   n"));
    assert_eq!(stale(), "[]", "white space is no change");
    project.write("queries/women.bq", "cohort women = from subjects where sex = male\n");
    assert_eq!(stale(), "[\"imports\"]");
    project.write("queries/women.bq", "cohort women = from subjects where sex = femal\n");
    assert!(stale().contains("femal"), "{}", stale());
    project.write("queries/women.bq", "cohort women = from subjects where sex = female\n");

    // Another policy, installed and pinned.
    let policy = project.read("policy/example.bq");
    project.write(
        "policy/example.bq",
        &policy.replace("version 1", "version 2").replace("min subjects 10", "min subjects 15"),
    );
    project.baseq(&["policy", "install"]).is(0);
    project.baseq(&["schema", "pull"]).is(0);
    assert_eq!(stale(), "[\"policy\"]");
    assert_eq!(state(&project, "n")["last"]["changed_since"], true);
    let told = project.baseq(&["list"]).is(0);
    assert!(told.stdout.contains("stale: policy"), "{}", told.stdout);
    // Another list of codes.
    project.write("hp2.obo", &project.read("hp.obo").replace("2026-01-01", "2026-02-01"));
    project.baseq(&["load", "ontology", "hp2.obo", "--replace"]).is(0);
    project.baseq(&["schema", "pull"]).is(0);
    assert_eq!(stale(), "[\"inputs\",\"policy\"]");
    project.baseq(&["save", "n", "queries/n.bq", "n"]).is(0);
    assert_eq!(stale(), "[]");
}
