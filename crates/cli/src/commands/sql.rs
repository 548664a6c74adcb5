//! `baseq sql`: the statements of a program.

use super::check::{errors_of, look};
use crate::args::{Common, Dialect};
use crate::exit::{Exit, Result};
use crate::out::Out;
use crate::warehouse;
use session::params::Params;
use std::path::Path;

pub(super) fn run(
    file: &Path,
    names: &[String],
    dialect: Dialect,
    params: &Params,
    common: &Common,
    out: Out,
) -> Result<Exit> {
    // One dialect is built in; the argument names it so that scripts can rely on it.
    let Dialect::Duckdb = dialect;
    let session = warehouse::session(common, Some(file))?;
    let checked = session.check(file, params)?;
    out.diagnostics(&checked.diagnostics, &checked.files, look(out));
    if checked.has_errors() {
        return Ok(errors_of(&checked));
    }
    let compiled = session.compile(&checked, names)?;
    if out.json {
        let all: Vec<_> = compiled
            .iter()
            .map(|table| serde_json::json!({ "table": table.name, "dialect": "duckdb", "sql": table.statement.text() }))
            .collect();
        out.json(&all.into())?;
        return Ok(Exit::Done);
    }
    for (at, table) in compiled.iter().enumerate() {
        if compiled.len() > 1 {
            out.line(&format!("{}-- table {}", if at > 0 { "\n" } else { "" }, table.name))?;
        }
        out.result(table.statement.text().as_bytes())?;
    }
    Ok(Exit::Done)
}
