//! Every diagnostic code has a page with a refused and a repaired program, belongs to one crate, and is used.

use std::collections::{BTreeMap, BTreeSet};

use crate::repository::{Finding, Repository, Text};

pub(crate) fn check(repository: &Repository) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut pages = BTreeMap::new();
    for page in &repository.pages {
        match title(page) {
            Some((code, _)) if page.path.ends_with(&format!("/{code}.md")) => {
                pages.insert(code, page);
            }
            Some((code, _)) => {
                let reason = format!("the title speaks of {code}, the file name does not");
                findings.push(Finding::new(&page.path, 1, reason));
            }
            None => {
                let reason = "the first line is not `# CODE: title`, as in `# E0101: no such name`";
                findings.push(Finding::new(&page.path, 1, reason));
            }
        }
        examples(page, &mut findings);
    }
    let mut homes: BTreeMap<&str, &str> = BTreeMap::new();
    let mut without_page = BTreeSet::new();
    for source in &repository.sources {
        let Some(room) = source.path.strip_prefix("crates/").and_then(|path| path.split('/').next()) else {
            continue;
        };
        for (line, code) in used(source) {
            if !pages.contains_key(code) && without_page.insert(code) {
                let reason = format!("{code} has no page crates/diag/codes/{code}.md");
                findings.push(Finding::new(&source.path, line, reason));
            }
            let home = homes.entry(code).or_insert(room);
            if *home != room {
                let reason = format!("{code} belongs to `{home}`; a code has one crate, which exports it");
                findings.push(Finding::new(&source.path, line, reason));
            }
        }
    }
    for (code, page) in pages {
        if !homes.contains_key(code) {
            findings.push(Finding::new(&page.path, 1, format!("no crate uses {code}")));
        }
    }
    findings
}

/// Code and title of a page: `# E0101: no such name`.
pub(crate) fn title(page: &Text) -> Option<(&str, &str)> {
    let (code, title) = page.text.lines().next()?.strip_prefix("# ")?.split_once(": ")?;
    (is_code(code) && !title.trim().is_empty()).then(|| (code, title.trim()))
}

fn is_code(word: &str) -> bool {
    word.strip_prefix(['E', 'W'])
        .is_some_and(|digits| digits.len() == 4 && digits.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Refused (Warned, for a warning) and Repaired are cases of the page, or, for a code that no program causes, the page shows what a
/// person sees.
fn examples(page: &Text, findings: &mut Vec<Finding>) {
    let cases = match spec::read(&page.path, &page.text) {
        Ok(cases) => cases,
        Err(errors) => {
            findings.extend(errors.iter().map(|error| Finding::new(&page.path, error.line, &error.reason)));
            return;
        }
    };
    let shown = page.lines().any(|(_, line)| line == "```console" || line == "```text");
    if cases.is_empty() && shown {
        return;
    }
    let is_warning = page.path.rsplit('/').next().is_some_and(|name| name.starts_with('W'));
    for wanted in [if is_warning { "warned" } else { "refused" }, "repaired"] {
        if !cases.iter().any(|case| case.name() == wanted) {
            let heading = format!("{}{}", wanted[..1].to_uppercase(), &wanted[1..]);
            let line = page.line_where(|line| line.strip_prefix("## ") == Some(&heading));
            let reason = format!(
                "no ```bq block under `## {heading}`; only a code that no program causes does with ```console"
            );
            findings.push(Finding::new(&page.path, line, reason));
        }
    }
}

/// The codes that a source writes in quotes, with their lines. Comments do not count, nor do tests,
/// which speak of the codes of others, nor does the register of pages.
fn used(source: &Text) -> impl Iterator<Item = (usize, &str)> {
    let of_tests = source.path.ends_with("/tests.rs")
        || source.path.contains("/tests/")
        || source.path.starts_with("crates/diag/");
    source
        .lines()
        .take_while(|(_, line)| !line.starts_with("#[cfg(test)]"))
        .filter(move |(_, line)| !of_tests && !line.trim_start().starts_with("//"))
        .flat_map(|(number, line)| {
            // Every second piece between quotes is a literal.
            line.split('"').skip(1).step_by(2).filter(|word| is_code(word)).map(move |code| (number, code))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(text: &str) -> Text {
        Text { path: "crates/diag/codes/E0101.md".to_owned(), text: text.to_owned() }
    }

    #[test]
    fn a_page_has_a_title_and_two_programs_or_a_picture() {
        let whole = page("# E0101: no such name\n## Refused\n```bq\nx\n```\n## Repaired\n```bq\ny\n```\n");
        assert_eq!(title(&whole), Some(("E0101", "no such name")));
        assert_eq!(title(&page("# E01: no such name\n")), None);
        let found = |text: &str| {
            let mut findings = Vec::new();
            examples(&page(text), &mut findings);
            findings.iter().map(Finding::to_string).collect::<Vec<_>>()
        };
        assert!(found(&whole.text).is_empty());
        assert!(found("# E0101: unreachable\n```console\n$ baseq\n```\n").is_empty());
        let half = found("# E0101: no such name\n## Refused\n```bq\nx\n```\n## Repaired\nNothing.\n");
        assert!(
            half[0].starts_with("crates/diag/codes/E0101.md:6: no ```bq block under `## Repaired`"),
            "{half:?}"
        );
    }

    #[test]
    fn codes_in_comments_are_not_used() {
        let source = Text {
            path: "crates/types/src/names.rs".to_owned(),
            text: "/// Code(\"E0001\")\nself.error(\"E0002\", \"E0003 and\");\n".to_owned(),
        };
        assert_eq!(used(&source).collect::<Vec<_>>(), [(2, "E0002")]);
    }
}
