//! Policy files: from the text of a steward to a [`PolicySet`].
//!
//! Everything is compared with the model here, so that a grant of a column that does not exist is found when
//! the policy is written and not when somebody asks. An agreement with an error is left out: nothing is
//! allowed by half of it. Whether a new version may replace an installed one is not decided here.

mod agreement;
mod grants;
mod purpose;
mod release;
#[cfg(test)]
mod tests;

use crate::agreement::Agreement;
use crate::codes;
use crate::consent::{Death, Otherwise, Policy, Purpose};
use diag::{Code, Diagnostic, near_names};
use jiff::civil::Date;
use model::Model;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use syntax::Parsed;
use syntax::tree::{self, Item, Name};
use text::Range;

/// What the policy files of a warehouse say.
#[derive(Default, Clone, Debug)]
pub struct PolicySet {
    /// The newest version of every agreement without errors, by name.
    pub agreements: BTreeMap<String, Agreement>,
    /// Named purposes, each with its place.
    pub purposes: BTreeMap<String, (Purpose, Range)>,
    /// The parameters of consent.
    pub consent: Policy,
    /// SHA-256 of the texts in order, each after its length in bytes (eight bytes, least first); lower-case
    /// hex.
    pub hash: String,
    /// Names of agreements and purposes that have an error, so that a query that uses one is told that.
    pub broken: BTreeSet<String>,
}

/// Reads policy files that parsed.
///
/// Without an error among the diagnostics, every agreement is complete. With one, what has it is left out, and
/// the parameters of consent are the stricter ones where their line could not be read.
pub fn read(model: &Model, files: &[&Parsed]) -> (PolicySet, Vec<Diagnostic>) {
    let mut reader = Reader {
        model,
        set: PolicySet {
            agreements: BTreeMap::new(),
            purposes: BTreeMap::new(),
            consent: Policy::default(),
            hash: hash(files),
            broken: BTreeSet::new(),
        },
        diagnostics: Vec::new(),
    };
    // Purposes first: an agreement may stand before the purpose that it names.
    for parsed in files {
        reader.purposes(parsed);
    }
    let mut majority = None;
    let mut death = None;
    for parsed in files {
        for item in &parsed.file.items {
            match item {
                Item::Agreement(agreement) => reader.agreement(parsed, agreement),
                Item::Majority(line) => reader.majority(parsed, line, &mut majority),
                Item::Death(line) => reader.death(parsed, line, &mut death),
                Item::Use(_)
                | Item::AsOf(_)
                | Item::Import(_)
                | Item::Param(_)
                | Item::Codes(_)
                | Item::Define(_)
                | Item::Cohort(_)
                | Item::Table(_)
                | Item::Report(_)
                | Item::Test(_)
                | Item::Model(_)
                | Item::Entity(_) => reader.not_policy(parsed, item),
                Item::Purpose(_) | Item::Error(_) => {}
            }
        }
    }
    let Reader { set, mut diagnostics, .. } = reader;
    diag::sort(&mut diagnostics);
    (set, diagnostics)
}

