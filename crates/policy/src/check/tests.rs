//! Every rule with a query that it refuses, and queries that it lets through.

use crate::agreement::Level;
use crate::testing::{Bench, HEAD, POLICY};

#[test]
fn what_is_granted_is_permitted() {
    let mut bench = Bench::new();
    let permitted = bench.permitted(
        "cohort affected = from subjects where adult: age >= 18 years where has phenotype in HP:0001638\n\
         table t = from affected where consent valid group by sex, age_band = band(age, 10 years) show people = count(subjects)",
    );
    let grounds = permitted.grounds();
    assert_eq!(grounds.agreements, [("HEART".to_owned(), 1)]);
    assert_eq!((grounds.level, grounds.made_up), (Level::Aggregate, false));
    assert_eq!(grounds.policy_hash.len(), 64);
    let names: Vec<(String, usize)> = grounds
        .reads
        .iter()
        .map(|read| (bench.model.entity(read.entity).name.clone(), read.columns.len()))
        .collect();
    assert_eq!(names, [("subject".to_owned(), 2), ("phenotype".to_owned(), 2)]);
    let phenotype =
        grounds.receipts.iter().find(|receipt| receipt.what.contains("phenotype.term")).expect("a receipt");
    assert_eq!(phenotype.rule, "`may test phenotype`");
    assert_eq!(phenotype.policy.map(|range| bench.files.slice(range)), Some("phenotype"));
    assert!(grounds.receipts.iter().any(|receipt| receipt.what == "guard of `phenotype` via subject"));
    assert_eq!((permitted.query().cohorts.len(), permitted.query().tables.len()), (1, 1));
}

#[test]
fn a_closed_answer_may_be_a_key_whatever_it_tests() {
    let mut bench = Bench::new();
    bench.permitted(
        "table t = from subjects group by seizures = has phenotype in HP:0001250 show count(subjects)\n\
         table u = from subjects group by d = case when excludes phenotype in HP:0001249 then \"no\" otherwise \"?\" show count(subjects)",
    );
}

#[test]
fn frequencies_and_public_columns_of_alleles() {
    let mut bench = Bench::new();
    bench.permitted(
        "table f = from variants where gene = MYBPC3 and impact >= high\n\
         frequency among subjects (sex = female) by ancestry with totals show variant, gene, ancestry, ac, an, af",
    );
    bench.permitted(
        "table f = from variants frequency among samples (qc_passed) by subject.sex show variant, ac",
    );
}

#[test]
fn public_tables_need_no_agreement() {
    let mut bench = Bench::new();
    let permitted =
        bench.permitted_whole("table g = from genes where symbol = \"BRCA1\" show symbol, contig, position");
    assert!(permitted.grounds().agreements.is_empty() && permitted.grounds().purpose.is_none());
    bench.permitted_whole("table g = from clinvars group by significance show n = count(clinvars)");
}

#[test]
fn people_need_an_agreement_and_a_date() {
    let mut bench = Bench::new();
    let (permitted, diagnostics) =
        bench.check("table t = from subjects show n = count(subjects)\ntable g = from genes show symbol");
    let said = bench.said(&diagnostics);
    assert_eq!(said.len(), 2, "{said:#?}");
    assert!(said[0].starts_with("E0514 [t]") && said[1].starts_with("E0515 [t]"), "{said:#?}");
    let permitted = permitted.expect("the public table");
    assert_eq!(permitted.query().tables.len(), 1);
}

#[test]
fn agreements_are_known_and_valid() {
    let mut bench = Bench::new();
    let t = "as of 2026-06-01\ntable t = from subjects show n = count(subjects)";
    let one = bench.refused_whole(&format!("use agreement \"HAERT\"\n{t}"), "E0516", "\"HAERT\"");
    assert_eq!(one.fixes[0].edits[0].1, "\"HEART\"");
    let one = bench.refused_whole(&format!("use agreement \"OLD\"\n{t}"), "E0517", "\"OLD\"");
    assert_eq!(bench.files.slice(one.labels[1].range), "valid     2024-01-01 until 2025-01-01");
    let t = "as of 2026-08-01\ntable t = from subjects show n = count(subjects)";
    bench.refused_whole(&format!("use agreement \"HEART\"\n{t}"), "E0518", "as of 2026-08-01");
}

