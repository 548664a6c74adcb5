//! The meaning of each form on its edge cases, computed by hand from the documentation of the plan.

use crate::{Malformed, Rows, Table, Tables, run};
use jiff::civil::{Date, date};
use plan::Fraction;
use plan::{
    Aggregate, AggregateFunction, Body, Comparison, Expr, Function, Join, JoinKind, Order, Plan, Select,
    Shape, Source, Step, StepId, Type, Value, Window,
};

/// 1 in units of 10⁻¹².
const ONE: i128 = 1_000_000_000_000;
/// 18 digits before the point.
const END: i128 = 10_i128.pow(30);

fn literal(value: Value) -> Expr {
    let ty = match value {
        Value::Null | Value::Int(_) => Type::Int,
        Value::Bool(_) => Type::Bool,
        Value::Decimal(_) => Type::Decimal,
        Value::Text(_) => Type::Text,
        Value::Date(_) => Type::Date,
        Value::Instant(_) => Type::Instant,
    };
    Expr::Literal(value, ty)
}

fn int(value: i64) -> Expr {
    Expr::int(value)
}

fn decimal(units: i128) -> Expr {
    literal(Value::Decimal(units))
}

fn day(year: i16, month: i8, day: i8) -> Expr {
    Expr::date(date(year, month, day))
}

fn text(value: &str) -> Expr {
    Expr::text(value)
}

fn null(ty: Type) -> Expr {
    Expr::null(ty)
}

fn truth(value: Option<bool>) -> Expr {
    value.map_or_else(|| null(Type::Bool), Expr::bool)
}

fn column(source: &str, name: &str, ty: Type) -> Expr {
    Expr::column(source, name, ty)
}

fn public(table: &str) -> Source {
    Source::Public { table: table.into(), alias: table.into() }
}

fn earlier(step: u32, alias: &str) -> Source {
    Source::Step { step: StepId(step), alias: alias.into() }
}

fn select(from: Source, columns: Vec<(&str, Expr)>) -> Select {
    let columns = columns.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    Select { distinct: false, columns, from, joins: Vec::new(), filter: None, group: None }
}

fn step(body: Body, columns: &[(&str, Type)]) -> Step {
    let columns = columns.iter().map(|(name, ty)| ((*name).to_owned(), *ty)).collect();
    Step { name: "s".into(), comment: String::new(), fence: false, body, columns }
}

fn of_block(select: Select) -> Step {
    let columns = select.columns.iter().map(|(name, value)| (name.clone(), value.ty())).collect();
    Step { name: "s".into(), comment: String::new(), fence: false, body: Body::Select(select), columns }
}

fn ascending(name: &str, ty: Type) -> Order {
    Order { key: column("any", name, ty), descending: false, nulls_first: true }
}

fn plan(steps: Vec<Step>, order: Vec<Order>) -> Plan {
    Plan { steps, order, shape: Shape::default() }
}

/// The value of an expression in the only row of a table.
fn value(expr: Expr) -> Value {
    let rows = over(&Tables::one(), select(public("one"), vec![("value", expr)]));
    rows.rows[0][0].clone()
}

fn over(tables: &Tables, block: Select) -> Rows {
    let order = block.columns.iter().map(|(name, value)| ascending(name, value.ty())).collect();
    run(&plan(vec![of_block(block)], order), tables).unwrap()
}

fn refused(tables: &Tables, plan: &Plan) -> String {
    let Malformed { reason, .. } = run(plan, tables).unwrap_err();
    reason
}

impl Tables {
    /// One table with one row.
    fn one() -> Tables {
        Tables::with("one", &["x"], vec![vec![Value::Int(1)]])
    }

    fn with(name: &str, columns: &[&str], rows: Vec<Vec<Value>>) -> Tables {
        let mut tables = Tables::default();
        let columns = columns.iter().map(|name| (*name).to_owned()).collect();
        tables.insert(name, &Table { columns, rows }).unwrap();
        tables
    }
}

