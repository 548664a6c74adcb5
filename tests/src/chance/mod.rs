//! Warehouses and programs of chance: what nobody thought of writing by hand.
//!
//! [`world`] makes the files of a warehouse whose people have every state of consent there is, and says who
//! of them may not be read; [`program`] writes programs that ask for everything the language has. Both are
//! functions of a seed, so that what was found once is found again.
//!
//! Programs are drawn from the result that is wanted down to the values, each part in the scope of the row
//! around it, as language.md section 3 types them. They are text: what is tested is the whole way from text
//! to rows. A drawn program may still be refused (a rule of policy, a lint that is an error); who draws
//! counts those, by code.

mod claim;
mod construct;
mod known;
pub mod program;
mod rows;
pub mod world;

pub use construct::constructs;

/// Numbers of chance from a seed, the same on every machine.
#[derive(Debug)]
pub struct Chance(fastrand::Rng);

impl Chance {
    /// The numbers of a seed.
    pub fn new(seed: u64) -> Chance {
        Chance(fastrand::Rng::with_seed(seed))
    }

    /// Below `n`, which is above 0.
    pub(crate) fn below(&mut self, n: usize) -> usize {
        self.0.usize(..n.max(1))
    }

    /// From `low` to `high`, both included.
    pub(crate) fn between(&mut self, low: i64, high: i64) -> i64 {
        self.0.i64(low..=high)
    }

    /// True `percent` times of a hundred.
    pub(crate) fn percent(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// One of these.
    pub(crate) fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }
}
