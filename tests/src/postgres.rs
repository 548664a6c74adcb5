//! The third witness: the tables of a warehouse on Postgres, whose statements are other text.
//!
//! They are copied as they are. That a loader puts the same rows into both engines is another test.

use std::sync::atomic::{AtomicU32, Ordering};

use engine::{Reader, Store, TableColumn};
use engine_duckdb::DuckReader;
use engine_postgres::{PgReader, ReaderOptions};

/// A database with the same tables, opened for questions; none where there is no Postgres.
pub(crate) fn copy_of(reader: &mut DuckReader) -> Result<Option<PgReader>, String> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let Some(cluster) = cluster::for_test() else { return Ok(None) };
    // Its texts are not in the order of their bytes.
    let url = cluster.database_of_place(&format!("w{}", NEXT.fetch_add(1, Ordering::Relaxed)), "en-US")?;
    let mut store = engine_postgres::open_store(&url).map_err(|error| error.detail)?;
    copy(reader, &mut store)?;
    drop(store);
    engine_postgres::open_reader(&url, ReaderOptions::default()).map(Some).map_err(|error| error.detail)
}

/// Copies every table.
pub(crate) fn copy(reader: &mut dyn Reader, store: &mut dyn Store) -> Result<(), String> {
    let columns = reader.columns().map_err(|error| error.detail)?;
    let told = |error: engine::Error| format!("{error}: {}", error.detail);
    store.begin().map_err(told)?;
    for one in columns.chunk_by(|one, other| one.table == other.table) {
        let Some(TableColumn { table, .. }) = one.first() else { continue };
        let quoted = |name: &str| format!("\"{}\"", name.replace('"', "\"\""));
        let layout: Vec<String> = one
            .iter()
            .map(|column| {
                let null = if column.nullable { "" } else { " not null" };
                format!("{} {}{null}", quoted(&column.column), store.type_of(&column.ty))
            })
            .collect();
        store.execute(&format!("create table {} ({})", quoted(table), layout.join(", "))).map_err(told)?;
        let rows = reader.run(&format!("select * from {}", quoted(table))).map_err(|error| error.detail)?;
        for batch in rows {
            store.append(table, batch).map_err(told)?;
        }
    }
    store.commit().map_err(told)
}