fn call(function: Function, arguments: Vec<Expr>) -> Value {
    value(Expr::Call(function, arguments))
}

fn a_date(year: i16, month: i8, day: i8) -> Value {
    Value::Date(date(year, month, day))
}

#[test]
fn whole_numbers_leave_64_bits_as_null() {
    let (min, max) = (i64::MIN, i64::MAX);
    for (function, a, b, expected) in [
        (Function::AddInt, 2, 3, Some(5)),
        (Function::AddInt, max, 1, None),
        (Function::AddInt, max, min, Some(-1)),
        (Function::SubtractInt, min, 1, None),
        (Function::SubtractInt, 0, min, None),
        (Function::SubtractInt, -1, min, Some(max)),
        (Function::MultiplyInt, max, 2, None),
        (Function::MultiplyInt, min, -1, None),
        (Function::MultiplyInt, -3, 4, Some(-12)),
    ] {
        let expected = expected.map_or(Value::Null, Value::Int);
        assert_eq!(call(function, vec![int(a), int(b)]), expected, "{function:?} {a} {b}");
        assert_eq!(call(function, vec![int(a), null(Type::Int)]), Value::Null);
        assert_eq!(call(function, vec![null(Type::Int), int(b)]), Value::Null);
    }
}

#[test]
fn decimals_are_rounded_once_to_the_even_neighbour() {
    let half = ONE / 2;
    for (function, a, b, expected) in [
        (Function::AddDecimal, END - 1, 1, None),
        (Function::AddDecimal, END - 2, 1, Some(END - 1)),
        (Function::AddDecimal, 1, -1, Some(0)),
        (Function::SubtractDecimal, 1 - END, 1, None),
        (Function::SubtractDecimal, 1 - END, -1, Some(2 - END)),
        // Half of 1, 2, 3, 5 units, on both sides of zero.
        (Function::MultiplyDecimal, 1, half, Some(0)),
        (Function::MultiplyDecimal, 2, half, Some(1)),
        (Function::MultiplyDecimal, 3, half, Some(2)),
        (Function::MultiplyDecimal, 5, half, Some(2)),
        (Function::MultiplyDecimal, -1, half, Some(0)),
        (Function::MultiplyDecimal, -3, half, Some(-2)),
        (Function::MultiplyDecimal, -5, half, Some(-2)),
        (Function::MultiplyDecimal, 1, half + 1, Some(1)),
        (Function::MultiplyDecimal, -1, half + 1, Some(-1)),
        (Function::MultiplyDecimal, 10_i128.pow(21), 10_i128.pow(21), None),
        (Function::MultiplyDecimal, 10_i128.pow(21), 10_i128.pow(20), Some(10_i128.pow(29))),
        (Function::DivideDecimal, ONE, 3 * ONE, Some(333_333_333_333)),
        (Function::DivideDecimal, 2 * ONE, 3 * ONE, Some(666_666_666_667)),
        (Function::DivideDecimal, -2 * ONE, 3 * ONE, Some(-666_666_666_667)),
        (Function::DivideDecimal, 2 * ONE, -3 * ONE, Some(-666_666_666_667)),
        (Function::DivideDecimal, 1, 2 * ONE, Some(0)),
        (Function::DivideDecimal, 3, 2 * ONE, Some(2)),
        (Function::DivideDecimal, -3, -2 * ONE, Some(2)),
        (Function::DivideDecimal, -5, 2 * ONE, Some(-2)),
        (Function::DivideDecimal, ONE, 0, None),
        (Function::DivideDecimal, 0, 0, None),
        (Function::DivideDecimal, END - 1, 1, None),
    ] {
        let expected = expected.map_or(Value::Null, Value::Decimal);
        assert_eq!(call(function, vec![decimal(a), decimal(b)]), expected, "{function:?} {a} {b}");
        assert_eq!(call(function, vec![null(Type::Decimal), decimal(b)]), Value::Null);
    }
    let whole = 10_i64.pow(18);
    assert_eq!(call(Function::IntToDecimal, vec![int(whole - 1)]), Value::Decimal(END - ONE));
    assert_eq!(call(Function::IntToDecimal, vec![int(whole)]), Value::Null);
    assert_eq!(call(Function::IntToDecimal, vec![int(-whole)]), Value::Null);
    assert_eq!(call(Function::IntToDecimal, vec![null(Type::Int)]), Value::Null);
}

