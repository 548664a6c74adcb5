//! One form for what is written in several ways that mean the same.
//!
//! Aliases become places in their block, tables become what a caller calls them, the terms of `AND`, `OR`
//! and `IN`, the arguments of `least` and `greatest` and the sides of `=` are sorted, `>` is turned into
//! `<`. Nothing else is touched: whatever still differs afterwards is a difference.

use crate::tree::{Block, Body, Call, Comparison, Expr, Join, Order, Over, Source};
use std::collections::BTreeMap;

/// What a table is called in the form.
pub(crate) type Naming<'a> = &'a dyn Fn(&str) -> String;

/// A block in its one form.
pub(crate) fn block(block: &Block, naming: Naming<'_>) -> Block {
    let places = places(block);
    let one = |expr: &Expr| expr_in(expr, &places, naming);
    let source = |source: &Source| Source {
        name: naming(&source.name),
        alias: places.get(&source.alias).cloned().unwrap_or_default(),
    };
    Block {
        distinct: block.distinct,
        items: block.items.iter().map(|(name, value)| (name.clone(), one(value))).collect(),
        from: block.from.as_ref().map(source),
        joins: block
            .joins
            .iter()
            .map(|join| Join { kind: join.kind, source: source(&join.source), on: join.on.as_ref().map(one) })
            .collect(),
        filter: block.filter.as_ref().map(one),
        group: block.group.as_ref().map(|keys| {
            let mut keys: Vec<Expr> = keys.iter().map(one).collect();
            keys.sort();
            keys
        }),
    }
}

/// An expression of a block in its one form.
pub(crate) fn expr(expr: &Expr, block: &Block, naming: Naming<'_>) -> Expr {
    expr_in(expr, &places(block), naming)
}

/// The terms of a condition, each in its one form.
pub(crate) fn terms(condition: &Expr) -> Vec<Expr> {
    match condition {
        Expr::And(terms) => terms.clone(),
        one => vec![one.clone()],
    }
}

fn places(block: &Block) -> BTreeMap<String, String> {
    block.sources().zip(1..).map(|(source, place)| (source.alias.clone(), format!("#{place}"))).collect()
}

fn expr_in(expr: &Expr, places: &BTreeMap<String, String>, naming: Naming<'_>) -> Expr {
    let one = |inner: &Expr| expr_in(inner, places, naming);
    let boxed = |inner: &Expr| Box::new(one(inner));
    let all = |list: &[Expr]| list.iter().map(one).collect::<Vec<Expr>>();
    let sorted = |list: &[Expr]| {
        let mut list = all(list);
        list.sort();
        list
    };
    match expr {
        Expr::Column(source, column) => {
            Expr::Column(places.get(source).unwrap_or(source).clone(), column.clone())
        }
        Expr::Null | Expr::Bool(_) | Expr::Number(_) | Expr::Text(_) | Expr::Date(_) | Expr::Instant(_) => {
            expr.clone()
        }
        Expr::And(terms) => Expr::And(sorted(terms)),
        Expr::Or(terms) => Expr::Or(sorted(terms)),
        Expr::Not(inner) => Expr::Not(boxed(inner)),
        Expr::Compare(comparison, left, right) => compare(*comparison, one(left), one(right)),
        Expr::IsNull(inner) => Expr::IsNull(boxed(inner)),
        Expr::IsNotNull(inner) => Expr::IsNotNull(boxed(inner)),
        Expr::IsTrue(inner) => Expr::IsTrue(boxed(inner)),
        Expr::Between(three) => Expr::Between(Box::new([one(&three[0]), one(&three[1]), one(&three[2])])),
        Expr::In(value, list) => Expr::In(boxed(value), sorted(list)),
        Expr::InTable { values, table, columns } => {
            Expr::InTable { values: all(values), table: naming(table), columns: columns.clone() }
        }
        Expr::Arithmetic(operator, left, right) => Expr::Arithmetic(*operator, boxed(left), boxed(right)),
        Expr::Minus(inner) => Expr::Minus(boxed(inner)),
        Expr::Case { arms, otherwise } => Expr::Case {
            arms: arms.iter().map(|(when, then)| (one(when), one(then))).collect(),
            otherwise: otherwise.as_deref().map(boxed),
        },
        Expr::Cast { or_null, value, ty } => {
            Expr::Cast { or_null: *or_null, value: boxed(value), ty: ty.clone() }
        }
        Expr::Call(call) => {
            let order = |order: &Order| Order { key: one(&order.key), ..order.clone() };
            let picks = matches!(call.name.as_str(), "least" | "greatest");
            Expr::Call(Box::new(Call {
                name: call.name.clone(),
                distinct: call.distinct,
                all_rows: call.all_rows,
                arguments: if picks { sorted(&call.arguments) } else { all(&call.arguments) },
                filter: call.filter.as_ref().map(one),
                over: call.over.as_ref().map(|over| Over {
                    before: over.before,
                    partition: sorted(&over.partition),
                    order: over.order.iter().map(order).collect(),
                }),
            }))
        }
        Expr::List(list) => Expr::List(all(list)),
        Expr::Row(fields) => {
            Expr::Row(fields.iter().map(|(name, value)| (name.clone(), one(value))).collect())
        }
        Expr::Lambda(row, body) => {
            // The row of a lambda has no name of its own either.
            let mut inside = places.clone();
            inside.insert(row.clone(), "#row".to_owned());
            Expr::Lambda("#row".to_owned(), Box::new(expr_in(body, &inside, naming)))
        }
    }
}

