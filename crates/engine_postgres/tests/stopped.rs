//! A statement is stopped in the server: by whoever asked, and by the limit of time. What the server said no
//! to is over there too, and the same reader answers the next question.

#![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]

use arrow::array::AsArray;
use arrow::datatypes::Int64Type;
use engine::{Failure, Reader};
use engine_postgres::{PgReader, ReaderOptions, open_reader};
use std::time::{Duration, Instant};

/// Waits in the server, ten minutes if nobody stops it.
const WAITS: &str = "select 1 as one from pg_sleep(600)";

/// Counts in the server, ten thousand million pairs if nobody stops it.
const COUNTS: &str =
    "select count(*) as pairs from generate_series(1, 100000) a (i), generate_series(1, 100000) b (j)";

/// Long before either is done by itself.
const SOON: Duration = Duration::from_mins(1);

fn reader(url: &str, timeout: Duration) -> PgReader {
    open_reader(url, ReaderOptions { timeout }).unwrap()
}

fn number(reader: &mut PgReader, sql: &str) -> i64 {
    let rows = reader.run(sql).unwrap();
    rows.first().unwrap().column(0).as_primitive::<Int64Type>().value(0)
}

/// How many statements other connections of this database run now.
fn running(watcher: &mut PgReader) -> i64 {
    number(
        watcher,
        "select count(*) from pg_stat_activity where datname = current_database() \
         and pid <> pg_backend_pid() and backend_type = 'client backend' and state = 'active' \
         and query like 'select%'",
    )
}

#[test]
fn whoever_asks_stops_the_statement_in_the_server() {
    let Some(cluster) = cluster::for_test() else { return };
    let url = cluster.database("stopped").unwrap();
    let mut watcher = reader(&url, SOON);
    let mut asked = reader(&url, Duration::from_hours(1));
    for sql in [WAITS, COUNTS] {
        let cancel = asked.canceller();
        let start = Instant::now();
        let error = std::thread::scope(|scope| {
            let question = scope.spawn(|| asked.run(sql).unwrap_err());
            while running(&mut watcher) == 0 {
                assert!(start.elapsed() < SOON && !question.is_finished(), "{sql}: never seen to run");
                std::thread::sleep(Duration::from_millis(10));
            }
            cancel.cancel();
            question.join().unwrap()
        });
        assert_eq!(error.failure, Failure::Cancelled, "{sql}: {}", error.detail);
        assert!(start.elapsed() < SOON, "{sql}: stopped after {:?}", start.elapsed());
        assert_eq!(running(&mut watcher), 0, "{sql}: it still runs in the server");
        assert_eq!(number(&mut asked, "select 7 as seven"), 7, "after {sql}");
    }
}

#[test]
fn the_limit_of_time_ends_the_statement_and_no_statement_lifts_it() {
    let Some(cluster) = cluster::for_test() else { return };
    let url = cluster.database("limited").unwrap();
    let mut watcher = reader(&url, SOON);
    let limit = Duration::from_millis(300);
    let mut asked = reader(&url, limit);
    let lifted = "select set_config('statement_timeout', '0', false) as lifted";
    for sql in [WAITS, COUNTS, lifted, WAITS] {
        if sql == lifted {
            // What a statement sets goes with its transaction.
            asked.run(sql).unwrap();
            continue;
        }
        let start = Instant::now();
        let error = asked.run(sql).unwrap_err();
        assert_eq!(error.failure, Failure::TooLong, "{sql}: {}", error.detail);
        assert!(start.elapsed() >= limit && start.elapsed() < SOON, "{sql}: {:?}", start.elapsed());
        assert_eq!(running(&mut watcher), 0, "{sql}: it still runs in the server");
        assert_eq!(number(&mut asked, "select 7 as seven"), 7, "after {sql}");
    }
    let error = asked.run("set statement_timeout = 0").unwrap_err();
    assert_eq!(error.failure, Failure::Refused, "{}", error.detail);
    let limit = asked.settings().into_iter().find(|(name, _)| name == "statement_timeout");
    assert_eq!(limit, Some(("statement_timeout".to_owned(), "300ms".to_owned())), "what the audit is told");
}

#[test]
fn what_somebody_else_stops_was_not_too_long() {
    let Some(cluster) = cluster::for_test() else { return };
    let url = cluster.database("elsewhere").unwrap();
    let mut watcher = reader(&url, SOON);
    let mut asked = reader(&url, Duration::from_hours(1));
    let start = Instant::now();
    let error = std::thread::scope(|scope| {
        let question = scope.spawn(|| asked.run(WAITS).unwrap_err());
        while running(&mut watcher) == 0 {
            assert!(start.elapsed() < SOON && !question.is_finished(), "never seen to run");
            std::thread::sleep(Duration::from_millis(10));
        }
        let name = url.rsplit('/').next().unwrap();
        let stop = "select pg_cancel_backend(pid) from pg_stat_activity \
                    where datname = current_database() and query like '%pg_sleep(600)' and state = 'active'";
        cluster.run(name, stop).unwrap();
        question.join().unwrap()
    });
    assert_eq!(error.failure, Failure::Cancelled, "{}", error.detail);
}

#[test]
fn a_reader_writes_nothing() {
    let Some(cluster) = cluster::for_test() else { return };
    let url = cluster.database("unwritten").unwrap();
    cluster.run(url.rsplit('/').next().unwrap(), "create table t (a bigint)").unwrap();
    let mut asked = reader(&url, SOON);
    for sql in [
        "insert into t values (1)",
        "insert into t values (1) returning a",
        "with w as (insert into t values (1) returning a) select a from w",
        "select 1 as one; insert into t values (1)",
        "commit",
        "create table u (a bigint)",
        "select nextval('pg_catalog.no_sequence')",
    ] {
        let error = asked.run(sql).unwrap_err();
        assert_eq!(error.failure, Failure::Refused, "{sql}: {}", error.detail);
        assert!(!error.to_string().contains("insert"), "{error}");
    }
    assert_eq!(number(&mut asked, "select count(*) from t"), 0);
}
