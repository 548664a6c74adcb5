//! The lock file: what a project stands on, by hash, so that checking needs only files and the same
//! text means the same next year.
//!
//! `baseq.lock` is the head: TOML, sorted, readable in a review. The bulk lies beside it in
//! `.baseq/pins/`, one file per vocabulary ([`pin`]) and per policy file; a file's name holds the
//! beginning of its hash, and the head the whole of it. Both belong in git. A pin is read when the
//! first code of its system is asked about, and compared with its hash then. Nothing here talks to a
//! warehouse.

pub(crate) mod expansion;
pub(crate) mod pin;

pub use expansion::CodesLock;

use crate::codes::LOCK;
use crate::project::{LOCK_FILE, PINS, Project};
use crate::trouble::{Kind, Result, Trouble};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// The form of the lock file that this version writes and reads.
const FORMAT: u32 = 1;

/// The head of the lock file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lock {
    /// The form of the file.
    pub format: u32,
    /// The warehouse.
    pub warehouse: Warehouse,
    /// The policy that is installed in it; none where none is.
    pub policy: Option<Policy>,
    /// Genes by symbol; none where none are loaded.
    pub genes: Option<Pinned>,
    /// HGVS names and rs numbers that the project's files use, with their alleles.
    pub alleles: Option<Pinned>,
    /// The codes of all named sets, in one file; none where no file names a set.
    pub expansions: Option<Pinned>,
    /// Ontologies and code tables, sorted by system.
    #[serde(default)]
    pub ontology: Vec<OntologyLock>,
    /// The named sets of codes of the project's files, sorted by file and name.
    #[serde(default)]
    pub codes: Vec<CodesLock>,
}

/// The warehouse as it was.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Warehouse {
    /// Name and version of the model: `genomics 1`.
    pub model: String,
    /// SHA-256 of all tables with their columns and types.
    pub schema: String,
    /// The genome builds of its call sets, sorted.
    pub builds: Vec<String>,
}

/// The installed policy.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// SHA-256 of the whole policy.
    pub sha256: String,
    /// Agreements with their versions, for people: `HEART-24 version 3`.
    pub agreements: Vec<String>,
    /// Its files, sorted by name.
    pub file: Vec<PolicyFile>,
}

/// A file of the policy.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyFile {
    /// Its name.
    pub name: String,
    /// The file in the folder of pins.
    pub pin: String,
    /// SHA-256 of its bytes.
    pub sha256: String,
}

/// A list that is pinned in one file.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pinned {
    /// The number of its entries.
    pub count: u64,
    /// The file in the folder of pins.
    pub pin: String,
    /// SHA-256 of its bytes.
    pub sha256: String,
    /// SHA-256 of the log of what was loaded when names of alleles were looked up.
    pub loaded: Option<String>,
}

/// A pinned release of an ontology or a table of codes.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OntologyLock {
    /// The system: `HP`.
    pub system: String,
    /// The release.
    pub version: String,
    /// The number of its terms.
    pub terms: u64,
    /// SHA-256 of the text that the warehouse read.
    pub source: String,
    /// The file in the folder of pins.
    pub pin: String,
    /// SHA-256 of its bytes.
    pub sha256: String,
}

/// A file of the folder of pins that is to be written.
#[derive(Clone, Debug)]
pub(crate) struct PinFile {
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
    pub(crate) sha256: String,
}

impl PinFile {
    /// A file whose name is `stem`, the beginning of its hash, and `ending`.
    pub(crate) fn new(stem: &str, ending: &str, bytes: Vec<u8>) -> PinFile {
        let sha256 = hash(&bytes);
        let safe = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_') { c } else { '_' };
        let stem: String = stem.chars().map(safe).collect();
        PinFile { name: format!("{stem}-{}.{ending}", sha256.get(..12).unwrap_or("")), bytes, sha256 }
    }
}

/// SHA-256 in lower-case hexadecimal.
pub(crate) fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

