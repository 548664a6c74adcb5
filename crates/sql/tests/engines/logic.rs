//! Three-valued logic: truth tables of every connective and membership, as values and as conditions.

use crate::support::{call, column, earlier, over_t, plan, public, rows, select, step, table};
use plan::{Body, Comparison, Expr, Function, Step, StepId, Type, Value};

const ALL: [Option<bool>; 3] = [Some(true), Some(false), None];

/// Whether a row is kept, by its membership and by whether it is row 3.
type Keeps = fn(bool, bool) -> bool;

fn shown(value: Option<bool>) -> Option<String> {
    value.map(|value| value.to_string())
}

fn and(a: Option<bool>, b: Option<bool>) -> Option<bool> {
    match (a, b) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    }
}

fn not(a: Option<bool>) -> Option<bool> {
    a.map(|a| !a)
}

fn or(a: Option<bool>, b: Option<bool>) -> Option<bool> {
    not(and(not(a), not(b)))
}

#[test]
fn connectives_are_kleenes() {
    let pairs: Vec<_> = ALL.iter().flat_map(|a| ALL.map(|b| (*a, b))).collect();
    let sql = |value: Option<bool>| value.map_or("NULL".to_owned(), |value| value.to_string());
    let data: Vec<_> =
        pairs.iter().enumerate().map(|(id, (a, b))| format!("({id}, {}, {})", sql(*a), sql(*b))).collect();
    let mut warehouse = table("id BIGINT, a BOOLEAN, b BOOLEAN", &data);
    let (a, b) = (column("a", Type::Bool), column("b", Type::Bool));
    let both = vec![a.clone(), b.clone()];
    let one_two = |condition: Expr| Expr::Case {
        arms: vec![(condition, Expr::int(1))],
        otherwise: Box::new(Expr::int(2)),
    };
    let columns = vec![
        ("and", Expr::And(both.clone())),
        ("or", Expr::Or(both.clone())),
        ("not", a.clone().not()),
        ("nor", Expr::Or(both.clone()).not()),
        ("equal", Expr::equal(a.clone(), b.clone())),
        ("less", Expr::less(a.clone(), b.clone())),
        ("null", a.clone().is_null()),
        ("known", a.clone().is_known()),
        ("true", Expr::IsTrue(Box::new(Expr::And(both.clone())))),
        ("untrue", Expr::IsTrue(Box::new(a.clone())).not()),
        ("case", one_two(Expr::IsTrue(Box::new(Expr::Or(both))))),
        ("all", Expr::And(vec![])),
        ("none", Expr::Or(vec![])),
        (
            "mixed",
            Expr::Or(vec![
                Expr::And(vec![a.clone(), b.clone()]),
                Expr::And(vec![b.clone().not(), Expr::Or(vec![a, b])]),
            ]),
        ),
    ];
    for ((a, b), row) in pairs.iter().zip(over_t(&mut warehouse, columns)) {
        let right = [
            shown(and(*a, *b)),
            shown(or(*a, *b)),
            shown(not(*a)),
            shown(not(or(*a, *b))),
            shown(a.zip(*b).map(|(a, b)| a == b)),
            shown(a.zip(*b).map(|(a, b)| !a & b)),
            shown(Some(a.is_none())),
            shown(Some(a.is_some())),
            shown(Some(and(*a, *b) == Some(true))),
            shown(Some(*a != Some(true))),
            Some(if or(*a, *b) == Some(true) { "1" } else { "2" }.to_owned()),
            shown(Some(true)),
            shown(Some(false)),
            shown(or(and(*a, *b), and(not(*b), or(*a, *b)))),
        ];
        assert_eq!(row[1..], right, "{a:?} and {b:?}");
    }
}

