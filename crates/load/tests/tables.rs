//! Tables that a model declares, from CSV, TSV and Parquet.

mod support;

use load::source::{LoadError, Rejects, Report, Silent};
use load::table::{Options, load};
use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int32Type};
use parquet::file::writer::SerializedFileWriter;
use std::path::Path;
use std::sync::Arc;
use support::{genomics, kept, refused, rows, shared, warehouse, written};

fn put(
    store: &mut engine_duckdb::DuckStore,
    entity: &str,
    path: &Path,
    rejects: &mut Rejects,
) -> Result<Report, LoadError> {
    load(store, &genomics(), entity, path, &Options::default(), rejects, &Silent)
}

#[expect(clippy::expect_used, reason = "a test that cannot go on says so")]
fn people() -> engine_duckdb::DuckStore {
    let mut store = warehouse(&genomics());
    let path = written("subjects.csv", "subject_id,sex\na,female\nb,male\n");
    put(&mut store, "subjects", &path, &mut Rejects::strict()).expect("two people load");
    store
}

#[test]
fn cells_are_of_the_type_that_the_model_declares() {
    let mut store = people();
    let text = "treatment_id,dose,subject_id,drug,started,ended\n\
                t1,1.5,a,a10ba02,2020-01-01,\n\
                t2,much,a,ATC:A10,2020-01-01,\n\
                t3,1,a,A10,2020-02-30,x\n\
                t4,1,nobody,A10,,\n\
                t5,1,a,,,\n\
                t6,1,a,ICD10:E11,,\n\
                t1,1,b,A10,,\n\
                t7,1,a\n\
                t8,#REF!,a,A10,,\n\
                t9,,b,A10,,2020-01-01\n";
    let (mut rejects, path) = kept();
    put(&mut store, "treatment", &written("t.csv", text), &mut rejects).unwrap();
    let mut told = refused(&path);
    told.sort();
    let twice: Vec<_> = told.extract_if(.., |line| line.contains("treatment_id t1 also at")).collect();
    assert_eq!(twice.len(), 2);
    assert_eq!(
        told,
        [
            "10: column 2, dose: `#REF!` is an error that a spreadsheet left behind, not a value",
            "3: column 2, dose: `much` is not a number",
            "4: column 5, started: `2020-02-30` is not a day of the calendar, and 1 more columns of this row",
            "5: subject_id nobody names no subject",
            "6: drug is missing",
            "7: drug: `ICD10:E11` is not a code of ATC",
            "9: 3 columns, the header has 6",
        ]
    );
    assert_eq!(
        rows(&mut store, &["treatment_id", "drug", "ended"], "from treatment"),
        ["t9|ATC:A10|2020-01-01"]
    );
    let (mut rejects, path) = kept();
    let text = "treatment_id\tsubject_id\tdrug\nt9\ta\tA10\nt10\ta\tA10\n";
    put(&mut store, "treatment", &written("t.tsv", text), &mut rejects).unwrap();
    assert_eq!(refused(&path), ["2: treatment_id t9 is already in the warehouse"]);
}

#[test]
fn columns_are_known_and_complete() {
    let mut store = people();
    for (text, reason) in [
        ("treatment_id,subject,drug\n", "column 2, `subject`, is not in treatment"),
        ("treatment_id,drug\n", "the column subject_id is missing, and may not be null"),
        ("treatment_id,subject_id,drug,drug\n", "the column drug is there twice"),
    ] {
        let error =
            put(&mut store, "treatment", &written("t.csv", text), &mut Rejects::strict()).unwrap_err();
        assert!(error.to_string().contains(reason), "{error}");
    }
    let error = put(&mut store, "treatmant", &written("t.csv", ""), &mut Rejects::strict()).unwrap_err();
    assert_eq!(error.help.as_deref(), Some("there is treatment"));
}

#[test]
fn parquet() {
    let mut store = people();
    let path = written("m.parquet", "");
    let schema = "message m { required binary measurement_id (UTF8); required binary subject_id (UTF8); \
                  required binary code (UTF8); optional double value; optional binary unit (UTF8); optional int32 date (DATE); }";
    let schema = Arc::new(parquet::schema::parser::parse_message_type(schema).unwrap());
    let mut writer =
        SerializedFileWriter::new(std::fs::File::create(&path).unwrap(), schema, Arc::default()).unwrap();
    let mut group = writer.next_row_group().unwrap();
    let texts = |words: &[&str]| words.iter().map(|word| ByteArray::from(*word)).collect::<Vec<_>>();
    for words in [["m1", "m2"], ["a", "nobody"], ["LOINC:1-8", "LOINC:1-8"]] {
        let mut column = group.next_column().unwrap().unwrap();
        column.typed::<ByteArrayType>().write_batch(&texts(&words), None, None).unwrap();
        column.close().unwrap();
    }
    let mut column = group.next_column().unwrap().unwrap();
    column.typed::<DoubleType>().write_batch(&[6.5], Some(&[1, 0]), None).unwrap();
    column.close().unwrap();
    let mut column = group.next_column().unwrap().unwrap();
    column.typed::<ByteArrayType>().write_batch(&texts(&["%"]), Some(&[1, 0]), None).unwrap();
    column.close().unwrap();
    let mut column = group.next_column().unwrap().unwrap();
    column.typed::<Int32Type>().write_batch(&[19_782], Some(&[1, 0]), None).unwrap();
    column.close().unwrap();
    group.close().unwrap();
    writer.close().unwrap();
    let (mut rejects, refusals) = kept();
    put(&mut store, "measurement", &path, &mut rejects).unwrap();
    assert_eq!(refused(&refusals), ["2: subject_id nobody names no subject"]);
    assert_eq!(
        rows(&mut store, &["value", "unit", "date"], "from measurement"),
        ["6.500000000000|%|2024-02-29"]
    );
}

#[test]
fn the_spreadsheet_of_the_cineca_cohort_is_refused_by_name() {
    let Some(path) = shared("data/cineca-uk1/uk1.tsv") else { return };
    let text = std::fs::read(path).unwrap();
    let text = String::from_utf8_lossy(&text);
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().unwrap().split('\t').collect();
    let bad = header.iter().enumerate().find_map(|(at, _)| {
        text.lines().nth(1)?.split('\t').nth(at).filter(|cell| cell.trim() == "#REF!").map(|_| at)
    });
    let bad = bad.expect("the second line has a #REF! cell");
    // Two columns of the sheet under the names of the model: the subject's id, and one that is #REF!.
    let id = header.iter().position(|name| name.trim() == "Subject id").expect("a column of ids");
    let mut sheet = String::from("subject_id\tsex\tfamily\n");
    for line in lines {
        let cells: Vec<&str> = line.split('\t').collect();
        if let (Some(id), Some(bad)) = (cells.get(id), cells.get(bad)) {
            sheet.extend([id, "\tunknown\t", bad, "\n"]);
        }
    }
    let mut store = warehouse(&genomics());
    let error = put(&mut store, "subject", &written("uk1.tsv", &sheet), &mut Rejects::strict()).unwrap_err();
    assert!(
        error.to_string().contains("column 3, family: `#REF!` is an error that a spreadsheet left behind"),
        "{error}"
    );
    assert_eq!(error.problems[0].line, Some(2));
}
