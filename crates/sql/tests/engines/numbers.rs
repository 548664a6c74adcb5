//! Whole numbers, days, texts and lists against an evaluation in 128 bits and by `jiff`.

use crate::support::{call, column, over_t, table, table_of_duckdb};
use jiff::civil::{Date, date};
use plan::{Expr, Function, Type, Value};

fn days() -> Vec<Option<Date>> {
    let mut all = vec![None];
    for (year, month, day) in [
        (1, 1, 1),
        (1, 1, 31),
        (1, 12, 31),
        (1899, 12, 31),
        (1900, 2, 28),
        (1900, 3, 1),
        (1970, 1, 1),
        (1999, 12, 31),
        (2000, 2, 28),
        (2000, 2, 29),
        (2000, 3, 1),
        (2003, 2, 28),
        (2003, 3, 1),
        (2004, 1, 31),
        (2004, 2, 29),
        (2004, 12, 31),
        (2024, 2, 29),
        (2025, 2, 28),
        (2025, 3, 1),
        (2025, 3, 31),
        (9999, 1, 1),
        (9999, 2, 28),
        (9999, 12, 30),
        (9999, 12, 31),
    ] {
        all.push(Some(date(year, month, day)));
    }
    all
}

fn ints() -> Vec<Option<i64>> {
    let mut all = vec![None];
    for edge in [
        0, 1, 2, 3, 7, 9, 10, 11, 12, 13, 28, 29, 30, 31, 365, 366, 1461, 119_987, 119_988, 3_652_057,
        3_652_058, 3_652_059,
    ] {
        all.extend([Some(edge), Some(-edge)]);
    }
    for edge in [
        i64::from(i32::MAX),
        i64::from(u32::MAX),
        3_037_000_499,
        3_037_000_500,
        1 << 62,
        i64::MAX - 1,
        i64::MAX,
    ] {
        all.extend([Some(edge), Some(edge.wrapping_add(1)), Some(-edge), Some((-edge).wrapping_sub(1))]);
    }
    all
}

fn sql<T: ToString>(value: Option<T>) -> String {
    value.map_or_else(|| "NULL".to_owned(), |value| format!("'{}'", value.to_string()))
}

fn in_years(day: Option<Date>) -> Option<Date> {
    day.filter(|day| day.year() >= 1)
}

fn shown<T: ToString>(value: Option<T>) -> Option<String> {
    value.map(|value| value.to_string())
}

type Pairs<A, B> = Vec<(Option<A>, Option<B>)>;

/// Rows of all pairs of two columns.
fn pairs<A: ToString + Copy, B: ToString + Copy>(
    left: &[Option<A>],
    right: &[Option<B>],
) -> (Pairs<A, B>, Vec<String>) {
    let pairs: Vec<_> = left.iter().flat_map(|a| right.iter().map(|b| (*a, *b))).collect();
    let rows =
        pairs.iter().enumerate().map(|(id, (a, b))| format!("({id}, {}, {})", sql(*a), sql(*b))).collect();
    (pairs, rows)
}

#[test]
fn whole_numbers() {
    let (pairs, data) = pairs(&ints(), &ints());
    let mut warehouse = table("id BIGINT, a BIGINT, b BIGINT", &data);
    let (a, b) = (column("a", Type::Int), column("b", Type::Int));
    let both = [a.clone(), b.clone()];
    let widths = [1, 2, 10, 7, i64::MAX, 0, -5];
    let mut columns = vec![
        ("add", call(Function::AddInt, &both)),
        ("subtract", call(Function::SubtractInt, &both)),
        ("multiply", call(Function::MultiplyInt, &both)),
        ("least", call(Function::Least, &both)),
        ("greatest", call(Function::Greatest, &both)),
        ("coalesce", call(Function::Coalesce, &both)),
        ("decimal", call(Function::IntToDecimal, &both[..1])),
    ];
    for (name, width) in ["w1", "w2", "w10", "w7", "wmax", "w0", "wneg"].iter().zip(widths) {
        columns.push((name, call(Function::FloorTo, &[a.clone(), Expr::int(width)])));
    }
    for ((a, b), row) in pairs.iter().zip(over_t(&mut warehouse, columns)) {
        let wide = |operation: fn(i128, i128) -> i128| {
            let value = operation(i128::from((*a)?), i128::from((*b)?));
            i64::try_from(value).ok()
        };
        let mut right = vec![
            shown(wide(|a, b| a + b)),
            shown(wide(|a, b| a - b)),
            shown(wide(|a, b| a * b)),
            shown([*a, *b].into_iter().flatten().min()),
            shown([*a, *b].into_iter().flatten().max()),
            shown(a.or(*b)),
            a.filter(|a| a.unsigned_abs() < 10_u64.pow(18)).map(|a| format!("{a}.000000000000")),
        ];
        for width in widths {
            let floor = a
                .filter(|_| width > 0)
                .map(|a| i128::from(a).div_euclid(i128::from(width)) * i128::from(width));
            right.push(shown(floor.and_then(|floor| i64::try_from(floor).ok())));
        }
        assert_eq!(row[1..], right[..], "{a:?} and {b:?}");
    }
}

