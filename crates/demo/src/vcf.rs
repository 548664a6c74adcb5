//! VCF files of the genotypes, one per contig, all with the same samples, annotated as VEP does it.
//!
//! All are phased but chr17; chr7 has depth and quality of every call beside it. Y is `.` for
//! those who have none, one copy is written where there is one. Some calls are missing, some are half, and
//! few mitochondria are heteroplasmic. What the bad lot of kits does to calls says `laboratory`.

use crate::genes::{Contig, GENES};
use crate::genome::Genome;
use crate::laboratory::Sample;
use crate::people::Person;
use crate::random::Random;
use crate::sites::{Site, impact};
use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

const CSQ: &str = "Allele|Consequence|IMPACT|SYMBOL|Gene|Feature_type|Feature|BIOTYPE|HGVSc|HGVSp|ALLELE_NUM|CANONICAL|MANE_SELECT";

/// All that the files are made of.
pub(crate) struct Made<'a> {
    pub people: &'a [Person],
    pub sites: &'a [Site],
    pub genome: &'a Genome,
    pub samples: &'a [Sample],
}

/// Writes the files into a folder; gives their paths in the order of the contigs.
pub(crate) fn write(folder: &Path, seed: u64, made: &Made<'_>) -> io::Result<Vec<PathBuf>> {
    Contig::ALL.into_iter().map(|contig| one(folder, seed, made, contig)).collect()
}

fn one(folder: &Path, seed: u64, made: &Made<'_>, contig: Contig) -> io::Result<PathBuf> {
    let path = folder.join(format!("demo.{}.vcf", contig.name()));
    let mut file = BufWriter::with_capacity(1 << 17, File::create(&path)?);
    header(&mut file, made, contig)?;
    let mut random = Random::of(seed, contig.name());
    let mut line = Vec::with_capacity(made.samples.len() * 12);
    for (at, site) in made.sites.iter().enumerate().filter(|(_, site)| site.contig == contig) {
        line.clear();
        record(&mut line, site)?;
        for sample in made.samples {
            line.push(b'\t');
            call(&mut line, &mut random, made, at, sample)?;
        }
        line.push(b'\n');
        file.write_all(&line)?;
    }
    file.flush()?;
    Ok(path)
}

fn header(file: &mut impl Write, made: &Made<'_>, contig: Contig) -> io::Result<()> {
    writeln!(file, "##fileformat=VCFv4.3")?;
    writeln!(file, "##source=baseq demo: genotypes are made, and so is every site without an rs number")?;
    writeln!(file, "##reference=GRCh38")?;
    writeln!(file, "##contig=<ID={},length={},assembly=GRCh38>", contig.name(), contig.length())?;
    writeln!(file, "##FILTER=<ID=LowQual,Description=\"Low quality\">")?;
    writeln!(
        file,
        "##FILTER=<ID=ExcessHet,Description=\"More heterozygotes than Hardy and Weinberg expect\">"
    )?;
    writeln!(
        file,
        "##FILTER=<ID=VQSRTrancheSNP99.90to100.00,Description=\"Tranche of the recalibrated quality\">"
    )?;
    writeln!(
        file,
        "##INFO=<ID=CSQ,Number=.,Type=String,Description=\"Consequence annotations from Ensembl VEP. Format: {CSQ}\">"
    )?;
    writeln!(file, "##FORMAT=<ID=GT,Number=1,Type=String,Description=\"Genotype\">")?;
    if contig == Contig::Seven {
        writeln!(file, "##FORMAT=<ID=DP,Number=1,Type=Integer,Description=\"Read depth\">")?;
        writeln!(file, "##FORMAT=<ID=GQ,Number=1,Type=Integer,Description=\"Genotype quality\">")?;
    }
    write!(file, "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT")?;
    for sample in made.samples {
        write!(file, "\t{}", sample.id)?;
    }
    writeln!(file)
}

