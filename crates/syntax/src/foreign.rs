//! Words and signs of other languages, and what is written here instead.
//!
//! Looked at only where a text does not parse: every word here is an ordinary name elsewhere. The entry says what
//! the language has in its place, in a sentence that can be read alone.

use crate::codes;
use crate::tape::Tape;
use crate::tree::Span;
use diag::Diagnostic;

/// A word, what is to be said of it, and what to write.
type Entry = (&'static str, &'static str, &'static str);

const WORDS: [Entry; 58] = [
    (
        "select",
        "a table begins with its name and where it is taken from, not with `select`",
        "`table NAME = from subjects … show …`",
    ),
    (
        "having",
        "released numbers are tested by a `where` after `show`, not by `having`",
        "`show n = count(subjects) where n >= 20`",
    ),
    ("as", "a column's name stands before it, not after `as`", "`n = count(subjects)`"),
    (
        "like",
        "texts are compared whole, so there is no `like`",
        "several texts stand in a list: `site in [\"Ghent\", \"Antwerp\"]`",
    ),
    (
        "between",
        "an interval is two comparisons, or `during` for days, not `between`",
        "`age >= 18 years and age < 65 years`, `during 2024-01-01 .. 2024-12-31`",
    ),
    (
        "null",
        "a missing value is asked for with `is not known`, not with `null`",
        "`… is known` and `… is not known`",
    ),
    (
        "unknown",
        "a missing value is asked for with `is not known`, not with `is unknown`",
        "`… is not known`",
    ),
    (
        "exists",
        "whether there are rows is asked with `has`, not with `exists`",
        "`has diagnosis in …`; `no diagnosis in …` for none",
    ),
    ("any", "whether there are rows is asked with `has`, not with `any`", "`has diagnosis in …`"),
    ("some", "whether there are rows is asked with `has`, not with `some`", "`has diagnosis in …`"),
    (
        "all",
        "that every row holds is said as no row that does not, since there is no `all`",
        "`no measurement (not (value < 5 'mmol/L'))`",
    ),
    ("never", "that there are no rows is said with `no`, not with `never`", "`no diagnosis in …`"),
    ("without", "that there are no rows is said with `no`, not with `without`", "`no diagnosis in …`"),
    (
        "more",
        "rows are counted with `at least`, not with `more than`",
        "more than two is `at least 3 diagnoses in …`",
    ),
    (
        "fewer",
        "rows are counted with `at most`, not with `fewer than`",
        "fewer than three is `at most 2 diagnoses in …`",
    ),
    (
        "less",
        "rows are counted with `at most`, and values compared with `<`",
        "`at most 2 diagnoses in …`, `age < 18 years`",
    ),
    (
        "join",
        "no join is written: related rows are named and narrowed",
        "`where has diagnosis in …`, `first(diagnosis).date`",
    ),
    (
        "left",
        "no join is written: related rows are named and narrowed, and a missing one is unknown",
        "`where has diagnosis in …`",
    ),
    (
        "inner",
        "no join is written: related rows are named, and `has` asks for them",
        "`where has diagnosis in …`",
    ),
    (
        "union",
        "people of either cohort are chosen by membership, not by `union`",
        "`cohort c = from subjects where subject in a or subject in b`",
    ),
    (
        "intersect",
        "people of both cohorts are chosen by membership, not by `intersect`",
        "`cohort c = from a where subject in b`",
    ),
    (
        "except",
        "people of one cohort and not another are chosen by membership, not by `except`",
        "`cohort c = from a where subject not in b`",
    ),
    (
        "minus",
        "people of one cohort and not another are chosen by membership, not by `minus`",
        "`cohort c = from a where subject not in b`",
    ),
    ("desc", "the greatest comes first with `descending`, not with `desc`", "`order by n descending`"),
    ("asc", "the least comes first without a word, so there is no `asc`", "`order by n`"),
    (
        "with",
        "a part of a question gets a name with `cohort`, `define` or `let`, not with `with`",
        "`cohort adults = from subjects where …`",
    ),
    ("distinct", "counts are of distinct rows already, so there is no `distinct`", "`count(subject)`"),
    ("else", "the last arm of a `case` is `otherwise`, not `else`", "`case when … then … otherwise …`"),
    ("end", "a `case` ends with its last value, not with `end`", "`case when … then … otherwise …`"),
    ("offset", "a table gives its first rows, so there is no `offset`", "`limit 10`"),
    ("interval", "a length of time stands bare, without `interval`", "`within 30 days before index`"),
    (
        "over",
        "there are no ranks and sums over rows around, so no `over`",
        "`previous(x)` is the value in the row before",
    ),
    ("return", "what a table gives stands after `show`, not after `return`", "`show n = count(subjects)`"),
    ("returns", "what a definition is follows its `=`, not `returns`", "`define NAME: bool = …`"),
    ("def", "a definition begins with `define`, not with `def`", "`define adult = age >= 18 years`"),
    (
        "function",
        "a definition begins with `define`, not with `function`",
        "`define adult = age >= 18 years`",
    ),
    ("var", "a value gets a name with `let` or `define`, not with `var`", "`let carrier = has variant (…)`"),
    (
        "library",
        "what other files define is taken with `import`, not with `library`",
        "`import \"panel.bq\" (name)`",
    ),
    (
        "using",
        "the model is set in baseq.toml, and the agreement with `use agreement`, not with `using`",
        "`use agreement \"NAME\"`",
    ),
    (
        "include",
        "what other files define is taken with `import`, not with `include`",
        "`import \"panel.bq\" (name)`",
    ),
    (
        "context",
        "the rows of a question stand after `from`, so there is no `context`",
        "`cohort c = from subjects`",
    ),
    (
        "valueset",
        "a set of codes is a `codes` item, not a `valueset`",
        "`codes seizure = HP:0001250 \"Seizure\"`",
    ),
    ("since", "from a day on is `on or after`, not `since`", "`on or after 2020-01-01`"),
    ("until", "up to a day is `on or before`, not `until`", "`on or before 2020-01-01`"),
    ("prior", "earlier than a day is `before`, not `prior to`", "`before index`"),
    ("followup", "follow-up ends with `exit at`, so there is no `followup`", "`exit at died = death_date`"),
    (
        "washout",
        "a time without events is a rule, so there is no `washout`",
        "`where observed 365 days before index` and `where no treatment in … before index`",
    ),
    (
        "censor",
        "follow-up ends with `exit at`, so there is no `censor`",
        "`exit at lost = observation.ended at index`",
    ),
    ("inclusion", "rules stand after `where`, so there is no `inclusion`", "`where adult: age >= 18 years`"),
    ("exclusion", "rules stand after `where`, an exclusion with `not` or `no`", "`where no diagnosis in …`"),
    ("sort", "rows are put in order with `order by`, not with `sort`", "`order by n descending`"),
    ("top", "the first rows are taken with `limit`, not with `top`", "`order by n descending limit 10`"),
    (
        "insert",
        "a question reads and never writes, so there is no `insert`",
        "files are loaded with `baseq load`",
    ),
    (
        "update",
        "a question reads and never writes, so there is no `update`",
        "files are loaded with `baseq load`",
    ),
    (
        "delete",
        "a question reads and never writes, so there is no `delete`",
        "files are loaded with `baseq load`",
    ),
    (
        "create",
        "an item begins with its own word, not with `create`",
        "`cohort NAME = from …`, `table NAME = from …`",
    ),
    ("cohorts", "each cohort begins with `cohort`, not with `cohorts`", "`cohort NAME = from …`"),
    ("filter", "rows are kept with `where`, not with `filter`", "`where sex = female`"),
];

/// Signs, as the tokens that stand there.
const SIGNS: [(&[&str], &str, &str); 11] = [
    (&["/", "/"], "a comment begins with two dashes and a space, not with `//`", "`-- why`"),
    (&["/", "*"], "a comment goes from two dashes to the end of its line, and `/*` begins none", "`-- why`"),
    (&["|", ">"], "clauses follow each other without a sign, so there is no `|>`", "`from subjects where …`"),
    (
        &["%", ">"],
        "clauses follow each other without a sign, so there is no `%>%`",
        "`from subjects where …`",
    ),
    (&["<", "-"], "a name gets its value with `=`, not with `<-`", "`cohort c = from …`"),
    (&["=", ">"], "at least is the sign `>=`, not `=>`", "`age >= 18 years`"),
    (&[">", "="], "a sign is one word without a space in it: `>=`", "`age >= 18 years`"),
    (&["<", "="], "a sign is one word without a space in it: `<=`", "`age <= 18 years`"),
    (
        &["(", "*", ")"],
        "what is counted is named, so `*` counts nothing",
        "`count(subjects)` counts people, `count(measurements)` their rows",
    ),
    (&["in", "("], "a list stands in brackets, not in parentheses", "`ancestry in [EUR, AFR]`"),
    (
        &["..", "."],
        "an interval has two dots between its ends, not three",
        "`during 2020-01-01 .. 2021-01-01`",
    ),
];

/// What to say where the parser stopped before token `at`, if a word or sign of another language is why.
pub(crate) fn diagnostic(tape: &Tape, at: u32, start: u32) -> Option<Diagnostic> {
    let last = u32::try_from(tape.tokens().len()).unwrap_or(u32::MAX);
    // A word that can be a name is read as one, and the parser stops behind it.
    for from in [at, at.saturating_sub(1)].into_iter().filter(|from| (start..last).contains(from)) {
        for (tokens, message, help) in SIGNS {
            let stands = (from..).zip(tokens).all(|(token, text)| tape.text(token) == *text);
            if stands {
                let length = u32::try_from(tokens.len()).unwrap_or(1);
                return Some(made(tape, Span { start: from, end: from + length }, message, help));
            }
        }
    }
    for from in [at, at.saturating_sub(1)].into_iter().filter(|from| (start..last).contains(from)) {
        let text = tape.text(from).to_lowercase();
        if let Some((_, message, help)) = WORDS.iter().find(|(word, ..)| *word == text) {
            return Some(made(tape, Span { start: from, end: from + 1 }, message, help));
        }
    }
    None
}

fn made(tape: &Tape, span: Span, message: &str, help: &str) -> Diagnostic {
    Diagnostic::error(codes::FOREIGN, message, tape.range(span), "of another language").help(help)
}
