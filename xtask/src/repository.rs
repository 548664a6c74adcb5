//! The repository as text: every source file, manifest and page that a chore looks at, read once.
//!
//! Folders that hold no sources (hidden ones, `target`) are not entered. Files come in the order of their paths.

use std::ffi::OsStr;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

/// A file that was read.
#[derive(Debug)]
pub(crate) struct Text {
    /// Its path from the root of the repository, with `/`.
    pub(crate) path: String,
    /// All of it.
    pub(crate) text: String,
}

/// A package of the workspace.
#[derive(Debug)]
pub(crate) struct Package {
    /// Its folder's name, which is the package's.
    pub(crate) name: String,
    /// Whether it is a room of the house, a folder of `crates/`.
    pub(crate) room: bool,
    /// Its `Cargo.toml`.
    pub(crate) manifest: Text,
}

/// Everything that chores read.
#[derive(Debug)]
pub(crate) struct Repository {
    /// Where it lies.
    pub(crate) root: PathBuf,
    /// The packages: the rooms, then the grammar, `tests` and `xtask`.
    pub(crate) packages: Vec<Package>,
    /// Every Rust file.
    pub(crate) sources: Vec<Text>,
    /// The pages of diagnostics.
    pub(crate) pages: Vec<Text>,
}

/// Something that is not as it should be.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Finding {
    path: String,
    line: usize,
    reason: String,
}

impl Finding {
    /// A finding at a line, counted from 1.
    pub(crate) fn new(path: &str, line: usize, reason: impl Into<String>) -> Finding {
        Finding { path: path.to_owned(), line, reason: reason.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line, self.reason)
    }
}

impl Repository {
    /// Reads the repository that this program was built from.
    pub(crate) fn read() -> Result<Repository, String> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_path_buf).unwrap_or_default();
        let mut paths = Vec::new();
        for folder in ["crates", "grammar", "tests", "xtask"] {
            walk(&root.join(folder), &mut paths).map_err(|error| format!("{folder}: {error}"))?;
        }
        let mut repository =
            Repository { root, packages: Vec::new(), sources: Vec::new(), pages: Vec::new() };
        for path in paths {
            let relative = path.strip_prefix(&repository.root).unwrap_or(&path);
            let kind = relative.extension().and_then(OsStr::to_str).unwrap_or_default();
            let parts: Vec<&str> = relative.iter().filter_map(|part| part.to_str()).collect();
            match parts[..] {
                ["crates", name, "Cargo.toml"] => {
                    let manifest = repository.text(&parts.join("/"))?;
                    repository.packages.push(Package { name: name.to_owned(), room: true, manifest });
                }
                [name, "Cargo.toml"] | ["grammar", name, "Cargo.toml"] => {
                    let manifest = repository.text(&parts.join("/"))?;
                    repository.packages.push(Package { name: name.to_owned(), room: false, manifest });
                }
                ["crates", "diag", "codes", _] if kind == "md" => {
                    let page = repository.text(&parts.join("/"))?;
                    repository.pages.push(page);
                }
                _ if kind == "rs" => {
                    let source = repository.text(&parts.join("/"))?;
                    repository.sources.push(source);
                }
                _ => {}
            }
        }
        Ok(repository)
    }

    /// A file by its path from the root.
    pub(crate) fn text(&self, path: &str) -> Result<Text, String> {
        match fs::read_to_string(self.root.join(path)) {
            Ok(text) => Ok(Text { path: path.to_owned(), text }),
            Err(error) => Err(format!("{path}:1: {error}")),
        }
    }
}

impl Text {
    /// The lines with their numbers, from 1.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text.lines().enumerate().map(|(at, line)| (at + 1, line))
    }

    /// The number of the first line for which `is` holds, else 1: where a finding about it points.
    pub(crate) fn line_where(&self, is: impl Fn(&str) -> bool) -> usize {
        self.lines().find(|(_, line)| is(line)).map_or(1, |(number, _)| number)
    }
}

fn walk(folder: &Path, paths: &mut Vec<PathBuf>) -> std::io::Result<()> {
    let mut entries = fs::read_dir(folder)?.collect::<Result<Vec<_>, _>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if entry.file_type()?.is_dir() {
            if !name.starts_with('.') && name != "target" {
                walk(&entry.path(), paths)?;
            }
        } else {
            paths.push(entry.path());
        }
    }
    Ok(())
}
