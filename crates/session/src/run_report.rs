//! The run report: what of the data a program could not use, in numbers of people.
//!
//! Whoever reads a count wants to know what it left undecided: rows without a date, rows without a code,
//! quantities in a unit that the bound cannot be compared with, people of whom the same phenotype is recorded
//! as observed and as excluded. Each of these is itself a question of the language. The report is therefore a
//! program: that of the user with one more table for every figure, checked against the same agreement,
//! guarded by the same consent, released under the same thresholds and rounding, and entered into the audit like any
//! other. A figure that the agreement does not allow is not given, and the report says so.

use crate::codes::{EARLIER, TOO_CLOSE, TOO_MANY_REFUSED};
use crate::params::Params;
use crate::run::Destination;
use crate::session::{Checked, Session};
use crate::trouble::{Result, Trouble};
use engine::Reader;
use model::{ColumnId, ColumnType, Entity, EntityId, Linkage, Unit};
use release::ReleasedValue;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;
use types::{Kind, Rows, RowsSource, ShownExpr, TableBody};

/// A figure of the report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportLine {
    /// The kind of row, in the plural.
    pub about: String,
    /// What is true of the rows that are counted: `rows without a date`.
    pub what: String,
    /// The people who have such a row, as released, or why that is not told.
    pub people: std::result::Result<ReleasedValue, NotTold>,
}

/// Why a figure of the report is not told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotTold {
    /// The agreement does not allow the question.
    NotAllowed,
    /// Too few people lie between it and what was told before.
    TooNear,
}

impl NotTold {
    /// The reason in words.
    pub fn words(self) -> &'static str {
        match self {
            NotTold::NotAllowed => "the agreement does not allow the question",
            NotTold::TooNear => "it is too near to what was told before",
        }
    }
}

/// A table to be added to the program.
struct Question {
    about: String,
    what: What,
    /// The table, but for its name: `from … show people = …`.
    text: String,
}

enum What {
    /// One figure.
    Said(String),
    /// A figure for each unit, which is the first column.
    ByUnit(String),
}

/// Whether a figure is refused for what was told before. Every other refusal is of the program itself.
fn is_near(trouble: &Trouble) -> bool {
    let code = trouble.diagnostics.first().map(|diagnostic| diagnostic.code);
    code.is_some_and(|code| [EARLIER, TOO_CLOSE, TOO_MANY_REFUSED].contains(&code))
}

impl Session {
    /// The report of a program that was checked.
    ///
    /// # Errors
    /// Those of [`Session::run`].
    pub fn run_report(
        &self,
        checked: &Checked,
        params: &Params,
        reader: &mut dyn Reader,
    ) -> Result<Vec<ReportLine>> {
        let file = checked.files.get(checked.main);
        let path = Path::new(&*file.name);
        let mut lines = Vec::new();
        let mut text = file.text.to_string();
        let mut asked = Vec::new();
        for (number, question) in self.questions(checked).into_iter().enumerate() {
            let name = format!("run_report_{}", number + 1);
            let table = format!("\ntable {name} = {}\n", question.text);
            // Each is checked by itself, so that one that is refused takes no other with it.
            if self.check_text(path, &format!("{}{table}", file.text), params)?.has_errors() {
                let (What::Said(what) | What::ByUnit(what)) = question.what;
                lines.push(ReportLine { about: question.about, what, people: Err(NotTold::NotAllowed) });
                continue;
            }
            text.push_str(&table);
            asked.push((name, question));
        }
        if asked.is_empty() {
            return Ok(lines);
        }
        let whole = self.check_text(path, &text, params)?;
        let names: Vec<String> = asked.iter().map(|(name, _)| name.clone()).collect();
        let render =
            |_: &str, released: &release::Released| Ok(format!("{:?}", released.rows()).into_bytes());
        let to = Destination { format: "table", path: "-", render: &render };
        for (name, question) in names.iter().zip(asked.iter().map(|(_, question)| question)) {
            let one = self.run(&whole, std::slice::from_ref(name), reader, to);
            let answers = match one {
                Err(trouble) if is_near(&trouble) => {
                    let (What::Said(what) | What::ByUnit(what)) = &question.what;
                    lines.push(ReportLine {
                        about: question.about.clone(),
                        what: what.clone(),
                        people: Err(NotTold::TooNear),
                    });
                    continue;
                }
                other => other?,
            };
            for row in answers.iter().flat_map(|answer| answer.released.rows()) {
                let Some(people) = row.last().cloned() else { continue };
                let what = match (&question.what, row.first()) {
                    (What::ByUnit(what), Some(ReleasedValue::Value(plan::Value::Text(unit)))) => {
                        format!("{what} {unit}")
                    }
                    (What::Said(what) | What::ByUnit(what), _) => what.clone(),
                };
                let none = ReleasedValue::Value(plan::Value::Int(0));
                let line = ReportLine { about: question.about.clone(), what, people: Ok(people) };
                // Two bounds on the same codes leave the same rows undecided.
                if line.people.as_ref() != Ok(&none) && !lines.contains(&line) {
                    lines.push(line);
                }
            }
        }
        Ok(lines)
    }

