//! VCF 4.1 to 4.5 into call sets: plain, gzip or BGZF, one file or several.
//!
//! Files with the same samples in the same order are one call set (one file per chromosome); others
//! are a call set each, and so is every file without samples. A call set is a source: loaded whole in
//! one transaction, once. What its records mean is decided in the modules below, each of which says
//! so on its first lines; genotypes.md and language.md, section 4, are the rules.

pub(crate) mod allele;
pub(crate) mod batch;
pub(crate) mod build;
mod calls;
mod coverage;
mod effects;
mod file;
pub(crate) mod header;
mod meta;
mod people;
pub(crate) mod read;
pub(crate) mod record;
pub(crate) mod reference;
mod reserved;
mod tables;
mod terms;
pub(crate) mod values;

use crate::source::{self, LoadError, Progress, Rejects, Report, Source, Written};
use engine::Store;
use header::Header;
use model::Model;
use read::Lines;
use reference::Reference;
use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use tables::Writer;

pub use build::Build;
pub use calls::MoreCopies;

/// Where a site without a record is reference for everyone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Declared<'a> {
    /// Only where reference blocks of the file itself say so.
    #[default]
    Nowhere,
    /// In the intervals of a BED file.
    Bed(&'a Path),
    /// On every contig that has a record.
    Everywhere,
}

/// What the person who loads decides.
#[derive(Clone, Copy, Default)]
pub struct VcfOptions<'a> {
    /// The genome build, where the header does not say it; a header that says another is refused.
    pub build: Option<Build>,
    /// A FASTA file: REF is checked against it, and alleles are left-aligned.
    pub reference: Option<&'a Path>,
    /// Where absence is reference; it takes the place of reference blocks.
    pub covered: Declared<'a>,
    /// Make a sample and a subject of the same id for every sample that the warehouse does not know.
    pub create_samples: bool,
    /// What the call set is called; by default its (first) file without endings.
    pub name: Option<&'a str>,
    /// What becomes of calls of more than two copies.
    pub more_copies: MoreCopies,
    /// The SO id of a consequence by its name, from the warehouse's ontology; a built-in list is
    /// asked where this knows none.
    pub terms: Option<Terms<'a>>,
}

/// From the name of a consequence to its SO id.
pub type Terms<'a> = &'a dyn Fn(&str) -> Option<String>;

impl fmt::Debug for VcfOptions<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VcfOptions")
            .field("build", &self.build)
            .field("reference", &self.reference)
            .field("covered", &self.covered)
            .field("create_samples", &self.create_samples)
            .field("name", &self.name)
            .field("more_copies", &self.more_copies)
            .field("terms", &self.terms.is_some())
            .finish()
    }
}

/// A file whose header was read.
struct Opened {
    path: PathBuf,
    header: Header,
    hash: String,
    bytes: u64,
}

/// Loads VCF files; a report per call set, in the order of their first files.
///
/// The tables must exist ([`crate::schema::create_tables`]). Call sets before one that fails stay
/// loaded; of the one that fails nothing does.
pub fn load(
    store: &mut dyn Store,
    model: &Model,
    paths: &[PathBuf],
    options: &VcfOptions<'_>,
    rejects: &mut Rejects,
    progress: &dyn Progress,
) -> Result<Vec<Report>, LoadError> {
    let mut groups: Vec<Vec<Opened>> = Vec::new();
    for path in paths {
        let mut lines = Lines::open(path, &source::Silent)?;
        let header = header::read(&mut lines)?;
        let bytes = std::fs::metadata(path).map_err(|error| LoadError::io(path, &error))?.len();
        let opened = Opened { path: path.clone(), hash: source::hash_file(path)?, header, bytes };
        let same = |group: &&mut Vec<Opened>| {
            !opened.header.samples.is_empty() && group[0].header.samples == opened.header.samples
        };
        match groups.iter_mut().find(same) {
            Some(group) => group.push(opened),
            None => groups.push(vec![opened]),
        }
    }
    if options.name.is_some() && groups.len() > 1 {
        let reason = "a name was given, but the files make several call sets; load them one by one";
        return Err(LoadError::file(&paths[0], reason));
    }
    groups.iter().map(|group| load_group(store, model, group, options, rejects, progress)).collect()
}

