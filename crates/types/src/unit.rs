//! Units that relate to each other, and by which factor.
//!
//! Two units are comparable when they measure the same kind. `%`, `mmol/mol` and `1` are different
//! kinds, and so are mass and amount of substance: what relates those depends on the code, and is
//! declared for it. Factors are exact rational numbers.

use crate::number::Number;

/// A unit of the table: name, kind, and how many base units of the kind it is, as a fraction.
struct Unit(&'static str, &'static str, i128, i128);

/// Spellings of UCUM (case-sensitive form), <https://ucum.org/ucum>.
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
    Unit("ug/L", "mass concentration", 1, 1_000_000),
    Unit("ng/mL", "mass concentration", 1, 1_000_000),
    Unit("mg/L", "mass concentration", 1, 1_000),
    Unit("mg/dL", "mass concentration", 1, 100),
    Unit("g/L", "mass concentration", 1, 1),
    Unit("g/dL", "mass concentration", 10, 1),
    Unit("nmol/L", "substance concentration", 1, 1_000_000),
    Unit("umol/L", "substance concentration", 1, 1_000),
    Unit("mmol/L", "substance concentration", 1, 1),
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

fn find(name: &str) -> Option<&'static Unit> {
    UNITS.iter().find(|unit| unit.0 == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hba1c_in_percent_is_not_hba1c_in_mmol_per_mol() {
        assert_eq!(convert("%", "mmol/mol"), Conversion::Different);
        assert_eq!(convert("g", "mg"), Conversion::Factor(1_000, 1));
    }
}
