//! Public releases of annotation, sites-only VCF in the forms of gnomAD and ClinVar: what is publicly
//! known of alleles, beside the alleles of the warehouse.
//!
//! gnomAD holds hundreds of millions of alleles, a warehouse a few of them; so only alleles that the
//! warehouse has are kept, and the notes say how many were not: it is loaded after the call sets, which
//! are not annotated by what was loaded before them. ClinVar is kept whole, so that it can be a source
//! of its own that tells nothing of people; call sets that come later find their alleles in it.
//! Alleles are brought to the one form of the warehouse before they are compared ([`crate::vcf`]).

use crate::cell;
use crate::schema::literal;
use crate::source::{LoadError, Progress, Rejects, Report, Source, Written, hash_all, transact};
use crate::vcf::allele::{self, Allele, Alternate, Kind};
use crate::vcf::batch::{integers, texts};
use crate::vcf::read::Lines;
use crate::vcf::record::{Checks, Record};
use crate::vcf::reference::Reference;
use crate::vcf::values::decimal;
use crate::vcf::{Build, build, header};
use arrow::array::{ArrayRef, Decimal128Array, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema};
use engine::Store;
use std::path::Path;
use std::sync::Arc;

/// A table of ours that lives within the transaction.
const STAGED: &str = "load_release";
/// Rows handed to the engine at once.
const PIECE: usize = 32_768;

/// Which release a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Release<'a> {
    /// Allele frequencies; the release as people call it, such as `4.1`.
    Gnomad(&'a str),
    /// What submitters said of alleles; the day of the release, `2025-01-05`.
    Clinvar(&'a str),
}

/// How a release is loaded.
#[derive(Clone, Copy, Debug)]
pub struct Options<'a> {
    /// Which it is.
    pub release: Release<'a>,
    /// The genome build, where the header does not tell it.
    pub build: Option<Build>,
    /// The reference genome to left-align alleles by; without it they are trimmed only.
    pub reference: Option<&'a Path>,
}

/// What one record says of one allele.
#[derive(Debug, Default)]
struct Said {
    line: i64,
    contig: String,
    allele: Option<Allele>,
    /// `AF`, with 12 digits after the point.
    af: Option<i128>,
    /// The greatest frequency of a genetic ancestry group, likewise.
    grpmax: Option<i128>,
    id: Option<String>,
    significance: Option<&'static str>,
    classification: Option<String>,
    review_status: Option<String>,
    rs: Option<String>,
    hgvs_g: Option<String>,
}

/// Loads a release whole or not at all. The tables must exist ([`crate::schema::create_tables`]).
///
/// # Errors
/// No such build, no day; a release of that day, or frequencies of these alleles, that were loaded
/// before; refused records: those that are no VCF, a frequency that is no share.
pub fn load(
    store: &mut dyn Store,
    path: &Path,
    options: Options<'_>,
    rejects: &mut Rejects,
    progress: &dyn Progress,
) -> Result<Report, LoadError> {
    let (kind, name) = match options.release {
        Release::Gnomad(name) => ("gnomad", name),
        Release::Clinvar(day) => {
            cell::date(day).map_err(|reason| LoadError::file(path, reason))?;
            ("clinvar", day)
        }
    };
    let mut source = Source::file(kind, path)?;
    source.hash = hash_all([source.hash.as_str(), name]);
    transact(store, &source, rejects, |store, rejects| {
        let bytes = std::fs::metadata(path).map_err(|error| LoadError::io(path, &error))?.len();
        progress.start(&source.name, bytes);
        let staged = stage(store, path, options, rejects, progress);
        progress.finish();
        let (build, alleles) = staged?;
        let written = match options.release {
            Release::Gnomad(name) => gnomad(store, path, build, name),
            Release::Clinvar(day) => clinvar(store, path, build, day),
        };
        execute(store, path, &format!("drop table if exists {STAGED}"))?;
        let (rows, mut notes) = written?;
        let elsewhere = alleles.saturating_sub(rows);
        if elsewhere > 0 {
            let why = match options.release {
                Release::Gnomad(_) => "are not in the warehouse, and were left out",
                Release::Clinvar(_) => "stand in the file twice, and the first was kept",
            };
            notes.insert(0, format!("{elsewhere} of {alleles} alleles {why}"));
        }
        Ok(Written { rows, notes })
    })
}

