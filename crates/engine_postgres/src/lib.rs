//! Postgres, the server engine: a warehouse opened for loading ([`open_store`]) or for questions
//! ([`open_reader`]). The two never share a connection.
//!
//! Where the warehouse is and who asks is the address (`address`); rows come in the binary protocol and
//! become Arrow of the types that the other engine gives (`rows`, `numeric`), and go in by binary `COPY`
//! (`copy`). No word of the server reaches people: it stays in `detail`, for a steward-only log.

mod address;
mod connect;
mod copy;
mod numeric;
mod query;
mod rows;
mod store;

pub use query::{PgReader, READER_ROLE, ReaderOptions, open_reader};
pub use store::{PgStore, open_store};
