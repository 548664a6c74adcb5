//! A project: a folder with `baseq.toml`, its lock file, queries and policy.
//!
//! The folder is found upwards from the file that is asked about, as git finds its own. Without one, a
//! file is checked against the standard model with nothing pinned. Settings hold no secrets.

use crate::codes::{SECRET, SETTINGS, WAREHOUSE};
use crate::trouble::{Kind, Result, Trouble};
use serde::Deserialize;
use sql::Dialect;
use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

/// The file that makes a folder a project.
pub const SETTINGS_FILE: &str = "baseq.toml";
/// The lock file beside it.
pub const LOCK_FILE: &str = "baseq.lock";
/// The folder beside it that holds the pinned vocabularies, one file each.
pub const PINS: &str = ".baseq/pins";
/// The steward's log of engine messages.
pub const ENGINE_LOG: &str = ".baseq/engine.log";

/// A project's folder and what its settings say.
#[derive(Clone, Debug)]
pub struct Project {
    /// The folder of `baseq.toml`; absolute.
    pub root: PathBuf,
    /// What it says.
    pub settings: Settings,
    /// Whether there is a `baseq.toml`; without one the settings are the defaults.
    pub declared: bool,
}

/// `baseq.toml`
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// The name of a model of the standard library, or the path of a model file.
    pub model: String,
    /// Policy files: paths, of which the last part may hold one `*`.
    pub policy: Vec<String>,
    /// The audit log.
    pub audit: PathBuf,
    /// Warnings of the whole project.
    pub lint: LintSettings,
    /// Warehouses by name.
    pub warehouse: BTreeMap<String, WarehouseSettings>,
    /// Values of parameters for all programs of the project.
    pub params: toml::Table,
}

/// `[lint]`
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LintSettings {
    /// Codes of warnings that are not given.
    pub allow: Vec<String>,
    /// Codes of warnings that end a check with 1, or `warnings` for all.
    pub deny: Vec<String>,
}

/// `[warehouse.NAME]`
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WarehouseSettings {
    /// `duckdb:PATH`, relative to the project, or `postgres://USER@HOST:PORT/DATABASE` without a password.
    pub url: String,
    /// How many seconds a statement may run on a server; an hour where it is not said.
    pub timeout: Option<u32>,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            model: "genomics".into(),
            policy: vec!["policy/*.bq".into()],
            audit: "audit.jsonl".into(),
            lint: LintSettings::default(),
            warehouse: BTreeMap::new(),
            params: toml::Table::new(),
        }
    }
}

/// Where a warehouse is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    /// A DuckDB file.
    DuckDb(PathBuf),
    /// A database of a Postgres server.
    Postgres {
        /// Where it is; holds no password.
        url: String,
        /// How many seconds a statement may run.
        timeout: u32,
    },
}

/// An hour.
const TIMEOUT: u32 = 3600;

/// The longest limit that a Postgres server takes, 24 days, in seconds.
const MOST: u32 = 2_147_483;

impl Location {
    /// The engine.
    pub fn dialect(&self) -> Dialect {
        match self {
            Location::DuckDb(_) => Dialect::DuckDb,
            Location::Postgres { .. } => Dialect::Postgres,
        }
    }
}

/// Whether a URL holds a password: before the host, or as an option.
fn has_password(url: &str) -> bool {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    // As the client reads it: who connects stands before the first `@`, whatever signs are in it.
    let (user, rest) = rest.split_once('@').unwrap_or(("", rest));
    let options = rest.split_once('?').map_or("", |(_, options)| options);
    // A name of an option may be written with `%`, so that one that is not plain is taken for this one.
    user.contains(':')
        || options
            .split('&')
            .filter_map(|option| option.split('=').next())
            .any(|name| name.eq_ignore_ascii_case("password") || name.contains('%'))
}

impl Project {
    /// The project of a file or folder: the nearest folder at or above it with a `baseq.toml`; where
    /// there is none, the folder itself with default settings.
    ///
    /// # Errors
    /// The settings cannot be read or are not settings.
    pub fn find(from: &Path) -> Result<Project> {
        let from = std::path::absolute(from)
            .map_err(|error| Trouble::new(Kind::Usage, SETTINGS, format!("{}: {error}", from.display())))?;
        let folder = if from.is_dir() { from.as_path() } else { from.parent().unwrap_or(&from) };
        match folder.ancestors().find(|folder| folder.join(SETTINGS_FILE).is_file()) {
            Some(root) => Project::open(root),
            None => Ok(Project { root: plain(folder), settings: Settings::default(), declared: false }),
        }
    }