#[test]
fn months_end_where_they_end() {
    let days = |y, m, d, n| call(Function::AddDays, vec![day(y, m, d), int(n)]);
    assert_eq!(days(2024, 2, 28, 1), a_date(2024, 2, 29));
    assert_eq!(days(2023, 2, 28, 1), a_date(2023, 3, 1));
    assert_eq!(days(2024, 3, 1, -1), a_date(2024, 2, 29));
    assert_eq!(days(9999, 12, 31, 1), Value::Null);
    assert_eq!(days(1, 1, 1, -1), Value::Null);
    assert_eq!(days(1, 1, 1, 3_652_058), a_date(9999, 12, 31));
    assert_eq!(days(2024, 1, 1, i64::MAX), Value::Null);
    assert_eq!(days(2024, 1, 1, i64::MIN), Value::Null);
    let months = |y, m, d, n| call(Function::AddMonths, vec![day(y, m, d), int(n)]);
    assert_eq!(months(2024, 1, 31, 1), a_date(2024, 2, 29));
    assert_eq!(months(2023, 1, 31, 1), a_date(2023, 2, 28));
    assert_eq!(months(2024, 2, 29, 12), a_date(2025, 2, 28));
    assert_eq!(months(2024, 2, 29, 48), a_date(2028, 2, 29));
    assert_eq!(months(2024, 3, 31, -1), a_date(2024, 2, 29));
    assert_eq!(months(2024, 1, 15, -1), a_date(2023, 12, 15));
    assert_eq!(months(9999, 12, 1, 1), Value::Null);
    assert_eq!(months(1, 1, 31, -1), Value::Null);
    assert_eq!(months(2024, 1, 1, i64::MAX), Value::Null);
    for function in [Function::AddDays, Function::AddMonths] {
        assert_eq!(call(function, vec![null(Type::Date), int(1)]), Value::Null);
        assert_eq!(call(function, vec![day(2024, 1, 1), null(Type::Int)]), Value::Null);
    }
}

#[test]
fn ages_are_completed_years() {
    let age = |birth: Date, at: Date| call(Function::AgeYears, vec![Expr::date(birth), Expr::date(at)]);
    let leap = date(1980, 2, 29);
    assert_eq!(age(leap, date(2023, 2, 28)), Value::Int(42));
    assert_eq!(age(leap, date(2023, 3, 1)), Value::Int(43));
    assert_eq!(age(leap, date(2024, 2, 28)), Value::Int(43));
    assert_eq!(age(leap, date(2024, 2, 29)), Value::Int(44));
    assert_eq!(age(leap, leap), Value::Int(0));
    assert_eq!(age(date(2006, 7, 1), date(2024, 7, 1)), Value::Int(18));
    assert_eq!(age(date(2006, 7, 2), date(2024, 7, 1)), Value::Int(17));
    assert_eq!(age(date(2024, 7, 2), date(2024, 7, 1)), Value::Null);
    assert_eq!(call(Function::AgeYears, vec![null(Type::Date), day(2024, 1, 1)]), Value::Null);
    let between =
        |later: Date, before: Date| call(Function::DaysBetween, vec![Expr::date(later), Expr::date(before)]);
    assert_eq!(between(date(2024, 3, 1), date(2024, 2, 1)), Value::Int(29));
    assert_eq!(between(date(2024, 2, 1), date(2024, 3, 1)), Value::Int(-29));
    assert_eq!(between(date(9999, 12, 31), date(1, 1, 1)), Value::Int(3_652_058));
    assert_eq!(call(Function::MonthStart, vec![day(2024, 2, 29)]), a_date(2024, 2, 1));
    assert_eq!(call(Function::Year, vec![day(1, 2, 3)]), Value::Int(1));
}

