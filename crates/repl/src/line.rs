//! The line editor: `reedline` with what `ide` knows.

use crate::entry;
use crate::history;
use crate::look::Look;
use nu_ansi_term::{Color, Style};
use reedline::{
    Completer, CompletionResult, DefaultHinter, DescriptionMode, Emacs, FileBackedHistory, Highlighter,
    Hinter, History, HistoryItem, IdeMenu, KeyCode, KeyModifiers, MenuBuilder, Prompt, PromptEditMode,
    PromptHistorySearch, PromptHistorySearchStatus, Reedline, ReedlineEvent, ReedlineMenu, Span, StyledText,
    Suggestion, ValidationResult, Validator, default_emacs_keybindings,
};
use std::borrow::Cow;
use std::sync::{Arc, Mutex, PoisonError};

/// What the key for help asks for.
pub(crate) const ABOUT: &str = "about";
const MENU: &str = "completion";
/// Stands before the first line of an entry; the others are as far from the margin.
const INDICATOR: &str = "> ";
/// The most completions in the menu.
const OFFERS: usize = 60;

/// What the parts of the editor share with the shell.
#[derive(Clone)]
pub(crate) struct Shared {
    pub(crate) now: Arc<Mutex<Now>>,
}

/// What holds for the entry that is typed.
pub(crate) struct Now {
    pub(crate) look: Look,
    /// What is likely to be entered next.
    pub(crate) next: Option<String>,
}

