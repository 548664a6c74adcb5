//! The pages of this crate's diagnostics: what is refused is refused with that code, what is repaired
//! is read without a word, and every code has its page.

use std::path::Path;

use syntax::{codes, parse};
use text::FileId;

use crate::shared;

const ALL: [diag::Code; 22] = [
    codes::UNEXPECTED,
    codes::UNTERMINATED,
    codes::STRANGE_CHARACTER,
    codes::FORBIDDEN_CHARACTER,
    codes::NOT_NFC,
    codes::CAPITALS,
    codes::NUMBER,
    codes::DATE,
    codes::ESCAPE,
    codes::COMMENT,
    codes::HGVS_VERSION,
    codes::DASHED_SYMBOL,
    codes::TOO_DEEP,
    codes::MIXED,
    codes::AT_LEAST,
    codes::WINDOW_WITHOUT_DATE,
    codes::UNIT_NOT_QUOTED,
    codes::UNKNOWN_UNIT_WORD,
    codes::CHAINED_COMPARISON,
    codes::MISPLACED_CLAUSE,
    codes::EMPTY_QUOTES,
    codes::RESERVED_NAME,
];

/// The first program after a heading.
fn program(page: &str, heading: &str) -> String {
    let rest = page.split_once(heading).map_or("", |(_, rest)| rest);
    shared::blocks(rest, "bq").into_iter().next().unwrap_or_default()
}

#[test]
fn pages_are_true() {
    for code in ALL {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../diag/codes/{}.md", code.0));
        let page = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(page.starts_with(&format!("# {}: ", code.0)), "{} has a page", code.0);
        let (refused, repaired) = (program(&page, "## Refused"), program(&page, "## Repaired"));
        assert!(!refused.is_empty() && !repaired.is_empty(), "{}", code.0);
        let problems = parse(FileId(0), &refused).1;
        assert!(
            !problems.is_empty() && problems.iter().all(|problem| problem.code == code),
            "{}: {problems:#?}",
            code.0
        );
        assert_eq!(parse(FileId(0), &repaired).1, [], "{}", code.0);
    }
}

// A fix that is offered repairs what it is offered for.
#[test]
fn fixes_repair() {
    let mut tried = 0;
    for code in ALL {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../diag/codes/{}.md", code.0));
        let refused = program(&std::fs::read_to_string(&path).unwrap_or_default(), "## Refused");
        let problems = parse(FileId(0), &refused).1;
        for number in 0..problems.first().map_or(0, |problem| problem.fixes.len()) {
            // Every problem of the page has the same fixes; take the same one of each, last place first.
            let mut edits: Vec<_> = problems
                .iter()
                .filter_map(|problem| problem.fixes.get(number))
                .flat_map(|fix| fix.edits.clone())
                .collect();
            edits.sort_by_key(|(range, _)| std::cmp::Reverse(range.start));
            let mut fixed = refused.clone();
            for (range, with) in edits {
                fixed.replace_range(range.start as usize..range.end as usize, &with);
            }
            assert_eq!(parse(FileId(0), &fixed).1, [], "{}: {fixed}", code.0);
            tried += 1;
        }
    }
    assert!(tried >= 12, "{tried}");
}
