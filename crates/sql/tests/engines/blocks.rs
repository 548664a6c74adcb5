//! Joins, groups, windows, unions, recursion, order, and names that would clash.

use crate::support::{
    call, column, earlier, plan, public, rows, rows_of_duckdb, select, statement, statement_for, step, table,
};
use plan::Fraction;
use plan::{
    Aggregate, AggregateFunction, Body, Expr, Function, Join, JoinKind, Order, Plan, Source, Step, Type,
    Value, Window,
};

fn texts(rows: Vec<Vec<Option<String>>>) -> Vec<String> {
    let cell = |cell: Option<String>| cell.unwrap_or_else(|| "-".to_owned());
    rows.into_iter().map(|row| row.into_iter().map(cell).collect::<Vec<_>>().join(" ")).collect()
}

fn median(upper: bool, name: &str, ty: Type) -> Aggregate {
    let function = if upper {
        AggregateFunction::Upper(Fraction::HALF)
    } else {
        AggregateFunction::Lower(Fraction::HALF)
    };
    Aggregate { function, argument: Some(column(name, ty)), distinct: false, filter: None }
}

/// In binary, 0.07 of 100 is more than 7 and 0.57 less than 57.
#[test]
fn quantiles_are_exact_at_every_hundredth() {
    let data: Vec<String> = (1..=100).map(|value| format!("({value})")).collect();
    let mut warehouse = table("x BIGINT", &data);
    let shares: Vec<Fraction> = (1..100).filter_map(|percent| Fraction::new(percent * 100)).collect();
    let at = |function| {
        Expr::Aggregate(Box::new(Aggregate {
            function,
            argument: Some(column("x", Type::Int)),
            distinct: false,
            filter: None,
        }))
    };
    let mut block = select(public(), Vec::new());
    for (place, share) in shares.iter().enumerate() {
        block.columns.push((format!("l{place}"), at(AggregateFunction::Lower(*share))));
        block.columns.push((format!("u{place}"), at(AggregateFunction::Upper(*share))));
    }
    block.group = Some(Vec::new());
    let right: Vec<String> = (1..100).map(|percent| format!("{percent} {}", percent + 1)).collect();
    assert_eq!(
        texts(rows(&mut warehouse, &plan(vec![step("quantiles", Body::Select(block))]))),
        [right.join(" ")]
    );
}

#[test]
fn medians_are_the_two_middle_values() {
    // Group n holds n values, with duplicates, and one null.
    let values: Vec<i64> = vec![30, 10, 10, 20, 50, 40, 20];
    let mut data = Vec::new();
    for n in 0..=7 {
        data.push(format!("({n}, NULL, NULL, NULL)"));
        for value in &values[..n] {
            data.push(format!("({n}, {value}, 't{value}', '20{value}-01-01')"));
        }
    }
    let mut warehouse = table("id BIGINT, x BIGINT, s VARCHAR, d DATE", &data);
    let columns = [("x", Type::Int), ("s", Type::Text), ("d", Type::Date)];
    let names = ["xl", "xu", "sl", "su", "dl", "du"];
    let aggregates: Vec<_> =
        columns.iter().flat_map(|(name, ty)| [median(false, name, *ty), median(true, name, *ty)]).collect();
    let right: Vec<String> = (0..=7)
        .map(|n| {
            let mut sorted = values[..n].to_vec();
            sorted.sort_unstable();
            let pick = |place: usize| sorted.get(place.wrapping_sub(1)).copied();
            let (lower, upper) = (pick(n.div_ceil(2)), pick(n / 2 + 1).filter(|_| n > 0));
            let cells = [lower, upper].map(|value| value.map_or("-".into(), |value: i64| value.to_string()));
            let texts = [lower, upper].map(|value| value.map_or("-".into(), |value| format!("t{value}")));
            let days =
                [lower, upper].map(|value| value.map_or("-".into(), |value| format!("20{value}-01-01")));
            format!("{n} {} {} {}", cells.join(" "), texts.join(" "), days.join(" "))
        })
        .collect();

    let mut block = select(public(), vec![("id", column("id", Type::Int))]);
    for (name, aggregate) in names.iter().zip(&aggregates) {
        block.columns.push(((*name).to_owned(), Expr::Aggregate(Box::new(aggregate.clone()))));
    }
    block.group = Some(vec![column("id", Type::Int)]);
    assert_eq!(texts(rows(&mut warehouse, &plan(vec![step("medians", Body::Select(block))]))), right);

    // The same as windows, each row with its partition's; Postgres knows no such windows.
    let mut block = select(public(), vec![("id", column("id", Type::Int))]);
    for (name, aggregate) in names.iter().zip(&aggregates) {
        let window = Window {
            before: false,
            aggregate: Some(aggregate.clone()),
            partition: vec![column("id", Type::Int)],
            order: Vec::new(),
        };
        block.columns.push(((*name).to_owned(), Expr::Window(Box::new(window))));
    }
    block.distinct = true;
    assert_eq!(
        texts(rows_of_duckdb(&warehouse.duckdb, &plan(vec![step("medians", Body::Select(block))]))),
        right
    );
}

