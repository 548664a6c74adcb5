//! The program that grows while somebody asks: items that are kept, each with the entry it came from.
//!
//! A program is one text, so that a question is checked, run, audited and saved as that of a file. What is
//! wrong with it is shown in the words and lines of the entry that was typed, not of that text.

use crate::entry::{Form, Key, Part, as_program};
use diag::Diagnostic;
use std::fmt::Write as _;
use std::sync::Arc;
use text::{FileId, Files, Range};

/// An entry as it was typed or read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Source {
    /// What diagnostics call it: `entry 3`, or the file that was read.
    pub(crate) name: String,
    pub(crate) text: String,
}

/// An item of the program.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    pub(crate) key: Key,
    /// As it stands in the program.
    pub(crate) text: String,
    source: Arc<Source>,
    /// Where the item begins in its source.
    start: usize,
    /// Bytes before this one of `text` are the source's, at `start`.
    same: usize,
    /// How much longer `text` is than the source from there on.
    added: isize,
}

impl Kept {
    /// A part of an entry, without the white space around it.
    pub(crate) fn new(source: &Arc<Source>, part: &Part) -> Kept {
        let mut kept = Kept::draft(source, part);
        kept.text.truncate(kept.text.trim_end().len());
        kept
    }

    /// A part of an entry that is still being typed: the white space at its end may be where the cursor is.
    pub(crate) fn draft(source: &Arc<Source>, part: &Part) -> Kept {
        let whole = source.text.get(part.range.clone()).unwrap_or("");
        let skipped = whole.len() - whole.trim_start().len();
        let part = Part { range: part.range.start + skipped..part.range.end, ..part.clone() };
        let written = source.text.get(part.range.clone()).unwrap_or("");
        let (text, added) = as_program(written, &part.form, &part.word, part.range.start);
        let key = match &part.form {
            Form::Item(key) | Form::Let(key) => key.clone(),
            Form::Question | Form::Report | Form::Name(_) | Form::Other => Key::Loose,
        };
        let same = part.word.start.saturating_sub(part.range.start);
        Kept { key, text, source: Arc::clone(source), start: part.range.start, same, added }
    }

    /// What the entry is called that it came from.
    pub(crate) fn source_name(&self) -> &str {
        &self.source.name
    }

    /// The byte of the source for a byte of the item; what was added is the word that it was added to.
    fn back(&self, at: usize) -> usize {
        if at <= self.same {
            return self.start + at;
        }
        let moved = (self.start + at).saturating_add_signed(-self.added);
        moved.clamp(self.start + self.same, self.source.text.len())
    }

    /// The byte of the item for a byte of its source.
    fn forth(&self, at: usize) -> usize {
        let inside = at.saturating_sub(self.start);
        if inside < self.same { inside } else { inside.saturating_add_signed(self.added) }
    }
}

/// The items, in the order in which they stand in the text.
#[derive(Clone, Debug, Default)]
pub(crate) struct Program {
    items: Vec<Kept>,
}

impl Program {
    /// Puts an item in its place: that of the one it replaces, or the last.
    pub(crate) fn put(&mut self, item: Kept) {
        match self.items.iter().position(|other| other.key == item.key && item.key != Key::Loose) {
            Some(at) => self.items[at] = item,
            None => self.items.push(item),
        }
        self.in_order();
    }

    /// The same with an item after all others: it may use what was kept after the one it replaces.
    pub(crate) fn put_last(&mut self, item: Kept) {
        self.items.retain(|other| other.key != item.key || item.key == Key::Loose);
        self.items.push(item);
        self.in_order();
    }

    /// Imports, agreement and date stand before everything, as in a file.
    fn in_order(&mut self) {
        self.items.sort_by_key(|item| match item.key {
            Key::Use => 0,
            Key::AsOf => 1,
            Key::Import(_) => 2,
            Key::Name(_) | Key::Of(..) | Key::Test(_) | Key::Loose => 3,
        });
    }

    /// Lets go of what has a name; `false` where nothing has it.
    pub(crate) fn forget(&mut self, name: &str) -> bool {
        let before = self.items.len();
        self.items.retain(|item| !is_called(&item.key, name));
        self.items.len() < before
    }

    pub(crate) fn items(&self) -> &[Kept] {
        &self.items
    }

    /// The item of that name.
    pub(crate) fn find(&self, name: &str) -> Option<&Kept> {
        self.items.iter().find(|item| is_called(&item.key, name))
    }

    /// Names of what can be asked for by name, in order.
    pub(crate) fn names(&self) -> Vec<String> {
        self.items.iter().filter_map(|item| called(&item.key)).collect()
    }

    /// Whether a name is taken from another file.
    pub(crate) fn imports(&self, name: &str) -> bool {
        let of = |item: &Kept| match syntax::parse(FileId(0), &item.text).0.file.items.as_slice() {
            [syntax::tree::Item::Import(import)] => import.names.iter().any(|other| other.text == name),
            _ => false,
        };
        self.items.iter().filter(|item| matches!(item.key, Key::Import(_))).any(of)
    }