    /// The project in this very folder.
    ///
    /// # Errors
    /// There is no `baseq.toml`, or it is not one.
    pub fn open(root: &Path) -> Result<Project> {
        let path = root.join(SETTINGS_FILE);
        let bad =
            |reason: String| Trouble::new(Kind::Usage, SETTINGS, format!("{}: {reason}", path.display()));
        let text = std::fs::read_to_string(&path)
            .map_err(|error| bad(error.to_string()).help("`baseq init` makes a project"))?;
        let settings = toml::from_str(&text).map_err(|error: toml::de::Error| bad(at_line(&text, &error)))?;
        let root = std::path::absolute(root).map_err(|error| bad(error.to_string()))?;
        Ok(Project { root: plain(&root), settings, declared: true })
    }

    /// Where the warehouse is that `chosen` names: a name of the settings or a URL; without it, the only
    /// one, or the one called `main`.
    ///
    /// # Errors
    /// There is none, none of that name, or the URL is of no engine that is built in.
    pub fn warehouse(&self, chosen: Option<&str>) -> Result<Location> {
        let known = &self.settings.warehouse;
        let names = || known.keys().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        let bad = |message: String| Trouble::new(Kind::Usage, WAREHOUSE, message);
        match chosen {
            Some(url) if url.contains(':') => self.location(url, None),
            Some(name) => match known.get(name) {
                Some(found) => self.location(&found.url, found.timeout),
                None if known.is_empty() => {
                    Err(bad(format!("there is no warehouse `{name}`; `{SETTINGS_FILE}` names none")))
                }
                None => Err(bad(format!("there is no warehouse `{name}`; there is {}", names()))),
            },
            None => match (known.get("main"), known.len()) {
                (Some(main), _) => self.location(&main.url, main.timeout),
                (None, 1) => known.values().next().map_or_else(|| Err(bad(String::new())), |only| self.location(&only.url, only.timeout)),
                (None, 0) => Err(bad("no warehouse is named".into()).help(format!(
                    "add `[warehouse.main]` with `url = \"duckdb:warehouse.duckdb\"` to `{SETTINGS_FILE}`, or give `--warehouse duckdb:PATH`"
                ))),
                (None, _) => Err(bad(format!("there are several warehouses: {}", names())).help("choose one with `--warehouse NAME`")),
            },
        }
    }

    fn location(&self, url: &str, timeout: Option<u32>) -> Result<Location> {
        match url.split_once(':') {
            Some(("postgres" | "postgresql", _)) if has_password(url) => {
                Err(Trouble::new(Kind::Usage, SECRET, "the address of a warehouse holds a password").help(
                    "leave it out, and set PGPASSWORD or add a line `HOST:PORT:DATABASE:USER:PASSWORD` to `~/.pgpass`",
                ))
            }
            Some(("postgres" | "postgresql", rest)) if rest.starts_with("//") => {
                let timeout = timeout.unwrap_or(TIMEOUT);
                // The server takes 0 for no limit at all.
                if timeout == 0 || timeout > MOST {
                    let message = format!("`timeout` is {timeout}; a statement may run 1 to {MOST} seconds");
                    return Err(Trouble::new(Kind::Usage, WAREHOUSE, message)
                        .help("write the seconds of the longest question, or leave `timeout` out for an hour"));
                }
                Ok(Location::Postgres { url: url.to_owned(), timeout })
            }
            Some(("duckdb", path)) if !path.is_empty() => Ok(Location::DuckDb(self.root.join(path))),
            _ => Err(Trouble::new(
                Kind::Usage,
                WAREHOUSE,
                // What stands before an `@` may be a password.
                match url.rsplit_once('@') {
                    Some((_, rest)) => format!("the address at `{rest}` is not one of a warehouse"),
                    None => format!("`{url}` is not the address of a warehouse"),
                },
            )
            .help("an address is `duckdb:PATH` or `postgres://USER@HOST:PORT/DATABASE`")),
        }
    }

