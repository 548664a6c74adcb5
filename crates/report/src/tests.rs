//! What people and programs get to see: pictures, tables and files, and files read back.

use super::*;
use ::arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Date32Array, Decimal128Array, Int64Array, RecordBatch,
    StringArray,
};
use ::arrow::datatypes::{Decimal128Type, Int64Type};
use diag::{Code, Diagnostic};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use plan::{Cell, Raw, ReleasedExpr, Shape, Shown, Type, Weight, Weights};
use release::{Dominance, Level, Rules, Terms, WHOLE, Zeros};
use std::sync::Arc;
use text::{FileId, Files, Range};

/// The place of `words` in a file.
fn at(files: &Files, file: FileId, words: &str) -> Range {
    let start = files.get(file).text.find(words).expect("the words are in the text");
    let offset = |at: usize| u32::try_from(at).expect("small");
    Range::new(file, offset(start), offset(start + words.len()))
}

/// Diagnostics of all kinds: several files, letters of several bytes, several lines, no place.
fn diagnostics() -> (Files, Vec<Diagnostic>) {
    let mut files = Files::new();
    let query = files.add(
        "queries/éclair.bq",
        "// 人 naïve café\nlet städte = from subjects where ‘städt’ >= 6.5 %\n\tshow people,\n\t  sex\n",
    );
    let policy = files.add("policy/heart.bq", "agreement \"HEART-24\" version 3 {\n  may show sex\n}\n");
    let at = |file, words| at(&files, file, words);
    let mut all = vec![
        Diagnostic::error(Code("E0101"), "`städt` is not a name here", at(query, "‘städt’"), "unknown name")
            .help("`städte` is near")
            .fix("write `städte`", vec![(at(query, "‘städt’"), "städte".to_owned())]),
        Diagnostic::error(
            Code("E0604"),
            "`people` may not be shown under \"HEART-24\"",
            at(query, "people"),
            "shown here",
        )
        .label(at(policy, "may show sex"), "the agreement shows only this")
        .note("a key or column is shown only where the agreement grants it"),
        Diagnostic::warning(
            Code("W0102"),
            "this spans lines",
            at(query, "show people,\n\t  sex"),
            "both lines",
        ),
        Diagnostic::placeless(Code("E0901"), "the warehouse `heart` cannot be reached")
            .note("checking needs no warehouse")
            .help("`baseq check` works without it"),
    ];
    let end = files.get(query).text.len();
    let end = u32::try_from(end).expect("small");
    all.push(Diagnostic::error(
        Code("E0002"),
        "the file ends within a table",
        Range::new(query, end, end),
        "`show` is missing",
    ));
    (files, all)
}

#[test]
fn pictures_of_diagnostics() {
    let (files, all) = diagnostics();
    insta::assert_snapshot!("pictures", pictures(&all, &files, false));
    assert!(!pictures(&all, &files, false).contains('\u{1b}'));
    let colored = pictures(&all, &files, true);
    assert!(colored.contains("\u{1b}[31m"), "{colored:?}");
}

#[test]
fn lines_of_diagnostics() {
    let (files, all) = diagnostics();
    insta::assert_snapshot!("concise", concise(&all, &files));
}

#[test]
fn json_of_diagnostics() {
    let (files, all) = diagnostics();
    insta::assert_snapshot!("diagnostics_json", diagnostics_json(&all[..2], &files));
}

#[test]
fn a_range_that_is_wrong_is_drawn_near_its_place() {
    let mut files = Files::new();
    let file = files.add("a.bq", "é");
    for (start, end) in [(1, 1), (1, 2), (0, 99), (99, 100), (2, 0)] {
        let wrong = Diagnostic::error(Code("E0001"), "wrong", Range::new(file, start, end), "here");
        let drawn = pictures(&[wrong], &files, false);
        assert!(drawn.contains("wrong"), "{start}..{end}: {drawn}");
    }
}

#[test]
fn words_of_a_program_cannot_move_the_cursor() {
    let mut files = Files::new();
    let file = files.add("a\u{1b}.bq", "let \u{1b}\u{9b}\u{202e} = 1\n");
    let placed = Diagnostic::error(Code("E0001"), "wrong", at(&files, file, "= 1"), "here");
    let drawn = pictures(&[placed], &files, false);
    assert!(!drawn.contains(['\u{1b}', '\u{9b}', '\u{202e}']), "{drawn:?}");
    assert!(drawn.contains("let ?¿\u{fffd} = 1"), "{drawn}");
    let wrong = Diagnostic::placeless(Code("E0001"), "\u{1b}[2Jname");
    assert!(!pictures(std::slice::from_ref(&wrong), &files, false).contains('\u{1b}'));
    assert!(!concise(&[wrong], &files).contains('\u{1b}'));
}

fn column(name: &str, ty: Type, unit: Option<&str>, cell: Cell) -> Shown {
    Shown { name: name.to_owned(), ty, unit: unit.map(str::to_owned), value: ReleasedExpr::Cell(cell) }
}

