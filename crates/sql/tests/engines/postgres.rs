//! What only Postgres has: infinite days, texts in another order, numbers that are none, names that are cut.

use crate::support::{call, column, plan, postgres, public, rows_of_postgres, select, step};
use plan::{Aggregate, AggregateFunction, Body, Comparison, Expr, Fraction, Function, Plan, Type, Window};
use sql::Dialect;

fn one(columns: Vec<(&str, Expr)>) -> Plan {
    let mut all = vec![("id", column("id", Type::Int))];
    all.extend(columns);
    plan(vec![step("result", Body::Select(select(public(), all)))])
}

#[test]
fn an_infinite_day_is_null_and_never_an_error() {
    let Some(mut client) = postgres() else { return };
    client
        .batch_execute(
            "CREATE TABLE t (id BIGINT, d DATE, n BIGINT); INSERT INTO t VALUES (1, 'infinity', 1), \
             (2, '-infinity', -1), (3, '5874897-12-31', 9223372036854775807), \
             (4, '4713-01-01 BC', -9223372036854775808)",
        )
        .expect("days");
    let (d, n) = (column("d", Type::Date), column("n", Type::Int));
    let day = || Expr::date(jiff::civil::date(2026, 1, 1));
    let both = [d.clone(), n.clone()];
    let rows = rows_of_postgres(
        &mut client,
        &one(vec![
            ("year", call(Function::Year, std::slice::from_ref(&d))),
            ("month", call(Function::MonthStart, std::slice::from_ref(&d))),
            ("between", call(Function::DaysBetween, &[day(), d.clone()])),
            ("days", call(Function::AddDays, &both)),
            ("months", call(Function::AddMonths, &both)),
            ("five", call(Function::AddDays, &[d.clone(), Expr::int(5)])),
            ("six", call(Function::AddMonths, &[d.clone(), Expr::int(6)])),
            ("from", call(Function::AddDays, &[day(), n.clone()])),
            ("on", call(Function::AddMonths, &[day(), n])),
            ("age", call(Function::AgeYears, &[d, day()])),
        ]),
    );
    for row in &rows[..2] {
        assert_eq!(row[1..8], vec![None::<String>; 7], "{row:?}");
        assert!(row[8].is_some() && row[9].is_some(), "{row:?}");
    }
    assert_eq!(rows[2][4..10], vec![None::<String>; 6], "{:?}", rows[2]);
    assert_eq!(rows[3][4..10], vec![None::<String>; 6], "{:?}", rows[3]);
    assert_eq!(rows[0][10], None);
}

#[test]
fn a_number_that_is_none_is_null_in_arithmetic() {
    let Some(mut client) = postgres() else { return };
    client
        .batch_execute(
            "CREATE TABLE t (id BIGINT, x NUMERIC); INSERT INTO t VALUES (1, 'NaN'), (2, 'Infinity'), (3, '-Infinity')",
        )
        .expect("numbers");
    let x = column("x", Type::Decimal);
    let both = [x.clone(), x];
    let functions =
        [Function::AddDecimal, Function::SubtractDecimal, Function::MultiplyDecimal, Function::DivideDecimal];
    let columns = functions.map(|function| ("f", call(function, &both)));
    let mut columns: Vec<(&str, Expr)> = columns.into_iter().collect();
    for (column, name) in columns.iter_mut().zip(["a", "b", "c", "d"]) {
        column.0 = name;
    }
    for row in rows_of_postgres(&mut client, &one(columns)) {
        assert_eq!(row[1..], vec![None::<String>; 4], "{row:?}");
    }
}

/// The order of bytes, and not that of the database, where `a` comes before `B`.
#[test]
fn texts_are_ordered_by_their_bytes() {
    let Some(mut client) = postgres() else { return };
    client
        .batch_execute(
            "CREATE TABLE t (id BIGINT, s TEXT); INSERT INTO t VALUES (1, 'a'), (2, 'B'), (3, 'é'), (4, '_')",
        )
        .expect("texts");
    let s = || column("s", Type::Text);
    let aggregate = |function| {
        Expr::Aggregate(Box::new(Aggregate { function, argument: Some(s()), distinct: false, filter: None }))
    };
    let mut block = select(
        public(),
        vec![
            ("least", aggregate(AggregateFunction::Min)),
            ("greatest", aggregate(AggregateFunction::Max)),
            ("median", aggregate(AggregateFunction::Lower(Fraction::HALF))),
        ],
    );
    block.group = Some(Vec::new());
    let rows = rows_of_postgres(&mut client, &plan(vec![step("result", Body::Select(block))]));
    assert_eq!(rows, [["B", "é", "_"].map(|text| Some(text.to_owned()))]);
    let rows = rows_of_postgres(
        &mut client,
        &one(vec![
            ("less", Expr::compare(Comparison::Less, s(), Expr::text("a"))),
            ("least", call(Function::Least, &[s(), Expr::text("a")])),
        ]),
    );
    let cells: Vec<String> = rows
        .into_iter()
        .map(|row| row[1..].iter().flatten().cloned().collect::<Vec<_>>().join(" "))
        .collect();
    assert_eq!(cells, ["false a", "true B", "false a", "true _"]);
}

#[test]
fn what_postgres_cannot_hold_is_refused_before_it_is_sent() {
    let refused = |plan: &Plan| sql::build(plan, Dialect::Postgres).expect_err("it is refused").to_string();
    let long = "ä".repeat(32);
    let named =
        plan(vec![step("result", Body::Select(select(public(), vec![("x", column(&long, Type::Int))])))]);
    assert!(refused(&named).contains("63 bytes"), "{}", refused(&named));
    assert!(sql::build(&named, Dialect::DuckDb).is_ok());
    let aggregate = Aggregate {
        function: AggregateFunction::Lower(Fraction::HALF),
        argument: Some(column("x", Type::Int)),
        distinct: false,
        filter: None,
    };
    let window =
        Window { aggregate: Some(aggregate), partition: Vec::new(), order: Vec::new(), before: false };
    assert!(refused(&one(vec![("x", Expr::Window(Box::new(window)))])).contains("over a window"));
}