#[test]
fn bands_begin_at_multiples_on_both_sides_of_zero() {
    let floor = |number, width| call(Function::FloorTo, vec![int(number), int(width)]);
    assert_eq!(floor(49, 10), Value::Int(40));
    assert_eq!(floor(50, 10), Value::Int(50));
    assert_eq!(floor(-1, 10), Value::Int(-10));
    assert_eq!(floor(-10, 10), Value::Int(-10));
    assert_eq!(floor(7, 1), Value::Int(7));
    assert_eq!(floor(7, 0), Value::Null);
    assert_eq!(floor(7, -10), Value::Null);
    assert_eq!(floor(i64::MIN, 10), Value::Null);
    assert_eq!(floor(i64::MAX, i64::MAX), Value::Int(i64::MAX));
}

#[test]
fn texts_and_lists() {
    let starts = |a, b| call(Function::StartsWith, vec![text(a), text(b)]);
    assert_eq!(starts("E11.9", "E11"), Value::Bool(true));
    assert_eq!(starts("E1", "E11"), Value::Bool(false));
    assert_eq!(starts("é", "e"), Value::Bool(false));
    assert_eq!(starts("", ""), Value::Bool(true));
    let name = |alternate| vec![text("GRCh38"), text("chr1"), int(1000), text("A"), alternate];
    assert_eq!(call(Function::AlleleName, name(text("G"))), Value::Text("GRCh38:chr1:1000:A:G".into()));
    assert_eq!(call(Function::AlleleName, name(null(Type::Text))), Value::Null);
    let append = |list, value| Expr::Call(Function::ListAppend, vec![list, value]);
    let list = append(append(Expr::Call(Function::EmptyList, Vec::new()), text("a")), null(Type::Text));
    let holds = |value| call(Function::ListContains, vec![list.clone(), value]);
    assert_eq!(holds(text("a")), Value::Bool(true));
    assert_eq!(holds(text("b")), Value::Bool(false));
    assert_eq!(holds(null(Type::Text)), Value::Null);
    assert_eq!(value(append(null(Type::TextList), text("a"))), Value::Null);
}

#[test]
fn least_and_greatest_pass_nulls_over() {
    let of = |function, values: &[Option<i64>]| {
        let arguments = values.iter().map(|value| value.map_or_else(|| null(Type::Int), int)).collect();
        call(function, arguments)
    };
    assert_eq!(of(Function::Least, &[Some(3), None, Some(2)]), Value::Int(2));
    assert_eq!(of(Function::Greatest, &[None, Some(3), Some(2)]), Value::Int(3));
    assert_eq!(of(Function::Coalesce, &[None, Some(3), Some(2)]), Value::Int(3));
    for function in [Function::Least, Function::Greatest, Function::Coalesce] {
        assert_eq!(of(function, &[None, None]), Value::Null);
    }
    assert_eq!(call(Function::Least, vec![text("b"), text("B"), text("é")]), Value::Text("B".into()));
}

