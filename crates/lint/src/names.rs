//! Names that nothing uses, and names that are easily taken for each other.

use crate::Input;
use diag::{Code, Diagnostic};
use syntax::Parsed;
use syntax::tree::{Clause, Item, Name, Span};
use text::Range;

pub(crate) fn lint(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    let parsed = input.main;
    unused(parsed, found);
    lets(parsed, found);
    alike(parsed, found);
}

/// Whether the words of a name stand anywhere in some tokens, other than where it is given.
fn used(parsed: &Parsed, name: &Name, within: Span) -> bool {
    (within.start..within.end)
        .filter(|token| !(name.span.start..name.span.end).contains(token))
        .any(|token| parsed.tape.text(token).trim_matches('`') == name.text)
}

fn whole(parsed: &Parsed) -> Span {
    Span { start: 0, end: u32::try_from(parsed.tape.tokens().len()).unwrap_or(u32::MAX) }
}

fn unused(parsed: &Parsed, found: &mut Vec<Diagnostic>) {
    let items = &parsed.file.items;
    // A file without a question of its own holds definitions for others.
    let asks = items.iter().any(|item| matches!(item, Item::Cohort(_) | Item::Table(_) | Item::Report(_)));
    let answers = items.iter().any(|item| matches!(item, Item::Table(_) | Item::Report(_) | Item::Test(_)));
    let mut tell = |code, name: &Name, what: &str, help: &str| {
        if used(parsed, name, whole(parsed)) {
            return;
        }
        found.push(
            Diagnostic::warning(
                Code(code),
                format!("{what} `{}` is never used", name.text),
                parsed.range(name.span),
                "not used",
            )
            .help(help),
        );
    };
    for item in items {
        match item {
            Item::Define(define) if asks => tell("W0101", &define.name, "definition", "use it, or remove it"),
            Item::Codes(codes) if asks => {
                tell("W0102", &codes.name, "code set", "use it with `in`, or remove it");
            }
            Item::Param(param) => tell(
                "W0103",
                &param.formal.name,
                "parameter",
                "a value given on the command line changes nothing: use it, or remove it",
            ),
            Item::Import(import) => {
                for name in &import.names {
                    tell("W0105", name, "imported name", "remove it from the list of names");
                }
            }
            Item::Cohort(cohort) if answers => {
                tell("W0106", &cohort.name, "cohort", "take a table from it, or remove it");
            }
            _ => {}
        }
    }
}

fn clauses(item: &Item) -> Option<(&[Clause], Span)> {
    match item {
        Item::Cohort(cohort) => Some((&cohort.clauses, cohort.span)),
        Item::Table(table) => Some((&table.clauses, table.span)),
        _ => None,
    }
}

fn lets(parsed: &Parsed, found: &mut Vec<Diagnostic>) {
    for (clauses, span) in parsed.file.items.iter().filter_map(clauses) {
        for clause in clauses {
            let Clause::Let(clause) = clause else { continue };
            if !used(parsed, &clause.name, span) {
                found.push(
                    Diagnostic::warning(
                        Code("W0104"),
                        format!("`let {}` is never used", clause.name.text),
                        parsed.range(clause.name.span),
                        "not used in this item",
                    )
                    .note("a `let` is known in the item in which it stands, and nowhere else"),
                );
            }
        }
    }
}

/// Two names of a file that one letter tells apart.
fn alike(parsed: &Parsed, found: &mut Vec<Diagnostic>) {
    let mut names: Vec<(&Name, Range)> = Vec::new();
    for item in &parsed.file.items {
        let name = match item {
            Item::Define(define) if define.entity.is_none() => &define.name,
            Item::Codes(codes) => &codes.name,
            Item::Param(param) => &param.formal.name,
            Item::Cohort(cohort) => &cohort.name,
            Item::Table(table) => &table.name,
            _ => continue,
        };
        let range = parsed.range(name.span);
        if let Some((other, before)) = names.iter().find(|(other, _)| too_near(&other.text, &name.text)) {
            found.push(
                Diagnostic::warning(
                    Code("W0107"),
                    format!("`{}` and `{}` are easily taken for each other", other.text, name.text),
                    range,
                    "a near name",
                )
                .label(*before, "this one")
                .help("give one of them a name that says how they differ"),
            );
        }
        names.push((name, range));
    }
}

/// Whether two names differ by capitals, underscores or one letter. Numbers at the end are meant to differ.
fn too_near(a: &str, b: &str) -> bool {
    let plain = |name: &str| name.replace('_', "").to_lowercase();
    let (a, b) = (plain(a), plain(b));
    if a == b {
        return true;
    }
    let stem = |name: &str| name.trim_end_matches(|letter: char| letter.is_ascii_digit()).to_owned();
    a.chars().count().min(b.chars().count()) >= 5 && stem(&a) != stem(&b) && diag::distance(&a, &b) == 1
}
