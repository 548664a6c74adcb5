//! The items of a file: headers, parameters, definitions, cohorts.

use super::scope::{Frame, Global};
use super::{Checked, Checker, with_near};
use crate::number::Number;
use crate::query::{Expr, Kind, Uses, Value};
use crate::ty::Type;
use diag::{Code, Diagnostic, near_names};
use jiff::civil::Date;
use model::ColumnLabel;
use syntax::Parsed;
use syntax::tree::{self, AsOfDate, Item};
use text::Range;

impl<'a> Checker<'a> {
    pub(crate) fn file(&mut self) {
        let library = self.input.library;
        for parsed in library {
            self.collect(parsed, None);
        }
        let main = self.input.main;
        self.header(main);
        for item in &main.file.items {
            if let Item::Import(import) = item {
                self.import(import);
            }
        }
        self.collect(main, None);
        for item in &main.file.items {
            let before = self.errors();
            match item {
                Item::Cohort(cohort) => {
                    self.cohort(cohort);
                    if self.errors() > before {
                        self.globals.insert(cohort.name.text.clone(), Global::Broken);
                    }
                }
                Item::Table(table) => self.table(table),
                Item::Codes(codes) => {
                    // Checked where they stand, so that a mistake is found also when nobody uses them.
                    let _ = self.codes_item(codes);
                }
                Item::Report(report) => self.report_item(report),
                // Tests look at tables and cohorts wherever these stand.
                Item::Test(_) => {}
                Item::Agreement(_) | Item::Purpose(_) | Item::Majority(_) | Item::Death(_) => {
                    let range = self.range(item_span(item));
                    self.error(
                        "E0115",
                        "policy does not stand in a query file",
                        range,
                        "belongs in a file of the steward",
                    );
                }
                Item::Model(_) | Item::Entity(_) => {
                    let range = self.range(item_span(item));
                    self.error(
                        "E0115",
                        "a model does not stand in a query file",
                        range,
                        "belongs in a model file",
                    );
                }
                Item::Use(_)
                | Item::AsOf(_)
                | Item::Import(_)
                | Item::Param(_)
                | Item::Define(_)
                | Item::Error(_) => {}
            }
        }
        for item in &main.file.items {
            if let Item::Test(test) = item {
                self.test(test);
            }
        }
    }

    /// `use` and `as of`: one each.
    fn header(&mut self, main: &'a Parsed) {
        // Parameters first: `as of` may name one.
        for item in &main.file.items {
            if let Item::Param(param) = item {
                self.param(param);
            }
        }
        for item in &main.file.items {
            match item {
                Item::Use(line) => {
                    let range = self.range(line.span);
                    if let Some(before) = &self.query.uses {
                        let before = before.range;
                        self.report(
                            Diagnostic::error(Code("E0116"), "a file has one `use agreement` line", range, "the second one")
                                .label(before, "the first one")
                                .help("several agreements stand in one line, with commas; the stricter value of every field holds"),
                        );
                        continue;
                    }
                    self.query.uses = Some(Uses {
                        agreements: line
                            .agreements
                            .iter()
                            .map(|name| (name.value.clone(), self.range(name.span)))
                            .collect(),
                        purpose: line.purpose.as_ref().and_then(|path| {
                            path.names.last().map(|name| (name.text.clone(), self.range(path.span)))
                        }),
                        range,
                    });
                }
                Item::AsOf(line) => self.as_of(line),
                _ => {}
            }
        }
        if self.as_of_instead.is_some() {
            self.query.as_of = self.as_of_instead;
        }
    }

    fn as_of(&mut self, line: &'a tree::AsOf) {
        let range = self.range(line.span);
        if let Some((_, before)) = self.query.as_of {
            self.report(
                Diagnostic::error(Code("E0116"), "a file has one `as of` line", range, "the second one")
                    .label(before, "the first one"),
            );
            return;
        }
        self.as_of_written = true;
        match &line.date {
            AsOfDate::Date(written, span) => {
                let at = self.range(*span);
                if let Checked::One(Expr { kind: Kind::Literal(Value::Date(date)), ty: Type::Date, .. }) =
                    self.date_literal(written, at)
                {
                    self.query.as_of = Some((date, range));
                } else if written.len() == 7 {
                    self.error("E0206", "`as of` needs a day", at, "a month has several");
                }
            }
            AsOfDate::Name(name) => {
                let at = self.range(name.span);
                match self.globals.get(&name.text) {
                    Some(Global::Param(Checked::One(Expr {
                        kind: Kind::Literal(Value::Date(date)),
                        ..
                    }))) => {
                        self.query.as_of = Some((*date, range));
                    }
                    Some(Global::Broken) => {}
                    Some(_) | None => {
                        self.report(
                            Diagnostic::error(
                                Code("E0101"),
                                format!("`{}` is not a parameter of type date", name.text),
                                at,
                                "a date was expected",
                            )
                            .help(format!("write a day, or `param {}: date = 2026-06-01`", name.text)),
                        );
                    }
                }
            }
        }
    }

