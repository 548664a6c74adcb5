//! Whole releases of small raw results: what a reader of the table can and cannot see.

use super::*;
use arrow::array::{ArrayRef, BooleanArray, Date32Array, Decimal128Array, Int64Array, StringArray};
use plan::{Copies, Frequency, FrequencyField, Overlap, Raw, ReleasedOperator, Shown, Weight, Weights};
use std::sync::Arc;

fn terms() -> Terms {
    Terms {
        level: Level::Aggregate,
        min_subjects: 10,
        round_to: None,
        zeros: Zeros::Shown,
        dominance: Dominance::default(),
        margin: WHOLE,
        difference: 10,
        frequency_min_subjects: 100,
        allele_min_carriers: 10,
        pseudonym_key: None,
    }
}

fn shown(name: &str, ty: Type, value: ReleasedExpr) -> Shown {
    Shown { name: name.to_owned(), ty, unit: None, value }
}

fn key(place: u32) -> ReleasedExpr {
    ReleasedExpr::Cell(Cell::Key(Raw(place)))
}

fn people(place: u32) -> ReleasedExpr {
    ReleasedExpr::Cell(Cell::People(Raw(place)))
}

fn ints<const N: usize>(values: [i64; N]) -> ArrayRef {
    Arc::new(Int64Array::from(values.to_vec()))
}

fn texts<const N: usize>(values: [Option<&str>; N]) -> ArrayRef {
    Arc::new(StringArray::from(values.to_vec()))
}

fn bools<const N: usize>(values: [bool; N]) -> ArrayRef {
    Arc::new(BooleanArray::from(values.to_vec()))
}

fn run(shape: &Shape, columns: Vec<ArrayRef>, terms: Terms) -> Result<Released, Error> {
    let names = shape.raw.iter().map(|(name, _)| name.clone());
    let batch = RecordBatch::try_from_iter(names.zip(columns)).expect("columns are of one length");
    release(shape, &[batch], &Rules::new(terms).expect("lawful terms"))
}

fn word(value: &ReleasedValue) -> String {
    match value {
        ReleasedValue::Value(Value::Int(number)) => number.to_string(),
        ReleasedValue::Value(Value::Text(text)) => text.clone(),
        ReleasedValue::Value(Value::Decimal(units)) => format!("{units}e-12"),
        ReleasedValue::Value(other) => format!("{other:?}"),
        ReleasedValue::Withheld(Withheld { below: Some(below), .. }) => format!("<{below}"),
        ReleasedValue::Withheld(Withheld { secondary: true, .. }) => "secondary".to_owned(),
        ReleasedValue::Withheld(_) => "withheld".to_owned(),
        ReleasedValue::Rows(rows) => format!("{} rows", rows.len()),
        ReleasedValue::Interval { low, high } => format!("{low}..{high}"),
        ReleasedValue::Null => "null".to_owned(),
        ReleasedValue::NotRecorded => NOT_RECORDED.to_owned(),
        ReleasedValue::Other => OTHER.to_owned(),
        ReleasedValue::Total => TOTAL.to_owned(),
    }
}

/// Rows as words with spaces between.
fn rows(released: &Released) -> Vec<String> {
    released.rows().iter().map(|row| row.iter().map(word).collect::<Vec<_>>().join(" ")).collect()
}

/// `group by KEY show KEY, n = count(subjects)`
fn counts() -> Shape {
    Shape {
        people: Some(Raw(1)),
        disjoint: true,
        raw: vec![("sex".to_owned(), Type::Text), ("n".to_owned(), Type::Int)],
        shown: vec![shown("sex", Type::Text, key(0)), shown("n", Type::Int, people(1))],
        ..Shape::default()
    }
}

fn with_totals() -> Shape {
    let mut shape = counts();
    shape.totals = Some(Raw(2));
    shape.raw.push(("is_total".to_owned(), Type::Bool));
    shape
}

