//! Beacon collections: what is refused, and the CINECA cohort.

mod support;

use load::beacon::{Collection, Options, load};
use load::consent;
use load::source::{LoadError, Rejects, Report, Silent};
use load::{ontology, pedigree};
use support::{genomics, kept, number, refused, rows, shared, warehouse, written};

fn loaded(
    store: &mut engine_duckdb::DuckStore,
    collection: Collection,
    text: &str,
    rejects: &mut Rejects,
) -> Result<Report, LoadError> {
    let path = written("a.json", text);
    load(store, &genomics(), collection, &path, Options::default(), rejects, &Silent)
}

#[test]
fn individuals() {
    let mut store = warehouse(&genomics());
    let text = r#"[{"id": "a", "sex": {"id": "NCIT:C16576"}, "diseases": [{"diseaseCode": {"id": "ICD10:F3181"},
        "ageOfOnset": {"iso8601duration": "P3Y"}}, {"diseaseCode": {"id": "OMIM:1"}}],
        "phenotypicFeatures": [{"featureType": {"id": "HP:0001250"}, "excluded": true, "onset": {"age": {"iso8601duration": "P1D"}}}],
        "measures": [{"assayCode": {"id": "LOINC:35925-4"}, "date": "2021-09-24",
        "measurementValue": {"unit": {"id": "NCIT:C49671"}, "value": 26.63838307}}],
        "interventionsOrProcedures": [{"procedureCode": {"id": "OPCS4:L46.3"}}], "treatments": [{}]}]"#;
    let report = loaded(&mut store, Collection::Individuals, text, &mut Rejects::strict()).unwrap();
    assert_eq!(report.notes, ["1 treatments were left out"]);
    assert_eq!(rows(&mut store, &["code", "age_of_onset_days"], "from diagnosis"), ["ICD10:F31.81|1095"]);
    assert_eq!(rows(&mut store, &["omim"], "from disease"), ["OMIM:1"]);
    assert_eq!(rows(&mut store, &["excluded", "onset_latest_days"], "from phenotype"), ["true|1"]);
    assert_eq!(
        rows(&mut store, &["code", "value", "unit", "date"], "from measurement"),
        ["LOINC:35925-4|26.638383070000|kg/m2|2021-09-24"]
    );
    assert_eq!(rows(&mut store, &["code"], "from procedure"), ["OPCS4:L46.3"]);
}

#[test]
fn what_is_refused_is_refused_whole() {
    let mut store = warehouse(&genomics());
    let (mut rejects, path) = kept();
    let text = "[{\"id\": \"a\", \"diseases\": [{\"diseaseCode\": {\"id\": \"XX:1\"}}]},\n\
                {\"id\": \"b\", \"measures\": [{\"assayCode\": {\"id\": \"LOINC:1-8\"}, \"measurementValue\": {\"unit\": {\"id\": \"NCIT:C0\"}, \"value\": 1}}]},\n\
                {\"id\": \"c\",\n\"sex\": 1},\n{\"id\": \"d\"},\n{\"id\": \"d\"},\n{\"id\": \"e\"}]";
    loaded(&mut store, Collection::Individuals, text, &mut rejects).unwrap();
    let told = refused(&path);
    assert_eq!(told[0], "1: XX:1: the model has no column for diseases of XX");
    assert!(told[1].starts_with("2: LOINC:1-8: `NCIT:C0` is not a unit"), "{told:?}");
    assert!(told[2].starts_with("4: invalid type"), "{told:?}");
    assert!(told[3].starts_with("5: subject_id d also at"), "{told:?}");
    assert!(told[4].starts_with("6: subject_id d also at"), "{told:?}");
    assert_eq!(rows(&mut store, &["subject_id", "sex"], "from subject"), ["e|unknown"]);

    let (mut rejects, path) = kept();
    let samples = r#"{"id": "s1", "individualId": "e"}
{"id": "s2", "individualId": "nobody"}
{"id": "s3"}
{"id": "s4", "individualId": "e", "collectionDate": "2020-02-30"}"#;
    loaded(&mut store, Collection::Biosamples, samples, &mut rejects).unwrap();
    let told = refused(&path);
    assert_eq!(
        told,
        [
            "4: `2020-02-30` is not a day of the calendar",
            "2: subject_id nobody names no subject",
            "3: subject_id is missing",
        ]
    );
    let (mut rejects, path) = kept();
    let runs = r#"[{"id": "r1", "biosampleId": "s1"}, {"id": "r2", "biosampleId": "s2"}]"#;
    loaded(&mut store, Collection::Runs, runs, &mut rejects).unwrap();
    assert_eq!(refused(&path), ["1: sample_id s2 names no sample"]);
}

