//! Small made VCF files: ploidy, missing and half calls, several alternates, `*`, symbolic alleles,
//! per-call columns, annotation, reference blocks; and what is refused.

mod vcf_support;

use load::source::{Rejects, Silent};
use load::vcf::{Build, Declared, VcfOptions};
use std::path::PathBuf;
use tempfile::TempDir;
use vcf_support::{genomics, load, number, options, rows, vcf, vcf_with, warehouse};

const CALLS: &str = "select position, ref, alt, ordinal, call from genotype join variant using (variant_id) \
                     order by variant_id, ordinal";

fn dir() -> TempDir {
    tempfile::tempdir().expect("a directory")
}

#[test]
fn codes_of_calls() {
    let (dir, model) = (dir(), genomics());
    let file = vcf(
        dir.path(),
        "a.vcf",
        "s0 s1 s2 s3 s4 s5",
        &[
            // two alternates, half and missing calls
            "chr1 100 . A C,G . . . GT 0/1 1|2 ./. 0/. 2/. 0|0",
            // one copy
            "chr1 200 . A C . . . GT 0 1 . 0/0 1/1 0|1",
            // ten alternates: alleles of two digits
            "chr1 300 . A AC,AG,AT,ACC,AGG,ATT,ACG,AGC,ACT,AGT . . . GT 0/10 10/10 9|1 0/0 0/0 0/0",
        ],
    );
    let mut store = warehouse(&model);
    load(&mut store, &model, &[file], &options()).expect("good");
    let calls = rows(&mut store, CALLS);
    let at =
        |position: &str| calls.iter().filter(|row| row.starts_with(position)).cloned().collect::<Vec<_>>();
    assert_eq!(
        at("100"),
        [
            "100 A C 0 1",
            "100 A C 1 1",
            "100 A C 2 3",
            "100 A C 3 4",
            "100 A C 4 4", //
            "100 A G 1 1",
            "100 A G 2 3",
            "100 A G 3 4",
            "100 A G 4 5",
        ]
    );
    assert_eq!(at("200"), ["200 A C 0 4", "200 A C 1 5", "200 A C 2 3", "200 A C 4 2", "200 A C 5 1"]);
    assert_eq!(at("300"), ["300 A AC 2 1", "300 A ACT 2 1", "300 A AGT 0 1", "300 A AGT 1 2"]);
    assert_eq!(rows(&mut store, "select distinct contig from variant"), ["1"], "without chr");
}

#[test]
fn per_call_columns_are_kept() {
    let (dir, model) = (dir(), genomics());
    let header = "##FORMAT=<ID=XX,Number=2,Type=Float,Description=\"x\">\n";
    let records = &[
        "1 5 rs7 A C 30.5 PASS . GT:DP:GQ:PS:XX 0|1:12:99:5:1.5,2 0/1:.:.:.:. 1/1",
        "1 6 rs8;x T G . q10;q20 . GT 0/1 0/0 0/0",
        "1 7 rs8;rs9 T G,C . . . DP 1 2 3",
    ];
    let file = vcf_with(dir.path(), "a.vcf", header, "a b c", records);
    let mut store = warehouse(&model);
    load(&mut store, &model, &[file], &options()).expect("good");
    let sql = "select ordinal, call, phased, phase_set, depth, quality from genotype where variant_id = 1 order by ordinal";
    assert_eq!(rows(&mut store, sql), ["0 1 true 5 12 99", "1 1 false - - -", "2 2 false - - -"]);
    let sql = "select variant_id, filter, quality, name, rs from site join variant using (variant_id) order by variant_id";
    let expected =
        ["1 PASS 30.500000000000 rs7 rs7", "2 q10;q20 - rs8;x rs8", "3 - - rs8;rs9 -", "4 - - rs8;rs9 -"];
    assert_eq!(rows(&mut store, sql), expected);
    assert_eq!(
        number(&mut store, "select count(*) from genotype where variant_id > 2 and call = 3"),
        6,
        "no GT: nothing known"
    );
}

