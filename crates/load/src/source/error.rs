//! What is wrong with a source: file, line and reason, as many as are worth telling.

use std::fmt;
use std::path::{Path, PathBuf};

/// How many problems of one source are told; the rest are counted.
pub const TOLD: usize = 20;

/// One thing that is wrong with a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file, as the caller named it.
    pub file: PathBuf,
    /// Its line, from 1, where the problem belongs to one.
    pub line: Option<u64>,
    /// A sentence without a full stop.
    pub reason: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        write!(f, ": {}", self.reason)
    }
}

/// Why nothing of a source was loaded: at least one problem, at most [`TOLD`].
#[derive(Clone, Debug)]
pub struct LoadError {
    /// The problems in the order found.
    pub problems: Vec<Problem>,
    /// Whether reading stopped at the last of them, so that there may be more.
    pub stopped: bool,
    /// What to do about it, where that can be said.
    pub help: Option<String>,
    /// The engine's own words, which may carry data; for a steward-only log.
    pub detail: Option<String>,
}

impl LoadError {
    /// An error that belongs to a whole file.
    pub fn file(file: &Path, reason: impl Into<String>) -> Self {
        Self::problem(file, None, reason)
    }

    /// An error at a line, from 1.
    pub fn line(file: &Path, line: u64, reason: impl Into<String>) -> Self {
        Self::problem(file, Some(line), reason)
    }

    /// A file that cannot be opened, read or written.
    pub fn io(file: &Path, error: &std::io::Error) -> Self {
        Self::file(file, error.to_string())
    }

    /// The engine refused.
    pub fn engine(file: &Path, error: engine::Error) -> Self {
        let mut made = Self::file(file, error.message);
        made.detail = Some(error.detail);
        made
    }

    /// The same error with advice.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    fn problem(file: &Path, line: Option<u64>, reason: impl Into<String>) -> Self {
        let problem = Problem { file: file.to_owned(), line, reason: reason.into() };
        Self { problems: vec![problem], stopped: false, help: None, detail: None }
    }
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, problem) in self.problems.iter().enumerate() {
            if at > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{problem}")?;
        }
        if self.stopped {
            f.write_str("\nthere may be more: reading stopped here")?;
        }
        if let Some(help) = &self.help {
            write!(f, "\nhelp: {help}")?;
        }
        Ok(())
    }
}

impl std::error::Error for LoadError {}
