//! DuckDB 1.5: types, functions and aggregates, each total.
//!
//! The means are few: `TRY_CAST` gives null where a number leaves its type, `HUGEINT` (128 bits)
//! holds every intermediate value, and a formula that needs a value several times binds it with a
//! lambda over a list of one struct, so that nested calls do not multiply the text.

mod days;
mod decimals;

use crate::literal;
use crate::operand::Operand;
use crate::spelling::{Rows, Spelling};
use crate::tree::{self, call, try_cast};
use plan::{AggregateFunction, Function, Type, Value};
use sqlparser::ast::{
    Array, ArrayElemTypeDef, BinaryOperator, DataType, DictionaryField, ExactNumberInfo, Expr, Ident,
    LambdaFunction, LambdaFunctionParameter, LambdaSyntax, OneOrManyWithParens, TimezoneInfo, Value as Token,
};
use sqlparser::dialect::{Dialect, DuckDbDialect};

/// The spelling of DuckDB.
#[derive(Debug)]
pub(crate) struct DuckDb;

impl Spelling for DuckDb {
    fn grammar(&self) -> &'static dyn Dialect {
        &DuckDbDialect {}
    }

    fn longest_name(&self) -> Option<usize> {
        None
    }

    fn type_of(&self, ty: Type, wide: bool) -> DataType {
        match ty {
            Type::Bool => DataType::Boolean,
            Type::Int => DataType::BigInt(None),
            Type::Decimal => decimal(if wide { 38 } else { 30 }, 12),
            Type::Text => DataType::Varchar(None),
            Type::Date => DataType::Date,
            Type::Instant => DataType::Timestamp(None, TimezoneInfo::None),
            Type::TextList => {
                DataType::Array(ArrayElemTypeDef::SquareBracket(Box::new(DataType::Varchar(None)), None))
            }
        }
    }

    fn call(&self, function: Function, arguments: &[Operand]) -> Result<Expr, String> {
        let all = || arguments.iter().map(Operand::again).collect::<Vec<_>>();
        match (function, arguments) {
            (Function::Coalesce, _) => Ok(call("coalesce", all())),
            (Function::Least, _) => Ok(call("least", all())),
            (Function::Greatest, _) => Ok(call("greatest", all())),
            (Function::AddInt, [a, b]) => Ok(in_64_bits(tree::add(huge(a.again()), b.again()))),
            (Function::SubtractInt, [a, b]) => Ok(in_64_bits(tree::subtract(huge(a.again()), b.again()))),
            (Function::MultiplyInt, [a, b]) => Ok(in_64_bits(tree::multiply(huge(a.again()), b.again()))),
            (Function::AddDecimal, [a, b]) => Ok(decimals::add(a, b, BinaryOperator::Plus)),
            (Function::SubtractDecimal, [a, b]) => Ok(decimals::add(a, b, BinaryOperator::Minus)),
            (Function::MultiplyDecimal, [a, b]) => Ok(decimals::multiply(a, b)),
            (Function::DivideDecimal, [a, b]) => Ok(decimals::divide(a, b)),
            (Function::IntToDecimal, [a]) => Ok(try_cast(a.again(), decimal(30, 12))),
            (Function::AddDays, [day, days]) => days::add_days(day, days),
            (Function::AddMonths, [day, months]) => days::add_months(day, months),
            (Function::DaysBetween, [later, earlier]) => Ok(days::between(earlier.again(), later.again())),
            (Function::AgeYears, [birth, day]) => Ok(days::age(birth, day)),
            (Function::MonthStart, [day]) => days::month_start(day),
            (Function::Year, [day]) => Ok(call("year", vec![day.again()])),
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
                    Ok(call("sha256", vec![both]))
                }
                _ => Err("the prefix of Sha256 is no literal".to_owned()),
            },
            (Function::AlleleName, [build, contig, position, reference, alternate]) => {
                let position = Operand::plain(tree::cast(position.again(), DataType::Varchar(None)));
                let colon = || literal::text(":");
                let mut name = build.again();
                for part in [contig, &position, reference, alternate] {
                    name = tree::chain(name, BinaryOperator::StringConcat, colon()?);
                    name = tree::chain(name, BinaryOperator::StringConcat, part.again());
                }
                Ok(name)
            }
            (Function::ListContains, _) => Ok(call("list_contains", all())),
            (Function::ListAppend, [list, text]) => {
                let name = Let { name: "_1", bind: vec![("list", list), ("text", text)] };
                Ok(name.within(|values| match values {
                    [list, text] => {
                        let known = |tree: &Expr| Expr::IsNotNull(Box::new(tree.clone()));
                        let both = tree::and(known(list), known(text));
                        let longer = call("list_append", values.to_vec());
                        tree::case(vec![(both, longer)], Some(list.clone()))
                    }
                    _ => Expr::value(Token::Null),
                }))
            }
            (Function::EmptyList, _) => {
                let empty = Expr::Array(Array { elem: Vec::new(), named: false });
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
            AggregateFunction::Sum if ty == Type::Decimal => decimals::sum(argument, rows),
            // DuckDB sums whole numbers in 128 bits.
            AggregateFunction::Sum => in_64_bits(rows.of("sum", vec![argument])),
            AggregateFunction::Members => rows.of("list", vec![argument]),
            AggregateFunction::Min => rows.of("min", vec![argument]),
            AggregateFunction::Max => rows.of("max", vec![argument]),
            // The least value that at least a share p of the values do not exceed: element ⌈np⌉.
            AggregateFunction::Lower(share) => at(argument, tree::number(&share.to_string()), rows),
            // A negative fraction counts from the greatest value down: with 1 - p for p it is element
            // n - ⌈n(1 - p)⌉ + 1 = ⌊np⌋ + 1.
            AggregateFunction::Upper(share) => {
                at(argument, tree::negative(tree::number(&share.rest().to_string())), rows)
            }
        })
    }

    /// DuckDB compares text by bytes unless a collation is set.
    fn by_bytes(&self, text: Expr) -> Expr {
        text
    }

    fn key(&self, literal: Expr, _: Type) -> Expr {
        literal
    }

    /// Both halves must agree in the digits of a decimal.
    fn of_both_halves(&self, value: Expr, ty: Type) -> Option<Expr> {
        (ty == Type::Decimal).then(|| tree::cast(value, self.type_of(ty, true)))
    }
}

