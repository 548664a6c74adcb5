//! What stands behind a row of a cohort: its index date, its exit, and why somebody is a member.

use super::value::Inside;
use super::walk::{Found, Walk};
use text::Range;
use types::{Cohort, CohortId, CohortSource, Exit, ExitPart, Expr, Index, RowId};

impl<'a> Walk<'a> {
    /// Follows the index date of a cohort's row to what it is computed from: as a condition, or as a value
    /// of which something leaves.
    pub(super) fn index(&mut self, row: RowId, range: Range, inside: Option<Inside>) {
        let Some(index) = self.index_of(row).filter(|_| self.depth <= self.query.cohorts.len()) else {
            self.find(Found::Unplaced, range);
            return;
        };
        self.depth += 1;
        let date = Expr { range, ..index.date.clone() };
        match inside {
            None => {
                if let Some(rows) = &index.rows {
                    self.rows(rows, range);
                }
                self.test(&date);
            }
            Some(inside) => {
                // Which dates there are depends on what narrows the rows.
                if let Some(rows) = &index.rows {
                    self.inner(inside, |walk| walk.rows(rows, range));
                }
                self.value(&date, inside);
            }
        }
        self.depth -= 1;
    }

    /// Follows the exit of a cohort's row. The date is one of those written, or D; the reason is a name, and
    /// only sorts people.
    pub(super) fn exit(&mut self, row: RowId, part: ExitPart, range: Range, inside: Option<Inside>) {
        let Some(exit) = self.exit_of(row).filter(|_| self.depth <= self.query.cohorts.len()) else {
            self.find(Found::Unplaced, range);
            return;
        };
        self.depth += 1;
        let dates = exit.dates.iter().map(|(_, date)| Expr { range, ..date.clone() });
        match inside {
            None => {
                self.index(row, range, None);
                dates.for_each(|date| self.test(&date));
            }
            Some(inside) => {
                self.inner(inside, |walk| walk.index(row, range, None));
                for date in dates {
                    match part {
                        ExitPart::Date => self.value(&date, inside),
                        ExitPart::Reason => self.inner(inside, |walk| walk.test(&date)),
                    }
                }
            }
        }
        self.depth -= 1;
    }

    /// That somebody is a member tells what the cohort's rules test, and all else that decides it.
    pub(super) fn members(&mut self, id: CohortId) {
        let query = self.query;
        let Some(cohort) = query.cohorts.get(id.0 as usize) else { return };
        if self.depth > query.cohorts.len() {
            return;
        }
        self.depth += 1;
        for rule in &cohort.rules {
            self.inner(Inside::Shown, |walk| walk.test(&rule.condition));
        }
        if let Some(index) = &cohort.index {
            self.inner(Inside::Shown, |walk| walk.index(cohort.row.id, index.range, None));
        }
        if let Some(matched) = &cohort.matched {
            for key in &matched.keys {
                self.inner(Inside::Shown, |walk| walk.test(&key.control));
                self.inner(Inside::Shown, |walk| walk.test(&key.case));
            }
            self.members(matched.cases);
        }
        match cohort.source {
            CohortSource::Subjects => {}
            CohortSource::Cohort(of) => self.members(of),
        }
        self.depth -= 1;
    }

    /// The index date of a row of a cohort, of the cohort itself or of one that it is taken from.
    pub(super) fn index_of(&self, row: RowId) -> Option<&'a Index> {
        self.lineage(row).find_map(|cohort| cohort.index.as_ref())
    }

    /// The exit of a row of a cohort likewise.
    pub(super) fn exit_of(&self, row: RowId) -> Option<&'a Exit> {
        self.lineage(row).find_map(|cohort| cohort.exit.as_ref())
    }

    /// The cohort of a row and those that it is taken from.
    fn lineage(&self, row: RowId) -> impl Iterator<Item = &'a Cohort> + use<'a> {
        let query = self.query;
        let first = self.cohort_of(row);
        // Cohorts stand on earlier ones; a circle, which nothing makes, would end here all the same.
        std::iter::successors(first, move |cohort| match cohort.source {
            CohortSource::Subjects => None,
            CohortSource::Cohort(of) => query.cohorts.get(of.0 as usize),
        })
        .take(query.cohorts.len())
    }

    /// The cohort whose member a row is.
    fn cohort_of(&self, row: RowId) -> Option<&'a Cohort> {
        let query = self.query;
        let of_cohort = query.cohorts.iter().find(|cohort| cohort.row.id == row);
        let of_case = || {
            let matches = query.cohorts.iter().filter_map(|cohort| cohort.matched.as_ref());
            matches.clone().find(|matched| matched.case.id == row).map(|matched| matched.cases)
        };
        let of_table =
            || query.tables.iter().find(|table| table.row.id == row).and_then(|table| table.cohort);
        let of_frequency = || {
            query.tables.iter().find_map(|table| match &table.body {
                types::TableBody::Frequency { frequencies, .. } => {
                    frequencies.iter().find(|one| one.row.id == row).and_then(|one| one.cohort)
                }
                types::TableBody::Rows { .. } | types::TableBody::Groups { .. } => None,
            })
        };
        let of_report = || {
            query.reports.iter().find_map(|report| match &report.kind {
                types::ReportKind::Attrition(attrition) => {
                    (attrition.row.id == row).then_some(attrition.cohort)
                }
                types::ReportKind::Describe(describe) => {
                    (describe.members.row.id == row).then_some(describe.members.cohort)
                }
                types::ReportKind::Compare(both) => {
                    both.iter().find(|one| one.row.id == row).map(|one| one.cohort)
                }
            })
        };
        of_cohort.or_else(|| {
            let id = of_case().or_else(of_table).or_else(of_frequency).or_else(of_report)?;
            query.cohorts.get(id.0 as usize)
        })
    }
}
