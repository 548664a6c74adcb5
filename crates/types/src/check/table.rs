//! Tables: source, rules, then one of three bodies: rows, groups, frequencies.

use super::scope::{Frame, Global};
use super::{Checked, Checker, with_near};
use crate::query::{
    CohortId, Each, Expr, GroupKey, KeyDomain, Kind, Nested, Regroup, Row, RowsSource, Rule, ShownExpr,
    Table, TableBody, TableId, Value,
};
use crate::ty::Type;
use diag::{Code, Diagnostic, near_names};
use syntax::tree::{self, Clause};

/// What stands before `show`, collected clause by clause.
#[derive(Clone)]
pub(crate) struct Building {
    /// The row of the source.
    pub(crate) source: Row,
    /// The current row: the source's, or that of the last `for each`.
    pub(crate) frame: Frame,
    /// The name of the event cohort whose rows these are.
    pub(crate) events: Option<String>,
    pub(crate) rules: Vec<Rule>,
    pub(crate) each: Vec<Each>,
    /// The rules of the cohort that the rows are taken from, on this row: they hold of every row too.
    pub(crate) required: Vec<Rule>,
    pub(crate) body: Option<TableBody>,
    pub(crate) nested: Vec<Nested>,
    /// `let` names after `group by` or `frequency`: what they stand for over released cells.
    pub(crate) lets: Vec<(String, ShownExpr, Type)>,
    /// Of these, the names of tests of two proportions, which have two values.
    pub(crate) tests: Vec<(String, [ShownExpr; 4])>,
    /// `group by` after `frequency`.
    pub(crate) regroup: Option<Regroup>,
    /// The `let` names that stand before it and mean released rows.
    pub(crate) row_lets: Vec<(String, ShownExpr, Type)>,
    /// The comparison that is being read: what it says of an absent record, and where it stands.
    pub(crate) comparing: Option<(Option<tree::Absent>, text::Range)>,
}

impl<'a> Checker<'a> {
    pub(crate) fn table(&mut self, table: &'a tree::Table) {
        let before = self.errors();
        let known = self.globals.contains_key(&table.name.text);
        if known {
            self.twice(&table.name, self.range(table.name.span));
        }
        let checked = self.table_body(table);
        // `for each` leaves the rows around its own in scope until the table ends.
        self.frames.clear();
        let found = if self.errors() > before || checked.is_none() {
            Global::Broken
        } else {
            Global::Table(TableId(u32::try_from(self.query.tables.len()).unwrap_or(u32::MAX)))
        };
        self.globals.entry(table.name.text.clone()).or_insert(found);
        if self.errors() == before
            && let Some(checked) = checked
        {
            self.query.tables.push(checked);
        }
    }

