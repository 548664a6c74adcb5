//! `baseq init`

use crate::exit::{Exit, Result};
use crate::out::Out;
use std::path::Path;

pub(super) fn run(folder: &Path, out: Out) -> Result<Exit> {
    let written = session::init(folder)?;
    if out.json {
        let paths: Vec<String> = written.iter().map(|path| path.display().to_string()).collect();
        out.json(&serde_json::json!({ "written": paths }))?;
        return Ok(Exit::Done);
    }
    for path in &written {
        out.line(&format!("wrote {}", path.display()))?;
    }
    out.say("next: `baseq load …` fills the warehouse, `baseq policy install` and `baseq schema pull` make it askable");
    Ok(Exit::Done)
}
