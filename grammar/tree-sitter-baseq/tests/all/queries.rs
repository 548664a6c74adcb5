//! The queries are queries of this grammar, and what they colour is what the lexer of the compiler says of it.

use std::collections::{BTreeMap, BTreeSet};

use syntax::{Class, KEYWORDS, Kind};
use tree_sitter::{Query, QueryCursor, StreamingIterator as _};

use crate::accepted::parser;
use crate::texts::accepted;

fn query(text: &str) -> Query {
    Query::new(&tree_sitter_baseq::LANGUAGE.into(), text).expect("a query of this grammar")
}

/// The captures of a text by the bytes that they cover; where several cover the same, the last pattern's.
fn captures(query: &Query, text: &str) -> BTreeMap<(usize, usize), String> {
    let tree = parser().parse(text, None).expect("no limit is set");
    let mut cursor = QueryCursor::new();
    let mut matches = cursor.matches(query, tree.root_node(), text.as_bytes());
    let mut found: BTreeMap<(usize, usize), (usize, String)> = BTreeMap::new();
    while let Some(matched) = matches.next() {
        for capture in matched.captures() {
            let name = query.capture_names()[capture.index as usize].to_owned();
            let entry = found.entry((capture.node.start_byte(), capture.node.end_byte())).or_default();
            if matched.pattern_index >= entry.0 {
                *entry = (matched.pattern_index, name);
            }
        }
    }
    found.into_iter().map(|(place, (_, name))| (place, name)).collect()
}

/// What the first word of a capture may be for a token of a kind.
fn colours(kind: Kind) -> &'static [&'static str] {
    match kind.keyword().map(|keyword| keyword.class) {
        Some(Class::Reserved) if matches!(kind, Kind::True | Kind::False) => &["boolean"],
        Some(Class::Reserved) if kind == Kind::Index => &["keyword", "variable"],
        // `may test consent` names a table.
        Some(Class::Reserved) if kind == Kind::Consent => &["keyword", "type"],
        Some(Class::Reserved) => &["keyword"],
        // A word that is not reserved may be a name, of anything.
        Some(Class::Contextual) => {
            &["keyword", "attribute", "variable", "type", "property", "function", "label", "constant"]
        }
        Some(Class::Sign) => &["operator", "punctuation"],
        None => match kind {
            Kind::Word | Kind::Quoted => &["variable", "type", "property", "function", "label", "constant"],
            Kind::Int | Kind::Decimal | Kind::Date => &["number"],
            Kind::Str | Kind::Ucum => &["string"],
            Kind::Code | Kind::Locus | Kind::Hgvs | Kind::Rs => &["constant"],
            _ => &[],
        },
    }
}

#[test]
fn colours_agree_with_the_lexer() {
    let query = query(tree_sitter_baseq::HIGHLIGHTS);
    let mut seen = BTreeSet::new();
    let mut wrong = BTreeSet::new();
    for accepted in accepted() {
        let captures = captures(&query, &accepted.text);
        for token in accepted.parsed.tape.tokens() {
            let place = (token.start as usize, token.end as usize);
            let colour = captures.get(&place).map(String::as_str).unwrap_or_default();
            let first = colour.split('.').next().unwrap_or_default();
            let text = &accepted.text[place.0..place.1];
            if !colours(token.kind).contains(&first) {
                wrong.insert(format!("{}: `{text}` is coloured `{colour}`", accepted.place));
            }
            if first == "keyword" || first == "attribute" {
                seen.insert(text.to_owned());
            }
            for comment in token.leading.iter().chain(&token.trailing) {
                let colour = captures.get(&(comment.start as usize, comment.end as usize));
                assert!(
                    colour.is_some_and(|it| it.starts_with("comment")),
                    "{}: {comment:?}",
                    accepted.place
                );
            }
        }
    }
    let shown: Vec<String> = wrong.iter().take(20).cloned().collect();
    assert!(wrong.is_empty(), "{} tokens:\n{}", wrong.len(), shown.join("\n"));
    // Every word of the language is coloured as one somewhere.
    let words =
        KEYWORDS.iter().filter(|keyword| keyword.class != Class::Sign).map(|keyword| keyword.spelling);
    let never: Vec<&str> =
        words.filter(|word| !seen.contains(*word) && !matches!(*word, "true" | "false")).collect();
    assert!(never.is_empty(), "never coloured as words of the language: {never:?}");
}

#[test]
fn the_other_queries_find_what_they_are_for() {
    let text = "--| Grown up.\nuse agreement \"A\"\nas of 2026-01-01\nparam years: int = 18\ncodes seizures = HP:0001250\n\
                define subject.old = age >= 70 years\ncohort adults =\n  from subjects\n  where grown: age >= 18 years\n\
                table t = from adults let x = sex group by x show people = count(subjects)\n";
    let names = |query_text: &str, wanted: &str| {
        let query = query(query_text);
        let all = captures(&query, text);
        let found = all.iter().filter(|(_, name)| name.starts_with(wanted));
        found
            .map(|((start, end), _)| text[*start..*end].split_whitespace().next().unwrap_or("").to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(names(tree_sitter_baseq::FOLDS, "fold"), ["codes", "define", "cohort", "table"]);
    assert_eq!(names(tree_sitter_baseq::INDENTS, "indent.begin"), ["cohort", "table", "(subjects)"]);
    assert_eq!(
        names(tree_sitter_baseq::LOCALS, "local.definition"),
        ["years", "seizures", "old", "adults", "grown", "t", "x"]
    );
    assert_eq!(names(tree_sitter_baseq::INJECTIONS, "injection"), ["--|"]);
    let tags = names(tree_sitter_baseq::TAGS, "name");
    for name in ["years", "seizures", "old", "adults", "t"] {
        assert!(tags.contains(&name.to_owned()), "{name} is not in {tags:?}");
    }
}
