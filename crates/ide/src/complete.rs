//! What could stand at the cursor.
//!
//! A name nobody writes is put where the cursor stands and the text is checked again: where the checker
//! looks that name up in vain, it says which names it has there (`types::Offer`), with everything that
//! the scope, the row before the dot and the expected type allow. The words of the language come from the
//! token table. Columns that the agreement does not grant are kept, last and with the reason, because
//! people must know what to apply for. Values of the data never appear.

use crate::View;
use model::{ColumnId, EntityId};
use std::collections::BTreeMap;
use syntax::tree::Span;
use syntax::{Class, KEYWORDS, Kind};
use types::{FUNCTIONS, Meaning, Offer};

/// The name that stands for the cursor. No one writes it: it is not a word of any language.
const CURSOR: &str = "baseq_cursor_7f3a";

/// The most codes that are offered at once.
const CODES: usize = 50;

/// What a completion is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "each is the kind of its name")]
pub enum CompletionKind {
    Column,
    Relation,
    Entity,
    Local,
    Param,
    Item,
    Value,
    Function,
    Code,
    Keyword,
}

/// Something that could be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completion {
    /// What is shown and looked for.
    pub label: String,
    /// What it is.
    pub kind: CompletionKind,
    /// A few words beside it.
    pub detail: String,
    /// What it is about; [`View::about`] says more.
    pub about: About,
    /// What is written.
    pub insert: String,
    /// First byte of what it takes the place of.
    pub start: u32,
    /// One past the last byte of it.
    pub end: u32,
    /// Why it would be refused here; it is shown last.
    pub refused: Option<String>,
}

/// What more there is to say of a completion: worked out when it is asked for, as the ancestors of fifty codes
/// are not needed for a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum About {
    /// Nothing, or just this.
    Words(String),
    /// A code.
    Code(String),
    /// A name with its meaning.
    Name(String, Meaning),
}

/// How something is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// `band(value, width)`
    pub label: String,
    /// The parts of the label that are parameters.
    pub params: Vec<String>,
    /// Which of them the cursor is in.
    pub active: usize,
    /// Markdown about it.
    pub doc: String,
}

