//! The blocks of programs that run: `rows` holds what they release, `sql` the statement they become.
//!
//! `map` holds the source map of a statement, words of the program over what they became.
//! `conform` holds what `baseq schema check` says of the warehouse, `report` what `baseq run --report` counts.
//!
//! The word after `rows` or `sql` names a table; without one the program has only one. Rows are lines
//! of cells parted by ` | `, after a line of headings, in columns of one width; null is `∅`, a withheld
//! count is as people see it, `<5`. Every statement has passed the validator before it is run or
//! compared. `tests` holds what becomes of the program's `test` blocks, with what was expected beside what came.
//!
//! Settings of a case: `policy = "open"` withholds nothing; without it the agreement is kept to.
//! `warehouse = "doubled"`, `"families"`, `"partial"` or `"transcripts"` asks that warehouse instead of `small`.

use std::sync::OnceLock;

use release::{Released, ReleasedValue};
use spec::Case;

use crate::Made;
use crate::warehouse::{Asked, Openness, Warehouse};

/// The warehouses, or why they could not be loaded; each loaded when the first case asks for it.
static SMALL: OnceLock<Result<Warehouse, String>> = OnceLock::new();
static FAMILIES: OnceLock<Result<Warehouse, String>> = OnceLock::new();
static PARTIAL: OnceLock<Result<Warehouse, String>> = OnceLock::new();
static DOUBLED: OnceLock<Result<Warehouse, String>> = OnceLock::new();
static TRANSCRIPTS: OnceLock<Result<Warehouse, String>> = OnceLock::new();

/// What comes for a `rows` or `sql` block.
pub(crate) fn made(case: &Case, lang: &str, info: &str) -> Option<Made> {
    match lang {
        "rows" => Some(rows(case, info)),
        "sql" => Some(sql(case, info)),
        "map" => Some(map(case, info)),
        "tests" => Some(tests(case)),
        "conform" => Some(conform(case)),
        "report" => Some(run_report(case)),
        _ => None,
    }
}

/// The case, checked against the warehouse.
fn asked(case: &Case) -> Result<(&'static Warehouse, Asked), String> {
    let (cell, name) = match case.context.get("warehouse").and_then(toml::Value::as_str) {
        None | Some("small") => (&SMALL, "small"),
        Some("doubled") => (&DOUBLED, "doubled"),
        Some("partial") => (&PARTIAL, "partial"),
        Some("families") => (&FAMILIES, "families"),
        Some("transcripts") => (&TRANSCRIPTS, "transcripts"),
        Some(other) => return Err(format!("there is no warehouse `{other}`")),
    };
    let warehouse = cell.get_or_init(|| Warehouse::load(name)).as_ref().map_err(Clone::clone)?;
    Ok((warehouse, warehouse.ask(case)?))
}

fn rows(case: &Case, info: &str) -> Made {
    let (warehouse, asked) = asked(case)?;
    let openness = match case.context.get("policy").and_then(toml::Value::as_str) {
        Some("open") => Openness::Open,
        None => Openness::Agreed,
        Some(other) => return Err(format!("`policy` is \"open\" or not there, not \"{other}\"")),
    };
    let compiled = asked.compile(&names(info))?;
    let [table] = compiled.as_slice() else { return Err(which(&compiled)) };
    Ok(shown(&warehouse.run(&asked, table, openness)?))
}

fn sql(case: &Case, info: &str) -> Made {
    let (_, asked) = asked(case)?;
    let compiled = asked.compile(&names(info))?;
    let [table] = compiled.as_slice() else { return Err(which(&compiled)) };
    Ok(format!("{}\n", table.statement.text().trim_end()))
}

/// What each stretch of SQL comes from: the words of the query, and below them the step or the SQL.
fn map(case: &Case, info: &str) -> Made {
    let (_, asked) = asked(case)?;
    let compiled = asked.compile(&names(info))?;
    let [table] = compiled.as_slice() else { return Err(which(&compiled)) };
    let sql = table.statement.text();
    let line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut text = String::new();
    let mut before = None;
    for one in asked.source_map(table)? {
        let files = &asked.checked.files;
        let place = files.line_column(one.query);
        let name = &files.get(one.query.file).name;
        let name = name.rsplit('/').next().unwrap_or(name);
        let part = sql.get(one.sql).ok_or("a stretch that is not in the text")?;
        // The many steps of consent are all of the one line.
        if before.replace(one.query) != Some(one.query) {
            let words = line(files.slice(one.query));
            let place = format!("{name}:{}:{} {words}\n", place.line, place.column);
            text.push_str(&place);
        }
        let what = match one.step {
            Some(step) if part.contains(&format!("\"{step}\"")) && part.ends_with(')') => {
                format!("  step {step}\n")
            }
            Some(step) => return Err(format!("step {step} is another text: {part}")),
            None => format!("  {}\n", line(part)),
        };
        text.push_str(&what);
    }
    Ok(text)
}

