//! The map in `crates/README.md` is true: every room has a row, knows of exactly the rooms that its row names,
//! and those stand above it. So the arrows of the house go only downward.
//!
//! Dev-dependencies are free: a test may look at any room.

use crate::repository::{Finding, Repository, Text};

const MAP: &str = "crates/README.md";

pub(crate) fn check(repository: &Repository) -> Result<Vec<Finding>, String> {
    let map = repository.text(MAP)?;
    let rows = rows(&map);
    let mut findings = Vec::new();
    for (at, row) in rows.iter().enumerate() {
        for known in &row.knows {
            if !rows[..at].iter().any(|above| above.name == *known) {
                let reason = format!("`{}` knows of `{known}`, which does not stand above it", row.name);
                findings.push(Finding::new(MAP, row.line, reason));
            }
        }
    }
    for package in repository.packages.iter().filter(|package| package.room) {
        let Some(row) = rows.iter().find(|row| row.name == package.name) else {
            findings.push(Finding::new(MAP, 1, format!("the map has no row for `{}`", package.name)));
            continue;
        };
        let manifest = &package.manifest;
        let table: toml::Table =
            manifest.text.parse().map_err(|error| format!("{}: {error}", manifest.path))?;
        let rooms: Vec<&String> = (table.get("dependencies").and_then(toml::Value::as_table))
            .into_iter()
            .flat_map(toml::Table::keys)
            .filter(|name| repository.packages.iter().any(|package| package.room && package.name == **name))
            .collect();
        for room in &rooms {
            if !row.knows.contains(room) {
                let line = manifest.line_where(|line| opens_with(line, room));
                let reason = format!("`{}` may not know of `{room}`; {MAP} is the map", package.name);
                findings.push(Finding::new(&manifest.path, line, reason));
            }
        }
        for known in row.knows.iter().filter(|known| !rooms.contains(known)) {
            let reason = format!("`{}` does not know of `{known}` in {}", package.name, manifest.path);
            findings.push(Finding::new(MAP, row.line, reason));
        }
    }
    for row in &rows {
        if !repository.packages.iter().any(|package| package.room && package.name == row.name) {
            findings.push(Finding::new(MAP, row.line, format!("there is no crate `{}`", row.name)));
        }
    }
    Ok(findings)
}

/// Whether a line of a manifest declares the dependency `name`.
pub(super) fn opens_with(line: &str, name: &str) -> bool {
    line.strip_prefix(name).is_some_and(|rest| rest.starts_with(['.', ' ', '=']))
}

/// A row of the map.
struct Row {
    line: usize,
    name: String,
    knows: Vec<String>,
}

/// The rows of the table whose header ends in `knows of`: first column one crate, last column its rooms.
fn rows(map: &Text) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut inside = false;
    for (line, text) in map.lines() {
        let cells: Vec<&str> = text.trim().trim_matches('|').split('|').map(str::trim).collect();
        match cells[..] {
            _ if !text.starts_with('|') => inside = false,
            [.., "knows of"] => inside = true,
            [first, .., last] if inside && !first.starts_with('-') => {
                if let Some(name) = names(first).pop() {
                    rows.push(Row { line, name, knows: names(last) });
                }
            }
            _ => {}
        }
    }
    rows
}

/// The words in backticks.
fn names(cell: &str) -> Vec<String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_table_of_rooms_is_read() {
        let text = "| a | b |\n|---|---|\n| `x` | `y` |\n\n| crate | holds | knows of |\n|---|---|---|\n\
                    | `text` | files and `Range` | |\n| `diag` | codes | `text`, `model` |\n";
        let rows = rows(&Text { path: MAP.to_owned(), text: text.to_owned() });
        let short: Vec<_> = rows.iter().map(|row| (row.line, &*row.name, row.knows.join(" "))).collect();
        assert_eq!(short, [(7, "text", String::new()), (8, "diag", "text model".to_owned())]);
    }
}
