//! The consent section: which tables of a text play which part in it.
//!
//! A part is known by what it says and never by its name. A table plays a part when it is, in one form
//! (`normal`), what our own text (`consent.sql`) has there, and reads tables that play the parts which our
//! text reads. A changed literal, operator, column or join therefore leaves a table without a part, all
//! that stand on it too, and then no guard finds anybody permitted.
//!
//! The section may occur several times: once for the guards, and once for each `consent valid at E for P`
//! of the query. Parts remember whose questions they answer and for which purposes they hold, and one
//! table cannot mix two.

mod scope;
mod template;

use crate::demand::Demand;
use crate::names::{Names, Relation};
use crate::normal;
use crate::tree::{Block, Body, Expr, JoinKind, Source, Statement, Table};

use crate::violation::{Rule, Violation, Violations};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

/// Parts that the engine must compute before anything reads them.
const FENCED: [&str; 3] = ["decision", "permitted", "permitted_sample"];

/// The part that a table plays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    /// The name of the part in our text.
    pub(crate) name: &'static str,
    /// The table with the questions that it answers.
    pub(crate) questions: Option<usize>,
    /// The purposes for which it is right, by their places in [`Sections`].
    purposes: BTreeSet<usize>,
}

/// Our text for every purpose that a query may ask about.
#[derive(Debug)]
pub(crate) struct Sections {
    parts: Vec<BTreeMap<String, normal::Form>>,
    /// Places in `parts` of the purposes of the guards.
    guards: Vec<usize>,
}

/// Names of parts, in the order of our text.
const PARTS: [&str; 22] = [
    "kept",
    "asked",
    "void",
    "voided",
    "struck",
    "unclear",
    "live",
    "in_force",
    "last_give",
    "folded",
    "state",
    "scope_row",
    "known_disease",
    "branch",
    "denied",
    "best",
    "scope",
    "answer",
    "both",
    "decision",
    "permitted",
    "permitted_sample",
];

/// What a recursive part is called inside itself.
const ITSELF: &str = "itself";

/// The parts of all tables, in their order.
#[derive(Debug)]
pub(crate) struct Consent {
    parts: Vec<Option<Part>>,
}

impl Consent {
    /// The part of a table.
    pub(crate) fn part(&self, table: usize) -> Option<&Part> {
        self.parts.get(table).and_then(Option::as_ref)
    }

    /// Names of tables with their parts.
    pub(crate) fn found(&self, statement: &Statement) -> Vec<(String, &'static str)> {
        let tables = statement.tables.iter().zip(&self.parts);
        tables.filter_map(|(table, part)| Some((table.name.clone(), part.as_ref()?.name))).collect()
    }

    /// Whether a table holds the questions of a condition: who is asked about, and on which day.
    fn is_questions(statement: &Statement, table: usize) -> bool {
        statement.tables.get(table).is_some_and(|table| table.body.columns() == ["subject_id", "own", "at"])
    }
}

/// Finds the part of every table.
pub(crate) fn find(statement: &Statement, names: &Names<'_>, sections: &Sections) -> Consent {
    let mut consent = Consent { parts: Vec::new() };
    for (place, table) in statement.tables.iter().enumerate() {
        let part = part(table, place, statement, names, &consent, sections);
        consent.parts.push(part);
    }
    consent
}

/// Our own text for a demand.
///
/// # Errors
/// When our text cannot be made for the demand.
pub(crate) fn sections(demand: &Demand) -> Result<Sections, Violation> {
    let terms = &demand.consent;
    if terms.purposes.is_empty() {
        return Ok(Sections { parts: vec![forms(template::nobody(demand)?)], guards: vec![0] });
    }
    let mut parts = Vec::new();
    for purpose in terms.purposes.iter().chain(&terms.asked) {
        parts.push(forms(template::section(demand, purpose, true)?));
    }
    for purpose in terms.purposes.iter().chain(&terms.asked) {
        parts.push(forms(template::section(demand, purpose, false)?));
    }
    Ok(Sections { parts, guards: (0..terms.purposes.len()).collect() })
}

/// The one form of each part.
fn forms(parts: BTreeMap<String, Body>) -> BTreeMap<String, normal::Form> {
    let form = |name: &str, body: &Body| {
        let naming = |source: &str| if source == name { ITSELF.to_owned() } else { source.to_owned() };
        let recursive = body.blocks().iter().flat_map(Block::sources).any(|source| source.name == name);
        normal::form(body, &naming, recursive)
    };
    parts.into_iter().map(|(name, body)| (name.clone(), form(&name, &body))).collect()
}

