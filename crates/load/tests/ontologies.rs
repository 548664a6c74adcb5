//! Ontologies through the warehouse and back, with the counts of the real releases.

mod support;

use load::ontology::{Format, Options, fetch, load, systems};
use load::source::{Rejects, Silent};
use support::{genomics, number, rows, shared, warehouse, written};

const SMALL: &str = "data-version: 1\n\n[Term]\nid: HP:1\nname: all\nalt_id: HP:8\n\n[Term]\nid: HP:2\nname: seizure\n\
                     synonym: \"fit\" EXACT []\nis_a: HP:1\n\n[Term]\nid: HP:3\nis_obsolete: true\nreplaced_by: HP:2\n";

#[test]
fn there_and_back() {
    let mut store = warehouse(&genomics());
    let path = written("hp.obo", SMALL);
    let report = load(&mut store, &path, &Options::default(), &mut Rejects::strict(), &Silent).unwrap();
    assert_eq!(report.notes, ["HP 1"]);
    assert_eq!(systems(&mut store).unwrap(), [("HP".to_owned(), "1".to_owned())]);
    let expected = model::ontology::obo::read(SMALL, None).unwrap();
    assert_eq!(fetch(&mut store, "HP").unwrap().unwrap(), expected);
    assert_eq!(
        rows(&mut store, &["ancestor", "descendant"], "from ontology_closure order by 1"),
        ["HP:1|HP:1", "HP:1|HP:2", "HP:2|HP:2", "HP:3|HP:3"]
    );
    assert_eq!(
        rows(&mut store, &["id", "term"], "from ontology_successor order by 1"),
        ["HP:3|HP:2", "HP:8|HP:1"]
    );
}

#[test]
fn another_release_is_refused_unless_asked_for() {
    let mut store = warehouse(&genomics());
    load(&mut store, &written("hp.obo", SMALL), &Options::default(), &mut Rejects::strict(), &Silent)
        .unwrap();
    let newer = written("hp.obo", &SMALL.replace("data-version: 1", "data-version: 2"));
    let error = load(&mut store, &newer, &Options::default(), &mut Rejects::strict(), &Silent).unwrap_err();
    assert!(error.to_string().contains("HP 1 is already in the warehouse"), "{error}");
    let replace = Options { replace: true, ..Options::default() };
    load(&mut store, &newer, &replace, &mut Rejects::strict(), &Silent).unwrap();
    assert_eq!(systems(&mut store).unwrap(), [("HP".to_owned(), "2".to_owned())]);
    assert_eq!(number(&mut store, "select count(*) from ontology_term"), 3);
}

#[test]
fn a_bad_text_is_refused_with_its_line() {
    let mut store = warehouse(&genomics());
    let path = written("hp.obo", &SMALL.replace("is_a: HP:1", "is_a: HP:9"));
    let error = load(&mut store, &path, &Options::default(), &mut Rejects::strict(), &Silent).unwrap_err();
    assert_eq!(error.problems[0].line, Some(12));
    assert!(systems(&mut store).unwrap().is_empty());
}

#[test]
fn the_releases_have_their_counts() {
    let mut store = warehouse(&genomics());
    let given =
        |version: &str, format| Options { version: Some(version.to_owned()), format, ..Options::default() };
    for (file, options, system, version, terms, obsolete, pairs) in [
        ("hpo-2025-01-16/hp.obo.gz", Options::default(), "HP", "2025-01-16", 19_484, 450, Some(195_395)),
        ("so/so.obo", Options::default(), "SO", "2024-11-18", 2_615, 211, None),
        ("doid-2015/doid.2015-11-25.obo.gz", Options::default(), "DOID", "2015-11-24", 9_187, 2_371, None),
        ("duo/duo.csv", given("2021-02-23", None), "DUO", "2021-02-23", 25, 0, Some(0)),
        ("icd10cm/icd_codes.csv.gz", given("2015", Some(Format::Icd10cm)), "ICD10CM", "2015", 0, 0, None),
    ] {
        let Some(path) = shared(&format!("data/{file}")) else { continue };
        let report = load(&mut store, &path, &options, &mut Rejects::strict(), &Silent).unwrap();
        assert_eq!(report.notes[0], format!("{system} {version}"));
        if system == "ICD10CM" {
            assert_eq!(
                rows(&mut store, &["label"], "from ontology_term where id = 'ICD10CM:A00.1'"),
                ["Cholera due to Vibrio cholerae 01, biovar eltor"]
            );
            assert!(
                number(&mut store, "select count(*) from ontology_term where system = 'ICD10CM'") >= 71_704
            );
            continue;
        }
        let back = fetch(&mut store, system).unwrap().unwrap();
        assert_eq!(back.terms().len(), terms, "{file}");
        assert_eq!(back.terms().iter().filter(|term| term.obsolete).count(), obsolete, "{file}");
        if let Some(pairs) = pairs {
            assert_eq!(back.strict_pairs(), pairs, "{file}");
            let strict = format!(
                "select count(*) from ontology_closure where system = '{system}' and ancestor <> descendant"
            );
            assert_eq!(number(&mut store, &strict), i64::try_from(pairs).unwrap(), "{file}");
        }
        if system == "SO" {
            let text = std::fs::read_to_string(&path).unwrap();
            assert_eq!(back, model::ontology::obo::read(&text, None).unwrap());
        }
    }
    if let Some(path) = shared("data/duo/duo.owl") {
        let duo = model::ontology::owl::read(&std::fs::read_to_string(path).unwrap(), "DUO", None).unwrap();
        // The OWL file has, beside the 25 of the table, classes of kinds of research and obsolete ones.
        assert_eq!((duo.version.as_str(), duo.terms().len()), ("2021-02-23", 39));
        assert_eq!(duo.label("DUO:0000044"), Some("population origins or ancestry research prohibited"));
    }
}