#[test]
fn small_counts_are_withheld_zeros_follow_the_agreement_and_null_keys_are_named() {
    let columns = || vec![texts([Some("f"), Some("m"), Some("u"), None]), ints([10, 9, 0, 1])];
    let released = run(&counts(), columns(), terms()).expect("released");
    assert_eq!(rows(&released), ["f 10", "m <10", "u 0", "not recorded <10"]);
    assert_eq!((released.notes().cells, released.notes().withheld, released.notes().secondary), (8, 2, 0));

    // A group of nobody is there because sex has a domain: its zero is structural.
    let withheld = run(&counts(), columns(), Terms { zeros: Zeros::Withheld, ..terms() }).expect("released");
    assert_eq!(rows(&withheld), ["f 10", "m <10", "u 0", "not recorded <10"]);
    // A zero within a group of somebody is not.
    let mut shape = counts();
    shape.raw.push(("carriers".to_owned(), Type::Int));
    shape.shown.push(shown("carriers", Type::Int, people(2)));
    let columns = vec![texts([Some("f"), Some("m")]), ints([10, 0]), ints([0, 0])];
    let withheld = run(&shape, columns, Terms { zeros: Zeros::Withheld, ..terms() }).expect("released");
    assert_eq!(rows(&withheld), ["f 10 <10", "m 0 0"]);
}

#[test]
fn rounding_is_half_up_to_the_nearest_and_comes_after_suppression() {
    let columns = vec![texts([Some("a"), Some("b"), Some("c"), Some("d")]), ints([9, 12, 13, 22])];
    let released = run(&counts(), columns, Terms { round_to: Some(5), ..terms() }).expect("released");
    assert_eq!(rows(&released), ["a <10", "b 10", "c 15", "d 20"]);
    let columns = vec![texts([Some("a"), Some("b")]), ints([14, 15])];
    let released = run(&counts(), columns, Terms { round_to: Some(10), ..terms() }).expect("released");
    assert_eq!(rows(&released), ["a 10", "b 20"]);
}

#[test]
fn shares_come_from_rounded_parts_and_are_withheld_with_their_people() {
    let place = |share: bool| {
        let (yes, known, yes_people, known_people) = (Raw(2), Raw(1), Raw(2), Raw(1));
        ReleasedExpr::Cell(if share {
            Cell::Share { yes, known, yes_people, known_people }
        } else {
            Cell::Wilson { yes, known, yes_people, known_people }
        })
    };
    let mut shape = counts();
    shape.raw.push(("yes".to_owned(), Type::Int));
    shape.shown.push(shown("share", Type::Decimal, place(true)));
    shape.shown.push(shown("ci", Type::Decimal, place(false)));
    let columns =
        vec![texts([Some("a"), Some("b"), Some("c"), Some("d")]), ints([52, 52, 4, 0]), ints([13, 3, 3, 0])];
    let released = run(&shape, columns, Terms { round_to: Some(5), ..terms() }).expect("released");
    // 15 of 50, not 13 of 52; its interval by the same formula in high precision.
    assert_eq!(rows(&released)[0], "a 50 300000000000e-12 191035535009..437503504645".to_owned());
    assert_eq!(rows(&released)[1..], ["b 50 withheld withheld", "c <10 withheld withheld", "d 0 null null"]);
    assert_eq!(released.columns()[3].kind, ColumnKind::Interval);
}

#[test]
fn a_lone_withheld_part_of_a_total_takes_another_with_it() {
    let columns = vec![
        texts([Some("a"), Some("b"), Some("c"), None]),
        ints([7, 40, 100, 147]),
        bools([false, false, false, true]),
    ];
    let released = run(&with_totals(), columns, terms()).expect("released");
    assert_eq!(rows(&released), ["a <10", "b secondary", "c 100", "total 147"]);
    assert_eq!((released.notes().withheld, released.notes().secondary), (1, 1));
}

#[test]
fn totals_of_disjoint_rows_are_sums_of_what_is_shown() {
    let columns =
        || vec![texts([Some("a"), Some("b"), None]), ints([12, 12, 24]), bools([false, false, true])];
    let rounded = Terms { round_to: Some(5), ..terms() };
    let released = run(&with_totals(), columns(), rounded.clone()).expect("released");
    assert_eq!(rows(&released), ["a 10", "b 10", "total 20"], "25 would tell that both were rounded down");
    let overlapping = Shape { disjoint: false, ..with_totals() };
    let released = run(&overlapping, columns(), rounded).expect("released");
    assert_eq!(rows(&released), ["a 10", "b 10", "total 25"]);
}