#[test]
fn kinds_and_ends_of_alleles() {
    let (dir, model) = (dir(), genomics());
    let file = vcf(
        dir.path(),
        "a.vcf",
        "a",
        &[
            "2 10 . acg t,acgt . . . GT 0/1",
            "2 20 . AT A,* . . . GT 1/2",
            "2 30 . A <DEL> . . END=90 GT 0/1",
            "2 30 . A <CN0>,<CN2> . . SVLEN=-10,20 GT 0/1",
            "2 40 . A <INS> . . . GT 0/1",
            "2 40 . A <INS> . . . GT 1/1",
            "2 50 . G G]17:198982] . . . GT 0/1",
            "2 60 . GAC GTT . . . GT 0/1",
        ],
    );
    let mut store = warehouse(&model);
    load(&mut store, &model, &[file], &options()).expect("good");
    assert_eq!(
        rows(&mut store, "select position, end_position, ref, alt, kind from variant order by variant_id"),
        [
            "10 12 ACG T complex",
            "12 12 G GT insertion",
            "20 21 AT A deletion",
            "20 21 AT * overlapping_deletion",
            "30 90 A <DEL> symbolic",
            "30 40 A <CN0> symbolic",
            "30 50 A <CN2> symbolic",
            "40 40 A <INS> symbolic",
            "40 40 A <INS> symbolic",
            "50 50 G G]17:198982] symbolic",
            "61 62 AC TT mnv",
        ]
    );
}

#[test]
fn people_with_one_copy_of_x_come_first() {
    let (dir, model) = (dir(), genomics());
    let one = vcf(dir.path(), "1.vcf", "ann bob cid", &["1 5 . A C . . . GT 0/1 1/1 0/0"]);
    let x = vcf(
        dir.path(),
        "x.vcf",
        "ann bob cid",
        &[
            "X 100000 . A C . . . GT 0/1 0/1 0/1",
            "X 5000000 . A C . . . GT 0/1 1 0",
            "chrY 5000000 . T C . . . GT . 1 0",
        ],
    );
    let mut store = warehouse(&model);
    let reports = load(&mut store, &model, &[one.clone(), x], &options()).expect("good");
    assert_eq!(reports.len(), 1, "one call set of two files");
    let people = "select ordinal, sample_id from call_set_sample order by ordinal";
    assert_eq!(rows(&mut store, people), ["0 bob", "1 cid", "2 ann"]);
    let calls = "select contig, position, ordinal, call from genotype join variant using (variant_id) order by variant_id, ordinal";
    let expected = [
        "1 5 0 2",
        "1 5 2 1", //
        "X 100000 0 1",
        "X 100000 1 1",
        "X 100000 2 1", //
        "X 5000000 0 5",
        "X 5000000 1 4",
        "X 5000000 2 1", //
        "Y 5000000 0 5",
        "Y 5000000 1 4",
        "Y 5000000 2 3",
    ];
    assert_eq!(rows(&mut store, calls), expected);
    // A file that is part of a call set is not loaded again alone.
    let error = load(&mut store, &model, &[one], &options()).expect_err("known");
    assert!(error.to_string().contains("loaded before"), "{error}");
}

#[test]
fn alleles_are_shared_between_call_sets() {
    let (dir, model) = (dir(), genomics());
    let records =
        &["1 100 . A C . . . GT 0/1", "1 200 . TAT TGT . . . GT 0/1", "1 300 . A <INS> . . . GT 0/1"];
    let first = vcf(dir.path(), "a.vcf", "a", records);
    let records = &[
        "1 100 . A G,C . . . GT 1/2",
        "1 201 . A G . . . GT 0/1",
        "1 300 . A <INS> . . . GT 0/1",
        "1 300 . A <INS> . . . GT 0/1",
    ];
    let second = vcf(dir.path(), "b.vcf", "b", records);
    let mut store = warehouse(&model);
    load(&mut store, &model, &[first, second], &options()).expect("good");
    let sql = "select call_set_id, string_agg(variant_id, ' ' order by variant_id) from site group by all order by all";
    assert_eq!(rows(&mut store, sql), ["1 1 2 3", "2 1 2 3 4 5"]);
    let sql = "select variant_id, position, ref, alt from variant where variant_id > 3 order by all";
    assert_eq!(rows(&mut store, sql), ["4 100 A G", "5 300 A <INS>"]);
    assert_eq!(
        rows(&mut store, "select variant_id from genotype where call_set_id = 2 order by all"),
        ["1", "2", "3", "4", "5"]
    );
}

