//! The functions of the closed list.

use crate::cell::Cell;
use crate::{days, numbers};
use num_bigint::BigInt;
use plan::Function;
use sha2::{Digest, Sha256};

/// The value of a function.
///
/// # Errors
/// The reason, for arguments of other types or another number than the function takes.
pub(crate) fn call(function: Function, arguments: &[Cell]) -> Result<Cell, String> {
    // These say themselves what a null argument means.
    match (function, arguments) {
        (Function::Coalesce, [_, ..]) => {
            return Ok(arguments.iter().find(|value| !value.is_null()).cloned().unwrap_or(Cell::Null));
        }
        (Function::Least, [_, ..]) => return extreme(arguments, |all| all.min()),
        (Function::Greatest, [_, ..]) => return extreme(arguments, |all| all.max()),
        (Function::ListAppend, [Cell::List(list), Cell::Null]) => return Ok(Cell::List(list.clone())),
        _ => {}
    }
    let known = || -> Result<Cell, String> {
        use Cell::{Date, Decimal, Int, List, Text};
        let int = |value: Option<i64>| value.map_or(Cell::Null, Int);
        let decimal = |value: Option<i128>| value.map_or(Cell::Null, Decimal);
        let date = |value: Option<jiff::civil::Date>| value.map_or(Cell::Null, Date);
        Ok(match (function, arguments) {
            (Function::AddInt, [Int(a), Int(b)]) => int(numbers::int(&(BigInt::from(*a) + b))),
            (Function::SubtractInt, [Int(a), Int(b)]) => int(numbers::int(&(BigInt::from(*a) - b))),
            (Function::MultiplyInt, [Int(a), Int(b)]) => int(numbers::int(&(BigInt::from(*a) * b))),
            (Function::AddDecimal, [Decimal(a), Decimal(b)]) => decimal(numbers::add_decimals(*a, *b)),
            (Function::SubtractDecimal, [Decimal(a), Decimal(b)]) => {
                decimal(numbers::subtract_decimals(*a, *b))
            }
            (Function::MultiplyDecimal, [Decimal(a), Decimal(b)]) => {
                decimal(numbers::multiply_decimals(*a, *b))
            }
            (Function::DivideDecimal, [Decimal(a), Decimal(b)]) => decimal(numbers::divide_decimals(*a, *b)),
            (Function::IntToDecimal, [Int(a)]) => decimal(numbers::int_to_decimal(*a)),
            (Function::AddDays, [Date(day), Int(count)]) => date(days::add_days(*day, *count)),
            (Function::AddMonths, [Date(day), Int(count)]) => date(days::add_months(*day, *count)),
            (Function::DaysBetween, [Date(later), Date(earlier)]) => {
                int(days::days_between(*later, *earlier))
            }
            (Function::AgeYears, [Date(birth), Date(day)]) => int(days::age_years(*birth, *day)),
            (Function::MonthStart, [Date(day)]) => Date(day.first_of_month()),
            (Function::Year, [Date(day)]) => Int(i64::from(day.year())),
            (Function::FloorTo, [Int(number), Int(width)]) => int(numbers::floor_to(*number, *width)),
            (Function::StartsWith, [Text(text), Text(prefix)]) => {
                Cell::Bool(text.as_bytes().starts_with(prefix.as_bytes()))
            }
            (Function::Sha256, [Text(prefix), Text(text)]) => {
                let digest = Sha256::digest(format!("{prefix}{text}"));
                let digit = |half: u8| char::from_digit(u32::from(half), 16).unwrap_or('0');
                let digits = digest.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]);
                Text(digits.collect::<String>().into())
            }
            (
                Function::AlleleName,
                [Text(build), Text(contig), Int(position), Text(reference), Text(alternate)],
            ) => Text(format!("{build}:{contig}:{position}:{reference}:{alternate}").into()),
            (Function::ListContains, [List(list), Text(text)]) => Cell::Bool(list.contains(text)),
            (Function::ListAppend, [List(list), Text(text)]) => {
                List(list.iter().chain([text]).cloned().collect())
            }
            (Function::EmptyList, []) => List(Vec::new()),
            (function, arguments) => {
                let types: Vec<_> = arguments.iter().map(Cell::ty).collect();
                return Err(format!("{function:?} does not take {types:?}"));
            }
        })
    };
    if arguments.iter().any(Cell::is_null) { Ok(Cell::Null) } else { known() }
}

/// The least or greatest of the values that are known.
fn extreme<'a>(
    arguments: &'a [Cell],
    pick: impl Fn(&mut dyn Iterator<Item = &'a Cell>) -> Option<&'a Cell>,
) -> Result<Cell, String> {
    let mut types = arguments.iter().filter_map(Cell::ty);
    let first = types.next();
    if let Some(other) = types.find(|ty| Some(*ty) != first) {
        return Err(format!("values of types {first:?} and {other:?} are compared"));
    }
    Ok(pick(&mut arguments.iter().filter(|value| !value.is_null())).cloned().unwrap_or(Cell::Null))
}
