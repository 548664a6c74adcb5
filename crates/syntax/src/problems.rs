//! What the parser has to say, in words.
//!
//! A [`Problem`] is a slip the grammar recognises; everything else is an unexpected token. Both become
//! diagnostics here and nowhere else.

use diag::Diagnostic;
use text::Range;

use crate::codes;
use crate::failure::{Expected, Failure, Label};
use crate::tape::{Tape, index};
use crate::tokens::Kind;
use crate::tree::{Relop, Span};

/// A slip that has a diagnostic of its own. Spans count tokens of the whole file.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Problem {
    /// `and` beside `or`.
    Mixed { operators: Vec<(Kind, Span)>, operands: Vec<Span> },
    /// `at least`, `at most`, `exactly` after a value.
    AtLeast { words: Span, sign: Relop },
    /// `within 12 months`, and nothing it is measured from.
    Window { window: Span, length: Span },
    /// A number and a word.
    Unit { number: Span, unit: Span },
    /// `a < b < c`
    Chained { operators: Vec<Span>, operands: Vec<Span> },
}

/// The diagnostic of a failure; `None` where the lexer has already spoken. `end` is one past the last
/// token of the stretch that was parsed.
pub(crate) fn diagnostic(tape: &Tape, failure: &Failure, offset: u32, end: u32) -> Option<Diagnostic> {
    match failure.problem.as_deref() {
        Some(problem) => Some(explain(tape, problem)),
        None => {
            let at = offset + index(failure.at);
            crate::foreign::diagnostic(tape, at, offset)
                .or_else(|| unexpected(tape, failure.expected, at, end))
        }
    }
}

/// Whether a failure is that more was expected where the text, of `end` tokens, ends.
pub(crate) fn is_at_end(failure: &Failure, offset: u32, end: u32) -> bool {
    match failure.problem.as_deref() {
        // `within 12 months`, of which the rest may follow.
        Some(Problem::Window { window, .. }) => window.end >= end,
        Some(_) => false,
        None => offset + index(failure.at) >= end,
    }
}

/// Something at `at` that the grammar does not have there.
fn unexpected(tape: &Tape, expected: Expected, at: u32, end: u32) -> Option<Diagnostic> {
    let place = tape.range(Span { start: at, end: at + 1 });
    let kind = tape.kinds().get(at as usize).copied();
    if kind == Some(Kind::Bad)
        || (at >= end && at > 0 && tape.kinds().get(at as usize - 1) == Some(&Kind::Bad))
    {
        return None;
    }
    let found = match kind {
        Some(_) => format!("`{}`", tape.text(at)),
        None => "the end of the file".to_owned(),
    };
    let wanted = one_of(&expected.words());
    // Behind the last token, the words before it say more than the next item does.
    let (place, label) = if at >= end && at > 0 {
        let before = tape.range(Span { start: at - 1, end: at });
        (
            before,
            if wanted.is_empty() {
                "not finished".to_owned()
            } else {
                format!("{wanted} was expected after this")
            },
        )
    } else {
        (
            place,
            if wanted.is_empty() {
                "not expected here".to_owned()
            } else {
                format!("{wanted} was expected here")
            },
        )
    };
    let wants_name = expected.has_label(Label::Name) && !expected.has_label(Label::Value);
    if let Some(kind) = kind.filter(|kind| at < end && wants_name && kind.is_reserved()) {
        return Some(
            Diagnostic::error(
                codes::RESERVED_NAME,
                format!("{kind} is a word of the language, so it cannot be a name"),
                place,
                "a name was expected here",
            )
            .help("in backquotes any word is a name")
            .fix("write it in backquotes", vec![(place, format!("`{}`", tape.text(at)))]),
        );
    }
    let message = match wanted.is_empty() {
        true => format!("{found} cannot stand here"),
        false if at >= end => format!("{wanted} is missing before {found}"),
        false => format!("{wanted} was expected, not {found}"),
    };
    let problem = Diagnostic::error(codes::UNEXPECTED, message, place, label);
    let lower = tape.text(at).to_lowercase();
    let reserved = crate::tokens::KEYWORDS
        .iter()
        .find(|keyword| keyword.spelling == lower && keyword.spelling != tape.text(at));
    Some(match (kind, reserved) {
        (Some(Kind::Word), Some(word)) => {
            problem.help(format!("words of the language are written in small letters: `{}`", word.spelling))
        }
        (Some(Kind::Where), _) if at < end && !expected.has_label(Label::Item) => {
            problem.help("`where` only starts a clause; in parentheses after rows the condition stands alone")
        }
        _ => problem,
    })
}

/// `a`, `b` or `c`; of many, the first few.
fn one_of(words: &[String]) -> String {
    const SHOWN: usize = 6;
    match words {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] if words.len() <= SHOWN => format!("{} or {last}", first.join(", ")),
        many => {
            format!("{} or another word", many.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", "))
        }
    }
}

fn explain(tape: &Tape, problem: &Problem) -> Diagnostic {
    match problem {
        Problem::Mixed { operators, operands } => mixed(tape, operators, operands),
        Problem::AtLeast { words, sign } => at_least(tape, *words, *sign),
        Problem::Window { window, length } => window_without_date(tape, *window, *length),
        Problem::Unit { number, unit } => unit_word(tape, *number, *unit),
        Problem::Chained { operators, operands } => chained(tape, operators, operands),
    }
}

