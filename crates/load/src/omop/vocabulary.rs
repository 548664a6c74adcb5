//! Concepts, and the code systems that they make.

use super::rows::Table;
use crate::cell::Cell;
use crate::ontology;
use crate::source::{LoadError, Progress, Rejects};
use crate::stage::{Place, Stage};
use engine::Store;
use model::ontology::rows::{self, OpenTerm};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The tables of the vocabularies that are read.
pub(super) const TABLES: [&str; 3] = ["concept", "concept_ancestor", "vocabulary"];

/// Vocabularies that become code systems: their names there and here.
const SYSTEMS: [&str; 4] = ["CVX", "LOINC", "RxNorm", "SNOMED"];

/// A concept.
#[derive(Clone, Debug)]
pub(super) struct Concept {
    line: u64,
    pub(super) name: String,
    domain: String,
    pub(super) vocabulary: String,
    class: String,
    standard: Option<String>,
    pub(super) code: String,
    invalid: Option<String>,
}

/// All concepts of a folder, by number.
#[derive(Debug, Default)]
pub(super) struct Concepts {
    by_id: BTreeMap<i64, Concept>,
    /// Line, ancestor, descendant, fewest and most steps.
    ancestors: Vec<(u64, [i64; 4])>,
    /// The release of each vocabulary.
    versions: BTreeMap<String, String>,
}

impl Concepts {
    /// Reads the vocabularies. A line that is no concept is an error, because every event may need it.
    pub(super) fn read(
        files: &BTreeMap<String, PathBuf>,
        progress: &dyn Progress,
    ) -> Result<Concepts, LoadError> {
        let mut concepts = Concepts::default();
        if let Some(path) = files.get("concept") {
            let mut table = Table::open(path, progress)?;
            while let Some(row) = table.next()? {
                let bad = |reason: String| LoadError::line(path, row.line, reason);
                let id = row
                    .whole("concept_id")
                    .map_err(bad)?
                    .ok_or_else(|| bad("concept_id is missing".into()))?;
                let text = |column: &str| row.text(column).unwrap_or_default().to_owned();
                let optional = |column: &str| row.text(column).map(str::to_owned);
                let concept = Concept {
                    line: row.line,
                    name: text("concept_name"),
                    domain: text("domain_id"),
                    vocabulary: text("vocabulary_id"),
                    class: text("concept_class_id"),
                    standard: optional("standard_concept"),
                    code: text("concept_code"),
                    invalid: optional("invalid_reason"),
                };
                if concepts.by_id.insert(id, concept).is_some() {
                    return Err(LoadError::line(path, row.line, format!("the concept {id} is there twice")));
                }
            }
        }
        if let Some(path) = files.get("concept_ancestor") {
            let mut table = Table::open(path, progress)?;
            while let Some(row) = table.next()? {
                let mut numbers = [0; 4];
                let columns = [
                    "ancestor_concept_id",
                    "descendant_concept_id",
                    "min_levels_of_separation",
                    "max_levels_of_separation",
                ];
                for (number, column) in numbers.iter_mut().zip(columns) {
                    let bad = |reason: String| LoadError::line(path, row.line, reason);
                    *number =
                        row.whole(column).map_err(bad)?.ok_or_else(|| bad(format!("{column} is missing")))?;
                }
                concepts.ancestors.push((row.line, numbers));
            }
        }
        if let Some(path) = files.get("vocabulary") {
            let mut table = Table::open(path, progress)?;
            while let Some(row) = table.next()? {
                if let (Some(id), Some(version)) = (row.text("vocabulary_id"), row.text("vocabulary_version"))
                {
                    concepts.versions.insert(id.to_owned(), version.to_owned());
                }
            }
        }
        Ok(concepts)
    }

    pub(super) fn get(&self, id: i64) -> Option<&Concept> {
        self.by_id.get(&id)
    }

    /// The CURIE of a concept, if it is of the system.
    pub(super) fn code(&self, id: i64, system: &str) -> Option<String> {
        let concept = self.by_id.get(&id)?;
        (concept.vocabulary == system).then(|| format!("{system}:{}", concept.code))
    }