fn load_group(
    store: &mut dyn Store,
    model: &Model,
    group: &[Opened],
    options: &VcfOptions<'_>,
    rejects: &mut Rejects,
    progress: &dyn Progress,
) -> Result<Report, LoadError> {
    let first = &group[0];
    let hash = match group {
        [one] => one.hash.clone(),
        _ => source::hash_all(group.iter().map(|file| file.hash.as_str())),
    };
    let name = options.name.map_or_else(|| stem(&first.path), str::to_owned);
    let source = Source { kind: "vcf", name: name.clone(), path: first.path.clone(), hash };
    progress.start(&name, group.iter().map(|file| file.bytes).sum());
    let report = source::transact(store, &source, rejects, |store, rejects| {
        write_group(store, model, group, &source, options, rejects, progress)
    });
    progress.finish();
    report
}

fn write_group(
    store: &mut dyn Store,
    model: &Model,
    group: &[Opened],
    source: &Source,
    options: &VcfOptions<'_>,
    rejects: &mut Rejects,
    progress: &dyn Progress,
) -> Result<Written, LoadError> {
    let first = &group[0];
    source::claim_parts(store, source, group.iter().map(|file| (file.path.as_path(), file.hash.as_str())))?;
    let build = build_of(group, options.build)?;
    let bed = match options.covered {
        Declared::Bed(path) => coverage::bed(path)?,
        Declared::Nowhere | Declared::Everywhere => BTreeMap::new(),
    };
    let mut reference = options.reference.map(Reference::open).transpose()?;
    let mut writer = Writer::new(store, model, &first.path, build)?;
    let mut notes = Vec::new();
    let order = people::order(group.iter().map(|file| file.path.as_path()), &first.header, build)?;
    people::settle(&mut writer, &first.path, &first.header.samples, options.create_samples, &mut notes)?;
    let samples: Vec<&str> = order.samples(&first.header.samples);
    writer.people(&source.name, &source.hash, &samples)?;
    for (contig, intervals) in bed {
        writer.coverage(&contig, intervals)?;
    }
    let mut many = 0;
    for file in group {
        let mut load = file::FileLoad {
            path: &file.path,
            header: &file.header,
            build,
            options,
            reference: reference.as_mut(),
            ordinals: order.ordinals(),
            writer: &mut writer,
            rejects,
        };
        many += load.run(progress)?;
        writer.end_of_file()?;
    }
    let rows = writer.finish()?;
    if many > 0 {
        notes.push(format!("{many} calls of more than two copies were kept as missing"));
    }
    if writer.annotated_before > 0 {
        notes.push(format!("{} alleles had effects before; theirs were kept", writer.annotated_before));
    }
    Ok(Written { rows, notes })
}

/// The build on which all files of a call set agree.
fn build_of(group: &[Opened], told: Option<Build>) -> Result<Build, LoadError> {
    let mut found: Option<Build> = None;
    for file in group {
        let build =
            build::of_header(&file.header, told).map_err(|reason| LoadError::file(&file.path, reason))?;
        if let Some(before) = found.filter(|before| *before != build) {
            let reason =
                format!("this file is of {build}, the files before it, with the same samples, of {before}");
            return Err(LoadError::file(&file.path, reason));
        }
        found = Some(build);
    }
    found.ok_or_else(|| LoadError::file(Path::new("vcf"), "no file was given"))
}

/// A file name without `.vcf`, `.gz` and the like.
fn stem(path: &Path) -> String {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let mut short = name.as_str();
    for ending in [".bgz", ".gz", ".vcf", ".gvcf", ".g"] {
        short = short.strip_suffix(ending).unwrap_or(short);
    }
    if short.is_empty() { name } else { short.to_owned() }
}
