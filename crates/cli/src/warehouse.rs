//! The warehouse that a command speaks to: opened for questions or for loading.

use crate::args::Common;
use crate::exit::{Exit, Failure, Result};
use arrow::array::RecordBatch;
use engine::{Reader, Store};
use engine_duckdb::{DuckReader, DuckStore, ReaderOptions, open_reader, open_store};
use session::{Location, Project, Session, Trouble};
use std::path::{Path, PathBuf};

/// The project that a command is about: `--project`, else that of the file, else that of this folder.
pub(crate) fn project(common: &Common, file: Option<&Path>) -> session::Result<Project> {
    match (&common.project, file) {
        (Some(folder), _) => Project::open(folder),
        (None, Some(file)) => Project::find(file),
        (None, None) => Project::find(&PathBuf::from(".")),
    }
}

/// The session of that project.
pub(crate) fn session(common: &Common, file: Option<&Path>) -> session::Result<Session> {
    Session::open(project(common, file)?)
}

/// Its warehouse, opened for questions.
pub(crate) fn reader(project: &Project, common: &Common) -> session::Result<DuckReader> {
    let Location::DuckDb(path) = project.warehouse(common.warehouse.as_deref())?;
    open_reader(&path, ReaderOptions::default()).map_err(Trouble::from)
}

/// Its warehouse, opened for loading; made where it is missing.
pub(crate) fn store(project: &Project, common: &Common) -> Result<DuckStore> {
    let Location::DuckDb(path) = project.warehouse(common.warehouse.as_deref())?;
    open_store(&path).map_err(|error| Failure::Said(Exit::Unavailable, error.message))
}

/// A reader where a loader's function wants a store, for functions that only ask.
pub(crate) struct AskOnly<'a>(pub(crate) &'a mut dyn Reader);

impl AskOnly<'_> {
    fn refuse<T>() -> engine::Result<T> {
        Err(engine::Error {
            message: "the warehouse is open for questions only".into(),
            detail: String::new(),
        })
    }
}

impl Store for AskOnly<'_> {
    fn begin(&mut self) -> engine::Result<()> {
        Self::refuse()
    }
    fn commit(&mut self) -> engine::Result<()> {
        Self::refuse()
    }
    fn rollback(&mut self) -> engine::Result<()> {
        Self::refuse()
    }
    fn execute(&mut self, _: &str) -> engine::Result<()> {
        Self::refuse()
    }
    fn query(&mut self, sql: &str) -> engine::Result<Vec<RecordBatch>> {
        self.0.run(sql).map_err(|error| engine::Error { message: error.to_string(), detail: error.detail })
    }
    fn append(&mut self, _: &str, _: RecordBatch) -> engine::Result<()> {
        Self::refuse()
    }
}