fn conform(case: &Case) -> Made {
    let (warehouse, asked) = asked(case)?;
    warehouse.conform(&asked)
}

/// What the run report counts: its questions, each asked as a table of the program and openly, where it counts anybody.
fn run_report(case: &Case) -> Made {
    let (warehouse, first) = asked(case)?;
    let mut text = String::new();
    for [about, what, table] in first.session().report_questions(&first.checked) {
        let mut case = case.clone();
        let main =
            case.files.iter_mut().find(|file| file.name == spec::MAIN).ok_or("the case has no program")?;
        main.text.extend(["\ntable counted = ", &table, "\n"]);
        let asked = warehouse.ask(&case)?;
        let compiled = asked.compile(&["counted".to_owned()])?;
        let [table] = compiled.as_slice() else { return Err(which(&compiled)) };
        for row in warehouse.run(&asked, table, Openness::Open)?.rows() {
            let cells: Vec<String> = row.iter().map(cell).collect();
            let Some((people, unit)) = cells.split_last() else { continue };
            if people != "0" {
                let what: Vec<&str> = std::iter::once(&what).chain(unit).map(String::as_str).collect();
                text.extend([about.as_str(), ": ", &what.join(" "), ": ", people, "\n"]);
            }
        }
    }
    Ok(text)
}

/// What becomes of the `test` blocks of the case: a line each, and below it what does not hold.
fn tests(case: &Case) -> Made {
    let (_, asked) = asked(case)?;
    let tested = asked.test(case)?;
    let mut text = String::new();
    for test in &tested.tests {
        let word = if test.failures.is_empty() { "ok" } else { "FAILED" };
        text.extend([word, " ", &test.name, "\n"]);
        if !test.failures.is_empty() {
            text.push_str(&report::pictures(&test.failures, &tested.files, false));
        }
    }
    Ok(text)
}

fn names(info: &str) -> Vec<String> {
    info.split_whitespace().map(str::to_owned).collect()
}

fn which(compiled: &[session::Compiled]) -> String {
    let names: Vec<&str> = compiled.iter().map(|table| table.name.as_str()).collect();
    format!("the block names no table, and there is not one: {}", names.join(", "))
}

/// A released table as a block shows it.
pub(crate) fn shown(released: &Released) -> String {
    let mut table = vec![released.columns().iter().map(|column| column.name.clone()).collect::<Vec<_>>()];
    for row in released.rows() {
        table.push(row.iter().map(cell).collect());
    }
    let width = |at: usize| table.iter().filter_map(|row| row.get(at)).map(|cell| cell.chars().count()).max();
    let widths: Vec<usize> = (0..released.columns().len()).filter_map(width).collect();
    let mut text = String::new();
    for row in &table {
        let cells: Vec<String> =
            row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        text.push_str(cells.join(" | ").trim_end());
        text.push('\n');
    }
    text
}

fn cell(value: &ReleasedValue) -> String {
    match value {
        ReleasedValue::Null => "∅".to_owned(),
        ReleasedValue::Value(value) => plain(value),
        ReleasedValue::Withheld(how) => {
            let below = how.below().map_or_else(|| "withheld".to_owned(), |below| format!("<{below}"));
            if how.secondary() { format!("{below}*") } else { below }
        }
        ReleasedValue::Interval { low, high } => {
            format!("{} .. {}", report::decimal(*low), report::decimal(*high))
        }
        ReleasedValue::Rows(rows) => {
            let of = |row: &Vec<ReleasedValue>| row.iter().map(cell).collect::<Vec<_>>().join(", ");
            format!("[{}]", rows.iter().map(of).collect::<Vec<_>>().join("; "))
        }
        ReleasedValue::NotRecorded => release::NOT_RECORDED.to_owned(),
        ReleasedValue::Other => release::OTHER.to_owned(),
        ReleasedValue::Total => release::TOTAL.to_owned(),
    }
}

fn plain(value: &plan::Value) -> String {
    match value {
        plan::Value::Null => "∅".to_owned(),
        plan::Value::Bool(known) => known.to_string(),
        plan::Value::Int(number) | plan::Value::Instant(number) => number.to_string(),
        plan::Value::Decimal(units) => report::decimal(*units),
        plan::Value::Text(text) => text.clone(),
        plan::Value::Date(day) => day.to_string(),
    }
}