fn mixed(tape: &Tape, operators: &[(Kind, Span)], operands: &[Span]) -> Diagnostic {
    let place =
        |kind: Kind| operators.iter().find(|(found, _)| *found == kind).map(|(_, span)| tape.range(*span));
    let first = operands.first().map_or(Span { start: 0, end: 0 }, |span| *span);
    let and = place(Kind::And).unwrap_or_else(|| tape.range(first));
    let problem = Diagnostic::error(
        codes::MIXED,
        "`and` and `or` are mixed, so this can be read two ways",
        and,
        "belongs to which side?",
    );
    let problem = match place(Kind::Or) {
        Some(or) => problem.label(or, "mixed with this"),
        None => problem,
    };
    [Kind::And, Kind::Or].into_iter().fold(
        problem
            .note("neither of the two binds tighter; parentheses say what is meant")
            .help("put parentheses around one of the two pairs"),
        |problem, kind| {
            problem.fix(
                format!("put parentheses around what {kind} joins"),
                parentheses(tape, kind, operators, operands),
            )
        },
    )
}

/// Parentheses around every run of operands that `kind` joins.
fn parentheses(
    tape: &Tape,
    kind: Kind,
    operators: &[(Kind, Span)],
    operands: &[Span],
) -> Vec<(Range, String)> {
    let mut edits = Vec::new();
    let mut open = false;
    for (at, operand) in operands.iter().enumerate() {
        let joined = operators.get(at).is_some_and(|(next, _)| *next == kind);
        let range = tape.range(*operand);
        if joined && !open {
            edits.push((Range::new(range.file, range.start, range.start), "(".to_owned()));
        }
        if open && !joined {
            edits.push((Range::new(range.file, range.end, range.end), ")".to_owned()));
        }
        open = joined;
    }
    edits
}

fn at_least(tape: &Tape, words: Span, sign: Relop) -> Diagnostic {
    let (spelling, sign) = match sign {
        Relop::GreaterOrEqual => ("at least", ">="),
        Relop::LessOrEqual => ("at most", "<="),
        Relop::Equal | Relop::NotEqual | Relop::Less | Relop::Greater => ("exactly", "="),
    };
    let range = tape.range(words);
    let label = if sign == "=" { "counts rows" } else { "a date was expected after `at`" };
    Diagnostic::error(
        codes::AT_LEAST,
        format!("`{spelling}` counts rows; a value is compared with a sign"),
        range,
        label,
    )
    .note(format!("`{spelling} 2 visits` is a count, `age {sign} 18 years` a comparison"))
    .fix(format!("write `{sign}`"), vec![(range, sign.to_owned())])
}

fn window_without_date(tape: &Tape, window: Span, length: Span) -> Diagnostic {
    let written = tape.slice_of(window);
    Diagnostic::error(
        codes::WINDOW_WITHOUT_DATE,
        "this window has no date to start from",
        tape.range(length),
        "of what?",
    )
    .help(format!("from a date: `{written} of index`, `{written} before index`"))
    .help(format!("between rows: `at least 2 visits {written} of each other`"))
}

fn unit_word(tape: &Tape, number: Span, unit: Span) -> Diagnostic {
    let word = tape.slice_of(unit);
    let range = tape.range(unit);
    let number = tape.slice_of(number);
    let meant = match word.to_lowercase().as_str() {
        "d" | "dy" => Some("days"),
        "wk" | "wks" | "w" => Some("weeks"),
        "mo" | "mos" | "mth" | "mths" | "mon" => Some("months"),
        "y" | "yr" | "yrs" | "a" => Some("years"),
        "h" | "hr" | "hrs" | "hour" | "hours" | "min" | "minute" | "minutes" | "second" | "seconds" => {
            return Diagnostic::error(
                codes::UNKNOWN_UNIT_WORD,
                format!("a duration has no part smaller than a day, such as `{word}`"),
                range,
                "smaller than a day",
            )
            .note("dates are whole days; a duration is days, weeks, months or years")
            .help(format!("a measured time is a quantity: `{number} 'h'`"));
        }
        "percent" => Some("%"),
        lower => diag::near_names(lower, ["days", "weeks", "months", "years"]).first().copied(),
    };
    // A unit with a sign or digit in it is no slip of spelling.
    if let Some(meant) = meant.filter(|_| unit.end - unit.start == 1) {
        return Diagnostic::error(
            codes::UNKNOWN_UNIT_WORD,
            format!("`{word}` is not a unit of time"),
            range,
            "not a unit",
        )
        .note("a duration is days, weeks, months or years; any other unit stands in single quotes")
        .likely(format!("write `{meant}`"), vec![(range, meant.to_owned())]);
    }
    Diagnostic::error(
        codes::UNIT_NOT_QUOTED,
        "a unit other than `%` and day to year is written in single quotes",
        range,
        "a unit without quotes",
    )
    .fix(format!("write `{number} '{word}'`"), vec![(range, format!("'{word}'"))])
}

fn chained(tape: &Tape, operators: &[Span], operands: &[Span]) -> Diagnostic {
    let second = operators.get(1).or(operators.first()).copied().unwrap_or(Span { start: 0, end: 0 });
    let mut parts = Vec::new();
    for (operator, pair) in operators.iter().zip(operands.windows(2)) {
        if let [left, right] = pair {
            parts.push(format!(
                "{} {} {}",
                tape.slice_of(*left),
                tape.slice_of(*operator),
                tape.slice_of(*right)
            ));
        }
    }
    let problem = Diagnostic::error(
        codes::CHAINED_COMPARISON,
        "comparisons do not chain",
        tape.range(second),
        "a second comparison of the same value",
    )
    .note("the result of a comparison is true or false, which is not compared further");
    match operands.first().zip(operands.last()) {
        Some((first, last)) => {
            let whole = tape.range(Span { start: first.start, end: last.end });
            problem.fix("compare twice", vec![(whole, format!("({})", parts.join(" and ")))])
        }
        None => problem,
    }
}
