//! `test` blocks run: made-up people become tables in memory, `eval` computes what the program says of them.
//!
//! No warehouse is opened. The plans are those of the program, guards and all; the people permit every
//! use unless a test says otherwise, and nothing is withheld, because nobody is behind these rows.

use crate::made_up::tables;
use crate::params::Params;
use crate::session::Session;
use crate::trouble::{Result, Trouble};
use crate::{codes, sources};
use arrow::array::RecordBatch;
use diag::Diagnostic;
use jiff::Timestamp;
use jiff::civil::Date;
use plan::{Cell, ReleasedExpr};
use policy::Context;
use release::{Level, Released, ReleasedValue, Rules, Terms, Zeros};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use text::{Files, Range};
use types::{Expect, ExpectedCell, MEMBERS, Query, Test, Value};

/// The tests of a program.
#[derive(Debug)]
pub struct Tested {
    /// All texts that diagnostics point into.
    pub files: Files,
    /// What is wrong with the program itself, sorted. Tests with errors are not run.
    pub diagnostics: Vec<Diagnostic>,
    /// Every test that was run, in the order of the program.
    pub tests: Vec<TestResult>,
}

/// What became of a test.
#[derive(Debug)]
pub struct TestResult {
    /// Its name.
    pub name: String,
    /// Where it stands.
    pub range: Range,
    /// A diagnostic for each expectation that does not hold.
    pub failures: Vec<Diagnostic>,
}

impl Tested {
    /// Whether the program is right and every expectation holds.
    pub fn passed(&self) -> bool {
        !self.diagnostics.iter().any(Diagnostic::is_error)
            && self.tests.iter().all(|test| test.failures.is_empty())
    }
}

/// What the tables and cohorts of a program say of the people of a test.
struct Answers {
    tables: BTreeMap<String, Released>,
    members: BTreeMap<String, BTreeSet<String>>,
}

impl Session {
    /// Runs the tests of a program.
    ///
    /// # Errors
    /// The file cannot be read, a pin that it needs is damaged, or the compiler made a plan that means nothing.
    pub fn test(&self, path: &Path, params: &Params) -> Result<Tested> {
        let text = self.text_of(path)?;
        self.test_text(path, &text, params)
    }

    /// Runs the tests of the standard library, a result per file.
    ///
    /// # Errors
    /// As [`Session::test`].
    pub fn test_library(&self) -> Result<Vec<Tested>> {
        let definitions = crate::stdlib::definitions().zip(&self.library);
        let definitions: Vec<_> = definitions.map(|((path, _), parsed)| (path, parsed)).collect();
        crate::stdlib::programs()
            .map(|(path, text)| {
                // The file that is tested is no library of itself.
                let others = definitions.iter().filter(|(other, _)| *other != path);
                let others: Vec<_> = others.map(|(_, parsed)| (*parsed).clone()).collect();
                self.test_with(&self.project.root.join("stdlib").join(path), text, &BTreeMap::new(), &others)
            })
            .collect()
    }

    /// Runs the tests of a program that lies, or would lie, at `path`.
    ///
    /// # Errors
    /// As [`Session::test`].
    pub fn test_text(&self, path: &Path, text: &str, params: &Params) -> Result<Tested> {
        self.test_with(path, text, params, &self.library)
    }

    fn test_with(
        &self,
        path: &Path,
        text: &str,
        params: &Params,
        library: &[syntax::Parsed],
    ) -> Result<Tested> {
        let mut files = self.files.clone();
        let absolute = crate::session::absolute(path);
        let main = files.add(path.display().to_string(), text);
        let (parsed, mut diagnostics) = syntax::parse(main, text);
        let sources = sources::read(
            &self.project,
            &absolute,
            &parsed,
            &crate::editor::Open::new(),
            &mut files,
            &mut diagnostics,
        );
        let params = crate::params::with_settings(&self.project, params)?;
        let input = types::Input {
            model: &self.model,
            vocabulary: &self.vocabulary,
            main: &parsed,
            library,
            imports: &sources.imports,
            code_files: &sources.code_files,
            params: &params,
        };
        let (query, more) = types::check(&input);
        diagnostics.extend(more);
        self.vocabulary.damage()?;
        diag::sort(&mut diagnostics);
        let mut tests = Vec::new();
        for test in &query.tests {
            // A date of its own changes what every age and window means.
            let (asked, as_of) = match (test.as_of, query.as_of) {
                (Some((date, range)), _) => (types::check_at(&input, date, range).0, date),
                (None, Some((date, _))) => (query.clone(), date),
                (None, None) => continue,
            };
            let answers = self.answers(test, asked, as_of)?;
            let mut failures = Vec::new();
            for expect in &test.expects {
                if !holds(expect, &answers) {
                    failures.push(failure(expect, &answers, test));
                }
            }
            tests.push(TestResult { name: test.name.clone(), range: test.range, failures });
        }
        Ok(Tested { files, diagnostics, tests })
    }

