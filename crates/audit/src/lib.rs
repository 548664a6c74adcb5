//! The audit log: who asked what, under which agreement, and what became of it.
//!
//! One [`Intent`] is durable before a statement runs, one [`Outcome`] before its first row is
//! readable; if either cannot be written there is no result. An [`Event`] says what was loaded or
//! installed. Records are lines of canonical JSON,
//! each with the hash of the line before, so that [`verify`] finds what was changed, dropped or
//! swapped, and, against a [`SignedCheckpoint`] kept elsewhere, what was cut off or written anew.
//!
//! A chain without a checkpoint does not stop a person who may write the whole file. The log holds
//! no withheld number and no value of a person; parameters are those that the query was given.

mod canonical;
mod checkpoint;
mod error;
mod export;
mod history;
mod log;
mod record;
mod verify;

pub use checkpoint::{Checkpoint, SignedCheckpoint};
pub use error::Error;
pub use export::{Run, csv, fhir, runs};
pub use history::{History, HistoryError, Person, Pin, Terms};
pub use log::{Log, Ticket};
pub use record::{
    Actor, Agreement, Cells, Change, ColumnUse, Decision, Differencing, Duration, Engine, Entry, Event,
    Guard, Hashes, Intent, Outcome, Record,
};
pub use verify::{Damage, DamagedLine, Verified, VerifyError, records, verify};

#[cfg(test)]
mod long_tests;
#[cfg(test)]
mod tests;
