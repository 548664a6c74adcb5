//! What is shown of an entry while it is typed: what could follow, what each word is, what it means.
//!
//! The entry is put into the program that was kept, and `ide` is asked about that, as an editor asks about
//! a file. Values of the data never appear.

use crate::commands::COMMANDS;
use crate::entry::{self, is_command, parts};
use crate::program::{Kept, Program, Source};
use crate::shell::Shell;
use ide::{TokenKind, View};
use report::Format;
use session::{Analysis, Open, Session};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Words that begin an entry.
const BEGINNINGS: [&str; 11] = [
    "from",
    "cohort",
    "table",
    "let",
    "define",
    "codes",
    "param",
    "attrition of",
    "describe",
    "compare",
    "use agreement",
];

/// What is known while somebody types.
#[derive(Clone)]
pub(crate) struct Look {
    pub(crate) session: Arc<Session>,
    pub(crate) program: Program,
    pub(crate) path: PathBuf,
}

/// Something that could be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Offer {
    pub(crate) value: String,
    pub(crate) about: String,
    /// The bytes of the entry whose place it takes.
    pub(crate) range: Range<usize>,
    /// Why it would be refused here.
    pub(crate) refused: Option<String>,
}

/// An entry in the program, checked.
struct Draft {
    program: Program,
    source: Arc<Source>,
    text: String,
    open: Open,
    analysis: Analysis,
}

impl Look {
    fn draft(&self, entry: &str) -> Option<Draft> {
        let source = Arc::new(Source { name: String::new(), text: entry.to_owned() });
        let mut program = self.program.clone();
        for part in parts(entry) {
            program.put_last(Kept::draft(&source, &part));
        }
        let (text, open) = (program.text(), Open::new());
        let analysis = self.session.analyse(&self.path, &text, &open).ok()?;
        Some(Draft { program, source, text, open, analysis })
    }

    fn view<'a>(&'a self, draft: &'a Draft) -> View<'a> {
        View {
            session: &self.session,
            path: &self.path,
            text: &draft.text,
            open: &draft.open,
            analysis: &draft.analysis,
        }
    }

    /// What each word is: bytes of the entry in order.
    pub(crate) fn tokens(&self, entry: &str) -> Vec<(Range<usize>, TokenKind)> {
        if is_command(entry) {
            return Vec::new();
        }
        let Some(draft) = self.draft(entry) else { return Vec::new() };
        let tokens = self.view(&draft).tokens();
        let mut tokens: Vec<(Range<usize>, TokenKind)> = tokens
            .into_iter()
            .filter_map(|token| {
                Some((draft.program.within(&draft.source, token.start, token.end)?, token.kind))
            })
            .collect();
        tokens.sort_by_key(|(range, _)| range.start);
        tokens
    }

    /// What is at a byte of the entry, in plain words; of a call how it is written.
    pub(crate) fn about(&self, entry: &str, at: usize) -> Option<String> {
        let draft = self.draft(entry)?;
        let offset = draft.program.offset(&draft.source, at)?;
        let view = self.view(&draft);
        if let Some(hover) = view.hover(offset) {
            return Some(plain(&hover.markdown));
        }
        view.signature(offset).map(|signature| format!("{}\n{}", signature.label, plain(&signature.doc)))
    }

    /// What could stand at a byte of the entry.
    pub(crate) fn offers(&self, entry: &str, at: usize) -> Vec<Offer> {
        let before = entry.get(..at).unwrap_or(entry);
        if is_command(entry) || entry.starts_with('.') {
            return self.commands(before);
        }
        if !before.trim_start().contains(|c: char| !c.is_alphanumeric() && c != '_') {
            return self.beginnings(before);
        }
        let Some(draft) = self.draft(entry) else { return Vec::new() };
        let Some(offset) = draft.program.offset(&draft.source, at) else { return Vec::new() };
        let view = self.view(&draft);
        let offers = view.complete(offset);
        offers
            .into_iter()
            .map(|offer| Offer {
                // The same letters stand around the cursor in both texts.
                range: at.saturating_sub(offset.saturating_sub(offer.start) as usize)
                    ..(at + offer.end.saturating_sub(offset) as usize).min(entry.len()),
                value: offer.insert,
                about: if offer.detail.is_empty() {
                    first_line(&view.about(&offer.about))
                } else {
                    offer.detail
                },
                refused: offer.refused,
            })
            .collect()
    }

    /// What an entry can begin with: the words of items, and the names of what was kept.
    fn beginnings(&self, before: &str) -> Vec<Offer> {
        let word = before.trim_start();
        let range = before.len() - word.len()..before.len();
        let kept = self.program.items().iter().filter_map(|item| {
            let name = self
                .program
                .names()
                .into_iter()
                .find(|name| self.program.find(name).is_some_and(|found| std::ptr::eq(found, item)))?;
            let head = item.text.lines().find(|line| !line.starts_with("--")).unwrap_or_default();
            Some((name, head.trim_end_matches([' ', '=']).to_owned()))
        });
        let words = BEGINNINGS.iter().map(|word| {
            let first = word.split(' ').next().unwrap_or(word);
            let known = syntax::KEYWORDS.iter().find(|keyword| keyword.spelling == first);
            ((*word).to_owned(), known.map_or("", |keyword| keyword.meaning).to_owned())
        });
        offered(kept.chain(words), word, &range)
    }