fn hash(files: &[&Parsed]) -> String {
    let mut sha = Sha256::new();
    for parsed in files {
        let text = parsed.tape.source();
        sha.update((text.len() as u64).to_le_bytes());
        sha.update(text);
    }
    sha.finalize().iter().fold(String::new(), |mut hex, byte| {
        // Writing to a string does not fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

struct Reader<'a> {
    model: &'a Model,
    set: PolicySet,
    diagnostics: Vec<Diagnostic>,
}

impl Reader<'_> {
    fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    fn error(&mut self, code: Code, message: impl Into<String>, range: Range, label: impl Into<String>) {
        self.report(Diagnostic::error(code, message, range, label));
    }

    /// A word that is none of `known`: says which there are, or which are near.
    fn unknown_word(&mut self, what: &str, name: &Name, known: &[&str], range: Range) {
        let diagnostic = Diagnostic::error(
            codes::UNKNOWN_WORD,
            format!("`{}` is not {what}", name.text),
            range,
            "unknown word",
        )
        .note(format!("known: {}", known.join(", ")));
        let near = near_names(&name.text, known.iter().copied());
        self.report(with_near(diagnostic, &near));
    }

    fn purposes(&mut self, parsed: &Parsed) {
        for item in &parsed.file.items {
            let Item::Purpose(item) = item else { continue };
            let range = parsed.range(item.name.span);
            let name = item.name.text.clone();
            if let Some((_, before)) = self.set.purposes.get(&name) {
                let before = *before;
                self.report(
                    Diagnostic::error(
                        codes::BAD_LINES,
                        format!("purpose `{name}` is defined twice"),
                        range,
                        "defined here again",
                    )
                    .label(before, "defined here first"),
                );
                continue;
            }
            match self.purpose(parsed, &item.purpose, false) {
                Some(purpose) => {
                    self.set.purposes.insert(name, (purpose, parsed.range(item.span)));
                }
                None => {
                    self.set.broken.insert(name);
                }
            }
        }
    }

    fn majority(&mut self, parsed: &Parsed, line: &tree::Majority, before: &mut Option<Range>) {
        let range = parsed.range(line.span);
        self.once("majority", range, before);
        if let Ok(age @ 1..=120) = line.age.digits.parse::<u8>() {
            self.set.consent.majority_age = age;
        } else {
            let at = parsed.range(line.age.span);
            self.error(codes::BAD_RELEASE, "an age of majority is from 1 to 120 years", at, "not an age");
        }
        self.set.consent.majority_otherwise = match line.otherwise.text.as_str() {
            "suspend" => Otherwise::Suspend,
            "continue" => Otherwise::Continue,
            _ => {
                let at = parsed.range(line.otherwise.span);
                self.unknown_word(
                    "what becomes of consent at majority",
                    &line.otherwise,
                    &["suspend", "continue"],
                    at,
                );
                Otherwise::Suspend
            }
        };
    }

    fn death(&mut self, parsed: &Parsed, line: &tree::Death, before: &mut Option<Range>) {
        self.once("death", parsed.range(line.span), before);
        self.set.consent.death = match line.effect.text.as_str() {
            "continue" => Death::Continue,
            "end" => {
                let subject = self.model.subject().map(|id| self.model.entity(id));
                if subject.is_none_or(|subject| subject.life.death_date.is_none()) {
                    let at = parsed.range(line.effect.span);
                    self.report(
                        Diagnostic::error(
                            codes::UNKNOWN_WORD,
                            "consent cannot end at a death that the warehouse does not know",
                            at,
                            "no column holds the day of death",
                        )
                        .help("name it in the model: `died COLUMN` on the entity that is `linkage subject`"),
                    );
                }
                Death::End
            }
            _ => {
                let at = parsed.range(line.effect.span);
                self.unknown_word("what becomes of consent at death", &line.effect, &["continue", "end"], at);
                Death::End
            }
        };
    }

    /// Reports the second line of a kind that stands once in all policy.
    fn once(&mut self, what: &str, range: Range, before: &mut Option<Range>) {
        match before {
            Some(before) => self.report(
                Diagnostic::error(
                    codes::BAD_LINES,
                    format!("policy has one `{what}` line"),
                    range,
                    "the second one",
                )
                .label(*before, "the first one"),
            ),
            None => *before = Some(range),
        }
    }

    fn not_policy(&mut self, parsed: &Parsed, item: &Item) {
        let (span, what) = match item {
            Item::Use(item) => (item.span, "`use agreement`"),
            Item::AsOf(item) => (item.span, "`as of`"),
            Item::Import(item) => (item.span, "`import`"),
            Item::Param(item) => (item.span, "a parameter"),
            Item::Codes(item) => (item.name.span, "a code set"),
            Item::Define(item) => (item.name.span, "a definition"),
            Item::Cohort(item) => (item.name.span, "a cohort"),
            Item::Table(item) => (item.name.span, "a table"),
            Item::Report(item) => (item.span, "a report"),
            Item::Test(item) => (item.name.span, "a test"),
            Item::Model(item) => (item.span, "a model"),
            Item::Entity(item) => (item.name.span, "an entity"),
            Item::Agreement(_) | Item::Purpose(_) | Item::Majority(_) | Item::Death(_) | Item::Error(_) => {
                return;
            }
        };
        self.report(
            Diagnostic::error(
                codes::NOT_POLICY,
                format!("{what} does not stand in a policy file"),
                parsed.range(span),
                "not policy",
            )
            .note("a policy file holds agreements, purposes, `majority` and `death`, and nothing of a query")
            .help("move it into a file of its own"),
        );
    }

    /// A day as written, or a diagnostic.
    fn day(&mut self, parsed: &Parsed, written: &(String, tree::Span)) -> Option<Date> {
        let day = (written.0.len() == 10).then(|| written.0.parse::<Date>().ok()).flatten();
        if day.is_none() {
            let at = parsed.range(written.1);
            self.error(
                codes::BAD_DATES,
                format!("`{}` is not a day of the calendar", written.0),
                at,
                "a day was expected",
            );
        }
        day
    }
}

/// The help for near names.
pub(crate) fn with_near(diagnostic: Diagnostic, near: &[&str]) -> Diagnostic {
    diagnostic.near(near)
}
