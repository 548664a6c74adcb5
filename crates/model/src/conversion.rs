//! Conversions as a model writes them down, and the examples that test them.
//!
//! A formula is easily written the wrong way round, so none is taken without an example from where it was
//! found: the value that is given must become the value that is stated, rounded to the places in which that
//! is stated (48 mmol/mol of HbA1c are 6.5 %, not 4.8 %).

use crate::entity::{Conversion, Entity};
use crate::read::{BAD_TRAIT, Reader};
use crate::ty::ColumnType;
use diag::{Code, Diagnostic};
use syntax::Parsed;
use syntax::tree::{self, LiteralKind, Number};

const BAD_CONVERSION: Code = Code("E0611");

/// Decimal places of the numbers of a conversion.
const PLACES: u32 = 12;

impl Reader {
    /// A conversion, if it is one.
    pub(crate) fn conversion(
        &mut self,
        parsed: &Parsed,
        entity: &Entity,
        written: &tree::Converts,
    ) -> Option<Conversion> {
        let system = match entity.coded_by.map(|column| &entity.column(column).ty) {
            Some(ColumnType::Code(system)) => system.clone(),
            Some(_) | None => {
                let span = written.codes.first()?.span;
                self.diagnostics.push(
                    Diagnostic::error(
                        BAD_TRAIT,
                        format!("rows of `{}` have no code, so no conversion holds for one", entity.name),
                        parsed.range(span),
                        "a code",
                    )
                    .help("write `coded by COLUMN` before it"),
                );
                return None;
            }
        };
        let mut codes = Vec::new();
        for code in &written.codes {
            let LiteralKind::Code { system: of, code: local, .. } = &code.kind else { continue };
            let curie = format!("{of}:{local}");
            let range = parsed.range(code.span);
            let known = entity.conversions.iter().flat_map(|other| &other.codes).chain(&codes);
            if *of != system {
                self.wrong(
                    format!("{} are coded in {system}, and this is another system", entity.plural),
                    range,
                    "of another system",
                );
            } else if known.into_iter().any(|other| *other == curie) {
                self.wrong(format!("`{curie}` has two conversions"), range, "the second one");
            } else {
                codes.push(curie);
            }
        }
        let [times, plus, given, result] =
            [Some(&written.times), written.plus.as_ref(), Some(&written.given), Some(&written.result)]
                .map(|number| number.map_or(Some(0), |number| self.figure(parsed, number)));
        let (times, plus, given, result) = (times?, plus?, given?, result?);
        if times <= 0 {
            let range = parsed.range(written.times.span);
            self.wrong("a conversion multiplies by more than zero".to_owned(), range, "zero or less");
            return None;
        }
        let places = written.result.digits.split_once('.').map_or(0, |(_, after)| after.len());
        let came = given.checked_mul(times)?.checked_div(one())?.checked_add(plus)?;
        if rounded(came, places) != result {
            let range = parsed.range(written.result.span);
            self.wrong(
                format!(
                    "the formula makes {} of {}, and the example says {}",
                    shown(rounded(came, places)),
                    written.given.digits,
                    written.result.digits
                ),
                range,
                "not what the formula gives",
            );
            return None;
        }
        Some(Conversion {
            codes,
            from: written.from.0.clone(),
            to: written.to.0.clone(),
            times,
            plus,
            source: written.source.value.clone(),
        })
    }

    fn wrong(&mut self, message: String, range: text::Range, label: &str) {
        self.diagnostics.push(
            Diagnostic::error(BAD_CONVERSION, message, range, label)
                .note("a conversion is value in the second unit = times × value in the first + plus, with an example from its source"),
        );
    }

    /// A number in units of 10⁻¹².
    fn figure(&mut self, parsed: &Parsed, number: &Number) -> Option<i128> {
        let figure = units(&number.digits);
        if figure.is_none() {
            let range = parsed.range(number.span);
            self.wrong(
                format!("`{}` has more than 12 decimal places, or is too large", number.digits),
                range,
                "out of bounds",
            );
        }
        figure
    }
}

fn one() -> i128 {
    10_i128.pow(PLACES)
}

/// A decimal text without exponent in units of 10⁻¹², at most six digits before the point.
fn units(text: &str) -> Option<i128> {
    let (sign, text) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let (whole, after) = text.split_once('.').unwrap_or((text, ""));
    let places = u32::try_from(after.len()).ok()?;
    if whole.len() > 6 || places > PLACES {
        return None;
    }
    let digits: i128 = format!("{whole}{after}").parse().ok()?;
    Some(sign * digits * 10_i128.pow(PLACES - places))
}

/// Rounded to so many places, half away from zero, as laboratories round.
fn rounded(value: i128, places: usize) -> i128 {
    let unit = 10_i128.pow(PLACES.saturating_sub(u32::try_from(places).unwrap_or(PLACES)));
    let half = unit / 2 * value.signum();
    (value + half) / unit * unit
}

fn shown(value: i128) -> String {
    let text = format!("{}.{:012}", value / one(), (value % one()).abs());
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_exact_and_rounded_as_laboratories_do() {
        assert_eq!(units("0.09148"), Some(91_480_000_000));
        assert_eq!(units("-2.152"), Some(-2_152_000_000_000));
        assert_eq!(units("1e5"), None);
        assert_eq!(units("0.0000000000001"), None);
        assert_eq!(shown(rounded(6_543_040_000_000, 1)), "6.5");
        assert_eq!(shown(rounded(6_550_000_000_000, 1)), "6.6");
    }
}
