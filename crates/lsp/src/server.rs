//! The handlers: a snapshot in, an answer of `ide` out.
//!
//! Every question is answered on a thread of its own from the texts as they were when it was asked, so a
//! long one keeps nobody waiting and a panic in one ends only that one. No handler waits for the editor:
//! what the server asks of it is asked beside.

use crate::capabilities;
use crate::commands;
use crate::completion;
use crate::convert;
use crate::documents::{Document, Documents, Snapshot, path_of};
use crate::hierarchy::Beside;
use crate::ordered::SNAPSHOT;
use crate::projects::{Analysed, Projects, lock, words};
use crate::tokens::Given;
use session::Part;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tower_lsp_server::jsonrpc::{Error, ErrorCode, Result};
#[cfg_attr(
    not(test),
    expect(clippy::wildcard_imports, reason = "most of it are the names of the protocol")
)]
use tower_lsp_server::ls_types::*;
use tower_lsp_server::{Client, LanguageServer};

/// How long a text must rest before its diagnostics are sent unasked.
const REST: Duration = Duration::from_millis(100);

/// The server.
pub(crate) struct Server {
    pub(crate) client: Client,
    pub(crate) documents: Arc<Mutex<Documents>>,
    pub(crate) projects: Arc<Projects>,
    /// Whether `shutdown` came: it decides how the process ends.
    pub(crate) down: Arc<AtomicBool>,
    /// Whether the editor asks for diagnostics itself.
    pulls: AtomicBool,
    /// Whether the editor wants to be asked to watch files.
    watches: AtomicBool,
    /// The folders that the editor has open.
    pub(crate) folders: Mutex<Vec<PathBuf>>,
    /// Whether the editor asks for what more there is of a completion.
    pub(crate) resolves: AtomicBool,
    /// Whether the editor shows Markdown in the documentation of completions, and in hovers.
    pub(crate) markdown: AtomicBool,
    hovers_markdown: AtomicBool,
    /// The tokens that were given last, by text.
    pub(crate) given: Given,
}

impl Server {
    pub(crate) fn new(client: Client, documents: Arc<Mutex<Documents>>, down: Arc<AtomicBool>) -> Server {
        Server {
            client,
            documents,
            projects: Arc::default(),
            down,
            pulls: AtomicBool::new(false),
            watches: AtomicBool::new(false),
            folders: Mutex::new(Vec::new()),
            resolves: AtomicBool::new(false),
            markdown: AtomicBool::new(false),
            hovers_markdown: AtomicBool::new(false),
            given: Given::default(),
        }
    }

    /// Answers from the text at a URI, beside everything else. `None` where there is no such program.
    pub(crate) async fn answer<T: Send + 'static>(
        &self,
        uri: &Uri,
        answer: impl FnOnce(&Analysed, &Snapshot) -> Option<T> + Send + 'static,
    ) -> Result<Option<T>> {
        let Some(path) = path_of(uri) else { return Ok(None) };
        let snapshot = SNAPSHOT.with(Clone::clone);
        let projects = Arc::clone(&self.projects);
        beside(move || {
            let analysed = projects.analysed(&path, &snapshot).map_err(failed)?;
            Ok(answer(&analysed, &snapshot))
        })
        .await
    }

    /// The same from all programs of the project, the one at the URI first.
    pub(crate) async fn answer_of_all<T: Send + 'static>(
        &self,
        uri: &Uri,
        answer: impl FnOnce(&Analysed, &dyn Fn() -> Vec<Arc<Analysed>>) -> Result<Option<T>> + Send + 'static,
    ) -> Result<Option<T>> {
        let Some(path) = path_of(uri) else { return Ok(None) };
        let snapshot = SNAPSHOT.with(Clone::clone);
        let projects = Arc::clone(&self.projects);
        beside(move || {
            let analysed = projects.analysed(&path, &snapshot).map_err(failed)?;
            let others = || {
                let paths = projects.programs(&path, &snapshot).into_iter().filter(|other| *other != path);
                // A file that cannot be read or whose pins are damaged says so where it is opened.
                paths.filter_map(|other| projects.analysed(&other, &snapshot).ok()).collect()
            };
            answer(&analysed, &others)
        })
        .await
    }

    /// Sends the diagnostics of all open texts, if nothing changes for a moment.
    fn publish_soon(&self) {
        if self.pulls.load(Ordering::Relaxed) {
            return;
        }
        let (client, documents, projects) =
            (self.client.clone(), Arc::clone(&self.documents), Arc::clone(&self.projects));
        let asked = lock(&documents).snapshot().revision;
        tokio::spawn(async move {
            tokio::time::sleep(REST).await;
            let snapshot = lock(&documents).snapshot();
            if snapshot.revision != asked {
                return;
            }
            let found = beside(move || {
                let all = snapshot.documents.iter();
                let found: Vec<(Uri, i32, Vec<Diagnostic>)> = all
                    .map(|(path, document)| {
                        (document.uri.clone(), document.version, diagnostics_of(&projects, path, &snapshot))
                    })
                    .collect();
                Ok(found)
            });
            for (uri, version, diagnostics) in found.await.unwrap_or_default() {
                client.publish_diagnostics(uri, diagnostics, Some(version)).await;
            }
        });
    }
}

