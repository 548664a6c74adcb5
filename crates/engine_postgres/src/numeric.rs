//! `NUMERIC` on the wire: digits in base 10,000.
//!
//! A value is a sequence of 16-bit groups: how many digits, the weight of the first (of 10,000 to that
//! power), the sign, and the places that are shown. (`numeric_send` in PostgreSQL 15, `utils/adt/numeric.c`.)

/// The sign of a negative value.
const NEGATIVE: u16 = 0x4000;
/// Places of a decimal.
const PLACES: i32 = 12;

/// A value in units of 10⁻¹²; `None` for one that has none: not a number, infinite, with more places, or
/// beyond 128 bits.
pub(crate) fn units(bytes: &[u8]) -> Option<i128> {
    let mut words = bytes.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
    let count = words.next()?;
    let weight = i32::from(words.next()?.cast_signed());
    let sign = words.next()?;
    let _shown = words.next()?;
    if sign != 0 && sign != NEGATIVE {
        return None;
    }
    let mut units = 0_i128;
    for place in 0..i32::from(count) {
        let digit = i128::from(words.next()?);
        // This digit counts 10,000 to this power, in units.
        let power = (weight - place) * 4 + PLACES;
        let value = if power >= 0 {
            digit.checked_mul(10_i128.checked_pow(power.unsigned_abs())?)?
        } else {
            let rest = 10_i128.checked_pow(power.unsigned_abs())?;
            if digit % rest != 0 {
                return None;
            }
            digit / rest
        };
        units = units.checked_add(value)?;
    }
    Some(if sign == NEGATIVE { -units } else { units })
}

/// The bytes of `units` of 10 to the power of `-scale`.
pub(crate) fn bytes(units: i128, scale: u8) -> Vec<u8> {
    let scale = u32::from(scale);
    // As many zeros as make the places a multiple of a digit of the wire.
    let groups = scale.div_ceil(4);
    let mut left = units.unsigned_abs();
    let pad = groups * 4 - scale;
    let mut digits: Vec<u16> = Vec::new();
    let mut first = 10_u128.pow(4 - pad);
    let mut factor = 10_u128.pow(pad);
    while left > 0 {
        digits.push(u16::try_from(left % first * factor).unwrap_or(0));
        left /= first;
        first = 10_000;
        factor = 1;
    }
    let mut weight = i32::try_from(digits.len()).unwrap_or(0) - 1 - i32::try_from(groups).unwrap_or(0);
    digits.reverse();
    while digits.last() == Some(&0) {
        digits.pop();
    }
    if digits.is_empty() {
        weight = 0;
    }
    let mut bytes = Vec::with_capacity(8 + 2 * digits.len());
    let mut put = |word: u16| bytes.extend_from_slice(&word.to_be_bytes());
    put(u16::try_from(digits.len()).unwrap_or(0));
    put(i16::try_from(weight).unwrap_or(0).cast_unsigned());
    put(if units < 0 { NEGATIVE } else { 0 });
    put(u16::try_from(scale).unwrap_or(0));
    digits.into_iter().for_each(put);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_out_comes_back() {
        let mut all =
            vec![0, 1, -1, 9_999, 10_000, 10_i128.pow(12), -(10_i128.pow(38) - 1), 10_i128.pow(29) + 7];
        all.extend((0..38).map(|power| 10_i128.pow(power) * 3 + 1));
        for units_of_12 in all {
            assert_eq!(units(&bytes(units_of_12, 12)), Some(units_of_12), "{units_of_12}");
        }
        assert_eq!(units(&bytes(-15, 1)), Some(-1_500_000_000_000));
        assert_eq!(units(&bytes(7, 0)), Some(7_000_000_000_000));
        assert_eq!(units(&bytes(70_000, 0)), Some(70_000_000_000_000_000));
    }

    #[test]
    fn what_is_no_decimal_is_none() {
        let wire = |words: &[u16]| words.iter().flat_map(|word| word.to_be_bytes()).collect::<Vec<_>>();
        assert_eq!(units(&wire(&[0, 0, 0xC000, 0])), None, "not a number");
        assert_eq!(units(&wire(&[0, 0, 0xD000, 0])), None, "infinite");
        assert_eq!(units(&wire(&[1, 0xFFFC, 0, 16])), None, "16 places");
        assert_eq!(units(&wire(&[1, 0xFFFC, 0])), None, "cut");
        assert_eq!(units(&wire(&[1, 9, 0, 0, 1])), None, "too large");
        assert_eq!(units(&wire(&[1, 0xFFFD, 0, 12, 1])), Some(1));
    }
}
