//! Tables 1 small enough to be counted by hand, and all small ones against an enemy who knows the rules.

use super::*;
use crate::Rules;
use crate::rules::Level;
use arrow::array::{ArrayRef, BooleanArray, Decimal128Array, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::{Field, Schema};
use plan::{Facet, Weight};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

fn terms(min_subjects: u32) -> Terms {
    Terms {
        level: Level::Aggregate,
        min_subjects,
        round_to: None,
        zeros: Zeros::Shown,
        dominance: Dominance::default(),
        margin: WHOLE,
        difference: min_subjects,
        frequency_min_subjects: 100,
        allele_min_carriers: 10,
        pseudonym_key: None,
    }
}

fn ints(values: &[u64]) -> ArrayRef {
    let values = values.iter().map(|value| Some(i64::try_from(*value).expect("small")));
    Arc::new(values.collect::<Int64Array>())
}

fn facet(people: u32) -> Facet {
    Facet { people: Raw(people), apart: None }
}

fn run(shape: &Shape, columns: Vec<ArrayRef>, terms: Terms) -> Result<Vec<Vec<String>>, Error> {
    let fields: Vec<Field> = columns
        .iter()
        .zip(&shape.raw)
        .map(|(column, (name, _))| Field::new(name, column.data_type().clone(), true))
        .collect();
    let batch = RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).expect("a batch");
    let released = crate::release(shape, &[batch], &Rules::for_tests(terms).expect("lawful"))?;
    Ok(released.rows().iter().map(|row| row.iter().map(shown).collect()).collect())
}

fn shown(value: &ReleasedValue) -> String {
    match value {
        ReleasedValue::Value(Value::Text(text)) => text.clone(),
        ReleasedValue::Value(Value::Int(number)) => number.to_string(),
        ReleasedValue::Value(Value::Decimal(units)) => format!("{units}e-12"),
        ReleasedValue::Withheld(how) => {
            how.below().map_or_else(|| "?".to_owned(), |below| format!("<{below}"))
        }
        ReleasedValue::NotRecorded => "not recorded".to_owned(),
        ReleasedValue::Other => "other".to_owned(),
        ReleasedValue::Total => "total".to_owned(),
        _ => "-".to_owned(),
    }
}

/// Groups with the people of three levels each, the last one not recorded, and their total.
fn levels(groups: &[[u64; 3]], terms: Terms) -> Vec<Vec<String>> {
    let mut all: Vec<[u64; 3]> = groups.to_vec();
    all.push([0, 1, 2].map(|at| groups.iter().map(|group| group[at]).sum()));
    let names: Vec<Option<String>> =
        ('a'..).take(groups.len()).map(|name| Some(name.to_string())).chain([None]).collect();
    let column = |at: usize| ints(&all.iter().map(|group| group[at]).collect::<Vec<_>>());
    let shape = Shape {
        people: Some(Raw(1)),
        totals: Some(Raw(5)),
        disjoint: true,
        characteristics: Some(Characteristics {
            keys: vec![("group".to_owned(), Raw(0))],
            differences: groups.len() == 2,
            apart: None,
            items: vec![Characteristic::Levels {
                fact: None,
                name: "l".to_owned(),
                levels: vec![
                    (Some("x".to_owned()), facet(2)),
                    (Some("y".to_owned()), facet(3)),
                    (None, facet(4)),
                ],
            }],
        }),
        raw: [("group", Type::Text)]
            .into_iter()
            .chain(["people", "x", "y", "z"].map(|name| (name, Type::Int)))
            .chain([("total", Type::Bool)])
            .map(|(name, ty)| (name.to_owned(), ty))
            .collect(),
        ..Shape::default()
    };
    let people: Vec<u64> = all.iter().map(|group| group.iter().sum()).collect();
    let total: Vec<bool> = (0..all.len()).map(|at| at == groups.len()).collect();
    let columns: Vec<ArrayRef> = vec![
        Arc::new(names.into_iter().collect::<StringArray>()),
        ints(&people),
        column(0),
        column(1),
        column(2),
        Arc::new(BooleanArray::from(total)),
    ];
    run(&shape, columns, terms).expect("released")
}

/// The counts alone: a line per level, the groups and their total.
fn counts(groups: &[[u64; 3]], terms: Terms) -> Vec<String> {
    let rows = levels(groups, terms);
    rows.chunks(groups.len() + 1)
        .map(|line| line.iter().map(|row| row[3].clone()).collect::<Vec<_>>().join(" "))
        .collect()
}

