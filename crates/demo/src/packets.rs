//! Phenopackets of children with a new mutation, and of their brothers and sisters: their features, and the
//! variant that was found. Everybody else's features are in a table.

use crate::genes::GENES;
use crate::genome::Genome;
use crate::people::{Person, Sex};
use crate::phenotypes::Feature;
use crate::sites::Site;
use serde_json::{Value, json};
use std::fs;
use std::io;
use std::path::Path;

/// Who has a packet: children with a new mutation and those who share their mother; ascending.
pub(crate) fn people_in(people: &[Person], genome: &Genome) -> Vec<usize> {
    let of_new =
        |person: &Person| genome.de_novo.iter().any(|(child, _)| people[*child].mother == person.mother);
    (0..people.len()).filter(|at| people[*at].mother.is_some() && of_new(&people[*at])).collect()
}

/// Writes a file per packet into a folder, which is made.
pub(crate) fn write(
    folder: &Path,
    people: &[Person],
    sites: &[Site],
    genome: &Genome,
    features: &[Vec<Feature>],
    who: &[usize],
) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    for at in who {
        let person = &people[*at];
        let found = genome.de_novo.iter().find(|(child, _)| child == at).map(|(_, site)| &sites[*site]);
        let packet = packet(person, &features[*at], found);
        let mut text = serde_json::to_string_pretty(&packet)?;
        text.push('\n');
        fs::write(folder.join(format!("{}.json", person.id)), text)?;
    }
    Ok(())
}

fn packet(person: &Person, features: &[Feature], found: Option<&Site>) -> Value {
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
            "created": "2024-12-31T00:00:00Z",
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
    if let Some(site) = found {
        packet["interpretations"] = json!([interpretation(person, site)]);
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

fn interpretation(person: &Person, site: &Site) -> Value {
    let alternate = &site.alternates[0];
    let gene = &GENES[site.gene];
    json!({
        "id": format!("demo-{}-interpretation", person.id),
        "progressStatus": "SOLVED",
        "diagnosis": {
            "disease": if gene.symbol == "SHANK3" {
                json!({ "id": "OMIM:606232", "label": "Phelan-McDermid syndrome" })
            } else {
                json!({ "id": "OMIM:312750", "label": "Rett syndrome" })
            },
            "genomicInterpretations": [{
                "subjectOrBiosampleId": person.id,
                "interpretationStatus": "CAUSATIVE",
                "variantInterpretation": {
                    "acmgPathogenicityClassification": "PATHOGENIC",
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
