//! The language server: `ide` spoken over the Language Server Protocol 3.17.
//!
//! A thin shell. `ordered` keeps the messages in order around tower-lsp-server, `documents` holds the
//! open texts, `projects` what was worked out for them, `server` answers (with `completion`, `names`, `hierarchy`,
//! `tokens` and `changes`), `convert` translates, `commands` does what a lens asks. Nothing here knows an engine: a run is the program itself.

mod capabilities;
mod changes;
mod commands;
mod completion;
mod convert;
mod documents;
mod hierarchy;
mod names;
mod ordered;
mod projects;
mod server;
mod tokens;

use documents::Documents;
use ordered::Ordered;
use server::Server;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncRead, AsyncWrite};
use tower_lsp_server::LspService;

/// How many messages are handled at once. The library's own 4 lets four handlers that wait block all
/// others; none of ours waits for the editor, and this leaves room.
const AT_ONCE: usize = 256;

/// Speaks on standard input and output until the editor says `exit` or goes away. Gives the exit code:
/// 0 after `shutdown`, 1 without it, as the protocol asks.
///
/// # Errors
/// The runtime cannot be started.
pub fn serve_stdio() -> std::io::Result<u8> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let code = runtime.block_on(serve(tokio::io::stdin(), tokio::io::stdout()));
    // A read of standard input cannot be cancelled; nobody waits for it.
    runtime.shutdown_background();
    Ok(code)
}

/// The same over any two streams.
pub async fn serve(input: impl AsyncRead + Unpin, output: impl AsyncWrite) -> u8 {
    let documents = Arc::new(Mutex::new(Documents::new()));
    let down = Arc::new(AtomicBool::new(false));
    let (inner, socket) =
        LspService::new(|client| Server::new(client, Arc::clone(&documents), Arc::clone(&down)));
    let service = Ordered { inner, documents };
    tower_lsp_server::Server::new(input, output, socket).concurrency_level(AT_ONCE).serve(service).await;
    u8::from(!down.load(Ordering::SeqCst))
}
