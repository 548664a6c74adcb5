//! Questions that consent decides: consent at other days and for other purposes, and findings of people who may be
//! told.

use super::files::{AS_OF, COMMERCE, HEALTH, RECONTACT, Row, day, purpose};
use super::released::{people, ratio, rounded};
use super::{demo, files, rows};
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;

/// The day on which each person was first sequenced.
fn first_sequenced() -> BTreeMap<String, Date> {
    let mut all: BTreeMap<String, Date> = BTreeMap::new();
    for (_, row) in files().readable_samples() {
        let Some(on) = day(row, "sequenced_on") else { continue };
        let first = all.entry(row["subject_id"].clone()).or_insert(on);
        *first = on.min(*first);
    }
    all
}

fn month(of: Date) -> String {
    format!("{:04}-{:02}", of.year(), of.month())
}

#[test]
fn first_samples_by_month() {
    let came = rows("14_months.bq", "throughput");
    assert_eq!(came.len(), 12);
    let firsts = first_sequenced();
    let mut before: Option<u64> = None;
    for row in &came {
        let raw = firsts.values().filter(|on| month(**on) == row["month"]).count() as u64;
        assert_eq!(row["people"], people(raw), "{row:?}");
        let change = match before {
            None => String::new(),
            Some(before) if (1..10).contains(&before) || (1..10).contains(&raw) => "withheld".into(),
            Some(before) => (rounded(raw).cast_signed() - rounded(before).cast_signed()).to_string(),
        };
        assert_eq!(row["change"], change, "{row:?}");
        before = Some(raw);
    }
}

#[test]
fn commercial_consent_of_the_newly_sequenced() {
    let files = files();
    let commerce = purpose(COMMERCE);
    let (from, to) = (Date::constant(2024, 3, 1), Date::constant(2024, 7, 31));
    let mut all: BTreeMap<(String, String), [u64; 2]> = BTreeMap::new();
    for (id, index) in first_sequenced() {
        if !(from..=to).contains(&index) {
            continue;
        }
        let counts = all.entry((files.people[&id]["site"].clone(), month(index))).or_default();
        counts[0] += 1;
        counts[1] += u64::from(files.valid_at(&id, index, &commerce));
    }
    // Sites have no declared domain: what is of fewer than 10 people in a month is told of together.
    let mut told: BTreeMap<(String, String), [u64; 2]> = BTreeMap::new();
    for ((site, month), [sequenced, consented]) in all {
        let site = if sequenced < 10 { "other".to_owned() } else { site };
        let counts = told.entry((site, month)).or_default();
        counts[0] += sequenced;
        counts[1] += consented;
    }
    let came = rows("15_commercial_consent.bq", "commercial_consent");
    let mut counted = 0;
    for row in &came {
        let key = (row["site"].clone(), row["month"].clone());
        let [sequenced, consented] = told.remove(&key).unwrap_or_default();
        assert_eq!(row["sequenced"], people(sequenced), "{key:?}");
        // The few who had not consented would be a subtraction away.
        let few_others = (1..10).contains(&(sequenced - consented));
        if consented >= 10 && few_others {
            assert_eq!((&*row["consented"], &*row["proportion"]), ("withheld", "withheld"), "{key:?}");
            counted += 1;
            continue;
        }
        assert_eq!(row["consented"], people(consented), "{key:?}");
        if sequenced >= 10 && consented >= 10 {
            let expected = ratio(rounded(consented).into(), rounded(sequenced).into());
            assert_eq!(row["proportion"], expected, "{key:?}");
            counted += 1;
        }
    }
    assert!(told.is_empty(), "{told:?}");
    assert!(counted >= 10, "{counted}");
}

#[test]
fn taken_back_between_two_days() {
    let files = files();
    let commerce = purpose(COMMERCE);
    let (then, now) = (Date::constant(2019, 1, 1), AS_OF);
    for row in rows("16_taken_back.bq", "taken_back") {
        let of: Vec<&String> = files.permitted.keys().filter(|id| files.sex(id) == row["sex"]).collect();
        let count = |wanted: &dyn Fn(bool, bool) -> bool| {
            let fits = |id: &&&String| {
                wanted(files.valid_at(id, then, &commerce), files.valid_at(id, now, &commerce))
            };
            people(of.iter().filter(fits).count() as u64)
        };
        assert_eq!(row["people"], people(of.len() as u64));
        assert_eq!(row["allowed"], count(&|then, _| then), "{row:?}");
        assert_eq!(row["took_back"], count(&|then, now| then && !now), "{row:?}");
        assert_eq!(row["allowed_since"], count(&|then, now| !then && now), "{row:?}");
    }
}

/// What a release of ClinVar calls an allele, in the words of its file.
fn clinvar(file: &str) -> BTreeMap<String, String> {
    let text = fs::read_to_string(demo().path(&format!("sources/{file}"))).unwrap();
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| {
            let cells: Vec<&str> = line.split('\t').collect();
            let said = cells[7].split(';').find_map(|part| part.strip_prefix("CLNSIG=")).unwrap();
            (format!("GRCh38:{}:{}:{}:{}", cells[0], cells[1], cells[3], cells[4]), said.to_owned())
        })
        .collect()
}

#[test]
fn reported_alleles_that_were_called_pathogenic_since() {
    let files = files();
    let (then, now) = (clinvar("clinvar_20230107.vcf"), clinvar("clinvar_20241207.vcf"));
    let (health, recontact) = (purpose(HEALTH), purpose(RECONTACT));
    let mut expected: Vec<[String; 3]> = Vec::new();
    let mut reported_to = BTreeSet::new();
    for packet in files.packets() {
        let id = packet["subject"]["id"].as_str().unwrap();
        let Some(cut_off) = files.permitted.get(id) else { continue };
        let created: Date = packet["metaData"]["created"].as_str().unwrap()[..10].parse().unwrap();
        let found =
            &packet["interpretations"][0]["diagnosis"]["genomicInterpretations"][0]["variantInterpretation"];
        if found["acmgPathogenicityClassification"] != "UNCERTAIN_SIGNIFICANCE"
            || cut_off.is_some_and(|cut_off| created >= cut_off)
        {
            continue;
        }
        let record = &found["variationDescriptor"]["vcfRecord"];
        let text = |key: &str| record[key].as_str().unwrap();
        let contig = text("chrom").trim_start_matches("chr");
        let allele = format!("GRCh38:{contig}:{}:{}:{}", text("pos"), text("ref"), text("alt"));
        let was = then.get(&allele).is_some_and(|said| said == "Uncertain_significance");
        let is = now.get(&allele).is_some_and(|said| said == "Pathogenic" || said == "Likely_pathogenic");
        let reachable = files.valid_at(id, created, &health) && files.valid_at(id, AS_OF, &recontact);
        reported_to.insert(id.to_owned());
        if was && is && reachable {
            expected.push([allele, created.to_string(), files.people[id]["site"].clone()]);
        }
    }
    let came = rows("23_reclassified.bq", "reclassified");
    let told = |row: &Row| [row["variant"].clone(), row["reported_on"].clone(), row["site"].clone()];
    let mut told: Vec<[String; 3]> = came.iter().map(told).collect();
    told.sort();
    expected.sort();
    assert_eq!(told, expected);
    assert!(expected.len() >= 10 && reported_to.len() > 2 * expected.len(), "something was left out");
}