    fn table_body(&mut self, table: &'a tree::Table) -> Option<Table> {
        let (row, cohort) = self.table_source(&table.from)?;
        let mut frame = self.member_frame(&row, cohort);
        let mut events = None;
        if let Some(cohort) = cohort {
            if self.is_events(cohort) {
                events = table.from.names.first().map(|name| name.text.clone());
            }
            self.rule_names(cohort, &mut frame);
        }
        let required = cohort.map_or_else(Vec::new, |cohort| self.required(cohort, &row));
        let mut building = Building {
            source: row.clone(),
            frame,
            events,
            rules: Vec::new(),
            required,
            each: Vec::new(),
            body: None,
            nested: Vec::new(),
            lets: Vec::new(),
            tests: Vec::new(),
            regroup: None,
            row_lets: Vec::new(),
            comparing: None,
        };
        let mut shown = Vec::new();
        let mut kept = Vec::new();
        let mut order = Vec::new();
        let mut limit = None;
        let mut showed = false;
        for clause in &table.clauses {
            match clause {
                Clause::Where(rule) if showed => {
                    if let Some(test) = self.shown_condition(&rule.condition, &building, &shown) {
                        kept.push(test);
                    }
                }
                Clause::Where(rule) => self.rule(rule, &mut building),
                Clause::Let(clause) => {
                    if building.body.is_some() {
                        self.shown_let(clause, &mut building);
                        continue;
                    }
                    let frame = building.frame.clone();
                    let value = self.let_on(&frame, clause);
                    building.frame.names.push((clause.name.text.clone(), value));
                }
                // What follows a body that could not be made would be judged by the wrong rules.
                Clause::Group(group) => self.group(group, &mut building)?,
                Clause::Frequency(frequency) => self.frequency(frequency, &mut building)?,
                Clause::Show(columns) => {
                    if showed {
                        let range = self.range(columns.span);
                        self.error("E0120", "a table shows once", range, "the second `show`");
                        continue;
                    }
                    showed = true;
                    shown = self.show(columns, &mut building);
                }
                Clause::Order(clause) => {
                    for (key, descending) in &clause.keys {
                        if let Some(key) = self.shown_value(key, &building, &shown) {
                            order.push((key, *descending));
                        }
                    }
                }
                Clause::Limit(clause) => limit = clause.count.digits.replace('_', "").parse().ok(),
                Clause::Each(clause) => self.each(clause, &mut building)?,
                // The parser said that the clause belongs to a cohort, or that it cannot be read: what
                // follows could stand on it.
                Clause::Index(_)
                | Clause::Exit(_)
                | Clause::Match(_)
                | Clause::Draw(_)
                | Clause::Error(_) => {
                    self.unsaid += 1;
                    return None;
                }
            }
        }
        let range = self.range(table.name.span);
        if !showed {
            self.report(
                Diagnostic::error(
                    Code("E0120"),
                    format!("table `{}` shows nothing", table.name.text),
                    range,
                    "no `show`",
                )
                .help("end it with `show` and the columns"),
            );
            return None;
        }
        Some(Table {
            name: table.name.text.clone(),
            row,
            cohort,
            rules: building.rules,
            each: building.each,
            body: building.body.unwrap_or(TableBody::Rows { values: Vec::new() }),
            nested: building.nested,
            shown,
            kept,
            order,
            limit,
            regroup: building.regroup,
            range,
        })
    }

    /// `for each NAME in R`: from here on the current row is one r, and the rows before are around it.
    fn each(&mut self, clause: &'a tree::Each, building: &mut Building) -> Option<()> {
        let range = self.range(clause.span);
        if building.body.is_some() {
            self.report(
                Diagnostic::error(
                    Code("E0122"),
                    "what stands here is no longer single rows",
                    range,
                    "`for each` after `group by` or `frequency`",
                )
                .help("move it before `group by` or `frequency`"),
            );
            return None;
        }
        self.frames.push(building.frame.clone());
        let checked = self.expr(&clause.rows, None);
        let at = self.range(clause.rows.span);
        let (rows, row) = match checked {
            Checked::Many(rows, tail) => match *tail {
                Checked::Row(row, _) if row.hops.is_empty() => (rows, row),
                tail => {
                    self.grain(&rows, &tail, at);
                    return None;
                }
            },
            Checked::Error => return None,
            _ => {
                self.report(
                    Diagnostic::error(
                        Code("E0153"),
                        "`for each` goes through many rows of a row, and this is not many",
                        at,
                        "not rows",
                    )
                    .help("name a relation of the row: `for each effect in effects`"),
                );
                return None;
            }
        };
        if rows.each_other.different_days || rows.each_other.within.is_some() {
            self.error(
                "E0153",
                "`for each` goes through rows one by one, and this counts them against each other",
                at,
                "a condition of a count",
            );
            return None;
        }
        if rows.steps.iter().any(|step| self.is_episode(&step.row)) {
            self.not_yet("`for each` of episodes", at);
            return None;
        }
        let call = match rows.steps.last().map(|step| &step.source) {
            Some(RowsSource::Carried { call }) => self.call_row(*call),
            Some(RowsSource::Relation(..) | RowsSource::Episodes { .. } | RowsSource::Inherited(_))
            | None => None,
        };
        let name = (clause.name.text.clone(), Checked::Row(row.clone(), range));
        // Under the name of its entity a row is known anyway.
        let names =
            if self.model().entity(row.entity).name == clause.name.text { Vec::new() } else { vec![name] };
        building.each.push(Each { rows: *rows, after: building.rules.len() });
        building.frame = Frame { row, names, index: None, call };
        Some(())
    }

