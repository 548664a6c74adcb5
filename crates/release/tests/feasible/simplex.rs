//! The least and the greatest value of a variable under sums and bounds: the simplex method on a dense tableau,
//! after Bland (1977), who always enters and leaves by the lowest place and so never cycles.
//!
//! Small and slow on purpose: release computes intervals by hand, and this must not share a thought with it.

/// What is nothing but the noise of floats.
const NOISE: f64 = 1e-7;

/// Variables between bounds, and sums of them: parts, and the whole.
pub(crate) struct Simplex {
    /// Rows of the tableau; the last column is the right side.
    rows: Vec<Vec<f64>>,
    /// The variable that each row gives.
    basis: Vec<usize>,
    low: Vec<f64>,
}

impl Simplex {
    /// A feasible start; `None` where there is none.
    pub(crate) fn new(bounds: &[(f64, f64)], sums: &[(Vec<usize>, usize)]) -> Option<Simplex> {
        // Of x from l to h the tableau has y = x - l and s with y + s = h - l; then one artificial for each sum.
        let (number, sums_from) = (bounds.len(), 2 * bounds.len());
        let width = sums_from + sums.len();
        let low: Vec<f64> = bounds.iter().map(|(low, _)| *low).collect();
        let mut rows = Vec::new();
        let mut basis = Vec::new();
        for (at, (low, high)) in bounds.iter().enumerate() {
            let mut row = vec![0.0; width + 1];
            (row[at], row[number + at], row[width]) = (1.0, 1.0, high - low);
            rows.push(row);
            basis.push(number + at);
        }
        for (at, (parts, whole)) in sums.iter().enumerate() {
            let mut row = vec![0.0; width + 1];
            for part in parts {
                row[*part] += 1.0;
                row[width] -= low[*part];
            }
            row[*whole] -= 1.0;
            row[width] += low[*whole];
            if row[width] < 0.0 {
                for value in &mut row {
                    *value = -*value;
                }
            }
            row[sums_from + at] = 1.0;
            rows.push(row);
            basis.push(sums_from + at);
        }
        let mut simplex = Simplex { rows, basis, low };
        let artificial: Vec<f64> = (0..width).map(|at| if at < sums_from { 0.0 } else { 1.0 }).collect();
        if simplex.least(&artificial, width) > NOISE {
            return None;
        }
        // What is still artificial is zero: it leaves for whatever its row has, or the row says nothing.
        let mut at = 0;
        while at < simplex.rows.len() {
            if simplex.basis[at] < sums_from {
                at += 1;
                continue;
            }
            match (0..sums_from).find(|column| simplex.rows[at][*column].abs() > NOISE) {
                Some(column) => simplex.pivot(at, column),
                None => {
                    simplex.rows.swap_remove(at);
                    simplex.basis.swap_remove(at);
                }
            }
        }
        for row in &mut simplex.rows {
            row.drain(sums_from..width);
        }
        Some(simplex)
    }

    /// The least and the greatest value of a variable.
    pub(crate) fn range(&mut self, variable: usize) -> (f64, f64) {
        let width = 2 * self.low.len();
        let cost =
            |sign: f64| (0..width).map(|at| if at == variable { sign } else { 0.0 }).collect::<Vec<_>>();
        let least = self.least(&cost(1.0), width);
        let greatest = -self.least(&cost(-1.0), width);
        (self.low[variable] + least, self.low[variable] + greatest)
    }

    /// Goes to the least cost over the first `width` columns, and gives it.
    fn least(&mut self, cost: &[f64], width: usize) -> f64 {
        loop {
            // The cost of a variable less that of what it takes the place of.
            let reduced = |column: usize| {
                let replaced =
                    self.rows.iter().zip(&self.basis).map(|(row, basic)| row[column] * cost[*basic]);
                cost[column] - replaced.sum::<f64>()
            };
            let Some(entering) = (0..width).find(|column| reduced(*column) < -NOISE) else {
                let value = |(row, basic): (&Vec<f64>, &usize)| cost[*basic] * row[row.len() - 1];
                return self.rows.iter().zip(&self.basis).map(value).sum();
            };
            let mut leaving: Option<(f64, usize, usize)> = None;
            for (at, row) in self.rows.iter().enumerate().filter(|(_, row)| row[entering] > NOISE) {
                let (ratio, basic) = (row[row.len() - 1] / row[entering], self.basis[at]);
                let better = leaving
                    .is_none_or(|(best, of, _)| ratio < best - NOISE || (ratio < best + NOISE && basic < of));
                if better {
                    leaving = Some((ratio, basic, at));
                }
            }
            match leaving {
                Some((.., at)) => self.pivot(at, entering),
                None => return f64::NEG_INFINITY,
            }
        }
    }

    fn pivot(&mut self, at: usize, column: usize) {
        let by = self.rows[at][column];
        for value in &mut self.rows[at] {
            *value /= by;
        }
        let pivot = self.rows[at].clone();
        for (other, row) in self.rows.iter_mut().enumerate() {
            let times = row[column];
            if other != at && times.abs() > 0.0 {
                for (value, of) in row.iter_mut().zip(&pivot) {
                    *value -= times * of;
                }
            }
        }
        self.basis[at] = column;
    }
}

/// Against all whole solutions of random small systems.
#[test]
fn ranges_are_those_of_all_solutions() {
    let mut random = crate::Random(5);
    let mut solved = 0;
    for _ in 0..400 {
        // Two parts and their whole, and that whole with another part and the whole of both: sums as tables have them.
        let bounds: Vec<(u64, u64)> =
            (0..5).map(|_| (random.below(4), random.below(5))).map(|(low, more)| (low, low + more)).collect();
        let sums = [(vec![0, 1], 2), (vec![2, 3], 4)];
        let mut found: Option<Vec<(u64, u64)>> = None;
        for a in bounds[0].0..=bounds[0].1 {
            for b in bounds[1].0..=bounds[1].1 {
                for c in bounds[3].0..=bounds[3].1 {
                    let all = [a, b, a + b, c, a + b + c];
                    if all.iter().zip(&bounds).all(|(value, (low, high))| low <= value && value <= high) {
                        let ranges =
                            found.get_or_insert_with(|| all.iter().map(|value| (*value, *value)).collect());
                        for (range, value) in ranges.iter_mut().zip(all) {
                            *range = (range.0.min(value), range.1.max(value));
                        }
                    }
                }
            }
        }
        let float = |(low, high): &(u64, u64)| (crate::float(*low), crate::float(*high));
        let simplex = Simplex::new(&bounds.iter().map(float).collect::<Vec<_>>(), &sums);
        // These systems are totally unimodular: their corners are whole.
        assert_eq!(simplex.is_some(), found.is_some(), "{bounds:?}");
        if let (Some(mut simplex), Some(found)) = (simplex, found) {
            solved += 1;
            for (variable, range) in found.iter().enumerate() {
                let (low, high) = simplex.range(variable);
                let (expected_low, expected_high) = float(range);
                assert!(
                    (low - expected_low).abs() < 1e-5 && (high - expected_high).abs() < 1e-5,
                    "{bounds:?}"
                );
            }
        }
    }
    assert!(solved > 100);
}
