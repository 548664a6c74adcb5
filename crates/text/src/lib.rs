//! Source texts and places in them.
//!
//! A [`Range`] names a file and two byte offsets; everything that points at source text, from the
//! lexer to the policy receipt, points with it. This crate does no I/O: whoever reads a file hands
//! its text to [`Files::add`].

use std::fmt;
use std::sync::Arc;

/// A source text registered in [`Files`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u32);

/// A stretch of a source text: byte offsets, `start` included, `end` excluded.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Range {
    /// The file the offsets count in.
    pub file: FileId,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Range {
    /// The stretch `start..end` of `file`.
    pub fn new(file: FileId, start: u32, end: u32) -> Range {
        Range { file, start, end }
    }

    /// The smallest stretch that holds both; `other` must lie in the same file.
    #[must_use]
    pub fn to(self, other: Range) -> Range {
        debug_assert_eq!(self.file, other.file, "a range does not cross files");
        Range { file: self.file, start: self.start.min(other.start), end: self.end.max(other.end) }
    }
}

impl fmt::Debug for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}..{}", self.file.0, self.start, self.end)
    }
}

/// A named text.
#[derive(Clone, Debug)]
pub struct File {
    /// The name shown to people: a path, or a word in angle brackets such as `<stdin>`.
    pub name: Arc<str>,
    /// The whole text, UTF-8.
    pub text: Arc<str>,
    line_starts: Arc<[u32]>,
}

/// Line and column of a byte offset, both counted from 1; columns count characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineColumn {
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
}

/// All texts of one run, in the order in which they were added.
#[derive(Clone, Debug, Default)]
pub struct Files {
    files: Vec<File>,
}

impl Files {
    /// No files.
    pub fn new() -> Files {
        Files::default()
    }

    /// Registers a text. Texts of 4 GiB and more are not supported and are cut by the caller.
    pub fn add(&mut self, name: impl Into<Arc<str>>, text: impl Into<Arc<str>>) -> FileId {
        let text: Arc<str> = text.into();
        let mut line_starts = vec![0];
        line_starts.extend(
            text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| offset(at + 1)),
        );
        let id = FileId(offset(self.files.len()));
        self.files.push(File { name: name.into(), text, line_starts: line_starts.into() });
        id
    }

    /// The file of an id that this collection gave out.
    pub fn get(&self, id: FileId) -> &File {
        &self.files[id.0 as usize]
    }

    /// The ids of all files, in order.
    pub fn ids(&self) -> impl Iterator<Item = FileId> + use<> {
        (0..offset(self.files.len())).map(FileId)
    }

    /// The text of a range.
    pub fn slice(&self, range: Range) -> &str {
        self.get(range.file).text.get(range.start as usize..range.end as usize).unwrap_or("")
    }

    /// Line and column of the start of a range.
    pub fn line_column(&self, range: Range) -> LineColumn {
        self.get(range.file).line_column(range.start)
    }
}

impl File {
    /// Line and column of a byte offset; offsets past the end give the end.
    pub fn line_column(&self, at: u32) -> LineColumn {
        let line = self.line_starts.partition_point(|start| *start <= at).saturating_sub(1);
        let start = self.line_starts[line] as usize;
        let end = (at as usize).min(self.text.len());
        let column = self.text.get(start..end).map_or(0, |before| before.chars().count());
        LineColumn { line: offset(line) + 1, column: offset(column) + 1 }
    }
}

fn offset(at: usize) -> u32 {
    u32::try_from(at).expect("texts are shorter than 4 GiB")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_not_bytes() {
        let mut files = Files::new();
        let file = files.add("a.bq", "é = 1\nb");
        let at = |start| files.line_column(Range::new(file, start, start));
        assert_eq!(at(3), LineColumn { line: 1, column: 3 });
        assert_eq!(at(7), LineColumn { line: 2, column: 1 });
    }
}
