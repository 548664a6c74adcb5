//! From the plain data of `ide` to the types of the protocol.

use crate::documents::Document;
use crate::projects::Analysed;
use diag::{Diagnostic, Severity};
use ide::{Completion, CompletionKind, Position, SymbolKind, TokenKind};
use std::collections::HashMap;
use std::fmt::Write as _;
use text::{File, Range};
use tower_lsp_server::ls_types as lsp;

/// The kinds of tokens in the order of the legend.
pub(crate) const TOKENS: [(TokenKind, lsp::SemanticTokenType); 14] = [
    (TokenKind::Keyword, lsp::SemanticTokenType::KEYWORD),
    (TokenKind::Comment, lsp::SemanticTokenType::COMMENT),
    (TokenKind::Text, lsp::SemanticTokenType::STRING),
    (TokenKind::Number, lsp::SemanticTokenType::NUMBER),
    (TokenKind::Code, lsp::SemanticTokenType::ENUM_MEMBER),
    (TokenKind::Operator, lsp::SemanticTokenType::OPERATOR),
    (TokenKind::Entity, lsp::SemanticTokenType::CLASS),
    (TokenKind::Column, lsp::SemanticTokenType::PROPERTY),
    (TokenKind::Relation, lsp::SemanticTokenType::TYPE),
    (TokenKind::Item, lsp::SemanticTokenType::STRUCT),
    (TokenKind::Param, lsp::SemanticTokenType::PARAMETER),
    (TokenKind::Local, lsp::SemanticTokenType::VARIABLE),
    (TokenKind::Function, lsp::SemanticTokenType::FUNCTION),
    (TokenKind::Value, lsp::SemanticTokenType::ENUM_MEMBER),
];

impl Document {
    pub(crate) fn offset(&self, position: lsp::Position) -> u32 {
        self.lines.offset(&self.text, Position { line: position.line, column: position.character })
    }

    pub(crate) fn position(&self, offset: u32) -> lsp::Position {
        let place = self.lines.position(&self.text, offset);
        lsp::Position { line: place.line, character: place.column }
    }

    pub(crate) fn range(&self, start: u32, end: u32) -> lsp::Range {
        lsp::Range { start: self.position(start), end: self.position(end) }
    }

    pub(crate) fn edits(&self, edits: Vec<(Range, String)>) -> Vec<lsp::TextEdit> {
        edits
            .into_iter()
            .map(|(range, new_text)| lsp::TextEdit { range: self.range(range.start, range.end), new_text })
            .collect()
    }
}

/// Diagnostics of a text. `related` says where another file lies that a label points into; `None` for
/// what is no file.
pub(crate) fn diagnostics(
    all: &[Diagnostic],
    document: &Document,
    main: text::FileId,
    related: &dyn Fn(Range) -> Option<(lsp::Uri, lsp::Range)>,
) -> Vec<lsp::Diagnostic> {
    let mut converted = Vec::new();
    for diagnostic in all {
        let first = diagnostic.labels.first();
        // What is wrong in another file is shown there; a mistake without a place stands at the top.
        let range = match first {
            Some(label) if label.range.file == main => document.range(label.range.start, label.range.end),
            Some(_) | None => document.range(0, 0),
        };
        let mut message = diagnostic.message.clone();
        if let Some(label) = first.filter(|label| !label.text.is_empty() && label.range.file == main) {
            let _ = write!(message, "\n{}", label.text);
        }
        for note in &diagnostic.notes {
            let _ = write!(message, "\nnote: {note}");
        }
        for help in &diagnostic.helps {
            let _ = write!(message, "\nhelp: {help}");
        }
        let rest = usize::from(first.is_some_and(|label| label.range.file == main));
        let related: Vec<lsp::DiagnosticRelatedInformation> = diagnostic
            .labels
            .iter()
            .skip(rest)
            .filter_map(|label| {
                let (uri, range) = related(label.range)?;
                let location = lsp::Location { uri, range };
                Some(lsp::DiagnosticRelatedInformation { location, message: label.text.clone() })
            })
            .collect();
        converted.push(lsp::Diagnostic {
            range,
            severity: Some(match diagnostic.severity {
                Severity::Error => lsp::DiagnosticSeverity::ERROR,
                Severity::Warning => lsp::DiagnosticSeverity::WARNING,
            }),
            code: Some(lsp::NumberOrString::String(diagnostic.code.0.to_owned())),
            source: Some("baseq".to_owned()),
            message,
            related_information: (!related.is_empty()).then_some(related),
            ..lsp::Diagnostic::default()
        });
    }
    converted
}

