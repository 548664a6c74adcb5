//! Questions about alleles and samples: frequencies, rare alleles, lots.

use super::files::{AS_OF, Feature, Row, day};
use super::genotypes::{Allele, Counts};
use super::released::{people, ratio, rounded};
use super::{demo, files, genotypes, rows};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;

const FOUNDERS: [&str; 2] = ["NM_000059.4:c.5946del", "NM_007294.4:c.68_69del"];

/// Whether a released frequency may tell of its allele: nobody carries it, or ten people do.
fn told(counts: Counts) -> bool {
    counts.eligible >= 100 && !(1..10).contains(&counts.carriers)
}

const COUNTS: [&str; 5] = ["ac", "an", "hom", "hemi", "missing"];

/// A count of a total whose groups are all told: the sum of what was released of them.
fn total(all: &[Row], row: &Row, key: &str, column: &str) -> Option<u64> {
    let parts = all.iter().filter(|other| other["variant"] == row["variant"] && other[key] != "total");
    let told: Option<Vec<u64>> = parts.map(|part| part.get(column)?.parse().ok()).collect();
    told.filter(|_| row[key] == "total").map(|told| told.iter().sum())
}

/// Compares the columns of a frequency that are not withheld. What may be told is told, but for one more cell per
/// withheld one, which protects it; gives how many cells were compared.
fn compare(all: &[Row], row: &Row, key: &str, counts: Counts, columns: &[&str]) -> usize {
    let released: BTreeMap<&str, u64> = COUNTS
        .into_iter()
        .map(|column| (column, total(all, row, key, column).unwrap_or_else(|| raw(counts, column))))
        .collect();
    let mut compared = 0;
    for column in columns {
        let cell = row[*column].as_str();
        if cell == "withheld" || cell.starts_with('<') {
            assert!(!told(counts) || column != &"an", "{column} of {row:?}: {counts:?}");
            continue;
        }
        let expected = match *column {
            "af" if counts.an == 0 => String::new(),
            "af" => ratio(released["ac"].into(), released["an"].into()),
            column => released[column].to_string(),
        };
        let always = ["an", "missing"].contains(column) || counts.eligible == 0;
        assert!(told(counts) || always, "{column} of {row:?} is told: {counts:?}");
        assert_eq!(cell, expected, "{column} of {row:?}: {counts:?}");
        compared += 1;
    }
    compared
}

/// A count of a group, rounded.
fn raw(counts: Counts, column: &str) -> u64 {
    rounded(match column {
        "ac" => counts.ac,
        "an" => counts.an,
        "hom" => counts.hom,
        "hemi" => counts.hemi,
        "missing" => counts.missing,
        other => unreachable!("{other}"),
    })
}

/// Chosen samples of permitted people with a property, each with two copies of every autosome.
fn chosen(wanted: impl Fn(&str) -> bool) -> Vec<String> {
    files().chosen().into_iter().filter(|(person, _)| wanted(person)).map(|(_, sample)| sample).collect()
}

fn autosomal(allele: &Allele, samples: &[String]) -> Counts {
    genotypes().counts(allele, samples.iter().map(|sample| (sample.as_str(), 2)))
}

#[test]
fn founder_alleles_by_ancestry() {
    let (files, genotypes) = (files(), genotypes());
    let came = rows("08_founders.bq", "founder_frequencies");
    assert_eq!(came.len(), 14);
    let columns = ["ac", "an", "af", "hom", "missing"];
    let mut compared = 0;
    for row in &came {
        let allele = genotypes.named(&row["hgvs"]);
        assert!(FOUNDERS.contains(&allele.hgvs.as_str()) && allele.name == row["variant"]);
        let samples = chosen(|person| {
            let ancestry = files.people[person]["ancestry"].as_str();
            let wanted = row["ancestry"] == "total" || row["ancestry"] == ancestry;
            !ancestry.is_empty() && wanted && files.unrelated(person)
        });
        compared += compare(&came, row, "ancestry", autosomal(allele, &samples), &columns);
    }
    assert!(compared >= 50, "{compared} cells compared");
}

