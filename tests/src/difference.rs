//! Shows two texts beside each other, as lines that went and lines that came.

/// The lines between the first and the last that differ, `-` for `expected`, `+` for `came`, with one line around.
pub(crate) fn difference(expected: &str, came: &str) -> String {
    let old: Vec<&str> = expected.lines().collect();
    let new: Vec<&str> = came.lines().collect();
    let before = old.iter().zip(&new).take_while(|(old, new)| old == new).count();
    let rest = old.len().min(new.len()) - before;
    let after = old.iter().rev().zip(new.iter().rev()).take(rest).take_while(|(old, new)| old == new).count();
    let mut shown = String::new();
    let mut line = |sign: &str, text: &str| {
        shown.push_str(sign);
        shown.push_str(text);
        shown.push('\n');
    };
    if let Some(text) = before.checked_sub(1).and_then(|at| old.get(at)) {
        line("    ", text);
    }
    old.iter().take(old.len() - after).skip(before).for_each(|text| line("  - ", text));
    new.iter().take(new.len() - after).skip(before).for_each(|text| line("  + ", text));
    if let Some(text) = old.get(old.len() - after) {
        line("    ", text);
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_is_shown() {
        assert_eq!(difference("a\nb\nc\nd\n", "a\nb\nx\ny\nd\n"), "    b\n  - c\n  + x\n  + y\n    d\n");
        assert_eq!(difference("a\na\n", "a\n"), "    a\n  - a\n");
        assert_eq!(difference("", "a\n"), "  + a\n");
    }
}
