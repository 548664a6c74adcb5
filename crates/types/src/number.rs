//! Exact decimal numbers: whole multiples of 10⁻¹².

use std::fmt;

/// A number in units of 10⁻¹², at most 18 digits before the point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Number(pub i128);

const ONE: i128 = 1_000_000_000_000;
const LIMIT: i128 = ONE * 1_000_000_000_000_000_000;

impl Number {
    /// Reads digits with an optional point and exponent, as the lexer leaves them. `None` where the
    /// number has more than 18 digits before or more than 12 after the point.
    pub fn parse(text: &str) -> Option<Number> {
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
            None => (text, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits: String = [whole, fraction].concat();
        let mut value: i128 = if digits.is_empty() { return None } else { digits.parse().ok()? };
        let scale = exponent - i32::try_from(fraction.len()).ok()? + 12;
        for _ in 0..scale.clamp(-60, 60).unsigned_abs() {
            if scale > 0 {
                value = value.checked_mul(10)?;
            } else {
                if value % 10 != 0 {
                    return None;
                }
                value /= 10;
            }
        }
        (value.abs() < LIMIT).then_some(Number(value))
    }

    /// A whole number.
    pub fn int(value: i64) -> Number {
        Number(i128::from(value) * ONE)
    }

    /// Its value where it is whole and fits.
    pub fn as_int(self) -> Option<i64> {
        (self.0 % ONE == 0).then(|| i64::try_from(self.0 / ONE).ok()).flatten()
    }

    /// `self * numerator / denominator`, exact or `None`.
    pub fn scale(self, numerator: i128, denominator: i128) -> Option<Number> {
        let product = self.0.checked_mul(numerator)?;
        (denominator != 0 && product % denominator == 0).then(|| Number(product / denominator))
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let (whole, fraction) = (self.0.abs() / ONE, self.0.abs() % ONE);
        if fraction == 0 {
            return write!(f, "{sign}{whole}");
        }
        write!(f, "{sign}{whole}.{}", format!("{fraction:012}").trim_end_matches('0'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_exact_or_refused() {
        let shown = |text| Number::parse(text).map(|number| number.to_string());
        assert_eq!(shown("6.50"), Some("6.5".to_owned()));
        assert_eq!(shown("5e-8"), Some("0.00000005".to_owned()));
        assert_eq!(shown("1e3"), Some("1000".to_owned()));
        assert_eq!(shown("1e-13"), None, "finer than 12 places");
        assert_eq!(shown("1e18"), None, "19 digits");
    }
}
