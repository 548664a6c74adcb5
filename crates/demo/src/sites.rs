//! The sites of the VCF files: the alleles of `anchors`, and made ones around them.
//!
//! Made sites have no rs number. Their bases, names and frequencies are invented: nobody should look them up.
//! All kinds that a loader must know are there: one base, insertions, deletions, two alternates, `*` inside a
//! deletion, filters, and sites at which many calls are missing.

use crate::anchors::{ANCHORS, Anchor};
use crate::genes::{Contig, GENES, Gene, gene_of, in_par};
use crate::random::Random;

/// A record of a VCF file, without its genotypes.
#[derive(Clone, Debug)]
pub(crate) struct Site {
    pub contig: Contig,
    /// 1-based.
    pub position: u32,
    /// The rs number; nothing where there is none.
    pub rs: &'static str,
    pub reference: String,
    pub alternates: Vec<Alternate>,
    pub gene: usize,
    pub filter: &'static str,
    pub quality: u32,
    /// Calls in a million that are missing.
    pub missing: u32,
    /// The site whose deletion takes this base away; its carriers have the last alternate, `*`.
    pub within: Option<usize>,
}

/// An alternate allele of a site.
#[derive(Clone, Debug)]
pub(crate) struct Alternate {
    pub bases: String,
    /// The name of its consequence; nothing for `*`, which has none.
    pub consequence: &'static str,
    /// On the coding transcript, without the accession.
    pub hgvs_c: String,
    /// Without the accession; may be empty.
    pub hgvs_p: String,
    /// Copies in a million, for AFR, AMR, EAS, EUR, SAS.
    pub per_million: [u32; 5],
}

impl Site {
    /// Whether it lies in a pseudo-autosomal region.
    pub(crate) fn in_par(&self) -> bool {
        self.contig == Contig::X && in_par(self.position)
    }
}

/// The impact that VEP gives a consequence.
pub(crate) fn impact(consequence: &str) -> &'static str {
    match consequence {
        "stop_gained"
        | "frameshift_variant"
        | "splice_donor_variant"
        | "splice_acceptor_variant"
        | "start_lost" => "HIGH",
        "missense_variant" | "inframe_deletion" => "MODERATE",
        "synonymous_variant" | "splice_region_variant" => "LOW",
        _ => "MODIFIER",
    }
}

/// How often each consequence is made.
const CONSEQUENCES: [(u32, &str); 10] = [
    (30, "intron_variant"),
    (22, "synonymous_variant"),
    (27, "missense_variant"),
    (5, "3_prime_UTR_variant"),
    (2, "5_prime_UTR_variant"),
    (4, "stop_gained"),
    (4, "frameshift_variant"),
    (2, "splice_donor_variant"),
    (2, "splice_region_variant"),
    (2, "inframe_deletion"),
];

const BASES: [&str; 4] = ["A", "C", "G", "T"];
const FILTERS: [(u32, &str); 4] =
    [(93, "PASS"), (3, "LowQual"), (3, "VQSRTrancheSNP99.90to100.00"), (1, "LowQual;ExcessHet")];
const AMINO_ACIDS: [&str; 12] =
    ["Ala", "Arg", "Asn", "Asp", "Cys", "Gln", "Gly", "Leu", "Lys", "Pro", "Ser", "Val"];

/// The deletion inside which a site with `*` lies: CFTR c.1521_1523del.
const DELETION: u32 = 117_559_590;

/// All sites, by contig and position.
pub(crate) fn sites(seed: u64) -> Vec<Site> {
    let mut random = Random::of(seed, "sites");
    let mut sites: Vec<Site> = ANCHORS.iter().map(anchored).collect();
    for (at, gene) in GENES.iter().enumerate() {
        let step = (gene.end - gene.start) / (gene.sites + 1);
        for nth in 1..=gene.sites {
            let jitter = random.below(step / 2);
            let position = gene.start + nth * step - jitter;
            // Far enough from an anchor that no alleles overlap by accident.
            let near = |site: &&Site| site.contig == gene.contig && site.position.abs_diff(position) < 12;
            if !sites.iter().any(|site| near(&site)) {
                sites.push(made(&mut random, at, gene, position, nth));
            }
        }
    }
    sites.push(inside_deletion());
    sites.sort_by_key(|site| (site.contig, site.position));
    let deletion = sites.iter().position(|site| site.position == DELETION);
    for site in &mut sites {
        if site.within.is_some() {
            site.within = deletion;
        }
    }
    sites
}