#[test]
fn reference_blocks_become_coverage() {
    let (dir, model) = (dir(), genomics());
    let header = "##ALT=<ID=NON_REF,Description=\"any other\">\n";
    let file = vcf_with(
        dir.path(),
        "a.g.vcf",
        header,
        "a b",
        &[
            "1 1 . A <NON_REF> . . END=10 GT:DP 0/0:5 0/0:9",
            "1 11 . C <*> . . END=20 GT:DP 0/0:5 0/0:9",
            "1 21 . C <NON_REF> . . END=30 GT 0/0 ./.",
            "1 31 . C T,<NON_REF> . . . GT 0/1 0/0",
            "1 32 . C . . . . GT 0/. 0/0",
            "2 5 . C <NON_REF> . . END=6 GT ./. ./.",
        ],
    );
    let mut store = warehouse(&model);
    load(&mut store, &model, &[file], &options()).expect("good");
    let sql = "select contig, start_position, end_position, hex(covered) from coverage order by all";
    assert_eq!(rows(&mut store, sql), ["1 1 20 -", "1 21 30 0601", "1 31 31 -", "1 32 32 0602"]);
    assert_eq!(rows(&mut store, "select alt from variant"), ["T"], "<NON_REF> is no allele");
    assert_eq!(rows(&mut store, CALLS), ["31 C T 0 1"]);
}

#[test]
fn coverage_can_be_declared() {
    let (dir, model) = (dir(), genomics());
    let file = vcf(dir.path(), "a.vcf", "a", &["22 100 . A C . . . GT 0/1"]);
    let mut store = warehouse(&model);
    load(&mut store, &model, std::slice::from_ref(&file), &options()).expect("good");
    assert_eq!(number(&mut store, "select count(*) from coverage"), 0, "silence covers nothing");

    let mut store = warehouse(&model);
    let declared = VcfOptions { covered: Declared::Everywhere, ..options() };
    load(&mut store, &model, std::slice::from_ref(&file), &declared).expect("good");
    let sql = "select contig, start_position, end_position, covered from coverage order by all";
    assert_eq!(rows(&mut store, sql), ["22 1 51304566 -"]);

    let bed = dir.path().join("covered.bed");
    std::fs::write(&bed, "#x\nchr1\t0\t10\nchr1\t10\t20\nchr1\t15\t18\nchr2\t5\t6\tname\n").expect("written");
    let mut store = warehouse(&model);
    let declared = VcfOptions { covered: Declared::Bed(&bed), ..options() };
    load(&mut store, &model, std::slice::from_ref(&file), &declared).expect("good");
    assert_eq!(rows(&mut store, sql), ["1 1 20 -", "2 6 6 -"]);

    for bad in ["chr1\t7\t7", "chr1\t7", "chr1\t7\tx", "chr1\t7\t18446744073709551615"] {
        std::fs::write(&bed, format!("chr1\t0\t10\n{bad}\n")).expect("written");
        let error =
            load(&mut warehouse(&model), &model, std::slice::from_ref(&file), &declared).expect_err(bad);
        assert_eq!(error.problems[0].line, Some(2), "{bad}");
    }
}

#[test]
fn annotation_becomes_effects() {
    let (dir, model) = (dir(), genomics());
    let header = "##INFO=<ID=ANN,Number=.,Type=String,Description=\"Functional annotations: 'Allele | Annotation | \
                  Annotation_Impact | Gene_Name | Gene_ID | Feature_Type | Feature_ID | Transcript_BioType | Rank | HGVS.c | HGVS.p'\">\n";
    let records =
        &["1 100 . A C,G . . ANN=C|missense_variant|MODERATE|G1|E1|transcript|T1|pc|1/2|c.1A>C|p.K1Q,\
         G|stop_gained&splice_region_variant|HIGH|G1|E1|transcript|T1|pc|1/2|c.1A>G|p.K1*,\
         G|intron_variant|MODIFIER|G1|E1|transcript|T2|pc||c.9+1A>G| GT 0/1"];
    let file = vcf_with(dir.path(), "a.vcf", header, "a", records);
    let mut store = warehouse(&model);
    load(&mut store, &model, std::slice::from_ref(&file), &options()).expect("good");
    let sql = "select effect_id, gene, transcript, consequence, impact, hgvs_c, hgvs_p, reported from effect order by all";
    assert_eq!(
        rows(&mut store, sql),
        [
            "1.1 G1 T1 SO:0001583 moderate c.1A>C p.K1Q true",
            "2.1 G1 T1 SO:0001587 high c.1A>G p.K1* true",
            "2.2 G1 T2 SO:0001627 modifier c.9+1A>G - false",
        ]
    );
    // A warehouse that has the ontology is asked first.
    let term = |name: &str| (name == "missense_variant").then(|| "SO:9999999".to_owned());
    let asked = VcfOptions { terms: Some(&term), ..options() };
    let mut store = warehouse(&model);
    load(&mut store, &model, std::slice::from_ref(&file), &asked).expect("good");
    assert_eq!(rows(&mut store, "select consequence from effect where effect_id = '1.1'"), ["SO:9999999"]);
}

