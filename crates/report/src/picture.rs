//! Diagnostics as pictures: the place in the source, underlined, with the rule and the help.
//!
//! The drawing is ariadne's. Offsets are bytes, and are moved to the nearest character before them
//! where a check points into one, since a picture of a wrong place is better than none.

use ariadne::{Cache, Color, Config, IndexType, Label, Report, ReportKind, Source};
use diag::{Applicability, Diagnostic, Severity};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use text::{FileId, Files, Range};

/// A place in ariadne's terms.
#[derive(Clone, Debug)]
struct Place {
    file: FileId,
    start: usize,
    end: usize,
}

impl ariadne::Span for Place {
    type SourceId = FileId;

    fn source(&self) -> &FileId {
        &self.file
    }

    fn start(&self) -> usize {
        self.start
    }

    fn end(&self) -> usize {
        self.end
    }
}

/// Sources in ariadne's terms, made when they are first drawn from.
struct Sources<'a> {
    files: &'a Files,
    made: BTreeMap<FileId, Source<Arc<str>>>,
}

impl Cache<FileId> for Sources<'_> {
    type Storage = Arc<str>;

    fn fetch(&mut self, id: &FileId) -> Result<&Source<Arc<str>>, impl fmt::Debug> {
        let text = &self.files.get(*id).text;
        Ok::<_, fmt::Error>(self.made.entry(*id).or_insert_with(|| Source::from(visible(text))))
    }

    fn display<'a>(&self, id: &'a FileId) -> Option<impl fmt::Display + 'a> {
        Some(plain(&self.files.get(*id).name))
    }
}

/// Draws all diagnostics, each followed by an empty line.
pub fn pictures(diagnostics: &[Diagnostic], files: &Files, color: bool) -> String {
    let mut sources = Sources { files, made: BTreeMap::new() };
    diagnostics.iter().map(|diagnostic| picture(diagnostic, &mut sources, color) + "\n").collect()
}

fn picture(diagnostic: &Diagnostic, sources: &mut Sources<'_>, color: bool) -> String {
    let Some(first) = diagnostic.range() else { return placeless(diagnostic, color) };
    let (word, tint) = match diagnostic.severity {
        Severity::Error => ("error", Color::Red),
        Severity::Warning => ("warning", Color::Yellow),
    };
    let config = Config::new().with_color(color).with_index_type(IndexType::Byte);
    let mut report = Report::build(ReportKind::Custom(word, tint), place(first, sources.files))
        .with_config(config)
        .with_code(diagnostic.code.0)
        // One empty word, so that the head is one line, which is replaced below.
        .with_message("");
    for (order, label) in (0..).zip(&diagnostic.labels) {
        let tint = if order == 0 { tint } else { Color::Blue };
        let label = Label::new(place(label.range, sources.files))
            .with_message(plain(&label.text))
            .with_color(tint)
            .with_order(order);
        report.add_label(label);
    }
    for note in &diagnostic.notes {
        report.add_note(plain(note));
    }
    for help in helps(diagnostic) {
        report.add_help(help);
    }
    let mut drawn = Vec::new();
    match report.finish().write(sources, &mut drawn) {
        Ok(()) => {
            // ariadne paints its head even without colours, so the head is ours.
            let drawn = String::from_utf8_lossy(&drawn);
            let below = drawn.split_once('\n').map_or("", |(_, below)| below);
            head(diagnostic, color) + &without_trailing_spaces(below)
        }
        // Writing to memory does not fail; if it does, the words are still there.
        Err(_) => placeless(diagnostic, color),
    }
}

/// `[E0101] error: message` and a line end.
fn head(diagnostic: &Diagnostic, color: bool) -> String {
    let (word, tint) = match diagnostic.severity {
        Severity::Error => ("error", "\u{1b}[31m"),
        Severity::Warning => ("warning", "\u{1b}[33m"),
    };
    let code = format!("[{}] {word}:", diagnostic.code.0);
    let code = if color { format!("{tint}{code}\u{1b}[0m") } else { code };
    format!("{code} {}\n", plain(&diagnostic.message))
}

/// A diagnostic without a source text, in the same words and order.
fn placeless(diagnostic: &Diagnostic, color: bool) -> String {
    let mut text = head(diagnostic, color);
    for note in &diagnostic.notes {
        text.push_str(&["  note: ", &plain(note), "\n"].concat());
    }
    for help in helps(diagnostic) {
        text.push_str(&["  help: ", &help, "\n"].concat());
    }
    text
}

/// What could be written instead; repairs last, and of those it is said which are certain.
fn helps(diagnostic: &Diagnostic) -> impl Iterator<Item = String> {
    let fixes = diagnostic.fixes.iter().map(|fix| match fix.applicability {
        Applicability::Certain => format!("{} (a certain fix)", plain(&fix.title)),
        Applicability::Likely => plain(&fix.title),
    });
    diagnostic.helps.iter().map(|help| plain(help)).chain(fixes)
}

/// The range within its text and between characters.
fn place(range: Range, files: &Files) -> Place {
    let text = &files.get(range.file).text;
    let inside = |at: u32| {
        let mut at = usize::try_from(at).unwrap_or(usize::MAX).min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let start = inside(range.start);
    Place { file: range.file, start, end: inside(range.end).max(start) }
}

/// Words that cannot move the cursor: what a program or a file name holds is not trusted.
pub(crate) fn plain(text: &str) -> String {
    let seen = |c: char| match c {
        '\t' => ' ',
        '\n' => c,
        c if c.is_control() || turns(c) => char::REPLACEMENT_CHARACTER,
        c => c,
    };
    text.chars().map(seen).collect()
}

/// The source with letters of as many bytes in place of those that move the cursor.
fn visible(text: &str) -> Arc<str> {
    let seen = |c: char| match c {
        '\t' | '\n' | '\r' => c,
        c if c.is_control() && c.len_utf8() == 1 => '?',
        c if c.is_control() => '¿',
        c if turns(c) => char::REPLACEMENT_CHARACTER,
        c => c,
    };
    text.chars().map(seen).collect::<String>().into()
}

/// Whether a character turns the direction of writing, so that a program reads as another one.
fn turns(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn without_trailing_spaces(text: &str) -> String {
    text.lines().map(|line| line.trim_end().to_owned() + "\n").collect()
}