/// Groups by a text, a bool and a day, some of them small; a share, its interval and a mean.
fn released() -> Released {
    let people = Raw(3);
    let shape = Shape {
        people: Some(people),
        raw: [
            ("town", Type::Text),
            ("carrier", Type::Bool),
            ("month", Type::Date),
            ("people", Type::Int),
            ("yes", Type::Int),
            ("sum", Type::Decimal),
            ("total", Type::Decimal),
            ("part", Type::Decimal),
        ]
        .map(|(name, ty)| (name.to_owned(), ty))
        .into(),
        shown: vec![
            column("town", Type::Text, None, Cell::Key(Raw(0))),
            column("carrier", Type::Bool, None, Cell::Key(Raw(1))),
            column("month", Type::Date, None, Cell::Key(Raw(2))),
            column("people", Type::Int, None, Cell::People(people)),
            column(
                "share",
                Type::Decimal,
                None,
                Cell::Share { yes: Raw(4), known: people, yes_people: Raw(4), known_people: people },
            ),
            column(
                "ci",
                Type::Decimal,
                None,
                Cell::Wilson { yes: Raw(4), known: people, yes_people: Raw(4), known_people: people },
            ),
            column("hba1c", Type::Decimal, Some("%"), Cell::Mean { sum: Raw(5), number: people, people }),
        ],
        weights: vec![Weights {
            people,
            paths: vec![Weight { total: Raw(6), greatest: Raw(7), two: Raw(7), most: Raw(7) }],
        }],
        contributors: 2,
        ..Shape::default()
    };
    let one = 1_000_000_000_000_i128;
    let sums = [Some(260 * one), Some(-150 * one), Some(7 * one), None];
    let columns: Vec<ArrayRef> = vec![
        Arc::new(StringArray::from(vec![Some("Gent, \"Ga\"nd"), Some("=1+1|\t人\u{1b}"), None, Some("Ath")])),
        Arc::new(BooleanArray::from(vec![Some(true), Some(false), None, Some(true)])),
        Arc::new(Date32Array::from(vec![Some(20_000), None, Some(-1), Some(0)])),
        Arc::new(Int64Array::from(vec![40, 120, 9, 0])),
        Arc::new(Int64Array::from(vec![10, 30, 2, 0])),
        Arc::new(Decimal128Array::from(sums.to_vec()).with_precision_and_scale(30, 12).expect("30 digits")),
        Arc::new(Int64Array::from(vec![Some(260), Some(150), Some(7), None])),
        Arc::new(Int64Array::from(vec![Some(13), Some(3), Some(2), None])),
    ];
    let names = shape.raw.iter().map(|(name, _)| name.clone());
    let batch = RecordBatch::try_from_iter(names.zip(columns)).expect("columns of one length");
    let terms = Terms {
        level: Level::Aggregate,
        min_subjects: 10,
        round_to: Some(5),
        zeros: Zeros::Shown,
        dominance: Dominance::default(),
        margin: WHOLE,
        difference: 10,
        frequency_min_subjects: 100,
        allele_min_carriers: 10,
        pseudonym_key: None,
    };
    release::release(&shape, &[batch], &Rules::new(terms).expect("lawful")).expect("released")
}

fn rendered(format: Format) -> String {
    String::from_utf8(render(&released(), format).expect("rendered")).expect("text")
}

#[test]
fn a_table_on_a_terminal() {
    let table = rendered(Format::Table);
    assert!(!table.contains('\u{1b}'), "the data cannot move the cursor");
    insta::assert_snapshot!("table", table);
}

#[test]
fn a_table_in_markdown() {
    insta::assert_snapshot!("md", rendered(Format::Md));
}

#[test]
fn a_table_as_csv_and_tsv() {
    let csv = rendered(Format::Csv);
    assert_eq!(csv.matches("\r\n").count(), 5, "a heading and four rows");
    assert!(csv.contains("\n'=1+1|"), "a text is not a formula: {csv:?}");
    assert!(csv.contains(",-1.25\r\n"), "a number is not a text: {csv:?}");
    insta::assert_snapshot!("csv", csv.replace("\r\n", "\n").replace('\u{1b}', "ESC"));
    insta::assert_snapshot!("tsv", rendered(Format::Tsv).replace('\t', "→").replace('\u{1b}', "ESC"));
}

#[test]
fn a_table_as_json_and_json_lines() {
    insta::assert_snapshot!("json", rendered(Format::Json));
    let lines = rendered(Format::Jsonl);
    insta::assert_snapshot!("jsonl", lines);
    for line in lines.lines() {
        assert!(serde_json::from_str::<serde_json::Value>(line).is_ok());
    }
}

