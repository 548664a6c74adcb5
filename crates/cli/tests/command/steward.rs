//! What a steward does: see what a draft changes, sign what widens, trust another steward.

use crate::project::Project;

/// The example policy with another number of people, as a new version.
fn version(project: &Project, number: u32, min_subjects: u32) -> String {
    project
        .read("policy/example.bq")
        .replace("version 1", &format!("version {number}"))
        .replace("min subjects 10", &format!("min subjects {min_subjects}"))
}

#[test]
fn what_widens_needs_the_signature_of_a_trusted_steward() {
    let project = Project::loaded();
    for name in ["ada", "ben", "eve"] {
        project.baseq(&["key", name]).is(0);
    }
    project.baseq(&["policy", "diff"]).is(0).says("nothing changes");
    project.baseq(&["policy", "check"]).is(0);
    let (strict, loose, looser) =
        (version(&project, 2, 20), version(&project, 3, 10), version(&project, 4, 5));
    // The first key is taken as it comes; the next one needs the signature of the first.
    project.baseq(&["policy", "trust", "ada.pub"]).is(0);
    project.baseq(&["policy", "trust", "eve.pub"]).is(3).says("E0817");
    project.baseq(&["policy", "trust", "eve.pub", "--key", "eve"]).is(3);

    // Narrowing is free.
    project.write("policy/example.bq", &strict);
    let diff = project.baseq(&["policy", "diff"]).is(0).says("no signature is needed");
    assert!(diff.stdout.contains("narrows  \"EXAMPLE\": min subjects 20, was 10"), "{}", diff.stdout);
    project.baseq(&["policy", "install"]).is(0);
    project.baseq(&["schema", "pull"]).is(0);

    // Widening is not, neither without a signature nor with somebody's.
    project.write("policy/example.bq", &loose);
    project.baseq(&["policy", "diff"]).is(0).says("signature is needed");
    project.baseq(&["policy", "install"]).is(3).says("E0817");
    project.baseq(&["policy", "install", "--key", "eve"]).is(3).says("does not trust");
    project.baseq(&["policy", "install", "--key", "ada"]).is(0).says("signed by baseq-public-key");
    project.baseq(&["schema", "pull"]).is(0);

    // A steward vouches for another, who may then sign.
    project.baseq(&["policy", "trust", "ben.pub", "--key", "ada"]).is(0);
    project.write("policy/example.bq", &looser);
    project.baseq(&["policy", "install", "--key", "ben"]).is(0);
    // And never back, signed or not.
    project.write("policy/example.bq", &strict);
    project.baseq(&["policy", "install", "--key", "ada"]).is(3).says("never goes back");
    // Nor by way of a policy that does not have the agreement at all.
    let other = looser.replace("\"EXAMPLE\"", "\"OTHER\"");
    project.write("policy/example.bq", &other);
    project.baseq(&["policy", "install", "--key", "ada"]).is(0);
    project.write("policy/example.bq", &strict);
    project.baseq(&["policy", "install", "--key", "ada"]).is(3).says("never goes back to 2");
    let log = project.baseq(&["activity"]).is(0);
    assert_eq!(log.stdout.matches("steward").count(), 2, "{}", log.stdout);
    project.baseq(&["audit", "verify"]).is(0);
}

/// The standard model, but for some words.
fn model(project: &Project, from: &str, to: &str) {
    let text = include_str!("../../../../stdlib/models/genomics.bq");
    assert!(text.contains(from), "{from}");
    project.write("mine.bq", &text.replace(from, to));
    let settings = project.read("baseq.toml");
    let named = format!("{settings}\n").replace("model = \"genomics\"", "model = \"mine.bq\"");
    project.write("baseq.toml", &named);
}

const PEOPLE_BY_SEX: &str = "use agreement \"EXAMPLE\"\nas of 2026-01-01\n\
                             table t = from subjects group by sex show n = count(subjects)\n";

