//! What a warehouse says of itself: tables, releases of ontologies, builds, installed policy.
//!
//! Read for the lock file ([`pull`]), compared with it before anything runs ([`Facts`]), and compared
//! with the declared model ([`conform`]). All statements are ours and read-only.

pub(crate) mod conform;
pub(crate) mod names;
pub(crate) mod pull;
pub(crate) mod signed;

use crate::lock::hash;
use crate::trouble::Result;
use arrow::array::{Array, RecordBatch, StringArray};
use engine::{Reader, TableColumn};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// The table of policy files, every installed version of them:
/// `version BIGINT, name VARCHAR, text VARCHAR, sha256 VARCHAR, installed_at TIMESTAMP (UTC), actor VARCHAR`.
pub const POLICY_TABLE: &str = "baseq_policy";
/// The statement that creates it where it is missing.
pub const CREATE_POLICY_TABLE: &str = "create table if not exists baseq_policy (version BIGINT not null, \
     name VARCHAR not null, text VARCHAR not null, sha256 VARCHAR not null, installed_at TIMESTAMP not null, \
     actor VARCHAR not null)";

/// The table of the stewards whom a warehouse trusts: `key VARCHAR` (a public key as its file holds it),
/// `added_at TIMESTAMP` (UTC), `actor VARCHAR`.
pub const STEWARD_TABLE: &str = "baseq_steward";
/// The statement that creates it where it is missing.
pub const CREATE_STEWARD_TABLE: &str = "create table if not exists baseq_steward (key VARCHAR not null, \
     added_at TIMESTAMP not null, actor VARCHAR not null)";
/// The table of the audit log that a warehouse goes by: `first VARCHAR`, the hash of its first record, and `path VARCHAR`,
/// where it lies, without links. Whoever asks must record it there: another log, also one that begins like it, would begin
/// the accounting and the comparison with earlier results anew.
pub const AUDIT_TABLE: &str = "baseq_audit";
/// The statement that creates it where it is missing.
pub const CREATE_AUDIT_TABLE: &str =
    "create table if not exists baseq_audit (first VARCHAR not null, path VARCHAR not null)";
/// The table of signatures of policies: `sha256 VARCHAR` of the policy, `before VARCHAR` (of the one it
/// followed, empty for the first), `key VARCHAR`, `signature VARCHAR`, `signed_at TIMESTAMP` (UTC).
pub const SIGNATURE_TABLE: &str = "baseq_policy_signature";
/// The statement that creates it where it is missing.
pub const CREATE_SIGNATURE_TABLE: &str = "create table if not exists baseq_policy_signature (sha256 VARCHAR not null, \
     before VARCHAR not null, key VARCHAR not null, signature VARCHAR not null, signed_at TIMESTAMP not null)";
/// Tables that are compared by what is in them, and come into being by being used.
const OWN_TABLES: [&str; 4] = [POLICY_TABLE, STEWARD_TABLE, SIGNATURE_TABLE, AUDIT_TABLE];

/// Tables, their columns, and the types of these, in the engine's words.
pub(crate) type Tables = BTreeMap<String, BTreeMap<String, String>>;

/// What a lock file must agree with before anything runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Facts {
    /// SHA-256 of all tables with their columns and types.
    pub(crate) schema: String,
    /// Every table's columns with their types.
    pub(crate) tables: Tables,
    /// The genome builds of its call sets, sorted.
    pub(crate) builds: Vec<String>,
    /// System, release and hash of the source of every ontology, sorted.
    pub(crate) ontologies: Vec<[String; 3]>,
    /// Name and text of the files of the newest policy, sorted by name; empty where none is installed.
    pub(crate) policy: Vec<(String, String)>,
    /// SHA-256 of the log of what was loaded: which data this is.
    pub(crate) snapshot: String,
}

