//! Texts that a tree cannot show: statements, clauses and words that have no place in ours.

use super::bench;
use crate::{Rule, validate};

/// What is replaced, by what, and the rule that refuses it.
const ATTACKS: &[(&str, &str, Rule)] = &[
    ("WITH RECURSIVE", "PRAGMA version; WITH RECURSIVE", Rule::Form),
    ("WITH RECURSIVE", "CREATE TABLE x AS WITH RECURSIVE", Rule::Form),
    ("WITH RECURSIVE", "COPY (WITH RECURSIVE", Rule::Form),
    ("WITH RECURSIVE", "EXPLAIN ANALYZE WITH RECURSIVE", Rule::Form),
    ("WITH RECURSIVE", "/* */ WITH RECURSIVE", Rule::Form),
    ("FROM\n  \"t_result\"", "FROM\n  \"t_result\" LIMIT 5", Rule::Form),
    ("FROM\n  \"t_result\"", "FROM\n  \"t_result\" USING SAMPLE 10", Rule::Form),
    ("FROM\n  \"t_result\"", "FROM\n  \"t_result\", \"subject\"", Rule::Form),
    (
        "FROM\n  \"t_result\"",
        "FROM\n  (SELECT \"subject\".\"sex\" FROM \"subject\") AS \"t_result\"",
        Rule::Source,
    ),
    ("FROM\n  \"t_result\"", "FROM\n  \"main\".\"t_result\"", Rule::Form),
    (
        "FROM\n    \"phenotype\" AS \"phenotype\"",
        "FROM\n    \"main\".\"phenotype\" AS \"phenotype\"",
        Rule::Form,
    ),
    ("FROM\n    \"phenotype\" AS \"phenotype\"", "FROM\n    \"pg_catalog\" AS \"phenotype\"", Rule::Source),
    ("FROM\n    \"phenotype\" AS \"phenotype\"", "FROM\n    \"people.csv\" AS \"phenotype\"", Rule::Source),
    (
        "FROM\n    \"phenotype\" AS \"phenotype\"",
        "FROM\n    read_csv('people.csv') AS \"phenotype\"",
        Rule::Form,
    ),
    ("FROM\n    \"phenotype\" AS \"phenotype\"", "FROM\n    max('people.csv') AS \"phenotype\"", Rule::Form),
    ("\"phenotype\".\"term\" AS \"term\"", "\"phenotype\".\"rowid\" AS \"term\"", Rule::Column),
    ("\"phenotype\".\"term\" AS \"term\"", "\"phenotype\".* ", Rule::Form),
    ("\"phenotype\".\"term\" AS \"term\"", "*", Rule::Form),
    (
        "\"phenotype\".\"term\" AS \"term\"",
        "(SELECT max(\"s\".\"sex\") FROM \"subject\" AS \"s\") AS \"term\"",
        Rule::Form,
    ),
    ("\"phenotype\".\"term\" IN (", "\"phenotype\".\"term\" NOT IN (", Rule::Membership),
    ("\"phenotype\".\"term\" IN ('HP:0001638')", "\"phenotype\".\"term\" LIKE 'HP%'", Rule::Form),
    (
        "\"phenotype\".\"term\" IN ('HP:0001638')",
        "\"phenotype\".\"term\" IN ('HP:0001638', E'x')",
        Rule::Form,
    ),
    ("\"phenotype\".\"term\" IN ('HP:0001638')", "\"phenotype\".\"term\" IN (\"HP:0001638\")", Rule::Form),
    (
        "\"phenotype\".\"term\" IN ('HP:0001638')",
        "EXISTS (SELECT \"subject\".\"sex\" FROM \"subject\")",
        Rule::Form,
    ),
    ("\"phenotype\".\"term\" IN ('HP:0001638')", "random() < 0.5", Rule::Form),
    ("\"phenotype\".\"term\" IN ('HP:0001638')", "current_date > DATE '2026-01-01'", Rule::Form),
    ("\"phenotype\".\"term\" IN ('HP:0001638')", "CAST(\"phenotype\".\"term\" AS BIGINT) = 1", Rule::Total),
    ("\"phenotype\".\"term\" IN ('HP:0001638')", "1 / 0 = 1", Rule::Form),
    ("\"phenotype\".\"term\" IN ('HP:0001638')", "\"phenotype\".\"term\" = chr(0)", Rule::Function),
    ("\"phenotype\".\"term\" IN ('HP:0001638')", "DATE '2026-02-30' IS NULL", Rule::Literal),
    ("\"phenotype\".\"term\" IN ('HP:0001638')", "\"phenotype\".\"term\" = $1", Rule::Form),
    ("    JOIN \"permitted\"", "    RIGHT JOIN \"permitted\"", Rule::Form),
    ("    JOIN \"permitted\"", "    NATURAL JOIN \"permitted\"", Rule::Form),
    ("    JOIN \"permitted\"", "    LEFT JOIN \"permitted\"", Rule::Guard),
    ("UNION ALL", "UNION", Rule::Form),
    ("UNION ALL", "EXCEPT ALL", Rule::Form),
    ("AS MATERIALIZED", "AS NOT MATERIALIZED", Rule::Form),
    ("AS MATERIALIZED", "AS", Rule::Fence),
    ("\"t_result\".\"key_1\" ASC NULLS LAST", "\"t_result\".\"key_1\" ASC", Rule::Form),
    ("\"t_result\".\"key_1\" ASC NULLS LAST", "1 ASC NULLS LAST", Rule::Order),
    ("\"t_result\".\"key_1\",", "", Rule::Columns),
    ("FROM\n  \"t_result\"", "FROM\n  \"subjects\" AS \"t_result\"", Rule::Form),
];

