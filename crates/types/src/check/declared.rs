//! Types that are written: of parameters and of definitions, and whether a value is of one.

use super::expr::to_decimal;
use super::{Checked, Checker};
use crate::number::Number;
use crate::query::{CodeTest, Expr, Kind, Value};
use crate::ty::Type;
use crate::unit::{self, Conversion};
use diag::{Code, Diagnostic, near_names};
use jiff::civil::Date;
use model::ColumnLabel;
use std::fmt;
use syntax::tree;
use text::Range;

/// A type as it is written after `:`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Declared {
    /// A value of a type.
    Value(Type),
    /// `duration`: so many days, or so many calendar months.
    Duration,
    /// `code of HP`: a set of codes of that system.
    Codes(String),
    /// `list of gene`: values of a type.
    List(Type),
}

impl Declared {
    /// What gives meaning to bare names of enum members and genes.
    pub(crate) fn expected(&self) -> Option<&Type> {
        match self {
            Declared::Value(ty) | Declared::List(ty) => Some(ty),
            Declared::Duration | Declared::Codes(_) => None,
        }
    }
}

impl fmt::Display for Declared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Declared::Value(ty) => ty.fmt(f),
            Declared::Duration => f.write_str("a duration"),
            Declared::Codes(system) => write!(f, "codes of {system}"),
            Declared::List(ty) => write!(f, "a list of values, each {ty}"),
        }
    }
}

/// The types that are one word.
const WORDS: [&str; 8] = ["bool", "int", "decimal", "percent", "text", "date", "duration", "gene"];

