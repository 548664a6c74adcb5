//! How a command ends.

use load::source::LoadError;
use session::{Kind, Trouble};
use std::process::ExitCode;

/// The exit codes of experience.md.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done.
    Done,
    /// A program, a model or a source has errors.
    Diagnostics,
    /// The command was used wrongly.
    Usage,
    /// The policy refuses.
    Refused,
    /// The warehouse or its engine is not available.
    Unavailable,
    /// An error of ours.
    Internal,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(match exit {
            Exit::Done => 0,
            Exit::Diagnostics => 1,
            Exit::Usage => 2,
            Exit::Refused => 3,
            Exit::Unavailable => 4,
            Exit::Internal => 5,
        })
    }
}

impl From<Kind> for Exit {
    fn from(kind: Kind) -> Exit {
        match kind {
            Kind::Usage => Exit::Usage,
            Kind::Program => Exit::Diagnostics,
            Kind::Refused => Exit::Refused,
            Kind::Warehouse => Exit::Unavailable,
            Kind::Internal => Exit::Internal,
        }
    }
}

/// Why a command did not do its work.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The session says why.
    Trouble(Trouble),
    /// A source was not loaded.
    Load(Box<LoadError>),
    /// A sentence and how the command ends.
    Said(Exit, String),
    /// Nobody reads our output any more. That is how `| head` ends, and no failure.
    PipeClosed,
}

/// What a command gives.
pub(crate) type Result<T> = std::result::Result<T, Failure>;

impl From<Trouble> for Failure {
    fn from(trouble: Trouble) -> Failure {
        Failure::Trouble(trouble)
    }
}

impl From<LoadError> for Failure {
    fn from(error: LoadError) -> Failure {
        Failure::Load(Box::new(error))
    }
}

/// A mistake in how the command was used.
pub(crate) fn usage(message: impl Into<String>) -> Failure {
    Failure::Said(Exit::Usage, message.into())
}
