//! Candidates of children, from the calls of the child and of both parents.

use super::alleles::gnomad;
use super::genotypes::Allele;
use super::people::observed;
use super::{files, genotypes, rows};
use std::collections::BTreeMap;

/// What a person has of an allele: copies, where every copy that there is was read.
fn known(allele: &Allele, sample: &str) -> Option<usize> {
    let genotypes = genotypes();
    // Two mitochondria in one person are no call.
    let one = allele.contig != "MT" || genotypes.written(allele, sample) == 1;
    (one && genotypes.full(allele, sample)).then(|| genotypes.copies(allele, sample))
}

/// Whether the one copy of a boy, or a mitochondrion, comes from the mother alone.
fn of_mother_alone(allele: &Allele, child: &str) -> bool {
    let boy = files().sex(child) == "male";
    allele.contig == "MT" || allele.contig == "X" && allele.position > 2_781_479 && boy
}

/// Child, father and mother, all three of whom may be asked and have a sample.
fn trios() -> Vec<[(String, String); 3]> {
    let (files, chosen) = (files(), files().chosen());
    let whole = |id: &String| files.permitted.get(id) == Some(&None);
    let with_sample = |id: String| chosen.get(&id).cloned().map(|sample| (id, sample));
    files
        .pedigree
        .iter()
        .filter(|[child, father, mother]| father != "0" && [child, father, mother].into_iter().all(whole))
        .filter_map(|trio| {
            let [child, father, mother] = trio.clone().map(with_sample);
            Some([child?, father?, mother?])
        })
        .collect()
}

#[test]
fn candidates_of_affected_children() {
    let (genotypes, gnomad) = (genotypes(), gnomad());
    let ill = [observed("HP:0003701"), observed("HP:0001249")];
    let alleles: Vec<&Allele> = genotypes
        .alleles
        .iter()
        .filter(|allele| ["MODERATE", "HIGH"].contains(&allele.impact.as_str()))
        .filter(|allele| gnomad.get(&allele.name).is_none_or(|[_, greatest]| *greatest < 1_000))
        .collect();
    let features = files().features();
    let mut expected: Vec<Vec<[String; 2]>> = Vec::new();
    for [(child, own), (_, fathers), (_, mothers)] in trios() {
        if !ill.iter().any(|of| of.contains(&child)) {
            continue;
        }
        let mut found: Vec<[String; 2]> = Vec::new();
        // By gene, heterozygous alleles that one parent alone can have handed on: the mother's, the father's.
        let mut one_sided: BTreeMap<&str, [usize; 2]> = BTreeMap::new();
        for allele in &alleles {
            let Some(copies) = known(allele, &own).filter(|copies| *copies > 0) else { continue };
            let [father, mother] = [&fathers, &mothers].map(|sample| known(allele, sample));
            let alone = of_mother_alone(allele, &child);
            let new = match allele.contig.as_str() {
                "Y" => father == Some(0),
                _ => mother == Some(0) && (alone || father == Some(0)),
            };
            if new {
                found.push([allele.gene.clone(), "de_novo".into()]);
            }
            if copies == 1 && !alone && !["Y", "MT"].contains(&allele.contig.as_str()) {
                let sides = one_sided.entry(&allele.gene).or_default();
                sides[0] += usize::from(mother.is_some_and(|copies| copies > 0) && father == Some(0));
                sides[1] += usize::from(father.is_some_and(|copies| copies > 0) && mother == Some(0));
            }
        }
        for (gene, [mothers, fathers]) in one_sided {
            let pair = || [gene.to_owned(), "compound_het".to_owned()];
            found.extend(std::iter::repeat_with(pair).take(mothers * fathers));
        }
        let features = &features[&child];
        found.retain(|[gene, _]| features.iter().any(|feature| files().fits_gene(feature, gene)));
        if !found.is_empty() {
            found.sort();
            expected.push(found);
        }
    }
    let mut came: BTreeMap<String, Vec<[String; 2]>> = BTreeMap::new();
    for row in rows("22_trios.bq", "trio_candidates") {
        came.entry(row["proband"].clone()).or_default().push([row["gene"].clone(), row["mode"].clone()]);
    }
    let mut came: Vec<Vec<[String; 2]>> = came.into_values().collect();
    for of in &mut came {
        of.sort();
    }
    came.sort();
    expected.sort();
    assert_eq!(came, expected);
    for mode in ["de_novo", "compound_het"] {
        assert!(expected.iter().flatten().any(|[_, found]| found == mode), "a {mode} candidate");
    }
}
