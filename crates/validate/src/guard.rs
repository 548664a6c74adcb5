//! Guards: every linked table is read in one place, joined with what permits its rows.
//!
//! A table of the text is the guard of a linked table when it reads that table, is joined by inner joins
//! with the guard of the first table of each declared path on exactly the declared columns (a subject with
//! `permitted` on its key, a sample also with `permitted_sample`), and with nothing else, and when its
//! condition holds what 3.4 demands: rows of the future do not exist, nor those that a cut-off hides. More
//! conditions may stand beside those, for they only take rows away. Its columns are those of the table,
//! but for days that are not known at D.
//!
//! Whatever reads a linked table and is neither its guard nor a part of the consent section is wrong.

use crate::consent::Consent;
use crate::demand::{Demand, Hop, TableDemand, TableLinkage};
use crate::names::{Names, Relation};
use crate::normal;
use crate::tree::{Block, Body, Call, Comparison, Expr, JoinKind, Source, Statement, Table};
use crate::violation::{GuardFound, Rule, Violations};

/// The column with the day before which rows must be dated.
const CUT_OFF: &str = "cut_off";

/// The guards of a text, by the places of its tables.
#[derive(Debug, Default)]
pub(crate) struct Guards {
    /// For each table of the text the linked table that it guards, if it is a guard.
    tables: Vec<Option<String>>,
    /// What a receipt says of them.
    pub(crate) found: Vec<GuardFound>,
}

impl Guards {
    /// Whether a table is a guard.
    pub(crate) fn is(&self, place: usize) -> bool {
        self.tables.get(place).is_some_and(Option::is_some)
    }

    fn of(&self, place: usize) -> Option<&str> {
        self.tables.get(place).and_then(Option::as_deref)
    }
}

/// What the guard of a table is checked against.
struct Checker<'a> {
    names: &'a Names<'a>,
    demand: &'a Demand,
    consent: &'a Consent,
    guards: &'a Guards,
    place: usize,
}

/// Finds the guards, and what reads a linked table without being one.
pub(crate) fn find(
    statement: &Statement,
    names: &Names<'_>,
    demand: &Demand,
    consent: &Consent,
    violations: &mut Violations,
) -> Guards {
    let mut guards = Guards::default();
    for (place, table) in statement.tables.iter().enumerate() {
        let linked = linked(table, names, place);
        let guard = match linked.first() {
            _ if consent.part(place).is_some() => None,
            None => None,
            Some(base) => {
                let checker = Checker { names, demand, consent, guards: &guards, place };
                match checker.guard(table, base) {
                    Ok(under) => {
                        let under = under.iter().map(|source| source.name.clone()).collect();
                        guards.found.push(GuardFound {
                            name: table.name.clone(),
                            table: base.clone(),
                            under,
                        });
                        Some(base.clone())
                    }
                    Err(sentence) => {
                        violations.add(Rule::Guard, &table.name, sentence);
                        None
                    }
                }
            }
        };
        guards.tables.push(guard);
    }
    alleles(names, demand, &guards, violations);
    guards
}

/// `variants` is not public (consent-and-policy.md 5.8): which alleles there are is known from the people who
/// carry them. That the right ones are left cannot be told from the text; that a text without any guard
/// lists them all can.
fn alleles(names: &Names<'_>, demand: &Demand, guards: &Guards, violations: &mut Violations) {
    if !guards.found.is_empty() {
        return;
    }
    for base in names.public() {
        if demand.table(&base).is_some_and(|table| table.carried) {
            violations.add(
                Rule::Guard,
                "",
                format!("It lists {base}, and no guard tells whose alleles may be listed."),
            );
        }
    }
}

/// The linked tables that a table of the text reads, memberships aside: those read tables of the text only.
fn linked(table: &Table, names: &Names<'_>, place: usize) -> Vec<String> {
    let sources = table.body.blocks().iter().flat_map(Block::sources);
    let bases = sources.filter_map(|source| match names.relation(&source.name, place) {
        Some(Relation::Base(base)) => Some(base),
        Some(Relation::Table(_)) | None => None,
    });
    bases.filter(|base| names.is_linked(base)).collect()
}