/// Reads the facts.
pub(crate) fn facts(reader: &mut dyn Reader) -> Result<Facts> {
    let mut schema = String::new();
    let mut tables = Tables::new();
    // The policy is compared by its own hash, and its tables come into being by installing it.
    for column in reader.columns()?.into_iter().filter(|column| !OWN_TABLES.contains(&column.table.as_str()))
    {
        let TableColumn { table, column, ty, nullable } = column;
        let null = if nullable { "YES" } else { "NO" };
        let _ = writeln!(schema, "{table}\t{column}\t{ty}\t{null}");
        tables.entry(table).or_default().insert(column, ty);
    }
    let has = |name: &str| tables.contains_key(name);
    let mut facts = Facts { schema: hash(schema.as_bytes()), ..Facts::default() };
    if has("call_set") {
        let rows = texts(reader, "select distinct build from call_set", 1)?;
        facts.builds = rows.into_iter().flatten().collect();
        facts.builds.sort();
    }
    if has("ontology") {
        let sql = "select system, version, source_hash from ontology";
        facts.ontologies = texts(reader, sql, 3)?.into_iter().filter_map(|row| row.try_into().ok()).collect();
        facts.ontologies.sort();
    }
    let mut loaded = String::new();
    if has("load_log") {
        let mut rows = texts(reader, "select kind, source_hash from load_log", 2)?;
        // Not by the engine, whose order of texts may be that of a language.
        rows.sort();
        for row in rows {
            let _ = writeln!(loaded, "{}", row.join("\t"));
        }
    }
    facts.snapshot = hash(loaded.as_bytes());
    facts.tables = tables;
    facts.policy = policy(reader)?;
    Ok(facts)
}

/// The audit log that the warehouse goes by: the hash of its first record, and where it lies.
pub(crate) fn audit_log(reader: &mut dyn Reader) -> Result<Option<[String; 2]>> {
    if !has_table(reader, AUDIT_TABLE)? {
        return Ok(None);
    }
    let rows = texts(reader, &format!("select first, path from {AUDIT_TABLE}"), 2)?;
    Ok(rows.into_iter().next().and_then(|row| <[String; 2]>::try_from(row).ok()))
}

/// The public keys that the warehouse trusts, sorted.
pub(crate) fn stewards(reader: &mut dyn Reader) -> Result<Vec<String>> {
    if !has_table(reader, STEWARD_TABLE)? {
        return Ok(Vec::new());
    }
    let sql = format!("select distinct key from {STEWARD_TABLE}");
    let mut keys: Vec<String> = texts(reader, &sql, 1)?.into_iter().flatten().collect();
    keys.sort();
    Ok(keys)
}

/// Name and text of the files of the newest policy, sorted by name.
fn policy(reader: &mut dyn Reader) -> Result<Vec<(String, String)>> {
    if !has_table(reader, POLICY_TABLE)? {
        return Ok(Vec::new());
    }
    let sql = format!(
        "select name, text from {POLICY_TABLE} where version = (select max(version) from {POLICY_TABLE})"
    );
    let mut rows = texts(reader, &sql, 2)?;
    rows.sort();
    Ok(rows
        .into_iter()
        .filter_map(|row| <[String; 2]>::try_from(row).ok())
        .map(|[name, text]| (name, text))
        .collect())
}

/// The files of every installed policy, oldest first, each as [`Facts::policy`] has the newest.
pub(crate) fn policies(reader: &mut dyn Reader) -> Result<Vec<Vec<(String, String)>>> {
    if !has_table(reader, POLICY_TABLE)? {
        return Ok(Vec::new());
    }
    let sql = format!(
        "select cast(version as VARCHAR), name, text from {POLICY_TABLE} order by {POLICY_TABLE}.version, name collate \"C\""
    );
    let mut all: Vec<(String, Vec<(String, String)>)> = Vec::new();
    for [version, name, text] in
        texts(reader, &sql, 3)?.into_iter().filter_map(|row| <[String; 3]>::try_from(row).ok())
    {
        match all.last_mut() {
            Some((last, files)) if *last == version => files.push((name, text)),
            Some(_) | None => all.push((version, vec![(name, text)])),
        }
    }
    Ok(all.into_iter().map(|(_, files)| files).collect())
}

/// Whether the warehouse has a table.
pub(crate) fn has_table(reader: &mut dyn Reader, name: &str) -> Result<bool> {
    Ok(reader.columns()?.iter().any(|column| column.table == name))
}

/// All rows of a statement whose first `columns` columns are text; null reads as the empty text.
pub(crate) fn texts(reader: &mut dyn Reader, sql: &str, columns: usize) -> Result<Vec<Vec<String>>> {
    let mut rows = Vec::new();
    for batch in reader.run(sql)? {
        for row in 0..batch.num_rows() {
            rows.push((0..columns).map(|column| text(&batch, column, row)).collect());
        }
    }
    Ok(rows)
}

fn text(batch: &RecordBatch, column: usize, row: usize) -> String {
    let values = batch.columns().get(column).and_then(|values| values.as_any().downcast_ref::<StringArray>());
    values
        .filter(|values| values.is_valid(row))
        .map_or_else(String::new, |values| values.value(row).to_owned())
}

/// A name as SQL identifier.
pub(crate) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A text as SQL literal.
pub(crate) fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
