//! Units that relate to each other, and by which factor.
//!
//! Two units are comparable when they measure the same kind. `%`, `mmol/mol` and `1` are different
//! kinds, and so are mass and amount of substance: what relates those depends on the code, and is
//! declared for it. Factors are exact rational numbers.

use crate::number::Number;

/// A unit of the table: name, kind, and how many base units of the kind it is, as a fraction.
struct Unit(&'static str, &'static str, i128, i128);

/// Spellings of UCUM (case-sensitive form), <https://ucum.org/ucum>; the litre is `L` and `l` there.
const UNITS: &[Unit] = &[
    Unit("ug", "mass", 1, 1_000_000),
    Unit("mg", "mass", 1, 1_000),
    Unit("g", "mass", 1, 1),
    Unit("kg", "mass", 1_000, 1),
    Unit("mm", "length", 1, 1_000),
    Unit("cm", "length", 1, 100),
    Unit("m", "length", 1, 1),
    Unit("mL", "volume", 1, 1_000),
    Unit("dL", "volume", 1, 10),
    Unit("L", "volume", 1, 1),
    Unit("ml", "volume", 1, 1_000),
    Unit("dl", "volume", 1, 10),
    Unit("l", "volume", 1, 1),
    Unit("ug/L", "mass concentration", 1, 1_000_000),
    Unit("ng/mL", "mass concentration", 1, 1_000_000),
    Unit("mg/L", "mass concentration", 1, 1_000),
    Unit("mg/dL", "mass concentration", 1, 100),
    Unit("g/L", "mass concentration", 1, 1),
    Unit("g/dL", "mass concentration", 10, 1),
    Unit("ug/l", "mass concentration", 1, 1_000_000),
    Unit("ng/ml", "mass concentration", 1, 1_000_000),
    Unit("mg/l", "mass concentration", 1, 1_000),
    Unit("mg/dl", "mass concentration", 1, 100),
    Unit("g/l", "mass concentration", 1, 1),
    Unit("g/dl", "mass concentration", 10, 1),
    Unit("nmol/L", "substance concentration", 1, 1_000_000),
    Unit("umol/L", "substance concentration", 1, 1_000),
    Unit("mmol/L", "substance concentration", 1, 1),
    Unit("nmol/l", "substance concentration", 1, 1_000_000),
    Unit("umol/l", "substance concentration", 1, 1_000),
    Unit("mmol/l", "substance concentration", 1, 1),
    Unit("mmol/mol", "substance fraction", 1, 1),
    Unit("%", "percentage", 1, 1),
    Unit("kg/m2", "body mass index", 1, 1),
    Unit("mm[Hg]", "pressure", 1, 1),
    Unit("kPa", "pressure in pascal", 1, 1),
    Unit("10*9/L", "number concentration", 1, 1),
    Unit("10*12/L", "number concentration", 1_000, 1),
    Unit("U/L", "catalytic concentration", 1, 1),
    Unit("/min", "rate", 1, 1),
    Unit("1", "number", 1, 1),
];

/// What is known of two units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conversion {
    /// One of the first is so many of the second: numerator, denominator.
    Factor(i128, i128),
    /// They measure different kinds.
    Different,
    /// The first is not in the table.
    UnknownFirst,
    /// The second is not in the table.
    UnknownSecond,
}

/// How many of `to` one `from` is. Equal spellings are always comparable.
pub fn convert(from: &str, to: &str) -> Conversion {
    if from == to {
        return Conversion::Factor(1, 1);
    }
    let Some(a) = find(from) else { return Conversion::UnknownFirst };
    let Some(b) = find(to) else { return Conversion::UnknownSecond };
    if a.1 == b.1 { Conversion::Factor(a.2 * b.3, a.3 * b.2) } else { Conversion::Different }
}

/// The kind of a unit in words, for messages.
pub(crate) fn kind(unit: &str) -> Option<&'static str> {
    find(unit).map(|unit| unit.1)
}