#[test]
fn logic_is_three_valued() {
    let all = [Some(true), Some(false), None];
    for a in all {
        for b in all {
            let and = match (a, b) {
                (Some(false), _) | (_, Some(false)) => Some(false),
                (Some(true), Some(true)) => Some(true),
                _ => None,
            };
            let or = match (a, b) {
                (Some(true), _) | (_, Some(true)) => Some(true),
                (Some(false), Some(false)) => Some(false),
                _ => None,
            };
            let shown = |truth: Option<bool>| truth.map_or(Value::Null, Value::Bool);
            assert_eq!(value(Expr::And(vec![truth(a), truth(b)])), shown(and), "{a:?} and {b:?}");
            assert_eq!(value(Expr::Or(vec![truth(a), truth(b)])), shown(or), "{a:?} or {b:?}");
        }
        assert_eq!(value(truth(a).not()), a.map_or(Value::Null, |a| Value::Bool(!a)));
        assert_eq!(value(Expr::IsTrue(Box::new(truth(a)))), Value::Bool(a == Some(true)));
        assert_eq!(value(truth(a).is_null()), Value::Bool(a.is_none()));
    }
    assert_eq!(value(Expr::And(Vec::new())), Value::Bool(true));
    assert_eq!(value(Expr::Or(Vec::new())), Value::Bool(false));
    let case = |condition| Expr::Case {
        arms: vec![(truth(condition), int(1)), (truth(Some(true)), int(2))],
        otherwise: Box::new(int(3)),
    };
    assert_eq!(value(case(None)), Value::Int(2));
    assert_eq!(value(case(Some(true))), Value::Int(1));
}

#[test]
fn comparisons_are_by_bytes_and_false_is_less_than_true() {
    let compare = |comparison, a, b| value(Expr::compare(comparison, a, b));
    assert_eq!(compare(Comparison::Less, text("Z"), text("a")), Value::Bool(true));
    assert_eq!(compare(Comparison::Less, text("z"), text("é")), Value::Bool(true));
    assert_eq!(compare(Comparison::Greater, truth(Some(true)), truth(Some(false))), Value::Bool(true));
    assert_eq!(compare(Comparison::NotEqual, int(1), null(Type::Int)), Value::Null);
    assert_eq!(compare(Comparison::Equal, null(Type::Int), null(Type::Int)), Value::Null);
    assert_eq!(compare(Comparison::LessOrEqual, day(2024, 1, 1), day(2024, 1, 1)), Value::Bool(true));
    assert_eq!(compare(Comparison::GreaterOrEqual, decimal(-1), decimal(0)), Value::Bool(false));
}

#[test]
fn membership_is_two_valued() {
    let list = vec![Value::Int(1), Value::Null];
    let member = |expr| value(Expr::InValues(Box::new(expr), list.clone(), Type::Int));
    assert_eq!(member(int(1)), Value::Bool(true));
    assert_eq!(member(int(2)), Value::Bool(false));
    assert_eq!(member(null(Type::Int)), Value::Bool(false));
    let rows = vec![vec![Value::Int(1), Value::Null], vec![Value::Int(2), Value::Int(3)]];
    let member = |values: Vec<Expr>, columns: &[&str]| {
        let columns = columns.iter().map(|name| (*name).to_owned()).collect();
        let test = Expr::InStep { values, step: StepId(0), columns };
        let members = step(Body::Values(rows.clone()), &[("a", Type::Int), ("b", Type::Int)]);
        let steps = vec![members, of_block(select(public("one"), vec![("is", test)]))];
        run(&plan(steps, Vec::new()), &Tables::one()).unwrap().rows[0][0].clone()
    };
    assert_eq!(member(vec![int(1)], &["a"]), Value::Bool(true));
    assert_eq!(member(vec![int(3)], &["a"]), Value::Bool(false));
    assert_eq!(member(vec![null(Type::Int)], &["b"]), Value::Bool(false));
    assert_eq!(member(vec![int(1), null(Type::Int)], &["a", "b"]), Value::Bool(false));
    assert_eq!(member(vec![int(2), int(3)], &["a", "b"]), Value::Bool(true));
    assert_eq!(member(vec![int(3), int(2)], &["a", "b"]), Value::Bool(false));
}

/// Groups 1 (values 5, 5, 7 and a null), 2 (the greatest number twice and its opposite) and null.
fn numbers() -> Tables {
    let (max, none) = (i64::MAX, Value::Null);
    let row = |group: Value, value: Value, flag: Value| vec![group, value, flag];
    let one = || Value::Int(1);
    let yes = || Value::Bool(true);
    Tables::with(
        "t",
        &["g", "x", "b"],
        vec![
            row(one(), Value::Int(5), yes()),
            row(one(), Value::Int(5), Value::Bool(false)),
            row(one(), none.clone(), yes()),
            row(one(), Value::Int(7), none.clone()),
            row(Value::Int(2), Value::Int(max), yes()),
            row(Value::Int(2), Value::Int(max), yes()),
            row(Value::Int(2), Value::Int(-max), Value::Bool(false)),
            row(none.clone(), Value::Int(4), yes()),
            row(none.clone(), none, yes()),
        ],
    )
}

