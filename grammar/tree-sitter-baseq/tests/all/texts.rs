//! Every text of the repository that the compiler's parser takes without a word.

use std::path::{Path, PathBuf};

use syntax::Parsed;
use text::FileId;

/// A text that was taken, with where it stands.
pub(crate) struct Accepted {
    pub(crate) place: String,
    pub(crate) text: String,
    pub(crate) parsed: Parsed,
}

/// The root of the repository.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// All of them: `.bq` files, the files of the cases on Markdown pages, and the corpus.
pub(crate) fn accepted() -> Vec<Accepted> {
    let mut files = Vec::new();
    for folder in ["crates", "examples", "stdlib", "tests"] {
        walk(&root().join(folder), &mut files);
    }
    let mut found = Vec::new();
    for path in files {
        let place = path.strip_prefix(root()).unwrap_or(&path).display().to_string();
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        if is_program(&place) {
            found.extend(take(place, text));
        } else if let Ok(cases) = spec::read(&place, &text) {
            for case in cases {
                let files = case.files.into_iter().filter(|file| is_program(&file.name));
                found.extend(files.filter_map(|file| take(format!("{place}:{}", case.line), file.text)));
            }
        }
    }
    for (place, text) in crate::corpus::texts() {
        found.extend(take(place, text));
    }
    found
}

fn is_program(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|kind| kind == "bq")
}

fn take(place: String, text: String) -> Option<Accepted> {
    let (parsed, diagnostics) = syntax::parse(FileId(0), &text);
    diagnostics.is_empty().then_some(Accepted { place, text, parsed })
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = std::fs::read_dir(folder)
        .expect("a folder of the repository")
        .flatten()
        .map(|it| it.path())
        .collect();
    entries.sort();
    for path in entries {
        let kind = path.extension().and_then(|it| it.to_str()).unwrap_or_default();
        if path.is_dir() {
            let name = path.file_name().and_then(|it| it.to_str()).unwrap_or_default();
            if !name.starts_with('.') && name != "target" && name != "node_modules" {
                walk(&path, files);
            }
        } else if kind == "bq" || kind == "md" {
            files.push(path);
        }
    }
}
