//! The progress bar of a load, on stderr and only where a person looks at it.

use indicatif::{ProgressBar, ProgressStyle};
use load::source::{Progress, Silent};
use std::io::IsTerminal as _;
use std::sync::{Mutex, PoisonError};

/// A bar where stderr is a terminal, else nothing.
pub(crate) fn progress() -> Box<dyn Progress> {
    if std::io::stderr().is_terminal() { Box::new(Bar::default()) } else { Box::new(Silent) }
}

/// One bar after the other, for one source after the other.
#[derive(Default)]
struct Bar {
    running: Mutex<Option<ProgressBar>>,
}

impl Bar {
    fn with(&self, act: impl FnOnce(&mut Option<ProgressBar>)) {
        act(&mut self.running.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

impl Progress for Bar {
    fn start(&self, source: &str, bytes: u64) {
        let bar = ProgressBar::new(bytes);
        let style = "{msg} {wide_bar} {bytes}/{total_bytes} {bytes_per_sec} {eta}";
        if let Ok(style) = ProgressStyle::with_template(style) {
            bar.set_style(style);
        }
        bar.set_message(source.to_owned());
        self.with(|running| *running = Some(bar));
    }

    fn advance(&self, bytes: u64) {
        self.with(|running| {
            if let Some(bar) = running {
                bar.inc(bytes);
            }
        });
    }

    fn finish(&self) {
        self.with(|running| {
            if let Some(bar) = running.take() {
                bar.finish_and_clear();
            }
        });
    }
}
