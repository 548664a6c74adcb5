//! From text to tree: cut the tape into items and clauses, parse each by itself.
//!
//! Nothing here fails. A piece that does not parse is an error node over its tokens, with at least one
//! diagnostic inside it, and the next piece is parsed as if it stood alone.

use chumsky::Parser as _;
use chumsky::inspector::SimpleState;
use diag::Diagnostic;
use text::{FileId, Range};

use crate::brackets::{DEEPEST, closing, too_deep};
use crate::codes;
use crate::grammar::{Grammar, Rule, Source};
use crate::lexer::lex;
use crate::problems;
use crate::split::Cuts;
use crate::tape::{Tape, index};
use crate::tokens::Kind;
use crate::tree::{Agreement, AgreementClause, AgreementClauseKind, Clause, Cohort, File, Item, Span, Table};

/// A text, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parsed {
    /// Its tokens.
    pub tape: Tape,
    /// What it says.
    pub file: File,
}

impl Parsed {
    /// The bytes of a stretch of tokens.
    pub fn range(&self, span: Span) -> Range {
        self.tape.range(span)
    }
}

/// Reads a text. Never fails and never panics: what cannot be read is an error node in the tree and
/// has a diagnostic. Diagnostics are in the order of the text.
pub fn parse(file: FileId, text: &str) -> (Parsed, Vec<Diagnostic>) {
    let (parsed, mut diagnostics, _) = whole(file, text);
    diag::sort(&mut diagnostics);
    (parsed, diagnostics)
}

/// Whether a text stops in the middle of something: it has faults, and each is that more was expected at
/// its end. Who types such a text has not finished yet.
pub fn wants_more(text: &str) -> bool {
    let (_, diagnostics, unfinished) = whole(FileId(0), text);
    let errors = diagnostics.iter().filter(|diagnostic| diagnostic.is_error()).count();
    errors > 0 && errors == unfinished
}

/// The tree, what is wrong, and how much of that is wrong only because the text ends.
fn whole(file: FileId, text: &str) -> (Parsed, Vec<Diagnostic>, usize) {
    let (tape, mut diagnostics) = lex(file, text);
    let (items, unfinished) = {
        let cuts = Cuts { kinds: tape.kinds() };
        let closing = closing(tape.kinds(), |at| cuts.reserved_item(at));
        let mut reader = Reader {
            tape: &tape,
            cuts,
            closing: &closing,
            grammar: Grammar::new(),
            problems: Vec::new(),
            unfinished: 0,
        };
        let items = reader.file();
        diagnostics.append(&mut reader.problems);
        (items, reader.unfinished)
    };
    (Parsed { tape, file: File { items } }, diagnostics, unfinished)
}

struct Reader<'s> {
    tape: &'s Tape,
    cuts: Cuts<'s>,
    closing: &'s [Option<u32>],
    grammar: Grammar<'s>,
    problems: Vec<Diagnostic>,
    /// How many of them say that more was expected where the text ends.
    unfinished: usize,
}

impl<'s> Reader<'s> {
    fn file(&mut self) -> Vec<Item> {
        let end = self.tape.kinds().len();
        let starts = self.starts(0, end, Cuts::contextual_item);
        pieces(0, end, &starts).map(|span| self.item(span)).collect()
    }