#[test]
fn what_has_no_place_in_a_text_is_refused_by_its_rule() {
    let all = bench::emitted();
    let case = all.iter().find(|case| case.name == "cohort.t").expect("a case");
    let mut other = Vec::new();
    for (from, to, rule) in ATTACKS {
        assert!(case.text.contains(from), "{from}");
        let text = case.text.replacen(from, to, 1);
        let violations = validate(&text, &case.demand).expect_err(to);
        if !violations.iter().any(|one| one.rule == *rule) {
            other.push((to, super::words(&violations)));
        }
    }
    assert_eq!(other, []);
}

/// The same for what only Postgres reads.
const ATTACKS_ON_POSTGRES: &[(&str, &str, Rule)] = &[
    ("WITH RECURSIVE", "SET row_security = off; WITH RECURSIVE", Rule::Form),
    ("WITH RECURSIVE", "COPY (WITH RECURSIVE", Rule::Form),
    ("FROM\n  \"t_result\"", "FROM\n  \"t_result\" LIMIT 5", Rule::Form),
    ("FROM\n  \"t_result\"", "FROM\n  \"t_result\" FOR UPDATE", Rule::Form),
    ("FROM\n    \"phenotype\" AS \"phenotype\"", "FROM\n    ONLY \"phenotype\" AS \"phenotype\"", Rule::Form),
    (
        "FROM\n    \"phenotype\" AS \"phenotype\"",
        "FROM\n    \"public\".\"phenotype\" AS \"phenotype\"",
        Rule::Form,
    ),
    ("FROM\n    \"phenotype\" AS \"phenotype\"", "FROM\n    \"pg_stats\" AS \"phenotype\"", Rule::Source),
    (
        "FROM\n    \"phenotype\" AS \"phenotype\"",
        "FROM\n    generate_series(1, 9) AS \"phenotype\"",
        Rule::Form,
    ),
    ("\"phenotype\".\"term\" AS \"term\"", "\"phenotype\".\"ctid\" AS \"term\"", Rule::Column),
    ("\"phenotype\".\"term\" AS \"term\"", "\"phenotype\".\"term\"::text AS \"term\"", Rule::Form),
    (
        "\"phenotype\".\"term\" AS \"term\"",
        "(SELECT max(\"s\".\"sex\") FROM \"subject\" AS \"s\") AS \"term\"",
        Rule::Form,
    ),
    (
        "\"phenotype\".\"term\" AS \"term\"",
        "(SELECT \"_1\".\"a\" FROM (VALUES (1), (2)) AS \"_1\" (\"a\")) AS \"term\"",
        Rule::Form,
    ),
    (
        "\"phenotype\".\"term\" AS \"term\"",
        "(SELECT \"consent_event\".\"kind\" FROM (VALUES (1)) AS \"_1\" (\"a\")) AS \"term\"",
        Rule::Column,
    ),
    ("\"phenotype\".\"term\" IN ('HP:0001638')", "\"phenotype\".\"term\" ILIKE 'hp%'", Rule::Form),
    ("\"phenotype\".\"term\" IN ('HP:0001638')", "\"phenotype\".\"term\" ~ '(a+)+$'", Rule::Form),
    ("\"phenotype\".\"term\" IN ('HP:0001638')", "\"phenotype\".\"term\" IN (E'x\\'')", Rule::Form),
    ("\"phenotype\".\"term\" IN ('HP:0001638')", "\"phenotype\".\"term\" IN ($$x$$)", Rule::Form),
    ("\"phenotype\".\"term\" IN ('HP:0001638')", "\"phenotype\".\"term\" IN (U&'x')", Rule::Form),
    (
        "\"phenotype\".\"term\" IN ('HP:0001638')",
        "\"phenotype\".\"term\" COLLATE \"en_US\" = 'x'",
        Rule::Form,
    ),
    ("\"phenotype\".\"term\" IN ('HP:0001638')", "pg_sleep(5) IS NULL", Rule::Form),
    ("\"phenotype\".\"term\" IN ('HP:0001638')", "year(\"phenotype\".\"recorded_on\") = 1", Rule::Function),
    ("\"phenotype\".\"term\" IN ('HP:0001638')", "current_user = 'x'", Rule::Form),
    ("\"phenotype\".\"term\" IN ('HP:0001638')", "TRY_CAST('1' AS BIGINT) = 1", Rule::Form),
    ("\"phenotype\".\"term\" IN ('HP:0001638')", "CAST(\"phenotype\".\"term\" AS BIGINT) = 1", Rule::Total),
    (
        "\"phenotype\".\"term\" IN ('HP:0001638')",
        "CAST(\"phenotype\".\"term\" AS TIMESTAMP) IS NULL",
        Rule::Total,
    ),
    ("\"phenotype\".\"term\" IN ('HP:0001638')", "1 / 0 = 1", Rule::Form),
    ("\"phenotype\".\"term\" IN ('HP:0001638')", "1 % 0 = 1", Rule::Total),
    ("\"phenotype\".\"term\" IN ('HP:0001638')", "div(1, 0) = 1", Rule::Function),
    (
        "\"phenotype\".\"term\" IN ('HP:0001638')",
        "CAST(EXTRACT(YEAR FROM \"phenotype\".\"recorded_on\") AS BIGINT) = 1",
        Rule::Function,
    ),
    (
        "\"phenotype\".\"term\" IN ('HP:0001638')",
        "CAST(\"phenotype\".\"recorded_on\" - DATE '2026-01-01' AS BIGINT) = 1",
        Rule::Total,
    ),
    (
        "\"phenotype\".\"term\" IN ('HP:0001638')",
        "CAST(\"phenotype\".\"recorded_on\" + make_interval(0, 5) AS DATE) IS NULL",
        Rule::Function,
    ),
    (
        "\"phenotype\".\"term\" IN ('HP:0001638')",
        "CAST(nullif(nullif(greatest(least(5, 9), 1), 9), 2) AS BIGINT) = 1",
        Rule::Total,
    ),
    (
        "\"phenotype\".\"term\" IN ('HP:0001638')",
        "CAST(nullif(nullif(greatest(least(5, 99999999999999999999), 1), 99999999999999999999), 1) AS BIGINT) = 1",
        Rule::Function,
    ),
    ("\"phenotype\".\"term\" IN ('HP:0001638')", "DATE 'infinity' IS NULL", Rule::Literal),
    ("\"phenotype\".\"term\" IN ('HP:0001638')", "list_contains(NULL, 'x')", Rule::Form),
    ("\"phenotype\".\"term\" IN ('HP:0001638')", "'x' < ANY(ARRAY[])", Rule::Form),
    ("    JOIN \"permitted\"", "    LEFT JOIN \"permitted\"", Rule::Guard),
    ("    JOIN \"permitted\"", "    JOIN LATERAL \"permitted\"", Rule::Form),
    ("UNION ALL", "UNION", Rule::Form),
    ("AS MATERIALIZED", "AS NOT MATERIALIZED", Rule::Form),
    ("AS MATERIALIZED", "AS", Rule::Fence),
];