    /// The row of a table's source: an entity, or a cohort's members.
    fn table_source(&mut self, from: &tree::Path) -> Option<(Row, Option<CohortId>)> {
        let range = self.range(from.span);
        let [name] = from.names.as_slice() else {
            self.error(
                "E0121",
                "a table is taken from an entity or a cohort",
                range,
                "one name was expected",
            );
            return None;
        };
        self.note_item(range, &name.text);
        if let Some(Global::Cohort(id)) = self.globals.get(&name.text) {
            let id = *id;
            let entity = self.model().subject()?;
            return Some((Row { id: self.fresh_row(), hops: Vec::new(), entity }, Some(id)));
        }
        if let Some(Global::Table(_)) = self.globals.get(&name.text) {
            self.not_yet("a table taken from another table", range);
            return None;
        }
        if let Some(Global::Broken) = self.globals.get(&name.text) {
            self.unsaid += 1;
            return None;
        }
        if let Some(entity) = self.model().find(&name.text) {
            let declared = self.model().entity(entity);
            if declared.linkage == model::Linkage::Aggregate
                || matches!(
                    declared.name.as_str(),
                    "call" | "call_set_sample" | "covered_person" | "reference_call"
                )
            {
                self.report(
                    Diagnostic::error(
                        Code("E0511"),
                        format!("`{}` cannot be read by itself", declared.plural),
                        range,
                        "read by the compiler only",
                    )
                    .help("`from variants` with `frequency`, or `subject.variants`, reads what is in it"),
                );
                return None;
            }
            return Some((Row { id: self.fresh_row(), hops: Vec::new(), entity }, None));
        }
        let mut known: Vec<&str> = self.model().names().collect();
        known.extend(
            self.globals
                .iter()
                .filter(|(_, global)| matches!(global, Global::Cohort(_)))
                .map(|(name, _)| name.as_str()),
        );
        let near = near_names(&name.text, known.iter().copied());
        let diagnostic = Diagnostic::error(
            Code("E0121"),
            format!("there is no entity or cohort `{}`", name.text),
            range,
            "unknown source",
        );
        self.report(with_near(diagnostic, &near));
        None
    }

    /// A cohort's rule names are columns of its rows.
    pub(crate) fn rule_names(&mut self, cohort: CohortId, frame: &mut Frame) {
        let Some(cohort) = self.query.cohorts.get(cohort.0 as usize).cloned() else { return };
        let row = frame.row.clone();
        for rule in &cohort.rules {
            if let Some(name) = &rule.name {
                let moved = super::rewrite::rows(&rule.condition, &|old: &Row| {
                    if old.id == cohort.row.id { Row { id: row.id, ..old.clone() } } else { old.clone() }
                });
                frame.names.push((name.clone(), Checked::One(moved)));
            }
        }
    }

    /// What is true of every member of a cohort, on another row.
    pub(crate) fn required(&self, cohort: CohortId, row: &Row) -> Vec<Rule> {
        let chain = self.chain(cohort);
        let rules = chain.iter().flat_map(|(_, of)| {
            of.rules.iter().map(|rule| Rule {
                condition: super::report::on_row(&rule.condition, of, row),
                ..rule.clone()
            })
        });
        rules.collect()
    }

