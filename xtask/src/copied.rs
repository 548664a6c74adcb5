//! A copy of the last commit, in which things are broken, so that the sources at hand never are; and what its
//! tests say.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Where the copy lies.
pub(crate) fn place(root: &Path) -> PathBuf {
    root.join("target/mutants/tree")
}

/// A checkout of the last commit there, with what the tests need beside it.
pub(crate) fn tree(root: &Path) -> Result<PathBuf, String> {
    let home = root.join("target/mutants");
    let tree = place(root);
    fs::create_dir_all(&home).map_err(|error| error.to_string())?;
    let git = |folder: &Path, arguments: &[&str]| -> Result<String, String> {
        let output = Command::new("git")
            .current_dir(folder)
            .args(arguments)
            .output()
            .map_err(|error| error.to_string())?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned());
        }
        Err(format!("git {}: {}", arguments.join(" "), String::from_utf8_lossy(&output.stderr)))
    };
    let head = git(root, &["rev-parse", "HEAD"])?;
    if tree.join(".git").exists() {
        git(&tree, &["checkout", "--quiet", "--force", "--detach", &head])?;
    } else {
        git(root, &["worktree", "prune"])?;
        let path = tree.to_str().ok_or("the path of the repository is no text")?;
        git(root, &["worktree", "add", "--quiet", "--detach", path, &head])?;
    }
    // The prebuilt engine, and the shared data where they are there; tests without them say so.
    for (from, to) in
        [(root.join(".duckdb"), tree.join(".duckdb")), (root.join("../shared"), home.join("shared"))]
    {
        if let (Ok(from), false) = (from.canonicalize(), to.exists()) {
            std::os::unix::fs::symlink(from, to).map_err(|error| error.to_string())?;
        }
    }
    Ok(tree)
}

/// The flags for the compiler, as the settings of the copy say them. It lies below the same settings of the
/// repository, and cargo would put both together.
fn flags(tree: &Path) -> Option<String> {
    let settings: toml::Table = fs::read_to_string(tree.join(".cargo/config.toml")).ok()?.parse().ok()?;
    let flags = settings.get("build")?.get("rustflags")?.as_array()?;
    Some(flags.iter().filter_map(toml::Value::as_str).collect::<Vec<_>>().join("\u{1f}"))
}

/// What `cargo test` says of the copy.
pub(crate) fn cargo_test(tree: &Path, arguments: &[String]) -> Result<Output, String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    Command::new(cargo)
        .current_dir(tree)
        .args(["test", "--locked"])
        .args(arguments)
        .env_remove("CARGO_TARGET_DIR")
        .envs(flags(tree).map(|flags| ("CARGO_ENCODED_RUSTFLAGS", flags)))
        .output()
        .map_err(|error| error.to_string())
}

/// The first test that failed, as the output of a test program tells it.
pub(crate) fn first_failed(stdout: &str) -> Option<String> {
    let failed = stdout.lines().find_map(|line| line.strip_prefix("test ")?.strip_suffix("... FAILED"));
    failed.map(|test| test.trim().to_owned())
}

/// The end of what a build said.
pub(crate) fn last_lines(stderr: &[u8]) -> String {
    let said = String::from_utf8_lossy(stderr);
    let lines: Vec<&str> = said.lines().collect();
    lines[lines.len().saturating_sub(40)..].join("\n")
}
