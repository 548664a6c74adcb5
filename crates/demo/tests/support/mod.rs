//! What the tests of the demo share: the standard model, the demo's policy, and its extracts of ontologies.
#![allow(dead_code, unreachable_pub, reason = "each test file uses a part of it")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says so")]

use demo::PROJECT;
use model::Model;
use model::ontology::{Ontology, obo};
use policy::PolicySet;
use std::path::Path;
use text::Files;

/// The model of the standard library.
pub fn genomics(files: &mut Files) -> Model {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let text = std::fs::read_to_string(root.join("stdlib/models/genomics.bq")).unwrap();
    let file = files.add("genomics.bq", text.as_str());
    let (parsed, _) = syntax::parse(file, &text);
    let (model, diagnostics) = model::read(&[&parsed]);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    model.unwrap()
}

/// A file of the project.
pub fn project_file(path: &str) -> &'static str {
    PROJECT.iter().find(|(name, _)| *name == path).unwrap().1
}

/// The policy that the demo installs, without a diagnostic.
pub fn policies() -> PolicySet {
    let mut files = Files::new();
    let model = genomics(&mut files);
    let text = project_file("policy/demo.bq");
    let file = files.add("policy/demo.bq", text);
    let (parsed, diagnostics) = syntax::parse(file, text);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    let (set, diagnostics) = policy::read(&model, &[&parsed]);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    set
}

/// An extract as the demo ships it.
pub fn ontology(name: &str) -> Ontology {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("data").join(name);
    obo::read(&std::fs::read_to_string(path).unwrap(), None).unwrap()
}
