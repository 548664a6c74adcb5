//! Random tables against an enemy with a linear programme: what a released table leaves open for each withheld cell.
//!
//! Tables of groups of one to three keys with their total, and Tables 1 of groups, items and totals, over thresholds,
//! rounding bases and what becomes of zeros. No shown cell counts fewer people than the threshold, and of no withheld cell do
//! the released numbers leave an interval narrower than the one from 1 to 9 that `<10` stands for. The enemy knows the rules: how
//! numbers are rounded, that a cell withheld for itself is small, that one withheld for another is not, that what adds
//! up does. Its solver (`simplex`) shares nothing with release, which counts intervals by hand; a library would rebuild
//! half of the house for this one test.
//!
//! `make test` tries 2,000 of each, `make test-deep` (`BASEQ_DEEP=1`) 10,000.

#![expect(clippy::expect_used, clippy::panic, reason = "a test says what it expects by failing")]

mod simplex;
mod sums;

use arrow::array::{ArrayRef, BooleanArray, Int64Array, RecordBatch, StringArray};
use plan::{Cell, Characteristic, Characteristics, Facet, Raw, ReleasedExpr, Shape, Shown, Type, Value};
use release::{Dominance, Level, ReleasedValue, Rules, Terms, WHOLE, Zeros};
use simplex::Simplex;
use std::sync::Arc;

fn tables() -> u32 {
    if std::env::var_os("BASEQ_DEEP").is_some() { 10_000 } else { 2_000 }
}

/// A generator that gives the same numbers everywhere.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }

    fn few(&mut self, limit: u64) -> usize {
        usize::try_from(self.below(limit)).expect("small")
    }

    /// Cells as tables have them: nobody, few, just enough, many.
    fn count(&mut self, threshold: u64) -> u64 {
        match self.below(20) {
            0..3 => 0,
            3..9 => 1 + self.below(threshold - 1),
            9..14 => threshold + self.below(threshold),
            _ => threshold + self.below(200),
        }
    }

    fn terms(&mut self) -> Terms {
        let min_subjects = [5, 7, 10, 20][self.few(4)];
        let round_to = [None, Some(5), Some(10)][self.few(3)];
        Terms {
            level: Level::Aggregate,
            min_subjects,
            round_to,
            zeros: if self.below(2) == 0 { Zeros::Shown } else { Zeros::Withheld },
            dominance: Dominance::default(),
            margin: WHOLE,
            difference: min_subjects,
            frequency_min_subjects: 100,
            allele_min_carriers: min_subjects,
            pseudonym_key: None,
        }
    }
}

/// More people than any table has.
const MANY: f64 = 1e6;

/// What the enemy knows of a count: the least and the greatest it can be.
#[derive(Clone, Copy, Debug)]
struct Known {
    low: f64,
    high: f64,
    /// How many values the interval must keep; none where the count is shown.
    width: Option<f64>,
}

/// A whole that is shown as the sum of its parts tells nothing beside them.
const SUM_OF_PARTS: Known = Known { low: 0.0, high: MANY, width: None };

#[expect(clippy::cast_precision_loss, reason = "counts of tests are small")]
fn float(number: u64) -> f64 {
    number as f64
}

/// What a released value tells of a count. `few`: the least that a small cell can be.
fn known(value: &ReleasedValue, count: u64, terms: &Terms, few: u64) -> Known {
    let threshold = u64::from(terms.min_subjects);
    match value {
        ReleasedValue::Value(Value::Int(shown)) => {
            let shown = u64::try_from(*shown).expect("a count");
            assert!(count == 0 || count >= threshold, "a cell of {count} is shown: {terms:?}");
            if shown == 0 {
                return Known { low: 0.0, high: 0.0, width: None };
            }
            let base = u64::from(terms.round_to.unwrap_or(1));
            let low = shown.saturating_sub(base / 2).max(threshold);
            Known { low: float(low), high: float(shown + base.div_ceil(2) - 1), width: None }
        }
        ReleasedValue::Withheld(how) => match how.below() {
            Some(below) => {
                let below = u64::from(below);
                assert!(few <= count && count < below, "<{below} stands for {count}: {terms:?}");
                Known { low: float(few), high: float(below - 1), width: Some(float(below - 1)) }
            }
            None if how.secondary() => {
                assert!(count >= threshold, "{count} people are withheld for others only: {terms:?}");
                Known { low: float(threshold), high: MANY, width: Some(float(threshold - 1)) }
            }
            // That it is nobody is no secret where zeros are shown.
            None if count == 0 && terms.zeros == Zeros::Shown => SUM_OF_PARTS,
            // Nothing is told of it, not even that it is small.
            None => Known { low: 0.0, high: MANY, width: Some(float(threshold - 1)) },
        },
        other => panic!("{other:?} for a count"),
    }
}