#[test]
fn what_is_large_enough_is_told_with_its_share() {
    let rows = levels(&[[30, 10, 0], [20, 20, 10]], terms(10));
    let line = |at: usize| rows[at].join(" ");
    assert_eq!(line(0), "people - a 40 - - - - - - -");
    assert_eq!(line(2), "people - total 90 - - - - - - -");
    // 75 of a hundred and half: 0.25 / √((0.1875 + 0.25) / 2).
    assert_eq!(line(3), "l x a 30 75000000000000e-12 - - - - - 534522483825e-12");
    assert_eq!(line(4), "l x b 20 50000000000000e-12 - - - - - 534522483825e-12");
    assert_eq!(line(5), "l x total 50 62500000000000e-12 - - - - - -");
    assert_eq!(line(10), "l not recorded b 10 - - - - - - -");
}

#[test]
fn a_small_level_takes_another_with_it_and_the_totals_too() {
    assert_eq!(
        counts(&[[30, 4, 20], [20, 20, 10]], terms(10)),
        ["54 50 104", "30 20 ?", "<10 20 ?", "? 10 ?"],
        "of 54 − 30 − 20 four would be left"
    );
    // Two small ones hide each other.
    assert_eq!(
        counts(&[[30, 5, 5], [20, 20, 10]], terms(10)),
        ["40 50 90", "30 20 ?", "<10 20 ?", "<10 10 ?"]
    );
}

#[test]
fn a_small_group_is_told_by_nothing() {
    // 6 are withheld, and 50 with them, because the total stays. The levels of both together are 31, 21
    // and 4: the last would tell of a few, so no level has a total.
    assert_eq!(
        counts(&[[1, 1, 4], [30, 20, 0], [40, 40, 0]], terms(10)),
        ["<10 ? 80 136", "? ? 40 ?", "? ? 40 ?", "? ? 0 ?"]
    );
    assert_eq!(
        counts(&[[1, 5, 0], [30, 20, 0], [40, 40, 0]], terms(10)),
        ["<10 ? 80 136", "? ? 40 71", "? ? 40 65", "? ? 0 0"]
    );
}

/// Everybody with the same table looks the same: whoever knows the rules and all that is told finds at
/// least as many tables as a small count has values, for every count that is withheld.
#[test]
fn every_withheld_count_may_be_anything_small() {
    const MOST: u64 = 10;
    let mut classes: BTreeMap<Vec<String>, Vec<[[u64; 3]; 2]>> = BTreeMap::new();
    for code in 0..(MOST + 1).pow(4) {
        let digit = |at: u32| code / (MOST + 1).pow(at) % (MOST + 1);
        let groups = [[digit(0), digit(1), 0], [digit(2), digit(3), 0]];
        // With more people there are tables that are not among these.
        if groups.iter().flatten().sum::<u64>() > MOST {
            continue;
        }
        classes.entry(counts(&groups, terms(3))).or_default().push(groups);
    }
    let mut withheld = 0;
    for (told, tables) in &classes {
        for (line, level) in told.iter().skip(1).zip(0..2) {
            for (cell, group) in line.split(' ').take(2).zip(0..2) {
                // Where the total says nobody, zeros are no secret, and nobody is in a group either.
                if cell.parse::<u64>().is_ok() || line.ends_with(" 0") {
                    continue;
                }
                withheld += 1;
                let possible: BTreeSet<u64> = tables.iter().map(|table| table[group][level]).collect();
                assert!(possible.len() >= 2, "{told:?}: level {level} of group {group} is {possible:?}");
            }
        }
    }
    assert!(withheld > 100, "{withheld}");
}