    /// Registers what a file defines.
    fn collect(&mut self, parsed: &'a Parsed, only: Option<&[String]>) {
        let wanted = |name: &tree::Name| only.is_none_or(|only| only.contains(&name.text));
        for item in &parsed.file.items {
            match item {
                Item::Codes(codes) if wanted(&codes.name) => {
                    self.register(parsed, &codes.name, Global::Codes(parsed, codes));
                }
                Item::Define(define) if wanted(&define.name) => match &define.entity {
                    None => self.register(parsed, &define.name, Global::Define(parsed, define)),
                    Some(entity) => match self.model().find(&entity.text) {
                        Some(id) => {
                            self.of_entity.insert((id, define.name.text.clone()), (parsed, define));
                        }
                        None => {
                            let near = near_names(&entity.text, self.model().names());
                            let diagnostic = Diagnostic::error(
                                Code("E0105"),
                                format!("there is no entity `{}`", entity.text),
                                parsed.range(entity.span),
                                "unknown entity",
                            );
                            self.report(with_near(diagnostic, &near));
                        }
                    },
                },
                _ => {}
            }
        }
    }

    pub(crate) fn register(&mut self, parsed: &'a Parsed, name: &tree::Name, global: Global<'a>) {
        if self.globals.contains_key(&name.text) {
            return self.twice(name, parsed.range(name.span));
        }
        self.globals.insert(name.text.clone(), global);
    }

    fn import(&mut self, import: &'a tree::Import) {
        let range = self.range(import.file.span);
        let imports = self.input.imports;
        let Some(parsed) = imports.get(&import.file.value) else {
            self.error(
                "E0108",
                format!("`{}` was not found", import.file.value),
                range,
                "no such file beside this one",
            );
            for name in &import.names {
                self.globals.insert(name.text.clone(), Global::Broken);
            }
            return;
        };
        let names: Vec<String> = import.names.iter().map(|name| name.text.clone()).collect();
        for name in &import.names {
            let known = parsed.file.items.iter().any(|item| match item {
                Item::Codes(codes) => codes.name.text == name.text,
                Item::Define(define) => define.name.text == name.text,
                _ => false,
            });
            if !known {
                let at = self.range(name.span);
                let defined: Vec<String> = parsed
                    .file
                    .items
                    .iter()
                    .filter_map(|item| match item {
                        Item::Codes(codes) => Some(codes.name.text.clone()),
                        Item::Define(define) => Some(define.name.text.clone()),
                        _ => None,
                    })
                    .collect();
                let diagnostic = Diagnostic::error(
                    Code("E0109"),
                    format!("`{}` does not define `{}`", import.file.value, name.text),
                    at,
                    "not found there",
                );
                let diagnostic = diagnostic.note("an import takes `codes` and `define` items by name");
                self.report(with_near(diagnostic, &super::unknown::nearest(&name.text, &defined)));
                self.globals.insert(name.text.clone(), Global::Broken);
            }
        }
        self.collect(parsed, Some(&names));
    }

    fn param(&mut self, param: &'a tree::Param) {
        let name = &param.formal.name;
        let value = self.param_value(&param.formal);
        if self.globals.contains_key(&name.text) {
            return self.twice(name, self.range(name.span));
        }
        let global = match value {
            Some(value) => {
                let words = super::member::literal_of(&value).map_or_else(String::new, value_words);
                self.query.params.push((name.text.clone(), words));
                Global::Param(Checked::One(value))
            }
            None => Global::Broken,
        };
        self.globals.insert(name.text.clone(), global);
    }