/// The part that a table plays.
fn part(
    table: &Table,
    place: usize,
    statement: &Statement,
    names: &Names<'_>,
    consent: &Consent,
    sections: &Sections,
) -> Option<Part> {
    let read: RefCell<Vec<Part>> = RefCell::default();
    let naming = |source: &str| match names.relation(source, place) {
        Some(Relation::Base(base)) => base,
        Some(Relation::Table(at)) if at == place => ITSELF.to_owned(),
        Some(Relation::Table(at)) => match consent.part(at) {
            Some(part) => {
                read.borrow_mut().push(part.clone());
                part.name.to_owned()
            }
            None if Consent::is_questions(statement, at) => {
                let all = (0..sections.parts.len()).collect();
                read.borrow_mut().push(Part { name: "asked", questions: Some(at), purposes: all });
                "asked".to_owned()
            }
            None => format!("table {at}"),
        },
        None => String::new(),
    };
    let recursive = table.body.blocks().iter().any(|block| {
        block.sources().any(|source| names.relation(&source.name, place) == Some(Relation::Table(place)))
    });
    let found = normal::form(&table.body, &naming, recursive);
    let right = |name: &str, section: &BTreeMap<String, normal::Form>| {
        section.get(name).is_some_and(|expected| normal::same(&found, expected))
    };
    let name = PARTS.into_iter().find(|name| sections.parts.iter().any(|section| right(name, section)))?;
    let of_purpose = |(purpose, section)| right(name, section).then_some(purpose);
    let mut purposes: BTreeSet<usize> = sections.parts.iter().enumerate().filter_map(of_purpose).collect();
    let read = read.into_inner();
    let mut questions: BTreeSet<usize> = read.iter().filter_map(|part| part.questions).collect();
    if name == "asked" {
        questions.insert(place);
    }
    if questions.len() > 1 {
        return None;
    }
    let questions = questions.pop_first();
    let of_guards = |questions: Option<usize>| {
        questions.is_some_and(|at| at == place || consent.part(at).is_some_and(|part| part.name == "asked"))
    };
    match name {
        "both" => {
            // One answer for each purpose of the guards, in any order.
            let answers: Vec<&Part> = read.iter().filter(|part| part.name == "answer").collect();
            let every = sections
                .guards
                .iter()
                .all(|purpose| answers.iter().any(|part| part.purposes.contains(purpose)));
            if !every || !of_guards(questions) || sections.guards.len() < 2 {
                return None;
            }
            purposes = sections.guards.iter().copied().collect();
        }
        "decision" => {
            let every =
                sections.guards.iter().all(|purpose| read.iter().any(|part| part.purposes.contains(purpose)));
            if !every || !of_guards(questions) {
                return None;
            }
            purposes = sections.guards.iter().copied().collect();
        }
        _ => {
            for part in &read {
                purposes = purposes.intersection(&part.purposes).copied().collect();
            }
        }
    }
    (!purposes.is_empty()).then_some(Part { name, questions, purposes })
}

/// Checks that what decides is fenced, and that nobody reads the section but through its ends.
pub(crate) fn check(
    statement: &Statement,
    names: &Names<'_>,
    demand: &Demand,
    consent: &Consent,
    guards: &dyn Fn(usize) -> bool,
    violations: &mut Violations,
) {
    for (place, table) in statement.tables.iter().enumerate() {
        match consent.part(place) {
            Some(part) => {
                if FENCED.contains(&part.name) && !table.fenced {
                    violations.add(
                        Rule::Fence,
                        &table.name,
                        "It decides who is permitted, and is not MATERIALIZED.",
                    );
                }
            }
            None => outside(place, table, names, consent, guards(place), violations),
        }
    }
    if let Some(place) = names.table(&statement.result.table)
        && consent.part(place).is_some_and(|part| part.name != "decision" || !demand.decisions)
    {
        violations.add(Rule::Consent, "", "The result is a part of the consent section.");
    }
}

/// A table that is no part of the section.
fn outside(
    place: usize,
    table: &Table,
    names: &Names<'_>,
    consent: &Consent,
    guard: bool,
    violations: &mut Violations,
) {
    let mut refuse = |name: &str| {
        violations.add(
            Rule::Consent,
            &table.name,
            format!("It reads {name}, a part of the consent section, and is neither what the section has there nor a reader of its end."),
        );
    };
    let part = |source: &str| match names.relation(source, place) {
        Some(Relation::Table(at)) if at != place => consent.part(at),
        Some(Relation::Table(_) | Relation::Base(_)) | None => None,
    };
    for block in table.body.blocks() {
        if let Some(from) = &block.from
            && let Some(part) = part(&from.name)
            && !(guard && is_permission(part))
        {
            refuse(&from.name);
        }
        for join in &block.joins {
            let Some(part) = part(&join.source.name) else { continue };
            let of_rows =
                part.name == "answer" && part.questions.is_some_and(|at| consent.part(at).is_none());
            let asks = of_rows
                && join.kind == JoinKind::Left
                && join.on.as_ref().is_some_and(|on| same_question(on, &join.source));
            let permits = guard && is_permission(part);
            if !asks && !permits {
                refuse(&join.source.name);
            }
        }
        for root in block.expressions() {
            root.each(&mut |expr| {
                if let Expr::InTable { table, columns, .. } = expr
                    && let Some(part) = part(table)
                    && !(part.name == "kept" && *columns == ["subject_id", "own"])
                {
                    refuse(table);
                }
            });
        }
    }
}

fn is_permission(part: &Part) -> bool {
    matches!(part.name, "permitted" | "permitted_sample")
}

/// `answer.subject_id = … AND answer.own = … AND answer.at = …`
fn same_question(on: &Expr, answer: &Source) -> bool {
    let mut asked = BTreeSet::new();
    let terms = normal::terms(on);
    for term in &terms {
        if let Expr::Compare(crate::tree::Comparison::Equal, left, right) = term {
            for side in [left, right] {
                if let Expr::Column(source, column) = side.as_ref()
                    && *source == answer.alias
                {
                    asked.insert(column.as_str());
                }
            }
        }
    }
    terms.len() == 3 && asked == BTreeSet::from(["at", "own", "subject_id"])
}
