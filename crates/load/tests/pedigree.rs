//! Pedigrees: the two forms, what is refused, and the 1000 Genomes Project's own file.

mod support;

use load::pedigree::{Options, load};
use load::source::{LoadError, Rejects, Report, Silent};
use support::{genomics, kept, number, refused, rows, shared, warehouse, written};

fn loaded(text: &str, rejects: &mut Rejects) -> (engine_duckdb::DuckStore, Result<Report, LoadError>) {
    let model = genomics();
    let mut store = warehouse(&model);
    let path = written("a.ped", text);
    let report = load(&mut store, &model, &path, Options { samples: true }, rejects, &Silent);
    (store, report)
}

#[test]
fn six_columns() {
    let text =
        "F1 dad 0 0 1 1\nF1 mum 0 0 2 1\nF1\tkid dad mum 2 2\nF2 lone 0 0 0 0\nF3 a x 0 1 0\nF3 b x 0 1 0\n";
    let (mut store, report) = loaded(text, &mut Rejects::strict());
    let report = report.unwrap();
    assert_eq!(
        report.notes,
        ["2 parents are no individuals of the file or the warehouse and were left out", "1 trios"]
    );
    let people = rows(
        &mut store,
        &["subject_id", "sex", "family", "father_id", "mother_id", "unrelated"],
        "from subject order by subject_id",
    );
    assert_eq!(
        people,
        [
            "a|male|F3|-|-|false",
            "b|male|F3|-|-|false",
            "dad|male|F1|-|-|false",
            "kid|female|F1|dad|mum|false",
            "lone|unknown|F2|-|-|true",
            "mum|female|F1|-|-|false",
        ]
    );
    assert_eq!(number(&mut store, "select count(*) from sample"), 6);
    assert_eq!(rows(&mut store, &["proband_id", "father_id", "mother_id"], "from trio"), ["kid|dad|mum"]);
}

#[test]
fn what_cannot_be_is_refused_by_line() {
    let text = "F dad 0 0 1 1\nF mum 0 0 2 1\nF dup 0 0 1 1\nF dup 0 0 1 1\nF self self 0 1 0\nF swapped mum dad 1 0\n\
                F c1 c2 0 1 0\nF c2 c1 0 1 0\nF sexless 0 0 3 0\nF short 0 0\nF both dad dad 1 0\n";
    let (mut rejects, path) = kept();
    let (mut store, report) = loaded(text, &mut rejects);
    let report = report.unwrap();
    assert_eq!(report.rejected, 9);
    let mut told = refused(&path);
    told.sort();
    assert_eq!(
        told,
        [
            "10: 4 columns, expected 6",
            "11: individual both has one person as both parents",
            "3: individual dup also at line 4",
            "4: individual dup also at line 3",
            "5: individual self is its own parent",
            "6: mum, the father of swapped, is female",
            "7: individual c1 is its own ancestor",
            "8: individual c2 is its own ancestor",
            "9: sex is `3`, expected 1 for male, 2 for female, 0 for unknown",
        ]
    );
    assert_eq!(number(&mut store, "select count(*) from subject"), 2);
}

#[test]
fn without_a_rejects_file_nothing_is_loaded() {
    let (mut store, report) = loaded("F dad 0 0 1 1\nF dad 0 0 1 1\n", &mut Rejects::strict());
    let error = report.unwrap_err();
    assert_eq!(error.problems.len(), 2);
    assert_eq!(number(&mut store, "select count(*) from subject"), 0);
}

#[test]
fn a_sex_that_contradicts_the_warehouse_is_refused() {
    let model = genomics();
    let mut store = warehouse(&model);
    let first = written("a.ped", "F a 0 0 1 1\nF b 0 0 0 1\n");
    load(&mut store, &model, &first, Options::default(), &mut Rejects::strict(), &Silent).unwrap();
    let second = written("b.ped", "F a 0 0 2 1\nF b 0 0 2 1\n");
    let (mut rejects, path) = kept();
    load(&mut store, &model, &second, Options::default(), &mut rejects, &Silent).unwrap();
    assert_eq!(refused(&path), ["1: subject_id a: sex is female here and male in the warehouse"]);
    assert_eq!(rows(&mut store, &["subject_id", "sex"], "from subject order by 1"), ["a|male", "b|female"]);
}

#[test]
fn the_1000_genomes_project() {
    let Some(path) = shared("data/1000g-samples/20130606_g1k.ped") else { return };
    let model = genomics();
    let mut store = warehouse(&model);
    let options = Options { samples: true };
    let report = load(&mut store, &model, &path, options, &mut Rejects::strict(), &Silent).unwrap();
    assert_eq!((report.rejected, report.rows), (0, 3501 * 2 + 641));
    assert_eq!(number(&mut store, "select count(*) from subject"), 3501);
    assert_eq!(number(&mut store, "select count(*) from sample"), 3501);
    assert_eq!(number(&mut store, "select count(*) from trio"), 641);
    assert_eq!(number(&mut store, "select count(*) from subject where sex = 'male'"), 1740);
    assert_eq!(number(&mut store, "select count(*) from subject where ancestry is null"), 0);
    assert_eq!(number(&mut store, "select count(distinct population) from subject"), 26);
    let again = load(&mut store, &model, &path, options, &mut Rejects::strict(), &Silent).unwrap();
    assert!(again.already);
}
