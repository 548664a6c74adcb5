//! The demo's VCF files, read plainly: what each sample has of each allele, and what the annotation says of it.

use super::made::Demo;
use std::collections::BTreeMap;
use std::fs;

/// An allele with its annotation on the reported transcript and the calls of all samples.
#[derive(Clone, Debug)]
pub(crate) struct Allele {
    /// As the language writes it: `GRCh38:17:43124027:ACT:A`.
    pub(crate) name: String,
    pub(crate) contig: String,
    pub(crate) position: u32,
    pub(crate) gene: String,
    pub(crate) consequence: String,
    pub(crate) impact: String,
    pub(crate) hgvs: String,
    number: u8,
    site: usize,
}

/// The alleles, and their calls.
#[derive(Debug)]
pub(crate) struct Genotypes {
    pub(crate) alleles: Vec<Allele>,
    samples: BTreeMap<String, usize>,
    /// By site and sample: each copy, where it is known.
    calls: Vec<Vec<Vec<Option<u8>>>>,
}

/// What the samples of a group have of an allele.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) ac: u64,
    pub(crate) an: u64,
    pub(crate) het: u64,
    pub(crate) hom: u64,
    pub(crate) hemi: u64,
    pub(crate) carriers: u64,
    pub(crate) missing: u64,
    pub(crate) eligible: u64,
}

impl Genotypes {
    pub(crate) fn read(demo: &Demo) -> Genotypes {
        let mut all = Genotypes { alleles: Vec::new(), samples: BTreeMap::new(), calls: Vec::new() };
        for contig in ["1", "2", "7", "10", "11", "13", "14", "17", "22", "X", "Y", "M"] {
            let text = fs::read_to_string(demo.path(&format!("sources/demo.chr{contig}.vcf"))).unwrap();
            for line in text.lines().filter(|line| !line.starts_with("##")) {
                let cells: Vec<&str> = line.split('\t').collect();
                if cells[0] == "#CHROM" {
                    let samples = cells[9..].iter().enumerate();
                    all.samples = samples.map(|(at, sample)| ((*sample).to_owned(), at)).collect();
                    continue;
                }
                let contig = if contig == "M" { "MT" } else { contig };
                all.site(contig, &cells);
            }
        }
        assert!(all.alleles.len() > 500, "{}", all.alleles.len());
        all
    }

    fn site(&mut self, contig: &str, cells: &[&str]) {
        let annotation = cells[7].strip_prefix("CSQ=").unwrap();
        let entries: Vec<Vec<&str>> = annotation.split(',').map(|entry| entry.split('|').collect()).collect();
        for (number, alternate) in (1_u8..).zip(cells[4].split(',')) {
            if alternate == "*" {
                continue;
            }
            // The reported transcript: the one that MANE selects, and where there is none the canonical one.
            let of = |entry: &&Vec<&str>| entry[10] == number.to_string() && (entry[11] == "YES");
            let entry = entries.iter().find(of).unwrap();
            self.alleles.push(Allele {
                name: format!("GRCh38:{contig}:{}:{}:{alternate}", cells[1], cells[3]),
                contig: contig.to_owned(),
                position: cells[1].parse().unwrap(),
                gene: entry[3].to_owned(),
                consequence: entry[1].to_owned(),
                impact: entry[2].to_owned(),
                hgvs: entry[8].to_owned(),
                number,
                site: self.calls.len(),
            });
        }
        let call = |cell: &&str| -> Vec<Option<u8>> {
            let genotype = cell.split(':').next().unwrap();
            genotype.split(['|', '/']).map(|copy| copy.parse().ok()).collect()
        };
        self.calls.push(cells[9..].iter().map(call).collect());
    }

    pub(crate) fn named(&self, hgvs: &str) -> &Allele {
        self.alleles.iter().find(|allele| allele.hgvs == hgvs).unwrap()
    }

    fn call(&self, allele: &Allele, sample: &str) -> &[Option<u8>] {
        &self.calls[allele.site][self.samples[sample]]
    }

    /// Whether a sample has a known copy.
    pub(crate) fn carries(&self, allele: &Allele, sample: &str) -> bool {
        self.call(allele, sample).contains(&Some(allele.number))
    }

    /// Copies of an allele that are known.
    pub(crate) fn copies(&self, allele: &Allele, sample: &str) -> usize {
        self.call(allele, sample).iter().filter(|copy| **copy == Some(allele.number)).count()
    }

    /// How many copies are written, known or not.
    pub(crate) fn written(&self, allele: &Allele, sample: &str) -> usize {
        self.call(allele, sample).len()
    }

    /// Whether every copy of an autosome is known.
    pub(crate) fn full(&self, allele: &Allele, sample: &str) -> bool {
        self.call(allele, sample).iter().all(Option::is_some)
    }

    /// Counts over samples, each with the copies that are expected of its person there.
    pub(crate) fn counts<'s>(
        &self,
        allele: &Allele,
        samples: impl Iterator<Item = (&'s str, usize)>,
    ) -> Counts {
        let mut counts = Counts::default();
        for (sample, expected) in samples.filter(|(_, expected)| *expected > 0) {
            counts.eligible += 1;
            let mut copies = self.call(allele, sample).to_vec();
            if expected == 1 && copies.len() == 2 {
                // Two of the same are one; two that differ are no call.
                let same = copies[0].is_some() && copies[0] == copies[1];
                copies = vec![if same { copies[0] } else { None }];
            }
            let known = copies.iter().flatten().count() as u64;
            let own = copies.iter().filter(|copy| **copy == Some(allele.number)).count() as u64;
            counts.an += known;
            counts.ac += own;
            counts.carriers += u64::from(own > 0);
            if known < copies.len() as u64 || copies.len() < expected {
                counts.missing += 1;
            } else if expected == 1 {
                counts.hemi += u64::from(own == 1);
            } else {
                counts.het += u64::from(own == 1);
                counts.hom += u64::from(own == 2);
            }
        }
        counts
    }
}
