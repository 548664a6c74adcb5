//! Open projects and what was worked out for their texts.
//!
//! A project is opened once and again when a file of it changed on the disk, or when the day did: the day
//! of use is part of what an agreement allows. An analysis is kept until its text or any other changes.

use crate::documents::{Document, Snapshot};
use ide::View;
use session::{Analysis, Clock, Open, Project, Session};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// A text with all that is known of it.
pub(crate) struct Analysed {
    pub(crate) session: Arc<Session>,
    pub(crate) path: PathBuf,
    pub(crate) document: Document,
    pub(crate) open: Arc<Open>,
    pub(crate) analysis: Analysis,
}

impl Analysed {
    pub(crate) fn view(&self) -> View<'_> {
        View {
            session: &self.session,
            path: &self.path,
            text: &self.document.text,
            open: &self.open,
            analysis: &self.analysis,
        }
    }
}

/// A project as it was opened.
struct Opened {
    session: Arc<Session>,
    revision: u64,
    day: String,
}

/// All that is open.
#[derive(Default)]
pub(crate) struct Projects {
    opened: Mutex<BTreeMap<PathBuf, Opened>>,
    analysed: Mutex<BTreeMap<PathBuf, (u64, Arc<Analysed>)>>,
}

impl Projects {
    /// The project of a file, in words why there is none.
    pub(crate) fn session(&self, path: &Path, snapshot: &Snapshot) -> Result<Arc<Session>, String> {
        let folder = path.parent().unwrap_or(path);
        let project = Project::find(folder).map_err(|trouble| words(&trouble))?;
        let day = Clock::now().used_on.to_string();
        let mut opened = lock(&self.opened);
        if let Some(known) = opened.get(&project.root)
            && known.revision >= snapshot.disk
            && known.day == day
        {
            return Ok(Arc::clone(&known.session));
        }
        let root = project.root.clone();
        let session = Arc::new(Session::open(project).map_err(|trouble| words(&trouble))?);
        opened.insert(root, Opened { session: Arc::clone(&session), revision: snapshot.revision, day });
        Ok(session)
    }

    /// A text of a program, checked.
    pub(crate) fn analysed(&self, path: &Path, snapshot: &Snapshot) -> Result<Arc<Analysed>, String> {
        if let Some((revision, known)) = lock(&self.analysed).get(path)
            && *revision == snapshot.revision
        {
            return Ok(Arc::clone(known));
        }
        let document = snapshot.document(path).ok_or_else(|| format!("{} cannot be read", path.display()))?;
        let session = self.session(path, snapshot)?;
        let open = Arc::new(snapshot.open());
        let analysis = session.analyse(path, &document.text, &open).map_err(|trouble| words(&trouble))?;
        let analysed = Arc::new(Analysed { session, path: path.to_owned(), document, open, analysis });
        let mut all = lock(&self.analysed);
        // What nobody has open is not worth keeping.
        all.retain(|path, _| snapshot.documents.contains_key(path));
        all.insert(path.to_owned(), (snapshot.revision, Arc::clone(&analysed)));
        Ok(analysed)
    }

    /// All programs of the project of a file, the open ones as they stand in the editor.
    pub(crate) fn programs(&self, path: &Path, snapshot: &Snapshot) -> Vec<PathBuf> {
        let Ok(session) = self.session(path, snapshot) else { return Vec::new() };
        programs_below(&session.project().root)
    }
}

/// The `.bq` files below a folder, hidden folders and links left out, sorted.
pub(crate) fn programs_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for entry in entries.flatten() {
            let hidden = entry.file_name().to_string_lossy().starts_with('.');
            let Ok(kind) = entry.file_type() else { continue };
            if hidden || kind.is_symlink() {
                continue;
            }
            let path = entry.path();
            if kind.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "bq") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// What a trouble says, in one line.
pub(crate) fn words(trouble: &session::Trouble) -> String {
    trouble.diagnostics.first().map_or_else(String::new, |diagnostic| {
        let help = diagnostic.helps.first().map_or_else(String::new, |help| format!(" ({help})"));
        format!("{}{help}", diagnostic.message)
    })
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
