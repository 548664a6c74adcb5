//! A code among its neighbours in the pinned ontology: what an editor shows as its type hierarchy.

use crate::View;
use syntax::Node;
use syntax::tree::LiteralKind;
use text::Range;

/// A code of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// The CURIE.
    pub id: String,
    /// Its label in the pinned release; empty where it has none.
    pub label: String,
    /// Where it is written.
    pub range: Range,
}

impl View<'_> {
    /// The code at a byte.
    pub fn term(&self, offset: u32) -> Option<Term> {
        let nodes = self.analysis.parsed.node_at(offset);
        let literal = nodes.iter().rev().find_map(|node| match node {
            Node::Literal(literal) => Some(*literal),
            _ => None,
        })?;
        let LiteralKind::Code { system, code, .. } = &literal.kind else { return None };
        let id = format!("{system}:{code}");
        let label = self.session.label(&id);
        Some(Term { id, label, range: self.analysis.parsed.range(literal.span) })
    }
}
