//! The shell with a person at a terminal.

use crate::history;
use crate::line::{self, ABOUT, Asking, Now, Shared};
use crate::look::{Look, named};
use crate::shell::{Ended, Shell};
use crate::{Host, Options};
use reedline::Signal;
use session::Kind;
use std::io::{BufRead as _, Write as _};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

/// Asks and answers until the person leaves. Gives a kind of trouble only where it could not begin.
pub fn interactive(host: &dyn Host, options: Options) -> Option<Kind> {
    let mut shell = match Shell::open(host, options.interrupt, options.params, true) {
        Ok(shell) => shell,
        Err(trouble) => {
            host.trouble(&trouble);
            return Some(trouble.kind);
        }
    };
    if let Some(file) = options.file
        && let Err(Ended::Failed(kind)) = shell.enter(&format!(".read {file}"))
    {
        return Some(kind);
    }
    for line in shell.banner() {
        host.say(&line);
    }
    let past = Past::open(&shell);
    // Some terminals, as that inside Emacs, cannot say where their cursor is.
    let plain = std::env::var("TERM").is_ok_and(|term| term == "dumb");
    if plain || !edited(&mut shell, &past, options.color) {
        lines(&mut shell, &past);
    }
    None
}

/// The entries of earlier sessions and where this one's go.
struct Past {
    path: Option<PathBuf>,
    governed: bool,
}

impl Past {
    fn open(shell: &Shell<'_>) -> Past {
        Past {
            path: history::place(&shell.session.project().root),
            // A project may be given a policy while the shell runs, and one whose policy does not read is governed too.
            governed: shell.session.project().declared || !shell.session.policy().0.agreements.is_empty(),
        }
    }

    fn entries(&self) -> Vec<String> {
        self.path.as_deref().map(history::entries).unwrap_or_default()
    }

    fn add(&self, entry: &str) {
        if let Some(path) = &self.path {
            // What cannot be remembered is no reason not to answer.
            let _ = history::add(path, entry, self.governed);
        }
    }
}

/// Whether to go on after an entry.
fn goes_on(shell: &mut Shell<'_>, past: &Past, entry: &str) -> bool {
    past.add(entry);
    match shell.enter(entry) {
        Ok(()) | Err(Ended::Failed(_)) => true,
        Err(Ended::Closed | Ended::Left) => false,
    }
}

/// With the line editor; `false` where the terminal does not bear it.
fn edited(shell: &mut Shell<'_>, past: &Past, color: bool) -> bool {
    let shared = Shared { now: Arc::new(Mutex::new(now(shell))) };
    let mut editor = line::editor(&shared, past.entries(), color);
    let mut first = true;
    loop {
        *shared.now.lock().unwrap_or_else(PoisonError::into_inner) = now(shell);
        match editor.read_line(&Asking { words: prompt(shell) }) {
            Ok(Signal::Success(entry)) => {
                if !goes_on(shell, past, &entry) {
                    return true;
                }
            }
            Ok(Signal::HostCommand(command)) if command == ABOUT => {
                let (entry, at) =
                    (editor.current_buffer_contents().to_owned(), editor.current_insertion_point());
                let about = shared.with(|now| now.look.about(&entry, at));
                // Below the entry, which stays as it is and is shown again below that.
                let about = about.as_deref().unwrap_or("nothing is known of what is at the cursor");
                shell.host.say(&format!("\n{about}"));
            }
            Ok(Signal::CtrlD) => return true,
            // Ctrl-C takes back what is typed.
            Ok(_) => {}
            Err(error) => {
                if !first {
                    shell.host.say(&format!("error: the terminal cannot be read: {error}"));
                }
                return !first;
            }
        }
        first = false;
    }
}

/// Without it: line by line, an entry until it is whole.
fn lines(shell: &mut Shell<'_>, past: &Past) {
    let mut entry = String::new();
    loop {
        let words = if entry.is_empty() { prompt(shell) + "\n> " } else { "  ".to_owned() };
        // A prompt that cannot be shown is missed by nobody.
        let _ = std::io::stderr().lock().write_all(words.as_bytes());
        let mut line = String::new();
        match std::io::stdin().lock().read_line(&mut line) {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
        entry.push_str(&line);
        let whole = if line.trim().is_empty() { entry.as_str() } else { entry.trim_end_matches('\n') };
        if crate::entry::is_whole(whole) {
            if !goes_on(shell, past, &entry) {
                return;
            }
            entry.clear();
        }
    }
}

/// Warehouse, agreement and date, as far as they are named.
fn prompt(shell: &Shell<'_>) -> String {
    let (agreements, day) = named(&shell.program);
    let mut words = vec![shell.host.warehouse(shell.session.project())];
    words.push(if agreements.is_empty() { "no agreement".to_owned() } else { agreements.join(" + ") });
    words.push(day.unwrap_or_else(|| "no date".to_owned()));
    words.join(" · ")
}

/// What holds for the next entry.
fn now(shell: &Shell<'_>) -> Now {
    let (agreements, day) = named(&shell.program);
    let known = &shell.session.policy().0.agreements;
    let next = match (agreements.is_empty(), day) {
        (true, _) => known.keys().next().map(|name| format!("use agreement \"{name}\"")),
        (false, None) => Some(format!("as of {}", session::Clock::now().used_on)),
        (false, Some(_)) => None,
    };
    let look = Look {
        session: Arc::clone(&shell.session),
        program: shell.program.clone(),
        path: shell.path.clone(),
    };
    Now { look, next }
}
