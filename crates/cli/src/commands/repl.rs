//! `baseq repl`: the shell of questions, on a terminal or for what is piped in.

use super::check::look;
use crate::args::Common;
use crate::exit::{Exit, Failure, Result};
use crate::out::Out;
use crate::warehouse;
use diag::Diagnostic;
use engine::Reader;
use repl::{Host, Interrupt, Options};
use session::params::Params;
use session::{Project, Session, Trouble};
use std::io::{IsTerminal as _, Read as _, Write as _};
use std::path::Path;
use text::Files;

pub(super) fn run(
    file: Option<&Path>,
    commands: &[String],
    params: Params,
    common: &Common,
    out: Out,
) -> Result<Exit> {
    let here = Here { common, out, file };
    let person = commands.is_empty() && std::io::stdin().is_terminal();
    let interrupt = Interrupt::default();
    let hand = interrupt.clone();
    ctrlc::set_handler(move || {
        // Without a question there is only a script that waits for its input.
        if !hand.stop() && !person {
            std::process::exit(130);
        }
    })
    .map_err(|error| Failure::Said(Exit::Internal, format!("Ctrl-C cannot be listened to: {error}")))?;
    let file = file.map(|file| file.display().to_string());
    let options = Options { params, color: out.color, interrupt, file };
    let ended = if person {
        repl::interactive(&here, options)
    } else if commands.is_empty() {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).map_err(|error| {
            Failure::Said(Exit::Usage, format!("the standard input cannot be read: {error}"))
        })?;
        repl::script(&here, options, &[text])
    } else {
        repl::script(&here, options, commands)
    };
    Ok(ended.map_or(Exit::Done, Exit::from))
}

/// The shell's hands: project, warehouse and terminal of this command.
struct Here<'a> {
    common: &'a Common,
    out: Out,
    file: Option<&'a Path>,
}

impl Host for Here<'_> {
    fn session(&self) -> session::Result<Session> {
        warehouse::session(self.common, self.file)
    }

    fn reader(&self, project: &Project) -> session::Result<Box<dyn Reader>> {
        Ok(Box::new(warehouse::reader(project, self.common)?))
    }

    fn warehouse(&self, project: &Project) -> String {
        let known = &project.settings.warehouse;
        match (&self.common.warehouse, known.len()) {
            (Some(chosen), _) => chosen.clone(),
            (None, 1) => known.keys().next().cloned().unwrap_or_default(),
            (None, 0) => "no warehouse".to_owned(),
            (None, _) => "main".to_owned(),
        }
    }

    fn result(&self, bytes: &[u8]) -> std::io::Result<()> {
        let mut stdout = std::io::stdout().lock();
        stdout.write_all(bytes).and_then(|()| stdout.flush())
    }

    fn say(&self, text: &str) {
        self.out.say(text);
    }

    fn diagnostics(&self, diagnostics: &[Diagnostic], files: &Files) {
        self.out.diagnostics(diagnostics, files, look(self.out));
    }

    fn trouble(&self, trouble: &Trouble) {
        self.out.trouble(trouble);
    }
}
