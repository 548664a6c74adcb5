//! `attrition of`, `describe`, `compare`: what they are of, and what they are called.

use super::member::age_at;
use super::rewrite;
use super::scope::{Frame, Global, column_type, literal_date};
use super::table::column_name;
use super::{Checker, with_near};
use crate::query::{Cohort, CohortId, CohortSource, Exit, Expr, GroupKey, Index, KeyDomain, Kind, Row, Rule};
use crate::report::{
    Attrition, AttritionStep, AttritionTest, Characteristic, Describe, Members, Report, ReportKind,
};
use crate::ty::Type;
use diag::{Code, Diagnostic, near_names};
use syntax::tree;
use text::Range;

impl<'a> Checker<'a> {
    pub(crate) fn report_item(&mut self, report: &'a tree::Report) {
        let range = self.range(report.span);
        match &report.kind {
            tree::ReportKind::Attrition => {
                let Some(cohort) = self.report_cohort(&report.of, "`attrition of`") else { return };
                let Some(of) = self.query.cohorts.get(cohort.0 as usize) else { return };
                let name = self.report_name(format!("attrition_of_{}", of.name));
                let kind = ReportKind::Attrition(self.attrition(cohort));
                self.query.reports.push(Report { name, kind, range });
            }
            tree::ReportKind::Describe { by, show } => {
                let Some(cohort) = self.report_cohort(&report.of, "`describe`") else { return };
                let Some((members, frame)) = self.members(cohort, show.as_ref(), report.of.span) else {
                    return;
                };
                let rules = self.required(cohort, &members.row);
                let wanted = by.as_ref().map_or(0, |by| by.columns.len());
                let keys = by.as_ref().map_or_else(Vec::new, |by| self.group_keys(by, &frame, &rules));
                if keys.len() < wanted {
                    return;
                }
                let name = self.report_name(format!("describe_{}", members.name));
                let kind = ReportKind::Describe(Describe { members, keys });
                self.query.reports.push(Report { name, kind, range });
            }
            tree::ReportKind::Compare { with, show } => {
                let one = self.report_cohort(&report.of, "`compare`");
                let other = self.report_cohort(with, "`compare`");
                let (Some(one), Some(other)) = (one, other) else { return };
                // What is wrong with a column on one row is so on the other.
                let Some((one, _)) = self.members(one, show.as_ref(), report.of.span) else { return };
                let Some((other, _)) = self.members(other, show.as_ref(), with.span) else { return };
                let name = self.report_name(format!("compare_{}_with_{}", one.name, other.name));
                let kind = ReportKind::Compare(Box::new([one, other]));
                self.query.reports.push(Report { name, kind, range });
            }
        }
    }

    /// The members of a cohort with what is told of them: what `show` says, else age and sex, with which
    /// every Table 1 begins, as far as the model has them. `None` has been said.
    fn members(
        &mut self,
        cohort: CohortId,
        show: Option<&'a tree::Columns>,
        of: tree::Span,
    ) -> Option<(Members, Frame)> {
        let entity = self.model().subject()?;
        let name = self.query.cohorts.get(cohort.0 as usize)?.name.clone();
        let row = Row { id: self.fresh_row(), hops: Vec::new(), entity };
        let mut frame = self.member_frame(&row, Some(cohort));
        self.rule_names(cohort, &mut frame);
        let characteristics = match show {
            Some(columns) => self.characteristics(columns, cohort, &frame)?,
            None => self.age_and_sex(&frame, self.range(of))?,
        };
        Some((Members { cohort, name, row, characteristics }, frame))
    }

    fn characteristics(
        &mut self,
        columns: &'a tree::Columns,
        cohort: CohortId,
        frame: &Frame,
    ) -> Option<Vec<Characteristic>> {
        let rules = self.required(cohort, &frame.row);
        let mut found: Vec<Characteristic> = Vec::new();
        let mut whole = true;
        for column in &columns.columns {
            let range = self.range(column.span);
            if column.nested.is_some() {
                self.not_yet("nested columns", range);
                whole = false;
                continue;
            }
            let name =
                column.name.as_ref().map_or_else(|| column_name(&column.value), |name| name.text.clone());
            if found.iter().any(|other| other.is_named(&name)) {
                self.report(
                    Diagnostic::error(
                        Code("E0124"),
                        format!("two columns are named `{name}`"),
                        range,
                        "the second one",
                    )
                    .help("give it another name: `name = …`"),
                );
                whole = false;
                continue;
            }
            self.frames.push(frame.clone());
            let value = self.value(&column.value, None);
            self.frames.pop();
            match value.and_then(|value| self.described(name, value, &rules, range)) {
                Some(characteristic) => found.push(characteristic),
                None => whole = false,
            }
        }
        whole.then_some(found)
    }

