//! A terminal with a program in it: what is typed, and what stands on the screen.

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use std::io::{Read as _, Write};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use vt100::{Callbacks, Parser, Screen};

/// How long a program may take to show something, on a busy machine.
const PATIENCE: Duration = Duration::from_mins(2);

/// A screen and a keyboard.
pub(crate) struct Terminal {
    parser: Arc<Mutex<Parser<Answers>>>,
    keyboard: Arc<Mutex<Box<dyn Write + Send>>>,
    child: Box<dyn Child + Send + Sync>,
    /// Goes last: the program loses its terminal with it.
    _master: Box<dyn MasterPty + Send>,
}

/// A terminal is asked where its cursor is, and says it.
struct Answers(Arc<Mutex<Box<dyn Write + Send>>>);

impl Callbacks for Answers {
    fn unhandled_csi(
        &mut self,
        screen: &mut Screen,
        _: Option<u8>,
        _: Option<u8>,
        params: &[&[u16]],
        letter: char,
    ) {
        if letter == 'n' && params == [&[6][..]] {
            let (row, column) = screen.cursor_position();
            let _ = write!(self.0.lock().unwrap(), "\x1b[{};{}R", row + 1, column + 1);
        }
    }
}

impl Terminal {
    /// Runs the binary in a folder.
    pub(crate) fn start(folder: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Terminal {
        let size = PtySize { rows: 40, cols: 100, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).unwrap();
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_baseq"));
        command.args(arguments);
        command.cwd(folder);
        command.env("TERM", "xterm-256color");
        command.env("NO_COLOR", "1");
        for (name, value) in variables {
            command.env(name, value);
        }
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let mut output = pair.master.try_clone_reader().unwrap();
        let keyboard = Arc::new(Mutex::new(pair.master.take_writer().unwrap()));
        let answers = Answers(Arc::clone(&keyboard));
        let parser = Arc::new(Mutex::new(Parser::new_with_callbacks(size.rows, size.cols, 0, answers)));
        let screen = Arc::clone(&parser);
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(length @ 1..) = output.read(&mut bytes) {
                screen.lock().unwrap().process(&bytes[..length]);
            }
        });
        Terminal { parser, keyboard, child, _master: pair.master }
    }

    /// What stands on the screen.
    pub(crate) fn screen(&self) -> String {
        self.parser.lock().unwrap().screen().contents()
    }

    /// Presses keys.
    pub(crate) fn keys(&self, keys: &str) {
        let mut keyboard = self.keyboard.lock().unwrap();
        keyboard.write_all(keys.as_bytes()).unwrap();
        keyboard.flush().unwrap();
    }

    /// Waits until the screen shows some words.
    #[track_caller]
    pub(crate) fn shows(&self, words: &str) -> String {
        self.until(&format!("`{words}`"), |screen| screen.contains(words))
    }

    /// Waits until the screen is as it should be.
    #[track_caller]
    pub(crate) fn until(&self, what: &str, is: impl Fn(&str) -> bool) -> String {
        let begun = Instant::now();
        loop {
            let screen = self.screen();
            if is(&screen) {
                return screen;
            }
            assert!(begun.elapsed() < PATIENCE, "{what} is not on the screen:\n{screen}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Types an entry, and waits until the next one can be typed: the screen's last line is a prompt alone.
    #[track_caller]
    pub(crate) fn enter(&self, entry: &str) -> String {
        self.keys(entry);
        // Enter is pressed when the entry stands there, as a person would.
        let last = entry.rsplit('\r').next().unwrap_or(entry).to_owned();
        self.until(&format!("`{last}`"), |screen| screen.trim_end().ends_with(last.trim_end()));
        self.keys("\r");
        self.prompt()
    }

    /// Waits for a prompt with the cursor right behind it; a hint may stand there.
    #[track_caller]
    pub(crate) fn prompt(&self) -> String {
        self.until("a prompt", |screen| {
            let mut lines = screen.trim_end().lines().rev();
            let typed = lines.next().is_some_and(|line| line.starts_with('>'));
            let (row, column) = self.parser.lock().unwrap().screen().cursor_position();
            let here = usize::from(row) + 1 == screen.trim_end().lines().count();
            typed && here && column == 2 && lines.next().is_some_and(|line| line.contains(" · "))
        })
    }

    /// Waits until the program ends, and gives its exit code.
    pub(crate) fn ended(&mut self) -> u32 {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.exit_code();
            }
            assert!(begun.elapsed() < PATIENCE, "it does not end:\n{}", self.screen());
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
    }
}
