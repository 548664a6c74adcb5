//! Expressions: the forms that the printer has, and no others.

use super::{Reading, block, name, one_name, only_body, order, wrong};
use crate::tree::{Arithmetic, Call, Comparison, Expr, Over};
use crate::violation::{Rule, Violation};
use sqlparser::ast::{
    self, BinaryOperator, CastKind, DuplicateTreatment, FunctionArg, FunctionArgExpr, FunctionArguments,
    LambdaSyntax, OneOrManyWithParens, UnaryOperator, Value, WindowType,
};

pub(super) fn expr(tree: &ast::Expr) -> Reading<Expr> {
    let boxed = |tree: &ast::Expr| expr(tree).map(Box::new);
    match tree {
        ast::Expr::Nested(inner) => expr(inner),
        ast::Expr::CompoundIdentifier(parts) => match parts.as_slice() {
            [source, column] => Ok(Expr::Column(name(source), name(column))),
            _ => wrong(format!("`{tree}` is no column of a relation.")),
        },
        ast::Expr::Value(value) => literal(&value.value),
        ast::Expr::TypedString(ast::TypedString { data_type, value, uses_odbc_syntax: false }) => {
            match (data_type, &value.value) {
                (ast::DataType::Date, Value::SingleQuotedString(day)) => Ok(Expr::Date(day.clone())),
                (
                    ast::DataType::Timestamp(None, ast::TimezoneInfo::None),
                    Value::SingleQuotedString(instant),
                ) => Ok(Expr::Instant(instant.clone())),
                _ => wrong(format!("`{tree}` is no literal of ours.")),
            }
        }
        ast::Expr::BinaryOp { left, op, right } => binary(left, op, right),
        ast::Expr::UnaryOp { op: UnaryOperator::Not, expr } => not(expr),
        ast::Expr::UnaryOp { op: UnaryOperator::Minus, expr } => Ok(Expr::Minus(boxed(expr)?)),
        ast::Expr::IsNull(inner) => Ok(Expr::IsNull(boxed(inner)?)),
        ast::Expr::IsNotNull(inner) => Ok(Expr::IsNotNull(boxed(inner)?)),
        ast::Expr::IsTrue(inner) => Ok(Expr::IsTrue(boxed(inner)?)),
        ast::Expr::Between { expr: value, negated: false, low, high } => {
            Ok(Expr::Between(Box::new([expr(value)?, expr(low)?, expr(high)?])))
        }
        ast::Expr::InList { expr, list, negated: false } => Ok(Expr::In(boxed(expr)?, all(list)?)),
        ast::Expr::InSubquery { expr: value, subquery, negated: false } => {
            let values = match value.as_ref() {
                ast::Expr::Tuple(values) => all(values)?,
                one => vec![expr(one)?],
            };
            let (table, columns) = block::plain_columns(only_body(subquery)?)?;
            if values.len() != columns.len() {
                return wrong(format!(
                    "`{tree}` compares {} values with {} columns.",
                    values.len(),
                    columns.len()
                ));
            }
            Ok(Expr::InTable { values, table, columns })
        }
        ast::Expr::InList { .. } | ast::Expr::InSubquery { .. } => membership(tree),
        ast::Expr::Case { case_token: _, end_token: _, operand: None, conditions, else_result } => {
            let mut arms = Vec::new();
            for ast::CaseWhen { condition, result } in conditions {
                arms.push((expr(condition)?, expr(result)?));
            }
            Ok(Expr::Case { arms, otherwise: else_result.as_deref().map(boxed).transpose()? })
        }
        ast::Expr::Cast { kind, expr: value, data_type, format: None } => {
            let or_null = match kind {
                CastKind::Cast => false,
                CastKind::TryCast => true,
                CastKind::SafeCast | CastKind::DoubleColon => {
                    return wrong(format!("`{tree}` is a cast of another form."));
                }
            };
            Ok(Expr::Cast { or_null, value: boxed(value)?, ty: data_type.to_string() })
        }
        ast::Expr::Function(function) => call(function),
        ast::Expr::Array(ast::Array { elem, named: true }) if elem.is_empty() => {
            Ok(written("array", Vec::new()))
        }
        ast::Expr::Collate { expr: value, collation } => match one_name(collation)? {
            ast::Ident { value: name, quote_style: Some('"'), span: _ } if name == "C" => {
                Ok(written("collate", vec![expr(value)?]))
            }
            other => wrong(format!("Texts are ordered by `{other}` and not by their bytes.")),
        },
        ast::Expr::Extract { field, syntax: ast::ExtractSyntax::From, expr: value } => {
            let name = match field {
                ast::DateTimeField::Year => "extract_year",
                ast::DateTimeField::Month => "extract_month",
                ast::DateTimeField::Day => "extract_day",
                _ => return wrong(format!("`{tree}` takes another part of a day.")),
            };
            Ok(written(name, vec![expr(value)?]))
        }
        ast::Expr::AnyOp { left, compare_op: BinaryOperator::Eq, right, is_some: false } => {
            Ok(written("any", vec![expr(left)?, expr(right)?]))
        }
        ast::Expr::Subquery(query) => {
            let (row, fields, formula) = block::values_and_formula(query)?;
            Ok(written("let", vec![Expr::Row(fields), Expr::Lambda(row, Box::new(formula))]))
        }
        ast::Expr::Array(ast::Array { elem, named: false }) => Ok(Expr::List(all(elem)?)),
        ast::Expr::Dictionary(fields) => {
            let mut row = Vec::new();
            for ast::DictionaryField { key, value } in fields {
                row.push((name(key), expr(value)?));
            }
            Ok(Expr::Row(row))
        }
        ast::Expr::Lambda(ast::LambdaFunction {
            params: OneOrManyWithParens::One(ast::LambdaFunctionParameter { name: row, data_type: None }),
            body,
            syntax: LambdaSyntax::LambdaKeyword,
        }) => Ok(Expr::Lambda(name(row), boxed(body)?)),
        _ => wrong(format!("`{}` is no expression of ours.", brief(tree))),
    }
}

