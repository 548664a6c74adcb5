//! DuckDB, the embedded engine: a warehouse opened for loading ([`store`]).

mod store;

pub use store::{DuckStore, ROW_GROUP_SIZE, open_store};
