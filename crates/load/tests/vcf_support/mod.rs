//! What the VCF tests share: a warehouse of the standard model, small VCF files, and rows as text.

#![allow(dead_code, reason = "each test file uses its part")]
#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on says so")]

use arrow::array::{Array, Int64Array, StringArray};
use engine::Store;
use engine_duckdb::DuckStore;
use load::schema::create_tables;
use load::source::{LoadError, Rejects, Report, Silent};
use load::vcf::{self, Build, VcfOptions};
use model::Model;
use std::path::{Path, PathBuf};

/// The shared data, where it is.
pub(crate) fn shared(path: &str) -> Option<PathBuf> {
    let root = std::env::var("BASEQ_SHARED").map_or_else(|_| workspace().join("../shared"), PathBuf::from);
    let found = root.join("data").join(path);
    if found.exists() {
        return Some(found);
    }
    #[expect(clippy::print_stderr, reason = "a test that is not run says so")]
    {
        eprintln!("not run: {} is missing", found.display());
    }
    None
}

pub(crate) fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The standard model of genomics.
pub(crate) fn genomics() -> Model {
    let path = workspace().join("stdlib/models/genomics.bq");
    let text = std::fs::read_to_string(&path).expect("the standard model is there");
    let mut files = text::Files::new();
    let id = files.add("genomics.bq", text.as_str());
    let (parsed, problems) = syntax::parse(id, &text);
    assert!(problems.is_empty(), "the standard model parses: {problems:?}");
    let (model, problems) = model::read(&[&parsed]);
    assert!(problems.is_empty(), "the standard model is good: {problems:?}");
    model.expect("a model without problems is there")
}

/// An empty warehouse in memory.
pub(crate) fn warehouse(model: &Model) -> DuckStore {
    let mut store = DuckStore::in_memory().expect("the engine starts");
    create_tables(&mut store, model).expect("tables are made");
    store
}

/// Options that make samples, for GRCh37.
pub(crate) fn options() -> VcfOptions<'static> {
    VcfOptions { build: Some(Build::Grch37), create_samples: true, ..VcfOptions::default() }
}

/// Loads files strictly.
pub(crate) fn load(
    store: &mut DuckStore,
    model: &Model,
    paths: &[PathBuf],
    options: &VcfOptions<'_>,
) -> Result<Vec<Report>, LoadError> {
    vcf::load(store, model, paths, options, &mut Rejects::strict(), &Silent)
}

/// Writes a VCF 4.2 file with these samples and records; columns are divided by single spaces here.
pub(crate) fn vcf(dir: &Path, name: &str, samples: &str, records: &[&str]) -> PathBuf {
    vcf_with(dir, name, "", samples, records)
}

/// The same with more header lines, each with its end.
pub(crate) fn vcf_with(dir: &Path, name: &str, header: &str, samples: &str, records: &[&str]) -> PathBuf {
    let mut text = format!("##fileformat=VCFv4.2\n{header}#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO");
    if !samples.is_empty() {
        text.push_str("\tFORMAT\t");
        text.push_str(&samples.replace(' ', "\t"));
    }
    text.push('\n');
    for record in records {
        text.push_str(&record.replace(' ', "\t"));
        text.push('\n');
    }
    let path = dir.join(name);
    std::fs::write(&path, text).expect("a file is written");
    path
}

/// The rows of a query, each column as text, joined by spaces; null is `-`.
pub(crate) fn rows(store: &mut DuckStore, sql: &str) -> Vec<String> {
    let sql = format!("select coalesce(columns(q.*)::varchar, '-') from ({sql}) q");
    let mut all = Vec::new();
    for batch in store.query(&sql).unwrap_or_else(|error| panic!("{sql}: {}", error.detail)) {
        for row in 0..batch.num_rows() {
            let texts = batch.columns().iter().map(|column| {
                let texts = column.as_any().downcast_ref::<StringArray>().expect("text");
                texts.value(row).to_owned()
            });
            all.push(texts.collect::<Vec<_>>().join(" "));
        }
    }
    all
}

/// A single whole number.
pub(crate) fn number(store: &mut DuckStore, sql: &str) -> i64 {
    let batches = store
        .query(&format!("select ({sql})::bigint"))
        .unwrap_or_else(|error| panic!("{sql}: {}", error.detail));
    let column = batches[0].column(0).as_any().downcast_ref::<Int64Array>().expect("a number").clone();
    assert_eq!(column.len(), 1, "{sql}");
    column.value(0)
}