    /// Writes each vocabulary that is a code system as a release of it.
    pub(super) fn write(
        &mut self,
        store: &mut dyn Store,
        folder: &Path,
        hash: &str,
        replace: bool,
        notes: &mut Vec<String>,
    ) -> Result<u64, LoadError> {
        let mut written = 0;
        for system in SYSTEMS {
            let members: BTreeSet<i64> = self
                .by_id
                .iter()
                .filter(|(_, concept)| concept.vocabulary == system)
                .map(|(id, _)| *id)
                .collect();
            if members.is_empty() {
                continue;
            }
            // Every vocabulary states its release, or all of them together under the name None.
            let version = self.versions.get(system).or_else(|| self.versions.get("None"));
            let version = version.cloned().ok_or_else(|| {
                LoadError::file(folder, format!("no table vocabulary states the release of {system}"))
            })?;
            let parents = self.parents(&members);
            let pairs: usize = parents.values().map(BTreeSet::len).sum();
            let terms = members.iter().filter_map(|id| {
                let concept = self.by_id.get(id)?;
                let above = parents.get(id).into_iter().flatten();
                Some(OpenTerm {
                    line: concept.line,
                    id: format!("{system}:{}", concept.code),
                    label: concept.name.clone(),
                    obsolete: concept.invalid.is_some(),
                    parents: above
                        .filter_map(|parent| self.code(*parent, system))
                        .map(|parent| (concept.line, parent))
                        .collect(),
                    ..OpenTerm::default()
                })
            });
            let ontology = rows::read(system, &version, terms)
                .map_err(|error| LoadError::line(folder, error.line, error.reason))?;
            written += ontology::put(store, folder, &ontology, hash, replace, notes)?;
            if pairs == 0 {
                notes.push(format!(
                    "concept_ancestor has no rows for {system}, so a code of it means itself and no descendants"
                ));
            }
        }
        Ok(written)
    }

    /// The direct parents of each member: the ancestors that stand above no other ancestor of it. The
    /// closure of these is what the table of ancestors states, which is transitive.
    fn parents(&self, members: &BTreeSet<i64>) -> BTreeMap<i64, BTreeSet<i64>> {
        let mut above: BTreeMap<i64, BTreeSet<i64>> = BTreeMap::new();
        for (_, [ancestor, descendant, ..]) in &self.ancestors {
            if ancestor != descendant && members.contains(ancestor) && members.contains(descendant) {
                above.entry(*descendant).or_default().insert(*ancestor);
            }
        }
        let direct = |ancestors: &BTreeSet<i64>| {
            let covered = |one: &i64| {
                ancestors.iter().any(|other| above.get(other).is_some_and(|higher| higher.contains(one)))
            };
            ancestors.iter().filter(|one| !covered(one)).copied().collect::<BTreeSet<i64>>()
        };
        above.iter().map(|(id, ancestors)| (*id, direct(ancestors))).collect()
    }

    /// Stages the tables of concepts themselves.
    pub(super) fn stage(
        &mut self,
        stage: &mut Stage<'_>,
        (concept, ancestor): (usize, usize),
        files: &BTreeMap<String, PathBuf>,
        rejects: &mut Rejects,
    ) -> Result<(), LoadError> {
        let optional = |text: &Option<String>| text.as_ref().map_or(Cell::Null, Cell::text);
        if let Some(file) = files.get("concept") {
            for (id, found) in &self.by_id {
                let cells = vec![
                    ("concept_id", Cell::Int(*id)),
                    ("concept_name", Cell::text(&found.name)),
                    ("domain_id", Cell::text(&found.domain)),
                    ("vocabulary_id", Cell::text(&found.vocabulary)),
                    ("concept_class_id", Cell::text(&found.class)),
                    ("standard_concept", optional(&found.standard)),
                    ("concept_code", Cell::text(&found.code)),
                    ("invalid_reason", optional(&found.invalid)),
                ];
                let place = Place { file, line: found.line };
                stage.put_or_refuse(rejects, place, &found.name, vec![(concept, cells)])?;
            }
        }
        if let Some(file) = files.get("concept_ancestor") {
            for (line, [above, below, least, most]) in &self.ancestors {
                let cells = vec![
                    ("ancestor_concept_id", Cell::Int(*above)),
                    ("descendant_concept_id", Cell::Int(*below)),
                    ("min_levels_of_separation", Cell::Int(*least)),
                    ("max_levels_of_separation", Cell::Int(*most)),
                ];
                let text = format!("{above},{below},{least},{most}");
                stage.put_or_refuse(rejects, Place { file, line: *line }, &text, vec![(ancestor, cells)])?;
            }
        }
        Ok(())
    }
}