impl Checker<'_> {
    /// The type that is written, or a diagnostic.
    pub(crate) fn declared(&mut self, ty: &tree::TypeName) -> Option<Declared> {
        let range = self.range(ty.span);
        match (ty.name.text.as_str(), &ty.of) {
            ("duration", None) => Some(Declared::Duration),
            (word, None) => match one_word(word) {
                Some(ty) => Some(Declared::Value(ty)),
                None => self.no_type(word, range),
            },
            ("list", Some(of)) => match one_word(&of.text) {
                Some(ty) => Some(Declared::List(ty)),
                None => self.no_type(&of.text, range),
            },
            // What is measured in percent is compared with percentages.
            ("quantity", Some(of)) if of.text == "%" => Some(Declared::Value(Type::Percent)),
            ("quantity", Some(of)) if unit::is_ucum(&of.text) => {
                Some(Declared::Value(Type::Quantity(of.text.clone())))
            }
            ("quantity", Some(of)) => {
                self.not_ucum(&of.text, range);
                None
            }
            ("code", Some(of)) if model::is_code_system(&of.text) => Some(Declared::Codes(of.text.clone())),
            ("code", Some(of)) => {
                let message = format!("`{}` is not a code system that is known here", of.text);
                self.report(
                    Diagnostic::error(Code("E0401"), message, range, "unknown code system")
                        .note(format!("the systems are {}", model::CODE_SYSTEMS.join(", "))),
                );
                None
            }
            (word, Some(of)) => self.type_of_column(word, of, range),
        }
    }

    /// `sex of subject`: the type of that column.
    fn type_of_column(&mut self, word: &str, of: &tree::Name, range: Range) -> Option<Declared> {
        let Some(entity) = self.model().find(&of.text) else { return self.no_type(word, range) };
        let entity = self.model().entity(entity);
        let Some(column) = entity.find_column(word) else {
            let known = entity.columns.iter().map(|column| column.name.as_str());
            let near = near_names(word, known);
            let message = format!("{} has no `{word}`", super::scope::article(&entity.name));
            let diagnostic = Diagnostic::error(Code("E0103"), message, range, "unknown column");
            self.report(match near.first() {
                Some(near) => diagnostic.help(format!("`{near} of {}` is near", of.text)),
                None => diagnostic,
            });
            return None;
        };
        match super::scope::column_type(entity.column(column)) {
            Type::QuantityOf(_) => {
                self.report(
                    Diagnostic::error(
                        Code("E0105"),
                        format!("`{word}` of {} has a unit of its own in each row", entity.plural),
                        range,
                        "of which unit?",
                    )
                    .help("name the unit: quantity of `mmol/mol`"),
                );
                None
            }
            Type::Id => {
                self.error(
                    "E0510",
                    format!("`{word}` is an identifier, and no value is written for it"),
                    range,
                    "an identifier",
                );
                None
            }
            Type::Code(system) => Some(Declared::Codes(system)),
            ty => Some(Declared::Value(ty)),
        }
    }

    fn no_type(&mut self, word: &str, range: Range) -> Option<Declared> {
        let near = near_names(word, WORDS);
        let diagnostic = Diagnostic::error(
            Code("E0105"),
            format!("`{word}` is not a type"),
            range,
            "bool, int, decimal, percent, text, date, duration, gene",
        )
        .note("also `list of gene`, `code of HP`, quantity of `mmol/mol`, and the type of a column: `sex of subject`");
        self.report(match near.first() {
            Some(near) => diagnostic.help(format!("`{near}` is near")),
            None => diagnostic,
        });
        None
    }

    /// A value of the declared type, or a diagnostic that says what `what` is instead.
    pub(crate) fn fitted(
        &mut self,
        checked: Checked,
        declared: &Declared,
        range: Range,
        what: &str,
    ) -> Option<Checked> {
        match (checked, declared) {
            (Checked::Error, _) => None,
            (Checked::Codes(test, at), Declared::Codes(system)) => {
                if test.system == *system {
                    return Some(Checked::Codes(test, at));
                }
                let message = format!("{what} holds codes of {}, and is declared as {declared}", test.system);
                self.error("E0413", message, at, format!("codes of {}", test.system));
                None
            }
            (Checked::List(values, at), Declared::List(ty)) => {
                let mut fitting = Vec::new();
                for value in values {
                    let value = self.one(value, at)?;
                    fitting.push(Checked::One(self.of_type(value, ty, declared, what)?));
                }
                Some(Checked::List(fitting, at))
            }
            (Checked::Codes(_, at), _) => self.misfit("a set of codes", declared, at, what),
            (Checked::List(_, at) | Checked::Alleles(_, at) | Checked::Region(_, at), _) => {
                self.misfit("a list", declared, at, what)
            }
            (checked, Declared::Value(ty)) => {
                let value = self.one(checked, range)?;
                self.of_type(value, ty, declared, what).map(Checked::One)
            }
            (checked, Declared::Duration) => {
                let value = self.one(checked, range)?;
                if matches!(value.ty, Type::Days | Type::Months) {
                    return Some(Checked::One(value));
                }
                self.misfit(&value.ty.to_string(), declared, value.range, what)
            }
            (checked, Declared::Codes(_) | Declared::List(_)) => {
                let value = self.one(checked, range)?;
                self.misfit(&value.ty.to_string(), declared, value.range, what)
            }
        }
    }

    fn of_type(&mut self, value: Expr, ty: &Type, declared: &Declared, what: &str) -> Option<Expr> {
        if value.ty == *ty {
            return Some(value);
        }
        match (&value.ty, ty, &value.kind) {
            (Type::Int, Type::Decimal, _) => return Some(to_decimal(value)),
            (Type::Quantity(from), Type::Quantity(to), Kind::Literal(Value::Number(number))) => {
                if let Conversion::Factor(numerator, denominator) = unit::convert(from, to)
                    && let Some(number) = number.scale(numerator, denominator)
                {
                    return Some(Expr {
                        kind: Kind::Literal(Value::Number(number)),
                        ty: ty.clone(),
                        ..value
                    });
                }
            }
            (Type::Text, Type::Gene | Type::Enum(_), _) => {
                let diagnostic = self.quoted(ty, &value);
                self.report(diagnostic);
                return None;
            }
            _ => {}
        }
        let found = value.ty.to_string();
        self.misfit::<Expr>(&found, declared, value.range, what)
    }

    fn misfit<T>(&mut self, found: &str, declared: &Declared, at: Range, what: &str) -> Option<T> {
        self.error(
            "E0201",
            format!("{what} is {found}, and is declared as {declared}"),
            at,
            found.to_owned(),
        );
        None
    }

    /// The value that a text from outside stands for: of a command line, of a file of parameters.
    pub(crate) fn read_text(&mut self, text: &str, declared: &Declared, range: Range) -> Option<Checked> {
        let one = |kind, ty| {
            Checked::One(Expr { kind: Kind::Literal(kind), ty, label: ColumnLabel::Public, range })
        };
        match declared {
            Declared::Value(ty) => self.value_of_text(text, ty).map(|value| one(value, ty.clone())),
            Declared::Duration => {
                let (number, unit) = text.split_once(' ')?;
                let number: i64 = number.replace('_', "").parse().ok()?;
                let (factor, ty) = match unit.trim() {
                    "day" | "days" => (1, Type::Days),
                    "week" | "weeks" => (7, Type::Days),
                    "month" | "months" => (1, Type::Months),
                    "year" | "years" => (12, Type::Months),
                    _ => return None,
                };
                Some(one(Value::Int(number.checked_mul(factor)?), ty))
            }
            Declared::List(ty) => {
                let mut values = Vec::new();
                for part in text.split(',') {
                    values.push(one(self.value_of_text(part.trim(), ty)?, ty.clone()));
                }
                Some(Checked::List(values, range))
            }
            Declared::Codes(of) => {
                let mut all = CodeTest { system: of.clone(), ..CodeTest::default() };
                for part in text.split(',') {
                    let part = part.trim();
                    let (only, part) = match part.strip_prefix("only ") {
                        Some(rest) => (true, rest.trim()),
                        None => (false, part),
                    };
                    let (system, code) = part.split_once(':').filter(|(system, _)| system == of)?;
                    let test = self.code(system, code, None, only, range)?;
                    all.exact.extend(test.exact);
                    all.prefixes.extend(test.prefixes);
                }
                all.exact.sort();
                all.exact.dedup();
                Some(Checked::Codes(all, range))
            }
        }
    }

    fn value_of_text(&self, text: &str, ty: &Type) -> Option<Value> {
        match ty {
            Type::Bool => text.parse().ok().map(Value::Bool),
            Type::Int => text.replace('_', "").parse().ok().map(Value::Int),
            Type::Decimal => Number::parse(&text.replace('_', "")).map(Value::Number),
            Type::Percent => Number::parse(text.strip_suffix('%')?.trim())?.scale(1, 100).map(Value::Number),
            Type::Quantity(to) => {
                let (number, unit) = text.split_once(' ')?;
                let unit = unit.trim().trim_matches('\'');
                let Conversion::Factor(numerator, denominator) = unit::convert(unit, to) else { return None };
                Number::parse(number)?.scale(numerator, denominator).map(Value::Number)
            }
            Type::Text => Some(Value::Text(text.to_owned())),
            Type::Gene => self.input.vocabulary.is_gene(text).then(|| Value::Text(text.to_owned())),
            Type::Enum(list) => {
                list.members.iter().any(|member| member == text).then(|| Value::Text(text.to_owned()))
            }
            Type::Date => text.parse::<Date>().ok().map(Value::Date),
            _ => None,
        }
    }

    /// Some value of a declared type, to see whether a definition makes sense for it.
    pub(crate) fn some_value(declared: &Declared, range: Range) -> Checked {
        let one = |ty: &Type| {
            let value = match ty {
                Type::Bool => Value::Bool(true),
                Type::Int => Value::Int(1),
                Type::Decimal | Type::Percent | Type::Quantity(_) => Value::Number(Number::int(1)),
                Type::Date => Value::Date(Date::constant(2000, 1, 1)),
                Type::Enum(list) => Value::Text(list.members.first().cloned().unwrap_or_default()),
                _ => Value::Text(String::new()),
            };
            Checked::One(Expr {
                kind: Kind::Literal(value),
                ty: ty.clone(),
                label: ColumnLabel::Public,
                range,
            })
        };
        match declared {
            Declared::Value(ty) => one(ty),
            Declared::Duration => Checked::One(Expr {
                kind: Kind::Literal(Value::Int(12)),
                ty: Type::Months,
                label: ColumnLabel::Public,
                range,
            }),
            Declared::Codes(system) => {
                let exact = vec![format!("{system}:1")];
                Checked::Codes(CodeTest { system: system.clone(), exact, ..CodeTest::default() }, range)
            }
            Declared::List(ty) => Checked::List(vec![one(ty)], range),
        }
    }
}

fn one_word(word: &str) -> Option<Type> {
    Some(match word {
        "bool" => Type::Bool,
        "int" => Type::Int,
        "decimal" => Type::Decimal,
        "percent" => Type::Percent,
        "text" => Type::Text,
        "date" => Type::Date,
        "gene" => Type::Gene,
        _ => return None,
    })
}
