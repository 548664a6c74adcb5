//! The check of a query against the policy: section 5 of the consent design as rules over a checked query.
//!
//! The head of the file is judged first (`header`): agreements, dates, purpose. Then every cohort and table by
//! itself (`item`): what it reads (`walk`) and what leaves it (`value`), against every agreement (`rules`,
//! `shown`). An item that is refused
//! is taken out together with what stands on it (`renumber`), and the others are permitted all the same. Tables
//! that read nothing of people need no agreement.

mod follow;
mod header;
mod item;
mod packed;
mod renumber;
mod report;
mod rules;
mod shown;
#[cfg(test)]
mod tests;
mod value;
mod walk;

use crate::agreement::{Agreement, GrantedColumns, Level, ReleaseRules};
use crate::consent::{Aim, Purpose};
use crate::meet;
use crate::permitted::{Context, Grounds, Permitted, Read, Receipt};
use crate::read::PolicySet;
use diag::Diagnostic;
use header::Header;
use item::Judged;
use model::{ColumnId, EntityId, Linkage, Model};
use std::collections::{BTreeMap, BTreeSet};
use text::Range;
use types::{CohortId, Query, TableId};

/// Checks a query against the policy.
///
/// Gives the part of the query that is permitted, `None` where nothing is, and what is wrong with the rest. The
/// query must come from `types::check` with the same model, and the policy from [`read`](crate::read).
pub fn check(
    query: Query,
    policy: &PolicySet,
    context: &Context<'_>,
) -> (Option<Permitted>, Vec<Diagnostic>) {
    let mut diagnostics = Vec::new();
    let header = header::judge(&query, policy, context, &mut diagnostics);
    let mut checker = Checker {
        query: &query,
        policy,
        model: context.model,
        test: context.test,
        header: &header,
        diagnostics,
        gate: None,
    };
    let judged_cohorts: Vec<Judged> = query.cohorts.iter().map(|cohort| checker.cohort(cohort)).collect();
    let judged_tables: Vec<Judged> = query.tables.iter().map(|table| checker.table(table)).collect();
    let (cohorts, tables) = allowed(&judged_cohorts, &judged_tables);
    let mut kept = Vec::new();
    for (at, judged) in (0..).zip(judged_cohorts) {
        if cohorts.contains_key(&CohortId(at)) {
            kept.push(judged);
        }
    }
    for (at, judged) in (0..).zip(judged_tables) {
        if tables.contains_key(&TableId(at)) {
            kept.push(judged);
        }
    }
    let mut reports = BTreeSet::new();
    for (at, report) in query.reports.iter().enumerate() {
        let judged = checker.report(report);
        if keeps(&judged, &cohorts, &tables) {
            reports.insert(at);
            kept.push(judged);
        }
    }
    let mut diagnostics = checker.diagnostics;
    diag::sort(&mut diagnostics);
    if kept.is_empty() {
        return (None, diagnostics);
    }
    let grounds = grounds(&query, policy, context, &header, &kept);
    let query = renumber::only(query, &cohorts, &tables, &reports);
    (Some(Permitted::new(query, grounds)), diagnostics)
}

struct Checker<'a> {
    query: &'a Query,
    policy: &'a PolicySet,
    model: &'a Model,
    test: bool,
    header: &'a Header<'a>,
    diagnostics: Vec<Diagnostic>,
    /// Whether people may be read at all; decided and reported at the first item that does.
    gate: Option<bool>,
}

impl<'a> Checker<'a> {
    /// The agreements that hold, all of which must allow what is done.
    fn agreements(&self) -> &'a [&'a Agreement] {
        &self.header.agreements
    }
}

/// Whether a report goes into the permitted query.
fn keeps(
    judged: &Judged,
    cohorts: &BTreeMap<CohortId, CohortId>,
    tables: &BTreeMap<TableId, TableId>,
) -> bool {
    judged.allowed
        && judged.stands_on.iter().all(|cohort| cohorts.contains_key(cohort))
        && judged.tables.iter().all(|table| tables.contains_key(table))
}

/// The items that go into the permitted query, with their new numbers: those that every agreement allows
/// and that stand on such.
fn allowed(
    cohorts: &[Judged],
    tables: &[Judged],
) -> (BTreeMap<CohortId, CohortId>, BTreeMap<TableId, TableId>) {
    let of =
        |judged: &[Judged]| (0_u32..).zip(judged).filter(|(_, one)| one.allowed).map(|(at, _)| at).collect();
    let (mut whole_cohorts, mut whole_tables): (BTreeSet<u32>, BTreeSet<u32>) = (of(cohorts), of(tables));
    loop {
        let stands = |judged: Option<&Judged>| {
            judged.is_some_and(|judged| {
                judged.stands_on.iter().all(|cohort| whole_cohorts.contains(&cohort.0))
                    && judged.tables.iter().all(|table| whole_tables.contains(&table.0))
            })
        };
        let keep = |whole: &BTreeSet<u32>, judged: &[Judged]| -> BTreeSet<u32> {
            whole.iter().copied().filter(|at| stands(judged.get(*at as usize))).collect()
        };
        let next = (keep(&whole_cohorts, cohorts), keep(&whole_tables, tables));
        let done = next.0.len() == whole_cohorts.len() && next.1.len() == whole_tables.len();
        (whole_cohorts, whole_tables) = next;
        if done {
            break;
        }
    }
    (
        whole_cohorts.into_iter().zip(0..).map(|(old, new)| (CohortId(old), CohortId(new))).collect(),
        whole_tables.into_iter().zip(0..).map(|(old, new)| (TableId(old), TableId(new))).collect(),
    )
}

