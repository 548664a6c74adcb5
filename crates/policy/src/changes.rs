//! What a new policy allows that the installed one does not, and what it no longer allows.
//!
//! A steward may narrow freely; what widens needs a signature (consent-and-policy.md, section 4). Every
//! change is one or the other. Where the two cannot be compared (a purpose beside another, rounding to
//! another base) it widens: a doubt is for the steward to decide, not for this file.

use crate::agreement::{Agreement, Grant, GrantedColumns, ReleaseRules};
use crate::consent::{Death, Otherwise, Policy};
use crate::meet::outside;
use crate::read::PolicySet;
use model::{ColumnLabel, Model};
use std::collections::BTreeSet;
use std::fmt::Display;
use text::Range;

/// Whether more or less is allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// Less is allowed, or it is seen by fewer.
    Narrows,
    /// More is allowed, or the two cannot be compared.
    Widens,
}

impl Direction {
    /// The direction as a word.
    pub fn word(self) -> &'static str {
        match self {
            Direction::Narrows => "narrows",
            Direction::Widens => "widens",
        }
    }
}

/// One difference between two policies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The agreement it is a part of; `None` for purposes and the parameters of consent.
    pub agreement: Option<String>,
    /// Whether more or less is allowed.
    pub direction: Direction,
    /// What changed, in words: `min subjects 10, was 20`.
    pub words: String,
    /// Where the new policy says so; `None` where it no longer says anything.
    pub line: Option<Range>,
}

/// Every difference from one policy to the next: agreements by name, in each the order of its lines, then
/// purposes and the parameters of consent.
pub fn changes(model: &Model, before: &PolicySet, now: &PolicySet) -> Vec<Change> {
    let mut found = Changes { model, agreement: None, all: Vec::new() };
    let names: BTreeSet<&String> = before.agreements.keys().chain(now.agreements.keys()).collect();
    for name in names {
        found.agreement = Some(name.clone());
        match (before.agreements.get(name), now.agreements.get(name)) {
            (Some(before), Some(now)) => found.agreement(before, now),
            (None, Some(now)) => found.add(
                Direction::Widens,
                format!("a new agreement with {} at level {}", now.recipient, now.level),
                Some(now.lines.name),
            ),
            (Some(_), None) => found.add(Direction::Narrows, "the agreement is gone".to_owned(), None),
            (None, None) => {}
        }
    }
    found.agreement = None;
    found.purposes(before, now);
    found.consent(before.consent, now.consent);
    found.all
}

struct Changes<'a> {
    model: &'a Model,
    agreement: Option<String>,
    all: Vec<Change>,
}