impl Lock {
    /// The lock of a project; `None` where there is none yet.
    ///
    /// # Errors
    /// The file cannot be read, is no lock, or is of another form.
    pub fn read(project: &Project) -> Result<Option<Lock>> {
        let path = project.root.join(LOCK_FILE);
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(damaged(&path, &error.to_string())),
        };
        let lock: Lock = toml::from_str(&text).map_err(|error| damaged(&path, error.message()))?;
        if lock.format != FORMAT {
            return Err(damaged(
                &path,
                &format!("it has form {}, and this version reads form {FORMAT}", lock.format),
            ));
        }
        Ok(Some(lock))
    }

    /// Writes the pins, then the head, then removes pins that nothing names any more. A stop in between
    /// leaves the old lock whole.
    ///
    /// # Errors
    /// A file cannot be written.
    pub(crate) fn write(&self, project: &Project, pins: &[PinFile]) -> Result<()> {
        let folder = project.root.join(PINS);
        let fail = |path: &Path, error: &std::io::Error| {
            Trouble::new(Kind::Usage, LOCK, format!("{}: {error}", path.display()))
        };
        std::fs::create_dir_all(&folder).map_err(|error| fail(&folder, &error))?;
        for pin in pins {
            let path = folder.join(&pin.name);
            replace(&path, &pin.bytes).map_err(|error| fail(&path, &error))?;
        }
        let path = project.root.join(LOCK_FILE);
        replace(&path, self.text().as_bytes()).map_err(|error| fail(&path, &error))?;
        let entries = std::fs::read_dir(&folder).map_err(|error| fail(&folder, &error))?;
        for entry in entries.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if !pins.iter().any(|pin| pin.name == name) {
                std::fs::remove_file(entry.path()).map_err(|error| fail(&entry.path(), &error))?;
            }
        }
        Ok(())
    }

    /// The file's text; equal locks give equal texts.
    pub fn text(&self) -> String {
        let mut text = String::from(
            "# Written by `baseq schema pull`; not to be edited. It belongs in git together with .baseq/pins,\n\
             # so that checking needs no warehouse.\n",
        );
        let quoted = |text: &str| serde_json::Value::from(text).to_string();
        let list = |all: &[String]| serde_json::Value::from(all.to_vec()).to_string();
        let _ = writeln!(text, "format = {}\n\n[warehouse]", self.format);
        let _ = writeln!(text, "model = {}", quoted(&self.warehouse.model));
        let _ = writeln!(text, "schema = {}", quoted(&self.warehouse.schema));
        let _ = writeln!(text, "builds = {}", list(&self.warehouse.builds));
        if let Some(policy) = &self.policy {
            let _ = writeln!(text, "\n[policy]\nsha256 = {}", quoted(&policy.sha256));
            let _ = writeln!(text, "agreements = {}", list(&policy.agreements));
            for file in &policy.file {
                let _ = writeln!(text, "\n[[policy.file]]\nname = {}", quoted(&file.name));
                let _ = writeln!(text, "pin = {}\nsha256 = {}", quoted(&file.pin), quoted(&file.sha256));
            }
        }
        let lists = [("genes", &self.genes), ("alleles", &self.alleles), ("expansions", &self.expansions)];
        for (name, pinned) in lists {
            if let Some(pinned) = pinned {
                let _ = writeln!(text, "\n[{name}]\ncount = {}", pinned.count);
                let _ = writeln!(text, "pin = {}\nsha256 = {}", quoted(&pinned.pin), quoted(&pinned.sha256));
                if let Some(loaded) = &pinned.loaded {
                    let _ = writeln!(text, "loaded = {}", quoted(loaded));
                }
            }
        }
        for ontology in &self.ontology {
            let _ = writeln!(text, "\n[[ontology]]\nsystem = {}", quoted(&ontology.system));
            let _ = writeln!(text, "version = {}\nterms = {}", quoted(&ontology.version), ontology.terms);
            let _ = writeln!(text, "source = {}", quoted(&ontology.source));
            let _ = writeln!(text, "pin = {}\nsha256 = {}", quoted(&ontology.pin), quoted(&ontology.sha256));
        }
        for set in &self.codes {
            let _ = writeln!(text, "\n[[codes]]\nfile = {}\nname = {}", quoted(&set.file), quoted(&set.name));
            let _ = writeln!(text, "written = {}\ncount = {}", quoted(&set.written), set.count);
            let _ = writeln!(text, "sha256 = {}", quoted(&set.sha256));
        }
        text
    }

    /// What is different in `new`, a line each, for people; empty where nothing is.
    pub fn changes(&self, new: &Lock) -> Vec<String> {
        let mut changes = Vec::new();
        let mut say = |what: &str, old: Option<&str>, new: Option<&str>| match (old, new) {
            (Some(old), Some(new)) if old != new => changes.push(format!("{what}: {old} became {new}")),
            (Some(old), None) => changes.push(format!("{what}: {old} is gone")),
            (None, Some(new)) => changes.push(format!("{what}: {new} is new")),
            (Some(_), Some(_)) | (None, None) => {}
        };
        let some = |text: &'_ str| (!text.is_empty()).then(|| text.to_owned());
        let builds = |lock: &Lock| some(&lock.warehouse.builds.join(", "));
        say("model", some(&self.warehouse.model).as_deref(), some(&new.warehouse.model).as_deref());
        let short = |hash: &str| some(hash.get(..12).unwrap_or(hash));
        say("tables", short(&self.warehouse.schema).as_deref(), short(&new.warehouse.schema).as_deref());
        say("builds", builds(self).as_deref(), builds(new).as_deref());
        let policy = |lock: &Lock| {
            let policy = lock.policy.as_ref()?;
            Some(format!("{} ({})", policy.agreements.join(", "), policy.sha256.get(..12).unwrap_or("")))
        };
        say("policy", policy(self).as_deref(), policy(new).as_deref());
        let count = |pinned: &Option<Pinned>| {
            pinned
                .as_ref()
                .map(|pinned| format!("{} ({})", pinned.count, pinned.sha256.get(..12).unwrap_or("")))
        };
        say("genes", count(&self.genes).as_deref(), count(&new.genes).as_deref());
        say("named alleles", count(&self.alleles).as_deref(), count(&new.alleles).as_deref());
        let of = |lock: &Lock, system: &str| {
            let found = lock.ontology.iter().find(|ontology| ontology.system == system)?;
            Some(format!(
                "{}, {} terms ({})",
                found.version,
                found.terms,
                found.sha256.get(..12).unwrap_or("")
            ))
        };
        let mut systems: Vec<&str> =
            self.ontology.iter().chain(&new.ontology).map(|ontology| ontology.system.as_str()).collect();
        systems.sort_unstable();
        systems.dedup();
        for system in systems {
            say(system, of(self, system).as_deref(), of(new, system).as_deref());
        }
        changes
    }
}