#[test]
fn aggregates_skip_nulls_and_take_filters() {
    let max = i64::MAX;
    let data = [
        "(1, 5, TRUE)".to_owned(),
        "(1, 5, FALSE)".into(),
        "(1, NULL, TRUE)".into(),
        "(1, 7, NULL)".into(),
        format!("(2, {max}, TRUE)"),
        format!("(2, {max}, TRUE)"),
        format!("(2, -{max}, FALSE)"),
        "(NULL, 4, TRUE)".into(),
        "(NULL, NULL, TRUE)".into(),
    ];
    let mut warehouse = table("id BIGINT, x BIGINT, b BOOLEAN", &data);
    let x = || column("x", Type::Int);
    let filtered = |function, argument, distinct| {
        Expr::Aggregate(Box::new(Aggregate {
            function,
            argument,
            distinct,
            filter: Some(column("b", Type::Bool)),
        }))
    };
    let distinct =
        Aggregate { function: AggregateFunction::Count, argument: Some(x()), distinct: true, filter: None };
    let mut block = select(
        public(),
        vec![
            ("id", column("id", Type::Int)),
            ("rows", Expr::count(None)),
            ("known", Expr::aggregate(AggregateFunction::Count, x())),
            ("distinct", Expr::Aggregate(Box::new(distinct))),
            ("sum", Expr::aggregate(AggregateFunction::Sum, x())),
            ("some", filtered(AggregateFunction::Sum, Some(x()), false)),
            ("min", Expr::aggregate(AggregateFunction::Min, x())),
            ("max", filtered(AggregateFunction::Max, Some(x()), false)),
            ("n", filtered(AggregateFunction::Count, None, false)),
            ("ones", Expr::aggregate(AggregateFunction::Sum, Expr::int(1))),
        ],
    );
    block.group = Some(vec![column("id", Type::Int)]);
    let found = texts(rows(&mut warehouse, &plan(vec![step("sums", Body::Select(block.clone()))])));
    let right = [
        "- 2 1 1 4 4 4 4 2 2".to_owned(),
        "1 4 3 2 17 5 5 5 2 4".into(),
        format!("2 3 3 2 {max} - -{max} {max} 2 3"),
    ];
    assert_eq!(found, right);

    // No rows: no group with keys, one row without; also without any aggregate.
    block.filter = Some(Expr::bool(false));
    assert!(rows(&mut warehouse, &plan(vec![step("sums", Body::Select(block.clone()))])).is_empty());
    block.columns.remove(0);
    block.group = Some(Vec::new());
    assert_eq!(
        texts(rows(&mut warehouse, &plan(vec![step("sums", Body::Select(block.clone()))]))),
        ["0 0 0 - - - - 0 -"]
    );
    block.columns = vec![("one".into(), Expr::int(1))];
    assert_eq!(texts(rows(&mut warehouse, &plan(vec![step("sums", Body::Select(block))]))), ["1"]);
}

