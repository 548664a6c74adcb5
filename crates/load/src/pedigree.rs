//! Pedigrees: families, sexes, parents, populations.
//!
//! Two forms are read: the six columns of PLINK's PED and FAM (family, individual, father, mother, sex,
//! phenotype; separated by white space), and the table of the 1000 Genomes Project, which has a header
//! and after these six Population, Relationship, Siblings, Second Order, Third Order and Other Comments.
//!
//! What is decided here:
//! * A parent who is no individual of the file or the warehouse cannot be named: the column is left
//!   null, and how many were is told. Two children of one such parent are siblings all the same.
//! * `unrelated` is true for who has no recorded relative: no parent, child, or sibling by a common
//!   parent in the file, and in the table of the 1000 Genomes Project nothing in its three columns of
//!   relatives. It is null where a family has further members whose relation the file does not say.
//! * A trio is a child both of whose parents are individuals.
//! * The phenotype column has no place in the model and is not loaded.

mod ancestry;
mod kin;

use crate::cell::Cell;
use crate::input;
use crate::source::{LoadError, Progress, Rejects, Report, Source, Written, transact};
use crate::stage::{Arrival, Place, Stage, TableSpec};
use engine::Store;
use model::Model;
use std::collections::BTreeMap;
use std::io::BufRead;
use std::path::Path;

/// What to make of a pedigree.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Whether every individual has a sample of the same id, as in the 1000 Genomes Project.
    pub samples: bool,
}

/// One line of a pedigree; `0` for a parent is nobody.
#[derive(Clone, Debug)]
struct Person {
    line: u64,
    text: String,
    family: String,
    id: String,
    father: Option<String>,
    mother: Option<String>,
    sex: &'static str,
    population: Option<String>,
    /// Whether the columns of relatives name anyone; none in the six-column form.
    kin_listed: Option<bool>,
}

/// Loads one pedigree file into `subject`, `trio` and, if asked, `sample`.
///
/// # Errors
/// Refused records: a wrong number of columns, a sex that is none of 1, 2 and 0, an individual twice,
/// its own parent or ancestor, one person as both parents, a parent of the wrong sex.
pub fn load(
    store: &mut dyn Store,
    model: &Model,
    path: &Path,
    options: Options,
    rejects: &mut Rejects,
    progress: &dyn Progress,
) -> Result<Report, LoadError> {
    let mut source = Source::file("pedigree", path)?;
    if options.samples {
        source.hash = crate::source::hash_all([source.hash.as_str(), "samples"]);
    }
    transact(store, &source, rejects, |store, rejects| {
        let running = input::start(progress, &source.name, input::size(path));
        let people = read(path, rejects, progress)?;
        drop(running);
        let people = kin::check(path, people, rejects)?;
        let unrelated = kin::unrelated(&people);
        let keeps = rejects.keeps();
        let tables = vec![
            (TableSpec::of(model, "subject")?, Arrival::Merge),
            (TableSpec::of(model, "sample")?, Arrival::Merge),
        ];
        let mut stage = Stage::open(store, path, keeps, tables)?;
        for (person, unrelated) in people.iter().zip(unrelated) {
            let ancestry = person.population.as_deref().and_then(ancestry::of);
            let mut rows = vec![(
                0,
                vec![
                    ("subject_id", Cell::text(&person.id)),
                    ("sex", Cell::text(person.sex)),
                    ("population", person.population.clone().into()),
                    ("ancestry", ancestry.into()),
                    ("family", Cell::text(&person.family)),
                    ("father_id", person.father.clone().into()),
                    ("mother_id", person.mother.clone().into()),
                    ("unrelated", unrelated.into()),
                ],
            )];
            if options.samples {
                rows.push((
                    1,
                    vec![("sample_id", Cell::text(&person.id)), ("subject_id", Cell::text(&person.id))],
                ));
            }
            stage.put_or_refuse(rejects, Place { file: path, line: person.line }, &person.text, rows)?;
        }
        let absent = forget_absent_parents(&mut stage)?;
        let settled = stage.settle(rejects)?;
        let mut notes = settled.notes.clone();
        if absent > 0 {
            notes.push(format!(
                "{absent} parents are no individuals of the file or the warehouse and were left out"
            ));
        }
        let mut rows = settled.total();
        if rejects.count() == 0 || keeps {
            let trios = write_trios(store, model, path)?;
            notes.push(format!("{trios} trios"));
            rows += trios;
        }
        Ok(Written { rows, notes })
    })
}

