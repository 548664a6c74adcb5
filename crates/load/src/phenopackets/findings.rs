//! The variants of a packet's interpretations, as findings.
//!
//! A finding names an allele of the warehouse, which exists only when all records are checked; until
//! then it lies in a table of its own with the allele spelled out. Alleles are trimmed, as nothing here
//! knows the reference. A variant without a VCF record has no place in the model and is counted. Interpretations
//! have no day of their own: they were reported on the day on which the packet was created.

use super::packet::Packet;
use super::rows::{FINDING, Told};
use crate::cell::Cell;
use crate::onset;
use crate::source::LoadError;
use crate::stage::{Cells, ColumnSpec, Reference, TableSpec};
use crate::vcf::allele::{Alternate, alternate, as_written, bases, normalise};
use crate::vcf::build::{Build, contig_name};
use arrow::array::Int64Array;
use engine::Store;
use model::ColumnType;
use std::path::Path;

const TABLE: &str = "_finding";

/// Creates the table of findings that name their allele by its spelling.
pub(super) fn create(store: &mut dyn Store, path: &Path) -> Result<(), LoadError> {
    store
        .execute(&format!(
            "create table {TABLE} (finding_id VARCHAR, subject_id VARCHAR, gene VARCHAR, zygosity VARCHAR, classification VARCHAR, \
             status VARCHAR, reported_on DATE, build VARCHAR, contig VARCHAR, position BIGINT, end_position BIGINT, ref VARCHAR, alt VARCHAR, kind VARCHAR)"
        ))
        .map_err(|error| LoadError::engine(path, error))
}

/// That table, for the stage.
pub(super) fn spec() -> TableSpec {
    let text = |name: &str, optional| ColumnSpec::of(name, ColumnType::Text, optional);
    TableSpec {
        table: TABLE.into(),
        key: vec!["finding_id".into()],
        columns: vec![
            text("finding_id", false),
            text("subject_id", false),
            text("gene", true),
            text("zygosity", true),
            text("classification", true),
            text("status", true),
            ColumnSpec::of("reported_on", ColumnType::Date, true),
            text("build", false),
            text("contig", false),
            ColumnSpec::of("position", ColumnType::Int, false),
            ColumnSpec::of("end_position", ColumnType::Int, false),
            text("ref", false),
            text("alt", false),
            text("kind", false),
        ],
        references: vec![Reference {
            what: "subject".into(),
            columns: vec!["subject_id".into()],
            table: "subject".into(),
            keys: vec!["subject_id".into()],
        }],
    }
}

