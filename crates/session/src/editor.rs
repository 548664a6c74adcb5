//! What an editor asks of a program: its meaning name by name, what could stand at a cursor, what a code is.
//!
//! The texts that are open in an editor count before those on the disk. Nothing here reads a warehouse:
//! everything comes from the files of the project and its lock file, so no value of the data can appear.

use crate::describe::{ColumnLine, column_line};
use crate::params::Params;
use crate::session::{Checked, Session};
use crate::trouble::Result;
use diag::Diagnostic;
use model::{ColumnId, EntityId, Linkage};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use syntax::Parsed;
use text::{FileId, Files};
use types::{CodeStatus, NamedAlleles, Notes, Offer, Vocabulary as _};

/// Texts that are open in an editor, by their absolute path.
pub type Open = BTreeMap<PathBuf, Arc<str>>;

/// A program as an editor sees it.
#[derive(Debug)]
pub struct Analysis {
    /// What a check gives.
    pub checked: Checked,
    /// Tokens and tree of the program itself.
    pub parsed: Parsed,
    /// What its names mean.
    pub notes: Notes,
}

/// A file of a project by its part in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// A program.
    Program,
    /// A policy file of the steward.
    Policy,
    /// The model.
    Model,
}

/// A code as people read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodePage {
    /// The CURIE.
    pub id: String,
    /// Its state in the pinned release.
    pub status: CodeStatus,
    /// The pinned release.
    pub release: Option<String>,
    /// The terms above it with their labels, the nearest last; empty where the system has no closure.
    pub above: Vec<(String, String)>,
    /// How many terms are below it.
    pub below: usize,
}

impl Session {
    /// Which part of the project a file is.
    pub fn part_of(&self, path: &Path) -> Part {
        if self.is_policy(path) {
            Part::Policy
        } else if self.is_model(path) {
            Part::Model
        } else {
            Part::Program
        }
    }

    /// Checks a program and says what its names mean.
    ///
    /// # Errors
    /// A pin that it needs is damaged.
    pub fn analyse(&self, path: &Path, text: &str, open: &Open) -> Result<Analysis> {
        let (checked, parsed, notes) = self.whole(path, text, &Params::new(), open, Some(""))?;
        Ok(Analysis { checked, parsed, notes })
    }

    /// The names that could stand where `cursor` stands in the text as a name.
    ///
    /// # Errors
    /// A pin that it needs is damaged.
    pub fn offers(&self, path: &Path, text: &str, open: &Open, cursor: &str) -> Result<Vec<Offer>> {
        let (_, _, notes) = self.whole(path, text, &Params::new(), open, Some(cursor))?;
        Ok(notes.offers)
    }

    /// What is wrong with a policy file or the model as they stand in an editor. A policy is looked at
    /// with its other files.
    ///
    /// # Errors
    /// Another policy file cannot be read.
    pub fn check_part(
        &self,
        path: &Path,
        text: &str,
        part: Part,
    ) -> Result<(Files, FileId, Vec<Diagnostic>)> {
        let mut files = self.files.clone();
        let main = files.add(path.display().to_string(), text);
        let (parsed, mut diagnostics) = syntax::parse(main, text);
        match part {
            Part::Program => {}
            Part::Model => diagnostics.extend(model::read(&[&parsed]).1),
            Part::Policy => {
                let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
                let mut all = vec![(name.clone().unwrap_or_default(), parsed)];
                for (other, text) in crate::session::draft_policy(&self.project)? {
                    if Some(&other) != name.as_ref() {
                        let id = files.add(format!("policy/{other}"), text.as_str());
                        all.push((other, syntax::parse(id, &text).0));
                    }
                }
                all.sort_by(|one, other| one.0.cmp(&other.0));
                let parsed: Vec<&Parsed> = all.iter().map(|(_, parsed)| parsed).collect();
                diagnostics.extend(policy::read(&self.model, &parsed).1);
            }
        }
        diag::sort(&mut diagnostics);
        Ok((files, main, diagnostics))
    }

    /// The columns of people that the agreements of a program do not let it read, each with the agreement.
    pub fn not_granted(&self, program: &Parsed) -> BTreeMap<(EntityId, ColumnId), String> {
        let named = program.file.items.iter().flat_map(|item| match item {
            syntax::tree::Item::Use(line) => line.agreements.as_slice(),
            _ => &[],
        });
        let mut found = BTreeMap::new();
        for agreement in named.filter_map(|name| self.policy.agreements.get(&name.value)) {
            for id in self.model.ids() {
                let entity = self.model.entity(id);
                if entity.linkage == Linkage::Public {
                    continue;
                }
                for (at, _) in entity.columns.iter().enumerate() {
                    let column = ColumnId(u32::try_from(at).unwrap_or(u32::MAX));
                    if agreement.test_of_column(&self.model, id, column).is_none() {
                        found.entry((id, column)).or_insert_with(|| {
                            format!("the agreement \"{}\" does not grant it", agreement.name)
                        });
                    }
                }
            }
        }
        found
    }