    fn answers(&self, test: &Test, mut query: Query, as_of: Date) -> Result<Answers> {
        let mut wanted = BTreeSet::new();
        for expect in &test.expects {
            names(expect, &mut wanted);
        }
        query.uses = None;
        query.tests.clear();
        // Where one table reads another, all keep their places.
        if query.tables_read.is_empty() {
            query.tables.retain(|table| wanted.contains(&table.name));
        }
        query.reports.retain(|report| wanted.contains(&report.name));
        let cohorts: Vec<_> =
            (0..).zip(&query.cohorts).filter(|(_, cohort)| wanted.contains(&cohort.name)).collect();
        let members: Vec<_> = cohorts
            .into_iter()
            .filter_map(|(at, _)| types::members(&query, types::CohortId(at), &self.model))
            .collect();
        query.tables.extend(members);
        let context = Context { model: &self.model, used_on: as_of, known_at: Timestamp::MAX, test: true };
        let (permitted, refusals) = policy::check(query, &self.policy, &context);
        if let Some(refused) = refusals.iter().find(|refusal| refusal.is_error()) {
            // What no agreement could allow, such as showing an identifier, no test can look at.
            let mut trouble = Trouble::of(crate::trouble::Kind::Refused, refused.clone());
            trouble.files = self.files.clone();
            return Err(trouble);
        }
        let mut answers = Answers { tables: BTreeMap::new(), members: BTreeMap::new() };
        let Some(permitted) = permitted else { return Ok(answers) };
        let tables = tables(&self.model, test).map_err(|error| meaningless(test, &error))?;
        let terms = Terms {
            level: Level::Record,
            min_subjects: 1,
            round_to: None,
            zeros: Zeros::Shown,
            dominance: release::Dominance::none(permitted.grounds().release.dominance.n),
            margin: release::WHOLE,
            difference: 1,
            frequency_min_subjects: 1,
            allele_min_carriers: 1,
            pseudonym_key: None,
        };
        let rules = Rules::for_tests(terms).map_err(|error| meaningless(test, &error.to_string()))?;
        let above = |disease: &str| self.vocabulary.above(disease);
        let mut before = plan::ReleasedColumns::new();
        let query = permitted.query();
        for name in plan::items(query) {
            let lowered = plan::lower_item(&permitted, &self.model, &above, name, &before);
            let Some((mut plan, _)) = lowered else { continue };
            let rows = eval::run(&plan, &tables).map_err(|error| meaningless(test, &error.to_string()))?;
            if let Some(cohort) = name.strip_prefix(MEMBERS) {
                let keys = rows.rows.iter().filter_map(|row| match row.first() {
                    Some(plan::Value::Text(key)) => Some(key.clone()),
                    _ => None,
                });
                answers.members.insert(cohort.to_owned(), keys.collect());
                continue;
            }
            // Made-up people answer to their names.
            for shown in &mut plan.shape.shown {
                by_name(&mut shown.value);
            }
            let batch: RecordBatch =
                crate::arrow_of(&rows).map_err(|error| meaningless(test, error.as_str()))?;
            let released = release::release(&plan.shape, &[batch], &rules)
                .map_err(|error| meaningless(test, &error.to_string()))?;
            if let Some(at) = query.tables.iter().position(|table| table.name == name) {
                crate::compile::remember(&mut before, at, &released);
            }
            answers.tables.insert(name.to_owned(), released);
        }
        Ok(answers)
    }
}

fn meaningless(test: &Test, why: &str) -> Trouble {
    Trouble::internal(&format!("the test \"{}\" cannot be computed", test.name), why)
}

/// Keys of people are shown as they are.
fn by_name(expr: &mut ReleasedExpr) {
    match expr {
        ReleasedExpr::Cell(cell) => {
            if let Cell::Pseudonym(raw) = cell {
                *cell = Cell::Value(*raw);
            }
        }
        ReleasedExpr::Apply(_, operands) => {
            for operand in operands {
                by_name(operand);
            }
        }
        _ => {}
    }
}

