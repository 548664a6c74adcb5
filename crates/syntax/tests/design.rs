//! The programs of the design pages, where they are present.

mod shared;

// Every program of the grammar page is read without a diagnostic.
#[test]
fn the_programs_of_the_grammar_page_parse() {
    let Some(page) = shared::design("grammar.md") else { return };
    for (number, program) in shared::blocks(&page, "bq").into_iter().enumerate() {
        let (parsed, problems) = syntax::parse(text::FileId(0), &program);
        assert!(problems.is_empty(), "block {number}: {problems:#?}");
        assert!(!parsed.file.items.is_empty());
    }
}
