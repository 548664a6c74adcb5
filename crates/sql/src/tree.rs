//! Small builders of expression trees, so that formulas read like formulas.
//!
//! They put parentheses where the text would otherwise be read as another tree, and nowhere else.

use sqlparser::ast::{
    BinaryOperator, CaseWhen, CastKind, DataType, Expr, Function, FunctionArg, FunctionArgExpr,
    FunctionArgumentList, FunctionArguments, Ident, ObjectName, Query, SetExpr, UnaryOperator, Value,
    helpers::attached_token::AttachedToken,
};

/// An unsigned number as it is written.
pub(crate) fn number(digits: &str) -> Expr {
    Expr::value(Value::Number(digits.to_owned(), false))
}

/// A number below zero, in parentheses.
pub(crate) fn negative(digits: Expr) -> Expr {
    nested(Expr::UnaryOp { op: UnaryOperator::Minus, expr: Box::new(digits) })
}

/// In parentheses.
pub(crate) fn nested(tree: Expr) -> Expr {
    Expr::Nested(Box::new(tree))
}

/// In parentheses, unless nothing around it can pull it apart.
pub(crate) fn operand(tree: Expr) -> Expr {
    let whole = matches!(
        tree,
        Expr::Identifier(_)
            | Expr::CompoundIdentifier(_)
            | Expr::Value(_)
            | Expr::TypedString(_)
            | Expr::Function(_)
            | Expr::Cast { .. }
            | Expr::Subquery(_)
            | Expr::Extract { .. }
            | Expr::Case { .. }
            | Expr::Nested(_)
            | Expr::Tuple(_)
            | Expr::Array(_)
    );
    if whole { tree } else { nested(tree) }
}

/// An operator between two operands, each in parentheses where needed.
pub(crate) fn binary(left: Expr, op: BinaryOperator, right: Expr) -> Expr {
    Expr::BinaryOp { left: Box::new(operand(left)), op, right: Box::new(operand(right)) }
}

/// The same operator once more: `left` may be such a chain already and gets no parentheses.
pub(crate) fn chain(left: Expr, op: BinaryOperator, right: Expr) -> Expr {
    let left = if matches!(&left, Expr::BinaryOp { op: before, .. } if *before == op) {
        left
    } else {
        operand(left)
    };
    Expr::BinaryOp { left: Box::new(left), op, right: Box::new(operand(right)) }
}

/// `left + right`
pub(crate) fn add(left: Expr, right: Expr) -> Expr {
    chain(left, BinaryOperator::Plus, right)
}

/// `left - right`
pub(crate) fn subtract(left: Expr, right: Expr) -> Expr {
    binary(left, BinaryOperator::Minus, right)
}

/// `left * right`
pub(crate) fn multiply(left: Expr, right: Expr) -> Expr {
    binary(left, BinaryOperator::Multiply, right)
}

/// `left % right`
pub(crate) fn remainder(left: Expr, right: Expr) -> Expr {
    binary(left, BinaryOperator::Modulo, right)
}

/// Kleene and.
pub(crate) fn and(left: Expr, right: Expr) -> Expr {
    Expr::BinaryOp { left: Box::new(term(left)), op: BinaryOperator::And, right: Box::new(term(right)) }
}

/// Kleene or.
pub(crate) fn or(left: Expr, right: Expr) -> Expr {
    Expr::BinaryOp { left: Box::new(term(left)), op: BinaryOperator::Or, right: Box::new(term(right)) }
}

/// Several conditions under one of `AND` and `OR`; the caller gives at least one.
pub(crate) fn junction(op: &BinaryOperator, terms: Vec<Expr>) -> Option<Expr> {
    let one = terms.len() == 1;
    terms.into_iter().map(|tree| if one { tree } else { term(tree) }).reduce(|left, right| Expr::BinaryOp {
        left: Box::new(left),
        op: op.clone(),
        right: Box::new(right),
    })
}

/// A condition under `AND` or `OR`: comparisons bind closer than both and need no parentheses.
fn term(tree: Expr) -> Expr {
    let closer = match &tree {
        Expr::BinaryOp { op, .. } => {
            use BinaryOperator::{Eq, Gt, GtEq, Lt, LtEq, NotEq};
            matches!(op, Eq | NotEq | Lt | LtEq | Gt | GtEq)
        }
        Expr::IsNull(_)
        | Expr::IsNotNull(_)
        | Expr::IsTrue(_)
        | Expr::InList { .. }
        | Expr::InSubquery { .. }
        | Expr::UnaryOp { op: UnaryOperator::Not, .. } => true,
        _ => false,
    };
    if closer { tree } else { operand(tree) }
}

/// `tree BETWEEN low AND high`
pub(crate) fn between(tree: Expr, low: Expr, high: Expr) -> Expr {
    nested(Expr::Between {
        expr: Box::new(operand(tree)),
        negated: false,
        low: Box::new(operand(low)),
        high: Box::new(operand(high)),
    })
}

/// `CAST(tree AS data_type)`
pub(crate) fn cast(tree: Expr, data_type: DataType) -> Expr {
    Expr::Cast { kind: CastKind::Cast, expr: Box::new(tree), data_type, format: None }
}

/// `TRY_CAST(tree AS data_type)`: null where the type cannot hold the value.
pub(crate) fn try_cast(tree: Expr, data_type: DataType) -> Expr {
    Expr::Cast { kind: CastKind::TryCast, expr: Box::new(tree), data_type, format: None }
}

/// `CASE WHEN condition THEN value … ELSE otherwise END`
pub(crate) fn case(arms: Vec<(Expr, Expr)>, otherwise: Option<Expr>) -> Expr {
    Expr::Case {
        case_token: AttachedToken::empty(),
        end_token: AttachedToken::empty(),
        operand: None,
        conditions: arms.into_iter().map(|(condition, result)| CaseWhen { condition, result }).collect(),
        else_result: otherwise.map(Box::new),
    }
}

/// `CASE WHEN condition THEN value END`
pub(crate) fn when(condition: Expr, value: Expr) -> Expr {
    case(vec![(condition, value)], None)
}

/// `name(arguments)`
pub(crate) fn call(name: &str, arguments: Vec<Expr>) -> Expr {
    Expr::Function(function(name, arguments.into_iter().map(FunctionArgExpr::Expr).collect()))
}

/// A call that may still get a filter or a window.
pub(crate) fn function(name: &str, arguments: Vec<FunctionArgExpr>) -> Function {
    Function {
        name: ObjectName::from(vec![Ident::new(name)]),
        uses_odbc_syntax: false,
        parameters: FunctionArguments::None,
        args: FunctionArguments::List(FunctionArgumentList {
            duplicate_treatment: None,
            args: arguments.into_iter().map(FunctionArg::Unnamed).collect(),
            clauses: Vec::new(),
        }),
        within_group: Vec::new(),
        filter: None,
        null_treatment: None,
        over: None,
    }
}

/// A query that is only a body.
pub(crate) fn query(body: SetExpr) -> Query {
    Query {
        with: None,
        body: Box::new(body),
        order_by: None,
        limit_clause: None,
        fetch: None,
        locks: Vec::new(),
        for_clause: None,
        settings: None,
        format_clause: None,
        pipe_operators: Vec::new(),
    }
}
