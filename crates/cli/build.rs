//! Links the place of the DuckDB library into the binary, so that it runs from wherever the build folder lies.
//!
//! The paths in `.cargo/config.toml` are relative to the binary and hold for the default build folder only; this
//! one is absolute. With the feature `bundled` there is no library to find.

use std::env;
use std::path::Path;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=DUCKDB_LIB_DIR");
    let windows = env::var_os("CARGO_CFG_WINDOWS").is_some();
    if env::var_os("CARGO_FEATURE_BUNDLED").is_some() || windows {
        return;
    }
    if let Some(folder) = env::var_os("DUCKDB_LIB_DIR") {
        println!("cargo::rustc-link-arg-bins=-Wl,-rpath,{}", Path::new(&folder).display());
    }
}
