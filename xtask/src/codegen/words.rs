//! `grammar/tree-sitter-baseq/words.js`: the words and signs of the token table, for the grammar that editors
//! compile. The grammar takes every word from here, so it has no word that the language does not have.

use std::fmt::Write as _;

use syntax::{Class, KEYWORDS};

use crate::repository::Repository;

/// The text of the file.
#[expect(clippy::unnecessary_wraps, reason = "a generator may fail; this one cannot")]
pub(crate) fn generate(_: &Repository) -> Result<String, String> {
    let mut text =
        "// Generated from the token table of `syntax` by `cargo xtask codegen`; not written by hand.\n\n\
                    module.exports = {\n"
            .to_owned();
    for (name, class) in
        [("reserved", Class::Reserved), ("contextual", Class::Contextual), ("signs", Class::Sign)]
    {
        let _ = writeln!(text, "  {name}: [");
        for keyword in KEYWORDS.iter().filter(|keyword| keyword.class == class) {
            let _ = writeln!(text, "    {:?},", keyword.spelling);
        }
        text.push_str("  ],\n");
    }
    text.push_str("};\n");
    Ok(text)
}
