//! Policy files as a steward writes them, and what is wrong with some.

use crate::agreement::{Dominance, ReleaseRules};
use crate::consent::{Death, Flag, Otherwise};
use crate::testing::{Bench, POLICY};
use types::Number;

/// An agreement with these lines beside those that must be there.
fn agreement(lines: &str) -> String {
    format!(
        "agreement \"A\" version 1 {{ recipient \"R\" purpose HMB valid 2026-01-01 level aggregate {lines} }}"
    )
}

/// The one diagnostic of a policy, as code and words; the agreement is left out.
fn wrong(bench: &mut Bench, text: &str, code: &str, at: &str) {
    let (set, diagnostics) = bench.policy(text);
    let said = bench.said(&diagnostics);
    assert!(said.len() == 1 && said[0].starts_with(&format!("{code} [{at}]")), "{text}\n{said:#?}");
    assert!(!set.agreements.contains_key("A"), "{text}");
}

#[test]
fn the_illustration_of_the_design() {
    let mut bench = Bench::new();
    let (set, diagnostics) = bench.policy(
        r#"
        majority age 16 otherwise continue
        death end
        agreement "HEART-24" version 3 {
          recipient  "University Hospital Ghent"
          purpose    DS [DOID:114] with genetic, irb, publish in region "BE"
          valid      2026-01-01 until 2027-01-01
          may test   subject (sex, birth_date), phenotype, variant, call, treatment (drug, started)
          may show   sex, band(age, 10 years), ancestry
          level      aggregate
          release    { min subjects 10, round to 5, zeros withheld, dominance 10% (2, 90%), difference 10,
                       frequency min subjects 100, allele min carriers 10 }
          formats    csv, parquet, vcf
        }"#,
    );
    assert_eq!(bench.said(&diagnostics), [""; 0]);
    let agreement = &set.agreements["HEART-24"];
    assert_eq!(agreement.version, 3);
    assert!(agreement.purpose.has(Flag::Publish) && agreement.purpose.region.as_deref() == Some("BE"));
    assert_eq!((agreement.may_test.len(), agreement.may_show.len(), agreement.formats.len()), (5, 3, 3));
    // What the illustration writes is what holds without a word.
    assert_eq!(agreement.release, ReleaseRules::default());
    assert_eq!(agreement.release.dominance, Dominance { p: share("0.1"), n: 2, k: share("0.9") });
    assert_eq!(set.consent.majority_age, 16);
    assert_eq!((set.consent.majority_otherwise, set.consent.death), (Otherwise::Continue, Death::End));
}

fn share(text: &str) -> Number {
    Number::parse(text).expect("a number")
}

#[test]
fn the_hash_is_of_the_texts() {
    let mut bench = Bench::new();
    let hash = |bench: &mut Bench, text: &str| bench.policy(text).0.hash;
    let first = hash(&mut bench, POLICY);
    assert_eq!(first, hash(&mut bench, POLICY));
    assert_ne!(first, hash(&mut bench, &POLICY.replace("2027", "2028")));
}

#[test]
fn silent_thresholds_follow_min_subjects() {
    let mut bench = Bench::new();
    let (set, _) = bench.policy(&agreement("release { min subjects 20 }"));
    let release = &set.agreements["A"].release;
    assert_eq!((release.difference, release.allele_min_carriers), (20, 20));
}

#[test]
fn names_are_those_of_the_model() {
    let mut bench = Bench::new();
    wrong(&mut bench, &agreement("may test phenotpye"), "E0501", "phenotpye");
    wrong(&mut bench, &agreement("may test subject (sx)"), "E0501", "sx");
    wrong(&mut bench, &agreement("may show ancestri"), "E0501", "ancestri");
    wrong(&mut bench, &agreement("may show code"), "E0501", "code");
}

