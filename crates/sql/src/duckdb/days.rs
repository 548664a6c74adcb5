//! Calendar arithmetic on DuckDB.
//!
//! The years are 1 to 9999; DuckDB knows more, and infinite days too, so every sum is guarded by a
//! test of the days it starts from. `date_diff`, `year`, `month` and `day` give null for an infinite
//! day and fail for none.

use super::{DuckDb, Let, huge};
use crate::literal;
use crate::operand::Operand;
use crate::tree::{self, call, try_cast};
use jiff::civil::Date;
use plan::{Type, Value};
use sqlparser::ast::{BinaryOperator, DataType, Expr, Value as Token};

/// The first day.
const FIRST: Date = jiff::civil::date(1, 1, 1);
/// The last day.
const LAST: Date = jiff::civil::date(9999, 12, 31);
/// Days from the first day to the last.
const DAYS: i64 = 3_652_058;
/// Months from January of the year 0 to the first month and to the last.
const MONTHS: (i64, i64) = (12, 119_999);

fn day_literal(day: Date) -> Result<Expr, String> {
    literal::date(day, &DuckDb)
}

fn integer(value: i64) -> Expr {
    literal::integer(i128::from(value))
}

fn null_day() -> Result<Expr, String> {
    literal::literal(&Value::Null, Type::Date, &DuckDb)
}

/// Days from one day to another.
pub(super) fn between(earlier: Expr, later: Expr) -> Expr {
    call("date_diff", vec![Expr::value(Token::SingleQuotedString("day".to_owned())), earlier, later])
}

/// The day so many days later.
pub(super) fn add_days(day: &Operand, days: &Operand) -> Result<Expr, String> {
    match days.literal {
        Some(Value::Int(count)) if count.unsigned_abs() <= DAYS.unsigned_abs() => {
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
            let bind = Let { name: "_1", bind: vec![("day", day), ("days", days)] };
            Ok(bind.within(|values| match values {
                [day, days] => {
                    let place = tree::add(between(first, day.clone()), huge(days.clone()));
                    // A day far outside the years may still be led into them; no sum of it is out of
                    // the reach of DuckDB, and a count of days beyond 32 bits becomes null.
                    let sum = tree::add(day.clone(), try_cast(days.clone(), DataType::Integer(None)));
                    tree::when(tree::between(place, integer(0), integer(DAYS)), sum)
                }
                _ => Expr::value(Token::Null),
            }))
        }
    }
}

/// The same day so many months later, or the last one of a shorter month.
pub(super) fn add_months(day: &Operand, months: &Operand) -> Result<Expr, String> {
    match months.literal {
        Some(Value::Int(count)) if count.unsigned_abs() < MONTHS.1.unsigned_abs() => {
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
                    let year = tree::multiply(call("year", vec![day.clone()]), integer(12));
                    let place =
                        tree::add(tree::add(year, call("month", vec![day.clone()])), huge(months.clone()));
                    let inside = tree::between(day.clone(), first, last);
                    // `year * 12 + month` counts January as 1, not as 0.
                    let lands = tree::between(place, integer(MONTHS.0 + 1), integer(MONTHS.1 + 1));
                    let count = try_cast(months.clone(), DataType::Integer(None));
                    tree::when(tree::and(inside, lands), months_later(day.clone(), count))
                }
                _ => Expr::value(Token::Null),
            }))
        }
    }
}

fn months_later(day: Expr, months: Expr) -> Expr {
    tree::cast(tree::add(day, call("to_months", vec![months])), DataType::Date)
}

/// Completed years: the difference of the years, less one before the birthday. A birthday of
/// 29 February comes after 28 February and is reached on 1 March.
pub(super) fn age(birth: &Operand, day: &Operand) -> Expr {
    let bind = Let { name: "_1", bind: vec![("birth", birth), ("day", day)] };
    bind.within(|values| match values {
        [birth, day] => {
            let place = |day: &Expr| {
                tree::add(
                    tree::multiply(integer(100), call("month", vec![day.clone()])),
                    call("day", vec![day.clone()]),
                )
            };
            let before = tree::binary(place(day), BinaryOperator::Lt, place(birth));
            let one = tree::case(vec![(before, integer(1))], Some(integer(0)));
            let years = tree::subtract(call("year", vec![day.clone()]), call("year", vec![birth.clone()]));
            let born = tree::binary(birth.clone(), BinaryOperator::LtEq, day.clone());
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
            let parts = vec![call("year", vec![day.clone()]), call("month", vec![day.clone()]), integer(1)];
            tree::when(tree::between(day.clone(), first, last), call("make_date", parts))
        }
        _ => Expr::value(Token::Null),
    }))
}