/// Frequencies of the demo's gnomAD by allele: of all, and the greatest, in millionths.
pub(super) fn gnomad() -> BTreeMap<String, [i128; 2]> {
    let text = fs::read_to_string(demo().path("sources/gnomad.vcf")).unwrap();
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| {
            let cells: Vec<&str> = line.split('\t').collect();
            let contig = cells[0].trim_start_matches("chr").replace('M', "MT");
            let value = |key: &str| -> i128 {
                let found = cells[7].split(';').find_map(|part| part.strip_prefix(key)).unwrap();
                found.strip_prefix("0.").unwrap().parse().unwrap()
            };
            let name = format!("GRCh38:{contig}:{}:{}:{}", cells[1], cells[3], cells[4]);
            (name, [value("AF="), value("AF_grpmax=")])
        })
        .collect()
}

#[test]
fn rare_alleles_of_weak_hearts() {
    let (files, genotypes, gnomad) = (files(), genotypes(), gnomad());
    let weak = |person: &str, features: &BTreeMap<String, Vec<Feature>>| {
        features.get(person).is_some_and(|features| {
            features.iter().any(|one| !one.excluded && files.above(&one.term).contains("HP:0001638"))
        })
    };
    let features = files.features();
    let affected = chosen(|person| weak(person, &features));
    let everybody = chosen(|_| true);
    let mut expected: BTreeMap<String, Counts> = BTreeMap::new();
    for allele in &genotypes.alleles {
        let rare = gnomad.get(&allele.name).is_none_or(|[_, greatest]| *greatest < 1_000);
        let panel = ["MYBPC3", "MYH7", "TNNT2"].contains(&allele.gene.as_str());
        if !panel || allele.impact != "HIGH" || !rare || autosomal(allele, &everybody).ac == 0 {
            continue;
        }
        let counts = autosomal(allele, &affected);
        // Of few carriers is told only where a public release has the allele.
        let listed = counts.carriers >= 10 || counts.carriers >= 1 && gnomad.contains_key(&allele.name);
        if listed {
            expected.insert(allele.name.clone(), counts);
        }
    }
    let came = rows("09_rare_variants.bq", "rare_high_impact");
    assert_eq!(
        came.iter().map(|row| row["variant"].clone()).collect::<BTreeSet<_>>(),
        expected.keys().cloned().collect()
    );
    for row in &came {
        let counts = expected[&row["variant"]];
        assert_eq!(row["carriers"], people(counts.carriers), "{row:?}");
        assert_eq!(row["people"], rounded(counts.eligible).to_string(), "{row:?}");
        assert_eq!(row["gene"], "MYBPC3");
    }
    assert!(came.len() >= 2);
}

/// Copies of X outside its pseudo-autosomal regions that a person has.
fn copies_of_x(person: &Row) -> usize {
    match (person["karyotype"].as_str(), person["sex"].as_str()) {
        ("XX" | "XXY", _) | ("", "female") => 2,
        ("XY" | "XO" | "XYY", _) | ("", "male") => 1,
        _ => 0,
    }
}

#[test]
fn one_copy_of_x_or_two() {
    let (files, genotypes) = (files(), genotypes());
    let allele = genotypes.named("NM_001360016.2:c.202G>A");
    let rate: BTreeMap<&str, u32> = files
        .samples
        .iter()
        .map(|row| (row["sample_id"].as_str(), row["call_rate"].replace("0.", "").parse().unwrap()))
        .collect();
    let came = rows("10_x_linked.bq", "g6pd_a_minus");
    let mut compared = 0;
    for row in &came {
        let of: Vec<(String, usize)> = files
            .chosen()
            .into_iter()
            .filter(|(person, sample)| {
                let sex = files.sex(person);
                let wanted = row["sex"] == "total" || row["sex"] == sex;
                wanted && sex != "unknown" && rate[sample.as_str()] > 9_500
            })
            .map(|(person, sample)| (sample, copies_of_x(&files.people[&person])))
            .collect();
        let counts = genotypes.counts(allele, of.iter().map(|(sample, copies)| (sample.as_str(), *copies)));
        compared += compare(&came, row, "sex", counts, &["ac", "an", "hemi", "af"]);
    }
    assert_eq!(compared, 20);
}

