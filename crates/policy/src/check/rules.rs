//! The rules: what was found in an item, against every agreement.
//!
//! Each refusal names the words of the query, the line of the agreement that decides, and what could be written
//! instead. Each permission leaves a receipt.

use super::header::named;
use super::item::Judged;
use super::walk::{Found, Walk};
use super::{Checker, column_name, grant_words, paths};
use crate::agreement::{Agreement, Level};
use crate::codes;
use crate::permitted::Receipt;
use diag::Diagnostic;
use model::{ColumnId, ColumnLabel, EntityId, Linkage};
use std::collections::BTreeSet;
use text::Range;

/// A level that a part of a table needs.
#[derive(Debug)]
pub(super) struct Need {
    pub(super) level: Level,
    /// What needs it, in words.
    pub(super) what: String,
    pub(super) range: Range,
    /// Whether it is the rows themselves.
    pub(super) rows: bool,
}

impl<'a> Checker<'a> {
    /// Judges what was found in an item. `before`: how many diagnostics there were when it began.
    pub(super) fn judge(
        &mut self,
        walk: &Walk<'a>,
        needs: &[Need],
        before: usize,
        name: &str,
        range: Range,
    ) -> Judged {
        let mut judged = Judged { tables: walk.tables.clone(), ..Judged::default() };
        let of_keys = walk.keys.iter().any(|(_, leaves)| !leaves.is_empty());
        if walk.found.is_empty() && walk.leaves.is_empty() && !of_keys {
            judged.receipts.push(Receipt {
                what: format!("`{name}`"),
                range: Some(range),
                rule: "reads public tables only; no agreement is needed".to_owned(),
                policy: None,
            });
            judged.allowed = self.diagnostics.len() == before;
            return judged;
        }
        judged.linked = true;
        if !self.may_read_people(range) {
            return judged;
        }
        // Of an entity that is not granted at all, one diagnostic is enough.
        let mut refused = BTreeSet::new();
        for (found, at) in &walk.found {
            self.found(found, *at, &mut refused, &mut judged);
        }
        for leaf in &walk.leaves {
            self.shown(leaf, &mut judged);
        }
        for (key, leaves) in &walk.keys {
            self.group_key(key, leaves, &mut judged);
        }
        self.levels(needs, name, &mut judged);
        for entity in &walk.guarded {
            self.guard_receipt(*entity, &mut judged);
        }
        judged.allowed = self.diagnostics.len() == before;
        judged
    }

    /// Whether people may be read under the head of the file. The first item that does so reports why not.
    fn may_read_people(&mut self, range: Range) -> bool {
        if let Some(open) = self.gate {
            return open;
        }
        let mut open = !self.header.broken;
        if self.query.uses.is_none() && !self.test {
            open = false;
            self.diagnostics.push(
                Diagnostic::error(
                    codes::NO_AGREEMENT,
                    "this reads data of people, and no agreement says for what",
                    range,
                    "reads data of people",
                )
                .note("a file that reads a linked table names the agreement under which it does")
                .help("write `use agreement \"…\"` at the top of the file"),
            );
        }
        if self.query.as_of.is_none() && !self.test {
            open = false;
            self.diagnostics.push(
                Diagnostic::error(codes::NO_AS_OF, "this reads data of people, and no date says as of when", range, "as of when?")
                    .note("consent and records change; a file that reads a linked table says which day it asks about")
                    .help("write `as of` and a date at the top of the file, such as `as of 2026-06-01`"),
            );
        }
        self.gate = Some(open);
        open
    }

