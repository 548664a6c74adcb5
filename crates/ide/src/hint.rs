//! What is shown between the lines: the type of a value, what can be done with an item, where a code leads.

use crate::View;
use syntax::Node;
use syntax::tree::{Clause, Item, LiteralKind};
use text::Range;
use types::Meaning;

/// Words after a place that are not in the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    /// The byte that they stand behind.
    pub at: u32,
    /// The words.
    pub text: String,
}

/// What can be done with an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LensKind {
    /// Run a table or report.
    Run,
    /// Show its SQL.
    Sql,
    /// Show how many each rule of a cohort left out.
    Attrition,
    /// Show the decisions of the policy.
    Policy,
}

/// A line above an item that can be clicked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lens {
    /// The name of the item.
    pub range: Range,
    /// What it does.
    pub kind: LensKind,
    /// The item; empty for the whole file.
    pub name: String,
}

/// A stretch of the text that leads to a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The stretch.
    pub range: Range,
    /// The page.
    pub url: String,
}

impl View<'_> {
    /// The types of what `let` names, in a stretch of the text.
    pub fn hints(&self, start: u32, end: u32) -> Vec<Hint> {
        let parsed = &self.analysis.parsed;
        let notes = &self.analysis.notes;
        let mut hints = Vec::new();
        for item in &parsed.file.items {
            let clauses = match item {
                Item::Cohort(cohort) => &cohort.clauses,
                Item::Table(table) => &table.clauses,
                _ => continue,
            };
            let span = parsed.range(item.span());
            for clause in clauses {
                let Clause::Let(clause) = clause else { continue };
                let name = parsed.range(clause.name.span);
                if name.end < start || end < name.start {
                    continue;
                }
                // What a name is stands where it is used; one without use has a warning and no hint.
                let used = notes.uses.iter().find(|noted| {
                    noted.range.file == span.file
                        && (span.start..span.end).contains(&noted.range.start)
                        && noted.means == Meaning::Local(clause.name.text.clone())
                        && !noted.is.is_empty()
                });
                hints.extend(used.map(|noted| Hint { at: name.end, text: format!(": {}", noted.is) }));
            }
        }
        hints
    }

    /// What can be done with the items of the text.
    pub fn lenses(&self) -> Vec<Lens> {
        let parsed = &self.analysis.parsed;
        let runnable = !self.analysis.checked.has_errors();
        let mut lenses = Vec::new();
        let mut push = |range: Range, kind: LensKind, name: &str| {
            lenses.push(Lens { range, kind, name: name.to_owned() });
        };
        for item in &parsed.file.items {
            match item {
                Item::Use(line) => push(parsed.range(line.span), LensKind::Policy, ""),
                Item::Cohort(cohort) if runnable => {
                    push(parsed.range(cohort.name.span), LensKind::Attrition, &cohort.name.text);
                }
                Item::Table(table) if runnable => {
                    let range = parsed.range(table.name.span);
                    push(range, LensKind::Run, &table.name.text);
                    push(range, LensKind::Sql, &table.name.text);
                }
                _ => {}
            }
        }
        lenses
    }

    /// Codes and rs numbers that have a page.
    pub fn links(&self) -> Vec<Link> {
        let parsed = &self.analysis.parsed;
        let mut links = Vec::new();
        syntax::walk(&parsed.file, &mut |node| {
            if let Node::Literal(literal) = node {
                let (token, url) = match &literal.kind {
                    LiteralKind::Code { system, code, .. } => (literal.span.start, page_of(system, code)),
                    LiteralKind::Rs(name) => {
                        (literal.span.start, Some(format!("https://www.ncbi.nlm.nih.gov/snp/{name}")))
                    }
                    _ => return true,
                };
                let range = parsed.range(syntax::tree::Span { start: token, end: token + 1 });
                links.extend(url.map(|url| Link { range, url }));
            }
            true
        });
        links
    }
}

/// The page of a code. OBO ontologies have stable addresses (OBO Foundry, "Identifier policy"); LOINC has
/// one by number; classifications that are sold have none.
fn page_of(system: &str, local: &str) -> Option<String> {
    match system {
        "HP" | "MONDO" | "DOID" | "SO" | "DUO" | "GO" | "UBERON" | "CL" | "CHEBI" | "EFO" | "NCIT" => {
            Some(format!("http://purl.obolibrary.org/obo/{system}_{local}"))
        }
        "LOINC" => Some(format!("https://loinc.org/{local}")),
        _ => None,
    }
}
