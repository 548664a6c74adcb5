//! The texts that are open in an editor, kept in the order in which its messages come.
//!
//! Changes are applied by [`crate::ordered`] while a message is read, not when its handler runs, so no
//! two of them can change places. What a handler sees is a [`Snapshot`] taken when its own message was
//! read: a question about a text is answered for that text.

use ide::{Encoding, Lines, Position};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tower_lsp_server::ls_types::{
    DidChangeTextDocumentParams, DidCloseTextDocumentParams, DidOpenTextDocumentParams,
    TextDocumentContentChangeEvent, Uri,
};

/// An open text.
#[derive(Clone, Debug)]
pub(crate) struct Document {
    pub(crate) uri: Uri,
    pub(crate) version: i32,
    pub(crate) text: Arc<str>,
    pub(crate) lines: Arc<Lines>,
}

/// All open texts at one moment.
#[derive(Clone, Debug)]
pub(crate) struct Snapshot {
    pub(crate) documents: Arc<BTreeMap<PathBuf, Document>>,
    pub(crate) encoding: Encoding,
    /// Grows with every change of a text or of a file of a project.
    pub(crate) revision: u64,
    /// The revision at which a file on the disk changed last: what was opened before is old.
    pub(crate) disk: u64,
}

impl Snapshot {
    /// The open texts as a check wants them.
    pub(crate) fn open(&self) -> session::Open {
        self.documents.iter().map(|(path, document)| (path.clone(), Arc::clone(&document.text))).collect()
    }

    /// A text by its path: the open one, or that of the disk.
    pub(crate) fn document(&self, path: &Path) -> Option<Document> {
        if let Some(document) = self.documents.get(path) {
            return Some(document.clone());
        }
        let text: Arc<str> = std::fs::read_to_string(path).ok()?.into();
        let lines = Arc::new(Lines::new(&text, self.encoding));
        Some(Document { uri: Uri::from_file_path(path)?, version: 0, text, lines })
    }
}

/// The open texts as they change.
#[derive(Debug)]
pub(crate) struct Documents {
    now: Snapshot,
}

impl Documents {
    pub(crate) fn new() -> Documents {
        Documents {
            now: Snapshot { documents: Arc::default(), encoding: Encoding::Utf16, revision: 0, disk: 0 },
        }
    }

    pub(crate) fn snapshot(&self) -> Snapshot {
        self.now.clone()
    }

    /// Agreed with the editor before any text is open.
    pub(crate) fn agree(&mut self, encoding: Encoding) {
        self.now.encoding = encoding;
    }

    /// A file of a project changed on the disk.
    pub(crate) fn disk_changed(&mut self) {
        self.now.revision += 1;
        self.now.disk = self.now.revision;
    }

    pub(crate) fn open(&mut self, params: DidOpenTextDocumentParams) {
        let opened = params.text_document;
        let Some(path) = path_of(&opened.uri) else { return };
        let text: Arc<str> = opened.text.into();
        let lines = Arc::new(Lines::new(&text, self.now.encoding));
        let document = Document { uri: opened.uri, version: opened.version, text, lines };
        Arc::make_mut(&mut self.now.documents).insert(path, document);
        self.now.revision += 1;
    }

    pub(crate) fn close(&mut self, params: &DidCloseTextDocumentParams) {
        let Some(path) = path_of(&params.text_document.uri) else { return };
        Arc::make_mut(&mut self.now.documents).remove(&path);
        self.now.revision += 1;
    }

    pub(crate) fn change(&mut self, params: DidChangeTextDocumentParams) {
        let Some(path) = path_of(&params.text_document.uri) else { return };
        let encoding = self.now.encoding;
        let Some(document) = Arc::make_mut(&mut self.now.documents).get_mut(&path) else { return };
        let mut text = document.text.to_string();
        for change in params.content_changes {
            apply(&mut text, change, encoding);
        }
        document.text = text.into();
        document.lines = Arc::new(Lines::new(&document.text, encoding));
        document.version = params.text_document.version;
        self.now.revision += 1;
    }
}

/// Puts a change into a text. A range whose end lies before its start counts as empty.
fn apply(text: &mut String, change: TextDocumentContentChangeEvent, encoding: Encoding) {
    let Some(range) = change.range else {
        *text = change.text;
        return;
    };
    let lines = Lines::new(text, encoding);
    let at = |position: tower_lsp_server::ls_types::Position| {
        lines.offset(text, Position { line: position.line, column: position.character }) as usize
    };
    let (start, end) = (at(range.start), at(range.end));
    text.replace_range(start..end.max(start), &change.text);
}

/// The path of a file; `None` for what is no file.
pub(crate) fn path_of(uri: &Uri) -> Option<PathBuf> {
    let file = uri.scheme().as_str() == "file";
    uri.to_file_path().filter(|_| file).map(std::borrow::Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tower_lsp_server::ls_types::Range;

    #[test]
    fn changes_in_every_encoding() {
        for (encoding, column) in [(Encoding::Utf8, 4), (Encoding::Utf16, 2), (Encoding::Utf32, 1)] {
            let mut text = "𝄞b\nc".to_owned();
            let place = |line, character| tower_lsp_server::ls_types::Position { line, character };
            let change = |start, end, text: &str| TextDocumentContentChangeEvent {
                range: Some(Range { start, end }),
                range_length: None,
                text: text.to_owned(),
            };
            apply(&mut text, change(place(0, column), place(0, column + 1), "é"), encoding);
            assert_eq!(text, "𝄞é\nc");
            apply(&mut text, change(place(9, 9), place(9, 9), "!"), encoding);
            assert_eq!(text, "𝄞é\nc!");
            // Backwards, as some editors send it.
            apply(&mut text, change(place(1, 1), place(1, 0), "-"), encoding);
            assert_eq!(text, "𝄞é\nc-!");
        }
    }
}