/// The fixed columns up to FORMAT.
fn record(line: &mut Vec<u8>, site: &Site) -> io::Result<()> {
    let alternates: Vec<&str> = site.alternates.iter().map(|alternate| alternate.bases.as_str()).collect();
    write!(
        line,
        "{}\t{}\t{}\t{}\t{}\t{}\t{}\tCSQ={}\t{}",
        site.contig.name(),
        site.position,
        if site.rs.is_empty() { "." } else { site.rs },
        site.reference,
        alternates.join(","),
        site.quality,
        site.filter,
        annotation(site),
        if site.contig == Contig::Seven { "GT:DP:GQ" } else { "GT" },
    )
}

/// An entry per alternate and transcript.
fn annotation(site: &Site) -> String {
    let gene = &GENES[site.gene];
    let mut entries = Vec::new();
    for (number, alternate) in (1..).zip(&site.alternates) {
        if alternate.consequence.is_empty() {
            continue;
        }
        // VEP drops the base that REF and all alternates begin with.
        let indel = site.reference.len() > 1 || site.alternates.iter().any(|other| other.bases.len() > 1);
        let allele = match (indel, alternate.bases.len()) {
            (true, 1) => "-",
            (true, _) => &alternate.bases[1..],
            (false, _) => &alternate.bases,
        };
        let named = |accession: &str, change: &str| {
            if accession.is_empty() || change.is_empty() {
                String::new()
            } else {
                format!("{accession}:{change}")
            }
        };
        let biotype = if gene.protein.is_empty() { "RNA" } else { "protein_coding" };
        let mut entry = |consequence: &str,
                         transcript: &str,
                         hgvs: [String; 2],
                         canonical: &str,
                         mane: &str| {
            let impact = impact(consequence);
            let (symbol, ensembl) = (gene.symbol, gene.ensembl);
            let [c, p] = hgvs;
            entries.push(format!(
                "{allele}|{consequence}|{impact}|{symbol}|{ensembl}|Transcript|{transcript}|{biotype}|{c}|{p}|{number}|{canonical}|{mane}"
            ));
        };
        // A transcript that is not the reported one comes first, as it may in VEP's output.
        if !gene.other.is_empty() {
            entry("intron_variant", gene.other, [String::new(), String::new()], "", "");
        }
        let hgvs = [named(gene.transcript, &alternate.hgvs_c), named(gene.protein, &alternate.hgvs_p)];
        entry(alternate.consequence, gene.transcript, hgvs, "YES", gene.mane);
    }
    entries.join(",")
}

/// The column of a sample.
fn call(
    line: &mut Vec<u8>,
    random: &mut Random,
    made: &Made<'_>,
    at: usize,
    sample: &Sample,
) -> io::Result<()> {
    let site = &made.sites[at];
    let (mut alleles, copies) = made.genome.alleles(made.people, made.sites, sample.person, at);
    if copies == 2 && alleles[0] != alleles[1] && sample.loses_alleles() && random.percent(70) {
        // Only the reference was read, where it is one of the two.
        let kept = alleles[0].min(alleles[1]);
        alleles = [kept, kept];
    }
    let missing = random.chance((site.missing * sample.missing_factor()).min(900_000));
    let half = random.chance(600);
    let joint = if site.contig == Contig::Seventeen { '/' } else { '|' };
    let mut text = String::with_capacity(4);
    match (copies, missing) {
        (0, _) | (1, true) => text.push('.'),
        (1, false) if site.contig == Contig::Mt && random.chance(1_500) => text.push_str("0/1"),
        (1, false) => push(&mut text, alleles[0]),
        (_, true) => {
            text.push('.');
            text.push(joint);
            text.push('.');
        }
        (_, false) => {
            let [mut first, mut second] = alleles;
            if joint == '/' && first > second {
                std::mem::swap(&mut first, &mut second);
            }
            push(&mut text, first);
            text.push(joint);
            if half { text.push('.') } else { push(&mut text, second) }
        }
    }
    line.extend_from_slice(text.as_bytes());
    if site.contig == Contig::Seven {
        if missing {
            return line.write_all(b":.:.");
        }
        return write!(line, ":{}:{}", random.around(33, 14).max(4), random.between(40, 99));
    }
    Ok(())
}

fn push(text: &mut String, allele: u8) {
    // Writing to a string does not fail.
    let _ = write!(text, "{allele}");
}
