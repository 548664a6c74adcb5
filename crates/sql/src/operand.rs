//! A printed value and the little that formulas must know about it.

use plan::Value;
use sqlparser::ast::Expr;

/// A printed value.
#[derive(Clone, Debug)]
pub(crate) struct Operand {
    /// The text's tree.
    pub(crate) tree: Expr,
    /// A decimal that may have 26 digits before the point, because it comes from a sum; else 18.
    pub(crate) wide: bool,
    /// A whole number that the engine may take for a shorter type than 64 bits.
    pub(crate) loose: bool,
    /// The literal that it is.
    pub(crate) literal: Option<Value>,
    /// Whether an aggregate or a window function is in it: a value of several rows.
    pub(crate) rows: bool,
}

impl Operand {
    /// A value without anything to know about it.
    pub(crate) fn plain(tree: Expr) -> Operand {
        Operand { tree, wide: false, loose: false, literal: None, rows: false }
    }

    /// Whether a formula may name it several times: columns and literals.
    pub(crate) fn is_simple(&self) -> bool {
        self.literal.is_some() || matches!(self.tree, Expr::CompoundIdentifier(_) | Expr::Identifier(_))
    }

    /// The tree once more.
    pub(crate) fn again(&self) -> Expr {
        self.tree.clone()
    }
}
