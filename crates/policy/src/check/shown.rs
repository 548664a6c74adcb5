//! What leaves an item, against `may show` of every agreement.

use super::item::Judged;
use super::value::{Leaf, Leaves};
use super::{Checker, column_name};
use crate::agreement::{Agreement, Base, Showable};
use crate::codes;
use crate::permitted::Receipt;
use diag::Diagnostic;
use text::Range;
use types::{GroupKey, KeyDomain};

impl Checker<'_> {
    /// A shown value of a person's row.
    pub(super) fn shown(&mut self, leaf: &Leaf, judged: &mut Judged) {
        let at = leaf.range;
        for agreement in self.agreements() {
            match &leaf.what {
                // Its rows are read, so it is granted; that rows are shown at all is a matter of the level.
                Leaves::Pseudonym(entity) => judged.receipts.push(Receipt {
                    what: format!("`{}` as a pseudonym", self.model.entity(*entity).name),
                    range: Some(at),
                    rule: format!("`level {}`", agreement.level),
                    policy: Some(agreement.lines.level),
                }),
                Leaves::Identifier(entity, column) => {
                    let value = Showable::Value(Base::Column(*entity, *column));
                    self.one_of(agreement, &[value], at, "a shown column", judged);
                }
                Leaves::Any(any) => self.one_of(agreement, any, at, "a shown column", judged),
                Leaves::Rows(entity) => {
                    let touches = agreement.may_show.iter().any(|grant| match grant.what {
                        Showable::Row(of)
                        | Showable::Value(Base::Column(of, _))
                        | Showable::Band(Base::Column(of, _), _)
                        | Showable::Month(Base::Column(of, _))
                        | Showable::Year(Base::Column(of, _)) => of == *entity,
                        Showable::Value(Base::Age)
                        | Showable::Band(Base::Age, _)
                        | Showable::Month(Base::Age)
                        | Showable::Year(Base::Age) => false,
                    });
                    if !touches {
                        let name = self.model.entity(*entity).name.clone();
                        self.not_shown(agreement, &name, at);
                    }
                }
                Leaves::Computed => self.not_shown(agreement, "this value", at),
            }
        }
    }

    /// Whether one of these may be shown.
    fn one_of(
        &mut self,
        agreement: &Agreement,
        any: &[Showable],
        at: Range,
        place: &str,
        judged: &mut Judged,
    ) {
        if let Some(grant) = any.iter().find_map(|what| agreement.show_of(*what)) {
            let words = grant.what.words(self.model);
            if let Showable::Value(Base::Column(entity, column)) = grant.what {
                judged.reads.entry(entity).or_default().insert(column);
            }
            judged.receipts.push(Receipt {
                what: format!("`{words}` as {place}"),
                range: Some(at),
                rule: format!("`may show {words}`"),
                policy: Some(grant.range),
            });
        } else {
            let words = any.first().map_or_else(|| "this value".to_owned(), |what| what.words(self.model));
            self.not_shown(agreement, &words, at);
        }
    }

    fn not_shown(&mut self, agreement: &Agreement, words: &str, at: Range) {
        let known: Vec<String> =
            agreement.may_show.iter().map(|grant| format!("`{}`", grant.what.words(self.model))).collect();
        let quoted = if words == "this value" { words.to_owned() } else { format!("`{words}`") };
        let diagnostic = Diagnostic::error(
            codes::NOT_SHOWN,
            format!("{quoted} may not be shown under agreement \"{}\"", agreement.name),
            at,
            "would be shown",
        )
        .label(agreement.lines.may_show, "what may be shown")
        .note("what leaves as a key or a column is only what the agreement names; conditions may test more");
        self.diagnostics.push(if known.is_empty() {
            diagnostic.help("show numbers of people only, or ask the steward for a `may show` line")
        } else {
            diagnostic.help(format!("show one of {}, or ask the steward to add it", known.join(", ")))
        });
    }

    /// A group key: its domain is closed, or it is declared; and what it shows is granted.
    pub(super) fn group_key(&mut self, key: &GroupKey, leaves: &[Leaf], judged: &mut Judged) {
        for leaf in leaves {
            let at = leaf.range;
            let any: &[Showable] = match &leaf.what {
                Leaves::Pseudonym(entity) => {
                    let name = self.model.entity(*entity).name.clone();
                    self.identifier(&name, at);
                    continue;
                }
                Leaves::Identifier(entity, column) => {
                    let name = column_name(self.model, *entity, *column);
                    self.identifier(&name, at);
                    continue;
                }
                Leaves::Any(any) => any,
                Leaves::Rows(_) | Leaves::Computed => &[],
            };
            for agreement in self.agreements() {
                if any.iter().any(|what| agreement.show_of(*what).is_some()) {
                    self.one_of(agreement, any, at, "a group key", judged);
                    continue;
                }
                let generalised =
                    matches!(any.first(), Some(Showable::Band(..) | Showable::Month(_) | Showable::Year(_)));
                match (&key.domain, any.first()) {
                    (KeyDomain::Closed(_), Some(first)) if !generalised => {
                        let words = first.words(self.model);
                        self.not_shown(agreement, &words, at);
                    }
                    (KeyDomain::Closed(_) | KeyDomain::Open, first) => {
                        let first = first.copied();
                        self.too_fine(agreement, key, first, at);
                    }
                }
            }
        }
    }

    fn too_fine(&mut self, agreement: &Agreement, key: &GroupKey, what: Option<Showable>, at: Range) {
        let words = what.map_or_else(|| key.name.clone(), |what| what.words(self.model));
        let known: Vec<String> =
            agreement.may_show.iter().map(|grant| format!("`{}`", grant.what.words(self.model))).collect();
        let help = match what {
            Some(_) if known.is_empty() => format!("ask the steward for `may show {words}`"),
            Some(_) => {
                format!("group by one of {}, or ask the steward for `may show {words}`", known.join(", "))
            }
            None => "group by a `case` with the answers that matter".to_owned(),
        };
        self.diagnostics.push(
            Diagnostic::error(
                codes::GROUP_KEY,
                format!("`{words}` is no group key of agreement \"{}\"", agreement.name),
                at,
                "nobody declared these groups",
            )
            .label(agreement.lines.may_show, "what may be shown")
            .note("a key is public, a generalisation that the agreement names, or an answer out of a few: groups of free choice, laid over each other, single people out")
            .help(help),
        );
    }
}