/// Runs work on a thread that may take its time; a panic there is an error of this one answer.
pub(crate) async fn beside<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    match tokio::task::spawn_blocking(work).await {
        Ok(answer) => answer,
        Err(_) => Err(Error { code: ErrorCode::InternalError, message: "internal error".into(), data: None }),
    }
}

/// A request that cannot be answered, with the reason for people.
pub(crate) fn failed(reason: impl Into<String>) -> Error {
    Error { code: ErrorCode::ServerError(REQUEST_FAILED), message: reason.into().into(), data: None }
}

/// `RequestFailed` of the protocol (3.17, "Response Message").
const REQUEST_FAILED: i64 = -32803;

/// The diagnostics of any file of a project. Why a project cannot be opened is one of them.
fn diagnostics_of(projects: &Projects, path: &Path, snapshot: &Snapshot) -> Vec<Diagnostic> {
    let Some(document) = snapshot.document(path) else { return Vec::new() };
    let whole = |message: String| {
        vec![Diagnostic {
            range: document.range(0, 0),
            severity: Some(DiagnosticSeverity::ERROR),
            source: Some("baseq".to_owned()),
            message,
            ..Diagnostic::default()
        }]
    };
    let session = match projects.session(path, snapshot) {
        Ok(session) => session,
        Err(reason) => return whole(reason),
    };
    let part = session.part_of(path);
    if part == Part::Program {
        return match projects.analysed(path, snapshot) {
            Ok(analysed) => {
                let related = |range| convert::location(&analysed, range);
                let all = analysed.view().diagnostics();
                convert::diagnostics(&all, &analysed.document, analysed.analysis.checked.main, &related)
            }
            Err(reason) => whole(reason),
        };
    }
    match session.check_part(path, &document.text, part) {
        Ok((_, main, all)) => {
            let mine: Vec<diag::Diagnostic> = all
                .into_iter()
                .filter(|diagnostic| diagnostic.labels.first().is_some_and(|label| label.range.file == main))
                .collect();
            let related = |range: text::Range| {
                (range.file == main).then(|| (document.uri.clone(), document.range(range.start, range.end)))
            };
            convert::diagnostics(&mine, &document, main, &related)
        }
        Err(trouble) => whole(words(&trouble)),
    }
}

/// A place as a location. A text of the library is no file, and leads nowhere.
pub(crate) fn location_of(place: &ide::Place, snapshot: &Snapshot) -> Option<Location> {
    let document = snapshot.document(&place.file).filter(|_| place.file.is_absolute())?;
    Some(Location { uri: document.uri.clone(), range: document.range(place.start, place.end) })
}

