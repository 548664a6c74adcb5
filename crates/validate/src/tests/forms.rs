//! Every function and aggregate that a plan may hold is accepted as it is printed.

use super::bench;
use crate::Dialect;
use plan::Fraction;
use plan::{
    Aggregate, AggregateFunction, Body, Expr, Function, Order, Plan, Select, Shape, Source, Step, StepId,
    Type, Value,
};

fn column(name: &str, ty: Type) -> Expr {
    Expr::column("v", name, ty)
}

fn call(function: Function, arguments: Vec<Expr>) -> Expr {
    Expr::Call(function, arguments)
}

fn functions() -> Vec<Expr> {
    let (int, decimal) = (|| column("i", Type::Int), || column("d", Type::Decimal));
    let (day, text) = (|| column("day", Type::Date), || column("t", Type::Text));
    let sum = || call(Function::AddDecimal, vec![decimal(), decimal()]);
    let mut all = vec![
        call(Function::Coalesce, vec![int(), Expr::int(1)]),
        call(Function::Greatest, vec![day(), day()]),
        call(Function::IntToDecimal, vec![int()]),
        call(Function::AddDays, vec![day(), int()]),
        call(Function::AddDays, vec![day(), Expr::int(30)]),
        call(Function::AddMonths, vec![day(), int()]),
        call(Function::AddMonths, vec![day(), Expr::int(-3)]),
        call(Function::AddMonths, vec![call(Function::AddDays, vec![day(), int()]), int()]),
        call(Function::DaysBetween, vec![day(), day()]),
        call(Function::AgeYears, vec![call(Function::MonthStart, vec![day()]), day()]),
        call(Function::MonthStart, vec![call(Function::AddDays, vec![day(), int()])]),
        call(Function::Year, vec![day()]),
        call(Function::FloorTo, vec![int(), Expr::int(10)]),
        call(Function::Sha256, vec![Expr::text("seed:"), text()]),
        call(
            Function::ListContains,
            vec![call(Function::ListAppend, vec![call(Function::EmptyList, vec![]), text()]), text()],
        ),
        call(Function::AgeYears, vec![Expr::date(jiff::civil::date(2000, 2, 29)), day()]),
        call(Function::DaysBetween, vec![Expr::date(jiff::civil::date(2000, 2, 29)), day()]),
        call(Function::StartsWith, vec![text(), Expr::text("a\nb")]),
        call(Function::AlleleName, vec![text(), text(), int(), text(), text()]),
        Expr::Literal(Value::Decimal(-1_500_000_000_000), Type::Decimal),
    ];
    for function in [Function::AddInt, Function::SubtractInt, Function::MultiplyInt] {
        all.push(call(function, vec![int(), call(function, vec![int(), Expr::int(-1)])]));
    }
    for function in
        [Function::AddDecimal, Function::SubtractDecimal, Function::MultiplyDecimal, Function::DivideDecimal]
    {
        all.push(call(function, vec![decimal(), decimal()]));
        all.push(call(function, vec![sum(), call(function, vec![decimal(), sum()])]));
    }
    all
}

fn aggregates() -> Vec<Expr> {
    let of = |function, argument: Expr| Expr::aggregate(function, argument);
    let mut all = vec![
        Expr::count(Some(column("i", Type::Int).is_known())),
        Expr::Aggregate(Box::new(Aggregate {
            function: AggregateFunction::Count,
            argument: Some(column("t", Type::Text)),
            distinct: true,
            filter: None,
        })),
    ];
    for function in [
        AggregateFunction::Sum,
        AggregateFunction::Min,
        AggregateFunction::Max,
        AggregateFunction::Lower(Fraction::HALF),
        AggregateFunction::Upper(Fraction::HALF),
    ] {
        all.push(of(function, column("i", Type::Int)));
        all.push(of(function, column("d", Type::Decimal)));
    }
    let truth = || column("i", Type::Int).is_known();
    all.extend([of(AggregateFunction::Min, truth()), of(AggregateFunction::Max, truth())]);
    let sum = || of(AggregateFunction::Sum, column("d", Type::Decimal));
    all.push(call(Function::MultiplyDecimal, vec![sum(), Expr::Literal(Value::Decimal(3), Type::Decimal)]));
    all.push(call(Function::DivideDecimal, vec![sum(), sum()]));
    all.push(call(Function::SubtractDecimal, vec![sum(), sum()]));
    all
}

