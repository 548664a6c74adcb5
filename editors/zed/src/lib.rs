//! Tells Zed how the language server is started; colours come from the grammar, everything else from the server.

use zed_extension_api::{self as zed, LanguageServerId, Result};

struct Baseq;

impl zed::Extension for Baseq {
    fn new() -> Self {
        Baseq
    }

    fn language_server_command(&mut self, _: &LanguageServerId, tree: &zed::Worktree) -> Result<zed::Command> {
        let command = tree.which("baseq").ok_or("`baseq` is not on the path")?;
        Ok(zed::Command { command, args: vec!["lsp".to_owned()], env: tree.shell_env() })
    }
}

zed::register_extension!(Baseq);
