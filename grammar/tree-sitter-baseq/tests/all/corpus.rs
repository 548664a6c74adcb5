//! The corpus in tree-sitter's own form: a title between lines of `=`, a text, a line of `-`, the tree of it.
//! `BLESS=1` writes the trees that came.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use tree_sitter::Node;

use crate::accepted::parser;

/// A tree with one node per line, as `tree-sitter test` writes it.
fn shown(node: Node<'_>, field: Option<&str>, depth: usize, out: &mut String) {
    if !node.is_named() && !node.is_missing() {
        return;
    }
    if !out.is_empty() {
        out.push('\n');
    }
    out.push_str(&"  ".repeat(depth));
    if let Some(field) = field {
        let _ = write!(out, "{field}: ");
    }
    let _ = write!(out, "({}{}", if node.is_missing() { "MISSING " } else { "" }, node.kind());
    for at in 0..node.child_count() {
        if let Some(child) = node.child(at) {
            shown(child, node.field_name_for_child(at), depth + 1, out);
        }
    }
    out.push(')');
}

/// The cases of a page: title, text, tree.
fn cases(page: &str) -> Vec<(String, String, String)> {
    let mut cases = Vec::new();
    let mut lines = page.lines().peekable();
    while let Some(line) = lines.next() {
        if !line.starts_with("===") {
            continue;
        }
        let title = lines.next().unwrap_or_default().to_owned();
        lines.next();
        let mut part = |end: &str| {
            let mut text = String::new();
            while let Some(line) = lines.next_if(|line| !line.starts_with(end)) {
                text.push_str(line);
                text.push('\n');
            }
            text
        };
        let text = part("---");
        lines.next();
        let mut tree = String::new();
        while let Some(line) = lines.next_if(|line| !line.starts_with("===")) {
            tree.push_str(line);
            tree.push('\n');
        }
        cases.push((title, text, tree.trim().to_owned()));
    }
    cases
}

fn pages() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("test/corpus");
    let mut pages: Vec<_> =
        std::fs::read_dir(folder).expect("test/corpus").flatten().map(|it| it.path()).collect();
    pages.sort();
    pages
}

/// The texts with their places.
pub(crate) fn texts() -> Vec<(String, String)> {
    let read = |path: &PathBuf| std::fs::read_to_string(path).expect("a page of the corpus");
    let all = pages().into_iter().flat_map(|path| {
        let cases = cases(&read(&path)).into_iter();
        cases.map(move |(title, text, _)| (format!("{}: {title}", path.display()), text)).collect::<Vec<_>>()
    });
    all.collect()
}

#[test]
fn trees_are_as_written() {
    let mut tried = 0;
    let mut wrong = Vec::new();
    for path in pages() {
        let page = std::fs::read_to_string(&path).expect("a page of the corpus");
        let mut written = String::new();
        for (title, text, tree) in cases(&page) {
            let parsed = parser().parse(&text, None).expect("no limit is set");
            let mut came = String::new();
            shown(parsed.root_node(), None, 0, &mut came);
            if came != tree {
                wrong.push(format!("{}: {title}\n{came}\ninstead of\n{tree}", path.display()));
            }
            let rule = "=".repeat(80);
            let _ = writeln!(written, "{rule}\n{title}\n{rule}\n{text}{}\n\n{came}\n", "-".repeat(80));
            tried += 1;
        }
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(&path, written).expect("the page can be written");
        }
    }
    assert!(tried >= 20, "{tried}");
    assert!(std::env::var_os("BLESS").is_some() || wrong.is_empty(), "{}", wrong.join("\n\n"));
}
