//! Releases beside the alleles of a small call set.

use super::*;
use crate::source::Silent;
use crate::{schema, vcf};
use arrow::array::Array as _;
use engine_duckdb::DuckStore;
use std::path::PathBuf;

const GENOMICS: &str = include_str!("../../../../stdlib/models/genomics.bq");
const HEAD: &str = "##fileformat=VCFv4.2\n##reference=GRCh38\n";
const SITES: &str = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n";
const CALLS: &str = "##FORMAT=<ID=GT,Number=1,Type=String,Description=\"g\">\n\
    #CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tann\n\
    13\t100\t.\tA\tG,T\t.\t.\t.\tGT\t1/2\n13\t200\t.\tGT\tG\t.\t.\t.\tGT\t0/1\n";
const INFO: &str = "##INFO=<ID=AF,Number=A,Type=Float,Description=\"f\">\n\
    ##INFO=<ID=AF_grpmax,Number=A,Type=Float,Description=\"f\">\n\
    ##INFO=<ID=CLNSIG,Number=.,Type=String,Description=\"c\">\n\
    ##INFO=<ID=CLNREVSTAT,Number=.,Type=String,Description=\"c\">\n\
    ##INFO=<ID=CLNHGVS,Number=.,Type=String,Description=\"c\">\n\
    ##INFO=<ID=RS,Number=.,Type=String,Description=\"c\">\n";

struct Made {
    folder: tempfile::TempDir,
    store: DuckStore,
}

impl Made {
    fn new() -> Made {
        let folder = tempfile::tempdir().unwrap();
        let mut store = engine_duckdb::open_store(folder.path().join("w.duckdb")).unwrap();
        let (parsed, _) = syntax::parse(text::Files::new().add("m", GENOMICS), GENOMICS);
        let model = model::read(&[&parsed]).0.unwrap();
        schema::create_tables(&mut store, &model).unwrap();
        let calls = folder.path().join("calls.vcf");
        std::fs::write(&calls, format!("{HEAD}{CALLS}")).unwrap();
        let options = vcf::VcfOptions { create_samples: true, ..vcf::VcfOptions::default() };
        vcf::load(&mut store, &model, &[calls], &options, &mut Rejects::strict(), &Silent).unwrap();
        Made { folder, store }
    }

    /// Loads one more call set.
    fn calls(&mut self, lines: &str) {
        let (parsed, _) = syntax::parse(text::Files::new().add("m", GENOMICS), GENOMICS);
        let model = model::read(&[&parsed]).0.unwrap();
        let path = self.folder.path().join("more.vcf");
        let head = CALLS.split_inclusive('\n').take(2).collect::<String>().replace("ann", "bob");
        std::fs::write(&path, format!("{HEAD}{head}{lines}")).unwrap();
        let options = vcf::VcfOptions { create_samples: true, ..vcf::VcfOptions::default() };
        vcf::load(&mut self.store, &model, &[path], &options, &mut Rejects::strict(), &Silent).unwrap();
    }

    fn file(&self, name: &str, lines: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, format!("{HEAD}{INFO}{SITES}{lines}")).unwrap();
        path
    }

    fn load(&mut self, release: Release<'_>, name: &str, lines: &str) -> Result<Report, LoadError> {
        let path = self.file(name, lines);
        let options = Options { release, build: None, reference: None };
        load(&mut self.store, &path, options, &mut Rejects::strict(), &Silent)
    }

    fn rows(&mut self, sql: &str) -> Vec<String> {
        let rows = self.store.query(sql).unwrap();
        let texts =
            rows.iter().filter_map(|rows| rows.column(0).as_any().downcast_ref::<StringArray>().cloned());
        texts
            .flat_map(|texts| (0..texts.len()).map(|at| texts.value(at).to_owned()).collect::<Vec<_>>())
            .collect()
    }
}

#[test]
fn frequencies_find_the_alleles_that_the_warehouse_has() {
    let mut made = Made::new();
    // The second alternate of the first place, a deletion written longer than it is, and a stranger.
    let lines = "13\t100\t.\tA\tC,T\t.\t.\tAF=0.5,1e-3;AF_grpmax=.,0.25\n\
                 chr13\t200\t.\tGTC\tGC\t.\t.\tAF=0.125\n";
    let report = made.load(Release::Gnomad("4.1"), "g.vcf", lines).unwrap();
    assert_eq!(report.rows, 2);
    assert_eq!(report.notes, ["1 of 3 alleles are not in the warehouse, and were left out"]);
    let sql = "select v.ref || '>' || v.alt || ' ' || g.af || ' ' || coalesce(cast(g.grpmax as varchar), '-') \
               from gnomad g join variant v using (variant_id) order by v.position";
    assert_eq!(made.rows(sql), ["A>T 0.001000000000 0.250000000000", "GT>G 0.125000000000 -"]);
    let again = made.load(Release::Gnomad("2.1"), "h.vcf", lines).unwrap_err().to_string();
    assert!(again.contains("release 4.1 already"), "{again}");
    let wrong = made.load(Release::Gnomad("4.1"), "i.vcf", "13\t100\t.\tA\tG\t.\t.\tAF=1.5\n");
    assert!(wrong.unwrap_err().to_string().contains("no share of a whole"));
}

#[test]
fn a_release_of_clinvar_holds_until_the_next_whichever_came_first() {
    let mut made = Made::new();
    let line = |position: u32, reference: &str, alternate: &str, said: &str| {
        format!(
            "13\t{position}\t77\t{reference}\t{alternate}\t.\t.\tCLNSIG={said};RS=5;CLNHGVS=NC_000013.11:g.1A>G\n"
        )
    };
    let old = line(100, "A", "G", "Uncertain_significance") + &line(200, "GT", "G", "Benign/Likely_benign");
    let new = line(100, "A", "G", "Pathogenic/Likely_pathogenic|drug_response");
    let between =
        line(100, "A", "G", "Conflicting_classifications_of_pathogenicity") + &line(100, "A", "C", "Benign");
    made.load(Release::Clinvar("2026-01-04"), "new.vcf", &new).unwrap();
    made.load(Release::Clinvar("2024-06-02"), "old.vcf", &old).unwrap();
    let report = made.load(Release::Clinvar("2025-01-05"), "between.vcf", &between).unwrap();
    assert!(report.notes[0].contains("on no step"), "{:?}", report.notes);
    let sql = "select v.position || ' ' || c.released_on || ' ' || coalesce(cast(c.listed_until as varchar), '-') || ' ' \
               || coalesce(c.significance, c.classification) from clinvar c join variant v using (variant_id) order by all";
    assert_eq!(
        made.rows(sql),
        [
            "100 2024-06-02 2025-01-04 uncertain",
            "100 2025-01-05 2026-01-03 Conflicting classifications of pathogenicity",
            "100 2026-01-04 - likely_pathogenic",
            "200 2024-06-02 2025-01-04 likely_benign",
        ]
    );
    assert_eq!(made.rows("select distinct rs || ' ' || hgvs_g from clinvar"), ["rs5 NC_000013.11:g.1A>G"]);
    // An allele that comes later finds what was said of it.
    assert_eq!(made.rows("select alt from clinvar where variant_id is null"), ["C"]);
    made.calls("13\t100\t.\tA\tC\t.\t.\t.\tGT\t0/1\n");
    assert_eq!(made.rows("select alt from clinvar where variant_id is null"), Vec::<String>::new());
    let again = made.load(Release::Clinvar("2025-01-05"), "again.vcf", &old).unwrap_err().to_string();
    assert!(again.contains("loaded already"), "{again}");
}