impl Checker<'_> {
    /// Checks a guard; gives the tables that it stands on.
    fn guard<'t>(&self, table: &'t Table, base: &str) -> Result<Vec<&'t Source>, String> {
        let Some(declared) = self.demand.table(base) else {
            return Err(format!("It reads {base} and is not what the consent section has there."));
        };
        let Body::Select(block) = &table.body else {
            return Err(format!("It reads {base} in several blocks."));
        };
        let Some(from) = &block.from else {
            return Err(format!("It reads {base} nowhere."));
        };
        if self.names.relation(&from.name, self.place) != Some(Relation::Base(declared.name.clone())) {
            return Err(format!("It reads {base} beside another relation."));
        }
        if block.distinct || block.group.is_some() {
            return Err(format!("It reads {base} and does more than read it."));
        }
        let under = self.joins(block, from, declared)?;
        let cut_off = cut_off(&under);
        self.condition(block, from, declared, cut_off.as_ref())?;
        self.columns(block, from, declared, cut_off.as_ref())?;
        Ok(under)
    }

    /// The joins are those that the paths demand, each once, and no others.
    fn joins<'t>(
        &self,
        block: &'t Block,
        from: &Source,
        declared: &TableDemand,
    ) -> Result<Vec<&'t Source>, String> {
        let mut wanted: Vec<(Wanted<'_>, Vec<(String, String)>)> = Vec::new();
        match &declared.linkage {
            TableLinkage::Public | TableLinkage::Aggregate => {}
            TableLinkage::Subject { key } => {
                wanted.push((Wanted::Part("permitted"), vec![(key.clone(), "subject_id".to_owned())]));
            }
            TableLinkage::Of { paths } => {
                for Hop { table, on } in paths {
                    wanted.push((Wanted::Guard(table), on.clone()));
                }
                if paths.is_empty() {
                    return Err("Its table leads to nobody.".to_owned());
                }
            }
        }
        if declared.sample {
            wanted.push((
                Wanted::Part("permitted_sample"),
                vec![("sample_id".to_owned(), "sample_id".to_owned())],
            ));
        }
        let mut left: Vec<&crate::tree::Join> = block.joins.iter().collect();
        let mut under = Vec::new();
        for (what, on) in &wanted {
            let found = left.iter().position(|join| {
                join.kind == JoinKind::Inner
                    && self.is(what, &join.source)
                    && joined(join.on.as_ref(), from, &join.source, on)
            });
            let Some(found) = found else {
                return Err(format!("It reads {} without {}.", declared.name, what.words()));
            };
            under.push(&left.remove(found).source);
        }
        match left.first() {
            Some(join) => {
                Err(format!("It joins {} with {}, which no path demands.", declared.name, join.source.name))
            }
            None => Ok(under),
        }
    }

    fn is(&self, wanted: &Wanted<'_>, source: &Source) -> bool {
        let Some(Relation::Table(at)) = self.names.relation(&source.name, self.place) else { return false };
        match wanted {
            Wanted::Part(name) => self.consent.part(at).is_some_and(|part| part.name == *name),
            Wanted::Guard(table) => self.guards.of(at).is_some_and(|of| of.eq_ignore_ascii_case(table)),
        }
    }

    /// The condition holds every term that is demanded.
    fn condition(
        &self,
        block: &Block,
        from: &Source,
        declared: &TableDemand,
        cut_off: Option<&Expr>,
    ) -> Result<(), String> {
        let as_of = Expr::Date(self.demand.consent.as_of.to_string());
        let mut wanted = Vec::new();
        match (&declared.linkage, &declared.dated, cut_off) {
            (TableLinkage::Of { .. }, Some(dated), Some(cut_off)) => {
                let start = column(from, &dated.start);
                // What may have been at or after a cut-off is not before it.
                let last = column(from, dated.latest.as_ref().unwrap_or(&dated.start));
                wanted.push(("rows after D", or_null(&start, &start, Comparison::LessOrEqual, &as_of)));
                wanted
                    .push(("rows at or after a cut-off", or_null(cut_off, &last, Comparison::Less, cut_off)));
            }
            (TableLinkage::Of { .. }, None, Some(cut_off)) if !declared.undated_through_sample => {
                wanted.push((
                    "rows without a date of people with a cut-off",
                    Expr::IsNull(Box::new(cut_off.clone())),
                ));
            }
            (
                TableLinkage::Of { .. }
                | TableLinkage::Public
                | TableLinkage::Subject { .. }
                | TableLinkage::Aggregate,
                _,
                _,
            ) => {}
        }
        let found: Vec<Expr> = block
            .filter
            .iter()
            .flat_map(normal::terms)
            .map(|term| normal::expr(&term, block, &str::to_owned))
            .collect();
        for (words, term) in wanted {
            if !found.contains(&normal::expr(&term, block, &str::to_owned)) {
                return Err(format!("It does not leave out {words}."));
            }
        }
        Ok(())
    }

    /// The columns are those of the table, days after D unknown, and the cut-off.
    fn columns(
        &self,
        block: &Block,
        from: &Source,
        declared: &TableDemand,
        cut_off: Option<&Expr>,
    ) -> Result<(), String> {
        let as_of = || Expr::Date(self.demand.consent.as_of.to_string());
        let ends = declared.dated.iter().filter_map(|dated| dated.end.as_ref());
        let later: Vec<&String> = match declared.linkage {
            TableLinkage::Public | TableLinkage::Aggregate => Vec::new(),
            TableLinkage::Subject { .. } | TableLinkage::Of { .. } => {
                ends.chain(&declared.known_from).collect()
            }
        };
        for (name, value) in &block.items {
            let plain = column(from, name);
            let value = normal::expr(value, block, &str::to_owned);
            let own = declared.columns.contains(name);
            let wanted = if own && later.contains(&name) {
                Expr::Case {
                    arms: vec![(
                        Expr::Compare(Comparison::LessOrEqual, Box::new(plain.clone()), Box::new(as_of())),
                        plain,
                    )],
                    otherwise: Some(Box::new(Expr::Cast {
                        or_null: false,
                        value: Box::new(Expr::Null),
                        ty: "DATE".to_owned(),
                    })),
                }
            } else if own {
                plain
            } else if let Some(set) = declared.sets.iter().find(|set| format!("{set}_by_all") == *name) {
                Expr::IsNull(Box::new(column(from, set)))
            } else if let (CUT_OFF, Some(cut_off)) = (name.as_str(), cut_off) {
                cut_off.clone()
            } else {
                return Err(format!("Its column {name} is none of {}.", declared.name));
            };
            if value != normal::expr(&wanted, block, &str::to_owned) {
                return Err(format!(
                    "Its column {name} is not that of {} as it is known at D.",
                    declared.name
                ));
            }
        }
        Ok(())
    }
}