#[test]
fn carriers_of_cystic_fibrosis() {
    let (files, genotypes) = (files(), genotypes());
    let known = ["c.1521_1523del", "c.1624G>T", "c.1652G>A"];
    let alleles = known.map(|name| genotypes.named(&format!("NM_000492.4:{name}")));
    let everybody = chosen(|_| true);
    for row in rows("11_carriers.bq", "each_allele") {
        let counts = autosomal(genotypes.named(&row["hgvs"]), &everybody);
        assert_eq!(row["carriers"], people(counts.carriers), "{row:?}");
    }
    let came = rows("11_carriers.bq", "any_allele");
    for row in &came {
        let written = |person: &String| match files.people[person]["ancestry"].as_str() {
            "" => "not recorded",
            ancestry => ancestry,
        };
        let of = files.permitted.keys().filter(|person| written(person) == row["ancestry"]);
        let of: Vec<&String> = of.filter(|person| files.unrelated(person)).collect();
        let samples = files.chosen();
        let carriers = of
            .iter()
            .filter(|person| {
                samples
                    .get(**person)
                    .is_some_and(|sample| alleles.iter().any(|allele| genotypes.carries(allele, sample)))
            })
            .count();
        assert_eq!(row["people"], people(of.len() as u64), "{row:?}");
        assert_eq!(row["carriers"], people(carriers as u64), "{row:?}");
    }
    assert_eq!(came.len(), 6);
}

/// A decimal in hundredths.
fn hundredths(text: &str) -> i128 {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    format!("{whole}{part:0<2}").parse().unwrap()
}

#[test]
fn quality_of_lots() {
    let files = files();
    let mut by_lot: BTreeMap<&str, Vec<&Row>> = BTreeMap::new();
    for row in files.readable_samples().into_values() {
        by_lot.entry(row["kit_lot"].as_str()).or_default().push(row);
    }
    let came = rows("17_kit_lots.bq", "quality_of_lots");
    assert_eq!(came.len(), by_lot.len());
    for row in &came {
        let of = &by_lot[row["kit_lot"].as_str()];
        let subjects: BTreeSet<&str> = of.iter().map(|row| row["subject_id"].as_str()).collect();
        let mean = |column: &str| {
            let sum: i128 = of.iter().map(|row| hundredths(&row[column])).sum();
            ratio(sum, 100 * of.len() as i128)
        };
        assert_eq!(row["people"], people(subjects.len() as u64), "{row:?}");
        assert_eq!(row["coverage"], mean("mean_coverage"), "{row:?}");
        assert_eq!(row["titv"], mean("ti_tv"), "{row:?}");
    }
    let worst = came.iter().min_by_key(|row| hundredths(&row["coverage"][..4])).unwrap();
    assert_eq!(worst["kit_lot"], "K-105");
    // Months of 2022 by lot.
    let mut months: BTreeMap<[String; 2], Vec<&Row>> = BTreeMap::new();
    for row in files.readable_samples().into_values() {
        let on = day(row, "sequenced_on").unwrap();
        if on.year() == 2022 && on <= AS_OF {
            let month = format!("2022-{:02}", on.month());
            months.entry([row["kit_lot"].clone(), month]).or_default().push(row);
        }
    }
    let came = rows("17_kit_lots.bq", "lot_quality");
    let mut compared = 0;
    for row in came.iter().filter(|row| row["kit_lot"] != "other") {
        // A month in which a lot that is told of has no sample is a row with nothing in it.
        let Some(of) = months.get(&[row["kit_lot"].clone(), row["month"].clone()]) else {
            assert_eq!(row["coverage"], "", "{row:?}");
            continue;
        };
        let sum: i128 = of.iter().map(|row| hundredths(&row["mean_coverage"])).sum();
        assert_eq!(row["coverage"], ratio(sum, 100 * of.len() as i128), "{row:?}");
        compared += 1;
    }
    let told = months.values().filter(|of| of.len() >= 10).count();
    assert_eq!(compared, told, "months of lots with ten samples and more are told");
}

