//! Literals with the unit of their type, alleles, signs of comparison.

use crate::listed;
use types::{Allele, Comparison, Count, Type, Value};

/// A literal with the unit of its type.
pub(crate) fn literal(value: &Value, ty: &Type) -> String {
    let bare = match value {
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::Int(value) => value.to_string(),
        Value::Number(number) => match ty {
            Type::Percent => {
                number.scale(100, 1).map_or_else(|| number.to_string(), |percent| percent.to_string())
            }
            _ => number.to_string(),
        },
        Value::Text(text) => text.clone(),
        Value::Date(date) if *ty == Type::Month => date.strftime("%Y-%m").to_string(),
        Value::Date(date) => date.to_string(),
    };
    let one = bare == "1";
    let unit = |word: &str| if one { format!("{bare} {word}") } else { format!("{bare} {word}s") };
    match ty {
        Type::Percent => format!("{bare} %"),
        Type::Age => unit("year"),
        Type::AgeInDays => format!("{} of age", unit("day")),
        Type::Days => unit("day"),
        Type::Months => length_in_months(value, &bare),
        Type::Quantity(of) => format!("{bare} {of}"),
        Type::Text => format!("\"{bare}\""),
        Type::Band { width, .. } => match value {
            Value::Int(low) => format!("{low} to {}", low + width - 1),
            _ => bare,
        },
        Type::Enum(_) => format!("`{bare}`"),
        Type::Bool
        | Type::Int
        | Type::Decimal
        | Type::QuantityOf(_)
        | Type::Date
        | Type::Month
        | Type::Code(_)
        | Type::Gene
        | Type::Id
        | Type::Allele
        | Type::Interval
        | Type::Unknown => bare,
    }
}

/// Whole years where they are.
fn length_in_months(value: &Value, bare: &str) -> String {
    match value {
        Value::Int(months) if *months != 0 && months % 12 == 0 => match months / 12 {
            1 => "1 calendar year".to_owned(),
            years => format!("{years} calendar years"),
        },
        Value::Int(1) => "1 calendar month".to_owned(),
        _ => format!("{bare} calendar months"),
    }
}

/// Alleles by build, contig, position, reference and alternate.
pub(crate) fn alleles(all: &[Allele]) -> String {
    let words: Vec<String> = all.iter().map(Allele::written).collect();
    listed(&words, "or")
}

/// `at least`
pub(crate) fn counts(count: Count) -> &'static str {
    match count {
        Count::AtLeast => "at least",
        Count::AtMost => "at most",
        Count::Exactly => "exactly",
    }
}

/// Numbers and names.
pub(crate) fn compares(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::Equal => "",
        Comparison::NotEqual => "other than",
        Comparison::Less => "less than",
        Comparison::LessOrEqual => "at most",
        Comparison::Greater => "greater than",
        Comparison::GreaterOrEqual => "at least",
    }
}

/// Days.
pub(crate) fn compares_dates(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::Equal => "on",
        Comparison::NotEqual => "on another day than",
        Comparison::Less => "before (not on)",
        Comparison::LessOrEqual => "on or before",
        Comparison::Greater => "after (not on)",
        Comparison::GreaterOrEqual => "on or after",
    }
}

/// `is` with the sign after it, where there is one.
pub(crate) fn is(sign: &str) -> String {
    if sign.is_empty() { "is".to_owned() } else { format!("is {sign}") }
}