    /// What the report asks of a program: of each figure what it is about, what is true of the rows that are counted,
    /// and the table but for its name. Of a figure by unit the first column is the unit; people are the last one.
    pub fn report_questions(&self, checked: &Checked) -> Vec<[String; 3]> {
        let questions = self.questions(checked).into_iter();
        questions
            .map(|Question { about, what: What::Said(what) | What::ByUnit(what), text }| [about, what, text])
            .collect()
    }

    /// The same, with whether a figure is one for each unit.
    fn questions(&self, checked: &Checked) -> Vec<Question> {
        let Some(permitted) = &checked.permitted else { return Vec::new() };
        let mut questions = Vec::new();
        for read in &permitted.grounds().reads {
            questions.extend(self.undated(read.entity));
        }
        let mut seen = BTreeSet::new();
        each_rows(permitted.query(), &mut |rows| {
            for step in &rows.steps {
                if matches!(step.source, RowsSource::Carried { .. }) {
                    continue;
                }
                let entity = self.model().entity(step.row.entity);
                let mut set = None;
                for condition in &step.conditions {
                    if let Kind::InCodes(code, _) = &condition.kind
                        && let Kind::Column(row, column) = &code.kind
                        && *row == step.row
                    {
                        let words = self.words(checked, condition.range);
                        set = words.clone().filter(|_| entity.coded_by == Some(*column));
                        questions.extend(self.uncoded(step.row.entity, *column));
                        questions.extend(self.contradictory(step.row.entity, *column, words.as_deref()));
                    }
                }
                for condition in &step.conditions {
                    self.compared(checked, condition, &step.row, set.as_deref(), &mut questions);
                }
            }
        });
        // The same question may come from several places.
        questions.retain(|question| seen.insert(question.text.clone()));
        questions
    }

    /// Comparisons of quantities in a condition, each with the codes that stand beside it: a bound on HbA1c
    /// is no question to the weights in the same table.
    fn compared(
        &self,
        checked: &Checked,
        condition: &types::Expr,
        row: &types::Row,
        set: Option<&str>,
        questions: &mut Vec<Question>,
    ) {
        match &condition.kind {
            Kind::And(parts) => {
                let coded = self.model().entity(row.entity).coded_by;
                let beside = parts.iter().find_map(|part| match &part.kind {
                    Kind::InCodes(code, _) => match &code.kind {
                        Kind::Column(of, column) if of == row && Some(*column) == coded => {
                            self.words(checked, part.range)
                        }
                        _ => None,
                    },
                    _ => None,
                });
                let set = beside.as_deref().and_then(set_of).or(set);
                for part in parts {
                    self.compared(checked, part, row, set, questions);
                }
            }
            Kind::Or(parts) => {
                for part in parts {
                    self.compared(checked, part, row, set, questions);
                }
            }
            _ => types::each_expr(condition, &mut |inner| {
                if let Kind::CompareQuantity { value, in_units, .. } = &inner.kind
                    && let Kind::Column(of, column) = &value.kind
                    && of == row
                {
                    let units: Vec<&str> = in_units.iter().map(|(unit, _)| unit.as_str()).collect();
                    questions.extend(self.units(row.entity, *column, set, &units));
                }
            }),
        }
    }