    /// A column as `schema show` prints it.
    pub fn column_line(&self, entity: EntityId, column: ColumnId) -> ColumnLine {
        let entity = self.model.entity(entity);
        column_line(entity, entity.column(column))
    }

    /// The model, the library and the policy as texts, under the ids that ranges of an [`Analysis`] name.
    pub fn texts(&self) -> &Files {
        &self.files
    }

    /// Whether a text of [`Session::texts`] or of an analysis is part of the library, the built-in models
    /// among it, and so has no file in the project.
    pub fn is_built_in(name: &str) -> bool {
        name.starts_with("stdlib/") || name.starts_with("std/")
    }

    /// Terms in use of a system (or of all that are pinned) whose label has all these words or whose
    /// number begins with them; those with the shortest labels first, at most `most`.
    pub fn codes_like(&self, system: Option<&str>, words: &str, most: usize) -> Vec<(String, String)> {
        self.vocabulary.like(system, words, most)
    }

    /// The code systems that the lock file pins.
    pub fn systems(&self) -> Vec<&str> {
        self.lock.iter().flat_map(|lock| &lock.ontology).map(|ontology| ontology.system.as_str()).collect()
    }

    /// The label of a code that is in use in the pinned release; else empty.
    pub fn label(&self, curie: &str) -> String {
        match self.vocabulary.code(curie) {
            CodeStatus::Current(label) => label,
            CodeStatus::ReplacedBy { .. }
            | CodeStatus::Obsolete(_)
            | CodeStatus::Unknown
            | CodeStatus::Unlisted => String::new(),
        }
    }

    /// The terms directly above a term with their labels, sorted; empty where the system has no closure.
    pub fn parents(&self, curie: &str) -> Vec<(String, String)> {
        let above: Vec<String> = self.others(self.vocabulary.ancestors_or_self(curie), curie);
        let between = |id: &String| {
            above.iter().any(|other| other != id && self.vocabulary.ancestors_or_self(other).contains(id))
        };
        above.iter().filter(|id| !between(id)).map(|id| (id.clone(), self.label(id))).collect()
    }

    /// The terms directly below a term with their labels, sorted, at most `most`, and whether there are more.
    pub fn children(&self, curie: &str, most: usize) -> (Vec<(String, String)>, bool) {
        let below = self.others(self.vocabulary.descendants_or_self(curie), curie);
        let among: BTreeSet<&String> = below.iter().collect();
        let direct = |id: &&String| {
            let above = self.vocabulary.ancestors_or_self(id);
            !above.iter().any(|other| other != *id && among.contains(other))
        };
        let mut found: Vec<&String> = below.iter().filter(direct).take(most + 1).collect();
        let more = found.len() > most;
        found.truncate(most);
        (found.into_iter().map(|id| (id.clone(), self.label(id))).collect(), more)
    }

    fn others(&self, mut ids: Vec<String>, curie: &str) -> Vec<String> {
        ids.retain(|id| id != curie);
        ids.sort();
        ids
    }

    /// The alleles of an HGVS or rs name as the lock file pins them, `GRCh38:chr13:32340300:GT:G`; empty where
    /// the name was not looked up.
    pub fn alleles_of(&self, name: &str) -> Vec<String> {
        match self.vocabulary.alleles(name) {
            NamedAlleles::Found(alleles) => alleles
                .iter()
                .map(|it| {
                    format!("{}:chr{}:{}:{}:{}", it.build, it.contig, it.position, it.reference, it.alternate)
                })
                .collect(),
            NamedAlleles::OtherVersions(_) | NamedAlleles::Absent(_) | NamedAlleles::NotPinned => Vec::new(),
        }
    }

    /// A code as people read it.
    pub fn code_page(&self, curie: &str) -> CodePage {
        let system = curie.split(':').next().unwrap_or_default();
        let closure = self.vocabulary.has_closure(system);
        let label = |id: &String| self.label(id);
        let mut above = Vec::new();
        let mut below = 0;
        if closure {
            let ids = self.vocabulary.ancestors_or_self(curie);
            above.extend(ids.into_iter().filter(|id| id != curie).map(|id| (label(&id), id)));
            // The more terms are above a term, the nearer it is.
            above.sort_by_key(|(_, id)| (self.vocabulary.ancestors_or_self(id).len(), id.clone()));
            below = self.vocabulary.descendants_or_self(curie).len().saturating_sub(1);
        }
        let release = self.lock.iter().flat_map(|lock| &lock.ontology);
        CodePage {
            id: curie.to_owned(),
            status: self.vocabulary.code(curie),
            release: release
                .filter(|pinned| pinned.system == system)
                .map(|pinned| pinned.version.clone())
                .next(),
            above: above.into_iter().map(|(label, id)| (id, label)).collect(),
            below,
        }
    }
}
