//! What a click on a lens does.
//!
//! A run goes through the program itself, as from a terminal: the same agreement, the same release, the
//! same audit. So an editor has no way to rows of its own, and can show only what a terminal may.

use crate::convert;
use crate::documents::{Snapshot, path_of};
use crate::projects::{Projects, words};
use crate::server::failed;
use ide::{Lens, LensKind, Lines, SymbolKind};
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;
use tower_lsp_server::jsonrpc::Result;
use tower_lsp_server::ls_types::{self as lsp, ExecuteCommandParams, LSPAny, Uri};

/// What can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    /// `baseq.run FILE NAME [FORMAT]`: the released rows of a table.
    Run,
    /// `baseq.attrition FILE NAME [FORMAT]`: of a cohort.
    Attrition,
    /// `baseq.count FILE NAME`: the last number of its attrition.
    Count,
    /// `baseq.sql FILE [NAME]`: the SQL with its source map.
    Sql,
    /// `baseq.policy FILE`: the receipts of the policy's decisions.
    Policy,
    /// `baseq.schema FILE`: the model, the pinned code systems and the code sets of the file's project.
    Schema,
}

/// The commands by name.
pub(crate) const NAMES: [&str; 6] =
    ["baseq.run", "baseq.count", "baseq.sql", "baseq.attrition", "baseq.policy", "baseq.schema"];

/// The command behind a lens.
pub(crate) fn of_lens(lens: &Lens, uri: &Uri) -> lsp::Command {
    let (title, command) = match lens.kind {
        LensKind::Run => ("run", "baseq.run"),
        LensKind::Count => ("count", "baseq.count"),
        LensKind::Sql => ("SQL", "baseq.sql"),
        LensKind::Attrition => ("attrition", "baseq.attrition"),
        LensKind::Policy => ("policy", "baseq.policy"),
    };
    lsp::Command {
        title: title.to_owned(),
        command: command.to_owned(),
        arguments: Some(vec![uri.as_str().into(), lens.name.clone().into()]),
    }
}

/// A command that was asked for.
pub(crate) struct Command {
    asked: Asked,
    path: PathBuf,
    name: String,
    format: Option<String>,
}

impl Command {
    pub(crate) fn read(params: &ExecuteCommandParams) -> Option<Command> {
        let asked = match params.command.as_str() {
            "baseq.run" => Asked::Run,
            "baseq.count" => Asked::Count,
            "baseq.sql" => Asked::Sql,
            "baseq.attrition" => Asked::Attrition,
            "baseq.policy" => Asked::Policy,
            "baseq.schema" => Asked::Schema,
            _ => return None,
        };
        let mut arguments = params.arguments.iter().map(LSPAny::as_str);
        let uri: Uri = arguments.next()??.parse().ok()?;
        let name = arguments.next().flatten().unwrap_or_default().to_owned();
        let format = arguments.next().flatten().map(str::to_owned);
        Some(Command { asked, path: path_of(&uri)?, name, format })
    }

    /// Does it. The answer is an object: `text`, the `language` of it, and what belongs to the command.
    pub(crate) async fn run(self, projects: Arc<Projects>, snapshot: Snapshot) -> Result<LSPAny> {
        match self.asked {
            Asked::Run => self.released("run", &projects, &snapshot).await,
            Asked::Attrition => self.released("attrition", &projects, &snapshot).await,
            Asked::Count => self.count(&projects, &snapshot).await,
            Asked::Sql => self.sql(&projects, &snapshot),
            Asked::Policy => self.policy(&projects, &snapshot),
            Asked::Schema => self.schema(&projects, &snapshot),
        }
    }

    /// Released rows: in the format that was asked for, else as JSON where the agreement has it, else as the
    /// table that a terminal shows.
    async fn released(&self, command: &str, projects: &Projects, snapshot: &Snapshot) -> Result<LSPAny> {
        self.same_as_disk(snapshot)?;
        let format = match &self.format {
            Some(format) => format.clone(),
            None => {
                let analysed = projects.analysed(&self.path, snapshot).map_err(failed)?;
                let json = analysed.session.may_write(&analysed.analysis.checked, "json").is_ok();
                if json { "json" } else { "table" }.to_owned()
            }
        };
        let (text, said) = self.program(&[command, "--as", &format]).await?;
        let language = match format.as_str() {
            "json" | "jsonl" => "json",
            "md" => "markdown",
            _ => "plaintext",
        };
        Ok(serde_json::json!({
            "name": self.name, "format": format, "text": text, "language": language, "said": said,
        }))
    }

    /// How many a cohort has: the last number of its attrition, as it is released.
    async fn count(&self, projects: &Projects, snapshot: &Snapshot) -> Result<LSPAny> {
        let mut answer = self.released("attrition", projects, snapshot).await?;
        let rows: Option<serde_json::Value> =
            answer.get("text").and_then(LSPAny::as_str).and_then(|text| serde_json::from_str(text).ok());
        let last = rows.as_ref().and_then(|rows| rows.get("rows")).and_then(|rows| rows.as_array()?.last());
        // An agreement without JSON shows the table, whose last row it is.
        if let Some(last) = last {
            let number = last.get("in").and_then(serde_json::Value::as_i64);
            let number = number.map_or_else(|| "a withheld number".to_owned(), |number| number.to_string());
            let object = answer.as_object_mut();
            if let Some(object) = object {
                object.insert("text".to_owned(), format!("{}: {number}", self.name).into());
                object.insert("language".to_owned(), "plaintext".into());
                object.insert("format".to_owned(), "count".into());
            }
        }
        Ok(answer)
    }

