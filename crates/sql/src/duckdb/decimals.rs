//! Exact decimal arithmetic on DuckDB that fails for no operands.
//!
//! DuckDB computes decimals of up to 38 digits and raises an error beyond. Each formula here keeps
//! every intermediate value below 38 digits whatever the operands, and gives null where the result
//! leaves `DECIMAL(30,12)`. Operands have 18 digits before the point, or 26 where they come from a
//! sum; both are split into a whole part and a fraction below one:
//!
//! * product: `(A + α)(B + β) = AB + Aβ + αB + αβ`, where only `αβ` has more than 12 places;
//! * quotient: long division of the operands in units of 10⁻¹², six places at a time;
//! * sum of rows: the whole parts and the fractions of large values are summed apart.
//!
//! Half-even rounding needs the truncated result and what was cut off: all terms of a product or
//! quotient have the same sign, so truncation is towards zero throughout.

use super::{Let, bind, bound, decimal, huge, quotient};
use crate::operand::Operand;
use crate::spelling::Rows;
use crate::tree::{self, call, multiply as times, number, remainder, try_cast};
use sqlparser::ast::{BinaryOperator, Expr, Value as Token};

/// Units of a decimal in one; as a decimal, the value beyond which sums split.
const UNITS: &str = "1000000000000";
/// One unit.
const UNIT: &str = "0.000000000001";
/// Two units.
const TWO_UNITS: &str = "0.000000000002";
/// Half a unit.
const HALF_UNIT: &str = "0.0000000000005";
/// Six places.
const MILLION: &str = "1000000";
/// 10¹⁸: the first whole number that is no decimal any more.
const BOUND: &str = "1000000000000000000";
/// 10³⁰: the first number of units that is no decimal any more.
const FAR: &str = "1000000000000000000000000000000";
/// 1.5 · 10²⁶: beyond every sum, and in units still within 128 bits.
const SUM_BOUND: &str = "150000000000000000000000000";

/// Where a formula has not the values it bound; it always has them.
fn none() -> Expr {
    Expr::value(Token::Null)
}

/// The whole part; negative towards zero.
fn whole(value: Expr) -> Expr {
    call("trunc", vec![value])
}

/// The fraction, with the sign of the value.
fn fraction(value: Expr) -> Expr {
    tree::cast(remainder(value, number("1")), decimal(12, 12))
}

/// A whole number within `-bound` and `bound`. Null becomes a bound: a formula that uses this also
/// uses the fraction, which is null then.
fn clamped(value: Expr, bound: &str) -> Expr {
    call("greatest", vec![call("least", vec![value, number(bound)]), tree::negative(number(bound))])
}

/// In units of 10⁻¹², in 128 bits. The factor has 26 digits, because DuckDB keeps the product of two
/// decimals of up to 18 digits within 18.
fn units(value: &Expr) -> Expr {
    let part = times(fraction(value.clone()), tree::cast(number(UNITS), decimal(26, 0)));
    tree::add(times(huge(whole(value.clone())), number(UNITS)), huge(part))
}

/// Units of 10⁻¹² as a decimal of so many digits, or null.
fn from_units(units: Expr, width: u64) -> Expr {
    // The product of the digits with 1 keeps the digits and moves the point.
    let unit = tree::cast(number(UNIT), decimal(12, 12));
    try_cast(times(try_cast(units, decimal(width, 0)), unit), decimal(width, 12))
}

/// `a + b` or `a - b`.
pub(super) fn add(a: &Operand, b: &Operand, operator: BinaryOperator) -> Expr {
    if !a.wide && !b.wide {
        return try_cast(tree::binary(a.again(), operator, b.again()), decimal(30, 12));
    }
    // Two sums may leave 38 digits, and still differ by little: whole parts first.
    let values = Let { name: "_1", bind: vec![("a", a), ("b", b)] };
    values.within(|values| match values {
        [a, b] => {
            let wholes = tree::binary(huge(whole(a.clone())), operator.clone(), huge(whole(b.clone())));
            let parts = tree::binary(fraction(a.clone()), operator, fraction(b.clone()));
            try_cast(tree::add(try_cast(wholes, decimal(20, 0)), tree::nested(parts)), decimal(30, 12))
        }
        _ => none(),
    })
}

