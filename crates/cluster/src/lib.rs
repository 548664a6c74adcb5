//! A Postgres of the tests' own: a cluster in a temporary folder, reached through a Unix socket in it and
//! through nothing else, gone when the process is gone.
//!
//! Postgres does not start as root, so root starts it as another user. A shell holds the server and reads
//! from a pipe that this process keeps open: however this process ends, the pipe ends, and the shell stops
//! the server and removes the folder.
//!
//! `BASEQ_TEST_POSTGRES` may hold the address of a server to use instead, on which databases may be created;
//! `required` makes a server that is missing a failure. Without it, tests that want a server are skipped
//! where there is none, and say so.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

/// The variable that names a server, or `required`.
pub const VARIABLE: &str = "BASEQ_TEST_POSTGRES";

/// Where Debian and others put the programs of the server, besides `PATH`.
const FOLDERS: [&str; 3] = ["/usr/lib/postgresql", "/usr/pgsql", "/opt/homebrew/opt"];

/// A server for tests.
#[derive(Debug)]
pub struct Cluster {
    /// The address of its own database, without the name.
    address: Address,
    /// What removes the databases, or the whole server, when this process ends.
    keeper: Mutex<Child>,
    made: Mutex<BTreeSet<String>>,
}

#[derive(Debug)]
enum Address {
    /// Our own server, by the folder of its socket.
    Own(PathBuf),
    /// Somebody's, by its URL.
    Given(String),
}

/// The server of this process, started when the first test asks for it; the reason where there is none.
///
/// # Errors
/// The reason, with what to do.
pub fn shared() -> Result<&'static Cluster, &'static str> {
    static SHARED: OnceLock<Result<Cluster, String>> = OnceLock::new();
    SHARED.get_or_init(start).as_ref().map_err(String::as_str)
}

/// The server of this process, or none where tests may go without; then it says once that they did.
///
/// # Panics
/// Where a server is required and there is none: a test that must run has failed.
#[expect(clippy::panic, clippy::print_stderr, reason = "the word of a test to the person who runs it")]
pub fn for_test() -> Option<&'static Cluster> {
    static SAID: OnceLock<()> = OnceLock::new();
    match shared() {
        Ok(cluster) => Some(cluster),
        Err(reason) if required() => panic!("{VARIABLE} requires Postgres: {reason}"),
        Err(reason) => {
            SAID.get_or_init(|| eprintln!("The tests on Postgres were NOT run: {reason}"));
            None
        }
    }
}

/// Whether a missing server is a failure: where it was asked for, and on a machine that tests changes.
fn required() -> bool {
    std::env::var_os(VARIABLE).is_some() || std::env::var_os("CI").is_some()
}

fn start() -> Result<Cluster, String> {
    match std::env::var(VARIABLE) {
        Ok(url) if url != "required" && !url.is_empty() => given(url),
        Ok(_) | Err(_) => own(),
    }
}

/// Somebody's server; the databases that tests make there are dropped at the end.
fn given(url: String) -> Result<Cluster, String> {
    let program = program("psql").ok_or("`psql` is missing; on Debian: apt-get install postgresql")?;
    let script = "while read -r name; do names=\"$names $name\"; done; \
                  for name in $names; do \"$0\" -q -X \"$1\" -c \"drop database if exists $name with (force)\"; done";
    let keeper = Command::new("sh")
        .args([OsStr::new("-c"), OsStr::new(script), program.as_os_str(), OsStr::new(&url)])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
        .map_err(|error| format!("sh: {error}"))?;
    Ok(Cluster { address: Address::Given(url), keeper: Mutex::new(keeper), made: Mutex::default() })
}

