//! The objects of a large JSON file, one at a time: the elements of an array, or one after another as
//! in JSON lines.
//!
//! Only brackets, quotes and line ends are looked at here; what an object says is read by its reader.
//! Memory is that of the largest object.

use crate::source::LoadError;
use std::io::BufRead;
use std::path::Path;

/// The largest object that is read, in bytes; a larger one is a mistake.
const LARGEST: usize = 256 << 20;

/// What is done with the line and text of an object.
pub(crate) type Each<'f> = dyn FnMut(u64, &[u8]) -> Result<(), LoadError> + 'f;

/// Gives the text of every object on, with the line of its first bracket, from 1.
///
/// # Errors
/// What is between objects is not JSON, or an object does not end; with the line.
pub(crate) fn objects(path: &Path, mut input: impl BufRead, each: &mut Each<'_>) -> Result<(), LoadError> {
    let mut reader =
        Reader { line: 1, place: Place::Start, object: Vec::new(), depth: 0, text: Text::Outside, began: 1 };
    loop {
        let piece =
            input.fill_buf().map_err(|error| LoadError::line(path, reader.line, error.to_string()))?;
        if piece.is_empty() {
            return match reader.place {
                Place::Start | Place::After | Place::Loose if reader.depth == 0 => Ok(()),
                _ => Err(LoadError::line(
                    path,
                    reader.began,
                    "the file ends in the middle of what begins here",
                )),
            };
        }
        let length = piece.len();
        for byte in piece {
            let done = reader.take(*byte).map_err(|reason| LoadError::line(path, reader.line, reason))?;
            if done {
                each(reader.began, &reader.object)?;
                reader.object.clear();
            }
        }
        input.consume(length);
    }
}

/// Where between objects the reader is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Nothing was read yet.
    Start,
    /// In an array, before an element.
    Element,
    /// In an array, after an element.
    Comma,
    /// After the array.
    After,
    /// Among objects without an array.
    Loose,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Text {
    Outside,
    Inside,
    Escaped,
}

struct Reader {
    line: u64,
    place: Place,
    object: Vec<u8>,
    /// Open brackets of the object; 0 between objects.
    depth: u64,
    text: Text,
    began: u64,
}

impl Reader {
    /// Takes a byte; true when it ends an object.
    fn take(&mut self, byte: u8) -> Result<bool, String> {
        if byte == b'\n' {
            self.line += 1;
        }
        if self.depth > 0 {
            self.object.push(byte);
            if self.object.len() > LARGEST {
                return Err(format!("an object of more than {LARGEST} bytes"));
            }
            match (self.text, byte) {
                (Text::Outside, b'"') | (Text::Escaped, _) => self.text = Text::Inside,
                (Text::Inside, b'\\') => self.text = Text::Escaped,
                (Text::Inside, b'"') => self.text = Text::Outside,
                (Text::Outside, b'{' | b'[') => self.depth += 1,
                (Text::Outside, b'}' | b']') => self.depth -= 1,
                (Text::Outside | Text::Inside, _) => {}
            }
            return Ok(self.depth == 0);
        }
        match (self.place, byte) {
            (_, b' ' | b'\t' | b'\r' | b'\n') | (Place::Start, 0xef | 0xbb | 0xbf) => {}
            (Place::Start, b'[') => {
                self.place = Place::Element;
                self.began = self.line;
            }
            (Place::Start | Place::Loose, b'{') => self.begin(Place::Loose),
            (Place::Element, b'{') => self.begin(Place::Comma),
            (Place::Comma, b',') => self.place = Place::Element,
            (Place::Element | Place::Comma, b']') => self.place = Place::After,
            (Place::Start, _) => return Err("the file is neither an array of objects nor objects".into()),
            (Place::Element | Place::Loose, _) => return Err("an object is expected here".into()),
            (Place::Comma, _) => return Err("`,` or `]` is expected here".into()),
            (Place::After, _) => return Err("nothing is expected after the array".into()),
        }
        Ok(false)
    }

    fn begin(&mut self, place: Place) {
        self.place = place;
        self.began = self.line;
        self.depth = 1;
        self.text = Text::Outside;
        self.object.push(b'{');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<(u64, String)>, LoadError> {
        let mut all = Vec::new();
        objects(
            Path::new("a.json"),
            std::io::BufReader::with_capacity(3, text.as_bytes()),
            &mut |line, object| {
                all.push((line, String::from_utf8_lossy(object).into_owned()));
                Ok(())
            },
        )?;
        Ok(all)
    }

    #[test]
    fn arrays_and_lines() {
        let two = [(1, r#"{"a": "}\"{"}"#.to_owned()), (2, r#"{"b": [{}]}"#.to_owned())];
        assert_eq!(read("[{\"a\": \"}\\\"{\"},\n{\"b\": [{}]}]\n").unwrap(), two);
        assert_eq!(read("\u{feff}{\"a\": \"}\\\"{\"}\n{\"b\": [{}]}\n").unwrap(), two);
        assert!(read("[]").unwrap().is_empty());
    }

    #[test]
    fn what_is_not_json_is_refused_with_its_line() {
        for (text, line) in
            [("[{},\n{\"a\": 1", 2), ("[{}\n{}]", 2), ("x", 1), ("[{}]\n\n]", 3), ("[{},\n", 1)]
        {
            let error = read(text).unwrap_err();
            assert_eq!(error.problems[0].line, Some(line), "{text}");
        }
    }
}
