//! `baseq run` killed at every write, fsync and rename, and on a full disk: nothing of a result can be read
//! whose outcome is not in the audit log.
//!
//! `strace` stands in for the crash: it kills the process at the entry of the nth such call, or lets the
//! call fail as a full disk does. Without strace nothing is tried, and that is said.

use crate::BY_SEX;
use crate::project::Project;
use std::path::Path;
use std::process::{Command, Stdio};

/// The calls at which something becomes durable or visible.
const CALLS: [&str; 4] = ["write", "pwrite64", "fsync", "rename"];
/// More calls of a kind than a run makes.
const ENOUGH: u32 = 200;

#[test]
fn no_result_is_readable_without_its_record() {
    if !has_strace() {
        eprintln!("skipped: strace is not there, so no crash was tried");
        return;
    }
    let project = Project::loaded();
    project.write("queries/by_sex.bq", BY_SEX);
    let before = project.read("audit.jsonl");
    let mut tried = 0;
    for call in CALLS {
        for injected in ["signal=KILL", "error=ENOSPC"] {
            for nth in 1..=ENOUGH {
                project.write("audit.jsonl", &before);
                let out = project.path("out.csv");
                let _ = std::fs::remove_file(&out);
                let done = traced(&project, call, injected, nth, &["-o", "out.csv"]);
                judge(&project, &before, out.exists(), &format!("{call} {nth} {injected}"));
                let _ = std::fs::remove_file(&out);
                tried += 1;
                if done {
                    break;
                }
                assert!(nth < ENOUGH, "{call}: the run never got through");
            }
        }
    }
    // What goes to the terminal is a result as well.
    for nth in 1..=ENOUGH {
        project.write("audit.jsonl", &before);
        let (done, shown) = traced_to_terminal(&project, nth);
        judge(&project, &before, shown, &format!("write {nth} to the terminal"));
        tried += 1;
        if done {
            break;
        }
    }
    assert!(tried > 12, "only {tried} crashes were tried");
}

/// Nothing readable, or the log is whole and holds the outcome. Either way the log is whole, or nothing
/// can be asked before its steward has looked at it.
fn judge(project: &Project, before: &str, readable: bool, what: &str) {
    let log = project.read("audit.jsonl");
    assert!(log.starts_with(before), "{what}: what was recorded before is gone");
    let verified = project.baseq(&["audit", "verify"]);
    let released = log[before.len()..].contains("\"decision\":\"released\"");
    if readable {
        assert!(released && verified.code == Some(0), "{what}: a result without its record\n{log}");
    }
    if verified.code != Some(0) {
        let next = project.baseq(&["run", "queries/by_sex.bq"]);
        assert!(next.code == Some(4) && next.stdout.is_empty(), "{what}: a broken log, and yet {next:?}");
    }
}

/// Whether the run got through untouched.
fn traced(project: &Project, call: &str, injected: &str, nth: u32, more: &[&str]) -> bool {
    let mut command = strace(project.root(), call, injected, nth);
    let status = command.args(more).stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap();
    let touched =
        project.read("trace").contains("(INJECTED)") || project.read("trace").contains("killed by SIGKILL");
    status.success() && !touched
}

fn traced_to_terminal(project: &Project, nth: u32) -> (bool, bool) {
    let output = strace(project.root(), "write", "signal=KILL", nth).output().unwrap();
    (output.status.success(), !output.stdout.is_empty())
}

fn strace(folder: &Path, call: &str, injected: &str, nth: u32) -> Command {
    let mut command = Command::new("strace");
    command
        .args(["-f", "-qq", "-o", "trace", "-e", &format!("trace={call}")])
        .args(["-e", &format!("inject={call}:{injected}:when={nth}")])
        .args([env!("CARGO_BIN_EXE_baseq"), "run", "queries/by_sex.bq"])
        .current_dir(folder)
        .env("NO_COLOR", "1");
    command
}

fn has_strace() -> bool {
    Command::new("strace").arg("-V").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok()
}
