//! What a click on a lens does.
//!
//! A run goes through the program itself, as from a terminal: the same agreement, the same release, the
//! same audit. So an editor has no way to rows of its own, and can show only what a terminal may.

use crate::documents::{Snapshot, path_of};
use crate::projects::{Projects, words};
use crate::server::failed;
use ide::{Lens, LensKind};
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;
use tower_lsp_server::jsonrpc::Result;
use tower_lsp_server::ls_types::{self as lsp, ExecuteCommandParams, LSPAny, Uri};

/// The commands by name.
pub(crate) const NAMES: [&str; 4] = ["baseq.run", "baseq.sql", "baseq.attrition", "baseq.policy"];

/// The command behind a lens.
pub(crate) fn of_lens(lens: &Lens, uri: &Uri) -> lsp::Command {
    let (title, command) = match lens.kind {
        LensKind::Run => ("run", "baseq.run"),
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
    kind: LensKind,
    path: PathBuf,
    name: String,
}

impl Command {
    pub(crate) fn read(params: &ExecuteCommandParams) -> Option<Command> {
        let kind = match params.command.as_str() {
            "baseq.run" => LensKind::Run,
            "baseq.sql" => LensKind::Sql,
            "baseq.attrition" => LensKind::Attrition,
            "baseq.policy" => LensKind::Policy,
            _ => return None,
        };
        let mut arguments = params.arguments.iter().filter_map(LSPAny::as_str);
        let uri: Uri = arguments.next()?.parse().ok()?;
        Some(Command { kind, path: path_of(&uri)?, name: arguments.next().unwrap_or_default().to_owned() })
    }

    /// Does it. The answer is an object: `text`, and `language` of it.
    pub(crate) async fn run(self, projects: Arc<Projects>, snapshot: Snapshot) -> Result<LSPAny> {
        match self.kind {
            LensKind::Run => {
                self.same_as_disk(&snapshot)?;
                self.program(&["run", "--as", "md"]).await
            }
            LensKind::Attrition => {
                self.same_as_disk(&snapshot)?;
                self.program(&["attrition", "--as", "md"]).await
            }
            LensKind::Sql => {
                let analysed = projects.analysed(&self.path, &snapshot).map_err(failed)?;
                let names: Vec<String> = if self.name.is_empty() { Vec::new() } else { vec![self.name] };
                let compiled = analysed
                    .session
                    .compile(&analysed.analysis.checked, &names)
                    .map_err(|trouble| failed(words(&trouble)))?;
                let texts: Vec<&str> = compiled.iter().map(|table| table.statement.text()).collect();
                Ok(serde_json::json!({ "text": texts.join("\n"), "language": "sql" }))
            }
            LensKind::Policy => {
                let analysed = projects.analysed(&self.path, &snapshot).map_err(failed)?;
                let receipts = analysed.session.receipts(&analysed.analysis.checked);
                let lines = receipts.iter().map(|receipt| {
                    let place = receipt.place.as_deref().unwrap_or("-");
                    let policy = receipt.policy.as_deref().unwrap_or("the language");
                    format!("- {} — {} ({place}, by {policy})", receipt.what, receipt.rule)
                });
                let text = lines.collect::<Vec<String>>().join("\n");
                Ok(serde_json::json!({ "text": text, "language": "markdown" }))
            }
        }
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

    /// Runs the program on the file. A request that is cancelled stops it.
    async fn program(&self, words: &[&str]) -> Result<LSPAny> {
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
            Ok(
                serde_json::json!({ "text": text(&output.stdout), "language": "markdown", "said": text(&output.stderr) }),
            )
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
