//! Our own service around the library's, which keeps messages in order.
//!
//! tower-lsp-server calls its service in the order in which messages come, but runs the handlers side by
//! side, up to a bound, so two changes of a text can overtake one another
//! (tower-lsp-server, `transport.rs`; issue 36 of that project). Whatever changes a text is therefore
//! done here, while the message is being read, and every handler is given the texts as they were at that
//! moment.

use crate::documents::{Documents, Snapshot};
use serde_json::Value;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use tower_lsp_server::jsonrpc::{Request, Response};
use tower_lsp_server::{ExitedError, LanguageServer, LspService};
use tower_service::Service;

tokio::task_local! {
    /// The texts as they were when the message that is being handled was read.
    pub(crate) static SNAPSHOT: Snapshot;
}

/// The library's service with its messages in order.
pub(crate) struct Ordered<S> {
    pub(crate) inner: LspService<S>,
    pub(crate) documents: Arc<Mutex<Documents>>,
}

impl<S: LanguageServer> Service<Request> for Ordered<S> {
    type Response = Option<Response>;
    type Error = ExitedError;
    type Future = Pin<Box<dyn Future<Output = Result<Option<Response>, ExitedError>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), ExitedError>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let snapshot = {
            let mut documents = self.documents.lock().unwrap_or_else(PoisonError::into_inner);
            apply(&mut documents, &request);
            documents.snapshot()
        };
        let begins = request.method() == "initialize";
        let handled = SNAPSHOT.scope(snapshot, self.inner.call(request));
        if begins {
            return Box::pin(async move { handled.await.map(|answer| answer.map(with_type_hierarchy)) });
        }
        Box::pin(handled)
    }
}

/// The library answers the requests of a type hierarchy, but its list of what a server can do has no place for them.
fn with_type_hierarchy(answer: Response) -> Response {
    let (id, mut body) = answer.into_parts();
    if let Ok(body) = &mut body
        && let Some(Value::Object(capabilities)) = body.get_mut("capabilities")
    {
        capabilities.insert("typeHierarchyProvider".to_owned(), Value::Bool(true));
    }
    Response::from_parts(id, body)
}

/// What a message changes. One that cannot be read changes nothing; the library answers it.
fn apply(documents: &mut Documents, request: &Request) {
    fn read<T: serde::de::DeserializeOwned>(params: Option<&Value>) -> Option<T> {
        params.and_then(|params| serde_json::from_value(params.clone()).ok())
    }
    match request.method() {
        "textDocument/didOpen" => {
            if let Some(params) = read(request.params()) {
                documents.open(params);
            }
        }
        "textDocument/didChange" => {
            if let Some(params) = read(request.params()) {
                documents.change(params);
            }
        }
        "textDocument/didClose" => {
            if let Some(params) = read(request.params()) {
                documents.close(&params);
            }
        }
        "textDocument/didSave" | "workspace/didChangeWatchedFiles" => documents.disk_changed(),
        _ => {}
    }
}
