//! A reader is locked: statements that try to write, to read files, to load code or to change the
//! configuration are refused, each of them a way out that DuckDB offers by default.

use super::{DuckReader, ReaderOptions, open_reader};
use crate::open_store;
use arrow::array::Int64Array;
use engine::{Failure, Reader as _, Store as _};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tempfile::TempDir;

/// A warehouse with a table `t` of 100,000 numbers.
fn warehouse() -> (TempDir, DuckReader) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("w.duckdb");
    let mut store = open_store(&path).unwrap();
    store.begin().unwrap();
    store.execute("create table t as select range as n from range(100000)").unwrap();
    store.commit().unwrap();
    drop(store);
    let reader = open_reader(&path, ReaderOptions { threads: Some(2) }).unwrap();
    (folder, reader)
}

#[test]
fn a_question_has_an_answer() {
    let (_folder, mut reader) = warehouse();
    let rows = reader.run("select count(*)::BIGINT as n from t").unwrap();
    let counted = rows[0].column(0).as_any().downcast_ref::<Int64Array>().unwrap();
    assert_eq!(counted.value(0), 100_000);
    assert_eq!(reader.engine(), "duckdb 1.5.6");
}

#[test]
fn no_way_out() {
    let (folder, mut reader) = warehouse();
    let at = |name: &str| folder.path().join(name).display().to_string();
    std::fs::write(at("secret.csv"), "a\n1\n").unwrap();
    let tries = [
        format!("select * from read_csv('{}')", at("secret.csv")),
        format!("select * from '{}'", at("secret.csv")),
        format!("select * from read_text('{}')", at("secret.csv")),
        "select * from glob('/*')".to_owned(),
        format!("copy t to '{}'", at("out.csv")),
        format!("copy t to '{}' (format csv)", at("w.duckdb")),
        format!("copy (select 1) to '{}' (format parquet)", at("out.parquet")),
        format!("export database '{}'", at("out")),
        format!("attach '{}' as other", at("other.duckdb")),
        format!("attach '{}' as again", at("w.duckdb")),
        format!("import database '{}'", at("out")),
        "create table u as select 1".to_owned(),
        "insert into t values (1)".to_owned(),
        "update t set n = 0".to_owned(),
        "delete from t".to_owned(),
        "drop table t".to_owned(),
        "create view v as select 1".to_owned(),
        "create macro m() as 1".to_owned(),
        "install httpfs".to_owned(),
        "load httpfs".to_owned(),
        "select * from read_csv('http://127.0.0.1:1/x.csv')".to_owned(),
        "set enable_external_access = true".to_owned(),
        "reset enable_external_access".to_owned(),
        "set lock_configuration = false".to_owned(),
        "pragma threads = 1".to_owned(),
        format!("set temp_directory = '{}'", at("spill")),
        "create secret s (type s3)".to_owned(),
        format!("set log_query_path = '{}'", at("log")),
        "select getenv('HOME')".to_owned(),
    ];
    let mut ran = Vec::new();
    for sql in &tries {
        match reader.run_unlooked(sql) {
            Ok(_) => ran.push(sql),
            Err(error) => assert_eq!(error.failure, Failure::Refused, "{sql}: {}", error.detail),
        }
    }
    assert!(ran.is_empty(), "these ran: {ran:#?}");
    let mut left: Vec<String> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    left.sort();
    assert_eq!(left, ["secret.csv", "w.duckdb"]);
}

#[test]
fn the_log_file_of_the_warehouse_is_safe_too() {
    let (folder, mut reader) = warehouse();
    let log = folder.path().join("w.duckdb.wal");
    for sql in [
        format!("copy t to '{}' (format csv)", log.display()),
        format!("select 1; copy t to '{}'", log.display()),
    ] {
        assert_eq!(reader.run(&sql).unwrap_err().failure, Failure::Refused);
    }
    assert!(!log.exists());
}

#[test]
fn spilling_works_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("w.duckdb");
    drop(open_store(&path).unwrap());
    let mut reader = open_reader(&path, ReaderOptions::default()).unwrap();
    let rows = reader.run("select current_setting('temp_directory') as t").unwrap();
    let spill =
        rows[0].column(0).as_any().downcast_ref::<arrow::array::StringArray>().unwrap().value(0).to_owned();
    assert!(Path::new(&spill).is_dir(), "{spill}");
    drop(reader);
    assert!(!Path::new(&spill).exists(), "{spill} is left");
}

#[test]
fn what_people_read_carries_no_data() {
    let (_folder, mut reader) = warehouse();
    let error = reader.run("select cast('Mary' || n as integer) from t").unwrap_err();
    assert!(error.detail.contains("Mary"), "the log has the cause: {}", error.detail);
    assert!(!error.to_string().contains("Mary"), "{error}");
}

#[test]
fn a_running_question_can_be_stopped() {
    let (_folder, mut reader) = warehouse();
    let canceller = reader.canceller();
    let stopped = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&stopped);
    let watcher = std::thread::spawn(move || {
        // Until it has begun there is nothing to stop, so this asks more than once.
        while !seen.load(Ordering::Relaxed) {
            std::thread::sleep(std::time::Duration::from_millis(50));
            canceller.cancel();
        }
    });
    let error = reader.run("select sum(a.n * b.n % 7)::BIGINT as s from t a, t b").unwrap_err();
    stopped.store(true, Ordering::Relaxed);
    assert_eq!(error.failure, Failure::Cancelled, "{}", error.detail);
    watcher.join().unwrap();
}

#[test]
fn a_warehouse_that_is_not_there_or_is_none() {
    let folder = tempfile::tempdir().unwrap();
    let missing = open_reader(folder.path().join("none.duckdb"), ReaderOptions::default()).unwrap_err();
    assert_eq!(missing.failure, Failure::Unavailable);
    let path = folder.path().join("text.duckdb");
    std::fs::write(&path, "not a database").unwrap();
    assert_eq!(open_reader(&path, ReaderOptions::default()).unwrap_err().failure, Failure::Unavailable);
}
