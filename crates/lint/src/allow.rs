//! Warnings that the author wants to hear no more of.
//!
//! ```text
//! -- allow W0106: kept for the next question
//! cohort adults = from subjects where age >= 18 years
//!
//! cohort c = from subjects
//!   where no phenotype in HP:0001250 -- allow W0138: whoever was not examined counts as well
//! ```
//!
//! On a line of its own it holds for the item or the clause that follows, at the end of a line for what begins on
//! that line. It names one code or several, with commas, and says why after a colon. `allow` under `[lint]` in
//! `baseq.toml` holds for a whole project. One that keeps nothing quiet is itself a warning, so that it goes when
//! its reason has gone.

use crate::Input;
use diag::{Code, Diagnostic};
use syntax::tree::{Clause, Item};
use text::Range;

/// A comment that allows.
struct Allow {
    codes: Vec<String>,
    /// The comment.
    at: Range,
    /// Where it holds.
    over: Range,
    used: Vec<bool>,
}

/// Takes out what is allowed, and adds what is wrong with the allowing.
pub(crate) fn apply(input: &Input<'_>, found: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut allows = comments(input);
    let mut kept: Vec<Diagnostic> = Vec::new();
    for diagnostic in found {
        if input.allow.iter().any(|code| code == diagnostic.code.0) {
            continue;
        }
        let mut quiet = false;
        for allow in &mut allows {
            let inside = diagnostic
                .range()
                .is_some_and(|range| allow.over.start <= range.start && range.start < allow.over.end);
            for (code, used) in allow.codes.iter().zip(&mut allow.used) {
                if inside && code == diagnostic.code.0 {
                    *used = true;
                    quiet = true;
                }
            }
        }
        if !quiet {
            kept.push(diagnostic);
        }
    }
    for allow in allows {
        for (code, used) in allow.codes.iter().zip(&allow.used) {
            if !used {
                let known = code.starts_with('W') && diag::page(code).is_some();
                let message = if known {
                    format!("nothing here gives {code}")
                } else {
                    format!("`{code}` is no code of a warning")
                };
                kept.push(
                    Diagnostic::warning(Code("W0150"), message, allow.at, "allows nothing")
                        .help("remove the comment, or put it before the item or clause that is meant"),
                );
            }
        }
    }
    kept
}

fn comments(input: &Input<'_>) -> Vec<Allow> {
    let tape = &input.main.tape;
    let mut allows = Vec::new();
    let mut add = |comment: syntax::Comment, over: Range| {
        let codes = codes(tape.comment(comment));
        if !codes.is_empty() {
            let at = Range::new(tape.file(), comment.start, comment.end);
            allows.push(Allow { used: vec![false; codes.len()], codes, at, over });
        }
    };
    let places = places(input);
    for token in tape.tokens() {
        for comment in &token.leading {
            // The widest thing that begins with the token after it: an item, or else a clause.
            let over = places.iter().find(|range| range.start == token.start);
            add(*comment, over.copied().unwrap_or_else(|| line(tape, token.start)));
        }
        if let Some(comment) = token.trailing {
            add(comment, line(tape, token.start));
        }
    }
    allows
}

/// Items, then clauses.
fn places(input: &Input<'_>) -> Vec<Range> {
    let items = &input.main.file.items;
    let clauses = items.iter().flat_map(|item| match item {
        Item::Cohort(cohort) => cohort.clauses.as_slice(),
        Item::Table(table) => table.clauses.as_slice(),
        _ => &[],
    });
    let spans = items.iter().map(Item::span).chain(clauses.map(Clause::span));
    spans.map(|span| input.main.range(span)).collect()
}

/// The line around a byte.
fn line(tape: &syntax::Tape, at: u32) -> Range {
    let source = tape.source();
    let place = (at as usize).min(source.len());
    let start = source.get(..place).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
    let end =
        source.get(place..).and_then(|after| after.find('\n')).map_or(source.len(), |more| place + more);
    let number = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    Range::new(tape.file(), number(start), number(end))
}

/// The codes of `-- allow W0106, W0107: why`; none of any other comment.
fn codes(comment: &str) -> Vec<String> {
    let words = comment.trim_start_matches(['-', '|']).trim_start();
    let Some(rest) = words.strip_prefix("allow ") else { return Vec::new() };
    let list = rest.split_once(':').map_or(rest, |(list, _)| list);
    let codes: Vec<String> = list.split(',').map(|code| code.trim().to_owned()).collect();
    let is_code = |code: &String| {
        code.len() == 5
            && code.starts_with(['W', 'E'])
            && code[1..].bytes().all(|digit| digit.is_ascii_digit())
    };
    // Other comments may begin with the word.
    if codes.iter().all(is_code) { codes } else { Vec::new() }
}
