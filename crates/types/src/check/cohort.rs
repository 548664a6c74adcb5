//! Cohorts: universe, index date, rules in order, exit, and then perhaps a match or a draw (language.md,
//! section 5).

use super::scope::{Frame, Global};
use super::{Checked, Checker, with_near};
use crate::query::{AS_OF, Cohort, CohortId, CohortSource, Exit, ExitPart, Expr, Index, Kind, Row, Rule};
use crate::ty::{EnumType, Type};
use diag::{Code, Diagnostic, near_names};
use model::ColumnLabel;
use std::sync::Arc;
use syntax::tree::{self, Clause};
use text::Range;

impl<'a> Checker<'a> {
    pub(crate) fn cohort(&mut self, cohort: &'a tree::Cohort) {
        let Some(subject) = self.model().subject() else { return };
        let before = self.errors();
        let Some(source) = self.cohort_source(&cohort.from) else {
            self.globals.entry(cohort.name.text.clone()).or_insert(Global::Broken);
            return;
        };
        let row = Row { id: self.fresh_row(), hops: Vec::new(), entity: subject };
        let of = match source {
            CohortSource::Subjects => None,
            CohortSource::Cohort(of) => Some(of),
        };
        let mut frame = self.member_frame(&row, of);
        let mut checked = Cohort {
            name: cohort.name.text.clone(),
            source,
            row,
            index: None,
            rules: Vec::new(),
            exit: None,
            matched: None,
            draw: None,
            range: self.range(cohort.name.span),
        };
        let mut chosen: Option<(&str, Range)> = None;
        for clause in &cohort.clauses {
            if let Some((what, at)) = chosen
                && let Some(range) = self.clause_range(clause)
            {
                self.report(
                    Diagnostic::error(
                        Code("E0131"),
                        format!("`{what}` chooses among those who pass, so nothing stands after it"),
                        range,
                        "comes too late",
                    )
                    .label(at, format!("`{what}` is the last clause of a cohort"))
                    .help("move it before, or take a second cohort from this one"),
                );
                continue;
            }
            match clause {
                Clause::Match(clause) => chosen = Some(("match", self.range(clause.span))),
                Clause::Draw(clause) => chosen = Some(("draw", self.range(clause.span))),
                _ => {}
            }
            self.cohort_clause(clause, &mut frame, &mut checked);
        }
        if self.errors() == before {
            self.nobody_of_nothing(&checked);
        }
        if self.errors() > before {
            return;
        }
        let id = CohortId(u32::try_from(self.query.cohorts.len()).unwrap_or(u32::MAX));
        self.query.cohorts.push(checked);
        self.register(self.parsed, &cohort.name, Global::Cohort(id));
    }

    fn cohort_clause(&mut self, clause: &'a Clause, frame: &mut Frame, checked: &mut Cohort) {
        match clause {
            Clause::Where(rule) => {
                let condition = self.rule_on(frame.clone(), &rule.condition);
                if let Some(name) = &rule.name {
                    let value = condition.clone().map_or(Checked::Error, Checked::One);
                    frame.names.push((name.text.clone(), value));
                }
                if let Some(condition) = condition {
                    checked.rules.push(Rule {
                        name: rule.name.as_ref().map(|name| name.text.clone()),
                        condition,
                        range: self.range(rule.span),
                    });
                }
            }
            Clause::Let(clause) => {
                let value = self.let_on(frame, clause);
                frame.names.push((clause.name.text.clone(), value));
            }
            Clause::Index(clause) => {
                let range = self.range(clause.span);
                if frame.index.is_some() || checked.index.is_some() {
                    self.error("E0118", "a cohort has one index date", range, "the second one");
                    return;
                }
                checked.index =
                    if clause.each { self.each_date(clause, frame) } else { self.index_date(clause, frame) };
                // Also after an error, so that `age at index` is not a second one.
                frame.index = Some(index_of(&checked.row));
            }
            Clause::Exit(columns) => self.exit(columns, frame, checked),
            Clause::Match(clause) => checked.matched = self.matching(clause, frame, checked),
            Clause::Draw(clause) => checked.draw = self.draw(clause, checked),
            // The parser said that the clause belongs to a table, or that it cannot be read.
            Clause::Each(_)
            | Clause::Group(_)
            | Clause::Frequency(_)
            | Clause::Show(_)
            | Clause::Order(_)
            | Clause::Limit(_)
            | Clause::Error(_) => self.unsaid += 1,
        }
    }