fn x() -> Expr {
    column("t", "x", Type::Int)
}

fn g() -> Expr {
    column("t", "g", Type::Int)
}

#[test]
fn groups_hold_nulls_together_and_aggregates_skip_them() {
    let filtered = |function, argument, distinct| {
        let filter = Some(column("t", "b", Type::Bool));
        Expr::Aggregate(Box::new(Aggregate { function, argument, distinct, filter }))
    };
    let distinct =
        Aggregate { function: AggregateFunction::Count, argument: Some(x()), distinct: true, filter: None };
    let mut block = select(
        public("t"),
        vec![
            ("g", g()),
            ("rows", Expr::count(None)),
            ("known", Expr::aggregate(AggregateFunction::Count, x())),
            ("distinct", Expr::Aggregate(Box::new(distinct))),
            ("sum", Expr::aggregate(AggregateFunction::Sum, x())),
            ("some", filtered(AggregateFunction::Sum, Some(x()), false)),
            ("min", Expr::aggregate(AggregateFunction::Min, x())),
            ("max", filtered(AggregateFunction::Max, Some(x()), false)),
            ("lower", Expr::aggregate(AggregateFunction::Lower(Fraction::HALF), x())),
            ("upper", Expr::aggregate(AggregateFunction::Upper(Fraction::HALF), x())),
            ("next", Expr::Call(Function::AddInt, vec![g(), int(1)])),
        ],
    );
    block.group = Some(vec![g()]);
    let max = i64::MAX;
    let int = |value: i64| Value::Int(value);
    let null = || Value::Null;
    assert_eq!(
        over(&numbers(), block.clone()).rows,
        [
            vec![null(), int(2), int(1), int(1), int(4), int(4), int(4), int(4), int(4), int(4), null()],
            vec![int(1), int(4), int(3), int(2), int(17), int(5), int(5), int(5), int(5), int(5), int(2)],
            vec![
                int(2),
                int(3),
                int(3),
                int(2),
                int(max),
                null(),
                int(-max),
                int(max),
                int(max),
                int(max),
                int(3)
            ],
        ]
    );
    block.filter = Some(Expr::bool(false));
    assert!(over(&numbers(), block.clone()).rows.is_empty(), "no rows, no groups");
    block.columns.retain(|(name, _)| !["g", "next"].contains(&name.as_str()));
    block.group = Some(Vec::new());
    let nothing = vec![int(0), int(0), int(0), null(), null(), null(), null(), null(), null()];
    assert_eq!(over(&numbers(), block).rows, [nothing], "no keys, one group");
}

#[test]
fn medians_of_an_even_number_are_the_two_in_the_middle() {
    let values = [4, 1, 3, 2].map(|value| vec![Value::Int(value)]).to_vec();
    let mut block = select(
        public("t"),
        vec![
            ("lower", Expr::aggregate(AggregateFunction::Lower(Fraction::HALF), x())),
            ("upper", Expr::aggregate(AggregateFunction::Upper(Fraction::HALF), x())),
        ],
    );
    block.group = Some(Vec::new());
    assert_eq!(over(&Tables::with("t", &["x"], values), block).rows, [[Value::Int(2), Value::Int(3)]]);
}