#[test]
fn bad_records_are_told_by_line_and_nothing_is_loaded() {
    let (dir, model) = (dir(), genomics());
    let file = vcf(
        dir.path(),
        "a.vcf",
        "ann bob",
        &[
            "1 100 . A C . . . GT 0/1 0/0",
            "1 110 . A C . . . GT 0/2 0/0",
            "1 120 . A C . . . GT 0/1",
            "1 130 . A C . . . GT 0/1 0/0/1",
            "1 100 . A G . . . GT 0/1 0/0",
            "1 140 . A C . . . GT 0/1 0/0",
            "1 140 . AT CT . . . GT 0/1 0/0",
            "1 249250623 . A C . . . GT 0/1 0/0",
        ],
    );
    let mut store = warehouse(&model);
    let error = load(&mut store, &model, std::slice::from_ref(&file), &options()).expect_err("bad records");
    let told: Vec<String> = error
        .problems
        .iter()
        .map(|problem| format!("{} {}", problem.line.unwrap_or(0), problem.reason))
        .collect();
    assert_eq!(
        told,
        [
            "4 sample ann: allele 2, but ALT has 1",
            "5 10 columns, expected 11",
            "6 sample bob: 3 copies; calls of one and two copies are loaded",
            "7 POS 100 comes after 130; records must be sorted",
            "9 the allele 1:140 A>C stands in the file before",
            "10 POS 249250623 lies behind the end of contig 1 (249250621)",
        ]
    );
    for table in ["variant", "genotype", "call_set", "sample", "subject", "load_log"] {
        assert_eq!(number(&mut store, &format!("select count(*) from {table}")), 0, "{table}");
    }

    // With a rejects file the others load, and the refused lines are in it.
    let kept = dir.path().join("rejects.tsv");
    let mut rejects = Rejects::to_file(&kept).expect("a file");
    let paths = [file.clone()];
    let reports = load::vcf::load(&mut store, &model, &paths, &options(), &mut rejects, &Silent)
        .expect("the good ones");
    assert_eq!(reports[0].rejected, 6);
    assert_eq!(rows(&mut store, CALLS), ["100 A C 0 1", "140 A C 0 1"]);
    assert_eq!(rows(&mut store, "select kind, name, rejected from load_log"), ["vcf a 6"]);
    let text = std::fs::read_to_string(&kept).expect("the rejects");
    assert_eq!(text.lines().count(), 6);
    let first = format!("{}\t4\tsample ann: allele 2, but ALT has 1\t1\t110\t.", file.display());
    assert!(text.starts_with(&first), "{text}");
}

#[test]
fn many_bad_records_stop_the_reading() {
    let (dir, model) = (dir(), genomics());
    let records: Vec<String> = (1..100).map(|at| format!("1 {at} . A C x . . GT 0/1")).collect();
    let records: Vec<&str> = records.iter().map(String::as_str).collect();
    let file = vcf(dir.path(), "a.vcf", "a", &records);
    let error = load(&mut warehouse(&model), &model, &[file], &options()).expect_err("bad");
    assert_eq!((error.problems.len(), error.stopped), (20, true));
}

#[test]
fn samples_must_be_known() {
    let (dir, model) = (dir(), genomics());
    let file = vcf(dir.path(), "a.vcf", "a b c d e f g", &["1 5 . A C . . . GT 0/1 0/0 0/0 0/0 0/0 0/0 0/0"]);
    let mut store = warehouse(&model);
    let strict = VcfOptions { create_samples: false, ..options() };
    let error = load(&mut store, &model, std::slice::from_ref(&file), &strict).expect_err("unknown");
    assert!(error.to_string().contains("a, b, c, d, e and 2 more"), "{error}");
    assert!(error.to_string().contains("--create-samples"), "{error}");
    load(&mut store, &model, &[file], &options()).expect("made");
    assert_eq!(rows(&mut store, "select count(*), min(sex) from subject"), ["7 unknown"]);
}