    fn commands(&self, before: &str) -> Vec<Offer> {
        let start = before.rfind(char::is_whitespace).map_or(0, |at| at + 1);
        let word = before.get(start..).unwrap_or("");
        let range = start..before.len();
        if start == 0 {
            let all = COMMANDS.iter().map(|(name, words, what)| {
                (format!(".{name}"), format!("{words} {what}").trim_start().to_owned())
            });
            return offered(all, word, &range);
        }
        let command = before.split_whitespace().next().unwrap_or("").trim_start_matches('.');
        let plain = |words: &[&str]| -> Vec<(String, String)> {
            words.iter().map(|word| ((*word).to_owned(), String::new())).collect()
        };
        let names = || self.program.names().into_iter().map(|name| (name, "kept".to_owned()));
        let all: Vec<(String, String)> = match command {
            "mode" => {
                let words: Vec<&str> = Format::ALL
                    .iter()
                    .filter(|format| crate::commands::is_shown(**format))
                    .map(|format| format.word())
                    .collect();
                plain(&words)
            }
            "timer" => plain(&["on", "off"]),
            "describe" | "help" => names()
                .chain(self.session.pages().into_iter().map(|page| (page.plural, page.doc.join(" "))))
                .collect(),
            "attrition" | "sql" | "why" | "plan" | "forget" => names().collect(),
            "params" => names().map(|(name, _)| (format!("{name}="), String::new())).collect(),
            "read" | "save" => files(word),
            _ => Vec::new(),
        };
        offered(all.into_iter(), word, &range)
    }
}

/// Those that begin with a word, then those that hold it.
fn offered(all: impl Iterator<Item = (String, String)>, word: &str, range: &Range<usize>) -> Vec<Offer> {
    let lower = word.to_lowercase();
    let mut offers: Vec<Offer> = all
        .filter(|(value, _)| value.to_lowercase().contains(&lower))
        .map(|(value, about)| Offer { value, about, range: range.clone(), refused: None })
        .collect();
    offers.sort_by_key(|offer| !offer.value.to_lowercase().starts_with(&lower));
    offers
}

/// Programs and folders that a path could go on to.
fn files(written: &str) -> Vec<(String, String)> {
    let (folder, _) = written.rsplit_once('/').map_or(("", written), |(folder, name)| (folder, name));
    let place = if written.starts_with('/') && folder.is_empty() { "/" } else { folder };
    let Ok(entries) = std::fs::read_dir(if place.is_empty() { "." } else { place }) else {
        return Vec::new();
    };
    let mut found: Vec<(String, String)> = entries
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let name = entry.file_name().into_string().ok()?;
            let is_folder = entry.path().is_dir();
            let shown = is_folder || Path::new(&name).extension().is_some_and(|ending| ending == "bq");
            let before = written.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"));
            (shown && !name.starts_with('.'))
                .then(|| (format!("{before}{name}{}", if is_folder { "/" } else { "" }), String::new()))
        })
        .collect();
    found.sort();
    found
}

/// What a name, a word of the language, a function or a code is, as an editor would say it.
pub(crate) fn about(shell: &Shell<'_>, name: &str) -> Option<String> {
    let look = Look {
        session: Arc::clone(&shell.session),
        program: shell.program.clone(),
        path: shell.path.clone(),
    };
    if let Some(item) = shell.program.find(name) {
        let at = item.text.find(name)?;
        return look.about(&item.text, at);
    }
    let model = shell.session.model();
    let people = model.subject().map_or("subjects", |id| &model.entity(id).plural);
    let probes = [
        format!("codes probe = {name}"),
        format!("from {people} show probe = {name}"),
        format!("from {people} show probe = {name}("),
        name.to_owned(),
    ];
    probes.iter().find_map(|probe| {
        let at = if probe.ends_with('(') { probe.len() } else { probe.rfind(name)? };
        look.about(probe, at)
    })
}

fn first_line(markdown: &str) -> String {
    plain(markdown).lines().next().unwrap_or_default().to_owned()
}

/// Markdown as plain words.
fn plain(markdown: &str) -> String {
    let lines = markdown.lines().filter(|line| !line.starts_with("```"));
    let text: Vec<String> = lines.map(|line| line.replace("**", "").replace('*', "")).collect();
    let mut short: Vec<&str> = Vec::new();
    for line in text.iter().map(|line| line.trim_end()) {
        // No two empty lines after each other, none at the ends.
        if !line.is_empty() || short.last().is_some_and(|last| !last.is_empty()) {
            short.push(line);
        }
    }
    while short.last().is_some_and(|line| line.is_empty()) {
        short.pop();
    }
    short.join("\n")
}

/// The agreements and the date that a program names, for the prompt.
pub(crate) fn named(program: &Program) -> (Vec<String>, Option<String>) {
    let (mut agreements, mut day) = (Vec::new(), None);
    for item in program.items() {
        let first = entry::first_word(&item.text);
        if !matches!(first, Some(syntax::Kind::Use | syntax::Kind::As)) {
            continue;
        }
        for item in syntax::parse(text::FileId(0), &item.text).0.file.items {
            match item {
                syntax::tree::Item::Use(line) => {
                    agreements.extend(line.agreements.into_iter().map(|name| name.value));
                }
                syntax::tree::Item::AsOf(line) => {
                    day = Some(match line.date {
                        syntax::tree::AsOfDate::Date(day, _) => day,
                        syntax::tree::AsOfDate::Name(name) => name.text,
                    });
                }
                _ => {}
            }
        }
    }
    (agreements, day)
}
