//! No text breaks the parser: random tokens, random bytes, deep and long texts.
//!
//! The random numbers come from a fixed seed, so a failure happens again.

use std::fmt::Write as _;

use syntax::{KEYWORDS, Node, Parsed, Piece, children, parse, walk};
use text::FileId;

use crate::shared;

/// Marsaglia's xorshift with 64 bits of state.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % bound.max(1) as u64).unwrap_or(0)
    }
}

/// What holds for every text: nothing of it is lost, nodes lie in their parents in order, and an error
/// node is explained.
fn check(source: &str) -> Parsed {
    let (parsed, problems) = parse(FileId(0), source);
    let mut again = String::new();
    for piece in parsed.tape.pieces() {
        match piece {
            Piece::Space(text) => {
                assert!(text.trim_matches([' ', '\t', '\r', '\n']).is_empty(), "{text:?} in {source:?}");
                again.push_str(text);
            }
            Piece::Comment(text) | Piece::Token(_, text) => again.push_str(text),
        }
    }
    assert_eq!(again, source);
    let mut end = 0;
    for item in &parsed.file.items {
        assert_eq!(item.span().start, end, "items cover the tape: {source:?}");
        end = item.span().end;
    }
    assert_eq!(end as usize, parsed.tape.tokens().len());
    walk(&parsed.file, &mut |node| {
        let span = node.span();
        let mut at = span.start;
        children(node, &mut |child| {
            let inner = child.span();
            assert!(at <= inner.start && inner.end <= span.end, "{child:?} in {node:?} of {source:?}");
            at = inner.end;
        });
        if is_error(node) {
            assert!(!problems.is_empty(), "{node:?} is not explained in {source:?}");
        }
        true
    });
    for problem in &problems {
        for label in &problem.labels {
            let range = label.range.start as usize..label.range.end as usize;
            assert!(source.get(range.clone()).is_some(), "{range:?} of {source:?}");
        }
        for (range, _) in problem.fixes.iter().flat_map(|fix| &fix.edits) {
            assert!(source.get(range.start as usize..range.end as usize).is_some());
        }
    }
    parsed
}

fn is_error(node: Node<'_>) -> bool {
    use syntax::tree::{Clause, ExprKind, Item};
    match node {
        Node::Item(Item::Error(_)) | Node::Clause(Clause::Error(_)) => true,
        Node::Expr(expr) => expr.kind == ExprKind::Error,
        _ => false,
    }
}

/// Programs to start from.
fn programs() -> Vec<String> {
    let forms = include_str!("forms.txt");
    let mut programs: Vec<String> = forms
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.get(2..))
        .map(str::to_owned)
        .collect();
    programs.push(programs.join("\n-- why\n\n"));
    if let Some(page) = shared::design("grammar.md") {
        programs.extend(shared::blocks(&page, "bq"));
    }
    programs
}

#[test]
fn token_soup_never_panics() {
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    let literals = [
        "x",
        "`a b`",
        "1",
        "0.5",
        "2026-06-01",
        "\"t\"",
        "'mg'",
        "HP:1",
        "rs1",
        "GRCh38:chrX",
        "NM_1.1:c.1A>G",
        "-- c\n",
        "--| d\n",
        "$",
        "\"open\n",
        "WHERE",
        "a-1",
        "A-1",
        "\n\n",
    ];
    for _ in 0..3_000 {
        let mut soup = String::new();
        for _ in 0..random.below(60) {
            let word = match random.below(KEYWORDS.len() + 3 * literals.len()) {
                at if at < KEYWORDS.len() => KEYWORDS[at].spelling,
                at => literals[at % literals.len()],
            };
            let _ = write!(soup, "{word}{}", if random.below(8) == 0 { "" } else { " " });
        }
        check(&soup);
    }
}

