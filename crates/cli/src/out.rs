//! What goes where: results to stdout, diagnostics and news to stderr, colour only where it is read.
//!
//! This is the only file that prints. A closed pipe ends a command quietly.

use crate::args::{Color, Common, OutputFormat};
use crate::exit::{Exit, Failure, Result};
use crate::report_file;
use diag::Diagnostic;
use session::{Kind, Trouble};
use std::io::{self, IsTerminal as _, Write as _};
use std::path::Path;
use text::Files;

/// How diagnostics look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Look {
    /// Pictures.
    Full,
    /// A line each.
    Concise,
    /// A JSON array.
    Json,
}

/// Where a command's output goes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Out {
    /// Whether there are colours.
    pub(crate) color: bool,
    /// Whether a program reads the output.
    pub(crate) json: bool,
    /// Whether only what fails is said: of a command that another one runs.
    pub(crate) quiet: bool,
}

impl Out {
    pub(crate) fn new(common: &Common) -> Out {
        let wanted = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        let color = match common.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => wanted && io::stderr().is_terminal(),
        };
        Out { color, json: common.format == OutputFormat::Json, quiet: false }
    }

    /// Writes a result.
    #[expect(clippy::unused_self, reason = "whoever prints was given the means to")]
    pub(crate) fn result(self, bytes: &[u8]) -> Result<()> {
        let mut stdout = io::stdout().lock();
        stdout.write_all(bytes).and_then(|()| stdout.flush()).map_err(|error| closed_or(&error))
    }

    /// Writes a line of a result.
    pub(crate) fn line(self, text: &str) -> Result<()> {
        if self.quiet {
            return Ok(());
        }
        self.result(format!("{text}\n").as_bytes())
    }

    /// Writes a result as JSON.
    pub(crate) fn json(self, value: &serde_json::Value) -> Result<()> {
        self.line(&format!("{value:#}"))
    }

    /// Says something that is no result.
    pub(crate) fn say(self, text: &str) {
        if self.quiet {
            return;
        }
        // Where nobody hears, nothing is said.
        let _ = writeln!(io::stderr().lock(), "{text}");
    }

    /// Shows diagnostics, none without a word. They are no result, so even as JSON they go to stderr.
    pub(crate) fn diagnostics(self, diagnostics: &[Diagnostic], files: &Files, look: Look) {
        if diagnostics.is_empty() {
            return;
        }
        let text = match look {
            Look::Full => report::pictures(diagnostics, files, self.color),
            Look::Concise => report::concise(diagnostics, files),
            Look::Json => report::diagnostics_json(diagnostics, files),
        };
        self.say(text.trim_end());
    }

    /// Shows why a command failed, and gives its exit code.
    pub(crate) fn failure(self, failure: Failure) -> Exit {
        match failure {
            Failure::PipeClosed => Exit::Done,
            Failure::Said(exit, message) => {
                self.say(&format!("error: {message}"));
                exit
            }
            Failure::Load(error) => {
                self.say(&format!("error: {error}"));
                if let Some(detail) = error.detail.filter(|detail| !detail.is_empty()) {
                    self.keep(&detail);
                    return Exit::Unavailable;
                }
                Exit::Diagnostics
            }
            Failure::Trouble(trouble) => self.trouble(&trouble),
        }
    }

    /// Shows why something was not done, and gives the exit code of a command that ends with it.
    pub(crate) fn trouble(self, trouble: &Trouble) -> Exit {
        let look = if self.json { Look::Json } else { Look::Full };
        self.diagnostics(&trouble.diagnostics, &trouble.files, look);
        if let Some(detail) = &trouble.detail {
            match trouble.kind {
                Kind::Internal => report_file::write(&trouble.diagnostics, detail),
                Kind::Usage | Kind::Program | Kind::Refused | Kind::Warehouse => self.keep(detail),
            }
        }
        trouble.kind.into()
    }

    /// Keeps the engine's own words where only the owner of the project reads them.
    fn keep(self, detail: &str) {
        let here = std::env::current_dir().unwrap_or_default();
        let root = session::Project::find(&here).map_or(here, |project| project.root);
        let path = root.join(session::ENGINE_LOG);
        match report_file::append_private(&path, detail) {
            Ok(()) => {
                self.say(&format!("the engine's own words are in {}, for the steward", session::ENGINE_LOG));
            }
            Err(error) => self.say(&format!("the engine's own words could not be kept: {error}")),
        }
    }
}

/// Writes a whole file in one step, or nothing.
pub(crate) fn write_file(path: &Path, bytes: &[u8]) -> Result<()> {
    let fail = |error: io::Error| Failure::Said(Exit::Usage, format!("{}: {error}", path.display()));
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.new", std::process::id()));
    let beside = path.with_file_name(name);
    // On the disk before it has its name: a crash leaves the old file or the new one, never half of it.
    let written = std::fs::File::create(&beside).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    written.and_then(|()| std::fs::rename(&beside, path)).map_err(|error| {
        // The first error is the one to tell.
        let _ = std::fs::remove_file(&beside);
        fail(error)
    })
}

fn closed_or(error: &io::Error) -> Failure {
    if error.kind() == io::ErrorKind::BrokenPipe {
        Failure::PipeClosed
    } else {
        Failure::Said(Exit::Usage, format!("the output cannot be written: {error}"))
    }
}
