//! From text to tape, with everything that can be said of a single token.
//!
//! The forms of tokens are in `tokens`; here a token's text is checked (escapes, dates, NFC, invisible
//! characters, capitals), and what is no token becomes [`Kind::Bad`] with a diagnostic, so that the
//! parser can stay silent about it.

use diag::Diagnostic;
use logos::Logos as _;
use text::{FileId, Range};
use unicode_normalization::{UnicodeNormalization as _, is_nfc};

use crate::codes;
use crate::tape::{Comment, Tape, Token, index};
use crate::tokens::Kind;

/// Reads a text into a tape. Never fails: what is no token is a token of kind [`Kind::Bad`].
pub fn lex(file: FileId, source: &str) -> (Tape, Vec<Diagnostic>) {
    let mut lexer = Lexer {
        tape: Tape {
            file,
            source: source.to_owned(),
            tokens: Vec::new(),
            kinds: Vec::new(),
            end_comments: Vec::new(),
        },
        source,
        pending: Vec::new(),
        problems: Vec::new(),
    };
    lexer.run();
    lexer.forbidden();
    (lexer.tape, lexer.problems)
}

struct Lexer<'s> {
    tape: Tape,
    source: &'s str,
    /// Comments that wait for the next token.
    pending: Vec<Comment>,
    problems: Vec<Diagnostic>,
}

