//! Lists of codes: the same code twice, a code that another one of the list holds, `excluding` what is not there,
//! `only` that changes nothing or leaves out more than it seems to.

use crate::Input;
use diag::{Code, Diagnostic};
use std::collections::BTreeSet;
use syntax::tree::{CodesValue, End, Entry, ExprKind, Item, List, Literal, LiteralKind, Member, Set};
use syntax::{Node, walk};
use text::Range;
use types::CodeStatus;

pub(crate) fn lint(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    walk(&input.main.file, &mut |node| {
        match node {
            Node::List(list) => {
                of_list(input, list, found);
                for entry in &list.entries {
                    if let Entry::Only(literal, span) = entry {
                        only(input, literal, input.main.range(*span), found);
                    }
                }
            }
            Node::Set(set) => of_set(input, set, found),
            _ => {}
        }
        true
    });
}

/// The CURIE of a code literal, its successor where it was replaced.
fn curie(input: &Input<'_>, literal: &Literal) -> Option<String> {
    let LiteralKind::Code { system, code, .. } = &literal.kind else { return None };
    let written = format!("{system}:{code}");
    Some(match input.vocabulary.code(&written) {
        CodeStatus::ReplacedBy { id, .. } => id,
        CodeStatus::Current(_) | CodeStatus::Obsolete(_) | CodeStatus::Unknown | CodeStatus::Unlisted => {
            written
        }
    })
}

/// Whether a code stands for another one too.
fn covers(input: &Input<'_>, above: &str, below: &str) -> bool {
    let system = system(above);
    if above == below || system != self::system(below) {
        return false;
    }
    if input.vocabulary.has_closure(system) {
        return input.vocabulary.ancestors_or_self(below).iter().any(|one| one == above);
    }
    types::is_by_prefix(system) && below.starts_with(above)
}

fn system(curie: &str) -> &str {
    curie.split(':').next().unwrap_or(curie)
}

/// One entry of a list as the words that tell it from others.
struct Listed {
    words: String,
    /// The code, where it is one.
    code: Option<String>,
    only: bool,
    range: Range,
}

fn listed(input: &Input<'_>, entry: &Entry) -> Option<Listed> {
    let at = |span| input.main.range(span);
    let of_literal = |literal: &Literal, only: bool, range: Range| {
        let code = curie(input, literal);
        let words = match (&code, &literal.kind) {
            (Some(code), _) => code.clone(),
            (None, _) => input.main.tape.slice_of(literal.span).to_owned(),
        };
        Listed { words, code, only, range }
    };
    match entry {
        Entry::Only(literal, span) => Some(of_literal(literal, true, at(*span))),
        Entry::Range(..) => None,
        Entry::Expr(expr) => match &expr.kind {
            ExprKind::Literal(literal) => Some(of_literal(literal, false, at(expr.span))),
            ExprKind::Call(call) if call.arguments.is_none() => {
                Some(Listed { words: call.name.text.clone(), code: None, only: false, range: at(expr.span) })
            }
            _ => None,
        },
    }
}

fn of_list(input: &Input<'_>, list: &List, found: &mut Vec<Diagnostic>) {
    let entries: Vec<Listed> = list.entries.iter().filter_map(|entry| listed(input, entry)).collect();
    for (at, entry) in entries.iter().enumerate() {
        let (before, after) = entries.split_at(at);
        if let Some(first) =
            before.iter().find(|other| other.words == entry.words && (!other.only || entry.only))
        {
            found.push(
                Diagnostic::warning(
                    Code("W0108"),
                    format!("`{}` stands twice in this list", entry.words),
                    entry.range,
                    "the same again",
                )
                .label(first.range, "the first one"),
            );
            continue;
        }
        let Some(code) = &entry.code else { continue };
        let above = before
            .iter()
            .chain(after)
            .find(|other| !other.only && other.code.as_ref().is_some_and(|above| covers(input, above, code)));
        if let Some(above) = above {
            found.push(
                Diagnostic::warning(
                    Code("W0109"),
                    format!("`{code}` is in the list already, with `{}`", above.words),
                    entry.range,
                    "a descendant",
                )
                .label(above.range, "stands for all its descendants")
                .help("for the upper term alone, write `only` before it"),
            );
        }
    }
}

/// The codes that a member stands for, as far as they are written out here.
#[derive(Debug, Default)]
struct Held {
    exact: BTreeSet<String>,
    prefixes: Vec<String>,
}

