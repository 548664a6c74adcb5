//! What is shown between the lines: the type of a value, what can be done with an item, where a code leads.

use crate::View;
use syntax::Node;
use syntax::tree::{Clause, Item, LiteralKind};
use text::Range;
use types::{Meaning, TableBody};

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
    /// Say how many a cohort has.
    Count,
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
    /// The types of what `let` names, what the rows of cohorts and tables are, and the places that names of
    /// alleles stand for, in a stretch of the text.
    pub fn hints(&self, start: u32, end: u32) -> Vec<Hint> {
        let mut hints = self.types(start, end);
        hints.extend(self.grains());
        hints.extend(self.alleles());
        hints.retain(|hint| start <= hint.at && hint.at <= end);
        hints.sort_by_key(|hint| hint.at);
        hints
    }

    /// `→ 1 row per (sex, age_band)` behind the names of cohorts and tables that the policy permits.
    fn grains(&self) -> Vec<Hint> {
        let Some(permitted) = &self.analysis.checked.permitted else { return Vec::new() };
        let (query, model) = (permitted.query(), self.session.model());
        let main = self.analysis.checked.main;
        let mut hints = Vec::new();
        let mut push = |range: Range, keys: Vec<String>| {
            if range.file == main {
                let text = match &keys[..] {
                    [] => " → 1 row".to_owned(),
                    [one] => format!(" → 1 row per {one}"),
                    several => format!(" → 1 row per ({})", several.join(", ")),
                };
                hints.push(Hint { at: range.end, text });
            }
        };
        for cohort in &query.cohorts {
            let mut keys = vec![model.entity(cohort.row.entity).name.clone()];
            keys.extend(
                cohort.index.as_ref().and_then(|index| index.rows.as_ref()).map(|_| "index".to_owned()),
            );
            push(cohort.range, keys);
        }
        for table in &query.tables {
            let row = model.entity(table.row.entity).name.clone();
            let each = table.each.iter().filter_map(|each| {
                each.rows.steps.last().map(|step| model.entity(step.row.entity).name.clone())
            });
            let rows = || std::iter::once(row.clone()).chain(each.clone());
            let names =
                |keys: &[types::GroupKey]| keys.iter().map(|key| key.name.clone()).collect::<Vec<_>>();
            let keys = match &table.body {
                TableBody::Rows { .. } => rows().collect(),
                TableBody::Groups { keys, .. } => names(keys),
                TableBody::Frequency { frequencies, pooled, .. } => {
                    let mut keys: Vec<String> =
                        pooled.as_ref().map_or_else(|| rows().collect(), |pooled| names(&pooled.keys));
                    keys.extend(
                        frequencies.first().map(|frequency| names(&frequency.keys)).unwrap_or_default(),
                    );
                    keys
                }
            };
            // What `group by` makes of released rows has the first of the values as keys.
            let keys = match &table.regroup {
                Some(again) => {
                    let shown = again.values.iter().take(again.keys as usize);
                    shown.map(|value| value.name.clone()).collect()
                }
                None => keys,
            };
            push(table.range, keys);
        }
        hints
    }

    /// ` = GRCh38:chr13:32340300:GT:G` behind an HGVS or rs name that stands for one allele.
    fn alleles(&self) -> Vec<Hint> {
        let parsed = &self.analysis.parsed;
        let mut hints = Vec::new();
        syntax::walk(&parsed.file, &mut |node| {
            if let Node::Literal(literal) = node
                && let LiteralKind::Hgvs(name) | LiteralKind::Rs(name) = &literal.kind
            {
                let alleles = self.session.alleles_of(name);
                let text = match &alleles[..] {
                    [] => return true,
                    [one] => format!(" = {one}"),
                    [one, ..] => format!(" = {one} and {} more", alleles.len() - 1),
                };
                hints.push(Hint { at: parsed.range(literal.span).end, text });
            }
            true
        });
        hints
    }

    fn types(&self, start: u32, end: u32) -> Vec<Hint> {
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
                    let range = parsed.range(cohort.name.span);
                    push(range, LensKind::Count, &cohort.name.text);
                    push(range, LensKind::Attrition, &cohort.name.text);
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
