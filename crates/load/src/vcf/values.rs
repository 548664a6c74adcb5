//! Values of INFO and FORMAT keys: whether they have the type and the count of their definition.
//!
//! A key without definition in the header is judged by the specification where it is reserved, and
//! not at all otherwise.

use super::header::Header;
use super::meta::{Definition, Version};
use super::reserved::{self, Number, Rule, Type};
use std::collections::BTreeMap;

/// How the values of one key are judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Judge {
    pub number: Number,
    pub ty: Type,
    /// Whether its numbers are never negative.
    pub natural: bool,
    /// Whether it is a CIGAR string.
    pub cigar: bool,
}

impl Judge {
    /// For a key, from the header and the specification.
    fn of(definition: Option<&Definition>, rule: Option<Rule>) -> Option<Self> {
        let natural = rule.is_some_and(|rule| rule.natural);
        let (number, ty) = match (definition, rule) {
            (Some(definition), _) => (definition.number, definition.ty),
            (None, Some(rule)) => (rule.number, rule.ty),
            (None, None) => return None,
        };
        Some(Self { number, ty, natural, cigar: false })
    }

    /// For a FORMAT key.
    pub(crate) fn format(header: &Header, key: &str) -> Option<Self> {
        Self::of(header.format.get(key), reserved::format(key, header.version))
    }

    /// Judges a list of values, `alternates` of the record and `copies` of the genotype known; a
    /// record without alternates, or a genotype whose copies are not known, leaves the count open.
    pub(crate) fn list(&self, values: &[u8], alternates: usize, copies: Option<usize>) -> Result<(), String> {
        // A comma within quotes does not divide: a quoted text is one value.
        let quoted = self.ty == Type::String
            && values.len() > 1
            && values.first() == Some(&b'"')
            && values.last() == Some(&b'"');
        if values == b"." || (quoted && self.number == Number::Fixed(1)) {
            return Ok(());
        }
        let mut count = 0;
        for value in values.split(|c| *c == b',') {
            count += 1;
            if value != b"." {
                self.value(value)?;
            }
        }
        let open = (alternates == 0 && !matches!(self.number, Number::Fixed(_)))
            || (copies.is_none() && self.number == Number::Genotypes);
        match self.number.count(alternates, copies.unwrap_or(2)) {
            Some(wanted) if wanted != count && !open => Err(format!("has {count} values, expected {wanted}")),
            Some(_) | None => Ok(()),
        }
    }

    fn value(&self, value: &[u8]) -> Result<(), String> {
        let shown = || String::from_utf8_lossy(value).into_owned();
        let good = match self.ty {
            Type::Integer => integer(value).is_some(),
            Type::Float => is_float(value),
            Type::Character => {
                value.len() == 1 || std::str::from_utf8(value).is_ok_and(|text| text.chars().count() == 1)
            }
            Type::String => !self.cigar || is_cigar(value),
            // A flag has no value; `=0` and `=1` are seen and harmless.
            Type::Flag => matches!(value, b"0" | b"1"),
        };
        if !good {
            let what = if self.cigar { "CIGAR string" } else { self.ty.words() };
            return Err(format!("`{}` is no {what}", shown()));
        }
        if self.natural && value.first() == Some(&b'-') {
            return Err(format!("`{}` is negative", shown()));
        }
        Ok(())
    }
}

/// The judges of all INFO keys that a header or the specification defines.
#[derive(Debug)]
pub(crate) struct InfoJudges {
    version: Version,
    known: BTreeMap<Vec<u8>, Option<Judge>>,
    declared: BTreeMap<String, Definition>,
}

/// What the loader keeps of INFO.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Info<'a> {
    /// `END`, a 1-based position.
    pub end: Option<u64>,
    /// `SVLEN`, as written: one length, or one per alternate.
    pub lengths: Option<&'a [u8]>,
    /// The value of `ANN`, SnpEff's annotation.
    pub ann: Option<&'a [u8]>,
    /// The value of `CSQ`, VEP's annotation.
    pub csq: Option<&'a [u8]>,
}

impl InfoJudges {
    /// For the files of a header.
    pub(crate) fn new(header: &Header) -> Self {
        Self { version: header.version, known: BTreeMap::new(), declared: header.info.clone() }
    }

