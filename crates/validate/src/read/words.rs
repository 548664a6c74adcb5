//! The words of a text: which there may be at all, and where the fences stand.
//!
//! Before any grammar is asked, every token must be one that the printer has. Names stand between double
//! quotes, text between single ones; a word without quotes is a key word, a type or a function of the
//! lists below. So no statement other than a query can be spelled, and no name of a setting, of a file or
//! of a table function.

use super::Reading;
use crate::demand::Dialect;
use crate::functions;
use crate::violation::{Rule, Violation};
use sqlparser::keywords::Keyword;
use sqlparser::tokenizer::{Token, Tokenizer, Whitespace};

/// Key words and types of all engines.
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
    "DESC",
    "DISTINCT",
    "ELSE",
    "END",
    "FALSE",
    "FILTER",
    "FIRST",
    "FROM",
    "GROUP",
    "IN",
    "INTEGER",
    "IS",
    "JOIN",
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
    "UNION",
    "VALUES",
    "WHEN",
    "WHERE",
    "WITH",
];

/// Those of DuckDB.
const OF_DUCKDB: &[&str] = &["DECIMAL", "HUGEINT", "LAMBDA", "TRY_CAST", "VARCHAR"];

/// Those of Postgres.
const OF_POSTGRES: &[&str] =
    &["ANY", "ARRAY", "COLLATE", "DAY", "EXTRACT", "MONTH", "NUMERIC", "TEXT", "WITHIN", "YEAR"];

/// Functions of the list that DuckDB has and does not need.
const OF_OTHERS: &[&str] = &["round"];

/// The functions of Postgres, by its own names.
const CALLED_IN_POSTGRES: &[&str] = &[
    "abs",
    "array_agg",
    "array_append",
    "bool_and",
    "bool_or",
    "chr",
    "coalesce",
    "convert_to",
    "count",
    "date_trunc",
    "div",
    "encode",
    "greatest",
    "least",
    "make_interval",
    "max",
    "min",
    "nullif",
    "percentile_disc",
    "round",
    "row_number",
    "sha256",
    "sign",
    "starts_with",
    "sum",
    "trunc",
];

/// The tokens, strings and names as they stand between their quotes.
pub(super) fn tokens(text: &str, dialect: Dialect) -> Reading<Vec<Token>> {
    Tokenizer::new(super::grammar(dialect), text)
        .with_unescape(false)
        .tokenize()
        .map_err(|error| form(format!("The text cannot be read: {error}.")))
}

fn form(sentence: String) -> Violation {
    Violation { rule: Rule::Form, table: String::new(), sentence }
}

/// Every token that is none of the printer's.
pub(super) fn check(tokens: &[Token], dialect: Dialect) -> Vec<Violation> {
    tokens
        .iter()
        .filter(|token| !known(token, dialect))
        .map(|token| form(format!("`{token}` has no place in a text of ours.")))
        .collect()
}

/// Whether a word may stand for a function of an engine.
pub(crate) fn called(name: &str, dialect: Dialect) -> bool {
    match dialect {
        Dialect::DuckDb => functions::allowed(name) && !OF_OTHERS.contains(&name),
        Dialect::Postgres => CALLED_IN_POSTGRES.contains(&name),
    }
}

fn known(token: &Token, dialect: Dialect) -> bool {
    match token {
        Token::Word(word) => match word.quote_style {
            Some('"') => true,
            Some(_) => false,
            None => {
                let upper = word.value.to_uppercase();
                let of_engine = match dialect {
                    Dialect::DuckDb => OF_DUCKDB,
                    Dialect::Postgres => OF_POSTGRES,
                };
                let word = word.value.as_str();
                WORDS.contains(&upper.as_str())
                    || of_engine.contains(&upper.as_str())
                    || called(word, dialect)
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
        | Token::StringConcat => true,
        Token::LBrace | Token::RBrace | Token::Colon | Token::DuckIntDiv => dialect == Dialect::DuckDb,
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
