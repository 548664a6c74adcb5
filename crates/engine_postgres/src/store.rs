//! A Postgres warehouse opened for loading: [`engine::Store`].
//!
//! Rows go in by binary `COPY`, inside the transaction of their source. One process loads at a time: the
//! second waits for nothing and is told so, by a lock of the database that goes with its session.

use crate::connect::{connect, words};
use crate::copy;
use crate::rows::Rows;
use arrow::array::RecordBatch;
use engine::{Error, Result, Store, TableColumn};
use postgres::Client;
use postgres::fallible_iterator::FallibleIterator;

/// The key of the lock that one loader holds; any number that nobody else uses.
const LOADING: i64 = 0x0062_6173_6571;

/// Every column of the schema that a session writes to, in the words of the models. Taken from the catalogue and not
/// from `information_schema`, which leaves out what the role may not read: a table without a right must be
/// an error where it is read, and not one that is not there.
pub(crate) const COLUMNS: &str = "select c.relname::text, a.attname::text, \
     case format_type(a.atttypid, a.atttypmod) when 'bigint' then 'BIGINT' when 'boolean' then 'BOOLEAN' \
     when 'date' then 'DATE' when 'text' then 'VARCHAR' when 'character varying' then 'VARCHAR' when 'bytea' then 'BLOB' \
     when 'timestamp without time zone' then 'TIMESTAMP' \
     else replace(upper(format_type(a.atttypid, a.atttypmod)), 'NUMERIC(', 'DECIMAL(') end, \
     case when a.attnotnull then 'NO' else 'YES' end \
     from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace \
     join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped \
     where n.nspname = current_schema() and c.relkind in ('r', 'p') \
     order by c.relname::text collate \"C\", a.attnum";

/// A warehouse that one process loads into.
pub struct PgStore {
    client: Client,
}

impl std::fmt::Debug for PgStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PgStore").finish_non_exhaustive()
    }
}

/// Opens the warehouse at a URL for loading.
///
/// # Errors
/// The address is none, no server answers, it does not let us in, or another process loads.
pub fn open_store(url: &str) -> Result<PgStore> {
    let mut client = connect(url)
        .map_err(|error| Error { message: error.failure.words().to_owned(), detail: error.detail })?
        .client;
    let lock = format!("select pg_try_advisory_lock({LOADING})");
    let alone: bool = client
        .query_one(&lock, &[])
        .and_then(|row| row.try_get(0))
        .map_err(|error| told("the warehouse cannot be opened for loading", &error))?;
    if !alone {
        let message = "another process is loading into the warehouse; wait for it".to_owned();
        return Err(Error { message, detail: String::new() });
    }
    Ok(PgStore { client })
}

impl PgStore {
    fn run(&mut self, sql: &str, message: &str) -> Result<()> {
        self.client.batch_execute(sql).map_err(|error| told(message, &error))
    }
}

impl Store for PgStore {
    fn begin(&mut self) -> Result<()> {
        self.run("begin", "the engine does not begin a transaction")
    }

    fn commit(&mut self) -> Result<()> {
        self.run("commit", "the engine does not commit; nothing was loaded")?;
        // The planner knows nothing of rows that it has not counted. What is committed stays so if it cannot count them.
        let _ = self.run("analyze", "the rows are loaded, but the engine does not count them");
        Ok(())
    }

    fn rollback(&mut self) -> Result<()> {
        self.run("rollback", "the engine does not roll back; open the warehouse anew")
    }

    fn execute(&mut self, sql: &str) -> Result<()> {
        self.run(sql, "the engine refuses a statement of the loader")
    }

    fn query(&mut self, sql: &str) -> Result<Vec<RecordBatch>> {
        let message = "the engine refuses a query of the loader";
        let refused = |error: postgres::Error| told(message, &error);
        let other = |detail: String| Error { message: message.to_owned(), detail };
        let statement = self.client.prepare(sql).map_err(refused)?;
        let mut taken = Rows::of(statement.columns()).map_err(other)?;
        let none: [&(dyn postgres::types::ToSql + Sync); 0] = [];
        let mut rows = self.client.query_raw(&statement, none).map_err(refused)?;
        while let Some(row) = rows.next().map_err(refused)? {
            taken.push(&row).map_err(other)?;
        }
        Ok(vec![taken.finish().map_err(other)?])
    }

    fn append(&mut self, table: &str, rows: RecordBatch) -> Result<()> {
        if rows.num_rows() == 0 {
            return Ok(());
        }
        let message = format!("the engine does not take rows for table {table}");
        let sql = format!("copy \"{}\" from stdin (format binary)", table.replace('"', "\"\""));
        let mut writer = self.client.copy_in(&sql).map_err(|error| told(&message, &error))?;
        copy::write(&rows, &mut writer)
            .map_err(|error| Error { message: message.clone(), detail: error.to_string() })?;
        writer.finish().map_err(|error| told(&message, &error))?;
        Ok(())
    }

    fn row_word(&self) -> &'static str {
        "ctid"
    }

    fn columns(&mut self) -> Result<Vec<TableColumn>> {
        TableColumn::of(&self.query(COLUMNS)?)
    }

    fn type_of<'t>(&self, physical: &'t str) -> &'t str {
        if physical == "BLOB" { "BYTEA" } else { physical }
    }
}

fn told(message: &str, error: &postgres::Error) -> Error {
    Error { message: message.to_owned(), detail: words(error) }
}
