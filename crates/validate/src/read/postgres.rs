//! What Postgres spells in another way, as what it means.
//!
//! Postgres has no `TRY_CAST`: a value is moved between two bounds that are null, and only then cast. So
//! that nothing here trusts that a bound is the right one, a cast is read as total only where the bounds are
//! those of its type. Parts of a day are total where the day is not infinite, months are added where a test
//! of the same day stands before; a divisor is a number other than 0, or null where it is 0. What has not the
//! whole form keeps the name that no list holds, and is refused for it.

use super::Reading;
use crate::tree::{Arithmetic, Block, Body, Call, Expr, Join, Order, Over, Statement, Table};
use crate::violation::{Rule, Violation};

/// A statement as it is meant.
pub(super) fn meant(statement: Statement) -> Reading<Statement> {
    let Statement { tables, mut result } = statement;
    let tables = tables.into_iter().map(table).collect::<Reading<Vec<Table>>>()?;
    result.order = result.order.into_iter().map(order).collect::<Reading<_>>()?;
    Ok(Statement { tables, result })
}

fn table(table: Table) -> Reading<Table> {
    let of_table = |one: Violation| Violation { table: table.name.clone(), ..one };
    let body = match table.body {
        Body::Select(one) => Body::Select(block(one).map_err(of_table)?),
        Body::UnionAll(all) => {
            Body::UnionAll(all.into_iter().map(block).collect::<Reading<_>>().map_err(of_table)?)
        }
        Body::Values { columns, rows } => {
            let rows = rows.into_iter().map(all).collect::<Reading<_>>().map_err(of_table)?;
            Body::Values { columns, rows }
        }
    };
    Ok(Table { body, ..table })
}

fn block(block: Block) -> Reading<Block> {
    let Block { distinct, items, from, joins, filter, group } = block;
    Ok(Block {
        distinct,
        items: items.into_iter().map(|(name, value)| Ok((name, expr(value)?))).collect::<Reading<_>>()?,
        from,
        joins: joins
            .into_iter()
            .map(|join| Ok(Join { on: join.on.map(expr).transpose()?, ..join }))
            .collect::<Reading<_>>()?,
        filter: filter.map(expr).transpose()?,
        group: group.map(all).transpose()?,
    })
}

fn order(order: Order) -> Reading<Order> {
    Ok(Order { key: expr(order.key)?, ..order })
}

fn all(all: Vec<Expr>) -> Reading<Vec<Expr>> {
    all.into_iter().map(expr).collect()
}

fn boxed(one: Expr) -> Reading<Box<Expr>> {
    expr(one).map(Box::new)
}

/// An expression, from its parts up.
fn expr(written: Expr) -> Reading<Expr> {
    Ok(match written {
        Expr::Column(..)
        | Expr::Null
        | Expr::Bool(_)
        | Expr::Number(_)
        | Expr::Text(_)
        | Expr::Date(_)
        | Expr::Instant(_) => written,
        Expr::And(terms) => Expr::And(all(terms)?),
        Expr::Or(terms) => Expr::Or(all(terms)?),
        Expr::Not(one) => Expr::Not(boxed(*one)?),
        Expr::Compare(comparison, left, right) => Expr::Compare(comparison, boxed(*left)?, boxed(*right)?),
        Expr::IsNull(one) => Expr::IsNull(boxed(*one)?),
        Expr::IsNotNull(one) => Expr::IsNotNull(boxed(*one)?),
        Expr::IsTrue(one) => Expr::IsTrue(boxed(*one)?),
        Expr::Between(three) => {
            let [value, low, high] = *three;
            Expr::Between(Box::new([expr(value)?, expr(low)?, expr(high)?]))
        }
        Expr::In(value, list) => Expr::In(boxed(*value)?, all(list)?),
        Expr::InTable { values, table, columns } => Expr::InTable { values: all(values)?, table, columns },
        Expr::Arithmetic(operator, left, right) => arithmetic(operator, boxed(*left)?, boxed(*right)?)?,
        Expr::Minus(one) => Expr::Minus(boxed(*one)?),
        Expr::Case { arms, otherwise } => case(
            arms.into_iter().map(|(when, then)| Ok((expr(when)?, expr(then)?))).collect::<Reading<_>>()?,
            otherwise.map(|rest| boxed(*rest)).transpose()?,
        ),
        Expr::Cast { or_null, value, ty } => cast(or_null, expr(*value)?, ty),
        Expr::Call(call) => self::call(*call)?,
        Expr::List(list) => Expr::List(all(list)?),
        Expr::Row(fields) => Expr::Row(
            fields.into_iter().map(|(name, value)| Ok((name, expr(value)?))).collect::<Reading<_>>()?,
        ),
        Expr::Lambda(row, body) => Expr::Lambda(row, boxed(*body)?),
    })
}