    fn found(&mut self, found: &Found, at: Range, refused: &mut BTreeSet<EntityId>, judged: &mut Judged) {
        match found {
            Found::Rows(entity) => self.rows(*entity, at, refused, judged),
            Found::Column(entity, column) => {
                if self.model.entity(*entity).column(*column).label == ColumnLabel::Identifier {
                    self.identifier(&column_name(self.model, *entity, *column), at);
                } else {
                    self.column(*entity, *column, at, refused, judged);
                }
            }
            Found::Age(entity) => match self.model.entity(*entity).life.birth_date {
                Some(column) => self.column(*entity, column, at, refused, judged),
                None => self.unplaced(at),
            },
            // The column that leads there was found too.
            Found::Public(..) => {}
            Found::Key(entity) => {
                let name = self.model.entity(*entity).name.clone();
                self.identifier(&name, at);
            }
            Found::Consent(purpose) => self.consent(purpose.as_deref(), at, judged),
            Found::Cohort(cohort) => {
                judged.stands_on.insert(*cohort);
            }
            Found::Unplaced => self.unplaced(at),
        }
    }

    fn rows(&mut self, entity: EntityId, at: Range, refused: &mut BTreeSet<EntityId>, judged: &mut Judged) {
        judged.reads.entry(entity).or_default();
        for agreement in self.agreements() {
            let grant = agreement.test_of(entity);
            match grant {
                Some(grant) if self.model.entity(entity).linkage != Linkage::Aggregate => {
                    judged.receipts.push(Receipt {
                        what: format!("rows of `{}`", self.model.entity(entity).name),
                        range: Some(at),
                        rule: format!("`may test {}`", grant_words(self.model, entity, &grant.columns)),
                        policy: Some(grant.range),
                    });
                }
                Some(_) | None => self.entity_refused(agreement, entity, at, refused),
            }
        }
    }

    fn entity_refused(
        &mut self,
        agreement: &Agreement,
        entity: EntityId,
        at: Range,
        refused: &mut BTreeSet<EntityId>,
    ) {
        if !refused.insert(entity) {
            return;
        }
        let declared = self.model.entity(entity);
        let name = &declared.name;
        let diagnostic = Diagnostic::error(
            codes::NOT_GRANTED,
            format!("agreement \"{}\" does not grant `{name}`", agreement.name),
            at,
            format!("reads {}", declared.plural),
        )
        .label(agreement.lines.may_test, format!("`{name}` is not among what may be tested"));
        self.diagnostics.push(if declared.linkage == Linkage::Aggregate {
            diagnostic.note("counts that were made before are read by no query")
        } else {
            diagnostic
                .note("a table of people is read only where the agreement names it")
                .help(format!("ask the steward to add `{name}` to `may test`"))
        });
    }

    fn column(
        &mut self,
        entity: EntityId,
        column: ColumnId,
        at: Range,
        refused: &mut BTreeSet<EntityId>,
        judged: &mut Judged,
    ) {
        judged.reads.entry(entity).or_default().insert(column);
        let name = column_name(self.model, entity, column);
        for agreement in self.agreements() {
            if let Some(grant) = agreement.test_of_column(self.model, entity, column) {
                judged.receipts.push(Receipt {
                    what: format!("`{name}` in a condition or an aggregate"),
                    range: Some(at),
                    rule: format!("`may test {}`", grant_words(self.model, entity, &grant.columns)),
                    policy: Some(grant.range),
                });
            } else if let Some(grant) = agreement.test_of(entity) {
                let own = &self.model.entity(entity).column(column).name;
                self.diagnostics.push(
                    Diagnostic::error(
                        codes::NOT_GRANTED,
                        format!("agreement \"{}\" does not grant `{name}`", agreement.name),
                        at,
                        format!("reads `{own}`"),
                    )
                    .label(grant.range, format!("`{own}` is not among these columns"))
                    .note("a column of people is read only where the agreement names it")
                    .help(format!("ask the steward to add `{own}` here, or leave the condition out")),
                );
            } else {
                self.entity_refused(agreement, entity, at, refused);
            }
        }
    }

    pub(super) fn identifier(&mut self, name: &str, at: Range) {
        self.diagnostics.push(
            Diagnostic::error(
                codes::IDENTIFIER,
                format!("`{name}` is an identifier, and this uses its value"),
                at,
                "an identifier",
            )
            .note(
                "an identifier joins rows and does nothing else; in rows of people it leaves as a pseudonym",
            )
            .help("choose people by what is known of them, or test whether there is such a row: `has …`"),
        );
    }