    /// How a value is told of many people: by its levels, or as a number.
    fn described(
        &mut self,
        name: String,
        value: Expr,
        rules: &[Rule],
        range: Range,
    ) -> Option<Characteristic> {
        let number = match &value.ty {
            Type::Int | Type::Decimal | Type::Age | Type::Days => Some(name.clone()),
            Type::Percent => Some(format!("{name} (%)")),
            Type::Quantity(unit) => Some(format!("{name} ({unit})")),
            // Says that such values are not taken together.
            Type::QuantityOf(_) => {
                self.aggregate_type(crate::query::AggregateFunction::Median, &value)?;
                None
            }
            _ => None,
        };
        if let Some(name) = number {
            return Some(Characteristic::Number { name, value });
        }
        if value.ty != Type::Date {
            match self.domain(&value, rules, &name)? {
                domain @ KeyDomain::Closed(_) => {
                    return Some(Characteristic::Levels(GroupKey { name, value, domain, range }));
                }
                KeyDomain::Open => {}
            }
        }
        let help = match &value.ty {
            Type::Date => {
                "take the years between two days, `age at …`, or the month within a period that a rule requires"
            }
            _ => "sort it with a `case`, or count it in a table of its own with `group by`",
        };
        self.report(
            Diagnostic::error(
                Code("E0141"),
                format!("`{name}` is {}, and has no levels that are known before the data is", value.ty),
                value.range,
                "neither a number nor one of a closed list",
            )
            .note("a characteristic is a number, an enum, a truth value, a declared band, or the texts of a `case`")
            .help(help),
        );
        None
    }

    /// `age, sex`
    fn age_and_sex(&mut self, frame: &Frame, range: Range) -> Option<Vec<Characteristic>> {
        let entity = self.model().entity(frame.row.entity);
        let mut found = Vec::new();
        if entity.find_column("birth_date").is_some() {
            let date = match &frame.index {
                Some(index) => index.clone(),
                None => literal_date(self.as_of_date("age", range)?, range),
            };
            let value = age_at(frame.row.clone(), date, range);
            found.push(Characteristic::Number { name: "age".to_owned(), value });
        }
        if let Some(column) = entity.find_column("sex") {
            let declared = entity.column(column);
            let kind = Kind::Column(frame.row.clone(), column);
            let ty = column_type(declared);
            let value = Expr { kind, ty, label: declared.label, range };
            if let Some(domain @ KeyDomain::Closed(_)) = self.domain(&value, &[], "sex") {
                found.push(Characteristic::Levels(GroupKey { name: "sex".to_owned(), value, domain, range }));
            }
        }
        Some(found)
    }

    /// The cohort that a report is of. `None` has been said.
    fn report_cohort(&mut self, of: &tree::Path, what: &str) -> Option<CohortId> {
        let range = self.range(of.span);
        let name = of.names.first().map_or("", |name| name.text.as_str());
        self.note_item(range, name);
        match self.globals.get(name) {
            Some(Global::Cohort(id)) if of.names.len() == 1 => {
                let id = *id;
                if self.is_events(id) && what != "`attrition of`" {
                    self.events_refused(id, range, &format!("{what} tells of people"));
                    return None;
                }
                return Some(id);
            }
            Some(Global::Broken) => {
                self.unsaid += 1;
                return None;
            }
            Some(_) | None => {}
        }
        let known: Vec<&str> = self.query.cohorts.iter().map(|cohort| cohort.name.as_str()).collect();
        let near = near_names(name, known.iter().copied());
        let diagnostic = Diagnostic::error(
            Code("E0140"),
            format!("{what} is of a cohort, and `{name}` is none"),
            range,
            "the name of a cohort was expected",
        );
        let people = self.model().subject().is_some() && self.model().find(name) == self.model().subject();
        self.report(if people {
            diagnostic
                .help(format!("give the people a name first: `cohort seen = from {name} where has sample`"))
        } else if near.is_empty() && !known.is_empty() {
            let names: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
            diagnostic.help(format!("the cohorts before it are {}", names.join(", ")))
        } else {
            with_near(diagnostic, &near)
        });
        None
    }

    /// A name that no other result of the file has.
    fn report_name(&self, wanted: String) -> String {
        let taken = |name: &str| {
            self.globals.contains_key(name) || self.query.reports.iter().any(|report| report.name == name)
        };
        let mut name = wanted.clone();
        let mut number = 2;
        while taken(&name) {
            name = format!("{wanted}_{number}");
            number += 1;
        }
        name
    }