#[test]
fn joins_and_clashing_names() {
    // Steps named like tables, columns and aliases that differ in case only, quotes in names.
    let mut warehouse =
        table("id BIGINT, x BIGINT", &["(1, 10)".into(), "(2, 20)".into(), "(3, NULL)".into()]);
    let block = select(public(), vec![("a\"b", column("id", Type::Int)), ("A\"B", column("x", Type::Int))]);
    let first = step("T", Body::Select(block));
    let joined = |kind, on: Expr| {
        let here = |name| Expr::column("r", name, Type::Int);
        let there = |name| Expr::column("R", name, Type::Int);
        let mut block = select(
            Source::Step { step: plan::StepId(0), alias: "r".into() },
            vec![("one", here("a\"b")), ("two", there("x")), ("three", here("A\"B"))],
        );
        block.joins =
            vec![Join { kind, source: Source::Linked { table: "t".into(), alias: "R".into() }, on }];
        plan(vec![first.clone(), step("t", Body::Select(block))])
    };
    let next = Expr::equal(
        call(Function::AddInt, &[Expr::column("r", "a\"b", Type::Int), Expr::int(1)]),
        Expr::column("R", "id", Type::Int),
    );
    assert_eq!(texts(rows(&mut warehouse, &joined(JoinKind::Inner, next.clone()))), ["1 20 10", "2 - 20"]);
    assert_eq!(texts(rows(&mut warehouse, &joined(JoinKind::Left, next))), ["1 20 10", "2 - 20", "3 - -"]);
    assert_eq!(rows(&mut warehouse, &joined(JoinKind::Inner, Expr::bool(true))).len(), 9);
    assert_eq!(rows(&mut warehouse, &joined(JoinKind::Left, Expr::bool(true))).len(), 9);
}

#[test]
fn unions_values_and_recursion() {
    let mut warehouse = table(
        "child VARCHAR, parent VARCHAR",
        &["('a', 'b')".into(), "('b', 'c')".into(), "('c', 'a')".into(), "('c', 'd')".into()],
    );
    let text = |source: &str, name: &str| Expr::column(source, name, Type::Text);
    // Ancestors of a with the way to them; the list stops the circle.
    let list = || Expr::column("r", "way", Type::TextList);
    let start = call(Function::ListAppend, &[call(Function::EmptyList, &[]), text("t", "child")]);
    let mut first = select(
        public(),
        vec![
            ("name", text("t", "parent")),
            ("way", start),
            ("depth", Expr::int(1)),
            ("weight", Expr::Literal(Value::Decimal(1), Type::Decimal)),
        ],
    );
    first.filter = Some(Expr::equal(text("t", "child"), Expr::text("a")));
    let mut next = select(
        Source::Round { alias: "r".into() },
        vec![
            ("name", text("t", "parent")),
            ("way", call(Function::ListAppend, &[list(), text("r", "name")])),
            ("depth", call(Function::AddInt, &[Expr::column("r", "depth", Type::Int), Expr::int(1)])),
            (
                "weight",
                call(
                    Function::AddDecimal,
                    &[Expr::column("r", "weight", Type::Decimal), Expr::column("r", "weight", Type::Decimal)],
                ),
            ),
        ],
    );
    let on = Expr::equal(text("r", "name"), text("t", "child"));
    next.joins = vec![Join { kind: JoinKind::Inner, source: public(), on }];
    next.filter = Some(call(Function::ListContains, &[list(), text("r", "name")]).not());
    let recursive = step("ancestors", Body::Recursive { first, next });
    let found = texts(rows(&mut warehouse, &plan(vec![recursive.clone()])));
    assert_eq!(
        found,
        [
            "a [a, b, c] 3 0.000000000004",
            "b [a] 1 0.000000000001",
            "c [a, b] 2 0.000000000002",
            "d [a, b, c] 3 0.000000000004"
        ]
    );

    let words = Step {
        name: "words".into(),
        comment: String::new(),
        fence: false,
        body: Body::Values(vec![
            vec![Value::Text("it's\n\"--\\".into()), Value::Int(-1)],
            vec![Value::Null, Value::Null],
        ]),
        columns: vec![("name".into(), Type::Text), ("depth".into(), Type::Int)],
    };
    let none = Step { name: "none".into(), body: Body::Values(Vec::new()), ..words.clone() };
    let part = |place| {
        select(earlier(place), vec![("name", text("t", "name")), ("depth", column("depth", Type::Int))])
    };
    let fixed = select(public(), vec![("name", Expr::null(Type::Text)), ("depth", Expr::int(7))]);
    let union = step("all", Body::UnionAll(vec![part(0), part(1), part(2), fixed]));
    let mut whole = plan(vec![recursive, words, none, union]);
    whole.order = ["name", "depth"]
        .iter()
        .zip([Type::Text, Type::Int])
        .map(|(name, ty)| Order { key: Expr::column("all", name, ty), descending: true, nulls_first: false })
        .collect();
    let found = texts(rows(&mut warehouse, &whole));
    let right = ["it's\n\"--\\ -1", "d 3", "c 2", "b 1", "a 3", "- 7", "- 7", "- 7", "- 7", "- -"];
    assert_eq!(found, right);
}

