//! The files themselves: the same for the same seed, and true to how genomes are inherited.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so")]

use demo::{Kind, SEED, write};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

const PEOPLE: u32 = 500;

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { all.extend(files(&path)) } else { all.push(path) }
    }
    all.sort();
    all
}

fn hash(folder: &Path) -> String {
    let mut hash = Sha256::new();
    for file in files(folder) {
        hash.update(file.strip_prefix(folder).unwrap().to_str().unwrap());
        hash.update(fs::read(file).unwrap());
    }
    let first: [u8; 8] = hash.finalize()[..8].try_into().unwrap();
    format!("{:016x}", u64::from_be_bytes(first))
}

/// Columns of a CSV or PED file without quotes, by line.
fn table(path: &Path, delimiter: char) -> Vec<Vec<String>> {
    let text = fs::read_to_string(path).unwrap();
    text.lines().map(|line| line.split(delimiter).map(str::to_owned).collect()).collect()
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let made = |seed| {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), seed, 300).unwrap();
        hash(folder.path())
    };
    let first = made(SEED);
    assert_eq!(first, made(SEED));
    assert_ne!(first, made(SEED + 1));
    // Numbers in README and notes hang on this; whoever changes the data changes it here too.
    assert_eq!(first, "8dded57759d33dcd");
}

#[test]
fn every_source_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let sources = write(folder.path(), SEED, PEOPLE).unwrap();
    assert_eq!(sources.people, PEOPLE);
    assert!(sources.sites > 300, "{}", sources.sites);
    let mut written = files(folder.path());
    for source in &sources.all {
        assert!(!source.paths.is_empty(), "{:?}", source.kind);
        written.retain(|file| !source.paths.iter().any(|path| file.starts_with(path)));
    }
    assert!(written.is_empty(), "no source has {written:?}");
    assert!(sources.all.iter().any(|source| source.kind == Kind::Vcf && source.paths.len() == 12));
}

struct Site {
    contig: String,
    position: u32,
    alternates: String,
    filter: String,
    calls: Vec<Vec<Option<u8>>>,
}

struct Made {
    people: BTreeMap<String, Vec<String>>,
    pedigree: Vec<Vec<String>>,
    samples: Vec<String>,
    sites: Vec<Site>,
    folder: tempfile::TempDir,
}

fn made() -> Made {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), SEED, PEOPLE).unwrap();
    let at = |name: &str| folder.path().join(name);
    let people = table(&at("subject.csv"), ',').into_iter().map(|row| (row[0].clone(), row)).collect();
    let mut sites = Vec::new();
    let mut samples = Vec::new();
    for contig in
        ["chr1", "chr2", "chr7", "chr10", "chr11", "chr13", "chr14", "chr17", "chr22", "chrX", "chrY", "chrM"]
    {
        for row in table(&at(&format!("demo.{contig}.vcf")), '\t') {
            if row[0] == "#CHROM" {
                samples = row[9..].to_vec();
            }
            if row[0].starts_with('#') {
                continue;
            }
            let call = |text: &String| {
                let genotype = text.split(':').next().unwrap_or("");
                genotype.split(['|', '/']).map(|copy| copy.parse().ok()).collect()
            };
            sites.push(Site {
                contig: row[0].clone(),
                position: row[1].parse().unwrap(),
                alternates: row[4].clone(),
                filter: row[6].clone(),
                calls: row[9..].iter().map(call).collect(),
            });
        }
    }
    Made { people, pedigree: table(&at("family.ped"), '\t'), samples, sites, folder }
}

fn in_par(site: &Site) -> bool {
    site.contig == "chrX" && site.position <= 2_781_479
}

#[test]
fn one_copy_of_x_and_y_where_there_is_one() {
    let made = made();
    let mut seen = 0;
    for site in
        made.sites.iter().filter(|site| ["chrX", "chrY"].contains(&site.contig.as_str()) && !in_par(site))
    {
        for (sample, call) in made.samples.iter().zip(&site.calls) {
            let person = &made.people[&format!("P{}", &sample[1..6])];
            match (person[1].as_str(), person[2].as_str(), site.contig.as_str()) {
                ("male", "" | "XY", _) | ("female", "XO", "chrX") | ("male", "XXY", "chrY") => {
                    assert_eq!(call.len(), 1, "{sample} at {}:{}", site.contig, site.position);
                    seen += 1;
                }
                ("female", _, "chrY") => assert_eq!(*call, [None], "{sample}"),
                ("female", "" | "XX", "chrX") | ("male", "XXY", "chrX") => {
                    assert_eq!(call.len(), 2, "{sample}");
                }
                _ => {}
            }
        }
    }
    assert!(seen > 1000);
}