#[test]
fn mutated_programs_never_panic() {
    let mut random = Random(42);
    let alphabet = [
        "(", ")", "[", "]", "{", "}", ",", ".", " ", "\n", "\"", "'", "`", "-", "=", "é", "\u{202E}", "\0",
        "a", "1", " and ", " where ",
    ];
    for program in programs() {
        check(&program);
        for _ in 0..40 {
            let mut mutated = program.clone();
            for _ in 0..=random.below(4) {
                let at = (random.below(mutated.len() + 1)..=mutated.len())
                    .find(|at| mutated.is_char_boundary(*at))
                    .unwrap_or(mutated.len());
                let mut end = (at + random.below(6)).min(mutated.len());
                while !mutated.is_char_boundary(end) {
                    end -= 1;
                }
                let with = alphabet[random.below(alphabet.len())];
                mutated.replace_range(at..end.max(at), if random.below(3) == 0 { "" } else { with });
            }
            check(&mutated);
        }
    }
}

// Deep nesting is refused, long texts are read, both on a stack of 512 KiB.
#[test]
fn small_stacks_are_enough() {
    let deep = |open: &str, inner: &str, close: &str, times: usize| {
        format!("define x = {}{inner}{}", open.repeat(times), close.repeat(times))
    };
    let mut sources = Vec::new();
    for times in [30, 190, 250, 20_000] {
        for (open, inner, close) in [
            ("(", "a", ")"),
            ("f(", "a", ")"),
            ("[", "a", "]"),
            ("not ", "a", ""),
            ("- ", "a", ""),
            ("not (", "a", ")"),
            ("a.b(", "c", ")"),
            ("a in b (", "c", ")"),
            ("case when ", "a", " then b otherwise c"),
            ("case when a then b otherwise ", "a", ""),
            ("(", "", ""),
            ("", "a", ")"),
            ("a + ", "b", ""),
            ("a * ", "b", ""),
            ("a.", "b", ""),
            ("(a + ", "b", ")"),
        ] {
            sources.push(deep(open, inner, close, times));
        }
    }
    sources.push(format!("define x = a{}", " and has b (c = 1)".repeat(60_000)));
    sources.push(format!("define x = a{}", " or b and c".repeat(10_000)));
    sources.push(format!("define x = a{}", " < b".repeat(20_000)));
    sources.push(format!("define x = a{}", " before b".repeat(10_000)));
    sources.push("where ".repeat(170_000));
    sources.push("define x = a\n".repeat(10_000));
    sources.push(format!("table t = from s{}", " where a (b where c)".repeat(10_000)));
    sources.push("table t = from s show a {".repeat(10_000));
    sources.push("$".repeat(1 << 20));
    sources.push("$a".repeat(1 << 18));
    sources.push("\"".repeat(1 << 20));
    let thread = std::thread::Builder::new().stack_size(512 << 10).spawn(move || {
        for source in &sources {
            let (parsed, problems) = parse(FileId(0), source);
            drop(problems);
            walk(&parsed.file, &mut |_| true);
        }
    });
    thread.expect("a thread starts").join().expect("no text exhausts the stack");
}

// A broken item or clause leaves its neighbours alone, and each has its own diagnostic.
#[test]
fn one_bad_piece_hides_nothing() {
    let source = "define a = (1 +\ncohort c = from s where x = where y: z where (b c)\n\
                  table t = frm s where q = \nentity e from table t\ndefine d = 2";
    let parsed = check(source);
    let problems = parse(FileId(0), source).1;
    let lines: Vec<usize> = problems
        .iter()
        .filter_map(diag::Diagnostic::range)
        .map(|range| source[..range.start as usize].matches('\n').count())
        .collect();
    assert_eq!(lines, [0, 1, 1, 2, 2, 3], "{problems:#?}");
    assert!(matches!(&parsed.file.items[1], syntax::tree::Item::Cohort(cohort) if cohort.clauses.len() == 3));
    assert!(matches!(parsed.file.items.last(), Some(syntax::tree::Item::Define(_))));
}

// A bad column is said and left out; its neighbours stay in the entity.
#[test]
fn one_bad_column_leaves_the_others() {
    let source =
        "entity e from table t key k linkage public { a : int general b int c : text public many : d by }";
    let (parsed, problems) = parse(FileId(0), source);
    let [syntax::tree::Item::Entity(entity)] = parsed.file.items.as_slice() else {
        panic!("{:?}", parsed.file)
    };
    let names: Vec<&str> = entity.fields.iter().map(|field| field.name.text.as_str()).collect();
    assert_eq!(names, ["a", "c", "many"], "{problems:#?}");
    assert_eq!(problems.len(), 2, "{problems:#?}");
}
