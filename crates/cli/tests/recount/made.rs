//! The demo as `baseq demo` makes it, once for all tests of a run.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, OnceLock, PoisonError};

/// A made demo.
#[derive(Debug)]
pub(crate) struct Demo {
    folder: PathBuf,
}

/// What a command gave.
#[derive(Debug)]
pub(crate) struct Gave {
    pub(crate) success: bool,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Demo {
    /// The demo; the first who asks makes it.
    pub(crate) fn made() -> &'static Demo {
        static MADE: OnceLock<Demo> = OnceLock::new();
        MADE.get_or_init(|| {
            // Nothing ends when a test does, so the folder is the same in every run, and begun anew.
            let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("demo-of-the-tour");
            let _ = std::fs::remove_dir_all(&folder);
            std::fs::create_dir_all(&folder).unwrap();
            let demo = Demo { folder };
            let gave = demo.baseq(&["demo", "."]);
            assert!(gave.success, "{}", gave.stderr);
            demo
        })
    }

    /// A file of its project.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Runs the binary in the project, one question at a time.
    pub(crate) fn baseq(&self, arguments: &[&str]) -> Gave {
        static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
        let _one = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
        crate::asked::forget(&self.folder);
        let output = Command::new(env!("CARGO_BIN_EXE_baseq"))
            .args(arguments)
            .args(["--color", "never"])
            .current_dir(&self.folder)
            .output()
            .unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Gave { success: output.status.success(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }
}