#[test]
fn what_has_no_place_in_a_text_of_postgres_is_refused_by_its_rule() {
    let all = bench::emitted_for(crate::Dialect::Postgres);
    let case = all.iter().find(|case| case.name == "cohort.t").expect("a case");
    assert!(validate(&case.text, &case.demand).is_ok());
    let mut other = Vec::new();
    for (from, to, rule) in ATTACKS_ON_POSTGRES {
        assert!(case.text.contains(from), "{from}");
        let text = case.text.replacen(from, to, 1);
        let violations = validate(&text, &case.demand).expect_err(to);
        if !violations.iter().any(|one| one.rule == *rule) {
            other.push((to, super::words(&violations)));
        }
    }
    assert_eq!(other, []);
}

#[test]
fn an_order_must_cover_the_keys() {
    let all = bench::emitted();
    let case = all.iter().find(|case| case.name == "cohort.t").expect("a case");
    let mut demand = case.demand.clone();
    if let Some(result) = &mut demand.result {
        result.keys = vec!["key_1".to_owned(), "key_2".to_owned()];
    }
    assert!(validate(&case.text, &demand).is_ok());
    let text = case.text.replace(",\n  \"t_result\".\"key_2\" ASC NULLS LAST", "");
    let violations = validate(&text, &demand).expect_err("a key is left out");
    assert_eq!(super::words(&violations), ["order: The final order leaves out the key key_2."]);
}

