//! What an editor shows of a program: plain data, no protocol, no thread, no clock.
//!
//! A [`View`] is one text of a project at one moment, checked. Every answer of it is a function of that
//! text, the project's files and its lock file; nothing is read from a warehouse, so no value of the data
//! can appear in a completion or a hover. Places are byte offsets; whoever speaks to an editor turns them
//! into lines and columns of that editor's encoding ([`Lines`]).
//!
//! - [`View::complete`], [`View::signature`]: while writing
//! - [`View::hover`], [`View::hints`], [`View::lenses`], [`View::links`]: while reading
//! - [`View::declaration`], [`View::uses`], [`View::rename`]: along the names
//! - [`View::lineage`], [`View::reads`], [`View::readers`], [`View::term`]: what is made from what, and codes
//! - [`View::symbols`], [`View::folds`], [`View::selections`], [`View::tokens`]: the shape of the text
//! - [`View::actions`], [`formatted`], [`formatted_range`]: what can be changed

mod action;
mod complete;
mod hint;
mod hover;
mod lineage;
mod lines;
mod names;
mod phrase;
mod refactor;
mod shape;
mod terms;
mod tokens;

pub use action::{Action, ActionKind};
pub use complete::{About, Completion, CompletionKind, Signature};
pub use hint::{Hint, Lens, LensKind, Link};
pub use hover::Hover;
pub use lineage::{LineageNode, LineageStep};
pub use lines::{Encoding, Lines, Position};
pub use names::{NameError, Place};
pub use shape::{Fold, Symbol, SymbolKind};
pub use terms::Term;
pub use tokens::{SemanticToken, TokenKind};

use session::{Analysis, Open, Session};
use std::path::{Path, PathBuf};

/// One text of a project at one moment.
#[derive(Debug)]
pub struct View<'a> {
    /// The project.
    pub session: &'a Session,
    /// Where the text lies, absolute.
    pub path: &'a Path,
    /// The text.
    pub text: &'a str,
    /// The texts that are open in the editor.
    pub open: &'a Open,
    /// What the check of the text gave.
    pub analysis: &'a Analysis,
}

impl View<'_> {
    /// The diagnostics of the text, warnings among them.
    pub fn diagnostics(&self) -> Vec<diag::Diagnostic> {
        let checked = &self.analysis.checked;
        let mut all = checked.diagnostics.clone();
        all.extend(checked.warnings.iter().cloned());
        diag::sort(&mut all);
        all
    }

    /// Where a text that a range names lies. A text of the library has no file in the project, and is named
    /// as the library names it.
    pub fn file_of(&self, range: text::Range) -> PathBuf {
        let files = &self.analysis.checked.files;
        if range.file == self.analysis.checked.main {
            return self.path.to_owned();
        }
        let name = &files.get(range.file).name;
        if Session::is_built_in(name) {
            PathBuf::from(&**name)
        } else {
            self.session.project().root.join(&**name)
        }
    }

    /// Whether the language's own library holds the text of a range.
    pub fn is_built_in(&self, range: text::Range) -> bool {
        range.file != self.analysis.checked.main
            && Session::is_built_in(&self.analysis.checked.files.get(range.file).name)
    }
}

/// A text in the one style; `None` where it has it already.
pub fn formatted(text: &str) -> Option<String> {
    let formatted = format::format(text);
    (formatted != text).then_some(formatted)
}

/// What has to be written where, so that the items that a stretch of a text touches have the one style.
///
/// The whole text is laid out, and of it the lines of those items are taken: how an item is laid out does
/// not depend on the others.
pub fn formatted_range(text: &str, start: u32, end: u32) -> Vec<(text::Range, String)> {
    let laid_out = format::format(text);
    let file = text::FileId(0);
    let (before, after) = (syntax::parse(file, text).0, syntax::parse(file, &laid_out).0);
    let (old, new) = (&before.file.items, &after.file.items);
    if old.len() != new.len() {
        return Vec::new();
    }
    let items = old.iter().zip(new).map(|(old, new)| (before.range(old.span()), after.range(new.span())));
    items
        .filter(|(old, _)| old.start <= end && start <= old.end)
        .filter_map(|(old, new)| {
            let written = laid_out.get(new.start as usize..new.end as usize)?;
            let had = text.get(old.start as usize..old.end as usize)?;
            (written != had).then(|| (old, written.to_owned()))
        })
        .collect()
}
