//! The source map of a statement as JSON, and as comments beside the SQL.

use session::Mapped;
use std::collections::BTreeMap;
use text::{FileId, Files};

/// Words of the query beside a line of SQL are cut after so many letters.
const WIDEST: usize = 60;

/// Every stretch with its bytes (from 0, the end not included) and lines (from 1).
pub(super) fn json(map: &[Mapped], sql: &str, files: &Files) -> serde_json::Value {
    let line = |at: usize| sql.get(..at).map_or(0, |before| before.matches('\n').count()) + 1;
    map.iter()
        .map(|one| {
            let place = files.line_column(one.query);
            serde_json::json!({
                "sql": {
                    "from": one.sql.start,
                    "to": one.sql.end,
                    "line": line(one.sql.start),
                    "to_line": line(one.sql.end.saturating_sub(1)),
                },
                "query": {
                    "file": &*files.get(one.query.file).name,
                    "from": one.query.start,
                    "to": one.query.end,
                    "line": place.line,
                    "column": place.column,
                },
                "step": one.step,
            })
        })
        .collect()
}

/// The SQL, on whose lines comments say which words of the query they come from, and after it the other way
/// round. Comments change nothing, so it is still what runs.
pub(super) fn beside(map: &[Mapped], sql: &str, files: &Files, main: FileId) -> String {
    let mut text = String::new();
    let mut back: BTreeMap<(bool, FileId, u32), Vec<usize>> = BTreeMap::new();
    let mut start = 0;
    let mut last = None;
    for (number, line) in (1..).zip(sql.split_inclusive('\n')) {
        let end = start + line.len();
        let bare = line.trim_end_matches('\n');
        text += bare;
        // The widest stretch that begins here: a step, or what says something new.
        let here = map.iter().find(|one| (start..end).contains(&one.sql.start));
        if let Some(one) = here.filter(|one| one.step.is_some() || last != Some(one.query)) {
            let gap = if one.step.is_some() && bare.starts_with("--") { "  (" } else { "  -- (" };
            text += gap;
            text += &place(one, files, main);
            text.push(')');
            if one.step.is_none() {
                text.push(' ');
                text += &words(files.slice(one.query));
            }
            last = Some(one.query);
        }
        text.push('\n');
        for one in map.iter().filter(|one| (start..end).contains(&one.sql.start)) {
            let line = files.line_column(one.query).line;
            let lines = back.entry((one.query.file != main, one.query.file, line)).or_default();
            if lines.last() != Some(&number) {
                lines.push(number);
            }
        }
        start = end;
    }
    text += "-- lines of the query, and the lines of SQL that begin with what they ask for\n";
    for ((_, file, line), lines) in back {
        let source = files.get(file);
        let written = source.text.lines().nth(line.saturating_sub(1) as usize).unwrap_or("");
        let file = if file == main { String::new() } else { format!("{}:", source.name) };
        let lines: Vec<String> = lines.iter().map(ToString::to_string).collect();
        let line = format!("-- {file}{line}  {}  → {}\n", words(written), lines.join(", "));
        text.push_str(&line);
    }
    text
}

fn place(one: &Mapped, files: &Files, main: FileId) -> String {
    let at = files.line_column(one.query);
    let place = format!("{}:{}", at.line, at.column);
    if one.query.file == main { place } else { format!("{}:{place}", files.get(one.query.file).name) }
}

/// On one line, and not too many.
fn words(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(WIDEST) {
        Some((at, _)) => format!("{}…", line.get(..at).unwrap_or("")),
        None => line,
    }
}
