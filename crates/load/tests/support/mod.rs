//! What the tests of loaders share: the genomics model, a warehouse in memory, and the real data where
//! they are present.
#![allow(dead_code, unreachable_pub, reason = "each test file uses a part of it")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test that cannot go on says so"
)]

use arrow::array::{Array, Int64Array, StringArray};
use engine::Store;
use engine_duckdb::DuckStore;
use load::source::Rejects;
use model::Model;
use std::path::{Path, PathBuf};

/// The model of the standard library.
pub fn genomics() -> Model {
    let path = root().join("stdlib/models/genomics.bq");
    let text = std::fs::read_to_string(&path).unwrap();
    let mut files = text::Files::new();
    let file = files.add("genomics.bq", text.as_str());
    let (parsed, diagnostics) = syntax::parse(file, &text);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    let (model, diagnostics) = model::read(&[&parsed]);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    model.unwrap()
}

/// An empty warehouse of that model.
pub fn warehouse(model: &Model) -> DuckStore {
    let mut store = DuckStore::in_memory().unwrap();
    load::schema::create_tables(&mut store, model).unwrap();
    store
}

/// A file of these tests.
pub fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)
}

/// A file with this text, in a folder of its own that lives as long as the process.
pub fn written(name: &str, text: &str) -> PathBuf {
    use std::sync::atomic::{AtomicU32, Ordering};
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let folder = format!("baseq-load-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    let folder = std::env::temp_dir().join(folder);
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path
}

/// A real file, or none, which is told.
pub fn shared(name: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("BASEQ_SHARED").map_or_else(|| root().join("../shared"), PathBuf::from);
    let path = folder.join(name);
    if path.exists() {
        return Some(path);
    }
    eprintln!("not run: {} missing", path.display());
    None
}

fn root() -> PathBuf {
    std::env::var_os("BASEQ_ROOT")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."), PathBuf::from)
}

/// The number that a query gives.
pub fn number(store: &mut dyn Store, sql: &str) -> i64 {
    let rows = store
        .query(&format!("select cast(({sql}) as BIGINT)"))
        .unwrap_or_else(|error| panic!("{}", error.detail));
    rows[0].column(0).as_any().downcast_ref::<Int64Array>().unwrap().value(0)
}

/// The rows of a query as texts joined by `|`, null as `-`.
pub fn rows(store: &mut dyn Store, columns: &[&str], rest: &str) -> Vec<String> {
    let cells: Vec<String> = columns.iter().map(|c| format!("coalesce(cast({c} as VARCHAR), '-')")).collect();
    let sql = format!("select {} {rest}", cells.join(" || '|' || "));
    let found = store.query(&sql).unwrap_or_else(|error| panic!("{}", error.detail));
    let mut all = Vec::new();
    for batch in &found {
        let column = batch.column(0).as_any().downcast_ref::<StringArray>().unwrap();
        all.extend((0..column.len()).map(|row| column.value(row).to_owned()));
    }
    all
}

/// Refusals that are kept, and where.
pub fn kept() -> (Rejects, PathBuf) {
    let path = written("rejects.tsv", "");
    (Rejects::to_file(&path).unwrap(), path)
}

/// The last part of each line of a rejects file before the record: `line: reason`.
pub fn refused(path: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(path).unwrap();
    let line = |line: &str| {
        let parts: Vec<&str> = line.split('\t').collect();
        format!("{}: {}", parts[1], parts[2])
    };
    text.lines().map(line).collect()
}
