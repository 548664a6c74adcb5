//! `editors/vscode/syntaxes/baseq.tmLanguage.json`: colours for an editor that knows no more than the words.
//!
//! Words come from the token table and literals from the regular expressions beside it, so this grammar has no
//! spelling that the lexer does not have. TextMate looks at one line at a time and at no context: a word that is not
//! reserved is coloured in its phrases only, and what a name means the language server says.

use serde_json::{Value, json};
use syntax::{Class, KEYWORDS};

use crate::repository::Repository;

/// Where the expressions of literals stand.
const TOKENS: &str = "crates/syntax/src/tokens.rs";

/// Phrases of words that are names elsewhere. `{}` marks such a word; the rest only stands around it.
const PHRASES: [&str; 21] = [
    r"(?<=\buse )\b{agreement}\b",
    r#"\b{agreement}\b(?=\s+")"#,
    r"(?<=\bat )\b(?:{least}|{most})\b",
    r"(?<=\bconsent )\b{valid}\b",
    r"(?<=\bwith )\b{totals}\b",
    r"\b{descending}\b",
    r"(?<=\bis |\bnot )\b{known}\b",
    r"(?<=\bcounting )\b{absent}\b",
    r"(?<=\bas )\b(?:{zero}|{unknown})\b",
    r"(?<=\bon )\b{different} {days}\b",
    r"(?<=\beach )\b{other}\b",
    r"\b{to}\b(?=\s+each\b)",
    r"\b{seed}\b(?=\s+[0-9])",
    r"^\s*\b(?:{model}|{entity})\b",
    r"\b{version}\b(?=\s+[0-9])",
    r"\b{key}\b(?=\s+[\p{L}_])|\b{linkage}\b(?=\s+(?:{public}|{subject}|{aggregate}|of)\b)",
    r"\b(?:{coded}|{dated})\b(?=\s+by\b)|\b{assessed}\b(?=\s+when\b)|\b{undated} {outside}\b",
    r"^\s*\b(?:{one}|{many})\b(?=\s+[\p{L}_`])",
    r"\b(?:{identifier}|{quasi}|{sensitive}|{general}|{public})\b(?=\s*(?:--.*)?$)",
    r#"^\s*\b(?:{recipient}|{purpose}|{valid}|{may}|{level}|{release}|{formats})\b(?=\s+["\p{L}_{0-9])"#,
    r"\b{until}\b(?=\s+[0-9])|^\s*\b(?:{majority} {age}|{death})\b",
];

/// The text of the file.
pub(crate) fn generate(repository: &Repository) -> Result<String, String> {
    let tokens = repository.text(TOKENS)?;
    let form = |kind: &str| {
        regexes(&tokens.text, kind).ok_or_else(|| format!("{TOKENS}:1: no expression of `{kind}` was found"))
    };
    let whole = |regex: &str| format!(r"(?<![\p{{L}}0-9_]){regex}(?![\p{{L}}0-9_])");
    let plain = |name: &str, regex: String| json!({ "name": format!("{name}.bq"), "match": regex });
    let units = words(|word| word.class == Class::Contextual && is_unit(word.spelling));
    let mut patterns = vec![
        plain("comment.line.documentation", r"--\|.*$".to_owned()),
        plain("comment.line.double-dash", r"--.*$".to_owned()),
        json!({
            "name": "string.quoted.double.bq", "begin": "\"", "end": "\"|$",
            "patterns": [{ "name": "constant.character.escape.bq", "match": r"\\." }],
        }),
        plain("string.quoted.single.unit", form("Ucum")?),
        plain("variable.other.quoted", r"`[^`\r\n]*`".to_owned()),
        plain("constant.other.hgvs", form("Hgvs")?),
        plain("constant.other.locus", form("Locus")?),
        plain("constant.other.code", form("Code")?),
        plain("constant.other.date", whole(&form("Date")?)),
        plain("constant.other.rs", whole(&form("Rs")?)),
        json!({
            "match": format!(r"(?<![\p{{L}}0-9_])({})(?:\s*(%)|\s+({units})\b)?(?![\p{{L}}0-9_])", ungrouped(&form("Decimal")?)),
            "captures": {
                "1": { "name": "constant.numeric.bq" },
                "2": { "name": "keyword.other.unit.bq" },
                "3": { "name": "keyword.other.unit.bq" },
            },
        }),
        json!({
            "match": format!(r"\b({})\s+([\p{{L}}_][\p{{L}}0-9_]*)(?=\s*[=:(.])", declaring()),
            "captures": { "1": { "name": "keyword.control.bq" }, "2": { "name": "entity.name.bq" } },
        }),
        plain("constant.language.boolean", r"\b(?:true|false)\b".to_owned()),
        plain(
            "keyword.operator.word",
            format!(r"\b(?:{})\b", words(|word| word.class == Class::Reserved && is_operator(word.spelling))),
        ),
        plain(
            "keyword.control",
            format!(
                r"\b(?:{})\b",
                words(|word| word.class == Class::Reserved
                    && !is_operator(word.spelling)
                    && !matches!(word.spelling, "true" | "false"))
            ),
        ),
    ];
    for phrase in PHRASES {
        patterns.push(plain("keyword.other", filled(phrase)?));
    }
    patterns.extend([
        plain("entity.name.function", r"[\p{L}_][\p{L}0-9_]*(?=\()".to_owned()),
        plain("keyword.operator", r"!=|<=|>=|\.\.|[=<>+\-*/?|%]".to_owned()),
        plain("punctuation", r"[(),.:\[\]{}]".to_owned()),
    ]);
    let grammar = json!({
        "comment": "Generated from the token table of `syntax` by `cargo xtask codegen`; not written by hand.",
        "name": "baseq",
        "scopeName": "source.bq",
        "fileTypes": ["bq"],
        "patterns": patterns,
    });
    let text: Result<String, _> = serde_json::to_string_pretty::<Value>(&grammar);
    text.map(|text| text + "\n").map_err(|error| error.to_string())
}

