//! The bytes of a file as they were before packing: plain, gzip or xz, told apart by their first bytes.

use crate::source::{LoadError, Progress};
use flate2::read::MultiGzDecoder;
use liblzma::read::XzDecoder;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

const BUFFER: usize = 1 << 17;

/// Tells progress of the packed bytes that pass.
struct Told<'a> {
    file: File,
    progress: &'a dyn Progress,
}

impl Read for Told<'_> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let length = self.file.read(into)?;
        self.progress.advance(length as u64);
        Ok(length)
    }
}

/// A source that is being read; progress is told that it is done when this goes, well or not.
pub(crate) struct Running<'a> {
    progress: &'a dyn Progress,
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.progress.finish();
    }
}

/// Tells progress that a source of `bytes` bytes begins.
pub(crate) fn start<'a>(progress: &'a dyn Progress, source: &str, bytes: u64) -> Running<'a> {
    progress.start(source, bytes);
    Running { progress }
}

/// Opens a file for reading in pieces.
pub(crate) fn open<'a>(path: &Path, progress: &'a dyn Progress) -> Result<Box<dyn BufRead + 'a>, LoadError> {
    let fail = |error: std::io::Error| LoadError::io(path, &error);
    let file = File::open(path).map_err(fail)?;
    let mut bytes = BufReader::with_capacity(BUFFER, Told { file, progress });
    let head = bytes.fill_buf().map_err(fail)?;
    Ok(if head.starts_with(&[0x1f, 0x8b]) {
        Box::new(BufReader::with_capacity(BUFFER, MultiGzDecoder::new(bytes)))
    } else if head.starts_with(&[0xfd, b'7', b'z', b'X', b'Z', 0]) {
        Box::new(BufReader::with_capacity(BUFFER, XzDecoder::new_multi_decoder(bytes)))
    } else {
        Box::new(bytes)
    })
}

/// The whole text of a file, for sources that are small by nature, such as an ontology. A byte order
/// mark is dropped.
pub(crate) fn text(path: &Path, progress: &dyn Progress) -> Result<String, LoadError> {
    let mut all = Vec::new();
    open(path, progress)?.read_to_end(&mut all).map_err(|error| LoadError::io(path, &error))?;
    let text = String::from_utf8(all).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let line = 1 + error.as_bytes()[..at].split(|byte| *byte == b'\n').skip(1).count();
        LoadError::line(path, line as u64, "the text is not UTF-8")
    })?;
    Ok(match text.strip_prefix('\u{feff}') {
        Some(rest) => rest.to_owned(),
        None => text,
    })
}

/// The size of a file in bytes, for progress; 0 where it cannot be told.
pub(crate) fn size(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |about| about.len())
}
