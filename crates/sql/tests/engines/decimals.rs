//! Decimal arithmetic against integers of any length, on ordinary and on extreme operands.

use crate::support::{Dice, call, column, earlier, over_t, plan, public, rows, select, step, table};
use num_bigint::{BigInt, Sign};
use plan::{AggregateFunction, Body, Expr, Function, Type};

const UNITS: i128 = 1_000_000_000_000;
const END: i128 = 10_i128.pow(30);

/// Quotient rounded half-even.
fn half_even(number: &BigInt, by: &BigInt) -> BigInt {
    let (quotient, rest) = (number / by, number % by);
    let twice = BigInt::from(rest.magnitude().clone()) * 2;
    let size = BigInt::from(by.magnitude().clone());
    let odd = &quotient % 2 != BigInt::ZERO;
    if twice > size || (twice == size && odd) {
        let negative = (number.sign() == Sign::Minus) != (by.sign() == Sign::Minus);
        quotient + if negative { -1 } else { 1 }
    } else {
        quotient
    }
}

fn kept(units: &BigInt) -> Option<String> {
    let limit = BigInt::from(END);
    (*units > -limit.clone() && *units < limit).then(|| shown(units))
}

/// As the engine writes it.
pub(crate) fn shown(units: &BigInt) -> String {
    let digits = format!("{:0>13}", units.magnitude().to_string());
    let (whole, part) = digits.split_at(digits.len() - 12);
    let sign = if units.sign() == Sign::Minus { "-" } else { "" };
    format!("{sign}{whole}.{part}")
}

fn expected(function: Function, a: &BigInt, b: &BigInt) -> Option<String> {
    let units = BigInt::from(UNITS);
    match function {
        Function::AddDecimal => kept(&(a + b)),
        Function::SubtractDecimal => kept(&(a - b)),
        Function::MultiplyDecimal => kept(&half_even(&(a * b), &units)),
        Function::DivideDecimal if *b == BigInt::ZERO => None,
        Function::DivideDecimal => kept(&half_even(&(a * units), b)),
        other => panic!("{other:?} is no function of two decimals"),
    }
}

/// Operands in units of 10⁻¹², up to a number of digits.
fn operands(digits: u32) -> Vec<i128> {
    let mut all = vec![
        0,
        1,
        2,
        3,
        5,
        UNITS,
        UNITS / 2,
        UNITS / 2 + 1,
        3 * UNITS / 2,
        7 * UNITS,
        1_000_000,
        500_000,
        999_999,
    ];
    for power in [6, 12, 15, 18, 24, 29, 30, 31, 37, 38] {
        if power <= digits {
            let edge = 10_i128.pow(power);
            all.extend([edge - 1, edge / 2]);
            if power < digits {
                all.extend([edge, edge + 1]);
            }
        }
    }
    all.extend(all.clone().iter().map(|value| -value));
    all
}

fn random(dice: &mut Dice, digits: u32) -> i128 {
    let size = 1 + u32::try_from(dice.below(u64::from(digits))).expect("small");
    let value = (i128::from(dice.roll()) << 64 | i128::from(dice.roll())) % 10_i128.pow(size);
    if dice.below(2) == 0 { value } else { -value }
}

const FUNCTIONS: [(&str, Function); 4] = [
    ("add", Function::AddDecimal),
    ("subtract", Function::SubtractDecimal),
    ("multiply", Function::MultiplyDecimal),
    ("divide", Function::DivideDecimal),
];

fn pairs(a_digits: u32, b_digits: u32) -> Vec<(i128, i128)> {
    let mut pairs = Vec::new();
    for a in operands(a_digits) {
        for b in operands(b_digits) {
            pairs.push((a, b));
        }
    }
    let mut dice = Dice(7);
    for _ in 0..4000 {
        pairs.push((random(&mut dice, a_digits), random(&mut dice, b_digits)));
    }
    // Ties: an odd number of halves.
    for _ in 0..500 {
        let odd = random(&mut dice, 12) | 1;
        pairs.push((odd, UNITS / 2));
        pairs.push((odd, 2 * UNITS));
        pairs.push((odd * 5, UNITS / 10));
    }
    pairs
}

#[test]
fn arithmetic_of_decimals_is_exact_and_total() {
    let pairs = pairs(30, 30);
    let mut data: Vec<String> = pairs
        .iter()
        .enumerate()
        .map(|(id, (a, b))| format!("({id}, '{}', '{}')", shown(&BigInt::from(*a)), shown(&BigInt::from(*b))))
        .collect();
    data.push(format!("({}, NULL, 1)", pairs.len()));
    data.push(format!("({}, 1, NULL)", pairs.len() + 1));
    let mut warehouse = table("id BIGINT, a DECIMAL(30,12), b DECIMAL(30,12)", &data);
    let (a, b) = (column("a", Type::Decimal), column("b", Type::Decimal));
    // An argument that is no column is bound first; both spellings must agree.
    let same = Expr::Call(Function::Coalesce, vec![a.clone()]);
    let mut columns = Vec::new();
    for (name, function) in FUNCTIONS {
        columns.push((name, call(function, &[a.clone(), b.clone()])));
    }
    for (name, function) in FUNCTIONS {
        columns.push((name, call(function, &[same.clone(), b.clone()])));
    }
    for (column, name) in columns[4..].iter_mut().zip(["add2", "subtract2", "multiply2", "divide2"]) {
        column.0 = name;
    }
    let found = over_t(&mut warehouse, columns);
    assert_eq!(found.len(), data.len());
    for ((a, b), row) in pairs.iter().zip(&found) {
        let (a, b) = (BigInt::from(*a), BigInt::from(*b));
        for (place, (_, function)) in FUNCTIONS.iter().enumerate() {
            let right = expected(*function, &a, &b);
            assert_eq!(row[1 + place], right, "{function:?} of {} and {}", shown(&a), shown(&b));
            assert_eq!(row[5 + place], right, "{function:?} of {} and {}, bound", shown(&a), shown(&b));
        }
    }
    for row in &found[pairs.len()..] {
        assert!(row[1..].iter().all(Option::is_none), "{row:?}");
    }
}

