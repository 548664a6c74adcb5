//! The binary on real data: the chromosome 22 file of the 1000 Genomes Project, its pedigree, the
//! consent oracle and the phenopacket store are loaded as a steward would load them, and what
//! `baseq run` prints is compared with counts taken from the input files by the plain readers below,
//! which share nothing with the loaders or the compiler.

#![expect(clippy::print_stderr, reason = "a test that is not run has to say so")]

mod asked;
mod real;

use policy::consent::{About, Basis, Dates, Policy, decide};
use real::{Allele, Genotypes, POPULATIONS, Project, shared};
use std::collections::{BTreeMap, BTreeSet};

const OPEN: &str = r#"
agreement "OPEN" version 1 {
  recipient "Everyone"
  purpose   GENERAL with genetic, irb, publish
  valid     2020-01-01 until 2100-01-01
  may test  subject (sex, ancestry, population), sample, phenotype, diagnosis, measurement, call (call)
  may show  variant, sex, ancestry
  level     aggregate
  release   { min subjects 5, round to 1, zeros shown, frequency min subjects 5, allele min carriers 1, margin 100% }
  formats   csv
}
"#;

const FREQUENCIES: &str = r#"
use agreement "OPEN"
as of 2020-06-01
table everyone =
  from variants
  frequency among subjects
  show variant, ac, an, af, hom, carriers, people
table by_ancestry =
  from variants
  frequency among subjects by ancestry
  show variant, ancestry, ac, an, af
"#;

/// Every number that the README of the shared data gives for the file, from `baseq run`, where
/// everybody consents to everything and the agreement shows every allele unrounded.
#[test]
fn chromosome_22_as_its_readme_and_info_say() {
    let Some(shared) = shared("data/1000g-chr22-grch37/10k.chr22.phase3.20130502.genotypes.vcf.gz") else {
        return;
    };
    let project = Project::new(OPEN);
    project.genotypes(&shared);
    let samples = real::Genotypes::samples(&shared);
    project.everybody_consents(&samples, "2010-01-01");
    project.ready();
    let rows = project.run(FREQUENCIES, "everyone");
    let genotypes = Genotypes::read(&shared, None);
    assert_eq!(genotypes.alleles.len(), 9_792);
    let number = |row: &BTreeMap<String, String>, column: &str| row[column].parse::<u64>().expect("a number");
    let ac: u64 = rows.iter().map(|row| number(row, "ac")).sum();
    let hom: u64 = rows.iter().map(|row| number(row, "hom")).sum();
    assert_eq!(ac, 1_025_433, "copies of alternates");
    assert_eq!(hom, 269_594, "homozygous people");
    assert_eq!(rows.iter().filter(|row| row["ac"] == "1").count(), 4_134, "singletons");
    // An allele that nobody carries is not listed: the source `variants` holds carried alleles.
    assert_eq!(9_792 - rows.len(), 37, "alleles with AC = 0");
    assert!(rows.iter().all(|row| row["an"] == "5008" && row["people"] == "2504"));
    for row in &rows {
        let expected = &genotypes.alleles[&row["variant"]];
        assert_eq!(number(row, "ac"), expected.ac, "{}", row["variant"]);
        assert_eq!(number(row, "hom"), expected.hom, "{}", row["variant"]);
    }
    let groups = project.run(FREQUENCIES, "by_ancestry");
    let mut found: BTreeMap<(&str, &str), f64> = BTreeMap::new();
    // Everybody's ancestry is known, so that group is of nobody and has no frequency.
    for row in groups.iter().filter(|row| row["ancestry"] != "not recorded") {
        found.insert((&row["variant"], &row["ancestry"]), row["af"].parse().expect("a frequency"));
    }
    let mut compared = 0;
    let mut africa = 0;
    for (variant, allele) in &genotypes.alleles {
        for population in POPULATIONS {
            let af = found.get(&(variant.as_str(), population)).copied().unwrap_or(0.0);
            let info = allele.info[population];
            assert!(
                (af - info).abs() <= 0.000_05 + 1e-9,
                "{population} of {variant}: {af}, and INFO says {info}"
            );
            compared += 1;
        }
        let of = |population| found.get(&(variant.as_str(), population)).copied().unwrap_or(0.0);
        africa += usize::from(of("AFR") >= 0.05 && of("EUR") < 0.001);
    }
    assert_eq!(compared, 48_960);
    assert_eq!(africa, 175, "AFR at least 5 %, EUR below 0.1 %");
    eprintln!("9,792 alleles, {compared} super-population frequencies as in INFO");
}