impl LanguageServer for Server {
    async fn initialize(&self, params: InitializeParams) -> Result<InitializeResult> {
        let encoding = capabilities::encoding(&params.capabilities);
        lock(&self.documents).agree(encoding);
        let text = params.capabilities.text_document.as_ref();
        self.pulls.store(text.is_some_and(|text| text.diagnostic.is_some()), Ordering::Relaxed);
        let (documentation, hover) = completion::shows_markdown(&params.capabilities);
        self.markdown.store(documentation, Ordering::Relaxed);
        self.hovers_markdown.store(hover, Ordering::Relaxed);
        self.resolves.store(completion::resolves(&params.capabilities), Ordering::Relaxed);
        let workspace = params.capabilities.workspace.as_ref();
        let watches = workspace.and_then(|workspace| workspace.did_change_watched_files.as_ref());
        self.watches
            .store(watches.is_some_and(|it| it.dynamic_registration == Some(true)), Ordering::Relaxed);
        let folders = params.workspace_folders.unwrap_or_default();
        *lock(&self.folders) = folders.iter().filter_map(|folder| path_of(&folder.uri)).collect();
        if let Some(parent) = params.process_id {
            commands::end_with(parent);
        }
        Ok(InitializeResult {
            capabilities: capabilities::capabilities(encoding),
            server_info: Some(ServerInfo {
                name: "baseq".to_owned(),
                version: Some(env!("CARGO_PKG_VERSION").to_owned()),
            }),
            ..InitializeResult::default()
        })
    }

    async fn initialized(&self, _: InitializedParams) {
        if self.watches.load(Ordering::Relaxed) {
            let client = self.client.clone();
            tokio::spawn(async move {
                let asked = client.register_capability(vec![capabilities::watched()]);
                // An editor that never answers must not hold anything up.
                let _ = tokio::time::timeout(Duration::from_secs(10), asked).await;
            });
        }
    }

    async fn shutdown(&self) -> Result<()> {
        self.down.store(true, Ordering::SeqCst);
        Ok(())
    }

    async fn did_open(&self, _: DidOpenTextDocumentParams) {
        self.publish_soon();
    }

    async fn did_change(&self, _: DidChangeTextDocumentParams) {
        self.publish_soon();
    }

    async fn did_close(&self, params: DidCloseTextDocumentParams) {
        self.given.forget(&params.text_document.uri);
        // What is closed shows nothing any more.
        if !self.pulls.load(Ordering::Relaxed) {
            self.client.publish_diagnostics(params.text_document.uri, Vec::new(), None).await;
        }
        self.publish_soon();
    }

    async fn did_save(&self, _: DidSaveTextDocumentParams) {
        self.publish_soon();
    }

    async fn did_change_watched_files(&self, _: DidChangeWatchedFilesParams) {
        self.publish_soon();
    }

    async fn did_change_workspace_folders(&self, params: DidChangeWorkspaceFoldersParams) {
        let mut folders = lock(&self.folders);
        let gone: Vec<PathBuf> =
            params.event.removed.iter().filter_map(|folder| path_of(&folder.uri)).collect();
        folders.retain(|folder| !gone.contains(folder));
        folders.extend(params.event.added.iter().filter_map(|folder| path_of(&folder.uri)));
    }

    async fn diagnostic(&self, params: DocumentDiagnosticParams) -> Result<DocumentDiagnosticReportResult> {
        let snapshot = SNAPSHOT.with(Clone::clone);
        let projects = Arc::clone(&self.projects);
        let items = match path_of(&params.text_document.uri) {
            Some(path) => beside(move || Ok(diagnostics_of(&projects, &path, &snapshot))).await?,
            None => Vec::new(),
        };
        Ok(DocumentDiagnosticReportResult::Report(DocumentDiagnosticReport::Full(
            RelatedFullDocumentDiagnosticReport {
                related_documents: None,
                full_document_diagnostic_report: FullDocumentDiagnosticReport { result_id: None, items },
            },
        )))
    }