/// `a * b`, half-even to 12 places.
pub(super) fn multiply(a: &Operand, b: &Operand) -> Expr {
    let halves = |value: &Expr| {
        // A whole part beyond the bound makes the product too large, or meets a whole part of 0.
        let bounded = tree::cast(clamped(huge(whole(value.clone())), BOUND), decimal(19, 0));
        (bounded, whole(value.clone()), fraction(value.clone()))
    };
    let values = Let { name: "_1", bind: vec![("a", a), ("b", b)] };
    values.within(|values| {
        let [a, b] = values else { return none() };
        let ((a_bounded, a_whole, a_part), (b_bounded, b_whole, b_part)) = (halves(a), halves(b));
        let wide = |tree: Expr| tree::cast(tree, decimal(26, 0));
        let wholes = try_cast(times(a_bounded, b_bounded), decimal(18, 0));
        let left = try_cast(times(wide(a_whole), b_part.clone()), decimal(30, 12));
        let right = try_cast(times(a_part.clone(), wide(b_whole)), decimal(30, 12));
        let parts = times(a_part, b_part);

        // What has 12 places exactly, and the product of the fractions, which has 24.
        let fields = vec![("sum", tree::add(tree::add(wholes, left), right)), ("part", parts)];
        let cut = call("trunc", vec![bound("_2", "part"), number("12")]);
        let result = try_cast(tree::add(bound("_2", "sum"), cut), decimal(30, 12));
        let rest = remainder(bound("_2", "part"), number(UNIT));
        let rounded = {
            let rest = bound("_3", "rest");
            let result = bound("_3", "result");
            let odd = tree::binary(
                remainder(result.clone(), number(TWO_UNITS)),
                BinaryOperator::NotEq,
                number("0"),
            );
            let size = || call("abs", vec![rest.clone()]);
            let up = half_even(size(), number(HALF_UNIT), odd);
            let step = times(call("sign", vec![rest.clone()]), number(UNIT));
            let next = try_cast(tree::add(result.clone(), tree::nested(step)), decimal(30, 12));
            tree::case(vec![(up, next)], Some(result))
        };
        bind("_2", fields, bind("_3", vec![("result", result), ("rest", rest)], rounded))
    })
}

/// Whether a truncated result goes one unit up: for more than a half, and for a half if it is odd.
fn half_even(rest: Expr, half: Expr, odd: Expr) -> Expr {
    let more = tree::binary(rest.clone(), BinaryOperator::Gt, half.clone());
    let tie = tree::binary(rest, BinaryOperator::Eq, half);
    tree::or(more, tree::nested(tree::and(tie, odd)))
}

/// `a / b`, half-even to 12 places.
pub(super) fn divide(a: &Operand, b: &Operand) -> Expr {
    let by_sum = b.wide;
    let values = Let { name: "_1", bind: vec![("a", a), ("b", b)] };
    values.within(|values| {
        let [a, b] = values else { return none() };
        let divisor = call("nullif", vec![units(b), number("0")]);
        let mut fields = vec![("n", units(a)), ("d", divisor.clone())];
        let result = if by_sum {
            let size = || call("abs", vec![divisor.clone()]);
            let narrow = tree::binary(size(), BinaryOperator::Lt, number(FAR));
            let far = tree::binary(size(), BinaryOperator::GtEq, number(FAR));
            fields = vec![
                ("n", units(a)),
                ("d", tree::when(narrow, divisor.clone())),
                ("e", tree::when(far, divisor.clone())),
            ];
            call("coalesce", vec![long_division(), division_by_far()])
        } else {
            long_division()
        };
        from_units(bind("_2", fields, result), 30)
    })
}

/// The quotient of `_2.n` by `_2.d` in units, for a divisor below 10³⁰ units.
fn long_division() -> Expr {
    let divisor = || bound("_2", "d");
    // Two rounds of six places: a rest is below the divisor, so the product stays in 128 bits.
    let places = |rest: Expr| times(rest, number(MILLION));
    let step = |dividend: Expr| {
        vec![("q", quotient(dividend.clone(), divisor())), ("r", remainder(dividend, divisor()))]
    };
    let result = tree::add(
        tree::add(
            times(clamped(bound("_3", "q"), BOUND), number(UNITS)),
            times(bound("_4", "q"), number(MILLION)),
        ),
        quotient(places(bound("_4", "r")), divisor()),
    );
    let last = vec![("q", result), ("r", remainder(places(bound("_4", "r")), divisor()))];
    let rest = call("abs", vec![bound("_5", "r")]);
    // Twice the rest may leave 128 bits; the rest against what is missing does not.
    let missing = tree::subtract(call("abs", vec![divisor()]), rest.clone());
    let up = half_even(rest, missing, is_odd(bound("_5", "q")));
    let sign = times(call("sign", vec![bound("_2", "n")]), call("sign", vec![divisor()]));
    let rounded =
        tree::case(vec![(up, tree::add(bound("_5", "q"), tree::nested(sign)))], Some(bound("_5", "q")));
    bind("_3", step(bound("_2", "n")), bind("_4", step(places(bound("_3", "r"))), bind("_5", last, rounded)))
}