/// Reads all lines; those that cannot be read are refused.
fn read(path: &Path, rejects: &mut Rejects, progress: &dyn Progress) -> Result<Vec<Person>, LoadError> {
    let mut people = Vec::new();
    let mut tabbed = false;
    for (line, text) in (1..).zip(input::open(path, progress)?.lines()) {
        let text = text.map_err(|error| LoadError::line(path, line, error.to_string()))?;
        let text = text.trim_end_matches('\r').to_owned();
        if line == 1 && is_header(&text) {
            tabbed = true;
            continue;
        }
        if text.trim().is_empty() || text.starts_with('#') {
            continue;
        }
        match person(line, &text, tabbed) {
            Ok(person) => people.push(person),
            Err(reason) => rejects.refuse(path, line, &reason, text.as_bytes())?,
        }
    }
    Ok(people)
}

/// The header of the table of the 1000 Genomes Project, with or without a hash before it.
fn is_header(text: &str) -> bool {
    text.trim_start_matches('#').starts_with("Family ID\tIndividual ID\tPaternal ID\tMaternal ID")
}

fn person(line: u64, text: &str, tabbed: bool) -> Result<Person, String> {
    let columns: Vec<&str> =
        if tabbed { text.split('\t').map(str::trim).collect() } else { text.split_whitespace().collect() };
    let fine = if tabbed { (7..=12).contains(&columns.len()) } else { columns.len() == 6 };
    if !fine {
        let wanted = if tabbed { "the 12 of the header" } else { "6" };
        return Err(format!("{} columns, expected {wanted}", columns.len()));
    }
    let given = |at: usize| {
        columns.get(at).copied().filter(|text| !text.is_empty() && *text != "0").map(str::to_owned)
    };
    let id = given(1).ok_or("the individual has no id")?;
    let sex = match columns[4] {
        "1" => "male",
        "2" => "female",
        "0" | "-9" | "other" | "unknown" => "unknown",
        other => return Err(format!("sex is `{other}`, expected 1 for male, 2 for female, 0 for unknown")),
    };
    let population = if tabbed { given(6) } else { None };
    if let Some(population) = &population
        && ancestry::of(population).is_none()
    {
        return Err(format!("`{population}` is not a population of the 1000 Genomes Project"));
    }
    let family = given(0).unwrap_or_else(|| id.clone());
    let kin_listed = tabbed.then(|| (8..=10).any(|at| given(at).is_some()));
    Ok(Person {
        line,
        text: text.to_owned(),
        family,
        id,
        father: given(2),
        mother: given(3),
        sex,
        population,
        kin_listed,
    })
}

/// Parents that name nobody become null; their number is given back.
fn forget_absent_parents(stage: &mut Stage<'_>) -> Result<u64, LoadError> {
    stage.flush_all()?;
    let incoming = stage.incoming(0);
    let mut absent = 0;
    for parent in ["father_id", "mother_id"] {
        let condition = format!(
            "{parent} is not null and {parent} not in (select subject_id from {incoming} union all select subject_id from subject)"
        );
        absent += stage.count(&format!("select count(*) from {incoming} where {condition}"))?;
        stage.execute(&format!("update {incoming} set {parent} = null where {condition}"))?;
    }
    Ok(absent)
}

/// Trios of all subjects that have two parents and no trio yet.
fn write_trios(store: &mut dyn Store, model: &Model, path: &Path) -> Result<u64, LoadError> {
    let fail = |error| LoadError::engine(path, error);
    if !model.entities.iter().any(|entity| entity.table == "trio") {
        return Ok(0);
    }
    let count = |store: &mut dyn Store| -> Result<u64, LoadError> {
        let rows = store.query("select proband_id from trio").map_err(fail)?;
        Ok(rows.iter().map(|batch| batch.num_rows() as u64).sum())
    };
    let before = count(store)?;
    store
        .execute(
            "insert into trio (proband_id, father_id, mother_id) select subject_id, father_id, mother_id from subject \
             where father_id is not null and mother_id is not null and subject_id not in (select proband_id from trio) order by subject_id",
        )
        .map_err(fail)?;
    Ok(count(store)? - before)
}

/// People by id, where an id is one person's.
fn by_id(people: &[Person]) -> BTreeMap<&str, usize> {
    people.iter().enumerate().map(|(at, person)| (person.id.as_str(), at)).collect()
}