    /// The text of the program.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        for item in &self.items {
            let _ = write!(text, "{}\n\n", item.text);
        }
        text
    }

    /// The items with the byte of the text that each begins at.
    fn placed(&self) -> Vec<(usize, &Kept)> {
        let mut at = 0;
        let mut placed = Vec::new();
        for item in &self.items {
            placed.push((at, item));
            at += item.text.len() + 2;
        }
        placed
    }

    /// The byte of the program for a byte of the source of that name, which is the end of an item too.
    pub(crate) fn offset(&self, source: &Arc<Source>, at: usize) -> Option<u32> {
        let of = |(begins, item): &(usize, &Kept)| {
            let inside = item.forth(at).min(item.text.len());
            u32::try_from(begins + inside).ok()
        };
        let own = self.placed();
        let mut own = own.iter().filter(|(_, item)| Arc::ptr_eq(&item.source, source) && item.start <= at);
        own.next_back().and_then(of)
    }

    /// The place in its source of a byte of the text.
    fn source_of(&self, at: usize) -> Option<(&Kept, usize)> {
        let (begins, item) = self.placed().into_iter().rev().find(|(begins, _)| *begins <= at)?;
        Some((item, item.back(at - begins)))
    }

    /// The bytes in the source of an entry of a stretch of the text; `None` where it is of another entry.
    pub(crate) fn within(
        &self,
        source: &Arc<Source>,
        start: u32,
        end: u32,
    ) -> Option<std::ops::Range<usize>> {
        let (item, from) = self.source_of(start as usize)?;
        let (_, to) = self.source_of(end as usize)?;
        (Arc::ptr_eq(&item.source, source) && from < to).then_some(from..to)
    }

    /// Diagnostics of the text, as if each entry were a file of its own.
    pub(crate) fn told(
        &self,
        diagnostics: &[Diagnostic],
        main: FileId,
        files: &Files,
    ) -> (Vec<Diagnostic>, Files) {
        let mut files = files.clone();
        let mut ids: Vec<(*const Source, FileId)> = Vec::new();
        let mut place = |range: Range| {
            let found = (range.file == main).then(|| self.source_of(range.start as usize)).flatten();
            let Some((item, start)) = found else { return range };
            let end = self.source_of(range.end as usize).map_or(start, |(_, end)| end);
            let source = Arc::as_ptr(&item.source);
            let id = match ids.iter().find(|(known, _)| *known == source) {
                Some((_, id)) => *id,
                None => {
                    let id = files.add(item.source.name.clone(), item.source.text.clone());
                    ids.push((source, id));
                    id
                }
            };
            // What was added, as a name of an answer, is shown at the word that it was added to.
            let end = if end > start { end } else { word_end(&item.source.text, start) };
            let small = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
            Range::new(id, small(start), small(end))
        };
        let mut told = diagnostics.to_vec();
        for diagnostic in &mut told {
            for label in &mut diagnostic.labels {
                label.range = place(label.range);
            }
            for (range, _) in diagnostic.fixes.iter_mut().flat_map(|fix| &mut fix.edits) {
                *range = place(*range);
            }
        }
        (told, files)
    }
}

/// Where the word at a byte ends.
fn word_end(text: &str, at: usize) -> usize {
    let rest = text.get(at..).unwrap_or("");
    at + rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len())
}

/// What an item is called by.
fn called(key: &Key) -> Option<String> {
    match key {
        Key::Name(name) => Some(name.clone()),
        Key::Of(entity, name) => Some(format!("{entity}.{name}")),
        Key::Import(path) => Some(path.clone()),
        Key::Test(title) => Some(title.clone()),
        Key::Use | Key::AsOf | Key::Loose => None,
    }
}

fn is_called(key: &Key, name: &str) -> bool {
    called(key).as_deref() == Some(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry::parts;

    fn source(text: &str) -> Arc<Source> {
        Arc::new(Source { name: "entry".into(), text: text.into() })
    }

    fn put(program: &mut Program, text: &str) -> Arc<Source> {
        let source = source(text);
        for part in parts(text) {
            program.put(Kept::new(&source, &part));
        }
        source
    }

    #[test]
    fn a_name_is_replaced_where_it_stands() {
        let mut program = Program::default();
        put(&mut program, "cohort a = from subjects where sex = male");
        put(&mut program, "cohort b = from a where age > 3 years\nas of 2025-01-01");
        put(&mut program, "cohort a = from subjects where sex = female");
        put(&mut program, "as of 2026-01-01");
        assert_eq!(
            program.text(),
            "as of 2026-01-01\n\ncohort a = from subjects where sex = female\n\ncohort b = from a where age > 3 years\n\n"
        );
        assert_eq!(program.names(), ["a", "b"]);
        assert!(program.forget("b") && !program.forget("b"));
        assert_eq!(program.names(), ["a"]);
    }

    #[test]
    fn places_come_back_to_the_entry() {
        let mut program = Program::default();
        put(&mut program, "as of 2026-01-01");
        let text = "-- why\nlet old = agee > 3 years\n\nfrom subjects show n = 1";
        let source = put(&mut program, text);
        let whole = program.text();
        for word in ["old", "agee", "3 years"] {
            let at = whole.find(word).unwrap();
            let (start, end) = (u32::try_from(at).unwrap(), u32::try_from(at + word.len()).unwrap());
            assert_eq!(program.within(&source, start, end).map(|range| &text[range]), Some(word));
            let typed = text.find(word).unwrap();
            assert_eq!(program.offset(&source, typed), Some(start), "{word}");
        }
        assert_eq!(program.within(&source, 0, 2), None, "of another entry");
    }

    #[test]
    fn what_was_added_is_shown_at_its_word() {
        let mut program = Program::default();
        put(&mut program, "from subjects show n = 1");
        let at = u32::try_from(program.text().find("answer").unwrap()).unwrap();
        let mut files = Files::new();
        let main = files.add("program", program.text());
        let wrong = Diagnostic::error(diag::Code("E0524"), "m", Range::new(main, at, at + 6), "l");
        let (told, files) = program.told(&[wrong], main, &files);
        let range = told[0].range().unwrap();
        assert_eq!((files.get(range.file).name.as_ref(), files.slice(range)), ("entry", "from"));
    }
}
