//! One style for `.bq` files.
//!
//! The printer goes along the tape: every token and every comment of a text is printed once, in its
//! order, and only what stands between them is decided here. So no comment is lost and no meaning can
//! change; [`format()`] compares both tapes all the same, and gives the text back untouched rather than a
//! text with other tokens. What does not parse is left as it was written, and the rest is laid out
//! around it.
//!
//! There are no options. A line has at most [`WIDTH`] characters where the text can be broken at all.

mod layout;
mod print;
mod space;

use syntax::{Parsed, Tape};
use text::FileId;

/// The width that lines are laid out for.
pub const WIDTH: usize = 100;

/// A text in the one style.
///
/// Laying out what comes changes nothing any more.
#[must_use]
pub fn format(text: &str) -> String {
    let (parsed, _) = syntax::parse(FileId(0), text);
    let laid_out = format_parsed(&parsed);
    let (again, _) = syntax::lex(FileId(0), &laid_out);
    if same(&parsed.tape, &again) { laid_out } else { text.to_owned() }
}

fn format_parsed(parsed: &Parsed) -> String {
    let layout = layout::Layout::of(parsed);
    print::print(&parsed.tape, &layout)
}

/// Whether two tapes hold the same tokens and comments in the same order.
fn same(one: &Tape, other: &Tape) -> bool {
    words(one) == words(other)
}

/// Every token and comment in order. A comment counts without the white space at its end.
fn words(tape: &Tape) -> Vec<&str> {
    let pieces = tape.pieces();
    let words = pieces.into_iter().filter_map(|piece| match piece {
        syntax::Piece::Space(_) => None,
        syntax::Piece::Comment(text) => Some(text.trim_end()),
        syntax::Piece::Token(_, text) => Some(text),
    });
    words.collect()
}

#[cfg(test)]
mod tests;
