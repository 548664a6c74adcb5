//! Pieces of drawings: text that is wrapped and escaped, boxes, arrows.
//!
//! A drawing is plain SVG 1.1 with its own colours and no script, link or font of its own, so that it
//! looks the same in a browser, a paper and a slide. Widths of words are estimated, generously, because
//! no font is measured here: the same table gives the same bytes everywhere.

use std::fmt::Write;

/// The height of a line of text.
pub(crate) const LINE: u32 = 18;
/// The space around the text of a box.
pub(crate) const PAD: u32 = 10;

/// Lines of at most so many columns; a word that is longer is cut. Wide signs take two columns.
pub(crate) fn wrapped(text: &str, columns: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let (mut line, mut used) = (String::new(), 0);
    for word in text.split_whitespace() {
        let width = word.chars().map(wide).sum::<usize>();
        if used > 0 && used + 1 + width > columns {
            lines.push(std::mem::take(&mut line));
            used = 0;
        }
        if used > 0 {
            line.push(' ');
            used += 1;
        }
        for letter in word.chars() {
            if used > 0 && used + wide(letter) > columns {
                lines.push(std::mem::take(&mut line));
                used = 0;
            }
            line.push(letter);
            used += wide(letter);
        }
    }
    if !line.is_empty() || lines.is_empty() {
        lines.push(line);
    }
    lines
}

fn wide(letter: char) -> usize {
    if letter < '\u{1100}' { 1 } else { 2 }
}

/// Text as it may stand in an element or an attribute; what XML has no place for becomes a space.
pub(crate) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            letter if letter.is_control() || matches!(letter, '\u{fffe}' | '\u{ffff}') => safe.push(' '),
            letter => safe.push(letter),
        }
    }
    safe
}

/// A line of text and its class.
#[derive(Clone, Debug)]
pub(crate) struct Words {
    pub(crate) text: String,
    pub(crate) class: &'static str,
}

impl Words {
    pub(crate) fn new(text: impl Into<String>, class: &'static str) -> Words {
        Words { text: text.into(), class }
    }
}

/// A box of lines.
#[derive(Clone, Debug)]
pub(crate) struct TextBox {
    pub(crate) x: u32,
    pub(crate) y: u32,
    pub(crate) width: u32,
    pub(crate) lines: Vec<Words>,
    /// Its class: `set`, `side`, `hidden`.
    pub(crate) class: &'static str,
    /// Whether its text is set in the middle.
    pub(crate) centred: bool,
}

impl TextBox {
    pub(crate) fn height(&self) -> u32 {
        2 * PAD + LINE * u32::try_from(self.lines.len()).unwrap_or(u32::MAX / LINE / 2)
    }

    pub(crate) fn draw(&self, into: &mut String) {
        let TextBox { x, y, width, class, .. } = self;
        // Writing to a string does not fail.
        let _ = writeln!(
            into,
            "<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{}\" rx=\"3\"/>",
            self.height()
        );
        let (at, anchor) = if self.centred { (x + width / 2, "middle") } else { (x + PAD, "start") };
        for (line, number) in self.lines.iter().zip(0..) {
            let baseline = y + PAD + LINE * number + 13;
            let _ = writeln!(
                into,
                "<text class=\"{}\" x=\"{at}\" y=\"{baseline}\" text-anchor=\"{anchor}\">{}</text>",
                line.class,
                escaped(&line.text)
            );
        }
    }
}

/// An arrow between two points, its head at the second.
pub(crate) fn arrow(into: &mut String, from: (u32, u32), to: (u32, u32)) {
    let _ = writeln!(
        into,
        "<line class=\"arrow\" x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\" marker-end=\"url(#head)\"/>",
        from.0, from.1, to.0, to.1
    );
}

/// A whole drawing.
pub(crate) fn whole(width: u32, height: u32, title: &str, body: &str) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" role=\"img\">\n<title>{}</title>\n{STYLE}{body}</svg>\n",
        escaped(title)
    )
}

const STYLE: &str = "<style>
text { font: 13px sans-serif; fill: #1a1a1a }
text.strong { font-weight: bold }
text.faint { fill: #555555 }
text.note { font-size: 11px; fill: #555555 }
rect.page { fill: #ffffff }
rect.set { fill: #f2f6fb; stroke: #35567d }
rect.side { fill: #ffffff; stroke: #888888 }
rect.hidden { fill: #ffffff; stroke: #888888; stroke-dasharray: 4 3 }
line.arrow { stroke: #35567d; stroke-width: 1.2 }
</style>
<defs><marker id=\"head\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerWidth=\"8\" markerHeight=\"8\" \
orient=\"auto\"><path d=\"M0 0L8 4L0 8z\" fill=\"#35567d\"/></marker></defs>
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_no_longer_than_said_and_lose_nothing() {
        let text = "has treatment in metformin within 365 days before index";
        let lines = wrapped(text, 20);
        assert!(lines.iter().all(|line| line.chars().count() <= 20), "{lines:?}");
        assert_eq!(lines.join(" "), text);
        assert_eq!(wrapped("aaaaaaaaaa", 4), ["aaaa", "aaaa", "aa"]);
        assert_eq!(wrapped("糖尿病", 4), ["糖尿", "病"]);
        assert_eq!(wrapped("", 4), [""]);
    }

    #[test]
    fn no_markup_of_a_text_counts() {
        assert_eq!(escaped("a < b & \"c\"\u{1}>"), "a &lt; b &amp; &quot;c&quot; &gt;");
    }
}