#[test]
fn small_groups_of_an_open_key_become_other() {
    let shape = Shape { open_keys: vec![Raw(0)], ..counts() };
    let columns = || {
        vec![
            texts([Some("Aalst"), Some("Brugge"), Some("Gent"), Some("Ieper"), None]),
            ints([4, 30, 5, 6, 10]),
        ]
    };
    let released = run(&shape, columns(), terms()).expect("released");
    assert_eq!(rows(&released), ["Brugge 30", "not recorded 10", "other 15"]);
    // Where people may be in two groups, nobody knows how many are in `other`.
    let released = run(&Shape { disjoint: false, ..shape.clone() }, columns(), terms()).expect("released");
    assert_eq!(rows(&released), ["Brugge 30", "not recorded 10", "other withheld"]);
    // `other` is under the same rules.
    let columns = vec![texts([Some("Aalst"), Some("Brugge")]), ints([4, 30])];
    assert_eq!(rows(&run(&shape, columns, terms()).expect("released")), ["Brugge 30", "other <10"]);
}

#[test]
fn other_stays_within_the_closed_keys() {
    let mut shape = Shape { open_keys: vec![Raw(2)], ..counts() };
    shape.raw.push(("town".to_owned(), Type::Text));
    shape.shown.push(shown("town", Type::Text, key(2)));
    let columns = vec![
        texts([Some("f"), Some("f"), Some("f"), Some("m"), Some("m")]),
        ints([9, 20, 8, 7, 0]),
        texts([Some("Aalst"), Some("Brugge"), Some("Gent"), Some("Aalst"), Some("Gent")]),
    ];
    let released = run(&shape, columns, terms()).expect("released");
    assert_eq!(rows(&released), ["f 20 Brugge", "f 17 other", "m <10 other"]);
}

#[test]
fn sums_means_and_medians_need_their_people() {
    let cell = |name: &str, cell| shown(name, Type::Decimal, ReleasedExpr::Cell(cell));
    let (sum, number, people) = (Raw(2), Raw(3), Raw(1));
    let mut shape = counts();
    for (name, ty) in [
        ("sum", Type::Decimal),
        ("number", Type::Int),
        ("lower", Type::Decimal),
        ("upper", Type::Decimal),
        ("part", Type::Decimal),
    ] {
        shape.raw.push((name.to_owned(), ty));
    }
    let part = Raw(6);
    let weight = Weight { total: sum, greatest: part, two: part, most: part };
    shape.weights = vec![Weights { people, paths: vec![weight] }];
    shape.contributors = 2;
    shape.shown.push(cell("sum", Cell::Sum { value: sum, people }));
    shape.shown.push(cell("mean", Cell::Mean { sum, number, people }));
    shape.shown.push(cell(
        "median",
        Cell::Quantile { share: plan::Fraction::HALF, lower: Raw(4), upper: Raw(5), people },
    ));
    let decimals = |values: Vec<Option<i128>>| -> ArrayRef {
        Arc::new(Decimal128Array::from(values).with_precision_and_scale(38, 12).expect("38 digits"))
    };
    let one = decimal::ONE;
    let columns = vec![
        texts([Some("a"), Some("b"), Some("c"), Some("d")]),
        ints([20, 19, 9, 0]),
        decimals(vec![Some(10 * one), Some(10 * one), Some(one), None]),
        ints([30, 19, 9, 0]),
        decimals(vec![Some(one), Some(one), Some(one), None]),
        decimals(vec![Some(2 * one), Some(one), Some(one), None]),
        decimals(vec![Some(one), Some(one), Some(one), None]),
    ];
    let released = run(&shape, columns.clone(), terms()).expect("released");
    assert_eq!(
        rows(&released),
        [
            "a 20 10000000000000e-12 333333333333e-12 1500000000000e-12",
            // 19 people: fewer than 10 lie on one side.
            "b 19 10000000000000e-12 526315789474e-12 withheld",
            "c <10 withheld withheld withheld",
            "d 0 null null null",
        ]
    );
    let refused = run(&shape, columns, Terms { level: Level::Count, ..terms() });
    assert_eq!(refused, Err(Error::LevelExceeded { what: "a sum", needed: Level::Aggregate }));
}