    /// Where a clause of a cohort stands; none for one that the parser refused.
    fn clause_range(&self, clause: &Clause) -> Option<Range> {
        let span = match clause {
            Clause::Where(clause) => clause.span,
            Clause::Let(clause) => clause.span,
            Clause::Index(clause) => clause.span,
            Clause::Exit(columns) => columns.span,
            Clause::Match(clause) => clause.span,
            Clause::Draw(clause) => clause.span,
            Clause::Each(_)
            | Clause::Group(_)
            | Clause::Frequency(_)
            | Clause::Show(_)
            | Clause::Order(_)
            | Clause::Limit(_)
            | Clause::Error(_) => return None,
        };
        Some(self.range(span))
    }

    /// `index at E`
    fn index_date(&mut self, clause: &'a tree::Index, frame: &Frame) -> Option<Index> {
        self.frames.push(frame.clone());
        let date = self.value(&clause.date, Some(&Type::Date));
        self.frames.pop();
        let date = date?;
        if date.ty == Type::Date {
            return Some(Index { rows: None, date, range: self.range(clause.span) });
        }
        let message = format!("an index is a date, and this is {}", date.ty);
        self.error("E0213", message, date.range, "not a date");
        None
    }

    /// `index at each R.d`
    fn each_date(&mut self, clause: &'a tree::Index, frame: &Frame) -> Option<Index> {
        self.frames.push(frame.clone());
        let checked = self.expr(&clause.date, Some(&Type::Date));
        self.frames.pop();
        let at = self.range(clause.date.span);
        let (words, label) = match checked {
            Checked::Error => return None,
            Checked::Many(rows, tail) => match *tail {
                Checked::One(date) if date.ty == Type::Date => {
                    if rows.each_other.different_days || rows.each_other.within.is_some() {
                        self.error(
                            "E0216",
                            "`index at each` takes every date, and this relates dates to each other",
                            at,
                            "of a count only",
                        );
                        return None;
                    }
                    return Some(Index { rows: Some(rows), date, range: self.range(clause.span) });
                }
                Checked::Between(ends, _) => {
                    self.two_ends(&ends, at);
                    return None;
                }
                Checked::One(value) => (format!("this is {}", value.ty), "not a date"),
                _ => ("these are rows".to_owned(), "rows"),
            },
            _ => ("this is not many".to_owned(), "one per subject"),
        };
        self.report(
            Diagnostic::error(
                Code("E0132"),
                format!("`index at each` takes a date of many rows, and {words}"),
                at,
                label,
            )
            .note("each distinct date is a row of the cohort")
            .help("name rows and their date: `index at each (diagnosis in …).date`")
            .help("for one date per subject write `index at`"),
        );
        None
    }

