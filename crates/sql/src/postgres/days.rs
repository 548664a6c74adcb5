//! Calendar arithmetic on Postgres.
//!
//! The years are 1 to 9999; Postgres knows more, and infinite days too, from which it refuses to subtract.
//! An infinite day is null here ([`finite`]); a sum is counted in days from the first day on and is null
//! where it leaves the years.

use super::{Let, Postgres, in_32_bits, null_beyond, word};
use crate::literal;
use crate::operand::Operand;
use crate::tree::{self, call};
use jiff::civil::Date;
use plan::{Type, Value};
use sqlparser::ast::{
    BinaryOperator, DataType, DateTimeField, Expr, ExtractSyntax, TimezoneInfo, TypedString, Value as Token,
};

/// The first day.
const FIRST: Date = jiff::civil::date(1, 1, 1);
/// The last day.
const LAST: Date = jiff::civil::date(9999, 12, 31);
/// Days from the first day to the last.
const DAYS: i32 = 3_652_058;
/// Months from the first month to the last.
const SPAN: i32 = 119_987;
/// Months from January of the year 0 to the first month and to the last, the former counted as 1.
const MONTHS: (i64, i64) = (13, 120_000);

fn day_literal(day: Date) -> Result<Expr, String> {
    literal::date(day, &Postgres)
}

fn integer(value: i64) -> Expr {
    literal::integer(i128::from(value))
}

fn null_day() -> Result<Expr, String> {
    literal::literal(&Value::Null, Type::Date, &Postgres)
}

/// The day, or null where it is infinite.
fn finite(day: &Operand) -> Expr {
    if day.literal.is_some() {
        return day.again();
    }
    let at = |text: &str| {
        Expr::TypedString(TypedString {
            data_type: DataType::Date,
            value: Token::SingleQuotedString(text.to_owned()).into(),
            uses_odbc_syntax: false,
        })
    };
    call("nullif", vec![call("nullif", vec![day.again(), at("infinity")]), at("-infinity")])
}

/// A part of a day: its year, month or day.
pub(super) fn part(field: DateTimeField, day: &Operand) -> Expr {
    // Unlike `date_part`, it takes a day as it is, and not as an instant.
    let part = Expr::Extract { field, syntax: ExtractSyntax::From, expr: Box::new(finite(day)) };
    tree::cast(part, DataType::BigInt(None))
}

/// Days from one day to another.
pub(super) fn between(earlier: &Operand, later: &Operand) -> Expr {
    tree::cast(tree::subtract(finite(later), finite(earlier)), DataType::BigInt(None))
}

/// The day so many days later.
pub(super) fn add_days(day: &Operand, days: &Operand) -> Result<Expr, String> {
    match days.literal {
        Some(Value::Int(count)) if count.unsigned_abs() <= u64::from(DAYS.unsigned_abs()) => {
            // The days from which the sum stays within the years.
            let shift = jiff::Span::new().try_days(count).map_err(|error| error.to_string())?;
            let from = if count < 0 { FIRST.checked_sub(shift) } else { Ok(FIRST) };
            let to = if count > 0 { LAST.checked_sub(shift) } else { Ok(LAST) };
            let (from, to) = match (from, to) {
                (Ok(from), Ok(to)) => (day_literal(from)?, day_literal(to)?),
                (Err(_), _) | (_, Err(_)) => return null_day(),
            };
            let bind = Let { name: "_1", bind: vec![("day", day)] };
            Ok(bind.within(|values| match values {
                [day] => {
                    tree::when(tree::between(day.clone(), from, to), tree::add(day.clone(), integer(count)))
                }
                _ => Expr::value(Token::Null),
            }))
        }
        Some(Value::Int(_)) => null_day(),
        _ => {
            let first = day_literal(FIRST)?;
            let place = tree::subtract(finite(day), first.clone());
            let count = in_32_bits(days.again(), i32::MAX);
            let sum = tree::add(tree::cast(place, DataType::BigInt(None)), count);
            let sum = null_beyond(integer(-1), sum, integer(i64::from(DAYS) + 1));
            Ok(tree::add(first, tree::cast(sum, DataType::Integer(None))))
        }
    }
}

