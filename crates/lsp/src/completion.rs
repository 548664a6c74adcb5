//! Completion, and what more there is to say of what was offered.
//!
//! An editor that asks for the documentation of one item when it shows it gets the list without: the ancestors of
//! fifty codes need not be looked up for each letter.

use crate::convert;
use crate::server::Server;
use ide::About;
use std::sync::atomic::Ordering;
use tower_lsp_server::jsonrpc::Result;
use tower_lsp_server::ls_types::{
    ClientCapabilities, CompletionItem, CompletionList, CompletionParams, CompletionResponse, MarkupKind, Uri,
};

/// Whether an editor asks for the documentation of an item when it shows it.
pub(crate) fn resolves(editor: &ClientCapabilities) -> bool {
    let text = editor.text_document.as_ref();
    let item = text.and_then(|text| text.completion.as_ref()).and_then(|it| it.completion_item.as_ref());
    let lazily = item.and_then(|item| item.resolve_support.as_ref());
    lazily.is_some_and(|lazily| lazily.properties.iter().any(|property| property == "documentation"))
}

/// Whether an editor shows Markdown in the documentation of an item, and in a hover. One that does not say so gets
/// the same words as plain text.
pub(crate) fn shows_markdown(editor: &ClientCapabilities) -> (bool, bool) {
    let text = editor.text_document.as_ref();
    let item = text.and_then(|text| text.completion.as_ref()).and_then(|it| it.completion_item.as_ref());
    let documentation = item.and_then(|item| item.documentation_format.as_ref());
    let hover = text.and_then(|text| text.hover.as_ref()).and_then(|hover| hover.content_format.as_ref());
    let markdown =
        |formats: Option<&Vec<MarkupKind>>| formats.is_some_and(|it| it.contains(&MarkupKind::Markdown));
    (markdown(documentation), markdown(hover))
}

impl Server {
    pub(crate) async fn completions(&self, params: CompletionParams) -> Result<Option<CompletionResponse>> {
        let at = params.text_document_position;
        let uri = at.text_document.uri;
        let lazily = self.resolves.load(Ordering::Relaxed);
        let markdown = self.markdown.load(Ordering::Relaxed);
        self.answer(&uri.clone(), move |analysed, _| {
            let (document, view) = (&analysed.document, analysed.view());
            let offset = document.offset(at.position);
            let items = view.complete(offset).into_iter().enumerate().map(|(n, item)| {
                let about = item.about.clone();
                let mut item = convert::completion(item, n, document);
                let words = if lazily && !matches!(about, About::Words(_)) {
                    // What is asked again is asked of the text as it is then: by the place and the label.
                    item.data = Some(serde_json::json!({
                        "uri": uri.as_str(), "line": at.position.line, "character": at.position.character,
                    }));
                    String::new()
                } else {
                    view.about(&about)
                };
                item.documentation = (!words.is_empty()).then(|| convert::documentation(words, markdown));
                item
            });
            // Codes are cut off; more words find others.
            Some(CompletionResponse::List(CompletionList { is_incomplete: true, items: items.collect() }))
        })
        .await
    }

    /// The item with its documentation. One whose text is gone or says something else now stays as it is.
    pub(crate) async fn resolved(&self, item: CompletionItem) -> Result<CompletionItem> {
        let asked = item.data.as_ref().and_then(|data| {
            let uri: Uri = data.get("uri")?.as_str()?.parse().ok()?;
            let number = |key: &str| {
                data.get(key).and_then(serde_json::Value::as_u64).and_then(|it| u32::try_from(it).ok())
            };
            let position = tower_lsp_server::ls_types::Position {
                line: number("line")?,
                character: number("character")?,
            };
            Some((uri, position))
        });
        let Some((uri, position)) = asked else { return Ok(item) };
        let label = item.label.clone();
        let markdown = self.markdown.load(Ordering::Relaxed);
        let words = self.answer(&uri, move |analysed, _| {
            let view = analysed.view();
            let about = view.about_label(&label, analysed.document.offset(position))?;
            Some(view.about(&about))
        });
        let words = words.await?.filter(|words| !words.is_empty());
        Ok(CompletionItem {
            documentation: words.map(|words| convert::documentation(words, markdown)),
            ..item
        })
    }
}