/// What a path leads to first.
enum Wanted<'a> {
    /// A part of the consent section.
    Part(&'static str),
    /// The guard of a table.
    Guard(&'a str),
}

impl Wanted<'_> {
    fn words(&self) -> String {
        match self {
            Wanted::Part(name) => format!("{name}, by an inner join on its key"),
            Wanted::Guard(table) => format!("the guard of {table}, by an inner join on the declared columns"),
        }
    }
}

/// Whether a join is on exactly these columns.
fn joined(on: Option<&Expr>, from: &Source, to: &Source, columns: &[(String, String)]) -> bool {
    let Some(on) = on else { return false };
    let mut found: Vec<Expr> = normal::terms(on);
    for (here, there) in columns {
        let sides = (column(from, here), column(to, there));
        let place = found.iter().position(|term| match term {
            Expr::Compare(Comparison::Equal, left, right) => {
                (**left == sides.0 && **right == sides.1) || (**left == sides.1 && **right == sides.0)
            }
            _ => false,
        });
        let Some(place) = place else { return false };
        found.remove(place);
    }
    found.is_empty()
}

/// The least of the cut-offs of what a guard stands on.
fn cut_off(under: &[&Source]) -> Option<Expr> {
    let mut cut_offs: Vec<Expr> = under.iter().map(|source| column(source, CUT_OFF)).collect();
    match cut_offs.len() {
        0 => None,
        1 => cut_offs.pop(),
        _ => Some(Expr::Call(Box::new(Call {
            name: "least".to_owned(),
            distinct: false,
            all_rows: false,
            arguments: cut_offs,
            filter: None,
            over: None,
        }))),
    }
}

fn column(source: &Source, column: &str) -> Expr {
    Expr::Column(source.alias.clone(), column.to_owned())
}

/// `maybe IS NULL OR left comparison right`
fn or_null(maybe: &Expr, left: &Expr, comparison: Comparison, right: &Expr) -> Expr {
    Expr::Or(vec![
        Expr::IsNull(Box::new(maybe.clone())),
        Expr::Compare(comparison, Box::new(left.clone()), Box::new(right.clone())),
    ])
}