#[test]
fn memberships_are_two_valued() {
    let cells = ["1", "2", "9", "NULL"];
    let mut data = Vec::new();
    for a in cells {
        for b in cells {
            data.push(format!("({}, {a}, {b})", data.len()));
        }
    }
    let mut warehouse = table("id BIGINT, a BIGINT, b BIGINT", &data);
    let (a, b) = (column("a", Type::Int), column("b", Type::Int));
    let values = vec![Value::Int(1), Value::Null, Value::Int(2)];
    let sum = call(Function::AddInt, &[a.clone(), Expr::int(0)]);
    let pairs = Step {
        name: "pairs".into(),
        comment: "Pairs,\nwith nulls -- and '\r' */".into(),
        fence: true,
        body: Body::Values(vec![
            vec![Value::Int(1), Value::Int(2)],
            vec![Value::Null, Value::Int(2)],
            vec![Value::Int(9), Value::Null],
            vec![Value::Null, Value::Null],
            vec![Value::Int(-1), Value::Int(i64::MAX)],
        ]),
        columns: vec![("x".into(), Type::Int), ("X".into(), Type::Int)],
    };
    let single = Expr::InStep { values: vec![a.clone()], step: StepId(0), columns: vec!["x".into()] };
    let tuple =
        Expr::InStep { values: vec![a.clone(), b], step: StepId(0), columns: vec!["x".into(), "X".into()] };
    let tests = vec![
        ("v", Expr::InValues(Box::new(a.clone()), values.clone(), Type::Int)),
        ("s", Expr::InValues(Box::new(sum), values, Type::Int)),
        ("e", Expr::InValues(Box::new(a.clone()), vec![], Type::Int)),
        ("n", Expr::InValues(Box::new(a), vec![Value::Null], Type::Int)),
        ("i", single),
        ("t", tuple),
    ];
    let parse = |cell: &str| cell.parse::<i64>().ok();
    let right = |a: &str, b: &str| {
        let listed = matches!(parse(a), Some(1 | 2));
        let single = matches!(parse(a), Some(1 | 9));
        [listed, listed, false, false, single, parse(a) == Some(1) && parse(b) == Some(2)]
    };
    let cells: Vec<_> = cells.iter().flat_map(|a| cells.map(|b| (*a, b))).collect();

    // As values, and negated.
    let mut columns = vec![("id", column("id", Type::Int))];
    columns.extend(tests.iter().map(|(name, test)| (*name, test.clone())));
    let negated = ["not v", "not s", "not e", "not n", "not i", "not t"];
    columns.extend(negated.iter().zip(&tests).map(|(name, (_, test))| (*name, test.clone().not())));
    let steps = vec![pairs.clone(), step("result", Body::Select(select(public(), columns)))];
    for ((a, b), row) in cells.iter().zip(rows(&mut warehouse, &plan(steps))) {
        let right = right(a, b);
        let right: Vec<_> =
            right.iter().copied().chain(right.map(|right| !right)).map(|right| shown(Some(right))).collect();
        assert_eq!(row[1..], right[..], "{a} and {b}");
    }

    // As conditions: bare, negated, under or, and under IsTrue.
    for (place, (name, test)) in tests.iter().enumerate() {
        let id = Expr::equal(column("id", Type::Int), Expr::int(3));
        let forms: [(Expr, Keeps); 4] = [
            (test.clone(), |member, _| member),
            (test.clone().not(), |member, _| !member),
            (Expr::Or(vec![test.clone(), id.clone()]), |member, id| member || id),
            (Expr::And(vec![Expr::IsTrue(Box::new(test.clone())).not(), id.not()]), |member, id| {
                !member && !id
            }),
        ];
        for (filter, keeps) in forms {
            let mut block = select(public(), vec![("id", column("id", Type::Int))]);
            block.filter = Some(filter.clone());
            let found = rows(&mut warehouse, &plan(vec![pairs.clone(), step("result", Body::Select(block))]));
            let found: Vec<_> = found.into_iter().filter_map(|mut row| row.remove(0)).collect();
            let right: Vec<_> = cells
                .iter()
                .enumerate()
                .filter(|(id, (a, b))| keeps(right(a, b)[place], *id == 3))
                .map(|(id, _)| id.to_string())
                .collect();
            assert_eq!(found, right, "{name}: {filter:?}");
        }
    }
}

#[test]
fn comparisons_with_literals_that_are_no_columns() {
    // A bare 1 in GROUP BY or ORDER BY would be read as a place.
    let mut warehouse = table("id BIGINT", &["(1)".into(), "(2)".into()]);
    let mut block = select(public(), vec![("k", Expr::int(1)), ("n", Expr::count(None))]);
    block.group = Some(vec![Expr::int(1)]);
    let found = rows(&mut warehouse, &plan(vec![step("grouped", Body::Select(block))]));
    assert_eq!(found, [[Some("1".to_owned()), Some("2".to_owned())]]);

    let compared = Expr::compare(Comparison::GreaterOrEqual, Expr::int(-5), Expr::int(-6));
    let from =
        step("one", Body::Select(select(public(), vec![("id", column("id", Type::Int)), ("c", compared)])));
    let again = step("two", Body::Select(select(earlier(0), vec![("c", column("c", Type::Bool))])));
    assert_eq!(rows(&mut warehouse, &plan(vec![from, again])).len(), 2);
}
