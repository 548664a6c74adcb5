//! The standard library as it lies in the binary.
//!
//! `models/NAME.bq` are models, of which a project chooses one; `std/NAME.bq` are modules, which a
//! program imports as `std/NAME`; all other files are definitions that every program sees.

/// Path below `stdlib/` and text of every file, sorted by path.
const FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/stdlib.rs"));

/// The text of the model of that name.
pub(crate) fn model(name: &str) -> Option<&'static str> {
    FILES.iter().find(|(path, _)| model_name(path) == Some(name)).map(|(_, text)| *text)
}

/// The names of the models, sorted.
pub(crate) fn models() -> impl Iterator<Item = &'static str> {
    FILES.iter().filter_map(|(path, _)| model_name(path))
}

/// How paths of modules begin.
pub(crate) const MODULES: &str = "std/";

/// Shown path and text of a module, with or without `.bq` at its end.
pub(crate) fn module(name: &str) -> Option<(String, &'static str)> {
    let path = format!("{MODULES}{}.bq", name.strip_suffix(".bq").unwrap_or(name));
    let (path, text) = FILES.iter().find(|(known, _)| *known == path)?;
    Some((format!("stdlib/{path}"), text))
}

/// Path and text of the definitions.
pub(crate) fn definitions() -> impl Iterator<Item = (&'static str, &'static str)> {
    FILES.iter().copied().filter(|(path, _)| model_name(path).is_none() && !path.starts_with(MODULES))
}

/// Path and text of everything that can hold tests: definitions and modules.
pub(crate) fn programs() -> impl Iterator<Item = (&'static str, &'static str)> {
    FILES.iter().copied().filter(|(path, _)| model_name(path).is_none())
}

fn model_name(path: &str) -> Option<&str> {
    path.strip_prefix("models/")?.strip_suffix(".bq")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_genomics_model_is_there() {
        assert!(models().any(|name| name == "genomics"));
        assert!(model("genomics").is_some_and(|text| text.contains("model genomics")));
        assert!(definitions().all(|(path, _)| !path.starts_with("models/")));
    }

    /// What a line at the margin defines for others; names that begin with `_` are the file's own.
    fn defined<'t>(line: &'t str, words: &[&str]) -> Option<&'t str> {
        let rest = words.iter().find_map(|word| line.strip_prefix(word)?.strip_prefix(' '))?;
        let name = rest.split([' ', '(', ':']).next()?;
        let name = name.rsplit('.').next()?;
        (!name.starts_with('_')).then_some(name)
    }

    /// The texts of the cases of the suite.
    fn cases(folder: &std::path::Path) -> String {
        let entries = std::fs::read_dir(folder).map(|entries| entries.flatten().collect::<Vec<_>>());
        let texts = entries.unwrap_or_default().into_iter().map(|entry| {
            let path = entry.path();
            if path.is_dir() { cases(&path) } else { std::fs::read_to_string(path).unwrap_or_default() }
        });
        texts.collect()
    }

    /// The example is a `test` of the definition's name beside it, or a case of the suite that says of which
    /// definitions it is, in backquotes. The texts of the library are laid out, so each item begins a line.
    #[test]
    fn every_definition_has_a_doc_line_and_a_tested_example() {
        let suite = cases(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/suite"));
        let mut lacks = Vec::new();
        let mut seen = 0;
        for (path, text) in FILES {
            let words: &[&str] = if model_name(path).is_some() {
                &["model", "entity"]
            } else {
                &["codes", "define", "cohort", "table", "param"]
            };
            let mut above = "";
            for line in text.lines() {
                if let Some(name) = defined(line, words) {
                    seen += 1;
                    if !above.starts_with("--|") {
                        lacks.push(format!("{path}: {name} has no doc line"));
                    }
                    // Conversions are what a model computes, and each states an example that the model checks.
                    let tested = text.contains(&format!("\ntest \"{name}\""));
                    if model_name(path).is_none() && !tested && !suite.contains(&format!("`{name}`")) {
                        lacks.push(format!("{path}: {name} has no tested example"));
                    }
                }
                above = line;
            }
        }
        assert!(lacks.is_empty(), "{lacks:#?}");
        assert!(seen > 40, "{seen} definitions");
    }
}