    fn rule(&mut self, rule: &'a tree::Where, building: &mut Building) {
        let range = self.range(rule.span);
        match &building.body {
            Some(TableBody::Groups { .. }) => {
                self.report(
                    Diagnostic::error(
                        Code("E0122"),
                        "a group has no rows to test",
                        range,
                        "`where` after `group by`",
                    )
                    .help("move it before `group by` for rows, after `show` for released numbers"),
                );
                return;
            }
            Some(TableBody::Frequency { .. }) => {
                self.report(
                    Diagnostic::error(
                        Code("E0122"),
                        "a frequency record has no rows to test",
                        range,
                        "`where` after `frequency`",
                    )
                    .help("move it before `frequency` for variants, after `show` for released numbers"),
                );
                return;
            }
            Some(TableBody::Rows { .. }) | None => {}
        }
        let condition = self.rule_on(building.frame.clone(), &rule.condition);
        if let Some(name) = &rule.name {
            let value = condition.clone().map_or(Checked::Error, Checked::One);
            building.frame.names.push((name.text.clone(), value));
        }
        if let Some(condition) = condition {
            building.rules.push(Rule {
                name: rule.name.as_ref().map(|name| name.text.clone()),
                condition,
                range,
            });
        }
    }

    fn group(&mut self, group: &'a tree::Group, building: &mut Building) -> Option<()> {
        let range = self.range(group.span);
        match &building.body {
            Some(TableBody::Frequency { .. }) => return self.regroup(group, building),
            Some(TableBody::Groups { .. } | TableBody::Rows { .. }) => {
                self.report(
                    Diagnostic::error(Code("E0122"), "a table groups once", range, "the second `group by`")
                        .note("after `group by` a row is a group, and what is shown of it is released")
                        .help("name all keys in one `group by`, with commas")
                        .help("to group what was released, take another table from this one: `from NAME group by …`"),
                );
                return None;
            }
            None => {}
        }
        let frame = building.frame.clone();
        let rules: Vec<Rule> = building.required.iter().chain(&building.rules).cloned().collect();
        let keys = self.group_keys(&group.by, &frame, &rules);
        let whole = keys.len() == group.by.columns.len();
        building.body = Some(TableBody::Groups { keys, totals: group.totals });
        whole.then_some(())
    }

    /// Keys typed on a row, with the values each can have.
    pub(crate) fn group_keys(
        &mut self,
        columns: &tree::Columns,
        frame: &Frame,
        rules: &[Rule],
    ) -> Vec<GroupKey> {
        let mut keys = Vec::new();
        for column in &columns.columns {
            let range = self.range(column.span);
            self.frames.push(frame.clone());
            let value = self.value(&column.value, None);
            self.frames.pop();
            let Some(value) = value else { continue };
            if column.nested.is_some() {
                self.not_yet("nested columns", range);
                continue;
            }
            let name =
                column.name.as_ref().map_or_else(|| column_name(&column.value), |name| name.text.clone());
            let Some(domain) = self.domain(&value, rules, &name) else { continue };
            keys.push(GroupKey { name, value, domain, range });
        }
        keys
    }

