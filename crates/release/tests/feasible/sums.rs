//! Random sums against an enemy who subtracts: what a total leaves when the shown parts are taken from it is a sum too, and no sum that
//! is told or can be computed is one person's, or two persons'.
//!
//! What people add is made first, some of it negative and much of it small; the hidden columns are computed from it. The rule is
//! asked here of the people themselves, by its definition.

use super::{Random, ints, release, tables};
use arrow::array::{ArrayRef, BooleanArray, Int64Array, StringArray};
use plan::{Cell, Raw, ReleasedExpr, Shape, Shown, Type, Weight, Weights};
use release::{Dominance, ReleasedValue, WHOLE};
use std::sync::Arc;

/// Whether the second of these people could estimate the first to within p, or the n greatest are more than k of all.
fn is_dominated(people: &[i64], rules: Dominance) -> bool {
    let mut sizes: Vec<i128> = people.iter().map(|size| i128::from(size.unsigned_abs())).collect();
    sizes.sort_unstable_by(|a, b| b.cmp(a));
    let all: i128 = sizes.iter().sum();
    let first = |number: usize| sizes.iter().take(number).sum::<i128>();
    let n = usize::try_from(rules.n).expect("few");
    (all - first(2)) * WHOLE < first(1) * rules.p || first(n) * WHOLE > all * rules.k
}

#[test]
fn no_sum_that_can_be_known_is_one_persons() {
    let mut random = Random(37);
    let (mut told, mut dominated, mut derived) = (0, 0, 0);
    for _ in 0..tables() {
        let mut terms = random.terms();
        terms.dominance = Dominance {
            p: WHOLE / [5, 10, 20][random.few(3)],
            n: 1 + u32::try_from(random.below(3)).expect("few"),
            k: WHOLE / 10 * [7, 8, 9][random.few(3)],
        };
        let parts = 2 + random.few(4);
        let mut groups: Vec<Vec<i64>> = (0..parts)
            .map(|_| {
                let number = random.count(u64::from(terms.min_subjects)).min(60);
                let heavy = random.below(2) == 0;
                let mut size = |at: u64| {
                    let most = if heavy && at < 2 { 4_000 } else { 40 };
                    let size = i64::try_from(random.below(most)).expect("small");
                    if random.below(4) == 0 { -size } else { size }
                };
                (0..number).map(&mut size).collect()
            })
            .collect();
        groups.push(groups.concat());
        let first = |people: &Vec<i64>, number: usize| -> Option<i64> {
            let mut sizes: Vec<i64> = people.iter().map(|size| size.abs()).collect();
            sizes.sort_unstable_by(|a, b| b.cmp(a));
            (!people.is_empty()).then(|| sizes.iter().take(number).sum())
        };
        let n = usize::try_from(terms.dominance.n).expect("few");
        let column = |of: &dyn Fn(&Vec<i64>) -> Option<i64>| -> ArrayRef {
            Arc::new(groups.iter().map(of).collect::<Int64Array>())
        };
        let counts: Vec<u64> = groups.iter().map(|people| people.len() as u64).collect();
        let columns: Vec<ArrayRef> = vec![
            Arc::new((0..=parts).map(|at| (at < parts).then(|| at.to_string())).collect::<StringArray>()),
            ints(&counts),
            Arc::new((0..=parts).map(|at| Some(at == parts)).collect::<BooleanArray>()),
            column(&|people| (!people.is_empty()).then(|| people.iter().sum())),
            column(&|people| first(people, usize::MAX)),
            column(&|people| first(people, 1)),
            column(&|people| first(people, 2)),
            column(&|people| first(people, n)),
        ];
        let names = ["key", "people", "is_total", "sum", "total", "greatest", "two", "most"];
        let ty = |name: &str| match name {
            "key" => Type::Text,
            "is_total" => Type::Bool,
            _ => Type::Int,
        };
        let weight = Weight { total: Raw(4), greatest: Raw(5), two: Raw(6), most: Raw(7) };
        let shape = Shape {
            disjoint: random.below(2) == 0,
            people: Some(Raw(1)),
            totals: Some(Raw(2)),
            raw: names.iter().map(|name| ((*name).to_owned(), ty(name))).collect(),
            weights: vec![Weights { people: Raw(1), paths: vec![weight] }],
            contributors: terms.dominance.n,
            shown: [("key", Cell::Key(Raw(0))), ("sum", Cell::Sum { value: Raw(3), people: Raw(1) })]
                .map(|(name, cell)| Shown {
                    name: name.to_owned(),
                    ty: ty(name),
                    unit: None,
                    value: ReleasedExpr::Cell(cell),
                })
                .into(),
            ..Shape::default()
        };
        let released = release(&shape, columns, &terms);
        let about = format!("{groups:?} {terms:?}\n{:?}", released.rows());
        let is_told = |at: usize| matches!(released.rows()[at].last(), Some(ReleasedValue::Value(_)));
        let fits = |people: &[i64]| {
            people.len() >= usize::try_from(terms.min_subjects).expect("few")
                && !is_dominated(people, terms.dominance)
        };
        for (at, people) in groups.iter().enumerate().filter(|(_, people)| !people.is_empty()) {
            dominated += u32::from(is_dominated(people, terms.dominance));
            told += u32::from(is_told(at));
            assert!(!is_told(at) || fits(people), "{about}");
        }
        let left: Vec<i64> =
            (0..parts).filter(|at| !is_told(*at)).flat_map(|at| groups[at].clone()).collect();
        if is_told(parts) && !left.is_empty() {
            derived += 1;
            assert!(fits(&left), "what is left of the total: {about}");
        }
    }
    eprintln!(
        "{} tables of sums: {told} told, {dominated} dominated, {derived} totals with withheld parts",
        tables()
    );
    assert!(told > tables() && dominated > tables() && derived > tables() / 20);
}