/// Reads the file into the staging table; gives its build and the number of its alleles.
fn stage(
    store: &mut dyn Store,
    path: &Path,
    options: Options<'_>,
    rejects: &mut Rejects,
    progress: &dyn Progress,
) -> Result<(Build, u64), LoadError> {
    execute(store, path, &format!("drop table if exists {STAGED}"))?;
    execute(
        store,
        path,
        &format!(
            "create table {STAGED} (line BIGINT, contig VARCHAR, position BIGINT, end_position BIGINT, \
             ref VARCHAR, alt VARCHAR, af DECIMAL(30, 12), grpmax DECIMAL(30, 12), id VARCHAR, significance VARCHAR, \
             classification VARCHAR, review_status VARCHAR, rs VARCHAR, hgvs_g VARCHAR)"
        ),
    )?;
    let mut lines = Lines::open(path, progress)?;
    let header = header::read(&mut lines)?;
    let build = build::of_header(&header, options.build).map_err(|reason| LoadError::file(path, reason))?;
    let mut reference = options.reference.map(Reference::open).transpose()?;
    let mut checks = Checks::new(&header, build);
    let (mut waiting, mut alleles) = (Vec::new(), 0_u64);
    while lines.next()? {
        let line = lines.line();
        let number = i64::try_from(lines.number()).unwrap_or(i64::MAX);
        let said = checks.read(line).and_then(|record| {
            let info = line.split(|byte| *byte == b'\t').nth(7).unwrap_or_default();
            said_of(&record, info, number, reference.as_mut(), options.release)
        });
        match said {
            Ok(said) => {
                alleles += said.len() as u64;
                waiting.extend(said);
            }
            Err(reason) => rejects.refuse(path, lines.number(), &reason, line)?,
        }
        if waiting.len() >= PIECE {
            append(store, path, &std::mem::take(&mut waiting))?;
        }
    }
    append(store, path, &waiting)?;
    Ok((build, alleles))
}

/// What a record says of each of its exact alternates.
fn said_of(
    record: &Record<'_>,
    info: &[u8],
    line: i64,
    mut reference: Option<&mut Reference>,
    release: Release<'_>,
) -> Result<Vec<Said>, String> {
    let info = std::str::from_utf8(info).map_err(|_| "INFO is not text".to_owned())?;
    let value = |key: &str| {
        let mut parts = info.split(';').filter_map(|part| part.split_once('='));
        parts.find(|(name, _)| *name == key).map(|(_, value)| value).filter(|value| *value != ".")
    };
    let mut all = Vec::new();
    for (at, alternate) in record.alternates.iter().enumerate() {
        let Alternate::Bases(bases) = alternate else { continue };
        let allele = match reference.as_deref_mut() {
            Some(reference) if record.position > 0 => {
                let mut base = |at: u64| reference.base(record.contig, at);
                allele::normalise(record.position, record.reference, bases, Some(&mut base))?
            }
            Some(_) | None => {
                let none: Option<&mut dyn FnMut(u64) -> Result<u8, String>> = None;
                allele::normalise(record.position, record.reference, bases, none)?
            }
        };
        if allele.kind == Kind::Symbolic {
            continue;
        }
        let mut said =
            Said { line, contig: record.contig.to_owned(), allele: Some(allele), ..Said::default() };
        match release {
            Release::Gnomad(_) => {
                said.af = share(value("AF"), "AF", at)?;
                // The name of the field has changed: popmax in release 2, grpmax from release 4 on.
                let most = ["AF_grpmax", "AF_popmax"].into_iter().find(|key| value(key).is_some());
                said.grpmax = most.map(|key| share(value(key), key, at)).transpose()?.flatten();
            }
            Release::Clinvar(_) => {
                let plain = |key: &str| value(key).map(decoded);
                said.id = record.name.map(str::to_owned);
                said.significance = value("CLNSIG").and_then(significance);
                said.classification = plain("CLNSIG");
                said.review_status = plain("CLNREVSTAT");
                said.rs =
                    value("RS").and_then(|ids| ids.split([',', '|']).next()).map(|id| format!("rs{id}"));
                said.hgvs_g = value("CLNHGVS").and_then(|names| names.split(',').next()).map(decoded);
            }
        }
        all.push(said);
    }
    Ok(all)
}

