//! The façade of all front ends: files and a lock file in, any stage out.
//!
//! - [`Project`]: a folder with `baseq.toml`
//! - [`Session`]: a project opened; [`Session::check`] needs only files, [`Session::compile`] gives SQL,
//!   [`Session::run`] gives [`release::Released`] and is the only way to rows
//! - [`Lock`]: what a project stands on, by hash; [`Session::pull`] makes it from a warehouse
//! - [`Log`]: the audit, for those who read it
//! - [`Trouble`]: why something was not done, with who can do something about it
//!
//! Nothing here prints, and nothing here knows which engine a [`engine::Reader`] is.

mod actor;
mod arrow_of;
mod auditor;
pub mod codes;
mod compile;
mod describe;
mod earlier;
mod editor;
mod expansions;
mod lock;
mod made_up;
mod methods;
mod mocking;
pub mod params;
mod project;
mod run;
mod run_report;
mod saved;
mod scaffold;
mod session;
mod source_map;
mod sources;
mod stdlib;
mod steward;
mod testing;
mod trouble;
mod vocabulary;
mod warehouse;

pub use arrow_of::arrow_of;
pub use audit::{Change, Event, Run};
pub use auditor::{Log, Sought};
pub use compile::Compiled;
pub use describe::{ColumnLine, EntityPage, RelationLine};
pub use earlier::MOST_REFUSALS;
pub use editor::{Analysis, CodePage, Open, Part};
pub use lock::{CodesLock, Lock, OntologyLock, Pinned, Policy, PolicyFile, Warehouse};
pub use methods::Style;
pub use mock::{Made, Options as MockOptions, Person, Table};
pub use mocking::{Mocked, csv_of};
pub use project::{
    ENGINE_LOG, LOCK_FILE, LintSettings, Location, PINS, Project, SETTINGS_FILE, Settings, WarehouseSettings,
};
pub use release::{Notes, Released, ReleasedValue};
pub use run::{Answer, CREATE_KEY_TABLE, Destination, KEY_TABLE};
pub use run_report::{NotTold, ReportLine};
pub use saved::{AllSaved, LastRun, SAVED_FILE, Saved, SavedState};
pub use scaffold::init;
pub use session::{Checked, Clock, Explained, PolicySource, Session};
pub use source_map::Mapped;
pub use sql::Dialect;
pub use steward::{Draft, PolicyChange};
pub use testing::{TestResult, Tested};
pub use trouble::{Kind, Result, Trouble};
pub use warehouse::conform::Difference;
pub use warehouse::{
    AUDIT_TABLE, CREATE_AUDIT_TABLE, CREATE_POLICY_TABLE, CREATE_SIGNATURE_TABLE, CREATE_STEWARD_TABLE,
    POLICY_TABLE, SIGNATURE_TABLE, STEWARD_TABLE,
};