impl Held {
    fn meets(&self, other: &Held) -> bool {
        let of = |prefix: &String, codes: &BTreeSet<String>| {
            codes.iter().any(|code| code.starts_with(prefix.as_str()))
        };
        self.exact.intersection(&other.exact).next().is_some()
            || self.prefixes.iter().any(|prefix| of(prefix, &other.exact))
            || other.prefixes.iter().any(|prefix| of(prefix, &self.exact))
            || self.prefixes.iter().any(|a| {
                other.prefixes.iter().any(|b| a.starts_with(b.as_str()) || b.starts_with(a.as_str()))
            })
    }
}

/// `None` where it cannot be told without looking further.
fn held(input: &Input<'_>, member: &Member, depth: u8) -> Option<Held> {
    let mut all = Held::default();
    match member {
        Member::Range(..) => return None,
        Member::End(End::Literal { only, literal }) => hold(input, literal, *only, &mut all)?,
        Member::End(End::Path(path)) => {
            let [name] = path.names.as_slice() else { return None };
            return named(input, &name.text, depth);
        }
        Member::List(list) => {
            for entry in &list.entries {
                match entry {
                    Entry::Only(literal, _) => hold(input, literal, true, &mut all)?,
                    Entry::Range(..) => return None,
                    Entry::Expr(expr) => match &expr.kind {
                        ExprKind::Literal(literal) => hold(input, literal, false, &mut all)?,
                        ExprKind::Call(call) if call.arguments.is_none() => {
                            let more = named(input, &call.name.text, depth)?;
                            all.exact.extend(more.exact);
                            all.prefixes.extend(more.prefixes);
                        }
                        _ => return None,
                    },
                }
            }
        }
    }
    Some(all)
}

fn named(input: &Input<'_>, name: &str, depth: u8) -> Option<Held> {
    // A name stands for a name for a name at most so often in practice.
    let depth = depth.checked_sub(1)?;
    input.main.file.items.iter().find_map(|item| match item {
        Item::Codes(codes) if codes.name.text == name => match &codes.value {
            CodesValue::Set(set) if set.excluding.is_none() => held(input, &set.member, depth),
            CodesValue::Set(_) | CodesValue::File(_) => None,
        },
        _ => None,
    })
}

fn hold(input: &Input<'_>, literal: &Literal, only: bool, all: &mut Held) -> Option<()> {
    let code = curie(input, literal)?;
    let system = system(&code);
    if !only && input.vocabulary.has_closure(system) {
        all.exact.extend(input.vocabulary.descendants_or_self(&code));
    } else if !only && types::is_by_prefix(system) {
        all.prefixes.push(code);
    } else {
        all.exact.insert(code);
    }
    Some(())
}

fn of_set(input: &Input<'_>, set: &Set, found: &mut Vec<Diagnostic>) {
    for member in std::iter::once(&set.member).chain(&set.excluding) {
        if let Member::End(End::Literal { only: true, literal }) = member {
            // `only` stands just before its code.
            let range = input.main.range(syntax::tree::Span {
                start: literal.span.start.saturating_sub(1),
                end: literal.span.end,
            });
            only(input, literal, range, found);
        }
    }
    let Some(excluding) = &set.excluding else { return };
    let (Some(all), Some(out)) = (held(input, &set.member, 8), held(input, excluding, 8)) else { return };
    if !all.meets(&out) {
        found.push(
            Diagnostic::warning(
                Code("W0110"),
                "`excluding` takes out what this set does not hold",
                input.main.range(set.span),
                "nothing is taken out",
            )
            .help("name a descendant of a code of the set, or leave `excluding` out"),
        );
    }
}

/// `only CODE`; `range` begins at the word.
fn only(input: &Input<'_>, literal: &Literal, range: Range, found: &mut Vec<Diagnostic>) {
    let Some(code) = curie(input, literal) else { return };
    let system = system(&code);
    let at = input.main.range(literal.span);
    if input.vocabulary.has_closure(system) {
        let below = input.vocabulary.descendants_or_self(&code).len().saturating_sub(1);
        if below > 0 {
            let terms = if below == 1 {
                "1 more specific term".to_owned()
            } else {
                format!("{below} more specific terms")
            };
            found.push(
                Diagnostic::warning(
                    Code("W0112"),
                    format!("`only {code}` leaves out people recorded with {terms}"),
                    range,
                    "this term alone",
                )
                .note("people are recorded with the most specific term that is known, and that implies those above it"),
            );
            return;
        }
    } else if types::is_by_prefix(system) {
        return;
    }
    let word = Range::new(range.file, range.start, at.start);
    found.push(
        Diagnostic::warning(
            Code("W0111"),
            format!("`{code}` has no descendants, so `only` changes nothing"),
            range,
            "the same without `only`",
        )
        .fix("leave `only` out", vec![(word, String::new())]),
    );
}