/// The expressions of a kind in the source of the token table, as alternatives.
fn regexes(source: &str, kind: &str) -> Option<String> {
    let lines: Vec<&str> = source.lines().map(str::trim).collect();
    let at = lines.iter().position(|line| *line == format!("{kind},"))?;
    let mut found: Vec<&str> = lines[..at]
        .iter()
        .rev()
        .take_while(|line| line.starts_with("#[regex") || line.starts_with("///"))
        .filter_map(|line| {
            let rest = line.strip_prefix("#[regex(r")?;
            let hashes = rest.len() - rest.trim_start_matches('#').len();
            let close = format!("\"{}", "#".repeat(hashes));
            let body = rest.get(hashes + 1..)?;
            let end = body.find(&close)?;
            body.get(..end)
        })
        .collect();
    found.reverse();
    match &found[..] {
        [] => None,
        [one] => Some((*one).to_owned()),
        several => Some(format!("(?:{})", several.join("|"))),
    }
}

/// Groups that only group: the numbers of captures are ours.
fn ungrouped(regex: &str) -> String {
    regex.replace('(', "(?:")
}

/// Words of the table, those that begin like others after them.
fn words(wanted: impl Fn(&syntax::Keyword) -> bool) -> String {
    let mut all: Vec<&str> = KEYWORDS.iter().filter(|word| wanted(word)).map(|word| word.spelling).collect();
    all.sort_by_key(|word| (std::cmp::Reverse(word.len()), *word));
    all.join("|")
}

fn is_unit(word: &str) -> bool {
    ["day", "week", "month", "year"].iter().any(|unit| word.strip_suffix('s').unwrap_or(word) == *unit)
}

fn is_operator(word: &str) -> bool {
    matches!(
        word,
        "and"
            | "or"
            | "not"
            | "has"
            | "no"
            | "excludes"
            | "exactly"
            | "observed"
            | "in"
            | "is"
            | "only"
            | "excluding"
            | "counting"
            | "before"
            | "after"
            | "on"
            | "within"
            | "during"
    )
}

/// Words that a new name follows.
fn declaring() -> String {
    words(|word| matches!(word.spelling, "param" | "codes" | "define" | "cohort" | "table" | "let" | "where"))
}

/// A phrase with its words, each of which must be in the table.
fn filled(phrase: &str) -> Result<String, String> {
    let mut text = phrase.to_owned();
    for word in phrase.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(word, _)| word) {
        if !word.bytes().all(|byte| byte.is_ascii_lowercase()) {
            continue;
        }
        if !KEYWORDS.iter().any(|keyword| keyword.spelling == word && keyword.class == Class::Contextual) {
            return Err(format!("`{word}` of a phrase is no word of the token table"));
        }
        text = text.replace(&format!("{{{word}}}"), word);
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_are_found_above_their_kind() {
        let source = "/// a\n#[regex(r\"a+\", priority = 3)]\n#[regex(r#\"\"b\"\"#)]\nFirst,\n#[regex(r\"c\")]\nOther,\n";
        assert_eq!(regexes(source, "First").unwrap(), "(?:a+|\"b\")");
        assert_eq!(regexes(source, "Other").unwrap(), "c");
        assert_eq!(regexes(source, "Missing"), None);
    }
}
