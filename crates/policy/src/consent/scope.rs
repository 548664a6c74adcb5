//! Purpose against scope (3.3): every test answers yes, no or refer, and the answers are put together.
//!
//! The terms themselves are data (`terms`). Contact is not asked here: it is a mark of the state, not of the
//! scope.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use jiff::civil::Date;

use super::diseases::Diseases;
use super::purpose::Purpose;
use super::records::{Polarity, ScopeRow};
use super::rule::Rule;
use super::terms::{BaseTerm, Column, Cover, Null, Term, Test, UnnamedRow};

/// The answer of a test. A refer blocks as a no does, and is reported as refer.
///
/// The order is the one of "no if any is no, else refer if any is refer, else yes": the least of several
/// answers. "Yes if any is yes, else refer, else no" is the greatest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Answer {
    /// Excluded.
    No,
    /// A human must decide.
    Refer,
    /// Included.
    Yes,
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Answer::No => "no",
            Answer::Refer => "refer",
            Answer::Yes => "yes",
        })
    }
}

/// What is asked of a scope.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// The purpose.
    pub purpose: &'a Purpose,
    /// The date of use, for TS and MOR, whichever date the state is of.
    pub used_on: Date,
    /// The pinned ontology.
    pub diseases: &'a Diseases,
}

/// The answer of a whole scope, and the rule it comes from.
pub fn scope(rows: &[ScopeRow], asked: Asked<'_>) -> (Answer, Rule) {
    let excluded = rows
        .iter()
        .filter(|row| row.polarity == Polarity::Deny)
        .map(|row| exclusion(row, asked))
        .max()
        .unwrap_or(Answer::No);
    if excluded == Answer::Yes {
        return (Answer::No, Rule::Scope);
    }
    let branches: BTreeSet<&str> = permits(rows).map(|row| row.branch.as_str()).collect();
    let answers: Vec<_> = branches.iter().map(|name| branch(rows, name, asked)).collect();
    let Some((answer, rule)) = answers.iter().copied().rev().max_by_key(|(answer, _)| *answer) else {
        return (Answer::No, Rule::NoPermit);
    };
    if answer == Answer::Yes && excluded == Answer::Refer {
        return (Answer::Refer, Rule::Scope);
    }
    // Where the branches differ, it is their being several that decides; else the first one's rule speaks for
    // all.
    let agree = answers.iter().all(|(other, _)| *other == answer);
    (answer, if agree { rule } else { Rule::Scope })
}

fn permits(rows: &[ScopeRow]) -> impl Iterator<Item = &ScopeRow> {
    rows.iter().filter(|row| row.polarity == Polarity::Permit)
}

/// Does a deny row cover the purpose? Yes excludes it; refer, also of a term that is no base, leaves it to a
/// human.
fn exclusion(row: &ScopeRow, asked: Asked<'_>) -> Answer {
    match &row.term {
        Term::Base(term) => base(term, row, asked),
        Term::Modifier(_) | Term::Other(_) => Answer::Refer,
    }
}

/// One branch: its base terms together, and every modifier.
fn branch(rows: &[ScopeRow], name: &str, asked: Asked<'_>) -> (Answer, Rule) {
    let mut bases = Vec::new();
    let mut modifiers: BTreeMap<&str, (&Test, Vec<&ScopeRow>)> = BTreeMap::new();
    for row in permits(rows).filter(|row| row.branch == name) {
        match &row.term {
            Term::Base(term) => bases.push(base(term, row, asked)),
            Term::Modifier(term) => {
                modifiers.entry(term.curie).or_insert_with(|| (&term.test, Vec::new())).1.push(row);
            }
            Term::Other(spelling) => {
                modifiers.insert(spelling, (&Test::Refer, Vec::new()));
            }
        }
    }
    let Some(opened) = bases.iter().copied().max() else {
        return (Answer::No, Rule::Branch);
    };
    let limits: Vec<Answer> = modifiers.values().map(|(test, rows)| modifier(test, rows, asked)).collect();
    let limited = limits.iter().copied().min().unwrap_or(Answer::Yes);
    let answer = opened.min(limited);
    let referred = opened == Answer::Refer || limits.contains(&Answer::Refer);
    let rule = if answer == Answer::No && referred {
        Rule::Branch
    } else if answer < opened {
        Rule::Modifier
    } else if bases.len() > 1 {
        Rule::Bases
    } else {
        Rule::Base
    };
    (answer, rule)
}

