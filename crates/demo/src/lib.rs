//! A made data set: files as hospitals, laboratories and biobanks hand them over, from one seed.
//!
//! [`write()`] writes source files in the formats that a warehouse is loaded from, and nothing else: the demo
//! goes the way that real data goes. The same seed and number of people give the same bytes on every
//! machine. Everybody in it is invented; genes and codes are real, some alleles have the names of known ones
//! (`anchors`), and what they do here is exaggerated. [`PROJECT`] is the project around it: settings, the policy of an
//! invented steward, and queries.
//!
//! Loading, installing the policy and asking is the business of the command `baseq demo`.

mod anchors;
mod clinic;
mod consent;
mod courses;
mod day;
mod file;
mod findings;
mod genes;
mod genome;
mod health;
mod laboratory;
mod packets;
mod people;
mod phenotypes;
mod project;
mod public;
mod random;
mod register;
mod sites;
mod terms;
mod vcf;

pub use project::{AS_OF, PROJECT};
pub use public::{CLINVAR, GNOMAD};

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The seed of the demo that everybody sees.
pub const SEED: u64 = 20_250_101;
/// How many people it has.
pub const PEOPLE: u32 = 2_400;
/// The build of its genotypes and genes.
pub const BUILD: &str = "GRCh38";

/// What a source is, which says how it is loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// OBO.
    Ontology,
    /// Gene intervals in the form of BioMart, of [`BUILD`].
    Genes,
    /// Phenotypes of genes in the form of HPO's `genes_to_phenotype.txt`.
    GenePhenotypes,
    /// A CSV file for the entity of this name.
    Table(&'static str),
    /// A PED file of six columns, without samples.
    Pedigree,
    /// A folder of phenopackets, which go by the ids of their subjects.
    Phenopackets,
    /// VCF files with the same samples, which are one call set.
    Vcf,
    /// Frequencies in the form of gnomAD, release [`GNOMAD`].
    Gnomad,
    /// A release of ClinVar, with its day.
    Clinvar(&'static str),
    /// Two CSV files: events, then scopes.
    Consent,
}

/// Files that are loaded together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// What they are.
    pub kind: Kind,
    /// Their paths, in the order in which they are loaded.
    pub paths: Vec<PathBuf>,
}

/// What was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sources {
    /// All sources, in an order in which each finds what it refers to.
    pub all: Vec<Source>,
    /// People.
    pub people: u32,
    /// Samples, of which all are in the VCF files.
    pub samples: u32,
    /// Records of the VCF files.
    pub sites: u32,
}

/// Writes the source files of so many people into a folder, which is made where it is missing; files of the
/// same name are replaced.
///
/// # Errors
/// A file cannot be written.
pub fn write(folder: &Path, seed: u64, people: u32) -> io::Result<Sources> {
    fs::create_dir_all(folder)?;
    let people = people::people(seed, people);
    let sites = sites::sites(seed);
    let genome = genome::Genome::new(seed, &people, &sites);
    let health = health::health(seed, &people, &sites, &genome);
    let samples = laboratory::samples(seed, &people);
    let features = phenotypes::features(seed, &people, &health);
    let findings = findings::findings(seed, &people, &sites, &genome);
    let in_packets = packets::people_in(&people, &genome, &findings);

    let at = |name: &str| folder.join(name);
    let mut all = Vec::new();
    let mut source = |kind, paths: Vec<PathBuf>| all.push(Source { kind, paths });
    for (name, text) in project::ONTOLOGIES {
        fs::write(at(name), text)?;
        source(Kind::Ontology, vec![at(name)]);
    }
    register::genes(&at("genes.tsv"))?;
    source(Kind::Genes, vec![at("genes.tsv")]);
    public::gene_phenotypes(&at("genes_to_phenotype.txt"))?;
    source(Kind::GenePhenotypes, vec![at("genes_to_phenotype.txt")]);
    register::subjects(&at("subject.csv"), &people)?;
    source(Kind::Table("subject"), vec![at("subject.csv")]);
    register::pedigree(&at("family.ped"), &people)?;
    source(Kind::Pedigree, vec![at("family.ped")]);
    laboratory::write(folder, seed, &people, &samples)?;
    clinic::write(folder, seed, &people, &health)?;
    phenotypes::write(&at("phenotype.csv"), seed, &people, &features, &in_packets)?;
    for entity in [
        "sample",
        "run",
        "analysis",
        "observation",
        "diagnosis",
        "treatment",
        "measurement",
        "procedure",
        "phenotype",
    ] {
        source(Kind::Table(entity), vec![at(&format!("{entity}.csv"))]);
    }
    let told = packets::Told {
        people: &people,
        sites: &sites,
        genome: &genome,
        features: &features,
        findings: &findings,
    };
    packets::write(&at("phenopackets"), &told, &in_packets)?;
    source(Kind::Phenopackets, vec![at("phenopackets")]);
    let made = vcf::Made { people: &people, sites: &sites, genome: &genome, samples: &samples };
    source(Kind::Vcf, vcf::write(folder, seed, &made)?);
    public::gnomad(&at("gnomad.vcf"), seed, &sites)?;
    source(Kind::Gnomad, vec![at("gnomad.vcf")]);
    for (day, later) in public::CLINVAR.into_iter().zip([false, true]) {
        let path = at(&format!("clinvar_{}.vcf", day.replace('-', "")));
        public::clinvar(&path, &sites, later)?;
        source(Kind::Clinvar(day), vec![path]);
    }
    let (events, scopes) = (at("consent_event.csv"), at("consent_scope.csv"));
    consent::write(&events, &scopes, seed, &people, &samples)?;
    source(Kind::Consent, vec![events, scopes]);
    let count = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
    Ok(Sources { all, people: count(people.len()), samples: count(samples.len()), sites: count(sites.len()) })
}