#[test]
fn days_and_counts() {
    let (pairs, data) = pairs(&days(), &ints());
    let mut warehouse = table("id BIGINT, d DATE, n BIGINT", &data);
    let (d, n) = (column("d", Type::Date), column("n", Type::Int));
    let bound = call(Function::Coalesce, std::slice::from_ref(&d));
    let columns = vec![
        ("days", call(Function::AddDays, &[d.clone(), n.clone()])),
        ("months", call(Function::AddMonths, &[d.clone(), n.clone()])),
        ("days2", call(Function::AddDays, &[bound.clone(), n.clone()])),
        ("months2", call(Function::AddMonths, &[bound, n])),
    ];
    let found = over_t(&mut warehouse, columns);
    let sum = |day: Option<Date>, count: Option<i64>| {
        let days = day
            .zip(count)
            .and_then(|(day, count)| in_years(day.checked_add(jiff::Span::new().try_days(count).ok()?).ok()));
        let months = day.zip(count).and_then(|(day, count)| {
            in_years(day.checked_add(jiff::Span::new().try_months(count).ok()?).ok())
        });
        (shown(days), shown(months))
    };
    for ((day, count), row) in pairs.iter().zip(&found) {
        let (days, months) = sum(*day, *count);
        assert_eq!(row[1..], [days.clone(), months.clone(), days, months], "{day:?} and {count:?}");
    }
    // The same with the count as a literal.
    for count in ints() {
        let literal = Expr::Literal(count.map_or(Value::Null, Value::Int), Type::Int);
        let columns = vec![
            ("days", call(Function::AddDays, &[d.clone(), literal.clone()])),
            ("months", call(Function::AddMonths, &[d.clone(), literal])),
        ];
        let found = over_t(&mut warehouse, columns);
        for ((day, _), row) in pairs.iter().zip(&found) {
            let (days, months) = sum(*day, count);
            assert_eq!(row[1..], [days, months], "{day:?} and {count:?}");
        }
    }
}

#[test]
fn two_days() {
    let (pairs, data) = pairs(&days(), &days());
    let mut warehouse = table("id BIGINT, a DATE, b DATE", &data);
    let (a, b) = (column("a", Type::Date), column("b", Type::Date));
    let columns = vec![
        ("between", call(Function::DaysBetween, &[a.clone(), b.clone()])),
        ("age", call(Function::AgeYears, &[a.clone(), b.clone()])),
        ("age2", call(Function::AgeYears, &[call(Function::Coalesce, std::slice::from_ref(&a)), b])),
        ("start", call(Function::MonthStart, std::slice::from_ref(&a))),
        ("start2", call(Function::MonthStart, &[call(Function::Coalesce, std::slice::from_ref(&a))])),
        ("year", call(Function::Year, &[a])),
    ];
    for ((a, b), row) in pairs.iter().zip(over_t(&mut warehouse, columns)) {
        let between = a.zip(*b).map(|(a, b)| b.until(a).expect("days").get_days());
        // By counting birthdays one by one from the formula's definition, not by its difference.
        let age = a.zip(*b).filter(|(birth, day)| birth <= day).map(|(birth, day)| {
            let birthday =
                |year: i16| Date::new(year, birth.month(), birth.day()).or_else(|_| Date::new(year, 3, 1));
            ((birth.year() + 1)..=9999)
                .take_while(|year| birthday(*year).is_ok_and(|birthday| birthday <= day))
                .count()
        });
        let start = a.map(Date::first_of_month);
        let right =
            [shown(between), shown(age), shown(age), shown(start), shown(start), shown(a.map(Date::year))];
        assert_eq!(row[1..], right, "{a:?} and {b:?}");
    }
}