    async fn workspace_diagnostic(
        &self,
        _: WorkspaceDiagnosticParams,
    ) -> Result<WorkspaceDiagnosticReportResult> {
        let snapshot = SNAPSHOT.with(Clone::clone);
        let projects = Arc::clone(&self.projects);
        let folders = lock(&self.folders).clone();
        beside(move || {
            let paths = folders.iter().flat_map(|folder| crate::projects::programs_below(folder));
            let items = paths
                .filter_map(|path| {
                    let document = snapshot.document(&path)?;
                    let version = snapshot.documents.get(&path).map(|document| i64::from(document.version));
                    Some(WorkspaceDocumentDiagnosticReport::Full(WorkspaceFullDocumentDiagnosticReport {
                        uri: document.uri,
                        version,
                        full_document_diagnostic_report: FullDocumentDiagnosticReport {
                            result_id: None,
                            items: diagnostics_of(&projects, &path, &snapshot),
                        },
                    }))
                })
                .collect();
            Ok(WorkspaceDiagnosticReportResult::Report(WorkspaceDiagnosticReport { items }))
        })
        .await
    }

    async fn signature_help(&self, params: SignatureHelpParams) -> Result<Option<SignatureHelp>> {
        let at = params.text_document_position_params;
        self.answer(&at.text_document.uri.clone(), move |analysed, _| {
            let signature = analysed.view().signature(analysed.document.offset(at.position))?;
            let active = u32::try_from(signature.active).ok();
            let parameters = signature.params.into_iter().map(|param| ParameterInformation {
                label: ParameterLabel::Simple(param),
                documentation: None,
            });
            Some(SignatureHelp {
                signatures: vec![SignatureInformation {
                    label: signature.label,
                    documentation: (!signature.doc.is_empty())
                        .then(|| convert::documentation(signature.doc, false)),
                    parameters: Some(parameters.collect()),
                    active_parameter: active,
                }],
                active_signature: Some(0),
                active_parameter: active,
            })
        })
        .await
    }

    async fn hover(&self, params: HoverParams) -> Result<Option<Hover>> {
        let at = params.text_document_position_params;
        let markdown = self.hovers_markdown.load(Ordering::Relaxed);
        self.answer(&at.text_document.uri.clone(), move |analysed, _| {
            let hover = analysed.view().hover(analysed.document.offset(at.position))?;
            Some(Hover {
                contents: HoverContents::Markup(convert::markup(hover.markdown, markdown)),
                range: Some(analysed.document.range(hover.range.start, hover.range.end)),
            })
        })
        .await
    }

    async fn goto_definition(&self, params: GotoDefinitionParams) -> Result<Option<GotoDefinitionResponse>> {
        let at = params.text_document_position_params;
        self.answer(&at.text_document.uri.clone(), move |analysed, snapshot| {
            let place = analysed.view().declaration(analysed.document.offset(at.position))?;
            location_of(&place, snapshot).map(GotoDefinitionResponse::Scalar)
        })
        .await
    }

    async fn document_highlight(
        &self,
        params: DocumentHighlightParams,
    ) -> Result<Option<Vec<DocumentHighlight>>> {
        let at = params.text_document_position_params;
        self.answer(&at.text_document.uri.clone(), move |analysed, _| {
            let places = analysed.view().uses(analysed.document.offset(at.position));
            let highlight = |place: ide::Place| DocumentHighlight {
                range: analysed.document.range(place.start, place.end),
                kind: Some(DocumentHighlightKind::TEXT),
            };
            Some(places.into_iter().filter(|place| place.file == analysed.path).map(highlight).collect())
        })
        .await
    }