/// The share of an alternate: one value, or one for each.
fn share(value: Option<&str>, key: &str, at: usize) -> Result<Option<i128>, String> {
    let Some(value) = value else { return Ok(None) };
    let all: Vec<&str> = value.split(',').collect();
    let one = if let [one] = all.as_slice() { Some(*one) } else { all.get(at).copied() };
    let Some(one) = one.filter(|one| *one != ".") else { return Ok(None) };
    match decimal(one.as_bytes())? {
        Some(share) if (0..=10_i128.pow(12)).contains(&share) => Ok(Some(share)),
        Some(_) => Err(format!("INFO {key}: `{one}` is no share of a whole")),
        None => Ok(None),
    }
}

/// A classification of ClinVar on the scale of ACMG and AMP. Where submitters are on both sides of a
/// step, the lesser claim is taken; conflicts, risk alleles, drug responses and the like have no place.
fn significance(written: &str) -> Option<&'static str> {
    // What follows is said beside the classification: `Pathogenic|drug_response`.
    match written.split(['|', ',']).next().unwrap_or("") {
        "Benign" => Some("benign"),
        "Likely_benign" | "Benign/Likely_benign" => Some("likely_benign"),
        "Uncertain_significance" => Some("uncertain"),
        "Likely_pathogenic" | "Pathogenic/Likely_pathogenic" => Some("likely_pathogenic"),
        "Pathogenic" => Some("pathogenic"),
        _ => None,
    }
}

fn decoded(text: &str) -> String {
    let mut text = text.replace('_', " ");
    // Accessions keep their underscores: `NC_000013.11:g.…`.
    if text.starts_with("NC ") || text.starts_with("NG ") || text.starts_with("NW ") {
        text.replace_range(2..3, "_");
        text = text.replace(' ', "_");
    }
    text
}

fn append(store: &mut dyn Store, path: &Path, said: &[Said]) -> Result<(), LoadError> {
    if said.is_empty() {
        return Ok(());
    }
    let whole = |at: u64| i64::try_from(at).unwrap_or(i64::MAX);
    let place = |get: &dyn Fn(&Allele) -> u64| -> ArrayRef {
        integers(said.iter().map(|one| one.allele.as_ref().map_or(0, |allele| whole(get(allele)))).collect())
    };
    let bases = |get: &dyn Fn(&Allele) -> String| -> ArrayRef {
        Arc::new(said.iter().map(|one| one.allele.as_ref().map(get)).collect::<StringArray>())
    };
    let shares = |get: &dyn Fn(&Said) -> Option<i128>| -> Result<ArrayRef, LoadError> {
        let array: Decimal128Array = said.iter().map(get).collect();
        let array = array
            .with_precision_and_scale(30, 12)
            .map_err(|error| LoadError::file(path, error.to_string()))?;
        Ok(Arc::new(array))
    };
    let words = |get: &dyn Fn(&Said) -> Option<&str>| -> ArrayRef { texts(said.iter().map(get)) };
    let lines: ArrayRef = Arc::new(Int64Array::from_iter_values(said.iter().map(|one| one.line)));
    let columns = vec![
        ("line", lines),
        ("contig", words(&|one| Some(&one.contig))),
        ("position", place(&|allele| allele.position)),
        ("end_position", place(&|allele| allele.end)),
        ("ref", bases(&|allele| allele.reference.clone())),
        ("alt", bases(&|allele| allele.alternate.clone())),
        ("af", shares(&|one| one.af)?),
        ("grpmax", shares(&|one| one.grpmax)?),
        ("id", words(&|one| one.id.as_deref())),
        ("significance", words(&|one| one.significance)),
        ("classification", words(&|one| one.classification.as_deref())),
        ("review_status", words(&|one| one.review_status.as_deref())),
        ("rs", words(&|one| one.rs.as_deref())),
        ("hgvs_g", words(&|one| one.hgvs_g.as_deref())),
    ];
    let fields: Vec<Field> =
        columns.iter().map(|(name, column)| Field::new(*name, column.data_type().clone(), true)).collect();
    debug_assert!(fields.iter().all(|field| *field.data_type() != DataType::Null));
    let arrays = columns.into_iter().map(|(_, column)| column).collect();
    let rows = RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)
        .map_err(|error| LoadError::file(path, error.to_string()))?;
    store.append(STAGED, rows).map_err(|error| LoadError::engine(path, error))
}

/// The staged rows of alleles that the warehouse has, the first of each in file order.
fn matched(build: Build) -> String {
    format!(
        "select * from (select v.variant_id, s.*, row_number() over (partition by v.variant_id order by s.line) as nth \
         from {STAGED} s join variant v on v.contig = s.contig and v.position = s.position \
         and v.end_position = s.end_position and v.ref = s.ref and v.alt = s.alt and v.build = {}) as ranked where nth = 1",
        literal(build.name())
    )
}

