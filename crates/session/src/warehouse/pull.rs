//! From a warehouse to the lock file: everything a check needs, by hash.

use super::{Facts, facts, has_table, names, texts};
use crate::codes::{LOCK, STALE};
use crate::lock::{self, Lock, OntologyLock, PinFile, Pinned, Policy, PolicyFile, Warehouse, lock_of, pin};
use crate::project::{PINS, Project};
use crate::trouble::{Kind, Result, Trouble};
use engine::Reader;
use model::Model;
use model::ontology::Ontology;
use std::collections::BTreeSet;
use std::path::Path;
use syntax::Node;
use syntax::tree::{ExprKind, LiteralKind};

/// The lock that a warehouse gives, with the files beside it. `ontologies` are those of the warehouse,
/// whole; `agreements` their names and versions, for people.
pub(crate) fn pull(
    project: &Project,
    model: &Model,
    reader: &mut dyn Reader,
    ontologies: Vec<Ontology>,
    agreements: impl FnOnce(&[(String, String)]) -> Result<(String, Vec<String>)>,
) -> Result<(Lock, Vec<PinFile>)> {
    let facts = facts(reader)?;
    let mut pins = Vec::new();
    let mut lock = lock_of(Warehouse {
        model: format!("{} {}", model.name, model.version),
        schema: facts.schema.clone(),
        builds: facts.builds.clone(),
    });
    if !facts.policy.is_empty() {
        let (sha256, agreements) = agreements(&facts.policy)?;
        let mut policy = Policy { sha256, agreements, file: Vec::new() };
        for (name, text) in &facts.policy {
            let stem = format!("policy-{}", name.strip_suffix(".bq").unwrap_or(name).trim_start_matches('.'));
            let file = PinFile::new(&stem, "bq", text.clone().into_bytes());
            policy.file.push(PolicyFile {
                name: name.clone(),
                pin: file.name.clone(),
                sha256: file.sha256.clone(),
            });
            pins.push(file);
        }
        lock.policy = Some(policy);
    }
    lock.ontology = ontology_pins(&facts, ontologies, &mut pins)?;
    let mut symbols = Vec::new();
    if has_table(reader, "gene")? {
        let sql = "select distinct symbol from gene where symbol is not null";
        symbols.extend(texts(reader, sql, 1)?.into_iter().flatten());
    }
    lock.genes = list(symbols, "genes", "txt", &mut pins);
    // All alleles of a warehouse would be too many to pin, and no check asks for others.
    let mut named = BTreeSet::new();
    collect(project, &project.root, &mut named);
    lock.alleles = list(names::resolve(reader, &named)?, "alleles", "tsv", &mut pins)
        .map(|pinned| Pinned { loaded: Some(facts.snapshot.clone()), ..pinned });
    Ok((lock, pins))
}

fn ontology_pins(
    facts: &Facts,
    ontologies: Vec<Ontology>,
    pins: &mut Vec<PinFile>,
) -> Result<Vec<OntologyLock>> {
    let mut locks = Vec::new();
    for ontology in ontologies {
        let (system, version) = (ontology.prefix.clone(), ontology.version.clone());
        let source =
            facts.ontologies.iter().find(|[other, ..]| *other == system).map(|[.., source]| source.clone());
        let bytes = pin::write(&ontology).map_err(|reason| {
            Trouble::new(Kind::Warehouse, LOCK, format!("{system} cannot be pinned: {reason}"))
        })?;
        let file = PinFile::new(&format!("{system}-{version}"), "pin", bytes);
        locks.push(OntologyLock {
            system,
            version,
            terms: ontology.terms().len() as u64,
            source: source.unwrap_or_default(),
            pin: file.name.clone(),
            sha256: file.sha256.clone(),
        });
        pins.push(file);
    }
    locks.sort_by(|a, b| a.system.cmp(&b.system));
    Ok(locks)
}

/// A sorted list as a file; none where it is empty.
fn list(mut lines: Vec<String>, stem: &str, ending: &str, pins: &mut Vec<PinFile>) -> Option<Pinned> {
    lines.retain(|line| !line.is_empty());
    lines.sort();
    lines.dedup();
    if lines.is_empty() {
        return None;
    }
    let count = lines.len() as u64;
    let file = PinFile::new(stem, ending, (lines.join("\n") + "\n").into_bytes());
    let pinned = Pinned { count, pin: file.name.clone(), sha256: file.sha256.clone(), loaded: None };
    pins.push(file);
    Some(pinned)
}