/// A remainder of a division by 0 is an error; every other operator means what it does elsewhere.
fn arithmetic(operator: Arithmetic, left: Box<Expr>, right: Box<Expr>) -> Reading<Expr> {
    if operator == Arithmetic::Remainder && !never_0(&right) {
        return Err(Violation {
            rule: Rule::Total,
            table: String::new(),
            sentence: "A divisor may be 0.".to_owned(),
        });
    }
    Ok(Expr::Arithmetic(operator, left, right))
}

/// Whether a divisor is a number other than 0, or null where it is 0.
fn never_0(divisor: &Expr) -> bool {
    match divisor {
        Expr::Number(digits) => digits.bytes().any(|digit| (b'1'..=b'9').contains(&digit)),
        Expr::Call(call) => {
            call.name == "nullif"
                && matches!(call.arguments.as_slice(), [_, Expr::Number(zero)] if zero == "0")
        }
        _ => false,
    }
}

fn named(name: &str, arguments: Vec<Expr>) -> Expr {
    Expr::Call(Box::new(Call {
        name: name.to_owned(),
        distinct: false,
        all_rows: false,
        arguments,
        filter: None,
        over: None,
    }))
}

/// The arguments of a plain call of a name.
fn arguments<'e>(expr: &'e Expr, name: &str) -> Option<&'e [Expr]> {
    match expr {
        Expr::Call(call)
            if call.name == name
                && !call.distinct
                && !call.all_rows
                && call.filter.is_none()
                && call.over.is_none() =>
        {
            Some(&call.arguments)
        }
        _ => None,
    }
}

fn call(call: Call) -> Reading<Expr> {
    let Call { name, distinct, all_rows, arguments: given, filter, over } = call;
    let over = over
        .map(|over| {
            Ok(Over {
                partition: all(over.partition)?,
                order: over.order.into_iter().map(order).collect::<Reading<_>>()?,
                ..over
            })
        })
        .transpose()?;
    let call = Call {
        name,
        distinct,
        all_rows,
        arguments: all(given)?,
        filter: filter.map(expr).transpose()?,
        over,
    };
    // What only DuckDB has is a function of somebody's own here.
    if !super::expr::WRITTEN.contains(&call.name.as_str())
        && !super::words::called(&call.name, crate::Dialect::Postgres)
    {
        return Ok(Expr::Call(Box::new(Call { name: format!("{} of another engine", call.name), ..call })));
    }
    let renamed = |name: &str| Expr::Call(Box::new(Call { name: name.to_owned(), ..call.clone() }));
    let whole = Expr::Call(Box::new(call.clone()));
    let plain = arguments(&whole, &call.name).is_some();
    Ok(match (call.name.as_str(), call.arguments.as_slice()) {
        // Truth values come in an order: false, true.
        ("bool_and", [_]) => renamed("min"),
        ("bool_or", [_]) => renamed("max"),
        ("array_agg", [_]) => renamed("list"),
        ("percentile_disc", [value, Expr::Number(share)]) => match of_share(share) {
            Some(share) => quantile(&call, value.clone(), Expr::Number(share)),
            None => whole,
        },
        ("percentile_disc", [value, Expr::Minus(share)]) => match share.as_ref() {
            Expr::Number(share) => match of_share(share) {
                Some(share) => quantile(&call, value.clone(), Expr::Minus(Box::new(Expr::Number(share)))),
                None => whole,
            },
            _ => whole,
        },
        _ if !plain => whole,
        ("collate", [Expr::Cast { or_null: false, value, ty }]) if ty.starts_with("VARCHAR") => {
            value.as_ref().clone()
        }
        ("collate", [text]) => text.clone(),
        ("array", []) => Expr::List(Vec::new()),
        ("array_append", [_, _]) => renamed("list_append"),
        ("any", [text, Expr::Cast { or_null: false, value, ty }]) if ty == "VARCHAR[]" => {
            named("list_contains", vec![value.as_ref().clone(), text.clone()])
        }
        ("any", [text, list]) => named("list_contains", vec![list.clone(), text.clone()]),
        ("let", [Expr::Row(_), Expr::Lambda(..)]) => {
            let mut parts = call.arguments.clone();
            let formula = parts.pop().unwrap_or(Expr::Null);
            let transformed = named("list_transform", vec![Expr::List(parts), formula]);
            named("list_extract", vec![transformed, Expr::Number("1".to_owned())])
        }
        ("div", [left, right]) if never_0(right) => {
            Expr::Arithmetic(Arithmetic::Quotient, Box::new(left.clone()), Box::new(right.clone()))
        }
        ("encode", [digest, Expr::Text(form)]) if form == "hex" => match hashed(digest) {
            Some(text) => named("sha256", vec![text.clone()]),
            None => named("encode", Vec::new()),
        },
        // Of bytes it is no text, and no function of ours.
        ("sha256", _) => named("sha256 of bytes", call.arguments),
        ("make_interval", [Expr::Number(years), months]) if years == "0" && whole_number(months) => {
            named("to_months", vec![months.clone()])
        }
        ("nullif", [inner, last]) => nullif(inner, last).unwrap_or(whole),
        _ => whole,
    })
}