/// The answer of a base term.
fn base(term: &BaseTerm, row: &ScopeRow, asked: Asked<'_>) -> Answer {
    let disease = row.disease.as_deref().filter(|id| asked.diseases.knows(id));
    if term.names_disease && disease.is_none() {
        return Answer::Refer;
    }
    let primary = asked.purpose.aim.primary();
    let cover = term.covers.iter().find(|(of, _)| *of == primary);
    let yes = match cover.map(|(_, cover)| *cover) {
        None => false,
        Some(Cover::Refer) => return Answer::Refer,
        Some(Cover::Always) => true,
        Some(Cover::Unless(flag)) => !asked.purpose.has(flag),
        Some(Cover::Diseases) => disease.is_some_and(|disease| {
            let under = |id: &str| asked.diseases.is_or_below(id, disease);
            let mut named = asked.purpose.aim.diseases();
            match row.polarity {
                Polarity::Permit => named.all(under),
                // A purpose that names none is covered by either: `covers` says so, only "every" becomes
                // "any".
                Polarity::Deny => asked.purpose.aim.diseases().next().is_none() || named.any(under),
            }
        }),
    };
    if yes { Answer::Yes } else { Answer::No }
}

/// The answer of a modifier to all its rows in a branch; at least one, but for terms that always answer
/// refer.
fn modifier(test: &Test, rows: &[&ScopeRow], asked: Asked<'_>) -> Answer {
    let purpose = asked.purpose;
    let yes_if = |yes: bool| if yes { Answer::Yes } else { Answer::No };
    // Every row must answer yes; a row without its date answers refer.
    let every_date = |test: &dyn Fn(Date) -> bool| {
        rows.iter()
            .map(|row| row.until_date.map_or(Answer::Refer, |date| yes_if(test(date))))
            .min()
            .unwrap_or(Answer::Refer)
    };
    match *test {
        Test::Refer => Answer::Refer,
        Test::Neither(flags, primaries) => {
            let flagged = flags.iter().any(|flag| purpose.has(*flag));
            yes_if(!flagged && !primaries.contains(&purpose.aim.primary()))
        }
        Test::Has(flag) => yes_if(purpose.has(flag)),
        Test::UsedBefore => every_date(&|date| asked.used_on < date),
        Test::PublishedFrom => {
            let publish = purpose.has(super::purpose::Flag::Publish);
            every_date(&|date| !publish || asked.used_on >= date)
        }
        Test::OneOf { column, place, unsaid, unnamed } => {
            let values = || rows.iter().map(|row| value(row, column));
            match unnamed {
                UnnamedRow::Refers if values().any(|value| value.is_none()) => Answer::Refer,
                UnnamedRow::Refers | UnnamedRow::MatchesNothing => match purpose.place(place) {
                    Some(said) => yes_if(values().any(|value| value == Some(said))),
                    None => match unsaid {
                        Null::No => Answer::No,
                        Null::Refer => Answer::Refer,
                    },
                },
            }
        }
    }
}

fn value(row: &ScopeRow, column: Column) -> Option<&str> {
    match column {
        Column::Region => row.region.as_deref(),
        Column::Party => row.party.as_deref(),
        Column::Project => row.project.as_deref(),
    }
}

/// Why a scope answers as it does, in words: `branch 1: HMB yes, GS refer; deny CC no`.
pub(super) struct Words<'a>(pub(super) &'a [ScopeRow], pub(super) Asked<'a>);

impl fmt::Display for Words<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(rows, asked) = *self;
        let mut parts: BTreeMap<(bool, &str), Vec<String>> = BTreeMap::new();
        for row in permits(rows) {
            let parts = parts.entry((false, &row.branch)).or_default();
            let part = match &row.term {
                Term::Base(term) => format!("{} {}", name(row), base(term, row, asked)),
                // All rows of the term in the branch are asked together.
                Term::Modifier(term) => {
                    let same = |other: &&ScopeRow| other.branch == row.branch && other.term == row.term;
                    let rows: Vec<&ScopeRow> = permits(rows).filter(same).collect();
                    format!("{} {}", term.label, modifier(&term.test, &rows, asked))
                }
                Term::Other(spelling) => format!("{spelling} {}", Answer::Refer),
            };
            parts.push(part);
        }
        for row in rows.iter().filter(|row| row.polarity == Polarity::Deny) {
            let part = format!("{} {}", name(row), exclusion(row, asked));
            parts.entry((true, "")).or_default().push(part);
        }
        if !parts.keys().any(|(deny, _)| !deny) {
            f.write_str("no permit rows")?;
        }
        for (place, ((deny, branch), mut parts)) in parts.into_iter().enumerate() {
            parts.sort();
            parts.dedup();
            let mark = if place > 0 || (deny && place == 0) { "; " } else { "" };
            let head = if deny { "deny".to_owned() } else { format!("branch {branch}:") };
            write!(f, "{mark}{head} {}", parts.join(", "))?;
        }
        Ok(())
    }
}

fn name(row: &ScopeRow) -> String {
    match &row.term {
        Term::Base(term) if term.names_disease => {
            format!("{} {}", term.label, row.disease.as_deref().unwrap_or("without disease"))
        }
        Term::Base(term) => term.label.to_owned(),
        Term::Modifier(term) => term.label.to_owned(),
        Term::Other(spelling) => spelling.clone(),
    }
}