/// Counts that add up: the parts, and the whole.
type Sum = (Vec<usize>, usize);

/// Fails where a withheld count is known to an interval that is too narrow. Gives how many were attacked.
fn attack(counts: &[u64], known: &[Known], sums: &[Sum], about: &str) -> u32 {
    let bounds: Vec<(f64, f64)> = known.iter().map(|of| (of.low, of.high)).collect();
    let mut simplex =
        Simplex::new(&bounds, sums).unwrap_or_else(|| panic!("the enemy knows too much: {about}"));
    let mut attacked = 0;
    for (target, of) in known.iter().enumerate() {
        let Some(width) = of.width else { continue };
        attacked += 1;
        let (low, high) = simplex.range(target);
        let (low, high) = ((low - 1e-5).ceil(), (high + 1e-5).floor());
        let count = float(counts[target]);
        assert!(low <= count && count <= high, "the enemy is wrong about {target}: {about}");
        assert!(high - low + 1.0 >= width, "count {target}, {count}, is from {low} to {high}: {about}");
    }
    attacked
}

fn ints(values: &[u64]) -> ArrayRef {
    let values = values.iter().map(|value| i64::try_from(*value).expect("small"));
    Arc::new(values.collect::<Int64Array>())
}

fn release(shape: &Shape, columns: Vec<ArrayRef>, terms: &Terms) -> release::Released {
    let names = shape.raw.iter().map(|(name, _)| name.clone());
    let columns = names.zip(columns).map(|(name, column)| (name, column, true));
    let batch = RecordBatch::try_from_iter_with_nullable(columns).expect("columns of one length");
    release::release(shape, &[batch], &Rules::new(terms.clone()).expect("lawful terms")).expect("released")
}

fn raw(columns: &[ArrayRef]) -> Raw {
    Raw(u32::try_from(columns.len()).expect("few"))
}

#[test]
fn tables_of_groups_with_their_total() {
    let mut random = Random(11);
    let (mut attacked, mut closed) = (0, 0);
    for _ in 0..tables() {
        let terms = random.terms();
        let sizes: Vec<usize> = (0..=random.below(3)).map(|_| 2 + random.few(3)).collect();
        let cells: usize = sizes.iter().product();
        let mut counts: Vec<u64> = (0..cells).map(|_| random.count(u64::from(terms.min_subjects))).collect();
        counts.push(counts.iter().sum());
        let mut shape = Shape { disjoint: true, ..Shape::default() };
        let mut columns: Vec<ArrayRef> = Vec::new();
        let mut stride = 1;
        for (at, size) in sizes.iter().enumerate() {
            let name = format!("key_{at}");
            let labels = (0..cells).map(|cell| Some((cell / stride % size).to_string())).chain([None]);
            let value = ReleasedExpr::Cell(Cell::Key(raw(&columns)));
            shape.raw.push((name.clone(), Type::Text));
            shape.shown.push(Shown { name, ty: Type::Text, unit: None, value });
            columns.push(Arc::new(labels.collect::<StringArray>()));
            stride *= size;
        }
        let people = raw(&columns);
        columns.push(ints(&counts));
        columns.push(Arc::new((0..=cells).map(|row| Some(row == cells)).collect::<BooleanArray>()));
        shape.raw.extend([("people".to_owned(), Type::Int), ("total".to_owned(), Type::Bool)]);
        shape.people = Some(people);
        shape.totals = Some(Raw(people.0 + 1));
        let value = ReleasedExpr::Cell(Cell::People(people));
        shape.shown.push(Shown { name: "people".to_owned(), ty: Type::Int, unit: None, value });
        let released = release(&shape, columns, &terms);
        let about = format!("{counts:?} {terms:?}\n{:?}", released.rows());
        // That nobody is in a group of declared domains is shown, so in a withheld one there is somebody.
        let shown = released.rows().iter().map(|row| row.last().expect("a count"));
        let mut told: Vec<Known> = shown
            .zip(&counts)
            .enumerate()
            .map(|(at, (value, count))| known(value, *count, &terms, u64::from(at < cells)))
            .collect();
        assert_eq!(told.len(), counts.len(), "{about}");
        if told[..cells].iter().all(|known| known.width.is_none()) {
            told[cells] = SUM_OF_PARTS;
        }
        closed += u32::from(told[cells].width.is_some());
        attacked += attack(&counts, &told, &[((0..cells).collect(), cells)], &about);
    }
    eprintln!("{} tables of groups: {attacked} withheld counts attacked, {closed} of them totals", tables());
    assert!(attacked > tables() && closed > 0);
}