    /// People with rows without a date, which windows cannot decide.
    fn undated(&self, id: EntityId) -> Option<Question> {
        let entity = self.model().entity(id);
        let date = entity.column(entity.dated_by?.start);
        date.optional.then_some(())?;
        let test = format!("{} is not known", name(&date.name));
        Some(self.has(entity, None, &test)?.said("rows without a date"))
    }

    /// People with rows without a code, which no set of codes holds.
    fn uncoded(&self, id: EntityId, column: ColumnId) -> Option<Question> {
        let entity = self.model().entity(id);
        let code = entity.column(column);
        (code.optional && entity.coded_by == Some(column)).then_some(())?;
        let test = format!("{} is not known", name(&code.name));
        let system = match &code.ty {
            ColumnType::Code(system) => system.as_str(),
            _ => return None,
        };
        Some(self.has(entity, None, &test)?.said(&format!("rows without a code of {system}")))
    }

    /// People of whom the same is said to be observed and to be excluded.
    fn contradictory(&self, id: EntityId, column: ColumnId, set: Option<&str>) -> Option<Question> {
        let entity = self.model().entity(id);
        let excluded = entity.find_column("excluded")?;
        (entity.column(excluded).ty == ColumnType::Bool && entity.coded_by == Some(column)).then_some(())?;
        let (set, relation) = (set?, name(&entity.name));
        self.related(entity)?;
        let (people, person) = self.people()?;
        Some(Question {
            about: entity.plural.clone(),
            what: What::Said(format!("both observed and excluded in {set}")),
            text: format!(
                "from {people} where has {relation} in {set} where excludes {relation} in {set} show people = count({person})"
            ),
        })
    }

    /// People with a quantity that cannot be compared, by its unit. The units are a closed list, so that a
    /// rare spelling, which could point at somebody, is no key of a group.
    fn units(
        &self,
        id: EntityId,
        column: ColumnId,
        set: Option<&str>,
        comparable: &[&str],
    ) -> Option<Question> {
        let entity = self.model().entity(id);
        let value = entity.column(column);
        let Some(Unit::From(unit)) = value.unit else { return None };
        let unit = name(&entity.column(unit).name);
        let Linkage::Of(paths) = &entity.linkage else { return None };
        let mut person = Vec::new();
        let mut at = entity;
        for step in paths.first()? {
            let relation = at.relation(*step);
            person.push(name(&relation.name));
            at = self.model().entity(relation.target);
        }
        let mut arms = format!("when {unit} is not known then \"no unit\" ");
        for other in types::units().filter(|other| !comparable.contains(other) && !other.contains('"')) {
            let _ = write!(arms, "when {unit} = \"{other}\" then \"{other}\" ");
        }
        let list: Vec<String> = comparable.iter().map(|unit| format!("\"{unit}\"")).collect();
        let coded = entity.coded_by.map(|column| name(&entity.column(column).name));
        let set_test = match (coded, set) {
            (Some(code), Some(set)) => format!("where {code} in {set} "),
            _ => String::new(),
        };
        Some(Question {
            about: entity.plural.clone(),
            what: What::ByUnit(match set {
                Some(set) => format!("{} in {set} that cannot be compared, in", value.name),
                None => format!("{} that cannot be compared, in", value.name),
            }),
            text: format!(
                "from {} {set_test}where {} is known where {unit} is not known or not ({unit} in [{}]) \
                 group by unit_found = case {arms}otherwise \"another unit\" show unit_found, people = count({})",
                name(&entity.plural),
                name(&value.name),
                list.join(", "),
                person.join(".")
            ),
        })
    }

    /// The people who have a row with this.
    fn has(&self, entity: &Entity, set: Option<&str>, test: &str) -> Option<Question> {
        let relation = self.related(entity)?;
        let (people, person) = self.people()?;
        let set = set.map_or_else(String::new, |set| format!(" in {set}"));
        Some(Question {
            about: entity.plural.clone(),
            what: What::Said(String::new()),
            text: format!("from {people} where has {relation}{set} ({test}) show people = count({person})"),
        })
    }