impl View<'_> {
    /// What could stand at a byte, the likeliest first. A cursor in a comment or a text gets nothing, but for
    /// the name of an agreement.
    pub fn complete(&self, offset: u32) -> Vec<Completion> {
        if self.in_words(offset) {
            return self.agreements(offset).unwrap_or_default();
        }
        let (start, end) = self.word_around(offset);
        let written = self.text.get(start as usize..offset as usize).unwrap_or("");
        if let Some(codes) = self.codes(start, end, offset) {
            return codes;
        }
        let mut probe = String::with_capacity(self.text.len() + CURSOR.len());
        probe.push_str(self.text.get(..start as usize).unwrap_or(""));
        probe.push_str(CURSOR);
        probe.push_str(self.text.get(end as usize..).unwrap_or(""));
        let offers = self.session.offers(self.path, &probe, self.open, CURSOR).unwrap_or_default();
        let after_dot = self.text.get(..start as usize).unwrap_or("").trim_end().ends_with('.');
        let refused = self.session.not_granted(&self.analysis.parsed);
        let mut all: Vec<Completion> =
            offers.into_iter().map(|offer| self.completion(offer, start, end, &refused)).collect();
        if !after_dot {
            if all.is_empty() {
                all.extend(self.sources(start, end));
            } else {
                all.extend(FUNCTIONS.iter().map(|(name, params, doc)| Completion {
                    label: (*name).to_owned(),
                    kind: CompletionKind::Function,
                    detail: format!("({})", params.join(", ")),
                    about: About::Words((*doc).to_owned()),
                    insert: (*name).to_owned(),
                    start,
                    end,
                    refused: None,
                }));
            }
            all.extend(keywords(start, end));
        }
        let lower = written.to_lowercase();
        // Those that begin with what is written, then those that hold it; an editor filters further.
        // Words of the language are known by their beginning.
        all.retain(|item| {
            let label = item.label.to_lowercase();
            label.starts_with(&lower) || (item.kind != CompletionKind::Keyword && label.contains(&lower))
        });
        all.sort_by_key(|item| {
            (
                item.refused.is_some(),
                !item.label.to_lowercase().starts_with(&lower),
                item.kind == CompletionKind::Keyword,
            )
        });
        all
    }

    /// More about a completion, in Markdown.
    pub fn about(&self, about: &About) -> String {
        match about {
            About::Words(words) => words.clone(),
            About::Code(curie) => self.code_markdown(curie),
            About::Name(name, means) => self.meaning_markdown(name, means, ""),
        }
    }

    /// What the completion with a label at a byte is about. A code is its own label.
    pub fn about_label(&self, label: &str, offset: u32) -> Option<About> {
        let system = label.split_once(':').map(|(system, _)| system);
        if system.is_some_and(|system| self.session.systems().contains(&system)) {
            return Some(About::Code(label.to_owned()));
        }
        self.complete(offset).into_iter().find(|item| item.label == label).map(|item| item.about)
    }

    /// How the call around a byte is written.
    pub fn signature(&self, offset: u32) -> Option<Signature> {
        let parsed = &self.analysis.parsed;
        let before = parsed.tape.tokens().partition_point(|token| token.start < offset);
        let kinds = parsed.tape.kinds().get(..before)?;
        // Back to the parenthesis that is open here, counting the commas of its own level.
        let (mut depth, mut commas, mut open) = (0_usize, 0_usize, None);
        for (at, kind) in kinds.iter().enumerate().rev() {
            match kind {
                Kind::CloseParen | Kind::CloseBracket | Kind::CloseBrace => depth += 1,
                Kind::OpenBracket | Kind::OpenBrace if depth == 0 => return None,
                Kind::OpenParen if depth == 0 => {
                    open = Some(at);
                    break;
                }
                Kind::OpenParen | Kind::OpenBracket | Kind::OpenBrace => depth -= 1,
                Kind::Comma if depth == 0 => commas += 1,
                _ => {}
            }
        }
        let name = u32::try_from(open?.checked_sub(1)?).ok()?;
        let word = parsed.tape.text(name).trim_matches('`');
        if let Some((name, params, doc)) = FUNCTIONS.iter().find(|(name, ..)| *name == word) {
            return Some(Signature {
                label: format!("{name}({})", params.join(", ")),
                params: params.iter().map(|param| (*param).to_owned()).collect(),
                active: commas,
                doc: (*doc).to_owned(),
            });
        }
        let range = parsed.range(Span { start: name, end: name + 1 });
        let noted = self.analysis.notes.at(range)?;
        let Meaning::Item(declared) = noted.means else { return None };
        let head = self.head(word, &noted.means);
        let inside = head.split_once('(')?.1.rsplit_once(')')?.0;
        let params: Vec<String> = inside.split(',').map(|param| param.trim().to_owned()).collect();
        let doc = self.item_doc(declared).join(" ");
        Some(Signature { label: format!("{word}({})", params.join(", ")), params, active: commas, doc })
    }

    /// The name or code that the cursor is in or just behind.
    fn word_around(&self, offset: u32) -> (u32, u32) {
        let at = offset as usize;
        let part = |character: char| character.is_alphanumeric() || character == '_' || character == '`';
        let before = self.text.get(..at).unwrap_or("");
        let after = self.text.get(at..).unwrap_or("");
        let back: usize = before.chars().rev().take_while(|c| part(*c)).map(char::len_utf8).sum();
        let on: usize = after.chars().take_while(|c| part(*c)).map(char::len_utf8).sum();
        (small(at - back), small(at + on))
    }

    /// Whether a byte is in a comment, or in a text that is no label of a code.
    fn in_words(&self, offset: u32) -> bool {
        let line = self.text.get(..offset as usize).unwrap_or("").rsplit('\n').next().unwrap_or("");
        let mut quoted = false;
        let mut bytes = line.bytes().peekable();
        while let Some(byte) = bytes.next() {
            match byte {
                b'"' => quoted = !quoted,
                b'-' if !quoted && bytes.peek() == Some(&b'-') => return true,
                _ => {}
            }
        }
        quoted && !self.after_system(line)
    }

    /// Whether the quote that is open at the end of a line is the search for a code: `in HP:"sei`.
    fn after_system(&self, line: &str) -> bool {
        let before = line.rsplit_once('"').map_or("", |(before, _)| before).trim_end();
        let system = before.rsplit(|c: char| !c.is_ascii_alphanumeric() && c != ':').next().unwrap_or("");
        system.strip_suffix(':').is_some_and(|system| self.session.systems().contains(&system))
    }

    /// Codes, where a system and a colon stand before the cursor: `HP:00`, `HP:seiz`, `HP:"focal sei`.
    fn codes(&self, start: u32, end: u32, offset: u32) -> Option<Vec<Completion>> {
        let line_start = self.text.get(..offset as usize)?.rfind('\n').map_or(0, |at| at + 1);
        let line = self.text.get(line_start..offset as usize)?;
        let (at, words) = if self.after_system(line) {
            let quote = line.rfind('"')?;
            (line_start + quote, line.get(quote + 1..)?)
        } else {
            (start as usize, self.text.get(start as usize..offset as usize)?)
        };
        let before = self.text.get(..at)?.trim_end();
        let system = before.strip_suffix(':')?.rsplit(|c: char| !c.is_ascii_alphanumeric()).next()?;
        if !self.session.systems().contains(&system) {
            return None;
        }
        let first = small(before.len() - 1 - system.len());
        let mut found = self.session.codes_like(Some(system), words, CODES);
        found.dedup();
        Some(
            found
                .into_iter()
                .map(|(id, label)| Completion {
                    insert: format!("{id} \"{}\"", label.replace('"', "\\\"")),
                    about: About::Code(id.clone()),
                    label: id,
                    kind: CompletionKind::Code,
                    detail: label,
                    start: first,
                    end,
                    refused: None,
                })
                .collect(),
        )
    }

    fn completion(
        &self,
        offer: Offer,
        start: u32,
        end: u32,
        refused: &BTreeMap<(EntityId, ColumnId), String>,
    ) -> Completion {
        let model = self.session.model();
        let (kind, detail) = match &offer.means {
            Meaning::Column(entity, column) => {
                let line = self.session.column_line(*entity, *column);
                (CompletionKind::Column, format!("{} · {}", line.ty, line.label))
            }
            Meaning::Relation(entity, relation) => {
                let relation = model.entity(*entity).relation(*relation);
                let rows = if relation.many { "many" } else { "one" };
                (CompletionKind::Relation, format!("{rows} {}", model.entity(relation.target).name))
            }
            Meaning::Entity(_) => (CompletionKind::Entity, "the row in scope".to_owned()),
            Meaning::Local(_) => (CompletionKind::Local, String::new()),
            Meaning::Param(_) => (CompletionKind::Param, "parameter".to_owned()),
            Meaning::Item(_) => (CompletionKind::Item, self.head(&offer.name, &offer.means)),
            Meaning::BuiltIn(_) => (CompletionKind::Function, self.head(&offer.name, &offer.means)),
            Meaning::Value(_) => (CompletionKind::Value, String::new()),
        };
        let why = match &offer.means {
            Meaning::Column(entity, column) => refused.get(&(*entity, *column)).cloned(),
            _ => None,
        };
        let plain =
            KEYWORDS.iter().all(|keyword| keyword.spelling != offer.name || keyword.class != Class::Reserved);
        Completion {
            insert: if plain { offer.name.clone() } else { format!("`{}`", offer.name) },
            about: About::Name(offer.name.clone(), offer.means),
            label: offer.name,
            kind,
            detail,
            start,
            end,
            refused: why,
        }
    }

    /// The agreements of the policy, in the quotes after `use agreement`.
    fn agreements(&self, offset: u32) -> Option<Vec<Completion>> {
        let line_start = self.text.get(..offset as usize)?.rfind('\n').map_or(0, |at| at + 1);
        let line = self.text.get(line_start..offset as usize)?;
        let (before, written) = line.rsplit_once('"')?;
        let (tape, _) = syntax::lex(text::FileId(0), self.text.get(..line_start + before.len())?);
        let named = |kind: &&Kind| !matches!(**kind, Kind::Str | Kind::Comma);
        let mut words = tape.kinds().iter().rev().skip_while(|kind| !named(kind));
        if (words.next(), words.next()) != (Some(&Kind::Agreement), Some(&Kind::Use)) {
            return None;
        }
        let rest = self.text.get(offset as usize..)?.lines().next().unwrap_or("");
        let end = offset as usize + rest.find('"').map_or(0, |at| at + 1);
        let lower = written.to_lowercase();
        let known = self.session.policy().0.agreements.values();
        let named = known.filter(|agreement| agreement.name.to_lowercase().contains(&lower));
        Some(
            named
                .map(|agreement| Completion {
                    label: agreement.name.clone(),
                    kind: CompletionKind::Value,
                    detail: agreement.recipient.clone(),
                    about: About::Words(String::new()),
                    insert: format!("\"{}\"", agreement.name.replace('"', "\\\"")),
                    start: small(line_start + before.len()),
                    end: small(end),
                    refused: None,
                })
                .collect(),
        )
    }

    /// What rows are taken from: entities and the cohorts before.
    fn sources(&self, start: u32, end: u32) -> Vec<Completion> {
        let before = self.text.get(..start as usize).unwrap_or("").trim_end();
        let word = before.rsplit(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or("");
        if !matches!(word, "from" | "of" | "among" | "describe" | "compare" | "with") {
            return Vec::new();
        }
        let model = self.session.model();
        let mut all: Vec<Completion> = Vec::new();
        let mut push = |label: &str, kind: CompletionKind, detail: &str| {
            all.push(Completion {
                label: label.to_owned(),
                kind,
                detail: detail.to_owned(),
                about: About::Words(String::new()),
                insert: label.to_owned(),
                start,
                end,
                refused: None,
            });
        };
        for item in &self.analysis.parsed.file.items {
            if let syntax::tree::Item::Cohort(cohort) = item {
                push(&cohort.name.text, CompletionKind::Item, "cohort");
            }
        }
        if matches!(word, "from" | "among") {
            for id in model.ids() {
                let entity = model.entity(id);
                push(&entity.plural, CompletionKind::Entity, &entity.doc.join(" "));
            }
        }
        all
    }
}

fn keywords(start: u32, end: u32) -> impl Iterator<Item = Completion> {
    KEYWORDS.iter().filter(|keyword| keyword.class == Class::Reserved).map(move |keyword| Completion {
        label: keyword.spelling.to_owned(),
        kind: CompletionKind::Keyword,
        detail: keyword.meaning.to_owned(),
        about: About::Words(String::new()),
        insert: keyword.spelling.to_owned(),
        start,
        end,
        refused: None,
    })
}

fn small(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