#[test]
fn alleles_are_written_as_one_word() {
    let mut warehouse =
        table("id BIGINT, p BIGINT, r VARCHAR", &["(1, 32340300, 'GT')".into(), "(2, NULL, 'G')".into()]);
    let name = |build| {
        let (position, reference) = (column("p", Type::Int), column("r", Type::Text));
        call(Function::AlleleName, &[build, Expr::text("chr13"), position, reference, Expr::text("G")])
    };
    let columns = vec![("a", name(Expr::text("GRCh38"))), ("b", name(Expr::null(Type::Text)))];
    let found = over_t(&mut warehouse, columns);
    assert_eq!(found[0][1..], [Some("GRCh38:chr13:32340300:GT:G".to_owned()), None]);
    assert_eq!(found[1][1..], [None, None]);
}

/// Days that DuckDB holds and the language does not fail nowhere.
#[test]
fn strange_days_do_not_fail() {
    let days = [
        "infinity",
        "-infinity",
        "5877642-06-25 (BC)",
        "5881580-07-10",
        "0001-12-31 (BC)",
        "10000-01-01",
        "290000-05-05",
        "300000-01-31",
    ];
    let mut data = Vec::new();
    for day in days {
        for n in ints() {
            data.push(format!("({}, '{day}', {})", data.len(), sql(n)));
        }
    }
    let mut warehouse = table_of_duckdb("id BIGINT, d DATE, n BIGINT", &data);
    let (d, n) = (column("d", Type::Date), column("n", Type::Int));
    let other = Expr::date(date(2020, 2, 29));
    let columns = vec![
        ("days", call(Function::AddDays, &[d.clone(), n.clone()])),
        ("months", call(Function::AddMonths, &[d.clone(), n])),
        ("days5", call(Function::AddDays, &[d.clone(), Expr::int(5)])),
        ("months5", call(Function::AddMonths, &[d.clone(), Expr::int(-5)])),
        ("between", call(Function::DaysBetween, &[d.clone(), other.clone()])),
        ("age", call(Function::AgeYears, &[d.clone(), other.clone()])),
        ("age2", call(Function::AgeYears, &[other, d.clone()])),
        ("start", call(Function::MonthStart, std::slice::from_ref(&d))),
        ("year", call(Function::Year, &[d])),
    ];
    assert_eq!(over_t(&mut warehouse, columns).len(), data.len());
}

#[test]
fn texts_and_lists() {
    let texts = [
        None,
        Some(""),
        Some("a"),
        Some("abc"),
        Some("A%"),
        Some("a_"),
        Some("it's"),
        Some("é"),
        Some("\\"),
        Some("z\u{10ffff}"),
    ];
    let rows: Vec<String> = texts
        .iter()
        .enumerate()
        .map(|(id, text)| format!("({id}, {})", sql(text.map(|text| text.replace('\'', "''")))))
        .collect();
    let mut warehouse = table("id BIGINT, s VARCHAR", &rows);
    let s = column("s", Type::Text);
    let prefixes = ["", "a", "A%", "it's", "é", "_"];
    let list = call(Function::ListAppend, &[call(Function::EmptyList, &[]), Expr::text("a")]);
    let list = call(Function::ListAppend, &[list, s.clone()]);
    let mut columns = vec![
        ("contains", call(Function::ListContains, &[list.clone(), s.clone()])),
        ("a", call(Function::ListContains, &[list.clone(), Expr::text("a")])),
        ("q", call(Function::ListContains, &[list, Expr::text("q")])),
        ("less", Expr::less(s.clone(), Expr::text("a"))),
        ("null", call(Function::StartsWith, &[s.clone(), Expr::null(Type::Text)])),
        ("none", call(Function::ListAppend, &[Expr::null(Type::TextList), s.clone()])),
    ];
    for (name, prefix) in ["p0", "p1", "p2", "p3", "p4", "p5"].iter().zip(prefixes) {
        columns.push((name, call(Function::StartsWith, &[s.clone(), Expr::text(prefix)])));
    }
    for (text, row) in texts.iter().zip(over_t(&mut warehouse, columns)) {
        let mut right = vec![
            shown(text.map(|_| true)),
            shown(Some(true)),
            shown(Some(false)),
            shown(text.map(|text| text.as_bytes() < b"a".as_slice())),
            None,
            None,
        ];
        right.extend(prefixes.map(|prefix| shown(text.map(|text| text.starts_with(prefix)))));
        assert_eq!(row[1..], right[..], "{text:?}");
    }
}
