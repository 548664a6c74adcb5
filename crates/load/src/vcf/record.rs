//! The fixed columns of a record, CHROM to FORMAT, checked; and the order of the records of a file.
//!
//! Alleles are read here as written; what they become is [`super::allele`], and the genotypes are
//! [`super::calls`].

use super::allele::{Alternate, alternate, bases};
use super::build::{Build, MOST_BASES, contig_name};
use super::header::Header;
use super::meta::{Version, contig_is_good};
use super::values::{Info, InfoJudges, decimal};
use std::collections::{BTreeMap, BTreeSet};

/// A record without its samples.
#[derive(Debug)]
pub(crate) struct Record<'a> {
    /// Normalised name.
    pub contig: &'a str,
    /// 1-based; 0 and one past the end are telomeres.
    pub position: u64,
    /// The ID column, nothing for `.`.
    pub name: Option<&'a str>,
    pub reference: &'a [u8],
    /// None for `.`.
    pub alternates: Vec<Alternate<'a>>,
    /// QUAL with 12 digits after the point.
    pub quality: Option<i128>,
    /// The FILTER column, nothing for `.`.
    pub filter: Option<&'a str>,
    pub info: Info<'a>,
    /// FORMAT and, behind its tab, the samples; nothing where the file has none.
    pub samples: Option<(&'a [u8], &'a [u8])>,
}

/// Checks of the records of one file.
#[derive(Debug)]
pub(crate) struct Checks {
    version: Version,
    build: Build,
    columns: usize,
    infos: InfoJudges,
    /// Lengths of contigs that the header gives, by normalised name.
    lengths: BTreeMap<String, u64>,
    /// Where the records of plain contigs stand, and those of contigs of the assembly file (`<1>`),
    /// which may lie between them.
    orders: [Order; 2],
}

/// How far the records have come.
#[derive(Debug, Default)]
struct Order {
    contig: String,
    position: u64,
    /// Contigs that came before.
    past: BTreeSet<String>,
}

impl Checks {
    pub(crate) fn new(header: &Header, build: Build) -> Self {
        let lengths = header.contigs.iter().filter_map(|contig| {
            let name = contig_name(&contig.id).to_owned();
            contig.length.map(|length| (name, length))
        });
        Self {
            version: header.version,
            build,
            columns: header.columns,
            infos: InfoJudges::new(header),
            lengths: lengths.collect(),
            orders: Default::default(),
        }
    }

    /// The length of a contig, from the header or the build.
    pub(crate) fn length(&self, contig: &str) -> Option<u64> {
        self.lengths.get(contig).copied().or_else(|| self.build.length(contig))
    }