/// All units of the same kind as `unit` with the value of `number` in each, where that is exact.
/// A unit outside the table is comparable with itself only.
pub(crate) fn in_all_units(number: Number, unit: &str) -> Vec<(String, Number)> {
    let Some(of) = find(unit) else { return vec![(unit.to_owned(), number)] };
    UNITS
        .iter()
        .filter(|other| other.1 == of.1)
        .filter_map(|other| Some((other.0.to_owned(), number.scale(of.2 * other.3, of.3 * other.2)?)))
        .collect()
}

/// Prefixes of metric units, the longest first.
const PREFIXES: &[&str] =
    &["da", "Y", "Z", "E", "P", "T", "G", "M", "k", "h", "d", "c", "m", "u", "n", "p", "f", "a"];

/// Units that take a prefix, and units that do not.
const METRIC: &[&str] = &[
    "m", "g", "s", "L", "l", "mol", "U", "Pa", "Hz", "N", "J", "W", "V", "A", "K", "C", "F", "S", "Ohm", "T",
    "Cel", "cal", "eq", "osm", "kat", "Bq", "Ci", "Gy", "Sv", "bar", "t", "B", "lm", "lx", "cd", "eV", "u",
    "m[H2O]", "m[Hg]", "[iU]", "[IU]",
];
const PLAIN: &[&str] = &["%", "min", "h", "d", "wk", "mo", "a", "deg", "'", "''"];

/// Whether a text is spelled as UCUM spells units: terms joined by `.` and `/`, each a unit with
/// an optional prefix and exponent, a number, or a power of ten. Units in square brackets, which are
/// many and rare, are taken as they are.
pub(crate) fn is_ucum(text: &str) -> bool {
    let mut bare = String::new();
    let mut annotated = false;
    for letter in text.chars() {
        match letter {
            '{' if !annotated => annotated = true,
            '}' if annotated => annotated = false,
            _ if annotated => {}
            letter => bare.push(letter),
        }
    }
    if annotated || text.is_empty() || text.contains(char::is_whitespace) {
        return false;
    }
    // What was only an annotation counts things: `{cells}/uL`.
    bare.split(['.', '/']).all(|term| term.is_empty() || is_term(term))
        && (!bare.is_empty() || text.contains('{'))
}

fn is_term(term: &str) -> bool {
    if term.bytes().all(|byte| byte.is_ascii_digit()) {
        return true;
    }
    let power = |rest: &str| {
        rest.is_empty() || rest.trim_start_matches(['+', '-']).bytes().all(|byte| byte.is_ascii_digit())
    };
    if let Some(rest) = term.strip_prefix("10*").or_else(|| term.strip_prefix("10^")) {
        return power(rest);
    }
    let unit = term.trim_end_matches(|end: char| end.is_ascii_digit());
    let unit = unit.strip_suffix(['+', '-']).filter(|_| unit.len() < term.len()).unwrap_or(unit);
    let is_unit = |name: &str| METRIC.contains(&name) || (name.starts_with('[') && name.ends_with(']'));
    PLAIN.contains(&unit)
        || is_unit(unit)
        || PREFIXES.iter().any(|prefix| unit.strip_prefix(prefix).is_some_and(|rest| METRIC.contains(&rest)))
}

/// The units of the table, for near spellings.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    UNITS.iter().map(|unit| unit.0)
}

fn find(name: &str) -> Option<&'static Unit> {
    UNITS.iter().find(|unit| unit.0 == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_unit_of_the_table_is_ucum_and_a_misspelt_one_is_not() {
        for unit in names().chain([
            "10*6/uL",
            "{cells}/uL",
            "mL/min/{1.73_m2}",
            "ng/dL",
            "kg.m-2",
            "[IU]/L",
            "mm[Hg]",
            "pg",
        ]) {
            assert!(is_ucum(unit), "{unit}");
        }
        for text in ["mmol/mole", "mg/dL serum", "MG", "mcg", "mmHg", "", "{cells", "percent"] {
            assert!(!is_ucum(text), "{text}");
        }
    }

    #[test]
    fn hba1c_in_percent_is_not_hba1c_in_mmol_per_mol() {
        assert_eq!(convert("%", "mmol/mol"), Conversion::Different);
        assert_eq!(convert("g", "mg"), Conversion::Factor(1_000, 1));
    }
}