#[test]
fn children_have_what_their_parents_have() {
    let made = made();
    let newest = |id: &str| {
        let of = |sample: &&String| sample[1..6] == id[1..];
        let last = made.samples.iter().rfind(of).unwrap();
        made.samples.iter().position(|sample| sample == last).unwrap()
    };
    let (mut trios, mut new) = (0, Vec::new());
    for row in made.pedigree.iter().filter(|row| row[2] != "0") {
        trios += 1;
        let [child, father, mother] = [&row[1], &row[2], &row[3]].map(|id| newest(id));
        for site in &made.sites {
            let known = |of: usize| -> Vec<u8> { site.calls[of].iter().flatten().copied().collect() };
            let full = |of: usize| site.calls[of].iter().all(Option::is_some);
            if !full(child) || !full(father) || !full(mother) {
                continue;
            }
            let (own, from_father, from_mother) = (known(child), known(father), known(mother));
            let fits = match (site.contig.as_str(), own.as_slice()) {
                ("chrY", [one]) => from_father.contains(one),
                // Two copies of one mitochondrion are a heteroplasmic call.
                ("chrM", [one]) => from_mother.contains(one) || from_mother.len() == 2,
                ("chrM", _) => true,
                ("chrX", [one]) => from_mother.contains(one),
                (_, [one, two]) => {
                    (from_mother.contains(one) && from_father.contains(two))
                        || (from_mother.contains(two) && from_father.contains(one))
                }
                _ => false,
            };
            if !fits {
                new.push(site.position);
            }
        }
    }
    assert!(trios > 30, "{trios}");
    assert!(!new.is_empty(), "new mutations are planted");
    assert!(new.iter().all(|position| [50_721_504, 154_031_326].contains(position)), "{new:?}");
}

#[test]
fn every_kind_of_call_and_site_occurs() {
    let made = made();
    let any = |wanted: &dyn Fn(&Site) -> bool| made.sites.iter().any(wanted);
    let any_call = |wanted: &dyn Fn(&[Option<u8>]) -> bool| {
        made.sites.iter().flat_map(|site| &site.calls).any(|call| wanted(call))
    };
    assert!(any(&|site| site.alternates.contains(',')), "two alternates");
    assert!(any(&|site| site.alternates.ends_with(",*")), "a star");
    assert!(any(&|site| site.filter == "PASS") && any(&|site| site.filter.contains(';')), "filters");
    assert!(any(&in_par), "a pseudo-autosomal site");
    assert!(any_call(&|call| *call == [None, None]), "a missing call");
    assert!(any_call(&|call| matches!(call, [Some(_), None])), "a half call");
    assert!(any_call(&|call| *call == [Some(1)]), "one copy");
    let star = made.sites.iter().find(|site| site.alternates.ends_with(",*")).unwrap();
    let deletion = made.sites.iter().find(|site| site.position == 117_559_590).unwrap();
    for (deleted, covered) in deletion.calls.iter().zip(&star.calls) {
        if let ([Some(a), Some(b)], [Some(c), Some(d)]) = (deleted.as_slice(), covered.as_slice()) {
            assert_eq!([*a == 1, *b == 1], [*c == 2, *d == 2], "a copy with the deletion has `*` inside it");
        }
    }
}

#[test]
fn carriers_of_the_risk_allele_have_the_phenotype_more_often() {
    let made = made();
    let site = made.sites.iter().find(|site| site.position == 43_928_847).unwrap();
    let observed: Vec<String> = table(&made.folder.path().join("phenotype.csv"), ',')
        .into_iter()
        .filter(|row| row[2] == "HP:0001397" && row[3] == "false")
        .map(|row| row[1].clone())
        .collect();
    // People and how many of them have a fatty liver: without the allele, with it.
    let mut counts = [[0_usize; 2]; 2];
    for (sample, call) in made.samples.iter().zip(&site.calls) {
        let carrier = call.contains(&Some(1));
        let liver = observed.contains(&format!("P{}", &sample[1..6]));
        counts[usize::from(carrier)][0] += 1;
        counts[usize::from(carrier)][1] += usize::from(liver);
    }
    let [without, with] = counts.map(|[people, liver]| liver * 1000 / people);
    assert!(with * 2 > without * 3, "{with} per thousand of carriers, {without} of the others");
}
