//! Rules beside each other: those that cannot be true together, those that say nothing, arms that are never
//! reached, keys that have one value, windows that hold no day.

use crate::Input;
use crate::facts::{Claim, Facts, claim};
use diag::{Code, Diagnostic};
use text::Range;
use types::{Cohort, CohortSource, Expr, Kind, Row, Rows, Rule, TableBody, each_expr};

/// What the rules of a cohort leave, for those that are taken from it.
#[derive(Clone, Debug, Default)]
struct Ruled {
    facts: Facts,
    /// Every rule with its place.
    rules: Vec<(Claim, Range)>,
}

pub(crate) fn lint(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    let query = input.query;
    let mut cohorts: Vec<Ruled> = Vec::new();
    let of = |cohorts: &[Ruled], id: types::CohortId| cohorts.get(id.0 as usize).cloned().unwrap_or_default();
    for cohort in &query.cohorts {
        let mut ruled = match cohort.source {
            CohortSource::Subjects => Ruled::default(),
            CohortSource::Cohort(id) => of(&cohorts, id),
        };
        rules(&cohort.rules, &cohort.row, &mut ruled, &format!("cohort `{}`", cohort.name), found);
        for expr in all_of_cohort(cohort) {
            inside(expr, found);
        }
        cohorts.push(ruled);
    }
    for table in &query.tables {
        let mut ruled = table.cohort.map(|id| of(&cohorts, id)).unwrap_or_default();
        rules(&table.rules, &table.row, &mut ruled, &format!("table `{}`", table.name), found);
        for rule in &table.rules {
            inside(&rule.condition, found);
        }
        for (_, value) in table.nested.iter().flat_map(|nested| &nested.columns) {
            inside(value, found);
        }
        match &table.body {
            TableBody::Rows { values } => values.iter().for_each(|value| inside(value, found)),
            TableBody::Groups { keys, totals: _ } => {
                for key in keys {
                    inside(&key.value, found);
                }
                fixed_keys(keys, &table.row, &ruled, found);
            }
            TableBody::Frequency { frequencies, pooled, values, named: _ } => {
                for value in values {
                    inside(value, found);
                }
                for key in pooled.iter().flat_map(|pooled| &pooled.keys) {
                    inside(&key.value, found);
                }
                for frequency in frequencies {
                    let mut of_people = match frequency.cohort {
                        // Conditions on samples are on another row than those of their people.
                        Some(id) if !frequency.samples => of(&cohorts, id),
                        Some(_) | None => Ruled::default(),
                    };
                    for condition in &frequency.conditions {
                        inside(condition, found);
                        let claim = claim(condition, &frequency.row);
                        if let Some(from) = of_people.facts.refutes(&claim) {
                            found.push(contradiction(condition.range, &from, "the people of this frequency"));
                        }
                        of_people.facts.assume(&claim, condition.range);
                    }
                    frequency.keys.iter().for_each(|key| inside(&key.value, found));
                    fixed_keys(&frequency.keys, &frequency.row, &of_people, found);
                }
            }
        }
        for condition in table.each.iter().flat_map(types::Each::conditions) {
            inside(condition, found);
        }
    }
}

/// Every whole expression of a cohort: index date and what narrows its rows, rules, exits, keys of a match.
pub(crate) fn all_of_cohort(cohort: &Cohort) -> impl Iterator<Item = &Expr> {
    let index = cohort.index.iter().map(|index| &index.date);
    let rows = cohort.index.iter().filter_map(|index| index.rows.as_deref());
    let narrowing = rows.flat_map(|rows| rows.steps.iter().flat_map(|step| &step.conditions));
    let rules = cohort.rules.iter().map(|rule| &rule.condition);
    let exits = cohort.exit.iter().flat_map(|exit| exit.dates.iter().map(|(_, date)| date));
    let keys = cohort.matched.iter().flat_map(|matched| matched.keys.iter().map(|key| &key.control));
    index.chain(narrowing).chain(rules).chain(exits).chain(keys)
}

/// Rules in order, each against those before it.
fn rules(rules: &[Rule], row: &Row, ruled: &mut Ruled, whose: &str, found: &mut Vec<Diagnostic>) {
    for rule in rules {
        let claim = claim(&rule.condition, row);
        let at = rule.condition.range;
        if let Some((_, before)) = ruled.rules.iter().find(|(known, _)| *known == claim) {
            found.push(
                Diagnostic::warning(Code("W0124"), "this rule stands twice", at, "the same again")
                    .label(*before, "the rule")
                    .note("a rule that was true once is true again, so the second removes nobody"),
            );
        } else if let Some(from) = ruled.facts.refutes(&claim) {
            found.push(if from.is_empty() {
                Diagnostic::warning(Code("W0122"), "this rule is never true", at, "true of nothing")
                    .note(format!("{whose} is empty, whatever the warehouse holds"))
            } else {
                contradiction(at, &from, whose)
            });
        } else if let Some(from) = ruled.facts.implies(&claim) {
            found.push(if from.is_empty() {
                Diagnostic::warning(
                    Code("W0121"),
                    "this rule is always true",
                    at,
                    "true wherever it is known",
                )
                .note("it removes only rows of which it is unknown")
                .help("to ask whether a value is recorded, write `… is known`")
            } else {
                let mut diagnostic = Diagnostic::warning(
                    Code("W0123"),
                    "this rule has no effect after an earlier one",
                    at,
                    "true of all that are left",
                );
                for before in from {
                    diagnostic = diagnostic.label(before, "already asks for more");
                }
                diagnostic.help("leave it out, or look whether the earlier one asks for too much")
            });
        }
        ruled.facts.assume(&claim, at);
        ruled.rules.push((claim, at));
    }
}

