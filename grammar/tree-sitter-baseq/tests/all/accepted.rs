//! What the compiler's parser takes, the grammar takes too, and both see the same items at the same places.

use syntax::tree::{Clause, Item, ReportKind};
use tree_sitter::{Node, Parser};

use crate::texts::accepted;

/// A parser for the grammar.
pub(crate) fn parser() -> Parser {
    let mut parser = Parser::new();
    parser
        .set_language(&tree_sitter_baseq::LANGUAGE.into())
        .expect("the library reads this version of the grammar");
    parser
}

/// The first place that could not be read.
fn wrong(node: Node<'_>) -> Option<Node<'_>> {
    if !node.has_error() {
        return None;
    }
    if node.is_error() || node.is_missing() {
        return Some(node);
    }
    let mut cursor = node.walk();
    node.children(&mut cursor).find_map(wrong).or(Some(node))
}

#[test]
fn every_accepted_text_parses() {
    let texts = accepted();
    assert!(texts.len() > 1500, "only {} texts were found", texts.len());
    let mut parser = parser();
    let mut refused = Vec::new();
    for accepted in &texts {
        let tree = parser.parse(&accepted.text, None).expect("no limit is set");
        if let Some(node) = wrong(tree.root_node()) {
            let line = accepted.text.lines().nth(node.start_position().row).unwrap_or_default();
            refused.push(format!("{}: {}: {line}", accepted.place, node.start_position()));
        }
    }
    assert!(refused.is_empty(), "{} of {}:\n{}", refused.len(), texts.len(), refused.join("\n"));
}

#[test]
fn items_and_clauses_are_the_same() {
    let mut parser = parser();
    for accepted in accepted() {
        let tree = parser.parse(&accepted.text, None).expect("no limit is set");
        let mut theirs = Vec::new();
        let mut cursor = tree.walk();
        for item in tree.root_node().named_children(&mut cursor).filter(|node| !node.is_extra()) {
            theirs.push((item.kind(), item.start_byte(), item.end_byte()));
            if matches!(item.kind(), "cohort" | "table") {
                let mut inner = item.walk();
                let clauses = item.named_children(&mut inner).filter(|node| !node.is_extra());
                theirs.extend(
                    clauses
                        .filter(|node| !matches!(node.kind(), "name" | "path"))
                        .map(|node| (node.kind(), node.start_byte(), node.end_byte())),
                );
            }
        }
        let mut ours = Vec::new();
        let mut push = |kind, span| {
            let range = accepted.parsed.range(span);
            ours.push((kind, range.start as usize, range.end as usize));
        };
        for item in &accepted.parsed.file.items {
            push(kind(item), item.span());
            let clauses = match item {
                Item::Cohort(cohort) => &cohort.clauses[..],
                Item::Table(table) => &table.clauses[..],
                _ => &[],
            };
            for clause in clauses {
                push(clause_kind(clause), clause.span());
            }
        }
        assert_eq!(theirs, ours, "{}", accepted.place);
    }
}

fn kind(item: &Item) -> &'static str {
    match item {
        Item::Use(_) => "use",
        Item::AsOf(_) => "as_of",
        Item::Import(_) => "import",
        Item::Param(_) => "param",
        Item::Codes(_) => "codes",
        Item::Define(_) => "define",
        Item::Cohort(_) => "cohort",
        Item::Table(_) => "table",
        Item::Report(report) => match report.kind {
            ReportKind::Attrition => "attrition",
            ReportKind::Describe { .. } => "describe",
            ReportKind::Compare { .. } => "compare",
        },
        Item::Test(_) => "test",
        Item::Model(_) => "model",
        Item::Entity(_) => "entity",
        Item::Agreement(_) => "agreement",
        Item::Purpose(_) => "purpose_item",
        Item::Majority(_) => "majority",
        Item::Death(_) => "death",
        Item::Error(_) => "ERROR",
    }
}

fn clause_kind(clause: &Clause) -> &'static str {
    match clause {
        Clause::Where(_) => "where",
        Clause::Let(_) => "let",
        Clause::Index(_) => "index",
        Clause::Exit(_) => "exit",
        Clause::Match(_) => "match",
        Clause::Draw(_) => "draw",
        Clause::Each(_) => "for_each",
        Clause::Group(_) => "group_by",
        Clause::Frequency(_) => "frequency",
        Clause::Show(_) => "show",
        Clause::Order(_) => "order_by",
        Clause::Limit(_) => "limit",
        Clause::Error(_) => "ERROR",
    }
}
