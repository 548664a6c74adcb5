//! Whoever may not be read leaves no trace in what the command prints, says and records: two projects that differ
//! in such people's rows only give the same bytes. `tests/noninterference.rs` asks far more questions, before
//! release; here the whole command is looked at, with its audit and its history of results.

use crate::project::Project;
use serde_json::Value;

const QUESTIONS: &str = "use agreement \"EXAMPLE\"\nas of 2026-01-01\n\
    cohort born_late = from subjects where late: age < 60 years where women: sex = female\n\
    table by_sex = from subjects group by sex with totals show n = count(subjects)\n\
    attrition of born_late\n\
    describe born_late show sex, age\n";

/// What differs between two runs of the same second.
const OF_THE_MOMENT: [&str; 8] =
    ["time", "previous", "digest", "known_at", "duration", "sql_hashes", "history", "pin"];

#[test]
fn those_who_may_not_be_read_leave_no_trace() {
    let (first, other) = (Project::loaded(), Project::loaded());
    // Every fifth person has not consented.
    let hidden: Vec<String> =
        (0..60).filter(|person| person % 5 == 4).map(|person| format!("'s{person:03}'")).collect();
    let hidden = hidden.join(", ");
    let mut store = engine_duckdb::open_store(other.path("warehouse.duckdb")).unwrap();
    for sql in [
        format!("delete from sample where subject_id in ({hidden})"),
        format!(
            "update subject set sex = 'unknown', birth_date = date '1999-09-09', birth_year = 1999 where subject_id in ({hidden})"
        ),
        format!(
            "insert into subject by name select * replace ('x' || subject_id as subject_id) from subject where subject_id in ({hidden})"
        ),
    ] {
        engine::Store::execute(&mut store, &sql).unwrap();
    }
    drop(store);
    let mut seen = Vec::new();
    for project in [&first, &other] {
        project.write("queries/q.bq", QUESTIONS);
        let mut said = Vec::new();
        for arguments in [
            &["run", "queries/q.bq", "--as", "csv"] as &[&str],
            &["run", "queries/q.bq", "--report"],
            &["check", "--explain-policy", "queries/q.bq"],
            &["run", "queries/q.bq", "--dry-run"],
            &["run", "queries/q.bq", "no_such_table"],
        ] {
            let gave = project.baseq(arguments);
            said.push(format!("{arguments:?}\n{:?}\n{}\n{}", gave.code, gave.stdout, gave.stderr));
        }
        let records = project.read("audit.jsonl");
        said.extend(
            records
                .lines()
                .filter(|line| line.contains("query_hash") || line.contains("decision"))
                .map(timeless),
        );
        seen.push(said);
    }
    assert!(seen[0].len() > 10, "too little was asked: {seen:#?}");
    for (one, two) in seen[0].iter().zip(&seen[1]) {
        assert_eq!(one, two);
    }
    assert_eq!(seen[0].len(), seen[1].len());
}

/// A record without what belongs to its moment.
fn timeless(line: &str) -> String {
    fn strip(value: &mut Value) {
        match value {
            Value::Object(fields) => {
                for name in OF_THE_MOMENT {
                    fields.remove(name);
                }
                fields.values_mut().for_each(strip);
            }
            Value::Array(values) => values.iter_mut().for_each(strip),
            _ => {}
        }
    }
    let mut value: Value = serde_json::from_str(line).unwrap();
    strip(&mut value);
    value.to_string()
}