fn compare(comparison: Comparison, left: Expr, right: Expr) -> Expr {
    let (comparison, left, right) = match comparison {
        Comparison::Greater => (Comparison::Less, right, left),
        Comparison::GreaterOrEqual => (Comparison::LessOrEqual, right, left),
        Comparison::Equal | Comparison::NotEqual if right < left => (comparison, right, left),
        Comparison::Equal | Comparison::NotEqual | Comparison::Less | Comparison::LessOrEqual => {
            (comparison, left, right)
        }
    };
    Expr::Compare(comparison, Box::new(left), Box::new(right))
}

/// The blocks of a table in their one form, and whether their rows depend on every column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Form {
    blocks: Vec<Block>,
    several: bool,
    whole: bool,
}

/// The one form of a table; `recursive` where it reads itself.
pub(crate) fn form(body: &Body, naming: Naming<'_>, recursive: bool) -> Form {
    let blocks: Vec<Block> = body.blocks().iter().map(|one| block(one, naming)).collect();
    let whole = recursive || blocks.iter().any(|block| block.distinct);
    Form { several: matches!(body, Body::UnionAll(_)), whole, blocks }
}

/// Whether a table is what is expected of it. A column that nobody reads may be missing where rows do not
/// depend on the columns: not where they are distinct, and not in a recursion.
pub(crate) fn same(found: &Form, expected: &Form) -> bool {
    let names = |block: &Block| block.items.iter().map(|(name, _)| name.clone()).collect::<Vec<String>>();
    let Some(columns) = found.blocks.first().map(names) else { return false };
    found.several == expected.several
        && found.blocks.len() == expected.blocks.len()
        && found.blocks.iter().zip(&expected.blocks).all(|(found, expected)| rest_is_same(found, expected))
        && found.blocks.iter().zip(&expected.blocks).all(|(one, other)| {
            let expected = |(name, _): &(String, Expr)| other.items.iter().find(|(known, _)| known == name);
            one.items.iter().all(|item| expected(item) == Some(item))
                && names(one) == columns
                && (!expected_whole(found, other) || one.items.len() == other.items.len())
        })
}

fn expected_whole(found: &Form, expected: &Block) -> bool {
    found.whole || expected.distinct
}

fn rest_is_same(found: &Block, expected: &Block) -> bool {
    let Block { distinct, items: _, from, joins, filter, group } = found;
    *distinct == expected.distinct
        && *from == expected.from
        && *joins == expected.joins
        && *filter == expected.filter
        && *group == expected.group
}