    /// The steps from all permitted people to the members, on one row.
    fn attrition(&mut self, cohort: CohortId) -> Attrition {
        let chain = self.chain(cohort);
        let entity = chain.last().map_or(model::EntityId(0), |(_, cohort)| cohort.row.entity);
        let row = Row { id: self.fresh_row(), hops: Vec::new(), entity };
        let mut steps = Vec::new();
        for (id, of) in &chain {
            let mut step = |words: String, test: AttritionTest| {
                steps.push(AttritionStep { cohort: of.name.clone(), words, test });
            };
            if let Some(index) = &of.index {
                step(self.index_words(index), index_test(index, of, &row));
            }
            let after = of.exit.as_ref().map_or(of.rules.len(), |exit| exit.after);
            for (rule, place) in of.rules.iter().zip(0..) {
                if let Some(exit) = of.exit.as_ref().filter(|_| place == after) {
                    step(exit_words(exit), AttritionTest::Exit(exit_on(exit, of, &row)));
                }
                let words = rule.name.clone().unwrap_or_else(|| {
                    let words = self.source_words(rule.range);
                    words.strip_prefix("where ").unwrap_or(&words).to_owned()
                });
                step(words, AttritionTest::Rule(on_row(&rule.condition, of, &row)));
            }
            if let Some(exit) = of.exit.as_ref().filter(|_| after >= of.rules.len()) {
                step(exit_words(exit), AttritionTest::Exit(exit_on(exit, of, &row)));
            }
            if let Some(matched) = &of.matched {
                let keys = matched.keys.iter().map(|key| on_row(&key.control, of, &row)).collect();
                step(self.source_words(matched.range), AttritionTest::Choice { of: *id, keys });
            }
            if let Some(draw) = &of.draw {
                let test = AttritionTest::Choice { of: *id, keys: Vec::new() };
                step(self.source_words(draw.range), test);
            }
        }
        Attrition { cohort, row, steps }
    }

    fn index_words(&self, index: &Index) -> String {
        // The date of a definition is written in another file, maybe.
        let words = self.source_words(index.range);
        if words.is_empty() { "an index date".to_owned() } else { words }
    }

    /// A cohort and those it is taken from, the first one first.
    pub(crate) fn chain(&self, cohort: CohortId) -> Vec<(CohortId, Cohort)> {
        let mut chain = Vec::new();
        let mut at = Some(cohort);
        while let Some(id) = at {
            let Some(of) = self.query.cohorts.get(id.0 as usize) else { break };
            at = match of.source {
                CohortSource::Subjects => None,
                // A cohort stands after what it is taken from.
                CohortSource::Cohort(source) => (source < id).then_some(source),
            };
            chain.push((id, of.clone()));
        }
        chain.reverse();
        chain
    }

    /// The file that a range is of, where it is one of the program.
    fn file_of(&self, range: Range) -> &syntax::Parsed {
        let imported = self.input.imports.values().filter_map(|imported| match imported {
            super::Imported::Main => None,
            super::Imported::File(parsed) => Some(&**parsed),
        });
        let all = std::iter::once(self.input.main).chain(self.input.library).chain(imported);
        all.into_iter().find(|parsed| parsed.tape.file() == range.file).unwrap_or(self.parsed)
    }

    /// The tokens of a stretch of a file, without comments, with a space where anything stood between them.
    pub(crate) fn source_words(&self, range: Range) -> String {
        let tape = &self.file_of(range).tape;
        let mut words = String::new();
        let mut end = None;
        for at in 0..u32::try_from(tape.tokens().len()).unwrap_or(u32::MAX) {
            let token = tape.range(tree::Span { start: at, end: at + 1 });
            if token.file != range.file || token.start < range.start || token.end > range.end {
                continue;
            }
            if end.is_some_and(|end| end < token.start) {
                words.push(' ');
            }
            words.push_str(tape.text(at));
            end = Some(token.end);
        }
        words
    }
}

impl Characteristic {
    fn is_named(&self, wanted: &str) -> bool {
        match self {
            Characteristic::Levels(key) => key.name == wanted,
            // The heading may end with a unit.
            Characteristic::Number { name, .. } => {
                name == wanted || name.strip_prefix(wanted).is_some_and(|rest| rest.starts_with(" ("))
            }
        }
    }
}

/// `exit at stopped, died`: by the reasons, which have names.
fn exit_words(exit: &Exit) -> String {
    let names: Vec<&str> = exit.dates.iter().map(|(name, _)| name.as_str()).collect();
    format!("exit at {}", names.join(", "))
}

fn index_test(index: &Index, of: &Cohort, row: &Row) -> AttritionTest {
    let date = on_row(&index.date, of, row);
    match &index.rows {
        None => AttritionTest::Index(date),
        Some(rows) => {
            let rows = Box::new(rewrite::many(rows, &|old: &Row| moved(old, of, row)));
            AttritionTest::Each { rows, date }
        }
    }
}

fn exit_on(exit: &Exit, of: &Cohort, row: &Row) -> Exit {
    let dates = exit.dates.iter().map(|(name, date)| (name.clone(), on_row(date, of, row))).collect();
    Exit { dates, ..exit.clone() }
}

/// An expression of a cohort on another row.
pub(crate) fn on_row(expr: &Expr, of: &Cohort, row: &Row) -> Expr {
    rewrite::rows(expr, &|old: &Row| moved(old, of, row))
}

fn moved(old: &Row, of: &Cohort, row: &Row) -> Row {
    if old.id == of.row.id { Row { id: row.id, ..old.clone() } } else { old.clone() }
}