impl Changes<'_> {
    fn add(&mut self, direction: Direction, words: String, line: Option<Range>) {
        self.all.push(Change { agreement: self.agreement.clone(), direction, words, line });
    }

    /// A value of which less is stricter.
    fn value<T: PartialOrd>(
        &mut self,
        now: &T,
        before: &T,
        less_is_stricter: bool,
        words: String,
        line: Range,
    ) {
        if now == before {
            return;
        }
        let narrows = if less_is_stricter { now < before } else { now > before };
        self.add(if narrows { Direction::Narrows } else { Direction::Widens }, words, Some(line));
    }

    fn agreement(&mut self, before: &Agreement, now: &Agreement) {
        let lines = now.lines;
        if now.recipient != before.recipient {
            self.add(
                Direction::Widens,
                format!("recipient {}, was {}", now.recipient, before.recipient),
                Some(lines.name),
            );
        }
        if now.purpose != before.purpose {
            let words = format!("purpose {}, was {}", now.purpose, before.purpose);
            let direction = if outside(&now.purpose, &before.purpose).is_none() {
                Direction::Narrows
            } else {
                Direction::Widens
            };
            self.add(direction, words, Some(lines.purpose));
        }
        let words = was("valid from", &now.valid_from, &before.valid_from);
        self.value(&now.valid_from, &before.valid_from, false, words, lines.valid);
        // Open lasts longest.
        let until = |agreement: &Agreement| agreement.valid_until.unwrap_or(jiff::civil::Date::MAX);
        let named =
            |agreement: &Agreement| agreement.valid_until.map_or("open".to_owned(), |day| day.to_string());
        let words = was("valid until", &named(now), &named(before));
        self.value(&until(now), &until(before), true, words, lines.valid);
        self.sets(
            &self.tested(&before.may_test, before.tests_consent.is_some()),
            &self.tested(&now.may_test, now.tests_consent.is_some()),
            "may test",
            lines.may_test,
        );
        let shown = |agreement: &Agreement| {
            agreement.may_show.iter().map(|grant| grant.what.words(self.model)).collect()
        };
        let (old, new): (BTreeSet<String>, BTreeSet<String>) = (shown(before), shown(now));
        self.sets(&old, &new, "may show", lines.may_show);
        let words = was("level", &now.level, &before.level);
        self.value(&now.level, &before.level, true, words, lines.level);
        self.release(&before.release, &now.release, lines.release);
        self.sets(&before.formats, &now.formats, "format", lines.formats);
    }

    fn release(&mut self, before: &ReleaseRules, now: &ReleaseRules, line: Range) {
        let numbers = [
            ("min subjects", now.min_subjects, before.min_subjects),
            ("difference", now.difference, before.difference),
            ("frequency min subjects", now.frequency_min_subjects, before.frequency_min_subjects),
            ("allele min carriers", now.allele_min_carriers, before.allele_min_carriers),
        ];
        for (name, now, before) in numbers {
            self.value(&now, &before, false, was(name, &now, &before), line);
        }
        if now.round_to != before.round_to {
            // Multiples of another base beside the old ones narrow a count down further.
            let coarser = now.round_to.is_multiple_of(before.round_to);
            let direction = if coarser { Direction::Narrows } else { Direction::Widens };
            self.add(direction, was("round to", &now.round_to, &before.round_to), Some(line));
        }
        let zeros = |rules: &ReleaseRules| if rules.zeros_shown { "shown" } else { "withheld" };
        let words = was("zeros", &zeros(now), &zeros(before));
        self.value(&now.zeros_shown, &before.zeros_shown, true, words, line);
        let (new, old) = (now.dominance, before.dominance);
        self.value(&new.p, &old.p, false, was("dominance p", &new.p, &old.p), line);
        self.value(&new.n, &old.n, false, was("dominance n", &new.n, &old.n), line);
        self.value(&new.k, &old.k, true, was("dominance k", &new.k, &old.k), line);
        self.value(&now.margin, &before.margin, true, was("margin", &now.margin, &before.margin), line);
    }

    /// What is in one set and not in the other.
    fn sets(&mut self, before: &BTreeSet<String>, now: &BTreeSet<String>, what: &str, line: Range) {
        for added in now.difference(before) {
            self.add(Direction::Widens, format!("{what} {added}"), Some(line));
        }
        for removed in before.difference(now) {
            self.add(Direction::Narrows, format!("no longer {what} {removed}"), Some(line));
        }
    }

    /// The granted columns by name, so that a list and `all` compare.
    fn tested(&self, grants: &[Grant], consent: bool) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        for grant in grants {
            let entity = self.model.entity(grant.entity);
            names.insert(entity.name.clone());
            for column in &entity.columns {
                let Some(id) = entity.find_column(&column.name) else { continue };
                let granted = match &grant.columns {
                    GrantedColumns::AllButIdentifiers => column.label != ColumnLabel::Identifier,
                    GrantedColumns::These(these) => these.contains(&id),
                };
                if granted {
                    names.insert(format!("{}.{}", entity.name, column.name));
                }
            }
        }
        if consent {
            names.insert("consent".to_owned());
        }
        names
    }

    /// Named purposes narrow what an agreement allows, but `consent valid for NAME` asks by them too, so
    /// that a new one lets something new be asked.
    fn purposes(&mut self, before: &PolicySet, now: &PolicySet) {
        for (name, (purpose, line)) in &now.purposes {
            match before.purposes.get(name) {
                None => self.add(Direction::Widens, format!("a new purpose {name} = {purpose}"), Some(*line)),
                Some((old, _)) if old != purpose => {
                    self.add(Direction::Widens, was(&format!("purpose {name} ="), purpose, old), Some(*line));
                }
                Some(_) => {}
            }
        }
        for name in before.purposes.keys().filter(|name| !now.purposes.contains_key(*name)) {
            self.add(Direction::Narrows, format!("the purpose {name} is gone"), None);
        }
    }

    fn consent(&mut self, before: Policy, now: Policy) {
        // The consent of others holds until that age, and beyond it under `continue`.
        let words = was("majority age", &now.majority_age, &before.majority_age);
        let mut add = |widens: bool, words: String| {
            self.add(if widens { Direction::Widens } else { Direction::Narrows }, words, None);
        };
        if now.majority_age != before.majority_age {
            add(now.majority_age > before.majority_age, words);
        }
        if now.majority_otherwise != before.majority_otherwise {
            let word = |otherwise| match otherwise {
                Otherwise::Suspend => "suspend",
                Otherwise::Continue => "continue",
            };
            let words =
                was("majority otherwise", &word(now.majority_otherwise), &word(before.majority_otherwise));
            add(now.majority_otherwise == Otherwise::Continue, words);
        }
        if now.death != before.death {
            let word = |death| match death {
                Death::Continue => "continue",
                Death::End => "end",
            };
            add(now.death == Death::Continue, was("death", &word(now.death), &word(before.death)));
        }
    }
}