fn anchored(anchor: &Anchor) -> Site {
    let gene = gene_of(anchor.gene);
    Site {
        contig: GENES[gene].contig,
        position: anchor.position,
        rs: anchor.rs,
        reference: anchor.reference.into(),
        alternates: vec![Alternate {
            bases: anchor.alternate.into(),
            consequence: anchor.consequence,
            hgvs_c: anchor.hgvs_c.into(),
            hgvs_p: anchor.hgvs_p.into(),
            per_million: anchor.per_million,
        }],
        gene,
        filter: "PASS",
        quality: 2_000,
        missing: 3_000,
        within: None,
    }
}

/// The middle base of CFTR c.1521_1523del, where carriers of the deletion have `*`.
fn inside_deletion() -> Site {
    let gene = gene_of("CFTR");
    let alternate = |bases: &str, consequence, per_million| Alternate {
        bases: bases.into(),
        consequence,
        hgvs_c: if bases == "*" { String::new() } else { "c.1522T>C".into() },
        hgvs_p: if bases == "*" { String::new() } else { "p.Phe508Leu".into() },
        per_million,
    };
    Site {
        contig: Contig::Seven,
        position: DELETION + 1,
        rs: "",
        reference: "T".into(),
        alternates: vec![
            alternate("C", "missense_variant", [12_000, 9_000, 4_000, 8_000, 11_000]),
            alternate("*", "", [0; 5]),
        ],
        gene,
        filter: "PASS",
        quality: 1_500,
        missing: 3_000,
        // Its place is known when all sites are sorted.
        within: Some(0),
    }
}

fn made(random: &mut Random, at: usize, gene: &Gene, position: u32, nth: u32) -> Site {
    let consequence = match gene.contig {
        Contig::Mt if gene.protein.is_empty() => "non_coding_transcript_exon_variant",
        Contig::Mt => *random.pick(&["synonymous_variant", "missense_variant"]),
        _ => random.weighted(&CONSEQUENCES),
    };
    let reference = *random.pick(&BASES);
    let (reference, mut alternates) = match consequence {
        "frameshift_variant" if random.percent(50) => {
            (reference.to_owned(), vec![format!("{reference}{}", random.pick(&BASES))])
        }
        "frameshift_variant" => (format!("{reference}{}", random.pick(&BASES)), vec![reference.to_owned()]),
        "inframe_deletion" => {
            let rest: String = (0..3).map(|_| *random.pick(&BASES)).collect();
            (format!("{reference}{rest}"), vec![reference.to_owned()])
        }
        _ => (reference.to_owned(), vec![other_base(random, &[reference])]),
    };
    let simple = reference.len() == 1 && alternates[0].len() == 1;
    if simple && gene.contig != Contig::Y && random.percent(7) {
        alternates.push(other_base(random, &[&reference, &alternates[0]]));
    }
    // A coding place that ascends along the transcript.
    let share = if gene.forward { nth } else { gene.sites + 1 - nth };
    let place = (gene.coding * share / (gene.sites + 1)).max(1);
    let mut spelled = Vec::with_capacity(alternates.len());
    for bases in alternates {
        let (hgvs_c, hgvs_p) = names(random, gene, consequence, place, &reference, &bases);
        let per_million = frequencies(random, consequence);
        spelled.push(Alternate { bases, consequence, hgvs_c, hgvs_p, per_million });
    }
    let filter = random.weighted(&FILTERS);
    let bad = *filter != "PASS";
    Site {
        contig: gene.contig,
        position,
        rs: "",
        reference,
        alternates: spelled,
        gene: at,
        filter,
        quality: random.below(if bad { 60 } else { 3_000 }) + 20,
        missing: if bad { 60_000 + random.below(300_000) } else { 1_000 + random.below(6_000) },
        within: None,
    }
}

