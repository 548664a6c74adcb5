//! The shell of questions: `baseq repl`.
//!
//! What is typed or piped in is cut into entries (`entry`), which are kept in a program (`program`) or
//! answered (`shell`); a line that begins with a dot is a command (`commands`). With a person at a
//! terminal, the entry is edited with the help of `ide` (`line`, `look`).
//!
//! Nothing is checked, compiled, run or released here: that is `session`, as for every other front end.
//! What is printed goes through a [`Host`], except what the line editor and the pager draw themselves.

pub mod codes;

mod commands;
mod entry;
mod history;
mod interrupt;
mod line;
mod look;
mod pager;
mod program;
mod shell;
mod terminal;

pub use interrupt::Interrupt;
pub use terminal::interactive;

use diag::Diagnostic;
use engine::Reader;
use session::params::Params;
use session::{Kind, Project, Session, Trouble};
use shell::{Ended, Shell};
use text::Files;

/// Who starts the shell: opens project and warehouse, and prints.
pub trait Host {
    /// The project, as of now.
    ///
    /// # Errors
    /// It cannot be opened.
    fn session(&self) -> session::Result<Session>;

    /// Its warehouse, for one question.
    ///
    /// # Errors
    /// It cannot be opened.
    fn reader(&self, project: &Project) -> session::Result<Box<dyn Reader>>;

    /// What people call the warehouse.
    fn warehouse(&self, project: &Project) -> String;

    /// Writes a result.
    ///
    /// # Errors
    /// Nobody reads it any more.
    fn result(&self, bytes: &[u8]) -> std::io::Result<()>;

    /// Says something that is no result.
    fn say(&self, text: &str);

    /// Shows diagnostics.
    fn diagnostics(&self, diagnostics: &[Diagnostic], files: &Files);

    /// Shows why something was not done.
    fn trouble(&self, trouble: &Trouble);
}

/// What a shell starts with.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Values of parameters.
    pub params: Params,
    /// Whether there are colours.
    pub color: bool,
    /// What stops a question.
    pub interrupt: Interrupt,
    /// A file to read first.
    pub file: Option<String>,
}

/// Does what some texts say, one after the other, up to the first entry that fails. Gives who can do
/// something about that one.
pub fn script(host: &dyn Host, options: Options, texts: &[String]) -> Option<Kind> {
    let mut shell = match Shell::open(host, options.interrupt, options.params, false) {
        Ok(shell) => shell,
        Err(trouble) => {
            host.trouble(&trouble);
            return Some(trouble.kind);
        }
    };
    let file = options.file.map(|file| format!(".read {file}"));
    for text in file.iter().chain(texts) {
        match shell.enter(text) {
            Ok(()) => {}
            Err(Ended::Failed(kind)) => return Some(kind),
            Err(Ended::Closed | Ended::Left) => return None,
        }
    }
    None
}
