//! What stewards and loaders ask of a session: pull the lock file, compare the warehouse with the model,
//! browse the model, take the drafts of a policy.

use crate::codes::{NO_POLICY, STALE};
use crate::describe::{self, EntityPage};
use crate::session::{MODEL, PolicySource, Session, draft_policy, installed_model, read_policy};
use crate::trouble::{Kind, Result, Trouble};
use crate::warehouse::conform::{self, Difference};
use crate::warehouse::pull::{self, pinned_policy};
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
    /// SHA-256 of the installed policy; empty where there is none.
    pub before: String,
    /// What the draft changes in the installed policy; everything in it where there is none.
    pub changes: Vec<PolicyChange>,
    /// Public keys of the stewards whom the warehouse trusts, as their files hold them.
    pub stewards: Vec<String>,
}

/// A difference between two policies, with its place as people read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyChange {
    /// The agreement it is a part of.
    pub agreement: Option<String>,
    /// Whether more is allowed than before, or the two cannot be compared.
    pub widens: bool,
    /// What changed: `min subjects 10, was 20`.
    pub words: String,
    /// `policy/heart.bq:7`, where the new policy says so.
    pub place: Option<String>,
}

impl Draft {
    /// Whether it allows something that the installed policy does not.
    pub fn widens(&self) -> bool {
        self.changes.iter().any(|change| change.widens)
    }

    /// What a steward signs: this policy, in the place of that one, so that a signature is good for one
    /// step and an old policy does not come back by its old signature.
    pub fn message(&self) -> String {
        crate::warehouse::signed::message(&self.hash, &self.before)
    }
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
        let (mut lock, mut pins) = pull::pull(&self.project, &self.model, reader, ontologies, of_policy)?;
        let old = self.lock.clone().unwrap_or_default();
        // What was pinned of the sets is read before it is replaced; a damaged pin is what this mends.
        let before = crate::expansions::pinned_sets(&self.project, &old).unwrap_or_default();
        lock.write(&self.project, &pins)?;
        // The sets mean what the new pins say, so they are read by a session that stands on them.
        let now = Session::open(self.project.clone())?;
        let sets = now.all_expansions()?;
        lock.codes = sets.iter().map(crate::lock::expansion::Expansion::lock).collect();
        if let Some(file) = crate::lock::expansion::pin(&sets) {
            lock.expansions = Some(crate::lock::Pinned {
                count: lock.codes.iter().map(|set| set.count).sum(),
                pin: file.name.clone(),
                sha256: file.sha256.clone(),
                loaded: None,
            });
            pins.push(file);
            lock.write(&self.project, &pins)?;
        }
        let mut changes = old.changes(&lock);
        changes.extend(now.moved_since(&old, &before, &sets));
        Ok(changes)
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
        let files = self.drafts()?;
        let (set, texts) = self.read_sound(&files)?;
        let installed = crate::warehouse::facts(reader)?.policy;
        let (before, old_texts) = read(&self.model, &installed);
        // Also of agreements that were taken away in between.
        let mut newest = std::collections::BTreeMap::new();
        for policy in crate::warehouse::policies(reader)? {
            for (name, agreement) in read(&self.model, &policy).0.agreements {
                let version = newest.entry(name).or_insert(agreement.version);
                *version = agreement.version.max(*version);
            }
        }
        for (name, agreement) in &set.agreements {
            let words = |files: &Files, lines: text::Range| files.slice(lines).to_owned();
            let refused = |message: String| Err(Trouble::new(Kind::Refused, STALE, message));
            if let Some(newest) = newest.get(name).filter(|newest| agreement.version < **newest) {
                return refused(format!(
                    "version {newest} of \"{name}\" was installed, and a version never goes back to {}",
                    agreement.version
                ));
            }
            let Some(old) = before.agreements.get(name) else { continue };
            if agreement.version == old.version && same_but_place(agreement) != same_but_place(old) {
                let at = words(&texts, agreement.lines.name);
                let was = words(&old_texts, old.lines.name);
                return refused(format!(
                    "version {} of {at} differs from the installed one of {was}; a change needs a new version number",
                    old.version
                ));
            }
        }
        let mut changes = self.model_changes(&installed);
        changes.extend(self.changes(&before, &set, &texts));
        let before = if installed.is_empty() { String::new() } else { before.hash };
        let stewards = crate::warehouse::stewards(reader)?;
        Ok(Draft { files, hash: set.hash.clone(), agreements: agreements(&set), before, changes, stewards })
    }

    /// The public keys of the stewards whom the warehouse trusts, as their files hold them.
    ///
    /// # Errors
    /// The warehouse cannot be read.
    pub fn stewards(&self, reader: &mut dyn Reader) -> Result<Vec<String>> {
        crate::warehouse::stewards(reader)
    }

    /// What the drafts of the project change in the policy that the lock file pins, without a connection.
    ///
    /// # Errors
    /// There are no drafts, or they have errors.
    pub fn policy_changes(&self) -> Result<Vec<PolicyChange>> {
        let (set, texts) = self.read_sound(&self.drafts()?)?;
        let nothing = PolicySet {
            agreements: std::collections::BTreeMap::new(),
            purposes: std::collections::BTreeMap::new(),
            consent: set.consent,
            hash: String::new(),
            broken: std::collections::BTreeSet::new(),
        };
        let before = match self.policy() {
            (policy, PolicySource::Installed) => policy,
            (_, PolicySource::Draft) => &nothing,
        };
        let pinned = match &self.lock {
            Some(lock) => pinned_policy(&self.project, lock)?,
            None => Vec::new(),
        };
        let mut changes = self.model_changes(&pinned);
        changes.extend(self.changes(before, &set, &texts));
        Ok(changes)
    }

    /// What the model of the project says otherwise than the one that was installed with a policy. With the first
    /// policy comes the first model, which is no change.
    fn model_changes(&self, installed: &[(String, String)]) -> Vec<PolicyChange> {
        let changes = match installed_model(installed) {
            Some(before) => policy::model_changes(&before, &self.model),
            None if installed.is_empty() => Vec::new(),
            None => vec![policy::Change {
                agreement: None,
                direction: policy::Direction::Widens,
                words: "the policy was installed without a model".to_owned(),
                line: None,
            }],
        };
        said(changes, &self.files)
    }

    fn changes(&self, before: &PolicySet, now: &PolicySet, files: &Files) -> Vec<PolicyChange> {
        said(policy::changes(&self.model, before, now), files)
    }

    /// Name and text of the project's policy files.
    fn drafts(&self) -> Result<Vec<(String, String)>> {
        let mut files = draft_policy(&self.project)?;
        if files.is_empty() {
            let named = self.project.settings.policy.join(", ");
            return Err(Trouble::new(
                Kind::Usage,
                NO_POLICY,
                format!("there are no policy files at {named}"),
            ));
        }
        files.insert(0, (MODEL.to_owned(), self.model_text.clone()));
        Ok(files)
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

/// Changes with their places in words.
fn said(changes: Vec<policy::Change>, files: &Files) -> Vec<PolicyChange> {
    let place = |line: text::Range| format!("{}:{}", files.get(line.file).name, files.line_column(line).line);
    changes
        .into_iter()
        .map(|change| PolicyChange {
            agreement: change.agreement,
            widens: change.direction == policy::Direction::Widens,
            words: change.words,
            place: change.line.map(place),
        })
        .collect()
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
