//! Where a text may be broken: gaps, groups and indents by the numbers of tokens.
//!
//! The tree says it, node by node; brackets are found on the tape, since they look alike everywhere.

use crate::space::Gap;
use std::collections::{BTreeMap, BTreeSet};
use syntax::tree::{AgreementClauseKind, Clause, Columns, Entity, ExprKind, FieldKind, Item, Span, Test};
use syntax::{Kind, Node, Parsed, walk, walk_node};

/// How a text is laid out.
#[derive(Debug, Default)]
pub(crate) struct Layout {
    /// The gap before a token, where the tree decides it.
    pub(crate) gaps: BTreeMap<u32, Gap>,
    /// Stretches that are one line where they fit. The gap before the first token is outside.
    pub(crate) groups: Vec<Span>,
    /// Stretches that are indented when broken. The gap before the first token is inside.
    pub(crate) nests: Vec<Span>,
    /// Stretches that are printed as they were written: what does not parse.
    pub(crate) verbatim: Vec<Span>,
}

impl Layout {
    pub(crate) fn of(parsed: &Parsed) -> Layout {
        let mut made = Made { parsed, layout: Layout::default(), blocks: BTreeSet::new() };
        made.items();
        walk(&parsed.file, &mut |node| {
            made.node(node);
            true
        });
        made.brackets();
        made.layout
    }
}

struct Made<'p> {
    parsed: &'p Parsed,
    layout: Layout,
    /// Braces whose lines are set by what stands in them.
    blocks: BTreeSet<u32>,
}

