//! Postgres 15 and later: types, functions and aggregates, each total.
//!
//! Postgres has no `TRY_CAST`; its `NUMERIC` holds every intermediate value instead (131,072 digits
//! before the point), and what leaves its type becomes null by [`null_beyond`], which names the value
//! once. A formula that needs a value several times binds it in a subquery over one row of values.
//! `CASE` alone is no shelter here: constants are folded before it is looked at, so every part of a
//! formula is total by itself.
//!
//! The text counts on a session with `standard_conforming_strings` and a database in UTF-8; the engine
//! sees to both.

mod days;
mod decimals;

use crate::block::select_of;
use crate::literal;
use crate::operand::Operand;
use crate::spelling::{Rows, Spelling};
use crate::tree::{self, call};
use plan::{AggregateFunction, Fraction, Function, Type, Value};
use sqlparser::ast::{
    Array, ArrayElemTypeDef, BinaryOperator, DataType, DateTimeField, ExactNumberInfo, Expr, Ident,
    ObjectName, Parens, SelectItem, SetExpr, TableAlias, TableAliasColumnDef, TableFactor, TimezoneInfo,
    Value as Token, Values,
};
use sqlparser::dialect::{Dialect, PostgreSqlDialect};

/// The spelling of Postgres.
#[derive(Debug)]
pub(crate) struct Postgres;

