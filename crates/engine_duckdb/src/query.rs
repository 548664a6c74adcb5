//! A DuckDB warehouse opened for questions: [`engine::Reader`].
//!
//! The second line behind the compiler (consent-and-policy.md, section 8). Only single queries run
//! ([`one`]). The connection reads the one warehouse and nothing else: no other file, no network, no
//! extension from outside; it can write nothing but its own temporary folder, which goes away with
//! it; and none of this can be changed, because the configuration is locked before the first
//! statement. The file is attached, not opened, so that the size of its row groups is the one it was
//! written with (genotypes.md, section 4).

mod one;
#[cfg(test)]
mod tests;

use crate::store::{COLUMNS, ROW_GROUP_SIZE};
use arrow::array::RecordBatch;
use duckdb::{Config, Connection, InterruptHandle};
use engine::{Cancel, Failure, ReadError, Reader, TableColumn};
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;

/// The name under which the warehouse is attached.
const CATALOG: &str = "warehouse";

/// What the person who asks may decide.
#[derive(Clone, Copy, Debug, Default)]
pub struct ReaderOptions {
    /// Threads of the engine; by default as many as the machine has.
    pub threads: Option<u16>,
}

/// A locked, read-only connection to one warehouse file.
#[derive(Debug)]
pub struct DuckReader {
    connection: Connection,
    /// Where the engine spills; removed when this value goes. Declared after the connection, so that it
    /// goes second.
    _spill: TempDir,
}

/// Opens the warehouse at `path` for reading. Any number of readers may have it open, but no writer.
///
/// # Errors
/// [`Failure::Unavailable`] when there is no such file, it is no warehouse, or a writer has it open.
pub fn open_reader(path: impl AsRef<Path>, options: ReaderOptions) -> Result<DuckReader, ReadError> {
    let path = path.as_ref();
    let unavailable = |detail: String| ReadError { failure: Failure::Unavailable, detail };
    let text = path.to_str().ok_or_else(|| unavailable("the path is not Unicode".into()))?;
    // Attaching would say so too, but in words that differ by version.
    if !path.is_file() {
        return Err(unavailable(format!("{text} is no file")));
    }
    let spill = tempfile::Builder::new()
        .prefix("baseq-")
        .tempdir()
        .map_err(|error| unavailable(format!("no temporary folder: {error}")))?;
    let spill_text =
        spill.path().to_str().ok_or_else(|| unavailable("the temporary folder is not Unicode".into()))?;
    let connection = connect(text, spill_text, options).map_err(|error| unavailable(error.to_string()))?;
    Ok(DuckReader { connection, _spill: spill })
}

fn connect(path: &str, spill: &str, options: ReaderOptions) -> duckdb::Result<Connection> {
    let mut config = Config::default()
        .enable_autoload_extension(false)?
        .with("autoinstall_known_extensions", "false")?
        .with("allow_community_extensions", "false")?
        .with("allow_persistent_secrets", "false")?
        .with("temp_directory", spill)?;
    if let Some(threads) = options.threads {
        config = config.threads(i64::from(threads))?;
    }
    let connection = Connection::open_in_memory_with_flags(config)?;
    let path = path.replace('\'', "''");
    connection.execute_batch(&format!(
        "attach '{path}' as {CATALOG} (read_only, row_group_size {ROW_GROUP_SIZE}); use {CATALOG}; \
         set enable_external_access = false; set lock_configuration = true;"
    ))?;
    Ok(connection)
}

impl DuckReader {
    /// Runs whatever it is given; the lock of the connection is all that stands behind it.
    fn run_unlooked(&mut self, sql: &str) -> Result<Vec<RecordBatch>, ReadError> {
        let mut statement = self.connection.prepare(sql).map_err(|error| read_error(&error))?;
        // The engine finishes the whole result before it gives the first row, so an error in a late
        // row is an error here and never a short answer.
        let rows = statement.query_arrow([]).map_err(|error| read_error(&error))?;
        Ok(rows.collect())
    }
}

impl Reader for DuckReader {
    fn run(&mut self, sql: &str) -> Result<Vec<RecordBatch>, ReadError> {
        if !one::is_one_query(sql) {
            return Err(ReadError {
                failure: Failure::Refused,
                detail: format!("not a single query: {sql}"),
            });
        }
        self.run_unlooked(sql)
    }

    fn columns(&mut self) -> Result<Vec<TableColumn>, ReadError> {
        let batches = self.run(COLUMNS)?;
        TableColumn::of(&batches)
            .map_err(|error| ReadError { failure: Failure::Refused, detail: error.detail })
    }

    fn row_word(&self) -> &'static str {
        "rowid"
    }

    fn canceller(&self) -> Arc<dyn Cancel> {
        Arc::new(DuckCancel(self.connection.interrupt_handle()))
    }

    fn engine(&self) -> String {
        let version = self.connection.version().unwrap_or_default();
        format!("duckdb {}", version.trim_start_matches('v'))
    }

    fn settings(&self) -> Vec<(String, String)> {
        let of = |name: &str| {
            let sql = format!("select current_setting('{name}')::VARCHAR");
            self.connection.query_row(&sql, [], |row| row.get(0)).unwrap_or_else(|_| "unknown".to_owned())
        };
        TOLD.iter().map(|name| ((*name).to_owned(), of(name))).collect()
    }
}

/// The settings that an audit wants to know.
const TOLD: [&str; 4] = ["enable_external_access", "lock_configuration", "memory_limit", "threads"];

struct DuckCancel(Arc<InterruptHandle>);

impl Cancel for DuckCancel {
    fn cancel(&self) {
        self.0.interrupt();
    }
}

/// Sorts an error of the engine into our kinds by the class that its message opens with. The message
/// itself goes no further than the steward's log.
fn read_error(error: &duckdb::Error) -> ReadError {
    let detail = error.to_string();
    let failure = if detail.contains("INTERRUPT") || detail.starts_with("Interrupted") {
        Failure::Cancelled
    } else if detail.starts_with("Out of Memory Error") {
        Failure::Exhausted
    } else {
        Failure::Refused
    };
    ReadError { failure, detail }
}
