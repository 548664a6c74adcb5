//! Values for parameters from outside a program: the command line, a file, the settings of the project.
//!
//! What is given on the command line holds over what a file says, and that over the settings; each value
//! remembers where it came from, so that a mistake can be told of the right place. The settings are
//! those of all programs of a project, so they may name parameters that one of them does not have.

use crate::codes::PARAMS;
use crate::project::{Project, SETTINGS_FILE};
use crate::trouble::{Kind, Result, Trouble};
use serde::Deserialize as _;
use std::collections::BTreeMap;
use std::path::Path;
use toml::{Spanned, Value};
use types::Given;

/// Values by the name of the parameter.
pub type Params = BTreeMap<String, Given>;

/// Values from a command line: of a name that is given twice the last.
pub fn on_command_line(values: &[(String, String)]) -> Params {
    given(values, "on the command line")
}

/// Values with the words that say where they were given; of a name that is given twice the last.
pub fn given(values: &[(String, String)], from: &str) -> Params {
    values
        .iter()
        .map(|(name, text)| (name.clone(), Given { text: text.clone(), from: from.to_owned() }))
        .collect()
}

/// Values from a TOML file: a table of names, or a table `params` of it.
///
/// # Errors
/// The file cannot be read, is not TOML, or gives a value that no parameter can have.
pub fn in_file(path: &Path) -> Result<Params> {
    let shown = path.display().to_string();
    let bad = |reason: String| Trouble::new(Kind::Usage, PARAMS, format!("{shown}: {reason}"));
    let text = std::fs::read_to_string(path).map_err(|error| bad(error.to_string()))?;
    let line = |at: usize| text.get(..at).map_or(1, |before| before.matches('\n').count() + 1);
    let wrong = |error: toml::de::Error| {
        let at = error.span().map_or(String::new(), |span| format!("line {}: ", line(span.start)));
        bad(format!("{at}{}", error.message()))
    };
    let mut table: BTreeMap<String, Spanned<Value>> = toml::from_str(&text).map_err(wrong)?;
    if table.len() == 1
        && let Some(inner) = table.get("params")
        && inner.get_ref().is_table()
    {
        #[derive(serde::Deserialize)]
        struct Whole {
            params: BTreeMap<String, Spanned<Value>>,
        }
        let reader = toml::Deserializer::parse(&text).map_err(wrong)?;
        table = Whole::deserialize(reader).map_err(wrong)?.params;
    }
    let mut params = Params::new();
    for (name, value) in table {
        let line = line(value.span().start);
        let Some(text) = words(value.get_ref()) else {
            return Err(bad(format!("line {line}: `{name}` is a table, and a parameter has one value")));
        };
        params.insert(name, Given { text, from: format!("in {shown}, line {line}") });
    }
    Ok(params)
}

/// The values of the settings, under those that are given.
pub(crate) fn with_settings(project: &Project, given: &Params) -> Result<Params> {
    let mut params = Params::new();
    for (name, value) in &project.settings.params {
        let Some(text) = words(value) else {
            let message =
                format!("{SETTINGS_FILE}: `params.{name}` is a table, and a parameter has one value");
            return Err(Trouble::new(Kind::Usage, PARAMS, message));
        };
        params.insert(name.clone(), Given { text, from: format!("in {SETTINGS_FILE}, under [params]") });
    }
    params.extend(given.iter().map(|(name, given)| (name.clone(), given.clone())));
    Ok(params)
}

/// A value as a command line would give it; of a list its entries with commas.
fn words(value: &Value) -> Option<String> {
    Some(match value {
        Value::String(text) => text.clone(),
        Value::Integer(number) => number.to_string(),
        Value::Float(number) => number.to_string(),
        Value::Boolean(known) => known.to_string(),
        Value::Datetime(day) => day.to_string(),
        Value::Array(entries) => {
            let entries: Option<Vec<String>> = entries.iter().map(words).collect();
            entries?.join(", ")
        }
        Value::Table(_) => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> Result<Params> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("params.toml");
        std::fs::write(&path, text).unwrap();
        in_file(&path)
    }

    #[test]
    fn values_of_a_file_with_their_lines() {
        let params =
            file("cutoff = \"0.5%\"\n\nvisits = 2\nday = 2026-06-01\npanel = [\"TTN\", \"MYH7\"]\n").unwrap();
        let text = |name: &str| params[name].text.as_str();
        assert_eq!(
            [text("cutoff"), text("visits"), text("day"), text("panel")],
            ["0.5%", "2", "2026-06-01", "TTN, MYH7"]
        );
        assert!(params["visits"].from.ends_with("params.toml, line 3"), "{}", params["visits"].from);
    }

    #[test]
    fn a_table_of_parameters() {
        let params = file("[params]\nrate = 0.00000005\nstrict = true\n").unwrap();
        assert_eq!(params["rate"].text, "0.00000005");
        assert!(params["strict"].from.ends_with("line 3"));
    }

    #[test]
    fn what_is_no_value_is_told_with_its_line() {
        let message = |text: &str| file(text).unwrap_err().diagnostics[0].message.clone();
        assert!(message("visits = 2\n[cutoff]\nx = 1\n").contains("line 2: `cutoff` is a table"));
        assert!(message("visits = 2\ncutoff = \n").contains("line 2"));
    }

    #[test]
    fn what_is_given_holds_over_the_settings() {
        let mut project =
            Project { root: "/".into(), settings: crate::project::Settings::default(), declared: true };
        project.settings.params = toml::from_str("cutoff = \"1%\"\nvisits = 3").unwrap();
        let given = on_command_line(&[("cutoff".into(), "2%".into())]);
        let params = with_settings(&project, &given).unwrap();
        assert_eq!(params["cutoff"].text, "2%");
        assert_eq!(params["visits"].from, "in baseq.toml, under [params]");
    }
}
