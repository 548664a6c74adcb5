//! Questions about cohorts that are followed, of events, and matched.

use super::alleles::gnomad;
use super::files::{AS_OF, Row, day};
use super::genotypes::Allele;
use super::people::{high_days, median, new_users};
use super::released::{people, ratio, rounded};
use super::{files, genotypes, rows};
use jiff::ToSpan;
use jiff::civil::Date;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// A last day that was past on the day of the question.
fn ended(row: &Row) -> Option<Date> {
    day(row, "ended").filter(|ended| *ended <= AS_OF)
}

/// The last day of the first episode of some rows that at most so many uncovered days divide; nothing where it goes on.
fn first_episode_ended(mut of: Vec<&Row>, gap: i32) -> Option<Date> {
    of.sort_by_key(|row| day(row, "started"));
    let mut end = ended(of[0])?;
    for row in &of[1..] {
        if (day(row, "started").unwrap() - end).get_days() - 1 > gap {
            break;
        }
        end = end.max(ended(row)?);
    }
    Some(end)
}

#[test]
fn how_the_follow_up_of_new_users_ends() {
    let files = files();
    let (treatments, periods) = (files.rows("treatment", "started"), files.rows("observation", "started"));
    let mut all: BTreeMap<&str, Vec<i64>> = BTreeMap::new();
    for (id, index) in new_users(files).1 {
        if files.age(&id, index).is_none_or(|age| age < 40) {
            continue;
        }
        let drug = |row: &&Row| ["ATC:C10AX13", "ATC:C10AX14"].contains(&row["drug"].as_str());
        let stopped = first_episode_ended(treatments[&id].iter().filter(drug).collect(), 30);
        let died = day(&files.people[&id], "death_date").filter(|died| *died <= AS_OF);
        let in_force = |row: &&Row| {
            day(row, "started").unwrap() <= index && ended(row).is_none_or(|ended| index <= ended)
        };
        let lost = periods[&id].iter().find(in_force).and_then(ended);
        let dates = [("stopped", stopped), ("died", died), ("lost", lost)];
        let exits =
            dates.into_iter().filter_map(|(reason, on)| Some((on.filter(|on| *on >= index)?, reason)));
        // Of one day the first that is written.
        let (on, reason) = exits.min_by_key(|(on, _)| *on).unwrap_or((AS_OF, "as of"));
        all.entry(reason).or_default().push(i64::from((on - index).get_days()));
    }
    let came = rows("19_new_users.bq", "ends");
    assert_eq!(came.len(), 4);
    for row in &came {
        let days = all.get(row["exit_reason"].as_str()).cloned().unwrap_or_default();
        assert_eq!(row["people"], people(days.len() as u64), "{row:?}");
        if days.len() >= 20 {
            assert_eq!(row["median_days"], median(days), "{row:?}");
        }
    }
    assert!(all["stopped"].len() >= 20);
}

#[test]
fn measured_again_after_each_high_day() {
    let files = files();
    let tested = files.days("measurement", ["code", "date"], &["LOINC:4548-4", "LOINC:59261-8"]);
    let came = rows("20_events.bq", "checked_again");
    for row in &came {
        let (mut who, mut days, mut again) = (BTreeSet::new(), 0, 0);
        for (id, high) in high_days().iter().filter(|(id, _)| files.sex(id) == row["sex"]) {
            for index in high {
                let later = |day: &Date| index < day && *day <= *index + 6.months();
                who.insert(id.clone());
                days += 1;
                again += u64::from(tested[id].iter().any(later));
            }
        }
        assert_eq!(row["people"], people(who.len() as u64), "{row:?}");
        if who.len() >= 10 {
            assert_eq!(row["days"], rounded(days).to_string(), "{row:?}");
            assert_eq!(row["checked"], ratio(rounded(again).into(), rounded(days).into()), "{row:?}");
        }
    }
    assert_eq!(came.len(), 3);
}

/// The lot of a person under a seed.
fn lot(seed: u32, person: &str) -> String {
    let mut text = String::new();
    for byte in Sha256::digest(format!("{seed}:{person}")) {
        write!(text, "{byte:02x}").unwrap();
    }
    text
}