impl Made<'_> {
    fn gap(&mut self, token: u32, gap: Gap) {
        self.layout.gaps.insert(token, gap);
    }

    fn group(&mut self, span: Span) {
        if span.end > span.start + 1 {
            self.layout.groups.push(span);
        }
    }

    fn nest(&mut self, start: u32, end: u32) {
        if end > start {
            self.layout.nests.push(Span { start, end });
        }
    }

    fn kind(&self, token: u32) -> Option<Kind> {
        self.parsed.tape.kinds().get(token as usize).copied()
    }

    fn items(&mut self) {
        let mut before: Option<&Item> = None;
        for item in &self.parsed.file.items {
            if let Some(before) = before {
                let apart = stands_alone(before) || stands_alone(item);
                self.gap(item.span().start, if apart { Gap::Blank } else { Gap::Hard });
            }
            before = Some(item);
            self.broken(item);
        }
    }

    /// What does not parse stays as it is: the clause, or the item where it is not in a clause.
    fn broken(&mut self, item: &Item) {
        if !has_error(Node::Item(item)) {
            return;
        }
        let clauses: &[Clause] = match item {
            Item::Cohort(cohort) => &cohort.clauses,
            Item::Table(table) => &table.clauses,
            _ => &[],
        };
        let broken: Vec<Span> =
            clauses.iter().filter(|clause| has_error(Node::Clause(clause))).map(Clause::span).collect();
        if broken.is_empty() {
            self.layout.verbatim.push(item.span());
        } else {
            self.layout.verbatim.extend(broken);
        }
    }

    fn node(&mut self, node: Node<'_>) {
        match node {
            Node::Item(item) => self.item(item),
            Node::Clause(clause) => self.clause(clause),
            Node::Columns(columns) => self.columns(columns),
            Node::Expr(expr) => self.expr(&expr.kind, expr.span),
            Node::Call(call) => {
                // Rows with a condition and functions with arguments look alike; how the author wrote it stays.
                let open = call.name.span.end;
                if call.arguments.is_some() {
                    self.gap(open, if self.touches(open) { Gap::None } else { Gap::Space });
                }
            }
            Node::Person(person) => self.gap(person.span.start, Gap::Hard),
            Node::Field(field) => {
                self.gap(field.span.start, Gap::Hard);
                self.gap(field.name.span.end, Gap::Space);
                if let FieldKind::Column { members, .. } = &field.kind {
                    self.group(field.span);
                    self.nest(field.name.span.end, field.span.end);
                    for member in members {
                        self.gap(member.span.start - 1, Gap::Line);
                    }
                }
            }
            Node::AgreementClause(clause) => {
                self.gap(clause.span.start, Gap::Hard);
                self.group(clause.span);
                // The braces of release rules are indented by themselves.
                if !matches!(clause.kind, AgreementClauseKind::Release(_)) {
                    self.nest(clause.span.start + 1, clause.span.end);
                }
                match &clause.kind {
                    AgreementClauseKind::MayTest(grants) => {
                        self.filled(grants.iter().map(|grant| grant.span));
                    }
                    AgreementClauseKind::MayShow(shown) => self.filled(shown.iter().map(|expr| expr.span)),
                    AgreementClauseKind::Formats(names) => self.filled(names.iter().map(|name| name.span)),
                    AgreementClauseKind::Recipient(_)
                    | AgreementClauseKind::Purpose(_)
                    | AgreementClauseKind::Valid { .. }
                    | AgreementClauseKind::Level(_)
                    | AgreementClauseKind::Release(_)
                    | AgreementClauseKind::Error => {}
                }
            }
            _ => {}
        }
    }

    /// Whether nothing stands between a token and the one before it.
    fn touches(&self, token: u32) -> bool {
        let tokens = self.parsed.tape.tokens();
        let before = (token as usize).checked_sub(1).and_then(|at| tokens.get(at));
        before.zip(tokens.get(token as usize)).is_some_and(|(before, this)| before.end == this.start)
    }

    /// A line each, after the first.
    fn lines(&mut self, spans: impl Iterator<Item = Span>) {
        for span in spans.skip(1) {
            self.gap(span.start, Gap::Line);
        }
    }

    /// As many on a line as fit: lists of words that nobody reads one by one.
    fn filled(&mut self, spans: impl Iterator<Item = Span>) {
        for span in spans.skip(1) {
            self.gap(span.start, Gap::Fill);
        }
    }

    fn item(&mut self, item: &Item) {
        match item {
            Item::Cohort(cohort) => self.rows(cohort.span, cohort.from.span.start, &cohort.clauses),
            Item::Table(table) => self.rows(table.span, table.from.span.start, &table.clauses),
            Item::Define(define) => {
                // Lists and cases show by themselves that they go on.
                let flows = matches!(define.value.kind, ExprKind::List(_) | ExprKind::Case { .. });
                if !flows {
                    self.group(define.span);
                    self.nest(define.value.span.start, define.span.end);
                    self.gap(define.value.span.start, Gap::Line);
                }
                if self.kind(define.name.span.end) == Some(Kind::OpenParen) {
                    self.gap(define.name.span.end, Gap::None);
                }
            }
            Item::Test(test) => self.test(test),
            Item::Entity(entity) => self.entity(entity),
            Item::Agreement(agreement) => {
                self.block(agreement.span);
            }
            _ => {}
        }
    }

    /// `cohort`, `table`: a line per clause, or one line for all where there is one clause at most.
    fn rows(&mut self, span: Span, from_path: u32, clauses: &[Clause]) {
        self.group(span);
        let from = from_path.saturating_sub(1);
        self.nest(from, span.end);
        let gap = if clauses.len() > 1 { Gap::Hard } else { Gap::Line };
        self.gap(from, gap);
        for clause in clauses {
            self.gap(clause.span().start, gap);
        }
    }

    /// The braces of an item: what stands in them begins lines. Gives the opening one.
    fn block(&mut self, span: Span) -> Option<u32> {
        let open = (span.start..span.end).find(|at| self.kind(*at) == Some(Kind::OpenBrace))?;
        self.blocks.insert(open);
        Some(open)
    }

    fn test(&mut self, test: &Test) {
        self.block(test.span);
        if let Some(as_of) = &test.as_of {
            self.gap(as_of.span.start, Gap::Hard);
        }
        for expect in &test.expects {
            self.gap(expect.span.start.saturating_sub(1), Gap::Hard);
        }
    }

    fn entity(&mut self, entity: &Entity) {
        let Some(open) = self.block(entity.span) else { return };
        self.group(Span { start: entity.span.start, end: open });
        self.nest(entity.name.span.end, open);
        if let Some(linkage) = &entity.linkage {
            // `linkage` itself stands before what it is.
            let word = linkage.span.start.saturating_sub(1);
            let start = if self.kind(word) == Some(Kind::Linkage) { word } else { linkage.span.start };
            self.gap(start, Gap::Line);
        }
        for one in &entity.traits {
            self.gap(one.span.start, Gap::Line);
        }
    }

    fn clause(&mut self, clause: &Clause) {
        match clause {
            Clause::Frequency(frequency) => {
                self.group(frequency.span);
                if let Some(first) = frequency.by.as_ref().and_then(|by| by.columns.first()) {
                    let by = first.span.start.saturating_sub(1);
                    self.gap(by, Gap::Line);
                    self.nest(by, frequency.span.end);
                }
            }
            Clause::Match(matched) => {
                self.group(matched.span);
                if let Some((first, _)) = matched.keys.first() {
                    let on = first.span.start.saturating_sub(1);
                    self.gap(on, Gap::Line);
                    self.nest(on, matched.span.end);
                }
            }
            Clause::Order(order) => {
                self.group(order.span);
                self.nest(order.span.start + 1, order.span.end);
                self.lines(order.keys.iter().map(|(key, _)| key.span));
            }
            // The clause and its columns are one node.
            Clause::Exit(columns) | Clause::Show(columns) => self.columns(columns),
            Clause::Where(_)
            | Clause::Let(_)
            | Clause::Index(_)
            | Clause::Draw(_)
            | Clause::Each(_)
            | Clause::Group(_)
            | Clause::Limit(_)
            | Clause::Error(_) => {}
        }
    }

    fn columns(&mut self, columns: &Columns) {
        let Some(first) = columns.columns.first() else { return };
        self.group(columns.span);
        if columns.columns.len() > 1 {
            self.nest(first.span.start + 1, columns.span.end);
        }
        self.lines(columns.columns.iter().map(|column| column.span));
    }

    fn expr(&mut self, kind: &ExprKind, span: Span) {
        match kind {
            ExprKind::And(parts) | ExprKind::Or(parts) => {
                self.group(span);
                let Some(first) = parts.first() else { return };
                self.nest(first.span.end, span.end);
                for part in parts.iter().skip(1) {
                    self.gap(part.span.start - 1, Gap::Line);
                }
            }
            ExprKind::Case { arms, otherwise } => {
                self.group(span);
                self.nest(span.start + 1, span.end);
                let gap = if arms.len() > 1 { Gap::Hard } else { Gap::Line };
                for (when, _) in arms {
                    self.gap(when.span.start - 1, gap);
                }
                self.gap(otherwise.span.start - 1, gap);
            }
            ExprKind::In { value, windows, .. } | ExprKind::Windowed { value, windows } => {
                self.group(span);
                self.nest(value.span.end, span.end);
                for window in windows {
                    self.gap(window.span.start, Gap::Line);
                }
            }
            ExprKind::Arithmetic { left, right, .. } => {
                self.group(span);
                self.nest(left.span.end, span.end);
                self.gap(right.span.start - 1, Gap::Line);
            }
            // Two signs of minus without a space begin a comment.
            ExprKind::Negative(value) if matches!(value.kind, ExprKind::Negative(_)) => {}
            ExprKind::Negative(value) => self.gap(value.span.start, Gap::None),
            _ => {}
        }
    }

    /// Brackets: their content is indented when it does not fit, a line per part.
    fn brackets(&mut self) {
        let mut open: Vec<(u32, Vec<u32>)> = Vec::new();
        let kinds = self.parsed.tape.kinds().to_vec();
        for (kind, at) in kinds.into_iter().zip(0_u32..) {
            match kind {
                Kind::OpenParen | Kind::OpenBracket | Kind::OpenBrace => open.push((at, Vec::new())),
                Kind::Comma => {
                    if let Some((_, commas)) = open.last_mut() {
                        commas.push(at);
                    }
                }
                Kind::CloseParen | Kind::CloseBracket | Kind::CloseBrace => {
                    let Some((start, commas)) = open.pop() else { continue };
                    self.bracket(start, at, &commas);
                }
                _ => {}
            }
        }
    }

    fn bracket(&mut self, open: u32, close: u32, commas: &[u32]) {
        if self.layout.verbatim.iter().any(|span| span.start <= open && open < span.end) {
            return;
        }
        let brace = self.kind(open) == Some(Kind::OpenBrace);
        let block = self.blocks.contains(&open);
        if close == open + 1 {
            self.gap(close, Gap::None);
            return;
        }
        self.group(Span { start: open, end: close + 1 });
        self.nest(open + 1, close);
        let edge = match (block, brace) {
            (true, _) => Gap::Hard,
            (false, true) => Gap::Line,
            (false, false) => Gap::Soft,
        };
        self.gap(open + 1, edge);
        self.gap(close, edge);
        if !block {
            for comma in commas {
                self.gap(comma + 1, Gap::Line);
            }
        }
    }
}

/// Whether an empty line sets an item apart from its neighbours.
fn stands_alone(item: &Item) -> bool {
    match item {
        Item::Cohort(cohort) => cohort.clauses.len() > 1,
        Item::Table(table) => table.clauses.len() > 1,
        Item::Test(_) | Item::Entity(_) | Item::Agreement(_) => true,
        Item::Use(_)
        | Item::AsOf(_)
        | Item::Import(_)
        | Item::Param(_)
        | Item::Codes(_)
        | Item::Define(_)
        | Item::Report(_)
        | Item::Model(_)
        | Item::Purpose(_)
        | Item::Majority(_)
        | Item::Death(_)
        | Item::Error(_) => false,
    }
}

fn has_error(node: Node<'_>) -> bool {
    let mut found = false;
    walk_node(node, &mut |node| {
        found = found
            || match node {
                Node::Item(Item::Error(_)) | Node::Clause(Clause::Error(_)) => true,
                Node::Expr(expr) => matches!(expr.kind, ExprKind::Error),
                Node::AgreementClause(clause) => matches!(clause.kind, AgreementClauseKind::Error),
                _ => false,
            };
        !found
    });
    found
}
