//! Numbers that look random and are the same for the same seed on every machine.
//!
//! The generator is SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014).
//! Every topic has a stream of its own, so that a change in one part of the data leaves the others as they
//! were. Chances are whole numbers per million; nothing here is a float.

/// A stream of numbers.
#[derive(Clone, Debug)]
pub(crate) struct Random(u64);

/// One million: the whole in which chances are told.
pub(crate) const MILLION: u32 = 1_000_000;

impl Random {
    /// The stream of a topic.
    pub(crate) fn of(seed: u64, topic: &str) -> Random {
        // FNV-1a keeps streams of different topics apart.
        let topic = topic.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        let mut made = Random(seed ^ topic);
        made.next();
        made
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number from 0 to `bound` − 1; 0 where `bound` is 0.
    pub(crate) fn below(&mut self, bound: u32) -> u32 {
        // The upper half of a 32 by 32 bit product is smaller than the bound.
        let wide = (self.next() >> 32) * u64::from(bound);
        u32::try_from(wide >> 32).unwrap_or(0)
    }

    /// A number from `low` to `high`, both included; `low` where they are the wrong way round.
    pub(crate) fn between(&mut self, low: i32, high: i32) -> i32 {
        let span = u32::try_from(i64::from(high) - i64::from(low) + 1).unwrap_or(1);
        low.saturating_add_unsigned(self.below(span))
    }

    /// True so many times in a million.
    pub(crate) fn chance(&mut self, per_million: u32) -> bool {
        self.below(MILLION) < per_million
    }

    /// True so many times in a hundred.
    pub(crate) fn percent(&mut self, percent: u32) -> bool {
        self.below(100) < percent
    }

    /// One of a list.
    pub(crate) fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        let at = self.below(u32::try_from(of.len()).unwrap_or(u32::MAX));
        &of[at as usize]
    }

    /// One of a list, each as often as its weight says.
    pub(crate) fn weighted<'a, T>(&mut self, of: &'a [(u32, T)]) -> &'a T {
        let total = of.iter().map(|(weight, _)| weight).sum();
        let mut left = self.below(total);
        for (weight, one) in of {
            if left < *weight {
                return one;
            }
            left -= weight;
        }
        &of[0].1
    }

    /// A number around `middle`, seldom more than `spread` away: the mean of four even draws.
    pub(crate) fn around(&mut self, middle: i32, spread: i32) -> i32 {
        let sum: i32 = (0..4).map(|_| self.between(-spread, spread)).sum();
        middle + sum / 2
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_repeat_and_differ() {
        let draw = |topic: &str| {
            let mut random = Random::of(7, topic);
            (0..5).map(|_| random.below(1000)).collect::<Vec<_>>()
        };
        assert_eq!(draw("people"), draw("people"));
        assert_ne!(draw("people"), draw("consent"));
    }

    #[test]
    fn draws_stay_within_bounds() {
        let mut random = Random::of(1, "bounds");
        let draws: Vec<i32> = (0..2000).map(|_| random.between(-3, 3)).collect();
        assert!((-3..=3).all(|wanted| draws.contains(&wanted)));
        assert!(draws.iter().all(|drawn| (-3..=3).contains(drawn)));
        let hits = (0..100_000).filter(|_| random.chance(250_000)).count();
        assert!((24_000..26_000).contains(&hits), "{hits}");
    }
}
