//! One agreement: its lines, each once, and none left out that must be there.

use super::Reader;
use crate::agreement::{Agreement, Level, Lines};
use crate::codes;
use diag::Diagnostic;
use std::collections::{BTreeMap, BTreeSet};
use syntax::Parsed;
use syntax::tree::{self, AgreementClauseKind};
use text::Range;

/// File formats in which released results can be written.
const FORMATS: &[&str] = &["arrow", "csv", "json", "jsonl", "md", "parquet", "svg", "table", "tsv", "vcf"];

impl Reader<'_> {
    pub(super) fn agreement(&mut self, parsed: &Parsed, item: &tree::Agreement) {
        let before = self.diagnostics.len();
        let name = item.name.value.clone();
        let read = self.lines(parsed, item);
        let good = !self.diagnostics[before..].iter().any(Diagnostic::is_error);
        match (read, self.set.agreements.get(&name)) {
            (Some(read), Some(older)) if older.version >= read.version => {
                let first = older.lines.name;
                let message =
                    format!("version {} of \"{name}\" stands after version {}", read.version, older.version);
                self.report(
                    Diagnostic::error(codes::VERSIONS, message, read.lines.name, "not a later version")
                        .label(first, "the version before it")
                        .note("versions of an agreement ascend and never go back")
                        .help("give the new text the next version"),
                );
                self.set.agreements.remove(&name);
                self.set.broken.insert(name);
            }
            (Some(read), _) if good && !self.set.broken.contains(&name) => {
                self.set.agreements.insert(name, read);
            }
            (Some(_) | None, _) => {
                // An older version does not stand in for a newer one that cannot be read.
                self.set.agreements.remove(&name);
                self.set.broken.insert(name);
            }
        }
    }

    fn lines(&mut self, parsed: &Parsed, item: &tree::Agreement) -> Option<Agreement> {
        let name_range = parsed.range(item.name.span);
        let Ok(version @ 1..) = item.version.digits.parse::<u32>() else {
            let at = parsed.range(item.version.span);
            self.error(codes::VERSIONS, "a version is a whole number from 1", at, "not a version");
            return None;
        };
        let mut recipient = None;
        let mut purpose = None;
        let mut valid = None;
        let mut may_test = Vec::new();
        let mut tests_consent = None;
        let mut may_show = Vec::new();
        let mut level = None;
        let mut release = None;
        let mut formats = BTreeSet::new();
        let mut lines = Lines {
            name: name_range,
            purpose: name_range,
            valid: name_range,
            may_test: name_range,
            may_show: name_range,
            level: name_range,
            release: name_range,
            formats: name_range,
        };
        let mut seen: BTreeMap<&str, Range> = BTreeMap::new();
        for clause in &item.clauses {
            let range = parsed.range(clause.span);
            if let Some(word) = word_of(&clause.kind)
                && let Some(first) = seen.insert(word, range)
            {
                self.report(
                    Diagnostic::error(
                        codes::BAD_LINES,
                        format!("an agreement has one `{word}` line"),
                        range,
                        "the second one",
                    )
                    .label(first, "the first one"),
                );
                continue;
            }
            match &clause.kind {
                AgreementClauseKind::Recipient(text) => recipient = Some(text.value.clone()),
                AgreementClauseKind::Purpose(text) => {
                    lines.purpose = range;
                    purpose = self.purpose(parsed, text, true);
                }
                AgreementClauseKind::Valid { from, until } => {
                    lines.valid = range;
                    let start = self.day(parsed, from);
                    let end = until.as_ref().map(|until| self.day(parsed, until));
                    valid = match (start, end) {
                        (Some(start), Some(Some(end))) if end <= start => {
                            let label = "ends before it begins";
                            self.error(
                                codes::BAD_DATES,
                                "an agreement ends after its first day",
                                range,
                                label,
                            );
                            None
                        }
                        (Some(start), Some(Some(end))) => Some((start, Some(end))),
                        (Some(start), None) => Some((start, None)),
                        (None, _) | (_, Some(None)) => None,
                    };
                }
                AgreementClauseKind::MayTest(grants) => {
                    lines.may_test = range;
                    (may_test, tests_consent) = self.may_test(parsed, grants);
                }
                AgreementClauseKind::MayShow(shown) => {
                    lines.may_show = range;
                    may_show = self.may_show(parsed, shown);
                }
                AgreementClauseKind::Level(word) => {
                    lines.level = range;
                    level = Level::ALL.into_iter().find(|level| level.name() == word.text);
                    if level.is_none() {
                        let known = Level::ALL.map(Level::name);
                        self.unknown_word("a level", word, &known, parsed.range(word.span));
                    }
                }
                AgreementClauseKind::Release(rules) => {
                    lines.release = range;
                    release = Some(self.release(parsed, rules));
                }
                AgreementClauseKind::Formats(names) => {
                    lines.formats = range;
                    for word in names {
                        if FORMATS.contains(&word.text.as_str()) {
                            formats.insert(word.text.clone());
                        } else {
                            self.unknown_word("a format", word, FORMATS, parsed.range(word.span));
                        }
                    }
                }
                AgreementClauseKind::Error => return None,
            }
        }
        for (word, why) in [
            ("recipient", "who may do it"),
            ("purpose", "what for"),
            ("valid", "from when until when"),
            ("level", "how much may leave"),
        ] {
            if !seen.contains_key(word) {
                self.report(
                    Diagnostic::error(
                        codes::BAD_LINES,
                        format!("agreement \"{}\" has no `{word}` line", item.name.value),
                        name_range,
                        format!("does not say {why}"),
                    )
                    .note(
                        "there is no default: an agreement says who, what for, when, and how much may leave",
                    ),
                );
            }
        }
        self.identifiers_need_record(&may_show, level);
        let (valid_from, valid_until) = valid?;
        Some(Agreement {
            name: item.name.value.clone(),
            version,
            recipient: recipient?,
            purpose: purpose?,
            valid_from,
            valid_until,
            may_test,
            tests_consent,
            may_show,
            level: level?,
            release: release.unwrap_or_default(),
            formats,
            lines,
        })
    }
}

fn word_of(kind: &AgreementClauseKind) -> Option<&'static str> {
    Some(match kind {
        AgreementClauseKind::Recipient(_) => "recipient",
        AgreementClauseKind::Purpose(_) => "purpose",
        AgreementClauseKind::Valid { .. } => "valid",
        AgreementClauseKind::MayTest(_) => "may test",
        AgreementClauseKind::MayShow(_) => "may show",
        AgreementClauseKind::Level(_) => "level",
        AgreementClauseKind::Release(_) => "release",
        AgreementClauseKind::Formats(_) => "formats",
        AgreementClauseKind::Error => return None,
    })
}
