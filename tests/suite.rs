//! Runs the cases of `suite/` and the pages of `crates/diag/codes`, one test each, named by their headings.
//!
//! `cargo test -p tests -- 'syntax/words'` runs those whose name holds these words. With `BLESS=1` in the
//! environment what came is written into the expectation blocks, and the cases that changed still fail once, so
//! that the change is read.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};

use libtest_mimic::{Arguments, Failed, Trial};
use tests::judge::{self, Verdict};
use tests::{Compiler, Front};

/// Where the pages of diagnostics lie, each named by its code.
const PAGES: &str = "crates/diag/codes";

/// For every page, the blocks to rewrite.
type Came = Arc<Mutex<BTreeMap<PathBuf, Vec<(Range<usize>, String)>>>>;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = here.parent().unwrap_or(here);
    let compiler: Arc<dyn Compiler + Send> = match Front::new() {
        Ok(front) => Arc::new(front),
        Err(reason) => {
            say(&reason);
            return ExitCode::FAILURE;
        }
    };
    let came = Came::default();
    let mut trials = Vec::new();
    let mut pages = Vec::new();
    for (folder, prefix) in [("tests/suite", ""), (PAGES, "codes/")] {
        if let Err(error) = walk(&root.join(folder), &mut pages) {
            say(&format!("{folder}: {error}"));
            return ExitCode::FAILURE;
        }
        for page in pages.drain(..) {
            let relative = page.strip_prefix(root.join(folder)).unwrap_or(&page);
            let relative = relative.to_string_lossy().replace('\\', "/");
            let name = format!("{prefix}{}", relative.trim_end_matches(".md"));
            trials.extend(read(&page, &format!("{folder}/{relative}"), &name, &compiler, &came));
        }
    }
    let conclusion = libtest_mimic::run(&arguments, trials);
    if std::env::var_os("BLESS").is_some_and(|value| value == "1")
        && let Err(error) = bless(&came)
    {
        say(&error.to_string());
        return ExitCode::FAILURE;
    }
    conclusion.exit_code()
}

/// The tests of a page, which messages call `shown`; one that cannot be read is a test that fails.
fn read(
    page: &Path,
    shown: &str,
    name: &str,
    compiler: &Arc<dyn Compiler + Send>,
    came: &Came,
) -> Vec<Trial> {
    let cases = match fs::read_to_string(page) {
        Ok(text) => spec::read(shown, &text),
        Err(error) => Err(vec![spec::Error { page: shown.to_owned(), line: 1, reason: error.to_string() }]),
    };
    let cases = match cases {
        Ok(cases) => cases,
        Err(errors) => {
            let reasons: Vec<String> = errors.iter().map(spec::Error::to_string).collect();
            return vec![Trial::test(name, move || Err(Failed::from(reasons.join("\n"))))];
        }
    };
    let code = shown.strip_prefix(PAGES).map(|page| page.trim_matches('/').trim_end_matches(".md"));
    cases
        .into_iter()
        .map(|case| {
            let below = case.name();
            let name = if below.is_empty() { name.to_owned() } else { format!("{name}/{below}") };
            let (compiler, came, page) = (Arc::clone(compiler), Arc::clone(came), page.to_owned());
            let code = code.map(str::to_owned);
            Trial::test(name, move || {
                let verdict = match &code {
                    Some(code) => judge::page(code, &case, &*compiler),
                    None => judge::case(&case, &*compiler),
                };
                conclude(verdict, page, &came)
            })
        })
        .collect()
}

fn conclude(verdict: Verdict, page: PathBuf, came: &Came) -> Result<(), Failed> {
    if !verdict.came.is_empty() {
        let mut came = came.lock().unwrap_or_else(PoisonError::into_inner);
        came.entry(page).or_default().extend(verdict.came);
    }
    if verdict.failures.is_empty() { Ok(()) } else { Err(verdict.failures.join("\n").into()) }
}

/// Writes what came into the pages.
fn bless(came: &Came) -> io::Result<()> {
    for (page, blocks) in &*came.lock().unwrap_or_else(PoisonError::into_inner) {
        let blessed = spec::bless(&fs::read_to_string(page)?, blocks);
        fs::write(page, blessed)?;
        say(&format!("blessed {}", page.display()));
    }
    Ok(())
}

/// The Markdown pages of a folder and the folders in it, in order.
fn walk(folder: &Path, pages: &mut Vec<PathBuf>) -> io::Result<()> {
    let mut entries = fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    entries.sort();
    for path in entries {
        if path.is_dir() {
            walk(&path, pages)?;
        } else if path.extension().is_some_and(|kind| kind == "md") {
            pages.push(path);
        }
    }
    Ok(())
}

#[expect(clippy::print_stderr, reason = "a test runner speaks to the person who runs it")]
fn say(line: &str) {
    eprintln!("{line}");
}