fn gnomad(
    store: &mut dyn Store,
    path: &Path,
    build: Build,
    release: &str,
) -> Result<(u64, Vec<String>), LoadError> {
    let matched = matched(build);
    let before = format!(
        "select g.release from ({matched}) m join gnomad g on g.variant_id = m.variant_id order by g.release limit 1"
    );
    if let Some(before) = first(store, path, &before)? {
        let reason = format!(
            "alleles of this file have frequencies of release {before} already, and two would not be told apart"
        );
        return Err(LoadError::file(path, reason));
    }
    let rows = count(store, path, &format!("select count(*) from ({matched}) as found"))?;
    execute(
        store,
        path,
        &format!(
            "insert into gnomad (variant_id, release, af, grpmax) \
             select variant_id, {}, af, grpmax from ({matched}) as found order by variant_id",
            literal(release)
        ),
    )?;
    Ok((rows, Vec::new()))
}

fn clinvar(
    store: &mut dyn Store,
    path: &Path,
    build: Build,
    day: &str,
) -> Result<(u64, Vec<String>), LoadError> {
    let date = format!("DATE {}", literal(day));
    let same = format!("select cast(released_on as varchar) from clinvar where released_on = {date} limit 1");
    if first(store, path, &same)?.is_some() {
        return Err(LoadError::file(path, format!("a release of {day} was loaded already")));
    }
    let all = format!(
        "select * from (select v.variant_id, s.*, row_number() over (order by s.line, s.alt collate \"C\") as number, \
         row_number() over (partition by s.contig, s.position, s.end_position, s.ref, s.alt \
         order by s.line, v.variant_id) as nth from {STAGED} s \
         left join variant v on v.build = {} and v.contig = s.contig and v.position = s.position \
         and v.end_position = s.end_position and v.ref = s.ref and v.alt = s.alt) as ranked where nth = 1",
        literal(build.name())
    );
    let rows = count(store, path, &format!("select count(*) from ({all}) as found"))?;
    // A release ends the day before the next one, whichever was loaded first.
    execute(
        store,
        path,
        &format!(
            "update clinvar set listed_until = {date} - 1 \
             where released_on < {date} and (listed_until is null or listed_until >= {date})"
        ),
    )?;
    // The key does not tell which alleles the warehouse has.
    execute(
        store,
        path,
        &format!(
            "insert into clinvar (clinvar_id, variant_id, build, contig, position, end_position, ref, alt, significance, \
             classification, review_status, rs, hgvs_g, released_on, listed_until) \
             select {} || '.' || cast(number as varchar), variant_id, {}, contig, position, end_position, ref, alt, \
             significance, classification, review_status, rs, hgvs_g, {date}, \
             (select min(released_on) - 1 from clinvar where released_on > {date}) \
             from ({all}) as found order by number",
            literal(day),
            literal(build.name())
        ),
    )?;
    let silent = format!("select count(*) from clinvar where released_on = {date} and significance is null");
    let silent = count(store, path, &silent)?;
    let mut notes = Vec::new();
    if silent > 0 {
        notes.push(format!(
            "{silent} classifications are on no step from benign to pathogenic: conflicts, risk alleles and the like"
        ));
    }
    Ok((rows, notes))
}

fn execute(store: &mut dyn Store, path: &Path, sql: &str) -> Result<(), LoadError> {
    store.execute(sql).map_err(|error| LoadError::engine(path, error))
}

fn first(store: &mut dyn Store, path: &Path, sql: &str) -> Result<Option<String>, LoadError> {
    let rows = store.query(sql).map_err(|error| LoadError::engine(path, error))?;
    let mut found = rows.iter().filter(|rows| rows.num_rows() > 0);
    let texts =
        found.next().and_then(|rows| rows.columns().first()?.as_any().downcast_ref::<StringArray>().cloned());
    Ok(texts.map(|texts| texts.value(0).to_owned()))
}

fn count(store: &mut dyn Store, path: &Path, sql: &str) -> Result<u64, LoadError> {
    let rows = store.query(sql).map_err(|error| LoadError::engine(path, error))?;
    let found =
        rows.first().and_then(|rows| rows.columns().first()?.as_any().downcast_ref::<Int64Array>().cloned());
    Ok(found.filter(|found| !found.is_empty()).map_or(0, |found| found.value(0).unsigned_abs()))
}

#[cfg(test)]
mod tests;