#[test]
fn row_numbers_follow_their_order() {
    let mut warehouse = table(
        "id BIGINT, x BIGINT",
        &["(1, 5)".into(), "(2, NULL)".into(), "(3, 9)".into(), "(4, 7)".into()],
    );
    for (descending, nulls_first, right) in [
        (false, false, "1 4 3 2"),
        (false, true, "2 1 4 3"),
        (true, false, "3 4 1 2"),
        (true, true, "4 1 2 3"),
    ] {
        let order = vec![Order { key: column("x", Type::Int), descending, nulls_first }];
        let number = Expr::Window(Box::new(Window {
            before: false,
            aggregate: None,
            partition: vec![Expr::int(1)],
            order: order.clone(),
        }));
        let block = select(public(), vec![("id", column("id", Type::Int)), ("number", number)]);
        let found = rows(&mut warehouse, &plan(vec![step("numbered", Body::Select(block))]));
        let found: Vec<_> = found.iter().map(|row| row[1].clone().expect("a number")).collect();
        assert_eq!(found.join(" "), right.to_owned(), "{descending} {nulls_first}");
    }
}

#[test]
fn a_plan_reads_well() {
    let order = vec![Order { key: column("day", Type::Date), descending: false, nulls_first: false }];
    let number = Expr::Window(Box::new(Window {
        before: false,
        aggregate: None,
        partition: vec![column("person", Type::Text)],
        order,
    }));
    let source = || Source::Linked { table: "condition".into(), alias: "t".into() };
    let mut first = select(
        source(),
        vec![
            ("person", column("person", Type::Text)),
            ("day", column("day", Type::Date)),
            ("number", number),
        ],
    );
    let codes = vec![Value::Text("HP:0001250".into()), Value::Text("HP:0002069".into())];
    first.filter = Some(Expr::and([
        Expr::InValues(Box::new(column("code", Type::Text)), codes, Type::Text),
        column("day", Type::Date).is_known(),
    ]));
    let mut guard = step("first_seizure", Body::Select(first));
    guard.fence = true;
    guard.comment = "Seizures of people who consent to research on epilepsy.".into();
    let later = call(Function::AddDays, &[column("day", Type::Date), Expr::int(30)]);
    let mut counted = select(
        earlier(0),
        vec![
            ("month", call(Function::MonthStart, &[later])),
            (
                "people",
                Expr::Aggregate(Box::new(Aggregate {
                    function: AggregateFunction::Count,
                    argument: Some(column("person", Type::Text)),
                    distinct: true,
                    filter: None,
                })),
            ),
        ],
    );
    counted.filter = Some(Expr::equal(column("number", Type::Int), Expr::int(1)));
    counted.group = Some(vec![counted.columns[0].1.clone()]);
    let mut people = step("people", Body::Select(counted));
    people.comment = "People by month of follow-up.".into();
    let plan = plan(vec![guard, people]);
    insta::assert_snapshot!(statement(&plan).text());
    insta::assert_snapshot!(
        "a_plan_reads_well_on_postgres",
        statement_for(&plan, sql::Dialect::Postgres).text()
    );
}

#[test]
fn a_quotient_is_printed_once() {
    let quotient = call(Function::DivideDecimal, &[column("a", Type::Decimal), column("b", Type::Decimal)]);
    let product = call(Function::MultiplyDecimal, &[quotient.clone(), quotient]);
    let nested = call(Function::MultiplyDecimal, &[product, column("a", Type::Decimal)]);
    let text = statement(&plan(vec![step("result", Body::Select(select(public(), vec![("x", nested)])))]))
        .text()
        .to_owned();
    assert!(text.len() < 20_000, "{} bytes", text.len());
    insta::assert_snapshot!(text);
}

#[test]
fn a_plan_that_is_not_well_formed_is_refused() {
    let refused = |value: Expr| {
        let plan: Plan = plan(vec![step("result", Body::Select(select(public(), vec![("x", value)])))]);
        sql::build(&plan, sql::Dialect::DuckDb).expect_err("it is not well formed").to_string()
    };
    assert_eq!(refused(Expr::column("u", "x", Type::Int)), "step \"result\": no source is called \"u\"");
    assert_eq!(refused(Expr::text("a\0b")), "step \"result\": a text literal holds the character NUL");
    assert!(refused(call(Function::Year, &[])).contains("Year does not take 0 arguments"));
    assert!(refused(Expr::Literal(Value::Instant(i64::MIN), Type::Instant)).contains("outside the years"));
    assert!(refused(column("x\ny", Type::Int)).contains("cannot be the name"));
}