fn other_base(random: &mut Random, than: &[&str]) -> String {
    let left: Vec<&str> = BASES.into_iter().filter(|base| !than.contains(base)).collect();
    (*random.pick(&left)).to_owned()
}

/// Copies in a million: what damages is rare, and some alleles are known in one ancestry only.
fn frequencies(random: &mut Random, consequence: &str) -> [u32; 5] {
    let base = match impact(consequence) {
        "HIGH" => random.below(900),
        "MODERATE" if random.percent(75) => random.below(6_000),
        _ if random.percent(50) => random.below(20_000),
        _ => 20_000 + random.below(440_000),
    };
    let only = random.percent(20).then(|| random.below(5));
    let mut all = [0; 5];
    for (at, one) in (0_u32..).zip(&mut all) {
        let factor = 20 + random.below(180);
        if only.is_none_or(|only| only == at) {
            *one = (base * factor / 100).min(900_000);
        }
    }
    all
}

/// The names of a made change on the transcript and the protein.
fn names(
    random: &mut Random,
    gene: &Gene,
    consequence: &str,
    place: u32,
    reference: &str,
    alternate: &str,
) -> (String, String) {
    let (from, to) = if gene.forward {
        (reference.to_owned(), alternate.to_owned())
    } else {
        (reverse_complement(reference), reverse_complement(alternate))
    };
    let codon = place.div_ceil(3);
    let amino = *random.pick(&AMINO_ACIDS);
    let change = match (reference.len(), alternate.len()) {
        (1, 1) => format!("{place}{from}>{to}"),
        (1, _) => format!("{place}_{}ins{}", place + 1, reverse_if(gene, &alternate[1..])),
        (2, _) => format!("{place}del"),
        (long, _) => format!("{place}_{}del", place + u32::try_from(long).unwrap_or(2) - 2),
    };
    let protein = |text: String| if gene.protein.is_empty() { String::new() } else { text };
    match consequence {
        "intron_variant" => (format!("c.{place}+{}{from}>{to}", 40 + random.below(900)), String::new()),
        "splice_donor_variant" => (format!("c.{place}+1{from}>{to}"), String::new()),
        "splice_region_variant" => (format!("c.{place}+5{from}>{to}"), String::new()),
        "3_prime_UTR_variant" => (format!("c.*{}{from}>{to}", 10 + random.below(300)), String::new()),
        "5_prime_UTR_variant" => (format!("c.-{}{from}>{to}", 5 + random.below(80)), String::new()),
        "non_coding_transcript_exon_variant" => (format!("n.{place}{from}>{to}"), String::new()),
        // `=` divides keys in INFO, so VEP writes it so.
        "synonymous_variant" => (format!("c.{change}"), protein(format!("p.{amino}{codon}%3D"))),
        "stop_gained" => (format!("c.{change}"), protein(format!("p.{amino}{codon}Ter"))),
        "frameshift_variant" => (format!("c.{change}"), protein(format!("p.{amino}{codon}fs"))),
        "inframe_deletion" => (format!("c.{change}"), protein(format!("p.{amino}{codon}del"))),
        _ => {
            let others: Vec<&str> = AMINO_ACIDS.into_iter().filter(|other| *other != amino).collect();
            (format!("c.{change}"), protein(format!("p.{amino}{codon}{}", random.pick(&others))))
        }
    }
}

fn reverse_if(gene: &Gene, bases: &str) -> String {
    if gene.forward { bases.to_owned() } else { reverse_complement(bases) }
}

fn reverse_complement(bases: &str) -> String {
    let complement = |base| match base {
        'A' => 'T',
        'C' => 'G',
        'G' => 'C',
        _ => 'A',
    };
    bases.chars().rev().map(complement).collect()
}
