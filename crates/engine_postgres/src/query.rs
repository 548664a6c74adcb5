//! A Postgres warehouse opened for questions: [`engine::Reader`].
//!
//! The second line behind the compiler (consent-and-policy.md, section 8): a session that takes on the
//! role [`READER_ROLE`] where the warehouse has it, so that the rights of whoever connected are left
//! behind; one statement at a time, which gives rows, in a transaction that writes nothing and sees one
//! state of the data; and a limit of time, set in the server.

use crate::connect::{Connected, connect, words};
use crate::rows::Rows;
use arrow::array::RecordBatch;
use engine::{Cancel, Failure, ReadError, Reader, TableColumn};
use postgres::error::SqlState;
use postgres::fallible_iterator::FallibleIterator;
use postgres::{CancelToken, Client, IsolationLevel, NoTls};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio_postgres_rustls::MakeRustlsConnect;

/// The role that may read every table that questions read, and do nothing else.
pub const READER_ROLE: &str = "baseq_reader";

/// How the server plans. It knows nothing of how many rows a step gives, takes every chain of them for one
/// row, and would then compare each row with each; steps are joined by equal keys, so hashes and sorts always
/// do. Memory keeps memberships in hashes, without which they too compare each with each.
const PLANNING: &str = "set enable_nestloop = off; set work_mem = '256MB'; set hash_mem_multiplier = 2;";

/// What the person who asks may decide.
#[derive(Clone, Copy, Debug)]
pub struct ReaderOptions {
    /// How long a statement may run.
    pub timeout: Duration,
}

impl Default for ReaderOptions {
    /// An hour.
    fn default() -> ReaderOptions {
        ReaderOptions { timeout: Duration::from_hours(1) }
    }
}

/// A connection that only reads.
pub struct PgReader {
    client: Client,
    tls: Option<MakeRustlsConnect>,
    stopped: Arc<AtomicBool>,
    timeout: Duration,
    version: String,
    settings: Vec<(String, String)>,
}

impl std::fmt::Debug for PgReader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PgReader").finish_non_exhaustive()
    }
}

/// Opens the warehouse at a URL for reading.
///
/// # Errors
/// The address is none, no server answers, or it does not let us in.
pub fn open_reader(url: &str, options: ReaderOptions) -> Result<PgReader, ReadError> {
    let Connected { mut client, tls } = connect(url)?;
    let role = format!(
        "select 1 from pg_roles where rolname = '{READER_ROLE}' and pg_has_role(current_user, oid, 'member')"
    );
    let told = |error: &postgres::Error| ReadError { failure: Failure::Unavailable, detail: words(error) };
    if !client.query(&role, &[]).map_err(|error| told(&error))?.is_empty() {
        client.batch_execute(&format!("set role {READER_ROLE}")).map_err(|error| told(&error))?;
    }
    let timeout = options.timeout.as_millis();
    client
        .batch_execute(&format!(
            "{PLANNING} set default_transaction_read_only = on; set statement_timeout = {timeout}; \
             set idle_in_transaction_session_timeout = {timeout}"
        ))
        .map_err(|error| told(&error))?;
    let mut told_of = Vec::new();
    for name in TOLD {
        told_of.push((name.to_owned(), setting(&mut client, &format!("current_setting('{name}')"))));
    }
    told_of.push(("role".to_owned(), setting(&mut client, "current_user::text")));
    let version = setting(&mut client, "current_setting('server_version')");
    let version = format!("postgres {}", version.split(' ').next().unwrap_or_default());
    Ok(PgReader {
        client,
        tls,
        stopped: Arc::default(),
        timeout: options.timeout,
        version,
        settings: told_of,
    })
}

