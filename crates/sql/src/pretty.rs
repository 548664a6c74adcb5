//! The layout of a statement, and the proof that the layout changed nothing.
//!
//! `sqlparser` lays out each query; the frame around them is laid out here, because comments are no
//! part of a tree. Reading the text back must give the tree it was printed from.

use sqlparser::ast::{Cte, CteAsMaterialized, OrderBy, OrderByKind, Query, Statement};
use sqlparser::dialect::Dialect;
use sqlparser::keywords::Keyword;
use sqlparser::parser::{Parser, ParserOptions};
use sqlparser::tokenizer::{Token, Tokenizer};
use std::fmt::Write;
use std::ops::Range;

/// How deep expressions may be when a text is read back.
const DEPTH: usize = 10_000;

/// The statement: each step under its comment, then the query that reads the last one; and where each step
/// stands.
pub(crate) fn text(recursive: bool, steps: &[(&str, Cte)], query: &Query) -> (String, Vec<Range<usize>>) {
    let mut places = Vec::new();
    let mut text = String::from(if recursive { "WITH RECURSIVE\n" } else { "WITH\n" });
    for (number, (comment, cte)) in steps.iter().enumerate() {
        let fence = match cte.materialized {
            Some(CteAsMaterialized::Materialized) => "MATERIALIZED ",
            Some(CteAsMaterialized::NotMaterialized) => "NOT MATERIALIZED ",
            None => "",
        };
        let end = if number + 1 < steps.len() { "," } else { "" };
        let comment = one_line(comment);
        let start = text.len();
        if !comment.is_empty() {
            let _ = writeln!(text, "-- {comment}");
        }
        let body = indented(&format!("{:#}", cte.query));
        let _ = write!(text, "{} AS {fence}(\n{body}\n)", cte.alias);
        places.push(start..text.len());
        let _ = writeln!(text, "{end}");
    }
    let _ = writeln!(text, "{:#}", query.body);
    if let Some(OrderBy { kind: OrderByKind::Expressions(keys), .. }) = &query.order_by {
        let keys: Vec<String> = keys.iter().map(|key| format!("  {key}")).collect();
        let _ = writeln!(text, "ORDER BY\n{}", keys.join(",\n"));
    }
    (text, places)
}

/// Two spaces before every line. No literal and no name holds a line break, so only layout moves.
fn indented(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(|line| format!("  {line}")).collect();
    lines.join("\n")
}

/// A comment that ends where its line ends.
fn one_line(comment: &str) -> String {
    let blank = |c: char| if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') { ' ' } else { c };
    comment.chars().map(blank).collect::<String>().trim().to_owned()
}

/// Whether reading the text back gives the tree.
///
/// The library reads `AS MATERIALIZED` in the grammar of Postgres only, so the word is taken out
/// before and counted.
///
/// # Errors
/// What was read instead.
pub(crate) fn check(text: &str, query: &Query, grammar: &dyn Dialect) -> Result<(), String> {
    let unread = |error: String| format!("the printed text cannot be read back: {error}\n{text}");
    // Trees hold names and strings as they stand between the quotes.
    let mut tokens = Tokenizer::new(grammar, text)
        .with_unescape(false)
        .tokenize()
        .map_err(|error| unread(error.to_string()))?;
    let all = tokens.len();
    tokens.retain(|token| {
        !matches!(token, Token::Word(word) if word.keyword == Keyword::MATERIALIZED && word.quote_style.is_none())
    });
    let mut query = query.clone();
    let mut fences = 0;
    for cte in query.with.iter_mut().flat_map(|with| &mut with.cte_tables) {
        fences += usize::from(cte.materialized.take().is_some());
    }
    if all - tokens.len() != fences {
        return Err(unread("a fence is lost".to_owned()));
    }
    let read = Parser::new(grammar)
        .with_options(ParserOptions::new().with_unescape(false))
        .with_recursion_limit(DEPTH)
        .with_tokens(tokens)
        .parse_statements()
        .map_err(|error| unread(error.to_string()))?;
    match read.as_slice() {
        [Statement::Query(read)] if **read == query => Ok(()),
        other => {
            let other: Vec<String> = other.iter().map(ToString::to_string).collect();
            Err(format!("the printed text reads as another tree:\n{query}\n{}", other.join(";\n")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_end_where_their_line_ends() {
        assert_eq!(one_line(" a\nb\r\u{2028}c\u{85}"), "a b  c");
    }
}
