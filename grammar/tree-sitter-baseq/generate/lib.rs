//! What is generated of the grammar is current. `BLESS=1` writes it; the step from `grammar.js` to `grammar.json` needs
//! Node. Only tests: `cargo test --manifest-path grammar/tree-sitter-baseq/generate/Cargo.toml`, in `make test`.

#![cfg(test)]

use std::path::{Path, PathBuf};

use tree_sitter_generate::{
    OptLevel, generate_parser_for_grammar, generate_parser_in_directory, load_grammar_file,
};

/// The version of the compiled form: the newest that editors read.
const ABI: usize = 15;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

#[test]
fn the_json_is_what_the_grammar_says() {
    let grammar = folder().join("grammar.js");
    if std::process::Command::new("node").arg("--version").output().is_err() {
        eprintln!("not run: Node, which reads grammar.js, is missing");
        return;
    }
    if std::env::var_os("BLESS").is_some() {
        let (here, none) = (folder(), None::<PathBuf>);
        let mut said = Vec::new();
        let level = OptLevel::default();
        generate_parser_in_directory(
            here,
            none.clone(),
            none,
            ABI,
            None,
            Some("node"),
            true,
            level,
            &mut said,
        )
        .expect("the grammar has no conflict that it does not name");
    }
    let made = load_grammar_file(&grammar, Some("node")).expect("Node reads the grammar");
    let kept = std::fs::read_to_string(folder().join("src/grammar.json")).expect("src/grammar.json");
    let value = |text: &str| serde_json::from_str::<serde_json::Value>(text).expect("JSON");
    // The generator adds the name of its schema.
    let mut kept = value(&kept);
    if let Some(kept) = kept.as_object_mut() {
        kept.remove("$schema");
    }
    let mut made = value(&made);
    if let Some(made) = made.as_object_mut() {
        made.remove("$schema");
    }
    assert!(made == kept, "src/grammar.json is not current: BLESS=1 cargo test --manifest-path grammar/tree-sitter-baseq/generate/Cargo.toml");
}

#[test]
fn the_parser_is_what_the_json_says() {
    let json = std::fs::read_to_string(folder().join("src/grammar.json")).expect("src/grammar.json");
    let (_, made) = generate_parser_for_grammar(&json, Some((0, 1, 0)), OptLevel::default(), &mut Vec::new())
        .expect("the grammar has no conflict that it does not name");
    let kept = std::fs::read_to_string(folder().join("src/parser.c")).expect("src/parser.c");
    assert!(made == kept, "src/parser.c is not current: BLESS=1 cargo test --manifest-path grammar/tree-sitter-baseq/generate/Cargo.toml");
}