impl PgReader {
    fn rows(&mut self, sql: &str) -> Result<Vec<RecordBatch>, ReadError> {
        let (stopped, start, timeout) = (Arc::clone(&self.stopped), Instant::now(), self.timeout);
        // The server has one code for both; what ends before its time was stopped, here or by its steward.
        let told = |error: postgres::Error| {
            read_error(&error, stopped.load(Ordering::SeqCst) || start.elapsed() < timeout)
        };
        let refused = |detail: String| ReadError { failure: Failure::Refused, detail };
        let mut transaction = self
            .client
            .build_transaction()
            .read_only(true)
            .isolation_level(IsolationLevel::RepeatableRead)
            .start()
            .map_err(&told)?;
        // A prepared statement is one statement.
        let statement = transaction.prepare(sql).map_err(&told)?;
        if statement.columns().is_empty() || !statement.params().is_empty() {
            return Err(refused(format!("not a single query: {sql}")));
        }
        let mut taken = Rows::of(statement.columns()).map_err(refused)?;
        let none: [&(dyn postgres::types::ToSql + Sync); 0] = [];
        let mut rows = transaction.query_raw(&statement, none).map_err(&told)?;
        while let Some(row) = rows.next().map_err(&told)? {
            taken.push(&row).map_err(refused)?;
        }
        drop(rows);
        transaction.rollback().map_err(&told)?;
        Ok(vec![taken.finish().map_err(refused)?])
    }
}

/// The settings that an audit wants to know.
const TOLD: [&str; 4] = ["default_transaction_read_only", "row_security", "statement_timeout", "work_mem"];

/// A value that the server says of itself.
fn setting(client: &mut Client, expression: &str) -> String {
    client
        .query_one(&format!("select {expression}"), &[])
        .and_then(|row| row.try_get(0))
        .unwrap_or_else(|_| "unknown".to_owned())
}

impl Reader for PgReader {
    fn run(&mut self, sql: &str) -> Result<Vec<RecordBatch>, ReadError> {
        self.stopped.store(false, Ordering::SeqCst);
        self.rows(sql)
    }

    fn columns(&mut self) -> Result<Vec<TableColumn>, ReadError> {
        let batches = self.run(crate::store::COLUMNS)?;
        TableColumn::of(&batches)
            .map_err(|error| ReadError { failure: Failure::Refused, detail: error.detail })
    }

    fn row_word(&self) -> &'static str {
        "ctid"
    }

    fn canceller(&self) -> Arc<dyn Cancel> {
        Arc::new(PgCancel {
            token: self.client.cancel_token(),
            tls: self.tls.clone(),
            stopped: Arc::clone(&self.stopped),
        })
    }

    fn engine(&self) -> String {
        self.version.clone()
    }

    fn settings(&self) -> Vec<(String, String)> {
        self.settings.clone()
    }
}

struct PgCancel {
    token: CancelToken,
    tls: Option<MakeRustlsConnect>,
    stopped: Arc<AtomicBool>,
}

impl Cancel for PgCancel {
    fn cancel(&self) {
        self.stopped.store(true, Ordering::SeqCst);
        // Where the server is not reached, its limit of time ends the statement.
        let _ = match &self.tls {
            None => self.token.cancel_query(NoTls),
            Some(tls) => self.token.cancel_query(tls.clone()),
        };
    }
}

/// Sorts an error of the server into our kinds by its code.
fn read_error(error: &postgres::Error, stopped: bool) -> ReadError {
    let failure = match error.code() {
        Some(code) if *code == SqlState::QUERY_CANCELED => {
            if stopped {
                Failure::Cancelled
            } else {
                Failure::TooLong
            }
        }
        Some(code)
            if *code == SqlState::OUT_OF_MEMORY
                || *code == SqlState::DISK_FULL
                || *code == SqlState::CONFIGURATION_LIMIT_EXCEEDED =>
        {
            Failure::Exhausted
        }
        Some(code) if *code == SqlState::ADMIN_SHUTDOWN || *code == SqlState::CRASH_SHUTDOWN => {
            Failure::Unavailable
        }
        Some(_) => Failure::Refused,
        None => Failure::Unavailable,
    };
    ReadError { failure, detail: words(error) }
}