#[test]
fn the_build_must_be_known_and_agree() {
    let (dir, model) = (dir(), genomics());
    let open = VcfOptions { build: None, ..options() };
    let record = &["1 5 . A C . . . GT 0/1"];
    let plain = vcf(dir.path(), "plain.vcf", "a", record);
    let told = |path: &PathBuf, options: &VcfOptions<'_>| {
        let mut store = warehouse(&model);
        match load(&mut store, &model, std::slice::from_ref(path), options) {
            Ok(_) => rows(&mut store, "select build from call_set").join(" "),
            Err(error) => error.problems[0].reason.clone(),
        }
    };
    assert!(told(&plain, &open).contains("--build"));
    assert_eq!(told(&plain, &options()), "GRCh37");
    let lengths = vcf_with(dir.path(), "l.vcf", "##contig=<ID=chr1,length=248956422>\n", "a", record);
    assert_eq!(told(&lengths, &open), "GRCh38");
    assert!(told(&lengths, &options()).contains("but the length of contig chr1 is of GRCh38"));
    let assembly = vcf_with(
        dir.path(),
        "s.vcf",
        "##contig=<ID=1,assembly=b37>\n##reference=file:///x/hg38.fa\n",
        "a",
        record,
    );
    assert!(told(&assembly, &open).contains("contradicts itself"));
    let agreed = VcfOptions { build: Some(Build::Grch38), ..options() };
    assert_eq!(told(&lengths, &agreed), "GRCh38");
}

#[test]
fn packed_files_are_read_and_cut_ones_refused() {
    let (dir, model) = (dir(), genomics());
    let plain = vcf(dir.path(), "plain.vcf", "a", &["1 5 . A C . . . GT 0/1", "1 6 . A C . . . GT 1/1"]);
    let bytes = std::fs::read(&plain).expect("the file");
    let gzip = dir.path().join("a.vcf.gz");
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut writer, &bytes).expect("packed");
    let packed = writer.finish().expect("packed");
    std::fs::write(&gzip, &packed).expect("written");
    let bgzf = dir.path().join("b.vcf.gz");
    let mut writer = noodles_bgzf::io::Writer::new(Vec::new());
    std::io::Write::write_all(&mut writer, &bytes).expect("packed");
    let blocks = writer.finish().expect("packed");
    std::fs::write(&bgzf, &blocks).expect("written");
    for path in [&gzip, &bgzf] {
        let mut store = warehouse(&model);
        load(&mut store, &model, std::slice::from_ref(path), &options()).expect("good");
        assert_eq!(rows(&mut store, CALLS), ["5 A C 0 1", "6 A C 0 2"]);
    }
    std::fs::write(&gzip, &packed[..packed.len() - 12]).expect("written");
    std::fs::write(&bgzf, &blocks[..blocks.len() - 28]).expect("written");
    for path in [&gzip, &bgzf] {
        let mut store = warehouse(&model);
        let error = load(&mut store, &model, std::slice::from_ref(path), &options()).expect_err("cut");
        assert!(error.to_string().contains("cut off"), "{error}");
        assert_eq!(number(&mut store, "select count(*) from variant"), 0);
    }
}

#[test]
fn the_reference_aligns_and_checks() {
    let (dir, model) = (dir(), genomics());
    let fasta = dir.path().join("ref.fa");
    std::fs::write(&fasta, ">chr1\nGGCACACATTTTT\n").expect("written");
    let records = &["1 6 . ACA A . . . GT 0/1", "1 9 . T C . . . GT 0/1", "1 10 . G C . . . GT 0/1"];
    let file = vcf(dir.path(), "a.vcf", "a", records);
    let options = VcfOptions { reference: Some(&fasta), ..options() };
    let mut store = warehouse(&model);
    let error = load(&mut store, &model, std::slice::from_ref(&file), &options).expect_err("REF is wrong");
    assert_eq!(error.problems[0].reason, "REF has G at 1:10, the reference T");
    let file = vcf(dir.path(), "b.vcf", "a", &records[..2]);
    load(&mut store, &model, &[file], &options).expect("good");
    assert_eq!(rows(&mut store, "select position, ref, alt from variant order by all"), ["2 GCA G", "9 T C"]);
}