impl Spelling for Postgres {
    fn grammar(&self) -> &'static dyn Dialect {
        &PostgreSqlDialect {}
    }

    fn longest_name(&self) -> Option<usize> {
        Some(crate::names::LONGEST)
    }

    fn type_of(&self, ty: Type, _wide: bool) -> DataType {
        match ty {
            Type::Bool => DataType::Boolean,
            Type::Int => DataType::BigInt(None),
            Type::Decimal => numeric_type(),
            Type::Text => DataType::Text,
            Type::Date => DataType::Date,
            Type::Instant => DataType::Timestamp(None, TimezoneInfo::None),
            Type::TextList => {
                DataType::Array(ArrayElemTypeDef::SquareBracket(Box::new(DataType::Text), None))
            }
        }
    }

    fn call(&self, function: Function, arguments: &[Operand]) -> Result<Expr, String> {
        let all = || arguments.iter().map(Operand::again).collect::<Vec<_>>();
        match (function, arguments) {
            (Function::Coalesce, _) => Ok(call("coalesce", all())),
            (Function::Least, _) => Ok(call("least", all())),
            (Function::Greatest, _) => Ok(call("greatest", all())),
            (Function::AddInt, [a, b]) => Ok(in_64_bits(tree::add(numeric(a.again()), b.again()))),
            (Function::SubtractInt, [a, b]) => Ok(in_64_bits(tree::subtract(numeric(a.again()), b.again()))),
            (Function::MultiplyInt, [a, b]) => Ok(in_64_bits(tree::multiply(numeric(a.again()), b.again()))),
            (Function::AddDecimal, [a, b]) => Ok(decimals::add(a, b, BinaryOperator::Plus)),
            (Function::SubtractDecimal, [a, b]) => Ok(decimals::add(a, b, BinaryOperator::Minus)),
            (Function::MultiplyDecimal, [a, b]) => Ok(decimals::multiply(a, b)),
            (Function::DivideDecimal, [a, b]) => Ok(decimals::divide(a, b)),
            (Function::IntToDecimal, [a]) => Ok(decimals::in_18_digits(numeric(a.again()))),
            (Function::AddDays, [day, days]) => days::add_days(day, days),
            (Function::AddMonths, [day, months]) => days::add_months(day, months),
            (Function::DaysBetween, [later, earlier]) => Ok(days::between(earlier, later)),
            (Function::AgeYears, [birth, day]) => Ok(days::age(birth, day)),
            (Function::MonthStart, [day]) => days::month_start(day),
            (Function::Year, [day]) => Ok(days::part(DateTimeField::Year, day)),
            (Function::FloorTo, [number, width]) => floor_to(number, width),
            (Function::StartsWith, [text, prefix]) => match prefix.literal {
                Some(Value::Text(_) | Value::Null) => {
                    Ok(call("starts_with", vec![text.again(), prefix.again()]))
                }
                _ => Err("the prefix of StartsWith is no literal".to_owned()),
            },
            (Function::Sha256, [prefix, text]) => match prefix.literal {
                Some(Value::Text(_) | Value::Null) => {
                    let both = tree::chain(prefix.again(), BinaryOperator::StringConcat, text.again());
                    let bytes = call("convert_to", vec![both, word("UTF8")]);
                    Ok(call("encode", vec![call("sha256", vec![bytes]), word("hex")]))
                }
                _ => Err("the prefix of Sha256 is no literal".to_owned()),
            },
            (Function::AlleleName, [build, contig, position, reference, alternate]) => {
                let position = Operand::plain(tree::cast(position.again(), DataType::Text));
                let colon = || literal::text(":");
                let mut name = build.again();
                for part in [contig, &position, reference, alternate] {
                    name = tree::chain(name, BinaryOperator::StringConcat, colon()?);
                    name = tree::chain(name, BinaryOperator::StringConcat, part.again());
                }
                Ok(name)
            }
            (Function::ListContains, [list, text]) => Ok(tree::nested(Expr::AnyOp {
                left: Box::new(tree::operand(text.again())),
                compare_op: BinaryOperator::Eq,
                // A subquery there would be read as rows.
                right: Box::new(if list.is_simple() {
                    list.again()
                } else {
                    tree::cast(list.again(), self.type_of(Type::TextList, false))
                }),
                is_some: false,
            })),
            (Function::ListAppend, [list, text]) => {
                let name = Let { name: "_1", bind: vec![("list", list), ("text", text)] };
                Ok(name.within(|values| match values {
                    [list, text] => {
                        let known = |tree: &Expr| Expr::IsNotNull(Box::new(tree.clone()));
                        let both = tree::and(known(list), known(text));
                        let longer = call("array_append", values.to_vec());
                        tree::case(vec![(both, longer)], Some(list.clone()))
                    }
                    _ => Expr::value(Token::Null),
                }))
            }
            (Function::EmptyList, _) => {
                let empty = Expr::Array(Array { elem: Vec::new(), named: true });
                Ok(tree::cast(empty, self.type_of(Type::TextList, false)))
            }
            (
                Function::AddInt
                | Function::SubtractInt
                | Function::MultiplyInt
                | Function::AddDecimal
                | Function::SubtractDecimal
                | Function::MultiplyDecimal
                | Function::DivideDecimal
                | Function::IntToDecimal
                | Function::AddDays
                | Function::AddMonths
                | Function::DaysBetween
                | Function::AgeYears
                | Function::MonthStart
                | Function::Year
                | Function::FloorTo
                | Function::StartsWith
                | Function::Sha256
                | Function::AlleleName
                | Function::ListContains
                | Function::ListAppend,
                _,
            ) => Err(format!("{function:?} does not take {} arguments", arguments.len())),
        }
    }

    fn aggregate(
        &self,
        function: AggregateFunction,
        argument: Expr,
        ty: Type,
        rows: &Rows,
    ) -> Result<Expr, String> {
        Ok(match function {
            AggregateFunction::Count => rows.of("count", vec![argument]),
            AggregateFunction::Sum if ty == Type::Decimal => {
                decimals::in_26_digits(rows.of("sum", vec![argument]))
            }
            // Postgres sums whole numbers of 64 bits in NUMERIC.
            AggregateFunction::Sum => in_64_bits(rows.of("sum", vec![argument])),
            AggregateFunction::Members => rows.of("array_agg", vec![argument]),
            // There is no least and no greatest bool; false comes before true.
            AggregateFunction::Min if ty == Type::Bool => rows.of("bool_and", vec![argument]),
            AggregateFunction::Max if ty == Type::Bool => rows.of("bool_or", vec![argument]),
            AggregateFunction::Min => rows.of("min", vec![argument]),
            AggregateFunction::Max => rows.of("max", vec![argument]),
            // The first value in order at which a share p of the values is reached: element ⌈np⌉.
            AggregateFunction::Lower(share) => rows.at(&little_less(share), argument, false)?,
            // From the greatest value down: with 1 - p for p it is element n - ⌈n(1 - p)⌉ + 1 = ⌊np⌋ + 1.
            AggregateFunction::Upper(share) => rows.at(&little_less(share.rest()), argument, true)?,
        })
    }

    /// The collation of a database decides the order of its texts, unless one is named.
    fn by_bytes(&self, text: Expr) -> Expr {
        Expr::Collate {
            expr: Box::new(tree::operand(text)),
            collation: ObjectName::from(vec![Ident::with_quote('"', "C")]),
        }
    }

    /// A bare literal is no key: Postgres refuses texts and truth values, and reads numbers as places.
    fn key(&self, literal: Expr, ty: Type) -> Expr {
        if matches!(literal, Expr::Cast { .. } | Expr::TypedString(_)) {
            literal
        } else {
            tree::cast(literal, self.type_of(ty, false))
        }
    }

    /// Both halves must agree in the type of each column, in its digits and in its collation.
    fn of_both_halves(&self, value: Expr, ty: Type) -> Option<Expr> {
        match ty {
            Type::Decimal => Some(tree::cast(value, numeric_type())),
            Type::Text | Type::TextList => Some(self.by_bytes(tree::cast(value, self.type_of(ty, false)))),
            Type::Bool | Type::Int | Type::Date | Type::Instant => None,
        }
    }
}