/// The share of four places of which this is the one that is 10⁻¹⁴ less, as the server's multiplication in
/// binary needs it.
fn of_share(less: &str) -> Option<String> {
    let digits = less.strip_prefix("0.").filter(|digits| digits.len() == 14)?;
    let next = digits.parse::<u64>().ok()? + 1;
    let (parts, rest) = (next / 10_000_000_000, next % 10_000_000_000);
    (rest == 0 && (1..10_000).contains(&parts)).then(|| {
        let share = format!("0.{parts:04}");
        share.trim_end_matches('0').to_owned()
    })
}

fn quantile(call: &Call, value: Expr, share: Expr) -> Expr {
    Expr::Call(Box::new(Call {
        name: "quantile_disc".to_owned(),
        arguments: vec![value, share],
        ..call.clone()
    }))
}

/// The text of `sha256(convert_to(text, 'UTF8'))`, whose call is read already.
fn hashed(digest: &Expr) -> Option<&Expr> {
    let [bytes] = arguments(digest, "sha256 of bytes")? else { return None };
    match arguments(bytes, "convert_to")? {
        [text, Expr::Text(form)] if form == "UTF8" => Some(text),
        _ => None,
    }
}

/// A number that fits 32 bits: a short literal, or a value that was cast to them.
fn whole_number(value: &Expr) -> bool {
    match value {
        Expr::Number(digits) => digits.len() <= 6 && !digits.contains('.'),
        Expr::Minus(inner) => whole_number(inner),
        Expr::Cast { or_null: true, ty, .. } => ty == "INTEGER",
        _ => false,
    }
}

/// The two forms of one `nullif` around another: a day that is not infinite, and a number between bounds.
fn nullif(inner: &Expr, last: &Expr) -> Option<Expr> {
    let [moved, first] = arguments(inner, "nullif")? else { return None };
    if let (Expr::Date(later), Expr::Date(earlier)) = (first, last) {
        return (later == "infinity" && earlier == "-infinity").then(|| named("finite", vec![moved.clone()]));
    }
    let [least, low] = arguments(moved, "greatest")? else { return None };
    let [value, high] = arguments(least, "least")? else { return None };
    if first != high || last != low {
        return None;
    }
    let (from, to) = (number(low)?, number(high)?);
    let decimal = |ty: &str| Expr::Cast { or_null: true, value: Box::new(value.clone()), ty: ty.to_owned() };
    Some(if (from, to) == (-(10_i128.pow(18)), 10_i128.pow(18)) {
        decimal("DECIMAL(30,12)")
    } else if (from, to) == (-(10_i128.pow(26)), 10_i128.pow(26)) {
        decimal("DECIMAL(38,12)")
    } else {
        named("between bounds", vec![low.clone(), value.clone(), high.clone()])
    })
}

fn number(literal: &Expr) -> Option<i128> {
    match literal {
        Expr::Number(digits) => digits.parse().ok(),
        Expr::Minus(inner) => number(inner).map(|value: i128| -value),
        _ => None,
    }
}