#[test]
fn sums_of_decimals_have_26_digits_before_the_point() {
    let sum = |units: &[i128]| {
        let rows = units.iter().map(|units| vec![Value::Decimal(*units)]).collect();
        let of = Expr::aggregate(AggregateFunction::Sum, column("t", "x", Type::Decimal));
        let block = Select { group: Some(Vec::new()), ..select(public("t"), vec![("sum", of)]) };
        over(&Tables::with("t", &["x"], rows), block).rows[0][0].clone()
    };
    let end = 10_i128.pow(38);
    assert_eq!(sum(&[end - 1, 1, -1]), Value::Decimal(end - 1));
    assert_eq!(sum(&[end - 1, 1]), Value::Null);
    assert_eq!(sum(&[end - 1, end - 1, end - 1, 1 - end, 1 - end]), Value::Decimal(end - 1));
}

#[test]
fn a_left_join_keeps_rows_to_which_none_belongs() {
    let mut tables = Tables::with("a", &["id"], [1, 2].map(|id| vec![Value::Int(id)]).to_vec());
    let rows = vec![
        vec![Value::Int(1), Value::Int(10)],
        vec![Value::Int(1), Value::Int(11)],
        vec![Value::Null, Value::Int(12)],
    ];
    tables.insert("b", &Table { columns: vec!["id".into(), "y".into()], rows }).unwrap();
    let id = |source: &str| column(source, "id", Type::Int);
    let joined = |kind, on| {
        let mut block = select(public("a"), vec![("id", id("a")), ("y", column("b", "y", Type::Int))]);
        block.joins.push(Join { kind, source: public("b"), on });
        over(&tables, block).rows
    };
    let row = |id: i64, y: Option<i64>| vec![Value::Int(id), y.map_or(Value::Null, Value::Int)];
    let equal = || Expr::equal(id("b"), id("a"));
    assert_eq!(joined(JoinKind::Inner, equal()), [row(1, Some(10)), row(1, Some(11))]);
    assert_eq!(joined(JoinKind::Left, equal()), [row(1, Some(10)), row(1, Some(11)), row(2, None)]);
    let also = Expr::And(vec![equal(), Expr::less(int(10), column("b", "y", Type::Int))]);
    assert_eq!(joined(JoinKind::Left, also), [row(1, Some(11)), row(2, None)]);
    assert_eq!(joined(JoinKind::Inner, Expr::bool(true)).len(), 6);
    assert_eq!(joined(JoinKind::Left, truth(None)), [row(1, None), row(2, None)]);
}

#[test]
fn windows_number_and_sum_their_partitions() {
    let number = |descending, nulls_first| {
        Expr::Window(Box::new(Window {
            before: false,
            aggregate: None,
            partition: vec![g()],
            order: vec![
                Order { key: x(), descending, nulls_first },
                Order { key: column("t", "b", Type::Bool), descending: false, nulls_first: false },
            ],
        }))
    };
    let sum = Expr::Window(Box::new(Window {
        before: false,
        aggregate: Some(Aggregate {
            function: AggregateFunction::Count,
            argument: Some(x()),
            distinct: true,
            filter: None,
        }),
        partition: vec![g()],
        order: Vec::new(),
    }));
    let mut block = select(
        public("t"),
        vec![
            ("x", x()),
            ("b", column("t", "b", Type::Bool)),
            ("up", number(false, true)),
            ("down", number(true, false)),
            ("sum", sum),
        ],
    );
    block.filter = Some(Expr::equal(g(), int(1)));
    let (yes, no) = (|| Value::Bool(true), || Value::Bool(false));
    let int = |value: i64| Value::Int(value);
    assert_eq!(
        over(&numbers(), block).rows,
        [
            vec![Value::Null, yes(), int(1), int(4), int(2)],
            vec![int(5), no(), int(2), int(2), int(2)],
            vec![int(5), yes(), int(3), int(3), int(2)],
            vec![int(7), Value::Null, int(4), int(1), int(2)],
        ]
    );
}

