//! Holds a compiler to a case: nothing unasserted comes, everything asserted comes, every block is as it was
//! written.

use std::ops::Range;

use diag::{Diagnostic, Fix};
use spec::{Assertion, Case, Severity};

use crate::compiler::headline;
use crate::difference::difference;
use crate::{Checked, Compiler};

/// What became of a case.
#[derive(Debug, Default)]
pub struct Verdict {
    /// What is wrong, each with page and line. Empty: the case holds.
    pub failures: Vec<String>,
    /// The blocks of the page that differ, by the lines of their content, and what came in their place. A failure
    /// of `failures` speaks of each.
    pub came: Vec<(Range<usize>, String)>,
}

/// Judges a case of the suite.
///
/// A diagnostic needs its assertion, or the case has a `diagnostics` block, which shows them all.
pub fn case(case: &Case, compiler: &dyn Compiler) -> Verdict {
    let checked = compiler.check(case);
    let mut verdict = Verdict::default();
    promises(case, &checked, compiler, &mut verdict);
    let unasserted = assertions(case, &checked, &mut verdict);
    if !case.blocks.iter().any(|block| block.lang == "diagnostics") {
        verdict.failures.extend(unasserted.iter().map(|diagnostic| unexpected(case, &checked, diagnostic)));
    }
    blocks(case, &checked, compiler, &mut verdict);
    verdict
}

/// Judges a case on the page of `code`.
///
/// Under `Refused`, or `Warned` for a warning, every diagnostic is of that code, and at least one comes; any other
/// needs its assertion. All
/// other cases of a page are judged as cases of the suite are, so that `Repaired` gives no diagnostic.
pub fn page(code: &str, refused: &Case, compiler: &dyn Compiler) -> Verdict {
    if refused.name() != if code.starts_with('W') { "warned" } else { "refused" } {
        return case(refused, compiler);
    }
    let checked = compiler.check(refused);
    let mut verdict = Verdict::default();
    promises(refused, &checked, compiler, &mut verdict);
    let unasserted = assertions(refused, &checked, &mut verdict);
    for diagnostic in unasserted.iter().filter(|diagnostic| diagnostic.code.0 != code) {
        verdict.failures.push(unexpected(refused, &checked, diagnostic));
    }
    if !checked.diagnostics.iter().any(|diagnostic| diagnostic.code.0 == code) {
        verdict.failures.push(format!("{}:{}: {code} did not come", refused.page, refused.line));
    }
    blocks(refused, &checked, compiler, &mut verdict);
    verdict
}

/// What holds in every case without being asked: the compiler's own promises, and that a fix which is offered
/// repairs what it is offered for.
fn promises(case: &Case, checked: &Checked, compiler: &dyn Compiler, verdict: &mut Verdict) {
    for broken in &checked.broken {
        verdict.failures.push(format!("{}:{}: {broken}", case.page, case.line));
    }
    let count = |checked: &Checked, code| checked.diagnostics.iter().filter(|one| one.code == code).count();
    for diagnostic in &checked.diagnostics {
        for fix in &diagnostic.fixes {
            let repaired = compiler.check(&fixed(case, checked, fix));
            if count(&repaired, diagnostic.code) >= count(checked, diagnostic.code) {
                let headline = headline(diagnostic);
                verdict.failures.push(format!(
                    "{}:{}: the fix \"{}\" does not repair {headline}",
                    case.page, case.line, fix.title
                ));
            }
        }
    }
}

/// The case after the edits of a fix. Edits in files that are not the case's own are left out.
fn fixed(case: &Case, checked: &Checked, fix: &Fix) -> Case {
    let mut case = case.clone();
    let mut edits: Vec<&(text::Range, String)> = fix.edits.iter().collect();
    // From the end, so that the places of the others stay true.
    edits.sort_by_key(|(range, _)| std::cmp::Reverse(*range));
    for (range, text) in edits {
        let name = &checked.files.get(range.file).name;
        let Some(file) = case.files.iter_mut().find(|file| *file.name == **name) else { continue };
        let (start, end) = (range.start as usize, range.end as usize);
        if file.text.get(start..end).is_some() {
            file.text.replace_range(start..end, text);
        }
    }
    case
}

