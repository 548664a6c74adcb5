//! The conformance files of the VCF specification: what must pass loads, what must fail is refused
//! with a reason or stands in `vcf_accepted.txt`.

mod vcf_support;

use engine_duckdb::DuckStore;
use load::vcf::{MoreCopies, VcfOptions};
use model::Model;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use vcf_support::{genomics, load, number, options, shared, warehouse, workspace};

fn files(kind: &str) -> Option<Vec<PathBuf>> {
    let root = shared("hts-specs-vcf")?;
    let mut found = Vec::new();
    for version in ["4.1", "4.2", "4.3", "4.4", "4.5"] {
        let Ok(dir) = std::fs::read_dir(root.join(version).join(kind)) else { continue };
        found.extend(dir.map(|entry| entry.expect("a file").path()));
    }
    found.sort();
    assert!(found.len() > 50, "{} files", found.len());
    Some(found)
}

/// `4.1/failed/name.vcf`.
fn short(path: &Path) -> String {
    let parts: Vec<String> =
        path.iter().rev().take(3).map(|part| part.to_string_lossy().into_owned()).collect();
    parts.into_iter().rev().collect::<Vec<_>>().join("/")
}

/// Every table that a load may write, with its rows counted.
const ROWS: &str = "select sum(n) from (select count(*) n from variant union all select count(*) from site \
    union all select count(*) from genotype union all select count(*) from call_set \
    union all select count(*) from call_set_sample union all select count(*) from coverage \
    union all select count(*) from effect union all select count(*) from sample union all select count(*) from subject \
    union all select count(*) from load_log union all select count(*) from duckdb_tables() where table_name = 'load_allele')";

/// Loads a file into an empty warehouse, which stays empty if that fails.
fn try_load(
    store: &mut DuckStore,
    model: &Model,
    path: &Path,
    options: &VcfOptions<'_>,
) -> Result<(), String> {
    let loaded = load(store, model, &[path.to_owned()], options);
    if loaded.is_err() {
        assert_eq!(number(store, ROWS), 0, "{} left rows", short(path));
    }
    loaded.map(|_| ()).map_err(|error| {
        assert!(
            error.detail.is_none(),
            "{}: the engine, not the loader, refuses: {error} {:?}",
            short(path),
            error.detail
        );
        error.problems[0]
            .to_string()
            .rsplit_once(".vcf")
            .map_or_else(String::new, |(_, reason)| reason.to_owned())
    })
}

#[test]
fn what_must_pass_loads() {
    let Some(files) = files("passed") else { return };
    let model = genomics();
    let mut wrong = Vec::new();
    for path in files {
        let mut store = warehouse(&model);
        // These have a call of three copies, for which a warehouse has no code; as missing they load.
        let ploidy = short(&path).contains("passed_ploidy");
        if ploidy {
            let refused = try_load(&mut store, &model, &path, &options()).expect_err("three copies");
            assert!(refused.contains("3 copies"), "{refused}");
        }
        let more_copies = if ploidy { MoreCopies::Missing } else { MoreCopies::Refuse };
        if let Err(reason) = try_load(&mut store, &model, &path, &VcfOptions { more_copies, ..options() }) {
            wrong.push(format!("{}{reason}", short(&path)));
        }
    }
    assert!(wrong.is_empty(), "refused:\n{}", wrong.join("\n"));
}

#[test]
fn what_must_fail_is_refused_or_listed() {
    let Some(files) = files("failed") else { return };
    let model = genomics();
    let list = workspace().join("crates/load/tests/vcf_accepted.txt");
    let list = std::fs::read_to_string(list).expect("the list is there");
    let accepted: BTreeMap<&str, &str> =
        list.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('\t')).collect();
    let mut store = warehouse(&model);
    let mut loaded = Vec::new();
    for path in files {
        match try_load(&mut store, &model, &path, &options()) {
            Ok(()) => {
                loaded.push(short(&path));
                store = warehouse(&model);
            }
            Err(reason) => assert!(reason.len() > 10, "{}: {reason}", short(&path)),
        }
    }
    let listed: Vec<String> = accepted.keys().map(|name| (*name).to_owned()).collect();
    assert_eq!(loaded, listed, "loaded, against the list");
}
