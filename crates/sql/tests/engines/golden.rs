//! The closed list of functions on the edges of their arguments: one page to read, the same on both engines.
//!
//! The other tests hold each function to an evaluation of its own over many more values; this page is for whoever
//! wants to know what a function gives where it has no value: null, and never an error.

use std::fmt::Write as _;

use crate::support::{call, column, over_t, table};
use plan::{Expr, Function, Type};

const DECIMALS: &[&str] = &[
    "NULL",
    "0",
    "1",
    "-1",
    "0.000000000001",
    "3",
    "999999999999999999",
    "-999999999999999999.999999999999",
];
const INTS: &[&str] = &["NULL", "0", "1", "-7", "9223372036854775807", "-9223372036854775808"];
const DAYS: &[&str] = &["NULL", "0001-01-01", "2000-02-29", "2025-03-31", "9999-12-31"];
const TEXTS: &[&str] = &["NULL", "", "a", "A%", "it's", "\u{e9}", "\u{1F9EC}"];

/// An argument of a function.
enum Argument {
    /// Each of these values in turn.
    Of(Type, &'static [&'static str]),
    /// One literal, since the function takes nothing else there.
    Literal(&'static str, Expr),
}

/// What each function is tried on. A function without a line here does not compile.
fn arguments(function: Function) -> Vec<Argument> {
    let ints = || Argument::Of(Type::Int, INTS);
    let decimals = || Argument::Of(Type::Decimal, DECIMALS);
    let days = || Argument::Of(Type::Date, DAYS);
    let texts = || Argument::Of(Type::Text, TEXTS);
    let list = || {
        let empty = call(Function::EmptyList, &[]);
        Argument::Literal("['a']", call(Function::ListAppend, &[empty, Expr::text("a")]))
    };
    match function {
        Function::Coalesce
        | Function::Least
        | Function::Greatest
        | Function::AddInt
        | Function::SubtractInt
        | Function::MultiplyInt => vec![ints(), ints()],
        Function::AddDecimal
        | Function::SubtractDecimal
        | Function::MultiplyDecimal
        | Function::DivideDecimal => vec![decimals(), decimals()],
        Function::IntToDecimal => vec![ints()],
        Function::AddDays | Function::AddMonths => vec![days(), ints()],
        Function::DaysBetween | Function::AgeYears => vec![days(), days()],
        Function::MonthStart | Function::Year => vec![days()],
        Function::FloorTo => vec![ints(), Argument::Literal("10", Expr::int(10))],
        Function::StartsWith => vec![texts(), Argument::Literal("'A%'", Expr::text("A%"))],
        Function::Sha256 => vec![Argument::Literal("'k'", Expr::text("k")), texts()],
        Function::AlleleName => {
            let part = |text: &'static str| Argument::Literal(text, Expr::text(text));
            vec![part("GRCh38"), part("chr1"), ints(), texts(), part("G")]
        }
        // The engines write other texts within a list in their own ways, which no question sees.
        Function::ListContains | Function::ListAppend => {
            vec![list(), Argument::Of(Type::Text, &["NULL", "a", "b"])]
        }
        Function::EmptyList => Vec::new(),
    }
}

const ALL: [Function; 24] = [
    Function::Coalesce,
    Function::Least,
    Function::Greatest,
    Function::AddInt,
    Function::SubtractInt,
    Function::MultiplyInt,
    Function::AddDecimal,
    Function::SubtractDecimal,
    Function::MultiplyDecimal,
    Function::DivideDecimal,
    Function::IntToDecimal,
    Function::AddDays,
    Function::AddMonths,
    Function::DaysBetween,
    Function::AgeYears,
    Function::MonthStart,
    Function::Year,
    Function::FloorTo,
    Function::StartsWith,
    Function::Sha256,
    Function::AlleleName,
    Function::ListContains,
    Function::ListAppend,
    Function::EmptyList,
];

#[test]
fn every_function_on_its_edges() {
    assert!(ALL.is_sorted() && Function::EmptyList as usize + 1 == ALL.len(), "a function is missing");
    let mut page = String::new();
    for function in ALL {
        let _ = writeln!(page, "{function:?}");
        // All combinations of the arguments that vary.
        let arguments = arguments(function);
        let mut tuples: Vec<Vec<&str>> = vec![Vec::new()];
        for argument in &arguments {
            if let Argument::Of(_, values) = argument {
                tuples = tuples
                    .iter()
                    .flat_map(|tuple| {
                        values
                            .iter()
                            .map(move |value| [tuple.as_slice(), std::slice::from_ref(value)].concat())
                    })
                    .collect();
            }
        }
        let rows: Vec<String> = (tuples.iter().enumerate())
            .map(|(id, tuple)| {
                let cells: Vec<String> = tuple.iter().map(|value| literal(value)).collect();
                format!("({})", [vec![id.to_string()], cells].concat().join(", "))
            })
            .collect();
        let (mut layout, mut given) = ("id BIGINT".to_owned(), Vec::new());
        for argument in &arguments {
            given.push(match argument {
                Argument::Literal(_, expr) => expr.clone(),
                Argument::Of(ty, _) => {
                    let name = format!("c{}", given.len());
                    let _ = write!(layout, ", {name} {}", spelled(*ty));
                    column(&name, *ty)
                }
            });
        }
        let found = over_t(&mut table(&layout, &rows), vec![("value", call(function, &given))]);
        for (tuple, row) in tuples.iter().zip(found) {
            let mut values = tuple.iter();
            let shown: Vec<String> = (arguments.iter())
                .map(|argument| match argument {
                    Argument::Literal(shown, _) => (*shown).to_owned(),
                    Argument::Of(ty, _) => {
                        let value = values.next().copied().unwrap_or_default();
                        if *ty == Type::Text && value != "NULL" {
                            format!("'{value}'")
                        } else {
                            value.to_owned()
                        }
                    }
                })
                .collect();
            let _ = writeln!(page, "  ({}) = {}", shown.join(", "), row[1].as_deref().unwrap_or("NULL"));
        }
    }
    insta::assert_snapshot!(page);
}

fn literal(value: &str) -> String {
    if value == "NULL" { value.to_owned() } else { format!("'{}'", value.replace('\'', "''")) }
}

fn spelled(ty: Type) -> &'static str {
    match ty {
        Type::Int => "BIGINT",
        Type::Decimal => "DECIMAL(30, 12)",
        Type::Date => "DATE",
        _ => "VARCHAR",
    }
}