    /// Reads the fixed columns of a line.
    pub(crate) fn read<'a>(&mut self, line: &'a [u8]) -> Result<Record<'a>, String> {
        let mut rest = Some(line);
        let mut next = || -> Option<&'a [u8]> {
            let text = rest?;
            let tab = memchr::memchr(b'\t', text);
            rest = tab.map(|tab| &text[tab + 1..]);
            Some(tab.map_or(text, |tab| &text[..tab]))
        };
        let fixed: Vec<&[u8]> = (0..8).map_while(|_| next()).collect();
        let &[contig, position, name, reference, alternates, quality, filter, info] = fixed.as_slice() else {
            return Err(format!(
                "{} columns, expected {}; columns are divided by tabs",
                fixed.len(),
                self.columns
            ));
        };
        let format = next();
        let samples = match (format, rest, self.columns) {
            (None, _, 8) => None,
            (Some(format), Some(samples), columns) if columns > 9 => Some((format, samples)),
            _ => {
                return Err(format!(
                    "the number of columns is not {}, that of the line of column names",
                    self.columns
                ));
            }
        };
        let (contig, position) = self.place(contig, position)?;
        let alternates = self::alternates(reference, alternates)?;
        let info = self.infos.read(info, alternates.len())?;
        Ok(Record {
            contig,
            position,
            name: self.name(name)?,
            reference,
            quality: if quality == b"." { None } else { natural(quality)? },
            filter: self.filter(filter)?,
            info,
            samples,
            alternates,
        })
    }

    /// The contig and position, which must ascend: each contig once, and its positions in order.
    fn place<'a>(&mut self, contig: &'a [u8], position: &[u8]) -> Result<(&'a str, u64), String> {
        let written = std::str::from_utf8(contig).map_err(|_| "CHROM is not text".to_owned())?;
        if !contig_is_good(written, self.version) {
            return Err(format!("CHROM `{written}` has a character that none may have"));
        }
        let contig = contig_name(written);
        let digits = !position.is_empty() && position.iter().all(u8::is_ascii_digit);
        let position =
            std::str::from_utf8(position).ok().filter(|_| digits).and_then(|text| text.parse::<u64>().ok());
        let Some(position) = position.filter(|position| *position < MOST_BASES) else {
            return Err("POS is not a position".into());
        };
        if let Some(length) = self.length(contig)
            && position > length + 1
        {
            return Err(format!("POS {position} lies behind the end of contig {contig} ({length})"));
        }
        if contig == "MT" && self.lengths.get("MT").is_some_and(|length| *length == 16_571) {
            return Err("chrM of hg19 (16,571 bases) is another sequence than MT".into());
        }
        let sorted = self.version < Version::V44;
        self.orders[usize::from(contig.starts_with('<'))].step(contig, position, sorted)?;
        Ok((contig, position))
    }

    fn name<'a>(&self, text: &'a [u8]) -> Result<Option<&'a str>, String> {
        let text = std::str::from_utf8(text).map_err(|_| "ID is not text".to_owned())?;
        if text == "." {
            return Ok(None);
        }
        let mut seen = Vec::new();
        for part in text.split(';') {
            if part.is_empty() || part.contains(char::is_whitespace) {
                return Err("ID has an empty name or white space".into());
            }
            if self.version >= Version::V43 && seen.contains(&part) {
                return Err(format!("ID has {part} twice"));
            }
            seen.push(part);
        }
        Ok(Some(text))
    }

    fn filter<'a>(&self, text: &'a [u8]) -> Result<Option<&'a str>, String> {
        let text = std::str::from_utf8(text).map_err(|_| "FILTER is not text".to_owned())?;
        if text == "." {
            return Ok(None);
        }
        let mut seen = Vec::new();
        for part in text.split(';') {
            if part.is_empty() {
                return Err("FILTER has an empty name".into());
            }
            if matches!(part, "." | "0") || part.contains(char::is_whitespace) {
                return Err(format!("FILTER has `{part}`, which is no name of a filter"));
            }
            if self.version >= Version::V43 && seen.contains(&part) {
                return Err(format!("FILTER has {part} twice"));
            }
            seen.push(part);
        }
        Ok(Some(text))
    }
}

impl Order {
    /// The next record must be of the same contig or of a new one, and, where records are `sorted`,
    /// not before the last; the specification's own files of 4.5 are not in order.
    fn step(&mut self, contig: &str, position: u64, sorted: bool) -> Result<(), String> {
        if contig != self.contig {
            if self.past.contains(contig) {
                return Err(format!("contig {contig} comes again after another"));
            }
            let before = std::mem::replace(&mut self.contig, contig.to_owned());
            self.past.insert(before);
        } else if sorted && position < self.position {
            return Err(format!("POS {position} comes after {}; records must be sorted", self.position));
        }
        self.position = position;
        Ok(())
    }
}

fn alternates<'a>(reference: &[u8], text: &'a [u8]) -> Result<Vec<Alternate<'a>>, String> {
    if !bases(reference) {
        return Err(format!("REF `{}` is not bases (ACGTN)", String::from_utf8_lossy(reference)));
    }
    if text == b"." {
        return Ok(Vec::new());
    }
    let mut all = Vec::new();
    for part in text.split(|c| *c == b',') {
        let found = alternate(part)?;
        if part.eq_ignore_ascii_case(reference) {
            return Err("ALT is the same as REF".into());
        }
        all.push(found);
    }
    Ok(all)
}

fn natural(text: &[u8]) -> Result<Option<i128>, String> {
    let value = decimal(text).map_err(|reason| format!("QUAL {reason}"))?;
    match value {
        Some(value) if value < 0 => Err("QUAL is negative".into()),
        Some(_) | None => Ok(value),
    }
}
