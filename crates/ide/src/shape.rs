//! The shape of a text: its items and rules as an outline, what folds, what a growing selection takes in.

use crate::View;
use crate::names::{locals, own_name};
use syntax::Node;
use syntax::tree::{Clause, Item};
use text::Range;

/// What an entry of an outline is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "each is the item or clause of its name")]
pub enum SymbolKind {
    Param,
    Codes,
    Define,
    Cohort,
    Table,
    Report,
    Test,
    Entity,
    Agreement,
    Purpose,
    Rule,
    Value,
}

/// An entry of an outline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Symbol {
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: SymbolKind,
    /// All of it.
    pub range: Range,
    /// Its name's place.
    pub name_range: Range,
    /// Its rules and values.
    pub children: Vec<Symbol>,
}

/// A stretch that folds to its first line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fold {
    /// First byte of the first line.
    pub start: u32,
    /// A byte of the last line.
    pub end: u32,
    /// Whether it is a comment.
    pub comment: bool,
}

impl View<'_> {
    /// The items of the text, with the rules and values that they name.
    pub fn symbols(&self) -> Vec<Symbol> {
        self.analysis.parsed.file.items.iter().filter_map(|item| self.symbol(item)).collect()
    }

    fn symbol(&self, item: &Item) -> Option<Symbol> {
        let parsed = &self.analysis.parsed;
        let range = parsed.range(item.span());
        let kind = match item {
            Item::Param(_) => SymbolKind::Param,
            Item::Codes(_) => SymbolKind::Codes,
            Item::Define(_) => SymbolKind::Define,
            Item::Cohort(_) => SymbolKind::Cohort,
            Item::Table(_) => SymbolKind::Table,
            Item::Report(_) => SymbolKind::Report,
            Item::Test(_) => SymbolKind::Test,
            Item::Entity(_) => SymbolKind::Entity,
            Item::Agreement(_) => SymbolKind::Agreement,
            Item::Purpose(_) => SymbolKind::Purpose,
            Item::Use(_)
            | Item::AsOf(_)
            | Item::Import(_)
            | Item::Model(_)
            | Item::Majority(_)
            | Item::Death(_)
            | Item::Error(_) => return None,
        };
        let (name, name_range) = match (own_name(item), item) {
            (Some(name), Item::Define(define)) => {
                let of =
                    define.entity.as_ref().map_or_else(String::new, |entity| format!("{}.", entity.text));
                (format!("{of}{}", name.text), parsed.range(name.span))
            }
            (Some(name), _) => (name.text.clone(), parsed.range(name.span)),
            // Reports, tests, agreements and entities: their first words.
            (None, _) => {
                let text = self.text.get(range.start as usize..range.end as usize).unwrap_or("");
                let line = text.lines().next().unwrap_or("").trim_end_matches(['{', ' ']);
                (line.to_owned(), range)
            }
        };
        let children = locals(item)
            .into_iter()
            .map(|local| {
                let place = parsed.range(local.span);
                let rule = is_rule(item, local.span.start);
                let kind = if rule { SymbolKind::Rule } else { SymbolKind::Value };
                Symbol {
                    name: local.text.clone(),
                    kind,
                    range: place,
                    name_range: place,
                    children: Vec::new(),
                }
            })
            .collect();
        Some(Symbol { name, kind, range, name_range, children })
    }

    /// What folds: items of several lines, and runs of comment lines.
    pub fn folds(&self) -> Vec<Fold> {
        let parsed = &self.analysis.parsed;
        let mut folds = Vec::new();
        let several = |start: u32, end: u32| {
            self.text.get(start as usize..end as usize).is_some_and(|text| text.contains('\n'))
        };
        syntax::walk(&parsed.file, &mut |node| {
            if matches!(node, Node::Item(_) | Node::List(_) | Node::Columns(_)) {
                let range = parsed.range(node.span());
                if several(range.start, range.end) {
                    folds.push(Fold { start: range.start, end: range.end, comment: false });
                }
            }
            true
        });
        for token in parsed.tape.tokens() {
            if let (Some(first), Some(last)) = (token.leading.first(), token.leading.last())
                && token.leading.len() > 1
            {
                folds.push(Fold { start: first.start, end: last.end, comment: true });
            }
        }
        folds.sort_unstable();
        folds.dedup();
        folds
    }

    /// The stretches around a byte, the smallest first, the whole text last.
    pub fn selections(&self, offset: u32) -> Vec<Range> {
        let parsed = &self.analysis.parsed;
        let mut ranges: Vec<Range> =
            parsed.node_at(offset).into_iter().rev().map(|node| parsed.range(node.span())).collect();
        if let Some(token) = parsed.tape.token_at(offset) {
            ranges.insert(0, parsed.range(syntax::tree::Span { start: token, end: token + 1 }));
        }
        let end = u32::try_from(self.text.len()).unwrap_or(u32::MAX);
        ranges.push(Range::new(self.analysis.checked.main, 0, end));
        ranges.dedup();
        ranges
    }
}

/// Whether a name of an item is that of a rule.
fn is_rule(item: &Item, token: u32) -> bool {
    let clauses = match item {
        Item::Cohort(cohort) => &cohort.clauses,
        Item::Table(table) => &table.clauses,
        _ => return false,
    };
    clauses.iter().any(|clause| matches!(clause, Clause::Where(rule) if rule.name.as_ref().is_some_and(|name| name.span.start == token)))
}