    /// Something that the walk could not place. Nothing that `types` makes comes here; it is refused all the same.
    fn unplaced(&mut self, at: Range) {
        self.diagnostics.push(
            Diagnostic::error(
                codes::NOT_GRANTED,
                "it cannot be said which table this is read from",
                at,
                "read from where?",
            )
            .note("what the policy cannot place is refused")
            .help("this should not happen; please report it with the query and the model"),
        );
    }

    fn consent(&mut self, purpose: Option<&str>, at: Range, judged: &mut Judged) {
        for agreement in self.agreements() {
            match agreement.tests_consent {
                Some(line) => judged.receipts.push(Receipt {
                    what: "`consent valid` at another date or for another purpose".to_owned(),
                    range: Some(at),
                    rule: "`may test consent`; asked only of people who are permitted".to_owned(),
                    policy: Some(line),
                }),
                None => self.diagnostics.push(
                    Diagnostic::error(
                        codes::CONSENT_NOT_GRANTED,
                        format!("agreement \"{}\" does not grant questions about consent", agreement.name),
                        at,
                        "asks what people consented to",
                    )
                    .label(agreement.lines.may_test, "`consent` is not among what may be tested")
                    .note("people without consent are left out in any case; to ask when or for what somebody consented is a question about them")
                    .help("write `consent valid` alone, or ask the steward to add `consent` to `may test`"),
                ),
            }
        }
        let Some(name) = purpose else { return };
        match named(self.policy, name, at) {
            Ok((_, line)) => {
                judged.purposes.insert(name.to_owned());
                judged.receipts.push(Receipt {
                    what: format!("purpose `{name}` of `consent valid`"),
                    range: Some(at),
                    rule: "named by the policy; it narrows and never widens".to_owned(),
                    policy: Some(line),
                });
            }
            Err(diagnostic) => self.diagnostics.push(*diagnostic),
        }
    }

    /// Levels: the first that an agreement does not allow is enough.
    fn levels(&mut self, needs: &[Need], name: &str, judged: &mut Judged) {
        for agreement in self.agreements() {
            if let Some(need) = needs.iter().find(|need| need.level > agreement.level) {
                let help = match (need.rows, agreement.level) {
                    (true, _) => "count people instead: `group by …` and `show people = count(subjects)`",
                    (false, Level::Count) => "count people instead: `count(subjects if …)`",
                    (false, Level::Aggregate | Level::Record) => {
                        "`median(…)` is released where enough people lie on either side"
                    }
                };
                self.diagnostics.push(
                    Diagnostic::error(
                        codes::LEVEL,
                        format!("`{name}` shows {}, which needs level {}", need.what, need.level),
                        need.range,
                        format!("level {}", need.level),
                    )
                    .label(agreement.lines.level, format!("\"{}\" allows level {}", agreement.name, agreement.level))
                    .note("count: numbers of people and events; aggregate: sums, means, medians, shares, frequencies; record: rows of people")
                    .help(help),
                );
            }
            if let Some(highest) = needs.iter().map(|need| need.level).max() {
                judged.receipts.push(Receipt {
                    what: format!("`{name}` is of level {highest}"),
                    range: needs.first().map(|need| need.range),
                    rule: format!("`level {}`", agreement.level),
                    policy: Some(agreement.lines.level),
                });
            }
        }
    }

    /// The guard that reading an entity brings with it.
    fn guard_receipt(&self, entity: EntityId, judged: &mut Judged) {
        let declared = self.model.entity(entity);
        let path = paths(self.model, entity);
        let how = if path.is_empty() { String::new() } else { format!(" via {}", path.join(", ")) };
        judged.receipts.push(Receipt {
            what: format!("guard of `{}`{how}", declared.name),
            range: None,
            rule: "only rows of permitted people exist".to_owned(),
            policy: self.agreements().first().map(|agreement| agreement.lines.purpose),
        });
    }
}
