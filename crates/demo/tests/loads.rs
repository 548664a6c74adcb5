//! Every source loads with nothing refused, through the loaders that real data goes through.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on says so")]

mod support;

use demo::{BUILD, GNOMAD, Kind, SEED, Source, write};
use engine::Store;
use engine_duckdb::DuckStore;
use load::release::{self, Release};
use load::source::{LoadError, Rejects, Report, Silent};
use load::vcf::{Build, VcfOptions};
use load::{annotation, consent, ontology, pedigree, phenopackets, table, vcf};
use model::Model;
use std::path::Path;

fn one(store: &mut DuckStore, model: &Model, source: &Source) -> Vec<Report> {
    let mut rejects = Rejects::strict();
    let first = source.paths[0].as_path();
    let loaded = match source.kind {
        Kind::Ontology => ontology::load(store, first, &ontology::Options::default(), &mut rejects, &Silent)
            .map(|report| vec![report]),
        Kind::Genes => annotation::load_genes(store, model, first, BUILD, &mut rejects, &Silent)
            .map(|report| vec![report]),
        Kind::GenePhenotypes => {
            annotation::load_gene_phenotypes(store, first, &mut rejects, &Silent).map(|report| vec![report])
        }
        Kind::Gnomad => released(store, first, Release::Gnomad(GNOMAD), &mut rejects),
        Kind::Clinvar(day) => released(store, first, Release::Clinvar(day), &mut rejects),
        Kind::Table(entity) => {
            table::load(store, model, entity, first, &table::Options::default(), &mut rejects, &Silent)
                .map(|report| vec![report])
        }
        Kind::Pedigree => {
            pedigree::load(store, model, first, pedigree::Options::default(), &mut rejects, &Silent)
                .map(|report| vec![report])
        }
        Kind::Phenopackets => phenopackets::load(
            store,
            model,
            &source.paths,
            phenopackets::Options::default(),
            &mut rejects,
            &Silent,
        )
        .map(|report| vec![report]),
        Kind::Vcf => {
            let options = VcfOptions { build: Some(Build::Grch38), ..VcfOptions::default() };
            vcf::load(store, model, &source.paths, &options, &mut rejects, &Silent)
        }
        Kind::Consent => {
            let paths = consent::Paths {
                events: Some(source.paths[0].clone()),
                scopes: Some(source.paths[1].clone()),
                ..consent::Paths::default()
            };
            consent::load(store, model, &paths, &mut rejects, &Silent).map(|report| vec![report])
        }
    };
    match loaded {
        Ok(reports) => reports,
        Err(error) => panic!("{:?}: {error} {:?}", source.kind, error.detail),
    }
}

fn released(
    store: &mut DuckStore,
    path: &Path,
    release: Release<'_>,
    rejects: &mut Rejects,
) -> Result<Vec<Report>, LoadError> {
    let options = release::Options { release, build: None, reference: None };
    release::load(store, path, options, rejects, &Silent).map(|report| vec![report])
}

fn number(store: &mut DuckStore, sql: &str) -> i64 {
    let rows = store.query(&format!("select cast(({sql}) as BIGINT)")).unwrap();
    let column = rows[0].column(0);
    arrow::array::cast::AsArray::as_primitive::<arrow::datatypes::Int64Type>(column).value(0)
}

#[test]
fn into_a_warehouse() {
    let folder = tempfile::tempdir().unwrap();
    let sources = write(folder.path(), SEED, 600).unwrap();
    let mut files = text::Files::new();
    let model = support::genomics(&mut files);
    let mut store = DuckStore::in_memory().unwrap();
    load::schema::create_tables(&mut store, &model).unwrap();
    for source in &sources.all {
        for report in one(&mut store, &model, source) {
            assert!(report.rows > 0 && report.rejected == 0, "{report:?}");
        }
    }
    assert_eq!(number(&mut store, "select count(*) from subject"), 600);
    assert_eq!(number(&mut store, "select count(*) from call_set"), 1);
    assert_eq!(number(&mut store, "select count(*) from subject where unrelated is null"), 0);
    assert!(number(&mut store, "select count(*) from trio") > 40);
    assert!(number(&mut store, "select count(*) from phenotype where excluded") > 500);
    assert!(number(&mut store, "select count(*) from finding") > 2);
    assert_eq!(number(&mut store, "select count(distinct contig) from variant"), 12);
    assert_eq!(number(&mut store, "select count(*) from finding where reported_on is null"), 0);
    assert!(number(&mut store, "select count(*) from gnomad where af >= 0.05") > 50);
    assert_eq!(number(&mut store, "select count(distinct released_on) from clinvar"), 2);
    assert_eq!(number(&mut store, "select count(*) from variant where kind = 'overlapping_deletion'"), 1);
    assert_eq!(
        number(
            &mut store,
            "select count(*) from effect where reported and hgvs_c = 'NM_007294.4:c.68_69del'"
        ),
        1
    );
}
