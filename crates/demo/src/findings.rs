//! What was reported to people: alleles whose meaning nobody knew, in genes that matter.
//!
//! The same alleles stand in the demo's releases of ClinVar, where some of them are called pathogenic later.

use crate::day::{Day, END};
use crate::genes::gene_of;
use crate::genome::Genome;
use crate::people::Person;
use crate::random::Random;
use crate::sites::Site;

/// An allele that was reported to its carrier.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Finding {
    pub person: usize,
    pub site: usize,
    pub reported: Day,
    /// In the words of the phenopacket schema.
    pub classification: &'static str,
}

const GENES_REPORTED: [&str; 10] =
    ["SCN1A", "GCK", "CFTR", "MYBPC3", "BRCA2", "MYH7", "TP53", "NF1", "BRCA1", "CHEK2"];
/// Sites of each gene.
const EACH: usize = 3;

/// The places of sites with an allele of unknown meaning: rare, missense, without a name in public.
pub(crate) fn uncertain(sites: &[Site]) -> Vec<usize> {
    let rare = |site: &Site| {
        site.rs.is_empty()
            && site.filter == "PASS"
            && site.alternates.len() == 1
            && site.alternates[0].consequence == "missense_variant"
            && (500..6_000).contains(site.alternates[0].per_million.iter().max().unwrap_or(&0))
    };
    let of = |symbol: &&str| {
        let gene = gene_of(symbol);
        let all = (0..sites.len()).filter(move |at| sites[*at].gene == gene && rare(&sites[*at]));
        all.take(EACH).collect::<Vec<_>>()
    };
    GENES_REPORTED.iter().flat_map(of).collect()
}

/// Reports to some of the carriers of those alleles who have no relatives here, by person; nobody has two.
pub(crate) fn findings(seed: u64, people: &[Person], sites: &[Site], genome: &Genome) -> Vec<Finding> {
    let mut random = Random::of(seed, "findings");
    let mut all: Vec<Finding> = Vec::new();
    for site in uncertain(sites) {
        for (person, who) in people.iter().enumerate() {
            let alone = who.family == who.id;
            if !alone || genome.count(people, sites, person, site, 1) == 0 || !random.percent(70) {
                continue;
            }
            let reported = who.enrolled.plus(random.between(90, 900)).min(END.plus(-160));
            let classification = if random.percent(88) { "UNCERTAIN_SIGNIFICANCE" } else { "LIKELY_BENIGN" };
            if all.iter().all(|finding| finding.person != person) {
                all.push(Finding { person, site, reported, classification });
            }
        }
    }
    all.sort_by_key(|finding| finding.person);
    all
}