    /// `exit at a = …, b = …`
    fn exit(&mut self, columns: &'a tree::Columns, frame: &mut Frame, checked: &mut Cohort) {
        let range = self.range(columns.span);
        let errors = self.errors();
        let inherited = match checked.source {
            CohortSource::Cohort(of) => self.exit_of(of).is_some(),
            CohortSource::Subjects => false,
        };
        if checked.exit.is_some() || inherited {
            self.error("E0118", "a cohort has one exit", range, "the second one");
            return;
        }
        if frame.index.is_none() {
            self.report(
                Diagnostic::error(
                    Code("E0130"),
                    "follow-up ends at an exit, and this cohort has no date at which it begins",
                    range,
                    "no `index at` before it",
                )
                .help("write `index at …` as the first clause of the cohort"),
            );
        }
        let mut dates: Vec<(String, Expr)> = Vec::new();
        for column in &columns.columns {
            let at = self.range(column.span);
            if column.nested.is_some() {
                self.not_yet("nested columns", at);
                continue;
            }
            let name = column
                .name
                .as_ref()
                .map_or_else(|| super::table::column_name(&column.value), |name| name.text.clone());
            if name == AS_OF || dates.iter().any(|(known, _)| *known == name) {
                self.report(
                    Diagnostic::error(
                        Code("E0124"),
                        format!("two reasons of an exit are named `{name}`"),
                        at,
                        "the second one",
                    )
                    .note("`as of` is the reason where nothing else ended the follow-up")
                    .help("give it another name: `name = …`"),
                );
                continue;
            }
            self.frames.push(frame.clone());
            let date = self.value(&column.value, Some(&Type::Date));
            self.frames.pop();
            let Some(date) = date else { continue };
            if date.ty == Type::Date {
                dates.push((name, date));
            } else {
                let message = format!("an exit is a date, and this is {}", date.ty);
                self.error("E0213", message, date.range, "not a date");
            }
        }
        let whole = self.errors() == errors;
        let exit = Exit { dates, after: checked.rules.len(), range };
        let values = exit_columns(&checked.row, &exit);
        frame.names.extend(values.map(|(name, value)| {
            // Known also after an error, so that its use is no second one.
            (name, if whole { Checked::One(value) } else { Checked::Error })
        }));
        checked.exit = Some(exit);
    }

    /// The frame of a row of a cohort, or of any subject: index date and exit are columns of it.
    pub(crate) fn member_frame(&self, row: &Row, of: Option<CohortId>) -> Frame {
        let mut frame = Frame { row: row.clone(), names: Vec::new(), index: None, call: None };
        let Some(of) = of else { return frame };
        if self.has_index(of) {
            frame.index = Some(index_of(row));
        }
        if let Some(exit) = self.exit_of(of) {
            let values = exit_columns(row, exit);
            frame.names.extend(values.map(|(name, value)| (name, Checked::One(value))));
        }
        frame
    }

    /// What a cohort is taken from.
    fn cohort_source(&mut self, from: &tree::Path) -> Option<CohortSource> {
        let range = self.range(from.span);
        let [name] = from.names.as_slice() else {
            self.error("E0119", "a cohort is taken from people", range, "`subjects` or the name of a cohort");
            return None;
        };
        self.note_item(range, &name.text);
        if self.model().find(&name.text) == self.model().subject() && self.model().subject().is_some() {
            return Some(CohortSource::Subjects);
        }
        match self.globals.get(&name.text) {
            Some(Global::Cohort(id)) => {
                let id = *id;
                if self.is_events(id) {
                    self.events_refused(id, range, "a cohort is taken from people");
                    return None;
                }
                Some(CohortSource::Cohort(id))
            }
            Some(Global::Broken) => {
                self.unsaid += 1;
                None
            }
            Some(Global::Table(id)) => {
                let table = self.query.tables.get(id.0 as usize);
                let people = table
                    .and_then(|table| self.query.cohorts.get(table.cohort?.0 as usize))
                    .map(|cohort| cohort.name.clone());
                let diagnostic = Diagnostic::error(
                    Code("E0119"),
                    format!("a cohort is taken from people, and `{}` is a table", name.text),
                    range,
                    "released rows, which are nobody in particular",
                );
                self.report(match people {
                    Some(people) => diagnostic.fix(format!("write `{people}`"), vec![(range, people)]),
                    None => diagnostic
                        .help("put its rules into a cohort, and take both the table and this from that"),
                });
                None
            }
            Some(_) | None => {
                let mut known: Vec<&str> = self
                    .globals
                    .iter()
                    .filter(|(_, global)| matches!(global, Global::Cohort(_)))
                    .map(|(name, _)| name.as_str())
                    .collect();
                known.push("subjects");
                let near = near_names(&name.text, known.iter().copied());
                let diagnostic = Diagnostic::error(
                    Code("E0119"),
                    format!("a cohort is taken from people, and `{}` is not a cohort", name.text),
                    range,
                    "`subjects` or the name of a cohort was expected",
                );
                let entity = self.model().find(&name.text).map(|id| self.model().entity(id).name.clone());
                self.report(match entity {
                    Some(entity) if near.is_empty() => diagnostic
                        .help(format!("`from subjects where has {entity} …` takes those who have one")),
                    Some(_) | None => with_near(diagnostic, &near),
                });
                None
            }
        }
    }