impl Shared {
    pub(crate) fn with<T>(&self, use_it: impl FnOnce(&Now) -> T) -> T {
        use_it(&self.now.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The editor, with the entries of earlier sessions.
pub(crate) fn editor(shared: &Shared, earlier: Vec<String>, color: bool) -> Reedline {
    let mut keys = default_emacs_keybindings();
    let menu = || ReedlineEvent::Menu(MENU.to_owned());
    keys.add_binding(
        KeyModifiers::NONE,
        KeyCode::Tab,
        ReedlineEvent::UntilFound(vec![menu(), ReedlineEvent::MenuNext]),
    );
    keys.add_binding(KeyModifiers::SHIFT, KeyCode::BackTab, ReedlineEvent::MenuPrevious);
    keys.add_binding(
        KeyModifiers::ALT,
        KeyCode::Enter,
        ReedlineEvent::Edit(vec![reedline::EditCommand::InsertNewline]),
    );
    keys.add_binding(KeyModifiers::NONE, KeyCode::F(1), ReedlineEvent::ExecuteHostCommand(ABOUT.to_owned()));
    let completions = IdeMenu::default()
        .with_name(MENU)
        .with_default_border()
        .with_max_completion_height(12)
        .with_description_mode(DescriptionMode::PreferRight)
        .with_max_description_width(60)
        .with_correct_cursor_pos(true)
        .with_marker(INDICATOR);
    let mut past = FileBackedHistory::new(history::MOST).unwrap_or_default();
    for entry in earlier {
        // In memory nothing fails.
        let _ = past.save(HistoryItem::from_command_line(entry));
    }
    Reedline::create()
        .with_ansi_colors(color)
        .use_bracketed_paste(true)
        .with_history(Box::new(past))
        .with_completer(Box::new(Completions(shared.clone())))
        .with_quick_completions(true)
        .with_partial_completions(true)
        .with_menu(ReedlineMenu::EngineCompleter(Box::new(completions)))
        .with_highlighter(Box::new(Colours(shared.clone())))
        .with_hinter(Box::new(Hints {
            shared: shared.clone(),
            past: DefaultHinter::default().with_style(faint()),
            next: None,
        }))
        .with_validator(Box::new(Whole))
        .with_edit_mode(Box::new(Emacs::new(keys)))
}

fn faint() -> Style {
    Style::new().dimmed()
}

struct Completions(Shared);

impl Completer for Completions {
    fn complete(&mut self, line: &str, pos: usize) -> CompletionResult {
        let offers = self.0.with(|now| now.look.offers(line, pos));
        let suggestions: Vec<Suggestion> = offers
            .into_iter()
            .take(OFFERS)
            .map(|offer| {
                let refused = offer.refused.map(|why| (why, Style::new().strikethrough().dimmed()));
                let (about, style) = match refused {
                    Some((why, style)) => (why, Some(style)),
                    None => (offer.about, None),
                };
                Suggestion {
                    value: offer.value,
                    description: Some(about).filter(|about| !about.is_empty()),
                    style,
                    span: Span::new(offer.range.start, offer.range.end.max(offer.range.start)),
                    ..Suggestion::default()
                }
            })
            .collect();
        CompletionResult::fresh(suggestions)
    }
}

struct Colours(Shared);

impl Highlighter for Colours {
    fn highlight(&self, line: &str, _: usize) -> StyledText {
        let mut styled = StyledText::new();
        let mut at = 0;
        for (range, kind) in self.0.with(|now| now.look.tokens(line)) {
            if range.start < at {
                continue;
            }
            let (Some(before), Some(word)) = (line.get(at..range.start), line.get(range.clone())) else {
                continue;
            };
            styled.push((Style::new(), before.to_owned()));
            styled.push((colour(kind), word.to_owned()));
            at = range.end;
        }
        styled.push((Style::new(), line.get(at..).unwrap_or("").to_owned()));
        styled
    }
}

/// The colours of a terminal's own palette, so that they suit a light and a dark one.
fn colour(kind: ide::TokenKind) -> Style {
    use ide::TokenKind;
    match kind {
        TokenKind::Keyword => Color::Blue.bold(),
        TokenKind::Comment => faint(),
        TokenKind::Text | TokenKind::Code => Color::Green.normal(),
        TokenKind::Number => Color::Magenta.normal(),
        TokenKind::Entity | TokenKind::Item => Color::Yellow.normal(),
        TokenKind::Column | TokenKind::Relation => Color::Cyan.normal(),
        TokenKind::Param | TokenKind::Local => Color::Purple.normal(),
        TokenKind::Function => Color::Blue.normal(),
        TokenKind::Value => Color::Green.normal(),
        TokenKind::Operator => Style::new(),
    }
}

struct Whole;

impl Validator for Whole {
    fn validate(&self, line: &str) -> ValidationResult {
        if entry::is_whole(line) { ValidationResult::Complete } else { ValidationResult::Incomplete }
    }
}

/// What is likely to be entered next, else what was entered before and begins the same.
struct Hints {
    shared: Shared,
    past: DefaultHinter,
    next: Option<String>,
}

impl Hinter for Hints {
    fn handle(
        &mut self,
        line: &str,
        pos: usize,
        history: &dyn History,
        use_ansi_coloring: bool,
        cwd: &str,
    ) -> String {
        let next = self.shared.with(|now| now.next.clone());
        self.next = next.filter(|next| next.len() > line.len() && next.starts_with(line));
        match &self.next {
            Some(next) => {
                self.next = next.get(line.len()..).map(str::to_owned);
                let hint = self.next.clone().unwrap_or_default();
                if use_ansi_coloring { faint().paint(hint).to_string() } else { hint }
            }
            // An entry of several lines would push the prompt around.
            None => {
                let hint = self.past.handle(line, pos, history, use_ansi_coloring, cwd);
                if hint.contains('\n') { String::new() } else { hint }
            }
        }
    }

    fn complete_hint(&self) -> String {
        self.next.clone().unwrap_or_else(|| self.past.complete_hint())
    }

    fn next_hint_token(&self) -> String {
        match &self.next {
            Some(next) => {
                let end = next
                    .trim_start()
                    .find(' ')
                    .map_or(next.len(), |at| at + next.len() - next.trim_start().len());
                next.get(..end).unwrap_or(next).to_owned()
            }
            None => self.past.next_hint_token(),
        }
    }
}

/// The prompt: warehouse, agreement, date on a line of their own, so that the lines of an entry stand under
/// each other.
#[derive(Clone, Debug)]
pub(crate) struct Asking {
    pub(crate) words: String,
}

impl Prompt for Asking {
    fn render_prompt_left(&self) -> Cow<'_, str> {
        Cow::Owned(format!("{}\n", self.words))
    }

    fn render_prompt_right(&self) -> Cow<'_, str> {
        Cow::Borrowed("")
    }

    fn render_prompt_indicator(&self, _: PromptEditMode) -> Cow<'_, str> {
        Cow::Borrowed(INDICATOR)
    }

    fn render_prompt_multiline_indicator(&self) -> Cow<'_, str> {
        Cow::Borrowed("  ")
    }

    fn render_prompt_history_search_indicator(&self, search: PromptHistorySearch) -> Cow<'_, str> {
        let failing = matches!(search.status, PromptHistorySearchStatus::Failing);
        Cow::Owned(format!("({}search: {}) ", if failing { "nothing found, " } else { "" }, search.term))
    }
}