    /// Judges an INFO column and keeps what the loader needs.
    pub(crate) fn read<'a>(&mut self, column: &'a [u8], alternates: usize) -> Result<Info<'a>, String> {
        let mut info = Info::default();
        if column == b"." {
            return Ok(info);
        }
        let mut keys: Vec<&[u8]> = Vec::with_capacity(16);
        for part in column.split(|c| *c == b';') {
            let at = part.iter().position(|c| *c == b'=');
            let (key, value) = at.map_or((part, None), |at| (&part[..at], Some(&part[at + 1..])));
            let shown = || String::from_utf8_lossy(key).into_owned();
            if key.is_empty() {
                return Err("INFO has an empty key".into());
            }
            if keys.contains(&key) {
                return Err(format!("INFO {} stands twice", shown()));
            }
            keys.push(key);
            let judge = self.judge(key)?;
            match (judge, value) {
                (Some(judge), Some(value)) if judge.ty == Type::Flag => {
                    let wrong = |_| {
                        format!(
                            "INFO {} is a flag, but has the value `{}`",
                            shown(),
                            String::from_utf8_lossy(value)
                        )
                    };
                    judge.value(value).map_err(wrong)?;
                }
                (Some(judge), Some(value)) => {
                    // `G` is defined for genotypes; in INFO any count stands.
                    judge
                        .list(value, alternates, None)
                        .map_err(|reason| format!("INFO {} {reason}", shown()))?;
                }
                (Some(judge), None) if judge.ty != Type::Flag => {
                    return Err(format!("INFO {} has no value, but is no flag", shown()));
                }
                (Some(_) | None, _) => {}
            }
            match (key, value) {
                (b"END", Some(value)) => info.end = integer(value).and_then(|end| u64::try_from(end).ok()),
                (b"SVLEN", Some(value)) => info.lengths = Some(value),
                (b"ANN", Some(value)) => info.ann = Some(value),
                (b"CSQ", Some(value)) => info.csq = Some(value),
                _ => {}
            }
        }
        if column.iter().any(|c| *c == b' ' || *c == b'\t') {
            return Err("INFO has white space".into());
        }
        Ok(info)
    }

    /// The judge of a key, made when it is first seen.
    fn judge(&mut self, key: &[u8]) -> Result<Option<&Judge>, String> {
        if !self.known.contains_key(key) {
            let name = String::from_utf8_lossy(key).into_owned();
            if !super::meta::key_is_good(&name, self.version, true) {
                return Err(format!("INFO `{name}` is not a name"));
            }
            let mut judge = Judge::of(self.declared.get(&name), reserved::info(&name, self.version));
            if let Some(judge) = &mut judge {
                judge.cigar = name == "CIGAR";
            }
            self.known.insert(key.to_vec(), judge);
        }
        Ok(self.known.get(key).and_then(Option::as_ref))
    }
}

/// A whole number of 32 bits without the eight that BCF keeps for itself (specification, section 1.3).
pub(crate) fn integer(text: &[u8]) -> Option<i64> {
    let digits = text.strip_prefix(b"-").or_else(|| text.strip_prefix(b"+")).unwrap_or(text);
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let value: i64 = std::str::from_utf8(text).ok()?.parse().ok()?;
    (-2_147_483_640..=2_147_483_647).contains(&value).then_some(value)
}

/// Whether a text is a number: digits with point and exponent, or infinity or NaN in any case.
pub(crate) fn is_float(text: &[u8]) -> bool {
    let unsigned = text.strip_prefix(b"-").or_else(|| text.strip_prefix(b"+")).unwrap_or(text);
    if [&b"inf"[..], b"infinity", b"nan"].iter().any(|word| unsigned.eq_ignore_ascii_case(word)) {
        return true;
    }
    let at = unsigned.iter().position(|c| matches!(c, b'e' | b'E'));
    let (mantissa, exponent) = at.map_or((unsigned, None), |at| (&unsigned[..at], Some(&unsigned[at + 1..])));
    let exponent_good = exponent.is_none_or(|exponent| {
        let digits = exponent.strip_prefix(b"-").or_else(|| exponent.strip_prefix(b"+")).unwrap_or(exponent);
        !digits.is_empty() && digits.iter().all(u8::is_ascii_digit)
    });
    let mut parts = mantissa.split(|c| *c == b'.');
    let (whole, fraction) = (parts.next().unwrap_or(b""), parts.next().unwrap_or(b""));
    let digits = |part: &[u8]| part.iter().all(u8::is_ascii_digit);
    exponent_good
        && parts.next().is_none()
        && whole.len() + fraction.len() > 0
        && digits(whole)
        && digits(fraction)
}

