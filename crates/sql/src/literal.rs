//! The one printer of literals.
//!
//! Text is quoted with doubled quotes, and control characters stand outside the quotes as `chr(…)`,
//! so a printed statement can be indented and read line by line. Negative numbers stand in
//! parentheses, because `--` begins a comment.

use crate::spelling::Spelling;
use crate::tree;
use jiff::Timestamp;
use jiff::civil::Date;
use plan::{Type, Value};
use sqlparser::ast::{BinaryOperator, Expr, TypedString, Value as Token};

/// The first value beyond 38 digits, in units of 10⁻¹².
const TOO_LONG: u128 = 10_u128.pow(38);
/// The first value beyond the 30 digits of [`Type::Decimal`], in units of 10⁻¹².
const WIDE: u128 = 10_u128.pow(30);

/// Whether a decimal has more digits than [`Type::Decimal`], as sums may have.
pub(crate) fn is_wide(value: &Value) -> bool {
    matches!(value, Value::Decimal(units) if units.unsigned_abs() >= WIDE)
}

/// A literal of a type.
///
/// # Errors
/// The reason, for a value that no engine holds or that is not of the type.
pub(crate) fn literal(value: &Value, ty: Type, spelling: &dyn Spelling) -> Result<Expr, String> {
    match (value, ty) {
        (Value::Null, ty) => Ok(tree::cast(Expr::value(Token::Null), spelling.type_of(ty, false))),
        (Value::Bool(value), Type::Bool) => Ok(Expr::value(Token::Boolean(*value))),
        (Value::Int(value), Type::Int) => Ok(integer(i128::from(*value))),
        (Value::Decimal(units), Type::Decimal) => {
            if units.unsigned_abs() >= TOO_LONG {
                return Err("a decimal literal has more than 26 digits before the point".to_owned());
            }
            let digits = string(&decimal_text(*units));
            Ok(tree::cast(digits, spelling.type_of(Type::Decimal, is_wide(value))))
        }
        (Value::Text(value), Type::Text) => text(value),
        (Value::Date(value), Type::Date) => date(*value, spelling),
        (Value::Instant(seconds), Type::Instant) => instant(*seconds, spelling),
        (value, ty) => Err(format!("{value:?} is no literal of type {ty:?}")),
    }
}

/// A whole number.
pub(crate) fn integer(value: i128) -> Expr {
    let digits = tree::number(&value.unsigned_abs().to_string());
    if value < 0 { tree::negative(digits) } else { digits }
}

/// A day of the years 1 to 9999.
pub(crate) fn date(value: Date, spelling: &dyn Spelling) -> Result<Expr, String> {
    if value.year() < 1 {
        return Err(format!("{value} is before the year 1"));
    }
    Ok(typed(Type::Date, &value.to_string(), spelling))
}

/// A UTC instant.
fn instant(seconds: i64, spelling: &dyn Spelling) -> Result<Expr, String> {
    let far = || format!("{seconds} seconds since 1970 are outside the years 1 to 9999");
    let time = Timestamp::from_second(seconds).map_err(|_| far())?;
    let time = jiff::tz::Offset::UTC.to_datetime(time);
    if time.year() < 1 {
        return Err(far());
    }
    Ok(typed(Type::Instant, &time.strftime("%Y-%m-%d %H:%M:%S").to_string(), spelling))
}

/// Text.
///
/// # Errors
/// The reason, for text with the character NUL, which Postgres cannot hold.
pub(crate) fn text(value: &str) -> Result<Expr, String> {
    if value.contains('\0') {
        return Err("a text literal holds the character NUL".to_owned());
    }
    let mut parts = Vec::new();
    let mut plain = String::new();
    for character in value.chars() {
        if character.is_ascii_control() {
            if !plain.is_empty() {
                parts.push(string(&std::mem::take(&mut plain)));
            }
            parts.push(tree::call("chr", vec![integer(i128::from(u32::from(character)))]));
        } else {
            plain.push(character);
        }
    }
    if !plain.is_empty() || parts.is_empty() {
        parts.push(string(&plain));
    }
    let joined =
        parts.into_iter().reduce(|left, right| tree::chain(left, BinaryOperator::StringConcat, right));
    match joined {
        Some(Expr::BinaryOp { left, op, right }) => Ok(tree::nested(Expr::BinaryOp { left, op, right })),
        Some(one) => Ok(one),
        None => Ok(string("")),
    }
}

/// A string without control characters.
///
/// The tree holds the text as it stands between the quotes; see `names::quoted`.
fn string(value: &str) -> Expr {
    Expr::value(Token::SingleQuotedString(value.replace('\'', "''")))
}

/// A literal that names its type before it.
fn typed(ty: Type, value: &str, spelling: &dyn Spelling) -> Expr {
    Expr::TypedString(TypedString {
        data_type: spelling.type_of(ty, false),
        value: Token::SingleQuotedString(value.to_owned()).into(),
        uses_odbc_syntax: false,
    })
}

/// Digits of a decimal without needless zeros at the end.
fn decimal_text(units: i128) -> String {
    const UNIT: u128 = 1_000_000_000_000;
    let sign = if units < 0 { "-" } else { "" };
    let (whole, part) = (units.unsigned_abs() / UNIT, units.unsigned_abs() % UNIT);
    let text = format!("{sign}{whole}.{part:012}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::duckdb::DuckDb;

    fn shown(value: &Value, ty: Type) -> String {
        literal(value, ty, &DuckDb)
            .map_or_else(|reason| format!("refused: {reason}"), |tree| tree.to_string())
    }

    #[test]
    fn each_kind_has_one_spelling() {
        assert_eq!(shown(&Value::Int(-5), Type::Int), "(-5)");
        assert_eq!(shown(&Value::Int(i64::MIN), Type::Int), "(-9223372036854775808)");
        assert_eq!(
            shown(&Value::Decimal(-1_500_000_000_000), Type::Decimal),
            "CAST('-1.5' AS DECIMAL(30,12))"
        );
        assert_eq!(
            shown(&Value::Decimal(100_000_000_000_000), Type::Decimal),
            "CAST('100' AS DECIMAL(30,12))"
        );
        assert_eq!(shown(&Value::Null, Type::Int), "CAST(NULL AS BIGINT)");
        assert_eq!(shown(&Value::Date(jiff::civil::date(2026, 1, 1)), Type::Date), "DATE '2026-01-01'");
        assert_eq!(shown(&Value::Date(jiff::civil::date(7, 1, 1)), Type::Date), "DATE '0007-01-01'");
        assert_eq!(shown(&Value::Instant(0), Type::Instant), "TIMESTAMP '1970-01-01 00:00:00'");
        assert!(shown(&Value::Instant(i64::MAX), Type::Instant).starts_with("refused"));
        assert!(shown(&Value::Decimal(i128::MAX), Type::Decimal).starts_with("refused"));
        assert!(shown(&Value::Int(1), Type::Text).starts_with("refused"));
    }

    #[test]
    fn text_cannot_leave_its_quotes() {
        let text = |value: &str| shown(&Value::Text(value.to_owned()), Type::Text);
        assert_eq!(text("it's"), "'it''s'");
        assert_eq!(text("''"), "''''''");
        assert_eq!(text(r"\'"), r"'\'''");
        assert_eq!(text(r"\''; DROP TABLE x --"), r"'\''''; DROP TABLE x --'");
        assert_eq!(text("a\nb"), "('a' || chr(10) || 'b')");
        assert_eq!(text("\n"), "chr(10)");
        assert_eq!(text(""), "''");
        assert!(text("\0").starts_with("refused"));
    }
}