/// The same day so many months later, or the last one of a shorter month.
pub(super) fn add_months(day: &Operand, months: &Operand) -> Result<Expr, String> {
    match months.literal {
        Some(Value::Int(count)) if count.unsigned_abs() <= u64::from(SPAN.unsigned_abs()) => {
            // The months from which the sum stays within the years, by their first and last day.
            let shift = jiff::Span::new().try_months(count).map_err(|error| error.to_string())?;
            let from = if count < 0 { FIRST.checked_sub(shift) } else { Ok(FIRST) };
            let to = if count > 0 { LAST.checked_sub(shift).map(Date::last_of_month) } else { Ok(LAST) };
            let (from, to) = match (from, to) {
                (Ok(from), Ok(to)) if FIRST <= from && FIRST <= to && to <= LAST => (from, to),
                (Ok(_) | Err(_), Ok(_) | Err(_)) => return null_day(),
            };
            let (from, to) = (day_literal(from)?, day_literal(to)?);
            let bind = Let { name: "_1", bind: vec![("day", day)] };
            Ok(bind.within(|values| match values {
                [day] => tree::when(
                    tree::between(day.clone(), from, to),
                    months_later(day.clone(), integer(count)),
                ),
                _ => Expr::value(Token::Null),
            }))
        }
        Some(Value::Int(_)) => null_day(),
        _ => {
            let (first, last) = (day_literal(FIRST)?, day_literal(LAST)?);
            let bind = Let { name: "_1", bind: vec![("day", day), ("months", months)] };
            Ok(bind.within(|values| match values {
                [day, months] => {
                    let of_day = Operand::plain(day.clone());
                    let year = tree::multiply(part(DateTimeField::Year, &of_day), integer(12));
                    let count = in_32_bits(months.clone(), SPAN);
                    let place =
                        tree::add(tree::add(year, part(DateTimeField::Month, &of_day)), count.clone());
                    let inside = tree::between(day.clone(), first, last);
                    // `year * 12 + month` counts January as 1, not as 0.
                    let lands = tree::between(place, integer(MONTHS.0), integer(MONTHS.1));
                    tree::when(tree::and(inside, lands), months_later(day.clone(), count))
                }
                _ => Expr::value(Token::Null),
            }))
        }
    }
}

fn months_later(day: Expr, months: Expr) -> Expr {
    let later = call("make_interval", vec![integer(0), months]);
    tree::cast(tree::add(day, later), DataType::Date)
}

/// Completed years: the difference of the years, less one before the birthday. A birthday of
/// 29 February comes after 28 February and is reached on 1 March.
pub(super) fn age(birth: &Operand, day: &Operand) -> Expr {
    let bind = Let { name: "_1", bind: vec![("birth", birth), ("day", day)] };
    let literals = (birth.literal.clone(), day.literal.clone());
    bind.within(|values| match values {
        [birth, day] => {
            let birth = Operand { literal: literals.0, ..Operand::plain(birth.clone()) };
            let day = Operand { literal: literals.1, ..Operand::plain(day.clone()) };
            let place = |day: &Operand| {
                tree::add(
                    tree::multiply(integer(100), part(DateTimeField::Month, day)),
                    part(DateTimeField::Day, day),
                )
            };
            let before = tree::binary(place(&day), BinaryOperator::Lt, place(&birth));
            let one = tree::case(vec![(before, integer(1))], Some(integer(0)));
            let years = tree::subtract(part(DateTimeField::Year, &day), part(DateTimeField::Year, &birth));
            let born = tree::binary(birth.again(), BinaryOperator::LtEq, day.again());
            tree::when(born, tree::subtract(years, one))
        }
        _ => Expr::value(Token::Null),
    })
}

/// The first day of the month.
pub(super) fn month_start(day: &Operand) -> Result<Expr, String> {
    let (first, last) = (day_literal(FIRST)?, day_literal(LAST)?);
    let bind = Let { name: "_1", bind: vec![("day", day)] };
    Ok(bind.within(|values| match values {
        [day] => {
            let instant = tree::cast(day.clone(), DataType::Timestamp(None, TimezoneInfo::None));
            let start = tree::cast(call("date_trunc", vec![word("month"), instant]), DataType::Date);
            tree::when(tree::between(day.clone(), first, last), start)
        }
        _ => Expr::value(Token::Null),
    }))
}