/// Cases of early Parkinson disease, and the controls that they take.
fn matched() -> [Vec<String>; 2] {
    let files = files();
    let ill = files.days("diagnosis", ["code", "date"], &["ICD10:G20"]);
    let passed: BTreeSet<String> = files
        .readable_samples()
        .into_values()
        .filter(|row| row["qc_passed"] == "true")
        .map(|row| row["subject_id"].clone())
        .collect();
    let genotyped = || files.permitted.keys().filter(|id| files.unrelated(id) && passed.contains(*id));
    let early =
        |id: &&String| ill.get(*id).is_some_and(|days| files.age(id, days[0]).is_some_and(|age| age < 50));
    let mut cases: Vec<String> = genotyped().filter(early).cloned().collect();
    cases.sort_by_key(|id| lot(7, id));
    let mut free: BTreeSet<&String> = genotyped().filter(|id| !ill.contains_key(*id)).collect();
    let year = |id: &str| files.people[id]["birth_year"].parse::<i32>().ok();
    let mut controls = Vec::new();
    for case in &cases {
        let (sex, ancestry) = (files.sex(case), files.people[case]["ancestry"].as_str());
        let Some(born) = year(case).filter(|_| !ancestry.is_empty()) else { continue };
        let fits = |id: &&&String| {
            let near = year(id).is_some_and(|year| (year - born).abs() <= 2);
            near && files.sex(id) == sex && files.people[id.as_str()]["ancestry"] == ancestry
        };
        let mut near: Vec<&String> = free.iter().filter(fits).copied().collect();
        near.sort_by_key(|id| (year(id).map(|year| (year - born).abs()), lot(7, id)));
        for control in near.into_iter().take(4) {
            free.remove(control);
            controls.push(control.clone());
        }
    }
    [cases, controls]
}

/// The probability of tables as unlikely as this one, or more, with its margins.
fn fisher(a: u64, b: u64, c: u64, d: u64) -> f64 {
    let log_factorial = |n: u64| (1..=u32::try_from(n).unwrap()).map(|n| f64::from(n).ln()).sum::<f64>();
    let [row_1, row_2, column_1] = [a + b, c + d, a + c];
    let choose = |n: u64, k: u64| log_factorial(n) - log_factorial(k) - log_factorial(n - k);
    let log_p = |a: u64| choose(row_1, a) + choose(row_2, column_1 - a) - choose(row_1 + row_2, column_1);
    let all = (column_1.saturating_sub(row_2)..=column_1.min(row_1)).map(log_p);
    all.filter(|one| *one <= log_p(a) + 1e-9).map(f64::exp).sum()
}

#[test]
fn burden_of_genes_in_matched_people() {
    let (files, genotypes, gnomad) = (files(), genotypes(), gnomad());
    let groups = matched();
    let chosen = files.chosen();
    let lost = ["stop_gained", "frameshift_variant", "splice_acceptor_variant", "splice_donor_variant"];
    let of_gene = |gene: &str| -> Vec<&Allele> {
        let rare = |allele: &&Allele| {
            allele.gene == gene
                && lost.contains(&allele.consequence.as_str())
                && gnomad.get(&allele.name).is_none_or(|[_, greatest]| *greatest < 1_000)
        };
        genotypes.alleles.iter().filter(rare).collect()
    };
    let came = rows("21_matched_burden.bq", "burden");
    let autosomal = |row: &&Row| {
        let contig = genotypes.alleles.iter().find(|allele| allele.gene == row["gene"]);
        contig.is_some_and(|allele| !["X", "Y", "MT"].contains(&allele.contig.as_str()))
    };
    let mut told = Vec::new();
    for row in came.iter().filter(autosomal) {
        let alleles = of_gene(&row["gene"]);
        let [cases, controls] = groups.each_ref().map(|group| {
            let samples: Vec<&String> = group.iter().filter_map(|id| chosen.get(id)).collect();
            let carries = |sample: &&&String| alleles.iter().any(|allele| genotypes.carries(allele, sample));
            [samples.iter().filter(carries).count() as u64, samples.len() as u64]
        });
        assert_eq!(row["n1"], people(cases[0]), "{row:?}");
        assert_eq!(row["n0"], people(controls[0]), "{row:?}");
        if cases[0] < 10 || controls[0] < 10 {
            continue;
        }
        let [a, n1, c, n0] = [cases[0], cases[1], controls[0], controls[1]].map(rounded);
        let (b, d) = (n1 - a, n0 - c);
        assert_eq!(row["odds_ratio"], ratio(i128::from(a * d), i128::from(b * c)), "{row:?}");
        let expected = fisher(a, b, c, d);
        assert!((row["p"].parse::<f64>().unwrap() - expected).abs() < 1e-9, "{row:?}: {expected}");
        told.push(row["gene"].clone());
    }
    assert_eq!(told, ["GBA1"]);
}