/// Pairs of a length and one of MIDNSHP=X.
fn is_cigar(text: &[u8]) -> bool {
    let mut digits = 0;
    for c in text {
        match c {
            b'0'..=b'9' => digits += 1,
            _ if digits > 0 && b"MIDNSHP=X".contains(c) => digits = 0,
            _ => return false,
        }
    }
    digits == 0 && !text.is_empty()
}

/// A number as decimal of 12 digits after the point, as the warehouse holds it; nothing for infinity
/// and NaN. The error is a number that is not one, or has more than 18 digits before the point.
pub(crate) fn decimal(text: &[u8]) -> Result<Option<i128>, String> {
    const DIGITS: i64 = 12;
    let shown = || String::from_utf8_lossy(text).into_owned();
    if !is_float(text) {
        return Err(format!("`{}` is no number", shown()));
    }
    let negative = text.first() == Some(&b'-');
    let unsigned = text.strip_prefix(b"-").or_else(|| text.strip_prefix(b"+")).unwrap_or(text);
    if !unsigned.iter().any(u8::is_ascii_digit) {
        return Ok(None);
    }
    let mut value: i128 = 0;
    // The power of ten of the last digit taken.
    let mut power: i64 = 0;
    let mut after_point = false;
    let mut exponent: &[u8] = b"";
    for (at, c) in unsigned.iter().enumerate() {
        match c {
            b'.' => after_point = true,
            b'e' | b'E' => {
                exponent = &unsigned[at + 1..];
                break;
            }
            // Digits past the thirtieth only move the power.
            _ if value > 10_i128.pow(30) => power += i64::from(!after_point),
            _ => {
                value = value * 10 + i128::from(c - b'0');
                power -= i64::from(after_point);
            }
        }
    }
    let exponent = std::str::from_utf8(exponent)
        .ok()
        .filter(|text| !text.is_empty())
        .map_or(Some(0), |text| text.parse::<i64>().ok());
    let Some(exponent) = exponent.filter(|exponent| exponent.abs() < 1_000_000) else {
        return Err(format!("`{}` has an exponent out of range", shown()));
    };
    let shift = power + exponent + DIGITS;
    let scaled = match u32::try_from(shift.unsigned_abs()).unwrap_or(u32::MAX) {
        0 => Some(value),
        up if shift > 0 => {
            if value == 0 {
                Some(0)
            } else {
                10_i128.checked_pow(up).and_then(|ten| value.checked_mul(ten))
            }
        }
        // Half away from zero.
        down => Some(10_i128.checked_pow(down).map_or(0, |ten| (value + ten / 2) / ten)),
    };
    match scaled.filter(|value| *value < 10_i128.pow(30)) {
        Some(value) => Ok(Some(if negative { -value } else { value })),
        None => Err(format!("`{}` has more than 18 digits before the point", shown())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_exact() {
        let ten = |digits: &str| digits.parse::<i128>().expect("digits");
        assert_eq!(decimal(b"100"), Ok(Some(ten("100000000000000"))));
        assert_eq!(decimal(b"5.75"), Ok(Some(ten("5750000000000"))));
        assert_eq!(decimal(b"-2e+1"), Ok(Some(-ten("20000000000000"))));
        assert_eq!(decimal(b"5.3e-10"), Ok(Some(530)));
        assert_eq!(decimal(b"5e-13"), Ok(Some(1)));
        assert_eq!(decimal(b"1.1e-123"), Ok(Some(0)));
        assert_eq!(decimal(b"+Inf"), Ok(None));
        assert_eq!(decimal(b"NaN"), Ok(None));
        assert!(decimal(b"1e30").is_err());
        assert!(decimal(b"QUAL").is_err());
        assert!(decimal(b"").is_err());
    }

    #[test]
    fn numbers_are_told_from_words() {
        assert_eq!(integer(b"2147483647"), Some(2_147_483_647));
        for bad in ["2147483648", "-2147483641", "1.5", "", "-", "1e3"] {
            assert_eq!(integer(bad.as_bytes()), None, "{bad}");
        }
        for good in ["1", "-.5", "1.", "1e-3", "inf", "-Infinity", "NaN"] {
            assert!(is_float(good.as_bytes()), "{good}");
        }
        for bad in ["", ".", "1e", "e3", "1.2.3", "x"] {
            assert!(!is_float(bad.as_bytes()), "{bad}");
        }
        assert!(is_cigar(b"1M30I2D1N"));
        assert!(!is_cigar(b"123MYCIGAR"));
        assert!(!is_cigar(b"M1"));
    }
}