    /// The SQL, and which stretch of it comes from which words.
    fn sql(self, projects: &Projects, snapshot: &Snapshot) -> Result<LSPAny> {
        let analysed = projects.analysed(&self.path, snapshot).map_err(failed)?;
        let names: Vec<String> = if self.name.is_empty() { Vec::new() } else { vec![self.name] };
        let checked = &analysed.analysis.checked;
        let compiled =
            analysed.session.compile(checked, &names).map_err(|trouble| failed(words(&trouble)))?;
        let (mut text, mut stretches) = (String::new(), Vec::new());
        for table in &compiled {
            if !text.is_empty() {
                text.push('\n');
            }
            let map =
                analysed.session.source_map(checked, table).map_err(|trouble| failed(words(&trouble)))?;
            let at = text.len();
            text.push_str(table.statement.text());
            stretches.extend(map.into_iter().map(|one| (at + one.sql.start, at + one.sql.end, one)));
        }
        let lines = Lines::new(&text, analysed.document.lines.encoding());
        let place = |at: usize| {
            let place = lines.position(&text, u32::try_from(at).unwrap_or(u32::MAX));
            lsp::Position { line: place.line, character: place.column }
        };
        let map: Vec<LSPAny> = stretches
            .into_iter()
            .filter_map(|(start, end, one)| {
                let (uri, query) = convert::location(&analysed, one.query)?;
                let sql = lsp::Range { start: place(start), end: place(end) };
                Some(serde_json::json!({ "sql": sql, "uri": uri, "query": query, "step": one.step }))
            })
            .collect();
        Ok(serde_json::json!({ "text": text, "language": "sql", "map": map }))
    }

    fn policy(&self, projects: &Projects, snapshot: &Snapshot) -> Result<LSPAny> {
        let analysed = projects.analysed(&self.path, snapshot).map_err(failed)?;
        let receipts = analysed.session.receipts(&analysed.analysis.checked);
        let lines = receipts.iter().map(|receipt| {
            let place = receipt.place.as_deref().unwrap_or("-");
            let policy = receipt.policy.as_deref().unwrap_or("the language");
            format!("- {} — {} ({place}, by {policy})", receipt.what, receipt.rule)
        });
        let text = lines.collect::<Vec<String>>().join("\n");
        Ok(serde_json::json!({ "text": text, "language": "markdown" }))
    }

    /// What can be asked about. Everything comes from the files of the project and its lock file.
    fn schema(&self, projects: &Projects, snapshot: &Snapshot) -> Result<LSPAny> {
        let session = projects.session(&self.path, snapshot).map_err(failed)?;
        let mut sets = Vec::new();
        for path in projects.programs(&self.path, snapshot) {
            let Ok(analysed) = projects.analysed(&path, snapshot) else { continue };
            for symbol in analysed.view().symbols().into_iter().filter(|it| it.kind == SymbolKind::Codes) {
                let written =
                    analysed.document.text.get(symbol.range.start as usize..symbol.range.end as usize);
                let value =
                    written.and_then(|text| text.split_once('=')).map_or("", |(_, value)| value.trim());
                sets.push(serde_json::json!({
                    "name": symbol.name, "value": value, "uri": analysed.document.uri,
                    "range": analysed.document.range(symbol.name_range.start, symbol.name_range.end),
                }));
            }
        }
        let lock = session.lock();
        let systems: Vec<LSPAny> = lock
            .iter()
            .flat_map(|lock| &lock.ontology)
            .map(|pinned| serde_json::json!({ "system": pinned.system, "version": pinned.version }))
            .collect();
        Ok(serde_json::json!({ "entities": session.pages(), "systems": systems, "code_sets": sets }))
    }

    /// What runs is the file on the disk, so that the audit names a text that others can read.
    fn same_as_disk(&self, snapshot: &Snapshot) -> Result<()> {
        let open = snapshot.documents.get(&self.path);
        let saved = std::fs::read_to_string(&self.path).ok();
        match open {
            Some(document) if saved.as_deref() != Some(&*document.text) => {
                Err(failed("the file has changes that are not saved; what runs is what is saved"))
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Runs the program on the file and gives its output and what it said. A request that is cancelled stops it.
    async fn program(&self, words: &[&str]) -> Result<(String, String)> {
        let binary = std::env::current_exe().map_err(|error| failed(error.to_string()))?;
        let (command, options) = words.split_first().ok_or_else(|| failed("there is no such command"))?;
        let mut child = tokio::process::Command::new(binary);
        child.arg(command).arg(&self.path);
        if !self.name.is_empty() {
            child.arg(&self.name);
        }
        child.args(options).args(["--color", "never"]);
        child.current_dir(self.path.parent().unwrap_or(&self.path));
        child.stdin(Stdio::null()).kill_on_drop(true);
        let output = child.output().await.map_err(|error| failed(error.to_string()))?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        if output.status.success() {
            Ok((text(&output.stdout), text(&output.stderr)))
        } else {
            Err(failed(text(&output.stderr).trim_end()))
        }
    }
}

/// Ends this process when the editor's is gone. Where that cannot be seen, the end of its messages tells.
pub(crate) fn end_with(parent: u32) {
    let process = PathBuf::from(format!("/proc/{parent}"));
    if !process.exists() {
        return;
    }
    tokio::spawn(async move {
        while process.exists() {
            tokio::time::sleep(Duration::from_secs(5)).await;
        }
        std::process::exit(1);
    });
}
