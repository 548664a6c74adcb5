//! Lets `cargo test` and `cargo run` find the DuckDB library wherever the build folder lies.
//!
//! Cargo hands the loader only those library folders that lie inside the build folder; so this puts a link to the
//! library there. The binary itself, run without cargo, finds it through the paths that `cli` links into it.
//! With the feature `bundled` there is no library to find.

use std::env;
use std::fs;
use std::io;
use std::path::Path;

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=DUCKDB_LIB_DIR");
    if env::var_os("CARGO_FEATURE_BUNDLED").is_some() {
        return Ok(());
    }
    let (Some(folder), Some(out)) = (env::var_os("DUCKDB_LIB_DIR"), env::var_os("OUT_DIR")) else {
        return Ok(());
    };
    let name = match env::var("CARGO_CFG_TARGET_OS").as_deref() {
        Ok("macos") => "libduckdb.dylib",
        Ok("windows") => "duckdb.dll",
        Ok(_) | Err(_) => "libduckdb.so",
    };
    let library = Path::new(&folder).join(name);
    println!("cargo::rerun-if-changed={}", library.display());
    if !library.exists() {
        println!(
            "cargo::error={} is missing: `make build` fetches it, or compile DuckDB in with `--features bundled`",
            library.display()
        );
        return Ok(());
    }
    let here = Path::new(&out).join(name);
    if here.symlink_metadata().is_ok() {
        fs::remove_file(&here)?;
    }
    link(&fs::canonicalize(&library)?, &here)?;
    println!("cargo::rustc-link-search=native={}", Path::new(&out).display());
    Ok(())
}

#[cfg(unix)]
fn link(library: &Path, here: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(library, here)
}

#[cfg(not(unix))]
fn link(library: &Path, here: &Path) -> io::Result<()> {
    fs::copy(library, here).map(|_| ())
}
