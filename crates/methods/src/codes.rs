//! Codes in words: the topmost codes with their labels, and how many descendants are meant.

use crate::{Words, listed};
use std::collections::BTreeSet;
use types::{CodeStatus, CodeTest};

impl Words<'_> {
    pub(crate) fn codes(&self, test: &CodeTest) -> String {
        let mut words = Vec::new();
        let mut left: BTreeSet<&String> = test.exact.iter().collect();
        let vocabulary = self.input.vocabulary;
        if vocabulary.has_closure(&test.system) {
            for curie in &test.exact {
                let below = vocabulary.descendants_or_self(curie);
                let whole = below.iter().all(|one| test.exact.contains(one));
                let above = vocabulary.ancestors_or_self(curie);
                let topmost = !above.iter().any(|one| one != curie && test.exact.contains(one));
                if topmost && whole {
                    let more = match below.len().saturating_sub(1) {
                        0 => String::new(),
                        1 => " or its 1 descendant".to_owned(),
                        number => format!(" or one of its {number} descendants"),
                    };
                    words.push(format!("{}{more}", self.code(curie)));
                    for one in &below {
                        left.remove(one);
                    }
                }
            }
        }
        words.extend(left.into_iter().map(|curie| format!("{} alone", self.code(curie))));
        words.extend(test.prefixes.iter().map(|prefix| format!("{} or a code below it", self.code(prefix))));
        words.extend(test.ranges.iter().map(|(from, to)| {
            format!("a code from {} to {}, both with the codes below them", self.code(from), self.code(to))
        }));
        let words = listed(&words, "or");
        match &test.excluding {
            Some(out) => format!("{words}, and not {}", self.codes(out)),
            None => words,
        }
    }

    /// `HP:0001250 "Seizure"`
    fn code(&self, curie: &str) -> String {
        match self.input.vocabulary.code(curie) {
            CodeStatus::Current(label) | CodeStatus::Obsolete(label) => format!("{curie} \"{label}\""),
            CodeStatus::ReplacedBy { .. } | CodeStatus::Unknown | CodeStatus::Unlisted => curie.to_owned(),
        }
    }
}