/// The quotient of `_2.n` by `_2.e` in units, for a divisor of 10³⁰ units and more, by their sizes.
///
/// With `e = w·10¹² + p` the twelve places after the point are `r·10¹² / e`, which `g = r / w`
/// exceeds by at most one, because `w ≥ 10¹⁸`; `t = r·10¹² - g·e` tells whether it does.
fn division_by_far() -> Expr {
    let size = |name| call("abs", vec![bound("_2", name)]);
    let first = vec![
        ("q", quotient(size("n"), size("e"))),
        ("r", remainder(size("n"), size("e"))),
        ("w", quotient(size("e"), number(UNITS))),
        ("p", remainder(size("e"), number(UNITS))),
    ];
    let guess = || quotient(bound("_3", "r"), bound("_3", "w"));
    let over = tree::subtract(
        times(remainder(bound("_3", "r"), bound("_3", "w")), number(UNITS)),
        times(guess(), bound("_3", "p")),
    );
    let second = vec![("g", guess()), ("t", over)];
    let below = || tree::binary(bound("_4", "t"), BinaryOperator::Lt, number("0"));
    let one = tree::case(vec![(below(), number("1"))], Some(number("0")));
    let back = tree::case(vec![(below(), size("e"))], Some(number("0")));
    let third = vec![
        ("q", tree::subtract(tree::add(times(bound("_3", "q"), number(UNITS)), bound("_4", "g")), one)),
        ("r", tree::add(bound("_4", "t"), back)),
    ];
    let missing = tree::subtract(size("e"), bound("_5", "r"));
    let up = half_even(bound("_5", "r"), missing, is_odd(bound("_5", "q")));
    let rounded = tree::case(vec![(up, tree::add(bound("_5", "q"), number("1")))], Some(bound("_5", "q")));
    let sign = times(call("sign", vec![bound("_2", "n")]), call("sign", vec![bound("_2", "e")]));
    times(bind("_3", first, bind("_4", second, bind("_5", third, rounded))), sign)
}

fn is_odd(units: Expr) -> Expr {
    tree::binary(remainder(units, number("2")), BinaryOperator::NotEq, number("0"))
}

/// The sum of decimals over rows, or null beyond 26 digits before the point.
///
/// Splitting takes a hundred times as long as adding, so only values beyond 10¹² are split; no number
/// of rows lets the sum of the others leave 38 digits. The sum of the others is null where the
/// whole sum must be: it takes in 0 for a value that is split, and nothing for a null.
pub(super) fn sum(argument: Expr, rows: &Rows) -> Expr {
    let value = Operand::plain(argument);
    let pick = |formula: fn(Expr, Expr, Expr) -> Expr| {
        let values = Let { name: "_1", bind: vec![("value", &value)] };
        let picked = values.within(|values| match values {
            [value] => {
                let bound = number(UNITS);
                let near = tree::between(value.clone(), tree::negative(bound.clone()), bound);
                let known = Expr::IsNotNull(Box::new(value.clone()));
                formula(value.clone(), near, known)
            }
            _ => none(),
        });
        rows.of("sum", vec![picked])
    };
    let near = pick(|value, near, known| tree::case(vec![(near, value), (known, number("0"))], None));
    let far = pick(|value, near, _| zero_or_far(near, value.clone(), whole(value)));
    let far_parts = pick(|value, near, _| zero_or_far(near, value.clone(), fraction(value)));
    let wholes = clamped(tree::add(huge(far), huge(whole(near.clone()))), SUM_BOUND);
    let parts = times(far_parts, tree::cast(number(UNITS), decimal(26, 0)));
    let near_parts = times(fraction(near), tree::cast(number(UNITS), decimal(26, 0)));
    let parts = tree::add(huge(parts), huge(near_parts));
    from_units(tree::add(times(wholes, number(UNITS)), parts), 38)
}

/// A part of a value that is split; 0 for one that is not, and for null.
fn zero_or_far(near: Expr, value: Expr, part: Expr) -> Expr {
    let missing = Expr::IsNull(Box::new(value));
    tree::case(vec![(tree::or(near, missing), number("0"))], Some(part))
}
