//! What an auditor does with the log: see, verify, sign its end, take it away.

use crate::BY_SEX;
use crate::project::Project;
use sha2::{Digest as _, Sha256};

#[test]
fn the_log_says_who_got_what_about_whom() {
    let project = Project::loaded();
    project.write("queries/by_sex.bq", BY_SEX);
    project.baseq(&["run", "queries/by_sex.bq", "-o", "out.csv"]).is(0);
    project.baseq(&["run", "queries/by_sex.bq", "--as", "json"]).is(3);
    let all = project.baseq(&["audit", "show"]).is(0).says("1 questions");
    for part in [
        "\"EXAMPLE\" version 1",
        "as of 2026-01-01",
        "subject (through subject)",
        "subject.sex",
        "in out.csv",
    ] {
        assert!(all.stdout.contains(part), "{part} is not in\n{}", all.stdout);
    }
    project.baseq(&["audit", "show", "--reads", "subject.sex", "--released"]).is(0).says("1 questions");
    project.baseq(&["audit", "show", "--reads", "diagnosis"]).is(0).says("0 questions");
    project.baseq(&["audit", "show", "--until", "2020-01-01"]).is(0).says("0 questions");
    project.baseq(&["audit", "show", "--agreement", "OTHER"]).is(0).says("0 questions");
    // The record holds the hash of the very bytes that were handed out.
    let outcome = project.baseq(&["audit", "show", "6"]).is(0);
    let hash = format!("{:x}", Sha256::digest(project.read("out.csv")));
    assert!(outcome.stdout.contains(&hash), "{hash} is not in\n{}", outcome.stdout);
    project.baseq(&["audit", "show", "99"]).is(2).says("has no record 99");
    let activity = project.baseq(&["activity"]).is(0);
    for part in ["load", "family.ped", "policy", "question", "released"] {
        assert!(activity.stdout.contains(part), "{part} is not in\n{}", activity.stdout);
    }
}

#[test]
fn a_checkpoint_finds_what_the_chain_alone_does_not() {
    let project = Project::loaded();
    project.write("queries/by_sex.bq", BY_SEX);
    project.baseq(&["run", "queries/by_sex.bq"]).is(0);
    project.baseq(&["key", "auditor.key"]).is(0);
    project.baseq(&["key", "auditor.key"]).is(2).says("never written over");
    project.baseq(&["key", "other.key"]).is(0);
    project.baseq(&["audit", "checkpoint", "--key", "auditor.key", "-o", "end.json"]).is(0);
    let verify = ["audit", "verify", "--checkpoint", "end.json", "--key", "auditor.key.pub"];
    project.baseq(&verify).is(0);
    // The log may grow.
    project.baseq(&["run", "queries/by_sex.bq"]).is(0);
    project.baseq(&verify).is(0);
    project
        .baseq(&["audit", "verify", "--checkpoint", "end.json", "--key", "other.key.pub"])
        .is(1)
        .says("not signed");
    let log = project.read("audit.jsonl");
    // Cut at a line end: the chain is whole, and the checkpoint is gone.
    let cut: String = log.split_inclusive('\n').take(4).collect();
    project.write("audit.jsonl", &cut);
    project.baseq(&["audit", "verify"]).is(0);
    project.baseq(&verify).is(1).says("later lines are missing");
    // One byte in the middle.
    project.write(
        "audit.jsonl",
        &log.replacen("female", "famale", 1).replacen("GRANT", "grant", 1).replacen(
            "family.ped",
            "famjly.ped",
            1,
        ),
    );
    project.baseq(&["audit", "verify"]).is(1).says("a byte was changed");
    project.baseq(&["run", "queries/by_sex.bq"]);
    project.baseq(&["audit", "show"]).is(1);
}

#[test]
fn the_log_leaves_as_csv_and_as_fhir() {
    let project = Project::loaded();
    project.write("queries/by_sex.bq", BY_SEX);
    project.baseq(&["run", "queries/by_sex.bq"]).is(0);
    let table = project.baseq(&["audit", "export"]).is(0);
    assert_eq!(
        table.stdout.lines().count(),
        1 + 3 + 1 + 1,
        "headings, loads, policy, question: {}",
        table.stdout
    );
    project.baseq(&["audit", "export", "--as", "fhir", "-o", "audit.ndjson"]).is(0);
    let events: Vec<serde_json::Value> =
        project.read("audit.ndjson").lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(events.len(), 1);
    assert_eq!((&events[0]["resourceType"], &events[0]["outcome"]), (&"AuditEvent".into(), &"0".into()));
}
