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
}