/// A server of our own.
fn own() -> Result<Cluster, String> {
    let missing = || {
        format!(
            "there is no Postgres on this machine. Install it (on Debian: apt-get install postgresql), or set \
             {VARIABLE} to the URL of a server on which databases may be created"
        )
    };
    let (initdb, server) = (program("initdb").ok_or_else(missing)?, program("postgres").ok_or_else(missing)?);
    let folder = tempfile::Builder::new()
        .prefix("baseq-postgres-")
        .tempdir()
        .map_err(|error| format!("no temporary folder: {error}"))?
        .keep();
    let user = other_user()?;
    if let Some((uid, gid)) = user {
        chown(&folder, Some(uid), Some(gid)).map_err(|error| format!("{}: {error}", folder.display()))?;
    }
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o700))
        .map_err(|error| format!("{}: {error}", folder.display()))?;
    let data = folder.join("data");
    let mut made = as_user(&initdb, user);
    made.current_dir(&folder)
        .args(["--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--username=postgres", "--no-sync"])
        .args(["--no-instructions", "-D"])
        .arg(&data);
    said(&mut made)?;
    // Not the order of bytes: what the tests find must not hang on the order of the database.
    let mut keeper = as_user(Path::new("sh"), user);
    let script = "\"$0\" -D \"$1/data\" -k \"$1\" -c listen_addresses= -c fsync=off -c synchronous_commit=off \
                  -c full_page_writes=off -c max_connections=60 -c shared_buffers=64MB -c logging_collector=off \
                  >\"$1/log\" 2>&1 </dev/null & \
                  server=$!; while ! test -S \"$1/.s.PGSQL.5432\"; do \
                  kill -0 $server 2>/dev/null || { echo failed; exit 1; }; sleep 0.05; done; echo started; \
                  cat >/dev/null; kill -QUIT $server; wait $server; rm -rf \"$1\"";
    keeper
        .args([OsStr::new("-c"), OsStr::new(script), server.as_os_str(), folder.as_os_str()])
        .current_dir(&folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .process_group(0);
    let mut keeper = keeper.spawn().map_err(|error| format!("sh: {error}"))?;
    let mut line = String::new();
    if let Some(out) = keeper.stdout.take() {
        let _ = BufReader::new(out).read_line(&mut line);
    }
    if line.trim() != "started" {
        let log = std::fs::read_to_string(folder.join("log")).unwrap_or_default();
        return Err(format!("the server did not start: {}", log.lines().last().unwrap_or("no word of it")));
    }
    let cluster =
        Cluster { address: Address::Own(folder), keeper: Mutex::new(keeper), made: Mutex::default() };
    // The socket is there a moment before the server answers.
    let mut tries = 0;
    while let Err(reason) = cluster.run("postgres", "select 1") {
        tries += 1;
        if tries > 100 {
            return Err(reason);
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    Ok(cluster)
}

impl Cluster {
    /// The URL of a new, empty database of a name in small letters.
    ///
    /// # Errors
    /// The reason why the server did not make it.
    pub fn database(&self, name: &str) -> Result<String, String> {
        self.database_in(name, "template0", "C.UTF-8")
    }

    /// The same in the order of texts of a place: `en-US-x-icu` puts `a` before `B`.
    ///
    /// # Errors
    /// The reason why the server did not make it.
    pub fn database_of_place(&self, name: &str, place: &str) -> Result<String, String> {
        let name = self.name(name)?;
        self.run(
            "postgres",
            &format!(
                "create database {name} template template0 encoding 'UTF8' locale_provider icu icu_locale '{place}' locale 'C.UTF-8'"
            ),
        )?;
        Ok(self.url(&name))
    }

    fn database_in(&self, name: &str, template: &str, locale: &str) -> Result<String, String> {
        let name = self.name(name)?;
        self.run(
            "postgres",
            &format!("create database {name} template {template} encoding 'UTF8' locale '{locale}'"),
        )?;
        Ok(self.url(&name))
    }

    /// The name on the server, which the keeper learns.
    fn name(&self, name: &str) -> Result<String, String> {
        let name = format!("baseq_{}_{name}", std::process::id());
        self.made.lock().unwrap_or_else(PoisonError::into_inner).insert(name.clone());
        if matches!(self.address, Address::Given(_)) {
            let mut keeper = self.keeper.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(pipe) = &mut keeper.stdin {
                writeln!(pipe, "{name}").map_err(|error| format!("the keeper is gone: {error}"))?;
            }
        }
        Ok(name)
    }

    /// The URL of a database of the server.
    pub fn url(&self, database: &str) -> String {
        match &self.address {
            Address::Own(folder) => {
                format!("postgres://postgres@{}/{database}", folder.display().to_string().replace('/', "%2F"))
            }
            Address::Given(url) => with_database(url, database),
        }
    }

    /// Runs statements in a database as its owner.
    ///
    /// # Errors
    /// What the server said.
    pub fn run(&self, database: &str, sql: &str) -> Result<(), String> {
        let program = program("psql").ok_or("`psql` is missing; on Debian: apt-get install postgresql")?;
        let mut psql = Command::new(program);
        psql.args(["-q", "-X", "-v", "ON_ERROR_STOP=1", "-d", &self.url(database), "-c", sql]);
        said(&mut psql).map(|_| ())
    }
}

/// The URL with another database.
fn with_database(url: &str, database: &str) -> String {
    let (before, options) = url.split_once('?').map_or((url, None), |(url, options)| (url, Some(options)));
    let start = before.find("://").map_or(0, |at| at + 3);
    let host = before[start..].find('/').map_or(before, |at| &before[..start + at]);
    let mut url = format!("{host}/{database}");
    if let Some(options) = options {
        let _ = write!(url, "?{options}");
    }
    url
}

/// A program of the server: the newest of the usual folders, else the one on `PATH`. Debian's `PATH` has a
/// wrapper that asks for more than a test wants to say.
fn program(name: &str) -> Option<PathBuf> {
    let newest = FOLDERS
        .iter()
        .filter_map(|folder| std::fs::read_dir(folder).ok())
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|folder| folder.join("bin").join(name).is_file())
        .max_by_key(|folder| {
            let digits = |text: &OsStr| {
                text.to_string_lossy().chars().filter(char::is_ascii_digit).collect::<String>()
            };
            folder.file_name().and_then(|version| digits(version).parse::<u32>().ok())
        });
    if let Some(folder) = newest {
        return Some(folder.join("bin").join(name));
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}

/// Whom root runs the server as: `postgres`, else `nobody`. Nobody else where this is not root.
fn other_user() -> Result<Option<(u32, u32)>, String> {
    let id = said(Command::new("id").arg("-u"))?;
    if String::from_utf8_lossy(&id.stdout).trim() != "0" {
        return Ok(None);
    }
    let users = std::fs::read_to_string("/etc/passwd").map_err(|error| format!("/etc/passwd: {error}"))?;
    let ids = |name: &str| {
        let line = users.lines().find(|line| line.split(':').next() == Some(name))?;
        let mut fields = line.split(':').skip(2);
        Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
    };
    let found: Option<(u32, u32)> = ids("postgres").or_else(|| ids("nobody"));
    found.map(Some).ok_or_else(|| "Postgres does not start as root, and there is no other user".to_owned())
}

fn as_user(program: &Path, user: Option<(u32, u32)>) -> Command {
    let mut command = Command::new(program);
    if let Some((uid, gid)) = user {
        command.uid(uid).gid(gid);
    }
    command
}

/// The output of a program that succeeded.
fn said(command: &mut Command) -> Result<Output, String> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("{}: {error}", command.get_program().to_string_lossy()))?;
    if output.status.success() {
        return Ok(output);
    }
    let words = String::from_utf8_lossy(&output.stderr);
    Err(format!("{}: {}", command.get_program().to_string_lossy(), words.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_database_of_a_url_is_replaced() {
        assert_eq!(
            with_database("postgres://me@host:5/x?sslmode=require", "y"),
            "postgres://me@host:5/y?sslmode=require"
        );
        assert_eq!(with_database("postgres://me@host", "y"), "postgres://me@host/y");
    }

    #[test]
    fn a_server_starts_and_takes_databases() {
        let Some(cluster) = for_test() else { return };
        let url = cluster.database("first").expect("a database");
        assert!(url.ends_with("_first"), "{url}");
        let name = url.rsplit('/').next().unwrap_or_default().to_owned();
        assert_eq!(cluster.run(&name, "create table t (a int)"), Ok(()));
        assert!(cluster.run(&name, "create table t (a int)").is_err());
    }
}
