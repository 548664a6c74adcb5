//! Brackets before parsing: which one closes which, and whether nesting is too deep.
//!
//! Both are asked of the tokens alone, so that the parser is never called on a text that would exhaust
//! the stack, and so that a bracket nobody closes does not swallow the items after it.

use crate::tape::index;
use crate::tokens::Kind;

/// How deep nodes may stand in nodes. Brackets, `case`, `not`, minus signs and chains of operators count.
pub const DEEPEST: u32 = 200;

/// For every token, the bracket that closes it, if it opens one that is closed. Where `starts` is true
/// an item begins, which closes all that is open.
pub(crate) fn closing(kinds: &[Kind], starts: impl Fn(usize) -> bool) -> Vec<Option<u32>> {
    let mut closing = vec![None; kinds.len()];
    let mut open: Vec<(usize, Kind)> = Vec::new();
    for (at, kind) in kinds.iter().enumerate() {
        if starts(at) {
            open.clear();
        }
        if let Some(partner) = partner(*kind) {
            open.push((at, partner));
            continue;
        }
        if !matches!(kind, Kind::CloseParen | Kind::CloseBracket | Kind::CloseBrace) {
            continue;
        }
        // A bracket of another kind in between was never closed; a closing one without partner is ignored.
        let Some(partner) = open.iter().rposition(|(_, partner)| partner == kind) else { continue };
        open.truncate(partner + 1);
        if let Some((opened, _)) = open.pop()
            && let Some(slot) = closing.get_mut(opened)
        {
            *slot = Some(index(at));
        }
    }
    closing
}

/// The bracket that closes this one.
fn partner(kind: Kind) -> Option<Kind> {
    match kind {
        Kind::OpenParen => Some(Kind::CloseParen),
        Kind::OpenBracket => Some(Kind::CloseBracket),
        Kind::OpenBrace => Some(Kind::CloseBrace),
        _ => None,
    }
}

/// What is known of the expressions between two brackets.
#[derive(Clone, Copy, Default)]
struct Level {
    /// The deepest bracket pair closed in the current operand.
    inner: u32,
    /// `case`s that are open.
    cases: u32,
    /// `not`s and minus signs in a row.
    signs: u32,
    /// Lengths of the chains of `+ -`, `* /` and `.` that are being read, and the longest of each.
    sums: u32,
    products: u32,
    dots: u32,
    longest: [u32; 2],
    /// Whether the token before ends an operand, so that a minus subtracts.
    operand: bool,
    /// The deepest expression so far.
    deepest: u32,
    /// What is open around the bracket.
    above: u32,
}

impl Level {
    fn depth(&self) -> u32 {
        let [products, dots] = self.longest;
        1 + self.inner
            + self.cases
            + self.signs
            + self.sums
            + products.max(self.products)
            + dots.max(self.dots)
    }

    fn settle(&mut self) {
        self.deepest = self.deepest.max(self.depth());
    }

    /// An expression ends: what was counted for it no longer adds up.
    fn reset(&mut self, cases: u32) {
        self.settle();
        *self = Level { deepest: self.deepest, above: self.above, cases, ..Level::default() };
    }
}

/// The first token at which nesting is deeper than [`DEEPEST`]. Never too low: the tree of a stretch
/// for which this gives `None` is at most that deep, up to a constant per level.
pub(crate) fn too_deep(kinds: &[Kind]) -> Option<usize> {
    let mut levels = vec![Level::default()];
    for (at, kind) in kinds.iter().enumerate() {
        let level = levels.last_mut()?;
        match kind {
            Kind::OpenParen | Kind::OpenBracket | Kind::OpenBrace => {
                level.operand = false;
                let above = level.above + 1 + level.cases + level.signs;
                levels.push(Level { above, ..Level::default() });
            }
            Kind::CloseParen | Kind::CloseBracket | Kind::CloseBrace => {
                level.settle();
                let inner = level.deepest;
                if levels.len() > 1 {
                    levels.pop();
                }
                let level = levels.last_mut()?;
                level.inner = level.inner.max(inner);
                level.operand = true;
            }
            Kind::Case => level.cases += 1,
            Kind::Not => level.signs += 1,
            Kind::Minus if !level.operand => level.signs += 1,
            Kind::Plus | Kind::Minus => {
                level.sums += 1;
                level.longest = [level.longest[0].max(level.products), level.longest[1].max(level.dots)];
                (level.products, level.dots, level.operand) = (0, 0, false);
            }
            Kind::Star | Kind::Slash => {
                level.products += 1;
                level.longest[1] = level.longest[1].max(level.dots);
                (level.dots, level.operand) = (0, false);
            }
            Kind::Dot => level.dots += 1,
            Kind::Comma | Kind::Expect => level.reset(0),
            // Both sides of these start afresh, inside the same cases.
            Kind::And | Kind::Or | Kind::When | Kind::Then | Kind::Otherwise => {
                let cases = level.cases;
                level.reset(cases);
            }
            other if starts_clause(*other) => level.reset(0),
            other => level.operand = other.is_name() || !other.is_reserved() && other.keyword().is_none(),
        }
        let level = levels.last()?;
        if level.above + level.cases + level.signs > DEEPEST || level.depth() > DEEPEST {
            return Some(at);
        }
    }
    None
}

fn starts_clause(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Where
            | Kind::Let
            | Kind::Exit
            | Kind::Match
            | Kind::Draw
            | Kind::Group
            | Kind::Frequency
            | Kind::Show
            | Kind::Order
            | Kind::Limit
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lexer::lex;
    use text::FileId;

    fn deep(source: &str) -> bool {
        too_deep(lex(FileId(0), source).0.kinds()).is_some()
    }

    #[test]
    fn length_is_not_depth() {
        for source in [
            "x and ".repeat(10_000),
            "f(a.b, -c * 2), ".repeat(10_000),
            "a = case when b then c otherwise d, ".repeat(10_000),
            "where x + 1 > 2 ".repeat(10_000),
        ] {
            assert!(!deep(&source));
        }
    }

    #[test]
    fn depth_is_found_in_every_form() {
        for source in ["(", "f(", "[", "not ", "- ", "case when ", "x + ", "x * ", "x.", "not (", "(a + "] {
            assert!(deep(&source.repeat(201)), "{source}");
            assert!(!deep(&source.repeat(60)), "{source}");
        }
    }

    #[test]
    fn a_bracket_nobody_closes_closes_nothing() {
        let (tape, _) = lex(FileId(0), "( [ a ) ] table t");
        assert_eq!(closing(tape.kinds(), |_| false)[..2], [Some(3), None]);
    }
}
