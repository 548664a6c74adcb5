//! Phenopackets of children with a new mutation and of their brothers and sisters, and of people to whom an
//! allele was reported: their features, and the variant that was found. Everybody else's features are in a
//! table. A packet was created on the day of its report.

use crate::day::END;
use crate::findings::Finding;
use crate::genes::GENES;
use crate::genome::Genome;
use crate::people::{Person, Sex};
use crate::phenotypes::Feature;
use crate::sites::Site;
use serde_json::{Value, json};
use std::fs;
use std::io;
use std::path::Path;

/// All that the packets tell of.
#[derive(Clone, Copy)]
pub(crate) struct Told<'a> {
    pub people: &'a [Person],
    pub sites: &'a [Site],
    pub genome: &'a Genome,
    pub features: &'a [Vec<Feature>],
    pub findings: &'a [Finding],
}

/// Who has a packet: children with a new mutation, those who share their mother, and those to whom something was
/// reported; ascending.
pub(crate) fn people_in(people: &[Person], genome: &Genome, findings: &[Finding]) -> Vec<usize> {
    let of_new =
        |person: &Person| genome.de_novo.iter().any(|(child, _)| people[*child].mother == person.mother);
    let reported = |at: usize| findings.iter().any(|finding| finding.person == at);
    (0..people.len())
        .filter(|at| reported(*at) || people[*at].mother.is_some() && of_new(&people[*at]))
        .collect()
}

/// Writes a file per packet into a folder, which is made.
pub(crate) fn write(folder: &Path, told: &Told<'_>, who: &[usize]) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    for at in who {
        let person = &told.people[*at];
        let new = told.genome.de_novo.iter().find(|(child, _)| child == at);
        let finding = told.findings.iter().find(|finding| finding.person == *at);
        let found = match (new, finding) {
            (Some((_, site)), _) => Some((&told.sites[*site], "PATHOGENIC")),
            (None, Some(finding)) => Some((&told.sites[finding.site], finding.classification)),
            (None, None) => None,
        };
        let created = finding.map_or_else(|| END.to_string(), |finding| finding.reported.to_string());
        let packet = packet(person, &told.features[*at], found, &created);
        let mut text = serde_json::to_string_pretty(&packet)?;
        text.push('\n');
        fs::write(folder.join(format!("{}.json", person.id)), text)?;
    }
    Ok(())
}

fn packet(
    person: &Person,
    features: &[Feature],
    found: Option<(&Site, &'static str)>,
    created: &str,
) -> Value {
    let mut subject = json!({
        "id": person.id,
        "dateOfBirth": format!("{}T00:00:00Z", person.birth),
        "taxonomy": { "id": "NCBITaxon:9606", "label": "Homo sapiens" },
    });
    match person.sex {
        Sex::Female => subject["sex"] = "FEMALE".into(),
        Sex::Male => subject["sex"] = "MALE".into(),
        Sex::Unknown => subject["sex"] = "UNKNOWN_SEX".into(),
    }
    let mut packet = json!({
        "id": format!("demo-{}", person.id),
        "subject": subject,
        "phenotypicFeatures": features.iter().map(feature).collect::<Vec<_>>(),
        "metaData": {
            "created": format!("{created}T00:00:00Z"),
            "createdBy": "baseq demo",
            "phenopacketSchemaVersion": "2.0",
            "resources": [{
                "id": "hp",
                "name": "Human Phenotype Ontology",
                "url": "http://purl.obolibrary.org/obo/hp.obo",
                "version": "2025-01-16",
                "namespacePrefix": "HP",
                "iriPrefix": "http://purl.obolibrary.org/obo/HP_",
            }],
        },
    });
    if let Some((site, classification)) = found {
        packet["interpretations"] = json!([interpretation(person, site, classification)]);
    }
    packet
}

fn feature(feature: &Feature) -> Value {
    let mut made = json!({ "type": { "id": feature.term, "label": feature.label } });
    if feature.excluded {
        made["excluded"] = true.into();
    }
    if let Some((id, label)) = feature.severity {
        made["severity"] = json!({ "id": id, "label": label });
    }
    if let Some(years) = feature.onset_years {
        made["onset"] = if years == 0 {
            json!({ "ontologyClass": { "id": "HP:0003593", "label": "Infantile onset" } })
        } else {
            json!({ "age": { "iso8601duration": format!("P{years}Y") } })
        };
    }
    made
}

/// Genes with the disease that their alleles cause.
const DISEASES: [(&str, &str, &str); 12] = [
    ("SHANK3", "OMIM:606232", "Phelan-McDermid syndrome"),
    ("MECP2", "OMIM:312750", "Rett syndrome"),
    ("SCN1A", "OMIM:607208", "Dravet syndrome"),
    ("GCK", "OMIM:125851", "Maturity-onset diabetes of the young, type 2"),
    ("CFTR", "OMIM:219700", "Cystic fibrosis"),
    ("MYBPC3", "OMIM:115197", "Cardiomyopathy, familial hypertrophic, 4"),
    ("MYH7", "OMIM:192600", "Cardiomyopathy, hypertrophic, 1"),
    ("TP53", "OMIM:151623", "Li-Fraumeni syndrome"),
    ("NF1", "OMIM:162200", "Neurofibromatosis, type I"),
    ("BRCA1", "OMIM:604370", "Breast-ovarian cancer, familial, susceptibility to, 1"),
    ("BRCA2", "OMIM:612555", "Breast-ovarian cancer, familial, susceptibility to, 2"),
    ("CHEK2", "OMIM:609265", "Li-Fraumeni syndrome 2"),
];

fn interpretation(person: &Person, site: &Site, classification: &str) -> Value {
    let alternate = &site.alternates[0];
    let gene = &GENES[site.gene];
    let solved = classification == "PATHOGENIC";
    let disease = DISEASES.iter().find(|(symbol, ..)| *symbol == gene.symbol).map_or_else(
        || json!({ "id": "MONDO:0000001", "label": "disease" }),
        |(_, id, label)| json!({ "id": id, "label": label }),
    );
    json!({
        "id": format!("demo-{}-interpretation", person.id),
        "progressStatus": if solved { "SOLVED" } else { "UNSOLVED" },
        "diagnosis": {
            "disease": disease,
            "genomicInterpretations": [{
                "subjectOrBiosampleId": person.id,
                "interpretationStatus": if solved { "CAUSATIVE" } else { "CANDIDATE" },
                "variantInterpretation": {
                    "acmgPathogenicityClassification": classification,
                    "variationDescriptor": {
                        "id": format!("demo-{}-variant", person.id),
                        "geneContext": { "valueId": gene.ensembl, "symbol": gene.symbol },
                        "expressions": [{ "syntax": "hgvs.c", "value": format!("{}:{}", gene.transcript, alternate.hgvs_c) }],
                        "vcfRecord": {
                            "genomeAssembly": "GRCh38",
                            "chrom": site.contig.name(),
                            "pos": site.position.to_string(),
                            "ref": site.reference,
                            "alt": alternate.bases,
                        },
                        "moleculeContext": "genomic",
                        "allelicState": { "id": "GENO:0000135", "label": "heterozygous" },
                    },
                },
            }],
        },
    })
}
