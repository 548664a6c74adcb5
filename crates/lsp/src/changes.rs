//! What an editor offers to change at a place.

use crate::convert;
use crate::server::Server;
use std::collections::HashMap;
use tower_lsp_server::jsonrpc::Result;
use tower_lsp_server::ls_types::{
    CodeAction, CodeActionKind, CodeActionOrCommand, CodeActionParams, CodeActionResponse, NumberOrString,
};

impl Server {
    pub(crate) async fn changes_offered(
        &self,
        params: CodeActionParams,
    ) -> Result<Option<CodeActionResponse>> {
        let uri = params.text_document.uri.clone();
        self.answer(&uri.clone(), move |analysed, _| {
            let document = &analysed.document;
            let view = analysed.view();
            let change = |edits| convert::workspace_edit(HashMap::from([(uri.clone(), document.edits(edits))]));
            let mut actions = Vec::new();
            for action in view.actions(document.offset(params.range.start), document.offset(params.range.end)) {
                let repaired = params.context.diagnostics.iter().filter(|diagnostic| {
                    matches!((&diagnostic.code, action.repairs), (Some(NumberOrString::String(code)), Some(of)) if code == of)
                });
                actions.push(CodeActionOrCommand::CodeAction(CodeAction {
                    title: action.title,
                    kind: Some(match action.kind {
                        ide::ActionKind::Repair => CodeActionKind::QUICKFIX,
                        ide::ActionKind::Rewrite => CodeActionKind::REFACTOR_REWRITE,
                        ide::ActionKind::Extract => CodeActionKind::REFACTOR_EXTRACT,
                        ide::ActionKind::Inline => CodeActionKind::REFACTOR_INLINE,
                    }),
                    diagnostics: action.repairs.map(|_| repaired.cloned().collect()),
                    is_preferred: action.repairs.map(|_| action.certain),
                    edit: Some(change(action.edits)),
                    ..CodeAction::default()
                }));
            }
            let wants = |kind: &CodeActionKind| {
                params.context.only.as_ref().is_none_or(|only| only.iter().any(|asked| kind.as_str().starts_with(asked.as_str())))
            };
            let all = view.certain_repairs();
            if !all.is_empty() {
                actions.push(CodeActionOrCommand::CodeAction(CodeAction {
                    title: "make all certain repairs".to_owned(),
                    kind: Some(CodeActionKind::SOURCE_FIX_ALL),
                    edit: Some(change(all)),
                    ..CodeAction::default()
                }));
            }
            actions.retain(|action| match action {
                CodeActionOrCommand::CodeAction(action) => action.kind.as_ref().is_none_or(&wants),
                CodeActionOrCommand::Command(_) => true,
            });
            Some(actions)
        })
        .await
    }
}
