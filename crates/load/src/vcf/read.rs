//! The lines of a VCF file: plain, gzip or BGZF, told apart by their first bytes.
//!
//! One line is held at a time, in a buffer that is used again, so memory does not grow with the
//! file. What a line says is read elsewhere.

use crate::source::{LoadError, Progress};
use flate2::bufread::MultiGzDecoder;
use noodles_bgzf as bgzf;
use std::cell::Cell;
use std::fs::File;
use std::io::{BufRead, BufReader, ErrorKind, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// The empty block that ends every BGZF file (SAM specification, section 4.1.2). A file without it
/// was cut off, perhaps at the end of a block, where nothing else would tell.
const BGZF_END: [u8; 28] = [
    0x1f, 0x8b, 0x08, 0x04, 0, 0, 0, 0, 0, 0xff, 0x06, 0, 0x42, 0x43, 0x02, 0, 0x1b, 0, 0x03, 0, 0, 0, 0, 0,
    0, 0, 0, 0,
];

/// How the bytes of a file are packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Packing {
    Plain,
    Gzip,
    Bgzf,
}

/// The lines of one file.
pub(crate) struct Lines<'a> {
    path: PathBuf,
    input: Box<dyn BufRead>,
    line: Vec<u8>,
    number: u64,
    /// Whether the line read last ended in a line feed.
    ended: bool,
    /// Compressed bytes read so far, and how many of them were told.
    read: Rc<Cell<u64>>,
    told: u64,
    progress: &'a dyn Progress,
}

/// Counts the bytes that pass.
struct Counted {
    file: File,
    read: Rc<Cell<u64>>,
}

impl Read for Counted {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let length = self.file.read(into)?;
        self.read.set(self.read.get() + length as u64);
        Ok(length)
    }
}

impl<'a> Lines<'a> {
    /// Opens a file; a BGZF file must have its end block.
    pub(crate) fn open(path: &Path, progress: &'a dyn Progress) -> Result<Self, LoadError> {
        let fail = |error: std::io::Error| LoadError::io(path, &error);
        let mut file = File::open(path).map_err(fail)?;
        let packing = packing(&mut file).map_err(fail)?;
        if packing == Packing::Bgzf && !has_end(&mut file).map_err(fail)? {
            return Err(LoadError::file(
                path,
                "the file is cut off: a BGZF file ends in an empty block, this one does not",
            ));
        }
        let read = Rc::new(Cell::new(0));
        let bytes = BufReader::with_capacity(1 << 17, Counted { file, read: Rc::clone(&read) });
        let input: Box<dyn BufRead> = match packing {
            Packing::Plain => Box::new(bytes),
            Packing::Gzip => Box::new(BufReader::with_capacity(1 << 17, MultiGzDecoder::new(bytes))),
            Packing::Bgzf => Box::new(bgzf::io::Reader::new(bytes)),
        };
        Ok(Self {
            path: path.to_owned(),
            input,
            line: Vec::new(),
            number: 0,
            ended: true,
            read,
            told: 0,
            progress,
        })
    }

    /// Reads the next line into the buffer; false at the end of the file. A carriage return before
    /// the line feed is dropped.
    pub(crate) fn next(&mut self) -> Result<bool, LoadError> {
        self.line.clear();
        let length = self.input.read_until(b'\n', &mut self.line).map_err(|error| {
            let reason = match error.kind() {
                ErrorKind::UnexpectedEof => "the file is cut off".to_owned(),
                _ => format!("the file cannot be read further: {error}"),
            };
            LoadError::line(&self.path, self.number + 1, reason)
        })?;
        let read = self.read.get();
        if read != self.told {
            self.progress.advance(read - self.told);
            self.told = read;
        }
        if length == 0 {
            return Ok(false);
        }
        self.number += 1;
        self.ended = self.line.last() == Some(&b'\n');
        if self.ended {
            self.line.pop();
        }
        if self.line.last() == Some(&b'\r') {
            self.line.pop();
        }
        Ok(true)
    }

    /// The line read last, without its end.
    pub(crate) fn line(&self) -> &[u8] {
        &self.line
    }

    /// Its number, from 1.
    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    /// Whether it ended in a line feed.
    pub(crate) fn ended(&self) -> bool {
        self.ended
    }

    /// The file.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

fn packing(file: &mut File) -> std::io::Result<Packing> {
    let mut first = Vec::with_capacity(18);
    Read::by_ref(file).take(18).read_to_end(&mut first)?;
    file.rewind()?;
    // RFC 1952: a member with an extra field (flag 4), here the field `BC` of BGZF.
    let bgzf = first.len() == 18 && first[3] & 4 != 0 && first[12..14] == *b"BC";
    Ok(match first.get(..2) {
        Some([0x1f, 0x8b]) if bgzf => Packing::Bgzf,
        Some([0x1f, 0x8b]) => Packing::Gzip,
        _ => Packing::Plain,
    })
}

fn has_end(file: &mut File) -> std::io::Result<bool> {
    let length = file.seek(SeekFrom::End(0))?;
    let mut end = [0; BGZF_END.len()];
    let found = length >= end.len() as u64 && {
        file.seek(SeekFrom::Start(length - end.len() as u64))?;
        file.read_exact(&mut end)?;
        end == BGZF_END
    };
    file.rewind()?;
    Ok(found)
}