/// AC and AN under consent are those of a recount over the people whom the policy crate alone permits.
#[test]
fn a_frequency_counts_permitted_samples_only() {
    let Some(shared) = shared("oracles/consent/consent_event.csv") else { return };
    let project = Project::new(OPEN);
    project.genotypes(&shared);
    project.ontology(&shared.join("data/doid-2015/doid.2015-11-25.obo.gz"));
    let oracle = real::Oracle::read(&shared);
    project.consent_of(&shared.join("oracles/consent"));
    project.ready();
    let rows = project.run(FREQUENCIES, "everyone");
    let as_of = "2020-06-01".parse().expect("a date");
    let used_on = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date();
    let dates = Dates::new(as_of, used_on).expect("in order");
    let basis =
        Basis { known_at: jiff::Timestamp::now(), policy: Policy::default(), diseases: &oracle.diseases };
    let purpose = real::purpose(r#"{"primary": "GENERAL", "genetic": true, "irb": true, "publish": true}"#);
    let mut permitted = BTreeSet::new();
    for id in Genotypes::samples(&shared) {
        // The pedigree makes a sample for each person, of which the oracle may know nothing.
        let subject = &oracle.register[&id];
        let verdict = match About::sample(subject, &id) {
            Some(about) => decide(about, &purpose, dates, &basis).verdict,
            None => decide(About::subject(subject), &purpose, dates, &basis).verdict,
        };
        let collected = subject.samples.get(&id).and_then(|sample| sample.collected_on);
        if verdict.reads(collected) && collected.is_none_or(|day| day <= as_of) {
            permitted.insert(id);
        }
    }
    assert!(
        (100..2_400).contains(&permitted.len()),
        "{} permitted: too few or too many to mean anything",
        permitted.len()
    );
    let genotypes = Genotypes::read(&shared, Some(&permitted));
    let carried: BTreeMap<&String, &Allele> =
        genotypes.alleles.iter().filter(|(_, allele)| allele.ac > 0).collect();
    assert_eq!(rows.len(), carried.len());
    for row in &rows {
        let expected = carried[&row["variant"]];
        assert_eq!(row["ac"], expected.ac.to_string(), "AC of {}", row["variant"]);
        assert_eq!(row["an"], expected.an.to_string(), "AN of {}", row["variant"]);
        assert_eq!(row["people"], permitted.len().to_string());
    }
    eprintln!("{} alleles recounted over {} permitted samples", rows.len(), permitted.len());
}

/// Three states of ten phenotypes over the phenopacket store, counted from its JSON.
#[test]
fn phenotypes_have_three_states() {
    let Some(shared) = shared("data/phenopacket-store/phenopackets.dev.tar.xz") else { return };
    let project = Project::new(OPEN);
    project.ontology(&shared.join("data/hpo-2025-01-16/hp.obo.gz"));
    let rejected = project.phenopackets(&shared.join("data/phenopacket-store/phenopackets.dev.tar.xz"));
    let packets = real::Packets::read(&shared, &rejected);
    project.everybody_consents(&packets.ids(), "2010-01-01");
    project.ready();
    let terms = [
        ("HP:0001250", "Seizure"),
        ("HP:0001249", "Intellectual disability"),
        ("HP:0001263", "Global developmental delay"),
        ("HP:0000252", "Microcephaly"),
        ("HP:0001252", "Hypotonia"),
        ("HP:0004322", "Short stature"),
        ("HP:0001629", "Ventricular septal defect"),
        ("HP:0000505", "Visual impairment"),
        ("HP:0000365", "Hearing impairment"),
        ("HP:0000486", "Strabismus"),
    ];
    let hierarchy = real::Hierarchy::read(&shared.join("data/hpo-2025-01-16/hp.obo.gz"));
    for (id, label) in terms {
        let program = format!(
            "use agreement \"OPEN\"\nas of 2020-06-01\ntable states =\n  from subjects\n  group by state = case\n    \
             when has phenotype in {id} \"{label}\" then \"observed\"\n    when excludes phenotype in {id} then \"excluded\"\n    \
             otherwise \"neither\"\n  show state, people = count(subjects)\n"
        );
        let rows = project.run(&program, "states");
        let found: BTreeMap<String, u64> =
            rows.iter().map(|row| (row["state"].clone(), row["people"].parse().expect("a count"))).collect();
        let expected = packets.states(id, &hierarchy);
        assert_eq!(found, expected, "{id} {label}");
        eprintln!("{id} {label}: {found:?}");
    }
}

/// Onsets before a day of life over the phenopacket store, counted from its JSON: ages, classes and gestational
/// ages, each as wide as it is written.
#[test]
fn onsets_are_intervals() {
    let Some(shared) = shared("data/phenopacket-store/phenopackets.dev.tar.xz") else { return };
    let project = Project::new(OPEN);
    project.ontology(&shared.join("data/hpo-2025-01-16/hp.obo.gz"));
    let rejected = project.phenopackets(&shared.join("data/phenopacket-store/phenopackets.dev.tar.xz"));
    let packets = real::Packets::read(&shared, &rejected);
    project.everybody_consents(&packets.ids(), "2010-01-01");
    project.ready();
    let hierarchy = real::Hierarchy::read(&shared.join("data/hpo-2025-01-16/hp.obo.gz"));
    let bounds = [
        ("0 days", 0),
        ("28 days", 28),
        ("1 year", real::onsets::birthday(1.0)),
        ("5 years", real::onsets::birthday(5.0)),
        ("18 years", real::onsets::birthday(18.0)),
    ];
    for (id, label) in [
        ("HP:0000118", "Phenotypic abnormality"),
        ("HP:0001250", "Seizure"),
        ("HP:0001263", "Global developmental delay"),
        ("HP:0001626", "Abnormality of the cardiovascular system"),
    ] {
        for (written, day) in bounds {
            let program = format!(
                "use agreement \"OPEN\"\nas of 2020-06-01\ntable onsets =\n  from subjects\n  group by state = case\n    \
                 when has phenotype in {id} \"{label}\" (onset < {written}) then \"before\"\n    \
                 when no phenotype in {id} (onset < {written}) then \"not before\"\n    \
                 otherwise \"unknown\"\n  show state, people = count(subjects)\n"
            );
            let rows = project.run(&program, "onsets");
            let found: BTreeMap<String, u64> = rows
                .iter()
                .map(|row| (row["state"].clone(), row["people"].parse().unwrap_or(u64::MAX)))
                .collect();
            // Fewer than five are withheld, and their complement with them.
            let withheld = |people: u64| if people == u64::MAX { None } else { Some(people) };
            for (state, people) in packets.before(id, day, &hierarchy) {
                let said = withheld(found[&state]);
                assert!(
                    said.is_none_or(|said| said == people),
                    "{label} before {written}, {state}: {said:?}, {people}"
                );
                assert!(
                    said.is_some() || people < 20,
                    "{label} before {written}, {state}: {people} withheld"
                );
            }
            eprintln!("{label} before {written}: {found:?}");
        }
    }
}

/// The first question of the tour on the CINECA cohort: diagnoses by sex, and weights that are measured, counted from
/// its JSON.
#[test]
fn diagnoses_of_the_cineca_cohort() {
    let Some(shared) = shared("data/cineca-uk1/bff-ega/individuals.json") else { return };
    let path = shared.join("data/cineca-uk1/bff-ega/individuals.json");
    let text = std::fs::read_to_string(&path).expect("the individuals");
    let people: Vec<serde_json::Value> = serde_json::from_str(&text).expect("JSON");
    let project = Project::new(OPEN);
    project.beacon("individuals", &path);
    let ids: Vec<String> =
        people.iter().map(|person| person["id"].as_str().expect("an id").to_owned()).collect();
    project.everybody_consents(&ids, "2010-01-01");
    project.ready();
    let has = |person: &serde_json::Value, code: &str| {
        let all = person["diseases"].as_array().cloned().unwrap_or_default();
        all.iter().any(|one| one["diseaseCode"]["id"].as_str().is_some_and(|id| id.starts_with(code)))
    };
    let heavy = |person: &serde_json::Value| {
        let all = person["measures"].as_array().cloned().unwrap_or_default();
        all.iter().any(|one| {
            one["assayCode"]["id"] == "LOINC:35925-4"
                && one["measurementValue"]["value"].as_f64().is_some_and(|value| value >= 30.0)
        })
    };
    for code in ["ICD10:E10", "ICD10:E66", "ICD10:I42", "ICD10:G35", "ICD10:F31"] {
        let program = format!(
            "use agreement \"OPEN\"\nas of 2022-06-01\ntable diagnosed =\n  from subjects\n  \
             where diagnosed: has diagnosis in {code}\n  group by sex\n  show sex, people = count(subjects), \
             heavy = count(subjects if has measurement in LOINC:35925-4 (value >= 30 'kg/m2'))\n"
        );
        let rows = project.run(&program, "diagnosed");
        for sex in ["female", "male"] {
            let of = people.iter().filter(|person| person["sex"]["label"] == sex && has(person, code));
            let of: Vec<&serde_json::Value> = of.collect();
            let row = rows.iter().find(|row| row["sex"] == sex).expect("a row");
            let heavy = of.iter().filter(|person| heavy(person)).count();
            assert_eq!(row["people"], of.len().to_string(), "{code} {sex}");
            assert_eq!(row["heavy"], heavy.to_string(), "{code} {sex}");
            assert!(of.len() >= 5, "{code} {sex}: {}", of.len());
        }
        eprintln!("{code}: recounted by sex");
    }
}

/// The seventh question on chromosome 22: by sex with totals, where both have two copies.
#[test]
fn chromosome_22_by_sex() {
    let Some(shared) = shared("data/1000g-chr22-grch37/10k.chr22.phase3.20130502.genotypes.vcf.gz") else {
        return;
    };
    let project = Project::new(OPEN);
    project.genotypes(&shared);
    let samples = Genotypes::samples(&shared);
    project.everybody_consents(&samples, "2010-01-01");
    project.ready();
    let program = "use agreement \"OPEN\"\nas of 2020-06-01\ntable by_sex =\n  from variants\n  \
                   frequency among samples by subject.sex with totals\n  show variant, sex, ac, an, af\n";
    let rows = project.run(program, "by_sex");
    let pedigree = std::fs::read_to_string(shared.join("data/1000g-samples/20130606_g1k.ped")).expect("PED");
    let mut sexes: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for line in pedigree.lines().skip(1) {
        let cells: Vec<&str> = line.split('\t').collect();
        let sex = if cells[4] == "1" { "male" } else { "female" };
        sexes.entry(sex).or_default().insert(cells[1].to_owned());
    }
    sexes.insert("total", samples.iter().cloned().collect());
    let mut compared = 0;
    for (sex, of) in &sexes {
        let genotypes = Genotypes::read(&shared, Some(of));
        for row in rows.iter().filter(|row| row["sex"] == *sex) {
            let expected = &genotypes.alleles[&row["variant"]];
            assert_eq!(row["ac"], expected.ac.to_string(), "{row:?}");
            assert_eq!(row["an"], expected.an.to_string(), "{row:?}");
            compared += 1;
        }
    }
    assert!(compared > 3 * 9_700, "{compared}");
    eprintln!("{compared} frequencies by sex recounted");
}
