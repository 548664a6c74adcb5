//! Codes from a CSV file: each is looked up, and its label is checked, as if it stood in the program.

use super::{Checked, Checker};
use crate::FileCode;
use crate::query::CodeTest;
use crate::vocabulary::CodeStatus;
use diag::{Code, Diagnostic};
use text::Range;

/// So many lines of a file are named in one message.
const NAMED: usize = 5;

impl Checker<'_> {
    /// The codes of a file, each for itself alone.
    pub(crate) fn codes_of_file(&mut self, file: &str, codes: &[FileCode], range: Range) -> Checked {
        let Some(first) = codes.first() else {
            self.error("E0407", format!("`{file}` holds no codes"), range, "an empty code set");
            return Checked::Error;
        };
        let system = first.curie.split(':').next().unwrap_or("").to_owned();
        let mut exact = Vec::new();
        let (mut wrong, mut replaced) = (Vec::new(), Vec::new());
        for code in codes {
            let (line, curie) = (code.line, &code.curie);
            match self.input.vocabulary.code(curie) {
                CodeStatus::Current(label) => {
                    match &code.label {
                        Some(own) if !super::codes::same_label(own, &label) => {
                            wrong.push(format!("line {line}: `{curie}` is \"{label}\", not \"{own}\""));
                        }
                        Some(_) | None => {}
                    }
                    exact.push(curie.clone());
                }
                CodeStatus::ReplacedBy { id, label } => {
                    replaced.push(format!("line {line}: `{curie}` is now `{id} \"{label}\"`"));
                    exact.push(id);
                }
                CodeStatus::Obsolete(label) => {
                    wrong.push(format!(
                        "line {line}: `{curie}` (\"{label}\") is obsolete, and nothing has replaced it"
                    ));
                }
                CodeStatus::Unknown => {
                    wrong.push(format!("line {line}: the pinned version of {system} has no code `{curie}`"));
                }
                CodeStatus::Unlisted => exact.push(curie.clone()),
            }
        }
        if !replaced.is_empty() {
            let message = format!("`{file}` holds codes that are obsolete and were replaced");
            let diagnostic = Diagnostic::warning(Code("W0401"), message, range, "read as their successors");
            self.report(lines(diagnostic, &replaced));
        }
        if !wrong.is_empty() {
            let message = format!("`{file}` holds {} that cannot be used", number(wrong.len()));
            let diagnostic = Diagnostic::error(Code("E0174"), message, range, "this file");
            self.report(lines(diagnostic, &wrong));
            return Checked::Error;
        }
        exact.sort();
        exact.dedup();
        Checked::Codes(CodeTest { system, exact, ..CodeTest::default() }, range)
    }
}

fn number(lines: usize) -> String {
    if lines == 1 { "a line".to_owned() } else { format!("{lines} lines") }
}

fn lines(diagnostic: Diagnostic, all: &[String]) -> Diagnostic {
    let diagnostic =
        all.iter().take(NAMED).fold(diagnostic, |diagnostic, line| diagnostic.note(line.clone()));
    match all.len().saturating_sub(NAMED) {
        0 => diagnostic,
        more => diagnostic.note(format!("and {more} more")),
    }
}
