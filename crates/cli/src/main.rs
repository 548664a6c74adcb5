//! The binary `baseq`: arguments in, exit code out.
//!
//! | code | meaning |
//! |---|---|
//! | 0 | done |
//! | 1 | a program, a model or a source has errors |
//! | 2 | the command was used wrongly |
//! | 3 | the policy refuses |
//! | 4 | the warehouse or its engine is not available |
//! | 5 | an error of ours; a report file says more |
//!
//! One file per command under `commands`; nothing here knows what a command does.

mod args;
mod commands;
mod exit;
mod out;
mod progress;
mod report_file;
mod warehouse;

use clap::Parser as _;
use exit::Exit;
use std::process::ExitCode;

fn main() -> ExitCode {
    report_file::catch_panics();
    // The hook has written the report.
    std::panic::catch_unwind(run).unwrap_or(Exit::Internal).into()
}

fn run() -> Exit {
    let arguments = match args::Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // clap prints help to stdout with 0 and mistakes to stderr with 2. A closed pipe is no news.
            let _ = error.print();
            return if error.use_stderr() { Exit::Usage } else { Exit::Done };
        }
    };
    let out = out::Out::new(&arguments.common);
    match commands::run(&arguments, out) {
        Ok(exit) => exit,
        Err(failure) => out.failure(failure),
    }
}