#[test]
fn a_project_does_not_say_which_rows_belong_to_people() {
    let project = Project::loaded();
    for name in ["ada", "eve"] {
        project.baseq(&["key", name]).is(0);
    }
    project.baseq(&["policy", "trust", "ada.pub"]).is(0);
    project.write("queries/t.bq", PEOPLE_BY_SEX);
    let expected = project.baseq(&["run", "queries/t.bq", "--as", "csv"]).is(0).stdout;

    // The same model in other layout is the same model.
    model(&project, "--| A person: the unit of consent", "-- Somebody.\n\n--| A person: the unit of consent");
    let same = project.baseq(&["run", "queries/t.bq", "--as", "csv"]).is(0);
    assert_eq!(same.stdout, expected);

    // One in which nobody's death hides anything, or measurements belong to nobody, is not.
    for (from, to, words) in [
        (
            "entity measurement (measurements) from table measurement key measurement_id\n  linkage of subject via subject",
            "entity measurement (measurements) from table measurement key measurement_id\n  linkage public",
            "`measurement`: linkage public, was of subjects via subject",
        ),
        (" died death_date", "", "`subject` no longer says died death_date"),
        (
            "  birth_date   : date? quasi",
            "  birth_date   : date? public",
            "`subject.birth_date` is public, was quasi",
        ),
    ] {
        model(&project, from, to);
        let gave = project
            .baseq(&["run", "queries/t.bq", "--as", "csv"])
            .is(3)
            .says("is not the one that the steward installed");
        assert!(gave.stdout.is_empty());
        let diff = project.baseq(&["policy", "diff"]).is(0).says("signature is needed");
        assert!(diff.stdout.contains(words), "{}", diff.stdout);
        project.baseq(&["policy", "install"]).is(3).says("no steward has signed it");
    }
    // A stricter label needs nobody's signature, and then holds.
    model(&project, "  birth_date   : date? quasi", "  birth_date   : date? sensitive");
    project.baseq(&["policy", "diff"]).is(0).says("no signature is needed");
    project.baseq(&["policy", "install"]).is(0);
    project.baseq(&["schema", "pull"]).is(0);
    project.baseq(&["run", "queries/t.bq", "--as", "csv"]).is(0);
}

#[test]
fn a_policy_that_came_by_another_door_is_not_used() {
    let project = Project::loaded();
    project.write("queries/t.bq", PEOPLE_BY_SEX);
    project.baseq(&["key", "ada"]).is(0);
    project.baseq(&["policy", "trust", "ada.pub"]).is(0);
    let forge = |number: u32, text: &str| {
        let mut store = engine_duckdb::open_store(project.path("warehouse.duckdb")).unwrap();
        let literal = text.replace('\'', "''");
        let sql = format!(
            "insert into baseq_policy select {number}, name, case name when 'example.bq' then '{literal}' else text end, sha256, \
             installed_at + interval 1 day, actor from baseq_policy where version = 1"
        );
        engine::Store::execute(&mut store, &sql).unwrap();
    };
    // Even one that narrows: it is as good as installed, since narrowing is free.
    forge(2, &version(&project, 2, 20));
    project.baseq(&["schema", "pull"]).is(0);
    project.baseq(&["run", "queries/t.bq"]).is(0);
    forge(3, &version(&project, 3, 5));
    project.baseq(&["schema", "pull"]).is(0);
    let gave = project
        .baseq(&["run", "queries/t.bq"])
        .is(3)
        .says("no steward whom the warehouse trusts has signed that");
    assert!(gave.stdout.is_empty());
    // One that a steward signs in its place does not.
    project.write("policy/example.bq", &version(&project, 4, 5));
    project.baseq(&["policy", "install", "--key", "ada"]).is(0);
    project.baseq(&["schema", "pull"]).is(0);
    project.baseq(&["run", "queries/t.bq"]).is(0);
}

#[test]
fn questions_are_recorded_in_the_log_that_the_warehouse_goes_by() {
    let project = Project::loaded();
    project.write("queries/t.bq", PEOPLE_BY_SEX);
    project.baseq(&["run", "queries/t.bq"]).is(0);
    // A log of one's own would hide the question, and begin the comparison with earlier results anew.
    let settings = project.read("baseq.toml");
    let of = |log: &str| settings.replace("\"audit.jsonl\"", &format!("\"{log}\""));
    project.write("baseq.toml", &of("mine.jsonl"));
    let gave = project.baseq(&["run", "queries/t.bq"]).is(3).says("not the one that the warehouse goes by");
    assert!(gave.stdout.is_empty());
    project.write("baseq.toml", &settings);
    project.baseq(&["run", "queries/t.bq"]).is(0);
    // So would one that only begins like it.
    let log = project.read("audit.jsonl");
    project.write("mine.jsonl", &format!("{}\n", log.lines().next().unwrap()));
    project.write("baseq.toml", &of("mine.jsonl"));
    project.baseq(&["run", "queries/t.bq"]).is(3).says("not the one that the warehouse goes by");
    project.write("baseq.toml", &settings);
    // So would one that was thrown away.
    std::fs::remove_file(project.path("audit.jsonl")).unwrap();
    project.baseq(&["run", "queries/t.bq"]).is(3).says("not the one that the warehouse goes by");
    // Another takes its place when the steward says so, with a key where one is trusted.
    project.baseq(&["key", "ada"]).is(0);
    project.write("audit.jsonl", &log);
    project.baseq(&["policy", "trust", "ada.pub"]).is(0);
    project.write("baseq.toml", &of("next.jsonl"));
    project.baseq(&["policy", "install"]).is(3).says("--new-audit-log");
    project.baseq(&["policy", "install", "--new-audit-log"]).is(3).says("no steward has signed that");
    project.baseq(&["policy", "install", "--new-audit-log", "--key", "ada"]).is(0);
    project.baseq(&["schema", "pull"]).is(0);
    project.baseq(&["run", "queries/t.bq"]).is(0);
    project.write("baseq.toml", &settings);
    project.baseq(&["run", "queries/t.bq"]).is(3);
}
