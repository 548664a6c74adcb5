//! Finds the design pages, which are not part of the repository, and the blocks in a page.

use std::path::PathBuf;

/// The text of a design page; `None`, said on standard error, where it is not present.
#[expect(clippy::print_stderr, reason = "a test that was not run says so")]
pub(crate) fn design(page: &str) -> Option<String> {
    let shared = std::env::var_os("BASEQ_SHARED")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared"), PathBuf::from);
    let path = shared.join("design").join(page);
    let text = std::fs::read_to_string(&path).ok();
    if text.is_none() {
        eprintln!("not run: {} missing", path.display());
    }
    text
}

/// The fenced blocks of a language in a Markdown page.
pub(crate) fn blocks(page: &str, language: &str) -> Vec<String> {
    let open = format!("```{language}");
    let mut blocks = Vec::new();
    let mut current: Option<String> = None;
    for line in page.lines() {
        match &mut current {
            Some(_) if line.trim_end() == "```" => blocks.extend(current.take()),
            Some(block) => {
                block.push_str(line);
                block.push('\n');
            }
            None if line.trim_end() == open => current = Some(String::new()),
            None => {}
        }
    }
    blocks
}