#[test]
fn a_recursion_goes_on_until_a_round_is_empty() {
    let n = |source: &str| column(source, "n", Type::Int);
    let first = select(public("one"), vec![("n", int(1))]);
    let next = Select {
        filter: Some(Expr::less(n("r"), int(4))),
        ..select(
            Source::Round { alias: "r".into() },
            vec![("n", Expr::Call(Function::AddInt, vec![n("r"), int(1)]))],
        )
    };
    let steps = vec![step(Body::Recursive { first, next }, &[("n", Type::Int)])];
    let rows = run(&plan(steps, vec![ascending("n", Type::Int)]), &Tables::one()).unwrap().rows;
    assert_eq!(rows, [1, 2, 3, 4].map(|n| vec![Value::Int(n)]));
}

#[test]
fn unions_keep_duplicates_and_distinct_blocks_do_not() {
    let one = || select(public("one"), vec![("n", int(1))]);
    let union = step(Body::UnionAll(vec![one(), one()]), &[("n", Type::Int)]);
    let order = || vec![ascending("n", Type::Int)];
    assert_eq!(run(&plan(vec![union.clone()], order()), &Tables::one()).unwrap().rows.len(), 2);
    let block =
        Select { distinct: true, ..select(earlier(0, "u"), vec![("n", column("u", "n", Type::Int))]) };
    assert_eq!(run(&plan(vec![union, of_block(block)], order()), &Tables::one()).unwrap().rows.len(), 1);
}

#[test]
fn nulls_go_where_the_order_says_whatever_the_direction() {
    let rows = [Some(1), None, Some(2)].map(|value| vec![value.map_or(Value::Null, Value::Int)]).to_vec();
    let tables = Tables::with("t", &["x"], rows);
    let ordered = |descending, nulls_first| {
        let order = vec![Order { key: column("any", "x", Type::Int), descending, nulls_first }];
        let rows =
            run(&plan(vec![of_block(select(public("t"), vec![("x", x())]))], order), &tables).unwrap().rows;
        rows.into_iter().map(|row| if let Value::Int(value) = row[0] { value } else { 0 }).collect::<Vec<_>>()
    };
    assert_eq!(ordered(false, true), [0, 1, 2]);
    assert_eq!(ordered(false, false), [1, 2, 0]);
    assert_eq!(ordered(true, true), [0, 2, 1]);
    assert_eq!(ordered(true, false), [2, 1, 0]);
}

#[test]
fn promises_of_a_plan_are_held() {
    let tables = numbers();
    let one = |block| plan(vec![of_block(block)], Vec::new());
    let mut block = select(public("t"), vec![("x", x())]);
    block.group = Some(vec![g()]);
    assert!(refused(&tables, &one(block)).contains("keys do not hold"));
    let number = Expr::Window(Box::new(Window {
        before: false,
        aggregate: None,
        partition: Vec::new(),
        order: vec![Order { key: g(), descending: false, nulls_first: true }],
    }));
    let block = select(public("t"), vec![("n", number)]);
    assert!(refused(&tables, &one(block)).contains("does not tell two rows apart"));
    let block = select(public("t"), vec![("g", g()), ("x", x())]);
    let loose = plan(vec![of_block(block)], vec![ascending("g", Type::Int)]);
    assert!(refused(&tables, &loose).contains("does not tell two rows apart"));
    let block = select(public("t"), vec![("x", column("t", "x", Type::Text))]);
    assert!(refused(&tables, &one(block)).contains("type"));
    let block = select(public("t"), vec![("x", Expr::equal(x(), text("5")))]);
    assert!(refused(&tables, &one(block)).contains("compared"));
    assert!(refused(&tables, &one(select(public("u"), vec![("x", x())]))).contains("no table"));
    assert!(refused(&tables, &plan(Vec::new(), Vec::new())).contains("without steps"));
    let n = || column("r", "n", Type::Int);
    let endless = Body::Recursive {
        first: select(public("t"), vec![("n", int(1))]),
        next: select(Source::Round { alias: "r".into() }, vec![("n", n())]),
    };
    assert!(
        refused(&tables, &plan(vec![step(endless, &[("n", Type::Int)])], Vec::new())).contains("without end")
    );
}