#[test]
fn numbers_need_their_people_and_tell_no_number_of_them() {
    let shape = Shape {
        people: Some(Raw(0)),
        disjoint: true,
        characteristics: Some(Characteristics {
            keys: Vec::new(),
            differences: false,
            apart: None,
            items: vec![Characteristic::Number {
                name: "age".to_owned(),
                known: facet(1),
                missing: facet(2),
                numbers: plan::NumberRaws {
                    median: (Raw(3), Raw(4)),
                    q1: (Raw(3), Raw(3)),
                    q3: (Raw(4), Raw(4)),
                    sum: Raw(5),
                    squares: Raw(6),
                    weight: Weight { total: Raw(5), greatest: Raw(4), two: Raw(7), most: Raw(7) },
                },
            }],
        }),
        raw: ["people", "known", "missing"]
            .map(|name| (name.to_owned(), Type::Int))
            .into_iter()
            .chain(["lower", "upper", "sum", "squares", "two"].map(|name| (name.to_owned(), Type::Decimal)))
            .collect(),
        contributors: 2,
        ..Shape::default()
    };
    let decimals = |value: i128| -> ArrayRef {
        let array = Decimal128Array::from(vec![value * decimal::ONE]).with_precision_and_scale(38, 12);
        Arc::new(array.expect("a decimal"))
    };
    let of = |known: u64, missing: u64| {
        let columns = vec![
            ints(&[known + missing]),
            ints(&[known]),
            ints(&[missing]),
            decimals(40),
            decimals(42),
            decimals(40 * i128::from(known)),
            decimals(1_700 * i128::from(known)),
            decimals(84),
        ];
        let rows = run(&shape, columns, terms(10)).expect("released");
        (rows[1][2..].join(" "), rows[2][2..].join(" "))
    };
    let (known, missing) = of(40, 0);
    assert!(
        known
            .starts_with("40 - 41000000000000e-12 40000000000000e-12 42000000000000e-12 40000000000000e-12 ")
    );
    assert!(known.ends_with("e-12"), "{known}");
    assert_eq!(missing, "0 - - - - - -");
    // Quartiles need forty, a median twenty.
    assert!(of(39, 0).0.starts_with("39 - 41000000000000e-12 ? ? 40000000000000e-12 "));
    assert!(of(19, 0).0.starts_with("19 - ? ? ? 40000000000000e-12 "));
    // A mean has its number in its places; three people of unknown age would be what is left.
    assert_eq!(of(40, 3).0, "? - 41000000000000e-12 40000000000000e-12 42000000000000e-12 ? ?");
    assert_eq!(of(40, 3).1, "<10 - - - - - -");
}

/// Two cohorts that are compared: their people, and those of a level, with those who are in one only.
fn compared(sides: [[u64; 4]; 2]) -> Result<Vec<String>, Error> {
    let apart = |people: u32| Facet { people: Raw(people), apart: Some(Raw(people + 1)) };
    let shape = Shape {
        people: Some(Raw(1)),
        characteristics: Some(Characteristics {
            keys: vec![("cohort".to_owned(), Raw(0))],
            differences: true,
            apart: Some(Raw(2)),
            items: vec![Characteristic::Levels {
                fact: None,
                name: "l".to_owned(),
                levels: vec![(Some("x".to_owned()), apart(3)), (Some("y".to_owned()), apart(5))],
            }],
        }),
        raw: std::iter::once(("cohort".to_owned(), Type::Text))
            .chain((1..7).map(|at| (format!("c{at}"), Type::Int)))
            .collect(),
        ..Shape::default()
    };
    let [one, other] = sides;
    let both = |of: &dyn Fn([u64; 4]) -> u64| ints(&[of(one), of(other)]);
    let columns: Vec<ArrayRef> = vec![
        Arc::new(StringArray::from(vec!["a", "b"])),
        both(&|side| side[0] + side[2]),
        both(&|side| side[1] + side[3]),
        both(&|side| side[0]),
        both(&|side| side[1]),
        both(&|side| side[2]),
        both(&|side| side[3]),
    ];
    let rows = run(&shape, columns, terms(10))?;
    Ok(rows
        .chunks(2)
        .map(|line| line.iter().map(|row| row[3].clone()).collect::<Vec<_>>().join(" "))
        .collect())
}

#[test]
fn two_cohorts_that_differ_by_a_few_are_not_compared() {
    // b is a with three more people of level x.
    assert_eq!(compared([[30, 0, 20, 0], [33, 3, 20, 0]]), Err(Error::TooClose));
    // With three of x and eleven of y: y alone may be told, and so neither of b.
    assert_eq!(
        compared([[30, 0, 20, 0], [33, 3, 31, 11]]),
        Ok(["50 64", "30 ?", "20 ?"].map(str::to_owned).to_vec())
    );
    assert_eq!(
        compared([[30, 30, 20, 20], [33, 33, 31, 31]]),
        Ok(["50 64", "30 33", "20 31"].map(str::to_owned).to_vec())
    );
    assert!(compared([[30, 0, 20, 0], [30, 0, 20, 0]]).is_ok(), "the same people");
}
