//! Codes in a set, and codes just outside of it: a term beside it under the same term, or the next number.

use super::Solver;
use super::candidates::turned;
use crate::draft::Draft;
use crate::logic::in_codes;
use crate::scope::Scope;
use types::{CodeStatus, CodeTest, Expr, GeneCodes, Value};

/// How many codes of a set are tried.
const TRIED: usize = 12;

impl<'a> Solver<'a> {
    pub(super) fn in_codes(
        &self,
        draft: &Draft,
        code: &'a Expr,
        test: &CodeTest,
        want: Option<bool>,
        scope: &Scope<'a>,
    ) -> Vec<Draft> {
        let codes = match want {
            Some(true) => turned(self.inside(test), draft.turn),
            Some(false) => self.outside(test),
            None => return Vec::new(),
        };
        let mut ways = Vec::new();
        for curie in codes {
            let made = self.set(draft, code, Some(Value::Text(curie.clone())), false, scope);
            let told = || match self.asked.vocabulary.code(&curie) {
                CodeStatus::Current(label) => format!("{curie} \"{label}\" instead"),
                _ if want == Some(true) => curie.clone(),
                _ => format!("{curie} instead"),
            };
            ways.extend(made.into_iter().map(|way| self.noted(way, told)));
        }
        ways
    }

    /// A phenotype that a gene is annotated with.
    pub(super) fn in_gene_codes(
        &self,
        draft: &Draft,
        code: &'a Expr,
        gene: &'a Expr,
        annotation: &GeneCodes,
        want: Option<bool>,
        scope: &Scope<'a>,
    ) -> Vec<Draft> {
        if want != Some(true) {
            return self.ground(draft, code, scope);
        }
        let mut ways = Vec::new();
        for way in self.ground(draft, gene, scope) {
            for way in self.ground(&way, code, scope) {
                let (gene, code) = (self.asked.value(&way, gene, scope), self.asked.value(&way, code, scope));
                let mut way = way;
                let row = way.create(self.asked.model, annotation.entity, &[]);
                way.put(row, annotation.gene, gene);
                way.put(row, annotation.code, code);
                ways.push(way);
            }
        }
        ways
    }

    /// Codes of a set.
    pub(crate) fn inside(&self, test: &CodeTest) -> Vec<String> {
        let mut codes: Vec<String> = Vec::new();
        let every = (test.exact.len() / TRIED).max(1);
        codes.extend(test.exact.iter().step_by(every).take(TRIED).cloned());
        for prefix in &test.prefixes {
            codes.push(prefix.clone());
            if prefix.starts_with("ICD10") {
                let dot = if prefix.contains('.') { "" } else { "." };
                codes.extend(["0", "9"].map(|last| format!("{prefix}{dot}{last}")));
            }
        }
        for (from, to) in &test.ranges {
            codes.extend([from.clone(), to.clone()]);
        }
        codes.retain(|code| in_codes(test, code));
        codes
    }

    /// Codes just outside of a set.
    fn outside(&self, test: &CodeTest) -> Vec<String> {
        let vocabulary = self.asked.vocabulary;
        let mut found: Vec<String> = Vec::new();
        let mut bounds: Vec<&String> = test.prefixes.iter().chain(test.exact.iter().take(3)).collect();
        for (from, to) in &test.ranges {
            bounds.extend([to, from]);
        }
        for code in bounds {
            let mut above: Vec<Vec<String>> = vocabulary
                .ancestors_or_self(code)
                .into_iter()
                .filter(|above| above != code)
                .map(|above| vocabulary.descendants_or_self(&above))
                .collect();
            above.sort_by_key(Vec::len);
            let beside = above.into_iter().flatten().filter(|other| !in_codes(test, other));
            found.extend(beside.take(2));
            if found.is_empty() {
                let near = vocabulary.near_codes(code, None).into_iter().map(|(id, _)| id);
                found.extend(near.filter(|other| !in_codes(test, other)).take(2));
            }
            if found.is_empty() {
                found.extend(next(code).filter(|other| {
                    let is = matches!(vocabulary.code(other), CodeStatus::Current(_) | CodeStatus::Unlisted);
                    is && !in_codes(test, other)
                }));
            }
            if found.len() >= 3 {
                break;
            }
        }
        let mut seen = std::collections::BTreeSet::new();
        found.retain(|code| seen.insert(code.clone()));
        found
    }
}

/// Codes whose last digit is another, the next one first.
fn next(code: &str) -> impl Iterator<Item = String> {
    let place = code.rfind(|letter: char| letter.is_ascii_digit());
    let digit = place.and_then(|at| code.get(at..=at)?.parse::<u8>().ok());
    let code = code.to_owned();
    (1..10_u8).filter_map(move |more| {
        let at = place?;
        Some(format!("{}{}{}", code.get(..at)?, (digit? + more) % 10, code.get(at + 1..)?))
    })
}
