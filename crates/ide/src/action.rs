//! What can be changed at a place: the repairs of the diagnostics there, and changes that keep the meaning.

use crate::View;
use diag::Applicability;
use text::Range;

/// What a change is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActionKind {
    /// Repairs what a diagnostic says.
    Repair,
    /// Writes something better.
    Rewrite,
    /// Gives something a name of its own.
    Extract,
    /// Writes what a name stands for.
    Inline,
}

/// A change that an editor offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action {
    /// What it does, an imperative.
    pub title: String,
    /// What it is for.
    pub kind: ActionKind,
    /// The code of the diagnostic that it repairs, if it is one.
    pub repairs: Option<&'static str>,
    /// Whether nothing else could be meant.
    pub certain: bool,
    /// What is written where.
    pub edits: Vec<(Range, String)>,
}

impl View<'_> {
    /// The changes offered for a stretch of the text.
    pub fn actions(&self, start: u32, end: u32) -> Vec<Action> {
        let mut actions = self.repairs(start, end);
        actions.extend(self.with_label(start));
        actions.extend(self.refactorings(start));
        actions
    }

    /// The repairs of the diagnostics in a stretch of the text.
    fn repairs(&self, start: u32, end: u32) -> Vec<Action> {
        let main = self.analysis.checked.main;
        let mut actions = Vec::new();
        for diagnostic in self.diagnostics() {
            let Some(label) = diagnostic.labels.first() else { continue };
            let touches = label.range.file == main && label.range.start <= end && start <= label.range.end;
            if !touches {
                continue;
            }
            for fix in diagnostic.fixes {
                // An edit in a file that is not this one would be made unseen.
                if fix.edits.iter().all(|(range, _)| range.file == main) {
                    actions.push(Action {
                        title: fix.title,
                        kind: ActionKind::Repair,
                        repairs: Some(diagnostic.code.0),
                        certain: fix.applicability == Applicability::Certain,
                        edits: fix.edits,
                    });
                }
            }
        }
        actions
    }

    /// Every repair of the text that needs no choice.
    pub fn certain_repairs(&self) -> Vec<(Range, String)> {
        let end = u32::try_from(self.text.len()).unwrap_or(u32::MAX);
        let mut edits: Vec<(Range, String)> = Vec::new();
        for action in self.repairs(0, end).into_iter().filter(|action| action.certain) {
            let meets = |range: &Range| {
                edits.iter().any(|(other, _)| other.start < range.end && range.start < other.end)
            };
            if !action.edits.iter().any(|(range, _)| meets(range)) {
                edits.extend(action.edits);
            }
        }
        edits.sort();
        edits
    }

    /// A code without its label gets it.
    fn with_label(&self, offset: u32) -> Option<Action> {
        use syntax::Node;
        use syntax::tree::LiteralKind;
        let parsed = &self.analysis.parsed;
        let nodes = parsed.node_at(offset);
        let literal = nodes.iter().rev().find_map(|node| match node {
            Node::Literal(literal) => Some(*literal),
            _ => None,
        })?;
        let LiteralKind::Code { system, code, label: None } = &literal.kind else { return None };
        let code = format!("{system}:{code}");
        let types::CodeStatus::Current(label) = self.session.code_page(&code).status else { return None };
        let range = parsed.range(literal.span);
        let after = Range::new(range.file, range.end, range.end);
        Some(Action {
            title: format!("write the label of {code}"),
            kind: ActionKind::Rewrite,
            repairs: None,
            certain: false,
            edits: vec![(after, format!(" \"{}\"", label.replace('"', "\\\"")))],
        })
    }
}
