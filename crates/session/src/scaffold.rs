//! A new project: `baseq init`.

use crate::codes::SETTINGS;
use crate::project::{LOCK_FILE, SETTINGS_FILE};
use crate::trouble::{Kind, Result, Trouble};
use std::path::{Path, PathBuf};

const SETTINGS_TEXT: &str = "\
# What this project asks, and of which warehouse. Paths are relative to this file.
model = \"genomics\"           # a model of the standard library, or a path to a model file
policy = [\"policy/*.bq\"]     # drafts of the steward; what counts is what `baseq policy install` installed
audit = \"audit.jsonl\"        # who asked what, and what became of it

[warehouse.main]
url = \"duckdb:warehouse.duckdb\"
";

const GITIGNORE: &str = "\
# Data stays out of git; baseq.lock and .baseq/pins belong in it.
*.duckdb
*.duckdb.wal
audit.jsonl
.baseq/*
!.baseq/pins/
";

const HOOK: &str = "\
# Checks every query before it is committed: https://pre-commit.com
repos:
  - repo: local
    hooks:
      - id: baseq-check
        name: baseq check
        entry: baseq check
        language: system
        files: \\.bq$
        exclude: ^policy/
";

const EXAMPLE: &str = "\
--| How many people of each sex the warehouse holds, as far as they consent.
use agreement \"EXAMPLE\"
as of 2026-01-01

table by_sex =
  from subjects
  group by sex
  show people = count(subjects)
";

const POLICY: &str = "\
--| What the recipient of this agreement may do. The steward signs it: baseq policy install
agreement \"EXAMPLE\" version 1 {
  recipient \"Example hospital\"
  purpose   GENERAL
  valid     2026-01-01 until 2030-01-01
  may test  subject (sex, birth_date)
  may show  sex, band(age, 10 years)
  level     aggregate
  release   { min subjects 10, round to 5 }
  formats   csv
}
";

/// Makes a project in `folder`, which is made where it is missing; gives the paths that were written.
///
/// # Errors
/// There is a project already, or a file of one; then nothing is written. A file cannot be written.
pub fn init(folder: &Path) -> Result<Vec<PathBuf>> {
    let fail = |path: &Path, reason: String| {
        Trouble::new(Kind::Usage, SETTINGS, format!("{}: {reason}", path.display()))
    };
    let files = [
        (SETTINGS_FILE, SETTINGS_TEXT),
        (".gitignore", GITIGNORE),
        (".pre-commit-config.yaml", HOOK),
        ("queries/by_sex.bq", EXAMPLE),
        ("policy/example.bq", POLICY),
    ];
    if folder.join(LOCK_FILE).exists() {
        return Err(fail(
            &folder.join(LOCK_FILE),
            "this is a project already, and nothing was written".into(),
        ));
    }
    for (name, _) in files {
        let path = folder.join(name);
        if path.exists() {
            return Err(fail(&path, "this file is there already, and nothing was written".into()));
        }
    }
    let mut written = Vec::new();
    for (name, text) in files {
        let path = folder.join(name);
        let parent = path.parent().unwrap_or(folder);
        std::fs::create_dir_all(parent).map_err(|error| fail(parent, error.to_string()))?;
        std::fs::write(&path, text).map_err(|error| fail(&path, error.to_string()))?;
        written.push(path);
    }
    Ok(written)
}