    /// The policy files that the settings name, sorted by path.
    ///
    /// # Errors
    /// A folder cannot be read. A pattern that matches nothing is no error.
    pub fn policy_files(&self) -> Result<Vec<PathBuf>> {
        let mut found = Vec::new();
        for pattern in &self.settings.policy {
            let path = self.root.join(pattern);
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            let Some((before, after)) = name.split_once('*') else {
                found.push(path);
                continue;
            };
            let folder = path.parent().unwrap_or(&self.root);
            let Ok(entries) = std::fs::read_dir(folder) else { continue };
            for entry in entries {
                let entry = entry.map_err(|error| {
                    Trouble::new(Kind::Usage, SETTINGS, format!("{}: {error}", folder.display()))
                })?;
                let name = entry.file_name().to_string_lossy().into_owned();
                if name.len() >= before.len() + after.len()
                    && name.starts_with(before)
                    && name.ends_with(after)
                {
                    found.push(entry.path());
                }
            }
        }
        found.sort();
        found.dedup();
        Ok(found)
    }

    /// A path of the project as people read it: relative to the project where it lies in it.
    pub fn shown(&self, path: &Path) -> String {
        path.strip_prefix(&self.root).unwrap_or(path).display().to_string()
    }
}

/// A path without `.` and `..`, by its words alone.
pub(crate) fn plain(path: &Path) -> PathBuf {
    let mut made = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                made.pop();
            }
            Component::Prefix(_) | Component::RootDir | Component::Normal(_) => made.push(part),
        }
    }
    made
}

/// The reason of a TOML error with its line.
fn at_line(text: &str, error: &toml::de::Error) -> String {
    let line =
        error.span().and_then(|span| text.get(..span.start)).map(|before| before.matches('\n').count() + 1);
    match line {
        Some(line) => format!("line {line}: {}", error.message()),
        None => error.message().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn project(settings: &str) -> (tempfile::TempDir, Result<Project>) {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(SETTINGS_FILE), settings).unwrap();
        let project = Project::find(&folder.path().join("queries/deep/file.bq"));
        (folder, project)
    }

    #[test]
    fn a_project_is_found_upwards() {
        let (folder, project) = project("[warehouse.main]\nurl = \"duckdb:w.duckdb\"\n");
        let project = project.unwrap();
        assert!(project.declared);
        assert_eq!(project.warehouse(None).unwrap(), Location::DuckDb(folder.path().join("w.duckdb")));
        assert!(project.warehouse(Some("other")).is_err());
        assert!(project.warehouse(Some("mysql:x")).is_err());
    }

    #[test]
    fn a_server_is_a_warehouse_and_its_password_is_no_setting() {
        let (_folder, project) = project("[warehouse.main]\nurl = \"postgres://me@host/db\"\ntimeout = 60\n");
        let project = project.unwrap();
        let url = "postgres://me@host/db".to_owned();
        assert_eq!(project.warehouse(None).unwrap(), Location::Postgres { url, timeout: 60 });
        for wrong in ["0", "2147484"] {
            let text = format!("[warehouse.main]\nurl = \"postgres://me@host/db\"\ntimeout = {wrong}\n");
            let (_folder, project) = self::project(&text);
            let trouble = project.unwrap().warehouse(None).unwrap_err();
            assert!(trouble.diagnostics[0].message.contains(wrong), "{:?}", trouble.diagnostics);
        }
        for url in [
            "postgres://me:secret@host/db",
            "postgres://me:se/secret@host/db",
            "postgres://me:se?secret@host/db",
            "postgres://host/db?password=secret",
            "postgres://host/db?pass%77ord=secret",
        ] {
            let refused = project.warehouse(Some(url)).unwrap_err().diagnostics.remove(0);
            assert_eq!(refused.code, SECRET);
            assert!(!format!("{refused:?}").contains("secret"), "{refused:?}");
        }
        assert!(project.warehouse(Some("postgres:db")).is_err());
    }

    #[test]
    fn mistakes_in_the_settings_are_told_with_their_line() {
        let (_folder, project) = project("model = \"genomics\"\npolicies = []\n");
        let trouble = project.unwrap_err();
        let message = &trouble.diagnostics[0].message;
        assert!(message.contains("line 2") && message.contains("policies"), "{message}");
    }

    #[test]
    fn policy_files_by_pattern() {
        let (folder, project) = project("policy = [\"rules/*.bq\"]\n");
        std::fs::create_dir(folder.path().join("rules")).unwrap();
        for name in ["b.bq", "a.bq", "notes.md"] {
            std::fs::write(folder.path().join("rules").join(name), "").unwrap();
        }
        let project = project.unwrap();
        let shown: Vec<String> =
            project.policy_files().unwrap().iter().map(|path| project.shown(path)).collect();
        assert_eq!(shown, ["rules/a.bq", "rules/b.bq"]);
    }
}