#[test]
fn a_purpose_is_narrowed_and_never_widened() {
    let mut bench = Bench::new();
    let t = "as of 2026-06-01\ntable t = from subjects show n = count(subjects)";
    let permitted = bench.permitted_whole(&format!("use agreement \"HEART\" for hearts\n{t}"));
    let grounds = permitted.grounds();
    assert_eq!(grounds.purpose.as_ref().map(|purpose| purpose.aim.diseases().count()), Some(1));
    assert_eq!(grounds.agreed.as_ref().map(|purpose| purpose.aim.diseases().count()), Some(0));
    let one = bench.refused_whole(&format!("use agreement \"HEART\" for business\n{t}"), "E0520", "business");
    assert!(one.message.contains("commercial"), "{}", one.message);
    bench.refused_whole(&format!("use agreement \"HEART\" for haerts\n{t}"), "E0519", "haerts");
    bench.refused_whole(&format!("use agreement \"HEART\", \"COUNTS\"\n{t}"), "E0520", "\"COUNTS\"");
}

#[test]
fn of_two_agreements_the_stricter_holds() {
    let mut bench = Bench::new();
    let head = "use agreement \"HEART\", \"ROWS\"\nas of 2026-06-01\n";
    let permitted = bench
        .permitted_whole(&format!("{head}table t = from subjects group by sex show n = count(subjects)"));
    let grounds = permitted.grounds();
    assert_eq!(
        (grounds.level, grounds.release.min_subjects, grounds.release.round_to),
        (Level::Aggregate, 20, 10)
    );
    assert!(!grounds.release.zeros_shown);
    assert_eq!(grounds.formats.iter().collect::<Vec<_>>(), ["csv"]);
    let query = format!("{head}table t = from subjects where has sample show n = count(subjects)");
    let one = bench.refused_whole(&query, "E0521", "has sample");
    assert!(one.message.contains("\"ROWS\""), "{}", one.message);
}

#[test]
fn what_is_not_granted_is_not_read() {
    let mut bench = Bench::new();
    let one = bench.refused(
        "cohort c = from subjects where has diagnosis in ICD10:E11",
        "E0521",
        "has diagnosis in ICD10:E11",
    );
    assert!(bench.files.slice(one.labels[1].range).starts_with("may test"));
    let one = bench.refused(
        "cohort c = from subjects where has treatment (dose_unit = \"mg\")",
        "E0521",
        "dose_unit",
    );
    assert_eq!(bench.files.slice(one.labels[1].range), "treatment (drug, started)");
    // In an aggregate, its filter, a key's test, the order of a pick, an index date, a let, a frequency.
    for (body, at) in [
        ("table t = from subjects show mean(birth_year)", "birth_year"),
        ("table t = from subjects show n = count(subjects if site = \"Ghent\")", "site"),
        ("table t = from subjects group by old = birth_year < 1950 show count(subjects)", "birth_year"),
        ("cohort c = from subjects where first(treatment by dose_unit).drug in ATC:A10", "dose_unit"),
        ("cohort c = from subjects index at death_date", "death_date"),
        (
            "table t = from subjects let dead = death_date is known where dead show count(subjects)",
            "death_date",
        ),
        ("table t = from variants frequency among subjects (unrelated) show variant, ac", "unrelated"),
    ] {
        bench.refused(body, "E0521", at);
    }
}

#[test]
fn a_public_table_behind_a_person_is_the_persons() {
    let mut bench = Bench::new();
    let narrow = POLICY
        .replace("treatment (drug, started), finding", "treatment (drug, started), finding (reported_on)");
    let query =
        format!("{HEAD}table t = from findings where variant.contig = \"17\" show n = count(findings)");
    let (permitted, diagnostics) = bench.check_with(&narrow, &query, false);
    let said = bench.said(&diagnostics);
    assert!(
        said.len() == 1 && said[0].starts_with("E0521") && said[0].contains("finding.variant_id"),
        "{said:#?}"
    );
    assert!(permitted.is_none());
    bench.permitted("table t = from findings where variant.contig = \"17\" show n = count(findings)");
    // The label of the column alone says public.
    bench.refused(
        "table t = from findings group by variant.contig show n = count(findings)",
        "E0525",
        "variant.contig",
    );
}