    /// The values that a key can have, or a diagnostic where it cannot be a key.
    pub(crate) fn domain(&mut self, value: &Expr, rules: &[Rule], name: &str) -> Option<KeyDomain> {
        let texts = |values: &[String]| KeyDomain::Closed(values.iter().cloned().map(Value::Text).collect());
        Some(match &value.ty {
            Type::Bool => KeyDomain::Closed(vec![Value::Bool(false), Value::Bool(true)]),
            Type::Enum(list) => texts(&list.members),
            Type::Band { width, bands } if *bands > 0 => {
                KeyDomain::Closed((0..*bands).map(|band| Value::Int(band * width)).collect())
            }
            Type::Month => match months_required(value, rules) {
                Some(months) => KeyDomain::Closed(months),
                None => KeyDomain::Open,
            },
            Type::Text if matches!(value.kind, Kind::Case(..)) => match case_texts(value) {
                Some(texts_of) => texts(&texts_of),
                None => KeyDomain::Open,
            },
            Type::Text | Type::Gene | Type::Code(_) | Type::Int | Type::Band { .. } => KeyDomain::Open,
            Type::Id => {
                self.report(
                    Diagnostic::error(
                        Code("E0510"),
                        format!("`{name}` is an identifier, and a group of it is one person"),
                        value.range,
                        "an identifier",
                    )
                    .note("an identifier joins rows and does nothing else"),
                );
                return None;
            }
            Type::Date
            | Type::Decimal
            | Type::Percent
            | Type::Quantity(_)
            | Type::QuantityOf(_)
            | Type::Age
            | Type::AgeInDays
            | Type::Days
            | Type::Months => {
                let help = match &value.ty {
                    Type::Age => "`age_band = band(age, 10 years)`",
                    Type::Date => "`month(…)` or `year(…)`",
                    _ => "a `case` with the ranges that matter",
                };
                self.report(
                    Diagnostic::error(Code("E0512"), format!("groups of {} are too fine", value.ty), value.range, "nearly every person a group")
                        .note("a key is public, a declared generalisation, or has a closed domain: an enum, a truth value, the texts of a `case`")
                        .help(format!("group by {help}")),
                );
                return None;
            }
            // No row has an interval.
            Type::Allele | Type::Interval | Type::Unknown => return None,
        })
    }
}

/// The name that a column takes: the last word of its path.
pub(crate) fn column_name(expr: &tree::Expr) -> String {
    match &expr.kind {
        tree::ExprKind::Call(call) | tree::ExprKind::Member { call, .. } => call.name.text.clone(),
        tree::ExprKind::At { value, .. } => column_name(value),
        tree::ExprKind::Index => "index".to_owned(),
        _ => "value".to_owned(),
    }
}

/// The texts of a `case` in order.
fn case_texts(expr: &Expr) -> Option<Vec<String>> {
    let Kind::Case(arms, otherwise) = &expr.kind else { return None };
    let mut texts = Vec::new();
    for value in arms.iter().map(|(_, then)| then).chain(std::iter::once(&**otherwise)) {
        let Kind::Literal(Value::Text(text)) = &value.kind else { return None };
        if !texts.contains(text) {
            texts.push(text.clone());
        }
    }
    Some(texts)
}

/// The most months that are filled with zeros.
const LONGEST: usize = 1200;

/// The months between the bounds that rules set on the date of a month.
fn months_required(month: &Expr, rules: &[Rule]) -> Option<Vec<Value>> {
    use crate::query::Comparison;
    let Kind::MonthOf(date) = &month.kind else { return None };
    let mut from = None;
    let mut until = None;
    let mut tests: Vec<&Expr> = rules.iter().map(|rule| &rule.condition).collect();
    while let Some(test) = tests.pop() {
        match &test.kind {
            Kind::And(parts) => tests.extend(parts),
            Kind::Compare(comparison, left, right) if left.kind == date.kind => {
                let Kind::Literal(Value::Date(bound)) = right.kind else { continue };
                // Of several periods all hold.
                match comparison {
                    Comparison::GreaterOrEqual => {
                        from = Some(from.map_or(bound, |from: jiff::civil::Date| from.max(bound)));
                    }
                    Comparison::LessOrEqual => {
                        until = Some(until.map_or(bound, |until: jiff::civil::Date| until.min(bound)));
                    }
                    Comparison::Equal | Comparison::NotEqual | Comparison::Less | Comparison::Greater => {}
                }
            }
            _ => {}
        }
    }
    let (mut month, until) = (from?.first_of_month(), until?);
    let mut months = Vec::new();
    while month <= until {
        // A century of empty months is nothing to read: then a row is a month that is found.
        if months.len() == LONGEST {
            return None;
        }
        months.push(Value::Date(month));
        month = month.checked_add(jiff::Span::new().months(1)).ok()?;
    }
    Some(months)
}
