//! From tape and layout to text: every token once, every comment once, in order.

use crate::WIDTH;
use crate::layout::Layout;
use crate::space::{Gap, between};
use pretty::RcDoc;
use std::cmp::Reverse;
use syntax::tree::Span;
use syntax::{Comment, Tape};

/// How far a nest is indented.
const INDENT: isize = 2;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wrap {
    Group,
    Nest,
    /// A group that cannot be one line: something in it ends a line by itself.
    Broken,
}

/// A stretch that is open, with what it holds so far.
struct Open<'t> {
    wrap: Wrap,
    end: u32,
    doc: RcDoc<'t>,
}

struct Printer<'t> {
    tape: &'t Tape,
    layout: &'t Layout,
    open: Vec<Open<'t>>,
    doc: RcDoc<'t>,
}

pub(crate) fn print(tape: &Tape, layout: &Layout) -> String {
    let mut printer = Printer { tape, layout, open: Vec::new(), doc: RcDoc::nil() };
    printer.tokens();
    printer.end();
    let mut bytes = Vec::new();
    // Writing to memory does not fail.
    let _ = printer.doc.render(WIDTH, &mut bytes);
    let text = String::from_utf8(bytes).unwrap_or_default();
    // Empty lines come with the indent of their place.
    let mut lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    while lines.last().is_some_and(|line| line.is_empty()) {
        lines.pop();
    }
    lines.iter().flat_map(|line| [line, "\n"]).collect()
}

impl<'t> Printer<'t> {
    fn push(&mut self, doc: RcDoc<'t>) {
        let place = self.open.last_mut().map_or(&mut self.doc, |open| &mut open.doc);
        *place = std::mem::replace(place, RcDoc::nil()).append(doc);
    }

    fn tokens(&mut self) {
        let mut groups = sorted(&self.layout.groups);
        let mut nests = sorted(&self.layout.nests);
        let count = u32::try_from(self.tape.tokens().len()).unwrap_or(u32::MAX);
        let mut at = 0;
        while at < count {
            self.enter(&mut nests, at, Wrap::Nest);
            self.gap(at);
            self.enter(&mut groups, at, Wrap::Group);
            let verbatim = self.layout.verbatim.iter().find(|span| span.start == at && span.end > at);
            let end = verbatim.map_or(at + 1, |span| span.end);
            match verbatim {
                Some(span) => self.push(RcDoc::text(self.tape.slice_of(*span))),
                None => self.push(RcDoc::text(self.tape.text(at))),
            }
            if let Some(comment) = self.tape.tokens().get(end as usize - 1).and_then(|token| token.trailing) {
                self.push(RcDoc::text(format!("  {}", self.words(comment))));
            }
            // Stretches within what is printed as it was are not looked at.
            for skipped in at + 1..end {
                drop_starting(&mut groups, skipped);
                drop_starting(&mut nests, skipped);
            }
            at = end;
            self.leave(at);
        }
        self.leave(u32::MAX);
    }

    /// Opens the stretches that start here, the longest first.
    fn enter(&mut self, spans: &mut Vec<Span>, at: u32, wrap: Wrap) {
        while let Some(span) = spans.last().copied().filter(|span| span.start == at) {
            spans.pop();
            let wrap = if wrap == Wrap::Group && self.ends_lines(span) { Wrap::Broken } else { wrap };
            // One that would outlive what it is in ends with it.
            let outer = self.open.iter().map(|open| open.end).min().unwrap_or(u32::MAX);
            self.open.push(Open { wrap, end: span.end.min(outer), doc: RcDoc::nil() });
        }
    }

    /// Whether a line must end within a stretch: at a clause, or behind or before a comment.
    fn ends_lines(&self, span: Span) -> bool {
        let tokens = self.tape.tokens();
        let of = |at: u32| tokens.get(at as usize);
        (span.start + 1..span.end).any(|at| {
            matches!(self.layout.gaps.get(&at), Some(Gap::Hard | Gap::Blank))
                || of(at).is_some_and(|token| !token.leading.is_empty())
                || of(at - 1).is_some_and(|token| token.trailing.is_some())
        })
    }

    /// Closes the stretches that end before a token.
    fn leave(&mut self, at: u32) {
        while self.open.last().is_some_and(|open| open.end <= at) {
            let Some(open) = self.open.pop() else { return };
            let doc = match open.wrap {
                Wrap::Group => open.doc.group(),
                Wrap::Nest => open.doc.nest(INDENT),
                Wrap::Broken => open.doc,
            };
            self.push(doc);
        }
    }

    /// What stands before a token: its comments, and the gap.
    fn gap(&mut self, at: u32) {
        let Some(token) = self.tape.tokens().get(at as usize) else { return };
        let before = at.checked_sub(1).and_then(|before| self.tape.tokens().get(before as usize));
        let gap = match (self.layout.gaps.get(&at), before) {
            (Some(gap), _) => *gap,
            (None, Some(before)) => between(before.kind, token.kind),
            (None, None) => Gap::None,
        };
        let lined = matches!(gap, Gap::Hard | Gap::Blank) || before.is_none();
        let blank = |wanted: bool| wanted && lined;
        for (number, comment) in token.leading.iter().enumerate() {
            if number > 0 || before.is_some() {
                let first = number == 0;
                self.line(blank(comment.blank_before) || (first && gap == Gap::Blank));
            }
            self.push(RcDoc::text(self.words(*comment)));
        }
        if !token.leading.is_empty() {
            self.line(blank(token.blank_before));
            return;
        }
        if before.is_some_and(|before| before.trailing.is_some()) {
            self.line(gap == Gap::Blank || blank(token.blank_before));
            return;
        }
        match gap {
            Gap::None => {}
            Gap::Space => self.push(RcDoc::space()),
            Gap::Soft => self.push(RcDoc::line_()),
            Gap::Line => self.push(RcDoc::line()),
            Gap::Fill => self.push(RcDoc::softline()),
            Gap::Hard => self.line(token.blank_before),
            Gap::Blank => self.line(true),
        }
    }

    fn line(&mut self, blank: bool) {
        if blank {
            self.push(RcDoc::hardline());
        }
        self.push(RcDoc::hardline());
    }

    /// Comments after the last token.
    fn end(&mut self) {
        for (number, comment) in self.tape.end_comments().iter().enumerate() {
            if number > 0 || !self.tape.tokens().is_empty() {
                self.line(comment.blank_before);
            }
            self.push(RcDoc::text(self.words(*comment)));
        }
    }

    fn words(&self, comment: Comment) -> &'t str {
        self.tape.comment(comment).trim_end()
    }
}

/// By start, the longest of one start first, for taking from the end.
fn sorted(spans: &[Span]) -> Vec<Span> {
    let mut sorted = spans.to_vec();
    sorted.sort_by_key(|span| (span.start, Reverse(span.end)));
    sorted.reverse();
    sorted
}

fn drop_starting(spans: &mut Vec<Span>, at: u32) {
    while spans.last().is_some_and(|span| span.start == at) {
        spans.pop();
    }
}