    /// Where pieces start between two tokens: outside closed brackets, where `here` says so, and for
    /// whole files at the reserved words of items in any place.
    fn starts(&self, from: usize, to: usize, here: impl Fn(&Cuts<'s>, usize) -> bool) -> Vec<usize> {
        let mut starts = Vec::new();
        let mut closed = from;
        for at in from..to {
            if self.cuts.reserved_item(at) {
                closed = at;
                starts.push(at);
            } else if at >= closed && here(&self.cuts, at) {
                starts.push(at);
            }
            if at >= closed
                && let Some(end) = self.closing.get(at).copied().flatten()
            {
                closed = end as usize;
            }
        }
        starts
    }

    fn item(&mut self, span: Span) -> Item {
        let kinds = self.kinds(span);
        if let Some(at) = too_deep(kinds) {
            let place =
                self.tape.range(Span { start: span.start + index(at), end: span.start + index(at) + 1 });
            self.problems.push(
                Diagnostic::error(
                    codes::TOO_DEEP,
                    format!("this is nested deeper than {DEEPEST}"),
                    place,
                    "too deep from here",
                )
                .note("brackets, `case`, `not` and long chains of operators count")
                .help("a part of it can be given a name with `define` or `let`"),
            );
            return Item::Error(span);
        }
        match kinds.first() {
            Some(Kind::Cohort | Kind::Table) => self.with_clauses(span),
            Some(Kind::Agreement) => self.agreement(span),
            _ => self.read(|grammar| &grammar.item, span).unwrap_or(Item::Error(span)),
        }
    }

    /// A cohort or a table: its head, then clause by clause.
    fn with_clauses(&mut self, span: Span) -> Item {
        let (from, to) = (span.start as usize, span.end as usize);
        let starts = self.starts(from + 1, to, Cuts::clause);
        let head = Span { start: span.start, end: starts.first().map_or(span.end, |at| index(*at)) };
        let read = self.read(|grammar| &grammar.item, head);
        let clauses: Vec<Clause> =
            pieces(head.end as usize, to, &starts).map(|span| self.clause(span)).collect();
        match read {
            Some(Item::Cohort(cohort)) => {
                self.misplaced(&clauses, "cohort");
                Item::Cohort(Cohort { clauses, span, ..cohort })
            }
            Some(Item::Table(table)) => {
                self.misplaced(&clauses, "table");
                Item::Table(Table { clauses, span, ..table })
            }
            Some(_) | None => Item::Error(span),
        }
    }

    fn clause(&mut self, span: Span) -> Clause {
        self.read(|grammar| &grammar.clause, span).unwrap_or(Clause::Error(span))
    }

    /// Clauses that the item cannot have.
    fn misplaced(&mut self, clauses: &[Clause], item: &str) {
        for clause in clauses {
            let (belongs, span) = match clause {
                Clause::Index(index) => ("cohort", index.span),
                Clause::Exit(exit) => ("cohort", exit.span),
                Clause::Match(matching) => ("cohort", matching.span),
                Clause::Draw(draw) => ("cohort", draw.span),
                Clause::Each(each) => ("table", each.span),
                Clause::Group(group) => ("table", group.span),
                Clause::Frequency(frequency) => ("table", frequency.span),
                Clause::Show(columns) => ("table", columns.span),
                Clause::Order(order) => ("table", order.span),
                Clause::Limit(limit) => ("table", limit.span),
                Clause::Where(_) | Clause::Let(_) | Clause::Error(_) => continue,
            };
            if belongs == item {
                continue;
            }
            let word = self.tape.text(span.start);
            let help = match item {
                "cohort" => "a cohort is who; what is shown of it is a table: `table t = from the_cohort …`",
                _ => "index, exit, matching and drawing belong to the cohort that the table is taken from",
            };
            let place = self.tape.range(Span { start: span.start, end: span.start + 1 });
            self.problems.push(
                Diagnostic::error(
                    codes::MISPLACED_CLAUSE,
                    format!("a {item} has no clause `{word}`"),
                    place,
                    format!("a clause of a {belongs}"),
                )
                .help(help),
            );
        }
    }

    /// An agreement: its head, its lines, its closing brace.
    fn agreement(&mut self, span: Span) -> Item {
        let (from, to) = (span.start as usize, span.end as usize);
        let open = (from..to).find(|at| self.tape.kinds().get(*at) == Some(&Kind::OpenBrace));
        let Some(open) = open else {
            // The head says what is missing.
            self.read(|grammar| &grammar.agreement, span);
            return Item::Error(span);
        };
        let head = self.read(|grammar| &grammar.agreement, Span { start: span.start, end: index(open + 1) });
        let close = self.closing.get(open).copied().flatten();
        let inner = close.map_or(to, |close| close as usize);
        if close.is_none() {
            let brace = self.tape.range(Span { start: index(open), end: index(open + 1) });
            self.problems.push(Diagnostic::error(
                codes::UNEXPECTED,
                "`}` is missing at the end of the agreement",
                brace,
                "never closed",
            ));
        }
        if let Some(close) = close.filter(|close| (*close as usize) + 1 < to) {
            self.read(|grammar| &grammar.item, Span { start: close + 1, end: span.end });
        }
        let starts = self.starts(open + 1, inner, Cuts::line);
        let clauses = pieces(open + 1, inner, &starts)
            .map(|span| {
                let failed = AgreementClause { kind: AgreementClauseKind::Error, span };
                self.read(|grammar| &grammar.line, span).unwrap_or(failed)
            })
            .collect();
        match head {
            Some((name, version)) => Item::Agreement(Agreement { name, version, clauses, span }),
            None => Item::Error(span),
        }
    }

    fn kinds(&self, span: Span) -> &'s [Kind] {
        self.tape.kinds().get(span.start as usize..span.end as usize).unwrap_or(&[])
    }

    /// Reads a stretch with a rule; `None` where it did not parse, which is then said.
    fn read<T>(
        &mut self,
        rule: impl for<'g> Fn(&'g Grammar<'s>) -> &'g Rule<'s, T>,
        span: Span,
    ) -> Option<T> {
        let source = Source { tape: self.tape, closing: self.closing, offset: span.start };
        let mut state = SimpleState(source);
        let (output, failures) =
            rule(&self.grammar).parse_with_state(self.kinds(span), &mut state).into_output_errors();
        let end = index(self.tape.kinds().len());
        for failure in &failures {
            if let Some(problem) = problems::diagnostic(self.tape, failure, span.start, span.end) {
                self.unfinished += usize::from(problems::is_at_end(failure, span.start, end));
                self.problems.push(problem);
            }
        }
        output
    }
}

/// The stretches between starts; what lies before the first start is one too, unless empty.
fn pieces(from: usize, to: usize, starts: &[usize]) -> impl Iterator<Item = Span> {
    let first = (starts.first() != Some(&from)).then_some(from);
    let begins: Vec<usize> = first.into_iter().chain(starts.iter().copied()).collect();
    let ends: Vec<usize> = begins.iter().skip(1).copied().chain(std::iter::once(to)).collect();
    begins
        .into_iter()
        .zip(ends)
        .filter(|(start, end)| start < end)
        .map(|(start, end)| Span { start: index(start), end: index(end) })
}

#[cfg(test)]
mod tests {
    use super::wants_more;

    #[test]
    fn what_is_unfinished_is_not_wrong() {
        for text in [
            "cohort c =",
            "table t = from subjects group by",
            "table t = from subjects where has phenotype in [HP:0001250,",
            "table t = from subjects group by band(age, 10 years",
            "cohort c = from subjects where has phenotype and",
            "cohort c = from subjects where has phenotype within 12 months",
            "use agreement",
        ] {
            assert!(wants_more(text), "{text}");
        }
        for text in [
            "",
            "cohort c = from subjects where sex = male",
            "cohort = from subjects where",
            "table t = from subjects show = 1 group by",
            "use agreement \"A",
            "table t = from subjects where sex = male and or",
            "cohort c = from subjects where age >= 18 yrs",
        ] {
            assert!(!wants_more(text), "{text}");
        }
    }
}
