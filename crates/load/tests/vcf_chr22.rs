//! Chromosome 22 of the 1000 Genomes Project: numbers counted from the loaded tables against those
//! that the README of the shared data names.

mod vcf_support;

use engine::Store;
use std::time::Instant;
use vcf_support::{genomics, load, number, options, rows, shared};

const FILE: &str = "1000g-chr22-grch37/10k.chr22.phase3.20130502.genotypes.vcf.gz";

#[test]
fn numbers_of_chromosome_22() {
    let Some(file) = shared(FILE) else { return };
    let model = genomics();
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("warehouse.duckdb");
    let mut store = engine_duckdb::open_store(&path).expect("a warehouse");
    load::schema::create_tables(&mut store, &model).expect("tables");
    // The header says the build itself.
    let options = load::vcf::VcfOptions { build: None, ..options() };
    let start = Instant::now();
    let reports = load(&mut store, &model, std::slice::from_ref(&file), &options).expect("the file is good");
    eprintln!("loaded in {:?}: {reports:?}", start.elapsed());
    assert_eq!(
        rows(&mut store, "select name, build, people from call_set"),
        ["10k.chr22.phase3.20130502.genotypes GRCh37 2504"]
    );
    assert_eq!(number(&mut store, "select count(*) from variant"), 9_792, "alleles");
    assert_eq!(number(&mut store, "select count(*) from site"), 9_792, "allele records");
    assert_eq!(number(&mut store, "select count(*) from genotype where not phased"), 0, "the file is phased");
    assert_eq!(number(&mut store, "select count(*) from variant where kind = 'symbolic'"), 8);
    assert_eq!(number(&mut store, "select count(distinct call) from genotype where call in (1, 2)"), 2);
    assert_eq!(
        number(&mut store, "select count(*) from genotype where call not in (1, 2)"),
        0,
        "no missing or single calls"
    );
    store
        .execute(
            "create temp table counts as select variant_id, coalesce(sum(case call when 2 then 2 when 1 then 1 end), 0) as ac \
             from variant left join genotype using (variant_id) group by 1",
        )
        .expect("counted");
    assert_eq!(number(&mut store, "select count(*) from counts where ac = 1"), 4_134, "singletons");
    assert_eq!(
        number(&mut store, "select count(*) from counts where ac = 0"),
        37,
        "alleles that nobody carries"
    );
    assert_eq!(number(&mut store, "select sum(ac) from counts"), 1_025_433, "copies");
    assert_eq!(
        number(&mut store, "select count(*) from genotype where call = 2"),
        269_594,
        "homozygous people"
    );

    // The same bytes again: nothing happens.
    let again = load(&mut store, &model, &[file], &options).expect("known bytes");
    assert!(again[0].already);
    assert_eq!(number(&mut store, "select count(*) from call_set"), 1);
    drop(store);

    // Another process finds everything.
    let mut store = engine_duckdb::open_store(&path).expect("the warehouse");
    assert_eq!(
        number(&mut store, "select sum(case call when 2 then 2 when 1 then 1 end) from genotype"),
        1_025_433
    );
}
