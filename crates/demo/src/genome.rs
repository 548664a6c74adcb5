//! Who has which allele: founders by the frequency of their ancestry, children from their parents.
//!
//! Everybody has two rows of alleles over all sites: the copy from the mother and the copy from the father.
//! X and Y of XY people, and mitochondria, use the first alone; what the second holds there is never
//! written. A child gets from each parent one of the two copies of a contig, changing over once, so a child
//! never has an allele that neither parent has, except where a new mutation is planted.

use crate::genes::Contig;
use crate::people::{Karyotype, Person, Sex};
use crate::random::Random;
use crate::sites::Site;

/// Alleles of everybody: by person, copy and site; 0 is the reference.
#[derive(Debug)]
pub(crate) struct Genome {
    copies: Vec<[Vec<u8>; 2]>,
    /// Children with a mutation that neither parent has: person and site.
    pub de_novo: Vec<(usize, usize)>,
}

/// How a child gets a contig from a parent: the copy it begins with, and the site at which it changes.
#[derive(Clone, Copy, Debug)]
struct Handed {
    start: usize,
    change: usize,
}

impl Handed {
    fn copy(self, site: usize) -> usize {
        if site < self.change { self.start } else { 1 - self.start }
    }
}

impl Genome {
    /// Draws it.
    pub(crate) fn new(seed: u64, people: &[Person], sites: &[Site]) -> Genome {
        let mut random = Random::of(seed, "genome");
        let mut genome = Genome { copies: Vec::with_capacity(people.len()), de_novo: Vec::new() };
        for person in people {
            let draw = |random: &mut Random| -> Vec<u8> { haplotype(random, sites, person.ancestry) };
            genome.copies.push([draw(&mut random), draw(&mut random)]);
        }
        let handed: Vec<[Vec<Handed>; 2]> =
            people.iter().map(|_| [hand(&mut random, sites), hand(&mut random, sites)]).collect();
        genome.plant(&mut random, people, sites, &handed);
        for (child, person) in people.iter().enumerate() {
            if let (Some(father), Some(mother)) = (person.father, person.mother) {
                genome.inherit(sites, people, child, [mother, father], &handed[child]);
            }
        }
        genome.mutate(people, sites);
        for copies in &mut genome.copies {
            for copy in copies.iter_mut() {
                cover(copy, sites);
            }
        }
        genome
    }

    /// Alleles of a person at a site, one per copy that there is; none where there is no such chromosome.
    pub(crate) fn alleles(
        &self,
        people: &[Person],
        sites: &[Site],
        person: usize,
        site: usize,
    ) -> ([u8; 2], usize) {
        let [first, second] = &self.copies[person];
        let of = [first[site], second[site]];
        let karyotype = people[person].karyotype;
        match sites[site].contig {
            Contig::X if sites[site].in_par() => (of, if karyotype == Karyotype::Xo { 1 } else { 2 }),
            Contig::X => (of, karyotype.copies_of_x()),
            // Two copies of Y come from one father.
            Contig::Y => ([of[0], of[0]], karyotype.copies_of_y()),
            Contig::Mt => (of, 1),
            _ => (of, 2),
        }
    }

    /// How many copies of an alternate (1 is the first) a person has at a site.
    pub(crate) fn count(
        &self,
        people: &[Person],
        sites: &[Site],
        person: usize,
        site: usize,
        allele: u8,
    ) -> usize {
        let (alleles, copies) = self.alleles(people, sites, person, site);
        (0..copies).filter(|copy| alleles[*copy] == allele).count()
    }