#[test]
fn two_duo_ids_in_one_text_are_refused_by_name() {
    let mut store = warehouse(&genomics());
    let text = r#"[{"id": "d", "dataUseConditions": {"duoDataUse": [{"id": "DUO:0000019,DUO:00000020"}]}}]"#;
    let error = loaded(&mut store, Collection::Datasets, text, &mut Rejects::strict()).unwrap_err();
    assert!(error.to_string().contains("`DUO:0000019,DUO:00000020` is not one code of DUO"), "{error}");
    let text = text.replace("DUO:0000019,", "");
    let error = loaded(&mut store, Collection::Datasets, &text, &mut Rejects::strict()).unwrap_err();
    assert!(error.to_string().contains("they have seven digits"), "{error}");
}

#[test]
fn the_cineca_cohort() {
    for folder in ["bff-ega", "bff-current"] {
        let Some(root) = shared("data/cineca-uk1") else { return };
        let folder = root.join(folder);
        let model = genomics();
        let mut store = warehouse(&model);
        if let Some(path) = shared("data/1000g-samples/20130606_g1k.ped") {
            let options = pedigree::Options { samples: true };
            pedigree::load(&mut store, &model, &path, options, &mut Rejects::strict(), &Silent).unwrap();
        }
        let mut put = |collection: Collection, name: &str, options| {
            load(&mut store, &model, collection, &folder.join(name), options, &mut Rejects::strict(), &Silent)
        };
        if folder.ends_with("bff-ega") {
            let report = put(Collection::Individuals, "individuals.json", Options::default()).unwrap();
            assert_eq!(report.rejected, 0);
            let error = put(Collection::Datasets, "datasets.json", Options::default()).unwrap_err();
            assert!(error.to_string().contains("DUO:0000019,DUO:00000020"), "{error}");
        } else {
            assert_eq!(put(Collection::Datasets, "datasets.json", Options::default()).unwrap().rows, 4);
        }
        for (collection, name) in [
            (Collection::Biosamples, "biosamples"),
            (Collection::Runs, "runs"),
            (Collection::Analyses, "analyses"),
        ] {
            let report = put(collection, &format!("{name}.json"), Options::default()).unwrap();
            assert_eq!((report.rows, report.rejected), (2504, 0), "{name}");
        }
        assert_eq!(number(&mut store, "select count(*) from run"), 2504);
        assert_eq!(number(&mut store, "select count(*) from sample where origin = 'blood'"), 2504);
        if folder.ends_with("bff-ega") {
            assert_eq!(number(&mut store, "select count(*) from diagnosis"), 2562);
            assert_eq!(number(&mut store, "select count(*) from measurement"), 7512);
            assert_eq!(number(&mut store, "select count(*) from procedure"), 2504);
        }
    }
}

#[test]
fn a_poorer_source_only_fills_gaps() {
    let Some(root) = shared("data/cineca-uk1/bff-ega") else { return };
    let Some(oracle) = shared("oracles/consent") else { return };
    let Some(duo) = shared("data/duo/duo.owl") else { return };
    let model = genomics();
    let mut store = warehouse(&model);
    ontology::load(&mut store, &duo, &ontology::Options::default(), &mut Rejects::strict(), &Silent).unwrap();
    let file = |name: &str| Some(oracle.join(name));
    let files = consent::Paths {
        events: file("consent_event.csv"),
        scopes: file("consent_scope.csv"),
        subjects: file("subject.csv"),
        samples: file("sample.csv"),
    };
    consent::load(&mut store, &model, &files, &mut Rejects::strict(), &Silent).unwrap();
    let path = root.join("biosamples.json");
    let refused = load(
        &mut store,
        &model,
        Collection::Biosamples,
        &path,
        Options::default(),
        &mut Rejects::strict(),
        &Silent,
    );
    assert!(refused.unwrap_err().to_string().contains("collected_on is 2020-09-11 here and"));
    let options = Options { keep_known: true };
    let report =
        load(&mut store, &model, Collection::Biosamples, &path, options, &mut Rejects::strict(), &Silent)
            .unwrap();
    assert!(report.notes[0].contains("values of sample.collected_on differ"), "{:?}", report.notes);
    assert_eq!(
        number(
            &mut store,
            "select count(*) from sample where sample_id = 'HG00096' and collected_on = date '2008-07-01'"
        ),
        1
    );
}