    async fn prepare_rename(
        &self,
        params: TextDocumentPositionParams,
    ) -> Result<Option<PrepareRenameResponse>> {
        let uri = params.text_document.uri.clone();
        let renamed = self.answer(&uri, move |analysed, _| {
            let offset = analysed.document.offset(params.position);
            Some(
                analysed
                    .view()
                    .may_rename(offset)
                    .map(|(range, _)| analysed.document.range(range.start, range.end)),
            )
        });
        match renamed.await? {
            Some(Ok(range)) => Ok(Some(PrepareRenameResponse::Range(range))),
            Some(Err(ide::NameError::NoName)) | None => Ok(None),
            Some(Err(error)) => Err(failed(error.words())),
        }
    }

    async fn document_symbol(&self, params: DocumentSymbolParams) -> Result<Option<DocumentSymbolResponse>> {
        self.answer(&params.text_document.uri, |analysed, _| {
            let symbols = analysed.view().symbols().into_iter();
            Some(DocumentSymbolResponse::Nested(
                symbols.map(|it| convert::symbol(it, &analysed.document)).collect(),
            ))
        })
        .await
    }

    async fn folding_range(&self, params: FoldingRangeParams) -> Result<Option<Vec<FoldingRange>>> {
        self.answer(&params.text_document.uri, |analysed, _| {
            let folds = analysed.view().folds().into_iter().map(|fold| FoldingRange {
                start_line: analysed.document.position(fold.start).line,
                end_line: analysed.document.position(fold.end).line,
                kind: fold.comment.then_some(FoldingRangeKind::Comment),
                ..FoldingRange::default()
            });
            Some(folds.collect())
        })
        .await
    }

    async fn selection_range(&self, params: SelectionRangeParams) -> Result<Option<Vec<SelectionRange>>> {
        self.answer(&params.text_document.uri, move |analysed, _| {
            let document = &analysed.document;
            let ranges = params.positions.iter().map(|position| {
                let mut around = analysed.view().selections(document.offset(*position)).into_iter().rev();
                let whole = around
                    .next()
                    .map_or_else(|| document.range(0, 0), |range| document.range(range.start, range.end));
                let outermost = SelectionRange { range: whole, parent: None };
                around.fold(outermost, |parent, range| SelectionRange {
                    range: document.range(range.start, range.end),
                    parent: Some(Box::new(parent)),
                })
            });
            Some(ranges.collect())
        })
        .await
    }

    async fn inlay_hint(&self, params: InlayHintParams) -> Result<Option<Vec<InlayHint>>> {
        let range = params.range;
        self.answer(&params.text_document.uri, move |analysed, _| {
            let document = &analysed.document;
            let hints = analysed.view().hints(document.offset(range.start), document.offset(range.end));
            let hints = hints.into_iter().map(|hint| InlayHint {
                position: document.position(hint.at),
                label: InlayHintLabel::String(hint.text),
                kind: Some(InlayHintKind::TYPE),
                text_edits: None,
                tooltip: None,
                padding_left: None,
                padding_right: None,
                data: None,
            });
            Some(hints.collect())
        })
        .await
    }

    async fn document_link(&self, params: DocumentLinkParams) -> Result<Option<Vec<DocumentLink>>> {
        self.answer(&params.text_document.uri, |analysed, _| {
            let links = analysed.view().links().into_iter().map(|link| DocumentLink {
                range: analysed.document.range(link.range.start, link.range.end),
                target: link.url.parse().ok(),
                tooltip: None,
                data: None,
            });
            Some(links.collect())
        })
        .await
    }

    async fn code_lens(&self, params: CodeLensParams) -> Result<Option<Vec<CodeLens>>> {
        let uri = params.text_document.uri;
        self.answer(&uri.clone(), move |analysed, _| {
            let lenses = analysed.view().lenses().into_iter().map(|lens| CodeLens {
                range: analysed.document.range(lens.range.start, lens.range.end),
                command: Some(commands::of_lens(&lens, &uri)),
                data: None,
            });
            Some(lenses.collect())
        })
        .await
    }

    async fn references(&self, params: ReferenceParams) -> Result<Option<Vec<Location>>> {
        self.all_references(params).await
    }

    async fn rename(&self, params: RenameParams) -> Result<Option<WorkspaceEdit>> {
        self.renamed(params).await
    }

