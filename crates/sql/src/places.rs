//! Where parts of a plan stand in the text that was printed of it: the source map's lower half.
//!
//! The text is laid out by the library, so a part is found in it by its own text, white space aside, within the
//! step that it was printed for. A part that stands there several times means the same each time.

use sqlparser::ast::Expr;
use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::ops::Range;

/// Where parts of a plan stand in a text, in bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Places {
    /// Each step in order, with its comment, by its name in the text.
    pub steps: Vec<(String, Range<usize>)>,
    /// Expressions, by their place in what was asked for; each where it stands, in the order of the text.
    pub exprs: Vec<(usize, Range<usize>)>,
}

/// What the printer keeps of the expressions that are asked for.
pub(crate) struct Trace<'a> {
    wanted: &'a [plan::Expr],
    /// The step that is printed now.
    step: Cell<usize>,
    found: RefCell<BTreeSet<(usize, usize, String)>>,
}

impl<'a> Trace<'a> {
    pub(crate) fn new(wanted: &'a [plan::Expr]) -> Trace<'a> {
        Trace { wanted, step: Cell::new(0), found: RefCell::default() }
    }

    /// The next step.
    pub(crate) fn next(&self) {
        self.step.set(self.step.get() + 1);
    }

    /// Keeps what an expression was printed as.
    pub(crate) fn printed(&self, expr: &plan::Expr, tree: &Expr) {
        for (at, wanted) in self.wanted.iter().enumerate() {
            if wanted == expr {
                self.found.borrow_mut().insert((self.step.get(), at, tree.to_string()));
            }
        }
    }

    /// Finds all of it in the text.
    pub(crate) fn places(&self, text: &str, steps: Vec<(String, Range<usize>)>) -> Places {
        let mut exprs = BTreeSet::new();
        for (step, (_, range)) in steps.iter().enumerate() {
            let Some(part) = text.get(range.clone()) else { continue };
            let part = Squeezed::new(part);
            for (_, at, printed) in self.found.borrow().iter().filter(|(of, ..)| *of == step) {
                for found in part.all(printed) {
                    exprs.insert((range.start + found.start, range.start + found.end, *at));
                }
            }
        }
        let exprs = exprs.into_iter().map(|(start, end, at)| (at, start..end)).collect();
        Places { steps, exprs }
    }
}

/// A text without white space.
struct Squeezed<'t> {
    text: &'t str,
    bytes: Vec<u8>,
    /// Where each byte stands in the text.
    at: Vec<usize>,
}

impl<'t> Squeezed<'t> {
    fn new(text: &'t str) -> Squeezed<'t> {
        let kept = text.bytes().enumerate().filter(|(_, byte)| !byte.is_ascii_whitespace());
        let (at, bytes) = kept.unzip();
        Squeezed { text, bytes, at }
    }

    /// Every place where a text stands as whole words.
    fn all(&self, wanted: &str) -> Vec<Range<usize>> {
        let wanted = Squeezed::new(wanted).bytes;
        let Some((first, last)) = wanted.first().zip(wanted.last()) else { return Vec::new() };
        let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'.';
        let beside = |at: Option<usize>| {
            at.and_then(|at| self.text.as_bytes().get(at)).is_some_and(|byte| is_word(*byte))
        };
        self.bytes
            .windows(wanted.len())
            .enumerate()
            .filter(|(_, window)| *window == wanted.as_slice())
            .filter_map(|(from, _)| {
                let start = *self.at.get(from)?;
                let end = *self.at.get(from + wanted.len() - 1)? + 1;
                let cut = (is_word(*first) && beside(start.checked_sub(1)))
                    || (is_word(*last) && beside(Some(end)));
                (!cut).then_some(start..end)
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_found_over_lines_and_as_whole_words() {
        let text = "WHERE\n  a.x = 1\n  AND a.x = 12 AND ba.x = 1";
        let found = |wanted| Squeezed::new(text).all(wanted).into_iter().map(|at| (at.start, at.end));
        assert_eq!(found("a.x = 1").collect::<Vec<_>>(), [(8, 15)]);
        assert_eq!(found("a.x = 1 AND a.x = 12").collect::<Vec<_>>(), [(8, 30)]);
        assert_eq!(found("missing").count(), 0);
    }
}
