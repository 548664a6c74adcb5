//! `frequency among … by …`: whose alleles are counted.

use super::Checker;
use super::scope::Frame;
use super::table::Building;
use crate::query::{Allele, Expr, Frequency, GroupKey, Kind, Pooled, Row, Rule, TableBody};
use diag::{Code, Diagnostic};
use syntax::tree::{self, ExprKind};
use text::Range;

/// Who is counted: the row, its cohort, and conditions on it.
struct Among {
    frame: Frame,
    cohort: Option<crate::query::CohortId>,
    samples: bool,
    conditions: Vec<Expr>,
}

impl<'a> Checker<'a> {
    pub(crate) fn frequency(&mut self, clause: &'a tree::Frequency, building: &mut Building) -> Option<()> {
        let range = self.range(clause.span);
        let source = building.source.clone();
        if self.model().entity(source.entity).name != "variant" {
            let entity = self.model().entity(source.entity).plural.clone();
            self.report(
                Diagnostic::error(
                    Code("E0123"),
                    format!("{entity} have no allele frequency"),
                    range,
                    "`frequency` counts alleles",
                )
                .help("write `from variants`"),
            );
            return None;
        }
        // Alleles are no part of the scope of the people.
        let outer = std::mem::take(&mut self.frames);
        let among = self.among(&clause.among);
        let keys = among.as_ref().map(|among| match &clause.by {
            Some(columns) => self.group_keys(columns, &among.frame, &[]),
            None => Vec::new(),
        });
        self.frames = outer;
        let (among, keys) = (among?, keys?);
        let record = Frequency {
            name: clause.name.as_ref().map_or_else(String::new, |name| name.text.clone()),
            row: among.frame.row,
            cohort: among.cohort,
            samples: among.samples,
            conditions: among.conditions,
            keys,
            totals: clause.totals,
            range,
        };
        let named = named_alleles(&building.rules);
        match building.body.take() {
            None | Some(TableBody::Rows { .. }) => {
                building.body = Some(TableBody::Frequency {
                    frequencies: vec![record],
                    pooled: None,
                    values: Vec::new(),
                    named,
                });
            }
            Some(TableBody::Groups { keys, totals }) => {
                if !record.keys.is_empty() {
                    self.report(
                        Diagnostic::error(
                            Code("E0152"),
                            "the frequency of a group of alleles is one number of carriers, and this asks for groups of people too",
                            range,
                            "`by` after `group by`",
                        )
                        .help("name one frequency for each group of people: `frequency in_cases = among cases frequency in_controls = among controls`"),
                    );
                    return None;
                }
                building.body = Some(TableBody::Frequency {
                    frequencies: vec![record],
                    pooled: Some(Pooled { keys, totals }),
                    values: Vec::new(),
                    named,
                });
            }
            Some(TableBody::Frequency { mut frequencies, pooled, values, named }) => {
                let fine = self.another_frequency(&frequencies, &record);
                frequencies.push(record);
                building.body = Some(TableBody::Frequency { frequencies, pooled, values, named });
                fine?;
            }
        }
        Some(())
    }

    /// Several frequencies have names, each its own, and the same keys, so that they stand in one row.
    fn another_frequency(&mut self, before: &[Frequency], record: &Frequency) -> Option<()> {
        let first = before.first()?;
        if let Some(unnamed) = before.iter().chain([record]).find(|one| one.name.is_empty()) {
            self.report(
                Diagnostic::error(
                    Code("E0150"),
                    "a table with several frequencies needs a name for each",
                    unnamed.range,
                    "without a name",
                )
                .help("`frequency in_cases = among cases` gives columns such as `in_cases.carriers`"),
            );
            return None;
        }
        if let Some(same) = before.iter().find(|one| one.name == record.name) {
            self.report(
                Diagnostic::error(
                    Code("E0124"),
                    format!("two frequencies are named `{}`", record.name),
                    record.range,
                    "the second one",
                )
                .label(same.range, "the first one"),
            );
            return None;
        }
        let key = |key: &GroupKey| (key.name.clone(), key.value.ty.clone(), key.domain.clone());
        let keys = |of: &Frequency| of.keys.iter().map(key).collect::<Vec<_>>();
        if keys(first) != keys(record) || first.totals != record.totals {
            self.report(
                Diagnostic::error(
                    Code("E0151"),
                    "the frequencies of one table stand side by side, so they have the same groups",
                    record.range,
                    "other groups than the first one",
                )
                .label(first.range, "the first one")
                .help("write the same `by …` and `with totals` behind each, or nothing behind any"),
            );
            return None;
        }
        Some(())
    }

    /// `subjects`, `subjects (…)`, `samples (…)`, a cohort, a cohort with a condition.
    fn among(&mut self, expr: &tree::Expr) -> Option<Among> {
        let range = self.range(expr.span);
        let ExprKind::Call(call) = &expr.kind else {
            return self.not_people(range);
        };
        let name_range = self.range(call.name.span);
        self.note_item(name_range, &call.name.text);
        let (entity, cohort, samples) = match self.globals.get(&call.name.text) {
            Some(super::scope::Global::Cohort(id)) => {
                let id = *id;
                if self.is_events(id) {
                    self.events_refused(id, name_range, "alleles are counted of people");
                    return None;
                }
                (self.model().subject()?, Some(id), false)
            }
            Some(super::scope::Global::Broken) => {
                self.unsaid += 1;
                return None;
            }
            Some(_) | None => match self.model().find(&call.name.text) {
                Some(id) if self.model().subject() == Some(id) => (id, None, false),
                Some(id) if self.model().entity(id).name == "sample" => (id, None, true),
                Some(_) | None => return self.not_people(name_range),
            },
        };
        let row = Row { id: self.fresh_row(), hops: Vec::new(), entity };
        let frame = self.member_frame(&row, cohort);
        let mut conditions = Vec::new();
        for argument in call.arguments.iter().flatten() {
            conditions.push(self.rule_on(frame.clone(), &argument.value)?);
        }
        Some(Among { frame, cohort, samples, conditions })
    }

    fn not_people(&mut self, range: Range) -> Option<Among> {
        self.report(
            Diagnostic::error(
                Code("E0123"),
                "a frequency is taken among people or samples",
                range,
                "neither",
            )
            .help("`among subjects`, `among samples (…)`, or the name of a cohort"),
        );
        None
    }
}

/// Alleles that rules name by a literal: they are listed even when nobody carries them.
fn named_alleles(rules: &[Rule]) -> Vec<Allele> {
    let mut alleles = Vec::new();
    let mut tests: Vec<&Expr> = rules.iter().map(|rule| &rule.condition).collect();
    while let Some(test) = tests.pop() {
        match &test.kind {
            Kind::And(parts) | Kind::Or(parts) => tests.extend(parts),
            Kind::IsAllele(_, named) => alleles.extend(named.iter().cloned()),
            _ => {}
        }
    }
    alleles.sort();
    alleles.dedup();
    alleles
}