/// The share less 10⁻¹⁴. Postgres multiplies it in binary, where 0.07 of 100 is more than 7 and would be the
/// eighth value. A share has four places, so up to 10¹⁰ values there is nothing whole between the two.
fn little_less(share: Fraction) -> String {
    format!("0.{:014}", u64::from(share.parts()) * 10_000_000_000 - 1)
}

fn numeric_type() -> DataType {
    DataType::Numeric(ExactNumberInfo::None)
}

/// A word that a function takes.
fn word(text: &str) -> Expr {
    Expr::value(Token::SingleQuotedString(text.to_owned()))
}

/// A number with as many digits as it needs.
fn numeric(tree: Expr) -> Expr {
    tree::cast(tree, numeric_type())
}

/// The number, or null where it is not greater than `low` and less than `high`. It is named once: what
/// lies outside is moved to the bound, and the bound is null. A null is moved to `high`, and is null again.
fn null_beyond(low: Expr, value: Expr, high: Expr) -> Expr {
    let moved = call("greatest", vec![call("least", vec![value, high.clone()]), low.clone()]);
    call("nullif", vec![call("nullif", vec![moved, high]), low])
}

/// The whole number, or null where 64 bits do not hold it.
fn in_64_bits(tree: Expr) -> Expr {
    let (low, high) = (i128::from(i64::MIN) - 1, i128::from(i64::MAX) + 1);
    tree::cast(null_beyond(literal::integer(low), tree, literal::integer(high)), DataType::BigInt(None))
}

/// The whole number as 32 bits, or null where it is not within `-bound` and `bound`.
fn in_32_bits(tree: Expr, bound: i32) -> Expr {
    let bound = i128::from(bound) + 1;
    tree::cast(null_beyond(literal::integer(-bound), tree, literal::integer(bound)), DataType::Integer(None))
}

/// The greatest multiple of `width` that is at most the number.
///
/// `div` rounds towards zero, so the number is first moved by a multiple of `width` that makes it
/// positive, and back afterwards.
fn floor_to(number: &Operand, width: &Operand) -> Result<Expr, String> {
    let width = match width.literal {
        Some(Value::Int(width)) => i128::from(width),
        Some(Value::Null) => 0,
        _ => return Err("the width of FloorTo is no literal".to_owned()),
    };
    if width < 1 {
        return literal::literal(&Value::Null, Type::Int, &Postgres);
    }
    let shift = (i128::from(i64::MAX) / width + 1) * width;
    let moved = tree::add(numeric(number.again()), literal::integer(shift));
    let steps = call("div", vec![moved, literal::integer(width)]);
    let floor = tree::multiply(steps, literal::integer(width));
    Ok(in_64_bits(tree::subtract(floor, literal::integer(shift))))
}

/// Values that a formula names more than once.
struct Let<'a> {
    /// The name of the row of values, one of `names::LETS`.
    name: &'static str,
    /// The values.
    bind: Vec<(&'static str, &'a Operand)>,
}

impl Let<'_> {
    /// The formula over the values: over themselves where all of them may be repeated, else over a row of
    /// them ([`bind`]). Aggregates are repeated, for they cannot stand in such a row, and Postgres computes
    /// equal ones once.
    fn within(self, formula: impl FnOnce(&[Expr]) -> Expr) -> Expr {
        if self.bind.iter().all(|(_, value)| value.is_simple())
            || self.bind.iter().any(|(_, value)| value.rows)
        {
            let values: Vec<Expr> = self.bind.iter().map(|(_, value)| value.again()).collect();
            return formula(&values);
        }
        let values: Vec<Expr> = self.bind.iter().map(|(key, _)| bound(self.name, key)).collect();
        let fields = self.bind.iter().map(|(key, value)| (*key, value.again())).collect();
        bind(self.name, fields, formula(&values))
    }
}

/// `"name"."key"`
fn bound(name: &'static str, key: &'static str) -> Expr {
    Expr::CompoundIdentifier(vec![crate::names::quoted(name), crate::names::quoted(key)])
}

/// A formula over the fields of one row: `(SELECT formula FROM (VALUES (…)) AS "name" ("key", …))`.
fn bind(name: &'static str, fields: Vec<(&'static str, Expr)>, formula: Expr) -> Expr {
    let columns = fields
        .iter()
        .map(|(key, _)| TableAliasColumnDef { name: crate::names::quoted(key), data_type: None })
        .collect();
    let row = fields.into_iter().map(|(_, value)| value).collect();
    let values =
        Values { explicit_row: false, value_keyword: false, rows: vec![Parens::with_empty_span(row)] };
    let source = TableFactor::Derived {
        lateral: false,
        subquery: Box::new(tree::query(SetExpr::Values(values))),
        alias: Some(TableAlias { explicit: true, name: crate::names::quoted(name), columns, at: None }),
        sample: None,
    };
    let select = select_of(vec![SelectItem::UnnamedExpr(formula)], source, Vec::new());
    Expr::Subquery(Box::new(tree::query(SetExpr::Select(Box::new(select)))))
}
