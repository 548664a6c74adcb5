//! Release rules: `release { min subjects 10, round to 5, zeros withheld, dominance 10% (2, 90%) }`.
//!
//! What is not written has the default of [`ReleaseRules`]; `difference` and `allele min carriers` default to
//! `min subjects`.

use super::Reader;
use crate::agreement::{Dominance, FLOOR, ReleaseRules};
use crate::codes;
use diag::{Diagnostic, near_names};
use std::collections::BTreeMap;
use syntax::Parsed;
use syntax::tree::{FactValue, LiteralKind, ReleaseRule, Unit};
use text::Range;
use types::Number;

/// The rules by their words.
const RULES: &[&str] = &[
    "min subjects",
    "round to",
    "zeros",
    "dominance",
    "margin",
    "difference",
    "frequency min subjects",
    "allele min carriers",
];

impl Reader<'_> {
    pub(super) fn release(&mut self, parsed: &Parsed, rules: &[ReleaseRule]) -> ReleaseRules {
        let mut read = ReleaseRules::default();
        let mut difference = None;
        let mut carriers = None;
        let mut round_to_at = None;
        let mut seen: BTreeMap<String, Range> = BTreeMap::new();
        for rule in rules {
            let range = parsed.range(rule.span);
            let words = rule.words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ");
            if let Some(first) = seen.insert(words.clone(), range) {
                self.report(
                    Diagnostic::error(
                        codes::BAD_LINES,
                        format!("`{words}` stands twice"),
                        range,
                        "the second one",
                    )
                    .label(first, "the first one"),
                );
                continue;
            }
            match words.as_str() {
                "min subjects" => {
                    if let Some(number) = self.whole(rule, &words, FLOOR, range) {
                        read.min_subjects = number;
                    }
                }
                "frequency min subjects" => {
                    if let Some(number) = self.whole(rule, &words, FLOOR, range) {
                        read.frequency_min_subjects = number;
                    }
                }
                "round to" => {
                    round_to_at = Some(range);
                    if let Some(number) = self.whole(rule, &words, 1, range) {
                        read.round_to = number;
                    }
                }
                "difference" => difference = self.whole(rule, &words, 1, range),
                "allele min carriers" => carriers = self.whole(rule, &words, 1, range),
                "zeros" => match rule.values.as_slice() {
                    [FactValue::Name(word)] if word.text == "shown" => read.zeros_shown = true,
                    [FactValue::Name(word)] if word.text == "withheld" => read.zeros_shown = false,
                    _ => {
                        self.report(
                            Diagnostic::error(codes::UNKNOWN_WORD, "zeros are shown or withheld", range, "neither")
                                .help("`zeros withheld` or `zeros shown`"),
                        );
                    }
                },
                "dominance" => match dominance(&rule.values) {
                    Some(dominance) => read.dominance = dominance,
                    None => self.report(
                        Diagnostic::error(codes::BAD_RELEASE, "`dominance` does not say its three numbers", range, "not p (n, k)")
                            .help("`dominance 10% (2, 90%)`: nobody may be estimated to within 10 %, nor two people hold more than 90 % of a sum"),
                    ),
                },
                "margin" => match rule.values.as_slice() {
                    [FactValue::Literal(share)] if let Some(share) = percent(&share.kind) => read.margin = share,
                    _ => self.report(
                        Diagnostic::error(codes::BAD_RELEASE, "`margin` is not a percentage", range, "not above 0 and up to 100 %")
                            .help("`margin 90%`: what more than 90 % of a group have is not told of the group; `margin 100%` tells it"),
                    ),
                },
                _ => {
                    let near = near_names(&words, RULES.iter().copied());
                    let diagnostic = Diagnostic::error(
                        codes::UNKNOWN_WORD,
                        format!("`{words}` is not a release rule"),
                        range,
                        "unknown rule",
                    )
                    .note(format!("known: {}", RULES.join(", ")));
                    self.report(match near.as_slice() {
                        [] => diagnostic,
                        near => diagnostic.help(format!("near: {}", near.join(", "))),
                    });
                }
            }
        }
        read.difference = difference.unwrap_or(read.min_subjects);
        read.allele_min_carriers = carriers.unwrap_or(read.min_subjects);
        match round_to_at {
            // Otherwise a count that is not withheld could be rounded to nobody.
            Some(at) if read.round_to > read.min_subjects.saturating_mul(2) => self.report(
                Diagnostic::error(
                    codes::BAD_RELEASE,
                    format!("`round to {}` would show {} people as 0", read.round_to, read.min_subjects),
                    at,
                    "too wide",
                )
                .note("the base of rounding is at most twice `min subjects`"),
            ),
            Some(_) | None => {}
        }
        read
    }

    /// The one whole number of a rule, at least `least`.
    fn whole(&mut self, rule: &ReleaseRule, words: &str, least: u32, range: Range) -> Option<u32> {
        let number = match rule.values.as_slice() {
            [FactValue::Literal(literal)] => match &literal.kind {
                LiteralKind::Number(digits) => digits.replace('_', "").parse::<u32>().ok(),
                _ => None,
            },
            _ => None,
        };
        match number {
            Some(number) if number >= least => Some(number),
            Some(number) if least == FLOOR => {
                self.report(
                    Diagnostic::error(
                        codes::BAD_RELEASE,
                        format!("`{words} {number}` is below the floor of {FLOOR}"),
                        range,
                        "too few",
                    )
                    .note("no agreement may set a threshold of people below it"),
                );
                None
            }
            Some(_) | None => {
                let message = format!("`{words}` takes a whole number from {least}");
                self.error(codes::BAD_RELEASE, message, range, "not such a number");
                None
            }
        }
    }
}

/// `90%`: above 0, and up to 100.
fn percent(kind: &LiteralKind) -> Option<Number> {
    match kind {
        LiteralKind::Quantity { number, unit: Unit::Percent } => Number::parse(&number.replace('_', ""))?
            .scale(1, 100)
            .filter(|share| (1..=Number::int(1).0).contains(&share.0)),
        _ => None,
    }
}

/// `10% (2, 90%)`
fn dominance(values: &[FactValue]) -> Option<Dominance> {
    let [FactValue::Literal(p), FactValue::Literal(n), FactValue::Literal(k)] = values else { return None };
    let n = match &n.kind {
        LiteralKind::Number(digits) => digits.parse::<u32>().ok().filter(|n| *n > 0)?,
        _ => return None,
    };
    Some(Dominance { p: percent(&p.kind)?, n, k: percent(&k.kind)? })
}