#[test]
fn consent_is_tested_where_it_is_granted() {
    let mut bench = Bench::new();
    bench.refused(
        "table t = from subjects show n = count(subjects if consent valid at 2026-01-01)",
        "E0522",
        "consent valid at 2026-01-01",
    );
    let head = "use agreement \"ROWS\"\nas of 2026-06-01\n";
    let table = "table t = from subjects show n = count(subjects if consent valid for";
    let permitted = bench.permitted_whole(&format!("{head}{table} business)"));
    assert_eq!(permitted.grounds().purposes.keys().collect::<Vec<_>>(), ["business"]);
    bench.refused_whole(&format!("{head}{table} busines)"), "E0519", "consent valid for busines");
}

#[test]
fn identifiers_are_keys() {
    let mut bench = Bench::new();
    bench.refused("cohort c = from subjects where father_id is known", "E0523", "father_id");
    bench.refused("cohort c = from subjects where has sample (sample_id is known)", "E0523", "sample_id");
}

#[test]
fn levels_are_kept() {
    let mut bench = Bench::new();
    let one = bench.refused("table t = from subjects show sex", "E0524", "t");
    assert_eq!(bench.files.slice(one.labels[1].range), "level     aggregate");
    bench.refused("table t = from variants where gene = BRCA1 show variant", "E0524", "t");
    let head = "use agreement \"COUNTS\"\nas of 2026-06-01\n";
    bench.permitted_whole(&format!(
        "{head}table t = from subjects show a = count(subjects), b = count(measurements)"
    ));
    bench.refused_whole(
        &format!("{head}table t = from subjects show m = mean(age)"),
        "E0524",
        "m = mean(age)",
    );
    bench.refused_whole(
        &format!("{head}table t = from subjects show s = share(sex = male)"),
        "E0524",
        "s = share(sex = male)",
    );
}

#[test]
fn rows_of_people_show_pseudonyms_and_what_is_granted() {
    let mut bench = Bench::new();
    let head = "use agreement \"ROWS\"\nas of 2026-06-01\n";
    bench.permitted_whole(&format!(
        "{head}table t = from findings show subject, variant, reported_on, subject.sex"
    ));
    bench.permitted_whole(&format!("{head}table t = from variants where gene = BRCA1 show variant, gene"));
    let birth = format!("{head}table t = from subjects show subject, birth_date");
    bench.refused_whole(&birth, "E0526", "birth_date");
    bench.refused_whole(
        &format!("{head}table t = from subjects show subject, father_id"),
        "E0526",
        "father_id",
    );
    // The answer to a test is a fact about the person of the row.
    let test = format!("{head}table t = from subjects show subject, old = birth_date < 1950-01-01");
    bench.refused_whole(&test, "E0526", "birth_date");
}

#[test]
fn what_is_tested_for_a_shown_value_is_shown() {
    let mut bench = Bench::new();
    let head = "use agreement \"ROWS\"\nas of 2026-06-01\n";
    // Which finding is the first tells of its gene; whether there is one at all, of its date.
    let first = "first(findings (classification = pathogenic)).reported_on";
    let query = format!("{head}table t = from subjects show subject, d = {first}");
    bench.refused_whole(&query, "E0526", "classification");
    let query = format!("{head}table t = from subjects show subject, d = first(findings).reported_on");
    bench.permitted_whole(&query);
    let query =
        format!("{head}table t = from subjects show subject, n = count(phenotypes (term in HP:0001250))");
    bench.refused_whole(&query, "E0526", "phenotypes");
    // Membership tells what the cohort's rules test.
    let query = format!(
        "{head}cohort old = from subjects where birth_date < 1950-01-01\n\
         table t = from subjects show subject, old = subject in old"
    );
    let (permitted, diagnostics) = bench.check(&query);
    let said = bench.said(&diagnostics);
    assert!(said.len() == 1 && said[0].starts_with("E0526 [birth_date]"), "{said:#?}");
    assert_eq!(permitted.map(|permitted| permitted.query().tables.len()), Some(0));
}

