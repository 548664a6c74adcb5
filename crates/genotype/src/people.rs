//! Who carries an allele, or any of several.

use crate::mask::{Fill, Mask, fill};
use crate::record::Record;

/// People with a copy, gathered over records.
#[derive(Clone, Debug, Default)]
pub struct Carriers {
    found: Vec<u64>,
    some: Vec<u64>,
}

impl Carriers {
    /// Nobody yet, of at most the people of a mask.
    pub fn among(mask: &Mask<'_>) -> Self {
        Self { found: vec![0; mask.words()], some: vec![0; mask.words()] }
    }

    /// Adds who has a copy of the allele of a record: het, alt and one-alt.
    pub fn add(&mut self, record: &Record<'_>) {
        if record.major {
            // Everybody but those who are reference or of whom nothing is known.
            fill(record.flip, &mut self.some);
            if let Some(miss) = record.miss {
                miss.walk(&mut Fill { words: &mut self.some });
            }
            for (found, some) in self.found.iter_mut().zip(&self.some) {
                *found |= !some;
            }
            return;
        }
        for set in [record.het, record.flip].into_iter().flatten() {
            set.walk(&mut Fill { words: &mut self.found });
        }
    }

    /// Those of them who are in the mask, ascending.
    pub fn people(&self, mask: &Mask<'_>) -> Vec<u32> {
        let mut people = Vec::new();
        for (at, word) in self.found.iter().enumerate() {
            let mut bits = word & mask.word(at);
            while bits != 0 {
                let ordinal = at.saturating_mul(64).saturating_add(bits.trailing_zeros() as usize);
                people.extend(u32::try_from(ordinal));
                bits &= bits - 1;
            }
        }
        people
    }
}

/// The people of a mask who have a copy of the allele of a record, ascending.
pub fn carriers(record: &Record<'_>, among: &Mask<'_>) -> Vec<u32> {
    let mut carriers = Carriers::among(among);
    carriers.add(record);
    carriers.people(among)
}
