//! `baseq sql`: the statements of a program.

use super::check::{errors_of, look};
use super::source_map;
use crate::args::{Common, Dialect};
use crate::exit::{Exit, Result};
use crate::out::Out;
use crate::warehouse;
use session::params::Params;
use std::path::Path;

pub(super) fn run(
    file: &Path,
    names: &[String],
    (dialect, map): (Option<Dialect>, bool),
    params: &Params,
    common: &Common,
    out: Out,
) -> Result<Exit> {
    let session = warehouse::session(common, Some(file))?;
    let session = match dialect {
        None => session,
        Some(Dialect::Duckdb) => session.printing(session::Dialect::DuckDb),
        Some(Dialect::Postgres) => session.printing(session::Dialect::Postgres),
    };
    let word = match session.dialect() {
        session::Dialect::DuckDb => "duckdb",
        session::Dialect::Postgres => "postgres",
    };
    let checked = session.check(file, params)?;
    out.diagnostics(&checked.diagnostics, &checked.files, look(out));
    if checked.has_errors() {
        return Ok(errors_of(&checked));
    }
    let compiled = session.compile(&checked, names)?;
    let map_of = |table| if map { session.source_map(&checked, table).map(Some) } else { Ok(None) };
    if out.json {
        let mut all = Vec::new();
        for table in &compiled {
            let sql = table.statement.text();
            let mut one = serde_json::json!({ "table": table.name, "dialect": word, "sql": sql });
            if let Some(map) = map_of(table)? {
                one["map"] = source_map::json(&map, sql, &checked.files);
            }
            all.push(one);
        }
        out.json(&all.into())?;
        return Ok(Exit::Done);
    }
    for (at, table) in compiled.iter().enumerate() {
        if compiled.len() > 1 {
            out.line(&format!("{}-- table {}", if at > 0 { "\n" } else { "" }, table.name))?;
        }
        let sql = table.statement.text();
        match map_of(table)? {
            Some(map) => {
                let beside = source_map::beside(&map, sql, &checked.files, checked.main);
                out.result(beside.as_bytes())?;
            }
            None => out.result(sql.as_bytes())?,
        }
    }
    Ok(Exit::Done)
}
