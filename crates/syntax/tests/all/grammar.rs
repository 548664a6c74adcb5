//! `grammar/bq.ebnf` against the parser: both accept the same programs, and the EBNF in one way.

use std::path::{Path, PathBuf};

use crate::ebnf::Ebnf;
use crate::shared;
use syntax::{Kind, lex, parse};
use text::FileId;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn ours() -> Ebnf {
    Ebnf::read(&std::fs::read_to_string(root().join("grammar/bq.ebnf")).expect("the grammar is committed"))
}

fn kinds(program: &str) -> Vec<Kind> {
    lex(FileId(0), program).0.kinds().to_vec()
}

/// The `.bq` files under a folder, sorted.
fn programs(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            programs(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "bq") {
            found.push(path);
        }
    }
}

#[test]
fn every_program_of_the_grammar_page_has_one_derivation() {
    let (Some(page), grammar) = (shared::design("grammar.md"), ours()) else { return };
    for (number, program) in shared::blocks(&page, "bq").into_iter().enumerate() {
        assert_eq!(grammar.ways(&kinds(&program)), 1, "block {number}");
        assert!(parse(FileId(0), &program).1.is_empty(), "block {number}");
    }
}

// What the parser takes without a word in our own files, the EBNF derives in one way.
#[test]
fn our_own_programs_have_one_derivation() {
    let grammar = ours();
    let mut files = Vec::new();
    for folder in ["stdlib", "examples", "tests"] {
        programs(&root().join(folder), &mut files);
    }
    for file in files {
        let program = std::fs::read_to_string(&file).unwrap_or_default();
        if parse(FileId(0), &program).1.is_empty() {
            assert_eq!(grammar.ways(&kinds(&program)), 1, "{}", file.display());
        }
    }
}

// Small programs that show each form once, and near misses: the two never disagree.
#[test]
fn parser_and_grammar_agree_on_every_form() {
    let grammar = ours();
    let mut wrong = Vec::new();
    for line in include_str!("forms.txt").lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (expected, program) = line.split_at(2);
        let problems = parse(FileId(0), program).1;
        let (parser, ways) = (problems.is_empty(), grammar.ways(&kinds(program)));
        if parser != (expected == "+ ") || ways != u8::from(parser) {
            wrong.push(format!(
                "{line}\n  parser {parser}, {ways} derivations, {:?}",
                problems.first().map(|it| &it.message)
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

// The committed grammar holds the grammar page's, word by word, but for the extensions.
#[test]
fn the_grammar_page_is_contained() {
    let Some(page) = shared::design("grammar.md") else { return };
    let theirs = Ebnf::read(&shared::blocks(&page, "ebnf").concat());
    let ours = ours();
    for (rule, production) in &theirs.productions {
        let own = ours.productions.get(rule).unwrap_or_else(|| panic!("{rule} is missing"));
        if ["File", "Entity", "Field", "Trait"].contains(&rule.as_str()) {
            let mut words = own.split(' ');
            assert!(production.split(' ').all(|word| words.any(|own| own == word)), "{rule}: {own}");
        } else {
            assert_eq!(own, production, "{rule}");
        }
    }
}
