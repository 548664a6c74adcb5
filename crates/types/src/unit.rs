//! Units that relate to each other, and by which factor.
//!
//! Two units are comparable when they measure the same kind. `%`, `mmol/mol` and `1` are different
//! kinds, and so are mass and amount of substance: what relates those depends on the code, and is
//! declared for it. Factors are exact rational numbers.

use crate::number::Number;
use crate::query::Comparison;

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

/// All units of the same kind as `unit` with the bound `number` in each. A unit outside the table is
/// comparable with itself only.
///
/// A value has at most 12 places, so a bound that needs more is moved to the nearest number of 12 places on the
/// side that leaves the comparison as it is: `x >= 0.333…` is `x >= 0.333333333334` for every such x. `=` and
/// `!=` have no such side and are left to units in which the bound is exact.
pub(crate) fn in_all_units(number: Number, unit: &str, comparison: Comparison) -> Vec<(String, Number)> {
    let Some(of) = find(unit) else { return vec![(unit.to_owned(), number)] };
    UNITS
        .iter()
        .filter(|other| other.1 == of.1)
        .filter_map(|other| {
            let bound = Fraction::new(number.0, 1)?.times(of.2, of.3)?.times(other.3, other.2)?;
            Some((other.0.to_owned(), bound.held(comparison)?))
        })
        .collect()
}

/// The bound in every unit of the kind that a conversion leads to, or comes from; empty where it is about
/// other kinds.
pub(crate) fn across(
    number: Number,
    unit: &str,
    comparison: Comparison,
    conversion: &model::Conversion,
) -> Vec<(String, Number)> {
    let (from, to) = (&conversion.from, &conversion.to);
    let own = |unit: &str| find(unit).map_or((1, 1), |unit| (unit.2, unit.3));
    let same = |a: &str, b: &str| a == b || matches!(convert(a, b), Conversion::Factor(..));
    let bound = Fraction::new(number.0, 1);
    // The bound in the unit at one end of the formula, then in the unit at the other.
    let scaled = |end: &str| {
        bound.and_then(|bound| {
            let (given, wanted) = (own(unit), own(end));
            if unit == end { Some(bound) } else { bound.times(given.0, given.1)?.times(wanted.1, wanted.0) }
        })
    };
    let (there, other) = if same(unit, from) {
        (scaled(from).and_then(|bound| bound.times(conversion.times, ONE)?.plus(conversion.plus)), to)
    } else if same(unit, to) {
        (scaled(to).and_then(|bound| bound.plus(-conversion.plus)?.times(ONE, conversion.times)), from)
    } else {
        return Vec::new();
    };
    let Some(there) = there else { return Vec::new() };
    let Some(of) = find(other) else {
        return there.held(comparison).map(|bound| (other.clone(), bound)).into_iter().collect();
    };
    UNITS
        .iter()
        .filter(|unit| unit.1 == of.1)
        .filter_map(|unit| {
            let bound = there.times(of.2, of.3)?.times(unit.3, unit.2)?;
            Some((unit.0.to_owned(), bound.held(comparison)?))
        })
        .collect()
}

/// What a conversion's numbers are multiples of.
const ONE: i128 = 1_000_000_000_000;

/// A number in units of 10⁻¹², as a fraction in lowest terms with a denominator above zero.
#[derive(Clone, Copy, Debug)]
struct Fraction(i128, i128);

impl Fraction {
    fn new(numerator: i128, denominator: i128) -> Option<Fraction> {
        let common = gcd(numerator.unsigned_abs(), denominator.unsigned_abs());
        let common = i128::try_from(common).ok().filter(|common| *common > 0)?;
        let sign = denominator.signum();
        Some(Fraction(sign * numerator / common, sign * denominator / common))
    }

    fn times(self, numerator: i128, denominator: i128) -> Option<Fraction> {
        let by = Fraction::new(numerator, denominator)?;
        // Crosswise first, so that the products stay small.
        let (a, b) = (Fraction::new(self.0, by.1)?, Fraction::new(by.0, self.1)?);
        Fraction::new(a.0.checked_mul(b.0)?, a.1.checked_mul(b.1)?)
    }

    fn plus(self, more: i128) -> Option<Fraction> {
        Fraction::new(self.0.checked_add(more.checked_mul(self.1)?)?, self.1)
    }

    /// The bound of 12 places that decides as this one does.
    fn held(self, comparison: Comparison) -> Option<Number> {
        let below = self.0.div_euclid(self.1);
        if below * self.1 == self.0 {
            return Some(Number(below));
        }
        match comparison {
            Comparison::Greater | Comparison::LessOrEqual => Some(Number(below)),
            Comparison::GreaterOrEqual | Comparison::Less => Some(Number(below + 1)),
            Comparison::Equal | Comparison::NotEqual => None,
        }
    }
}

pub(crate) fn gcd(mut a: u128, mut b: u128) -> u128 {
    while b > 0 {
        (a, b) = (b, a % b);
    }
    a
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

/// The units of the table.
pub fn names() -> impl Iterator<Item = &'static str> {
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
    fn a_bound_across_kinds_decides_as_the_formula_does() {
        let hba1c = model::Conversion {
            codes: Vec::new(),
            from: "mmol/mol".into(),
            to: "%".into(),
            times: 91_480_000_000,
            plus: 2_152_000_000_000,
            source: String::new(),
        };
        let number = |text: &str| Number::parse(text).expect("a number");
        let bound = |comparison| across(number("6.5"), "%", comparison, &hba1c);
        // (6.5 − 2.152) / 0.09148 = 47.529514…
        assert_eq!(bound(Comparison::GreaterOrEqual), [("mmol/mol".to_owned(), number("47.529514648011"))]);
        assert_eq!(bound(Comparison::Greater), [("mmol/mol".to_owned(), number("47.52951464801"))]);
        assert_eq!(bound(Comparison::Equal), []);
        let back = across(number("48"), "mmol/mol", Comparison::Less, &hba1c);
        assert_eq!(back, [("%".to_owned(), number("6.54304"))]);
        assert_eq!(across(number("5"), "kg", Comparison::Less, &hba1c), []);
    }

    #[test]
    fn hba1c_in_percent_is_not_hba1c_in_mmol_per_mol() {
        assert_eq!(convert("%", "mmol/mol"), Conversion::Different);
        assert_eq!(convert("g", "mg"), Conversion::Factor(1_000, 1));
    }
}