fn was(name: &str, now: &impl Display, before: &impl Display) -> String {
    format!("{name} {now}, was {before}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Bench;

    const BEFORE: &str = r#"
purpose hearts = DS [DOID:114] with genetic
agreement "A" version 1 {
  recipient "University Hospital"
  purpose   HMB with genetic, irb
  valid     2026-01-01 until 2027-01-01
  may test  subject (sex, birth_date), phenotype
  may show  sex, band(age, 10 years)
  level     aggregate
  release   { min subjects 20, round to 5, zeros withheld, difference 10, frequency min subjects 100, allele min carriers 10, dominance 10% (2, 90%), margin 90% }
  formats   csv
}
"#;

    fn between(before: &str, now: &str) -> Vec<(Direction, String)> {
        let mut bench = Bench::new();
        let (before, wrong) = bench.policy(before);
        assert_eq!(wrong, []);
        let (now, wrong) = bench.policy(now);
        assert_eq!(wrong, []);
        changes(&bench.model, &before, &now)
            .into_iter()
            .map(|change| (change.direction, change.words))
            .collect()
    }

    /// Every line of an agreement, changed so that more is allowed; back again it narrows.
    #[test]
    fn every_line_has_a_direction() {
        let wider = [
            ("level     aggregate", "level     record", "level record, was aggregate"),
            ("min subjects 20", "min subjects 10", "min subjects 10, was 20"),
            ("zeros withheld", "zeros shown", "zeros shown, was withheld"),
            ("difference 10", "difference 5", "difference 5, was 10"),
            ("frequency min subjects 100", "frequency min subjects 50", "frequency min subjects 50, was 100"),
            ("allele min carriers 10", "allele min carriers 1", "allele min carriers 1, was 10"),
            ("10% (2, 90%)", "5% (2, 90%)", "dominance p 0.05, was 0.1"),
            ("10% (2, 90%)", "10% (1, 90%)", "dominance n 1, was 2"),
            ("10% (2, 90%)", "10% (2, 95%)", "dominance k 0.95, was 0.9"),
            ("margin 90%", "margin 95%", "margin 0.95, was 0.9"),
            ("valid     2026-01-01", "valid     2025-01-01", "valid from 2025-01-01, was 2026-01-01"),
            ("until 2027-01-01", "until 2028-01-01", "valid until 2028-01-01, was 2027-01-01"),
            ("until 2027-01-01", "", "valid until open, was 2027-01-01"),
            ("(sex, birth_date)", "(sex, birth_date, site)", "may test subject.site"),
            ("may show  sex,", "may show  sex, ancestry,", "may show ancestry"),
            ("band(age, 10 years)", "band(age, 10 years), band(age, 5 years)", "may show band(age, 5 years)"),
            ("formats   csv", "formats   csv, parquet", "format parquet"),
        ];
        for (old, new, words) in wider {
            let now = BEFORE.replace(old, new);
            assert_ne!(now, BEFORE, "{old}");
            assert_eq!(between(BEFORE, &now), [(Direction::Widens, words.to_owned())]);
            let back = between(&now, BEFORE);
            assert!(back.len() == 1 && back[0].0 == Direction::Narrows, "{old}: {back:?}");
        }
    }

    #[test]
    fn what_cannot_be_compared_widens_both_ways() {
        for (old, new) in [
            ("University Hospital", "Another Hospital"),
            ("HMB with genetic, irb", "POA"),
            ("round to 5", "round to 7"),
            ("DS [DOID:114]", "DS [DOID:1612]"),
        ] {
            let now = BEFORE.replace(old, new);
            for changes in [between(BEFORE, &now), between(&now, BEFORE)] {
                assert!(changes.len() == 1 && changes[0].0 == Direction::Widens, "{old}: {changes:?}");
            }
        }
        assert_eq!(between(BEFORE, &BEFORE.replace("round to 5", "round to 10"))[0].0, Direction::Narrows);
    }

    #[test]
    fn agreements_purposes_and_consent_come_and_go() {
        let more = format!(
            "{BEFORE}{}",
            BEFORE.replace("\"A\"", "\"B\"").replace("purpose hearts", "purpose lungs")
        );
        let added = between(BEFORE, &more);
        assert!(
            added.len() == 2 && added.iter().all(|(direction, _)| *direction == Direction::Widens),
            "{added:?}"
        );
        let gone = between(&more, BEFORE);
        assert!(
            gone.len() == 2 && gone.iter().all(|(direction, _)| *direction == Direction::Narrows),
            "{gone:?}"
        );
        let of = |line: &str| between(BEFORE, &format!("{line}\n{BEFORE}"));
        assert_eq!(of("death end"), [(Direction::Narrows, "death end, was continue".to_owned())]);
        assert_eq!(of("majority age 21 otherwise suspend")[0].0, Direction::Widens);
        assert_eq!(of("majority age 16 otherwise suspend")[0].0, Direction::Narrows);
        assert_eq!(of("majority age 18 otherwise continue")[0].0, Direction::Widens);
        assert_eq!(between(BEFORE, BEFORE), []);
    }
}