    /// An event cohort where people are expected.
    pub(crate) fn events_refused(&mut self, id: CohortId, range: Range, rule: &str) {
        let Some(cohort) = self.query.cohorts.get(id.0 as usize) else { return };
        let (name, first) = (cohort.name.clone(), cohort.index.as_ref().map(|index| index.range));
        let diagnostic = Diagnostic::error(
            Code("E0133"),
            format!("{rule}, and a row of `{name}` is an event: a subject can have several"),
            range,
            "a cohort of events",
        );
        let diagnostic = match first {
            Some(first) => diagnostic.label(first, "a row per subject and date"),
            None => diagnostic,
        };
        self.report(diagnostic.help(format!("`where subject in {name}` takes the people who have one")));
    }

    /// Whether a cohort has a row per event.
    pub(crate) fn is_events(&self, id: CohortId) -> bool {
        let cohort = self.query.cohorts.get(id.0 as usize);
        cohort.and_then(|cohort| cohort.index.as_ref()).is_some_and(|index| index.rows.is_some())
    }

    /// A cohort and those that it is taken from, innermost first.
    fn lineage(&self, id: CohortId) -> impl Iterator<Item = &Cohort> {
        std::iter::successors(self.query.cohorts.get(id.0 as usize), |cohort| match cohort.source {
            CohortSource::Subjects => None,
            CohortSource::Cohort(of) => self.query.cohorts.get(of.0 as usize),
        })
    }

    /// Whether a cohort or one that it is taken from has an index date.
    fn has_index(&self, id: CohortId) -> bool {
        self.lineage(id).any(|cohort| cohort.index.is_some())
    }

    /// The exit of a cohort or of one that it is taken from.
    fn exit_of(&self, id: CohortId) -> Option<&Exit> {
        self.lineage(id).find_map(|cohort| cohort.exit.as_ref())
    }
}

/// The index date of a cohort's row.
pub(crate) fn index_of(row: &Row) -> Expr {
    let none = Range::new(text::FileId(0), 0, 0);
    Expr { kind: Kind::Index(row.id), ty: Type::Date, label: ColumnLabel::Quasi, range: none }
}

/// `exit_date` and `exit_reason` of a cohort's row. The reasons are a closed list in the order written.
fn exit_columns(row: &Row, exit: &Exit) -> [(String, Expr); 2] {
    let label = exit.dates.iter().map(|(_, date)| date.label).fold(ColumnLabel::Quasi, ColumnLabel::max);
    let members = exit.dates.iter().map(|(name, _)| name.clone()).chain([AS_OF.to_owned()]).collect();
    let reasons = Type::Enum(Arc::new(EnumType { members, ordered: false }));
    let value = |part, ty| Expr { kind: Kind::Exit(row.id, part), ty, label, range: exit.range };
    [
        ("exit_date".to_owned(), value(ExitPart::Date, Type::Date)),
        ("exit_reason".to_owned(), value(ExitPart::Reason, reasons)),
    ]
}
