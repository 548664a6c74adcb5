//! Who takes part, who is whose child, and the genes: what the other files refer to.

use crate::file::{Table, or_empty};
use crate::genes::GENES;
use crate::people::{ANCESTRIES, BirthKnown, Person, Sex};
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

/// Writes everybody, without families.
pub(crate) fn subjects(path: &Path, people: &[Person]) -> io::Result<()> {
    let mut table = Table::new(
        path,
        &[
            "subject_id",
            "sex",
            "karyotype",
            "birth_date",
            "birth_year",
            "death_date",
            "jurisdiction",
            "population",
            "ancestry",
            "site",
        ],
    )?;
    for person in people {
        let (birth, year) = match person.birth_known {
            BirthKnown::Day => (person.birth.to_string(), person.birth.year().to_string()),
            BirthKnown::Year => (String::new(), person.birth.year().to_string()),
            BirthKnown::Not => (String::new(), String::new()),
        };
        let sex = match person.sex {
            Sex::Female => "female",
            Sex::Male => "male",
            Sex::Unknown => "unknown",
        };
        let ancestry = Some(person.ancestry).filter(|_| person.ancestry_recorded);
        table.row([
            &person.id,
            sex,
            if person.karyotype_recorded { person.karyotype.name() } else { "" },
            &birth,
            &year,
            &or_empty(person.death),
            person.jurisdiction,
            if person.ancestry_recorded { person.population } else { "" },
            ancestry.map_or("", |at| ANCESTRIES[at].1),
            person.site,
        ])?;
    }
    table.close()
}

/// Writes families in the six columns of PED.
pub(crate) fn pedigree(path: &Path, people: &[Person]) -> io::Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    let id = |parent: Option<usize>| parent.map_or("0", |at| people[at].id.as_str());
    for person in people {
        let sex = match person.sex {
            Sex::Male => 1,
            Sex::Female => 2,
            Sex::Unknown => 0,
        };
        let (father, mother) = (id(person.father), id(person.mother));
        writeln!(file, "{}\t{}\t{father}\t{mother}\t{sex}\t0", person.family, person.id)?;
    }
    file.flush()
}

/// Writes the genes in the five columns of BioMart.
pub(crate) fn genes(path: &Path) -> io::Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    writeln!(file, "#Chromosome/scaffold name\tGene Start (bp)\tGene End (bp)\tHGNC symbol\tGene ID")?;
    for gene in &GENES {
        let contig = gene.contig.ensembl();
        writeln!(file, "{contig}\t{}\t{}\t{}\t{}", gene.start, gene.end, gene.symbol, gene.ensembl)?;
    }
    file.flush()
}