/// Groups, their items, and the people of each level: all items of a group have as many people.
fn table_1(random: &mut Random, threshold: u64) -> Vec<Vec<Vec<u64>>> {
    let (groups, items, levels) = (1 + random.few(3), 1 + random.few(2), 2 + random.few(2));
    let mut all = Vec::new();
    for _ in 0..groups {
        let first: Vec<u64> = (0..levels).map(|_| random.count(threshold)).collect();
        let people: u64 = first.iter().sum();
        let mut of_group = vec![first];
        for _ in 1..items {
            let mut left = people;
            let mut item: Vec<u64> = Vec::new();
            for _ in 1..levels {
                let part = random.count(threshold).min(left);
                left -= part;
                item.push(part);
            }
            item.push(left);
            of_group.push(item);
        }
        all.push(of_group);
    }
    all
}

#[test]
fn tables_1_of_groups_items_and_totals() {
    let mut random = Random(23);
    let mut attacked = 0;
    for _ in 0..tables() {
        let terms = random.terms();
        let all = table_1(&mut random, u64::from(terms.min_subjects));
        let (groups, items, levels) = (all.len(), all[0].len(), all[0][0].len());
        let with_totals = groups > 1;
        let rows = groups + usize::from(with_totals);
        let column = |of: &dyn Fn(&Vec<Vec<u64>>) -> u64| -> Vec<u64> {
            let mut column: Vec<u64> = all.iter().map(of).collect();
            if with_totals {
                column.push(column.iter().sum());
            }
            column
        };
        let people = column(&|group| group[0].iter().sum());
        let named = [("group", Type::Text), ("people", Type::Int), ("total", Type::Bool)];
        let mut shape = Shape {
            people: Some(Raw(1)),
            totals: with_totals.then_some(Raw(2)),
            disjoint: true,
            raw: named.map(|(name, ty)| (name.to_owned(), ty)).to_vec(),
            ..Shape::default()
        };
        let labels = (0..rows).map(|row| (row < groups).then(|| row.to_string()));
        let mut columns: Vec<ArrayRef> = vec![
            Arc::new(labels.collect::<StringArray>()),
            ints(&people),
            Arc::new((0..rows).map(|row| Some(row >= groups)).collect::<BooleanArray>()),
        ];
        let mut characteristics = Vec::new();
        // Line by line: the people, then each level of each item.
        let mut lines: Vec<Vec<u64>> = vec![people];
        for item in 0..items {
            let mut facets = Vec::new();
            for level in 0..levels {
                let counts = column(&|group| group[item][level]);
                let label = (level + 1 < levels).then(|| level.to_string());
                facets.push((label, Facet { people: raw(&columns), apart: None }));
                shape.raw.push((format!("people_{item}_{level}"), Type::Int));
                columns.push(ints(&counts));
                lines.push(counts);
            }
            characteristics.push(Characteristic::Levels {
                name: item.to_string(),
                levels: facets,
                fact: None,
            });
        }
        shape.characteristics = Some(Characteristics {
            keys: vec![("group".to_owned(), Raw(0))],
            differences: groups == 2,
            apart: None,
            items: characteristics,
        });
        let released = release(&shape, columns, &terms);
        let about = format!("{lines:?} {terms:?}\n{:?}", released.rows());
        let counts: Vec<u64> = lines.concat();
        assert_eq!(released.rows().len(), counts.len(), "{about}");
        // A group of declared domains that is empty is shown as such; an empty level of others need not be.
        let few = u64::from(terms.zeros == Zeros::Shown);
        let cells = released.rows().iter().map(|row| &row[3]).zip(&counts).enumerate();
        let mut told: Vec<Known> = cells
            .map(|(at, (value, count))| known(value, *count, &terms, if at < rows { 1 } else { few }))
            .collect();
        let mut sums: Vec<Sum> = Vec::new();
        if with_totals {
            for line in 0..lines.len() {
                let parts: Vec<usize> = (0..groups).map(|group| line * rows + group).collect();
                let whole = line * rows + groups;
                // Nor is a withheld whole of parts that are all shown any secret.
                if parts.iter().all(|part| told[*part].width.is_none()) {
                    told[whole] = SUM_OF_PARTS;
                }
                sums.push((parts, whole));
            }
        }
        for item in 0..items {
            for row in 0..rows {
                let parts = (0..levels).map(|level| (1 + item * levels + level) * rows + row);
                sums.push((parts.collect(), row));
            }
        }
        attacked += attack(&counts, &told, &sums, &about);
    }
    eprintln!("{} Tables 1: {attacked} withheld counts attacked", tables());
    assert!(attacked > tables());
}
