//! The warehouse that a command speaks to: opened for questions or for loading.

use crate::args::Common;
use crate::exit::{Exit, Failure, Result};
use arrow::array::RecordBatch;
use engine::{Reader, Store};
use session::{Location, Project, Session, Trouble};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The project that a command is about: `--project`, else that of the file, else that of this folder.
pub(crate) fn project(common: &Common, file: Option<&Path>) -> session::Result<Project> {
    match (&common.project, file) {
        (Some(folder), _) => Project::open(folder),
        (None, Some(file)) => Project::find(file),
        (None, None) => Project::find(&PathBuf::from(".")),
    }
}

/// The session of that project, for the engine of its warehouse; a check needs none, so a project that names no
/// warehouse is no trouble yet. One that is named and is none is.
pub(crate) fn session(common: &Common, file: Option<&Path>) -> session::Result<Session> {
    let session = Session::open(project(common, file)?)?;
    Ok(match session.project().warehouse(common.warehouse.as_deref()) {
        Ok(location) => session.on(&location),
        Err(trouble) if common.warehouse.is_some() || !session.project().settings.warehouse.is_empty() => {
            return Err(trouble);
        }
        Err(_) => session,
    })
}

/// Its warehouse, opened for questions.
pub(crate) fn reader(project: &Project, common: &Common) -> session::Result<Box<dyn Reader>> {
    Ok(match project.warehouse(common.warehouse.as_deref())? {
        Location::DuckDb(path) => Box::new(
            engine_duckdb::open_reader(&path, engine_duckdb::ReaderOptions::default())
                .map_err(Trouble::from)?,
        ),
        Location::Postgres { url, timeout } => {
            let options = engine_postgres::ReaderOptions { timeout: Duration::from_secs(timeout.into()) };
            Box::new(engine_postgres::open_reader(&url, options).map_err(Trouble::from)?)
        }
    })
}

/// Its warehouse, opened for loading; a file is made where it is missing.
pub(crate) fn store(project: &Project, common: &Common) -> Result<Box<dyn Store>> {
    let failed = |error: engine::Error| Failure::Said(Exit::Unavailable, error.message);
    Ok(match project.warehouse(common.warehouse.as_deref())? {
        Location::DuckDb(path) => Box::new(engine_duckdb::open_store(&path).map_err(failed)?),
        Location::Postgres { url, .. } => Box::new(engine_postgres::open_store(&url).map_err(failed)?),
    })
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
    fn row_word(&self) -> &'static str {
        self.0.row_word()
    }
    fn columns(&mut self) -> engine::Result<Vec<engine::TableColumn>> {
        self.0.columns().map_err(|error| engine::Error { message: error.to_string(), detail: error.detail })
    }
}
