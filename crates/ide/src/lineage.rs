//! What is made from what: the cohorts, tables, code sets and definitions that an item reads, and that read it.
//!
//! An editor shows it as its call hierarchy. It follows the names that the check noted, so it is what the
//! compiler reads and not what is spelled alike.

use crate::View;
use crate::names::{Place, own_name};
use crate::shape::SymbolKind;
use std::collections::BTreeMap;
use syntax::tree::Item;
use text::Range;
use types::Meaning;

/// An item as a node of the lineage.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LineageNode {
    /// Where its name is given.
    pub place: Place,
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: SymbolKind,
    /// All of it, where it stands in the text of the view; else its name.
    pub whole: (u32, u32),
}

/// A neighbour, and where in the text of the reading item it is named.
pub type LineageStep = (LineageNode, Vec<(u32, u32)>);

impl View<'_> {
    /// The item that the name at a byte stands for, or that the byte is in.
    pub fn lineage(&self, offset: u32) -> Option<LineageNode> {
        if let Some(place) = self.declaration(offset)
            && let Some(node) = self.node_of(&place)
        {
            return Some(node);
        }
        let item = self.enclosing_item(offset)?;
        self.own_node(item)
    }

    /// The items that the item declared at a place of this text reads.
    pub fn reads(&self, place: &Place) -> Vec<LineageStep> {
        let parsed = &self.analysis.parsed;
        let item =
            parsed.file.items.iter().find(|item| {
                own_name(item).is_some_and(|name| self.place(parsed.range(name.span)) == *place)
            });
        let Some(item) = item else { return Vec::new() };
        let span = parsed.range(item.span());
        let mut found: BTreeMap<LineageNode, Vec<(u32, u32)>> = BTreeMap::new();
        for (at, declared) in self.uses_of_items() {
            if span.start <= at.start && at.end <= span.end && self.place(declared) != *place {
                let node = self.node_at(declared);
                found.entry(node).or_default().push((at.start, at.end));
            }
        }
        found.into_iter().collect()
    }

    /// The items of this text that read the item declared at a place of this or another text.
    pub fn readers(&self, place: &Place) -> Vec<LineageStep> {
        let parsed = &self.analysis.parsed;
        let mut found: BTreeMap<LineageNode, Vec<(u32, u32)>> = BTreeMap::new();
        for (at, declared) in self.uses_of_items() {
            if self.place(declared) != *place {
                continue;
            }
            let reader = parsed.file.items.iter().find(|item| {
                let span = parsed.range(item.span());
                span.start <= at.start && at.end <= span.end
            });
            // An import names an item and reads nothing of it; reports have no name and are shown by their words.
            let node = match reader {
                Some(Item::Import(_)) | None => continue,
                Some(item) => self.own_node(item).or_else(|| self.report_node(item)),
            };
            if let Some(node) = node.filter(|node| node.place != *place) {
                found.entry(node).or_default().push((at.start, at.end));
            }
        }
        found.into_iter().collect()
    }

    /// Names in this text that stand for items, each with the place where the item's name is given.
    fn uses_of_items(&self) -> impl Iterator<Item = (Range, Range)> + '_ {
        let main = self.analysis.checked.main;
        let uses = self.analysis.notes.uses.iter().filter(move |noted| noted.range.file == main);
        uses.filter_map(|noted| match noted.means {
            Meaning::Item(declared) => Some((noted.range, declared)),
            _ => None,
        })
    }

    fn node_of(&self, place: &Place) -> Option<LineageNode> {
        let items = self.analysis.parsed.file.items.iter();
        let mine = items.filter_map(|item| self.own_node(item)).find(|node| node.place == *place);
        mine.or_else(|| {
            let mut uses = self.uses_of_items();
            uses.find(|(_, declared)| self.place(*declared) == *place)
                .map(|(_, declared)| self.node_at(declared))
        })
    }

    fn own_node(&self, item: &Item) -> Option<LineageNode> {
        let parsed = &self.analysis.parsed;
        let kind = match item {
            Item::Cohort(_) => SymbolKind::Cohort,
            Item::Table(_) => SymbolKind::Table,
            Item::Codes(_) => SymbolKind::Codes,
            Item::Define(_) => SymbolKind::Define,
            _ => return None,
        };
        let name = own_name(item)?;
        let span = parsed.range(item.span());
        Some(LineageNode {
            place: self.place(parsed.range(name.span)),
            name: name.text.clone(),
            kind,
            whole: (span.start, span.end),
        })
    }

    fn report_node(&self, item: &Item) -> Option<LineageNode> {
        let kind = match item {
            Item::Report(_) => SymbolKind::Report,
            Item::Test(_) => SymbolKind::Test,
            _ => return None,
        };
        let span = self.analysis.parsed.range(item.span());
        let text = self.text.get(span.start as usize..span.end as usize).unwrap_or("");
        let name = text.lines().next().unwrap_or("").trim_end_matches(['{', ' ']).to_owned();
        Some(LineageNode { place: self.place(span), name, kind, whole: (span.start, span.end) })
    }

    /// The item whose name is given at a place of any text.
    fn node_at(&self, declared: Range) -> LineageNode {
        let place = self.place(declared);
        let items = self.analysis.parsed.file.items.iter();
        if let Some(node) = items.filter_map(|item| self.own_node(item)).find(|node| node.place == place) {
            return node;
        }
        let files = &self.analysis.checked.files;
        let text = &files.get(declared.file).text;
        let line = text.get(..declared.start as usize).unwrap_or("");
        let word = line.rsplit('\n').next().unwrap_or("").split_whitespace().next().unwrap_or("");
        let kind = match word {
            "cohort" => SymbolKind::Cohort,
            "table" => SymbolKind::Table,
            "codes" => SymbolKind::Codes,
            _ => SymbolKind::Define,
        };
        let name = files.slice(declared).trim_matches('`').to_owned();
        LineageNode { whole: (place.start, place.end), place, name, kind }
    }
}
