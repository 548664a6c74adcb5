//! Reads the asserting comments of a program.
//!
//! Only comments that begin with a gravity and a colon are read; all others are left to the program. A comment
//! that begins so and cannot be read is an error, since a misspelt assertion would assert nothing.

use crate::{Assertion, Severity, SourceFile};

/// The assertions of a file in the order of their lines; errors are a line of the page and a reason.
pub(crate) fn read(file: &SourceFile, errors: &mut Vec<(usize, String)>) -> Vec<Assertion> {
    let mut assertions: Vec<Assertion> = Vec::new();
    // Assertions that stand alone wait for the next line with something to speak of.
    let mut waiting = 0;
    for (at, line) in file.text.lines().enumerate() {
        let page_line = file.page_line(at + 1);
        match parse(line) {
            Ok(None) => waiting = 0,
            Ok(Some((alone, severity, code, message))) => {
                if alone {
                    waiting += 1;
                } else {
                    waiting = 0;
                }
                assertions.push(Assertion {
                    file: file.name.clone(),
                    line: at + 1,
                    severity,
                    code,
                    message,
                    page_line,
                });
                if alone {
                    let len = assertions.len();
                    for assertion in &mut assertions[len - waiting..] {
                        assertion.line = at + 2;
                    }
                }
            }
            Err(reason) => errors.push((page_line, reason)),
        }
    }
    if waiting > 0 {
        let line = file.page_line(usize::MAX);
        errors.push((line, "an assertion alone on the last line speaks of no line".to_owned()));
    }
    assertions
}

type Parsed = (bool, Severity, String, Option<String>);

/// The assertion of one line, and whether the line holds nothing else.
fn parse(line: &str) -> Result<Option<Parsed>, String> {
    let Some((at, severity, rest)) = [Severity::Error, Severity::Warning].into_iter().find_map(|severity| {
        let opening = format!("-- {severity}:");
        line.find(&opening).map(|at| (at, severity, &line[at + opening.len()..]))
    }) else {
        return Ok(None);
    };
    let rest = rest.trim();
    let (code, message) = rest.split_once(' ').unwrap_or((rest, ""));
    let digits = code.strip_prefix(['E', 'W']).unwrap_or_default();
    if digits.len() != 4 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(format!("`-- {severity}:` is followed by a code such as E0101, not by `{code}`"));
    }
    let message = match message.trim() {
        "" => None,
        quoted => match quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
            Some(message) if !message.is_empty() => Some(message.to_owned()),
            Some(_) | None => return Err(format!("after {code} comes nothing or a \"part of its message\"")),
        },
    };
    Ok(Some((line[..at].trim().is_empty(), severity, code.to_owned(), message)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> SourceFile {
        SourceFile {
            name: "main.bq".to_owned(),
            text: text.to_owned(),
            lines: (11..11 + text.lines().count()).collect(),
        }
    }

    #[test]
    fn an_assertion_speaks_of_its_line_or_of_the_next() {
        let mut errors = Vec::new();
        let text =
            "-- a note\nbad -- error: E0101 \"no such name\"\n-- error: E0102\n-- warning: W0001\nworse\n";
        let found = read(&file(text), &mut errors);
        assert_eq!(errors, []);
        let short: Vec<_> = found.iter().map(|a| (a.line, a.code.as_str(), a.message.as_deref())).collect();
        assert_eq!(short, [(2, "E0101", Some("no such name")), (5, "E0102", None), (5, "W0001", None)]);
        assert_eq!(found[2].severity, Severity::Warning);
        assert_eq!(found[2].page_line, 14);
    }

    #[test]
    fn a_misspelt_assertion_is_an_error_with_its_line() {
        for text in ["x\ny -- error: 0101\n", "x\ny -- error: E0101 unquoted\n", "x\n-- warning: W0101\n"] {
            let mut errors = Vec::new();
            read(&file(text), &mut errors);
            assert_eq!(errors.len(), 1, "{text}");
            assert_eq!(errors[0].0, 12, "{text}");
        }
    }
}