/// Where a range of an analysis lies, as the protocol says it.
pub(crate) fn location(analysed: &Analysed, range: Range) -> Option<(lsp::Uri, lsp::Range)> {
    let view = analysed.view();
    if range.file == analysed.analysis.checked.main {
        return Some((analysed.document.uri.clone(), analysed.document.range(range.start, range.end)));
    }
    if view.is_built_in(range) {
        return None;
    }
    let file = analysed.analysis.checked.files.get(range.file);
    Some((lsp::Uri::from_file_path(view.file_of(range))?, range_in(analysed, file, range)))
}

fn range_in(analysed: &Analysed, file: &File, range: Range) -> lsp::Range {
    let lines = ide::Lines::new(&file.text, analysed.document.lines.encoding());
    let at = |offset| {
        let place = lines.position(&file.text, offset);
        lsp::Position { line: place.line, character: place.column }
    };
    lsp::Range { start: at(range.start), end: at(range.end) }
}

pub(crate) fn completion(item: Completion, at: usize, document: &Document) -> lsp::CompletionItem {
    let refused = item.refused.is_some();
    let detail = match &item.refused {
        Some(reason) => format!("{} — {reason}", item.detail),
        None => item.detail,
    };
    lsp::CompletionItem {
        kind: Some(match item.kind {
            CompletionKind::Column => lsp::CompletionItemKind::FIELD,
            CompletionKind::Relation => lsp::CompletionItemKind::REFERENCE,
            CompletionKind::Entity => lsp::CompletionItemKind::CLASS,
            CompletionKind::Local => lsp::CompletionItemKind::VARIABLE,
            CompletionKind::Param => lsp::CompletionItemKind::CONSTANT,
            CompletionKind::Item => lsp::CompletionItemKind::STRUCT,
            CompletionKind::Value | CompletionKind::Code => lsp::CompletionItemKind::ENUM_MEMBER,
            CompletionKind::Function => lsp::CompletionItemKind::FUNCTION,
            CompletionKind::Keyword => lsp::CompletionItemKind::KEYWORD,
        }),
        // Codes are looked for by their labels too.
        filter_text: (item.kind == CompletionKind::Code).then(|| format!("{} {detail}", item.label)),
        detail: (!detail.is_empty()).then_some(detail),
        sort_text: Some(format!("{at:05}")),
        tags: refused.then(|| vec![lsp::CompletionItemTag::DEPRECATED]),
        text_edit: Some(lsp::CompletionTextEdit::Edit(lsp::TextEdit {
            range: document.range(item.start, item.end),
            new_text: item.insert,
        })),
        label: item.label,
        ..lsp::CompletionItem::default()
    }
}

/// Words as an editor shows them: Markdown, or the same without its marks.
pub(crate) fn markup(value: String, markdown: bool) -> lsp::MarkupContent {
    if markdown {
        return lsp::MarkupContent { kind: lsp::MarkupKind::Markdown, value };
    }
    let lines = value.lines().filter(|line| !line.starts_with("```"));
    let plain: Vec<String> = lines.map(|line| line.replace(['*', '`'], "")).collect();
    lsp::MarkupContent { kind: lsp::MarkupKind::PlainText, value: plain.join("\n").trim().to_owned() }
}

