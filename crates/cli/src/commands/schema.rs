//! `baseq schema`: the lock file, the model, and whether the warehouse is what the model says.

use crate::args::{Common, Schema};
use crate::exit::{Exit, Failure, Result, usage};
use crate::out::Out;
use crate::warehouse::{self, AskOnly};
use load::ontology;

pub(super) fn run(command: &Schema, common: &Common, out: Out) -> Result<Exit> {
    match command {
        Schema::Pull => pull(common, out),
        Schema::Check => check(common, out),
        Schema::Show { entity } => show(entity.as_deref(), common, out),
    }
}

fn pull(common: &Common, out: Out) -> Result<Exit> {
    let changes = pulled(common)?;
    if out.json {
        out.json(&serde_json::json!({ "changes": changes }))?;
    } else if changes.is_empty() {
        out.line("nothing has changed")?;
    } else {
        for change in changes {
            out.line(&change)?;
        }
    }
    Ok(Exit::Done)
}

/// Writes the lock file from the warehouse; gives what changed.
pub(super) fn pulled(common: &Common) -> Result<Vec<String>> {
    let project = warehouse::project(common, None)?;
    let session = match session::Session::open(project.clone()) {
        Ok(session) => session,
        // A damaged lock file is what this command mends.
        Err(_) => session::Session::open_without_lock(project)?,
    };
    let mut reader = warehouse::reader(session.project(), common)?;
    let engine = |error: engine::Error| Failure::Said(Exit::Unavailable, error.message);
    let mut ontologies = Vec::new();
    let mut store = AskOnly(&mut reader);
    for (system, _) in ontology::systems(&mut store).map_err(engine)? {
        ontologies.extend(ontology::fetch(&mut store, &system).map_err(engine)?);
    }
    Ok(session.pull(&mut reader, ontologies)?)
}

fn check(common: &Common, out: Out) -> Result<Exit> {
    let session = warehouse::session(common, None)?;
    let mut reader = warehouse::reader(session.project(), common)?;
    let differences = session.conform(&mut reader)?;
    if out.json {
        let all: Vec<_> = differences
            .iter()
            .map(|difference| serde_json::json!({ "table": difference.table, "what": difference.what }))
            .collect();
        out.json(&all.into())?;
    } else {
        for difference in &differences {
            out.line(&format!("{}: {}", difference.table, difference.what))?;
        }
    }
    if differences.is_empty() {
        out.say("the warehouse is what the model declares");
        return Ok(Exit::Done);
    }
    Ok(Exit::Diagnostics)
}

fn show(entity: Option<&str>, common: &Common, out: Out) -> Result<Exit> {
    let session = warehouse::session(common, None)?;
    let pages = session.pages();
    let Some(name) = entity else {
        if out.json {
            out.json(&serde_json::json!(pages))?;
            return Ok(Exit::Done);
        }
        let width = pages.iter().map(|page| page.name.len()).max().unwrap_or(0);
        for page in &pages {
            out.line(&format!("{:width$}  {}", page.name, page.doc.join(" ")))?;
        }
        return Ok(Exit::Done);
    };
    let Some(page) = pages.iter().find(|page| page.name == name || page.plural == name) else {
        let near = diag::near_names(name, pages.iter().map(|page| page.name.as_str()));
        let help = near.first().map(|near| format!("; `{near}` is near")).unwrap_or_default();
        return Err(usage(format!("the model has no entity `{name}`{help}")));
    };
    if out.json {
        out.json(&serde_json::json!(page))?;
    } else {
        out.result(page.text().as_bytes())?;
    }
    Ok(Exit::Done)
}
