//! The pages of the diagnostics of policy: each refused program is refused with its code, each repaired one is
//! permitted.
//!
//! A page's `policy.bq` is the policy, its `main.bq` the query. Programs are read with the model of the standard
//! library, on 2026-03-01. The suite runs the pages too, through the whole compiler; here they need nothing else.

use jiff::Timestamp;
use jiff::civil::date;
use std::collections::BTreeMap;
use std::path::Path;
use text::Files;

/// The codes of a case's diagnostics, in order.
fn codes(model: &model::Model, case: &spec::Case) -> Vec<String> {
    let mut files = Files::new();
    let mut parse = |name: &str| {
        let text = case.file(name).map_or("", |file| file.text.as_str());
        let id = files.add(name, text);
        syntax::parse(id, text)
    };
    let (policy_file, mut diagnostics) = parse("policy.bq");
    let (query_file, further) = parse(spec::MAIN);
    diagnostics.extend(further);
    let (policy, further) = policy::read(model, &[&policy_file]);
    diagnostics.extend(further);
    let input = types::Input {
        model,
        vocabulary: &types::NoVocabulary,
        main: &query_file,
        library: &[],
        imports: &BTreeMap::new(),
        code_files: &BTreeMap::new(),
        params: &BTreeMap::new(),
    };
    let (query, further) = types::check(&input);
    diagnostics.extend(further);
    let context =
        policy::Context { model, used_on: date(2026, 3, 1), known_at: Timestamp::UNIX_EPOCH, test: false };
    let (permitted, further) = policy::check(query, &policy, &context);
    diagnostics.extend(further);
    let asked = case.file(spec::MAIN).is_some();
    assert_eq!(permitted.is_some(), asked && diagnostics.is_empty(), "{} {}", case.page, case.name());
    diagnostics.iter().map(|one| format!("{} {}", one.code.0, one.message)).collect()
}

#[test]
fn refused_and_repaired() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let read = |path: &str| std::fs::read_to_string(root.join(path)).expect(path);
    let text = read("stdlib/models/genomics.bq");
    let mut files = Files::new();
    let id = files.add("genomics.bq", text.as_str());
    let (parsed, _) = syntax::parse(id, &text);
    let (model, _) = model::read(&[&parsed]);
    let model = model.expect("the standard model");
    for number in 501..=528 {
        let code = format!("E{number:04}");
        let page = format!("crates/diag/codes/{code}.md");
        let cases = spec::read(&page, &read(&page)).expect("a page of cases");
        assert_eq!(cases.len(), 2, "{page}");
        for case in &cases {
            let codes = codes(&model, case);
            if case.name() == "refused" {
                assert!(
                    !codes.is_empty() && codes.iter().all(|one| one.starts_with(&code)),
                    "{page}: {codes:?}"
                );
            } else {
                assert!(codes.is_empty(), "{page}, repaired: {codes:?}");
            }
        }
    }
}