/// The bytes of a pin, compared with their hash.
///
/// # Errors
/// The file is missing or is not the one that was pinned.
pub(crate) fn read_pin(project: &Project, name: &str, sha256: &str) -> Result<Vec<u8>> {
    let path = project.root.join(PINS).join(name);
    // The name comes from a file; it must not lead elsewhere.
    if name.contains(['/', '\\']) || name.starts_with('.') {
        return Err(damaged(&path, "this is no name of a pin"));
    }
    let bytes = std::fs::read(&path).map_err(|error| damaged(&path, &error.to_string()))?;
    if hash(&bytes) != sha256 {
        return Err(damaged(&path, "it is not the file that the lock names"));
    }
    Ok(bytes)
}

pub(crate) fn damaged(path: &Path, reason: &str) -> Trouble {
    Trouble::new(Kind::Usage, LOCK, format!("{}: {reason}", path.display()))
        .help("`baseq schema pull` writes the lock file and its pins anew")
}

/// A form of lock that holds what is given and has the current format.
pub(crate) fn lock_of(warehouse: Warehouse) -> Lock {
    Lock { format: FORMAT, warehouse, ..Lock::default() }
}

/// Writes a file in one step, so that nobody ever reads half of it.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.new", std::process::id()));
    let beside: PathBuf = path.with_file_name(name);
    std::fs::write(&beside, bytes).and_then(|()| std::fs::rename(&beside, path)).inspect_err(|_| {
        // The first error is the one to tell.
        let _ = std::fs::remove_file(&beside);
    })
}

#[cfg(test)]
mod tests;
