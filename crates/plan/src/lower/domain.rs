//! The domain of a group key: how its members are written, and where each of them stands.

use crate::expr::{Comparison, Expr, Type};

/// How a member of a domain is written.
pub(super) fn label(value: &types::Value, ty: &types::Type) -> String {
    match (value, ty) {
        (types::Value::Int(lower), types::Type::Band { width, bands }) => {
            if *lower == (bands - 1) * width {
                format!("{lower}+")
            } else {
                format!("{lower}-{}", lower + width - 1)
            }
        }
        (types::Value::Date(date), types::Type::Month) => format!("{:04}-{:02}", date.year(), date.month()),
        (types::Value::Bool(value), _) => value.to_string(),
        (types::Value::Int(value), _) => value.to_string(),
        (types::Value::Number(value), _) => value.to_string(),
        (types::Value::Text(value), _) => value.clone(),
        (types::Value::Date(value), _) => value.to_string(),
    }
}

/// The places of the values of a domain: lower bounds of bands, else numbers from 0.
pub(super) fn places(values: &[types::Value], ty: &types::Type) -> Vec<i64> {
    values
        .iter()
        .zip(0..)
        .map(|(value, at)| match (value, ty) {
            (types::Value::Int(lower), types::Type::Band { .. }) => *lower,
            _ => at,
        })
        .collect()
}

/// The place of a value in its domain; null where it is null or outside.
pub(super) fn place(values: &[types::Value], ty: &types::Type, value: Expr) -> Expr {
    if let types::Type::Band { width, bands } = ty {
        // The last band holds what is above it.
        let last = (bands - 1) * width;
        let above = Expr::compare(Comparison::Greater, value.clone(), Expr::int(last));
        return Expr::Case { arms: vec![(above, Expr::int(last))], otherwise: Box::new(value) };
    }
    Expr::Case {
        arms: values
            .iter()
            .zip(0..)
            .map(|(member, at)| {
                (Expr::equal(value.clone(), super::expression::literal(member, ty)), Expr::int(at))
            })
            .collect(),
        otherwise: Box::new(Expr::null(Type::Int)),
    }
}