#[test]
fn a_guard_may_take_more_rows_away() {
    let all = bench::emitted();
    let case = all.iter().find(|case| case.name == "cohort.t").expect("a case");
    let text = case.text.replacen(
        "(\"phenotype\".\"recorded_on\" IS NULL OR",
        "\"phenotype\".\"term\" = 'HP:0001638' AND (\"phenotype\".\"recorded_on\" IS NULL OR",
        1,
    );
    assert_ne!(text, case.text);
    assert!(validate(&text, &case.demand).is_ok());
}

#[test]
fn another_demand_refuses_the_text() {
    let all = bench::emitted();
    let case = all.iter().find(|case| case.name == "narrowed.t").expect("a case");
    let refused = |change: &dyn Fn(&mut crate::Demand)| {
        let mut demand = case.demand.clone();
        change(&mut demand);
        assert!(validate(&case.text, &demand).is_err());
    };
    refused(&|demand| demand.consent.as_of = jiff::civil::date(2026, 5, 31));
    refused(&|demand| demand.consent.used_on = jiff::civil::date(2026, 7, 2));
    refused(&|demand| demand.consent.known_at = jiff::Timestamp::UNIX_EPOCH);
    refused(&|demand| demand.consent.policy.majority_age = 21);
    refused(&|demand| demand.consent.policy.majority_otherwise = policy::consent::Otherwise::Continue);
    refused(&|demand| demand.consent.policy.death = policy::consent::Death::End);
    refused(&|demand| demand.consent.purposes[0].flags.clear());
    refused(&|demand| demand.consent.purposes[1].region = Some("BE".to_owned()));
    refused(&|demand| {
        demand.consent.purposes.pop();
    });
    refused(&|demand| demand.consent.purposes.clear());
    refused(&|demand| {
        demand.consent.above.clear();
    });
    refused(&|demand| demand.consent.above.values_mut().for_each(|above| above.push("DOID:1".to_owned())));
}

#[test]
fn alleles_are_not_listed_without_a_guard() {
    let all = bench::emitted();
    let case = all.iter().find(|case| case.name.starts_with("public")).expect("a case");
    let mut demand = case.demand.clone();
    demand.result = None;
    let list = |table: &str| {
        format!(
            "WITH \"t\" AS (SELECT \"a\".\"variant_id\" AS \"v\" FROM \"{table}\" AS \"a\") \
             SELECT \"t\".\"v\" FROM \"t\" ORDER BY \"t\".\"v\" ASC NULLS LAST"
        )
    };
    assert!(validate(&list("clinvar"), &demand).is_ok());
    for table in ["variant", "effect", "site", "gnomad"] {
        let violations = validate(&list(table), &demand).expect_err("alleles of anybody");
        let said = format!("guard: It lists {table}, and no guard tells whose alleles may be listed.");
        assert_eq!(super::words(&violations), [said]);
    }
}

#[test]
fn a_name_in_other_letters_is_the_same_table() {
    let all = bench::emitted();
    let case = all.iter().find(|case| case.name == "cohort.t").expect("a case");
    let text = case.text.replacen("FROM\n    \"phenotypes\" AS", "FROM\n    \"PHENOTYPE\" AS", 1);
    assert_ne!(text, case.text);
    let violations = validate(&text, &case.demand).expect_err("a base table");
    assert!(violations.iter().any(|one| one.rule == Rule::Guard), "{:#?}", super::words(&violations));
}