/// The names that [`written`] gives.
pub(super) const WRITTEN: [&str; 7] =
    ["array", "collate", "extract_year", "extract_month", "extract_day", "any", "let"];

/// A form that only some engine has, by a name that is on no list of functions.
fn written(name: &str, arguments: Vec<Expr>) -> Expr {
    Expr::Call(Box::new(Call {
        name: name.to_owned(),
        distinct: false,
        all_rows: false,
        arguments,
        filter: None,
        over: None,
    }))
}

fn all(trees: &[ast::Expr]) -> Reading<Vec<Expr>> {
    trees.iter().map(expr).collect()
}

/// `NOT`; a membership under it is `NOT IN` by another spelling.
fn not(tree: &ast::Expr) -> Reading<Expr> {
    match expr(tree)? {
        Expr::InTable { .. } => membership(tree),
        inner => Ok(Expr::Not(Box::new(inner))),
    }
}

fn membership(tree: &ast::Expr) -> Reading<Expr> {
    Err(Violation {
        rule: Rule::Membership,
        table: String::new(),
        sentence: format!(
            "`{}` is negated, and a null among its values would change the answer.",
            brief(tree)
        ),
    })
}

fn literal(value: &Value) -> Reading<Expr> {
    match value {
        Value::Null => Ok(Expr::Null),
        Value::Boolean(value) => Ok(Expr::Bool(*value)),
        Value::Number(digits, false) => Ok(Expr::Number(digits.clone())),
        Value::SingleQuotedString(text) => Ok(Expr::Text(text.replace("''", "'"))),
        other => wrong(format!("`{other}` is no literal of ours.")),
    }
}

fn binary(left: &ast::Expr, op: &BinaryOperator, right: &ast::Expr) -> Reading<Expr> {
    let compare = |comparison| Ok(Expr::Compare(comparison, Box::new(expr(left)?), Box::new(expr(right)?)));
    let arithmetic = |operator| Ok(Expr::Arithmetic(operator, Box::new(expr(left)?), Box::new(expr(right)?)));
    match op {
        BinaryOperator::And => {
            let mut terms = Vec::new();
            for side in [expr(left)?, expr(right)?] {
                if let Expr::And(inner) = side { terms.extend(inner) } else { terms.push(side) }
            }
            Ok(Expr::And(terms))
        }
        BinaryOperator::Or => {
            let mut terms = Vec::new();
            for side in [expr(left)?, expr(right)?] {
                if let Expr::Or(inner) = side { terms.extend(inner) } else { terms.push(side) }
            }
            Ok(Expr::Or(terms))
        }
        BinaryOperator::Eq => compare(Comparison::Equal),
        BinaryOperator::NotEq => compare(Comparison::NotEqual),
        BinaryOperator::Lt => compare(Comparison::Less),
        BinaryOperator::LtEq => compare(Comparison::LessOrEqual),
        BinaryOperator::Gt => compare(Comparison::Greater),
        BinaryOperator::GtEq => compare(Comparison::GreaterOrEqual),
        BinaryOperator::Plus => arithmetic(Arithmetic::Add),
        BinaryOperator::Minus => arithmetic(Arithmetic::Subtract),
        BinaryOperator::Multiply => arithmetic(Arithmetic::Multiply),
        BinaryOperator::DuckIntegerDivide => arithmetic(Arithmetic::Quotient),
        BinaryOperator::Modulo => arithmetic(Arithmetic::Remainder),
        BinaryOperator::StringConcat => arithmetic(Arithmetic::Join),
        other => Err(Violation {
            rule: Rule::Total,
            table: String::new(),
            sentence: format!("The operator `{other}` is not on the list."),
        }),
    }
}

