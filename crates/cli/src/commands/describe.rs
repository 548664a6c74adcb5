//! `baseq describe`: cohorts, tables and reports in English.

use super::check::{errors_of, look};
use crate::args::Common;
use crate::exit::{Exit, Result};
use crate::out::Out;
use crate::warehouse;
use session::Style;
use session::params::Params;
use std::path::Path;

pub(super) fn run(
    file: &Path,
    name: Option<&str>,
    plain: bool,
    params: &Params,
    common: &Common,
    out: Out,
) -> Result<Exit> {
    let session = warehouse::session(common, Some(file))?;
    let checked = session.check(file, params)?;
    out.diagnostics(&checked.diagnostics, &checked.files, look(out));
    if checked.has_errors() {
        return Ok(errors_of(&checked));
    }
    let style = if plain { Style::Plain } else { Style::Markdown };
    let all = session.methods(&checked, name, style)?;
    if out.json {
        let all: Vec<_> =
            all.iter().map(|(name, text)| serde_json::json!({ "name": name, "words": text })).collect();
        out.json(&all.into())?;
    } else {
        let texts: Vec<&str> = all.iter().map(|(_, text)| text.as_str()).collect();
        out.result(texts.join("\n").as_bytes())?;
    }
    Ok(Exit::Done)
}