impl Lexer<'_> {
    fn run(&mut self) {
        let mut base = 0;
        // Where the last token or comment ended: what lies between is white space.
        let mut last_end = 0;
        'restart: loop {
            let mut kinds = Kind::lexer(self.source.get(base..).unwrap_or(""));
            while let Some(kind) = kinds.next() {
                let start = base + kinds.span().start;
                let (kind, end) = match kind {
                    Ok(kind) => (kind, base + kinds.span().end),
                    Err(()) => (Kind::Bad, self.end_of_strange(start)),
                };
                let gap = self.source.get(last_end..start).unwrap_or("");
                let lines = gap.bytes().filter(|byte| *byte == b'\n').count();
                self.take(kind, start, end, lines);
                last_end = end;
                // The generated lexer may have looked further than one character; start behind ours.
                if base + kinds.span().end != end {
                    base = end;
                    continue 'restart;
                }
            }
            break;
        }
        self.tape.end_comments = std::mem::take(&mut self.pending);
    }

    /// The end of the run of characters at `start` that no token begins with.
    fn end_of_strange(&self, start: usize) -> usize {
        let rest = self.source.get(start..).unwrap_or("");
        let first = rest.chars().next();
        rest.char_indices()
            .find(|(_, c)| Some(*c) != first && (c.is_ascii() || c.is_alphabetic() || c.is_whitespace()))
            .map_or(self.source.len(), |(at, _)| start + at)
    }

    fn take(&mut self, kind: Kind, start: usize, end: usize, lines: usize) {
        let text = self.source.get(start..end).unwrap_or("");
        let range = Range::new(self.tape.file, index(start), index(end));
        if kind == Kind::Comment {
            let comment = Comment { start: range.start, end: range.end, blank_before: lines > 1 };
            self.comment(text, range);
            match self.tape.tokens.last_mut() {
                Some(token) if lines == 0 && self.pending.is_empty() => token.trailing = Some(comment),
                _ => self.pending.push(comment),
            }
            return;
        }
        let kind = self.check(kind, text, range);
        self.tape.kinds.push(kind);
        self.tape.tokens.push(Token {
            kind,
            start: range.start,
            end: range.end,
            leading: std::mem::take(&mut self.pending),
            trailing: None,
            blank_before: lines > 1,
        });
    }

    fn comment(&mut self, text: &str, range: Range) {
        let dashes = if text.starts_with("--|") { 3 } else { 2 };
        let spaced = text.get(dashes..).is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t']));
        if !spaced {
            let behind = range.start + index(dashes);
            let after = Range::new(range.file, behind, behind);
            self.problems.push(
                Diagnostic::error(
                    codes::COMMENT,
                    "a comment begins with two dashes and a space",
                    range,
                    "read as a comment",
                )
                .note("`--` without a space could also be meant as two minus signs")
                .fix("put a space after the dashes", vec![(after, " ".to_owned())]),
            );
        }
    }

    /// Says what is wrong with a token, and gives the kind the parser should see.
    fn check(&mut self, kind: Kind, text: &str, range: Range) -> Kind {
        match kind {
            Kind::Word => {
                if let Some(reserved) = Kind::of_capitals(text) {
                    self.problems.push(
                        Diagnostic::error(
                            codes::CAPITALS,
                            format!("{reserved} is written in small letters"),
                            range,
                            format!("read as {reserved}"),
                        )
                        .note("case counts in names, so words of the language have one spelling")
                        .fix("write it in small letters", vec![(range, text.to_ascii_lowercase())]),
                    );
                    return reserved;
                }
                self.nfc(text, range);
                kind
            }
            Kind::Quoted if !text.starts_with('`') => {
                self.problems.push(
                    Diagnostic::error(
                        codes::DASHED_SYMBOL,
                        format!("`{text}` holds a minus, so as a name it needs backquotes"),
                        range,
                        "a symbol, or a subtraction?",
                    )
                    .note("a name is letters, digits and `_`; backquotes admit anything else")
                    .help("a subtraction is written with spaces around its minus")
                    .likely("write the symbol in backquotes", vec![(range, format!("`{text}`"))]),
                );
                kind
            }
            Kind::Quoted | Kind::Ucum => {
                self.nfc(text, range);
                if text.len() > 2 {
                    return kind;
                }
                let what = if kind == Kind::Ucum { "a unit" } else { "a name" };
                self.problems.push(Diagnostic::error(
                    codes::EMPTY_QUOTES,
                    format!("{what} is missing between the quotes"),
                    range,
                    "empty",
                ));
                Kind::Bad
            }
            Kind::Str => {
                self.nfc(text, range);
                self.escapes(text, range);
                kind
            }
            Kind::Date if !is_date(text) => {
                self.bad_date(text, range);
                Kind::Bad
            }
            Kind::Bad => {
                self.bad(text, range);
                kind
            }
            other => other,
        }
    }

    fn nfc(&mut self, text: &str, range: Range) {
        if text.is_ascii() || is_nfc(text) {
            return;
        }
        self.problems.push(
            Diagnostic::error(
                codes::NOT_NFC,
                "this text is not in the composed form of Unicode (NFC)",
                range,
                "not in NFC",
            )
            .note("two spellings that look the same must be the same bytes")
            .fix("compose it", vec![(range, text.nfc().collect())]),
        );
    }

    fn escapes(&mut self, text: &str, range: Range) {
        let mut chars = text.char_indices();
        while let Some((at, c)) = chars.next() {
            if c != '\\' {
                continue;
            }
            let Some((_, escaped)) = chars.next() else { return };
            if !matches!(escaped, '"' | '\\' | 'n' | 't') {
                let start = range.start + index(at);
                let place = Range::new(range.file, start, start + 1 + index(escaped.len_utf8()));
                self.problems.push(
                    Diagnostic::error(
                        codes::ESCAPE,
                        format!("a text has no escape `\\{escaped}`"),
                        place,
                        "not an escape",
                    )
                    .help("the escapes are `\\\"`, `\\\\`, `\\n` and `\\t`; a backslash itself is `\\\\`"),
                );
            }
        }
    }

    fn bad_date(&mut self, text: &str, range: Range) {
        let spaced = text.replace('-', " - ");
        self.problems.push(
            Diagnostic::error(codes::DATE, format!("`{text}` is not a date"), range, "no such day or month")
                .note("a date is `2026-06-01`, a month `2024-03`")
                .help(format!("a subtraction is written with spaces: `{spaced}`")),
        );
    }

    /// Explains a stretch that is no token.
    fn bad(&mut self, text: &str, range: Range) {
        let problem = match text.chars().next() {
            Some(quote @ ('"' | '`' | '\'')) => {
                let what = match quote {
                    '"' => "text",
                    '`' => "name in backquotes",
                    _ => "unit in single quotes",
                };
                let end = Range::new(range.file, range.end, range.end);
                Diagnostic::error(
                    codes::UNTERMINATED,
                    format!("this {what} has no closing `{quote}`"),
                    range,
                    "opened here",
                )
                .note("it ends on the line on which it begins")
                .label(end, format!("`{quote}` was expected by here"))
            }
            Some('0'..='9') if text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-') => {
                return self.bad_date(text, range);
            }
            Some('0'..='9') => {
                let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
                let (number, word) = text.split_at(digits);
                let problem = Diagnostic::error(
                    codes::NUMBER,
                    format!("`{text}` is neither a number nor a name"),
                    range,
                    "a number that runs into a word",
                )
                .note("`_` stands between two digits, a unit after a space");
                if word.starts_with(char::is_alphabetic) {
                    problem.help(format!("a number and its unit: `{number} {word}`"))
                } else {
                    problem
                }
            }
            Some('A'..='Z') => Diagnostic::error(
                codes::HGVS_VERSION,
                format!("`{text}` names no version of its accession"),
                range,
                "which version?",
            )
            .note("positions change between versions of a transcript")
            .help(format!("`{}`, with the version that was meant", text.replacen(':', ".N:", 1))),
            Some(c) if is_forbidden(c) => return,
            Some(_) | None => strange(text, range),
        };
        self.problems.push(problem);
    }

    /// Invisible characters anywhere in the text, comments included: a reader must see what is read.
    fn forbidden(&mut self) {
        for (at, c) in self.source.char_indices().filter(|(_, c)| is_forbidden(*c)) {
            let range = Range::new(self.tape.file, index(at), index(at + c.len_utf8()));
            self.problems.push(
                Diagnostic::error(
                    codes::FORBIDDEN_CHARACTER,
                    format!("the invisible character U+{:04X} is not allowed", u32::from(c)),
                    range,
                    "invisible here",
                )
                .note("control, zero-width and bidirectional characters can make a text look like another")
                .fix("remove it", vec![(range, String::new())]),
            );
        }
    }
}

