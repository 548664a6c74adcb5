//! The words of a text: which there may be at all, and where the fences stand.
//!
//! Before any grammar is asked, every token must be one that the printer has. Names stand between double
//! quotes, text between single ones; a word without quotes is a key word, a type or a function of the
//! lists below. So no statement other than a query can be spelled, and no name of a setting, of a file or
//! of a table function.

use super::Reading;
use crate::functions;
use crate::violation::{Rule, Violation};
use sqlparser::dialect::DuckDbDialect;
use sqlparser::keywords::Keyword;
use sqlparser::tokenizer::{Token, Tokenizer, Whitespace};

/// Key words and types.
const WORDS: &[&str] = &[
    "ALL",
    "AND",
    "AS",
    "ASC",
    "BETWEEN",
    "BIGINT",
    "BOOLEAN",
    "BY",
    "CASE",
    "CAST",
    "CROSS",
    "DATE",
    "DECIMAL",
    "DESC",
    "DISTINCT",
    "ELSE",
    "END",
    "FALSE",
    "FILTER",
    "FIRST",
    "FROM",
    "GROUP",
    "HUGEINT",
    "IN",
    "INTEGER",
    "IS",
    "JOIN",
    "LAMBDA",
    "LAST",
    "LEFT",
    "MATERIALIZED",
    "NOT",
    "NULL",
    "NULLS",
    "ON",
    "OR",
    "ORDER",
    "OVER",
    "ROWS",
    "UNBOUNDED",
    "PRECEDING",
    "PARTITION",
    "RECURSIVE",
    "SELECT",
    "THEN",
    "TIMESTAMP",
    "TRUE",
    "TRY_CAST",
    "UNION",
    "VALUES",
    "VARCHAR",
    "WHEN",
    "WHERE",
    "WITH",
];

/// The tokens, strings and names as they stand between their quotes.
pub(super) fn tokens(text: &str) -> Reading<Vec<Token>> {
    Tokenizer::new(&DuckDbDialect {}, text)
        .with_unescape(false)
        .tokenize()
        .map_err(|error| form(format!("The text cannot be read: {error}.")))
}

fn form(sentence: String) -> Violation {
    Violation { rule: Rule::Form, table: String::new(), sentence }
}

/// Every token that is none of the printer's.
pub(super) fn check(tokens: &[Token]) -> Vec<Violation> {
    tokens
        .iter()
        .filter(|token| !known(token))
        .map(|token| form(format!("`{token}` has no place in a text of ours.")))
        .collect()
}

fn known(token: &Token) -> bool {
    match token {
        Token::Word(word) => match word.quote_style {
            Some('"') => true,
            Some(_) => false,
            None => {
                let upper = word.value.to_uppercase();
                WORDS.contains(&upper.as_str()) || functions::allowed(&word.value)
            }
        },
        Token::Number(digits, long) => !long && crate::literal::number(digits),
        Token::Whitespace(Whitespace::SingleLineComment { prefix, .. }) => prefix == "--",
        Token::Whitespace(Whitespace::Space | Whitespace::Newline)
        | Token::SingleQuotedString(_)
        | Token::Comma
        | Token::Period
        | Token::LParen
        | Token::RParen
        | Token::LBracket
        | Token::RBracket
        | Token::LBrace
        | Token::RBrace
        | Token::Colon
        | Token::Eq
        | Token::Neq
        | Token::Lt
        | Token::LtEq
        | Token::Gt
        | Token::GtEq
        | Token::Plus
        | Token::Minus
        | Token::Mul
        | Token::Mod
        | Token::DuckIntDiv
        | Token::StringConcat => true,
        _ => false,
    }
}

/// The tokens without `MATERIALIZED`, and the names before which it stood.
pub(super) fn fences(tokens: Vec<Token>) -> Reading<(Vec<Token>, Vec<String>)> {
    let mut kept: Vec<Token> = Vec::with_capacity(tokens.len());
    let mut names = Vec::new();
    let mut after_fence = false;
    for token in tokens {
        if matches!(token, Token::Whitespace(_)) {
            kept.push(token);
            continue;
        }
        if after_fence && token != Token::LParen {
            return Err(form("`MATERIALIZED` stands where no fence is.".to_owned()));
        }
        after_fence = matches!(&token, Token::Word(word) if word.quote_style.is_none() && word.keyword == Keyword::MATERIALIZED);
        if after_fence {
            let mut before = kept.iter().rev().filter(|token| !matches!(token, Token::Whitespace(_)));
            match (before.next(), before.next()) {
                (Some(Token::Word(word)), Some(Token::Word(name)))
                    if word.quote_style.is_none() && word.keyword == Keyword::AS =>
                {
                    names.push(if name.quote_style.is_some() {
                        name.value.replace("\"\"", "\"")
                    } else {
                        name.value.clone()
                    });
                }
                _ => return Err(form("`MATERIALIZED` stands where no fence is.".to_owned())),
            }
            continue;
        }
        kept.push(token);
    }
    Ok((kept, names))
}