fn frequency() -> Shape {
    let field =
        |name: &str, ty, field| shown(name, ty, ReleasedExpr::Cell(Cell::Frequency { record: 0, field }));
    let raw = ["people", "ac", "an", "het", "hom", "hemi", "carriers", "missing"];
    let mut columns = vec![("variant".to_owned(), Type::Text)];
    columns.extend(raw.iter().map(|name| ((*name).to_owned(), Type::Int)));
    columns.push(("listed".to_owned(), Type::Bool));
    Shape {
        frequencies: vec![Frequency {
            name: String::new(),
            people: Raw(1),
            carriers: Raw(7),
            copies: Some(Copies {
                ac: Raw(2),
                an: Raw(3),
                het: Raw(4),
                hom: Raw(5),
                hemi: Raw(6),
                missing: Raw(8),
                pairs: Raw(1),
                pair_het: Raw(4),
                pair_hom: Raw(5),
            }),
            listed: Raw(9),
        }],
        raw: columns,
        shown: vec![
            shown("variant", Type::Text, key(0)),
            field("ac", Type::Int, FrequencyField::Ac),
            field("an", Type::Int, FrequencyField::An),
            field("af", Type::Decimal, FrequencyField::Af),
            field("hom", Type::Int, FrequencyField::Hom),
            field("carriers", Type::Int, FrequencyField::Carriers),
            field("missing", Type::Int, FrequencyField::Missing),
            field("call_rate", Type::Decimal, FrequencyField::CallRate),
            field("people", Type::Int, FrequencyField::People),
            field("faf95", Type::Decimal, FrequencyField::Faf95),
        ],
        ..Shape::default()
    }
}

/// Five alleles in 200 people: common, rare and unlisted, rare and listed, absent and listed; and one
/// in a group of 99.
fn alleles() -> Vec<ArrayRef> {
    vec![
        texts([Some("common"), Some("rare"), Some("named"), Some("absent"), Some("few")]),
        ints([200, 200, 200, 200, 99]),
        ints([25, 9, 9, 0, 60]),
        ints([390, 400, 400, 400, 198]),
        ints([15, 9, 9, 0, 60]),
        ints([5, 0, 0, 0, 0]),
        ints([0, 0, 0, 0, 0]),
        ints([20, 9, 9, 0, 60]),
        ints([5, 0, 0, 0, 0]),
        bools([false, false, true, true, true]),
    ]
}

#[test]
fn a_frequency_record_is_withheld_by_group_and_by_carriers() {
    let released = run(&frequency(), alleles(), terms()).expect("released");
    assert_eq!(
        rows(&released),
        [
            "common 25 390 64102564103e-12 5 20 5 975000000000e-12 200 44569553440e-12",
            "named withheld 400 withheld <10 <10 0 1000000000000e-12 200 withheld",
            "absent 0 400 0e-12 0 0 0 1000000000000e-12 200 0e-12",
            "few withheld withheld withheld withheld withheld withheld withheld <100 withheld",
        ]
    );
    let notes = released.notes();
    assert_eq!((notes.allele_min_carriers, notes.frequency_min_subjects), (Some(10), Some(100)));

    let all =
        run(&frequency(), alleles(), Terms { allele_min_carriers: 1, frequency_min_subjects: 1, ..terms() });
    assert_eq!(rows(&all.expect("released")).len(), 5);
    // Where one carrier is enough, an unlisted allele still needs a group that is large enough.
    let mut columns = alleles();
    columns[9] = bools([false; 5]);
    let all = run(&frequency(), columns, Terms { allele_min_carriers: 1, ..terms() }).expect("released");
    assert_eq!(rows(&all).len(), 4);
}

#[test]
fn a_group_of_nobody_says_so_only_where_zeros_are_shown() {
    let shape = Shape { people: Some(Raw(1)), ..frequency() };
    let mut columns = alleles();
    for column in &mut columns[1..9] {
        *column = ints([0; 5]);
    }
    columns[9] = bools([true; 5]);
    let first = |zeros| {
        let released = run(&shape, columns.clone(), Terms { zeros, ..terms() }).expect("released");
        rows(&released)[0].clone()
    };
    assert!(first(Zeros::Shown).starts_with("common 0 0 "), "{}", first(Zeros::Shown));
    assert!(first(Zeros::Withheld).starts_with("common withheld withheld "), "{}", first(Zeros::Withheld));
}

#[test]
fn an_unlisted_allele_without_carriers_here_is_no_row() {
    let mut columns = alleles();
    columns[9] = bools([false; 5]);
    let released = run(&frequency(), columns, terms()).expect("released");
    assert_eq!(rows(&released).len(), 1, "its row would tell that somebody elsewhere carries it");
}

