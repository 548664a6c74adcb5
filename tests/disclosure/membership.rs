//! Is somebody in a group whose allele frequencies were told? The test by likelihood ratio.
//!
//! Whoever has a person's genotypes x_j (0, 1 or 2 copies), the frequencies p_j of the population and those of the
//! group, p̂_j, at m independent places asks which is likelier, that the person was drawn from the population or is one of the group:
//!
//! L = Σ_j x_j ln(p̂_j / p_j) + (2 − x_j) ln((1 − p̂_j) / (1 − p_j))
//!
//! (Sankararaman, Obozinski, Jordan and Halperin, Genomic privacy and limits of individual detection in a pool, Nature
//! Genetics 41, 965–967, 2009). By the lemma of Neyman and Pearson no test does better where places are independent. Their bound for n people:
//! with power 1 − β at false positives α, √(m / n) ≈ z_α + z_{1−β}. People here are simulated: places are independent, frequencies are
//! those of common alleles, and nobody errs in a call.
//!
//! Floats are for simulation; nothing of it is a result of the product.

use arrow::array::{ArrayRef, BooleanArray, Int64Array, RecordBatch, StringArray};
use plan::{Cell, Copies, Frequency, FrequencyField, Raw, ReleasedExpr, Shape, Shown, Type, Value};
use release::{ReleasedValue, Rules};
use std::sync::Arc;

/// What is known of the group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Known {
    /// Every frequency, exactly.
    Exact,
    /// What is released under the defaults of an agreement: counts rounded to five, alleles of few carriers withheld, groups of
    /// fewer than 100 people withheld whole.
    Released,
}

/// The power of the test in hundredths, with false positives at 5 %: `m` places, groups of `n`, `groups` times.
pub(crate) fn power(n: usize, m: usize, known: Known, groups: usize, seed: u64) -> u32 {
    let mut random = fastrand::Rng::with_seed(seed);
    let (mut inside, mut outside) = (Vec::new(), Vec::new());
    for _ in 0..groups {
        let population: Vec<f64> = (0..m).map(|_| 0.05 + 0.45 * random.f64()).collect();
        let drawn = |random: &mut fastrand::Rng| -> Vec<u8> {
            let copy = |random: &mut fastrand::Rng, p: f64| u8::from(random.f64() < p);
            population.iter().map(|p| copy(random, *p) + copy(random, *p)).collect()
        };
        let group: Vec<Vec<u8>> = (0..n).map(|_| drawn(&mut random)).collect();
        let frequencies = match known {
            Known::Exact => exact(&group, m),
            Known::Released => released(&group, m),
        };
        // Whatever is told as 0 or 1 may be one copy that was not seen.
        let least = 0.5 / (2.0 * number(n));
        let told: Vec<(usize, f64, f64)> = frequencies
            .into_iter()
            .enumerate()
            .filter_map(|(at, told)| Some((at, told?.clamp(least, 1.0 - least), population[at])))
            .collect();
        let ratio = |person: &[u8]| -> f64 {
            let of = |(at, told, p): &(usize, f64, f64)| {
                let copies = f64::from(person[*at]);
                copies * (told / p).ln() + (2.0 - copies) * ((1.0 - told) / (1.0 - p)).ln()
            };
            told.iter().map(of).sum()
        };
        for person in group.iter().take(40) {
            inside.push(ratio(person));
            outside.push(ratio(&drawn(&mut random)));
        }
    }
    outside.sort_by(f64::total_cmp);
    let threshold = outside[outside.len() * 95 / 100];
    let found = inside.iter().filter(|ratio| **ratio > threshold).count();
    u32::try_from((found * 100 + inside.len() / 2) / inside.len()).expect("a percentage")
}

fn number(people: usize) -> f64 {
    f64::from(u32::try_from(people).expect("few people"))
}

fn exact(group: &[Vec<u8>], m: usize) -> Vec<Option<f64>> {
    let of = |at: usize| group.iter().map(|person| f64::from(person[at])).sum::<f64>();
    (0..m).map(|at| Some(of(at) / (2.0 * number(group.len())))).collect()
}

/// Through `release`: a frequency record for each place.
fn released(group: &[Vec<u8>], m: usize) -> Vec<Option<f64>> {
    let count =
        |at: usize, copies: &dyn Fn(u8) -> i64| group.iter().map(|person| copies(person[at])).sum::<i64>();
    let raw = ["people", "carriers", "ac", "an", "het", "hom", "zero"];
    let mut shape = Shape {
        people: Some(Raw(1)),
        raw: std::iter::once(("allele".to_owned(), Type::Text))
            .chain(raw.iter().map(|name| ((*name).to_owned(), Type::Int)))
            .chain([("listed".to_owned(), Type::Bool)])
            .collect(),
        same_allele: vec![Raw(0)],
        ..Shape::default()
    };
    let zero = Raw(7);
    shape.frequencies = vec![Frequency {
        name: String::new(),
        people: Raw(1),
        carriers: Raw(2),
        copies: Some(Copies {
            ac: Raw(3),
            an: Raw(4),
            het: Raw(5),
            hom: Raw(6),
            hemi: zero,
            missing: zero,
            pairs: Raw(1),
            pair_het: Raw(5),
            pair_hom: Raw(6),
        }),
        listed: Raw(8),
    }];
    let shown = |name: &str, ty, cell| Shown {
        name: name.to_owned(),
        ty,
        unit: None,
        value: ReleasedExpr::Cell(cell),
    };
    shape.shown = vec![
        shown("allele", Type::Text, Cell::Key(Raw(0))),
        shown("af", Type::Decimal, Cell::Frequency { record: 0, field: FrequencyField::Af }),
    ];
    let of = |copies: &dyn Fn(u8) -> i64| -> ArrayRef {
        Arc::new((0..m).map(|at| Some(count(at, copies))).collect::<Int64Array>())
    };
    let columns: Vec<ArrayRef> = vec![
        Arc::new((0..m).map(|at| Some(format!("{at:06}"))).collect::<StringArray>()),
        of(&|_| 1),
        of(&|copies| i64::from(copies > 0)),
        of(&i64::from),
        of(&|_| 2),
        of(&|copies| i64::from(copies == 1)),
        of(&|copies| i64::from(copies == 2)),
        of(&|_| 0),
        Arc::new((0..m).map(|_| Some(true)).collect::<BooleanArray>()),
    ];
    let names = shape.raw.iter().map(|(name, _)| name.clone());
    let batch = RecordBatch::try_from_iter(names.zip(columns)).expect("columns of one length");
    let rules = Rules::new(crate::recipient::terms(Some(5), 10)).expect("lawful terms");
    let told = release::release(&shape, &[batch], &rules).expect("released");
    let mut all = vec![None; m];
    for row in told.rows() {
        if let [ReleasedValue::Value(Value::Text(allele)), ReleasedValue::Value(Value::Decimal(af))] =
            row.as_slice()
        {
            all[allele.parse::<usize>().expect("a place")] =
                Some(f64::from(u32::try_from(*af / 1000).expect("at most 1")) / 1e9);
        }
    }
    all
}
