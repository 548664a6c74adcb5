//! Lists of things to break: TOML files of entries, each with a file, a text that stands once in it, and what is
//! done to that text. `mutants` and `sentences` read theirs through this.

use std::fs;
use std::path::Path;

use crate::repository::Finding;

/// An entry of a list.
pub(crate) struct Entry {
    list: &'static str,
    table: toml::Table,
    /// What it is called, for messages.
    pub(crate) name: String,
    /// The line of its name in the list, from 1.
    pub(crate) line: usize,
}

impl Entry {
    /// A text that every entry has.
    pub(crate) fn word(&self, key: &str) -> Result<String, String> {
        let value = self.table.get(key).and_then(toml::Value::as_str).map(str::to_owned);
        value.ok_or_else(|| format!("{}:{}: `{}` has no `{key}`", self.list, self.line, self.name))
    }

    /// A list of texts, or one text.
    pub(crate) fn words(&self, key: &str) -> Vec<String> {
        match self.table.get(key) {
            Some(toml::Value::Array(all)) => {
                all.iter().filter_map(toml::Value::as_str).map(str::to_owned).collect()
            }
            Some(toml::Value::String(one)) => vec![one.clone()],
            Some(_) | None => Vec::new(),
        }
    }

    /// A finding about it.
    pub(crate) fn finding(&self, reason: String) -> Finding {
        Finding::new(self.list, self.line, reason)
    }
}

/// The entries `[[kind]]` of a list, each called what its key `name` says.
pub(crate) fn read(root: &Path, list: &'static str, kind: &str, name: &str) -> Result<Vec<Entry>, String> {
    let text = fs::read_to_string(root.join(list)).map_err(|error| format!("{list}: {error}"))?;
    let mut table: toml::Table = text.parse().map_err(|error| format!("{list}: {error}"))?;
    let Some(toml::Value::Array(entries)) = table.remove(kind) else {
        return Err(format!("{list} lists no {kind}"));
    };
    let mut all = Vec::new();
    for entry in entries {
        let toml::Value::Table(table) = entry else { return Err(format!("{list}: a {kind} is no table")) };
        let called = table.get(name).and_then(toml::Value::as_str).map(str::to_owned);
        let called = called.ok_or_else(|| format!("{list}: a {kind} has no `{name}`"))?;
        let line = text.lines().position(|line| line.contains(&format!("\"{called}\"")));
        all.push(Entry { list, table, name: called, line: line.map_or(1, |line| line + 1) });
    }
    Ok(all)
}