/// The tables and cohorts that an expectation looks at.
fn names(expect: &Expect, found: &mut BTreeSet<String>) {
    match expect {
        Expect::And(all) | Expect::Or(all) => {
            for inner in all {
                names(inner, found);
            }
        }
        Expect::Not(inner) => names(inner, found),
        Expect::Literal(_) => {}
        Expect::Member { cohort, .. } | Expect::Members { cohort, .. } => {
            found.insert(cohort.clone());
        }
        Expect::Rows { table, .. } => {
            found.insert(table.clone());
        }
    }
}

fn holds(expect: &Expect, answers: &Answers) -> bool {
    match expect {
        Expect::And(all) => all.iter().all(|inner| holds(inner, answers)),
        Expect::Or(all) => all.iter().any(|inner| holds(inner, answers)),
        Expect::Not(inner) => !holds(inner, answers),
        Expect::Literal(value) => *value,
        Expect::Member { person, cohort, .. } => {
            answers.members.get(cohort).is_some_and(|members| members.contains(person))
        }
        Expect::Members { cohort, people, .. } => answers
            .members
            .get(cohort)
            .is_some_and(|members| members.iter().eq(people.iter().collect::<BTreeSet<_>>())),
        Expect::Rows { table, columns, rows, .. } => answers.tables.get(table).is_some_and(|released| {
            let got = chosen(released, columns);
            got.len() == rows.len() && got.iter().zip(rows).all(|(got, row)| same_row(row, got))
        }),
    }
}

/// The named columns of a released table.
fn chosen<'r>(released: &'r Released, columns: &[usize]) -> Vec<Vec<&'r ReleasedValue>> {
    released.rows().iter().map(|row| columns.iter().filter_map(|at| row.get(*at)).collect()).collect()
}

fn same_row(expected: &[ExpectedCell], got: &[&ReleasedValue]) -> bool {
    expected.len() == got.len() && expected.iter().zip(got).all(|(expected, got)| same(expected, got))
}

fn same(expected: &ExpectedCell, got: &ReleasedValue) -> bool {
    match (expected, got) {
        (ExpectedCell::Value(value), ReleasedValue::Value(got)) => equal(value, got),
        (ExpectedCell::Value(Value::Text(text)), got) => *text == shown(got),
        (ExpectedCell::Interval(from, to), ReleasedValue::Interval { low, high }) => {
            equal(from, &plan::Value::Decimal(*low)) && equal(to, &plan::Value::Decimal(*high))
        }
        (ExpectedCell::Value(_) | ExpectedCell::Interval(..), _) => false,
    }
}

/// Whole numbers and decimals are one kind of number here; a literal knows no more than its digits.
fn equal(expected: &Value, got: &plan::Value) -> bool {
    let units = |whole: i64| types::Number::int(whole).0;
    match (expected, got) {
        (Value::Bool(one), plan::Value::Bool(other)) => one == other,
        (Value::Int(one), plan::Value::Int(other)) => one == other,
        (Value::Int(one), plan::Value::Decimal(other)) => units(*one) == *other,
        (Value::Number(one), plan::Value::Int(other)) => one.0 == units(*other),
        (Value::Number(one), plan::Value::Decimal(other)) => one.0 == *other,
        (Value::Text(one), plan::Value::Text(other)) => {
            one == other || one.replacen(":chr", ":", 1) == other.replacen(":chr", ":", 1)
        }
        (Value::Date(one), plan::Value::Date(other)) => one == other,
        _ => false,
    }
}

/// Why an expectation does not hold: what was expected and what came, beside each other.
fn failure(expect: &Expect, answers: &Answers, test: &Test) -> Diagnostic {
    let told = |message: String, range: Range, left: Vec<String>, right: Vec<String>| {
        Diagnostic::error(codes::TEST_FAILED, message, range, "does not hold")
            .note(beside(&left, &right))
            .note(format!("in the test \"{}\"", test.name))
    };
    match expect {
        Expect::And(all) => match all.iter().find(|inner| !holds(inner, answers)) {
            Some(inner) => failure(inner, answers, test),
            None => plain(test.range, test),
        },
        Expect::Member { person, cohort, range } => {
            let members = answers.members.get(cohort).cloned().unwrap_or_default();
            told(
                format!("`{person}` is not in `{cohort}`"),
                *range,
                vec![person.clone()],
                members.into_iter().collect(),
            )
        }
        Expect::Members { cohort, people, range } => {
            let members = answers.members.get(cohort).cloned().unwrap_or_default();
            let expected: BTreeSet<String> = people.iter().cloned().collect();
            let column = |side: &BTreeSet<String>| {
                let all = expected.union(&members);
                all.map(|name| side.get(name).cloned().unwrap_or_default()).collect()
            };
            told(format!("`{cohort}` has other members"), *range, column(&expected), column(&members))
        }
        Expect::Rows { table, columns, rows, range } => {
            let left = rows.iter().map(|row| line(row.iter().map(expected_words))).collect();
            let got = answers.tables.get(table).map(|released| chosen(released, columns)).unwrap_or_default();
            let right = got.iter().map(|row| line(row.iter().map(|cell| words(cell)))).collect();
            told(format!("`{table}` has other rows"), *range, left, right)
        }
        Expect::Not(inner) => {
            let mut places = Vec::new();
            ranges(inner, &mut places);
            plain(places.first().copied().unwrap_or(test.range), test)
        }
        Expect::Or(all) => {
            let mut places = Vec::new();
            for inner in all {
                ranges(inner, &mut places);
            }
            plain(places.first().copied().unwrap_or(test.range), test)
        }
        Expect::Literal(_) => plain(test.range, test),
    }
}

