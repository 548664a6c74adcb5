//! Changes that keep the meaning: a rule or a set of codes gets a name of its own, or a name is replaced by what it
//! stands for.
//!
//! Whether the meaning is kept is not argued but tried: the text with the change is checked, and the change is
//! offered only if it has no error that was not there before.

use crate::View;
use crate::action::{Action, ActionKind};
use crate::names::{locals, own_name};
use std::collections::BTreeSet;
use syntax::Node;
use syntax::tree::{Clause, Entry, ExprKind, Item, Literal, LiteralKind, Member, Span, Where};
use text::Range;
use types::Meaning;

impl View<'_> {
    /// The changes at a byte that keep the meaning.
    pub(crate) fn refactorings(&self, offset: u32) -> Vec<Action> {
        let found = [self.extract_codes(offset), self.extract_rule(offset), self.inline(offset)];
        found.into_iter().flatten().filter(|action| self.stays_sound(action)).collect()
    }

    /// `where has treatment in metformin` → `define subject.is_treated = …` and `where is_treated`.
    fn extract_rule(&self, offset: u32) -> Option<Action> {
        let parsed = &self.analysis.parsed;
        let item = self.enclosing_item(offset)?;
        let clauses = match item {
            Item::Cohort(cohort) => &cohort.clauses,
            Item::Table(table) => &table.clauses,
            _ => return None,
        };
        let rule: &Where = clauses.iter().find_map(|clause| match clause {
            Clause::Where(rule) => {
                let range = parsed.range(rule.span);
                (range.start <= offset && offset <= range.end).then_some(rule)
            }
            _ => None,
        })?;
        // A bare name is extracted already.
        if matches!(&rule.condition.kind, ExprKind::Call(call) if call.arguments.is_none()) {
            return None;
        }
        let condition = parsed.range(rule.condition.span);
        // A definition stands outside the item, so it cannot read the item's own names or its index.
        let main = condition.file;
        let inside =
            |range: Range| range.file == main && condition.start <= range.start && range.end <= condition.end;
        let bound = self
            .analysis
            .notes
            .uses
            .iter()
            .any(|noted| inside(noted.range) && matches!(noted.means, Meaning::Local(_)));
        let mut indexed = false;
        syntax::walk_node(Node::Expr(&rule.condition), &mut |node| {
            indexed |= matches!(node, Node::Expr(expr) if matches!(expr.kind, ExprKind::Index));
            true
        });
        if bound || indexed {
            return None;
        }
        let entity = self.source_entity(item)?;
        let wanted = rule.name.as_ref().map_or_else(|| "rule".to_owned(), |name| format!("is_{}", name.text));
        let name = self.free_name(&wanted);
        let written = self.text.get(condition.start as usize..condition.end as usize)?;
        let above = self.line_of(parsed.range(item.span()).start, item);
        Some(Action {
            title: format!("extract this rule as `{entity}.{name}`"),
            kind: ActionKind::Extract,
            repairs: None,
            certain: false,
            edits: vec![
                (above, format!("define {entity}.{name} = {}\n\n", one_line(written))),
                (condition, name),
            ],
        })
    }

    /// A list of codes, or a code, behind `in` → `codes NAME = …` and the name.
    fn extract_codes(&self, offset: u32) -> Option<Action> {
        let parsed = &self.analysis.parsed;
        let item = self.enclosing_item(offset)?;
        if matches!(item, Item::Codes(_) | Item::Test(_) | Item::Agreement(_) | Item::Entity(_)) {
            return None;
        }
        let nodes = parsed.node_at(offset);
        let set = nodes.iter().rev().find_map(|node| match node {
            Node::Set(set) => Some(*set),
            _ => None,
        })?;
        let mut label = None;
        let mut all_codes = true;
        let mut see = |literal: &Literal| match &literal.kind {
            LiteralKind::Code { system, code, label: written } => {
                let name = written.as_ref().map_or_else(
                    || self.session.label(&format!("{system}:{code}")),
                    |text| text.value.clone(),
                );
                label.get_or_insert(name);
            }
            _ => all_codes = false,
        };
        for member in std::iter::once(&set.member).chain(&set.excluding) {
            match member {
                Member::End(end) => each_literal(end, &mut see),
                Member::Range(from, to) => {
                    each_literal(from, &mut see);
                    each_literal(to, &mut see);
                }
                Member::List(list) => {
                    for entry in &list.entries {
                        match entry {
                            Entry::Only(literal, _) => see(literal),
                            Entry::Range(from, to, _) => {
                                see(from);
                                see(to);
                            }
                            Entry::Expr(expr) => match &expr.kind {
                                ExprKind::Literal(literal) => see(literal),
                                _ => return None,
                            },
                        }
                    }
                }
            }
        }
        let label = label.filter(|_| all_codes)?;
        let range = parsed.range(set.span);
        let name = self.free_name(&as_name(&label).unwrap_or_else(|| "terms".to_owned()));
        let written = self.text.get(range.start as usize..range.end as usize)?;
        let above = self.line_of(parsed.range(item.span()).start, item);
        Some(Action {
            title: format!("extract these codes as `{name}`"),
            kind: ActionKind::Extract,
            repairs: None,
            certain: false,
            edits: vec![(above, format!("codes {name} = {}\n\n", one_line(written))), (range, name)],
        })
    }

    /// A name of a set of codes or of a definition without parameters → what it stands for.
    fn inline(&self, offset: u32) -> Option<Action> {
        let parsed = &self.analysis.parsed;
        let name = crate::phrase::name_at(&parsed.node_at(offset))?;
        let range = parsed.range(name.span);
        let Meaning::Item(declared) = self.analysis.notes.at(range)?.means else { return None };
        let item = parsed
            .file
            .items
            .iter()
            .find(|item| own_name(item).is_some_and(|own| parsed.range(own.span) == declared))?;
        let slice = |span: Span| {
            let range = parsed.range(span);
            self.text.get(range.start as usize..range.end as usize)
        };
        let written = match item {
            Item::Codes(codes) => match &codes.value {
                syntax::tree::CodesValue::Set(set) => one_line(slice(set.span)?),
                syntax::tree::CodesValue::File(_) => return None,
            },
            Item::Define(define) if define.params.is_empty() => {
                let value = one_line(slice(define.value.span)?);
                match define.value.kind {
                    ExprKind::Literal(_) | ExprKind::List(_) | ExprKind::Call(_) | ExprKind::Group(_) => {
                        value
                    }
                    _ => format!("({value})"),
                }
            }
            _ => return None,
        };
        Some(Action {
            title: format!("write what `{}` stands for", name.text),
            kind: ActionKind::Inline,
            repairs: None,
            certain: false,
            edits: vec![(range, written)],
        })
    }

    /// The entity whose rows an item is about, by the name that a definition gives.
    fn source_entity(&self, item: &Item) -> Option<String> {
        let permitted = self.analysis.checked.permitted.as_ref()?;
        let name = own_name(item).map(|name| self.analysis.parsed.range(name.span))?;
        let query = permitted.query();
        let row = query
            .cohorts
            .iter()
            .find(|cohort| cohort.range == name)
            .map(|cohort| cohort.row.entity)
            .or_else(|| {
                query.tables.iter().find(|table| table.range == name).map(|table| table.row.entity)
            })?;
        Some(self.session.model().entity(row).name.clone())
    }

    /// A name that the text does not use.
    fn free_name(&self, wanted: &str) -> String {
        let parsed = &self.analysis.parsed;
        let mut taken: BTreeSet<&str> = BTreeSet::new();
        for item in &parsed.file.items {
            taken.extend(own_name(item).into_iter().chain(locals(item)).map(|name| name.text.as_str()));
        }
        for (token, kind) in (0..).zip(parsed.tape.kinds()) {
            if kind.is_name() {
                taken.insert(parsed.tape.text(token));
            }
        }
        let (tape, _) = syntax::lex(text::FileId(0), wanted);
        let plain = matches!(tape.kinds(), [kind] if kind.is_name());
        let numbered = (1..).map(|number| format!("{wanted}_{number}"));
        let first = plain.then(|| wanted.to_owned());
        first.into_iter().chain(numbered).find(|name| !taken.contains(name.as_str())).unwrap_or_default()
    }

    /// The empty stretch before an item and its doc comment.
    fn line_of(&self, start: u32, item: &Item) -> Range {
        let parsed = &self.analysis.parsed;
        let token = item.span().start as usize;
        let leading = parsed.tape.tokens().get(token).and_then(|token| token.leading.first());
        let at =
            leading.filter(|_| !parsed.tape.doc(item.span().start).is_empty()).map_or(start, |it| it.start);
        Range::new(self.analysis.checked.main, at, at)
    }

    /// Whether the text with a change has no error that it does not have now.
    fn stays_sound(&self, action: &Action) -> bool {
        let mut edits = action.edits.clone();
        edits.sort_by_key(|(range, _)| std::cmp::Reverse(range.start));
        let mut text = self.text.to_owned();
        for (range, with) in edits {
            text.replace_range(range.start as usize..range.end as usize, &with);
        }
        let errors = |checked: &session::Checked| {
            checked.diagnostics.iter().filter(|diagnostic| diagnostic.is_error()).count()
        };
        let changed = self.session.analyse(self.path, &text, self.open);
        changed.is_ok_and(|changed| errors(&changed.checked) <= errors(&self.analysis.checked))
    }
}

fn each_literal(end: &syntax::tree::End, see: &mut dyn FnMut(&Literal)) {
    if let syntax::tree::End::Literal { literal, .. } = end {
        see(literal);
    }
}

/// White space as one space: how an expression stands on a line of its own. Text in quotes stays on its line anyway.
fn one_line(text: &str) -> String {
    let mut lines = text.lines().map(str::trim);
    // A comment would swallow what follows it.
    if text.contains("--") {
        return text.to_owned();
    }
    let first = lines.next().unwrap_or("").to_owned();
    lines.fold(first, |joined, line| format!("{joined} {line}"))
}

/// A label as a name: `Intellectual disability` → `intellectual_disability`.
fn as_name(label: &str) -> Option<String> {
    let words: Vec<String> = label
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .take(4)
        .map(str::to_lowercase)
        .collect();
    let name = words.join("_");
    name.starts_with(char::is_alphabetic).then_some(name)
}
