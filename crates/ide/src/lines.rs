//! Byte offsets as lines and columns of an editor, and back.
//!
//! Editors count columns in UTF-16 code units unless they agree to bytes or characters (Language Server
//! Protocol 3.17, "Position Encoding Kind"). Lines and columns count from 0. A place behind the end of a
//! line is the end of that line, as the protocol says. Lines end with `\n`, `\r\n` or `\r`.

/// What a column counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// Bytes.
    Utf8,
    /// UTF-16 code units.
    Utf16,
    /// Characters.
    Utf32,
}

impl Encoding {
    fn width(self, character: char) -> usize {
        match self {
            Encoding::Utf8 => character.len_utf8(),
            Encoding::Utf16 => character.len_utf16(),
            Encoding::Utf32 => 1,
        }
    }
}

/// A place as editors count, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line.
    pub line: u32,
    /// The column, in the units of the encoding.
    pub column: u32,
}

/// Where the lines of a text begin.
#[derive(Clone, Debug)]
pub struct Lines {
    starts: Vec<usize>,
    encoding: Encoding,
}

impl Lines {
    /// The lines of a text.
    pub fn new(text: &str, encoding: Encoding) -> Lines {
        let mut starts = vec![0];
        let mut bytes = text.bytes().enumerate().peekable();
        while let Some((at, byte)) = bytes.next() {
            if byte == b'\n' || (byte == b'\r' && bytes.peek().is_none_or(|(_, next)| *next != b'\n')) {
                starts.push(at + 1);
            }
        }
        Lines { starts, encoding }
    }

    /// What its columns count.
    pub fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// The position of a byte; one inside a character counts as its start.
    pub fn position(&self, text: &str, offset: u32) -> Position {
        let offset = (offset as usize).min(text.len());
        let line = self.starts.partition_point(|start| *start <= offset).saturating_sub(1);
        let start = self.starts.get(line).copied().unwrap_or(0);
        let before = text.get(start..).unwrap_or("").char_indices();
        let column: usize = before
            .take_while(|(at, character)| start + at + character.len_utf8() <= offset)
            .map(|(_, character)| self.encoding.width(character))
            .sum();
        Position { line: small(line), column: small(column) }
    }

    /// The byte of a position; one that is not there is the end of its line or of the text.
    pub fn offset(&self, text: &str, position: Position) -> u32 {
        let Some(start) = self.starts.get(position.line as usize).copied() else { return small(text.len()) };
        let end = self.starts.get(position.line as usize + 1).copied().unwrap_or(text.len());
        let line = text.get(start..end).unwrap_or("");
        let line = line.trim_end_matches(['\n', '\r']);
        let mut column = 0;
        for (at, character) in line.char_indices() {
            let width = self.encoding.width(character);
            if column + width > position.column as usize {
                return small(start + at);
            }
            column += width;
        }
        small(start + line.len())
    }
}

fn small(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "aé𝄞b\r\n\rc\n𝄞";

    #[test]
    fn columns_count_what_the_encoding_says() {
        let at_b = u32::try_from(TEXT.find('b').unwrap()).unwrap();
        for (encoding, column) in [(Encoding::Utf8, 7), (Encoding::Utf16, 4), (Encoding::Utf32, 3)] {
            let lines = Lines::new(TEXT, encoding);
            assert_eq!(lines.position(TEXT, at_b), Position { line: 0, column });
        }
    }

    #[test]
    fn every_character_comes_back() {
        for encoding in [Encoding::Utf8, Encoding::Utf16, Encoding::Utf32] {
            let lines = Lines::new(TEXT, encoding);
            for (at, character) in TEXT.char_indices().filter(|(_, character)| !"\r\n".contains(*character)) {
                let offset = u32::try_from(at).unwrap();
                assert_eq!(
                    lines.offset(TEXT, lines.position(TEXT, offset)),
                    offset,
                    "{character} {encoding:?}"
                );
            }
        }
    }

    #[test]
    fn places_that_are_not_there() {
        let lines = Lines::new(TEXT, Encoding::Utf16);
        let at = |line, column| lines.offset(TEXT, Position { line, column }) as usize;
        assert_eq!(at(0, 99), TEXT.find('\r').unwrap());
        assert_eq!(at(99, 0), TEXT.len());
        // Inside a surrogate pair.
        assert_eq!(at(0, 3), TEXT.find('𝄞').unwrap());
        assert_eq!(lines.position(TEXT, 9_999), Position { line: 3, column: 2 });
    }
}
