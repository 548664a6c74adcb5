//! Reports of our own errors, and the steward's log: files that only their owner reads.

use diag::Diagnostic;
use std::fmt::Write as _;
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// A panic is an error of ours: it says so in one line and leaves the rest in a report.
pub(crate) fn catch_panics() {
    std::panic::set_hook(Box::new(|info| {
        let trace = std::backtrace::Backtrace::force_capture();
        write(&[], &format!("{info}\n{trace}"));
    }));
}

/// Writes a report of an internal error and says where it is.
pub(crate) fn write(diagnostics: &[Diagnostic], detail: &str) {
    let mut text = format!("baseq {}\n", env!("CARGO_PKG_VERSION"));
    for diagnostic in diagnostics {
        let _ = writeln!(text, "{}: {}", diagnostic.code.0, diagnostic.message);
    }
    text.push_str(detail);
    let path = std::env::temp_dir().join(format!("baseq-report-{}.txt", std::process::id()));
    let mut stderr = io::stderr().lock();
    // If neither can be written there is nobody left to tell.
    let _ = match append_private(&path, &text) {
        Ok(()) => writeln!(
            stderr,
            "error: this is a mistake in baseq itself; {} says more; look through it before you pass it on",
            path.display()
        ),
        Err(error) => writeln!(
            stderr,
            "error: this is a mistake in baseq itself, and its report could not be kept ({error})"
        ),
    };
}

/// Adds lines to a file that only its owner can read, and its folder where it is missing.
pub(crate) fn append_private(path: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = path.parent().filter(|folder| *folder != PathBuf::new()) {
        fs::create_dir_all(folder)?;
    }
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    writeln!(file, "{} {}", jiff::Timestamp::now(), text.trim_end())
}