#[test]
fn lots_whose_alleles_depart() {
    let (files, genotypes, gnomad) = (files(), genotypes(), gnomad());
    let lot: BTreeMap<&str, &str> =
        files.samples.iter().map(|row| (row["sample_id"].as_str(), row["kit_lot"].as_str())).collect();
    let mut by_lot: BTreeMap<&str, Vec<(String, String)>> = BTreeMap::new();
    for (person, sample) in files.chosen() {
        by_lot.entry(lot[sample.as_str()]).or_default().push((person, sample));
    }
    let million = 1_000_000_i128;
    let mut departing: BTreeMap<String, String> = BTreeMap::new();
    for (lot, of) in &by_lot {
        let (mut departs, mut known) = (0_i128, 0_i128);
        for allele in &genotypes.alleles {
            let Some([expected, _]) = gnomad.get(&allele.name).filter(|[af, _]| *af >= 50_000) else {
                continue;
            };
            let copies = |person: &str| match allele.contig.as_str() {
                "X" if allele.position > 2_781_479 => copies_of_x(&files.people[person]),
                "Y" => copies_of_y(&files.people[person]),
                "MT" => 1,
                _ => copies_of_autosome(&files.people[person], &allele.contig),
            };
            let counts =
                genotypes.counts(allele, of.iter().map(|(person, sample)| (sample.as_str(), copies(person))));
            if !told(counts) || counts.an == 0 {
                continue;
            }
            let (ac, an) = (i128::from(rounded(counts.ac)), i128::from(rounded(counts.an)));
            // (ac/an − f)² · an > 25 · f · (1 − f), with f in millionths, times an · 10¹².
            let off = ac * million - expected * an;
            known += 1;
            departs += i128::from(off * off > 25 * expected * (million - expected) * an);
        }
        if known > 0 && departs * 100 > known {
            departing.insert((*lot).to_owned(), ratio(departs, known));
        }
    }
    let came = rows("18_departing_lots.bq", "departing_lots");
    let told: BTreeMap<String, String> =
        came.iter().map(|row| (row["kit_lot"].clone(), row["departing"].clone())).collect();
    assert_eq!(told, departing);
    assert_eq!(told.keys().collect::<Vec<_>>(), ["K-105"]);
    for row in rows("18_departing_lots.bq", "watched_shift") {
        let allele = genotypes.alleles.iter().find(|allele| allele.name == row["variant"]).unwrap();
        let af = |kept: bool| {
            let of = by_lot.iter().filter(|(lot, _)| !kept || !departing.contains_key(**lot));
            let samples: Vec<String> =
                of.flat_map(|(_, of)| of.iter().map(|(_, sample)| sample.clone())).collect();
            let counts = autosomal(allele, &samples);
            ratio(rounded(counts.ac).into(), rounded(counts.an).into())
        };
        assert_eq!(row["af_all"], af(false), "{row:?}");
        if row["af_kept"] != "withheld" {
            assert_eq!(row["af_kept"], af(true), "{row:?}");
        }
    }
}

fn copies_of_y(person: &Row) -> usize {
    match (person["karyotype"].as_str(), person["sex"].as_str()) {
        ("XY" | "XXY", _) | ("", "male") => 1,
        ("XYY", _) => 2,
        _ => 0,
    }
}

/// Two; of the pseudo-autosomal region as many as there are sex chromosomes.
fn copies_of_autosome(person: &Row, contig: &str) -> usize {
    if contig == "X" && person["karyotype"] == "XO" { 1 } else { 2 }
}