fn plain(range: Range, test: &Test) -> Diagnostic {
    Diagnostic::error(codes::TEST_FAILED, "what was expected is not so", range, "does not hold")
        .note(format!("in the test \"{}\"", test.name))
}

fn ranges(expect: &Expect, found: &mut Vec<Range>) {
    match expect {
        Expect::And(all) | Expect::Or(all) => {
            for inner in all {
                ranges(inner, found);
            }
        }
        Expect::Not(inner) => ranges(inner, found),
        Expect::Literal(_) => {}
        Expect::Member { range, .. } | Expect::Members { range, .. } | Expect::Rows { range, .. } => {
            found.push(*range);
        }
    }
}

fn line(cells: impl Iterator<Item = String>) -> String {
    cells.collect::<Vec<_>>().join(", ")
}

/// Two lists of lines beside each other; a line that differs is marked.
fn beside(left: &[String], right: &[String]) -> String {
    let heading = "expected";
    let width = left.iter().map(|line| line.chars().count()).chain([heading.len()]).max().unwrap_or(0);
    let mut text = format!("  {heading:<width$}   got");
    for at in 0..left.len().max(right.len()) {
        let (one, other) =
            (left.get(at).map_or("", String::as_str), right.get(at).map_or("", String::as_str));
        let mark = if left.get(at) == right.get(at) { ' ' } else { '!' };
        let row = format!("{mark} {one:<width$}   {other}");
        text.push('\n');
        text.push_str(row.trim_end());
    }
    text
}

fn expected_words(cell: &ExpectedCell) -> String {
    match cell {
        ExpectedCell::Value(value) => value_words(value),
        ExpectedCell::Interval(low, high) => format!("({}, {})", value_words(low), value_words(high)),
    }
}

fn value_words(value: &Value) -> String {
    match value {
        Value::Bool(value) => value.to_string(),
        Value::Int(value) => value.to_string(),
        Value::Number(value) => decimal(value.0),
        Value::Text(value) => value.clone(),
        Value::Date(value) => value.to_string(),
    }
}

fn words(got: &ReleasedValue) -> String {
    match got {
        ReleasedValue::Value(plan::Value::Decimal(units)) => decimal(*units),
        ReleasedValue::Interval { low, high } => format!("({}, {})", decimal(*low), decimal(*high)),
        other => shown(other),
    }
}

/// A released value in the words by which a test can expect it.
fn shown(value: &ReleasedValue) -> String {
    match value {
        ReleasedValue::Value(plan::Value::Text(text)) => text.clone(),
        ReleasedValue::Value(plan::Value::Bool(value)) => value.to_string(),
        ReleasedValue::Value(plan::Value::Int(value)) => value.to_string(),
        ReleasedValue::Value(plan::Value::Date(value)) => value.to_string(),
        ReleasedValue::Value(_) => String::new(),
        ReleasedValue::Withheld(how) => {
            how.below().map_or_else(|| "withheld".to_owned(), |below| format!("<{below}"))
        }
        ReleasedValue::Interval { .. } | ReleasedValue::Rows(_) => String::new(),
        ReleasedValue::Null | ReleasedValue::NotRecorded => release::NOT_RECORDED.to_owned(),
        ReleasedValue::Other => release::OTHER.to_owned(),
        ReleasedValue::Total => release::TOTAL.to_owned(),
    }
}

/// A decimal without zeros at its end.
fn decimal(units: i128) -> String {
    let digits = format!("{:0>13}", units.unsigned_abs());
    let (whole, part) = digits.split_at(digits.len() - 12);
    let part = part.trim_end_matches('0');
    let sign = if units < 0 { "-" } else { "" };
    if part.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{part}") }
}