    /// The value in force: the one that was given, else the default.
    fn param_value(&mut self, formal: &'a tree::Formal) -> Option<Expr> {
        let range = self.range(formal.name.span);
        let ty = self.type_name(&formal.ty)?;
        let given = self.input.params.get(&formal.name.text);
        match (given, &formal.default) {
            (Some(text), _) => {
                let value = parameter_value(text, &ty);
                if value.is_none() {
                    self.error(
                        "E0117",
                        format!("`{text}` is not {ty}"),
                        range,
                        format!("parameter `{}` is {ty}", formal.name.text),
                    );
                }
                Some(Expr { kind: Kind::Literal(value?), ty, label: ColumnLabel::Public, range })
            }
            (None, Some(default)) => {
                let value = self.value(default, Some(&ty))?;
                if value.ty != ty {
                    let message = format!(
                        "the default of `{}` is {}, and it is declared as {ty}",
                        formal.name.text, value.ty
                    );
                    self.error("E0201", message, value.range, value.ty.to_string());
                    return None;
                }
                Some(value)
            }
            (None, None) => {
                self.report(
                    Diagnostic::error(
                        Code("E0117"),
                        format!("parameter `{}` has no value", formal.name.text),
                        range,
                        "no default",
                    )
                    .help(format!("give it on the command line: `--param {}=…`", formal.name.text))
                    .help("or write a default after `=`"),
                );
                None
            }
        }
    }

    /// Reports a name that two items have.
    pub(crate) fn twice(&mut self, name: &tree::Name, range: Range) {
        let diagnostic = Diagnostic::error(
            Code("E0107"),
            format!("`{}` is defined twice", name.text),
            range,
            "defined here again",
        );
        let first = match self.globals.get(&name.text) {
            Some(Global::Codes(parsed, codes)) => Some(parsed.range(codes.name.span)),
            Some(Global::Define(parsed, define)) => Some(parsed.range(define.name.span)),
            Some(Global::Cohort(id)) => self.query.cohorts.get(id.0 as usize).map(|cohort| cohort.range),
            Some(Global::Param(_) | Global::Broken | Global::Table) | None => None,
        };
        self.report(match first {
            Some(first) => diagnostic.label(first, "defined here first"),
            None => diagnostic,
        });
    }

    pub(crate) fn type_name(&mut self, ty: &tree::TypeName) -> Option<Type> {
        let range = self.range(ty.span);
        Some(match ty.name.text.as_str() {
            "bool" => Type::Bool,
            "int" => Type::Int,
            "decimal" => Type::Decimal,
            "percent" => Type::Percent,
            "text" => Type::Text,
            "date" => Type::Date,
            "gene" => Type::Gene,
            // The type of a list is that of what is in it.
            "list" => match &ty.of {
                Some(of) if of.text == "gene" => Type::Gene,
                Some(_) | None => return None,
            },
            _ => {
                self.error(
                    "E0105",
                    format!("`{}` is not a type", ty.name.text),
                    range,
                    "bool, int, decimal, percent, text, date, gene",
                );
                return None;
            }
        })
    }

    /// A `let`: kept as what it is, so that it may also name rows.
    pub(crate) fn let_on(&mut self, frame: &Frame, clause: &tree::Let) -> Checked {
        self.frames.push(frame.clone());
        let value = self.expr(&clause.value, None);
        self.frames.pop();
        value
    }
}

fn parameter_value(text: &str, ty: &Type) -> Option<Value> {
    match ty {
        Type::Bool => text.parse().ok().map(Value::Bool),
        Type::Int => text.replace('_', "").parse().ok().map(Value::Int),
        Type::Decimal => Number::parse(text).map(Value::Number),
        Type::Percent => Number::parse(text.strip_suffix('%')?.trim())?.scale(1, 100).map(Value::Number),
        Type::Text | Type::Gene => Some(Value::Text(text.to_owned())),
        Type::Date => text.parse::<Date>().ok().map(Value::Date),
        _ => None,
    }
}

fn value_words(value: &Value) -> String {
    match value {
        Value::Bool(value) => value.to_string(),
        Value::Int(value) => value.to_string(),
        Value::Number(value) => value.to_string(),
        Value::Text(value) => value.clone(),
        Value::Date(value) => value.to_string(),
    }
}

fn item_span(item: &Item) -> tree::Span {
    match item {
        Item::Use(item) => item.span,
        Item::AsOf(item) => item.span,
        Item::Import(item) => item.span,
        Item::Param(item) => item.span,
        Item::Codes(item) => item.span,
        Item::Define(item) => item.span,
        Item::Cohort(item) => item.span,
        Item::Table(item) => item.span,
        Item::Report(item) => item.span,
        Item::Test(item) => item.span,
        Item::Model(item) => item.span,
        Item::Entity(item) => item.span,
        Item::Agreement(item) => item.span,
        Item::Purpose(item) => item.span,
        Item::Majority(item) => item.span,
        Item::Death(item) => item.span,
        Item::Error(span) => *span,
    }
}
