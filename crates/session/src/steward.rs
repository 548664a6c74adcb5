//! What stewards and loaders ask of a session: pull the lock file, compare the warehouse with the model,
//! browse the model, take the drafts of a policy.

use crate::codes::{NO_POLICY, STALE};
use crate::describe::{self, EntityPage};
use crate::session::{Session, draft_policy, read_policy};
use crate::trouble::{Kind, Result, Trouble};
use crate::warehouse::conform::{self, Difference};
use crate::warehouse::pull;
use diag::Diagnostic;
use engine::Reader;
use model::ontology::Ontology;
use policy::PolicySet;
use text::Files;

/// Policy files that may be installed.
#[derive(Clone, Debug)]
pub struct Draft {
    /// Name and text of each file, sorted by name.
    pub files: Vec<(String, String)>,
    /// SHA-256 of the whole.
    pub hash: String,
    /// Agreements with their versions, sorted by name.
    pub agreements: Vec<(String, u32)>,
}

impl Session {
    /// Writes the lock file of the project from its warehouse; `ontologies` are those of the warehouse,
    /// whole. Gives what changed, a line each.
    ///
    /// # Errors
    /// The warehouse cannot be read, the installed policy has errors, or a file cannot be written.
    pub fn pull(&self, reader: &mut dyn Reader, ontologies: Vec<Ontology>) -> Result<Vec<String>> {
        let of_policy = |texts: &[(String, String)]| {
            let (set, _) = self.read_sound(texts)?;
            Ok((
                set.hash.clone(),
                agreements(&set)
                    .into_iter()
                    .map(|(name, version)| format!("{name} version {version}"))
                    .collect(),
            ))
        };
        let (lock, pins) = pull::pull(&self.project, &self.model, reader, ontologies, of_policy)?;
        let old = self.lock.clone().unwrap_or_default();
        lock.write(&self.project, &pins)?;
        Ok(old.changes(&lock))
    }

    /// Where the warehouse is not what the model declares.
    ///
    /// # Errors
    /// The warehouse cannot be read.
    pub fn conform(&self, reader: &mut dyn Reader) -> Result<Vec<Difference>> {
        conform::conform(&self.model, reader)
    }

    /// The model as people browse it, in its order.
    pub fn pages(&self) -> Vec<EntityPage> {
        describe::pages(&self.model)
    }

    /// The policy files of the project, checked for installing over what is installed.
    ///
    /// # Errors
    /// There are none, they have errors, or a version of an agreement went back or was changed without
    /// a new number.
    pub fn draft(&self, reader: &mut dyn Reader) -> Result<Draft> {
        let files = draft_policy(&self.project)?;
        if files.is_empty() {
            let named = self.project.settings.policy.join(", ");
            return Err(Trouble::new(
                Kind::Usage,
                NO_POLICY,
                format!("there are no policy files at {named}"),
            ));
        }
        let (set, texts) = self.read_sound(&files)?;
        let installed = crate::warehouse::facts(reader)?.policy;
        let (before, old_texts) = read(&self.model, &installed);
        for (name, agreement) in &set.agreements {
            let Some(old) = before.agreements.get(name) else { continue };
            let words = |files: &Files, lines: text::Range| files.slice(lines).to_owned();
            let refused = |message: String| Err(Trouble::new(Kind::Refused, STALE, message));
            if agreement.version < old.version {
                return refused(format!(
                    "version {} of \"{name}\" is installed, and a version never goes back to {}",
                    old.version, agreement.version
                ));
            }
            if agreement.version == old.version && same_but_place(agreement) != same_but_place(old) {
                let at = words(&texts, agreement.lines.name);
                let was = words(&old_texts, old.lines.name);
                return refused(format!(
                    "version {} of {at} differs from the installed one of {was}; a change needs a new version number",
                    old.version
                ));
            }
        }
        Ok(Draft { files, hash: set.hash.clone(), agreements: agreements(&set) })
    }

    /// Reads policy files that must be without errors.
    fn read_sound(&self, texts: &[(String, String)]) -> Result<(PolicySet, Files)> {
        let mut files = Files::new();
        let (set, diagnostics) = read_policy(&self.model, texts, &mut files);
        if diagnostics.iter().any(Diagnostic::is_error) {
            return Err(Trouble { kind: Kind::Program, diagnostics, files, detail: None });
        }
        Ok((set, files))
    }
}

fn read(model: &model::Model, texts: &[(String, String)]) -> (PolicySet, Files) {
    let mut files = Files::new();
    let (set, _) = read_policy(model, texts, &mut files);
    (set, files)
}

fn agreements(set: &PolicySet) -> Vec<(String, u32)> {
    set.agreements.iter().map(|(name, agreement)| (name.clone(), agreement.version)).collect()
}

/// What an agreement says, without where it says it.
fn same_but_place(agreement: &policy::Agreement) -> String {
    let grants: Vec<_> = agreement.may_test.iter().map(|grant| (grant.entity, &grant.columns)).collect();
    let shows: Vec<_> = agreement.may_show.iter().map(|grant| grant.what).collect();
    format!(
        "{:?}",
        (
            &agreement.recipient,
            &agreement.purpose,
            agreement.valid_from,
            agreement.valid_until,
            grants,
            agreement.tests_consent.is_some(),
            shows,
            agreement.level,
            &agreement.release,
            &agreement.formats
        )
    )
}