/// Sums have up to 26 digits before the point, and are operands like others.
#[test]
fn arithmetic_of_sums_is_exact_and_total() {
    for (a_digits, b_digits) in [(38, 30), (30, 38), (38, 38)] {
        let pairs = pairs(a_digits, b_digits);
        let data: Vec<String> =
            pairs.iter().enumerate().map(|(id, (a, b))| format!("({id}, {a}, {b})")).collect();
        let mut warehouse = table("id BIGINT, a HUGEINT, b HUGEINT", &data);
        warehouse
            .duckdb
            .execute_batch(
                "CREATE TABLE u AS SELECT id, CAST(a AS DECIMAL(38,0)) * CAST(0.000000000001 AS DECIMAL(12,12)) AS a, \
                 CAST(b AS DECIMAL(38,0)) * CAST(0.000000000001 AS DECIMAL(12,12)) AS b FROM t; DROP TABLE t; ALTER TABLE u RENAME TO t;",
            )
            .expect("the sums are made");
        if let Some(postgres) = &mut warehouse.postgres {
            postgres
                .batch_execute(
                    "CREATE TABLE u AS SELECT id, a * 0.000000000001 AS a, b * 0.000000000001 AS b FROM t; \
                     DROP TABLE t; ALTER TABLE u RENAME TO t",
                )
                .expect("the sums are made");
        }
        let sum = |name| Expr::aggregate(AggregateFunction::Sum, column(name, Type::Decimal));
        let mut sums =
            select(public(), vec![("id", column("id", Type::Int)), ("a", sum("a")), ("b", sum("b"))]);
        sums.group = Some(vec![column("id", Type::Int)]);
        let mut columns = vec![("id", column("id", Type::Int)), ("a", column("a", Type::Decimal))];
        for (name, function) in FUNCTIONS {
            columns.push((name, call(function, &[column("a", Type::Decimal), column("b", Type::Decimal)])));
        }
        let result = step("result", Body::Select(select(earlier(0), columns)));
        let found = rows(&mut warehouse, &plan(vec![step("sums", Body::Select(sums)), result]));
        assert_eq!(found.len(), pairs.len());
        for ((a, b), row) in pairs.iter().zip(&found) {
            let (a, b) = (BigInt::from(*a), BigInt::from(*b));
            assert_eq!(row[1], Some(shown(&a)));
            for (place, (_, function)) in FUNCTIONS.iter().enumerate() {
                let right = expected(*function, &a, &b);
                assert_eq!(row[2 + place], right, "{function:?} of {} and {}", shown(&a), shown(&b));
            }
        }
    }
}

#[test]
fn sums_of_decimals_are_exact_or_null() {
    let end = "99999999999999999999999999.999999999999";
    let groups: [(&[&str], Option<&str>); 11] = [
        (&[end], Some(end)),
        (&[end, "0.000000000001"], None),
        (&[end, end, end, "-1", "2"], None),
        // What leaves 128 bits on the way comes back.
        (&[end, end, "-99999999999999999999999999", "-99999999999999999999999999"], Some("1.999999999998")),
        (&[end, "1.5", "-1.5"], Some(end)),
        (&["0.5", "-0.25", "-7"], Some("-6.750000000000")),
        (&["NULL"], None),
        (&["1000000000000", "1000000000000.000000000001", "-0.5"], Some("1999999999999.500000000001")),
        (&["999999999999.999999999999", "5000000000000"], Some("5999999999999.999999999999")),
        (&["-1000000000000.75"], Some("-1000000000000.750000000000")),
        (&["0"], Some("0.000000000000")),
    ];
    let mut data = Vec::new();
    for (id, (values, _)) in groups.iter().enumerate() {
        data.push(format!("({id}, NULL)"));
        for value in *values {
            let value = if *value == "NULL" { (*value).to_owned() } else { format!("'{value}'") };
            data.push(format!("({id}, {value})"));
        }
    }
    let mut warehouse = table("id BIGINT, a DECIMAL(38,12)", &data);
    let sum = Expr::aggregate(AggregateFunction::Sum, column("a", Type::Decimal));
    // An argument that is no column is bound first; both spellings must agree.
    let same = call(Function::Coalesce, &[column("a", Type::Decimal)]);
    let bound = Expr::aggregate(AggregateFunction::Sum, same);
    let mut sums = select(public(), vec![("id", column("id", Type::Int)), ("sum", sum), ("bound", bound)]);
    sums.group = Some(vec![column("id", Type::Int)]);
    let found = rows(&mut warehouse, &plan(vec![step("sums", Body::Select(sums))]));
    let found: Vec<_> = found.iter().map(|row| (row[1].as_deref(), row[2].as_deref())).collect();
    let right = groups.map(|(_, sum)| (sum, sum));
    assert_eq!(found, right);
}