/// A character or sign of other languages or of word processors.
fn strange(text: &str, range: Range) -> Diagnostic {
    let problem = |message: String| {
        Diagnostic::error(codes::STRANGE_CHARACTER, message, range, "not part of the language")
    };
    let meant = match text {
        equals if equals.starts_with("==") => "=",
        "<>" | "≠" => "!=",
        "≤" => "<=",
        "≥" => ">=",
        "&" | "&&" => "and",
        "||" => "or",
        "\u{201C}" | "\u{201D}" | "\u{201E}" => "\"",
        "\u{2018}" | "\u{2019}" => "'",
        "\u{2013}" | "\u{2212}" => "-",
        "\u{2026}" => "..",
        spaces if spaces.chars().all(char::is_whitespace) => " ",
        ";" => {
            return problem("nothing ends a clause, so there is no `;`".to_owned())
                .fix("remove it", vec![(range, String::new())]);
        }
        "#" => {
            return problem("`#` is not part of the language".to_owned()).help("a comment begins with `-- `");
        }
        _ => {
            return problem(format!("`{}` is not part of the language", text.escape_debug()))
                .help("inside double quotes and backquotes it may stand");
        }
    };
    if meant == " " {
        return problem("this is a space of a word processor".to_owned())
            .fix("put an ordinary space", vec![(range, " ".to_owned())]);
    }
    problem(format!("`{text}` is not part of the language; it is written `{meant}`"))
        .fix(format!("write `{meant}`"), vec![(range, meant.to_owned())])
}

/// Control characters other than tab and line ends, zero-width characters, bidirectional controls.
fn is_forbidden(c: char) -> bool {
    match c {
        '\t' | '\n' | '\r' => false,
        _ if c.is_ascii() => c.is_ascii_control(),
        '\u{80}'..='\u{9F}'
        | '\u{AD}'
        | '\u{61C}'
        | '\u{180E}'
        | '\u{200B}'..='\u{200F}'
        | '\u{2028}'..='\u{202E}'
        | '\u{2060}'..='\u{2069}'
        | '\u{FEFF}'
        | '\u{E0000}'..='\u{E007F}' => true,
        _ => false,
    }
}

/// Whether `YYYY-MM` or `YYYY-MM-DD` is in the calendar.
fn is_date(text: &str) -> bool {
    let mut parts = text.split('-').map(str::parse::<u32>);
    let (Some(Ok(year)), Some(Ok(month))) = (parts.next(), parts.next()) else { return false };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        1..=12 => 31,
        _ => return false,
    };
    let day = match parts.next() {
        Some(Ok(day)) => day,
        Some(Err(_)) => return false,
        None => 1,
    };
    year > 0 && (1..=days).contains(&day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(source: &str) -> Vec<&'static str> {
        lex(FileId(0), source).1.iter().map(|problem| problem.code.0).collect()
    }

    #[test]
    fn each_problem_is_said_once() {
        for (source, code) in [
            ("\"open", "E0002"),
            ("a $ b", "E0003"),
            ("a == b", "E0003"),
            ("\"a\u{202E}b\"", "E0004"),
            ("-- a\u{200B}b", "E0004"),
            ("a \u{FEFF} b", "E0004"),
            ("\0", "E0004"),
            ("\"e\u{301}\"", "E0005"),
            ("WHERE", "E0006"),
            ("18years", "E0007"),
            ("2026-02-29", "E0008"),
            ("2026-13", "E0008"),
            ("1-2", "E0008"),
            ("\"\\q\"", "E0009"),
            ("--x", "E0010"),
            ("NM_000059:c.5946del", "E0011"),
            ("NKX2-5", "E0012"),
            ("''", "E0021"),
        ] {
            assert_eq!(found(source), [code], "{source:?}");
        }
        assert!(found("2024-02-29 \"é\\\"\" -- \n--| doc\n--\n größe").is_empty());
    }
}