/// Pairs assertions and diagnostics; fails those that found nothing, and gives the diagnostics that are left.
fn assertions<'c>(case: &Case, checked: &'c Checked, verdict: &mut Verdict) -> Vec<&'c Diagnostic> {
    let mut left: Vec<&Diagnostic> = checked.diagnostics.iter().collect();
    for assertion in &case.assertions {
        if let Some(at) = left.iter().position(|diagnostic| asserts(assertion, checked, diagnostic)) {
            left.remove(at);
        } else {
            let Assertion { code, severity, page_line, .. } = assertion;
            let message = assertion.message.as_ref().map_or(String::new(), |part| format!(" \"{part}\""));
            verdict.failures.push(format!(
                "{}:{page_line}: {severity} {code}{message} was expected and did not come",
                case.page
            ));
        }
    }
    left
}

fn asserts(assertion: &Assertion, checked: &Checked, diagnostic: &Diagnostic) -> bool {
    let severity = match diagnostic.severity {
        diag::Severity::Error => Severity::Error,
        diag::Severity::Warning => Severity::Warning,
    };
    let there = diagnostic.range().is_some_and(|range| {
        let line = checked.files.line_column(range).line;
        *checked.files.get(range.file).name == assertion.file && line as usize == assertion.line
    });
    there
        && severity == assertion.severity
        && diagnostic.code.0 == assertion.code
        && assertion.message.as_ref().is_none_or(|part| diagnostic.message.contains(part.as_str()))
}

/// A diagnostic as a failure, at its place on the page; one from elsewhere stands at the heading of the case.
fn unexpected(case: &Case, checked: &Checked, diagnostic: &Diagnostic) -> String {
    let line = diagnostic
        .range()
        .and_then(|range| {
            let file = case.file(&checked.files.get(range.file).name)?;
            Some(file.page_line(checked.files.line_column(range).line as usize))
        })
        .unwrap_or(case.line);
    format!("{}:{line}: unexpected {}", case.page, headline(diagnostic))
}

