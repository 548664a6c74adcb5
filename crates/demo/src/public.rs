//! What is public of the demo's alleles, in the forms of gnomAD and ClinVar, and phenotypes of genes in that
//! of HPO. Of made sites it is made, and of the others it is what fits the demo, not what the real releases say.

use crate::findings;
use crate::genes::Contig;
use crate::people::ANCESTRIES;
use crate::random::Random;
use crate::sites::{Alternate, Site, impact};
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

/// The release of gnomAD that the demo's is called.
pub const GNOMAD: &str = "4.1";
/// The days of the releases of ClinVar.
pub const CLINVAR: [&str; 2] = ["2023-01-07", "2024-12-07"];

/// Writes frequencies: those of the demo's ancestries together, and the greatest. Most alleles that are rare
/// and all that are not are listed; those that only the demo has are not.
pub(crate) fn gnomad(path: &Path, seed: u64, sites: &[Site]) -> io::Result<()> {
    let mut random = Random::of(seed, "gnomad");
    let mut file = BufWriter::new(File::create(path)?);
    header(&mut file, "chr")?;
    writeln!(file, "##INFO=<ID=AF,Number=A,Type=Float,Description=\"Alternate allele frequency\">")?;
    writeln!(
        file,
        "##INFO=<ID=AF_grpmax,Number=A,Type=Float,Description=\"Greatest allele frequency of a genetic ancestry group\">"
    )?;
    writeln!(file, "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO")?;
    for site in sites {
        for alternate in site.alternates.iter().filter(|alternate| alternate.bases != "*") {
            let greatest = alternate.per_million.iter().copied().max().unwrap_or(0);
            let obscure = site.rs.is_empty() && greatest < 500;
            if greatest == 0 || obscure && random.percent(40) {
                continue;
            }
            let sum: u32 =
                ANCESTRIES.iter().zip(alternate.per_million).map(|((share, ..), one)| share * one).sum();
            let id = if site.rs.is_empty() { "." } else { site.rs };
            let (contig, position, reference) = (site.contig.name(), site.position, &site.reference);
            let (all, most) = (millionths(sum / 100), millionths(greatest));
            let bases = &alternate.bases;
            writeln!(
                file,
                "{contig}\t{position}\t{id}\t{reference}\t{bases}\t.\tPASS\tAF={all};AF_grpmax={most}"
            )?;
        }
    }
    file.flush()
}

fn millionths(number: u32) -> String {
    format!("0.{number:06}")
}

/// Writes what a release of ClinVar says: the later one knows more.
pub(crate) fn clinvar(path: &Path, sites: &[Site], later: bool) -> io::Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    header(&mut file, "")?;
    for (id, what) in [
        ("CLNHGVS", "Top-level HGVS expression"),
        ("CLNREVSTAT", "Review status of the aggregate germline classification"),
        ("CLNSIG", "Aggregate germline classification"),
        ("RS", "dbSNP ID"),
    ] {
        writeln!(file, "##INFO=<ID={id},Number=.,Type=String,Description=\"{what}\">")?;
    }
    writeln!(file, "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO")?;
    let uncertain = findings::uncertain(sites);
    for (at, site) in sites.iter().enumerate() {
        let alternate = &site.alternates[0];
        let place = uncertain.iter().position(|other| *other == at);
        let Some(said) = significance(place, alternate, later) else { continue };
        let status = if said.starts_with("Uncertain") {
            "criteria_provided,_single_submitter"
        } else {
            "criteria_provided,_multiple_submitters,_no_conflicts"
        };
        let (contig, position, reference) = (site.contig.ensembl(), site.position, &site.reference);
        let bases = &alternate.bases;
        write!(
            file,
            "{contig}\t{position}\t{}\t{reference}\t{bases}\t.\t.\tCLNREVSTAT={status};CLNSIG={said}",
            9_000_000 + at
        )?;
        match site.rs.strip_prefix("rs") {
            Some(number) => writeln!(file, ";RS={number}")?,
            None => writeln!(file)?,
        }
    }
    file.flush()
}

/// The classification of an allele; `place` is its place among those of unknown meaning.
fn significance(place: Option<usize>, alternate: &Alternate, later: bool) -> Option<&'static str> {
    let frequent = alternate.per_million.iter().any(|one| *one >= 50_000);
    match place {
        Some(place) if later => Some(match place % 8 {
            0 | 3 | 6 => "Pathogenic",
            2 => "Likely_pathogenic",
            5 => "Conflicting_classifications_of_pathogenicity",
            7 => "Benign/Likely_benign",
            _ => "Uncertain_significance",
        }),
        // The earlier release does not list all of them.
        Some(place) => (place % 10 != 9).then_some("Uncertain_significance"),
        None if frequent => Some("Benign"),
        None if impact(alternate.consequence) == "HIGH" => Some("Pathogenic"),
        None => None,
    }
}

fn header(file: &mut impl Write, prefix: &str) -> io::Result<()> {
    writeln!(file, "##fileformat=VCFv4.2")?;
    writeln!(file, "##source=baseq demo: made, and not what a release of this name says")?;
    writeln!(file, "##reference=GRCh38")?;
    for contig in Contig::ALL {
        let name = if prefix.is_empty() { contig.ensembl() } else { contig.name() };
        writeln!(file, "##contig=<ID={name},length={},assembly=GRCh38>", contig.length())?;
    }
    Ok(())
}

/// Phenotypes of genes whose alleles do something in the demo.
#[rustfmt::skip]
const PHENOTYPES: [(&str, &str, &str, &str); 12] = [
    ("GAA", "HP:0003236", "Elevated circulating creatine kinase concentration", "OMIM:232300"),
    ("GAA", "HP:0003701", "Proximal muscle weakness", "OMIM:232300"),
    ("CFTR", "HP:0001738", "Exocrine pancreatic insufficiency", "OMIM:219700"),
    ("CFTR", "HP:0002110", "Bronchiectasis", "OMIM:219700"),
    ("DMD", "HP:0003236", "Elevated circulating creatine kinase concentration", "OMIM:310200"),
    ("DMD", "HP:0003701", "Proximal muscle weakness", "OMIM:310200"),
    ("MECP2", "HP:0001249", "Intellectual disability", "OMIM:312750"),
    ("MECP2", "HP:0001250", "Seizure", "OMIM:312750"),
    ("SCN1A", "HP:0001250", "Seizure", "OMIM:607208"),
    ("SHANK3", "HP:0000717", "Autism", "OMIM:606232"),
    ("SHANK3", "HP:0001249", "Intellectual disability", "OMIM:606232"),
    ("SHANK3", "HP:0001250", "Seizure", "OMIM:606232"),
];

/// Writes them in the columns of `genes_to_phenotype.txt`.
pub(crate) fn gene_phenotypes(path: &Path) -> io::Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    writeln!(file, "ncbi_gene_id\tgene_symbol\thpo_id\thpo_name\tfrequency\tdisease_id")?;
    for (symbol, term, label, disease) in PHENOTYPES {
        writeln!(file, "-\t{symbol}\t{term}\t{label}\t-\t{disease}")?;
    }
    file.flush()
}