    async fn symbol(&self, params: WorkspaceSymbolParams) -> Result<Option<WorkspaceSymbolResponse>> {
        self.symbols_of_folders(params).await
    }

    async fn prepare_call_hierarchy(
        &self,
        params: CallHierarchyPrepareParams,
    ) -> Result<Option<Vec<CallHierarchyItem>>> {
        self.lineage_at(params).await
    }

    async fn incoming_calls(
        &self,
        params: CallHierarchyIncomingCallsParams,
    ) -> Result<Option<Vec<CallHierarchyIncomingCall>>> {
        self.readers(params.item).await
    }

    async fn outgoing_calls(
        &self,
        params: CallHierarchyOutgoingCallsParams,
    ) -> Result<Option<Vec<CallHierarchyOutgoingCall>>> {
        self.reads(params.item).await
    }

    async fn prepare_type_hierarchy(
        &self,
        params: TypeHierarchyPrepareParams,
    ) -> Result<Option<Vec<TypeHierarchyItem>>> {
        self.term_at(params).await
    }

    async fn supertypes(
        &self,
        params: TypeHierarchySupertypesParams,
    ) -> Result<Option<Vec<TypeHierarchyItem>>> {
        self.terms_beside(params.item, Beside::Above).await
    }

    async fn subtypes(&self, params: TypeHierarchySubtypesParams) -> Result<Option<Vec<TypeHierarchyItem>>> {
        self.terms_beside(params.item, Beside::Below).await
    }

    async fn completion(&self, params: CompletionParams) -> Result<Option<CompletionResponse>> {
        self.completions(params).await
    }

    async fn completion_resolve(&self, item: CompletionItem) -> Result<CompletionItem> {
        self.resolved(item).await
    }

    async fn semantic_tokens_full(
        &self,
        params: SemanticTokensParams,
    ) -> Result<Option<SemanticTokensResult>> {
        self.tokens_of_all(params).await
    }

    async fn semantic_tokens_full_delta(
        &self,
        params: SemanticTokensDeltaParams,
    ) -> Result<Option<SemanticTokensFullDeltaResult>> {
        self.tokens_since(params).await
    }

    async fn semantic_tokens_range(
        &self,
        params: SemanticTokensRangeParams,
    ) -> Result<Option<SemanticTokensRangeResult>> {
        self.tokens_between(params).await
    }

    async fn code_action(&self, params: CodeActionParams) -> Result<Option<CodeActionResponse>> {
        self.changes_offered(params).await
    }

    async fn formatting(&self, params: DocumentFormattingParams) -> Result<Option<Vec<TextEdit>>> {
        let document = open_document(&params.text_document.uri);
        let Some(document) = document else { return Ok(None) };
        beside(move || {
            let formatted = ide::formatted(&document.text);
            Ok(Some(
                formatted.map(|formatted| convert::difference(&document, &formatted)).into_iter().collect(),
            ))
        })
        .await
    }

    async fn range_formatting(&self, params: DocumentRangeFormattingParams) -> Result<Option<Vec<TextEdit>>> {
        let Some(document) = open_document(&params.text_document.uri) else { return Ok(None) };
        beside(move || {
            let (start, end) = (document.offset(params.range.start), document.offset(params.range.end));
            Ok(Some(document.edits(ide::formatted_range(&document.text, start, end))))
        })
        .await
    }

    async fn execute_command(&self, params: ExecuteCommandParams) -> Result<Option<LSPAny>> {
        let command = commands::Command::read(&params).ok_or_else(|| failed("there is no such command"))?;
        let snapshot = SNAPSHOT.with(Clone::clone);
        let projects = Arc::clone(&self.projects);
        command.run(projects, snapshot).await.map(Some)
    }
}

/// The text at a URI, open or on the disk.
fn open_document(uri: &Uri) -> Option<Document> {
    let snapshot = SNAPSHOT.with(Clone::clone);
    path_of(uri).and_then(|path| snapshot.document(&path))
}
