//! Codes in words: the topmost codes with their labels, how many descendants are meant, how many there are in all.

use crate::notes::Note;
use crate::{Words, listed};
use std::collections::BTreeSet;
use types::{CodeStatus, CodeTest};

impl Words<'_> {
    /// "HP:0001638 "Cardiomyopathy" or one of its 2 descendants".
    pub(crate) fn codes(&self, test: &CodeTest) -> String {
        self.note(Note::Codes);
        self.systems.borrow_mut().insert(test.system.clone());
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
        let alone = if vocabulary.has_closure(&test.system) || types::is_by_prefix(&test.system) {
            " alone"
        } else {
            ""
        };
        words.extend(left.into_iter().map(|curie| format!("{}{alone}", self.code(curie))));
        words.extend(
            test.prefixes.iter().map(|prefix| format!("{} or a code that begins with it", self.code(prefix))),
        );
        words.extend(test.ranges.iter().map(|(from, to)| {
            format!(
                "a code from {} to {}, both with all codes that begin with them",
                self.code(from),
                self.code(to)
            )
        }));
        let enumerated = test.prefixes.is_empty() && test.ranges.is_empty();
        let all = if enumerated && words.len() > 1 && (test.exact.len() > words.len() || words.len() > 4) {
            format!(" ({} codes in all)", test.exact.len())
        } else {
            String::new()
        };
        let words = listed(&words, "or") + &all;
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