fn call(function: &ast::Function) -> Reading<Expr> {
    let ast::Function {
        name: called,
        uses_odbc_syntax,
        parameters,
        args,
        within_group,
        filter,
        null_treatment,
        over,
    } = function;
    let unknown = || wrong(format!("`{called}` is called in an unknown way."));
    if *uses_odbc_syntax || !matches!(parameters, FunctionArguments::None) || null_treatment.is_some() {
        return unknown();
    }
    let called = one_name(called)?;
    if called.quote_style.is_some() {
        return wrong(format!("The name of the function {called} stands between quotes."));
    }
    let FunctionArguments::List(ast::FunctionArgumentList { duplicate_treatment, args, clauses }) = args
    else {
        return wrong(format!("`{called}` is called in an unknown way."));
    };
    let distinct = match duplicate_treatment {
        None => false,
        Some(DuplicateTreatment::Distinct) => true,
        Some(DuplicateTreatment::All) => return wrong(format!("`{called}` is called in an unknown way.")),
    };
    if !clauses.is_empty() {
        return wrong(format!("`{called}` is called in an unknown way."));
    }
    let mut all_rows = false;
    let mut arguments = Vec::new();
    for argument in args {
        match argument {
            FunctionArg::Unnamed(FunctionArgExpr::Expr(value)) => arguments.push(expr(value)?),
            FunctionArg::Unnamed(FunctionArgExpr::Wildcard) => all_rows = true,
            other => return wrong(format!("`{other}` is no argument of ours.")),
        }
    }
    // `percentile_disc(share) WITHIN GROUP (ORDER BY value)`; downwards the share counts from the end.
    match within_group.as_slice() {
        [] => {}
        [key] if called.value == "percentile_disc" => {
            let (key, share) = (order(key)?, arguments.pop());
            let (Some(share), true, false) = (share, arguments.is_empty(), key.nulls_first) else {
                return unknown();
            };
            arguments = vec![key.key, if key.descending { Expr::Minus(Box::new(share)) } else { share }];
        }
        _ => return unknown(),
    }
    let over = match over {
        None => None,
        Some(WindowType::WindowSpec(ast::WindowSpec {
            window_name: None,
            partition_by,
            order_by,
            window_frame,
        })) => Some(Over {
            partition: all(partition_by)?,
            order: order_by.iter().map(order).collect::<Reading<_>>()?,
            before: match window_frame {
                None => false,
                Some(frame) if rows_before(frame) => true,
                Some(_) => return wrong(format!("`{called}` has a window of another form.")),
            },
        }),
        Some(_) => return wrong(format!("`{called}` has a window of another form.")),
    };
    Ok(Expr::Call(Box::new(Call {
        name: called.value.clone(),
        distinct,
        all_rows,
        arguments,
        filter: filter.as_deref().map(expr).transpose()?,
        over,
    })))
}

/// `ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING`
fn rows_before(frame: &ast::WindowFrame) -> bool {
    let ast::WindowFrame { units, start_bound, end_bound } = frame;
    let one = |bound: &ast::Expr| matches!(bound, ast::Expr::Value(value) if matches!(&value.value, Value::Number(digits, false) if digits == "1"));
    *units == ast::WindowFrameUnits::Rows
        && *start_bound == ast::WindowFrameBound::Preceding(None)
        && matches!(end_bound, Some(ast::WindowFrameBound::Preceding(Some(bound))) if one(bound))
}

/// The beginning of a long expression.
fn brief(tree: &ast::Expr) -> String {
    let text = tree.to_string();
    match text.char_indices().nth(120) {
        Some((end, _)) => format!("{} …", &text[..end]),
        None => text,
    }
}