fn grounds(
    query: &Query,
    policy: &PolicySet,
    context: &Context<'_>,
    header: &Header<'_>,
    kept: &[Judged],
) -> Grounds {
    let linked = kept.iter().any(|judged| judged.linked);
    let agreements: &[&Agreement] = if linked { &header.agreements } else { &[] };
    let terms = meet::meet(agreements);
    let (level, release, formats) = match terms {
        Some(terms) => (terms.level, terms.release, terms.formats),
        // Of public tables nothing is withheld; made-up people of a test have no agreement to go by.
        None if context.test => (Level::Record, ReleaseRules::default(), BTreeSet::new()),
        None => (Level::Count, ReleaseRules::default(), BTreeSet::new()),
    };
    let mut reads: BTreeMap<EntityId, BTreeSet<ColumnId>> = BTreeMap::new();
    let mut purposes: BTreeMap<String, Purpose> = BTreeMap::new();
    let mut receipts = Vec::new();
    if linked {
        receipts.extend(header.receipts.iter().cloned());
        receipts.extend(agreements.iter().flat_map(|agreement| of_release(agreement)));
    }
    for judged in kept {
        for (entity, columns) in &judged.reads {
            reads.entry(*entity).or_default().extend(columns);
        }
        for name in &judged.purposes {
            if let Some((purpose, _)) = policy.purposes.get(name) {
                purposes.insert(name.clone(), purpose.clone());
            }
        }
        receipts.extend(judged.receipts.iter().cloned());
    }
    Grounds {
        agreements: agreements.iter().map(|agreement| (agreement.name.clone(), agreement.version)).collect(),
        policy_hash: policy.hash.clone(),
        purpose: match &header.purpose {
            Some(purpose) if linked => Some(purpose.clone()),
            // Made-up people are asked for general research where their test names no agreement.
            None if linked && context.test && query.uses.is_none() => Some(Purpose::new(Aim::General)),
            Some(_) | None => None,
        },
        agreed: if linked { header.agreed.clone() } else { None },
        purposes,
        as_of: query.as_of.map(|(date, _)| date),
        used_on: context.used_on,
        known_at: context.known_at,
        consent: policy.consent,
        level,
        release,
        formats,
        reads: reads.into_iter().map(|(entity, columns)| Read { entity, columns }).collect(),
        receipts: once(receipts),
        made_up: context.test,
    }
}

/// The release rules of an agreement, each with its line.
fn of_release(agreement: &Agreement) -> Vec<Receipt> {
    let rules = &agreement.release;
    let zeros = if rules.zeros_shown { "zeros shown" } else { "zeros withheld" };
    [
        format!("min subjects {}", rules.min_subjects),
        format!("round to {}", rules.round_to),
        zeros.to_owned(),
        if rules.difference > 1 {
            format!(
                "difference {}, within a result and against what the recipient was told before; frequencies, events and cases \
                 are not compared",
                rules.difference
            )
        } else {
            "difference 1: results are not compared".to_owned()
        },
        format!("frequency min subjects {}", rules.frequency_min_subjects),
        format!("allele min carriers {}", rules.allele_min_carriers),
    ]
    .into_iter()
    .map(|rule| Receipt {
        what: "released cells".to_owned(),
        range: None,
        rule,
        policy: Some(agreement.lines.release),
    })
    .collect()
}

/// Each receipt at its first place only.
fn once(receipts: Vec<Receipt>) -> Vec<Receipt> {
    let mut seen: BTreeSet<(String, String, Option<Range>)> = BTreeSet::new();
    receipts
        .into_iter()
        .filter(|receipt| seen.insert((receipt.what.clone(), receipt.rule.clone(), receipt.policy)))
        .collect()
}

/// `subject.sex`
fn column_name(model: &Model, entity: EntityId, column: ColumnId) -> String {
    let declared = model.entity(entity);
    format!("{}.{}", declared.name, declared.column(column).name)
}

/// The paths by which rows of an entity belong to people, as the model writes them.
fn paths(model: &Model, entity: EntityId) -> Vec<String> {
    let Linkage::Of(paths) = &model.entity(entity).linkage else { return Vec::new() };
    let words = |path: &Vec<model::RelationId>| {
        let mut at = entity;
        let mut names = Vec::new();
        for step in path {
            let relation = model.entity(at).relation(*step);
            names.push(relation.name.as_str());
            at = relation.target;
        }
        names.join(".")
    };
    paths.iter().map(words).collect()
}

/// `phenotype (term, excluded)` of a grant, for receipts.
fn grant_words(model: &Model, entity: EntityId, columns: &GrantedColumns) -> String {
    let declared = model.entity(entity);
    match columns {
        GrantedColumns::AllButIdentifiers => declared.name.clone(),
        GrantedColumns::These(these) => {
            let names: Vec<&str> =
                these.iter().map(|column| declared.column(*column).name.as_str()).collect();
            format!("{} ({})", declared.name, names.join(", "))
        }
    }
}
