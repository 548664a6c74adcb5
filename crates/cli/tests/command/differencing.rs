//! Results that differ by few people are not told to one recipient, whoever asks how.

use crate::project::Project;

fn everybody(agreement: &str, condition: &str) -> String {
    format!(
        "use agreement \"{agreement}\"\nas of 2026-01-01\n\
         table everybody = from subjects {condition} show people = count(subjects)\n"
    )
}

/// Runs a program of this text.
fn run(project: &Project, text: &str) -> crate::project::Gave {
    project.write("queries/asked.bq", text);
    project.baseq(&["run", "queries/asked.bq", "--as", "csv"])
}

#[test]
fn who_differs_by_few_is_not_told_and_the_same_again_is() {
    let project = Project::loaded();
    let all = everybody("EXAMPLE", "");
    run(&project, &all).is(0);
    // Two of the 48 were born after 1986.
    let without_two = everybody("EXAMPLE", "where age >= 39 years");
    let refused = run(&project, &without_two).is(3).says("E0831").says("fewer than 10");
    assert!(refused.stdout.is_empty(), "{}", refused.stdout);
    // In whatever form: a cell, a step of an attrition, a table that another reads.
    run(
        &project,
        &all.replace(
            "show",
            "group by old = case when age >= 39 years then \"yes\" otherwise \"no\" show old,",
        ),
    )
    .is(3)
    .says("E0831");
    run(&project, "use agreement \"EXAMPLE\"\nas of 2026-01-01\ncohort old = from subjects where age >= 39 years\nattrition of old\n").is(0);
    assert_eq!(run(&project, &all).is(0).stdout, "people\r\n50\r\n");
    // Far enough.
    run(&project, &everybody("EXAMPLE", "where age >= 60 years")).is(0);
    project.baseq(&["audit", "verify"]).is(0);
    let log = project.baseq(&["audit", "show", "--format", "json"]).is(0);
    assert_eq!(log.stdout.matches("\"too_near\"").count(), 2, "{}", log.stdout);
    assert!(log.stdout.contains("\"complete\": true"), "{}", log.stdout);
}

#[test]
fn agreements_of_one_recipient_meet_and_those_of_others_do_not() {
    let project = Project::loaded();
    let text = project.read("policy/example.bq");
    let start = text.find("agreement \"EXAMPLE\"").unwrap();
    let recipient = text.lines().find(|line| line.trim_start().starts_with("recipient")).unwrap().to_owned();
    let same = text[start..]
        .replace("\"EXAMPLE\"", "\"SAME\"")
        .replace(&recipient, &recipient.to_uppercase().replace("RECIPIENT", "recipient"));
    let other =
        text[start..].replace("\"EXAMPLE\"", "\"OTHER\"").replace(&recipient, "recipient \"Somebody else\"");
    project.write("policy/example.bq", &format!("{text}\n{same}\n{other}"));
    project.baseq(&["policy", "install"]).is(0);
    project.baseq(&["schema", "pull"]).is(0);
    run(&project, &everybody("EXAMPLE", "")).is(0);
    run(&project, &everybody("SAME", "where age >= 39 years")).is(3).says("E0831");
    run(&project, &everybody("SAME", "")).is(0);
    run(&project, &everybody("OTHER", "where age >= 39 years")).is(0);
    run(&project, &everybody("OTHER", "")).is(3).says("E0831");
}

#[test]
fn without_its_history_nothing_is_told() {
    let project = Project::loaded();
    let all = everybody("EXAMPLE", "");
    run(&project, &all).is(0);
    run(&project, &everybody("EXAMPLE", "where age >= 60 years")).is(0);
    let history = project.path("audit.jsonl.history");
    let whole = std::fs::read_to_string(&history).unwrap();
    assert_eq!(whole.lines().count(), 2);
    for person in 0..60 {
        assert!(!whole.contains(&format!("s{person:03}")), "people are not named: {whole}");
    }
    let first = format!("{}\n", whole.lines().next().unwrap());
    for damaged in [None, Some(first), Some(whole.replace("\"intent\":", "\"intent\":1"))] {
        match damaged {
            None => std::fs::remove_file(&history).unwrap(),
            Some(text) => std::fs::write(&history, text).unwrap(),
        }
        let gave = run(&project, &all).is(4).says("E0832");
        assert!(gave.stdout.is_empty(), "{}", gave.stdout);
    }
    std::fs::write(&history, whole).unwrap();
    run(&project, &all).is(0);
}

/// The difference between two answers to one question would tell of who withdrew between them.
#[test]
fn after_one_withdrawal_the_same_question_waits() {
    let project = Project::loaded();
    let all = everybody("EXAMPLE", "");
    run(&project, &all).is(0);
    let header = project.read("events.csv").lines().next().unwrap().to_owned();
    let withdraw = |people: std::ops::Range<usize>| {
        let mut events = header.clone() + "\n";
        for person in people {
            events +=
                &format!("w{person},s{person:03},,withdraw,self,2024-01-01,,2024-01-02T00:00:00Z,use,\n");
        }
        project.write("withdrawn.csv", &events);
        project.write("none.csv", project.read("scopes.csv").lines().next().unwrap());
        project.baseq(&["load", "consent", "--events", "withdrawn.csv", "--scopes", "none.csv"]).is(0);
        project.baseq(&["schema", "pull"]).is(0);
    };
    withdraw(0..1);
    run(&project, &all).is(3).says("E0831");
    // When 12 of 48 are gone, it is answered again.
    withdraw(1..14);
    assert_eq!(run(&project, &all).is(0).stdout, "people\r\n35\r\n");
}

#[test]
fn refusals_are_bits_and_have_an_end() {
    let project = Project::loaded();
    let all = everybody("EXAMPLE", "");
    run(&project, &all).is(0);
    for bit in 0..30 {
        let near = format!("-- {bit}\n{}", everybody("EXAMPLE", "where age >= 39 years"));
        run(&project, &near).is(3).says("E0831");
        if bit == 0 {
            // The same once more is not counted.
            run(&project, &near).is(3).says("E0831");
        }
    }
    run(&project, &all).is(3).says("E0833");
    // The steward's next version begins anew.
    let next = project.read("policy/example.bq").replace("version 1", "version 2");
    project.write("policy/example.bq", &next);
    project.baseq(&["policy", "install"]).is(0);
    project.baseq(&["schema", "pull"]).is(0);
    run(&project, &all).is(0);
    run(&project, &everybody("EXAMPLE", "where age >= 39 years")).is(3).says("E0831");
}