fn contradiction(at: Range, from: &[Range], whose: &str) -> Diagnostic {
    let mut diagnostic = Diagnostic::warning(
        Code("W0120"),
        if from.len() > 1 { "these rules cannot all be true" } else { "these two rules cannot both be true" },
        at,
        "never true of what is left",
    );
    for before in from {
        diagnostic = diagnostic.label(*before, "leaves only others");
    }
    let verb = if whose.starts_with("the people") { "are none" } else { "is empty" };
    diagnostic.note(format!("{whose} {verb}, whatever the warehouse holds"))
}

/// What an expression holds: rows that cannot be, arms that are never reached.
fn inside(expr: &Expr, found: &mut Vec<Diagnostic>) {
    each_expr(expr, &mut |inner| match &inner.kind {
        Kind::Has(rows) | Kind::Counted(_, _, rows) => of_rows(rows, found),
        Kind::Pick { rows, .. } | Kind::Aggregate { rows, .. } => of_rows(rows, found),
        Kind::Case(arms, _) => of_case(arms, inner.range, found),
        _ => {}
    });
}

/// Conditions on one row that cannot be true together.
fn of_rows(rows: &Rows, found: &mut Vec<Diagnostic>) {
    for step in &rows.steps {
        let mut facts = Facts::default();
        for condition in &step.conditions {
            let claim = claim(condition, &step.row);
            if let Some(from) = facts.refutes(&claim) {
                let mut diagnostic = Diagnostic::warning(
                    Code("W0133"),
                    format!("no row of {} can be in this", rows.words),
                    condition.range,
                    "never true of a row",
                );
                for before in from.into_iter().filter(|before| *before != condition.range) {
                    diagnostic = diagnostic.label(before, "leaves only others");
                }
                found.push(diagnostic.note("conditions and windows on rows hold for one and the same row"));
                break;
            }
            facts.assume(&claim, condition.range);
        }
    }
}

/// Arms whose condition an earlier arm has already taken.
fn of_case(arms: &[(Expr, Expr)], whole: Range, found: &mut Vec<Diagnostic>) {
    // A comparison with a month becomes a case that nobody wrote.
    if arms.iter().any(|(when, _)| !(whole.start < when.range.start && when.range.end < whole.end)) {
        return;
    }
    // All arms stand on the same rows in scope; which of them is outermost does not matter here.
    let none = Row { id: types::RowId(u32::MAX), hops: Vec::new(), entity: model::EntityId(0) };
    let mut before: Vec<(Claim, Range)> = Vec::new();
    for (when, _) in arms {
        let claim = claim(when, &none);
        let mut facts = Facts::default();
        if let Some(from) = facts.refutes(&claim) {
            let mut diagnostic = unreached(when.range, "never true");
            for before in from {
                diagnostic = diagnostic.label(before, "leaves only others");
            }
            found.push(diagnostic);
        } else {
            facts.assume(&claim, when.range);
            let taken =
                before.iter().find(|(earlier, _)| *earlier == claim || facts.implies(earlier).is_some());
            if let Some((_, earlier)) = taken {
                found.push(
                    unreached(when.range, "nothing is left for this arm")
                        .label(*earlier, "takes all of it")
                        .note("the first arm whose condition is true gives the value"),
                );
            }
        }
        before.push((claim, when.range));
    }
}

fn unreached(at: Range, label: &str) -> Diagnostic {
    Diagnostic::warning(Code("W0127"), "this arm of the case is never reached", at, label)
}

/// Keys that have one value in all rows that are left.
fn fixed_keys(keys: &[types::GroupKey], row: &Row, ruled: &Ruled, found: &mut Vec<Diagnostic>) {
    for key in keys {
        let term = types::canonical(&key.value, row);
        let Some(from) = ruled.facts.fixed(&term) else { continue };
        let mut diagnostic = Diagnostic::warning(
            Code("W0128"),
            format!("the rules leave one value of `{}`", key.name),
            key.range,
            "every row is in one group",
        );
        for before in from {
            diagnostic = diagnostic.label(before, "leaves one value");
        }
        found.push(diagnostic.note("the other groups of a closed list are shown, and are always empty"));
    }
}