#[test]
fn a_withheld_frequency_is_compared_by_its_public_interval() {
    let rare = |percent: i128| {
        let af = ReleasedExpr::Shown(3);
        let limit = ReleasedExpr::Literal(Value::Decimal(percent * decimal::ONE / 100), Type::Decimal);
        Shape { kept: vec![ReleasedExpr::Apply(ReleasedOperator::Less, vec![af, limit])], ..frequency() }
    };
    // At most 9 carriers of at most 5 copies in 400: below 12 %.
    let names = |shape: &Shape| {
        let released = run(shape, alleles(), terms()).expect("released");
        rows(&released)
            .iter()
            .map(|row| row.split(' ').next().unwrap_or_default().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(names(&rare(12)), ["common", "named", "absent"]);
    let few_copies = |limit: i64| {
        let limit = ReleasedExpr::Literal(Value::Int(limit), Type::Int);
        let kept = ReleasedExpr::Apply(ReleasedOperator::Less, vec![ReleasedExpr::Shown(1), limit]);
        Shape { kept: vec![kept], ..frequency() }
    };
    assert_eq!(names(&few_copies(20)), ["absent"]);
    assert_eq!(names(&few_copies(46)), ["common", "named", "absent"]);
    // Two copies each would be below 5 %, but people with more X chromosomes have more.
    assert_eq!(names(&rare(5)), ["absent"]);
    assert_eq!(names(&rare(1)), ["absent"]);
}

#[test]
fn where_order_and_limit_see_released_values_only() {
    let mut shape = counts();
    shape.order = vec![(ReleasedExpr::Shown(1), true)];
    let columns = || vec![texts([Some("a"), Some("b"), Some("c"), Some("d")]), ints([3, 12, 8, 40])];
    let released = run(&shape, columns(), terms()).expect("released");
    assert_eq!(rows(&released), ["d 40", "b 12", "a <10", "c <10"], "3 and 8 are one and the same");
    shape.limit = Some(3);
    shape.kept = vec![ReleasedExpr::Apply(
        ReleasedOperator::Less,
        vec![ReleasedExpr::Shown(1), ReleasedExpr::Literal(Value::Int(40), Type::Int)],
    )];
    let released = run(&shape, columns(), terms()).expect("released");
    assert_eq!(rows(&released), ["b 12", "a <10", "c <10"]);
    assert_eq!(released.notes().cells, 6);
}

#[test]
fn whether_a_small_count_may_be_nobody_depends_on_the_zeros() {
    let mut shape = counts();
    shape.raw.push(("carriers".to_owned(), Type::Int));
    shape.shown.push(shown("carriers", Type::Int, people(2)));
    let one = ReleasedExpr::Literal(Value::Int(1), Type::Int);
    shape.kept =
        vec![ReleasedExpr::Apply(ReleasedOperator::GreaterOrEqual, vec![ReleasedExpr::Shown(2), one])];
    let columns = || vec![texts([Some("f"), Some("m")]), ints([50, 50]), ints([3, 20])];
    let released = run(&shape, columns(), terms()).expect("released");
    assert_eq!(rows(&released), ["f 50 <10", "m 50 20"]);
    let released = run(&shape, columns(), Terms { zeros: Zeros::Withheld, ..terms() }).expect("released");
    assert_eq!(rows(&released), ["m 50 20"], "3 may be 0 for all that is known");
}

#[test]
fn parts_that_overlap_do_not_give_a_small_one_away() {
    let shape = Shape { disjoint: false, ..with_totals() };
    let flags = || bools([false, false, false, true]);
    let keys = || texts([Some("a"), Some("b"), Some("c"), None]);
    let released = run(&shape, vec![keys(), ints([100, 60, 7, 101]), flags()], terms()).expect("released");
    assert_eq!(rows(&released), ["a 100", "b 60", "c <10", "total 101"]);
    // As parts that add up, 7 of 167 would be told.
    let released = run(&shape, vec![keys(), ints([100, 60, 7, 167]), flags()], terms()).expect("released");
    assert_eq!(rows(&released), ["a 100", "b secondary", "c <10", "total 167"]);
}

#[test]
fn a_group_without_eligible_people_has_no_frequencies() {
    let mut columns: Vec<ArrayRef> = vec![texts([Some("y")])];
    columns.extend((0..8).map(|_| ints([0])));
    columns.push(bools([true]));
    let released = run(&frequency(), columns, terms()).expect("released");
    let all = "withheld withheld withheld withheld withheld withheld withheld";
    assert_eq!(rows(&released), [format!("y {all} <100 withheld")]);
}

#[test]
fn rows_of_people_need_level_record_and_a_key_for_pseudonyms() {
    let shape = Shape {
        records: true,
        raw: vec![("id".to_owned(), Type::Text), ("born".to_owned(), Type::Date)],
        shown: vec![
            shown("subject", Type::Text, ReleasedExpr::Cell(Cell::Pseudonym(Raw(0)))),
            shown("born", Type::Date, ReleasedExpr::Cell(Cell::Value(Raw(1)))),
        ],
        ..Shape::default()
    };
    let columns = || -> Vec<ArrayRef> {
        vec![texts([Some("p1"), None]), Arc::new(Date32Array::from(vec![Some(365), None]))]
    };
    assert!(matches!(run(&shape, columns(), terms()), Err(Error::LevelExceeded { .. })));
    let record = Terms { level: Level::Record, ..terms() };
    assert_eq!(run(&shape, columns(), record.clone()), Err(Error::NoPseudonymKey));
    let released =
        run(&shape, columns(), Terms { pseudonym_key: Some(b"key".to_vec()), ..record }).expect("released");
    assert_eq!(rows(&released), ["42fa592c4bb5647a2c9d83f79983a63d Date(1971-01-01)", "null null"]);
}

#[test]
fn a_raw_result_that_does_not_fit_is_refused_without_its_values() {
    let missing = run(
        &Shape { raw: vec![("sex".to_owned(), Type::Text)], ..counts() },
        vec![texts([Some("f")])],
        terms(),
    );
    assert!(matches!(missing, Err(Error::Malformed { .. })), "{missing:?}");
    let negative = run(&counts(), vec![texts([Some("f")]), ints([-7])], terms());
    let reason = negative.expect_err("refused").to_string();
    assert!(!reason.contains('7'), "{reason}");
    let text = run(&counts(), vec![ints([1]), ints([1])], terms());
    assert!(matches!(text, Err(Error::Malformed { .. })));
}

/// Two records of the same alleles: `people` and `carriers` of each, and who is in only one of them.
fn two_frequencies() -> Shape {
    let record = |name: &str, people, carriers| Frequency {
        name: name.to_owned(),
        people: Raw(people),
        carriers: Raw(carriers),
        copies: None,
        listed: Raw(7),
    };
    let field = |name: &str, record, field| {
        shown(name, Type::Int, ReleasedExpr::Cell(Cell::Frequency { record, field }))
    };
    let numbers = ["people", "carriers", "people_2", "carriers_2", "only_first", "only_second"];
    let mut raw = vec![("gene".to_owned(), Type::Text)];
    raw.extend(numbers.map(|name| (name.to_owned(), Type::Int)));
    raw.push(("listed".to_owned(), Type::Bool));
    Shape {
        frequencies: vec![record("all", 1, 2), record("some", 3, 4)],
        overlaps: vec![Overlap { first: 0, second: 1, only_first: Raw(5), only_second: Raw(6) }],
        raw,
        shown: vec![
            shown("gene", Type::Text, key(0)),
            field("n1", 0, FrequencyField::Carriers),
            field("of1", 0, FrequencyField::People),
            field("n0", 1, FrequencyField::Carriers),
            field("of0", 1, FrequencyField::People),
        ],
        ..Shape::default()
    }
}

/// A gene with the carriers and people of two records, and the people whom only one of them counts.
fn beside(numbers: [i64; 6]) -> Vec<String> {
    let mut columns = vec![texts([Some("gene")])];
    columns.extend(numbers.map(|number| ints([number])));
    columns.push(bools([true]));
    rows(&run(&two_frequencies(), columns, terms()).expect("released"))
}

#[test]
fn two_frequencies_do_not_tell_of_the_few_between_them() {
    // Far apart, and nobody in both.
    assert_eq!(beside([200, 30, 300, 25, 200, 300]), ["gene 30 200 25 300"]);
    // All of the second are of the first, and enough of the others carry.
    assert_eq!(beside([300, 40, 200, 30, 100, 0]), ["gene 40 300 30 200"]);
    // 25 - 20 = 5 of the 100 others would be told.
    assert_eq!(beside([300, 25, 200, 20, 100, 0]), ["gene 25 300 secondary 200"]);
    assert_eq!(beside([200, 20, 300, 25, 0, 100]), ["gene 20 200 secondary 300"]);
    // The others do not carry at all, which a shown zero would say too.
    assert_eq!(beside([300, 25, 200, 25, 100, 0]), ["gene 25 300 25 200"]);
    // The same people twice.
    assert_eq!(beside([300, 25, 300, 25, 0, 0]), ["gene 25 300 25 300"]);
    // Nine people more, of whom it would be told whether they carry.
    assert_eq!(beside([300, 40, 291, 40, 9, 0]), ["gene 40 300 secondary secondary"]);
    assert_eq!(beside([300, 40, 295, 20, 14, 9]), ["gene 40 300 secondary secondary"]);
}

#[test]
fn a_test_of_a_withheld_count_is_withheld() {
    let mut shape = two_frequencies();
    let counts = |places: [u32; 4]| places.map(ReleasedExpr::Shown).to_vec();
    let test = |operator| ReleasedExpr::Apply(operator, counts([1, 2, 3, 4]));
    shape.shown.push(shown("odds", Type::Decimal, test(ReleasedOperator::FisherOddsRatio)));
    shape.shown.push(shown("p", Type::Decimal, test(ReleasedOperator::FisherP)));
    let of = |numbers: [i64; 6]| {
        let mut columns = vec![texts([Some("gene")])];
        columns.extend(numbers.map(|number| ints([number])));
        columns.push(bools([true]));
        rows(&run(&shape, columns, Terms { round_to: Some(10), ..terms() }).expect("released"))
    };
    // From rounded parts: 30 of 200 and 30 of 300, not 28 and 34.
    assert_eq!(of([199, 28, 304, 34, 199, 304]), ["gene 30 200 30 300 1588235294118e-12 94319739549e-12"]);
    assert_eq!(of([199, 28, 304, 4, 199, 304]), ["gene 30 200 <10 300 withheld withheld"]);
}

/// Groups of one allele with 200 people each: `ac` copies by as many carriers of 400 known.
fn of_groups(carriers: &[(&str, i64)]) -> (Shape, Vec<ArrayRef>) {
    let shape = frequency();
    let raw = [("variant_id", Type::Int), ("group", Type::Text)];
    let mut shape = Shape {
        raw: shape.raw.iter().cloned().chain(raw.map(|(name, ty)| (name.to_owned(), ty))).collect(),
        same_allele: vec![Raw(10)],
        people_keys: vec![Raw(11)],
        ..shape
    };
    let field = |field| Cell::Frequency { record: 0, field };
    let grpmax = |cell| ReleasedExpr::Grpmax { record: 0, cell };
    shape.shown = vec![
        shown("group", Type::Text, key(11)),
        shown("ac", Type::Int, ReleasedExpr::Cell(field(FrequencyField::Ac))),
        shown("highest", Type::Int, grpmax(field(FrequencyField::Ac))),
        shown("there", Type::Text, grpmax(Cell::Key(Raw(11)))),
    ];
    let number = |value: i64| -> ArrayRef { Arc::new(Int64Array::from(vec![value; carriers.len()])) };
    let copies =
        || -> ArrayRef { Arc::new(Int64Array::from(carriers.iter().map(|(_, ac)| *ac).collect::<Vec<_>>())) };
    let columns: Vec<ArrayRef> = vec![
        Arc::new(StringArray::from(vec!["a"; carriers.len()])),
        number(200),
        copies(),
        number(400),
        copies(),
        number(0),
        number(0),
        copies(),
        number(0),
        Arc::new(BooleanArray::from(vec![true; carriers.len()])),
        number(1),
        Arc::new(StringArray::from(
            carriers.iter().map(|(name, _)| (!name.is_empty()).then_some(*name)).collect::<Vec<_>>(),
        )),
    ];
    (shape, columns)
}

#[test]
fn the_greatest_group_is_one_that_is_known_to_be() {
    let of = |carriers: &[(&str, i64)]| {
        let (shape, columns) = of_groups(carriers);
        rows(&run(&shape, columns, terms()).expect("released"))
    };
    // A group that is not recorded is none, and the first of equals is named.
    assert_eq!(of(&[("x", 60), ("y", 60), ("", 90)]), ["x 60 60 x", "y 60 60 x", "not recorded 90 60 x"]);
    // Up to 9 carriers of 5 copies are fewer than 60, and may be more than 20.
    assert_eq!(of(&[("x", 60), ("y", 3)])[0], "x 60 60 x");
    assert_eq!(of(&[("x", 20), ("y", 3)])[0], "x 20 withheld withheld");
    assert_eq!(of(&[("x", 0), ("y", 0)])[0], "x 0 null null");
}
