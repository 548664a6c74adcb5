//! What stands between two tokens of one line where the tree has nothing to say about it.

use syntax::Kind;

/// What stands between a token and the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Gap {
    /// Nothing.
    None,
    /// A space.
    Space,
    /// Nothing, or a line end where the group is broken.
    Soft,
    /// A space, or a line end where the group is broken.
    Line,
    /// A space, or a line end where what follows up to the next such gap does not fit.
    Fill,
    /// A line end; an empty line of the author stays.
    Hard,
    /// An empty line.
    Blank,
}

/// The gap between two kinds of tokens.
pub(crate) fn between(before: Kind, kind: Kind) -> Gap {
    let glued_to_the_left = matches!(
        kind,
        Kind::Comma
            | Kind::CloseParen
            | Kind::CloseBracket
            | Kind::Dot
            | Kind::Colon
            | Kind::Question
            | Kind::Percent
    );
    let glued_to_the_right = matches!(before, Kind::OpenParen | Kind::OpenBracket | Kind::Dot);
    if glued_to_the_left || glued_to_the_right { Gap::None } else { Gap::Space }
}