/// Every expectation block is what the compiler makes.
fn blocks(case: &Case, checked: &Checked, compiler: &dyn Compiler, verdict: &mut Verdict) {
    for block in &case.blocks {
        let place = format!("{}:{}", case.page, block.lines.start.saturating_sub(1));
        let (lang, info) = (&block.lang, &block.info);
        match compiler.made(case, checked, lang, info) {
            None => verdict.failures.push(format!("{place}: no stage makes `{lang}` blocks")),
            Some(Err(reason)) => verdict.failures.push(format!("{place}: no `{lang}` came: {reason}")),
            Some(Ok(made)) if made == block.text => {}
            Some(Ok(made)) => {
                verdict.failures.push(format!(
                    "{place}: the `{lang}` block differs; BLESS=1 writes what came\n{}",
                    difference(&block.text, &made)
                ));
                verdict.came.push((block.lines.clone(), made));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use diag::Code;
    use text::Range;

    use super::*;
    use crate::Made;

    /// Finds fault with every `!`, and makes blocks of the text in capitals.
    struct Shouting;

    impl Compiler for Shouting {
        fn check(&self, case: &Case) -> Checked {
            let mut checked = Checked::default();
            for source in &case.files {
                let file = checked.files.add(source.name.as_str(), source.text.as_str());
                for (at, _) in source.text.match_indices('!') {
                    let at = u32::try_from(at).expect("short");
                    let range = Range::new(file, at, at + 1);
                    let mut problem = Diagnostic::error(Code("E0777"), "too loud", range, "here");
                    if source.text.contains("calm") {
                        problem = problem.fix("write a full stop", vec![(range, ".".to_owned())]);
                    } else if source.text.contains("shout") {
                        problem = problem.fix("shout", vec![(range, "!!".to_owned())]);
                    }
                    checked.diagnostics.push(problem);
                }
            }
            checked
        }

        fn made(&self, case: &Case, checked: &Checked, lang: &str, _: &str) -> Option<Made> {
            match lang {
                "loud" => {
                    Some(case.file("main.bq").map(|file| file.text.to_uppercase()).ok_or("no file".into()))
                }
                "diagnostics" => Some(Ok(checked.shown())),
                _ => None,
            }
        }
    }

    fn verdict(section: &str) -> Verdict {
        let cases = spec::read("p.md", &format!("# Title\n## Refused\n{section}")).unwrap();
        case(&cases[0], &Shouting)
    }

    #[test]
    fn what_is_asserted_comes_and_nothing_else() {
        let failures = |section: &str| verdict(section).failures;
        assert!(failures("```bq\na\nb! -- error: E0777 \"loud\"\n```\n").is_empty());
        assert_eq!(failures("```bq\na\nb!\n```\n"), ["p.md:5: unexpected error[E0777]: too loud"]);
        let missing = |code: &str| [format!("p.md:4: error {code} was expected and did not come")];
        assert_eq!(failures("```bq\na -- error: E0777\n```\n"), missing("E0777"));
        // Each assertion pays for one diagnostic, on its own line, of its own code and words.
        assert_eq!(failures("```bq\n!! -- error: E0777\n```\n").len(), 1);
        assert_eq!(failures("```bq\n! -- error: E0778\n```\n").len(), 2);
        assert_eq!(failures("```bq\n! -- warning: E0777\n```\n").len(), 2);
        assert_eq!(failures("```bq\n! -- error: E0777 \"quiet\"\n```\n").len(), 2);
        assert_eq!(failures("```bq\na -- error: E0777\n!\n```\n").len(), 2);
    }

    #[test]
    fn a_block_is_what_the_compiler_makes() {
        assert!(verdict("```bq\na\n```\n```loud\nA\n```\n").failures.is_empty());
        let differs = verdict("```bq\na\n```\n```loud\nB\n```\n");
        assert!(differs.failures[0].starts_with("p.md:6: the `loud` block differs"), "{differs:?}");
        assert_eq!(differs.came, [(7..8, "A\n".to_owned())]);
        let unknown = verdict("```bq\na\n```\n```quiet\nB\n```\n");
        assert_eq!(unknown.failures, ["p.md:6: no stage makes `quiet` blocks"]);
        assert!(unknown.came.is_empty());
    }

    #[test]
    fn a_diagnostics_block_shows_them_all() {
        let shown = "error[E0777]: too loud\n  main.bq:1:1: here\n";
        assert!(verdict(&format!("```bq\n!\n```\n```diagnostics\n{shown}```\n")).failures.is_empty());
        assert_eq!(verdict("```bq\n!\n```\n```diagnostics\n```\n").failures.len(), 1);
    }

    #[test]
    fn a_fix_repairs() {
        assert!(verdict("```bq\ncalm! -- error: E0777\n```\n").failures.is_empty());
        let worse = verdict("```bq\nshout! -- error: E0777\n```\n").failures;
        assert_eq!(worse, ["p.md:2: the fix \"shout\" does not repair error[E0777]: too loud"]);
    }

    #[test]
    fn a_page_refuses_by_its_own_code() {
        let judged = |code: &str, program: &str| {
            let cases = spec::read("p.md", &format!("# Title\n## Refused\n```bq\n{program}\n```\n")).unwrap();
            page(code, &cases[0], &Shouting).failures
        };
        assert!(judged("E0777", "!!").is_empty());
        assert_eq!(judged("E0777", "a"), ["p.md:2: E0777 did not come"]);
        assert_eq!(judged("E0778", "!").len(), 2);
    }
}