#[test]
fn words_are_known() {
    let mut bench = Bench::new();
    let text = agreement("").replace("aggregate", "agregate");
    wrong(&mut bench, &text, "E0502", "agregate");
    wrong(&mut bench, &agreement("formats excel"), "E0502", "excel");
    wrong(&mut bench, &agreement("").replace("HMB", "HBM"), "E0502", "HBM");
    wrong(&mut bench, &agreement("").replace("HMB", "HMB with comercial"), "E0502", "comercial");
    wrong(&mut bench, &agreement("release { min subject 10 }"), "E0502", "min subject 10");
    wrong(&mut bench, &agreement("release { zeros hidden }"), "E0502", "zeros hidden");
    let (set, diagnostics) = bench.policy("death stop");
    assert_eq!(set.consent.death, Death::End, "the stricter where it cannot be read");
    assert!(bench.said(&diagnostics)[0].starts_with("E0502 [stop]"));
}

#[test]
fn dates_are_days_in_order() {
    let mut bench = Bench::new();
    wrong(
        &mut bench,
        &agreement("").replace("2026-01-01", "2026-01-01 until 2025-01-01"),
        "E0503",
        "valid 2026-01-01 until 2025-01-01",
    );
    wrong(&mut bench, &agreement("").replace("2026-01-01", "2026-01"), "E0503", "2026-01");
}

#[test]
fn thresholds_keep_the_floor() {
    let mut bench = Bench::new();
    wrong(&mut bench, &agreement("release { min subjects 4 }"), "E0504", "min subjects 4");
    wrong(
        &mut bench,
        &agreement("release { frequency min subjects 1 }"),
        "E0504",
        "frequency min subjects 1",
    );
    wrong(&mut bench, &agreement("release { min subjects 5, round to 20 }"), "E0504", "round to 20");
    wrong(&mut bench, &agreement("release { dominance 10% }"), "E0504", "dominance 10%");
}

#[test]
fn purposes_say_what_they_have_to() {
    let mut bench = Bench::new();
    wrong(&mut bench, &agreement("").replace("HMB", "DS"), "E0505", "DS");
    wrong(&mut bench, &agreement("").replace("HMB", "HMB [DOID:114]"), "E0505", "HMB [DOID:114]");
    wrong(&mut bench, &agreement("").replace("HMB", "DS [ICD10:I21]"), "E0505", "ICD10:I21");
}

#[test]
fn lines_stand_once_and_none_is_missing() {
    let mut bench = Bench::new();
    wrong(&mut bench, &agreement("level record"), "E0506", "level record");
    wrong(&mut bench, &agreement("").replace("level aggregate", ""), "E0506", "\"A\"");
    let (_, diagnostics) = bench.policy("purpose p = HMB\npurpose p = GENERAL");
    assert!(bench.said(&diagnostics)[0].starts_with("E0506 [p]"));
}

#[test]
fn not_everything_can_be_granted() {
    let mut bench = Bench::new();
    wrong(&mut bench, &agreement("may test subject (subject_id)"), "E0507", "subject_id");
    wrong(&mut bench, &agreement("may test call_set"), "E0507", "call_set");
    wrong(&mut bench, &agreement("may show subject"), "E0507", "subject");
    wrong(&mut bench, &agreement("may show band(age, 18 months)"), "E0507", "band(age, 18 months)");
    wrong(&mut bench, &agreement("may show month(sex)"), "E0507", "month(sex)");
    wrong(&mut bench, &agreement("may show count(phenotypes)"), "E0507", "count(phenotypes)");
}

#[test]
fn a_policy_file_holds_policy() {
    let mut bench = Bench::new();
    let (_, diagnostics) = bench.policy("codes x = HP:0001250");
    assert!(bench.said(&diagnostics)[0].starts_with("E0508 [x]"));
}

#[test]
fn versions_ascend() {
    let mut bench = Bench::new();
    let two = |first: u32, second: u32| {
        let version = |number: u32| agreement("").replace("version 1", &format!("version {number}"));
        format!("{}\n{}", version(first), version(second))
    };
    let (set, diagnostics) = bench.policy(&two(1, 2));
    assert_eq!(bench.said(&diagnostics), [""; 0]);
    assert_eq!(set.agreements["A"].version, 2);
    wrong(&mut bench, &two(2, 2), "E0509", "\"A\"");
    wrong(&mut bench, &two(2, 1), "E0509", "\"A\"");
    let (set, _) = bench.policy(&format!(
        "{}\n{}",
        agreement(""),
        agreement("formats excel").replace("version 1", "version 2")
    ));
    assert!(set.agreements.is_empty(), "an older version does not stand in for a broken one");
}