/// Adds the findings of a packet to its rows.
pub(super) fn push(
    rows: &mut Vec<(usize, Cells<'_>)>,
    packet: &Packet,
    id: &str,
    told: &mut Told,
) -> Result<(), String> {
    let diagnoses =
        packet.interpretations.iter().filter_map(|interpretation| interpretation.diagnosis.as_ref());
    let genomic = diagnoses.flat_map(|diagnosis| &diagnosis.genomic_interpretations);
    for (number, genomic) in (1..).zip(genomic) {
        let Some(interpreted) = &genomic.variant_interpretation else { continue };
        let described = &interpreted.variation_descriptor;
        let Some(record) = &described.vcf_record else {
            told.variants += 1;
            continue;
        };
        let (reference, alt) = (record.reference.as_bytes(), record.alt.as_bytes());
        let wrong =
            |why: &str| format!("{} {} {}>{}: {why}", record.chrom, record.pos, record.reference, record.alt);
        let Some(build) = Build::read(&record.genome_assembly) else {
            return Err(wrong(&format!("`{}` is not a genome build", record.genome_assembly)));
        };
        let contig = contig_name(&record.chrom);
        let Some(length) = build.length(contig) else {
            return Err(wrong(&format!("{} has no contig {}", build.name(), record.chrom)));
        };
        if record.pos == 0 || record.pos > length || !bases(reference) {
            return Err(wrong("the position or the reference allele is none"));
        }
        let allele = match alternate(alt).map_err(|why| wrong(&why))? {
            Alternate::Bases(alt) => {
                if alt.eq_ignore_ascii_case(reference) {
                    return Err(wrong("both alleles are the same"));
                }
                let Ok(trimmed) = normalise::<std::convert::Infallible>(record.pos, reference, alt, None);
                trimmed
            }
            Alternate::Symbolic(alt) => {
                let end = record.pos + reference.len() as u64 - 1;
                as_written(record.pos, reference, alt, end, crate::vcf::allele::Kind::Symbolic)
            }
            Alternate::Star | Alternate::Unspecified => {
                return Err(wrong("the alternate allele is not named"));
            }
        };
        let created = packet.meta_data.created.as_deref().filter(|created| !created.is_empty());
        let reported =
            created.map(onset::day_of).transpose().map_err(|why| format!("metaData.created: {why}"))?;
        let place = |at: u64| Cell::Int(i64::try_from(at).unwrap_or(i64::MAX));
        let gene = described
            .gene_context
            .as_ref()
            .map(|gene| gene.symbol.clone())
            .filter(|symbol| !symbol.is_empty());
        let state = described.allelic_state.as_ref().and_then(|state| zygosity(&state.id));
        rows.push((
            FINDING,
            vec![
                ("finding_id", Cell::text(format!("{id}:finding:{number}"))),
                ("subject_id", Cell::text(id)),
                ("gene", gene.into()),
                ("zygosity", state.into()),
                (
                    "classification",
                    classification(&interpreted.acmg_pathogenicity_classification)
                        .map_err(|why| wrong(&why))?
                        .into(),
                ),
                ("status", status(&genomic.interpretation_status).map_err(|why| wrong(&why))?.into()),
                ("reported_on", reported.into()),
                ("build", Cell::text(build.name())),
                ("contig", Cell::text(contig)),
                ("position", place(allele.position)),
                ("end_position", place(allele.end)),
                ("ref", Cell::text(&allele.reference)),
                ("alt", Cell::text(&allele.alternate)),
                ("kind", Cell::text(allele.kind.name())),
            ],
        ));
    }
    Ok(())
}

/// Adds the alleles that the warehouse lacks, and the findings with the numbers of theirs; gives back how
/// many rows of alleles that were. The findings were counted when they were staged.
pub(super) fn finish(store: &mut dyn Store, path: &Path) -> Result<u64, LoadError> {
    let fail = |error| LoadError::engine(path, error);
    let same = "v.build = f.build and v.contig = f.contig and v.position = f.position and v.end_position = f.end_position \
                and v.ref = f.ref and v.alt = f.alt";
    let count = |store: &mut dyn Store| -> Result<u64, LoadError> {
        let rows = store.query("select count(*) from variant").map_err(fail)?;
        let first =
            rows.first().and_then(|batch| batch.column(0).as_any().downcast_ref::<Int64Array>().cloned());
        Ok(first.map_or(0, |column| u64::try_from(column.value(0)).unwrap_or(0)))
    };
    let before = count(store)?;
    store
        .execute(&format!(
            "insert into variant (variant_id, build, contig, position, end_position, ref, alt, kind) \
             select (select coalesce(max(variant_id), 0) from variant) + row_number() over (order by build collate \"C\", contig collate \"C\", position, end_position, ref collate \"C\", alt collate \"C\"), \
             build, contig, position, end_position, ref, alt, kind from \
             (select distinct build, contig, position, end_position, ref, alt, kind from {TABLE} f where not exists (select 1 from variant v where {same})) as new_ones \
             order by 1"
        ))
        .map_err(fail)?;
    store
        .execute(&format!(
            "insert into finding (finding_id, subject_id, variant_id, gene, zygosity, classification, status, reported_on) \
             select f.finding_id, f.subject_id, min(v.variant_id), f.gene, f.zygosity, f.classification, f.status, f.reported_on \
             from {TABLE} f join variant v on {same} \
             group by f.finding_id, f.subject_id, f.gene, f.zygosity, f.classification, f.status, f.reported_on \
             order by f.subject_id collate \"C\", f.finding_id collate \"C\""
        ))
        .map_err(fail)?;
    store.execute(&format!("drop table {TABLE}")).map_err(fail)?;
    Ok(count(store)? - before)
}

/// Terms of the Genotype Ontology (GENO); a compound heterozygote has one copy of each of its alleles.
fn zygosity(id: &str) -> Option<&'static str> {
    match id {
        "GENO:0000134" => Some("hemizygous"),
        "GENO:0000135" | "GENO:0000402" | "GENO:0000458" => Some("heterozygous"),
        "GENO:0000136" => Some("homozygous"),
        _ => None,
    }
}

fn classification(word: &str) -> Result<Option<&'static str>, String> {
    match word {
        "" | "NOT_PROVIDED" => Ok(None),
        "BENIGN" => Ok(Some("benign")),
        "LIKELY_BENIGN" => Ok(Some("likely_benign")),
        "UNCERTAIN_SIGNIFICANCE" => Ok(Some("uncertain")),
        "LIKELY_PATHOGENIC" => Ok(Some("likely_pathogenic")),
        "PATHOGENIC" => Ok(Some("pathogenic")),
        other => Err(format!("`{other}` is not a classification of the ACMG")),
    }
}

fn status(word: &str) -> Result<Option<&'static str>, String> {
    match word {
        "" | "UNKNOWN_STATUS" => Ok(None),
        "REJECTED" => Ok(Some("rejected")),
        "CANDIDATE" => Ok(Some("candidate")),
        "CONTRIBUTORY" => Ok(Some("contributory")),
        "CAUSATIVE" => Ok(Some("causative")),
        other => Err(format!("`{other}` is not a status of an interpretation")),
    }
}