fn plan(values: Vec<Expr>, group: Option<Vec<Expr>>) -> Plan {
    let given: Vec<(String, Type)> =
        [("i", Type::Int), ("d", Type::Decimal), ("day", Type::Date), ("t", Type::Text)]
            .map(|(name, ty)| (name.to_owned(), ty))
            .to_vec();
    let columns: Vec<(String, Expr)> = values
        .into_iter()
        .zip(1..)
        .map(|(value, number): (Expr, i32)| (format!("value_{number}"), value))
        .collect();
    let types = columns.iter().map(|(name, value)| (name.clone(), value.ty())).collect();
    let step = |name: &str, body, columns| Step {
        name: name.into(),
        comment: String::new(),
        fence: false,
        body,
        columns,
    };
    let from = Source::Step { step: StepId(0), alias: "v".into() };
    let select = Select { distinct: false, columns, from, joins: Vec::new(), filter: None, group };
    let key = Expr::column("result", "value_1", Type::Int);
    let cells = vec![
        Value::Int(1),
        Value::Decimal(1),
        Value::Date(jiff::civil::date(2026, 1, 1)),
        Value::Text("it's".into()),
    ];
    Plan {
        steps: vec![
            step("given", Body::Values(vec![cells]), given),
            step("result", Body::Select(select), types),
        ],
        order: vec![Order { key, descending: false, nulls_first: true }],
        shape: Shape::default(),
    }
}

#[test]
fn every_function_is_accepted_as_it_is_printed() {
    let mut demand = bench::emitted().remove(0).demand;
    demand.result = None;
    for (dialect, printed) in
        [(Dialect::DuckDb, sql::Dialect::DuckDb), (Dialect::Postgres, sql::Dialect::Postgres)]
    {
        demand.dialect = dialect;
        for plan in [plan(functions(), None), plan(aggregates(), Some(Vec::new()))] {
            let statement = sql::build(&plan, printed).expect("a plan that can be printed");
            let violations = crate::validate(statement.text(), &demand).map_err(|all| super::words(&all));
            assert!(violations.is_ok(), "{violations:#?}\n{}", statement.text());
        }
    }
}

/// Nobody lists people but release, to compare them.
#[test]
fn people_are_listed_only_where_that_is_demanded() {
    let list = |distinct| {
        Expr::Aggregate(Box::new(Aggregate {
            function: AggregateFunction::Members,
            argument: Some(column("t", Type::Text)),
            distinct,
            filter: None,
        }))
    };
    let listing = plan(vec![Expr::count(None), list(true)], Some(Vec::new()));
    let statement = sql::build(&listing, sql::Dialect::DuckDb).expect("a plan that can be printed");
    assert!(
        sql::build(&plan(vec![Expr::count(None), list(false)], Some(Vec::new())), sql::Dialect::DuckDb)
            .is_err()
    );
    let mut demand = bench::emitted().remove(0).demand;
    for members in [true, false] {
        demand.result = Some(crate::ResultDemand { columns: 2, keys: Vec::new(), members });
        assert_eq!(crate::validate(statement.text(), &demand).is_ok(), members, "{}", statement.text());
    }
    demand.result = None;
    assert!(crate::validate(statement.text(), &demand).is_err());
    // A list of all rows would tell how often somebody is there.
    demand.result = Some(crate::ResultDemand { columns: 2, keys: Vec::new(), members: true });
    let all = statement.text().replace("list(DISTINCT ", "list(");
    assert_ne!(all, statement.text());
    assert!(crate::validate(&all, &demand).is_err());
}

#[test]
fn the_list_of_functions_holds_those_that_are_printed_and_no_more() {
    let called =
        |name: &str| [Dialect::DuckDb, Dialect::Postgres].map(|dialect| crate::read::called(name, dialect));
    for name in sql::FUNCTIONS {
        assert!(called(name).contains(&true), "{name} is printed");
    }
    // Each by the one engine that has it.
    assert_eq!(called("list_transform"), [true, false]);
    assert_eq!(called("percentile_disc"), [false, true]);
    for name in [
        "random",
        "now",
        "pg_sleep",
        "pg_read_file",
        "current_setting",
        "set_config",
        "dblink",
        "query_to_xml",
        "version",
        "first",
        "any_value",
        "string_agg",
        "regexp_matches",
        "getenv",
        "read_csv",
    ] {
        assert_eq!(called(name), [false; 2], "{name} has no place in a text");
    }
}
