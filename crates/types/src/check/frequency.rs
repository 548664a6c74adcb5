//! `frequency among … by …`: whose alleles are counted.

use super::Checker;
use super::items::index_of;
use super::scope::Frame;
use super::table::Building;
use crate::query::{Allele, Expr, Frequency, Kind, Row, Rule, TableBody};
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
        match &building.body {
            Some(TableBody::Groups { .. }) => {
                self.not_yet("`frequency` after `group by`", range);
                return None;
            }
            Some(TableBody::Frequency { .. }) => {
                self.not_yet("a second `frequency`", range);
                return None;
            }
            Some(TableBody::Rows { .. }) | None => {}
        }
        if self.model().entity(building.frame.row.entity).name != "variant" {
            let entity = self.model().entity(building.frame.row.entity).plural.clone();
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
        let among = self.among(&clause.among)?;
        let keys = match &clause.by {
            Some(columns) => self.group_keys(columns, &among.frame, &[]),
            None => Vec::new(),
        };
        building.body = Some(TableBody::Frequency {
            frequency: Box::new(Frequency {
                name: clause.name.as_ref().map_or_else(String::new, |name| name.text.clone()),
                row: among.frame.row,
                cohort: among.cohort,
                samples: among.samples,
                conditions: among.conditions,
                keys,
                totals: clause.totals,
                range,
            }),
            values: Vec::new(),
            named: named_alleles(&building.rules),
        });
        Some(())
    }

    /// `subjects`, `subjects (…)`, `samples (…)`, a cohort, a cohort with a condition.
    fn among(&mut self, expr: &tree::Expr) -> Option<Among> {
        let range = self.range(expr.span);
        let ExprKind::Call(call) = &expr.kind else {
            return self.not_people(range);
        };
        let name_range = self.range(call.name.span);
        let (entity, cohort, samples) = match self.globals.get(&call.name.text) {
            Some(super::scope::Global::Cohort(id)) => (self.model().subject()?, Some(*id), false),
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
        let mut frame = Frame { row: row.clone(), names: Vec::new(), index: None, call: None };
        if cohort.is_some_and(|cohort| self.has_index(cohort)) {
            frame.index = Some(index_of(&row));
        }
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