pub(crate) fn documentation(value: String, markdown: bool) -> lsp::Documentation {
    lsp::Documentation::MarkupContent(markup(value, markdown))
}

pub(crate) fn symbol_kind(kind: SymbolKind) -> lsp::SymbolKind {
    match kind {
        SymbolKind::Param => lsp::SymbolKind::CONSTANT,
        SymbolKind::Codes => lsp::SymbolKind::ENUM,
        SymbolKind::Define => lsp::SymbolKind::FUNCTION,
        SymbolKind::Cohort | SymbolKind::Entity => lsp::SymbolKind::CLASS,
        SymbolKind::Table => lsp::SymbolKind::STRUCT,
        SymbolKind::Report => lsp::SymbolKind::EVENT,
        SymbolKind::Test => lsp::SymbolKind::METHOD,
        SymbolKind::Agreement | SymbolKind::Purpose => lsp::SymbolKind::INTERFACE,
        SymbolKind::Rule => lsp::SymbolKind::BOOLEAN,
        SymbolKind::Value => lsp::SymbolKind::VARIABLE,
    }
}

#[expect(deprecated, reason = "the protocol's type has the old field still")]
pub(crate) fn symbol(symbol: ide::Symbol, document: &Document) -> lsp::DocumentSymbol {
    let children: Vec<lsp::DocumentSymbol> =
        symbol.children.into_iter().map(|child| self::symbol(child, document)).collect();
    lsp::DocumentSymbol {
        name: symbol.name,
        detail: None,
        kind: symbol_kind(symbol.kind),
        tags: None,
        deprecated: None,
        range: document.range(symbol.range.start, symbol.range.end),
        selection_range: document.range(symbol.name_range.start, symbol.name_range.end),
        children: (!children.is_empty()).then_some(children),
    }
}

/// Tokens as the protocol packs them: each relative to the one before. One that crosses lines is cut.
pub(crate) fn tokens(all: &[ide::SemanticToken], document: &Document) -> Vec<lsp::SemanticToken> {
    let mut packed = Vec::new();
    let (mut line, mut column) = (0, 0);
    for token in all {
        let (start, end) = (document.position(token.start), document.position(token.end));
        if start.line != end.line {
            continue;
        }
        let kind = TOKENS.iter().position(|(kind, _)| *kind == token.kind).unwrap_or(0);
        let delta_line = start.line - line;
        packed.push(lsp::SemanticToken {
            delta_line,
            delta_start: if delta_line == 0 { start.character - column } else { start.character },
            length: end.character - start.character,
            token_type: u32::try_from(kind).unwrap_or(0),
            token_modifiers_bitset: u32::from(token.declared),
        });
        (line, column) = (start.line, start.character);
    }
    packed
}

/// One edit for the stretch that differs, so that an editor keeps its cursor.
pub(crate) fn difference(document: &Document, formatted: &str) -> lsp::TextEdit {
    let text: &str = &document.text;
    let common = |one: &mut dyn Iterator<Item = char>, other: &mut dyn Iterator<Item = char>| -> usize {
        one.zip(other).take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum()
    };
    let before = common(&mut text.chars(), &mut formatted.chars());
    let (rest, new) = (text.get(before..).unwrap_or(""), formatted.get(before..).unwrap_or(""));
    let after = common(&mut rest.chars().rev(), &mut new.chars().rev());
    let small = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    lsp::TextEdit {
        range: document.range(small(before), small(text.len() - after)),
        new_text: new.get(..new.len() - after).unwrap_or("").to_owned(),
    }
}

/// Edits of several files as one change.
pub(crate) fn workspace_edit(changes: HashMap<lsp::Uri, Vec<lsp::TextEdit>>) -> lsp::WorkspaceEdit {
    lsp::WorkspaceEdit { changes: Some(changes), ..lsp::WorkspaceEdit::default() }
}
