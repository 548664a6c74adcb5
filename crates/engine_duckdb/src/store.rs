//! A DuckDB warehouse opened for loading: [`engine::Store`].
//!
//! The file is attached, not opened, because the size of its row groups is told at each attaching
//! and is not remembered (genotypes.md, section 4). Rows go in as Arrow batches through DuckDB's
//! appender, inside the transaction of their source. Asking questions is not done here.

use arrow::array::RecordBatch;
use duckdb::Connection;
use engine::{Error, Result, Store, TableColumn};
use std::path::Path;

/// Rows per row group: small enough that a table of one chromosome is scanned by all threads.
pub const ROW_GROUP_SIZE: u32 = 16_384;

/// The name under which a warehouse is attached.
const CATALOG: &str = "warehouse";

/// Every column of the warehouse.
pub(crate) const COLUMNS: &str = "select table_name, column_name, data_type, is_nullable \
     from information_schema.columns where table_catalog = current_catalog() order by table_name, ordinal_position";

/// A warehouse that one process loads into.
#[derive(Debug)]
pub struct DuckStore {
    connection: Connection,
}

/// Opens the warehouse at `path`, or makes an empty one. One process writes at a time; a second is
/// refused.
pub fn open_store(path: impl AsRef<Path>) -> Result<DuckStore> {
    let path = path.as_ref();
    let Some(text) = path.to_str() else {
        return Err(Error {
            message: format!("the path {} is not Unicode", path.display()),
            detail: String::new(),
        });
    };
    DuckStore::attach(text).map_err(|error| {
        let message = format!(
            "cannot open the warehouse {text}; another process may have it open, or it is no warehouse"
        );
        Error { message, detail: error.to_string() }
    })
}

impl DuckStore {
    /// A warehouse that lives as long as this value, for tests and trials.
    pub fn in_memory() -> Result<Self> {
        Self::attach(":memory:").map_err(|error| told("the engine does not start", &error))
    }

    fn attach(path: &str) -> duckdb::Result<Self> {
        let connection = Connection::open_in_memory()?;
        let path = path.replace('\'', "''");
        // A memory database takes no row group size.
        let options =
            if path == ":memory:" { String::new() } else { format!("(row_group_size {ROW_GROUP_SIZE})") };
        connection.execute_batch(&format!("attach '{path}' as {CATALOG} {options}; use {CATALOG};"))?;
        Ok(Self { connection })
    }

    fn run(&mut self, sql: &str, message: &str) -> Result<()> {
        self.connection.execute_batch(sql).map_err(|error| told(message, &error))
    }
}

impl Store for DuckStore {
    fn begin(&mut self) -> Result<()> {
        self.run("begin transaction", "the engine does not begin a transaction")
    }

    fn commit(&mut self) -> Result<()> {
        self.run("commit", "the engine does not commit; nothing was loaded")?;
        // Rows are durable already; this moves them from the log into the file, so that the next
        // process need not replay them.
        self.run("checkpoint", "the rows are loaded, but the engine does not write its checkpoint")
    }

    fn rollback(&mut self) -> Result<()> {
        self.run("rollback", "the engine does not roll back; open the warehouse anew")
    }

    fn execute(&mut self, sql: &str) -> Result<()> {
        self.run(sql, "the engine refuses a statement of the loader")
    }

    fn query(&mut self, sql: &str) -> Result<Vec<RecordBatch>> {
        let refused = |error: duckdb::Error| told("the engine refuses a query of the loader", &error);
        let mut statement = self.connection.prepare(sql).map_err(refused)?;
        let rows = statement.query_arrow([]).map_err(refused)?.collect();
        Ok(rows)
    }

    fn append(&mut self, table: &str, rows: RecordBatch) -> Result<()> {
        if rows.num_rows() == 0 {
            return Ok(());
        }
        let refused =
            |error: duckdb::Error| told(&format!("the engine does not take rows for table {table}"), &error);
        let mut appender =
            self.connection.appender_to_catalog_and_db(table, CATALOG, "main").map_err(refused)?;
        appender.append_record_batch(rows).map_err(refused)?;
        // Dropping an appender swallows its errors.
        appender.flush().map_err(refused)
    }

    fn row_word(&self) -> &'static str {
        "rowid"
    }

    fn columns(&mut self) -> Result<Vec<TableColumn>> {
        TableColumn::of(&self.query(COLUMNS)?)
    }
}

fn told(message: &str, error: &duckdb::Error) -> Error {
    Error { message: message.to_owned(), detail: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{Array, ArrayRef, Int64Array};
    use std::sync::Arc;

    fn numbers(rows: i64) -> RecordBatch {
        let column: ArrayRef = Arc::new((0..rows).collect::<Int64Array>());
        RecordBatch::try_from_iter([("n", column)]).expect("one column")
    }

    fn count(store: &mut DuckStore, sql: &str) -> i64 {
        let rows = store.query(sql).expect("rows");
        rows[0].column(0).as_any().downcast_ref::<Int64Array>().expect("a number").value(0)
    }

    #[test]
    fn what_was_committed_stays_and_nothing_else() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("it's a warehouse.duckdb");
        let mut store = open_store(&path).expect("made");
        store.execute("create table t (n BIGINT not null)").expect("a table");
        store.begin().expect("begun");
        store.append("t", numbers(40_000)).expect("appended");
        store.commit().expect("committed");
        store.begin().expect("begun");
        store.append("t", numbers(10)).expect("appended");
        store.rollback().expect("rolled back");
        store.begin().expect("begun");
        store.append("t", numbers(10)).expect("appended");
        // The process ends here.
        drop(store);
        let mut store = open_store(&path).expect("opened");
        assert_eq!(count(&mut store, "select count(*) from t"), 40_000);
        let groups = "select count(distinct row_group_id) from pragma_storage_info('t')";
        assert_eq!(count(&mut store, groups), 3, "40,000 rows in groups of 16,384");
    }

    #[test]
    fn what_is_no_warehouse_is_refused() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("text");
        std::fs::write(&path, "not a database, but long enough to look at ".repeat(200)).expect("written");
        let error = open_store(&path).expect_err("text");
        assert!(error.message.contains("no warehouse"), "{}", error.message);
        let mut store = DuckStore::in_memory().expect("memory");
        store.execute("create table t (n BIGINT not null)").expect("a table");
        assert!(store.append("no_such", numbers(1)).is_err());
        assert!(store.execute("select from from").is_err());
    }
}