/// HGVS names and rs numbers of all `.bq` files below a folder. Files that cannot be read are for the
/// check of them to complain about.
fn collect(project: &Project, folder: &Path, names: &mut BTreeSet<String>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        let hidden = entry.file_name().to_string_lossy().starts_with('.');
        let kind = entry.file_type().ok();
        if hidden || kind.is_some_and(|kind| kind.is_symlink()) {
            continue;
        }
        if kind.is_some_and(|kind| kind.is_dir()) {
            collect(project, &path, names);
        } else if path.extension().is_some_and(|extension| extension == "bq")
            && let Ok(text) = crate::sources::read_text(&path)
        {
            let id = text::Files::new().add(project.shown(&path), text.as_str());
            let (parsed, _) = syntax::parse(id, &text);
            names.extend(names_of(&parsed));
        }
    }
}

fn names_of(parsed: &syntax::Parsed) -> Vec<String> {
    let mut names = Vec::new();
    syntax::walk(&parsed.file, &mut |node| {
        match node {
            Node::Literal(literal) => match &literal.kind {
                LiteralKind::Hgvs(name) | LiteralKind::Rs(name) => names.push(name.clone()),
                LiteralKind::Number(_)
                | LiteralKind::Quantity { .. }
                | LiteralKind::Date(_)
                | LiteralKind::Text(_)
                | LiteralKind::Code { .. }
                | LiteralKind::Locus(_)
                | LiteralKind::Bool(_) => {}
            },
            Node::Call(call) if call.name.text == "hgvs" => {
                let written =
                    call.arguments.iter().flatten().filter_map(|argument| match &argument.value.kind {
                        ExprKind::Literal(literal) => match &literal.kind {
                            LiteralKind::Text(name) => Some(name.clone()),
                            _ => None,
                        },
                        _ => None,
                    });
                names.extend(written);
            }
            _ => {}
        }
        true
    });
    names
}

/// Whether a lock says what the warehouse says; what it pins decides who is read, so an old one is
/// refused rather than used.
pub(crate) fn compare(lock: &Lock, facts: &Facts, policy_hash: &str) -> Result<()> {
    let mut old: Vec<String> = Vec::new();
    if lock.warehouse.schema != facts.schema {
        old.push("its tables have changed".into());
    }
    if lock.warehouse.builds != facts.builds {
        old.push("it holds other genome builds".into());
    }
    let pinned: Vec<[String; 3]> = lock
        .ontology
        .iter()
        .map(|ontology| [ontology.system.clone(), ontology.version.clone(), ontology.source.clone()])
        .collect();
    if pinned != facts.ontologies {
        old.push("it holds other releases of ontologies".into());
    }
    if lock.policy.as_ref().map_or("", |policy| policy.sha256.as_str()) != policy_hash {
        old.push("another policy is installed in it".into());
    }
    if old.is_empty() {
        return Ok(());
    }
    let message = format!("the lock file is not that of this warehouse: {}", old.join(", "));
    Err(Trouble::new(Kind::Warehouse, STALE, message)
        .help("`baseq schema pull` writes the lock file anew, and prints what changed"))
}

/// Whether the names that a lock pins still stand for the alleles they stood for. They are looked up
/// again only where something was loaded since.
pub(crate) fn compare_names(
    project: &Project,
    lock: &Lock,
    facts: &Facts,
    reader: &mut dyn Reader,
) -> Result<()> {
    let Some(pinned) = &lock.alleles else { return Ok(()) };
    if pinned.loaded.as_ref() == Some(&facts.snapshot) {
        return Ok(());
    }
    let bytes = lock::read_pin(project, &pinned.pin, &pinned.sha256)?;
    let text = String::from_utf8(bytes)
        .map_err(|_| lock::damaged(&project.root.join(PINS).join(&pinned.pin), "this is no text"))?;
    let named: BTreeSet<String> =
        text.lines().filter_map(|line| line.split('\t').next()).map(str::to_owned).collect();
    let now = names::resolve(reader, &named)?;
    if now.iter().map(String::as_str).eq(text.lines()) {
        return Ok(());
    }
    let then: BTreeSet<&str> = text.lines().collect();
    let other: Vec<&str> = now
        .iter()
        .filter(|line| !then.contains(line.as_str()))
        .filter_map(|line| line.split('\t').next())
        .collect();
    let other = other.first().map_or_else(String::new, |name| format!(": `{name}` does"));
    let message =
        format!("names of alleles stand for something else than when the lock file was written{other}");
    Err(Trouble::new(Kind::Warehouse, STALE, message)
        .help("`baseq schema pull` looks the names up anew, and prints what changed"))
}

/// The policy files that a lock pins, by name.
pub(crate) fn pinned_policy(project: &Project, lock: &Lock) -> Result<Vec<(String, String)>> {
    let files = lock.policy.iter().flat_map(|policy| &policy.file);
    files
        .map(|file| {
            let bytes = lock::read_pin(project, &file.pin, &file.sha256)?;
            let text = String::from_utf8(bytes)
                .map_err(|_| lock::damaged(&project.root.join(PINS).join(&file.pin), "this is no text"))?;
            Ok((file.name.clone(), text))
        })
        .collect()
}
