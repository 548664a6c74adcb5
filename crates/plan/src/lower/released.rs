//! What is shown of a raw result: shown columns, conditions and order become expressions over its cells.

use super::expression::of_type;
use crate::expr::{Type, Value};
use crate::shape::{Cell, Raw, Regroup, RegroupFunction, ReleasedExpr, ReleasedOperator, Shape, Shown};
use types::{GroupCell, ShownExpr, Table};

/// The shown columns, conditions and order of a table, over its cells.
pub(crate) fn shown_into(shape: &mut Shape, table: &Table, cell: &dyn Fn(&GroupCell) -> Cell) {
    let raw = &shape.raw;
    let of_row = |shown: &types::Shown| {
        let value = released(&shown.value, cell);
        Shown {
            name: shown.name.clone(),
            // A key is shown by its label, which is a text also where the key is a band or a truth.
            ty: match &value {
                ReleasedExpr::Cell(Cell::Key(at)) => raw.get(at.0 as usize).map(|(_, ty)| *ty),
                _ => None,
            }
            .unwrap_or_else(|| of_type(&shown.ty)),
            unit: match &shown.ty {
                types::Type::Quantity(unit) => Some(unit.clone()),
                _ => None,
            },
            value,
        }
    };
    let regroup = table
        .regroup
        .as_ref()
        .map(|regroup| Regroup { values: regroup.values.iter().map(of_row).collect(), keys: regroup.keys });
    // A group's key is written as in the rows that it is of.
    let column = |shown: &types::Shown| {
        let mut column = of_row(shown);
        if let (ReleasedExpr::RegroupKey(at), Some(regroup)) = (&column.value, &regroup)
            && let Some(key) = regroup.values.get(*at as usize)
        {
            column.ty = key.ty;
        }
        column
    };
    shape.shown = table.shown.iter().map(column).collect();
    shape.kept = table.kept.iter().map(|kept| released(kept, cell)).collect();
    shape.order = table.order.iter().map(|(key, descending)| (released(key, cell), *descending)).collect();
    shape.limit = table.limit;
    shape.regroup = regroup;
}

fn released(shown: &ShownExpr, cell: &dyn Fn(&GroupCell) -> Cell) -> ReleasedExpr {
    let apply = |operator, parts: Vec<&ShownExpr>| {
        ReleasedExpr::Apply(operator, parts.into_iter().map(|part| released(part, cell)).collect())
    };
    match shown {
        ShownExpr::Cell(of) => ReleasedExpr::Cell(cell(of)),
        ShownExpr::Shown(at) => ReleasedExpr::Shown(*at),
        ShownExpr::Literal(value) => {
            let (value, ty) = match value {
                types::Value::Bool(value) => (Value::Bool(*value), Type::Bool),
                types::Value::Int(value) => (Value::Int(*value), Type::Int),
                types::Value::Number(value) => (Value::Decimal(value.0), Type::Decimal),
                types::Value::Text(value) => (Value::Text(value.clone()), Type::Text),
                types::Value::Date(value) => (Value::Date(*value), Type::Date),
            };
            ReleasedExpr::Literal(value, ty)
        }
        ShownExpr::Arithmetic(operator, left, right) => {
            let operator = match operator {
                types::Arithmetic::Add => ReleasedOperator::Add,
                types::Arithmetic::Subtract => ReleasedOperator::Subtract,
                types::Arithmetic::Multiply => ReleasedOperator::Multiply,
                types::Arithmetic::Divide => ReleasedOperator::Divide,
            };
            apply(operator, vec![left, right])
        }
        ShownExpr::Compare(comparison, left, right) => {
            let operator = match comparison {
                types::Comparison::Equal => ReleasedOperator::Equal,
                types::Comparison::NotEqual => ReleasedOperator::NotEqual,
                types::Comparison::Less => ReleasedOperator::Less,
                types::Comparison::LessOrEqual => ReleasedOperator::LessOrEqual,
                types::Comparison::Greater => ReleasedOperator::Greater,
                types::Comparison::GreaterOrEqual => ReleasedOperator::GreaterOrEqual,
            };
            apply(operator, vec![left, right])
        }
        ShownExpr::And(parts) => apply(ReleasedOperator::And, parts.iter().collect()),
        ShownExpr::Or(parts) => apply(ReleasedOperator::Or, parts.iter().collect()),
        ShownExpr::Not(inner) => apply(ReleasedOperator::Not, vec![inner]),
        ShownExpr::IsKnown(inner) => apply(ReleasedOperator::IsKnown, vec![inner]),
        ShownExpr::Fisher(part, counts) => apply(
            match part {
                types::FisherPart::OddsRatio => ReleasedOperator::FisherOddsRatio,
                types::FisherPart::P => ReleasedOperator::FisherP,
            },
            counts.iter().collect(),
        ),
        ShownExpr::Grpmax { record, cell: of } => ReleasedExpr::Grpmax { record: *record, cell: cell(of) },
        ShownExpr::RegroupKey(at) => ReleasedExpr::RegroupKey(*at),
        ShownExpr::Regrouped { function, argument, filter } => ReleasedExpr::Regrouped {
            function: match function {
                types::AggregateFunction::Count => RegroupFunction::Count,
                types::AggregateFunction::Sum => RegroupFunction::Sum,
                types::AggregateFunction::Mean => RegroupFunction::Mean,
                types::AggregateFunction::Median => RegroupFunction::Quantile(types::Fraction::HALF),
                types::AggregateFunction::Quantile(share) => RegroupFunction::Quantile(*share),
                types::AggregateFunction::Min => RegroupFunction::Min,
                types::AggregateFunction::Max => RegroupFunction::Max,
                types::AggregateFunction::Share => RegroupFunction::Share,
                types::AggregateFunction::Wilson => RegroupFunction::Wilson,
            },
            argument: *argument,
            filter: *filter,
        },
        ShownExpr::Previous { along, within, value } => {
            let raw = |key: u32| match cell(&GroupCell::Key(key)) {
                Cell::Key(raw) => Some(raw),
                _ => None,
            };
            ReleasedExpr::Previous {
                along: raw(*along).unwrap_or(Raw(0)),
                within: within.iter().filter_map(|key| raw(*key)).collect(),
                value: Box::new(released(value, cell)),
            }
        }
    }
}