#[test]
fn a_load_that_failed_leaves_nothing_and_can_be_repeated() {
    let (dir, model) = (dir(), genomics());
    let good = vcf(dir.path(), "a.vcf", "a", &["1 100 . A C . . . GT 0/1"]);
    // Enough alleles that batches were written before the bad line is met.
    let records: Vec<String> = (1..5_000).map(|at| format!("1 {at} . A C . . . GT 0/1")).collect();
    let mut records: Vec<&str> = records.iter().map(String::as_str).collect();
    records.push("1 5000 . A C . . . GT 0/7");
    let second = vcf(dir.path(), "b.vcf", "b", &records);
    let path = dir.path().join("w.duckdb");
    let open = || {
        let mut store = engine_duckdb::open_store(&path).expect("a warehouse");
        load::schema::create_tables(&mut store, &model).expect("tables");
        store
    };
    let mut store = open();
    let error =
        load(&mut store, &model, &[good.clone(), second.clone()], &options()).expect_err("the second is bad");
    assert_eq!(error.problems[0].line, Some(5_002));
    drop(store);
    let mut store = open();
    let counts = "select (select count(*) from call_set), (select count(*) from variant), (select count(*) from sample)";
    assert_eq!(rows(&mut store, counts), ["1 1 1"], "the first stays, of the second nothing is left");
    let text = std::fs::read_to_string(&second).expect("the file").replace("0/7", "0/1");
    std::fs::write(&second, text).expect("corrected");
    let reports = load(&mut store, &model, &[good, second], &options()).expect("now good");
    assert_eq!(reports.iter().map(|report| report.already).collect::<Vec<_>>(), [true, false]);
    assert_eq!(rows(&mut store, counts), ["2 5000 2"], "the allele at 100 is shared");
}

#[test]
fn files_of_a_call_set_may_not_repeat_an_allele() {
    let (dir, model) = (dir(), genomics());
    let one = vcf(dir.path(), "1.vcf", "a", &["1 100 . A C . . . GT 0/1", "2 100 . A C . . . GT 0/1"]);
    let apart = vcf(dir.path(), "2.vcf", "a", &["1 100 . A G . . . GT 0/1"]);
    let again = vcf(dir.path(), "3.vcf", "a", &["1 99 . TA TC . . . GT 0/1"]);
    let mut store = warehouse(&model);
    let error = load(&mut store, &model, &[one.clone(), again], &options()).expect_err("twice");
    assert!(error.to_string().contains("stands twice in the files of the call set: 1:100 A>C"), "{error}");
    assert_eq!(number(&mut store, "select count(*) from variant"), 0);
    load(&mut store, &model, &[one, apart], &options()).expect("different alleles");
    assert_eq!(number(&mut store, "select count(*) from variant"), 3);
}

#[test]
fn contigs_do_not_come_again() {
    let (dir, model) = (dir(), genomics());
    let records = &["1 5 . A C . . . GT 0/1", "2 5 . A C . . . GT 0/1", "chr1 9 . A C . . . GT 0/1"];
    let file = vcf(dir.path(), "a.vcf", "a", records);
    let error = load(&mut warehouse(&model), &model, &[file], &options()).expect_err("1 after 2");
    assert_eq!(error.problems[0].reason, "contig 1 comes again after another");
}

#[test]
fn effects_of_an_allele_are_written_once() {
    let (dir, model) = (dir(), genomics());
    let header = "##INFO=<ID=CSQ,Number=.,Type=String,Description=\"Consequence annotations from Ensembl VEP. \
                  Format: Allele|Consequence|IMPACT|SYMBOL|Feature_type|Feature\">\n";
    let shared = "1 5 . A C . . CSQ=C|stop_gained|HIGH|G|Transcript|T1 GT 0/1";
    let new = "1 6 . A C . . CSQ=C|stop_gained|HIGH|G|Transcript|T1,C|upstream_gene_variant|MODIFIER|G|Transcript|T2 GT 0/1";
    let first = vcf_with(dir.path(), "a.vcf", header, "a", &[shared]);
    let second = vcf_with(dir.path(), "b.vcf", header, "b", &[shared, new]);
    let mut store = warehouse(&model);
    let reports = load(&mut store, &model, &[first, second], &options()).expect("good");
    assert_eq!(rows(&mut store, "select effect_id from effect order by all"), ["1.1", "2.1", "2.2"]);
    assert!(
        reports[1].notes.iter().any(|note| note.contains("1 alleles had effects before")),
        "{:?}",
        reports[1].notes
    );
    let unknown = "1 7 . A C . . CSQ=C|nonsense|HIGH|G|Transcript|T1 GT 0/1";
    let third = vcf_with(dir.path(), "c.vcf", header, "c", &[unknown]);
    let error = load(&mut store, &model, &[third], &options()).expect_err("no such term");
    assert!(error.to_string().contains("`nonsense` is no consequence"), "{error}");
}