    /// The relation from people to an entity.
    fn related(&self, entity: &Entity) -> Option<String> {
        let subject = self.model().entity(self.model().subject()?);
        let relation = subject
            .relations
            .iter()
            .find(|relation| relation.many && self.model().entity(relation.target).name == entity.name)?;
        Some(name(&relation.name))
    }

    /// What a program calls the people.
    fn people(&self) -> Option<(String, String)> {
        let subject = self.model().entity(self.model().subject()?);
        Some((name(&subject.plural), name(&subject.plural)))
    }

    /// What stands at a place of the program itself.
    fn words(&self, checked: &Checked, range: text::Range) -> Option<String> {
        let file = checked.files.get(checked.main);
        let words = file.text.get(range.start as usize..range.end as usize)?;
        (range.file == checked.main).then(|| words.split_whitespace().collect::<Vec<_>>().join(" "))
    }
}

impl Question {
    fn said(self, what: &str) -> Question {
        Question { what: What::Said(what.to_owned()), ..self }
    }
}

/// The set in the words of a test: `LOINC:4548-4` of `code in LOINC:4548-4`; of rows, the words are the set.
fn set_of(words: &str) -> Option<&str> {
    words.split_once(" in ").map_or(Some(words), |(_, set)| Some(set)).filter(|set| !set.is_empty())
}

/// A name of the model as a program writes it.
fn name(name: &str) -> String {
    // Quoted always: some columns have the name of a reserved word.
    format!("`{name}`")
}

/// Calls `visit` for all rows that something of a program takes.
fn each_rows(query: &types::Query, visit: &mut dyn FnMut(&Rows)) {
    let mut of = |expr: &types::Expr| {
        types::each_expr(expr, &mut |inner| match &inner.kind {
            Kind::Has(rows)
            | Kind::Counted(_, _, rows)
            | Kind::Pick { rows, .. }
            | Kind::Aggregate { rows, .. } => visit(rows),
            _ => {}
        });
    };
    for cohort in &query.cohorts {
        if let Some(index) = &cohort.index {
            of(&index.date);
            index.rows.iter().for_each(|rows| types::each_expr_of_rows(rows, &mut of));
        }
        cohort.exit.iter().flat_map(|exit| &exit.dates).for_each(|(_, date)| of(date));
        cohort.rules.iter().map(|rule| &rule.condition).for_each(&mut of);
    }
    for table in &query.tables {
        table.rules.iter().map(|rule| &rule.condition).for_each(&mut of);
        table.nested.iter().flat_map(|nested| &nested.columns).for_each(|(_, value)| of(value));
        match &table.body {
            TableBody::Rows { values } => values.iter().for_each(&mut of),
            TableBody::Groups { keys, .. } => keys.iter().map(|key| &key.value).for_each(&mut of),
            TableBody::Frequency { frequencies, pooled, values, .. } => {
                values.iter().for_each(&mut of);
                pooled.iter().flat_map(|pooled| &pooled.keys).map(|key| &key.value).for_each(&mut of);
                for frequency in frequencies {
                    frequency.conditions.iter().for_each(&mut of);
                    frequency.keys.iter().map(|key| &key.value).for_each(&mut of);
                }
            }
        }
        for shown in table.shown.iter().map(|shown| &shown.value).chain(&table.kept) {
            aggregates(shown, &mut of);
        }
    }
}

fn aggregates(shown: &ShownExpr, visit: &mut dyn FnMut(&types::Expr)) {
    match shown {
        ShownExpr::Cell(types::GroupCell::Aggregate { argument, filter, .. }) => {
            argument.iter().chain(filter).for_each(visit);
        }
        ShownExpr::Arithmetic(_, left, right) | ShownExpr::Compare(_, left, right) => {
            aggregates(left, visit);
            aggregates(right, visit);
        }
        ShownExpr::And(parts) | ShownExpr::Or(parts) => {
            for part in parts {
                aggregates(part, visit);
            }
        }
        ShownExpr::Not(inner) | ShownExpr::IsKnown(inner) => aggregates(inner, visit),
        _ => {}
    }
}
