//! The header of a VCF file: its version, definitions, contigs, and samples in file order.
//!
//! Everything before the first record is read and checked here; a header with any bad line is
//! refused whole, since nothing after it could be trusted.

use super::meta::{self, Definition, Meta, Version};
use super::read::Lines;
use crate::source::{LoadError, Problem, TOLD};
use std::collections::{BTreeMap, BTreeSet};

/// The fixed columns, in order.
const COLUMNS: [&str; 8] = ["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO"];

/// A contig as the header names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Contig {
    /// Its name, as written.
    pub id: String,
    /// Its length in bases.
    pub length: Option<u64>,
    /// What the header calls its assembly.
    pub assembly: Option<String>,
}

/// What the header says.
#[derive(Clone, Debug)]
pub(crate) struct Header {
    pub version: Version,
    pub info: BTreeMap<String, Definition>,
    pub format: BTreeMap<String, Definition>,
    pub contigs: Vec<Contig>,
    /// Words that may name the build: `##reference` and `##assembly`.
    pub references: Vec<String>,
    /// Samples in file order.
    pub samples: Vec<String>,
    /// Columns of a record: 8 without samples, else 9 and one per sample.
    pub columns: usize,
}

/// Reads up to and with the line of column names.
pub(crate) fn read(lines: &mut Lines<'_>) -> Result<Header, LoadError> {
    let path = lines.path().to_owned();
    if !lines.next()? {
        return Err(LoadError::file(&path, "the file is empty"));
    }
    let version = meta::version(&String::from_utf8_lossy(lines.line()))
        .map_err(|reason| LoadError::line(&path, 1, reason))?;
    let mut header = Header {
        version,
        info: BTreeMap::new(),
        format: BTreeMap::new(),
        contigs: Vec::new(),
        references: Vec::new(),
        samples: Vec::new(),
        columns: COLUMNS.len(),
    };
    let mut problems = Vec::new();
    loop {
        if !lines.next()? {
            problems.push(Problem {
                file: path.clone(),
                line: None,
                reason: "there is no line `#CHROM ...` of column names".into(),
            });
            break;
        }
        let text = String::from_utf8_lossy(lines.line());
        let done = text.starts_with("#CHROM");
        let found = if done {
            header.take_columns(&text)
        } else if text.starts_with("##") {
            header.take(&text)
        } else {
            Err("a line of the header begins neither with `##` nor with `#CHROM`".into())
        };
        if let Err(reason) = found {
            problems.push(Problem { file: path.clone(), line: Some(lines.number()), reason });
        }
        if done || problems.len() == TOLD {
            break;
        }
    }
    if problems.is_empty() {
        return Ok(header);
    }
    let stopped = problems.len() == TOLD;
    Err(LoadError { problems, stopped, help: None, detail: None })
}

impl Header {
    fn take(&mut self, line: &str) -> Result<(), String> {
        match meta::read(line, self.version)? {
            Meta::Info(id, definition) => define(&mut self.info, "INFO", id, definition),
            Meta::Format(id, definition) => define(&mut self.format, "FORMAT", id, definition),
            Meta::Contig { id, length, assembly } => {
                let before =
                    self.contigs.iter().find(|contig| contig.id == id).and_then(|contig| contig.length);
                if before.is_some() && length.is_some() && before != length {
                    return Err(format!("contig {id} is defined twice, with different lengths"));
                }
                self.contigs.push(Contig { id, length, assembly });
                Ok(())
            }
            Meta::Reference(words) => {
                self.references.push(words);
                Ok(())
            }
            Meta::Other => Ok(()),
        }
    }

    fn take_columns(&mut self, line: &str) -> Result<(), String> {
        let columns: Vec<&str> = line.split('\t').collect();
        for (at, name) in COLUMNS.iter().enumerate() {
            if columns.get(at) != Some(name) {
                return Err(format!("column {} must be {name}; columns are divided by tabs", at + 1));
            }
        }
        self.columns = columns.len();
        if let Some(name) = columns.get(8).filter(|name| **name != "FORMAT") {
            return Err(format!("column 9 must be FORMAT, not `{name}`"));
        }
        if self.columns == 9 {
            return Err("FORMAT stands without samples".into());
        }
        let mut seen = BTreeSet::new();
        for name in columns.iter().skip(9) {
            if name.is_empty() {
                return Err("a sample has no name".into());
            }
            if !seen.insert(*name) {
                return Err(format!("the sample {name} stands twice"));
            }
            self.samples.push((*name).to_owned());
        }
        Ok(())
    }
}

fn define(
    all: &mut BTreeMap<String, Definition>,
    what: &str,
    id: String,
    definition: Definition,
) -> Result<(), String> {
    match all.get(&id) {
        Some(before) if *before != definition => Err(format!("{what} {id} is defined twice, differently")),
        Some(_) | None => {
            all.insert(id, definition);
            Ok(())
        }
    }
}
