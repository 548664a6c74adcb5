//! Phenopackets v2 (GA4GH): a JSON file, a folder of them, or a tar archive, plain or packed.
//!
//! One packet is read at a time, so memory is that of the largest packet. A packet is a record: it is
//! loaded whole or refused whole. What becomes of its parts is written in `rows`; onsets in
//! `onset`; the variants of interpretations in `findings`.
//!
//! HPO ids are checked against the loaded release: a packet with an id that the release lacks is
//! refused by file and id, for silently it would be in no answer; an obsolete id follows its
//! replacement, and how often is told. Without a loaded HPO ids are kept as they are.

mod findings;
mod packet;
mod rows;

use crate::input;
use crate::source::{LoadError, Progress, Rejects, Report, Source, Written, hash_all, hash_file, transact};
use crate::stage::{Arrival, Place, Stage, TableSpec};
use engine::Store;
use model::Model;
use packet::Packet;
use rows::{Told, Writer};

pub(crate) use packet::TimeElement;
pub(crate) use rows::times;

use std::io::Read;
use std::path::{Path, PathBuf};

/// The largest packet that is read, in bytes; a larger one is a mistake.
const LARGEST: u64 = 256 << 20;

/// Which id of a packet is the subject's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ids {
    /// `subject.id`. Packets that share one are refused, naming each other.
    #[default]
    Subject,
    /// The packet's own id, for collections in which every publication counts its patients from 1.
    Packet,
}

/// What to make of packets.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// See [`Ids`].
    pub ids: Ids,
}

/// Loads packets from files, folders and archives, as one source.
///
/// # Errors
/// A file that cannot be read; refused records, see the module.
pub fn load(
    store: &mut dyn Store,
    model: &Model,
    paths: &[PathBuf],
    options: Options,
    rejects: &mut Rejects,
    progress: &dyn Progress,
) -> Result<Report, LoadError> {
    let Some(first) = paths.first() else {
        return Err(LoadError::file(Path::new("phenopackets"), "no file was given"));
    };
    let mut files = Vec::new();
    for path in paths {
        gather(path, &mut files)?;
    }
    let mut hashes = vec![format!("{:?}", options.ids)];
    for file in &files {
        hashes.push(hash_file(file)?);
    }
    let names: Vec<String> = paths
        .iter()
        .map(|path| path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned())
        .collect();
    let source = Source {
        kind: "phenopackets",
        name: names.join(", "),
        path: first.clone(),
        hash: hash_all(hashes.iter().map(String::as_str)),
    };
    transact(store, &source, rejects, |store, rejects| {
        let running = input::start(progress, &source.name, files.iter().map(|file| input::size(file)).sum());
        let keeps = rejects.keeps();
        let diseases = model.entities.iter().find(|entity| entity.name == "disease");
        let writer = Writer::new(options.ids, diseases);
        findings::create(store, first)?;
        let mut tables = Vec::with_capacity(rows::TABLES.len() + 1);
        for (entity, arrival) in rows::TABLES {
            tables.push((TableSpec::of(model, entity)?, arrival));
        }
        tables.push((findings::spec(), Arrival::New));
        let mut stage = Stage::open(store, first, keeps, tables)?;
        let mut told = Told::default();
        for file in &files {
            read(file, progress, &mut |place, text| {
                one(&mut stage, &writer, &mut told, rejects, place, text)
            })?;
        }
        drop(running);
        let settled = stage.settle(rejects)?;
        let mut notes = settled.notes.clone();
        notes.extend(told.notes());
        let mut rows = settled.total();
        if rejects.count() == 0 || keeps {
            rows += findings::finish(store, first)?;
        }
        Ok(Written { rows, notes })
    })
}

/// The files to read, in the byte order of their names where a folder is given.
fn gather(path: &Path, files: &mut Vec<PathBuf>) -> Result<(), LoadError> {
    let fail = |error: std::io::Error| LoadError::io(path, &error);
    if !path.is_dir() {
        files.push(path.to_owned());
        return Ok(());
    }
    let mut inside = Vec::new();
    for entry in std::fs::read_dir(path).map_err(fail)? {
        let entry = entry.map_err(fail)?.path();
        if entry.is_dir() || entry.extension().is_some_and(|extension| extension == "json") {
            inside.push(entry);
        }
    }
    inside.sort();
    inside.iter().try_for_each(|entry| gather(entry, files))
}

/// What is done with the place and text of a document.
type Each<'f> = dyn FnMut(Place<'_>, &[u8]) -> Result<(), LoadError> + 'f;

/// Gives every text of a file on: the file itself, or every `.json` of an archive.
fn read(path: &Path, progress: &dyn Progress, each: &mut Each<'_>) -> Result<(), LoadError> {
    let fail = |error: std::io::Error| LoadError::io(path, &error);
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let archive = name.split('.').skip(1).any(|part| part == "tar" || part == "tgz" || part == "txz");
    let mut text = Vec::new();
    if !archive {
        input::open(path, progress)?.take(LARGEST).read_to_end(&mut text).map_err(fail)?;
        return each(Place { file: path, line: 1 }, &text);
    }
    let mut archive = tar::Archive::new(input::open(path, progress)?);
    for entry in archive.entries().map_err(fail)? {
        let entry = entry.map_err(fail)?;
        let inner = entry.path().map_err(fail)?.into_owned();
        if !entry.header().entry_type().is_file()
            || inner.extension().is_none_or(|extension| extension != "json")
        {
            continue;
        }
        text.clear();
        entry.take(LARGEST).read_to_end(&mut text).map_err(fail)?;
        each(Place { file: &path.join(inner), line: 1 }, &text)?;
    }
    Ok(())
}

/// Stages one text: a packet, or a family or cohort of packets.
fn one(
    stage: &mut Stage<'_>,
    writer: &Writer<'_>,
    told: &mut Told,
    rejects: &mut Rejects,
    place: Place<'_>,
    text: &[u8],
) -> Result<(), LoadError> {
    let compact = || String::from_utf8_lossy(text).split_whitespace().collect::<Vec<_>>().join(" ");
    let shown = if rejects.keeps() { compact() } else { String::new() };
    let text = text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(text);
    let document = match serde_json::from_slice::<packet::Document>(text) {
        Ok(document) => document,
        Err(error) => {
            let line = error.line().max(1) as u64;
            return rejects.refuse(
                place.file,
                line,
                &format!("not a phenopacket: {error}"),
                shown.as_bytes(),
            );
        }
    };
    let packets: Vec<Packet> = document.packets();
    if packets.is_empty() {
        return rejects.refuse(
            place.file,
            1,
            "neither a phenopacket nor a family or cohort of them",
            shown.as_bytes(),
        );
    }
    for packet in packets {
        match writer.rows(&packet, told) {
            Ok(rows) => stage.put_or_refuse(rejects, place, &shown, rows)?,
            Err(reason) => rejects.refuse(place.file, place.line, &reason, shown.as_bytes())?,
        }
    }
    Ok(())
}
