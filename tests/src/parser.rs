//! The compiler as far as it stands today: the parser. A stage that is added to the suite is a method or a match
//! arm here.

use spec::Case;

use crate::{Checked, Compiler, Made};

/// Parses, and knows nothing of models, types or policy.
#[derive(Debug)]
pub struct Parser;

impl Compiler for Parser {
    fn check(&self, case: &Case) -> Checked {
        let mut checked = Checked::default();
        for file in case.files.iter().filter(|file| is_program(&file.name)) {
            parse(&file.name, &file.text, &mut checked);
        }
        diag::sort(&mut checked.diagnostics);
        checked
    }

    fn gives(&self, code: &str) -> bool {
        // The codes of the parser; the further stages begin at E0100.
        code.starts_with("E00")
    }

    fn made(&self, _: &Case, checked: &Checked, lang: &str, _: &str) -> Option<Made> {
        match lang {
            "diagnostics" => Some(Ok(checked.shown())),
            _ => None,
        }
    }
}

fn is_program(name: &str) -> bool {
    std::path::Path::new(name).extension().is_some_and(|kind| kind == "bq")
}

/// Parses one file and holds the tape to its promise.
fn parse(name: &str, text: &str, checked: &mut Checked) {
    let file = checked.files.add(name, text);
    let (parsed, diagnostics) = syntax::parse(file, text);
    checked.diagnostics.extend(diagnostics);
    let pieces: String = (parsed.tape.pieces().iter())
        .map(|piece| match *piece {
            syntax::Piece::Space(text) | syntax::Piece::Comment(text) | syntax::Piece::Token(_, text) => text,
        })
        .collect();
    if pieces != text {
        checked.broken.push(format!("the pieces of the tape of `{name}` are not its text"));
    }
}
