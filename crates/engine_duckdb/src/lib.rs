//! DuckDB, the embedded engine: a warehouse opened for loading ([`open_store`]) or for questions
//! ([`open_reader`]). The two never share a connection.

mod query;
mod store;

pub use query::{DuckReader, ReaderOptions, open_reader};
pub use store::{DuckStore, ROW_GROUP_SIZE, open_store};
