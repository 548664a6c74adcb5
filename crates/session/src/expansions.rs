//! The named sets of codes of a project: pinned when the lock file is written, compared when a file is checked.

use crate::codes::CODES_MOVED;
use crate::lock::expansion::{self, Expansion};
use crate::lock::{self, hash};
use crate::project::Project;
use crate::session::Session;
use crate::trouble::{Result, Trouble};
use diag::Diagnostic;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use text::Files;
use types::Query;

/// Codes by file and name.
type Pinned = BTreeMap<(String, String), BTreeSet<String>>;

impl Session {
    /// The named sets of a program.
    pub(crate) fn expansions(&self, path: &Path, query: &Query, files: &Files) -> Vec<Expansion> {
        let listed = |system: &str| self.vocabulary.listed(system);
        let set = |set: &types::CodeSet| Expansion {
            file: self.project.shown(path),
            name: set.name.clone(),
            written: hash(words(files.slice(set.range)).as_bytes()),
            codes: expansion::expanded(&set.tests, &listed),
        };
        query.code_sets.iter().map(set).collect()
    }

    /// A warning for each set whose words are as they were when the lock file was written, and that means other codes.
    pub(crate) fn moved_sets(&self, path: &Path, query: &Query, files: &Files) -> Result<Vec<Diagnostic>> {
        let Some(lock) = self.lock.as_ref().filter(|lock| !lock.codes.is_empty()) else {
            return Ok(Vec::new());
        };
        let mut warnings = Vec::new();
        let mut pinned: Option<Pinned> = None;
        for (set, of) in self.expansions(path, query, files).into_iter().zip(&query.code_sets) {
            let known = lock.codes.iter().find(|known| known.file == set.file && known.name == set.name);
            let now = set.lock();
            let Some(known) =
                known.filter(|known| known.written == now.written && known.sha256 != now.sha256)
            else {
                continue;
            };
            let sets = match &pinned {
                Some(sets) => sets,
                None => pinned.insert(pinned_sets(&self.project, lock)?),
            };
            let before = sets.get(&(set.file.clone(), set.name.clone())).cloned().unwrap_or_default();
            warnings.push(
                Diagnostic::warning(
                    CODES_MOVED,
                    format!("`{}` means other codes than when the lock file was written", set.name),
                    of.range,
                    format!("{} codes now, {} then", now.count, known.count),
                )
                .note(set.moved(&before).words(&self.vocabulary))
                .help("look at them; `baseq schema pull` takes them into the lock file"),
            );
        }
        Ok(warnings)
    }

    /// The named sets of all programs of the project, sorted. Programs that cannot be read are for the check of them to
    /// complain about.
    pub(crate) fn all_expansions(&self) -> Result<Vec<Expansion>> {
        let mut paths = Vec::new();
        programs(&self.project.root, &mut paths);
        paths.sort();
        let mut sets = Vec::new();
        for path in paths.iter().filter(|path| !self.is_policy(path) && !self.is_model(path)) {
            let Ok(text) = crate::sources::read_text(path) else { continue };
            let (query, files) = self.query_of(path, &text)?;
            sets.extend(self.expansions(path, &query, &files));
        }
        sets.sort_by(|a, b| (&a.file, &a.name).cmp(&(&b.file, &b.name)));
        // A name that stands twice in a file is an error of that file.
        sets.dedup_by(|a, b| a.file == b.file && a.name == b.name);
        Ok(sets)
    }

    /// A program, checked as far as it can be.
    fn query_of(&self, path: &Path, text: &str) -> Result<(Query, Files)> {
        let mut files = self.files.clone();
        let main = files.add(path.display().to_string(), text);
        let (parsed, mut unheard) = syntax::parse(main, text);
        let open = crate::editor::Open::new();
        let sources = crate::sources::read(&self.project, path, &parsed, &open, &mut files, &mut unheard);
        let params = crate::params::with_settings(&self.project, &BTreeMap::new())?;
        let input = types::Input {
            model: &self.model,
            vocabulary: &self.vocabulary,
            main: &parsed,
            library: &self.library,
            imports: &sources.imports,
            code_files: &sources.code_files,
            params: &params,
        };
        let (query, _) = types::check(&input);
        self.vocabulary.damage()?;
        Ok((query, files))
    }

    /// What moved in the named sets since an older lock file, a line each.
    pub(crate) fn moved_since(&self, old: &lock::Lock, before: &Pinned, sets: &[Expansion]) -> Vec<String> {
        let mut lines = Vec::new();
        let (mut new, mut kept) = (0, BTreeSet::new());
        for set in sets {
            let key = (set.file.clone(), set.name.clone());
            let known = old.codes.iter().find(|known| known.file == set.file && known.name == set.name);
            let Some(known) = known else {
                new += 1;
                continue;
            };
            kept.insert(key.clone());
            let now = set.lock();
            if known.sha256 == now.sha256 {
                continue;
            }
            let moved =
                before.get(&key).map_or_else(String::new, |before| set.moved(before).words(&self.vocabulary));
            lines.push(format!(
                "code set {} ({}): {} codes became {}: {moved}",
                set.name, set.file, known.count, now.count
            ));
        }
        if new > 0 {
            lines.push(format!("code sets: {new} pinned for the first time"));
        }
        let is_gone = |known: &&lock::CodesLock| !kept.contains(&(known.file.clone(), known.name.clone()));
        for known in old.codes.iter().filter(is_gone) {
            lines.push(format!("code set {} ({}): is gone", known.name, known.file));
        }
        lines
    }
}

/// The pinned codes of a lock file.
pub(crate) fn pinned_sets(project: &Project, lock: &lock::Lock) -> Result<Pinned> {
    let Some(pinned) = &lock.expansions else { return Ok(Pinned::new()) };
    let bytes = lock::read_pin(project, &pinned.pin, &pinned.sha256)?;
    let damaged = |_| -> Trouble { lock::damaged(&project.root.join(&pinned.pin), "this is no text") };
    Ok(expansion::read(&String::from_utf8(bytes).map_err(damaged)?))
}

/// The words of an item, without regard to white space.
fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// All `.bq` files below a folder; hidden ones and links are passed over.
fn programs(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        let hidden = entry.file_name().to_string_lossy().starts_with('.');
        let kind = entry.file_type().ok();
        if hidden || kind.is_some_and(|kind| kind.is_symlink()) {
            continue;
        }
        if kind.is_some_and(|kind| kind.is_dir()) {
            programs(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "bq") {
            found.push(path);
        }
    }
}