/// The columns of the files, by name, as both files give them back.
fn check_columns(batch: &RecordBatch) {
    let schema = batch.schema();
    let names: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
    assert_eq!(
        names,
        [
            "town",
            "carrier",
            "carrier_word",
            "month",
            "month_word",
            "people",
            "people_withheld",
            "share",
            "share_withheld",
            "ci_low",
            "ci_high",
            "ci_withheld",
            "hba1c",
            "hba1c_withheld"
        ]
    );
    let column = |name: &str| batch.column_by_name(name).expect("a column").clone();
    assert_eq!(column("town").as_string::<i32>().value(2), "not recorded");
    assert_eq!(column("town").as_string::<i32>().value(1), "=1+1|\t人\u{1b}", "text is exact");
    assert!(column("carrier").is_null(2));
    assert_eq!(column("carrier_word").as_string::<i32>().value(2), "not recorded");
    assert!(column("carrier_word").is_null(0));
    assert_eq!(
        column("people").as_primitive::<Int64Type>().iter().collect::<Vec<_>>(),
        [Some(40), Some(120), None, Some(0)]
    );
    let withheld =
        |name: &str| column(name).as_boolean().iter().map(|value| value == Some(true)).collect::<Vec<_>>();
    assert_eq!(withheld("people_withheld"), [false, false, true, false]);
    assert_eq!(withheld("ci_withheld"), [false, false, true, false]);
    assert_eq!(column("share").as_primitive::<Decimal128Type>().value(0), 250_000_000_000);
    assert!(column("share").is_null(2) && column("share").is_null(3));
    let field = schema.field_with_name("hba1c").expect("a field");
    assert_eq!(field.metadata().get("unit").map(String::as_str), Some("%"));
}

/// The release notes in the metadata of a schema.
fn check_notes(schema: &::arrow::datatypes::Schema) {
    assert!(schema.metadata().get("release").is_some_and(|notes| notes.contains("\"min_subjects\":10")));
}

#[test]
fn parquet_and_arrow_read_back() {
    let file = bytes::Bytes::from(render(&released(), Format::Parquet).expect("rendered"));
    let file = ParquetRecordBatchReaderBuilder::try_new(file).expect("a file");
    check_notes(file.schema());
    let mut reader = file.build().expect("a file");
    check_columns(&reader.next().expect("a batch").expect("rows"));

    let file = render(&released(), Format::Arrow).expect("rendered");
    let mut reader =
        ::arrow::ipc::reader::FileReader::try_new(std::io::Cursor::new(file), None).expect("a file");
    check_notes(&reader.schema());
    check_columns(&reader.next().expect("a batch").expect("rows"));
}

#[test]
fn the_same_table_gives_the_same_bytes() {
    for format in Format::ALL {
        assert_eq!(render(&released(), format), render(&released(), format), "{format:?}");
        assert_eq!(Format::of_word(format.word()), Some(format));
    }
}

/// An attrition with a rule of many words and a cohort of few.
fn attrition() -> Released {
    let steps = [
        ("adults", "adult"),
        ("adults", "has diagnosis in ICD10:E11 \"Type 2 diabetes\" within 365 days before index & <more>"),
        ("few", "rare"),
    ];
    let raw = ["first", "last"].map(|name| (name.to_owned(), Type::Int)).into_iter();
    let shape = Shape {
        attrition: Some(plan::Attrition {
            first: Raw(0),
            last: Raw(1),
            unknown: Raw(2),
            people: Raw(3),
            events: None,
            cases: None,
            source: "subjects".to_owned(),
            steps: steps
                .map(|(cohort, words)| plan::AttritionStep {
                    cohort: cohort.to_owned(),
                    words: words.to_owned(),
                    kind: plan::AttritionStepKind::Rule,
                    droppable: true,
                })
                .to_vec(),
        }),
        raw: raw.chain([("unknown".to_owned(), Type::Bool), ("people".to_owned(), Type::Int)]).collect(),
        ..Shape::default()
    };
    let columns: Vec<ArrayRef> = vec![
        Arc::new(Int64Array::from(vec![1, 1, 2, 3, 4])),
        Arc::new(Int64Array::from(vec![1, 2, 2, 3, 0])),
        Arc::new(BooleanArray::from(vec![false, true, false, false, false])),
        Arc::new(Int64Array::from(vec![60, 20, 45, 100, 4])),
    ];
    let names = shape.raw.iter().map(|(name, _)| name.clone());
    let batch = RecordBatch::try_from_iter(names.zip(columns)).expect("columns of one length");
    let terms = Terms {
        level: Level::Count,
        min_subjects: 10,
        round_to: Some(5),
        zeros: Zeros::Shown,
        dominance: Dominance::default(),
        margin: WHOLE,
        difference: 10,
        frequency_min_subjects: 100,
        allele_min_carriers: 10,
        pseudonym_key: None,
    };
    release::release(&shape, &[batch], &Rules::new(terms).expect("lawful")).expect("released")
}

#[test]
fn a_flow_chart_of_an_attrition() {
    let chart = String::from_utf8(render(&attrition(), Format::Svg).expect("drawn")).expect("text");
    // Who is left in the middle, who is not at the side, and what is withheld as such.
    for words in ["n = 230", "excluded: 80", "not met: 60", "unknown: 20", "n = &lt;10", "not met: withheld"]
    {
        assert!(chart.contains(&format!(">{words}<")), "{words}: {chart}");
    }
    assert!(chart.contains("&lt;more&gt;") && !chart.contains("<more>"), "no markup of a rule counts");
    assert_eq!(chart.matches("<rect class=\"hidden\"").count(), 2, "the small set and what made it");
    // A table is none.
    assert!(render(&released(), Format::Svg).is_err());
}
