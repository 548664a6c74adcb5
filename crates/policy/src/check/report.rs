//! One report: what it reads is judged as if it were written out as a table.
//!
//! `describe` and `compare` count people by levels, so a characteristic with levels is judged as a group key, and
//! a number as what a mean is taken of.
//!
//! `attrition of` shows numbers of people only. It tests what its cohort tests, and of people who are no
//! members too: how many fail a rule, for how many it is unknown. Both are conditions under `may test`.

use super::Checker;
use super::item::Judged;
use super::rules::Need;
use super::walk::{Found, Walk};
use crate::agreement::Level;
use types::{Characteristic, Members, Report, ReportKind};

impl Checker<'_> {
    pub(super) fn report(&mut self, report: &Report) -> Judged {
        let before = self.diagnostics.len();
        let mut walk = Walk::new(self.model, self.query);
        match &report.kind {
            ReportKind::Attrition(attrition) => {
                walk.enter(&attrition.row, true);
                walk.find(Found::Rows(attrition.row.entity), report.range);
                walk.find(Found::Cohort(attrition.cohort), report.range);
                for step in &attrition.steps {
                    if let Some(rows) = step.test.rows() {
                        walk.rows(rows, report.range);
                    }
                    for expr in step.test.exprs() {
                        walk.test(expr);
                    }
                }
                let needs = [people(report)];
                self.judge(&walk, &needs, before, &report.name, report.range)
            }
            ReportKind::Describe(describe) => {
                let mut needs = vec![people(report)];
                members(&describe.members, report, &mut walk, &mut needs);
                walk.keys(&describe.keys);
                self.packed_characteristics(&describe.members.characteristics);
                self.judge(&walk, &needs, before, &report.name, report.range)
            }
            ReportKind::Compare(both) => {
                let mut needs = vec![people(report)];
                for one in &**both {
                    members(one, report, &mut walk, &mut needs);
                    self.packed_characteristics(&one.characteristics);
                }
                self.judge(&walk, &needs, before, &report.name, report.range)
            }
        }
    }
}

fn people(report: &Report) -> Need {
    let what = "numbers of people".to_owned();
    Need { level: Level::Count, what, range: report.range, rows: false }
}

fn members(of: &Members, report: &Report, walk: &mut Walk<'_>, needs: &mut Vec<Need>) {
    walk.enter(&of.row, true);
    walk.find(Found::Rows(of.row.entity), report.range);
    walk.find(Found::Cohort(of.cohort), report.range);
    for characteristic in &of.characteristics {
        match characteristic {
            Characteristic::Levels(key) => walk.keys(std::slice::from_ref(key)),
            Characteristic::Number { name, value } => {
                walk.test(value);
                let what = format!("mean and median of `{name}`");
                needs.push(Need { level: Level::Aggregate, what, range: value.range, rows: false });
            }
        }
    }
}
