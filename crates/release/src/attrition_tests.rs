//! Attritions small enough to be counted by hand, and all small ones against an enemy who subtracts.

use super::*;
use crate::Rules;
use crate::rules::{Dominance, Level, WHOLE};
use arrow::array::{BooleanArray, Int64Array, RecordBatch};
use arrow::datatypes::{DataType, Field, Schema};
use plan::{AttritionStep, AttritionStepKind, Raw, Shape};
use std::collections::BTreeSet;
use std::sync::Arc;

fn terms() -> Terms {
    Terms {
        level: Level::Count,
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

/// People by what they answer to each step: `t`, `f`, or `u` for unknown.
fn released(people: &[(&str, u64)], terms: Terms) -> Vec<String> {
    let steps = people.first().map_or(0, |(answers, _)| answers.len());
    let mut rows = Vec::new();
    for (answers, number) in people {
        let first = answers.find(|answer| answer != 't');
        let last = answers.rfind(|answer| answer != 't');
        let unknown = first.is_some_and(|at| answers[at..].starts_with('u'));
        rows.push((first.map_or(steps + 1, |at| at + 1), last.map_or(0, |at| at + 1), unknown, *number));
    }
    let int = |values: Vec<u64>| -> Int64Array {
        values.into_iter().map(|value| Some(i64::try_from(value).expect("small"))).collect()
    };
    let place = |value: usize| u64::try_from(value).expect("small");
    let batch = RecordBatch::try_new(
        Arc::new(Schema::new(vec![
            Field::new("first", DataType::Int64, true),
            Field::new("last", DataType::Int64, true),
            Field::new("unknown", DataType::Boolean, true),
            Field::new("people", DataType::Int64, true),
        ])),
        vec![
            Arc::new(int(rows.iter().map(|row| place(row.0)).collect())),
            Arc::new(int(rows.iter().map(|row| place(row.1)).collect())),
            Arc::new(rows.iter().map(|row| Some(row.2)).collect::<BooleanArray>()),
            Arc::new(int(rows.iter().map(|row| row.3).collect())),
        ],
    )
    .expect("a batch");
    let ints = ["first", "last"].map(|name| (name.to_owned(), Type::Int));
    let shape = Shape {
        attrition: Some(Attrition {
            first: Raw(0),
            last: Raw(1),
            unknown: Raw(2),
            people: Raw(3),
            events: None,
            cases: None,
            source: "subjects".to_owned(),
            steps: ('a'..)
                .take(steps)
                .map(|letter| AttritionStep {
                    cohort: "c".to_owned(),
                    words: letter.to_string(),
                    kind: AttritionStepKind::Rule,
                    droppable: true,
                })
                .collect(),
        }),
        raw: ints
            .into_iter()
            .chain([("unknown".to_owned(), Type::Bool), ("people".to_owned(), Type::Int)])
            .collect(),
        ..Shape::default()
    };
    let rules = Rules::for_tests(terms).expect("lawful");
    let released = crate::release(&shape, &[batch], &rules).expect("released");
    released.rows().iter().map(|row| row.iter().skip(1).map(shown).collect::<Vec<_>>().join(" ")).collect()
}

fn shown(value: &ReleasedValue) -> String {
    match value {
        ReleasedValue::Value(Value::Text(text)) => text.clone(),
        ReleasedValue::Value(Value::Int(number)) => number.to_string(),
        ReleasedValue::Withheld(how) => {
            how.below().map_or_else(|| "?".to_owned(), |below| format!("<{below}"))
        }
        _ => "-".to_owned(),
    }
}

#[test]
fn every_step_has_its_own_people() {
    let people = [("tt", 40), ("ft", 20), ("ut", 15), ("tf", 12), ("ff", 11)];
    assert_eq!(
        released(&people, terms()),
        ["permitted 98 - - -", "a 52 31 15 35", "b 40 12 0 12"],
        "of the 46 without a, 20 and 15 have b"
    );
}

#[test]
fn a_small_step_is_released_with_the_one_after_it() {
    // a removes 4; a and b together 24. Of these, 4 + 20 pass c.
    let people = [("ttt", 40), ("ftt", 4), ("tft", 20), ("ttf", 30)];
    assert_eq!(
        released(&people, terms()),
        ["permitted 94 - - -", "2 rules: a; b 70 24 0 24", "c 40 30 0 30"]
    );
}

#[test]
fn unknown_and_gained_people_join_steps_too() {
    let unknown = [("tt", 40), ("ft", 20), ("ut", 4), ("tf", 30)];
    assert_eq!(released(&unknown, terms()), ["permitted 94 - - -", "2 rules: a; b 40 ? ? 54"]);
    // 30 fail a, 5 of them nothing else.
    let gained = [("tt", 40), ("ft", 5), ("ff", 25), ("tf", 30)];
    assert_eq!(released(&gained, terms()), ["permitted 100 - - -", "2 rules: a; b 40 60 0 60"]);
}

#[test]
fn the_last_step_goes_with_the_one_before_it() {
    let people = [("tt", 40), ("ft", 20), ("tf", 4)];
    assert_eq!(released(&people, terms()), ["permitted 64 - - -", "2 rules: a; b 40 24 0 24"]);
}

#[test]
fn a_cohort_that_leaves_nearly_everybody_is_not_told() {
    assert_eq!(released(&[("t", 90), ("f", 3)], terms()), ["permitted 93 - - -", "a ? ? ? ?"]);
    assert_eq!(released(&[("t", 90), ("f", 0)], terms()), ["permitted 90 - - -", "a 90 0 0 0"]);
}

#[test]
fn a_small_cohort_keeps_its_whole_interval() {
    let people = [("tt", 3), ("ft", 40), ("tf", 30)];
    assert_eq!(released(&people, terms()), ["permitted 73 - - -", "a 33 40 0 40", "b <10 ? ? ?"]);
    // 12 are left by a, and b removes at least 10: 1 or 2 would be left, so a tells nothing of its own.
    let people = [("tt", 2), ("ft", 40), ("tf", 10)];
    assert_eq!(released(&people, terms()), ["permitted 52 - - -", "2 rules: a; b <10 ? ? ?"]);
    assert_eq!(released(&[("t", 3), ("f", 12)], terms()), ["permitted 15 - - -", "a ? ? ? ?"]);
    assert_eq!(released(&[("t", 3), ("f", 2)], terms()), ["permitted <10 - - -", "a ? ? ? ?"]);
}

#[test]
fn those_whom_a_step_removes_beside_the_gained_are_people_too() {
    let people = [("tt", 40), ("ft", 20), ("ff", 3), ("tf", 30)];
    assert_eq!(
        released(&people, terms()),
        ["permitted 93 - - -", "a 70 23 0 ?", "b 40 30 0 30"],
        "23 − 20 would be three people"
    );
}

#[test]
fn an_agreement_that_withholds_zeros_tells_none() {
    let withheld = || Terms { zeros: Zeros::Withheld, ..terms() };
    let people = [("ttt", 40), ("ftt", 20), ("ttf", 30)];
    assert_eq!(
        released(&people, withheld()),
        ["permitted 90 - - -", "a 70 ? ? 20", "2 rules: b; c 40 ? ? 30"],
        "b removes nobody"
    );
    let unknown = [("tt", 40), ("ft", 20), ("ut", 4), ("tf", 15), ("tu", 15)];
    assert_eq!(
        released(&unknown, withheld()),
        ["permitted 94 - - -", "a 70 ? ? 24", "b 40 15 15 30"],
        "four unknown look like none"
    );
}

#[test]
fn rounded_numbers_add_up() {
    let people = [("tt", 42), ("ft", 23), ("ut", 18), ("tf", 12)];
    let rounded = Terms { round_to: Some(5), ..terms() };
    // 23, 18, 12 and 42 are 25, 20, 10 and 40.
    assert_eq!(released(&people, rounded), ["permitted 95 - - -", "a 50 25 20 40", "b 40 10 0 10"]);
    // Below the rounding base a step that removes people would look like one that removes nobody.
    let wide = Terms { round_to: Some(20), difference: 1, ..terms() };
    assert_eq!(
        released(&[("tt", 42), ("ft", 12), ("tf", 12)], wide),
        ["permitted 60 - - -", "2 rules: a; b 40 20 0 20"]
    );
}

#[test]
fn the_difference_of_the_agreement_holds_between_steps() {
    let people = [("tt", 40), ("ft", 15), ("tf", 30)];
    let apart = Terms { difference: 20, ..terms() };
    assert_eq!(released(&people, apart), ["permitted 85 - - -", "2 rules: a; b 40 45 0 45"]);
}

/// All attritions of two rules with few people, at a threshold of three: whatever is told, every sum and
/// difference of two told numbers of one chain is zero, or at least the threshold.
#[test]
fn nothing_small_is_a_difference_of_what_is_told() {
    let strict = |zeros| Terms { min_subjects: 3, difference: 3, zeros, ..terms() };
    let kinds = ["tt", "ft", "ut", "tf", "tu", "ff"];
    let mut seen = 0_u32;
    for code in 0..5_u64.pow(6) {
        // 0, 1, 2, 3 or 7 people of each kind.
        let people: Vec<(&str, u64)> = kinds
            .iter()
            .zip(0..)
            .map(|(kind, at)| {
                (*kind, [0, 1, 2, 3, 7][usize::try_from(code / 5_u64.pow(at) % 5).expect("small")])
            })
            .collect();
        for zeros in [Zeros::Shown, Zeros::Withheld] {
            let rows = released_numbers(&people, strict(zeros));
            let mut told: BTreeSet<i64> = BTreeSet::new();
            for pair in rows.windows(2) {
                if let ([Some(before), ..], [Some(after), ..]) = (&pair[0], &pair[1]) {
                    told.insert(before - after);
                }
            }
            for [into, out, unknown, gained] in &rows {
                told.extend([into, out, unknown, gained].into_iter().flatten());
                if let (Some(out), Some(unknown), Some(gained)) = (out, unknown, gained) {
                    told.insert(out + unknown - gained);
                }
            }
            assert!(
                told.iter().all(|number| *number == 0 || *number >= 3),
                "{people:?} {zeros:?}: {told:?} of {rows:?}"
            );
            if zeros == Zeros::Withheld {
                let sizes: Vec<i64> = rows.iter().filter_map(|row| row[0]).collect();
                assert!(sizes.windows(2).all(|pair| pair[0] > pair[1]), "{people:?}: {rows:?}");
            }
            assert!(rows.windows(2).all(|pair| match (pair[0][0], pair[1][0]) {
                (Some(before), Some(after)) => before >= after,
                _ => true,
            }));
            seen += 1;
        }
    }
    assert_eq!(seen, 2 * 5_u32.pow(6));
}

fn released_numbers(people: &[(&str, u64)], terms: Terms) -> Vec<[Option<i64>; 4]> {
    released(people, terms)
        .iter()
        .map(|row| {
            let mut cells = row.rsplit(' ').take(4).map(|cell| cell.parse().ok());
            let mut next = || cells.next().flatten();
            let (gained, unknown, out, into) = (next(), next(), next(), next());
            [into, out, unknown, gained]
        })
        .collect()
}
