//! What keeps a session from doing what was asked, other than a mistake in a program: settings, files,
//! warehouse, engine, audit.
//!
//! A [`Trouble`] is diagnostics too, so that every front end shows it like any other; its kind says who
//! can do something about it. The engine's own words travel beside it, for the steward's log only.

use crate::codes::{CANCELLED, ENGINE, EXHAUSTED, INTERNAL, TOO_LONG, UNAVAILABLE, WAREHOUSE};
use diag::{Code, Diagnostic};
use engine::{Failure, ReadError};
use text::Files;

/// Who can do something about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Who wrote the settings or the files, or typed the command.
    Usage,
    /// Who wrote the model, a program or a policy.
    Program,
    /// Only the steward: the policy refuses.
    Refused,
    /// Who runs the warehouse.
    Warehouse,
    /// Who makes the compiler.
    Internal,
}

/// Why something was not done.
#[derive(Clone, Debug)]
pub struct Trouble {
    /// Who can do something about it.
    pub kind: Kind,
    /// What is wrong; at least one.
    pub diagnostics: Vec<Diagnostic>,
    /// The texts that the diagnostics point into.
    pub files: Files,
    /// The engine's own words, which may carry data; for a steward-only log.
    pub detail: Option<String>,
}

/// The result of asking a session.
pub type Result<T> = std::result::Result<T, Trouble>;

impl Trouble {
    /// A trouble with one diagnostic that points into no text.
    pub fn new(kind: Kind, code: Code, message: impl Into<String>) -> Trouble {
        Trouble::of(kind, Diagnostic::placeless(code, message))
    }

    /// A trouble with one diagnostic.
    pub fn of(kind: Kind, diagnostic: Diagnostic) -> Trouble {
        Trouble { kind, diagnostics: vec![diagnostic], files: Files::new(), detail: None }
    }

    /// An error of the compiler itself; `detail` may carry text of the program, never data.
    pub fn internal(what: &str, detail: impl Into<String>) -> Trouble {
        let mut made = Trouble::new(Kind::Internal, INTERNAL, format!("internal error: {what}"));
        made.detail = Some(detail.into());
        made
    }

    /// The same trouble with advice.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Trouble {
        if let Some(last) = self.diagnostics.last_mut() {
            last.helps.push(help.into());
        }
        self
    }
}

impl From<ReadError> for Trouble {
    fn from(error: ReadError) -> Trouble {
        let (kind, code, help) = match error.failure {
            Failure::Unavailable => (
                Kind::Warehouse,
                UNAVAILABLE,
                Some(
                    "another process may be loading into it, or the path in `baseq.toml` names another file",
                ),
            ),
            Failure::BadAddress => (
                Kind::Usage,
                WAREHOUSE,
                Some("write `postgres://USER@HOST:PORT/DATABASE`; the database must be in UTF8"),
            ),
            Failure::NoServer => (
                Kind::Warehouse,
                UNAVAILABLE,
                Some(
                    "check host and port in `baseq.toml` and that the server runs; over a network it must offer TLS, or the address says `?sslmode=disable`",
                ),
            ),
            Failure::NotLetIn => (
                Kind::Warehouse,
                UNAVAILABLE,
                Some(
                    "set PGPASSWORD, or add a line `HOST:PORT:DATABASE:USER:PASSWORD` to `~/.pgpass`; the user stands in the address",
                ),
            ),
            Failure::NoDatabase => (
                Kind::Warehouse,
                UNAVAILABLE,
                Some("the name stands after the last `/` of the address; `createdb NAME` makes one"),
            ),
            Failure::TooLong => (
                Kind::Warehouse,
                TOO_LONG,
                Some(
                    "ask a narrower question, or give the warehouse more time with `timeout` in `baseq.toml`",
                ),
            ),
            Failure::Cancelled => (Kind::Warehouse, CANCELLED, None),
            Failure::Exhausted => {
                (Kind::Warehouse, EXHAUSTED, Some("ask a narrower question, or run it on a larger machine"))
            }
            Failure::Refused => (Kind::Warehouse, ENGINE, None),
        };
        let mut made = Trouble::new(kind, code, error.failure.words());
        // Of what somebody stopped, the engine has nothing to tell that its steward does not know.
        made.detail = (error.failure != Failure::Cancelled).then_some(error.detail);
        match help {
            Some(help) => made.help(help),
            None => made,
        }
    }
}