#[test]
fn group_keys_are_declared() {
    let mut bench = Bench::new();
    bench.permitted(
        "table t = from samples group by kit_lot, month = month(sequenced_on) show n = count(samples)",
    );
    bench.permitted("cohort c = from subjects index at first(sample by sequenced_on).sequenced_on\ntable t = from c group by m = month(index) show n = count(subjects)");
    for (body, code, at) in [
        ("group by site", "E0525", "site"),
        ("group by b = band(age, 5 years)", "E0525", "band(age, 5 years)"),
        ("group by n = count(samples)", "E0525", "count(samples)"),
        ("group by y = year(birth_date)", "E0525", "year(birth_date)"),
        ("group by unrelated", "E0526", "unrelated"),
    ] {
        bench.refused(&format!("table t = from subjects {body} show n = count(subjects)"), code, at);
    }
    bench.refused(
        "table f = from variants frequency among subjects by site show variant, ac",
        "E0525",
        "site",
    );
}

#[test]
fn alleles_are_counted_by_frequency_and_chosen_by_what_is_public() {
    let mut bench = Bench::new();
    bench.refused("table t = from variants group by kind show n = count(variants)", "E0527", "t");
}

#[test]
fn public_rows_do_not_tell_which_alleles_the_warehouse_has() {
    let mut bench = Bench::new();
    for (program, at) in [
        ("from effects where gene = MYH7 show hgvs_c", "t"),
        ("from gnomads show af", "t"),
        ("from sites show name", "t"),
        ("from clinvars where variant_id is known show hgvs_g", "variant_id"),
        ("from clinvars show variant, significance", "variant"),
        (
            "from clinvars where has variant.effects (impact >= high) show hgvs_g",
            "has variant.effects (impact >= high)",
        ),
    ] {
        bench.refused(&format!("table t = {program}"), "E0531", at);
    }
    // A whole release tells nothing of people.
    bench.permitted("table t = from clinvars where significance = pathogenic show hgvs_g, released_on");
}

#[test]
fn one_refused_item_does_not_hide_or_stop_another() {
    let mut bench = Bench::new();
    let (permitted, diagnostics) = bench.check(&format!(
        "{HEAD}cohort bad = from subjects where has diagnosis in ICD10:E11\n\
         cohort good = from subjects where sex = male\n\
         cohort better = from good where has phenotype in HP:0001250\n\
         table lost = from bad show n = count(subjects)\n\
         table kept = from subjects where subject in better show n = count(subjects)\n\
         table worse = from subjects group by site show n = count(subjects)"
    ));
    let said = bench.said(&diagnostics);
    assert_eq!(said.len(), 2, "{said:#?}");
    let permitted = permitted.expect("the good ones");
    let query = permitted.query();
    assert_eq!(
        query.cohorts.iter().map(|cohort| cohort.name.as_str()).collect::<Vec<_>>(),
        ["good", "better"]
    );
    assert_eq!(query.cohorts[1].source, types::CohortSource::Cohort(types::CohortId(0)));
    assert_eq!(query.tables.iter().map(|table| table.name.as_str()).collect::<Vec<_>>(), ["kept"]);
    let types::Kind::InCohort(_, cohort) = &query.tables[0].rules[0].condition.kind else {
        unreachable!("a membership")
    };
    assert_eq!(cohort.0, 1);
    // What only refused items read is not among the grounds.
    assert!(
        !permitted.grounds().reads.iter().any(|read| bench.model.entity(read.entity).name == "diagnosis")
    );
}

#[test]
fn a_test_block_needs_no_agreement_and_says_so() {
    let mut bench = Bench::new();
    let query = "as of 2030-01-01\ntable t = from subjects show subject, birth_date";
    let (permitted, diagnostics) = bench.check_with(POLICY, query, true);
    assert_eq!(bench.said(&diagnostics), [""; 0]);
    let permitted = permitted.expect("made-up people");
    assert!(permitted.grounds().made_up && permitted.grounds().level == Level::Record);
}
