//! The tree-sitter grammar of `.bq` files, for programs in Rust.
//!
//! `grammar.js` is what is written by hand; `src/` is made from it. The compiler does not use this grammar: it is
//! for editors, which want colours and folds of a text that is being written, without a server.

use tree_sitter_language::LanguageFn;

#[expect(
    unsafe_code,
    reason = "the generated parser is C; this is its one function, declared as it is generated"
)]
unsafe extern "C" {
    fn tree_sitter_baseq() -> *const ();
}

/// The grammar.
#[expect(unsafe_code, reason = "the function is the one that tree-sitter generated for this grammar")]
pub const LANGUAGE: LanguageFn = unsafe { LanguageFn::from_raw(tree_sitter_baseq) };

/// What colours a text: captures of tree-sitter's common names.
pub const HIGHLIGHTS: &str = include_str!("../../queries/highlights.scm");
/// Where a text of another language stands inside.
pub const INJECTIONS: &str = include_str!("../../queries/injections.scm");
/// What is declared, and how far it is known.
pub const LOCALS: &str = include_str!("../../queries/locals.scm");
/// What an index of a project lists.
pub const TAGS: &str = include_str!("../../queries/tags.scm");
/// What folds.
pub const FOLDS: &str = include_str!("../../queries/folds.scm");
/// What is indented.
pub const INDENTS: &str = include_str!("../../queries/indents.scm");