    /// Puts rare diseases into the demo, that would otherwise need many more people.
    fn plant(&mut self, random: &mut Random, people: &[Person], sites: &[Site], handed: &[[Vec<Handed>; 2]]) {
        let at = |position: u32| sites.iter().position(|site| site.position == position).unwrap_or(0);
        let singles: Vec<usize> =
            (0..people.len()).filter(|at| people[*at].family == people[*at].id).collect();
        if singles.is_empty() {
            return;
        }
        // Cystic fibrosis: two of the known alleles.
        for _ in 0..people.len() / 90 {
            let person = *random.pick(&singles);
            let both = [at(117_559_590), *random.pick(&[at(117_559_590), at(117_587_778), at(117_587_806)])];
            for (copy, site) in both.into_iter().enumerate() {
                self.copies[person][copy][site] = 1;
            }
        }
        // Grown-up people with a damaging allele of SHANK3, whose parents are not here.
        for _ in 0..people.len() / 40 {
            self.copies[*random.pick(&singles)][0][at(50_721_504)] = 1;
        }
        // Alleles that bring Parkinson's disease, a weak heart, or seizures and a disability.
        for (per_thousand, of) in [
            (60, [155_235_727, 155_238_228]),
            (42, [47_337_500, 47_342_700]),
            (16, [166_002_702, 166_002_702]),
        ] {
            for _ in 0..people.len() * per_thousand / 1_000 {
                self.copies[*random.pick(&singles)][0][at(*random.pick(&of))] = 1;
            }
        }
        // Pompe's disease: one allele from each parent.
        let (damaged, changed) = (at(80_105_100), at(80_112_030));
        let children = (0..people.len()).filter(|at| people[*at].mother.is_some());
        for child in children.skip(5).step_by(25) {
            let (Some(father), Some(mother)) = (people[child].father, people[child].mother) else { continue };
            self.copies[mother][handed[child][0][damaged].copy(damaged)][damaged] = 1;
            self.copies[father][handed[child][1][changed].copy(changed)][changed] = 1;
        }
        // Dystrophinopathy: mothers who hand the allele to a son.
        let dystrophin = at(31_774_106);
        let sons =
            (0..people.len()).filter(|at| people[*at].sex == Sex::Male && people[*at].mother.is_some());
        for son in sons.step_by(9) {
            let Some(mother) = people[son].mother else { continue };
            self.copies[mother][handed[son][0][dystrophin].copy(dystrophin)][dystrophin] = 1;
        }
        // Leber's optic neuropathy: mitochondria of mothers.
        let mothers: Vec<usize> = people.iter().filter_map(|person| person.mother).collect();
        for mother in mothers.into_iter().step_by(14) {
            self.copies[mother][0][at(11_778)] = 1;
        }
    }

    fn inherit(
        &mut self,
        sites: &[Site],
        people: &[Person],
        child: usize,
        parents: [usize; 2],
        handed: &[Vec<Handed>; 2],
    ) {
        let son = people[child].karyotype == Karyotype::Xy;
        for (at, site) in sites.iter().enumerate() {
            let [mother, father] = parents;
            let from = |parent: usize, copy: usize| self.copies[parent][copy][at];
            let of_mother = from(mother, handed[0][at].copy(at));
            let of_father = from(father, handed[1][at].copy(at));
            let (first, second) = match site.contig {
                Contig::X if site.in_par() => (of_mother, from(father, handed[1][at].start)),
                Contig::X => (of_mother, if son { 0 } else { from(father, 0) }),
                Contig::Y => (from(father, 0), 0),
                Contig::Mt => (from(mother, 0), 0),
                _ => (of_mother, of_father),
            };
            self.copies[child][0][at] = first;
            self.copies[child][1][at] = second;
        }
    }

    /// New mutations at sites where nobody else has one: SHANK3 in some children, MECP2 in some girls.
    fn mutate(&mut self, people: &[Person], sites: &[Site]) {
        let at = |position: u32| sites.iter().position(|site| site.position == position).unwrap_or(0);
        let children = |wanted: &dyn Fn(&Person) -> bool| -> Vec<usize> {
            (0..people.len()).filter(|at| people[*at].mother.is_some() && wanted(&people[*at])).collect()
        };
        let some = children(&|_| true);
        let girls = children(&|person| person.sex == Sex::Female);
        let planted = some.iter().step_by(12).map(|child| (*child, at(50_721_504)));
        let planted = planted.chain(girls.iter().skip(3).step_by(17).map(|child| (*child, at(154_031_326))));
        self.de_novo = planted.collect();
        for (child, site) in &self.de_novo {
            self.copies[*child][0][*site] = 1;
        }
    }
}

/// One copy of all contigs.
fn haplotype(random: &mut Random, sites: &[Site], ancestry: usize) -> Vec<u8> {
    let draw = |site: &Site| {
        let mut left = random.below(crate::random::MILLION);
        for (number, alternate) in (1..).zip(&site.alternates) {
            let share = alternate.per_million[ancestry];
            if left < share {
                return number;
            }
            left -= share;
        }
        0
    };
    sites.iter().map(draw).collect()
}

/// What is handed on of each contig, by site.
fn hand(random: &mut Random, sites: &[Site]) -> Vec<Handed> {
    let mut all = Vec::with_capacity(sites.len());
    for contig in Contig::ALL {
        let count = sites.iter().filter(|site| site.contig == contig).count();
        let start = random.below(2) as usize;
        let change = all.len() + random.below(u32::try_from(count).unwrap_or(0)) as usize;
        all.extend(std::iter::repeat_n(Handed { start, change }, count));
    }
    all
}

/// Writes `*` where the base lies in a deletion of the same copy.
fn cover(copy: &mut [u8], sites: &[Site]) {
    for (at, site) in sites.iter().enumerate() {
        if let Some(deletion) = site.within
            && copy[deletion] == 1
        {
            copy[at] = u8::try_from(site.alternates.len()).unwrap_or(u8::MAX);
        }
    }
}
