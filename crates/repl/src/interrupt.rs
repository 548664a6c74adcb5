//! Ctrl-C while a question runs: it stops the engine and never the session.
//!
//! An engine forgets a stop that comes between two of its statements, and one question is several. So the
//! wish to stop is kept until the question is over: no further statement is begun, and the running one is
//! asked again until it gives up.

use arrow::array::RecordBatch;
use engine::{Cancel, Failure, ReadError, Reader, TableColumn};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How long to wait before the engine is asked again.
const AGAIN: Duration = Duration::from_millis(20);

/// The question that runs, for whoever hears Ctrl-C.
#[derive(Clone, Default)]
pub struct Interrupt {
    running: Arc<Mutex<Option<Running>>>,
}

#[derive(Clone)]
struct Running {
    canceller: Arc<dyn Cancel>,
    stopped: Arc<AtomicBool>,
}

impl std::fmt::Debug for Interrupt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Interrupt").finish_non_exhaustive()
    }
}

impl Interrupt {
    /// Stops the question that runs, and comes back when it is over; `false` where none runs.
    pub fn stop(&self) -> bool {
        let Some(running) = self.now() else { return false };
        running.stopped.store(true, Ordering::SeqCst);
        while self.now().is_some_and(|now| Arc::ptr_eq(&now.stopped, &running.stopped)) {
            running.canceller.cancel();
            std::thread::sleep(AGAIN);
        }
        true
    }

    fn now(&self) -> Option<Running> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, running: Option<Running>) {
        *self.running.lock().unwrap_or_else(PoisonError::into_inner) = running;
    }

    /// Reads with a reader that can be stopped from elsewhere until it goes away.
    pub(crate) fn watch(&self, reader: Box<dyn Reader>) -> Stoppable<'_> {
        let stopped = Arc::new(AtomicBool::new(false));
        self.set(Some(Running { canceller: reader.canceller(), stopped: Arc::clone(&stopped) }));
        Stoppable { reader, stopped, interrupt: self }
    }
}

/// A reader that runs nothing any more once somebody wants to stop.
pub(crate) struct Stoppable<'a> {
    reader: Box<dyn Reader>,
    stopped: Arc<AtomicBool>,
    interrupt: &'a Interrupt,
}

impl Reader for Stoppable<'_> {
    fn run(&mut self, sql: &str) -> Result<Vec<RecordBatch>, ReadError> {
        let cancelled = || ReadError { failure: Failure::Cancelled, detail: String::new() };
        if self.stopped.load(Ordering::SeqCst) {
            return Err(cancelled());
        }
        let rows = self.reader.run(sql)?;
        // A statement that was over before the engine heard counts as stopped all the same.
        if self.stopped.load(Ordering::SeqCst) { Err(cancelled()) } else { Ok(rows) }
    }

    fn columns(&mut self) -> Result<Vec<TableColumn>, ReadError> {
        self.reader.columns()
    }

    fn row_word(&self) -> &'static str {
        self.reader.row_word()
    }

    fn canceller(&self) -> Arc<dyn Cancel> {
        self.reader.canceller()
    }

    fn engine(&self) -> String {
        self.reader.engine()
    }

    fn settings(&self) -> Vec<(String, String)> {
        self.reader.settings()
    }
}

impl Drop for Stoppable<'_> {
    fn drop(&mut self) {
        self.interrupt.set(None);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::{Receiver, Sender, channel};

    /// An engine that forgets a stop while it runs nothing.
    struct Engine {
        started: Sender<()>,
        stop: Receiver<()>,
        canceller: Arc<Stop>,
    }

    struct Stop {
        runs: AtomicBool,
        stop: Sender<()>,
    }

    impl Cancel for Stop {
        fn cancel(&self) {
            if self.runs.load(Ordering::SeqCst) {
                let _ = self.stop.send(());
            }
        }
    }

    impl Reader for Engine {
        fn run(&mut self, _: &str) -> Result<Vec<RecordBatch>, ReadError> {
            let _ = self.started.send(());
            std::thread::sleep(Duration::from_millis(50));
            self.canceller.runs.store(true, Ordering::SeqCst);
            let stopped = self.stop.recv_timeout(Duration::from_mins(1)).is_ok();
            if stopped {
                Err(ReadError { failure: Failure::Cancelled, detail: String::new() })
            } else {
                Ok(Vec::new())
            }
        }
        fn columns(&mut self) -> Result<Vec<TableColumn>, ReadError> {
            Ok(Vec::new())
        }

        fn row_word(&self) -> &'static str {
            "rowid"
        }

        fn canceller(&self) -> Arc<dyn Cancel> {
            Arc::clone(&self.canceller) as Arc<dyn Cancel>
        }
        fn engine(&self) -> String {
            String::new()
        }
        fn settings(&self) -> Vec<(String, String)> {
            Vec::new()
        }
    }

    #[test]
    fn a_stop_before_the_engine_listens_is_not_lost() {
        let (started, begun) = channel();
        let (send, stop) = channel();
        let canceller = Arc::new(Stop { runs: AtomicBool::new(false), stop: send });
        let interrupt = Interrupt::default();
        assert!(!interrupt.stop(), "nothing runs");
        let hand = interrupt.clone();
        let stopper = std::thread::spawn(move || {
            begun.recv().unwrap();
            hand.stop()
        });
        let mut reader = interrupt.watch(Box::new(Engine { started, stop, canceller }));
        let asked = std::time::Instant::now();
        let failed = reader.run("select 1").unwrap_err();
        assert!(
            asked.elapsed() < Duration::from_secs(30),
            "the engine was stopped, and did not end by itself"
        );
        assert_eq!(failed.failure, Failure::Cancelled);
        assert_eq!(reader.run("select 2").unwrap_err().failure, Failure::Cancelled, "nothing is begun");
        drop(reader);
        assert!(stopper.join().unwrap());
        assert!(!interrupt.stop());
    }
}