/// The value at a fraction of the values in order.
fn at(argument: Expr, fraction: Expr, rows: &Rows) -> Expr {
    rows.of("quantile_disc", vec![argument, fraction])
}

/// `DECIMAL(width,scale)`
fn decimal(width: u64, scale: i64) -> DataType {
    DataType::Decimal(ExactNumberInfo::PrecisionAndScale(width, scale))
}

/// A whole number in 128 bits.
fn huge(tree: Expr) -> Expr {
    tree::cast(tree, DataType::HugeInt)
}

/// A whole number, or null where 64 bits do not hold it.
fn in_64_bits(tree: Expr) -> Expr {
    try_cast(tree, DataType::BigInt(None))
}

/// A whole quotient, rounded towards zero.
fn quotient(left: Expr, right: Expr) -> Expr {
    tree::binary(left, BinaryOperator::DuckIntegerDivide, right)
}

/// The greatest multiple of `width` that is at most the number.
///
/// `//` rounds towards zero, so the number is first moved by a multiple of `width` that makes it
/// positive, and back afterwards.
fn floor_to(number: &Operand, width: &Operand) -> Result<Expr, String> {
    let width = match width.literal {
        Some(Value::Int(width)) => i128::from(width),
        Some(Value::Null) => 0,
        _ => return Err("the width of FloorTo is no literal".to_owned()),
    };
    if width < 1 {
        return literal::literal(&Value::Null, Type::Int, &DuckDb);
    }
    let shift = (i128::from(i64::MAX) / width + 1) * width;
    let moved = tree::add(huge(number.again()), literal::integer(shift));
    let steps = quotient(moved, literal::integer(width));
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
    /// The formula over the values: over themselves where all of them may be repeated, else
    /// `list_extract(list_transform([{'a': …}], lambda "_1" : …"_1"."a"…), 1)`.
    fn within(self, formula: impl FnOnce(&[Expr]) -> Expr) -> Expr {
        if self.bind.iter().all(|(_, value)| value.is_simple()) {
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

/// A formula over the fields of one struct.
fn bind(name: &'static str, fields: Vec<(&'static str, Expr)>, formula: Expr) -> Expr {
    let fields = fields
        .into_iter()
        .map(|(key, value)| DictionaryField { key: Ident::with_quote('\'', key), value: Box::new(value) })
        .collect();
    let row = Expr::Array(Array { elem: vec![Expr::Dictionary(fields)], named: false });
    let lambda = Expr::Lambda(LambdaFunction {
        params: OneOrManyWithParens::One(LambdaFunctionParameter {
            name: crate::names::quoted(name),
            data_type: None,
        }),
        body: Box::new(formula),
        syntax: LambdaSyntax::LambdaKeyword,
    });
    call("list_extract", vec![call("list_transform", vec![row, lambda]), tree::number("1")])
}