fn cast(or_null: bool, value: Expr, ty: String) -> Expr {
    let of = |or_null: bool, value: Expr, ty: &str| Expr::Cast {
        or_null,
        value: Box::new(value),
        ty: ty.to_owned(),
    };
    if or_null {
        // Postgres has no such cast.
        return of(true, value, &format!("TRY_CAST {ty}"));
    }
    match (ty.as_str(), &value) {
        ("TEXT", Expr::Text(_)) => value,
        ("TEXT", _) => of(false, value, "VARCHAR"),
        ("TEXT[]", _) => of(false, value, "VARCHAR[]"),
        ("NUMERIC", Expr::Text(_) | Expr::Null) => of(false, value, "DECIMAL(30,12)"),
        ("NUMERIC", _) => of(false, value, "HUGEINT"),
        ("BOOLEAN", Expr::Bool(_)) => value,
        ("BIGINT" | "INTEGER", Expr::Call(call)) => match part_or_bounded(call, &ty) {
            Some(meant) => meant,
            None => of(false, value, &ty),
        },
        ("BIGINT", Expr::Arithmetic(Arithmetic::Subtract, later, earlier)) => {
            match (day(later), day(earlier)) {
                (Some(later), Some(earlier)) => {
                    named("date_diff", vec![Expr::Text("day".to_owned()), earlier.clone(), later.clone()])
                }
                _ => of(false, value, &ty),
            }
        }
        ("DATE", Expr::Call(_)) => match month_start(&value) {
            Some(day) => named("month_start", vec![day.clone()]),
            None => of(false, value, &ty),
        },
        ("DATE", Expr::Arithmetic(Arithmetic::Add, day, months)) => match arguments(months, "to_months") {
            Some(_) => named("months_later", vec![day.as_ref().clone(), months.as_ref().clone()]),
            None => of(false, value, &ty),
        },
        // Nothing of ours has these types in a text of Postgres.
        ("HUGEINT" | "VARCHAR" | "VARCHAR[]", _) => of(false, value, &format!("{ty} of another engine")),
        _ => of(false, value, &ty),
    }
}

/// A part of a day that is not infinite, or a number between the bounds of the type.
fn part_or_bounded(call: &Call, ty: &str) -> Option<Expr> {
    let call = Expr::Call(Box::new(call.clone()));
    if ty == "BIGINT" {
        for (written, meant) in [("extract_year", "year"), ("extract_month", "month"), ("extract_day", "day")]
        {
            if let Some([of]) = arguments(&call, written) {
                return day(of).map(|day| named(meant, vec![day.clone()]));
            }
        }
    }
    let [low, value, high] = arguments(&call, "between bounds")? else { return None };
    let (low, high) = (number(low)?, number(high)?);
    let right = match ty {
        "BIGINT" => (low, high) == (i128::from(i64::MIN) - 1, i128::from(i64::MAX) + 1),
        _ => i128::from(i32::MIN) - 1 <= low && high <= i128::from(i32::MAX) + 1,
    };
    right.then(|| Expr::Cast { or_null: true, value: Box::new(value.clone()), ty: ty.to_owned() })
}

/// A day that is not infinite.
fn day(value: &Expr) -> Option<&Expr> {
    match value {
        Expr::Date(_) => Some(value),
        other => match arguments(other, "finite")? {
            [day] => Some(day),
            _ => None,
        },
    }
}

/// The day of `date_trunc('month', CAST(day AS TIMESTAMP))`.
fn month_start(value: &Expr) -> Option<&Expr> {
    match arguments(value, "date_trunc")? {
        [Expr::Text(unit), Expr::Cast { or_null: false, value, ty }]
            if unit == "month" && ty == "TIMESTAMP" =>
        {
            Some(value)
        }
        _ => None,
    }
}

/// A choice; where it asks first whether a day is of the years, its month and the day months later are total.
fn case(arms: Vec<(Expr, Expr)>, otherwise: Option<Box<Expr>>) -> Expr {
    let arms = arms
        .into_iter()
        .map(|(when, then)| {
            let then = guarded(&when, &then).unwrap_or(then);
            (when, then)
        })
        .collect();
    Expr::Case { arms, otherwise }
}

fn guarded(when: &Expr, then: &Expr) -> Option<Expr> {
    let terms = crate::normal::terms(when);
    let of_the_years = |day: &Expr| {
        terms.iter().any(|term| {
            matches!(term, Expr::Between(three)
                if three[0] == *day && matches!((&three[1], &three[2]), (Expr::Date(_), Expr::Date(_))))
        })
    };
    if let Some([day]) = arguments(then, "month_start") {
        let part = |name: &str| named(name, vec![day.clone()]);
        let first = vec![part("year"), part("month"), Expr::Number("1".to_owned())];
        return of_the_years(day).then(|| named("make_date", first));
    }
    let [day, months] = arguments(then, "months_later")? else { return None };
    let sum = Expr::Arithmetic(Arithmetic::Add, Box::new(day.clone()), Box::new(months.clone()));
    of_the_years(day).then(|| Expr::Cast { or_null: false, value: Box::new(sum), ty: "DATE".to_owned() })
}
