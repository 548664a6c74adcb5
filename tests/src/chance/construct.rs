//! Which constructs of the language a program has: the forms of the tree and the functions it calls.

use std::collections::BTreeMap;

use syntax::tree::File;
use syntax::{Node, walk};

/// Adds what a program has to a count by construct.
pub fn constructs(file: &File, counts: &mut BTreeMap<String, usize>) {
    let mut add = |what: String| *counts.entry(what).or_default() += 1;
    walk(file, &mut |node| {
        match node {
            Node::Item(item) => add(format!("item {}", variant(&format!("{item:?}")))),
            Node::Clause(clause) => add(format!("clause {}", variant(&format!("{clause:?}")))),
            Node::Expr(expr) => add(format!("expression {}", variant(&format!("{:?}", expr.kind)))),
            Node::Window(window) => add(format!("window {}", variant(&format!("{:?}", window.kind)))),
            Node::Literal(literal) => add(format!("literal {}", variant(&format!("{:?}", literal.kind)))),
            Node::Call(call) if types::FUNCTIONS.iter().any(|(name, ..)| *name == call.name.text) => {
                add(format!("function {}", call.name.text));
            }
            _ => {}
        }
        true
    });
}

/// The name of a variant from its debug form.
fn variant(debug: &str) -> String {
    debug.split(|letter: char| !letter.is_alphanumeric()).next().unwrap_or_default().to_owned()
}
